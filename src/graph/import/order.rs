//! Which node of a file uses which, and the order in which TensorFlow makes them.

use std::collections::BTreeSet;

use super::error::{ImportError, NodeFault};
use super::{HashMap, HashSet, Mapped, NodeId, TensorRef, invalid_name, is_valid_op_name};
use crate::proto::tensorflow::NodeDef;

/// Where an input comes from; nodes are places in the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Tensor { node: usize, index: u32 },
    Mapped(TensorRef),
    Control(usize),
    MappedControl(NodeId),
}

/// A file's nodes, sorted out.
#[derive(Debug)]
pub(super) struct Plan {
    /// The places of the nodes by name.
    pub(super) names: HashMap<String, usize>,
    /// The scopes that the names are in.
    pub(super) scopes: HashSet<String>,
    /// The inputs of each node, in the order of the file.
    pub(super) inputs: Vec<Vec<Source>>,
    /// The nodes in the order of making.
    pub(super) order: Vec<usize>,
    /// The inputs, as node and position, that come from nodes made later.
    pub(super) back_edges: Vec<(usize, usize)>,
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
        if !scopes.insert(outer.to_owned()) {
            break;
        }
        scope = outer;
    }
}

fn is_merge(node: &NodeDef) -> bool {
    matches!(node.op.as_str(), "Merge" | "RefMerge")
}

fn is_next_iteration(node: &NodeDef) -> bool {
    matches!(node.op.as_str(), "NextIteration" | "RefNextIteration")
}

impl Plan {
    pub(super) fn new(
        nodes: &[NodeDef],
        mapped: &Mapped,
        mapped_control: &HashMap<String, NodeId>,
    ) -> Result<Plan, ImportError> {
        let at = |node: &NodeDef, fault| ImportError::node(&node.name, &node.op, fault);
        let mut names = HashMap::with_capacity_and_hasher(nodes.len(), Default::default());
        let mut scopes = HashSet::default();
        for (index, node) in nodes.iter().enumerate() {
            if !is_valid_op_name(&node.name) {
                let message = invalid_name(&node.name.escape_debug().to_string());
                return Err(at(node, NodeFault::Name(message)));
            }
            if names.insert(node.name.clone(), index).is_some() {
                return Err(at(node, NodeFault::Duplicate));
            }
            if node.op.is_empty() {
                return Err(at(node, NodeFault::NoOp));
            }
            add_scopes(&node.name, &mut scopes);
        }
        let mut used = HashSet::default();
        let inputs = nodes.iter().map(|node| {
            let found = sources(node, &names, mapped, mapped_control, &mut used);
            found.map_err(|fault| at(node, fault))
        });
        let inputs: Vec<_> = inputs.collect::<Result<_, _>>()?;
        let unused = |name: &String| !used.contains(name) && !names.contains_key(name);
        if let Some((name, index)) = mapped.keys().filter(|(name, _)| unused(name)).min() {
            return Err(ImportError::UnusedInput(format!("{name}:{index}")));
        }
        if let Some(name) = mapped_control.keys().filter(|name| unused(name)).min() {
            return Err(ImportError::UnusedInput(format!("^{name}")));
        }
        let order = order(nodes, &inputs);
        let back_edges = back_edges(nodes, &inputs, &order)
            .map_err(|index| at(&nodes[index], NodeFault::Cycle))?;
        Ok(Plan {
            names,
            scopes,
            inputs,
            order,
            back_edges,
        })
    }
}

