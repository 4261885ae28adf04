"""Regularizers of variables, of tf.layers.dense, and of activities."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=41)
def dense_regularizers_contrib():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    l1 = tf.contrib.layers.l1_regularizer(0.25)
    l2 = tf.contrib.layers.l2_regularizer(0.5)
    both = tf.contrib.layers.l1_l2_regularizer(0.125, 0.0625)
    y = tf.layers.dense(x, 3, kernel_regularizer=l1)
    y = tf.layers.dense(y, 3, kernel_regularizer=l2, bias_regularizer=l1)
    y = tf.layers.dense(y, 3, kernel_regularizer=both, bias_regularizer=l2)
    y = tf.layers.dense(y, 2, bias_regularizer=both)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=43)
def dense_regularizers_keras():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    l1 = tf.keras.regularizers.l1(0.25)
    l2 = tf.keras.regularizers.l2(0.01)
    both = tf.keras.regularizers.l1_l2(0.125, 0.0625)
    y = tf.layers.dense(x, 3, kernel_regularizer=l1)
    y = tf.layers.dense(y, 3, kernel_regularizer=l2, bias_regularizer=l1)
    y = tf.layers.dense(y, 3, kernel_regularizer=both, bias_regularizer=l2)
    y = tf.layers.dense(y, 2, bias_regularizer=both)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=44)
def dense_activity_regularizer():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.layers.dense(x, 3, activity_regularizer=tf.keras.regularizers.l2(0.25))
    y = tf.layers.dense(y, 3, activity_regularizer=tf.keras.regularizers.l1(0.5), activation=tf.nn.relu)
    y = tf.layers.dense(y, 3, activity_regularizer=tf.contrib.layers.l2_regularizer(0.125), name="contrib")
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=45)
def get_variable_regularizer():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    v = tf.get_variable("v", [3], regularizer=tf.contrib.layers.l2_regularizer(0.5))
    w = tf.get_variable("w", [3], regularizer=tf.keras.regularizers.l1_l2(0.25, 0.125))
    with tf.variable_scope("scope", regularizer=tf.contrib.layers.l1_regularizer(0.0625)):
        u = tf.get_variable("u", [3])
        with tf.variable_scope("inner"):
            t = tf.get_variable("t", [3])
        s = tf.get_variable("s", [3], regularizer=tf.contrib.layers.l1_l2_regularizer(0.5, 0.25))
    y = x * v + w * u
    y = y * t - s
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=46)
def dense_regularizers_double():
    x = tf.placeholder(tf.float64, [None, 3], name="x")
    keras_l1 = tf.keras.regularizers.l1(0.1)
    keras_l2 = tf.keras.regularizers.l2(0.01)
    keras_both = tf.keras.regularizers.l1_l2(0.3, 0.7)
    contrib_l1 = tf.contrib.layers.l1_regularizer(0.1)
    contrib_both = tf.contrib.layers.l1_l2_regularizer(0.3, 0.7)
    y = tf.layers.dense(x, 3, kernel_regularizer=keras_l1, bias_regularizer=keras_l2)
    y = tf.layers.dense(y, 3, kernel_regularizer=keras_both, bias_regularizer=contrib_l1)
    y = tf.layers.dense(y, 3, kernel_regularizer=contrib_both, activity_regularizer=keras_l2)
    v = tf.get_variable("v", [3], tf.float64, regularizer=keras_both)
    hub.add_signature(inputs={"x": x}, outputs={"default": y * v})


@module(seed=47)
def regularizers_of_zero():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.layers.dense(x, 3, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.0))
    y = tf.layers.dense(y, 3, kernel_regularizer=tf.keras.regularizers.l2(0.0))
    y = tf.layers.dense(y, 3, kernel_regularizer=tf.keras.regularizers.l1_l2(0.0, 0.5))
    y = tf.layers.dense(y, 3, bias_regularizer=tf.contrib.layers.l1_l2_regularizer(0.5, 0.0))
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
