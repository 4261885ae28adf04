//! Shapes against TensorFlow's: each file in `tests/fixtures/shapes` is a graph whose nodes carry, in `_output_shapes`,
//! what TensorFlow 1.15.5 inferred when it imported the graph without that attribute; nodes with `_refused` are those
//! that it does not add to the graph.
//!
//! `tests/scripts/shape_cases.py` writes the files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::dtype::DType;
use crate::graph::attr::shape_from_proto;
use crate::graph::op_def::{self, ArgKind};
use crate::graph::{AnyTensor, AttrValue, GraphBuilder, ImportOptions, Operation};
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{GraphDef, NodeDef};
use crate::value::decode_tensor_proto;

/// How many tensors each input of the node stands for.
fn arg_lens(node: &NodeDef) -> Vec<usize> {
    let op = op_def::lookup(&node.op).unwrap_or_else(|| panic!("no op {}", node.op));
    let attr = |index: usize| {
        let def = &op.attrs[index];
        let given = node.attr.get(&*def.name).or(def.default.as_deref());
        given.and_then(|value| value.value.clone())
    };
    let len = |kind: ArgKind| match kind {
        ArgKind::One(_) => 1,
        ArgKind::Repeated { count, .. } => match attr(count) {
            Some(Value::I(count)) => usize::try_from(count).unwrap(),
            other => panic!("{}: {other:?}", node.name),
        },
        ArgKind::List(index) => match attr(index) {
            Some(Value::List(list)) => list.r#type.len(),
            other => panic!("{}: {other:?}", node.name),
        },
    };
    op.inputs.iter().map(|input| len(input.kind)).collect()
}

/// Makes the node again; its inputs have been made already.
fn rebuild<'g>(
    g: &'g GraphBuilder,
    made: &HashMap<String, Operation<'g>>,
    node: &NodeDef,
) -> Operation<'g> {
    let tensor = |input: &String| -> AnyTensor<'g> {
        let (name, index) = input.rsplit_once(':').unwrap_or((input, "0"));
        let operation = made
            .get(name)
            .unwrap_or_else(|| panic!("{}: no input {input}", node.name));
        operation.output(index.parse().unwrap())
    };
    let mut inputs = node
        .input
        .iter()
        .filter(|input| !input.starts_with('^'))
        .map(tensor);
    let mut builder = g.op(&node.op).name(format!("{}/", node.name));
    for len in arg_lens(node) {
        builder = builder.inputs(inputs.by_ref().take(len).collect::<Vec<_>>());
    }
    for (name, value) in node
        .attr
        .iter()
        .filter(|(name, _)| !["_output_shapes", "_refused"].contains(&name.as_str()))
    {
        builder = builder.attr(name.clone(), AttrValue(value.clone()));
    }
    builder.finish()
}

/// The graphs of the files by their paths.
fn graphs() -> BTreeMap<PathBuf, GraphDef> {
    let directory = Path::new(".").join("tests/fixtures/shapes");
    let paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pb"));
    let decode = |path: &Path| GraphDef::decode(&fs::read(path).unwrap()).unwrap();
    let graphs: BTreeMap<_, _> = paths.map(|path| (path.clone(), decode(&path))).collect();
    assert!(!graphs.is_empty());
    graphs
}

/// A graph of the same version with the same functions, and no nodes yet.
fn beginning(graph: &GraphDef) -> GraphBuilder {
    let g = GraphBuilder::new();
    let message = GraphDef {
        library: graph.library.clone(),
        versions: Some(graph.versions.clone().unwrap_or_default()),
        ..GraphDef::default()
    };
    let graph_def = crate::graph::GraphDef::from_message(message);
    let options = ImportOptions::new().prefix("");
    g.import_graph_def(graph_def, options).unwrap();
    g
}

/// The outputs whose shape is not what TensorFlow inferred, a line each.
fn differences(graph: &GraphDef) -> Vec<String> {
    let g = beginning(graph);
    let mut made = HashMap::new();
    let mut wrong = Vec::new();
    for node in &graph.node {
        let faults = g.state.borrow().diagnostics.len();
        let operation = rebuild(&g, &made, node);
        if node.attr.contains_key("_refused") {
            let mut state = g.state.borrow_mut();
            if state.diagnostics.len() == faults {
                wrong.push(format!("{} {}: expected a refusal", node.op, node.name));
            }
            state.diagnostics.truncate(faults);
            continue;
        }
        made.insert(node.name.clone(), operation);
        let expected = match node
            .attr
            .get("_output_shapes")
            .and_then(|value| value.value.as_ref())
        {
            Some(Value::List(list)) => list.shape.iter().map(shape_from_proto).collect(),
            _ => Vec::new(),
        };
        for (index, expected) in expected.iter().enumerate() {
            let found = operation.output(index).shape();
            if found != *expected {
                wrong.push(format!(
                    "{} {}:{index}: expected {expected}, found {found}",
                    node.op, node.name
                ));
            }
        }
    }
    if let Err(error) = g.finish() {
        wrong.push(error.to_string());
    }
    wrong
}

