//! Small values put together, taken apart and moved around.

use super::small::{Elements, Small};
use super::{MAX_ELEMENTS, compute};
use crate::dtype::DType;
use crate::graph::facts::shape_fn::{Inference, normal_axis};

/// For each element of `shape`, the position of what stretches to it in a tensor of the shape `from`.
pub(super) fn broadcast_positions(from: &[usize], shape: &[usize]) -> Vec<usize> {
    let missing = shape.len() - from.len();
    map_positions(shape, |index| {
        let one = |at: usize, index: usize| if from[at] == 1 { 0 } else { index };
        let here = (0..from.len())
            .map(|at| one(at, index[at + missing]))
            .collect::<Vec<_>>();
        flat(from, &here)
    })
}

/// The position of an element by its indices.
pub(super) fn flat(shape: &[usize], index: &[usize]) -> usize {
    shape
        .iter()
        .zip(index)
        .fold(0, |position, (dim, index)| position * dim + index)
}

/// Calls `f` with the indices of each element.
pub(super) fn map_positions(shape: &[usize], mut f: impl FnMut(&[usize]) -> usize) -> Vec<usize> {
    let len = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut all = Vec::with_capacity(len);
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

/// The part of `x` that starts at `begin`.
fn part(x: &Small, begin: &[usize], shape: Vec<usize>) -> Option<Small> {
    let fits = (0..shape.len()).all(|at| begin[at] + shape[at] <= x.shape[at]);
    let at = map_positions(&shape, |index| {
        let moved: Vec<_> = index
            .iter()
            .zip(begin)
            .map(|(index, begin)| index + begin)
            .collect();
        flat(&x.shape, &moved)
    });
    if fits { x.pick(shape, &at) } else { None }
}

pub(super) fn sizes(values: &[i64]) -> Option<Vec<usize>> {
    let sizes: Vec<usize> = values
        .iter()
        .map(|&value| usize::try_from(value).ok())
        .collect::<Option<_>>()?;
    let len = sizes
        .iter()
        .try_fold(1usize, |len, &size| len.checked_mul(size))?;
    (len <= MAX_ELEMENTS).then_some(sizes)
}

/// Parts that differ at most in their size along an axis, one after the other.
fn joined(parts: &[Small], axis: usize) -> Option<Small> {
    let rank = parts.first()?.shape.len();
    if axis >= rank || parts.iter().any(|part| part.shape.len() != rank) {
        return None;
    }
    let mut shape = parts[0].shape.clone();
    shape[axis] = parts.iter().map(|part| part.shape[axis]).sum();
    let outer: usize = shape[..axis].iter().product();
    let inner = |part: &Small| part.shape[axis..].iter().product::<usize>();
    fn rows<T: Copy>(parts: &[(&Vec<T>, usize)], outer: usize) -> Vec<T> {
        let row = |row: usize| {
            parts
                .iter()
                .flat_map(move |(v, len)| v[row * len..(row + 1) * len].iter().copied())
        };
        (0..outer).flat_map(row).collect()
    }
    let mut whole = Vec::new();
    let mut real = Vec::new();
    for part in parts {
        match &part.elements {
            Elements::Whole(v) => whole.push((v, inner(part))),
            Elements::Real(v) => real.push((v, inner(part))),
        }
    }
    let elements = match (whole.is_empty(), real.is_empty()) {
        (false, true) => Elements::Whole(rows(&whole, outer)),
        (true, false) => Elements::Real(rows(&real, outer)),
        _ => return None,
    };
    let out = Small { shape, elements };
    let len = match &out.elements {
        Elements::Whole(v) => v.len(),
        Elements::Real(v) => v.len(),
    };
    (len == out.len()).then_some(out)
}

/// Numbers at equal distances, each rounded as it is made; the last one is given.
fn linear(start: f64, stop: f64, len: usize, is_single: bool) -> Option<Small> {
    let rounded = |x: f64| if is_single { f64::from(x as f32) } else { x };
    let gaps = len.checked_sub(1).filter(|_| len <= MAX_ELEMENTS)?;
    let step = rounded(rounded(stop - start) / gaps as f64);
    let number = |at: usize| match at {
        0 => start,
        at if at == gaps => stop,
        at => rounded(start + rounded(step * at as f64)),
    };
    Some(Small {
        shape: vec![len],
        elements: Elements::Real((0..len).map(number).collect()),
    })
}

pub(crate) fn pack(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let rank = inputs.first()?.shape.len() + 1;
    let axis = normal_axis(i.int("axis"), rank).ok()?;
    let widened = |part: &Small| {
        let mut shape = part.shape.clone();
        shape.insert(axis, 1);
        part.clone().reshaped(shape)
    };
    let parts = inputs.iter().map(widened).collect::<Option<Vec<_>>>()?;
    joined(&parts, axis)
}

pub(crate) fn concat(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let (axis, parts) = inputs.split_first()?;
    concat_along(axis, parts)
}

pub(crate) fn concat_v2(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let (axis, parts) = inputs.split_last()?;
    concat_along(axis, parts)
}

fn concat_along(axis: &Small, parts: &[Small]) -> Option<Small> {
    let axis = normal_axis(axis.integer()?, parts.first()?.shape.len()).ok()?;
    joined(parts, axis)
}

pub(crate) fn fill(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [shape, value] = inputs else { return None };
    let shape = sizes(shape.integers()?)?;
    let at = vec![0; shape.iter().product()];
    value.pick(shape, &at)
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
    let len = i64::try_from(len).ok();
    let len = len.filter(|&len| len <= MAX_ELEMENTS as i64)?;
    let numbers = (0..len).map(|at| start + at * delta);
    Some(Small::vector(numbers.collect()))
}

pub(crate) fn lin_space(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [start, stop, len] = inputs else {
        return None;
    };
    let len = usize::try_from(len.integer()?).ok()?;
    linear(start.real()?, stop.real()?, len, compute::is_single(i))
}

pub(crate) fn slice(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, begin, size] = inputs else {
        return None;
    };
    let begin = sizes(begin.integers()?)?;
    let size = size.integers()?;
    if begin.len() != x.shape.len() || size.len() != begin.len() {
        return None;
    }
    let size = |at: usize| match size[at] {
        -1 => x.shape[at].checked_sub(begin[at]),
        size => usize::try_from(size).ok(),
    };
    let shape = (0..begin.len()).map(size).collect::<Option<_>>()?;
    part(x, &begin, shape)
}

