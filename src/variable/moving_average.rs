//! Moving averages of variables and tensors.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use half::{bf16, f16};

use super::{AnyVariable, Assigned, EnterScope, Reuse, Variable, Variables, assign};
use crate::dtype::{DType, Element};
use crate::error::Rule;
use crate::graph::{
    AnyTensor, GraphBuilder, GraphNumber, HashMap, HashSet, Operand, Operation, Tensor, TensorRef,
    join, keys, numbered,
};
use crate::init;
use crate::ops::array::{self, OperationLike};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Float, Numeric};
use crate::ops::{OrDefault, TensorLike};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// A number, or a scalar tensor or variable of any type of numbers: the decay of moving averages and the number of their
/// updates.
#[derive(Debug, Clone)]
pub struct AnyScalar<'g>(Kind<'g>);

#[derive(Debug, Clone)]
enum Kind<'g> {
    /// Python computes with it before it becomes a constant.
    Number(f64),
    Arg(Arg<'g>),
}

impl From<f64> for AnyScalar<'_> {
    fn from(number: f64) -> Self {
        AnyScalar(Kind::Number(number))
    }
}

impl From<i32> for AnyScalar<'_> {
    fn from(number: i32) -> Self {
        AnyScalar(Kind::Arg(Arg::Value(number.into_tensor_value())))
    }
}

impl<'g, T: Numeric> From<Tensor<'g, T>> for AnyScalar<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        AnyScalar(Kind::Arg(tensor.into()))
    }
}

impl<'g, T: Numeric> From<Variable<'g, T>> for AnyScalar<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        AnyScalar(Kind::Arg(Arg::of(variable)))
    }
}

impl<'g> AnyScalar<'g> {
    pub(crate) fn of(tensor: AnyTensor<'g>) -> Self {
        AnyScalar(Kind::Arg(tensor.into()))
    }

    /// The argument as Python converts it to a tensor.
    pub(crate) fn into_arg(self) -> Arg<'g> {
        match self.0 {
            Kind::Number(number) => Arg::Value((number as f32).into_tensor_value()),
            Kind::Arg(arg) => arg,
        }
    }

    /// The argument where it takes the dtype of another one.
    pub(crate) fn into_operand(self) -> Arg<'g> {
        match self.0 {
            Kind::Number(number) => number.into(),
            Kind::Arg(arg) => arg,
        }
    }

    /// Itself with the other sign, where it takes the dtype of another one.
    #[track_caller]
    pub(crate) fn negative(self, n: Nodes<'g>) -> Arg<'g> {
        match self.0 {
            Kind::Number(number) => (-number).into(),
            Kind::Arg(arg) => n.unary("Neg", arg).into(),
        }
    }

    /// The static shape.
    pub(crate) fn shape(&self) -> Shape {
        match &self.0 {
            Kind::Number(_) => ().into(),
            Kind::Arg(arg) => arg.shape(),
        }
    }

    /// 1 minus itself, as a tensor of the dtype.
    #[track_caller]
    pub(crate) fn complement(self, n: Nodes<'g>, dtype: DType) -> AnyTensor<'g> {
        let complement = match self.0 {
            Kind::Number(number) => n.constant("decay", (1.0 - number) as f32),
            Kind::Arg(arg) => n.sub(1.0, arg.read_first(n.0)),
        };
        n.cast(complement, dtype)
    }
}

/// A variable or tensor whose moving average is kept.
#[derive(Debug, Clone, Copy)]
pub struct Averaged<'g> {
    tensor: AnyTensor<'g>,
    /// The place of a variable in the graph's list.
    variable: Option<usize>,
    dtype: DType,
}

impl<'g, T: Float> From<Variable<'g, T>> for Averaged<'g> {
    #[track_caller]
    fn from(variable: Variable<'g, T>) -> Self {
        variable.any.is_whole("averaged");
        Averaged {
            tensor: variable.any.value.unwrap_or(variable.any.handle),
            variable: variable.any.value.is_none().then_some(variable.any.index),
            dtype: T::DTYPE,
        }
    }
}

impl<'g, T: Float> From<Tensor<'g, T>> for Averaged<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        Averaged {
            tensor: tensor.any(),
            variable: None,
            dtype: T::DTYPE,
        }
    }
}

impl<'g> Averaged<'g> {
    fn key(&self) -> (GraphNumber, TensorRef) {
        self.tensor.key()
    }

