//! Graphs that are refused, each with the whole text of the error.

use tfhub::graph::{GraphDef, ImportOptions};
use tfhub::{ErrorKind, GraphBuilder};

/// The bytes with the first `from` replaced by `to`, of the same length.
pub(super) fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from);
    let at = at.expect("the bytes are there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field of bytes.
fn field(number: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [
        &[number << 3 | 2][..],
        &varint(content.len() as u64),
        content,
    ]
    .concat()
}

/// A field of an integer.
fn int(number: u8, value: u64) -> Vec<u8> {
    [vec![number << 3], varint(value)].concat()
}

const FLOAT: u64 = 1;
const INT32: u64 = 3;

fn type_(dtype: u64) -> Vec<u8> {
    int(6, dtype)
}

fn attr(name: &str, value: Vec<u8>) -> Vec<u8> {
    field(5, [field(1, name), field(2, value)].concat())
}

/// A node as a field of a graph.
fn node(name: &str, op: &str, inputs: &[&str], attrs: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<_> = inputs.iter().flat_map(|input| field(3, input)).collect();
    field(
        1,
        [field(1, name), field(2, op), inputs, attrs.concat()].concat(),
    )
}

fn float(name: &str) -> Vec<u8> {
    node(name, "Placeholder", &[], &[attr("dtype", type_(FLOAT))])
}

fn with_t(name: &str, op: &str, inputs: &[&str]) -> Vec<u8> {
    node(name, op, inputs, &[attr("T", type_(FLOAT))])
}

fn dims(dims: &[u64]) -> Vec<u8> {
    dims.iter().flat_map(|&dim| field(2, int(1, dim))).collect()
}

/// A constant of a few bytes with this shape.
fn huge(name: &str, dtype: u64, shape: &[u64]) -> Vec<u8> {
    let value = [int(1, dtype), field(2, dims(shape)), int(7, 1)].concat();
    node(
        name,
        "Const",
        &[],
        &[attr("dtype", type_(dtype)), attr("value", field(8, value))],
    )
}

fn nested(depth: usize) -> Vec<u8> {
    let deep = (0..depth).fold(type_(FLOAT), |inner, _| {
        let entry = field(2, [field(1, "a"), field(2, inner)].concat());
        field(10, entry)
    });
    node("a", "NoOp", &[], &[attr("_f", deep)])
}

fn versions(fields: Vec<u8>) -> Vec<u8> {
    field(4, fields)
}

fn function(name: &str, fields: Vec<u8>) -> Vec<u8> {
    let signature = [field(1, name), fields].concat();
    field(2, field(1, field(1, signature)))
}

fn refusal(bytes: &[u8]) -> (ErrorKind, String) {
    let error = match GraphDef::decode(bytes) {
        Err(error) => error,
        Ok(graph_def) => {
            let g = GraphBuilder::new();
            let error = g
                .import_graph_def(graph_def, ImportOptions::new().prefix(""))
                .expect_err("the graph is malformed");
            assert!(g.is_empty());
            error
        }
    };
    (error.kind(), error.to_string())
}

#[test]
fn malformed_graphs_are_refused() {
    use ErrorKind::{Corrupt, Unsupported};
    let cases: Vec<(Vec<u8>, ErrorKind, &str)> = vec![
        (
            [float("a"), float("a")].concat(),
            Corrupt,
            "Placeholder \"a\": the graph has two nodes of this name",
        ),
        (
            node("a", "", &[], &[]),
            Corrupt,
            "node \"a\": no op is given",
        ),
        (
            node("a", "Nothing", &[], &[]),
            Unsupported,
            "Nothing \"a\": TensorFlow 1.15 has no op, and the graph no function, of this name",
        ),
        (
            with_t("a", "Identity", &["b"]),
            Corrupt,
            "Identity \"a\": input \"b\" is not in the graph",
        ),
        (
            node("a", "NoOp", &["^b"], &[]),
            Corrupt,
            "NoOp \"a\": input \"^b\" is not in the graph",
        ),
        (
            [float("b"), with_t("a", "Identity", &["b:x"])].concat(),
            Corrupt,
            "Identity \"a\": \"b:x\" is not the name of an input",
        ),
        (
            [float("b"), with_t("a", "Identity", &["b:1"])].concat(),
            Corrupt,
            "Identity \"a\": input \"b\": output 1 asked for, the node has 1",
        ),
        (
            [float("b"), with_t("a", "Identity", &["b", "b"])].concat(),
            Corrupt,
            "Identity \"a\": expected 1 inputs, found 2",
        ),
        (
            [float("b"), with_t("a", "Add", &["b", "^b", "b"])].concat(),
            Corrupt,
            "Add \"a\": data input \"b\" follows a control input",
        ),
        (
            [
                float("b"),
                node("a", "Identity", &["b"], &[attr("T", type_(INT32))]),
            ]
            .concat(),
            Corrupt,
            "Identity \"a\": input \"b\": expected int32, found float32",
        ),
        (
            [float("b"), with_t("a", "Assign", &["b", "b"])].concat(),
            Corrupt,
            "Assign \"a\": input \"b\": expected a reference to float32, found float32",
        ),
        (
            [float("b"), node("a", "Identity", &["b"], &[])].concat(),
            Corrupt,
            "Identity \"a\": attribute \"T\" is missing",
        ),
        (
            node("a", "Placeholder", &[], &[attr("dtype", type_(77))]),
            Corrupt,
            "Placeholder \"a\": DataType 77 is not one that TensorFlow 1.15 has",
        ),
        (
            node("a", "Placeholder", &[], &[attr("dtype", int(3, 1))]),
            Corrupt,
            "Placeholder \"a\": attribute \"dtype\": expected type, found 1",
        ),
        (
            node("a", "NoOp", &[], &[attr("x", int(3, 1))]),
            Corrupt,
            "NoOp \"a\": the op has no attribute \"x\"",
        ),
        (
            [
                with_t("a", "Identity", &["c"]),
                with_t("b", "Identity", &["a"]),
                with_t("c", "Identity", &["b"]),
            ]
            .concat(),
            Corrupt,
            "Identity \"a\": the node is part of a cycle that is not a loop",
        ),
        (
            node("a", "NoOp", &["^a"], &[]),
            Corrupt,
            "NoOp \"a\": the node is part of a cycle that is not a loop",
        ),
        (
            [
                float("x"),
                node(
                    "m",
                    "Merge",
                    &["x", "n:1"],
                    &[attr("T", type_(FLOAT)), attr("N", int(3, 2))],
                ),
                with_t("n", "NextIteration", &["m"]),
            ]
            .concat(),
            Corrupt,
            "Merge \"m\": input \"n\": output 1 asked for, the node has 1",
        ),
        (
            node(
                "a",
                "Unpack",
                &["b"],
                &[attr("T", type_(FLOAT)), attr("num", int(3, 1 << 40))],
            )
            .into_iter()
            .chain(float("b"))
            .collect(),
            Unsupported,
            "Unpack \"a\": the node has 1099511627776 outputs, which is more than a file of this size can explain",
        ),
        (
            [
                float("b"),
                node(
                    "a",
                    "Pack",
                    &["b"],
                    &[attr("T", type_(FLOAT)), attr("N", int(3, 1 << 62))],
                ),
            ]
            .concat(),
            Corrupt,
            "Pack \"a\": expected 4611686018427387904 inputs, found 1",
        ),
        (
            huge("a", INT32, &[1; 300]),
            Corrupt,
            "Const \"a\": a shape has 300 dimensions, expected at most 254",
        ),
        (
            versions(int(2, 135)),
            Unsupported,
            "the graph needs version 135, TensorFlow 1.15 has 134",
        ),
        (
            versions(int(3, 134)),
            Unsupported,
            "the graph is marked as one that TensorFlow 1.15 cannot run",
        ),
        (function("", Vec::new()), Corrupt, "a function has no name"),
        (
            function("MatMul", Vec::new()),
            Corrupt,
            "function \"MatMul\" has the name of an op",
        ),
        (
            function("f", field(2, field(4, "T"))),
            Corrupt,
            "function \"f\": there is no attribute \"T\"",
        ),
    ];
    for (bytes, kind, text) in cases {
        assert_eq!(refusal(&bytes), (kind, text.to_owned()));
    }
    let (kind, text) = refusal(&node("a\nb", "NoOp", &[], &[]));
    assert_eq!(kind, Corrupt);
    assert!(
        text.starts_with("NoOp \"a\\nb\": \"a\\nb\" is not a valid name"),
        "{text}"
    );
    let (kind, text) = refusal(&nested(1000));
    assert_eq!(kind, Corrupt);
    assert!(text.starts_with("not a GraphDef: "), "{text}");
    let (kind, text) = refusal(b"\x0a\xff\xff\xff\xff\x0f");
    assert_eq!(kind, Corrupt);
    assert!(text.starts_with("not a GraphDef: "), "{text}");
}

/// A few bytes that stand for tera-elements stay a few bytes.
#[test]
fn huge_constants_are_not_expanded() {
    let bytes = [
        huge("a", INT32, &[1 << 20, 1 << 20]),
        huge("b", INT32, &[u64::MAX >> 1, u64::MAX >> 1]),
        huge("c", FLOAT, &[1 << 40]),
        huge("d", INT32, &[0, 1 << 62]),
        with_t("e", "Identity", &["c"]),
    ]
    .concat();
    let mut graph_def = GraphDef::decode(&bytes).unwrap();
    assert!(graph_def.take_constants(|_| true).unwrap().is_empty());
    let g = GraphBuilder::new();
    g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
        .unwrap();
    assert!(g.finish().unwrap().to_graph_def().encode().len() < 1000);
}

/// A chain as deep as a file can make it does not use up the stack, and takes linear time.
#[test]
fn long_chains_are_imported() {
    let mut bytes = float("n0");
    for index in 1..50_000 {
        let input = format!("n{}", index - 1);
        bytes.extend(with_t(&format!("n{index}"), "Identity", &[&input]));
    }
    let graph_def = GraphDef::decode(&bytes).unwrap();
    let g = GraphBuilder::new();
    let imported = g.import_graph_def(graph_def, ImportOptions::new()).unwrap();
    assert_eq!(imported.operations().len(), 50_000);
}

/// A function of one float to one float, whose nodes call another one after the other.
fn calls(name: &str, callee: &str, times: usize) -> Vec<u8> {
    let arg = |name: &str| [field(1, name), int(3, FLOAT)].concat();
    let signature = [field(1, name), field(2, arg("x")), field(3, arg("y"))].concat();
    let mut body = Vec::new();
    let mut input = "x".to_owned();
    for index in 0..times {
        let call = format!("n{index}");
        let node = [field(1, &call), field(2, callee), field(3, &input)].concat();
        body.extend(field(3, node));
        input = format!("{call}:y:0");
    }
    let ret = field(4, [field(1, "y"), field(2, &input)].concat());
    field(2, field(1, [field(1, signature), body, ret].concat()))
}

fn call_shape(functions: Vec<u8>, callee: &str) -> String {
    let shape = attr("shape", field(7, dims(&[2, 3])));
    let x = node(
        "x",
        "Placeholder",
        &[],
        &[attr("dtype", type_(FLOAT)), shape],
    );
    let bytes = [x, node("call", callee, &["x"], &[]), functions].concat();
    let g = GraphBuilder::new();
    let graph_def = GraphDef::decode(&bytes).unwrap();
    let imported = g.import_graph_def(graph_def, ImportOptions::new()).unwrap();
    imported.tensor("call").unwrap().shape().to_string()
}

/// Functions are looked into only so far: one may call itself, or others that call others, twice as many each time.
#[test]
fn calls_of_calls_take_no_time() {
    assert_eq!(call_shape(calls("f", "f", 1), "f"), "<unknown>");
    let chain = |len: usize, times: usize| -> Vec<u8> {
        let link = |index: usize| match index {
            0 => calls("f0", "f0", 0),
            _ => calls(&format!("f{index}"), &format!("f{}", index - 1), times),
        };
        (0..len).flat_map(link).collect()
    };
    assert_eq!(call_shape(chain(9, 2), "f8"), "[2, 3]");
    assert_eq!(call_shape(chain(31, 2), "f30"), "<unknown>");
    assert_eq!(call_shape(chain(1000, 1), "f999"), "<unknown>");
}

#[test]
fn an_attribute_alone_does_not_make_outputs() {
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>(tfhub::Shape::unknown());
    let _ = g.op("Unpack").input(x).attr("num", 1i64 << 40).finish();
    let error = g.finish().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the node has 1099511627776 outputs, which are too many"),
        "{error}"
    );
}
