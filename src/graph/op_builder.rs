//! Making one node: matching inputs and attributes with the op's definition, naming it, and inferring its shapes.

mod check;
mod inputs;
mod remade;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use smallvec::SmallVec;

use super::arity::{self, FREE_OUTPUTS};
use super::library::Function;
use super::names::{invalid_name, is_valid_op_name, is_valid_scope_name, is_valid_start};
use super::node::{Attr, Attrs, CLASS, Inputs, Op, Origin};
use super::op_def;
use super::{AnyTensor, AttrValue, GraphBuilder, Here, Node, NodeId, Operand, Operation, Tensor};
use crate::dtype::TensorType;
use crate::error::{Rule, first_at};

/// Makes one node of any op that TensorFlow 1.15 has.
///
/// The functions in [`ops`](crate::ops) are built on it; use it for ops that have none. Inputs are given in the
/// order of the op's definition. Attributes that follow from the inputs, such as `T`, may be left out, and so may
/// those with a default.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let top = g.op("TopKV2").input(x).input(g.constant(2i32)).attr("sorted", false).finish();
/// let (values, indices) = (top.output(0).typed::<f32>(), top.output(1).typed::<i32>());
/// assert_eq!(values.name(), "TopKV2:0");
/// assert_eq!(indices.name(), "TopKV2:1");
/// ```
#[must_use = "the node is made by `finish`"]
pub struct OpBuilder<'g> {
    graph: &'g GraphBuilder,
    op: Option<Op>,
    name: Option<Name>,
    /// The tensors of all args.
    inputs: Inputs,
    /// The number of args.
    args: usize,
    attrs: Attrs,
    extras: Option<Box<Extras<'g>>>,
    location: Here,
}

/// A name for a node.
enum Name {
    /// That of the scope which is open.
    Scope(Arc<str>),
    /// One in that scope, or an absolute one, which ends in a slash.
    Text(String),
}

/// Parts that few nodes have. A builder is handed on with each call, so that it is better small.
#[derive(Default)]
struct Extras<'g> {
    /// The name of an op that there is not.
    unknown_op: String,
    /// The lengths of the args that are not one tensor, by the positions of these.
    lists: Vec<(usize, usize)>,
    /// The tensors that are not of the open graph, by their positions among the inputs.
    outer: Vec<(usize, AnyTensor<'g>)>,
    /// Whether an input is of another graph.
    is_foreign: bool,
    control_inputs: Vec<NodeId>,
}

/// A fault at the node that is being made.
struct Fault(Rule, String);

type Checked<T> = std::result::Result<T, Fault>;

impl GraphBuilder {
    /// Starts a node of the TensorFlow op with this name, for example `MatMul`.
    ///
    /// TensorFlow 1.15 has some ops that its front end does not register, such as `_FusedConv2D`. A graph may have them,
    /// a module may not: [`Rule::UnregisteredOp`].
    #[track_caller]
    pub fn op(&self, op: &str) -> OpBuilder<'_> {
        if let Some(def) = op_def::lookup(op) {
            return self.of_op(Some(def.into()));
        }
        let mut builder = self.of_op(None);
        builder.extras().unknown_op = op.to_owned();
        builder
    }

    /// Starts a call of a function.
    #[track_caller]
    pub(super) fn call(&self, function: Arc<Function>) -> OpBuilder<'_> {
        self.of_op(Some(function.into()))
    }

    #[inline]
    #[track_caller]
    fn of_op(&self, op: Option<Op>) -> OpBuilder<'_> {
        let def = op.as_deref();
        let args = def.map_or(0, |def| def.inputs.len());
        let attrs = def.map_or(0, |def| def.attrs.len() + 1);
        OpBuilder {
            graph: self,
            op,
            name: None,
            inputs: Inputs::with_capacity(args),
            args: 0,
            // Besides its own, most nodes have one for their colocation groups.
            attrs: Vec::with_capacity(attrs),
            extras: None,
            location: self.here(Location::caller()),
        }
    }

    /// Gives the next node a name, or tells which node has it.
    pub(super) fn claim(&self, name: &Arc<str>) -> std::result::Result<(), NodeId> {
        let mut state = self.state.borrow_mut();
        let next = NodeId::new(state.nodes.len());
        state.names.set_node(name, next)
    }
}

