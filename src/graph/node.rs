//! A node as a graph keeps it.

use std::borrow::Cow;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use smallvec::SmallVec;

use super::library::{Function, Renaming};
use super::op_def::OpDef;
use crate::dtype::DType;
use crate::proto::tensorflow::AttrValue;
use crate::proto::tensorflow::attr_value::{ListValue, Value};
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

impl TensorRef {
    /// The input of a node that a loop comes back to, as long as the loop is open.
    pub(crate) const OPEN: TensorRef = TensorRef {
        node: NodeId::POISON,
        index: 0,
    };

    /// The output's dtype, shape and value as far as a graph of these nodes knows them.
    pub(crate) fn output(self, nodes: &[Node]) -> &Output {
        &nodes[self.node.index()].outputs[self.index as usize]
    }
}

/// An output of a node, as far as it is known before the graph runs.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) dtype: DType,
    /// Whether it is a reference to a variable of the old kind.
    pub(crate) is_ref: bool,
    pub(crate) shape: Shape,
    pub(crate) known: Known,
}

/// Facts about an output besides its dtype and shape, from which later shapes follow.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Whether the value follows from constants and static shapes alone.
    pub(crate) constant: bool,
    /// Whether TensorFlow works the value out for a shape function that asks for this very output. It does not for
    /// `Shape`, `Rank` and `Size` of what is not constant, though it does for what is computed from them.
    pub(crate) direct: bool,
    details: Option<Box<Details>>,
}

/// Facts that few outputs have.
#[derive(Debug, Default)]
struct Details {
    /// The value, where it is constant, short, and made by ops that are worked out while a graph is built.
    worked_out: Option<KnownValue>,
    /// The partly known dimensions that a vector lists, for the ops that TensorFlow looks through, or why it lists none.
    listed: Option<Result<Shape, String>>,
    /// The shapes and dtypes of what is behind a handle.
    handle: Vec<(Shape, DType)>,
}

/// A value that is worked out while a graph is built.
#[derive(Debug)]
pub(crate) struct KnownValue {
    pub(crate) value: TensorValue,
    /// Whether TensorFlow has worked the value out before, and kept it.
    pub(crate) kept: AtomicBool,
}

impl Known {
    pub(crate) fn set_value(&mut self, value: TensorValue) {
        self.details.get_or_insert_default().worked_out = Some(KnownValue {
            value,
            kept: AtomicBool::new(false),
        });
    }

    pub(crate) fn set_listed(&mut self, listed: Result<Shape, String>) {
        self.details.get_or_insert_default().listed = Some(listed);
    }

    pub(crate) fn new(constant: bool, direct: bool) -> Self {
        Known {
            constant,
            direct,
            details: None,
        }
    }

    /// Takes over the value of another, or that it has none.
    pub(super) fn take_value_of(&mut self, other: Known) {
        (self.constant, self.direct) = (other.constant, other.direct);
        let value = other.details.and_then(|details| details.worked_out);
        if value.is_some() || self.details.is_some() {
            self.details.get_or_insert_default().worked_out = value;
        }
    }

    pub(crate) fn worked_out(&self) -> Option<&KnownValue> {
        self.details.as_ref()?.worked_out.as_ref()
    }

    pub(crate) fn value(&self) -> Option<&TensorValue> {
        self.worked_out().map(|known| &known.value)
    }

    pub(crate) fn listed(&self) -> Option<&Result<Shape, String>> {
        self.details.as_ref()?.listed.as_ref()
    }

    pub(crate) fn handle(&self) -> &[(Shape, DType)] {
        let details = self.details.as_ref();
        details.map_or(&[], |details| &details.handle)
    }

    pub(crate) fn into_handle(self) -> Vec<(Shape, DType)> {
        self.details.map_or(Vec::new(), |details| details.handle)
    }

    pub(crate) fn set_handle(&mut self, handle: Vec<(Shape, DType)>) {
        if !handle.is_empty() {
            self.details.get_or_insert_default().handle = handle;
        }
    }
}

/// Attributes by name.
pub(crate) type Attrs = Vec<(Cow<'static, str>, Attr)>;

/// The value of an attribute, which nodes can have in common.
#[derive(Debug, Clone)]
pub(crate) enum Attr {
    Own(AttrValue),
    Shared(Arc<AttrValue>),
}

impl Deref for Attr {
    type Target = AttrValue;

    fn deref(&self) -> &AttrValue {
        match self {
            Attr::Own(value) => value,
            Attr::Shared(value) => value,
        }
    }
}

/// Graphs that are copied of each other have the tensors of their constants in common.
impl From<AttrValue> for Attr {
    fn from(value: AttrValue) -> Self {
        match value.value {
            Some(Value::Tensor(_)) => Attr::Shared(Arc::new(value)),
            _ => Attr::Own(value),
        }
    }
}

/// The op of a node: its definition.
#[derive(Debug, Clone)]
pub(crate) struct Op(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// One that TensorFlow has; no counter is touched for most nodes.
    Registered(&'static OpDef),
    Function(Arc<Function>),
}

impl From<&'static OpDef> for Op {
    fn from(op: &'static OpDef) -> Self {
        Op(Kind::Registered(op))
    }
}

impl From<Arc<Function>> for Op {
    fn from(function: Arc<Function>) -> Self {
        Op(Kind::Function(function))
    }
}

impl Deref for Op {
    type Target = OpDef;

    fn deref(&self) -> &OpDef {
        match &self.0 {
            Kind::Registered(op) => op,
            Kind::Function(function) => &function.op,
        }
    }
}

impl Op {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The function of the graph's library that nodes are calls of.
    pub(crate) fn function(&self) -> Option<&Arc<Function>> {
        match &self.0 {
            Kind::Registered(_) => None,
            Kind::Function(function) => Some(function),
        }
    }
}

/// Most nodes have no more than this room is for.
pub(crate) type Inputs = SmallVec<[TensorRef; 3]>;
pub(crate) type Outputs = SmallVec<[Output; 1]>;

/// Who made a node or what belongs to it. Rules for authors bind what is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A function of this crate, which the author called.
    Built,
    /// A file that was imported.
    Imported,
}

