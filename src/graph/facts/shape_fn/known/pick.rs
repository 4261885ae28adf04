//! Small values of which elements are picked, counted, padded or overwritten.

use super::join::{flat, map_positions, sizes};
use super::small::{Elements, Small};
use super::{arithmetic, compute};
use crate::dtype::DType;
use crate::graph::facts::kernel::Binary;
use crate::graph::facts::shape_fn::{Inference, normal_axis};

pub(crate) fn cumsum(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    accumulate(i, inputs, 0, i64::wrapping_add)
}

pub(crate) fn cumprod(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    accumulate(i, inputs, 1, i64::wrapping_mul)
}

pub(crate) fn reverse(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, flags] = inputs else { return None };
    let flags = flags.integers()?;
    let at = map_positions(&x.shape, &|index| {
        let mut position = 0;
        for (axis, (&at, &dim)) in index.iter().zip(&x.shape).enumerate() {
            let at = if flags[axis] != 0 { dim - 1 - at } else { at };
            position = position * dim + at;
        }
        position
    });
    x.pick(x.shape.clone(), &at)
}

pub(crate) fn scatter_nd(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [indices, updates, shape] = inputs else {
        return None;
    };
    let zeros = updates.filled(sizes(shape.integers()?)?, 0);
    scatter(zeros, indices, updates, i64::wrapping_add)
}

/// Changes elements of a tensor. Bools are not added, and are not put anywhere either; a single index is refused.
fn scatter_into(i: &Inference<'_>, inputs: &[Small], with: fn(i64, i64) -> i64) -> Option<Small> {
    let [x, indices, updates] = inputs else {
        return None;
    };
    if i.node.type_attr("T") == Some(DType::Bool) || indices.shape.len() < 2 {
        return None;
    }
    scatter(x.clone(), indices, updates, with)
}

/// `TensorScatterAdd`.
pub(crate) fn scatter_add(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    scatter_into(i, inputs, i64::wrapping_add)
}

/// `TensorScatterSub`.
pub(crate) fn scatter_sub(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    scatter_into(i, inputs, i64::wrapping_sub)
}

/// `TensorScatterUpdate`.
pub(crate) fn scatter_update(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    scatter_into(i, inputs, |_, update| update)
}

/// TensorFlow adds so many tensors at once, in their order.
const ADDED_AT_ONCE: usize = 8;

pub(crate) fn add_n(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let is_single = compute::is_single(i);
    let (first, rest) = inputs.split_first()?;
    if let Elements::Real(_) = first.elements {
        if inputs.len() > ADDED_AT_ONCE || rest.iter().any(|other| other.shape != first.shape) {
            return None;
        }
        let mut sum = first.clone();
        for next in rest {
            sum = arithmetic::binary(Binary::Add, &sum, next, is_single)?;
            if let (Elements::Real(v), true) = (&mut sum.elements, is_single) {
                for x in v {
                    *x = f64::from(*x as f32);
                }
            }
        }
        return Some(sum);
    }
    let mut sum = first.integers()?.to_vec();
    for input in rest {
        let other = input.integers().filter(|_| input.shape == first.shape)?;
        for (sum, x) in sum.iter_mut().zip(other) {
            *sum = sum.wrapping_add(*x);
        }
    }
    Some(Small::whole(first.shape.clone(), sum))
}

/// Sums or products of integers along an axis.
fn accumulate(
    i: &Inference<'_>,
    inputs: &[Small],
    start: i64,
    with: fn(i64, i64) -> i64,
) -> Option<Small> {
    let [x, axis] = inputs else { return None };
    if !axis.shape.is_empty() {
        return None;
    }
    let axis = normal_axis(axis.integer()?, x.shape.len()).ok()?;
    let (exclusive, backward) = (i.flag("exclusive"), i.flag("reverse"));
    let (len, step) = (x.shape[axis], x.shape[axis + 1..].iter().product::<usize>());
    let values = x.integers()?;
    let mut out = values.to_vec();
    for first in 0..values.len() {
        if first / step % len != 0 {
            continue;
        }
        let mut total = start;
        for nth in 0..len {
            let at = first + step * if backward { len - 1 - nth } else { nth };
            let next = with(total, values[at]);
            out[at] = if exclusive { total } else { next };
            total = next;
        }
    }
    Some(Small::whole(x.shape.clone(), out))
}

