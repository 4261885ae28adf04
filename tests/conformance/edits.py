"""Modules that were edited: hub.Module loads them, and they give the numbers of the modules that they were made of.

Usage: edits.py list EDITED
       edits.py EXPORTED EDITED [MODULE...]

The first writes EDITED/list.txt, the modules that the test edits.

EXPORTED has the modules, EDITED/<edit>/<module> what the test `edit_conformance_modules` made of each, refused.txt the
edits that it refused, which are counted as left out, and columns.txt what the crate says of each module as a feature column,
which hub's own columns are asked too. TFHUB_PART takes a part of the modules. Each module is built and loaded once for all
its edits, in one process.
"""

import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import modules
from inputs import value_differences
from report import LeftOut, Report
from using import IS_TF1, Instance

# How closely the numbers of an edit agree with those before it, relative to the largest number of an output.
# What is computed from constants alone, or no longer, is computed in another order.
TOLERANCES = {"bfloat16": 0.05, "half": 5e-3, "float64": 1e-5, "frozen": 1e-6, "unfrozen": 1e-6}
EXACT = 0.0
# Edits after which there is nothing left to train.
CONSTANT = ("frozen",)
# Edits after which training still moves the variables.
TRAINED = ("bfloat16", "resource", "unfrozen")
# What TensorFlow says where it has no gradient of an op or function; of constants, which are variables after an edit, none
# was asked before.
NO_GRADIENTS = ("No gradient defined", "SymbolicGradient", "TensorArrayGrad", "has DataType bool not in list")
# What it says of a Defun's variables, whose gradients it takes for those of float32.
OF_FLOATS = "types [float32, bfloat16] that don't all match"
# The signature that an edit adds.
SIGNATURE = "added"


def _outputs(case, directory, tags):
    instance = Instance(case, directory, tags, trainable=False)
    return instance.run(), instance


def _expected(case, directory, tags, cache):
    key = tuple(sorted(tags))
    if key not in cache:
        cache[key] = _outputs(case, directory, tags)[0]
    return cache[key]


def _differences(found, expected, tolerance):
    if tolerance == EXACT:
        return value_differences(found, expected)
    differences = ["no %s" % name for name in sorted(set(expected) - set(found))]
    for name in sorted(set(expected) & set(found)):
        ours, theirs = np.asarray(found[name]), np.asarray(expected[name])
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            differences.append("%s: %s %s, expected %s %s" % (name, ours.dtype, ours.shape, theirs.dtype, theirs.shape))
        elif ours.dtype.kind == "f" and ours.size:
            finite = np.isfinite(theirs)
            if not np.array_equal(np.isfinite(ours), finite) or str(ours[~finite]) != str(theirs[~finite]):
                differences.append("%s: other infinities or NaN" % name)
            ours, theirs = ours[finite].astype(np.float64), theirs[finite].astype(np.float64)
            scale = max(1.0, np.max(np.abs(theirs), initial=0.0))
            distance = np.max(np.abs(ours - theirs), initial=0.0)
            if not distance <= tolerance * scale:
                differences.append("%s: differs by %g of %g" % (name, distance, scale))
    return differences


def _added_signature(found, expected):
    """The outputs of a new signature are those of the one that it copies; gives the others."""
    added = {name: value for name, value in found.items() if name.startswith(SIGNATURE + "/")}
    rest = {name: value for name, value in found.items() if name not in added}
    differences = []
    for name, value in sorted(added.items()):
        end = name[len(SIGNATURE) :]
        twins = [other for other in expected if other.endswith(end) and other.count("/") == name.count("/")]
        if not twins:
            differences.append("%s: there is no signature with this output" % name)
    return rest, differences


def _edited(case, tags, exported, edited, edit, cache):
    expected = dict(_expected(case, exported, tags, cache))
    found, instance = _outputs(case, edited, tags)
    differences = []
    if edit == "signatures":
        found, differences = _added_signature(found, expected)
    if edit == "dropped":
        expected = {name: value for name, value in expected.items() if name in found}
    if edit in CONSTANT and instance.module.variable_map:
        differences.append("variables are left: %s" % sorted(instance.module.variable_map))
    if edit == "resource":
        kinds = {operation.type for operation in instance.graph.get_operations()}
        differences += ["an op %s is left" % kind for kind in sorted(kinds & {"VariableV2", "Assign", "Variable"})]
    # The names of losses are those of nodes.
    found = {_unprefixed(name): value for name, value in found.items()}
    return differences + _differences(found, expected, TOLERANCES.get(edit, EXACT))


