//! Functions that map and fold the rows of tensors.

use tfhub::control_flow::{FoldOptions, MapOptions, ScanOptions};
use tfhub::dtype::ByteString;
use tfhub::ops::{array, math, string};
use tfhub::variable::{EnterScope, Reuse};
use tfhub::{GraphBuilder, Shape, Tensor};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("map_fn", map_fn),
        Module::new("map_fn_of_dtypes", map_fn_of_dtypes),
        Module::new("map_fn_of_options", map_fn_of_options),
        Module::new("map_fn_of_structures", map_fn_of_structures),
        Module::new("map_fn_to_structures", map_fn_to_structures),
        Module::new("map_fn_nested", map_fn_nested),
        Module::new("map_fn_and_conditionals", map_fn_and_conditionals),
        Module::new("map_fn_on_variables", map_fn_on_variables).seed(11),
        Module::new("map_fn_in_functions", map_fn_in_functions),
        Module::new("foldl", foldl),
        Module::new("foldr", foldr),
        Module::new("folds_of_structures", folds_of_structures),
        Module::new("scan", scan),
        Module::new("scan_in_reverse", scan_in_reverse),
        Module::new("scan_of_structures", scan_of_structures),
        Module::new("scan_of_a_cell", scan_of_a_cell).seed(13),
        Module::new("rows_nested", rows_nested),
        Module::new("rows_in_loops", rows_in_loops),
        Module::new("rows_in_functions", rows_in_functions).seed(17),
        Module::new("rows_v2", rows_v2).seed(29),
        Module::new("scan_v2", scan_v2),
    ]
}

type Floats<'g> = Tensor<'g, f32>;
type Strings<'g> = Tensor<'g, ByteString>;

fn joined<'g>(g: &'g GraphBuilder, a: Strings<'g>, b: Strings<'g>) -> Strings<'g> {
    string::join(g, [a.into(), b.into()], "")
}

fn map_fn(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let any_rank = g.named("any_rank", || g.placeholder::<f32>(Shape::unknown()));
    let shift = g.named("shift", || g.constant([1f32, 2.0, 3.0]));
    let doubled = g.map_fn(x, |row| row * 2.0 + shift, ());
    let sums = g.map_fn(known, |row| math::reduce_sum(row, ()), ());
    let tanh = g.map_fn(any_rank, math::tanh, ());
    let same = g.map_fn(known, |row| row, ());
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("any_rank", any_rank)
        .output("doubled", doubled)
        .output("sums", sums)
        .output("any_rank", tanh)
        .output("same", same);
}

fn map_fn_of_dtypes(g: &GraphBuilder) {
    let ids = g.named("ids", || g.placeholder::<i32>((None,)));
    let words = g.named("words", || g.placeholder::<ByteString>((None, 2)));
    let squares = g.named("squares", || g.map_fn(ids, |i| i * i, ()));
    let lengths = g.map_fn(words, |pair| string::length(pair, ()), ());
    let joined = g.map_fn(words, |pair| string::reduce_join(pair, ()), ());
    g.signature("default")
        .input("ids", ids)
        .input("words", words)
        .output("squares", squares)
        .output("lengths", lengths)
        .output("joined", joined);
}

fn map_fn_of_options(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let lengths = g.named("lengths", || g.placeholder::<i32>([3]));
    let any_shape = MapOptions::default().infer_shape(false);
    let options = any_shape.parallel_iterations(2).back_prop(false);
    let options = options.swap_memory(true);
    let rows = g.named("rows", || g.map_fn(x, |row| row + 1.0, options));
    let repeated = g.map_fn(lengths, |n| array::fill(g, [2], n), any_shape);
    g.signature("default")
        .input("x", x)
        .input("lengths", lengths)
        .output("rows", rows)
        .output("repeated", repeated);
}

fn map_fn_of_structures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = g.named("y", || g.placeholder::<f32>((3, 2)));
    let pair = g.map_fn((x, y), |(x, y)| (x * 2.0, y - 1.0), ());
    let one = g.map_fn(
        (x, y),
        |(x, y)| {
            let sum = math::reduce_sum(x, ());
            sum + math::reduce_sum(y, ())
        },
        (),
    );
    g.signature("default")
        .input("x", x)
        .input("y", y)
        .output("pair0", pair.0)
        .output("pair1", pair.1)
        .output("one", one);
}

