//! Reductions of small values.

use super::MAX_ELEMENTS;
use super::arithmetic::is_exact;
use super::small::{Elements, Small};
use crate::graph::facts::kernel::Reduction::{
    self, All, Any, ArgMax, ArgMin, Max, Mean, Min, Prod, Sum,
};
use crate::graph::facts::shape_fn::{Inference, marked};

pub(super) fn reduce(i: &Inference<'_>, op: Reduction, inputs: &[Small]) -> Option<Small> {
    let [input, axes] = inputs else { return None };
    let rank = input.shape.len();
    let reduced = marked(axes.integers()?, rank).ok()?;
    let (mut shape, mut kept) = (Vec::new(), Vec::new());
    for (&dim, &reduced) in input.shape.iter().zip(&reduced) {
        if !reduced {
            shape.push(dim);
        }
        kept.push(if reduced { 1 } else { dim });
    }
    let mut groups = vec![Vec::new(); shape.iter().product()];
    for position in 0..input.len() {
        let (mut rest, mut stride, mut group) = (position, 1, 0);
        for at in (0..rank).rev() {
            let index = rest % input.shape[at];
            rest /= input.shape[at];
            if !reduced[at] {
                group += index * stride;
                stride *= input.shape[at];
            }
        }
        groups[group].push(position);
    }
    let elements = match &input.elements {
        Elements::Whole(v) => Elements::Whole(each_group(&groups, v, &|group| whole(op, group))?),
        Elements::Real(v) if matches!(op, ArgMax | ArgMin) => {
            Elements::Whole(each_group(&groups, v, &|group| best_real(op, group))?)
        }
        Elements::Real(v) => Elements::Real(each_group(&groups, v, &|group| real(op, group))?),
    };
    let out = Small { shape, elements };
    if i.node.bool_attr("keep_dims") == Some(true) {
        return out.reshaped(kept);
    }
    Some(out)
}

/// The results of a function of the elements of each group, which it has in its order.
fn each_group<T: Copy, U>(
    groups: &[Vec<usize>],
    elements: &[T],
    function: &dyn Fn(&[T]) -> Option<U>,
) -> Option<Vec<U>> {
    let (mut results, mut values) = (Vec::new(), Vec::new());
    for group in groups {
        values.clear();
        for &at in group {
            values.push(elements[at]);
        }
        results.push(function(&values)?);
    }
    Some(results)
}

/// The values, one after the other, joined to what is at the start.
fn folded<T: Copy>(start: T, values: &[T], with: fn(T, T) -> T) -> T {
    let mut result = start;
    for &value in values {
        result = with(result, value);
    }
    result
}

/// The values joined to each other, if there are any.
fn joined<T: Copy>(values: &[T], with: fn(T, T) -> T) -> Option<T> {
    let (&first, rest) = values.split_first()?;
    Some(folded(first, rest, with))
}

/// A reduction of real numbers.
///
/// The order in which TensorFlow adds floats is not followed, so it must not matter: sums, products and means are of
/// integers whose sums or products are exact in any order.
fn real(op: Reduction, values: &[f64]) -> Option<f64> {
    let (start, with): (f64, fn(f64, f64) -> f64) = match op {
        Max => return joined(values, f64::max),
        Min => return joined(values, f64::min),
        Prod => (1.0, |a, b| a * b),
        Sum | Mean => (0.0, |a, b| a + b),
        _ => return None,
    };
    let (mut largest, mut exact) = (start, true);
    for &value in values {
        largest = with(largest, value.abs().max(start));
        exact &= is_exact(value);
    }
    if !exact || !is_exact(largest) {
        return None;
    }
    let result = folded(start, values, with);
    Some(match op {
        Mean => result / values.len() as f64,
        _ => result,
    })
}

/// Where the largest or smallest of real numbers is.
fn best_real(op: Reduction, values: &[f64]) -> Option<i64> {
    let best = joined(values, if op == ArgMax { f64::max } else { f64::min })?;
    // Not a number is neither.
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    position(values, best)
}

fn position<T: PartialEq>(values: &[T], value: T) -> Option<i64> {
    let at = values.iter().position(|other| *other == value)?;
    i64::try_from(at).ok()
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
    let mut elements = Vec::new();
    for at in 0..rows * columns {
        let (row, column) = (at / columns, at % columns);
        let mut sum = 0_i64;
        for step in 0..len {
            let a = a[if across_a {
                step * rows + row
            } else {
                row * len + step
            }];
            let b = b[if across_b {
                column * len + step
            } else {
                step * columns + column
            }];
            sum = sum.wrapping_add(a.wrapping_mul(b));
        }
        elements.push(sum);
    }
    Some(Small::whole(vec![rows, columns], elements))
}

/// A reduction of integers.
fn whole(op: Reduction, values: &[i64]) -> Option<i64> {
    match op {
        Sum => Some(folded(0, values, i64::wrapping_add)),
        Mean => folded(0, values, i64::wrapping_add).checked_div(values.len() as i64),
        Prod => Some(folded(1, values, i64::wrapping_mul)),
        Max => joined(values, i64::max),
        Min => joined(values, i64::min),
        All => Some((!values.contains(&0)).into()),
        Any => Some((folded(0, values, |a, b| a | b) != 0).into()),
        ArgMax => position(values, joined(values, i64::max)?),
        ArgMin => position(values, joined(values, i64::min)?),
    }
}
