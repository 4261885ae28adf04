//! Matching the nodes of a file with their ops or functions.

use std::borrow::Cow;
use std::sync::Arc;

use super::error::NodeFault;
use super::place::{Nodes, Placer};
use super::plan::Wired;
use super::{Here, TensorRef};
use crate::graph::arity::{self, FREE_OUTPUTS};
use crate::graph::attr::{check_attr, type_name};
use crate::graph::graph_def::{OUTPUT_SHAPES, checked_shape};
use crate::graph::library::LibraryError;
use crate::graph::node::{Attr, Attrs, Op, Origin, Outputs};
use crate::graph::op_def::{self, OpDef};
use crate::graph::{Library, Node};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{
    AttrValue as AttrProto, FunctionDefLibrary, NodeDef, TensorShapeProto, VersionDef,
};
use crate::shape::Shape;

/// The nodes of a file.
pub(super) struct FileNodes {
    nodes: Vec<NodeDef>,
    library: Option<FunctionDefLibrary>,
    versions: VersionDef,
    matcher: Matcher,
}

/// The state of matching nodes with their ops.
pub(super) struct Matcher {
    /// The version whose ops the nodes have; none for a function's body, which may have any.
    producer: Option<i32>,
    /// How many outputs nodes may still have: as many as any node may, and one for each byte of the file.
    outputs_left: usize,
    location: Here,
    /// The shapes that the file has for the outputs of the last node.
    shapes: Vec<Shape>,
}

impl FileNodes {
    pub(super) fn new(
        nodes: Vec<NodeDef>,
        library: Option<FunctionDefLibrary>,
        versions: VersionDef,
        size: usize,
        location: Here,
    ) -> Self {
        FileNodes {
            nodes,
            library,
            matcher: Matcher::new(Some(versions.producer), size, location),
            versions,
        }
    }
}

impl Nodes for FileNodes {
    fn place_of_shapes(&self) -> &'static str {
        "attribute \"_output_shapes\""
    }

    fn add_functions(&mut self, library: &mut Arc<Library>) -> Result<(), LibraryError> {
        match self.library.take() {
            Some(functions) => Arc::make_mut(library).add(functions),
            None => Ok(()),
        }
    }

    fn versions(&self) -> VersionDef {
        self.versions.clone()
    }

    fn op(&self, place: usize) -> &str {
        &self.nodes[place].op
    }

    fn node(
        &mut self,
        place: usize,
        wired: Wired,
        placer: &mut Placer<'_>,
    ) -> Result<Node, NodeFault> {
        let attrs = std::mem::take(&mut self.nodes[place].attr).into_iter();
        let mut attrs = attrs.map(|(name, value)| (name.into(), value.into()));
        let def = &self.nodes[place];
        let mut node = {
            let state = placer.graph.state.borrow();
            let known = (&*state.library, &*state.nodes);
            self.matcher.node(&def.op, &mut attrs, wired, known)?
        };
        node.device = placer.device(&def.device).map_err(NodeFault::Device)?;
        Ok(node)
    }

    fn shape(&self, _: usize, output: usize) -> Option<&Shape> {
        self.matcher.shapes.get(output)
    }
}

/// The attributes of a node, sorted by name.
pub(super) type GivenAttrs<'a> = dyn ExactSizeIterator<Item = (Cow<'a, str>, Attr)> + 'a;

impl Matcher {
    pub(super) fn new(producer: Option<i32>, size: usize, location: Here) -> Self {
        Matcher {
            producer,
            outputs_left: FREE_OUTPUTS + size,
            location,
            shapes: Vec::new(),
        }
    }

    /// The node of this op with these attributes, on no device, in a graph with these functions and nodes.
    pub(super) fn node(
        &mut self,
        op: &str,
        attrs: &mut GivenAttrs<'_>,
        wired: Wired,
        (library, nodes): (&Library, &[Node]),
    ) -> Result<Node, NodeFault> {
        let op = match library.get(op) {
            Some(function) => Op::from(function.clone()),
            None => Op::from(op_def::lookup(op).ok_or(NodeFault::UnknownOp)?),
        };
        let (attrs, outputs) = self.matched(nodes, &op, attrs, &wired.inputs)?;
        Ok(Node {
            name: wired.name,
            op,
            inputs: wired.inputs,
            control_inputs: wired.control_inputs,
            device: Arc::default(),
            attrs,
            outputs,
            origin: Origin::Imported,
            location: self.location,
        })
    }

    /// The attributes and outputs of a node of this op.
    fn matched(
        &mut self,
        nodes: &[Node],
        op: &OpDef,
        given: &mut GivenAttrs<'_>,
        inputs: &[TensorRef],
    ) -> Result<(Attrs, Outputs), NodeFault> {
        let is_removed = |version| self.producer.is_some_and(|producer| version <= producer);
        let removed = op.deprecation.as_ref().filter(|it| is_removed(it.version));
        if let Some(deprecation) = removed {
            return Err(NodeFault::Removed(deprecation.explanation.clone()));
        }
        let mut attrs = Attrs::with_capacity(given.len());
        let mut shapes = None;
        for (name, value) in given {
            let name = match op.attr(&name) {
                Some(def) if value.value.is_none() && def.default.is_some() => continue,
                Some(def) => {
                    check_attr(def, &value).map_err(NodeFault::Attr)?;
                    def.name.clone()
                }
                None if name.starts_with('_') => Cow::Owned(name.into_owned()),
                None => return Err(NodeFault::UnknownAttr(name.into_owned())),
            };
            check_shapes(&value)?;
            match &*name {
                OUTPUT_SHAPES => shapes = Some(value),
                _ => attrs.push((name, value)),
            }
        }
        let missing = op
            .attrs
            .iter()
            .find(|def| def.default.is_none() && !attrs.iter().any(|(name, _)| *name == def.name));
        if let Some(def) = missing {
            return Err(NodeFault::MissingAttr(def.name.to_string()));
        }
        check_inputs(nodes, op, &attrs, inputs)?;
        let outputs = arity::outputs(op, &attrs, self.outputs_left)?;
        self.outputs_left -= outputs.len();
        self.shapes.clear();
        if let Some(shapes) = shapes {
            self.shapes = output_shapes(&shapes, outputs.len())?;
        }
        Ok((attrs, outputs))
    }
}

/// Checks the dtypes of a node's inputs.
pub(super) fn check_inputs(
    nodes: &[Node],
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

/// The shapes that the file has for the outputs of a node; there may be more than outputs.
fn output_shapes(value: &AttrProto, outputs: usize) -> Result<Vec<Shape>, NodeFault> {
    match &value.value {
        Some(Value::List(list)) if list.shape.len() >= outputs => {
            let shapes = list.shape.iter().take(outputs);
            let shapes: Result<_, _> = shapes.map(checked_shape).collect();
            shapes.map_err(NodeFault::Shape)
        }
        Some(Value::List(list)) => Err(NodeFault::Shape(format!(
            "attribute \"{OUTPUT_SHAPES}\" has {} shapes, the node {outputs} outputs",
            list.shape.len(),
        ))),
        _ => Err(NodeFault::Shape(format!(
            "attribute \"{OUTPUT_SHAPES}\" is not a list of shapes"
        ))),
    }
}
