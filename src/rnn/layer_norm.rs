//! `LayerNormBasicLSTMCell` of `tf.contrib.rnn`.

use std::fmt;
use std::rc::Rc;

use super::dropout::{KeepProb, drop_some};
use super::step::{
    Activation, FirstScope, Step, activation, call, cell, forget_bias, takes_a_matrix, tanh, zeros,
};
use super::{Cell, LstmStateTuple};
use crate::dtype::DType;
use crate::graph::{GraphBuilder, Tensor};
use crate::init;
use crate::layers::base::{Base, Fixed, Kind, State, WeightScope};
use crate::ops::array::split;
use crate::ops::math::Axes;
use crate::ops::nn::{BatchNormalizationOptions, Scalar};
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::ops::{Size, math, nn};
use crate::shape::Shape;
use crate::variable::{EnterScope, Reuse};

/// An LSTM cell that normalizes its gates and its cell state, with dropout of new values
/// (`tf.contrib.rnn.LayerNormBasicLSTMCell`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::layer_norm_basic_lstm_cell(4).dropout_keep_prob(0.9).dropout_prob_seed(7);
/// let (output, _) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!(output.name(), "layer_norm_basic_lstm_cell/mul_2:0");
/// assert_eq!(g.operation("layer_norm_basic_lstm_cell/forget/gamma")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn layer_norm_basic_lstm_cell<'g, T: Float>(units: usize) -> LayerNormBasicLstmCell<'g, T> {
    LayerNormBasicLstmCell {
        base: Base::default(),
        units,
        forget_bias: 1.0,
        activation: tanh(),
        layer_norm: true,
        norm_gain: 1.0,
        norm_shift: 0.0,
        keep_prob: KeepProb::Number(1.0),
        seed: None,
        first_scope: FirstScope::default(),
        built: State::new(),
    }
}

/// A cell that [`layer_norm_basic_lstm_cell`] makes.
pub struct LayerNormBasicLstmCell<'g, T: Float = f32> {
    base: Base,
    units: usize,
    forget_bias: f64,
    activation: Activation<'g, T>,
    layer_norm: bool,
    norm_gain: f64,
    norm_shift: f64,
    keep_prob: KeepProb<'g>,
    seed: Option<i64>,
    first_scope: FirstScope,
    built: State<'g, ()>,
}

cell! { LayerNormBasicLstmCell, LstmStateTuple<'g, T> }

impl<'g, T: Float> LayerNormBasicLstmCell<'g, T> {
    activation!();
    forget_bias!();

    /// Whether gates and cell state are normalized; they are by default. Without it the gates have a bias.
    pub fn layer_norm(mut self, layer_norm: bool) -> Self {
        self.layer_norm = layer_norm;
        self
    }

    /// The initial value of the deviations of what is normalized, 1 by default.
    pub fn norm_gain(mut self, norm_gain: f64) -> Self {
        self.norm_gain = norm_gain;
        self
    }

    /// The initial value of the means of what is normalized, 0 by default.
    pub fn norm_shift(mut self, norm_shift: f64) -> Self {
        self.norm_shift = norm_shift;
        self
    }

    /// The part of the new values that is kept, a number or a scalar tensor; 1 by default.
    pub fn dropout_keep_prob(mut self, keep_prob: impl Into<Scalar<'g, T>>) -> Self {
        self.keep_prob = KeepProb::of(keep_prob.into());
        self
    }

    /// The seed of the dropout.
    pub fn dropout_prob_seed(mut self, seed: impl Into<Option<i64>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// A part of the step, normalized, with variables in a scope of their own.
    fn norm(&self, x: Tensor<'g, T>, scope: &str) -> Tensor<'g, T> {
        let g = x.graph();
        g.variable_scope(scope, |_| {
            let weight = |name, value: f64| {
                let weight = g.get_variable::<T>(name).shape(self.normed_size(x));
                weight.initializer(init::constant(value)).finish()
            };
            weight("gamma", self.norm_gain);
            weight("beta", self.norm_shift);
        });
        g.variable_scope(EnterScope::new(scope).reuse(Reuse::Yes), |_| {
            let [beta, gamma] = ["beta", "gamma"].map(|name| {
                g.get_variable::<T>(name)
                    .shape(self.normed_size(x))
                    .finish()
            });
            let moments = nn::moments(x, Axes::from([1]).keep_dims());
            let epsilon = match T::DTYPE {
                DType::Float16 => 1e-3,
                _ => 1e-12,
            };
            let options = BatchNormalizationOptions::default()
                .offset(beta)
                .scale(gamma);
            let (mean, variance) = (moments.mean, moments.variance);
            let normed = nn::batch_normalization(x, mean, variance, epsilon, options);
            normed.set_shape(x.shape());
            normed
        })
    }

    /// The shape of the variables for what is normalized.
    fn normed_size(&self, x: Tensor<'g, T>) -> Shape {
        match x.shape().dims() {
            Some([.., last]) => [*last].as_slice().into(),
            _ => self.units.into(),
        }
    }

    /// The weighted sum of inputs and state, with a bias if it is not normalized.
    fn linear(&self, n: Nodes<'g>, [inputs, h]: [Tensor<'g, T>; 2]) -> Tensor<'g, T> {
        let (g, outputs) = (n.0, 4 * self.units);
        let joined = n.concat(vec![inputs.into(), h.into()], 1).typed::<T>();
        let depth = joined.shape().dims().and_then(|dims| *dims.last()?);
        let kernel = g
            .get_variable::<T>("kernel")
            .shape((depth, outputs))
            .finish();
        let sums = math::matmul(joined, kernel);
        if self.layer_norm {
            return sums;
        }
        let bias = g.get_variable::<T>("bias").shape(outputs).finish();
        nn::bias_add(sums, bias, ())
    }
}

impl<'g, T: Float> Kind<'g> for LayerNormBasicLstmCell<'g, T> {
    type Element = T;
    /// They are made where the step uses them.
    type Weights = ();

    const NAME: &'static str = "layer_norm_basic_lstm_cell";
    takes_a_matrix!();

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

impl<'g, T: Float> Step<'g> for LayerNormBasicLstmCell<'g, T> {
    type State = LstmStateTuple<'g, T>;

    const CLASS: &'static str = "LayerNormBasicLSTMCell";
    const FILTER: &'static [bool] = &[false, true];

    fn built(&self) -> &State<'g, ()> {
        &self.built
    }

    fn first_scope(&self) -> Option<&FirstScope> {
        Some(&self.first_scope)
    }

    fn units(&self) -> usize {
        self.units
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        LstmStateTuple { c, h }: Self::State,
        (): (),
    ) -> (Tensor<'g, T>, Self::State) {
        let gates: [Tensor<'_, T>; 4] = split(self.linear(n, [inputs, h]), 4, 1);
        let norm = |x, scope| match self.layer_norm {
            true => self.norm(x, scope),
            false => x,
        };
        let mut scopes = ["input", "transform", "forget", "output"].into_iter();
        let [i, j, f, o] = gates.map(|gate| norm(gate, scopes.next().unwrap_or_default()));
        let mut new = (self.activation)(j);
        if self.keep_prob.drops() {
            new = drop_some(n, new, self.keep_prob, self.seed);
        }
        let forget = math::sigmoid(n.add(f, self.forget_bias).typed::<T>());
        let kept = c * forget;
        let c = norm(kept + math::sigmoid(i) * new, "state");
        let h = (self.activation)(c) * math::sigmoid(o);
        (h, LstmStateTuple { c, h })
    }
}
