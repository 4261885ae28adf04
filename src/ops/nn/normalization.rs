//! Moments, batch normalization, local response normalization and dropout.

use std::panic::Location;

use super::{DataFormat, Scalar};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::math::Axes;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::uniform_of;
use crate::ops::types::{Float, Float32BFloat16Float16, Numeric};
use crate::ops::{TensorLike, constant_value};
use crate::value::TensorValue;

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
pub fn moments<'g, T: Float>(
    x: impl TensorLike<'g, T> + 'g,
    axes: impl Into<Axes>,
) -> Moments<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let axes = axes.into();
    g.function_scope("moments", Location::caller(), |_| {
        // What is cast is read once; otherwise each use reads a variable.
        let as_float = (T::DTYPE == DType::Float16).then(|| n.cast(Arg::of(x), DType::Float32));
        let y = || as_float.map_or_else(|| Arg::of(x), Arg::from);
        let kept = axes.keeping(true);
        let mean = n.reduce_as(("Mean", "mean"), y(), &kept);
        let stopped = n.stop_gradient("StopGradient", mean);
        let squares = n.binary("SquaredDifference", y(), stopped);
        let variance = n.reduce_as(("Mean", "variance"), squares, &kept);
        let (mean, variance) = squeezed(mean, variance, &axes);
        let mean = n.cast(mean, T::DTYPE).typed();
        let variance = n.cast(variance, T::DTYPE).typed();
        Moments { mean, variance }
    })
}

/// Both without the reduced dimensions, unless those are kept.
fn squeezed<'g>(a: AnyTensor<'g>, b: AnyTensor<'g>, axes: &Axes) -> (AnyTensor<'g>, AnyTensor<'g>) {
    if axes.keep_dims {
        return (a, b);
    }
    let dims = axes.listed().and_then(|indices| indices.to_i64s());
    let dims = dims.unwrap_or_default();
    let n = Nodes(a.graph());
    (n.squeeze(a, dims.clone()), n.squeeze(b, dims))
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
    let g = x.graph();
    let n = Nodes(g);
    let axes = axes.into();
    g.function_scope("weighted_moments", Location::caller(), |_| {
        let x = x.into_tensor(g, "x").any();
        let weights = frequency_weights.into_tensor(g, "frequency_weights").any();
        let x = match T::DTYPE {
            DType::Float16 => n.cast(x, DType::Float32),
            _ => x,
        };
        let weights = n.cast(weights, x.dtype());
        let sum = |name, x| n.reduce_as(("Sum", name), x, &axes.keeping(true));
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
        let (mean, variance) = squeezed(mean, variance, &axes);
        let mean = n.cast(mean, T::DTYPE).typed();
        let variance = n.cast(variance, T::DTYPE).typed();
        Moments { mean, variance }
    })
}

/// What [`normalize_moments`] needs of a tensor, which can be added up over several.
#[derive(Debug, Clone, Copy)]
pub struct SufficientStatistics<'g, T: TensorType> {
    /// The number of elements, a scalar.
    pub counts: Tensor<'g, T>,
    /// The sum of the shifted elements.
    pub mean_ss: Tensor<'g, T>,
    /// The sum of the squares of the shifted elements.
    pub variance_ss: Tensor<'g, T>,
    /// What was subtracted from each element first.
    pub shift: Option<Tensor<'g, T>>,
}

