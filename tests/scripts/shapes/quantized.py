"""Quantized convolutions and pooling, permuted layouts and tridiagonal products."""

import inspect
import itertools

import tensorflow as tf

from shape_sweep import node
from shapes.elementwise import attempt

raw = tf.raw_ops


def convolutions():
    inputs = [tf.placeholder(tf.quint8, shape) for shape in (None, [None, 8, 8, 4])]
    filters = [tf.placeholder(tf.qint8, shape) for shape in (None, [3, 3, 4, 6])]
    limits = [tf.placeholder(tf.float32, shape) for shape in (None, [], [6])]
    for name in sorted(dir(raw)):
        if not name.startswith(("QuantizedConv2D", "QuantizedDepthwise")):
            continue
        op = getattr(raw, name)
        arguments = list(inspect.signature(op).parameters)
        for x, f, limit in [(inputs[0], filters[1], limits[1]), (inputs[1], filters[0], limits[2]), (inputs[1], filters[1], limits[0])]:
            given = dict(input=x, filter=f, bias=tf.placeholder(tf.float32, [6]))
            given["summand"] = tf.placeholder(tf.quint8 if name.endswith("quantize") else tf.float32)
            if "Signed" in name:
                given["summand"] = tf.placeholder(tf.qint8)
            given = {key: value for key, value in given.items() if key in arguments}
            for argument in arguments:
                if argument.startswith(("min_", "max_")):
                    scalar = argument.endswith(("input", "output", "summand"))
                    given[argument] = limits[1] if scalar and limit is limits[2] else limit
            attempt(op, strides=[1, 2, 2, 1], padding="VALID", **given)


def ranges():
    """Ranges of other ranks, one at a time."""
    ops = tf.get_default_graph()._get_op_def
    for name in sorted(dir(raw)):
        if not name.startswith(("QuantizedConv2D", "QuantizedDepthwise")):
            continue
        args = [arg.name for arg in ops(name).input_arg]
        for at, arg in enumerate(args):
            if arg.startswith(("min_", "max_", "bias", "summand")):
                for shape in [[], [6], [3], [2, 3]]:
                    specs = [[None, 8, 8, 4], [3, 3, 4, 6]] + [None] * (len(args) - 2)
                    specs[at] = shape
                    node(name, *specs, strides=[1, 2, 2, 1], padding="VALID")
        if "min_filter" in args:
            at = args.index("min_filter")
            for low, high in [([6], [3]), ([6], []), ([6], [6])]:
                specs = [[None, 8, 8, 4], [3, 3, 4, 6]] + [None] * (len(args) - 2)
                specs[at:at + 2] = [low, high]
                node(name, *specs, strides=[1, 2, 2, 1], padding="VALID")


def pools():
    for shape in (None, [None, 8, None, 4]):
        how = dict(input=tf.placeholder(tf.quint8, shape), min_input=0.0, max_input=1.0)
        for op in ["QuantizedAvgPool", "QuantizedMaxPool"]:
            getattr(raw, op)(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME", **how)


def layouts():
    for shape in (None, [4], [4, 2]):
        x = tf.placeholder(tf.int32, shape)
        raw.DataFormatDimMap(x=x)
        attempt(raw.DataFormatVecPermute, x=x)


def matrices():
    given = [tf.placeholder(tf.float32, shape) for shape in (None, [None, 1, 4], [2, 4, 3], [2, 1, None], [4, 3])]
    for diagonal, right in itertools.product(given, given):
        how = dict(superdiag=diagonal, maindiag=diagonal, subdiag=given[0], rhs=right)
        attempt(raw.TridiagonalMatMul, **how)


def build():
    convolutions()
    ranges()
    pools()
    layouts()
    matrices()
