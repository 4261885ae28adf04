//! The recurrent layers of `tf.keras.layers`, as TensorFlow 1 builds them.
//!
//! A layer makes its variables when it is applied first, in a name scope of its own; variable scopes have no effect on
//! it. Later applications share the variables. Names are counted for each graph in the order in which layers are applied
//! first: `lstm`, `lstm_1` and so on.
//!
//! ```
//! use tfhub::ops::math;
//! use tfhub::rnn::keras;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((None, None, 3));
//! let sequence = keras::gru(4).apply(x).sequence;
//! let outputs = keras::lstm(2).recurrent_activation(math::sigmoid).apply(sequence);
//! assert_eq!(outputs.last.shape().to_string(), "[?, 2]");
//! assert_eq!(outputs.sequence.shape().to_string(), "[?, ?, 2]");
//! let [h, c] = outputs.state;
//! assert_eq!((h.name(), c.name()), ("lstm/while/Exit_2:0".into(), "lstm/while/Exit_3:0".into()));
//! # g.finish().unwrap();
//! ```
//!
//! The results of `return_sequences` and `return_state` are all there: their nodes are the same with and without.
//! Masks, dropout and states that stay from batch to batch (`stateful`) are not there. Python's regularizers,
//! constraints and `trainable` leave nothing in a module. The layers of `tf.compat.v1.keras.layers` are these as well.

mod cells;
mod network;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

pub use cells::{Cell, GruCell, LstmCell, SimpleRnnCell};

use super::step::{Activation, tanh};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor, TypedStructure};
use crate::init::{self, Initializer};
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::variable::Variable;
use cells::Gated;

/// A long short-term memory (`tf.keras.layers.LSTM`); its state is the array of `h` and `c`.
///
/// ```
/// use tfhub::rnn::keras;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 5, 3));
/// let layer = keras::lstm(4).unit_forget_bias(false).go_backwards(true).name("backward");
/// assert_eq!(layer.apply(x).last.name(), "backward/strided_slice_7:0");
/// assert_eq!(g.operation("backward/recurrent_kernel")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn lstm<'g, T: Float>(units: usize) -> Rnn<'g, T, LstmCell> {
    Rnn::new(units, LstmCell::default())
}

/// A gated recurrent unit (`tf.keras.layers.GRU`).
///
/// ```
/// use tfhub::rnn::keras::{self, Implementation};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 5, 3));
/// let layer = keras::gru(4).implementation(Implementation::Joined).reset_after(true);
/// assert_eq!(layer.apply(x).sequence.shape().to_string(), "[?, 5, 4]");
/// ```
pub fn gru<'g, T: Float>(units: usize) -> Rnn<'g, T, GruCell> {
    Rnn::new(units, GruCell::default())
}

/// A network whose outputs are the activation of a weighted sum of inputs and state (`tf.keras.layers.SimpleRNN`).
///
/// ```
/// use tfhub::{ops::nn, rnn::keras};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// let outputs = keras::simple_rnn(4).activation(nn::relu).unroll(true).apply(x);
/// assert_eq!(outputs.last.name(), "simple_rnn/Relu_1:0");
/// ```
pub fn simple_rnn<'g, T: Float>(units: usize) -> Rnn<'g, T, SimpleRnnCell> {
    Rnn::new(units, SimpleRnnCell)
}

/// Values between 0 and 1 that grow linearly with those of `x` from -2.5 to 2.5 (`tf.keras.backend.hard_sigmoid`).
///
/// ```
/// use tfhub::rnn::keras;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(keras::hard_sigmoid(x).name(), "clip_by_value:0");
/// ```
#[track_caller]
pub fn hard_sigmoid<'g, T: Float>(x: Tensor<'g, T>) -> Tensor<'g, T> {
    let n = Nodes(x.graph());
    n.0.called_from(Location::caller(), || {
        let [slope, middle] = [0.2, 0.5].map(|value| n.number("Const", T::DTYPE, value));
        let scaled = n.binary("Mul", x, slope);
        let moved = n.binary("Add", scaled, middle);
        super::lstm::clip(moved.typed(), [0.0, 1.0])
    })
}

/// The number of products that a step makes, the argument `implementation` of Python.
///
/// ```
/// use tfhub::rnn::keras::{self, Implementation};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, None, 3));
/// let last = keras::lstm(4).implementation(Implementation::Joined).apply(x).last;
/// # assert_eq!(last.shape().to_string(), "[?, 4]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Implementation {
    /// Two products for each gate (`implementation=1`).
    #[default]
    Separate,
    /// A product of the inputs and one of the state for all gates (`implementation=2`).
    Joined,
}

/// A recurrent layer, which [`lstm`], [`gru`] and [`simple_rnn`] make.
pub struct Rnn<'g, T: Float, C> {
    settings: Settings<'g, T>,
    cell: C,
    name: Option<String>,
    built: OnceCell<Built<'g, T>>,
}

