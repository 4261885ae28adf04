//! The examples as programs: what they print, what they refuse, and what is left when they fail or are killed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::write::DeflateEncoder;

/// The built example; `cargo test` builds all of them.
pub(crate) fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let path = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing; run `cargo test`, which builds the examples",
        path.display()
    );
    Command::new(path)
}

fn export_dense(arguments: &[&str], out: &Path) -> Output {
    example("export_dense")
        .arg(out)
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn refused(output: &Output, text: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(text),
        "expected {text:?}, found {stderr:?}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

/// The files of a module.
fn content(module: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = [
        "saved_model.pb",
        "tfhub_module.pb",
        "variables/variables.data-00000-of-00001",
        "variables/variables.index",
    ];
    files
        .map(|file| (file.into(), fs::read(module.join(file)).unwrap()))
        .into()
}

/// A .npy array of this shape in which every element is `value`.
pub(crate) fn npy<T: tfhub::Element>(shape: &[usize], value: T) -> Vec<u8> {
    let count = shape.iter().product();
    let value = tfhub::TensorValue::new(shape, vec![value; count]).unwrap();
    let mut bytes = Vec::new();
    tfhub::source::write_npy(&value, &mut bytes).unwrap();
    bytes
}

pub(crate) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, bytes) in arrays {
        let member = format!("{name}.npy");
        let file = archive.new_file(&member);
        let file = file.compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let packed = DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(packed);
        writer.write_all(bytes).unwrap();
        let (packed, descriptor) = writer.finish().unwrap();
        packed.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap()
}

fn weights() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("dense/kernel", npy(&[50, 200], 0.5f32)),
        ("dense/bias", npy(&[200], 1.0f32)),
        ("dense_1/kernel", npy(&[200, 100], 2.0f32)),
        ("dense_1/bias", npy(&[100], 3.0f32)),
    ]
}

#[test]
fn help_is_printed() {
    for name in ["export_dense", "half_plus_two"] {
        let help = succeeded(&example(name).arg("--help").output().unwrap());
        assert!(
            help.contains("OUT_DIR") && help.contains("--replace"),
            "{help}"
        );
    }
}

#[test]
fn what_was_written_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    let printed = succeeded(&export_dense(&["--seed", "42", "--l2", "0.01"], &out));
    for line in [
        "    input \"default\": float32 [?, 50] (Placeholder:0)",
        "    output \"default\": float32 [?, 100] (dense_1/BiasAdd:0)",
        "    output \"hidden_activations\": float32 [?, 200] (dense/BiasAdd:0)",
        "  regularization losses: 2",
        "    dense/kernel/Regularizer/l2_regularizer:0",
        "  dense/kernel float32 [50, 200], 40000 bytes",
        "  dense_1/bias float32 [100], 400 bytes",
        "  variables/variables.data-00000-of-00001 121200 bytes",
        "  tfhub_module.pb 2 bytes",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line:?} is missing in\n{printed}"
        );
    }
    assert!(
        printed.lines().any(|line| line.starts_with("time: ")),
        "{printed}"
    );
    let out = dir.path().join("half");
    let printed = succeeded(&example("half_plus_two").arg(&out).output().unwrap());
    assert!(
        printed.contains("input \"x\": float32 <unknown> (x:0)"),
        "{printed}"
    );
    assert_eq!(
        fs::read(out.join("variables/variables.data-00000-of-00001")).unwrap(),
        [0, 0, 0, 0x3f, 0, 0, 0, 0x40]
    );
}

#[test]
fn an_existing_module_is_replaced_only_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    succeeded(&export_dense(&["--seed", "1"], &out));
    let first = content(&out);
    refused(
        &export_dense(&["--seed", "2"], &out),
        "already exists; ask for replacement to overwrite it",
    );
    assert_eq!(content(&out), first);
    succeeded(&export_dense(&["--seed", "2", "--replace"], &out));
    assert_ne!(content(&out), first);
    succeeded(&export_dense(&["--seed", "1", "--replace"], &out));
    assert_eq!(content(&out), first, "equal seeds give equal modules");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_is_not_a_module_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.txt"), "text").unwrap();
    refused(
        &export_dense(&["--replace"], &folder),
        "expected a module's directory to replace",
    );
    let file = dir.path().join("file");
    fs::write(&file, "text").unwrap();
    refused(&export_dense(&["--replace"], &file), "already exists");
    assert_eq!(
        fs::read_to_string(folder.join("thesis.txt")).unwrap(),
        "text"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
}

#[test]
fn weights_come_from_npz_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("weights.npz");
    fs::write(&file, npz(&weights())).unwrap();
    let out = dir.path().join("dense");
    succeeded(&export_dense(&["--weights", file.to_str().unwrap()], &out));
    let data = fs::read(out.join("variables/variables.data-00000-of-00001")).unwrap();
    let floats: Vec<f32> = data
        .chunks(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    // The order is that of the names: dense/bias, dense/kernel, dense_1/bias, dense_1/kernel.
    let firsts = [0, 200, 200 + 10_000, 200 + 10_000 + 100].map(|at| floats[at]);
    assert_eq!(firsts, [1.0, 0.5, 3.0, 2.0]);
}