    /// The variable of the element type, which is its own.
    fn variable<T: Element>(&self) -> Option<Variable<'g, T>> {
        let variable = AnyVariable::listed(self.tensor, self.dtype, self.variable?);
        Some(variable.typed())
    }

    fn argument<T: Float>(&self) -> Arg<'g> {
        match self.variable::<T>() {
            Some(variable) => Arg::of(variable),
            None => self.tensor.into(),
        }
    }
}

/// The variables and tensors of which [`ExponentialMovingAverage::apply`] keeps averages: a tuple, an array or a vector
/// of them; `()` stands for all variables that training changes.
pub trait AveragedList<'g>: sealed::AveragedList {
    /// The variables and tensors in their order.
    fn into_list(self, g: &'g GraphBuilder) -> Vec<Averaged<'g>>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait AveragedList {}

    impl AveragedList for () {}
    impl<X> AveragedList for Vec<X> {}
    impl<X, const N: usize> AveragedList for [X; N] {}
}

impl<'g> AveragedList<'g> for () {
    fn into_list(self, g: &'g GraphBuilder) -> Vec<Averaged<'g>> {
        trainable(g)
    }
}

impl<'g, X: Into<Averaged<'g>>> AveragedList<'g> for Vec<X> {
    fn into_list(self, _g: &'g GraphBuilder) -> Vec<Averaged<'g>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<'g, X: Into<Averaged<'g>>, const N: usize> AveragedList<'g> for [X; N] {
    fn into_list(self, _g: &'g GraphBuilder) -> Vec<Averaged<'g>> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T),*> sealed::AveragedList for ($($T,)*) {}

        impl<'g, $($T: Into<Averaged<'g>>),*> AveragedList<'g> for ($($T,)*) {
            fn into_list(self, _g: &'g GraphBuilder) -> Vec<Averaged<'g>> {
                #[allow(non_snake_case, reason = "a type's name stands for its value")]
                let ($($T,)*) = self;
                vec![$($T.into()),*]
            }
        }
    )*};
}

each_tuple!(tuples);

/// All variables that training changes.
fn trainable(g: &GraphBuilder) -> Vec<Averaged<'_>> {
    let variables = g.extension::<Variables>();
    let list = variables.list.iter().enumerate();
    let list: Vec<_> = list
        .filter(|(_, info)| info.trainable)
        .map(|(index, info)| (index, info.handle, info.dtype))
        .collect();
    drop(variables);
    let list = list.into_iter();
    list.map(|(index, handle, dtype)| Averaged {
        tensor: g.main_operation(handle).output(0),
        variable: Some(index),
        dtype,
    })
    .collect()
}

/// Runs an expression for the float type that a dtype names; nothing for other dtypes.
macro_rules! of_float {
    ($dtype:expr, $T:ident => $result:expr) => {
        match $dtype {
            DType::Float32 => {
                type $T = f32;
                Some($result)
            }
            DType::Float64 => {
                type $T = f64;
                Some($result)
            }
            DType::Float16 => {
                type $T = f16;
                Some($result)
            }
            DType::BFloat16 => {
                type $T = bf16;
                Some($result)
            }
            _ => None,
        }
    };
}

options! {
    /// The arguments of `tf.train.ExponentialMovingAverage` that have defaults.
    ///
    /// ```
    /// use tfhub::variable::{ExponentialMovingAverage, MovingAverageOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let step = g.get_variable("step").initial_value(0i64).trainable(false).finish();
    /// let options = MovingAverageOptions::default().num_updates(step).name("average");
    /// let averages = ExponentialMovingAverage::new(&g, 0.999, options);
    /// # let _ = averages;
    /// ```
    #[derive(Debug, Clone)]
    MovingAverageOptions<'g> {
        /// The number of updates so far, with which the decay grows: it is at most (1 + n) / (10 + n).
        num_updates: Option<AnyScalar<'g>> = None, impl Into<AnyScalar<'g>> => Some(num_updates.into());
        /// Whether averages of tensors, which start at 0, are corrected for that; they are not by default.
        zero_debias: bool = false;
        /// The name in those of the averages and of the operations; `ExponentialMovingAverage` by default.
        name: String = "ExponentialMovingAverage".to_owned(), impl Into<String> => name.into();
    }
}

