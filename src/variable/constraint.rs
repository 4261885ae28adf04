//! Constraints on variables, which optimizers keep.

use std::fmt;
use std::sync::Arc;

use crate::dtype::{DType, Element};
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};

type Project = dyn for<'g> Fn(AnyTensor<'g>) -> AnyTensor<'g> + Send + Sync;

/// A projection of a variable's value that an optimizer applies after each update (`constraint`); equal to itself alone.
///
/// A variable that has one keeps it, and no node is made for it: a training program [applies](Constraint::apply) it.
///
/// ```
/// use tfhub::ops::nn;
/// use tfhub::variable::Constraint;
/// # let g = tfhub::GraphBuilder::new();
/// let non_negative = Constraint::from_fn::<f32>(|value| nn::relu(value));
/// let rates = g.get_variable::<f32>("rates").shape([3]).constraint(non_negative).finish();
/// let projected = rates.constraint().unwrap().apply(rates.value().into());
/// assert_eq!(projected.name(), "Relu:0");
/// ```
#[derive(Clone)]
pub struct Constraint {
    dtype: DType,
    project: Arc<Project>,
}

/// The bound tells the compiler that the closure is one for all graphs.
fn shared(
    project: impl for<'g> Fn(AnyTensor<'g>) -> AnyTensor<'g> + Send + Sync + 'static,
) -> Arc<Project> {
    Arc::new(project)
}

impl Constraint {
    /// A function of values of one element type, which gives a value of the same shape.
    pub fn from_fn<T: Element>(
        project: impl for<'g> Fn(Tensor<'g, T>) -> Tensor<'g, T> + Send + Sync + 'static,
    ) -> Self {
        Constraint {
            dtype: T::DTYPE,
            project: shared(move |value| project(value.typed()).any()),
        }
    }

    /// Makes the nodes of the projection of a value; a value of another element type is reported.
    #[track_caller]
    pub fn apply<'g>(&self, value: AnyTensor<'g>) -> AnyTensor<'g> {
        if value.dtype() != self.dtype {
            let message = format!(
                "the constraint is for values of dtype {}, found {}",
                self.dtype,
                value.dtype()
            );
            value.graph().report(Rule::Value, message);
            return AnyTensor::poison(value.graph());
        }
        (self.project)(value)
    }
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.project, &other.project)
    }
}

impl fmt::Debug for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Constraint({})", self.dtype)
    }
}
