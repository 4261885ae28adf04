//! Batch normalization and local response normalization.

use std::panic::Location;

use super::DataFormat;
use crate::dtype::{DType, TensorType};
use crate::graph::{AnyTensor, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::table::Outputs;
use crate::ops::types::{Float, ShortFloat};
use crate::value::TensorValue;

/// The offset and the scale of [`batch_normalization`].
///
/// ```
/// use tfhub::ops::nn::{self, BatchNormalizationOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let moments = nn::moments(x, [0]);
/// let beta = g.get_variable("beta").initial_value([0f32; 3]).finish();
/// let options = BatchNormalizationOptions::default().offset(beta);
/// let y = nn::batch_normalization(x, moments.mean, moments.variance, 1e-3, options);
/// assert_eq!(y.shape().to_string(), "[?, 3]");
/// ```
#[derive(Debug, Default)]
pub struct BatchNormalizationOptions<'g> {
    offset: Option<Arg<'g>>,
    scale: Option<Arg<'g>>,
}

defaults!(BatchNormalizationOptions<'g>);

impl<'g> BatchNormalizationOptions<'g> {
    /// The mean of the result, often called beta; zero by default.
    pub fn offset<U: Float>(mut self, offset: impl Operand<'g, U>) -> Self {
        self.offset = Some(Arg::of(offset));
        self
    }

    /// The deviation of the result, often called gamma; one by default.
    pub fn scale<U: Float>(mut self, scale: impl Operand<'g, U>) -> Self {
        self.scale = Some(Arg::of(scale));
        self
    }

    pub(crate) fn of(offset: Option<Arg<'g>>, scale: Option<Arg<'g>>) -> Self {
        BatchNormalizationOptions { offset, scale }
    }
}

/// `x` without its mean and divided by its standard deviation (`tf.nn.batch_normalization`).
#[track_caller]
pub fn batch_normalization<'g, T: Float, U: Float>(
    x: impl TensorLike<'g, T>,
    mean: impl Operand<'g, U>,
    variance: impl Operand<'g, U>,
    variance_epsilon: f64,
    options: impl Into<BatchNormalizationOptions<'g>>,
) -> Tensor<'g, T> {
    let n = Nodes(x.graph());
    let moments = (Arg::of(mean), Arg::of(variance));
    let dtypes = (T::DTYPE, U::DTYPE);
    batch_normalization_of(
        n,
        Arg::of(x),
        moments,
        dtypes,
        variance_epsilon,
        options.into(),
    )
    .typed()
}

/// [`batch_normalization`] of arguments of these dtypes.
#[track_caller]
pub(crate) fn batch_normalization_of<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    (mean, variance): (Arg<'g>, Arg<'g>),
    (dtype, of_moments): (DType, DType),
    variance_epsilon: f64,
    options: BatchNormalizationOptions<'g>,
) -> AnyTensor<'g> {
    let (n, _scope) = Nodes::in_scope(n.0, "batchnorm");
    let variance = variance.convert(n.0, "x", of_moments);
    let sum = n.add(variance, variance_epsilon);
    let mut inv = n.unary("Rsqrt", sum);
    if let Some(scale) = options.scale {
        inv = n.mul(inv, scale);
    }
    let factor = n.cast(inv, dtype);
    let x = x.convert(n.0, "x", dtype);
    let scaled = n.mul(x, factor);
    let mean = mean.convert(n.0, "x", of_moments);
    let shift = match options.offset {
        Some(offset) => {
            let shifted = n.mul(mean, inv);
            let offset = offset.convert(n.0, "x", of_moments);
            n.sub(offset, shifted)
        }
        None => {
            let negative = n.unary("Neg", mean);
            n.mul(negative, inv)
        }
    };
    let shift = n.cast(shift, dtype);
    n.add(scaled, shift)
}

/// [`batch_normalization`] with an offset and, if `scale_after_normalization`, a scale
/// (`tf.nn.batch_norm_with_global_normalization`).
#[track_caller]
pub fn batch_norm_with_global_normalization<'g, T: Float>(
    t: impl TensorLike<'g, T>,
    (m, v): (impl Operand<'g, T>, impl Operand<'g, T>),
    beta: impl Operand<'g, T>,
    gamma: impl Operand<'g, T>,
    variance_epsilon: f64,
    scale_after_normalization: bool,
) -> Tensor<'g, T> {
    let options = BatchNormalizationOptions::default().offset(beta);
    let options = match scale_after_normalization {
        true => options.scale(gamma),
        false => options,
    };
    batch_normalization(t, m, v, variance_epsilon, options)
}

/// The numbers and the data format of [`fused_batch_norm`].
///
/// ```
/// use tfhub::ops::nn::{self, FusedBatchNormOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4, 4, 3));
/// let variable = |name, value| g.get_variable(name).initial_value([value; 3]).finish();
/// let (gamma, beta) = (variable("gamma", 1f32), variable("beta", 0f32));
/// let (mean, variance) = (variable("moving_mean", 0f32), variable("moving_variance", 1f32));
/// let options = FusedBatchNormOptions::default().epsilon(1e-4).inference(mean, variance);
/// let y = nn::fused_batch_norm(x, gamma, beta, options).y;
/// assert_eq!(y.shape().to_string(), "[?, 4, 4, 3]");
/// ```
#[derive(Debug, Clone)]
pub struct FusedBatchNormOptions<'g> {
    epsilon: f64,
    data_format: DataFormat,
    /// The mean and the variance to use; without them they are those of the batch.
    known: Option<(Arg<'g>, Arg<'g>)>,
}

