//! Convolutions of each channel by itself, and morphological filters.

use std::panic::Location;

use super::conv::{ConvOptions, Window, implicit};
use super::dilated::{Dilated, FilterShape};
use super::{Padding, Sizes};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Float, Real};
use crate::shape::Shape;

/// A convolution of each channel with filters of its own (`tf.nn.depthwise_conv2d`): `filter` is
/// `[height, width, channels, multiplier]`, and `strides` has a number for each of the four dimensions.
#[track_caller]
pub fn depthwise_conv2d<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    filter: impl Operand<'g, T>,
    strides: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    depthwise_conv2d_with(input, filter, strides, padding, ConvOptions::default())
}

/// [`depthwise_conv2d`] with dilations (`rate`) of height and width or another place for the channels.
#[track_caller]
pub fn depthwise_conv2d_with<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    filter: impl Operand<'g, T>,
    strides: impl Into<Sizes>,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let strides = strides.into();
    let convolved = g.function_scope("depthwise", Location::caller(), |scope| {
        let input = input.into_tensor(g, "tensor_in").any();
        let filter = filter.into_tensor(g, "filter_in").any();
        depthwise(scope, input, filter, strides, padding, &options)
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

fn depthwise<'g>(
    name: &str,
    input: AnyTensor<'g>,
    filter: AnyTensor<'g>,
    strides: Sizes,
    padding: Padding,
    options: &ConvOptions,
) -> Option<AnyTensor<'g>> {
    let g = input.graph();
    let n = Nodes(g);
    if !implicit(g, padding) {
        return None;
    }
    let rate = match &options.dilations {
        None => vec![1, 1],
        Some(Sizes(rate)) => rate.iter().map(|&rate| rate as i32).collect(),
    };
    n.shape(filter);
    let dilated = Dilated {
        input,
        rate,
        filter_shape: FilterShape::Tensor(filter.shape()),
        padding,
        first: options.data_format.first_spatial(),
    };
    dilated.make(|input, padding| {
        let conv = n.named("DepthwiseConv2dNative", name).input(input);
        let conv = conv.input(filter).attr("strides", strides.0);
        conv.attr("padding", padding.name())
            .attr("data_format", options.data_format.name())
            .output()
    })
}

/// [`depthwise_conv2d`] and then a convolution of each pixel (`tf.nn.separable_conv2d`): `pointwise_filter` is
/// `[1, 1, channels, outputs]`.
#[track_caller]
pub fn separable_conv2d<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    depthwise_filter: impl Operand<'g, T>,
    pointwise_filter: impl Operand<'g, T>,
    strides: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    separable_conv2d_with(
        input,
        depthwise_filter,
        pointwise_filter,
        strides,
        padding,
        ConvOptions::default(),
    )
}

/// [`separable_conv2d`] with dilations (`rate`) of height and width or another place for the channels.
#[track_caller]
pub fn separable_conv2d_with<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    depthwise_filter: impl Operand<'g, T>,
    pointwise_filter: impl Operand<'g, T>,
    strides: impl Into<Sizes>,
    padding: Padding,
    options: ConvOptions,
) -> Tensor<'g, T> {
    let g = input.graph();
    let n = Nodes(g);
    let strides = strides.into();
    let convolved = g.function_scope("separable_conv2d", Location::caller(), |scope| {
        let input = input.into_tensor(g, "tensor_in").any();
        let filter = depthwise_filter.into_tensor(g, "depthwise_filter").any();
        let pointwise = pointwise_filter.into_tensor(g, "pointwise_filter").any();
        let wanted = Shape::from((1, 1, None, None));
        if !pointwise.shape().is_compatible_with(&wanted) {
            let message = format!(
                "expected a pointwise filter of shape {wanted}, found {}",
                pointwise.shape()
            );
            n.fault(Rule::Shape, message);
            return None;
        }
        let channels = depthwise("depthwise", input, filter, strides, padding, &options)?;
        let window = Window {
            strides: vec![1; 4],
            dilations: vec![1; 4],
            padding: Padding::Valid,
            format: options.data_format.name(),
        };
        let conv = n.named("Conv2D", scope).input(channels);
        Some(window.node(conv.input(pointwise)))
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// The largest sum of a window and the filter (`tf.nn.dilation2d`); `strides` and `rates` have a number for each of the
/// four dimensions.
#[track_caller]
pub fn dilation2d<'g, T: Real>(
    input: impl TensorLike<'g, T> + 'g,
    filter: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    rates: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    let g = input.graph();
    let name = g.requested_name("Dilation2D");
    let (input, filter) = (Arg::of(input), Arg::of(filter));
    let sizes = (strides.into(), rates.into());
    let dilated = g.called_from(Location::caller(), || {
        dilation(g, &name, (input, filter), sizes, padding)
    });
    dilated.typed()
}

fn dilation<'g>(
    g: &'g GraphBuilder,
    name: &str,
    (input, filter): (Arg<'g>, Arg<'g>),
    (strides, rates): (Sizes, Sizes),
    padding: Padding,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    if !implicit(g, padding) {
        return AnyTensor::poison(g);
    }
    let dilation = n.named("Dilation2D", name).input(input);
    let dilation = dilation.input(filter);
    dilation
        .attr("strides", strides.0)
        .attr("rates", rates.0)
        .attr("padding", padding.name())
        .output()
}

/// The smallest difference of a window and the kernel (`tf.nn.erosion2d`).
#[track_caller]
pub fn erosion2d<'g, T: Real + crate::ops::types::Algebraic>(
    value: impl TensorLike<'g, T> + 'g,
    kernel: impl Operand<'g, T> + 'g,
    strides: impl Into<Sizes>,
    rates: impl Into<Sizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    let g = value.graph();
    let n = Nodes(g);
    let sizes = (strides.into(), rates.into());
    let eroded = g.function_scope("erosion2d", Location::caller(), |scope| {
        let negative = n.op("Neg").input(Arg::of(value)).output();
        let reversed = n.op("ReverseV2").input(Arg::of(kernel));
        let reversed = reversed.input([0, 1]).output();
        let inputs = (negative.into(), reversed.into());
        let dilated = dilation(g, scope, inputs, sizes, padding);
        n.unary("Neg", dilated)
    });
    eroded.typed()
}
