//! Loops of TensorFlow 1.

use tfhub::control_flow::WhileOptions;
use tfhub::dtype::ByteString;
use tfhub::graph::ImportOptions;
use tfhub::ops::array::{self, concat, identity};
use tfhub::ops::lookup::{IndexTableOptions, index_table_from_file};
use tfhub::ops::math::{self, Axes};
use tfhub::ops::random;
use tfhub::ops::sparse::{self, SparseTensor};
use tfhub::{GraphBuilder, Shape, Tensor};

use super::Module;
use super::assets::WORDS;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("loops", loops),
        Module::new("loops_nested", loops_nested),
        Module::new("loops_with_options", loops_with_options),
        Module::new("loops_on_variables", loops_on_variables).seed(5),
        Module::new("loops_with_controls", loops_with_controls),
        Module::new("loops_of_structures", loops_of_structures),
        Module::new("loops_in_functions", loops_in_functions),
        Module::new("loops_with_imports", loops_with_imports),
        Module::new("loops_with_tables", loops_with_tables),
    ]
}

type Float<'g> = Tensor<'g, f32>;

fn sum<'g>(x: Float<'g>) -> Float<'g> {
    math::reduce_sum(x, Axes::ALL)
}

fn loops(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let shift = g.named("shift", || g.constant([1f32, 2.0, 3.0]));
    let (_, power) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 4),
        |(i, power)| (i + 1, power * x),
        (),
    );
    let start = (g.constant(1i64), array::zeros::<f32>(g, [3]));
    let (_, total, text) = g.named("named", || {
        g.while_loop(
            (start.0, start.1, "never"),
            |(_, total, _)| {
                let total = sum(total);
                math::less(total, sum(shift) * 5.0)
            },
            |(i, total, _)| {
                let total = g.name_scope("inside", || {
                    let i = math::cast::<f32, _>(i);
                    total + shift * i
                });
                (i + 2, total, g.constant("again"))
            },
            (),
        )
    });
    let on = g.constant(true);
    let once = g.while_loop(on, |on| on, |_| g.constant(false), ());
    let start = shift * 9.0;
    let is_large = |y| math::greater(math::reduce_max(y, Axes::ALL), 10.0);
    let replaced = g.while_loop(start, is_large, |_| shift, ());
    g.signature("default")
        .input("x", x)
        .output("power", power)
        .output("total", total)
        .output("text", text)
        .output("once", once)
        .output("replaced", replaced);
}

fn loops_nested<'g>(g: &'g GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let one = g.named("one", || g.constant(1f32));
    let outer_body = |(i, y): (Tensor<'g, i32>, _)| {
        let start = g.constant(0i32);
        let inner_body = |(j, z): (Tensor<'g, i32>, Float<'g>)| {
            let z = g.cond(
                flag,
                || z + x * one,
                || {
                    let i = math::cast::<f32, _>(i);
                    z + i
                },
            );
            (j + 1, z)
        };
        let (_, z) = g.while_loop((start, y), |(j, _)| math::less(j, i), inner_body, ());
        (i + 1, z * one)
    };
    let (_, repeated) = g.while_loop((0, x), |(i, _)| math::less(i, 3), outer_body, ());

    let in_branch = || {
        let doubled = x * 2.0;
        let body = |(i, y): (Tensor<'g, i32>, Float<'g>)| {
            let is_late = math::greater(i, 1);
            let y = g.cond(
                is_late,
                || y + doubled,
                || g.cond(flag, || y - one, || doubled),
            );
            (i + 1, y)
        };
        g.while_loop((0, doubled), |(i, _)| math::less(i, 3), body, ())
            .1
    };
    let branch = g.cond(flag, in_branch, || x);

    struct Deep<'g>(&'g GraphBuilder, Float<'g>, Tensor<'g, bool>, Float<'g>);
    fn deep<'g>(around: &Deep<'g>, level: usize, y: Float<'g>) -> Float<'g> {
        let &Deep(g, x, flag, one) = around;
        if level == 0 {
            return y + one;
        }
        if level % 2 == 1 {
            return g.cond(flag, || deep(around, level - 1, y), || x);
        }
        let body = |(i, z): (Tensor<'g, i32>, Float<'g>)| {
            let next = i + 1;
            (next, deep(around, level - 1, z + y))
        };
        g.while_loop((0, x), |(i, _)| math::less(i, 1), body, ()).1
    }
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("loop", repeated)
        .output("branch", branch)
        .output("deep", deep(&Deep(g, x, flag, one), 6, x));
}

