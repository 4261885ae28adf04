//! The order of elements and dimensions, and finding elements again.

use std::panic::Location;

use super::{index, reshape, shape};
use crate::dtype::TensorType;
use crate::graph::{Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::function;
use crate::ops::types::{Complex, FloatSignedIntComplexUInt8StringBoolUInt16, Int32Int64};
use crate::value::IntoTensorValue;

/// The tensor with its dimensions in reverse order (`tf.transpose`); of a matrix, the rows become columns.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// assert_eq!(array::transpose(x).shape().to_string(), "[3, 2, ?]");
/// assert_eq!(array::transpose_with(x, [0, 2, 1]).shape().to_string(), "[?, 3, 2]");
/// ```
#[track_caller]
pub fn transpose<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    reversed("Transpose", x)
}

/// The tensor with its dimensions in any order (`tf.transpose` with `perm`).
#[track_caller]
pub fn transpose_with<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    perm: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    permuted("Transpose", x, perm)
}

/// The conjugate of a tensor with its dimensions in reverse order (`tf.transpose` with `conjugate`).
#[track_caller]
pub fn conjugate_transpose<'g, T: Complex>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    reversed("ConjugateTranspose", x)
}

/// The conjugate of a tensor with its dimensions in any order (`tf.transpose` with `perm` and `conjugate`).
#[track_caller]
pub fn conjugate_transpose_with<'g, T: Complex, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    perm: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    permuted("ConjugateTranspose", x, perm)
}

#[track_caller]
fn permuted<'g, T: TensorType, I: Int32Int64>(
    op: &'static str,
    x: impl TensorLike<'g, T>,
    perm: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let g = x.graph();
    g.function_scope("transpose", Location::caller(), |scope| {
        let node = g.op(op).name(scope).operand("x", x);
        node.operand("perm", perm).output().typed()
    })
}

#[track_caller]
fn reversed<'g, T: TensorType>(op: &'static str, x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    g.function_scope("transpose", Location::caller(), |scope| {
        let x = x.into_tensor(g, "a");
        let known = x.shape();
        let perm = match known.rank() {
            Some(rank @ 1..) => {
                let perm: Vec<i32> = (0..rank as i32).rev().collect();
                g.constant_named("perm", perm.into_tensor_value())
            }
            _ => {
                let rank = g.op("Rank").input(x).output().typed::<i32>();
                let last = rank - 1;
                let positions = function(g, "Range").arg(0).input(rank).arg(1).finish();
                let positions = positions.output(0).typed::<i32>();
                (last - positions).any()
            }
        };
        let transposed = g.op(op).name(scope).input(x).input(perm).output();
        if let Some(dims) = known.dims() {
            transposed.set_shape(dims.iter().rev().copied().collect::<Vec<_>>());
        }
        transposed.typed()
    })
}

functions! {
    /// The tensor with its elements in reverse order along some axes (`tf.reverse`).
    reverse "ReverseV2" <T: FloatSignedIntComplexUInt8StringBoolUInt16, I: Int32Int64>(x: T, axes: I) -> T;
    /// Reverses the first elements along `seq_axis`, as many as `seq_lengths` says for each entry along `batch_axis`
    /// (`tf.reverse_sequence` with `batch_axis`).
    reverse_sequence_with "ReverseSequence"
        <T: TensorType, I: Int32Int64>(x: T, seq_lengths: I; seq_axis: i64, batch_axis: i64) -> T
        { "seq_dim" = seq_axis, "batch_dim" = batch_axis };
    /// The tensor with its elements moved along some axes, those that fall off coming back at the other end
    /// (`tf.roll`).
    roll "Roll" <T: TensorType, I: Int32Int64, J: Int32Int64>(x: T, shift: I, axis: J) -> T;
    /// Where each of the numbers from 0 on stands in a vector that has each of them once (`tf.invert_permutation`).
    invert_permutation "InvertPermutation" <I: Int32Int64>(x: I) -> I;
    /// The position in a tensor of each position in row-major order, a column for each (`tf.unravel_index`).
    unravel_index "UnravelIndex" <I: Int32Int64>(indices: I, dims: I) -> I;
}

/// The tensor with the first elements along `seq_axis` in reverse order, as many as `seq_lengths` says for each
/// entry of the first dimension (`tf.reverse_sequence`).
#[track_caller]
pub fn reverse_sequence<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    seq_lengths: impl Operand<'g, I>,
    seq_axis: i64,
) -> Tensor<'g, T> {
    reverse_sequence_with(x, seq_lengths, seq_axis, 0)
}

