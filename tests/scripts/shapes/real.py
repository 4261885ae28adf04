"""Shapes whose dimensions are the bits of real numbers that TensorFlow works out, for tensors that fill registers or not."""

import numpy as np
import tensorflow.compat.v1 as tf

raw = tf.raw_ops

POSITIVE = [0.1, 0.9, 1.0, 2.0, 3.0, 7.3, 10.0, 64.0, 1000.0, 0.33, 1e-4, 123456.7, 0.70710678, 1.4142135, 2.718, 1e30, 5.5]
ANY = [0.0, 1.0, -1.0, 0.1, -0.1, 2.5, -3.7, 10.0, -10.0, 0.693, 5.3, -20.0, 30.0, 1e-5, 4.2, -0.5, 8.8]
UNIT = [0.0, 1.0, -1.0, 0.1, -0.1, 0.25, -0.37, 0.99, -0.8, 0.693, 0.53, -0.2, 0.3, 1e-5, 0.42, -0.5, 0.88]
FUNCTIONS = [("Log", POSITIVE), ("Log1p", POSITIVE), ("Rsqrt", POSITIVE), ("Exp", ANY), ("Expm1", ANY), ("Tanh", ANY),
             ("Sigmoid", ANY), ("Sin", ANY), ("Cos", ANY), ("Tan", ANY), ("Atan", ANY), ("Sinh", ANY), ("Cosh", ANY),
             ("Asin", UNIT), ("Acos", UNIT), ("Sqrt", POSITIVE), ("Relu", ANY), ("Relu6", ANY), ("Square", ANY)]
# What TensorFlow does with registers of these is not the same on every machine, or not followed.
SHORT = {tf.float32: ["Log1p", "Rsqrt", "Expm1", "Sin", "Cos", "Sqrt"], tf.float64: ["Sigmoid"]}
LANES = {tf.float32: 8, tf.float64: 4}


constants = {}


def constant(value, dtype=tf.int32):
    """One node for each value."""
    key = (value, dtype)
    if key not in constants:
        constants[key] = tf.constant(value, dtype)
    return constants[key]


def out(value):
    """A node whose dimensions are parts of the bits of a value."""
    if value.shape.ndims != 1:
        value = raw.Reshape(tensor=value, shape=constant((-1,)))
    if value.dtype == tf.float32:
        parts = [raw.BitwiseAnd(x=raw.Bitcast(input=value, type=tf.int32), y=constant((1 << 30) - 1))]
    else:
        bits = raw.Bitcast(input=value, type=tf.int64)
        low = constant((1 << 40) - 1, tf.int64)
        parts = [raw.BitwiseAnd(x=bits, y=low), raw.BitwiseAnd(x=raw.FloorDiv(x=bits, y=low), y=low)]
    for part in parts:
        raw.Fill(dims=part, value=constant(0))


def applied(op, x):
    """The op with one input, whatever that is called."""
    arg = tf.get_default_graph()._get_op_def(op).input_arg[0].name
    return getattr(raw, op)(**{arg: x})


def build():
    constants.clear()
    for dtype in (tf.float32, tf.float64):
        of = lambda value: tf.constant(np.array(value, dtype.as_numpy_dtype))
        for op, values in FUNCTIONS:
            if op == "Sigmoid" and dtype == tf.float32:
                continue
            longest = LANES[dtype] - 1 if op in SHORT[dtype] else 17
            out(applied(op, of(values[0])))
            for size in sorted({1, 3, LANES[dtype] - 1, LANES[dtype], LANES[dtype] + 1, longest}):
                if size <= longest:
                    out(applied(op, of(values[-size:])))
            for start in range(0, len(values), 6):
                out(applied(op, of(values[start:start + 3])))
        a, b = of(POSITIVE), of(ANY)
        for op in ["Pow", "SquaredDifference", "FloorDiv", "FloorMod", "TruncateMod", "Mod", "DivNoNan", "MulNoNan"]:
            out(getattr(raw, op)(x=a, y=of([0.3])))
            if op in ("Pow", "SquaredDifference", "MulNoNan"):
                out(getattr(raw, op)(x=of(POSITIVE[:15]), y=of(ANY[:15])))
        for count in (1, 2, 3, 8):
            out(raw.AddN(inputs=[a, b, of(UNIT), a, b, of(UNIT), b, a][:count]))
        for start, stop, num in [(0.0, 1.0, 5), (0.1, 0.7, 7), (2.0, 9.0, 1), (-3.0, 4.5, 10), (1e-3, 1e3, 50), (5.0, 5.0, 3)]:
            out(raw.LinSpace(start=of(start), stop=of(stop), num=num))
        for op in ["ArgMax", "ArgMin"]:
            raw.Fill(dims=raw.Reshape(tensor=getattr(raw, op)(input=b, dimension=0), shape=[1]), value=0)
        for op in ["IsFinite", "IsInf", "IsNan"]:
            flags = applied(op, of([1.0, np.inf, -np.inf, np.nan]))
            raw.Fill(dims=raw.Cast(x=flags, DstT=tf.int32), value=0)
        for made in [raw.TopKV2(input=of([3.0, 1.0, 4.0, 1.0, 5.0]), k=3), raw.Unique(x=of([3.0, 1.0, 3.0, 2.0, 1.0])),
                     raw.UniqueWithCounts(x=of([2.0, 2.0, 5.0])), [raw.Roll(input=of([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
                                                                            shift=[1, -1], axis=[0, 1])]]:
            for one in made:
                one = raw.Reshape(tensor=one, shape=[-1])
                raw.Fill(dims=raw.Cast(x=one, DstT=tf.int32) if one.dtype != tf.int32 else one, value=0)
        out(raw.Atan2(y=of(ANY), x=of([0.3])))
        out(raw.Xdivy(x=of([0.0, 1.0, 2.0]), y=of([0.0, 3.0, 0.7])))
    # Programs count with logarithms like this.
    for length in [1, 2, 3, 8, 100, 1000, 1024, 65536]:
        size = raw.Cast(x=length, DstT=tf.float32)
        levels = raw.Ceil(x=raw.RealDiv(x=raw.Log(x=size), y=raw.Log(x=2.0)))
        raw.Fill(dims=raw.Reshape(tensor=raw.Cast(x=levels, DstT=tf.int32), shape=[1]), value=0)
        back = raw.Pow(x=2.0, y=levels)
        raw.Fill(dims=raw.Reshape(tensor=raw.Cast(x=back, DstT=tf.int64), shape=[1]), value=0)
    # Values that kernels refuse.
    vector, matrix = tf.constant([1, 2]), tf.constant([[1, 2], [3, 4]])
    for made in [raw.OneHot(indices=[0, 1], depth=2, on_value=[1], off_value=0), raw.PadV2(
            input=[1, 2], paddings=[[1, 1]], constant_values=[7]), raw.ClipByValue(
            t=vector, clip_value_min=[0], clip_value_max=matrix), raw.Cumsum(x=vector, axis=[0]), raw.UniqueV2(
            x=vector, axis=tf.constant([0]))[0], raw.UniqueV2(
            x=vector, axis=tf.constant([], tf.int32))[0], raw.UniqueV2(x=vector, axis=tf.constant(0))[0]]:
        raw.Fill(dims=raw.Reshape(tensor=made, shape=[-1]), value=0)
    flags = tf.constant([True, False])
    raw.Fill(dims=raw.Cast(x=raw.ListDiff(x=flags, y=[True])[0], DstT=tf.int32), value=0)
