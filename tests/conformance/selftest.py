"""Shows that the checks see what they should: changes copies of exported modules and expects to be told.

    selftest.py REFERENCE        REFERENCE holds the modules that `reference.py export` wrote
"""

import contextlib
import io
import os
import shutil
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

import canonical
import columns
import directories
import graphs
import modules
import program_text
import programs
import using
from inputs import value_differences
from report import Report

# (label, module, function that changes the copy, text expected among the differences)
CHANGES = []
# The same with changes that have to go unnoticed.
HARMLESS = []


def change(module, expected):
    """Registers a function that changes a directory."""

    def register(function):
        CHANGES.append((function.__name__, module, function, expected))
        return function

    return register


def graph_change(module, expected):
    """Registers a function that changes the first MetaGraphDef."""

    def register(function):
        def change_directory(directory):
            saved_model = canonical.read(directory)
            function(saved_model.meta_graphs[0])
            write(directory, "saved_model.pb", saved_model.SerializeToString())

        CHANGES.append((function.__name__, module, change_directory, expected))
        return function

    return register


def write(directory, path, data):
    with open(os.path.join(directory, path), "wb") as file:
        file.write(data)


def node(meta_graph, name):
    return next(node for node in meta_graph.graph_def.node if node.name == name)


@graph_change("dense", "meta_graph [] node dense/MatMul attr transpose_a: ours {b: true}, python's absent")
def attr_added(meta_graph):
    node(meta_graph, "dense/MatMul").attr["transpose_a"].b = True


@graph_change("dense", "meta_graph [] node dense/MatMul attr T: ours {type: DT_DOUBLE}, python's {type: DT_FLOAT}")
def attr_changed(meta_graph):
    node(meta_graph, "dense/MatMul").attr["T"].type = 2


@graph_change("dense", "meta_graph [] node Placeholder attr shape: ours")
def shape_changed(meta_graph):
    node(meta_graph, "Placeholder").attr["shape"].shape.dim[1].size = 51


@graph_change("dense", "meta_graph [] node dense_1/BiasAdd attr _output_shapes: ours")
def output_shape_lost(meta_graph):
    node(meta_graph, "dense_1/BiasAdd").attr["_output_shapes"].list.shape[0].dim[0].size = 1


@graph_change("constants_all_dtypes", "node float32_vector attr value")
def sign_of_zero(meta_graph):
    tensor = node(meta_graph, "float32_vector").attr["value"].tensor
    tensor.tensor_content = tensor.tensor_content.replace(b"\0\0\0\x80", b"\0\0\0\0")


@graph_change("dense", "meta_graph [] node dense/kernel/Initializer/random_uniform/RandomUniform attr seed2")
def seed_changed(meta_graph):
    node(meta_graph, "dense/kernel/Initializer/random_uniform/RandomUniform").attr["seed2"].i += 1


@graph_change("dense", "meta_graph [] node dense/MatMul input: ours")
def inputs_swapped(meta_graph):
    inputs = node(meta_graph, "dense/MatMul").input
    inputs[0], inputs[1] = inputs[1], inputs[0]


@graph_change("control_inputs", "meta_graph [] node default input: ours")
def control_input_lost(meta_graph):
    del node(meta_graph, "default").input[-1]


@graph_change("devices", "meta_graph [] node cpu device: ours '/device:CPU:1', python's '/device:CPU:0'")
def device_changed(meta_graph):
    node(meta_graph, "cpu").device = "/device:CPU:1"


@graph_change("dense", "meta_graph [] node order from position 9")
def nodes_reordered(meta_graph):
    nodes = list(meta_graph.graph_def.node)
    nodes[9], nodes[10] = nodes[10], nodes[9]
    del meta_graph.graph_def.node[:]
    meta_graph.graph_def.node.extend(nodes)


@graph_change("dense", "meta_graph [] node dense_1/bias/Read/ReadVariableOp (ReadVariableOp): missing")
def node_removed(meta_graph):
    meta_graph.graph_def.node.remove(node(meta_graph, "dense_1/bias/Read/ReadVariableOp"))


@graph_change("dense", "meta_graph [] graph versions producer: ours 133, python's 134")
def producer_changed(meta_graph):
    meta_graph.graph_def.versions.producer = 133


@graph_change("dense", "meta_graph [] op MatMul (): missing")
def op_removed(meta_graph):
    ops = meta_graph.meta_info_def.stripped_op_list.op
    ops.remove(next(op for op in ops if op.name == "MatMul"))


