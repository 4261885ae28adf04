//! Adding the nodes of a `GraphDef` to a graph, as `tf.import_graph_def` does.
//!
//! 1. The file is indexed: names are valid and unique, every input is a node of the file or mapped (`order.rs`).
//! 2. Nodes are put into the order in which TensorFlow makes them: always the first of the file whose inputs are made.
//!    A `Merge` that begins a loop waits for one input only, so the rest of the loop can follow.
//! 3. Each node is matched with its op or function, renamed, and its shapes are inferred (`node.rs`). A file that
//!    asks for more memory than its own size explains is refused.
//! 4. What surrounds the import applies: control dependencies, devices, colocation.
//!
//! If any of this fails, the graph is as it was.

mod error;
mod node;
mod options;
mod order;
#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::arity::FREE_OUTPUTS;
use super::graph_def::GraphDef;
use super::later;
use super::names::{invalid_name, is_valid_op_name, is_valid_scope_name};
use super::node::{Attr, CLASS, GROUP_PREFIX, Inputs};
use super::{AnyTensor, GraphBuilder, HashMap, HashSet, Here, NodeId, Operation, TensorRef};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::encode::PRODUCER;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{OpList, VersionDef};
use error::{ImportError, NodeFault};
use order::{Plan, Source};

pub use options::ImportOptions;
pub(crate) use order::parse_tensor_name;

/// The nodes that an import added to a graph, by their names in the file.
pub struct Imported<'g> {
    graph: &'g GraphBuilder,
    prefix: String,
    /// The nodes by their names in the file.
    by_name: HashMap<String, NodeId>,
    /// The nodes in the order of the file.
    order: Vec<NodeId>,
    mapped: HashMap<(String, u32), AnyTensor<'g>>,
}

impl<'g> Imported<'g> {
    /// The scope that the nodes are in; empty for none.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The operations in the order of the file; in the graph, each stands after its inputs.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = Operation<'g>> + '_ {
        self.order.iter().map(|&id| Operation {
            graph: self.graph,
            id,
        })
    }

    /// The operation of this name in the file, which is a return element of `tf.import_graph_def`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn operation(&self, name: &str) -> Result<Operation<'g>> {
        let id = self.by_name.get(name);
        let id = id.ok_or_else(|| ImportError::NoOperation(name.to_owned()))?;
        Ok(Operation {
            graph: self.graph,
            id: *id,
        })
    }

    /// The nodes by the names that they have in the graph instead of those in the file.
    pub(crate) fn by_graph_names(&self) -> Self {
        let names = self.order.iter();
        let names = names.map(|&id| (self.graph.node(id).name.to_string(), id));
        Imported {
            graph: self.graph,
            prefix: self.prefix.clone(),
            by_name: names.collect(),
            order: self.order.clone(),
            mapped: HashMap::default(),
        }
    }

    /// The tensor of this name in the file, such as `x:0` or `x`, or what was mapped to it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn tensor(&self, name: &str) -> Result<AnyTensor<'g>> {
        let missing = || ImportError::NoTensor(name.to_owned());
        let (node, index) = parse_tensor_name(name).ok_or_else(missing)?;
        if let Some(&tensor) = self.mapped.get(&(node.to_owned(), index)) {
            return Ok(tensor);
        }
        let operation = self.operation(node).map_err(|_| missing())?;
        let outputs = self.graph.node(operation.id).outputs.len();
        if index as usize >= outputs {
            return Err(missing().into());
        }
        Ok(operation.output(index as usize))
    }
}

impl fmt::Debug for Imported<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imported")
            .field("prefix", &self.prefix)
            .field("nodes", &self.order.len())
            .finish_non_exhaustive()
    }
}