/// A node.
///
/// Its inputs are nodes before it in the graph, save that a `Merge` which begins a loop has the loop's
/// `NextIteration` as an input, and that what takes a tensor into a branch of a conditional is made after the node that
/// needs it there.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    pub(crate) op: Op,
    pub(crate) inputs: Inputs,
    pub(crate) control_inputs: Vec<NodeId>,
    pub(crate) device: Arc<str>,
    /// Sorted by name.
    pub(crate) attrs: Attrs,
    pub(crate) outputs: Outputs,
    pub(crate) origin: Origin,
    pub(crate) location: &'static Location<'static>,
}

/// The attribute that holds a node's colocation groups.
pub(crate) const CLASS: &str = "_class";

/// The beginning of a colocation group, which the name of a node follows.
pub(crate) const GROUP_PREFIX: &str = "loc:@";

impl Node {
    pub(crate) fn attr(&self, name: &str) -> Option<&Value> {
        // Nodes have few, which differ in length most of the time.
        let (_, value) = self.attrs.iter().find(|(key, _)| key == name)?;
        value.value.as_ref()
    }

    /// Where an attribute is, or where it belongs.
    fn attr_position(&self, name: &str) -> Result<usize, usize> {
        self.attrs
            .binary_search_by(|(key, _)| key.as_ref().cmp(name))
    }

    pub(crate) fn attr_mut(&mut self, name: &str) -> Option<&mut Value> {
        let position = self.attr_position(name).ok()?;
        match &mut self.attrs[position].1 {
            Attr::Own(value) => value.value.as_mut(),
            Attr::Shared(value) => Arc::make_mut(value).value.as_mut(),
        }
    }

    /// Gives the functions that attributes name their new names.
    pub(super) fn rename_functions(&mut self, renaming: &Renaming) {
        for (name, attr) in &mut self.attrs {
            // Values that nodes have in common are tensors and colocation groups.
            if let Attr::Own(AttrValue { value: Some(value) }) = attr {
                renaming.value(name, value);
            }
        }
    }

    /// Gives the node an attribute, if it has none of this name.
    pub(crate) fn add_attr(&mut self, name: &'static str, value: Attr) {
        if let Err(position) = self.attr_position(name) {
            self.attrs.insert(position, (name.into(), value));
        }
    }

    /// The values of an attribute that nodes may leave at the default of their op.
    pub(crate) fn attr_or_default(&self, name: &str) -> Option<&Value> {
        self.attr(name)
            .or_else(|| self.op.attr(name)?.default.as_ref()?.value.as_ref())
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
    ///
    /// TensorFlow leaves out none of a call of a function.
    pub(crate) fn non_default_attrs(&self) -> impl Iterator<Item = (&str, &AttrValue)> {
        let is_registered = self.op.function().is_none();
        let attrs = self
            .attrs
            .iter()
            .map(|(name, value)| (name.as_ref(), &**value));
        attrs.filter(move |(name, value)| {
            let def = self.op.attr(name).filter(|_| is_registered);
            def.is_none_or(|def| def.default.as_deref() != Some(*value))
        })
    }

    /// The colocation groups that the node carries.
    pub(crate) fn groups(&self) -> &[Vec<u8>] {
        groups_in(self.attr(CLASS))
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

/// The colocation groups in the value of an attribute.
pub(crate) fn groups_in(class: Option<&Value>) -> &[Vec<u8>] {
    match class {
        Some(Value::List(list)) => &list.s,
        _ => &[],
    }
}

/// The names of the nodes that these groups are of.
pub(crate) fn colocated(groups: &[Vec<u8>]) -> impl Iterator<Item = &str> {
    let groups = groups.iter();
    let groups = groups.filter_map(|group| std::str::from_utf8(group).ok());
    groups.filter_map(|group| group.strip_prefix(GROUP_PREFIX))
}

/// The attribute that lists colocation groups.
pub(crate) fn class(groups: Vec<Vec<u8>>) -> Arc<AttrValue> {
    let list = ListValue {
        s: groups,
        ..ListValue::default()
    };
    Arc::new(AttrValue {
        value: Some(Value::List(list.into())),
    })
}
