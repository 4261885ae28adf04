//! The base of cells that are layers, as `tf.nn.rnn_cell.RNNCell` is one: variables, scopes and the checks of a call.

use std::cell::OnceCell;
use std::panic::Location;
use std::rc::Rc;

use super::state::zero_state;
use crate::graph::structure;
use crate::graph::{AnyTensor, GraphBuilder, Tensor, TypedStructure};
use crate::init::Initializer;
use crate::layers::base::{Fixed, Kind, Sizes, State, WeightScope};
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::ops::{Size, math};
use crate::shape::Shape;
use crate::variable::{Variable, VariableScope};

/// A function of tensors, such as [`math::tanh`].
pub(super) type Activation<'g, T> = Rc<dyn Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g>;

/// The activation of a cell that is given none.
pub(super) fn tanh<'g, T: Float>() -> Activation<'g, T> {
    Rc::new(math::tanh)
}

/// The inputs that cells take, for messages.
pub(super) const INPUTS: &str = "inputs of rank 2 whose last dimension is known";

/// The dimensions that a cell's variables are made for, those of a matrix.
pub(super) fn matrix_sizes(inputs: &Shape) -> Option<Sizes> {
    match inputs.dims()? {
        [_, depth] => Some(Sizes::from_iter([(0, *depth)])),
        _ => None,
    }
}

/// The number of inputs that variables are made for.
pub(super) fn depth(fixed: &Fixed) -> usize {
    fixed[0].1
}

/// Makes a weight of a cell; without an initializer it starts from what the variable scope says.
pub(super) fn weight<'g, T: Float>(
    scope: &WeightScope<'g>,
    name: &str,
    shape: &[usize],
    initializer: Option<&Initializer>,
) -> Variable<'g, T> {
    scope.weight(name, shape).initializer(initializer).finish()
}

/// A cell whose variables are made before its first step.
pub(super) trait Step<'g>: Kind<'g> {
    /// The state.
    type State: TypedStructure<'g>;

    /// The name of the class in Python, after which the scope of states of zeros is named.
    const CLASS: &'static str;
    /// The tensors of a state to which the dropout of states applies.
    const FILTER: &'static [bool];

    /// The variables, once they are made.
    fn built(&self) -> &State<'g, Self::Weights>;

    /// The variable scope of the first call, for a cell that is not a `LayerRNNCell`.
    fn first_scope(&self) -> Option<&FirstScope> {
        None
    }

    /// The number of units.
    fn units(&self) -> usize;

    /// The size of the outputs.
    fn output_size(&self) -> usize {
        self.units()
    }

    /// The sizes of the tensors of a state.
    fn state_size(&self) -> Vec<usize> {
        vec![self.units(); Self::FILTER.len()]
    }

    /// Makes the nodes of a step.
    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, Self::Element>,
        state: Self::State,
        weights: Self::Weights,
    ) -> (Tensor<'g, Self::Element>, Self::State);
}

/// A state of zeros of a cell.
#[track_caller]
pub(super) fn zeros<'g, C: Step<'g>>(
    cell: &C,
    g: &'g GraphBuilder,
    batch_size: Size<'g>,
) -> C::State {
    zero_state(g, C::CLASS, batch_size, &cell.state_size())
}

/// Calls a cell in its scopes.
#[track_caller]
pub(super) fn call<'g, C: Step<'g>>(
    cell: &C,
    inputs: Tensor<'g, C::Element>,
    state: C::State,
) -> (Tensor<'g, C::Element>, C::State) {
    let g = inputs.graph();
    let poison = structure::poisoned(g, &state);
    let step = |weights| cell.step(Nodes(g), inputs, state, weights);
    let call = || cell.built().enter(cell, inputs, step);
    let made = g.called_from(Location::caller(), || match cell.first_scope() {
        Some(scope) => scope.enter(g, call),
        None => call(),
    });
    made.unwrap_or_else(|| (AnyTensor::poison(g).typed(), poison))
}

