//! Which node of another graph uses which, and the order in which they are made.

use std::sync::Arc;

use super::error::ImportError;
use super::{AnyTensor, GraphBuilder, HashMap, HashSet, ImportOptions, NodeId, TensorRef};
use crate::graph::Node;
use crate::graph::back_edge::set_back_edge;
use crate::graph::names::is_valid_op_name;
use crate::graph::node::Inputs;
use crate::sorted_map::SortedMap;

/// Where an input comes from; nodes are places in the other graph.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Tensor { node: usize, index: u32 },
    Mapped(TensorRef),
    Control(usize),
    MappedControl(NodeId),
}

impl Source {
    /// The node of the other graph that the input comes from.
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Source::Tensor { node, .. } | Source::Control(node) => Some(node),
            Source::Mapped(_) | Source::MappedControl(_) => None,
        }
    }
}

/// Lists, one for each node, which lie one after the other.
#[derive(Debug)]
pub(super) struct Lists<T> {
    items: Vec<T>,
    /// Where each list ends.
    ends: Vec<usize>,
}

impl<T> Lists<T> {
    pub(super) fn with_capacity(len: usize) -> Self {
        Lists {
            items: Vec::with_capacity(2 * len),
            ends: Vec::with_capacity(len),
        }
    }

    /// The lists that end at these positions.
    pub(super) fn from_parts(items: Vec<T>, ends: Vec<usize>) -> Self {
        Lists { items, ends }
    }

