//! Arrays of tensors.

use tfhub::control_flow::{TensorArray, TensorArrayOptions, WhileOptions};
use tfhub::dtype::ByteString;
use tfhub::ops::array::{self, identity};
use tfhub::ops::{math, string};
use tfhub::{GraphBuilder, Tensor};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("tensor_arrays", tensor_arrays),
        Module::new("tensor_arrays_of_options", tensor_arrays_of_options),
        Module::new("tensor_arrays_gathered", tensor_arrays_gathered),
        Module::new("tensor_arrays_split", tensor_arrays_split),
        Module::new("tensor_arrays_named", tensor_arrays_named),
        Module::new("tensor_arrays_closed", tensor_arrays_closed),
        Module::new("tensor_arrays_of_gradients", tensor_arrays_of_gradients),
        Module::new("tensor_arrays_on_devices", tensor_arrays_on_devices),
        Module::new("tensor_arrays_on_variables", tensor_arrays_on_variables).seed(5),
        Module::new(
            "tensor_arrays_in_conditionals",
            tensor_arrays_in_conditionals,
        ),
        Module::new("tensor_arrays_in_loops", tensor_arrays_in_loops),
        Module::new("tensor_arrays_that_grow", tensor_arrays_that_grow),
        Module::new(
            "tensor_arrays_in_nested_loops",
            tensor_arrays_in_nested_loops,
        ),
        Module::new("tensor_arrays_in_functions", tensor_arrays_in_functions),
        Module::new("tensor_arrays_v2", tensor_arrays_v2),
        Module::new("tensor_arrays_v2_that_grow", tensor_arrays_v2_that_grow),
        Module::new(
            "tensor_arrays_v2_in_conditionals",
            tensor_arrays_v2_in_conditionals,
        ),
    ]
}

fn tensor_arrays(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let words = g.named("words", || g.placeholder::<ByteString>([2]));
    let ids = g.named("ids", || g.placeholder::<i64>((None, 3)));
    let array = TensorArray::new(g, 3, ());
    let array = array.write(0, x).write(1, x * 2.0);
    let last = array.size() - 1;
    let array = array.write(last, x - [1f32, 2.0]);
    let stacked = array.stack();
    let texts = g.named("texts", || TensorArray::new(g, 2, ()));
    let texts = texts.write(0, array::index(words, 1)).write(1, "a word");
    let counts = TensorArray::new(g, array::size::<i32, _>(words), ());
    let counts = counts.write(1, array::index(ids, 0)).write(0, [1i64, 2, 3]);
    g.signature("default")
        .input("x", x)
        .input("words", words)
        .input("ids", ids)
        .output("stacked", stacked)
        .output("text", texts.read(1))
        .output("other_text", texts.read(0))
        .output("counts", counts.stack())
        .output("size", counts.size());
}

fn tensor_arrays_of_options(g: &GraphBuilder) {
    let options = TensorArrayOptions::default;
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let growing = options().dynamic_size(true).clear_after_read(false);
    let grown = TensorArray::new(g, 0, growing.tensor_array_name("grown"));
    let grown = grown.write(1, x).write(0, x);
    let again = grown.read(0) + grown.read(0) + grown.read(1);
    let ragged = options().infer_shape(false).clear_after_read(false);
    let ragged = TensorArray::new(g, 2, ragged).write(0, x);
    let ragged = ragged.write(1, array::index(x, 1..));
    let row = options().element_shape((None,)).infer_shape(false);
    let row = TensorArray::new(g, 2, row).write(0, array::index(x, 0));
    let row = row.write(1, array::index(x, (.., 0)));
    let known = TensorArray::new(g, 1, options().element_shape((None, 2))).write(0, x);
    let one_shape = options().element_shape(2).infer_shape(false);
    let one_shape = g.named("static", || TensorArray::new(g, 1, one_shape));
    let one_shape = one_shape.write(0, array::index(x, 1));
    g.signature("default")
        .input("x", x)
        .output("again", again)
        .output("ragged", ragged.read(1))
        .output("joined", ragged.concat())
        .output("row", row.read(1))
        .output("known", known.stack())
        .output("static", one_shape.read(0));
}