impl<'g> OpBuilder<'g> {
    /// The node's name in the current scope; without it, the op's name.
    ///
    /// A name that ends in a slash is absolute and not made unique.
    pub fn name<'n>(mut self, name: impl Into<Cow<'n, str>>) -> Self {
        self.set_name(name.into());
        self
    }

    fn set_name(&mut self, name: Cow<'_, str>) {
        let context = self.graph.context.borrow();
        let scope = context.name_scope();
        self.name = Some(match name.strip_suffix('/') == Some(scope) {
            true => Name::Scope(scope.clone()),
            false => Name::Text(name.into_owned()),
        });
    }

    /// The next input.
    pub fn input(mut self, tensor: impl Into<AnyTensor<'g>>) -> Self {
        self.push(tensor.into());
        self.args += 1;
        self
    }

    /// The next input, where the op takes a list.
    pub fn inputs(mut self, tensors: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>) -> Self {
        let start = self.inputs.len();
        tensors
            .into_iter()
            .for_each(|tensor| self.push(tensor.into()));
        self.end_list(start);
        self
    }

    fn push(&mut self, tensor: AnyTensor<'g>) {
        if !self.graph.owns(tensor.operation()) {
            let position = self.inputs.len();
            self.extras().outer.push((position, tensor));
        }
        self.inputs.push(tensor.tensor_ref());
    }

    /// Ends an arg that is a list, the tensors of which start here.
    fn end_list(&mut self, start: usize) {
        let (arg, len) = (self.args, self.inputs.len() - start);
        if len != 1 {
            self.extras().lists.push((arg, len));
        }
        self.args += 1;
    }

    fn extras(&mut self) -> &mut Extras<'g> {
        self.extras.get_or_insert_default()
    }

    /// The next input, made into a tensor now; a constant gets `name`.
    pub(crate) fn operand<T: TensorType>(self, name: &str, operand: impl Operand<'g, T>) -> Self {
        let tensor = operand.into_tensor(self.graph, name);
        self.input(tensor)
    }

    /// An operation that runs before this one.
    pub fn control_input(mut self, operation: impl Into<Operation<'g>>) -> Self {
        let operation = operation.into();
        let is_foreign = !self.graph.owns(operation);
        let extras = self.extras();
        extras.is_foreign |= is_foreign;
        extras.control_inputs.push(operation.id);
        self
    }

    /// An attribute.
    pub fn attr(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<AttrValue>) -> Self {
        self.attrs.push((name.into(), Attr::from(value.into().0)));
        self
    }

    /// Makes the node. A fault is kept for [`GraphBuilder::finish`].
    pub fn finish(mut self) -> Operation<'g> {
        let graph = self.graph;
        self.capture();
        let follows = || self.op.is_some() && self.follows_from_fault();
        let id = if graph.has_failed() || follows() {
            NodeId::POISON
        } else {
            self.check()
                .and_then(|op| self.make_beside_references(op))
                .unwrap_or_else(|fault| self.fault(fault))
        };
        graph.operation_at(id)
    }

    /// Whether a node that comes before could not be made.
    fn follows_from_fault(&self) -> bool {
        let inputs = self.inputs.iter().map(|input| input.node);
        let mut before = inputs.chain(self.control_inputs().iter().copied());
        before.any(|id| id == NodeId::POISON)
    }

    fn control_inputs(&self) -> &[NodeId] {
        let extras = self.extras.as_ref();
        extras.map_or(&[], |extras| &extras.control_inputs)
    }

    fn op_name(&self) -> &str {
        match (&self.op, &self.extras) {
            (Some(op), _) => op.name(),
            (None, Some(extras)) => &extras.unknown_op,
            (None, None) => "",
        }
    }

    /// Replaces the inputs of graphs around by what stands for them in the open one.
    ///
    /// The nodes made for them are named under the node, which gets its name before, as in Python; for a call of a
    /// function, beside it.
    fn capture(&mut self) {
        let outer = match &mut self.extras {
            Some(extras) => std::mem::take(&mut extras.outer),
            None => return,
        };
        if outer.is_empty() {
            return;
        }
        let is_call = self.op.as_ref().is_some_and(|op| op.function().is_some());
        let scope = if is_call {
            String::new()
        } else {
            let requested = match &self.name {
                Some(Name::Scope(scope)) => format!("{scope}/").into(),
                Some(Name::Text(name)) => Cow::Borrowed(name.as_str()),
                None => self.graph.requested_name(self.op_name()),
            };
            let scope = match requested.ends_with('/') {
                true => requested.into_owned(),
                false => format!("{}/", self.graph.unique_name(&requested)),
            };
            self.name = Some(Name::Text(scope.clone()));
            scope
        };
        for (position, tensor) in outer {
            match self.graph.owns_or_captures(tensor, &scope) {
                Some(tensor) => self.inputs[position] = tensor.tensor_ref(),
                None => self.extras().is_foreign = true,
            }
        }
    }

    /// Makes the node and gives its first output.
    pub(crate) fn output(self) -> AnyTensor<'g> {
        self.finish().output(0)
    }

    /// Makes the node and gives its first output, whose element type follows from the inputs and attributes.
    #[track_caller]
    pub(crate) fn typed<T: TensorType>(self) -> Tensor<'g, T> {
        self.output().typed()
    }

    fn fault(&self, Fault(rule, message): Fault) -> NodeId {
        let name = match &self.name {
            Some(Name::Scope(scope)) => scope.to_string(),
            Some(Name::Text(name)) => self.graph.wanted_name(name),
            None => self.graph.wanted_name(self.op_name()),
        };
        self.graph
            .report_node(rule, self.op_name(), &name, self.location, message);
        NodeId::POISON
    }

    /// Makes the node colocated with the variables of the old kind that it takes as references, as Python does.
    fn make_beside_references(&mut self, op: Op) -> Checked<NodeId> {
        let args = op.inputs.iter().zip(self.inputs.iter());
        let references = args.filter(|(arg, _)| arg.is_ref);
        let references: SmallVec<[NodeId; 2]> = references.map(|(_, input)| input.node).collect();
        let graph = self.graph;
        graph.within_groups_of(&references, || self.make(op))
    }

    fn make(&mut self, op: Op) -> Checked<NodeId> {
        let graph = self.graph;
        let name = self.full_name()?;
        if let Err(first) = graph.claim(&name) {
            let first = first_at(graph.node(first).location);
            let message = format!("the graph has a node \"{name}\" already{first}");
            return Err(Fault(Rule::Name, message));
        }
        let node = self.node(op, &name);
        let node = node.inspect_err(|_| graph.state.borrow_mut().names.remove_node(&name))?;
        let id = graph.push(node);
        graph.record_member(id);
        if graph.join_control_flow(id) {
            // Python opens a scope for each op, but for calls of functions and constants.
            let has_scope = {
                let op = &graph.node(id).op;
                op.function().is_none() && op.name() != "Const"
            };
            graph.enter_control_flow(id, has_scope);
        }
        Ok(id)
    }

    /// The name that the node gets.
    fn full_name(&self) -> Checked<Arc<str>> {
        let graph = self.graph;
        let requested = match &self.name {
            // Its bytes have been checked when it was opened.
            Some(Name::Scope(scope)) if is_valid_start(scope) => return Ok(scope.clone()),
            Some(Name::Scope(scope)) => return Err(Fault(Rule::Name, invalid_name(scope))),
            Some(Name::Text(name)) => Cow::Borrowed(name.as_str()),
            None => graph.requested_name(self.op_name()),
        };
        let (name, is_valid): (Arc<str>, bool) = match requested.strip_suffix('/') {
            Some(absolute) => (absolute.into(), is_valid_op_name(absolute)),
            None => {
                // What comes before it is a scope, which has been checked.
                let name = graph.unique_name(&requested);
                let is_valid = is_valid_start(&name) && is_valid_scope_name(&requested);
                (name, is_valid)
            }
        };
        match is_valid {
            true => Ok(name),
            false => Err(Fault(Rule::Name, invalid_name(&name))),
        }
    }

    /// The node, with what the blocks around it add and all that is known of its outputs.
    fn node(&mut self, op: Op, name: &Arc<str>) -> Checked<Node> {
        let graph = self.graph;
        let inputs = std::mem::take(&mut self.inputs);
        let attrs = std::mem::take(&mut self.attrs);
        let surroundings = graph.surroundings(&inputs);
        let mut control_inputs = surroundings.control_inputs;
        control_inputs.extend_from_slice(self.control_inputs());
        control_inputs.retain(|&id| inputs.iter().all(|input| input.node != id));
        control_inputs.sort_unstable();
        control_inputs.dedup();
        let outputs = arity::outputs(&op, &attrs, FREE_OUTPUTS)
            .map_err(|fault| Fault::attr(fault.to_string()))?;
        let mut node = Node {
            outputs,
            name: name.clone(),
            op,
            inputs,
            control_inputs,
            device: surroundings.device,
            attrs,
            origin: Origin::Built,
            location: self.location,
        };
        if let Some(class) = surroundings.class {
            node.add_attr(CLASS, Attr::Shared(class));
        }
        graph
            .check_reach(&node)
            .map_err(|message| Fault(Rule::ControlFlow, message))?;
        graph
            .infer(&mut node)
            .map_err(|message| Fault(Rule::Shape, message))?;
        graph.know(&mut node);
        Ok(node)
    }
}

impl Fault {
    fn attr(message: String) -> Self {
        Fault(Rule::Attribute, message)
    }
}

impl fmt::Debug for OpBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.name {
            Some(Name::Scope(scope)) => Some(&**scope),
            Some(Name::Text(name)) => Some(name.as_str()),
            None => None,
        };
        f.debug_struct("OpBuilder")
            .field("op", &self.op_name())
            .field("name", &name)
            .finish_non_exhaustive()
    }
}
