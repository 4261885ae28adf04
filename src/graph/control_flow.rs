//! The control-flow contexts of TensorFlow 1: nodes that run only in one branch of a conditional, or in each turn of a
//! loop.
//!
//! A context is a block like others. A node that is made in it belongs to it: an input from around is taken by a node of
//! the context, such as the `Switch` of a conditional or the `Enter` of a loop, and a node without inputs waits for the
//! context's pivot.

mod cond;
mod imported;
mod reach;
mod while_loop;

use std::cell::{Cell, RefCell};
use std::collections::hash_map::Entry;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

pub(crate) use while_loop::{LoopOptions, Turn};

use super::collection::Item;
use super::{AnyTensor, GraphBuilder, GraphNumber, HashMap, Node, NodeId};
use super::{Operation, TensorKey, TensorRef, keys};
use crate::error::Rule;
use crate::proto::Message as _;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{ControlFlowContextDef, ValuesDef};

/// A context of control flow.
pub(super) trait ControlFlow: fmt::Debug {
    /// The tensors that are known in it, and the contexts around and inside.
    fn members(&self) -> &Members;

    /// Whether it is a loop, and not a branch.
    fn is_loop(&self) -> bool;

    /// Makes the stand-in for a tensor from around.
    fn capture(&self, g: &GraphBuilder, tensor: TensorKey) -> TensorKey;

    /// The node that those without inputs wait for.
    fn pivot(&self) -> NodeId;

    /// The message that a context around, or a collection, has of it.
    fn to_message(&self, g: &GraphBuilder) -> Ctxt;
}

/// A context that others share.
pub(super) type SharedContext = Rc<dyn ControlFlow>;

/// The tensors that a context of control flow knows, and where it stands.
#[derive(Debug)]
pub(super) struct Members {
    outer: Option<SharedContext>,
    known: RefCell<Known>,
    /// Whether all of its nodes are made.
    ended: Cell<bool>,
}

#[derive(Debug)]
struct Known {
    /// The tensors, each with its stand-in if it is from around.
    values: HashMap<TensorKey, Option<TensorKey>>,
    nested: Vec<SharedContext>,
}

/// As many tensors as a small branch has, for which a map needs no second allocation.
const FEW: usize = 14;

impl Members {
    /// Those of a new context inside of `outer`.
    fn new(outer: Option<SharedContext>) -> Self {
        let known = Known {
            values: HashMap::with_capacity_and_hasher(FEW, Default::default()),
            nested: Vec::new(),
        };
        Members {
            outer,
            known: known.into(),
            ended: Cell::default(),
        }
    }

    /// Tells that all nodes of the context are made.
    pub(super) fn end(&self) {
        self.ended.set(true);
    }

    fn has_ended(&self) -> bool {
        self.ended.get()
    }

    fn add(&self, tensors: impl IntoIterator<Item = TensorKey>) {
        let values = &mut self.known.borrow_mut().values;
        for tensor in tensors {
            values.entry(tensor).or_default();
        }
    }

    fn to_message(&self, g: &GraphBuilder) -> (ValuesDef, Vec<ControlFlowContextDef>) {
        let name = |&tensor: &TensorKey| g.tensor_of(tensor).name();
        let known = self.known.borrow();
        let mut values: Vec<_> = known.values.keys().map(name).collect();
        values.sort_unstable();
        let external = known.values.iter();
        let external = external.filter_map(|(of, by)| Some((name(of), name(by.as_ref()?))));
        let values = ValuesDef {
            values,
            external_values: external.collect(),
        };
        let nested = known.nested.iter().map(|context| ControlFlowContextDef {
            ctxt: Some(context.to_message(g)),
        });
        (values, nested.collect())
    }
}

/// A context and those around it, the innermost first.
fn outward(context: Option<&SharedContext>) -> impl Iterator<Item = &SharedContext> {
    std::iter::successors(context, |context| context.members().outer.as_ref())
}

/// The innermost loop among a context and those around it.
fn innermost_loop(context: Option<&SharedContext>) -> Option<&SharedContext> {
    outward(context).find(|context| context.is_loop())
}

