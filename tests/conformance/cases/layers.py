"""tf.layers.dense and the half-plus-two model."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


def dense_model(l2=None):
    """Two dense layers, the module of the format's documentation; `l2` regularizes both kernels."""
    regularizer = None if l2 is None else tf.contrib.layers.l2_regularizer(l2)
    inputs = tf.placeholder(dtype=tf.float32, shape=[None, 50])
    layer1 = tf.layers.dense(inputs, 200, kernel_regularizer=regularizer)
    layer2 = tf.layers.dense(layer1, 100, kernel_regularizer=regularizer)
    outputs = dict(default=layer2, hidden_activations=layer1)
    hub.add_signature(inputs=inputs, outputs=outputs)


@module(seed=42)
def dense():
    dense_model()


@module(seed=42)
def dense_l2():
    dense_model(l2=0.01)


@module(values={"a": 0.5, "b": 2.0})
def half_plus_two():
    a = tf.get_variable("a", shape=[])
    b = tf.get_variable("b", shape=[])
    x = tf.placeholder(tf.float32, name="x")
    y = a * x + b
    hub.add_signature(inputs={"x": x}, outputs={"y": y})


@module(seed=31)
def dense_activations():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.layers.dense(x, 4, activation=tf.nn.relu)
    y = tf.layers.dense(y, 4, activation=tf.tanh)
    y = tf.layers.dense(y, 4, activation=tf.sigmoid, use_bias=False)
    y = tf.layers.dense(y, 4, name="mine")
    y = tf.layers.dense(y, 4, trainable=False)
    y = tf.layers.dense(y, 2, use_bias=False, name="Mine_2")
    y = tf.layers.dense(y, 3, activation=tf.nn.softmax)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=32)
def dense_initializers():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    double = tf.placeholder(tf.float64, [None, 3], name="double")
    y = tf.layers.dense(
        x,
        4,
        kernel_initializer=tf.random_normal_initializer(stddev=0.5),
        bias_initializer=tf.ones_initializer(),
    )
    y = tf.layers.dense(
        y,
        2,
        kernel_initializer=tf.initializers.he_normal(seed=8),
        bias_initializer=tf.constant_initializer([0.5, -0.5]),
    )
    y_double = tf.layers.dense(double, 2)
    hub.add_signature(inputs={"x": x, "double": double}, outputs={"default": y, "double": y_double})


@module(seed=33)
def dense_rank3_static():
    x = tf.placeholder(tf.float32, [2, 5, 3], name="x")
    y = tf.layers.dense(x, 4, activation=tf.nn.relu)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=34)
def dense_rank3_dynamic():
    x = tf.placeholder(tf.float32, [None, 5, 3], name="x")
    y = tf.layers.dense(x, 4)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=35)
def dense_rank4_dynamic():
    x = tf.placeholder(tf.float32, [None, None, 2, 3], name="x")
    y = tf.layers.dense(x, 4)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=36)
def dense_shared():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    layer = tf.layers.Dense(3, activation=tf.tanh)
    once = layer(x)
    twice = layer(once)
    named = tf.layers.Dense(2, name="head")
    hub.add_signature(inputs={"x": x}, outputs={"once": named(once), "default": named(twice)})


@module(seed=37)
def dense_reuse():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    first = tf.layers.dense(x, 3, name="mine")
    second = tf.layers.dense(first, 3, name="mine", reuse=True)
    hub.add_signature(inputs={"x": x}, outputs={"first": first, "default": second})


@module(seed=38)
def dense_in_scopes():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.variable_scope("block"):
        y = tf.layers.dense(x, 3)
        y = tf.layers.dense(y, 3, name="named")
    with tf.name_scope("ops"):
        y = tf.layers.dense(y, 3)
        y = tf.layers.dense(y, 3, name="named")
    with tf.variable_scope("block"):
        y = tf.layers.dense(y, 3, name="third")
    with tf.variable_scope("outer"):
        with tf.name_scope("middle"):
            with tf.variable_scope("inner"):
                y = tf.layers.dense(y, 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=39)
def dense_unknown_dims():
    rows = tf.placeholder(tf.float32, [None, None, 2], name="rows")
    sizes = tf.placeholder(tf.float32, [None, 4, None, 2], name="sizes")
    y = tf.layers.dense(rows, 3, activation=tf.tanh, activity_regularizer=tf.keras.regularizers.l2(0.1))
    no_bias = tf.layers.Dense(3, use_bias=False, name="dense")
    shared = tf.layers.Dense(2, name="shared")
    hub.add_signature(
        inputs={"rows": rows},
        outputs={"default": y, "no_bias": no_bias(rows), "shared": shared(rows)},
    )
    hub.add_signature("sizes", inputs={"sizes": sizes}, outputs={"default": shared(sizes)})


@module(seed=40)
def layers_in_contexts():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    barrier = tf.identity(x, name="barrier")
    v = tf.get_variable("v", [2])
    outputs = {}
    with tf.control_dependencies([barrier]):
        y = tf.layers.dense(x, 2, activation=tf.nn.relu, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
        outputs["controlled"] = y
    with tf.colocate_with(v.op):
        y = tf.layers.dense(y, 2, bias_regularizer=tf.keras.regularizers.l2(0.25))
        outputs["colocated"] = y
    with tf.variable_scope(
        "defaults",
        initializer=tf.ones_initializer(),
        regularizer=tf.contrib.layers.l1_regularizer(0.25),
    ):
        y = tf.layers.dense(y, 2)
        y = tf.layers.dense(
            y,
            2,
            kernel_regularizer=tf.keras.regularizers.l1_l2(0.1, 0.2),
            bias_regularizer=tf.contrib.layers.l1_regularizer(0.3),
            name="own",
        )
        outputs["defaults"] = y
    hub.add_signature(inputs={"x": x}, outputs=dict(outputs, default=y * v))


@module(seed=48)
def layers_on_a_device():
    x = tf.placeholder(tf.float32, [None, 2, 3], name="x")
    with tf.device("/cpu:0"):
        hidden = tf.layers.dense(x, 2, activity_regularizer=tf.keras.regularizers.l1(0.5))
        layer = tf.layers.Dense(2, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
        once = layer(hidden)
    hub.add_signature(inputs={"x": x}, outputs={"default": layer(once), "hidden": hidden})


@module(seed=30)
def layers_across_scopes():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    regularizer = tf.contrib.layers.l2_regularizer(0.1)
    with tf.variable_scope("auto", reuse=tf.AUTO_REUSE) as auto:
        y = tf.layers.dense(x, 2, name="shared", reuse=tf.AUTO_REUSE, kernel_regularizer=regularizer)
        y = tf.layers.dense(y, 2, name="shared", reuse=tf.AUTO_REUSE, kernel_regularizer=regularizer)
    with tf.variable_scope(auto):
        y = tf.layers.dense(y, 2, name="shared")
    layer = tf.layers.Dense(2, bias_initializer=tf.random_uniform_initializer(-1.0, 1.0))
    with tf.variable_scope("first"):
        y = layer(y)
    with tf.variable_scope("second"):
        y = layer(y)
        y = tf.layers.dense(y, 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
