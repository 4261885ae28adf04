//! Variants for inference and training: update ops, losses and dropout by mode, hyperparameters.

use tfhub::graph::keys;
use tfhub::layers::{batch_normalization, dense};
use tfhub::ops::math::{self, Axes};
use tfhub::ops::nn::DropoutOptions;
use tfhub::ops::random::NormalOptions;
use tfhub::ops::{array, nn, random};
use tfhub::regularizer::contrib;
use tfhub::variable::{EnterScope, ExponentialMovingAverage, Reuse};
use tfhub::{GraphBuilder, Mode, Tensor, init};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        modes("variants_update_ops", 201, update_ops),
        modes("variants_normalized", 202, normalized),
        modes("variants_moving_average", 203, moving_average),
        modes("variants_regularized", 204, regularized),
        modes("variants_trainable", 205, trainable),
        modes("variants_train_first", 206, train_first).reversed(),
        modes("variants_attachments", 207, attachments),
        modes("variants_drop_collections", 208, drop_collections),
        modes("variants_dropout", 209, dropout),
        modes("variants_dropout_rate", 210, dropout_rate),
        modes("variants_momentum", 211, momentum),
        modes("variants_smart_cond", 212, smart_cond),
        modes("variants_cond", 213, cond),
        Module::new("variants_of_tag_sets", |g| scaled(g, 1.0))
            .variant(["train"], |g| scaled(g, 2.0))
            .variant(["train", "tpu"], |g| scaled(g, 3.0))
            .seed(214),
        modes("variants_shared_layer", 215, shared_layer),
        modes("variants_model_variables", 216, model_variables),
        modes("variants_hyperparameters", 217, hyperparameters),
        modes(
            "variants_hyperparameter_in_scope",
            218,
            hyperparameter_in_scope,
        ),
        modes("variants_losses_of_training", 219, losses_of_training),
        modes("variants_noise", 220, noise),
        modes("variants_counter", 221, counter),
        modes("variants_batch_normalization", 223, batch_normalized),
        modes("variants_and_weights", 222, |g, mode| {
            let x = vectors(g);
            let y = dense(2).apply(x);
            g.default_signature(x, if mode.is_training() { y * 0.5 } else { y });
        })
        .variant(["weights"], |g| {
            let kernel = g.get_variable::<f32>("dense/kernel").shape([3, 2]).finish();
            let kernel = array::identity(kernel);
            g.signature("default").output("default", kernel);
        }),
    ]
}

/// A module of the variants of the modes.
pub(super) fn modes(name: &'static str, seed: i64, build: fn(&GraphBuilder, Mode)) -> Module {
    Module::with_modes(name, build).seed(seed)
}

fn vectors(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((None, 3)))
}

/// Batch normalization of vectors, with the updates of the moving statistics.
pub(super) fn normalize<'g>(
    x: Tensor<'g, f32>,
    mode: Mode,
    keep: impl Fn() -> Keep<'g>,
    name: &str,
) -> Tensor<'g, f32> {
    let g = x.graph();
    let size = x.shape().dims().unwrap()[1].unwrap();
    g.variable_scope(name, |_| {
        let variable = |name, initializer, trainable| {
            let variable = g.get_variable::<f32>(name).shape([size]);
            let variable = variable.initializer(initializer).trainable(trainable);
            variable.finish()
        };
        let scale = variable("scale", init::ones(), true);
        let mean = variable("mean", init::zeros(), false);
        let variance = variable("variance", init::ones(), false);
        if !mode.is_training() {
            return (x - mean) * math::rsqrt(variance + 0.01) * scale;
        }
        let batch = nn::moments(x, [0]);
        for (moving, batch) in [(mean, batch.mean), (variance, batch.variance)] {
            let difference = moving - batch;
            let update = match keep() {
                Keep::Number(momentum) => difference * (1.0 - momentum) as f32,
                Keep::Tensor(momentum) => difference * (1.0 - momentum),
            };
            g.add_to_collection(keys::UPDATE_OPS, moving.assign_sub_op(update));
        }
        (x - batch.mean) * math::rsqrt(batch.variance + 0.01) * scale
    })
}

