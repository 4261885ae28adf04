"""Placeholders and constants."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module

INF = float("inf")


@module()
def placeholder_kinds():
    matrix = tf.placeholder(tf.float32, [None, 3])
    count = tf.placeholder(tf.int64, [], name="count")
    anything = tf.placeholder(tf.float32)
    words = tf.placeholder(tf.string, [2, None], name="words")
    flags = tf.placeholder(tf.bool, [2], name="flags")
    hub.add_signature(
        inputs={"matrix": matrix, "count": count, "anything": anything, "words": words, "flags": flags},
        outputs={
            "matrix": tf.identity(matrix),
            "count": tf.identity(count, name="count_out"),
            "anything": tf.identity(anything),
            "words": tf.identity(words, name="words_out"),
            "flags": tf.identity(flags),
        },
    )


@module()
def placeholder_with_default():
    x = tf.placeholder(tf.float32, [None], name="x")
    scale = tf.placeholder_with_default(1.5, shape=[], name="scale")
    offset = tf.placeholder_with_default([0.25, -0.5], shape=[None])
    hub.add_signature(
        inputs={"x": x, "scale": scale},
        outputs={"default": x * scale, "offset": tf.identity(offset)},
    )


# dtype, scalar, vector
CONSTANTS = [
    ("float16", 1.5, [-0.0, INF, -2.25]),
    ("bfloat16", 1.5, [-0.0, INF, -2.25]),
    ("float32", 0.1, [-0.0, INF, -2.25]),
    ("float64", 0.1, [-0.0, -INF, -2.25]),
    ("int8", -3, [-128, 0, 127]),
    ("int16", -3, [-32768, 0, 32767]),
    ("int32", -3, [-2147483648, 0, 2147483647]),
    ("int64", -3, [-9223372036854775808, 0, 9223372036854775807]),
    ("uint8", 3, [0, 1, 255]),
    ("uint16", 3, [0, 1, 65535]),
    ("uint32", 3, [0, 1, 4294967295]),
    ("uint64", 3, [0, 1, 18446744073709551615]),
    ("bool", True, [True, False, True]),
    ("complex64", 1.5 - 2j, [0j, -0.5j, 3.0 + 0.25j]),
    ("complex128", 1.5 - 2j, [0j, -0.5j, 3.0 + 0.25j]),
    ("string", "text", ["", "one", "two words"]),
]


@module()
def constants_all_dtypes():
    outputs = {}
    for dtype_name, scalar, vector in CONSTANTS:
        dtype = tf.as_dtype(dtype_name)
        outputs[dtype_name + "_scalar"] = tf.constant(scalar, dtype, name=dtype_name + "_scalar")
        outputs[dtype_name + "_vector"] = tf.constant(vector, dtype, name=dtype_name + "_vector")
        outputs[dtype_name + "_broadcast"] = tf.constant(scalar, dtype, shape=[2, 3], name=dtype_name + "_broadcast")
        outputs[dtype_name + "_empty"] = tf.constant([], dtype, shape=[0], name=dtype_name + "_empty")
    hub.add_signature(inputs={}, outputs=outputs)


@module()
def constants_python():
    outputs = {
        "int": tf.constant(7),
        "long": tf.constant(1 << 40),
        "float": tf.constant(0.5),
        "bool": tf.constant(False),
        "string": tf.constant("text"),
        "bytes": tf.constant(b"\x00\xff"),
        "ints": tf.constant([1, 2, 3]),
        "rows": tf.constant([[0.5, 1.5], [2.5, 3.5]]),
        "strings": tf.constant(["a", "bc"]),
        "array": tf.constant(np.array([[1, 2], [3, 4]], np.int64)),
        "one_element": tf.constant([2.5]),
        "one_row": tf.constant([[4]]),
    }
    hub.add_signature(inputs={}, outputs=outputs)


@module()
def constants_large():
    x = tf.placeholder(tf.float32, [1200], name="x")
    outputs = {
        "floats": tf.constant([0.25 * i for i in range(1200)]),
        "equal_floats": tf.constant([0.5] * 1200),
        "last_differs": tf.constant([0.5] * 1199 + [1.5]),
        "equal_tail": tf.constant(list(range(10)) + [7] * 1190),
        "ints": tf.constant(list(range(1500)), tf.int64),
        "matrix": tf.constant(np.arange(1200, dtype=np.float64).reshape([30, 40])),
        "flags": tf.constant([i % 3 == 0 for i in range(1100)]),
        "words": tf.constant([str(i) for i in range(1100)]),
        "filled": tf.constant(0.5, shape=[40, 30]),
        "added": x + [0.25 * i for i in range(1200)],
    }
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def constants_extreme():
    outputs = {
        "largest_int": tf.constant((1 << 31) - 1),
        "smallest_int": tf.constant(-(1 << 31)),
        "above_int": tf.constant(1 << 31),
        "below_int": tf.constant(-(1 << 31) - 1),
        "mixed_ints": tf.constant([1, 1 << 31]),
        "largest_long": tf.constant((1 << 63) - 1),
        "smallest_long": tf.constant(-(1 << 63)),
        "above_long": tf.constant(1 << 63, tf.uint64),
        "large_as_float": tf.constant(16777217, tf.float32),
        "large_as_double": tf.constant(9007199254740993, tf.float64),
        "float_max": tf.constant(3.4028235e38),
        "denormal": tf.constant(1e-45),
        "denormal_double": tf.constant(5e-324, tf.float64),
        "half_max": tf.constant(65504.0, tf.float16),
        "infinities": tf.constant([INF, -INF]),
    }
    hub.add_signature(inputs={}, outputs=outputs)
