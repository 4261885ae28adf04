#!/usr/bin/env python
"""Writes tests/fixtures/later: graphs of TensorFlow 2, and what TensorFlow 1.15 makes of them.

usage: python make_later_graphs.py graphs FOLDER           (with each TensorFlow 2: NAME.RELEASE.pb for each graph)
       python make_later_graphs.py outcomes FOLDER OPS...  (with TensorFlow 1.15.5: outcomes.txt)

OPS are the op lists of these releases, written by dump_later_attrs.py. A line of outcomes.txt is a file with an output
and its shape, or a file and `refused`. The graphs are imported with the producer's op list, so attributes at their
default do not matter; those in REMARKS of dump_later_attrs.py are removed before.
"""

import io
import os
import sys

import tensorflow as tf

from dump_later_attrs import REMARKS, read_ops

F = tf.float32


def ph(*shape, **kwargs):
    return tf.compat.v1.placeholder(kwargs.get("dtype", F), shape)


def variables():
    v = tf.Variable(tf.zeros([2, 3]), name="v")
    v.assign_add(tf.ones([2, 3]))


def products():
    tf.matmul(ph(2, 3), ph(3, 4))
    tf.matmul(ph(5, 2, 3), ph(5, 3, 4))


def gradient():
    a = ph(2, 3)
    tf.gradients(tf.matmul(a, ph(3, 4)), a)


def segments(dtype):
    tf.raw_ops.SparseSegmentSum(data=ph(4, 3), indices=[0, 1], segment_ids=tf.constant([0, 1], dtype))


def batch_norm(**options):
    tf.compat.v1.nn.fused_batch_norm(ph(1, 8, 8, 4), ph(4), ph(4), is_training=True, **options)


def images():
    x = ph(1, 8, 8, 3)
    tf.nn.depthwise_conv2d(x, ph(3, 3, 3, 2), [1, 1, 1, 1], "SAME")
    tf.nn.max_pool2d(x, 2, 2, "VALID")
    tf.image.resize(x, [4, 4])


def padded_pool():
    tf.nn.max_pool2d(ph(1, 8, 8, 3), 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]])


def quantized():
    tf.quantization.quantize(ph(4), 0.0, 1.0, tf.quint8)
    tf.quantization.dequantize(ph(4, dtype=tf.quint8), 0.0, 1.0)


def indexed():
    tf.gather_nd(ph(3, 4), [[0, 1]])
    tf.scatter_nd([[0]], ph(1), [4])
    tf.tensor_scatter_nd_update(ph(4), [[0]], ph(1))
    tf.raw_ops.ConcatOffset(concat_dim=0, shape=[[1, 2], [3, 2]])


def called():
    @tf.function
    def function(x):
        index = tf.constant(0)
        while index < 3:
            x, index = tf.matmul(x, x), index + 1
        return x
    function(ph(3, 3))


def dataset():
    with_offset = tf.data.Dataset.range(3).map(lambda x: x + 1).batch(2)
    tf.compat.v1.data.make_one_shot_iterator(with_offset).get_next()


def table():
    path, lines = "/vocabulary.txt", tf.lookup.TextFileIndex
    content = tf.lookup.TextFileInitializer(path, tf.string, lines.WHOLE_LINE, tf.int64, lines.LINE_NUMBER)
    tf.lookup.StaticHashTable(content, -1).lookup(ph(2, dtype=tf.string))


GRAPHS = {
    "variables": variables,
    "products": products,
    "gradient": gradient,
    "segments": lambda: segments(tf.int32),
    "long_segments": lambda: segments(tf.int64),
    "batch_norm": batch_norm,
    "moving_batch_norm": lambda: batch_norm(mean=ph(4), variance=ph(4), exponential_avg_factor=0.9),
    "images": images,
    "padded_pool": padded_pool,
    "quantized": quantized,
    "indexed": indexed,
    "called": called,
    "dataset": dataset,
    "table": table,
    "top": lambda: tf.math.top_k(ph(4, 9), 3),
    "long_top": lambda: tf.raw_ops.TopKV2(input=ph(4, 9), k=3, index_type=tf.int64),
    "spectrum": lambda: tf.signal.rfft(ph(4, 16)),
    "double_spectrum": lambda: tf.signal.rfft(ph(4, 16, dtype=tf.float64)),
    "new_op": lambda: tf.random.stateless_uniform([2], [1, 2]),
    "float8": lambda: tf.cast(ph(3), tf.dtypes.as_dtype(24)),
    "int4": lambda: tf.identity(ph(3, dtype=tf.dtypes.as_dtype(29))),
    "newly_allowed": lambda: tf.add(ph(3, dtype=tf.uint32), ph(3, dtype=tf.uint32)),
    "package_name": lambda: tf.identity(ph(1), name="Addons>x"),
}


def write_graphs(folder):
    release = tf.__version__.rsplit(".", 1)[0]
    for name, build in GRAPHS.items():
        with tf.Graph().as_default() as graph:
            build()
        with open(os.path.join(folder, "{}.{}.pb".format(name, release)), "wb") as out:
            out.write(graph.as_graph_def().SerializeToString(deterministic=True))


def outputs(graph_def, ops):
    """The graph's outputs and their shapes, or nothing if TensorFlow does not take it."""
    for node in graph_def.node:
        for op, name in REMARKS:
            if node.op == op:
                node.attr.pop(name, None)
    with tf.Graph().as_default() as graph:
        try:
            tf.import_graph_def(graph_def, name="", producer_op_list=ops)
        except (ValueError, tf.errors.OpError) as error:
            print(str(error).splitlines()[0])
            return None
    tensors = [tensor for operation in graph.get_operations() for tensor in operation.outputs]
    return [(tensor.name, str(tensor.shape)) for tensor in tensors]


def shape_text(shape):
    """A shape as this crate prints it."""
    return shape.replace("(", "[").replace(",)", "]").replace(")", "]")


def write_outcomes(folder, paths):
    from tensorflow.core.framework import op_def_pb2

    ops = {version.rsplit(".", 1)[0]: op_def_pb2.OpList(op=listed) for version, listed in map(read_ops, paths)}
    lines = []
    for file in sorted(name for name in os.listdir(folder) if name.endswith(".pb")):
        graph_def = tf.compat.v1.GraphDef()
        with open(os.path.join(folder, file), "rb") as graph:
            graph_def.ParseFromString(graph.read())
        found = outputs(graph_def, ops[file[:-3].split(".", 1)[1]])
        if found is None:
            lines.append("{}\trefused\n".format(file))
        else:
            lines += ["{}\t{}\t{}\n".format(file, name, shape_text(shape)) for name, shape in found]
    with io.open(os.path.join(folder, "outcomes.txt"), "w", encoding="utf-8", newline="\n") as out:
        out.write("".join(lines))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "graphs":
        write_graphs(sys.argv[2])
    elif len(sys.argv) > 3 and sys.argv[1] == "outcomes":
        write_outcomes(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
