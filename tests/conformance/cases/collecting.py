"""Collections and updates of variables."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=3)
def collections_():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2])
    w = tf.get_variable("w", [2], collections=[tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES])
    tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, v)
    y = x * v + w
    loss = tf.multiply(0.25, tf.nn.l2_loss(v), name="loss")
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, loss)
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(0.125, name="fixed_loss"))
    update_tensor = tf.identity(y, name="update_tensor")
    update_op = tf.group(update_tensor, name="update_op")
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update_tensor)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update_op)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(variants=[(set(), {"training": False}), ({"train"}, {"training": True})])
def assign_update(training):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    mean = tf.get_variable("mean", initializer=[0.5, 1.5], trainable=False)
    last = tf.get_variable("last", initializer=[0.0, 0.0], trainable=False)
    steps = tf.get_variable("steps", initializer=0, trainable=False)
    if training:
        batch_mean = tf.reduce_mean(x, axis=0)
        updates = [
            tf.assign_sub(mean, (mean - batch_mean) * 0.125),
            tf.assign(last, batch_mean),
            tf.assign_add(steps, 1),
            mean.assign_add(batch_mean * 0.0),
            steps.assign_sub(0, read_value=False),
        ]
        for update in updates:
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    y = tf.subtract(x, mean, name="y")
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "last": tf.identity(last), "steps": tf.identity(steps)})
