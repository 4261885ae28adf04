//! Dimensions of ragged tensors.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, RaggedTensor};
use crate::dtype::TensorType;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::IndexType;

/// A tensor with one dimension of size 1 more, which gets the position `axis` (`tf.expand_dims` of a ragged tensor).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(1, ());
/// assert_eq!(ragged::expand_dims(&x, 0).ragged().ragged_rank(), 2);
/// ```
#[track_caller]
pub fn expand_dims<'g, T: TensorType>(x: impl RaggedLike<'g, T>, axis: i32) -> MaybeRagged<'g, T> {
    let n = Nodes(x.graph());
    let x = x.into_argument();
    if !n.any_is_ragged(std::slice::from_ref(&x)) {
        return AnyMaybeRagged::from(AnyTensor::poison(n.0)).typed();
    }
    let name = n.after_dense("ExpandDims", "RaggedExpandDims");
    let _scope = n.open_scope(&name);
    let x = x.convert(n, "input");
    n.expanded(x, axis).typed()
}

/// The number of flat values, as an `I` (`tf.size` of a ragged tensor).
#[track_caller]
pub fn size<'g, I: IndexType, T: TensorType>(x: &RaggedTensor<'g, T>) -> Tensor<'g, I> {
    let n = Nodes(x.graph());
    let name = n.after_dense("Size", "Size");
    let flat_values = x.flat_values().any();
    n.size_as(&name, flat_values, I::DTYPE).typed()
}

/// The number of dimensions (`tf.rank` of a ragged tensor).
#[track_caller]
pub fn rank<'g, T: TensorType>(x: &RaggedTensor<'g, T>) -> Tensor<'g, i32> {
    let n = Nodes(x.graph());
    let name = n.after_dense("Rank", "RaggedRank");
    n.ragged_rank_as(&name, &x.any).typed()
}

/// A ragged tensor repeated as a whole along each axis (`tf.tile` of a ragged tensor).
///
/// `multiples` has a number for each dimension.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(1, ());
/// assert_eq!(ragged::tile(&x, [2i64, 3]).shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn tile<'g, T: TensorType, I: IndexType>(
    x: &RaggedTensor<'g, T>,
    multiples: impl Operand<'g, I>,
) -> RaggedTensor<'g, T> {
    let n = Nodes(x.graph());
    let name = n.after_dense("Tile", "RaggedTile");
    let _scope = n.open_scope(&name);
    n.tiled(&x.any, Arg::of(multiples)).typed()
}

impl<'g> Nodes<'g> {
    /// `tf.rank` of a ragged tensor under a name.
    #[track_caller]
    pub(super) fn ragged_rank_as(self, name: &str, x: &AnyRaggedTensor<'g>) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let flat_rank = self.rank(x.flat_values);
        self.add(x.ragged_rank() as i32, flat_rank)
    }

    /// `tf.expand_dims` of a ragged tensor.
    #[track_caller]
    pub(in crate::ops) fn ragged_expand_dims(
        self,
        x: AnyMaybeRagged<'g>,
        axis: i32,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("RaggedExpandDims");
        self.expanded(x, axis)
    }

    #[track_caller]
    fn expanded(self, x: AnyMaybeRagged<'g>, axis: i32) -> AnyMaybeRagged<'g> {
        let x = match x {
            AnyMaybeRagged::Dense(x) => return self.expand_dims(x, axis).into(),
            AnyMaybeRagged::Ragged(x) => x,
        };
        let rank = x.shape().rank().map(|rank| rank + 1);
        let (values, splits) = match self.axis_of(axis, rank) {
            None => return AnyTensor::poison(self.0).into(),
            Some(0) => {
                let splits = self.stack(vec![0.into(), x.own_nrows().into()]);
                (x.into(), splits)
            }
            Some(1) => {
                let splits = self.numbers_to(self.add(x.own_nrows(), 1));
                (x.into(), splits)
            }
            Some(axis) => {
                let values = self.ragged_expand_dims(x.values(), axis as i32 - 1);
                (values, x.row_splits())
            }
        };
        self.ragged(Rows::Splits, values, splits).into()
    }

    /// `tf.tile` of a ragged tensor.
    #[track_caller]
    pub(super) fn ragged_tile(
        self,
        x: &AnyRaggedTensor<'g>,
        multiples: Arg<'g>,
    ) -> AnyRaggedTensor<'g> {
        let _scope = self.open_scope("RaggedTile");
        self.tiled(x, multiples)
    }

