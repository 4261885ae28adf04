//! Convolutions.

mod transpose;

pub use transpose::*;

use std::panic::Location;

use super::dilated::{Dilated, FilterShape, check_strides};
use super::{DataFormat, Padding, WindowSizes};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Call, Nodes};
use crate::ops::types::Float;
use crate::shape::Shape;

/// The strides, dilations and data format of a convolution.
///
/// ```
/// use tfhub::ops::nn::{self, ConvOptions, Padding};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 28, 28, 3));
/// let filter = g.get_variable::<f32>("filter").shape([3, 3, 3, 8]).finish();
/// let y = nn::conv2d(images, filter, 1, Padding::Valid, ConvOptions::default().dilations(2));
/// assert_eq!(y.shape().to_string(), "[?, 24, 24, 8]");
/// ```
#[derive(Debug, Clone, Default)]
pub struct ConvOptions {
    strides: WindowSizes,
    pub(super) dilations: WindowSizes,
    pub(super) data_format: DataFormat,
}

defaults!(ConvOptions);

setters! {
    impl ConvOptions {
        /// The steps between windows, for functions that do not take them as an argument; 1 by default.
        strides: impl Into<WindowSizes> => strides.into();
        /// The steps between the elements of a window; 1 by default.
        dilations: impl Into<WindowSizes> => dilations.into();
        /// The place of the channels; last by default.
        data_format: DataFormat;
    }
}

/// The attributes of a convolution's node.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) strides: Vec<i64>,
    pub(super) dilations: Vec<i64>,
    pub(super) padding: Padding,
    /// The number of dimensions between batch and channels.
    pub(super) n: usize,
    pub(super) format: DataFormat,
}

impl Window {
    /// Makes a window for `n` dimensions; a fault if the numbers do not fit.
    #[track_caller]
    pub(super) fn new(
        g: &GraphBuilder,
        n: usize,
        padding: Padding,
        options: &ConvOptions,
    ) -> Option<Self> {
        let format = options.data_format;
        Some(Window {
            strides: options.strides.sequence(g, n, format, "strides")?,
            dilations: options.dilations.sequence(g, n, format, "dilations")?,
            padding,
            n,
            format,
        })
    }

    pub(super) fn node<'g>(self, call: Call<'g>) -> AnyTensor<'g> {
        let call = call
            .attr("strides", self.strides)
            .attr("dilations", self.dilations)
            .attr("padding", self.padding.name())
            .attr("data_format", self.format.name_of(self.n));
        match self.padding {
            Padding::Explicit(paddings) => call.attr("explicit_paddings", paddings.concat()),
            _ => call,
        }
        .output()
    }

    /// The window of images that are one pixel high, for sequences.
    pub(super) fn of_images(mut self) -> Self {
        self.strides.insert(0, 1);
        self.dilations.insert(0, 1);
        self
    }

    /// The convolution under a name.
    fn conv<'g>(self, n: Nodes<'g>, name: &str, [input, filter]: [Arg<'g>; 2]) -> AnyTensor<'g> {
        let op = if self.n == 3 { "Conv3D" } else { "Conv2D" };
        if self.n > 1 {
            return self.node(n.named(op, name).input(input).input(filter));
        }
        let scope = n.open_scope(name);
        let at = self.format.first_spatial();
        let input = n.expand_dims(input, at);
        let filter = n.expand_dims(filter, 0);
        let conv = n.named(op, &scope).input(input).input(filter);
        n.squeeze(self.of_images().node(conv), &[at.into()])
    }
}

/// Reports explicit padding, for ops that do not have it.
#[track_caller]
pub(super) fn implicit(g: &GraphBuilder, padding: Padding) -> bool {
    let implicit = !matches!(padding, Padding::Explicit(_));
    if !implicit {
        Nodes(g).fault(Rule::Value, "explicit padding is for conv2d alone");
    }
    implicit
}

