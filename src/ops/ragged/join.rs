//! Ragged tensors joined.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, Argument, MaybeRagged, RaggedLike, is_of_one_kind};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::array::Permutation;
use crate::ops::nodes::{Arg, Nodes, Size, Slice};

/// Tensors of which some are ragged, joined along an axis (`tf.concat` with a ragged tensor among its arguments).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.ragged_placeholder::<f32>(1, ()), g.ragged_placeholder::<f32>(1, ()));
/// let rows = ragged::concat(&g, [&x, &y], 1).ragged();
/// assert_eq!(rows.shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn concat<'g, T: TensorType>(
    g: &'g GraphBuilder,
    values: impl IntoIterator<Item = impl RaggedLike<'g, T>>,
    axis: i32,
) -> MaybeRagged<'g, T> {
    let (n, values) = (Nodes(g), values.into_iter());
    let values: Vec<_> = values.map(RaggedLike::into_argument).collect();
    if !n.any_is_ragged(&values) {
        return AnyMaybeRagged::from(AnyTensor::poison(g)).typed();
    }
    if let [only] = &values[..] {
        let name = g.requested_name("concat").into_owned();
        let _scope = n.open_scope(&name);
        n.constant("concat_dim", axis);
        drop(n.open_scope(&name));
        let only = only.clone().convert(n, "rt_input").ragged();
        let copy = n.identity(&name, only.flat_values);
        return AnyMaybeRagged::from(only.with_flat_values(copy)).typed();
    }
    let name = n.after_dense("concat", "RaggedConcat");
    let _scope = n.open_scope(&name);
    n.joined_ragged_arguments(values, axis, false).typed()
}

/// Tensors stacked along a new axis, in which their rows keep their lengths (`tf.ragged.stack`).
#[track_caller]
pub fn stack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    values: impl IntoIterator<Item = impl RaggedLike<'g, T>>,
    axis: i32,
) -> MaybeRagged<'g, T> {
    let values = values.into_iter().map(RaggedLike::into_argument).collect();
    let _scope = g.open_function_scope("RaggedConcat");
    Nodes(g).joined_ragged_arguments(values, axis, true).typed()
}

impl<'g> Nodes<'g> {
    /// `tf.concat` along the first axis, in a function of ours.
    #[track_caller]
    pub(super) fn joined_again(self, values: Vec<AnyMaybeRagged<'g>>) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedConcat");
        self.joined_ragged(values, 0, false)
    }

    /// `tf.stack` of one ragged tensor, in a function of ours.
    #[track_caller]
    pub(super) fn stacked_alone(self, value: AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedConcat");
        self.joined_ragged(vec![value], 0, true)
    }

