//! Graphs of TensorFlow 2, which `tests/scripts/make_later_graphs.py` makes and lets TensorFlow 1.15 import.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::graph::encode::PRODUCER;
use crate::graph::{GraphBuilder, GraphDef, ImportOptions, Imported, later};
use crate::proto::tensorflow as pb;
use pb::attr_value::Value;

fn directory() -> PathBuf {
    Path::new(".").join("tests/fixtures/later")
}

fn read(file: &str) -> GraphDef {
    GraphDef::read(directory().join(file)).unwrap()
}

fn import(g: &GraphBuilder, graph_def: GraphDef) -> Result<Imported<'_>> {
    g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
}

/// The files with the shapes of their outputs, or nothing where TensorFlow refuses the graph.
fn outcomes() -> BTreeMap<String, Option<HashMap<String, String>>> {
    let text = fs::read_to_string(directory().join("outcomes.txt")).unwrap();
    let mut outcomes = BTreeMap::new();
    for line in text.lines() {
        match line.split('\t').collect::<Vec<_>>()[..] {
            [file, "refused"] => {
                outcomes.insert(file.to_owned(), None);
            }
            [file, output, shape] => {
                let shapes = outcomes.entry(file.to_owned());
                let shapes = shapes.or_insert_with(|| Some(HashMap::new()));
                let shapes = shapes.as_mut().expect("the file is not refused");
                shapes.insert(output.to_owned(), shape.to_owned());
            }
            _ => panic!("{line}"),
        }
    }
    outcomes
}

