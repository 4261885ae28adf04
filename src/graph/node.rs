//! A node as a graph keeps it.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::op_def::{AttrDef, OpDef};
use crate::dtype::DType;
use crate::proto::tensorflow::{AttrValue, FunctionDef, attr_value::Value};
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
    pub(crate) worked_out: Option<Arc<KnownValue>>,
    /// The partly known dimensions that a vector lists, for the ops that TensorFlow looks through.
    pub(crate) listed: Option<Shape>,
    /// The shapes and dtypes of what is behind a handle.
    pub(crate) handle: Vec<(Shape, DType)>,
}

/// A value that is worked out while a graph is built.
#[derive(Debug)]
pub(crate) struct KnownValue {
    pub(crate) value: TensorValue,
    /// Whether TensorFlow has worked the value out before, and kept it.
    pub(crate) kept: AtomicBool,
}

impl Known {
    pub(crate) fn value(&self) -> Option<&TensorValue> {
        self.worked_out.as_deref().map(|known| &known.value)
    }
}

impl KnownValue {
    pub(crate) fn new(value: TensorValue) -> Arc<Self> {
        Arc::new(KnownValue {
            value,
            kept: AtomicBool::new(false),
        })
    }
}

/// Attributes by name.
pub(crate) type Attrs = Vec<(Cow<'static, str>, AttrValue)>;

/// What a node does.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// An op that TensorFlow has.
    Registered(&'static OpDef<'static>),
    /// A call of a function in the graph's library.
    Function(Arc<FunctionDef>),
}

impl Op {
    pub(crate) fn name(&self) -> &str {
        match self {
            Op::Registered(op) => op.name,
            Op::Function(function) => function
                .signature
                .as_ref()
                .map_or("", |signature| &signature.name),
        }
    }

    /// The definition of the op; functions have none that outlives their library.
    pub(crate) fn registered(&self) -> Option<&'static OpDef<'static>> {
        match self {
            Op::Registered(op) => Some(op),
            Op::Function(_) => None,
        }
    }

    /// The definition of the attribute with this name.
    pub(crate) fn attr(&self, name: &str) -> Option<&'static AttrDef<'static>> {
        self.registered()?.attr(name)
    }

    /// Whether nodes keep state, or have effects.
    pub(crate) fn is_stateful(&self) -> bool {
        match self {
            Op::Registered(op) => op.is_stateful,
            Op::Function(function) => function
                .signature
                .as_ref()
                .is_some_and(|signature| signature.is_stateful),
        }
    }

    /// Whether nodes hold state of their own, see [`OpDef::is_state_op`].
    pub(crate) fn is_state_op(&self) -> bool {
        self.registered().is_some_and(OpDef::is_state_op)
    }
}

/// A node.
///
/// Its inputs are nodes before it in the graph, save that a `Merge` which begins a loop has the loop's
/// `NextIteration` as an input.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    pub(crate) op: Op,
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

    /// The attributes but for those at the default of their op.
    pub(crate) fn non_default_attrs(&self) -> impl Iterator<Item = (&str, &AttrValue)> {
        let attrs = self
            .attrs
            .iter()
            .map(|(name, value)| (name.as_ref(), value));
        attrs.filter(|(name, value)| {
            let def = self.op.attr(name);
            def.is_none_or(|def| def.default != Some(*value))
        })
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
    [GROUP_PREFIX, name].concat().into_bytes()
}
