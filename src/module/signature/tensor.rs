//! Tensors of the author as ends of a signature.

use crate::dtype::{DType, TensorType};
use crate::graph::{AnyTensor, RefTensor, Tensor, shape_proto};
use crate::ops::ragged::{AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::ops::sparse::{AnySparseTensor, SparseTensor};
use crate::proto::tensorflow::structured_value::Kind;
use crate::proto::tensorflow::tensor_info::{CompositeTensor, CooSparse, Encoding};
use crate::proto::tensorflow::type_spec_proto::TypeSpecClass;
use crate::proto::tensorflow::{StructuredValue, TensorInfo, TupleValue, TypeSpecProto};
use crate::shape::Shape;

use super::end::{End, TensorKind};

/// An input or output of a signature: a tensor, a [`SparseTensor`] or a [`RaggedTensor`], which a consumer feeds or gets
/// as `tf.SparseTensor` or `tf.RaggedTensor`.
#[derive(Debug, Clone)]
pub struct SignatureTensor<'g>(Parts<'g>);

#[derive(Debug, Clone)]
enum Parts<'g> {
    Dense(AnyTensor<'g>),
    Sparse {
        values: AnyTensor<'g>,
        indices: AnyTensor<'g>,
        dense_shape: AnyTensor<'g>,
        /// The dense shape, as far as it is known.
        shape: Shape,
    },
    Ragged(AnyRaggedTensor<'g>),
}

impl<'g, T: Into<AnyTensor<'g>>> From<T> for SignatureTensor<'g> {
    fn from(tensor: T) -> Self {
        SignatureTensor(Parts::Dense(tensor.into()))
    }
}

impl<'g, T: TensorType> From<RaggedTensor<'g, T>> for SignatureTensor<'g> {
    fn from(tensor: RaggedTensor<'g, T>) -> Self {
        SignatureTensor(Parts::Ragged(tensor.into()))
    }
}

impl<'g, T: TensorType> From<&RaggedTensor<'g, T>> for SignatureTensor<'g> {
    fn from(tensor: &RaggedTensor<'g, T>) -> Self {
        SignatureTensor(Parts::Ragged(tensor.any()))
    }
}

impl<'g, T: TensorType> From<MaybeRagged<'g, T>> for SignatureTensor<'g> {
    fn from(tensor: MaybeRagged<'g, T>) -> Self {
        match tensor {
            MaybeRagged::Dense(tensor) => tensor.into(),
            MaybeRagged::Ragged(tensor) => tensor.into(),
        }
    }
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for SignatureTensor<'g> {
    fn from(tensor: SparseTensor<'g, T>) -> Self {
        SignatureTensor(Parts::Sparse {
            values: tensor.values.any(),
            indices: tensor.indices.any(),
            dense_shape: tensor.dense_shape.any(),
            shape: tensor.shape(),
        })
    }
}

/// A tensor that a signature takes as an input or output: any handle of one, a [`SparseTensor`] or a [`RaggedTensor`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tensor that a signature can have",
    label = "expected a tensor or a sparse or ragged tensor",
    note = "the value of a variable is read with `.value()`, and a constant is made into a tensor with `g.constant`"
)]
pub trait IntoSignatureTensor<'g>: sealed::Sealed {
    #[doc(hidden)]
    fn into_signature_tensor(self) -> SignatureTensor<'g>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Sealed {}
}

/// One implementation for each type, so that the compiler blames this trait for whatever has none.
macro_rules! signature_tensors {
    ($([$($generics:tt)*] $tensor:ty;)*) => {$(
        impl<'g, $($generics)*> sealed::Sealed for $tensor {}

        impl<'g, $($generics)*> IntoSignatureTensor<'g> for $tensor {
            fn into_signature_tensor(self) -> SignatureTensor<'g> {
                self.into()
            }
        }
    )*};
}

signature_tensors! {
    [T: TensorType] Tensor<'g, T>;
    [T: TensorType] RefTensor<'g, T>;
    [] AnyTensor<'g>;
    [T: TensorType] SparseTensor<'g, T>;
    [T: TensorType] RaggedTensor<'g, T>;
    [T: TensorType] &RaggedTensor<'g, T>;
    [T: TensorType] MaybeRagged<'g, T>;
    [] SignatureTensor<'g>;
}