@graph_change("dense", "meta_graph [] meta_info_def tensorflow_version")
def version_changed(meta_graph):
    meta_graph.meta_info_def.tensorflow_version = "1.15.4"


@graph_change("dense", "meta_graph [] collection variables item 0")
def variable_not_trainable(meta_graph):
    values = meta_graph.collection_def["variables"].bytes_list.value
    variable = canonical.BYTES_COLLECTIONS["variables"]()
    variable.ParseFromString(values[0])
    variable.trainable = False
    values[0] = variable.SerializeToString()


@graph_change("dense_l2", "meta_graph [] collection regularization_losses: missing")
def collection_removed(meta_graph):
    del meta_graph.collection_def["regularization_losses"]


@graph_change("collections_", "meta_graph [] collection update_ops item 1")
def collection_item_changed(meta_graph):
    meta_graph.collection_def["update_ops"].node_list.value[1] = "update_op:0"


@graph_change("dense", "meta_graph [] signature default outputs hidden_activations")
def signature_changed(meta_graph):
    meta_graph.signature_def["default"].outputs["hidden_activations"].name = "dense/MatMul:0"


@graph_change("several_signatures", "meta_graph [] signature pair: missing")
def signature_removed(meta_graph):
    del meta_graph.signature_def["pair"]


@change("train_and_infer_tags", "tag sets in order")
def meta_graphs_reordered(directory):
    saved_model = canonical.read(directory)
    graphs = list(saved_model.meta_graphs)
    del saved_model.meta_graphs[:]
    saved_model.meta_graphs.extend(graphs[1:] + graphs[:1])
    write(directory, "saved_model.pb", saved_model.SerializeToString())


@change("dense", "saved_model: the canonical bytes differ")
def unknown_field(directory):
    data = directories.read(os.path.join(directory, "saved_model.pb"))
    write(directory, "saved_model.pb", data + b"\x98\x06\x01")


@change("dense", "variables/variables.data-00000-of-00001: first at byte 1000 of")
def weight_byte(directory):
    path = "variables/variables.data-00000-of-00001"
    data = bytearray(directories.read(os.path.join(directory, path)))
    data[1000] ^= 1
    write(directory, path, bytes(data))


@change("dense", "variables/variables.index: first at byte 40 of")
def index_byte(directory):
    path = "variables/variables.index"
    data = bytearray(directories.read(os.path.join(directory, path)))
    data[40] ^= 1
    write(directory, path, bytes(data))


@change("dense", "tfhub_module.pb: ours has 4 bytes, python's 2")
def module_definition(directory):
    write(directory, "tfhub_module.pb", b"\x08\x03\x12\x00")


@change("dense", "extra: only in ours")
def extra_file(directory):
    write(directory, "extra", b"")


@change("dense", "assets: missing")
def assets_folder_missing(directory):
    os.rmdir(os.path.join(directory, "assets"))


@graph_change("assets_of_one_name", "meta_graph [] node a attr value: ours")
def path_of_asset_kept(meta_graph):
    node(meta_graph, "a").attr["value"].tensor.string_val[0] = b"/home/words.txt"


@graph_change("assets_of_one_name", "meta_graph [] collection saved_model_assets item 0")
def assets_reordered(meta_graph):
    values = list(meta_graph.collection_def["saved_model_assets"].any_list.value)
    del meta_graph.collection_def["saved_model_assets"].any_list.value[:]
    meta_graph.collection_def["saved_model_assets"].any_list.value.extend(values[::-1])


@change("vocabulary", "assets/words.txt: first at byte 3 of")
def asset_byte(directory):
    data = bytearray(directories.read(os.path.join(directory, "assets", "words.txt")))
    data[3] ^= 1
    write(directory, "assets/words.txt", bytes(data))


@change("dense", "saved_model.pb: mode -rw-------")
def file_mode(directory):
    os.chmod(os.path.join(directory, "saved_model.pb"), 0o600)


def harmless(module):
    def register(function):
        HARMLESS.append((function.__name__, module, function))
        return function

    return register


@harmless("train_and_infer_tags")
def tags_reordered(directory):
    saved_model = canonical.read(directory)
    tags = saved_model.meta_graphs[2].meta_info_def.tags
    tags[0], tags[1] = tags[1], tags[0]
    write(directory, "saved_model.pb", saved_model.SerializeToString())


@harmless("dense")
def maps_sorted(directory):
    write(directory, "saved_model.pb", canonical.to_bytes(canonical.read(directory)))


def expect_differences(reference, name, function, expected):
    with copied(reference, name) as directory:
        function(directory)
        found = directories.directory_differences(directory, os.path.join(reference, name))
    return [] if any(expected in line for line in found) else ["expected %r among:" % expected] + found


