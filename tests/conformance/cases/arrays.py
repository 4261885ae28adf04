"""Arithmetic and array operations on placeholders."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module

POSITIVE = np.array([[0.25, 1.0, 2.25], [4.0, 0.5, 9.0]], np.float32)


@module()
def identity_cast_reshape():
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    rows = tf.placeholder(tf.float32, [None, 3, 4], name="rows")
    ints = tf.placeholder(tf.int32, [None], name="ints")
    flags = tf.placeholder(tf.bool, [None], name="flags")
    hub.add_signature(
        inputs={"x": x, "rows": rows, "ints": ints, "flags": flags},
        outputs={
            "identity": tf.identity(x),
            "float_to_int": tf.cast(x, tf.int32),
            "int_to_double": tf.cast(ints, tf.float64),
            "bool_to_float": tf.cast(flags, tf.float32),
            # A cast to the same dtype adds no node: the output is the input.
            "same_dtype": tf.cast(rows, tf.float32),
            "static_6": tf.reshape(x, [-1, 6]),
            "static_2_3": tf.reshape(x, [2, -1, 3]),
            "partial_6": tf.reshape(rows, [-1, 6]),
            "partial_2_3": tf.reshape(rows, [2, -1, 3]),
            "full": tf.reshape(x, [4, 6], name="full"),
        },
    )


@module()
def matmul_variants():
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3, 4], name="b")
    a_t = tf.placeholder(tf.float32, [3, 2], name="a_t")
    b_t = tf.placeholder(tf.float32, [4, 3], name="b_t")
    rows = tf.placeholder(tf.float32, [None, 3], name="rows")
    unknown = tf.placeholder(tf.float32, [None, None], name="unknown")
    double = tf.placeholder(tf.float64, [3, 3], name="double")
    hub.add_signature(
        inputs={"a": a, "b": b, "a_t": a_t, "b_t": b_t, "rows": rows, "unknown": unknown, "double": double},
        outputs={
            "plain": tf.matmul(a, b),
            "transpose_a": tf.matmul(a_t, b, transpose_a=True),
            "transpose_b": tf.matmul(a, b_t, transpose_b=True),
            "transpose_both": tf.matmul(a_t, b_t, transpose_a=True, transpose_b=True),
            "rows": tf.matmul(rows, b),
            "unknown_right": tf.matmul(a, unknown),
            "unknown_left": tf.matmul(unknown, b, name="unknown_left"),
            "double": tf.matmul(double, double),
        },
    )


@module()
def bias_add():
    bias = tf.placeholder(tf.float32, [3], name="bias")
    rank2 = tf.placeholder(tf.float32, [None, 3], name="rank2")
    nhwc = tf.placeholder(tf.float32, [None, 2, 2, 3], name="nhwc")
    nchw = tf.placeholder(tf.float32, [None, 3, 2, 2], name="nchw")
    hub.add_signature(
        inputs={"bias": bias, "rank2": rank2, "nhwc": nhwc, "nchw": nchw},
        outputs={
            "rank2": tf.nn.bias_add(rank2, bias),
            "nhwc": tf.nn.bias_add(nhwc, bias, data_format="NHWC"),
            "nchw": tf.nn.bias_add(nchw, bias, data_format="NCHW"),
            "constant": tf.nn.bias_add(rank2, [0.5, -1.0, 2.0]),
        },
    )


@module()
def arithmetic():
    rows = tf.placeholder(tf.float32, [None, 3], name="rows")
    row = tf.placeholder(tf.float32, [3], name="row")
    left = tf.placeholder(tf.float32, [2, 1], name="left")
    right = tf.placeholder(tf.float32, [1, 3], name="right")
    m = tf.placeholder(tf.int32, [None, 3], name="m")
    n = tf.placeholder(tf.int32, [3], name="n")
    hub.add_signature(
        inputs={"rows": rows, "row": row, "left": left, "right": right, "m": m, "n": n},
        outputs={
            "add": rows + row,
            "sub": rows - row,
            "mul": rows * row,
            "div": rows / row,
            "neg": -rows,
            "add_both": left + right,
            "sub_both": left - right,
            "mul_both": left * right,
            "div_both": left / right,
            "add_constant": rows + 1.5,
            "constant_add": 1.5 + rows,
            "sub_constant": rows - 0.5,
            "constant_sub": 1.0 - rows,
            "mul_constant": rows * 2.0,
            "constant_mul": 2.0 * rows,
            "div_constant": rows / 4.0,
            "constant_div": 1.0 / rows,
            "int_add": m + n,
            "int_sub": m - n,
            "int_mul": m * n,
            "int_floordiv": m // n,
            "int_neg": -n,
            "int_add_constant": n + 3,
            "int_constant_sub": 10 - n,
            "int_constant_mul": 2 * n,
            "int_floordiv_constant": n // 2,
        },
    )


@module(feeds={"x": POSITIVE})
def activations():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    cube = tf.placeholder(tf.float32, [None, 2, 3], name="cube")
    ints = tf.placeholder(tf.int32, [2], name="ints")
    hub.add_signature(
        inputs={"x": x, "cube": cube, "ints": ints},
        outputs={
            "relu": tf.nn.relu(x),
            "tanh": tf.tanh(x),
            "sigmoid": tf.sigmoid(x),
            "softmax": tf.nn.softmax(x),
            "softmax_cube": tf.nn.softmax(cube),
            "abs": tf.abs(x),
            "abs_int": tf.abs(ints),
            "square": tf.square(x),
            "square_int": tf.square(ints),
            "sqrt": tf.sqrt(x),
            "l2_loss": tf.nn.l2_loss(x),
        },
    )


@module()
def reductions():
    x = tf.placeholder(tf.float32, [None, 2, 3], name="x")
    anything = tf.placeholder(tf.float32, name="anything")
    ints = tf.placeholder(tf.int32, [2, 2], name="ints")
    hub.add_signature(
        inputs={"x": x, "anything": anything, "ints": ints},
        outputs={
            "sum": tf.reduce_sum(x),
            "sum_0": tf.reduce_sum(x, axis=0),
            "sum_last": tf.reduce_sum(x, axis=-1),
            "sum_0_1": tf.reduce_sum(x, axis=[0, 1]),
            "sum_keep": tf.reduce_sum(x, axis=[0, 1], keepdims=True),
            "sum_all_keep": tf.reduce_sum(x, keepdims=True),
            "sum_int": tf.reduce_sum(ints),
            "sum_anything": tf.reduce_sum(anything),
            "mean": tf.reduce_mean(x),
            "mean_0": tf.reduce_mean(x, axis=0),
            "mean_last": tf.reduce_mean(x, axis=-1),
            "mean_0_1": tf.reduce_mean(x, axis=[0, 1]),
            "mean_keep": tf.reduce_mean(x, axis=1, keepdims=True, name="mean_keep"),
            "mean_anything": tf.reduce_mean(anything),
        },
    )


@module(seed=61)
def array_and_random_functions():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    still = tf.placeholder(tf.float32, [2, 3], name="still")
    hub.add_signature(
        inputs={"x": x, "still": still},
        outputs={
            "shape": tf.shape(x),
            "static_shape": tf.shape(still),
            "filled": tf.fill([2, 2], 1.5),
            "sum_of_two": tf.add_n([x * 1.0, x]),
            "sum_of_one": tf.add_n([still]),
            "zeros": tf.zeros([2, 3]),
            "zeros_999": tf.zeros([999]),
            "zeros_1000": tf.zeros([1000]),
            "int_ones": tf.ones([3], tf.int32),
            "int64_ones_1000": tf.ones([10, 100], tf.int64),
            "double_zeros": tf.zeros([2], tf.float64),
            "bool_zeros": tf.zeros([2], tf.bool),
            "empty_strings": tf.zeros([2], tf.string),
            "normal": tf.random_normal([2]),
            "normal_seed": tf.random_normal([2], mean=1.0, stddev=0.5, seed=3),
            "truncated": tf.truncated_normal([2]),
            "truncated_seed": tf.truncated_normal([2], seed=3),
            "uniform": tf.random_uniform([2]),
            "uniform_double": tf.random_uniform([2], -1.0, 1.0, tf.float64, seed=4),
            "uniform_int": tf.random_uniform([2], 0, 9, tf.int32),
            "uniform_int64_seed": tf.random_uniform([2], -9, 9, tf.int64, seed=5),
        },
    )


@module(seed=62)
def named_functions():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    anything = tf.placeholder(tf.float32, name="anything")
    outputs = {
        "sum": tf.reduce_sum(x, name="sum"),
        "sum_anything": tf.reduce_sum(anything, name="sum_anything"),
        "mean": tf.reduce_mean(x, axis=0, name="mean"),
        "mean_keep": tf.reduce_mean(x, keepdims=True, name="mean_keep"),
        "product": tf.matmul(x, [[1.0], [2.0], [3.0]], name="product"),
        "biased": tf.nn.bias_add(x, [1.0, 2.0, 3.0], name="biased"),
        "softmax": tf.nn.softmax(x, name="softmax"),
        "reshaped": tf.reshape(x, [-1], name="reshaped"),
        "converted": tf.cast(x, tf.float64, name="converted"),
        "unchanged": tf.cast(x, tf.float32, name="unchanged"),
        "shape": tf.shape(x, name="shape"),
        "static_shape": tf.shape(tf.zeros([2, 3], name="two_by_three"), name="static_shape"),
        "filled": tf.fill([2], 0.5, name="filled"),
        "big_zeros": tf.zeros([1000], name="big_zeros"),
        "big_ones": tf.ones([1000], tf.float64, name="big_ones"),
        "normal": tf.random_normal([2], name="normal"),
        "truncated": tf.truncated_normal([2], name="truncated"),
        "uniform": tf.random_uniform([2], name="uniform"),
        "uniform_int": tf.random_uniform([2], 0, 9, tf.int32, name="uniform_int"),
        "total": tf.add_n([x, x], name="total"),
        "default": tf.placeholder_with_default([1.0, 2.0], [None], name="default"),
        "added": tf.add(x, 1.0, name="added"),
        "in_path": tf.reduce_sum(x, axis=1, name="path/in_path"),
        "sum_again": tf.reduce_sum(x, name="sum"),
        "Sum_upper": tf.reduce_sum(x, name="Sum"),
    }
    with tf.name_scope("scope"):
        outputs["scoped_sum"] = tf.reduce_sum(x, name="sum")
        outputs["scoped_uniform"] = tf.random_uniform([2], name="uniform")
        outputs["scoped_zeros"] = tf.zeros([1000], name="big_zeros")
    hub.add_signature(inputs={"x": x, "anything": anything}, outputs=outputs)

@module(feeds={"x": POSITIVE})
def shapes_from_tensors():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    still = tf.placeholder(tf.float32, [2, 3], name="still")
    swapped = tf.constant([3, 2], name="swapped")
    hub.add_signature(
        inputs={"x": x, "still": still},
        outputs={
            "filled_like_x": tf.fill(tf.shape(x), 0.5),
            "filled_like_still": tf.fill(tf.shape(still), 0.5),
            "reshaped_to_x": tf.reshape(x, tf.shape(x)),
            "reshaped_to_still": tf.reshape(x, tf.shape(still)),
            "reshaped_to_constant": tf.reshape(still, swapped),
            "reshaped_to_identity": tf.reshape(still, tf.identity(swapped)),
            "reshaped_to_product": tf.reshape(still, tf.shape(still) * [3, 2] // [2, 3]),
            "reshaped_to_cast": tf.reshape(still, tf.cast(tf.constant([6.0]), tf.int32)),
            "reshaped_to_fill": tf.reshape(still, tf.fill([1], 6)),
            "reshaped_to_sum": tf.reshape(still, tf.constant([6]) + tf.zeros([1], tf.int32)),
        },
    )
