//! `StridedSlice` with all of its masks.

use super::{Inference, Inferred, with_rank};
use crate::shape::Shape;

/// One dimension of the result, or one that the result drops.
enum Part {
    New,
    Range {
        axis: usize,
        begin: Option<i64>,
        end: Option<i64>,
        stride: i64,
        shrink: bool,
    },
}

/// The bounds that the inputs give for each range, where they are known.
struct Bounds {
    begin: Option<Vec<i64>>,
    end: Option<Vec<i64>>,
    stride: Vec<i64>,
}

/// Resolves the ranges to each dimension of an input of this rank. A masked bound is `None`.
fn parts(i: &Inference<'_>, bounds: &Bounds, rank: usize) -> Inferred<Vec<Part>> {
    let mask = |name| i.node.int_attr(name).unwrap_or(0);
    let (begins, ends) = (mask("begin_mask"), mask("end_mask"));
    let (ellipsis, new, shrinks) = (
        mask("ellipsis_mask"),
        mask("new_axis_mask"),
        mask("shrink_axis_mask"),
    );
    let bit = |mask: i64, at: usize| at < 63 && mask >> at & 1 == 1;
    let given = bounds.stride.len();
    if ellipsis.count_ones() > 1 {
        return Err("a slice can have one ellipsis, found more".to_owned());
    }
    let whole = |axis| Part::Range {
        axis,
        begin: None,
        end: None,
        stride: 1,
        shrink: false,
    };
    let mut parts = Vec::new();
    let mut axis = 0;
    for at in 0..given {
        if bit(ellipsis, at) {
            let added = (at + 1..given).filter(|&at| bit(new, at)).count();
            let next = (rank + 1 + added).saturating_sub(given - at).min(rank);
            while axis < next {
                parts.push(whole(axis));
                axis += 1;
            }
        } else if bit(new, at) {
            parts.push(Part::New);
        } else {
            if axis >= rank {
                return Err(format!(
                    "the slice has more than {rank} dimensions, the input's rank"
                ));
            }
            let bound = |values: &Option<Vec<i64>>, masked: i64| match values {
                Some(values) if !bit(masked, at) => values.get(at).copied(),
                _ => None,
            };
            let stride = bounds.stride[at];
            if stride == 0 {
                return Err(format!("stride {at} of the slice is 0"));
            }
            let shrink = bit(shrinks, at);
            // A position is given by its begin, which no mask hides.
            let begin = match &bounds.begin {
                Some(values) if shrink => values.get(at).copied(),
                values => bound(values, begins),
            };
            let end = bound(&bounds.end, ends);
            parts.push(Part::Range {
                axis,
                begin,
                end,
                stride,
                shrink,
            });
            axis += 1;
        }
    }
    parts.extend((axis..rank).map(whole));
    Ok(parts)
}

/// The first position and the number of positions that a range takes of a dimension.
fn taken(begin: Option<i64>, end: Option<i64>, stride: i64, dim: usize) -> (i64, usize) {
    let dim = dim as i64;
    let (low, high) = if stride > 0 { (0, dim) } else { (-1, dim - 1) };
    let place = |bound: i64| (if bound < 0 { dim + bound } else { bound }).clamp(low, high);
    let (first, last) = if stride > 0 { (low, high) } else { (high, low) };
    let (begin, end) = (begin.map_or(first, place), end.map_or(last, place));
    let distance = if stride > 0 { end - begin } else { begin - end };
    let len = (distance.max(0) as u64).div_ceil(stride.unsigned_abs());
    (begin, len as usize)
}

pub(super) fn strided_slice(i: &Inference<'_>) -> Inferred {
    let mut given = Shape::unknown_of_rank(1);
    for (index, what) in [(1, "the begin"), (2, "the end"), (3, "the strides")] {
        let dims: Shape = with_rank(i.input(index), 1, what)?.into();
        given = given.merge(&dims).ok_or_else(|| {
            format!("begin, end and strides must have equal lengths, {what} has {dims}")
        })?;
    }
    let (Some(dims), Some(stride)) = (i.input(0).dims(), i.integers(3)) else {
        return Ok(vec![Shape::unknown()]);
    };
    let bounds = Bounds {
        begin: i.integers(1),
        end: i.integers(2),
        stride,
    };
    let bounded = bounds.begin.is_some() && bounds.end.is_some();
    let masked = |name, at: usize| at < 63 && i.node.int_attr(name).unwrap_or(0) >> at & 1 == 1;
    let mut out = Vec::new();
    let plan = parts(i, &bounds, dims.len())?;
    // Where bounds are unknown, only what both masks cover is as long as the input.
    let ellipsis = i.node.int_attr("ellipsis_mask").unwrap_or(0);
    let mut covered = vec![true; dims.len()];
    let positions = sparse_axes(i, bounds.stride.len(), dims.len(), ellipsis);
    for (at, axis) in positions {
        covered[axis] = masked("begin_mask", at) && masked("end_mask", at);
    }
    for part in plan {
        match part {
            Part::New => out.push(Some(1)),
            Part::Range {
                axis,
                begin,
                shrink: true,
                stride,
                ..
            } => {
                if let (Some(dim), true) = (dims[axis], stride < 0) {
                    return Err(format!(
                        "a single position of a dimension of {dim} must have a positive stride, found {stride}"
                    ));
                }
                if let (Some(dim), Some(begin), true) = (dims[axis], begin, bounded) {
                    let at = if begin < 0 { begin + dim as i64 } else { begin };
                    if at < 0 || at >= dim as i64 {
                        return Err(format!(
                            "position {begin} is outside of dimension {axis}, which is {dim}"
                        ));
                    }
                }
            }
            Part::Range {
                axis,
                begin,
                end,
                stride,
                ..
            } => {
                let known = bounded || covered[axis];
                out.push(
                    dims[axis]
                        .filter(|_| known)
                        .map(|dim| taken(begin, end, stride, dim).1),
                );
            }
        }
    }
    Ok(vec![out.into()])
}

