//! Shapes of convolutions and dilations.

use super::Outputs::Like;
use super::dims::{positive, product};
use super::{
    ANY, Dim, Inference, Inferred, LIST, merge_dims, one, ranks_are, refuse, tensor, unchanged,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::graph::op_def::ArgDef;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Conv2D", |i| conv(i, 2)),
    op("Conv2DBackpropFilter", |i| i.listed(1, 4)),
    op("Conv2DBackpropInput", |i| i.listed(0, 4)),
    op("Conv3D", |i| conv(i, 3)),
    op("Conv3DBackpropFilterV2", |i| i.listed(1, 5)),
    op("Conv3DBackpropInputV2", |i| i.listed(0, 5)),
    op("DepthwiseConv2dNative", depthwise),
    op("DepthwiseConv2dNativeBackpropFilter", |i| i.listed(1, 4)),
    op("DepthwiseConv2dNativeBackpropInput", |i| i.listed(0, 4)),
    op("Dilation2D", dilation),
    ranked("Dilation2DBackpropFilter", &[], Like(1)),
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
    op("_FusedConv2D", |i| conv(i, 2)),
];

/// Where batch, channels and space are in a tensor.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) channel: usize,
    /// The first dimension of space; the others follow.
    pub(super) space: usize,
    /// The number of dimensions of space.
    count: usize,
}

impl Layout {
    /// Images, with their channels last.
    const CHANNELS_LAST: Layout = Layout {
        channel: 3,
        space: 1,
        count: 2,
    };

    /// The layout that attribute `data_format` names, for a number of spatial dimensions.
    pub(super) fn of(i: &Inference<'_>, count: usize) -> Self {
        let channels_first =
            matches!(i.node.string_attr("data_format"), Some(name) if name.starts_with(b"NC"));
        let (channel, space) = if channels_first {
            (1, 2)
        } else {
            (count + 1, 1)
        };
        Layout {
            channel,
            space,
            count,
        }
    }

    /// A shape in this layout.
    pub(super) fn shape(self, batch: Dim, space: &[Dim], channels: Dim) -> Shape {
        let mut dims = [batch; MAX_SPACE + 2];
        dims[self.channel] = channels;
        dims[self.space..self.space + self.count].copy_from_slice(&space[..self.count]);
        tensor(&dims[..self.count + 2])
    }

    /// The sizes that windows make of the dimensions of space; a function gives the size and dilation of each window.
    pub(super) fn windowed(
        self,
        i: &Inference<'_>,
        input: &[Dim],
        strides: &[i64],
        window: &dyn Fn(usize) -> Inferred<(Dim, i64)>,
    ) -> Inferred<[Dim; MAX_SPACE]> {
        let mut space = [None; MAX_SPACE];
        for (at, out) in space[..self.count].iter_mut().enumerate() {
            let dim = self.space + at;
            *out = windows(i, input[dim], window(at)?, dim, strides)?;
        }
        Ok(space)
    }
}

/// The greatest number of dimensions of space.
const MAX_SPACE: usize = 3;

/// The margins that are added to the input's size.
enum Padding {
    Same,
    Known(usize),
}

impl Padding {
    /// The padding of dimension `at` that the attributes ask for.
    fn of(i: &Inference<'_>, at: usize, rank: usize) -> Inferred<Self> {
        match i.node.string_attr("padding") {
            Some(b"SAME") => Ok(Padding::Same),
            Some(b"EXPLICIT") => {
                let paddings = i.int_list_of("explicit_paddings", 2 * rank)?;
                let [before, after] = [paddings[2 * at], paddings[2 * at + 1]];
                match (usize::try_from(before), usize::try_from(after)) {
                    (Ok(before), Ok(after)) => Ok(Padding::Known(before.saturating_add(after))),
                    _ => refuse(format_args!(
                        "paddings must not be negative, found {before} and {after}"
                    )),
                }
            }
            _ => Ok(Padding::Known(0)),
        }
    }
}

/// How many windows of a size and dilation fit into dimension `at`.
pub(super) fn windows(
    i: &Inference<'_>,
    input: Dim,
    (window, dilation): (Dim, i64),
    at: usize,
    strides: &[i64],
) -> Inferred<Dim> {
    let padding = Padding::of(i, at, strides.len())?;
    let stride = positive(strides[at], "the stride")?;
    let dilation = positive(dilation, "the dilation")?;
    let padding = match padding {
        Padding::Same => return Ok(input.map(|size| size.div_ceil(stride))),
        Padding::Known(padding) => padding,
    };
    let (Some(input), Some(window)) = (input, window) else {
        return Ok(None);
    };
    let steps = window.checked_sub(1);
    let reach = match dilation {
        1 => Some(window),
        _ => steps.and_then(|steps| steps.checked_mul(dilation)?.checked_add(1)),
    };
    let Some(reach) = reach else {
        return refuse(format_args!("a window of {window} cannot be dilated"));
    };
    let padded = input.saturating_add(padding);
    match padded.checked_sub(reach) {
        Some(rest) => Ok(Some(rest / stride + 1)),
        None => refuse(format_args!(
            "a window of {reach} is larger than the padded input of {padded}"
        )),
    }
}

