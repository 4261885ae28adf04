//! Arguments and results of functions of each row of ragged tensors.

use std::marker::PhantomData;
use std::slice::Iter;

use crate::dtype::{DType, TensorType};
use crate::graph::Tensor;
use crate::ops::ragged::{AnyMaybeRagged, MaybeRagged, RaggedTensor};
use crate::ops::types::IndexType;

/// Tensors in a structure whose rows [`ragged_map_fn`](crate::GraphBuilder::ragged_map_fn) goes over: a tensor, a ragged tensor,
/// or a tuple, array or vector of such structures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rows to map",
    label = "expected a tensor or ragged tensor, or a tuple, array or vector of them"
)]
pub trait RaggedElements<'g>: sealed::Elements {
    /// A row of each: that of a tensor is a tensor, and that of a ragged tensor may be ragged.
    type Row;

    #[doc(hidden)]
    fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>);

    #[doc(hidden)]
    fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::Row;
}

/// Results of a function of each row, in a structure: a [`Tensor`] to be stacked, or a [`RaggedRow`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no result of a function of each row",
    label = "expected a tensor or a `RaggedRow`, or a tuple or array of them",
    note = "`RaggedRow::<_, RANK>::from` makes a row of a ragged tensor with RANK ragged dimensions"
)]
pub trait RaggedResults<'g>: sealed::Results {
    /// The results for all rows: tensors stacked, and rows put together as a ragged tensor.
    type All;

    #[doc(hidden)]
    fn declare(declared: &mut Vec<Declared>);

    #[doc(hidden)]
    fn flatten_into(self, values: &mut Vec<AnyMaybeRagged<'g>>);

    #[doc(hidden)]
    fn all(all: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::All;
}

/// One result as it is declared by its type, before the function is called.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    pub(super) dtype: DType,
    pub(super) ragged: Option<DeclaredRagged>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct DeclaredRagged {
    pub(super) ragged_rank: usize,
    pub(super) splits: DType,
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Elements {}
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Results {}

    impl<E> Elements for Vec<E> {}
    impl<E, const N: usize> Elements for [E; N] {}
    impl<R, const N: usize> Results for [R; N] {}
}

/// A row of a ragged tensor with `RANK` ragged dimensions and row splits of `I`, where Python declares a
/// `RaggedTensorType`: a tensor for one dimension, or else a ragged tensor of one dimension less.
///
/// ```
/// use tfhub::control_flow::RaggedRow;
/// # let g = tfhub::GraphBuilder::new();
/// let row: RaggedRow<'_, f32> = g.placeholder::<f32>((None,)).into();
/// let rows = RaggedRow::<_, 2>::from(g.ragged_placeholder::<f32>(1, ()));
/// # let _ = (row, rows);
/// ```
#[derive(Debug, Clone)]
pub struct RaggedRow<'g, T: TensorType, const RANK: usize = 1, I: IndexType = i64> {
    row: MaybeRagged<'g, T>,
    splits: PhantomData<fn() -> I>,
}

macro_rules! rows {
    ($($from:ty;)*) => {$(
        impl<'g, T: TensorType, const RANK: usize, I: IndexType> From<$from> for RaggedRow<'g, T, RANK, I> {
            fn from(row: $from) -> Self {
                RaggedRow {
                    row: row.into(),
                    splits: PhantomData,
                }
            }
        }
    )*};
}

rows! {
    Tensor<'g, T>;
    RaggedTensor<'g, T>;
    MaybeRagged<'g, T>;
}

fn next<'g>(rest: &mut Iter<'_, AnyMaybeRagged<'g>>) -> AnyMaybeRagged<'g> {
    rest.next().expect("there is one for each leaf").clone()
}

impl<T: TensorType> sealed::Elements for Tensor<'_, T> {}

impl<'g, T: TensorType> RaggedElements<'g> for Tensor<'g, T> {
    type Row = Tensor<'g, T>;

    fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>) {
        elems.push(self.any().into());
    }

    fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Tensor<'g, T> {
        next(rows).flat_values().typed()
    }
}

impl<T: TensorType> sealed::Elements for RaggedTensor<'_, T> {}

impl<'g, T: TensorType> RaggedElements<'g> for RaggedTensor<'g, T> {
    type Row = MaybeRagged<'g, T>;

    fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>) {
        elems.push(self.any().into());
    }

    fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> MaybeRagged<'g, T> {
        next(rows).typed()
    }
}

