"""SavedModels, which hub and the crate make modules of.

The functions of the table build graphs whose sizes and values are drawn with seeds, and give their signatures:
{name: (inputs, outputs)}. What is equal to hub's module has to give the numbers of the SavedModel, too.
"""

import collections
import os
import shutil

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.ops import lookup_ops
from tensorflow.saved_model import PREDICT_METHOD_NAME
from tensorflow_hub import tensor_info

import canonical
import directories
import modules
import training
from cases import assets
from inputs import comparable, components, feeds, make_inputs, value_differences
from modules import RELEASE_ATOL
from using import IS_TF1, RELEASE_RTOL, Instance, sparse_placeholder

# How a SavedModel is written: `writer` is the function that does it, `init` the argument for an operation that
# initializes, `tags` the sets of tags, `drop` the collections that have to be dropped, `feeds` what is fed to inputs
# where drawn values would not do.
Case = collections.namedtuple("Case", "name build writer init tags strip drop seeds feeds")
TABLE = []
# Attributes that TensorFlow 1.15 refuses, though no result depends on them.
LATER_REMARKS = (("VarHandleOp", "debug_name"), ("AssignVariableOp", "validate_shape"))


def saved_model(writer="builder", init=None, tags=(("serve",),), strip=False, drop=(), seeds=2, feeds=None):
    def register(build):
        TABLE.append(Case(build.__name__, build, writer, init, tags, strip, drop, seeds, feeds))
        return build

    return register


def _variable(random, name, shape, dtype=tf.float32, **options):
    value = training.draw(random, tf.as_dtype(dtype).name, tuple(shape))
    options.setdefault("use_resource", bool(random.randint(2)))
    return tf.get_variable(name, initializer=tf.constant(value, dtype), **options)


def _dense(random, x, units, name="dense"):
    with tf.variable_scope(name):
        size = x.shape.as_list()[-1]
        return tf.matmul(x, _variable(random, "kernel", [size, units])) + _variable(random, "bias", [units])


def _sizes(random, count, at_most=9):
    return [int(size) for size in random.randint(1, at_most, count)]


@saved_model(writer="simple_save", seeds=4)
def network(random):
    sizes = _sizes(random, 2 + random.randint(4))
    x = y = tf.placeholder(tf.float32, [None, sizes[0]], name="x")
    for number, size in enumerate(sizes[1:]):
        activation = [tf.nn.relu, tf.tanh, tf.sigmoid, tf.nn.elu][random.randint(4)]
        y = activation(_dense(random, y, size, "layer_%d" % number))
    return {"serving_default": ({"x": x}, {"y": y})}


@saved_model(writer="simple_save")
def no_variables(random):
    x = tf.placeholder(tf.float32, [None] + _sizes(random, random.randint(3)))
    return {"serving_default": ({"x": x}, {"scaled": x * random.uniform(), "shape": tf.shape(x)})}


@saved_model(init="main_op", strip=True)
def several_signatures(random):
    inputs, units = _sizes(random, 2)
    x = tf.placeholder(tf.float32, [None, inputs])
    y = _dense(random, x, units)
    raw = tf.placeholder(tf.string, [None])
    numbers = tf.reshape(tf.strings.to_number(tf.strings.split([tf.constant("1 2 3")]).values), [-1])
    return {
        "serving_default": ({"x": x}, {"y": y, "classes": tf.argmax(y, 1)}),
        "length": ({"raw": raw}, {"length": tf.strings.length(raw)}),
        "hidden": ({"x": x}, {"hidden": tf.nn.softmax(y)}),
        "constant": ({}, {"numbers": numbers}),
    }


@saved_model(init="legacy_init_op", seeds=1)
def tables(random):
    words = tf.constant([b"a", b"", b"two words", b"\xc3\xa9"])
    values = tf.constant(random.randint(0, 5, 4), tf.int64)
    initializer = tf.lookup.KeyValueTensorInitializer(words, values)
    table = tf.lookup.StaticHashTable(initializer, 4)
    x = tf.placeholder(tf.string, [None])
    embedding = _variable(random, "embedding", [5, 3])
    return {"serving_default": ({"x": x}, {"y": tf.nn.embedding_lookup(embedding, table.lookup(x))})}


