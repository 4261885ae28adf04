"""Compares the nodes that the functions of `tfhub::ops` make with those that TensorFlow 1.15's Python functions make.

Usage:
  functions.py compare DIRECTORY [DOCS]
      DIRECTORY holds what `export_conformance_functions` in tests/it wrote. With DOCS, the crate's documentation made
      by `cargo doc`, every public function of the groups has to be called.
  functions.py fixtures DIRECTORY FIXTURES
      writes FIXTURES/GROUP.txt with an entry for each call: `== OUTCOME`, a tab and the call; then TensorFlow's nodes as
      text, or the error that it raised. OUTCOME is the checksum of TensorFlow's graph, or `-` and the codes of the
      rules that Rust found broken.

Python expressions of the tables see `tf`, `tf2`, `np`, `lookup_ops`, `ragged_map_ops`, `RaggedTensorType`, `variable`,
`ragged`, which makes ragged placeholders of scalars, the element type `T`, and the arguments, which are placeholders.
Lookup tables, which Python names at random, are called `hash_table_0` and so on. Where Python raises an error, Rust has
to report one.
"""

import itertools
import json
import os
import re
import sys

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow.compat.v2 as tf2
from google.protobuf import text_format
from tensorflow.python.framework import composite_tensor
from tensorflow.python.framework import meta_graph
from tensorflow.python.ops import lookup_ops
from tensorflow.python.ops.ragged import ragged_map_ops
from tensorflow.python.ops.ragged.ragged_tensor import RaggedTensorType
from tensorflow.python.util import nest

import report

# The CRC-32C of every byte.
CRC_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    CRC_TABLE.append(_byte)

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)


class Call(object):
    """A line of a table: a call in Python, in Rust, and what Rust made of it."""

    def __init__(self, group, line):
        fields = line.rstrip("\n").split("\t")
        self.python, self.element, arguments, self.rust, names, graph, self.codes, self.error = fields
        self.key = "\t".join(fields[:3])
        self.arguments = [argument.split(":") for argument in arguments.split()]
        self.names = names.split()
        self.graph = bytes.fromhex(graph)
        self.label = "%s %s %s %s" % (group, self.python, self.element, arguments)


def calls(directory):
    """The calls of all groups, by group."""
    groups = sorted(name[:-4] for name in os.listdir(directory) if name.endswith(".tsv"))
    for group in groups:
        with open(os.path.join(directory, group + ".tsv")) as file:
            yield group, [Call(group, line) for line in file]


def shape(text):
    """`[2,?]`, or `?` for any."""
    if text == "?":
        return None
    return [None if dim == "?" else int(dim) for dim in text.strip("[]").split(",") if dim]


def returned(result):
    """The names of the tensors and operations in what a function returned."""
    if isinstance(result, (tuple, list)):
        return [name for item in result for name in returned(item)]
    if isinstance(result, composite_tensor.CompositeTensor):
        return returned(nest.flatten(result, expand_composites=True))
    if result is None:
        return []
    if isinstance(result, tf.Variable):
        result = result._graph_element if hasattr(result, "_graph_element") else result.value()
    return [result.name]


def variable(name, shape, dtype=tf.float32):
    """A variable as the tables make it in Rust with zeros for initial values."""
    return tf.get_variable(name, shape, dtype, initializer=tf.zeros_initializer(), use_resource=True)


def ragged(dtype, ragged_rank):
    """A placeholder of a ragged tensor of scalars."""
    return tf.ragged.placeholder(dtype, ragged_rank, [])


class Numbers(object):
    """Stands for the module `uuid`."""

    def __init__(self):
        self._numbers = itertools.count()

    def uuid4(self):
        return next(self._numbers)


def python_side(call):
    """The names that Python's function returned, and its graph; or the error that it raised."""
    types = {name: getattr(tf, name) for name in ("bool", "string")}
    with tf.Graph().as_default() as graph:
        scope = {"tf": tf, "tf2": tf2, "np": np, "lookup_ops": lookup_ops, "variable": variable, "ragged": ragged}
        scope.update(ragged_map_ops=ragged_map_ops, RaggedTensorType=RaggedTensorType)
        lookup_ops.uuid = Numbers()
        if call.element:
            scope["T"] = types.get(call.element) or tf.as_dtype(call.element)
        for name, dtype, dims in call.arguments:
            scope[name] = tf.placeholder(tf.as_dtype(dtype), shape(dims), name=name)
        try:
            names = returned(eval(call.python, scope))
        except (ValueError, TypeError, tf.errors.OpError, IndexError, NotImplementedError) as error:
            return None, None, error
        return names, stripped(graph.as_graph_def(add_shapes=True)), None