    /// Adds an item to the list that is not ended yet.
    pub(super) fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Ends a list; the next one begins.
    pub(super) fn end(&mut self) {
        self.ends.push(self.items.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> &[T] {
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1],
        };
        &self.items[start..self.ends[index]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// A node's name and what it runs on and after, in the graph that it becomes one of.
pub(super) struct Wired {
    pub(super) name: Arc<str>,
    pub(super) inputs: Inputs,
    pub(super) control_inputs: Vec<NodeId>,
}

/// The nodes of another graph, sorted out.
#[derive(Debug)]
pub(super) struct Plan {
    /// The names of the nodes.
    pub(super) names: Vec<Arc<str>>,
    /// The places of the nodes by name.
    pub(super) places: HashMap<Arc<str>, usize>,
    /// The inputs of each node.
    pub(super) inputs: Lists<Source>,
    /// The nodes in the order of making.
    pub(super) order: Vec<usize>,
    /// The inputs, as node and position, that come from nodes made later.
    pub(super) back_edges: Vec<(usize, usize)>,
}

impl Plan {
    /// The numbers that the nodes get in a graph which has as many as `start` before.
    pub(super) fn ids(&self, start: usize) -> Vec<NodeId> {
        let mut ids = vec![NodeId::POISON; self.names.len()];
        for (position, &place) in self.order.iter().enumerate() {
            ids[place] = NodeId::new(start + position);
        }
        ids
    }

    /// The inputs of the next node of a graph, to which the nodes of this plan are added as `ids`.
    pub(super) fn wired(&self, place: usize, ids: &[NodeId], name: Arc<str>) -> Wired {
        let mut inputs = Inputs::new();
        let mut control_inputs = Vec::new();
        for source in self.inputs.get(place) {
            match *source {
                // Only loops come back from what is yet to be made.
                Source::Tensor { node, .. } if ids[node] >= ids[place] => {
                    inputs.push(TensorRef::OPEN);
                }
                Source::Tensor { node, index } => inputs.push(TensorRef {
                    node: ids[node],
                    index,
                }),
                Source::Mapped(tensor) => inputs.push(tensor),
                Source::Control(node) => control_inputs.push(ids[node]),
                Source::MappedControl(id) => control_inputs.push(id),
            }
        }
        control_inputs.sort_unstable();
        control_inputs.dedup();
        Wired {
            name,
            inputs,
            control_inputs,
        }
    }

    /// Closes the loops, once all nodes are made.
    pub(super) fn set_back_edges(
        &self,
        nodes: &mut [Node],
        ids: &[NodeId],
    ) -> Result<(), ImportError> {
        for &(place, input) in &self.back_edges {
            if let Source::Tensor { node, index } = self.inputs.get(place)[input] {
                let tensor = TensorRef {
                    node: ids[node],
                    index,
                };
                set_back_edge(nodes, ids[place], input, tensor).map_err(|fault| {
                    let merge = &nodes[ids[place].index()];
                    ImportError::node(&*merge.name, merge.op.name(), fault)
                })?;
            }
        }
        Ok(())
    }

    /// The scopes that the names are in.
    pub(super) fn scopes(&self) -> HashSet<String> {
        let mut scopes = HashSet::default();
        for name in &self.names {
            add_scopes(name, &mut scopes);
        }
        scopes
    }
}

/// The node and the output in a name such as `x:1` or `x`.
pub(crate) fn parse_tensor_name(name: &str) -> Option<(&str, u32)> {
    let (node, index) = match name.rsplit_once(':') {
        Some((node, index)) => {
            let digits = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
            (node, digits.then(|| index.parse().ok())??)
        }
        None => (name, 0),
    };
    is_valid_op_name(node).then_some((node, index))
}

/// Adds every scope that a name is in.
pub(super) fn add_scopes(name: &str, scopes: &mut HashSet<String>) {
    let mut scope = name;
    while let Some((outer, _)) = scope.rsplit_once('/') {
        if scopes.contains(outer) {
            break;
        }
        scopes.insert(outer.to_owned());
        scope = outer;
    }
}

/// The inputs that come from the graph instead, by their names in the other one.
#[derive(Debug, Default)]
pub(super) struct Mapped<'g> {
    tensors: SortedMap<String, Vec<(u32, AnyTensor<'g>)>>,
    control: SortedMap<String, NodeId>,
}

impl<'g> Mapped<'g> {
    pub(super) fn new(
        graph: &GraphBuilder,
        options: &ImportOptions<'g>,
    ) -> Result<Self, ImportError> {
        let mut tensors = SortedMap::new();
        for (name, tensor) in &options.inputs {
            if !graph.owns(tensor.operation()) || tensor.is_poison() {
                return Err(ImportError::Mapped(name.clone()));
            }
            let (node, index) =
                parse_tensor_name(name).ok_or_else(|| ImportError::NoTensor(name.clone()))?;
            let outputs: &mut Vec<_> = tensors.get_or_insert_with(node.to_owned(), Vec::new);
            outputs.retain(|&(other, _)| other != index);
            outputs.push((index, *tensor));
        }
        let mut control = SortedMap::new();
        for (name, operation) in &options.control_inputs {
            if !graph.owns(*operation) || operation.id == NodeId::POISON {
                return Err(ImportError::Mapped(format!("^{name}")));
            }
            control.insert(name.clone(), operation.id);
        }
        Ok(Mapped { tensors, control })
    }

    /// The tensor that an output of a node is mapped to.
    pub(super) fn tensor(&self, node: &str, index: u32) -> Option<AnyTensor<'g>> {
        let outputs = self.tensors.get(node)?.iter();
        let mut outputs = outputs.filter(|&&(other, _)| other == index);
        outputs.next().map(|&(_, tensor)| tensor)
    }

    /// The nodes, one for each output that is mapped, and the tensors instead.
    pub(super) fn tensors(&self) -> impl Iterator<Item = (&str, AnyTensor<'g>)> {
        let nodes = self.tensors.iter();
        nodes.flat_map(|(node, outputs)| outputs.iter().map(move |it| (node.as_str(), it.1)))
    }

    /// The node that runs instead of another, before those that run after it.
    pub(super) fn control(&self, node: &str) -> Option<NodeId> {
        self.control.get(node).copied()
    }

    /// Whether a tensor, or a control input such as `^x`, is mapped.
    pub(super) fn contains(&self, name: &str) -> bool {
        match name.strip_prefix('^') {
            Some(node) => self.control(node).is_some(),
            None => parse_tensor_name(name)
                .is_some_and(|(node, index)| self.tensor(node, index).is_some()),
        }
    }

    /// Checks that everything that is mapped is the name of something.
    pub(super) fn expect_all(&self, is_known: impl Fn(&str) -> bool) -> Result<(), ImportError> {
        let tensors = self.tensors.iter();
        let tensors =
            tensors.flat_map(|(name, outputs)| outputs.iter().map(move |it| (name, it.0)));
        let unknown = tensors.filter(|(name, _)| !is_known(name));
        if let Some((name, index)) = unknown.min() {
            return Err(ImportError::UnusedInput(format!("{name}:{index}")));
        }
        let control = self.control.keys().filter(|name| !is_known(name));
        match control.min() {
            Some(name) => Err(ImportError::UnusedInput(format!("^{name}"))),
            None => Ok(()),
        }
    }
}
