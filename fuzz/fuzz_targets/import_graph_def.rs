//! Any bytes are imported or refused; what was imported survives export and import.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::GraphBuilder;
use tfhub::graph::{GraphDef, ImportOptions};

fn import(graph_def: GraphDef) -> Option<GraphDef> {
    let g = GraphBuilder::new();
    g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
        .ok()?;
    Some(
        g.finish()
            .expect("an import reports its own faults")
            .to_graph_def(),
    )
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut graph_def) = GraphDef::decode(bytes) else {
        return;
    };
    let Some(exported) = import(graph_def.clone()) else {
        return;
    };
    let again = import(exported.clone()).expect("what was exported is a graph");
    assert_eq!(exported.encode(), again.encode());
    let _ = graph_def.take_constants(|_| true);
});
