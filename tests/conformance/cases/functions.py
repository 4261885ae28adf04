"""Functions that nodes call."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function

from modules import module


@module()
def functions_with_captures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")

    @function.Defun(tf.float32, tf.float32, func_name="scaled")
    def scaled(x, y):
        z = x * y + shift
        return z, tf.nn.relu(z, name="out")

    @function.Defun(tf.float32, func_name="Same-again")
    def same_again(x):
        return x, x, shift, tf.identity(shift, name="Shift"), tf.identity(x, name="x_0")

    first = scaled(x, tf.constant(2.0))
    with tf.name_scope("scope"):
        second = scaled(first[1], x)
        third = same_again(second[0], name="again")
    outputs = {"first": first[0], "second": second[1]}
    outputs.update({"third%d" % i: tensor for i, tensor in enumerate(third)})
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def functions_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    weights = tf.constant([[1.0, -1.0], [2.0, 0.5]], name="weights")
    bias = tf.constant([0.25, 0.75], name="bias")

    @function.Defun(tf.float32, func_name="outer")
    def outer(x):
        doubled = x * 2.0

        @function.Defun(tf.float32, func_name="inner")
        def inner(y):
            with tf.name_scope("in"):
                z = tf.matmul(y, weights) + doubled
            return z + bias

        @function.Defun(tf.float32, func_name="never_called")
        def never_called(y):
            return y + 1.0

        with tf.name_scope("calls"):
            first = inner(x)
            second = inner(first)
        parts = tf.split(second, 2, axis=1)
        return parts + [tf.concat([parts[1], first], 1)]

    with tf.name_scope("around"), tf.control_dependencies([bias]), tf.device("/cpu:0"):
        results = outer(x)
    hub.add_signature(inputs={"x": x}, outputs={"default": results[0], "second": results[1], "third": results[2]})


@module(
    seed=17,
    left_out={"train": "TensorFlow cannot add the gradients of a variable whose handle several calls of a Defun take"},
)
def functions_of_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [2, 3])
    scale = tf.get_variable("scale", [3])

    @function.Defun(tf.float32, func_name="layer")
    def layer(x):
        y = tf.matmul(x, kernel, name="product")
        with tf.control_dependencies([x, y]):
            with tf.device("/cpu:0"):
                z = y * scale
            with tf.colocate_with(z):
                z = tf.identity(z, name="Z.2")
        with tf.control_dependencies([z, y, x]):
            tf.no_op(name="last")
        return z * scale

    hub.add_signature(inputs={"x": x}, outputs={"default": layer(x), "again": layer(x * 2.0)})


@module(seed=31, left_out={"train": "TensorFlow has no gradient for GatherV2 in the body of a function"})
def variables_made_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    regularizer = tf.contrib.layers.l2_regularizer(0.1)
    with tf.variable_scope("around", initializer=tf.ones_initializer(), regularizer=regularizer):
        before = tf.control_dependencies([tf.no_op(name="before")])
        with tf.name_scope("names"), before, tf.device("/job:localhost"), tf.device("/cpu:0"):

            @function.Defun(tf.float32, func_name="scaled")
            def scaled(x):
                with tf.variable_scope("inside"), tf.name_scope("deep"), tf.control_dependencies([x]):
                    scale = tf.get_variable("scale", [2])
                    y = x * scale
                with tf.variable_scope("inside", reuse=True):
                    again = tf.get_variable("scale", [2])
                offset = tf.get_variable("offset", initializer=[1.5, -0.5], trainable=False)
                return y + again * offset, again

            y = scaled(x)

    @function.Defun(tf.float32, func_name="outer")
    def outer(x):
        @function.Defun(tf.float32, func_name="inner")
        def inner(x):
            rows = tf.get_variable("rows", [4, 2])
            return tf.nn.embedding_lookup(rows, [3, 1]) + tf.gather(rows, [0, 2]) * x

        with tf.variable_scope("layers"):
            x.set_shape([None, 2])
            y = inner(tf.layers.dense(x, 2))
            y.set_shape([None, 2])
            return tf.layers.dense(y, 2, name="second")

    z = outer(y[0][:2])
    out = {"scaled": y[0], "scale": y[1], "default": z, "again": outer(z)}
    hub.add_signature(inputs={"x": x}, outputs=out)


@module(
    seed=37,
    left_out={"train": "TensorFlow cannot add the gradients of a variable whose handle several calls of a Defun take"},
)
def handles_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [2, 2])
    with tf.variable_scope("scope") as scope:
        shift = tf.get_variable("shift", [2])
    with tf.name_scope("around"), tf.control_dependencies([x]), tf.device("/cpu:0"):

        @function.Defun(tf.float32, func_name="layer")
        def layer(x):
            with tf.name_scope("inside"), tf.control_dependencies([x]):
                own = tf.Variable([0.5, 0.25], name="own", use_resource=True)
                y = tf.matmul(x, kernel) * own
            with tf.variable_scope(scope, reuse=True):
                z = y + tf.get_variable("shift", [2])
            return z + kernel.read_value()[0] + tf.gather(kernel, 1) + shift

    hub.add_signature(inputs={"x": x}, outputs={"default": layer(x), "again": layer(x * 2.0)})
