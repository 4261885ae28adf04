//! Small values put together, taken apart and moved around.

use super::MAX_ELEMENTS;
use super::small::{Elements, Small};
use crate::dtype::DType;
use crate::graph::shape_fn::{Inference, normal_axis};

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

fn concat(parts: &[Small], axis: usize) -> Option<Small> {
    let rank = parts.first()?.shape.len();
    if axis >= rank || parts.iter().any(|part| part.shape.len() != rank) {
        return None;
    }
    let mut shape = parts[0].shape.clone();
    shape[axis] = parts.iter().map(|part| part.shape[axis]).sum();
    let outer: usize = shape[..axis].iter().product();
    let inner = |part: &Small| part.shape[axis..].iter().product::<usize>();
    fn joined<T: Copy>(parts: &[(&Vec<T>, usize)], outer: usize) -> Vec<T> {
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
        (false, true) => Elements::Whole(joined(&whole, outer)),
        (true, false) => Elements::Real(joined(&real, outer)),
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

/// The value of an op with one output.
pub(super) fn one(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let node = i.node;
    let first = inputs.first()?;
    let ints = |index: usize| inputs.get(index)?.integers();
    match node.op.name() {
        "Pack" => {
            let rank = first.shape.len() + 1;
            let axis = normal_axis(node.int_attr("axis").unwrap_or(0), rank).ok()?;
            let widened = |part: &Small| {
                let mut shape = part.shape.clone();
                shape.insert(axis, 1);
                part.clone().reshaped(shape)
            };
            concat(
                &inputs.iter().map(widened).collect::<Option<Vec<_>>>()?,
                axis,
            )
        }
        "ConcatV2" => {
            let (axis, parts) = inputs.split_last()?;
            let axis = normal_axis(axis.integer()?, parts.first()?.shape.len()).ok()?;
            concat(parts, axis)
        }
        "Concat" => {
            let parts = &inputs[1..];
            let axis = normal_axis(first.integer()?, parts.first()?.shape.len()).ok()?;
            concat(parts, axis)
        }
        "Fill" => {
            let shape = sizes(first.integers()?)?;
            let at = vec![0; shape.iter().product()];
            inputs.get(1)?.pick(shape, &at)
        }
        "Range" => {
            let (start, limit, delta) = (
                first.integer()?,
                inputs.get(1)?.integer()?,
                inputs.get(2)?.integer()?,
            );
            if delta == 0 || (limit < start) != (delta < 0) && limit != start {
                return None;
            }
            let len = limit.abs_diff(start).div_ceil(delta.unsigned_abs());
            let len = i64::try_from(len)
                .ok()
                .filter(|&len| len <= MAX_ELEMENTS as i64);
            Some(Small::vector(
                (0..len?).map(|at| start + at * delta).collect(),
            ))
        }
        "LinSpace" => {
            let [start, stop] = [first, inputs.get(1)?].map(Small::real);
            let len = usize::try_from(inputs.get(2)?.integer()?).ok()?;
            let is_single = node.type_attr("T") == Some(DType::Float32);
            linear(start?, stop?, len, is_single)
        }
        "Slice" => {
            let begin = sizes(ints(1)?)?;
            let size = ints(2)?;
            if begin.len() != first.shape.len() || size.len() != begin.len() {
                return None;
            }
            let size = |at: usize| match size[at] {
                -1 => first.shape[at].checked_sub(begin[at]),
                size => usize::try_from(size).ok(),
            };
            part(
                first,
                &begin,
                (0..begin.len()).map(size).collect::<Option<_>>()?,
            )
        }
        "Gather" | "GatherV2" if i.int("batch_dims") == 0 => {
            let axis = if node.op.name() == "Gather" {
                0
            } else {
                inputs.get(2)?.integer()?
            };
            let axis = normal_axis(axis, first.shape.len()).ok()?;
            let indices = inputs.get(1)?;
            let (outer, inner) = (&first.shape[..axis], &first.shape[axis + 1..]);
            let shape = [outer, &indices.shape, inner].concat();
            if shape.iter().product::<usize>() > MAX_ELEMENTS {
                return None;
            }
            let chosen: Vec<usize> = indices
                .integers()?
                .iter()
                .map(|&at| usize::try_from(at).ok())
                .collect::<Option<_>>()?;
            if chosen.iter().any(|&at| at >= first.shape[axis]) {
                return None;
            }
            let (outer, inner): (usize, usize) = (outer.iter().product(), inner.iter().product());
            let mut at = Vec::new();
            for row in 0..outer {
                for &index in &chosen {
                    let from = (row * first.shape[axis] + index) * inner;
                    at.extend(from..from + inner);
                }
            }
            first.pick(shape, &at)
        }
        "Transpose" => {
            let perm = sizes(ints(1)?)?;
            if perm.len() != first.shape.len() || perm.iter().any(|&axis| axis >= perm.len()) {
                return None;
            }
            let shape: Vec<_> = perm.iter().map(|&axis| first.shape[axis]).collect();
            let at = map_positions(&shape, |index| {
                let mut from = vec![0; perm.len()];
                perm.iter()
                    .zip(index)
                    .for_each(|(&axis, &index)| from[axis] = index);
                flat(&first.shape, &from)
            });
            first.pick(shape, &at)
        }
        "Tile" | "BroadcastTo" => {
            let given = sizes(ints(1)?)?;
            if node.op.name() == "BroadcastTo" {
                let fits = given.len() >= first.shape.len();
                return if fits {
                    first.pick(given.clone(), &broadcast_positions(&first.shape, &given))
                } else {
                    None
                };
            }
            if given.len() != first.shape.len() {
                return None;
            }
            let shape: Vec<_> = given
                .iter()
                .zip(&first.shape)
                .map(|(times, dim)| times * dim)
                .collect();
            if shape.iter().product::<usize>() > MAX_ELEMENTS {
                return None;
            }
            let at = map_positions(&shape, |index| {
                let wrapped: Vec<_> = index
                    .iter()
                    .zip(&first.shape)
                    .map(|(index, dim)| index % dim)
                    .collect();
                flat(&first.shape, &wrapped)
            });
            first.pick(shape, &at)
        }
        "InvertPermutation" => {
            let mut inverse = vec![-1; first.len()];
            for (at, &to) in first.integers()?.iter().enumerate() {
                *inverse.get_mut(usize::try_from(to).ok()?)? = at as i64;
            }
            inverse
                .iter()
                .all(|&at| at >= 0)
                .then(|| Small::vector(inverse))
        }
        "DynamicStitch" => stitch(inputs),
        _ => None,
    }
}

/// `DynamicStitch` of scalars.
fn stitch(inputs: &[Small]) -> Option<Small> {
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

/// The values of an op with many outputs.
pub(super) fn many(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let node = i.node;
    let outputs = node.outputs.len();
    match node.op.name() {
        "Split" | "SplitV" | "Unpack" => {
            let (value, axis) = match node.op.name() {
                "Split" => (inputs.get(1)?, inputs[0].integer()?),
                "SplitV" => (&inputs[0], inputs.get(2)?.integer()?),
                _ => (&inputs[0], node.int_attr("axis").unwrap_or(0)),
            };
            let axis = normal_axis(axis, value.shape.len()).ok()?;
            let whole = *value.shape.get(axis)?;
            let lens = match node.op.name() {
                "SplitV" => split_sizes(inputs.get(1)?.integers()?, whole)?,
                _ if whole % outputs != 0 => return None,
                _ => vec![whole / outputs; outputs],
            };
            let mut begin = vec![0; value.shape.len()];
            let mut parts = Vec::new();
            for len in lens {
                let mut shape = value.shape.clone();
                shape[axis] = len;
                let piece = part(value, &begin, shape.clone())?;
                begin[axis] += len;
                if node.op.name() == "Unpack" {
                    shape.remove(axis);
                }
                parts.push(piece.reshaped(shape)?);
            }
            Some(parts)
        }
        "BroadcastGradientArgs" => {
            let (a, b) = (inputs[0].integers()?, inputs.get(1)?.integers()?);
            let rank = a.len().max(b.len());
            let dim = |dims: &[i64], at: usize| {
                (at + dims.len()).checked_sub(rank).map_or(1, |at| dims[at])
            };
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
        "ConcatOffset" => {
            let (axis, shapes) = inputs.split_first()?;
            let axis = normal_axis(axis.integer()?, shapes.first()?.len()).ok()?;
            let mut offset = 0;
            let mut parts = Vec::with_capacity(outputs);
            for shape in shapes {
                let mut offsets = vec![0; shape.len()];
                *offsets.get_mut(axis)? = offset;
                offset += shape.integers()?[axis];
                parts.push(Small::vector(offsets));
            }
            Some(parts)
        }
        "DynamicPartition" => {
            let (data, partitions) = (&inputs[0], inputs.get(1)?);
            let rest = data.shape.get(partitions.shape.len()..)?;
            let row: usize = rest.iter().product();
            let mut rows = vec![Vec::new(); outputs];
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
        "ListDiff" => {
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
        _ => None,
    }
}

/// The sizes of the parts that a dimension is split into; one of -1 takes what is left.
fn split_sizes(sizes: &[i64], whole: usize) -> Option<Vec<usize>> {
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
