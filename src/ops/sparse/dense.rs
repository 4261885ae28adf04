//! Sparse tensors from dense ones and back, and from ids.

use std::panic::Location;

use super::{SparseTensor, reorder};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Nodes, Slice};
use crate::ops::types::{IndexType, Numeric};
use crate::ops::{TensorLike, array};
use crate::value::{IntoTensorValue, TensorValue};

/// The sizes of dimensions where Python takes an int or an integer tensor.
#[derive(Debug, Clone, Copy)]
pub enum Size<'g> {
    /// A number.
    Static(i64),
    /// A scalar of int32 or int64.
    Tensor(AnyTensor<'g>),
}

impl From<i64> for Size<'_> {
    fn from(size: i64) -> Self {
        Size::Static(size)
    }
}

impl From<i32> for Size<'_> {
    fn from(size: i32) -> Self {
        Size::Static(size.into())
    }
}

impl<'g, T: IndexType> From<Tensor<'g, T>> for Size<'g> {
    fn from(size: Tensor<'g, T>) -> Self {
        Size::Tensor(size.any())
    }
}

/// A shape where Python takes a list of ints or a vector of integers.
#[derive(Debug, Clone)]
pub enum Sizes<'g> {
    /// Numbers, of which -1 may stand for one that follows from the others.
    Static(Vec<i32>),
    /// A vector of int32 or int64.
    Tensor(AnyTensor<'g>),
}

impl<const N: usize> From<[i32; N]> for Sizes<'_> {
    fn from(sizes: [i32; N]) -> Self {
        Sizes::Static(sizes.into())
    }
}

impl<'g, T: IndexType> From<Tensor<'g, T>> for Sizes<'g> {
    fn from(sizes: Tensor<'g, T>) -> Self {
        Sizes::Tensor(sizes.any())
    }
}

impl<'g> Sizes<'g> {
    /// What `tf.cast(sizes, tf.int64)` makes.
    pub(super) fn cast_to_int64(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        let n = Nodes(g);
        match self {
            Sizes::Tensor(sizes) => n.cast(sizes, DType::Int64),
            Sizes::Static(sizes) => n.cast(sizes.into_tensor_value(), DType::Int64),
        }
    }
}

/// The elements of a dense tensor that are not zero (`tf.sparse.from_dense`).
#[track_caller]
pub fn from_dense<'g, T: Numeric>(x: impl TensorLike<'g, T>) -> SparseTensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    g.function_scope("dense_to_sparse", Location::caller(), |_| {
        let x = x.into_tensor(g, "tensor").any();
        let zero = TensorValue::scalar_from_f64(T::DTYPE, 0.0);
        let zero = zero.map_or(AnyTensor::poison(g), |zero| g.constant_named("Const", zero));
        let differs = g.op("NotEqual").input(x).input(zero).output();
        let indices = g.op("Where").input(differs).output();
        let values = g.op("GatherNd").input(x).input(indices).output();
        let shape = n.shape_as("Shape", x, DType::Int64);
        SparseTensor::new(
            g,
            indices.typed::<i64>(),
            values.typed::<T>(),
            shape.typed::<i64>(),
        )
    })
}

/// A sparse identity matrix with as many columns as rows (`tf.sparse.eye`).
#[track_caller]
pub fn eye<'g, T: Numeric>(
    g: &'g GraphBuilder,
    num_rows: impl Into<Size<'g>>,
) -> SparseTensor<'g, T> {
    eye_of(g, num_rows.into(), None, Location::caller())
}

/// A sparse identity matrix with its own number of columns (`tf.sparse.eye` with `num_columns`).
#[track_caller]
pub fn eye_with<'g, T: Numeric>(
    g: &'g GraphBuilder,
    num_rows: impl Into<Size<'g>>,
    num_columns: impl Into<Size<'g>>,
) -> SparseTensor<'g, T> {
    eye_of(
        g,
        num_rows.into(),
        Some(num_columns.into()),
        Location::caller(),
    )
}

fn eye_of<'g, T: Numeric>(
    g: &'g GraphBuilder,
    num_rows: Size<'g>,
    num_columns: Option<Size<'g>>,
    location: &'static Location<'static>,
) -> SparseTensor<'g, T> {
    let n = Nodes(g);
    let int64 = |size: Size<'g>, name: &str| match size {
        Size::Static(size) => g.constant_named(name, size.into_tensor_value()),
        Size::Tensor(size) => n.cast(size, DType::Int64),
    };
    g.function_scope("eye", location, |_| {
        let rows = int64(num_rows, "num_rows");
        let columns = num_columns.map_or(rows, |columns| int64(columns, "num_columns"));
        let size = g.op("Minimum").input(rows).input(columns).output();
        let diagonal = g.inner_scope("range", location, |scope| {
            let start = g.constant_named("start", 0i64.into_tensor_value());
            let delta = g.constant_named("delta", 1i64.into_tensor_value());
            g.op("Range")
                .name(scope)
                .input(start)
                .input(size)
                .input(delta)
                .output()
        });
        let indices = g
            .op("Pack")
            .name("stack")
            .inputs([diagonal, diagonal])
            .attr("axis", 1i64);
        let indices = indices.output();
        let values = g.inner_scope("ones", location, |scope| {
            let shape = n.reshape(size, [-1]);
            let one = TensorValue::scalar_from_f64(T::DTYPE, 1.0);
            let one = one.map_or(AnyTensor::poison(g), |one| g.constant_named("Const", one));
            g.op("Fill").name(scope).input(shape).input(one).output()
        });
        let parts = (indices.typed::<i64>(), values.typed::<T>());
        g.inner_scope("SparseTensor", location, |_| {
            let shape = g
                .op("Pack")
                .name("dense_shape")
                .inputs([rows, columns])
                .output();
            SparseTensor {
                indices: parts.0,
                values: parts.1,
                dense_shape: shape.typed::<i64>(),
            }
            .checked()
        })
    })
}

