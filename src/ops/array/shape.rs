//! Shapes of tensors, and the same elements under other shapes.

use super::parts::{Parts, outputs};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Axes, Nodes, function};
use crate::ops::types::IndexType;
use crate::shape::Shape;

/// The shape of a tensor as a vector of int32 or int64 (`tf.shape`); a constant if it is known.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(array::shape::<i32, _>(x).operation().op(), "Shape");
/// assert_eq!(array::shape::<i64, _>(x).shape().to_string(), "[2]");
/// ```
#[track_caller]
pub fn shape<'g, I: IndexType, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, I> {
    let g = x.graph();
    let name = g.requested_name("Shape");
    Nodes(g).shape_as(&name, Arg::of(x), I::DTYPE).typed()
}

/// The shapes of several tensors as vectors of int32 or int64 (`tf.shape_n`), in an array or a vector.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((None,)));
/// let [a, b] = array::shape_n::<i32, _, _>(&g, [x, y]);
/// assert_eq!((a.shape().to_string(), b.shape().to_string()), ("[2]".into(), "[1]".into()));
/// ```
#[track_caller]
pub fn shape_n<'g, I: IndexType, P: Parts<'g, I>, T: TensorType>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
) -> P {
    let call = function(g, "ShapeN").list(Arg::items(inputs));
    outputs(call.attr("out_type", I::DTYPE).finish())
}

/// The number of elements of a tensor as an int32 or int64 (`tf.size`); a constant if it is known.
#[track_caller]
pub fn size<'g, I: IndexType, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, I> {
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
    reshape "Reshape" <T: TensorType, I: IndexType>(x: T, shape: I) -> T;
    /// A tensor with one dimension of size 1 more, which gets the position `axis` (`tf.expand_dims`).
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// assert_eq!(array::expand_dims(x, 1).shape().to_string(), "[?, 1, 3]");
    /// assert_eq!(array::expand_dims(x, -1).shape().to_string(), "[?, 3, 1]");
    /// ```
    expand_dims "ExpandDims" <T: TensorType, I: IndexType>(x: T, axis: I) -> T;
    /// A tensor repeated along its dimensions of size 1, and new first ones, to a shape (`tf.broadcast_to`).
    broadcast_to "BroadcastTo" <T: TensorType, I: IndexType>(x: T, shape: I) -> T;
    /// The tensor, which fails when it runs if its shape is not as stated (`tf.ensure_shape`).
    ensure_shape "EnsureShape" <T: TensorType>(x: T; shape: impl Into<Shape>) -> T { "shape" = shape.into() };
    /// The shape that broadcasting tensors of two shapes gives, worked out when the graph runs
    /// (`tf.broadcast_dynamic_shape`).
    broadcast_dynamic_shape "BroadcastArgs" <I: IndexType>(x: I, y: I) -> I;
}

/// A tensor without those of its dimensions `axes` that have size 1, with `()` without any such (`tf.squeeze`). A
/// dimension of another size is a fault, and so is [`Axes::keep_dims`].
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((1, 3, 1));
/// assert_eq!(array::squeeze(x, ()).shape().to_string(), "[3]");
/// assert_eq!(array::squeeze(x, -1).shape().to_string(), "[1, 3]");
/// assert_eq!(array::squeeze(x, [0, 2]).shape().to_string(), "[3]");
/// ```
#[track_caller]
pub fn squeeze<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let (g, axes) = (x.graph(), axes.into());
    if axes.keep_dims {
        g.report(Rule::Inputs, "squeezed dimensions cannot be kept");
    }
    function(g, "Squeeze")
        .arg(x)
        .attr("squeeze_dims", axes.numbers())
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