/// Moving averages of variables and tensors, in which each value counts less by a factor with every update
/// (`tf.train.ExponentialMovingAverage`).
///
/// [`apply`](Self::apply) makes a variable for each average, which a module has and its checkpoint too. Averages of
/// variables put these into the collection `moving_average_variables`, which TensorFlow Hub does not know: a module of
/// such a graph [drops it](crate::module::ModuleSpecBuilder::drop_collections).
///
/// ```
/// use tfhub::variable::ExponentialMovingAverage;
/// # let g = tfhub::GraphBuilder::new();
/// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
/// let averages = ExponentialMovingAverage::new(&g, 0.99, ());
/// let update = averages.apply([kernel]);
/// let average = averages.average(kernel).unwrap();
/// assert_eq!(average.name(), "kernel/ExponentialMovingAverage");
/// assert_eq!(update.name(), "ExponentialMovingAverage");
/// ```
pub struct ExponentialMovingAverage<'g> {
    graph: &'g GraphBuilder,
    decay: AnyScalar<'g>,
    options: MovingAverageOptions<'g>,
    averages: RefCell<HashMap<(GraphNumber, TensorRef), Averaged<'g>>>,
}

impl<'g> ExponentialMovingAverage<'g> {
    /// Averages with a decay, the part of an average that is left of it after an update.
    pub fn new(
        g: &'g GraphBuilder,
        decay: impl Into<AnyScalar<'g>>,
        options: impl Into<MovingAverageOptions<'g>>,
    ) -> Self {
        ExponentialMovingAverage {
            graph: g,
            decay: decay.into(),
            options: options.into(),
            averages: RefCell::default(),
        }
    }

