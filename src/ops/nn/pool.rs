//! Pooling: one number for each window.

use std::panic::Location;

use super::conv::implicit;
use super::dilated::{Dilated, FilterShape, check_strides};
use super::{DataFormat, Padding, WindowSizes};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::table::Outputs;
use crate::ops::types::{BasicNumber, Float, IndexType, Poolable, Real, ShortFloat};
use crate::ops::{OrDefault, TensorLike};

macro_rules! pooling {
    ($($(#[$doc:meta])* $function:ident $bound:ident $op:literal $name:literal $n:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: $bound>(
            input: impl TensorLike<'g, T>,
            ksize: impl Into<WindowSizes>,
            strides: impl Into<WindowSizes>,
            padding: Padding,
            data_format: impl Into<OrDefault<DataFormat>>,
        ) -> Tensor<'g, T> {
            let g = input.graph();
            let name = g.requested_name($name);
            let (input, sizes) = (Arg::of(input), [ksize.into(), strides.into()]);
            let format = data_format.into().0.unwrap_or_default();
            let _call = g.open_call(Location::caller());
            pool_node(g, ($op, &name), input, $n, sizes, padding, format).typed()
        }
    )*};
}

pooling! {
    /// The mean of each window of sequences (`tf.nn.avg_pool1d`).
    avg_pool1d Float "AvgPool" "AvgPool1D" 1;
    /// The mean of each window of images (`tf.nn.avg_pool`).
    avg_pool Float "AvgPool" "AvgPool" 2;
    /// The mean of each window of volumes (`tf.nn.avg_pool3d`).
    avg_pool3d Float "AvgPool3D" "AvgPool3D" 3;
    /// The largest element of each window of sequences (`tf.nn.max_pool1d`).
    max_pool1d Poolable "MaxPool" "MaxPool1d" 1;
    /// The largest element of each window of images (`tf.nn.max_pool`).
    max_pool Poolable "MaxPool" "MaxPool" 2;
    /// [`max_pool()`] under another name (`tf.nn.max_pool2d`).
    max_pool2d Poolable "MaxPool" "MaxPool2d" 2;
    /// The largest element of each window of volumes (`tf.nn.max_pool3d`).
    max_pool3d ShortFloat "MaxPool3D" "MaxPool3D" 3;
}

/// A pooling op on `n` dimensions; sequences are images that are one pixel high.
pub(crate) fn pool_node<'g>(
    g: &'g GraphBuilder,
    (op, name): (&'static str, &str),
    input: Arg<'g>,
    n: usize,
    [ksize, strides]: [WindowSizes; 2],
    padding: Padding,
    format: DataFormat,
) -> AnyTensor<'g> {
    let nodes = Nodes(g);
    let lists = || {
        let ksize = ksize.sequence(g, n, format, "ksize")?;
        let strides = strides.sequence(g, n, format, "strides")?;
        implicit(g, padding).then_some((ksize, strides))
    };
    let Some((mut ksize, mut strides)) = lists() else {
        return AnyTensor::poison(g);
    };
    if op == "MaxPool" && n == 2 && ksize.contains(&0) {
        return nodes.fault(Rule::Value, "the size of a window cannot be 0");
    }
    let scope = g.open_inner_scope(name, Location::caller());
    let at = format.first_spatial();
    let input = match n {
        1 => {
            ksize.insert(0, 1);
            strides.insert(0, 1);
            nodes.expand_dims(input, at).into()
        }
        _ => input,
    };
    let pool = nodes.named(op, &scope).input(input);
    let pool = pool.attr("ksize", ksize).attr("strides", strides);
    let pool = pool.attr("padding", padding.name());
    let pooled = pool.attr("data_format", format.name_of(n)).output();
    match n {
        1 => nodes.squeeze(pooled, &[at.into()]),
        _ => pooled,
    }
}

/// The number that [`pool()`] takes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolingType {
    /// The mean.
    Avg,
    /// The largest element.
    Max,
}

