//! Values put into rows by the numbers of the rows.

use super::{AnyMaybeRagged, AnyRaggedTensor, Argument, MaybeRagged, RaggedLike, RaggedTensor};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::array::Item;
use crate::ops::nodes::{Arg, AssertOptions, Comparison, Nodes, Size, Slice};
use crate::ops::types::IndexType;
use crate::shape::Shape;

/// The parts of `data` in the rows that `partitions` tells, in the order in which they stand
/// (`tf.ragged.stack_dynamic_partitions`).
///
/// `partitions` has the shape of `data` or of its first dimensions, and numbers that are less than `num_partitions`, the
/// number of rows of the result. Its rank has to be known.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let (data, rows) = (g.placeholder::<f32>((None, 3)), g.placeholder::<i32>((None,)));
/// let x = ragged::stack_dynamic_partitions(data, rows, 4);
/// assert_eq!(x.shape().to_string(), "[4, ?, 3]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn stack_dynamic_partitions<'g, T: TensorType, I: IndexType>(
    data: impl RaggedLike<'g, T>,
    partitions: impl RaggedLike<'g, I>,
    num_partitions: impl Into<Size<'g>>,
) -> RaggedTensor<'g, T> {
    let n = Nodes(data.graph());
    let arguments = (data.into_argument(), partitions.into_argument());
    let _scope = n.0.open_function_scope("SegmentStack");
    n.stacked_partitions(arguments, num_partitions.into())
        .typed()
}

