//! Variables to be made, with their options.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;

use super::make::make;
use super::request::{CustomGetter, InitialValue};
use super::{AnyVariable, CachingDevice, Constraint, Partitioner, Variable, VariableAggregation};
use super::{VariableRequest, VariableSynchronization, Variables};
use crate::dtype::Element;
use crate::graph::{GraphBuilder, Operand, Tensor, keys};
use crate::init::Initializer;
use crate::ops::nodes::Arg;
use crate::regularizer::Regularizer;
use crate::shape::Shape;

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
    request: VariableRequest<'g>,
    /// Whether variable scopes and reuse apply.
    shared: bool,
    /// Whether it is in the collection of local variables besides those that are given.
    is_local: bool,
    element: PhantomData<fn() -> T>,
}

impl GraphBuilder {
    /// A variable that is found by its name in the current variable scope, as by `tf.get_variable`.
    ///
    /// Give it a [`shape`](VariableBuilder::shape) or an [`initial_value`](VariableBuilder::initial_value). Without
    /// an initializer, floating-point variables start from [`glorot_uniform`](crate::init::glorot_uniform)
    /// and others from zeros.
    #[track_caller]
    pub fn get_variable<T: Element>(&self, name: impl Into<String>) -> VariableBuilder<'_, T> {
        VariableBuilder::new(self, name.into(), true)
    }

    /// A variable that is not saved, found by its name in the current variable scope, as by `tf.get_local_variable`: it is in
    /// the collection [`keys::LOCAL_VARIABLES`], and training does not change it.
    ///
    /// TensorFlow Hub does not know the collection: a module of such a graph
    /// [drops it](crate::module::ModuleSpecBuilder::drop_collections).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let seen = g.get_local_variable("seen").initial_value(0i64).finish();
    /// assert_eq!(seen.name(), "seen");
    /// ```
    #[track_caller]
    pub fn get_local_variable<T: Element>(
        &self,
        name: impl Into<String>,
    ) -> VariableBuilder<'_, T> {
        let builder = VariableBuilder::new(self, name.into(), true);
        let builder = builder.trainable(false);
        VariableBuilder {
            is_local: true,
            ..builder.collections([])
        }
    }

    /// A variable of its own in the current name scope, as by `tf.Variable`.
    ///
    /// Its name, which is `Variable` in Python where none is given, is made unique like that of any node. It needs an
    /// [`initial_value`](VariableBuilder::initial_value).
    #[track_caller]
    pub fn variable<T: Element>(&self, name: impl Into<String>) -> VariableBuilder<'_, T> {
        VariableBuilder::new(self, name.into(), false)
    }
}

impl<'g, T: Element> VariableBuilder<'g, T> {
    #[track_caller]
    fn new(graph: &'g GraphBuilder, name: String, shared: bool) -> Self {
        let location = graph.here(Location::caller());
        VariableBuilder {
            request: VariableRequest::new::<T>(graph, name, location),
            shared,
            is_local: false,
            element: PhantomData,
        }
    }

    /// The shape, of which every dimension must be known where an initializer makes the initial value. A
    /// [`variable`](GraphBuilder::variable) whose initial value is given may have another shape that the value fits, such as
    /// one of unknown dimensions; one of the old kind, an unknown shape.
    pub fn shape(mut self, shape: impl Into<Shape>) -> Self {
        self.request.shape = Some(shape.into());
        self
    }

