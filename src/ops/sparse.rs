//! Sparse tensors (`tf.sparse`).

mod dense;
mod join;
mod math;
mod order;

use std::panic::Location;
use std::slice::Iter;

use super::nodes::{Arg, Call, Nodes, sizes_value};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure;
use crate::graph::{
    AnyTensor, GraphBuilder, Leaf, Operand, Operation, Structure, Tensor, TypedStructure,
};
use crate::ops::constant_value;
use crate::shape::Shape;

pub use dense::*;
pub use join::*;
pub use math::*;
pub use order::*;

/// A tensor of which the graph holds only some elements (`tf.SparseTensor`).
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

impl<T: TensorType> structure::sealed::Structure for SparseTensor<'_, T> {}

/// Its parts: indices, values and the dense shape.
impl<'g, T: TensorType> Structure<'g> for SparseTensor<'g, T> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        let parts = [
            self.indices.any(),
            self.values.any(),
            self.dense_shape.any(),
        ];
        leaves.push(Leaf::Sparse(parts));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        Self::from_tensors(tensors)
    }
}

impl<'g, T: TensorType> TypedStructure<'g> for SparseTensor<'g, T> {
    fn dtypes(dtypes: &mut Vec<DType>) {
        dtypes.extend([DType::Int64, T::DTYPE, DType::Int64]);
    }

    fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        let (indices, values, dense_shape) = TypedStructure::from_tensors(tensors);
        SparseTensor {
            indices,
            values,
            dense_shape,
        }
    }
}

structures! { SparseTensor<'g, T>, [T: TensorType]; }

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
        let _scope = g.open_inner_scope("SparseTensor", Location::caller());
        let parts = AnySparseTensor {
            indices: indices.into_tensor(g, "indices"),
            values: values.into_tensor(g, "values").any(),
            dense_shape: dense_shape.into_tensor(g, "dense_shape"),
        };
        parts.checked().typed()
    }

    /// The sparse tensor with its element type known at run time.
    pub fn any(self) -> AnySparseTensor<'g> {
        AnySparseTensor {
            indices: self.indices,
            values: self.values.any(),
            dense_shape: self.dense_shape,
        }
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.indices.graph()
    }

    /// The shape of the dense tensor, as far as it is known.
    pub fn shape(&self) -> Shape {
        self.any().shape()
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
        self.any().with_values(f(self.values).any()).typed()
    }
}

/// A sparse tensor whose element type is known at run time.
#[derive(Debug, Clone, Copy)]
pub struct AnySparseTensor<'g> {
    /// Where the elements are.
    pub indices: Tensor<'g, i64>,
    /// The elements.
    pub values: AnyTensor<'g>,
    /// The shape of the dense tensor.
    pub dense_shape: Tensor<'g, i64>,
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for AnySparseTensor<'g> {
    fn from(x: SparseTensor<'g, T>) -> Self {
        x.any()
    }
}

