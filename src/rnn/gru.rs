//! `GRUCell`.

use std::fmt;
use std::rc::Rc;

use super::Cell;
use super::basic::{self, linear};
use super::step::{
    Activation, Step, activation, call, cell, depth, name, takes_a_matrix, tanh, trainable, weight,
    zeros,
};
use crate::graph::{GraphBuilder, Tensor};
use crate::init::{self, Initializer};
use crate::layers::base::{Base, Fixed, Kind, Name, State, WeightScope};
use crate::ops::array::split;
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::ops::{Size, math};
use crate::variable::Reuse;

/// A cell of gated recurrent units (`tf.nn.rnn_cell.GRUCell`).
///
/// ```
/// use tfhub::{init, rnn::{self, Cell}};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::gru_cell(4).kernel_initializer(init::he_normal());
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.name(), state.name()), ("gru_cell/add:0".into(), "gru_cell/add:0".into()));
/// ```
pub fn gru_cell<'g, T: Float>(units: usize) -> GruCell<'g, T> {
    GruCell {
        base: Base::default(),
        units,
        activation: tanh(),
        kernel_initializer: None,
        bias_initializer: None,
        built: State::new(),
    }
}

/// A cell that [`gru_cell`] makes.
pub struct GruCell<'g, T: Float = f32> {
    base: Base,
    units: usize,
    activation: Activation<'g, T>,
    kernel_initializer: Option<Initializer>,
    bias_initializer: Option<Initializer>,
    built: State<'g, <Self as Kind<'g>>::Weights>,
}

cell! { GruCell, Tensor<'g, T> }

impl<'g, T: Float> GruCell<'g, T> {
    name!("gru_cell");
    activation!();
    trainable!();

    /// The initializer of both kernels; by default that of the variable scope, or [`init::glorot_uniform`].
    pub fn kernel_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.kernel_initializer = initializer.into();
        self
    }

    /// The initializer of both biases; by default the gates start from 1 and the candidates from 0.
    pub fn bias_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.bias_initializer = initializer.into();
        self
    }
}

impl<'g, T: Float> Kind<'g> for GruCell<'g, T> {
    type Element = T;
    /// The kernels and biases of the gates and of the candidates.
    type Weights = [basic::Weights<'g, T>; 2];

    const NAME: &'static str = "gru_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let inputs = depth(fixed) + self.units;
        let pair = |name: &str, outputs: usize, bias: Initializer| {
            let [kernel_name, bias_name] =
                ["kernel", "bias"].map(|weight| format!("{name}/{weight}"));
            let initializer = self.kernel_initializer.as_ref();
            let kernel = weight(scope, &kernel_name, &[inputs, outputs], initializer);
            let initializer = self.bias_initializer.as_ref().unwrap_or(&bias);
            (
                kernel,
                weight(scope, &bias_name, &[outputs], Some(initializer)),
            )
        };
        let gates = pair("gates", 2 * self.units, init::constant(1.0));
        [gates, pair("candidate", self.units, init::zeros())]
    }
}

impl<'g, T: Float> Step<'g> for GruCell<'g, T> {
    type State = Tensor<'g, T>;

    const CLASS: &'static str = "GRUCell";
    const FILTER: &'static [bool] = &[true];

    fn built(&self) -> &State<'g, Self::Weights> {
        &self.built
    }

    fn units(&self) -> usize {
        self.units
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        state: Self::State,
        [gates, candidate]: Self::Weights,
    ) -> (Tensor<'g, T>, Self::State) {
        let gates = math::sigmoid(linear(n, [inputs, state], gates));
        let [reset, update]: [Tensor<'_, T>; 2] = split(gates, 2, 1);
        let reset_state = reset * state;
        let candidate = linear(n, [inputs, reset_state], candidate);
        let candidate = (self.activation)(candidate);
        let kept = update * state;
        let new = n.mul(n.sub(1.0, update), candidate);
        let state = n.add(kept, new).typed();
        (state, state)
    }
}