#[test]
fn wrong_weights_are_refused_and_nothing_is_left() {
    let replaced = |name: &'static str, bytes: Vec<u8>| {
        let mut arrays = weights();
        arrays
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|array| array.1 = bytes.clone());
        npz(&arrays)
    };
    let mut short = weights();
    short.truncate(3);
    let mut surplus = weights();
    surplus.push(("dense_2/kernel", npy(&[1], 1.0f32)));
    let mut cut = npz(&weights());
    cut.truncate(cut.len() / 2);
    let mut truncated = npy(&[100], 3.0f32);
    truncated.truncate(200);
    let cases = [
        (
            "a missing array",
            npz(&short),
            "variable \"dense_1/bias\" has no value",
        ),
        (
            "a surplus array",
            npz(&surplus),
            "there is no variable \"dense_2/kernel\"",
        ),
        (
            "another shape",
            replaced("dense/bias", npy(&[201], 1.0f32)),
            "variable \"dense/bias\": expected float32 [200], found float32 [201]",
        ),
        (
            "another dtype",
            replaced("dense/bias", npy(&[200], 1.0f64)),
            "variable \"dense/bias\": expected float32 [200], found float64 [200]",
        ),
        (
            "a truncated array",
            replaced("dense_1/bias", truncated),
            "array \"dense_1/bias\": expected 400 bytes of elements, found ",
        ),
        (
            "no array",
            replaced("dense_1/bias", b"text".to_vec()),
            "variable \"dense_1/bias\" has no value",
        ),
        (
            "a truncated archive",
            cut,
            "cannot be read as a .npz archive",
        ),
        (
            "no archive",
            b"text".to_vec(),
            "cannot be read as a .npz archive",
        ),
    ];
    for (what, bytes, text) in cases {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("weights.npz");
        fs::write(&file, bytes).unwrap();
        let below = dir.path().join("out");
        fs::create_dir(&below).unwrap();
        let output = export_dense(&["--weights", file.to_str().unwrap()], &below.join("dense"));
        refused(&output, text);
        refused(&output, "weights.npz");
        assert!(is_empty(&below), "{what}");
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    refused(
        &export_dense(&["--weights", "no such file.npz"], &out),
        "cannot open no such file.npz",
    );
    assert!(is_empty(dir.path()));
}

#[test]
fn a_target_that_cannot_be_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "text").unwrap();
    refused(
        &export_dense(&[], &file.join("dense")),
        file.to_str().unwrap(),
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    refused(
        &export_dense(&[], Path::new("/")),
        "expected a path that ends in a name",
    );
    #[cfg(target_os = "linux")]
    refused(&export_dense(&[], Path::new("/proc/dense")), "/proc/");
}

/// The command in a shell that limits the size of files: a write beyond it fails, or kills where `trap` is not set.
#[cfg(target_os = "linux")]
fn with_small_files(out: &Path, survive: bool, arguments: &str) -> Output {
    let program = example("export_dense").get_program().to_owned();
    let trap = if survive { "trap '' XFSZ; " } else { "" };
    let script = format!("{trap}ulimit -f 64; exec \"$0\" \"$1\" {arguments}");
    Command::new("bash")
        .arg("-c")
        .arg(script)
        .arg(program)
        .arg(out)
        .output()
        .unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_write_that_fails_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    refused(
        &with_small_files(&out, true, "--seed 2"),
        "variables.data-00000-of-00001",
    );
    assert!(is_empty(dir.path()));
    succeeded(&export_dense(&["--seed", "1"], &out));
    let old = content(&out);
    refused(
        &with_small_files(&out, true, "--seed 2 --replace"),
        "cannot write",
    );
    assert_eq!(content(&out), old);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_killed_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    assert_eq!(
        with_small_files(&out, false, "--seed 2").status.code(),
        None
    );
    assert!(!out.exists());
    succeeded(&export_dense(&["--seed", "1"], &out));
    let old = content(&out);
    assert_eq!(
        with_small_files(&out, false, "--seed 2 --replace")
            .status
            .code(),
        None
    );
    assert_eq!(content(&out), old);
    // What the dead processes left behind is in nobody's way.
    succeeded(&export_dense(&["--seed", "2", "--replace"], &out));
    assert_ne!(content(&out), old);
}

#[test]
fn wrong_arguments_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("dense");
    assert_eq!(export_dense(&["--seed", "x"], &out).status.code(), Some(2));
    refused(
        &export_dense(&["--l2=-1"], &out),
        "expected rates of at least 0, found l1 0 and l2 -1",
    );
    refused(
        &export_dense(&["--l2=NaN"], &out),
        "expected rates of at least 0",
    );
    assert!(is_empty(dir.path()));
}

