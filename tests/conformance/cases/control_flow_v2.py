"""Conditionals and loops that are functions: tf.enable_control_flow_v2()."""

import functools

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.framework import smart_cond as smart

from modules import module


def control_flow_v2(build):
    """Lets a case build its conditionals and loops as functions."""

    @functools.wraps(build)
    def wrapper(**arguments):
        tf.enable_control_flow_v2()
        try:
            build(**arguments)
        finally:
            tf.disable_control_flow_v2()

    return wrapper


class Letters(tf.lookup.KeyValueTensorInitializer):
    _shared_name = "letters"


def _inputs():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    return x, flag, {"x": x, "flag": flag}


@module()
@control_flow_v2
def cond_v2_of_tensors():
    x, flag, inputs = _inputs()
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")
    first = tf.cond(flag, lambda: x * 2.0 + shift, lambda: tf.nn.relu(x))
    with tf.name_scope("scope"):
        second = tf.cond(flag, lambda: (x, shift), lambda: (shift + x, shift * 3.0), name="named")
        third = tf.cond(tf.reduce_sum(x) > 0.0, lambda: [tf.zeros([2]), 1.0], lambda: [tf.ones([3]), 2.0])
    again = tf.cond(flag, lambda: (first, first, x), lambda: (x, first, first))
    outputs = {"default": first, "second": second[0], "shift": second[1], "third": third[0], "scalar": third[1]}
    outputs.update({"again%d" % i: tensor for i, tensor in enumerate(again)})
    hub.add_signature(inputs=inputs, outputs=outputs)


@module()
@control_flow_v2
def cond_v2_in_cond_v2():
    x, flag, inputs = _inputs()
    other = tf.reduce_sum(x, name="sum") > 1.0
    shift = tf.constant(0.5, name="shift")

    def if_true():
        scaled = x * 2.0
        with tf.name_scope("deep"):
            inner = tf.cond(other, lambda: scaled + shift, lambda: x)
        return tf.cond(inner[0, 0] > 0.0, lambda: tf.cond(flag, lambda: inner, lambda: scaled), lambda: x - shift)

    def if_false():
        return tf.cond(flag, lambda: x * shift, lambda: -x, name="last")

    hub.add_signature(inputs=inputs, outputs=tf.cond(other, if_true, if_false))


@module(seed=41)
@control_flow_v2
def cond_v2_of_variables():
    x, flag, inputs = _inputs()
    kernel = tf.get_variable("kernel", [3, 2])
    count = tf.get_variable("count", [], initializer=tf.zeros_initializer(), trainable=False)

    def counted():
        with tf.control_dependencies([count.assign_add(0.0)]):
            return tf.matmul(x, kernel) * count

    def plain():
        bias = tf.get_variable("bias", [2], initializer=tf.ones_initializer())
        return tf.layers.dense(x, 2, name="dense") + bias

    first = tf.cond(flag, counted, plain)
    second = tf.cond(flag, lambda: kernel, lambda: kernel.read_value() * 2.0)
    third = tf.cond(flag, lambda: count.assign(0.0), lambda: count.assign_sub(0.0))
    hub.add_signature(inputs=inputs, outputs={"default": first, "kernel": second, "count": third})


@module(seed=5)
@control_flow_v2
def cond_v2_of_random_numbers():
    x, flag, inputs = _inputs()
    tf.random_uniform([2], name="before")
    first = tf.cond(flag, lambda: tf.nn.dropout(x, keep_prob=0.5), lambda: x)
    with tf.variable_scope("part"):
        second = tf.cond(
            flag,
            lambda: x + tf.random_normal([3], seed=7),
            lambda: tf.cond(flag, lambda: tf.truncated_normal([3]), lambda: tf.zeros([3])) + x,
        )
    hub.add_signature(inputs=inputs, outputs={"default": first * 0.0 + x, "second": tf.shape(second)})


@module()
@control_flow_v2
def cond_v2_of_operations():
    x, flag, inputs = _inputs()
    total = tf.get_variable("total", [3], initializer=tf.zeros_initializer(), trainable=False)

    def add():
        return total.assign_add(x[0] * 0.0).op

    done = tf.cond(flag, add, tf.no_op, name="update")
    pair = tf.cond(flag, lambda: (x, tf.no_op(name="nothing")), lambda: (x + 1.0, tf.no_op()))
    with tf.control_dependencies([done, pair[1]]):
        out = tf.identity(pair[0])
    hub.add_signature(inputs=inputs, outputs={"default": out, "done": done})