/// The sums that the mean and the variance along `axes` follow from (`tf.nn.sufficient_statistics`).
///
/// `axes` lists dimensions; `shift` is near the mean, for accuracy.
#[track_caller]
pub fn sufficient_statistics<'g, T: Numeric>(
    x: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
    shift: Option<Tensor<'g, T>>,
) -> SufficientStatistics<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let axes = axes.into();
    let poison = || AnyTensor::poison(g).typed();
    let listed = axes.listed().filter(|indices| !indices.shape().is_empty());
    let Some(mut list) = listed.and_then(|indices| indices.to_i64s()) else {
        n.fault(Rule::Value, "sufficient statistics need a list of axes");
        return SufficientStatistics {
            counts: poison(),
            mean_ss: poison(),
            variance_ss: poison(),
            shift,
        };
    };
    // The order of a small set in Python, where -1 and -2 have one hash.
    list.sort_by_key(|&axis| if axis == -1 { -2i64 } else { axis }.rem_euclid(8));
    list.dedup();
    let indices: Vec<i32> = list.iter().map(|&axis| axis as i32).collect();
    g.function_scope("sufficient_statistics", Location::caller(), |_| {
        let x = x.into_tensor(g, "x").any();
        let counts = match counted(x, &list) {
            Err(()) => AnyTensor::poison(g),
            Ok(Some(count)) => n.number("Const", T::DTYPE, count as f64),
            Ok(None) => {
                let dims = n.cast(n.shape(x), T::DTYPE);
                let dims = n.gather(dims, indices.clone(), 0);
                n.reduce_along(("Prod", "count"), dims, None, false)
            }
        };
        let (mean, variance) = match shift {
            Some(shift) => (
                n.binary("Sub", x, shift),
                n.binary("SquaredDifference", x, shift),
            ),
            None => (x, n.unary("Square", x)),
        };
        let keep = axes.keep_dims;
        let mean_ss = n.reduce_along(("Sum", "mean_ss"), mean, Some(indices.clone().into()), keep);
        let variance_ss = n.reduce_along(("Sum", "var_ss"), variance, Some(indices.into()), keep);
        SufficientStatistics {
            counts: counts.typed(),
            mean_ss: mean_ss.typed(),
            variance_ss: variance_ss.typed(),
            shift,
        }
    })
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
    let g = statistics.counts.graph();
    let n = Nodes(g);
    g.function_scope("normalize", Location::caller(), |_| {
        let divisor = n.named("Reciprocal", "divisor").input(statistics.counts);
        let divisor = divisor.output();
        let scaled =
            |name: &str| n.call(("Mul", name), [statistics.mean_ss.into(), divisor.into()]);
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
    })
}

/// What [`batch_normalization_with`] adds to and multiplies with the normalized values.
#[derive(Debug, Default)]
pub struct BatchNormalizationOptions<'g> {
    offset: Option<Arg<'g>>,
    scale: Option<Arg<'g>>,
}

impl<'g> BatchNormalizationOptions<'g> {
    /// The mean of the result, often called beta; zero by default.
    pub fn offset<U: Float>(self, offset: impl Operand<'g, U> + 'g) -> Self {
        BatchNormalizationOptions {
            offset: Some(Arg::of(offset)),
            ..self
        }
    }

    /// The deviation of the result, often called gamma; one by default.
    pub fn scale<U: Float>(self, scale: impl Operand<'g, U> + 'g) -> Self {
        BatchNormalizationOptions {
            scale: Some(Arg::of(scale)),
            ..self
        }
    }
}

/// `x` without its mean and divided by its standard deviation (`tf.nn.batch_normalization`).
#[track_caller]
pub fn batch_normalization<'g, T: Float, U: Float>(
    x: impl TensorLike<'g, T>,
    mean: impl Operand<'g, U>,
    variance: impl Operand<'g, U>,
    variance_epsilon: f64,
) -> Tensor<'g, T> {
    batch_normalization_with(x, mean, variance, variance_epsilon, Default::default())
}

