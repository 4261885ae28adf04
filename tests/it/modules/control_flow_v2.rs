//! Conditionals and loops that are functions.

use tfhub::control_flow::WhileOptions;
use tfhub::dtype::ByteString;
use tfhub::graph::TensorSpec;
use tfhub::ops::array::{self, identity};
use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
use tfhub::ops::sparse::SparseTensor;
use tfhub::ops::{Axes, math, nn, random, string};
use tfhub::{GraphBuilder, Shape, Tensor, init, layers};

use super::Module;

type Float<'g> = Tensor<'g, f32>;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("cond_v2_of_tensors", cond_v2_of_tensors),
        Module::new("cond_v2_in_cond_v2", cond_v2_in_cond_v2),
        Module::new("cond_v2_of_variables", cond_v2_of_variables).seed(41),
        Module::new("cond_v2_of_random_numbers", cond_v2_of_random_numbers).seed(5),
        Module::new("cond_v2_of_operations", cond_v2_of_operations),
        Module::new("cond_v2_in_blocks", cond_v2_in_blocks),
        Module::new("cond_v2_of_other_predicates", cond_v2_of_other_predicates),
        Module::new(
            "cond_v2_of_sparse_tensors_and_words",
            cond_v2_of_sparse_tensors_and_words,
        ),
        Module::new("cond_v2_and_functions", cond_v2_and_functions),
        Module::new("cond_v2_in_variants", |g| cond_v2_in_variants(g, 0.0))
            .variant(["train"], |g| cond_v2_in_variants(g, 0.5)),
        Module::new("switch_cases", switch_cases).seed(59),
        Module::new("while_v2_of_tensors", while_v2_of_tensors),
        Module::new("while_v2_with_invariants", while_v2_with_invariants),
        Module::new("while_v2_and_cond_v2", while_v2_and_cond_v2).seed(53),
        Module::new("while_v2_of_structures", while_v2_of_structures),
        Module::new("while_v2_and_functions", while_v2_and_functions),
        Module::new("cases_v2", cases_v2).seed(61),
        Module::new("smart_conds_v2", smart_conds_v2).seed(62),
        Module::new("constants_two_deep", constants_two_deep),
    ]
}

/// The inputs of most modules here; enables control flow version 2.
fn inputs(g: &GraphBuilder) -> (Float<'_>, Tensor<'_, bool>) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    (x, g.named("flag", || g.placeholder::<bool>(())))
}

fn cond_v2_of_tensors(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let shift = g.named("shift", || g.constant([1f32, 2.0, 3.0]));
    let first = g.cond(flag, || x * 2.0 + shift, || nn::relu(x));
    let (second, third) = g.name_scope("scope", || {
        let otherwise = || (shift + x, shift * 3.0);
        let second = g.named("named", || g.cond(flag, || (x, shift), otherwise));
        let positive = math::greater(math::reduce_sum(x, Axes::ALL), 0.0);
        let zeros = || (array::zeros::<f32>(g, [2]), g.constant(1f32));
        let ones = || (array::ones(g, [3]), g.constant(2f32));
        (second, g.cond(positive, zeros, ones))
    });
    let again = g.cond(flag, || [first, first, x], || [x, first, first]);
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature
        .output("default", first)
        .output("second", second.0);
    let signature = signature.output("shift", second.1).output("third", third.0);
    signature.output("scalar", third.1);
    for (i, tensor) in again.into_iter().enumerate() {
        signature.output(format!("again{i}"), tensor);
    }
}

fn cond_v2_in_cond_v2(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let sum = g.named("sum", || math::reduce_sum(x, Axes::ALL));
    let other = math::greater(sum, 1.0);
    let shift = g.named("shift", || g.constant(0.5f32));
    let if_true = || {
        let scaled = x * 2.0;
        let inner = g.name_scope("deep", || g.cond(other, || scaled + shift, || x));
        let is_positive = math::greater(array::index(inner, (0, 0)), 0.0);
        let deeper = || g.cond(flag, || inner, || scaled);
        g.cond(is_positive, deeper, || x - shift)
    };
    let if_false = || g.named("last", || g.cond(flag, || x * shift, || -x));
    let out = g.cond(other, if_true, if_false);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", out);
}

