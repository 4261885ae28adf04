"""Slices with all masks, of known, partly known and unknown shapes and with unknown bounds."""

import tensorflow as tf

raw = tf.raw_ops


def build():
    x = tf.placeholder(tf.float32, [5, 6, 7, 8], name="x")
    p = tf.placeholder(tf.float32, [5, None, 7, None], name="p")
    u = tf.placeholder(tf.float32, name="u")
    n = tf.placeholder(tf.int32, [], name="n")
    for t in (x, p):
        t[0]
        t[-1, 2]
        t[1:3, ..., 2]
        t[::2, ::-1]
        t[4:1:-2, 1:, :-1]
        t[..., tf.newaxis]
        t[tf.newaxis, ..., 3, tf.newaxis]
        t[:, tf.newaxis, 1:2]
        t[n]
        t[n:]
        t[:, n:, ::-1]
        t[:, :n, 1:3]
        t[n, :, 2]
        t[..., n]
        t[tf.newaxis, n, ..., 0]
        t[3:3, 10:20]
        t[-100:100]
        t[..., ::3, 0]
        t[1:3, 1, ..., tf.newaxis, ::2]
    u[0]
    u[:, 1]
    u[..., tf.newaxis]
    v = tf.placeholder(tf.int32, [None], name="v")
    w = tf.placeholder(tf.int32, [2], name="w")
    for bounds in (v, w):
        raw.StridedSlice(input=x, begin=bounds, end=bounds, strides=bounds)
        raw.Slice(input=x, begin=tf.concat([w, w], 0), size=[1, -1, 2, 3])
        raw.Slice(input=u, begin=bounds, size=bounds)
    raw.StridedSlice(input=x, begin=w, end=w, strides=[1, 1])
    raw.StridedSlice(input=x, begin=w, end=w, strides=[1, 2], begin_mask=3, end_mask=1)
    raw.StridedSlice(input=x, begin=[0, 1], end=w, strides=[1, 2], begin_mask=3, end_mask=3)
    raw.StridedSlice(input=x, begin=w, end=[1, 1], strides=[1, 1], shrink_axis_mask=2)
    for t in (x, p, u):
        raw.Slice(input=t, begin=[1, 0, 2, 0], size=[2, -1, -1, 8])
        raw.Slice(input=t, begin=[0, 0, 0, 0], size=tf.stack([n, 1, n, 3]))
        raw.Slice(input=t, begin=tf.stack([n, 1, n, 0]), size=[1, -1, -1, 1])
        raw.StridedSliceGrad(shape=tf.shape(t), begin=[0], end=[1], strides=[1], dy=u)