/// [`batch_normalization`] with an offset and a scale.
///
/// ```
/// use tfhub::ops::nn::{self, BatchNormalizationOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let moments = nn::moments(x, [0]);
/// let beta = g.get_variable("beta").initial_value([0f32; 3]).create();
/// let options = BatchNormalizationOptions::default().offset(beta);
/// let y = nn::batch_normalization_with(x, moments.mean, moments.variance, 1e-3, options);
/// assert_eq!(y.shape().to_string(), "[?, 3]");
/// ```
#[track_caller]
pub fn batch_normalization_with<'g, T: Float, U: Float>(
    x: impl TensorLike<'g, T>,
    mean: impl Operand<'g, U>,
    variance: impl Operand<'g, U>,
    variance_epsilon: f64,
    options: BatchNormalizationOptions<'g>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let normalized = g.function_scope("batchnorm", Location::caller(), |_| {
        let variance = variance.into_tensor(g, "x");
        let sum = n.add(variance, variance_epsilon);
        let mut inv = n.unary("Rsqrt", sum);
        if let Some(scale) = options.scale {
            inv = n.mul(inv, scale);
        }
        let factor = n.cast(inv, T::DTYPE);
        let x = x.into_tensor(g, "x");
        let scaled = n.mul(x, factor);
        let mean = mean.into_tensor(g, "x").any();
        let shift = match options.offset {
            Some(offset) => {
                let shifted = n.mul(mean, inv);
                let offset = offset.convert(g, "x", U::DTYPE);
                n.sub(offset, shifted)
            }
            None => {
                let negative = n.unary("Neg", mean);
                n.mul(negative, inv)
            }
        };
        let shift = n.cast(shift, T::DTYPE);
        n.add(scaled, shift)
    });
    normalized.typed()
}

/// [`batch_normalization_with`] an offset and, if `scale_after_normalization`, a scale
/// (`tf.nn.batch_norm_with_global_normalization`).
#[track_caller]
pub fn batch_norm_with_global_normalization<'g, T: Float>(
    t: impl TensorLike<'g, T>,
    (m, v): (impl Operand<'g, T>, impl Operand<'g, T>),
    beta: impl Operand<'g, T> + 'g,
    gamma: impl Operand<'g, T> + 'g,
    variance_epsilon: f64,
    scale_after_normalization: bool,
) -> Tensor<'g, T> {
    let options = BatchNormalizationOptions::default().offset(beta);
    let options = match scale_after_normalization {
        true => options.scale(gamma),
        false => options,
    };
    batch_normalization_with(t, m, v, variance_epsilon, options)
}

/// How [`fused_batch_norm_with`] normalizes.
#[derive(Debug, Clone, Copy)]
pub struct FusedBatchNormOptions<'g> {
    epsilon: f64,
    data_format: DataFormat,
    /// The mean and the variance to use; without them they are those of the batch.
    known: Option<(Tensor<'g, f32>, Tensor<'g, f32>)>,
}

impl Default for FusedBatchNormOptions<'_> {
    fn default() -> Self {
        FusedBatchNormOptions {
            epsilon: 0.001,
            data_format: DataFormat::Nhwc,
            known: None,
        }
    }
}

impl<'g> FusedBatchNormOptions<'g> {
    /// What is added to the variance, at least 1.001e-5; 0.001 by default.
    pub fn epsilon(self, epsilon: f64) -> Self {
        FusedBatchNormOptions { epsilon, ..self }
    }

    /// Where the channels are; last by default.
    pub fn data_format(self, data_format: DataFormat) -> Self {
        FusedBatchNormOptions {
            data_format,
            ..self
        }
    }

    /// Uses this mean and variance, as consumers of a trained module do (`is_training=False`), and not those of the
    /// batch.
    pub fn inference(self, mean: Tensor<'g, f32>, variance: Tensor<'g, f32>) -> Self {
        FusedBatchNormOptions {
            known: Some((mean, variance)),
            ..self
        }
    }
}

/// What [`fused_batch_norm`] gives.
#[derive(Debug, Clone, Copy)]
pub struct FusedBatchNorm<'g, T: TensorType> {
    /// The normalized values.
    pub y: Tensor<'g, T>,
    /// The mean of the batch, for each channel.
    pub batch_mean: Tensor<'g, f32>,
    /// The variance of the batch, for each channel.
    pub batch_variance: Tensor<'g, f32>,
}

/// Batch normalization of images by one op, with the mean and the variance of the batch (`tf.nn.fused_batch_norm`).
#[track_caller]
pub fn fused_batch_norm<'g, T: Float32BFloat16Float16>(
    x: impl TensorLike<'g, T>,
    scale: impl Operand<'g, f32>,
    offset: impl Operand<'g, f32>,
) -> FusedBatchNorm<'g, T> {
    fused_batch_norm_with(x, scale, offset, Default::default())
}

