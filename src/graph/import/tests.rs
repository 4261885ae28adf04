//! The op lists and the versions of imported graphs.

mod copy;
mod internal;
mod later;

use std::fs;
use std::path::Path;

use super::ImportOptions;
use crate::error::{ErrorKind, Result};
use crate::graph::{GraphBuilder, GraphDef, Operation};
use crate::proto::tensorflow as pb;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

#[test]
fn op_lists_have_the_ops_that_tensorflow_lists() {
    let directory = Path::new(".").join("tests/fixtures/graphs");
    for name in [
        "defun",
        "control_flow_v2",
        "queues",
        "training",
        "while_v1",
        "old_network",
    ] {
        let g = GraphBuilder::new();
        let graph_def = GraphDef::read(directory.join(format!("{name}.pb"))).unwrap();
        g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
            .unwrap();
        let list = g.finish().unwrap().to_op_list();
        let ours: Vec<_> = list.op.iter().map(|op| op.name.as_str()).collect();
        let theirs = fs::read_to_string(directory.join(format!("{name}.ops"))).unwrap();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{name}");
    }
}

/// A node of `float32`.
fn node(name: &str, op: &str, input: &[&str], attrs: &[(&str, Value)]) -> pb::NodeDef {
    let proto = |value: &Value| pb::AttrValue {
        value: Some(value.clone()),
    };
    let attrs = attrs.iter();
    pb::NodeDef {
        name: name.to_owned(),
        op: op.to_owned(),
        input: input.iter().map(|&input| input.to_owned()).collect(),
        attr: attrs
            .map(|(name, value)| ((*name).to_owned(), proto(value)))
            .collect(),
        ..Default::default()
    }
}

const FLOAT: Value = Value::Type(1);

fn scalar_placeholder() -> pb::NodeDef {
    let scalar = Value::Shape(pb::TensorShapeProto::default());
    node(
        "p",
        "Placeholder",
        &[],
        &[("dtype", FLOAT), ("shape", scalar)],
    )
}

/// Imports a graph of these nodes and of this version.
fn import(
    g: &GraphBuilder,
    nodes: Vec<pb::NodeDef>,
    versions: Option<pb::VersionDef>,
) -> Result<()> {
    let message = pb::GraphDef {
        node: nodes,
        versions,
        ..Default::default()
    };
    let options = ImportOptions::new().prefix("");
    g.import_graph_def(GraphDef::from_message(message), options)?;
    Ok(())
}

fn version(producer: i32) -> Option<pb::VersionDef> {
    Some(pb::VersionDef {
        producer,
        ..Default::default()
    })
}

/// A graph into which one of this version was imported.
fn beginning(producer: Option<i32>) -> GraphBuilder {
    let g = GraphBuilder::new();
    if producer.is_some() {
        import(&g, Vec::new(), producer.and_then(version)).unwrap();
    }
    g
}

/// The shape of another placeholder for a scalar, which is built.
fn built(g: &GraphBuilder) -> Shape {
    let tensor = g.placeholder::<f32>(());
    tensor.shape()
}

#[test]
fn placeholders_follow_the_oldest_version_in_the_graph() {
    let versions = [0, 21, 22, 134, 200];
    // Whether the shapes of scalars are known, for each version of the file, and the versions afterwards.
    let cases = [
        (
            None,
            [false, false, true, true, true],
            [0, 21, 22, 134, 134],
        ),
        (Some(0), [false; 5], [0; 5]),
        (Some(21), [false; 5], [0, 21, 21, 21, 21]),
        (
            Some(22),
            [false, false, true, true, true],
            [0, 21, 22, 22, 22],
        ),
        (
            Some(100),
            [false, false, true, true, true],
            [0, 21, 22, 100, 100],
        ),
    ];
    for (before, known, after) in cases {
        for ((file, known), after) in versions.into_iter().zip(known).zip(after) {
            let g = beginning(before);
            import(&g, vec![scalar_placeholder()], version(file)).unwrap();
            let expected = if known {
                Shape::scalar()
            } else {
                Shape::unknown()
            };
            let imported = g.operation("p").unwrap().output(0).shape();
            assert_eq!(imported, expected, "{before:?} {file}");
            assert_eq!(built(&g), expected, "{before:?} {file}");
            assert_eq!(g.producer(), after, "{before:?} {file}");
        }
    }
    let g = GraphBuilder::new();
    import(&g, vec![scalar_placeholder()], None).unwrap();
    assert_eq!(g.producer(), 0);
    assert_eq!(
        g.operation("p").unwrap().output(0).shape(),
        Shape::unknown()
    );
}

