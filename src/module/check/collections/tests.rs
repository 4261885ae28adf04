//! Collections of SavedModels: what TensorFlow takes, with the outcome of `hub.Module` of TensorFlow 1.15.5 and hub 0.12.

use std::fs;

use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::keys;
use crate::module::ModuleVariables;
use crate::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
use crate::proto::Message as _;
use crate::proto::tensorflow::collection_def::{BytesList, Kind, NodeList};
use crate::proto::tensorflow::{
    CollectionDef, CondContextDef, SavedModel, ValuesDef, VariableDef, WhileContextDef,
};
use crate::regularizer::contrib;
use crate::sorted_map::SortedMap;
use crate::{ModuleSpec, Session};

type Collections = SortedMap<String, CollectionDef>;

/// A module with two variables `w` and `s`, a regularization loss, an update and a table.
fn module() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        let x = g.named("x", || g.placeholder::<f32>((None, 2)));
        let w = g.get_variable::<f32>("w").shape([2]);
        let w = w.regularizer(contrib::l2(0.1)).finish();
        let s = g.get_variable("s").initial_value(1.0f32);
        let s = s.trainable(false).finish();
        g.add_to_collection(keys::MODEL_VARIABLES, w);
        g.add_to_collection(keys::UPDATE_OPS, s.assign_add_op(1.0));
        g.named("pair", || g.constant([1i32, 2]));
        let fill = KeyValueTensorInitializer::new(g, ["a"], [1i64]);
        let table = StaticHashTable::new(fill, 0i64);
        let keys = g.placeholder::<ByteString>((None,));
        let looked_up = table.lookup(keys);
        g.signature("default")
            .input("x", x)
            .input("keys", keys)
            .output("default", x * w + s)
            .output("looked_up", looked_up);
    });
    spec.unwrap()
}

fn put(collections: &mut Collections, key: &str, kind: Kind) {
    collections.insert(key.to_owned(), CollectionDef { kind: Some(kind) });
}

