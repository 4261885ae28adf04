//! `tf.layers.Flatten`.

use std::marker::PhantomData;

use super::base::{Base, Call, Fixed, Kind, Sizes, WeightScope, apply_once, plain_methods};
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::ops::nn::DataFormat;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::{Size, TensorLike};
use crate::shape::Shape;

/// A layer that makes a vector of each element of the batch.
///
/// ```
/// use tfhub::layers;
/// # let g = tfhub::GraphBuilder::new();
/// let y = layers::flatten().apply(g.placeholder::<f32>((None, 7, 7, 64)));
/// assert_eq!((y.name(), y.shape().to_string()), ("flatten/Reshape:0".into(), "[?, 3136]".into()));
/// ```
pub fn flatten<T: TensorType>() -> Flatten<T> {
    Flatten {
        base: Base::default(),
        format: DataFormat::default(),
        element: PhantomData,
    }
}

/// The definition of a layer that flattens; [`flatten`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Flatten<T = f32> {
    base: Base,
    format: DataFormat,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Flatten<T> {
    /// Makes a layer on `inputs`, as the function `tf.layers.flatten` does: each time it is another one.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// The place of the channels of inputs; those that come first are moved to the end. They are last by default.
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.format = data_format;
        self
    }

    plain_methods! { "`flatten`", "`tf.layers.Flatten`" }
}

impl<'g, T: TensorType> Kind<'g> for Flatten<T> {
    type Element = T;
    type Weights = ();

    const NAME: &'static str = "flatten";
    const INPUTS: &'static str = "inputs of rank 1 or more";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        (inputs.rank()? > 0).then(Sizes::new)
    }

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

impl<'g, T: TensorType> Call<'g> for Flatten<T> {
    fn call(&self, inputs: impl TensorLike<'g, T>, (): ()) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let mut shape = inputs.static_shape();
        let mut inputs = Arg::of(inputs);
        let rank = shape.rank().unwrap_or_default();
        if self.format == DataFormat::Nchw && rank > 1 {
            let order = [0].into_iter().chain(2..rank as i32).chain([1]);
            let moved = n.transpose(inputs, order.collect::<Vec<_>>());
            shape = moved.shape();
            inputs = moved.into();
        }
        let dims = shape.dims().unwrap_or_default();
        let batch = dims.first().copied().flatten();
        // In Python, 0 is as good as no size.
        let batch_size = match batch.filter(|&size| size > 0) {
            Some(size) => Arg::from(Size::from(size)),
            None => n.at(n.shape(inputs.clone()), 0).into(),
        };
        let flat = n.reshape(inputs, Arg::List(vec![batch_size, (-1).into()]));
        let sizes = dims.iter().skip(1);
        let mut sizes = sizes.map(|size| size.filter(|&size| size > 0));
        let size = sizes.try_fold(1usize, |product, size| product.checked_mul(size?));
        flat.set_shape((batch, size));
        flat.typed()
    }
}