@module()
@control_flow_v2
def cond_v2_in_blocks():
    x, flag, inputs = _inputs()
    before = tf.no_op(name="before")
    group = tf.constant(2.0, name="group")
    late = tf.identity(x, name="late")
    with tf.name_scope("around"), tf.control_dependencies([before, late]), tf.device("/cpu:0"):
        first = tf.cond(flag, lambda: x * 2.0, lambda: late)

        def waiting():
            with tf.name_scope("inside"), tf.control_dependencies([before, group]):
                with tf.device("/device:CPU:0"):
                    y = x - 1.0
                with tf.colocate_with(y.op), tf.control_dependencies([y]):
                    return tf.cond(flag, lambda: y * group, lambda: tf.constant([[1.0, 2.0, 3.0]]))

        second = tf.cond(flag, waiting, lambda: x)
    with tf.colocate_with(group.op):
        third = tf.cond(flag, lambda: tf.concat([x, x], 0), lambda: tf.tanh(x, name="tanh"))
    hub.add_signature(inputs=inputs, outputs={"default": first, "second": second, "third": third})


@module(feeds={"flags": [True]})
@control_flow_v2
def cond_v2_of_other_predicates():
    x = tf.placeholder(tf.float32, name="x")
    flags = tf.placeholder(tf.bool, [1], name="flags")
    unknown = tf.placeholder_with_default(True, None, name="unknown")
    first = tf.cond(flags, lambda: x + 1.0, lambda: x)
    second = tf.cond(unknown, lambda: tf.reshape(x, [-1]), lambda: tf.reshape(x, [1, -1]))
    third = tf.cond(tf.constant(True), lambda: tf.constant([1, 2]), lambda: tf.constant([3, 4]))
    hub.add_signature(inputs={"x": x, "flags": flags}, outputs={"default": first, "second": second, "third": third})


@module()
@control_flow_v2
def cond_v2_of_sparse_tensors_and_words():
    words = tf.placeholder(tf.string, [None], name="words")
    flag = tf.size(words, name="count") > 1
    contents = Letters(["a", "b", "c"], [0, 1, 2], value_dtype=tf.int64)
    table = tf.lookup.StaticHashTable(contents, -1, name="letters")

    def split():
        return tf.string_split(words, " ")

    def single():
        indices = tf.constant([[0, 0]], tf.int64)
        return tf.SparseTensor(indices, words[:1], tf.constant([1, 1], tf.int64))

    parts = tf.cond(flag, split, single)
    ids = tf.cond(flag, lambda: table.lookup(parts.values), lambda: tf.fill([1], tf.constant(7, tf.int64)))
    hub.add_signature(inputs={"words": words}, outputs={"default": ids, "shape": parts.dense_shape})


@module()
@control_flow_v2
def cond_v2_and_functions():
    x, flag, inputs = _inputs()
    shift = tf.constant(3.0, name="shift")

    @function.Defun(tf.float32, func_name="scaled")
    def scaled(y):
        return y * shift

    @function.Defun(tf.float32, func_name="chosen")
    def chosen(y):
        y.set_shape([None, 3])
        return tf.cond(flag, lambda: scaled(y) + y, lambda: tf.nn.relu(y))

    @function.Defun(tf.float32, func_name="never_called")
    def never_called(y):
        return tf.cond(flag, lambda: y, lambda: -y)

    first = tf.cond(flag, lambda: scaled(x), lambda: chosen(x * 2.0))
    hub.add_signature(inputs=inputs, outputs={"default": first, "second": chosen(x)})


@module(variants=[(set(), {"rate": 0.0}), ({"train"}, {"rate": 0.5})])
@control_flow_v2
def cond_v2_in_variants(rate):
    x, flag, inputs = _inputs()
    scale = tf.get_variable("scale", [3], initializer=tf.ones_initializer())
    y = tf.cond(flag, lambda: x * scale, lambda: x + scale)
    if rate:
        y = tf.cond(tf.constant(rate) > 0.25, lambda: y * rate, lambda: y)
    hub.add_signature(inputs=inputs, outputs=y)


