//! Sparse tensors (`tf.sparse`).

mod dense;
mod join;
mod math;
mod order;

use std::panic::Location;

use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::constant_value;
use crate::ops::nodes::Call;
use crate::shape::Shape;
use crate::value::IntoTensorValue;

pub use dense::{
    Size, Sizes, eye, eye_with, from_dense, merge, merge_with, to_dense, to_dense_with,
    to_indicator,
};
pub use join::{Column, concat, concat_expanding, cross, cross_hashed, slice, split};
pub use math::{
    SparseMatMulOptions, abs, add, add_dense, add_with, bessel_i0e, bessel_i1e, cast,
    edit_distance, erf, maximum, minimum, negative, reduce_max, reduce_max_sparse, reduce_sum,
    reduce_sum_sparse, sign, softmax, sparse_dense_matmul, sparse_dense_matmul_with, sqrt, square,
    tanh,
};
pub use order::{
    expand_dims, fill_empty_rows, reorder, reset_shape, reshape, retain, transpose, transpose_with,
};

/// A tensor of which the graph holds only some elements, what `tf.SparseTensor` is in Python.
///
/// For `n` elements of a tensor of rank `r`, `indices` is `[n, r]`, `values` is `[n]` and `dense_shape` is `[r]`.
pub struct SparseTensor<'g, T: TensorType> {
    /// Where the elements are, in row-major order for most ops.
    pub indices: Tensor<'g, i64>,
    /// The elements.
    pub values: Tensor<'g, T>,
    /// The shape of the dense tensor.
    pub dense_shape: Tensor<'g, i64>,
}

impl<T: TensorType> Clone for SparseTensor<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for SparseTensor<'_, T> {}

impl<T: TensorType> std::fmt::Debug for SparseTensor<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SparseTensor")
            .field("indices", &self.indices)
            .field("values", &self.values)
            .field("dense_shape", &self.dense_shape)
            .finish()
    }
}

impl<'g, T: TensorType> SparseTensor<'g, T> {
    /// A sparse tensor of its parts (`tf.SparseTensor`); Rust values become constants.
    ///
    /// ```
    /// use tfhub::ops::sparse::SparseTensor;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = SparseTensor::new(&g, [[0i64, 0], [1, 2]], [1.0f32, 2.0], [3i64, 4]);
    /// assert_eq!(x.indices.name(), "SparseTensor/indices:0");
    /// assert_eq!(x.shape().to_string(), "[3, 4]");
    /// ```
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        indices: impl Operand<'g, i64>,
        values: impl Operand<'g, T>,
        dense_shape: impl Operand<'g, i64>,
    ) -> Self {
        g.inner_scope("SparseTensor", Location::caller(), |_| {
            SparseTensor {
                indices: indices.into_tensor(g, "indices"),
                values: values.into_tensor(g, "values"),
                dense_shape: dense_shape.into_tensor(g, "dense_shape"),
            }
            .checked()
        })
    }

    /// The same after the ranks of the parts were compared.
    #[track_caller]
    fn checked(self) -> Self {
        let g = self.graph();
        let unknown = |rank| Shape::unknown_of_rank(rank);
        let parts = (
            self.indices.shape().merge(&unknown(2)),
            self.values.shape().merge(&unknown(1)),
            self.dense_shape.shape().merge(&unknown(1)),
        );
        let fits = match &parts {
            (Some(indices), Some(values), Some(dense_shape)) => {
                let dim =
                    |shape: &Shape, axis| shape.dims().map(|dims: &[Option<usize>]| dims[axis]);
                let same = |a: Option<Option<usize>>, b: Option<Option<usize>>| {
                    a.flatten().zip(b.flatten()).is_none_or(|(a, b)| a == b)
                };
                same(dim(indices, 0), dim(values, 0)) && same(dim(indices, 1), dim(dense_shape, 0))
            }
            _ => false,
        };
        if !fits {
            let message = format!(
                "parts of a sparse tensor: expected shapes [n, rank], [n] and [rank], found {}, {} and {}",
                self.indices.shape(),
                self.values.shape(),
                self.dense_shape.shape()
            );
            g.report(Rule::Shape, message);
        }
        self
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.indices.graph()
    }

    /// What is known of the dense tensor's shape.
    pub fn shape(&self) -> Shape {
        constant_value::as_shape(self.dense_shape.any())
    }
}

