//! Sparse tensors joined, cut and crossed.

use std::panic::Location;

use super::{AnySparseTensor, SparseTensor};
use crate::dtype::{ByteString, DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::{OrDefault, constant_value};
use crate::value::IntoTensorValue;

/// Sparse tensors joined along an axis (`tf.sparse.concat`); one alone is given back.
///
/// All other sizes have to be the same, unless `expand_nonconcat_dim` makes them the largest of each.
#[track_caller]
pub fn concat<'g, T: TensorType>(
    g: &'g GraphBuilder,
    axis: i32,
    inputs: impl IntoIterator<Item = SparseTensor<'g, T>>,
    expand_nonconcat_dim: impl Into<OrDefault<bool>>,
) -> SparseTensor<'g, T> {
    let inputs: Vec<_> = inputs.into_iter().map(SparseTensor::any).collect();
    let expand = expand_nonconcat_dim.into().0.unwrap_or(false);
    let name = g.open_function_name("SparseConcat");
    joined(Nodes(g), &name, axis, &inputs, expand).typed()
}

fn joined<'g>(
    n: Nodes<'g>,
    name: &str,
    axis: i32,
    inputs: &[AnySparseTensor<'g>],
    expand: bool,
) -> AnySparseTensor<'g> {
    if let [only] = inputs {
        return *only;
    }
    let mut shapes: Vec<_> = inputs.iter().map(|input| input.dense_shape.any()).collect();
    if expand && !shapes.is_empty() {
        shapes = expanded(n, axis, &shapes);
    }
    let node = n
        .named("SparseConcat", name)
        .tensors(inputs.iter().map(|input| input.indices.any()).collect())
        .tensors(inputs.iter().map(|input| input.values).collect())
        .tensors(shapes.clone())
        .attr("concat_dim", axis)
        .finish();
    let known: Option<Vec<_>> = shapes
        .iter()
        .map(|&shape| constant_value::of(shape)?.to_i64s())
        .collect();
    let dense_shape = match known.filter(|known| !known.is_empty()) {
        None => node.output(2),
        Some(known) => match joined_shape(&known, axis) {
            Some(sizes) => n.constant("Const", sizes),
            None => {
                let rank = known[0].len();
                let message = format!("axis {axis} of a sparse tensor of rank {rank}");
                n.fault(Rule::Shape, message)
            }
        },
    };
    AnySparseTensor::new(node.output(0), node.output(1), dense_shape)
}

/// The shape of constant shapes joined along an axis.
fn joined_shape(shapes: &[Vec<i64>], axis: i32) -> Option<Vec<i64>> {
    let at = |shape: &[i64]| {
        let axis = if axis < 0 {
            axis + shape.len() as i32
        } else {
            axis
        };
        let axis = usize::try_from(axis).ok();
        axis.filter(|&axis| axis < shape.len())
    };
    let mut sizes = shapes.iter().map(|shape| Some(shape[at(shape)?]));
    let sum = sizes.try_fold(0i64, |sum, size| sum.checked_add(size?))?;
    let mut joined = shapes.first()?.clone();
    let axis = at(&joined)?;
    joined[axis] = sum;
    Some(joined)
}