/// What [`unique`] finds.
#[derive(Debug, Clone, Copy)]
pub struct Unique<'g, T: TensorType, I: TensorType> {
    /// Each element of the vector once, in the order of its first position.
    pub y: Tensor<'g, T>,
    /// For each position of the vector, where its element is in `y`.
    pub idx: Tensor<'g, I>,
}

/// The different elements of a vector (`tf.unique`).
#[track_caller]
pub fn unique<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Unique<'g, T, i32> {
    unique_as(x)
}

/// The same with positions of int32 or int64 (`tf.unique` with `out_idx`).
#[track_caller]
pub fn unique_as<'g, I: Int32Int64, T: TensorType>(x: impl TensorLike<'g, T>) -> Unique<'g, T, I> {
    let found = function(x.graph(), "Unique")
        .arg(x)
        .attr("out_idx", I::DTYPE)
        .finish();
    Unique {
        y: found.output(0).typed(),
        idx: found.output(1).typed(),
    }
}

/// What [`unique_with_counts`] finds.
#[derive(Debug, Clone, Copy)]
pub struct UniqueWithCounts<'g, T: TensorType, I: TensorType> {
    /// Each element of the vector once, in the order of its first position.
    pub y: Tensor<'g, T>,
    /// For each position of the vector, where its element is in `y`.
    pub idx: Tensor<'g, I>,
    /// How often each element of `y` is in the vector.
    pub count: Tensor<'g, I>,
}

/// The different elements of a vector and how many there are of each (`tf.unique_with_counts`).
#[track_caller]
pub fn unique_with_counts<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
) -> UniqueWithCounts<'g, T, i32> {
    unique_with_counts_as(x)
}

/// The same with positions and counts of int32 or int64 (`tf.unique_with_counts` with `out_idx`).
#[track_caller]
pub fn unique_with_counts_as<'g, I: Int32Int64, T: TensorType>(
    x: impl TensorLike<'g, T>,
) -> UniqueWithCounts<'g, T, I> {
    let found = function(x.graph(), "UniqueWithCounts")
        .arg(x)
        .attr("out_idx", I::DTYPE)
        .finish();
    UniqueWithCounts {
        y: found.output(0).typed(),
        idx: found.output(1).typed(),
        count: found.output(2).typed(),
    }
}

/// The elements of a vector that are not in another, and their positions (`tf.setdiff1d`).
#[track_caller]
pub fn setdiff1d<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, i32>) {
    setdiff1d_as(x, y)
}

/// The same with positions of int32 or int64 (`tf.setdiff1d` with `index_dtype`).
#[track_caller]
pub fn setdiff1d_as<'g, I: Int32Int64, T: TensorType>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, I>) {
    let found = function(x.graph(), "ListDiff")
        .arg(x)
        .arg(y)
        .attr("out_idx", I::DTYPE)
        .finish();
    (found.output(0).typed(), found.output(1).typed())
}

/// On which side of equal elements [`searchsorted_with`] finds a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Before them.
    #[default]
    Left,
    /// After them.
    Right,
}

/// For each value, its place in the sorted elements of the last dimension (`tf.searchsorted`).
#[track_caller]
pub fn searchsorted<'g, T: TensorType>(
    sorted_sequence: impl TensorLike<'g, T>,
    values: impl TensorLike<'g, T>,
) -> Tensor<'g, i32> {
    searchsorted_with(sorted_sequence, values, Side::Left)
}

/// The same on either side of equal elements, with places of int32 or int64 (`tf.searchsorted` with `side` and
/// `out_type`).
#[track_caller]
pub fn searchsorted_with<'g, I: Int32Int64, T: TensorType>(
    sorted_sequence: impl TensorLike<'g, T>,
    values: impl TensorLike<'g, T>,
    side: Side,
) -> Tensor<'g, I> {
    let g = sorted_sequence.graph();
    let op = match side {
        Side::Left => "LowerBound",
        Side::Right => "UpperBound",
    };
    let name = g.requested_name(op);
    let here = Location::caller();
    g.unnamed(here, || {
        let sequence_size = index(shape(sorted_sequence), -1);
        let values_size = index(shape(values), -1);
        let sequence = reshape(sorted_sequence, (-1, sequence_size));
        let rows = reshape(values, (-1, values_size));
        let found = g.inner_scope(&name, here, |scope| {
            let node = g.op(op).name(scope).input(sequence).input(rows);
            node.attr("out_type", I::DTYPE).output().typed::<I>()
        });
        reshape(found, shape(values))
    })
}
