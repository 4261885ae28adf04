//! Reductions, and where the greatest and least elements are.

use std::panic::Location;

use crate::dtype::{DType, Element, TensorType};
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Axes, AxesKind, Nodes};
use crate::ops::types::{Comparable, Float, IndexType, Inexact, Number};

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: impl TensorLike<'g, T>, axes: impl Into<Axes>) -> Tensor<'g, T> {
            reduce($op, x, axes.into(), Location::caller())
        }
    )*};
}

reductions! {
    /// The square root of the sum of the squares along `axes` (`tf.math.reduce_euclidean_norm`).
    reduce_euclidean_norm Number "EuclideanNorm";
    /// The greatest of the elements along `axes` (`tf.reduce_max`).
    reduce_max Number "Max";
    /// The mean of the elements along `axes` (`tf.reduce_mean`).
    reduce_mean Number "Mean";
    /// The least of the elements along `axes` (`tf.reduce_min`).
    reduce_min Number "Min";
    /// The product of the elements along `axes` (`tf.reduce_prod`).
    reduce_prod Number "Prod";
    /// The sum of the elements along `axes` (`tf.reduce_sum`).
    reduce_sum Number "Sum";
}

/// Whether all elements along `axes` are true (`tf.reduce_all`).
#[track_caller]
pub fn reduce_all<'g>(x: impl TensorLike<'g, bool>, axes: impl Into<Axes>) -> Tensor<'g, bool> {
    reduce("All", x, axes.into(), Location::caller())
}

/// Whether any element along `axes` is true (`tf.reduce_any`).
#[track_caller]
pub fn reduce_any<'g>(x: impl TensorLike<'g, bool>, axes: impl Into<Axes>) -> Tensor<'g, bool> {
    reduce("Any", x, axes.into(), Location::caller())
}

/// A reduction whose name the author may change.
pub(crate) fn reduce<'g, T: TensorType>(
    op: &'static str,
    x: impl TensorLike<'g, T>,
    axes: Axes,
    location: &'static Location<'static>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name(op);
    let _call = g.open_call(location);
    let reduced = Nodes(g).reduce_as((op, &name), Arg::of(x), &axes);
    reduced.typed()
}

/// The number of elements along `axes` that are not zero, empty or false, as a `U` (`tf.math.count_nonzero`).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(math::count_nonzero::<i64, _>(x, 1).shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn count_nonzero<'g, U, T>(
    input: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, U>
where
    T: Comparable,
    U: Element,
{
    let axes = axes.into();
    let (n, _scope) = Nodes::in_scope(input.graph(), "count_nonzero");
    let input = n.tensor(input, "input");
    let zero = n.filled("zeros", 0.0, T::DTYPE, ().into());
    let nonzero = n.binary("NotEqual", input, zero);
    let ones = n.cast(nonzero, DType::Int64);
    n.cast(n.reduce("Sum", ones, axes), U::DTYPE).typed()
}

/// The variance of the elements along `axes` (`tf.math.reduce_variance`).
#[track_caller]
pub fn reduce_variance<'g, T: Inexact>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let (n, name) = (
        Nodes(x.graph()),
        x.graph().requested_name("reduce_variance"),
    );
    variance(n, &name, Arg::of(x), &axes.into()).typed()
}

/// The standard deviation of the elements along `axes` (`tf.math.reduce_std`).
#[track_caller]
pub fn reduce_std<'g, T: Inexact>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let axes = axes.into();
    let (n, _scope) = Nodes::in_scope(x.graph(), "reduce_std");
    let variance = variance(n, "reduce_variance", Arg::of(x), &axes);
    n.unary("Sqrt", variance).typed()
}

/// `tf.math.reduce_variance` under a name.
#[track_caller]
pub(in crate::ops) fn variance<'g>(
    n: Nodes<'g>,
    name: &str,
    x: Arg<'g>,
    axes: &Axes,
) -> AnyTensor<'g> {
    let _scope = n.open_scope(name);
    let means = n.reduce("Mean", &x, axes.keeping(true));
    let deviations = n.sub(x.convert(n.0, "x", DType::Float32), means);
    n.reduce("Mean", n.unary("Square", deviations), axes.clone())
}

