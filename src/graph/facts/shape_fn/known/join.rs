//! Small values put together, taken apart and moved around.

use super::MAX_ELEMENTS;
use super::small::{Small, all};
use crate::dtype::DType;
use crate::graph::facts::shape_fn::{Inference, normal_axis};

/// For each element of `shape`, the position of what stretches to it in a tensor of the shape `from`.
pub(super) fn broadcast_positions(from: &[usize], shape: &[usize]) -> Vec<usize> {
    let missing = shape.len() - from.len();
    map_positions(shape, &|index| {
        let mut position = 0;
        for (at, &dim) in from.iter().enumerate() {
            let index = if dim == 1 { 0 } else { index[at + missing] };
            position = position * dim + index;
        }
        position
    })
}

/// The position of an element by its indices.
pub(super) fn flat(shape: &[usize], index: &[usize]) -> usize {
    let mut position = 0;
    for (dim, index) in shape.iter().zip(index) {
        position = position * dim + index;
    }
    position
}

/// Calls `f` with the indices of each element.
pub(super) fn map_positions(shape: &[usize], f: &dyn Fn(&[usize]) -> usize) -> Vec<usize> {
    let len = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut all = Vec::new();
    for position in 0..len {
        let mut rest = position;
        for at in (0..shape.len()).rev() {
            index[at] = rest % shape[at];
            rest /= shape[at];
        }
        all.push(f(&index));
    }
    all
}

pub(super) fn sizes(values: &[i64]) -> Option<Vec<usize>> {
    let sizes = all(values, &|value| usize::try_from(value).ok())?;
    let mut len = 1_usize;
    for &size in &sizes {
        len = len.checked_mul(size)?;
    }
    (len <= MAX_ELEMENTS).then_some(sizes)
}

/// `Range` of integers.
pub(crate) fn range(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [start, limit, delta] = inputs else {
        return None;
    };
    let (start, limit, delta) = (start.integer()?, limit.integer()?, delta.integer()?);
    if delta == 0 || (limit < start) != (delta < 0) && limit != start {
        return None;
    }
    let len = limit.abs_diff(start).div_ceil(delta.unsigned_abs());
    if len > MAX_ELEMENTS as u64 {
        return None;
    }
    let mut numbers = Vec::new();
    for at in 0..len as i64 {
        numbers.push(start + at * delta);
    }
    Some(Small::vector(numbers))
}

pub(crate) fn invert_permutation(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x] = inputs else { return None };
    let mut inverse = vec![-1; x.len()];
    for (at, &to) in x.integers()?.iter().enumerate() {
        *inverse.get_mut(usize::try_from(to).ok()?)? = at as i64;
    }
    (!inverse.contains(&-1)).then(|| Small::vector(inverse))
}

/// `DynamicStitch` of scalars.
pub(crate) fn stitch(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let (indices, data) = inputs.split_at(inputs.len() / 2);
    let mut out: Vec<Option<i64>> = Vec::new();
    for (indices, data) in indices.iter().zip(data) {
        if indices.shape != data.shape {
            return None;
        }
        for (&at, &value) in indices.integers()?.iter().zip(data.integers()?) {
            let at = usize::try_from(at).ok().filter(|&at| at < MAX_ELEMENTS)?;
            out.resize(out.len().max(at + 1), None);
            out[at] = Some(value);
        }
    }
    Some(Small::vector(all(&out, &|value| value)?))
}

pub(crate) fn broadcast_gradient_args(_: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let (a, b) = (inputs[0].integers()?, inputs.get(1)?.integers()?);
    let rank = a.len().max(b.len());
    let dim =
        |dims: &[i64], at: usize| (at + dims.len()).checked_sub(rank).map_or(1, |at| dims[at]);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for at in 0..rank {
        match (dim(a, at), dim(b, at)) {
            (x, y) if x != y && x != 1 && y != 1 => return None,
            (1, 1) => {
                left.push(at as i64);
                right.push(at as i64);
            }
            (1, _) => left.push(at as i64),
            (_, 1) => right.push(at as i64),
            _ => {}
        }
    }
    // Equal shapes need no reduction at all, not even of sizes of one.
    if a == b {
        (left, right) = (Vec::new(), Vec::new());
    }
    Some(vec![Small::vector(left), Small::vector(right)])
}

pub(crate) fn concat_offset(_: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let (axis, shapes) = inputs.split_first()?;
    let axis = normal_axis(axis.integer()?, shapes.first()?.len()).ok()?;
    let mut offset = 0;
    let mut parts = Vec::new();
    for shape in shapes {
        let mut offsets = vec![0; shape.len()];
        *offsets.get_mut(axis)? = offset;
        offset += shape.integers()?[axis];
        parts.push(Small::vector(offsets));
    }
    Some(parts)
}

pub(crate) fn dynamic_partition(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let (data, partitions) = (&inputs[0], inputs.get(1)?);
    let rest = data.shape.get(partitions.shape.len()..)?;
    let row: usize = rest.iter().product();
    let mut rows = vec![Vec::new(); i.node.outputs.len()];
    for (at, &partition) in partitions.integers()?.iter().enumerate() {
        rows.get_mut(usize::try_from(partition).ok()?)?.push(at);
    }
    let mut picked = Vec::new();
    for rows in rows {
        let mut at = Vec::new();
        for first in &rows {
            at.extend(first * row..(first + 1) * row);
        }
        picked.push(data.pick([&[rows.len()], rest].concat(), &at)?);
    }
    Some(picked)
}

pub(crate) fn list_diff(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    // There is no kernel for bools.
    if i.node.type_attr("T") == Some(DType::Bool) {
        return None;
    }
    let (from, remove) = (inputs[0].integers()?, inputs.get(1)?.integers()?);
    let (mut values, mut positions) = (Vec::new(), Vec::new());
    for (at, &value) in from.iter().enumerate() {
        if !remove.contains(&value) {
            values.push(value);
            positions.push(at as i64);
        }
    }
    Some(vec![Small::vector(values), Small::vector(positions)])
}
