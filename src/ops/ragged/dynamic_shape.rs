//! Shapes of ragged tensors that the graph computes, and how they broadcast.

use super::AnyMaybeRagged;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::{Arg, Nodes, Slice};

/// The sizes of the dimensions of a tensor that may be ragged (Python's `RaggedTensorDynamicShape`), all of one dtype.
#[derive(Debug, Clone)]
pub(super) struct DynamicShape<'g> {
    /// The sizes of the dimensions up to the last ragged one: a scalar each, or a vector of the lengths of rows.
    pub(super) partitioned: Vec<AnyTensor<'g>>,
    /// A vector of the sizes of the other dimensions.
    pub(super) inner: AnyTensor<'g>,
}

impl<'g> DynamicShape<'g> {
    /// Sizes, which are cast to the dtype of the lengths of rows, or to int64.
    #[track_caller]
    fn new(n: Nodes<'g>, partitioned: Vec<Arg<'g>>, inner: impl Into<Arg<'g>>) -> Self {
        let _scope = n.open_scope("RaggedTensorDynamicShape");
        let sizes = partitioned.into_iter().enumerate();
        let sizes = sizes.map(|(at, size)| {
            let name = format!("partitioned_dimension_size_{at}");
            size.convert(n.0, &name, DType::Int32)
        });
        let sizes: Vec<_> = sizes.collect();
        let inner = inner.into().convert(n.0, "inner_dim_sizes", DType::Int32);
        let lengths = sizes.iter().find(|size| is_vector(size));
        let dtype = lengths.map_or(DType::Int64, AnyTensor::dtype);
        let cast = |size: AnyTensor<'g>| n.cast(size, dtype);
        DynamicShape {
            partitioned: sizes.into_iter().map(cast).collect(),
            inner: n.cast(inner, dtype),
        }
    }

    /// The shape of a tensor that may be ragged.
    #[track_caller]
    pub(super) fn of(n: Nodes<'g>, x: &AnyMaybeRagged<'g>) -> Self {
        let _scope = n.open_scope("RaggedTensorDynamicShapeFromTensor");
        match x {
            AnyMaybeRagged::Dense(x) => DynamicShape::new(n, Vec::new(), n.shape(*x)),
            AnyMaybeRagged::Ragged(x) => {
                let mut sizes = vec![x.own_nrows().into()];
                sizes.extend(Arg::tensors(&n.nested_lengths_of(x)));
                let inner = n.index(n.shape(x.flat_values), [Slice::from(1)]);
                DynamicShape::new(n, sizes, inner)
            }
        }
    }

    pub(super) fn dtype(&self) -> DType {
        self.inner.dtype()
    }

    /// The number of inner dimensions, which is known: a shape is made of tensors of known rank alone.
    pub(super) fn inner_rank(&self) -> usize {
        self.inner.shape().dim(0).unwrap_or_default()
    }

    pub(super) fn rank(&self) -> usize {
        self.partitioned.len() + self.inner_rank()
    }

    pub(super) fn is_ragged(&self, axis: usize) -> bool {
        axis > 0 && self.partitioned.get(axis).is_some_and(is_vector)
    }

