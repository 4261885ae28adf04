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
    let (strides, options) = (strides.into(), options.into());
    let (n, scope) = Nodes::in_scope(input.graph(), "depthwise");
    let (input, filter) = (n.tensor(input, "tensor_in"), n.tensor(filter, "filter_in"));
    let convolved = depthwise(&scope, input, filter, strides, padding, &options);
    convolved.unwrap_or(AnyTensor::poison(n.0)).typed()
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
    let rate = rate.iter().map(|&rate| rate as i32).collect();
    let (filter_shape, first) = (FilterShape::Tensor(filter.shape()), format.first_spatial());
    let dilated = Dilated::new(g, input.shape(), rate, filter_shape, padding, first)?;
    let convolved = dilated.call(input.into(), &|input, padding| {
        let conv = n.named("DepthwiseConv2dNative", name).input(input);
        let conv = conv.input(filter);
        conv.attr("strides", strides.all_dims(2, format))
            .attr("padding", padding.name())
            .attr("data_format", format.name())
            .output()
    });
    Some(convolved)
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
    let (strides, options) = (strides.into(), options.into());
    let (n, scope) = Nodes::in_scope(input.graph(), "separable_conv2d");
    let input = n.tensor(input, "tensor_in");
    let filter = n.tensor(depthwise_filter, "depthwise_filter");
    let pointwise = n.tensor(pointwise_filter, "pointwise_filter");
    let wanted = Shape::from((1, 1, None, None));
    if !pointwise.shape().is_compatible_with(&wanted) {
        let message = format!(
            "expected a pointwise filter of shape {wanted}, found {}",
            pointwise.shape()
        );
        n.fault(Rule::Shape, message);
        return AnyTensor::poison(n.0).typed();
    }
    let Some(channels) = depthwise("depthwise", input, filter, strides, padding, &options) else {
        return AnyTensor::poison(n.0).typed();
    };
    let window = Window {
        strides: vec![1; 4],
        dilations: vec![1; 4],
        padding: Padding::Valid,
        n: 2,
        format: options.data_format,
    };
    let conv = n.named("Conv2D", &scope).input(channels);
    window.node(conv.input(pointwise)).typed()
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
    let _call = g.open_call(Location::caller());
    dilation(g, &name, args, sizes, padding).typed()
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
    let (n, scope) = Nodes::in_scope(value.graph(), "erosion2d");
    let sizes = [strides.into(), rates.into()];
    let (value, kernel) = (Arg::of(value), Arg::of(kernel));
    let negative = n.unary("Neg", value);
    let reversed = n.binary("ReverseV2", kernel, [0, 1]);
    let args = [negative.into(), reversed.into()];
    n.unary("Neg", dilation(n.0, &scope, args, sizes, padding))
        .typed()
}
