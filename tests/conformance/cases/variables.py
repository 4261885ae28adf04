"""Variables: dtypes, trainability, reads, and tf.Variable."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module()
def variable_dtypes():
    outputs = {}

    def variable(name, shape, dtype, initializer):
        value = tf.get_variable(name, shape, dtype, initializer=initializer, trainable=False)
        outputs[name] = tf.identity(value, name="read_" + name)

    for dtype in (tf.float16, tf.float32, tf.float64, tf.int32, tf.int64):
        name = dtype.name
        variable(name + "_zeros", [2, 3], dtype, tf.zeros_initializer())
        variable(name + "_ones", [3], dtype, tf.ones_initializer())
        variable(name + "_constant", [], dtype, tf.constant_initializer(7))
    variable("zeros_999", [999], tf.float32, tf.zeros_initializer())
    variable("zeros_1000", [1000], tf.float32, tf.zeros_initializer())
    variable("ones_1000", [10, 100], tf.float32, tf.ones_initializer())
    variable("constant_1000", [1000], tf.float32, tf.constant_initializer(0.5))
    variable("bool_zeros", [2], tf.bool, tf.zeros_initializer())
    variable("bool_ones", [2], tf.bool, tf.ones_initializer())
    variable("bool_constant", [], tf.bool, tf.constant_initializer(True))
    variable("string_constant", [2], tf.string, tf.constant_initializer(["left", ""]))
    variable("int32_default", [2], tf.int32, None)
    hub.add_signature(inputs={}, outputs=outputs)


@module(seed=4)
def variable_trainable():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    free = tf.get_variable("free", [2], trainable=True)
    fixed = tf.get_variable("fixed", [2], trainable=False)
    default = tf.get_variable("default", [2])
    hub.add_signature(inputs={"x": x}, outputs={"default": x * free + fixed * default})


@module(seed=9)
def variable_reads():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2])
    m = tf.get_variable("m", [2, 2])
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "v_add_x": v + x,
            "x_add_v": x + v,
            "v_mul_v": v * v,
            "v_mul_constant": v * 2.0,
            "constant_mul_v": 2.0 * v,
            "v_sub_x": v - x,
            "x_div_v": x / v,
            "neg_v": -v,
            "matmul": tf.matmul(x, m),
            "read_value": v.read_value(),
            "identity": tf.identity(v),
            "value": v.value(),
            "named": tf.add(x, v, name="named"),
        },
    )


@module(seed=13)
def tf_variable():
    x = tf.placeholder(tf.float32, [2], name="x")
    number = tf.Variable(0.5)
    whole = tf.Variable(3, name="whole")
    listed = tf.Variable([1.0, 2.0], name="listed")
    array = tf.Variable(np.array([[1.0, 2.0], [3.0, 4.0]]), name="array", dtype=tf.float32)
    called = tf.Variable(lambda: tf.zeros([2]), name="called")
    drawn = tf.Variable(lambda: tf.random_uniform([2], -1.0, 1.0), name="drawn")
    tensor = tf.Variable(tf.fill([2], 1.5), name="tensor")
    with tf.name_scope("scope"):
        scoped = tf.Variable([0.25, 0.75], name="scoped")
        fixed = tf.Variable([5.0, 6.0], trainable=False)
    again = tf.Variable([7.0, 8.0], name="listed")
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "default": x * number + listed,
            "whole": tf.identity(whole),
            "array": tf.reduce_sum(array, axis=0),
            "called": x + called,
            "drawn": x + drawn,
            "tensor": x + tensor,
            "scoped": x + scoped,
            "fixed": x + fixed,
            "again": x + again,
        },
    )


@module()
def get_variable_initial_values():
    x = tf.placeholder(tf.float32, [2], name="x")
    number = tf.get_variable("number", initializer=0.5)
    listed = tf.get_variable("listed", initializer=[1.0, 2.0])
    array = tf.get_variable("array", initializer=np.array([3.0, 4.0], np.float32))
    called = tf.get_variable("called", initializer=lambda: tf.ones([2]))
    tensor = tf.get_variable("tensor", initializer=tf.fill([2], 1.5))
    hub.add_signature(inputs={"x": x}, outputs={"default": x * number + listed + array + called + tensor})


@module(seed=14)
def applied_to_variables():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    v = tf.get_variable("v", [3])
    m = tf.get_variable("m", [3, 4])
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "sum": tf.reduce_sum(v),
            "sum_named": tf.reduce_sum(v, name="sum_named"),
            "sum_keep": tf.reduce_sum(m, keepdims=True),
            "mean_0": tf.reduce_mean(v, axis=0),
            "mean_keep": tf.reduce_mean(m, axis=[1], keepdims=True),
            "softmax": tf.nn.softmax(v),
            "relu": tf.nn.relu(v),
            "l2_loss": tf.nn.l2_loss(v, name="l2_loss"),
            "matmul": tf.matmul(x, m),
            "matmul_transposed": tf.matmul(m, x, transpose_a=True, transpose_b=True),
            "bias_add": tf.nn.bias_add(x, v),
            "bias_add_to": tf.nn.bias_add(m, [0.5, 1.0, 1.5, 2.0]),
            "square": tf.square(v),
            "abs": tf.abs(m),
            "reshape": tf.reshape(m, [4, 3]),
            "cast": tf.cast(v, tf.float64),
            "shape": tf.shape(v),
            "subtract": tf.subtract(v, 0.5),
            "add_n": tf.add_n([v.value(), v.value()]),
            "with_default": tf.placeholder_with_default(v, None, name="with_default"),
        },
    )
