"""Shapes that follow from values whose own length is not known: ranges up to a rank, and their splits and partitions."""

import tensorflow as tf

raw = tf.raw_ops


def out(value):
    """A node whose dimensions are the elements of a value."""
    value = raw.Reshape(tensor=value, shape=tf.constant([-1]))
    raw.Fill(dims=raw.AddV2(x=value, y=tf.constant(400)), value=tf.constant(0))


def attempt(op, **arguments):
    """A node, unless TensorFlow refuses it."""
    try:
        return op(**arguments)
    except ValueError:
        return None


def axes(rank):
    return raw.Range(start=tf.constant(0), limit=rank, delta=tf.constant(1))


def build():
    for shape in (None, [None], [None, 3], [2, None, 4]):
        x = tf.compat.v1.placeholder(tf.int32, shape)
        shape = raw.Shape(input=x)
        for tensor in (x, shape, raw.Identity(input=shape)):
            for number in (raw.Rank(input=tensor), raw.Size(input=tensor)):
                backwards = raw.ReverseV2(tensor=axes(number), axis=tf.constant([0]))
                attempt(raw.Prod, input=tensor, axis=axes(number))
                attempt(raw.Sum, input=tensor, axis=axes(number), keep_dims=True)
                attempt(raw.Transpose, x=tensor, perm=backwards)
    x = tf.compat.v1.placeholder(tf.int32, [3, None, 5, None])
    rank = raw.Rank(input=x)
    numbers = axes(rank)
    for part in raw.Split(axis=tf.constant(0), value=numbers, num_split=2):
        out(part)
    for part in raw.SplitV(value=numbers, size_splits=tf.constant([1, -1]), axis=tf.constant(0), num_split=2):
        out(part)
    for part in raw.Unpack(value=raw.Reshape(tensor=numbers, shape=tf.constant([2, 2])), num=2, axis=1):
        out(part)
    for partitions in ([0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 2, 1], [0, 3, 0, 0]):
        for part in raw.DynamicPartition(data=numbers, partitions=tf.constant(partitions), num_partitions=3):
            out(part)
    rows = tf.constant([[1, 2], [3, 4], [5, 6]])
    parts = raw.DynamicPartition(data=rows, partitions=tf.constant([1, 0, 1]), num_partitions=2)
    places = raw.DynamicPartition(data=tf.constant([0, 1, 2]), partitions=tf.constant([1, 0, 1]), num_partitions=2)
    for part in parts:
        out(part)
    raw.DynamicStitch(indices=places, data=parts)
    raw.ParallelDynamicStitch(indices=places, data=parts)
    raw.DynamicPartition(data=tf.constant([7, 8]), partitions=tf.constant(1), num_partitions=2)
    condition = raw.Less(x=numbers, y=tf.constant(2))
    out(raw.Select(condition=condition, x=numbers, y=raw.Neg(x=numbers)))
    for start, limit, delta in ((0, 5, 2), (5, 0, -2), (3, 3, 1), (1, 5, -1), (0, 5, 0), (-2, 2, 3)):
        bounds = [raw.AddV2(x=tf.constant(value - 4), y=rank) for value in (start, limit, delta)]
        between = attempt(raw.Range, start=bounds[0], limit=bounds[1], delta=bounds[2])
        if between is not None:
            out(between)
