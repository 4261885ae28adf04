//! `tests/fixtures/kernels.pb` has a node for each case, and constants with the values that TensorFlow computes, see
//! `tests/scripts/make_kernels.py`.

use std::path::Path;

use half::f16;

use super::*;
use crate::dtype::Data;
use crate::error::Rule;
use crate::graph::{GraphBuilder, GraphDef, ImportOptions, Tensor};
use crate::ops::math::Axes;
use crate::ops::{array, linalg, math, random};

/// The largest difference of two numbers, relative to those that are larger than 1.
fn difference(found: &TensorValue, expected: &TensorValue) -> f64 {
    fn largest<T: Copy>(found: &[T], expected: &[T], wide: impl Fn(T) -> f64) -> f64 {
        let pairs = found.iter().zip(expected);
        let differences = pairs.map(|(&found, &expected)| {
            let (found, expected) = (wide(found), wide(expected));
            match found == expected || found.is_nan() && expected.is_nan() {
                true => 0.0,
                false => (found - expected).abs() / expected.abs().max(1.0),
            }
        });
        // A difference that is no number is the largest.
        differences.fold(0.0, |most, next| if next <= most { most } else { next })
    }
    match (found.data(), expected.data()) {
        (Data::Float32(a), Data::Float32(b)) => largest(a, b, f64::from),
        (Data::Float64(a), Data::Float64(b)) => largest(a, b, |x| x),
        (Data::Float16(a), Data::Float16(b)) => largest(a, b, f16::to_f64),
        _ => f64::INFINITY,
    }
}

/// How far a value may be from TensorFlow's: some units in the last place.
fn tolerance(value: &TensorValue) -> f64 {
    match value.data() {
        Data::Float64(_) => 1e-13,
        Data::Float16(_) => 1e-3,
        _ => 1e-6,
    }
}

#[test]
fn values_are_tensorflows() {
    let path = Path::new(".").join("tests/fixtures/kernels.pb");
    let g = GraphBuilder::new();
    let graph_def = GraphDef::read(path).unwrap();
    let options = ImportOptions::new().prefix("");
    g.import_graph_def(graph_def, options).unwrap();
    let graph = g.finish().unwrap();
    let session = Session::new(&graph).unwrap();
    let evaluate = |name: &str| {
        let node = graph.find(name).unwrap();
        let held = session.evaluate(0, TensorRef { node, index: 0 }, 0);
        held.map(|held| Arc::unwrap_or_clone(held.value))
    };
    let mut faults = Vec::new();
    let mut cases = 0;
    for constant in graph.node_names() {
        let Some(case) = constant.strip_prefix("value/") else {
            continue;
        };
        cases += 1;
        let expected = evaluate(constant).unwrap();
        let found = match evaluate(case) {
            Ok(found) => found,
            Err(error) => {
                faults.push(format!("{case}: {error}"));
                continue;
            }
        };
        // Bytes tell negative zeros apart, and compare what is not a number.
        let equal = (
            found.dtype(),
            found.shape(),
            found.le_bytes(),
            found.strings(),
        ) == (
            expected.dtype(),
            expected.shape(),
            expected.le_bytes(),
            expected.strings(),
        );
        let difference = match found.shape() == expected.shape() {
            true => difference(&found, &expected),
            false => f64::INFINITY,
        };
        if !equal && (case.starts_with("exact/") || difference > tolerance(&expected)) {
            faults.push(format!(
                "{case}: expected {expected}, found {found}, differs by {difference:e}"
            ));
        }
    }
    assert!(cases > 300, "{cases} cases");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Orthogonal matrices, unit matrices and encodings of positions, as programs make them.
#[test]
fn initial_values_of_many_ops() {
    let g = GraphBuilder::new();
    g.set_random_seed(1);
    let eye = g.get_variable("eye");
    eye.initial_value_fn(|g| linalg::eye::<f32>(g, 2, ()) * 3.0)
        .finish();
    let orthogonal = g.get_variable("orthogonal");
    orthogonal
        .initial_value_fn(|g| {
            let normal = random::uniform::<f32>(g, [4i32, 3], ());
            let (q, r) = linalg::qr(normal, ());
            q * math::sign(linalg::diag_part(r))
        })
        .finish();
    g.get_variable("positions")
        .initial_value_fn(|g| {
            let position = array::expand_dims(math::range(g, 4f32, ()), 1);
            let rates = math::exp(g.constant([0f32, -1.0]));
            array::concat(
                g,
                [math::sin(position * rates), math::cos(position * rates)],
                1,
            )
        })
        .finish();
    let session = Session::new(&g.finish().unwrap()).unwrap();
    assert_eq!(
        session.value("eye").unwrap().as_slice::<f32>().unwrap(),
        [3.0, 0.0, 0.0, 3.0]
    );
    let q = session.read::<f32>("orthogonal").unwrap();
    for (a, b) in [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)] {
        let dot: f32 = (0..4).map(|row| q[[row, a]] * q[[row, b]]).sum();
        assert!((dot - f32::from(u8::from(a == b))).abs() < 1e-6, "{dot}");
    }
    let positions = session.read::<f32>("positions").unwrap();
    assert_eq!(positions.shape(), [4, 4]);
    assert_eq!(positions[[0, 2]], 1.0);
}

