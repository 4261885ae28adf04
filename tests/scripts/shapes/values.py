"""Shapes that follow from values which the graph itself computes, wholly and partly known."""

import tensorflow as tf

raw = tf.raw_ops


def limit(n):
    """A node whose length is the value of n where TensorFlow works it out."""
    raw.Range(start=0, limit=n, delta=1)


def dims(shape):
    """A node whose shape is what a vector lists."""
    raw.Fill(dims=shape, value=1.0)


def build():
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    p = tf.placeholder(tf.float32, [None, 3, 4], name="p")
    u = tf.placeholder(tf.float32, name="u")
    c = tf.constant([[1.0, 2.0], [3.0, 4.0]])

    def shape(t):
        return raw.Shape(input=t)

    limit(raw.Size(input=x))
    limit(tf.identity(raw.Size(input=x)))
    limit(raw.Size(input=c))
    limit(raw.Rank(input=p))
    limit(raw.Rank(input=p) + 1)
    limit(raw.Rank(input=u) + 1)
    limit(shape(x)[1])
    limit(shape(x)[-1] * 2 - 3)
    limit(shape(p)[1])
    limit(tf.reduce_prod(shape(x)))
    limit(tf.reduce_max(shape(x)[1:]) // 3)
    limit(tf.gather(shape(x), [0, 2])[1])
    limit(tf.unstack(shape(x), num=3)[2])
    limit(tf.split(shape(x), 3)[2][0])
    limit(tf.cast(tf.sqrt(tf.constant(9.0)) * 2.0, tf.int32))
    limit(tf.squeeze(tf.expand_dims(shape(x)[2], 0)))
    limit(tf.reshape(tf.fill([1, 1], shape(x)[2]), []))
    limit(tf.placeholder_with_default(3, []))
    limit(tf.placeholder_with_default(3, []) + 1)
    limit(tf.maximum(shape(x)[0], 9) % 4)
    limit(raw.Switch(data=tf.constant(3), pred=tf.constant(True))[1])
    limit(raw.ShapeN(input=[p, x])[1][0])
    for t in (x, p, u):
        s = shape(t)
        dims(s)
        dims(s[1:])
        dims(s[:-1])
        dims(s[::2])
        dims(tf.identity(s))
        dims(tf.concat([s, [5]], 0))
        dims(tf.concat([s[1:], tf.identity(s)[:1], [7, 8]], 0))
        dims(tf.stack([s[0], 4, s[1]]))
        dims(tf.cast(tf.cast(s, tf.int64), tf.int32))
        dims(raw.ShapeN(input=[t, x])[0])
        tf.reshape(u, s)
        tf.reshape(t, tf.stack([-1, s[0]]))
        tf.reshape(t, [-1, 2])
        tf.reshape(t, [s[0], -1])
        raw.Sum(input=x, axis=raw.BroadcastGradientArgs(s0=s, s1=shape(x))[0], keep_dims=False)
        raw.Sum(input=x, axis=raw.BroadcastGradientArgs(s0=s, s1=shape(tf.ones([4])))[1], keep_dims=False)
        if t in (x, p):
            offsets = raw.ConcatOffset(concat_dim=1, shape=[shape(x), s, shape(x)])
            raw.Slice(input=x, begin=offsets[2], size=[1, 0, 1])
    dims(tf.placeholder(tf.int32, [3]))
    dims(tf.placeholder(tf.int32, [None]))
    dims(tf.placeholder(tf.int32))
    dims(tf.constant([], tf.int32))
    limit(tf.setdiff1d(tf.range(5), [1, 2])[0][2])
    limit(tf.dynamic_stitch([[0, 2], [1]], [[5, 6], [7]])[1])
    limit(tf.transpose(tf.constant([[1, 2], [3, 4]]))[0, 1])
    limit(tf.tile(tf.constant([1, 2]), [2])[3])
    limit(tf.reverse(tf.constant([1, 2]), [0])[0])
    limit(tf.random_uniform([], 1, 3, dtype=tf.int32))
