//! Modules that are edited without being run.

mod functions;
mod refusals;
mod sweep;

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::graph::keys;
use tfhub::module::{Change, ModuleDiff, ModuleEditor, ModulePart, Unfreeze};
use tfhub::ops::math;
use tfhub::variable::{EnterScope, Partitioner};
use tfhub::{DType, ModuleSpec, Result, Session, Tags, TensorValue, VariableSource as _, layers};

/// A module with two variants, an asset and an attachment.
fn published(dir: &Path) -> PathBuf {
    let words = dir.join("words.txt");
    fs::write(&words, "a\nb\n").unwrap();
    let spec = ModuleSpec::with_modes(|g, mode| {
        g.set_random_seed(1);
        let x = g.named("x", || g.placeholder::<f32>((None, 3)));
        let _ = g.asset(&words);
        g.attach_image_module_info([8, 9]);
        let y = layers::dense(2).apply(x);
        let y = layers::batch_normalization()
            .training(mode.is_training())
            .apply(y);
        g.default_signature(x, y);
        g.signature("wide")
            .input("x", x)
            .output("default", layers::dense(4).name("wide").apply(x));
    })
    .unwrap();
    let path = dir.join("published");
    spec.export(&path, &Session::new(&spec).unwrap()).unwrap();
    path
}

fn names(spec: &ModuleSpec) -> Vec<String> {
    let mut names: Vec<_> = spec
        .variants()
        .flat_map(|variant| variant.variables)
        .map(|variable| variable.name)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Every file of a module, apart from `ignored`, as it is.
fn content(module: &Path, file: &str) -> Vec<u8> {
    fs::read(module.join(file)).unwrap()
}

const DATA: &str = "variables/variables.data-00000-of-00001";

#[test]
fn a_module_that_is_opened_and_not_edited_is_written_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let copy = dir.path().join("copy");
    ModuleEditor::open(&module)
        .unwrap()
        .finish()
        .unwrap()
        .export(&copy)
        .unwrap();
    for file in [
        "saved_model.pb",
        "tfhub_module.pb",
        "assets/words.txt",
        DATA,
        "variables/variables.index",
    ] {
        assert!(content(&module, file) == content(&copy, file), "{file}");
    }
    // What was built is edited as what was loaded.
    let spec = ModuleSpec::load(&module).unwrap();
    let values = spec.values().unwrap();
    let again = dir.path().join("again");
    let edited = ModuleEditor::new(&spec, &values).unwrap().finish().unwrap();
    edited.export(&again).unwrap();
    assert!(content(&module, "saved_model.pb") == content(&again, "saved_model.pb"));
    assert!(edited.spec().values().is_err());
}

#[test]
fn renaming_to_and_fro_gives_the_module_again() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let [there, back] = ["there", "back"].map(|name| dir.path().join(name));
    let mut editor = ModuleEditor::open(&module).unwrap();
    editor
        .rename_variables(|name| Some(format!("encoder/{name}")))
        .unwrap();
    editor.finish().unwrap().export(&there).unwrap();
    let spec = ModuleSpec::load(&there).unwrap();
    assert!(names(&spec).iter().all(|name| name.starts_with("encoder/")));
    let graph = spec.graph(&["train"].into()).unwrap().to_text();
    assert!(graph.contains("encoder/dense/kernel/Initializer/random_uniform"));
    assert!(graph.contains("loc:@encoder/batch_normalization/moving_mean"));
    assert!(!graph.contains("@dense/kernel"));
    // Only what is in the scopes of variables is renamed.
    assert!(
        spec.graph(&Tags::none())
            .unwrap()
            .node_names()
            .any(|it| it == "dense/MatMul")
    );
    // Names that sort alike leave the data as it was.
    assert!(content(&module, DATA) == content(&there, DATA));

    let mut editor = ModuleEditor::open(&there).unwrap();
    editor
        .rename_variables(|name| name.strip_prefix("encoder/").map(str::to_owned))
        .unwrap();
    editor.finish().unwrap().export(&back).unwrap();
    for file in ["saved_model.pb", DATA, "variables/variables.index"] {
        assert!(content(&module, file) == content(&back, file), "{file}");
    }
}

#[test]
fn variables_swap_their_names_and_keep_their_values() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let spec = ModuleSpec::load(&module).unwrap();
    let old = spec.values().unwrap().read_all().unwrap();
    let mut editor = ModuleEditor::open(&module).unwrap();
    editor
        .swap_variables("dense/kernel", "wide/kernel")
        .unwrap();
    let edited = editor.finish().unwrap();
    let new = edited.values().read_all().unwrap();
    assert_eq!(new["dense/kernel"], old["wide/kernel"]);
    assert_eq!(new["wide/kernel"], old["dense/kernel"]);
    assert_eq!(new.len(), old.len());
}

