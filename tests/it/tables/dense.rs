//! Dense layers.

use tfhub::graph::AnyTensor;
use tfhub::layers::{self, Dense};
use tfhub::ops::types::Float;

use super::values::with_floats;
use super::{Step, Value};

pub(super) fn apply<'g>(step: &Step<'_, 'g>, x: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    Some(with_floats!(x, |x: Tensor<T>| {
        match &*step.call.name {
            "dense" => definition::<T>(step, step.argument(0)).apply(x).any(),
            "apply_twice" if step.argument(0).word() == "Dense" => {
                let layer = definition::<T>(step, step.argument(1)).layer();
                layer.apply(layer.apply(x)).any()
            }
            _ => return None,
        }
    }))
}

fn definition<'g, T: Float>(step: &Step<'_, 'g>, units: &Value) -> Dense<'g, T> {
    let dense = layers::dense(units.size());
    step.options().fold(dense, |dense, (key, value)| match key {
        "activation" => dense.activation(value.activation()),
        "use_bias" => dense.use_bias(value.bool()),
        "kernel_initializer" => dense.kernel_initializer(value.initializer()),
        "bias_initializer" => dense.bias_initializer(value.initializer()),
        "kernel_regularizer" => dense.kernel_regularizer(value.regularizer()),
        "bias_regularizer" => dense.bias_regularizer(value.regularizer()),
        "activity_regularizer" => dense.activity_regularizer(value.regularizer()),
        "trainable" => dense.trainable(value.bool()),
        "name" => dense.name(value.word()),
        "reuse" => dense.reuse(value.reuse()),
        _ => step.no_option(key),
    })
}
