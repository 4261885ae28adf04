//! Sources of variables, sessions that restore and save, and exports from checkpoints.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use tfhub::checkpoint::{
    CheckpointReader, CheckpointState, CheckpointWriter, TensorSlice, latest_checkpoint,
};
use tfhub::module::{BestExporter, LatestModuleExporter, ModuleVariables, exports};
use tfhub::source::{NpzReader, SafetensorsReader};
use tfhub::{
    DType, ErrorKind, Exporter, ModuleSpec, Session, TensorValue, VariableSource, half, layers,
};

use crate::cli::example;

fn dense() -> ModuleSpec {
    ModuleSpec::new(|g| {
        g.set_random_seed(7);
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    })
    .unwrap()
}

fn kernel() -> TensorValue {
    TensorValue::new([3, 2], vec![1f32, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap()
}

fn bias() -> TensorValue {
    TensorValue::new([2], vec![7f32, 8.0]).unwrap()
}

fn values() -> BTreeMap<String, TensorValue> {
    [("dense/kernel", kernel()), ("dense/bias", bias())]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// A checkpoint as a training run leaves it: the kernel in three parts and two shards, under a prefix, with others.
fn train(prefix: &Path, scale: f32) {
    let mut writer = CheckpointWriter::create(prefix).unwrap();
    let row = |row: usize| {
        let row = &kernel().as_slice::<f32>().unwrap()[2 * row..2 * row + 2].to_vec();
        let row = row.iter().map(|x| x * scale).collect();
        TensorValue::new([1, 2], row).unwrap()
    };
    let slice = |row: usize| TensorSlice::new([row..row + 1, 0..2]);
    writer.add("encoder/dense/bias", bias()).unwrap();
    for index in [0, 2] {
        writer
            .add_slice("encoder/dense/kernel", &[3, 2], &slice(index), row(index))
            .unwrap();
    }
    writer.next_shard().unwrap();
    writer
        .add_slice("encoder/dense/kernel", &[3, 2], &slice(1), row(1))
        .unwrap();
    writer
        .add("global_step", TensorValue::scalar(3i64))
        .unwrap();
    writer.finish().unwrap();
}

fn state(directory: &Path, latest: &str) {
    CheckpointState::new(latest, [""; 0])
        .write(directory)
        .unwrap();
}

#[test]
fn a_session_restores_all_or_nothing_and_lists_what_is_wrong() {
    let mut session = Session::new(&dense()).unwrap();
    let before = session.value("dense/kernel").unwrap().clone();
    let mut wrong = values();
    wrong.insert("dense/bias".into(), TensorValue::scalar(1i32));
    wrong.remove("dense/kernel");
    wrong.insert("w".into(), kernel());
    let rename = |name: &str| name.replace("dense/kernel", "v");
    let error = session.restore(&(&wrong).renamed(rename)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert_eq!(
        error.to_string(),
        "variable \"dense/kernel\" has no value; it would be called \"v\"\n\
         there are 2 values, \"dense/bias\" and \"w\"\n\
         variable \"dense/bias\": expected float32 [2], found int32 []"
    );
    assert_eq!(*session.value("dense/kernel").unwrap(), before);

    let rename = |name: &str| name.replace("dense/kernel", "w");
    let report = session.restore_partial(&(&wrong).renamed(rename)).unwrap();
    assert!(!report.is_complete());
    assert_eq!(
        report.to_string(),
        "matched \"dense/kernel\": float32 [3, 2] from \"w\"\n\
         mismatched \"dense/bias\": float32 [2], found \"dense/bias\": int32 []\n"
    );
    assert_eq!(*session.value("dense/kernel").unwrap(), kernel());

    let report = session.restore(&values()).unwrap();
    assert!(report.is_complete() && report.unused.is_empty());
    assert_eq!(*session.value("dense/bias").unwrap(), bias());
}

#[test]
fn a_session_goes_through_checkpoints_and_modules_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let (spec, prefix) = (dense(), dir.path().join("model.ckpt"));
    let mut session = Session::new(&spec).unwrap();
    session.restore(&values()).unwrap();
    session.save(&prefix).unwrap();
    assert_eq!(
        session.save(&prefix).unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );

    let module = dir.path().join("module");
    spec.export_from_checkpoint(&module, &prefix).unwrap();
    let mut again = Session::new(&spec).unwrap();
    again
        .restore(&ModuleVariables::open(&module).unwrap())
        .unwrap();
    assert_eq!(*again.value("dense/kernel").unwrap(), kernel());
    for (ours, file) in [
        ("model.ckpt.index", "variables.index"),
        (
            "model.ckpt.data-00000-of-00001",
            "variables.data-00000-of-00001",
        ),
    ] {
        let read = |path| fs::read(dir.path().join(path)).unwrap();
        assert_eq!(read(ours.into()), read(format!("module/variables/{file}")));
    }
    let missing = ModuleVariables::open(dir.path()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn a_module_without_variables_has_no_values() {
    let dir = tempfile::tempdir().unwrap();
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>(());
        g.default_signature(x, -x);
    });
    let (spec, module) = (spec.unwrap(), dir.path().join("module"));
    spec.export(&module, &values()).unwrap();
    let variables = ModuleVariables::open(&module).unwrap();
    assert!(variables.reader().is_none());
    assert!(variables.names().unwrap().is_empty());
    assert!(variables.variable("v").unwrap().is_none());
}

#[test]
fn what_an_export_lacks_is_listed_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("model.ckpt-3");
    train(&prefix, 1.0);
    let out = dir.path().join("module");
    let error = dense().export_from_checkpoint(&out, &prefix).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        format!(
            "{}: variable \"dense/bias\" has no value; did you mean \"encoder/dense/bias\"?\n\
             variable \"dense/kernel\" has no value; did you mean \"encoder/dense/kernel\"?\n\
             there are 3 values, \"encoder/dense/bias\", \"encoder/dense/kernel\" and \"global_step\"",
            prefix.display()
        )
    );
    assert!(!out.exists());
    let exporter = dense();
    let exporter = Exporter::new(&exporter);
    let rename = |name: &str| format!("encoder/{name}");
    exporter
        .export_from_checkpoint(&out, &prefix, rename)
        .unwrap();
    let reader = CheckpointReader::open(out.join("variables/variables")).unwrap();
    assert_eq!(reader.read("dense/kernel").unwrap(), kernel());
    assert_eq!(reader.names().unwrap(), ["dense/bias", "dense/kernel"]);
}

fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), data].concat()
}

