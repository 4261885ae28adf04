//! Rows and values of ragged tensors by their positions.

use super::argument::Argument;
use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, is_of_one_kind};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::Nodes;
use crate::ops::types::IndexType;

/// The rows that the indices name, in the shape of the indices (`tf.gather` with a ragged tensor among its arguments).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(1, ());
/// let rows = ragged::gather(&x, g.value([3, 0])).ragged();
/// assert_eq!(rows.shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn gather<'g, T: TensorType, I: IndexType>(
    params: impl RaggedLike<'g, T>,
    indices: impl RaggedLike<'g, I>,
) -> MaybeRagged<'g, T> {
    let n = Nodes(params.graph());
    let arguments = (params.into_argument(), indices.into_argument());
    let names = ["GatherV2", "RaggedGather"];
    n.choice(names, arguments, First::Params, |params, indices| {
        n.gathered(&params, indices)
    })
    .typed()
}

/// In each row of `params`, the values that the same row of the indices names (`tf.batch_gather` with a ragged tensor among
/// its arguments).
#[track_caller]
pub fn batch_gather<'g, T: TensorType, I: IndexType>(
    params: impl RaggedLike<'g, T>,
    indices: impl RaggedLike<'g, I>,
) -> MaybeRagged<'g, T> {
    let n = Nodes(params.graph());
    let arguments = (params.into_argument(), indices.into_argument());
    let names = ["BatchGather", "RaggedBatchGather"];
    n.choice(names, arguments, First::Indices, |params, indices| {
        n.batch_gathered(params, indices)
    })
    .typed()
}

/// The argument that Python's function for dense tensors converts first, unless it is ragged.
#[derive(Debug, Clone, Copy)]
pub(super) enum First {
    Params,
    Indices,
}

impl<'g> Nodes<'g> {
    /// A function that chooses values of a ragged tensor, or by one, in a scope of its own; that neither is ragged is
    /// reported.
    #[track_caller]
    pub(super) fn choice(
        self,
        [of_dense, of_ragged]: [&'static str; 2],
        (params, indices): (Argument<'g>, Argument<'g>),
        first: First,
        chosen: impl FnOnce(AnyMaybeRagged<'g>, AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        if !self.any_is_ragged(&[params.clone(), indices.clone()]) {
            return AnyTensor::poison(self.0).into();
        }
        let name = self.after_dense_with(of_dense, of_ragged, || {
            let (first, name) = match first {
                First::Params => (&params, "params"),
                First::Indices => (&indices, "indices"),
            };
            if !first.is_ragged() {
                first.clone().convert(self, name);
            }
        });
        params.probe(self);
        indices.probe(self);
        let _scope = self.open_scope(&name);
        let params = params.convert(self, "params");
        chosen(params, indices.convert(self, "indices"))
    }

    /// `tf.gather` of a ragged tensor.
    #[track_caller]
    pub(super) fn ragged_gather(
        self,
        params: &AnyMaybeRagged<'g>,
        indices: impl Into<AnyMaybeRagged<'g>>,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedGather");
        self.gathered(params, indices.into())
    }

    #[track_caller]
    fn gathered(
        self,
        params: &AnyMaybeRagged<'g>,
        indices: AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let splits = [params.row_splits(), indices.row_splits()];
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return AnyTensor::poison(self.0).into();
        }
        let indices = match indices {
            AnyMaybeRagged::Dense(indices) => indices,
            AnyMaybeRagged::Ragged(indices) => {
                let gathered = self.ragged_gather(params, indices.values());
                return indices.with_values(gathered).into();
            }
        };
        let params = match params {
            AnyMaybeRagged::Dense(params) => return self.gather(*params, indices, 0).into(),
            AnyMaybeRagged::Ragged(params) => params,
        };
        let Some(rank) = indices.shape().rank() else {
            return self
                .fault(Rule::Shape, "the rank of the indices must be known")
                .into();
        };
        let ragged_rank = rank + params.ragged_rank() - 1;
        let node = self.op("RaggedGather").tensors(params.nested_row_splits());
        let node = node.input(params.flat_values).input(indices);
        let node = node.attr("OUTPUT_RAGGED_RANK", ragged_rank as i64).finish();
        let splits: Vec<_> = (0..ragged_rank).map(|at| node.output(at)).collect();
        self.ragged_nested(Rows::Splits, node.output(ragged_rank), &splits)
    }

    #[track_caller]
    fn batch_gathered(
        self,
        params: AnyMaybeRagged<'g>,
        indices: AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let unfit = |message: &str| AnyMaybeRagged::from(self.fault(Rule::Shape, message));
        let splits = [params.row_splits(), indices.row_splits()];
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return AnyTensor::poison(self.0).into();
        }
        let rank = indices.shape().rank();
        match (params, indices) {
            (AnyMaybeRagged::Dense(_), AnyMaybeRagged::Dense(_)) => {
                unfit("expected indices whose outer dimensions are ragged")
            }
            (params, AnyMaybeRagged::Ragged(indices)) if rank.is_some_and(|rank| rank > 2) => {
                let Some(params) = params.as_ragged() else {
                    return unfit("the rows of the indices are not those of the tensor");
                };
                let check =
                    self.assert_equal_splits(params.row_splits(), indices.row_splits(), None);
                self.0.control_dependencies([check], || {
                    let _scope = self.open_scope("RaggedBatchGather");
                    let values = self.batch_gathered(params.values(), indices.values());
                    self.ragged(Rows::Splits, values, indices.row_splits())
                        .into()
                })
            }
            (params, AnyMaybeRagged::Ragged(indices)) => {
                let params = match params {
                    AnyMaybeRagged::Ragged(params) => params,
                    AnyMaybeRagged::Dense(params) => {
                        let dtype = indices.row_splits_dtype();
                        self.ragged_from_tensor(params, 1, dtype)
                    }
                };
                let counts = indices.own_row_lengths();
                let starts = self.row_starts_of(&params);
                let starts = self.repeat_as("Repeat", starts.into(), counts.into(), 0);
                let at = self.cast(indices.values().flat_values(), starts.dtype());
                let at = self.add(at, starts);
                let values = self.ragged_gather(&params.values(), at);
                self.ragged(Rows::Splits, values, indices.row_splits())
                    .into()
            }
            (AnyMaybeRagged::Ragged(params), AnyMaybeRagged::Dense(indices)) => match rank {
                Some(1) => self.ragged_gather(&params.into(), indices),
                Some(2) => {
                    let starts = self.expand_dims(self.row_starts_of(&params), 1);
                    let at = self.cast(indices, starts.dtype());
                    let at = self.add(at, starts);
                    self.ragged_gather(&params.values(), at)
                }
                _ => unfit("expected indices of one or two dimensions"),
            },
        }
    }

    /// `row_starts()`
    #[track_caller]
    pub(super) fn row_starts_of(self, x: &AnyRaggedTensor<'g>) -> AnyTensor<'g> {
        let _scope = self.open_scope("RaggedRowStarts");
        x.row_starts()
    }
}
