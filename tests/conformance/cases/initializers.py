"""Initializers of variables, all drawn from fixed seeds."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module


class Outputs(object):
    """Makes variables and exports the value of each under the variable's name."""

    def __init__(self):
        self.tensors = {}

    def variable(self, name, shape, dtype, initializer):
        value = tf.get_variable(name, shape, dtype, initializer=initializer)
        self.tensors[name] = tf.identity(value, name="read_" + name)

    def sign(self):
        hub.add_signature(inputs={}, outputs=self.tensors)


FLOATS = [tf.float16, tf.float32, tf.float64]


@module(seed=21)
def init_constant():
    out = Outputs()
    for dtype in FLOATS + [tf.int32]:
        out.variable(dtype.name + "_zeros", [2, 2], dtype, tf.zeros_initializer())
        out.variable(dtype.name + "_ones", [2, 2], dtype, tf.ones_initializer())
        out.variable(dtype.name + "_scalar", [2, 2], dtype, tf.constant_initializer(3))
        out.variable(dtype.name + "_list", [2, 2], dtype, tf.constant_initializer([1, 2, 3, 4]))
        out.variable(dtype.name + "_short", [5], dtype, tf.constant_initializer([1, 2]))
        out.variable(dtype.name + "_rank0", [], dtype, tf.constant_initializer(5))
    out.variable("array", [2, 3], tf.float32, tf.constant_initializer(np.array([[0.5, 1, 1.5], [2, 2.5, 3]])))
    out.variable("fraction", [3], tf.float32, tf.constant_initializer(0.1))
    out.variable("fraction64", [3], tf.float64, tf.constant_initializer(0.1))
    out.sign()


@module(seed=22)
def init_random_uniform():
    out = Outputs()
    for dtype in FLOATS:
        out.variable(dtype.name + "_plain", [3, 5], dtype, tf.random_uniform_initializer(-0.5, 2.0, dtype=dtype))
        out.variable(dtype.name + "_seed", [7], dtype, tf.random_uniform_initializer(-1.0, 1.0, seed=99, dtype=dtype))
    for dtype in (tf.int32, tf.int64):
        out.variable(dtype.name + "_plain", [3, 3], dtype, tf.random_uniform_initializer(-5, 100, dtype=dtype))
        out.variable(dtype.name + "_seed", [5], dtype, tf.random_uniform_initializer(0, 1000, seed=98, dtype=dtype))
    out.variable("rank0", [], tf.float32, tf.random_uniform_initializer(0.0, 1.0))
    out.variable("defaults", [6], tf.float32, tf.random_uniform_initializer())
    out.variable("empty", [0, 3], tf.float32, tf.random_uniform_initializer(0.0, 1.0))
    out.sign()


@module(seed=23)
def init_random_normal():
    out = Outputs()
    for dtype in FLOATS:
        out.variable(dtype.name + "_plain", [3, 5], dtype, tf.random_normal_initializer(1.0, 0.5, dtype=dtype))
        out.variable(dtype.name + "_seed", [7], dtype, tf.random_normal_initializer(0.0, 2.0, seed=99, dtype=dtype))
    out.variable("rank0", [], tf.float32, tf.random_normal_initializer())
    out.sign()


@module(seed=24)
def init_truncated_normal():
    out = Outputs()
    for dtype in FLOATS:
        out.variable(dtype.name + "_plain", [3, 5], dtype, tf.truncated_normal_initializer(1.0, 0.5, dtype=dtype))
        out.variable(dtype.name + "_seed", [7], dtype, tf.truncated_normal_initializer(0.0, 2.0, seed=99, dtype=dtype))
    out.variable("rank0", [], tf.float32, tf.truncated_normal_initializer())
    out.sign()


@module(seed=25)
def init_glorot():
    out = Outputs()
    for dtype in (tf.float32, tf.float64):
        for label, make in (("uniform", tf.glorot_uniform_initializer), ("normal", tf.glorot_normal_initializer)):
            for shape in ([], [5], [3, 4], [2, 2, 3, 2]):
                name = "%s_%s_rank%d" % (label, dtype.name, len(shape))
                out.variable(name, shape, dtype, make(dtype=dtype))
    out.variable("uniform_seed", [3, 2], tf.float32, tf.glorot_uniform_initializer(seed=97))
    out.variable("normal_seed", [3, 2], tf.float32, tf.glorot_normal_initializer(seed=96))
    out.variable("default", [2, 3], tf.float32, None)
    out.variable("default64", [2, 3], tf.float64, None)
    out.sign()


