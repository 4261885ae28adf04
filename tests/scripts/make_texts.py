"""Makes tests/fixtures/texts: messages in text form.

`cases.json` has texts and their bytes, as the readers of TensorFlow take them, with text_format.Merge.

    /path/to/python3.7 tests/scripts/make_texts.py

with TensorFlow 1.15.5 and protobuf 3.20.3. `bytes` is null where that refuses the text.
"""

import json
import pathlib

from google.protobuf import text_format
from tensorflow.core.framework import attr_value_pb2, graph_pb2, node_def_pb2, tensor_pb2, versions_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow.python.training import checkpoint_state_pb2

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
OUT = FIXTURES / "texts"

NODE = node_def_pb2.NodeDef
GRAPH = graph_pb2.GraphDef
VALUE = attr_value_pb2.AttrValue
TENSOR = tensor_pb2.TensorProto
META = meta_graph_pb2.MetaGraphDef
COLLECTION = meta_graph_pb2.CollectionDef
VERSIONS = versions_pb2.VersionDef
STATE = checkpoint_state_pb2.CheckpointState
SAVED_MODEL = saved_model_pb2.SavedModel

CASES = [
    # Blanks, comments, separators and delimiters.
    (GRAPH, ""),
    (GRAPH, " \t\r\n# nothing\n"),
    (GRAPH, "# first\nnode { name: 'x' # of it\n op: \"A\" }#last"),
    (GRAPH, "node{name:'x'}node{name:'y'}"),
    (GRAPH, "node <name: 'x'>"),
    (GRAPH, "node: {name: 'x'}, node: <op: 'y';>;"),
    (GRAPH, "node { name: 'x', op: 'A'; input: 'b' }"),
    (GRAPH, "node { name: 'x',, }"),
    (GRAPH, "node { name: 'x' >"),
    (GRAPH, "node { name: 'x'"),
    (GRAPH, "node { name: 'x' } }"),
    (GRAPH, "node"),
    (GRAPH, "node:"),
    (GRAPH, "node 'x'"),
    (GRAPH, "node [{name: 'x'}, <name: 'y'>]"),
    (GRAPH, "node: []"),
    (GRAPH, "node [{name: 'x'},]"),
    (GRAPH, "node [{name: 'x'} {name: 'y'}]"),
    (GRAPH, "versions {} library {}"),
    (GRAPH, "versions {} versions {}"),
    (GRAPH, "versions [{}]"),
    (GRAPH, "nodes { name: 'x' }"),
    (GRAPH, "Node { name: 'x' }"),
    (GRAPH, "1 { 1: 'x' }"),
    (GRAPH, "[node] { name: 'x' }"),
    (GRAPH, ": 1"),
    (GRAPH, "\u00e4 {}"),
    # Strings.
    (NODE, r"name: 'a' 'b' " + '\n' + r'"c"'),
    (NODE, "name: 'a'\n# between\n'b'"),
    (NODE, r"""name: 'quote"d' op: "it's" """),
    (NODE, r"name: '\n\r\t\a\b\f\v\\\'\"'"),
    (NODE, r"name: '\0\7\101\1012' op: '\x41\x4g'"),
    (NODE, r"name: '\x41\x4G'"),
    (NODE, r"name: '\303\244' op: '\xc3\xa4'"),
    (NODE, r"name: '\377'"),
    (NODE, r"name: '\xff'"),
    (NODE, "name: '\u00e4\u20ac\U0001f600'"),
    (NODE, "name: 'a\tb'"),
    (NODE, "name: 'a\nb'"),
    (NODE, "name: 'a"),
    (NODE, "name: 'a\\"),
    (NODE, "name: 'a\\'"),
    (NODE, r"name: '\x'"),
    (NODE, "name: a"),
    (NODE, "name: 1"),
    (NODE, "name 'a'"),
    (NODE, "name:: 'a'"),
    (NODE, "name: ['a']"),
    (NODE, "name: 'a' name: 'b'"),
    (NODE, "name: '' name: 'b'"),
    (NODE, "input: 'a' input: ['b', 'c'] input: []"),
    (NODE, "input: ['a' 'b', 'c']"),
    (NODE, "input: ['a' 'b' 'c'"),
    (VALUE, r"s: '\377\000\x80'"),
    (VALUE, "s: ''"),
    (VALUE, "s: '\u00e4'"),
    # Maps.
    (NODE, "attr { key: 'a' value { i: 1 } }"),
    (NODE, "attr { value { i: 1 } key: 'a' }"),
    (NODE, "attr { key: 'a' }"),
    (NODE, "attr { value { i: 1 } }"),
    (NODE, "attr {}"),
    (NODE, "attr { key: 'b' value { b: true } } attr { key: 'a' value { f: 1 } }"),
    (NODE, "attr { key: 'a' value { i: 1 } } attr { key: 'a' value { b: true } }"),
    (NODE, "attr [{ key: 'a' value { i: 1 } }, { key: 'b' value { i: 2 } }]"),
    (NODE, "attr { key: 'a' key: 'b' }"),
    (NODE, "attr { key: 'a' value {} value {} }"),
    # Oneofs.
    (VALUE, "i: 1 b: true"),
    (VALUE, "i: 0 b: true"),
    (VALUE, "i: 0 i: 1"),
    (VALUE, "i: 1 i: 0"),
    (VALUE, "list {} list {}"),
    (VALUE, "list { i: 1 } shape {}"),
    # Integers.
    (VALUE, "i: 9223372036854775807"),
    (VALUE, "i: 9223372036854775808"),
    (VALUE, "i: -9223372036854775808"),
    (VALUE, "i: -9223372036854775809"),
    (VALUE, "i: 123456789012345678901234567890123456789012345678901234567890"),
    (VALUE, "i: 0x1F"),
    (VALUE, "i: -0X1f"),
    (VALUE, "i: 017"),
    (VALUE, "i: -017"),
    (VALUE, "i: 018"),
    (VALUE, "i: 0o17"),
    (VALUE, "i: +1"),
    (VALUE, "i: --1"),
    (VALUE, "i: -"),
    (VALUE, "i: 1.0"),
    (VALUE, "i: 1e3"),
    (VALUE, "i: 0x"),
    (VALUE, "i: 0xG"),
    (VALUE, "i: 1f"),
    (VALUE, "i: 'a'"),
    (VALUE, "i: true"),
    (VALUE, "i:"),
    (VALUE, "list { i: [1, -2, 0x3] i: 4 }"),
    (VALUE, "list { i: [1, -2, 0x3 }"),
    (VERSIONS, "producer: 2147483647 min_consumer: -2147483648"),
    (VERSIONS, "producer: 2147483648"),
    (VERSIONS, "producer: 0 producer: 0"),
    (VERSIONS, "bad_consumers: 1 bad_consumers: [2, 3]"),
    (TENSOR, "uint32_val: 4294967295 uint64_val: 18446744073709551615"),
    (TENSOR, "uint32_val: 4294967296"),
    (TENSOR, "uint32_val: -1"),
    (TENSOR, "uint64_val: -0"),
    # Floats.
    (VALUE, "f: 1"),
    (VALUE, "f: -1.5"),
    (VALUE, "f: 1."),
    (VALUE, "f: .5"),
    (VALUE, "f: -.5e-3"),
    (VALUE, "f: 1e5f"),
    (VALUE, "f: 1.5f"),
    (VALUE, "f: 1E+5"),
    (VALUE, "f: 1e"),
    (VALUE, "f: 1e+"),
    (VALUE, "f: ."),
    (VALUE, "f: -"),
    (VALUE, "f: 1.2.3"),
    (VALUE, "f: inf"),
    (VALUE, "f: -inf"),
    (VALUE, "f: Infinity"),
    (VALUE, "f: -INFINITYF"),
    (VALUE, "f: inff"),
    (VALUE, "f: nan"),
    (VALUE, "f: NaNf"),
    (VALUE, "f: infinite"),
    (VALUE, "f: in"),
    (VALUE, "f: e5"),
    (VALUE, "f: 1e40"),
    (VALUE, "f: -1e40"),
    (VALUE, "f: 1e-50"),
    (VALUE, "f: -0"),
    (VALUE, "f: 0.1"),
    (VALUE, "f: 16777217"),
    (VALUE, "f: 1.00000017881393421514957253748434595763683319091796875001"),
    (VALUE, "f: true"),
    (TENSOR, "dtype: DT_FLOAT float_val: [0.25, 1e-3, -inf, nan] double_val: 0.1 double_val: 1e400"),
    (TENSOR, "double_val: 4.9e-324 double_val: 1.7976931348623157e308"),
    (TENSOR, "half_val: [15360, 0] bool_val: [true, false] string_val: ['a', '\\377']"),
    # Bools.
    (VALUE, "b: true"),
    (VALUE, "b: True"),
    (VALUE, "b: t"),
    (VALUE, "b: 1"),
    (VALUE, "b: false"),
    (VALUE, "b: f"),
    (VALUE, "b: 0"),
    (VALUE, "b: TRUE"),
    (VALUE, "b: 2"),
    (VALUE, "b: yes"),
    # Enums.
    (VALUE, "type: DT_FLOAT"),
    (VALUE, "type: 1"),
    (VALUE, "type: 0x1"),
    (VALUE, "type: 12345"),
    (VALUE, "type: -1"),
    (VALUE, "type: 2147483648"),
    (VALUE, "type: FLOAT"),
    (VALUE, "type: dt_float"),
    (VALUE, "type: 'DT_FLOAT'"),
    (VALUE, "type: -DT_FLOAT"),
    (VALUE, "list { type: [DT_FLOAT, 3] type: DT_STRING }"),
    # Any.
    (META, "meta_info_def { any_info { type_url: 'a/b' value: '\\001' } }"),
    (COLLECTION, "any_list { value { [type.googleapis.com/tensorflow.AssetFileDef] "
                 "{ tensor_info { name: 'f:0' } filename: 'v.txt' } } }"),
    (COLLECTION, "any_list { value { [type.googleapis.com/tensorflow.AssetFileDef]: <filename: 'v.txt'> } }"),
    (COLLECTION, "any_list { value { [ type.googleapis.com/tensorflow.AssetFileDef ] {} } }"),
    (COLLECTION, "any_list { value { [type.googleapis.com/tensorflow.Nothing] {} } }"),
    (COLLECTION, "any_list { value { [tensorflow.AssetFileDef] {} } }"),
    (COLLECTION, "any_list { value { [type.googleapis.com/tensorflow.AssetFileDef] { file: 'v' } } }"),
    (COLLECTION, "any_list { value { [type.googleapis.com/tensorflow.AssetFileDef] } }"),
    # Other roots.
    (META, "meta_info_def { tags: 'serve' stripped_op_list { op { name: 'A' input_arg { name: 'x' type: DT_INT32 } } } }"
           " collection_def { key: 'c' value { node_list { value: 'x:0' } } }"
           " signature_def { key: 's' value { inputs { key: 'x' value { name: 'x:0' dtype: DT_FLOAT } } } }"),
    (SAVED_MODEL, "saved_model_schema_version: 1 meta_graphs { graph_def { versions { producer: 134 } } }"),
    (STATE, "model_checkpoint_path: 'm-1' all_model_checkpoint_paths: ['m-0', 'm-1'] last_preserved_timestamp: 1.5e9"),
    (GRAPH, "library { function { signature { name: 'f' } ret { key: 'r' value: 'y' } } "
            "gradient { function_name: 'f' gradient_func: 'g' } }"),
]


def nested(depth):
    """A function attribute in a function attribute, and so on."""
    text = "i: 1"
    for _ in range(depth):
        text = "func { attr { key: 'a' value { %s } } }" % text
    return VALUE, text


def read(kind, text):
    try:
        return text_format.Merge(text, kind()).SerializeToString(deterministic=True).hex()
    except (text_format.ParseError, ValueError):
        return None


def main():
    cases = [{"message": kind.DESCRIPTOR.full_name, "text": text, "bytes": read(kind, text)}
             for kind, text in CASES + [nested(2), nested(20)]]
    OUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (OUT / "cases.json").write_text("[\n" + lines + "\n]\n")
    for path in FIXTURES.glob("graphs/*.pb"):
        if path.stem.count(".") == 0:
            graph = GRAPH.FromString(path.read_bytes())
            (OUT / (path.stem + ".pbtxt")).write_text(text_format.MessageToString(graph))


if __name__ == "__main__":
    main()
