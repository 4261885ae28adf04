"""Variable scopes with all their options, and the collections of variables."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=51)
def scope_options():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    regularizer = tf.contrib.layers.l2_regularizer(0.1)
    with tf.variable_scope(
        "outer", use_resource=False, initializer=tf.ones_initializer(), regularizer=regularizer
    ) as outer:
        a = tf.get_variable("a", [2])
        with tf.variable_scope("inner"):
            b = tf.get_variable("b", [2])
            c = tf.Variable([1.0, 2.0], name="c")
        with tf.variable_scope("resource", use_resource=True, initializer=tf.zeros_initializer()):
            d = tf.get_variable("d", [2])
            e = tf.Variable([1.0, 2.0], name="e")
    with tf.variable_scope(outer, use_resource=True):
        f = tf.get_variable("f", [2])
    with tf.variable_scope(outer):
        h = tf.get_variable("h", [2], initializer=tf.glorot_uniform_initializer())
    hub.add_signature(inputs={"x": x}, outputs={"default": x * a * b * c + d + e + f + h})


@module(seed=52)
def scope_reuse():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("tower") as tower:
        a = tf.get_variable("a", [2])
        with tf.variable_scope("deep"):
            b = tf.get_variable("b", [2])
    with tf.variable_scope("tower", reuse=True):
        a_again = tf.get_variable("a", [2])
        with tf.variable_scope("deep"):
            b_again = tf.get_variable("b")
        with tf.variable_scope(tower):
            # The scope itself does not reuse.
            c = tf.get_variable("c", [2])
    with tf.variable_scope("auto", reuse=tf.AUTO_REUSE):
        with tf.variable_scope(None, default_name="layer"):
            d = tf.get_variable("d", [2])
        with tf.variable_scope("layer", reuse=False):
            d_again = tf.get_variable("d", [2])
        with tf.variable_scope(tower, reuse=True):
            c_again = tf.get_variable("c", [2])
    y = x * a * b + a_again * b_again + c * c_again + d * d_again
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


def _custom_getters():
    def renamed(getter, name, *args, **kwargs):
        return getter(name + "_renamed", *args, **kwargs)

    def doubled(getter, name, *args, **kwargs):
        return getter(name + "_doubled", *args, **kwargs) * 2.0

    def named(getter, name, *args, **kwargs):
        return tf.identity(getter(name, *args, **kwargs), name="named")

    x = tf.placeholder(tf.float32, [None, 2], name="x")
    regularizer = tf.keras.regularizers.l2(0.1)
    with tf.variable_scope("outer", custom_getter=doubled, regularizer=regularizer) as outer:
        a = tf.get_variable("a", [2])
        with tf.variable_scope("inner", custom_getter=named):
            b = tf.get_variable("b", [2])
            c = tf.get_variable("c", [2], custom_getter=renamed)
        y = tf.layers.dense(x, 2)
        y = tf.layers.dense(y, 2, kernel_regularizer=tf.keras.regularizers.l1(0.5), name="named")
    with tf.control_dependencies([tf.constant(1.0, name="one")]):
        with tf.variable_scope(outer, custom_getter=renamed):
            d = tf.get_variable("d", [2])
    hub.add_signature(inputs={"x": x}, outputs={"default": y * a * b * c + d})


@module(seed=53)
def scope_custom_getters():
    _custom_getters()


@module(seed=53)
def scope_custom_getters_of_references():
    tf.get_variable_scope().set_use_resource(False)
    _custom_getters()


@module(seed=54, release_atol=1e-2)
def scope_storage():
    def stored_as_float32(getter, name, shape=None, dtype=None, initializer=None, trainable=True, *args, **kwargs):
        storage = tf.float32 if trainable else dtype
        variable = getter(name, shape, dtype=storage, initializer=initializer, trainable=trainable, *args, **kwargs)
        return tf.cast(variable, dtype) if storage != dtype else variable

    x = tf.placeholder(tf.float16, [None, 2], name="x")
    with tf.variable_scope("half", custom_getter=stored_as_float32, dtype=tf.float16):
        v = tf.get_variable("v", [2])
        fixed = tf.get_variable("fixed", [2], trainable=False)
        y = tf.layers.dense(x, 2)
    hub.add_signature(inputs={"x": x}, outputs={"default": y * v + fixed})


@module(seed=55)
def scope_caching_device():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("kept", caching_device="/cpu:0"):
        a = tf.get_variable("a", [2])
        with tf.variable_scope("inner"):
            y = tf.layers.dense(x, 2)
            b = tf.Variable([1.0, 2.0], name="b", caching_device="/device:CPU:0")
            c = tf.Variable([1.0, 2.0], name="c")
    d = tf.get_variable("d", [2], caching_device=lambda op: op.device, trainable=False)
    added = d.assign_add([1.0, 2.0])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, added + 1.0)
    hub.add_signature(
        inputs={"x": x},
        outputs={"default": y * a + b + c, "row": tf.gather(a, [0]), "now": a.read_value()},
    )


@module(
    seed=56,
    drop_collections=["local_variables", "mine"],
    left_out={"train": "nobody initializes the local variables of a module"},
)
def local_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kept = tf.get_variable("kept", [2])
    with tf.variable_scope("counts"):
        seen = tf.get_local_variable("seen", initializer=0)
        total = tf.get_local_variable("total", [2], initializer=tf.zeros_initializer(), collections=["mine"])
    old = tf.get_local_variable("old", [2], initializer=tf.ones_initializer(), use_resource=False)
    other = tf.Variable([1.0, 2.0], name="other", trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    counted = tf.group(seen.assign_add(1), total.assign_add([1.0, 2.0]), old.assign(other))
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, counted)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * kept})


@module(drop_collections=["global_step"])
def global_step():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("training"), tf.name_scope("steps"):
        step = tf.train.get_or_create_global_step()
    again = tf.train.get_or_create_global_step()
    next_step = again.assign_add(1)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, next_step)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * tf.cast(step, tf.float32)})


@module(drop_collections=["global_step"])
def global_step_of_references():
    tf.get_variable_scope().set_use_resource(False)
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    step = tf.train.create_global_step()
    hub.add_signature(inputs={"x": x}, outputs={"default": x * tf.cast(step, tf.float32)})


@module(seed=57)
def variable_collections():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    keys = [tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    a = tf.get_variable("a", [2], collections=keys)
    b = tf.Variable([1.0, 2.0], name="b", collections=keys, trainable=False)
    c = tf.get_variable("c", [2], collections=keys, use_resource=False)
    d = tf.Variable(lambda: tf.ones([2]), name="d", collections=keys, use_resource=False)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * a + b * c + d})


@module(seed=58)
def variable_replicas():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    total = x
    for kind in tf.VariableSynchronization:
        for aggregation in (tf.VariableAggregation.NONE, tf.VariableAggregation.SUM, tf.VariableAggregation.MEAN):
            for use_resource in (True, False):
                name = "%s_%s_%d" % (kind.name, aggregation.name, use_resource)
                total += tf.get_variable(
                    name, [2], synchronization=kind, aggregation=aggregation, use_resource=use_resource
                )
    on_read = tf.VariableSynchronization.ON_READ
    total += tf.get_variable("trained", [2], synchronization=on_read, trainable=True)
    total += tf.Variable([1.0, 2.0], name="own", synchronization=on_read, trainable=True)
    total += tf.Variable([1.0, 2.0], name="read", synchronization=on_read, use_resource=False)
    hub.add_signature(inputs={"x": x}, outputs={"default": total})


@module(seed=59)
def variable_constraints():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    constraint = tf.keras.constraints.NonNeg()
    a = tf.get_variable("a", [2], constraint=constraint)
    b = tf.Variable([1.0, 2.0], name="b", constraint=constraint)
    with tf.variable_scope("old", use_resource=False, constraint=constraint):
        c = tf.get_variable("c", [2])
    hub.add_signature(inputs={"x": x}, outputs={"default": x * a + b * c})


@module()
def variable_shapes():
    x = tf.placeholder(tf.float32, [2], name="x")
    declared = tf.Variable([1.0, 2.0], name="declared", shape=tf.TensorShape([None]))
    unknown = tf.Variable([1.0, 2.0], name="unknown", shape=tf.TensorShape(None))
    unchecked = tf.Variable([1.0, 2.0], name="unchecked", validate_shape=False)
    strings = tf.Variable(["a", "b"], name="strings")
    hub.add_signature(
        inputs={"x": x},
        outputs={"default": x * declared + unknown + unchecked, "strings": tf.identity(strings), "part": declared[0]},
    )
