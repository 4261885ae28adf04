//! How the cost of building and exporting grows with the number of layers, and with that of conditionals side by side and
//! of unrolled steps of an LSTM: it has to be linear, and about the same for a node of each.
//!
//! As in Python, what was built is dropped after the time is taken.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Session, layers, rnn};

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

/// Conditionals that do not nest, each on the result of the one before.
fn conditionals(g: &GraphBuilder, count: usize) {
    let inputs = g.placeholder::<f32>((None, 4));
    let flag = g.placeholder::<bool>(());
    let outputs = (0..count).fold(inputs, |x, _| g.cond(flag, || x * 2.0, || x + inputs));
    g.signature("default")
        .input("default", inputs)
        .input("flag", flag)
        .output("default", outputs);
}

/// An LSTM unrolled over its steps.
fn steps(g: &GraphBuilder, count: usize) {
    g.set_random_seed(42);
    let inputs = g.placeholder::<f32>((2, 4));
    let (outputs, _) = rnn::static_rnn(g, rnn::basic_lstm_cell(4), &vec![inputs; count], ());
    g.signature("default")
        .input("default", inputs)
        .output("default", outputs[count - 1]);
}

/// The nodes of a module that has one variant.
fn nodes(build: impl Fn(&GraphBuilder)) -> u64 {
    let g = GraphBuilder::new();
    build(&g);
    g.len() as u64
}

/// The cost of a node, in a chain of layers, in conditionals and in unrolled steps.
fn per_node(c: &mut Criterion) {
    let mut group = c.benchmark_group("nodes");
    group.sample_size(10);
    type Build = fn(&GraphBuilder, usize);
    let rows: [(&str, Build); 3] = [
        ("layers", chain),
        ("conditionals", conditionals),
        ("steps", steps),
    ];
    for (name, build) in rows {
        for count in [1_000, 10_000] {
            group.throughput(Throughput::Elements(nodes(|g| build(g, count))));
            group.bench_function(BenchmarkId::new(name, count), |b| {
                let spec = |()| {
                    ModuleSpec::new(|g: &GraphBuilder| build(g, count)).expect("a valid module")
                };
                b.iter_batched(|| (), spec, BatchSize::PerIteration);
            });
        }
    }
}

criterion_group!(benches, chains, per_node);
criterion_main!(benches);
