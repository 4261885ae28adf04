//! Shapes of tensors, and the same elements under other shapes.

use crate::dtype::{DType, TensorType};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::Int32Int64;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// A shape as the vector that ops take: of int32, or of int64 where a size needs it.
pub(crate) fn shape_value(shape: &[usize]) -> TensorValue {
    let narrow: Option<Vec<i32>> = shape.iter().map(|&dim| i32::try_from(dim).ok()).collect();
    match narrow {
        Some(shape) => shape.into_tensor_value(),
        None => sizes_value(shape, DType::Int64),
    }
}

/// Sizes as a vector of int32 or int64; those that int32 cannot hold lose their upper half, as in Python.
pub(crate) fn sizes_value(sizes: &[usize], dtype: DType) -> TensorValue {
    let sizes = sizes.iter();
    match dtype {
        DType::Int64 => sizes
            .map(|&size| size as i64)
            .collect::<Vec<_>>()
            .into_tensor_value(),
        _ => sizes
            .map(|&size| size as i32)
            .collect::<Vec<_>>()
            .into_tensor_value(),
    }
}

/// The shape of a tensor as a vector (`tf.shape`); a constant if it is known.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(array::shape(x).operation().op(), "Shape");
/// assert_eq!(array::shape_as::<i64, _>(x).shape().to_string(), "[2]");
/// ```
#[track_caller]
pub fn shape<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, i32> {
    shape_as(x)
}

/// The shape of a tensor as a vector of int32 or int64 (`tf.shape` with `out_type`).
#[track_caller]
pub fn shape_as<'g, I: Int32Int64, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, I> {
    let g = x.graph();
    let name = g.requested_name("Shape");
    Nodes(g).shape_as(&name, Arg::of(x), I::DTYPE).typed()
}

/// The shapes of several tensors (`tf.shape_n`).
#[track_caller]
pub fn shape_n<'g, T: TensorType>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
) -> Vec<Tensor<'g, i32>> {
    shape_n_as(g, inputs)
}

/// The shapes of several tensors as vectors of int32 or int64 (`tf.shape_n` with `out_type`).
#[track_caller]
pub fn shape_n_as<'g, I: Int32Int64, T: TensorType>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
) -> Vec<Tensor<'g, I>> {
    let inputs = inputs.into_entry().into_list();
    let shapes = function(g, "ShapeN")
        .list(inputs.into_iter().map(Arg::of))
        .attr("out_type", I::DTYPE)
        .finish();
    shapes.outputs().into_iter().map(AnyTensor::typed).collect()
}

/// The number of elements of a tensor (`tf.size`); a constant if it is known.
#[track_caller]
pub fn size<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, i32> {
    size_as(x)
}

/// The number of elements of a tensor as an int32 or int64 (`tf.size` with `out_type`).
#[track_caller]
pub fn size_as<'g, I: Int32Int64, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, I> {
    let g = x.graph();
    let name = g.requested_name("Size");
    Nodes(g).size_as(&name, Arg::of(x), I::DTYPE).typed()
}

/// The number of dimensions of a tensor (`tf.rank`); a constant if it is known.
#[track_caller]
pub fn rank<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, i32> {
    let g = x.graph();
    let name = g.requested_name("Rank");
    Nodes(g).rank_as(&name, Arg::of(x)).typed()
}

functions! {
    /// The elements of a tensor under another shape (`tf.reshape`); one size may be -1 and follows from the others.
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((2, 3, 4));
    /// assert_eq!(array::reshape(x, [-1, 6]).shape().to_string(), "[4, 6]");
    /// let n = g.placeholder::<i32>(());
    /// let y = g.placeholder::<f32>((None, 6));
    /// assert_eq!(array::reshape(y, (n, 3)).shape().to_string(), "[?, 3]");
    /// ```
    reshape "Reshape" <T: TensorType, I: Int32Int64>(x: T, shape: I) -> T;
    /// A tensor with one dimension of size 1 more, which gets the position `axis` (`tf.expand_dims`).
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// assert_eq!(array::expand_dims(x, 1).shape().to_string(), "[?, 1, 3]");
    /// assert_eq!(array::expand_dims(x, -1).shape().to_string(), "[?, 3, 1]");
    /// ```
    expand_dims "ExpandDims" <T: TensorType, I: Int32Int64>(x: T, axis: I) -> T;
    /// A tensor without those of its dimensions `axes` that have size 1, or without any such if `axes` is empty
    /// (`tf.squeeze`). A dimension of another size is a fault.
    squeeze "Squeeze" <T: TensorType>(x: T; axes: &[i64]) -> T { "squeeze_dims" = axes.to_vec() };
    /// A tensor repeated along its dimensions of size 1, and new first ones, to a shape (`tf.broadcast_to`).
    broadcast_to "BroadcastTo" <T: TensorType, I: Int32Int64>(x: T, shape: I) -> T;
    /// The shape that broadcasting tensors of two shapes gives, worked out when the graph runs
    /// (`tf.broadcast_dynamic_shape`).
    broadcast_dynamic_shape "BroadcastArgs" <I: Int32Int64>(x: I, y: I) -> I;
}

/// The same tensor, which fails when it runs if its shape is not as stated (`tf.ensure_shape`).
#[track_caller]
pub fn ensure_shape<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    shape: impl Into<Shape>,
) -> Tensor<'g, T> {
    function(x.graph(), "EnsureShape")
        .arg(x)
        .attr("shape", shape.into())
        .output()
        .typed()
}

/// The shape that broadcasting tensors of two shapes gives, or `None` if they do not broadcast
/// (`tf.broadcast_static_shape`).
///
/// ```
/// use tfhub::{Shape, ops::array};
/// let shape = array::broadcast_static_shape((None, 1), [3]);
/// assert_eq!(shape, Some(Shape::from((None, 3))));
/// assert_eq!(array::broadcast_static_shape([2], [3]), None);
/// ```
pub fn broadcast_static_shape(x: impl Into<Shape>, y: impl Into<Shape>) -> Option<Shape> {
    x.into().broadcast(&y.into())
}
