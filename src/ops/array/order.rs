//! The order of elements and dimensions, and finding elements again.

use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Complex, IndexType, Reversible};
use crate::ops::{OrDefault, TensorLike};

/// An order of dimensions: a list, a vector of the graph, or `()` for the reverse of their own.
#[derive(Debug, Clone)]
pub struct Permutation<'g>(Option<Arg<'g>>);

impl From<()> for Permutation<'_> {
    fn from((): ()) -> Self {
        Permutation(None)
    }
}

macro_rules! permutations {
    ($([$($generics:tt)*] $of:ty, $list:ty;)*) => {$(
        impl<'g, $($generics)*> From<$list> for Permutation<'g> {
            fn from(list: $list) -> Self {
                Permutation(Some(Arg::of::<$of>(list)))
            }
        }
    )*};
}

permutations! {
    [] i32, Tensor<'g, i32>;
    [] i64, Tensor<'g, i64>;
    [] i32, Vec<i32>;
    [] i32, &[i32];
    [const N: usize] i32, [i32; N];
    [const N: usize] i64, [i64; N];
}

/// The tensor with its dimensions in another order (`tf.transpose`), with `()` in the reverse one: of a matrix, the rows
/// become columns.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// assert_eq!(array::transpose(x, ()).shape().to_string(), "[3, 2, ?]");
/// assert_eq!(array::transpose(x, [0, 2, 1]).shape().to_string(), "[?, 3, 2]");
/// ```
#[track_caller]
pub fn transpose<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    perm: impl Into<Permutation<'g>>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("transpose");
    Nodes(g)
        .permuted(("Transpose", &name), Arg::of(x), perm.into())
        .typed()
}

/// The conjugate of a tensor with its dimensions in another order, with `()` in the reverse one (`tf.transpose` with
/// `conjugate`).
#[track_caller]
pub fn conjugate_transpose<'g, T: Complex>(
    x: impl TensorLike<'g, T>,
    perm: impl Into<Permutation<'g>>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("transpose");
    Nodes(g)
        .permuted(("ConjugateTranspose", &name), Arg::of(x), perm.into())
        .typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    pub(in crate::ops) fn permuted(
        self,
        (op, name): (&'static str, &str),
        x: Arg<'g>,
        perm: Permutation<'g>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        if let Permutation(Some(perm)) = perm {
            return self.call((op, &scope), [x, perm]);
        }
        let x = x.convert(self.0, "a", DType::Float32);
        let known = x.shape();
        let perm = match known.rank() {
            Some(rank @ 1..) => self.constant("perm", (0..rank as i32).rev().collect::<Vec<_>>()),
            _ => {
                let rank = self.0.op("Rank").input(x).output();
                let last = self.sub(rank, 1);
                let positions = self.call(("Range", "Range"), [0.into(), rank.into(), 1.into()]);
                self.sub(last, positions)
            }
        };
        let transposed = self.0.op(op).name(&scope).input(x).input(perm).output();
        if let Some(dims) = known.dims() {
            transposed.set_shape(dims.iter().rev().copied().collect::<Vec<_>>());
        }
        transposed
    }
}

outputs! {
    Unique<T, I> { y, idx }
    UniqueWithCounts<T, I> { y, idx, count }
}

