//! Conditionals of TensorFlow 1.

use tfhub::dtype::ByteString;
use tfhub::graph::ImportOptions;
use tfhub::ops::array::{self, identity};
use tfhub::ops::lookup::{
    IndexTableOptions, KeyValueTensorInitializer, StaticHashTable, index_table_from_file,
};
use tfhub::ops::math::{self, Axes};
use tfhub::ops::random;
use tfhub::regularizer::contrib;
use tfhub::{GraphBuilder, Tensor};

use super::Module;
use super::assets::WORDS;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("conditionals", conditionals),
        Module::new("conditionals_nested", conditionals_nested),
        Module::new("conditionals_in_functions", conditionals_in_functions),
        Module::new("conditionals_with_imports", conditionals_with_imports),
        Module::new("conditionals_on_variables", conditionals_on_variables).seed(23),
        Module::new(
            "conditionals_that_make_tables",
            conditionals_that_make_tables,
        ),
        Module::new(
            "conditionals_that_make_variables",
            conditionals_that_make_variables,
        )
        .seed(41),
        Module::new("constants_from_around", constants_from_around),
    ]
}

fn conditionals(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let shift = g.named("shift", || g.constant([1f32, 2.0, 3.0]));
    let scaled = g.cond(flag, || x * 2.0 + shift, || x - shift);
    let same = g.cond(flag, || x, || scaled);
    let with_constants = || (g.constant(1f32), array::zeros::<f32>(g, [2]), shift);
    let with_scopes = || {
        let total = g.name_scope("inside", || {
            let total = math::reduce_sum(x, Axes::ALL);
            total + g.named("again", || math::reduce_sum(x, Axes::ALL))
        });
        let parts = array::index(shift, ..2) * array::index(shift, 1..);
        (total, parts, array::index(x, 0))
    };
    let several = g.named("several", || g.cond(flag, with_constants, with_scopes));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("scaled", scaled)
        .output("same", same)
        .output("several0", several.0)
        .output("several1", several.1)
        .output("several2", several.2);
}

fn conditionals_nested(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let one = g.named("one", || g.constant(1f32));
    let outer = || {
        let doubled = x * 2.0;
        let inner = || g.name_scope("deep", || g.cond(flag, || doubled + x, || one * x));
        g.cond(math::logical_not(flag), inner, || doubled)
    };
    let other = || g.cond(flag, || x, || one - x);
    let nested = g.cond(flag, outer, other);
    let around = g.control_dependencies([one], || {
        g.device("/cpu:0", || {
            g.cond(flag, || identity(one), || g.constant(2f32))
        })
    });
    let depending = || {
        let (a, b) = g.control_dependencies([one], || {
            let a = g.constant(3f32);
            (a, x + a)
        });
        let c = g.control_dependencies([b], || g.constant(4f32));
        let e = g.without_control_dependencies(|| {
            let d = g.constant(5f32);
            x + d
        });
        let f = g.colocate_with(b, || g.named("f", || identity(x)));
        let first: Tensor<f32> = a + c;
        first + math::reduce_sum(f + e, Axes::ALL)
    };
    let inside = g.named("inside", || g.cond(flag, depending, || one));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("nested", nested)
        .output("around", around)
        .output("inside", inside);
}

fn conditionals_on_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let kernel = g.get_variable::<f32>("kernel").shape([2, 3]).finish();
    let scale = g.get_variable::<f32>("scale").shape([3]).finish();
    let times_scale = g.function("times_scale", ["x"], |x: Tensor<f32>| x * scale);
    let (y, z) = g.variable_scope("scope", |_| {
        let y = g.cond(
            flag,
            || math::matmul(x, kernel) * scale,
            || times_scale.call(math::matmul(x, kernel)),
        );
        let random = || random::uniform::<f32>(g, [3], ());
        (y, g.cond(flag, || scale.read_value(), random))
    });
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", y)
        .output("z", array::shape::<i32, _>(z));
}

fn conditionals_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let shift = g.named("shift", || g.constant([1f32, 2.0]));
    let shifted = g.function("shifted", ["x"], |x: Tensor<f32>| {
        let y = g.cond(flag, || x + shift, || shift);
        let inner = g.function("inner", ["z"], |z: Tensor<f32>| {
            let is_off = math::logical_not(flag);
            g.cond(is_off, || z + y, || g.constant([3f32, 4.0]))
        });
        g.cond(flag, || inner.call(y), || x)
    });
    let default = g.cond(flag, || shifted.call(x), || shifted.call(x * 2.0));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", default);
}

