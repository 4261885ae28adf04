//! Making variables: the nodes of one, in TensorFlow's order, and its `VariableDef`.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::Location;

use super::handle;
use super::scope::NO_LOSSES;
use super::{Reuse, Variable, VariableAggregation, VariableInfo, VariableScope};
use super::{VariableSynchronization, Variables};
use crate::dtype::Element;
use crate::error::{Rule, first_at};
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor, join, keys};
use crate::init::{self, Initializer};
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::regularizer::Regularizer;
use crate::shape::Shape;

/// The argument `initial_value` of `tf.Variable`.
enum InitialValue<'g, T: Element> {
    Operand(AnyOperand<'g, T>),
    Function(Box<dyn FnOnce(&'g GraphBuilder) -> Tensor<'g, T> + 'g>),
}

/// Makes a variable: the arguments of `tf.get_variable` and `tf.Variable`.
///
/// ```
/// use tfhub::init;
/// # let g = tfhub::GraphBuilder::new();
/// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).initializer(init::he_normal()).finish();
/// let step = g.get_variable("step").initial_value(0i64).trainable(false).finish();
/// assert_eq!((kernel.name(), step.name()), ("kernel".into(), "step".into()));
/// ```
#[must_use = "the variable is made by `finish`"]
pub struct VariableBuilder<'g, T: Element> {
    graph: &'g GraphBuilder,
    name: String,
    /// Whether variable scopes and reuse apply.
    shared: bool,
    shape: Option<Shape>,
    initializer: Option<Initializer>,
    initial_value: Option<InitialValue<'g, T>>,
    /// Whether training changes it; as its synchronization says where it is not given.
    trainable: Option<bool>,
    synchronization: VariableSynchronization,
    aggregation: VariableAggregation,
    regularizer: Option<Regularizer>,
    collections: Vec<String>,
    /// Whether it is read once, for all uses.
    caches_value: bool,
    location: &'static Location<'static>,
}

impl GraphBuilder {
    /// A variable that is found by its name in the current variable scope, as by `tf.get_variable`.
    ///
    /// Give it a [`shape`](VariableBuilder::shape) or an [`initial_value`](VariableBuilder::initial_value). Without
    /// an initializer, floating-point variables start from [`init::glorot_uniform`] and others from zeros.
    #[track_caller]
    pub fn get_variable<T: Element>(&self, name: impl Into<String>) -> VariableBuilder<'_, T> {
        VariableBuilder::new(self, name.into(), true)
    }

    /// A variable of its own in the current name scope, as by `tf.Variable`.
    ///
    /// Its name is made unique like that of any node. It needs an
    /// [`initial_value`](VariableBuilder::initial_value).
    #[track_caller]
    pub fn variable<T: Element>(&self, name: impl Into<String>) -> VariableBuilder<'_, T> {
        VariableBuilder::new(self, name.into(), false)
    }
}

impl<'g, T: Element> VariableBuilder<'g, T> {
    #[track_caller]
    fn new(graph: &'g GraphBuilder, name: String, shared: bool) -> Self {
        VariableBuilder {
            graph,
            name,
            shared,
            shape: None,
            initializer: None,
            initial_value: None,
            trainable: None,
            synchronization: VariableSynchronization::default(),
            aggregation: VariableAggregation::default(),
            regularizer: None,
            collections: vec![keys::VARIABLES.to_owned()],
            caches_value: false,
            location: graph.here(Location::caller()),
        }
    }

    /// The shape, of which every dimension must be known.
    pub fn shape(mut self, shape: impl Into<Shape>) -> Self {
        self.shape = Some(shape.into());
        self
    }

