//! Shapes through calls of functions: TensorFlow infers those of the body from what is passed in.

use std::sync::Arc;

use super::function_def::NO_SHAPES;
use super::import::Body;
use super::library::Function;
use super::op_def::ArgKind;
use super::{AnyTensor, GraphBuilder, Node, facts};
use crate::dtype::DType;
use crate::proto::tensorflow::AttrValue;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

/// How deep calls may be nested; functions that call themselves have no end.
const MAX_DEPTH: usize = 32;

/// The shape of an output, and the shapes and dtypes of the values behind it if it is a handle.
pub(super) type Outcome = (Shape, Vec<(Shape, DType)>);

impl GraphBuilder {
    /// The shapes of the outputs of a call by the function's body, or the fault of a node that does not fit there.
    ///
    /// Nothing is known where TensorFlow does not look at the body either, or where the bodies of a graph are so large
    /// or so many that it would take long.
    pub(super) fn called(&self, node: &Node) -> Option<Result<Vec<Outcome>, String>> {
        let function = self.callee(node)?;
        let depth = self.state.borrow().depth + 1;
        let library = self.state.borrow().library.clone();
        let def = &function.op;
        let is_single = |kind| matches!(kind, ArgKind::One(_));
        let single = def.inputs.iter().all(|arg| is_single(arg.kind));
        if depth > MAX_DEPTH || !single || def.inputs.len() != node.inputs.len() {
            return None;
        }
        library.spend(function.def.node_def.len() + 1)?;
        let inner = GraphBuilder::new();
        {
            let mut state = inner.state.borrow_mut();
            state.depth = depth;
            state.library = library.clone();
            state.versions = self.state.borrow().versions.clone();
        }
        let args = self.args(&inner, node);
        let attrs = |name: &str| attr_of_call(node, name);
        let body = Body::new(&function, &library, &attrs, &args);
        let results = match body.place(&inner, node.location)? {
            Ok(results) => results,
            Err(fault) => return Some(Err(format!("function \"{}\": {fault}", def.name))),
        };
        let nodes = inner.nodes();
        library.spend(nodes.iter().map(|node| node.outputs.len()).sum())?;
        let outcomes = results.into_iter().map(|tensor| {
            let output = tensor.output(&nodes);
            (output.shape.clone(), output.known.handle().to_vec())
        });
        let outcomes: Vec<_> = outcomes.collect();
        (outcomes.len() == node.outputs.len()).then_some(Ok(outcomes))
    }

    /// The function that a node calls.
    fn callee(&self, node: &Node) -> Option<Arc<Function>> {
        let is_opaque = || node.bool_attr(NO_SHAPES) == Some(true);
        let calls_function = facts::of(&node.op).calls_function;
        match (node.op.function(), calls_function) {
            (Some(function), _) if !is_opaque() => Some(function.clone()),
            (None, true) if !is_opaque() => {
                let Some(Value::Func(function)) = node.attr("f") else {
                    return None;
                };
                let state = self.state.borrow();
                state.library.get(&function.name).cloned()
            }
            _ => None,
        }
    }

    /// Placeholders in another graph for what is passed to a call.
    fn args<'g>(&self, inner: &'g GraphBuilder, call: &Node) -> Vec<AnyTensor<'g>> {
        let nodes = self.nodes();
        let arg = |index: usize| {
            let input = call.inputs[index];
            let passed = nodes
                .get(input.node.index())?
                .outputs
                .get(input.index as usize)?;
            let name = format!("arg{index}");
            let made = inner
                .op("Placeholder")
                .name(name)
                .attr("dtype", passed.dtype);
            let tensor = made.finish().output(0);
            if tensor.is_poison() {
                return None;
            }
            let mut state = inner.state.borrow_mut();
            let output = &mut state.nodes[tensor.tensor_ref().node.index()].outputs[0];
            output.shape = passed.shape.clone();
            output.known.set_handle(passed.known.handle().to_vec());
            drop(state);
            Some(tensor)
        };
        let args: Option<Vec<_>> = (0..call.inputs.len()).map(arg).collect();
        args.unwrap_or_default()
    }
}

/// The value of a function's attribute in a call.
fn attr_of_call<'a>(call: &'a Node, name: &str) -> Option<&'a AttrValue> {
    if call.op.function().is_some() {
        let mut attrs = call.attrs.iter();
        return attrs
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value);
    }
    match call.attr("f") {
        Some(Value::Func(function)) => function.attr.get(name),
        _ => None,
    }
}
