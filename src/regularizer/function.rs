//! Regularizers that are functions of the author's.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor, sealed};
use crate::ops::TensorLike;
use crate::shape::Shape;

/// The weights that a regularizer is applied to: a variable, which each op that takes it reads anew, or a tensor, such as
/// the outputs of a layer.
///
/// The function of [`Regularizer::from_fn`](super::Regularizer::from_fn) gets them. Functions take them as they take a
/// variable or a tensor; operators take their [`value`](Regularized::value).
pub struct Regularized<'w, 'g, T: TensorType> {
    weights: &'w dyn Weights<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for Regularized<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for Regularized<'_, '_, T> {}

impl<'g, T: TensorType> Regularized<'_, 'g, T> {
    /// The graph that the weights belong to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.weights.graph()
    }

    /// The shape of the weights.
    pub fn shape(&self) -> Shape {
        self.weights.shape()
    }

    /// The weights as a tensor; a variable is read for it.
    ///
    /// ```
    /// use tfhub::ops::math::{self, Axes};
    /// use tfhub::regularizer::Regularizer;
    /// # let g = tfhub::GraphBuilder::new();
    /// let far_from_one = Regularizer::from_fn::<f32>(|w| math::reduce_sum(w.value() - 1.0, Axes::ALL));
    /// g.get_variable::<f32>("scale").shape([3]).regularizer(far_from_one).finish();
    /// assert_eq!(g.operation("scale/Regularizer/ReadVariableOp")?.op(), "ReadVariableOp");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn value(&self) -> Tensor<'g, T> {
        self.weights.reader()().typed()
    }
}

impl<T: TensorType> sealed::Operand for Regularized<'_, '_, T> {}

impl<'g, T: TensorType> Operand<'g, T> for Regularized<'_, 'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        match self.weights.tensor() {
            Some(tensor) => AnyOperand::tensor(tensor.typed()),
            None => AnyOperand::read(self.shape(), self.weights.reader()),
        }
    }
}

impl<'g, T: TensorType> TensorLike<'g, T> for Regularized<'_, 'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.weights.graph()
    }

    fn static_shape(&self) -> Shape {
        self.weights.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        self.weights.tensor().map(AnyTensor::typed)
    }

    fn as_handle(&self) -> Option<AnyTensor<'g>> {
        self.weights.handle()
    }
}

impl<T: TensorType> fmt::Debug for Regularized<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Regularized {} {}>", T::DTYPE, self.shape())
    }
}

/// A [`TensorLike`] whose type is not known.
trait Weights<'g> {
    fn graph(&self) -> &'g GraphBuilder;
    fn shape(&self) -> Shape;
    fn tensor(&self) -> Option<AnyTensor<'g>>;
    fn handle(&self) -> Option<AnyTensor<'g>>;
    /// Gives the value each time that it is needed.
    fn reader(&self) -> Box<dyn Fn() -> AnyTensor<'g> + 'g>;
}

struct Typed<W, T>(W, PhantomData<fn() -> T>);

impl<'g, W: TensorLike<'g, T> + 'g, T: TensorType> Weights<'g> for Typed<W, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.0.graph()
    }

    fn shape(&self) -> Shape {
        self.0.static_shape()
    }

    fn tensor(&self) -> Option<AnyTensor<'g>> {
        self.0.as_tensor().map(Tensor::any)
    }

    fn handle(&self) -> Option<AnyTensor<'g>> {
        self.0.as_handle()
    }

    fn reader(&self) -> Box<dyn Fn() -> AnyTensor<'g> + 'g> {
        let weights = self.0;
        Box::new(move || weights.into_tensor(weights.graph(), "").any())
    }
}

type Loss = dyn for<'w, 'g> Fn(&'w dyn Weights<'g>) -> AnyTensor<'g> + Send + Sync;

/// A function of weights of one element type; equal to itself alone.
#[derive(Clone)]
pub(super) struct Function {
    dtype: DType,
    loss: Arc<Loss>,
}

/// The bound tells the compiler that the closure is one for all graphs.
fn shared(
    loss: impl for<'w, 'g> Fn(&'w dyn Weights<'g>) -> AnyTensor<'g> + Send + Sync + 'static,
) -> Arc<Loss> {
    Arc::new(loss)
}

impl Function {
    pub(super) fn new<T: TensorType>(
        function: impl for<'w, 'g> Fn(Regularized<'w, 'g, T>) -> Tensor<'g, T> + Send + Sync + 'static,
    ) -> Self {
        let loss = shared(move |weights| {
            let element = PhantomData;
            function(Regularized { weights, element }).any()
        });
        let dtype = T::DTYPE;
        Function { dtype, loss }
    }

    pub(super) fn apply<'g, T: TensorType>(
        &self,
        g: &'g GraphBuilder,
        weights: impl TensorLike<'g, T> + 'g,
    ) -> Option<AnyTensor<'g>> {
        if T::DTYPE != self.dtype {
            let message = format!(
                "the regularizer is for weights of dtype {}, their dtype is {}",
                self.dtype,
                T::DTYPE
            );
            g.report(Rule::Value, message);
            return None;
        }
        Some((self.loss)(&Typed(weights, PhantomData)))
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.loss, &other.loss)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.dtype)
    }
}
