//! Small values of which elements are picked, counted, padded or overwritten.

use super::join::{broadcast_positions, flat, map_positions, sizes};
use super::small::{Elements, Small};
use super::{MAX_ELEMENTS, arithmetic};
use crate::dtype::DType;
use crate::graph::shape_fn::{Inference, normal_axis};

/// The value of an op with one output.
pub(super) fn one(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let first = inputs.first()?;
    match i.node.op.name() {
        "AddN" => add_n(inputs, i.node.type_attr("T") == Some(DType::Float32)),
        "Cumsum" => accumulate(i, inputs, 0, i64::wrapping_add),
        "Cumprod" => accumulate(i, inputs, 1, i64::wrapping_mul),
        "BroadcastArgs" => broadcast_args(inputs),
        "GatherNd" => gather_nd(inputs),
        "OneHot" => one_hot(i, inputs),
        "Pad" | "PadV2" => pad(inputs),
        "Roll" => roll(inputs),
        "Reverse" => {
            let flags = inputs.get(1)?.integers()?;
            let axes = (0..flags.len()).filter(|&axis| flags[axis] != 0);
            reversed(first, &axes.collect::<Vec<_>>())
        }
        "ReverseV2" => {
            let axes = inputs.get(1)?.integers()?.iter();
            let axes = axes.map(|&axis| normal_axis(axis, first.shape.len()).ok());
            reversed(first, &axes.collect::<Option<Vec<_>>>()?)
        }
        "ScatterNd" => {
            let shape = sizes(inputs.get(2)?.integers()?)?;
            let zeros = inputs.get(1)?.filled(shape, 0);
            scatter(zeros, first, inputs.get(1)?, |a, b| a.wrapping_add(b))
        }
        "Select" | "SelectV2" => select(i, inputs),
        // Bools are not added, and are not put anywhere either; a single index is refused.
        "TensorScatterAdd" | "TensorScatterSub" | "TensorScatterUpdate"
            if i.node.type_attr("T") == Some(DType::Bool)
                || inputs.get(1).is_none_or(|indices| indices.shape.len() < 2) =>
        {
            None
        }
        "TensorScatterAdd" => scatter(first.clone(), inputs.get(1)?, inputs.get(2)?, |a, b| {
            a.wrapping_add(b)
        }),
        "TensorScatterSub" => scatter(first.clone(), inputs.get(1)?, inputs.get(2)?, |a, b| {
            a.wrapping_sub(b)
        }),
        "TensorScatterUpdate" => scatter(first.clone(), inputs.get(1)?, inputs.get(2)?, |_, b| b),
        "Diag" if first.shape.len() == 1 => diagonal(first),
        "MatrixDiag" => diagonal(first),
        "Where" => Some(non_zero(first)),
        _ => None,
    }
}

/// The number of tensors that TensorFlow adds at once, in their order.
const ADDED_AT_ONCE: usize = 8;

