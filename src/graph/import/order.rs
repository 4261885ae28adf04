//! Which node of a file uses which, and the order in which TensorFlow makes those of any graph.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::error::{ImportError, NodeFault};
use super::plan::{Lists, Mapped, Plan, Source, parse_tensor_name};
use super::{HashMap, HashSet};
use crate::graph::names::{invalid_name, is_valid_op_name};
use crate::proto::tensorflow::NodeDef;

fn is_merge(op: &str) -> bool {
    matches!(op, "Merge" | "RefMerge")
}

fn is_next_iteration(op: &str) -> bool {
    matches!(op, "NextIteration" | "RefNextIteration")
}

/// The places of a file's nodes by name.
pub(super) type Places = HashMap<Arc<str>, usize>;

impl Plan {
    /// The plan for the nodes of a file.
    pub(super) fn new(nodes: &[NodeDef], mapped: &Mapped<'_>) -> Result<Plan, ImportError> {
        let mut used = HashSet::default();
        let plan = Plan::with_sources(nodes, |node, places, inputs| {
            add_sources(node, places, mapped, &mut used, inputs)
        })?;
        mapped.expect_all(|name| used.contains(name) || plan.places.contains_key(name))?;
        plan.ordered(|place| &nodes[place].op)
    }

    /// The names and the inputs of nodes, where `add` adds those of each.
    pub(super) fn with_sources(
        nodes: &[NodeDef],
        mut add: impl FnMut(&NodeDef, &Places, &mut Lists<Source>) -> Result<(), NodeFault>,
    ) -> Result<Plan, ImportError> {
        let at = |node: &NodeDef, fault| ImportError::node(&node.name, &node.op, fault);
        let mut names = Vec::with_capacity(nodes.len());
        let mut places = Places::with_capacity_and_hasher(nodes.len(), Default::default());
        for (index, node) in nodes.iter().enumerate() {
            if !is_valid_op_name(&node.name) {
                let message = invalid_name(&node.name.escape_debug().to_string());
                return Err(at(node, NodeFault::Name(message)));
            }
            let name: Arc<str> = node.name.as_str().into();
            if places.insert(name.clone(), index).is_some() {
                return Err(at(node, NodeFault::Duplicate));
            }
            if node.op.is_empty() {
                return Err(at(node, NodeFault::NoOp));
            }
            names.push(name);
        }
        let mut inputs = Lists::with_capacity(nodes.len());
        for node in nodes {
            add(node, &places, &mut inputs).map_err(|fault| at(node, fault))?;
            inputs.end();
        }
        Ok(Plan {
            names,
            places,
            inputs,
            order: Vec::new(),
            back_edges: Vec::new(),
        })
    }

    /// The plan with the order in which TensorFlow makes the nodes, whose ops `op` gives by place.
    pub(super) fn ordered<'a>(
        mut self,
        op: impl Fn(usize) -> &'a str,
    ) -> Result<Plan, ImportError> {
        self.order = order(&op, &self.inputs);
        let back_edges = back_edges(&op, &self.inputs, &self.order);
        self.back_edges = back_edges
            .map_err(|place| ImportError::node(&*self.names[place], op(place), NodeFault::Cycle))?;
        Ok(self)
    }
}

/// Adds the inputs of a node.
fn add_sources(
    node: &NodeDef,
    places: &Places,
    mapped: &Mapped<'_>,
    used: &mut HashSet<String>,
    sources: &mut Lists<Source>,
) -> Result<(), NodeFault> {
    let mut control = false;
    for input in &node.input {
        let missing = || NodeFault::MissingInput(input.clone());
        if let Some(name) = input.strip_prefix('^') {
            control = true;
            if let Some(id) = mapped.control(name) {
                used.insert(name.to_owned());
                sources.push(Source::MappedControl(id));
            } else {
                let index = places.get(name).ok_or_else(missing)?;
                sources.push(Source::Control(*index));
            }
            continue;
        }
        if control {
            return Err(NodeFault::ControlOrder(input.clone()));
        }
        let (name, index) =
            parse_tensor_name(input).ok_or_else(|| NodeFault::InputName(input.clone()))?;
        if let Some(tensor) = mapped.tensor(name, index) {
            used.insert(name.to_owned());
            sources.push(Source::Mapped(tensor.tensor_ref()));
        } else {
            let node = *places.get(name).ok_or_else(missing)?;
            sources.push(Source::Tensor { node, index });
        }
    }
    Ok(())
}

