//! Pooling: one number for each window.

use std::panic::Location;

use super::conv::implicit;
use super::dilated::{Dilated, FilterShape, check_strides};
use super::{DataFormat, Padding, Sizes};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{BasicNumber, Float, IndexType, Poolable, Real, ShortFloat};

macro_rules! pooling {
    ($($(#[$doc:meta])* $function:ident $with:ident $bound:ident $op:literal $name:literal $n:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: $bound>(
            input: impl TensorLike<'g, T> + 'g,
            ksize: impl Into<Sizes>,
            strides: impl Into<Sizes>,
            padding: Padding,
        ) -> Tensor<'g, T> {
            $with(input, ksize, strides, padding, DataFormat::default())
        }

        #[doc = concat!("[`", stringify!($function), "`] with the channels in another place.")]
        #[track_caller]
        pub fn $with<'g, T: $bound>(
            input: impl TensorLike<'g, T> + 'g,
            ksize: impl Into<Sizes>,
            strides: impl Into<Sizes>,
            padding: Padding,
            data_format: DataFormat,
        ) -> Tensor<'g, T> {
            let g = input.graph();
            let name = g.requested_name($name);
            let sizes = (ksize.into(), strides.into());
            let pooled = g.called_from(Location::caller(), || {
                pool_node(g, ($op, &name), Arg::of(input), $n, sizes, padding, data_format)
            });
            pooled.typed()
        }
    )*};
}

pooling! {
    /// The mean of each window of sequences (`tf.nn.avg_pool1d`).
    avg_pool1d avg_pool1d_with Float "AvgPool" "AvgPool1D" 1;
    /// The mean of each window of images (`tf.nn.avg_pool`).
    avg_pool avg_pool_with Float "AvgPool" "AvgPool" 2;
    /// The mean of each window of volumes (`tf.nn.avg_pool3d`).
    avg_pool3d avg_pool3d_with Float "AvgPool3D" "AvgPool3D" 3;
    /// The largest element of each window of sequences (`tf.nn.max_pool1d`).
    max_pool1d max_pool1d_with Poolable "MaxPool" "MaxPool1d" 1;
    /// The largest element of each window of images (`tf.nn.max_pool`).
    max_pool max_pool_with Poolable "MaxPool" "MaxPool" 2;
    /// [`max_pool()`] under another name (`tf.nn.max_pool2d`).
    max_pool2d max_pool2d_with Poolable "MaxPool" "MaxPool2d" 2;
    /// The largest element of each window of volumes (`tf.nn.max_pool3d`).
    max_pool3d max_pool3d_with ShortFloat "MaxPool3D" "MaxPool3D" 3;
}

/// A pooling op on `n` dimensions; sequences are images that are one pixel high.
fn pool_node<'g>(
    g: &'g GraphBuilder,
    (op, name): (&'static str, &str),
    input: Arg<'g>,
    n: usize,
    (ksize, strides): (Sizes, Sizes),
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
    g.inner_scope(name, Location::caller(), |scope| {
        let at = format.first_spatial();
        let input = match n {
            1 => {
                ksize.insert(0, 1);
                strides.insert(0, 1);
                nodes.expand_dims(input, at).into()
            }
            _ => input,
        };
        let format = if n == 3 {
            format.name_3d()
        } else {
            format.name()
        };
        let pool = nodes.named(op, scope).input(input);
        let pool = pool.attr("ksize", ksize).attr("strides", strides);
        let pool = pool.attr("padding", padding.name());
        let pooled = pool.attr("data_format", format).output();
        match n {
            1 => nodes.squeeze(pooled, [at]),
            _ => pooled,
        }
    })
}

/// What [`pool()`] takes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolingType {
    /// The mean.
    Avg,
    /// The largest element.
    Max,
}

/// How [`pool_with`] goes over its input.
#[derive(Debug, Clone, Default)]
pub struct PoolOptions {
    strides: Option<Sizes>,
    dilation_rate: Option<Sizes>,
    data_format: DataFormat,
}

impl PoolOptions {
    /// The steps between windows, one for each dimension of a window; 1 by default.
    pub fn strides(self, strides: impl Into<Sizes>) -> Self {
        PoolOptions {
            strides: Some(strides.into()),
            ..self
        }
    }

