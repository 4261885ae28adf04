//! What variants share: the variables in one checkpoint, which the values of an export have to cover.

use tfhub::error::Rule;
use tfhub::layers::dense;
use tfhub::variable::Partitioner;
use tfhub::{ErrorKind, GraphBuilder, Mode, ModuleSpec, Session, Tags};

fn here() -> &'static str {
    file!()
}

/// A module with one variable more for training.
fn with_head(g: &GraphBuilder, mode: Mode) {
    let x = g.placeholder::<f32>((None, 3));
    let y = dense(2).name("trunk").apply(x);
    g.default_signature(x, y);
    if mode.is_training() {
        let head = dense(1).name("head").apply(y);
        g.signature("head").input("x", x).output("default", head);
    }
}

#[test]
fn values_of_one_variant_do_not_do_for_another() {
    let spec = ModuleSpec::with_modes(with_head).unwrap();
    let graph = spec.graph(&Tags::none()).unwrap();
    let session = Session::new(graph).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    let error = spec.export(&target, &session).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let own = |name| {
        format!(
            "variable \"head/{name}\" has no value; it is only in variant {{train}} ({}:",
            here()
        )
    };
    let text = error.to_string();
    for name in ["bias", "kernel"] {
        assert!(text.contains(&own(name)), "{text}");
    }
    assert!(!target.exists());

    let prefix = directory.path().join("model.ckpt");
    session.save(&prefix).unwrap();
    let error = spec.export_from_checkpoint(&target, &prefix);
    let text = error.unwrap_err().to_string();
    assert!(text.contains(&own("kernel")), "{text}");

    spec.export(&target, &Session::new(&spec).unwrap()).unwrap();
}

#[test]
fn a_variable_that_all_variants_have_is_called_by_its_name_alone() {
    let spec = ModuleSpec::with_modes(with_head).unwrap();
    let mut values = std::collections::BTreeMap::new();
    for name in ["head/kernel", "head/bias", "trunk/bias"] {
        let session = Session::new(&spec).unwrap();
        values.insert(name.to_owned(), session.value(name).unwrap().clone());
    }
    let directory = tempfile::tempdir().unwrap();
    let error = spec.export(directory.path().join("module"), &values);
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with("variable \"trunk/kernel\" has no value\n"),
        "{text}"
    );
    assert!(!text.contains("variant"), "{text}");
}

#[test]
fn a_variable_of_other_shape_or_dtype_is_found_with_the_lines_of_both_authors() {
    let error = ModuleSpec::with_modes(|g, mode| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, x);
        if mode.is_training() {
            g.get_variable::<f64>("a").shape([3]).finish();
            g.get_variable::<f32>("b").shape([4]).finish();
        } else {
            g.get_variable::<f32>("a").shape([3]).finish();
            g.get_variable::<f32>("b").shape([3]).finish();
        }
        g.get_variable::<f32>("c").shape([3]).finish();
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    let faults = error.diagnostics();
    let [a, b] = faults else { panic!("{error}") };
    let line = a.location().line();
    assert_eq!(b.location().line(), line + 1);
    let file = here();
    assert_eq!(
        error.to_string(),
        format!(
            "{file}:{line}: M09: variant {{train}}: VarHandleOp \"a\": expected float32 [3] as in variant {{}}, found \
             float64 [3], first at {file}:{}\n\
             {file}:{}: M09: variant {{train}}: VarHandleOp \"b\": expected float32 [3] as in variant {{}}, found \
             float32 [4], first at {file}:{}",
            line + 3,
            line + 1,
            line + 4,
        )
    );
}

#[test]
fn a_third_variant_is_compared_with_the_first_that_has_the_variable() {
    let variable = |g: &GraphBuilder, name: &str, size: usize| {
        let x = g.placeholder::<f32>((None, size));
        g.default_signature(x, x);
        g.get_variable::<f32>(name).shape([size]).finish();
    };
    let error = ModuleSpec::builder()
        .variants(
            [
                (Tags::none(), ("a", 1)),
                (["b"].into(), ("b", 2)),
                (["c"].into(), ("b", 3)),
            ],
            |g, (name, size)| variable(g, name, size),
        )
        .finish()
        .unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(
        (fault.rule(), fault.variant()),
        (Rule::Variants, Some("{c}"))
    );
    assert!(
        fault
            .message()
            .starts_with("expected float32 [2] as in variant {b}, found float32 [3]")
    );
}

#[test]
fn variables_that_are_not_saved_may_differ() {
    let spec = ModuleSpec::with_modes(|g, mode| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, x);
        let size = if mode.is_training() { 3 } else { 4 };
        let variable = g.get_variable::<f32>("scratch").shape([size]);
        variable.collections([]).trainable(false).finish();
    });
    assert!(spec.is_ok());
}

#[test]
fn a_variable_of_other_parts_is_found() {
    let error = ModuleSpec::with_modes(|g, mode| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, x);
        let parts = if mode.is_training() { 3 } else { 2 };
        let partitioner = Partitioner::fixed_size(parts);
        let table = g
            .get_variable::<f32>("table")
            .shape([6, 2])
            .partitioner(partitioner);
        table.finish();
        g.get_variable::<f32>("same")
            .shape([4])
            .partitioner(Partitioner::fixed_size(2))
            .finish();
    });
    let error = error.unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(
        (fault.rule(), fault.node()),
        (Rule::Variants, "table/part_0")
    );
    let expected = "expected float32 [6, 2] in the parts [0..3, 0..2], [3..6, 0..2] as in variant {}, found float32 [6, 2] \
                    in the parts [0..2, 0..2], [2..4, 0..2], [4..6, 0..2], first at ";
    assert!(fault.message().starts_with(expected), "{fault}");
}

#[test]
fn an_error_of_one_mode_is_the_module_functions() {
    let error = ModuleSpec::with_modes(|g, mode| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, x);
        match mode {
            Mode::Infer => Ok(()),
            Mode::Train => Err("no training"),
        }
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleFn);
    assert_eq!(error.to_string(), "no training");
}