options! {
    /// The strides, dilations and data format of [`pool()`].
    ///
    /// ```
    /// use tfhub::ops::nn::{self, Padding, PoolOptions, PoolingType};
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.placeholder::<f32>((None, 28, 28, 3));
    /// let halved = nn::pool(images, [2, 2], PoolingType::Avg, Padding::Same, PoolOptions::default().strides(2));
    /// assert_eq!(halved.shape().to_string(), "[?, 14, 14, 3]");
    /// ```
    #[derive(Debug, Clone)]
    PoolOptions {
        /// The steps between windows, one for each dimension of a window; 1 by default.
        strides: WindowSizes = WindowSizes::default(), impl Into<WindowSizes> => strides.into();
        /// The steps between the elements of a window, one for each of its dimensions; 1 by default.
        dilation_rate: WindowSizes = WindowSizes::default(), impl Into<WindowSizes> => dilation_rate.into();
        /// The place of the channels; last by default.
        data_format: DataFormat = DataFormat::Nhwc;
    }
}

/// Pooling with windows of one, two or three dimensions (`tf.nn.pool`).
///
/// A single number is the size of a window in all dimensions of an input of known rank.
#[track_caller]
pub fn pool<'g, T: ShortFloat>(
    input: impl TensorLike<'g, T>,
    window_shape: impl Into<WindowSizes>,
    pooling_type: PoolingType,
    padding: Padding,
    options: impl Into<PoolOptions>,
) -> Tensor<'g, T> {
    let default = match pooling_type {
        PoolingType::Avg => "avg_pool",
        PoolingType::Max => "max_pool",
    };
    let (window, options) = (window_shape.into(), options.into());
    let (n, scope) = Nodes::in_scope(input.graph(), default);
    let input = n.tensor(input, "input");
    let pooled = pool_of(&scope, input, window, pooling_type, padding, &options);
    pooled.unwrap_or(AnyTensor::poison(n.0)).typed()
}

fn pool_of<'g>(
    scope: &str,
    input: AnyTensor<'g>,
    window: WindowSizes,
    pooling_type: PoolingType,
    padding: Padding,
    options: &PoolOptions,
) -> Option<AnyTensor<'g>> {
    let g = input.graph();
    let nodes = Nodes(g);
    let shape = input.shape();
    let n = match shape.rank() {
        Some(rank) if window.0.len() == 1 => rank.saturating_sub(2),
        _ => window.0.len(),
    };
    let window = window.spatial(n);
    if !(1..=3).contains(&n) || shape.rank().is_some_and(|rank| rank != n + 2) {
        let message = format!("a window of {n} dimensions does not fit an input of shape {shape}");
        return nodes.refused(Rule::Shape, message);
    }
    let format = options.data_format;
    let (strides, rate) = (options.strides.spatial(n), options.dilation_rate.spatial(n));
    if strides.len() != n || rate.len() != n {
        let message = format!("expected {n} strides and {n} dilations");
        return nodes.refused(Rule::Value, message);
    }
    check_strides(g, &strides, &rate)?;
    if !implicit(g, padding) {
        return None;
    }
    if padding == Padding::Same && rate.iter().any(|&rate| rate > 1) {
        return nodes.refused(Rule::Value, "pooling with SAME padding has no dilations");
    }
    let mut pairs = strides.iter().zip(&window);
    if pairs.any(|(stride, size)| stride > size) {
        let message = "strides above the size of the window are not supported";
        return nodes.refused(Rule::Value, message);
    }
    let op = match (pooling_type, n) {
        (PoolingType::Avg, 3) => "AvgPool3D",
        (PoolingType::Avg, _) => "AvgPool",
        (PoolingType::Max, 3) => "MaxPool3D",
        (PoolingType::Max, _) => "MaxPool",
    };
    let rate = rate.iter().map(|&rate| rate as i32).collect();
    let first = format.first_spatial();
    let dilated = Dilated::new(g, shape, rate, FilterShape::None, padding, first)?;
    let sizes = [window, strides].map(WindowSizes);
    let pooled = dilated.call(input.into(), &|input, padding| {
        pool_node(g, (op, scope), input, n, sizes.clone(), padding, format)
    });
    Some(pooled)
}

/// The outputs of [`max_pool_with_argmax`].
#[derive(Debug, Clone, Copy)]
pub struct MaxPoolWithArgmax<'g, T: TensorType, I: TensorType> {
    /// The largest elements.
    pub output: Tensor<'g, T>,
    /// Their places in the flattened image.
    pub argmax: Tensor<'g, I>,
}

