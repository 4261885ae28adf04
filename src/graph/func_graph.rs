//! Bodies of functions that are built as `FuncGraph`s: those of `tf.function` and of control flow version 2.

mod ordered;

use std::sync::Arc;

use super::function_def::{BodyGraph, FunctionAttrs};
use super::library::{Function, LibraryError};
use super::nesting::{BodyKind, ClosedBody};
use super::structure::Leaf;
use super::{AnyTensor, GraphBuilder, Here, NodeId, Operation};
use crate::dtype::DType;
use crate::error::Rule;
use crate::shape::Shape;

/// An argument of a [`FuncGraph`].
pub(super) struct Argument {
    /// The name of the placeholder; empty where the argument has none.
    pub(super) name: String,
    /// Whether the placeholder keeps the name, as those of a `tf.function` do.
    pub(super) is_named: bool,
    pub(super) dtype: DType,
    pub(super) shape: Shape,
}

/// A body that is complete. It can be entered again until it is made a function.
pub(super) struct FuncGraph<'g> {
    graph: &'g GraphBuilder,
    body: ClosedBody<'g>,
    /// The placeholders of all arguments: the own ones, and then those that stand for captures.
    pub(super) inputs: Vec<NodeId>,
    pub(super) outputs: Vec<AnyTensor<'g>>,
    /// The nodes that a call runs though no result needs them.
    control_outputs: Vec<NodeId>,
}

impl GraphBuilder {
    /// Whether control flow is functions where nodes are made now: by the author's wish, or in any `FuncGraph`.
    pub(crate) fn is_control_flow_v2(&self) -> bool {
        let is_func_graph = matches!(self.body_kind(), Some(BodyKind::FuncGraph { .. }));
        is_func_graph || self.state.borrow().control_flow_v2
    }

    /// Whether stateful nodes run in the order of the program where nodes are made now.
    pub(super) fn is_ordered(&self) -> bool {
        self.body_kind() == Some(BodyKind::FuncGraph { is_ordered: true })
    }

    /// Builds a body from a closure that gets the arguments and gives the results.
    ///
    /// An operation among the results becomes the tensor `value`, once it has run.
    pub(super) fn func_graph<'g>(
        &'g self,
        arguments: &[Argument],
        is_ordered: bool,
        value: Option<AnyTensor<'g>>,
        here: Here,
        closure: impl FnOnce(&[AnyTensor<'g>]) -> Vec<Leaf<'g>>,
    ) -> FuncGraph<'g> {
        let kind = BodyKind::FuncGraph { is_ordered };
        let (made, body) = self.in_new_body(kind, || {
            let arguments = self.called_from(here, || {
                let arguments = arguments.iter().map(|argument| self.argument(argument));
                arguments.collect::<Vec<_>>()
            });
            let results = closure(&arguments);
            let _open = self.open_call(here);
            let results = results.into_iter().flat_map(parts);
            let results = results.map(|result| self.converted(result, value, is_ordered));
            // Python captures those of graphs around last.
            let results: Vec<_> = results.collect();
            let outputs = results.into_iter().map(|result| {
                self.owns_or_captures(result, "")
                    .unwrap_or(AnyTensor::poison(self))
            });
            let outputs: Vec<_> = outputs.collect();
            let control_outputs = match is_ordered {
                true => self.order_stateful_nodes(&outputs),
                false => Vec::new(),
            };
            (arguments, outputs, control_outputs)
        });
        let (arguments, outputs, control_outputs) = made;
        let own = arguments.iter().map(|argument| argument.tensor_ref().node);
        let captured = body.captures.iter().map(|&(_, placeholder)| placeholder);
        FuncGraph {
            graph: self,
            inputs: own.chain(captured).collect(),
            body,
            outputs,
            control_outputs,
        }
    }

