//! Sums and the like over segments of a tensor.

use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Call, Nodes, Size, function};
use crate::ops::types::{BasicFloat, Float, IndexType, Number, Real};
use crate::ops::{OrDefault, TensorLike};

functions! {
    /// The greatest elements of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_max`).
    segment_max "SegmentMax" <T: Real, I: IndexType>(data: T, segment_ids: I) -> T;
    /// The mean of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_mean`).
    segment_mean "SegmentMean" <T: Number, I: IndexType>(data: T, segment_ids: I) -> T;
    /// The least elements of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_min`).
    segment_min "SegmentMin" <T: Real, I: IndexType>(data: T, segment_ids: I) -> T;
    /// The product of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_prod`).
    segment_prod "SegmentProd" <T: Number, I: IndexType>(data: T, segment_ids: I) -> T;
    /// The sum of each segment of rows, which `segment_ids` numbers in order (`tf.math.segment_sum`).
    segment_sum "SegmentSum" <T: Number, I: IndexType>(data: T, segment_ids: I) -> T;
    /// The greatest elements of each segment, numbered in any order (`tf.math.unsorted_segment_max`).
    unsorted_segment_max "UnsortedSegmentMax" <T: Real, I: IndexType>(data: T, segment_ids: I, num_segments: i32) -> T;
    /// The least elements of each segment, numbered in any order (`tf.math.unsorted_segment_min`).
    unsorted_segment_min "UnsortedSegmentMin" <T: Real, I: IndexType>(data: T, segment_ids: I, num_segments: i32) -> T;
    /// The product of each segment, numbered in any order (`tf.math.unsorted_segment_prod`).
    unsorted_segment_prod "UnsortedSegmentProd" <T: Number, I: IndexType>(data: T, segment_ids: I, num_segments: i32) -> T;
    /// The sum of each segment, numbered in any order (`tf.math.unsorted_segment_sum`).
    unsorted_segment_sum "UnsortedSegmentSum" <T: Number, I: IndexType>(data: T, segment_ids: I, num_segments: i32) -> T;
}

macro_rules! sparse_segments {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal $counted:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Their number is one more than the last of `segment_ids`, or `num_segments`, of which some may be empty.
        #[track_caller]
        pub fn $name<'g, T: $bound, I: IndexType>(
            data: impl TensorLike<'g, T>,
            indices: impl Operand<'g, I>,
            segment_ids: impl Operand<'g, i32>,
            num_segments: impl Into<OrDefault<Size<'g>>>,
        ) -> Tensor<'g, T> {
            let num_segments = num_segments.into().0;
            let op = if num_segments.is_some() { $counted } else { $op };
            let call = function(data.graph(), op).arg(data).arg(indices).arg(segment_ids);
            num_segments.into_iter().fold(call, Call::input).typed()
        }
    )*};
}

sparse_segments! {
    /// The mean of each segment of the rows at `indices` (`tf.sparse.segment_mean`).
    sparse_segment_mean BasicFloat "SparseSegmentMean" "SparseSegmentMeanWithNumSegments";
    /// The sum of each segment of the rows at `indices` by the square root of its size (`tf.sparse.segment_sqrt_n`).
    sparse_segment_sqrt_n BasicFloat "SparseSegmentSqrtN" "SparseSegmentSqrtNWithNumSegments";
    /// The sum of each segment of the rows at `indices` (`tf.sparse.segment_sum`).
    sparse_segment_sum Real "SparseSegmentSum" "SparseSegmentSumWithNumSegments";
}

macro_rules! averaged_segments {
    ($($(#[$doc:meta])* $name:ident $scope:literal $root:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// An unknown rank is a fault.
        #[track_caller]
        pub fn $name<'g, T: Float, I: IndexType>(
            data: impl TensorLike<'g, T>,
            segment_ids: impl Operand<'g, I>,
            num_segments: impl Into<Size<'g>>,
        ) -> Tensor<'g, T> {
            let (n, _scope) = Nodes::in_scope(data.graph(), $scope);
            let data = n.tensor(data, "Const");
            let ids = n.tensor(segment_ids, "Const");
            averaged(n.0, (data, ids), num_segments.into().into(), $root).typed()
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
    let count = sum(n.filled("ones", 1.0, data.dtype(), shape.into()));
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
