//! Convolutions.

mod transpose;

pub use transpose::*;

use std::panic::Location;

use super::dilated::{Dilated, FilterShape, check_strides};
use super::{DataFormat, Padding, Sizes};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Call, Nodes};
use crate::ops::types::Float;
use crate::shape::Shape;

/// How a convolution goes over its input.
///
/// ```
/// use tfhub::ops::nn::{self, ConvOptions, Padding};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 28, 28, 3));
/// let filter = g.get_variable::<f32>("filter").shape([3, 3, 3, 8]).create();
/// let options = ConvOptions::default().dilations(2);
/// let y = nn::conv2d_with(images, filter, 1, Padding::Valid, options);
/// assert_eq!(y.shape().to_string(), "[?, 24, 24, 8]");
/// ```
#[derive(Debug, Clone, Default)]
pub struct ConvOptions {
    pub(super) strides: Option<Sizes>,
    pub(super) dilations: Option<Sizes>,
    pub(super) data_format: DataFormat,
}

impl ConvOptions {
    /// The steps between windows, for functions that do not take them as an argument; 1 by default.
    pub fn strides(self, strides: impl Into<Sizes>) -> Self {
        ConvOptions {
            strides: Some(strides.into()),
            ..self
        }
    }

    /// The steps between the elements of a window; 1 by default.
    pub fn dilations(self, dilations: impl Into<Sizes>) -> Self {
        ConvOptions {
            dilations: Some(dilations.into()),
            ..self
        }
    }

    /// Where the channels are; last by default.
    pub fn data_format(self, data_format: DataFormat) -> Self {
        ConvOptions {
            data_format,
            ..self
        }
    }

    /// The dilations of every dimension of an input with `n` between batch and channels.
    #[track_caller]
    fn all_dilations(&self, g: &GraphBuilder, n: usize) -> Option<Vec<i64>> {
        let ones = Sizes::default();
        let dilations = self.dilations.as_ref().unwrap_or(&ones);
        dilations.sequence(g, n, self.data_format, "dilations")
    }
}

/// The attributes of a convolution's node.
pub(super) struct Window {
    pub(super) strides: Vec<i64>,
    pub(super) dilations: Vec<i64>,
    pub(super) padding: Padding,
    pub(super) format: &'static str,
}

impl Window {
    pub(super) fn node<'g>(self, call: Call<'g>) -> AnyTensor<'g> {
        let call = call
            .attr("strides", self.strides)
            .attr("dilations", self.dilations)
            .attr("padding", self.padding.name())
            .attr("data_format", self.format);
        match self.padding {
            Padding::Explicit(paddings) => call.attr("explicit_paddings", paddings.concat()),
            _ => call,
        }
        .output()
    }
}

/// Reports explicit padding, for ops that do not have it.
#[track_caller]
pub(super) fn implicit(g: &GraphBuilder, padding: Padding) -> bool {
    let nodes = Nodes(g);
    let implicit = !matches!(padding, Padding::Explicit(_));
    if !implicit {
        nodes.fault(Rule::Value, "explicit padding is for conv2d alone");
    }
    implicit
}

/// A convolution of images (`tf.nn.conv2d`): `input` is `[batch, height, width, channels]`, `filter`
/// `[height, width, channels, outputs]`.
///
/// ```
/// use tfhub::ops::nn::{self, Padding};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 28, 28, 3));
/// let filter = g.get_variable::<f32>("filter").shape([3, 3, 3, 8]).create();
/// let y = nn::conv2d(images, filter, [2, 2], Padding::Same);
/// assert_eq!(y.shape().to_string(), "[?, 14, 14, 8]");
/// ```
#[track_caller]
pub fn conv2d<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    conv2d_with(input, filter, strides, padding, ConvOptions::default())
}

