//! The values that TensorFlow's Python functions see in a graph while they build it.
//!
//! Python looks through fewer ops than shape functions do, so that what is known here is less than what shapes
//! follow from.

use crate::graph::{AnyTensor, Node, TensorRef};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue, decode_tensor_proto};

/// The value of a tensor if Python can tell it (`tensor_util.constant_value`).
pub(crate) fn of(tensor: AnyTensor<'_>) -> Option<TensorValue> {
    if tensor.is_poison() {
        return None;
    }
    value(&tensor.nodes(), tensor.tensor_ref())
}

/// The shape that a vector of integers lists, as far as Python can tell (`tensor_util.constant_value_as_shape`).
pub(crate) fn as_shape(tensor: AnyTensor<'_>) -> Shape {
    if tensor.is_poison() {
        return Shape::unknown();
    }
    listed(&tensor.nodes(), tensor.tensor_ref())
}

fn shape_of(nodes: &[Node], tensor: TensorRef) -> &Shape {
    &tensor.output(nodes).shape
}

fn value(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    let node = &nodes[tensor.node.index()];
    let known = |inputs: &[TensorRef]| inputs.iter().all(|&input| value(nodes, input).is_some());
    let follows = match node.op.name() {
        "Const" => match node.attr("value") {
            Some(Value::Tensor(tensor)) => return decode_tensor_proto(tensor).ok(),
            _ => false,
        },
        "Shape" => {
            let sizes = shape_of(nodes, node.inputs[0]).to_static()?;
            let sizes: Vec<i64> = sizes.into_iter().map(|size| size as i64).collect();
            return sizes.into_tensor_value().converted(node.outputs[0].dtype);
        }
        "Size" | "Rank" => true,
        "Pack" => node.int_attr("axis") == Some(0) && known(&node.inputs),
        "Range" | "Cast" | "Concat" | "ConcatV2" | "ConcatOffset" | "Fill" | "Equal"
        | "NotEqual" => known(&node.inputs),
        _ => false,
    };
    let output = &node.outputs[tensor.index as usize];
    let value = output.known.value().filter(|_| follows);
    value.cloned()
}

fn listed(nodes: &[Node], tensor: TensorRef) -> Shape {
    let node = &nodes[tensor.node.index()];
    let one = |input: TensorRef| match value(nodes, input).and_then(|value| value.to_i64s()) {
        Some(value) => value.first().and_then(|&size| usize::try_from(size).ok()),
        None => None,
    };
    let vector = shape_of(nodes, tensor);
    let joined = |parts: &[TensorRef]| {
        let mut dims = Vec::new();
        for &part in parts {
            match listed(nodes, part).dims() {
                Some(part) => dims.extend_from_slice(part),
                None => return Shape::unknown(),
            }
        }
        dims.into()
    };
    match (vector.dims(), node.op.name()) {
        (Some([]), _) => return Shape::unknown(),
        (Some([Some(0)]), _) => return Shape::scalar(),
        (_, "Shape") => return shape_of(nodes, node.inputs[0]).clone(),
        (_, "Pack") => {
            let dims = node.inputs.iter().map(|&input| one(input));
            return dims.collect::<Vec<_>>().into();
        }
        (_, "Concat") => return joined(&node.inputs[1..]),
        (_, "ConcatV2") => return joined(&node.inputs[..node.inputs.len() - 1]),
        (_, "StridedSlice") => {
            let known = node.outputs[0].known.listed();
            let known = known.and_then(|listed| listed.as_ref().ok());
            let bounds = node.inputs[1..].iter();
            if bounds.clone().all(|&bound| value(nodes, bound).is_some()) {
                if let Some(listed) = known.filter(|listed| listed.rank().is_some()) {
                    return listed.clone();
                }
            }
        }
        _ => {}
    }
    let found = value(nodes, tensor).and_then(|value| value.to_i64s());
    match (found, vector.dims()) {
        (Some(sizes), _) => {
            let sizes = sizes.into_iter().map(|size| usize::try_from(size).ok());
            sizes.collect::<Vec<_>>().into()
        }
        (None, Some([Some(rank)])) => Shape::unknown_of_rank(*rank),
        _ => Shape::unknown(),
    }
}
