//! Convolutions of each channel by itself, and morphological filters.

use std::panic::Location;

use super::conv::{ConvOptions, Window, implicit};
use super::dilated::{Dilated, FilterShape};
use super::{DataFormat, Padding, WindowSizes};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Algebraic, Float, Real};
use crate::shape::Shape;

/// A convolution of each channel with filters of its own (`tf.nn.depthwise_conv2d`): `filter` is
/// `[height, width, channels, multiplier]`, `strides` is one number, or one for each of the four dimensions, and the
/// dilations of height and width are Python's `rate`.
#[track_caller]
pub fn depthwise_conv2d<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    filter: impl Operand<'g, T>,
    strides: impl Into<WindowSizes>,
    padding: Padding,
    options: impl Into<ConvOptions>,
) -> Tensor<'g, T> {
    let g = input.graph();
    let (strides, options) = (strides.into(), options.into());
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
    strides: WindowSizes,
    padding: Padding,
    options: &ConvOptions,
) -> Option<AnyTensor<'g>> {
    let g = input.graph();
    let n = Nodes(g);
    if !implicit(g, padding) {
        return None;
    }
    let format = options.data_format;
    let rate = options.dilations.spatial(2);
    n.shape(filter);
    let dilated = Dilated {
        input,
        rate: rate.iter().map(|&rate| rate as i32).collect(),
        filter_shape: FilterShape::Tensor(filter.shape()),
        padding,
        first: format.first_spatial(),
    };
    dilated.make(|input, padding| {
        let conv = n.named("DepthwiseConv2dNative", name).input(input);
        let conv = conv.input(filter);
        conv.attr("strides", strides.all_dims(2, format))
            .attr("padding", padding.name())
            .attr("data_format", format.name())
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
    strides: impl Into<WindowSizes>,
    padding: Padding,
    options: impl Into<ConvOptions>,
) -> Tensor<'g, T> {
    let g = input.graph();
    let n = Nodes(g);
    let (strides, options) = (strides.into(), options.into());
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
            n: 2,
            format: options.data_format,
        };
        let conv = n.named("Conv2D", scope).input(channels);
        Some(window.node(conv.input(pointwise)))
    });
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// The largest sum of a window and the filter (`tf.nn.dilation2d`); `strides` and `rates` are one number, or one for
/// each of the four dimensions.
#[track_caller]
pub fn dilation2d<'g, T: Real>(
    input: impl TensorLike<'g, T>,
    filter: impl Operand<'g, T>,
    strides: impl Into<WindowSizes>,
    rates: impl Into<WindowSizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    let g = input.graph();
    let name = g.requested_name("Dilation2D");
    let args = [Arg::of(input), Arg::of(filter)];
    let sizes = [strides.into(), rates.into()];
    g.called_from(Location::caller(), || {
        dilation(g, &name, args, sizes, padding).typed()
    })
}

fn dilation<'g>(
    g: &'g GraphBuilder,
    name: &str,
    [input, filter]: [Arg<'g>; 2],
    sizes: [WindowSizes; 2],
    padding: Padding,
) -> AnyTensor<'g> {
    if !implicit(g, padding) {
        return AnyTensor::poison(g);
    }
    let [strides, rates] = sizes.map(|sizes| sizes.all_dims(2, DataFormat::Nhwc));
    let dilation = Nodes(g).named("Dilation2D", name).input(input);
    dilation
        .input(filter)
        .attr("strides", strides)
        .attr("rates", rates)
        .attr("padding", padding.name())
        .output()
}

/// The smallest difference of a window and the kernel (`tf.nn.erosion2d`).
#[track_caller]
pub fn erosion2d<'g, T: Real + Algebraic>(
    value: impl TensorLike<'g, T>,
    kernel: impl Operand<'g, T>,
    strides: impl Into<WindowSizes>,
    rates: impl Into<WindowSizes>,
    padding: Padding,
) -> Tensor<'g, T> {
    let g = value.graph();
    let n = Nodes(g);
    let sizes = [strides.into(), rates.into()];
    let (value, kernel) = (Arg::of(value), Arg::of(kernel));
    g.function_scope("erosion2d", Location::caller(), |scope| {
        let negative = n.unary("Neg", value);
        let reversed = n.binary("ReverseV2", kernel, [0, 1]);
        let args = [negative.into(), reversed.into()];
        n.unary("Neg", dilation(g, scope, args, sizes, padding))
            .typed()
    })
}
