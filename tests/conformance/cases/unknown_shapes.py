"""Variables whose shapes are not known, or not wholly, until they have a value."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


def value_of(value, shape=None):
    """A value of which no more than this shape is known."""
    return tf.placeholder_with_default(value, shape)


def rows():
    """A value of which the rows are not counted."""
    return value_of([[1.0, 2.0], [3.0, 4.0]], [None, 2])


def reads(x, v):
    return {
        "product": tf.matmul(x, v),
        "sum": x + v,
        "part": v[0],
        "shape": tf.shape(v),
        "read_value": v.read_value(),
        "row": tf.gather(v, [1, 0]),
        "initialized": v.initialized_value() * 2.0,
    }


@module()
def unknown_resources():
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    known = tf.get_variable("rows", initializer=rows(), use_resource=True)
    unknown = tf.get_variable("unknown", initializer=value_of([1.0, 2.0]), use_resource=True, validate_shape=False)
    called = tf.get_variable("called", initializer=rows, use_resource=True, trainable=False)
    own = tf.Variable(rows(), name="own", use_resource=True)
    declared = tf.Variable(value_of([[5.0, 6.0], [7.0, 8.0]]), name="declared", use_resource=True, shape=[None, 2])
    whole = tf.Variable(rows(), name="whole", use_resource=True, shape=[2, 2])
    of_any_shape = tf.Variable([9.0, 10.0], name="of_any_shape", use_resource=True, shape=tf.TensorShape(None))
    outputs = {"unknown": x * unknown, "called": x + called, "own": tf.matmul(own, x), "declared": tf.transpose(declared)}
    outputs.update({"whole": whole + 1.0, "of_any_shape": -of_any_shape}, **reads(x, known))
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def unknown_refs():
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    with tf.variable_scope("refs", use_resource=False):
        known = tf.get_variable("rows", initializer=rows(), validate_shape=False)
        unknown = tf.get_variable("unknown", initializer=value_of([1.0, 2.0]), validate_shape=False)
        called = tf.get_variable("called", initializer=rows, validate_shape=False, trainable=False)
        own = tf.Variable(rows(), name="own", validate_shape=False)
        whole = tf.Variable(rows(), name="whole", validate_shape=False, shape=[2, 2])
        of_any_shape = tf.Variable(9.0, name="of_any_shape", shape=tf.TensorShape(None))
        # The value that this one starts from is that of another.
        other = tf.Variable(known.initialized_value() + 1.0, name="other", validate_shape=False)
    outputs = {"unknown": x * unknown, "called": x + called, "own": tf.matmul(own, x)}
    outputs.update({"whole": whole + 1.0, "of_any_shape": -of_any_shape, "other": other * 2.0}, **reads(x, known))
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def unknown_with_losses():
    """What else a variable has: a loss, a device that keeps its value, a constraint, another's slot."""
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    regularizer = tf.contrib.layers.l2_regularizer(0.1)
    outputs = {}
    for use_resource in (True, False):
        with tf.variable_scope("resource" if use_resource else "ref", use_resource=use_resource, regularizer=regularizer):
            v = tf.get_variable("v", initializer=rows(), validate_shape=False)
            kept = tf.get_variable("kept", initializer=rows(), validate_shape=False, caching_device="/device:CPU:0")
            shared = tf.get_variable("shared", initializer=rows, validate_shape=False)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            again = tf.get_variable("%s/shared" % ("resource" if use_resource else "ref"), [2, 2])
        outputs["ref" if not use_resource else "resource"] = tf.matmul(x, v) + kept + shared + again
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def unknown_in_functions():
    """Functions that ask for shapes, which a variable is read for."""
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    outputs = {}
    for name, use_resource in (("resource", True), ("ref", False)):
        with tf.variable_scope(name, use_resource=use_resource):
            v = tf.get_variable("v", initializer=rows(), validate_shape=False)
            w = tf.get_variable("w", initializer=value_of([[1.0, 2.0], [3.0, 4.0]]), validate_shape=False)
        for key, value in (
            ("rank", tf.rank(w)),
            ("size", tf.size(v)),
            ("shape", tf.shape(w, out_type=tf.int64)),
            ("zeros", tf.zeros_like(v)),
            ("ones", tf.ones_like(w)),
            ("sum", tf.reduce_sum(v)),
            ("mean", tf.reduce_mean(w, axis=0)),
            ("transposed", tf.transpose(w)),
            ("reshaped", tf.reshape(v, [-1])),
            ("expanded", tf.expand_dims(v, 0)),
            ("joined", tf.concat([v, x], 0)),
            ("packed", tf.stack([v, w])),
            ("columns", v[:, 0]),
            ("found", tf.nn.embedding_lookup(v, [1, 0])),
            ("loss", tf.nn.l2_loss(w)),
            ("cast", tf.cast(v, tf.float64)),
            ("equal", tf.equal(v, x)),
        ):
            outputs["%s_%s" % (name, key)] = value
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(
    values={"y/of_y": [[0.5, 1.0], [1.5, 2.0], [2.5, 3.0]]},
    drop_collections=["moving_average_variables"],
)
def unknown_averages():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", initializer=rows(), use_resource=True)
    w = tf.get_variable("w", initializer=value_of(2.0), use_resource=False, validate_shape=False)
    y = tf.multiply(x, w, name="y")
    average = tf.train.ExponentialMovingAverage(0.5)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, average.apply([v, w]))
    # The average of a tensor starts from zeros, whose number only the tensor tells.
    with tf.control_dependencies([tf.train.ExponentialMovingAverage(0.25, name="of_y").apply([y])]):
        averaged = tf.identity(y)
    outputs = {"v": average.average(v) * 1.0, "w": average.average(w) * 1.0, "averaged": averaged}
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def unknown_changed():
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    v = tf.get_variable("v", initializer=value_of([[1.0, 2.0], [3.0, 4.0]]), use_resource=True, trainable=False)
    w = tf.get_variable("w", initializer=[[2.0, 1.0], [0.5, 4.0]])
    change = v.assign_add(tf.reduce_mean(x, 0, keepdims=True) + [[0.5], [1.0]])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, change.op)
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.matmul(x, w) + v})


@module(
    values={"resource": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "ref": [[0.5], [0.25]]},
    feeds={"resource/Initializer/start": [[0.0, 0.0]], "ref/Initializer/start": 1.0},
)
def unknown_fed():
    """Initial values that only a feed gives, so that those of an export come from elsewhere."""
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    start = lambda shape: lambda: tf.placeholder(tf.float32, shape, name="start")
    resource = tf.get_variable("resource", initializer=start([None, 2]), use_resource=True)
    ref = tf.get_variable("ref", initializer=start(None), validate_shape=False, use_resource=False)
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.matmul(x, resource) + ref})


@module(variants=[(set(), {"is_training": False}), ({"train"}, {"is_training": True})])
def unknown_in_variants(is_training):
    """The two variants know different dimensions."""
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    initial = value_of([[1.0, 2.0], [3.0, 4.0]], [None, 2] if is_training else [2, None])
    v = tf.get_variable("v", initializer=initial, use_resource=True)
    w = tf.get_variable("w", initializer=value_of([1.0, 2.0], None if is_training else [2]), use_resource=True)
    hub.add_signature(inputs={"x": x}, outputs={"default": tf.matmul(x, v) + w})