/// The options that all layers have and steps use.
struct Settings<'g, T: Float> {
    units: usize,
    activation: Activation<'g, T>,
    recurrent_activation: Activation<'g, T>,
    use_bias: bool,
    kernel_initializer: Initializer,
    recurrent_initializer: Initializer,
    bias_initializer: Initializer,
    implementation: Implementation,
    go_backwards: bool,
    unroll: bool,
    time_major: bool,
}

/// The variables of a layer.
struct Weights<'g, T: Float> {
    kernel: Variable<'g, T>,
    recurrent_kernel: Variable<'g, T>,
    bias: Option<Variable<'g, T>>,
}

/// The name and the variables of a layer that has been applied.
struct Built<'g, T: Float> {
    graph: &'g GraphBuilder,
    name: String,
    depth: usize,
    weights: Weights<'g, T>,
}

/// The results of a recurrent layer.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'g, T: Float, S> {
    /// The outputs of the last step, `[batch size, units]`.
    pub last: Tensor<'g, T>,
    /// The outputs of all steps, `[batch size, steps, units]`, or as [`time_major`](Rnn::time_major) says
    /// (`return_sequences=True`).
    pub sequence: Tensor<'g, T>,
    /// The state after the last step (`return_state=True`).
    pub state: S,
}

impl<'g, T: Float, C> Rnn<'g, T, C> {
    fn new(units: usize, cell: C) -> Self {
        let settings = Settings {
            units,
            activation: tanh(),
            recurrent_activation: Rc::new(hard_sigmoid),
            use_bias: true,
            kernel_initializer: init::glorot_uniform(),
            recurrent_initializer: init::orthogonal(1.0),
            bias_initializer: init::zeros(),
            implementation: Implementation::default(),
            go_backwards: false,
            unroll: false,
            time_major: false,
        };
        Rnn {
            settings,
            cell,
            name: None,
            built: OnceCell::new(),
        }
    }

    /// The name of the layer, which its name scope and its variables have.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The function of new values; [`math::tanh`](crate::ops::math::tanh) by default.
    pub fn activation(mut self, activation: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g) -> Self {
        self.settings.activation = Rc::new(activation);
        self
    }

    /// Whether there is a bias; there is by default.
    pub fn use_bias(mut self, use_bias: bool) -> Self {
        self.settings.use_bias = use_bias;
        self
    }

    /// The initializer of the weights of inputs; [`init::glorot_uniform`] by default.
    pub fn kernel_initializer(mut self, initializer: Initializer) -> Self {
        self.settings.kernel_initializer = initializer;
        self
    }

    /// The initializer of the weights of states; [`init::orthogonal`] by default.
    pub fn recurrent_initializer(mut self, initializer: Initializer) -> Self {
        self.settings.recurrent_initializer = initializer;
        self
    }

    /// The initializer of the bias; [`init::zeros`] by default.
    pub fn bias_initializer(mut self, initializer: Initializer) -> Self {
        self.settings.bias_initializer = initializer;
        self
    }

    /// Whether the steps go from the last to the first; the outputs are in the order of the steps.
    pub fn go_backwards(mut self, go_backwards: bool) -> Self {
        self.settings.go_backwards = go_backwards;
        self
    }

    /// Whether there are nodes for each step, whose number has to be known, in place of a loop.
    pub fn unroll(mut self, unroll: bool) -> Self {
        self.settings.unroll = unroll;
        self
    }

    /// Whether inputs and outputs have the shape `[steps, batch size, size]` in place of `[batch size, steps, size]`.
    pub fn time_major(mut self, time_major: bool) -> Self {
        self.settings.time_major = time_major;
        self
    }
}

impl<'g, T: Float, C: Gated> Rnn<'g, T, C> {
    /// The function of gates; [`hard_sigmoid`] by default.
    pub fn recurrent_activation(
        mut self,
        activation: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g,
    ) -> Self {
        self.settings.recurrent_activation = Rc::new(activation);
        self
    }

    /// The number of products of a step; [`Implementation::Separate`] by default.
    pub fn implementation(mut self, implementation: Implementation) -> Self {
        self.settings.implementation = implementation;
        self
    }
}

impl<T: Float> Rnn<'_, T, LstmCell> {
    /// Whether the part of the bias that the forget gate has starts from ones, which it does by default.
    pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
        self.cell.unit_forget_bias = unit_forget_bias;
        self
    }
}

impl<T: Float> Rnn<'_, T, GruCell> {
    /// Whether the reset gate applies after the product with the weights of states, as it does in cuDNN; it applies
    /// before by default.
    pub fn reset_after(mut self, reset_after: bool) -> Self {
        self.cell.reset_after = reset_after;
        self
    }
}

