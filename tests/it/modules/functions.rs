//! Functions that nodes call.

use tfhub::ops::array::{self, identity};
use tfhub::ops::{math, nn};
use tfhub::{GraphBuilder, Tensor};

use super::Module;

type Float<'g> = Tensor<'g, f32>;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("functions_with_captures", functions_with_captures),
        Module::new("functions_in_functions", functions_in_functions),
        Module::new("functions_of_variables", functions_of_variables).seed(17),
    ]
}

fn functions_with_captures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let shift = g.named("shift", || g.constant([1f32, 2.0, 3.0]));
    let scaled = g.function("scaled", ["x", "y"], |(x, y): (Float, Float)| {
        let z = x * y + shift;
        (z, g.named("out", || nn::relu(z)))
    });
    let same_again = g.function("Same-again", ["x"], |x: Float| {
        let copy = g.named("Shift", || identity(shift));
        (x, x, shift, copy, g.named("x_0", || identity(x)))
    });
    let first = scaled.call((x, g.constant(2f32)));
    let (second, third) = g.name_scope("scope", || {
        let second = scaled.call((first.1, x));
        (second, g.named("again", || same_again.call(second.0)))
    });
    let out = g.signature("default").input("x", x);
    out.output("first", first.0).output("second", second.1);
    let third = [third.0, third.1, third.2, third.3, third.4];
    for (i, tensor) in third.into_iter().enumerate() {
        out.output(format!("third{i}"), tensor);
    }
}

fn functions_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let weights = g.named("weights", || g.constant([[1f32, -1.0], [2.0, 0.5]]));
    let bias = g.named("bias", || g.constant([0.25f32, 0.75]));
    let outer = g.function("outer", ["x"], |x: Float| {
        let doubled = x * 2.0;
        let inner = g.function("inner", ["y"], |y: Float| {
            let z = g.name_scope("in", || math::matmul(y, weights) + doubled);
            z + bias
        });
        g.function("never_called", ["y"], |y: Float| y + 1.0);
        let (first, second) = g.name_scope("calls", || {
            let first = inner.call(x);
            (first, inner.call(first))
        });
        let [left, right] = array::split(second, 2, 1);
        (left, right, array::concat(g, [right, first], 1))
    });
    let results = g.name_scope("around", || {
        g.control_dependencies([bias], || g.device("/cpu:0", || outer.call(x)))
    });
    g.signature("default")
        .input("x", x)
        .output("default", results.0)
        .output("second", results.1)
        .output("third", results.2);
}

fn functions_of_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let kernel = g.get_variable::<f32>("kernel").shape([2, 3]).finish();
    let scale = g.get_variable::<f32>("scale").shape([3]).finish();
    let layer = g.function("layer", ["x"], |x: Float| {
        let y = g.named("product", || math::matmul(x, kernel));
        let z = g.control_dependencies([x, y], || {
            let z = g.device("/cpu:0", || y * scale);
            g.colocate_with(z, || g.named("Z.2", || identity(z)))
        });
        g.control_dependencies([z, y, x], || g.op("NoOp").name("last").finish());
        z * scale
    });
    g.signature("default")
        .input("x", x)
        .output("default", layer.call(x))
        .output("again", layer.call(x * 2.0));
}
