//! Graphs as text that can be compared line by line, the text of `tests/conformance/functions.py`.
//!
//! It is written from the bytes of a graph, not with the crate's own view of it, so that nothing in them is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prost::Message;

#[derive(Clone, PartialEq, Message)]
struct GraphDef {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeDef>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeDef {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    op: String,
    #[prost(string, repeated, tag = "3")]
    input: Vec<String>,
    #[prost(string, tag = "4")]
    device: String,
    #[prost(btree_map = "string, message", tag = "5")]
    attr: BTreeMap<String, AttrValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AttrValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7, 8, 10")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Value {
    #[prost(message, tag = "1")]
    List(List),
    #[prost(bytes, tag = "2")]
    S(Vec<u8>),
    #[prost(int64, tag = "3")]
    I(i64),
    #[prost(float, tag = "4")]
    F(f32),
    #[prost(bool, tag = "5")]
    B(bool),
    #[prost(int32, tag = "6")]
    Type(i32),
    #[prost(message, tag = "7")]
    Shape(Shape),
    #[prost(message, tag = "8")]
    Tensor(Tensor),
    #[prost(message, tag = "10")]
    Func(Func),
}

#[derive(Clone, PartialEq, Message)]
struct List {
    #[prost(bytes = "vec", repeated, tag = "2")]
    s: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "3")]
    i: Vec<i64>,
    #[prost(float, repeated, tag = "4")]
    f: Vec<f32>,
    #[prost(bool, repeated, tag = "5")]
    b: Vec<bool>,
    #[prost(int32, repeated, tag = "6")]
    r#type: Vec<i32>,
    #[prost(message, repeated, tag = "7")]
    shape: Vec<Shape>,
}

