//! Layers of `tf.contrib.layers`.

use tfhub::graph::AnyTensor;
use tfhub::layers::{Normalizable, contrib};
use tfhub::ops::nn::{DataFormat, Padding, WindowSizes};
use tfhub::ops::types::Float;
use tfhub::{DType, Tensor};

use super::norm::{axes, clipping, constants, scalar};
use super::values::with_floats;
use super::{Call, Step, Value};

/// The options of the scope, which all layers have.
macro_rules! scoped {
    ($step:ident, $layer:ident, $key:ident, $value:ident) => {
        match $key {
            "scope" => $layer.scope($value.word()),
            "reuse" => $layer.reuse($value.reuse()),
            "trainable" => $layer.trainable($value.bool()),
            _ => $step.no_option($key),
        }
    };
}

/// The activation, or another option.
macro_rules! activated {
    ($step:ident, $layer:ident, $key:ident, $value:ident) => {
        match ($key, $value) {
            ("activation_fn", Value::None) => $layer.without_activation(),
            ("activation_fn", word) => $layer.activation_fn(word.activation()),
            ("outputs_collections", keys) => $layer.outputs_collections(keys.keys()),
            _ => scoped!($step, $layer, $key, $value),
        }
    };
}

/// An option of a layer with weights.
macro_rules! weighted {
    ($step:ident, $layer:ident, $key:ident, $value:ident) => {
        match $key {
            "normalizer_fn" => $layer.normalizer_fn(normalizer($step, $value.word())),
            // They are taken with the function.
            "normalizer_params" => $layer,
            "weights_initializer" => $layer.weights_initializer($value.initializer()),
            "weights_regularizer" => $layer.weights_regularizer($value.regularizer()),
            "biases_initializer" => $layer.biases_initializer($value.initializer()),
            "biases_regularizer" => $layer.biases_regularizer($value.regularizer()),
            "variables_collections" => $layer.variables_collections($value.collections()),
            _ => activated!($step, $layer, $key, $value),
        }
    };
}

/// An option of a layer with a window.
macro_rules! windowed {
    ($step:ident, $layer:ident, $key:ident, $value:ident) => {
        match $key {
            "stride" => $layer.stride($value.window()),
            "padding" => $layer.padding(padding($value)),
            "data_format" => $layer.data_format(data_format($value)),
            _ => weighted!($step, $layer, $key, $value),
        }
    };
}

/// A layer that pools.
macro_rules! pooled {
    ($step:ident, $make:expr) => {
        $step.options().fold(
            $make($step.argument(0).window()),
            |layer, (key, value)| match key {
                "stride" => layer.stride(value.window()),
                "padding" => layer.padding(padding(value)),
                "data_format" => layer.data_format(data_format(value)),
                "scope" => layer.scope(value.word()),
                "outputs_collections" => layer.outputs_collections(value.keys()),
                _ => $step.no_option(key),
            },
        )
    };
}
pub(super) fn apply<'g>(step: &Step<'_, 'g>, x: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    let name = step.call.name.strip_prefix("contrib.")?;
    if name == "embed_sequence" {
        let layer = embed_sequence(step);
        let y = match x.dtype() {
            DType::Int64 => layer.apply(x.typed::<i64>()),
            _ => layer.apply(x.typed::<i32>()),
        };
        return Some(y.any());
    }
    Some(with_floats!(x, |x: Tensor<T>| {
        match name {
            "fully_connected" => fully_connected::<T>(step).apply(x).any(),
            "batch_norm" => batch_norm::<T>(step).apply(x).any(),
            "layer_norm" => layer_norm::<T>(step).apply(x).any(),
            "instance_norm" => instance_norm::<T>(step).apply(x).any(),
            "group_norm" => group_norm::<T>(step).apply(x).any(),
            "conv1d" => convolution(step, contrib::conv1d::<T>).apply(x).any(),
            "conv2d" => convolution(step, contrib::conv2d::<T>).apply(x).any(),
            "conv3d" => convolution(step, contrib::conv3d::<T>).apply(x).any(),
            "conv2d_transpose" => {
                let layer = transpose(step, contrib::conv2d_transpose::<T>);
                layer.apply(x).any()
            }
            "conv3d_transpose" => {
                let layer = transpose(step, contrib::conv3d_transpose::<T>);
                layer.apply(x).any()
            }
            "separable_conv2d" => separable::<T>(step).apply(x).any(),
            "max_pool2d" => pooled!(step, contrib::max_pool2d::<T>).apply(x).any(),
            "avg_pool2d" => pooled!(step, contrib::avg_pool2d::<T>).apply(x).any(),
            "max_pool3d" => {
                let layer = pooled!(step, contrib::max_pool3d::<f32>);
                layer.apply(x.any().typed::<f32>()).any()
            }
            "avg_pool3d" => pooled!(step, contrib::avg_pool3d::<T>).apply(x).any(),
            "flatten" => {
                let layer = contrib::flatten();
                let layer = step.options().fold(layer, |layer, (key, value)| match key {
                    "scope" => layer.scope(value.word()),
                    "outputs_collections" => layer.outputs_collections(value.keys()),
                    _ => step.no_option(key),
                });
                layer.apply(x).any()
            }
            "dropout" => dropout::<T>(step).apply(x).any(),
            _ => return None,
        }
    }))
}

