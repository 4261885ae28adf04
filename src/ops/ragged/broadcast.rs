//! Tensors broadcast to the shapes of ragged ones.

use super::dynamic_shape::DynamicShape;
use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, is_of_one_kind};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes};

impl<'g> Nodes<'g> {
    /// Two tensors of which one is ragged, with the rows that both broadcast to; nothing if they cannot have the same, which
    /// is reported. Dimensions of flat values stay as they are.
    #[track_caller]
    pub(super) fn with_same_rows(
        self,
        x: AnyMaybeRagged<'g>,
        y: AnyMaybeRagged<'g>,
    ) -> Option<(AnyMaybeRagged<'g>, AnyMaybeRagged<'g>)> {
        let splits = [x.row_splits(), y.row_splits()];
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return None;
        }
        let ranks = [x.flat_values(), y.flat_values()].map(|values| values.shape().rank());
        if ranks.contains(&None) {
            let message = format!(
                "expected tensors of known ranks, found shapes {} and {}",
                x.shape(),
                y.shape()
            );
            return self.refused(Rule::Shape, message);
        }
        let [of_x, of_y] = ranks;
        let only_values = match (&x, &y) {
            (AnyMaybeRagged::Ragged(_), AnyMaybeRagged::Ragged(_)) => false,
            (AnyMaybeRagged::Ragged(_), AnyMaybeRagged::Dense(_)) => of_x > of_y,
            (AnyMaybeRagged::Dense(_), _) => of_y > of_x,
        };
        if only_values {
            return Some((x, y));
        }
        let of_x = DynamicShape::of(self, &x);
        let shape = of_x.broadcast(self, DynamicShape::of(self, &y))?;
        let x = self.broadcast_to(x, &shape)?;
        Some((x.into(), self.broadcast_to(y, &shape)?.into()))
    }

    /// A tensor with the rows of a shape that has ragged dimensions.
    #[track_caller]
    fn broadcast_to(
        self,
        x: AnyMaybeRagged<'g>,
        shape: &DynamicShape<'g>,
    ) -> Option<AnyRaggedTensor<'g>> {
        let (dtype, partitioned) = (shape.dtype(), shape.partitioned.len());
        let own_rank = x.shape().rank().unwrap_or_default();
        let ragged_rank = x.as_ragged().map_or(0, AnyRaggedTensor::ragged_rank);
        let is_mixed = x.row_splits().is_some_and(|splits| splits.dtype() != dtype);
        if own_rank > shape.rank() || ragged_rank >= partitioned || is_mixed {
            let message = format!(
                "{ragged_rank} ragged dimensions of shape {} do not broadcast to {} of rank {}",
                x.shape(),
                partitioned.saturating_sub(1),
                shape.rank()
            );
            return self.refused(Rule::Shape, message);
        }
        let source = DynamicShape::of(self, &x).broadcast_to_rank(self, shape.rank());
        let x = self.of_rank(x, shape);
        let x = match x {
            AnyMaybeRagged::Ragged(x) => {
                let flat_rank = x.flat_values.shape().rank().unwrap_or_default();
                match flat_rank.saturating_sub(1 + shape.inner_rank()) {
                    0 => x,
                    more => {
                        let values = self.ragged_from_tensor(x.flat_values, more, dtype);
                        x.with_flat_values(values)
                    }
                }
            }
            AnyMaybeRagged::Dense(x) => self.ragged_from_tensor(x, partitioned - 1, dtype),
        };
        let x = self.tiled_to(x, &source, shape);
        let grown =
            (0..partitioned).filter(|&axis| !source.is_ragged(axis) && shape.is_ragged(axis));
        let repeat = |x: AnyRaggedTensor<'g>, axis: usize| {
            self.with_repeated_values(x, axis, shape.size(self, axis))
        };
        Some(grown.fold(x, repeat))
    }

    /// A tensor with dimensions of size 1 in front, ragged as far as those of the flat values do not suffice.
    #[track_caller]
    fn of_rank(self, x: AnyMaybeRagged<'g>, shape: &DynamicShape<'g>) -> AnyMaybeRagged<'g> {
        let rank = |x: &AnyMaybeRagged<'g>| x.shape().rank().unwrap_or_default();
        if rank(&x) >= shape.rank() {
            return x;
        }
        let mut x = x;
        if rank(&x) < shape.inner_rank() + 1 {
            let any = Arg::List(vec![(-1).into()]);
            let sizes = self.concat(vec![any, shape.inner.into()], 0);
            x = self.reshape(x.flat_values(), sizes).into();
        }
        for _ in rank(&x)..shape.rank() {
            let rows = match &x {
                AnyMaybeRagged::Dense(x) => self.at(self.shape_as("Shape", *x, shape.dtype()), 0),
                AnyMaybeRagged::Ragged(x) => x.own_nrows(),
            };
            let lengths = Arg::List(vec![rows.into()]);
            x = self.ragged(Rows::Lengths, x, lengths).into();
        }
        x
    }

    /// A ragged tensor repeated along uniform dimensions of size 1.
    #[track_caller]
    fn tiled_to(
        self,
        x: AnyRaggedTensor<'g>,
        source: &DynamicShape<'g>,
        shape: &DynamicShape<'g>,
    ) -> AnyRaggedTensor<'g> {
        let known = |size: AnyTensor<'g>| {
            let value = constant_value::of(size)?.to_i64s()?;
            value.first().copied()
        };
        let mut multiples = vec![Arg::from(1); shape.rank()];
        let mut is_tiled = false;
        for (axis, multiple) in multiples
            .iter_mut()
            .enumerate()
            .take(shape.partitioned.len())
        {
            if source.is_ragged(axis) || shape.is_ragged(axis) {
                continue;
            }
            let (from, to) = (source.size(self, axis), shape.size(self, axis));
            if matches!(known(from), None | Some(1)) && known(to) != Some(1) {
                let is_one = self.binary("Equal", from, 1);
                *multiple = self.select(is_one, to, 1).into();
                is_tiled = true;
            }
        }
        match is_tiled {
            true => self.ragged_tile(&x, self.stack(multiples).into()),
            false => x,
        }
    }

    /// A ragged tensor whose rows along an axis have one value each with that value as often as the row is to be long.
    #[track_caller]
    fn with_repeated_values(
        self,
        x: AnyRaggedTensor<'g>,
        axis: usize,
        repeats: AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        if axis > 1 {
            let values = match x.values() {
                AnyMaybeRagged::Ragged(values) => values,
                AnyMaybeRagged::Dense(values) => {
                    self.ragged_from_tensor(values, 1, x.row_splits_dtype())
                }
            };
            return x.with_values(self.with_repeated_values(values, axis - 1, repeats));
        }
        let nested = x.nested_row_splits();
        let own_lengths = self.nested_lengths_of(&x);
        let mut splits = nested[0];
        let mut lengths = vec![repeats];
        for (&own, &inner) in own_lengths.iter().zip(&nested).skip(1) {
            lengths.push(self.repeat_ranges(own, splits, repeats));
            splits = self.gather(inner, splits, 0);
        }
        let values = self.repeat_ranges(x.flat_values, splits, repeats);
        self.ragged_nested(Rows::Lengths, values, &lengths).ragged()
    }
}