#[derive(Clone, PartialEq, Message)]
struct Func {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Shape {
    #[prost(message, repeated, tag = "2")]
    dim: Vec<Dim>,
    #[prost(bool, tag = "3")]
    unknown_rank: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Dim {
    #[prost(int64, tag = "1")]
    size: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(int32, tag = "1")]
    dtype: i32,
    #[prost(message, optional, tag = "2")]
    tensor_shape: Option<Shape>,
    #[prost(bytes = "vec", tag = "4")]
    tensor_content: Vec<u8>,
    #[prost(float, repeated, tag = "5")]
    float_val: Vec<f32>,
    #[prost(double, repeated, tag = "6")]
    double_val: Vec<f64>,
    #[prost(int32, repeated, tag = "7")]
    int_val: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    string_val: Vec<Vec<u8>>,
    #[prost(float, repeated, tag = "9")]
    scomplex_val: Vec<f32>,
    #[prost(int64, repeated, tag = "10")]
    int64_val: Vec<i64>,
    #[prost(bool, repeated, tag = "11")]
    bool_val: Vec<bool>,
    #[prost(double, repeated, tag = "12")]
    dcomplex_val: Vec<f64>,
    #[prost(int32, repeated, tag = "13")]
    half_val: Vec<i32>,
    #[prost(uint32, repeated, tag = "16")]
    uint32_val: Vec<u32>,
    #[prost(uint64, repeated, tag = "17")]
    uint64_val: Vec<u64>,
}

/// The names of `DataType`, by number.
const DTYPES: [&str; 24] = [
    "invalid",
    "float32",
    "float64",
    "int32",
    "uint8",
    "int16",
    "int8",
    "string",
    "complex64",
    "int64",
    "bool",
    "qint8",
    "quint8",
    "qint32",
    "bfloat16",
    "qint16",
    "quint16",
    "uint16",
    "complex128",
    "float16",
    "resource",
    "variant",
    "uint32",
    "uint64",
];

/// The nodes of a graph: `name = op(inputs)`, and below it a line for each attribute.
pub(super) fn text(graph: &[u8]) -> String {
    let graph = GraphDef::decode(graph).unwrap();
    let mut text = String::new();
    for node in &graph.node {
        let NodeDef { name, op, .. } = node;
        let _ = write!(text, "{name} = {op}({})", node.input.join(", "));
        if !node.device.is_empty() {
            let _ = write!(text, " on {}", node.device);
        }
        text.push('\n');
        for (name, attribute) in &node.attr {
            let value = attribute.value.as_ref().map_or(String::new(), value);
            let _ = writeln!(text, "  {name} = {value}");
        }
    }
    text
}

fn value(value: &Value) -> String {
    match value {
        Value::List(list) => {
            let items = [
                each(&list.s, |it| string(it)),
                each(&list.i, i64::to_string),
                each(&list.f, |it| format!("{it:?}")),
                each(&list.b, bool::to_string),
                each(&list.r#type, |it| dtype(*it)),
                each(&list.shape, shape),
            ];
            format!("[{}]", items.concat().join(", "))
        }
        Value::S(bytes) => string(bytes),
        Value::I(number) => number.to_string(),
        Value::F(number) => format!("{number:?}"),
        Value::B(truth) => truth.to_string(),
        Value::Type(number) => dtype(*number),
        Value::Shape(dims) => shape(dims),
        Value::Tensor(value) => tensor(value),
        Value::Func(function) => format!("function {}", function.name),
    }
}

/// The dtype, the shape and the elements, those of `tensor_content` after the word `content`.
fn tensor(tensor: &Tensor) -> String {
    let dims = tensor.tensor_shape.as_ref().map_or(String::new(), shape);
    let values = [
        each(&tensor.float_val, |it| format!("{it:?}")),
        each(&tensor.double_val, |it| format!("{it:?}")),
        each(&tensor.int_val, i32::to_string),
        each(&tensor.string_val, |it| string(it)),
        each(&tensor.scomplex_val, |it| format!("{it:?}")),
        each(&tensor.int64_val, i64::to_string),
        each(&tensor.bool_val, bool::to_string),
        each(&tensor.dcomplex_val, |it| format!("{it:?}")),
        each(&tensor.half_val, i32::to_string),
        each(&tensor.uint32_val, u32::to_string),
        each(&tensor.uint64_val, u64::to_string),
    ];
    let mut text = format!(
        "{} {dims} {}",
        dtype(tensor.dtype),
        values.concat().join(" ")
    );
    let content = &tensor.tensor_content;
    if !content.is_empty() {
        let elements = match tensor.dtype {
            1 => numbers(content, |it| format!("{:?}", f32::from_le_bytes(it))),
            2 => numbers(content, |it| format!("{:?}", f64::from_le_bytes(it))),
            3 => numbers(content, |it| i32::from_le_bytes(it).to_string()),
            9 => numbers(content, |it| i64::from_le_bytes(it).to_string()),
            _ => numbers(content, |[it]| format!("{it:02x}")),
        };
        let _ = write!(text, "content {}", elements.join(" "));
    }
    text.trim_end().to_owned()
}

fn numbers<const N: usize>(content: &[u8], text: impl Fn([u8; N]) -> String) -> Vec<String> {
    let chunks = content.chunks(N);
    chunks
        .map(|chunk| text(chunk.try_into().unwrap()))
        .collect()
}

fn each<T>(items: &[T], text: impl Fn(&T) -> String) -> Vec<String> {
    items.iter().map(text).collect()
}

fn string(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// A dtype's name; those from 100 on are references.
fn dtype(number: i32) -> String {
    let reference = if number >= 100 { "_ref" } else { "" };
    DTYPES[usize::try_from(number % 100).unwrap()].to_owned() + reference
}

fn shape(shape: &Shape) -> String {
    if shape.unknown_rank {
        return "?".to_owned();
    }
    let dims = each(&shape.dim, |dim| match dim.size {
        -1 => "?".to_owned(),
        size => size.to_string(),
    });
    format!("[{}]", dims.join(","))
}

/// The lines of two texts, with `-` before those that only the first has and `+` before those that only the second has.
pub(super) fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    // The lengths of the longest common subsequences of what is left on both sides.
    let mut common = vec![vec![0; found.len() + 1]; expected.len() + 1];
    for i in (0..expected.len()).rev() {
        for j in (0..found.len()).rev() {
            common[i][j] = if expected[i] == found[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut text = String::new();
    while i < expected.len() || j < found.len() {
        if i < expected.len() && j < found.len() && expected[i] == found[j] {
            let _ = writeln!(text, "    {}", expected[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == found.len() || i < expected.len() && common[i + 1][j] >= common[i][j + 1] {
            let _ = writeln!(text, "  - {}", expected[i]);
            i += 1;
        } else {
            let _ = writeln!(text, "  + {}", found[j]);
            j += 1;
        }
    }
    text
}

#[test]
fn a_difference_shows_the_lines_of_one_side_only() {
    let expected = "x = Placeholder()\n  dtype = float32\ny = Neg(x)\n";
    let found = "x = Placeholder()\n  dtype = float64\ny = Neg(x)\n  T = float64\n";
    let lines = [
        "    x = Placeholder()",
        "  -   dtype = float32",
        "  +   dtype = float64",
        "    y = Neg(x)",
        "  +   T = float64",
    ];
    assert_eq!(difference(expected, found), lines.join("\n") + "\n");
}
