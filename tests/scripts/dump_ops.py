#!/usr/bin/env python
"""Writes the op table: the ops that TensorFlow 1.15.5 has in its registry.

usage: python dump_ops.py PROTO       (with TensorFlow 1.15.5; PROTO is the directory)

A graph may have any op of the C++ registry, but what an export takes is up to the
registry of the Python front end. Each file holds the ops that are treated alike:

ops.pbtxt           Python knows them: a module may use them and lists them
function_ops.pbtxt  Python does not know them, but a module may use them: arguments
                    and results of functions
runtime_ops.pbtxt   Python does not know them, and a module with one is refused

The ops are those right after `import tensorflow`, so ops of lazily loaded packages
(tf.contrib) are not among them. All documentation is left out; deprecation notices
stay, since a module's own op list holds them. Ops are sorted by name, so the same
TensorFlow always gives the same files.
"""

import io
import os
import sys

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2
from tensorflow.python import pywrap_tensorflow
from tensorflow.python.framework import meta_graph
from tensorflow.python.framework import op_def_registry

VERSION = "1.15.5"
HEADER = """\
# {what}: a tensorflow.OpList of TensorFlow {version}
# in text form, sorted by name, without documentation.
# Made by tests/scripts/dump_ops.py; do not edit.
"""
FILES = [
    ("ops.pbtxt", "The ops of the Python registry"),
    ("function_ops.pbtxt", "Ops of the C++ registry alone that are exported"),
    ("runtime_ops.pbtxt", "Ops of the C++ registry alone that are not exported"),
]


def registered_ops():
    """All ops of the C++ registry."""
    op_list = op_def_pb2.OpList()
    op_list.ParseFromString(pywrap_tensorflow.TF_GetBuffer(pywrap_tensorflow.TF_GetAllOpList()))
    return op_list.op


def is_exported(name):
    """Whether TensorFlow makes a MetaGraphDef of a graph with this op."""
    graph_def = tf.compat.v1.GraphDef()
    graph_def.node.add(name="node", op=name)
    try:
        meta_graph.stripped_op_list_for_graph(graph_def)
    except ValueError:
        return False
    return True


def file_of(name):
    """The file that an op belongs to."""
    if name in op_def_registry.get_registered_ops():
        return "ops.pbtxt"
    return "function_ops.pbtxt" if is_exported(name) else "runtime_ops.pbtxt"


def stripped(op):
    """The op without documentation."""
    copy = op_def_pb2.OpDef()
    copy.CopyFrom(op)
    copy.ClearField("summary")
    copy.ClearField("description")
    for part in list(copy.input_arg) + list(copy.output_arg) + list(copy.attr):
        part.ClearField("description")
    return copy


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if tf.__version__ != VERSION:
        sys.exit("TensorFlow {} is needed, this is {}".format(VERSION, tf.__version__))
    lists = {file: op_def_pb2.OpList() for file, _ in FILES}
    # Exports list the front end's definitions.
    known = op_def_registry.get_registered_ops()
    for op in sorted(registered_ops(), key=lambda op: op.name):
        if op.name in known and stripped(known[op.name]) != stripped(op):
            sys.exit("the two registries differ in {}".format(op.name))
        lists[file_of(op.name)].op.add().CopyFrom(stripped(op))
    if set(known) != {op.name for op in lists["ops.pbtxt"].op}:
        sys.exit("the Python registry has ops that the C++ registry lacks")
    for file, what in FILES:
        op_list = lists[file]
        text = text_format.MessageToString(op_list)
        if text_format.Parse(text, op_def_pb2.OpList()).SerializeToString() != op_list.SerializeToString():
            sys.exit("the text form does not read back as the same ops")
        with io.open(os.path.join(sys.argv[1], file), "w", encoding="utf-8", newline="\n") as out:
            out.write(HEADER.format(what=what, version=VERSION) + text)
        print("{}: {} ops".format(file, len(op_list.op)))


if __name__ == "__main__":
    main()
