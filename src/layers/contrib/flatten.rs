//! `tf.contrib.layers.flatten`.

use std::marker::PhantomData;
use std::panic::Location;

use super::collections::{OutputsCollections, outputs_collections_setter};
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::layers;
use crate::ops::TensorLike;

/// A layer that makes a vector of each element of the batch (`tf.contrib.layers.flatten`).
///
/// It is [`layers::flatten`] in a name scope of its own.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let y = contrib::flatten().apply(g.placeholder::<f32>((None, 7, 7, 64)));
/// assert_eq!((y.name(), y.shape().to_string()), ("Flatten/flatten/Reshape:0".into(), "[?, 3136]".into()));
/// ```
pub fn flatten<T: TensorType>() -> Flatten<T> {
    Flatten {
        scope: "Flatten".to_owned(),
        collections: OutputsCollections::default(),
        element: PhantomData,
    }
}

/// The definition of a layer that flattens; [`flatten`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Flatten<T = f32> {
    scope: String,
    collections: OutputsCollections,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Flatten<T> {
    /// The name of the name scope, made unique; by default `Flatten`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    outputs_collections_setter! { collections }

    /// Makes a layer on `inputs`.
    #[track_caller]
    pub fn apply<'g>(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let (g, here) = (inputs.graph(), Location::caller());
        g.called_from(here, || {
            g.inner_scope(&self.scope, here, |_| {
                let outputs = layers::flatten().apply(inputs.into_tensor(g, ""));
                self.collections.collect(outputs)
            })
        })
    }
}
