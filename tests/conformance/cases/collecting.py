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


# The assigned values are those that the variables have, so that evaluating outputs does not change the module.
@module()
def assigned_values():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    source = tf.get_variable("source", initializer=[1.0, 2.0, 3.0])
    target = tf.get_variable("target", initializer=[1.0, 2.0, 3.0], trainable=False)
    count = tf.get_variable("count", initializer=5, trainable=False)
    assigned = tf.assign(target, source)
    counted = count.assign_add(0, name="counted")
    taken = count.assign_sub(0)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, assigned)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, counted)
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "default": x * source,
            "identity": tf.identity(assigned),
            "named": tf.identity(assigned, name="named"),
            "value": assigned.value(),
            "value_again": assigned.value(),
            "sum": tf.add(assigned, source),
            "total": tf.reduce_sum(assigned),
            "softmax": tf.nn.softmax(assigned),
            "counted": tf.identity(counted),
            "taken": tf.identity(taken),
        },
    )


@module()
def updates_in_contexts():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    barrier = tf.identity(x, name="barrier")
    v = tf.get_variable("v", initializer=[0.5, 1.5])
    with tf.control_dependencies([barrier]):
        update = tf.assign_add(v, [0.25, 0.5])
        after = tf.identity(v)
    with tf.control_dependencies([update]):
        later = v.assign_sub([0.125, 0.125], read_value=False)
    with tf.name_scope("moving"):
        with tf.device("/cpu:0"):
            copied = tf.assign(v, v.read_value() * 1.0, name="copy")
    with tf.colocate_with(v.op):
        scaled = tf.assign(v, v * 0.5)
    for item in (update, later, copied, scaled):
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, item)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * v, "after": after})