@module(seed=26)
def init_he():
    out = Outputs()
    out.variable("uniform", [3, 4], tf.float32, tf.initializers.he_uniform())
    out.variable("normal", [3, 4], tf.float32, tf.initializers.he_normal())
    out.variable("uniform_seed", [2, 2, 3, 2], tf.float32, tf.initializers.he_uniform(seed=95))
    out.variable("normal_seed", [2, 2, 3, 2], tf.float32, tf.initializers.he_normal(seed=94))
    out.variable("uniform64", [5], tf.float64, tf.initializers.he_uniform())
    out.variable("normal64", [5], tf.float64, tf.initializers.he_normal())
    out.sign()


@module(seed=27)
def init_lecun():
    out = Outputs()
    out.variable("uniform", [3, 4], tf.float32, tf.initializers.lecun_uniform())
    out.variable("normal", [3, 4], tf.float32, tf.initializers.lecun_normal())
    out.variable("uniform_seed", [2, 2, 3, 2], tf.float32, tf.initializers.lecun_uniform(seed=93))
    out.variable("normal_seed", [2, 2, 3, 2], tf.float32, tf.initializers.lecun_normal(seed=92))
    out.variable("uniform64", [5], tf.float64, tf.initializers.lecun_uniform())
    out.variable("normal64", [5], tf.float64, tf.initializers.lecun_normal())
    out.sign()


@module(seed=28)
def init_variance_scaling():
    out = Outputs()
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for distribution in ("normal", "truncated_normal", "untruncated_normal", "uniform"):
            initializer = tf.variance_scaling_initializer(scale=1.5, mode=mode, distribution=distribution)
            out.variable("%s_%s" % (mode, distribution), [3, 4], tf.float32, initializer)
    out.variable("defaults", [4, 2], tf.float32, tf.variance_scaling_initializer())
    out.variable("seed", [4, 2], tf.float32, tf.variance_scaling_initializer(seed=91))
    out.variable("double", [4, 2], tf.float64, tf.variance_scaling_initializer(dtype=tf.float64))
    out.sign()


@module(seed=29)
def init_default():
    out = Outputs()
    for dtype in FLOATS:
        out.variable(dtype.name + "_default", [2, 3], dtype, None)
        out.variable(dtype.name + "_default_rank0", [], dtype, None)
    for dtype in (tf.int32, tf.int64, tf.uint8, tf.bool, tf.string):
        out.variable(dtype.name + "_default", [2], dtype, None)
    with tf.variable_scope("doubles", initializer=tf.random_normal_initializer(0.5, 0.25)):
        out.variable("scope_normal", [3], tf.float64, None)
        out.variable("own_zeros", [2], tf.float64, tf.zeros_initializer())
        with tf.variable_scope("inner"):
            out.variable("inherited_normal", [3], tf.float16, None)
    with tf.variable_scope("whole", initializer=tf.constant_initializer(7)):
        out.variable("scope_constant", [2], tf.int32, None)
        out.variable("scope_constant_double", [2], tf.float64, None)
    with tf.variable_scope("ones", initializer=tf.ones_initializer()):
        out.variable("scope_ones", [2], tf.int64, None)
        out.variable("scope_flag", [2], tf.bool, None)
    out.sign()


@module(seed=30)
def init_constant_arrays():
    out = Outputs()
    for dtype in FLOATS + [tf.int32, tf.int64, tf.uint8, tf.bool]:
        for numbers in (np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_):
            name = "%s_of_%s" % (dtype.name, np.dtype(numbers).name)
            out.variable(name, [3], dtype, tf.constant_initializer(np.array([0, 1, 1], numbers)))
    out.variable("truncated", [2], tf.int32, tf.constant_initializer(np.array([1.75, -1.75])))
    out.variable("rounded", [2], tf.float16, tf.constant_initializer(np.array([0.1, 1e-8])))
    out.variable("verified", [2, 1], tf.float32, tf.constant_initializer(np.array([[1], [2]]), verify_shape=True))
    out.variable("empty", [0, 2], tf.float32, tf.constant_initializer(np.zeros([0])))
    out.sign()


