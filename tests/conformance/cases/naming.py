"""Name scopes, variable scopes, control inputs, devices and colocation."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module()
def name_scopes():
    x = tf.placeholder(tf.float32, [None], name="x")
    outputs = {}
    with tf.name_scope("outer"):
        outputs["a"] = tf.identity(x)
        with tf.name_scope("inner"):
            outputs["b"] = tf.identity(x, name="named")
        with tf.name_scope("inner") as second_inner:
            outputs["c"] = tf.identity(x)
            outputs["d"] = tf.identity(x)
    with tf.name_scope("outer"):
        outputs["e"] = tf.identity(x)
        with tf.name_scope("inner"):
            outputs["f"] = tf.identity(x)
    with tf.name_scope("Outer"):
        outputs["g"] = tf.identity(x)
    with tf.name_scope(second_inner):
        outputs["h"] = tf.identity(x)
    with tf.name_scope("outer/inner/"):
        outputs["i"] = tf.identity(x, name="named")
        with tf.name_scope(None):
            outputs["j"] = tf.identity(x)
    with tf.name_scope("deep/er"):
        outputs["k"] = tf.identity(x, name="a/b")
    outputs["l"] = tf.identity(x, name="clash")
    outputs["m"] = tf.identity(x, name="Clash")
    outputs["n"] = tf.identity(x, name="CLASH")
    outputs["o"] = tf.identity(x, name="clash_1")
    outputs["p"] = tf.identity(x, name="clash")
    outputs["q"] = tf.identity(x, name="outer")
    with tf.name_scope("result") as result:
        y = x + 1.0
        outputs["default"] = tf.identity(y, name=result)
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(seed=11, feeds={"x": [0.5, -1.5]})
def variable_scopes():
    x = tf.placeholder(tf.float32, [None], name="x")
    with tf.variable_scope("a"):
        v = tf.get_variable("v", [2])
        with tf.variable_scope("b"):
            w = tf.get_variable("w", [2])
            product = v * w
    with tf.variable_scope("a") as scope:
        u = tf.get_variable("u", [2])
        again = u * v
    with tf.variable_scope(scope, reuse=True):
        shared = tf.get_variable("v", [2])
        reused = shared * 2.0
    with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
        auto = tf.get_variable("u", [2])
        auto_sum = auto + w
    with tf.variable_scope("case"):
        lower = tf.get_variable("b", [2])
        upper = tf.get_variable("B", [2])
    with tf.name_scope("ops"):
        outside = tf.get_variable("outside", [2])
        in_ops = outside * 3.0
    with tf.variable_scope(None, default_name="blk"):
        first = tf.get_variable("v", [2])
        first_sum = first + 1.0
    with tf.variable_scope(None, default_name="blk"):
        second = tf.get_variable("v", [2])
        second_sum = second + 1.0
    with tf.variable_scope("", auxiliary_name_scope=True):
        root = tf.get_variable("root", [2])
    with tf.variable_scope("quiet", auxiliary_name_scope=False):
        quiet = tf.get_variable("v", [2])
        quiet_product = quiet * 2.0
    outputs = {
        "product": product,
        "again": again,
        "reused": reused,
        "auto_sum": auto_sum,
        "cases": lower * upper,
        "in_ops": in_ops,
        "first_sum": first_sum,
        "second_sum": second_sum,
        "root": root + 0.5,
        "quiet_product": quiet_product,
        "default": x * product,
    }
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def control_inputs():
    x = tf.placeholder(tf.float32, [None], name="x")
    a = tf.identity(x, name="a")
    b = tf.identity(x, name="b")
    c = tf.identity(x, name="c")
    with tf.control_dependencies([b, a]):
        two = tf.identity(x, name="two")
        already = tf.add(a, c, name="already")
        chained = tf.identity(two, name="chained")
        constant = tf.constant(1.0, name="constant")
        with tf.control_dependencies([c.op]):
            nested = tf.identity(x, name="nested")
            with tf.control_dependencies(None):
                cleared = tf.identity(x, name="cleared")
            with tf.control_dependencies([b]):
                repeated = tf.identity(x, name="repeated")
    barrier = tf.no_op(name="barrier")
    with tf.control_dependencies([barrier]):
        after = tf.identity(x, name="after")
    group = tf.group(a, b, name="group")
    with tf.control_dependencies([group, chained]):
        default = tf.identity(x, name="default")
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "two": two,
            "already": already,
            "chained": chained,
            "constant": constant,
            "nested": nested,
            "cleared": cleared,
            "repeated": repeated,
            "after": after,
            "default": default,
        },
    )


@module(
    seed=5,
    absent_devices=True,
    left_out={
        "use": "it is placed on devices that the machine does not have",
        "hub_load": "it is placed on devices that the machine does not have",
    },
)
def devices():
    x = tf.placeholder(tf.float32, [2], name="x")
    outputs = {}
    with tf.device("/cpu:0"):
        outputs["cpu"] = tf.identity(x, name="cpu")
        v = tf.get_variable("v", [2])
        with tf.device("/job:ps/task:3/device:GPU:1"):
            outputs["worker"] = tf.identity(x, name="worker")
        with tf.device("/job:ps"):
            outputs["merged"] = tf.identity(x, name="merged")
        with tf.device(None):
            outputs["none"] = tf.identity(x, name="none")
    with tf.device("/job:ps/task:3/device:GPU:1"):
        outputs["remote"] = tf.identity(x, name="remote")
        with tf.device("CPU"):
            outputs["any_cpu"] = tf.identity(x, name="any_cpu")
    with tf.device("CPU"):
        outputs["plain_cpu"] = tf.identity(x, name="plain_cpu")
    outputs["default"] = x * v
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def colocation():
    x = tf.placeholder(tf.float32, [2], name="x")
    v = tf.get_variable("v", initializer=[1.0, 2.0])
    w = tf.get_variable("w", initializer=[3.0, 4.0])
    plain = tf.identity(x, name="plain")
    with tf.colocate_with(v.op):
        with_variable = tf.identity(x, name="with_variable")
        read = tf.multiply(v, 2.0, name="read")
        with tf.colocate_with(w.op):
            with_both = tf.identity(x, name="with_both")
    with tf.colocate_with(plain):
        with_plain = tf.identity(x, name="with_plain")
    with tf.colocate_with(with_variable):
        copied = tf.identity(x, name="copied")
    with tf.device("/cpu:0"):
        placed = tf.identity(x, name="placed")
    with tf.colocate_with(placed):
        with_placed = tf.identity(x, name="with_placed")
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "with_variable": with_variable,
            "read": read,
            "with_both": with_both,
            "with_plain": with_plain,
            "copied": copied,
            "with_placed": with_placed,
            "default": x + v + w,
        },
    )


@module(seed=63)
def variables_in_contexts():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    barrier = tf.identity(x, name="barrier")
    outputs = {}
    with tf.control_dependencies([barrier]):
        v = tf.get_variable("v", [2], regularizer=tf.keras.regularizers.l2(0.5))
        u = tf.Variable([1.0, 2.0], name="u")
        constant = tf.constant(2.0)
        outputs["controlled"] = x * v + u * constant
        outputs["read"] = v.read_value()
    with tf.colocate_with(v.op):
        beside = tf.get_variable("beside", [2])
        scalar = tf.Variable(0.5, name="scalar")
        outputs["colocated"] = (x + beside) * scalar
        outputs["colocated_sum"] = tf.reduce_sum(x + v)
        outputs["colocated_read"] = v.read_value()
        outputs["read_beside"] = beside.read_value()
    hub.add_signature(inputs={"x": x}, outputs=dict(outputs, default=x * u))


@module(seed=64)
def nested_control_inputs():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    first = tf.identity(x, name="first")
    second = tf.identity(x, name="second")
    before = tf.get_variable("before", [2])
    outputs = {}
    with tf.control_dependencies([first]):
        with tf.control_dependencies([second]):
            inner = tf.get_variable("inner", [2], regularizer=tf.contrib.layers.l2_regularizer(0.5))
            plain = tf.Variable([0.5, 1.0], name="plain")
            outputs["inner"] = x * inner + plain
            outputs["on_first"] = first * before
            with tf.control_dependencies(None):
                free = tf.get_variable("free", [2])
                outputs["free"] = free + before
        outputs["outer"] = inner.read_value()
    with tf.control_dependencies([tf.group(outputs["inner"], outputs["outer"])]):
        outputs["after_group"] = before * 2.0
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(
    seed=69,
    left_out={
        "use": "hub.Module puts placeholders in the place of variables, and as control inputs they are not fed",
        "hub_load": "it needs the results of use",
    },
)
def control_inputs_on_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2])
    outputs = {}
    with tf.control_dependencies([v.op]):
        w = tf.get_variable("w", [2])
        outputs["product"] = v * w
        outputs["read"] = v.read_value()
    with tf.control_dependencies([v]):
        outputs["after_variable"] = tf.identity(x)
    with tf.control_dependencies([w.initializer]):
        outputs["initialized"] = tf.identity(w)
    with tf.control_dependencies([tf.group(v.op, w.op)]):
        outputs["after_group"] = x * w
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(seed=68)
def variables_on_a_device():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.device("/cpu:0"):
        v = tf.get_variable("v", [2], regularizer=tf.contrib.layers.l1_regularizer(0.5))
        u = tf.Variable([1.0, 2.0], name="u")
        inside = tf.reduce_sum(x * v)
        inside_read = u.read_value()
    hub.add_signature(
        inputs={"x": x},
        outputs={
            "default": x * v + u,
            "inside": inside,
            "inside_read": inside_read,
            "outside_read": v.read_value(),
            "softmax": tf.nn.softmax(v),
        },
    )


@module(
    seed=65,
    absent_devices=True,
    left_out={
        "use": "it is placed on devices that the machine does not have",
        "hub_load": "it is placed on devices that the machine does not have",
    },
)
def variables_on_devices():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.device("/gpu:0"):
        v = tf.get_variable("v", [2], regularizer=tf.keras.regularizers.l1(0.5))
        u = tf.Variable([1.0, 2.0], name="u")
    outputs = {"outside": x * v + u}
    with tf.device("/cpu:0"):
        outputs["inside"] = x + v
        outputs["sum"] = tf.reduce_sum(v)
        update = tf.assign_add(v, v.read_value())
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    with tf.colocate_with(v.op):
        outputs["beside"] = u * 2.0
        beside = tf.get_variable("beside", [2])
        outputs["beside_value"] = beside.value()
    with tf.device("/job:ps"):
        outputs["merged_read"] = v.read_value()
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(seed=67)
def checkpoint_in_shards():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    b = tf.get_variable("b", [2])
    with tf.device("/cpu:0"):
        a = tf.get_variable("a", [2])
        d = tf.get_variable("d", [3])
    with tf.device("/job:localhost/replica:0/task:0/device:CPU:0"):
        e = tf.get_variable("e", [2])
    c = tf.get_variable("c", initializer=["left", "right"], trainable=False)
    outputs = {"default": x * a + b - e, "d": tf.identity(d), "c": tf.identity(c)}
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(seed=66)
def scopes_and_reuse():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = x
    with tf.name_scope("names"):
        with tf.variable_scope("variables"):
            v = tf.get_variable("v", [2], regularizer=tf.contrib.layers.l2_regularizer(0.1))
            u = tf.Variable([0.0, 0.0], name="v")
            y = y + v + u
    with tf.variable_scope("auto", reuse=tf.AUTO_REUSE) as auto:
        a = tf.get_variable("a", [2], regularizer=tf.contrib.layers.l1_regularizer(0.5))
        again = tf.get_variable("a", [2], regularizer=tf.contrib.layers.l1_regularizer(0.5))
        y = y * a + again
        with tf.variable_scope("inside"):
            with tf.variable_scope(auto):
                y = y + tf.get_variable("b", [2])
            y = y + tf.get_variable("b", [2])
    with tf.variable_scope(None, default_name="block"):
        with tf.variable_scope(None, default_name="block"):
            y = y + tf.get_variable("v", [2])
        with tf.variable_scope(auto, auxiliary_name_scope=False):
            y = y + tf.get_variable("a", [2])
        with tf.variable_scope(None, default_name="block"):
            y = y + tf.get_variable("v", [2])
    with tf.variable_scope("block"):
        y = y + tf.get_variable("w", [2])
    with tf.variable_scope(None, default_name="block"):
        y = y + tf.get_variable("v", [2])
    with tf.variable_scope(tf.get_variable_scope(), reuse=tf.AUTO_REUSE):
        y = y + tf.get_variable("root", [2])
        y = y + tf.get_variable("root", [2])
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(seed=67)
def names_with_slashes():
    x = tf.placeholder(tf.float32, [None, 2], name="inputs/x")
    v = tf.get_variable("tower/v", [2], regularizer=tf.contrib.layers.l2_regularizer(0.5))
    u = tf.Variable([1.0, 2.0], name="tower/u")
    y = x * v + u
    with tf.variable_scope("tower"):
        y = y + tf.get_variable("w", [2])
        y = y + tf.get_variable("deep/w", [2])
        y = y + tf.Variable([3.0, 4.0], name="u")
        y = tf.layers.dense(y, 2, name="deep/dense")
    with tf.variable_scope("tower/deep"):
        y = y + tf.get_variable("v", [2], regularizer=tf.keras.regularizers.l1(0.5))
        with tf.variable_scope(None, default_name="low/er"):
            y = y + tf.get_variable("v", [2])
    with tf.variable_scope("tower", reuse=True):
        y = y * tf.get_variable("deep/v", [2])
    with tf.name_scope("path/to"):
        y = tf.reduce_sum(y, axis=0, name="the/sum")
    hub.add_signature(inputs={"x": x}, outputs={"default": y})
