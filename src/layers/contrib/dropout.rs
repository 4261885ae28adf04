//! `tf.contrib.layers.dropout`.

use std::panic::Location;

use super::collections::{OutputsCollections, outputs_collections_setter};
use super::options::ScopeOptions;
use crate::control_flow::Predicate;
use crate::graph::Tensor;
use crate::layers;
use crate::ops::TensorLike;
use crate::ops::nn::Scalar;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;

/// A layer that sets a part of its inputs to 0, by chance, and scales the others up (`tf.contrib.layers.dropout`).
///
/// Unlike [`layers::dropout`] it takes the part that is kept, and drops the rest unless it is told that there is no
/// training.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 64));
/// let y = contrib::dropout().keep_prob(0.8).is_training(false).scope("drop").apply(x);
/// assert_eq!(y.name(), "drop/Identity:0");
/// ```
pub fn dropout<'g, T: Float>() -> Dropout<'g, T> {
    Dropout {
        scope: ScopeOptions::default(),
        keep_prob: 0.5.into(),
        noise_shape: None,
        is_training: true.into(),
        seed: None,
        collections: OutputsCollections::default(),
    }
}

/// The definition of a layer that drops a part of its inputs; [`dropout`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Dropout<'g, T: Float = f32> {
    scope: ScopeOptions,
    keep_prob: Scalar<'g, T>,
    noise_shape: Option<Vec<Option<usize>>>,
    is_training: Predicate<'g>,
    seed: Option<i64>,
    collections: OutputsCollections,
}

impl<'g, T: Float> Dropout<'g, T> {
    /// The part that is kept, a number or a scalar tensor; 0.5 by default.
    pub fn keep_prob(mut self, keep_prob: impl Into<Scalar<'g, T>>) -> Self {
        self.keep_prob = keep_prob.into();
        self
    }

    /// The shape of the random choices, which broadcast with the inputs; where a size is `None`, that of the inputs counts.
    pub fn noise_shape(mut self, noise_shape: impl Into<Vec<Option<usize>>>) -> Self {
        self.noise_shape = Some(noise_shape.into());
        self
    }

    /// Whether a part is dropped, as by default, and not nothing. A tensor makes a conditional.
    pub fn is_training(mut self, is_training: impl Into<Predicate<'g>>) -> Self {
        self.is_training = is_training.into();
        self
    }

    /// The seed of the random choices; see [`set_random_seed`](crate::GraphBuilder::set_random_seed).
    pub fn seed(mut self, seed: impl Into<Option<i64>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// The name of the variable scope as it is; by default `Dropout`, made unique.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope.scope = Some(scope.into());
        self
    }

    outputs_collections_setter! { collections }

    /// Makes a layer on `inputs`.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        let enter = self.scope.enter_model("Dropout", &[]);
        g.called_from(Location::caller(), || {
            g.variable_scope(enter, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let rate: Scalar<'g, T> = match self.keep_prob.clone().into_arg() {
                    Arg::Number(kept) => (1.0 - kept).into(),
                    kept => Nodes(g).sub(1.0, kept.read_first(g)).typed::<T>().into(),
                };
                let layer = layers::dropout(rate)
                    .seed(self.seed)
                    .training(self.is_training)
                    .in_open_scope(scope);
                let layer = match &self.noise_shape {
                    Some(noise_shape) => layer.noise_shape(noise_shape.clone()),
                    None => layer,
                };
                self.collections.collect(layer.apply(inputs))
            })
        })
    }
}
