//! Changes of variables.

use std::fmt;
use std::panic::Location;

use super::handle::Change;
use super::{AnyVariable, Variable, handle};
use crate::dtype::Element;
use crate::graph::{
    AnyOperand, AnyTensor, CollectionItem, GraphBuilder, Operand, Operation, Tensor, sealed,
};
use crate::ops::TensorLike;
use crate::ops::array::{self, OperationLike};
use crate::ops::nodes::{Arg, Call};
use crate::shape::Shape;

/// A change of a variable, which stands for the value that the variable has after it.
///
/// As an operand, a resource variable is read anew each time, and one of the old kind is the output of the change. In a
/// collection, such as the update ops, and as a control dependency, it stands for the operation that makes the change.
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
    pub(super) fn new(
        variable: Variable<'g, T>,
        operation: Operation<'g>,
        location: &'static Location<'static>,
    ) -> Self {
        let assigned = Assigned {
            variable,
            operation,
        };
        // TensorFlow makes one read at once, which `Session.run` would fetch; none is fetched from a function.
        if variable.any.graph.is_in_main_graph() && assigned.reference().is_none() {
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

    /// The reference after the change, for a variable of the old kind.
    fn reference(&self) -> Option<AnyTensor<'g>> {
        let is_ref = self.variable.any.handle.is_ref();
        is_ref.then(|| self.operation.output(0))
    }

    fn read(&self, location: &'static Location<'static>) -> AnyTensor<'g> {
        if let Some(reference) = self.reference() {
            return reference;
        }
        let AnyVariable { graph, handle, .. } = self.variable.any;
        let after = Some(self.operation);
        let read = graph.called_from(location, || handle::read(handle, T::DTYPE, after));
        read.output(0)
    }
}

options! {
    /// Options of [`assign`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    AssignOptions {
        /// Whether the value must have the variable's shape; it must by default. Otherwise a variable of the old kind
        /// takes on the shape of the value.
        validate_shape: bool = true;
        /// Whether a lock keeps others from changing a variable of the old kind meanwhile; it does by default.
        use_locking: bool = true;
    }
}

impl AssignOptions {
    pub(super) fn add_to<'g>(self, call: Call<'g>) -> Call<'g> {
        let call = call.attr("use_locking", self.use_locking);
        call.attr("validate_shape", self.validate_shape)
    }
}

/// Sets a variable (`tf.assign`): as [`Variable::assign`], but with the lock of a variable of the old kind, or without the
/// check of shapes. Resource variables are always checked, and need no lock.
///
/// ```
/// use tfhub::variable::{self, AssignOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let v = g.get_variable::<f32>("v").shape([2]).use_resource(false).finish();
/// assert_eq!(variable::assign(v, [1.0, 2.0], ()).operation().name(), "Assign");
/// let longer = variable::assign(v, [1.0, 2.0, 3.0], AssignOptions::default().validate_shape(false));
/// assert_eq!(longer.value().shape().to_string(), "[3]");
/// ```
#[track_caller]
pub fn assign<'g, T: Element>(
    variable: Variable<'g, T>,
    value: impl Operand<'g, T>,
    options: impl Into<AssignOptions>,
) -> Assigned<'g, T> {
    let change = Change::AssignWith(options.into());
    let assign = variable.any.change(change, Arg::of(value));
    Assigned::new(variable, assign, Location::caller())
}

impl<T: Element> fmt::Debug for Assigned<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{:?} of {:?}>", self.operation, self.variable)
    }
}

impl<T: Element> sealed::Operand for Assigned<'_, T> {}

impl<'g, T: Element> Operand<'g, T> for Assigned<'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        match self.reference() {
            Some(reference) => AnyOperand::tensor(reference.typed()),
            None => AnyOperand::read(self.variable.shape(), move || self.value().any()),
        }
    }
}

impl<'g, T: Element> TensorLike<'g, T> for Assigned<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.variable.any.graph
    }

    fn static_shape(&self) -> Shape {
        self.variable.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        self.reference().map(AnyTensor::typed)
    }
}

impl<'g, T: Element> From<Assigned<'g, T>> for CollectionItem<'g> {
    fn from(assigned: Assigned<'g, T>) -> Self {
        match assigned.reference() {
            Some(reference) => CollectionItem::Tensor(reference),
            None => CollectionItem::Operation(assigned.operation),
        }
    }
}

impl<'g, T: Element> From<Assigned<'g, T>> for Operation<'g> {
    fn from(assigned: Assigned<'g, T>) -> Self {
        assigned.operation
    }
}

impl<T: Element> array::sealed::OperationLike for Assigned<'_, T> {}

impl<'g, T: Element> OperationLike<'g> for Assigned<'g, T> {
    fn placed(self) -> (Operation<'g>, String) {
        let device = handle::device(self.variable.any.handle).to_string();
        (self.operation, device)
    }
}
