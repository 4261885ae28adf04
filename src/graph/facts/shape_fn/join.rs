//! Shapes of ops that join tensors, and of those that take one apart.

use std::ops::Range;

use super::{Dim, Inference, Inferred, known, normal_axis, shape_attr, with_rank};
use crate::graph::facts::{OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Concat", |i| {
        Ok(vec![concat(i, 0, 1..i.node.inputs.len())?])
    })
    .moves(kernel::join::concat)
    .listed(known::listed::concat),
    op("ConcatOffset", |i| {
        Ok(i.inputs().skip(1).cloned().collect())
    })
    .values(known::join::concat_offset),
    op("ConcatV2", |i| {
        let parts = i.node.inputs.len() - 1;
        Ok(vec![concat(i, parts, 0..parts)?])
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
    with_rank(i.input(axis), 0, "the axis")?;
    let shapes = || parts.clone().map(|index| i.input(index));
    let Some(rank) = shapes().find_map(Shape::rank) else {
        return Ok(Shape::unknown());
    };
    if let Some(other) = shapes()
        .filter_map(Shape::rank)
        .find(|&other| other != rank)
    {
        return Err(format!(
            "inputs must have equal ranks: found {rank} and {other}"
        ));
    }
    if rank == 0 {
        return Err("scalars cannot be put together along an axis".to_owned());
    }
    let Some(axis) = i.integer(axis) else {
        return Ok(Shape::unknown_of_rank(rank));
    };
    let axis = normal_axis(axis, rank)?;
    let mut out: Vec<Dim> = vec![None; rank];
    let mut len = Some(0usize);
    for shape in shapes() {
        let dims = with_rank(shape, rank, "an input")?;
        len = len
            .zip(dims[axis])
            .and_then(|(len, dim)| len.checked_add(dim));
        for (at, (out, dim)) in out.iter_mut().zip(dims).enumerate() {
            match (*out, dim) {
                (Some(a), Some(b)) if a != b && at != axis => {
                    return Err(format!(
                        "dimension {at} differs between inputs: {a} and {b}"
                    ));
                }
                _ => *out = out.or(dim),
            }
        }
    }
    out[axis] = len;
    Ok(out.into())
}

fn parallel_concat(i: &Inference<'_>) -> Inferred {
    let out = shape_attr(i, "shape");
    let mut one = out.to_static().unwrap_or_default();
    let Some(first) = one.first_mut() else {
        return Err(format!(
            "attribute \"shape\" must be static and have a first dimension, found {out}"
        ));
    };
    *first = 1;
    let one = Shape::from(one);
    for input in i.inputs() {
        if *input != one {
            return Err(format!("inputs of shape {one} are expected, found {input}"));
        }
    }
    Ok(vec![out])
}

fn pack(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        let merged = shape.merge(input);
        shape = merged
            .ok_or_else(|| format!("inputs must have equal shapes: found {shape} and {input}"))?;
    }
    let Some(dims) = shape.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let axis = normal_axis(i.node.int_attr("axis").unwrap_or(0), dims.len() + 1)?;
    let mut dims = dims.to_vec();
    dims.insert(axis, Some(i.node.inputs.len()));
    Ok(vec![dims.into()])
}

fn unpack(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    let Some(dims) = i.input(0).dims() else {
        return Ok(vec![Shape::unknown(); outputs]);
    };
    let mut dims = dims.to_vec();
    let axis = normal_axis(i.node.int_attr("axis").unwrap_or(0), dims.len())?;
    if let Some(dim) = dims.remove(axis).filter(|&dim| dim != outputs) {
        return Err(format!("dimension {axis} must be {outputs}, it is {dim}"));
    }
    Ok(vec![dims.into(); outputs])
}

fn split(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    // Only an axis that is known has to be a scalar.
    if i.integers(0).is_some() {
        i.check_scalars([0])?;
    }
    let Some(dims) = i.input(1).dims() else {
        return Ok(vec![Shape::unknown(); outputs]);
    };
    let Some(axis) = i.integer(0) else {
        return Ok(vec![Shape::unknown_of_rank(dims.len()); outputs]);
    };
    let mut dims = dims.to_vec();
    let axis = normal_axis(axis, dims.len())?;
    if let Some(dim) = dims[axis] {
        if dim % outputs != 0 {
            return Err(format!(
                "dimension {axis} is {dim}, which {outputs} parts do not divide"
            ));
        }
        dims[axis] = Some(dim / outputs);
    }
    Ok(vec![dims.into(); outputs])
}

/// A split into parts of given sizes, of which one may be -1.
fn split_v(i: &Inference<'_>) -> Inferred {
    let outputs = i.node.outputs.len();
    i.check_scalars([2])?;
    let Some(dims) = i.input(0).dims() else {
        return Ok(vec![Shape::unknown(); outputs]);
    };
    if dims.is_empty() {
        return Err("a scalar cannot be split".to_owned());
    }
    let axis = match i.integer(2) {
        Some(axis) => Some(normal_axis(axis, dims.len())?),
        None => None,
    };
    let of_size = |axis: usize, size: Dim| {
        let mut dims = dims.to_vec();
        dims[axis] = size;
        Shape::from(dims)
    };
    let Some(sizes) = i.integers(1) else {
        let part = axis.map(|axis| of_size(axis, None));
        return i.all_outputs(part.unwrap_or(Shape::unknown_of_rank(dims.len())));
    };
    // TensorFlow takes an axis that is not known for the last one here.
    let axis = axis.unwrap_or(dims.len() - 1);
    let open = sizes.iter().filter(|&&size| size == -1).count();
    let given = sizes.iter().filter(|&&size| size != -1);
    let total = given.fold(0, |total: i64, size| total.saturating_add(*size));
    let left = dims[axis].map(|whole| (whole as i64).saturating_sub(total));
    let fits = left.is_none_or(|left| if open > 0 { left >= 0 } else { left == 0 });
    if sizes.len() != outputs || open > 1 || !fits {
        return Err(format!(
            "{outputs} sizes that fill dimension {axis} of {} are expected, found {sizes:?}",
            i.input(0)
        ));
    }
    let part = |&size: &i64| {
        let size = if size == -1 { left } else { Some(size) };
        of_size(axis, size.and_then(|size| usize::try_from(size).ok()))
    };
    Ok(sizes.iter().map(part).collect())
}