fn cond_v2_of_variables(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    let count = g
        .get_variable::<f32>("count")
        .shape(())
        .initializer(init::zeros());
    let count = count.trainable(false).finish();
    let counted = || {
        let added = count.assign_add(0.0);
        g.control_dependencies([added.operation()], || math::matmul(x, kernel) * count)
    };
    let plain = || {
        let bias = g
            .get_variable::<f32>("bias")
            .shape([2])
            .initializer(init::ones())
            .finish();
        layers::dense(2).name("dense").apply(x) + bias
    };
    let first = g.cond(flag, counted, plain);
    let second = g.cond(flag, || kernel.value(), || kernel.read_value() * 2.0);
    let third = g.cond(
        flag,
        || count.assign(0.0).value(),
        || count.assign_sub(0.0).value(),
    );
    let signature = g.signature("default").input("x", x).input("flag", flag);
    signature
        .output("default", first)
        .output("kernel", second)
        .output("count", third);
}

fn cond_v2_of_random_numbers(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    g.named("before", || random::uniform::<f32>(g, [2], ()));
    let first = g.cond(flag, || nn::dropout(x, 0.5, ()), || x);
    let second = g.variable_scope("part", |_| {
        let seeded = random::NormalOptions::default().seed(7);
        let normal = || x + random::normal::<f32>(g, [3], seeded);
        let inner = || {
            let truncated = || random::truncated_normal::<f32>(g, [3], ());
            g.cond(flag, truncated, || array::zeros(g, [3])) + x
        };
        g.cond(flag, normal, inner)
    });
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let default = first * 0.0 + x;
    signature
        .output("default", default)
        .output("second", array::shape::<i32, _>(second));
}

fn cond_v2_of_operations(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let total = g
        .get_variable::<f32>("total")
        .shape([3])
        .initializer(init::zeros());
    let total = total.trainable(false).finish();
    let add = || total.assign_add_op(array::index(x, 0) * 0.0);
    let nothing = || g.op("NoOp").finish();
    let done = g.named("update", || g.cond(flag, add, nothing));
    let named = || (x, g.op("NoOp").name("nothing").finish());
    let pair = g.cond(flag, named, || (x + 1.0, g.op("NoOp").finish()));
    let out = g.control_dependencies([done, pair.1], || identity(pair.0));
    let signature = g.signature("default").input("x", x).input("flag", flag);
    signature
        .output("default", out)
        .output("done", done.output(0));
}

fn cond_v2_in_blocks(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let before = g.op("NoOp").name("before").finish();
    let group = g.named("group", || g.constant(2f32));
    let late = g.named("late", || identity(x));
    let waiting = || {
        g.name_scope("inside", || {
            g.control_dependencies([before, group.operation()], || {
                let y = g.device("/device:CPU:0", || x - 1.0);
                let inner = || {
                    let constant = || g.constant([[1f32, 2.0, 3.0]]);
                    g.cond(flag, || y * group, constant)
                };
                g.colocate_with(y, || g.control_dependencies([y], inner))
            })
        })
    };
    let both = || {
        let first = g.cond(flag, || x * 2.0, || late);
        (first, g.cond(flag, waiting, || x))
    };
    let (first, second) = g.name_scope("around", || {
        g.control_dependencies([before, late.operation()], || g.device("/cpu:0", both))
    });
    let tanh = || g.named("tanh", || math::tanh(x));
    let third = g.colocate_with(group, || g.cond(flag, || array::concat(g, [x, x], 0), tanh));
    let signature = g.signature("default").input("x", x).input("flag", flag);
    signature
        .output("default", first)
        .output("second", second)
        .output("third", third);
}

fn cond_v2_of_other_predicates(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>(Shape::unknown()));
    let flags = g.named("flags", || g.placeholder::<bool>([1]));
    let unknown = g.named("unknown", || {
        g.placeholder_with_default(true, Shape::unknown())
    });
    let first = g.cond(flags, || x + 1.0, || x);
    let second = g.cond(
        unknown,
        || array::reshape(x, [-1]),
        || array::reshape(x, [1, -1]),
    );
    let third = g.cond(
        g.constant(true),
        || g.constant([1, 2]),
        || g.constant([3, 4]),
    );
    let signature = g.signature("default").input("x", x).input("flags", flags);
    signature
        .output("default", first)
        .output("second", second)
        .output("third", third);
}