    /// The initializer; by default that of the variable scope, or one for the dtype.
    pub fn initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.request.initializer = initializer.into();
        self
    }

    /// The initial value or tensor, which gives the variable its shape.
    pub fn initial_value(mut self, value: impl Operand<'g, T> + 'g) -> Self {
        self.request.initial_value = Some(InitialValue::Operand(Arg::of(value)));
        self
    }

    /// A function that makes the nodes of the initial value, which gives the variable its shape.
    pub fn initial_value_fn(
        mut self,
        value: impl Fn(&'g GraphBuilder) -> Tensor<'g, T> + 'g,
    ) -> Self {
        let value = move |g| value(g).any();
        self.request.initial_value = Some(InitialValue::Function(Rc::new(value)));
        self
    }

    /// Whether training changes the variable; it does by default, unless it is
    /// [`OnRead`](VariableSynchronization::OnRead).
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.request.trainable = Some(trainable);
        self
    }

    /// The time when values of several replicas become one; [`VariableSynchronization::Auto`] by default.
    pub fn synchronization(mut self, synchronization: VariableSynchronization) -> Self {
        self.request.synchronization = synchronization;
        self
    }

    /// The way in which values of several replicas become one; [`VariableAggregation::None`] by default, and always for
    /// variables that the body of a function asks for.
    pub fn aggregation(mut self, aggregation: VariableAggregation) -> Self {
        self.request.aggregation = aggregation;
        self
    }

    /// Adds a loss on the variable to the regularization losses.
    pub fn regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.request.regularizer = regularizer.into();
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
        self.request.collections = keys.map(|&key| key.to_owned()).collect();
        self
    }

    /// Whether the variable is a resource variable, as by default that of a module is, or one of the old kind, which ops take
    /// as a reference (`use_resource`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.get_variable::<f32>("v").shape([2]).use_resource(false).finish();
    /// assert_eq!(v.operation().op(), "VariableV2");
    /// assert_eq!(v.value().name(), "v/read:0");
    /// ```
    pub fn use_resource(mut self, use_resource: bool) -> Self {
        self.request.use_resource = Some(use_resource);
        self
    }

    /// The device on which the value is read once, for all uses; by default that of the variable scope, or none.
    pub fn caching_device(mut self, device: impl Into<CachingDevice>) -> Self {
        self.request.caching_device = Some(device.into());
        self
    }

    /// Whether the shape of a variable of the old kind is that of its initial value, which must be known, as it is by default.
    /// If this is false, it is unknown: the variable may be assigned values of any shape. A resource variable has what is
    /// known of its initial value's shape in any case.
    ///
    /// A [`Session`](crate::Session) and an export have the shapes of the values, which must be such as the graph knows.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.variable("v").initial_value([1.0f32, 2.0]).use_resource(false);
    /// let v = v.validate_shape(false).finish();
    /// assert_eq!(v.shape(), tfhub::Shape::unknown());
    ///
    /// let rows = g.placeholder_with_default([[1.0f32, 2.0]], (None, 2));
    /// g.get_variable("rows").initial_value(rows).finish();
    /// let mut session = tfhub::Session::new(&g.finish()?)?;
    /// session.assign("rows", [[1.0f32, 2.0], [3.0, 4.0]])?;
    /// let rows = session.variables().find(|variable| variable.name == "rows");
    /// assert_eq!(rows.map(|rows| rows.shape.to_string()).as_deref(), Some("[2, 2]"));
    /// assert!(session.assign("rows", [1.0f32, 2.0]).is_err());
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn validate_shape(mut self, validate_shape: bool) -> Self {
        self.request.validate_shape = validate_shape;
        self
    }

    /// A projection of the value that an optimizer applies after each update; by default that of the variable scope, or
    /// none.
    pub fn constraint(mut self, constraint: impl Into<Option<Constraint>>) -> Self {
        self.request.constraint = constraint.into();
        self
    }

    /// The rule for the number of parts of a variable that is looked up by its name and has dimensions; by default that of
    /// the variable scope, or none.
    pub fn partitioner(mut self, partitioner: impl Into<Option<Partitioner>>) -> Self {
        self.request.partitioner = partitioner.into();
        self
    }

    /// A function that gets the variable in place of the [custom getter](super::EnterScope::custom_getter) of the variable
    /// scope. It does nothing for a [`variable`](GraphBuilder::variable) that is not looked up by its name.
    pub fn custom_getter(
        mut self,
        get: impl for<'r> Fn(VariableRequest<'r>) -> AnyVariable<'r> + Send + Sync + 'static,
    ) -> Self {
        self.request.getter = Some(CustomGetter::new(get));
        self
    }

    /// Makes the variable, or finds it where it is to be reused.
    pub fn finish(self) -> Variable<'g, T> {
        self.create_or_find().0
    }

    /// The variable, and whether it is new.
    pub(crate) fn create_or_find(self) -> (Variable<'g, T>, bool) {
        let VariableBuilder {
            mut request,
            shared,
            is_local,
            ..
        } = self;
        if is_local {
            request.trainable = Some(false);
            request.collections.push(keys::LOCAL_VARIABLES.to_owned());
        }
        let (g, location) = (request.graph, request.location);
        let before = g.extension::<Variables>().list.len();
        let any = g.called_from(location, || {
            if shared {
                return request.get_in_scope();
            }
            if request.use_resource.is_none() {
                request.use_resource = Some(g.current_variable_scope().use_resource());
            }
            request.declared = request.shape.take_if(|_| request.initial_value.is_some());
            g.init_scope(|| make(request))
        });
        let first = any.parts()[0];
        let is_poison = first.value.is_none() && first.handle.is_poison();
        let is_new = first.index >= before && !is_poison;
        (any.typed(), is_new)
    }
}

impl<T: Element> fmt::Debug for VariableBuilder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariableBuilder")
            .field("name", &self.request.name)
            .field("shape", &self.request.shape)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