impl GraphBuilder {
    /// A sparse tensor that the module's consumer feeds, what `tf.sparse_placeholder` makes.
    ///
    /// If the whole shape is known, it is a constant; if not, it is a placeholder as well.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.named("words", || g.sparse_placeholder::<tfhub::dtype::ByteString>((None, None)));
    /// assert_eq!(words.values.name(), "words/values:0");
    /// assert_eq!(words.indices.shape().to_string(), "[?, 2]");
    /// ```
    #[track_caller]
    pub fn sparse_placeholder<'g, T: TensorType>(
        &'g self,
        shape: impl Into<Shape>,
    ) -> SparseTensor<'g, T> {
        let shape = shape.into();
        let name = self.is_named().then(|| self.requested_name(""));
        let part = |part: &str, default: &str| match &name {
            Some(name) => format!("{name}/{part}"),
            None => default.to_owned(),
        };
        let rank = shape.rank();
        let rows_of = |columns: Option<usize>| Shape::from(vec![None, columns]);
        self.called_from(Location::caller(), || {
            let placeholder = |name: String, dtype: crate::dtype::DType, shape: Shape| {
                let op = self.op("Placeholder").name(name);
                op.attr("dtype", dtype).attr("shape", shape).output()
            };
            let dense_shape = match shape.to_static() {
                Some(sizes) => {
                    let sizes: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
                    self.constant_named(&part("shape", "Const"), sizes.into_tensor_value())
                }
                None => {
                    let shape = Shape::from(vec![rank]);
                    placeholder(part("shape", "Placeholder"), i64::DTYPE, shape)
                }
            };
            let vector = Shape::unknown_of_rank(1);
            let values = placeholder(part("values", "Placeholder"), T::DTYPE, vector);
            let name = part("indices", "Placeholder");
            let indices: AnyTensor<'g> = placeholder(name, i64::DTYPE, rows_of(rank));
            SparseTensor::new(
                self,
                indices.typed::<i64>(),
                values.typed::<T>(),
                dense_shape.typed::<i64>(),
            )
        })
    }
}

impl<'g> Call<'g> {
    /// The next inputs: the indices, values and shape of a sparse tensor.
    fn parts<T: TensorType>(self, x: SparseTensor<'g, T>) -> Self {
        self.arg(x.indices).arg(x.values).arg(x.dense_shape)
    }
}

/// A sparse tensor of the first three outputs of a node.
#[track_caller]
fn of_outputs<'g, T: TensorType>(g: &'g GraphBuilder, node: Operation<'g>) -> SparseTensor<'g, T> {
    let dense_shape = node.output(2).typed::<i64>();
    SparseTensor::new(
        g,
        node.output(0).typed::<i64>(),
        node.output(1).typed::<T>(),
        dense_shape,
    )
}

impl<'g, T: TensorType> SparseTensor<'g, T> {
    /// The same indices and shape with other values.
    #[track_caller]
    fn with_values<U: TensorType>(self, values: Tensor<'g, U>) -> SparseTensor<'g, U> {
        SparseTensor::new(self.graph(), self.indices, values, self.dense_shape)
    }

    /// Applies a function to the values; the functions of this module that are named like those of dense tensors
    /// do what `tf.abs` and its like do with sparse tensors.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.sparse_placeholder::<f32>((None, 3));
    /// assert_eq!(x.map_values(|values| math::abs(values)).values.name(), "Abs:0");
    /// ```
    #[track_caller]
    pub fn map_values<U: TensorType>(
        self,
        f: impl FnOnce(Tensor<'g, T>) -> Tensor<'g, U>,
    ) -> SparseTensor<'g, U> {
        self.with_values(f(self.values))
    }

    /// The shape of the dense tensor if it is all known, for another constant of it.
    fn static_shape(&self) -> Option<Vec<i64>> {
        let sizes = self.shape().to_static()?;
        Some(sizes.into_iter().map(|size| size as i64).collect())
    }
}

/// The largest of each column.
fn largest(rows: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = rows.graph();
    g.inner_scope("Max", Location::caller(), |scope| {
        let axis = g.constant_named("reduction_indices", 0i32.into_tensor_value());
        g.op("Max").name(scope).input(rows).input(axis).output()
    })
}

/// A sparse tensor with a constant shape if it is known, or else with the one that `shape` gives.
#[track_caller]
fn with_static_shape<'g, T: TensorType>(
    (indices, values): (Tensor<'g, i64>, Tensor<'g, T>),
    sizes: Option<Vec<usize>>,
    shape: impl FnOnce() -> AnyTensor<'g>,
) -> SparseTensor<'g, T> {
    let g = indices.graph();
    match sizes {
        Some(sizes) => {
            let sizes: Vec<i64> = sizes.into_iter().map(|size| size as i64).collect();
            SparseTensor::new(g, indices, values, sizes)
        }
        None => SparseTensor::new(g, indices, values, shape().typed::<i64>()),
    }
}

/// The rank of the dense tensor as a scalar.
fn rank<'g, T: TensorType>(x: &SparseTensor<'g, T>) -> AnyTensor<'g> {
    let g = x.graph();
    g.op("Size").name("Rank").input(x.dense_shape).output()
}