    #[track_caller]
    fn joined_ragged_arguments(
        self,
        values: Vec<Argument<'g>>,
        axis: i32,
        is_stack: bool,
    ) -> AnyMaybeRagged<'g> {
        let values = values.into_iter();
        let values = values.map(|value| value.convert(self, "rt_input"));
        self.joined_ragged(values.collect(), axis, is_stack)
    }

    #[track_caller]
    fn joined_ragged(
        self,
        mut values: Vec<AnyMaybeRagged<'g>>,
        axis: i32,
        is_stack: bool,
    ) -> AnyMaybeRagged<'g> {
        let poison = || AnyMaybeRagged::from(AnyTensor::poison(self.0));
        let splits = values.iter().filter_map(AnyMaybeRagged::row_splits);
        let splits: Vec<_> = splits.collect();
        if !is_of_one_kind(self.0, splits.iter().copied()) {
            return poison();
        }
        let dtype = splits.first().map_or(DType::Int64, AnyTensor::dtype);
        if let [only] = &values[..] {
            return match is_stack {
                true => self.ragged_expand_dims(only.clone(), axis),
                false => only.clone(),
            };
        }
        let Some(first) = values.first() else {
            return self
                .fault(Rule::Inputs, "expected at least one tensor, found none")
                .into();
        };
        let rank = first.shape().rank();
        for value in &values {
            let shape = value.shape();
            if rank.is_some() && shape.rank().is_some() && shape.rank() != rank {
                let (first, other) = (first.shape(), shape);
                let message = format!("expected tensors of one rank, found {first} and {other}");
                return self.fault(Rule::Shape, message).into();
            }
        }
        let out_rank = rank.map(|rank| rank + usize::from(is_stack));
        let Some(axis) = self.axis_of(axis, out_rank) else {
            return poison();
        };
        let is_last = rank.is_some_and(|rank| Some(axis + 1) == out_rank || axis + 1 == rank);
        if splits.is_empty() && is_last {
            let values: Vec<_> = values.iter().map(AnyMaybeRagged::flat_values).collect();
            return match is_stack {
                true => {
                    let pack = self.named("Pack", "stack").tensors(values);
                    pack.attr("axis", axis as i64).output().into()
                }
                false => self.concat(Arg::tensors(&values), axis as i32).into(),
            };
        }
        for value in &mut values {
            if let AnyMaybeRagged::Dense(tensor) = value {
                *value = self.ragged_from_tensor(*tensor, 1, dtype).into();
            }
        }
        let ranks = values.iter().filter_map(AnyMaybeRagged::as_ragged);
        let ragged_rank = ranks.map(AnyRaggedTensor::ragged_rank).max().unwrap_or(1);
        let values = values.into_iter();
        let values = values.map(|value| self.of_ragged_rank(value, ragged_rank, dtype));
        let values: Vec<_> = values.collect();
        match axis {
            0 => self.joined_rows(&values, is_stack),
            1 => self.joined_within_rows(&values, is_stack),
            _ => {
                let splits: Vec<_> = values.iter().map(|x| vec![x.row_splits()]).collect();
                let inner = values.iter().map(AnyRaggedTensor::values).collect();
                let checks = self.assert_same_splits(&splits);
                self.0.control_dependencies(checks, || {
                    let joined = self.joined_ragged(inner, axis as i32 - 1, is_stack);
                    self.ragged(Rows::Splits, joined, splits[0][0]).into()
                })
            }
        }
    }

    /// The tensor with more of its dimensions ragged.
    #[track_caller]
    fn of_ragged_rank(
        self,
        x: AnyMaybeRagged<'g>,
        ragged_rank: usize,
        dtype: DType,
    ) -> AnyRaggedTensor<'g> {
        let ragged = match x {
            AnyMaybeRagged::Dense(x) => self.ragged_from_tensor(x, 1, dtype),
            AnyMaybeRagged::Ragged(x) => x,
        };
        match ragged.ragged_rank() < ragged_rank && !ragged.flat_values.is_poison() {
            true => {
                let values = self.of_ragged_rank(ragged.values(), ragged_rank - 1, dtype);
                ragged.with_values(values)
            }
            false => ragged,
        }
    }

    #[track_caller]
    fn joined_rows(self, values: &[AnyRaggedTensor<'g>], is_stack: bool) -> AnyMaybeRagged<'g> {
        let flat_values: Vec<_> = values.iter().map(|x| x.flat_values).collect();
        let flat_values = self.concat(Arg::tensors(&flat_values), 0);
        let dimension = |at: usize| {
            let splits = values.iter().map(|x| x.partitions[at].row_splits);
            self.joined_splits(&splits.collect::<Vec<_>>())
        };
        let mut splits: Vec<_> = (0..values[0].ragged_rank()).map(dimension).collect();
        if is_stack {
            let lengths = values.iter().map(|x| x.own_nrows().into());
            let lengths = self.stack(lengths.collect());
            splits.insert(0, self.splits_of(lengths));
        }
        self.ragged_nested(Rows::Splits, flat_values, &splits)
    }

    /// Row splits one after the other, each shifted to where those before it end.
    #[track_caller]
    fn joined_splits(self, splits: &[AnyTensor<'g>]) -> AnyTensor<'g> {
        let mut pieces = vec![splits[0].into()];
        let mut end = self.at(splits[0], -1);
        for &splits in &splits[1..] {
            let shifted = self.add(self.index(splits, [Slice::from(1)]), end);
            pieces.push(shifted.into());
            end = self.add(end, self.at(splits, -1));
        }
        self.concat(pieces, 0)
    }

    #[track_caller]
    fn joined_within_rows(
        self,
        values: &[AnyRaggedTensor<'g>],
        is_stack: bool,
    ) -> AnyMaybeRagged<'g> {
        let count = values.len() as i32;
        let nrows = values[0].own_nrows();
        let message = "Input tensors have incompatible shapes.";
        let check =
            |x: &AnyRaggedTensor<'g>| self.assert_equal_splits(x.own_nrows(), nrows, Some(message));
        let checks: Vec<_> = values[1..].iter().map(check).collect();
        self.0.control_dependencies(checks, || {
            let rows = self.joined_rows(values, false);
            let numbers = self.numbers_to(self.mul(nrows, count));
            let by_tensor = self.reshape(numbers, [count, -1]);
            let permutation = Permutation::from(());
            let by_row = self.permuted(("Transpose", "transpose"), by_tensor.into(), permutation);
            let order = self.reshape(by_row, [-1]);
            let rows = self.ragged_gather(&rows, order).ragged();
            let known = values.iter().map(|x| x.row_splits().shape());
            let known: Vec<_> = known.collect();
            if is_stack {
                let end = self.add(self.mul(nrows, count), 1);
                let splits = self.counted("range", 0.into(), end.into(), count.into());
                known.into_iter().for_each(|known| splits.set_shape(known));
                return self.ragged(Rows::Splits, rows, splits).into();
            }
            let step = Size::Known(count.into());
            let splits = self.index(rows.row_splits(), [Slice::Range(None, None, step)]);
            known.into_iter().for_each(|known| splits.set_shape(known));
            self.ragged(Rows::Splits, rows.values(), splits).into()
        })
    }
}