/// The variable scope in which a cell is called first, and in which later calls are made again, as those of an `RNNCell`
/// are that is no `LayerRNNCell`.
#[derive(Debug, Default)]
pub(super) struct FirstScope(OnceCell<VariableScope>);

impl FirstScope {
    pub(super) fn enter<R>(&self, g: &GraphBuilder, f: impl FnOnce() -> R) -> R {
        let scope = self.0.get_or_init(|| g.current_variable_scope());
        g.variable_scope(scope, |_| f())
    }
}

/// The options that all cells have as layers, and [`Cell`](super::Cell) by their [`Step`].
///
/// The cell has the fields `base` and `units`. A type parameter besides that of elements stands in brackets.
macro_rules! cell {
    ($cell:ident, $state:ty $(, [$S:ident: $($bound:tt)+])?) => {
        impl<'g, T: Float $(, $S: $($bound)+)?> $cell<'g, T $(, $S)?> {
            /// Whether the variables are made or found. With anything but [`Reuse::No`] the name of the variable scope is
            /// taken as it is.
            pub fn reuse(mut self, reuse: Reuse) -> Self {
                self.base.reuse = reuse;
                self
            }
        }

        impl<'g, T: Float $(, $S: $($bound)+)?> fmt::Debug for $cell<'g, T $(, $S)?> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($cell))
                    .field("units", &self.units)
                    .field("base", &self.base)
                    .finish_non_exhaustive()
            }
        }

        impl<'g, T: Float $(, $S: $($bound)+)?> Cell<'g> for $cell<'g, T $(, $S)?> {
            type Element = T;
            type State = $state;

            fn output_size(&self) -> usize {
                Step::output_size(self)
            }

            fn state_size(&self) -> Vec<usize> {
                Step::state_size(self)
            }

            fn state_filter(&self) -> Vec<bool> {
                Self::FILTER.to_vec()
            }

            #[track_caller]
            fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State {
                zeros(self, g, batch_size)
            }

            #[track_caller]
            fn call(
                &self,
                inputs: Tensor<'g, T>,
                state: Self::State,
            ) -> (Tensor<'g, T>, Self::State) {
                call(self, inputs, state)
            }
        }
    };
}

/// The answers of all cells about their inputs as layers, in their [`Kind`].
macro_rules! takes_a_matrix {
    () => {
        const INPUTS: &'static str = $crate::rnn::step::INPUTS;

        fn base(&self) -> &$crate::layers::base::Base {
            &self.base
        }

        fn sizes(&self, inputs: &$crate::shape::Shape) -> Option<$crate::layers::base::Sizes> {
            $crate::rnn::step::matrix_sizes(inputs)
        }
    };
}

/// The option `name` of a cell.
macro_rules! name {
    ($name:literal) => {
        #[doc = concat!("The name of the cell's variable scope, made unique; `", $name, "` by default.")]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.base.name = Name::Unique(name.into());
            self
        }
    };
}

/// The option `activation` of a cell.
macro_rules! activation {
    () => {
        /// The function of new values; [`math::tanh`](crate::ops::math::tanh) by default.
        pub fn activation(
            mut self,
            activation: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g,
        ) -> Self {
            self.activation = Rc::new(activation);
            self
        }
    };
}

/// The option `trainable` of a cell.
macro_rules! trainable {
    () => {
        /// Whether training changes the variables; it does by default.
        pub fn trainable(mut self, trainable: bool) -> Self {
            self.base.trainable = trainable;
            self
        }
    };
}

/// The option `forget_bias` of a cell.
macro_rules! forget_bias {
    () => {
        /// The number that is added to the forget gates; 1 by default, so that little is forgotten when training begins.
        pub fn forget_bias(mut self, forget_bias: f64) -> Self {
            self.forget_bias = forget_bias;
            self
        }
    };
}

pub(super) use {activation, cell, forget_bias, name, takes_a_matrix, trainable};