/// Each shape with the largest size in every dimension but `axis`.
fn expanded<'g>(n: Nodes<'g>, axis: i32, shapes: &[AnyTensor<'g>]) -> Vec<AnyTensor<'g>> {
    let row = |&shape: &AnyTensor<'g>| n.reshape(shape, [1, -1]);
    let rows: Vec<_> = shapes.iter().map(row).collect();
    let rows = n.concat(Arg::tensors(&rows), 0);
    let largest = n.reduce("Max", rows, 0);
    let own = |&shape: &AnyTensor<'g>| {
        let before = n.index(largest, [Slice::to(axis)]);
        if axis == -1 {
            let own = n.index(shape, [Slice::from(-1)]);
            let nothing = Arg::Value([0i64; 0].into_tensor_value());
            return n.concat(vec![before.into(), own.into(), nothing], 0);
        }
        let own = n.index(shape, [Slice::between(axis, axis.saturating_add(1))]);
        let after = n.index(largest, [Slice::from(axis.saturating_add(1))]);
        n.concat(Arg::tensors(&[before, own, after]), 0)
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
    let n = Nodes(x.graph());
    let name = n.0.open_function_name("SparseSplit");
    let op = n.named("SparseSplit", &name).arg(axis).parts(x);
    let node = op.attr("num_split", num_split as i64).finish();
    let part = |part: usize| {
        let [indices, values, shape] = [0, 1, 2].map(|kind| node.output(kind * num_split + part));
        AnySparseTensor::new(indices, values, shape).typed()
    };
    (0..num_split).map(part).collect()
}

/// The elements in a box of `size` that begins at `start` (`tf.sparse.slice`).
#[track_caller]
pub fn slice<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    start: impl Operand<'g, i64>,
    size: impl Operand<'g, i64>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    let name = g.open_function_name("SparseSlice");
    let start = start.into_tensor(g, "Const");
    let size = size.into_tensor(g, "Const");
    let scope = g.open_inner_scope(&name, Location::caller());
    let node = Nodes(g).named("SparseSlice", &scope).parts(x);
    AnySparseTensor::of_outputs(node.arg(start).arg(size).finish()).typed()
}

/// A column of features for [`cross`]: a matrix of strings or integers, sparse or dense.
#[derive(Debug, Clone, Copy)]
pub enum Column<'g> {
    /// A sparse matrix.
    Sparse(AnySparseTensor<'g>),
    /// A dense matrix.
    Dense(AnyTensor<'g>),
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for Column<'g> {
    fn from(x: SparseTensor<'g, T>) -> Self {
        Column::Sparse(x.any())
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
    crossed(g, inputs.into_iter().collect(), None).typed()
}

options! {
    /// The hashes of [`cross_hashed`].
    ///
    /// ```
    /// use tfhub::ops::sparse::{self, CrossHashedOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (a, b) = (g.sparse_placeholder::<i64>((2, 3)), g.placeholder::<i64>((2, 1)));
    /// let options = CrossHashedOptions::default().num_buckets(100);
    /// let pairs = sparse::cross_hashed(&g, [a.into(), b.into()], options);
    /// assert_eq!(pairs.indices.shape().to_string(), "[?, 2]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    CrossHashedOptions {
        /// The number that hashes are taken modulo; 0, the default, for hashes as they are.
        num_buckets: i64 = 0;
        /// The key of the hash; TensorFlow's own by default.
        hash_key: i64 = 0x00DE_CAFC_AFFE;
    }
}

/// All combinations of the features of each row, as hashes (`tf.sparse.cross_hashed`).
#[track_caller]
pub fn cross_hashed<'g>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Column<'g>>,
    options: impl Into<CrossHashedOptions>,
) -> SparseTensor<'g, i64> {
    crossed(g, inputs.into_iter().collect(), Some(options.into())).typed()
}

#[track_caller]
fn crossed<'g>(
    g: &'g GraphBuilder,
    inputs: Vec<Column<'g>>,
    hashed: Option<CrossHashedOptions>,
) -> AnySparseTensor<'g> {
    let n = Nodes(g);
    let name = g.open_function_name("SparseCross");
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
        if let Column::Sparse(x) = *input {
            indices.push(x.indices.any());
            values.push(as_feature(x.values));
            shapes.push(x.dense_shape.any());
        }
    }
    for input in &inputs {
        if let Column::Dense(x) = *input {
            dense.push(as_feature(x));
        }
    }
    let out_type = match hashed {
        Some(_) => DType::Int64,
        None => DType::String,
    };
    let options = hashed.unwrap_or_default();
    let node = n
        .named("SparseCross", &name)
        .tensors(indices)
        .tensors(values)
        .tensors(shapes)
        .tensors(dense)
        .attr("hashed_output", hashed.is_some())
        .attr("num_buckets", options.num_buckets)
        .attr("hash_key", options.hash_key)
        .attr("out_type", out_type)
        .attr("internal_type", internal_type)
        .finish();
    AnySparseTensor::of_outputs(node)
}
