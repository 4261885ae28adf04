"""Arrays of tensors."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function

from cases.control_flow_v2 import control_flow_v2
from modules import module


@module()
def tensor_arrays():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    words = tf.placeholder(tf.string, [2], name="words")
    ids = tf.placeholder(tf.int64, [None, 3], name="ids")
    array = tf.TensorArray(tf.float32, 3)
    array = array.write(0, x).write(1, x * 2.0)
    array = array.write(array.size() - 1, x - [1.0, 2.0])
    stacked = array.stack()
    texts = tf.TensorArray(tf.string, size=2, name="texts").write(0, words[1]).write(1, "a word")
    counts = tf.TensorArray(tf.int64, tf.size(words))
    counts = counts.write(1, ids[0]).write(0, [1, 2, 3])
    hub.add_signature(
        inputs={"x": x, "words": words, "ids": ids},
        outputs={
            "stacked": stacked,
            "text": texts.read(1),
            "other_text": texts.read(0),
            "counts": counts.stack(),
            "size": counts.size(),
        },
    )


@module()
def tensor_arrays_of_options():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    grown = tf.TensorArray(tf.float32, 0, dynamic_size=True, clear_after_read=False, tensor_array_name="grown")
    grown = grown.write(1, x).write(0, x)
    again = grown.read(0) + grown.read(0) + grown.read(1)
    ragged = tf.TensorArray(tf.float32, 2, infer_shape=False, clear_after_read=False).write(0, x).write(1, x[1:])
    row = tf.TensorArray(tf.float32, 2, element_shape=[None], infer_shape=False).write(0, x[0]).write(1, x[:, 0])
    known = tf.TensorArray(tf.float32, 1, element_shape=[None, 2]).write(0, x)
    static = tf.TensorArray(tf.float32, 1, element_shape=[2], infer_shape=False, name="static").write(0, x[1])
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "again": again,
            "ragged": ragged.read(1),
            "joined": ragged.concat(),
            "row": row.read(1),
            "known": known.stack(),
            "static": static.read(0),
        },
    )


@module(feeds={"index": 1, "indices": [2, 0]})
def tensor_arrays_gathered():
    x = tf.placeholder(tf.float32, [3, None, 2], name="x")
    rows = tf.placeholder(tf.float32, [None, 2], name="rows")
    any_shape = tf.placeholder(tf.float32, name="any_shape")
    index = tf.placeholder(tf.int32, [], name="index")
    indices = tf.placeholder(tf.int32, [None], name="indices")
    pages = tf.TensorArray(tf.float32, 3, clear_after_read=False).unstack(x)
    scattered = tf.TensorArray(tf.float32, 5).scatter([4, 1], rows[:2]).write(0, rows[2])
    some = tf.TensorArray(tf.float32, tf.shape(any_shape)[0], clear_after_read=False).unstack(any_shape)
    values = tf.TensorArray(tf.int32, 3, clear_after_read=False).unstack([5, 6, 7])
    by_indices = tf.TensorArray(tf.int32, 3).scatter(indices, [8, 9])
    hub.add_signature(
        inputs={"x": x, "rows": rows, "any_shape": any_shape, "index": index, "indices": indices},
        outputs={
            "page": pages.read(index),
            "pages": pages.gather(indices),
            "scattered": scattered.gather([0, 4, 1]),
            "some": some.read(0),
            "all": some.stack(),
            "value": values.read(index),
            "values": values.gather(indices),
            "by_index": by_indices.read(2),
        },
    )


@module(feeds={"lengths": [2, 1], "longs": [1, 2]})
def tensor_arrays_split():
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    any_shape = tf.placeholder(tf.float32, name="any_shape")
    lengths = tf.placeholder(tf.int32, [2], name="lengths")
    longs = tf.placeholder(tf.int64, [2], name="longs")
    equal = tf.TensorArray(tf.float32, 3).split(x, [1, 1, 1])
    unequal = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 2])
    given = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, lengths)
    long = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, tf.cast(longs, tf.int32))
    some = tf.TensorArray(tf.float32, 2, infer_shape=False).split(any_shape, [1, 1])
    constant = tf.TensorArray(tf.int32, 2, infer_shape=False).split([1, 2, 3], [2, 1])
    hub.add_signature(
        inputs={"x": x, "any_shape": any_shape, "lengths": lengths, "longs": longs},
        outputs={
            "equal": equal.concat(),
            "unequal": unequal.read(1),
            "given": given.concat(),
            "long": long.read(0),
            "some": some.concat(),
            "constant": constant.concat(),
        },
    )


@module()
def tensor_arrays_named():
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    array = tf.TensorArray(tf.float32, 3, name="array")
    written = array.write(0, x[0], name="write").write(1, x[1], name="write").write(2, [1.0, 2.0])
    unstacked = tf.TensorArray(tf.float32, 3, name="array", clear_after_read=False).unstack(x, name="unstack")
    scattered = tf.TensorArray(tf.float32, 2, name="array").scatter([0, 1], x[:2], name="scatter")
    split = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 2], name="split")
    with tf.name_scope("scope"):
        stacked = written.stack(name="stack")
        inside = tf.TensorArray(tf.float32, 1).write(0, x)
    outputs = {
        "stacked": stacked,
        "inside": inside.read(0),
        "read": unstacked.read(1, name="read"),
        "gathered": unstacked.gather([0, 2], name="gather"),
        "size": unstacked.size(name="size"),
        "again": scattered.stack(),
        "concat": split.concat(name="concat"),
    }
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def tensor_arrays_closed():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    array = tf.TensorArray(tf.float32, 2, clear_after_read=False).write(0, x).write(1, x)
    one = tf.constant(1.0, name="one")
    with tf.control_dependencies([one]):
        waiting = array.identity()
    read = waiting.read(0) + array.read(1)
    with tf.control_dependencies([read]):
        close = array.close()
        named = tf.TensorArray(tf.float32, 1, name="other").close(name="close")
    with tf.control_dependencies([close, named]):
        y = tf.identity(read)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module()
def tensor_arrays_of_gradients():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    array = tf.TensorArray(tf.float32, 2).unstack(tf.stack([x, x]))
    gradients = array.grad("first").write(0, x).write(1, x * 2.0)
    named = array.grad("second", name="grad")
    with tf.name_scope("scope"):
        named = named.unstack(tf.stack([x, x]))
    hub.add_signature(inputs={"x": x}, outputs={"first": gradients.stack(), "second": named.read(1)})


@module()
def tensor_arrays_on_devices():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.device("/cpu:0"):
        doubled = x * 2.0
        with tf.colocate_with(x):
            array = tf.TensorArray(tf.float32, 2, name="colocated")
            here = tf.TensorArray(tf.float32, 2, colocate_with_first_write_call=False, name="here")
        array = array.write(0, doubled).write(1, x)
        here = here.write(0, doubled)
        fixed = tf.TensorArray(tf.float32, 1, colocate_with_first_write_call=False).write(0, x)
        stacked = array.stack()
    here = here.write(1, [[1.0, 2.0]] * 3)
    hub.add_signature(
        inputs={"x": x}, outputs={"stacked": stacked, "here": here.stack(), "fixed": fixed.gather([0])}
    )


@module(seed=5)
def tensor_arrays_on_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [3, 2])
    scale = tf.get_variable("scale", [2])
    rows = tf.TensorArray(tf.float32, 3).unstack(kernel)
    array = tf.TensorArray(tf.float32, 2, clear_after_read=False).write(0, scale).write(1, scale * 2.0)
    index = tf.get_variable("index", initializer=1, trainable=False)
    y = x * rows.read(2) + array.read(index)
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "stacked": array.stack()})


@module()
def tensor_arrays_in_conditionals():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    array = tf.TensorArray(tf.float32, 2, clear_after_read=False).write(0, x)
    chosen = tf.cond(flag, lambda: array.write(1, x * 2.0), lambda: array.write(1, x))
    read = tf.cond(flag, lambda: array.read(0), lambda: x)
    empty = tf.TensorArray(tf.float32, 1, name="empty")
    several = tf.cond(flag, lambda: (x, empty.write(0, x)), lambda: (x - 1.0, empty.write(0, x + 1.0)), name="several")

    def inside():
        made = tf.TensorArray(tf.float32, 1).write(0, x)
        return made.stack()

    hub.add_signature(
        inputs={"x": x, "flag": flag},
        outputs={
            "chosen": chosen.stack(),
            "read": read,
            "first": several[0],
            "second": several[1].read(0),
            "inside": tf.cond(flag, inside, lambda: tf.stack([x])),
        },
    )


@module()
def tensor_arrays_in_loops():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    n = tf.shape(x)[0]
    rows = tf.TensorArray(tf.float32, n, name="rows").unstack(x)
    sums = tf.TensorArray(tf.float32, n, name="sums")
    shapes = tf.TensorArray(tf.float32, n, element_shape=[3], infer_shape=False)

    def body(i, total, arrays):
        total = total + rows.read(i)
        return i + 1, total, (arrays[0].write(i, total), arrays[1].write(i, total * 2.0))

    start = (tf.constant(0), tf.zeros([3]), (sums, shapes))
    _, total, (sums, shapes) = tf.while_loop(lambda i, *_: i < n, body, start)
    hub.add_signature(
        inputs={"x": x}, outputs={"total": total, "sums": sums.stack(), "shapes": shapes.read(0)}
    )


@module()
def tensor_arrays_that_grow():
    word = tf.placeholder(tf.string, [], name="word")
    count = tf.placeholder(tf.int32, [], name="count")
    words = tf.TensorArray(tf.string, 0, dynamic_size=True, clear_after_read=False, element_shape=[])

    def body(i, word, words, squares):
        squares = squares.write(i, i * i)
        return i + 1, tf.strings.join([word, "a"]), words.write(i, word), squares

    squares = tf.TensorArray(tf.int32, 1, dynamic_size=True)
    start = (tf.constant(0), word, words, squares)
    _, last, words, squares = tf.while_loop(lambda i, *_: i < count, body, start, maximum_iterations=20)
    hub.add_signature(
        inputs={"word": word, "count": count},
        outputs={
            "last": last,
            "words": words.stack(),
            "first": words.read(0),
            "size": words.size(),
            "squares": squares.stack(),
        },
    )


@module()
def tensor_arrays_in_nested_loops():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    results = tf.TensorArray(tf.float32, 2, name="results")

    def outer(i, results):
        made = tf.TensorArray(tf.float32, 3)

        def inner(j, made):
            return j + 1, tf.cond(flag, lambda: made.write(j, x[i, j] * 2.0), lambda: made.write(j, x[i, j]))

        _, made = tf.while_loop(lambda j, _: j < 3, inner, (tf.constant(0), made))
        return i + 1, results.write(i, made.stack())

    _, results = tf.while_loop(lambda i, _: i < 2, outer, (tf.constant(0), results), parallel_iterations=1)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": results.stack()})


@module()
def tensor_arrays_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")

    @function.Defun(tf.float32, func_name="stacked")
    def stacked(x):
        array = tf.TensorArray(tf.float32, 2).write(0, x)
        return array.write(1, x * 2.0).stack()

    array = tf.TensorArray(tf.float32, 1, clear_after_read=False).write(0, x)

    @function.Defun(tf.float32, func_name="around")
    def around(x):
        return array.read(0) + x

    hub.add_signature(inputs={"x": x}, outputs={"stacked": stacked(x), "around": around(x)})


@module()
@control_flow_v2
def tensor_arrays_v2():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    known = tf.placeholder(tf.float32, [3, 2], name="known")
    index = tf.placeholder(tf.int32, [], name="index")
    array = tf.TensorArray(tf.float32, 3)
    array = array.write(0, x).write(1, x * 2.0)
    array = array.write(array.size() - 1, x - [1.0, 2.0], name="last")
    rows = tf.TensorArray(tf.float32, 3, name="rows").unstack(known)
    scattered = tf.TensorArray(tf.float32, 3, element_shape=[None]).scatter([2, 0], known[:2]).write(1, known[2])
    split = tf.TensorArray(tf.float32, 2, infer_shape=False).split(known, [1, 2])
    equal = tf.TensorArray(tf.float32, 3).split(known, [1, 1, 1])
    counts = tf.TensorArray(tf.int32, 2).write(0, index).write(1, 5)
    one = tf.constant(1.0, name="one")
    with tf.control_dependencies([one]):
        waiting = rows.identity()
    hub.add_signature(
        inputs={"x": x, "known": known, "index": index},
        outputs={
            "stacked": array.stack(),
            "read": waiting.read(1, name="read"),
            "gathered": rows.gather([2, 0]),
            "scattered": scattered.stack(name="scattered"),
            "split": split.read(1),
            "joined": split.concat(),
            "equal": equal.concat(),
            "counts": counts.stack(),
            "count": counts.read(1),
            "size": rows.size(),
        },
    )


@module()
@control_flow_v2
def tensor_arrays_v2_that_grow():
    x = tf.placeholder(tf.float32, [3], name="x")
    count = tf.placeholder(tf.int32, [], name="count")
    grown = tf.TensorArray(tf.float32, 0, dynamic_size=True).write(1, x[0]).write(0, x[1])

    def body(i, total, sums):
        total = total + x
        return i + 1, total, sums.write(i, total)

    sums = tf.TensorArray(tf.float32, 1, dynamic_size=True)
    _, total, sums = tf.while_loop(lambda i, *_: i < count, body, (tf.constant(0), tf.zeros([3]), sums))
    hub.add_signature(
        inputs={"x": x, "count": count}, outputs={"grown": grown.stack(), "total": total, "sums": sums.stack()}
    )


@module()
@control_flow_v2
def tensor_arrays_v2_in_conditionals():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    array = tf.TensorArray(tf.float32, 2).write(0, x)
    chosen = tf.cond(flag, lambda: array.write(1, x * 2.0), lambda: array.write(1, x))

    def body(i, results):
        return i + 1, tf.cond(flag, lambda: results.write(i, x), lambda: results)

    results = tf.TensorArray(tf.float32, 2, name="results").unstack(tf.stack([x, x]))
    _, results = tf.while_loop(lambda i, _: i < 2, body, (tf.constant(0), results), maximum_iterations=5)
    hub.add_signature(
        inputs={"x": x, "flag": flag}, outputs={"chosen": chosen.stack(), "results": results.concat()}
    )
