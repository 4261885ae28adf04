"""Batch normalization and local response normalization."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops


def build():
    images = [tf.placeholder(tf.float32, shape) for shape in (None, [None, 4, 4, None], [2, 4, 4, 4])]
    vectors = [tf.placeholder(tf.float32, shape) for shape in (None, [None], [4])]
    for x, a, b, form, training in itertools.product(images, vectors, vectors, ["NHWC", "NCHW"], [True, False]):
        how = dict(data_format=form, is_training=training)
        if a is b or training:
            attempt(raw.FusedBatchNormV3, x=x, scale=a, offset=vectors[1], mean=b, variance=b, **how)
        if a is b and form == "NHWC":
            attempt(raw.FusedBatchNorm, x=x, scale=a, offset=a, mean=b, variance=b, **how)
            attempt(raw.FusedBatchNormV2, x=x, scale=a, offset=a, mean=b, variance=b, **how)
            spaces = dict(scale=a, reserve_space_1=a, reserve_space_2=b)
            attempt(raw.FusedBatchNormGrad, y_backprop=x, x=images[1], **spaces, **how)
            raw.FusedBatchNormGradV2(y_backprop=images[0], x=images[0], **spaces, **how)
            attempt(raw.FusedBatchNormGradV3, y_backprop=x, x=x, reserve_space_3=vectors[0], **spaces, **how)
    raw.LRN(input=images[0])
    raw.LRN(input=images[1])
    raw.LRNGrad(input_grads=images[0], input_image=images[1], output_image=images[2])
    small = tf.placeholder(tf.quint8, [None, 4, 4, None])
    inputs = {"t": small, "t_min": 0.0, "t_max": 1.0}
    for name in ["m", "v", "beta", "gamma"]:
        inputs.update({name: tf.placeholder(tf.quint8, [4]), name + "_min": 0.0, name + "_max": 1.0})
    raw.QuantizedBatchNormWithGlobalNormalization(
        out_type=tf.qint32, variance_epsilon=0.1, scale_after_normalization=True, **inputs
    )