impl<'g, T: Float, C: Cell<'g, T>> Rnn<'g, T, C> {
    /// Makes the nodes of all steps from a state of zeros, and the variables the first time.
    ///
    /// Inputs have three dimensions, of which the last is known; others are reported.
    #[track_caller]
    pub fn apply(&self, inputs: Tensor<'g, T>) -> Outputs<'g, T, C::State> {
        self.applied(inputs, None)
    }

    /// Makes the nodes of all steps from a state, the argument `initial_state` of Python.
    ///
    /// ```
    /// use tfhub::rnn::keras;
    /// # let g = tfhub::GraphBuilder::new();
    /// let (x, y) = (g.placeholder::<f32>((None, 5, 3)), g.placeholder::<f32>((None, 7, 3)));
    /// let encoded = keras::lstm(4).apply(x).state;
    /// let decoded = keras::lstm(4).apply_from(y, encoded).sequence;
    /// assert_eq!(decoded.name(), "lstm_1/transpose_1:0");
    /// ```
    #[track_caller]
    pub fn apply_from(
        &self,
        inputs: Tensor<'g, T>,
        initial_state: C::State,
    ) -> Outputs<'g, T, C::State> {
        self.applied(inputs, Some(initial_state))
    }

    #[track_caller]
    fn applied(
        &self,
        inputs: Tensor<'g, T>,
        initial_state: Option<C::State>,
    ) -> Outputs<'g, T, C::State> {
        let g = inputs.graph();
        g.called_from(Location::caller(), || {
            let Some(depth) = self.depth(inputs) else {
                return poison(g);
            };
            let name = match (self.built.get(), &self.name) {
                (Some(built), _) => built.name.clone(),
                (None, Some(name)) => name.clone(),
                (None, None) => g.extension::<Names>().next(C::NAME),
            };
            g.name_scope(&name, || {
                let make = || Built {
                    graph: g,
                    weights: self.weights(g, depth),
                    name: name.clone(),
                    depth,
                };
                let weights = &self.built.get_or_init(make).weights;
                let made =
                    network::steps(&self.settings, &self.cell, weights, inputs, initial_state);
                made.unwrap_or_else(|| poison(g))
            })
        })
    }

    /// The last dimension of the inputs; `None` if these were reported, as they cannot be taken.
    #[track_caller]
    fn depth(&self, inputs: Tensor<'g, T>) -> Option<usize> {
        let (g, shape) = (inputs.graph(), inputs.shape());
        if inputs.any().is_poison() {
            return None;
        }
        let built = self.built.get();
        if built.is_some_and(|built| !std::ptr::eq(built.graph, g)) {
            let message = "the layer's variables are of another graph";
            g.report(Rule::OtherGraph, message);
            return None;
        }
        let known = match shape.dims() {
            Some([_, _, Some(depth)]) => Some(*depth),
            _ => None,
        };
        let message = match (known, built) {
            (None, _) => {
                let name = C::NAME;
                format!(
                    "{name} needs inputs of rank 3 whose last dimension is known, their shape is {shape}"
                )
            }
            (Some(depth), Some(built)) if depth != built.depth => {
                let built = built.depth;
                format!(
                    "the layer's variables are for inputs whose last dimension is {built}, their shape is {shape}"
                )
            }
            _ => return known,
        };
        inputs.any().report(Rule::Shape, &message);
        None
    }

    fn weights(&self, g: &'g GraphBuilder, depth: usize) -> Weights<'g, T> {
        let (settings, units) = (&self.settings, self.settings.units);
        let weight = |name: &str, shape: &[usize], initializer: &Initializer| {
            let weight = g.variable(name).shape(shape);
            weight.initializer(initializer.clone()).finish()
        };
        let columns = C::GATES * units;
        let kernel = weight("kernel", &[depth, columns], &settings.kernel_initializer);
        let recurrent = &settings.recurrent_initializer;
        let recurrent_kernel = weight("recurrent_kernel", &[units, columns], recurrent);
        let bias = settings.use_bias.then(|| {
            let initializer = self
                .cell
                .bias_initializer(units, &settings.bias_initializer);
            weight("bias", &self.cell.bias_shape(units), &initializer)
        });
        Weights {
            kernel,
            recurrent_kernel,
            bias,
        }
    }
}

/// The results of a layer that could not be made.
fn poison<'g, T: Float, S: TypedStructure<'g>>(g: &'g GraphBuilder) -> Outputs<'g, T, S> {
    let poison = AnyTensor::poison(g);
    let mut dtypes = Vec::new();
    S::dtypes(&mut dtypes);
    let state: Vec<_> = dtypes.iter().map(|_| poison).collect();
    Outputs {
        last: poison.typed(),
        sequence: poison.typed(),
        state: S::from_tensors(&mut state.iter()),
    }
}

/// The numbers of layers that were given no name, by the names of their kinds.
#[derive(Debug, Default)]
struct Names(BTreeMap<&'static str, usize>);

impl Names {
    fn next(&mut self, kind: &'static str) -> String {
        let number = self.0.entry(kind).or_default();
        let name = match *number {
            0 => kind.to_owned(),
            number => format!("{kind}_{number}"),
        };
        *number += 1;
        name
    }
}

impl<T: Float, C: fmt::Debug> fmt::Debug for Rnn<'_, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rnn")
            .field("units", &self.settings.units)
            .field("cell", &self.cell)
            .finish_non_exhaustive()
    }
}