fn nodes(key: &'static str, names: &'static [&'static str]) -> Change {
    let value = names.iter().map(|&name| name.to_owned()).collect();
    let list = Kind::NodeList(NodeList { value });
    Box::new(move |collections| put(collections, key, list.clone()))
}

fn messages(key: &'static str, value: Vec<Vec<u8>>) -> Change {
    let list = Kind::BytesList(BytesList { value });
    Box::new(move |collections| put(collections, key, list.clone()))
}

type Change = Box<dyn Fn(&mut Collections)>;

/// The definition of a variable in [`module`].
fn def(name: &str, change: impl FnOnce(&mut VariableDef)) -> Vec<u8> {
    let initial = match name {
        "w" => "w/Initializer/random_uniform:0",
        _ => "s/Initializer/initial_value:0",
    };
    let mut def = VariableDef {
        variable_name: format!("{name}:0"),
        initializer_name: format!("{name}/Assign"),
        snapshot_name: format!("{name}/Read/ReadVariableOp:0"),
        initial_value_name: initial.to_owned(),
        is_resource: true,
        trainable: true,
        ..VariableDef::default()
    };
    change(&mut def);
    def.encode_to_vec()
}

/// A change of the collections, and what is wrong with them then, if anything.
fn cases() -> Vec<(&'static str, Change, Option<&'static str>)> {
    let w = || def("w", |_| ());
    let s = || def("s", |_| ());
    let variables = |list: Vec<Vec<u8>>| messages(keys::VARIABLES, list);
    let cond = |change: fn(&mut CondContextDef)| {
        let mut def = CondContextDef {
            pred_name: "x:0".into(),
            pivot_name: "pair:0".into(),
            ..CondContextDef::default()
        };
        change(&mut def);
        def.encode_to_vec()
    };
    let loop_ = |change: fn(&mut WhileContextDef)| {
        let mut def = WhileContextDef {
            pivot_name: "x:0".into(),
            pivot_for_pred_name: "x:0".into(),
            pivot_for_body_name: "x:0".into(),
            ..WhileContextDef::default()
        };
        change(&mut def);
        def.encode_to_vec()
    };
    let outside = |name: &str| {
        let external_values = SortedMap::from([("pair:0".to_owned(), name.to_owned())]);
        Some(ValuesDef {
            external_values,
            ..ValuesDef::default()
        })
    };
    let nope = "the graph has no tensor \"nope:0\"";
    vec![
        ("unchanged", Box::new(|_| ()), None),
        // ValueError: At least two variables have the same name: module/w
        (
            "twice",
            variables(vec![w(), w(), s()]),
            Some("the variable is in collection \"variables\" twice"),
        ),
        // IndexError: list index out of range
        (
            "node list",
            nodes(keys::VARIABLES, &["w:0"]),
            Some("expected a VariableDef in collection \"variables\", found tensor \"w:0\""),
        ),
        // KeyError: "The name 'module/nope' refers to an Operation not in the graph."
        (
            "initializer",
            variables(vec![
                def("w", |def| def.initializer_name = "nope".into()),
                s(),
            ]),
            Some("a VariableDef in collection \"variables\": the graph has no operation \"nope\""),
        ),
        (
            "no initializer",
            variables(vec![def("w", |def| def.initializer_name.clear()), s()]),
            Some("a VariableDef in collection \"variables\": the graph has no operation \"\""),
        ),
        // ValueError: At least two variables have the same name: module/s
        (
            "snapshot of another",
            variables(vec![
                def("w", |def| {
                    def.snapshot_name = "s/Read/ReadVariableOp:0".into()
                }),
                s(),
            ]),
            Some("snapshot \"s/Read/ReadVariableOp:0\" reads another variable than \"w\""),
        ),
        (
            "no snapshot",
            variables(vec![def("w", |def| def.snapshot_name.clear()), s()]),
            None,
        ),
        (
            "no initial value",
            variables(vec![def("w", |def| def.initial_value_name.clear()), s()]),
            None,
        ),
        // IndexError: list index out of range
        (
            "not a resource",
            variables(vec![def("w", |def| def.is_resource = false), s()]),
            Some("expected a reference variable, found VarHandleOp \"w\""),
        ),
        (
            "trainable twice",
            messages(keys::TRAINABLE_VARIABLES, vec![w(), w()]),
            None,
        ),
        (
            "trainable nodes",
            nodes(keys::TRAINABLE_VARIABLES, &["w:0"]),
            None,
        ),
        // KeyError with trainable=True: "The name 'module/nope:0' refers to a Tensor which does not exist.
        (
            "trainable that is not there",
            messages(
                keys::TRAINABLE_VARIABLES,
                vec![def("w", |def| def.variable_name = "nope:0".into())],
            ),
            Some(nope),
        ),
        // ValueError: Operation 'module/pair' has no attr named 'shape'.
        (
            "model variable that is a constant",
            messages(
                keys::MODEL_VARIABLES,
                vec![def("w", |def| def.variable_name = "pair:0".into())],
            ),
            Some(
                "a VariableDef in collection \"model_variables\": expected a resource variable, found Const \"pair\"",
            ),
        ),
        // AttributeError: 'Operation' object has no attribute 'op'
        (
            "variable without output",
            messages(
                keys::MODEL_VARIABLES,
                vec![def("w", |def| def.variable_name = "w".into())],
            ),
            Some("the graph has no tensor \"w\""),
        ),
        // DecodeError: Error parsing message with type 'tensorflow.VariableDef'
        (
            "garbage",
            messages(keys::MODEL_VARIABLES, vec![vec![0xff, 0xff]]),
            Some("a VariableDef in collection \"model_variables\": 2 bytes are malformed"),
        ),
        // KeyError: "The name 'module/' refers to an Operation not in the graph."
        (
            "empty message",
            messages(keys::MODEL_VARIABLES, vec![vec![]]),
            Some("a VariableDef in collection \"model_variables\": the graph has no tensor \"\""),
        ),
        (
            "loss that is a vector",
            nodes(keys::REGULARIZATION_LOSSES, &["pair:0"]),
            None,
        ),
        (
            "loss of bytes",
            messages(keys::REGULARIZATION_LOSSES, vec![b"abc".to_vec()]),
            None,
        ),
        // TypeError with trainable=True: Can't convert Operation 'module/w/Assign' to Tensor
        (
            "loss that is an operation",
            nodes(keys::REGULARIZATION_LOSSES, &["w/Assign"]),
            Some(
                "expected a tensor in collection \"regularization_losses\", found operation \"w/Assign\"",
            ),
        ),
        (
            "update that is a tensor",
            nodes(keys::UPDATE_OPS, &["pair:0"]),
            None,
        ),
        // ValueError: Fetch argument 'module_apply_default/abc' cannot be interpreted as a Tensor.
        (
            "update of bytes",
            messages(keys::UPDATE_OPS, vec![b"abc".to_vec()]),
            Some("expected an operation in collection \"update_ops\", found 3 bytes"),
        ),
        // TypeError: Expected tf.group() expected Tensor arguments not 'module/abc' with type '<class 'str'>'
        (
            "table initializer of bytes",
            messages(keys::TABLE_INITIALIZERS, vec![b"abc".to_vec()]),
            Some("expected an operation in collection \"table_initializer\", found 3 bytes"),
        ),
        (
            "cond",
            messages(keys::COND_CONTEXT, vec![cond(|_| ())]),
            None,
        ),
        ("cond nodes", nodes(keys::COND_CONTEXT, &["pair:0"]), None),
        // KeyError: "The name 'module/' refers to an Operation not in the graph."
        (
            "cond without predicate",
            messages(keys::COND_CONTEXT, vec![cond(|def| def.pred_name.clear())]),
            Some("a CondContextDef in collection \"cond_context\": the graph has no tensor \"\""),
        ),
        (
            "loop",
            messages(keys::WHILE_CONTEXT, vec![loop_(|_| ())]),
            None,
        ),
        (
            "loop whose exit is not there",
            messages(
                keys::WHILE_CONTEXT,
                vec![loop_(|def| def.loop_exit_names.push("nope:0".into()))],
            ),
            Some(nope),
        ),
        (
            "loop with a value of nowhere",
            messages(
                keys::WHILE_CONTEXT,
                vec![
                    WhileContextDef {
                        pivot_name: "x:0".into(),
                        pivot_for_pred_name: "x:0".into(),
                        pivot_for_body_name: "x:0".into(),
                        values_def: outside("nope:0"),
                        ..WhileContextDef::default()
                    }
                    .encode_to_vec(),
                ],
            ),
            Some(nope),
        ),
    ]
}

#[test]
fn collections_of_saved_models_are_taken_as_tensorflow_takes_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("module");
    let spec = module();
    spec.export(&path, &Session::new(&spec).unwrap()).unwrap();
    let model = fs::read(path.join("saved_model.pb")).unwrap();
    let mut wrong = Vec::new();
    for (name, change, expected) in cases() {
        let mut model = SavedModel::decode(&model[..]).unwrap();
        change(&mut model.meta_graphs[0].collection_def);
        fs::write(path.join("saved_model.pb"), model.encode_to_vec()).unwrap();
        let loaded = ModuleSpec::from_saved_model(&path, ());
        match (loaded, expected) {
            (Ok(spec), None) => {
                let values = ModuleVariables::open(&path).unwrap();
                let again = dir.path().join(name);
                spec.export(again, &values).unwrap();
            }
            (Ok(_), Some(_)) => wrong.push(format!("{name}: taken")),
            (Err(error), None) => wrong.push(format!("{name}: {error}")),
            (Err(error), Some(text)) => match error.diagnostics() {
                [fault]
                    if fault.message().contains(text)
                        && fault.rule() == Rule::CollectionItem
                        && fault.location().file() == file!() => {}
                _ => wrong.push(format!("{name}: expected {text}\n  found {error}")),
            },
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
