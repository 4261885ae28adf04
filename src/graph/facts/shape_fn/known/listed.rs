//! The partly known dimensions that vectors list, which TensorFlow looks for through a few ops.

use super::MAX_ELEMENTS;
use crate::graph::TensorRef;
use crate::graph::facts;
use crate::graph::facts::shape_fn::{Inference, Inferred, dims, refuse};
use crate::shape::Shape;

/// The partly known dimensions that a tensor lists; the rank is unknown where the tensor's length is.
pub(crate) fn listed(i: &Inference<'_>, tensor: TensorRef) -> Inferred<Shape> {
    let value = i.folded(tensor);
    let shape = i.shape_of(tensor);
    // The numbers that are packed into a list are worked out when the list is asked for.
    let node = i.nodes.get(tensor.node.index());
    let packed = node.and_then(|node| {
        let facts = facts::of(&node.op);
        facts.listed.filter(|_| facts.listed_late)?(&i.at(node), 0)
    });
    if let Some(packed) = packed.filter(|_| shape.num_elements() != Some(0)) {
        return packed;
    }
    match (shape.dims(), value) {
        (Some([]), Some(value)) if value == [-1] => Ok(Shape::unknown()),
        (Some(shape), _) if shape.len() != 1 => refuse(format_args!(
            "the shape must have rank 1, found {}",
            i.shape_of(tensor)
        )),
        (Some([Some(0)]), _) => Ok(Shape::scalar()),
        (vector, value) => match (i.known(tensor).listed(), value) {
            (Some(Err(fault)), _) => Err(fault.clone().into()),
            (Some(Ok(listed)), _) if listed.rank().is_some() => Ok(listed.clone()),
            (_, Some(value)) => dims(&value),
            _ => Ok(match vector {
                Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
                _ => Shape::unknown(),
            }),
        },
    }
}

/// `Shape` and `ShapeN`.
pub(crate) fn shape(i: &Inference<'_>, index: usize) -> Option<Inferred<Shape>> {
    Some(Ok(i.input(index).clone()))
}

/// `Pack`.
pub(crate) fn pack(i: &Inference<'_>, _: usize) -> Option<Inferred<Shape>> {
    let parts = i.node.inputs.len();
    if !is_vector(i) || parts > MAX_ELEMENTS {
        return None;
    }
    let mut dims = Vec::new();
    for index in 0..parts {
        dims.push(i.integer(index).and_then(|dim| usize::try_from(dim).ok()));
    }
    Some(Ok(dims.into()))
}

fn is_vector(i: &Inference<'_>) -> bool {
    i.node.outputs[0].shape.rank() == Some(1)
}

/// `Concat`.
pub(crate) fn concat(i: &Inference<'_>, _: usize) -> Option<Inferred<Shape>> {
    is_vector(i).then(|| joined(i, &i.node.inputs[1..]))
}

/// `ConcatV2`.
pub(crate) fn concat_v2(i: &Inference<'_>, _: usize) -> Option<Inferred<Shape>> {
    let (_, parts) = i.node.inputs.split_last()?;
    is_vector(i).then(|| joined(i, parts))
}

fn joined(i: &Inference<'_>, parts: &[TensorRef]) -> Inferred<Shape> {
    let mut all = Vec::new();
    for &part in parts {
        match listed(i, part)?.dims() {
            Some(part) if all.len() + part.len() <= MAX_ELEMENTS => all.extend_from_slice(part),
            _ => return Ok(Shape::unknown()),
        }
    }
    Ok(all.into())
}

/// `StridedSlice`.
pub(crate) fn sliced(i: &Inference<'_>, _: usize) -> Option<Inferred<Shape>> {
    (i.input(0).rank() == Some(1)).then(|| one_range(i))
}

/// The dimensions that are left of a list by a slice with one range.
fn one_range(i: &Inference<'_>) -> Inferred<Shape> {
    let mask = |name| i.int(name);
    let one = |index| i.input(index).dims() == Some(&[Some(1)]);
    let masks = mask("ellipsis_mask") | mask("new_axis_mask") | mask("shrink_axis_mask");
    if masks != 0 || !one(1) || !one(2) || !one(3) {
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
    let at = |bound: i64| match bound.min(rank) {
        bound @ 0.. => Ok(bound as usize),
        negative => match usize::try_from(negative.saturating_add(rank)) {
            Ok(bound) => Ok(bound),
            Err(_) => refuse(format_args!(
                "bound {bound} of a slice is outside of shape {shape}"
            )),
        },
    };
    let mut begin = begin.min(rank);
    if stride < 0 && begin == rank {
        begin -= 1;
    }
    let (begin, end) = (at(begin)?, at(end)?);
    let step = usize::try_from(stride.unsigned_abs()).unwrap_or(usize::MAX);
    let dims = match stride {
        0 => return Err("the stride of a slice is 0".into()),
        1.. if begin <= end => dims[begin..end].iter().copied().step_by(step).collect(),
        ..0 if begin >= end => {
            let kept = dims.get(end + 1..=begin).unwrap_or_default();
            kept.iter().rev().copied().step_by(step).collect::<Vec<_>>()
        }
        _ => {
            return refuse(format_args!(
                "a slice from {begin} to {end} of shape {shape} has stride {stride}"
            ));
        }
    };
    Ok(dims.into())
}
