//! `tf.layers.MaxPooling1D` and its kin, and the global pooling of `tf.keras.layers`.

use std::marker::PhantomData;

use super::base::{
    Base, Call, Family, Fixed, Kind, Name, Sizes, WeightScope, apply_once, plain_methods,
};
use super::window::{Window, place_setters};
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn::{DataFormat, WindowSizes, pool_node};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Float, Poolable, Real, ShortFloat};
use crate::shape::Shape;

/// The number that pooling takes of a window: [`Max`] or [`Average`].
pub trait Pool: sealed::Pool {}

mod sealed {
    pub trait Pool: 'static {
        /// The names of layers over one, two and three dimensions, and of global ones.
        const NAMES: [[&'static str; 3]; 2];
        /// The ops on images and on volumes, and the reduction.
        const OPS: [&'static str; 3];
    }
}

/// The largest element of each window.
#[derive(Debug, Clone, Copy)]
pub enum Max {}

/// The mean of each window.
#[derive(Debug, Clone, Copy)]
pub enum Average {}

macro_rules! pools {
    ($($pool:ident [$($name:literal)*] [$($global:literal)*] [$($op:literal)*];)*) => {$(
        impl Pool for $pool {}

        impl sealed::Pool for $pool {
            const NAMES: [[&'static str; 3]; 2] = [[$($name),*], [$($global),*]];
            const OPS: [&'static str; 3] = [$($op),*];
        }
    )*};
}

pools! {
    Max
        ["max_pooling1d" "max_pooling2d" "max_pooling3d"]
        ["global_max_pooling1d" "global_max_pooling2d" "global_max_pooling3d"]
        ["MaxPool" "MaxPool3D" "Max"];
    Average
        ["average_pooling1d" "average_pooling2d" "average_pooling3d"]
        ["global_average_pooling1d" "global_average_pooling2d" "global_average_pooling3d"]
        ["AvgPool" "AvgPool3D" "Mean"];
}

/// The inputs of layers over one, two and three dimensions.
const INPUTS: [&str; 3] = ["inputs of rank 3", "inputs of rank 4", "inputs of rank 5"];

/// The definition of pooling with windows of `N` dimensions; [`max_pooling2d`] and its kin make one.
///
/// The nodes are those of a machine without a GPU, where Python moves the channels of sequences that come first to the end
/// and back; it does so for volumes on all machines.
///
/// ```
/// use tfhub::{layers, ops::nn::{DataFormat, Padding}};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 3, 28, 28));
/// let pooling = layers::average_pooling2d([2, 3], 2).padding(Padding::Same).data_format(DataFormat::Nchw);
/// let y = pooling.name("halves").apply(images);
/// assert_eq!((y.name(), y.shape().to_string()), ("halves/AvgPool:0".into(), "[?, 3, 14, 14]".into()));
/// ```
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Pooling<T, P: Pool, const N: usize> {
    base: Base,
    window: Window<N>,
    types: PhantomData<fn() -> (T, P)>,
}

/// The definition of max pooling of sequences.
pub type MaxPooling1d<T = f32> = Pooling<T, Max, 1>;
/// The definition of max pooling of images.
pub type MaxPooling2d<T = f32> = Pooling<T, Max, 2>;
/// The definition of max pooling of volumes.
pub type MaxPooling3d<T = f32> = Pooling<T, Max, 3>;
/// The definition of average pooling of sequences.
pub type AveragePooling1d<T = f32> = Pooling<T, Average, 1>;
/// The definition of average pooling of images.
pub type AveragePooling2d<T = f32> = Pooling<T, Average, 2>;
/// The definition of average pooling of volumes.
pub type AveragePooling3d<T = f32> = Pooling<T, Average, 3>;

macro_rules! poolings {
    ($($(#[$doc:meta])* $function:ident $bound:ident $pool:ident $n:literal;)*) => {$(
        $(#[$doc])*
        pub fn $function<T: $bound>(
            pool_size: impl Into<WindowSizes>,
            strides: impl Into<WindowSizes>,
        ) -> Pooling<T, $pool, $n> {
            let mut window = Window::new(pool_size.into());
            window.strides = strides.into();
            Pooling {
                base: Base::default(),
                window,
                types: PhantomData,
            }
        }
    )*};
}

poolings! {
    /// The largest element of each window of sequences (`tf.layers.max_pooling1d`).
    max_pooling1d Poolable Max 1;
    /// The largest element of each window of images (`tf.layers.max_pooling2d`).
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = layers::max_pooling2d(2, 2).apply(g.placeholder::<f32>((None, 28, 28, 3)));
    /// assert_eq!(y.shape().to_string(), "[?, 14, 14, 3]");
    /// ```
    max_pooling2d Poolable Max 2;
    /// The largest element of each window of volumes (`tf.layers.max_pooling3d`).
    max_pooling3d ShortFloat Max 3;
    /// The mean of each window of sequences (`tf.layers.average_pooling1d`).
    average_pooling1d Float Average 1;
    /// The mean of each window of images (`tf.layers.average_pooling2d`).
    average_pooling2d Float Average 2;
    /// The mean of each window of volumes (`tf.layers.average_pooling3d`).
    average_pooling3d Float Average 3;
}

impl<T: TensorType, P: Pool, const N: usize> Pooling<T, P, N> {
    /// Makes a layer on `inputs`, as the functions of `tf.layers` do: each time it is another one.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// Makes the nodes in a name scope, which ends in a slash.
    pub(super) fn in_name_scope(mut self, scope: &str) -> Self {
        self.base.name = Name::Scope(scope.to_owned());
        self
    }

    place_setters! {}
    plain_methods! { "that of the function", "`tf.layers.MaxPooling2D` or its kin" }
}

impl<'g, T: TensorType, P: Pool, const N: usize> Kind<'g> for Pooling<T, P, N> {
    type Element = T;
    type Weights = ();

    const NAME: &'static str = P::NAMES[0][N - 1];
    const INPUTS: &'static str = INPUTS[N - 1];

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        (inputs.rank()? == N + 2).then(Sizes::new)
    }

    fn fault(&self, _inputs: &Shape) -> Option<String> {
        self.window.fault("pool_size")
    }

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

/// The dimensions of a batch with `rank` dimensions whose channels, which are second, go to the end, and of the way back.
fn channels_to_the_end(rank: i32) -> [Vec<i32>; 2] {
    let there = [0].into_iter().chain(2..rank).chain([1]);
    let back = [0, rank - 1].into_iter().chain(1..rank - 1);
    [there.collect(), back.collect()]
}

impl<'g, T: TensorType, P: Pool, const N: usize> Call<'g> for Pooling<T, P, N> {
    fn call(&self, inputs: impl TensorLike<'g, T>, (): ()) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let Window {
            padding, format, ..
        } = self.window;
        let mut sizes = [&self.window.size, &self.window.strides].map(|sizes| sizes.spatial(N));
        let mut inputs = Arg::of(inputs);
        // A sequence is an image that is one pixel wide.
        let added = (N == 1).then(|| format.first_spatial() + 1);
        if let Some(at) = added {
            inputs = n.expand_dims(inputs, at).into();
            sizes.iter_mut().for_each(|sizes| sizes.push(1));
        }
        let moves_channels = N != 2 && format == DataFormat::Nchw;
        let [there, back] = channels_to_the_end(2 + N.max(2) as i32);
        if moves_channels {
            inputs = n.transpose(inputs, there).into();
        }
        let op = P::OPS[N / 3];
        let format = if moves_channels {
            DataFormat::Nhwc
        } else {
            format
        };
        let sizes = sizes.map(WindowSizes::from);
        let mut pooled = pool_node(n.0, (op, op), inputs, N.max(2), sizes, padding, format);
        if moves_channels {
            pooled = n.transpose(pooled, back);
        }
        if let Some(at) = added {
            pooled = n.squeeze(pooled, &[at.into()]);
        }
        pooled.typed()
    }
}

/// The definition of pooling with one window over `N` whole dimensions; [`global_average_pooling2d`] and its kin make one.
///
/// They are layers of Keras, which `tf.layers` does not have: each call has a name scope of its own.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct GlobalPooling<T, P: Pool, const N: usize> {
    base: Base,
    format: DataFormat,
    types: PhantomData<fn() -> (T, P)>,
}

/// The definition of global max pooling of sequences.
pub type GlobalMaxPooling1d<T = f32> = GlobalPooling<T, Max, 1>;
/// The definition of global max pooling of images.
pub type GlobalMaxPooling2d<T = f32> = GlobalPooling<T, Max, 2>;
/// The definition of global max pooling of volumes.
pub type GlobalMaxPooling3d<T = f32> = GlobalPooling<T, Max, 3>;
/// The definition of global average pooling of sequences.
pub type GlobalAveragePooling1d<T = f32> = GlobalPooling<T, Average, 1>;
/// The definition of global average pooling of images.
pub type GlobalAveragePooling2d<T = f32> = GlobalPooling<T, Average, 2>;
/// The definition of global average pooling of volumes.
pub type GlobalAveragePooling3d<T = f32> = GlobalPooling<T, Average, 3>;

macro_rules! global_poolings {
    ($($(#[$doc:meta])* $function:ident $bound:ident $pool:ident $n:literal;)*) => {$(
        $(#[$doc])*
        pub fn $function<T: $bound>() -> GlobalPooling<T, $pool, $n> {
            GlobalPooling {
                base: Base::default(),
                format: DataFormat::default(),
                types: PhantomData,
            }
        }
    )*};
}

global_poolings! {
    /// The largest element of each channel of sequences (`tf.keras.layers.GlobalMaxPooling1D`).
    global_max_pooling1d Real Max 1;
    /// The largest element of each channel of images (`tf.keras.layers.GlobalMaxPooling2D`).
    global_max_pooling2d Real Max 2;
    /// The largest element of each channel of volumes (`tf.keras.layers.GlobalMaxPooling3D`).
    global_max_pooling3d Real Max 3;
    /// The mean of each channel of sequences (`tf.keras.layers.GlobalAveragePooling1D`).
    global_average_pooling1d Float Average 1;
    /// The mean of each channel of images (`tf.keras.layers.GlobalAveragePooling2D`).
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let y = layers::global_average_pooling2d().apply(g.placeholder::<f32>((None, 7, 7, 64)));
    /// assert_eq!(y.name(), "global_average_pooling2d/Mean:0");
    /// assert_eq!(y.shape().to_string(), "[?, 64]");
    /// ```
    global_average_pooling2d Float Average 2;
    /// The mean of each channel of volumes (`tf.keras.layers.GlobalAveragePooling3D`).
    global_average_pooling3d Float Average 3;
}

impl<T: TensorType, P: Pool, const N: usize> GlobalPooling<T, P, N> {
    /// Makes a layer on `inputs`: each time it is another one.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// The place of the channels; last by default.
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.format = data_format;
        self
    }

    plain_methods! { "that of the function", "`tf.keras.layers.GlobalAveragePooling2D` or its kin" }
}

impl<'g, T: TensorType, P: Pool, const N: usize> Kind<'g> for GlobalPooling<T, P, N> {
    type Element = T;
    type Weights = ();

    const NAME: &'static str = P::NAMES[1][N - 1];
    const INPUTS: &'static str = INPUTS[N - 1];
    const FAMILY: Family = Family::Keras;

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        (inputs.rank()? == N + 2).then(Sizes::new)
    }

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

impl<'g, T: TensorType, P: Pool, const N: usize> Call<'g> for GlobalPooling<T, P, N> {
    fn call(&self, inputs: impl TensorLike<'g, T>, (): ()) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let first = self.format.first_spatial();
        let axes = match N {
            1 => Axes::from(first),
            _ => (first..first + N as i32).collect::<Vec<_>>().into(),
        };
        n.reduce(P::OPS[2], Arg::of(inputs), axes).typed()
    }
}
