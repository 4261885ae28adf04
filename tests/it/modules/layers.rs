//! Dense layers and the half-plus-two model.

use tfhub::layers::dense;
use tfhub::ops::array::identity;
use tfhub::ops::nn;
use tfhub::regularizer::{contrib, keras};
use tfhub::variable::{EnterScope, Reuse};
use tfhub::{GraphBuilder, Shape, init};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("dense", |g| dense_model(g, None)).seed(42),
        Module::new("dense_l2", |g| dense_model(g, Some(0.01))).seed(42),
        Module::new("half_plus_two", half_plus_two).values(|session| {
            session.assign("a", 0.5f32)?;
            session.assign("b", 2.0f32)
        }),
        Module::new("dense_activations", dense_activations).seed(31),
        Module::new("dense_initializers", dense_initializers).seed(32),
        Module::new("dense_rank3_static", dense_rank3_static).seed(33),
        Module::new("dense_rank3_dynamic", dense_rank3_dynamic).seed(34),
        Module::new("dense_rank4_dynamic", dense_rank4_dynamic).seed(35),
        Module::new("dense_shared", dense_shared).seed(36),
        Module::new("dense_reuse", dense_reuse).seed(37),
        Module::new("dense_in_scopes", dense_in_scopes).seed(38),
        Module::new("dense_unknown_dims", dense_unknown_dims).seed(39),
        Module::new("layers_in_contexts", layers_in_contexts).seed(40),
        Module::new("layers_on_a_device", layers_on_a_device).seed(48),
        Module::new("layers_across_scopes", layers_across_scopes).seed(30),
    ]
}

/// Two dense layers, the module of the format's documentation; `l2` regularizes both kernels.
fn dense_model(g: &GraphBuilder, l2: Option<f64>) {
    let layer = |units| match l2 {
        Some(rate) => dense(units).kernel_regularizer(contrib::l2(rate)),
        None => dense(units),
    };
    let inputs = g.placeholder::<f32>((None, 50));
    let layer1 = layer(200).apply(inputs);
    let layer2 = layer(100).apply(layer1);
    g.signature("default")
        .input("default", inputs)
        .output("default", layer2)
        .output("hidden_activations", layer1);
}

fn half_plus_two(g: &GraphBuilder) {
    let a = g.get_variable("a").shape(()).finish();
    let b = g.get_variable("b").shape(()).finish();
    let x = g.named("x", || g.placeholder::<f32>(Shape::unknown()));
    let y = a * x + b;
    g.signature("default").input("x", x).output("y", y);
}

fn dense_activations(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = dense(4).activation(nn::relu).apply(x);
    let y = dense(4).activation(nn::tanh).apply(y);
    let y = dense(4).activation(nn::sigmoid).use_bias(false).apply(y);
    let y = dense(4).unique_name("mine").apply(y);
    let y = dense(4).trainable(false).apply(y);
    let y = dense(2).use_bias(false).unique_name("Mine_2").apply(y);
    let y = dense(3).activation(|y| nn::softmax(y, -1)).apply(y);
    g.signature("default").input("x", x).output("default", y);
}

fn dense_initializers(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let double = g.named("double", || g.placeholder::<f64>((None, 3)));
    let y = dense(4)
        .kernel_initializer(init::random_normal(0.0, 0.5))
        .bias_initializer(init::ones())
        .apply(x);
    let y = dense(2)
        .kernel_initializer(init::he_normal().seed(8))
        .bias_initializer(init::constant([0.5, -0.5]))
        .apply(y);
    let y_double = dense(2).apply(double);
    g.signature("default")
        .input("x", x)
        .input("double", double)
        .output("default", y)
        .output("double", y_double);
}

fn dense_rank3_static(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2, 5, 3)));
    let y = dense(4).activation(nn::relu).apply(x);
    g.signature("default").input("x", x).output("default", y);
}

fn dense_rank3_dynamic(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 5, 3)));
    let y = dense(4).apply(x);
    g.signature("default").input("x", x).output("default", y);
}

fn dense_rank4_dynamic(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, None, 2, 3)));
    let y = dense(4).apply(x);
    g.signature("default").input("x", x).output("default", y);
}

