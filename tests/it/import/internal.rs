//! Ops that TensorFlow's C++ registry has and that of its front end lacks: they are imported, but not exported.

use tfhub::error::Rule;
use tfhub::graph::{AnyTensor, GraphDef, ImportOptions, OpBuilder};
use tfhub::{Error, ErrorKind, GraphBuilder, ModuleSpec, Result};

use super::malformed::replaced;
use super::read;

/// Adds inputs and attributes to an operation; the images are its first input or are not used.
type Node = for<'g> fn(&'g GraphBuilder, OpBuilder<'g>, AnyTensor<'g>) -> OpBuilder<'g>;

const F: tfhub::DType = tfhub::DType::Float32;

/// Ops as freezing and rewriting leave them, with the shapes that TensorFlow gives their outputs.
const NODES: &[(&str, Node, &[&str])] = &[
    (
        "_SwitchN",
        |g, op, x| op.input(x).input(g.constant(1i32)).attr("num_outs", 3),
        &["[?, 8, 8, 3]", "[?, 8, 8, 3]", "[?, 8, 8, 3]"],
    ),
    (
        "_FusedConv2D",
        |g, op, x| {
            let filter = g.placeholder::<f32>((3, 3, 3, 4));
            let op = op
                .input(x)
                .input(filter)
                .inputs([g.placeholder::<f32>((4,))]);
            let op = op.attr("strides", [1, 1, 1, 1]).attr("padding", "SAME");
            op.attr("fused_ops", ["BiasAdd", "Relu"])
        },
        &["[?, 8, 8, 4]"],
    ),
    (
        "_FusedMatMul",
        |g, op, _| {
            let rows = g.placeholder::<f32>((None, 192));
            let op = op.input(rows).input(g.placeholder::<f32>((192, 4)));
            op.inputs([g.placeholder::<f32>((4,))])
                .attr("fused_ops", ["BiasAdd"])
        },
        &["[?, 4]"],
    ),
    (
        "_FusedBatchNormEx",
        |g, op, _| {
            let images = g.placeholder::<f32>((None, 8, 8, 4));
            let ones = g.placeholder::<f32>((4,));
            let op = op.input(images).input(ones).input(ones).input(ones);
            let op = op.input(ones).inputs([] as [AnyTensor<'_>; 0]);
            op.attr("is_training", false)
                .attr("activation_mode", "Relu")
        },
        &["[?, 8, 8, 4]", "[4]", "[4]", "[4]", "[4]", "<unknown>"],
    ),
    (
        "_UnaryOpsComposition",
        |_, op, x| op.input(x).attr("op_names", ["Tanh", "Relu"]),
        &["[?, 8, 8, 3]"],
    ),
    ("CopyHost", |_, op, x| op.input(x), &["[?, 8, 8, 3]"]),
    ("DebugNanCount", |_, op, x| op.input(x), &["[]"]),
    ("_Retval", |_, op, x| op.input(x).attr("index", 0), &[]),
    (
        "_Arg",
        |_, op, _| op.attr("T", F).attr("index", 0),
        &["<unknown>"],
    ),
];

/// A graph with the images `x` and the operation `y`.
fn graph((op, node, _): &(&str, Node, &[&str])) -> GraphDef {
    let g = GraphBuilder::new();
    let x = g.named("x", || g.placeholder::<f32>((None, 8, 8, 3)));
    node(&g, g.op(op).name("y"), x.into()).finish();
    g.finish().unwrap().to_graph_def()
}

/// A module of a graph, made at one line; its signature takes and gives `x`.
fn module(graph_def: GraphDef) -> (Result<ModuleSpec>, u32) {
    let line = line!() + 3;
    let spec = ModuleSpec::new(|g| {
        let options = ImportOptions::new().prefix("");
        let imported = g.import_graph_def(graph_def, options).unwrap();
        let x = imported.tensor("x").unwrap();
        g.signature("default").input("x", x).output("x", x);
    });
    (spec, line)
}

#[test]
fn internal_ops_are_imported_with_their_shapes() {
    for case in NODES {
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("").ignore_shapes(true);
        let imported = g.import_graph_def(graph(case), options).unwrap();
        let outputs = imported.operation("y").unwrap().outputs();
        let shapes: Vec<_> = outputs.iter().map(|y| y.shape().to_string()).collect();
        assert_eq!(shapes, case.2, "{}", case.0);
        g.finish().unwrap();
    }
}

#[test]
fn modules_with_ops_that_the_front_end_lacks_are_refused_at_the_import() {
    for case in NODES {
        let op = case.0;
        let (spec, line) = module(graph(case));
        // TensorFlow makes an exception of what stands for arguments and results of functions.
        if ["_Arg", "_Retval"].contains(&op) {
            spec.unwrap();
            continue;
        }
        let error = spec.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModule);
        let [fault] = error.diagnostics() else {
            panic!("{error}");
        };
        assert_eq!((fault.rule(), fault.op()), (Rule::UnregisteredOp, op));
        assert_eq!((fault.node(), fault.location().line()), ("y", line));
        let text = format!("op {op} is used by the graph, but is not registered");
        assert_eq!(fault.message(), text);
    }
}

#[test]
fn ops_in_functions_that_nodes_call_are_refused_too() {
    let text = |op: &str| {
        let message = "is used by the graph, but is not registered; function \"scaled\" has it";
        format!("op {op} {message}")
    };
    for op in ["CopyHost", "MyCustom", "_HostRe_"] {
        let [from, to] = ["Softplus", op].map(|name| [b"\x12\x08", name.as_bytes()].concat());
        let bytes = replaced(&read("defun.pb").encode(), &from, &to);
        let error: Error = module(GraphDef::decode(&bytes).unwrap()).0.unwrap_err();
        let [fault] = error.diagnostics() else {
            panic!("{error}");
        };
        assert_eq!((fault.node(), fault.op()), ("scaled", "scaled"));
        assert_eq!(fault.message(), text(op));
    }
    module(read("defun.pb")).0.unwrap();
}
