//! Batch normalization.

use tfhub::Tensor;
use tfhub::graph::AnyTensor;
use tfhub::layers::{self, BatchNormalization, Normalizable, RenormClipping};
use tfhub::ops::array;
use tfhub::ops::math::{self, Axes};
use tfhub::ops::types::Float;
use tfhub::variable::AnyScalar;

use super::values::with_floats;
use super::{Step, Value};

pub(super) fn apply<'g>(step: &Step<'_, 'g>, x: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    Some(with_floats!(x, |x: Tensor<T>| {
        match &*step.call.name {
            "batch_normalization" => definition::<T>(step).apply(x).any(),
            "apply_twice" if step.argument(0).word() == "BatchNormalization" => {
                let layer = definition::<T>(step).layer();
                layer.apply(layer.apply(x)).any()
            }
            _ => return None,
        }
    }))
}

fn definition<'g, T: Normalizable>(step: &Step<'_, 'g>) -> BatchNormalization<'g, T> {
    let layer = layers::batch_normalization();
    step.options().fold(layer, |layer, (key, value)| match key {
        "axis" => layer.axis(axes(value)),
        "momentum" => layer.momentum(scalar(step, key, value)),
        "epsilon" => layer.epsilon(value.float()),
        "center" => layer.center(value.bool()),
        "scale" => layer.scale(value.bool()),
        "beta_initializer" => layer.beta_initializer(value.initializer()),
        "gamma_initializer" => layer.gamma_initializer(value.initializer()),
        "moving_mean_initializer" => layer.moving_mean_initializer(value.initializer()),
        "moving_variance_initializer" => layer.moving_variance_initializer(value.initializer()),
        "beta_regularizer" => layer.beta_regularizer(value.regularizer()),
        "gamma_regularizer" => layer.gamma_regularizer(value.regularizer()),
        "training" => layer.training(step.place.predicate(key, value)),
        "trainable" => layer.trainable(value.bool()),
        "name" => layer.name(value.word()),
        "reuse" => layer.reuse(value.reuse()),
        "renorm" => layer.renorm(value.bool()),
        "renorm_clipping" => layer.renorm_clipping(clipping(value)),
        "renorm_momentum" => layer.renorm_momentum(scalar(step, key, value)),
        "fused" => layer.fused(value.bool()),
        "virtual_batch_size" => layer.virtual_batch_size(value.size()),
        "adjustment" => layer.adjustment(constants),
        _ => step.no_option(key),
    })
}

pub(super) fn axes(value: &Value) -> Axes {
    let axis = |value: &Value| value.int() as i32;
    match value {
        Value::List(axes) => axes.iter().map(axis).collect::<Vec<_>>().into(),
        value => axis(value).into(),
    }
}

/// A number, or an input.
pub(super) fn scalar<'g>(step: &Step<'_, 'g>, key: &str, value: &Value) -> AnyScalar<'g> {
    match step.place.fed(key, value) {
        Some(tensor) => tensor.into(),
        None => value.float().into(),
    }
}

pub(super) fn clipping<'g>(value: &Value) -> RenormClipping<'g> {
    let none = RenormClipping::default();
    value
        .dict()
        .iter()
        .fold(none, |clipping, (key, value)| match &**key {
            "rmax" => clipping.rmax(value.float()),
            "rmin" => clipping.rmin(value.float()),
            "dmax" => clipping.dmax(value.float()),
            other => panic!("no bound {other}"),
        })
}

/// A scale and a bias of the size of the last dimension.
pub(super) fn constants<'g, P: Float>(shape: Tensor<'g, i32>) -> (Tensor<'g, P>, Tensor<'g, P>) {
    let filled = |value: f32| {
        let sizes = array::index(shape, -1..);
        math::cast::<P, f32>(array::fill(shape.graph(), sizes, value))
    };
    (filled(1.5), filled(0.25))
}
