//! Variables as TensorFlow Hub makes them: resource variables, shared by name through variable scopes.

mod any_variable;
mod arguments;
mod assigned;
mod builder;
mod caching_device;
mod constraint;
mod get;
mod get_one;
mod get_parts;
mod global_step;
mod guard;
mod handle;
mod initialized;
mod make;
mod moving_average;
mod operands;
mod operators;
mod partitioner;
mod parts;
mod reference;
mod replicas;
mod request;
mod restored;
mod reuse;
mod scatter;
mod scope;
mod scopes;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::OnceLock;

use crate::dtype::{DType, Element};
use crate::graph::{
    Graph, GraphBuilder, HashMap, HashSet, Item, NodeId, Operand, Operation, Tensor, TensorRef,
    keys, parse_tensor_name,
};
use crate::ops::array::{self, Index};
use crate::ops::nodes::Arg;
use crate::ops::types::Numeric;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::shape::Shape;
use crate::value::TensorSlice;

pub use any_variable::AnyVariable;
pub use assigned::{AssignOptions, Assigned, assign};
pub use builder::VariableBuilder;
pub use caching_device::CachingDevice;
pub use constraint::Constraint;
use handle::Change;
pub(crate) use moving_average::subtract_as;
pub use moving_average::{
    AnyScalar, Averaged, AveragedList, ExponentialMovingAverage, MovingAverageOptions,
};
pub use partitioner::Partitioner;
pub use replicas::{VariableAggregation, VariableSynchronization};
pub use request::VariableRequest;
pub(crate) use restored::{device_of, read_on_cpu, restore};
pub use reuse::Reuse;
pub use scatter::{
    scatter_add, scatter_div, scatter_max, scatter_min, scatter_mul, scatter_nd_add,
    scatter_nd_sub, scatter_nd_update, scatter_sub, scatter_update,
};
pub use scope::{EnterScope, VariableScope};

/// A variable (`tf.Variable`).
///
/// It is made with [`GraphBuilder::get_variable`] or [`GraphBuilder::variable`]. Each use of the value of a resource variable
/// makes a node that reads it; one of the old kind, for which [`use_resource`](VariableBuilder::use_resource) is false, is
/// read once.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2));
/// let scale = g.get_variable("scale").initial_value([1.0f32, 2.0]).finish();
/// let y = x * scale;
/// assert_eq!(y.shape().to_string(), "[?, 2]");
/// assert_eq!(g.operation("mul/ReadVariableOp")?.op(), "ReadVariableOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub struct Variable<'g, T: Element> {
    any: AnyVariable<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: Element> Clone for Variable<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Element> Copy for Variable<'_, T> {}

/// The facts of a variable that its export and its values need.
#[derive(Debug, Clone)]
pub(crate) struct VariableInfo {
    /// The name of the handle's node, which is the key in checkpoints.
    pub(crate) name: String,
    pub(crate) dtype: DType,
    /// The shape that all its values have, as the graph has it.
    pub(crate) shape: Shape,
    pub(crate) handle: NodeId,
    /// `None` for an imported variable that says nothing of it.
    pub(crate) initial_value: Option<TensorRef>,
    pub(crate) trainable: bool,
    /// The part of a value that it is in checkpoints, for a piece of a partitioned variable.
    pub(crate) part: Option<VariablePart>,
}

/// The place of a variable's value in that of a partitioned variable.
#[derive(Debug, Clone)]
pub(crate) struct VariablePart {
    /// The key in checkpoints.
    pub(crate) whole: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) slice: TensorSlice,
}

impl VariablePart {
    /// The first index of the part in each dimension.
    pub(crate) fn start(&self) -> Vec<usize> {
        let ranges = self.slice.ranges().iter();
        ranges.map(|range| range.start).collect()
    }
}

