"""Unary and binary operations on shapes that are known, partly known and unknown."""

import tensorflow as tf

raw = tf.raw_ops

UNARY = """Abs Acos Acosh Asin Asinh Atan Atanh BesselI0e BesselI1e Ceil Cos Cosh Digamma Erf Erfc Exp Expm1 Floor Inv
IsFinite IsInf IsNan Lgamma Log Log1p Neg Reciprocal Rint Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh""".split()
BINARY = """Add AddV2 Atan2 Div DivNoNan FloorDiv Greater GreaterEqual Igamma IgammaGradA Igammac Less LessEqual Maximum
Minimum Mod Mul MulNoNan NextAfter Pow RealDiv SquaredDifference Sub Xdivy Xlogy""".split()


def attempt(make, **inputs):
    """Makes the node unless TensorFlow refuses its shapes."""
    try:
        return make(**inputs)
    except ValueError:
        return None


def build():
    partly = tf.placeholder(tf.float32, [None, 3])
    for op in UNARY:
        getattr(raw, op)(x=partly)
    for op in ["InvGrad", "ReciprocalGrad", "RsqrtGrad", "SigmoidGrad", "SqrtGrad", "TanhGrad"]:
        getattr(raw, op)(y=partly, dy=tf.placeholder(tf.float32))
    row = tf.placeholder(tf.float32, [4, 1])
    for op in BINARY:
        names = {"Atan2": "yx", "Igamma": "ax", "IgammaGradA": "ax", "Igammac": "ax", "NextAfter": ("x1", "x2")}
        a, b = names.get(op, "xy")
        getattr(raw, op)(**{a: partly, b: row})
    raw.Zeta(x=partly, q=row)
    raw.Polygamma(a=partly, x=row)
    raw.RandomGammaGrad(alpha=partly, sample=row)

    whole = tf.placeholder(tf.int32, [None, 3])
    for op in ["BitwiseAnd", "BitwiseOr", "BitwiseXor", "FloorMod", "LeftShift", "RightShift", "TruncateDiv", "TruncateMod"]:
        getattr(raw, op)(x=whole, y=tf.placeholder(tf.int32, [3]))
    raw.Invert(x=whole)
    raw.PopulationCount(x=whole)
    raw.Bucketize(input=whole, boundaries=[1.0, 2.0])
    raw.Cast(x=whole, DstT=tf.float32)
    complex_ = raw.Complex(real=partly, imag=row)
    for op in ["Angle", "Conj", "Imag", "Real"]:
        getattr(raw, op)(input=complex_)
    raw.ComplexAbs(x=complex_)
    flag = raw.Less(x=partly, y=row)
    raw.LogicalNot(x=flag)
    raw.LogicalAnd(x=flag, y=flag)
    raw.LogicalOr(x=flag, y=tf.placeholder(tf.bool))
    raw.ClipByValue(t=partly, clip_value_min=tf.placeholder(tf.float32), clip_value_max=row)
