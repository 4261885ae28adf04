//! Means and variances.

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, Operand, Tensor};
use crate::ops::math::Axes;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Float, Numeric};
use crate::ops::{OrDefault, TensorLike};
use crate::sort::sort_by_key;

/// The mean and the variance along some dimensions.
#[derive(Debug, Clone, Copy)]
pub struct Moments<'g, T: TensorType> {
    /// The mean.
    pub mean: Tensor<'g, T>,
    /// The variance.
    pub variance: Tensor<'g, T>,
}

/// The mean and the variance along `axes` (`tf.nn.moments`); half precision is computed in float32.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 28, 28, 3));
/// let moments = nn::moments(x, [0, 1, 2]);
/// assert_eq!(moments.mean.name(), "moments/Squeeze:0");
/// assert_eq!(moments.variance.shape().to_string(), "[3]");
/// ```
#[track_caller]
pub fn moments<'g, T: Float>(x: impl TensorLike<'g, T>, axes: impl Into<Axes>) -> Moments<'g, T> {
    let (mean, variance) = moments_of(Nodes(x.graph()), Arg::of(x), &axes.into(), T::DTYPE);
    Moments {
        mean: mean.typed(),
        variance: variance.typed(),
    }
}

/// [`moments`] of an argument of a dtype.
#[track_caller]
pub(crate) fn moments_of<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    axes: &Axes,
    dtype: DType,
) -> (AnyTensor<'g>, AnyTensor<'g>) {
    let (n, _scope) = Nodes::in_scope(n.0, "moments");
    // The cast reads a variable once; without it each use does.
    let x = match dtype {
        DType::Float16 => n.cast(x, DType::Float32).into(),
        _ => x,
    };
    let kept = axes.keeping(true);
    let mean = n.reduce_as(("Mean", "mean"), x.clone(), &kept);
    let stopped = n.stop_gradient("StopGradient", mean);
    let squares = n.binary("SquaredDifference", x, stopped);
    let variance = n.reduce_as(("Mean", "variance"), squares.into(), &kept);
    let (mean, variance) = squeezed(mean, variance, axes);
    (n.cast(mean, dtype), n.cast(variance, dtype))
}

/// Both without the reduced dimensions, unless those are kept.
fn squeezed<'g>(a: AnyTensor<'g>, b: AnyTensor<'g>, axes: &Axes) -> (AnyTensor<'g>, AnyTensor<'g>) {
    if axes.keep_dims {
        return (a, b);
    }
    let (n, dims) = (Nodes(a.graph()), axes.numbers());
    (n.squeeze(a, &dims), n.squeeze(b, &dims))
}

/// The mean and the variance along `axes` where some elements count more than others (`tf.nn.weighted_moments`).
///
/// The weights broadcast with `x`.
#[track_caller]
pub fn weighted_moments<'g, T: Float, W: Numeric>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
    frequency_weights: impl Operand<'g, W>,
) -> Moments<'g, T> {
    let (g, weights) = (x.graph(), Arg::of(frequency_weights));
    let (mean, variance) =
        weighted_moments_of(Nodes(g), Arg::of(x), &axes.into(), weights, T::DTYPE);
    let (mean, variance) = (mean.typed(), variance.typed());
    Moments { mean, variance }
}

/// [`weighted_moments`] of an argument of a dtype.
#[track_caller]
pub(crate) fn weighted_moments_of<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    axes: &Axes,
    weights: Arg<'g>,
    dtype: DType,
) -> (AnyTensor<'g>, AnyTensor<'g>) {
    let (n, _scope) = Nodes::in_scope(n.0, "weighted_moments");
    let x = x.convert(n.0, "x", dtype);
    let weights = weights.convert(n.0, "frequency_weights", dtype);
    let x = match dtype {
        DType::Float16 => n.cast(x, DType::Float32),
        _ => x,
    };
    let weights = n.cast(weights, x.dtype());
    let sum = |name, x: AnyTensor<'g>| n.reduce_as(("Sum", name), x.into(), &axes.keeping(true));
    let weighted = n.mul(weights, x);
    let weighted_sum = sum("weighted_input_sum", weighted);
    let zeros = n.zeros_like(x);
    let broadcast = n.add(weights, zeros);
    let sum_of_weights = sum("sum_of_weights", broadcast);
    let divisor = n
        .named("Reciprocal", "inv_weight_sum")
        .input(sum_of_weights);
    let divisor = divisor.output();
    let mean = n.binary("Mul", weighted_sum, divisor);
    let squares = n.binary("SquaredDifference", x, mean);
    let squares = n.mul(weights, squares);
    let distance = sum("weighted_distsq", squares);
    let variance = n.binary("Mul", distance, divisor);
    let (mean, variance) = squeezed(mean, variance, axes);
    (n.cast(mean, dtype), n.cast(variance, dtype))
}

