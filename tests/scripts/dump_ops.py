#!/usr/bin/env python
"""Writes proto/ops.pbtxt: the ops that TensorFlow 1.15.5's Python registry knows.

usage: python dump_ops.py OUT       (with TensorFlow 1.15.5)

These are the ops a module may use: exporting one that only the C++ registry
knows fails. They are taken right after `import tensorflow`, so ops of lazily
loaded packages (tf.contrib) are not among them. All documentation is left out;
deprecation notices stay, since a module's own op list holds them.
Ops are sorted by name, so the same TensorFlow always gives the same file.
"""

import io
import sys

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.framework import op_def_registry

VERSION = "1.15.5"
HEADER = """\
# The ops of TensorFlow {version}'s Python registry: a tensorflow.OpList in text
# form, sorted by name, without documentation.
# Made by tests/scripts/dump_ops.py; do not edit.
"""


def stripped_ops():
    """The registered ops in code-point order of their names, undocumented."""
    registered = op_def_registry.get_registered_ops()
    op_list = op_def_pb2.OpList()
    for name in sorted(registered):
        op = op_list.op.add()
        op.CopyFrom(registered[name])
        op.ClearField("summary")
        op.ClearField("description")
        for part in list(op.input_arg) + list(op.output_arg) + list(op.attr):
            part.ClearField("description")
    return op_list


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if tf.__version__ != VERSION:
        sys.exit("TensorFlow {} is needed, this is {}".format(VERSION, tf.__version__))
    op_list = stripped_ops()
    text = text_format.MessageToString(op_list)
    if text_format.Parse(text, op_def_pb2.OpList()).SerializeToString() != op_list.SerializeToString():
        sys.exit("the text form does not read back as the same ops")
    with io.open(sys.argv[1], "w", encoding="utf-8", newline="\n") as out:
        out.write(HEADER.format(version=VERSION) + text)
    print("{} ops".format(len(op_list.op)))


if __name__ == "__main__":
    main()
