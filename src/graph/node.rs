//! A node as a graph keeps it.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;

use super::op_def::OpDef;
use crate::dtype::DType;
use crate::proto::tensorflow::{AttrValue, attr_value::Value};
use crate::shape::Shape;
use crate::value::TensorValue;

/// A node's position in its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// Stands for a node that could not be made; what uses it is not checked further.
    pub(crate) const POISON: NodeId = NodeId(u32::MAX);

    pub(crate) fn new(index: usize) -> Self {
        // A GraphDef of this many nodes would be far above the 2 GiB that a message may have.
        NodeId(u32::try_from(index).expect("a graph has fewer than 2^32 nodes"))
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One output of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TensorRef {
    pub(crate) node: NodeId,
    pub(crate) index: u32,
}

/// What is known of a node's output before the graph runs.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) dtype: DType,
    /// Whether it is a reference to a variable of the old kind.
    pub(crate) is_ref: bool,
    pub(crate) shape: Shape,
    pub(crate) known: Known,
}

/// What is known of an output besides its dtype and shape; later shapes follow from it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Whether the value follows from constants and static shapes alone.
    pub(crate) constant: bool,
    /// Whether TensorFlow works the value out for a shape function that asks for this very output. It does not for
    /// `Shape`, `Rank` and `Size` of what is not constant, though it does for what is computed from them.
    pub(crate) direct: bool,
    /// The value, where it is constant, short, and made by ops that are worked out while a graph is built.
    pub(crate) value: Option<Arc<TensorValue>>,
    /// The partly known dimensions that a vector lists, for the ops that TensorFlow looks through.
    pub(crate) listed: Option<Shape>,
    /// The shapes and dtypes of what is behind a handle.
    pub(crate) handle: Vec<(Shape, DType)>,
}

/// Attributes by name.
pub(crate) type Attrs = Vec<(Cow<'static, str>, AttrValue)>;

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    pub(crate) op: &'static OpDef,
    pub(crate) inputs: Vec<TensorRef>,
    pub(crate) control_inputs: Vec<NodeId>,
    pub(crate) device: Arc<str>,
    /// Sorted by name.
    pub(crate) attrs: Attrs,
    pub(crate) outputs: Vec<Output>,
    pub(crate) location: &'static Location<'static>,
}

/// The attribute that holds a node's colocation groups.
pub(crate) const CLASS: &str = "_class";

/// What a colocation group starts with; the name of a node follows.
pub(crate) const GROUP_PREFIX: &str = "loc:@";

impl Node {
    pub(crate) fn attr(&self, name: &str) -> Option<&Value> {
        let position = self
            .attrs
            .binary_search_by(|(key, _)| key.as_ref().cmp(name))
            .ok()?;
        self.attrs[position].1.value.as_ref()
    }

    /// The values of an attribute that nodes may leave at the default of their op.
    pub(crate) fn attr_or_default(&self, name: &str) -> Option<&Value> {
        self.attr(name)
            .or_else(|| self.op.attr(name)?.default?.value.as_ref())
    }

    pub(crate) fn type_attr(&self, name: &str) -> Option<DType> {
        match self.attr_or_default(name)? {
            Value::Type(number) => DType::from_number(*number),
            _ => None,
        }
    }

    pub(crate) fn int_attr(&self, name: &str) -> Option<i64> {
        match self.attr_or_default(name)? {
            Value::I(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn bool_attr(&self, name: &str) -> Option<bool> {
        match self.attr_or_default(name)? {
            Value::B(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn string_attr(&self, name: &str) -> Option<&[u8]> {
        match self.attr_or_default(name)? {
            Value::S(value) => Some(value),
            _ => None,
        }
    }

    /// The colocation groups that the node carries.
    pub(crate) fn groups(&self) -> &[Vec<u8>] {
        match self.attr(CLASS) {
            Some(Value::List(list)) => &list.s,
            _ => &[],
        }
    }

    /// The groups of a node that is colocated with this one.
    pub(crate) fn groups_or_own(&self) -> Vec<Vec<u8>> {
        match self.groups() {
            [] => vec![group(&self.name)],
            groups => groups.to_vec(),
        }
    }
}

/// The colocation group of the node with this name.
pub(crate) fn group(name: &str) -> Vec<u8> {
    format!("{GROUP_PREFIX}{name}").into_bytes()
}