/// [`conv2d`] with dilations or another place for the channels.
#[track_caller]
pub fn conv2d_with<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let nodes = Nodes(g);
    let name = g.requested_name("Conv2D");
    let convolved = g.called_from(Location::caller(), || {
        let strides = strides
            .into()
            .sequence(g, 2, options.data_format, "strides")?;
        let window = Window {
            strides,
            dilations: options.all_dilations(g, 2)?,
            padding,
            format: options.data_format.name(),
        };
        let conv = nodes.named("Conv2D", &name).input(Arg::of(input));
        Some(window.node(conv.input(Arg::of(filter))))
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// A convolution of volumes (`tf.nn.conv3d`); `strides` has a number for each of the five dimensions.
#[track_caller]
pub fn conv3d<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    conv3d_with(input, filter, strides, padding, ConvOptions::default())
}

/// [`conv3d`] with dilations, a number for each dimension, or another place for the channels.
#[track_caller]
pub fn conv3d_with<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let nodes = Nodes(g);
    let name = g.requested_name("Conv3D");
    let convolved = g.called_from(Location::caller(), || {
        if !implicit(g, padding) {
            return AnyTensor::poison(g);
        }
        let window = Window {
            strides: strides.into().0,
            dilations: options
                .dilations
                .map_or_else(|| vec![1; 5], |sizes| sizes.0),
            padding,
            format: options.data_format.name_3d(),
        };
        let conv = nodes.named("Conv3D", &name).input(Arg::of(input));
        window.node(conv.input(Arg::of(filter)))
    });
    convolved.typed()
}

/// A convolution of sequences (`tf.nn.conv1d`): `input` is `[batch, length, channels]`, `filter`
/// `[length, channels, outputs]`.
#[track_caller]
pub fn conv1d<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    stride: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    conv1d_with(input, filter, stride, padding, ConvOptions::default())
}

/// [`conv1d`] with dilations or another place for the channels.
#[track_caller]
pub fn conv1d_with<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    stride: impl Into<Sizes>,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let name = g.requested_name("conv1d");
    let (input, filter) = (Arg::of(input), Arg::of(filter));
    let stride = stride.into();
    let convolved = g.called_from(Location::caller(), || {
        let stride = stride.sequence(g, 1, options.data_format, "stride")?;
        let dilations = options.all_dilations(g, 1)?;
        let format = options.data_format;
        implicit(g, padding).then(|| {
            conv1d_of(
                g,
                &name,
                (input, filter),
                (stride, dilations),
                padding,
                format,
            )
        })
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// A convolution of images that are one pixel high.
fn conv1d_of<'g>(
    g: &'g GraphBuilder,
    name: &str,
    (input, filter): (Arg<'g>, Arg<'g>),
    (strides, dilations): (Vec<i64>, Vec<i64>),
    padding: Padding,
    format: DataFormat,
) -> AnyTensor<'g> {
    let nodes = Nodes(g);
    g.inner_scope(name, Location::caller(), |scope| {
        let window = Window {
            strides: [vec![1], strides].concat(),
            dilations: [vec![1], dilations].concat(),
            padding,
            format: format.name(),
        };
        let at = format.first_spatial();
        let input = nodes.expand_dims(input, at);
        let filter = nodes.expand_dims(filter, 0);
        let conv = nodes.named("Conv2D", scope).input(input);
        nodes.squeeze(window.node(conv.input(filter)), [at])
    })
}

/// A convolution with one, two or three dimensions between batch and channels (`tf.nn.convolution`).
#[track_caller]
pub fn convolution<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl TensorLike<'g, T> + 'g,
    padding: Padding,
) -> Tensor<'g, T> {
    convolution_with(input, filter, padding, ConvOptions::default())
}

/// [`convolution`] with strides, dilations or another place for the channels.
///
/// Dilations are made by moving space to the batch and back, as in Python.
#[track_caller]
pub fn convolution_with<'g, T: Float>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl TensorLike<'g, T> + 'g,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let name = g.requested_name("convolution");
    let convolved = g.called_from(Location::caller(), || {
        let shapes = (input.static_shape(), filter.static_shape());
        let filter = Arg::of(filter);
        convolve(
            g,
            &name,
            (Arg::of(input), filter),
            shapes,
            padding,
            &options,
        )
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// A convolution of images with steps between the elements of a window (`tf.nn.atrous_conv2d`).
#[track_caller]
pub fn atrous_conv2d<'g, T: Float>(
    value: impl TensorLike<'g, T> + 'g,
    filters: impl TensorLike<'g, T> + 'g,
    rate: i32,
    padding: Padding,
) -> Tensor<'g, T> {
    let options = ConvOptions::default().dilations([rate, rate]);
    convolution_with(value, filters, padding, options)
}

