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
