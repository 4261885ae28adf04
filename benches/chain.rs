//! How the cost of building and exporting grows with the number of layers: it has to be linear.
//!
//! As in Python, what was built is dropped after the time is taken.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Session, layers};

/// `tests/scripts/chain.py` builds the same.
fn chain(g: &GraphBuilder, layers: usize) {
    g.set_random_seed(42);
    let inputs = g.placeholder::<f32>((None, 4));
    let outputs = (0..layers).fold(inputs, |x, _| layers::dense(4).apply(x));
    g.signature("default")
        .input("default", inputs)
        .output("default", outputs);
}

fn chains(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut group = c.benchmark_group("chain");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(10));
    for layers in [1_000, 10_000, 100_000] {
        group.throughput(Throughput::Elements(layers as u64));
        group.bench_function(BenchmarkId::new("build", layers), |b| {
            let build =
                |()| ModuleSpec::new(|g: &GraphBuilder| chain(g, layers)).expect("a valid module");
            b.iter_batched(|| (), build, BatchSize::PerIteration);
        });
        let spec = ModuleSpec::new(|g: &GraphBuilder| chain(g, layers)).expect("a valid module");
        let out = dir.path().join(layers.to_string());
        group.bench_function(BenchmarkId::new("export", layers), |b| {
            b.iter(|| {
                let session = Session::new(&spec).expect("a session");
                Exporter::new(&spec).replace(true).export(&out, &session)
            });
        });
    }
}

criterion_group!(benches, chains);
criterion_main!(benches);