    /// The steps between the elements of a window, one for each of its dimensions; 1 by default.
    pub fn dilation_rate(self, dilation_rate: impl Into<Sizes>) -> Self {
        PoolOptions {
            dilation_rate: Some(dilation_rate.into()),
            ..self
        }
    }

    /// Where the channels are; last by default.
    pub fn data_format(self, data_format: DataFormat) -> Self {
        PoolOptions {
            data_format,
            ..self
        }
    }
}

/// Pooling with windows of one, two or three dimensions (`tf.nn.pool`).
#[track_caller]
pub fn pool<'g, T: ShortFloat>(
    input: impl TensorLike<'g, T>,
    window_shape: impl Into<Sizes>,
    pooling_type: PoolingType,
    padding: Padding,
) -> Tensor<'g, T> {
    pool_with(
        input,
        window_shape,
        pooling_type,
        padding,
        PoolOptions::default(),
    )
}

/// [`pool()`] with strides, dilations or another place for the channels.
#[track_caller]
pub fn pool_with<'g, T: ShortFloat>(
    input: impl TensorLike<'g, T>,
    window_shape: impl Into<Sizes>,
    pooling_type: PoolingType,
    padding: Padding,
    options: PoolOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let default = match pooling_type {
        PoolingType::Avg => "avg_pool",
        PoolingType::Max => "max_pool",
    };
    let window = window_shape.into().0;
    let pooled = g.function_scope(default, Location::caller(), |scope| {
        let input = input.into_tensor(g, "input").any();
        pool_of(scope, input, window, pooling_type, padding, options)
    });
    pooled.unwrap_or(AnyTensor::poison(g)).typed()
}

fn pool_of<'g>(
    scope: &str,
    input: AnyTensor<'g>,
    window: Vec<i64>,
    pooling_type: PoolingType,
    padding: Padding,
    options: PoolOptions,
) -> Option<AnyTensor<'g>> {
    let g = input.graph();
    let nodes = Nodes(g);
    let n = window.len();
    let shape = input.shape();
    if !(1..=3).contains(&n) || shape.rank().is_some_and(|rank| rank != n + 2) {
        let message = format!("a window of {n} dimensions does not fit an input of shape {shape}");
        nodes.fault(Rule::Shape, message);
        return None;
    }
    let format = options.data_format;
    let of_window = |sizes: Option<Sizes>| sizes.map_or_else(|| vec![1; n], |sizes| sizes.0);
    let (strides, rate) = (of_window(options.strides), of_window(options.dilation_rate));
    if strides.len() != n || rate.len() != n {
        nodes.fault(
            Rule::Value,
            format_args!("expected {n} strides and {n} dilations"),
        );
        return None;
    }
    check_strides(g, &strides, &rate)?;
    if !implicit(g, padding) {
        return None;
    }
    if padding == Padding::Same && rate.iter().any(|&rate| rate > 1) {
        nodes.fault(Rule::Value, "pooling with SAME padding has no dilations");
        return None;
    }
    if strides
        .iter()
        .zip(&window)
        .any(|(stride, size)| stride > size)
    {
        nodes.fault(
            Rule::Value,
            "strides above the size of the window are not supported",
        );
        return None;
    }
    let op = match (pooling_type, n) {
        (PoolingType::Avg, 3) => "AvgPool3D",
        (PoolingType::Avg, _) => "AvgPool",
        (PoolingType::Max, 3) => "MaxPool3D",
        (PoolingType::Max, _) => "MaxPool",
    };
    let dilated = Dilated {
        input,
        rate: rate.iter().map(|&rate| rate as i32).collect(),
        filter_shape: FilterShape::None,
        padding,
        first: format.first_spatial(),
    };
    let sizes = (Sizes(window), Sizes(strides));
    dilated
        .make(|input, padding| pool_node(g, (op, scope), input.into(), n, sizes, padding, format))
}

/// What [`max_pool_with_argmax`] gives.
#[derive(Debug, Clone, Copy)]
pub struct MaxPoolWithArgmax<'g, T: TensorType, I: TensorType> {
    /// The largest elements.
    pub output: Tensor<'g, T>,
    /// Where they are in the flattened image.
    pub argmax: Tensor<'g, I>,
}

