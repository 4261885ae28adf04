//! The inference of a new node's shapes, also through calls of functions: TensorFlow infers those of the body from what
//! is passed in.

use std::sync::Arc;

use super::facts::shape_fn;
use super::function_def::NO_SHAPES;
use super::import::Body;
use super::library::{Function, Library};
use super::node::{Known, Op, Origin};
use super::op_def::{self, ArgKind};
use super::{Node, NodeId, Output, State, TensorRef, facts};
use crate::dtype::DType;
use crate::proto::tensorflow::AttrValue;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::{MAX_RANK, Shape};

/// How deep calls may be nested; functions that call themselves have no end.
const MAX_DEPTH: usize = 32;

/// The shape of an output, and the shapes and dtypes of the values behind it if it is a handle.
type Outcome = (Shape, Vec<(Shape, DType)>);

/// The source of a new node's shapes: the nodes before it in a graph or in the body of a function.
pub(super) struct ShapeInference<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) library: &'a Library,
    producer: i32,
    /// How many calls of functions the nodes are the body of.
    depth: usize,
}

impl State {
    /// The source of shapes for nodes of the graph that is open.
    pub(super) fn inference(&self) -> ShapeInference<'_> {
        ShapeInference {
            nodes: &self.nodes,
            library: &self.library,
            producer: self.producer(),
            depth: 0,
        }
    }

    /// Works out again what is known of the values of a node that has got other inputs. Its shapes stay as they were
    /// inferred: TensorFlow infers them when it makes a node, and looks at values when a later node asks for them.
    pub(super) fn know_again(&mut self, id: NodeId) {
        let known = shape_fn::know(&self.nodes, &self.nodes[id.index()], self.producer());
        let outputs = self.nodes[id.index()].outputs.iter_mut();
        for (output, known) in outputs.zip(known) {
            output.known.take_value_of(known);
        }
    }
}

impl ShapeInference<'_> {
    /// Sets the shapes of a new node's outputs, or tells why its inputs do not fit.
    pub(super) fn infer(&self, node: &mut Node) -> Result<(), String> {
        if let Some(outcomes) = self.called(node) {
            for (output, (shape, handle)) in node.outputs.iter_mut().zip(outcomes?) {
                output.shape = shape;
                output.known.set_handle(handle);
            }
            return Ok(());
        }
        let inferred = shape_fn::infer(self.nodes, node, self.producer)?;
        debug_assert_eq!(inferred.len(), node.outputs.len(), "{}", node.op.name());
        for (output, shape) in node.outputs.iter_mut().zip(inferred) {
            // No tensor has more dimensions, though shapes can be put together that have.
            let possible = shape.rank().is_none_or(|rank| rank <= MAX_RANK);
            output.shape = if possible { shape } else { Shape::unknown() };
        }
        Ok(())
    }

    /// The source of shapes for the next node in the body of a function that is called here, which has these nodes.
    pub(super) fn inside<'n>(&'n self, nodes: &'n [Node]) -> ShapeInference<'n> {
        ShapeInference {
            nodes,
            library: self.library,
            producer: self.producer,
            depth: self.depth + 1,
        }
    }

    /// Sets what else is known of the outputs, once their shapes are.
    pub(super) fn know(&self, node: &mut Node) {
        let known = shape_fn::know(self.nodes, node, self.producer);
        for (output, known) in node.outputs.iter_mut().zip(known) {
            let inferred = std::mem::replace(&mut output.known, known);
            if output.known.handle().is_empty() {
                output.known.set_handle(inferred.into_handle());
            }
        }
    }

    /// The shapes of the outputs of a call by the function's body, or the fault of a node that does not fit there.
    ///
    /// Nothing is known where TensorFlow does not look at the body either, or where the bodies of a graph are so large
    /// or so many that it would take long.
    fn called(&self, call: &Node) -> Option<Result<Vec<Outcome>, String>> {
        let function = self.callee(call)?;
        let def = &function.op;
        let is_single = |kind| matches!(kind, ArgKind::One(_));
        let single = def.inputs.iter().all(|arg| is_single(arg.kind));
        if self.depth >= MAX_DEPTH || !single || def.inputs.len() != call.inputs.len() {
            return None;
        }
        self.library.spend(function.def.node_def.len() + 1)?;
        let inputs = call.inputs.iter().enumerate();
        let args = inputs.map(|(index, &input)| self.arg(call, index, input));
        let mut nodes = args.collect::<Option<Vec<_>>>()?;
        let attrs = |name: &str| attr_of_call(call, name);
        let body = Body::new(&function, self, &attrs);
        let results = match body.add_to(&mut nodes, call.location)? {
            Ok(results) => results,
            Err(fault) => return Some(Err(format!("function \"{}\": {fault}", def.name))),
        };
        let spent = nodes.iter().map(|node| node.outputs.len()).sum();
        self.library.spend(spent)?;
        let outcomes = results.into_iter().map(|tensor| {
            let output = tensor.output(&nodes);
            (output.shape.clone(), output.known.handle().to_vec())
        });
        let outcomes: Vec<_> = outcomes.collect();
        (outcomes.len() == call.outputs.len()).then_some(Ok(outcomes))
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
                self.library.get(&function.name).cloned()
            }
            _ => None,
        }
    }

    /// The placeholder in a function's body for what is passed to a call.
    fn arg(&self, call: &Node, index: usize, input: TensorRef) -> Option<Node> {
        let passed = self.nodes.get(input.node.index())?;
        let passed = passed.outputs.get(input.index as usize)?;
        let mut known = Known::default();
        known.set_handle(passed.known.handle().to_vec());
        let output = Output {
            dtype: passed.dtype,
            is_ref: false,
            shape: passed.shape.clone(),
            known,
        };
        Some(Node {
            name: format!("arg{index}").into(),
            op: Op::from(op_def::lookup("Placeholder")?),
            inputs: Default::default(),
            control_inputs: Vec::new(),
            device: Arc::default(),
            attrs: Vec::new(),
            outputs: std::iter::once(output).collect(),
            origin: Origin::Imported,
            location: call.location,
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, ImportOptions, Tensor};

    /// TensorFlow 1.15.5 infers `[3, 2]`, whatever the body says of devices and of groups that it does not have.
    #[test]
    fn shapes_of_calls_do_not_follow_from_where_bodies_run() {
        let g = GraphBuilder::new();
        let rows = g.placeholder::<f32>((4, 2));
        let looked_up = g.function("f", ["x"], |x: Tensor<i32>| {
            g.colocate_with(rows, || crate::ops::array::gather(rows, x, ()))
        });
        let called = looked_up.call(g.placeholder::<i32>([3]));
        assert_eq!(called.shape(), Shape::unknown());
        let mut def = g.finish().unwrap().to_graph_def();
        let library = def.message.library.as_mut().unwrap();
        let function = &mut library.function[0];
        function.attr.remove(NO_SHAPES);
        let nodes = function.node_def.iter_mut();
        nodes.for_each(|node| node.device = "/nonsense:x".to_owned());
        let nodes = def.message.node.iter_mut();
        nodes.for_each(|node| drop(node.attr.remove(NO_SHAPES)));
        let again = GraphBuilder::new();
        let options = ImportOptions::new().prefix("");
        again.import_graph_def(def, options).unwrap();
        let called = again.operation("f").unwrap().output(0);
        assert_eq!(called.shape(), Shape::from([3, 2]));
    }
}
