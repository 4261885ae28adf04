//! Any bytes are read as a graph in text form and imported, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::GraphBuilder;
use tfhub::graph::{GraphDef, ImportOptions};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(graph_def) = GraphDef::decode_text(text) else {
        return;
    };
    // What was read is a message: its bytes are one too.
    let again = GraphDef::decode(&graph_def.encode()).expect("a message");
    assert_eq!(again.encode(), graph_def.encode());
    let g = GraphBuilder::new();
    let _ = g.import_graph_def(graph_def, ImportOptions::new().prefix(""));
});