/// The outputs of pooling with windows of random sizes.
#[derive(Debug, Clone, Copy)]
pub struct FractionalPool<'g, T: TensorType> {
    /// One number for each window.
    pub output: Tensor<'g, T>,
    /// The rows where windows begin.
    pub row_pooling_sequence: Tensor<'g, i64>,
    /// The columns where windows begin.
    pub col_pooling_sequence: Tensor<'g, i64>,
}

outputs! {
    MaxPoolWithArgmax<T, I> { output, argmax }
    FractionalPool<T> { output, row_pooling_sequence, col_pooling_sequence }
}

/// The largest element of each window of images, and where it is (`tf.nn.max_pool_with_argmax`).
///
/// `ksize` and `strides` are one number, or one for each of the four dimensions. With `include_batch_in_index`, the
/// places are those in the flattened batch.
#[track_caller]
pub fn max_pool_with_argmax<'g, I: IndexType, T: Real>(
    input: impl TensorLike<'g, T>,
    ksize: impl Into<WindowSizes>,
    strides: impl Into<WindowSizes>,
    padding: Padding,
    include_batch_in_index: impl Into<OrDefault<bool>>,
) -> MaxPoolWithArgmax<'g, T, I> {
    let g = input.graph();
    let pool = function(g, "MaxPoolWithArgmax").arg(input);
    if !implicit(g, padding) {
        let (output, argmax) = (AnyTensor::poison(g).typed(), AnyTensor::poison(g).typed());
        return MaxPoolWithArgmax { output, argmax };
    }
    let [ksize, strides] =
        [ksize.into(), strides.into()].map(|sizes| sizes.all_dims(2, DataFormat::Nhwc));
    let pool = pool
        .attr("ksize", ksize)
        .attr("strides", strides)
        .attr("padding", padding.name())
        .attr("Targmax", I::DTYPE)
        .attr(
            "include_batch_in_index",
            include_batch_in_index.into().0.unwrap_or(false),
        );
    Outputs::of(pool.finish())
}

options! {
    /// The choice of windows of random sizes.
    ///
    /// ```
    /// use tfhub::ops::nn::{self, FractionalPoolOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.placeholder::<f32>((None, 28, 28, 3));
    /// let options = FractionalPoolOptions::default().overlapping(true).deterministic(true).seed(7);
    /// let pooled = nn::fractional_max_pool(images, [1.0, 1.4, 1.4, 1.0], options);
    /// assert_eq!(pooled.output.shape().to_string(), "[?, 20, 20, 3]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    FractionalPoolOptions {
        /// Whether sizes are chosen in a pseudorandom and not in a random fashion; they are not by default.
        pseudo_random: bool = false;
        /// Whether windows share their borders; they do not by default.
        overlapping: bool = false;
        /// Whether all runs use the same windows; they do not by default.
        deterministic: bool = false;
        /// The seed; if it and the second are 0, as by default, they come from the clock.
        seed: i64 = 0;
        /// The second seed; 0 by default.
        seed2: i64 = 0;
    }
}

functions! {
    /// The largest element of each of the windows of random sizes (`tf.nn.fractional_max_pool`).
    ///
    /// `pooling_ratio` is how many times smaller each of the four dimensions gets, 1 for batch and channels.
    fractional_max_pool "FractionalMaxPool"
        <T: BasicNumber>(value: T; pooling_ratio: [f32; 4] | options: FractionalPoolOptions)
        => FractionalPool<'g, T>
        {
            "pooling_ratio" = pooling_ratio, "pseudo_random" = options.pseudo_random,
            "overlapping" = options.overlapping, "deterministic" = options.deterministic,
            "seed" = options.seed, "seed2" = options.seed2
        };
    /// The mean of each of the windows of random sizes (`tf.nn.fractional_avg_pool`), chosen as by
    /// [`fractional_max_pool`].
    fractional_avg_pool "FractionalAvgPool"
        <T: BasicNumber>(value: T; pooling_ratio: [f32; 4] | options: FractionalPoolOptions)
        => FractionalPool<'g, T>
        {
            "pooling_ratio" = pooling_ratio, "pseudo_random" = options.pseudo_random,
            "overlapping" = options.overlapping, "deterministic" = options.deterministic,
            "seed" = options.seed, "seed2" = options.seed2
        };
}
