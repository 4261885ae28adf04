//! Building graphs: nodes, scopes, names, control inputs, devices, colocation and collections.
//!
//! A [`GraphBuilder`] is what `tf.Graph` is in Python. Building never returns a `Result`: a fault is kept with the
//! caller's file and line, the node that could not be made is replaced by one that silences what merely follows from
//! it, and [`GraphBuilder::finish`] reports all faults together.

mod any_operand;
mod arity;
mod attr;
mod back_edge;
mod call;
mod collection;
mod constant;
mod context;
mod control_flow;
mod control_flow_v2;
mod device;
mod encode;
pub(crate) mod facts;
mod finished;
mod func_graph;
mod function;
mod function_def;
mod function_names;
mod graph_def;
mod hash;
mod import;
mod later;
mod library;
mod meta_graph_def;
mod names;
mod nesting;
mod node;
mod op_builder;
pub(crate) mod op_def;
mod state;
#[macro_use]
pub(crate) mod structure;
mod tensor;
mod vain;
mod view;

use std::any::{Any, TypeId};
use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::error::{Diagnostic, Error, ErrorKind, Result, Rule};
use state::State;

pub use any_operand::AnyOperand;
pub(crate) use any_operand::UntypedOperand;
pub(crate) use arity::before as outputs_before;
pub use attr::{AttrValue, FunctionRef};
pub use collection::{CollectionItem, keys};
pub use finished::Graph;
pub use function::{Arguments, ConcreteFunction, Defun, Function, TensorSpec};
pub use graph_def::{ConstantDescription, GraphDef};
pub use import::{ImportOptions, Imported};
pub use meta_graph_def::{MetaGraphDef, VariableDefinition};
pub use op_builder::OpBuilder;
#[doc(hidden)]
pub use structure::Leaf;
pub use structure::{IntoStructure, Structure, TypedStructure};
pub use tensor::{AnyTensor, Operand, Operation, RefTensor, Tensor};

pub(crate) use attr::text::attr_text;
pub(crate) use attr::{shape_from_proto, shape_proto};
pub(crate) use collection::{Collections, Item};
pub(crate) use context::{Context, OpenBlock, Scope};
pub(crate) use control_flow::{LoopOptions, Turn};
pub(crate) use control_flow_v2::BranchClosure;
pub(crate) use graph_def::{
    OUTPUT_SHAPES, SubGraph, called_functions, mentioned_by_node, node_name,
};
pub(crate) use hash::{HashMap, HashSet};
pub(crate) use import::{Instance, parse_tensor_name};
pub(crate) use later::remove_remarks;
pub(crate) use library::{Library, Renaming};
pub(crate) use meta_graph_def::{variable_def, variable_name};
pub(crate) use names::{join, numbered};
pub(crate) use nesting::{GraphNumber, TensorKey};
pub(crate) use node::{GROUP_PREFIX, Inputs, Node, NodeId, Origin, Output, TensorRef};
pub(crate) use tensor::sealed;

pub(crate) type Here = &'static Location<'static>;

/// A graph under construction, what `tf.Graph` is in Python.
///
/// ```
/// use tfhub::GraphBuilder;
///
/// let g = GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2));
/// let y = g.name_scope("shifted", || x + 1.0);
/// assert_eq!(y.name(), "shifted/add:0");
/// assert_eq!(y.shape().to_string(), "[?, 2]");
/// let graph = g.finish()?;
/// assert_eq!(graph.len(), 3);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Default)]
pub struct GraphBuilder {
    state: RefCell<State>,
    context: RefCell<Context>,
    /// Apart from the state, which layers above may look into while they hold what is theirs.
    extensions: RefCell<Extensions>,
}

/// Data that layers above attach to a graph, by type.
type Extensions = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

#[derive(Debug)]
struct GraphErrors(Vec<Diagnostic>);

impl fmt::Display for GraphErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.0))
    }
}

impl std::error::Error for GraphErrors {}

