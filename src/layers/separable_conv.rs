//! `tf.layers.SeparableConv1D` and `SeparableConv2D`.

use std::fmt;

use super::base::{Base, Call, Fixed, Kind, Layer, Name, WeightScope, apply_once, methods};
use super::conv::INPUTS;
use super::kernel::{OutputOptions, WeightOptions, add_bias, output_setters, weight_setters};
use super::window::{
    Window, causal_setter, convolution_kind, convolutions, dilation_setter, window_setters,
};
use crate::graph::Tensor;
use crate::ops::TensorLike;
use crate::ops::nn::{self, WindowSizes};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::regularizer::Regularizer;
use crate::variable::{Reuse, Variable};

/// The definition of a depthwise separable convolution over `N` dimensions; [`separable_conv1d`] and [`separable_conv2d`]
/// make one.
///
/// A convolution of each channel by itself, with `depth_multiplier` outputs, is followed by one of each position. The
/// variables are `depthwise_kernel`, of the sizes of the window, the inputs' channels and the multiplier, `pointwise_kernel`,
/// of size 1 in the dimensions of the window, the channels between and `filters`, and `bias` of shape `[filters]`.
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct SeparableConv<'g, T: Float, const N: usize> {
    base: Base,
    filters: usize,
    window: Window<N>,
    depth_multiplier: usize,
    depthwise: WeightOptions,
    pointwise: WeightOptions,
    outputs: OutputOptions<'g, T>,
}

/// The definition of a depthwise separable convolution of sequences.
pub type SeparableConv1d<'g, T = f32> = SeparableConv<'g, T, 1>;
/// The definition of a depthwise separable convolution of images.
pub type SeparableConv2d<'g, T = f32> = SeparableConv<'g, T, 2>;

convolutions! {
    SeparableConv:
    /// A depthwise separable convolution of sequences: inputs are `[batch, length, channels]`, outputs have `filters`
    /// channels.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = layers::separable_conv1d(16, 3).apply(g.placeholder::<f32>((None, 20, 8)));
    /// assert_eq!(y.shape().to_string(), "[?, 18, 16]");
    /// ```
    separable_conv1d 1;
    /// A depthwise separable convolution of images: inputs are `[batch, height, width, channels]`, outputs have `filters`
    /// channels.
    ///
    /// ```
    /// use tfhub::{layers, ops::nn::Padding};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 28, 28, 8));
    /// let layer = layers::separable_conv2d(16, 3).depth_multiplier(2).padding(Padding::Same).layer();
    /// assert_eq!(layer.apply(x).shape().to_string(), "[?, 28, 28, 16]");
    /// assert_eq!(layer.pointwise_kernel().unwrap().shape().to_string(), "[1, 1, 16, 16]");
    /// ```
    separable_conv2d 2;
}

methods! {
    SeparableConv<N>, "separable_conv1d` or `separable_conv2d", "tf.layers.separable_conv1d` or `separable_conv2d",
    "tf.layers.SeparableConv1D` or `SeparableConv2D"
}

impl<'g, T: Float, const N: usize> SeparableConv<'g, T, N> {
    /// A layer with the defaults.
    fn new(filters: usize, kernel_size: WindowSizes) -> Self {
        SeparableConv {
            base: Base::default(),
            filters,
            window: Window::new(kernel_size),
            depth_multiplier: 1,
            depthwise: WeightOptions::default(),
            pointwise: WeightOptions::default(),
            outputs: OutputOptions::default(),
        }
    }

    /// Makes a layer on `inputs`, as the functions `tf.layers.separable_conv1d` and `separable_conv2d` do: each time it is
    /// another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// The number of outputs of the convolution of each channel; 1 by default.
    pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
        self.depth_multiplier = depth_multiplier;
        self
    }

    window_setters! {}
    dilation_setter! {}
    weight_setters! {
        "kernel of each channel", depthwise:
        depthwise_initializer, depthwise_regularizer, depthwise_constraint
    }
    weight_setters! {
        "kernel of each position", pointwise:
        pointwise_initializer, pointwise_regularizer, pointwise_constraint
    }
    output_setters! { outputs }
}

