#!/usr/bin/env python
"""Compares proto/*.proto with the messages of the installed TensorFlow and TensorFlow Hub.

usage: python check_protos.py [PROTO_DIR]       (with TensorFlow 1.15 or 2.15)

Every field of every message that a module or a checkpoint can hold must be in
our files with the same number, type and label, every oneof must have the same
members, and every enum the same values; a message type that our decoder does
not know in full would lose data. Our files hold the union of several releases,
so fields that the installed one lacks are only counted.
"""

import glob
import importlib
import os
import re
import sys

from google.protobuf.descriptor import FieldDescriptor as Field

# Where the messages are defined; "a|b" is where some releases have it elsewhere.
MODULES = """
    tensorflow.core.protobuf.saved_model_pb2
    tensorflow.core.protobuf.meta_graph_pb2
    tensorflow.core.protobuf.saved_object_graph_pb2
    tensorflow.core.protobuf.trackable_object_graph_pb2
    tensorflow.core.protobuf.struct_pb2
    tensorflow.core.protobuf.saver_pb2
    tensorflow.core.protobuf.tensor_bundle_pb2
    tensorflow.core.protobuf.control_flow_pb2
    tensorflow.core.framework.graph_pb2
    tensorflow.core.framework.op_def_pb2
    tensorflow.core.framework.tensor_pb2
    tensorflow.core.framework.tensor_slice_pb2
    tensorflow.core.framework.variable_pb2
    tensorflow.core.framework.graph_debug_info_pb2|tensorflow.core.protobuf.graph_debug_info_pb2
    tensorflow.core.util.saved_tensor_slice_pb2
    tensorflow.python.training.checkpoint_state_pb2
    tensorflow_hub.module_def_pb2
    tensorflow_hub.module_attachment_pb2
    tensorflow_hub.image_module_info_pb2
""".split()

# Members that stand outside of their oneof in our files, so that fields are
# written in the order of their numbers; see the comments on these messages.
OUTSIDE_ONEOF = {
    ("tensorflow.TensorInfo", "name"),
    ("tensorflow.SavedObject", "captured_tensor"),
}

SCALARS = {
    getattr(Field, "TYPE_" + name.upper()): name
    for name in (
        "double float int64 uint64 int32 fixed64 fixed32 bool string bytes uint32 "
        "sfixed32 sfixed64 sint32 sint64"
    ).split()
}


class Ours(object):
    """Our files, read by a parser that knows just what they contain."""

    def __init__(self):
        self.messages = {}  # full name -> {number: (name, label, type, oneof)}
        self.presence = set()  # (full name, number) of the fields marked optional
        self.enums = {}  # full name -> {number: name}

    def read(self, path):
        with open(path) as source:
            text = re.sub(r"//[^\n]*", "", source.read())
        token = re.compile(r'\s*("[^"]*"|[\w.]+|[{}<>=,;-])')
        tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = token.match(text, at)
            if not match:
                sys.exit("{}: cannot read {!r}".format(path, text[at : at + 30]))
            tokens.append(match.group(1))
            at = match.end()
        self.path, self.tokens, self.package = path, tokens, ""
        while self.tokens:
            self.definition("", None, None)

    def next(self, *expected):
        token = self.tokens.pop(0)
        if expected and token not in expected:
            sys.exit("{}: {!r} where {} is expected".format(self.path, token, expected))
        return token

    def number(self):
        token = self.next()
        number = int("-" + self.next() if token == "-" else token)
        self.next(";")
        return number

    def definition(self, scope, fields, oneof):
        token = self.next()
        if token in ("syntax", "import"):
            while self.next() != ";":
                pass
        elif token == "package":
            self.package = self.next()
            self.next(";")
        elif token == "message":
            full = (scope or self.package) + "." + self.next()
            inner = self.messages[full] = {}
            self.body(full, inner, None)
        elif token == "enum":
            full = (scope or self.package) + "." + self.next()
            values = self.enums[full] = {}
            self.next("{")
            while self.tokens[0] != "}":
                name = self.next()
                self.next("=")
                values[self.number()] = name
            self.next("}")
        elif token == "oneof":
            self.body(scope, fields, self.next())
        else:
            label, marked = "optional", token == "optional"
            if token in ("repeated", "optional"):
                label, token = token, self.next()
            if token == "map":
                self.next("<")
                key = self.next()
                self.next(",")
                label, token = "map " + key, self.next()
                self.next(">")
            name = self.next()
            self.next("=")
            number = self.number()
            if label == "optional" and marked:
                self.presence.add((scope, number))
            if number in fields:
                sys.exit("{}: {} has number {} twice".format(self.path, scope, number))
            fields[number] = (name, label, token, oneof)

    def body(self, scope, fields, oneof):
        self.next("{")
        while self.tokens[0] != "}":
            self.definition(scope, fields, oneof)
        self.next("}")

    def resolve(self, name, scope):
        """The full name of a type, found from the inside out."""
        if name in SCALARS.values() or name.startswith("google."):
            return name
        parts = scope.split(".")
        for size in range(len(parts), 0, -1):
            full = ".".join(parts[:size] + [name])
            if full in self.messages or full in self.enums:
                return full
        return name