fn map_fn_to_structures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let y = g.named("y", || g.placeholder::<f32>((3, 2)));
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let parts = |row| {
        let size = array::size::<i32, _>(row);
        (row, (size, math::cast::<i64, _>(row)))
    };
    let several = g.map_fn(x, parts, ());
    let nested = g.named("nested", || {
        g.map_fn(((x, y), ids), |((x, _), id)| (x, id), ())
    });
    g.signature("default")
        .input("x", x)
        .input("y", y)
        .input("ids", ids)
        .output("several0", several.0)
        .output("several1", several.1.0)
        .output("several2", several.1.1)
        .output("nested0", nested.0)
        .output("nested1", nested.1);
}

fn map_fn_nested(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3, 2)));
    let of_page = |page| g.map_fn(page, |row| row * math::reduce_sum(page, ()), ());
    let y = g.map_fn(x, of_page, ());
    let table = g.map_fn(
        array::index(x, 1),
        |row| {
            let sum = |other| math::reduce_sum(row * other, ());
            g.map_fn(array::index(x, 0), sum, ())
        },
        (),
    );
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("table", table);
}

fn other<'g>(g: &'g GraphBuilder, flag: Tensor<'g, bool>, row: Floats<'g>) -> Floats<'g> {
    g.cond(flag, || -row, || row - 1.0)
}

fn map_fn_and_conditionals(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let within = g.cond(flag, || g.map_fn(x, |row| row * 2.0, ()), || x);
    let chosen = |row| {
        let is_positive = math::greater(math::reduce_sum(row, ()), 0.0);
        g.cond(is_positive, || row, || other(g, flag, row))
    };
    let one = g.named("one", || g.constant(1f32));
    let inside = g.control_dependencies([one], || g.device("/cpu:0", || g.map_fn(x, chosen, ())));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("within", within)
        .output("inside", inside);
}

fn map_fn_on_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    let layer = |row| {
        let scope = EnterScope::new("layer").reuse(Reuse::Auto);
        let scale = g.variable_scope(scope, |_| g.get_variable("scale").shape([2]).finish());
        let row: Floats<'_> = array::index(row, (array::NewAxis,));
        array::index(math::matmul(row, kernel), 0) * scale
    };
    let (y, again) = g.variable_scope("scope", |_| {
        let y = g.map_fn(x, layer, ());
        (y, g.map_fn(x + 1.0, layer, ()))
    });
    let z = g.map_fn(kernel.value(), |row| row * 2.0, ());
    let read = g.map_fn(kernel, |row| row * 3.0, ());
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("again", again)
        .output("z", z)
        .output("read", read);
}

fn map_fn_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let shift = g.named("shift", || g.constant(2f32));
    let mapped = g.function("mapped", ["x"], |x: Floats<'_>| {
        g.map_fn(x, |row| row * shift, ())
    });
    let of_row = g.function("of_row", ["row"], |row: Floats<'_>| row + shift);
    let mapped = mapped.call(x);
    let called = g.map_fn(x, |row| of_row.call(row), ());
    g.signature("default")
        .input("x", x)
        .output("mapped", mapped)
        .output("called", called);
}

fn foldl(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let zero = g.named("zero", || g.constant([0f32, 0.0]));
    let start = g.named("start", || g.constant("start"));
    let sum = g.foldl(x, |a, row| a + row * 2.0, ());
    let product = g.foldl(known, |a, row| a * row, ());
    let from_zero = FoldOptions::default().initializer(zero);
    let from_zero = g.foldl(known, |a, row| a - row, from_zero);
    let text = g.named("text", || {
        let from_start = FoldOptions::default().initializer(start);
        g.foldl(words, |a, word| joined(g, a, word), from_start)
    });
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("words", words)
        .output("default", sum)
        .output("known", product)
        .output("from_zero", from_zero)
        .output("text", text);
}