/// TensorFlow 1.15 initializes the variables with the same values.
#[test]
fn initial_values_come_out_of_the_branch_that_runs() {
    fn fed(g: &GraphBuilder) -> Tensor<'_, f32> {
        g.placeholder([2])
    }
    let g = GraphBuilder::new();
    let start = g.get_variable("start").initial_value([1f32, 2.0]).finish();
    let never = math::reduce_all(g.constant([true, false]), Axes::ALL);
    let chosen = g.get_variable::<f32>("chosen");
    chosen
        .initial_value_fn(move |g| g.cond(never, || fed(g) + start, || g.constant([7f32, 8.0])))
        .finish();
    let nested = g.get_variable::<f32>("nested");
    nested
        .initial_value_fn(move |g| {
            let twice = start + start;
            let inner = || g.cond(math::logical_not(never), || twice + start * 2.0, || fed(g));
            g.cond(never, || fed(g) + twice, inner)
        })
        .finish();
    let session = Session::new(&g.finish().unwrap()).unwrap();
    let value = |name: &str| {
        session
            .value(name)
            .unwrap()
            .as_slice::<f32>()
            .unwrap()
            .to_vec()
    };
    assert_eq!(value("chosen"), [7.0, 8.0]);
    assert_eq!(value("nested"), [4.0, 8.0]);
}

/// TensorFlow refuses it too.
#[test]
fn an_initial_value_is_not_taken_out_of_a_branch() {
    let g = GraphBuilder::new();
    let never = g.constant(false);
    let start = g.constant([1f32, 2.0]);
    let inside = std::cell::Cell::new(None);
    g.cond(
        never,
        || {
            let value = start * 2.0;
            inside.set(Some(value));
            value
        },
        || start,
    );
    let inside = inside.into_inner().unwrap();
    g.get_variable("inside").initial_value(inside).finish();
    let error = g.finish().unwrap_err();
    assert_eq!(error.diagnostics()[0].rule(), Rule::ControlFlow);
}

/// An initial value that no other one reads is computed while it is written, and dropped.
#[test]
fn saving_keeps_no_initial_value() {
    let g = GraphBuilder::new();
    let read = g.get_variable("read").initial_value([1f32; 3]).finish();
    for name in ["a", "b"] {
        let value = move |_| math::exp(read);
        g.get_variable(name).initial_value_fn(value).finish();
    }
    let session = Session::new(&g.finish().unwrap()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for name in ["first", "second"] {
        session.save(directory.path().join(name)).unwrap();
        let held = session
            .slots
            .iter()
            .filter(|(_, slot)| slot.value.get().is_some());
        assert_eq!(held.map(|(name, _)| name).collect::<Vec<_>>(), ["read"]);
    }
    let written =
        crate::checkpoint::CheckpointReader::open(directory.path().join("second")).unwrap();
    let written = written.read("b").unwrap();
    assert_eq!(written.as_slice::<f32>().unwrap(), [1f32.exp(); 3]);
}
