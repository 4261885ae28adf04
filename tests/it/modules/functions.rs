//! Functions that nodes call.

use tfhub::dtype::ByteString;
use tfhub::graph::{ConcreteFunction, Defun, TensorSpec};
use tfhub::ops::array::{self, identity};
use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
use tfhub::ops::random::{self, UniformOptions};
use tfhub::ops::{math, nn, string};
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
        Module::new("functions_with_options", functions_with_options).seed(3),
        Module::new("functions_with_effects", functions_with_effects).seed(23),
        Module::new("functions_called_otherwise", functions_called_otherwise).seed(29),
        Module::new("functions_with_constants", functions_with_constants),
        Module::new("concrete_functions", concrete_functions),
        Module::new(
            "concrete_functions_of_variables",
            concrete_functions_of_variables,
        )
        .seed(43),
        Module::new(
            "concrete_functions_of_each_other",
            concrete_functions_of_each_other,
        ),
        Module::new(
            "concrete_functions_with_branches",
            concrete_functions_with_branches,
        )
        .seed(47),
        Module::new(
            "concrete_functions_with_options",
            concrete_functions_with_options,
        ),
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

fn functions_with_options(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let cube_grad = g.function("cube_grad", ["x", "dy"], |(x, dy): (Float, Float)| {
        x * 3.0 * x * dy
    });
    let cube = Defun::new("cube").gradient(&cube_grad).noinline(true);
    let cube = g.function(cube, ["x"], |x: Float| x * x * x);
    let halves = Defun::new("Halves").result_names(["low", "High"]);
    let halves = halves.attr("experimental_part", 3);
    let halves = g.function(halves, ["x", "n"], |(x, n): (Float, Tensor<i32>)| {
        (array::index(x, ..n), array::index(x, n..))
    });
    let y = cube.call(x);
    let (low, high) = halves.call((y, g.constant(1)));
    let signature = g.signature("default").input("x", x).output("default", y);
    signature.output("low", low).output("high", high);
}

fn functions_with_effects(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let total = g
        .get_variable::<f32>("total")
        .shape([2])
        .initializer(init::zeros());
    let total = total.trainable(false).finish();
    let draw = g.function("draw", [], |()| {
        let noise = random::uniform::<f32>(g, [2], UniformOptions::default().seed(9));
        (noise, random::normal::<f32>(g, [2], ()))
    });
    let drawn = draw.call(());
    let words = g.function(
        "words",
        ["word", "flag"],
        |(word, flag): (Tensor<ByteString>, Tensor<bool>)| {
            let joined = string::join(g, [word.into(), "!".into()], "");
            (joined, math::logical_not(flag), math::cast::<i64, _>(flag))
        },
    );
    let said = words.call((g.constant("yes"), g.constant(true)));
    let twice = x * 2.0;
    let add = g.function("add", ["x"], |x: Float| {
        let added = total.assign_add(array::index(x, 0) * 0.0);
        g.control_dependencies([added.operation()], || total.read_value())
    });
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", twice);
    let signature = signature.output("total", add.call(x));
    let shape = array::shape::<i32, _>(drawn.0 + drawn.1);
    let signature = signature.output("shape", shape).output("word", said.0);
    signature.output("flag", said.1).output("number", said.2);
}

fn functions_called_otherwise(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let shift = g.named("shift", || g.constant([1f32, 2.0]));
    let total = g
        .get_variable::<f32>("total")
        .shape([2])
        .initializer(init::zeros());
    let total = total.trainable(false).finish();
    let shifted = g.function("shifted", ["x"], |x: Float| x + shift);
    let both = g.function("both", ["x"], |x: Float| {
        let inner = shifted.partitioned_call(x);
        (inner, inner * x)
    });
    let added = g.function("added", ["x"], |x: Float| {
        let added = total.assign_add(array::index(x, 0) * 0.0);
        g.control_dependencies([added.operation()], || identity(total.read_value()))
    });
    let first = shifted.partitioned_call(x);
    let (second, third) = g.name_scope("scope", || {
        g.device("/cpu:0", || {
            (both.partitioned_call(x), added.partitioned_call(x))
        })
    });
    let device = "/job:localhost/replica:0/task:0/device:CPU:0";
    let target = g.named("target", || g.constant(device));
    let remote = shifted.remote_call(target, x);
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", first);
    let signature = signature
        .output("inner", second.0)
        .output("product", second.1);
    signature.output("total", third).output("remote", remote);
}

/// An argument of rows of three.
fn rows(name: &str) -> [TensorSpec; 1] {
    [TensorSpec::new(name, (None, 3))]
}

fn functions_with_constants(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let constant = |name: &str, value: f32| g.named(name, || g.constant(value));
    let outside = g.named("outside", || g.constant([3f32, 4.0]));
    let outermost = g.function("outermost", ["a"], |a: Float| {
        constant("dead", 1.0);
        let between = constant("between", 2.0);
        let middle = g.function("middle", ["b"], |b: Float| {
            constant("dead_in_middle", 5.0);
            let innermost = g.function("innermost", ["c"], |c: Float| {
                constant("dead_in_innermost", 6.0);
                c * between + outside
            });
            innermost.call(b) * g.constant(0.5f32)
        });
        middle.call(a)
    });
    let passes = g.function("passes", ["a"], |a: Float| {
        constant("dead", 7.0);
        outermost.call(a)
    });
    g.signature("default")
        .input("x", x)
        .output("default", outermost.call(x))
        .output("passed", passes.call(x));
}