def stripped(graph):
    """The graph without attributes of default value, as hub writes it."""
    meta = tf.MetaGraphDef(graph_def=graph)
    meta_graph.strip_graph_default_valued_attrs(meta)
    return meta.graph_def


def canonical(graph):
    """The graph's nodes and versions as one text."""
    return text_format.MessageToString(graph)


def differences(call):
    """What is not equal on the two sides, as lines."""
    names, graph, error = python_side(call)
    if error is not None:
        return [] if call.error else ["Python fails, Rust does not: %s" % str(error).split("\n")[0]]
    if call.error:
        return ["Rust fails, Python does not: %s" % call.error]
    ours = tf.GraphDef.FromString(call.graph)
    found = [] if names == call.names else ["returned: expected %s, found %s" % (names, call.names)]
    expected_nodes = [(node.name, node.op) for node in graph.node]
    found_nodes = [(node.name, node.op) for node in ours.node]
    if expected_nodes != found_nodes:
        return found + ["nodes: expected %s" % expected_nodes, "       found    %s" % found_nodes]
    for expected, node in zip(graph.node, ours.node):
        if list(expected.input) != list(node.input):
            found.append("%s inputs: expected %s, found %s" % (node.name, list(expected.input), list(node.input)))
        for name in sorted(set(expected.attr) | set(node.attr)):
            a, b = expected.attr.get(name), node.attr.get(name)
            if a is None or b is None or a.SerializeToString() != b.SerializeToString():  # NaN is not NaN
                lines = [text_format.MessageToString(side, as_one_line=True) if side is not None else "nothing" for side in (a, b)]
                found.append("%s %s: expected %s, found %s" % (node.name, name, lines[0], lines[1]))
    if not found and canonical(ours) != canonical(graph):
        found.append("the graphs differ outside of inputs and attributes")
    return found


def public_functions(docs):
    """The public functions of the groups: those of the modules, and the methods that the modules add to types."""
    ops = os.path.join(docs, "tfhub", "ops")
    functions = set()
    for group in sorted(os.listdir(ops)):
        items = os.path.join(ops, group, "sidebar-items.js")
        if group in ("raw", "types") or not os.path.exists(items):
            continue
        with open(items) as file:
            listed = json.loads(re.search(r"=\s*(\{.*\})", file.read(), re.S).group(1))
        functions.update("%s::%s" % (group, name) for name in listed.get("fn", []))
    source = os.path.join(ROOT, "src", "ops")
    for name in sorted(os.listdir(source)):
        if not name.endswith(".rs") or name in ("raw.rs", "codegen.rs"):
            continue
        with open(os.path.join(source, name)) as file:
            text = file.read()
        blocks = re.findall(r"^impl(?:<[^\n]*>)? (?:GraphBuilder|Tensor|AnyTensor)\b[^\n]*\{\n(.*?)^\}", text, re.S | re.M)
        for block in blocks:
            functions.update(".%s" % method for method in re.findall(r"^    pub fn (\w+)", block, re.M))
    return functions


def called(rust):
    """The functions that a Rust expression calls."""
    names = re.findall(r"(\w+) ?:: ?(\w+)(?: ?:: ?<[^()]*>)? ?\(", rust)
    return set("%s::%s" % name for name in names) | set(".%s" % name for name in re.findall(r"\. ?(\w+)(?: ?:: ?<[^()]*>)? ?\(", rust))


def compare(directory, docs=None):
    checks = report.Report()
    covered = set()
    for _, group_calls in calls(directory):
        for call in group_calls:
            checks.check(call.label, differences, call)
            covered |= called(call.rust)
    if docs:
        public = public_functions(docs)
        missing = sorted(public - covered)
        checks.record("every public function is called", ["%s is not called" % name for name in missing])
        print("functions covered: %d of %d" % (len(public) - len(missing), len(public)))
    return checks.finish()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def escaped(data):
    """Bytes in quotes, as Rust's `escape_ascii` has them."""
    special = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return '"%s"' % "".join(special.get(byte) or (chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte) for byte in bytearray(data))