fn loops_with_options(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let limit = g.constant(3i64);
    let limit = g.named("limit", || g.placeholder_with_default(limit, ()));
    let zeros = array::zeros::<f32>(g, [1, 2]);
    let (_, rows) = g.while_loop(
        (0, zeros),
        |(i, _)| math::less(i, 3),
        |(i, y)| (i + 1, concat(g, [y, x], 0)),
        WhileOptions::default()
            .shape_invariants([Shape::scalar(), (None, 2).into()])
            .parallel_iterations(1)
            .back_prop(false)
            .swap_memory(true),
    );
    let limited = g.while_loop(
        x,
        |y| math::less(sum(y), 100.0),
        |y| y * 2.0,
        WhileOptions::default().maximum_iterations(5),
    );
    let (_, by_tensor) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 10),
        |(i, y)| (i + 1, concat(g, [y, y], 1)),
        WhileOptions::default()
            .shape_invariants([Shape::scalar(), (None, None).into()])
            .maximum_iterations(limit),
    );
    let two = g.named("two", || g.constant(2i32));
    let unknown = g.named("unknown", || {
        g.while_loop(
            x,
            |y| math::less(array::size::<i32, _>(y), 9),
            |y| array::stack(g, [y, y], 0),
            WhileOptions::default()
                .shape_invariants([Shape::unknown()])
                .maximum_iterations(two),
        )
    });
    g.signature("default")
        .input("x", x)
        .output("rows", rows)
        .output("limited", limited)
        .output("by_tensor", by_tensor)
        .output("unknown", array::size::<i32, _>(unknown));
}

fn loops_on_variables<'g>(g: &'g GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let kernel = g.get_variable::<f32>("kernel").shape([2, 2]).finish();
    let zero = g.constant(0f32);
    let steps = g
        .get_variable("steps")
        .initial_value(zero)
        .trainable(false)
        .finish();
    let (_, y) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 3),
        |(i, y)| (i + 1, math::matmul(y, kernel)),
        (),
    );
    let start = g.while_loop(
        kernel,
        |w| math::less(sum(w), 10.0),
        |w| w * kernel + 3.0,
        (),
    );
    let counting = |(i, z): (Tensor<'g, i32>, Float<'g>)| {
        g.control_dependencies([steps.assign_add(0.0).operation()], || {
            (i + 1, z + steps.read_value())
        })
    };
    let all = sum(x);
    let (_, z) = g.while_loop((0, all), |(i, _)| math::less(i, 2), counting, ());
    let zeros = array::zeros::<f32>(g, [2]);
    let (_, noise) = g.while_loop(
        (0, zeros),
        |(i, _)| math::less(i, 2),
        |(i, n)| (i + 1, n + random::uniform::<f32>(g, [2], ())),
        (),
    );
    g.signature("default")
        .input("x", x)
        .output("y", y)
        .output("start", start)
        .output("z", z)
        .output("noise", array::shape::<i32, _>(noise));
}

fn loops_with_controls<'g>(g: &'g GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let one = g.named("one", || g.constant(1f32));
    let before = g.op("NoOp").name("before").finish();
    let body = |(i, y): (Tensor<'g, i32>, Float<'g>)| {
        let (b, c) = g.control_dependencies([one.operation(), before], || {
            let a = g.constant(3f32);
            (y + a, one * 2.0)
        });
        let e = g.control_dependencies([b], || {
            let d = g.constant(4f32);
            one * d
        });
        let f = g.without_control_dependencies(|| x * 5.0);
        let h = g.colocate_with(b, || g.named("h", || identity(y)));
        let k = g.device("/cpu:0", || identity(one));
        (i + 1, b + c + e + f + h + k)
    };
    let is_early = |(i, _): (Tensor<'g, i32>, Float<'g>)| math::less(i, 2);
    let (around, grown) = g.control_dependencies([before, one.operation()], || {
        g.device("/device:CPU:0", || {
            let (_, around) = g.while_loop((0, x), is_early, body, ());
            let is_small = |y| math::less(sum(y), 9.0);
            (around, g.while_loop(one, is_small, |y| y + one, ()))
        })
    });
    let (_, inside) = g.while_loop((0, around), is_early, body, ());
    let waits = |(i, y): (Tensor<'g, i32>, Float<'g>)| {
        let first = g.op("NoOp").name("first").finish();
        let y = g.control_dependencies([first, one.operation()], || {
            let is_late = math::greater(i, 0);
            g.cond(is_late, || y + g.constant(1f32), || one * y)
        });
        (i + 1, y)
    };
    let (_, waiting) = g.while_loop((0, x), is_early, waits, ());
    g.signature("default")
        .input("x", x)
        .output("around", around)
        .output("grown", grown)
        .output("inside", inside)
        .output("waiting", waiting);
}

