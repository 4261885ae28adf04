//! Shapes of convolutions and dilations.

use super::dims::{dim, positive, product, replace};
use super::{ANY, Dim, Inference, Inferred, LIST, merge_dims, ranks_are, unchanged, with_rank};
use crate::graph::facts::{OpFacts, op};
use crate::graph::op_def::ArgDef;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Conv2D", conv::<2>),
    op("Conv2DBackpropFilter", |i| i.listed(1, 4)),
    op("Conv2DBackpropInput", |i| i.listed(0, 4)),
    op("Conv3D", conv::<3>),
    op("Conv3DBackpropFilterV2", |i| i.listed(1, 5)),
    op("Conv3DBackpropInputV2", |i| i.listed(0, 5)),
    op("DepthwiseConv2dNative", depthwise),
    op("DepthwiseConv2dNativeBackpropFilter", |i| i.listed(1, 4)),
    op("DepthwiseConv2dNativeBackpropInput", |i| i.listed(0, 4)),
    op("Dilation2D", dilation),
    op("Dilation2DBackpropFilter", |i| Ok(vec![i.input(1).clone()])),
    op("Dilation2DBackpropInput", unchanged),
    op("FusedPadConv2D", |i| fused_conv(i, false)),
    op("FusedResizeAndPadConv2D", |i| fused_conv(i, true)),
    op("QuantizedConv2D", quantized_conv_of_one_range),
    op("QuantizedConv2DAndRelu", quantized_conv_by_channel),
    op("QuantizedConv2DAndReluAndRequantize", quantized_conv),
    op("QuantizedConv2DAndRequantize", quantized_conv_of_one_range),
    op("QuantizedConv2DPerChannel", quantized_conv_by_channel),
    op("QuantizedConv2DWithBias", quantized_conv_by_channel),
    op("QuantizedConv2DWithBiasAndRelu", quantized_conv_by_channel),
    op(
        "QuantizedConv2DWithBiasAndReluAndRequantize",
        quantized_conv,
    ),
    op("QuantizedConv2DWithBiasAndRequantize", quantized_conv),
    op(
        "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize",
        quantized_conv,
    ),
    op(
        "QuantizedConv2DWithBiasSumAndRelu",
        quantized_conv_by_channel,
    ),
    op(
        "QuantizedConv2DWithBiasSumAndReluAndRequantize",
        quantized_conv,
    ),
    op("QuantizedDepthwiseConv2D", quantized_depthwise),
    op("QuantizedDepthwiseConv2DWithBias", quantized_depthwise),
    op(
        "QuantizedDepthwiseConv2DWithBiasAndRelu",
        quantized_depthwise,
    ),
    op(
        "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize",
        quantized_depthwise,
    ),
    op("_FusedConv2D", conv::<2>),
];

/// Where batch, channels and space are in a tensor.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) channel: usize,
    /// The first dimension of space; the others follow.
    pub(super) space: usize,
}

impl Layout {
    /// The layout that attribute `data_format` names, for a number of spatial dimensions.
    pub(super) fn of(i: &Inference<'_>, space: usize) -> Self {
        match i.node.string_attr("data_format") {
            Some(name) if name.starts_with(b"NC") => Layout {
                channel: 1,
                space: 2,
            },
            _ => Layout {
                channel: space + 1,
                space: 1,
            },
        }
    }

    /// A shape in this layout.
    pub(super) fn shape(self, batch: Dim, space: &[Dim], channels: Dim) -> Shape {
        let mut dims = vec![batch; space.len() + 2];
        dims[self.channel] = channels;
        dims[self.space..self.space + space.len()].copy_from_slice(space);
        dims.into()
    }
}

/// The margins that are added to the input's size.
#[derive(Clone, Copy)]
pub(super) enum Padding {
    Same,
    Known(usize),
}

