//! Transposed convolutions.

use std::panic::Location;

use super::super::{Padding, Sizes};
use super::{ConvOptions, Window, implicit};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::Float;

/// The shape of a transposed convolution's result: a list of sizes or a tensor.
#[derive(Debug)]
pub struct OutputShape<'g>(OutputShapeKind<'g>);

#[derive(Debug)]
enum OutputShapeKind<'g> {
    Listed(Vec<i32>),
    Tensor(AnyTensor<'g>),
}

impl<const N: usize> From<[i32; N]> for OutputShape<'_> {
    fn from(sizes: [i32; N]) -> Self {
        OutputShape(OutputShapeKind::Listed(sizes.into()))
    }
}

impl<'g> From<Tensor<'g, i32>> for OutputShape<'g> {
    fn from(shape: Tensor<'g, i32>) -> Self {
        OutputShape(OutputShapeKind::Tensor(shape.any()))
    }
}

impl<'g> OutputShape<'g> {
    fn arg(self) -> Arg<'g> {
        match self.0 {
            OutputShapeKind::Listed(sizes) => sizes.into(),
            OutputShapeKind::Tensor(shape) => shape.into(),
        }
    }

    /// The dimensions between batch and channels, if known.
    fn spatial(&self) -> Option<usize> {
        let rank = match &self.0 {
            OutputShapeKind::Listed(sizes) => Some(sizes.len()),
            OutputShapeKind::Tensor(shape) => match shape.shape().dims() {
                Some([rank]) => *rank,
                _ => None,
            },
        };
        rank?.checked_sub(2)
    }

    /// The shape with a size of 1 put in.
    fn with_one(self, g: &'g GraphBuilder, at: i32) -> AnyTensor<'g> {
        let nodes = Nodes(g);
        let parts = match self.0 {
            OutputShapeKind::Listed(sizes) => {
                let (before, after) = sizes.split_at(sizes.len().min(at as usize));
                [Arg::from(before.to_vec()), Arg::from(after.to_vec())]
            }
            OutputShapeKind::Tensor(shape) => [
                nodes.index(shape, [Slice::to(at)]).into(),
                nodes.index(shape, [Slice::from(at)]).into(),
            ],
        };
        let [before, after] = parts;
        nodes.concat(vec![before, [1].into(), after], 0)
    }
}

macro_rules! transposes {
    ($($(#[$doc:meta])* $function:ident $with:ident $n:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: Float>(
            input: impl TensorLike<'g, T> + 'g,
            filter: impl Operand<'g, T> + 'g,
            output_shape: impl Into<OutputShape<'g>>,
            strides: impl Into<Sizes>,
            padding: Padding,
        ) -> Tensor<'g, T> {
            $with(input, filter, output_shape, strides, padding, ConvOptions::default())
        }

        #[doc = concat!("[`", stringify!($function), "`] with dilations or another place for the channels.")]
        #[track_caller]
        pub fn $with<'g, T: Float>(
            input: impl TensorLike<'g, T> + 'g,
            filter: impl Operand<'g, T> + 'g,
            output_shape: impl Into<OutputShape<'g>>,
            strides: impl Into<Sizes>,
            padding: Padding,
            options: ConvOptions,
        ) -> Tensor<'g, T> {
            let g = input.graph();
            let transpose = Transpose {
                g,
                input: Arg::of(input),
                filter: Arg::of(filter),
                output_shape: output_shape.into(),
                strides: strides.into(),
                padding,
                options,
            };
            let n: Option<usize> = $n;
            let transposed = g.function_scope(stringify!($function), Location::caller(), |scope| transpose.make(scope, n));
            transposed.unwrap_or(AnyTensor::poison(g)).typed()
        }
    )*};
}

transposes! {
    /// The gradient of [`conv1d`](super::conv1d), often called a deconvolution (`tf.nn.conv1d_transpose`); `filter` is
    /// `[length, outputs, channels]`.
    conv1d_transpose conv1d_transpose_with Some(1);
    /// The gradient of [`conv2d`](super::conv2d), often called a deconvolution (`tf.nn.conv2d_transpose`); `filter` is
    /// `[height, width, outputs, channels]`.
    conv2d_transpose conv2d_transpose_with Some(2);
    /// The gradient of [`conv3d`](super::conv3d), often called a deconvolution (`tf.nn.conv3d_transpose`).
    conv3d_transpose conv3d_transpose_with Some(3);
    /// One of [`conv1d_transpose`], [`conv2d_transpose`] and [`conv3d_transpose`], by the length of `output_shape`
    /// (`tf.nn.conv_transpose`).
    conv_transpose conv_transpose_with None;
}

struct Transpose<'g> {
    g: &'g GraphBuilder,
    input: Arg<'g>,
    filter: Arg<'g>,
    output_shape: OutputShape<'g>,
    strides: Sizes,
    padding: Padding,
    options: ConvOptions,
}

impl<'g> Transpose<'g> {
    /// The nodes for `n` dimensions between batch and channels; if `None`, as many as the output shape has.
    fn make(self, scope: &str, n: Option<usize>) -> Option<AnyTensor<'g>> {
        let g = self.g;
        let nodes = Nodes(g);
        let Some(n) = n
            .or(self.output_shape.spatial())
            .filter(|n| (1..=3).contains(n))
        else {
            nodes.fault(Rule::Shape, "expected an output shape of length 3, 4 or 5");
            return None;
        };
        if !implicit(g, self.padding) {
            return None;
        }
        let format = self.options.data_format;
        let mut window = Window {
            strides: self.strides.sequence(g, n, format, "strides")?,
            dilations: self.options.all_dilations(g, n)?,
            padding: self.padding,
            format: if n == 3 {
                format.name_3d()
            } else {
                format.name()
            },
        };
        let op = if n == 3 {
            "Conv3DBackpropInputV2"
        } else {
            "Conv2DBackpropInput"
        };
        let conv = nodes.named(op, scope);
        if n > 1 {
            let conv = conv.input(self.output_shape.arg());
            let conv = conv.input(self.filter).input(self.input);
            return Some(window.node(conv));
        }
        window.strides.insert(0, 1);
        window.dilations.insert(0, 1);
        let at = format.first_spatial();
        let input = nodes.expand_dims(self.input, at);
        let filter = nodes.expand_dims(self.filter, 0);
        let sizes = self.output_shape.with_one(g, at);
        let conv = conv.input(sizes).input(filter);
        Some(nodes.squeeze(window.node(conv.input(input)), [at]))
    }
}
