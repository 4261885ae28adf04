//! Functions that nodes call.

use tfhub::ops::array::{self, identity};
use tfhub::ops::{math, nn};
use tfhub::regularizer::contrib;
use tfhub::variable::{EnterScope, Reuse, VariableScope};
use tfhub::{GraphBuilder, Tensor, init, layers};

use super::Module;

type Float<'g> = Tensor<'g, f32>;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("functions_with_captures", functions_with_captures),
        Module::new("functions_in_functions", functions_in_functions),
        Module::new("functions_of_variables", functions_of_variables).seed(17),
        Module::new("handles_in_functions", handles_in_functions).seed(37),
        Module::new("variables_made_in_functions", variables_made_in_functions).seed(31),
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

fn variables_made_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let scaled = || {
        g.function("scaled", ["x"], |x: Float| {
            let scale = || g.get_variable::<f32>("scale").shape([2]).finish();
            let (y, again) = (
                g.variable_scope("inside", |_| {
                    g.name_scope("deep", || g.control_dependencies([x], || x * scale()))
                }),
                g.variable_scope(EnterScope::new("inside").reuse(Reuse::Yes), |_| scale()),
            );
            let offset = g.get_variable("offset").initial_value([1.5f32, -0.5]);
            let offset = offset.trainable(false).finish();
            (y + again * offset, again.value())
        })
    };
    let around = EnterScope::new("around").initializer(init::ones());
    let y = g.variable_scope(around.regularizer(contrib::l2(0.1)), |_| {
        let before = g.op("NoOp").name("before").finish();
        g.name_scope("names", || {
            let on_device =
                || g.device("/job:localhost", || g.device("/cpu:0", || scaled().call(x)));
            g.control_dependencies([before], on_device)
        })
    });
    // Python makes the body at the first call.
    let part = array::index(y.0, ..2);
    let inner = || {
        g.function("inner", ["x"], |x: Float| {
            let rows = g.get_variable::<f32>("rows").shape([4, 2]).finish();
            let found = nn::embedding_lookup(rows, [3i32, 1], ());
            found + array::gather(rows, [0i32, 2], ()) * x
        })
    };
    let outer = g.function("outer", ["x"], |x: Float| {
        g.variable_scope("layers", |_| {
            x.set_shape((None, 2));
            let y = layers::dense(2).apply(x);
            let y = inner().call(y);
            y.set_shape((None, 2));
            layers::dense(2).name("second").apply(y)
        })
    });
    let z = outer.call(part);
    g.signature("default")
        .input("x", x)
        .output("scaled", y.0)
        .output("scale", y.1)
        .output("default", z)
        .output("again", outer.call(z));
}

fn handles_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let kernel = g.get_variable::<f32>("kernel").shape([2, 2]).finish();
    let (scope, shift) = g.variable_scope("scope", |scope| {
        let shift = g.get_variable::<f32>("shift").shape([2]).finish();
        (VariableScope::clone(scope), shift)
    });
    let layer = || {
        g.function("layer", ["x"], |x: Float| {
            let y = g.name_scope("inside", || {
                g.control_dependencies([x], || {
                    let own = g.variable("own").initial_value([0.5f32, 0.25]).finish();
                    math::matmul(x, kernel) * own
                })
            });
            let again = EnterScope::from(&scope).reuse(Reuse::Yes);
            let z = g.variable_scope(again, |_| {
                y + g.get_variable::<f32>("shift").shape([2]).finish()
            });
            let row = array::index(kernel.read_value(), 0);
            z + row + array::gather(kernel, 1i32, ()) + shift
        })
    };
    let layer = g.name_scope("around", || {
        g.control_dependencies([x], || g.device("/cpu:0", layer))
    });
    g.signature("default")
        .input("x", x)
        .output("default", layer.call(x))
        .output("again", layer.call(x * 2.0));
}