#[test]
fn safetensors_are_read_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.safetensors");
    let header = r#"{"k":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},
        "b":{"dtype":"BF16","shape":[2],"data_offsets":[24,28]},
        "t":{"dtype":"BOOL","shape":[2],"data_offsets":[28,30]},
        "e":{"dtype":"I64","shape":[0,4],"data_offsets":[30,30]},
        "f":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[30,31]},
        "__metadata__":{"format":"pt"}}"#;
    let mut data: Vec<u8> = (1..=6).flat_map(|x| (x as f32).to_le_bytes()).collect();
    data.extend([0x80, 0x3f, 0, 0x40, 1, 0, 0xff]);
    fs::write(&path, safetensors(header, &data)).unwrap();
    let reader = SafetensorsReader::open(&path).unwrap();
    assert_eq!(
        reader.tensor_names().collect::<Vec<_>>(),
        ["b", "e", "f", "k", "t"]
    );
    assert_eq!(reader.read("k").unwrap(), kernel());
    let b = [1.0, 2.0].map(half::bf16::from_f32);
    assert_eq!(
        reader.read("b").unwrap().as_slice::<half::bf16>().unwrap(),
        b
    );
    assert_eq!(
        reader.read("t").unwrap().as_slice::<bool>().unwrap(),
        [true, false]
    );
    assert_eq!(reader.read("e").unwrap().shape(), [0, 4]);
    assert_eq!(reader.read("x").unwrap_err().kind(), ErrorKind::NotFound);
    let error = reader.read("f").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error
            .to_string()
            .ends_with("\"f\": TensorFlow has no dtype F8_E4M3")
    );

    let mut session = Session::new(&dense()).unwrap();
    let report = session
        .restore_partial(&reader.renamed(|name| name[6..7].to_owned()))
        .unwrap();
    assert_eq!(report.matched.len(), 1);
    assert_eq!(report.mismatched[0].value.dtype, DType::BFloat16);
    assert_eq!((report.unused.len(), report.unsupported.len()), (2, 1));
    assert_eq!(*session.value("dense/kernel").unwrap(), kernel());
}

