//! How the cost of a checkpoint's index grows with the number of variables: it has to be linear, and opening one is to
//! take no longer for many.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tfhub::TensorValue;
use tfhub::checkpoint::{CheckpointReader, CheckpointWriter, verify};

fn name(index: usize) -> String {
    format!("tower_{}/layer_{}/weights_{index}", index % 7, index / 100)
}

fn write(prefix: &Path, variables: usize) -> tfhub::Result<()> {
    let mut writer = CheckpointWriter::create(prefix)?;
    for index in 0..variables {
        writer.add(&name(index), TensorValue::scalar(index as f32))?;
    }
    writer.finish().map(drop)
}

fn indexes(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut group = c.benchmark_group("checkpoint");
    group.sample_size(10);
    for variables in [10_000, 100_000, 1_000_000] {
        let prefix = dir.path().join(variables.to_string());
        group.throughput(Throughput::Elements(variables as u64));
        group.bench_function(BenchmarkId::new("write", variables), |b| {
            b.iter_batched(
                || tempfile::tempdir_in(dir.path()).expect("a temporary directory"),
                |dir| write(&dir.path().join("model"), variables),
                criterion::BatchSize::PerIteration,
            );
        });
        write(&prefix, variables).expect("a checkpoint");
        group.bench_function(BenchmarkId::new("open", variables), |b| {
            b.iter(|| {
                let reader = CheckpointReader::open(&prefix)?;
                reader.read(&name(variables / 2))
            });
        });
        group.bench_function(BenchmarkId::new("list", variables), |b| {
            b.iter(|| CheckpointReader::open(&prefix).map(|reader| reader.tensors().count()));
        });
        group.bench_function(BenchmarkId::new("verify", variables), |b| {
            b.iter(|| verify(&prefix, |_| ()));
        });
    }
}

criterion_group!(benches, indexes);
criterion_main!(benches);
