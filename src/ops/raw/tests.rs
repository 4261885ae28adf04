use std::collections::BTreeSet;
use std::{env, fs};

use crate::dtype::{ByteString, DType, QInt8, TensorType};
use crate::error::Rule;
use crate::graph::{AttrValue, FunctionRef, GraphBuilder, RefTensor, Tensor, op_def};
use crate::shape::Shape;
use crate::value::TensorValue;

// `CALLS`: (name, function that makes a node of the op) for every op.
#[allow(deprecated, reason = "functions of removed ops are called, too")]
mod calls {
    use super::*;
    use crate::ops::raw;

    include!(concat!(env!("OUT_DIR"), "/raw_op_calls.rs"));
}

use calls::CALLS;

type Call = fn(&GraphBuilder);

fn tensor<T: TensorType>(g: &GraphBuilder) -> Tensor<'_, T> {
    g.placeholder(Shape::unknown())
}

fn shaped<T: TensorType>(g: &GraphBuilder, shape: impl Into<Shape>) -> Tensor<'_, T> {
    g.placeholder(shape)
}

fn reference<T: TensorType>(g: &GraphBuilder) -> RefTensor<'_, T> {
    super::variable_v2(g, Shape::unknown(), ())
}

fn is_removed(op: &str) -> bool {
    op_def::lookup(op).is_some_and(|op| op.deprecation.is_some())
}

#[test]
fn every_op_has_a_function_that_makes_one_node_of_it() {
    assert_eq!(CALLS.len(), 1227);
    for (op, call) in CALLS.iter().filter(|(op, _)| !is_removed(op)) {
        let g = GraphBuilder::new();
        call(&g);
        let graph = g.finish().unwrap_or_else(|error| panic!("{op}: {error}"));
        let (node, inputs) = graph.nodes().split_last().expect("a node was made");
        assert_eq!(&node.op.name(), op);
        assert_eq!(&*node.name, *op);
        // The author's line, not one of the function.
        let file = node.location.file();
        assert!(file.ends_with("raw_op_calls.rs"), "{op}: {file}");
        let made_for_it = |node: &&crate::graph::Node| {
            matches!(node.op.name(), "Placeholder" | "VariableV2" | "VarHandleOp")
        };
        assert_eq!(
            inputs.iter().filter(made_for_it).count(),
            inputs.len(),
            "{op}"
        );
    }
}

#[test]
fn functions_of_removed_ops_report_the_line_of_the_call() {
    let removed: Vec<_> = CALLS.iter().filter(|(op, _)| is_removed(op)).collect();
    assert_eq!(removed.len(), 60);
    for (op, call) in removed {
        let g = GraphBuilder::new();
        call(&g);
        let error = g.finish().expect_err(op);
        let [fault] = error.diagnostics() else {
            panic!("{op}: {error}")
        };
        assert_eq!((fault.rule(), fault.op()), (Rule::UnknownOp, *op));
        let file = fault.location().file();
        assert!(file.ends_with("raw_op_calls.rs"), "{op}: {file}");
    }
}

/// With `TFHUB_RAW_OPS` the graph is written to that file for the conformance suite: each op in a scope of its name.
#[test]
fn one_graph_holds_every_op() {
    let g = GraphBuilder::new();
    let allowed = CALLS.iter().filter(|(op, _)| !is_removed(op));
    allowed.for_each(|(op, call)| g.name_scope(op, || call(&g)));
    let graph = g.finish().unwrap_or_else(|error| panic!("{error}"));
    let ops: BTreeSet<_> = graph.nodes().iter().map(|node| node.op.name()).collect();
    assert_eq!(ops.len(), CALLS.len() - 60);
    let Some(path) = env::var_os("TFHUB_RAW_OPS") else {
        return;
    };
    fs::write(path, graph.to_graph_def().encode()).expect("the graph is written");
}

#[test]
#[allow(deprecated, reason = "a removed op makes no node")]
fn outputs_are_as_many_as_asked_for_where_the_node_could_not_be_made() {
    let g = GraphBuilder::new();
    let axis = g.constant(0i32);
    let nothing = super::tile_grad(tensor::<f32>(&g), axis);
    let parts = super::split(axis, nothing, 3);
    assert_eq!(parts.len(), 3);
    super::add_n(&g, &parts);
    let keys = [g.constant("a")];
    let words = super::reduce_join(nothing_of(&g), axis, ());
    let types = [DType::Float32];
    let outputs = super::parse_example(words, words, &keys, &[], &[], &types, &[]);
    assert_eq!(outputs.sparse_values.len(), 1);
    assert_eq!(outputs.dense_values.len(), 0);
    let error = g.finish().expect_err("two faults were made");
    assert_eq!(error.diagnostics().len(), 2, "{error}");
}

/// The tensor that a fault leaves behind.
fn nothing_of<T: TensorType>(g: &GraphBuilder) -> Tensor<'_, T> {
    g.op("NoSuchOp").finish().output(0).typed()
}

#[test]
fn lists_may_be_empty() {
    let g = GraphBuilder::new();
    let words = tensor(&g);
    let outputs = super::parse_example(words, words, &[], &[], &[], &[], &[]);
    assert!(outputs.sparse_indices.is_empty());
    // The op takes one tensor or more.
    super::add_n::<f32>(&g, &[]);
    let error = g.finish().expect_err("a fault was made");
    let message = "input \"inputs\": attribute \"N\": expected at least 1, found 0";
    let messages: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
    assert_eq!(messages, [message]);
}

#[test]
fn an_option_that_is_set_again_has_the_last_value() {
    let twice = super::MatMulOptions::default()
        .transpose_a(true)
        .transpose_a(false);
    let once = super::MatMulOptions::default().transpose_a(false);
    assert_eq!(format!("{twice:?}"), format!("{once:?}"));
    let g = GraphBuilder::new();
    super::mat_mul(tensor::<f32>(&g), tensor(&g), twice);
    g.finish().expect("the attribute is given once");
}

#[test]
fn a_reference_is_a_value_and_a_value_no_reference() {
    let g = GraphBuilder::new();
    let variable = reference::<f32>(&g);
    let sum = super::add_v2(variable.value(), tensor(&g));
    let assigned = super::assign(variable, sum, ());
    assert_eq!(assigned.operation().name(), "Assign");
    super::assign(sum.any().typed_ref(), sum, ());
    let error = g.finish().expect_err("a fault was made");
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(fault.op(), "AddV2");
    assert_eq!(
        fault.message(),
        "used as a reference to a variable, it is a value"
    );
    assert!(fault.location().file().ends_with("tests.rs"));
}

#[test]
fn strings_in_lists_need_not_be_utf8() {
    let g = GraphBuilder::new();
    let names: [&[u8]; 2] = [b"a", b"\xff"];
    let (bytes, types) = (tensor(&g), [DType::Int64; 2]);
    let made = super::decode_proto_v2(bytes, "m", &names, &types, ());
    assert_eq!(made.values.len(), 2);
    let graph = g.finish().expect("the attribute takes any bytes");
    let node = graph.nodes().last().expect("a node was made");
    let expected = AttrValue::from(names.map(Vec::from).to_vec());
    assert_eq!(node.attr("field_names"), expected.0.value.as_ref());
}