/// The part of a moving statistic that an update keeps.
pub(super) enum Keep<'g> {
    Number(f64),
    Tensor(Tensor<'g, f32>),
}

fn update_ops(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let mean = g.get_variable::<f32>("mean").shape([3]);
    let mean = mean.initializer(init::zeros()).trainable(false).finish();
    let centered = if mode.is_training() {
        let batch_mean = math::reduce_mean(x, 0);
        let update = mean.assign_sub_op((mean - batch_mean) * 0.25);
        g.add_to_collection(keys::UPDATE_OPS, update);
        x - batch_mean
    } else {
        x - mean
    };
    g.default_signature(x, dense(2).apply(centered));
}

fn normalized(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let y = normalize(x, mode, || Keep::Number(0.9), "norm");
    let y = dense(4).activation(nn::relu).apply(y);
    let y = normalize(y, mode, || Keep::Number(0.99), "norm_1");
    g.signature("default")
        .input("x", x)
        .output("default", dense(2).apply(y));
}

fn moving_average(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let w = g.get_variable::<f32>("w").shape([3, 2]).finish();
    let averages = ExponentialMovingAverage::new(g, 0.5, ());
    let update = averages.apply([w]);
    let y = if mode.is_training() {
        g.add_to_collection(keys::UPDATE_OPS, update);
        math::matmul(x, w)
    } else {
        math::matmul(x, averages.average(w).unwrap())
    };
    g.drop_collections(["moving_average_variables"]);
    g.default_signature(x, y);
}

fn regularized(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let l1 = mode.is_training().then(|| contrib::l1(0.25));
    let first = dense(4).kernel_regularizer(contrib::l2(0.5));
    let y = first.bias_regularizer(l1.clone()).apply(x);
    g.default_signature(x, dense(2).kernel_regularizer(l1).apply(y));
}

fn trainable(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let y = dense(4).trainable(mode.is_training()).apply(x);
    g.default_signature(x, dense(2).apply(y));
}

fn train_first(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let mut y = dense(4).apply(x);
    if mode.is_training() {
        y = y * g.get_variable::<f32>("train_scale").shape([4]).finish();
    }
    g.default_signature(x, dense(2).apply(y));
}

fn attachments(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    // Int64List { value: [1] }
    g.attach_bytes("shared", [0x0a, 0x01, 0x01]);
    if mode.is_training() {
        g.attach_bytes("training", [0x0a, 0x01, 0x07]);
    }
    g.default_signature(x, dense(2).apply(x));
}

fn drop_collections(g: &GraphBuilder, mode: Mode) {
    g.drop_collections(["summaries", "losses"]);
    let x = vectors(g);
    let y = dense(2).apply(x);
    g.add_to_collection("summaries", y);
    if mode.is_training() {
        g.add_to_collection("losses", math::reduce_sum(y, Axes::ALL));
    }
    g.default_signature(x, y);
}

fn dropout(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let mut y = dense(8).activation(nn::relu).apply(x);
    if mode.is_training() {
        y = nn::dropout(y, 0.5, DropoutOptions::default().seed(3));
    }
    g.default_signature(x, dense(2).apply(y));
}

fn dropout_rate(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let rate = g.hyperparameter("dropout_rate", 0.1f32);
    let mut y = dense(8).activation(nn::relu).apply(x);
    if mode.is_training() {
        y = nn::dropout(y, rate, DropoutOptions::default().seed(4));
    }
    g.signature("default")
        .input("x", x)
        .output("default", dense(2).apply(y))
        .with_hyperparameters("default_with_hparams", [rate]);
}

fn momentum(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let momentum = g.hyperparameter("batch_norm_momentum", 0.99f32);
    let y = normalize(x, mode, || Keep::Tensor(momentum), "norm");
    let y = dense(4).apply(y);
    let y = normalize(y, mode, || Keep::Tensor(momentum), "norm_1");
    g.signature("default")
        .input("x", x)
        .output("default", dense(2).apply(y))
        .output("hidden", y)
        .with_hyperparameters("default_with_bn_hparams", [momentum]);
}

fn smart_cond(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let w = g.get_variable::<f32>("w").shape([3]).finish();
    let y = g.smart_cond(mode, || x * w, || x + w);
    g.default_signature(x, y);
}