def expect_none(reference, name, function):
    with copied(reference, name) as directory:
        function(directory)
        return directories.directory_differences(directory, os.path.join(reference, name))


@contextlib.contextmanager
def copied(reference, name):
    """A scratch copy of one exported module."""
    scratch = tempfile.mkdtemp()
    try:
        directory = os.path.join(scratch, name)
        shutil.copytree(os.path.join(reference, name), directory)
        yield directory
    finally:
        shutil.rmtree(scratch)


def expect_use_fails(reference, name, old_op, new_op, step):
    """A module that computes another function, or trains otherwise, fails in `use`."""
    with copied(reference, name) as directory:
        saved_model = canonical.read(directory)
        for meta_graph in saved_model.meta_graphs:
            for changed in meta_graph.graph_def.node:
                changed.op = new_op if changed.op == old_op else changed.op
            for op in meta_graph.meta_info_def.stripped_op_list.op:
                op.name = new_op if op.name == old_op else op.name
            if old_op in meta_graph.collection_def:
                del meta_graph.collection_def[old_op]
        write(directory, "saved_model.pb", saved_model.SerializeToString())
        report, parent = Report(), os.path.dirname(directory)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            using.use(report, parent, reference, os.path.join(parent, "results"), modules.select([name]))
    lines = [line for line in output.getvalue().splitlines() if line.startswith("FAIL") and line.endswith(step)]
    return [] if lines else ["no FAIL of %r in:" % step] + output.getvalue().splitlines()


def expect_column_fails(reference, name, kind):
    """A module whose vectors are of unknown size is no feature column, which Python's is."""
    with copied(reference, name) as directory:
        saved_model = canonical.read(directory)
        for meta_graph in saved_model.meta_graphs:
            meta_graph.signature_def["default"].outputs["default"].tensor_shape.dim[1].size = -1
        write(directory, "saved_model.pb", saved_model.SerializeToString())
        (case,) = modules.select([name])
        found = columns.differences(*using.pair(case, set(), directory, reference, False))
    expected = [line for line in found if line.startswith(kind + " column") and line.endswith("python's a column")]
    return [] if expected else ["the %s column was taken:" % kind] + found


def expect_values():
    """Comparison of numbers: bits, signs of zero, NaNs, dtypes, shapes, strings, tolerance."""
    zero, nan = np.float32(0.0), np.float32("nan")
    pairs = [
        (zero, zero, 0.0, True),
        (zero, -zero, 0.0, False),
        (nan, nan, 0.0, True),
        (nan, zero, 0.0, False),
        (np.float32(1), np.float64(1), 0.0, False),
        (np.ones(3), np.ones((1, 3)), 0.0, False),
        (np.array([b"a"], object), np.array([b"a"]), 0.0, True),
        (np.array([b"a"], object), np.array([b"b"]), 0.0, False),
        (np.float32(1), np.float32(1.000001), 0.0, False),
        (np.float32(1), np.float32(1.000001), 1e-5, True),
        (np.float32(1), np.float32(1.001), 1e-5, False),
    ]
    found = []
    for left, right, tolerance, equal in pairs:
        if equal != (not value_differences({"x": left}, {"x": right}, tolerance, tolerance)):
            found.append("%r and %r with tolerance %r: expected equal=%s" % (left, right, tolerance, equal))
    if not value_differences({}, {"x": zero}) or not value_differences({"x": zero}, {}):
        found.append("a missing value was not seen")
    return found


def expect_table_names():
    """Random names of tables are normalised; given names are kept."""
    random_name = b"scope/hash_table_01234567-89ab-cdef-0123-456789abcdef"
    saved_models = []
    for name in (random_name, random_name.replace(b"0", b"1"), b"given"):
        saved_model = canonical.parse(b"")
        added = saved_model.meta_graphs.add().graph_def.node.add(name="table", op="HashTableV2")
        added.attr["shared_name"].s = name
        saved_models.append(canonical.canonical_bytes(saved_model))
    return [] if saved_models[0] == saved_models[1] != saved_models[2] else ["table names: %r" % saved_models]


