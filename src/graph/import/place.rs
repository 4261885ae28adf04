//! Placing the nodes of another graph, whatever it is, in this one: under a name scope, with shapes inferred, within
//! what surrounds the call.

use std::cell::OnceCell;
use std::sync::Arc;

use super::error::{ImportError, NodeFault};
use super::instance::Replaced;
use super::plan::{self, Plan, Source, Wired};
use super::{GraphBuilder, HashMap, HashSet, Here, ImportOptions, Imported, NodeId};
use crate::graph::device::DeviceError;
use crate::graph::library::LibraryError;
use crate::graph::names::{invalid_name, is_valid_op_name, is_valid_scope_name};
use crate::graph::node::{Attr, CLASS, GROUP_PREFIX, colocated};
use crate::graph::{Library, Node, encode, facts};
use crate::proto::tensorflow::VersionDef;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::sort::sort;

/// A graph whose nodes are placed in another one.
pub(super) trait Nodes {
    /// Where the graph says what it knows of the shapes of its outputs.
    fn place_of_shapes(&self) -> &'static str;

    /// Adds the functions that the nodes need, if there are any.
    fn add_functions(&mut self, library: &mut Arc<Library>) -> Result<(), LibraryError>;

    /// The versions that the graph asks for.
    fn versions(&self) -> VersionDef;

    /// The op of a node, for messages.
    fn op(&self, place: usize) -> &str;

    /// The number of a node's outputs; 0 if only making it tells.
    fn outputs(&self, _place: usize) -> usize {
        0
    }

    /// The node with this name and these inputs; its colocation groups are still those of the other graph, and the
    /// shapes of its outputs are unknown.
    fn node(
        &mut self,
        place: usize,
        wired: Wired,
        placer: &mut Placer<'_>,
    ) -> Result<Node, NodeFault>;

    /// The shape that the other graph has for an output of the node that was made last, which was at this place.
    fn shape(&self, place: usize, output: usize) -> Option<&Shape>;
}

/// The state of placing nodes.
pub(super) struct Placer<'g> {
    pub(super) graph: &'g GraphBuilder,
    plan: Plan,
    /// With a slash at the end, or empty.
    prefix: String,
    ignore_shapes: bool,
    keep_devices: bool,
    /// The number of nodes before.
    start: usize,
    /// Names that the nodes of the graph use as scopes.
    scopes: HashSet<String>,
    /// Names that the nodes of the other graph use as scopes.
    other_scopes: OnceCell<HashSet<String>>,
    /// The names of the other graph that nodes have not got.
    renamed: HashMap<Arc<str>, Arc<str>>,
    /// The devices of nodes by what the other graph has; most have one of few.
    devices: HashMap<String, Arc<str>>,
    /// The groups of what nodes of the other graph are mapped to, where colocation follows that.
    replaced: Replaced,
}

/// Places all nodes of a plan. If that fails, the graph is as it was.
pub(super) fn place<'g>(
    graph: &'g GraphBuilder,
    nodes: &mut dyn Nodes,
    plan: Plan,
    options: ImportOptions<'g>,
    mapped: plan::Mapped<'g>,
    location: Here,
) -> Result<Imported<'g>, ImportError> {
    let prefix = prefix(graph, options.prefix.as_deref(), location)?;
    let (library, versions) = {
        let state = graph.state.borrow();
        (state.library.clone(), state.versions.clone())
    };
    let start = graph.len();
    let mut placer = Placer {
        graph,
        plan,
        scopes: existing_scopes(graph, &prefix),
        prefix: match prefix.is_empty() {
            true => String::new(),
            false => format!("{prefix}/"),
        },
        ignore_shapes: options.ignore_shapes,
        keep_devices: options.keep_devices,
        start,
        other_scopes: OnceCell::new(),
        renamed: HashMap::default(),
        devices: HashMap::default(),
        replaced: Replaced::new(options.instance, &mapped),
    };
    match placer.add(nodes) {
        Ok(order) => {
            placer.settle();
            let by_name = placer.plan.places.into_iter();
            Ok(Imported {
                graph,
                number: graph.open_graph(),
                prefix,
                by_name: by_name.map(|(name, place)| (name, order[place])).collect(),
                order,
                mapped,
            })
        }
        Err(error) => {
            let mut state = graph.state.borrow_mut();
            let names: Vec<_> = state.nodes.drain(start..).map(|node| node.name).collect();
            for name in &names {
                state.names.remove_node(name);
            }
            (state.library, state.versions) = (library, versions);
            Err(error)
        }
    }
}

