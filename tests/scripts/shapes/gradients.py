"""Gradients of a small network of convolutions, pooling and a dense layer."""

import tensorflow as tf


def weights(name, shape):
    return tf.get_variable(name, shape, use_resource=True, initializer=tf.zeros_initializer())


def build():
    images = tf.placeholder(tf.float32, [None, 8, 8, 4])
    hidden = tf.nn.depthwise_conv2d(images, weights("first", [3, 3, 4, 2]), [1, 1, 1, 1], "SAME")
    hidden = tf.nn.relu(tf.nn.bias_add(hidden, weights("bias", [8])))
    hidden = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
    hidden = tf.nn.depthwise_conv2d(hidden, weights("second", [3, 3, 8, 1]), [1, 1, 1, 1], "VALID")
    hidden = tf.nn.avg_pool2d(tf.nn.elu(hidden), 2, 2, "SAME")
    logits = tf.matmul(tf.reshape(hidden, [-1, 8]), weights("dense", [8, 5]))
    loss = tf.nn.l2_loss(tf.tanh(tf.nn.softplus(logits)))
    with tf.variable_scope("step"):
        tf.gradients(loss, tf.global_variables())
