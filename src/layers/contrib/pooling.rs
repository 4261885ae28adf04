//! `tf.contrib.layers.max_pool2d` and `avg_pool2d`.

use std::panic::Location;

use super::options::window_setters;
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::layers::{Average, Max, Pool, Pooling, average_pooling2d, max_pooling2d};
use crate::ops::TensorLike;
use crate::ops::nn::{DataFormat, Padding, WindowSizes};
use crate::ops::types::{Float, Poolable};

/// The definition of pooling of images; [`max_pool2d`] and [`avg_pool2d`] make one.
///
/// Its nodes are in a name scope of its own.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Pool2d<T, P: Pool> {
    make: fn(WindowSizes, WindowSizes) -> Pooling<T, P, 2>,
    scope: String,
    kernel_size: WindowSizes,
    stride: WindowSizes,
    padding: Padding,
    data_format: DataFormat,
}

/// The definition of max pooling of images.
pub type MaxPool2d<T = f32> = Pool2d<T, Max>;
/// The definition of average pooling of images.
pub type AvgPool2d<T = f32> = Pool2d<T, Average>;

/// The largest element of each window of images (`tf.contrib.layers.max_pool2d`).
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let y = contrib::max_pool2d(3).scope("pool1").apply(x);
/// assert_eq!((y.name(), y.shape().to_string()), ("pool1/MaxPool:0".into(), "[?, 3, 3, 16]".into()));
/// ```
pub fn max_pool2d<T: Poolable>(kernel_size: impl Into<WindowSizes>) -> MaxPool2d<T> {
    Pool2d::new(max_pooling2d, "MaxPool2D", kernel_size.into())
}

/// The mean of each window of images (`tf.contrib.layers.avg_pool2d`).
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 7, 7, 16));
/// let y = contrib::avg_pool2d([7, 7]).stride(1).apply(x);
/// assert_eq!((y.name(), y.shape().to_string()), ("AvgPool2D/AvgPool:0".into(), "[?, 1, 1, 16]".into()));
/// ```
pub fn avg_pool2d<T: Float>(kernel_size: impl Into<WindowSizes>) -> AvgPool2d<T> {
    Pool2d::new(average_pooling2d, "AvgPool2D", kernel_size.into())
}

impl<T: TensorType, P: Pool> Pool2d<T, P> {
    fn new(
        make: fn(WindowSizes, WindowSizes) -> Pooling<T, P, 2>,
        scope: &str,
        kernel_size: WindowSizes,
    ) -> Self {
        Pool2d {
            make,
            scope: scope.to_owned(),
            kernel_size,
            stride: WindowSizes::from(2),
            padding: Padding::Valid,
            data_format: DataFormat::default(),
        }
    }

    window_setters! { "2", "Padding::Valid" }

    /// The name of the name scope, made unique; by default `MaxPool2D` or `AvgPool2D`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Makes a layer on `inputs` of rank 4.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let (g, here) = (inputs.graph(), Location::caller());
        g.called_from(here, || {
            g.inner_scope(&self.scope, here, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let layer = (self.make)(self.kernel_size.clone(), self.stride.clone());
                let layer = layer.padding(self.padding).data_format(self.data_format);
                layer.in_name_scope(scope).apply(inputs)
            })
        })
    }
}
