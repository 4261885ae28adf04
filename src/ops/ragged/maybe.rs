//! Tensors that may be ragged.

use std::fmt;

use super::{AnyRaggedTensor, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::shape::Shape;

/// A tensor or a ragged tensor: the result of functions that take a ragged dimension away, or add one.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(1, ());
/// let sums = ragged::reduce_sum(&x, 1).tensor();
/// assert_eq!(sums.shape().to_string(), "[?]");
/// ```
pub enum MaybeRagged<'g, T: TensorType> {
    /// A tensor.
    Dense(Tensor<'g, T>),
    /// A ragged tensor.
    Ragged(RaggedTensor<'g, T>),
}

impl<T: TensorType> Clone for MaybeRagged<'_, T> {
    fn clone(&self) -> Self {
        match self {
            MaybeRagged::Dense(tensor) => MaybeRagged::Dense(*tensor),
            MaybeRagged::Ragged(ragged) => MaybeRagged::Ragged(ragged.clone()),
        }
    }
}

impl<T: TensorType> fmt::Debug for MaybeRagged<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaybeRagged::Dense(tensor) => tensor.fmt(f),
            MaybeRagged::Ragged(ragged) => ragged.fmt(f),
        }
    }
}

/// A tensor or a ragged tensor whose element type is known at run time.
#[derive(Debug, Clone)]
pub enum AnyMaybeRagged<'g> {
    /// A tensor.
    Dense(AnyTensor<'g>),
    /// A ragged tensor.
    Ragged(AnyRaggedTensor<'g>),
}

impl<'g, T: TensorType> MaybeRagged<'g, T> {
    /// The tensor; that it is ragged is reported.
    #[track_caller]
    pub fn tensor(self) -> Tensor<'g, T> {
        self.any().tensor().typed()
    }

    /// The ragged tensor; that it is a tensor is reported.
    #[track_caller]
    pub fn ragged(self) -> RaggedTensor<'g, T> {
        self.any().ragged().typed()
    }

    /// The tensor or ragged tensor with its element type known at run time.
    pub fn any(self) -> AnyMaybeRagged<'g> {
        match self {
            MaybeRagged::Dense(tensor) => AnyMaybeRagged::Dense(tensor.any()),
            MaybeRagged::Ragged(ragged) => AnyMaybeRagged::Ragged(ragged.any()),
        }
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        match self {
            MaybeRagged::Dense(tensor) => tensor.graph(),
            MaybeRagged::Ragged(ragged) => ragged.graph(),
        }
    }

    /// The static shape.
    pub fn shape(&self) -> Shape {
        match self {
            MaybeRagged::Dense(tensor) => tensor.shape(),
            MaybeRagged::Ragged(ragged) => ragged.shape(),
        }
    }
}

impl<'g> AnyMaybeRagged<'g> {
    /// The tensor; that it is ragged is reported.
    #[track_caller]
    pub fn tensor(self) -> AnyTensor<'g> {
        match self {
            AnyMaybeRagged::Dense(tensor) => tensor,
            AnyMaybeRagged::Ragged(ragged) => {
                let (g, rank) = (ragged.graph(), ragged.ragged_rank());
                let message = format!("expected a tensor, found one of {rank} ragged dimensions");
                g.report(Rule::Inputs, message);
                AnyTensor::poison(g)
            }
        }
    }

    /// The ragged tensor; that it is a tensor is reported.
    #[track_caller]
    pub fn ragged(self) -> AnyRaggedTensor<'g> {
        match self {
            AnyMaybeRagged::Ragged(ragged) => ragged,
            AnyMaybeRagged::Dense(tensor) => {
                if !tensor.is_poison() {
                    tensor.report(Rule::Inputs, "expected a ragged tensor, found a tensor");
                }
                AnyRaggedTensor::poison(tensor.graph())
            }
        }
    }

    /// The tensor or ragged tensor with its element type known to the compiler; if it is another, that is reported.
    #[track_caller]
    pub fn typed<T: TensorType>(self) -> MaybeRagged<'g, T> {
        match self {
            AnyMaybeRagged::Dense(tensor) => MaybeRagged::Dense(tensor.typed()),
            AnyMaybeRagged::Ragged(ragged) => MaybeRagged::Ragged(ragged.typed()),
        }
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        match self {
            AnyMaybeRagged::Dense(tensor) => tensor.graph(),
            AnyMaybeRagged::Ragged(ragged) => ragged.graph(),
        }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self {
            AnyMaybeRagged::Dense(tensor) => tensor.dtype(),
            AnyMaybeRagged::Ragged(ragged) => ragged.dtype(),
        }
    }

    /// The static shape.
    pub fn shape(&self) -> Shape {
        match self {
            AnyMaybeRagged::Dense(tensor) => tensor.shape(),
            AnyMaybeRagged::Ragged(ragged) => ragged.shape(),
        }
    }

    pub(crate) fn as_ragged(&self) -> Option<&AnyRaggedTensor<'g>> {
        match self {
            AnyMaybeRagged::Dense(_) => None,
            AnyMaybeRagged::Ragged(ragged) => Some(ragged),
        }
    }

    /// The row splits of the first ragged dimension, if there is one.
    pub(crate) fn row_splits(&self) -> Option<AnyTensor<'g>> {
        self.as_ragged().map(AnyRaggedTensor::row_splits)
    }

    /// The flat values; those of a tensor are itself.
    pub(crate) fn flat_values(&self) -> AnyTensor<'g> {
        match self {
            AnyMaybeRagged::Dense(tensor) => *tensor,
            AnyMaybeRagged::Ragged(ragged) => ragged.flat_values(),
        }
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for MaybeRagged<'g, T> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        MaybeRagged::Dense(tensor)
    }
}

impl<'g, T: TensorType> From<RaggedTensor<'g, T>> for MaybeRagged<'g, T> {
    fn from(ragged: RaggedTensor<'g, T>) -> Self {
        MaybeRagged::Ragged(ragged)
    }
}

impl<'g> From<AnyTensor<'g>> for AnyMaybeRagged<'g> {
    fn from(tensor: AnyTensor<'g>) -> Self {
        AnyMaybeRagged::Dense(tensor)
    }
}

impl<'g> From<AnyRaggedTensor<'g>> for AnyMaybeRagged<'g> {
    fn from(ragged: AnyRaggedTensor<'g>) -> Self {
        AnyMaybeRagged::Ragged(ragged)
    }
}
