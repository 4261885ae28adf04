//! `BasicRNNCell` and `BasicLSTMCell`.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use super::step::{
    Activation, Step, activation, call, cell, depth, forget_bias, name, takes_a_matrix, tanh,
    trainable, weight, zeros,
};
use super::{Cell, LstmState, LstmStateTuple};
use crate::graph::{GraphBuilder, Tensor};
use crate::init;
use crate::layers::base::{Base, Fixed, Kind, Name, State, WeightScope};
use crate::ops::array::split;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::ops::{Size, math, nn};
use crate::variable::{Reuse, Variable};

/// The simplest cell: its output is the activation of a weighted sum of inputs and state
/// (`tf.nn.rnn_cell.BasicRNNCell`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::basic_rnn_cell(4).activation(tfhub::ops::nn::relu);
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.name(), state.name()), ("basic_rnn_cell/Relu:0".into(), "basic_rnn_cell/Relu:0".into()));
/// ```
pub fn basic_rnn_cell<'g, T: Float>(units: usize) -> BasicRnnCell<'g, T> {
    BasicRnnCell {
        base: Base::default(),
        units,
        activation: tanh(),
        built: State::new(),
    }
}

/// A cell that [`basic_rnn_cell`] makes.
pub struct BasicRnnCell<'g, T: Float = f32> {
    base: Base,
    units: usize,
    activation: Activation<'g, T>,
    built: State<'g, <Self as Kind<'g>>::Weights>,
}

cell! { BasicRnnCell, Tensor<'g, T> }

impl<'g, T: Float> BasicRnnCell<'g, T> {
    name!("basic_rnn_cell");
    activation!();
    trainable!();
}

/// The kernel and the bias.
pub(super) type Weights<'g, T> = (Variable<'g, T>, Variable<'g, T>);

/// Makes a kernel for inputs and state together and a bias that starts from zeros.
fn kernel_and_bias<'g, T: Float>(
    scope: &WeightScope<'g>,
    fixed: &Fixed,
    [units, outputs]: [usize; 2],
) -> Weights<'g, T> {
    let kernel = weight(scope, "kernel", &[depth(fixed) + units, outputs], None);
    let bias = weight(scope, "bias", &[outputs], Some(&init::zeros()));
    (kernel, bias)
}

/// The weighted sum of inputs and state.
pub(super) fn linear<'g, T: Float>(
    n: Nodes<'g>,
    [inputs, state]: [Tensor<'g, T>; 2],
    (kernel, bias): Weights<'g, T>,
) -> Tensor<'g, T> {
    let joined = n.concat(vec![inputs.into(), state.into()], 1).typed::<T>();
    nn::bias_add(math::matmul(joined, kernel), bias, ())
}

impl<'g, T: Float> Kind<'g> for BasicRnnCell<'g, T> {
    type Element = T;
    type Weights = Weights<'g, T>;

    const NAME: &'static str = "basic_rnn_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        kernel_and_bias(scope, fixed, [self.units; 2])
    }
}

impl<'g, T: Float> Step<'g> for BasicRnnCell<'g, T> {
    type State = Tensor<'g, T>;

    const CLASS: &'static str = "BasicRNNCell";
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
        weights: Self::Weights,
    ) -> (Tensor<'g, T>, Self::State) {
        let output = (self.activation)(linear(n, [inputs, state], weights));
        (output, output)
    }
}

/// A basic LSTM cell, without peepholes, clipping or projection (`tf.nn.rnn_cell.BasicLSTMCell`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::basic_lstm_cell(4).forget_bias(0.5).name("encoder");
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.name(), state.c.name()), ("encoder/Mul_2:0".into(), "encoder/Add_1:0".into()));
/// ```
pub fn basic_lstm_cell<'g, T: Float>(units: usize) -> BasicLstmCell<'g, T> {
    BasicLstmCell {
        base: Base::default(),
        units,
        forget_bias: 1.0,
        activation: tanh(),
        built: State::new(),
        state: PhantomData,
    }
}

/// A cell that [`basic_lstm_cell`] makes.
pub struct BasicLstmCell<'g, T: Float = f32, S = LstmStateTuple<'g, T>> {
    base: Base,
    units: usize,
    forget_bias: f64,
    activation: Activation<'g, T>,
    built: State<'g, Weights<'g, T>>,
    state: PhantomData<fn() -> S>,
}

cell! { BasicLstmCell, S, [S: LstmState<'g, T>] }

impl<'g, T: Float> BasicLstmCell<'g, T> {
    /// The cell whose state is one tensor, `c` and `h` beside each other (`state_is_tuple=False`).
    ///
    /// ```
    /// use tfhub::rnn::{self, Cell};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((2, 3));
    /// let cell = rnn::basic_lstm_cell(4).concatenated_state();
    /// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
    /// assert_eq!((output.shape().to_string(), state.shape().to_string()), ("[2, 4]".into(), "[2, 8]".into()));
    /// ```
    pub fn concatenated_state(self) -> BasicLstmCell<'g, T, Tensor<'g, T>> {
        BasicLstmCell {
            base: self.base,
            units: self.units,
            forget_bias: self.forget_bias,
            activation: self.activation,
            built: self.built,
            state: PhantomData,
        }
    }
}

impl<'g, T: Float, S> BasicLstmCell<'g, T, S> {
    name!("basic_lstm_cell");
    activation!();
    forget_bias!();
    trainable!();
}

impl<'g, T: Float, S> Kind<'g> for BasicLstmCell<'g, T, S> {
    type Element = T;
    type Weights = Weights<'g, T>;

    const NAME: &'static str = "basic_lstm_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        kernel_and_bias(scope, fixed, [self.units, 4 * self.units])
    }
}

impl<'g, T: Float, S: LstmState<'g, T>> Step<'g> for BasicLstmCell<'g, T, S> {
    type State = S;

    const CLASS: &'static str = "BasicLSTMCell";
    const FILTER: &'static [bool] = S::FILTER;

    fn built(&self) -> &State<'g, Self::Weights> {
        &self.built
    }

    fn units(&self) -> usize {
        self.units
    }

    fn state_size(&self) -> Vec<usize> {
        S::sizes([self.units; 2])
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        state: S,
        weights: Self::Weights,
    ) -> (Tensor<'g, T>, S) {
        let axis = n.constant("Const", 1i32).typed::<i32>();
        let [c, h] = state.parts(|state| split(state, 2, axis));
        let gates = linear(n, [inputs, h], weights);
        let [i, j, f, o]: [Tensor<'_, T>; 4] = split(gates, 4, axis);
        let forget_bias = n.number("Const", T::DTYPE, self.forget_bias);
        let mul = |x: Arg<'g>, y: Arg<'g>| n.binary("Mul", x, y);
        let forget = n.unary("Sigmoid", n.binary("Add", f, forget_bias));
        let kept = mul(c.into(), forget.into());
        let input = n.unary("Sigmoid", i);
        let added = mul(input.into(), (self.activation)(j).into());
        let c = n.binary("Add", kept, added).typed();
        let active = (self.activation)(c);
        let h = mul(active.into(), n.unary("Sigmoid", o).into()).typed();
        (h, S::of([c, h]))
    }
}