@saved_model(init="main_op", seeds=3)
def in_parts(random):
    rows, columns = _sizes(random, 2)
    count = int(random.randint(1, rows + 1))
    # TensorFlow 2.15 saves parts of resource variables with an op that 1.15 lacks.
    use_resource = IS_TF1 and bool(random.randint(2))
    ids = tf.placeholder(tf.int32, [None])
    values = training.draw(random, "float32", (rows, columns))

    def initial(shape, dtype=None, partition_info=None):
        offset = partition_info.var_offset[0]
        return tf.constant(values[offset : offset + shape[0]])

    partitioner = tf.fixed_size_partitioner(count)
    with tf.variable_scope("scope", partitioner=partitioner, use_resource=use_resource):
        table = tf.get_variable("table", [rows, columns], initializer=initial)
    y = tf.nn.embedding_lookup(table, tf.math.floormod(ids, rows), partition_strategy="div")
    return {"serving_default": ({"ids": ids}, {"y": y + _variable(random, "bias", [columns])})}


@saved_model(seeds=2)
def dtypes(random):
    outputs = {}
    for dtype in ("float16", "float32", "float64", "int32", "int64", "uint8", "int8", "int16", "bool", "complex64"):
        for number in range(2):
            shape = _sizes(random, random.randint(3), 4)
            name = "%s_%d" % (dtype, number)
            outputs[name] = tf.identity(_variable(random, name, shape, dtype, trainable=False))
    outputs["words"] = tf.identity(tf.get_variable("words", initializer=tf.constant([b"a", b""]), use_resource=False))
    return {"serving_default": ({}, outputs)}


@saved_model(tags=(("serve",), ("train", "gpu"), ()), init="main_op", strip=True)
def several_graphs(random):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    y = _dense(random, x, 3)
    loss = tf.nn.l2_loss(y, name="loss")
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, loss)
    return {"serving_default": ({"x": x}, {"y": y, "loss": loss})}


@saved_model(drop=("train_op", "losses", "local_variables", "metric_variables", "my_own"))
def trained(random):
    x = tf.placeholder(tf.float32, [None, 5], name="x")
    step = tf.train.get_or_create_global_step()
    y = _dense(random, tf.nn.relu(_dense(random, x, 6, "one")), 2, "two")
    loss = tf.losses.mean_squared_error(tf.zeros_like(y), y)
    optimizer = [tf.train.AdamOptimizer, tf.train.MomentumOptimizer][random.randint(2)]
    arguments = (0.1,) if optimizer is tf.train.AdamOptimizer else (0.1, 0.9)
    train = optimizer(*arguments).minimize(loss, global_step=step)
    tf.add_to_collection("train_op", train)
    tf.metrics.mean(loss)
    tf.add_to_collection("my_own", y)
    return {"serving_default": ({"x": x}, {"y": y})}


@saved_model(seeds=1)
def control_flow(random):
    # TensorFlow 1.15 has the loops of later releases, but not all attributes in the functions that these make of them.
    tf.disable_control_flow_v2()
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    weights = _variable(random, "weights", [3, 3])
    doubled = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.matmul(x, weights), lambda: -x)
    _, powers = tf.while_loop(lambda i, _: i < 4, lambda i, value: (i + 1, tf.matmul(value, weights)), [0, x])
    rows = tf.map_fn(lambda row: row * 2.0 + tf.reduce_sum(row), x)
    return {"serving_default": ({"x": x}, {"doubled": doubled, "powers": powers, "rows": rows})}


@saved_model(seeds=1)
def library_functions(random):
    x = tf.placeholder(tf.float32, [None, 3], name="x")

    @function.Defun(tf.float32, tf.float32, func_name="scaled_by_%d" % random.randint(9))
    def scaled(a, b):
        return tf.nn.relu(a) * b, tf.reduce_sum(a)

    weights = tf.identity(_variable(random, "weights", [3]))
    y, total = scaled(x, weights)
    return {"serving_default": ({"x": x}, {"y": y, "total": total})}