fn cond(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let w = g.get_variable::<f32>("w").shape([3]).finish();
    let training = g.hyperparameter("is_training", mode.is_training());
    let y = g.cond(training, || x * w, || x + w);
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .with_hyperparameters("default_with_hparams", [training]);
}

fn scaled(g: &GraphBuilder, scale: f32) {
    let x = vectors(g);
    g.default_signature(x, dense(2).apply(x) * scale);
}

fn shared_layer(g: &GraphBuilder, mode: Mode) {
    let inputs = ["left", "right"].map(|name| g.named(name, || g.placeholder::<f32>((None, 3))));
    let [left, right] = inputs.map(|x| {
        g.variable_scope(EnterScope::new("tower").reuse(Reuse::Auto), |_| {
            let layer = dense(4).kernel_regularizer(contrib::l2(0.5));
            let y = layer.name("dense").apply(x);
            normalize(y, mode, || Keep::Number(0.9), "norm")
        })
    });
    g.signature("default")
        .input("left", inputs[0])
        .input("right", inputs[1])
        .output("default", left * right);
}

fn model_variables(g: &GraphBuilder, mode: Mode) {
    let collections = [keys::VARIABLES, keys::MODEL_VARIABLES];
    let x = vectors(g);
    let variable = |name| {
        g.get_variable::<f32>(name)
            .shape([3])
            .collections(collections)
    };
    let w = variable("w").finish();
    let peak = variable("peak").initializer(init::zeros());
    let peak = peak.trainable(false).finish();
    if mode.is_training() {
        let update = peak.assign_op(math::maximum(peak, math::reduce_max(x, 0)));
        g.add_to_collection(keys::UPDATE_OPS, update);
    }
    g.default_signature(x, x * w - peak);
}

fn hyperparameters(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let scale = g.hyperparameter("scale", 1.5f32);
    let count = g.hyperparameter("count", g.constant(3i64));
    let mut y = dense(2).apply(x);
    if mode.is_training() {
        y = y * scale;
    }
    let y = y + math::cast::<f32, _>(count);
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .with_hyperparameters("with_scale", [scale])
        .with_hyperparameters("with_both", [scale.any(), count.any()]);
}

fn hyperparameter_in_scope(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let (scale, y) = g.variable_scope("block", |_| {
        let scale = g.hyperparameter("scale", 2f32);
        let y = dense(2).apply(x);
        (
            scale,
            if mode.is_training() {
                y * scale
            } else {
                y * 1.0
            },
        )
    });
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .with_hyperparameters("default_with_hparams", [scale]);
}

fn losses_of_training(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let y = dense(2).apply(x);
    if mode.is_training() {
        let scope = EnterScope::new("dense")
            .reuse(Reuse::Yes)
            .without_name_scope();
        let kernel = g.variable_scope(scope, |_| g.get_variable::<f32>("kernel").finish());
        let loss = g.named("kernel_loss", || nn::l2_loss(kernel));
        g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    }
    g.default_signature(x, y);
}

fn noise(g: &GraphBuilder, mode: Mode) {
    let mut y = vectors(g);
    let x = y;
    if mode.is_training() {
        let shape = array::shape::<i32, _>(y);
        y = y + random::normal(g, shape, NormalOptions::default().stddev(0.5).seed(5));
    }
    g.default_signature(x, dense(2).apply(y));
}

fn counter(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let steps = g.get_variable::<i64>("steps").shape(());
    let steps = steps.initializer(init::zeros()).trainable(false).finish();
    if mode.is_training() {
        g.add_to_collection(keys::UPDATE_OPS, steps.assign_add_op(1));
    }
    let y = dense(2).apply(x);
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("steps", array::identity(steps));
}

fn batch_normalized(g: &GraphBuilder, mode: Mode) {
    let x = vectors(g);
    let first = batch_normalization().momentum(0.5).training(mode);
    let y = first.name("bn").apply(x);
    let y = dense(4).kernel_regularizer(contrib::l2(0.5)).apply(y);
    g.default_signature(x, batch_normalization().training(mode).apply(y));
}
