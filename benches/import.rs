//! How long the import of a graph of 10,000 nodes takes, its copy, and its export.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tfhub::GraphBuilder;
use tfhub::graph::{GraphDef, ImportOptions};

const NODES: usize = 10_000;

/// Blocks of a network, one after the other: convolution, batch norm, activation, reshapes by computed sizes.
fn network() -> GraphDef {
    let g = GraphBuilder::new();
    let mut x = g.placeholder::<f32>((None, 32, 32, 16)).any();
    while g.len() < NODES {
        let block = format!("block{}", g.len());
        x = g.name_scope(&block, || {
            let kernel = g.constant_of_shape(0.1f32, [3, 3, 16, 16]).any();
            let conv = g.op("Conv2D").input(x).input(kernel);
            let conv = conv
                .attr("strides", [1i64, 1, 1, 1])
                .attr("padding", "SAME");
            let relu = g
                .op("Relu")
                .input(conv.finish().output(0))
                .finish()
                .output(0);
            let shape = g.op("Shape").input(relu).finish().output(0);
            let flat = g.op("Reshape").input(relu).input(g.constant([-1i32, 16]));
            let flat = flat.finish().output(0);
            let back = g.op("Reshape").input(flat).input(shape).finish().output(0);
            g.op("AddV2").input(back).input(x).finish().output(0)
        });
    }
    g.finish().expect("a valid graph").to_graph_def()
}

fn import(graph_def: GraphDef) -> GraphBuilder {
    let g = GraphBuilder::new();
    let options = ImportOptions::new().prefix("").ignore_shapes(true);
    g.import_graph_def(graph_def, options).expect("a graph");
    g
}

fn whole_graph(c: &mut Criterion) {
    let graph_def = network();
    let bytes = graph_def.encode();
    println!("{} nodes, {} bytes", graph_def.len(), bytes.len());
    c.bench_function("decode 10,000 nodes", |b| {
        b.iter(|| GraphDef::decode(&bytes))
    });
    c.bench_function("import 10,000 nodes", |b| {
        b.iter_batched(|| graph_def.clone(), import, BatchSize::LargeInput);
    });
    let graph = import(graph_def.clone()).finish().expect("a valid graph");
    c.bench_function("copy 10,000 nodes", |b| {
        let copy = || {
            let g = GraphBuilder::new();
            let options = ImportOptions::new().prefix("").ignore_shapes(true);
            g.copy_graph(&graph, options).expect("a graph");
            g
        };
        b.iter_with_large_drop(copy);
    });
    c.bench_function("export 10,000 nodes", |b| {
        b.iter_batched(
            || import(graph_def.clone()).finish().expect("a valid graph"),
            |graph| graph.to_graph_def().encode(),
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, whole_graph);
criterion_main!(benches);