impl<T: Float> SeparableConv<'_, T, 1> {
    causal_setter! {}
}

/// The variables of a depthwise separable convolution.
#[derive(Debug)]
pub struct SeparableWeights<'g, T: Float> {
    depthwise: Variable<'g, T>,
    pointwise: Variable<'g, T>,
    bias: Option<Variable<'g, T>>,
}

impl<T: Float> Clone for SeparableWeights<'_, T> {
    fn clone(&self) -> Self {
        SeparableWeights { ..*self }
    }
}

impl<'g, T: Float, const N: usize> Kind<'g> for SeparableConv<'g, T, N> {
    type Element = T;
    type Weights = SeparableWeights<'g, T>;

    const NAME: &'static str = ["separable_conv1d", "separable_conv2d"][N - 1];
    const INPUTS: &'static str = INPUTS[N - 1];

    convolution_kind! {}

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (_, channels) = fixed[0];
        let depthwise = self.window.kernel([channels, self.depth_multiplier]);
        let between = channels.saturating_mul(self.depth_multiplier);
        let pointwise = [&[1; N][..], &[between, self.filters]].concat();
        SeparableWeights {
            depthwise: self.depthwise.make(scope, "depthwise_kernel", &depthwise),
            pointwise: self.pointwise.make(scope, "pointwise_kernel", &pointwise),
            bias: self.outputs.make_bias(scope, self.filters),
        }
    }
}

impl<'g, T: Float, const N: usize> Call<'g> for SeparableConv<'g, T, N> {
    fn call(&self, inputs: impl TensorLike<'g, T>, weights: Self::Weights) -> Tensor<'g, T> {
        let SeparableWeights {
            depthwise,
            pointwise,
            bias,
        } = weights;
        let (padding, format) = (self.window.padding, self.window.format);
        // A sequence is an image that is one pixel high.
        let of_images = |sizes: &WindowSizes, height: Option<i64>| {
            let sizes = sizes.spatial(N);
            let height = height.or(Some(sizes[0])).filter(|_| N == 1);
            height.into_iter().chain(sizes).collect::<Vec<_>>()
        };
        let strides = format.all_dims(&of_images(&self.window.strides, None), 1);
        let options = self.window.options();
        let options = options.dilations(of_images(&self.window.dilation_rate, Some(1)));
        if N > 1 {
            let outputs =
                nn::separable_conv2d(inputs, depthwise, pointwise, strides, padding, options);
            let outputs = add_bias(outputs.any(), bias, format);
            return self.outputs.activate(outputs.typed());
        }
        let n = Nodes(inputs.graph());
        let at = format.first_spatial();
        let inputs = self.window.padded(n, Arg::of(inputs));
        let inputs = n.expand_dims(inputs, at).typed::<T>();
        let depthwise = n.expand_dims(Arg::of(depthwise), 0).typed::<T>();
        let pointwise = n.expand_dims(Arg::of(pointwise), 0).typed::<T>();
        let outputs = nn::separable_conv2d(inputs, depthwise, pointwise, strides, padding, options);
        let outputs = add_bias(outputs.any(), bias, format);
        let outputs = n.squeeze(outputs, &[at.into()]);
        self.outputs.activate(outputs.typed())
    }
}

impl<'g, T: Float, const N: usize> Layer<'g, SeparableConv<'g, T, N>> {
    /// The kernel of each channel, once the layer has been applied.
    pub fn depthwise_kernel(&self) -> Option<Variable<'g, T>> {
        self.weights().map(|weights| weights.depthwise)
    }

    /// The kernel of each position, once the layer has been applied.
    pub fn pointwise_kernel(&self) -> Option<Variable<'g, T>> {
        self.weights().map(|weights| weights.pointwise)
    }

    /// The bias, once the layer has been applied and if it has one.
    pub fn bias(&self) -> Option<Variable<'g, T>> {
        self.weights().and_then(|weights| weights.bias)
    }
}

impl<T: Float, const N: usize> fmt::Debug for SeparableConv<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeparableConv")
            .field("filters", &self.filters)
            .field("window", &self.window)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