/// The users of each node, once for each input.
fn users(inputs: &Lists<Source>) -> Lists<usize> {
    let mut ends = vec![0usize; inputs.len() + 1];
    for place in inputs.iter().flatten().filter_map(|source| source.place()) {
        ends[place + 1] += 1;
    }
    for place in 0..inputs.len() {
        ends[place + 1] += ends[place];
    }
    // Each list is filled from its start, which the end of the one before is.
    let mut items = vec![0usize; ends[inputs.len()]];
    for (index, sources) in inputs.iter().enumerate() {
        for place in sources.iter().filter_map(|source| source.place()) {
            items[ends[place]] = index;
            ends[place] += 1;
        }
    }
    ends.pop();
    Lists::from_parts(items, ends)
}

/// The nodes that can be made, always the first of the graph whose inputs are made.
fn order<'a>(op: &impl Fn(usize) -> &'a str, inputs: &Lists<Source>) -> Vec<usize> {
    let len = inputs.len();
    let users = users(inputs);
    let is_next: Vec<bool> = (0..len).map(|place| is_next_iteration(op(place))).collect();
    let mut pending = Vec::with_capacity(len);
    let mut ready = BinaryHeap::new();
    for index in 0..len {
        let mut waits = 0usize;
        let mut controls = 0usize;
        let mut mapped = 0usize;
        let mut in_loop = false;
        for source in inputs.get(index) {
            waits += 1;
            match *source {
                Source::Tensor { node, .. } => in_loop |= is_next[node],
                Source::Control(_) => controls += 1,
                Source::Mapped(_) => mapped += 1,
                Source::MappedControl(_) => {
                    controls += 1;
                    mapped += 1;
                }
            }
        }
        if in_loop && is_merge(op(index)) {
            waits = controls + 1;
        }
        let waits = waits.saturating_sub(mapped);
        pending.push(waits);
        if waits == 0 {
            ready.push(Reverse(index));
        }
    }
    let mut order = Vec::with_capacity(len);
    let mut made = vec![false; len];
    while let Some(Reverse(index)) = ready.pop() {
        // One that several inputs have made ready is there several times.
        if std::mem::replace(&mut made[index], true) {
            continue;
        }
        order.push(index);
        for &user in users.get(index) {
            if is_next[index] && is_merge(op(user)) {
                continue;
            }
            pending[user] = pending[user].saturating_sub(1);
            if pending[user] == 0 && !made[user] {
                ready.push(Reverse(user));
            }
        }
    }
    order
}

/// The inputs that are made after their users, which only loops may have; or a node in a cycle.
fn back_edges<'a>(
    op: &impl Fn(usize) -> &'a str,
    inputs: &Lists<Source>,
    order: &[usize],
) -> Result<Vec<(usize, usize)>, usize> {
    let mut position = vec![usize::MAX; inputs.len()];
    for (at, &index) in order.iter().enumerate() {
        position[index] = at;
    }
    if order.len() < inputs.len() {
        // Inputs of nodes that cannot be made lead to a cycle sooner or later.
        let first = position.iter().position(|&at| at == usize::MAX);
        let mut index = first.unwrap_or_default();
        let mut seen = HashSet::default();
        while seen.insert(index) {
            let mut places = inputs.get(index).iter().filter_map(|source| source.place());
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
            let Some(from) = source.place() else { continue };
            if position[from] < position[index] {
                continue;
            }
            let tensor = matches!(source, Source::Tensor { .. });
            if !(tensor && is_merge(op(index)) && is_next_iteration(op(from))) {
                return Err(index);
            }
            back.push((index, input));
        }
    }
    Ok(back)
}