impl GraphBuilder {
    /// Adds the nodes and functions of a graph that TensorFlow, or this crate, wrote, as `tf.import_graph_def` does.
    ///
    /// Names, inputs and colocation are put under the prefix. Nodes are made in an order in which inputs come first,
    /// whatever their order in the file. Shapes are inferred; what a node carries in `_output_shapes` adds to it.
    ///
    /// A graph tells in `versions` how old the program is that wrote it; one that does not, as those that TensorFlow
    /// has frozen, is of version 0. Up to version 21, a `Placeholder` of shape `{}` has an unknown one. The nodes that
    /// are made afterwards get what TensorFlow does for the oldest version of those imported and our own, which is 134.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the file is not a graph that TensorFlow 1.15 would take, [`ErrorKind::Unsupported`] if
    /// it has ops that TensorFlow 1.15 has not or needs a later release; [`ErrorKind::NotFound`] if a mapped input
    /// is not in it. The error names the node, also in [`Error::diagnostics`]. The graph is then as it was.
    ///
    /// In a graph that a later release wrote, attributes that TensorFlow 1.15 has not are left out where they are at
    /// their default. Whatever else of it TensorFlow 1.15 does not take is [`ErrorKind::Unsupported`], and the error
    /// tells the version of the release.
    ///
    /// # Examples
    /// ```
    /// use tfhub::GraphBuilder;
    /// use tfhub::graph::{GraphDef, ImportOptions};
    ///
    /// # let other = GraphBuilder::new();
    /// # let x = other.named("x", || other.placeholder::<f32>((None, 2)));
    /// # let _ = other.named("y", || x * 2.0);
    /// # let graph_def = other.finish()?.to_graph_def();
    /// let g = GraphBuilder::new();
    /// let images = g.placeholder::<f32>((8, 2));
    /// let imported = g.import_graph_def(graph_def, ImportOptions::new().map_input("x", images))?;
    /// let y = imported.tensor("y:0")?;
    /// assert_eq!((y.name(), y.shape().to_string()), ("import/y:0".into(), "[8, 2]".into()));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn import_graph_def<'g>(
        &'g self,
        graph_def: GraphDef,
        options: ImportOptions<'g>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let versions = graph_def.message.versions.as_ref();
        let writer = later::Writer::of(versions, options.release.as_deref());
        let imported = Importer::run(self, graph_def, options, location);
        imported.map_err(|error| error.of(writer).at(location))
    }
}

struct Importer<'g> {
    graph: &'g GraphBuilder,
    /// With a slash at the end, or empty.
    prefix: String,
    ignore_shapes: bool,
    keep_devices: bool,
    /// The version whose ops the nodes have; none for a function's body, which may have any.
    producer: Option<i32>,
    /// The number of nodes before the import.
    start: usize,
    /// Names that the nodes of the graph use as scopes.
    scopes: HashSet<String>,
    /// The names of the file that others have in the graph.
    renamed: HashMap<String, String>,
    /// How many outputs nodes may still have: as many as any node may, and one for each byte of the file.
    outputs_left: usize,
    location: Here,
}

