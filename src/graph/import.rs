//! Adding the nodes of another graph to a graph, as `tf.import_graph_def` does: of a `GraphDef`, or of a graph in memory.
//!
//! 1. The other graph is sorted out (`plan.rs`): which node uses which, what is mapped, and in which order nodes are
//!    made. In a file (`order.rs`) names have to be valid and unique, and nodes are made in the order of TensorFlow:
//!    always the first of the file whose inputs are made. A `Merge` that begins a loop waits for one input only, so the
//!    rest of the loop can follow. A graph in memory (`copy.rs`) is in order.
//! 2. Each node is made: from a file by matching it with its op or function (`node.rs`), where a file that asks for more
//!    memory than its own size explains is refused; from memory by sharing its parts.
//! 3. It is placed (`place.rs`): renamed, and its shapes are inferred.
//! 4. What surrounds the call applies: control dependencies, devices, colocation.
//!
//! If any of this fails, the graph is as it was.
//!
//! The nodes of a function's body (`body.rs`), from which the shapes of a call follow, are made in the same way, with the
//! values that the call gives to attributes; they become part of no graph.

mod body;
mod copy;
mod error;
mod instance;
mod node;
mod options;
mod order;
mod place;
mod plan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::graph_def::GraphDef;
use super::later;
use super::{
    AnyTensor, GraphBuilder, GraphNumber, HashMap, HashSet, Here, NodeId, Operation, TensorRef,
};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::encode::PRODUCER;
use crate::proto::tensorflow::{OpList, VersionDef};
use error::ImportError;
use node::FileNodes;
use plan::{Mapped, Plan};

pub(super) use body::Body;
pub use options::ImportOptions;
pub(crate) use options::Instance;
pub(crate) use plan::parse_tensor_name;

/// The nodes that an import, or a copy, added to a graph, by the names that they have in the other one.
pub struct Imported<'g> {
    graph: &'g GraphBuilder,
    /// The graph that was open.
    number: GraphNumber,
    prefix: String,
    /// The nodes by their names in the other graph.
    by_name: HashMap<Arc<str>, NodeId>,
    /// The nodes in the order of the other graph.
    order: Vec<NodeId>,
    mapped: Mapped<'g>,
}

impl<'g> Imported<'g> {
    /// The scope that the nodes are in; empty for none.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The operations in the order of the other graph; in this one, each stands after its inputs.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = Operation<'g>> + '_ {
        let order = self.order.iter();
        order.map(|&id| Operation::of(self.graph, self.number, id))
    }

    /// The operation of this name in the other graph, which is a return element of `tf.import_graph_def`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn operation(&self, name: &str) -> Result<Operation<'g>> {
        let id = self.by_name.get(name);
        let id = id.ok_or_else(|| ImportError::NoOperation(name.to_owned()))?;
        Ok(Operation::of(self.graph, self.number, *id))
    }

    /// The nodes by the names that they have in the graph instead of those in the other one.
    pub(crate) fn by_graph_names(&self) -> Self {
        let names = self.order.iter();
        let nodes = self.graph.nodes_of(self.number);
        let names = names.map(|&id| (nodes[id.index()].name.clone(), id));
        Imported {
            graph: self.graph,
            number: self.number,
            prefix: self.prefix.clone(),
            by_name: names.collect(),
            order: self.order.clone(),
            mapped: Mapped::default(),
        }
    }

    /// The tensor of this name in the other graph, such as `x:0` or `x`, or what was mapped to it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn tensor(&self, name: &str) -> Result<AnyTensor<'g>> {
        let missing = || ImportError::NoTensor(name.to_owned());
        let (node, index) = parse_tensor_name(name).ok_or_else(missing)?;
        if let Some(tensor) = self.mapped.tensor(node, index) {
            return Ok(tensor);
        }
        let operation = self.operation(node).map_err(|_| missing())?;
        let outputs = operation.node().outputs.len();
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
        options: impl Into<ImportOptions<'g>>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let options = options.into();
        let versions = graph_def.message.versions.as_ref();
        let writer = later::Writer::of(versions, options.release.as_deref());
        let imported = import(self, graph_def, options, location);
        imported.map_err(|error| error.of(writer).at(location))
    }
}

fn import<'g>(
    graph: &'g GraphBuilder,
    mut graph_def: GraphDef,
    options: ImportOptions<'g>,
    location: Here,
) -> std::result::Result<Imported<'g>, ImportError> {
    if options.clear_devices {
        graph_def = graph_def.without_devices();
    }
    if options.outputs.is_some() {
        let kept = options.sub_graph(&graph_def.message.node)?.kept();
        graph_def.retain(&kept);
    }
    let GraphDef { mut message, size } = graph_def;
    let versions = message.versions.take().unwrap_or_default();
    check_versions(&versions)?;
    if versions.producer > PRODUCER {
        later::remove_later_defaults(&mut message, &OpList::default());
    }
    let mapped = Mapped::new(graph, &options)?;
    let plan = Plan::new(&message.node, &mapped)?;
    let mut nodes = FileNodes::new(message.node, message.library, versions, size, location);
    place::place(graph, &mut nodes, plan, options, mapped, location)
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

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        let kind = match &error {
            ImportError::NoOperation(_)
            | ImportError::NoTensor(_)
            | ImportError::UnusedInput(_) => ErrorKind::NotFound,
            ImportError::Mapped(_) | ImportError::Prefix(_) | ImportError::Copy(_) => {
                ErrorKind::InvalidGraph
            }
            ImportError::MinConsumer(_) | ImportError::BadConsumer => ErrorKind::Unsupported,
            ImportError::Later { .. } => ErrorKind::Unsupported,
            ImportError::Producer(_) | ImportError::Library(_) => ErrorKind::Corrupt,
            ImportError::Node { fault, .. } => fault.kind(),
        };
        Error::new(kind, error)
    }
}