functions! {
    /// The different elements of a vector, with positions of int32 or int64 (`tf.unique`).
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.placeholder::<f32>((None,));
    /// let found = array::unique::<i32, _>(words);
    /// assert_eq!(found.idx.shape().to_string(), "[?]");
    /// ```
    unique "Unique"
        <I: IndexType, T: TensorType>(x: T) => Unique<'g, T, I> { "out_idx" = I::DTYPE };
    /// The different elements of a vector and how many there are of each, with positions and counts of int32 or int64
    /// (`tf.unique_with_counts`).
    unique_with_counts "UniqueWithCounts"
        <I: IndexType, T: TensorType>(x: T) => UniqueWithCounts<'g, T, I> { "out_idx" = I::DTYPE };
    /// The elements of a vector that are not in another, and their positions as int32 or int64 (`tf.setdiff1d`).
    setdiff1d "ListDiff"
        <I: IndexType, T: TensorType>(x: T, y: T) => (Tensor<'g, T>, Tensor<'g, I>) { "out_idx" = I::DTYPE };
    /// The tensor with its elements in reverse order along some axes (`tf.reverse`).
    reverse "ReverseV2" <T: Reversible, I: IndexType>(x: T, axes: I) -> T;
    /// Reverses the first elements along `seq_axis`, as many as `seq_lengths` says for each entry along `batch_axis`, `()`
    /// for the first dimension (`tf.reverse_sequence`).
    reverse_sequence "ReverseSequence"
        <T: TensorType, I: IndexType>(x: T, seq_lengths: I; seq_axis: i64, batch_axis: impl Into<OrDefault<i64>>) -> T
        { "seq_dim" = seq_axis, "batch_dim" = batch_axis.into().0.unwrap_or(0) };
    /// The tensor with its elements moved along some axes, those that fall off coming back at the other end
    /// (`tf.roll`).
    roll "Roll" <T: TensorType, I: IndexType, J: IndexType>(x: T, shift: I, axis: J) -> T;
    /// Where each of the numbers from 0 on stands in a vector that has each of them once (`tf.invert_permutation`).
    invert_permutation "InvertPermutation" <I: IndexType>(x: I) -> I;
    /// The position in a tensor of each position in row-major order, a column for each (`tf.unravel_index`).
    unravel_index "UnravelIndex" <I: IndexType>(indices: I, dims: I) -> I;
}

/// The result of [`unique`].
#[derive(Debug, Clone, Copy)]
pub struct Unique<'g, T: TensorType, I: TensorType> {
    /// Each element of the vector once, in the order of its first position.
    pub y: Tensor<'g, T>,
    /// For each position of the vector, where its element is in `y`.
    pub idx: Tensor<'g, I>,
}

/// The result of [`unique_with_counts`].
#[derive(Debug, Clone, Copy)]
pub struct UniqueWithCounts<'g, T: TensorType, I: TensorType> {
    /// Each element of the vector once, in the order of its first position.
    pub y: Tensor<'g, T>,
    /// For each position of the vector, where its element is in `y`.
    pub idx: Tensor<'g, I>,
    /// The number of times that each element of `y` is in the vector.
    pub count: Tensor<'g, I>,
}

/// The side of equal elements on which [`searchsorted`] finds a place: the left by default, for which `()` stands too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Before them.
    #[default]
    Left,
    /// After them.
    Right,
}

defaults!(Side);

/// For each value, its place in the sorted elements of the last dimension, as an int32 or int64 (`tf.searchsorted`).
///
/// ```
/// use tfhub::ops::array::{self, Side};
/// # let g = tfhub::GraphBuilder::new();
/// let (limits, x) = (g.placeholder::<f32>((4, 5)), g.placeholder::<f32>((4, 3)));
/// let places = array::searchsorted::<i64, _>(limits, x, Side::Right);
/// assert_eq!(places.shape().to_string(), "[4, 3]");
/// ```
#[track_caller]
pub fn searchsorted<'g, I: IndexType, T: TensorType>(
    sorted_sequence: impl TensorLike<'g, T>,
    values: impl TensorLike<'g, T>,
    side: impl Into<Side>,
) -> Tensor<'g, I> {
    let g = sorted_sequence.graph();
    let args = [Arg::of(sorted_sequence), Arg::of(values)];
    Nodes(g).searchsorted(args, side.into(), I::DTYPE).typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn searchsorted(
        self,
        [sequence, values]: [Arg<'g>; 2],
        side: Side,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let op = match side {
            Side::Left => "LowerBound",
            Side::Right => "UpperBound",
        };
        let name = self.0.requested_name(op);
        let _call = self.0.open_call(Location::caller());
        let last = |x: &Arg<'g>| Arg::from(self.at(self.shape(x), -1));
        let columns = [last(&sequence), last(&values)];
        let rows = |x: Arg<'g>, columns: &Arg<'g>| {
            self.reshape(x, Arg::List(vec![(-1).into(), columns.clone()]))
        };
        let sequence = rows(sequence, &columns[0]);
        let flat = rows(values.clone(), &columns[1]);
        let call = self.named(op, &name).input(sequence).input(flat);
        let found = call.attr("out_type", dtype).output();
        self.reshape(found, self.shape(values))
    }
}
