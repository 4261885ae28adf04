//! The ends of a signature: inputs and outputs, each of one tensor or of those that make up a sparse or ragged one.

use std::fmt;

use crate::dtype::DType;
use crate::graph::{Graph, TensorRef, shape_from_proto, shape_proto};
use crate::proto::tensorflow::structured_value::Kind;
use crate::proto::tensorflow::tensor_info::{CompositeTensor, Encoding};
use crate::proto::tensorflow::type_spec_proto::TypeSpecClass;
use crate::proto::tensorflow::{TensorInfo, TensorShapeProto};
use crate::shape::Shape;

/// An input or output of a signature.
#[derive(Debug, Clone)]
pub(in crate::module) enum End {
    Tensor(TensorRef),
    /// Tensors that make up a sparse or ragged one, which `info` names in the same order.
    Composite {
        info: Box<TensorInfo>,
        tensors: Vec<TensorRef>,
    },
}

impl End {
    pub(in crate::module) fn kind(&self) -> TensorKind {
        match self {
            End::Tensor(_) => TensorKind::Dense,
            End::Composite { info, .. } => kind(info),
        }
    }

    pub(in crate::module) fn tensors(&self) -> &[TensorRef] {
        match self {
            End::Tensor(tensor) => std::slice::from_ref(tensor),
            End::Composite { tensors, .. } => tensors,
        }
    }

    pub(in crate::module) fn to_proto(&self, graph: &Graph) -> TensorInfo {
        match self {
            End::Tensor(tensor) => tensor_info(graph, *tensor),
            End::Composite { info, .. } => TensorInfo::clone(info),
        }
    }

    pub(in crate::module) fn describe(&self, graph: &Graph) -> TensorDescription {
        let tensors = self.tensors();
        let names = tensors.iter().map(|&tensor| graph.tensor_name(tensor));
        // The first one has the elements.
        let first = tensors[0];
        let output = first.output(graph.nodes());
        let (components, shape) = match self {
            End::Tensor(_) => (Vec::new(), output.shape.clone()),
            End::Composite { info, .. } => (names.collect(), dense_shape(info)),
        };
        TensorDescription {
            tensor: graph.tensor_name(first),
            kind: self.kind(),
            components,
            dtype: output.dtype,
            shape,
        }
    }
}

/// The names of the tensors under a key, the one with the elements first; `None` if the message is malformed.
pub(in crate::module) fn component_names(info: &TensorInfo) -> Option<Vec<&str>> {
    match (&info.name, &info.encoding) {
        (Some(name), None) => Some(vec![name]),
        (None, Some(Encoding::CooSparse(sparse))) => Some(vec![
            &sparse.values_tensor_name,
            &sparse.indices_tensor_name,
            &sparse.dense_shape_tensor_name,
        ]),
        (None, Some(Encoding::CompositeTensor(composite))) if !composite.components.is_empty() => {
            let components = composite.components.iter();
            components.map(|info| info.name.as_deref()).collect()
        }
        _ => None,
    }
}

/// The kind of the end that a message describes.
fn kind(info: &TensorInfo) -> TensorKind {
    let composite = match &info.encoding {
        Some(Encoding::CompositeTensor(composite)) => composite,
        Some(Encoding::CooSparse(_)) => return TensorKind::Sparse,
        _ => return TensorKind::Dense,
    };
    let class = composite
        .type_spec
        .as_ref()
        .map(|spec| spec.type_spec_class);
    let is_of = |spec: TypeSpecClass| class == Some(spec as i32);
    match &composite.components[..] {
        _ if is_of(TypeSpecClass::SparseTensorSpec) => TensorKind::Sparse,
        [_, splits, inner @ ..] if is_of(TypeSpecClass::RaggedTensorSpec) => TensorKind::Ragged {
            ragged_rank: inner.len() + 1,
            row_splits_dtype: DType::from_number(splits.dtype).unwrap_or(DType::Int64),
        },
        _ => TensorKind::Other,
    }
}

