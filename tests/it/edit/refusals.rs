//! Edits that are refused, each for a reason of its own, and leave the module as it was.

use std::fs;
use std::path::Path;

use tfhub::module::{ModuleEditor, Unfreeze};
use tfhub::{DType, ErrorKind, ModuleSpec, Result, Session, Tags, layers};

use super::published;

type Edit = fn(&mut ModuleEditor<'_>) -> Result<()>;

/// The edits, with the kind and the text of the error.
const CASES: &[(Edit, ErrorKind, &str)] = &[
    (
        |editor| editor.rename_variable("dense/kernl", "k").map(drop),
        ErrorKind::NotFound,
        "there is no variable \"dense/kernl\"; did you mean \"dense/kernel\"?",
    ),
    (
        |editor| {
            editor
                .rename_variable("dense/kernel", "dense/bias")
                .map(drop)
        },
        ErrorKind::AlreadyExists,
        "variable \"dense/kernel\" cannot be renamed to \"dense/bias\": there is a variable of that name",
    ),
    (
        |editor| {
            editor
                .rename_variable("dense/kernel", "dense/MatMul")
                .map(drop)
        },
        ErrorKind::AlreadyExists,
        "variant {}: node \"dense/kernel\" cannot be renamed to \"dense/MatMul\": there is a node of that name",
    ),
    (
        |editor| editor.rename_variable("dense/kernel", "_kernel").map(drop),
        ErrorKind::InvalidModule,
        "expected a name that begins with a letter, a digit or \".\"",
    ),
    (
        |editor| {
            editor
                .rename_variable("dense/kernel", "dense//kernel")
                .map(drop)
        },
        ErrorKind::InvalidModule,
        "expected a name in each scope",
    ),
    (
        |editor| editor.cast_variable("dense/kernel", DType::Int32).map(drop),
        ErrorKind::InvalidValue,
        "variable \"dense/kernel\": a float32 cannot be cast to int32",
    ),
    (
        |editor| editor.set_value("dense/bias", [1.0f32]).map(drop),
        ErrorKind::InvalidValue,
        "variable \"dense/bias\": expected float32 [2], found float32 [1]",
    ),
    (
        |editor| editor.drop_signature("narrow").map(drop),
        ErrorKind::NotFound,
        "variant {} has no signature \"narrow\"",
    ),
    (
        |editor| {
            editor
                .drop_signature("wide")?
                .drop_signature("default")
                .map(drop)
        },
        ErrorKind::InvalidModule,
        "variant {} would have no signature, and could not be applied",
    ),
    (
        |editor| editor.rename_signature("wide", "a/b").map(drop),
        ErrorKind::InvalidModule,
        "signature \"a/b\": expected letters, digits",
    ),
    (
        |editor| editor.rename_signature("wide", "default").map(drop),
        ErrorKind::AlreadyExists,
        "variant {} has the signature \"default\" already",
    ),
    (
        |editor| {
            let outputs = [("default", "dense/MatMull:0")];
            editor
                .add_signature(&Tags::none(), "new", [], outputs)
                .map(drop)
        },
        ErrorKind::NotFound,
        "dense/MatMull",
    ),
    (
        |editor| editor.drop_variant(["gpu"]).map(drop),
        ErrorKind::NotFound,
        "the module has no variant {gpu}; it has {}, {train}",
    ),
    (
        |editor| {
            editor
                .drop_variant(["train"])?
                .drop_variant(Tags::none())
                .map(drop)
        },
        ErrorKind::InvalidModule,
        "the variant {} is the last one",
    ),
    (
        |editor| editor.copy_variant(["train"], Tags::none()).map(drop),
        ErrorKind::AlreadyExists,
        "the module has the variant {} already",
    ),
    (
        |editor| editor.replace_asset("word.txt", "Cargo.toml").map(drop),
        ErrorKind::NotFound,
        "there is no asset \"word.txt\"; did you mean \"words.txt\"?",
    ),
    (
        |editor| editor.set_attachment(&Tags::none(), "a b", b"").map(drop),
        ErrorKind::InvalidModule,
        "found \"a b\"",
    ),
    (
        |editor| editor.drop_attachment(&Tags::none(), "other").map(drop),
        ErrorKind::NotFound,
        "variant {} has no attachment \"other\"",
    ),
    (
        |editor| {
            editor
                .unfreeze(&Unfreeze::names(["dense/MatMul"]))
                .map(drop)
        },
        ErrorKind::NotFound,
        "no variant has the constant \"dense/MatMul\"",
    ),
    (
        |editor| {
            let other = ModuleSpec::new(|g| {
                let bias = g.get_variable::<f32>("dense/bias").shape([5]).finish();
                g.signature("default").output("default", bias.value());
            })?;
            editor
                .add_variant(["other"], &other, &Tags::none())
                .map(drop)
        },
        ErrorKind::InvalidValue,
        "variable \"dense/bias\": expected float32 [2], found float32 [5]",
    ),
];

#[test]
fn an_edit_that_cannot_be_made_is_refused_with_the_file_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let file = module.join("saved_model.pb");
    for (number, (edit, kind, text)) in CASES.iter().enumerate() {
        let mut editor = ModuleEditor::open(&module).unwrap();
        let error = edit(&mut editor).unwrap_err();
        assert_eq!(error.kind(), *kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.path(), Some(&*file), "{error}");
        // Those that edit twice have been refused the second edit.
        let is_single = !text.contains("last one") && !text.contains("would have no");
        if is_single {
            let copy = dir.path().join(format!("copy{number}"));
            editor.finish().unwrap().export(&copy).unwrap();
            let same = |name: &str| {
                fs::read(module.join(name)).unwrap() == fs::read(copy.join(name)).unwrap()
            };
            assert!(same("saved_model.pb"), "{text}");
            assert!(same("variables/variables.index"), "{text}");
        }
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let mut editor = ModuleEditor::open(&module).unwrap();
    let missing = Path::new("no/such/words.txt");
    let error = editor.replace_asset("words.txt", missing).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::NotFound, Some(missing))
    );
    assert!(ModuleEditor::open(dir.path().join("none")).is_err());
}

