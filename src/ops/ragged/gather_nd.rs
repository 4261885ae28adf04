//! Values of ragged tensors by their places in several dimensions.

use super::gather::First;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, is_of_one_kind};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::{Nodes, Slice};
use crate::ops::types::IndexType;

/// The values or rows that each innermost vector of the indices names (`tf.gather_nd` with a ragged tensor among its
/// arguments).
///
/// The length of those vectors has to be known. A vector names a place in as many first dimensions of `params`, so what
/// it names is ragged if it leaves a ragged dimension. Python has no batch dimensions here.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(2, ());
/// let values = ragged::gather_nd(&x, g.value([[0, 1, 2], [3, 0, 0]])).tensor();
/// assert_eq!(values.shape().to_string(), "[2]");
/// let rows = ragged::gather_nd(&x, g.placeholder::<i64>((None, 2))).ragged();
/// assert_eq!(rows.ragged_rank(), 1);
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn gather_nd<'g, T: TensorType, I: IndexType>(
    params: impl RaggedLike<'g, T>,
    indices: impl RaggedLike<'g, I>,
) -> MaybeRagged<'g, T> {
    let n = Nodes(params.graph());
    let arguments = (params.into_argument(), indices.into_argument());
    let names = ["GatherNd", "RaggedGatherNd"];
    n.choice(names, arguments, First::Params, |params, indices| {
        n.gathered_nd(params, indices)
    })
    .typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn gathered_nd(
        self,
        params: AnyMaybeRagged<'g>,
        indices: AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let unfit = |message: &str| AnyMaybeRagged::from(self.fault(Rule::Shape, message));
        let splits = [params.row_splits(), indices.row_splits()];
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return AnyTensor::poison(self.0).into();
        }
        let shape = indices.shape();
        let rank = match shape.rank() {
            None => return unfit("the rank of the indices must be known"),
            Some(0) => {
                return unfit("expected indices with at least one dimension, found a scalar");
            }
            Some(rank) => rank,
        };
        let ragged_rank = indices.as_ragged().map_or(0, AnyRaggedTensor::ragged_rank);
        if ragged_rank > 0 && ragged_rank + 1 == rank {
            return unfit("the last dimension of the indices must not be ragged");
        }
        let Some(size) = shape.dim(-1) else {
            return unfit("the size of the last dimension of the indices must be known");
        };
        match (params, indices) {
            (params, AnyMaybeRagged::Ragged(indices)) => {
                let flat = indices.flat_values;
                let gathered = match params {
                    AnyMaybeRagged::Dense(params) => self.binary("GatherNd", params, flat).into(),
                    params => self.gathered_nd_again(params, flat),
                };
                indices.with_flat_values(gathered).into()
            }
            (AnyMaybeRagged::Ragged(params), AnyMaybeRagged::Dense(indices)) if rank > 2 => {
                let dtype = params.row_splits_dtype();
                let indices = self.ragged_from_tensor(indices, rank - 2, dtype);
                let gathered = self.gathered_nd_again(params.into(), indices.flat_values);
                let gathered = indices.with_flat_values(gathered);
                match gathered.ragged_rank() == rank - 2 {
                    true => gathered.to_tensor_as("RaggedToTensor", None).into(),
                    false => gathered.into(),
                }
            }
            (AnyMaybeRagged::Ragged(params), AnyMaybeRagged::Dense(indices)) => match size {
                0 => self.whole_for_each(params, indices, rank),
                1 => self.ragged_gather(&params.into(), self.reshape(indices, [-1])),
                _ => self.gathered_at_places(&params, indices, size as i32),
            },
            // One of them is ragged.
            (AnyMaybeRagged::Dense(_), AnyMaybeRagged::Dense(_)) => {
                AnyTensor::poison(self.0).into()
            }
        }
    }

    #[track_caller]
    fn gathered_nd_again(
        self,
        params: AnyMaybeRagged<'g>,
        indices: AnyTensor<'g>,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedGatherNd");
        self.gathered_nd(params, indices.into())
    }

    /// All of it for each index, which is an empty vector.
    #[track_caller]
    fn whole_for_each(
        self,
        params: AnyRaggedTensor<'g>,
        indices: AnyTensor<'g>,
        rank: usize,
    ) -> AnyMaybeRagged<'g> {
        let flat_rank = self.rank(params.flat_values);
        let dimensions = self.add(params.ragged_rank() as i32, flat_rank);
        let mut expanded = AnyMaybeRagged::from(params);
        for _ in 1..rank {
            expanded = self.ragged_expand_dims(expanded, 0);
        }
        let outer = self.index(self.shape(indices), [Slice::to(-1)]);
        let once = self.filled(
            "ones",
            1.0,
            DType::Int32,
            [dimensions.typed::<i32>()].into(),
        );
        let multiples = self.concat(vec![outer.into(), once.into()], 0);
        self.ragged_tile(&expanded.ragged(), multiples.into())
            .into()
    }

    /// The rows or values at places in two or more dimensions.
    #[track_caller]
    fn gathered_at_places(
        self,
        params: &AnyRaggedTensor<'g>,
        indices: AnyTensor<'g>,
        size: i32,
    ) -> AnyMaybeRagged<'g> {
        let indices = self.cast(indices, params.row_splits_dtype());
        let column = |at: i32| self.index(indices, [Slice::Ellipsis, Slice::at(at)]);
        let at = self.gather(params.row_splits(), column(0), 0);
        let mut at = self.add(at, column(1));
        let mut values = params.values();
        for dimension in 2..size {
            let rows = match values {
                AnyMaybeRagged::Ragged(rows) => rows,
                AnyMaybeRagged::Dense(values) => {
                    let first = self.expand_dims(at, 1);
                    let rest = self.index(indices, [Slice::Ellipsis, Slice::from(dimension)]);
                    let places = self.concat(vec![first.into(), rest.into()], 1);
                    return self.binary("GatherNd", values, places).into();
                }
            };
            let begins = self.gather(self.row_starts_of(&rows), at, 0);
            at = self.add(begins, column(dimension));
            values = rows.values();
        }
        self.ragged_gather(&values, at)
    }
}
