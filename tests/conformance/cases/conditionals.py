"""Conditionals of TensorFlow 1."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.ops import lookup_ops

from cases.assets import WORDS
from modules import module

@module()
def conditionals():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")
    scaled = tf.cond(flag, lambda: x * 2.0 + shift, lambda: x - shift)
    same = tf.cond(flag, lambda: x, lambda: scaled)

    def with_constants():
        a = tf.constant(1.0)
        return a, tf.zeros([2]), shift

    def with_scopes():
        with tf.name_scope("inside"):
            total = tf.reduce_sum(x) + tf.reduce_sum(x, name="again")
        return total, shift[:2] * shift[1:], x[0]

    several = tf.cond(flag, with_constants, with_scopes, name="several")
    outputs = {"scaled": scaled, "same": same}
    outputs.update({"several%d" % i: tensor for i, tensor in enumerate(several)})
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs=outputs)


@module()
def conditionals_nested():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    one = tf.constant(1.0, name="one")

    def outer():
        doubled = x * 2.0

        def inner():
            with tf.name_scope("deep"):
                return tf.cond(flag, lambda: doubled + x, lambda: one * x)

        return tf.cond(tf.logical_not(flag), inner, lambda: doubled)

    def other():
        return tf.cond(flag, lambda: x, lambda: one - x)

    nested = tf.cond(flag, outer, other)
    with tf.control_dependencies([one]):
        with tf.device("/cpu:0"):
            around = tf.cond(flag, lambda: tf.identity(one), lambda: tf.constant(2.0))

    def depending():
        with tf.control_dependencies([one]):
            a = tf.constant(3.0)
            b = x + a
        with tf.control_dependencies([b]):
            c = tf.constant(4.0)
        with tf.control_dependencies(None):
            d = tf.constant(5.0)
            e = x + d
        with tf.colocate_with(b):
            f = tf.identity(x, name="f")
        return a + c + tf.reduce_sum(f + e)

    inside = tf.cond(flag, depending, lambda: one, name="inside")
    hub.add_signature(
        inputs={"x": x, "flag": flag}, outputs={"nested": nested, "around": around, "inside": inside}
    )


@module(seed=23)
def conditionals_on_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    kernel = tf.get_variable("kernel", [2, 3])
    scale = tf.get_variable("scale", [3])

    @function.Defun(tf.float32, func_name="times_scale")
    def times_scale(x):
        return x * scale

    with tf.variable_scope("scope"):
        y = tf.cond(flag, lambda: tf.matmul(x, kernel) * scale, lambda: times_scale(tf.matmul(x, kernel)))
        z = tf.cond(flag, lambda: scale.read_value(), lambda: tf.random_uniform([3]))
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": y, "z": tf.shape(z)})


@module()
def conditionals_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    shift = tf.constant([1.0, 2.0], name="shift")

    @function.Defun(tf.float32, func_name="shifted")
    def shifted(x):
        y = tf.cond(flag, lambda: x + shift, lambda: shift)

        @function.Defun(tf.float32, func_name="inner")
        def inner(z):
            return tf.cond(tf.logical_not(flag), lambda: z + y, lambda: tf.constant([3.0, 4.0]))

        return tf.cond(flag, lambda: inner(y), lambda: x)

    default = tf.cond(flag, lambda: shifted(x), lambda: shifted(x * 2.0))
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": default})


@module()
def conditionals_with_imports():
    with tf.Graph().as_default() as other:
        a = tf.placeholder(tf.float32, [None, 2], name="a")
        tf.add(a * tf.constant(2.0, name="two"), a, name="b")
    graph_def = other.as_graph_def()
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def imported():
        return tf.import_graph_def(graph_def, {"a": x}, ["b:0"])[0]

    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": tf.cond(flag, imported, lambda: x)})


@module(seed=41)
def conditionals_that_make_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    start = tf.cond(tf.constant(True), lambda: tf.constant([1.0, 2.0]), lambda: tf.constant([3.0, 4.0]), name="start")
    offset = tf.get_variable("offset", initializer=start)

    def branch():
        with tf.variable_scope("inside"), tf.control_dependencies([x]):
            kernel = tf.get_variable("kernel", [2, 2], regularizer=tf.contrib.layers.l2_regularizer(0.5))
            own = tf.Variable(lambda: start * 2.0, name="own")
        return tf.matmul(x, kernel) * own

    default = tf.cond(flag, branch, lambda: x + offset)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": default})


@module(feeds={"words": ["cat", "dog", "cow", "a"]})
def conditionals_that_make_tables():
    words = tf.placeholder(tf.string, [None], name="words")
    flag = tf.placeholder(tf.bool, [], name="flag")

    class Animals(tf.lookup.KeyValueTensorInitializer):
        _shared_name = "animals"

    def animals(words):
        with tf.name_scope("inside"), tf.control_dependencies([words]), tf.device("/cpu:0"):
            contents = Animals(["cat", "dog"], [1, 2], value_dtype=tf.int64)
            table = tf.lookup.StaticHashTable(contents, -1, name="animals")
        return table.lookup(words) + table.size()

    def vocabulary():
        return lookup_ops.index_table_from_file(WORDS, num_oov_buckets=2).lookup(words)

    outside = lookup_ops.index_table_from_file(WORDS, default_value=-3)

    @function.Defun(tf.string, tf.bool, func_name="chosen")
    def chosen(words, flag):
        return tf.cond(flag, lambda: animals(words), lambda: outside.lookup(words))

    default = tf.cond(flag, vocabulary, lambda: outside.lookup(words))
    with tf.name_scope("around"):
        called = chosen(words, tf.logical_not(flag))
    hub.add_signature(inputs={"words": words, "flag": flag}, outputs={"default": default, "called": called})


@module()
def constants_from_around():
    x = tf.placeholder(tf.float32, [6], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    size = tf.constant([2], name="size")
    is_taken = tf.less(tf.constant(1), 2)

    def parts():
        end = size + 1
        return [tf.strided_slice(x, [1], end), tf.strided_slice(x, [0], size), tf.slice(x, [0], end), x[:1]]

    first = tf.cond(flag, parts, lambda: parts()[::-1])
    second = tf.cond(is_taken, parts, lambda: parts())

    def nested():
        inner = tf.cond(is_taken, lambda: tf.slice(x, [0], size * 2), lambda: tf.slice(x, [1], size * 2))
        return tf.reduce_sum(inner), tf.slice(x, [1], size * 2)

    third = tf.cond(flag, nested, lambda: (x[0], x))

    def body(i, total):
        return i + 1, total + tf.reduce_sum(tf.slice(x, [1], size + 1)) + tf.reduce_sum(tf.slice(x, [0], size))

    fourth = tf.while_loop(lambda i, total: i < size[0], body, (tf.constant(0), tf.constant(0.0)))
    outputs = {"total": third[0], "rest": third[1], "looped": fourth[1]}
    outputs.update({"first%d" % i: tensor for i, tensor in enumerate(first)})
    outputs.update({"second%d" % i: tensor for i, tensor in enumerate(second)})
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs=outputs)