/// Whether two are the same context, or both are none.
fn is_same(a: Option<&SharedContext>, b: Option<&SharedContext>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// The stand-in for a tensor in a context. Nodes made for it are named under the node `under`, or in the scope that is open.
fn value_in(
    context: &SharedContext,
    g: &GraphBuilder,
    tensor: TensorKey,
    under: Option<NodeId>,
) -> TensorKey {
    known_or(context, g, tensor, under, |around| {
        let capture = || context.capture(g, around);
        let inside = g.without_control_dependencies(|| g.under_node(under, capture));
        if inside.1.node == NodeId::POISON {
            return inside;
        }
        g.place_in_context(context, inside.1.node);
        if context.is_loop() {
            g.wait_as_around(context, inside.1.node);
            context.members().add([inside]);
        } else {
            outward(Some(context)).for_each(|context| context.members().add([inside]));
        }
        inside
    })
}

/// The stand-in for a tensor in a context: the known one, or what `capture` makes of the tensor as the context around
/// has it.
fn known_or(
    context: &SharedContext,
    g: &GraphBuilder,
    tensor: TensorKey,
    under: Option<NodeId>,
    capture: impl FnOnce(TensorKey) -> TensorKey,
) -> TensorKey {
    let members = context.members();
    let stand_in = match members.known.borrow_mut().values.entry(tensor) {
        Entry::Occupied(known) => Some(known.get().unwrap_or(tensor)),
        Entry::Vacant(unknown) => {
            unknown.insert(None);
            None
        }
    };
    if let Some(stand_in) = stand_in {
        return stand_in;
    }
    let around = match &members.outer {
        Some(outer) => {
            let around = value_in(outer, g, tensor, under);
            if !context.is_loop() {
                let mut known = members.known.borrow_mut();
                known.values.insert(around, Some(around));
            }
            around
        }
        None => tensor,
    };
    let inside = capture(around);
    let mut known = members.known.borrow_mut();
    known.values.insert(tensor, Some(inside));
    inside
}

/// Whether a node is the `Enter` of a value that all turns of a loop share.
fn is_constant_enter(node: &Node) -> bool {
    matches!(node.op.name(), "Enter" | "RefEnter") && node.bool_attr("is_constant") == Some(true)
}

impl GraphBuilder {
    /// A tensor that decides about control flow; one that is no scalar is reported, as for what it is.
    #[track_caller]
    pub(crate) fn scalar<'g>(&'g self, tensor: AnyTensor<'g>, what: &str) -> AnyTensor<'g> {
        let shape = tensor.shape();
        if shape.rank().is_none_or(|rank| rank == 0) {
            return tensor;
        }
        let name = tensor.name();
        let message = format!("{what} is \"{name}\", expected a scalar, found shape {shape}");
        self.report(Rule::Shape, message);
        AnyTensor::poison(self)
    }

    /// The context that a node belongs to.
    fn context_of(&self, id: NodeId) -> Option<SharedContext> {
        let state = self.state.borrow();
        state.contexts.get(id.index())?.clone()
    }

    /// The context in which the outputs of a node are: that around a loop for an exit of it.
    fn output_context(&self, id: NodeId) -> Option<SharedContext> {
        let context = self.context_of(id)?;
        match self.node(id).op.name() {
            "Exit" | "RefExit" => context.members().outer.clone(),
            _ => Some(context),
        }
    }

    fn place_in_context(&self, context: &SharedContext, id: NodeId) {
        let contexts = &mut self.state.borrow_mut().contexts;
        if contexts.len() <= id.index() {
            contexts.resize(id.index() + 1, None);
        }
        contexts[id.index()] = Some(context.clone());
    }

    /// Begins a context inside of the one that is open.
    fn begin_context(&self, context: &SharedContext) {
        if let Some(outer) = &context.members().outer {
            let mut known = outer.members().known.borrow_mut();
            known.nested.push(context.clone());
        }
    }

    /// Whether a context is one of those that a collection of the graph has: as in Python, those of a function's body
    /// are in no collection.
    fn is_listed(&self, outer: Option<&SharedContext>) -> bool {
        self.open_graph() == GraphNumber::MAIN && outer.is_none()
    }

    /// How many contexts a collection lists so far.
    fn listed_contexts(&self, key: &str) -> usize {
        self.state.borrow().collections.get(key).len()
    }

    /// Adds a context to its collection, before the one at a position.
    #[track_caller]
    fn list_context(&self, context: &dyn ControlFlow, at: usize) {
        let (key, def) = match context.to_message(self) {
            Ctxt::CondCtxt(def) => (keys::COND_CONTEXT, def.encode_to_vec()),
            Ctxt::WhileCtxt(def) => (keys::WHILE_CONTEXT, def.encode_to_vec()),
        };
        let location = self.here(Location::caller());
        let mut state = self.state.borrow_mut();
        state
            .collections
            .insert(key, at, Item::Context(def), location);
    }

    /// Adds to the nodes that one waits for.
    fn add_controls(&self, id: NodeId, controls: &[NodeId]) {
        let mut state = self.state.borrow_mut();
        let node = &mut state.nodes[id.index()];
        node.control_inputs.extend_from_slice(controls);
        node.control_inputs.sort_unstable();
        node.control_inputs.dedup();
    }

    /// Lets an `Enter` of a loop wait for what the blocks around wait for, as far as that is in a context around, but
    /// not outside of the loop around.
    fn wait_as_around(&self, context: &SharedContext, enter: NodeId) {
        let inputs = self.node(enter).inputs.clone();
        let mut controls = self.surroundings(&inputs).control_inputs;
        let outer = context.members().outer.as_ref();
        let outer_loop = innermost_loop(outer);
        controls.retain(|&control| {
            let of_control = self.output_context(control);
            let mut around = outer;
            loop {
                if is_same(around, of_control.as_ref()) {
                    return true;
                }
                if around.is_none() || is_same(around, outer_loop) {
                    return false;
                }
                around = around.and_then(|context| context.members().outer.as_ref());
            }
        });
        self.add_controls(enter, &controls);
        self.record_member(enter);
    }

    /// Makes a new node one of the context of control flow that is open, to be followed by
    /// [`enter_control_flow`](Self::enter_control_flow) if there is one.
    pub(super) fn join_control_flow(&self, id: NodeId) -> bool {
        let context = self.context.borrow().control_flow().cloned();
        match &context {
            Some(context) => self.place_in_context(context, id),
            None => return false,
        }
        true
    }

    /// Gives a new node its inputs as the context of control flow that is open has them. Nodes made for them are named
    /// under the node if it has a scope, and beside it otherwise.
    pub(super) fn enter_control_flow(&self, id: NodeId, has_scope: bool) {
        let Some(context) = self.context.borrow().control_flow().cloned() else {
            return;
        };
        let (inputs, is_call) = {
            let node = self.node(id);
            (node.inputs.clone(), node.op.function().is_some())
        };
        let under = has_scope.then_some(id);
        let number = self.open_graph();
        let mut has_others = false;
        for (position, &tensor) in inputs.iter().enumerate() {
            if self.is_made_inside(&context, id, tensor) {
                continue;
            }
            let (_, inside) = value_in(&context, self, (number, tensor), under);
            if inside != tensor {
                self.refuse_loop_of_references(&context, id, tensor);
                self.state.borrow_mut().nodes[id.index()].inputs[position] = inside;
                has_others = true;
            }
        }
        if has_others {
            self.state.borrow_mut().know_again(id);
        }
        let outside = self.take_controls_from_outside(&context, id);
        if self.waits_for_pivot(&context, id, is_call) {
            self.add_controls(id, &[context.pivot()]);
        }
        let outputs = self.node(id).outputs.len() as u32;
        let outputs = (0..outputs).map(|index| (number, TensorRef { node: id, index }));
        if !context.is_loop() {
            outward(Some(&context)).for_each(|context| context.members().add(outputs.clone()));
            return;
        }
        context.members().add(outputs);
        let outside = outside.into_iter().map(|id| self.operation_at(id));
        let outside = outside.filter(|operation| !operation.node().outputs.is_empty());
        let data: Vec<_> = outside.map(|operation| operation.output(0)).collect();
        if !data.is_empty() {
            let inside = data
                .into_iter()
                .map(|data| self.value_to_wait_for(&context, data, under));
            let inside: Vec<_> = inside.collect();
            self.add_controls(id, &inside);
        }
    }

    /// Whether an input comes from a node of the context that has not been entered yet: an import brings whole loops.
    fn is_made_inside(&self, context: &SharedContext, id: NodeId, tensor: TensorRef) -> bool {
        if context.is_loop() {
            return is_same(self.context_of(tensor.node).as_ref(), Some(context));
        }
        let is = |id: NodeId, op: &str| self.node(id).op.name() == op;
        is(id, "Merge") && is(tensor.node, "NextIteration")
    }

    /// Reports a loop over variables of the old kind that is imported into a conditional: TensorFlow puts a switch between
    /// the end of a turn and the next one, and then does not know the loop again.
    fn refuse_loop_of_references(&self, context: &SharedContext, id: NodeId, tensor: TensorRef) {
        let is = |id: NodeId, op: &str| self.node(id).op.name() == op;
        let is_next = is(id, "RefMerge") && is(tensor.node, "RefNextIteration");
        if is_next && !context.is_loop() {
            let message = "a loop over a variable of the old kind is put into a conditional, which TensorFlow cannot import";
            self.report(Rule::ControlFlow, message);
        }
    }

    /// Removes the nodes outside of the loop around from those that one waits for.
    fn take_controls_from_outside(&self, context: &SharedContext, id: NodeId) -> Vec<NodeId> {
        let Some(around) = innermost_loop(Some(context)) else {
            return Vec::new();
        };
        let controls = self.node(id).control_inputs.to_vec();
        if controls.is_empty() {
            return controls;
        }
        let is_inside = |&id: &NodeId| {
            let of_control = self.output_context(id);
            is_same(innermost_loop(of_control.as_ref()), Some(around))
        };
        let (inside, outside): (Vec<_>, Vec<_>) = controls.into_iter().partition(is_inside);
        if !outside.is_empty() {
            let mut state = self.state.borrow_mut();
            let controls = &mut state.nodes[id.index()].control_inputs;
            controls.clear();
            controls.extend_from_slice(&inside);
        }
        outside
    }

    /// Whether a node would run before the context does, if it did not wait for the pivot.
    fn waits_for_pivot(&self, context: &SharedContext, id: NodeId, is_call: bool) -> bool {
        let node = self.node(id);
        let is_without_controls = node.control_inputs.is_empty();
        match (context.is_loop(), node.inputs.is_empty()) {
            (true, true) => is_without_controls,
            (true, false) => {
                let mut inputs = node.inputs.iter();
                let is_constant = |input: &TensorRef| is_constant_enter(&self.node(input.node));
                is_without_controls && (is_call || inputs.all(is_constant))
            }
            (false, true) => {
                let is_inside = |id: &NodeId| {
                    let of_control = self.context_of(*id);
                    outward(of_control.as_ref()).any(|it| Rc::ptr_eq(it, context))
                };
                !node.control_inputs.iter().any(is_inside)
            }
            (false, false) => is_call,
        }
    }

    /// Runs `f` with its nodes named under a node, or in the scope that is open.
    fn under_node<R>(&self, node: Option<NodeId>, f: impl FnOnce() -> R) -> R {
        let scope = node.map(|id| format!("{}/", self.node(id).name));
        self.in_scope(&scope.unwrap_or_default(), f)
    }

    /// A node of a loop that runs after one from outside.
    fn value_to_wait_for(
        &self,
        context: &SharedContext,
        data: AnyTensor<'_>,
        under: Option<NodeId>,
    ) -> NodeId {
        let identity = || self.op("Identity").input(data).finish();
        let identity = || self.within_control_flow(context.clone(), identity);
        let identity = self.without_control_dependencies(|| self.under_node(under, identity));
        identity.id
    }

    /// A tensor as the context of control flow, or the body of a function, that is open has it.
    pub(crate) fn brought_inside<'g>(&'g self, tensor: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
        let tensor = self.owns_or_captures(tensor, "")?;
        let context = self.context.borrow().control_flow().cloned();
        Some(match context.filter(|_| !tensor.is_poison()) {
            Some(context) => self.tensor_of(value_in(&context, self, tensor.key(), None)),
            None => tensor,
        })
    }

    /// A tensor for those who need that some operations have run: `with_dependencies` of Python's `control_flow_ops`.
    #[track_caller]
    pub(crate) fn with_dependencies<'g>(
        &'g self,
        operations: &[Operation<'g>],
        tensor: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let scope = self.open_inner_scope("control_dependency", Location::caller());
        let identity = || self.op("Identity").name(&*scope).input(tensor).output();
        self.colocate_with(tensor, || {
            self.control_dependencies(operations.iter().copied(), identity)
        })
    }

    /// The `Switch` of a tensor, on the device of the node that makes it.
    fn switch_of<'g>(&'g self, data: AnyTensor<'g>, predicate: AnyTensor<'g>) -> Operation<'g> {
        let op = if data.is_ref() { "RefSwitch" } else { "Switch" };
        let switch = || {
            let switch = self.op(op).name("Switch").input(data);
            switch.input(predicate).finish()
        };
        self.without_colocation(|| self.within_group_of(data.operation(), switch))
    }
}

impl GraphBuilder {
    /// Whether a loop of TensorFlow 1 is open.
    pub(crate) fn is_in_loop(&self) -> bool {
        innermost_loop(self.context.borrow().control_flow()).is_some()
    }
}