@saved_model(seeds=2)
def images(random):
    size, channels, filters = _sizes(random, 3, 5)
    x = tf.placeholder(tf.float32, [2, 8, 8, channels], name="x")
    kernel = _variable(random, "kernel", [size, size, channels, filters])
    y = tf.nn.conv2d(x, kernel, strides=[1, 2, 2, 1], padding="SAME")
    mean, variance = tf.nn.moments(y, [0, 1, 2])
    moving = _variable(random, "moving_mean", [filters], trainable=False, use_resource=True)
    update = tf.assign(moving, moving * 0.9 + mean * 0.1)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update.op if hasattr(update, "op") else update)
    y = tf.nn.batch_normalization(y, moving, tf.square(variance) + 1.0, None, None, 1e-3)
    return {"serving_default": ({"x": x}, {"y": tf.nn.max_pool(y, 2, 2, "VALID")})}


@saved_model(seeds=1)
def placed(random):
    with tf.device("/cpu:0"):
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        y = _dense(random, x, 2)
    with tf.device("/device:CPU:0"), tf.name_scope("scope"):
        scale = _variable(random, "scale", [2], use_resource=True)
    return {"serving_default": ({"x": x}, {"y": y * scale})}


@saved_model(seeds=1)
def shapes_unknown(random):
    x = tf.placeholder(tf.float32, None, name="x")
    label = tf.placeholder_with_default(tf.constant([1, 2]), [None], name="label")
    scale = _variable(random, "scale", [])
    return {"serving_default": ({"x": x, "label": label}, {"y": x * scale, "label": label + 1})}


WORDS = [b"cat", b"chat", b"dog", b"sat"]


def _content(path):
    """What is in an asset that fills no table."""
    asset = tf.constant(path)
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, asset)
    return tf.read_file(asset)


@saved_model(init="main_op", feeds={"words": WORDS, "ids": [3, 0, 9, -1]})
def vocabulary(random):
    words = tf.placeholder(tf.string, [None], name="words")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    buckets, size = int(random.randint(1, 4)), int(random.randint(2, 5))
    table = lookup_ops.index_table_from_file(assets.WORDS, num_oov_buckets=buckets, vocab_size=size)
    names = lookup_ops.index_to_string_table_from_file(assets.WORDS)
    embedding = _variable(random, "embedding", [size + buckets, 3])
    return {
        "serving_default": ({"words": words}, {"y": tf.nn.embedding_lookup(embedding, table.lookup(words))}),
        "names": ({"ids": ids}, {"words": names.lookup(ids)}),
    }


@saved_model(init="legacy_init_op", strip=True, seeds=1, feeds={"words": WORDS})
def assets_of_one_name(random):
    """Two files of one name, one of them read twice, and another one."""
    words = tf.placeholder(tf.string, [None], name="words")
    paths = assets.WORDS, assets.OTHER_WORDS, assets.WORDS
    ids = [lookup_ops.index_table_from_file(path).lookup(words) for path in paths]
    return {"serving_default": ({"words": words}, {"ids": tf.stack(ids), "animals": _content(assets.ANIMALS)})}


@saved_model(writer="simple_save", seeds=1, feeds={"words": WORDS})
def asset_and_network(random):
    words = tf.placeholder(tf.string, [None], name="words")
    columns = tf.lookup.TextFileInitializer(assets.ANIMALS, tf.string, 0, tf.float32, 2, delimiter=",")
    weights = tf.lookup.StaticHashTable(columns, 0.5).lookup(words)
    return {"serving_default": ({"words": words}, {"y": _dense(random, weights[:, tf.newaxis], 3)})}


