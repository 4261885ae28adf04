//! `tf.layers.Conv2DTranspose` and `Conv3DTranspose`.

use std::fmt;

use super::base::{Base, Call, Fixed, Kind, Layer, Name, WeightScope, apply_once, methods};
use super::conv::INPUTS;
use super::kernel::{KernelOptions, KernelWeights, add_bias, kernel_setters};
use super::window::{Window, convolution_kind, convolutions, window_setters};
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nn::{self, DataFormat, Padding, WindowSizes};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::ops::{Size, TensorLike};
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::variable::Reuse;

/// The definition of a transposed convolution over `N` dimensions; [`conv2d_transpose`] and [`conv3d_transpose`] make one.
///
/// It is the gradient of a convolution, often called a deconvolution: strides make the outputs larger than the inputs. The
/// variables are `kernel`, of the sizes of the window, `filters` and the inputs' channels, and `bias` of shape `[filters]`.
///
/// The nodes are those of a machine without a GPU, where Python moves the channels of images that come first to the end and
/// back.
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct ConvTranspose<'g, T: Float, const N: usize> {
    base: Base,
    filters: usize,
    window: Window<N>,
    options: KernelOptions<'g, T>,
}

/// The definition of a transposed convolution of images.
pub type Conv2dTranspose<'g, T = f32> = ConvTranspose<'g, T, 2>;
/// The definition of a transposed convolution of volumes.
pub type Conv3dTranspose<'g, T = f32> = ConvTranspose<'g, T, 3>;

convolutions! {
    ConvTranspose:
    /// A transposed convolution of images: inputs are `[batch, height, width, channels]`, outputs have `filters` channels.
    ///
    /// ```
    /// use tfhub::{layers, ops::nn::Padding};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 7, 7, 16));
    /// let y = layers::conv2d_transpose(8, 3).strides(2).padding(Padding::Same).apply(x);
    /// assert_eq!(y.shape().to_string(), "[?, 14, 14, 8]");
    /// ```
    conv2d_transpose 2;
    /// A transposed convolution of volumes: inputs are `[batch, depth, height, width, channels]`, outputs have `filters`
    /// channels.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = layers::conv3d_transpose(8, 3).apply(g.placeholder::<f32>((None, 4, 4, 4, 16)));
    /// assert_eq!(y.shape().to_string(), "[?, 6, 6, 6, 8]");
    /// ```
    conv3d_transpose 3;
}

methods! {
    ConvTranspose<N>, "conv2d_transpose` or `conv3d_transpose", "tf.layers.conv2d_transpose` or `conv3d_transpose",
    "tf.layers.Conv2DTranspose` or `Conv3DTranspose"
}

impl<'g, T: Float, const N: usize> ConvTranspose<'g, T, N> {
    /// A layer with the defaults.
    pub(super) fn new(filters: usize, kernel_size: WindowSizes) -> Self {
        ConvTranspose {
            base: Base::default(),
            filters,
            window: Window::new(kernel_size),
            options: KernelOptions::default(),
        }
    }

    /// Makes a layer on `inputs`, as the functions `tf.layers.conv2d_transpose` and `conv3d_transpose` do: each time it is
    /// another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    window_setters! {}
    kernel_setters! {}

    /// The factor and the summand that make the size of each dimension of outputs of that of inputs.
    fn growth(&self) -> impl Iterator<Item = (i64, Option<i64>)> {
        let sizes = self.window.size.spatial(N);
        let strides = self.window.strides.spatial(N);
        let is_valid = self.window.padding == Padding::Valid;
        let pairs = strides.into_iter().zip(sizes);
        pairs.map(move |(stride, size)| (stride, is_valid.then_some((size - stride).max(0))))
    }