    /// The name in those of the averages.
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// The operation that updates the averages of these variables and tensors, for each of which the first call makes a
    /// variable: that of a variable starts with its initial value, and that of a tensor with zeros.
    ///
    /// ```
    /// use tfhub::variable::ExponentialMovingAverage;
    /// # let g = tfhub::GraphBuilder::new();
    /// let bias = g.get_variable::<f32>("bias").shape([3]).finish();
    /// let loss = g.placeholder::<f32>(());
    /// let averages = ExponentialMovingAverage::new(&g, 0.9, ());
    /// let update = averages.apply((bias, loss));
    /// g.add_to_collection(tfhub::graph::keys::UPDATE_OPS, update);
    /// averages.apply(());
    /// ```
    #[track_caller]
    pub fn apply(&self, of: impl AveragedList<'g>) -> Operation<'g> {
        self.update(of.into_list(self.graph))
    }

    #[track_caller]
    fn update(&self, list: Vec<Averaged<'g>>) -> Operation<'g> {
        let g = self.graph;
        let n = Nodes(g);
        let mut debiased = HashSet::default();
        for of in &list {
            if self.averages.borrow().contains_key(&of.key()) {
                continue;
            }
            let made = of_float!(of.dtype, T => self.make_average::<T>(of));
            let Some(average) = made else {
                let (name, dtype) = (of.tensor.operation().name(), of.dtype);
                let message =
                    format!("an average is of floating-point numbers, \"{name}\" has {dtype}");
                g.report(Rule::Variable, message);
                continue;
            };
            if of.variable.is_none() && self.options.zero_debias {
                debiased.insert(of.key());
            }
            self.averages.borrow_mut().insert(of.key(), average);
        }
        let scope = n.open_scope(&self.options.name);
        let decay = self.current_decay(n);
        let mut updates = Vec::new();
        for of in &list {
            let Some(average) = self.averages.borrow().get(&of.key()).copied() else {
                continue;
            };
            let zero_debias = debiased.contains(&of.key());
            let update = of_float!(of.dtype, T => {
                let average = average.variable::<T>();
                average.map(|average| {
                    let decay = AnyScalar(Kind::Arg(decay.into()));
                    let value = of.argument::<T>();
                    moving_average(average, "AssignMovingAvg", value, decay, zero_debias).placed()
                })
            });
            updates.extend(update.flatten());
        }
        g.named(&scope, || g.grouped(updates))
    }

    /// The decay, which the number of updates may lower.
    #[track_caller]
    fn current_decay(&self, n: Nodes<'g>) -> AnyTensor<'g> {
        let decay = self.decay.clone().into_arg();
        let decay = decay.convert(n.0, "decay", DType::Float32);
        let Some(num_updates) = self.options.num_updates.clone() else {
            return decay;
        };
        let num_updates = n.cast_as("num_updates", num_updates.into_arg(), DType::Float32);
        let (above, below) = (n.add(1.0, num_updates), n.add(10.0, num_updates));
        let limit = n.truediv(above, below);
        n.minimum(decay, limit)
    }

    /// Makes the variable for an average.
    #[track_caller]
    fn make_average<T: Float>(&self, of: &Averaged<'g>) -> Averaged<'g> {
        let g = self.graph;
        let name = format!("{}/{}", of.tensor.operation().name(), self.options.name);
        let scope = || EnterScope::with_default_name(name);
        let make = || match of.variable::<T>() {
            Some(variable) => {
                let value = variable.initialized_value();
                let average = || {
                    let average = g.get_variable("").initial_value(value);
                    let average = average.validate_shape(value.shape().is_static());
                    let average = average.use_resource(!variable.any.handle.is_ref());
                    average.trainable(false).finish()
                };
                let average = g.variable_scope(scope(), |_| g.colocate_with(variable, average));
                g.add_to_collection(keys::MOVING_AVERAGE_VARIABLES, variable);
                average
            }
            None => {
                let average = g.get_variable::<T>("").trainable(false);
                let shape = of.tensor.shape();
                let average = match shape.is_static() {
                    true => average.shape(shape).initializer(init::zeros()),
                    false => {
                        let sizes = Nodes(g).shape(of.tensor).typed::<i32>();
                        let zeros = array::zeros::<T>(g, sizes);
                        let is_known = zeros.shape().is_static();
                        average.initial_value(zeros).validate_shape(is_known)
                    }
                };
                g.variable_scope(scope(), |_| average.finish())
            }
        };
        Averaged::from(g.called_from(Location::caller(), || g.init_scope(make)))
    }

    /// The variable that has the average of a variable or tensor, if [`apply`](Self::apply) has made one.
    pub fn average<T: Float>(
        &self,
        of: impl TensorLike<'g, T> + Into<Averaged<'g>>,
    ) -> Option<Variable<'g, T>> {
        self.averages.borrow().get(&of.into().key())?.variable()
    }

    /// The name of the variable that has the average of a variable or tensor, or would have it, which is its key in
    /// checkpoints.
    ///
    /// ```
    /// use tfhub::variable::ExponentialMovingAverage;
    /// # let g = tfhub::GraphBuilder::new();
    /// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    /// let averages = ExponentialMovingAverage::new(&g, 0.99, ());
    /// assert_eq!(averages.average_name(kernel), "kernel/ExponentialMovingAverage");
    /// ```
    pub fn average_name(&self, of: impl Into<Averaged<'g>>) -> String {
        self.name_of_average(of.into().tensor)
    }

    fn name_of_average(&self, of: AnyTensor<'g>) -> String {
        match self.averages.borrow().get(&of.key()) {
            Some(average) => average.tensor.operation().name(),
            None => {
                let name = join(&of.operation().name(), &self.options.name);
                self.graph.free_name(&name)
            }
        }
    }

    /// The names under which a checkpoint has the values that variables are restored from: those of the averages for
    /// variables that training changes or that have averages, and their own for all others.
    ///
    /// ```
    /// use tfhub::variable::ExponentialMovingAverage;
    /// # let g = tfhub::GraphBuilder::new();
    /// g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    /// let averages = ExponentialMovingAverage::new(&g, 0.99, ());
    /// let restored = averages.variables_to_restore();
    /// assert_eq!(restored["kernel/ExponentialMovingAverage"], "kernel");
    /// ```
    pub fn variables_to_restore(&self) -> BTreeMap<String, String> {
        let g = self.graph;
        let averaged = self.averages.borrow();
        let mut from_average = trainable(g);
        let is_averaged = |handle: &AnyTensor<'g>| averaged.contains_key(&handle.key());
        let all: Vec<_> = {
            let variables = g.extension::<Variables>();
            variables.list.iter().map(|info| info.handle).collect()
        };
        let all = all
            .into_iter()
            .map(|handle| g.main_operation(handle).output(0));
        let all: Vec<_> = all.collect();
        let mut names = BTreeMap::new();
        let mut done = HashSet::default();
        let trained = from_average.drain(..).map(|of| of.tensor);
        for handle in trained.chain(all.iter().copied().filter(is_averaged)) {
            if done.insert(handle.key()) {
                names.insert(self.name_of_average(handle), handle.operation().name());
            }
        }
        for handle in all.iter().filter(|handle| !done.contains(&handle.key())) {
            let name = handle.operation().name();
            names.entry(name.clone()).or_insert(name);
        }
        names
    }
}

impl fmt::Debug for ExponentialMovingAverage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExponentialMovingAverage")
            .field("decay", &self.decay)
            .field("options", &self.options)
            .field("averages", &self.averages.borrow().len())
            .finish_non_exhaustive()
    }
}

impl<'g, T: Float> Variable<'g, T> {
    /// Takes the variable as a moving average and brings it up to date with a value, of which it keeps `decay` and takes
    /// the rest from the value (`tf.python.training.moving_averages.assign_moving_average`).
    ///
    /// By default the average is corrected for its start at 0, for which two further variables are made (`zero_debias`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let mean = g.get_variable::<f32>("mean").shape([3]).trainable(false).finish();
    /// let batch_mean = g.placeholder::<f32>((3,));
    /// let update = mean.assign_moving_average(batch_mean, 0.99, false);
    /// assert_eq!(update.operation().name(), "AssignMovingAvg/AssignSubVariableOp");
    /// ```
    #[track_caller]
    pub fn assign_moving_average(
        &self,
        value: impl Operand<'g, T>,
        decay: impl Into<AnyScalar<'g>>,
        zero_debias: impl Into<OrDefault<bool>>,
    ) -> Assigned<'g, T> {
        let name = self.any.graph.requested_name("AssignMovingAvg");
        let zero_debias = zero_debias.into().0.unwrap_or(true);
        moving_average(*self, &name, Arg::of(value), decay.into(), zero_debias)
    }
}