/// [`fused_batch_norm`] with options.
#[track_caller]
pub fn fused_batch_norm_with<'g, T: Float32BFloat16Float16>(
    x: impl TensorLike<'g, T>,
    scale: impl Operand<'g, f32>,
    offset: impl Operand<'g, f32>,
    options: FusedBatchNormOptions<'g>,
) -> FusedBatchNorm<'g, T> {
    const LEAST: f64 = 1.001e-5;
    let g = x.graph();
    let n = Nodes(g);
    let name = g.requested_name("FusedBatchNormV3");
    g.called_from(Location::caller(), || {
        let x = x.into_tensor(g, "input");
        let scale = scale.into_tensor(g, "scale");
        let offset = offset.into_tensor(g, "offset");
        let none = || g.constant_named("Const", TensorValue::from_parts(vec![0], vec![0f32; 0]));
        let (mean, variance) = match options.known {
            Some((mean, variance)) => (mean.any(), variance.any()),
            None => (none(), none()),
        };
        let node = n.named("FusedBatchNormV3", &name).input(x);
        let node = node.input(scale).input(offset);
        let node = node.input(mean).input(variance);
        let node = node
            .attr("epsilon", options.epsilon.max(LEAST) as f32)
            .attr("data_format", options.data_format.name())
            .attr("is_training", options.known.is_none())
            .finish();
        FusedBatchNorm {
            y: node.output(0).typed(),
            batch_mean: node.output(1).typed(),
            batch_variance: node.output(2).typed(),
        }
    })
}

/// The numbers of [`local_response_normalization_with`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalResponseNormalizationOptions {
    depth_radius: i64,
    bias: f32,
    alpha: f32,
    beta: f32,
}

impl Default for LocalResponseNormalizationOptions {
    fn default() -> Self {
        LocalResponseNormalizationOptions {
            depth_radius: 5,
            bias: 1.0,
            alpha: 1.0,
            beta: 0.5,
        }
    }
}

impl LocalResponseNormalizationOptions {
    /// How many channels on either side count; 5 by default.
    pub fn depth_radius(self, depth_radius: i64) -> Self {
        Self {
            depth_radius,
            ..self
        }
    }

    /// An offset that keeps the divisor from being 0; 1 by default.
    pub fn bias(self, bias: f32) -> Self {
        Self { bias, ..self }
    }

    /// The factor of the sum of squares; 1 by default.
    pub fn alpha(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    /// The exponent; 0.5 by default.
    pub fn beta(self, beta: f32) -> Self {
        Self { beta, ..self }
    }
}

/// Each element divided by a sum of squares over channels nearby (`tf.nn.local_response_normalization`).
#[track_caller]
pub fn local_response_normalization<'g, T: Float32BFloat16Float16>(
    input: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    local_response_normalization_with(input, Default::default())
}

/// [`local_response_normalization`] with other numbers.
#[track_caller]
pub fn local_response_normalization_with<'g, T: Float32BFloat16Float16>(
    input: impl TensorLike<'g, T>,
    options: LocalResponseNormalizationOptions,
) -> Tensor<'g, T> {
    let set = |op: crate::OpBuilder<'g>| {
        op.attr("depth_radius", options.depth_radius)
            .attr("bias", options.bias)
            .attr("alpha", options.alpha)
            .attr("beta", options.beta)
    };
    crate::ops::unary(input, "LRN", set).typed()
}

/// Which elements [`dropout_with`] drops.
#[derive(Debug, Default)]
pub struct DropoutOptions<'g> {
    noise_shape: Option<NoiseShape<'g>>,
    seed: Option<i64>,
}

#[derive(Debug)]
enum NoiseShape<'g> {
    Listed(Vec<Option<usize>>),
    Tensor(AnyTensor<'g>),
}

impl<'g> DropoutOptions<'g> {
    /// The shape of the random choices, which broadcast with `x`; where it is `None`, the size of `x` counts.
    pub fn noise_shape<const N: usize>(self, shape: [impl Into<Option<usize>>; N]) -> Self {
        DropoutOptions {
            noise_shape: Some(NoiseShape::Listed(shape.map(Into::into).into())),
            ..self
        }
    }