fn foldr(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let zero = g.named("zero", || g.constant([0f32, 0.0]));
    let start = g.named("start", || g.constant("start"));
    let sum = g.foldr(x, |a, row| a + row * 2.0, ());
    let product = g.foldr(known, |a, row| a * row, ());
    let from_zero = FoldOptions::default().initializer(zero);
    let from_zero = g.foldr(known, |a, row| a - row, from_zero);
    let text = g.named("text", || {
        let from_start = FoldOptions::default().initializer(start);
        g.foldr(words, |a, word| joined(g, a, word), from_start)
    });
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("words", words)
        .output("default", sum)
        .output("known", product)
        .output("from_zero", from_zero)
        .output("text", text);
}

fn folds_of_structures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let ids = g.named("ids", || g.placeholder::<i32>((None,)));
    let one = g.named("one", || g.constant(1f32));
    let both = g.foldl((x, ids), |a, e| (a.0 + e.0, a.1 * e.1), ());
    let size = array::size::<i32, _>(ids);
    let initial = (size, (one, math::reduce_max(ids, ())));
    let options = FoldOptions::default().initializer(initial);
    let options = options.parallel_iterations(3).back_prop(false);
    let counted = g.foldl(
        (x, ids),
        |(n, (product, sum)), (x, id)| {
            let n = n + 1;
            let product = product * math::reduce_sum(x, ());
            (n, (product, sum + id))
        },
        options.swap_memory(true),
    );
    let one_by_one = FoldOptions::default().parallel_iterations(1);
    let back = g.foldr((x, ids), |a, e| (e.0 - a.0, e.1 + a.1), one_by_one);
    g.signature("default")
        .input("x", x)
        .input("ids", ids)
        .output("both0", both.0)
        .output("both1", both.1)
        .output("counted0", counted.0)
        .output("counted1", counted.1.0)
        .output("counted2", counted.1.1)
        .output("back0", back.0)
        .output("back1", back.1);
}

fn scan(g: &GraphBuilder) {
    let options = ScanOptions::default;
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let zero = g.named("zero", || g.constant([0f32, 0.0]));
    let sums = g.scan(x, |a, row| a + row, ());
    let sums_known = g.scan(known, |a, row| a + row * 0.5, ());
    let from_zero = g.scan(known, |a, row| a * 0.5 + row, options().initializer(zero));
    let two = g.constant(2i64);
    let products = g.scan(ids, |a, i| a * i, options().initializer(two));
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("ids", ids)
        .output("sums", sums)
        .output("sums_known", sums_known)
        .output("from_zero", from_zero)
        .output("products", products);
}

fn scan_in_reverse(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let zero = g.named("zero", || g.constant([0f32, 0.0]));
    let back = || ScanOptions::default().reverse(true);
    let sums = g.scan(x, |a, row| a - row, back());
    let sums_known = g.named("back", || g.scan(known, |a, row| a - row, back()));
    let from_zero = g.scan(known, |a, row| a - row, back().initializer(zero));
    let two = g.constant(2i64);
    let products = g.scan(ids, |a, i| a * i, back().initializer(two));
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("ids", ids)
        .output("back", sums)
        .output("back_known", sums_known)
        .output("from_zero", from_zero)
        .output("products", products);
}

fn scan_of_structures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let ids = g.named("ids", || g.placeholder::<i32>((None,)));
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let both = g.scan((x, ids), |a, e| (a.0 + e.0, a.1 * e.1), ());
    let start = ScanOptions::default().initializer((g.constant(0), g.constant(1)));
    let fibonacci = g.named("fibonacci", || g.scan(ids, |(a, b), _| (b, a + b), start));
    let options = ScanOptions::default().initializer((array::zeros::<f32>(g, 3), ""));
    let options = options.parallel_iterations(4).back_prop(false);
    let options = options.swap_memory(true).infer_shape(false);
    let state = g.scan(
        (x, words),
        |(sum, text), (row, word)| {
            let sum = math::tanh(sum + row);
            (sum, joined(g, text, word))
        },
        options,
    );
    g.signature("default")
        .input("x", x)
        .input("ids", ids)
        .input("words", words)
        .output("both0", both.0)
        .output("both1", both.1)
        .output("fibonacci0", fibonacci.0)
        .output("fibonacci1", fibonacci.1)
        .output("state0", state.0)
        .output("state1", state.1);
}