impl Padding {
    /// The padding of dimension `at` that the attributes ask for.
    pub(super) fn of(i: &Inference<'_>, at: usize, rank: usize) -> Inferred<Self> {
        match i.node.string_attr("padding") {
            Some(b"SAME") => Ok(Padding::Same),
            Some(b"EXPLICIT") => {
                let paddings = i.int_list_of("explicit_paddings", 2 * rank)?;
                let [before, after] = [paddings[2 * at], paddings[2 * at + 1]];
                match (usize::try_from(before), usize::try_from(after)) {
                    (Ok(before), Ok(after)) => Ok(Padding::Known(before.saturating_add(after))),
                    _ => Err(format!(
                        "paddings must not be negative, found {before} and {after}"
                    )),
                }
            }
            _ => Ok(Padding::Known(0)),
        }
    }
}

/// How many windows fit.
pub(super) fn windows(
    input: Dim,
    window: Dim,
    dilation: i64,
    stride: i64,
    padding: Padding,
) -> Inferred<Dim> {
    let stride = positive(stride, "the stride")?;
    let dilation = positive(dilation, "the dilation")?;
    let padding = match padding {
        Padding::Same => return Ok(input.map(|size| size.div_ceil(stride))),
        Padding::Known(padding) => padding,
    };
    let (Some(input), Some(window)) = (input, window) else {
        return Ok(None);
    };
    let reach = match dilation {
        1 => Some(window),
        _ => window
            .checked_sub(1)
            .and_then(|steps| steps.checked_mul(dilation)?.checked_add(1)),
    };
    let reach = reach.ok_or_else(|| format!("a window of {window} cannot be dilated"))?;
    let padded = input.saturating_add(padding);
    match padded.checked_sub(reach) {
        Some(rest) => Ok(Some(rest / stride + 1)),
        None => Err(format!(
            "a window of {reach} is larger than the padded input of {padded}"
        )),
    }
}

fn conv<const N: usize>(i: &Inference<'_>) -> Inferred {
    let rank = N + 2;
    let input = with_rank(i.input(0), rank, "the input")?;
    let filter = with_rank(i.input(1), rank, "the filter")?;
    let strides = i.int_list_of("strides", rank)?;
    let dilations = i.int_list_of("dilations", rank)?;
    let layout = Layout::of(i, N);
    let channels = input[layout.channel];
    match (channels, filter[N]) {
        (Some(found), Some(expected)) if N == 2 && expected > 0 && found % expected == 0 => {
            let (groups, out) = (found / expected, filter[N + 1]);
            if let Some(out) = out.filter(|&out| groups > 0 && out % groups != 0) {
                return Err(format!(
                    "{out} channels are not {groups} groups of equal size"
                ));
            }
        }
        _ => {
            merge_dims(
                channels,
                filter[N],
                "channels of the input and of the filter",
            )?;
        }
    }
    let mut space = [None; N];
    for (at, out) in space.iter_mut().enumerate() {
        let dim = layout.space + at;
        let padding = Padding::of(i, dim, rank)?;
        *out = windows(
            input[dim],
            filter[at],
            dilations[dim],
            strides[dim],
            padding,
        )?;
    }
    Ok(vec![layout.shape(input[0], &space, filter[N + 1])])
}

fn depthwise(i: &Inference<'_>) -> Inferred {
    let input = with_rank(i.input(0), 4, "the input")?;
    let filter = with_rank(i.input(1), 4, "the filter")?;
    let strides = i.int_list_of("strides", 4)?;
    let layout = Layout::of(i, 2);
    let channels = merge_dims(
        input[layout.channel],
        filter[2],
        "channels of the input and of the filter",
    )?;
    let mut space = [None; 2];
    for (at, out) in space.iter_mut().enumerate() {
        let dim = layout.space + at;
        // TensorFlow leaves the dilations out here.
        *out = windows(
            input[dim],
            filter[at],
            1,
            strides[dim],
            Padding::of(i, dim, 4)?,
        )?;
    }
    let channels = product(channels, filter[3]);
    Ok(vec![layout.shape(input[0], &space, channels)])
}

/// Ranges are scalars; that of the filter has this rank.
fn check_ranges(i: &Inference<'_>, filter: i8) -> Inferred<()> {
    let rank = |arg: &ArgDef| match &*arg.name {
        "bias" => 1,
        "min_input" | "max_input" | "min_freezed_output" | "max_freezed_output" => 0,
        "min_filter" | "max_filter" => filter,
        _ => ANY,
    };
    ranks_are(i, &i.op.inputs.iter().map(rank).collect::<Vec<_>>())
}

