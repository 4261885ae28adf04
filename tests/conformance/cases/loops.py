"""Loops of TensorFlow 1."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.ops import lookup_ops

from cases.assets import WORDS
from modules import module


@module()
def loops():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")
    _, power = tf.while_loop(lambda i, _: i < 4, lambda i, power: (i + 1, power * x), [0, x])

    def body(i, total, text):
        with tf.name_scope("inside"):
            total = total + shift * tf.cast(i, tf.float32)
        return i + 2, total, tf.constant("again")

    _, total, text = tf.while_loop(
        lambda i, total, text: tf.reduce_sum(total) < tf.reduce_sum(shift) * 5.0,
        body,
        (tf.constant(1, tf.int64), tf.zeros([3]), "never"),
        name="named",
    )
    once = tf.while_loop(lambda on: on, lambda on: tf.constant(False), [tf.constant(True)])
    replaced = tf.while_loop(lambda y: tf.reduce_max(y) > 10.0, lambda y: shift, [shift * 9.0])
    hub.add_signature(
        inputs={"x": x},
        outputs={"power": power, "total": total, "text": text, "once": once, "replaced": replaced},
    )


@module()
def loops_nested():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    one = tf.constant(1.0, name="one")

    def outer_body(i, y):
        def inner_body(j, z):
            z = tf.cond(flag, lambda: z + x * one, lambda: z + tf.cast(i, tf.float32))
            return j + 1, z

        _, z = tf.while_loop(lambda j, _: j < i, inner_body, [tf.constant(0), y])
        return i + 1, z * one

    _, loop = tf.while_loop(lambda i, _: i < 3, outer_body, [0, x])

    def in_branch():
        doubled = x * 2.0

        def body(i, y):
            y = tf.cond(i > 1, lambda: y + doubled, lambda: tf.cond(flag, lambda: y - one, lambda: doubled))
            return i + 1, y

        return tf.while_loop(lambda i, y: i < 3, body, [0, doubled])[1]

    branch = tf.cond(flag, in_branch, lambda: x)

    def deep(level, y):
        if level == 0:
            return y + one
        if level % 2:
            return tf.cond(flag, lambda: deep(level - 1, y), lambda: x)
        return tf.while_loop(lambda i, _: i < 1, lambda i, z: (i + 1, deep(level - 1, z + y)), [0, x])[1]

    hub.add_signature(
        inputs={"x": x, "flag": flag}, outputs={"loop": loop, "branch": branch, "deep": deep(6, x)}
    )


@module()
def loops_with_options():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    limit = tf.placeholder_with_default(tf.constant(3, tf.int64), [], name="limit")
    rows = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, x], 0)),
        [0, tf.zeros([1, 2])],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])],
        parallel_iterations=1,
        back_prop=False,
        swap_memory=True,
    )[1]
    limited = tf.while_loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: y * 2.0, [x], maximum_iterations=5)
    by_tensor = tf.while_loop(
        lambda i, y: i < 10, lambda i, y: (i + 1, tf.concat([y, y], 1)), (0, x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, None])), maximum_iterations=limit,
    )[1]
    unknown = tf.while_loop(
        lambda y: tf.size(y) < 9, lambda y: [tf.stack([y, y])], [x], shape_invariants=[tf.TensorShape(None)],
        maximum_iterations=tf.constant(2, name="two"), name="unknown", return_same_structure=True,
    )[0]
    hub.add_signature(
        inputs={"x": x},
        outputs={"rows": rows, "limited": limited, "by_tensor": by_tensor, "unknown": tf.size(unknown)},
    )


@module(seed=5)
def loops_on_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [2, 2])
    steps = tf.get_variable("steps", initializer=tf.constant(0.0), trainable=False)
    y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.matmul(y, kernel)), [0, x])[1]
    start = tf.while_loop(lambda w: tf.reduce_sum(w) < 10.0, lambda w: w * kernel + 3.0, [kernel])

    def counting(i, z):
        with tf.control_dependencies([tf.assign_add(steps, 0.0)]):
            return i + 1, z + steps.read_value()

    z = tf.while_loop(lambda i, _: i < 2, counting, [0, tf.reduce_sum(x)])[1]
    noise = tf.while_loop(lambda i, _: i < 2, lambda i, n: (i + 1, n + tf.random_uniform([2])), [0, tf.zeros([2])])[1]
    hub.add_signature(inputs={"x": x}, outputs={"y": y, "start": start, "z": z, "noise": tf.shape(noise)})


@module()
def loops_with_controls():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    one = tf.constant(1.0, name="one")
    before = tf.no_op(name="before")

    def body(i, y):
        with tf.control_dependencies([one, before]):
            a = tf.constant(3.0)
            b = y + a
            c = one * 2.0
        with tf.control_dependencies([b]):
            d = tf.constant(4.0)
            e = one * d
        with tf.control_dependencies(None):
            f = x * 5.0
        with tf.colocate_with(b):
            h = tf.identity(y, name="h")
        with tf.device("/cpu:0"):
            k = tf.identity(one)
        return i + 1, b + c + e + f + h + k

    with tf.control_dependencies([before, one]), tf.device("/device:CPU:0"):
        around = tf.while_loop(lambda i, _: i < 2, body, [0, x])[1]
        grown = tf.while_loop(lambda y: tf.reduce_sum(y) < 9.0, lambda y: y + one, [one])
    inside = tf.while_loop(lambda i, _: i < 2, body, [0, around])[1]

    def waits(i, y):
        with tf.control_dependencies([tf.no_op(name="first"), one]):
            y = tf.cond(i > 0, lambda: y + tf.constant(1.0), lambda: one * y)
        return i + 1, y

    waiting = tf.while_loop(lambda i, _: i < 2, waits, [0, x])[1]
    hub.add_signature(inputs={"x": x}, outputs={"around": around, "grown": grown, "inside": inside, "waiting": waiting})


@module()
def loops_of_structures():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    sparse = tf.SparseTensor([[0, 1], [1, 0]], [1.0, 2.0], [2, 2])
    two = tf.constant(2.0)

    def body(i, nested):
        (a, b), c, s = nested
        return i + 1, ((b, a + 1.0), [c[1], c[0] * two], tf.SparseTensor(s.indices, s.values * two, s.dense_shape))

    _, nested = tf.while_loop(lambda i, nested: i < 3, body, (0, ((x, x * 3.0), [two, two * 3.0], sparse)))
    (a, b), c, s = nested
    pair = tf.cond(tf.size(x) > 2, lambda: (s, [two, x]), lambda: (sparse, [c[0], x + 1.0]))
    hub.add_signature(
        inputs={"x": x},
        outputs={"a": a, "b": b, "c0": c[0], "c1": c[1], "s": tf.sparse.to_dense(s),
                 "pair": tf.sparse.to_dense(pair[0]), "pair0": pair[1][0], "pair1": pair[1][1]},
    )


@module(left_out={"hub_load": "later optimizers of TensorFlow move a sum with a function's result out of its loop"})
def loops_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    shift = tf.constant([1.0, 2.0], name="shift")

    @function.Defun(tf.float32, func_name="shifted")
    def shifted(x):
        return x + shift

    @function.Defun(tf.float32, tf.int32, func_name="repeated")
    def repeated(x, n):
        return tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, shifted(y) * shift), [0, x])[1] + x


    def calls(i, y):
        y = shifted(y)
        y.set_shape([None, 2])
        return i + 1, y

    y = tf.while_loop(lambda i, _: i < 2, calls, [0, x])[1]
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
    several = tf.while_loop(
        lambda i, _: i < 2, lambda i, y: (i + 1, repeated(y, i) + x), [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)],
    )[1]
    hub.add_signature("several", inputs={"x": x}, outputs={"default": several})


@module()
def loops_with_imports():
    with tf.Graph().as_default() as other:
        a = tf.placeholder(tf.float32, [None, 2], name="a")
        b = tf.while_loop(lambda i, _: i < 2, lambda i, b: (i + 1, b * 2.0 + a), [0, a])[1]
        tf.identity(b, name="b")
    graph_def = other.as_graph_def(add_shapes=True)
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def imported(x):
        return tf.import_graph_def(graph_def, {"a": x}, ["b:0"])[0]

    branch = tf.cond(flag, lambda: imported(x), lambda: x)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"branch": branch})


@module()
def loops_with_tables():
    words = tf.placeholder(tf.string, [None], name="words")
    table = lookup_ops.index_table_from_file(WORDS, num_oov_buckets=1)

    def body(i, total):
        return i + 1, total + table.lookup(words)

    total = tf.while_loop(lambda i, _: i < 2, body, [0, table.lookup(words)])[1]
    hub.add_signature(inputs={"words": words}, outputs={"default": total})
