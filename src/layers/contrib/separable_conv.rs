//! `tf.contrib.layers.separable_conv2d`.

use std::panic::Location;

use super::options::{OutputOptions, ScopeOptions, scope_setters, weights_setters, window_setters};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::init::{self, Initializer};
use crate::layers;
use crate::layers::base::refuse;
use crate::layers::kernel::WeightOptions;
use crate::ops::TensorLike;
use crate::ops::nn::{self, ConvOptions, DataFormat, Padding, WindowSizes};
use crate::ops::types::Float;
use crate::shape::Shape;
use crate::variable::VariableScope;

/// A convolution of each channel of images, and one of each position with `num_outputs` channels, unless there is no such
/// number (`tf.contrib.layers.separable_conv2d`, also called `separable_convolution2d`).
///
/// ```
/// use tfhub::{layers::contrib, ops::nn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 16, 16, 8));
/// let norm = contrib::batch_norm();
/// let y = contrib::separable_conv2d(None, 3)
///     .stride(2)
///     .normalizer_fn(move |x| norm.apply(x))
///     .activation_fn(nn::relu6)
///     .apply(x);
/// assert_eq!(y.shape().to_string(), "[?, 8, 8, 8]");
/// let y = contrib::separable_conv2d(16, 3).depth_multiplier(2).apply(y);
/// assert_eq!((y.name(), y.shape().to_string()), ("SeparableConv2d_1/Relu:0".into(), "[?, 8, 8, 16]".into()));
/// ```
pub fn separable_conv2d<'g, T: Float>(
    num_outputs: impl Into<Option<usize>>,
    kernel_size: impl Into<WindowSizes>,
) -> SeparableConv2d<'g, T> {
    SeparableConv2d {
        scope: ScopeOptions::default(),
        num_outputs: num_outputs.into(),
        kernel_size: kernel_size.into(),
        depth_multiplier: 1,
        stride: WindowSizes::default(),
        padding: Padding::Same,
        data_format: DataFormat::default(),
        rate: WindowSizes::default(),
        weights: WeightOptions::starting_from(init::contrib::xavier()),
        pointwise_initializer: None,
        biases: WeightOptions::starting_from(init::zeros()),
        outputs: OutputOptions::relu(),
    }
}

/// The definition of a depthwise separable convolution; [`separable_conv2d`] makes one.
///
/// The variables are `depthwise_weights`, `pointwise_weights` and `biases`.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct SeparableConv2d<'g, T: Float = f32> {
    scope: ScopeOptions,
    num_outputs: Option<usize>,
    kernel_size: WindowSizes,
    depth_multiplier: usize,
    stride: WindowSizes,
    padding: Padding,
    data_format: DataFormat,
    rate: WindowSizes,
    weights: WeightOptions,
    pointwise_initializer: Option<Initializer>,
    biases: WeightOptions,
    outputs: OutputOptions<'g, T>,
}

impl<'g, T: Float> SeparableConv2d<'g, T> {
    scope_setters! { scope, "SeparableConv2d" }
    window_setters! { "1", "Padding::Same" }
    weights_setters! {}

