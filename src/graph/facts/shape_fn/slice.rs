//! `StridedSlice` with all of its masks.

use super::dims::each_dim;
use super::{Inference, Inferred, one, one_unknown, refuse, with_rank};
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
        /// Neither bound counts.
        open: bool,
    },
}

/// The bounds that the inputs give for each range, where they are known.
struct Bounds {
    begin: Option<Vec<i64>>,
    end: Option<Vec<i64>>,
    stride: Vec<i64>,
}

fn bit(mask: i64, at: usize) -> bool {
    at < 63 && mask >> at & 1 == 1
}

/// Resolves the ranges to each dimension of an input of this rank. A masked bound is `None`.
fn parts(i: &Inference<'_>, bounds: &Bounds, rank: usize) -> Inferred<Vec<Part>> {
    let (begins, ends) = (i.int("begin_mask"), i.int("end_mask"));
    let (ellipsis, new) = (i.int("ellipsis_mask"), i.int("new_axis_mask"));
    let shrinks = i.int("shrink_axis_mask");
    let given = bounds.stride.len();
    if ellipsis.count_ones() > 1 {
        return Err("a slice can have one ellipsis, found more".into());
    }
    let whole = |axis| Part::Range {
        axis,
        begin: None,
        end: None,
        stride: 1,
        shrink: false,
        open: true,
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
                return refuse(format_args!(
                    "the slice has more than {rank} dimensions, the input's rank"
                ));
            }
            let stride = bounds.stride[at];
            if stride == 0 {
                return refuse(format_args!("stride {at} of the slice is 0"));
            }
            let shrink = bit(shrinks, at);
            let bound = |values: &Option<Vec<i64>>| values.as_ref()?.get(at).copied();
            let (begin, end) = (bound(&bounds.begin), bound(&bounds.end));
            let (from_first, to_last) = (bit(begins, at), bit(ends, at));
            parts.push(Part::Range {
                axis,
                // A position is given by its begin, which no mask hides.
                begin: begin.filter(|_| shrink || !from_first),
                end: end.filter(|_| !to_last),
                stride,
                shrink,
                open: from_first && to_last,
            });
            axis += 1;
        }
    }
    while axis < rank {
        parts.push(whole(axis));
        axis += 1;
    }
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

/// An index of a dimension, where a negative one counts from the end.
fn position(index: i64, dim: usize) -> Option<usize> {
    let from_start = if index < 0 { index + dim as i64 } else { index };
    usize::try_from(from_start).ok().filter(|&at| at < dim)
}

pub(super) fn strided_slice(i: &Inference<'_>) -> Inferred {
    let mut given = None;
    for (index, what) in [(1, "the begin"), (2, "the end"), (3, "the strides")] {
        let len = i.dims(index, 1, what)?[0];
        match (given, len) {
            (Some(given), Some(len)) if given != len => {
                return refuse(format_args!(
                    "begin, end and strides must have equal lengths, {what} has [{len}]"
                ));
            }
            _ => given = given.or(len),
        }
    }
    let (Some(dims), Some(stride)) = (i.input(0).dims(), i.integers(3)) else {
        return one_unknown();
    };
    let bounds = Bounds {
        begin: i.integers(1),
        end: i.integers(2),
        stride,
    };
    let bounded = bounds.begin.is_some() && bounds.end.is_some();
    let mut out = Shape::scalar();
    for part in parts(i, &bounds, dims.len())? {
        let Part::Range {
            axis,
            begin,
            end,
            stride,
            shrink,
            open,
        } = part
        else {
            out.push(Some(1));
            continue;
        };
        match (dims[axis], begin) {
            // Where bounds are unknown, only what both masks cover is as long as the input.
            (dim, _) if !shrink => {
                let dim = dim.filter(|_| bounded || open);
                out.push(dim.map(|dim| taken(begin, end, stride, dim).1));
            }
            (Some(dim), _) if stride < 0 => {
                return refuse(format_args!(
                    "a single position of a dimension of {dim} must have a positive stride, found {stride}"
                ));
            }
            (Some(dim), Some(begin)) if bounded && position(begin, dim).is_none() => {
                return refuse(format_args!(
                    "position {begin} is outside of dimension {axis}, which is {dim}"
                ));
            }
            _ => {}
        }
    }
    one(out)
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
        let Part::Range {
            axis,
            begin,
            end,
            stride,
            shrink,
            ..
        } = part
        else {
            out.push(1);
            continue;
        };
        let dim = shape[axis];
        let (first, len) = if shrink {
            (position(begin?, dim)? as i64, 1)
        } else {
            let (first, len) = taken(begin, end, stride, dim);
            out.push(len);
            (first, len)
        };
        let mut inner = Vec::with_capacity(at.len().saturating_mul(len));
        for from in at {
            for n in 0..len as i64 {
                inner.push(from * dim + (first + n * stride) as usize);
            }
        }
        at = inner;
    }
    Some((out, at))
}

/// A begin and a size for every dimension; a size of -1 reaches to the end.
pub(super) fn slice(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    let begin = i.dims(1, 1, "the begin")?[0];
    let size = i.dims(2, 1, "the size")?[0];
    let given = match (begin, size) {
        (Some(begin), Some(size)) if begin != size => {
            return refuse(format_args!(
                "begin and size must have equal lengths, found [{begin}] and [{size}]"
            ));
        }
        (begin, size) => begin.or(size),
    };
    let sizes = i.dims_from_input(2)?;
    let Some(rank) = input.rank().or(given).or(sizes.rank()) else {
        return one_unknown();
    };
    let dims = with_rank(input, rank, "the input")?;
    if given.is_some_and(|given| given != rank) {
        return refuse(format_args!(
            "begin and size must have {rank} entries, the input's rank"
        ));
    }
    let (begins, values) = (i.dims_from_input(1)?, i.integers(2));
    let Some(sizes) = sizes.dims().filter(|sizes| sizes.len() == rank) else {
        return one(Shape::unknown_of_rank(rank));
    };
    each_dim(rank, &|at| {
        // Without the values, a size that is not known may be -1 too.
        let to_end = values.as_ref().is_some_and(|values| values[at] == -1);
        match (dims[at], begins.dim(at as isize)) {
            (Some(dim), Some(begin)) if to_end && begin > dim => refuse(format_args!(
                "begin {begin} is outside of dimension {at}, which is {dim}"
            )),
            (Some(dim), Some(begin)) if to_end => Ok(Some(dim - begin)),
            _ => Ok(sizes[at]),
        }
    })
}