macro_rules! convolutions {
    ($($(#[$doc:meta])* $function:ident $default:literal $n:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: Float>(
            input: impl TensorLike<'g, T>,
            filter: impl Operand<'g, T>,
            strides: impl Into<WindowSizes>,
            padding: Padding,
            options: impl Into<ConvOptions>,
        ) -> Tensor<'g, T> {
            let g = input.graph();
            let args = [Arg::of(input), Arg::of(filter)];
            let options = options.into().strides(strides);
            let name = g.requested_name($default);
            g.called_from(Location::caller(), || conv(g, &name, args, $n, padding, &options).typed())
        }
    )*};
}

convolutions! {
    /// A convolution of sequences (`tf.nn.conv1d`): `input` is `[batch, length, channels]`, `filter`
    /// `[length, channels, outputs]`.
    conv1d "conv1d" 1;
    /// A convolution of images (`tf.nn.conv2d`): `input` is `[batch, height, width, channels]`, `filter`
    /// `[height, width, channels, outputs]`.
    ///
    /// ```
    /// use tfhub::ops::nn::{self, Padding};
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.placeholder::<f32>((None, 28, 28, 3));
    /// let filter = g.get_variable::<f32>("filter").shape([3, 3, 3, 8]).finish();
    /// let y = nn::conv2d(images, filter, [2, 2], Padding::Same, ());
    /// assert_eq!(y.shape().to_string(), "[?, 14, 14, 8]");
    /// ```
    conv2d "Conv2D" 2;
    /// A convolution of volumes (`tf.nn.conv3d`); `strides` and dilations are one number, or one for each of the five
    /// dimensions.
    ///
    /// ```
    /// use tfhub::ops::nn::{self, Padding};
    /// # let g = tfhub::GraphBuilder::new();
    /// let volumes = g.placeholder::<f32>((None, 8, 8, 8, 3));
    /// let filter = g.get_variable::<f32>("filter").shape([3, 3, 3, 3, 8]).finish();
    /// let y = nn::conv3d(volumes, filter, 2, Padding::Same, ());
    /// assert_eq!(y.shape().to_string(), "[?, 4, 4, 4, 8]");
    /// ```
    conv3d "Conv3D" 3;
}

fn conv<'g>(
    g: &'g GraphBuilder,
    name: &str,
    args: [Arg<'g>; 2],
    n: usize,
    padding: Padding,
    options: &ConvOptions,
) -> AnyTensor<'g> {
    let format = options.data_format;
    let window = match n {
        2 => Window::new(g, n, padding, options),
        _ if !implicit(g, padding) => None,
        // Python takes what it is given for volumes; the op tells whether it fits.
        3 => Some(Window {
            strides: options.strides.all_dims(n, format),
            dilations: options.dilations.all_dims(n, format),
            padding,
            n,
            format,
        }),
        _ => Window::new(g, n, padding, options),
    };
    let made = window.map(|window| window.conv(Nodes(g), name, args));
    made.unwrap_or(AnyTensor::poison(g))
}

/// A convolution with one, two or three dimensions between batch and channels (`tf.nn.convolution`).
///
/// Dilations are made by moving space to the batch and back, as in Python.
#[track_caller]
pub fn convolution<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    filter: impl TensorLike<'g, T>,
    padding: Padding,
    options: impl Into<ConvOptions>,
) -> Tensor<'g, T> {
    let g = input.graph();
    let name = g.requested_name("convolution");
    let options = options.into();
    let shapes = (input.static_shape(), filter.static_shape());
    let args = [Arg::of(input), Arg::of(filter)];
    let _call = g.open_call(Location::caller());
    let convolved = convolve(g, &name, args, shapes, padding, &options);
    convolved.unwrap_or(AnyTensor::poison(g)).typed()
}