/// The shape of a sparse or ragged tensor, as far as it is known.
fn dense_shape(info: &TensorInfo) -> Shape {
    let shape = match &info.encoding {
        Some(Encoding::CompositeTensor(composite)) => specified_shape(composite),
        _ => info.tensor_shape.as_ref(),
    };
    shape.map_or_else(Shape::unknown, shape_from_proto)
}

/// The shape in the state of a type spec, `(shape, dtype, …)` for all that have one.
fn specified_shape(composite: &CompositeTensor) -> Option<&TensorShapeProto> {
    let state = composite.type_spec.as_ref()?.type_state.as_ref()?;
    let Some(Kind::TupleValue(state)) = &state.kind else {
        return None;
    };
    match state.values.first()?.kind.as_ref()? {
        Kind::TensorShapeValue(shape) => Some(shape),
        _ => None,
    }
}

fn tensor_info(graph: &Graph, tensor: TensorRef) -> TensorInfo {
    let output = tensor.output(graph.nodes());
    TensorInfo {
        name: Some(graph.tensor_name(tensor)),
        dtype: output.type_number(),
        tensor_shape: Some(shape_proto(&output.shape)),
        ..TensorInfo::default()
    }
}

/// The kind of an input or output of a signature, by which a consumer feeds or gets it.
///
/// ```
/// use tfhub::DType;
/// use tfhub::module::TensorKind;
///
/// let spec = tfhub::ModuleSpec::new(|g| {
///     let x = g.ragged_placeholder::<f32>(2, ());
///     g.default_signature(&x, x.row_lengths());
/// })?;
/// let variant = spec.variants().next().unwrap();
/// let signature = &variant.signatures[0];
/// let ragged = TensorKind::Ragged { ragged_rank: 2, row_splits_dtype: DType::Int64 };
/// assert_eq!(signature.inputs["default"].kind, ragged);
/// assert_eq!(signature.outputs["default"].kind, TensorKind::Dense);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TensorKind {
    /// A tensor.
    Dense,
    /// A sparse tensor (`tf.SparseTensor`).
    Sparse,
    /// A ragged tensor (`tf.RaggedTensor`).
    Ragged {
        /// The number of ragged dimensions, at least 1.
        ragged_rank: usize,
        /// The dtype of the row splits: int64 or int32.
        row_splits_dtype: DType,
    },
    /// Another composite of tensors.
    Other,
}

/// A noun phrase.
impl fmt::Display for TensorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TensorKind::Dense => f.write_str("a dense tensor"),
            TensorKind::Sparse => f.write_str("a sparse tensor"),
            TensorKind::Ragged {
                ragged_rank,
                row_splits_dtype,
            } => write!(
                f,
                "a ragged tensor of {ragged_rank} ragged dimensions and splits of {row_splits_dtype}"
            ),
            TensorKind::Other => f.write_str("a composite of tensors"),
        }
    }
}

/// An input or output of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorDescription {
    /// The tensor's name in the graph; of a sparse or ragged one, that of the tensor with the elements.
    pub tensor: String,
    /// Whether it is dense, sparse or ragged.
    pub kind: TensorKind,
    /// The names of the tensors that make up a sparse or ragged one: `tensor` first, then the indices and the dense
    /// shape, or what says where the rows end. Empty for a dense tensor.
    pub components: Vec<String>,
    /// The type of the elements.
    pub dtype: DType,
    /// The shape, as far as it is known.
    pub shape: Shape,
}

/// `sparse` or `ragged` if it is that, the dtype and the shape, and the tensors in the graph.
impl fmt::Display for TensorDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TensorKind::Sparse => write!(f, "sparse ")?,
            TensorKind::Ragged { .. } => write!(f, "ragged ")?,
            TensorKind::Dense | TensorKind::Other => {}
        }
        write!(f, "{} {}", self.dtype, self.shape)?;
        match self.components.is_empty() {
            true => write!(f, " ({})", self.tensor),
            false => write!(f, " ({})", self.components.join(", ")),
        }
    }
}