#[test]
fn refusals_of_what_was_built_have_the_authors_line() {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    });
    let spec = spec.unwrap();
    let session = Session::new(&spec).unwrap();
    let mut editor = ModuleEditor::new(&spec, &session).unwrap();
    let line = line!() + 1;
    let error = editor.drop_signature("other").unwrap_err();
    let expected = format!(
        "{}:{line}: variant {{}} has no signature \"other\"",
        file!()
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
    // A new variable has no value yet.
    let other = ModuleSpec::new(|g| {
        let scale = g.get_variable::<f32>("scale").shape([1]).finish();
        g.signature("default").output("default", scale.value());
    });
    editor
        .add_variant(["other"], &other.unwrap(), &Tags::none())
        .unwrap();
    let edited = editor.finish().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let error = edited.export(dir.path().join("module")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("\"scale\" has no value"),
        "{error}"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn what_changes_a_variable_cannot_be_frozen_if_it_is_needed() {
    let spec = ModuleSpec::new(|g| {
        let counter = g.get_variable("counter").initial_value(0.0f32).finish();
        let count = counter.assign_add(1.0).value();
        g.signature("default").output("default", count);
    });
    let spec = spec.unwrap();
    let session = Session::new(&spec).unwrap();
    let mut editor = ModuleEditor::new(&spec, &session).unwrap();
    let error = editor.freeze().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    let text = "output \"default\" of signature \"default\" needs \"AssignAddVariableOp\", which changes a variable";
    assert!(error.to_string().contains(text), "{error}");
}

#[test]
fn operations_that_save_variables_stay_when_an_edit_is_refused() {
    let spec = ModuleSpec::new(|g| {
        let scale = g.get_variable("scale").use_resource(false);
        let scale = scale.initial_value(2.0f32).finish();
        let reference = scale.operation().output(0);
        g.op("SaveV2")
            .input(g.constant("model"))
            .input(g.constant(["scale"]))
            .input(g.constant([""]))
            .inputs([reference])
            .finish();
        let chosen = g.op("RefSelect").name("chosen").input(g.constant(0));
        let chosen = chosen.inputs([reference, reference]).finish();
        g.signature("default").output("default", chosen.output(0));
    });
    let spec = spec.unwrap();
    let session = Session::new(&spec).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let model = |name: &str| fs::read(dir.path().join(name).join("saved_model.pb")).unwrap();
    spec.export(dir.path().join("before"), &session).unwrap();
    let before = model("before");
    assert!(before.windows(6).any(|found| found == b"SaveV2"));
    let edits: [(&str, Edit); 3] = [
        ("cast", |editor| {
            editor.cast_floats(DType::Float16).map(drop)
        }),
        ("freeze", |editor| editor.freeze().map(drop)),
        ("resource", |editor| {
            editor.use_resource_variables().map(drop)
        }),
    ];
    for (name, edit) in edits {
        let mut editor = ModuleEditor::new(&spec, &session).unwrap();
        let error = edit(&mut editor).unwrap_err();
        let text = "uses variable \"scale\" in a way that is not known here";
        assert!(error.to_string().contains(text), "{error}");
        let kept = editor.finish().unwrap();
        kept.export(dir.path().join(name)).unwrap();
        assert!(model(name) == before, "{name}");
    }
}
