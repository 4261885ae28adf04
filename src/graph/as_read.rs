//! What a file says of a graph beyond what the graph keeps.
//!
//! A graph that was not built here is written as it was read: its nodes in the order of the file, with the attributes
//! that are at their defaults, and with the shapes that the file has. Only what differs from what would be written
//! anyway is kept, so that tensors are there once.

use std::collections::BTreeMap;

use super::node::Node;
use super::{NodeId, shape_from_proto};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::node_def::ExperimentalDebugInfo;
use crate::proto::tensorflow::{
    AttrValue, FullTypeDef, FunctionDefLibrary, GraphDef, NodeDef, TensorShapeProto,
};

/// The message of a graph, without what the graph's nodes and functions keep of it.
#[derive(Debug, Default)]
pub(crate) struct ReadGraph {
    /// In the order of the file.
    pub(super) nodes: Vec<ReadNode>,
    /// The names of the functions in the order of the file.
    pub(super) functions: Vec<String>,
    /// The attributes that nodes of functions have besides those in the graph.
    pub(super) removed: Vec<RemovedAttr>,
    /// All fields but the nodes and functions.
    pub(super) rest: GraphDef,
}

/// An attribute that a node has in the file but not in the graph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RemovedAttr {
    /// The function that the node is in, if it is in one.
    pub(super) function: Option<String>,
    /// The node's place.
    pub(super) node: usize,
    pub(super) name: String,
    pub(super) value: AttrValue,
}

/// A node of a file.
#[derive(Debug)]
pub(super) struct ReadNode {
    pub(super) id: NodeId,
    pub(super) shapes: ReadShapes,
    pub(super) rest: Option<Box<ReadFields>>,
}

/// The shapes that a file has for the outputs of a node.
#[derive(Debug)]
pub(super) enum ReadShapes {
    /// Those of the graph's node.
    Own,
    Absent,
    Other(Box<AttrValue>),
}

/// The fields of a node that are not as the graph's node is written; most have none.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ReadFields {
    pub(super) inputs: Option<Vec<String>>,
    pub(super) device: Option<String>,
    /// The attributes that the graph's node has not.
    pub(super) attrs: BTreeMap<String, AttrValue>,
    pub(super) debug_info: Option<ExperimentalDebugInfo>,
    pub(super) full_type: Option<FullTypeDef>,
}

impl ReadGraph {
    /// The graph of a message, whose nodes are to follow.
    pub(super) fn of(message: &GraphDef) -> Self {
        let functions = message.library.iter().flat_map(|library| &library.function);
        let names = functions.map(|function| {
            let signature = function.signature.as_ref();
            signature.map_or_else(String::new, |signature| signature.name.clone())
        });
        let library = message.library.as_ref().map(|library| FunctionDefLibrary {
            function: Vec::new(),
            gradient: library.gradient.clone(),
            registered_gradients: library.registered_gradients.clone(),
        });
        ReadGraph {
            nodes: Vec::new(),
            functions: names.collect(),
            removed: Vec::new(),
            rest: GraphDef {
                node: Vec::new(),
                library,
                versions: message.versions.clone(),
                debug_info: message.debug_info.clone(),
                ..*message
            },
        }
    }

    /// With the nodes in the order of the file.
    pub(super) fn with_nodes(mut self, nodes: Option<Vec<Option<ReadNode>>>) -> Self {
        self.nodes.extend(nodes.into_iter().flatten().flatten());
        self
    }

    /// Adds attributes that were removed before the graph was imported.
    pub(crate) fn with_removed(mut self, removed: Vec<RemovedAttr>) -> Self {
        for attr in removed {
            match attr.function {
                Some(_) => self.removed.push(attr),
                None => {
                    let fields = self.nodes[attr.node].rest.get_or_insert_default();
                    fields.attrs.insert(attr.name, attr.value);
                }
            }
        }
        self
    }
}

impl ReadFields {
    /// The fields of a node that may differ from those of the graph's.
    pub(super) fn of(def: &NodeDef) -> Self {
        let unset = def.attr.iter().filter(|(_, value)| value.value.is_none());
        ReadFields {
            inputs: (!is_canonical(&def.input)).then(|| def.input.clone()),
            device: (!def.device.is_empty()).then(|| def.device.clone()),
            attrs: unset
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            debug_info: def.experimental_debug_info.clone(),
            full_type: def.experimental_type.clone(),
        }
    }

    /// Without what the node has as well; `None` if nothing is left.
    pub(super) fn besides(mut self, node: &Node) -> Option<Box<Self>> {
        self.device = self.device.filter(|device| **device != *node.device);
        self.attrs.retain(|name, _| !node.has_attr(name));
        (self != ReadFields::default()).then(|| Box::new(self))
    }
}

impl ReadShapes {
    /// The shapes that the file has for the outputs of a node whose own are known.
    pub(super) fn of(attr: Option<AttrValue>, node: &Node) -> Self {
        let Some(attr) = attr else {
            return match node.outputs.is_empty() {
                true => ReadShapes::Own,
                false => ReadShapes::Absent,
            };
        };
        let own =
            match &attr.value {
                Some(Value::List(list)) if !node.outputs.is_empty() => {
                    let shapes = node.outputs.iter().map(|output| &output.shape);
                    list.shape.len() == node.outputs.len()
                        && list.shape.iter().zip(shapes).all(|(proto, shape)| {
                            is_plain(proto) && shape_from_proto(proto) == *shape
                        })
                }
                _ => false,
            };
        match own {
            true => ReadShapes::Own,
            false => ReadShapes::Other(Box::new(attr)),
        }
    }
}

/// Whether a shape says nothing besides its dimensions.
fn is_plain(shape: &TensorShapeProto) -> bool {
    let unnamed = shape.dim.iter().all(|dim| dim.name.is_empty());
    unnamed && (!shape.unknown_rank || shape.dim.is_empty())
}

/// Whether inputs are spelled as TensorFlow does: output 0 without its number, the operations that a node waits for
/// sorted.
fn is_canonical(inputs: &[String]) -> bool {
    let is_control = |input: &&String| input.starts_with('^');
    let data = inputs.iter().take_while(|input| !is_control(input));
    let control = inputs.iter().skip_while(|input| !is_control(input));
    let plain = |input: &String| {
        let index = input.rsplit_once(':').map(|(_, index)| index);
        index.is_none_or(|index| !index.starts_with('0'))
    };
    data.clone().all(plain)
        && control
            .clone()
            .zip(control.skip(1))
            .all(|(one, next)| one < next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_kept_where_they_are_not_spelled_as_tensorflow_does() {
        for (inputs, canonical) in [
            (&["a", "b:1", "^a", "^b"][..], true),
            (&[], true),
            (&["a:0"], false),
            (&["a:01"], false),
            (&["a:10"], true),
            (&["^b", "^a"], false),
            (&["^a", "^a"], false),
        ] {
            let inputs: Vec<_> = inputs.iter().map(ToString::to_string).collect();
            assert_eq!(is_canonical(&inputs), canonical, "{inputs:?}");
        }
    }
}