@module()
@control_flow_v2
def while_v2_of_tensors():
    x, flag, inputs = _inputs()
    w = tf.constant([1.0, 2.0, 3.0], name="w")
    first = tf.while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * w + x), (0, x))
    options = {"maximum_iterations": 7, "parallel_iterations": 3, "name": "limited"}
    second = tf.while_loop(lambda y: tf.reduce_sum(y * w) < 50.0, lambda y: [y * 2.0], [x], **options)
    with tf.name_scope("scope"):
        limit = tf.identity(tf.size(w, name="size"), name="limit")
        third = tf.while_loop(lambda y, z: flag, lambda y, z: (z, y), (x, w + x), maximum_iterations=limit)
    outputs = {"default": first[1], "count": first[0], "second": second, "third": third[0], "fourth": third[1]}
    hub.add_signature(inputs=inputs, outputs=outputs)


@module()
@control_flow_v2
def while_v2_with_invariants():
    x, flag, inputs = _inputs()
    del flag
    start = tf.constant([[0.0, 0.0, 0.0]])
    shapes = tf.TensorShape([]), tf.TensorShape([None, 3])

    def grow(i, rows):
        return i + 1, tf.concat([rows, x[:1] * tf.cast(i, tf.float32)], 0)

    count, rows = tf.while_loop(lambda i, rows: i < 4, grow, (tf.constant(0), start), shape_invariants=shapes)
    anything = tf.while_loop(
        lambda y: tf.size(y) < 100,
        lambda y: tf.concat([y, y], 0),
        [x],
        shape_invariants=[tf.TensorShape(None)],
        maximum_iterations=3,
    )
    del inputs["flag"]
    hub.add_signature(inputs=inputs, outputs={"default": rows, "count": count, "anything": anything})


@module(seed=53, left_out={"train": "TensorFlow 2 finds no gradient of a variable that an imported While reads"})
@control_flow_v2
def while_v2_and_cond_v2():
    x, flag, inputs = _inputs()
    total = tf.get_variable("total", [3], initializer=tf.zeros_initializer(), trainable=False)
    scale = tf.get_variable("scale", [3], initializer=tf.ones_initializer())

    def body(i, y):
        with tf.control_dependencies([total.assign_add(y[0] * 0.0).op]):
            odd = tf.equal(i % 2, 1)
        inner = tf.while_loop(lambda j, z: j < i, lambda j, z: (j + 1, z + scale), (tf.constant(0), y))
        return i + 1, tf.cond(odd, lambda: inner[1] * 2.0, lambda: y - tf.cast(i, tf.float32))

    with tf.device("/cpu:0"), tf.name_scope("around"):
        looped = tf.while_loop(lambda i, y: i < 3, body, (tf.constant(0), x))
    chosen = tf.cond(
        flag,
        lambda: tf.while_loop(lambda y: tf.reduce_sum(y) < 10.0, lambda y: y + scale, [x], maximum_iterations=5),
        lambda: looped[1],
    )
    with tf.control_dependencies([chosen]):
        read = total.read_value()
    hub.add_signature(inputs=inputs, outputs={"default": chosen, "total": read, "looped": looped[1]})


@module()
@control_flow_v2
def while_v2_of_structures():
    x, flag, inputs = _inputs()
    limit = tf.constant(10, tf.int64, name="limit")

    before = tf.no_op(name="before")

    def cond(state, parts):
        with tf.control_dependencies([before, x]):
            return tf.logical_and(flag, state[0] < limit)

    def body(state, parts):
        words, numbers = parts
        return (state[0] * 2, tf.logical_not(state[1])), [tf.strings.join([words, "!"]), numbers + x]

    start = (tf.constant(1, tf.int64), flag), [tf.constant("go"), x]
    state, parts = tf.while_loop(cond, body, start)
    outputs = {"default": parts[1], "words": parts[0], "number": state[0], "flag": state[1]}
    hub.add_signature(inputs=inputs, outputs=outputs)


@module()
@control_flow_v2
def while_v2_and_functions():
    x, flag, inputs = _inputs()
    shift = tf.constant(3.0, name="shift")

    @function.Defun(tf.float32, func_name="shifted")
    def shifted(y):
        return y + shift

    @tf.contrib.eager.defun(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def looped(y):
        return tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * shift), (tf.constant(0), y))

    def body(i, y):
        z = shifted(y)
        z.set_shape([None, 3])
        return i + 1, z

    first = tf.while_loop(lambda i, y: i < 2, body, (tf.constant(0), x))
    count, second = looped(x)
    third = tf.cond(flag, lambda: looped(first[1])[1], lambda: x)
    hub.add_signature(inputs=inputs, outputs={"default": first[1], "second": second, "count": count, "third": third})