# The last bits of a QR decomposition are those of the library that computes it.
def _ones(**shapes):
    return {name: np.ones(shape, np.float64 if name.startswith("double") else np.float32) for name, shape in shapes.items()}


_ORTHOGONAL = dict(wide=[2, 3], tall=[3, 2], square=[3, 3], deep=[2, 2, 3], double=[2, 2], seed=[3, 2])


@module(seed=31, values=_ones(**_ORTHOGONAL))
def init_orthogonal():
    out = Outputs()
    for name in ("wide", "tall", "square", "deep"):
        out.variable(name, _ORTHOGONAL[name], tf.float32, tf.initializers.orthogonal())
    out.variable("double", [2, 2], tf.float64, tf.initializers.orthogonal(gain=0.5))
    out.variable("seed", [3, 2], tf.float32, tf.initializers.orthogonal(gain=2.0, seed=90))
    out.sign()


_DELTA = dict(one=[3, 2, 2], two=[3, 4, 1, 2], three=[3, 4, 5, 1, 2], double=[2, 1, 2])


@module(seed=32, values=_ones(**_DELTA))
def init_delta_orthogonal():
    make = tf.contrib.framework.convolutional_delta_orthogonal
    out = Outputs()
    out.variable("one", _DELTA["one"], tf.float32, make(gain=1.5, seed=89))
    out.variable("two", _DELTA["two"], tf.float32, make())
    out.variable("three", _DELTA["three"], tf.float32, make(seed=88))
    out.variable("double", _DELTA["double"], tf.float64, make(gain=0.1))
    out.sign()


_CONVOLUTIONS = dict(
    one=[3, 2, 2], one_point=[1, 1, 2], one_again=[2, 1, 2], double=[2, 1, 2], two=[3, 3, 1, 2], two_point=[1, 1, 2, 2],
    three=[2, 2, 2, 1, 2], three_point=[1, 1, 1, 1, 2]
)


@module(seed=33, values=_ones(**_CONVOLUTIONS))
def init_convolutional_orthogonal():
    one = tf.contrib.framework.convolutional_orthogonal_1d
    two = tf.contrib.framework.convolutional_orthogonal_2d
    three = tf.contrib.framework.convolutional_orthogonal_3d
    out = Outputs()
    seeded = one(gain=1.5, seed=87)
    out.variable("one", _CONVOLUTIONS["one"], tf.float32, seeded)
    out.variable("one_again", _CONVOLUTIONS["one_again"], tf.float32, seeded)
    out.variable("one_point", _CONVOLUTIONS["one_point"], tf.float32, one())
    out.variable("double", _CONVOLUTIONS["double"], tf.float64, one(dtype=tf.float64))
    out.variable("two", _CONVOLUTIONS["two"], tf.float32, two(gain=0.5))
    out.variable("two_point", _CONVOLUTIONS["two_point"], tf.float32, two(seed=86))
    out.variable("three", _CONVOLUTIONS["three"], tf.float32, three(seed=85))
    out.variable("three_point", _CONVOLUTIONS["three_point"], tf.float32, three())
    out.sign()


@module(seed=34, left_out={"use": "the checkpoint reader gives no strings that are in parts"})
def init_function_of_parts():
    def rows(shape, dtype=None, partition_info=None):
        start = partition_info.var_offset[0] if partition_info else 0
        return tf.cast(tf.fill(shape, start), dtype)

    out = Outputs()
    partitioner = tf.fixed_size_partitioner(2)
    for dtype in (tf.float32, tf.int32):
        out.variable(dtype.name + "_whole", [3], dtype, rows)
        value = tf.get_variable(dtype.name + "_parts", [3, 2], dtype, initializer=rows, partitioner=partitioner)
        out.tensors[dtype.name + "_parts"] = tf.identity(value, name="read_parts_" + dtype.name)
    value = tf.get_variable("text", [3], tf.string, initializer=tf.constant_initializer("a"), partitioner=partitioner)
    out.tensors["text"] = tf.identity(value, name="read_text")
    out.sign()