#[test]
fn parts_are_renamed_cast_and_replaced_with_their_whole() {
    let spec = ModuleSpec::new(|g| {
        g.set_random_seed(1);
        let x = g.placeholder::<f32>((None, 6));
        let thirds = Partitioner::fixed_size(3);
        let scope = EnterScope::new("tower").partitioner(thirds);
        let y = g.variable_scope(scope, |_| layers::dense(2).apply(x));
        g.default_signature(x, y);
    })
    .unwrap();
    let session = Session::new(&spec).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut editor = ModuleEditor::new(&spec, &session).unwrap();
    editor
        .rename_variable("tower/dense/kernel", "head/kernel")
        .unwrap();
    editor.cast_variable("head/kernel", DType::Float16).unwrap();
    let path = dir.path().join("halved");
    editor.finish().unwrap().export(&path).unwrap();
    let halved = ModuleSpec::load(&path).unwrap();
    let described = halved.values().unwrap().describe("head/kernel").unwrap();
    assert_eq!(described, Some((DType::Float16, vec![6, 2])));
    let graph = halved.graph(&Tags::none()).unwrap();
    assert!(graph.node_names().any(|name| name == "head/kernel/part_2"));

    let mut editor = ModuleEditor::new(&spec, &session).unwrap();
    let value = TensorValue::new([6, 2], vec![0.5f32; 12]).unwrap();
    editor
        .set_tensor("tower/dense/kernel", value.clone())
        .unwrap();
    let path = dir.path().join("replaced");
    editor.finish().unwrap().export(&path).unwrap();
    let replaced = ModuleSpec::load(&path).unwrap().values().unwrap();
    assert_eq!(
        replaced
            .reader()
            .unwrap()
            .read("tower/dense/kernel")
            .unwrap(),
        value
    );
}

#[test]
fn weights_are_stored_in_half_of_their_size_and_signatures_stay() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let cast = dir.path().join("cast");
    let mut editor = ModuleEditor::open(&module).unwrap();
    editor.cast_floats(DType::BFloat16).unwrap();
    editor.finish().unwrap().export(&cast).unwrap();
    let [old, new] = [&module, &cast].map(|path| ModuleSpec::load(path).unwrap());
    assert!(new.is_drop_in_replacement_for(&old));
    assert_eq!(content(&module, DATA).len(), 2 * content(&cast, DATA).len());
    let back = new.values().unwrap().cast_floats(DType::Float32);
    let diff = ModuleDiff::of(
        (&old, &old.values().unwrap()),
        (&old, &back),
        tfhub::module::DiffOptions::new().relative_tolerance(0.004),
    );
    assert_eq!(diff.unwrap().to_string(), "");
}

#[test]
fn what_is_frozen_has_no_variables_and_what_is_unfrozen_has_them_again() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let [frozen, again] = ["frozen", "again"].map(|name| dir.path().join(name));
    let mut editor = ModuleEditor::open(&module).unwrap();
    editor.freeze().unwrap();
    editor.finish().unwrap().export(&frozen).unwrap();
    assert!(!frozen.join("variables/variables.index").exists());
    let spec = ModuleSpec::load(&frozen).unwrap();
    assert_eq!(names(&spec), [""; 0]);

    let mut editor = ModuleEditor::open(&frozen).unwrap();
    editor
        .unfreeze(&Unfreeze::names(["dense/kernel", "dense/bias"]))
        .unwrap();
    editor.finish().unwrap().export(&again).unwrap();
    let old = ModuleSpec::load(&module).unwrap().values().unwrap();
    let new = ModuleSpec::load(&again).unwrap().values().unwrap();
    for name in ["dense/kernel", "dense/bias"] {
        let read = |values: &tfhub::module::ModuleVariables| values.reader().unwrap().read(name);
        assert_eq!(read(&old).unwrap(), read(&new).unwrap());
    }
    assert_eq!(new.names().unwrap().len(), 2);
}

#[test]
fn references_that_conditionals_and_loops_hand_on_are_edited() {
    let spec = ModuleSpec::new(|g| {
        g.set_use_resource(false);
        let x = g.placeholder::<f32>((None, 2));
        let flag = g.placeholder::<bool>(());
        let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
        let moved = g.cond(flag, || scale.assign([2f32, 3.0]).value(), || scale.value());
        g.add_to_collection(keys::UPDATE_OPS, moved);
        let added = |(i, y)| (i + 1, scale.assign_add([1f32, 1.0]).value() * y);
        let (_, last) = g.while_loop((0, x), |(i, _)| math::less(i, 3), added, ());
        g.add_to_collection(keys::UPDATE_OPS, last);
        let signature = g.signature("default").input("x", x);
        signature.input("flag", flag).output("default", x * scale);
    });
    let spec = spec.unwrap();
    let session = Session::new(&spec).unwrap();
    let text = |edit: fn(&mut ModuleEditor<'_>) -> Result<()>| {
        let mut editor = ModuleEditor::new(&spec, &session).unwrap();
        edit(&mut editor).unwrap();
        let edited = editor.finish().unwrap();
        edited.spec().graph(&Tags::none()).unwrap().to_text()
    };
    let counts = |text: &str| {
        ["= RefSwitch(", "= RefEnter(", "= VariableV2(", "= Assign("]
            .map(|op| text.matches(op).count())
    };
    let before = text(|_| Ok(()));
    let old = counts(&before);
    assert!(old.iter().all(|&count| count > 0), "{before}");
    let cast = text(|editor| editor.cast_floats(DType::Float16).map(drop));
    assert_eq!(counts(&cast), old);
    for handed_on in ["RefSwitch(scale, cond/pred_id) {T=", "RefEnter(scale) {T="] {
        assert!(cast.contains(&format!("{handed_on}float16")), "{cast}");
    }
    let resource = text(|editor| editor.use_resource_variables().map(drop));
    let frozen = text(|editor| editor.freeze().map(drop));
    assert_eq!(counts(&resource), [0; 4], "{resource}");
    assert_eq!(counts(&frozen), [0; 4], "{frozen}");
    let handles = resource.matches("{T=resource").count();
    assert_eq!(handles, old[0] + old[1], "{resource}");
    assert!(!frozen.contains("= Assign"), "{frozen}");
}