def expect_shapes():
    """A shape that is wrong, an output that is missing, and an export that differs are seen."""
    with tf.Graph().as_default() as graph:
        tf.reshape(tf.compat.v1.placeholder(tf.float32, [None, 4], name="x"), [-1], name="y")
    right = ["x:0\t[?,4]", "y/shape:0\t[1]", "y:0\t[?]"]
    found = graphs.shape_differences(graph, right)[1]
    for place, line in ((2, "y:0\t[4]"), (2, "z:0\t[?]"), (1, "y/shape:0\t<unknown>"), (0, "x:0\t[?]"), (0, None)):
        lines = right[:place] + ([line] if line else []) + right[place + 1 :]
        if not graphs.shape_differences(graph, lines)[1]:
            found.append("nothing was found wrong with %r" % lines)
    with tempfile.NamedTemporaryFile() as exported:
        for lost, equal in (((), True), (("y",), False)):
            with graph.as_default():
                message = tf.compat.v1.train.export_meta_graph(
                    graph_def=graph.as_graph_def(add_shapes=True), strip_default_attrs=True
                ).graph_def
            for node in message.node:
                if node.name in lost:
                    del node.attr["_output_shapes"]
            write(os.path.dirname(exported.name), os.path.basename(exported.name), message.SerializeToString())
            if equal != (not graphs.export_differences(graph, exported.name)):
                found.append("an export without the shapes of %r: expected equal=%s" % (lost, equal))
    return found


PROGRAM = """program 1%s
  t1 = placeholder float32 [2]
  t2 = placeholder bool []
  t3 = cond t2
    t4 = tanh t1
    give t4
  else
    give t1
  end
  give t3
end
"""


def expect_programs():
    """Graphs of programs that are changed, and programs that are refused, are seen."""

    def without_contexts(meta_graph):
        del meta_graph.collection_def["cond_context"]

    def with_another_node(meta_graph):
        meta_graph.graph_def.node[-1].device = "/cpu:0"

    def with_another_function(meta_graph):
        function = next(function for function in meta_graph.graph_def.library.function if function.node_def)
        function.node_def[0].op = "Sigmoid"

    found = []
    for version, change, error, expected in (
        ("", None, None, None),
        (" control_flow=2", None, None, None),
        ("", without_contexts, None, "collection cond_context"),
        ("", with_another_node, None, "device"),
        (" control_flow=2", with_another_function, None, "Sigmoid"),
        ("", None, "no such op", "refused: no such op"),
    ):
        (program,) = program_text.read(PROGRAM % version)
        scratch = tempfile.mkdtemp()
        try:
            saved_model = programs.theirs(program)
            if change:
                change(saved_model.meta_graphs[0])
            os.mkdir(os.path.join(scratch, "0"))
            write(scratch, os.path.join("0", "saved_model.pb"), saved_model.SerializeToString())
            write(scratch, "errors.tsv", b"1\t%s\n" % error.encode() if error else b"")
            lines = programs.Ours(scratch).differences(program)
            if bool(lines) != bool(expected) or expected and not any(expected in line for line in lines):
                found.append("program%s: expected %r, found %r" % (version, expected, lines))
        finally:
            shutil.rmtree(scratch)
    return found


def expect_report():
    """Failures, exceptions and empty runs give exit status 1."""
    found = []
    for label, arguments, status in (
        ("pass", (lambda: [],), 0),
        ("difference", (lambda: ["one"],), 1),
        ("exception", (lambda: [][0],), 1),
        ("nothing", (), 1),
    ):
        report = Report()
        with contextlib.redirect_stdout(io.StringIO()):
            for function in arguments:
                report.check(label, function)
            if report.finish() != status:
                found.append("%s: the exit status is not %d" % (label, status))
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reference = sys.argv[1]
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    report = Report()
    for label, name, function, expected in CHANGES:
        report.check("selftest %s" % label, expect_differences, reference, name, function, expected)
    for label, name, function in HARMLESS:
        report.check("selftest %s" % label, expect_none, reference, name, function)
    for label, arguments in (
        ("another activation", ("dense_activations", "Tanh", "Sigmoid", "fixed")),
        ("losses lost", ("dense_l2", "regularization_losses", "", "trainable")),
        ("training lost", ("variable_trainable", "trainable_variables", "", "train and export")),
        ("updates lost", ("variants_batch_normalization", "update_ops", "", "train and export")),
    ):
        report.check("selftest use: %s" % label, expect_use_fails, reference, *arguments)
    for name, kind in (("text_vector_of_hashed_words", "text"), ("image_vector_of_fixed_size", "image")):
        report.check("selftest %s column" % kind, expect_column_fails, reference, name, kind)
    report.check("selftest values", expect_values)
    report.check("selftest table names", expect_table_names)
    report.check("selftest shapes", expect_shapes)
    report.check("selftest programs", expect_programs)
    report.check("selftest report", expect_report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