fn concrete_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let w = g.named("w", || g.constant([1f32, 2.0, 3.0]));
    let arguments = [TensorSpec::new("a", (None, 3)), TensorSpec::new("b", ())];
    let two = g.constant(2f32);
    let scaled = g.concrete_function("scaled", arguments, |(a, b): (Float, Float)| a * w + b);
    let first = scaled.call((x, two));
    let again = scaled.call((first, g.constant(3f32)));
    let (second, third) = g.name_scope("scope", || {
        g.device("/cpu:0", || {
            g.control_dependencies([w], || {
                let arguments = [TensorSpec::new("In-put", (None, None))];
                let several = g.concrete_function("several", arguments, |a: Float| {
                    let b = g.name_scope("inside", || g.named("Relu.1", || nn::relu(a)));
                    (b, a, w, (identity(w), b))
                });
                let second = several.call(again);
                (second, scaled.call((x, g.constant(1f32))))
            })
        })
    });
    let nothing = g.concrete_function("nothing", [], |()| g.constant([4, 5]));
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", first);
    let signature = signature.output("again", again).output("third", third);
    let signature = signature.output("nothing", nothing.call(()));
    let second = [second.0, second.1, second.2, second.3.0, second.3.1];
    for (i, tensor) in second.into_iter().enumerate() {
        signature.output(format!("several{i}"), tensor);
    }
}

fn concrete_functions_of_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let kernel = g.get_variable::<f32>("kernel").shape([3, 3]).finish();
    let count = g
        .get_variable::<f32>("count")
        .shape([3])
        .initializer(init::zeros());
    let count = count.trainable(false).finish();
    let step = g.concrete_function("step", rows("a"), |a: Float| {
        count.assign_add(array::index(a, 0) * 0.0);
        let before = count.read_value();
        g.name_scope("late", || count.assign(before * 2.0));
        (math::matmul(a, kernel) + before, count.read_value())
    });
    let (y, read) = step.call(x);
    let done = g.control_dependencies([y], || {
        let reset = g.concrete_function("reset", rows("a"), |a: Float| {
            count.assign(array::zeros(g, [3]));
            random::uniform::<f32>(g, [2], ());
            count.assign_sub(array::index(a, 0) * 0.0);
        });
        reset.call(x);
        g.operation("PartitionedFunctionCall").unwrap()
    });
    let z = g.control_dependencies([done], || step.call(x));
    let make = g.concrete_function("make", rows("a"), |a: Float| {
        g.variable_scope("made", |_| {
            let scale = g
                .get_variable::<f32>("scale")
                .shape([3])
                .initializer(init::ones());
            layers::dense(2).name("dense").apply(a * scale.finish())
        })
    });
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", make.call(x));
    let signature = signature.output("y", y).output("read", read);
    signature.output("z", z.0).output("end", z.1);
}

fn concrete_functions_of_each_other(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let w = g.named("w", || g.constant([1f32, 2.0, 3.0]));
    let plain = g.function("plain", ["a"], |a: Float| a + w);
    let mut shared = None;
    let outer = g.concrete_function("outer", rows("a"), |a: Float| {
        // Python makes the body at the first call.
        let inner = g.concrete_function("inner", rows("a"), |a: Float| a * w);
        let b = inner.call(a);
        let c = g.control_dependencies([w], || plain.call(b));
        c.set_shape((None, 3));
        let nested = g.concrete_function("nested", rows("c"), |c: Float| inner.call(c) + b);
        let d = nested.call(c);
        let is_positive = math::greater(array::index(a, (0, 0)), 0.0);
        let results = (d, g.cond(is_positive, || inner.call(b), || a));
        shared = Some(inner);
        results
    });
    let inner = shared.unwrap();
    let (first, second) = outer.call(x);
    let calls = g.function("calls", ["a"], |a: Float| {
        a.set_shape((None, 3));
        inner.call(a)
    });
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", first);
    signature
        .output("second", second)
        .output("calls", calls.call(x));
}

fn concrete_functions_with_branches(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let count = g
        .get_variable::<f32>("count")
        .shape([3])
        .initializer(init::zeros());
    let count = count.trainable(false).finish();
    let arguments = [
        TensorSpec::new("a", (None, 3)),
        TensorSpec::new("is_on", ()),
    ];
    let (first, second) = g.name_scope("scope", || {
        let choose =
            g.concrete_function("choose", arguments, |(a, is_on): (Float, Tensor<bool>)| {
                let if_true = || {
                    count.assign_add(math::square(array::index(a, 0)) * 0.0);
                    a * count
                };
                let if_false = || {
                    let noise = random::uniform::<f32>(g, [3], ());
                    g.cond(is_on, || a, || noise * 0.0 + a)
                };
                let chosen = g.cond(is_on, if_true, if_false);
                count.assign(math::square(array::index(chosen, 0)) * 0.0);
                (
                    chosen,
                    g.cond(flag, || count.read_value(), || array::zeros(g, [3])),
                )
            });
        choose.call((x, flag))
    });
    let signature = g.signature("default").input("x", x).input("flag", flag);
    signature.output("default", first).output("second", second);
}

fn concrete_functions_with_options(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<ByteString>((None,)));
    let letters = KeyValueTensorInitializer::new(g, ["a", "b"], [0i64, 1]);
    let letters = letters.shared_name("letters");
    let table = g.named("letters", || StaticHashTable::new(letters, -1i64));
    let ids = ConcreteFunction::new("ids")
        .noinline(true)
        .attr("api_implements", "ids");
    let arguments = [TensorSpec::new("words", (None,))];
    let ids = g.concrete_function(ids, arguments, |words: Tensor<ByteString>| {
        let parts = string::string_split(words, ());
        (table.lookup(parts.values), parts)
    });
    let (found, parts) = ids.call(x);
    let signature = g
        .signature("default")
        .input("x", x)
        .output("default", found);
    let signature = signature.output("indices", parts.indices);
    signature
        .output("values", parts.values)
        .output("shape", parts.dense_shape);
}