/// The input's axis that each given range stands for.
fn sparse_axes(i: &Inference<'_>, given: usize, rank: usize, ellipsis: i64) -> Vec<(usize, usize)> {
    let new = i.node.int_attr("new_axis_mask").unwrap_or(0);
    let bit = |mask: i64, at: usize| at < 63 && mask >> at & 1 == 1;
    let mut axis = 0;
    let mut all = Vec::new();
    for at in 0..given {
        if bit(ellipsis, at) {
            let added = (at + 1..given).filter(|&at| bit(new, at)).count();
            axis = axis.max((rank + 1 + added).saturating_sub(given - at).min(rank));
        } else if !bit(new, at) {
            if axis < rank {
                all.push((at, axis));
            }
            axis += 1;
        }
    }
    all
}

/// The shape of a slice of a tensor whose shape is known, and where its elements come from.
pub(super) fn positions(i: &Inference<'_>, shape: &[usize]) -> Option<(Vec<usize>, Vec<usize>)> {
    let integers = |index: usize| i.known(i.node.inputs[index]).value()?.to_i64s();
    let bounds = Bounds {
        begin: Some(integers(1)?),
        end: Some(integers(2)?),
        stride: integers(3)?,
    };
    let mut out = Vec::new();
    let mut at = vec![0usize];
    for part in parts(i, &bounds, shape.len()).ok()? {
        let (axis, first, len, stride) = match part {
            Part::New => {
                out.push(1);
                continue;
            }
            Part::Range {
                axis,
                begin,
                shrink: true,
                ..
            } => {
                let begin = begin?;
                let first = if begin < 0 {
                    begin + shape[axis] as i64
                } else {
                    begin
                };
                if first < 0 || first >= shape[axis] as i64 {
                    return None;
                }
                (axis, first, 1, 1)
            }
            Part::Range {
                axis,
                begin,
                end,
                stride,
                ..
            } => {
                let (first, len) = taken(begin, end, stride, shape[axis]);
                out.push(len);
                (axis, first, len, stride)
            }
        };
        let dim = shape[axis];
        let step = |from: &usize| {
            let from = from * dim;
            (0..len as i64).map(move |n| from + (first + n * stride) as usize)
        };
        at = at.iter().flat_map(step).collect();
    }
    Some((out, at))
}

/// A begin and a size for every dimension; a size of -1 reaches to the end.
pub(super) fn slice(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    let begin: Shape = with_rank(i.input(1), 1, "the begin")?.into();
    let size: Shape = with_rank(i.input(2), 1, "the size")?.into();
    let given = begin.merge(&size).ok_or_else(|| {
        format!("begin and size must have equal lengths, found {begin} and {size}")
    })?;
    let given = given.dims().and_then(|dims| dims[0]);
    let sizes = i.dims_from_input(2)?;
    let Some(rank) = input.rank().or(given).or(sizes.rank()) else {
        return Ok(vec![Shape::unknown()]);
    };
    let dims = with_rank(input, rank, "the input")?;
    if given.is_some_and(|given| given != rank) {
        return Err(format!(
            "begin and size must have {rank} entries, the input's rank"
        ));
    }
    let (begin, values) = (i.dims_from_input(1)?, i.integers(2));
    let Some(sizes) = sizes.dims().filter(|sizes| sizes.len() == rank) else {
        return Ok(vec![Shape::unknown_of_rank(rank)]);
    };
    // Without the values, a size that is not known may be -1 too.
    let one = |at: usize| -> Inferred<Option<usize>> {
        let begin = begin.dims().and_then(|begin| *begin.get(at)?);
        let to_end = values.as_ref().is_some_and(|values| values[at] == -1);
        match (dims[at], begin) {
            (Some(dim), Some(begin)) if to_end => {
                dim.checked_sub(begin).map(Some).ok_or_else(|| {
                    format!("begin {begin} is outside of dimension {at}, which is {dim}")
                })
            }
            _ => Ok(sizes[at]),
        }
    };
    Ok(vec![
        (0..rank).map(one).collect::<Inferred<Vec<_>>>()?.into(),
    ])
}
