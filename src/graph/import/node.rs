//! Matching a node of a file with its op or function.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::error::NodeFault;
use super::{Importer, NodeId, TensorRef};
use crate::graph::Node;
use crate::graph::arity;
use crate::graph::attr::type_name;
use crate::graph::facts;
use crate::graph::graph_def::{OUTPUT_SHAPES, checked_shape};
use crate::graph::node::{Attr, Attrs, Inputs, Op, Origin, Outputs};
use crate::graph::op_builder::check_attr;
use crate::graph::op_def::{self, OpDef};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{AttrValue as AttrProto, NodeDef, TensorShapeProto};
use crate::shape::{MAX_RANK, Shape};

impl Importer<'_> {
    /// The node with these inputs, still under its name in the file and without shapes.
    pub(super) fn node(
        &mut self,
        def: NodeDef,
        inputs: Inputs,
        control_inputs: Vec<NodeId>,
    ) -> Result<Node, NodeFault> {
        let op = match self.graph.state.borrow().library.get(&def.op) {
            Some(function) => Op::from(function.clone()),
            None => Op::from(op_def::lookup(&def.op).ok_or(NodeFault::UnknownOp)?),
        };
        let (attrs, outputs) = self.matched(&op, def.attr, &inputs)?;
        let device = self.graph.device_within(&def.device);
        Ok(Node {
            name: def.name.into(),
            op,
            inputs,
            control_inputs,
            device: device.map_err(NodeFault::Device)?.into(),
            attrs,
            outputs,
            origin: Origin::Imported,
            location: self.location,
        })
    }

    /// The attributes and outputs of a node of this op.
    fn matched(
        &mut self,
        op: &OpDef,
        given: BTreeMap<String, AttrProto>,
        inputs: &[TensorRef],
    ) -> Result<(Attrs, Outputs), NodeFault> {
        let is_removed = |version| self.producer.is_some_and(|producer| version <= producer);
        let removed = op.deprecation.as_ref().filter(|it| is_removed(it.version));
        if let Some(deprecation) = removed {
            return Err(NodeFault::Removed(deprecation.explanation.clone()));
        }
        let mut attrs = Attrs::with_capacity(given.len());
        for (name, value) in given {
            match op.attr(&name) {
                Some(def) if value.value.is_none() && def.default.is_some() => continue,
                Some(def) => check_attr(def, &value)?,
                None if name.starts_with('_') => {}
                None => return Err(NodeFault::UnknownAttr(name)),
            }
            check_shapes(&value)?;
            attrs.push((Cow::Owned(name), Attr::Own(value)));
        }
        // The map was sorted by name already.
        let missing = op
            .attrs
            .iter()
            .find(|def| def.default.is_none() && !attrs.iter().any(|(name, _)| *name == def.name));
        if let Some(def) = missing {
            return Err(NodeFault::MissingAttr(def.name.to_string()));
        }
        self.check_inputs(op, &attrs, inputs)?;
        let outputs = arity::outputs(op, &attrs, self.outputs_left)?;
        self.outputs_left -= outputs.len();
        Ok((attrs, outputs))
    }

    fn check_inputs(
        &self,
        op: &OpDef,
        attrs: &Attrs,
        inputs: &[TensorRef],
    ) -> Result<(), NodeFault> {
        let found = inputs.len();
        let count = |expected| NodeFault::InputCount { expected, found };
        let expected = arity::types(op, &op.inputs, attrs, found as u64)?.map_err(count)?;
        if expected.len() != found {
            return Err(count(expected.len() as u64));
        }
        let nodes = self.graph.nodes();
        for (tensor, (number, is_ref)) in inputs.iter().zip(expected) {
            // The back edge of a loop comes from a node that is yet to be made.
            let Some(node) = nodes.get(tensor.node.index()) else {
                continue;
            };
            let outputs = node.outputs.len();
            let input = || node.name.to_string();
            let Some(output) = node.outputs.get(tensor.index as usize) else {
                return Err(NodeFault::OutputIndex {
                    input: input(),
                    index: tensor.index,
                    outputs,
                });
            };
            if output.dtype.number() != number || (is_ref && !output.is_ref) {
                let reference = |is_ref| if is_ref { "a reference to " } else { "" };
                return Err(NodeFault::InputType {
                    input: input(),
                    expected: format!("{}{}", reference(is_ref), type_name(number)),
                    found: format!("{}{}", reference(output.is_ref && is_ref), output.dtype),
                });
            }
        }
        Ok(())
    }
}

/// Shapes in attributes have no more dimensions than TensorFlow allows.
fn check_shapes(value: &AttrProto) -> Result<(), NodeFault> {
    let check = |shape: &TensorShapeProto| {
        checked_shape(shape)
            .map(|_| ())
            .map_err(|message| NodeFault::Shape(message.to_string()))
    };
    match &value.value {
        Some(Value::Shape(shape)) => check(shape),
        Some(Value::Tensor(tensor)) => tensor.tensor_shape.iter().try_for_each(check),
        Some(Value::List(list)) => {
            let tensors = list
                .tensor
                .iter()
                .filter_map(|tensor| tensor.tensor_shape.as_ref());
            list.shape.iter().chain(tensors).try_for_each(check)
        }
        _ => Ok(()),
    }
}

/// Removes the shapes that the file has for the node's outputs; there may be more than outputs.
pub(super) fn take_output_shapes(node: &mut Node) -> Result<Option<Vec<Shape>>, NodeFault> {
    let Some(value) = node.remove_attr(OUTPUT_SHAPES) else {
        return Ok(None);
    };
    match value.value {
        Some(Value::List(list)) if list.shape.len() >= node.outputs.len() => {
            let shapes = list.shape.iter().take(node.outputs.len());
            let shapes = shapes.map(checked_shape);
            let shapes: Result<_, _> = shapes.collect();
            shapes.map(Some).map_err(NodeFault::Shape)
        }
        Some(Value::List(list)) => Err(NodeFault::Shape(format!(
            "attribute \"{OUTPUT_SHAPES}\" has {} shapes, the node {} outputs",
            list.shape.len(),
            node.outputs.len()
        ))),
        _ => Err(NodeFault::Shape(format!(
            "attribute \"{OUTPUT_SHAPES}\" is not a list of shapes"
        ))),
    }
}

/// Adds what the file knows of the shapes to what was inferred.
pub(super) fn merge_shapes(node: &mut Node, shapes: &[Shape]) -> Result<(), NodeFault> {
    debug_assert!(
        shapes
            .iter()
            .all(|shape| shape.rank().unwrap_or(0) <= MAX_RANK)
    );
    let may_differ = facts::of(&node.op).had_another_shape;
    for (index, (output, shape)) in node.outputs.iter_mut().zip(shapes).enumerate() {
        match output.shape.merge(shape) {
            Some(merged) => output.shape = merged,
            None if may_differ => {}
            None => {
                return Err(NodeFault::Shape(format!(
                    "attribute \"{OUTPUT_SHAPES}\" has {shape} for output {index}, inferred is {}",
                    output.shape
                )));
            }
        }
    }
    Ok(())
}
