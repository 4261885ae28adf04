//! `tf.contrib.layers.conv1d`, `conv2d` and `conv3d`, `conv2d_transpose` and `conv3d_transpose`.

use std::panic::Location;

use super::options::{OutputOptions, ScopeOptions, scope_setters, weights_setters, window_setters};
use crate::graph::Tensor;
use crate::init;
use crate::layers::kernel::WeightOptions;
use crate::layers::{Conv, ConvTranspose};
use crate::ops::TensorLike;
use crate::ops::nn::{DataFormat, Padding, WindowSizes};
use crate::ops::types::Float;

/// The names of the variables.
const RENAMED: super::options::Renamed = &[("bias", "biases"), ("kernel", "weights")];

/// The options of a convolution and of its transpose.
#[derive(Debug, Clone)]
struct Options<'g, T: Float> {
    scope: ScopeOptions,
    num_outputs: usize,
    kernel_size: WindowSizes,
    stride: WindowSizes,
    padding: Padding,
    data_format: DataFormat,
    weights: WeightOptions,
    biases: WeightOptions,
    outputs: OutputOptions<'g, T>,
}

impl<T: Float> Options<'_, T> {
    fn new(num_outputs: usize, kernel_size: WindowSizes) -> Self {
        Options {
            scope: ScopeOptions::default(),
            num_outputs,
            kernel_size,
            stride: WindowSizes::default(),
            padding: Padding::Same,
            data_format: DataFormat::default(),
            weights: WeightOptions::starting_from(init::contrib::xavier()),
            biases: WeightOptions::starting_from(init::zeros()),
            outputs: OutputOptions::relu(),
        }
    }

    fn use_bias(&self) -> bool {
        !self.outputs.has_normalizer() && self.biases.initializer.is_some()
    }
}

/// Gives a layer of `tf.layers` the options that both kinds have.
macro_rules! with_options {
    ($options:expr, $scope:expr, $layer:expr) => {{
        let options = $options;
        $layer
            .strides(options.stride.clone())
            .padding(options.padding)
            .data_format(options.data_format)
            .use_bias(options.use_bias())
            .kernel_initializer(options.weights.initializer.clone())
            .kernel_regularizer(options.weights.regularizer.clone())
            .bias_initializer(options.biases.initializer.clone())
            .bias_regularizer(options.biases.regularizer.clone())
            .trainable(options.scope.trainable)
            .in_open_scope($scope, options.scope.reuse)
            .layer()
    }};
}

/// The definition of a convolution over `N` dimensions; [`conv1d`], [`conv2d`] and [`conv3d`] make one.
///
/// ```
/// use tfhub::{layers::contrib, ops::nn::{self, Padding}, regularizer};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 32, 32, 3));
/// let norm = contrib::batch_norm().decay(0.997).scale(true);
/// let y = contrib::conv2d(16, 3)
///     .stride(2)
///     .weights_regularizer(regularizer::contrib::l2(4e-5))
///     .normalizer_fn(move |x| norm.apply(x))
///     .activation_fn(nn::relu6)
///     .apply(images);
/// assert_eq!((y.name(), y.shape().to_string()), ("Conv/Relu6:0".into(), "[?, 16, 16, 16]".into()));
/// ```
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Convolution<'g, T: Float, const N: usize> {
    options: Options<'g, T>,
    rate: WindowSizes,
}

/// The definition of a transposed convolution over `N` dimensions; [`conv2d_transpose`] and [`conv3d_transpose`] make one.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let y = contrib::conv2d_transpose(8, 3).stride(2).apply(g.placeholder::<f32>((None, 7, 7, 16)));
/// assert_eq!(y.name(), "Conv2d_transpose/Relu:0");
/// assert_eq!(y.shape().to_string(), "[?, 14, 14, 8]");
/// ```
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct ConvolutionTranspose<'g, T: Float, const N: usize> {
    options: Options<'g, T>,
}