pub(crate) fn broadcast_args(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [a, b] = inputs else { return None };
    let (a, b) = (a.integers()?, b.integers()?);
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out = long.to_vec();
    for (dim, &other) in out.iter_mut().rev().zip(short.iter().rev()) {
        *dim = match (*dim, other) {
            (1, other) => other,
            (dim, other) if other == 1 || other == dim => dim,
            _ => return None,
        };
    }
    Some(Small::vector(out))
}

/// The first positions of the slices that rows of indices stand for, and the slices' shape.
fn slices(shape: &[usize], indices: &Small) -> Option<(Vec<usize>, Vec<usize>)> {
    let (&depth, rows) = indices.shape.split_last()?;
    let inner = shape.get(depth..)?.to_vec();
    let (len, rows) = (inner.iter().product::<usize>(), rows.iter().product());
    let values = indices.integers()?;
    let mut starts = Vec::new();
    for row in 0..rows {
        let index = indices_within(values.get(row * depth..(row + 1) * depth)?, shape)?;
        starts.push(flat(&shape[..depth], &index) * len);
    }
    Some((starts, inner))
}

/// Indices that a shape has.
fn indices_within(index: &[i64], shape: &[usize]) -> Option<Vec<usize>> {
    let mut inside = Vec::new();
    for (&at, &dim) in index.iter().zip(shape) {
        inside.push(usize::try_from(at).ok().filter(|&at| at < dim)?);
    }
    Some(inside)
}

fn scatter(
    mut x: Small,
    indices: &Small,
    updates: &Small,
    with: fn(i64, i64) -> i64,
) -> Option<Small> {
    let (starts, inner) = slices(&x.shape, indices)?;
    let len: usize = inner.iter().product();
    let (_, rows) = indices.shape.split_last()?;
    if updates.shape != [rows, &inner[..]].concat() {
        return None;
    }
    let updates = updates.integers()?;
    let Elements::Whole(values) = &mut x.elements else {
        return None;
    };
    for (row, start) in starts.into_iter().enumerate() {
        for at in 0..len {
            let value = values.get_mut(start + at)?;
            *value = with(*value, *updates.get(row * len + at)?);
        }
    }
    Some(x)
}

/// Elements moved along axes; what leaves at one end comes in at the other.
pub(crate) fn roll(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, shifts, axes] = inputs else {
        return None;
    };
    let (shifts, axes) = (shifts.integers()?, axes.integers()?);
    if shifts.len() != axes.len() || x.shape.is_empty() {
        return None;
    }
    let mut moved = vec![0; x.shape.len()];
    for (&shift, &axis) in shifts.iter().zip(axes) {
        let axis = normal_axis(axis, x.shape.len()).ok()?;
        let len = i64::try_from(x.shape[axis]).ok()?;
        moved[axis] = (moved[axis] + shift.checked_rem_euclid(len)?) % len;
    }
    let at = map_positions(&x.shape, &|index| {
        let mut position = 0;
        for (at, &len) in x.shape.iter().enumerate() {
            position = position * len + (index[at] + len - moved[at] as usize) % len;
        }
        position
    });
    x.pick(x.shape.clone(), &at)
}

/// Each value once, for each element which of them it is, and how often each occurs.
///
/// A second input lists the axis along which there are values, or none.
pub(crate) fn unique(_: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let (x, axes) = inputs.split_first()?;
    if let Some(axis) = axes.first() {
        let is_first = axis.integers()?.iter().all(|&axis| axis == 0 || axis == -1);
        if axis.shape.len() != 1 || axis.len() > 1 || !is_first {
            return None;
        }
    }
    if x.shape.len() != 1 {
        return None;
    }
    // The first positions of the values.
    let (mut seen, mut counts, mut which) = (Vec::new(), Vec::new(), Vec::new());
    for position in 0..x.len() {
        let known = seen.iter().position(|&other| x.equal(other, position));
        let at = known.unwrap_or_else(|| {
            seen.push(position);
            counts.push(0);
            seen.len() - 1
        });
        counts[at] += 1;
        which.push(at as i64);
    }
    let values = x.pick(vec![seen.len()], &seen)?;
    Some(vec![values, Small::vector(which), Small::vector(counts)])
}