/// A convolution of images with steps between the elements of a window (`tf.nn.atrous_conv2d`).
#[track_caller]
pub fn atrous_conv2d<'g, T: Float>(
    value: impl TensorLike<'g, T>,
    filters: impl TensorLike<'g, T>,
    rate: i32,
    padding: Padding,
) -> Tensor<'g, T> {
    let options = ConvOptions::default().dilations([rate, rate]);
    convolution(value, filters, padding, options)
}

fn convolve<'g>(
    g: &'g GraphBuilder,
    name: &str,
    [input, filter]: [Arg<'g>; 2],
    (input_shape, filter_shape): (Shape, Shape),
    padding: Padding,
    options: &ConvOptions,
) -> Option<AnyTensor<'g>> {
    let nodes = Nodes(g);
    let rank = input_shape.rank().or(filter_shape.rank());
    let n = rank.and_then(|rank| rank.checked_sub(2));
    let Some(n) = n.filter(|n| (1..=3).contains(n)) else {
        let message = format!(
            "expected an input of rank 3, 4 or 5, found shapes {input_shape} and {filter_shape}"
        );
        return nodes.refused(Rule::Shape, message);
    };
    if !implicit(g, padding) {
        return None;
    }
    let window = Window::new(g, n, padding, options)?;
    let scope = nodes.open_scope(name);
    if window.dilations.iter().all(|&dilation| dilation == 1) {
        return Some(window.conv(nodes, &scope, [input, filter]));
    }
    let input = input.convert(g, "input", DType::Float32);
    let convolution = Convolution::new(g, n, &input_shape, &filter_shape, padding, options)?;
    Some(convolution.call(&scope, input.into(), filter))
}

/// A convolution for inputs and filters of known shapes, whose constants are made (`nn_ops.Convolution`).
#[derive(Debug)]
pub(crate) struct Convolution<'g> {
    window: Window,
    dilated: Dilated<'g>,
    /// The number of channels of the outputs.
    outputs: Option<usize>,
}

impl<'g> Convolution<'g> {
    /// Makes the constants; `None` if a fault was reported.
    pub(crate) fn new(
        g: &'g GraphBuilder,
        n: usize,
        input_shape: &Shape,
        filter_shape: &Shape,
        padding: Padding,
        options: &ConvOptions,
    ) -> Option<Self> {
        let format = options.data_format;
        let mut window = Window::new(g, n, padding, options)?;
        let first = format.first_spatial() as usize;
        let spatial = |all: &[i64]| all[first..first + n].to_vec();
        let (strides, rate) = (spatial(&window.strides), spatial(&window.dilations));
        check_dilated(g, input_shape, filter_shape, n, format)?;
        check_strides(g, &strides, &rate)?;
        if (n != 2 || rate.iter().any(|&rate| rate > 1)) && !implicit(g, padding) {
            return None;
        }
        let rate = rate.iter().map(|&rate| rate as i32).collect();
        let listed = FilterShape::Listed(filter_shape.clone());
        let first = format.first_spatial();
        let dilated = Dilated::new(g, input_shape.clone(), rate, listed, padding, first)?;
        window.strides = format.all_dims(&strides, 1);
        window.dilations = vec![1; n + 2];
        Some(Convolution {
            window,
            dilated,
            outputs: filter_shape.dims().and_then(|dims| *dims.last()?),
        })
    }

    /// Makes the nodes, of which the convolution has a name.
    pub(crate) fn call(&self, name: &str, input: Arg<'g>, filter: Arg<'g>) -> AnyTensor<'g> {
        let result = self.dilated.call(input, &|input, padding| {
            let g = self.dilated.graph();
            let window = Window {
                padding,
                ..self.window.clone()
            };
            window.conv(Nodes(g), name, [input, filter.clone()])
        });
        if self.window.format == DataFormat::Nchw {
            if let Some(mut dims) = result.shape().dims().map(<[_]>::to_vec) {
                dims[1] = dims[1].or(self.outputs);
                result.set_shape(dims);
            }
        }
        result
    }
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
    nodes.refused(Rule::Shape, message)
}
