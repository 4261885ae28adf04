//! Row splits as the numbers of rows, and back.

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::IndexType;
use crate::ops::{OrDefault, TensorLike, constant_value};

/// The number of the row of each of the values between row splits (`tf.ragged.row_splits_to_segment_ids`).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let ids = ragged::row_splits_to_segment_ids(g.value([0i64, 3, 3, 5]));
/// assert_eq!(ids.shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn row_splits_to_segment_ids<'g, I: IndexType>(
    splits: impl TensorLike<'g, I>,
) -> Tensor<'g, I> {
    let n = Nodes(splits.graph());
    let name = n.0.requested_name("RaggedSplitsToSegmentIds");
    n.segment_ids_as(&name, Arg::of(splits)).typed()
}

/// The row splits of values whose rows are these, as an `I` (`tf.ragged.segment_ids_to_row_splits`).
///
/// There are `num_segments` rows, `()` for one more than the last id.
#[track_caller]
pub fn segment_ids_to_row_splits<'g, I: IndexType>(
    segment_ids: impl TensorLike<'g, I>,
    num_segments: impl Into<OrDefault<i32>>,
) -> Tensor<'g, I> {
    let n = Nodes(segment_ids.graph());
    let name = n.0.requested_name("SegmentIdsToRaggedSplits");
    let num_segments = num_segments.into().0;
    n.row_splits_as(&name, Arg::of(segment_ids), num_segments, I::DTYPE)
        .typed()
}

impl<'g> Nodes<'g> {
    /// `tf.ragged.row_splits_to_segment_ids`
    #[track_caller]
    pub(super) fn segment_ids(self, splits: AnyTensor<'g>) -> AnyTensor<'g> {
        self.segment_ids_as("RaggedSplitsToSegmentIds", splits.into())
    }

    #[track_caller]
    fn segment_ids_as(self, name: &str, splits: Arg<'g>) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let splits = splits.convert(self.0, "splits", DType::Int64);
        let found = splits.shape();
        if found.rank().is_some_and(|rank| rank != 1) || found.dim(0) == Some(0) {
            let message =
                format!("splits: expected a vector that is not empty, found shape {found}");
            return self.fault(Rule::Shape, message);
        }
        let lengths = self.lengths_of(splits);
        let shape = self.shape_as("Shape", splits, splits.dtype());
        let nrows = self.sub(self.at(shape, -1), 1);
        let ids = self.numbers_to(nrows);
        self.repeat_as("Repeat", ids.into(), lengths.into(), 0)
    }

    #[track_caller]
    fn row_splits_as(
        self,
        name: &str,
        segment_ids: Arg<'g>,
        num_segments: Option<i32>,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let int32 = |x: AnyTensor<'g>| {
            let cast = self.0.op("Cast").input(x);
            cast.attr("DstT", DType::Int32).output()
        };
        let ids = segment_ids.convert(self.0, "segment_ids", DType::Int32);
        let ids = int32(ids);
        let found = ids.shape();
        if found.rank().is_some_and(|rank| rank != 1) {
            let message = format!("segment_ids: expected a vector, found shape {found}");
            return self.fault(Rule::Shape, message);
        }
        let count = num_segments.map(|count| int32(self.constant("num_segments", count)));
        let limits = [count.map(Arg::from), count.map(Arg::from)];
        let lengths = self.bincount_as("bincount", ids.into(), limits, dtype);
        let limits = self.cumsum(lengths);
        let zero = Arg::List(vec![0.into()]);
        let splits = self.concat(vec![zero, limits.into()], 0);
        let known = count.and_then(constant_value::of);
        let known = known.and_then(|count| count.to_i64s()?.first().copied());
        if let Some(known) = known.and_then(|known| usize::try_from(known).ok()) {
            splits.set_shape([known.saturating_add(1)]);
        }
        splits
    }
}
