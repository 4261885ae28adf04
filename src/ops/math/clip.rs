//! Clipping of values and norms.

use std::panic::Location;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Entry, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Axes, Nodes};
use crate::ops::types::{Float, Ordered};
use crate::ops::{OrDefault, TensorLike};

/// Each element, or the nearer one of two limits if it is outside of them (`tf.clip_by_value`).
///
/// Limits that would change the shape are a fault.
#[track_caller]
pub fn clip_by_value<'g, T: Ordered>(
    t: impl TensorLike<'g, T>,
    clip_value_min: impl Operand<'g, T>,
    clip_value_max: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let g = t.graph();
    g.function_scope("clip_by_value", Location::caller(), |scope| {
        let values = t.into_tensor(g, "t").any();
        let at_most = limited(g, ("Minimum", "Minimum"), values, clip_value_max);
        same_shape(values, at_most);
        let clipped = limited(g, ("Maximum", scope), at_most, clip_value_min);
        same_shape(values, clipped);
        clipped.typed()
    })
}

fn limited<'g, T: Ordered>(
    g: &'g GraphBuilder,
    (op, name): (&str, &str),
    x: AnyTensor<'g>,
    limit: impl Operand<'g, T>,
) -> AnyTensor<'g> {
    g.inner_scope(name, Location::caller(), |scope| {
        let limit = limit.into_tensor(g, "y");
        g.op(op).name(scope).input(x).input(limit).output()
    })
}

/// What was made of values has to have a shape that they may have.
fn same_shape(values: AnyTensor<'_>, made: AnyTensor<'_>) {
    let (expected, found) = (values.shape(), made.shape());
    if !expected.is_compatible_with(&found) {
        let message = format!("clipping values of shape {expected} gives the shape {found}");
        values.graph().report(Rule::Shape, message);
    }
}

/// The tensor, scaled down to a Euclidean norm along `axes` of at most `clip_norm` (`tf.clip_by_norm`).
#[track_caller]
pub fn clip_by_norm<'g, T: Float>(
    t: impl TensorLike<'g, T>,
    clip_norm: impl Operand<'g, T> + Clone,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let g = t.graph();
    let axes = axes.into().keep_dims();
    g.function_scope("clip_by_norm", Location::caller(), |scope| {
        let n = Nodes(g);
        let values = t.into_tensor(g, "t").any();
        let sum = n.reduce("Sum", n.mul(values, values), axes);
        let positive = n.binary("Greater", sum, 0);
        let safe = n.select(positive, sum, n.ones_like(sum));
        let norm = n.select(positive, n.unary("Sqrt", safe), sum);
        let scaled = operator(g, ("Mul", "mul"), values, clip_norm.clone());
        same_shape(values, scaled);
        let divisor = operator(g, ("Maximum", "Maximum"), norm, clip_norm);
        n.identity(scope, n.truediv(scaled, divisor)).typed()
    })
}

/// A node of a tensor and an argument, which is made a constant in its scope.
fn operator<'g, T: Float>(
    g: &'g GraphBuilder,
    (op, name): (&str, &str),
    x: AnyTensor<'g>,
    y: impl Operand<'g, T>,
) -> AnyTensor<'g> {
    g.inner_scope(name, Location::caller(), |scope| {
        let y = y.into_tensor(g, "y");
        g.op(op).name(scope).input(x).input(y).output()
    })
}

/// The square root of the sum of the squares of all elements of some tensors (`tf.linalg.global_norm`).
///
/// `tensors` is a list of tensors or variables, or a tuple of both.
#[track_caller]
pub fn global_norm<'g, T: Float>(
    g: &'g GraphBuilder,
    tensors: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let name = g.requested_name("global_norm").into_owned();
    let tensors = tensors.into_entry().into_list();
    g.called_from(Location::caller(), || {
        norm_of_all(g, &name, &tensors).typed()
    })
}

fn norm_of_all<'g, T: Float>(
    g: &'g GraphBuilder,
    name: &str,
    tensors: &[Entry<'g, T>],
) -> AnyTensor<'g> {
    let n = Nodes(g);
    g.inner_scope(name, Location::caller(), |_| {
        let loss = |tensor: Tensor<'g, T>| g.colocate_with(tensor, || n.unary("L2Loss", tensor));
        let tensors = converted(g, tensors).into_iter();
        let losses: Vec<Arg<'g>> = tensors.map(|tensor| loss(tensor).into()).collect();
        let halves = n.reduce("Sum", n.stack(losses), Axes::ALL);
        let sum = n.mul(halves, n.number("Const", T::DTYPE, 2.0));
        n.call(("Sqrt", "global_norm"), [sum.into()])
    })
}