/// The dense tensor, zeros, empty strings or false where `x` has no element (`tf.sparse.to_dense`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3));
/// assert_eq!(sparse::to_dense(x).shape().to_string(), "[2, 3]");
/// ```
#[track_caller]
pub fn to_dense<'g, T: Element>(x: SparseTensor<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    g.function_name("SparseToDense", Location::caller(), |name| {
        let zero = array::zeros::<T>(g, ());
        dense(x, zero, true, name)
    })
}

/// The dense tensor with `default_value` where `x` has no element (`tf.sparse.to_dense`).
///
/// Without `validate_indices`, indices may be out of order.
#[track_caller]
pub fn to_dense_with<'g, T: Element>(
    x: SparseTensor<'g, T>,
    default_value: impl Operand<'g, T>,
    validate_indices: bool,
) -> Tensor<'g, T> {
    let name = x.graph().requested_name("SparseToDense");
    dense(x, default_value, validate_indices, &name)
}

#[track_caller]
fn dense<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    default_value: impl Operand<'g, T>,
    validate_indices: bool,
    name: &str,
) -> Tensor<'g, T> {
    Nodes(x.graph())
        .named("SparseToDense", name)
        .arg(x.indices)
        .arg(x.dense_shape)
        .arg(x.values)
        .arg(default_value)
        .attr("validate_indices", validate_indices)
        .output()
        .typed()
}

/// For each row of ids, a row of `vocab_size` bools that says which ids are there (`tf.sparse.to_indicator`).
#[track_caller]
pub fn to_indicator<'g, T: IndexType>(
    x: SparseTensor<'g, T>,
    vocab_size: impl Into<Size<'g>>,
) -> Tensor<'g, bool> {
    let g = x.graph();
    let n = Nodes(g);
    g.function_scope("SparseToIndicator", Location::caller(), |scope| {
        let entries = n.index(n.shape(x.indices.any()), [Slice::at(0)]);
        let length = n.expand_dims(entries, 0);
        let trues = Nodes(g).op("Fill").any(length).value(true).output();
        let values = x.with_values(trues.typed::<bool>());
        let merged = merged(scope, &[x], values, &[vocab_size.into()], false);
        dense(merged, false, false, scope)
    })
}

/// Values put where ids say: the last index of each value is replaced by its id (`tf.sparse.merge`).
#[track_caller]
pub fn merge<'g, T: TensorType, I: IndexType>(
    ids: SparseTensor<'g, I>,
    values: SparseTensor<'g, T>,
    vocab_size: impl Into<Size<'g>>,
) -> SparseTensor<'g, T> {
    merge_with(&[ids], values, &[vocab_size.into()], false)
}

/// Values put where several ids say, one dimension for each (`tf.sparse.merge` with lists and `already_sorted`).
#[track_caller]
pub fn merge_with<'g, T: TensorType, I: IndexType>(
    ids: &[SparseTensor<'g, I>],
    values: SparseTensor<'g, T>,
    vocab_size: &[Size<'g>],
    already_sorted: bool,
) -> SparseTensor<'g, T> {
    let name = values.graph().requested_name("SparseMerge");
    merged(&name, ids, values, vocab_size, already_sorted)
}

#[track_caller]
fn merged<'g, T: TensorType, I: IndexType>(
    name: &str,
    ids: &[SparseTensor<'g, I>],
    values: SparseTensor<'g, T>,
    vocab_size: &[Size<'g>],
    already_sorted: bool,
) -> SparseTensor<'g, T> {
    let g = values.graph();
    let n = Nodes(g);
    let Some(first) = ids.first().filter(|_| ids.len() == vocab_size.len()) else {
        let message = format!(
            "expected as many sizes as sparse tensors of ids, found {} and {}",
            vocab_size.len(),
            ids.len()
        );
        g.report(Rule::Inputs, message);
        return values;
    };
    g.inner_scope(name, Location::caller(), |_| {
        let column = |ids: &SparseTensor<'g, I>| {
            let ids = n.cast(ids.values.any(), DType::Int64);
            n.expand_dims(ids, 1)
        };
        let columns: Vec<_> = ids.iter().map(column).collect();
        let int64 = |size: &Size<'g>| match *size {
            Size::Tensor(size) => n.cast(size, DType::Int64),
            Size::Static(size) => match i32::try_from(size) {
                Ok(size) => n.cast(size.into_tensor_value(), DType::Int64),
                Err(_) => n.cast(size.into_tensor_value(), DType::Int64),
            },
        };
        let sizes: Vec<_> = vocab_size.iter().map(int64).collect();
        let kept = n.index(first.indices.any(), [Slice::ALL, Slice::to(-1)]);
        let parts: Vec<_> = [kept].into_iter().chain(columns).collect();
        let indices = n
            .concat(parts.iter().map(|&part| part.into()), 1)
            .typed::<i64>();
        let outer = n.index(first.dense_shape.any(), [Slice::to(-1)]);
        let shape = g.inner_scope("concat", Location::caller(), |scope| {
            let sizes = g.op("Pack").name("values_1").inputs(sizes).output();
            let axis = g.constant_named("axis", 0i32.into_tensor_value());
            g.op("ConcatV2")
                .name(scope)
                .inputs([outer, sizes])
                .input(axis)
                .output()
        });
        let shape = shape.typed::<i64>();
        let merged = SparseTensor::new(g, indices, values.values, shape);
        if already_sorted {
            return merged;
        }
        let sorted = reorder(merged);
        SparseTensor::new(g, sorted.indices, sorted.values, shape)
    })
}
