//! Rows of ragged tensors put together by the segments that they belong to.

use super::partition::Rows;
use super::{
    AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, RaggedTensor, is_of_one_kind,
};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::{Arg, Axes, Nodes, Size};
use crate::ops::types::{Float, IndexType, Number, Real};

/// The way in which the elements of a segment are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aggregate<'a> {
    /// The op that reduces along axes.
    pub(super) reduce: &'static str,
    /// The op of segments.
    segment: &'static str,
    /// The text between strings that are joined.
    separator: Option<&'a str>,
}

impl<'a> Aggregate<'a> {
    pub(super) const SUM: Self = Aggregate::of("Sum", "UnsortedSegmentSum");
    pub(super) const PROD: Self = Aggregate::of("Prod", "UnsortedSegmentProd");
    pub(super) const MIN: Self = Aggregate::of("Min", "UnsortedSegmentMin");
    pub(super) const MAX: Self = Aggregate::of("Max", "UnsortedSegmentMax");

    const fn of(reduce: &'static str, segment: &'static str) -> Self {
        Aggregate {
            reduce,
            segment,
            separator: None,
        }
    }

    pub(super) fn join(separator: &'a str) -> Self {
        Aggregate {
            separator: Some(separator),
            ..Aggregate::of("ReduceJoin", "UnsortedSegmentJoin")
        }
    }

    /// A tensor reduced under a name; Python forgets the separator where it joins along all axes of a ragged tensor.
    #[track_caller]
    pub(super) fn reduced<'g>(
        self,
        n: Nodes<'g>,
        name: &str,
        x: &AnyMaybeRagged<'g>,
        axes: &Axes,
    ) -> AnyTensor<'g> {
        let flat_values = Arg::from(x.flat_values());
        match self.separator {
            None => n.reduce_as((self.reduce, name), flat_values, axes),
            Some(separator) => {
                let separator = x.as_ragged().map_or(separator, |_| "");
                n.reduce_join_as(name, flat_values, axes, separator)
            }
        }
    }
}

macro_rules! segments {
    ($($(#[$doc:meta])* $name:ident $bound:ident $default:literal $aggregate:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// A row of the result is as long as the longest row of its segment. The shape of `segment_ids` begins that of
        /// `data`.
        #[track_caller]
        pub fn $name<'g, T: $bound, I: IndexType>(
            data: &RaggedTensor<'g, T>,
            segment_ids: impl RaggedLike<'g, I>,
            num_segments: impl Into<Size<'g>>,
        ) -> MaybeRagged<'g, T> {
            let n = Nodes(data.graph());
            let name = n.after_dense(Aggregate::$aggregate.segment, $default);
            let (ids, count) = (segment_ids.into_argument(), Arg::from(num_segments.into()));
            ids.probe(n);
            let _scope = n.open_scope(&name);
            let ids = ids.convert(n, "segment_ids");
            n.aggregated_rows(Aggregate::$aggregate, data.any().into(), ids, count).typed()
        }
    )*};
}

segments! {
    /// The sums of the rows of each segment (`tf.math.unsorted_segment_sum` of a ragged tensor).
    ///
    /// ```
    /// use tfhub::ops::ragged;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(1, ());
    /// let ids = g.placeholder::<i64>((None,));
    /// let sums = ragged::segment_sum(&x, ids, 3).ragged();
    /// assert_eq!(sums.shape().to_string(), "[3, ?]");
    /// ```
    segment_sum Number "RaggedSegmentSum" SUM;
    /// The products of the rows of each segment (`tf.math.unsorted_segment_prod` of a ragged tensor).
    segment_prod Number "RaggedSegmentProd" PROD;
    /// The least elements of the rows of each segment (`tf.math.unsorted_segment_min` of a ragged tensor).
    segment_min Real "RaggedSegmentMin" MIN;
    /// The greatest elements of the rows of each segment (`tf.math.unsorted_segment_max` of a ragged tensor).
    segment_max Real "RaggedSegmentMax" MAX;
}

macro_rules! averages {
    ($($(#[$doc:meta])* $name:ident $dense:literal $default:literal $root:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Float, I: IndexType>(
            data: &RaggedTensor<'g, T>,
            segment_ids: impl RaggedLike<'g, I>,
            num_segments: impl Into<Size<'g>>,
        ) -> MaybeRagged<'g, T> {
            let n = Nodes(data.graph());
            let name = n.after_dense($dense, $default);
            let (ids, count) = (segment_ids.into_argument(), Arg::from(num_segments.into()));
            ids.probe(n);
            let _scope = n.open_scope(&name);
            let sum = |x: &AnyRaggedTensor<'g>| {
                let _scope = n.open_scope("RaggedSegmentSum");
                let ids = ids.clone().convert(n, "segment_ids");
                n.aggregated_rows(Aggregate::SUM, x.clone().into(), ids, count.clone())
            };
            let total = sum(&data.any);
            let count = sum(&data.any.ones_like());
            n.quotient(total, count, $root).typed()
        }
    )*};
}