/// log(sum(exp(x))) of the elements along `axes`, without overflow (`tf.reduce_logsumexp`).
#[track_caller]
pub fn reduce_logsumexp<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let axes = axes.into();
    let name = g.requested_name("ReduceLogSumExp").into_owned();
    let _call = g.open_call(Location::caller());
    let x = x.into_tensor(g, "Const").any();
    let _scope = g.open_inner_scope(&name, Location::caller());
    let n = Nodes(g);
    let raw_max = n.reduce("Max", x, axes.keeping(true));
    let finite = n.unary("IsFinite", raw_max);
    let max = n.select(finite, raw_max, n.zeros_like(raw_max));
    let max = n.unary("StopGradient", max);
    let shifted = n.binary("Sub", x, max);
    let sum = n.reduce("Sum", n.unary("Exp", shifted), axes.clone());
    let log = n.unary("Log", sum);
    let max = match axes.keep_dims {
        true => max,
        false => n.reshape(max, n.shape(log)),
    };
    let result = n.binary("Add", log, max);
    if axes.kind == AxesKind::All && !axes.keep_dims {
        result.set_shape(());
    }
    result.typed()
}

functions! {
    /// The place of the greatest element along an axis, as an int32 or int64 (`tf.argmax`).
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let scores = g.placeholder::<f32>((None, 10));
    /// assert_eq!(math::argmax::<i64, _>(scores, 1).shape().to_string(), "[?]");
    /// ```
    argmax "ArgMax" <U: IndexType, T: Number>(input: T, axis: i32) -> U { "output_type" = U::DTYPE };
    /// The place of the least element along an axis, as an int32 or int64 (`tf.argmin`).
    argmin "ArgMin" <U: IndexType, T: Number>(input: T, axis: i32) -> U { "output_type" = U::DTYPE };
}

/// The dimensions along which [`l2_normalize`] takes the norm, and its least value.
///
/// ```
/// use tfhub::ops::math::{self, L2NormalizeOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let options = L2NormalizeOptions::default().axis(1).epsilon(1e-6);
/// assert_eq!(math::l2_normalize(x, options).shape().to_string(), "[?, 3]");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct L2NormalizeOptions {
    axis: Axes,
    epsilon: f64,
}

impl Default for L2NormalizeOptions {
    fn default() -> Self {
        L2NormalizeOptions {
            axis: Axes::ALL,
            epsilon: 1e-12,
        }
    }
}

setters! {
    impl L2NormalizeOptions {
        /// The dimensions that are added up; all by default.
        axis: impl Into<Axes> => axis.into();
        /// The least value for the sum of the squares; 1e-12 by default.
        epsilon: f64;
    }
}

defaults!(L2NormalizeOptions);

macro_rules! axes_alone {
    ($([$($generics:tt)*] $axes:ty;)*) => {$(
        /// The dimensions alone.
        impl<$($generics)*> From<$axes> for L2NormalizeOptions {
            fn from(axes: $axes) -> Self {
                L2NormalizeOptions::default().axis(axes)
            }
        }
    )*};
}

axes_alone! {
    [] Axes;
    [] i32;
    [] &[i32];
    [] Vec<i32>;
    [const N: usize] [i32; N];
}

/// x / sqrt(max(sum(x²), epsilon)) with the sum along some or all dimensions (`tf.math.l2_normalize`).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(math::l2_normalize(x, -1).shape().to_string(), "[?, 3]");
/// ```
#[track_caller]
pub fn l2_normalize<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    options: impl Into<L2NormalizeOptions>,
) -> Tensor<'g, T> {
    let L2NormalizeOptions { axis, epsilon } = options.into();
    let axes = axis.keep_dims();
    let (n, scope) = Nodes::in_scope(x.graph(), "l2_normalize");
    let x = n.tensor(x, "x");
    let sum = n.reduce("Sum", n.unary("Square", x), axes);
    let inverse = n.unary("Rsqrt", n.maximum(sum, epsilon));
    n.call(("Mul", &scope), [x.into(), inverse.into()]).typed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::GraphBuilder;

    #[test]
    fn a_name_goes_to_the_reduction_and_not_to_the_list_of_its_axes() -> crate::Result<()> {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((2, 3));
        let total = g.named("total", || reduce_sum(x, Axes::ALL));
        assert_eq!(total.name(), "total:0");
        assert_eq!(g.operation("Const")?.op(), "Const");
        g.finish().map(|_| ())
    }
}