impl Default for FusedBatchNormOptions<'_> {
    fn default() -> Self {
        let (epsilon, data_format, known) = (0.001, DataFormat::Nhwc, None);
        FusedBatchNormOptions {
            epsilon,
            data_format,
            known,
        }
    }
}

defaults!(FusedBatchNormOptions<'g>);

setters! {
    impl['g] FusedBatchNormOptions<'g> {
        /// The number that is added to the variance, at least 1.001e-5; 0.001 by default.
        epsilon: f64;
        /// The place of the channels; last by default.
        data_format: DataFormat;
    }
}

impl<'g> FusedBatchNormOptions<'g> {
    /// Uses this mean and variance, as consumers of a trained module do (`is_training=False`), and not those of the
    /// batch.
    pub fn inference(self, mean: impl Operand<'g, f32>, variance: impl Operand<'g, f32>) -> Self {
        self.known(Arg::of(mean), Arg::of(variance))
    }

    pub(crate) fn known(mut self, mean: Arg<'g>, variance: Arg<'g>) -> Self {
        self.known = Some((mean, variance));
        self
    }
}

/// The outputs of [`fused_batch_norm`].
#[derive(Debug, Clone, Copy)]
pub struct FusedBatchNorm<'g, T: TensorType> {
    /// The normalized values.
    pub y: Tensor<'g, T>,
    /// The mean of the batch, for each channel.
    pub batch_mean: Tensor<'g, f32>,
    /// The variance of the batch, for each channel.
    pub batch_variance: Tensor<'g, f32>,
}

outputs! {
    FusedBatchNorm<T> { y, batch_mean, batch_variance }
}

/// Batch normalization of images by one op, with the mean and the variance of the batch unless the options give others
/// (`tf.nn.fused_batch_norm`).
#[track_caller]
pub fn fused_batch_norm<'g, T: ShortFloat>(
    x: impl TensorLike<'g, T>,
    scale: impl Operand<'g, f32>,
    offset: impl Operand<'g, f32>,
    options: impl Into<FusedBatchNormOptions<'g>>,
) -> FusedBatchNorm<'g, T> {
    let n = Nodes(x.graph());
    let node = fused_batch_norm_of(
        n,
        Arg::of(x),
        (Arg::of(scale), Arg::of(offset)),
        T::DTYPE,
        options.into(),
    );
    Outputs::of(node)
}

/// [`fused_batch_norm`] of an argument of a dtype.
#[track_caller]
pub(crate) fn fused_batch_norm_of<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    (scale, offset): (Arg<'g>, Arg<'g>),
    dtype: DType,
    options: FusedBatchNormOptions<'g>,
) -> Operation<'g> {
    const LEAST: f64 = 1.001e-5;
    let g = n.0;
    let name = g.requested_name("FusedBatchNormV3");
    let _call = g.open_call(Location::caller());
    let x = x.convert(g, "input", dtype);
    let scale = scale.convert(g, "scale", DType::Float32);
    let offset = offset.convert(g, "offset", DType::Float32);
    let none = || -> Arg<'g> {
        let empty = TensorValue::from_parts(vec![0], vec![0f32; 0]);
        g.constant_named("Const", empty).into()
    };
    let is_training = options.known.is_none();
    let (mean, variance) = options.known.unwrap_or_else(|| (none(), none()));
    let node = n.named("FusedBatchNormV3", &name).input(x);
    let node = node.input(scale).input(offset).input(mean).input(variance);
    let node = node
        .attr("epsilon", options.epsilon.max(LEAST) as f32)
        .attr("data_format", options.data_format.name())
        .attr("is_training", is_training);
    node.finish()
}

options! {
    /// The numbers of [`local_response_normalization`].
    ///
    /// ```
    /// use tfhub::ops::nn::{self, LocalResponseNormalizationOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4, 4, 96));
    /// let options = LocalResponseNormalizationOptions::default().alpha(1e-4).beta(0.75);
    /// assert_eq!(nn::local_response_normalization(x, options).shape().to_string(), "[?, 4, 4, 96]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    LocalResponseNormalizationOptions {
        /// The number of channels on either side that count; 5 by default.
        depth_radius: i64 = 5;
        /// An offset that keeps the divisor from being 0; 1 by default.
        bias: f32 = 1.0;
        /// The factor of the sum of squares; 1 by default.
        alpha: f32 = 1.0;
        /// The exponent; 0.5 by default.
        beta: f32 = 0.5;
    }
}

functions! {
    /// Each element divided by a sum of squares over channels nearby (`tf.nn.local_response_normalization`).
    local_response_normalization "LRN"
        <T: ShortFloat>(input: T | options: LocalResponseNormalizationOptions) -> T
        { "depth_radius" = options.depth_radius, "bias" = options.bias, "alpha" = options.alpha, "beta" = options.beta };
}