#[test]
fn shapes_are_those_that_tensorflow_infers() {
    let wrong: Vec<_> = graphs()
        .iter()
        .flat_map(|(path, graph)| {
            differences(graph)
                .into_iter()
                .map(move |line| format!("{}: {line}", path.display()))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong shapes\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn inputs_that_do_not_fit_are_reported() {
    let reported = |op: &str, shapes: &[&[usize]]| {
        let g = GraphBuilder::new();
        let mut builder = g.op(op);
        for (arg, &shape) in op_def::lookup(op).unwrap().inputs.iter().zip(shapes) {
            builder = match &*arg.name {
                "input" | "delimiter" | "contents" => {
                    builder.input(g.placeholder::<crate::dtype::ByteString>(shape))
                }
                _ => builder.input(g.placeholder::<f32>(shape)),
            };
        }
        let _ = builder.finish();
        g.finish().unwrap_err().to_string()
    };
    let cases: [(&str, &[&[usize]], &str); 3] = [
        (
            "StringSplit",
            &[&[2, 3], &[]],
            "input \"input\" must have rank 1, its shape is [2, 3]",
        ),
        (
            "DecodeJpeg",
            &[&[4]],
            "input \"contents\" must have rank 0, its shape is [4]",
        ),
        (
            "RGBToHSV",
            &[&[8, 9, 4]],
            "the number of channels must be 3, found 4",
        ),
    ];
    for (op, shapes, expected) in cases {
        let message = reported(op, shapes);
        assert!(message.contains(expected), "{op}: {message}");
    }
}

#[test]
fn every_shape_function_is_compared_with_tensorflow() {
    let graphs = graphs();
    let nodes = graphs.values().flat_map(|graph| &graph.node);
    let nodes = nodes.filter(|node| !node.attr.contains_key("_refused"));
    let compared: BTreeSet<_> = nodes.map(|node| node.op.as_str()).collect();
    let missing: BTreeSet<_> = op_def::names()
        .filter(|op| !compared.contains(op))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The graph with a number in the place of others: all in attributes, or the first or all in constants.
fn with_number(graph: &GraphDef, number: i64, place: usize) -> GraphDef {
    let mut graph = graph.clone();
    let counts_inputs = |op: &str, name: &str| {
        let op = op_def::lookup(op).unwrap();
        let mut inputs = op.inputs.iter();
        inputs.any(|arg| match arg.kind {
            ArgKind::Repeated { count, .. } => op.attrs[count].name == name,
            _ => false,
        })
    };
    for node in &mut graph.node {
        let attrs = std::mem::take(&mut node.attr).into_iter();
        let attrs = attrs.map(|(name, mut attr)| {
            if let Some(value) = &mut attr.value {
                if !counts_inputs(&node.op, &name) {
                    set_number(value, number, place);
                }
            }
            (name, attr)
        });
        node.attr = attrs.collect();
    }
    graph
}

fn set_number(value: &mut Value, number: i64, place: usize) {
    match (value, place) {
        (Value::I(value), 0) => *value = number,
        (Value::List(list), 0) => list.i.fill(number),
        (Value::Tensor(tensor), 1 | 2) => {
            let Ok(value) = decode_tensor_proto(tensor) else {
                return;
            };
            let Some(mut elements) = value.to_i64s() else {
                return;
            };
            let changed = if place == 1 { 1 } else { elements.len() };
            elements
                .iter_mut()
                .take(changed)
                .for_each(|element| *element = number);
            tensor.tensor_content.clear();
            tensor.int64_val.clear();
            tensor.int_val.clear();
            match value.dtype() {
                DType::Int64 => tensor.int64_val = elements,
                _ => tensor.int_val = elements.iter().map(|&value| value as i32).collect(),
            }
        }
        _ => {}
    }
}

/// Sizes, axes and strides that no program writes are faults, or nothing is known; they never stop the program.
#[test]
fn numbers_of_any_size_are_no_danger() {
    const NUMBERS: [i64; 4] = [i64::MIN, -2, 1 << 30, i64::MAX];
    // Each op is in many graphs, so that it meets all of the numbers.
    for (index, graph) in graphs().values().enumerate() {
        for turn in 0..2 {
            let number = NUMBERS[(index + turn) % NUMBERS.len()];
            let graph = with_number(graph, number, (index + turn) % 3);
            let g = beginning(&graph);
            let mut made = HashMap::new();
            for node in &graph.node {
                made.insert(node.name.clone(), rebuild(&g, &made, node));
            }
            let error = g.finish();
            drop(error);
        }
    }
}
