//! Variables as TensorFlow Hub makes them: resource variables, shared by name through variable scopes.

mod arguments;
mod builder;
mod handle;
mod initialized;
mod moving_average;
mod operators;
mod replicas;
mod scope;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::OnceLock;

use crate::dtype::{DType, Element};
use crate::error::Rule;
use crate::graph::{
    AnyOperand, AnyTensor, CollectionItem, Graph, GraphBuilder, HashMap, HashSet, IntoStructure,
    Item, NodeId, Operand, Operation, Tensor, TensorRef, keys, parse_tensor_name, sealed,
    structure,
};
use crate::ops::TensorLike;
use crate::ops::array::{self, Index, OperationLike};
use crate::ops::types::Numeric;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::shape::Shape;
use crate::value::TensorSlice;

pub use builder::VariableBuilder;
pub use moving_average::{
    AnyScalar, Averaged, AveragedList, ExponentialMovingAverage, MovingAverageOptions,
};
pub use replicas::{VariableAggregation, VariableSynchronization};
pub use scope::{EnterScope, Reuse, VariableScope};

/// A variable, a `tf.Variable` with `use_resource=True`.
///
/// It is made with [`GraphBuilder::get_variable`] or [`GraphBuilder::variable`]. Each use of its value makes a
/// node that reads it.
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
    graph: &'g GraphBuilder,
    handle: AnyTensor<'g>,
    /// The value that stands for the variable where the body of a function has asked for it.
    value: Option<AnyTensor<'g>>,
    /// The value that was read where the variable was made in a loop over rows.
    cached: Option<AnyTensor<'g>>,
    /// The place in the graph's list of variables.
    index: usize,
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
    pub(crate) shape: Vec<usize>,
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
fn on_cpu(device: &str) -> String {
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
    /// The serialized `VariableDef` of each variable.
    defs: Vec<Vec<u8>>,
    /// The nodes with the values of those that are read once, for all uses.
    cached: HashMap<usize, NodeId>,
    scopes: scope::Scopes,
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
        self.graph
    }

    /// The variable with a handle at a place in the graph's list.
    fn listed(handle: AnyTensor<'g>, index: usize) -> Self {
        let graph = handle.graph();
        let cached = graph.extension::<Variables>().cached.get(&index).copied();
        Variable {
            graph,
            handle,
            value: None,
            cached: cached.map(|cached| graph.main_operation(cached).output(0)),
            index,
            element: PhantomData,
        }
    }

    /// The variable's name, which is its key in checkpoints.
    pub fn name(&self) -> String {
        self.handle.operation().name()
    }

    /// The variable's shape.
    pub fn shape(&self) -> Shape {
        match self.graph.extension::<Variables>().list.get(self.index) {
            Some(info) => Shape::from(&info.shape),
            None => Shape::unknown(),
        }
    }

    /// The node that stands for the variable.
    pub fn operation(&self) -> Operation<'g> {
        self.handle.operation()
    }

    /// The variable's value at this point of the graph, as `v.value()` gives in Python.
    ///
    /// The [body of a function](GraphBuilder::function) that asks for a variable gets the value from outside.
    #[track_caller]
    pub fn value(&self) -> Tensor<'g, T> {
        let here = Location::caller();
        let read = || handle::value(self.handle, T::DTYPE, here);
        self.value.or(self.cached).unwrap_or_else(read).typed()
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

    /// The variable's value read now, as `v.read_value()` gives in Python.
    #[track_caller]
    pub fn read_value(&self) -> Tensor<'g, T> {
        if self.is_mere_value("read anew") {
            return AnyTensor::poison(self.graph).typed();
        }
        handle::value_now(self.handle, T::DTYPE, Location::caller()).typed()
    }

    /// Sets the variable (`tf.assign`).
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
        Assigned::new(*self, self.assign_add_op(value), Location::caller())
    }

    /// Subtracts from the variable (`tf.assign_sub`).
    #[track_caller]
    pub fn assign_sub(&self, value: impl Operand<'g, T>) -> Assigned<'g, T>
    where
        T: Numeric,
    {
        Assigned::new(*self, self.assign_sub_op(value), Location::caller())
    }

    /// Sets the variable without reading it afterwards (`v.assign(..., read_value=False)`).
    #[track_caller]
    pub fn assign_op(&self, value: impl Operand<'g, T>) -> Operation<'g> {
        self.update("AssignVariableOp", value)
    }

    /// Adds to the variable without reading it afterwards (`v.assign_add(..., read_value=False)`).
    #[track_caller]
    pub fn assign_add_op(&self, value: impl Operand<'g, T>) -> Operation<'g>
    where
        T: Numeric,
    {
        self.update("AssignAddVariableOp", value)
    }

    /// Subtracts from the variable without reading it afterwards (`v.assign_sub(..., read_value=False)`).
    #[track_caller]
    pub fn assign_sub_op(&self, value: impl Operand<'g, T>) -> Operation<'g>
    where
        T: Numeric,
    {
        self.update("AssignSubVariableOp", value)
    }

    #[track_caller]
    fn update(&self, op: &'static str, value: impl Operand<'g, T>) -> Operation<'g> {
        let g = self.graph;
        if self.is_mere_value("changed") {
            return AnyTensor::poison(g).operation();
        }
        let name = g.requested_name(op).into_owned();
        g.called_from(Location::caller(), || {
            // The cached value is that from before, but an initial value has none before it.
            let before = self.cached.filter(|_| op != "AssignVariableOp");
            g.control_dependencies(before, || {
                let value = value.into_tensor(g, "Const");
                g.op(op).name(name).input(self.handle).input(value).finish()
            })
        })
    }

    /// Reports what cannot be done to a variable that the body of a function has asked for.
    #[track_caller]
    fn is_mere_value(&self, wanted: &str) -> bool {
        if self.value.is_some() {
            let here = self.graph.here(Location::caller());
            let message = format!(
                "a variable that a function's body asks for is its value there, which cannot be {wanted}; make the \
                 variable outside of the function"
            );
            let report = GraphBuilder::report_node;
            report(
                self.graph,
                Rule::Variable,
                "VarHandleOp",
                &self.name(),
                here,
                message,
            );
        }
        self.value.is_some()
    }
}

/// A change of a variable, which stands for the value that the variable has after it.
///
/// As an operand, it is read anew each time. In a collection, such as the update ops, and as a control dependency, it
/// stands for the operation that makes the change.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let steps = g.get_variable("steps").initial_value(0i64).trainable(false).finish();
/// let next = steps.assign_add(1);
/// let step = g.named("step", || array::identity(next));
/// g.add_to_collection(tfhub::graph::keys::UPDATE_OPS, next);
/// assert_eq!(next.operation().name(), "AssignAddVariableOp");
/// # g.finish()?;
/// # Ok::<(), tfhub::Error>(())
/// ```
pub struct Assigned<'g, T: Element> {
    variable: Variable<'g, T>,
    operation: Operation<'g>,
}

impl<T: Element> Clone for Assigned<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Element> Copy for Assigned<'_, T> {}

impl<'g, T: Element> Assigned<'g, T> {
    fn new(
        variable: Variable<'g, T>,
        operation: Operation<'g>,
        location: &'static Location<'static>,
    ) -> Self {
        let assigned = Assigned {
            variable,
            operation,
        };
        // TensorFlow makes one read at once, which `Session.run` would fetch; none is fetched from a function.
        if variable.graph.is_in_main_graph() {
            assigned.read(location);
        }
        assigned
    }

    /// The operation that makes the change.
    pub fn operation(&self) -> Operation<'g> {
        self.operation
    }

    /// The variable's value after the change.
    #[track_caller]
    pub fn value(&self) -> Tensor<'g, T> {
        self.read(Location::caller()).typed()
    }

    fn read(&self, location: &'static Location<'static>) -> AnyTensor<'g> {
        let Variable { graph, handle, .. } = self.variable;
        let after = Some(self.operation);
        let read = graph.called_from(location, || handle::read(handle, T::DTYPE, after));
        read.output(0)
    }
}

