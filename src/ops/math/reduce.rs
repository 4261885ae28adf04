//! Reductions, and where the greatest and least elements are.

use std::panic::Location;

use crate::dtype::{DType, Element, TensorType};
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{
    Float, FloatComplex, FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32, Int32Int64, Number,
};
use crate::value::{IntoTensorValue, TensorValue};

/// Which dimensions a reduction takes away, and whether it leaves them with size 1.
///
/// ```
/// use tfhub::ops::math::{self, Axes};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// assert_eq!(math::reduce_sum(x, Axes::ALL).shape().to_string(), "[]");
/// assert_eq!(math::reduce_sum(x, -1).shape().to_string(), "[?, 2]");
/// assert_eq!(math::reduce_sum(x, Axes::from([0, 1]).keep_dims()).shape().to_string(), "[1, 1, 3]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    pub(crate) kind: AxesKind,
    pub(crate) keep_dims: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AxesKind {
    All,
    One(i32),
    Several(Vec<i32>),
}

impl Axes {
    /// Every dimension.
    pub const ALL: Axes = Axes {
        kind: AxesKind::All,
        keep_dims: false,
    };

    /// Leaves the dimensions with size 1 (`keepdims=True`).
    pub fn keep_dims(self) -> Self {
        Axes {
            keep_dims: true,
            ..self
        }
    }
}

/// One dimension; a negative one is counted from the last.
impl From<i32> for Axes {
    fn from(axis: i32) -> Self {
        Axes {
            kind: AxesKind::One(axis),
            keep_dims: false,
        }
    }
}

/// Several dimensions; negative ones are counted from the last.
impl<const N: usize> From<[i32; N]> for Axes {
    fn from(axes: [i32; N]) -> Self {
        Axes {
            kind: AxesKind::Several(axes.into()),
            keep_dims: false,
        }
    }
}

/// Several dimensions, as many as the slice has; negative ones are counted from the last.
impl From<&[i32]> for Axes {
    fn from(axes: &[i32]) -> Self {
        Axes {
            kind: AxesKind::Several(axes.into()),
            keep_dims: false,
        }
    }
}

impl Axes {
    /// The axes as ops take them, or nothing for all.
    pub(crate) fn listed(&self) -> Option<TensorValue> {
        match &self.kind {
            AxesKind::All => None,
            AxesKind::One(axis) => Some((*axis).into_tensor_value()),
            AxesKind::Several(axes) => Some(axes.clone().into_tensor_value()),
        }
    }

    /// The same dimensions, left with size 1 or not.
    pub(crate) fn keeping(&self, keep_dims: bool) -> Self {
        Axes {
            keep_dims,
            ..self.clone()
        }
    }
}

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
    g.called_from(location, || {
        let reduced = Nodes(g).reduce_as((op, &name), Arg::of(x), &axes);
        reduced.typed()
    })
}

/// The number of elements along `axes` that are not zero, empty or false (`tf.math.count_nonzero`).
#[track_caller]
pub fn count_nonzero<'g, T: FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32>(
    input: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, i64> {
    count_nonzero_as(input, axes)
}

/// The number of elements along `axes` that are not zero, of another type than int64 (`tf.math.count_nonzero` with
/// `dtype`).
#[track_caller]
pub fn count_nonzero_as<'g, U, T>(
    input: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, U>
where
    T: FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32,
    U: Element,
{
    let g = input.graph();
    let axes = axes.into();
    g.function_scope("count_nonzero", Location::caller(), |_| {
        let n = Nodes(g);
        let input = input.into_tensor(g, "input").any();
        let zero = n.uniform("zeros", 0, T::DTYPE, Ok(Vec::new()));
        let nonzero = n.binary("NotEqual", input, zero);
        let ones = n.cast(nonzero, DType::Int64);
        n.cast(n.reduce("Sum", ones, axes), U::DTYPE).typed()
    })
}

/// The variance of the elements along `axes` (`tf.math.reduce_variance`).
#[track_caller]
pub fn reduce_variance<'g, T: FloatComplex>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let axes = axes.into();
    let name = g.requested_name("reduce_variance").into_owned();
    g.called_from(Location::caller(), || variance(&name, x, &axes).typed())
}

/// The standard deviation of the elements along `axes` (`tf.math.reduce_std`).
#[track_caller]
pub fn reduce_std<'g, T: FloatComplex>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let axes = axes.into();
    g.function_scope("reduce_std", Location::caller(), |_| {
        let variance = variance("reduce_variance", x, &axes);
        Nodes(g).unary("Sqrt", variance).typed()
    })
}

fn variance<'g, T: FloatComplex>(
    name: &str,
    x: impl TensorLike<'g, T>,
    axes: &Axes,
) -> AnyTensor<'g> {
    let g = x.graph();
    let n = Nodes(g);
    g.inner_scope(name, Location::caller(), |_| {
        let means = n.reduce("Mean", Arg::of(x), axes.keeping(true));
        let deviations = n.sub(x.into_tensor(g, "x"), means);
        n.reduce("Mean", n.unary("Square", deviations), axes.clone())
    })
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
    g.called_from(Location::caller(), || {
        let x = x.into_tensor(g, "Const").any();
        g.inner_scope(&name, Location::caller(), |_| {
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
        })
    })
}

functions! {
    /// The place of the greatest element along an axis as an int32 or int64 (`tf.argmax` with `output_type`).
    argmax_as "ArgMax" <U: Int32Int64, T: Number>(input: T, axis: i32) -> U { "output_type" = U::DTYPE };
    /// The place of the least element along an axis as an int32 or int64 (`tf.argmin` with `output_type`).
    argmin_as "ArgMin" <U: Int32Int64, T: Number>(input: T, axis: i32) -> U { "output_type" = U::DTYPE };
}

/// The place of the greatest element along an axis (`tf.argmax`).
#[track_caller]
pub fn argmax<'g, T: Number>(
    input: impl TensorLike<'g, T>,
    axis: impl Operand<'g, i32>,
) -> Tensor<'g, i64> {
    argmax_as(input, axis)
}

/// The place of the least element along an axis (`tf.argmin`).
#[track_caller]
pub fn argmin<'g, T: Number>(
    input: impl TensorLike<'g, T>,
    axis: impl Operand<'g, i32>,
) -> Tensor<'g, i64> {
    argmin_as(input, axis)
}

/// x / sqrt(max(sum(x²), epsilon)) with the sum along `axes` (`tf.math.l2_normalize`).
#[track_caller]
pub fn l2_normalize<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    l2_normalize_with(x, axes, 1e-12)
}

/// The same with another least value for the sum than 1e-12 (`tf.math.l2_normalize` with `epsilon`).
#[track_caller]
pub fn l2_normalize_with<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
    epsilon: f64,
) -> Tensor<'g, T> {
    let g = x.graph();
    let axes = axes.into().keep_dims();
    g.function_scope("l2_normalize", Location::caller(), |scope| {
        let n = Nodes(g);
        let x = x.into_tensor(g, "x").any();
        let sum = n.reduce("Sum", n.unary("Square", x), axes);
        let inverse = n.unary("Rsqrt", n.maximum(sum, epsilon));
        n.call(("Mul", scope), [x.into(), inverse.into()]).typed()
    })
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
