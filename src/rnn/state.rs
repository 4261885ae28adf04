//! The states of cells.

use std::fmt;
use std::slice::Iter;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure::{next, sealed};
use crate::graph::{
    AnyTensor, GraphBuilder, IntoStructure, Leaf, Structure, Tensor, TypedStructure,
};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::{Size, Sizes};

/// The state of an LSTM cell (`tf.nn.rnn_cell.LSTMStateTuple`).
///
/// ```
/// use tfhub::rnn::{self, Cell, LstmStateTuple};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::basic_lstm_cell(4);
/// let zero = cell.zero_state(&g, 2);
/// let (output, state) = cell.call(x, LstmStateTuple { c: zero.c, h: zero.h });
/// assert_eq!(output.name(), state.h.name());
/// assert_eq!(state.c.shape().to_string(), "[2, 4]");
/// ```
pub struct LstmStateTuple<'g, T: TensorType> {
    /// The cell state.
    pub c: Tensor<'g, T>,
    /// The hidden state, which is the output of the step.
    pub h: Tensor<'g, T>,
}

impl<T: TensorType> Clone for LstmStateTuple<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for LstmStateTuple<'_, T> {}

impl<T: TensorType> fmt::Debug for LstmStateTuple<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LstmStateTuple { c, h } = self;
        let mut tuple = f.debug_struct("LstmStateTuple");
        tuple.field("c", c).field("h", h).finish()
    }
}

impl<T: TensorType> sealed::Structure for LstmStateTuple<'_, T> {}

impl<'g, T: TensorType> Structure<'g> for LstmStateTuple<'g, T> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        leaves.extend([self.c, self.h].map(|state| Leaf::Tensor(state.any())));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        Self::from_tensors(tensors)
    }
}

impl<'g, T: TensorType> TypedStructure<'g> for LstmStateTuple<'g, T> {
    fn dtypes(dtypes: &mut Vec<DType>) {
        dtypes.extend([T::DTYPE; 2]);
    }

    fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        let [c, h] = std::array::from_fn(|_| next(tensors).typed());
        LstmStateTuple { c, h }
    }
}

structures! { LstmStateTuple<'g, T>, [T: TensorType]; }

/// The form of the state of an LSTM cell: a [`LstmStateTuple`], or a tensor of `c` and `h` beside each other
/// (`state_is_tuple=False`).
pub trait LstmState<'g, T: TensorType>:
    TypedStructure<'g> + IntoStructure<'g, Structure = Self> + Clone
{
    /// For each tensor, whether the dropout of states applies to it.
    #[doc(hidden)]
    const FILTER: &'static [bool];

    /// The sizes of its tensors, by those of `c` and `h`.
    #[doc(hidden)]
    fn sizes(sizes: [usize; 2]) -> Vec<usize>;

    /// The two parts, which `split` makes of one tensor.
    #[doc(hidden)]
    fn parts(self, split: impl FnOnce(Tensor<'g, T>) -> [Tensor<'g, T>; 2]) -> [Tensor<'g, T>; 2];

    #[doc(hidden)]
    fn of(parts: [Tensor<'g, T>; 2]) -> Self;
}

impl<'g, T: TensorType> LstmState<'g, T> for LstmStateTuple<'g, T> {
    const FILTER: &'static [bool] = &[false, true];

    fn sizes(sizes: [usize; 2]) -> Vec<usize> {
        sizes.to_vec()
    }

    fn parts(self, _: impl FnOnce(Tensor<'g, T>) -> [Tensor<'g, T>; 2]) -> [Tensor<'g, T>; 2] {
        [self.c, self.h]
    }

    fn of([c, h]: [Tensor<'g, T>; 2]) -> Self {
        LstmStateTuple { c, h }
    }
}

impl<'g, T: TensorType> LstmState<'g, T> for Tensor<'g, T> {
    const FILTER: &'static [bool] = &[true];

    fn sizes([c, h]: [usize; 2]) -> Vec<usize> {
        vec![c + h]
    }

    fn parts(self, split: impl FnOnce(Tensor<'g, T>) -> [Tensor<'g, T>; 2]) -> [Tensor<'g, T>; 2] {
        split(self)
    }

    fn of(parts: [Tensor<'g, T>; 2]) -> Self {
        let n = Nodes(parts[0].graph());
        n.concat(parts.map(Arg::from).to_vec(), 1).typed()
    }
}

/// The zeros that a cell starts from: one tensor of each size, for each sequence of the batch, in the scope that Python
/// names after the cell's class.
#[track_caller]
pub(super) fn zero_state<'g, S: TypedStructure<'g>>(
    g: &'g GraphBuilder,
    class: &str,
    batch_size: Size<'g>,
    sizes: &[usize],
) -> S {
    let n = Nodes(g);
    let _scope = n.open_scope(&format!("{class}ZeroState"));
    let mut dtypes = Vec::new();
    S::dtypes(&mut dtypes);
    let sizes = sizes.iter().zip(dtypes);
    let tensors = sizes.map(|(&size, dtype)| zeros(n, batch_size, size, dtype));
    S::from_tensors(&mut tensors.collect::<Vec<_>>().iter())
}

fn zeros<'g>(n: Nodes<'g>, batch_size: Size<'g>, size: usize, dtype: DType) -> AnyTensor<'g> {
    let shape = with_batch(n, batch_size, size);
    let shape = n.concat(shape.map(Arg::from).to_vec(), 0);
    let zeros = n.filled("zeros", 0.0, dtype, Sizes::from(shape));
    // Python looks at the sizes once more, of which it makes tensors again.
    with_batch(n, batch_size, size);
    if let Size::Known(batch) = batch_size {
        zeros.set_shape([usize::try_from(batch).ok(), Some(size)].as_slice());
    }
    zeros
}

/// A batch size and a size of one sequence, as vectors of one number each.
pub(super) fn with_batch<'g>(
    n: Nodes<'g>,
    batch_size: Size<'g>,
    size: usize,
) -> [AnyTensor<'g>; 2] {
    let batch = match batch_size {
        Size::Known(batch) => n.constant("Const", [batch as i32]),
        Size::Tensor(batch) => match batch.shape().rank() {
            Some(0) => n.expand_dims(batch, 0),
            Some(1) => batch,
            _ => {
                let shape = batch.shape();
                let message =
                    format!("expected a batch size that is a scalar, its shape is {shape}");
                n.fault(Rule::Shape, message)
            }
        },
    };
    [batch, n.constant("Const", [size as i32])]
}