fn tensor_arrays_gathered(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((3, None, 2)));
    let rows = g.named("rows", || g.placeholder::<f32>((None, 2)));
    let any_shape = g.named("any_shape", || {
        g.placeholder::<f32>(tfhub::Shape::unknown())
    });
    let index = g.named("index", || g.placeholder::<i32>(()));
    let indices = g.named("indices", || g.placeholder::<i32>((None,)));
    let kept = || TensorArrayOptions::default().clear_after_read(false);
    let pages = TensorArray::new(g, 3, kept()).unstack(x);
    let scattered = TensorArray::new(g, 5, ());
    let scattered = scattered.scatter([4, 1], array::index(rows, ..2));
    let scattered = scattered.write(0, array::index(rows, 2));
    let count = array::index(array::shape::<i32, _>(any_shape), 0);
    let some = TensorArray::new(g, count, kept()).unstack(any_shape);
    let values = TensorArray::new(g, 3, kept()).unstack([5, 6, 7]);
    let by_indices = TensorArray::new(g, 3, ()).scatter(indices, [8, 9]);
    g.signature("default")
        .input("x", x)
        .input("rows", rows)
        .input("any_shape", any_shape)
        .input("index", index)
        .input("indices", indices)
        .output("page", pages.read(index))
        .output("pages", pages.gather(indices))
        .output("scattered", scattered.gather([0, 4, 1]))
        .output("some", some.read(0))
        .output("all", some.stack())
        .output("value", values.read(index))
        .output("values", values.gather(indices))
        .output("by_index", by_indices.read(2));
}

fn tensor_arrays_split(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((3, 2)));
    let any_shape = g.named("any_shape", || {
        g.placeholder::<f32>(tfhub::Shape::unknown())
    });
    let lengths = g.named("lengths", || g.placeholder::<i32>([2]));
    let longs = g.named("longs", || g.placeholder::<i64>([2]));
    let ragged = || TensorArrayOptions::default().infer_shape(false);
    let equal = TensorArray::new(g, 3, ()).split(x, [1, 1, 1]);
    let unequal = TensorArray::new(g, 2, ragged()).split(x, [1, 2]);
    let given = TensorArray::new(g, 2, ragged()).split(x, lengths);
    let long = TensorArray::new(g, 2, ragged());
    let long = long.split(x, math::cast::<i32, _>(longs));
    let some = TensorArray::new(g, 2, ragged()).split(any_shape, [1, 1]);
    let constant = TensorArray::new(g, 2, ragged()).split([1, 2, 3], [2, 1]);
    g.signature("default")
        .input("x", x)
        .input("any_shape", any_shape)
        .input("lengths", lengths)
        .input("longs", longs)
        .output("equal", equal.concat())
        .output("unequal", unequal.read(1))
        .output("given", given.concat())
        .output("long", long.read(0))
        .output("some", some.concat())
        .output("constant", constant.concat());
}

fn tensor_arrays_named(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((3, 2)));
    let row = |at: i32| array::index(x, at);
    let array = g.named("array", || TensorArray::new(g, 3, ()));
    let first = row(0);
    let written = g.named("write", || array.write(0, first));
    let second = row(1);
    let written = g.named("write", || written.write(1, second));
    let written = written.write(2, [1.0, 2.0]);
    let kept = TensorArrayOptions::default().clear_after_read(false);
    let unstacked = g.named("array", || TensorArray::new(g, 3, kept));
    let unstacked = g.named("unstack", || unstacked.unstack(x));
    let scattered = g.named("array", || TensorArray::new(g, 2, ()));
    let rows = array::index(x, ..2);
    let scattered = g.named("scatter", || scattered.scatter([0, 1], rows));
    let ragged = TensorArrayOptions::default().infer_shape(false);
    let split = TensorArray::new(g, 2, ragged);
    let split = g.named("split", || split.split(x, [1, 2]));
    let (stacked, inside) = g.name_scope("scope", || {
        let stacked = g.named("stack", || written.stack());
        (stacked, TensorArray::new(g, 1, ()).write(0, x))
    });
    g.signature("default")
        .input("x", x)
        .output("stacked", stacked)
        .output("inside", inside.read(0))
        .output("read", g.named("read", || unstacked.read(1)))
        .output("gathered", g.named("gather", || unstacked.gather([0, 2])))
        .output("size", g.named("size", || unstacked.size()))
        .output("again", scattered.stack())
        .output("concat", g.named("concat", || split.concat()));
}

fn tensor_arrays_closed(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let kept = TensorArrayOptions::default().clear_after_read(false);
    let array = TensorArray::new(g, 2, kept).write(0, x).write(1, x);
    let one = g.named("one", || g.constant(1f32));
    let waiting = g.control_dependencies([one], || array.identity());
    let read = waiting.read(0) + array.read(1);
    let closed = g.control_dependencies([read], || {
        let close = array.close();
        let other: TensorArray<'_, f32> = g.named("other", || TensorArray::new(g, 1, ()));
        [close, g.named("close", || other.close())]
    });
    let y = g.control_dependencies(closed, || identity(read));
    g.signature("default").input("x", x).output("default", y);
}

fn tensor_arrays_of_gradients(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let array = TensorArray::new(g, 2, ());
    let array = array.unstack(array::stack(g, [x, x], 0));
    let gradients = array.grad("first").write(0, x).write(1, x * 2.0);
    let named = g.named("grad", || array.grad("second"));
    let named = g.name_scope("scope", || named.unstack(array::stack(g, [x, x], 0)));
    g.signature("default")
        .input("x", x)
        .output("first", gradients.stack())
        .output("second", named.read(1));
}