/// The function that a step's `normalizer_fn` names, with its `normalizer_params`.
fn normalizer<'g, T: Normalizable>(
    step: &Step<'_, 'g>,
    name: &str,
) -> Box<dyn Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g> {
    let mut options = step.options();
    let params = options.find(|(key, _)| *key == "normalizer_params");
    let options = params.map(|(_, params)| params.dict()).unwrap_or_default();
    let call = Call {
        name: name.to_owned(),
        arguments: Vec::new(),
        options: options.to_vec(),
    };
    let step = Step {
        place: step.place,
        call: &call,
    };
    match name {
        "batch_norm" => {
            let layer = batch_norm(&step);
            Box::new(move |x| layer.apply(x))
        }
        "layer_norm" => {
            let layer = layer_norm(&step);
            Box::new(move |x| layer.apply(x))
        }
        other => panic!("no normalizer {other}"),
    }
}

fn fully_connected<'g, T: Normalizable>(step: &Step<'_, 'g>) -> contrib::FullyConnected<'g, T> {
    let layer = contrib::fully_connected(step.argument(0).size());
    step.options().fold(layer, |layer, (key, value)| {
        weighted!(step, layer, key, value)
    })
}

fn batch_norm<'g, T: Normalizable>(step: &Step<'_, 'g>) -> contrib::BatchNorm<'g, T> {
    let layer = contrib::batch_norm();
    step.options().fold(layer, |layer, (key, value)| match key {
        "decay" => layer.decay(scalar(step, key, value)),
        "center" => layer.center(value.bool()),
        "scale" => layer.scale(value.bool()),
        "epsilon" => layer.epsilon(value.float()),
        "param_initializers" => value.dict().iter().fold(layer, |layer, (name, value)| {
            let initializer = value.initializer().unwrap();
            match &**name {
                "beta" => layer.beta_initializer(initializer),
                "gamma" => layer.gamma_initializer(initializer),
                "moving_mean" => layer.moving_mean_initializer(initializer),
                "moving_variance" => layer.moving_variance_initializer(initializer),
                other => step.no_option(other),
            }
        }),
        "param_regularizers" => {
            value
                .dict()
                .iter()
                .fold(layer, |layer, (name, value)| match &**name {
                    "beta" => layer.beta_regularizer(value.regularizer()),
                    "gamma" => layer.gamma_regularizer(value.regularizer()),
                    other => step.no_option(other),
                })
        }
        "updates_collections" => match value {
            Value::None => layer.updates_collections(None),
            Value::Word(key) => layer.updates_collections(&**key),
            keys => layer.updates_collections(keys.keys()),
        },
        "adjustment" => layer.adjustment(constants),
        "batch_weights" => {
            let weights = step.place.placeholder(key, value);
            match weights.dtype() {
                DType::Int64 => layer.batch_weights(weights.typed::<i64>()),
                _ => layer.batch_weights(weights.typed::<f32>()),
            }
        }
        "variables_collections" => layer.variables_collections(value.collections()),
        "is_training" => layer.is_training(step.place.predicate(key, value)),
        "fused" => layer.fused(value.bool()),
        "data_format" => layer.data_format(data_format(value)),
        "zero_debias_moving_mean" => layer.zero_debias_moving_mean(value.bool()),
        "renorm" => layer.renorm(value.bool()),
        "renorm_clipping" => layer.renorm_clipping(clipping(value)),
        "renorm_decay" => layer.renorm_decay(scalar(step, key, value)),
        _ => activated!(step, layer, key, value),
    })
}

fn layer_norm<'g, T: Float>(step: &Step<'_, 'g>) -> contrib::LayerNorm<'g, T> {
    let layer = contrib::layer_norm();
    step.options().fold(layer, |layer, (key, value)| match key {
        "center" => layer.center(value.bool()),
        "scale" => layer.scale(value.bool()),
        "begin_norm_axis" => layer.begin_norm_axis(value.int() as i32),
        "begin_params_axis" => layer.begin_params_axis(value.int() as i32),
        "variables_collections" => layer.variables_collections(value.collections()),
        _ => activated!(step, layer, key, value),
    })
}