impl<T: Element> fmt::Debug for Assigned<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{:?} of {:?}>", self.operation, self.variable)
    }
}

impl<T: Element> sealed::Operand for Assigned<'_, T> {}

impl<'g, T: Element> Operand<'g, T> for Assigned<'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        AnyOperand::read(self.variable.shape(), move || self.value().any())
    }
}

impl<'g, T: Element> TensorLike<'g, T> for Assigned<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.variable.graph
    }

    fn static_shape(&self) -> Shape {
        self.variable.shape()
    }
}

impl<'g, T: Element> From<Assigned<'g, T>> for CollectionItem<'g> {
    fn from(assigned: Assigned<'g, T>) -> Self {
        CollectionItem::Operation(assigned.operation)
    }
}

impl<'g, T: Element> From<Assigned<'g, T>> for Operation<'g> {
    fn from(assigned: Assigned<'g, T>) -> Self {
        assigned.operation
    }
}

impl<T: Element> sealed::Operand for Variable<'_, T> {}

impl<T: Element> structure::sealed::Structure for Variable<'_, T> {}

/// Its value, read where the structure is made.
impl<'g, T: Element> IntoStructure<'g> for Variable<'g, T> {
    type Structure = Tensor<'g, T>;

    fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
        self.into_tensor(g, "")
    }
}

