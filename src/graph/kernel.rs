//! What nodes compute, for the ops that initial values and shapes are made of.
//!
//! The arithmetic is TensorFlow's own on a CPU, bit for bit; half-precision results are rounded after each op.

mod elementwise;

use std::sync::Arc;

use half::{bf16, f16};

use super::Node;
use crate::dtype::{DType, Data, Element};
use crate::proto::tensorflow::attr_value::Value;
use crate::random::{self, RandomError, Seed};
use crate::shape::Shape;
use crate::value::{TensorProtoError, TensorValue, decode_tensor_proto};

/// Why a node's value cannot be computed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KernelError {
    #[error("op {0} is not one that initial values can be computed with")]
    Op(&'static str),
    #[error("function \"{0}\" is not one that initial values can be computed with")]
    Function(String),
    #[error("op {op} cannot be computed for {dtype}")]
    DType { op: &'static str, dtype: DType },
    #[error("shapes {0:?} and {1:?} do not broadcast")]
    Broadcast(Vec<usize>, Vec<usize>),
    #[error("a shape of {0:?} is not one of a tensor")]
    Shape(Vec<i64>),
    #[error("an attribute or input of op {0} is not as its definition demands")]
    Malformed(&'static str),
    #[error(transparent)]
    Constant(#[from] TensorProtoError),
    #[error(transparent)]
    Random(#[from] RandomError),
}

type Computed = Result<TensorValue, KernelError>;

/// Computes a node with one output from its inputs' values.
///
/// Inputs that nobody else holds are overwritten in place. `seed` is what random nodes are seeded with.
pub(crate) fn run(node: &Node, inputs: Vec<Arc<TensorValue>>, seed: Seed) -> Computed {
    let op = registered_name(node)?;
    let mut inputs = inputs.into_iter();
    let mut next = || inputs.next().ok_or(KernelError::Malformed(op));
    match op {
        "Const" => match node.attr("value") {
            Some(Value::Tensor(tensor)) => Ok(decode_tensor_proto(tensor)?),
            _ => Err(KernelError::Malformed(op)),
        },
        "Identity" | "StopGradient" => Ok(Arc::unwrap_or_clone(next()?)),
        "Add" | "AddV2" | "Sub" | "Mul" | "RealDiv" | "FloorDiv" => {
            elementwise::binary(op, next()?, next()?)
        }
        "Range" => {
            let (start, limit, delta) = (next()?, next()?, next()?);
            range(&start, &limit, &delta).ok_or(KernelError::Op(op))
        }
        "Fill" => {
            let shape = dims(&*next()?)?;
            let value = Arc::unwrap_or_clone(next()?);
            fill(value, shape).ok_or(KernelError::Malformed(op))
        }
        "Reshape" => {
            let value = Arc::unwrap_or_clone(next()?);
            let wanted = integers(op, &*next()?)?;
            let shape = reshaped(value.len(), &wanted).ok_or(KernelError::Shape(wanted))?;
            Ok(value.reshaped(&shape))
        }
        "Cast" => {
            let to = node.type_attr("DstT").ok_or(KernelError::Malformed(op))?;
            let value = next()?;
            value.converted(to).ok_or(KernelError::DType {
                op,
                dtype: value.dtype(),
            })
        }
        "ConcatV2" | "Pack" => {
            let mut parts: Vec<_> = inputs.collect();
            if op == "ConcatV2" {
                parts.pop();
            }
            join_integers(node, &parts)
        }
        "RandomUniform" | "RandomStandardNormal" | "TruncatedNormal" => {
            let shape = dims(&*next()?)?;
            let dtype = node.type_attr("dtype").ok_or(KernelError::Malformed(op))?;
            random_floats(op, dtype, seed, shape)
        }
        "RandomUniformInt" => {
            let shape = dims(&*next()?)?;
            random_integers(seed, shape, &*next()?, &*next()?)
        }
        _ => Err(KernelError::Op(op)),
    }
}

fn registered_name(node: &Node) -> Result<&'static str, KernelError> {
    let op = node.op.registered();
    op.map(|op| op.name)
        .ok_or_else(|| KernelError::Function(node.op.name().to_owned()))
}

/// The seed that a random node has; `None` where it has none, or is not random.
pub(crate) fn own_seed(node: &Node) -> Option<Seed> {
    let seed = node.int_attr("seed")?;
    let seed2 = node.int_attr("seed2").unwrap_or(0);
    ((seed, seed2) != (0, 0)).then_some(Seed { seed, seed2 })
}

fn integers(op: &'static str, value: &TensorValue) -> Result<Vec<i64>, KernelError> {
    value.to_i64s().ok_or(KernelError::DType {
        op,
        dtype: value.dtype(),
    })
}

/// A shape given as a vector of integers, whose element count fits.
fn dims(value: &TensorValue) -> Result<Vec<usize>, KernelError> {
    let values = integers("Shape", value)?;
    let dims: Option<Vec<usize>> = values
        .iter()
        .map(|&dim| usize::try_from(dim).ok())
        .collect();
    dims.filter(|dims| Shape::from(dims).num_elements().is_some())
        .ok_or(KernelError::Shape(values))
}

pub(super) fn reshaped(len: usize, wanted: &[i64]) -> Option<Vec<usize>> {
    let known = wanted
        .iter()
        .filter(|&&dim| dim != -1)
        .try_fold(1usize, |n, &dim| n.checked_mul(usize::try_from(dim).ok()?))?;
    let open = wanted.iter().filter(|&&dim| dim == -1).count();
    let fits = match open {
        0 => known == len,
        1 => known > 0 && len % known == 0,
        _ => false,
    };
    fits.then(|| {
        wanted
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or_else(|_| len / known))
            .collect()
    })
}

/// `Range` of int32, the dtype of axes, upwards.
fn range(start: &TensorValue, limit: &TensorValue, delta: &TensorValue) -> Option<TensorValue> {
    let scalar = |value: &TensorValue| match value.as_slice::<i32>() {
        Ok(&[value]) => Some(value),
        _ => None,
    };
    let step = usize::try_from(scalar(delta)?)
        .ok()
        .filter(|&step| step > 0)?;
    let values: Vec<i32> = (scalar(start)?..scalar(limit)?).step_by(step).collect();
    Some(TensorValue::from_parts(vec![values.len()], values))
}

fn fill(value: TensorValue, shape: Vec<usize>) -> Option<TensorValue> {
    let len = shape.iter().product();
    macro_rules! repeat {
        ($($variant:ident)*) => {
            match value.into_data() {
                $(Data::$variant(values) => {
                    let [value] = &values[..] else { return None };
                    Some(TensorValue::from_parts(shape, vec![value.clone(); len]))
                })*
            }
        };
    }
    repeat! {
        Float32 Float64 Int32 UInt8 Int16 Int8 String Complex64 Int64 Bool QInt8 QUInt8 QInt32 BFloat16 QInt16
        QUInt16 UInt16 Complex128 Float16 UInt32 UInt64
    }
}

/// `ConcatV2` of vectors and `Pack` of scalars.
fn join_integers(node: &Node, parts: &[Arc<TensorValue>]) -> Computed {
    let op = registered_name(node)?;
    let rank = usize::from(op == "ConcatV2");
    if parts.iter().any(|part| part.shape().len() != rank) {
        return Err(KernelError::Op(op));
    }
    fn join<T: Element>(parts: &[Arc<TensorValue>]) -> Option<TensorValue> {
        let slices: Result<Vec<_>, _> = parts.iter().map(|part| part.as_slice::<T>()).collect();
        let joined = slices.ok()?.concat();
        Some(TensorValue::from_parts(vec![joined.len()], joined))
    }
    join::<i32>(parts)
        .or_else(|| join::<i64>(parts))
        .ok_or(KernelError::Op(op))
}

fn random_floats(op: &'static str, dtype: DType, seed: Seed, shape: Vec<usize>) -> Computed {
    let len = shape.iter().product();
    macro_rules! draw {
        ($rust:ty) => {{
            let values: Vec<$rust> = match op {
                "RandomUniform" => random::random_uniform(seed, len),
                "RandomStandardNormal" => random::random_standard_normal(seed, len),
                _ => random::truncated_normal(seed, len),
            };
            Ok(TensorValue::from_parts(shape, values))
        }};
    }
    match dtype {
        DType::Float32 => draw!(f32),
        DType::Float64 => draw!(f64),
        DType::Float16 => draw!(f16),
        DType::BFloat16 => draw!(bf16),
        _ => Err(KernelError::DType { op, dtype }),
    }
}

fn random_integers(
    seed: Seed,
    shape: Vec<usize>,
    min: &TensorValue,
    max: &TensorValue,
) -> Computed {
    let op = "RandomUniformInt";
    let len = shape.iter().product();
    match (min.data(), max.data()) {
        (Data::Int32(min), Data::Int32(max)) if min.len() == 1 && max.len() == 1 => {
            Ok(TensorValue::from_parts(
                shape,
                random::random_uniform_int(seed, min[0], max[0], len)?,
            ))
        }
        (Data::Int64(min), Data::Int64(max)) if min.len() == 1 && max.len() == 1 => {
            Ok(TensorValue::from_parts(
                shape,
                random::random_uniform_int(seed, min[0], max[0], len)?,
            ))
        }
        _ => Err(KernelError::Malformed(op)),
    }
}
