//! Checkpoints of the first version of the format, as TensorFlow 1.15.5 wrote them, wherever checkpoints are read.

use std::fs;

use tfhub::checkpoint::{CheckpointReader, CheckpointState, latest_checkpoint};
use tfhub::module::{LatestModuleExporter, ModuleVariables};
use tfhub::{
    ErrorKind, GraphBuilder, ModuleSpec, Session, TensorValue, VariableSource as _, ndarray,
};

use crate::checkpoint::{fixture, printed, run};

/// What `Saver.save` returned.
const SHARDED: &str = "v1_sharded-?????-of-00003";

/// The variable that was saved in parts of three, two and two rows.
fn table() -> TensorValue {
    let first_rows = [0, 0, 0, 3, 3, 5, 5];
    let row = |(row, _)| first_rows[row] as f32;
    TensorValue::from(ndarray::Array::from_shape_fn((7, 2), row))
}

fn variables(g: &GraphBuilder) {
    g.get_variable::<f32>("table").shape([7, 2]).finish();
    g.get_variable::<f32>("one").shape([2]).finish();
}

/// A directory as a saver leaves it.
fn training() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for shard in 0..3 {
        let name = format!("v1_sharded-0000{shard}-of-00003");
        fs::copy(fixture(&name), dir.path().join(name)).unwrap();
    }
    let state = CheckpointState::new(SHARDED, [""; 0]);
    state.write(dir.path()).unwrap();
    dir
}

#[test]
fn sessions_restore_it_and_save_the_second() {
    let g = GraphBuilder::new();
    variables(&g);
    let mut session = Session::new(&g.finish().unwrap()).unwrap();
    let dir = training();
    let latest = latest_checkpoint(dir.path()).unwrap().unwrap();
    assert_eq!(latest, dir.path().join(SHARDED));
    let reader = CheckpointReader::open(&latest).unwrap();
    let report = session.restore(&reader).unwrap();
    assert_eq!(report.unused.len(), 2);
    assert_eq!(*session.value("table").unwrap(), table());
    let saved = dir.path().join("saved");
    session.save(&saved).unwrap();
    let saved = CheckpointReader::open(saved).unwrap();
    for name in ["table", "one"] {
        assert_eq!(saved.read(name).unwrap(), reader.read(name).unwrap());
    }

    fs::remove_file(dir.path().join("v1_sharded-00000-of-00003")).unwrap();
    let reader = CheckpointReader::open(&latest).unwrap();
    let before = session.value("one").unwrap().clone();
    let error = session.restore(&reader).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let text =
        "tensor \"table\": its parts do not cover [0..7, 0..2]: expected 14 elements, found 10";
    assert!(error.to_string().ends_with(text), "{error}");
    assert_eq!(*session.value("one").unwrap(), before);
}

#[test]
fn another_dtype_or_shape_is_refused_in_both_versions() {
    for prefix in ["sharded", SHARDED] {
        let g = GraphBuilder::new();
        g.get_variable::<f64>("one").shape([2]).finish();
        g.get_variable::<f32>("table").shape([2, 7]).finish();
        g.get_variable::<f32>("three").shape([1]).finish();
        let mut session = Session::new(&g.finish().unwrap()).unwrap();
        let reader = CheckpointReader::open(fixture(prefix)).unwrap();
        let error = session.restore(&reader).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        let path = fixture(prefix);
        let text = error.to_string();
        let text = text.strip_prefix(&format!("{}: ", path.display())).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        let expected = [
            "there are 4 values, \"one\", \"table\", \"two\" and \"zero\"",
            "variable \"one\": expected float64 [2], found float32 [2]; it can be cast, map it by \
             Mapping::tensor(\"one\").cast(DType::Float64)",
            "variable \"table\": expected float32 [2, 7], found float32 [7, 2]; it is transposed, map it by \
             Mapping::tensor(\"table\").transposed([1, 0])",
            "variable \"three\" has no value",
        ];
        assert_eq!(lines, expected);
    }
}

#[test]
fn modules_are_exported_from_it() {
    let spec = ModuleSpec::new(|g| {
        variables(g);
        let x = g.placeholder::<f32>((None, 2));
        g.default_signature(x, x + 1.0);
    });
    let spec = spec.unwrap();
    let dir = training();
    let (one, all) = (dir.path().join("one"), dir.path().join("all"));
    spec.export_from_checkpoint(&one, dir.path().join(SHARDED))
        .unwrap();
    let exporter = LatestModuleExporter::new()
        .register("m", &spec, "")
        .unwrap();
    let latest = exporter.export(dir.path(), &all).unwrap().unwrap();
    for module in [one, latest.path.join("m")] {
        let variables = ModuleVariables::open(module).unwrap();
        let found = variables.variable("table").unwrap().unwrap();
        assert_eq!(found.shape(), [7, 2]);
        assert_eq!(variables.reader().unwrap().read("table").unwrap(), table());
    }
}

#[test]
fn the_example_reads_it() {
    assert_eq!(
        printed(&[&"list", &fixture(SHARDED)]),
        printed(&[&"list", &fixture("sharded")])
    );
    let strings = printed(&[&"list", &fixture("v1_strings")]);
    assert!(
        strings.contains("vocabulary string [2, 2], shard 0, 317 bytes\n"),
        "{strings}"
    );
    let verified = printed(&[&"verify", &fixture(SHARDED)]);
    assert!(
        verified.starts_with("4 tensors (1 in parts), 6 checksums of 80 bytes"),
        "{verified}"
    );
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    printed(&[
        &"get",
        &fixture("v1_partitioned"),
        &"columns",
        &place("columns.npy"),
    ]);
    printed(&[
        &"get",
        &fixture("partitioned"),
        &"columns",
        &place("same.npy"),
    ]);
    let bytes = |name: &str| fs::read(place(name)).unwrap();
    assert_eq!(bytes("columns.npy"), bytes("same.npy"));
    printed(&[&"copy", &fixture(SHARDED), &place("new")]);
    printed(&[
        &"merge",
        &place("merged"),
        &fixture("merge_c"),
        &fixture(SHARDED),
    ]);
    for (name, same) in [
        ("new.index", "sharded.index"),
        ("merged.index", "merged_again.index"),
    ] {
        assert_eq!(bytes(name), fs::read(fixture(same)).unwrap());
    }

    // Whatever else has that name is refused.
    fs::write(place("model"), [b'x'; 100]).unwrap();
    fs::write(place("empty"), "").unwrap();
    for (name, text) in [
        ("model", "model: expected the table's magic number"),
        (
            "empty",
            "empty: expected a table of at least 48 bytes, found 0",
        ),
        ("new.index", "found the index of one: the prefix is "),
        ("none-?????-of-00001", "none-?????-of-00001.index: "),
    ] {
        let output = run(&[&"verify", &place(name)]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains(text), "{stderr}");
    }
}
