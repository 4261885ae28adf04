//! `tf.layers.Conv1D`, `Conv2D` and `Conv3D`.

use std::fmt;
use std::rc::Rc;

use super::base::{Base, Call, Fixed, Kind, Layer, Name, WeightScope, apply_once, methods};
use super::kernel::{KernelOptions, KernelWeights, add_bias, add_reshaped_bias, kernel_setters};
use super::window::{
    Window, causal_setter, convolution_kind, convolutions, dilation_setter, window_setters,
};
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::nn::{Convolution, DataFormat, WindowSizes};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::variable::Reuse;

/// The definition of a convolution over `N` dimensions; [`conv1d`], [`conv2d`] and [`conv3d`] make one.
///
/// The variables are `kernel`, of the sizes of the window, the inputs' channels and `filters`, and `bias` of shape
/// `[filters]`. Strides and dilations cannot both be above 1. Dilations are made by moving space to the batch and back, as in
/// Python; a layer that is applied again uses the sizes that its first inputs had for it.
///
/// ```
/// use tfhub::{init, layers, ops::nn::{self, DataFormat, Padding}, regularizer};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 3, 32, 32));
/// let y = layers::conv2d(16, [3, 3])
///     .strides(2)
///     .padding(Padding::Same)
///     .data_format(DataFormat::Nchw)
///     .kernel_initializer(init::he_normal())
///     .kernel_regularizer(regularizer::contrib::l2(1e-4))
///     .activation(nn::relu)
///     .apply(images);
/// assert_eq!((y.name(), y.shape().to_string()), ("conv2d/Relu:0".into(), "[?, 16, 16, 16]".into()));
/// ```
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Conv<'g, T: Float, const N: usize> {
    base: Base,
    filters: usize,
    window: Window<N>,
    options: KernelOptions<'g, T>,
}

/// The definition of a convolution of sequences.
pub type Conv1d<'g, T = f32> = Conv<'g, T, 1>;
/// The definition of a convolution of images.
pub type Conv2d<'g, T = f32> = Conv<'g, T, 2>;
/// The definition of a convolution of volumes.
pub type Conv3d<'g, T = f32> = Conv<'g, T, 3>;

convolutions! {
    Conv:
    /// A convolution of sequences: inputs are `[batch, length, channels]`, outputs have `filters` channels.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 20, 8));
    /// let y = layers::conv1d(16, 3).dilation_rate(2).causal_padding().apply(x);
    /// assert_eq!(y.shape().to_string(), "[?, 20, 16]");
    /// ```
    conv1d 1;
    /// A convolution of images: inputs are `[batch, height, width, channels]`, outputs have `filters` channels.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let layer = layers::conv2d(3, [3, 3]).layer();
    /// layer.apply(layer.apply(g.placeholder::<f32>((None, 28, 28, 3))));
    /// assert_eq!(layer.kernel().unwrap().shape().to_string(), "[3, 3, 3, 3]");
    /// ```
    conv2d 2;
    /// A convolution of volumes: inputs are `[batch, depth, height, width, channels]`, outputs have `filters` channels.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = layers::conv3d(4, 3).strides([1, 2, 2]).apply(g.placeholder::<f32>((None, 9, 9, 9, 3)));
    /// assert_eq!(y.shape().to_string(), "[?, 7, 4, 4, 4]");
    /// ```
    conv3d 3;
}

methods! {
    Conv<N>, "conv1d`, `conv2d` or `conv3d", "tf.layers.conv1d`, `conv2d` or `conv3d",
    "tf.layers.Conv1D`, `Conv2D` or `Conv3D"
}

impl<'g, T: Float, const N: usize> Conv<'g, T, N> {
    /// A layer with the defaults.
    pub(super) fn new(filters: usize, kernel_size: WindowSizes) -> Self {
        Conv {
            base: Base::default(),
            filters,
            window: Window::new(kernel_size),
            options: KernelOptions::default(),
        }
    }

    /// Makes a layer on `inputs`, as the functions `tf.layers.conv1d`, `conv2d` and `conv3d` do: each time it is another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    window_setters! {}
    dilation_setter! {}
    kernel_setters! {}
}

impl<T: Float> Conv<'_, T, 1> {
    causal_setter! {}
}

impl<'g, T: Float, const N: usize> Kind<'g> for Conv<'g, T, N> {
    type Element = T;
    type Weights = KernelWeights<'g, T, Prepared<'g>>;

    const NAME: &'static str = ["conv1d", "conv2d", "conv3d"][N - 1];
    const INPUTS: &'static str = INPUTS[N - 1];

    convolution_kind! {}

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (_, channels) = fixed[0];
        let kernel = self.window.kernel([channels, self.filters]);
        let weights = self.options.make(scope, &kernel, self.filters);
        let convolution = Convolution::new(
            scope.graph(),
            N,
            scope.inputs(),
            &Shape::from(&kernel[..]),
            self.window.padding,
            &self.window.options(),
        );
        weights.with(Prepared(convolution.map(Rc::new)))
    }
}

/// The convolution whose constants are made once; none if a fault was reported.
#[derive(Debug, Clone)]
pub struct Prepared<'g>(Option<Rc<Convolution<'g>>>);

/// The inputs of convolutions of one, two and three dimensions.
pub(super) const INPUTS: [&str; 3] = [
    "inputs of rank 3 whose channels are known",
    "inputs of rank 4 whose channels are known",
    "inputs of rank 5 whose channels are known",
];

impl<'g, T: Float, const N: usize> Call<'g> for Conv<'g, T, N> {
    fn call(&self, inputs: impl TensorLike<'g, T>, weights: Self::Weights) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let Some(convolution) = weights.state.0 else {
            return AnyTensor::poison(n.0).typed();
        };
        let inputs = self.window.padded(n, Arg::of(inputs));
        let name = ["conv1d", "Conv2D", "Conv3D"][N - 1];
        let outputs = convolution.call(name, inputs, Arg::of(weights.kernel));
        let outputs = match (N, self.window.format) {
            (1, DataFormat::Nchw) => add_reshaped_bias(outputs, weights.bias, 3),
            (_, format) => add_bias(outputs, weights.bias, format),
        };
        self.options.outputs.activate(outputs.typed())
    }
}

impl<T: Float, const N: usize> fmt::Debug for Conv<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conv")
            .field("filters", &self.filters)
            .field("window", &self.window)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