impl VariableInfo {
    /// The device whose shard of a checkpoint the value is in: a part of a resource variable is copied to a CPU first.
    pub(crate) fn device(&self, graph: &Graph) -> String {
        let handle = graph.node(self.handle);
        match &self.part {
            Some(_) if handle.op.name() == "VarHandleOp" => on_cpu(&handle.device),
            _ => handle.device.to_string(),
        }
    }
}

/// The first CPU where a device is.
pub(crate) fn on_cpu(device: &str) -> String {
    let place = device.split("/device:").next().unwrap_or_default();
    format!("{place}/device:CPU:0")
}

/// The variables of a graph.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// All of them, whether they are [saved](Variables::saved) or not.
    pub(crate) list: Vec<VariableInfo>,
    /// By the full name that was asked for, which the node's name may differ from.
    by_name: HashMap<String, usize>,
    partitioned: Vec<parts::Partitioned>,
    /// Partitioned variables by the full name that was asked for.
    partitioned_by_name: HashMap<String, usize>,
    /// The serialized `VariableDef` of each variable.
    defs: Vec<Vec<u8>>,
    /// The nodes with the values of those that are read once, for all uses.
    kept: HashMap<usize, NodeId>,
    constraints: HashMap<usize, Constraint>,
    /// The variables of the old kind that sessions initialize, by their nodes.
    references: HashMap<NodeId, usize>,
    scopes: scopes::Scopes,
    /// The positions of those that are saved, once the graph is complete and they are asked for.
    saved: OnceLock<Vec<usize>>,
}

impl Variables {
    /// The serialized `VariableDef` of each variable, and its handle.
    pub(crate) fn defs(&self) -> impl Iterator<Item = (&[u8], NodeId)> {
        let handles = self.list.iter().map(|info| info.handle);
        self.defs.iter().map(Vec::as_slice).zip(handles)
    }

    /// The variables of a graph that are saved and restored: those in collection [`keys::VARIABLES`].
    pub(crate) fn saved(graph: &Graph) -> impl Iterator<Item = &VariableInfo> {
        let (list, saved) = match graph.extension::<Variables>() {
            Some(variables) => {
                let saved = variables.saved.get_or_init(|| variables.find_saved(graph));
                (variables.list.as_slice(), saved.as_slice())
            }
            None => Default::default(),
        };
        saved.iter().map(|&position| &list[position])
    }

    fn find_saved(&self, graph: &Graph) -> Vec<usize> {
        let own: HashMap<&[u8], NodeId> = self.defs().collect();
        let handle = |item: &Item| match item {
            Item::Bytes(def) => {
                let own = own.get(def.as_slice()).copied();
                own.or_else(|| handle_of(graph, def))
            }
            Item::Tensor(_) | Item::Operation(_) | Item::Context(_) => None,
        };
        let items = graph.collections().get(keys::VARIABLES).iter();
        let saved: HashSet<NodeId> = items.filter_map(handle).collect();
        let list = self.list.iter().enumerate();
        let list = list.filter(|(_, info)| saved.contains(&info.handle));
        list.map(|(position, _)| position).collect()
    }

    /// Gives variables other initial values, which their definitions name, if `other` has some for one's definition.
    pub(crate) fn initialize_with<'b>(
        &mut self,
        other: impl Fn(&[u8]) -> Option<(&'b [u8], TensorRef)>,
    ) {
        for (def, info) in self.defs.iter_mut().zip(&mut self.list) {
            if let Some((other, value)) = other(def) {
                *def = other.to_vec();
                info.initial_value = Some(value);
            }
        }
    }

    /// Lists a variable of an imported graph.
    pub(crate) fn import(&mut self, info: VariableInfo, def: Vec<u8>) {
        self.list.push(info);
        self.defs.push(def);
    }
}

/// The node that a serialized `VariableDef` names.
fn handle_of(graph: &Graph, def: &[u8]) -> Option<NodeId> {
    let def = VariableDef::decode(def).ok()?;
    let (handle, _) = parse_tensor_name(&def.variable_name)?;
    graph.find(handle)
}

