//! Computing initial values from the nodes of a graph.

use std::sync::Arc;

use super::Session;
use crate::error::Error;
use crate::graph::kernel::{self, KernelError};
use crate::graph::{Node, NodeId, TensorRef};
use crate::random::Seed;
use crate::value::TensorValue;
use crate::variable::{VariableInfo, Variables};

#[derive(Debug, thiserror::Error)]
pub(crate) enum EvaluateError {
    #[error("{op} \"{node}\": {source}")]
    Kernel {
        node: String,
        op: String,
        source: KernelError,
    },
    #[error("its graph does not say what it is")]
    Unknown,
    #[error("\"{0}\" reads something that is not a variable")]
    Handle(String),
    #[error("initial values depend on each other through more than {MAX_DEPTH} variables")]
    Depth,
    #[error("the system gives no random seed: {0}")]
    Entropy(getrandom::Error),
    #[error("{0}")]
    Variable(Box<Error>),
}

/// How many variables may be initialized one from the other.
const MAX_DEPTH: u32 = 64;

impl Session {
    /// The value of a tensor of one of the graphs.
    pub(super) fn evaluate(
        &self,
        graph: usize,
        target: TensorRef,
        depth: u32,
    ) -> Result<TensorValue, EvaluateError> {
        let nodes = self.graphs[graph].nodes();
        let order = dependencies(nodes, target.node);
        let position = |id: NodeId| order.binary_search(&id).ok();
        // A value is handed over to its last user, which may then overwrite it.
        let mut uses = vec![0; order.len()];
        order
            .iter()
            .flat_map(|&id| inputs(nodes, id))
            .filter_map(position)
            .for_each(|input| uses[input] += 1);
        let mut values: Vec<Option<Arc<TensorValue>>> = Vec::with_capacity(order.len());
        for &id in &order {
            let node = &nodes[id.index()];
            let value = if node.op.name() == "ReadVariableOp" {
                self.read_variable(graph, node, depth)?
            } else {
                let mut take = |input: NodeId| {
                    let input = position(input)?;
                    uses[input] -= 1;
                    match uses[input] {
                        0 => values.get_mut(input)?.take(),
                        _ => values.get(input)?.clone(),
                    }
                };
                let operands: Option<Vec<_>> = inputs(nodes, id).map(&mut take).collect();
                let operands =
                    operands.ok_or_else(|| EvaluateError::Handle(node.name.to_string()))?;
                let seed = self.seed_for(graph, id, node)?;
                kernel::run(node, operands, seed).map_err(|source| EvaluateError::Kernel {
                    node: node.name.to_string(),
                    op: node.op.name().to_owned(),
                    source,
                })?
            };
            values.push(Some(Arc::new(value)));
        }
        let value = position(target.node).and_then(|target| values.get_mut(target)?.take());
        let value = value.ok_or_else(|| EvaluateError::Handle(String::new()))?;
        Ok(Arc::unwrap_or_clone(value))
    }

    fn read_variable(
        &self,
        graph: usize,
        node: &Node,
        depth: u32,
    ) -> Result<TensorValue, EvaluateError> {
        let unknown = || EvaluateError::Handle(node.name.to_string());
        let info = self.variable_read_by(graph, node).ok_or_else(unknown)?;
        if depth >= MAX_DEPTH {
            return Err(EvaluateError::Depth);
        }
        let value = self.value_at_depth(&info.name, depth + 1);
        value
            .cloned()
            .map_err(|error| EvaluateError::Variable(Box::new(error)))
    }

    /// The variable whose value a `ReadVariableOp` takes.
    fn variable_read_by(&self, graph: usize, node: &Node) -> Option<&VariableInfo> {
        let handle = node.inputs.first()?.node;
        let variables = self.graphs[graph].extension::<Variables>()?;
        let mut list = variables.list.iter();
        list.find(|info| info.handle == handle)
    }

    /// Whether a variable has the value of its initializer, and random numbers are in it.
    pub(super) fn has_random_value(&self, name: &str, depth: u32) -> bool {
        let Some(slot) = self.slots.get(name).filter(|slot| !slot.assigned) else {
            return false;
        };
        let nodes = self.graphs[slot.graph].nodes();
        let initial_value = slot.info.initial_value.iter();
        let mut behind = initial_value.flat_map(|value| dependencies(nodes, value.node));
        behind.any(|id| {
            let node = &nodes[id.index()];
            match node.op.name() {
                "ReadVariableOp" if depth < MAX_DEPTH => {
                    let read = self.variable_read_by(slot.graph, node);
                    read.is_some_and(|info| self.has_random_value(&info.name, depth + 1))
                }
                _ => node.op.attr("seed").is_some(),
            }
        })
    }

    /// The seed of a random node: where it has none of its own, it is drawn once, so that all its users see the same
    /// values.
    fn seed_for(&self, graph: usize, id: NodeId, node: &Node) -> Result<Seed, EvaluateError> {
        let none = Seed { seed: 0, seed2: 0 };
        if node.op.attr("seed").is_none() {
            return Ok(none);
        }
        if let Some(seed) = kernel::own_seed(node) {
            return Ok(seed);
        }
        if let Some(seed) = self.drawn.borrow().get(&(graph, id)) {
            return Ok(*seed);
        }
        let draw = || {
            getrandom::u64()
                .map(|seed| seed as i64)
                .map_err(EvaluateError::Entropy)
        };
        let seed = Seed {
            seed: draw()?,
            seed2: draw()?,
        };
        self.drawn.borrow_mut().insert((graph, id), seed);
        Ok(seed)
    }
}

/// The nodes whose values a node takes.
fn inputs(nodes: &[Node], id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let node = &nodes[id.index()];
    let read = node.op.name() == "ReadVariableOp";
    node.inputs
        .iter()
        .filter(move |_| !read)
        .map(|input| input.node)
}

/// A node and all that it depends on, sorted, which puts each after what it depends on.
fn dependencies(nodes: &[Node], target: NodeId) -> Vec<NodeId> {
    // Inputs are made before the nodes that use them, so the order of making will do.
    let mut seen = std::collections::BTreeSet::from([target]);
    let mut open = vec![target];
    while let Some(id) = open.pop() {
        open.extend(inputs(nodes, id).filter(|&input| seen.insert(input)));
    }
    seen.into_iter().collect()
}