fn add_n(inputs: &[Small], is_single: bool) -> Option<Small> {
    let (first, rest) = inputs.split_first()?;
    if let Elements::Real(_) = first.elements {
        if inputs.len() > ADDED_AT_ONCE || rest.iter().any(|other| other.shape != first.shape) {
            return None;
        }
        let add = |sum: Small, next: &Small| {
            let mut sum = arithmetic::binary("AddV2", &sum, next, is_single)?;
            if let (Elements::Real(v), true) = (&mut sum.elements, is_single) {
                v.iter_mut().for_each(|x| *x = f64::from(*x as f32));
            }
            Some(sum)
        };
        return rest.iter().try_fold(first.clone(), add);
    }
    let mut sum = first.integers()?.to_vec();
    for input in rest {
        let other = input.integers().filter(|_| input.shape == first.shape)?;
        sum.iter_mut()
            .zip(other)
            .for_each(|(sum, x)| *sum = sum.wrapping_add(*x));
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
    for first in (0..values.len()).filter(|at| at / step % len == 0) {
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

fn broadcast_args(inputs: &[Small]) -> Option<Small> {
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
    let start = |row: usize| {
        let index = values.get(row * depth..(row + 1) * depth)?.iter();
        let index: Vec<usize> = index
            .map(|&at| usize::try_from(at).ok())
            .collect::<Option<_>>()?;
        let inside = index.iter().zip(shape).all(|(at, dim)| at < dim);
        inside.then(|| flat(&shape[..depth], &index) * len)
    };
    Some(((0..rows).map(start).collect::<Option<_>>()?, inner))
}

fn gather_nd(inputs: &[Small]) -> Option<Small> {
    let [x, indices] = inputs else { return None };
    let (starts, inner) = slices(&x.shape, indices)?;
    let len: usize = inner.iter().product();
    if starts.len().checked_mul(len)? > MAX_ELEMENTS {
        return None;
    }
    let at: Vec<usize> = starts
        .iter()
        .flat_map(|&start| start..start + len)
        .collect();
    let rows = &indices.shape[..indices.shape.len() - 1];
    x.pick([rows, &inner[..]].concat(), &at)
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

fn one_hot(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [indices, depth, on, off] = inputs else {
        return None;
    };
    if [depth, on, off].iter().any(|value| !value.shape.is_empty()) {
        return None;
    }
    let rank = indices.shape.len();
    let axis = match i.int("axis") {
        -1 => rank,
        axis => usize::try_from(axis).ok().filter(|&axis| axis <= rank)?,
    };
    let values = indices.integers()?;
    let mut shape = indices.shape.clone();
    shape.insert(axis, usize::try_from(depth.integer()?).ok()?);
    if shape
        .iter()
        .try_fold(1usize, |n, &dim| n.checked_mul(dim))?
        > MAX_ELEMENTS
    {
        return None;
    }
    // The value of one of two elements, after each other.
    let both = Small::pair(off, on)?;
    let at = map_positions(&shape, |index| {
        let mut place = index.to_vec();
        let class = place.remove(axis);
        usize::from(values[flat(&indices.shape, &place)] == class as i64)
    });
    both.pick(shape, &at)
}

fn pad(inputs: &[Small]) -> Option<Small> {
    let x = inputs.first()?;
    let paddings = sizes(inputs.get(1)?.integers()?)?;
    if paddings.len() != 2 * x.shape.len() {
        return None;
    }
    let pairs = paddings.chunks(2);
    let shape: Vec<usize> = pairs
        .zip(&x.shape)
        .map(|(pair, dim)| pair[0] + dim + pair[1])
        .collect();
    if shape
        .iter()
        .try_fold(1usize, |n, &dim| n.checked_mul(dim))?
        > MAX_ELEMENTS
    {
        return None;
    }
    let filler = match inputs.get(2) {
        Some(value) if value.shape.is_empty() => value.clone(),
        Some(_) => return None,
        None => x.filled(Vec::new(), 0),
    };
    // The filler comes after all elements of the input.
    let all = Small::pair(x, &filler)?;
    let at = map_positions(&shape, |index| {
        let moved = index.iter().zip(paddings.chunks(2)).zip(&x.shape);
        let inside: Option<Vec<usize>> = moved
            .map(|((at, pair), &dim)| at.checked_sub(pair[0]).filter(|&at| at < dim))
            .collect();
        inside.map_or(x.len(), |index| flat(&x.shape, &index))
    });
    all.pick(shape, &at)
}

/// Matrices with these diagonals.
fn diagonal(x: &Small) -> Option<Small> {
    let &len = x.shape.last()?;
    if x.len().checked_mul(len)? > MAX_ELEMENTS {
        return None;
    }
    let all = Small::pair(x, &x.filled(vec![1], 0))?;
    let shape = [&x.shape[..], &[len]].concat();
    let at = map_positions(&shape, |index| match index {
        [rest @ .., row, column] if row == column => flat(&x.shape, &[rest, &[*row]].concat()),
        _ => x.len(),
    });
    all.pick(shape, &at)
}

/// Elements moved along axes; what leaves at one end comes in at the other.
fn roll(inputs: &[Small]) -> Option<Small> {
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
    let at = map_positions(&x.shape, |index| {
        let from = index.iter().zip(&moved).zip(&x.shape);
        let from: Vec<usize> = from
            .map(|((&at, &moved), &len)| (at + len - moved as usize) % len)
            .collect();
        flat(&x.shape, &from)
    });
    x.pick(x.shape.clone(), &at)
}

fn reversed(x: &Small, axes: &[usize]) -> Option<Small> {
    let at = map_positions(&x.shape, |index| {
        let mut index = index.to_vec();
        for &axis in axes {
            index[axis] = x.shape[axis] - 1 - index[axis];
        }
        flat(&x.shape, &index)
    });
    x.pick(x.shape.clone(), &at)
}

/// A condition that is a scalar, has the shape of both, or chooses rows of both.
fn select(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [condition, yes, no] = inputs else {
        return None;
    };
    let flags = condition.integers()?;
    // The kernel of `Select` demands equal shapes.
    let shape = match i.node.op.name() {
        "Select" => yes.shape.clone(),
        _ => i.node.outputs[0].shape.to_static()?,
    };
    let by_row = i.node.op.name() == "Select" && condition.shape.len() == 1;
    let rows = match by_row {
        true => shape[1..].iter().product(),
        false => 1,
    };
    let of = |from: &[usize]| broadcast_positions(from, &shape);
    let which = match by_row {
        true => (0..shape.iter().product())
            .map(|at: usize| at / rows)
            .collect(),
        false => of(&condition.shape),
    };
    let (yes_at, no_at) = (of(&yes.shape), of(&no.shape));
    let both = Small::pair(yes, no)?;
    let chosen = which
        .iter()
        .enumerate()
        .map(|(at, &flag)| match flags.get(flag) {
            Some(0) => Some(yes.len() + no_at[at]),
            Some(_) => Some(yes_at[at]),
            None => None,
        });
    both.pick(shape.clone(), &chosen.collect::<Option<Vec<_>>>()?)
}

/// The indices of the elements that are not zero.
fn non_zero(x: &Small) -> Small {
    let held: Vec<bool> = match &x.elements {
        Elements::Whole(v) => v.iter().map(|&x| x != 0).collect(),
        Elements::Real(v) => v.iter().map(|&x| x != 0.0).collect(),
    };
    let mut out = Vec::new();
    map_positions(&x.shape, |index| {
        if held[flat(&x.shape, index)] {
            out.extend(index.iter().map(|&at| at as i64));
        }
        0
    });
    let rows = held.iter().filter(|&&held| held).count();
    Small::whole(vec![rows, x.shape.len()], out)
}

/// Each value once, for each element which of them it is, and how often each occurs.
///
/// A second input lists the axis along which there are values, or none.
pub(super) fn unique(inputs: &[Small]) -> Option<Vec<Small>> {
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