def _unprefixed(name):
    return name.replace("module/edited/", "module/") if name.startswith("loss ") else name


def _step(case, tags, directory):
    """A module that is applied to be trained, and whether a gradient of its variables is not zero."""
    instance = Instance(case, directory, tags, trainable=True)
    gradients = [gradient for gradient, _ in instance.gradients]
    values = instance.session.run(gradients, instance.training_feed) if gradients else []
    # NumPy asks bfloat16 nothing.
    arrays = [np.asarray(getattr(value, "values", value)).astype(np.float64) for value in values]
    return instance, any(np.any(array) for array in arrays)


def _trains(case, tags, exported, edited, edit):
    """A step of gradient descent runs, and changes variables if a gradient is not zero."""
    try:
        instance, moves = _step(case, tags, edited)
    except (LookupError, TypeError, ValueError, tf.errors.OpError) as error:
        text = str(error).strip().split("\n")[0]
        if edit == "unfrozen" and any(sign in str(error) for sign in NO_GRADIENTS):
            raise LeftOut("there are no gradients of what were constants: %s" % text)
        if edit == "bfloat16" and OF_FLOATS in str(error):
            raise LeftOut("tf.gradients takes variables that are handed to a Defun for float32: %s" % text)
        try:
            _step(case, tags, exported)
        except type(error):
            raise LeftOut("nor is it trained without the edit: %s" % text)
        raise
    before = instance.variables()
    instance.train()
    if moves and not value_differences(instance.variables(), before):
        return ["no variable changed"]
    return []


def _columns(exported, name, kind, text):
    """Whether hub refuses a module as a column, against what the crate says."""
    make = getattr(hub, kind + "_embedding_column")
    try:
        make("x", os.path.join(exported, name))
        refused = ""
    except (ValueError, KeyError) as error:
        refused = str(error)
    return [] if bool(refused) == bool(text) else ["the crate: %r, hub: %r" % (text, refused)]


def _lines(path):
    with open(path) as file:
        return [line.rstrip("\n") for line in file]


def _module(report, case, exported, edited):
    source = os.path.join(exported, case.name)
    cache = {}
    for tags, _ in case.variants:
        for edit in sorted(name for name in os.listdir(edited) if os.path.isdir(os.path.join(edited, name))):
            directory = os.path.join(edited, edit, case.name)
            if not os.path.isdir(directory):
                continue
            label = "%s [%s] %s tf%s" % (case.name, ",".join(sorted(tags)), edit, tf.__version__)
            if edit in case.left_out:
                report.leave_out(label, case.left_out[edit])
                continue
            report.check(label, _edited, case, tags, source, directory, edit, cache)
            if edit in TRAINED and not case.left_out.get("train"):
                report.check(label + " trains", _trains, case, tags, source, directory, edit)


def main(exported, edited, *names):
    tf.logging.set_verbosity(tf.logging.ERROR)
    if not IS_TF1:
        tf.disable_v2_behavior()
    report = Report()
    cases = modules.select(list(names))
    taken = {case.name for case in cases}
    for line in _lines(os.path.join(edited, "refused.txt")):
        label, reason = line.split(": ", 1)
        if label.split("/", 1)[1] in taken:
            report.leave_out("edit %s" % label, reason)
    for case in cases:
        reason = case.left_out.get("use") or (not IS_TF1 and case.left_out.get("tf2"))
        if not reason:
            _module(report, case, exported, edited)
    for line in _lines(os.path.join(edited, "columns.txt")) if IS_TF1 else []:
        name, kind, text = line.split("\t")
        if name in taken:
            report.check("%s %s column" % (name, kind), _columns, exported, name, kind, text)
    return report.finish()


def write_list(edited):
    os.makedirs(edited, exist_ok=True)
    with open(os.path.join(edited, "list.txt"), "w") as file:
        file.writelines("%s\n" % case.name for case in modules.select([]))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(write_list(sys.argv[2]) if sys.argv[1] == "list" else main(*sys.argv[1:]))
