//! Knowledge of a new node's outputs besides their shapes: values, the dimensions they list, what handles stand for.
//!
//! TensorFlow evaluates a constant part of the graph whenever a shape function asks for a value. Here the same values
//! are carried forward from node to node, so that each node costs the same however long the chain above it is.

mod arithmetic;
mod compute;
mod feed;
mod join;
mod order;
mod pick;
mod real;
mod reduce;
mod small;

use smallvec::SmallVec;

use super::control::in_common;
use super::{Inference, Inferred, dims, joined};
use crate::dtype::DType;
use crate::graph::attr::shape_from_proto;
use crate::graph::node::Known;
use crate::graph::{Node, TensorRef};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::value::TensorValue;

/// The largest value that is worked out while a graph is built: longer ones are not shapes or axes.
const MAX_ELEMENTS: usize = 1024;

/// Works out what is known of the outputs of a node whose shapes have been inferred.
pub(in crate::graph) fn know(nodes: &[Node], node: &Node, producer: i32) -> SmallVec<[Known; 1]> {
    if node.op.function().is_some() {
        return node.outputs.iter().map(|_| Known::default()).collect();
    }
    let op = &*node.op;
    let i = Inference {
        nodes,
        node,
        op,
        producer,
    };
    let inputs_are_constant = node.inputs.iter().all(|&input| i.known(input).constant);
    let direct = may_be_evaluated(node) && inputs_are_constant;
    // What enters a frame has a value where just that is asked for.
    let entered = matches!(node.op.name(), "Enter" | "RefEnter");
    // Only the node's input has to have a static shape (or rank) here.
    let constant = direct && !entered || i.follows_from_shape();
    let values = if direct || constant { values(&i) } else { None };
    let mut values = values.unwrap_or_default().into_iter();
    let known = |index| {
        let mut known = Known::new(constant, direct);
        if let Some(value) = values.next().flatten() {
            known.set_value(value);
        }
        let listed = match node.op.name() {
            "Pack" => None,
            _ => listed_by(&i, index),
        };
        if let Some(listed) = listed {
            known.set_listed(listed);
        }
        known.set_handle(handle(&i, index));
        known
    };
    (0..node.outputs.len()).map(known).collect()
}

/// Whether TensorFlow evaluates the op where its inputs are constant.
fn may_be_evaluated(node: &Node) -> bool {
    let excluded = matches!(
        node.op.name(),
        "Merge" | "RefMerge" | "Exit" | "RefExit" | "PlaceholderWithDefault"
    );
    // Besides constants, an op without inputs is one whose value comes from elsewhere.
    let generator = node.inputs.is_empty() && !matches!(node.op.name(), "Const" | "HostConst");
    !(node.op.is_stateful || excluded || generator)
}

/// The values of the outputs where they are short.
fn values(i: &Inference<'_>) -> Option<Vec<Option<TensorValue>>> {
    let short = |shape: &Shape| shape.num_elements().is_none_or(|len| len <= MAX_ELEMENTS);
    if !i.node.outputs.iter().all(|output| short(&output.shape)) {
        return None;
    }
    let values = compute::compute(i)?;
    let fits = |value: &TensorValue| value.len() <= MAX_ELEMENTS;
    Some(values.into_iter().map(|value| value.filter(fits)).collect())
}

/// The partly known dimensions that a tensor lists; the rank is unknown where the tensor's length is.
pub(super) fn listed(i: &Inference<'_>, tensor: TensorRef) -> Inferred<Shape> {
    let value = i.folded(tensor);
    let shape = i.shape_of(tensor);
    // The numbers that are packed into a list are worked out when the list is asked for.
    let packed = i
        .nodes
        .get(tensor.node.index())
        .filter(|node| node.op.name() == "Pack");
    let packed = packed.and_then(|node| listed_by(&i.at(node), 0));
    if let Some(packed) = packed.filter(|_| shape.num_elements() != Some(0)) {
        return packed;
    }
    match (shape.dims(), value) {
        (Some([]), Some(value)) if value == [-1] => Ok(Shape::unknown()),
        (Some(shape), _) if shape.len() != 1 => Err(format!(
            "the shape must have rank 1, found {}",
            i.shape_of(tensor)
        )),
        (Some([Some(0)]), _) => Ok(Shape::scalar()),
        (vector, value) => match (i.known(tensor).listed(), value) {
            (Some(Err(fault)), _) => Err(fault.clone()),
            (Some(Ok(listed)), _) if listed.rank().is_some() => Ok(listed.clone()),
            (_, Some(value)) => dims(&value),
            _ => Ok(match vector {
                Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
                _ => Shape::unknown(),
            }),
        },
    }
}