@saved_model(tags=(("serve",), ("train",)), init="main_op", seeds=1, feeds={"words": WORDS})
def assets_in_several_graphs(random):
    words = tf.placeholder(tf.string, [None], name="words")
    text = _content(assets.NUMBERED_WORDS)
    ids = lookup_ops.index_table_from_file(assets.OTHER_WORDS, default_value=-5).lookup(words)
    return {"serving_default": ({"words": words}, {"ids": ids, "text": text})}


@saved_model()
def sparse(random):
    rows, columns = _sizes(random, 2)
    x = tf.sparse_placeholder(tf.float32, [rows, columns], name="x")
    product = tf.sparse.sparse_dense_matmul(x, _variable(random, "kernel", [columns, 3]))
    ids = tf.sparse_placeholder(tf.int64, name="ids")
    more = tf.SparseTensor(ids.indices, ids.values + 1, ids.dense_shape)
    words = sparse_placeholder(tf.string, tf.TensorShape([None, None]))
    text = {"dense": tf.sparse.to_dense(words, b"-"), "swapped": tf.sparse.transpose(words)}
    return {
        "serving_default": ({"x": x, "ids": ids}, {"product": product, "more": more}),
        "text": ({"words": words}, text),
    }


@saved_model()
def ragged(random):
    x = tf.ragged.placeholder(tf.float32, 1, [])
    vectors = tf.ragged.placeholder(tf.float64, 1, [2])
    outputs = {"scaled": x * _variable(random, "scale", []), "sums": tf.reduce_sum(x, 1), "sparse": x.to_sparse()}
    return {
        "serving_default": ({"x": x}, outputs),
        "vectors": ({"vectors": vectors}, {"vectors": vectors, "means": tf.reduce_mean(vectors, 1)}),
    }


def _names():
    """[(name, case)], with one name for each seed."""
    return [("%s_%d" % (case.name, seed), case) for case in TABLE for seed in range(case.seeds)]


def _inputs_case(name, case):
    """What draws the inputs of a SavedModel."""
    return modules.make_case(name, None, feeds=case.feeds)


def _save(path, name, case):
    random = training.seeded("saved_model", name)
    with tf.Graph().as_default(), tf.Session() as session:
        signatures = case.build(random)
        session.run(tf.global_variables_initializer())
        session.run([tf.local_variables_initializer(), tf.tables_initializer()])
        _store_results(path + ".npz", _inputs_case(name, case), session, signatures)
        if case.writer == "simple_save":
            ((inputs, outputs),) = signatures.values()
            tf.saved_model.simple_save(session, path, inputs, outputs)
            return
        infos = {
            key: tf.saved_model.build_signature_def(_infos(inputs), _infos(outputs), PREDICT_METHOD_NAME)
            for key, (inputs, outputs) in signatures.items()
        }
        files = tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS)
        options = {"assets_collection": files, "strip_default_attrs": case.strip}
        init = {}
        if case.init:
            init[case.init] = tf.group(tf.tables_initializer(), name="init_all_tables")
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        builder.add_meta_graph_and_variables(session, list(case.tags[0]), infos, **dict(options, **init))
        for tags in case.tags[1:]:
            builder.add_meta_graph(list(tags), infos, **options)
        builder.save()


def _store_results(path, case, session, signatures):
    """Writes inputs and outputs of all signatures, for modules that another release runs."""
    arrays = {}
    for key, (inputs, outputs) in signatures.items():
        results = session.run(components(outputs), feeds(inputs, _make_inputs(case, key, _infos(inputs))))
        arrays.update({"%s/%s" % (key, output): comparable(value) for output, value in results.items()})
    np.savez(path, **arrays)


def _make_inputs(case, key, infos):
    return make_inputs(case, key, tensor_info.parse_tensor_info_map(infos))


def _infos(tensors):
    return {key: tf.saved_model.build_tensor_info(tensor) for key, tensor in tensors.items()}