fn tensor_arrays_on_devices(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let elsewhere = || TensorArrayOptions::default().colocate_with_first_write_call(false);
    let (stacked, here, fixed) = g.device("/cpu:0", || {
        let doubled = x * 2.0;
        let (array, here) = g.colocate_with(x, || {
            let array = g.named("colocated", || TensorArray::new(g, 2, ()));
            (
                array,
                g.named("here", || TensorArray::new(g, 2, elsewhere())),
            )
        });
        let array = array.write(0, doubled).write(1, x);
        let here = here.write(0, doubled);
        let fixed = TensorArray::new(g, 1, elsewhere()).write(0, x);
        (array.stack(), here, fixed)
    });
    let here = here.write(1, [[1f32, 2.0]; 3]);
    g.signature("default")
        .input("x", x)
        .output("stacked", stacked)
        .output("here", here.stack())
        .output("fixed", fixed.gather([0]));
}

fn tensor_arrays_on_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    let scale = g.get_variable::<f32>("scale").shape([2]).finish();
    let rows = TensorArray::new(g, 3, ()).unstack(kernel);
    let kept = TensorArrayOptions::default().clear_after_read(false);
    let array = TensorArray::new(g, 2, kept).write(0, scale);
    let array = array.write(1, scale * 2.0);
    let index = g.get_variable("index").initial_value(1i32).trainable(false);
    let index = index.finish();
    let y = x * rows.read(2) + array.read(index);
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("stacked", array.stack());
}

fn tensor_arrays_in_conditionals(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let kept = TensorArrayOptions::default().clear_after_read(false);
    let array = TensorArray::new(g, 2, kept).write(0, x);
    let chosen = g.cond(flag, || array.write(1, x * 2.0), || array.write(1, x));
    let read = g.cond(flag, || array.read(0), || x);
    let empty = g.named("empty", || TensorArray::new(g, 1, ()));
    let several = g.named("several", || {
        let first = || (x, empty.write(0, x));
        let second = || {
            let less = x - 1.0;
            (less, empty.write(0, x + 1.0))
        };
        g.cond(flag, first, second)
    });
    let stacked = chosen.stack();
    let second = several.1.read(0);
    let inside = g.cond(
        flag,
        || TensorArray::new(g, 1, ()).write(0, x).stack(),
        || array::stack(g, [x], 0),
    );
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("chosen", stacked)
        .output("read", read)
        .output("first", several.0)
        .output("second", second)
        .output("inside", inside);
}

fn tensor_arrays_in_loops(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let n = array::index(array::shape::<i32, _>(x), 0);
    let rows = g.named("rows", || TensorArray::new(g, n, ())).unstack(x);
    let sums = g.named("sums", || TensorArray::new(g, n, ()));
    let options = TensorArrayOptions::default().element_shape(3);
    let shapes = TensorArray::new(g, n, options.infer_shape(false));
    let start = (g.constant(0), array::zeros::<f32>(g, 3), (sums, shapes));
    let (_, total, (sums, shapes)) = g.while_loop(
        start,
        |(i, ..)| math::less(i, n),
        |(i, total, (sums, shapes))| {
            let total = total + rows.read(i);
            let next = i + 1;
            let sums = sums.write(i, total);
            (next, total, (sums, shapes.write(i, total * 2.0)))
        },
        (),
    );
    g.signature("default")
        .input("x", x)
        .output("total", total)
        .output("sums", sums.stack())
        .output("shapes", shapes.read(0));
}

fn tensor_arrays_that_grow(g: &GraphBuilder) {
    let word = g.named("word", || g.placeholder::<ByteString>(()));
    let count = g.named("count", || g.placeholder::<i32>(()));
    let growing = || TensorArrayOptions::default().dynamic_size(true);
    let kept = growing().clear_after_read(false).element_shape(());
    let words = TensorArray::new(g, 0, kept);
    let squares = TensorArray::new(g, 1, growing());
    let (_, last, words, squares) = g.while_loop(
        (g.constant(0), word, words, squares),
        |(i, ..)| math::less(i, count),
        |(i, word, words, squares)| {
            let squares = squares.write(i, i * i);
            let next = i + 1;
            let longer = string::join(g, [word.into(), "a".into()], "");
            (next, longer, words.write(i, word), squares)
        },
        WhileOptions::default().maximum_iterations(20),
    );
    g.signature("default")
        .input("word", word)
        .input("count", count)
        .output("last", last)
        .output("words", words.stack())
        .output("first", words.read(0))
        .output("size", words.size())
        .output("squares", squares.stack());
}