impl Placer<'_> {
    /// Makes all nodes and gives their places in this graph.
    fn add(&mut self, nodes: &mut dyn Nodes) -> Result<Vec<NodeId>, ImportError> {
        nodes.add_functions(&mut self.graph.state.borrow_mut().library)?;
        merge_versions(self.graph, nodes.versions());
        let ids = self.plan.ids(self.start);
        for position in 0..self.plan.order.len() {
            let place = self.plan.order[position];
            self.make(nodes, place, &ids).map_err(|fault| {
                ImportError::node(&*self.plan.names[place], nodes.op(place), fault)
            })?;
        }
        // Only now are the nodes known that loops come back from.
        let state = &mut self.graph.state.borrow_mut();
        self.plan.set_back_edges(&mut state.nodes, &ids)?;
        Ok(ids)
    }

    fn make(
        &mut self,
        nodes: &mut dyn Nodes,
        place: usize,
        ids: &[NodeId],
    ) -> Result<(), NodeFault> {
        let graph = self.graph;
        let name = self.name(place);
        let wired = self.plan.wired(place, ids, name);
        let mut node = nodes.node(place, wired, self)?;
        self.rename_groups(&mut node, nodes)?;
        graph.infer(&mut node).map_err(NodeFault::Shape)?;
        if !self.ignore_shapes {
            merge_shapes(&mut node, place, nodes)?;
        }
        graph.know(&mut node);
        graph.claim(&node.name).map_err(|_| NodeFault::Duplicate)?;
        graph.push(node);
        Ok(())
    }

    /// The scope of the nodes, with a slash at the end; empty for none.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether inputs of a node come from this graph.
    pub(super) fn is_mapped(&self, place: usize) -> bool {
        let mut inputs = self.plan.inputs.get(place).iter();
        inputs.any(|source| matches!(source, Source::Mapped(_)))
    }

    /// The device of a node that asks for `device`, inside of what surrounds the call.
    pub(super) fn device(&mut self, device: &str) -> Result<Arc<str>, DeviceError> {
        if let Some(known) = self.devices.get(device) {
            return Ok(known.clone());
        }
        let within: Arc<str> = self.graph.device_within(device)?.into();
        self.devices.insert(device.to_owned(), within.clone());
        Ok(within)
    }

    /// Whether a name was in use before.
    fn is_taken(&self, name: &str) -> bool {
        if self.start == 0 {
            return false;
        }
        let state = self.graph.state.borrow();
        let node = state.names.node(name);
        self.scopes.contains(name) || node.is_some_and(|id| id.index() < self.start)
    }

    /// The name that a node gets.
    fn name(&mut self, place: usize) -> Arc<str> {
        let own = &self.plan.names[place];
        let full = match self.prefix.is_empty() {
            true => own.clone(),
            false => [&self.prefix, &**own].concat().into(),
        };
        if !self.is_taken(&full) {
            return full;
        }
        let other_scopes = self.other_scopes.get_or_init(|| self.plan.scopes());
        let in_other = |name: &str| {
            let name = name.strip_prefix(&self.prefix).unwrap_or(name);
            self.plan.places.contains_key(name) || other_scopes.contains(name)
        };
        let mut count = 1u32;
        let name: Arc<str> = loop {
            let candidate = format!("{full}_{count}");
            if !self.is_taken(&candidate) && !in_other(&candidate) {
                break candidate.into();
            }
            count += 1;
        };
        self.renamed.insert(own.clone(), name.clone());
        name
    }

    /// Gives the colocation groups of a node the names that the nodes in them have.
    fn rename_groups(&self, node: &mut Node, nodes: &dyn Nodes) -> Result<(), NodeFault> {
        let Some(Value::List(list)) = node.attr_mut(CLASS) else {
            return Ok(());
        };
        let mut is_replaced = false;
        let mut groups = Vec::with_capacity(list.s.len());
        for group in list.s.drain(..) {
            let text = std::str::from_utf8(&group).ok();
            let Some(target) = text.and_then(|text| text.strip_prefix(GROUP_PREFIX)) else {
                groups.push(group);
                continue;
            };
            let Some(&place) = self.plan.places.get(target) else {
                return Err(NodeFault::Colocation(target.to_owned()));
            };
            let own = || match self.renamed.get(target) {
                Some(name) => format!("{GROUP_PREFIX}{name}").into_bytes(),
                None => format!("{GROUP_PREFIX}{}{target}", self.prefix).into_bytes(),
            };
            match self.replaced.groups(target, nodes.outputs(place), own)? {
                Some(others) => {
                    is_replaced = true;
                    groups.extend_from_slice(others);
                }
                None => groups.push(own()),
            }
        }
        if is_replaced {
            sort(&mut groups);
            groups.dedup();
        }
        list.s = groups;
        Ok(())
    }

    /// Applies what surrounds the call, once all nodes are made.
    fn settle(&self) {
        let graph = self.graph;
        let end = graph.len();
        let ids = || (self.start..end).map(NodeId::new);
        for id in ids() {
            graph.record_member(id);
            let name = graph.node(id).name.clone();
            graph.state.borrow_mut().names.reserve(&name);
        }
        let mut colocated = Vec::new();
        for id in ids() {
            let node = graph.node(id);
            // TensorFlow lets every node wait, whatever else it waits for.
            let surroundings = graph.surroundings(&[]);
            let class = surroundings.class.filter(|_| node.groups().is_empty());
            drop(node);
            let mut state = graph.state.borrow_mut();
            let node = &mut state.nodes[id.index()];
            if let Some(class) = class {
                node.add_attr(CLASS, Attr::Shared(class));
            }
            node.control_inputs.extend(surroundings.control_inputs);
            node.control_inputs.sort_unstable();
            node.control_inputs.dedup();
            if !self.keep_devices && others(node).next().is_some() {
                node.device = Default::default();
                colocated.push(id);
            }
        }
        // A node that is colocated with others is where the first of them that is anywhere is.
        for id in colocated {
            let node = graph.node(id);
            let device = others(&node).find_map(|other| {
                let state = graph.state.borrow();
                let other = &state.nodes[state.names.node(other)?.index()];
                (!other.device.is_empty()).then(|| other.device.clone())
            });
            drop(node);
            if let Some(device) = device {
                graph.state.borrow_mut().nodes[id.index()].device = device;
            }
        }
        if ids().all(|id| graph.join_control_flow(id)) {
            ids().for_each(|id| graph.enter_control_flow(id, false));
        }
    }
}