averages! {
    /// The means of the rows of each segment (`tf.math.unsorted_segment_mean` of a ragged tensor).
    segment_mean "UnsortedSegmentMean" "RaggedSegmentMean" false;
    /// The sums of the rows of each segment by the square roots of their number (`tf.math.unsorted_segment_sqrt_n` of a
    /// ragged tensor).
    segment_sqrt_n "UnsortedSegmentSqrtN" "RaggedSegmentSqrtN" true;
}

impl<'g> AnyRaggedTensor<'g> {
    /// Ones in the same rows.
    #[track_caller]
    pub(super) fn ones_like(&self) -> Self {
        let n = self.nodes();
        let ones = n.ones_like(self.flat_values);
        n.ragged_nested(Rows::Splits, ones, &self.nested_row_splits())
            .ragged()
    }
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn quotient(
        self,
        total: AnyMaybeRagged<'g>,
        count: AnyMaybeRagged<'g>,
        root: bool,
    ) -> AnyMaybeRagged<'g> {
        let count = count.flat_values();
        let divisor = if root {
            self.unary("Sqrt", count)
        } else {
            count
        };
        let quotient = self.truediv(total.flat_values(), divisor);
        match total {
            AnyMaybeRagged::Dense(_) => quotient.into(),
            AnyMaybeRagged::Ragged(total) => total.with_flat_values(quotient).into(),
        }
    }

    /// The elements of each segment, of which the segment of each row is known.
    #[track_caller]
    pub(super) fn aggregated(
        self,
        aggregate: Aggregate<'_>,
        data: AnyMaybeRagged<'g>,
        segment_ids: AnyTensor<'g>,
        num_segments: Arg<'g>,
    ) -> AnyMaybeRagged<'g> {
        if let AnyMaybeRagged::Dense(data) = data {
            let call = self.op(aggregate.segment).input(data).input(segment_ids);
            let call = call.input(num_segments);
            let call = match aggregate.separator {
                Some(separator) => call.attr("separator", separator),
                None => call,
            };
            return call.output().into();
        }
        let _scope = self.open_scope("RaggedSegment");
        self.aggregated_rows(aggregate, data, segment_ids.into(), num_segments)
    }

    #[track_caller]
    fn aggregated_rows(
        self,
        aggregate: Aggregate<'_>,
        data: AnyMaybeRagged<'g>,
        segment_ids: AnyMaybeRagged<'g>,
        num_segments: Arg<'g>,
    ) -> AnyMaybeRagged<'g> {
        let data = match data {
            AnyMaybeRagged::Ragged(data) => data,
            AnyMaybeRagged::Dense(_) => {
                let message = "the shape of the segment ids does not begin that of the data";
                return self.fault(Rule::Shape, message).into();
            }
        };
        let splits = [Some(data.row_splits()), segment_ids.row_splits()];
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return AnyTensor::poison(self.0).into();
        }
        let ids = match segment_ids {
            AnyMaybeRagged::Dense(ids) => ids,
            AnyMaybeRagged::Ragged(ids) => {
                let message = "segment_ids.shape must be a prefix of data.shape";
                let check =
                    self.assert_equal_splits(ids.row_splits(), data.row_splits(), Some(message));
                return self.0.control_dependencies([check], || match ids.values() {
                    AnyMaybeRagged::Dense(ids) => {
                        self.aggregated(aggregate, data.values(), ids, num_segments)
                    }
                    AnyMaybeRagged::Ragged(ids) => {
                        let _scope = self.open_scope("RaggedSegment");
                        self.aggregated_rows(aggregate, data.values(), ids.into(), num_segments)
                    }
                });
            }
        };
        let lengths = self.lengths_of(data.row_splits());
        let longest = self.op("UnsortedSegmentMax").input(lengths).input(ids);
        let longest = longest.input(num_segments).output();
        let out_lengths = self.maximum(longest, 0);
        let zero = self.filled("zeros", 0.0, out_lengths.dtype(), [1].into());
        let ends = self.cumsum(out_lengths);
        let splits = self.concat(vec![zero.into(), ends.into()], 0);
        let starts = self.gather(splits, ids, 0);
        let limits = self.add(starts, lengths);
        let places = self.ragged_range(starts.into(), limits.into()).flat_values;
        let count = self.at(splits, -1);
        let values = self.aggregated(aggregate, data.values(), places, count.into());
        self.ragged(Rows::Splits, values, splits).into()
    }

    /// `tf.ragged.range` with steps of 1.
    #[track_caller]
    pub(super) fn ragged_range(self, starts: Arg<'g>, limits: Arg<'g>) -> AnyRaggedTensor<'g> {
        self.ragged_range_as("RaggedRange", [starts, limits, 1.into()], DType::Int64)
    }
}
