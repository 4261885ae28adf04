//! Values chosen by a condition.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, is_of_one_kind};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::Nodes;

/// The values and rows of `data` where the mask is true (`tf.ragged.boolean_mask`): those of one row of the mask stay a
/// row.
///
/// The shape of the mask begins that of `data`, and its rank has to be known.
///
/// ```
/// use tfhub::ops::{math, ragged};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(1, ());
/// let is_large = x.map_flat_values(|values| math::greater(values, 0.5));
/// let large = ragged::boolean_mask(&x, &is_large).ragged();
/// assert_eq!(large.shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn boolean_mask<'g, T: TensorType>(
    data: impl RaggedLike<'g, T>,
    mask: impl RaggedLike<'g, bool>,
) -> MaybeRagged<'g, T> {
    let n = Nodes(data.graph());
    let name = n.0.requested_name("RaggedMask");
    let (data, mask) = (data.into_argument(), mask.into_argument());
    let _scope = n.open_scope(&name);
    let data = data.convert(n, "data");
    let mask = mask.convert(n, "mask");
    n.masked(data, mask).typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn masked_again(
        self,
        data: AnyMaybeRagged<'g>,
        mask: AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedMask");
        self.masked(data, mask)
    }

    #[track_caller]
    fn masked(self, data: AnyMaybeRagged<'g>, mask: AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g> {
        let splits = [data.row_splits(), mask.row_splits()];
        let splits: Vec<_> = splits.into_iter().flatten().collect();
        if !is_of_one_kind(self.0, splits.iter().copied()) {
            return AnyTensor::poison(self.0).into();
        }
        let dtype = splits.first().map_or(DType::Int64, AnyTensor::dtype);
        let rank = match mask.shape().rank() {
            Some(rank @ 1..) => rank,
            Some(0) => {
                return self
                    .fault(Rule::Shape, "the mask must not be a scalar")
                    .into();
            }
            None => {
                return self
                    .fault(Rule::Shape, "the mask's rank must be known")
                    .into();
            }
        };
        match (data, mask) {
            (data, AnyMaybeRagged::Ragged(mask)) => self.masked_by_rows(data, mask, dtype),
            (AnyMaybeRagged::Ragged(data), AnyMaybeRagged::Dense(mask)) if rank == 1 => {
                let lengths = self.boolean_mask(data.own_row_lengths(), mask);
                let splits = self.splits_of(lengths);
                let ids = self.segment_ids(data.row_splits());
                let of_values = self.gather(mask, ids, 0);
                let values = self.masked_again(data.values(), of_values.into());
                self.ragged(Rows::Splits, values, splits).into()
            }
            (AnyMaybeRagged::Ragged(data), AnyMaybeRagged::Dense(mask)) => {
                let ragged_rank = data.ragged_rank().min(rank - 1);
                let splits = data.row_splits_dtype();
                let mask = self.ragged_from_tensor(mask, ragged_rank, splits);
                self.masked_again(data.into(), mask.into())
            }
            (AnyMaybeRagged::Dense(data), AnyMaybeRagged::Dense(mask)) => {
                self.masked_dense(data, mask, rank, dtype)
            }
        }
    }

    /// The masked flat values, with the rows of the mask's outer dimensions and those that it leaves of the last one.
    #[track_caller]
    fn masked_by_rows(
        self,
        data: AnyMaybeRagged<'g>,
        mask: AnyRaggedTensor<'g>,
        dtype: DType,
    ) -> AnyMaybeRagged<'g> {
        let data = match data {
            AnyMaybeRagged::Ragged(data) => data,
            AnyMaybeRagged::Dense(data) => {
                let splits = mask.row_splits_dtype();
                self.ragged_from_tensor(data, mask.ragged_rank(), splits)
            }
        };
        let own = data.nested_row_splits();
        let own = own[..own.len().min(mask.ragged_rank())].to_vec();
        let checks = self.assert_same_splits(&[mask.nested_row_splits(), own]);
        self.0.control_dependencies(checks, || {
            let (mut data, mut mask) = (AnyMaybeRagged::from(data), AnyMaybeRagged::from(mask));
            let mut splits = Vec::new();
            while let (AnyMaybeRagged::Ragged(rows), AnyMaybeRagged::Ragged(of_mask)) =
                (&data, &mask)
            {
                splits.push(match of_mask.shape().rank() {
                    Some(..=2) => {
                        let counts = self.cast_flat_values(mask.clone(), dtype);
                        let counts = self.reduced_sum(counts, 1).flat_values();
                        self.splits_of(counts)
                    }
                    _ => of_mask.row_splits(),
                });
                (data, mask) = (rows.values(), of_mask.values());
            }
            let values = self.masked_again(data, mask);
            self.ragged_nested(Rows::Splits, values, &splits)
        })
    }

    #[track_caller]
    fn masked_dense(
        self,
        data: AnyTensor<'g>,
        mask: AnyTensor<'g>,
        rank: usize,
        dtype: DType,
    ) -> AnyMaybeRagged<'g> {
        let values = self.boolean_mask(data, mask);
        if rank < 2 {
            return values.into();
        }
        let counts = self.count_true(mask, dtype);
        let counts = self.reshape(counts, [-1]);
        let mut masked = self.ragged(Rows::Lengths, values, counts);
        if rank > 2 {
            let shape = self.shape_as("Shape", mask, dtype);
            let sizes = self.add(self.binary("Cumprod", shape, 0), 1);
            for dimension in (0..rank as i32 - 2).rev() {
                let size = self.at(shape, dimension + 1);
                let ends = self.numbers_to(self.at(sizes, dimension));
                masked = self.ragged(Rows::Splits, masked, self.mul(ends, size));
            }
        }
        masked.into()
    }

    /// `tf.math.count_nonzero` of bools along the last axis.
    #[track_caller]
    fn count_true(self, x: AnyTensor<'g>, dtype: DType) -> AnyTensor<'g> {
        let _scope = self.open_scope("count_nonzero");
        let zero = self.filled("zeros", 0.0, DType::Bool, ().into());
        let nonzero = self.binary("NotEqual", x, zero);
        let ones = self.cast(nonzero, DType::Int64);
        self.cast(self.reduce("Sum", ones, -1), dtype)
    }
}