    /// The size of a dimension, which a node takes from the vector of inner ones.
    #[track_caller]
    pub(super) fn size(&self, n: Nodes<'g>, axis: usize) -> AnyTensor<'g> {
        match self.partitioned.get(axis) {
            Some(&size) => size,
            None => n.at(self.inner, (axis - self.partitioned.len()) as i32),
        }
    }

    /// The shape with more dimensions of size 1 in front.
    #[track_caller]
    pub(super) fn broadcast_to_rank(self, n: Nodes<'g>, rank: usize) -> Self {
        let more = rank - self.rank();
        if more == 0 {
            return self;
        }
        if self.partitioned.is_empty() {
            let ones = n.filled("ones", 1.0, self.dtype(), [more as i32].into());
            let inner = n.concat(vec![ones.into(), self.inner.into()], 0);
            return DynamicShape::new(n, Vec::new(), inner);
        }
        let mut sizes = vec![Arg::from(1); more];
        sizes.extend(Arg::tensors(&self.partitioned));
        DynamicShape::new(n, sizes, self.inner)
    }

    /// The shape that both broadcast to, which the graph checks (`broadcast_dynamic_shape`).
    #[track_caller]
    pub(super) fn broadcast(self, n: Nodes<'g>, other: Self) -> Option<Self> {
        let rank = self.rank().max(other.rank());
        let (mut x, mut y) = (
            self.broadcast_to_rank(n, rank),
            other.broadcast_to_rank(n, rank),
        );
        for axis in 0..rank {
            x = x.broadcast_dimension(n, axis, y.size(n, axis))?;
            y = y.broadcast_dimension(n, axis, x.size(n, axis))?;
        }
        Some(x)
    }

    /// The shape with a dimension as long as another, or with rows of the lengths that a vector has.
    #[track_caller]
    fn broadcast_dimension(
        self,
        n: Nodes<'g>,
        axis: usize,
        lengths: AnyTensor<'g>,
    ) -> Option<Self> {
        let lengths = n.0.op("Cast").input(lengths).attr("DstT", self.dtype());
        let lengths = lengths.output();
        let is_uniform = !is_vector(&lengths);
        let equal = |x: AnyTensor<'g>, y: Arg<'g>| n.binary("Equal", x, y);
        let either =
            |x: AnyTensor<'g>, y: AnyTensor<'g>| n.call(("LogicalOr", "or"), [x.into(), y.into()]);
        let fits = match (self.is_ragged(axis), is_uniform) {
            (true, true) => equal(lengths, 1.into()),
            (true, false) => {
                let same = equal(lengths, self.size(n, axis).into());
                n.reduce("All", same, ())
            }
            (false, true) => {
                let size = self.size(n, axis);
                let one = either(equal(lengths, 1.into()), equal(size, 1.into()));
                either(one, equal(size, lengths.into()))
            }
            (false, false) => equal(self.size(n, axis), 1.into()),
        };
        let data = vec![
            "Unable to broadcast: dimension size mismatch in dimension".into(),
            (axis as i32).into(),
            "lengths=".into(),
            lengths.into(),
            "dim_size=".into(),
            self.size(n, axis).into(),
        ];
        let check = n.assert(fits, data, Some(10));
        n.0.control_dependencies([check], || {
            if self.is_ragged(axis) {
                let inner = n.identity("Identity", self.inner);
                return Some(DynamicShape::new(n, Arg::tensors(&self.partitioned), inner));
            }
            match (axis < self.partitioned.len(), is_uniform) {
                (true, _) => Some(self.with_repeated_rows(n, axis, lengths, is_uniform)),
                (false, true) => Some(self.with_inner_size(n, axis, lengths)),
                (false, false) if axis == 0 => {
                    n.refused(Rule::Shape, "the first dimension must not become ragged")
                }
                (false, false) => Some(self.with_ragged_inner(n, axis, lengths)),
            }
        })
    }

    /// A dimension of size 1 before the last ragged one repeated, with all that is within it.
    #[track_caller]
    fn with_repeated_rows(
        &self,
        n: Nodes<'g>,
        axis: usize,
        lengths: AnyTensor<'g>,
        is_uniform: bool,
    ) -> Self {
        let size = self.partitioned[axis];
        let is_one = || n.binary("Equal", size, 1);
        let (lengths, repeats, mut splits) = match is_uniform {
            true => {
                let lengths = n.select(is_one(), lengths, size);
                let repeats = n.select(is_one(), lengths, 1);
                let slices = self.slices(n, Some(axis));
                (lengths, repeats, n.stack(vec![0.into(), slices.into()]))
            }
            false => {
                let count = n.size_as("Size", lengths, self.dtype());
                (lengths, lengths, n.numbers_to(n.add(count, 1)))
            }
        };
        let mut sizes = self.partitioned[..axis].to_vec();
        sizes.push(lengths);
        for &size in &self.partitioned[axis + 1..] {
            if is_vector(&size) {
                sizes.push(n.repeat_ranges(size, splits, repeats));
                splits = n.gather(n.splits_of(size), splits, 0);
            } else {
                sizes.push(size);
                splits = n.mul(splits, size);
            }
        }
        DynamicShape::new(n, Arg::tensors(&sizes), self.inner)
    }

    /// The number of slices of a dimension, all in all.
    #[track_caller]
    fn slices(&self, n: Nodes<'g>, axis: Option<usize>) -> AnyTensor<'g> {
        match axis {
            None => n.number("Const", self.dtype(), 1.0),
            Some(axis) if self.is_ragged(axis) => n.reduce("Sum", self.partitioned[axis], ()),
            Some(axis) => {
                let size = self.size(n, axis);
                n.mul(size, self.slices(n, axis.checked_sub(1)))
            }
        }
    }

    /// An inner dimension of size 1 with another size.
    #[track_caller]
    fn with_inner_size(&self, n: Nodes<'g>, axis: usize, length: AnyTensor<'g>) -> Self {
        let size = self.size(n, axis);
        let at = (axis - self.partitioned.len()) as i32;
        let before = n.index(self.inner, [Slice::to(at)]);
        let size = n.select(n.binary("Equal", size, 1), length, size);
        let after = n.index(self.inner, [Slice::from(at + 1)]);
        let size = Arg::List(vec![size.into()]);
        let inner = n.concat(vec![before.into(), size, after.into()], 0);
        DynamicShape::new(n, Arg::tensors(&self.partitioned), inner)
    }

    /// An inner dimension with rows of these lengths, so that all before it are partitioned.
    #[track_caller]
    fn with_ragged_inner(&self, n: Nodes<'g>, axis: usize, lengths: AnyTensor<'g>) -> Self {
        let at = axis - self.partitioned.len();
        let mut sizes = self.partitioned.clone();
        sizes.extend((0..at).map(|at| n.at(self.inner, at as i32)));
        sizes.push(lengths);
        let inner = n.index(self.inner, [Slice::from(at as i32 + 1)]);
        DynamicShape::new(n, Arg::tensors(&sizes), inner)
    }
}

fn is_vector(size: &AnyTensor<'_>) -> bool {
    size.shape().rank() == Some(1)
}
