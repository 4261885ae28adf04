//! Computing initial values from the nodes of a graph.

use std::sync::Arc;

use super::restored::is_restore;
use super::{Held, Session};
use crate::dtype::Data;
use crate::error::Error;
use crate::graph::facts::kernel::{self, KernelError};
use crate::graph::facts::{self, Flow};
use crate::graph::{HashMap, HashSet, Inputs, Node, NodeId, TensorRef};
use crate::random::{self, Seed};
use crate::value::TensorValue;
use crate::variable::Variables;

errors! {
    #[derive(Debug)]
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
        #[error("it is that of a branch that does not run")]
        Branch,
        #[error("\"{0}\" comes back in a loop")]
        Loop(String),
        #[error("an output of \"{0}\" is not one that initial values can be computed with")]
        Output(String),
        #[error("initial values depend on each other through more than {MAX_DEPTH} variables")]
        Depth,
        #[error("{0}")]
        Variable(Box<Error>),
        #[error("RestoreV2 \"{node}\": {error}")]
        Restore { node: String, error: Box<Error> },
    }
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
    ) -> Result<Held, Arc<EvaluateError>> {
        let nodes = self.graphs[graph].nodes();
        let order = dependencies(nodes, target.node);
        let mut values = Values::new(nodes, &order, target);
        let mut random = false;
        for &id in &order {
            let outputs = self.outputs(graph, id, &mut values, depth);
            let outputs = outputs.map(|(outputs, is_random)| {
                random |= is_random;
                outputs
            });
            values.of_nodes.insert(id, outputs);
        }
        let value = values.take(target)?;
        let value = value.ok_or_else(|| Arc::new(EvaluateError::Branch))?;
        Ok(Held { value, random })
    }

    /// The values that a node puts out, none where it does not run, and whether random numbers are in them.
    fn outputs(
        &self,
        graph: usize,
        id: NodeId,
        values: &mut Values<'_>,
        depth: u32,
    ) -> Result<(Option<Outputs>, bool), Arc<EvaluateError>> {
        let nodes = self.graphs[graph].nodes();
        let node = &nodes[id.index()];
        if values.waits_for_other_branch(node) {
            return Ok((None, false));
        }
        if is_of_variable(node) {
            for (_, predicate, branch) in switches(nodes, node) {
                let flag = values.take(predicate)?;
                if flag.is_none_or(|flag| taken_branch(&flag) != Some(branch)) {
                    return Ok((None, false));
                }
            }
            if facts::of(&node.op).is_question() {
                // Initial values are those of a session whose variables have none yet, whatever has been restored since.
                let value = Arc::new(TensorValue::scalar(false));
                return Ok((Some(vec![Some(value)]), false));
            }
            let held = self.read_variable(graph, id, depth)?;
            return Ok((Some(vec![Some(held.value.clone())]), held.random));
        }
        if is_merge(node) {
            let mut chosen = None;
            for input in inputs(nodes, node) {
                chosen = values.take(input)?.or(chosen);
            }
            return Ok((chosen.map(|value| vec![Some(value)]), false));
        }
        let mut operands = Vec::new();
        for input in inputs(nodes, node) {
            match values.take(input)? {
                Some(value) => operands.push(value),
                None => return Ok((None, false)),
            }
        }
        if let (true, [data, predicate]) = (is_switch(node), &operands[..]) {
            if let Some(branch) = taken_branch(predicate) {
                let mut outputs = vec![None, None];
                outputs[branch] = Some(data.clone());
                return Ok((Some(outputs), false));
            }
        }
        if is_restore(node) {
            let values = self.restored(&operands).and_then(|restored| {
                let values = restored.iter().map(|it| it.value()?.into_value());
                values
                    .map(|it| Ok(Some(Arc::new(it?.into_owned()))))
                    .collect()
            });
            let values = values.map_err(|error| EvaluateError::Restore {
                node: node.name.to_string(),
                error: Box::new(error),
            });
            return Ok((Some(values?), false));
        }
        let seed = self.seed_for(graph, id, node);
        let random = seed.is_some();
        let seed = seed.unwrap_or(Seed { seed: 0, seed2: 0 });
        let outputs = kernel::run(nodes, node, operands, seed);
        let outputs = outputs.map_err(|source| EvaluateError::Kernel {
            node: node.name.to_string(),
            op: node.op.name().to_owned(),
            source,
        })?;
        let outputs = outputs.into_iter();
        let outputs = outputs.map(|value| Some(Arc::new(value)));
        Ok((Some(outputs.collect()), random))
    }

    fn read_variable(&self, graph: usize, id: NodeId, depth: u32) -> Result<&Held, EvaluateError> {
        let node = &self.graphs[graph].nodes()[id.index()];
        let unknown = || EvaluateError::Handle(node.name.to_string());
        let name = self.variable_read_by(graph, id, node).ok_or_else(unknown)?;
        if depth >= MAX_DEPTH {
            return Err(EvaluateError::Depth);
        }
        let held = self.held(name, depth + 1);
        held.map_err(|error| EvaluateError::Variable(Box::new(error)))
    }

    /// The variable whose value a node takes; a variable of the old kind is its own value.
    fn variable_read_by(&self, graph: usize, id: NodeId, node: &Node) -> Option<&str> {
        let last = switches(self.graphs[graph].nodes(), node).last();
        let handle = match (last, node.inputs.first()) {
            (Some((handle, ..)), _) => handle.node,
            (None, Some(handle)) => handle.node,
            (None, None) => id,
        };
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

/// The values of a node's outputs; of a `Switch`, that of the branch that does not run has none.
type Outputs = Vec<Option<Arc<TensorValue>>>;

/// The values that are at hand while one is computed.
struct Values<'a> {
    nodes: &'a [Node],
    /// Those of the nodes done so far; none for one in a branch that does not run.
    of_nodes: HashMap<NodeId, Result<Option<Outputs>, Arc<EvaluateError>>>,
    /// How often each is still to be taken.
    uses: HashMap<TensorRef, usize>,
}

