//! Sparse tensors joined, cut and crossed.

use std::panic::Location;

use super::{SparseTensor, largest, of_outputs};
use crate::dtype::{ByteString, DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes, Slice, function};
use crate::value::IntoTensorValue;

/// Sparse tensors joined along an axis (`tf.sparse.concat`); one alone is given back.
///
/// All other sizes have to be the same.
#[track_caller]
pub fn concat<'g, T: TensorType>(
    g: &'g GraphBuilder,
    axis: i32,
    inputs: impl IntoIterator<Item = SparseTensor<'g, T>>,
) -> SparseTensor<'g, T> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    joined(g, axis, &inputs, false)
}

/// Sparse tensors joined along an axis, all other sizes becoming the largest of each
/// (`tf.sparse.concat` with `expand_nonconcat_dims`).
#[track_caller]
pub fn concat_expanding<'g, T: TensorType>(
    g: &'g GraphBuilder,
    axis: i32,
    inputs: impl IntoIterator<Item = SparseTensor<'g, T>>,
) -> SparseTensor<'g, T> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    joined(g, axis, &inputs, true)
}

#[track_caller]
fn joined<'g, T: TensorType>(
    g: &'g GraphBuilder,
    axis: i32,
    inputs: &[SparseTensor<'g, T>],
    expand: bool,
) -> SparseTensor<'g, T> {
    if let [only] = inputs {
        if g.is_named() {
            g.requested_name("SparseConcat");
        }
        return *only;
    }
    g.function_name("SparseConcat", Location::caller(), |name| {
        let mut shapes: Vec<_> = inputs.iter().map(|input| input.dense_shape.any()).collect();
        if expand && !shapes.is_empty() {
            shapes = expanded(g, axis, &shapes);
        }
        let node = Nodes(g)
            .named("SparseConcat", name)
            .list(inputs.iter().map(|input| input.indices))
            .list(inputs.iter().map(|input| input.values))
            .list(shapes.iter().copied())
            .attr("concat_dim", axis)
            .finish();
        let known: Option<Vec<_>> = shapes
            .iter()
            .map(|&shape| constant_value::of(shape)?.to_i64s())
            .collect();
        let mut dense_shape = node.output(2);
        if let Some(known) = known.filter(|known| !known.is_empty()) {
            dense_shape = match joined_shape(&known, axis) {
                Some(sizes) => g.constant_named("Const", sizes.into_tensor_value()),
                None => {
                    let message =
                        format!("axis {axis} of a sparse tensor of rank {}", known[0].len());
                    g.report(Rule::Shape, message);
                    AnyTensor::poison(g)
                }
            };
        }
        let parts = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
        SparseTensor::new(g, parts.0, parts.1, dense_shape.typed::<i64>())
    })
}

/// The shape of constant shapes joined along an axis.
fn joined_shape(shapes: &[Vec<i64>], axis: i32) -> Option<Vec<i64>> {
    let at = |shape: &[i64]| {
        let axis = i64::from(axis);
        let axis = if axis < 0 {
            axis + shape.len() as i64
        } else {
            axis
        };
        usize::try_from(axis)
            .ok()
            .filter(|&axis| axis < shape.len())
    };
    let sizes = shapes.iter().map(|shape| Some(shape[at(shape)?]));
    let sum = sizes
        .into_iter()
        .try_fold(0i64, |sum, size| sum.checked_add(size?))?;
    let mut joined = shapes.first()?.clone();
    let axis = at(&joined)?;
    joined[axis] = sum;
    Some(joined)
}

/// Each shape with the largest size in every dimension but `axis`.
fn expanded<'g>(g: &'g GraphBuilder, axis: i32, shapes: &[AnyTensor<'g>]) -> Vec<AnyTensor<'g>> {
    let n = Nodes(g);
    let row = |&shape: &AnyTensor<'g>| n.reshape(shape, [1, -1]);
    let rows: Vec<_> = shapes.iter().map(row).collect();
    let rows = n.concat(rows.iter().map(|&part| part.into()), 0);
    let largest = largest(rows);
    let own = |&shape: &AnyTensor<'g>| {
        let before = n.index(largest, [Slice::to(axis)]);
        if axis == -1 {
            let own = n.index(shape, [Slice::from(-1)]);
            let nothing = Arg::Value([0i64; 0].into_tensor_value());
            return n.concat([before.into(), own.into(), nothing], 0);
        }
        let own = n.index(shape, [Slice::between(axis, axis.saturating_add(1))]);
        let after = n.index(largest, [Slice::from(axis.saturating_add(1))]);
        n.concat([before, own, after].map(Arg::from), 0)
    };
    shapes.iter().map(own).collect()
}

