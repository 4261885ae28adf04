//! Messages that are read and written again.

use std::fs;
use std::path::Path;

use prost::Message as _;

use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::op_def::AttrDef;
use crate::proto::tensorflow::{AttrValue, OpDef, SavedModel};
use crate::saved_model::SAVED_MODEL;
use crate::{ModuleSpec, ModuleVariables};

fn fixture(path: &str) -> SavedModel {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/saved_models");
    let bytes = fs::read(directory.join(path)).unwrap();
    SavedModel::decode(&bytes[..]).unwrap()
}

/// What the module of a SavedModel is exported as.
fn exported(model: &SavedModel) -> SavedModel {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(SAVED_MODEL), model.encode_to_vec()).unwrap();
    let spec = ModuleSpec::from_saved_model(dir.path()).unwrap();
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
