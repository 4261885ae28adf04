"""Module level: signatures, tag sets, attachments, dropped collections."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=51)
def several_signatures():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    w = tf.get_variable("w", [2, 3])
    y = tf.matmul(x, w)
    hub.add_signature(inputs=x, outputs=y)
    hub.add_signature("pair", inputs={"x": x, "ids": ids}, outputs={"default": y, "ids": ids})
    hub.add_signature("version", inputs={}, outputs=tf.constant(3, tf.int32, name="version"))
    hub.add_signature("weights", inputs={}, outputs={"w": tf.identity(w, name="w_value")})


@module(
    seed=52,
    variants=[
        (set(), {"training": False}),
        ({"train"}, {"training": True}),
        ({"train", "gpu"}, {"training": True, "scale": 2.0}),
    ],
)
def train_and_infer_tags(training, scale=1.0):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.layers.dense(x, 4, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
    if training:
        y = y * scale
        hub.add_signature("only_training", inputs={"x": x}, outputs={"mean": tf.reduce_mean(y)})
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module()
def attachments():
    x = tf.placeholder(tf.float32, [None, 4, 6, 3], name="x")
    info = hub.ImageModuleInfo()
    size = info.default_image_size
    size.height, size.width = 4, 6
    hub.attach_message("image_module_info", info)
    hub.attach_message("numbers", tf.train.Int64List(value=[1, -1, 300]))
    hub.attach_message("empty", tf.train.FloatList())
    hub.attach_message("numbers", tf.train.Int64List(value=[7]))
    hub.add_signature(inputs={"images": x}, outputs={"default": tf.identity(x)})


@module(seed=54, drop_collections=["losses", "global_step"])
def drop_collections():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2])
    y = x * v
    tf.add_to_collection(tf.GraphKeys.LOSSES, tf.reduce_sum(y))
    tf.train.get_or_create_global_step()
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


def _table_inside():
    x = tf.placeholder(tf.float32, [None], name="x")
    v = tf.get_variable("v", [1], initializer=tf.ones_initializer())
    hub.add_signature(inputs=x, outputs=x * v)


@module(drop_collections=["saveable_objects"], feeds={"x": ["a", "b"]})
def saved_tables():
    inside = hub.Module(hub.create_module_spec(_table_inside), name="zinside", trainable=True)
    x = tf.placeholder(tf.string, [None], name="x")
    with tf.name_scope("lookup"):
        numbers = tf.contrib.lookup.MutableHashTable(tf.string, tf.float32, 0.5)
    rows = tf.contrib.lookup.MutableHashTable(tf.int64, tf.float32, [0.0, 1.0], name="rows")
    w = tf.get_variable("w", [1], initializer=tf.zeros_initializer())
    beside = hub.Module(hub.create_module_spec(_table_inside), name="beside")
    y = inside(numbers.lookup(x)) + beside(rows.lookup(tf.zeros([1], tf.int64))[0]) + w
    hub.add_signature(inputs={"x": x}, outputs={"default": y})


@module(drop_collections=["mine"])
def collection_sets():
    keys = tf.GraphKeys
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    zeros = tf.zeros_initializer()
    variables, trainable, model = keys.GLOBAL_VARIABLES, keys.TRAINABLE_VARIABLES, keys.MODEL_VARIABLES
    a = tf.get_variable("a", [2], initializer=zeros, collections=[variables, variables])
    b = tf.get_variable("b", [2], initializer=zeros, trainable=False, collections=[variables, trainable])
    c = tf.get_variable("c", [2], initializer=zeros, collections=["mine", model, variables, trainable, model])
    d = tf.get_variable("d", [2], initializer=zeros, trainable=False, collections=[variables, model])
    step = d.assign_add([1.0, 1.0], read_value=False)
    tf.add_to_collection(keys.UPDATE_OPS, step)
    tf.add_to_collection(keys.UPDATE_OPS, step)
    loss = tf.reduce_sum(c)
    tf.add_to_collection(keys.UPDATE_OPS, loss)
    tf.add_to_collection(keys.REGULARIZATION_LOSSES, loss)
    tf.add_to_collection(keys.REGULARIZATION_LOSSES, loss)
    hub.add_signature(inputs={"x": x}, outputs={"default": x * a + b + c + d})


@module(
    seed=55,
    variants=[
        (set(), {"training": False}),
        ({"train"}, {"training": True}),
        ({"a", "b", "c"}, {"training": False, "encoder": True}),
    ],
)
def variants_with_own_signatures(training, encoder=False):
    if training:
        labels = tf.placeholder(tf.int64, [None], name="labels")
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    hidden = tf.layers.dense(x, 2, activation=tf.tanh, name="encoder")
    y = tf.layers.dense(hidden, 1, name="head", kernel_regularizer=tf.keras.regularizers.l2(0.5))
    if training:
        error = tf.subtract(tf.reshape(y, [-1]), tf.cast(labels, tf.float32), name="error")
        hub.add_signature("loss", inputs={"x": x, "labels": labels}, outputs={"default": tf.nn.l2_loss(error)})
        hub.add_signature(inputs={"x": x}, outputs={"default": y, "hidden": hidden})
    elif encoder:
        hub.add_signature("encode", inputs={"vectors": x}, outputs={"codes": hidden})
    else:
        hub.add_signature(inputs=x, outputs=y)