#[test]
fn malformed_safetensors_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.safetensors");
    let good = safetensors(
        r#"{"k":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        &[0; 4],
    );
    let header = |header: &str| safetensors(header, &[0; 4]);
    for (bytes, text) in [
        (vec![1, 2], "it has 2 bytes, expected at least 8"),
        (good[..20].to_vec(), "its header has 54 bytes, the file 20"),
        (
            good[..good.len() - 1].to_vec(),
            "the tensors end at byte 66, the file has 65",
        ),
        (
            [&good[..], &[0]].concat(),
            "the tensors end at byte 66, the file has 67",
        ),
        (header("{"), "EOF"),
        (
            header(r#"{"k":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#),
            ".safetensors file",
        ),
        (
            header(
                r#"{"k":{"dtype":"F32","shape":[18446744073709551615,4],"data_offsets":[0,4]}}"#,
            ),
            ".safetensors file",
        ),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = SafetensorsReader::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    for len in 0..good.len() {
        fs::write(&path, &good[..len]).unwrap();
        assert!(SafetensorsReader::open(&path).is_err());
    }
}

#[test]
fn streamed_safetensors_are_exported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.safetensors");
    // More than is read at a time.
    let values: Vec<f32> = (0..3 * 50_000).map(|x| x as f32).collect();
    let header = r#"{"table":{"dtype":"F32","shape":[50000,3],"data_offsets":[0,600000]}}"#;
    let data: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(&path, safetensors(header, &data)).unwrap();
    let spec = ModuleSpec::new(|g| {
        let table = g.get_variable::<f32>("table").shape([50_000, 3]).finish();
        g.signature("default").output("default", table.value());
    });
    let (spec, module) = (spec.unwrap(), dir.path().join("module"));
    let mut told = Vec::new();
    let exporter = Exporter::new(&spec);
    let reader = SafetensorsReader::open(&path).unwrap();
    exporter
        .on_progress(|progress| told.push(*progress))
        .export(&module, &reader)
        .unwrap();
    let last = told.last().unwrap();
    assert_eq!((last.tensors_done, last.tensors), (1, 1));
    assert_eq!((last.bytes_done, last.bytes), (600_000, 600_000));
    assert!(told.len() > 2, "{told:?}");
    let reader = CheckpointReader::open(module.join("variables/variables")).unwrap();
    assert_eq!(
        reader.read("table").unwrap().as_slice::<f32>().unwrap(),
        values
    );
}

#[test]
fn npz_archives_are_read_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.npz");
    let arrays = [
        ("dense/kernel", crate::cli::npy(&[3, 2], 2.0f32)),
        ("dense/bias", crate::cli::npy(&[2], 3.0f32)),
        ("broken", b"no array".to_vec()),
    ];
    fs::write(&path, crate::cli::npz(&arrays)).unwrap();
    let reader = NpzReader::open(&path).unwrap();
    assert_eq!(
        reader.tensor_names().collect::<Vec<_>>(),
        ["dense/bias", "dense/kernel"]
    );
    assert_eq!(
        reader
            .read("dense/bias")
            .unwrap()
            .as_slice::<f32>()
            .unwrap(),
        [3.0; 2]
    );
    assert_eq!(
        reader.read("broken").unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    assert_eq!(reader.read("x").unwrap_err().kind(), ErrorKind::NotFound);
    // What is not needed does not matter to an export.
    let module = dir.path().join("module");
    dense().export(&module, &reader).unwrap();
    let variables = ModuleVariables::open(&module).unwrap();
    let kernel = variables.reader().unwrap().read("dense/kernel").unwrap();
    assert_eq!(kernel.as_slice::<f32>().unwrap(), [2.0; 6]);
}

