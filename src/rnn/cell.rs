//! Cells: what makes one step of a sequence.

use std::panic::Location;
use std::rc::Rc;

use crate::graph::{GraphBuilder, IntoStructure, Structure, Tensor};
use crate::ops::Size;
use crate::ops::types::Float;

/// A cell of a recurrent network (`tf.nn.rnn_cell.RNNCell`): it makes the nodes of one step.
///
/// A cell makes its variables when it is called first, in the variable scope that is open then; later calls share them.
/// References, boxes and [`Rc`]s of cells are cells.
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let cell = rnn::gru_cell(4);
/// let batch_size = tfhub::ops::array::shape::<i32, _>(x).slice(0);
/// let state = cell.zero_state(&g, batch_size);
/// let (output, state) = cell.call(x, state);
/// let (output, _) = cell.call(x, state);
/// assert_eq!(output.name(), "gru_cell/add_1:0");
/// assert_eq!(g.operation("gru_cell/gates/kernel")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
///
/// A cell of one's own makes its nodes with the functions of [`ops`](crate::ops):
///
/// ```
/// use tfhub::ops::{Size, array};
/// use tfhub::rnn::{self, Cell};
/// use tfhub::{GraphBuilder, Tensor};
///
/// /// The sum of the inputs so far.
/// struct Sum(usize);
///
/// impl<'g> Cell<'g> for Sum {
///     type Element = f32;
///     type State = Tensor<'g, f32>;
///
///     fn output_size(&self) -> usize {
///         self.0
///     }
///
///     fn state_size(&self) -> Vec<usize> {
///         vec![self.0]
///     }
///
///     fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Tensor<'g, f32> {
///         array::zeros(g, [batch_size, self.0.into()])
///     }
///
///     fn call(&self, inputs: Tensor<'g, f32>, sum: Tensor<'g, f32>) -> (Tensor<'g, f32>, Tensor<'g, f32>) {
///         let sum = sum + inputs;
///         (sum, sum)
///     }
/// }
///
/// # let g = GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 5, 3));
/// let (sums, total) = rnn::dynamic_rnn(Sum(3), x, ());
/// assert_eq!((sums.shape().to_string(), total.shape().to_string()), ("[2, 5, 3]".into(), "[2, 3]".into()));
/// ```
pub trait Cell<'g> {
    /// The type of inputs and outputs.
    type Element: Float;
    /// The state: a tensor, an [`LstmStateTuple`](super::LstmStateTuple), or a tuple or list of states.
    type State: Structure<'g> + IntoStructure<'g, Structure = Self::State> + Clone;

    /// The size of the last dimension of the outputs.
    fn output_size(&self) -> usize;

    /// The sizes of the last dimensions of the tensors of a state, in their order.
    fn state_size(&self) -> Vec<usize>;

    /// For each tensor of a state, whether the dropout of states applies to it; it does not to the `c` of LSTM cells.
    fn state_filter(&self) -> Vec<bool> {
        vec![true; self.state_size().len()]
    }

    /// A state of zeros for a batch of sequences; [`zero_state`](Self::zero_state) takes the size as it is written.
    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State;

    /// A state of zeros for a batch of sequences, of which `batch_size` is the number.
    #[track_caller]
    fn zero_state(&self, g: &'g GraphBuilder, batch_size: impl Into<Size<'g>>) -> Self::State
    where
        Self: Sized,
    {
        g.called_from(Location::caller(), || self.zeros(g, batch_size.into()))
    }

    /// Makes a step: its output and the state after it.
    #[track_caller]
    fn call(
        &self,
        inputs: Tensor<'g, Self::Element>,
        state: Self::State,
    ) -> (Tensor<'g, Self::Element>, Self::State);
}

/// The functions of a cell that is another one behind a pointer.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<'g, C: Cell<'g> + ?Sized> Cell<'g> for $pointer {
            type Element = C::Element;
            type State = C::State;

            fn output_size(&self) -> usize {
                (**self).output_size()
            }

            fn state_size(&self) -> Vec<usize> {
                (**self).state_size()
            }

            fn state_filter(&self) -> Vec<bool> {
                (**self).state_filter()
            }

            fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> C::State {
                (**self).zeros(g, batch_size)
            }

            #[track_caller]
            fn call(
                &self,
                inputs: Tensor<'g, C::Element>,
                state: C::State,
            ) -> (Tensor<'g, C::Element>, C::State) {
                inputs.graph().called_from(Location::caller(), || (**self).call(inputs, state))
            }
        }
    )*};
}

pointers! { &C, Box<C>, Rc<C> }
