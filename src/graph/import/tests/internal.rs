//! Ops that TensorFlow's C++ registry has and that of its front end lacks.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{ErrorKind, Result, Rule};
use crate::graph::attr::shape_from_proto;
use crate::graph::{GraphBuilder, GraphDef, ImportOptions};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{self as pb, NodeDef, VersionDef};

/// Every op is in the file, with the shapes that TensorFlow infers on import.
#[test]
fn ops_that_the_front_end_lacks_are_imported_with_their_shapes() {
    let path = Path::new(".").join("tests/fixtures/shapes/internals.pb");
    let mut graph_def = GraphDef::read(path).unwrap();
    let nodes = &mut graph_def.message.node;
    nodes.retain(|node| !node.attr.contains_key("_refused"));
    let expected: HashMap<_, _> = graph_def.message.node.iter().map(shapes_of).collect();
    let g = GraphBuilder::new();
    let options = ImportOptions::new().prefix("").ignore_shapes(true);
    let imported = g.import_graph_def(graph_def, options).unwrap();
    for operation in imported.operations() {
        let outputs = operation.outputs().into_iter();
        let shapes: Vec<_> = outputs.map(|output| output.shape().to_string()).collect();
        assert_eq!(shapes, expected[&operation.name()], "{}", operation.op());
    }
    g.finish().unwrap();
}

/// The name and what `_output_shapes` holds.
fn shapes_of(node: &NodeDef) -> (String, Vec<String>) {
    let shapes = match node
        .attr
        .get("_output_shapes")
        .and_then(|it| it.value.as_ref())
    {
        Some(Value::List(list)) => list.shape.iter().map(shape_from_proto).collect(),
        _ => Vec::new(),
    };
    let shapes = shapes.iter().map(|shape| shape.to_string());
    (node.name.clone(), shapes.collect())
}

#[test]
fn ops_that_were_removed_before_the_front_end_knew_them_are_in_old_graphs() {
    let import = |op: &str, attrs: &[(&str, Value)], producer| -> Result<Vec<String>> {
        let attr = |(name, value): &(&str, Value)| {
            let value = Some(value.clone());
            ((*name).to_owned(), pb::AttrValue { value })
        };
        let node = NodeDef {
            name: "y".to_owned(),
            op: op.to_owned(),
            attr: attrs.iter().map(attr).collect(),
            ..NodeDef::default()
        };
        let graph = pb::GraphDef {
            node: vec![node],
            versions: Some(VersionDef {
                producer,
                ..VersionDef::default()
            }),
            ..pb::GraphDef::default()
        };
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("");
        let imported = g.import_graph_def(GraphDef::from_message(graph), options)?;
        let outputs = imported.operation("y")?.outputs().into_iter();
        Ok(outputs.map(|output| output.shape().to_string()).collect())
    };
    let skipgram = [
        ("filename", Value::S(b"f".to_vec())),
        ("batch_size", Value::I(4)),
    ];
    let unknown = vec!["<unknown>".to_owned(); 7];
    assert_eq!(import("Skipgram", &skipgram, 18).unwrap(), unknown);
    assert_eq!(import("Old", &[], 7).unwrap(), Vec::<String>::new());
    for (op, attrs, producer) in [("Skipgram", &skipgram[..], 19), ("Old", &[], 8)] {
        let error = import(op, attrs, producer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.diagnostics()[0].rule(), Rule::UnknownOp);
    }
}
