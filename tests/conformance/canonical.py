"""The canonical form of a saved_model.pb, in which two equal modules have equal bytes.

Exports differ from run to run in the order of map fields, in the order of tags, and in the random names of in-memory
hash tables and of the temporary files of savers; functions stand in the order of a hash of their names, and the names
that TensorFlow makes for them count what the process has made before. Everything else has to agree.
"""

import os
import re

from tensorflow.core.framework import variable_pb2
from tensorflow.core.protobuf import config_pb2
from tensorflow.core.protobuf import control_flow_pb2
from tensorflow.core.protobuf import saved_model_pb2

# Collections whose items are serialized messages, with the message type where it is a known one.
BYTES_COLLECTIONS = {
    "variables": variable_pb2.VariableDef,
    "trainable_variables": variable_pb2.VariableDef,
    "model_variables": variable_pb2.VariableDef,
    "cond_context": control_flow_pb2.CondContextDef,
    "while_context": control_flow_pb2.WhileContextDef,
}

_RANDOM_TABLE = re.compile(
    br"^(?P<scope>.*)hash_table_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.DOTALL
)

# Where a saver puts the files of its shards at first.
_TEMPORARY = re.compile(br"^_temp_[0-9a-f]{32}/part$")

# What TensorFlow names with `ops.uid()`: functions, and the gradients that it registers for calls of them.
_NUMBERED = re.compile(
    r"^(?P<name>__(?:inference|forward|backward)_.*_|.*_(?:true|false|cond|body|branch[0-9]+)_|PartitionedCall-)"
    r"(?P<uid>[0-9]+)$",
    re.DOTALL,
)


def read(path):
    """Parses a saved_model.pb, or the one in a directory."""
    if os.path.isdir(path):
        path = os.path.join(path, "saved_model.pb")
    with open(path, "rb") as file:
        return parse(file.read())


def parse(data):
    """Parses the bytes of a saved_model.pb."""
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString(data)
    return saved_model


def canonicalize(saved_model):
    """Rewrites, in place, what differs between two exports of one module; returns its argument."""
    for meta_graph in saved_model.meta_graphs:
        tags = sorted(meta_graph.meta_info_def.tags)
        del meta_graph.meta_info_def.tags[:]
        meta_graph.meta_info_def.tags.extend(tags)
        for key in ("cond_context", "while_context"):
            if key in meta_graph.collection_def:
                _sort_payload_maps(meta_graph.collection_def[key].bytes_list, BYTES_COLLECTIONS[key])
        library = meta_graph.graph_def.library
        nodes = list(meta_graph.graph_def.node)
        for function in library.function:
            nodes.extend(function.node_def)
        _renumber(library, nodes)
        functions = sorted(library.function, key=lambda function: function.signature.name)
        gradients = sorted(library.gradient, key=lambda gradient: gradient.function_name)
        # Two steps, as the copies of the messages are needed until the fields have them. Without any, a library that is
        # not there stays so.
        for field, messages in ((library.function, functions), (library.gradient, gradients)):
            if not messages:
                continue
            copies = [type(message).FromString(message.SerializeToString()) for message in messages]
            # An empty field that is written to makes a library where there is none.
            if copies:
                del field[:]
                field.extend(copies)
        nodes = list(meta_graph.graph_def.node)
        for function in library.function:
            nodes.extend(function.node_def)
            # The order in which a set was read.
            function.signature.control_output.sort()
        for node in nodes:
            if node.op.startswith("HashTable") and "shared_name" in node.attr:
                node.attr["shared_name"].s = _table_name(node.attr["shared_name"].s)
            if node.op == "Const" and _TEMPORARY.match(b"".join(node.attr["value"].tensor.string_val)):
                node.attr["value"].tensor.string_val[:] = [b"_temp_%s/part" % (b"0" * 32)]
            if "config_proto" in node.attr:
                config = config_pb2.ConfigProto.FromString(node.attr["config_proto"].s)
                node.attr["config_proto"].s = to_bytes(config)
    return saved_model


def _renumber(library, nodes):
    """Numbers the names that TensorFlow makes from 0 on, in their order."""
    functions = [function.signature.name for function in library.function]
    gradients = [node.attr["_gradient_op_type"].s.decode() for node in nodes if "_gradient_op_type" in node.attr]
    matches = [_NUMBERED.match(name) for name in functions + gradients]
    uids = sorted(set(int(match.group("uid")) for match in matches if match))

    def renumbered(name):
        match = _NUMBERED.match(name)
        return match.group("name") + str(uids.index(int(match.group("uid")))) if match else name

    def rename(attr):
        for function in [attr.func] if attr.HasField("func") else attr.list.func:
            function.name = renumbered(function.name)

    for function in library.function:
        function.signature.name = renumbered(function.signature.name)
    for gradient in library.gradient:
        gradient.function_name = renumbered(gradient.function_name)
        gradient.gradient_func = renumbered(gradient.gradient_func)
    for node in nodes:
        for name, attr in node.attr.items():
            if name == "_gradient_op_type":
                attr.s = renumbered(attr.s.decode()).encode()
            elif attr.HasField("func") or attr.list.func:
                rename(attr)


def to_bytes(message):
    """Serializes with the entries of maps in the order of their keys."""
    return message.SerializeToString(deterministic=True)


def canonical_bytes(saved_model):
    """The canonical bytes of a SavedModel; changes its argument."""
    return to_bytes(canonicalize(saved_model))


def _sort_payload_maps(bytes_list, message_type):
    for index, payload in enumerate(bytes_list.value):
        message = message_type()
        message.ParseFromString(payload)
        bytes_list.value[index] = to_bytes(message)


def _table_name(shared_name):
    random_name = _RANDOM_TABLE.match(shared_name)
    if random_name:
        return random_name.group("scope") + b"hash_table_<random>"
    return shared_name