    #[track_caller]
    fn tiled(self, x: &AnyRaggedTensor<'g>, multiples: Arg<'g>) -> AnyRaggedTensor<'g> {
        let dtype = x.row_splits_dtype();
        let multiples = match multiples {
            Arg::Value(value) => Arg::Preferring(dtype, value),
            multiples => multiples,
        };
        let multiples = multiples.convert(self.0, "multiples", dtype);
        let multiples = self.0.op("Cast").input(multiples).attr("DstT", dtype);
        let multiples = multiples.output();
        let known = constant_value::of(multiples).and_then(|known| known.to_i64s());
        // What is repeated once needs no nodes.
        let is_repeated = |axis: usize| {
            let known = known.as_ref().and_then(|known| known.get(axis));
            known.is_none_or(|&multiple| multiple != 1)
        };
        let values = self.tiled_values(x, multiples, &is_repeated);
        let splits = self.tiled_splits(x, multiples, &is_repeated);
        self.ragged_nested(Rows::Splits, values, &splits).ragged()
    }

    #[track_caller]
    fn tiled_values(
        self,
        x: &AnyRaggedTensor<'g>,
        multiples: AnyTensor<'g>,
        is_repeated: &dyn Fn(usize) -> bool,
    ) -> AnyTensor<'g> {
        let nested = x.nested_row_splits();
        let mut ids = self.numbers_to(self.at(nested[nested.len() - 1], -1));
        let mut inner: Option<AnyTensor<'g>> = None;
        for axis in (1..=nested.len()).rev() {
            let mut splits = nested[axis - 1];
            if let Some(inner) = inner {
                let ends = self.mul(inner, self.at(multiples, axis as i32 + 1));
                splits = self.gather(ends, splits, 0);
            }
            if is_repeated(axis) {
                ids = self.repeat_ranges(ids, splits, self.at(multiples, axis as i32));
            }
            inner = Some(splits);
        }
        let values = self.gather(x.flat_values, ids, 0);
        let outer = self.index(multiples, [Slice::to(1)]);
        let uniform = self.index(multiples, [Slice::from(nested.len() as i32 + 1)]);
        let repeats = self.concat(vec![outer.into(), uniform.into()], 0);
        self.binary("Tile", values, repeats)
    }

    #[track_caller]
    fn tiled_splits(
        self,
        x: &AnyRaggedTensor<'g>,
        multiples: AnyTensor<'g>,
        is_repeated: &dyn Fn(usize) -> bool,
    ) -> Vec<AnyTensor<'g>> {
        let nested = x.nested_row_splits();
        // Where the rows of one dimension begin among those of another within it.
        let mut projected: Vec<Vec<AnyTensor<'g>>> = Vec::new();
        for from in 0..nested.len() {
            let mut splits = vec![nested[from]];
            // Those of the last dimension are never asked for.
            let inner = nested.iter().take(nested.len() - 1).skip(from + 1);
            for &inner in inner {
                splits.push(self.gather(inner, splits[splits.len() - 1], 0));
            }
            projected.push(splits);
        }
        let mut tiled = Vec::new();
        for axis in 0..nested.len() {
            let lengths = self.lengths_of(nested[axis]);
            let mut lengths = self.mul(lengths, self.at(multiples, axis as i32 + 1));
            let mut repeats: Arg<'g> = 1.into();
            for outer in (0..axis).rev() {
                if is_repeated(outer + 1) {
                    let splits = projected[outer][axis - 1 - outer];
                    let splits = self.mul(splits, repeats.clone());
                    let times = self.at(multiples, outer as i32 + 1);
                    lengths = self.repeat_ranges(lengths, splits, times);
                }
                let times = self.at(multiples, outer as i32 + 1);
                repeats = self.mul(repeats, times).into();
            }
            let lengths = self.binary("Tile", lengths, self.index(multiples, [Slice::to(1)]));
            tiled.push(self.splits_of(lengths));
        }
        tiled
    }

    /// The values between splits, each range of them as many times as a scalar or vector says.
    #[track_caller]
    pub(super) fn repeat_ranges(
        self,
        params: AnyTensor<'g>,
        splits: AnyTensor<'g>,
        repeats: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let repeated =
            |splits: AnyTensor<'g>| self.repeat_as("Repeat", splits.into(), repeats.into(), 0);
        let (starts, limits) = match repeats.shape().rank() {
            Some(0) => {
                let splits = repeated(splits);
                let count = self.at(self.shape_as("Shape", splits, repeats.dtype()), 0);
                let starts = self.index(splits, [Slice::to(self.sub(count, repeats))]);
                (starts, self.index(splits, [Slice::from(repeats)]))
            }
            _ => {
                let starts = repeated(self.index(splits, [Slice::to(-1)]));
                (starts, repeated(self.index(splits, [Slice::from(1)])))
            }
        };
        let one = self.filled("ones", 1.0, starts.dtype(), ().into());
        let range = self
            .op("RaggedRange")
            .input(starts)
            .input(limits)
            .input(one);
        self.gather(params, range.finish().output(1), 0)
    }
}
