//! How long it takes to define MobileNetV2 for inference and training, and to export it with the weights of a checkpoint.
//!
//! `tests/scripts/mobilenet_ratio.py` compares the medians with Python's.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use tfhub::checkpoint::{CheckpointReader, CheckpointWriter};
use tfhub::{Exporter, ModuleSpec, Result, Session};

#[path = "../examples/models/mobilenet_v2.rs"]
mod mobilenet_v2;

use mobilenet_v2::MobilenetV2;

fn spec() -> Result<ModuleSpec> {
    let net = MobilenetV2::default();
    ModuleSpec::with_modes(|g, mode| mobilenet_v2::module_fn(g, &net, mode))
}

/// The paths of the files below a directory, with their bytes.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                let bytes = fs::read(&path).expect("a file");
                found.push((path, bytes));
            }
        }
    }
    found
}

fn mobilenet(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut group = c.benchmark_group("mobilenet_v2");
    group.sample_size(30);
    group.bench_function("spec", |b| b.iter(spec));

    let spec = spec().expect("a valid module");
    let initial = dir.path().join("initial");
    let session = Session::new(&spec).expect("a session");
    let summary = spec.export(&initial, &session);
    summary.expect("an export of the initial values");
    let checkpoint = initial.join("variables/variables");
    let out = dir.path().join("module");
    group.bench_function("export", |b| {
        b.iter(|| {
            let reader = CheckpointReader::open(&checkpoint).expect("a checkpoint");
            let exporter = Exporter::new(&spec).replace(true);
            exporter.export(&out, &reader).expect("an export")
        });
    });

    // The weights alone, from one checkpoint to another, of which the old one is removed as the old module is.
    group.bench_function("weights", |b| {
        b.iter(|| {
            let weights = dir.path().join("weights");
            fs::remove_dir_all(&weights).ok();
            let reader = CheckpointReader::open(&checkpoint).expect("a checkpoint");
            let mut writer =
                CheckpointWriter::create(weights.join("model.ckpt")).expect("a writer");
            writer.add_from(&reader).expect("values");
            writer.finish().expect("a checkpoint")
        });
    });

    // The same bytes on the disk, as plainly as can be.
    let files = files(&out);
    assert!(!files.is_empty(), "the export has files");
    let plain = dir.path().join("plain");
    fs::create_dir(&plain).expect("a directory");
    group.bench_function("write", |b| {
        b.iter(|| {
            for (number, (_, bytes)) in files.iter().enumerate() {
                let mut file = File::create(plain.join(number.to_string()))?;
                file.write_all(bytes)?;
                file.sync_all()?;
            }
            std::io::Result::Ok(())
        });
    });
    group.finish();
}

criterion_group!(benches, mobilenet);
criterion_main!(benches);