    /// The static shape of outputs.
    fn output_shape(&self, inputs: &Shape) -> Shape {
        let mut dims = inputs.dims().unwrap_or_default().to_vec();
        let first = self.window.format.first_spatial() as usize;
        for (at, (factor, more)) in (first..).zip(self.growth()) {
            let size = dims[at].and_then(|size| {
                let grown = i64::try_from(size).ok()?.checked_mul(factor)?;
                usize::try_from(grown.checked_add(more.unwrap_or(0))?).ok()
            });
            dims[at] = size;
        }
        let channels = match self.window.format {
            DataFormat::Nhwc => N + 1,
            DataFormat::Nchw => 1,
        };
        dims[channels] = Some(self.filters);
        Shape::from(dims)
    }

    /// The shape of outputs as a tensor.
    fn dynamic_output_shape<'n>(&self, n: Nodes<'n>, inputs: Arg<'n>) -> AnyTensor<'n> {
        let shape = n.shape(inputs);
        let batch = n.at(shape, 0);
        let first = self.window.format.first_spatial();
        let sizes: Vec<_> = (first..).take(N).map(|at| n.at(shape, at)).collect();
        let sizes = sizes.into_iter().zip(self.growth());
        let grown = sizes.map(|(size, (factor, more))| {
            let grown = n.mul(size, Size::Known(factor));
            let grown = match more {
                Some(more) => n.add(grown, Size::Known(more)),
                None => grown,
            };
            Arg::from(grown)
        });
        let mut sizes: Vec<_> = std::iter::once(batch.into()).chain(grown).collect();
        let channels = match self.window.format {
            DataFormat::Nhwc => N + 1,
            DataFormat::Nchw => 1,
        };
        sizes.insert(channels, Arg::from(Size::from(self.filters)));
        n.stack(sizes)
    }
}

impl<'g, T: Float, const N: usize> Kind<'g> for ConvTranspose<'g, T, N> {
    type Element = T;
    type Weights = KernelWeights<'g, T>;

    const NAME: &'static str = ["conv2d_transpose", "conv3d_transpose"][N - 2];
    const INPUTS: &'static str = INPUTS[N - 1];

    convolution_kind! {}

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (_, channels) = fixed[0];
        let kernel = self.window.kernel([self.filters, channels]);
        self.options.make(scope, &kernel, self.filters)
    }
}

impl<'g, T: Float, const N: usize> Call<'g> for ConvTranspose<'g, T, N> {
    fn call(&self, inputs: impl TensorLike<'g, T>, weights: Self::Weights) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let static_shape = self.output_shape(&inputs.static_shape());
        let mut inputs = Arg::of(inputs);
        let mut shape = self.dynamic_output_shape(n, inputs.clone());
        let moves_channels = N == 2 && self.window.format == DataFormat::Nchw;
        let mut options = self.window.options();
        if moves_channels {
            inputs = n.transpose(inputs, vec![0, 2, 3, 1]).into();
            let sizes = [0, 2, 3, 1].map(|at| n.at(shape, at).into());
            shape = n.stack(sizes.to_vec());
            options = options.data_format(DataFormat::Nhwc);
        } else if N == 2 {
            // Python asks whether the batch size is known, and leaves its nodes.
            n.at(shape, 0);
        }
        let transposed = {
            let scope = n.open_scope(Self::NAME);
            let args = [inputs, Arg::of(weights.kernel)];
            let padding = self.window.padding;
            nn::transpose(n.0, &scope, args, Some(N), shape.into(), padding, &options)
        };
        let Some(mut outputs) = transposed else {
            return AnyTensor::poison(n.0).typed();
        };
        if moves_channels {
            outputs = n.transpose(outputs, vec![0, 3, 1, 2]);
        }
        outputs.set_shape(static_shape);
        let outputs = add_bias(outputs, weights.bias, self.window.format);
        self.options.outputs.activate(outputs.typed())
    }
}

impl<T: Float, const N: usize> fmt::Debug for ConvTranspose<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConvTranspose")
            .field("filters", &self.filters)
            .field("window", &self.window)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