def type_of(field):
    if field.message_type:
        return field.message_type.full_name
    if field.enum_type:
        return field.enum_type.full_name
    return SCALARS[field.type]


def has_presence(field):
    """Whether the file is in the proto2 language; asked of a plain field."""
    try:
        field.containing_type._concrete_class().HasField(field.name)
    except ValueError:
        return False
    return True


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


class Theirs(object):
    """The messages of the modules, and what can be reached from them."""

    def __init__(self):
        self.messages = {}
        self.enums = {}

    def add(self, message):
        if message.full_name in self.messages or message.full_name.startswith("google."):
            return
        if message.GetOptions().map_entry:
            for field in message.fields:
                self.add_type(field)
            return
        self.messages[message.full_name] = message
        for nested in message.nested_types:
            self.add(nested)
        for nested in message.enum_types:
            self.enums[nested.full_name] = nested
        for field in message.fields:
            self.add_type(field)

    def add_type(self, field):
        if field.message_type:
            self.add(field.message_type)
        if field.enum_type:
            self.enums[field.enum_type.full_name] = field.enum_type


def load(names):
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            pass
    sys.exit("none of these can be imported: {}".format(", ".join(names)))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..", "proto")
    ours = Ours()
    for path in sorted(glob.glob(os.path.join(folder, "*.proto"))):
        ours.read(path)
    theirs = Theirs()
    for names in MODULES:
        for message in load(names.split("|")).DESCRIPTOR.message_types_by_name.values():
            theirs.add(message)

    faults, checked, matched = [], 0, set()
    for full, message in sorted(theirs.messages.items()):
        if full not in ours.messages:
            faults.append("message {} is missing".format(full))
            continue
        for field in message.fields:
            checked += 1
            oneof = field.containing_oneof.name if field.containing_oneof else None
            label = "repeated" if field.label == Field.LABEL_REPEATED else "optional"
            kind = type_of(field)
            if is_map(field):
                key, value = (field.message_type.fields_by_number[n] for n in (1, 2))
                label, kind = "map " + type_of(key), type_of(value)
            if (full, field.name) in OUTSIDE_ONEOF:
                oneof = None
            want = (field.name, label, kind, oneof)
            have = ours.messages[full].get(field.number)
            if have:
                have = have[:2] + (ours.resolve(have[2], full), have[3])
            if have != want:
                text = "{} field {}: {} expected, {} found"
                faults.append(text.format(full, field.number, want, have))
            # A field of the proto2 language tells its default from absence.
            plain = label == "optional" and field.message_type is None and oneof is None
            if plain and (full, field.number) not in ours.presence:
                if field.containing_oneof or has_presence(field):
                    faults.append("{}.{} is not optional".format(full, field.name))
            # In proto3 repeated numbers are packed unless an option says no.
            options = field.GetOptions()
            if options.HasField("packed") and not options.packed:
                faults.append("{}.{} is not packed".format(full, field.name))
            matched.add((full, field.number))
    for full, enum in sorted(theirs.enums.items()):
        for value in enum.values:
            checked += 1
            have = ours.enums.get(full, {}).get(value.number)
            if have != value.name:
                text = "enum {} value {}: {} expected, {} found"
                faults.append(text.format(full, value.number, value.name, have))

    total = {(full, n) for full, fields in ours.messages.items() for n in fields}
    print(
        "{} messages, {} enums, {} fields and values checked; {} fields only in ours".format(
            len(theirs.messages), len(theirs.enums), checked, len(total - matched)
        )
    )
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