#[test]
fn dropped_signatures_leave_variables_to_be_stripped() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let stripped = dir.path().join("stripped");
    let mut editor = ModuleEditor::open(&module).unwrap();
    assert_eq!(editor.strip_variables().unwrap(), [""; 0]);
    editor.drop_signature("wide").unwrap();
    assert_eq!(
        editor.strip_variables().unwrap(),
        ["wide/bias", "wide/kernel"]
    );
    editor.finish().unwrap().export(&stripped).unwrap();
    let spec = ModuleSpec::load(&stripped).unwrap();
    assert!(!names(&spec).iter().any(|name| name.starts_with("wide")));
    let graph = spec.graph(&["train"].into()).unwrap();
    assert!(!graph.node_names().any(|name| name.starts_with("wide/")));
}

#[test]
fn variants_assets_and_attachments_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let target = dir.path().join("edited");
    let other_words = dir.path().join("others.txt");
    fs::write(&other_words, "c\n").unwrap();
    let mut editor = ModuleEditor::open(&module).unwrap();
    assert_eq!(editor.asset_names().unwrap(), ["words.txt"]);
    editor
        .drop_variant(["train"])
        .unwrap()
        .copy_variant(Tags::none(), ["copy"])
        .unwrap()
        .retag_variant(["copy"], ["second"])
        .unwrap()
        .replace_asset("words.txt", &other_words)
        .unwrap()
        .set_attachment(&Tags::none(), "origin", b"here")
        .unwrap()
        .drop_attachment(&["second"].into(), "image_module_info")
        .unwrap()
        .rename_signature("wide", "broad")
        .unwrap()
        .add_signature(
            &Tags::none(),
            "product",
            [("x", "x:0")],
            [("default", "dense/MatMul:0")],
        )
        .unwrap()
        .drop_devices();
    editor.finish().unwrap().export(&target).unwrap();
    let [old, new] = [&module, &target].map(|path| ModuleSpec::load(path).unwrap());
    assert_eq!(content(&target, "assets/others.txt"), b"c\n");
    let tags: Vec<_> = new.tags().map(ToString::to_string).collect();
    assert_eq!(tags, ["{}", "{second}"]);
    let diff = old.diff(&new, ()).unwrap();
    let lines = diff.to_string();
    let expected = [
        "{} signature \"wide\" removed",
        "{} signature \"broad\" added",
        "{} signature \"product\" added",
        "{} attachment \"origin\" added",
        "variant \"{train}\" removed",
        "variant \"{second}\" added",
        "asset \"words.txt\" removed",
        "asset \"others.txt\" added",
    ];
    for line in expected {
        assert!(lines.lines().any(|it| it == line), "{line}:\n{lines}");
    }
    let changed = diff.iter().filter(|it| it.part == ModulePart::Node);
    assert_eq!(changed.count(), 0, "{lines}");
    assert!(diff.iter().any(|it| it.change == Change::Added));
    let json: serde_json::Value = serde_json::from_str(&diff.to_json()).unwrap();
    assert_eq!(json["differences"].as_array().unwrap().len(), diff.len());
    assert_eq!(
        old.diff(&old, ()).unwrap().to_json(),
        "{\"equal\":true,\"differences\":[]}"
    );
}

#[test]
fn values_are_compared_within_a_tolerance() {
    let dir = tempfile::tempdir().unwrap();
    let module = published(dir.path());
    let target = dir.path().join("edited");
    let mut editor = ModuleEditor::open(&module).unwrap();
    editor.set_value("dense/bias", [0.0f32, 0.25]).unwrap();
    editor.finish().unwrap().export(&target).unwrap();
    let [old, new] = [&module, &target].map(|path| ModuleSpec::load(path).unwrap());
    let diff = old.diff(&new, ()).unwrap();
    assert_eq!(
        diff.to_string(),
        "variable \"dense/bias\" changed\n  value, 1 of 2 elements by at most 2.5e-1, at [1]: 0 -> 0.25\n"
    );
    let within = tfhub::module::DiffOptions::new().tolerance(0.25);
    assert!(old.diff(&new, within).unwrap().is_empty());
}