/// A sparse tensor cut into `num_split` parts along an axis (`tf.sparse.split`).
#[track_caller]
pub fn split<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    num_split: usize,
    axis: impl Operand<'g, i64>,
) -> Vec<SparseTensor<'g, T>> {
    let g = x.graph();
    g.called_from(Location::caller(), || {
        let op = function(g, "SparseSplit").arg(axis).parts(x);
        let node = op.attr("num_split", num_split as i64).finish();
        let part = |part: usize| {
            let output = |kind: usize| node.output(kind * num_split + part);
            let (indices, values) = (output(0).typed::<i64>(), output(1).typed::<T>());
            SparseTensor::new(g, indices, values, output(2).typed::<i64>())
        };
        (0..num_split).map(part).collect()
    })
}

/// The elements in a box of `size` that begins at `start` (`tf.sparse.slice`).
#[track_caller]
pub fn slice<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    start: impl Operand<'g, i64>,
    size: impl Operand<'g, i64>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    g.function_name("SparseSlice", Location::caller(), |name| {
        let start = start.into_tensor(g, "Const");
        let size = size.into_tensor(g, "Const");
        g.inner_scope(name, Location::caller(), |scope| {
            let node = Nodes(g)
                .named("SparseSlice", scope)
                .parts(x)
                .arg(start)
                .arg(size)
                .finish();
            of_outputs(g, node)
        })
    })
}

/// What [`cross`] takes: sparse or dense columns of strings or integers.
#[derive(Debug, Clone, Copy)]
pub enum Column<'g> {
    /// A sparse matrix: its indices, values and shape.
    Sparse(Tensor<'g, i64>, AnyTensor<'g>, Tensor<'g, i64>),
    /// A dense matrix.
    Dense(AnyTensor<'g>),
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for Column<'g> {
    fn from(x: SparseTensor<'g, T>) -> Self {
        Column::Sparse(x.indices, x.values.any(), x.dense_shape)
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Column<'g> {
    fn from(x: Tensor<'g, T>) -> Self {
        Column::Dense(x.any())
    }
}

/// All combinations of the features of each row, joined to strings (`tf.sparse.cross`).
#[track_caller]
pub fn cross<'g>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Column<'g>>,
) -> SparseTensor<'g, ByteString> {
    crossed(g, inputs.into_iter().collect(), None)
}

/// All combinations of the features of each row, as hashes (`tf.sparse.cross_hashed`).
///
/// The hashes are taken modulo `num_buckets` unless it is 0. A `hash_key` of 0 stands for TensorFlow's own.
#[track_caller]
pub fn cross_hashed<'g>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Column<'g>>,
    num_buckets: i64,
    hash_key: i64,
) -> SparseTensor<'g, i64> {
    crossed(
        g,
        inputs.into_iter().collect(),
        Some((num_buckets, hash_key)),
    )
}

#[track_caller]
fn crossed<'g, T: TensorType>(
    g: &'g GraphBuilder,
    inputs: Vec<Column<'g>>,
    hashed: Option<(i64, i64)>,
) -> SparseTensor<'g, T> {
    let n = Nodes(g);
    const DEFAULT_HASH_KEY: i64 = 0x00DE_CAFC_AFFE;
    g.function_name("SparseCross", Location::caller(), |name| {
        let mut internal_type = DType::String;
        let mut as_feature = |x: AnyTensor<'g>| {
            if x.dtype() == DType::String {
                return x;
            }
            internal_type = DType::Int64;
            n.cast(x, DType::Int64)
        };
        let (mut indices, mut values, mut shapes, mut dense) = (vec![], vec![], vec![], vec![]);
        for input in &inputs {
            if let Column::Sparse(at, x, shape) = *input {
                indices.push(at);
                values.push(as_feature(x));
                shapes.push(shape);
            }
        }
        for input in &inputs {
            if let Column::Dense(x) = *input {
                dense.push(as_feature(x));
            }
        }
        let (num_buckets, hash_key) = hashed.unwrap_or((0, 0));
        let key = if hash_key == 0 {
            DEFAULT_HASH_KEY
        } else {
            hash_key
        };
        let node = Nodes(g)
            .named("SparseCross", name)
            .list(indices)
            .list(values)
            .list(shapes)
            .list(dense)
            .attr("hashed_output", hashed.is_some())
            .attr("num_buckets", num_buckets)
            .attr("hash_key", key)
            .attr("out_type", T::DTYPE)
            .attr("internal_type", internal_type)
            .finish();
        of_outputs(g, node)
    })
}
