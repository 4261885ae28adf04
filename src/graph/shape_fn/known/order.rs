//! Sorting, searching and counting small values.

use std::cmp::Ordering;

use super::join::sizes;
use super::small::{Elements, Small};
use crate::dtype::DType;
use crate::graph::shape_fn::Inference;

/// The value of an op with one output.
pub(super) fn one(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    match (i.node.op.name(), inputs) {
        // There are no kernels for bools.
        ("LowerBound" | "UpperBound", _) if i.node.type_attr("T") == Some(DType::Bool) => None,
        ("LowerBound", [sorted, values]) => bounds(sorted, values, |item, value| item < value),
        ("UpperBound", [sorted, values]) => bounds(sorted, values, |item, value| item <= value),
        ("Bincount", [x, size, weights]) => counts(x, size, weights),
        _ => None,
    }
}

/// For each value, how many of the sorted items of its row come before it.
fn bounds(sorted: &Small, values: &Small, before: fn(i64, i64) -> bool) -> Option<Small> {
    let (&[rows, len], &[values_rows, values_len]) = (&sorted.shape[..], &values.shape[..]) else {
        return None;
    };
    let items = sorted.integers()?;
    if rows != values_rows {
        return None;
    }
    let bound = |(at, &value): (usize, &i64)| {
        let row = at / values_len;
        let row = &items[row * len..(row + 1) * len];
        row.partition_point(|&item| before(item, value)) as i64
    };
    let found = values.integers()?.iter().enumerate().map(bound).collect();
    Some(Small::whole(values.shape.clone(), found))
}

fn counts(x: &Small, size: &Small, weights: &Small) -> Option<Small> {
    let size = sizes(size.integers()?)?;
    let mut out = vec![0i64; size.iter().product()];
    let weights = weights.integers()?;
    if !weights.is_empty() && weights.len() != x.len() {
        return None;
    }
    for (at, &value) in x.integers()?.iter().enumerate() {
        // Values that are too large are not counted.
        if let Some(count) = out.get_mut(usize::try_from(value).ok()?) {
            *count = count.wrapping_add(weights.get(at).copied().unwrap_or(1));
        }
    }
    Some(Small::vector(out))
}

/// The largest of the last dimension, and where they are; of equal ones the first.
pub(super) fn top(i: &Inference<'_>, x: &Small, k: &Small) -> Option<Vec<Small>> {
    let (k, &len) = (usize::try_from(k.integer()?).ok()?, x.shape.last()?);
    let ordered = i.flag("sorted") || k == 1;
    if k > len || len == 0 || !ordered {
        return None;
    }
    let mut shape = x.shape.clone();
    *shape.last_mut()? = k;
    let larger_first = |a: usize, b: usize| match &x.elements {
        Elements::Whole(v) => Some(v[b].cmp(&v[a])),
        Elements::Real(v) => v[b].partial_cmp(&v[a]),
    };
    let (mut at, mut indices) = (Vec::new(), Vec::new());
    for first in (0..x.len()).step_by(len) {
        let mut order: Vec<usize> = (first..first + len).collect();
        // What is not a number has no place.
        if order.iter().any(|&at| larger_first(at, at).is_none()) {
            return None;
        }
        order.sort_by(|&a, &b| larger_first(a, b).unwrap_or(Ordering::Equal));
        at.extend(&order[..k]);
        indices.extend(order[..k].iter().map(|&at| (at - first) as i64));
    }
    Some(vec![
        x.pick(shape.clone(), &at)?,
        Small::whole(shape, indices),
    ])
}