impl<'a> Values<'a> {
    fn new(nodes: &'a [Node], order: &[NodeId], target: TensorRef) -> Self {
        let mut uses = HashMap::from_iter([(target, 1)]);
        for input in order
            .iter()
            .flat_map(|id| inputs(nodes, &nodes[id.index()]))
        {
            *uses.entry(input).or_default() += 1;
        }
        Values {
            nodes,
            of_nodes: HashMap::default(),
            uses,
        }
    }

    /// The value of a tensor, which the last user gets alone and may overwrite; none in a branch that does not run.
    fn take(&mut self, tensor: TensorRef) -> Result<Option<Arc<TensorValue>>, Arc<EvaluateError>> {
        let node = || self.nodes[tensor.node.index()].name.to_string();
        let outputs = match self.of_nodes.get_mut(&tensor.node) {
            Some(Ok(outputs)) => outputs,
            Some(Err(error)) => return Err(error.clone()),
            None => return Err(Arc::new(EvaluateError::Loop(node()))),
        };
        let Some(outputs) = outputs else {
            return Ok(None);
        };
        let value = outputs.get_mut(tensor.index as usize);
        let value = value.ok_or_else(|| Arc::new(EvaluateError::Output(node())))?;
        let left = self.uses.entry(tensor).or_default();
        *left = left.saturating_sub(1);
        Ok(match *left {
            0 => value.take(),
            _ => value.clone(),
        })
    }

    /// Whether a node runs after one of a branch that does not run.
    fn waits_for_other_branch(&self, node: &Node) -> bool {
        let mut controls = node.control_inputs.iter();
        controls.any(|id| matches!(self.of_nodes.get(id), Some(Ok(None))))
    }
}

/// Whether a node gives the value of a variable or tells whether it has one.
fn is_of_variable(node: &Node) -> bool {
    let facts = facts::of(&node.op);
    facts.is_read() || facts.is_question()
}

fn is_merge(node: &Node) -> bool {
    facts::of(&node.op).flow == Some(Flow::Merge)
}

fn is_switch(node: &Node) -> bool {
    facts::of(&node.op).flow == Some(Flow::Switch)
}

/// The output of a `Switch` that has a value.
fn taken_branch(predicate: &TensorValue) -> Option<usize> {
    match predicate.data() {
        Data::Bool(flag) => flag.first().map(|&flag| usize::from(flag)),
        _ => None,
    }
}

/// The switches that a variable's handle goes through to the node that reads it, the last first: the handle that each
/// takes, its predicate, and the output.
fn switches(nodes: &[Node], read: &Node) -> impl Iterator<Item = (TensorRef, TensorRef, usize)> {
    let switch = |handle: TensorRef| {
        let node = nodes
            .get(handle.node.index())
            .filter(|node| is_switch(node))?;
        let [outer, predicate] = node.inputs[..] else {
            return None;
        };
        Some((outer, predicate, handle.index as usize))
    };
    let last = read.inputs.first().and_then(|&handle| switch(handle));
    std::iter::successors(last, move |&(outer, ..)| switch(outer))
}

/// The tensors whose values a node takes.
fn inputs(nodes: &[Node], node: &Node) -> Inputs {
    match is_of_variable(node) {
        true => switches(nodes, node)
            .map(|(_, predicate, _)| predicate)
            .collect(),
        false => node.inputs.clone(),
    }
}

/// A node and all that it depends on, each after what it depends on, but for what comes back in a loop.
fn dependencies(nodes: &[Node], target: NodeId) -> Vec<NodeId> {
    let order = visit(nodes, target, false);
    // What runs in a branch of a conditional is told by what it waits for.
    match order.iter().any(|id| is_merge(&nodes[id.index()])) {
        true => visit(nodes, target, true),
        false => order,
    }
}

fn visit(nodes: &[Node], target: NodeId, with_controls: bool) -> Vec<NodeId> {
    let mut seen = HashSet::default();
    let mut order = Vec::new();
    let mut open = vec![(target, false)];
    while let Some((id, is_ready)) = open.pop() {
        if is_ready {
            order.push(id);
        } else if seen.insert(id) {
            open.push((id, true));
            let node = &nodes[id.index()];
            let controls = node.control_inputs.iter().filter(|_| with_controls);
            open.extend(controls.map(|&control| (control, false)));
            open.extend(
                inputs(nodes, node)
                    .into_iter()
                    .rev()
                    .map(|input| (input.node, false)),
            );
        }
    }
    order
}

#[cfg(test)]
mod tests;
