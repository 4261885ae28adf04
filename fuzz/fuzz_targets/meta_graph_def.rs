//! Any bytes are imported as a meta graph, in binary or in text form, or refused; all of it, and what its last node
//! needs.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::graph::{ImportOptions, MetaGraphDef};
use tfhub::{ErrorKind, GraphBuilder};

fn import<'g>(g: &'g GraphBuilder, meta_graph: MetaGraphDef, options: ImportOptions<'g>) {
    if let Err(error) = g.import_meta_graph(meta_graph, options) {
        let kinds = [
            ErrorKind::Corrupt,
            ErrorKind::Unsupported,
            ErrorKind::NotFound,
        ];
        assert!(kinds.contains(&error.kind()), "{error}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = || MetaGraphDef::decode_text(std::str::from_utf8(bytes).ok()?).ok();
    let Some(meta_graph) = MetaGraphDef::decode(bytes).ok().or_else(text) else {
        return;
    };
    let _ = meta_graph.variables();
    let graph_def = meta_graph.clone().into_graph_def();
    let options = || ImportOptions::new().prefix("");
    if let Some((last, _)) = graph_def.nodes().last() {
        let g = GraphBuilder::new();
        import(&g, meta_graph.clone(), options().outputs([last]));
        g.finish().expect("an import reports its own faults");
    }
    let g = GraphBuilder::new();
    import(&g, meta_graph, options());
    g.finish().expect("an import reports its own faults");
});
