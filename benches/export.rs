//! How long an export takes: inside a process that lives on, and as a whole process.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Session, layers};

fn module_fn(g: &GraphBuilder) {
    g.set_random_seed(42);
    let inputs = g.placeholder::<f32>((None, 50));
    let layer1 = layers::dense(200).apply(inputs);
    let layer2 = layers::dense(100).apply(layer1);
    g.signature("default")
        .input("default", inputs)
        .output("default", layer2)
        .output("hidden_activations", layer1);
}

fn in_process(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let out = dir.path().join("dense");
    c.bench_function("build dense spec", |b| {
        b.iter(|| ModuleSpec::new(module_fn))
    });
    let spec = ModuleSpec::new(module_fn).expect("a valid module");
    c.bench_function("initial values of dense", |b| {
        b.iter(|| {
            let session = Session::new(&spec).expect("a session");
            session
                .read::<f32>("dense_1/kernel")
                .expect("a kernel")
                .sum()
        });
    });
    c.bench_function("export dense", |b| {
        b.iter(|| {
            let session = Session::new(&spec).expect("a session");
            Exporter::new(&spec).replace(true).export(&out, &session)
        });
    });
}

/// The example itself, from its start to its end; `cargo build --release --examples` makes it.
fn whole_process(c: &mut Criterion) {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/examples/export_dense");
    if !program.is_file() {
        println!(
            "export_dense process: left out, {} is missing",
            program.display()
        );
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let out = dir.path().join("dense");
    c.bench_function("export_dense process", |b| {
        b.iter(|| {
            let mut command = Command::new(&program);
            let status = command
                .arg(&out)
                .args(["--seed", "42", "--replace"])
                .stdout(Stdio::null())
                .status();
            assert!(status.is_ok_and(|status| status.success()));
        });
    });
}

criterion_group!(benches, in_process, whole_process);
criterion_main!(benches);
