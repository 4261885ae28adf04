"""Broadcasting where dimensions are unknown, 0 and 1, and choices between tensors."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops
SHAPES = [None, [], [1], [0], [None], [3], [None, 1], [2, 3], [None, 3], [0, None]]


def build():
    given = [tf.placeholder(tf.float32, shape) for shape in SHAPES]
    for x, y in itertools.product(given, given):
        attempt(raw.AddV2, x=x, y=y)
        if x is not y or x.shape.ndims:
            attempt(raw.Equal, x=x, y=y, incompatible_shape_error=False)
    for x, y in zip(given, reversed(given)):
        attempt(raw.NotEqual, x=x, y=y)
        attempt(raw.ApproximateEqual, x=x, y=y)

    same = [tf.placeholder(tf.float32, shape) for shape in ([None, 3], None, [2, None])]
    raw.AddN(inputs=same)
    raw.AddN(inputs=same[1:2])
    raw.AccumulateNV2(inputs=same, shape=[2, 3])
    for a, b, x in itertools.product([None, [], [None, 3]], [None, [], [2, None]], [None, [], [2, 3]]):
        place = tf.placeholder
        raw.Betainc(a=place(tf.float32, a), b=place(tf.float32, b), x=place(tf.float32, x))
    raw.Cross(a=same[0], b=same[2])
    raw.Cross(a=same[1], b=same[1])
    for condition, t, e in itertools.product([None, [], [None], [2], [None, 3]], [None, [], [2, None]], [None, [2], [2, 3]]):
        inputs = [tf.placeholder(dtype, shape) for dtype, shape in ((tf.bool, condition), (tf.int32, t), (tf.int32, e))]
        attempt(raw.Select, condition=inputs[0], x=inputs[1], y=inputs[2])
        attempt(raw.SelectV2, condition=inputs[0], t=inputs[1], e=inputs[2])