def write(directory, reference):
    root = os.path.join(directory, "saved_models")
    os.makedirs(root)
    for name, case in _names():
        path = os.path.join(root, name)
        _save(path, name, case)
        if case.drop:
            with open(path + ".drop", "w") as file:
                file.writelines(key + "\n" for key in case.drop)
        spec = hub.create_module_spec_from_saved_model(path, drop_collections=case.drop)
        with tf.Graph().as_default(), tf.Session() as session:
            module = hub.Module(spec, tags=set(case.tags[0]))
            session.run(tf.global_variables_initializer())
            module.export(os.path.join(directory, "python", "saved_models", name), session)


def check(report, directory, reference, examples):
    for name, case in _names():
        label = "%s SavedModel tf%s" % (name, tf.__version__)
        ours = os.path.join(directory, "ours", "saved_models", name)
        python = os.path.join(directory, "python", "saved_models", name)
        for kind in ("export", "checkpoint"):
            pair = os.path.join(ours, kind), python
            report.check("%s %s" % (label, kind), _differences, *pair)
        for tags in case.tags:
            path = os.path.join(directory, "saved_models", name)
            arguments = _inputs_case(name, case), set(tags), os.path.join(ours, "export"), python, path
            report.check("%s run [%s]" % (label, ",".join(tags)), _run, *arguments)
    _check_other_releases(report, directory)


def _check_other_releases(report, directory):
    """Modules of SavedModels that another release wrote give the numbers that it gave."""
    parent, own = os.path.split(directory)
    for other in sorted(set(os.listdir(parent)) - {own}):
        root = os.path.join(parent, other)
        for name, case in _names():
            label = "%s SavedModel written by %s, run by tf%s" % (name, other, tf.__version__)
            report.check(label, _run_other, root, _inputs_case(name, case), set(case.tags[0]))


def _run_other(root, case, tags):
    module = os.path.join(root, "ours", "saved_models", case.name, "export")
    values = Instance(case, module, tags, trainable=False).run()
    with np.load(os.path.join(root, "saved_models", case.name + ".npz")) as stored:
        expected = {key: stored[key] for key in stored.files}
    values = {key: value for key, value in values.items() if not key.startswith("loss ")}
    return value_differences(values, expected, RELEASE_RTOL, RELEASE_ATOL)


def _differences(ours, python):
    """What is not equal in two directories, but for remarks of later releases, which the crate leaves out."""
    scratch = python + ".without_remarks"
    if not os.path.exists(scratch):
        shutil.copytree(python, scratch)
        message = canonical.read(python)
        for meta in message.meta_graphs:
            nodes = list(meta.graph_def.node)
            for body in meta.graph_def.library.function:
                nodes.extend(body.node_def)
            for node in nodes:
                for op, name in LATER_REMARKS:
                    if node.op == op:
                        node.attr.pop(name, None)
        with open(os.path.join(scratch, "saved_model.pb"), "wb") as file:
            file.write(message.SerializeToString())
    return directories.directory_differences(ours, scratch)


def _run(case, tags, ours, python, path):
    """The modules give the same numbers, and those of the SavedModel."""
    found = []
    for trainable in (False, True):
        ours_instance, pythons = (Instance(case, module, tags, trainable) for module in (ours, python))
        values = ours_instance.run()
        found += value_differences(values, pythons.run())
        found += value_differences(_variables(ours_instance), _variables(pythons))
    with tf.Graph().as_default() as graph, tf.Session() as session:
        meta_graph = tf.saved_model.loader.load(session, sorted(tags), path)
        # `simple_save` leaves that to its readers.
        session.run(tf.tables_initializer())
        for key, signature in sorted(meta_graph.signature_def.items()):
            if key.startswith("__saved_model_"):
                continue
            ends = signature.inputs, signature.outputs
            inputs, outputs = (tensor_info.build_output_map(infos, graph.get_tensor_by_name) for infos in ends)
            arrays = _make_inputs(case, key, signature.inputs)
            expected = session.run(components(outputs), feeds(inputs, arrays))
            got = {name: values["%s/%s" % (key, name)] for name in expected}
            found += value_differences(got, expected)
    return found


def _variables(instance):
    """{name: value} of all variables, each part of one for itself."""
    with instance.graph.as_default():
        return instance.session.run({variable.name: variable for variable in tf.global_variables()})
