//! SavedModels of later releases, with ops that exports refuse, and as they are written again.

use std::fs;
use std::path::Path;

use super::*;
use crate::module::ModuleVariables;
use crate::proto::tensorflow as pb;
use crate::proto::tensorflow::SavedModel;
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::proto::tensorflow::op_def::AttrDef;
use crate::proto::tensorflow::{AttrValue, OpDef};
use crate::saved_model::SAVED_MODEL;
use crate::session::Session;

/// A graph of a later release.
fn later(file: &str) -> pb::GraphDef {
    let graphs = Path::new(".").join("tests/fixtures/later");
    pb::GraphDef::decode(&fs::read(graphs.join(file)).unwrap()).unwrap()
}

/// The module of a SavedModel of a graph, whose first node is the only output.
fn module(graph_def: pb::GraphDef, release: &str) -> Result<ModuleSpec> {
    let output = pb::TensorInfo {
        name: Some(format!("{}:0", graph_def.node[0].name)),
        ..Default::default()
    };
    let signature = SignatureDef {
        outputs: [("default".to_owned(), output)].into(),
        ..Default::default()
    };
    let meta_graph = MetaGraphDef {
        meta_info_def: Some(MetaInfoDef {
            tensorflow_version: release.to_owned(),
            ..Default::default()
        }),
        signature_def: [("default".to_owned(), signature)].into(),
        graph_def: Some(graph_def),
        ..Default::default()
    };
    let model = SavedModel {
        saved_model_schema_version: 1,
        meta_graphs: vec![meta_graph],
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(saved_model::SAVED_MODEL);
    fs::write(path, model.encode_to_vec()).unwrap();
    ModuleSpec::from_saved_model(directory.path(), ())
}

#[test]
fn errors_name_the_release_that_wrote_the_graph() {
    for (file, release, writer) in [
        (
            "long_top.2.15.pb",
            "2.15.1",
            "TensorFlow 2.15.1 (GraphDef version 1645, 1.15 has 134)",
        ),
        (
            "long_top.2.21.pb",
            "2.21.0",
            "TensorFlow 2.21.0 (GraphDef version 2474, 1.15 has 134)",
        ),
        (
            "long_top.2.15.pb",
            "",
            "a later TensorFlow (GraphDef version 1645, 1.15 has 134)",
        ),
    ] {
        let error = module(later(file), release).unwrap_err();
        let expected =
            format!("the op has no attribute \"index_type\"; the graph was written by {writer}");
        assert!(error.to_string().ends_with(&expected), "{error}");
    }
}

#[test]
fn attributes_at_the_defaults_of_later_releases_do_not_matter() {
    for file in ["top.2.15.pb", "products.2.21.pb", "batch_norm.2.15.pb"] {
        module(later(file), "2.15.1").unwrap();
    }
}

/// TensorFlow Hub copies the graph, and all that the file says of it.
#[test]
fn ops_that_the_front_end_lacks_are_taken_over() {
    let g = GraphBuilder::new();
    let words = g.constant([1.0f32, 2.0]);
    g.op("Copy").name("copy").input(words).finish();
    let graph_def = pb::GraphDef::decode(&g.finish().unwrap().to_graph_def().encode()).unwrap();
    let spec = module(graph_def, "1.15.5").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("module");
    spec.export(&path, &Session::new(&spec).unwrap()).unwrap();
    let model = fs::read(path.join(saved_model::SAVED_MODEL)).unwrap();
    let meta_graph = SavedModel::decode(&model).unwrap().meta_graphs.remove(0);
    let nodes = meta_graph.graph_def.unwrap().node;
    let ops: Vec<_> = nodes.iter().map(|node| node.op.as_str()).collect();
    assert!(ops.contains(&"Copy"), "{ops:?}");
    // The op list is that of the file, which has none.
    let info = meta_graph.meta_info_def.unwrap();
    assert_eq!(info.stripped_op_list, None);
}

fn fixture(path: &str) -> SavedModel {
    let directory = Path::new(".").join("tests/fixtures/saved_models");
    let bytes = fs::read(directory.join(path)).unwrap();
    SavedModel::decode(&bytes[..]).unwrap()
}

/// Exports the module of a SavedModel.
fn exported(model: &SavedModel) -> SavedModel {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(SAVED_MODEL), model.encode_to_vec()).unwrap();
    let spec = ModuleSpec::from_saved_model(dir.path(), ()).unwrap();
    let values = ModuleVariables::open(dir.path()).unwrap();
    let out = dir.path().join("out");
    spec.export(&out, &values).unwrap();
    SavedModel::decode(&fs::read(out.join(SAVED_MODEL)).unwrap()[..]).unwrap()
}

#[test]
fn functions_and_their_gradients_are_written_as_they_were_read() {
    let model = fixture("functions/saved_model.pb");
    assert_eq!(exported(&model), fixture("functions/hub.saved_model.pb"));
}

#[test]
fn attributes_of_later_releases_are_written_as_they_were_read() {
    let mut model = exported(&fixture("functions/saved_model.pb"));
    let later = AttrValue {
        value: Some(Value::B(false)),
    };
    let meta_graph = &mut model.meta_graphs[0];
    let info = meta_graph.meta_info_def.as_mut().unwrap();
    let def = |op: &str| OpDef {
        name: op.to_owned(),
        attr: vec![AttrDef {
            name: "later".to_owned(),
            default_value: Some(later.clone()),
            ..AttrDef::default()
        }],
        ..OpDef::default()
    };
    let list = info.stripped_op_list.get_or_insert_default();
    list.op = vec![def("Identity"), def("Mean")];
    let graph = meta_graph.graph_def.as_mut().unwrap();
    let functions = graph.library.iter_mut().flat_map(|it| &mut it.function);
    let inner = functions.flat_map(|function| &mut function.node_def);
    let mut given = 0;
    for node in graph.node.iter_mut().chain(inner) {
        if ["Identity", "Mean"].contains(&node.op.as_str()) {
            node.attr.insert("later".to_owned(), later.clone());
            given += 1;
        }
        // An attribute of no value is one, too.
        if node.name == "x" {
            node.attr.insert("shape".to_owned(), AttrValue::default());
        }
    }
    assert_eq!(given, 2);
    assert_eq!(exported(&model), model);
}
