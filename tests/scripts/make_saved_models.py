"""Writes the SavedModels of tests/fixtures/saved_models, and in hub.* what hub writes for modules made of them.

Run with TensorFlow 1.15.5 and tensorflow_hub 0.12.0: python make_saved_models.py OUT_DIR [NAME...]

With --hub before the names, only hub.saved_model.pb is written, of the SavedModels that are there.
"""

import os
import shutil
import sys

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.ops import lookup_ops

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
VOCABULARIES = "tests/conformance/assets/"
# The collection of operations that run after the initializers.
GROWN = "grown"

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


def control_flow():
    """Conditionals and loops of the first version, also inside of each other, in the order of a program."""
    x = tf.placeholder(tf.float32, [None, 3, 2], name="x")
    n = tf.reduce_sum(tf.cast(x, tf.int32))
    chosen = tf.cond(n > 3, lambda: x * 2.0, lambda: tf.cond(n > 1, lambda: x, lambda: -x))
    _, looped = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.cond(i > 1, lambda: y + 1.0, lambda: y)), (0, chosen))
    mapped = tf.map_fn(lambda row: row + 1.0, looped)
    cell = tf.nn.rnn_cell.BasicRNNCell(2)
    outputs, _ = tf.nn.dynamic_rnn(cell, mapped, dtype=tf.float32)
    return {"x": x}, {"y": tf.identity(outputs, name="y")}


def functions():
    """Functions, one with a gradient of its own."""
    x = tf.placeholder(tf.float32, [None], name="x")

    @function.Defun(tf.float32, tf.float32, func_name="gradient")
    def gradient(x, dy):
        return dy * tf.reduce_mean(x)

    @function.Defun(tf.float32, func_name="zfunction", grad_func=gradient)
    def forward(x):
        return tf.matmul(tf.expand_dims(x, 0), tf.expand_dims(x, 1))

    @function.Defun(tf.float32, func_name="afunction")
    def outer(x):
        return forward(x) + 1.0

    y = tf.identity(outer(x), name="y")
    return {"x": x}, {"y": y, "dy": tf.gradients(forward(x), x)[0]}


def wider():
    """Shapes in the file that are wider than those that are inferred, and other spellings that programs may choose."""
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    with tf.device("/device:CPU:0"):
        split = tf.split(tf.nn.relu(x), 3, axis=1)
    with tf.control_dependencies([tf.no_op(name="b"), tf.no_op(name="a")]):
        y = tf.add(split[2], split[0], name="y")
    return {"x": x}, {"y": y}


def widened(saved_model):
    meta_graph_def = saved_model.meta_graphs[0]
    for node in meta_graph_def.graph_def.node:
        if node.op == "Relu":
            node.attr["_output_shapes"].list.shape[0].dim[0].size = -1
            node.experimental_debug_info.original_node_names.append("before")
        elif node.op == "Const":
            del node.attr["_output_shapes"]
        elif node.op == "Split":
            node.attr["_output_shapes"].list.shape[1].unknown_rank = True
            del node.attr["_output_shapes"].list.shape[1].dim[:]
            node.attr["_mine"].s = b"kept"
            node.device = "/cpu:0"
        elif node.name == "y":
            node.input[:] = ["split:2", "split:0", "^b", "^a"]
        elif node.name == "x":
            node.attr["_output_shapes"].list.shape[0].dim[1].name = "features"
    meta_graph_def.graph_def.node.sort(key=lambda node: node.name, reverse=True)
    signature = meta_graph_def.signature_def["serving_default"]
    signature.outputs["y"].tensor_shape.dim[0].size = -1
    signature.inputs["x"].ClearField("tensor_shape")
    meta_graph_def.collection_def["regularization_losses"].node_list.SetInParent()
    meta_graph_def.meta_info_def.meta_graph_version = "mine"
    meta_graph_def.graph_def.ClearField("library")


def unknown():
    """Variables whose shapes the graph does not know, with values of other shapes than they started from."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    rows = tf.placeholder_with_default([[1.0, 2.0]], [None, 2])
    w = tf.get_variable("w", initializer=rows, use_resource=True)
    v = tf.get_variable("v", initializer=tf.placeholder_with_default(1.0, None), use_resource=True)
    old = tf.Variable([0.5, 0.25], name="old", validate_shape=False, use_resource=False)
    grown = [
        w.assign([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        v.assign([[7.0], [8.0], [9.0]]),
        tf.assign(old, [[10.0, 11.0, 12.0]], validate_shape=False),
    ]
    tf.add_to_collection(GROWN, tf.group(grown))
    return {"x": x}, {"y": tf.identity(tf.matmul(x, w, transpose_b=True) + tf.reshape(v, [-1]) + old, name="y")}


def exported_by_hub(path, directory):
    """Has hub export the module of a SavedModel; gives its SavedModel."""
    with tf.Graph().as_default(), tf.Session() as session:
        module = hub.Module(hub.create_module_spec_from_saved_model(path), tags={"serve"})
        session.run(tf.global_variables_initializer())
        module.export(directory, session)
    return canonical.read(directory)


def rewrite(path, change):
    saved_model = canonical.read(path)
    change(saved_model)
    with open(os.path.join(path, "saved_model.pb"), "wb") as file:
        file.write(canonical.canonical_bytes(saved_model))


def write(out_dir, build):
    path = os.path.join(out_dir, build.__name__)
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, outputs = build()
        session.run(tf.global_variables_initializer())
        session.run(tf.get_collection_ref(GROWN))
        tf.get_default_graph().clear_collection(GROWN)
        signature = tf.saved_model.signature_def_utils.predict_signature_def(inputs, outputs)
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=tf.no_op(name="main"),
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS))
        builder.save()
    if build in (control_flow, functions):
        rewrite(path, lambda _: None)
    elif build is wider:
        rewrite(path, widened)
    write_hubs(path, True)


def write_hubs(path, all_files):
    module_path = path + ".module"
    saved_model = exported_by_hub(path, module_path)
    for folder in ("variables", "assets") if all_files else ():
        folder_path = os.path.join(module_path, folder)
        for file in os.listdir(folder_path) if os.path.isdir(folder_path) else ():
            shutil.move(os.path.join(module_path, folder, file), os.path.join(path, "hub." + file))
    with open(os.path.join(path, "hub.saved_model.pb"), "wb") as file:
        file.write(canonical.canonical_bytes(saved_model))
    shutil.rmtree(module_path)


if __name__ == "__main__":
    out_dir = os.path.abspath(sys.argv[1])
    builds = (plain, partitioned, assets, composite, control_flow, functions, wider, unknown)
    names = [name for name in sys.argv[2:] if name != "--hub"]
    os.chdir(ROOT)
    for build in builds:
        if not names or build.__name__ in names:
            if "--hub" in sys.argv:
                write_hubs(os.path.join(out_dir, build.__name__), False)
            else:
                write(out_dir, build)