fn text(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The error that reports these faults, of which there is at least one.
pub(crate) fn diagnostics_error(kind: ErrorKind, diagnostics: Vec<Diagnostic>) -> Error {
    Error::new(kind, GraphErrors(diagnostics.clone())).with_diagnostics(diagnostics)
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the graph-level seed of random ops, as `tf.set_random_seed` does at this point of the program.
    ///
    /// Random ops made afterwards derive their seeds from it, from their own seed and from their position. Those in the
    /// body of a [`function`](Self::function) derive theirs from the seed that is set there.
    pub fn set_random_seed(&self, seed: i64) {
        self.state.borrow_mut().seed = Some(seed);
    }

    pub(crate) fn random_seed(&self) -> Option<i64> {
        self.state.borrow().seed
    }

    /// The number of nodes made so far.
    pub fn len(&self) -> usize {
        self.state.borrow().nodes.len()
    }

    /// Whether no node has been made yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The operation with this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn operation(&self, name: &str) -> Result<Operation<'_>> {
        let state = self.state.borrow();
        match state.names.node(name) {
            Some(id) => Ok(Operation::of(self, state.open, id)),
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!("the graph has no operation \"{name}\""),
            )),
        }
    }

    /// Adds a tensor, an operation or bytes to a collection, as `tf.add_to_collection` does.
    ///
    /// [`keys`] has the names of the collections that a module can carry.
    #[track_caller]
    pub fn add_to_collection<'g>(&'g self, key: &str, item: impl Into<CollectionItem<'g>>) {
        let item = item.into();
        if !item.is_of(self) {
            return self.report(
                Rule::OtherGraph,
                format_args!("the item of collection \"{key}\" is of another graph"),
            );
        }
        if let Some(stored) = item.stored() {
            let location = self.here(Location::caller());
            let mut state = self.state.borrow_mut();
            state.collections.add(key, stored, location);
        }
    }

    /// The tensors in a collection.
    pub(crate) fn collected_tensors(&self, key: &str) -> Vec<AnyTensor<'_>> {
        let state = self.state.borrow();
        let items = state.collections.get(key).iter();
        let tensors = items.filter_map(|item| match *item {
            Item::Tensor(TensorRef { node, index }) => {
                let operation = self.main_operation(node);
                Some((operation, index as usize))
            }
            _ => None,
        });
        let tensors: Vec<_> = tensors.collect();
        drop(state);
        let tensors = tensors.into_iter();
        tensors
            .map(|(operation, index)| operation.output(index))
            .collect()
    }

    /// The messages in a collection.
    pub(crate) fn collected_bytes(&self, key: &str) -> Vec<Vec<u8>> {
        let state = self.state.borrow();
        let items = state.collections.get(key).iter();
        let bytes = items.filter_map(|item| match item {
            Item::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        });
        bytes.collect()
    }

    /// Checks that no fault was made and ends building.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGraph`] with every fault in [`Error::diagnostics`].
    pub fn finish(self) -> Result<Graph> {
        let state = self.state.into_inner();
        if !state.diagnostics.is_empty() {
            return Err(diagnostics_error(
                ErrorKind::InvalidGraph,
                state.diagnostics,
            ));
        }
        let mut graph = Graph::new(
            state.nodes,
            state.names,
            state.collections,
            self.extensions.into_inner(),
            Arc::unwrap_or_clone(state.library),
            state.versions.unwrap_or_else(encode::own_versions),
        );
        let settled = graph.settle_function_names(&state.function_numbers);
        settled.map_err(|error| Error::new(ErrorKind::InvalidGraph, error))?;
        Ok(graph)
    }

    /// Keeps a fault that concerns no single node.
    #[track_caller]
    pub(crate) fn report(&self, rule: Rule, message: impl fmt::Display) {
        self.report_node(rule, "", "", self.here(Location::caller()), message);
    }

    pub(crate) fn report_node(
        &self,
        rule: Rule,
        op: &str,
        node: &str,
        location: Here,
        message: impl fmt::Display,
    ) {
        if self.has_failed() {
            return;
        }
        self.state.borrow_mut().diagnostics.push(Diagnostic {
            rule,
            variant: None,
            file: None,
            node: node.to_owned(),
            op: op.to_owned(),
            location,
            message: message.to_string(),
        });
    }

    /// The line of the author's program: that of the outermost function of ours that is running.
    pub(crate) fn here(&self, location: Here) -> Here {
        self.context.borrow().location().unwrap_or(location)
    }

    pub(crate) fn context(&self) -> Ref<'_, Context> {
        self.context.borrow()
    }

    /// A place where a layer above keeps what it knows of this graph.
    pub(crate) fn extension<E: Default + Send + Sync + 'static>(&self) -> RefMut<'_, E> {
        RefMut::map(self.extensions.borrow_mut(), |extensions| {
            let slot = extensions
                .entry(TypeId::of::<E>())
                .or_insert_with(|| Box::<E>::default());
            slot.downcast_mut().expect("the slot's key is its type")
        })
    }

    /// Removes a collection and returns its items.
    pub(crate) fn drop_collection(&self, key: &str) -> Vec<Item> {
        self.state.borrow_mut().collections.remove(key)
    }

    pub(crate) fn nodes(&self) -> Ref<'_, [Node]> {
        Ref::map(self.state.borrow(), |state| state.nodes.as_slice())
    }

    pub(crate) fn node(&self, id: NodeId) -> Ref<'_, Node> {
        Ref::map(self.state.borrow(), |state| &state.nodes[id.index()])
    }

    fn producer(&self) -> i32 {
        self.state.borrow().producer()
    }

    /// The full name that `name` gets in the current name scope.
    fn unique_name(&self, name: &str) -> Arc<str> {
        if self.has_failed() {
            return self.free_name(name).into();
        }
        let context = self.context.borrow();
        let mut state = self.state.borrow_mut();
        state.names.unique(context.name_scope(), name)
    }

    /// The full name that the next thing called `name` in the current name scope gets; nothing gets it now.
    pub(crate) fn free_name(&self, name: &str) -> String {
        let name = self.wanted_name(name);
        let state = self.state.borrow();
        state.names.free(name)
    }

    /// The full name that a node would like to have, for messages about one that cannot be made.
    pub(crate) fn wanted_name(&self, name: &str) -> String {
        match name.strip_suffix('/') {
            Some(absolute) => absolute.to_owned(),
            None => join(self.context.borrow().name_scope(), name),
        }
    }

    /// Sets the shapes of a new node's outputs, or tells why its inputs do not fit.
    fn infer(&self, node: &mut Node) -> std::result::Result<(), String> {
        self.state.borrow().inference().infer(node)
    }

    /// Sets what else is known of the outputs, once their shapes are.
    fn know(&self, node: &mut Node) {
        self.state.borrow().inference().know(node);
    }

    /// Adds a node, which has claimed its name.
    fn push(&self, node: Node) -> NodeId {
        let mut state = self.state.borrow_mut();
        let id = NodeId::new(state.nodes.len());
        state.nodes.push(node);
        id
    }

    /// Narrows what is known of a tensor's shape, as `Tensor.set_shape` does.
    fn set_shape(&self, tensor: AnyTensor<'_>, shape: &crate::shape::Shape) -> bool {
        let mut state = self.state.borrow_mut();
        let nodes = state.nodes_of_mut(tensor.number());
        let TensorRef { node, index } = tensor.tensor_ref();
        let known = &mut nodes[node.index()].outputs[index as usize].shape;
        let merged = known.merge(shape);
        let fits = merged.is_some();
        if let Some(merged) = merged {
            *known = merged;
        }
        fits
    }
}

impl fmt::Debug for GraphBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphBuilder")
            .field("nodes", &self.len())
            .finish_non_exhaustive()
    }
}