fn dense_shared(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let layer = dense(3).activation(nn::tanh).layer();
    let once = layer.apply(x);
    let twice = layer.apply(once);
    let head = dense(2).unique_name("head").layer();
    g.signature("default")
        .input("x", x)
        .output("once", head.apply(once))
        .output("default", head.apply(twice));
}

fn dense_reuse(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let first = dense(3).name("mine").apply(x);
    let second = dense(3).name("mine").reuse(Reuse::Yes).apply(first);
    g.signature("default")
        .input("x", x)
        .output("first", first)
        .output("default", second);
}

fn dense_in_scopes(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let two = |y| dense(3).unique_name("named").apply(dense(3).apply(y));
    let y = g.variable_scope("block", |_| two(x));
    let y = g.name_scope("ops", || two(y));
    let y = g.variable_scope("block", |_| dense(3).unique_name("third").apply(y));
    let y = g.variable_scope("outer", |_| {
        g.name_scope("middle", || {
            g.variable_scope("inner", |_| dense(2).apply(y))
        })
    });
    g.signature("default").input("x", x).output("default", y);
}

fn dense_unknown_dims(g: &GraphBuilder) {
    let rows = g.named("rows", || g.placeholder::<f32>((None, None, 2)));
    let sizes = g.named("sizes", || g.placeholder::<f32>((None, 4, None, 2)));
    let y = dense(3)
        .activation(nn::tanh)
        .activity_regularizer(keras::l2(0.1))
        .apply(rows);
    let no_bias = dense(3).use_bias(false).unique_name("dense");
    let shared = dense(2).unique_name("shared").layer();
    g.signature("default")
        .input("rows", rows)
        .output("default", y)
        .output("no_bias", no_bias.apply(rows))
        .output("shared", shared.apply(rows));
    g.signature("sizes")
        .input("sizes", sizes)
        .output("default", shared.apply(sizes));
}

fn layers_in_contexts(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let barrier = g.named("barrier", || identity(x));
    let v = g.get_variable::<f32>("v").shape([2]).finish();
    let out = g.signature("default").input("x", x);
    let y = g.control_dependencies([barrier], || {
        dense(2)
            .activation(nn::relu)
            .kernel_regularizer(contrib::l2(0.5))
            .apply(x)
    });
    out.output("controlled", y);
    let y = g.colocate_with(v, || dense(2).bias_regularizer(keras::l2(0.25)).apply(y));
    out.output("colocated", y);
    let defaults = EnterScope::new("defaults")
        .initializer(init::ones())
        .regularizer(contrib::l1(0.25));
    let y = g.variable_scope(defaults, |_| {
        let y = dense(2).apply(y);
        dense(2)
            .kernel_regularizer(keras::l1_l2(0.1, 0.2))
            .bias_regularizer(contrib::l1(0.3))
            .unique_name("own")
            .apply(y)
    });
    out.output("defaults", y).output("default", y * v);
}

fn layers_on_a_device(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2, 3)));
    let layer = dense(2).kernel_regularizer(contrib::l2(0.5)).layer();
    let (hidden, once) = g.device("/cpu:0", || {
        let hidden = dense(2).activity_regularizer(keras::l1(0.5)).apply(x);
        (hidden, layer.apply(hidden))
    });
    g.signature("default")
        .input("x", x)
        .output("default", layer.apply(once))
        .output("hidden", hidden);
}

fn layers_across_scopes(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let shared = || {
        dense(2)
            .name("shared")
            .reuse(Reuse::Auto)
            .kernel_regularizer(contrib::l2(0.1))
    };
    let auto = EnterScope::new("auto").reuse(Reuse::Auto);
    let (y, auto) = g.variable_scope(auto, |scope| {
        (shared().apply(shared().apply(x)), scope.clone())
    });
    let y = g.variable_scope(&auto, |_| dense(2).name("shared").apply(y));
    let layer = dense(2)
        .bias_initializer(init::random_uniform(-1.0, 1.0))
        .layer();
    let y = g.variable_scope("first", |_| layer.apply(y));
    let y = g.variable_scope("second", |_| dense(2).apply(layer.apply(y)));
    g.signature("default").input("x", x).output("default", y);
}