impl<'g> AnySparseTensor<'g> {
    /// The sparse tensor with its element type known to the compiler; if it is another, that is reported.
    #[track_caller]
    pub fn typed<T: TensorType>(self) -> SparseTensor<'g, T> {
        SparseTensor {
            indices: self.indices,
            values: self.values.typed(),
            dense_shape: self.dense_shape,
        }
    }

    /// `tf.SparseTensor` of tensors, and of a shape that may become a constant.
    #[track_caller]
    pub(crate) fn new(
        indices: AnyTensor<'g>,
        values: AnyTensor<'g>,
        dense_shape: impl Into<Arg<'g>>,
    ) -> Self {
        let n = Nodes(values.graph());
        let _scope = n.open_scope("SparseTensor");
        let dense_shape = dense_shape.into();
        let dense_shape = dense_shape.convert(n.0, "dense_shape", DType::Int64);
        let (indices, dense_shape) = (indices.typed(), dense_shape.typed());
        AnySparseTensor {
            indices,
            values,
            dense_shape,
        }
        .checked()
    }

    /// A sparse tensor of the first three outputs of a node.
    #[track_caller]
    pub(super) fn of_outputs(node: Operation<'g>) -> Self {
        AnySparseTensor::new(node.output(0), node.output(1), node.output(2))
    }

    /// A sparse tensor of the same indices and shape with other values.
    #[track_caller]
    fn with_values(self, values: AnyTensor<'g>) -> Self {
        AnySparseTensor::new(self.indices.any(), values, self.dense_shape)
    }

    /// Compares the ranks of the parts.
    #[track_caller]
    fn checked(self) -> Self {
        let unknown = Shape::unknown_of_rank;
        let [of_indices, of_values] = [self.indices.shape(), self.values.shape()];
        let of_shape = self.dense_shape.shape();
        let parts = (
            of_indices.merge(&unknown(2)),
            of_values.merge(&unknown(1)),
            of_shape.merge(&unknown(1)),
        );
        let fits = match &parts {
            (Some(indices), Some(values), Some(dense_shape)) => {
                let dim = |shape: &Shape, axis: usize| shape.dims().and_then(|dims| dims[axis]);
                let same = |a: Option<usize>, b| a.zip(b).is_none_or(|(a, b)| a == b);
                same(dim(indices, 0), dim(values, 0)) && same(dim(indices, 1), dim(dense_shape, 0))
            }
            _ => false,
        };
        if !fits {
            let message = format!(
                "parts of a sparse tensor: expected shapes [n, rank], [n] and [rank], found {of_indices}, {of_values} \
                 and {of_shape}"
            );
            self.graph().report(Rule::Shape, message);
        }
        self
    }

    fn graph(&self) -> &'g GraphBuilder {
        self.indices.graph()
    }

    pub(crate) fn shape(&self) -> Shape {
        constant_value::as_shape(self.dense_shape.any())
    }

    /// The rank of the dense tensor as a scalar.
    #[track_caller]
    fn rank(&self) -> AnyTensor<'g> {
        Nodes(self.graph()).call(("Size", "Rank"), [self.dense_shape.into()])
    }
}

impl GraphBuilder {
    /// A sparse tensor that the module's consumer feeds (`tf.sparse_placeholder`).
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
        let _call = self.open_call(Location::caller());
        let placeholder = |name: String, dtype: DType, shape: Shape| {
            let op = self.op("Placeholder").name(name);
            op.attr("dtype", dtype).attr("shape", shape).output()
        };
        let dense_shape = match shape.to_static() {
            Some(sizes) => {
                let sizes = sizes_value(&sizes, DType::Int64);
                self.constant_named(&part("shape", "Const"), sizes)
            }
            None => {
                let shape = Shape::from(vec![rank]);
                placeholder(part("shape", "Placeholder"), i64::DTYPE, shape)
            }
        };
        let vector = Shape::unknown_of_rank(1);
        let values = placeholder(part("values", "Placeholder"), T::DTYPE, vector);
        let name = part("indices", "Placeholder");
        let indices = placeholder(name, i64::DTYPE, rows_of(rank));
        AnySparseTensor::new(indices, values, dense_shape).typed()
    }
}

impl<'g> Call<'g> {
    /// The next inputs: the indices, values and shape of a sparse tensor.
    pub(super) fn parts(self, x: impl Into<AnySparseTensor<'g>>) -> Self {
        let x = x.into();
        self.arg(x.indices).any(x.values).arg(x.dense_shape)
    }
}

/// A shape as a constant if all of it is known, and else as what `shape` gives.
fn known_or<'g>(shape: &Shape, computed: impl FnOnce() -> AnyTensor<'g>) -> Arg<'g> {
    match shape.to_static() {
        Some(sizes) => sizes_value(&sizes, DType::Int64).into(),
        None => computed().into(),
    }
}
