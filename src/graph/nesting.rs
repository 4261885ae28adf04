//! Graphs inside of a graph: the main one and the bodies of functions, all of one builder.
//!
//! One graph is open at a time, into which nodes are made. A handle knows the number of its graph. A tensor of a graph
//! around the open one stands inside for what the body captures: an argument that the function gets besides its own.

use std::cell::{Ref, RefCell};
use std::sync::Arc;

use super::library::{Function, LibraryError};
use super::{AnyTensor, GraphBuilder, HashMap, Node, NodeId, Operation, TensorRef};
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;

/// The number of a graph in its builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct GraphNumber(u32);

impl GraphNumber {
    /// The graph that is exported; all others are bodies of functions.
    pub(crate) const MAIN: GraphNumber = GraphNumber(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A tensor of one of a builder's graphs.
pub(crate) type TensorKey = (GraphNumber, TensorRef);

/// The class of Python that builds a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// The graph of a `function.Defun`.
    Defun,
    /// A `FuncGraph`: the graph of a `tf.function`, or of a branch or a loop of control flow version 2.
    FuncGraph {
        /// Whether its stateful nodes run in the order of the program (`AutomaticControlDependencies`).
        is_ordered: bool,
    },
}

/// The functions that the nodes of a body name, by name.
pub(super) type Callees = SortedMap<String, Arc<Function>>;

/// The body of a function while its closure runs.
#[derive(Debug)]
pub(super) struct Body {
    kind: BodyKind,
    /// The graph that it stands in.
    outer: GraphNumber,
    /// The tensors of graphs around that it uses, each with the placeholder that stands for it.
    captures: RefCell<HashMap<TensorKey, NodeId>>,
    /// The operations of graphs around that its nodes are to wait for.
    controls: RefCell<Vec<(GraphNumber, NodeId)>>,
    callees: RefCell<Callees>,
}

impl Body {
    pub(super) fn kind(&self) -> BodyKind {
        self.kind
    }
}

/// A body that is complete.
pub(super) struct ClosedBody<'g> {
    kind: BodyKind,
    /// The tensors of graphs around that it uses, each with the placeholder that stands for it, in the order of these.
    pub(super) captures: Vec<(AnyTensor<'g>, NodeId)>,
    /// The operations of graphs around that a call waits for.
    pub(super) controls: Vec<Operation<'g>>,
    pub(super) callees: Callees,
    pub(super) number: GraphNumber,
}

impl GraphBuilder {
    /// The graph that new nodes belong to.
    pub(crate) fn open_graph(&self) -> GraphNumber {
        self.state.borrow().open
    }

    /// Whether new nodes belong to the main graph, and not to the body of a function.
    pub(crate) fn is_in_main_graph(&self) -> bool {
        self.open_graph() == GraphNumber::MAIN
    }

    /// The nodes of one of the builder's graphs.
    pub(crate) fn nodes_of(&self, number: GraphNumber) -> Ref<'_, [Node]> {
        Ref::map(self.state.borrow(), |state| state.nodes_of(number))
    }