/// An option of a layer that normalizes by statistics of its inputs alone.
macro_rules! normalizing {
    ($step:ident, $layer:ident, $key:ident, $value:ident) => {
        match $key {
            "center" => $layer.center($value.bool()),
            "scale" => $layer.scale($value.bool()),
            "epsilon" => $layer.epsilon($value.float()),
            "variables_collections" => $layer.variables_collections($value.collections()),
            "param_initializers" => $value.dict().iter().fold($layer, |layer, (name, value)| {
                let initializer = value.initializer().unwrap();
                match &**name {
                    "beta" => layer.beta_initializer(initializer),
                    "gamma" => layer.gamma_initializer(initializer),
                    other => $step.no_option(other),
                }
            }),
            _ => activated!($step, $layer, $key, $value),
        }
    };
}

fn instance_norm<'g, T: Float>(step: &Step<'_, 'g>) -> contrib::InstanceNorm<'g, T> {
    let layer = contrib::instance_norm();
    step.options().fold(layer, |layer, (key, value)| match key {
        "data_format" => layer.data_format(data_format(value)),
        _ => normalizing!(step, layer, key, value),
    })
}

fn group_norm<'g, T: Float>(step: &Step<'_, 'g>) -> contrib::GroupNorm<'g, T> {
    let layer = contrib::group_norm();
    step.options().fold(layer, |layer, (key, value)| match key {
        "groups" => layer.groups(value.size()),
        "channels_axis" => layer.channels_axis(value.int() as i32),
        "reduction_axes" => layer.reduction_axes(axes(value)),
        "mean_close_to_zero" => layer.mean_close_to_zero(value.bool()),
        _ => normalizing!(step, layer, key, value),
    })
}

fn embed_sequence(step: &Step<'_, '_>) -> contrib::EmbedSequence {
    let layer = contrib::embed_sequence(step.argument(0).size(), step.argument(1).size());
    step.options().fold(layer, |layer, (key, value)| match key {
        "unique" => layer.unique(value.bool()),
        "initializer" => layer.initializer(value.initializer()),
        "regularizer" => layer.regularizer(value.regularizer()),
        _ => scoped!(step, layer, key, value),
    })
}

fn data_format(value: &Value) -> DataFormat {
    match value.word() {
        "NHWC" | "NDHWC" => DataFormat::Nhwc,
        "NCHW" | "NCDHW" => DataFormat::Nchw,
        other => panic!("no data format {other}"),
    }
}

fn convolution<'g, T: Normalizable, const N: usize>(
    step: &Step<'_, 'g>,
    make: fn(usize, WindowSizes) -> contrib::Convolution<'g, T, N>,
) -> contrib::Convolution<'g, T, N> {
    let layer = make(step.argument(0).size(), step.argument(1).window());
    step.options().fold(layer, |layer, (key, value)| match key {
        "rate" => layer.rate(value.window()),
        _ => windowed!(step, layer, key, value),
    })
}

fn transpose<'g, T: Normalizable, const N: usize>(
    step: &Step<'_, 'g>,
    make: fn(usize, WindowSizes) -> contrib::ConvolutionTranspose<'g, T, N>,
) -> contrib::ConvolutionTranspose<'g, T, N> {
    let layer = make(step.argument(0).size(), step.argument(1).window());
    step.options().fold(layer, |layer, (key, value)| {
        windowed!(step, layer, key, value)
    })
}

fn separable<'g, T: Normalizable>(step: &Step<'_, 'g>) -> contrib::SeparableConv2d<'g, T> {
    let num_outputs = match step.argument(0) {
        Value::None => None,
        value => Some(value.size()),
    };
    let layer = contrib::separable_conv2d(num_outputs, step.argument(1).window());
    step.options().fold(layer, |layer, (key, value)| match key {
        "depth_multiplier" => layer.depth_multiplier(value.size()),
        "rate" => layer.rate(value.window()),
        "pointwise_initializer" => layer.pointwise_initializer(value.initializer()),
        _ => windowed!(step, layer, key, value),
    })
}

fn dropout<'g, T: Float>(step: &Step<'_, 'g>) -> contrib::Dropout<'g, T> {
    let layer = contrib::dropout();
    step.options().fold(layer, |layer, (key, value)| match key {
        "keep_prob" => match step.place.fed(key, value) {
            Some(tensor) => layer.keep_prob(tensor.any().typed::<T>()),
            None => layer.keep_prob(value.float()),
        },
        "noise_shape" => layer.noise_shape(value.shape().dims().unwrap().to_vec()),
        "is_training" => layer.is_training(step.place.predicate(key, value)),
        "seed" => layer.seed(value.int()),
        "scope" => layer.scope(value.word()),
        "outputs_collections" => layer.outputs_collections(value.keys()),
        _ => step.no_option(key),
    })
}

fn padding(value: &Value) -> Padding {
    match value.word() {
        "SAME" => Padding::Same,
        "VALID" => Padding::Valid,
        other => panic!("no padding {other}"),
    }
}