@module(seed=59)
def switch_cases():
    x, flag, inputs = _inputs()
    index = tf.cast(tf.reduce_sum(x, name="sum"), tf.int32, name="index")
    scale = tf.get_variable("scale", [3], initializer=tf.ones_initializer())
    first = tf.switch_case(index, [lambda: x * 2.0, lambda: x + scale, lambda: x])
    with tf.name_scope("scope"), tf.control_dependencies([tf.no_op(name="before")]):
        second = tf.switch_case(
            index,
            {0: lambda: (x, tf.constant(1)), 1: lambda: (tf.random_uniform([3]) * 0.0 + x, index)},
            default=lambda: (tf.zeros_like(x), tf.constant([3])[0]),
            name="named",
        )
    third = tf.switch_case(index, [lambda: tf.cond(flag, lambda: x, lambda: -x), lambda: x], name="nested")
    outputs = {"default": first + scale, "second": second[0], "number": second[1], "third": third}
    hub.add_signature(inputs=inputs, outputs=outputs)


@module(seed=61)
@control_flow_v2
def cases_v2():
    x, flag, inputs = _inputs()
    scale = tf.get_variable("scale", [3], initializer=tf.ones_initializer())
    total = tf.reduce_sum(x, name="total")
    low, high = total < 0.0, total > 10.0
    first = tf.case([(low, lambda: x * 2.0), (high, lambda: x + scale)], default=lambda: x)
    pairs = [(low, lambda: x - scale), (high, lambda: x * x)]
    with tf.name_scope("scope"), tf.device("/cpu:0"):
        second = tf.case(pairs, default=lambda: x, exclusive=True, name="second")
    without = tf.case([(tf.logical_not(high), lambda: x), (tf.logical_not(low), lambda: -x)])

    def inner():
        return tf.case([(high, lambda: (x, [scale, 1.0]))], default=lambda: (first, [scale * 2.0, total]))

    third, (fourth, number) = tf.case([(flag, inner)], default=lambda: (second, [scale + 1.0, 3.0]), name="third")
    outputs = {"default": first, "second": second, "without": without, "third": third, "fourth": fourth, "number": number}
    hub.add_signature(inputs=inputs, outputs=outputs)


@module(seed=62)
@control_flow_v2
def smart_conds_v2():
    x, flag, inputs = _inputs()
    kernel = tf.get_variable("kernel", [3, 3])
    known = smart.smart_cond(True, lambda: tf.matmul(x, kernel), lambda: x)
    constant = smart.smart_cond(tf.constant(False), lambda: x, lambda: known + 1.0, name="unused")
    of_shape = smart.smart_cond(tf.equal(tf.shape(kernel)[0], 3), lambda: constant - 1.0, lambda: constant)
    asked = smart.smart_cond(flag, lambda: of_shape, lambda: x)

    @function.Defun(tf.float32, tf.bool, func_name="chosen")
    def chosen(y, is_on):
        y.set_shape([None, 3])
        y = smart.smart_cond(tf.constant(True), lambda: y * 2.0, lambda: y)
        return smart.smart_cond(is_on, lambda: y + 1.0, lambda: y, name="named")

    def inside():
        return smart.smart_cond(tf.constant(True), lambda: smart.smart_cond(flag, lambda: asked, lambda: x), lambda: x)

    in_branch = tf.cond(flag, inside, lambda: x)
    hub.add_signature(inputs=inputs, outputs={"default": in_branch, "asked": asked, "chosen": chosen(x, flag)})


@module()
@control_flow_v2
def constants_two_deep():
    x, flag, inputs = _inputs()
    outside = tf.constant(2.0, name="outside")

    def in_branch():
        tf.constant(7.0, name="dead")
        between = tf.constant(3.0, name="between")

        def in_inner():
            tf.constant(8.0, name="dead")
            return x * outside * between

        return tf.cond(flag, in_inner, lambda: x)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)], autograph=False)
    def in_function(a):
        tf.constant(5.0, name="dead_outer")
        between = tf.constant(4.0, name="between")

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)], autograph=False)
        def inner(b):
            tf.constant(6.0, name="dead_inner")
            return tf.cond(flag, lambda: b * outside, lambda: b * between)

        return inner(a)

    first = tf.cond(flag, in_branch, lambda: x + 1.0)
    hub.add_signature(inputs=inputs, outputs={"default": first, "second": in_function(x)})