impl<'g, E: RaggedElements<'g>> RaggedElements<'g> for Vec<E> {
    type Row = Vec<E::Row>;

    fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>) {
        self.iter().for_each(|item| item.flatten_into(elems));
    }

    fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::Row {
        self.iter().map(|item| item.pack(rows)).collect()
    }
}

impl<'g, E: RaggedElements<'g>, const N: usize> RaggedElements<'g> for [E; N] {
    type Row = [E::Row; N];

    fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>) {
        self.iter().for_each(|item| item.flatten_into(elems));
    }

    fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::Row {
        std::array::from_fn(|at| self[at].pack(rows))
    }
}

impl<T: TensorType> sealed::Results for Tensor<'_, T> {}

impl<'g, T: TensorType> RaggedResults<'g> for Tensor<'g, T> {
    type All = Tensor<'g, T>;

    fn declare(declared: &mut Vec<Declared>) {
        let (dtype, ragged) = (T::DTYPE, None);
        declared.push(Declared { dtype, ragged });
    }

    fn flatten_into(self, values: &mut Vec<AnyMaybeRagged<'g>>) {
        values.push(self.any().into());
    }

    fn all(all: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Tensor<'g, T> {
        next(all).flat_values().typed()
    }
}

impl<T: TensorType, const RANK: usize, I: IndexType> sealed::Results for RaggedRow<'_, T, RANK, I> {}

impl<'g, T: TensorType, const RANK: usize, I: IndexType> RaggedResults<'g>
    for RaggedRow<'g, T, RANK, I>
{
    type All = RaggedTensor<'g, T>;

    fn declare(declared: &mut Vec<Declared>) {
        const {
            assert!(
                RANK > 0,
                "a ragged tensor has at least one ragged dimension"
            )
        };
        let ragged = DeclaredRagged {
            ragged_rank: RANK,
            splits: I::DTYPE,
        };
        declared.push(Declared {
            dtype: T::DTYPE,
            ragged: Some(ragged),
        });
    }

    fn flatten_into(self, values: &mut Vec<AnyMaybeRagged<'g>>) {
        values.push(self.row.any());
    }

    fn all(all: &mut Iter<'_, AnyMaybeRagged<'g>>) -> RaggedTensor<'g, T> {
        next(all).ragged().typed()
    }
}

impl<'g, R: RaggedResults<'g>, const N: usize> RaggedResults<'g> for [R; N] {
    type All = [R::All; N];

    fn declare(declared: &mut Vec<Declared>) {
        (0..N).for_each(|_| R::declare(declared));
    }

    fn flatten_into(self, values: &mut Vec<AnyMaybeRagged<'g>>) {
        self.into_iter().for_each(|item| item.flatten_into(values));
    }

    fn all(all: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::All {
        std::array::from_fn(|_| R::all(all))
    }
}

macro_rules! tuples {
    ($($($X:ident)*;)*) => {$(
        impl<$($X: sealed::Elements),*> sealed::Elements for ($($X,)*) {}

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $($X: RaggedElements<'g>),*> RaggedElements<'g> for ($($X,)*) {
            type Row = ($($X::Row,)*);

            fn flatten_into(&self, elems: &mut Vec<AnyMaybeRagged<'g>>) {
                let ($($X,)*) = self;
                $($X.flatten_into(elems);)*
            }

            fn pack(&self, rows: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::Row {
                let ($($X,)*) = self;
                ($($X.pack(rows),)*)
            }
        }

        impl<$($X: sealed::Results),*> sealed::Results for ($($X,)*) {}

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $($X: RaggedResults<'g>),*> RaggedResults<'g> for ($($X,)*) {
            type All = ($($X::All,)*);

            fn declare(declared: &mut Vec<Declared>) {
                $($X::declare(declared);)*
            }

            fn flatten_into(self, values: &mut Vec<AnyMaybeRagged<'g>>) {
                let ($($X,)*) = self;
                $($X.flatten_into(values);)*
            }

            fn all(all: &mut Iter<'_, AnyMaybeRagged<'g>>) -> Self::All {
                ($($X::all(all),)*)
            }
        }
    )*};
}

each_tuple!(tuples);
