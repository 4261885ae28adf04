"""Variables of both kinds, and what reads and changes them."""

import tensorflow as tf


def build():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    rows = tf.placeholder(tf.float32, [None, 3], name="rows")
    anything = tf.placeholder(tf.float32, name="anything")
    flag = tf.placeholder(tf.bool, [], name="flag")
    old = tf.Variable(x, use_resource=False, name="old")
    loose = tf.Variable(rows, use_resource=False, validate_shape=False, name="loose")
    tf.assign(old, anything)
    tf.assign(loose, anything, validate_shape=False)
    tf.assign_add(old, x)
    tf.assign_sub(old, rows)
    tf.is_variable_initialized(old)
    new = tf.Variable(x, use_resource=True, name="new")
    new.assign(x)
    new.assign_add(x)
    tf.cond(flag, lambda: new.read_value(), lambda: new * 2.0)
    handle = tf.identity(new.handle)
    tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)
