//! `tf.keras.layers.DepthwiseConv2D`, which has no counterpart in `tf.layers`.

use std::fmt;

use super::base::{Base, Call, Family, Fixed, Kind, Layer, WeightScope, apply_once, plain_methods};
use super::conv::INPUTS;
use super::kernel::{
    OutputOptions, WeightOptions, add_bias, add_reshaped_bias, lossless_output_setters,
};
use super::window::{Window, convolution_kind, dilation_setter, window_setters};
use crate::graph::Tensor;
use crate::init::Initializer;
use crate::ops::TensorLike;
use crate::ops::nn::{self, DataFormat, WindowSizes};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::variable::{Constraint, Variable};

/// A convolution of each channel of images by itself: inputs are `[batch, height, width, channels]`, outputs have
/// [`depth_multiplier`](DepthwiseConv2d::depth_multiplier) channels for each.
///
/// ```
/// use tfhub::{layers, ops::nn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 28, 28, 8));
/// let y = layers::depthwise_conv2d(3).depth_multiplier(2).activation(nn::relu6).apply(x);
/// assert_eq!((y.name(), y.shape().to_string()), ("depthwise_conv2d/Relu6:0".into(), "[?, 26, 26, 16]".into()));
/// ```
pub fn depthwise_conv2d<'g, T: Float>(
    kernel_size: impl Into<WindowSizes>,
) -> DepthwiseConv2d<'g, T> {
    DepthwiseConv2d {
        base: Base::default(),
        window: Window::new(kernel_size.into()),
        depth_multiplier: 1,
        depthwise: WeightOptions::default(),
        outputs: OutputOptions::default(),
    }
}

/// The definition of a convolution of each channel; [`depthwise_conv2d`] makes one.
///
/// The variables are `depthwise_kernel`, of the sizes of the window, the inputs' channels and the multiplier, and `bias`.
/// They are those of Keras: resource variables in the scope of the first call, found by no variable scope. A layer of Keras
/// puts its losses into no collection, so there is none here; a loss on the kernel can be
/// [applied](crate::regularizer::Regularizer::apply) to [`depthwise_kernel`](Layer::depthwise_kernel).
/// Its `trainable=False` leaves the variables in the collection of trainable ones, and there is no such option here.
///
/// The nodes are those of a machine without a GPU, where Keras moves channels that come first to the end and back.
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct DepthwiseConv2d<'g, T: Float = f32> {
    base: Base,
    window: Window<2>,
    depth_multiplier: usize,
    depthwise: WeightOptions,
    outputs: OutputOptions<'g, T>,
}

impl<'g, T: Float> DepthwiseConv2d<'g, T> {
    /// Makes a layer on `inputs`: each time it is another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    plain_methods! { "`depthwise_conv2d`", "`tf.keras.layers.DepthwiseConv2D`" }
    window_setters! {}
    dilation_setter! {}

    /// The number of outputs for each channel; 1 by default.
    pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
        self.depth_multiplier = depth_multiplier;
        self
    }

    /// The initializer of the kernel; [`init::glorot_uniform`](crate::init::glorot_uniform) by default.
    pub fn depthwise_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.depthwise.initializer = initializer.into();
        self
    }

    /// A projection of the kernel that an optimizer applies after each update; the graph has no node for it.
    pub fn depthwise_constraint(mut self, constraint: impl Into<Option<Constraint>>) -> Self {
        self.depthwise.constraint = constraint.into();
        self
    }

    lossless_output_setters! { outputs }
}

impl<'g, T: Float> Kind<'g> for DepthwiseConv2d<'g, T> {
    type Element = T;
    type Weights = (Variable<'g, T>, Option<Variable<'g, T>>);

    const NAME: &'static str = "depthwise_conv2d";
    const INPUTS: &'static str = INPUTS[1];
    const FAMILY: Family = Family::Keras;

    convolution_kind! {}

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (_, channels) = fixed[0];
        let kernel = self.window.kernel([channels, self.depth_multiplier]);
        let kernel = self.depthwise.make(scope, "depthwise_kernel", &kernel);
        let outputs = channels.saturating_mul(self.depth_multiplier);
        (kernel, self.outputs.make_bias(scope, outputs))
    }
}

impl<'g, T: Float> Call<'g> for DepthwiseConv2d<'g, T> {
    fn call(&self, inputs: impl TensorLike<'g, T>, (kernel, bias): Self::Weights) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let strides = DataFormat::Nhwc.all_dims(&self.window.strides.spatial(2), 1);
        let padding = self.window.padding;
        let options = self.window.options().data_format(DataFormat::Nhwc);
        let outputs = match self.window.format {
            DataFormat::Nhwc => {
                let outputs = nn::depthwise_conv2d(inputs, kernel, strides, padding, options);
                add_bias(outputs.any(), bias, DataFormat::Nhwc)
            }
            DataFormat::Nchw => {
                let inputs = n.transpose(Arg::of(inputs), vec![0, 2, 3, 1]).typed::<T>();
                let outputs = nn::depthwise_conv2d(inputs, kernel, strides, padding, options);
                let outputs = n.transpose(outputs.any(), vec![0, 3, 1, 2]);
                add_reshaped_bias(outputs, bias, 4)
            }
        };
        self.outputs.activate(outputs.typed())
    }
}

impl<'g, T: Float> Layer<'g, DepthwiseConv2d<'g, T>> {
    /// The kernel, once the layer has been applied.
    pub fn depthwise_kernel(&self) -> Option<Variable<'g, T>> {
        self.weights().map(|(kernel, _)| kernel)
    }

    /// The bias, once the layer has been applied and if it has one.
    pub fn bias(&self) -> Option<Variable<'g, T>> {
        self.weights().and_then(|(_, bias)| bias)
    }
}

impl<T: Float> fmt::Debug for DepthwiseConv2d<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DepthwiseConv2d")
            .field("window", &self.window)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
