"""The recurrent layers of Keras."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from cases.cells import Namespace, outputs_of
from modules import module

layers = Namespace(lambda: tf.keras.layers)

# The orthogonal matrices that layers start from differ in the last bits where another library makes them.
KERNEL = np.arange(-8, 8, dtype=np.float32).reshape(2, 8) / 16


def x_of(shape=(None, None, 3), name="x"):
    return tf.placeholder(tf.float32, shape, name=name)


def starts(bias=0.1):
    return dict(
        kernel_initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3),
        recurrent_initializer=tf.random_normal_initializer(0.0, 0.3, seed=4),
        bias_initializer=tf.constant_initializer(bias),
    )


@module(seed=301, values={"lstm/recurrent_kernel": KERNEL})
def keras_lstm():
    x = x_of()
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(last=layers.LSTM(2)(x)))


@module(seed=302)
def keras_lstm_options():
    x = x_of()
    options = dict(starts(), return_sequences=True, return_state=True)
    layer = layers.LSTM(2, activation=tf.nn.relu, recurrent_activation=tf.sigmoid, implementation=2, **options)
    a = layer(x)
    layer = layers.LSTM(3, use_bias=False, go_backwards=True, name="mine", **options)
    b = layer(a[0])
    options.pop("bias_initializer")
    layer = layers.LSTM(2, unit_forget_bias=False, time_major=True, **options)
    c = layer(x)
    layer = layers.LSTM(2, use_bias=False, implementation=2, **options)
    d = layer(x)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c, d=d))


@module(seed=303)
def keras_lstm_unrolled():
    x = x_of((None, 3, 2))
    options = dict(starts(), unroll=True, return_sequences=True)
    a = layers.LSTM(2, **options)(x)
    b = layers.LSTM(2, go_backwards=True, implementation=2, **options)(x)
    c = layers.LSTM(2, time_major=True, **starts())(tf.transpose(x, [1, 0, 2]))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c))


@module(seed=304)
def keras_gru():
    x = x_of((2, None, 3))
    options = dict(starts(), return_state=True)
    a = layers.GRU(2, **options)(x)
    b = layers.GRU(2, implementation=2, **options)(x)
    c = layers.GRU(2, reset_after=True, **options)(x)
    d = layers.GRU(2, reset_after=True, implementation=2, **options)(x)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c, d=d))


@module(seed=305)
def keras_gru_without_bias():
    x = x_of((None, 2, 3))
    options = dict(starts(), use_bias=False, return_sequences=True)
    a = layers.GRU(2, recurrent_activation=tf.sigmoid, go_backwards=True, **options)(x)
    b = layers.GRU(2, implementation=2, unroll=True, **options)(a)
    c = layers.GRU(2, reset_after=True, activation=tf.nn.relu, **options)(b)
    d = layers.GRU(2, reset_after=True, implementation=2, **options)(c)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(d=d))


@module(seed=306)
def keras_simple_rnn():
    x = x_of()
    options = dict(starts(), return_sequences=True, return_state=True)
    a = layers.SimpleRNN(2, **options)(x)
    b = layers.SimpleRNN(2, activation=tf.nn.relu, use_bias=False, time_major=True, **options)(a[0])
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b))


@module(seed=307)
def keras_layers_shared():
    x, double = x_of(), tf.placeholder(tf.float64, [None, 2, 2], name="double")
    encoder = layers.LSTM(2, return_state=True, **starts())
    decoder = layers.LSTM(2, return_sequences=True, return_state=True, **starts())
    with tf.name_scope("scope"), tf.variable_scope("variables"):
        a = encoder(x)
    b = encoder(x, initial_state=a[1:])
    c = decoder(x, initial_state=b[1:])
    with tf.name_scope("gru"):
        d = layers.GRU(2, **starts())(x)
    d += layers.GRU(2, **starts())(x)
    e = layers.GRU(2, dtype=tf.float64, **starts())(double)
    hub.add_signature(inputs={"x": x, "double": double}, outputs=outputs_of(a=a, b=b, c=c, d=d, e=e))


@module(seed=308)
def keras_layers_in_branches():
    x, flag = x_of(), tf.placeholder(tf.bool, [], name="flag")
    layer = layers.LSTM(2, **starts())
    before = layer(x)
    inside = tf.cond(flag, lambda: layer(x) + layers.SimpleRNN(2, **starts())(x), lambda: before)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs=outputs_of(inside=inside))