/// Looks up what `listed` gives for the ops that TensorFlow looks through.
fn listed_by(i: &Inference<'_>, index: usize) -> Option<Inferred<Shape>> {
    let node = i.node;
    match node.op.name() {
        "Shape" | "ShapeN" => Some(Ok(i.input(index).clone())),
        "Pack" if node.outputs[0].shape.rank() == Some(1) && node.inputs.len() <= MAX_ELEMENTS => {
            let one = |index| i.integer(index).and_then(|dim| usize::try_from(dim).ok());
            Some(Ok((0..node.inputs.len())
                .map(one)
                .collect::<Vec<_>>()
                .into()))
        }
        "Concat" | "ConcatV2" if node.outputs[0].shape.rank() == Some(1) => {
            let axis = if node.op.name() == "Concat" {
                0
            } else {
                node.inputs.len() - 1
            };
            let mut all = Vec::new();
            for (_, &input) in node.inputs.iter().enumerate().filter(|(at, _)| *at != axis) {
                let part = match listed(i, input) {
                    Ok(part) => part,
                    Err(fault) => return Some(Err(fault)),
                };
                match part.dims() {
                    Some(part) if all.len() + part.len() <= MAX_ELEMENTS => {
                        all.extend_from_slice(part)
                    }
                    _ => return Some(Ok(Shape::unknown())),
                }
            }
            Some(Ok(all.into()))
        }
        "StridedSlice" if i.input(0).rank() == Some(1) => Some(sliced(i)),
        _ => None,
    }
}

/// The dimensions that are left of a list by a slice with one range.
fn sliced(i: &Inference<'_>) -> Inferred<Shape> {
    let mask = |name| i.node.int_attr(name).unwrap_or(0);
    let one = |index| i.input(index).dims() == Some(&[Some(1)]);
    let plain = ["ellipsis_mask", "new_axis_mask", "shrink_axis_mask"]
        .into_iter()
        .all(|name| mask(name) == 0);
    if !(plain && one(1) && one(2) && one(3)) {
        return Ok(Shape::unknown());
    }
    let bound = |name, index, open| match mask(name) {
        0 => i.integer(index),
        1 => Some(open),
        _ => None,
    };
    let begin = bound("begin_mask", 1, 0);
    let end = bound("end_mask", 2, i64::MAX);
    let (Some(begin), Some(end), Some(stride)) = (begin, end, i.integer(3)) else {
        return Ok(Shape::unknown());
    };
    sub_shape(&listed(i, i.node.inputs[0])?, begin, end, stride)
}

/// Some of a shape's dimensions, from one on, up to another, with a stride.
fn sub_shape(shape: &Shape, begin: i64, end: i64, stride: i64) -> Inferred<Shape> {
    let Some(dims) = shape.dims() else {
        return Ok(Shape::unknown());
    };
    let rank = dims.len() as i64;
    let outside = |bound| format!("bound {bound} of a slice is outside of shape {shape}");
    let at = |bound: i64| match bound.min(rank) {
        bound @ 0.. => Ok(bound as usize),
        negative => usize::try_from(negative.saturating_add(rank)).map_err(|_| outside(bound)),
    };
    let mut begin = begin.min(rank);
    if stride < 0 && begin == rank {
        begin -= 1;
    }
    let (begin, end) = (at(begin)?, at(end)?);
    let step = usize::try_from(stride.unsigned_abs()).unwrap_or(usize::MAX);
    let dims = match stride {
        0 => return Err("the stride of a slice is 0".to_owned()),
        1.. if begin <= end => dims[begin..end].iter().copied().step_by(step).collect(),
        ..0 if begin >= end => {
            let kept = dims.get(end + 1..=begin).unwrap_or_default();
            kept.iter().rev().copied().step_by(step).collect::<Vec<_>>()
        }
        _ => {
            return Err(format!(
                "a slice from {begin} to {end} of shape {shape} has stride {stride}"
            ));
        }
    };
    Ok(dims.into())
}