/// Adds what the other graph knows of the shapes to what was inferred.
fn merge_shapes(node: &mut Node, place: usize, other: &dyn Nodes) -> Result<(), NodeFault> {
    let may_differ = facts::of(&node.op).had_another_shape;
    for (index, output) in node.outputs.iter_mut().enumerate() {
        let Some(shape) = other.shape(place, index) else {
            break;
        };
        match output.shape.merge(shape) {
            Some(merged) => output.shape = merged,
            None if may_differ => {}
            None => {
                return Err(NodeFault::Shape(format!(
                    "{} has {shape} for output {index}, inferred is {}",
                    other.place_of_shapes(),
                    output.shape
                )));
            }
        }
    }
    Ok(())
}

/// The other nodes that a node is colocated with.
fn others(node: &Node) -> impl Iterator<Item = &str> {
    colocated(node.groups()).filter(|name| *name != &*node.name)
}

/// The graph is now one that the older of both programs could have written, and the younger can read.
fn merge_versions(graph: &GraphBuilder, other: VersionDef) {
    let mut state = graph.state.borrow_mut();
    let versions = state.versions.get_or_insert_with(encode::own_versions);
    versions.producer = versions.producer.min(other.producer);
    versions.min_consumer = versions.min_consumer.max(other.min_consumer);
    versions.bad_consumers.extend(other.bad_consumers);
    sort(&mut versions.bad_consumers);
    versions.bad_consumers.dedup();
}

/// The full name of the scope for the nodes.
fn prefix(
    graph: &GraphBuilder,
    wanted: Option<&str>,
    location: Here,
) -> Result<String, ImportError> {
    let name = wanted.unwrap_or("import");
    let at_root = graph.context().name_scope().is_empty();
    let valid = if at_root {
        is_valid_op_name(name)
    } else {
        is_valid_scope_name(name)
    };
    if !name.is_empty() && !valid {
        return Err(ImportError::Prefix(invalid_name(
            &name.escape_debug().to_string(),
        )));
    }
    Ok(graph.enter_scope(name, location).to_string())
}

/// The scopes of the graph's nodes that a node of the other one could have the name of.
fn existing_scopes(graph: &GraphBuilder, prefix: &str) -> HashSet<String> {
    let nodes = graph.nodes();
    let mut scopes = HashSet::default();
    for node in nodes.iter() {
        let below = match node.name.strip_prefix(prefix) {
            Some(rest) if prefix.is_empty() || rest.starts_with('/') => &*node.name,
            _ => continue,
        };
        plan::add_scopes(below, &mut scopes);
    }
    scopes
}
