//! Sums and the like over segments of a tensor.

use std::panic::Location;

use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Size, generated};
use crate::ops::types::{Float, Float32Float64, Int32Int64, Number, Real};

macro_rules! segments {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound, I: Int32Int64>(
            data: impl TensorLike<'g, T>,
            segment_ids: impl Operand<'g, I>,
        ) -> Tensor<'g, T> {
            let op = ($op, $op);
            crate::ops::binary(data.graph(), op, ("data", "segment_ids"), (data, segment_ids), |op| op).typed()
        }
    )*};
}

segments! {
    /// The greatest elements of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_max`).
    segment_max Real "SegmentMax";
    /// The mean of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_mean`).
    segment_mean Number "SegmentMean";
    /// The least elements of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_min`).
    segment_min Real "SegmentMin";
    /// The product of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_prod`).
    segment_prod Number "SegmentProd";
    /// The sum of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_sum`).
    segment_sum Number "SegmentSum";
}

macro_rules! unsorted_segments {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound, I: Int32Int64>(
            data: impl TensorLike<'g, T>,
            segment_ids: impl Operand<'g, I>,
            num_segments: impl Operand<'g, i32>,
        ) -> Tensor<'g, T> {
            generated(data.graph(), $op, |op| {
                op.arg(data).arg(segment_ids).arg(num_segments).output().typed()
            })
        }
    )*};
}

unsorted_segments! {
    /// The greatest elements of each segment, numbered in any order (`tf.math.unsorted_segment_max`).
    unsorted_segment_max Real "UnsortedSegmentMax";
    /// The least elements of each segment, numbered in any order (`tf.math.unsorted_segment_min`).
    unsorted_segment_min Real "UnsortedSegmentMin";
    /// The product of each segment, numbered in any order (`tf.math.unsorted_segment_prod`).
    unsorted_segment_prod Number "UnsortedSegmentProd";
    /// The sum of each segment, numbered in any order (`tf.math.unsorted_segment_sum`).
    unsorted_segment_sum Number "UnsortedSegmentSum";
}

macro_rules! averaged_segments {
    ($($(#[$doc:meta])* $name:ident $scope:literal $root:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// An unknown rank is a fault.
        #[track_caller]
        pub fn $name<'g, T: Float, I: Int32Int64>(
            data: impl TensorLike<'g, T>,
            segment_ids: impl Operand<'g, I>,
            num_segments: impl Into<Size<'g>>,
        ) -> Tensor<'g, T> {
            let g = data.graph();
            g.function_scope($scope, Location::caller(), |_| {
                let data = data.into_tensor(g, "Const").any();
                let ids = segment_ids.into_tensor(g, "Const").any();
                averaged(g, (data, ids), num_segments.into().into(), $root).typed()
            })
        }
    )*};
}

averaged_segments! {
    /// The mean of each segment, numbered in any order (`tf.math.unsorted_segment_mean`).
    unsorted_segment_mean "UnsortedSegmentMean" false;
    /// The sum of each segment, numbered in any order, by the square root of its size
    /// (`tf.math.unsorted_segment_sqrt_n`).
    unsorted_segment_sqrt_n "UnsortedSegmentSqrtN" true;
}

fn averaged<'g>(
    g: &'g GraphBuilder,
    (data, ids): (AnyTensor<'g>, AnyTensor<'g>),
    num_segments: Arg<'g>,
    root: bool,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let sum = |data: AnyTensor<'g>| {
        let sum = n.op("UnsortedSegmentSum").input(data).input(ids);
        sum.input(num_segments.clone()).output()
    };
    let shape = n.shape(ids);
    let count = sum(n.uniform("ones", 1, data.dtype(), Err(shape)));
    let (Some(rank), Some(ids_rank)) = (data.shape().rank(), ids.shape().rank()) else {
        let message = "the ranks of the data and of the segment ids must be known";
        g.report(Rule::Shape, message);
        return AnyTensor::poison(g);
    };
    let ones = std::iter::repeat_n(Arg::from(1), rank.saturating_sub(ids_rank));
    let sizes = std::iter::once(num_segments.clone()).chain(ones);
    let count = n.reshape(count, Arg::List(sizes.collect()));
    let count = n.maximum(count, 1);
    let total = sum(data);
    let divisor = if root { n.unary("Sqrt", count) } else { count };
    n.truediv(total, divisor)
}

macro_rules! sparse_segments {
    ($($(#[$doc:meta])* $name:ident $with:ident $bound:ident $op:literal $op_with:literal $tf:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound, I: Int32Int64>(
            data: impl TensorLike<'g, T>,
            indices: impl Operand<'g, I>,
            segment_ids: impl Operand<'g, i32>,
        ) -> Tensor<'g, T> {
            generated(data.graph(), $op, |op| {
                op.arg(data).arg(indices).arg(segment_ids).output().typed()
            })
        }

        #[doc = concat!("The same for a number of segments, of which some may be empty (`", $tf, "` with `num_segments`).")]
        #[track_caller]
        pub fn $with<'g, T: $bound, I: Int32Int64>(
            data: impl TensorLike<'g, T>,
            indices: impl Operand<'g, I>,
            segment_ids: impl Operand<'g, i32>,
            num_segments: impl Operand<'g, i32>,
        ) -> Tensor<'g, T> {
            generated(data.graph(), $op_with, |op| {
                op.arg(data).arg(indices).arg(segment_ids).arg(num_segments).output().typed()
            })
        }
    )*};
}

sparse_segments! {
    /// The mean of each segment of the rows at `indices` (`tf.sparse.segment_mean`).
    sparse_segment_mean sparse_segment_mean_with Float32Float64
        "SparseSegmentMean" "SparseSegmentMeanWithNumSegments" "tf.sparse.segment_mean";
    /// The sum of each segment of the rows at `indices` by the square root of its size (`tf.sparse.segment_sqrt_n`).
    sparse_segment_sqrt_n sparse_segment_sqrt_n_with Float32Float64
        "SparseSegmentSqrtN" "SparseSegmentSqrtNWithNumSegments" "tf.sparse.segment_sqrt_n";
    /// The sum of each segment of the rows at `indices` (`tf.sparse.segment_sum`).
    sparse_segment_sum sparse_segment_sum_with Real
        "SparseSegmentSum" "SparseSegmentSumWithNumSegments" "tf.sparse.segment_sum";
}