fn cond_v2_of_sparse_tensors_and_words(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let count = g.named("count", || array::size::<i32, _>(words));
    let flag = math::greater(count, 1);
    let letters = KeyValueTensorInitializer::new(g, ["a", "b", "c"], [0i64, 1, 2]);
    let letters = letters.shared_name("letters");
    let table = g.named("letters", || StaticHashTable::new(letters, -1i64));
    let single = || {
        let indices = g.constant([[0i64, 0]]);
        let first = array::index(words, ..1);
        SparseTensor::new(g, indices, first, g.constant([1i64, 1]))
    };
    let parts = g.cond(flag, || string::string_split(words, ()), single);
    let seven = || array::fill(g, [1], g.constant(7i64));
    let ids = g.cond(flag, || table.lookup(parts.values), seven);
    let signature = g.signature("default").input("words", words);
    signature
        .output("default", ids)
        .output("shape", parts.dense_shape);
}

fn cond_v2_and_functions(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let shift = g.named("shift", || g.constant(3f32));
    let scaled = g.function("scaled", ["y"], |y: Float| y * shift);
    // Python makes the body at the first call.
    let mut chosen = None;
    let otherwise = || {
        let y = x * 2.0;
        let function = g.function("chosen", ["y"], |y: Float| {
            y.set_shape((None, 3));
            g.cond(flag, || scaled.call(y) + y, || nn::relu(y))
        });
        let result = function.call(y);
        chosen = Some(function);
        result
    };
    let first = g.cond(flag, || scaled.call(x), otherwise);
    let second = chosen.unwrap().call(x);
    let signature = g.signature("default").input("x", x).input("flag", flag);
    signature.output("default", first).output("second", second);
    g.function("never_called", ["y"], |y: Float| g.cond(flag, || y, || -y));
}

fn cond_v2_in_variants(g: &GraphBuilder, rate: f32) {
    let (x, flag) = inputs(g);
    let scale = g
        .get_variable::<f32>("scale")
        .shape([3])
        .initializer(init::ones())
        .finish();
    let mut y = g.cond(flag, || x * scale, || x + scale);
    if rate > 0.0 {
        let is_high = math::greater(g.constant(rate), 0.25);
        let first = y;
        y = g.cond(is_high, || first * rate, || first);
    }
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", y);
}

fn while_v2_of_tensors(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let w = g.named("w", || g.constant([1f32, 2.0, 3.0]));
    let is_less = |(i, _)| math::less(i, 5);
    let first = g.while_loop((0, x), is_less, |(i, y)| (i + 1, y * w + x), ());
    let options = WhileOptions::default()
        .maximum_iterations(7)
        .parallel_iterations(3);
    let second = g.named("limited", || {
        let sum = |y| math::reduce_sum(y, Axes::ALL);
        g.while_loop(x, |y| math::less(sum(y * w), 50.0), |y| y * 2.0, options)
    });
    let third = g.name_scope("scope", || {
        let size = g.named("size", || array::size::<i32, _>(w));
        let limit = g.named("limit", || identity(size));
        let options = WhileOptions::default().maximum_iterations(limit);
        g.while_loop((x, w + x), |_| flag, |(y, z)| (z, y), options)
    });
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature
        .output("default", first.1)
        .output("count", first.0);
    signature
        .output("second", second)
        .output("third", third.0)
        .output("fourth", third.1);
}

fn while_v2_with_invariants(g: &GraphBuilder) {
    let (x, _) = inputs(g);
    let start = g.constant([[0f32, 0.0, 0.0]]);
    let zero = g.constant(0);
    let shapes = [Shape::scalar(), Shape::from((None, 3))];
    let (count, rows) = g.while_loop(
        (zero, start),
        |(i, _)| math::less(i, 4),
        |(i, rows)| {
            let next = i + 1;
            let more = array::index(x, ..1) * math::cast::<f32, _>(i);
            (next, array::concat(g, [rows, more], 0))
        },
        WhileOptions::default().shape_invariants(shapes),
    );
    let options = WhileOptions::default().shape_invariants([Shape::unknown()]);
    let anything = g.while_loop(
        x,
        |y| math::less(array::size::<i32, _>(y), 100),
        |y| array::concat(g, [y, y], 0),
        options.maximum_iterations(3),
    );
    let signature = g.signature("default").input("x", x).output("default", rows);
    signature
        .output("count", count)
        .output("anything", anything);
}