impl<'g> Importer<'g> {
    fn run(
        graph: &'g GraphBuilder,
        graph_def: GraphDef,
        options: ImportOptions<'g>,
        location: Here,
    ) -> std::result::Result<Imported<'g>, ImportError> {
        let mut graph_def = graph_def;
        if options.clear_devices {
            graph_def = graph_def.without_devices();
        }
        if options.outputs.is_some() {
            let kept = options.sub_graph(&graph_def)?.kept();
            graph_def.retain(&kept);
        }
        let GraphDef { mut message, size } = graph_def;
        let versions = message.versions.take().unwrap_or_default();
        check_versions(&versions)?;
        if versions.producer > PRODUCER {
            later::remove_later_defaults(&mut message, &OpList::default());
        }
        let inputs = mapped_inputs(graph, &options)?;
        let mut control = HashMap::default();
        for (name, operation) in &options.control_inputs {
            if !graph.owns(operation.graph) || operation.id == NodeId::POISON {
                return Err(ImportError::Mapped(format!("^{name}")));
            }
            control.insert(name.clone(), operation.id);
        }
        let plan = Plan::new(&message.node, &inputs, &control)?;
        let prefix = prefix(graph, options.prefix.as_deref(), location)?;
        let before = {
            let state = graph.state.borrow();
            (state.library.clone(), state.versions.clone())
        };
        if let Some(functions) = message.library {
            Arc::make_mut(&mut graph.state.borrow_mut().library).add(functions)?;
        }
        let producer = (!options.of_body).then_some(versions.producer);
        if !options.of_body {
            merge_versions(graph, versions);
        }
        let start = graph.len();
        let mut importer = Importer {
            graph,
            scopes: existing_scopes(graph, &prefix),
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            },
            ignore_shapes: options.ignore_shapes,
            keep_devices: options.keep_devices,
            producer,
            start,
            renamed: HashMap::default(),
            outputs_left: FREE_OUTPUTS + size,
            location,
        };
        let nodes = message.node.into_iter().map(Some).collect();
        match importer.add(nodes, &plan) {
            Ok(order) => {
                importer.settle();
                let by_name = plan
                    .names
                    .into_iter()
                    .map(|(name, index)| (name, order[index]));
                Ok(Imported {
                    graph,
                    prefix,
                    by_name: by_name.collect(),
                    order,
                    mapped: options_to_map(options.inputs),
                })
            }
            Err(error) => {
                let mut state = graph.state.borrow_mut();
                let names: Vec<_> = state.nodes.drain(start..).map(|node| node.name).collect();
                for name in &names {
                    state.names.remove_node(name);
                }
                (state.library, state.versions) = before;
                Err(error)
            }
        }
    }

    /// Makes all nodes and gives their places, in the order of the file.
    fn add(
        &mut self,
        mut nodes: Vec<Option<crate::proto::tensorflow::NodeDef>>,
        plan: &Plan,
    ) -> std::result::Result<Vec<NodeId>, ImportError> {
        let mut ids = vec![NodeId::POISON; nodes.len()];
        for (position, &index) in plan.order.iter().enumerate() {
            ids[index] = NodeId::new(self.start + position);
        }
        for &index in &plan.order {
            let Some(node) = nodes[index].take() else {
                continue;
            };
            let (name, op) = (node.name.clone(), node.op.clone());
            let made = self.make(node, &plan.inputs[index], &ids, plan);
            made.map_err(|fault| ImportError::node(name, op, fault))?;
        }
        // Only now are the nodes known that loops come back from.
        for &(index, input) in &plan.back_edges {
            let Source::Tensor {
                node,
                index: output,
            } = plan.inputs[index][input]
            else {
                continue;
            };
            let tensor = TensorRef {
                node: ids[node],
                index: output,
            };
            let set = self.graph.set_back_edge(ids[index], input, tensor);
            set.map_err(|fault| {
                let merge = self.graph.node(ids[index]);
                let (name, op) = (merge.name.to_string(), merge.op.name().to_owned());
                ImportError::node(name, op, fault)
            })?;
        }
        Ok(ids)
    }

    fn make(
        &mut self,
        def: crate::proto::tensorflow::NodeDef,
        sources: &[Source],
        ids: &[NodeId],
        plan: &Plan,
    ) -> std::result::Result<(), NodeFault> {
        let graph = self.graph;
        let mut inputs = Inputs::new();
        let mut control_inputs = Vec::new();
        for source in sources {
            match *source {
                // Only loops come back from what is yet to be made.
                Source::Tensor { node, .. } if ids[node].index() >= graph.len() => {
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
        let mut node = self.node(def, inputs, control_inputs)?;
        self.rename(&mut node, plan)?;
        let shapes = node::take_output_shapes(&mut node)?;
        graph.infer(&mut node).map_err(NodeFault::Shape)?;
        if let Some(shapes) = shapes.filter(|_| !self.ignore_shapes) {
            node::merge_shapes(&mut node, &shapes)?;
        }
        graph.know(&mut node);
        graph.push(node);
        Ok(())
    }

    /// Puts a node's name and colocation groups under the prefix.
    fn rename(
        &mut self,
        node: &mut super::Node,
        plan: &Plan,
    ) -> std::result::Result<(), NodeFault> {
        let own = node.name.to_string();
        let mut full = format!("{}{own}", self.prefix);
        let taken = |name: &str| {
            self.scopes.contains(name)
                || self
                    .graph
                    .state
                    .borrow()
                    .names
                    .node(name)
                    .is_some_and(|id| id.index() < self.start)
        };
        if taken(&full) {
            let in_file = |name: &str| {
                let name = name.strip_prefix(&self.prefix).unwrap_or(name);
                plan.names.contains_key(name) || plan.scopes.contains(name)
            };
            let base = full;
            let mut count = 1u32;
            full = loop {
                let candidate = format!("{base}_{count}");
                if !taken(&candidate) && !in_file(&candidate) {
                    break candidate;
                }
                count += 1;
            };
            self.renamed.insert(own, full.clone());
        }
        node.name = full.into();
        let Some(Value::List(list)) = node.attr_mut(CLASS) else {
            return Ok(());
        };
        for group in &mut list.s {
            let text = std::str::from_utf8(group).ok();
            let Some(target) = text.and_then(|text| text.strip_prefix(GROUP_PREFIX)) else {
                continue;
            };
            if !plan.names.contains_key(target) {
                return Err(NodeFault::Colocation(target.to_owned()));
            }
            let renamed = match self.renamed.get(target) {
                Some(name) => format!("{GROUP_PREFIX}{name}"),
                None => format!("{GROUP_PREFIX}{}{target}", self.prefix),
            };
            *group = renamed.into_bytes();
        }
        Ok(())
    }

    /// Applies what surrounds the import, once all nodes are made.
    fn settle(&self) {
        let graph = self.graph;
        let ids = || (self.start..graph.len()).map(NodeId::new);
        for id in ids() {
            graph.record_member(id);
            let name = graph.node(id).name.clone();
            graph.state.borrow_mut().names.reserve(&name);
        }
        let mut colocated = Vec::new();
        for id in ids() {
            let node = graph.node(id);
            let surroundings = graph.surroundings(&node.inputs);
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
    }
}

/// The other nodes that a node is colocated with.
fn others(node: &super::Node) -> impl Iterator<Item = &str> {
    let names = node.groups().iter().filter_map(|group| {
        let group = std::str::from_utf8(group).ok()?;
        group.strip_prefix(GROUP_PREFIX)
    });
    names.filter(|name| *name != &*node.name)
}

fn check_versions(versions: &VersionDef) -> std::result::Result<(), ImportError> {
    if versions.min_consumer > PRODUCER {
        return Err(ImportError::MinConsumer(versions.min_consumer));
    }
    if versions.bad_consumers.contains(&PRODUCER) {
        return Err(ImportError::BadConsumer);
    }
    if versions.producer < 0 {
        return Err(ImportError::Producer(versions.producer));
    }
    Ok(())
}

/// The graph is now one that the older of both programs could have written, and the younger can read.
fn merge_versions(graph: &GraphBuilder, imported: VersionDef) {
    let mut state = graph.state.borrow_mut();
    let versions = state
        .versions
        .get_or_insert_with(super::encode::own_versions);
    versions.producer = versions.producer.min(imported.producer);
    versions.min_consumer = versions.min_consumer.max(imported.min_consumer);
    versions.bad_consumers.extend(imported.bad_consumers);
    versions.bad_consumers.sort_unstable();
    versions.bad_consumers.dedup();
}

type Mapped = HashMap<(String, u32), TensorRef>;

fn mapped_inputs(
    graph: &GraphBuilder,
    options: &ImportOptions<'_>,
) -> std::result::Result<Mapped, ImportError> {
    let mut mapped = Mapped::default();
    for (name, tensor) in &options.inputs {
        if !graph.owns(tensor.graph()) || tensor.is_poison() {
            return Err(ImportError::Mapped(name.clone()));
        }
        let (node, index) =
            parse_tensor_name(name).ok_or_else(|| ImportError::NoTensor(name.clone()))?;
        mapped.insert((node.to_owned(), index), tensor.tensor_ref());
    }
    Ok(mapped)
}

fn options_to_map<'g>(
    inputs: Vec<(String, AnyTensor<'g>)>,
) -> HashMap<(String, u32), AnyTensor<'g>> {
    let parsed = inputs.iter().filter_map(|(name, tensor)| {
        let (node, index) = parse_tensor_name(name)?;
        Some(((node.to_owned(), index), *tensor))
    });
    parsed.collect()
}

/// The full name of the scope for the nodes.
fn prefix(
    graph: &GraphBuilder,
    wanted: Option<&str>,
    location: Here,
) -> std::result::Result<String, ImportError> {
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

/// The scopes of the graph's nodes that a node of the file could have the name of.
fn existing_scopes(graph: &GraphBuilder, prefix: &str) -> HashSet<String> {
    let nodes = graph.nodes();
    let mut scopes = HashSet::default();
    for node in nodes.iter() {
        let below = match node.name.strip_prefix(prefix) {
            Some(rest) if prefix.is_empty() || rest.starts_with('/') => &*node.name,
            _ => continue,
        };
        order::add_scopes(below, &mut scopes);
    }
    scopes
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        let kind = match &error {
            ImportError::NoOperation(_)
            | ImportError::NoTensor(_)
            | ImportError::UnusedInput(_) => ErrorKind::NotFound,
            ImportError::Mapped(_) | ImportError::Prefix(_) => ErrorKind::InvalidGraph,
            ImportError::MinConsumer(_) | ImportError::BadConsumer => ErrorKind::Unsupported,
            ImportError::Later { .. } => ErrorKind::Unsupported,
            ImportError::Producer(_) | ImportError::Library(_) => ErrorKind::Corrupt,
            ImportError::Node { fault, .. } => fault.kind(),
        };
        Error::new(kind, error)
    }
}