    /// The shape of the random choices as a tensor.
    pub fn noise_shape_tensor(self, shape: Tensor<'g, i32>) -> Self {
        DropoutOptions {
            noise_shape: Some(NoiseShape::Tensor(shape.any())),
            ..self
        }
    }

    /// The seed of the random choices; see [`set_random_seed`](crate::GraphBuilder::set_random_seed).
    pub fn seed(self, seed: i64) -> Self {
        DropoutOptions {
            seed: Some(seed),
            ..self
        }
    }
}

/// `x` with a part of its elements set to 0, by chance, and the others scaled up so that the sum stays what it is on
/// average (`tf.nn.dropout` with `rate`).
///
/// `rate` is the part that is dropped, in `[0, 1)`: a number or a scalar tensor. If it is known to be 0, `x` is given
/// back.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(nn::dropout(x, 0.5).name(), "dropout/mul_1:0");
/// ```
#[track_caller]
pub fn dropout<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    rate: impl Into<Scalar<'g, T>>,
) -> Tensor<'g, T> {
    dropout_with(x, rate, DropoutOptions::default())
}

/// [`dropout`] with a shape or a seed for the random choices.
#[track_caller]
pub fn dropout_with<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    rate: impl Into<Scalar<'g, T>>,
    options: DropoutOptions<'g>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let rate = rate.into().0;
    let dropped = g.function_scope("dropout", Location::caller(), |_| {
        let x = x.into_tensor(g, "x").any();
        if let Arg::Number(rate) = rate {
            if !(0.0..1.0).contains(&rate) {
                return n.fault(
                    Rule::Value,
                    format_args!("expected a rate in [0, 1), found {rate}"),
                );
            }
            if rate == 0.0 {
                return x;
            }
        }
        let rate = rate.convert(g, "rate", T::DTYPE);
        if !rate.shape().is_compatible_with(&().into()) {
            let message = format!("expected a scalar rate, found shape {}", rate.shape());
            return n.fault(Rule::Shape, message);
        }
        if is_zero(rate) {
            return x;
        }
        let Some(shape) = noise_shape(x, options.noise_shape) else {
            return AnyTensor::poison(g);
        };
        let random = uniform_of(
            g,
            "random_uniform",
            T::DTYPE,
            shape,
            (0.0, 1.0),
            options.seed,
        );
        let keep = n.sub(1.0, rate);
        let scale = n.truediv(1.0, keep);
        let mask = n.binary("GreaterEqual", random, rate);
        let scaled = n.mul(x, scale);
        let mask = n.cast(mask, T::DTYPE);
        let result = n.mul(scaled, mask);
        result.set_shape(x.shape());
        result
    });
    dropped.typed()
}

/// Whether a tensor is known to be 0.
fn is_zero(tensor: AnyTensor<'_>) -> bool {
    let value = constant_value::of(tensor);
    let value = value.and_then(|value| value.converted(DType::Float64));
    value.is_some_and(|value| value.as_slice::<f64>().is_ok_and(|value| value == [0.0]))
}

/// The shape of the random choices; none if sizes are missing.
#[track_caller]
fn noise_shape<'g>(x: AnyTensor<'g>, given: Option<NoiseShape<'g>>) -> Option<Arg<'g>> {
    let n = Nodes(x.graph());
    let dims = match given {
        None => return Some(n.shape(x).into()),
        Some(NoiseShape::Tensor(shape)) => return Some(shape.into()),
        Some(NoiseShape::Listed(dims)) => dims,
    };
    let shape = x.shape();
    let of_x = shape.dims().filter(|of_x| of_x.len() == dims.len());
    let dims = dims.iter().enumerate().map(|(i, &dim)| {
        let known = of_x.and_then(|of_x| of_x[i]);
        dim.or(known).map(|dim| dim as i32)
    });
    let dims: Option<Vec<i32>> = dims.collect();
    if dims.is_none() {
        let message = format!("a size of the noise shape is left to x, whose shape is {shape}");
        n.fault(Rule::Shape, message);
    }
    dims.map(Arg::from)
}
