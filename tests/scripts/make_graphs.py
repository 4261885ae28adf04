"""Writes the graphs that importing is tested with, and what TensorFlow makes of them.

Usage: make_graphs.py [NAME...], with Python 3.7 and TensorFlow 1.15.5. For each function of `GRAPHS` below, which adds
nodes to the default graph, it writes to `tests/fixtures/graphs`:

NAME.pb        the GraphDef, without shapes
NAME.tf.pb     what TensorFlow exports after it imported NAME.pb under no prefix: default attributes left out
NAME.import.pb the same after importing it twice under the default prefix; for a few graphs
NAME.shapes    the shapes that TensorFlow infers, a line for each output, in the order of the file's nodes
NAME.ops       the names of the ops that the exported graph's op list holds
"""

import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import function
from tensorflow.python.framework import graph_util
from tensorflow.python.ops import control_flow_util

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "fixtures", "graphs")


def keras_cnn():
    """A small frozen network with the layers that networks have."""
    layers = tf.keras.layers
    inputs = tf.compat.v1.placeholder(tf.float32, [None, 16, 16, 3], name="image")
    model = tf.keras.Sequential([
        layers.Conv2D(4, 3, padding="same", use_bias=False, input_shape=(16, 16, 3), name="conv"),
        layers.BatchNormalization(name="norm", fused=True),
        layers.ReLU(6.0, name="relu"),
        layers.DepthwiseConv2D(3, strides=2, padding="same", name="depthwise"),
        layers.MaxPooling2D(2, name="pool"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(8, activation="softmax", name="scores"),
    ])
    outputs = tf.identity(model(inputs, training=False), name="probabilities")
    random = np.random.RandomState(1)
    with tf.compat.v1.Session() as session:
        for variable in tf.compat.v1.global_variables():
            variable.load(random.uniform(0.1, 0.5, variable.shape.as_list()).astype(np.float32), session)
        frozen = graph_util.convert_variables_to_constants(session, tf.compat.v1.get_default_graph().as_graph_def(), [outputs.op.name])
    return frozen


def while_v1():
    """Two loops, one in the other, with loop-invariant inputs and control inputs."""
    x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")

    def body(i, value):
        inner = tf.while_loop(lambda j, _: j < 3, lambda j, v: (j + 1, v * 2.0 + x), [tf.constant(0), value])
        with tf.control_dependencies([inner[0]]):
            return i + 1, tf.identity(inner[1])

    tf.while_loop(lambda i, _: i < 5, body, [tf.constant(0), x], name="outer", parallel_iterations=4)


def cond_v1():
    """A conditional of switches and merges, and one in a branch of it."""
    x = tf.compat.v1.placeholder(tf.float32, [2, 2], name="x")
    flag = tf.compat.v1.placeholder(tf.bool, [], name="flag")

    def inner():
        return tf.cond(tf.reduce_sum(x) > 1.0, lambda: x * 2.0, lambda: x - 1.0)

    tf.identity(tf.cond(flag, inner, lambda: tf.zeros([2, 2])), name="y")


def control_flow_v2():
    """Conditionals and loops whose branches are functions."""
    control_flow_util.ENABLE_CONTROL_FLOW_V2 = True
    try:
        x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")
        flag = tf.compat.v1.placeholder(tf.bool, [], name="flag")
        y = tf.cond(flag, lambda: tf.nn.relu(x), lambda: x + 1.0)
        z = tf.while_loop(lambda i, v: i < 10, lambda i, v: (i + 1, tf.sqrt(v)), [tf.constant(0), y])
        tf.identity(z[1], name="z")
    finally:
        control_flow_util.ENABLE_CONTROL_FLOW_V2 = False


def defun():
    """Functions of both kinds, called by name and through PartitionedCall, one from another."""
    @function.Defun(tf.float32, tf.float32, func_name="scaled")
    def scaled(a, b):
        return a * tf.nn.softplus(b), a - b

    @function.Defun(tf.float32, func_name="twice")
    def twice(a):
        return scaled(a, a)[0] + 1.0

    @tf.function
    def called(a):
        return tf.matmul(a, a, transpose_b=True)

    x = tf.compat.v1.placeholder(tf.float32, [2, 3], name="x")
    product, difference = scaled(x, x + 1.0)
    with tf.control_dependencies([difference]):
        tf.identity(twice(product), name="y")
    tf.identity(called(x), name="z")


def bodies():
    """Calls whose shapes follow from the bodies of functions."""
    x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")

    @tf.function
    def inner(a):
        parts = tf.split(a, 3, axis=1)
        return parts[1], tf.nn.top_k(a, 2)

    @tf.function
    def outer(a, variable):
        part, (values, indices) = inner(a)
        return tf.matmul(part, variable), values, tf.gather(variable, indices)

    @tf.function
    def of_size(size):
        return tf.zeros(size), tf.constant([2, 3])

    @tf.function
    def stacked(elements):
        return tf.raw_ops.TensorListStack(input_handle=elements, element_shape=-1, element_dtype=tf.float32), elements

    @function.Defun(tf.float32, func_name="by_name")
    def by_name(a):
        return a[:2], tf.shape(a)

    outer(x, tf.compat.v1.get_variable("w", [1, 4], use_resource=True))
    tf.zeros(of_size(tf.constant([4, 5]))[1], name="not_worked_out")
    elements = tf.raw_ops.TensorListReserve(element_shape=[2, 3], num_elements=4, element_dtype=tf.float32)
    _, passed = stacked(elements)
    tf.raw_ops.TensorListGetItem(input_handle=passed, index=0, element_shape=-1, element_dtype=tf.float32, name="item")
    by_name(x)
    graph_def = tf.compat.v1.get_default_graph().as_graph_def()
    for node in graph_def.node:
        if node.op == "by_name":
            again = graph_def.node.add()
            again.CopyFrom(node)
            again.name = "looked_into"
            del again.attr["_disable_call_shape_inference"]
            break
    return graph_def


def training():
    """A training graph: variables of both kinds, gradients, an optimizer, a saver, colocation, devices."""
    x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
    labels = tf.compat.v1.placeholder(tf.int64, [None], name="labels")
    with tf.device("/job:ps/task:0/cpu:0"):
        w = tf.compat.v1.get_variable("w", [4, 5], initializer=tf.compat.v1.glorot_uniform_initializer(seed=3), use_resource=False)
    b = tf.compat.v1.get_variable("b", [5], use_resource=True)
    with tf.device("/gpu:0"):
        logits = tf.nn.bias_add(tf.matmul(x, w), b)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    step = tf.compat.v1.train.get_or_create_global_step()
    tf.compat.v1.train.AdamOptimizer().minimize(loss, global_step=step)
    tf.compat.v1.train.Saver()


def text():
    """Strings, a table, sparse tensors and embeddings."""
    text = tf.compat.v1.placeholder(tf.string, [None], name="text")
    words = tf.strings.split(tf.strings.lower(text))
    init = tf.lookup.KeyValueTensorInitializer(["a", "b", "\xc3"], [0, 1, 2], key_dtype=tf.string, value_dtype=tf.int64)
    ids = tf.lookup.StaticHashTable(init, -1, name="table").lookup(words.values)
    ids = tf.SparseTensor(words.indices, tf.maximum(ids, 0), words.dense_shape)
    tf.nn.embedding_lookup_sparse(tf.constant(np.linspace(0, 1, 12).reshape(3, 4), tf.float32), ids, None, combiner="mean")
    tf.sparse.to_dense(words, default_value="")
    tf.strings.to_hash_bucket_fast(words.values, 10, name="buckets")


def queues():
    """State of other kinds: queues, readers, iterators with functions, an input pipeline."""
    dataset = tf.data.Dataset.range(10).map(lambda x: x * 2).batch(3)
    iterator = tf.compat.v1.data.make_initializable_iterator(dataset)
    tf.identity(iterator.get_next(), name="next")
    queue = tf.queue.FIFOQueue(3, [tf.float32, tf.int32], shapes=[[2], []])
    queue.enqueue([[1.0, 2.0], 3])
    queue.dequeue_many(2)


def shuffled():
    """A file whose nodes come in no order, with old spellings of devices, default attributes and inputs."""
    with tf.device("/cpu:0"):
        a = tf.compat.v1.placeholder(tf.float32, [2, 2], name="a")
    parts = tf.split(a, 2, axis=1, name="parts")
    with tf.control_dependencies([a, parts[0]]):
        c = tf.matmul(parts[1], parts[0], transpose_a=True, name="c")
    with tf.compat.v1.colocate_with(a.op):
        tf.add(c, c, name="d")
    graph_def = tf.compat.v1.get_default_graph().as_graph_def()
    graph_def.versions.producer = 100
    nodes = list(graph_def.node)[::-1]
    del graph_def.node[:]
    graph_def.node.extend(nodes)
    for node in graph_def.node:
        if node.name == "d":
            node.input[:] = ["c:0", "c:0"]
        if node.name == "c":
            node.input.extend(["^parts"])
            node.device = "/job:worker/replica:0/task:1/gpu:1"
    return graph_def


def frozen():
    """A graph that was frozen, which loses its version: placeholders for scalars have an unknown shape when it is read."""
    x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")
    keep = tf.compat.v1.placeholder(tf.float32, (), name="keep")
    training = tf.compat.v1.placeholder_with_default(False, (), name="training")
    kernel = tf.compat.v1.Variable([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], name="kernel")
    scaled = tf.matmul(x, kernel) / keep
    chosen = tf.cond(training, lambda: scaled * 2.0, lambda: scaled + keep)
    tf.reshape(chosen, [-1, 2], name="y")
    tf.compat.v1.placeholder_with_default(keep, (), name="again")
    tf.stack([keep, 1.0], name="pair")
    with tf.compat.v1.Session() as session:
        session.run(kernel.initializer)
        names = ["y", "again", "pair"]
        return graph_util.convert_variables_to_constants(session, tf.compat.v1.get_default_graph().as_graph_def(), names)


def begin(producer):
    """Makes the default graph one that a program of this version has written."""
    graph_def = tf.compat.v1.GraphDef()
    graph_def.versions.producer = producer
    tf.import_graph_def(graph_def, name="")


def old_network():
    """A network of version 8, with ops that have been removed since and with axes that are a matrix."""
    begin(8)
    raw = tf.raw_ops
    images = tf.compat.v1.placeholder(tf.float32, [None, 8, 8, 3], name="images")
    scale = tf.compat.v1.placeholder(tf.float32, (), name="scale")
    four = [tf.constant([value] * 4) for value in (0.1, 0.9, 0.2, 1.1)]
    kernel = tf.constant(0.1, shape=[3, 3, 3, 4])
    made = tf.nn.conv2d(images, kernel, strides=1, padding="SAME") * scale
    made = raw.BatchNormWithGlobalNormalization(
        t=made, m=four[0], v=four[1], beta=four[2], gamma=four[3], variance_epsilon=0.001,
        scale_after_normalization=True, name="norm")
    mean = raw.Mean(input=made, axis=[[1], [2]], name="mean")
    total = raw.Sum(input=scale, axis=tf.constant([], tf.int32), keep_dims=True, name="total")
    raw.BatchMatrixDiag(diagonal=mean * total, name="matrices")
    raw.StringToHashBucketFast(input=tf.compat.v1.placeholder(tf.string, (), name="text"), num_buckets=3, name="bucket")


def versions():
    """A graph of version 21 that wants a program of version 12 at least, and says which must not read it."""
    begin(21)
    tf.compat.v1.placeholder(tf.float32, (), name="x")
    graph_def = tf.compat.v1.get_default_graph().as_graph_def()
    graph_def.versions.min_consumer = 12
    graph_def.versions.bad_consumers.extend([40, 7, 40])
    return graph_def


def by_name(graph_def):
    """The graph with its functions sorted by name."""
    if not graph_def.library.function:
        graph_def.ClearField("library")
        return graph_def
    functions = sorted(graph_def.library.function, key=lambda function: function.signature.name)
    del graph_def.library.function[:]
    graph_def.library.function.extend(functions)
    return graph_def


def exported(graph):
    meta = tf.compat.v1.train.export_meta_graph(
        graph=graph, graph_def=graph.as_graph_def(add_shapes=True), strip_default_attrs=True
    )
    for node in meta.graph_def.node:
        node.attr.pop("_output_shapes", None)
    by_name(meta.graph_def)
    return meta


def text_of(shape):
    if shape.dims is None:
        return "<unknown>"
    return "[%s]" % ",".join("?" if dim.value is None else str(dim.value) for dim in shape.dims)


def write(name, content):
    with open(os.path.join(FIXTURES, name), "wb") as file:
        file.write(content)
    print("%s: %d bytes" % (name, len(content)))


def make(name):
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        graph_def = GRAPHS[name]() or graph.as_graph_def()
    for node in graph_def.node:
        node.attr.pop("_output_shapes", None)
    by_name(graph_def)
    serialized = graph_def.SerializeToString(deterministic=True)
    write(name + ".pb", serialized)

    def load(graph, times, **kwargs):
        with graph.as_default():
            for _ in range(times):
                again = tf.compat.v1.GraphDef.FromString(serialized)
                tf.import_graph_def(again, **kwargs)
        return graph

    graph = load(tf.Graph(), 1, name="")
    meta = exported(graph)
    write(name + ".tf.pb", meta.graph_def.SerializeToString(deterministic=True))
    ops = sorted(op.name for op in meta.meta_info_def.stripped_op_list.op)
    write(name + ".ops", "".join(op + "\n" for op in ops).encode())
    lines = []
    for node in graph_def.node:
        for index, output in enumerate(graph.get_operation_by_name(node.name).outputs):
            lines.append("%s:%d\t%s\n" % (node.name, index, text_of(output.shape)))
    write(name + ".shapes", "".join(lines).encode())
    if name in TWICE:
        meta = exported(load(tf.Graph(), 2))
        write(name + ".import.pb", meta.graph_def.SerializeToString(deterministic=True))


GRAPHS = {
    function.__name__: function
    for function in (keras_cnn, while_v1, cond_v1, control_flow_v2, defun, bodies, training, text, queues, shuffled,
                     frozen, old_network, versions)
}
TWICE = ("while_v1", "defun", "shuffled", "cond_v1", "versions")


def main():
    if not os.path.isdir(FIXTURES):
        os.makedirs(FIXTURES)
    for name in sys.argv[1:] or sorted(GRAPHS):
        make(name)


if __name__ == "__main__":
    main()
