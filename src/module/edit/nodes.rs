//! Making nodes, and finding what is in them.

use crate::dtype::DType;
use crate::graph::{HashSet, node_name, op_def, shape_proto};
use crate::module::contexts;
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{AttrValue, MetaGraphDef, NodeDef, OpList, TensorShapeProto};
use crate::shape::Shape;
use crate::sort::sort_by_key;

pub(super) const OUTPUT_SHAPES: &str = "_output_shapes";
pub(super) const CLASS: &str = "_class";

pub(super) fn attr(value: Value) -> AttrValue {
    AttrValue { value: Some(value) }
}

pub(super) fn type_value(dtype: DType) -> Value {
    Value::Type(dtype.number())
}

/// The dtype in an attribute.
pub(super) fn dtype_attr(node: &NodeDef, name: &str) -> Option<DType> {
    match node.attr.get(name)?.value.as_ref()? {
        Value::Type(number) => DType::from_number(*number),
        _ => None,
    }
}

pub(super) fn set(node: &mut NodeDef, name: &str, value: Value) {
    node.attr.insert(name.to_owned(), attr(value));
}

/// A node of an op with inputs and attributes.
pub(super) fn node<const N: usize>(
    name: impl Into<String>,
    op: &str,
    inputs: impl IntoIterator<Item = String>,
    attrs: [(&str, Value); N],
) -> NodeDef {
    let mut made = NodeDef {
        name: name.into(),
        op: op.to_owned(),
        input: inputs.into_iter().collect(),
        ..NodeDef::default()
    };
    for (name, value) in attrs {
        set(&mut made, name, value);
    }
    made
}

/// The shapes of outputs as nodes carry them.
pub(super) fn output_shapes(shapes: impl IntoIterator<Item = TensorShapeProto>) -> Value {
    Value::List(Box::new(ListValue {
        shape: shapes.into_iter().collect(),
        ..ListValue::default()
    }))
}

/// Sets the shapes that a node carries, if it carries any: those of later ops are left out by their writers.
pub(super) fn reshape(node: &mut NodeDef, shapes: impl IntoIterator<Item = TensorShapeProto>) {
    if node.attr.contains_key(OUTPUT_SHAPES) {
        set(node, OUTPUT_SHAPES, output_shapes(shapes));
    }
}

pub(super) fn scalar_shape() -> TensorShapeProto {
    shape_proto(&Shape::scalar())
}

/// Whether an input is one that a node only runs after.
pub(super) fn is_control(input: &str) -> bool {
    input.starts_with('^')
}

/// The node and the output of an input.
pub(super) fn tensor(input: &str) -> (&str, u32) {
    match input.rsplit_once(':') {
        Some((node, index)) => (node, index.parse().unwrap_or(0)),
        None => (input, 0),
    }
}

/// The input that is an output of a node.
pub(super) fn input_of(node: &str, output: u32) -> String {
    match output {
        0 => node.to_owned(),
        _ => format!("{node}:{output}"),
    }
}

/// Puts nodes before those at some places; the end is the place behind the last.
pub(super) fn insert_before(nodes: &mut Vec<NodeDef>, mut new: Vec<(usize, NodeDef)>) {
    sort_by_key(&mut new, |(place, _)| *place);
    let old = std::mem::take(nodes);
    let mut new = new.into_iter().peekable();
    for (place, node) in old.into_iter().enumerate() {
        while let Some((_, made)) = new.next_if(|(at, _)| *at == place) {
            nodes.push(made);
        }
        nodes.push(node);
    }
    nodes.extend(new.map(|(_, made)| made));
}

/// The nodes of a variant.
pub(super) fn nodes_of(meta: &MetaGraphDef) -> &[NodeDef] {
    meta.graph_def.as_ref().map_or(&[], |graph| &graph.node)
}

/// Names that no node has.
#[derive(Debug)]
pub(super) struct FreshNames(HashSet<String>);

impl FreshNames {
    pub(super) fn new(nodes: &[NodeDef]) -> Self {
        FreshNames(nodes.iter().map(|node| node.name.clone()).collect())
    }

    pub(super) fn make(&mut self, name: String) -> String {
        let numbered = (1u64..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let free = names
            .find(|name| !self.0.contains(name))
            .unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// Lists the ops that the graph has now: those that came in by edits are added, those that went are dropped.
pub(super) fn update_ops(meta: &mut MetaGraphDef) {
    let Some(graph) = &meta.graph_def else {
        return;
    };
    let Some(list) = meta
        .meta_info_def
        .as_mut()
        .and_then(|info| info.stripped_op_list.as_mut())
    else {
        return;
    };
    let functions = graph.library.iter().flat_map(|library| &library.function);
    let nodes = functions.flat_map(|function| &function.node_def);
    let used: HashSet<&str> = graph.node.iter().chain(nodes).map(|it| &*it.op).collect();
    let OpList { op: listed } = list;
    listed.retain(|op| used.contains(&*op.name));
    let known: HashSet<String> = listed.iter().map(|op| op.name.clone()).collect();
    let new = used.iter().filter(|name| !known.contains(**name));
    let new = new.filter_map(|name| op_def::lookup(name)?.proto().cloned());
    listed.extend(new);
    sort_by_key(listed, |op| op.name.clone());
}

/// Puts tensors into the contexts of control flow that have others.
pub(super) fn join_contexts(meta: &mut MetaGraphDef, joined: &[(String, String)]) {
    change_contexts(meta, |context| {
        let joined = joined.iter();
        joined.fold(false, |changed, (of, new)| {
            contexts::join(context, of, new) || changed
        })
    });
}

/// Changes the contexts of control flow; `change` says whether it has changed one.
pub(super) fn change_contexts(meta: &mut MetaGraphDef, change: impl Fn(&mut Ctxt) -> bool) {
    for key in contexts::COLLECTIONS {
        let Some(collection) = meta.collection_def.get_mut(key) else {
            continue;
        };
        let Some(Kind::BytesList(list)) = &mut collection.kind else {
            continue;
        };
        for bytes in &mut list.value {
            let Some(mut context) = contexts::decode(key, bytes) else {
                continue;
            };
            if change(&mut context) {
                *bytes = contexts::encode(&context);
            }
        }
    }
}

/// The node of a name of a tensor, node or control input, as a string of its own.
pub(super) fn node_of(name: &str) -> String {
    node_name(name).to_owned()
}
