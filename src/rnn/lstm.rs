//! `LSTMCell`.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use super::basic::{self, linear};
use super::step::{
    Activation, Step, activation, call, cell, depth, forget_bias, name, takes_a_matrix, tanh,
    trainable, weight, zeros,
};
use super::{Cell, LstmState, LstmStateTuple};
use crate::graph::{AnyOperand, GraphBuilder, Tensor};
use crate::init::{self, Initializer};
use crate::layers::base::{Base, Fixed, Kind, Name, State, WeightScope};
use crate::ops::array::{slice, split};
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::ops::{Size, math};
use crate::value::TensorValue;
use crate::variable::{Reuse, Variable};

/// An LSTM cell with peepholes, clipping and a projection of its outputs, as far as they are asked for
/// (`tf.nn.rnn_cell.LSTMCell`).
///
/// Python's deprecated numbers of shards are not there.
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::lstm_cell(4).use_peepholes(true).cell_clip(3.0).num_proj(2).proj_clip(1.0);
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.shape().to_string(), state.c.shape().to_string()), ("[2, 2]".into(), "[2, 4]".into()));
/// assert_eq!(g.operation("lstm_cell/projection/kernel")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn lstm_cell<'g, T: Float>(units: usize) -> LstmCell<'g, T> {
    LstmCell {
        base: Base::default(),
        units,
        use_peepholes: false,
        cell_clip: None,
        initializer: None,
        num_proj: None,
        proj_clip: None,
        forget_bias: 1.0,
        activation: tanh(),
        built: State::new(),
        state: PhantomData,
    }
}

/// A cell that [`lstm_cell`] makes.
pub struct LstmCell<'g, T: Float = f32, S = LstmStateTuple<'g, T>> {
    base: Base,
    units: usize,
    use_peepholes: bool,
    cell_clip: Option<f64>,
    initializer: Option<Initializer>,
    num_proj: Option<usize>,
    proj_clip: Option<f64>,
    forget_bias: f64,
    activation: Activation<'g, T>,
    built: State<'g, Weights<'g, T>>,
    state: PhantomData<fn() -> S>,
}

cell! { LstmCell, S, [S: LstmState<'g, T>] }

impl<'g, T: Float> LstmCell<'g, T> {
    /// The cell whose state is one tensor, `c` and `h` beside each other (`state_is_tuple=False`).
    pub fn concatenated_state(self) -> LstmCell<'g, T, Tensor<'g, T>> {
        LstmCell {
            base: self.base,
            units: self.units,
            use_peepholes: self.use_peepholes,
            cell_clip: self.cell_clip,
            initializer: self.initializer,
            num_proj: self.num_proj,
            proj_clip: self.proj_clip,
            forget_bias: self.forget_bias,
            activation: self.activation,
            built: self.built,
            state: PhantomData,
        }
    }
}

impl<'g, T: Float, S> LstmCell<'g, T, S> {
    name!("lstm_cell");
    activation!();
    forget_bias!();
    trainable!();

    /// Whether the gates see the cell state; they do not by default.
    pub fn use_peepholes(mut self, use_peepholes: bool) -> Self {
        self.use_peepholes = use_peepholes;
        self
    }

    /// The greatest absolute value of the cell state.
    pub fn cell_clip(mut self, cell_clip: impl Into<Option<f64>>) -> Self {
        self.cell_clip = cell_clip.into();
        self
    }

    /// The initializer of all weights but the bias; by default that of the variable scope, or [`init::glorot_uniform`].
    pub fn initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.initializer = initializer.into();
        self
    }

    /// The size of the outputs, to which a matrix projects them.
    pub fn num_proj(mut self, num_proj: impl Into<Option<usize>>) -> Self {
        self.num_proj = num_proj.into();
        self
    }

    /// The greatest absolute value of projected outputs; without a projection it is not used.
    pub fn proj_clip(mut self, proj_clip: impl Into<Option<f64>>) -> Self {
        self.proj_clip = proj_clip.into();
        self
    }
}

/// The variables of an [`LstmCell`]: kernel and bias, the peepholes of the forget, input and output gates, the projection.
type Weights<'g, T> = (
    basic::Weights<'g, T>,
    Option<[Variable<'g, T>; 3]>,
    Option<Variable<'g, T>>,
);

impl<'g, T: Float, S> Kind<'g> for LstmCell<'g, T, S> {
    type Element = T;
    type Weights = Weights<'g, T>;

    const NAME: &'static str = "lstm_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (units, initializer) = (self.units, self.initializer.as_ref());
        let outputs = self.num_proj.unwrap_or(units);
        let shape = [depth(fixed) + outputs, 4 * units];
        let kernel = weight(scope, "kernel", &shape, initializer);
        let bias = weight(scope, "bias", &[4 * units], Some(&init::zeros()));
        let diagonal = |name| weight(scope, name, &[units], initializer);
        let diagonals = || ["w_f_diag", "w_i_diag", "w_o_diag"].map(diagonal);
        let peepholes = self.use_peepholes.then(diagonals);
        let project = |num| weight(scope, "projection/kernel", &[units, num], initializer);
        ((kernel, bias), peepholes, self.num_proj.map(project))
    }
}