fn tensor_arrays_in_nested_loops(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let results = g.named("results", || TensorArray::new(g, 2, ()));
    let (_, results) = g.while_loop(
        (g.constant(0), results),
        |(i, _)| math::less(i, 2),
        |(i, results)| {
            let made = TensorArray::new(g, 3, ());
            let (_, made) = g.while_loop(
                (g.constant(0), made),
                |(j, _)| math::less(j, 3),
                |(j, made)| {
                    let next = j + 1;
                    let doubled = || made.write(j, array::index(x, (i, j)) * 2.0);
                    let same = || made.write(j, array::index(x, (i, j)));
                    (next, g.cond(flag, doubled, same))
                },
                (),
            );
            let next = i + 1;
            (next, results.write(i, made.stack()))
        },
        WhileOptions::default().parallel_iterations(1),
    );
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", results.stack());
}

fn tensor_arrays_in_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let stacked = g.function("stacked", ["x"], |x: Tensor<'_, f32>| {
        let array = TensorArray::new(g, 2, ()).write(0, x);
        array.write(1, x * 2.0).stack()
    });
    let kept = TensorArrayOptions::default().clear_after_read(false);
    let array = TensorArray::new(g, 1, kept).write(0, x);
    let around = g.function("around", ["x"], |x: Tensor<'_, f32>| array.read(0) + x);
    let stacked = stacked.call(x);
    g.signature("default")
        .input("x", x)
        .output("stacked", stacked)
        .output("around", around.call(x));
}

fn tensor_arrays_v2(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let known = g.named("known", || g.placeholder::<f32>((3, 2)));
    let index = g.named("index", || g.placeholder::<i32>(()));
    let array = TensorArray::new(g, 3, ());
    let array = array.write(0, x).write(1, x * 2.0);
    let (last, value) = (array.size() - 1, x - [1f32, 2.0]);
    let array = g.named("last", || array.write(last, value));
    let rows = g.named("rows", || TensorArray::new(g, 3, ()));
    let rows = rows.unstack(known);
    let vectors = TensorArrayOptions::default().element_shape((None,));
    let scattered = TensorArray::new(g, 3, vectors);
    let scattered = scattered.scatter([2, 0], array::index(known, ..2));
    let scattered = scattered.write(1, array::index(known, 2));
    let ragged = TensorArrayOptions::default().infer_shape(false);
    let split = TensorArray::new(g, 2, ragged).split(known, [1, 2]);
    let equal = TensorArray::new(g, 3, ()).split(known, [1, 1, 1]);
    let counts = TensorArray::new(g, 2, ()).write(0, index).write(1, 5);
    let one = g.named("one", || g.constant(1f32));
    let waiting = g.control_dependencies([one], || rows.identity());
    g.signature("default")
        .input("x", x)
        .input("known", known)
        .input("index", index)
        .output("stacked", array.stack())
        .output("read", g.named("read", || waiting.read(1)))
        .output("gathered", rows.gather([2, 0]))
        .output("scattered", g.named("scattered", || scattered.stack()))
        .output("split", split.read(1))
        .output("joined", split.concat())
        .output("equal", equal.concat())
        .output("counts", counts.stack())
        .output("count", counts.read(1))
        .output("size", rows.size());
}

fn tensor_arrays_v2_that_grow(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>([3]));
    let count = g.named("count", || g.placeholder::<i32>(()));
    let growing = || TensorArrayOptions::default().dynamic_size(true);
    let grown = TensorArray::new(g, 0, growing());
    let grown = grown.write(1, array::index(x, 0));
    let grown = grown.write(0, array::index(x, 1));
    let sums = TensorArray::new(g, 1, growing());
    let (_, total, sums) = g.while_loop(
        (g.constant(0), array::zeros::<f32>(g, 3), sums),
        |(i, ..)| math::less(i, count),
        |(i, total, sums)| {
            let total = total + x;
            let next = i + 1;
            (next, total, sums.write(i, total))
        },
        (),
    );
    g.signature("default")
        .input("x", x)
        .input("count", count)
        .output("grown", grown.stack())
        .output("total", total)
        .output("sums", sums.stack());
}

fn tensor_arrays_v2_in_conditionals(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let array = TensorArray::new(g, 2, ()).write(0, x);
    let chosen = g.cond(flag, || array.write(1, x * 2.0), || array.write(1, x));
    let results = g.named("results", || TensorArray::new(g, 2, ()));
    let results = results.unstack(array::stack(g, [x, x], 0));
    let (_, results) = g.while_loop(
        (g.constant(0), results),
        |(i, _)| math::less(i, 2),
        |(i, results)| {
            let next = i + 1;
            (next, g.cond(flag, || results.write(i, x), || results))
        },
        WhileOptions::default().maximum_iterations(5),
    );
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("chosen", chosen.stack())
        .output("results", results.concat());
}
