//! The recurrent layers of Keras.

use tfhub::ops::types::Float;
use tfhub::ops::{array, math, nn};
use tfhub::rnn::keras::{self, Implementation, Outputs, Rnn};
use tfhub::{GraphBuilder, Session, Tensor, init};

use super::Module;
use super::cells::{Outputs as Signature, float};

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("keras_lstm", keras_lstm)
            .seed(301)
            .values(orthogonal),
        Module::new("keras_lstm_options", keras_lstm_options).seed(302),
        Module::new("keras_lstm_unrolled", keras_lstm_unrolled).seed(303),
        Module::new("keras_gru", keras_gru).seed(304),
        Module::new("keras_gru_without_bias", keras_gru_without_bias).seed(305),
        Module::new("keras_simple_rnn", keras_simple_rnn).seed(306),
        Module::new("keras_layers_shared", keras_layers_shared).seed(307),
        Module::new("keras_layers_in_branches", keras_layers_in_branches).seed(308),
    ]
}

fn orthogonal(session: &mut Session) -> tfhub::Result<()> {
    let kernel = ndarray::Array::from_iter((-8i8..8).map(|value| f32::from(value) / 16.0));
    let kernel = kernel.into_shape_with_order((2, 8)).unwrap();
    session.assign("lstm/recurrent_kernel", kernel)
}

fn x_of(g: &GraphBuilder) -> Tensor<'_, f32> {
    float(g, "x", (None, None, 3))
}

/// The initializers of all modules but the first.
macro_rules! starts {
    ($layer:expr) => {
        starts!(@kernels $layer).bias_initializer(init::constant(0.1))
    };
    (@kernels $layer:expr) => {
        $layer
            .kernel_initializer(init::random_uniform(-0.5, 0.5).seed(3))
            .recurrent_initializer(init::random_normal(0.0, 0.3).seed(4))
    };
}

/// The results of Python's `return_sequences` and `return_state`.
fn all<'g, T: Float, S>(outputs: Outputs<'g, T, S>) -> (Tensor<'g, T>, S) {
    (outputs.sequence, outputs.state)
}

/// The results of Python's `return_state`.
fn both<'g, T: Float, S>(outputs: Outputs<'g, T, S>) -> (Tensor<'g, T>, S) {
    (outputs.last, outputs.state)
}

fn keras_lstm(g: &GraphBuilder) {
    let x = x_of(g);
    let last = keras::lstm(2).apply(x).last;
    Signature::of(g).input("x", x).output("last", last).add();
}

fn keras_lstm_options(g: &GraphBuilder) {
    let x = x_of(g);
    let layer = starts!(keras::lstm(2).activation(nn::relu))
        .recurrent_activation(math::sigmoid)
        .implementation(Implementation::Joined);
    let a = all(layer.apply(x));
    let layer = starts!(keras::lstm(3)).use_bias(false).go_backwards(true);
    let b = all(layer.name("mine").apply(a.0));
    let layer = starts!(@kernels keras::lstm(2)).unit_forget_bias(false);
    let c = all(layer.time_major(true).apply(x));
    let layer = starts!(@kernels keras::lstm(2)).use_bias(false);
    let d = all(layer.implementation(Implementation::Joined).apply(x));
    let outputs = Signature::of(g).input("x", x).output("a", a).output("b", b);
    outputs.output("c", c).output("d", d).add();
}

fn keras_lstm_unrolled(g: &GraphBuilder) {
    let x = float(g, "x", (None, 3, 2));
    let layer = || starts!(keras::lstm(2));
    let a = layer().unroll(true).apply(x).sequence;
    let backward = layer().unroll(true).go_backwards(true);
    let b = backward.implementation(Implementation::Joined).apply(x);
    let steps_first = array::transpose(x, [1, 0, 2]);
    let c = layer().time_major(true).apply(steps_first).last;
    let outputs = Signature::of(g).input("x", x).output("a", a);
    outputs.output("b", b.sequence).output("c", c).add();
}

fn keras_gru(g: &GraphBuilder) {
    let x = float(g, "x", (2, None, 3));
    let layer = || starts!(keras::gru(2));
    let a = both(layer().apply(x));
    let b = both(layer().implementation(Implementation::Joined).apply(x));
    let c = both(layer().reset_after(true).apply(x));
    let d = layer().reset_after(true);
    let d = both(d.implementation(Implementation::Joined).apply(x));
    let outputs = Signature::of(g).input("x", x).output("a", a).output("b", b);
    outputs.output("c", c).output("d", d).add();
}

fn keras_gru_without_bias(g: &GraphBuilder) {
    let x = float(g, "x", (None, 2, 3));
    let layer = || starts!(keras::gru(2)).use_bias(false);
    let a = layer().recurrent_activation(math::sigmoid);
    let a = a.go_backwards(true).apply(x).sequence;
    let b = layer().implementation(Implementation::Joined).unroll(true);
    let b = b.apply(a).sequence;
    let c = layer().reset_after(true).activation(nn::relu);
    let c = c.apply(b).sequence;
    let d = layer().reset_after(true);
    let d = d.implementation(Implementation::Joined).apply(c).sequence;
    Signature::of(g).input("x", x).output("d", d).add();
}

fn keras_simple_rnn(g: &GraphBuilder) {
    let x = x_of(g);
    let a = all(starts!(keras::simple_rnn(2)).apply(x));
    let layer = starts!(keras::simple_rnn(2)).activation(nn::relu);
    let b = all(layer.use_bias(false).time_major(true).apply(a.0));
    let outputs = Signature::of(g).input("x", x);
    outputs.output("a", a).output("b", b).add();
}

fn keras_layers_shared(g: &GraphBuilder) {
    let x = x_of(g);
    let double = g.named("double", || g.placeholder::<f64>((None, 2, 2)));
    let (encoder, decoder) = (starts!(keras::lstm(2)), starts!(keras::lstm(2)));
    let a = g.name_scope("scope", || {
        g.variable_scope("variables", |_| encoder.apply(x))
    });
    let b = encoder.apply_from(x, a.state);
    let c = decoder.apply_from(x, b.state);
    let d = g.name_scope("gru", || starts!(keras::gru(2)).apply(x).last);
    let d = d + starts!(keras::gru(2)).apply(x).last;
    let e: Rnn<'_, f64, _> = starts!(keras::gru(2));
    let e = e.apply(double).last;
    let outputs = Signature::of(g).input("x", x).input("double", double);
    let outputs = outputs.output("a", both(a));
    let outputs = outputs.output("b", both(b));
    let outputs = outputs.output("c", all(c)).output("d", d);
    outputs.output("e", e).add();
}

fn keras_layers_in_branches(g: &GraphBuilder) {
    let x = x_of(g);
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let layer = starts!(keras::lstm(2));
    let before = layer.apply(x).last;
    let inside = || layer.apply(x).last + starts!(keras::simple_rnn(2)).apply(x).last;
    let inside = g.cond(flag, inside, || before);
    let outputs = Signature::of(g).input("x", x).input("flag", flag);
    outputs.output("inside", inside).add();
}
