//! The values that TensorFlow's Python functions see in a graph while they build it.
//!
//! Python looks through fewer ops than shape functions do, so that what is known here is less than what shapes
//! follow from.

use std::sync::{Arc, LazyLock};

use crate::graph::facts::kernel;
use crate::graph::op_def::ByOp;
use crate::graph::{AnyTensor, Node, TensorRef};
use crate::proto::tensorflow::attr_value::Value;
use crate::random::Seed;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue, decode_tensor_proto};

/// The value of a tensor if Python can tell it (`tensor_util.constant_value`).
pub(crate) fn of(tensor: AnyTensor<'_>) -> Option<TensorValue> {
    if tensor.is_poison() {
        return None;
    }
    value(&tensor.nodes(), tensor.tensor_ref())
}

/// The value of a tensor if Python or TensorFlow's evaluation of constants can tell it (`smart_constant_value`).
pub(crate) fn folded(tensor: AnyTensor<'_>) -> Option<TensorValue> {
    of(tensor).or_else(|| match tensor.is_poison() {
        true => None,
        false => worked_out(&tensor.nodes(), tensor.tensor_ref()),
    })
}

/// The value that a node has where these are its inputs.
pub(crate) fn computed(tensor: AnyTensor<'_>, inputs: Vec<TensorValue>) -> Option<TensorValue> {
    if tensor.is_poison() {
        return None;
    }
    let nodes = tensor.nodes();
    let inputs = inputs.into_iter().map(Arc::new).collect();
    let unseeded = Seed { seed: 0, seed2: 0 };
    let outputs = kernel::run(&nodes, node(&nodes, tensor.tensor_ref()), inputs, unseeded);
    outputs.ok()?.into_iter().next()
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

/// The value of an output.
type ValueFn = fn(&[Node], TensorRef) -> Option<TensorValue>;

/// The shape that an output lists.
type ListedFn = fn(&[Node], &Node) -> Shape;

/// The facts of an op that Python looks through; the value of an output tells the shape that it lists where nothing else
/// does.
type Seen = (Option<ValueFn>, Option<ListedFn>);

const ROWS: &[(&str, Seen)] = &[
    ("Cast", (Some(of_inputs), None)),
    ("Concat", (Some(of_inputs), Some(concat))),
    ("ConcatOffset", (Some(of_inputs), None)),
    ("ConcatV2", (Some(of_inputs), Some(concat_v2))),
    ("Const", (Some(constant), None)),
    ("Equal", (Some(of_inputs), None)),
    ("Fill", (Some(of_inputs), None)),
    ("NotEqual", (Some(of_inputs), None)),
    ("Pack", (Some(packed), Some(packed_dims))),
    ("Range", (Some(of_inputs), None)),
    ("Rank", (Some(worked_out), None)),
    ("Shape", (Some(dims), Some(input_shape))),
    ("Size", (Some(worked_out), None)),
    ("StridedSlice", (None, Some(sliced))),
];

static SEEN: LazyLock<ByOp<Seen>> = LazyLock::new(|| ByOp::new(ROWS.iter().copied()));

fn node(nodes: &[Node], tensor: TensorRef) -> &Node {
    &nodes[tensor.node.index()]
}

fn value(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    let (value, _) = SEEN.get(&node(nodes, tensor).op)?;
    (*value)?(nodes, tensor)
}

fn constant(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    match node(nodes, tensor).attr("value") {
        Some(Value::Tensor(tensor)) => decode_tensor_proto(tensor).ok(),
        _ => None,
    }
}

fn dims(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    let node = node(nodes, tensor);
    let sizes = shape_of(nodes, node.inputs[0]).to_static()?;
    let sizes: Vec<i64> = sizes.into_iter().map(|size| size as i64).collect();
    sizes.into_tensor_value().converted(node.outputs[0].dtype)
}

/// The value that shapes follow from as well.
fn worked_out(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    tensor.output(nodes).known.value().cloned()
}

fn of_inputs(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    let mut inputs = node(nodes, tensor).inputs.iter();
    let known = inputs.all(|&input| value(nodes, input).is_some());
    known.then(|| worked_out(nodes, tensor))?
}

fn packed(nodes: &[Node], tensor: TensorRef) -> Option<TensorValue> {
    let is_first_axis = node(nodes, tensor).int_attr("axis") == Some(0);
    is_first_axis.then(|| of_inputs(nodes, tensor))?
}

fn listed(nodes: &[Node], tensor: TensorRef) -> Shape {
    let vector = shape_of(nodes, tensor).dims();
    match vector {
        Some([]) => return Shape::unknown(),
        Some([Some(0)]) => return Shape::scalar(),
        _ => {}
    }
    let node = node(nodes, tensor);
    if let Some((_, Some(listed))) = SEEN.get(&node.op) {
        return listed(nodes, node);
    }
    let found = value(nodes, tensor).and_then(|value| value.to_i64s());
    match (found, vector) {
        (Some(sizes), _) => {
            let sizes = sizes.into_iter().map(|size| usize::try_from(size).ok());
            sizes.collect::<Vec<_>>().into()
        }
        (None, Some([Some(rank)])) => Shape::unknown_of_rank(*rank),
        _ => Shape::unknown(),
    }
}

fn packed_dims(nodes: &[Node], node: &Node) -> Shape {
    let one = |&input: &TensorRef| {
        let value = value(nodes, input)?.to_i64s()?;
        usize::try_from(*value.first()?).ok()
    };
    node.inputs.iter().map(one).collect::<Vec<_>>().into()
}

fn input_shape(nodes: &[Node], node: &Node) -> Shape {
    shape_of(nodes, node.inputs[0]).clone()
}

fn concat(nodes: &[Node], node: &Node) -> Shape {
    joined(nodes, &node.inputs[1..])
}

fn concat_v2(nodes: &[Node], node: &Node) -> Shape {
    joined(nodes, &node.inputs[..node.inputs.len() - 1])
}

fn joined(nodes: &[Node], parts: &[TensorRef]) -> Shape {
    let mut dims = Vec::new();
    for &part in parts {
        match listed(nodes, part).dims() {
            Some(part) => dims.extend_from_slice(part),
            None => return Shape::unknown(),
        }
    }
    dims.into()
}

fn sliced(nodes: &[Node], node: &Node) -> Shape {
    let output = &node.outputs[0];
    let listed = output.known.listed();
    let listed = listed.and_then(|listed| listed.as_ref().ok());
    let mut bounds = node.inputs[1..].iter();
    let known = bounds.all(|&bound| value(nodes, bound).is_some());
    match (listed, output.shape.dims()) {
        (Some(listed), _) if known && listed.rank().is_some() => listed.clone(),
        (_, Some([Some(rank)])) => Shape::unknown_of_rank(*rank),
        _ => Shape::unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::op_def;

    #[test]
    fn every_row_is_one_ops_and_in_order() {
        assert!(ROWS.is_sorted_by(|(a, _), (b, _)| a < b));
        let rows = op_def::names().filter_map(op_def::lookup);
        let rows = rows.filter(|op| SEEN.get(op).is_some());
        assert_eq!(rows.count(), ROWS.len());
    }
}