/// The range of the filter may have a value for each channel.
fn quantized_conv(i: &Inference<'_>) -> Inferred {
    check_ranges(i, LIST)?;
    i.then_scalars(conv::<2>(i)?)
}

fn quantized_conv_of_one_range(i: &Inference<'_>) -> Inferred {
    check_ranges(i, 0)?;
    i.then_scalars(conv::<2>(i)?)
}

/// The range of the output is one for each channel if that of the filter is.
fn quantized_conv_by_channel(i: &Inference<'_>) -> Inferred {
    check_ranges(i, LIST)?;
    let mut shapes = conv::<2>(i)?;
    let arguments = &i.op.inputs;
    let range = arguments
        .iter()
        .position(|input| input.name == "max_filter");
    let range = range.map_or(Shape::unknown(), |index| i.input(index).clone());
    shapes.resize(i.node.outputs.len(), range);
    Ok(shapes)
}

fn quantized_depthwise(i: &Inference<'_>) -> Inferred {
    let mut shapes = depthwise(i)?;
    shapes.resize(i.node.outputs.len(), Shape::unknown());
    Ok(shapes)
}

fn dilation(i: &Inference<'_>) -> Inferred {
    let input = with_rank(i.input(0), 4, "the input")?;
    let filter = with_rank(i.input(1), 3, "the filter")?;
    let strides = i.int_list_of("strides", 4)?;
    let rates = i.int_list_of("rates", 4)?;
    let out = |space: [Dim; 2]| Ok(vec![[input[0], space[0], space[1], filter[2]].into()]);
    if [input[1], input[2], filter[0], filter[1]].contains(&None) {
        return out([None; 2]);
    }
    merge_dims(
        input[3],
        filter[2],
        "channels of the input and of the filter",
    )?;
    let mut space = [None; 2];
    for (at, size) in space.iter_mut().enumerate() {
        let padding = Padding::of(i, at + 1, 4)?;
        *size = windows(
            input[at + 1],
            filter[at],
            rates[at + 1],
            strides[at + 1],
            padding,
        )?;
    }
    out(space)
}

/// A convolution after a padding and perhaps a resize.
fn fused_conv(i: &Inference<'_>, resize: bool) -> Inferred {
    let mut input: Shape = with_rank(i.input(0), 4, "the input")?.into();
    let paddings = if resize { 2 } else { 1 };
    if resize {
        let len = with_rank(i.input(1), 1, "\"size\"")?[0];
        merge_dims(len, Some(2), "the length of \"size\" and 2")?;
        let size = i.integers(1).unwrap_or_default();
        let size = |at: usize| usize::try_from(*size.get(at)?).ok();
        input = replace(&replace(&input, 1, size(0)), 2, size(1));
    }
    let listed: Shape = with_rank(i.input(paddings), 2, "\"paddings\"")?.into();
    super::merged(&listed, &[4, 2].into())?;
    let filter = with_rank(i.input(paddings + 1), 4, "the filter")?;
    let padded: Vec<Dim> = match i.integers(paddings) {
        Some(values) if values.len() == 8 => (0..4)
            .map(|at| {
                let more = values[2 * at].checked_add(values[2 * at + 1])?;
                dim(&input, at as isize)?.checked_add_signed(isize::try_from(more).ok()?)
            })
            .collect(),
        _ => vec![None; 4],
    };
    merge_dims(
        padded[3],
        filter[2],
        "channels of the input and of the filter",
    )?;
    let strides = i.int_list_of("strides", 4)?;
    let mut space = [None; 2];
    for (at, size) in space.iter_mut().enumerate() {
        let padding = Padding::of(i, at + 1, 4)?;
        *size = windows(padded[at + 1], filter[at], 1, strides[at + 1], padding)?;
    }
    Ok(vec![[padded[0], space[0], space[1], filter[3]].into()])
}
