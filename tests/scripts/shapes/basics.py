"""Arithmetic, reductions, reshapes and the shapes that nodes compute."""

import tensorflow as tf


def build():
    x = tf.placeholder(tf.float32, [None, 3, 4], name="x")
    y = tf.placeholder(tf.float32, [4], name="y")
    anything = tf.placeholder(tf.float32, name="anything")
    tf.add(x, y)
    x * anything
    tf.reduce_sum(x, axis=[0, -1])
    tf.reduce_mean(anything, axis=0)
    tf.reduce_max(x, axis=1, keepdims=True)
    tf.reshape(x, [-1, 12])
    tf.reshape(x, tf.stack([tf.shape(x)[0], 12]))
    tf.reshape(anything, tf.concat([tf.shape(y), [5]], axis=0))
    tf.transpose(x, [2, 0, 1])
    tf.transpose(anything)
    tf.concat([x, x], axis=1)
    tf.stack([y, y], axis=1)
    tf.gather(x, [0, 2], axis=1)
    tf.fill([2, 3], 1.0)
    tf.range(3, 10, 2)
    tf.nn.softmax(x)
    tf.matmul(tf.reshape(x, [-1, 4]), tf.ones([4, 5]))
