//! Variables whose shapes the graph does not know: what sessions, exports, variants and the lint make of them.

use std::collections::BTreeMap;

use tfhub::checkpoint::CheckpointReader;
use tfhub::error::Rule;
use tfhub::module::{LintCode, ModuleVariables};
use tfhub::variable::{EnterScope, Partitioner, Reuse};
use tfhub::{
    Error, ErrorKind, Exporter, GraphBuilder, ModuleSpec, Session, Shape, Tags, TensorValue,
};

/// A variable that starts from a value of which only this is known.
fn variable(g: &GraphBuilder, name: &str, known: impl Into<Shape>) {
    let value = [[1f32, 2.0], [3.0, 4.0]];
    let value = g.placeholder_with_default(value, known.into());
    g.get_variable(name).initial_value(value).finish();
}

/// A module of such variables, and one whose initial value only a feed gives.
fn module() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        variable(g, "rows", (None, 2));
        variable(g, "any", Shape::unknown());
        let fed = g.placeholder::<f32>((None,));
        g.get_variable("fed").initial_value(fed).finish();
        let x = g.placeholder::<f32>((None, 2));
        g.default_signature(x, x);
    });
    spec.unwrap()
}

/// The faults of a graph, with the lines on which they are.
fn faults(build: impl FnOnce(&GraphBuilder)) -> Vec<(u32, String)> {
    let g = GraphBuilder::new();
    build(&g);
    let error = g.finish().unwrap_err();
    let faults = error.diagnostics().iter().map(|fault| {
        assert_eq!(fault.location().file(), file!());
        (fault.location().line(), fault.message().to_owned())
    });
    faults.collect()
}

fn descriptions(session: &Session) -> Vec<String> {
    session.variables().map(|it| it.to_string()).collect()
}

#[test]
fn a_session_takes_the_shapes_of_values() {
    let spec = module();
    let mut session = Session::new(&spec).unwrap();
    let initial = [
        "\"any\": float32 [2, 2]",
        "\"fed\": float32 [?]",
        "\"rows\": float32 [2, 2]",
    ];
    assert_eq!(descriptions(&session), initial);
    let elements: Vec<_> = session.variables().map(|it| it.num_elements()).collect();
    assert_eq!(elements, [Some(4), None, Some(4)]);
    let error = session.value("fed").unwrap_err().to_string();
    assert!(
        error.contains("its initial value cannot be computed"),
        "{error}"
    );

    session.assign("any", 1f32).unwrap();
    session.assign("rows", [[5f32, 6.0]]).unwrap();
    session.assign("fed", [7f32, 8.0, 9.0]).unwrap();
    let assigned = [
        "\"any\": float32 []",
        "\"fed\": float32 [3]",
        "\"rows\": float32 [1, 2]",
    ];
    assert_eq!(descriptions(&session), assigned);
    for (name, value, text) in [
        (
            "rows",
            TensorValue::new([2], vec![1f32; 2]),
            "variable \"rows\": expected float32 [?, 2], found float32 [2]",
        ),
        (
            "fed",
            TensorValue::new([1, 1], vec![1f32]),
            "variable \"fed\": expected float32 [?], found float32 [1, 1]",
        ),
        (
            "any",
            TensorValue::new([1], vec![1f64]),
            "variable \"any\": expected float32 <unknown>, found float64 [1]",
        ),
    ] {
        let error = session.assign_value(name, value.unwrap()).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::InvalidValue, text.to_owned())
        );
    }
    assert_eq!(descriptions(&session), assigned);
}

#[test]
fn an_export_has_the_shapes_of_values() {
    let spec = module();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let mut session = Session::new(&spec).unwrap();
    let error = spec.export(path("none"), &session).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = error.to_string();
    assert!(
        text.contains("variable \"fed\": its initial value cannot be computed"),
        "{text}"
    );

    session
        .assign("rows", [[5f32, 6.0], [7.0, 8.0], [9.0, 10.0]])
        .unwrap();
    session.assign("fed", [7f32]).unwrap();
    let mut bytes = Vec::new();
    let summary = {
        let exporter = Exporter::new(&spec).on_progress(|progress| bytes.push(progress.bytes));
        exporter.export(path("module"), &session).unwrap()
    };
    assert_eq!((summary.variables, summary.variable_bytes), (3, 44));
    assert!(bytes.iter().all(|expected| *expected == 44), "{bytes:?}");
    let shapes = |reader: &CheckpointReader| {
        let tensors = reader.tensors().map(|info| info.unwrap());
        let shapes = tensors.map(|info| (info.name, info.shape));
        shapes.collect::<Vec<_>>()
    };
    let expected = [("any", vec![2, 2]), ("fed", vec![1]), ("rows", vec![3, 2])];
    let expected = expected.map(|(name, shape)| (name.to_owned(), shape));
    let values = ModuleVariables::open(path("module")).unwrap();
    assert_eq!(shapes(values.reader().unwrap()), expected);
    session.save(path("model.ckpt")).unwrap();
    assert_eq!(
        shapes(&CheckpointReader::open(path("model.ckpt")).unwrap()),
        expected
    );

    // The module that was written takes other shapes again.
    let read = ModuleSpec::from_saved_model(path("module"), ()).unwrap();
    let mut session = Session::new(&read).unwrap();
    session.restore(&values).unwrap();
    session.assign("rows", [[1f32, 2.0]]).unwrap();
    read.export(path("again"), &session).unwrap();
    let again = ModuleVariables::open(path("again")).unwrap();
    assert_eq!(shapes(again.reader().unwrap())[2].1, [1, 2]);

    let value = |shape: &[usize]| TensorValue::new(shape, vec![0f32; shape.iter().product()]);
    let values = [("rows", &[2, 3][..]), ("any", &[1]), ("fed", &[])];
    let values = values.map(|(name, shape)| (name.to_owned(), value(shape).unwrap()));
    let error = spec
        .export(path("none"), &BTreeMap::from(values))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"fed\": expected float32 [?], found float32 []\n\
         variable \"rows\": expected float32 [?, 2], found float32 [2, 3]"
    );
    assert!(!path("none").exists());
}

