"""Reductions, matrix products, quantized arithmetic, and results whose size is an input."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops
INPUTS = [None, [], [5], [2, None], [2, 3, 4]]


def sequences():
    half, count = tf.constant(0.5), tf.placeholder(tf.int32, [])
    raw.Range(start=0, limit=count, delta=1)
    raw.Range(start=10, limit=3, delta=-2)
    raw.Range(start=tf.constant(3, tf.int64), limit=tf.constant(3, tf.int64), delta=tf.constant(4, tf.int64))
    raw.Range(start=0.0, limit=1.0, delta=0.1)
    raw.Range(start=half, limit=tf.constant(-1.0), delta=tf.constant(-0.3))
    raw.Range(start=tf.constant(0.0, tf.float64), limit=tf.constant(1.0, tf.float64), delta=tf.constant(0.1, tf.float64))
    for num in [4, count]:
        raw.LinSpace(start=0.0, stop=half, num=num)
        raw.Bincount(arr=tf.placeholder(tf.int32), size=num, weights=tf.placeholder(tf.float32))
        raw.HistogramFixedWidth(values=tf.placeholder(tf.float32), value_range=[0.0, 1.0], nbins=num)
    raw.Roll(input=tf.placeholder(tf.float32, [None, 3]), shift=[1, 2], axis=[0, 1])


def segments():
    ids = [tf.placeholder(tf.int32, shape) for shape in (None, [None], [5], [None, 2])]
    data = [tf.placeholder(tf.float32, shape) for shape in (None, [None], [5, 2, None], [None, 2, 3])]
    counts = [tf.constant(7), tf.placeholder(tf.int32, []), tf.placeholder(tf.int32)]
    for values, id_ in itertools.product(data, ids):
        for op in ["SegmentMax", "SegmentSum"]:
            attempt(getattr(raw, op), data=values, segment_ids=id_)
        attempt(raw.SparseSegmentSum, data=values, indices=ids[0], segment_ids=id_)
        for count in counts:
            attempt(raw.UnsortedSegmentSum, data=values, segment_ids=id_, num_segments=count)
    for op in ["SegmentMean", "SegmentMin", "SegmentProd"]:
        getattr(raw, op)(data=data[2], segment_ids=ids[1])
    for op in ["UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd"]:
        getattr(raw, op)(data=data[3], segment_ids=ids[3], num_segments=7)
    for op in ["SparseSegmentMean", "SparseSegmentSqrtN"]:
        getattr(raw, op)(data=data[3], indices=ids[0], segment_ids=ids[0])
    for values, count in itertools.product(data, counts):
        for op in ["SparseSegmentMeanGrad", "SparseSegmentSqrtNGrad"]:
            getattr(raw, op)(grad=values, indices=ids[1], segment_ids=ids[1], output_dim0=count)
        for op in ["SparseSegmentMean", "SparseSegmentSqrtN", "SparseSegmentSum"]:
            make = getattr(raw, op + "WithNumSegments")
            make(data=values, indices=ids[1], segment_ids=ids[1], num_segments=count)


def products():
    shapes = [None, [None, 3], [2, 3], [3, None], [4, 2, 3], [None, 3, 2], [1, None, 2, 3]]
    given = [tf.placeholder(tf.float32, shape) for shape in shapes]
    for a, b in itertools.product(given, given):
        attempt(raw.MatMul, a=a, b=b)
        attempt(raw.BatchMatMul, x=a, y=b, adj_y=True)
        attempt(raw.BatchMatMulV2, x=a, y=b, adj_x=True)
    raw.SparseMatMul(a=given[2], b=given[2], transpose_a=True)


def quantized():
    x = tf.placeholder(tf.quint8, [None, 3])
    low, high = tf.placeholder(tf.float32, []), tf.constant(1.0)
    raw.QuantizedAdd(x=x, y=x, min_x=low, max_x=high, min_y=low, max_y=high)
    raw.QuantizedMul(x=x, y=x, min_x=low, max_x=high, min_y=low, max_y=high)
    raw.QuantizedMatMul(a=x, b=x, min_a=low, max_a=high, min_b=low, max_b=high, transpose_b=True)
    for op in ["", "AndRelu", "AndReluAndRequantize"]:
        how = dict(a=x, b=tf.placeholder(tf.qint8, [3, 5]), bias=tf.placeholder(tf.float32, [5]))
        how.update(min_a=low, max_a=high, min_b=low, max_b=high)
        if op.endswith("Requantize"):
            how.update(min_freezed_output=low, max_freezed_output=high)
        getattr(raw, "QuantizedMatMulWithBias" + op)(**how)
    raw.Fact()
    wide = tf.placeholder(tf.qint32, [None, 3])
    raw.QuantizeDownAndShrinkRange(input=wide, input_min=low, input_max=high, out_type=tf.quint8)
    raw.RequantizationRange(input=wide, input_min=low, input_max=high)
    limits = dict(requested_output_min=low, requested_output_max=high, out_type=tf.quint8)
    raw.Requantize(input=wide, input_min=low, input_max=high, **limits)
    each = tf.placeholder(tf.float32, [3])
    raw.RequantizePerChannel(input=wide, input_min=each, input_max=each, **limits)
    raw.RequantizationRangePerChannel(input=wide, input_min=each, input_max=each, clip_value_max=6.0)


def build():
    given = [tf.placeholder(tf.float32, shape) for shape in INPUTS]
    axes = [tf.placeholder(tf.int32), tf.placeholder(tf.int32, [2]), 0, -1, [0], [0, -1], tf.constant([], tf.int32)]
    for x, axis, keep in itertools.product(given, axes, [False, True]):
        attempt(raw.Sum, input=x, axis=axis, keep_dims=keep)
    for x, axis in itertools.product(given, [tf.placeholder(tf.int32), 0, -1, 2]):
        attempt(raw.ArgMax, input=x, dimension=axis)
    raw.ArgMin(input=given[4], dimension=1)
    for op in ["EuclideanNorm", "Max", "Mean", "Min", "Prod"]:
        getattr(raw, op)(input=given[4], axis=[1])
    flags = tf.placeholder(tf.bool, [None, 4])
    raw.All(input=flags, axis=[0])
    raw.Any(input=flags, axis=[1], keep_dims=True)
    for op in ["Cumprod", "Cumsum", "CumulativeLogsumexp"]:
        getattr(raw, op)(x=given[4], axis=1)
    products()
    quantized()