#[test]
fn the_latest_checkpoint_is_exported_under_growing_names() {
    let dir = tempfile::tempdir().unwrap();
    let (train_dir, out) = (dir.path().join("train"), dir.path().join("out"));
    fs::create_dir(&train_dir).unwrap();
    let spec = dense();
    let exporter = LatestModuleExporter::new();
    assert_eq!(exporter.export(&train_dir, &out).unwrap(), None);
    assert!(!out.exists());

    let exporter = exporter
        .register("a", &spec, "encoder/")
        .and_then(|exporter| exporter.register("b", &spec, "encoder/"))
        .unwrap()
        .timestamp(1_500_000_000);
    let twice = exporter.clone().register("a", &spec, "").unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::AlreadyExists);
    for name in ["", ".", "..", "a/b", "/a", "a/"] {
        let error = exporter.clone().register(name, &spec, "").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{name}");
    }
    let error = exporter.export(&train_dir, &out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(
        text.contains("found a directory without the file \"checkpoint\""),
        "{text}"
    );

    train(&train_dir.join("model.ckpt-1"), 1.0);
    train(&train_dir.join("model.ckpt-2"), 2.0);
    state(&train_dir, "model.ckpt-2");
    let first = exporter.export(&train_dir, &out).unwrap().unwrap().path;
    assert_eq!(first, out.join("1500000000"));
    let kernel = |export: &Path, name: &str| {
        let reader = ModuleVariables::open(export.join(name)).unwrap();
        let value = reader.reader().unwrap().read("dense/kernel").unwrap();
        value.as_slice::<f32>().unwrap()[0]
    };
    assert_eq!((kernel(&first, "a"), kernel(&first, "b")), (2.0, 2.0));

    // What is not ten digits is nobody's business; an unfinished export takes its name.
    for name in ["150000000", "15000000000", "150000000x", "notes"] {
        fs::create_dir(out.join(name)).unwrap();
    }
    fs::create_dir(out.join("temp-1500000003")).unwrap();
    state(&train_dir, "model.ckpt-1");
    let exporter = exporter.exports_to_keep(2);
    let second = exporter.export(&train_dir, &out).unwrap().unwrap().path;
    assert_eq!(second, out.join("1500000004"));
    assert_eq!(kernel(&second, "a"), 1.0);
    let third = exporter.export(&train_dir, &out).unwrap().unwrap().path;
    assert_eq!(exports(&out).unwrap(), [second, third]);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 7);

    // A failure leaves no trace.
    fs::remove_file(train_dir.join("model.ckpt-1.data-00001-of-00002")).unwrap();
    let error = exporter.export(&train_dir, &out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 7);
    fs::remove_file(train_dir.join("model.ckpt-1.index")).unwrap();
    assert_eq!(latest_checkpoint(&train_dir).unwrap(), None);
}

#[test]
fn only_a_better_model_is_exported() {
    let dir = tempfile::tempdir().unwrap();
    let spec = dense();
    let exporter = LatestModuleExporter::new()
        .register("m", &spec, "")
        .unwrap();
    let best = BestExporter::new(exporter.exports_to_keep(None), |value, best| value > best);
    let export = |value| best.export_values(value, &values(), dir.path());
    assert_eq!(best.best(dir.path()).unwrap(), None);
    assert!(export(0.5).unwrap().is_some());
    assert!(export(0.5).unwrap().is_none());
    assert!(export(0.25).unwrap().is_none());
    assert!(export(0.75).unwrap().is_some());
    assert_eq!(
        export(f64::NAN).unwrap_err().kind(),
        ErrorKind::InvalidValue
    );
    assert_eq!(best.best(dir.path()).unwrap(), Some(0.75));
    assert_eq!(exports(dir.path()).unwrap().len(), 2);
    // An export that fails is not the best.
    let nothing = BTreeMap::<String, TensorValue>::new();
    assert!(best.export_values(2.0, &nothing, dir.path()).is_err());
    assert_eq!(best.best(dir.path()).unwrap(), Some(0.75));
    fs::write(dir.path().join("best_metric.txt"), "much").unwrap();
    assert_eq!(export(3.0).unwrap_err().kind(), ErrorKind::Corrupt);
}

fn export_checkpoint(checkpoint: &Path, out: &Path, prefix: &str) -> Output {
    let sizes = ["--inputs", "3", "--hidden", "2", "--outputs", "2"];
    let mut command = example("export_checkpoint");
    command.arg(checkpoint).arg(out).args(sizes);
    command.args(["--name-prefix", prefix]).output().unwrap()
}

