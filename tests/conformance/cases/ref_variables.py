"""Variables of the old kind, which ops take as references."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.training import moving_averages

from modules import module


def use_references():
    tf.get_variable_scope().set_use_resource(False)


@module(seed=9)
def ref_reads():
    use_references()
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2])
    m = tf.get_variable("m", [2, 2])
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "v_add_x": v + x,
            "x_add_v": x + v,
            "v_mul_v": v * v,
            "constant_mul_v": 2.0 * v,
            "neg_v": -v,
            "matmul": tf.matmul(x, m),
            "read_value": v.read_value(),
            "identity": tf.identity(v),
            "value": tf.identity(v.value()),
            "named": tf.add(x, v, name="named"),
            "stacked": tf.stack([v, v * 2.0]),
            "part": v[1],
            "column": m[:, 0],
            "initialized": tf.is_variable_initialized(v),
        },
    )


@module()
def ref_dtypes():
    use_references()
    outputs = {}

    def variable(name, shape, dtype, initializer):
        value = tf.get_variable(name, shape, dtype, initializer=initializer, trainable=False)
        outputs[name] = tf.identity(value, name="read_" + name)

    for dtype in (tf.float16, tf.float32, tf.float64, tf.int32, tf.int64):
        name = dtype.name
        variable(name + "_zeros", [2, 3], dtype, tf.zeros_initializer())
        variable(name + "_constant", [], dtype, tf.constant_initializer(7))
    variable("bool_ones", [2], tf.bool, tf.ones_initializer())
    variable("string_constant", [2], tf.string, tf.constant_initializer(["left", ""]))
    variable("int32_default", [2], tf.int32, None)
    hub.add_signature(inputs={}, outputs=outputs)


@module(seed=13)
def ref_tf_variables():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    number = tf.Variable(0.5)
    second = tf.Variable(1.5)
    whole = tf.Variable(3, name="whole")
    listed = tf.Variable([1.0, 2.0], name="listed")
    array = tf.Variable(np.array([[1.0, 2.0], [3.0, 4.0]]), name="array", dtype=tf.float32)
    called = tf.Variable(lambda: tf.zeros([2]), name="called")
    drawn = tf.Variable(lambda: tf.random_uniform([2], -1.0, 1.0), name="drawn")
    tensor = tf.Variable(tf.fill([2], 1.5), name="tensor")
    strings = tf.Variable(["a", "b"], name="strings")
    with tf.name_scope("scope"):
        scoped = tf.Variable([0.25, 0.75], name="scoped")
        fixed = tf.Variable([5.0, 6.0], trainable=False)
    again = tf.Variable([7.0, 8.0], name="listed")
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "default": x * number + listed * second,
            "whole": tf.identity(whole),
            "array": tf.reduce_sum(array, axis=0),
            "called": x + called,
            "drawn": x + drawn,
            "tensor": x + tensor,
            "strings": tf.identity(strings),
            "scoped": x + scoped,
            "fixed": x + fixed,
            "again": x + again,
        },
    )


@module()
def ref_initial_values():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    number = tf.get_variable("number", initializer=0.5)
    listed = tf.get_variable("listed", initializer=[1.0, 2.0])
    array = tf.get_variable("array", initializer=np.array([3.0, 4.0], np.float32))
    called = tf.get_variable("called", initializer=lambda: tf.ones([2]))
    tensor = tf.get_variable("tensor", initializer=tf.fill([2], 1.5))
    hub.add_signature(inputs={"x": x}, outputs={"default": x * number + listed + array + called + tensor})


@module()
def ref_assigned():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")

    def variable(name):
        return tf.get_variable(name, [2], initializer=tf.ones_initializer(), trainable=False)

    assigned = variable("a").assign(x)
    added = variable("b").assign_add([1.0, 2.0])
    taken = tf.assign_sub(variable("c"), tf.ones([2]), name="taken")
    locked = tf.assign(variable("d"), [3.0, 4.0])
    unread = variable("e").assign(x, read_value=False)
    counter = tf.get_variable("counter", initializer=0, trainable=False)
    step = counter.assign_add(1)
    with tf.control_dependencies([unread, tf.group(step, locked)]):
        after = tf.identity(x, name="after")
    for update in (added, unread, assigned + 1.0, 2.0 * taken, tf.identity(added), after):
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * 2.0})


@module()
def ref_assigned_unchecked():
    x = tf.placeholder(tf.float32, [2], name="x")
    for use_resource in (False, True):
        tf.get_variable_scope().set_use_resource(use_resource)
        for options in ({"validate_shape": False}, {"use_locking": False}, {"validate_shape": False, "use_locking": False}):
            v = tf.Variable([1.0, 1.0], name="v", trainable=False)
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(v, x, **options))
    hub.add_signature(inputs={"x": x}, outputs={"default": x * 2.0})


@module()
def ref_initialized():
    use_references()
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    n = tf.Variable([3.0, 4.0], name="n")
    hub.add_signature(
        inputs={},
        outputs={"v": v.initialized_value(), "n": n.initialized_value() * 2.0},
    )


@module()
def ref_from_initialized():
    use_references()
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    w = tf.Variable(v.initialized_value(), name="w")
    u = tf.Variable(v * 2.0, name="u")
    x = tf.get_variable("x", initializer=lambda: v.initialized_value() * 2.0)
    z = tf.Variable(lambda: v + 1.0, name="z")
    with tf.name_scope("scope"):
        deep = tf.Variable(tf.concat([v, v * 3.0, v.initialized_value()], 0), name="deep")
    hub.add_signature(inputs={}, outputs={"default": w + u + x + z, "deep": tf.identity(deep)})


@module(left_out={"exchange": "initial values follow from those that a part of the variables has been restored to"})
def ref_and_resource_from_each_other():
    with tf.variable_scope("", use_resource=False):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    w = tf.get_variable("w", initializer=v * 2.0)
    u = tf.Variable(lambda: v + 1.0, name="u")
    with tf.variable_scope("", use_resource=False):
        x = tf.Variable(w.initialized_value(), name="x")
        y = tf.get_variable("y", initializer=lambda: w.initialized_value() * 3.0, use_resource=True)
    hub.add_signature(inputs={}, outputs={"default": v + w + u + x + y})


@module(seed=17, feeds={"ids": np.array([3, 0, 1])})
def ref_gathered():
    use_references()
    ids = tf.placeholder(tf.int32, [None], name="ids")
    table = tf.get_variable("table", [4, 3])
    other = tf.get_variable("other", [4, 3])
    entries = tf.SparseTensor([[0, 0], [1, 0], [1, 2]], tf.constant([0, 1, 3], tf.int64), [2, 3])
    hub.add_signature(
        inputs={"ids": ids},
        outputs={
            "gather": tf.gather(table, ids),
            "columns": tf.gather(table, [0, 2], axis=1),
            "gather_nd": tf.gather_nd(table, [[0, 1], [3, 2]]),
            "lookup": tf.nn.embedding_lookup(table, ids),
            "clipped": tf.nn.embedding_lookup(table, ids, max_norm=1.0),
            "several": tf.nn.embedding_lookup([table, other], ids),
            "sparse": tf.nn.embedding_lookup_sparse(table, entries, None, combiner="sum"),
        },
    )


@module(seed=14)
def ref_applied():
    use_references()
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    v = tf.get_variable("v", [3])
    m = tf.get_variable("m", [3, 4])
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "sum": tf.reduce_sum(v),
            "sum_keep": tf.reduce_sum(m, keepdims=True),
            "mean_0": tf.reduce_mean(v, axis=0),
            "softmax": tf.nn.softmax(v),
            "relu": tf.nn.relu(v),
            "l2_loss": tf.nn.l2_loss(v, name="l2_loss"),
            "matmul": tf.matmul(x, m),
            "matmul_transposed": tf.matmul(m, x, transpose_a=True, transpose_b=True),
            "bias_add": tf.nn.bias_add(x, v),
            "square": tf.square(v),
            "reshape": tf.reshape(m, [4, 3]),
            "cast": tf.cast(v, tf.float64),
            "shape": tf.shape(v),
            "subtract": tf.subtract(v, 0.5),
            "add_n": tf.add_n([v, v]),
        },
    )


@module()
def ref_in_conditionals():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def variable(name):
        return tf.get_variable(name, [2], initializer=tf.ones_initializer(), trainable=False)

    v, w, u = variable("v"), variable("w"), variable("u")
    read = tf.cond(flag, lambda: v + x, lambda: v * 2.0)
    both = tf.cond(flag, lambda: w.assign(x), lambda: w.assign_add(x))
    one = tf.cond(flag, lambda: u.assign(x), lambda: x * 3.0)
    values = tf.cond(flag, lambda: v, lambda: v.read_value())
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, both)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, one)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"read": read, "values": values})


@module(feeds={"flag": np.array(True)})
def ref_in_conditional_updates():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), trainable=False)
    update = tf.cond(flag, lambda: tf.group(v.assign(x)), lambda: tf.no_op())
    with tf.control_dependencies([update]):
        after = v.read_value()
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, after)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": v * x})


@module(feeds={"flag": np.array(True)})
def ref_in_cases():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), trainable=False)
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer(), trainable=False)
    chosen = tf.case(
        [(flag, lambda: v.assign_sub(x)), (tf.logical_not(flag), lambda: w.value())], default=lambda: w * x
    )
    nested = tf.cond(flag, lambda: tf.cond(tf.logical_not(flag), lambda: w + x, lambda: w.read_value()), lambda: x)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, chosen)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"nested": nested})


@module(seed=41, feeds={"flag": np.array(True)})
def ref_made_in_conditionals():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def made():
        return tf.get_variable("v", [2]) + x

    def assigned():
        return tf.Variable(lambda: tf.ones([2]), name="w", trainable=False).assign(x)

    result = tf.cond(flag, made, lambda: x)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.cond(flag, assigned, lambda: x))
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": result})


@module()
def ref_in_loops():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    _, read = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y + v), [0, x])
    _, now = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * v.read_value()), [0, v])

    def branch(i, y):
        return i + 1, tf.cond(i < 1, lambda: y + v, lambda: v[0] * y)

    _, mixed = tf.while_loop(lambda i, y: i < 3, branch, [0, x])
    hub.add_signature(inputs={"x": x}, outputs={"read": read, "now": now, "mixed": mixed})


@module()
def ref_assigned_in_loops():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")

    def variable(name):
        return tf.get_variable(name, [2], initializer=tf.ones_initializer(), trainable=False)

    v, w = variable("v"), variable("w")

    def body(i, y):
        with tf.control_dependencies([w.assign(y)]):
            return i + 1, y * 2.0

    _, waited = tf.while_loop(lambda i, y: i < 3, body, [0, x])
    _, added = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, v.assign_add(x) * y), [0, x])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, waited)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, added)
    hub.add_signature(inputs={"x": x}, outputs={"default": v * x})


@module(
    left_out={
        "use": "the value of a loop variable that is a reference is that after all turns",
        "hub_load": "references are no values",
    }
)
def ref_loop_variables():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), trainable=False)
    last = tf.while_loop(lambda y: y[0] < 9.0, lambda y: v.assign_add([1.0, 1.0]), [v.assign(x)])
    _, kept = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, v.assign_add(y)), [0, x])
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.identity(last), "kept": kept})


@module(seed=19)
def ref_in_map_fn():
    use_references()
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    outside = tf.get_variable("outside", [2])

    def row(r):
        inside = tf.get_variable("inside", [2])
        return r * inside + outside

    hub.add_signature(inputs={"x": x}, outputs={"default": tf.map_fn(row, x)})


@module(seed=20)
def ref_dense():
    use_references()
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.layers.dense(x, 4, activation=tf.nn.relu, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.1))
    layer = tf.layers.Dense(4, use_bias=False)
    hub.add_signature(inputs={"x": x}, outputs={"default": layer(layer(y))})


@module(seed=21)
def ref_dense_rank_3():
    x = tf.placeholder(tf.float32, [None, 2, 3], name="x")
    with tf.variable_scope("old", use_resource=False, regularizer=tf.keras.regularizers.l1(0.01)):
        y = tf.layers.dense(x, 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.layers.dense(y, 3)})


@module(seed=22)
def ref_static_rnn():
    use_references()
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    cell = tf.nn.rnn_cell.BasicLSTMCell(2)
    outputs, _ = tf.nn.static_rnn(cell, [x, x * 2.0], dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs={"default": outputs[-1]})


@module(seed=23)
def ref_dynamic_rnn():
    use_references()
    x = tf.placeholder(tf.float32, [None, 4, 3], name="x")
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs={"default": outputs, "state": state})


@module(seed=24, drop_collections=["moving_average_variables"])
def ref_moving_averages():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    kernel = tf.get_variable("kernel", [2])
    averages = tf.train.ExponentialMovingAverage(0.99)
    update = averages.apply([kernel, x])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    hub.add_signature(
        inputs={"x": x},
        outputs={"default": x * averages.average(kernel), "of_tensor": tf.identity(averages.average(x))},
    )


@module(seed=25)
def ref_moving_averages_debiased():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    averages = tf.train.ExponentialMovingAverage(0.9, zero_debias=True, name="deb")
    update = averages.apply([x])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    mean = tf.get_variable("mean", [2], initializer=tf.zeros_initializer(), trainable=False)
    other = tf.get_variable("other", [2], initializer=tf.zeros_initializer(), trainable=False)
    tf.add_to_collection(
        tf.GraphKeys.UPDATE_OPS, moving_averages.assign_moving_average(mean, x, 0.9, zero_debias=False)
    )
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, moving_averages.assign_moving_average(other, x, 0.9))
    hub.add_signature(inputs={"x": x}, outputs={"default": x + mean + other})


@module()
def ref_in_functions():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())

    @function.Defun(tf.float32, func_name="times_outer")
    def times_outer(x):
        return x * v

    @function.Defun(tf.float32, func_name="times_own")
    def times_own(x):
        own = tf.get_variable("own", [2], initializer=tf.ones_initializer())
        return x * own

    hub.add_signature(inputs={"x": x}, outputs={"outer": times_outer(x), "own": times_own(x)})


@module(seed=26)
def ref_regularized():
    use_references()
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2], regularizer=tf.contrib.layers.l1_l2_regularizer(0.1, 0.2))
    w = tf.get_variable("w", [2, 2], regularizer=tf.keras.regularizers.l2(0.1))
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.matmul(x, w) + v})


@module(seed=27)
def ref_on_devices():
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.device("/cpu:0"):
        with tf.variable_scope("kept", use_resource=False, caching_device="/device:CPU:0"):
            w = tf.get_variable("w", [2])
            u = tf.get_variable("u", [2], use_resource=True)
            table = tf.get_variable("table", [3, 2])
        with tf.variable_scope("of_reader", caching_device=lambda op: op.device):
            a = tf.get_variable("a", [2], use_resource=False)
            b = tf.get_variable("b", [2])
            plain = tf.Variable([1.0, 2.0], name="plain", use_resource=False)
            called = tf.Variable(lambda: tf.ones([2]), name="called", use_resource=False)
    y = x + w + u + a + b + plain + called
    row = tf.nn.embedding_lookup(table, [1])
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "row": row, "sum": tf.reduce_sum(w) + tf.reduce_sum(b)})


@module()
def ref_of_unknown_shape():
    use_references()
    x = tf.placeholder(tf.float32, [2], name="x")
    listed = tf.Variable([1.0, 2.0], name="listed", validate_shape=False)
    called = tf.get_variable("called", initializer=lambda: tf.ones([2]), validate_shape=False)
    declared = tf.Variable([3.0, 4.0], name="declared", shape=tf.TensorShape([2]))
    hub.add_signature(inputs={"x": x}, outputs={"default": x + listed, "part": called[0], "declared": declared * 2.0})