    /// The number of outputs of the convolution of each channel; 1 by default.
    pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
        self.depth_multiplier = depth_multiplier;
        self
    }

    /// The steps between the elements of a window, one number, or one for each dimension; 1 by default.
    pub fn rate(mut self, rate: impl Into<WindowSizes>) -> Self {
        self.rate = rate.into();
        self
    }

    /// The initializer of the weights of the convolution of each position; by default that of the weights.
    pub fn pointwise_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.pointwise_initializer = initializer.into();
        self
    }

    /// Makes a layer on `inputs`, whose number of channels is known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        let renamed = &[
            ("bias", "biases"),
            ("depthwise_kernel", "depthwise_weights"),
            ("pointwise_kernel", "pointwise_weights"),
        ];
        let enter = self.scope.enter_model("SeparableConv2d", renamed);
        g.called_from(Location::caller(), || {
            g.variable_scope(enter, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let outputs = match self.num_outputs {
                    Some(num_outputs) => self.separable(inputs, scope, num_outputs),
                    None => self.depthwise(g, inputs),
                };
                self.outputs.apply(outputs)
            })
        })
    }

    fn use_bias(&self) -> bool {
        !self.outputs.has_normalizer() && self.biases.initializer.is_some()
    }

    fn separable(
        &self,
        inputs: Tensor<'g, T>,
        scope: &VariableScope,
        num_outputs: usize,
    ) -> Tensor<'g, T> {
        let of_weights = || self.weights.initializer.clone();
        let pointwise = self.pointwise_initializer.clone().or_else(of_weights);
        let layer = layers::separable_conv2d(num_outputs, self.kernel_size.clone())
            .strides(self.stride.clone())
            .padding(self.padding)
            .data_format(self.data_format)
            .dilation_rate(self.rate.clone())
            .depth_multiplier(self.depth_multiplier)
            .use_bias(self.use_bias())
            .depthwise_initializer(of_weights())
            .depthwise_regularizer(self.weights.regularizer.clone())
            .pointwise_initializer(pointwise)
            .pointwise_regularizer(self.weights.regularizer.clone())
            .bias_initializer(self.biases.initializer.clone())
            .bias_regularizer(self.biases.regularizer.clone())
            .trainable(self.scope.trainable)
            .in_open_scope(scope, self.scope.reuse)
            .layer();
        let outputs = layer.apply(inputs);
        self.scope.collect("weights", layer.depthwise_kernel());
        self.scope.collect("weights", layer.pointwise_kernel());
        self.scope.collect("biases", layer.bias());
        outputs
    }

    /// The convolution of each channel alone.
    fn depthwise(&self, g: &'g GraphBuilder, inputs: Tensor<'g, T>) -> Tensor<'g, T> {
        let (channels, [height, width], [down, right]) = match self.sizes(&inputs.shape()) {
            Ok(sizes) => sizes,
            Err(message) => {
                refuse(g, &inputs, message);
                return AnyTensor::poison(g).typed();
            }
        };
        let shape = [height, width, channels, self.depth_multiplier];
        let weights = self
            .scope
            .model_variable::<T>(g, "depthwise_weights", &shape);
        let weights = weights.collections(self.scope.collections_of("weights"));
        let weights = weights.initializer(self.weights.initializer.clone());
        let weights = weights.regularizer(self.weights.regularizer.clone());
        let strides = match self.data_format {
            DataFormat::Nhwc => vec![1, down, right, 1],
            DataFormat::Nchw => vec![1, 1, down, right],
        };
        let options = ConvOptions::default()
            .dilations(self.rate.clone())
            .data_format(self.data_format);
        let weights = weights.finish();
        let outputs = nn::depthwise_conv2d(inputs, weights, strides, self.padding, options);
        if !self.use_bias() {
            return outputs;
        }
        let size = [self.depth_multiplier * channels];
        let biases = self.scope.model_variable::<T>(g, "biases", &size);
        let biases = biases.initializer(self.biases.initializer.clone());
        let biases = biases.regularizer(self.biases.regularizer.clone());
        nn::bias_add(outputs, biases.finish(), self.data_format)
    }

    /// The number of channels, and the sizes and strides of the window.
    fn sizes(&self, inputs: &Shape) -> Result<(usize, [usize; 2], [i64; 2]), String> {
        let channels = match (inputs.dims(), self.data_format) {
            (Some([_, _, _, channels]), DataFormat::Nhwc) => *channels,
            (Some([_, channels, _, _]), DataFormat::Nchw) => *channels,
            _ => None,
        };
        let channels = channels.ok_or_else(|| {
            format!(
                "separable_conv2d needs inputs of rank 4 whose channels are known, their shape is {inputs}"
            )
        })?;
        let pair = |name: &str, sizes: &WindowSizes| match *sizes.numbers() {
            [both] => Ok([both, both]),
            [height, width] => Ok([height, width]),
            ref numbers => {
                let found = numbers.len();
                Err(format!("{name}: expected 1 or 2 numbers, found {found}"))
            }
        };
        let size = pair("kernel_size", &self.kernel_size)?;
        let [height, width] = size.map(usize::try_from);
        let (Ok(height), Ok(width)) = (height, width) else {
            let [height, width] = size;
            return Err(format!(
                "kernel_size: expected numbers of at least 0, found {}",
                height.min(width)
            ));
        };
        Ok((channels, [height, width], pair("stride", &self.stride)?))
    }
}