/// The definition of a convolution of sequences.
pub type Conv1d<'g, T = f32> = Convolution<'g, T, 1>;
/// The definition of a convolution of images.
pub type Conv2d<'g, T = f32> = Convolution<'g, T, 2>;
/// The definition of a convolution of volumes.
pub type Conv3d<'g, T = f32> = Convolution<'g, T, 3>;
/// The definition of a transposed convolution of images.
pub type Conv2dTranspose<'g, T = f32> = ConvolutionTranspose<'g, T, 2>;
/// The definition of a transposed convolution of volumes.
pub type Conv3dTranspose<'g, T = f32> = ConvolutionTranspose<'g, T, 3>;

macro_rules! convolutions {
    ($($(#[$doc:meta])* $function:ident $definition:ident { $($field:ident: $value:expr)? };)*) => {$(
        $(#[$doc])*
        pub fn $function<'g, T: Float>(
            num_outputs: usize,
            kernel_size: impl Into<WindowSizes>,
        ) -> $definition<'g, T> {
            $definition {
                options: Options::new(num_outputs, kernel_size.into()),
                $($field: $value,)?
            }
        }
    )*};
}

convolutions! {
    /// A convolution of sequences with `num_outputs` channels (`tf.contrib.layers.conv1d`).
    conv1d Conv1d { rate: WindowSizes::default() };
    /// A convolution of images with `num_outputs` channels (`tf.contrib.layers.conv2d`, also called `convolution2d`).
    conv2d Conv2d { rate: WindowSizes::default() };
    /// A convolution of volumes with `num_outputs` channels (`tf.contrib.layers.conv3d`).
    conv3d Conv3d { rate: WindowSizes::default() };
    /// A transposed convolution of images with `num_outputs` channels (`tf.contrib.layers.conv2d_transpose`).
    conv2d_transpose Conv2dTranspose {};
    /// A transposed convolution of volumes with `num_outputs` channels (`tf.contrib.layers.conv3d_transpose`).
    conv3d_transpose Conv3dTranspose {};
}

impl<'g, T: Float, const N: usize> Convolution<'g, T, N> {
    scope_setters! { options.scope, "Conv" }
    window_setters! { options "1", "Padding::Same" }
    weights_setters! { options }

    /// The steps between the elements of a window, one number, or one for each dimension; 1 by default.
    pub fn rate(mut self, rate: impl Into<WindowSizes>) -> Self {
        self.rate = rate.into();
        self
    }

    /// Makes a layer on `inputs`, whose number of channels is known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let (g, options) = (inputs.graph(), &self.options);
        let enter = options.scope.enter_model("Conv", RENAMED);
        g.called_from(Location::caller(), || {
            g.variable_scope(enter, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let layer = Conv::<T, N>::new(options.num_outputs, options.kernel_size.clone());
                let layer = layer.dilation_rate(self.rate.clone());
                let layer = with_options!(options, scope, layer);
                options.outputs.apply(options.scope.apply(layer, inputs))
            })
        })
    }
}

impl<'g, T: Float, const N: usize> ConvolutionTranspose<'g, T, N> {
    scope_setters! { options.scope, "Conv2d_transpose` or `Conv3d_transpose" }
    window_setters! { options "1", "Padding::Same" }
    weights_setters! { options }

    /// Makes a layer on `inputs`, whose number of channels is known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let (g, options) = (inputs.graph(), &self.options);
        let name = ["", "Conv2d_transpose", "Conv3d_transpose"][N - 1];
        let enter = options.scope.enter_model(name, RENAMED);
        g.called_from(Location::caller(), || {
            g.variable_scope(enter, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let (filters, size) = (options.num_outputs, options.kernel_size.clone());
                let layer = ConvTranspose::<T, N>::new(filters, size);
                let layer = with_options!(options, scope, layer);
                options.outputs.apply(options.scope.apply(layer, inputs))
            })
        })
    }
}