/// The tensors of a list, as Python names those that it makes.
#[track_caller]
fn converted<'g, T: Float>(g: &'g GraphBuilder, tensors: &[Entry<'g, T>]) -> Vec<Tensor<'g, T>> {
    let tensors = tensors.iter().cloned().enumerate();
    let tensors = tensors.map(|(i, tensor)| tensor.into_tensor(g, &format!("t_{i}")));
    tensors.collect()
}

/// The tensors, scaled down to a global norm of at most `clip_norm`, and that norm before
/// (`tf.clip_by_global_norm`).
///
/// `tensors` is a list of tensors or variables, or a tuple of both. `use_norm` is their norm where it is known already,
/// `()` where it is not.
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((2,)), g.placeholder::<f32>((3,)));
/// let (clipped, norm) = math::clip_by_global_norm(&g, [x, y], 5.0, ());
/// assert_eq!((clipped.len(), norm.shape().to_string()), (2, "[]".to_owned()));
/// ```
#[track_caller]
pub fn clip_by_global_norm<'g, T: Float>(
    g: &'g GraphBuilder,
    tensors: impl Operand<'g, T>,
    clip_norm: impl Operand<'g, T> + Clone,
    use_norm: impl Into<OrDefault<Tensor<'g, T>>>,
) -> (Vec<Tensor<'g, T>>, Tensor<'g, T>) {
    let name = g.is_named().then(|| g.requested_name("").into_owned());
    let tensors = tensors.into_entry().into_list();
    let use_norm = use_norm.into().0;
    g.called_from(Location::caller(), || {
        let norm = use_norm.unwrap_or_else(|| {
            norm_of_all(g, name.as_deref().unwrap_or("global_norm"), &tensors).typed()
        });
        let name = name.as_deref().unwrap_or("clip_by_global_norm");
        clipped(g, name, &tensors, clip_norm, norm)
    })
}

or_default! {
    ['g, T: Float] Tensor<'g, T>;
}

fn clipped<'g, T: Float>(
    g: &'g GraphBuilder,
    name: &str,
    tensors: &[Entry<'g, T>],
    clip_norm: impl Operand<'g, T> + Clone,
    norm: Tensor<'g, T>,
) -> (Vec<Tensor<'g, T>>, Tensor<'g, T>) {
    let n = Nodes(g);
    let clipped = g.inner_scope(name, Location::caller(), |scope| {
        let inverse = n.truediv(1, norm);
        let one = n.number("Const", T::DTYPE, 1.0);
        let bound = operator(g, ("RealDiv", "truediv"), one, clip_norm.clone());
        let least = n.minimum(inverse, bound);
        let finite_scale = g.inner_scope("mul", Location::caller(), |scope| {
            let clip_norm = clip_norm.into_tensor(g, "x");
            let product = g.op("Mul").name(scope).input(clip_norm);
            product.input(least).output()
        });
        let finite = n.unary("IsFinite", norm.any());
        let scale = n.select(finite, finite_scale, n.number("Const", T::DTYPE, f64::NAN));
        let clip = |(i, tensor): (usize, Tensor<'g, T>)| {
            g.colocate_with(tensor, || {
                let product = n.mul(tensor, scale);
                n.identity(&format!("{scope}_{i}"), product).typed()
            })
        };
        let tensors = converted(g, tensors).into_iter().enumerate();
        tensors.map(clip).collect()
    });
    (clipped, norm)
}

/// The tensor, scaled down to an average norm of at most `clip_norm` (`tf.clip_by_average_norm`).
#[track_caller]
pub fn clip_by_average_norm<'g>(
    t: impl TensorLike<'g, f32>,
    clip_norm: impl Operand<'g, f32> + Clone,
) -> Tensor<'g, f32> {
    let g = t.graph();
    g.function_scope("clip_by_average_norm", Location::caller(), |scope| {
        let n = Nodes(g);
        let t = t.into_tensor(g, "t").any();
        let count = n.cast(n.size(t), DType::Float32);
        let squares = n.mul(t, t);
        let axes = n.range(0, n.rank(t));
        let inverse = n.unary("Rsqrt", n.binary("Sum", squares, axes));
        let scaled = operator(g, ("Mul", "mul"), t, clip_norm.clone());
        let average = n.mul(inverse, count);
        let one = n.number("Const", DType::Float32, 1.0);
        let bound = operator(g, ("RealDiv", "truediv"), one, clip_norm);
        let clipped = n.mul(scaled, n.minimum(average, bound));
        n.identity(scope, clipped).typed()
    })
}
