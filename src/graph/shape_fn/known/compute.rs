//! The values of small tensors of numbers and bools, as TensorFlow's CPU kernels give them.

use super::small::{Elements, Small};
use super::{MAX_ELEMENTS, arithmetic, join, order, pick, reduce};
use crate::dtype::DType;
use crate::graph::kernel;
use crate::graph::shape_fn::{Inference, array, slice};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::value::{TensorValue, decode_tensor_proto};

/// The values of the node's outputs; its inputs are constant.
pub(super) fn compute(i: &Inference<'_>) -> Option<Vec<Option<TensorValue>>> {
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
    let small = match node.op.name() {
        "Const" | "HostConst" => {
            let Some(Value::Tensor(tensor)) = node.attr("value") else {
                return None;
            };
            return Some(vec![decode_tensor_proto(tensor).ok()]);
        }
        "Shape" | "ShapeN" => {
            let dims = |shape: &Shape| {
                let dims = shape.to_static()?.into_iter().map(|dim| dim as i64);
                Some(Small::vector(dims.collect()))
            };
            i.inputs().map(dims).collect()
        }
        "Size" => {
            let size = i64::try_from(i.input(0).num_elements()?).ok()?;
            let fits = node.outputs[0].dtype == Int64 || i32::try_from(size).is_ok();
            vec![fits.then(|| Small::whole(Vec::new(), vec![size]))]
        }
        "Rank" => vec![Some(Small::whole(
            Vec::new(),
            vec![i.input(0).rank()? as i64],
        ))],
        "Switch" => {
            let inputs = inputs(i)?;
            let taken = inputs[1].integer()? != 0;
            let data = || inputs[0].clone();
            vec![(!taken).then(data), taken.then(data)]
        }
        "_SwitchN" => {
            let inputs = inputs(i)?;
            // What is out of range takes the last output.
            let last = node.outputs.len().checked_sub(1)?;
            let taken = usize::try_from(inputs[1].integer()?).map_or(last, |at| at.min(last));
            let data = |at| (at == taken).then(|| inputs[0].clone());
            (0..=last).map(data).collect()
        }
        // There is no kernel for bools.
        "ListDiff" if node.type_attr("T") == Some(Bool) => return None,
        "Split"
        | "SplitV"
        | "Unpack"
        | "BroadcastGradientArgs"
        | "ConcatOffset"
        | "DynamicPartition"
        | "ListDiff" => {
            let parts = join::many(i, &inputs(i)?)?;
            parts.into_iter().map(Some).collect()
        }
        "IdentityN" | "_ArrayToList" | "_ListToArray" => inputs(i)?.into_iter().map(Some).collect(),
        "Unique" | "UniqueV2" | "UniqueWithCounts" | "UniqueWithCountsV2" => {
            let parts = pick::unique(&inputs(i)?)?;
            parts.into_iter().map(Some).collect()
        }
        "TopKV2" => {
            let inputs = inputs(i)?;
            let parts = order::top(i, &inputs[0], inputs.get(1)?)?;
            parts.into_iter().map(Some).collect()
        }
        _ => vec![Some(one(i, &inputs(i)?)?)],
    };
    let value = |(small, dtype): (Option<Small>, DType)| {
        let small = small.filter(|small| small.len() <= MAX_ELEMENTS)?;
        small.value(dtype)
    };
    let dtypes = node.outputs.iter().map(|output| output.dtype);
    Some(small.into_iter().zip(dtypes).map(value).collect())
}

fn inputs(i: &Inference<'_>) -> Option<Vec<Small>> {
    let small = |&input| Small::of(i.known(input).value()?);
    i.node.inputs.iter().map(small).collect()
}

fn one(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let node = i.node;
    let first = inputs.first()?;
    let is_single = node.type_attr("T") == Some(DType::Float32);
    match node.op.name() {
        "Identity" | "StopGradient" | "PreventGradient" | "Snapshot" | "GuaranteeConst"
        | "EnsureShape" | "Enter" | "Copy" | "CopyHost" => Some(first.clone()),
        "Bitcast" => bits(first, node.type_attr("T")?, node.type_attr("type")?),
        "Cast" | "_HostCast" => arithmetic::cast(first, node.type_attr("DstT")?),
        "Reshape" => {
            let shape = kernel::reshaped(first.len(), inputs.get(1)?.integers()?)?;
            first.clone().reshaped(shape)
        }
        // Their results have as many elements as their input, in the same order.
        "ExpandDims" | "Squeeze" => {
            let made = match node.op.name() {
                "Squeeze" => array::squeezed,
                _ => array::expanded,
            };
            let shape = made(i, &Shape::from(&first.shape)).ok()?;
            first.clone().reshaped(shape.to_static()?)
        }
        "StridedSlice" => {
            let (shape, at) = slice::positions(i, &first.shape)?;
            first.pick(shape, &at)
        }
        "Sum" | "Prod" | "Max" | "Min" | "Mean" | "All" | "Any" | "ArgMax" | "ArgMin" => {
            reduce::reduce(i, inputs)
        }
        "MatMul" => reduce::product(i, first, inputs.get(1)?),
        "ZerosLike" => Some(first.filled(first.shape.clone(), 0)),
        "OnesLike" => Some(first.filled(first.shape.clone(), 1)),
        "ClipByValue" => {
            let (low, high) = (inputs.get(1)?, inputs.get(2)?);
            let fits = |bound: &Small| bound.shape.is_empty() || bound.shape == first.shape;
            if !fits(low) || !fits(high) {
                return None;
            }
            let least = arithmetic::binary("Minimum", first, high, is_single)?;
            arithmetic::binary("Maximum", &least, low, is_single)
        }
        op => join::one(i, inputs)
            .or_else(|| pick::one(i, inputs))
            .or_else(|| order::one(i, inputs))
            .or_else(|| match inputs {
                [x] => arithmetic::unary(op, x, is_single),
                [a, b] => arithmetic::binary(op, a, b, is_single),
                _ => None,
            }),
    }
}

/// Reads the bits as another dtype of equal size.
fn bits(x: &Small, from: DType, to: DType) -> Option<Small> {
    use DType::{Float32, Float64, Int32, Int64};
    let elements = match (&x.elements, from, to) {
        _ if from == to => return Some(x.clone()),
        (Elements::Real(v), Float32, Int32) => {
            let bits = |&x: &f64| i64::from((x as f32).to_bits() as i32);
            Elements::Whole(v.iter().map(bits).collect())
        }
        (Elements::Real(v), Float64, Int64) => {
            Elements::Whole(v.iter().map(|x| x.to_bits() as i64).collect())
        }
        (Elements::Whole(v), Int32, Float32) => {
            let real = |&x: &i64| f64::from(f32::from_bits(x as u32));
            Elements::Real(v.iter().map(real).collect())
        }
        (Elements::Whole(v), Int64, Float64) => {
            Elements::Real(v.iter().map(|&x| f64::from_bits(x as u64)).collect())
        }
        _ => return None,
    };
    let shape = x.shape.clone();
    Some(Small { shape, elements })
}
