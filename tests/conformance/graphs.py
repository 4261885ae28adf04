"""Compares the shapes that the crate infers, and what it exports after an import, with TensorFlow's.

Usage: graphs.py INFER_SHAPES [PART/PARTS | NAME...], where INFER_SHAPES is the example `infer_shapes`, and NAME is a
graph of `graph_cases/` or the beginning of some names; 0/2 is the first of two halves. Each graph is written without
shapes. Then

- `shapes`: every output has the shape that TensorFlow infers when it imports the file;
- `export`: import and export, shapes included, give what TensorFlow's import and export give, in canonical form.

Outputs whose inputs all have the right shapes are listed first: the others may only follow from them.
"""

import os
import re
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.ops import control_flow_util
from tensorflow.python.training import saver

import difference
import graph_cases
import report
import sampling


def build(function, arguments):
    """The GraphDef of a case, without shapes."""
    tf.keras.backend.clear_session()
    # What a case has switched on stays on otherwise; some estimators do so.
    tf.disable_resource_variables()
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        try:
            graph_def = function(*arguments)
        finally:
            control_flow_util.ENABLE_CONTROL_FLOW_V2 = False
        if not isinstance(graph_def, tf.GraphDef):
            graph_def = graph.as_graph_def()
    for node in graph_def.node:
        node.attr.pop("_output_shapes", None)
    return graph_def


def text(shape):
    """A shape as `infer_shapes` prints it."""
    if shape.dims is None:
        return "<unknown>"
    return "[%s]" % ",".join("?" if dim.value is None else str(dim.value) for dim in shape.dims)


def shape_differences(graph, lines):
    """The outputs of a graph whose shapes are not those in `lines`; the ones that inputs do not explain first."""
    ours = dict(line.split("\t") for line in lines)
    theirs = {output.name: text(output.shape) for op in graph.get_operations() for output in op.outputs}
    if list(ours) != [name for name in ours if name in theirs] or len(ours) != len(theirs):
        return len(theirs), ["%d outputs are printed, %d expected" % (len(ours), len(theirs))]
    first, rest = [], []
    for op in graph.get_operations():
        explained = any(ours[tensor.name] != theirs[tensor.name] for tensor in op.inputs)
        for output in op.outputs:
            if ours[output.name] != theirs[output.name]:
                inputs = ", ".join(theirs[tensor.name] for tensor in op.inputs)
                (rest if explained else first).append(
                    "%s %s of (%s): ours %s, TensorFlow's %s"
                    % (op.type, output.name, inputs, ours[output.name], theirs[output.name])
                )
    return len(theirs), first + rest


def saved_model(graph_def):
    """A SavedModel that holds only this graph."""
    message = saved_model_pb2.SavedModel()
    message.meta_graphs.add().graph_def.CopyFrom(graph_def)
    library = message.meta_graphs[0].graph_def.library
    functions = sorted(library.function, key=lambda function: function.signature.name)
    del library.function[:]
    library.function.extend(functions)
    if not functions and not library.gradient:
        message.meta_graphs[0].graph_def.ClearField("library")
    return message


def export_differences(graph, path):
    """Differences between an exported file and what TensorFlow exports."""
    ours = tf.GraphDef()
    with open(path, "rb") as file:
        ours.ParseFromString(file.read())
    theirs = saver.export_meta_graph(
        graph=graph, graph_def=graph.as_graph_def(add_shapes=True), strip_default_attrs=True
    ).graph_def
    # The collections of an imported graph are empty, so the graph is all that there is to compare.
    return difference.saved_model_differences(saved_model(ours), saved_model(theirs))


def check(checks, program, scratch, name, function, arguments):
    """Checks one graph; returns how many outputs it has, and how many of them are wrong."""
    try:
        graph_def = build(function, arguments)
    except Exception as error:  # a graph that cannot be built is a failure of this one only
        checks.record("build %s" % name, ["%s: %s" % (type(error).__name__, error)])
        return 0, 0
    source, exported = os.path.join(scratch, "graph.pb"), os.path.join(scratch, "exported.pb")
    with open(source, "wb") as file:
        file.write(graph_def.SerializeToString(deterministic=True))
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
    run = subprocess.run(
        [program, source, "--output", exported],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    if run.returncode:
        checks.record("import %s" % name, run.stderr.splitlines() or ["exit status %d" % run.returncode])
        return 0, 0
    outputs, wrong = shape_differences(graph, run.stdout.splitlines())
    checks.record("shapes %s: %d nodes, %d outputs, %d wrong" % (name, len(graph_def.node), outputs, len(wrong)), wrong)
    checks.check("export %s" % name, export_differences, graph, exported)
    return outputs, len(wrong)


def selected(names):
    """The graphs with these names, or one of several parts of the table."""
    cases = list(graph_cases.table().items())
    part = re.match("([0-9]+)/([0-9]+)$", "".join(names))
    if part:
        return sampling.every(cases, "modules")[int(part.group(1)) :: int(part.group(2))]
    return [case for case in cases if not names or case[0].startswith(names)]


def main(program, *names):
    tf.logging.set_verbosity(tf.logging.FATAL)
    checks = report.Report()
    graphs = outputs = wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, (function, arguments) in selected(names):
            found = check(checks, program, scratch, name, function, arguments)
            graphs, outputs, wrong = graphs + 1, outputs + found[0], wrong + found[1]
    print("%d graphs, %d outputs compared, %d wrong" % (graphs, outputs, wrong))
    return checks.finish()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
