#!/usr/bin/env python
"""Writes proto/later_attrs.pbtxt: attributes that later releases of TensorFlow gave to ops that TensorFlow 1.15 has.

usage: python dump_later_attrs.py ops OUT             (with TensorFlow 2, for each release: its op list)
       python dump_later_attrs.py attrs PROTO OPS...  (the table, from the op lists and proto/*ops.pbtxt)

An attribute is in the table if it has a default, which means that a node with it is one of the op as it was. Its
default is in the table, too, but for REMARKS: whatever those say, no result depends on it.
"""

import io
import os
import sys

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2

TABLES = ["ops.pbtxt", "function_ops.pbtxt", "runtime_ops.pbtxt"]
# The name by which a user knows a variable, and whether the shape of what is assigned is checked once more.
REMARKS = [("AssignVariableOp", "validate_shape"), ("VarHandleOp", "debug_name")]
HEADER = """\
# Attributes with a default that later releases of TensorFlow have and 1.15 lacks: a tensorflow.OpList in text form,
# sorted by name. Those without a default here may say anything.
# Made by tests/scripts/dump_later_attrs.py from the ops of TensorFlow {versions}; do not edit.
"""


def write_ops(path):
    """Writes the release's version and its op list."""
    from tensorflow.python.client import pywrap_tf_session

    with open(path, "wb") as out:
        out.write(tf.__version__.encode() + b"\n")
        out.write(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))


def read_ops(path):
    """The version in a file, and its ops."""
    with open(path, "rb") as file:
        version, _, message = file.read().partition(b"\n")
    op_list = op_def_pb2.OpList()
    op_list.ParseFromString(message)
    return version.decode(), op_list.op


def known_attrs(proto):
    """The attributes of TensorFlow 1.15's ops."""
    known = {}
    for table in TABLES:
        with io.open(os.path.join(proto, table), encoding="utf-8") as file:
            op_list = text_format.Parse(file.read(), op_def_pb2.OpList())
        known.update((op.name, {attr.name for attr in op.attr}) for op in op_list.op)
    return known


def write_attrs(proto, paths):
    known = known_attrs(proto)
    later, versions = {}, []
    for path in paths:
        version, ops = read_ops(path)
        versions.append(version)
        for op in ops:
            for attr in op.attr:
                if attr.name in known.get(op.name, {attr.name}) or not attr.HasField("default_value"):
                    continue
                first = later.setdefault((op.name, attr.name), attr)
                if (first.type, first.default_value) != (attr.type, attr.default_value):
                    sys.exit("attribute {} of {} is not the same in {}".format(attr.name, op.name, version))
    op_list = op_def_pb2.OpList()
    for op, name in sorted(later):
        if not op_list.op or op_list.op[-1].name != op:
            op_list.op.add(name=op)
        attr = op_list.op[-1].attr.add(name=name, type=later[op, name].type)
        if (op, name) not in REMARKS:
            attr.default_value.CopyFrom(later[op, name].default_value)
    text = HEADER.format(versions=" and ".join(versions)) + text_format.MessageToString(op_list)
    with io.open(os.path.join(proto, "later_attrs.pbtxt"), "w", encoding="utf-8", newline="\n") as out:
        out.write(text)
    print("{} attributes of {} ops".format(len(later), len(op_list.op)))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "ops":
        write_ops(sys.argv[2])
    elif len(sys.argv) > 3 and sys.argv[1] == "attrs":
        write_attrs(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
