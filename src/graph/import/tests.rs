//! The op lists of imported graphs.

mod internal;
mod later;

use std::fs;
use std::path::Path;

use super::ImportOptions;
use crate::graph::{GraphBuilder, GraphDef};

#[test]
fn op_lists_have_the_ops_that_tensorflow_lists() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graphs");
    for name in ["defun", "control_flow_v2", "queues", "training", "while_v1"] {
        let g = GraphBuilder::new();
        let graph_def = GraphDef::read(directory.join(format!("{name}.pb"))).unwrap();
        g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
            .unwrap();
        let list = g.finish().unwrap().to_op_list();
        let ours: Vec<_> = list.op.iter().map(|op| op.name.as_str()).collect();
        let theirs = fs::read_to_string(directory.join(format!("{name}.ops"))).unwrap();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{name}");
    }
}