/// A convolution in this many dimensions of space.
fn conv(i: &Inference<'_>, count: usize) -> Inferred {
    let rank = count + 2;
    let input = i.dims(0, rank, "the input")?;
    let filter = i.dims(1, rank, "the filter")?;
    let strides = i.int_list_of("strides", rank)?;
    let dilations = i.int_list_of("dilations", rank)?;
    let layout = Layout::of(i, count);
    let channels = input[layout.channel];
    match (channels, filter[count]) {
        (Some(found), Some(expected)) if count == 2 && expected > 0 && found % expected == 0 => {
            let (groups, out) = (found / expected, filter[count + 1]);
            if let Some(out) = out.filter(|&out| groups > 0 && out % groups != 0) {
                return refuse(format_args!(
                    "{out} channels are not {groups} groups of equal size"
                ));
            }
        }
        _ => {
            merge_dims(
                channels,
                filter[count],
                "channels of the input and of the filter",
            )?;
        }
    }
    let window = |at: usize| Ok((filter[at], dilations[layout.space + at]));
    let space = layout.windowed(i, input, strides, &window)?;
    one(layout.shape(input[0], &space, filter[count + 1]))
}

fn depthwise(i: &Inference<'_>) -> Inferred {
    let input = i.dims(0, 4, "the input")?;
    let filter = i.dims(1, 4, "the filter")?;
    let strides = i.int_list_of("strides", 4)?;
    let layout = Layout::of(i, 2);
    let channels = merge_dims(
        input[layout.channel],
        filter[2],
        "channels of the input and of the filter",
    )?;
    // TensorFlow leaves the dilations out here.
    let space = layout.windowed(i, input, strides, &|at| Ok((filter[at], 1)))?;
    let channels = product(channels, filter[3]);
    one(layout.shape(input[0], &space, channels))
}

/// Ranges are scalars; that of the filter has this rank.
fn check_ranges(i: &Inference<'_>, filter: i8) -> Inferred<()> {
    let rank_of = |arg: &ArgDef| match &*arg.name {
        "bias" => 1,
        "min_input" | "max_input" | "min_freezed_output" | "max_freezed_output" => 0,
        "min_filter" | "max_filter" => filter,
        _ => ANY,
    };
    let ranks: Vec<i8> = i.op.inputs.iter().map(rank_of).collect();
    ranks_are(i, &ranks)
}

/// The range of the filter may have a value for each channel.
fn quantized_conv(i: &Inference<'_>) -> Inferred {
    check_ranges(i, LIST)?;
    i.then_scalars(conv(i, 2)?)
}

fn quantized_conv_of_one_range(i: &Inference<'_>) -> Inferred {
    check_ranges(i, 0)?;
    i.then_scalars(conv(i, 2)?)
}

/// The range of the output is one for each channel if that of the filter is.
fn quantized_conv_by_channel(i: &Inference<'_>) -> Inferred {
    check_ranges(i, LIST)?;
    let mut shapes = conv(i, 2)?;
    let range = match i.arg("max_filter").next() {
        Some(index) => i.input(index).clone(),
        None => Shape::unknown(),
    };
    shapes.resize(i.node.outputs.len(), range);
    Ok(shapes)
}

fn quantized_depthwise(i: &Inference<'_>) -> Inferred {
    let mut shapes = depthwise(i)?;
    shapes.resize(i.node.outputs.len(), Shape::unknown());
    Ok(shapes)
}

fn dilation(i: &Inference<'_>) -> Inferred {
    let input = i.dims(0, 4, "the input")?;
    let filter = i.dims(1, 3, "the filter")?;
    let strides = i.int_list_of("strides", 4)?;
    let rates = i.int_list_of("rates", 4)?;
    let layout = Layout::CHANNELS_LAST;
    if [input[1], input[2], filter[0], filter[1]].contains(&None) {
        return one(layout.shape(input[0], &[None; 2], filter[2]));
    }
    merge_dims(
        input[3],
        filter[2],
        "channels of the input and of the filter",
    )?;
    let window = |at: usize| Ok((filter[at], rates[at + 1]));
    let space = layout.windowed(i, input, strides, &window)?;
    one(layout.shape(input[0], &space, filter[2]))
}

/// A convolution after a padding and perhaps a resize.
fn fused_conv(i: &Inference<'_>, resize: bool) -> Inferred {
    let mut input: Shape = i.dims(0, 4, "the input")?.into();
    let paddings = if resize { 2 } else { 1 };
    if resize {
        let len = i.dims(1, 1, "\"size\"")?[0];
        merge_dims(len, Some(2), "the length of \"size\" and 2")?;
        input = input.with_dim(1, i.listed_dim(1, 0));
        input = input.with_dim(2, i.listed_dim(1, 1));
    }
    let listed: Shape = i.dims(paddings, 2, "\"paddings\"")?.into();
    super::agree(&listed, &[4, 2].into())?;
    let filter = i.dims(paddings + 1, 4, "the filter")?;
    let mut padded = [None; 4];
    if let Some(values) = i.integers(paddings).filter(|values| values.len() == 8) {
        for (at, padded) in padded.iter_mut().enumerate() {
            let more = values[2 * at].checked_add(values[2 * at + 1]);
            let more = more.and_then(|more| isize::try_from(more).ok());
            *padded = input
                .dim(at as isize)
                .zip(more)
                .and_then(|(dim, more)| dim.checked_add_signed(more));
        }
    }
    merge_dims(
        padded[3],
        filter[2],
        "channels of the input and of the filter",
    )?;
    let (layout, strides) = (Layout::CHANNELS_LAST, i.int_list_of("strides", 4)?);
    let space = layout.windowed(i, &padded, strides, &|at| Ok((filter[at], 1)))?;
    one(layout.shape(padded[0], &space, filter[3]))
}
