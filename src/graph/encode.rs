//! A graph as TensorFlow's messages: `GraphDef`, the op list, collections.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;

use super::attr::shape_proto;
use super::collection::Item;
use super::names::tensor_name;
use super::node::Op;
use super::{Graph, Node, TensorRef};
use crate::proto::length_delimited;
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::collection_def::{BytesList, Kind, NodeList};
use crate::proto::tensorflow::{
    AttrValue, CollectionDef, FunctionDef, GraphDef, OpList, VersionDef,
};

/// The GraphDef version that TensorFlow 1.15 writes.
pub(super) const PRODUCER: i32 = 134;

/// The least consumer that knows functions.
const MIN_CONSUMER_OF_FUNCTIONS: i32 = 12;

/// The versions of a graph that came from nowhere else.
pub(super) fn own_versions() -> VersionDef {
    VersionDef {
        producer: PRODUCER,
        ..VersionDef::default()
    }
}

/// The attribute that tells the shapes of a node's outputs.
const OUTPUT_SHAPES: &str = "_output_shapes";

/// Numbers of fields.
mod field {
    pub(super) const GRAPH_NODE: u32 = 1;
    pub(super) const NODE_NAME: u32 = 1;
    pub(super) const NODE_OP: u32 = 2;
    pub(super) const NODE_INPUT: u32 = 3;
    pub(super) const NODE_DEVICE: u32 = 4;
    pub(super) const NODE_ATTR: u32 = 5;
    pub(super) const ENTRY_KEY: u32 = 1;
    pub(super) const ENTRY_VALUE: u32 = 2;
}

