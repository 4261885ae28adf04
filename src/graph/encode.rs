//! A graph as TensorFlow's messages: `GraphDef`, the op list, collections.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;

use super::attr::shape_proto;
use super::collection::Item;
use super::node::Op;
use super::{Graph, Node, TensorRef};
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::collection_def::{BytesList, Kind, NodeList};
use crate::proto::tensorflow::{
    AttrValue, CollectionDef, FunctionDef, GraphDef, NodeDef, OpList, VersionDef,
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

impl Graph {
    fn versions(&self) -> VersionDef {
        let mut versions = self.imported_versions().clone();
        if !self.library().is_empty() {
            versions.min_consumer = versions.min_consumer.max(MIN_CONSUMER_OF_FUNCTIONS);
        }
        versions
    }

    /// The graph with default attributes left out and the inferred shapes in `_output_shapes`.
    pub(crate) fn to_message(&self) -> GraphDef {
        GraphDef {
            node: self
                .nodes()
                .iter()
                .map(|node| self.node_def(node))
                .collect(),
            library: self.library().to_proto(),
            versions: Some(self.versions()),
            ..GraphDef::default()
        }
    }

    /// The same encoded, without a message of all nodes at a time, and each node as `change` leaves it.
    pub(crate) fn to_encoded_message(&self, change: impl Fn(&mut NodeDef)) -> Vec<u8> {
        let mut bytes = Vec::new();
        for node in self.nodes() {
            let mut def = self.node_def(node);
            change(&mut def);
            // The field `node` of a GraphDef.
            prost::encoding::message::encode(1, &def, &mut bytes);
        }
        let rest = GraphDef {
            library: self.library().to_proto(),
            versions: Some(self.versions()),
            ..GraphDef::default()
        };
        bytes.extend(rest.encode_to_vec());
        bytes
    }

    fn node_def(&self, node: &Node) -> NodeDef {
        let attrs = node.non_default_attrs();
        let mut attr: BTreeMap<_, _> = attrs
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        if !node.outputs.is_empty() {
            let shape = node
                .outputs
                .iter()
                .map(|output| shape_proto(&output.shape))
                .collect();
            let list = Value::List(ListValue {
                shape,
                ..ListValue::default()
            });
            attr.insert("_output_shapes".to_owned(), AttrValue { value: Some(list) });
        }
        NodeDef {
            name: node.name.to_string(),
            op: node.op.name().to_owned(),
            input: self.input_names(node),
            device: node.device.to_string(),
            attr,
            ..NodeDef::default()
        }
    }

    /// A tensor as a node's input spells it: output 0 goes without its number.
    pub(super) fn input_name(&self, tensor: TensorRef) -> String {
        match tensor.index {
            0 => self.node(tensor.node).name.to_string(),
            _ => self.tensor_name(tensor),
        }
    }

    /// A tensor as signatures and collections spell it.
    pub(crate) fn tensor_name(&self, tensor: TensorRef) -> String {
        format!("{}:{}", self.node(tensor.node).name, tensor.index)
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