impl<'g, T: Float, S: LstmState<'g, T>> Step<'g> for LstmCell<'g, T, S> {
    type State = S;

    const CLASS: &'static str = "LSTMCell";
    const FILTER: &'static [bool] = S::FILTER;

    fn built(&self) -> &State<'g, Self::Weights> {
        &self.built
    }

    fn units(&self) -> usize {
        self.units
    }

    fn output_size(&self) -> usize {
        self.num_proj.unwrap_or(self.units)
    }

    fn state_size(&self) -> Vec<usize> {
        S::sizes([self.units, Step::output_size(self)])
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        state: S,
        (gates, peepholes, projection): Self::Weights,
    ) -> (Tensor<'g, T>, S) {
        let [before, h] = state.parts(|state| {
            let size = |size: usize| size as i32;
            let (units, outputs) = (size(self.units), size(Step::output_size(self)));
            [(0, units), (units, outputs)].map(|(begin, size)| slice(state, [0, begin], [-1, size]))
        });
        let gates = linear(n, [inputs, h], gates);
        let [i, j, f, o]: [Tensor<'_, T>; 4] = split(gates, 4, 1);
        // A gate, which may see a cell state.
        let gate = |gate: Tensor<'g, T>, peephole: usize, seen: Tensor<'g, T>| {
            let seeing = peepholes.map(|weights| weights[peephole] * seen);
            math::sigmoid(match seeing {
                Some(seeing) => gate + seeing,
                None => gate,
            })
        };
        let biased = n.add(f, self.forget_bias).typed();
        let kept = gate(biased, 0, before) * before;
        let added = gate(i, 1, before) * (self.activation)(j);
        let mut c = kept + added;
        if let Some(limit) = self.cell_clip {
            c = clip(c, [-limit, limit]);
        }
        let output = gate(o, 2, c);
        let mut h = output * (self.activation)(c);
        if let Some(projection) = projection {
            h = math::matmul(h, projection);
            if let Some(limit) = self.proj_clip {
                h = clip(h, [-limit, limit]);
            }
        }
        (h, S::of([c, h]))
    }
}

/// Values of which none is less than the least or greater than the greatest.
pub(super) fn clip<'g, T: Float>(x: Tensor<'g, T>, [least, greatest]: [f64; 2]) -> Tensor<'g, T> {
    let bound = |bound: f64| {
        let value = TensorValue::scalar_from_f64(T::DTYPE, bound);
        AnyOperand::<T>::value(value.unwrap_or_else(|| TensorValue::scalar(bound)))
    };
    math::clip_by_value(x, bound(least), bound(greatest))
}
