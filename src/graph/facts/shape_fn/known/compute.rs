//! The values of small tensors of numbers and bools, as TensorFlow's CPU kernels give them.

use std::sync::Arc;

use super::small::{Elements, Small, all, each};
use super::{Folding, MAX_ELEMENTS, arithmetic, reduce};
use crate::dtype::DType;
use crate::graph::Node;
use crate::graph::facts::kernel::{Binary, Call, Computed};
use crate::graph::facts::shape_fn::Inference;
use crate::proto::tensorflow::attr_value::Value;
use crate::value::{TensorValue, decode_tensor_proto};

/// The values of the node's outputs; its inputs are constant.
pub(super) fn compute(i: &Inference<'_>, folding: Folding) -> Option<Vec<Option<TensorValue>>> {
    use DType::{Bool, Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16};
    let node = i.node;
    let numeric = |dtype| {
        matches!(
            dtype,
            Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | Bool | Float32 | Float64
        )
    };
    if !node.outputs.iter().any(|output| numeric(output.dtype)) {
        return None;
    }
    match folding {
        Folding::Constant(value) => return Some(vec![value(node)]),
        Folding::Kernel(kernel) => return of_kernel(i, kernel),
        Folding::OfShapes(of) => return Some(typed(node, of(i)?)),
        _ => {}
    }
    let inputs = inputs(i)?;
    let small = match (folding, &inputs[..]) {
        (Folding::One(of), inputs) => of(i, inputs)?,
        (Folding::All(of), inputs) => return Some(typed(node, all_known(of(i, inputs)?))),
        (Folding::Outputs(of), inputs) => return Some(typed(node, of(i, inputs)?)),
        (Folding::Reduction(reduction), inputs) => reduce::reduce(i, reduction, inputs)?,
        (Folding::Unary(unary), [x]) => arithmetic::unary(unary, x, is_single(i))?,
        (Folding::Binary(binary), [a, b]) => arithmetic::binary(binary, a, b, is_single(i))?,
        (Folding::Comparison(comparison), [a, b]) => arithmetic::compare(comparison, a, b)?,
        _ => return None,
    };
    Some(typed(node, vec![Some(small)]))
}

/// The values as those of the node's outputs.
fn typed(node: &Node, outputs: Vec<Option<Small>>) -> Vec<Option<TensorValue>> {
    let mut values = Vec::new();
    for (small, output) in outputs.into_iter().zip(&node.outputs) {
        let small = small.filter(|small| small.len() <= MAX_ELEMENTS);
        values.push(small.and_then(|small| small.value(output.dtype)));
    }
    values
}

/// The values that a kernel computes, of inputs that are small numbers too.
fn of_kernel(
    i: &Inference<'_>,
    kernel: fn(&mut Call<'_>) -> Computed,
) -> Option<Vec<Option<TensorValue>>> {
    let inputs = all(&i.node.inputs, &|input| {
        Some(Arc::new(i.known(input).value()?.clone()))
    })?;
    let values = kernel(&mut Call::small((i.nodes, i.node), inputs, MAX_ELEMENTS));
    Some(all_known(values.ok()?))
}

/// The values of all outputs.
fn all_known<T>(values: Vec<T>) -> Vec<Option<T>> {
    let mut known = Vec::new();
    for value in values {
        known.push(Some(value));
    }
    known
}

fn inputs(i: &Inference<'_>) -> Option<Vec<Small>> {
    all(&i.node.inputs, &|input| Small::of(i.known(input).value()?))
}

/// Whether real numbers are `float32`.
pub(super) fn is_single(i: &Inference<'_>) -> bool {
    i.node.type_attr("T") == Some(DType::Float32)
}

pub(crate) fn constant(node: &Node) -> Option<TensorValue> {
    match node.attr("value") {
        Some(Value::Tensor(tensor)) => decode_tensor_proto(tensor).ok(),
        _ => None,
    }
}

pub(crate) fn shape(i: &Inference<'_>) -> Option<Vec<Option<Small>>> {
    let mut listed = Vec::new();
    for shape in i.inputs() {
        let dims = shape.to_static();
        listed.push(dims.map(|dims| Small::vector(each(&dims, |dim| dim as i64))));
    }
    Some(listed)
}

pub(crate) fn size(i: &Inference<'_>) -> Option<Vec<Option<Small>>> {
    let size = i64::try_from(i.input(0).num_elements()?).ok()?;
    let fits = i.node.outputs[0].dtype == DType::Int64 || i32::try_from(size).is_ok();
    Some(vec![fits.then(|| Small::whole(Vec::new(), vec![size]))])
}

pub(crate) fn rank(i: &Inference<'_>) -> Option<Vec<Option<Small>>> {
    let rank = i.input(0).rank()? as i64;
    Some(vec![Some(Small::whole(Vec::new(), vec![rank]))])
}

pub(crate) fn switch(_: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Option<Small>>> {
    let taken = inputs[1].integer()? != 0;
    let data = || inputs[0].clone();
    Some(vec![(!taken).then(data), taken.then(data)])
}

pub(crate) fn switch_n(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Option<Small>>> {
    // An index out of range takes the last output.
    let last = i.node.outputs.len().checked_sub(1)?;
    let taken = usize::try_from(inputs[1].integer()?).map_or(last, |at| at.min(last));
    let mut outputs = vec![None; last + 1];
    outputs[taken] = Some(inputs[0].clone());
    Some(outputs)
}

pub(crate) fn bitcast(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    bits(
        inputs.first()?,
        i.node.type_attr("T")?,
        i.node.type_attr("type")?,
    )
}

pub(crate) fn cast(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    arithmetic::cast(inputs.first()?, i.node.type_attr("DstT")?)
}

/// `ClipByValue`.
pub(crate) fn clip(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, low, high] = inputs else { return None };
    let fits = |bound: &Small| bound.shape.is_empty() || bound.shape == x.shape;
    if !fits(low) || !fits(high) {
        return None;
    }
    let least = arithmetic::binary(Binary::Minimum, x, high, is_single(i))?;
    arithmetic::binary(Binary::Maximum, &least, low, is_single(i))
}

/// Reads the bits as another dtype of equal size.
fn bits(x: &Small, from: DType, to: DType) -> Option<Small> {
    use DType::{Float32, Float64, Int32, Int64};
    let elements = match (&x.elements, from, to) {
        _ if from == to => return Some(x.clone()),
        (Elements::Real(v), Float32, Int32) => {
            Elements::Whole(each(v, |x| ((x as f32).to_bits() as i32).into()))
        }
        (Elements::Real(v), Float64, Int64) => Elements::Whole(each(v, |x| x.to_bits() as i64)),
        (Elements::Whole(v), Int32, Float32) => {
            Elements::Real(each(v, |x| f32::from_bits(x as u32).into()))
        }
        (Elements::Whole(v), Int64, Float64) => {
            Elements::Real(each(v, |x| f64::from_bits(x as u64)))
        }
        _ => return None,
    };
    let shape = x.shape.clone();
    Some(Small { shape, elements })
}
