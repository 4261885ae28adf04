//! `tf.contrib.layers.fully_connected`.

use std::panic::Location;

use super::options::{OutputOptions, ScopeOptions, scope_setters, weights_setters};
use crate::graph::Tensor;
use crate::init;
use crate::layers::dense;
use crate::layers::kernel::WeightOptions;
use crate::ops::TensorLike;
use crate::ops::types::Float;

/// A layer with `num_outputs` outputs that are each a weighted sum of all inputs (`tf.contrib.layers.fully_connected`).
///
/// It is [`dense`] with variables that are called `weights` and `biases`.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 10));
/// let hidden = contrib::fully_connected(4).apply(x);
/// let logits = contrib::fully_connected(2).without_activation().scope("logits").apply(hidden);
/// assert_eq!((hidden.name(), logits.name()), ("fully_connected/Relu:0".into(), "logits/BiasAdd:0".into()));
/// ```
pub fn fully_connected<'g, T: Float>(num_outputs: usize) -> FullyConnected<'g, T> {
    FullyConnected {
        scope: ScopeOptions::default(),
        num_outputs,
        weights: WeightOptions::starting_from(init::contrib::xavier()),
        biases: WeightOptions::starting_from(init::zeros()),
        outputs: OutputOptions::relu(),
    }
}

/// The definition of a fully connected layer; [`fully_connected`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct FullyConnected<'g, T: Float = f32> {
    scope: ScopeOptions,
    num_outputs: usize,
    weights: WeightOptions,
    biases: WeightOptions,
    outputs: OutputOptions<'g, T>,
}

impl<'g, T: Float> FullyConnected<'g, T> {
    scope_setters! { scope, "fully_connected" }
    weights_setters! {}

    /// Makes a layer on `inputs` of rank 2 or more whose last dimension is known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        let renamed = &[("bias", "biases"), ("kernel", "weights")];
        let enter = self.scope.enter_model("fully_connected", renamed);
        g.called_from(Location::caller(), || {
            g.variable_scope(enter, |scope| {
                let inputs = inputs.into_tensor(g, "");
                let use_bias = !self.outputs.has_normalizer() && self.biases.initializer.is_some();
                let layer = dense(self.num_outputs)
                    .use_bias(use_bias)
                    .kernel_initializer(self.weights.initializer.clone())
                    .kernel_regularizer(self.weights.regularizer.clone())
                    .bias_initializer(self.biases.initializer.clone())
                    .bias_regularizer(self.biases.regularizer.clone())
                    .trainable(self.scope.trainable)
                    .in_open_scope(scope, self.scope.reuse)
                    .layer();
                self.outputs.apply(self.scope.apply(layer, inputs))
            })
        })
    }
}