    /// The operation of the open graph with this number.
    pub(crate) fn operation_at(&self, id: NodeId) -> Operation<'_> {
        Operation::of(self, self.open_graph(), id)
    }

    /// The tensor that a key is of.
    pub(super) fn tensor_of(&self, (number, tensor): TensorKey) -> AnyTensor<'_> {
        Operation::of(self, number, tensor.node).output(tensor.index as usize)
    }

    /// The operation of the main graph with this number.
    pub(crate) fn main_operation(&self, id: NodeId) -> Operation<'_> {
        Operation::of(self, GraphNumber::MAIN, id)
    }

    /// Whether an operation is one of the graph that is open.
    ///
    /// Whatever takes a handle asks this, or [`owns_or_captures`](Self::owns_or_captures), before it uses its number.
    pub(crate) fn owns(&self, operation: Operation<'_>) -> bool {
        std::ptr::eq(self, operation.graph)
            && (operation.id == NodeId::POISON || operation.number == self.open_graph())
    }

    /// Whether an operation is one of the graph that is open or of a graph around it.
    pub(super) fn owns_or_is_inside(&self, operation: Operation<'_>) -> bool {
        self.owns(operation) || self.is_inside(operation)
    }

    /// Whether the graph that is open is the body of a function in an operation's graph, or in a function there.
    fn is_inside(&self, operation: Operation<'_>) -> bool {
        let context = self.context.borrow();
        let mut around = context.bodies().map(|body| body.outer);
        std::ptr::eq(self, operation.graph) && around.any(|number| number == operation.number)
    }

    /// Whether an operation is one of the main graph, to which variables, collections and signatures belong.
    pub(crate) fn owns_in_main(&self, operation: Operation<'_>) -> bool {
        std::ptr::eq(self, operation.graph)
            && (operation.id == NodeId::POISON || operation.number == GraphNumber::MAIN)
    }

    /// A tensor as the graph that is open has it: itself, or the argument that stands for one of a graph around.
    ///
    /// The argument of a new capture is named under `scope`, which ends in a slash or is empty.
    pub(crate) fn owns_or_captures<'g>(
        &'g self,
        tensor: AnyTensor<'g>,
        scope: &str,
    ) -> Option<AnyTensor<'g>> {
        if self.owns(tensor.operation()) {
            return Some(tensor);
        }
        let is_inside = self.is_inside(tensor.operation());
        let found = {
            let context = self.context.borrow();
            let captures = context.body().filter(|_| is_inside)?.captures.borrow();
            captures.get(&tensor.key()).copied()
        };
        let id = found.unwrap_or_else(|| self.capture(tensor, scope));
        Some(self.operation_at(id).output(0))
    }

    /// Makes the argument that stands for a tensor of a graph around, unless its scope has no valid name.
    ///
    /// A `FuncGraph` names it after the operation outside.
    fn capture(&self, tensor: AnyTensor<'_>, scope: &str) -> NodeId {
        let name = match self.body_kind() {
            Some(BodyKind::FuncGraph { .. }) => tensor.operation().name(),
            _ => "Placeholder".to_owned(),
        };
        let handle = {
            let nodes = self.nodes_of(tensor.number());
            let output = tensor.tensor_ref().output(&nodes);
            output.known.handle().to_vec()
        };
        let placeholder = self.without_control_dependencies(|| {
            self.in_scope(scope, || {
                let placeholder = self.op("Placeholder").name(name);
                let placeholder = placeholder.attr("dtype", tensor.dtype());
                placeholder.attr("shape", tensor.shape()).finish()
            })
        });
        if placeholder.id == NodeId::POISON {
            return placeholder.id;
        }
        let mut state = self.state.borrow_mut();
        let node = &mut state.nodes[placeholder.id.index()];
        node.outputs[0].known.set_handle(handle);
        drop(state);
        let context = self.context.borrow();
        if let Some(body) = context.body() {
            let mut captures = body.captures.borrow_mut();
            captures.insert(tensor.key(), placeholder.id);
        }
        placeholder.id
    }

    /// Runs `f` with a new graph open, in which no block around has an effect, and closes it.
    ///
    /// A `FuncGraph` has the seed of the graph around, a `Defun` none.
    pub(super) fn in_new_body<R>(
        &self,
        kind: BodyKind,
        f: impl FnOnce() -> R,
    ) -> (R, ClosedBody<'_>) {
        let number = {
            let state = self.state.borrow();
            let taken = state.closed.len().max(state.open.index() + 1);
            GraphNumber(u32::try_from(taken).expect("a graph has fewer than 2^32 functions"))
        };
        let closed = ClosedBody {
            kind,
            captures: Vec::new(),
            controls: Vec::new(),
            callees: Callees::default(),
            number,
        };
        let seed = match kind {
            BodyKind::Defun => None,
            BodyKind::FuncGraph { .. } => self.random_seed(),
        };
        self.in_body(closed, || {
            self.state.borrow_mut().seed = seed;
            f()
        })
    }

    /// Runs `f` with a graph open that has been closed, and closes it again.
    pub(super) fn in_body<'g, R>(
        &'g self,
        closed: ClosedBody<'g>,
        f: impl FnOnce() -> R,
    ) -> (R, ClosedBody<'g>) {
        let ClosedBody { kind, number, .. } = closed;
        let outer = self.open_graph();
        self.state.borrow_mut().open(number);
        let _reopen = Reopen(self, outer);
        let captures = closed.captures.iter();
        let captures = captures.map(|&(tensor, id)| (tensor.key(), id)).collect();
        let controls = closed.controls.iter();
        let controls = controls.map(|it| (it.number, it.id)).collect();
        let body = Body {
            kind,
            outer,
            captures: RefCell::new(captures),
            controls: RefCell::new(controls),
            callees: RefCell::new(closed.callees),
        };
        self.within_body(body, || {
            let result = f();
            let context = self.context.borrow();
            let body = context.body().expect("the body is open while it runs");
            let captures = body.captures.take().into_iter();
            let captures = captures.map(|(tensor, id)| (self.tensor_of(tensor), id));
            let mut captures: Vec<_> = captures.collect();
            sort_by_key(&mut captures, |&(_, id)| id);
            let controls = body.controls.take().into_iter();
            let controls = controls.map(|(number, id)| Operation::of(self, number, id));
            let closed = ClosedBody {
                kind,
                captures,
                controls: controls.collect(),
                callees: body.callees.take(),
                number,
            };
            (result, closed)
        })
    }

    /// The graph whose variable scopes hold where nodes are made now: a `FuncGraph` shares those of the graph around.
    pub(crate) fn graph_of_variable_scopes(&self) -> GraphNumber {
        let context = self.context.borrow();
        let mut open = self.open_graph();
        for body in context.bodies() {
            if body.kind == BodyKind::Defun {
                break;
            }
            open = body.outer;
        }
        open
    }

    /// The kind of the body that is open; none in the main graph.
    pub(super) fn body_kind(&self) -> Option<BodyKind> {
        self.context.borrow().body().map(Body::kind)
    }

    /// Lets the calls of the open body wait for an operation of a graph around, if it is a `FuncGraph`.
    pub(super) fn captures_control(&self, operation: Operation<'_>) -> bool {
        let context = self.context.borrow();
        let is_func_graph = |body: &&Body| matches!(body.kind, BodyKind::FuncGraph { .. });
        let Some(body) = context.body().filter(is_func_graph) else {
            return false;
        };
        let mut around = context.bodies().map(|body| body.outer);
        let is_around =
            std::ptr::eq(self, operation.graph) && around.any(|number| number == operation.number);
        if is_around {
            let mut controls = body.controls.borrow_mut();
            let operation = (operation.number, operation.id);
            if !controls.contains(&operation) {
                controls.push(operation);
            }
        }
        is_around
    }

    /// Adds a function to the graph that is open, whose nodes are about to name it.
    pub(super) fn add_function(&self, function: &Arc<Function>) -> Result<(), LibraryError> {
        let context = self.context.borrow();
        let mut state = self.state.borrow_mut();
        let Some(body) = context.body() else {
            return Arc::make_mut(&mut state.library).insert(function.clone());
        };
        let name = &*function.op.name;
        let mut callees = body.callees.borrow_mut();
        let known = callees.get(name).or_else(|| state.library.get(name));
        if known.is_some_and(|known| !known.is_same(function)) {
            return Err(LibraryError::Different(name.to_owned()));
        }
        callees.get_or_insert_with(name.to_owned(), || function.clone());
        Ok(())
    }

    /// Runs `f` with the main graph open, in the blocks that are around the outermost body.
    ///
    /// Variables that are looked up by name are made so, for they belong to the main graph wherever the author asks for
    /// them.
    pub(crate) fn in_main_graph<R>(&self, f: impl FnOnce() -> R) -> R {
        let open = self.open_graph();
        if open == GraphNumber::MAIN {
            return f();
        }
        let _aside = self.set_bodies_aside();
        self.state.borrow_mut().open(GraphNumber::MAIN);
        let _reopen = Reopen(self, open);
        f()
    }
}

/// Opens a graph again when it is dropped.
struct Reopen<'g>(&'g GraphBuilder, GraphNumber);

impl Drop for Reopen<'_> {
    fn drop(&mut self) {
        self.0.state.borrow_mut().open(self.1);
    }
}

#[cfg(test)]
mod tests;