/// Writes a field that is bytes, text or a message.
fn put(field: u32, bytes: &[u8], out: &mut Vec<u8>) {
    length_delimited(field, bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn output_shapes(node: &Node) -> AttrValue {
    let shapes = node.outputs.iter().map(|output| shape_proto(&output.shape));
    let list = ListValue {
        shape: shapes.collect(),
        ..ListValue::default()
    };
    AttrValue {
        value: Some(Value::List(Box::new(list))),
    }
}

impl Graph {
    fn versions(&self) -> VersionDef {
        let mut versions = self.imported_versions().clone();
        if !self.library().is_empty() {
            versions.min_consumer = versions.min_consumer.max(MIN_CONSUMER_OF_FUNCTIONS);
        }
        versions
    }

    /// The graph with default attributes left out and the inferred shapes in `_output_shapes`, maps sorted by key.
    ///
    /// Attributes are those that `replaced` gives, where it gives one.
    pub(crate) fn to_encoded_message(
        &self,
        replaced: impl Fn(&Node, &str) -> Option<AttrValue>,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (mut node_def, mut scratch) = (Vec::new(), Vec::new());
        for node in self.nodes() {
            self.encode_node(node, &replaced, &mut node_def, &mut scratch);
            put(field::GRAPH_NODE, &node_def, &mut bytes);
        }
        let rest = GraphDef {
            library: self.library().to_proto(),
            versions: Some(self.versions()),
            ..GraphDef::default()
        };
        bytes.extend(rest.encode_to_vec());
        bytes
    }

    /// The same as a message.
    pub(crate) fn to_message(&self) -> GraphDef {
        let bytes = self.to_encoded_message(|_, _| None);
        GraphDef::decode(bytes.as_slice()).expect("it was encoded here")
    }

    /// Writes the `NodeDef` of a node, piece by piece: graphs have many.
    fn encode_node(
        &self,
        node: &Node,
        replaced: impl Fn(&Node, &str) -> Option<AttrValue>,
        out: &mut Vec<u8>,
        scratch: &mut Vec<u8>,
    ) {
        out.clear();
        put(field::NODE_NAME, node.name.as_bytes(), out);
        put(field::NODE_OP, node.op.name().as_bytes(), out);
        for &input in &node.inputs {
            let name = &self.node(input.node).name;
            match input.index {
                0 => put(field::NODE_INPUT, name.as_bytes(), out),
                _ => put(field::NODE_INPUT, self.tensor_name(input).as_bytes(), out),
            }
        }
        for name in self.control_input_names(node) {
            put(field::NODE_INPUT, name.as_bytes(), out);
        }
        if !node.device.is_empty() {
            put(field::NODE_DEVICE, node.device.as_bytes(), out);
        }
        let shapes = (!node.outputs.is_empty()).then(|| output_shapes(node));
        let shapes = shapes.as_ref().map(|shapes| (OUTPUT_SHAPES, shapes));
        let mut attrs: Vec<_> = node
            .non_default_attrs()
            .filter(|(name, _)| shapes.is_none() || *name != OUTPUT_SHAPES)
            .collect();
        let position = attrs.partition_point(|(name, _)| *name < OUTPUT_SHAPES);
        attrs.splice(position..position, shapes);
        for (name, value) in attrs {
            scratch.clear();
            put(field::ENTRY_KEY, name.as_bytes(), scratch);
            let replaced = replaced(node, name);
            let value = replaced.as_ref().unwrap_or(value);
            prost::encoding::message::encode(field::ENTRY_VALUE, value, scratch);
            put(field::NODE_ATTR, scratch, out);
        }
    }

    /// A tensor as a node's input spells it: output 0 goes without its number.
    pub(super) fn input_name(&self, tensor: TensorRef) -> String {
        match tensor.index {
            0 => self.node(tensor.node).name.to_string(),
            _ => self.tensor_name(tensor),
        }
    }

    /// The operations that a node waits for, as its inputs spell them.
    pub(super) fn control_input_names(&self, node: &Node) -> Vec<String> {
        let inputs = node.control_inputs.iter();
        let mut names: Vec<_> = inputs
            .map(|&id| format!("^{}", self.node(id).name))
            .collect();
        names.sort_unstable();
        names
    }

    /// A tensor as signatures and collections spell it.
    pub(crate) fn tensor_name(&self, tensor: TensorRef) -> String {
        tensor_name(&self.node(tensor.node).name, tensor.index)
    }

    /// An item of a collection as a node list spells it.
    pub(crate) fn item_name(&self, item: &Item) -> String {
        match item {
            Item::Tensor(tensor) => self.tensor_name(*tensor),
            Item::Operation(id) => self.node(*id).name.to_string(),
            Item::Bytes(bytes) => format!("{} bytes", bytes.len()),
        }
    }

    /// The definitions of the ops that the graph uses, those in functions that nodes are calls of included, sorted by
    /// name.
    ///
    /// As in TensorFlow, functions that attributes name are not followed.
    pub(crate) fn to_op_list(&self) -> OpList {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut functions: Vec<&FunctionDef> = Vec::new();
        for node in self.nodes() {
            if let (Op::Function(function), true) = (&node.op, used.insert(node.op.name())) {
                functions.push(function);
            }
        }
        while let Some(function) = functions.pop() {
            for node in &function.node_def {
                if used.insert(&node.op) {
                    functions.extend(self.library().get(&node.op).map(|function| &**function));
                }
            }
        }
        let op = used
            .into_iter()
            .filter_map(super::op_def::lookup)
            .map(|op| op.proto().clone());
        OpList { op: op.collect() }
    }

    /// The collections with at least one item.
    pub(crate) fn to_collection_defs(&self) -> BTreeMap<String, CollectionDef> {
        let def = |items: &[Item]| {
            let mut nodes = NodeList::default();
            let mut bytes = BytesList::default();
            for item in items {
                match item {
                    Item::Bytes(value) => bytes.value.push(value.clone()),
                    _ => nodes.value.push(self.item_name(item)),
                }
            }
            let kind = if bytes.value.is_empty() {
                Kind::NodeList(nodes)
            } else {
                Kind::BytesList(bytes)
            };
            CollectionDef { kind: Some(kind) }
        };
        let collections = self.collections().iter();
        collections
            .map(|(key, items)| (key.to_owned(), def(items)))
            .collect()
    }
}