/// The shapes and dtypes behind an output that is a handle.
fn handle(i: &Inference<'_>, index: usize) -> Vec<(Shape, DType)> {
    let node = i.node;
    if !matches!(node.outputs[index].dtype, DType::Resource | DType::Variant) {
        return Vec::new();
    }
    let shape = |name| match node.attr_or_default(name) {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    };
    let dtype = |name| node.type_attr(name).unwrap_or(DType::Variant);
    let element = |shape: Shape| vec![(shape, dtype("element_dtype"))];
    let element_shape = |index| i.dims_from_scalar_or_input(index).unwrap_or_default();
    match node.op.name() {
        "VarHandleOp" => vec![(shape("shape"), dtype("dtype"))],
        "_VarHandlesOp" => {
            let shapes = i.list("shapes").and_then(|list| list.shape.get(index));
            let types = i.list("dtypes").and_then(|list| list.r#type.get(index));
            let dtype = types.and_then(|&number| DType::from_number(number));
            let variable = shapes.map(shape_from_proto).zip(dtype);
            variable.into_iter().collect()
        }
        "TensorArrayV3" if index == 0 => {
            let element = shape("element_shape");
            let same = node.bool_attr("identical_element_shapes") == Some(true);
            if same || element.is_static() {
                vec![(element, dtype("dtype"))]
            } else {
                Vec::new()
            }
        }
        "TensorArrayGradV3" if index == 0 => i.handle(0).to_vec(),
        // Of the dimensions in front, only the number is looked at.
        "TensorArrayGradWithShape" if index == 0 => {
            let rows = match i.input(2).dims() {
                Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
                _ => Shape::unknown(),
            };
            let after = |(shape, dtype): &(Shape, DType)| (joined(&rows, shape), *dtype);
            i.handle(0).iter().map(after).collect()
        }
        "MutableHashTableV2" => vec![
            (Shape::scalar(), dtype("key_dtype")),
            (Shape::scalar(), dtype("value_dtype")),
        ],
        "MutableHashTableOfTensorsV2" => {
            vec![
                (Shape::scalar(), dtype("key_dtype")),
                (shape("value_shape"), dtype("value_dtype")),
            ]
        }
        "MutableDenseHashTableV2" => {
            vec![
                (i.input(0).clone(), dtype("key_dtype")),
                (shape("value_shape"), dtype("value_dtype")),
            ]
        }
        "EmptyTensorList" | "TensorListReserve" => element(element_shape(0)),
        // What the tensor itself tells is not kept.
        "TensorListFromTensor" => element(element_shape(1)),
        "TensorListPushBack"
        | "TensorListPushBackBatch"
        | "TensorListSetItem"
        | "TensorListPopBack"
            if index == 0 =>
        {
            element(i.shape_behind(0))
        }
        "TensorListConcatLists" => {
            let merged = i.shape_behind(0).merge(&i.shape_behind(1));
            element(merged.unwrap_or_default())
        }
        "TensorListResize" => i.handle(0).to_vec(),
        "TensorListSplit" | "TensorListScatter" | "TensorListScatterV2" => {
            element(element_shape(if node.op.name() == "TensorListSplit" {
                1
            } else {
                2
            }))
        }
        "TensorListScatterIntoExistingList" => i.handle(0).to_vec(),
        "Pack" => packed(i),
        "Select" | "SelectV2" => match (i.handle(1), i.handle(2)) {
            ([(a, dtype)], [(b, _)]) => vec![(a.merge(b).unwrap_or_default(), *dtype)],
            _ => Vec::new(),
        },
        "Fill" => i.handle(1).to_vec(),
        "StridedSlice" if i.integers(3).is_some() => i.handle(0).to_vec(),
        "TPUReplicatedInput" => {
            let mut handles = (0..node.inputs.len()).rev().map(|index| i.handle(index));
            let last = handles.find(|handle| !handle.is_empty());
            last.unwrap_or_default().to_vec()
        }
        "Identity" | "RefIdentity" | "Enter" | "RefEnter" | "Switch" | "RefSwitch"
        | "NextIteration" | "RefNextIteration" | "Exit" | "RefExit" | "StopGradient"
        | "ZerosLike" | "DeepCopy" | "Snapshot" | "PreventGradient" | "GuaranteeConst" => {
            i.handle(0).to_vec()
        }
        _ => Vec::new(),
    }
}

/// The shapes and dtypes that the known handles of a vector have in common.
fn packed(i: &Inference<'_>) -> Vec<(Shape, DType)> {
    let known: Vec<_> = (0..i.node.inputs.len())
        .filter_map(|index| i.handle(index).first())
        .collect();
    let Some((_, dtype)) = known.first() else {
        return Vec::new();
    };
    let shapes = known.iter().map(|(shape, _)| shape);
    vec![(in_common(shapes), *dtype)]
}