impl<'g> SignatureTensor<'g> {
    /// An end of a signature, made up of these tensors.
    #[track_caller]
    pub(in crate::module) fn of(end: &End, tensors: &[AnyTensor<'g>]) -> Self {
        SignatureTensor(match (end.kind(), tensors) {
            (TensorKind::Sparse, &[values, indices, dense_shape]) => Parts::Sparse {
                values,
                indices,
                dense_shape,
                shape: AnySparseTensor::new(indices, values, dense_shape).shape(),
            },
            (TensorKind::Ragged { .. }, [flat_values, splits @ ..]) => {
                Parts::Ragged(AnyRaggedTensor::of_components(*flat_values, splits))
            }
            _ => Parts::Dense(tensors[0]),
        })
    }

    pub(in crate::module) fn kind(&self) -> TensorKind {
        match &self.0 {
            Parts::Dense(_) => TensorKind::Dense,
            Parts::Sparse { .. } => TensorKind::Sparse,
            Parts::Ragged(ragged) => TensorKind::Ragged {
                ragged_rank: ragged.ragged_rank(),
                row_splits_dtype: ragged.row_splits_dtype(),
            },
        }
    }

    /// The dtype and the shape, as far as it is known.
    pub(in crate::module) fn describe(&self) -> (DType, Shape) {
        match &self.0 {
            Parts::Dense(tensor) => (tensor.dtype(), tensor.shape()),
            Parts::Sparse { values, shape, .. } => (values.dtype(), shape.clone()),
            Parts::Ragged(ragged) => (ragged.dtype(), ragged.shape()),
        }
    }

    /// The tensor, if it is a dense one.
    pub fn as_dense(&self) -> Option<AnyTensor<'g>> {
        match self.0 {
            Parts::Dense(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The sparse tensor, if it is one.
    pub fn as_sparse(&self) -> Option<AnySparseTensor<'g>> {
        match &self.0 {
            Parts::Sparse {
                values,
                indices,
                dense_shape,
                ..
            } => Some(AnySparseTensor {
                indices: indices.typed(),
                values: *values,
                dense_shape: dense_shape.typed(),
            }),
            _ => None,
        }
    }

    /// The ragged tensor, if it is one.
    pub fn as_ragged(&self) -> Option<AnyRaggedTensor<'g>> {
        match &self.0 {
            Parts::Ragged(ragged) => Some(ragged.clone()),
            _ => None,
        }
    }

    /// The tensors that make it up, the one with the elements first.
    pub(in crate::module) fn tensors(&self) -> Vec<AnyTensor<'g>> {
        match &self.0 {
            Parts::Dense(tensor) => vec![*tensor],
            Parts::Sparse {
                values,
                indices,
                dense_shape,
                ..
            } => vec![*values, *indices, *dense_shape],
            Parts::Ragged(ragged) => ragged.components(),
        }
    }

    pub(in crate::module) fn end(&self) -> End {
        let info = match &self.0 {
            Parts::Dense(tensor) => return End::Tensor(tensor.tensor_ref()),
            Parts::Sparse {
                values,
                indices,
                dense_shape,
                shape,
            } => {
                let sparse = CooSparse {
                    values_tensor_name: values.name(),
                    indices_tensor_name: indices.name(),
                    dense_shape_tensor_name: dense_shape.name(),
                };
                TensorInfo {
                    dtype: values.dtype().number(),
                    tensor_shape: Some(shape_proto(shape)),
                    encoding: Some(Encoding::CooSparse(sparse)),
                    ..TensorInfo::default()
                }
            }
            Parts::Ragged(ragged) => ragged_info(ragged),
        };
        let tensors = self.tensors();
        End::Composite {
            info: info.into(),
            tensors: tensors.iter().map(AnyTensor::tensor_ref).collect(),
        }
    }
}

/// The message of a ragged tensor: its type, and what it is made of.
fn ragged_info(ragged: &AnyRaggedTensor<'_>) -> TensorInfo {
    let state = [
        Kind::TensorShapeValue(shape_proto(&ragged.shape())),
        Kind::TensorDtypeValue(ragged.dtype().number()),
        Kind::Int64Value(ragged.ragged_rank() as i64),
        Kind::TensorDtypeValue(ragged.row_splits_dtype().number()),
    ];
    let values = state.map(|kind| StructuredValue { kind: Some(kind) });
    let state = Kind::TupleValue(TupleValue {
        values: values.into(),
    });
    let spec = TypeSpecProto {
        type_spec_class: TypeSpecClass::RaggedTensorSpec as i32,
        type_state: Some(StructuredValue { kind: Some(state) }.into()),
        type_spec_class_name: "RaggedTensorSpec".to_owned(),
        ..TypeSpecProto::default()
    };
    let component = |tensor: AnyTensor<'_>| TensorInfo {
        name: Some(tensor.name()),
        dtype: tensor.dtype().number(),
        tensor_shape: Some(shape_proto(&tensor.shape())),
        ..TensorInfo::default()
    };
    let composite = CompositeTensor {
        type_spec: Some(spec),
        components: ragged.components().into_iter().map(component).collect(),
    };
    TensorInfo {
        encoding: Some(Encoding::CompositeTensor(composite)),
        ..TensorInfo::default()
    }
}