/// The sums that [`normalize_moments`] needs of a tensor, which can be added up over several.
#[derive(Debug, Clone, Copy)]
pub struct SufficientStatistics<'g, T: TensorType> {
    /// The number of elements, a scalar.
    pub counts: Tensor<'g, T>,
    /// The sum of the shifted elements.
    pub mean_ss: Tensor<'g, T>,
    /// The sum of the squares of the shifted elements.
    pub variance_ss: Tensor<'g, T>,
    /// The number that was subtracted from each element first.
    pub shift: Option<Tensor<'g, T>>,
}

/// The sums that the mean and the variance along `axes`, a list of dimensions, follow from
/// (`tf.nn.sufficient_statistics`).
///
/// For accuracy, `shift`, a value near the mean, is subtracted first; nothing is for `()`.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let sums = nn::sufficient_statistics(x, [0], 0.5f32);
/// assert_eq!(nn::normalize_moments(sums).mean.shape().to_string(), "[3]");
/// ```
#[track_caller]
pub fn sufficient_statistics<'g, T: Numeric>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
    shift: impl Into<OrDefault<AnyOperand<'g, T>>>,
) -> SufficientStatistics<'g, T> {
    let (axes, shift) = (axes.into(), shift.into().0);
    let g = x.graph();
    let n = Nodes(g);
    let poison = || AnyTensor::poison(g).typed();
    let listed = axes.listed().filter(|indices| !indices.shape().is_empty());
    let Some(mut list) = listed.and_then(|indices| indices.to_i64s()) else {
        n.fault(Rule::Value, "sufficient statistics need a list of axes");
        return SufficientStatistics {
            counts: poison(),
            mean_ss: poison(),
            variance_ss: poison(),
            shift: shift.map(|_| poison()),
        };
    };
    // The order of a small set in Python, where -1 and -2 have one hash.
    sort_by_key(&mut list, |&axis| {
        if axis == -1 { -2i64 } else { axis }.rem_euclid(8)
    });
    list.dedup();
    let indices: Vec<i32> = list.iter().map(|&axis| axis as i32).collect();
    let _scope = g.open_function_scope("sufficient_statistics");
    let x = x.into_tensor(g, "x").any();
    let counts = match counted(x, &list) {
        Err(()) => AnyTensor::poison(g),
        Ok(Some(count)) => n.number("Const", T::DTYPE, count as f64),
        Ok(None) => {
            let dims = n.cast(n.shape(x), T::DTYPE);
            let dims = n.gather(dims, indices.clone(), 0);
            n.reduce_along(("Prod", "count"), dims.into(), None, false)
        }
    };
    let shift = shift.map(|shift| shift.into_tensor(g, "shift"));
    let (mean, variance) = match shift {
        Some(shift) => (
            n.binary("Sub", x, shift),
            n.binary("SquaredDifference", x, shift),
        ),
        None => (x, n.unary("Square", x)),
    };
    let keep = axes.keep_dims;
    let mean_ss = n.reduce_along(
        ("Sum", "mean_ss"),
        mean.into(),
        Some(indices.clone().into()),
        keep,
    );
    let variance_ss = n.reduce_along(
        ("Sum", "var_ss"),
        variance.into(),
        Some(indices.into()),
        keep,
    );
    SufficientStatistics {
        counts: counts.typed(),
        mean_ss: mean_ss.typed(),
        variance_ss: variance_ss.typed(),
        shift,
    }
}

/// How many elements there are along the axes, if that is known.
fn counted(x: AnyTensor<'_>, axes: &[i64]) -> Result<Option<usize>, ()> {
    let n = Nodes(x.graph());
    let shape = x.shape();
    let Some(dims) = shape.dims() else {
        return Ok(None);
    };
    let mut count = Some(1usize);
    for &axis in axes {
        let at = if axis < 0 {
            axis + dims.len() as i64
        } else {
            axis
        };
        let Some(dim) = usize::try_from(at).ok().and_then(|at| dims.get(at)) else {
            n.fault(
                Rule::Shape,
                format_args!("axis {axis} is none of a tensor of shape {shape}"),
            );
            return Err(());
        };
        count = count.and_then(|count| count.checked_mul((*dim)?));
    }
    Ok(count)
}

/// The mean and the variance that sums follow from (`tf.nn.normalize_moments`).
#[track_caller]
pub fn normalize_moments<'g, T: Float>(statistics: SufficientStatistics<'g, T>) -> Moments<'g, T> {
    let (n, _scope) = Nodes::in_scope(statistics.counts.graph(), "normalize");
    let divisor = n.named("Reciprocal", "divisor").input(statistics.counts);
    let divisor = divisor.output();
    let scaled = |name: &str| n.call(("Mul", name), [statistics.mean_ss.into(), divisor.into()]);
    let (shifted, mean) = match statistics.shift {
        Some(shift) => {
            let shifted = scaled("shifted_mean");
            (
                shifted,
                n.call(("Add", "mean"), [shifted.into(), shift.into()]),
            )
        }
        None => {
            let mean = scaled("mean");
            (mean, mean)
        }
    };
    let square = n.binary("Mul", statistics.variance_ss, divisor);
    let mean_square = n.unary("Square", shifted);
    let variance = n.call(("Sub", "variance"), [square.into(), mean_square.into()]);
    Moments {
        mean: mean.typed(),
        variance: variance.typed(),
    }
}