fn scan_of_a_cell(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let steps = array::transpose(x, [1, 0, 2]);
    let count = array::index(array::shape::<i32, _>(x), 0);
    let start = array::zeros::<f32>(g, (count, 3));
    let cell = |state, step| {
        let scope = EnterScope::new("cell").reuse(Reuse::Auto);
        let (inputs, kernel, bias) = g.variable_scope(scope, |_| {
            let inputs = array::concat(g, [step, state], 1);
            let kernel = g.get_variable::<f32>("kernel").shape([5, 3]).finish();
            let bias = g.get_variable::<f32>("bias").shape([3]);
            let bias = bias.initializer(tfhub::init::zeros()).finish();
            (inputs, kernel, bias)
        });
        let new: Floats<'_> = math::tanh(math::matmul(inputs, kernel) + bias);
        g.cond(flag, || new, || new + state)
    };
    let states = g.scan(steps, cell, ScanOptions::default().initializer(start));
    let last = g.foldl(steps, cell, FoldOptions::default().initializer(start));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("states", states)
        .output("last", last);
}

fn rows_nested(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let sums = g.map_fn(x, |page| g.scan(page, |a, row| a + row, ()), ());
    let total = g.cond(
        flag,
        || g.foldl(x, |a, page| a + page, ()),
        || array::index(x, 0),
    );
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("sums", sums)
        .output("total", total);
}

fn rows_in_loops(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((3, 2)));
    let empty = g.named("empty", || g.placeholder::<f32>((0, 2)));
    let (_, halved) = g.while_loop(
        (g.constant(0), x),
        |(i, _)| math::less(i, 3),
        |(i, rows)| {
            let next = i + 1;
            let shifted = |row| row * 0.5 + math::cast::<f32, _>(i);
            (next, g.map_fn(rows, shifted, ()))
        },
        (),
    );
    let mapped = g.map_fn(empty, |row| row + 1.0, ());
    let zero = ScanOptions::default().initializer(array::zeros::<f32>(g, 2));
    let scanned = g.scan(empty, |a, row| a + row, zero);
    g.signature("default")
        .input("x", x)
        .input("empty", empty)
        .output("halved", halved)
        .output("mapped", mapped)
        .output("scanned", scanned);
}

fn rows_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let variable = |name: &str| g.get_variable::<f32>(name).shape([3]).finish();
    let scaled = g.function("scaled", ["x"], |x: Floats<'_>| {
        g.map_fn(x, |row| row * variable("scale"), ())
    });
    let scaled = scaled.call(x);
    let of_row = |row| {
        let shifted = g.function("shifted", ["row"], |row: Floats<'_>| {
            row + variable("shift")
        });
        shifted.call(row)
    };
    let shifted = g.map_fn(x, of_row, ());
    g.signature("default")
        .input("x", x)
        .output("scaled", scaled)
        .output("shifted", shifted);
}

fn rows_v2(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    let layer = |row| {
        let weighed = || {
            let column: Floats<'_> = array::index(row, (.., array::NewAxis));
            math::reduce_sum(column * kernel, 0)
        };
        g.cond(flag, weighed, || array::index(row, ..2))
    };
    let mapped = g.map_fn(x, layer, ());
    let left = g.foldl(known, |a, row| a + row * 2.0, ());
    let zeros = FoldOptions::default().initializer(array::zeros::<f32>(g, 3));
    let right = g.foldr(x, |a, row| a - row, zeros);
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("flag", flag)
        .output("mapped", mapped)
        .output("left", left)
        .output("right", right);
}

fn scan_v2(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let known = g.named("known", || g.placeholder::<f32>((4, 2)));
    let start = ScanOptions::default().initializer((array::zeros::<f32>(g, 2), 1));
    let both = g.scan(known, |(sum, n), row| (sum + row, n * 2), start);
    let sums = g.scan(x, |a, row| a + row, ());
    let reverse = ScanOptions::default().reverse(true);
    let back = g.named("back", || g.scan(known, |a, row| a - row, reverse));
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .output("sums", sums)
        .output("both0", both.0)
        .output("both1", both.1)
        .output("back", back);
}