    /// The initializer; by default that of the variable scope, or one for the dtype.
    pub fn initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.initializer = initializer.into();
        self
    }

    /// The initial value or tensor, which gives the variable its shape.
    pub fn initial_value(mut self, value: impl Operand<'g, T> + 'g) -> Self {
        self.initial_value = Some(InitialValue::Operand(value.into_any()));
        self
    }

    /// A function that makes the nodes of the initial value, which gives the variable its shape.
    pub fn initial_value_fn(
        mut self,
        value: impl FnOnce(&'g GraphBuilder) -> Tensor<'g, T> + 'g,
    ) -> Self {
        self.initial_value = Some(InitialValue::Function(Box::new(value)));
        self
    }

    /// Whether training changes the variable; it does by default, unless it is
    /// [`OnRead`](VariableSynchronization::OnRead).
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.trainable = Some(trainable);
        self
    }

    /// The time when values of several replicas become one; [`VariableSynchronization::Auto`] by default.
    ///
    /// A variable that is [`OnRead`](VariableSynchronization::OnRead) cannot be trainable.
    pub fn synchronization(mut self, synchronization: VariableSynchronization) -> Self {
        self.synchronization = synchronization;
        self
    }

    /// The way in which values of several replicas become one; [`VariableAggregation::None`] by default, and always for
    /// variables that the body of a function asks for.
    pub fn aggregation(mut self, aggregation: VariableAggregation) -> Self {
        self.aggregation = aggregation;
        self
    }

    /// Adds a loss on the variable to the regularization losses.
    pub fn regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.regularizer = regularizer.into();
        self
    }

    /// The collections that the variable joins instead of [`keys::VARIABLES`]; it joins `trainable_variables` besides if
    /// training changes it.
    ///
    /// It is in each once, however often its key is given. Only variables in [`keys::VARIABLES`] are saved and restored.
    ///
    /// ```
    /// use tfhub::graph::keys;
    /// # let g = tfhub::GraphBuilder::new();
    /// let step = g.get_variable("global_step").initial_value(0i64).trainable(false);
    /// let step = step.collections([keys::VARIABLES, "global_step"]).finish();
    /// let cache = g.get_variable::<f32>("cache").shape([3]).collections([]).trainable(false).finish();
    /// ```
    pub fn collections<'k>(mut self, keys: impl AsRef<[&'k str]>) -> Self {
        let keys = keys.as_ref().iter();
        self.collections = keys.map(|&key| key.to_owned()).collect();
        self
    }

    /// Makes the variable, or finds it where it is to be reused.
    pub fn finish(self) -> Variable<'g, T> {
        self.create_or_find().0
    }

    /// The variable, and whether it is new.
    pub(crate) fn create_or_find(self) -> (Variable<'g, T>, bool) {
        let (g, location) = (self.graph, self.location);
        if !self.shared {
            let name = self.name.clone();
            return g.init_scope(|| g.called_from(location, || (self.make(&name), true)));
        }
        let scope = g.current_variable_scope();
        match scope.gives_values {
            true => g.in_main_graph(|| g.called_from(location, || self.value_of_found(scope))),
            false => g.init_scope(|| g.called_from(location, || self.find_or_make(scope))),
        }
    }

    /// The variable that the body of a function asks for, which is read where the function is made.
    fn value_of_found(mut self, scope: VariableScope) -> (Variable<'g, T>, bool) {
        let g = self.graph;
        if self.regularizer.take().is_some() {
            self.fault(&join(scope.name(), &self.name), NO_LOSSES);
        }
        self.aggregation = VariableAggregation::None;
        if let Some(InitialValue::Operand(value)) = &self.initial_value {
            // TensorFlow looks at its dtype, for which it makes a tensor of it.
            g.name_scope("", || value.clone().into_tensor(g, "Const"));
        }
        let (variable, is_new) = self.find_or_make(scope);
        let value = Some(variable.value().any());
        (Variable { value, ..variable }, is_new)
    }

    fn find_or_make(mut self, scope: VariableScope) -> (Variable<'g, T>, bool) {
        let g = self.graph;
        let full_name = join(scope.name(), &self.name);
        let found = g.extension::<Variables>().by_name.get(&full_name).copied();
        match (found, scope.reuse()) {
            (Some(index), Reuse::No) => {
                let first = match g.extension::<Variables>().list.get(index) {
                    Some(known) => first_at(g.node(known.handle).location),
                    // It could not be made, which is reported already.
                    None => String::new(),
                };
                let message = format!(
                    "the variable exists already{first}; find it with `Reuse::Auto` in `EnterScope::reuse` or in a \
                     layer's `reuse`, or give it another name"
                );
                self.fault(&full_name, message);
                (self.poison(), false)
            }
            (None, Reuse::Yes) => {
                let message = "the variable is to be reused, but does not exist; `Reuse::Auto` in `EnterScope::reuse` \
                               or in a layer's `reuse` makes it";
                self.fault(&full_name, message);
                (self.poison(), false)
            }
            (Some(index), _) => (self.find(&full_name, index), false),
            (None, _) => {
                if self.initial_value.is_none() {
                    self.initializer = self.initializer.take().or(scope.initializer);
                }
                let regularizer = self.regularizer.take().or(scope.regularizer);
                self.caches_value = scope.caches_values;
                let make = || g.name_scope("", || self.make(&full_name));
                let variable = g.without_control_dependencies(make);
                g.extension::<Variables>()
                    .by_name
                    .insert(full_name.clone(), variable.index);
                if let Some(regularizer) = regularizer.filter(|_| !variable.handle.is_poison()) {
                    let scope = format!("{full_name}/Regularizer/");
                    let add_loss = || regularizer.add_loss(&scope, variable);
                    g.colocate_with(variable, || g.without_control_dependencies(add_loss));
                }
                (variable, true)
            }
        }
    }

    fn is_trainable(&self) -> bool {
        let is_read = self.synchronization == VariableSynchronization::OnRead;
        self.trainable.unwrap_or(!is_read)
    }

    fn fault(&self, name: &str, message: impl fmt::Display) {
        self.graph
            .report_node(Rule::Variable, "VarHandleOp", name, self.location, message);
    }

    fn poison(&self) -> Variable<'g, T> {
        Variable::listed(AnyTensor::poison(self.graph), usize::MAX)
    }

    fn find(&self, name: &str, index: usize) -> Variable<'g, T> {
        let known = self.graph.extension::<Variables>().list.get(index).cloned();
        let Some(info) = known else {
            // The variable could not be made, which is reported already.
            return self.poison();
        };
        if info.dtype != T::DTYPE {
            self.fault(
                name,
                format_args!(
                    "reused with dtype {}, its dtype is {}",
                    T::DTYPE,
                    info.dtype
                ),
            );
            return self.poison();
        }
        let known = Shape::from(&info.shape);
        if let Some(shape) = self.shape.as_ref().filter(|shape| **shape != known) {
            self.fault(
                name,
                format_args!("reused with shape {shape}, its shape is {known}"),
            );
            return self.poison();
        }
        let handle = self.graph.main_operation(info.handle).output(0);
        Variable::listed(handle, index)
    }

    /// Makes the nodes in a scope of this name.
    fn make(self, name: &str) -> Variable<'g, T> {
        self.graph
            .inner_scope(name, self.location, |scope| self.make_in(scope))
    }

    fn make_in(mut self, scope: &str) -> Variable<'g, T> {
        let g = self.graph;
        let here = self.location;
        let handle_name = scope.trim_end_matches('/').to_owned();
        let initial_value = self.initial_value.take();
        let initializer = self
            .initializer
            .take()
            .unwrap_or_else(|| init::default_for(T::DTYPE));
        let shape = match self
            .shape
            .take()
            .map(|shape| shape.to_static().ok_or(shape))
        {
            None => None,
            Some(Ok(shape)) => Some(shape),
            Some(Err(shape)) => {
                let message = format!("the variable's shape must be known, it is {shape}");
                self.fault(&handle_name, message);
                return self.poison();
            }
        };
        if self.is_trainable() && self.synchronization == VariableSynchronization::OnRead {
            let message = "a variable of which each replica has its own value until it is read cannot be trainable";
            self.fault(&handle_name, message);
            return self.poison();
        }
        if initial_value.is_none() && shape.is_none() {
            self.fault(
                &handle_name,
                "the variable has neither a shape nor an initial value",
            );
            return self.poison();
        }
        let (value, handle) = g.in_group_of(&handle_name, || {
            let value = g.inner_scope("Initializer", here, |_| {
                g.without_device(|| match initial_value {
                    Some(InitialValue::Operand(value)) => {
                        value.into_tensor(g, "initial_value").any()
                    }
                    Some(InitialValue::Function(value)) => value(g).any(),
                    None => initializer.build(g, shape.as_deref().unwrap_or_default(), T::DTYPE),
                })
            });
            let value_shape = if value.is_poison() {
                None
            } else {
                value.shape().to_static()
            };
            let handle = match (&shape, value_shape) {
                _ if value.is_poison() => AnyTensor::poison(g),
                (_, None) => {
                    let found = value.shape();
                    self.fault(
                        &handle_name,
                        format_args!("the initial value's shape must be known, it is {found}"),
                    );
                    AnyTensor::poison(g)
                }
                (Some(shape), Some(found)) if *shape != found => {
                    self.fault(
                        &handle_name,
                        format_args!(
                            "expected an initial value of shape {shape:?}, found {found:?}"
                        ),
                    );
                    AnyTensor::poison(g)
                }
                (_, Some(found)) => {
                    let op = g.op("VarHandleOp").name(scope).attr("dtype", T::DTYPE);
                    op.attr("shape", Shape::from(found))
                        .attr("shared_name", handle_name.as_str())
                        .output()
                }
            };
            (value, handle)
        });
        if handle.is_poison() {
            return self.poison();
        }
        g.inner_scope("IsInitialized", here, |_| {
            g.op("VarIsInitializedOp").input(handle).finish()
        });
        let assign = g.inner_scope("Assign", here, |scope| {
            handle::on_device(handle, &mut || {
                let assign = g.op("AssignVariableOp").name(scope);
                assign.input(handle).input(value).finish()
            })
        });
        let (read, cached) = g.inner_scope("Read", here, |_| {
            let read = g.device(&handle::device(handle), || {
                handle::read(handle, T::DTYPE, None)
            });
            let cached = || g.op("Identity").input(read.output(0)).output();
            let cached = self
                .caches_value
                .then(|| g.without_colocation(|| g.without_device(cached)));
            (read.output(0), cached)
        });
        let def = VariableDef {
            variable_name: handle.name(),
            initializer_name: assign.name(),
            snapshot_name: cached.unwrap_or(read).name(),
            initial_value_name: value.name(),
            is_resource: true,
            trainable: self.is_trainable(),
            synchronization: self.synchronization.to_proto().into(),
            aggregation: self.aggregation.to_proto().into(),
            ..VariableDef::default()
        }
        .encode_to_vec();
        let index = self.register(&handle_name, value, handle, def);
        if let Some(cached) = cached {
            let node = cached.tensor_ref().node;
            g.extension::<Variables>().cached.insert(index, node);
        }
        Variable::listed(handle, index)
    }

    /// Lists the variable and adds it to its collections.
    fn register(
        &self,
        name: &str,
        value: AnyTensor<'g>,
        handle: AnyTensor<'g>,
        def: Vec<u8>,
    ) -> usize {
        let g = self.graph;
        let index = {
            let info = VariableInfo {
                name: name.to_owned(),
                dtype: T::DTYPE,
                shape: value.shape().to_static().unwrap_or_default(),
                handle: handle.tensor_ref().node,
                initial_value: Some(value.tensor_ref()),
                trainable: self.is_trainable(),
                part: None,
            };
            let mut variables = g.extension::<Variables>();
            variables.list.push(info);
            variables.defs.push(def.clone());
            variables.list.len() - 1
        };
        let trainable = self.is_trainable();
        let trainable = trainable.then_some(keys::TRAINABLE_VARIABLES);
        let given = self.collections.iter().map(String::as_str);
        for key in given.chain(trainable).collect::<BTreeSet<_>>() {
            g.add_to_collection(key, def.clone());
        }
        index
    }
}

impl<T: Element> fmt::Debug for VariableBuilder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariableBuilder")
            .field("name", &self.name)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