#[test]
fn what_tensorflow_takes_with_the_op_list_of_the_producer_is_imported() {
    for (file, shapes) in outcomes() {
        let Some(shapes) = shapes else { continue };
        let g = GraphBuilder::new();
        let imported = import(&g, read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let operations = imported.operations();
        let outputs: Vec<_> = operations.flat_map(|it| it.outputs()).collect();
        for output in &outputs {
            let (name, shape) = (output.name(), output.shape().to_string());
            assert_eq!(shape, shapes[&name], "{file}: {name}");
        }
        assert_eq!(outputs.len(), shapes.len(), "{file}");
        // What is written is a graph of TensorFlow 1.15, functions included.
        let written = g.finish().unwrap().to_graph_def();
        assert_eq!(
            written.message.versions.as_ref().unwrap().producer,
            PRODUCER
        );
        let mut stripped = written.message.clone();
        later::remove_later_defaults(&mut stripped, &pb::OpList::default());
        assert!(stripped == written.message, "{file}");
    }
}

#[test]
fn what_tensorflow_refuses_is_unsupported_and_tells_who_wrote_it() {
    let texts = [
        (
            "double_spectrum",
            "RFFT \"rfft\": the op has no attribute \"Tcomplex\"",
        ),
        (
            "float8",
            "Cast \"Cast\": DataType 24 (DT_FLOAT8_E5M2) is not one that TensorFlow 1.15 has",
        ),
        (
            "gradient",
            "MatMul \"gradients/MatMul_grad/MatMul\": the op has no attribute \"grad_a\"",
        ),
        (
            "int4",
            "Placeholder \"Placeholder\": DataType 29 (DT_INT4) is not one that TensorFlow 1.15 has",
        ),
        (
            "long_segments",
            "SparseSegmentSum \"SparseSegmentSum\": the op has no attribute \"Tsegmentids\"",
        ),
        (
            "long_top",
            "TopKV2 \"TopKV2\": the op has no attribute \"index_type\"",
        ),
        (
            "moving_batch_norm",
            "FusedBatchNormV3 \"FusedBatchNormV3\": the op has no attribute \"exponential_avg_factor\"",
        ),
        (
            "new_op",
            "StatelessRandomGetKeyCounter \"stateless_random_uniform/StatelessRandomGetKeyCounter\": TensorFlow 1.15 \
             has no op, and the graph no function, of this name",
        ),
        (
            "newly_allowed",
            "AddV2 \"Add\": attribute \"T\": expected one of ",
        ),
        ("package_name", "Identity \"Addons>x\": "),
        (
            "padded_pool",
            "MaxPool \"MaxPool2d\": the op has no attribute \"explicit_paddings\"",
        ),
    ];
    let texts: HashMap<_, _> = texts.into();
    let mut seen = 0;
    for (file, outcome) in outcomes() {
        let (name, release) = file.split_once('.').unwrap();
        if outcome.is_some() {
            continue;
        }
        seen += 1;
        let g = GraphBuilder::new();
        let error = import(&g, read(&file)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        let producer = if release == "2.15.pb" { 1645 } else { 2474 };
        let writer = format!(
            "; the graph was written by a later TensorFlow (GraphDef version {producer}, 1.15 has 134)"
        );
        let text = error.to_string();
        assert!(
            text.starts_with(texts[name]) && text.ends_with(&writer),
            "{text}"
        );
        let [fault] = error.diagnostics() else {
            panic!("{file}: {error}");
        };
        assert!(fault.message().ends_with(&writer), "{fault}");
        assert!(g.is_empty());
        // Of TensorFlow 1.15 itself, nothing but an op of the author's own is to be expected in such a graph.
        let mut graph_def = read(&file);
        graph_def.message.versions.as_mut().unwrap().producer = PRODUCER;
        let error = import(&g, graph_def).unwrap_err();
        let kind = match name {
            "new_op" => ErrorKind::Unsupported,
            _ => ErrorKind::Corrupt,
        };
        assert_eq!(error.kind(), kind, "{file}: {error}");
        assert!(!error.to_string().contains("later"), "{error}");
    }
    assert_eq!(seen, 2 * texts.len() - 1);
}

#[test]
fn the_release_is_named_where_it_is_known() {
    let g = GraphBuilder::new();
    let options = ImportOptions::new()
        .prefix("")
        .written_by("2.15.1".to_owned());
    let error = g
        .import_graph_def(read("int4.2.15.pb"), options)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Placeholder \"Placeholder\": DataType 29 (DT_INT4) is not one that TensorFlow 1.15 has; the graph was written by \
         TensorFlow 2.15.1 (GraphDef version 1645, 1.15 has 134)"
    );
}

type Change = fn(&mut pb::GraphDef);

/// The error of a graph of TensorFlow 2.15 that is changed.
fn error_of(change: Change) -> Error {
    let mut graph_def = read("called.2.15.pb");
    change(&mut graph_def.message);
    import(&GraphBuilder::new(), graph_def).unwrap_err()
}

#[test]
fn what_depends_on_the_release_is_unsupported_and_what_no_release_takes_corrupt() {
    let cases: &[(Change, ErrorKind)] = &[
        (
            |graph| graph.node[0].op = "NewOp".to_owned(),
            ErrorKind::Unsupported,
        ),
        (
            |graph| {
                let value = Some(Value::I(3));
                let attr = pb::AttrValue { value };
                graph.node[0].attr.insert("new".to_owned(), attr);
            },
            ErrorKind::Unsupported,
        ),
        (
            |graph| drop(graph.node[0].attr.remove("dtype")),
            ErrorKind::Unsupported,
        ),
        (
            |graph| {
                let node = graph.node.last_mut().unwrap();
                node.input.push(node.input[0].clone());
            },
            ErrorKind::Unsupported,
        ),
        (
            |graph| {
                let library = graph.library.as_mut().unwrap();
                let signature = library.function[0].signature.as_mut().unwrap();
                signature.attr.push(pb::op_def::AttrDef {
                    name: "new".to_owned(),
                    r#type: "list(list(int))".to_owned(),
                    ..Default::default()
                });
            },
            ErrorKind::Unsupported,
        ),
        // An op of TensorFlow 1.15 that later releases lack.
        (
            |graph| {
                let library = graph.library.as_mut().unwrap();
                let signature = library.function[0].signature.as_mut().unwrap();
                signature.name = "TensorForestTreeSize".to_owned();
            },
            ErrorKind::Unsupported,
        ),
        (
            |graph| graph.versions.as_mut().unwrap().min_consumer = 1000,
            ErrorKind::Unsupported,
        ),
        (
            |graph| graph.node.push(graph.node[0].clone()),
            ErrorKind::Corrupt,
        ),
        (
            |graph| graph.node.last_mut().unwrap().input[0] = "nothing".to_owned(),
            ErrorKind::Corrupt,
        ),
        (|graph| graph.node[0].op.clear(), ErrorKind::Corrupt),
    ];
    for (index, &(change, kind)) in cases.iter().enumerate() {
        let error = error_of(change);
        assert_eq!(error.kind(), kind, "case {index}: {error}");
        let tells_writer = error.to_string().contains("GraphDef version 1645");
        assert_eq!(tells_writer, kind == ErrorKind::Unsupported, "{error}");
    }
}