/// The inputs of a node.
fn sources(
    node: &NodeDef,
    names: &HashMap<String, usize>,
    mapped: &Mapped,
    mapped_control: &HashMap<String, NodeId>,
    used: &mut HashSet<String>,
) -> Result<Vec<Source>, NodeFault> {
    let mut sources = Vec::with_capacity(node.input.len());
    let mut control = false;
    for input in &node.input {
        let missing = || NodeFault::MissingInput(input.clone());
        if let Some(name) = input.strip_prefix('^') {
            control = true;
            if let Some(&id) = mapped_control.get(name) {
                used.insert(name.to_owned());
                sources.push(Source::MappedControl(id));
            } else {
                let index = names.get(name).ok_or_else(missing)?;
                sources.push(Source::Control(*index));
            }
            continue;
        }
        if control {
            return Err(NodeFault::ControlOrder(input.clone()));
        }
        let (name, index) =
            parse_tensor_name(input).ok_or_else(|| NodeFault::InputName(input.clone()))?;
        let key = (!mapped.is_empty()).then(|| (name.to_owned(), index));
        if let Some(&tensor) = key.and_then(|key| mapped.get(&key)) {
            used.insert(name.to_owned());
            sources.push(Source::Mapped(tensor));
        } else {
            let node = *names.get(name).ok_or_else(missing)?;
            sources.push(Source::Tensor { node, index });
        }
    }
    Ok(sources)
}

fn place(source: &Source) -> Option<usize> {
    match *source {
        Source::Tensor { node, .. } | Source::Control(node) => Some(node),
        Source::Mapped(_) | Source::MappedControl(_) => None,
    }
}

/// The nodes that can be made, always the first of the file whose inputs are made.
fn order(nodes: &[NodeDef], inputs: &[Vec<Source>]) -> Vec<usize> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut pending = Vec::with_capacity(nodes.len());
    let mut ready = BTreeSet::new();
    for (index, node) in nodes.iter().enumerate() {
        let mut waits = 0usize;
        let mut controls = 0usize;
        let mut mapped = 0usize;
        let mut in_loop = false;
        for source in &inputs[index] {
            waits += 1;
            match source {
                Source::Tensor { node, .. } => in_loop |= is_next_iteration(&nodes[*node]),
                Source::Control(_) => controls += 1,
                Source::Mapped(_) => mapped += 1,
                Source::MappedControl(_) => {
                    controls += 1;
                    mapped += 1;
                }
            }
            if let Some(place) = place(source) {
                users[place].push(index);
            }
        }
        if in_loop && is_merge(node) {
            waits = controls + 1;
        }
        let waits = waits.saturating_sub(mapped);
        pending.push(waits);
        if waits == 0 {
            ready.insert(index);
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    let mut made = vec![false; nodes.len()];
    while let Some(index) = ready.pop_first() {
        made[index] = true;
        order.push(index);
        for &user in &users[index] {
            if is_next_iteration(&nodes[index]) && is_merge(&nodes[user]) {
                continue;
            }
            pending[user] = pending[user].saturating_sub(1);
            if pending[user] == 0 && !made[user] {
                ready.insert(user);
            }
        }
    }
    order
}

/// The inputs that are made after their users, which only loops may have; or a node in a cycle.
fn back_edges(
    nodes: &[NodeDef],
    inputs: &[Vec<Source>],
    order: &[usize],
) -> Result<Vec<(usize, usize)>, usize> {
    let mut position = vec![usize::MAX; nodes.len()];
    for (at, &index) in order.iter().enumerate() {
        position[index] = at;
    }
    if order.len() < nodes.len() {
        // Inputs of nodes that cannot be made lead to a cycle sooner or later.
        let first = position.iter().position(|&at| at == usize::MAX);
        let mut index = first.unwrap_or_default();
        let mut seen = HashSet::default();
        while seen.insert(index) {
            let mut places = inputs[index].iter().filter_map(place);
            match places.find(|&place| position[place] == usize::MAX) {
                Some(place) => index = place,
                None => break,
            }
        }
        return Err(index);
    }
    let mut back = Vec::new();
    for (index, sources) in inputs.iter().enumerate() {
        for (input, source) in sources.iter().enumerate() {
            let Some(from) = place(source) else { continue };
            if position[from] < position[index] {
                continue;
            }
            let tensor = matches!(source, Source::Tensor { .. });
            if !(tensor && is_merge(&nodes[index]) && is_next_iteration(&nodes[from])) {
                return Err(index);
            }
            back.push((index, input));
        }
    }
    Ok(back)
}