pub(crate) fn gather(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    gather_along(inputs, 0)
}

pub(crate) fn gather_v2(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    if i.int("batch_dims") != 0 {
        return None;
    }
    gather_along(inputs, inputs.get(2)?.integer()?)
}

fn gather_along(inputs: &[Small], axis: i64) -> Option<Small> {
    let [x, indices, ..] = inputs else {
        return None;
    };
    let axis = normal_axis(axis, x.shape.len()).ok()?;
    let (outer, inner) = (&x.shape[..axis], &x.shape[axis + 1..]);
    let shape = [outer, &indices.shape, inner].concat();
    if shape.iter().product::<usize>() > MAX_ELEMENTS {
        return None;
    }
    let row = |&at: &i64| usize::try_from(at).ok().filter(|&at| at < x.shape[axis]);
    let rows: Vec<usize> = indices.integers()?.iter().map(row).collect::<Option<_>>()?;
    let (outer, inner): (usize, usize) = (outer.iter().product(), inner.iter().product());
    let mut at = Vec::new();
    for block in 0..outer {
        for &row in &rows {
            let from = (block * x.shape[axis] + row) * inner;
            at.extend(from..from + inner);
        }
    }
    x.pick(shape, &at)
}

pub(crate) fn transpose(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, perm] = inputs else { return None };
    let perm = sizes(perm.integers()?)?;
    if perm.len() != x.shape.len() || perm.iter().any(|&axis| axis >= perm.len()) {
        return None;
    }
    let shape: Vec<_> = perm.iter().map(|&axis| x.shape[axis]).collect();
    let at = map_positions(&shape, |index| {
        let mut from = vec![0; perm.len()];
        perm.iter()
            .zip(index)
            .for_each(|(&axis, &index)| from[axis] = index);
        flat(&x.shape, &from)
    });
    x.pick(shape, &at)
}

pub(crate) fn broadcast_to(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, shape] = inputs else { return None };
    let shape = sizes(shape.integers()?)?;
    if shape.len() < x.shape.len() {
        return None;
    }
    let at = broadcast_positions(&x.shape, &shape);
    x.pick(shape, &at)
}

