//! Control dependencies by which the stateful nodes of a function run in the order of the program, as
//! `AutomaticControlDependencies` adds them.

use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, HashMap, Node, NodeId};

/// The stateful ops that need no order and do not have to run: collective ops, which would wait for each other, and
/// random ops.
const UNORDERED: [&str; 16] = [
    "CollectiveBcastRecv",
    "CollectiveBcastSend",
    "CollectiveGather",
    "CollectiveReduce",
    "Multinomial",
    "NcclAllReduce",
    "ParameterizedTruncatedNormal",
    "RandomGamma",
    "RandomGammaGrad",
    "RandomPoisson",
    "RandomPoissonV2",
    "RandomShuffle",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "TruncatedNormal",
];

fn is_ordered(node: &Node) -> bool {
    node.op.is_stateful && !UNORDERED.contains(&node.op.name())
}

impl GraphBuilder {
    /// Lets each stateful node of the open body wait for the last one before it that uses one of its resources, and the
    /// results for all of them. Returns the nodes that have to run.
    pub(super) fn order_stateful_nodes(&self, results: &[AnyTensor<'_>]) -> Vec<NodeId> {
        let mut state = self.state.borrow_mut();
        let nodes = &mut state.nodes;
        let mut last_use = HashMap::default();
        let mut last_without_resource = None;
        let mut must_run = Vec::new();
        for id in (0..nodes.len()).map(NodeId::new) {
            let node = &nodes[id.index()];
            let is_ordered = is_ordered(node);
            if is_ordered || node.op.function().is_some() {
                must_run.push(id);
            }
            let inputs = node.inputs.clone();
            // A loop that nobody has closed has an input of no node.
            let resources = inputs.iter().filter(|input| {
                input.node != NodeId::POISON && input.output(nodes).dtype == DType::Resource
            });
            let mut before = Vec::new();
            let mut has_resource = false;
            for &resource in resources {
                has_resource = true;
                before.extend(last_use.insert(resource, id).filter(|&last| last != id));
            }
            if is_ordered && !has_resource {
                before.extend(last_without_resource.replace(id));
            }
            add_controls(&mut nodes[id.index()], &before);
        }
        for result in results.iter().filter(|result| !result.is_poison()) {
            let node = result.tensor_ref().node;
            add_controls(&mut nodes[node.index()], &must_run);
        }
        must_run
    }
}

fn add_controls(node: &mut Node, before: &[NodeId]) {
    node.control_inputs.extend_from_slice(before);
    node.control_inputs.sort_unstable();
    node.control_inputs.dedup();
}