fn while_v2_and_cond_v2(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let total = g
        .get_variable::<f32>("total")
        .shape([3])
        .initializer(init::zeros());
    let total = total.trainable(false).finish();
    let scale = g
        .get_variable::<f32>("scale")
        .shape([3])
        .initializer(init::ones())
        .finish();
    let looped = g.device("/cpu:0", || {
        g.name_scope("around", || {
            let zero = g.constant(0);
            let is_less = |(i, _)| math::less(i, 3);
            g.while_loop(
                (zero, x),
                is_less,
                |(i, y)| {
                    let added = total.assign_add_op(array::index(y, 0) * 0.0);
                    let odd = g.control_dependencies([added], || math::equal(i % 2, 1));
                    let zero = g.constant(0);
                    let is_less = |(j, _)| math::less(j, i);
                    let inner = g.while_loop((zero, y), is_less, |(j, z)| (j + 1, z + scale), ());
                    let otherwise = || y - math::cast::<f32, _>(i);
                    (i + 1, g.cond(odd, || inner.1 * 2.0, otherwise))
                },
                (),
            )
        })
    });
    let counted = || {
        let options = WhileOptions::default().maximum_iterations(5);
        let sum = |y| math::reduce_sum(y, Axes::ALL);
        g.while_loop(x, |y| math::less(sum(y), 10.0), |y| y + scale, options)
    };
    let chosen = g.cond(flag, counted, || looped.1);
    let read = g.control_dependencies([chosen], || total.read_value());
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature.output("default", chosen).output("total", read);
    signature.output("looped", looped.1);
}

fn while_v2_of_structures(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let limit = g.named("limit", || g.constant(10i64));
    let before = g.op("NoOp").name("before").finish();
    let start = ((g.constant(1i64), flag), (g.constant("go"), x));
    let (state, parts) = g.while_loop(
        start,
        |(state, _)| {
            g.control_dependencies([before, x.operation()], || {
                math::logical_and(flag, math::less(state.0, limit))
            })
        },
        |((number, flag), (words, numbers))| {
            let state = (number * 2, math::logical_not(flag));
            let words = string::join(g, [words.into(), "!".into()], "");
            (state, (words, numbers + x))
        },
        (),
    );
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature
        .output("default", parts.1)
        .output("words", parts.0);
    signature.output("number", state.0).output("flag", state.1);
}

fn while_v2_and_functions(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let shift = g.named("shift", || g.constant(3f32));
    let shifted = g.function("shifted", ["y"], |y: Float| y + shift);
    let zero = g.constant(0);
    let is_less = |(i, _)| math::less(i, 2);
    let first = g.while_loop(
        (zero, x),
        is_less,
        |(i, y)| {
            let z = shifted.call(y);
            z.set_shape((None, 3));
            (i + 1, z)
        },
        (),
    );
    let arguments = [TensorSpec::new("y", (None, 3))];
    let looped = g.concrete_function("looped", arguments, |y: Float| {
        let zero = g.constant(0);
        let is_less = |(i, _)| math::less(i, 3);
        g.while_loop((zero, y), is_less, |(i, z)| (i + 1, z * shift), ())
    });
    let (count, second) = looped.call(x);
    let third = g.cond(flag, || looped.call(first.1).1, || x);
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature
        .output("default", first.1)
        .output("second", second);
    signature.output("count", count).output("third", third);
}

/// They are functions also where control flow version 2 is not enabled.
fn switch_cases(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let sum = g.named("sum", || math::reduce_sum(x, Axes::ALL));
    let index = g.named("index", || math::cast::<i32, _>(sum));
    let scale = g
        .get_variable::<f32>("scale")
        .shape([3])
        .initializer(init::ones())
        .finish();
    let first = g
        .switch_case(index, || x * 2.0)
        .branch(|| x + scale)
        .branch(|| x)
        .finish();
    let second = g.name_scope("scope", || {
        let before = g.op("NoOp").name("before").finish();
        g.control_dependencies([before], || {
            let random = || random::uniform::<f32>(g, [3], ()) * 0.0 + x;
            let zeros = || (array::zeros_like(x), array::index(g.constant([3]), 0));
            let choice = g.switch_case(index, || (x, g.constant(1)));
            let choice = choice.branch(|| (random(), index)).default(zeros);
            g.named("named", || choice.finish())
        })
    });
    let nested = || g.cond(flag, || x, || -x);
    let choice = g.switch_case(index, nested).branch(|| x);
    let third = g.named("nested", || choice.finish());
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature
        .output("default", first + scale)
        .output("second", second.0);
    signature.output("number", second.1).output("third", third);
}