/// Runs the example of word vectors on a file.
fn text_embedding(file: &Path, out: &Path, options: &[&str]) -> Output {
    let mut command = example("text_embedding");
    command.arg("--embedding-file").arg(file);
    command.arg("--export-path").arg(out).args(options);
    command.output().unwrap()
}

#[test]
fn a_file_with_one_of_each_fault_is_refused_or_its_bad_lines_are_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("vectors.txt"), dir.path().join("module"));
    let lines: [&[u8]; 11] = [
        b"the 1 2",
        b"of 3",
        b"",
        b"a b 1 2",
        b"to x 2",
        b"the 3 4",
        b"in nan 1",
        b"is 1 inf",
        b"c\xff 1 2",
        b"cat 1 2 3",
        b"dog 5 6",
    ];
    fs::write(&file, lines.join(&b'\n')).unwrap();
    let refused = text_embedding(&file, &out, &[]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{stderr}");
    let faults = "line 2: expected 2 numbers after the token \"of\", found 1\n\
         line 3: there is no token\n\
         line 4: the token \"a b\" has spaces\n\
         line 5: expected number 1 of the token \"to\", found \"x\"\n\
         line 6: the token \"the\" is that of line 1\n\
         line 7: number 1 of the token \"in\" is NaN\n\
         line 8: number 2 of the token \"is\" is infinity, or too large for float32\n\
         line 9: the token \"c\\xff\" is not UTF-8\n\
         line 10: expected 2 numbers after the token \"cat\", found 3\n";
    assert!(stderr.ends_with(faults), "{stderr}");
    assert!(!out.exists());

    let skipped = text_embedding(&file, &out, &["--skip-bad-lines", "--provenance"]);
    let stderr = String::from_utf8(skipped.stderr).unwrap();
    assert!(skipped.status.success(), "{stderr}");
    assert!(stderr.contains(faults), "{stderr}");
    let stdout = String::from_utf8(skipped.stdout).unwrap();
    assert!(
        stdout.starts_with("2 vectors of 2 numbers, Glove\n  9 bad lines skipped\n"),
        "{stdout}"
    );
    assert_eq!(
        fs::read(out.join("assets/tokens.txt")).unwrap(),
        b"the\ndog"
    );
    let values = tfhub::module::ModuleVariables::open(&out).unwrap();
    let values = tfhub::VariableSource::read_all(&values).unwrap();
    assert_eq!(
        values["embeddings"].as_slice::<f32>().unwrap(),
        [1.0, 2.0, 5.0, 6.0, 0.0, 0.0]
    );
}

#[test]
fn what_a_file_of_word_vectors_is_instead_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("model"), dir.path().join("module"));
    let cases: [(&[u8], &str); 3] = [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "a zip archive"),
        (
            b"3 2\na 1 2\n",
            "expected 3 vectors, as the header says, found 1",
        ),
    ];
    for (bytes, text) in cases {
        fs::write(&file, bytes).unwrap();
        let output = text_embedding(&file, &out, &["--preprocess-text"]);
        refused(&output, text);
        assert!(!out.exists());
    }
}

#[test]
fn a_module_is_written_with_the_values_of_a_program_that_trained_it() {
    let dir = tempfile::tempdir().unwrap();
    let (module, tuned) = (dir.path().join("module"), dir.path().join("tuned"));
    let spec = tfhub::ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, tfhub::layers::dense(2).apply(x));
    })
    .unwrap();
    spec.export(&module, &tfhub::Session::new(&spec).unwrap())
        .unwrap();
    // The program has the module in a scope of its own.
    let g = tfhub::GraphBuilder::new();
    g.variable_scope("model", |_| {
        let options = tfhub::module::ModuleOptions::new().name("encoder");
        tfhub::module::Module::new(&g, &spec, options);
    });
    let mut session = tfhub::Session::new(&g.finish().unwrap()).unwrap();
    session
        .assign("model/encoder/dense/bias", [1.0f32, 2.0])
        .unwrap();
    let checkpoint = dir.path().join("model.ckpt");
    session.save(&checkpoint).unwrap();

    let run = |out: &Path| {
        let mut command = example("module");
        command.arg("apply").args([module.as_path(), out]);
        command.args(["--scope", "model/encoder", "--checkpoint"]);
        command.arg(&checkpoint).output().unwrap()
    };
    let output = run(&tuned);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("dense/bias: model/encoder/dense/bias\n"),
        "{text}"
    );
    let values = tfhub::ModuleSpec::load(&tuned).unwrap().values().unwrap();
    let bias = values.reader().unwrap().read("dense/bias").unwrap();
    assert_eq!(bias.as_slice::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!(run(&tuned).status.code(), Some(2), "the target exists");
}
