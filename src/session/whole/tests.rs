//! Values of partitioned variables.

use std::collections::BTreeMap;

use crate::checkpoint::CheckpointReader;
use crate::graph::GraphBuilder;
use crate::init;
use crate::session::Session;
use crate::source::VariableSource;
use crate::value::IntoTensorValue;
use crate::variable::Partitioner;

/// A session of a variable of 5 numbers in parts of 3 and 2, and one in a single part.
fn session() -> Session {
    let g = GraphBuilder::new();
    let v = g.get_variable::<f32>("v").shape([5, 1]);
    let v = v.partitioner(Partitioner::fixed_size(2));
    v.initializer(init::constant(7)).finish();
    let w = g.get_variable::<i64>("w").shape([2]);
    w.partitioner(Partitioner::fixed_size(1)).finish();
    Session::new(&g.finish().unwrap()).unwrap()
}

fn values(session: &Session, name: &str) -> Vec<f32> {
    session
        .value(name)
        .unwrap()
        .as_slice::<f32>()
        .unwrap()
        .to_vec()
}

#[test]
fn a_partitioned_variable_has_the_values_of_its_parts() {
    let mut session = session();
    let names: Vec<_> = session.variables().map(|variable| variable.name).collect();
    assert_eq!(names, ["v/part_0", "v/part_1", "w/part_0"]);
    assert_eq!(values(&session, "v"), [7.0; 5]);
    session.assign("v/part_1", [[1f32], [2.0]]).unwrap();
    assert_eq!(values(&session, "v"), [7.0, 7.0, 7.0, 1.0, 2.0]);
    session
        .assign("v", [[1f32], [2.0], [3.0], [4.0], [5.0]])
        .unwrap();
    assert_eq!(values(&session, "v/part_0"), [1.0, 2.0, 3.0]);
    assert_eq!(values(&session, "v/part_1"), [4.0, 5.0]);
    assert_eq!(session.read::<f32>("v").unwrap().shape(), [5, 1]);
    session.assign("w", [8i64, 9]).unwrap();
    let all = [
        ("v".to_owned(), [[0f32]; 5].into_tensor_value()),
        ("w/part_0".to_owned(), [1i64, 2].into_tensor_value()),
    ];
    session.assign_all(BTreeMap::from(all)).unwrap();
    assert_eq!(values(&session, "v/part_1"), [0.0; 2]);
    let whole = session.variable("v").unwrap().unwrap();
    assert_eq!(whole.shape(), [5, 1]);
    assert_eq!(
        whole.into_value().unwrap().as_slice::<f32>().unwrap(),
        [0.0; 5]
    );
}

#[test]
fn values_that_are_not_the_wholes_are_refused() {
    let mut session = session();
    let error = session.assign("v", [1f32; 4]).unwrap_err();
    let expected = "variable \"v\": expected float32 [5, 1], found float32 [4]";
    assert_eq!(error.to_string(), expected);
    let all = [
        ("v".to_owned(), [1f64; 5].into_tensor_value()),
        ("w".to_owned(), [1i64, 2].into_tensor_value()),
    ];
    let error = session.assign_all(BTreeMap::from(all)).unwrap_err();
    let expected = "variable \"v\": expected float32 [5, 1], found float64 [5]\n\
                    variable \"v/part_0\" has no value\n\
                    variable \"v/part_1\" has no value";
    assert_eq!(error.to_string(), expected);
    assert_eq!(values(&session, "v"), [7.0; 5]);
}

#[test]
fn checkpoints_have_the_whole_value() {
    let mut first = session();
    first
        .assign("v", [[1f32], [2.0], [3.0], [4.0], [5.0]])
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let prefix = directory.path().join("v");
    first.save(&prefix).unwrap();
    let reader = CheckpointReader::open(&prefix).unwrap();
    assert_eq!(reader.names().unwrap(), ["v", "w"]);
    assert_eq!(
        reader.read("v").unwrap().as_slice::<f32>().unwrap(),
        [1.0, 2.0, 3.0, 4.0, 5.0]
    );
    // In other parts.
    let g = GraphBuilder::new();
    let v = g.get_variable::<f32>("v").shape([5, 1]);
    v.partitioner(Partitioner::fixed_size(3)).finish();
    g.get_variable::<i64>("w").shape([2]).finish();
    let mut second = Session::new(&g.finish().unwrap()).unwrap();
    assert!(second.restore(&reader).unwrap().unused.is_empty());
    assert_eq!(values(&second, "v/part_1"), [3.0, 4.0]);
    // And from a session, in one piece.
    let g = GraphBuilder::new();
    g.get_variable::<f32>("v").shape([5, 1]).finish();
    let mut third = Session::new(&g.finish().unwrap()).unwrap();
    third.restore(&first).unwrap();
    assert_eq!(values(&third, "v"), [1.0, 2.0, 3.0, 4.0, 5.0]);
}
