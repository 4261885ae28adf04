//! Shapes of ops that join tensors, and of those that take one apart.

use std::ops::Range;

use super::dims::both;
use super::{
    Dim, Inference, Inferred, known, normal_axis, one, one_unknown, refuse, shape_attr, unknown,
};
use crate::graph::facts::{OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Concat", |i| one(concat(i, 0, 1..i.node.inputs.len())?))
        .moves(kernel::join::concat)
        .listed(known::listed::concat),
    op("ConcatOffset", |i| Ok(i.inputs_at(1..i.node.inputs.len())))
        .values(known::join::concat_offset),
    op("ConcatV2", |i| {
        let parts = i.node.inputs.len() - 1;
        one(concat(i, parts, 0..parts)?)
    })
    .moves(kernel::join::concat_v2)
    .listed(known::listed::concat_v2),
    op("Pack", pack)
        .moves(kernel::join::pack)
        .listed_late(known::listed::pack)
        .handle(known::handle::packed),
    op("ParallelConcat", parallel_concat),
    op("Split", split).moves(kernel::join::split),
    op("SplitV", split_v).moves(kernel::join::split_sizes),
    op("Unpack", unpack).moves(kernel::join::unpack),
];

/// The inputs `parts` along the axis that the input `axis` gives.
pub(super) fn concat(i: &Inference<'_>, axis: usize, parts: Range<usize>) -> Inferred<Shape> {
    i.dims(axis, 0, "the axis")?;
    let mut rank = None;
    for index in parts.clone() {
        match (rank, i.input(index).rank()) {
            (Some(rank), Some(other)) if rank != other => {
                return refuse(format_args!(
                    "inputs must have equal ranks: found {rank} and {other}"
                ));
            }
            (known, other) => rank = known.or(other),
        }
    }
    let Some(rank) = rank else {
        return Ok(Shape::unknown());
    };
    if rank == 0 {
        return Err("scalars cannot be put together along an axis".into());
    }
    let Some(axis) = i.integer(axis) else {
        return Ok(Shape::unknown_of_rank(rank));
    };
    let axis = normal_axis(axis, rank)?;
    let mut out: Vec<Dim> = vec![None; rank];
    let mut len = Some(0usize);
    for index in parts {
        let dims = i.dims(index, rank, "an input")?;
        len = both(len, dims[axis], usize::checked_add);
        for (at, &dim) in dims.iter().enumerate() {
            match (out[at], dim) {
                (Some(a), Some(b)) if a != b && at != axis => {
                    return refuse(format_args!(
                        "dimension {at} differs between inputs: {a} and {b}"
                    ));
                }
                (known, other) => out[at] = known.or(other),
            }
        }
    }
    out[axis] = len;
    Ok(out.into())
}

fn parallel_concat(i: &Inference<'_>) -> Inferred {
    let out = shape_attr(i, "shape");
    if !out.is_static() || out.rank() == Some(0) {
        return refuse(format_args!(
            "attribute \"shape\" must be static and have a first dimension, found {out}"
        ));
    }
    let part = out.with_dim(0, Some(1));
    for input in i.inputs() {
        if *input != part {
            return refuse(format_args!(
                "inputs of shape {part} are expected, found {input}"
            ));
        }
    }
    one(out)
}

fn pack(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        let Some(merged) = shape.merge(input) else {
            return refuse(format_args!(
                "inputs must have equal shapes: found {shape} and {input}"
            ));
        };
        shape = merged;
    }
    let Some(dims) = shape.dims() else {
        return one_unknown();
    };
    let axis = normal_axis(i.int("axis"), dims.len() + 1)?;
    let mut dims = dims.to_vec();
    dims.insert(axis, Some(i.node.inputs.len()));
    one(dims.into())
}

fn unpack(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    let Some(dims) = i.input(0).dims() else {
        return unknown(i);
    };
    let mut dims = dims.to_vec();
    let axis = normal_axis(i.int("axis"), dims.len())?;
    if let Some(dim) = dims.remove(axis).filter(|&dim| dim != outputs) {
        return refuse(format_args!(
            "dimension {axis} must be {outputs}, it is {dim}"
        ));
    }
    i.all_outputs(dims.into())
}

fn split(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    // Only an axis that is known has to be a scalar.
    if i.integers(0).is_some() {
        i.check_scalars(0..1)?;
    }
    let Some(dims) = i.input(1).dims() else {
        return unknown(i);
    };
    let Some(axis) = i.integer(0) else {
        return i.all_outputs(Shape::unknown_of_rank(dims.len()));
    };
    let mut dims = dims.to_vec();
    let axis = normal_axis(axis, dims.len())?;
    if let Some(dim) = dims[axis] {
        if dim % outputs != 0 {
            return refuse(format_args!(
                "dimension {axis} is {dim}, which {outputs} parts do not divide"
            ));
        }
        dims[axis] = Some(dim / outputs);
    }
    i.all_outputs(dims.into())
}

/// A split into parts of given sizes, of which one may be -1.
fn split_v(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    i.check_scalars(2..3)?;
    let Some(dims) = i.input(0).dims() else {
        return unknown(i);
    };
    if dims.is_empty() {
        return Err("a scalar cannot be split".into());
    }
    let axis = match i.integer(2) {
        Some(axis) => Some(normal_axis(axis, dims.len())?),
        None => None,
    };
    let of_size = |axis: usize, size: Dim| i.input(0).with_dim(axis as isize, size);
    let Some(sizes) = i.integers(1) else {
        return i.all_outputs(match axis {
            Some(axis) => of_size(axis, None),
            None => Shape::unknown_of_rank(dims.len()),
        });
    };
    // TensorFlow takes an axis that is not known for the last one here.
    let axis = axis.unwrap_or(dims.len() - 1);
    let (mut open, mut total) = (0, 0_i64);
    for &size in &sizes {
        match size {
            -1 => open += 1,
            _ => total = total.saturating_add(size),
        }
    }
    let left = dims[axis].map(|whole| (whole as i64).saturating_sub(total));
    let fits = left.is_none_or(|left| if open > 0 { left >= 0 } else { left == 0 });
    if sizes.len() != outputs || open > 1 || !fits {
        return refuse(format_args!(
            "{outputs} sizes that fill dimension {axis} of {} are expected, found {sizes:?}",
            i.input(0)
        ));
    }
    let mut parts = Vec::new();
    for &size in &sizes {
        let size = if size == -1 { left } else { Some(size) };
        let size = size.and_then(|size| usize::try_from(size).ok());
        parts.push(of_size(axis, size));
    }
    Ok(parts)
}