/// The parts of `data` that `partitions` tells, a tensor or ragged tensor for each of the numbers less than
/// `num_partitions` (`tf.dynamic_partition` with a ragged tensor among its arguments).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, side) = (g.ragged_placeholder::<f32>(1, ()), g.placeholder::<i32>((None,)));
/// let [left, right] = &ragged::dynamic_partition(&x, side, 2)[..] else { unreachable!() };
/// assert_eq!(left.shape().to_string(), "[?, ?]");
/// # let _ = right;
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn dynamic_partition<'g, T: TensorType, I: IndexType>(
    data: impl RaggedLike<'g, T>,
    partitions: impl RaggedLike<'g, I>,
    num_partitions: usize,
) -> Vec<MaybeRagged<'g, T>> {
    let n = Nodes(data.graph());
    let arguments = (data.into_argument(), partitions.into_argument());
    let (data, partitions) = arguments.clone();
    if !n.any_is_ragged(&[data.clone(), partitions.clone()]) {
        return vec![AnyMaybeRagged::from(AnyTensor::poison(n.0)).typed(); num_partitions];
    }
    let name = n.after_dense_with("DynamicPartition", "SegmentStack", || {
        // Python converts the values first.
        if !data.is_ragged() {
            data.clone().convert(n, "data");
        }
    });
    data.probe(n);
    partitions.probe(n);
    let count = Size::from(num_partitions);
    let stacked = {
        let _scope = n.open_scope(&name);
        n.stacked_partitions(arguments, count)
    };
    let stacked = AnyMaybeRagged::from(stacked);
    let _call = n.0.open_unnamed_call(std::panic::Location::caller());
    let part = |at: usize| n.ragged_part(&stacked, &[Item::At(at.into())]).typed();
    (0..num_partitions).map(part).collect()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn stacked_partitions(
        self,
        (data, partitions): (Argument<'g>, Argument<'g>),
        count: Size<'g>,
    ) -> AnyRaggedTensor<'g> {
        let data = data.convert(self, "data");
        let splits = data.row_splits().map(|splits| splits.dtype());
        let partitions = match splits {
            Some(dtype) => partitions.preferring(dtype).convert(self, "partitions"),
            None => partitions.convert(self, "partitions"),
        };
        let count = Arg::from(count).convert(self.0, "num_partitions", partitions.dtype());
        let partitions = match (splits, partitions) {
            (None, partitions) => partitions,
            (Some(dtype), AnyMaybeRagged::Dense(partitions)) => self.cast(partitions, dtype).into(),
            (Some(dtype), AnyMaybeRagged::Ragged(partitions)) => {
                drop(self.open_scope("Cast"));
                let values = self.cast(partitions.flat_values, dtype);
                partitions.with_flat_values(values).into()
            }
        };
        let count = self.cast(count, partitions.dtype());
        self.rows_of_partitions(data, partitions, count)
    }

    /// Rows, once what is no tensor has become one and all numbers are of one dtype.
    #[track_caller]
    fn rows_of_partitions(
        self,
        data: AnyMaybeRagged<'g>,
        partitions: AnyMaybeRagged<'g>,
        count: AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        let refused = |message: String| {
            self.0.report(Rule::Shape, message);
            AnyRaggedTensor::poison(self.0)
        };
        let (shape, of_count) = (partitions.shape(), count.shape());
        let Some(rank) = shape.rank() else {
            return refused("the rank of the partitions must be known".to_owned());
        };
        if of_count.rank().is_some_and(|rank| rank != 0) {
            return refused(format!(
                "num_partitions: expected a scalar, found shape {of_count}"
            ));
        }
        let outer = match data.shape().dims() {
            Some(dims) => Shape::from(&dims[..dims.len().min(rank)]),
            None => Shape::unknown(),
        };
        if !self.compatible("the partitions and the data", &shape, &outer) {
            return AnyRaggedTensor::poison(self.0);
        }
        match (rank, partitions) {
            (0, partitions) => {
                let data = match data {
                    AnyMaybeRagged::Dense(data) => self.stack(vec![data.into()]).into(),
                    data => self.stacked_alone(data),
                };
                let rows = self.stack(vec![partitions.flat_values().into()]);
                self.ragged_of_rowids(data, rows, count)
            }
            (1, partitions) => {
                let partitions = partitions.flat_values();
                let order = self.order_of(partitions);
                let rows = self.gather(partitions, order, 0);
                let values = match data {
                    AnyMaybeRagged::Dense(data) => self.gather(data, order, 0).into(),
                    data => {
                        drop(self.open_scope("GatherV2"));
                        self.ragged_gather(&data, order)
                    }
                };
                let last = self.index(rows, [Slice::from(-1)]);
                let less = Comparison::LESS;
                let options = AssertOptions::default();
                let options = options.message("partitions must be less than num_partitions");
                let check =
                    self.assert_compared(less.name, less, (last.into(), count.into()), options);
                self.0
                    .control_dependencies([check], || self.ragged_of_rowids(values, rows, count))
            }
            (_, partitions) => self.rows_of_inner(data, partitions, count, rank),
        }
    }

    /// Rows of the values of both, whose first rows are the same.
    #[track_caller]
    fn rows_of_inner(
        self,
        data: AnyMaybeRagged<'g>,
        partitions: AnyMaybeRagged<'g>,
        count: AnyTensor<'g>,
        rank: usize,
    ) -> AnyRaggedTensor<'g> {
        let dtype = partitions.dtype();
        let data = match data {
            AnyMaybeRagged::Ragged(data) => data,
            AnyMaybeRagged::Dense(data) => self.ragged_from_tensor(data, 1, dtype),
        };
        let partitions = match partitions {
            AnyMaybeRagged::Ragged(partitions) => partitions,
            AnyMaybeRagged::Dense(partitions) => {
                let ragged_rank = data.ragged_rank().max(rank - 1);
                self.ragged_from_tensor(partitions, ragged_rank, dtype)
            }
        };
        let message = "data and partitions have incompatible ragged shapes";
        let (of_data, of_partitions) = (data.row_splits(), partitions.row_splits());
        if !super::is_of_one_kind(self.0, [of_data, of_partitions]) {
            return AnyRaggedTensor::poison(self.0);
        }
        let check = self.assert_equal_splits(of_data, of_partitions, Some(message));
        self.0.control_dependencies([check], || {
            let _scope = self.open_scope("SegmentStack");
            let (data, partitions) = (data.values(), partitions.values());
            self.stacked_partitions((data.into(), partitions.into()), Size::Tensor(count))
        })
    }

    /// `tf.argsort` of a vector.
    #[track_caller]
    fn order_of(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        let _scope = self.open_scope("argsort");
        self.constant("axis", -1i32);
        let negative = self.unary("Neg", x);
        let count = self.at(self.shape(negative), -1);
        self.rank(negative);
        self.op("TopKV2")
            .input(negative)
            .input(count)
            .finish()
            .output(1)
    }
}
