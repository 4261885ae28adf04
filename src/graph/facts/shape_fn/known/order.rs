//! Sorting, searching and counting small values.

use super::join::sizes;
use super::small::{Elements, Small};
use crate::dtype::DType;
use crate::graph::facts::shape_fn::Inference;

/// `LowerBound`.
pub(crate) fn lower_bound(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    bounds(i, inputs, |item, value| item < value)
}

/// `UpperBound`.
pub(crate) fn upper_bound(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    bounds(i, inputs, |item, value| item <= value)
}

/// The number of sorted items that come before each value in its row.
fn bounds(i: &Inference<'_>, inputs: &[Small], before: fn(i64, i64) -> bool) -> Option<Small> {
    let [sorted, values] = inputs else {
        return None;
    };
    // There are no kernels for bools.
    if i.node.type_attr("T") == Some(DType::Bool) {
        return None;
    }
    let (&[rows, len], &[values_rows, values_len]) = (&sorted.shape[..], &values.shape[..]) else {
        return None;
    };
    let items = sorted.integers()?;
    if rows != values_rows {
        return None;
    }
    let mut found = Vec::new();
    for (at, &value) in values.integers()?.iter().enumerate() {
        let row = at / values_len;
        let row = &items[row * len..(row + 1) * len];
        found.push(row.partition_point(|&item| before(item, value)) as i64);
    }
    Some(Small::whole(values.shape.clone(), found))
}

/// `Bincount`.
pub(crate) fn bincount(_: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [x, size, weights] = inputs else {
        return None;
    };
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
pub(crate) fn top(i: &Inference<'_>, inputs: &[Small]) -> Option<Vec<Small>> {
    let [x, k] = inputs else { return None };
    let (k, &len) = (usize::try_from(k.integer()?).ok()?, x.shape.last()?);
    let ordered = i.flag("sorted") || k == 1;
    if k > len || len == 0 || !ordered {
        return None;
    }
    let mut shape = x.shape.clone();
    *shape.last_mut()? = k;
    let larger = |a: usize, b: usize| match &x.elements {
        Elements::Whole(v) => v[a] > v[b],
        Elements::Real(v) => v[a] > v[b],
    };
    // What is not a number has no place.
    if matches!(&x.elements, Elements::Real(v) if v.iter().any(|x| x.is_nan())) {
        return None;
    }
    let (mut at, mut indices) = (Vec::new(), Vec::new());
    let mut order: Vec<usize> = Vec::new();
    for first in (0..x.len()).step_by(len) {
        order.clear();
        for next in first..first + len {
            let place = order.partition_point(|&other| !larger(next, other));
            order.insert(place, next);
        }
        for &largest in &order[..k] {
            at.push(largest);
            indices.push((largest - first) as i64);
        }
    }
    Some(vec![
        x.pick(shape.clone(), &at)?,
        Small::whole(shape, indices),
    ])
}