/// Updates an average under a name.
#[track_caller]
fn moving_average<'g, T: Float>(
    average: Variable<'g, T>,
    name: &str,
    value: Arg<'g>,
    decay: AnyScalar<'g>,
    zero_debias: bool,
) -> Assigned<'g, T> {
    let g = average.any.graph;
    let n = Nodes(g);
    let scope = n.open_scope(name);
    let rest = decay.complement(n, T::DTYPE);
    let change = |average: Variable<'g, T>, value: Arg<'g>| {
        let difference = n.sub(average.value(), value);
        n.mul(difference, rest).typed::<T>()
    };
    if !zero_debias {
        return subtract_as(&scope, average, change(average, value));
    }
    let (biased, local_step) = g.variable_scope(average.name().as_str(), |_| {
        g.colocate_with(average, || {
            let zeros = |name: &str, shape| {
                let variable = g.get_variable::<T>(free_variable(g, name)).shape(shape);
                variable
                    .initializer(init::zeros())
                    .trainable(false)
                    .finish()
            };
            (
                zeros("biased", average.shape()),
                zeros("local_step", ().into()),
            )
        })
    });
    let biased = biased.assign_sub(change(biased, value));
    let local_step = local_step.assign_add_arg(Arg::Number(1.0));
    let decay = n.sub(1.0, rest);
    let left = n.call(("Pow", "Pow"), [decay.into(), Arg::of(local_step)]);
    let factor = n.sub(1.0, left);
    let unbiased = n.truediv(biased.value(), factor).typed::<T>();
    g.named(&scope, || assign(average, unbiased, ()))
}

/// Subtracts from a variable in a scope, whose name the change of a variable of the old kind gets.
#[track_caller]
pub(crate) fn subtract_as<'g, T: Float>(
    scope: &str,
    variable: Variable<'g, T>,
    change: Tensor<'g, T>,
) -> Assigned<'g, T> {
    match variable.any.handle.is_ref() {
        true => (variable.any.graph).named(scope, || variable.assign_sub(change)),
        false => variable.assign_sub(change),
    }
}

/// The name for a variable in the variable scope that is open which no variable there has, unless it is to be found.
fn free_variable(g: &GraphBuilder, name: &str) -> String {
    let scope = g.current_variable_scope();
    if scope.reuse() != Reuse::No {
        return name.to_owned();
    }
    let variables = g.extension::<Variables>();
    let taken = |name: &str| {
        let path = join(scope.name(), name);
        variables.by_name.contains_key(&path)
    };
    let numbers = (1..).map(|number| numbered(name, number));
    let mut names = std::iter::once(name.to_owned()).chain(numbers);
    names.find(|name| !taken(name)).unwrap_or_default()
}