#[test]
fn the_example_exports_from_a_directory_and_from_a_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("model.ckpt-3");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    for (name, value) in [
        ("net/dense/kernel", kernel()),
        ("net/dense/bias", bias()),
        (
            "net/dense_1/kernel",
            TensorValue::new([2, 2], vec![0f32; 4]).unwrap(),
        ),
        ("net/dense_1/bias", bias()),
        ("net/dense/bias/Adam", bias()),
    ] {
        writer.add(name, &value).unwrap();
    }
    writer.finish().unwrap();
    let refused = |output: &Output, text: &str| {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(text),
            "{text}: {stderr}"
        );
        assert!(!stderr.contains("panicked"), "{stderr}");
    };
    let out = dir.path().join("out");
    refused(
        &export_checkpoint(dir.path(), &out, "net/"),
        "there is no latest checkpoint",
    );
    refused(
        &export_checkpoint(&prefix, &out, ""),
        "variable \"dense/kernel\" has no value",
    );
    refused(
        &export_checkpoint(&dir.path().join("x"), &out, ""),
        "x.index",
    );
    fs::write(dir.path().join("checkpoint"), "latest: yes").unwrap();
    refused(
        &export_checkpoint(dir.path(), &out, "net/"),
        "line 1:1: tensorflow.CheckpointState has no field \"latest\"",
    );
    assert!(!out.exists());

    state(dir.path(), "model.ckpt-3");
    let output = export_checkpoint(dir.path(), &out, "net/");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &output.stderr[..]),
        (Some(0), &b""[..])
    );
    assert!(
        stdout.contains("unused \"net/dense/bias/Adam\": float32 [2]\n"),
        "{stdout}"
    );
    refused(&export_checkpoint(&prefix, &out, "net/"), "already exists");
    let second = dir.path().join("second");
    assert_eq!(
        export_checkpoint(&prefix, &second, "net/").status.code(),
        Some(0)
    );
    let data = fs::read(dir.path().join("model.ckpt-3.index")).unwrap();
    fs::write(
        dir.path().join("model.ckpt-3.index"),
        &data[..data.len() / 2],
    )
    .unwrap();
    refused(
        &export_checkpoint(&prefix, &dir.path().join("third"), "net/"),
        "model.ckpt-3.index",
    );
}

/// Kernels as [outputs, inputs] and in another precision, as other frameworks have them.
#[test]
fn the_example_transposes_and_casts() {
    let dir = tempfile::tempdir().unwrap();
    let (prefix, out) = (dir.path().join("model.ckpt"), dir.path().join("out"));
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    let doubles =
        |shape: [usize; 2], elements: Vec<f64>| TensorValue::new(shape, elements).unwrap();
    for (name, value) in [
        (
            "dense/kernel",
            doubles([2, 3], vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0]),
        ),
        ("dense/bias", bias()),
        ("dense_1/kernel", doubles([2, 2], vec![0.0, 1.0, 2.0, 3.0])),
        ("dense_1/bias", bias()),
    ] {
        writer.add(name, &value).unwrap();
    }
    writer.finish().unwrap();
    let output = export_checkpoint(&prefix, &out, "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains(
            "variable \"dense/kernel\": expected float32 [3, 2], found float64 [2, 3]; it is transposed, \
             map it by Mapping::tensor(\"dense/kernel\").transposed([1, 0]).cast(DType::Float32)"
        ),
        "{stderr}"
    );
    assert!(!out.exists());

    let sizes = ["--inputs", "3", "--hidden", "2", "--outputs", "2"];
    let mut command = example("export_checkpoint");
    command.arg(&prefix).arg(&out).args(sizes);
    let output = command
        .args(["--transpose", "--cast-floats"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let reader = CheckpointReader::open(out.join("variables/variables")).unwrap();
    assert_eq!(reader.read("dense/kernel").unwrap(), kernel());
    let second = reader.read("dense_1/kernel").unwrap();
    assert_eq!(second.as_slice::<f32>().unwrap(), [0.0, 2.0, 1.0, 3.0]);
}