fn conditionals_with_imports(g: &GraphBuilder) {
    let other = GraphBuilder::new();
    let a = other.named("a", || other.placeholder::<f32>((None, 2)));
    let product = a * other.named("two", || other.constant(2f32));
    other.named("b", || math::add(product, a));
    let other = other.finish().unwrap();
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let imported = || {
        let imported = g.copy_graph(&other, ImportOptions::new().map_input("a", x));
        imported.unwrap().tensor("b:0").unwrap().typed()
    };
    let default = g.cond(flag, imported, || x);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", default);
}

fn conditionals_that_make_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let always = g.constant(true);
    let values = (|| g.constant([1f32, 2.0]), || g.constant([3f32, 4.0]));
    let start = g.named("start", || g.cond(always, values.0, values.1));
    let offset = g.get_variable("offset").initial_value(start).finish();
    let branch = || {
        let (kernel, own) = g.variable_scope("inside", |_| {
            g.control_dependencies([x], || {
                let kernel = g.get_variable::<f32>("kernel").shape([2, 2]);
                let own = g.variable("own").initial_value_fn(move |_| start * 2.0);
                (kernel.regularizer(contrib::l2(0.5)).finish(), own.finish())
            })
        });
        math::matmul(x, kernel) * own
    };
    let default = g.cond(flag, branch, || x + offset);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", default);
}

fn conditionals_that_make_tables(g: &GraphBuilder) {
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    fn animals<'g>(g: &'g GraphBuilder, words: Tensor<'g, ByteString>) -> Tensor<'g, i64> {
        let make = || {
            let animals = KeyValueTensorInitializer::new(g, ["cat", "dog"], [1i64, 2]);
            g.named("animals", || {
                StaticHashTable::new(animals.shared_name("animals"), -1i64)
            })
        };
        let table = g.name_scope("inside", || {
            g.control_dependencies([words], || g.device("/cpu:0", make))
        });
        table.lookup(words) + table.size()
    }
    let vocabulary = || {
        let options = IndexTableOptions::default().num_oov_buckets(2);
        index_table_from_file(g, WORDS, options).lookup(words)
    };
    let outside = index_table_from_file(g, WORDS, IndexTableOptions::default().default_value(-3));
    type Arguments<'g> = (Tensor<'g, ByteString>, Tensor<'g, bool>);
    let chosen = || {
        g.function(
            "chosen",
            ["words", "flag"],
            |(words, flag): Arguments<'_>| {
                g.cond(flag, || animals(g, words), || outside.lookup(words))
            },
        )
    };
    let default = g.cond(flag, vocabulary, || outside.lookup(words));
    let called = g.name_scope("around", || {
        let is_off = math::logical_not(flag);
        chosen().call((words, is_off))
    });
    g.signature("default")
        .input("words", words)
        .input("flag", flag)
        .output("default", default)
        .output("called", called);
}

fn constants_from_around(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>([6]));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let size = g.named("size", || g.constant([2]));
    let is_taken = math::less(g.constant(1), 2);
    let parts = || {
        let end = size + 1;
        [
            array::strided_slice(x, [1], end, ()),
            array::strided_slice(x, [0], size, ()),
            array::slice(x, [0], end),
            x.slice(..1),
        ]
    };
    let reversed = || {
        let [a, b, c, d] = parts();
        [d, c, b, a]
    };
    let first = g.cond(flag, parts, reversed);
    let second = g.cond(is_taken, parts, parts);
    let nested = || {
        let left = || array::slice(x, [0], size * 2);
        let inner = g.cond(is_taken, left, || array::slice(x, [1], size * 2));
        let total = math::reduce_sum(inner, Axes::ALL);
        (total, array::slice(x, [1], size * 2))
    };
    let third = g.cond(flag, nested, || (x.slice(0), x));
    let sum = |x| math::reduce_sum(x, Axes::ALL);
    let (_, looped) = g.while_loop(
        (g.constant(0), g.constant(0f32)),
        |(i, _)| math::less(i, size.slice(0)),
        |(i, total)| {
            let i = i + 1;
            let total = total + sum(array::slice(x, [1], size + 1));
            (i, total + sum(array::slice(x, [0], size)))
        },
        (),
    );
    let signature = g.signature("default").input("x", x).input("flag", flag);
    let signature = signature.output("total", third.0).output("rest", third.1);
    let mut signature = signature.output("looped", looped);
    for (i, (first, second)) in first.into_iter().zip(second).enumerate() {
        signature = signature.output(format!("first{i}"), first);
        signature = signature.output(format!("second{i}"), second);
    }
}