impl<'g, T: Element> Operand<'g, T> for Variable<'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        match self.value.or(self.cached) {
            Some(value) => AnyOperand::tensor(value.typed()),
            None => AnyOperand::read(self.shape(), move || self.value().any()),
        }
    }
}

/// The function of an operand that is a list of variables, which becomes one tensor as lists of tensors do.
macro_rules! list {
    () => {
        fn into_any(self) -> AnyOperand<'g, T> {
            AnyOperand::list(self.iter().map(|&variable| variable.into_any()).collect())
        }
    };
}

impl<T: Element> sealed::Operand for Vec<Variable<'_, T>> {}

impl<'g, T: Element> Operand<'g, T> for Vec<Variable<'g, T>> {
    list!();
}

impl<T: Element> sealed::Operand for &Vec<Variable<'_, T>> {}

impl<'g, T: Element> Operand<'g, T> for &Vec<Variable<'g, T>> {
    list!();
}

impl<T: Element> sealed::Operand for &[Variable<'_, T>] {}

impl<'g, T: Element> Operand<'g, T> for &[Variable<'g, T>] {
    list!();
}

impl<T: Element, const N: usize> sealed::Operand for [Variable<'_, T>; N] {}

impl<'g, T: Element, const N: usize> Operand<'g, T> for [Variable<'g, T>; N] {
    list!();
}

impl<T: Element, const N: usize> sealed::Operand for &[Variable<'_, T>; N] {}

impl<'g, T: Element, const N: usize> Operand<'g, T> for &[Variable<'g, T>; N] {
    list!();
}

impl<'g, T: Element> TensorLike<'g, T> for Variable<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    fn static_shape(&self) -> Shape {
        self.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        self.value.map(|value| value.typed())
    }

    fn as_handle(&self) -> Option<AnyTensor<'g>> {
        self.value.is_none().then_some(self.handle)
    }
}

impl<T: Element> array::sealed::OperationLike for Variable<'_, T> {}

impl<'g, T: Element> OperationLike<'g> for Variable<'g, T> {}

impl<T: Element> array::sealed::OperationLike for Assigned<'_, T> {}

impl<'g, T: Element> OperationLike<'g> for Assigned<'g, T> {
    fn placed(self) -> (Operation<'g>, String) {
        let device = handle::device(self.variable.handle).to_string();
        (self.operation, device)
    }
}

impl<'g, T: Element> From<Variable<'g, T>> for Operation<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        variable.value.unwrap_or(variable.handle).operation()
    }
}

/// The variable's `VariableDef` message.
impl<'g, T: Element> From<Variable<'g, T>> for CollectionItem<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        let variables = variable.graph.extension::<Variables>();
        let def = variables.defs.get(variable.index).cloned();
        CollectionItem::Message(variable.graph, def.unwrap_or_default())
    }
}

impl<T: Element> fmt::Debug for Variable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<Variable \"{}\" {} {}>",
            self.name(),
            T::DTYPE,
            self.shape()
        )
    }
}