pub(crate) fn tile(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, multiples] = inputs else { return None };
    let multiples = sizes(multiples.integers()?)?;
    if multiples.len() != x.shape.len() {
        return None;
    }
    let shape = multiples.iter().zip(&x.shape);
    let shape: Vec<_> = shape.map(|(times, dim)| times * dim).collect();
    if shape.iter().product::<usize>() > MAX_ELEMENTS {
        return None;
    }
    let at = map_positions(&shape, |index| {
        let wrapped = index.iter().zip(&x.shape);
        let wrapped: Vec<_> = wrapped.map(|(index, dim)| index % dim).collect();
        flat(&x.shape, &wrapped)
    });
    x.pick(shape, &at)
}

pub(crate) fn invert_permutation(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x] = inputs else { return None };
    let mut inverse = vec![-1; x.len()];
    for (at, &to) in x.integers()?.iter().enumerate() {
        *inverse.get_mut(usize::try_from(to).ok()?)? = at as i64;
    }
    let all = inverse.iter().all(|&at| at >= 0);
    all.then(|| Small::vector(inverse))
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
    Some(Small::vector(out.into_iter().collect::<Option<_>>()?))
}

pub(crate) fn split(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let [axis, x] = inputs else { return None };
    let axis = normal_axis(axis.integer()?, x.shape.len()).ok()?;
    equal_parts(x, axis, i.node.outputs.len())
}

/// `SplitV`.
pub(crate) fn split_sizes(_: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let [x, lens, axis] = inputs else {
        return None;
    };
    let axis = normal_axis(axis.integer()?, x.shape.len()).ok()?;
    parts(x, axis, &part_sizes(lens.integers()?, x.shape[axis])?)
}

pub(crate) fn unpack(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let [x] = inputs else { return None };
    let axis = normal_axis(i.int("axis"), x.shape.len()).ok()?;
    let without_axis = |part: Small| {
        let mut shape = part.shape.clone();
        shape.remove(axis);
        part.reshaped(shape)
    };
    let parts = equal_parts(x, axis, i.node.outputs.len())?;
    parts.into_iter().map(without_axis).collect()
}

fn equal_parts(x: &Small, axis: usize, count: usize) -> Option<Vec<Small>> {
    let len = x.shape[axis].checked_div(count)?;
    (len * count == x.shape[axis]).then(|| parts(x, axis, &vec![len; count]))?
}

/// Parts of these sizes along an axis.
fn parts(x: &Small, axis: usize, lens: &[usize]) -> Option<Vec<Small>> {
    let mut begin = vec![0; x.shape.len()];
    let part = |&len: &usize| {
        let mut shape = x.shape.clone();
        shape[axis] = len;
        let piece = part(x, &begin, shape)?;
        begin[axis] += len;
        Some(piece)
    };
    lens.iter().map(part).collect()
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

pub(crate) fn concat_offset(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let (axis, shapes) = inputs.split_first()?;
    let axis = normal_axis(axis.integer()?, shapes.first()?.len()).ok()?;
    let mut offset = 0;
    let mut parts = Vec::with_capacity(i.node.outputs.len());
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
    let picked = rows.iter().map(|rows| {
        let at: Vec<_> = rows
            .iter()
            .flat_map(|at| at * row..(at + 1) * row)
            .collect();
        data.pick([&[rows.len()], rest].concat(), &at)
    });
    picked.collect()
}

pub(crate) fn list_diff(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    // There is no kernel for bools.
    if i.node.type_attr("T") == Some(DType::Bool) {
        return None;
    }
    let (from, remove) = (inputs[0].integers()?, inputs.get(1)?.integers()?);
    let left = || {
        from.iter()
            .enumerate()
            .filter(|(_, value)| !remove.contains(value))
    };
    Some(vec![
        Small::vector(left().map(|(_, &value)| value).collect()),
        Small::vector(left().map(|(at, _)| at as i64).collect()),
    ])
}

/// The sizes of the parts that a dimension is split into; one of -1 takes what is left.
fn part_sizes(sizes: &[i64], whole: usize) -> Option<Vec<usize>> {
    let known: usize = sizes
        .iter()
        .filter_map(|&size| usize::try_from(size).ok())
        .sum();
    let rest = whole.checked_sub(known)?;
    let lens = sizes.iter().map(|&size| match size {
        -1 => Some(rest),
        size => usize::try_from(size).ok(),
    });
    let lens: Vec<usize> = lens.collect::<Option<_>>()?;
    (lens.iter().sum::<usize>() == whole).then_some(lens)
}
