"""The canonical form of a saved_model.pb, in which two equal modules have equal bytes.

Exports differ from run to run in the order of map fields, in the order of tags, and in the random names of in-memory
hash tables; functions stand in the order of a hash of their names. Everything else has to agree.
"""

import os
import re

from tensorflow.core.framework import variable_pb2
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
        nodes = list(meta_graph.graph_def.node)
        functions = sorted(meta_graph.graph_def.library.function, key=lambda function: function.signature.name)
        if functions:
            del meta_graph.graph_def.library.function[:]
            meta_graph.graph_def.library.function.extend(functions)
        for function in meta_graph.graph_def.library.function:
            nodes.extend(function.node_def)
        for node in nodes:
            if node.op.startswith("HashTable") and "shared_name" in node.attr:
                node.attr["shared_name"].s = _table_name(node.attr["shared_name"].s)
    return saved_model


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
