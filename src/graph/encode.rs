//! A graph as TensorFlow's messages: `GraphDef`, the op list, collections.

use std::cmp::Ordering;

use super::attr::{dim_size, shape_proto};
use super::collection::Item;
use super::names::tensor_name;
use super::node::CLASS;
use super::op_def::{self, OpDef, Standing};
use super::{Graph, HashSet, Node, TensorRef};
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::collection_def::{BytesList, Kind, NodeList};
use crate::proto::tensorflow::{
    AttrValue, CollectionDef, FunctionDef, GraphDef, NodeDef, OpList, VersionDef,
};
use crate::proto::{Lengths, Message as _, delimited_len, key_len, length_delimited, number};
use crate::shape::Shape;
use crate::sort::sort_by;
use crate::sorted_map::SortedMap;
use crate::varint;

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
    pub(super) const ATTR_LIST: u32 = 1;
    pub(super) const LIST_SHAPE: u32 = 7;
    pub(super) const SHAPE_DIM: u32 = 2;
    pub(super) const SHAPE_UNKNOWN_RANK: u32 = 3;
    pub(super) const DIM_SIZE: u32 = 1;
}

/// Writes a field that is bytes, text or a message.
fn put(field: u32, bytes: &[u8], out: &mut Vec<u8>) {
    length_delimited(field, bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Writes an attribute, whose value takes `len` bytes and is written by `value`.
fn put_attr(name: &str, len: usize, value: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    let entry =
        delimited_len(field::ENTRY_KEY, name.len()) + delimited_len(field::ENTRY_VALUE, len);
    length_delimited(field::NODE_ATTR, entry, out);
    put(field::ENTRY_KEY, name.as_bytes(), out);
    length_delimited(field::ENTRY_VALUE, len, out);
    value(out);
}

/// Writes the attribute with the shapes of a node's outputs. It is larger than all else of most nodes, so that no
/// message is made for it.
fn put_output_shapes(node: &Node, out: &mut Vec<u8>) {
    let shapes = || node.outputs.iter().map(|output| &output.shape);
    let list = shapes().map(|shape| delimited_len(field::LIST_SHAPE, shape_len(shape)));
    let list = list.sum();
    let write = |out: &mut Vec<u8>| {
        length_delimited(field::ATTR_LIST, list, out);
        for shape in shapes() {
            length_delimited(field::LIST_SHAPE, shape_len(shape), out);
            put_shape(shape, out);
        }
    };
    put_attr(
        OUTPUT_SHAPES,
        delimited_len(field::ATTR_LIST, list),
        write,
        out,
    );
}

/// The bytes that the message of a dimension takes.
fn dim_len(dim: Option<usize>) -> usize {
    match dim_size(dim) {
        0 => 0,
        size => key_len(field::DIM_SIZE) + varint::len(size as u64),
    }
}

/// The bytes that the message of a shape takes.
fn shape_len(shape: &Shape) -> usize {
    match shape.dims() {
        Some(dims) => {
            let dims = dims.iter();
            dims.map(|&dim| delimited_len(field::SHAPE_DIM, dim_len(dim)))
                .sum()
        }
        None => key_len(field::SHAPE_UNKNOWN_RANK) + 1,
    }
}

fn put_shape(shape: &Shape, out: &mut Vec<u8>) {
    let Some(dims) = shape.dims() else {
        return number(field::SHAPE_UNKNOWN_RANK, 1, out);
    };
    for &dim in dims {
        length_delimited(field::SHAPE_DIM, dim_len(dim), out);
        if dim != Some(0) {
            number(field::DIM_SIZE, dim_size(dim) as u64, out);
        }
    }
}

impl Graph {
    pub(super) fn versions(&self) -> VersionDef {
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
        replaced: &dyn Fn(&Node, &str) -> Option<AttrValue>,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut node_def = Vec::new();
        for node in self.nodes() {
            self.encode_node(node, replaced, &mut node_def);
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

    /// The message that [`to_encoded_message`](Self::to_encoded_message) encodes.
    pub(crate) fn to_message(&self) -> GraphDef {
        let nodes = self.nodes().iter();
        GraphDef {
            node: nodes.map(|node| self.node_def(node)).collect(),
            library: self.library().to_proto(),
            versions: Some(self.versions()),
            ..GraphDef::default()
        }
    }

    /// The nodes with their inputs and colocation groups alone.
    pub(crate) fn to_outline(&self) -> Vec<NodeDef> {
        let outline = |node: &Node| {
            let class = node.attrs.iter().filter(|(name, _)| name == CLASS);
            let class = class.map(|(name, value)| (name.to_string(), (**value).clone()));
            NodeDef {
                name: node.name.to_string(),
                op: node.op.name().to_owned(),
                input: self.input_names(node),
                attr: class.collect(),
                ..NodeDef::default()
            }
        };
        self.nodes().iter().map(outline).collect()
    }

    fn node_def(&self, node: &Node) -> NodeDef {
        let attrs = node.non_default_attrs();
        let attrs = attrs.map(|(name, value)| (name.to_owned(), value.clone()));
        let mut attr: SortedMap<_, _> = attrs.collect();
        if !node.outputs.is_empty() {
            let shapes = node.outputs.iter();
            let list = ListValue {
                shape: shapes.map(|output| shape_proto(&output.shape)).collect(),
                ..ListValue::default()
            };
            let value = Some(Value::List(list.into()));
            attr.insert(OUTPUT_SHAPES.to_owned(), AttrValue { value });
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

    /// Writes the `NodeDef` of a node, piece by piece: graphs have many.
    fn encode_node(
        &self,
        node: &Node,
        replaced: &dyn Fn(&Node, &str) -> Option<AttrValue>,
        out: &mut Vec<u8>,
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
        let mut shapes_are_due = !node.outputs.is_empty();
        let mut lengths = Lengths::default();
        for (name, value) in node.non_default_attrs() {
            match name.cmp(OUTPUT_SHAPES) {
                Ordering::Equal if !node.outputs.is_empty() => continue,
                Ordering::Greater if shapes_are_due => {
                    put_output_shapes(node, out);
                    shapes_are_due = false;
                }
                _ => {}
            }
            let replaced = replaced(node, name);
            let value = replaced.as_ref().unwrap_or(value);
            lengths.count(value);
            let write = |out: &mut Vec<u8>| value.encode_raw(&lengths, out);
            put_attr(name, lengths.total, write, out);
        }
        if shapes_are_due {
            put_output_shapes(node, out);
        }
    }

    /// A node's inputs as its message spells them.
    pub(super) fn input_names(&self, node: &Node) -> Vec<String> {
        let inputs = node.inputs.iter();
        let mut names: Vec<_> = inputs.map(|&input| self.input_name(input)).collect();
        names.extend(self.control_input_names(node));
        names
    }

    /// A tensor as a node's input spells it: output 0 goes without its number.
    fn input_name(&self, tensor: TensorRef) -> String {
        match tensor.index {
            0 => self.node(tensor.node).name.to_string(),
            _ => self.tensor_name(tensor),
        }
    }

    /// The operations that a node waits for, as its inputs spell them.
    fn control_input_names(&self, node: &Node) -> Vec<String> {
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
            Item::Bytes(bytes) | Item::Context(bytes) => format!("{} bytes", bytes.len()),
        }
    }

    /// The definitions of the ops that the graph uses and that exports list, sorted by name.
    pub(crate) fn to_op_list(&self) -> OpList {
        let used = self.used_ops();
        let mut used: Vec<_> = used.iter().filter_map(|used| used.op).collect();
        used.retain(|op| op.standing == Standing::Listed);
        sort_by(&mut used, |a, b| a.name.cmp(&b.name));
        OpList {
            op: used.into_iter().filter_map(OpDef::proto).cloned().collect(),
        }
    }

    /// The ops that the graph uses, each once; those in functions that nodes are calls of included.
    ///
    /// As in TensorFlow, functions that attributes name are not followed.
    pub(crate) fn used_ops(&self) -> Vec<UsedOp<'_>> {
        let mut used = Vec::new();
        let mut seen = vec![false; op_def::names().len()];
        let mut names: HashSet<&str> = HashSet::default();
        let mut functions: Vec<(&Node, &FunctionDef)> = Vec::new();
        for node in self.nodes() {
            if let Some(position) = node.op.position {
                if !std::mem::replace(&mut seen[position], true) {
                    names.insert(node.op.name());
                    used.push(UsedOp::new(node.op.name(), node, None));
                }
            }
            if let Some(function) = node.op.function() {
                if names.insert(node.op.name()) {
                    functions.push((node, &function.def));
                }
            }
        }
        while let Some((call, function)) = functions.pop() {
            let inside = function.signature.as_ref().map(|it| it.name.as_str());
            for node in &function.node_def {
                if !names.insert(&node.op) {
                    continue;
                }
                match self.library().get(&node.op) {
                    Some(function) => functions.push((call, &function.def)),
                    None => used.push(UsedOp::new(&node.op, call, inside)),
                }
            }
        }
        used
    }

    /// The collections with at least one item.
    pub(crate) fn to_collection_defs(&self) -> SortedMap<String, CollectionDef> {
        let def = |items: &[Item]| {
            let mut nodes = NodeList::default();
            let mut bytes = BytesList::default();
            for item in items {
                match item {
                    Item::Bytes(value) | Item::Context(value) => bytes.value.push(value.clone()),
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

/// An op that a graph uses.
#[derive(Debug)]
pub(crate) struct UsedOp<'g> {
    pub(crate) name: &'g str,
    /// The definition, if the op is registered.
    pub(crate) op: Option<&'static OpDef>,
    /// The first node of the op, or one that calls the function.
    pub(crate) node: &'g Node,
    /// The function that has the op in its body, if no node of the graph is of this op.
    pub(crate) function: Option<&'g str>,
}

impl<'g> UsedOp<'g> {
    fn new(name: &'g str, node: &'g Node, function: Option<&'g str>) -> Self {
        let op = op_def::lookup(name);
        UsedOp {
            name,
            op,
            node,
            function,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::dtype::DType;
    use crate::graph::{GraphBuilder, GraphDef as File, ImportOptions};

    #[test]
    fn shapes_are_written_as_their_messages_are() {
        let shapes = [
            Shape::unknown(),
            Shape::scalar(),
            Shape::from((0, None, 3)),
            Shape::from((1 << 40, 300)),
            Shape::from([usize::MAX, (1 << 63) + 5]),
        ];
        for shape in shapes {
            let mut bytes = Vec::new();
            put_shape(&shape, &mut bytes);
            assert_eq!(bytes, shape_proto(&shape).encode_to_vec(), "{shape}");
            assert_eq!(bytes.len(), shape_len(&shape), "{shape}");
        }
    }

    #[test]
    fn the_message_is_what_is_encoded() {
        let fixtures = Path::new(".").join("tests/fixtures");
        let mut count = 0;
        for file in fs::read_dir(fixtures.join("graphs")).unwrap() {
            let path = file.unwrap().path();
            let Ok(graph_def) = File::read(&path) else {
                continue;
            };
            let g = GraphBuilder::new();
            g.import_graph_def(graph_def, ImportOptions::new().prefix("net"))
                .unwrap();
            let graph = g.finish().unwrap();
            let bytes = graph.to_encoded_message(&|_, _| None);
            let message = graph.to_message();
            assert_eq!(GraphDef::decode(&bytes[..]).as_ref(), Ok(&message));
            assert!(message.encode_to_vec() == bytes, "{}", path.display());
            count += 1;
        }
        assert!(count > 20, "{count}");
    }

    /// The op list of a module that TensorFlow Hub makes of this graph.
    #[test]
    fn ops_of_arguments_and_results_are_not_listed() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((3,));
        let argument = g.op("_Arg").name("argument");
        let argument = argument.attr("T", DType::Float32).attr("index", 0);
        argument.finish();
        let result = g.op("_Retval").name("result").input(x).attr("index", 0);
        result.finish();
        let _ = x * 2.0;
        let list = g.finish().unwrap().to_op_list();
        let names: Vec<_> = list.op.iter().map(|op| op.name.as_str()).collect();
        assert_eq!(names, ["Const", "Mul", "Placeholder"]);
    }
}