#[test]
fn removed_ops_are_those_of_the_file_and_of_the_graph() {
    fn is_built(g: GraphBuilder) -> bool {
        let x = g.constant([1.0f32, 2.0]);
        let _: Operation<'_> = g.op("BatchMatrixDiag").input(x).finish();
        g.finish().is_ok()
    }
    let diag = || node("d", "BatchMatrixDiag", &["p"], &[("T", FLOAT)]);
    for before in [None, Some(0), Some(13), Some(14), Some(100)] {
        for file in [0, 13, 14, 134] {
            let g = beginning(before);
            let imported = import(&g, vec![scalar_placeholder(), diag()], version(file));
            match file < 14 {
                true => imported.unwrap(),
                false => {
                    let error = imported.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{before:?} {file}");
                }
            }
            // An import that failed leaves the graph as old as it was.
            let old = before.is_some_and(|before| before < 14) || file < 14;
            assert_eq!(is_built(g), old, "{before:?} {file}");
        }
    }
}

#[test]
fn versions_are_merged_and_a_failed_import_leaves_them() {
    let versions = |producer, min_consumer, bad_consumers: &[i32]| pb::VersionDef {
        producer,
        min_consumer,
        bad_consumers: bad_consumers.to_vec(),
    };
    let g = GraphBuilder::new();
    import(&g, Vec::new(), Some(versions(50, 3, &[9, 2]))).unwrap();
    import(
        &g,
        vec![scalar_placeholder()],
        Some(versions(60, 10, &[5, 2, 5])),
    )
    .unwrap();
    for refused in [
        versions(0, 135, &[]),
        versions(0, 0, &[134]),
        versions(-1, 0, &[]),
    ] {
        import(&g, Vec::new(), Some(refused)).unwrap_err();
    }
    let broken = node("z", "Identity", &["nothing"], &[("T", FLOAT)]);
    import(&g, vec![broken], version(0)).unwrap_err();
    let inputs_do_not_fit = node("z", "BiasAdd", &["q", "q"], &[("T", FLOAT)]);
    let vector = Value::Shape(crate::graph::shape_proto(&Shape::from([2])));
    let q = node(
        "q",
        "Placeholder",
        &[],
        &[("dtype", FLOAT), ("shape", vector)],
    );
    import(&g, vec![q, inputs_do_not_fit], version(0)).unwrap_err();
    let merged = g.finish().unwrap().to_message().versions;
    assert_eq!(merged, Some(versions(50, 10, &[2, 5, 9])));
}

#[test]
fn shapes_of_the_file_add_to_what_is_inferred() {
    let shapes = |shapes: &[&[usize]]| {
        let shape = shapes.iter();
        let shape = shape.map(|dims| crate::graph::shape_proto(&Shape::from(*dims)));
        Value::List(Box::new(pb::attr_value::ListValue {
            shape: shape.collect(),
            ..Default::default()
        }))
    };
    let types = Value::List(Box::new(pb::attr_value::ListValue {
        r#type: vec![1],
        ..Default::default()
    }));
    let placeholder = |listed: &[&[usize]]| {
        let mut node = scalar_placeholder();
        let value = Some(shapes(listed));
        let attr = pb::AttrValue { value };
        node.attr.insert("_output_shapes".to_owned(), attr);
        node
    };
    let queue = |op: &str| {
        let attrs = [
            ("component_types", types.clone()),
            ("_output_shapes", shapes(&[&[7]])),
        ];
        node("p", op, &[], &attrs)
    };
    // The shape that TensorFlow has afterwards, where it imports the node.
    let cases = [
        (placeholder(&[&[]]), 0, Some(Shape::scalar())),
        (placeholder(&[&[2]]), 0, Some(Shape::from([2]))),
        (placeholder(&[&[], &[3]]), 0, Some(Shape::scalar())),
        (placeholder(&[]), 0, None),
        (placeholder(&[&[]]), 22, Some(Shape::scalar())),
        (placeholder(&[&[2]]), 22, None),
        // Older programs said another shape of it.
        (queue("FIFOQueue"), 100, Some(Shape::from([2]))),
        (queue("FIFOQueueV2"), 100, None),
    ];
    for (at, (node, producer, expected)) in cases.into_iter().enumerate() {
        let g = GraphBuilder::new();
        let imported = import(&g, vec![node], version(producer));
        assert_eq!(imported.is_ok(), expected.is_some(), "case {at}");
        if let Some(expected) = expected {
            let shape = g.operation("p").unwrap().output(0).shape();
            assert_eq!(shape, expected, "case {at}");
        }
    }
}