/// The largest element of each window of images, and where it is (`tf.nn.max_pool_with_argmax`).
///
/// `ksize` and `strides` have a number for each of the four dimensions. With `include_batch_in_index`, the places are
/// those in the flattened batch.
#[track_caller]
pub fn max_pool_with_argmax<'g, I: IndexType, T: Real>(
    input: impl TensorLike<'g, T>,
    ksize: impl Into<Sizes>,
    strides: impl Into<Sizes>,
    padding: Padding,
    include_batch_in_index: bool,
) -> MaxPoolWithArgmax<'g, T, I> {
    let g = input.graph();
    let poison = || AnyTensor::poison(g);
    let (output, argmax) = g.function_scope("MaxPoolWithArgmax", Location::caller(), |scope| {
        if !implicit(g, padding) {
            return (poison(), poison());
        }
        let input = input.into_tensor(g, "input");
        let pool = g.op("MaxPoolWithArgmax").name(scope).input(input);
        let pool = pool
            .attr("ksize", ksize.into().0)
            .attr("strides", strides.into().0)
            .attr("padding", padding.name())
            .attr("Targmax", I::DTYPE)
            .attr("include_batch_in_index", include_batch_in_index)
            .finish();
        (pool.output(0), pool.output(1))
    });
    MaxPoolWithArgmax {
        output: output.typed(),
        argmax: argmax.typed(),
    }
}

/// How windows of random sizes are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FractionalPoolOptions {
    pseudo_random: bool,
    overlapping: bool,
    deterministic: bool,
    seed: i64,
    seed2: i64,
}

impl FractionalPoolOptions {
    /// Whether sizes are chosen in a pseudorandom and not in a random fashion; they are not by default.
    pub fn pseudo_random(self, pseudo_random: bool) -> Self {
        Self {
            pseudo_random,
            ..self
        }
    }

    /// Whether windows share their borders; they do not by default.
    pub fn overlapping(self, overlapping: bool) -> Self {
        Self {
            overlapping,
            ..self
        }
    }

    /// Whether all runs use the same windows; they do not by default.
    pub fn deterministic(self, deterministic: bool) -> Self {
        Self {
            deterministic,
            ..self
        }
    }

    /// The seeds, which are 0 by default and then come from the clock.
    pub fn seeds(self, seed: i64, seed2: i64) -> Self {
        Self {
            seed,
            seed2,
            ..self
        }
    }
}

/// What pooling with windows of random sizes gives.
#[derive(Debug, Clone, Copy)]
pub struct FractionalPool<'g, T: TensorType> {
    /// One number for each window.
    pub output: Tensor<'g, T>,
    /// Where windows begin along the height.
    pub row_pooling_sequence: Tensor<'g, i64>,
    /// Where windows begin along the width.
    pub col_pooling_sequence: Tensor<'g, i64>,
}

macro_rules! fractional {
    ($($(#[$doc:meta])* $function:ident $op:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// `pooling_ratio` is how many times smaller each of the four dimensions gets, 1 for batch and channels.
        #[track_caller]
        pub fn $function<'g, T: BasicNumber>(
            value: impl TensorLike<'g, T>,
            pooling_ratio: [f32; 4],
            options: FractionalPoolOptions,
        ) -> FractionalPool<'g, T> {
            let g = value.graph();
            g.function_scope($op, Location::caller(), |scope| {
                let value = value.into_tensor(g, "value");
                let pool = g.op($op).name(scope).input(value);
                let pool = pool
                    .attr("pooling_ratio", pooling_ratio)
                    .attr("pseudo_random", options.pseudo_random)
                    .attr("overlapping", options.overlapping)
                    .attr("deterministic", options.deterministic)
                    .attr("seed", options.seed)
                    .attr("seed2", options.seed2)
                    .finish();
                FractionalPool {
                    output: pool.output(0).typed(),
                    row_pooling_sequence: pool.output(1).typed(),
                    col_pooling_sequence: pool.output(2).typed(),
                }
            })
        }
    )*};
}

fractional! {
    /// The largest element of each of the windows of random sizes (`tf.nn.fractional_max_pool`).
    fractional_max_pool "FractionalMaxPool";
    /// The mean of each of the windows of random sizes (`tf.nn.fractional_avg_pool`).
    fractional_avg_pool "FractionalAvgPool";
}
