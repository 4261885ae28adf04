"""Writes tests/fixtures/meta_graphs: a training graph and its checkpoint, in the forms in which TensorFlow saves it.

Run with TensorFlow 1.15.5: python make_meta_graphs.py OUT_DIR

| file | content |
| --- | --- |
| `model.ckpt.meta`, `.index`, `.data-*` | what `tf.train.Saver.save` writes |
| `model.pbtxt` | the same meta graph, as `tf.train.export_meta_graph(as_text=True)` writes it |
| `graph.pb`, `graph.pbtxt` | the graph from `tf.train.write_graph` |
| `expected.json` | the nodes that `extract_sub_graph` keeps for some outputs; the outputs for some inputs |
| `plain.pbtxt` | the SavedModel of `saved_models/plain` in text form |
"""

import json
import os
import sys

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))


def build():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    words = tf.placeholder(tf.string, [None], name="words")
    step = tf.train.get_or_create_global_step()
    regularizer = tf.keras.regularizers.l2(0.5)
    with tf.device("/device:GPU:0"), tf.variable_scope("dense"):
        kernel = tf.get_variable("kernel", initializer=tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
                                 regularizer=regularizer)
        bias = tf.get_variable("bias", initializer=tf.constant([0.5, -0.5]), use_resource=True)
        twice = tf.get_variable("twice", initializer=kernel.initialized_value() * 2, trainable=False)
        dense = tf.matmul(x, kernel) + bias
    with tf.variable_scope("part", partitioner=tf.fixed_size_partitioner(2)):
        scale = tf.get_variable("scale", shape=[2], initializer=tf.constant_initializer(10.0))
    cubed = tf.while_loop(lambda i, _: i < 2, lambda i, z: (i + 1, z * dense), [0, dense])[1]
    y = tf.add(cubed * tf.convert_to_tensor(scale), tf.reduce_sum(twice, 0), name="y")
    table = tf.contrib.lookup.index_table_from_tensor(["a", "b", "c"], default_value=7)
    ids = tf.identity(table.lookup(words), name="ids")

    # What training leaves behind.
    labels = tf.train.input_producer([[1.0, 2.0]]).dequeue()
    loss = tf.reduce_mean(tf.square(y - labels)) + tf.losses.get_regularization_loss()
    checked = tf.py_func(lambda value: value, [loss], tf.float32, name="checked")
    tf.summary.scalar("loss", checked)
    tf.summary.merge_all()
    unused = tf.get_variable("unused", [2])
    tf.train.AdamOptimizer().minimize(loss + tf.reduce_sum(unused), step, name="train_op")
    return x, words, y, ids


def extracted(graph, outputs):
    return [node.name for node in tf.graph_util.extract_sub_graph(graph.as_graph_def(), outputs).node]


def needed_by_state():
    """The nodes by which a loader knows the variables, tables and contexts of control flow of the outputs."""
    defs = [variable.to_proto() for variable in tf.global_variables()
            if variable.op.name.startswith(("dense/", "part/")) and "Adam" not in variable.op.name]
    names = [name for it in defs for name in (it.initializer_name, it.initial_value_name, it.snapshot_name)]
    names += [op.name for op in tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)]
    for context in tf.get_collection(tf.GraphKeys.COND_CONTEXT):
        if not context.name.startswith("gradients"):
            names += [context.pred.name, context.pivot.name]
    for context in tf.get_collection(tf.GraphKeys.WHILE_CONTEXT):
        if not context.name.startswith("gradients"):
            proto = context.to_proto()
            names += [proto.pivot_name, proto.pivot_for_pred_name, proto.pivot_for_body_name]
            # Those of counters are what a gradient has added.
            names += [name for name in proto.loop_exit_names if "f_count" not in name]
    return [name.split(":")[0] for name in names]


def write(out_dir):
    with tf.Graph().as_default() as graph, tf.Session(
            config=tf.ConfigProto(allow_soft_placement=True)) as session:
        tf.set_random_seed(1)
        x, words, y, ids = build()
        saver = tf.train.Saver()
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        kernel = next(v for v in tf.global_variables() if v.op.name == "dense/kernel")
        session.run(tf.assign_add(kernel, [[0.25, 0.5], [0.75, 1.0], [1.25, 1.5]], name="later"))
        prefix = os.path.join(out_dir, "model.ckpt")
        saver.save(session, prefix, write_state=False)
        # As `export_meta_graph` with `as_text`, which would serialize the maps in collections anew.
        meta_graph = tf.train.export_meta_graph(prefix + ".meta", saver_def=saver.saver_def)
        tf.train.write_graph(meta_graph, out_dir, "model.pbtxt", as_text=True)
        tf.train.write_graph(graph, out_dir, "graph.pb", as_text=False)
        tf.train.write_graph(graph, out_dir, "graph.pbtxt", as_text=True)
        feed = {x: [[1.0, 0.5, -1.0], [0.0, 0.125, 0.25]], words: ["b", "z", "a"]}
        values = session.run({"y": y, "ids": ids}, feed)
        wanted = [["y"], ["ids"], ["x", "words", "y", "ids"], ["dense/kernel"]]
        kept = {",".join(outputs): extracted(graph, outputs) for outputs in wanted}
        kept["module"] = extracted(graph, wanted[2] + needed_by_state())
    expected = {"kept": kept, "y": values["y"].tolist(), "ids": values["ids"].tolist()}
    with open(os.path.join(out_dir, "expected.json"), "w") as file:
        file.write(json.dumps(expected, indent=1) + "\n")

    model = saved_model_pb2.SavedModel()
    with open(os.path.join(ROOT, "tests/fixtures/saved_models/plain/saved_model.pb"), "rb") as file:
        model.ParseFromString(file.read())
    with open(os.path.join(out_dir, "plain.pbtxt"), "w") as file:
        file.write(text_format.MessageToString(model))


if __name__ == "__main__":
    write(os.path.abspath(sys.argv[1]))