    /// The placeholder that stands for an argument.
    fn argument(&self, argument: &Argument) -> AnyTensor<'_> {
        let name = match argument.name.as_str() {
            "" => "placeholder",
            name => name,
        };
        let placeholder = self.op("Placeholder").name(name);
        let placeholder = placeholder.attr("dtype", argument.dtype);
        let placeholder = placeholder.attr("shape", &argument.shape);
        let placeholder = match argument.is_named {
            true => placeholder.attr("_user_specified_name", name),
            false => placeholder,
        };
        placeholder.output()
    }

    /// A result as a tensor of the body that is open, or of a graph around.
    fn converted<'g>(
        &'g self,
        result: Result<AnyTensor<'g>, Operation<'g>>,
        value: Option<AnyTensor<'g>>,
        is_ordered: bool,
    ) -> AnyTensor<'g> {
        let identity = |tensor: AnyTensor<'g>| self.op("Identity").input(tensor).output();
        let result = match (result, value) {
            (Ok(tensor), _) => tensor,
            (Err(operation), Some(value)) => {
                self.control_dependencies([operation], || identity(value))
            }
            (Err(operation), None) => {
                let name = operation.name();
                let message = format!("a result is the operation \"{name}\", expected a tensor");
                self.report(Rule::Inputs, message);
                AnyTensor::poison(self)
            }
        };
        if result.is_poison() {
            return result;
        }
        if !self.owns_or_is_inside(result.operation()) {
            self.report(Rule::OtherGraph, "a result is of another graph");
            return AnyTensor::poison(self);
        }
        match is_ordered {
            true => identity(result),
            false => result,
        }
    }
}

impl<'g> FuncGraph<'g> {
    /// The tensors of graphs around that a call passes after the arguments.
    pub(super) fn captures(&self) -> impl Iterator<Item = AnyTensor<'g>> + '_ {
        self.body.captures.iter().map(|&(tensor, _)| tensor)
    }

    /// The placeholders for the captures, in their order.
    pub(super) fn captured(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.body
            .captures
            .iter()
            .map(|&(_, placeholder)| placeholder)
    }

    /// The operations of graphs around that a call waits for.
    pub(super) fn controls(&self) -> &[Operation<'g>] {
        &self.body.controls
    }

    /// Whether all of it could be made. If not, that has been reported.
    pub(super) fn is_whole(&self) -> bool {
        !self.inputs.contains(&NodeId::POISON) && self.outputs.iter().all(|it| !it.is_poison())
    }

    /// Whether a node of the body has an effect, or a result that depends on more than its inputs.
    pub(super) fn is_stateful(&self) -> bool {
        let nodes = self.graph.nodes_of(self.body.number);
        nodes.iter().any(|node| node.op.is_stateful)
    }

    /// Runs `f` with the body open again.
    pub(super) fn enter<R>(mut self, f: impl FnOnce() -> R) -> (R, Self) {
        let (result, body) = self.graph.in_body(self.body, f);
        self.body = body;
        (result, self)
    }

    /// The tensor of the body with this node.
    pub(super) fn tensor(&self, node: NodeId) -> AnyTensor<'g> {
        Operation::of(self.graph, self.body.number, node).output(0)
    }

    /// The function of this name, which is part of a graph once it is added.
    pub(super) fn to_function(
        &self,
        name: &str,
        attrs: FunctionAttrs,
    ) -> Result<Arc<Function>, LibraryError> {
        let nodes = self.graph.nodes_of(self.body.number);
        let results: Vec<_> = self.outputs.iter().map(|it| it.tensor_ref()).collect();
        let graph = BodyGraph {
            nodes: &nodes,
            arguments: &self.inputs,
            results: &results,
            result_names: &[],
            control_outputs: &self.control_outputs,
        };
        let mut def = graph.to_function_def(name, attrs);
        graph.add_shapes(&mut def);
        let callees = self.body.callees.values().cloned().collect();
        Function::new(def, callees).map(Arc::new)
    }
}

/// The tensors that a leaf is, or the operation.
fn parts<'g>(leaf: Leaf<'g>) -> Vec<Result<AnyTensor<'g>, Operation<'g>>> {
    match leaf {
        Leaf::Tensor(tensor) => vec![Ok(tensor)],
        Leaf::Sparse(parts) => parts.map(Ok).to_vec(),
        Leaf::Ragged { components, .. } => components.into_iter().map(Ok).collect(),
        Leaf::Operation(operation) => vec![Err(operation)],
    }
}
