//! Regularizers of variables, of dense layers, and of activities.

use tfhub::layers::dense;
use tfhub::ops::nn;
use tfhub::regularizer::{Regularizer, contrib, keras};
use tfhub::variable::{EnterScope, VariableBuilder};
use tfhub::{GraphBuilder, Variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("dense_regularizers_contrib", |g| {
            let [l1, l2] = [contrib::l1(0.25), contrib::l2(0.5)];
            dense_regularizers(g, l1, l2, contrib::l1_l2(0.125, 0.0625));
        })
        .seed(41),
        Module::new("dense_regularizers_keras", |g| {
            let [l1, l2] = [keras::l1(0.25), keras::l2(0.01)];
            dense_regularizers(g, l1, l2, keras::l1_l2(0.125, 0.0625));
        })
        .seed(43),
        Module::new("dense_activity_regularizer", dense_activity_regularizer).seed(44),
        Module::new("get_variable_regularizer", get_variable_regularizer).seed(45),
        Module::new("dense_regularizers_double", dense_regularizers_double).seed(46),
        Module::new("regularizers_of_zero", regularizers_of_zero).seed(47),
    ]
}

fn dense_regularizers(g: &GraphBuilder, l1: Regularizer, l2: Regularizer, both: Regularizer) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = dense(3).kernel_regularizer(l1.clone()).apply(x);
    let y = dense(3)
        .kernel_regularizer(l2.clone())
        .bias_regularizer(l1)
        .apply(y);
    let y = dense(3)
        .kernel_regularizer(both.clone())
        .bias_regularizer(l2)
        .apply(y);
    let y = dense(2).bias_regularizer(both).apply(y);
    g.signature("default").input("x", x).output("default", y);
}

fn dense_activity_regularizer(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = dense(3).activity_regularizer(keras::l2(0.25)).apply(x);
    let y = dense(3)
        .activity_regularizer(keras::l1(0.5))
        .activation(nn::relu)
        .apply(y);
    let y = dense(3)
        .activity_regularizer(contrib::l2(0.125))
        .name("contrib")
        .apply(y);
    g.signature("default").input("x", x).output("default", y);
}

fn get_variable_regularizer(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let new = |name: &str| -> VariableBuilder<'_, f32> { g.get_variable(name).shape([3]) };
    let v = new("v").regularizer(contrib::l2(0.5)).finish();
    let w = new("w").regularizer(keras::l1_l2(0.25, 0.125)).finish();
    let scope = EnterScope::new("scope").regularizer(contrib::l1(0.0625));
    let [u, t, s]: [Variable<'_, f32>; 3] = g.variable_scope(scope, |_| {
        let u = new("u").finish();
        let t = g.variable_scope("inner", |_| new("t").finish());
        let s = new("s").regularizer(contrib::l1_l2(0.5, 0.25)).finish();
        [u, t, s]
    });
    let y = x * v + w * u;
    let y = y * t - s;
    g.signature("default").input("x", x).output("default", y);
}

fn dense_regularizers_double(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f64>((None, 3)));
    let (keras_l2, keras_both) = (keras::l2(0.01), keras::l1_l2(0.3, 0.7));
    let y = dense(3)
        .kernel_regularizer(keras::l1(0.1))
        .bias_regularizer(keras_l2.clone())
        .apply(x);
    let y = dense(3)
        .kernel_regularizer(keras_both.clone())
        .bias_regularizer(contrib::l1(0.1))
        .apply(y);
    let y = dense(3)
        .kernel_regularizer(contrib::l1_l2(0.3, 0.7))
        .activity_regularizer(keras_l2)
        .apply(y);
    let v = g.get_variable("v").shape([3]).regularizer(keras_both);
    g.signature("default")
        .input("x", x)
        .output("default", y * v.finish());
}

fn regularizers_of_zero(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = dense(3).kernel_regularizer(contrib::l2(0.0)).apply(x);
    let y = dense(3).kernel_regularizer(keras::l2(0.0)).apply(y);
    let y = dense(3).kernel_regularizer(keras::l1_l2(0.0, 0.5)).apply(y);
    let y = dense(3).bias_regularizer(contrib::l1_l2(0.5, 0.0)).apply(y);
    g.signature("default").input("x", x).output("default", y);
}