impl<'g, T: Element> Variable<'g, T> {
    /// The graph that the variable belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.any.graph
    }

    /// The variable's name, which is its key in checkpoints.
    pub fn name(&self) -> String {
        self.any.name()
    }

    /// The variable's shape.
    pub fn shape(&self) -> Shape {
        self.any.shape()
    }

    /// The node that stands for the variable.
    ///
    /// There is none for a partitioned variable, which is reported.
    #[track_caller]
    pub fn operation(&self) -> Operation<'g> {
        self.any.node()
    }

    /// The projection of the value that an optimizer is to apply after each update.
    pub fn constraint(&self) -> Option<Constraint> {
        let variables = self.any.graph.extension::<Variables>();
        variables.constraints.get(&self.any.index).cloned()
    }

    /// The variable's value at this point of the graph, as `v.value()` gives in Python, or `v.as_tensor()` for a partitioned
    /// variable.
    ///
    /// The [body of a function](GraphBuilder::function) that asks for a variable gets the value from outside.
    #[track_caller]
    pub fn value(&self) -> Tensor<'g, T> {
        self.any.value(Location::caller()).typed()
    }

    /// A part of the variable's value, as `v[...]` gives in Python; see [`array::index`].
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let table = g.get_variable::<f32>("table").shape([10, 4]).finish();
    /// assert_eq!(table.slice((1.., 0)).shape().to_string(), "[9]");
    /// ```
    #[track_caller]
    pub fn slice(&self, at: impl Index<'g>) -> Tensor<'g, T> {
        array::index(*self, at)
    }

    /// The variable's value read now, as `v.read_value()` gives in Python. The parts of a partitioned variable are joined
    /// within the control dependencies and conditionals around, which [`value`](Self::value) leaves.
    #[track_caller]
    pub fn read_value(&self) -> Tensor<'g, T> {
        self.any.read_value(Location::caller()).typed()
    }

    /// Sets the variable (`v.assign`); see [`assign_parts`](Self::assign_parts) for a partitioned variable.
    #[track_caller]
    pub fn assign(&self, value: impl Operand<'g, T>) -> Assigned<'g, T> {
        Assigned::new(*self, self.assign_op(value), Location::caller())
    }

    /// Adds to the variable (`tf.assign_add`).
    #[track_caller]
    pub fn assign_add(&self, value: impl Operand<'g, T>) -> Assigned<'g, T>
    where
        T: Numeric,
    {
        self.assign_add_arg(Arg::of(value))
    }

    /// Subtracts from the variable (`tf.assign_sub`).
    #[track_caller]
    pub fn assign_sub(&self, value: impl Operand<'g, T>) -> Assigned<'g, T>
    where
        T: Numeric,
    {
        Assigned::new(*self, self.assign_sub_op(value), Location::caller())
    }

    #[track_caller]
    fn assign_add_arg(&self, value: Arg<'g>) -> Assigned<'g, T> {
        let change = self.any.change(Change::AssignAdd, value);
        Assigned::new(*self, change, Location::caller())
    }

    /// Sets the variable without reading it afterwards (`v.assign(..., read_value=False)`).
    #[track_caller]
    pub fn assign_op(&self, value: impl Operand<'g, T>) -> Operation<'g> {
        self.any.change(Change::Assign, Arg::of(value))
    }

    /// Adds to the variable without reading it afterwards (`v.assign_add(..., read_value=False)`).
    #[track_caller]
    pub fn assign_add_op(&self, value: impl Operand<'g, T>) -> Operation<'g>
    where
        T: Numeric,
    {
        self.any.change(Change::AssignAdd, Arg::of(value))
    }

    /// Subtracts from the variable without reading it afterwards (`v.assign_sub(..., read_value=False)`).
    #[track_caller]
    pub fn assign_sub_op(&self, value: impl Operand<'g, T>) -> Operation<'g>
    where
        T: Numeric,
    {
        self.any.change(Change::AssignSub, Arg::of(value))
    }
}

impl<T: Element> fmt::Debug for Variable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}
