//! Reductions of small values.

use super::MAX_ELEMENTS;
use super::arithmetic::is_exact;
use super::small::{Elements, Small};
use crate::graph::facts::kernel::Reduction::{
    self, All, Any, ArgMax, ArgMin, Max, Mean, Min, Prod, Sum,
};
use crate::graph::facts::shape_fn::{Inference, normal_axis};

pub(super) fn reduce(i: &Inference<'_>, op: Reduction, inputs: &[Small]) -> Option<Small> {
    let [input, axes] = inputs else { return None };
    let rank = input.shape.len();
    let mut reduced = vec![false; rank];
    for &axis in axes.integers()? {
        reduced[normal_axis(axis, rank).ok()?] = true;
    }
    let kept = |at: usize| !reduced[at];
    let shape: Vec<usize> = (0..rank)
        .filter(|&at| kept(at))
        .map(|at| input.shape[at])
        .collect();
    let mut groups = vec![Vec::new(); shape.iter().product()];
    for position in 0..input.len() {
        let (mut rest, mut stride, mut group) = (position, 1, 0);
        for at in (0..rank).rev() {
            let index = rest % input.shape[at];
            rest /= input.shape[at];
            if kept(at) {
                group += index * stride;
                stride *= input.shape[at];
            }
        }
        groups[group].push(position);
    }
    let elements = match &input.elements {
        Elements::Whole(v) => {
            let of = |group: &Vec<usize>| whole(op, group.iter().map(|&at| v[at]));
            Elements::Whole(groups.iter().map(of).collect::<Option<_>>()?)
        }
        // The order in which TensorFlow adds floats is not followed, so it must not matter.
        Elements::Real(v) if matches!(op, Sum | Prod | Mean) => {
            let of = |group: &Vec<usize>| exactly(op, group.iter().map(|&at| v[at]));
            Elements::Real(groups.iter().map(of).collect::<Option<_>>()?)
        }
        Elements::Real(v) if matches!(op, Max | Min) => {
            let of = |group: &Vec<usize>| {
                let values = group.iter().map(|&at| v[at]);
                if op == Max {
                    values.reduce(f64::max)
                } else {
                    values.reduce(f64::min)
                }
            };
            Elements::Real(groups.iter().map(of).collect::<Option<_>>()?)
        }
        Elements::Real(v) if matches!(op, ArgMax | ArgMin) => {
            let of = |group: &Vec<usize>| {
                let values = || group.iter().map(|&at| v[at]);
                let best = match op {
                    ArgMax => values().reduce(f64::max)?,
                    _ => values().reduce(f64::min)?,
                };
                // Not a number is neither.
                let all = values().all(|value| !value.is_nan());
                let at = values().position(|value| value == best).filter(|_| all)?;
                i64::try_from(at).ok()
            };
            Elements::Whole(groups.iter().map(of).collect::<Option<_>>()?)
        }
        Elements::Real(_) => return None,
    };
    let out = Small { shape, elements };
    if i.node.bool_attr("keep_dims") == Some(true) {
        let kept = (0..rank).map(|at| if kept(at) { input.shape[at] } else { 1 });
        return out.reshaped(kept.collect());
    }
    Some(out)
}

/// The sum, product or mean of integers whose sums or products are exact in any order.
fn exactly(op: Reduction, values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let len = values.clone().count() as f64;
    let (start, with): (f64, fn(f64, f64) -> f64) = match op {
        Prod => (1.0, |a, b| a * b),
        _ => (0.0, |a, b| a + b),
    };
    let largest = values.clone().map(|x| x.abs().max(start)).fold(start, with);
    let all = values.clone().all(is_exact) && is_exact(largest);
    let result = values.fold(start, with);
    match op {
        Mean => all.then_some(result / len),
        _ => all.then_some(result),
    }
}

/// The product of two matrices.
pub(crate) fn mat_mul(i: &Inference<'_>, inputs: &[Small]) -> Option<Small> {
    let [a, b] = inputs else { return None };
    let (&[a_rows, a_columns], &[b_rows, b_columns]) = (&a.shape[..], &b.shape[..]) else {
        return None;
    };
    let (across_a, across_b) = (i.flag("transpose_a"), i.flag("transpose_b"));
    let (rows, len) = if across_a {
        (a_columns, a_rows)
    } else {
        (a_rows, a_columns)
    };
    let (b_len, columns) = if across_b {
        (b_columns, b_rows)
    } else {
        (b_rows, b_columns)
    };
    let (a, b) = (a.integers()?, b.integers()?);
    if len != b_len || rows.checked_mul(columns)? > MAX_ELEMENTS {
        return None;
    }
    let term = |row: usize, column: usize, at: usize| {
        let a = a[if across_a {
            at * rows + row
        } else {
            row * len + at
        }];
        let b = b[if across_b {
            column * len + at
        } else {
            at * columns + column
        }];
        a.wrapping_mul(b)
    };
    let element = |at: usize| {
        let terms = (0..len).map(|step| term(at / columns, at % columns, step));
        terms.fold(0, i64::wrapping_add)
    };
    let elements = (0..rows * columns).map(element).collect();
    Some(Small::whole(vec![rows, columns], elements))
}

fn whole(op: Reduction, mut values: impl Iterator<Item = i64> + Clone) -> Option<i64> {
    let best = |better: fn(i64, i64) -> bool| {
        let first = values
            .clone()
            .reduce(|a, b| if better(b, a) { b } else { a })?;
        values
            .clone()
            .position(|value| value == first)
            .map(|at| at as i64)
    };
    match op {
        Sum => Some(values.fold(0, i64::wrapping_add)),
        Mean => {
            let len = values.clone().count() as i64;
            values.fold(0, i64::wrapping_add).checked_div(len)
        }
        Prod => Some(values.fold(1, i64::wrapping_mul)),
        Max => values.max(),
        Min => values.min(),
        All => Some(values.all(|value| value != 0).into()),
        Any => Some(values.any(|value| value != 0).into()),
        ArgMax => best(|a, b| a > b),
        ArgMin => best(|a, b| a < b),
    }
}
