"""Variants for inference and training: update ops, losses and dropout by mode, hyperparameters."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module

MODES = [(set(), {"is_training": False}), ({"train"}, {"is_training": True})]
RANDOM = {"train": "each session draws other numbers, of which the outputs are"}


def vectors(size=3):
    return tf.placeholder(tf.float32, [None, size], name="x")


def normalize(x, is_training, momentum=0.9, name="norm"):
    """Batch normalization of vectors, with the updates of the moving statistics."""
    size = x.shape[-1].value
    with tf.variable_scope(name):
        scale = tf.get_variable("scale", [size], initializer=tf.ones_initializer())
        mean = tf.get_variable("mean", [size], initializer=tf.zeros_initializer(), trainable=False)
        variance = tf.get_variable("variance", [size], initializer=tf.ones_initializer(), trainable=False)
        if not is_training:
            return (x - mean) * tf.rsqrt(variance + 0.01) * scale
        batch_mean, batch_variance = tf.nn.moments(x, [0])
        for moving, batch in ((mean, batch_mean), (variance, batch_variance)):
            update = moving.assign_sub((moving - batch) * (1.0 - momentum), read_value=False)
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        return (x - batch_mean) * tf.rsqrt(batch_variance + 0.01) * scale


@module(seed=201, variants=MODES)
def variants_update_ops(is_training):
    x = vectors()
    mean = tf.get_variable("mean", [3], initializer=tf.zeros_initializer(), trainable=False)
    if is_training:
        batch_mean = tf.reduce_mean(x, 0)
        update = mean.assign_sub((mean - batch_mean) * 0.25, read_value=False)
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        centered = x - batch_mean
    else:
        centered = x - mean
    hub.add_signature(inputs=x, outputs=tf.layers.dense(centered, 2))


@module(seed=202, variants=MODES)
def variants_normalized(is_training):
    x = vectors()
    y = tf.layers.dense(normalize(x, is_training), 4, activation=tf.nn.relu)
    y = tf.layers.dense(normalize(y, is_training, 0.99, "norm_1"), 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=203, variants=MODES, drop_collections=["moving_average_variables"])
def variants_moving_average(is_training):
    x = vectors()
    w = tf.get_variable("w", [3, 2])
    averages = tf.train.ExponentialMovingAverage(0.5)
    update = averages.apply([w])
    if is_training:
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        y = tf.matmul(x, w)
    else:
        y = tf.matmul(x, averages.average(w))
    hub.add_signature(inputs=x, outputs=y)


@module(seed=204, variants=MODES)
def variants_regularized(is_training):
    x = vectors()
    l2 = tf.contrib.layers.l2_regularizer(0.5)
    l1 = tf.contrib.layers.l1_regularizer(0.25) if is_training else None
    y = tf.layers.dense(x, 4, kernel_regularizer=l2, bias_regularizer=l1)
    y = tf.layers.dense(y, 2, kernel_regularizer=l1)
    hub.add_signature(inputs=x, outputs=y)


@module(seed=205, variants=MODES)
def variants_trainable(is_training):
    x = vectors()
    y = tf.layers.dense(x, 4, trainable=is_training)
    hub.add_signature(inputs=x, outputs=tf.layers.dense(y, 2))


@module(
    seed=206,
    variants=MODES[::-1],
    left_out={"exchange": "hub exports no variables from a checkpoint that the variant without tags lacks"},
)
def variants_train_first(is_training):
    x = vectors()
    y = tf.layers.dense(x, 4)
    if is_training:
        y = y * tf.get_variable("train_scale", [4])
    hub.add_signature(inputs=x, outputs=tf.layers.dense(y, 2))


@module(seed=207, variants=MODES)
def variants_attachments(is_training):
    x = vectors()
    hub.attach_message("shared", tf.train.Int64List(value=[1]))
    if is_training:
        hub.attach_message("training", tf.train.Int64List(value=[7]))
    hub.add_signature(inputs=x, outputs=tf.layers.dense(x, 2))


@module(seed=208, variants=MODES, drop_collections=["summaries", "losses"])
def variants_drop_collections(is_training):
    x = vectors()
    y = tf.layers.dense(x, 2)
    tf.add_to_collection("summaries", y)
    if is_training:
        tf.add_to_collection("losses", tf.reduce_sum(y))
    hub.add_signature(inputs=x, outputs=y)


@module(seed=209, variants=MODES, left_out=RANDOM)
def variants_dropout(is_training):
    x = vectors()
    y = tf.layers.dense(x, 8, activation=tf.nn.relu)
    if is_training:
        y = tf.nn.dropout(y, rate=0.5, seed=3)
    hub.add_signature(inputs=x, outputs=tf.layers.dense(y, 2))


@module(seed=210, variants=MODES, left_out=RANDOM, feeds={"dropout_rate": 0.25})
def variants_dropout_rate(is_training):
    x = vectors()
    rate = tf.placeholder_with_default(0.1, [], name="dropout_rate")
    y = tf.layers.dense(x, 8, activation=tf.nn.relu)
    if is_training:
        y = tf.nn.dropout(y, rate=rate, seed=4)
    y = tf.layers.dense(y, 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
    hub.add_signature("default_with_hparams", inputs={"x": x, "dropout_rate": rate}, outputs={"default": y})


@module(seed=211, variants=MODES, feeds={"batch_norm_momentum": 0.5})
def variants_momentum(is_training):
    x = vectors()
    momentum = tf.placeholder_with_default(0.99, [], name="batch_norm_momentum")
    y = tf.layers.dense(normalize(x, is_training, momentum), 4)
    y = normalize(y, is_training, momentum, "norm_1")
    outputs = {"default": tf.layers.dense(y, 2), "hidden": y}
    hub.add_signature(inputs={"x": x}, outputs=outputs)
    hub.add_signature("default_with_bn_hparams", inputs={"x": x, "batch_norm_momentum": momentum}, outputs=outputs)


@module(seed=212, variants=MODES)
def variants_smart_cond(is_training):
    x = vectors()
    w = tf.get_variable("w", [3])
    y = tf.contrib.framework.smart_cond(is_training, lambda: x * w, lambda: x + w)
    hub.add_signature(inputs=x, outputs=y)


@module(seed=213, variants=MODES, feeds={"is_training": True})
def variants_cond(is_training):
    x = vectors()
    w = tf.get_variable("w", [3])
    training = tf.placeholder_with_default(is_training, [], name="is_training")
    y = tf.cond(training, lambda: x * w, lambda: x + w)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
    hub.add_signature("default_with_hparams", inputs={"x": x, "is_training": training}, outputs={"default": y})


@module(
    seed=214,
    variants=[(set(), {"scale": 1.0}), ({"train"}, {"scale": 2.0}), ({"tpu", "train"}, {"scale": 3.0})],
)
def variants_of_tag_sets(scale):
    x = vectors()
    y = tf.layers.dense(x, 2) * scale
    hub.add_signature(inputs=x, outputs=y)


@module(seed=215, variants=MODES)
def variants_shared_layer(is_training):
    left, right = tf.placeholder(tf.float32, [None, 3], name="left"), tf.placeholder(tf.float32, [None, 3], name="right")
    outputs = []
    for x in (left, right):
        with tf.variable_scope("tower", reuse=tf.AUTO_REUSE):
            y = tf.layers.dense(x, 4, name="dense", kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
            outputs.append(normalize(y, is_training))
    hub.add_signature(inputs={"left": left, "right": right}, outputs={"default": outputs[0] * outputs[1]})


@module(seed=216, variants=MODES)
def variants_model_variables(is_training):
    keys = tf.GraphKeys
    collections = [keys.GLOBAL_VARIABLES, keys.MODEL_VARIABLES]
    x = vectors()
    w = tf.get_variable("w", [3], collections=collections)
    peak = tf.get_variable("peak", [3], initializer=tf.zeros_initializer(), trainable=False, collections=collections)
    if is_training:
        update = peak.assign(tf.maximum(peak, tf.reduce_max(x, 0)), read_value=False)
        tf.add_to_collection(keys.UPDATE_OPS, update)
    hub.add_signature(inputs=x, outputs=x * w - peak)


@module(seed=217, variants=MODES, feeds={"scale": 0.5, "count": 2})
def variants_hyperparameters(is_training):
    x = vectors()
    scale = tf.placeholder_with_default(1.5, [], name="scale")
    count = tf.placeholder_with_default(tf.constant(3, tf.int64), [], name="count")
    y = tf.layers.dense(x, 2)
    if is_training:
        y = y * scale
    y = y + tf.cast(count, tf.float32)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
    hub.add_signature("with_scale", inputs={"x": x, "scale": scale}, outputs={"default": y})
    hub.add_signature("with_both", inputs={"x": x, "scale": scale, "count": count}, outputs={"default": y})


@module(seed=218, variants=MODES, feeds={"scale": 0.5})
def variants_hyperparameter_in_scope(is_training):
    x = vectors()
    with tf.variable_scope("block"):
        scale = tf.placeholder_with_default(2.0, [], name="scale")
        y = tf.layers.dense(x, 2) * (scale if is_training else 1.0)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
    hub.add_signature("default_with_hparams", inputs={"x": x, "scale": scale}, outputs={"default": y})


@module(seed=219, variants=MODES)
def variants_losses_of_training(is_training):
    x = vectors()
    y = tf.layers.dense(x, 2)
    if is_training:
        kernel = tf.trainable_variables()[0]
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.nn.l2_loss(kernel, name="kernel_loss"))
    hub.add_signature(inputs=x, outputs=y)


@module(seed=220, variants=MODES, left_out=RANDOM)
def variants_noise(is_training):
    x = vectors()
    y = x
    if is_training:
        y = y + tf.random_normal(tf.shape(y), stddev=0.5, seed=5)
    hub.add_signature(inputs=x, outputs=tf.layers.dense(y, 2))


@module(seed=221, variants=MODES)
def variants_counter(is_training):
    x = vectors()
    steps = tf.get_variable("steps", [], tf.int64, initializer=tf.zeros_initializer(), trainable=False)
    if is_training:
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, steps.assign_add(1, read_value=False))
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.layers.dense(x, 2), "steps": tf.identity(steps)})


@module(seed=222, variants=MODES + [({"weights"}, {"is_training": None})])
def variants_and_weights(is_training):
    if is_training is None:
        kernel = tf.get_variable("dense/kernel", [3, 2])
        hub.add_signature(inputs={}, outputs={"default": tf.identity(kernel)})
        return
    x = vectors()
    y = tf.layers.dense(x, 2)
    hub.add_signature(inputs=x, outputs=y * 0.5 if is_training else y)


@module(seed=223, variants=MODES)
def variants_batch_normalization(is_training):
    x = vectors()
    y = tf.layers.batch_normalization(x, momentum=0.5, training=is_training, name="bn")
    y = tf.layers.dense(y, 4, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
    hub.add_signature(inputs=x, outputs=tf.layers.batch_normalization(y, training=is_training))