def number(value):
    """A number as Rust's `{:?}` has it; floating-point numbers come as NumPy's."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, np.floating):
        return str(value)
    if np.isnan(value):
        return "NaN"
    mantissa, _, exponent = str(value).partition("e")
    if not exponent:
        return mantissa
    return "%se%d" % (mantissa[:-2] if mantissa.endswith(".0") else mantissa, int(exponent))


def dims(shape):
    if shape.unknown_rank:
        return "?"
    return "[%s]" % ",".join("?" if dim.size == -1 else str(dim.size) for dim in shape.dim)


def tensor_text(tensor):
    """A tensor's dtype, shape and elements; those of `tensor_content` after the word `content`."""
    values = [number(np.float32(value)) for value in tensor.float_val]
    values += [number(np.float64(value)) for value in tensor.double_val]
    values += [number(value) for value in tensor.int_val]
    values += [escaped(value) for value in tensor.string_val]
    values += [number(np.float32(value)) for value in tensor.scomplex_val]
    values += [number(value) for value in tensor.int64_val]
    values += [number(value) for value in tensor.bool_val]
    values += [number(np.float64(value)) for value in tensor.dcomplex_val]
    values += [number(value) for field in (tensor.half_val, tensor.uint32_val, tensor.uint64_val) for value in field]
    text = "%s %s %s" % (dtype_text(tensor.dtype), dims(tensor.tensor_shape) if tensor.HasField("tensor_shape") else "", " ".join(values))
    if tensor.tensor_content:
        dtype = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}.get(tensor.dtype)
        if dtype:
            elements = [number(value) for value in np.frombuffer(tensor.tensor_content, dtype)]
        else:
            elements = ["%02x" % byte for byte in bytearray(tensor.tensor_content)]
        text += "content " + " ".join(elements)
    return text.rstrip()


def dtype_text(number):
    return "invalid" if number == 0 else tf.as_dtype(number).name


def attribute_text(value):
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "list":
        items = [escaped(item) for item in value.list.s]
        items += [number(item) for item in value.list.i]
        items += [number(np.float32(item)) for item in value.list.f]
        items += [number(item) for item in value.list.b]
        items += [dtype_text(item) for item in value.list.type]
        items += [dims(item) for item in value.list.shape]
        return "[%s]" % ", ".join(items)
    texts = {
        "s": escaped,
        "i": number,
        "f": lambda item: number(np.float32(item)),
        "b": number,
        "type": dtype_text,
        "shape": dims,
        "tensor": tensor_text,
        "func": lambda item: "function %s" % item.name,
    }
    return texts[kind](getattr(value, kind))


def graph_text(graph):
    """The nodes of a graph as `tests/it/functions/nodes.rs` writes them."""
    lines = []
    for node in graph.node:
        device = " on %s" % node.device if node.device else ""
        lines.append("%s = %s(%s)%s" % (node.name, node.op, ", ".join(node.input), device))
        lines += ["  %s = %s" % (name, attribute_text(node.attr[name])) for name in sorted(node.attr)]
    return "".join(line + "\n" for line in lines)


def entry(call):
    """A call's entry in the fixtures."""
    names, graph, error = python_side(call)
    if error is not None:
        if not call.codes:
            raise ValueError("%s: TensorFlow refuses it, and no rule of ours does" % call.label)
        return "== - %s\t%s\n%s\n" % (call.codes, call.key, type(error).__name__)
    returns = " ".join(names)
    data = graph.SerializeToString(deterministic=True) + returns.encode()
    return "== %08x\t%s\nreturns %s\n%s" % (crc32c(data), call.key, returns, graph_text(graph))


def fixtures(directory, target):
    for group, group_calls in calls(directory):
        with open(os.path.join(target, group + ".txt"), "w") as file:
            file.writelines(entry(call) for call in group_calls)
    return 0


if __name__ == "__main__":
    sys.exit({"compare": compare, "fixtures": fixtures}[sys.argv[1]](*sys.argv[2:]))
