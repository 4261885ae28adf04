//! `tf.contrib.layers.max_pool2d` and `avg_pool2d`, `max_pool3d` and `avg_pool3d`.

use std::panic::Location;

use super::collections::{OutputsCollections, outputs_collections_setter};
use super::options::window_setters;
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::layers::{self, Average, Max, Pool};
use crate::ops::TensorLike;
use crate::ops::nn::{DataFormat, Padding, WindowSizes};
use crate::ops::types::{Float, Poolable, ShortFloat};

/// The definition of pooling with windows of `N` dimensions; [`max_pool2d`] and its kin make one.
///
/// Its nodes are in a name scope of its own.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Pooling<T, P: Pool, const N: usize> {
    make: fn(WindowSizes, WindowSizes) -> layers::Pooling<T, P, N>,
    scope: String,
    kernel_size: WindowSizes,
    stride: WindowSizes,
    padding: Padding,
    data_format: DataFormat,
    collections: OutputsCollections,
}

/// The definition of max pooling of images.
pub type MaxPool2d<T = f32> = Pooling<T, Max, 2>;
/// The definition of average pooling of images.
pub type AvgPool2d<T = f32> = Pooling<T, Average, 2>;
/// The definition of max pooling of volumes.
pub type MaxPool3d<T = f32> = Pooling<T, Max, 3>;
/// The definition of average pooling of volumes.
pub type AvgPool3d<T = f32> = Pooling<T, Average, 3>;

macro_rules! pools {
    ($($(#[$doc:meta])* $function:ident $bound:ident $definition:ident $make:ident $scope:literal;)*) => {$(
        $(#[$doc])*
        pub fn $function<T: $bound>(kernel_size: impl Into<WindowSizes>) -> $definition<T> {
            Pooling {
                make: layers::$make,
                scope: $scope.to_owned(),
                kernel_size: kernel_size.into(),
                stride: WindowSizes::from(2),
                padding: Padding::Valid,
                data_format: DataFormat::default(),
                collections: OutputsCollections::default(),
            }
        }
    )*};
}

pools! {
    /// The largest element of each window of images (`tf.contrib.layers.max_pool2d`).
    ///
    /// ```
    /// use tfhub::layers::contrib;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 8, 8, 16));
    /// let y = contrib::max_pool2d(3).scope("pool1").apply(x);
    /// assert_eq!((y.name(), y.shape().to_string()), ("pool1/MaxPool:0".into(), "[?, 3, 3, 16]".into()));
    /// ```
    max_pool2d Poolable MaxPool2d max_pooling2d "MaxPool2D";
    /// The mean of each window of images (`tf.contrib.layers.avg_pool2d`).
    ///
    /// ```
    /// use tfhub::layers::contrib;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 7, 7, 16));
    /// let y = contrib::avg_pool2d([7, 7]).stride(1).apply(x);
    /// assert_eq!((y.name(), y.shape().to_string()), ("AvgPool2D/AvgPool:0".into(), "[?, 1, 1, 16]".into()));
    /// ```
    avg_pool2d Float AvgPool2d average_pooling2d "AvgPool2D";
    /// The largest element of each window of volumes (`tf.contrib.layers.max_pool3d`).
    ///
    /// ```
    /// use tfhub::layers::contrib;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4, 8, 8, 2));
    /// let y = contrib::max_pool3d([1, 2, 2]).stride([1, 2, 2]).apply(x);
    /// assert_eq!((y.name(), y.shape().to_string()), ("MaxPool3D/MaxPool3D:0".into(), "[?, 4, 4, 4, 2]".into()));
    /// ```
    max_pool3d ShortFloat MaxPool3d max_pooling3d "MaxPool3D";
    /// The mean of each window of volumes (`tf.contrib.layers.avg_pool3d`).
    ///
    /// ```
    /// use tfhub::layers::contrib;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = contrib::avg_pool3d(2).apply(g.placeholder::<f32>((None, 4, 8, 8, 2)));
    /// assert_eq!((y.name(), y.shape().to_string()), ("AvgPool3D/AvgPool3D:0".into(), "[?, 2, 4, 4, 2]".into()));
    /// ```
    avg_pool3d Float AvgPool3d average_pooling3d "AvgPool3D";
}

impl<T: TensorType, P: Pool, const N: usize> Pooling<T, P, N> {
    window_setters! { "2", "Padding::Valid" }

    /// The name of the name scope, made unique; by default `MaxPool2D` or what the function is called.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    outputs_collections_setter! { collections }

    /// Makes a layer on `inputs`, of which the first dimension is that of the batch and one more that of the channels.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let (g, here) = (inputs.graph(), Location::caller());
        g.called_from(here, || {
            g.inner_scope(&self.scope, here, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let layer = (self.make)(self.kernel_size.clone(), self.stride.clone());
                let layer = layer.padding(self.padding).data_format(self.data_format);
                self.collections
                    .collect(layer.in_name_scope(scope).apply(inputs))
            })
        })
    }
}
