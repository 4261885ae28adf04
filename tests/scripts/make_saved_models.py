"""Writes the SavedModels of tests/fixtures/saved_models, and in hub.* what hub writes for modules made of them.

Run with TensorFlow 1.15.5 and tensorflow_hub 0.12.0: python make_saved_models.py OUT_DIR
"""

import os
import shutil
import sys

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import meta_graph
from tensorflow.python.ops import lookup_ops

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
VOCABULARIES = "tests/conformance/assets/"

sys.path.append(os.path.join(ROOT, "tests", "conformance"))

import canonical


def plain():
    """Reference variables, a training step, and an operation that initializes."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    tf.train.get_or_create_global_step()
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w", use_resource=False)
    b = tf.Variable([5.0, 6.0], name="b", use_resource=False, trainable=False)
    y = tf.add(tf.matmul(x, w), b, name="y")
    return {"x": x}, {"y": y}


def partitioned():
    """A resource variable in pieces, which go to a shard of their own."""
    x = tf.placeholder(tf.int32, [None], name="x")
    scope = tf.variable_scope("m", use_resource=True, partitioner=tf.fixed_size_partitioner(3))
    with scope:
        init = lambda shape, dtype, partition_info: tf.ones(shape, dtype) * partition_info.var_offset[0]
        table = tf.get_variable("table", [5, 2], initializer=init)
    with tf.variable_scope("n", use_resource=True):
        bias = tf.get_variable("bias", initializer=tf.constant([1.0, 2.0]))
    y = tf.nn.embedding_lookup(table, x, partition_strategy="div") + bias
    return {"x": x}, {"y": y}


def assets():
    """Two files of one name, one of them read twice, and one that fills no table."""
    x = tf.placeholder(tf.string, [None], name="x")
    names = ("words.txt", "other/words.txt", "words.txt")
    tables = [lookup_ops.index_table_from_file(VOCABULARIES + name) for name in names]
    y = tf.stack([table.lookup(x) for table in tables], name="y")
    animals = tf.constant(VOCABULARIES + "animals.csv", name="animals")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, animals)
    return {"x": x}, {"y": y, "animals": tf.read_file(animals)}


def composite():
    """Sparse and ragged tensors as inputs and outputs."""
    x = tf.sparse_placeholder(tf.float32, [3, 2], name="x")
    rows = tf.ragged.placeholder(tf.int64, 1, [], name="rows")
    negated = tf.SparseTensor(x.indices, tf.negative(x.values, name="negated"), x.dense_shape)
    return {"x": x, "rows": rows}, {"negated": negated, "rows": rows, "lengths": rows.row_lengths()}


def exported_by_hub(path, directory):
    """Has hub export the module of a SavedModel; gives its SavedModel as the crate writes it.

    hub copies graphs that it did not build, and leaves attributes that have their defaults in them.
    """
    with tf.Graph().as_default(), tf.Session() as session:
        module = hub.Module(hub.create_module_spec_from_saved_model(path), tags={"serve"})
        session.run(tf.global_variables_initializer())
        module.export(directory, session)
    saved_model = canonical.read(directory)
    saved_model.saved_model_schema_version = 0
    for graph in saved_model.meta_graphs:
        meta_graph.strip_graph_default_valued_attrs(graph)
        graph.meta_info_def.stripped_default_attrs = True
    return saved_model


def write(out_dir, build):
    path = os.path.join(out_dir, build.__name__)
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, outputs = build()
        session.run(tf.global_variables_initializer())
        signature = tf.saved_model.signature_def_utils.predict_signature_def(inputs, outputs)
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=tf.no_op(name="main"),
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS))
        builder.save()
    module_path = path + ".module"
    saved_model = exported_by_hub(path, module_path)
    for folder in ("variables", "assets"):
        for file in os.listdir(os.path.join(module_path, folder)):
            shutil.move(os.path.join(module_path, folder, file), os.path.join(path, "hub." + file))
    with open(os.path.join(path, "hub.saved_model.pb"), "wb") as file:
        file.write(canonical.canonical_bytes(saved_model))
    shutil.rmtree(module_path)


if __name__ == "__main__":
    out_dir = os.path.abspath(sys.argv[1])
    os.chdir(ROOT)
    for build in (plain, partitioned, assets, composite):
        write(out_dir, build)