/// A module of three variants, of which each knows this of a variable.
fn variants(known: [Shape; 3]) -> Result<ModuleSpec, Error> {
    let tags = [Tags::none(), Tags::from(["b"]), Tags::from(["c"])];
    let variants = tags.into_iter().zip(known);
    let builder = variants.fold(ModuleSpec::builder(), |builder, (tags, known)| {
        builder.variant(tags, move |g: &GraphBuilder| {
            let value = g.placeholder::<f32>(Shape::unknown());
            g.variable("v").initial_value(value).shape(&known).finish();
            let x = g.placeholder::<f32>((None, 2));
            g.default_signature(x, x);
        })
    });
    builder.finish()
}

#[test]
fn variants_agree_as_far_as_they_know() {
    let spec = variants([Shape::unknown(), (None, 3).into(), (2, None).into()]).unwrap();
    let mut session = Session::new(&spec).unwrap();
    assert_eq!(descriptions(&session), ["\"v\": float32 [2, 3]"]);
    session.assign("v", [[0f32; 3]; 2]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    spec.export(dir.path().join("module"), &session).unwrap();
    // A value that one of them can have is not enough.
    let value = TensorValue::new([1, 3], vec![0f32; 3]).unwrap();
    let values = BTreeMap::from([("v".to_owned(), value)]);
    let error = spec.export(dir.path().join("none"), &values).unwrap_err();
    let expected = "variable \"v\": expected float32 [2, 3], found float32 [1, 3]";
    assert_eq!(error.to_string(), expected);

    let error = variants([Shape::unknown(), (None, 3).into(), (2, 4).into()]).unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(fault.rule(), Rule::Variants);
    let text = fault.message();
    let expected = "expected float32 [?, 3] as in variant {b}, found float32 [2, 4]";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn what_needs_a_known_shape_says_so() {
    let faults = faults(|g| {
        let (rows, any) = (
            g.placeholder::<f32>((None, 2)),
            g.placeholder::<f32>(Shape::unknown()),
        );
        g.get_variable("a")
            .initial_value(rows)
            .use_resource(false)
            .finish();
        g.variable("b")
            .initial_value(any)
            .use_resource(false)
            .finish();
        g.variable("c")
            .initial_value(rows)
            .use_resource(false)
            .validate_shape(false)
            .shape((None, 2))
            .finish();
        g.variable("d")
            .initial_value([1f32])
            .use_resource(false)
            .shape(Shape::unknown())
            .finish();
        g.get_variable("e")
            .initial_value(rows)
            .partitioner(Partitioner::fixed_size(2))
            .finish();
        g.variable("f").initial_value(rows).shape([3, 3]).finish();
        g.get_variable::<f32>("g").shape((None, 2)).finish();
        let shared = g.get_variable("h").initial_value(rows).finish();
        g.variable_scope(EnterScope::new("").reuse(Reuse::Yes), |_| {
            g.get_variable::<f32>("h").shape([3, 3]).finish()
        });
        shared.assign([[1f32, 2.0, 3.0]]);
    });
    let expected = [
        "the initial value's shape must be known, it is [?, 2]; `validate_shape(false)` takes a value of any shape",
        "the initial value's shape must be known, it is <unknown>; `validate_shape(false)` takes a value of any shape",
        "the shape of a variable of the old kind is known or wholly unknown, it is [?, 2]; a resource variable may have it",
        "a variable of the old kind and of unknown shape takes a scalar at first, found shape [1]; `validate_shape(false)` \
         takes a value of any shape",
        "the shape of a partitioned variable must be known, it is [?, 2]",
        "expected an initial value of shape [3, 3], found [?, 2]",
        "the variable's shape must be known, it is [?, 2]",
        "reused with shape [3, 3], its shape is [?, 2]",
        "shapes must be equal: found [?, 2] and [1, 3]",
    ];
    let messages: Vec<_> = faults.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(messages, expected);
    // Each is told with its author's line.
    assert!(faults.is_sorted_by(|a, b| a.0 < b.0), "{faults:?}");
}

#[test]
fn the_lint_looks_at_the_sizes_of_values() {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 2));
        let value = g.placeholder_with_default([[0f32; 2]; 2], Shape::unknown());
        let v = g.get_variable("v").initial_value(value).finish();
        g.default_signature(x, tfhub::ops::math::matmul(x, v));
    });
    let spec = spec.unwrap();
    let mut session = Session::new(&spec).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let warnings = |name: &str, session: &Session| {
        let summary = spec.export(dir.path().join(name), session).unwrap();
        let found = summary.warnings.iter();
        let found = found.filter(|found| found.code() == LintCode::V15);
        found
            .map(|found| found.message().to_owned())
            .collect::<Vec<_>>()
    };
    let zeros = "all 4 elements of the trainable matrix are zero";
    assert_eq!(warnings("zeros", &session), [zeros]);
    session.assign("v", [0f32, 0.0]).unwrap();
    assert!(warnings("vector", &session).is_empty());
    session.assign("v", [[0f32, f32::NAN]]).unwrap();
    assert_eq!(warnings("nan", &session), ["1 of 2 elements is NaN"]);
}
