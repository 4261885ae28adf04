//! Clipping of values and norms.

use std::panic::Location;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
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
    let (g, limits) = (
        t.graph(),
        [Arg::of(clip_value_max), Arg::of(clip_value_min)],
    );
    let scope = g.open_function_scope("clip_by_value");
    let (n, [max, min]) = (Nodes(g), limits);
    let values = t.into_tensor(g, "t").any();
    let at_most = n.minimum(values, max);
    same_shape(values, at_most);
    let clipped = n.call(("Maximum", &scope), [at_most.into(), min]);
    same_shape(values, clipped);
    clipped.typed()
}

/// Checks that values keep a shape that they may have.
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
    clip_norm: impl Operand<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let (g, clip_norm) = (t.graph(), Arg::of(clip_norm));
    let axes = axes.into().keep_dims();
    let scope = g.open_function_scope("clip_by_norm");
    let n = Nodes(g);
    let values = t.into_tensor(g, "t").any();
    let sum = n.reduce("Sum", n.mul(values, values), axes);
    let positive = n.binary("Greater", sum, 0);
    let safe = n.select(positive, sum, n.ones_like(sum));
    let norm = n.select(positive, n.unary("Sqrt", safe), sum);
    let scaled = n.mul(values, &clip_norm);
    same_shape(values, scaled);
    let divisor = n.maximum(norm, clip_norm);
    n.identity(&scope, n.truediv(scaled, divisor)).typed()
}

/// The square root of the sum of the squares of all elements of some tensors (`tf.linalg.global_norm`).
///
/// `tensors` is a list of tensors or variables, or a tuple of both.
#[track_caller]
pub fn global_norm<'g, T: Float>(
    g: &'g GraphBuilder,
    tensors: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let name = g.requested_name("global_norm");
    let tensors = Arg::items(tensors);
    let _call = g.open_call(Location::caller());
    Nodes(g).norm_of_all(&name, &tensors, T::DTYPE).typed()
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
    clip_norm: impl Operand<'g, T>,
    use_norm: impl Into<OrDefault<Tensor<'g, T>>>,
) -> (Vec<Tensor<'g, T>>, Tensor<'g, T>) {
    let name = g.is_named().then(|| g.requested_name("").into_owned());
    let (n, tensors, clip_norm) = (Nodes(g), Arg::items(tensors), Arg::of(clip_norm));
    let use_norm = use_norm.into().0;
    let _call = g.open_call(Location::caller());
    let norm = use_norm.map(Tensor::any).unwrap_or_else(|| {
        n.norm_of_all(name.as_deref().unwrap_or("global_norm"), &tensors, T::DTYPE)
    });
    let name = name.as_deref().unwrap_or("clip_by_global_norm");
    let clipped = n
        .clipped(name, &tensors, clip_norm, norm, T::DTYPE)
        .into_iter();
    (clipped.map(AnyTensor::typed).collect(), norm.typed())
}

or_default! {
    ['g, T: Float] Tensor<'g, T>;
}

impl<'g> Nodes<'g> {
    fn norm_of_all(self, name: &str, tensors: &[Arg<'g>], dtype: DType) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let tensors = self.numbered(tensors, dtype).into_iter();
        let losses = tensors.map(|x| self.0.colocate_with(x, || self.unary("L2Loss", x)));
        let losses: Vec<_> = losses.map(Arg::from).collect();
        let halves = self.reduce("Sum", self.stack(losses), Axes::ALL);
        let sum = self.mul(halves, self.number("Const", dtype, 2.0));
        self.call(("Sqrt", "global_norm"), [sum.into()])
    }

    /// The tensors of a list, as Python names those that it makes.
    fn numbered(self, tensors: &[Arg<'g>], dtype: DType) -> Vec<AnyTensor<'g>> {
        let tensors = tensors.iter().cloned().enumerate();
        let tensors = tensors.map(|(i, x)| x.convert(self.0, &format!("t_{i}"), dtype));
        tensors.collect()
    }

    fn clipped(
        self,
        name: &str,
        tensors: &[Arg<'g>],
        clip_norm: Arg<'g>,
        norm: AnyTensor<'g>,
        dtype: DType,
    ) -> Vec<AnyTensor<'g>> {
        let scope = self.open_scope(name);
        let inverse = self.truediv(1, norm);
        let one = self.number("Const", dtype, 1.0);
        let least = self.minimum(inverse, self.truediv(one, &clip_norm));
        let finite_scale = self.mul(clip_norm, least);
        let finite = self.unary("IsFinite", norm);
        let scale = self.select(finite, finite_scale, self.number("Const", dtype, f64::NAN));
        let clip = |(i, x): (usize, AnyTensor<'g>)| {
            let clip = || self.identity(&format!("{}_{i}", &*scope), self.mul(x, scale));
            self.0.colocate_with(x, clip)
        };
        let tensors = self.numbered(tensors, dtype).into_iter().enumerate();
        tensors.map(clip).collect()
    }
}

/// The tensor, scaled down to an average norm of at most `clip_norm` (`tf.clip_by_average_norm`).
#[track_caller]
pub fn clip_by_average_norm<'g>(
    t: impl TensorLike<'g, f32>,
    clip_norm: impl Operand<'g, f32>,
) -> Tensor<'g, f32> {
    let (g, clip_norm) = (t.graph(), Arg::of(clip_norm));
    let scope = g.open_function_scope("clip_by_average_norm");
    let n = Nodes(g);
    let t = t.into_tensor(g, "t").any();
    let count = n.cast(n.size(t), DType::Float32);
    let squares = n.mul(t, t);
    let axes = n.range(0, n.rank(t));
    let inverse = n.unary("Rsqrt", n.binary("Sum", squares, axes));
    let scaled = n.mul(t, &clip_norm);
    let average = n.mul(inverse, count);
    let one = n.number("Const", DType::Float32, 1.0);
    let bound = n.truediv(one, clip_norm);
    let clipped = n.mul(scaled, n.minimum(average, bound));
    n.identity(&scope, clipped).typed()
}