fn convolve<'g>(
    g: &'g GraphBuilder,
    name: &str,
    (input, filter): (Arg<'g>, Arg<'g>),
    (input_shape, filter_shape): (Shape, Shape),
    padding: Padding,
    options: &ConvOptions,
) -> Option<AnyTensor<'g>> {
    let nodes = Nodes(g);
    let rank = input_shape.rank().or(filter_shape.rank());
    let Some(n) = rank
        .and_then(|rank| rank.checked_sub(2))
        .filter(|n| (1..=3).contains(n))
    else {
        let message = format!(
            "expected an input of rank 3, 4 or 5, found shapes {input_shape} and {filter_shape}"
        );
        nodes.fault(Rule::Shape, message);
        return None;
    };
    if !implicit(g, padding) {
        return None;
    }
    let format = options.data_format;
    let ones = Sizes::default();
    let strides = options.strides.as_ref().unwrap_or(&ones);
    let strides = strides.sequence(g, n, format, "strides")?;
    let dilations = options.all_dilations(g, n)?;
    g.inner_scope(name, Location::caller(), |scope| {
        let plain = |input: Arg<'g>, filter, strides, dilations, padding| {
            if n == 1 {
                return conv1d_of(
                    g,
                    scope,
                    (input, filter),
                    (strides, dilations),
                    padding,
                    format,
                );
            }
            let (op, format) = match n {
                2 => ("Conv2D", format.name()),
                _ => ("Conv3D", format.name_3d()),
            };
            let window = Window {
                strides,
                dilations,
                padding,
                format,
            };
            let conv = nodes.named(op, scope).input(input);
            window.node(conv.input(filter))
        };
        if dilations.iter().all(|&dilation| dilation == 1) {
            return Some(plain(input, filter, strides, dilations, padding));
        }
        let spatial = |all: &[i64]| -> Vec<i64> {
            match format {
                DataFormat::Nhwc => all[1..=n].to_vec(),
                DataFormat::Nchw => all[2..].to_vec(),
            }
        };
        let rate = spatial(&dilations);
        check_dilated(g, &input_shape, &filter_shape, n, format)?;
        check_strides(g, &spatial(&strides), &rate)?;
        let dilated = Dilated {
            input: input.convert(g, "input", crate::dtype::DType::Float32),
            rate: rate.iter().map(|&rate| rate as i32).collect(),
            filter_shape: FilterShape::Listed(filter_shape.clone()),
            padding,
            first: format.first_spatial(),
        };
        let ones = vec![1; n + 2];
        let result = dilated.make(|input, padding| {
            plain(
                input.into(),
                filter,
                format.all_dims(&spatial(&strides), 1),
                ones,
                padding,
            )
        })?;
        if format == DataFormat::Nchw {
            let channels = filter_shape.dims().and_then(|dims| *dims.last()?);
            if let Some(mut dims) = result.shape().dims().map(<[_]>::to_vec) {
                dims[1] = dims[1].or(channels);
                result.set_shape(dims);
            }
        }
        Some(result)
    })
}

fn check_dilated(
    g: &GraphBuilder,
    input: &Shape,
    filter: &Shape,
    n: usize,
    format: DataFormat,
) -> Option<()> {
    let nodes = Nodes(g);
    let channels_at = match format {
        DataFormat::Nhwc => n + 1,
        DataFormat::Nchw => 1,
    };
    let rank_fits = |shape: &Shape| shape.rank().is_none_or(|rank| rank == n + 2);
    let dim = |shape: &Shape, at: usize| shape.dims().and_then(|dims| *dims.get(at)?);
    let channels = (dim(input, channels_at), dim(filter, n));
    let equal = !matches!(channels, (Some(a), Some(b)) if a != b);
    if rank_fits(input) && rank_fits(filter) && equal {
        return Some(());
    }
    let message = format!("an input of shape {input} does not fit a filter of shape {filter}");
    nodes.fault(Rule::Shape, message);
    None
}
