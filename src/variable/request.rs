//! The arguments of `tf.get_variable` and `tf.Variable`, whatever the element type, and custom getters, which change them.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::{
    AnyVariable, CachingDevice, Constraint, Partitioner, Reuse, VariableAggregation,
    VariableSynchronization,
};
use crate::dtype::{DType, Element};
use crate::graph::{AnyTensor, GraphBuilder, Here, keys};
use crate::init::{Initializer, PartitionInfo};
use crate::ops::nodes::Arg;
use crate::regularizer::Regularizer;
use crate::shape::Shape;

/// The argument `initial_value` of `tf.Variable`.
#[derive(Clone)]
pub(super) enum InitialValue<'g> {
    Operand(Arg<'g>),
    Function(Rc<dyn Fn(&'g GraphBuilder) -> AnyTensor<'g> + 'g>),
}

/// The place of a variable that is a part of another.
#[derive(Debug, Clone)]
pub(super) struct PartOf {
    /// The name of the whole.
    pub(super) whole: String,
    pub(super) place: PartitionInfo,
}

/// Adds a loss on a variable, made in a scope, to the regularization losses.
type AddLoss = fn(AnyVariable<'_>, &Regularizer, &str);

fn add_loss<T: Element>(variable: AnyVariable<'_>, regularizer: &Regularizer, scope: &str) {
    regularizer.add_loss(scope, variable.typed::<T>());
}

/// The arguments of `tf.get_variable`, which a [custom getter](super::EnterScope::custom_getter) may change before it
/// [gets](VariableRequest::get) the variable.
#[derive(Clone)]
pub struct VariableRequest<'g> {
    pub(super) graph: &'g GraphBuilder,
    pub(super) name: String,
    pub(super) dtype: DType,
    pub(super) add_loss: AddLoss,
    /// The shape that the initializer makes.
    pub(super) shape: Option<Shape>,
    /// The shape that the variable has, which its initial value fits.
    pub(super) declared: Option<Shape>,
    pub(super) validate_shape: bool,
    pub(super) initializer: Option<Initializer>,
    pub(super) initial_value: Option<InitialValue<'g>>,
    pub(super) regularizer: Option<Regularizer>,
    pub(super) reuse: Reuse,
    /// Whether training changes it; as its synchronization says where it is not given.
    pub(super) trainable: Option<bool>,
    pub(super) collections: Vec<String>,
    pub(super) caching_device: Option<CachingDevice>,
    pub(super) use_resource: Option<bool>,
    pub(super) constraint: Option<Constraint>,
    pub(super) synchronization: VariableSynchronization,
    pub(super) aggregation: VariableAggregation,
    pub(super) partitioner: Option<Partitioner>,
    /// The partitioned variable that this is a part of.
    pub(super) part: Option<PartOf>,
    /// The getters that are still to be asked.
    pub(super) getter: Option<CustomGetter>,
    pub(super) location: Here,
}

impl<'g> VariableRequest<'g> {
    pub(super) fn new<T: Element>(graph: &'g GraphBuilder, name: String, location: Here) -> Self {
        VariableRequest {
            graph,
            name,
            dtype: T::DTYPE,
            add_loss: add_loss::<T>,
            shape: None,
            declared: None,
            validate_shape: true,
            initializer: None,
            initial_value: None,
            regularizer: None,
            reuse: Reuse::No,
            trainable: None,
            collections: vec![keys::VARIABLES.to_owned()],
            caching_device: None,
            use_resource: None,
            constraint: None,
            synchronization: VariableSynchronization::default(),
            aggregation: VariableAggregation::default(),
            partitioner: None,
            part: None,
            getter: None,
            location,
        }
    }

    /// The graph that the variable is of.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    /// The name with the path of the variable scope in front of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape, unless the initial value gives it.
    pub fn shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    /// Whether training changes the variable.
    pub fn is_trainable(&self) -> bool {
        let is_read = self.synchronization == VariableSynchronization::OnRead;
        self.trainable.unwrap_or(!is_read)
    }

    /// Whether an existing variable is found, as the variable scope has it.
    pub fn reuse(&self) -> Reuse {
        self.reuse
    }

    /// The collections that the variable joins, besides that of the variables that training changes.
    pub fn collections(&self) -> &[String] {
        &self.collections
    }

    /// Sets the name, which is the path too.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the element type.
    pub fn with_dtype<T: Element>(mut self) -> Self {
        (self.dtype, self.add_loss) = (T::DTYPE, add_loss::<T>);
        self
    }

    /// Sets the shape.
    pub fn with_shape(mut self, shape: impl Into<Shape>) -> Self {
        self.shape = Some(shape.into());
        self
    }

    /// Sets the initializer.
    pub fn with_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.initializer = initializer.into();
        self
    }

    /// Sets the regularizer.
    pub fn with_regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.regularizer = regularizer.into();
        self
    }

    /// Sets the rule for the number of parts.
    pub fn with_partitioner(mut self, partitioner: impl Into<Option<Partitioner>>) -> Self {
        self.partitioner = partitioner.into();
        self
    }

    /// Sets whether training changes the variable.
    pub fn with_trainable(mut self, trainable: bool) -> Self {
        self.trainable = Some(trainable);
        self
    }

    /// Sets the collections that the variable joins.
    pub fn with_collections<'k>(mut self, keys: impl AsRef<[&'k str]>) -> Self {
        let keys = keys.as_ref().iter();
        self.collections = keys.map(|&key| key.to_owned()).collect();
        self
    }

    /// Sets the device that keeps the value.
    pub fn with_caching_device(mut self, device: impl Into<CachingDevice>) -> Self {
        self.caching_device = Some(device.into());
        self
    }

    /// Sets whether it is a resource variable.
    pub fn with_use_resource(mut self, use_resource: bool) -> Self {
        self.use_resource = Some(use_resource);
        self
    }
}

impl fmt::Debug for VariableRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariableRequest")
            .field("name", &self.name)
            .field("dtype", &self.dtype)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

type Get = dyn for<'g> Fn(VariableRequest<'g>) -> AnyVariable<'g> + Send + Sync;

/// A function of the author's that gets variables, and the one around which it was set.
#[derive(Clone)]
pub(super) struct CustomGetter {
    pub(super) get: Arc<Get>,
    inner: Option<Arc<CustomGetter>>,
}

impl CustomGetter {
    pub(super) fn new(
        get: impl for<'g> Fn(VariableRequest<'g>) -> AnyVariable<'g> + Send + Sync + 'static,
    ) -> Self {
        let get = Arc::new(get);
        CustomGetter { get, inner: None }
    }

    /// The getter, for which another gets the variables.
    pub(super) fn around(self, inner: Option<&CustomGetter>) -> Self {
        let inner = inner.cloned().map(Arc::new);
        CustomGetter { inner, ..self }
    }

    pub(super) fn inner(&self) -> Option<CustomGetter> {
        self.inner.as_deref().cloned()
    }
}

impl fmt::Debug for CustomGetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomGetter")
    }
}