fn loops_of_structures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let elements = SparseTensor::new(g, [[0i64, 1], [1, 0]], [1f32, 2.0], [2i64, 2]);
    let two = g.constant(2f32);
    type Nested<'g> = (
        (Float<'g>, Float<'g>),
        Vec<Float<'g>>,
        SparseTensor<'g, f32>,
    );
    fn body<'g>(
        (i, nested): (Tensor<'g, i32>, Nested<'g>),
        two: Float<'g>,
    ) -> (Tensor<'g, i32>, Nested<'g>) {
        let ((a, b), c, s) = nested;
        let next = i + 1;
        let second = a + 1.0;
        let last = c[0] * two;
        let s = SparseTensor {
            values: s.values * two,
            ..s
        };
        (next, ((b, second), vec![c[1], last], s))
    }
    let (third, sixth) = (x * 3.0, two * 3.0);
    let start = ((x, third), vec![two, sixth], elements);
    let (_, ((a, b), c, s)) = g.while_loop(
        (0, start),
        |(i, _)| math::less(i, 3),
        |vars| body(vars, two),
        (),
    );
    let is_long = math::greater(array::size::<i32, _>(x), 2);
    let pair = g.cond(is_long, || (s, [two, x]), || (elements, [c[0], x + 1.0]));
    g.signature("default")
        .input("x", x)
        .output("a", a)
        .output("b", b)
        .output("c0", c[0])
        .output("c1", c[1])
        .output("s", sparse::to_dense(s, ()))
        .output("pair", sparse::to_dense(pair.0, ()))
        .output("pair0", pair.1[0])
        .output("pair1", pair.1[1]);
}

fn loops_in_functions<'g>(g: &'g GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let shift = g.named("shift", || g.constant([1f32, 2.0]));
    let shifted = g.function("shifted", ["x"], |x: Float<'g>| x + shift);
    let repeated = g.function(
        "repeated",
        ["x", "n"],
        |(x, n): (Float<'g>, Tensor<'g, i32>)| {
            let body = |(i, y)| {
                let next: Tensor<i32> = i + 1;
                (next, shifted.call(y) * shift)
            };
            g.while_loop((0, x), |(i, _)| math::less(i, n), body, ()).1 + x
        },
    );
    let calls = |(i, y): (Tensor<'g, i32>, Float<'g>)| {
        let y = shifted.call(y);
        y.set_shape((None, 2));
        (i + 1, y)
    };
    let (_, y) = g.while_loop((0, x), |(i, _)| math::less(i, 2), calls, ());
    g.signature("default").input("x", x).output("default", y);
    let (_, several) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 2),
        |(i, y)| (i + 1, repeated.call((y, i)) + x),
        WhileOptions::default().shape_invariants([Shape::scalar(), Shape::unknown()]),
    );
    g.signature("several")
        .input("x", x)
        .output("default", several);
}

fn loops_with_imports(g: &GraphBuilder) {
    let other = GraphBuilder::new();
    let a = other.named("a", || other.placeholder::<f32>((None, 2)));
    let (_, b) = other.while_loop(
        (0, a),
        |(i, _)| math::less(i, 2),
        |(i, b)| (i + 1, b * 2.0 + a),
        (),
    );
    other.named("b", || identity(b));
    let other = other.finish().unwrap();
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let imported = || {
        let imported = g.copy_graph(&other, ImportOptions::new().map_input("a", x));
        imported.unwrap().tensor("b:0").unwrap().typed()
    };
    let branch = g.cond(flag, imported, || x);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("branch", branch);
}

fn loops_with_tables<'g>(g: &'g GraphBuilder) {
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let options = IndexTableOptions::default().num_oov_buckets(1);
    let table = index_table_from_file(g, WORDS, options);
    let start = table.lookup(words);
    let body =
        |(i, total): (Tensor<'g, i32>, Tensor<'g, i64>)| (i + 1, total + table.lookup(words));
    let (_, total) = g.while_loop((0, start), |(i, _)| math::less(i, 2), body, ());
    g.signature("default")
        .input("words", words)
        .output("default", total);
}
