//! Computing initial values from the nodes of a graph.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::{Held, Session};
use crate::error::Error;
use crate::graph::facts;
use crate::graph::facts::kernel::{self, KernelError};
use crate::graph::{HashMap, Node, NodeId, TensorRef};
use crate::random::{self, Seed};
use crate::value::TensorValue;
use crate::variable::Variables;

#[derive(Debug, thiserror::Error)]
pub(crate) enum EvaluateError {
    #[error("{op} \"{node}\": {source}")]
    Kernel {
        node: String,
        op: String,
        source: KernelError,
    },
    #[error("the graph has none for it")]
    Unknown,
    #[error("\"{0}\" reads something that is not a variable")]
    Handle(String),
    #[error("initial values depend on each other through more than {MAX_DEPTH} variables")]
    Depth,
    #[error("{0}")]
    Variable(Box<Error>),
}

/// How many variables may be initialized one from the other.
const MAX_DEPTH: u32 = 64;

impl Session {
    /// The value of a tensor of one of the graphs, and whether random numbers are in it.
    pub(super) fn evaluate(
        &self,
        graph: usize,
        target: TensorRef,
        depth: u32,
    ) -> Result<Held, EvaluateError> {
        let nodes = self.graphs[graph].nodes();
        let order = dependencies(nodes, target.node);
        let position = |id: NodeId| order.binary_search(&id).ok();
        // A value is handed over to its last user, which may then overwrite it.
        let mut uses: HashMap<TensorRef, usize> = HashMap::from_iter([(target, 1)]);
        order
            .iter()
            .flat_map(|&id| inputs(nodes, id))
            .for_each(|input| *uses.entry(input).or_default() += 1);
        let mut values: Vec<Vec<Option<Arc<TensorValue>>>> = Vec::with_capacity(order.len());
        let mut take = |values: &mut Vec<Vec<Option<Arc<TensorValue>>>>, input: TensorRef| {
            let value = values.get_mut(position(input.node)?)?;
            let value = value.get_mut(input.index as usize)?;
            let left = uses.get_mut(&input)?;
            *left -= 1;
            match *left {
                0 => value.take(),
                _ => value.clone(),
            }
        };
        let mut random = false;
        for &id in &order {
            let node = &nodes[id.index()];
            let outputs = if facts::of(&node.op).is_read() {
                let held = self.read_variable(graph, node, depth)?;
                random |= held.random;
                vec![Some(held.value.clone())]
            } else {
                let operands = inputs(nodes, id).map(|input| take(&mut values, input));
                let operands: Option<Vec<_>> = operands.collect();
                let operands =
                    operands.ok_or_else(|| EvaluateError::Handle(node.name.to_string()))?;
                let seed = self.seed_for(graph, id, node);
                random |= seed.is_some();
                let seed = seed.unwrap_or(Seed { seed: 0, seed2: 0 });
                let outputs = kernel::run(nodes, node, operands, seed);
                let outputs = outputs.map_err(|source| EvaluateError::Kernel {
                    node: node.name.to_string(),
                    op: node.op.name().to_owned(),
                    source,
                })?;
                let outputs = outputs.into_iter();
                outputs.map(|value| Some(Arc::new(value))).collect()
            };
            values.push(outputs);
        }
        let value = take(&mut values, target);
        let value = value.ok_or_else(|| EvaluateError::Handle(String::new()))?;
        Ok(Held { value, random })
    }

    fn read_variable(&self, graph: usize, node: &Node, depth: u32) -> Result<&Held, EvaluateError> {
        let unknown = || EvaluateError::Handle(node.name.to_string());
        let name = self.variable_read_by(graph, node).ok_or_else(unknown)?;
        if depth >= MAX_DEPTH {
            return Err(EvaluateError::Depth);
        }
        let held = self.held(name, depth + 1);
        held.map_err(|error| EvaluateError::Variable(Box::new(error)))
    }

    /// The variable whose value a `ReadVariableOp` takes.
    fn variable_read_by(&self, graph: usize, node: &Node) -> Option<&str> {
        let handle = node.inputs.first()?.node;
        let handles = self.handles.get_or_init(|| {
            let graphs = self.graphs.iter().enumerate();
            let handles = graphs.flat_map(|(graph, variables)| {
                let variables = Variables::saved(variables);
                variables.map(move |info| ((graph, info.handle), info.name.clone()))
            });
            handles.collect()
        });
        handles.get(&(graph, handle)).map(String::as_str)
    }

    /// The seed of a random node: where it has none of its own, it is drawn once, so that all its users see the same
    /// values. Other nodes have none.
    fn seed_for(&self, graph: usize, id: NodeId, node: &Node) -> Option<Seed> {
        node.op.attr("seed")?;
        if let Some(seed) = kernel::own_seed(node) {
            return Some(seed);
        }
        if let Some(seed) = self.drawn.borrow().get(&(graph, id)) {
            return Some(*seed);
        }
        let seed = Seed {
            seed: random::entropy() as i64,
            seed2: random::entropy() as i64,
        };
        self.drawn.borrow_mut().insert((graph, id), seed);
        Some(seed)
    }
}

/// The tensors whose values a node takes.
fn inputs(nodes: &[Node], id: NodeId) -> impl Iterator<Item = TensorRef> + '_ {
    let node = &nodes[id.index()];
    let read = facts::of(&node.op).is_read();
    node.inputs.iter().copied().filter(move |_| !read)
}

/// A node and all that it depends on, sorted, which puts each after what it depends on.
fn dependencies(nodes: &[Node], target: NodeId) -> Vec<NodeId> {
    // Inputs are made before the nodes that use them, but for those that close a loop, which has no initial value: the
    // latest that is open comes before all its inputs, and as often as it is used in a row.
    let mut open = BinaryHeap::from([target]);
    let mut order = Vec::new();
    while let Some(id) = open.pop() {
        if order.last() != Some(&id) {
            order.push(id);
            let inputs = inputs(nodes, id).map(|input| input.node);
            open.extend(inputs.filter(|&input| input < id));
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests;