fn cases_v2(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let scale = g.get_variable("scale").shape([3]).initializer(init::ones());
    let scale = scale.finish();
    let total = g.named("total", || math::reduce_sum(x, Axes::ALL));
    let (low, high) = (math::less(total, 0.0), math::greater(total, 10.0));
    let first = g.case(low, || x * 2.0).branch(high, || x + scale);
    let first = first.default(|| x).finish();
    let second = g.name_scope("scope", || {
        g.device("/cpu:0", || {
            let second = g.case(low, || x - scale).branch(high, || x * x);
            let second = second.default(|| x).exclusive(true);
            g.named("second", || second.finish())
        })
    });
    let not_high = math::logical_not(high);
    let not_low = math::logical_not(low);
    let without = g.case(not_high, || x).branch(not_low, || -x).finish();
    let inner = || {
        let inner = g.case(high, || (x, (scale.value(), g.constant(1f32))));
        inner.default(|| (first, (scale * 2.0, total))).finish()
    };
    let third = g.case(flag, inner);
    let third = third.default(|| (second, (scale + 1.0, g.constant(3f32))));
    let (third, (fourth, number)) = g.named("third", || third.finish());
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", first)
        .output("second", second)
        .output("without", without)
        .output("third", third)
        .output("fourth", fourth)
        .output("number", number);
}

fn smart_conds_v2(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let kernel = g.get_variable::<f32>("kernel").shape([3, 3]).finish();
    let known = g.smart_cond(true, || math::matmul(x, kernel), || x);
    let constant = g.constant(false);
    let constant = g.named("unused", || g.smart_cond(constant, || x, || known + 1.0));
    let is_three = array::shape::<i32, _>(kernel).slice(0);
    let is_three = math::equal(is_three, 3);
    let of_shape = g.smart_cond(is_three, || constant - 1.0, || constant);
    let asked = g.smart_cond(flag, || of_shape, || x);
    let inside = || {
        let asked = || g.smart_cond(flag, || asked, || x);
        g.smart_cond(g.constant(true), asked, || x)
    };
    let in_branch = g.cond(flag, inside, || x);
    // Python builds a function when it is called first.
    let chosen = g.function(
        "chosen",
        ["y", "is_on"],
        |(y, is_on): (Float, Tensor<bool>)| {
            y.set_shape((None, 3));
            let y = g.smart_cond(g.constant(true), || y * 2.0, || y);
            g.named("named", || g.smart_cond(is_on, || y + 1.0, || y))
        },
    );
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", in_branch)
        .output("asked", asked)
        .output("chosen", chosen.call((x, flag)));
}

fn constants_two_deep(g: &GraphBuilder) {
    let (x, flag) = inputs(g);
    let constant = |name: &str, value: f32| g.named(name, || g.constant(value));
    let outside = constant("outside", 2.0);
    let in_branch = || {
        constant("dead", 7.0);
        let between = constant("between", 3.0);
        let in_inner = || {
            constant("dead", 8.0);
            x * outside * between
        };
        g.cond(flag, in_inner, || x)
    };
    let first = g.cond(flag, in_branch, || x + 1.0);
    let arguments = |name: &str| [TensorSpec::new(name, (None, 3))];
    let in_function = g.concrete_function("in_function", arguments("a"), |a: Float| {
        constant("dead_outer", 5.0);
        let between = constant("between", 4.0);
        let inner = g.concrete_function("inner", arguments("b"), |b: Float| {
            constant("dead_inner", 6.0);
            g.cond(flag, || b * outside, || b * between)
        });
        inner.call(a)
    });
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", first)
        .output("second", in_function.call(x));
}
