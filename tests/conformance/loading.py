"""Runs modules through hub.load under a TensorFlow release without hub.Module."""

import os

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

import canonical
from inputs import components, value_differences
from using import RELEASE_RTOL, results_path, saved_variables


def hub_load(report, ours, results, cases):
    """Checks every variant of every case against the outputs that TensorFlow 1.15 stored."""
    tf.get_logger().setLevel("ERROR")
    for case in cases:
        for tags, _ in case.variants:
            label = "%s [%s] hub_load tf%s" % (case.name, ",".join(sorted(tags)), tf.__version__)
            # What is not used has left no outputs to compare with.
            reason = case.left_out.get("hub_load") or case.left_out.get("use")
            if reason:
                report.leave_out(label, reason)
                continue
            path = results_path(results, case, tags)
            report.check(label, _load_and_call, case, os.path.join(ours, case.name), tags, path)


def _load_and_call(case, directory, tags, results_file):
    if not os.path.isdir(directory):
        return ["not exported"]
    loaded = hub.load(directory, tags=sorted(tags))
    with np.load(results_file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    inputs, expected = {}, {}
    for name, array in arrays.items():
        kind, rest = name.split(" ", 1)
        if rest.startswith("loss "):
            continue
        signature, key = rest.split("/", 1)
        (inputs if kind == "in" else expected).setdefault(signature, {})[key] = array
    # Before the calls, as some modules change their variables in each.
    variables = {variable.name.partition(":")[0]: variable.numpy() for variable in loaded.variables}
    saved = saved_variables(case, tags, variables, directory)
    references, sparse = _references(directory), _sparse_inputs(directory, tags)
    found = value_differences(variables, {name: value for name, value in saved.items() if name not in references})
    if set(loaded.signatures) != set(expected):
        found.append("signatures %s, expected %s" % (sorted(loaded.signatures), sorted(expected)))
    for signature in sorted(set(expected) & set(loaded.signatures)):
        function = loaded.signatures[signature]
        fed = inputs.get(signature, {})
        outputs = function(**{_argument(key, sparse[signature]): _constant(array) for key, array in fed.items()})
        values = {key: output.numpy() for key, output in components(outputs).items()}
        found += [
            "%s/%s" % (signature, line)
            for line in value_differences(values, expected[signature], RELEASE_RTOL, case.release_atol)
        ]
    return found


def _references(directory):
    """The names of variables of the old kind, which hub.load restores but does not list."""
    nodes = (node for meta_graph in canonical.read(directory).meta_graphs for node in meta_graph.graph_def.node)
    return {node.name for node in nodes if node.op == "VariableV2"}


def _sparse_inputs(directory, tags):
    """{signature: the names of its inputs that are sparse} of the variant with these tags."""
    for meta_graph in canonical.read(directory).meta_graphs:
        if set(meta_graph.meta_info_def.tags) == set(tags):
            return {
                signature: {name for name, info in definition.inputs.items() if info.HasField("coo_sparse")}
                for signature, definition in meta_graph.signature_def.items()
            }
    return {}


def _argument(key, sparse):
    """What hub.load calls an input; those that make up a composite one, `key/0` and so on, are arguments of their own."""
    name, _, part = key.partition("/")
    if not part:
        return name
    if name in sparse:
        return name + ("_indices", "_values", "_dense_shape")[int(part)]
    return "%s_component_%s" % (name, part)


def _constant(array):
    return tf.constant(array.astype(object) if array.dtype.kind == "S" else array)
