//! Shapes of diagonals, of matrices made of them, and of parts of matrices.

use super::dims::{each_dim, smaller};
use super::{
    Dim, Inference, Inferred, at_least_rank, at_most_rank, merge_dims, one, one_merged,
    one_unknown, refuse, unchanged, with_rank,
};
use crate::graph::facts::{OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Diag", diag).moves(kernel::diagonal::diag),
    op("DiagPart", diag_part).kernel(kernel::diagonal::diag_part),
    op("MatrixBandPart", unchanged).kernel(kernel::diagonal::band_part),
    op("MatrixDiag", matrix_diag).moves(kernel::diagonal::matrix_diag),
    op("MatrixDiagPart", matrix_diag_part).kernel(kernel::diagonal::matrix_diag_part),
    op("MatrixDiagPartV2", matrix_diag_part_v2),
    op("MatrixDiagV2", matrix_diag_v2),
    op("MatrixSetDiag", matrix_set_diag).kernel(kernel::diagonal::matrix_set_diag),
    op("MatrixSetDiagV2", matrix_set_diag_v2),
];

fn diag(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the diagonal")?;
    one(input.joined(input))
}

fn diag_part(i: &Inference<'_>) -> Inferred {
    let Some(dims) = i.input(0).dims() else {
        return one_unknown();
    };
    if dims.is_empty() || dims.len() % 2 != 0 {
        return refuse(format_args!(
            "the rank must be even and not 0, the input's shape is {}",
            i.input(0)
        ));
    }
    let (rows, columns) = dims.split_at(dims.len() / 2);
    each_dim(rows.len(), &|at| {
        merge_dims(rows[at], columns[at], "rows and columns")
    })
}

fn matrix_diag(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the diagonal")?;
    one(input.with_suffix(&[input.dim(-1)]))
}

fn matrix_diag_part(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 2, "the matrices")?;
    let len = smaller(input.dim(-2), input.dim(-1));
    one(input.without_last(2).with_suffix(&[len]))
}

fn matrix_set_diag(i: &Inference<'_>) -> Inferred {
    let (input, diagonal) = (i.input(0), i.input(1));
    at_least_rank(input, 2, "the matrices")?;
    at_least_rank(diagonal, 1, "the diagonals")?;
    let diagonal: Shape = match input.rank() {
        Some(rank) => with_rank(diagonal, rank - 1, "the diagonals")?.into(),
        None => diagonal.clone(),
    };
    let len = smaller(input.dim(-2), input.dim(-1));
    merge_dims(len, diagonal.dim(-1), "lengths of diagonals")?;
    with_batch(input, &diagonal.without_last(1))
}

/// Matrices whose batch dimensions, where they are not all known, follow from those of the diagonals.
fn with_batch(matrices: &Shape, batch: &Shape) -> Inferred {
    if matrices.is_static() {
        return one(matrices.clone());
    }
    one_merged(matrices, &batch.with_suffix(&[None, None]))
}

/// The numbers of the lowest and the highest diagonal that an input gives, where it is constant.
fn diagonals(i: &Inference<'_>, index: usize) -> Inferred<Option<(i64, i64)>> {
    let known = i.integers(index).filter(|_| i.input(index).is_static());
    match known.as_deref() {
        None => Ok(None),
        Some(&[only]) => Ok(Some((only, only))),
        Some(&[low, high]) if low <= high => Ok(Some((low, high))),
        Some(other) => refuse(format_args!(
            "\"k\" must be one diagonal or the first and the last of some, found {other:?}"
        )),
    }
}

/// Checks that matrices have these diagonals, where their size is known.
fn within(low: i64, high: i64, rows: Dim, columns: Dim) -> Inferred<()> {
    let (Some(rows), Some(columns)) = (rows, columns) else {
        return Ok(());
    };
    let outside = |k: i64| k != 0 && (k <= -(rows as i64) || k >= columns as i64);
    match if outside(low) { low } else { high } {
        k if outside(k) => refuse(format_args!(
            "a matrix of [{rows}, {columns}] has no diagonal {k}"
        )),
        _ => Ok(()),
    }
}

fn matrix_diag_part_v2(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 2, "the matrices")?;
    i.check_scalars(2..3)?;
    i.at_most_rank(1, 1, "\"k\"")?;
    let Some(dims) = input.dims() else {
        return one_unknown();
    };
    let Some((low, high)) = diagonals(i, 1)? else {
        return one_unknown();
    };
    let (batch, matrix) = dims.split_at(dims.len() - 2);
    within(low, high, matrix[0], matrix[1])?;
    let mut out = batch.to_vec();
    if low < high {
        out.push(usize::try_from(high - low + 1).ok());
    }
    out.push(match (matrix[0], matrix[1]) {
        (Some(rows), Some(columns)) => {
            let len = (rows as i64 + high.min(0)).min(columns as i64 - low.max(0));
            usize::try_from(len).ok()
        }
        _ => None,
    });
    one(out.into())
}

/// TensorFlow takes an unknown number for -1 here, also in the sums.
fn matrix_diag_v2(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the diagonals")?;
    i.at_most_rank(1, 1, "\"k\"")?;
    i.check_scalars(2..5)?;
    let Some(dims) = input.dims() else {
        return one_unknown();
    };
    let Some((low, high)) = diagonals(i, 1)? else {
        return one_unknown();
    };
    let number = |dim: Dim| dim.map_or(-1, |dim| dim as i64);
    let (&len, outer) = dims.split_last().ok_or("the diagonals have no length")?;
    let mut batch = outer.to_vec();
    if low < high && number(batch.pop().flatten()) != high - low + 1 {
        return refuse(format_args!(
            "diagonals {low} to {high} are given by as many rows, the diagonals' shape is {input}"
        ));
    }
    let (least_rows, least_columns) = (number(len) - high.min(0), number(len) + low.max(0));
    let (mut rows, mut columns) = (i.integer(2).unwrap_or(-1), i.integer(3).unwrap_or(-1));
    if (rows, columns) == (-1, -1) {
        rows = least_rows.max(least_columns);
        columns = rows;
    }
    let (rows, columns) = (
        at_least(rows, least_rows)?,
        at_least(columns, least_columns)?,
    );
    if rows != least_rows && columns != least_columns {
        return refuse(format_args!(
            "rows or columns must be as few as the diagonals need, [{least_rows}, {least_columns}], found [{rows}, {columns}]"
        ));
    }
    batch.push(usize::try_from(rows).ok());
    batch.push(usize::try_from(columns).ok());
    one(batch.into())
}

/// The size that is given, or the least one where -1 is.
fn at_least(size: i64, least: i64) -> Inferred<i64> {
    match size {
        -1 => Ok(least),
        _ if size < least => refuse(format_args!(
            "a size of at least {least} is expected, found {size}"
        )),
        _ => Ok(size),
    }
}

fn matrix_set_diag_v2(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 2, "the matrices")?;
    i.at_least_rank(1, 1, "the diagonals")?;
    i.at_most_rank(2, 1, "\"k\"")?;
    // TensorFlow looks at the shapes before it knows "k", and then again.
    let first = with_diagonals(i, None)?;
    match diagonals(i, 2)? {
        None => Ok(first),
        k => with_diagonals(i, k),
    }
}

/// The matrices with these diagonals replaced; where their numbers are not known, TensorFlow takes them for the main one.
fn with_diagonals(i: &Inference<'_>, k: Option<(i64, i64)>) -> Inferred {
    let (input, mut diagonal) = (i.input(0), i.input(1).clone());
    let (low, high) = k.unwrap_or((0, 0));
    if let Some(rank) = input.rank() {
        if k.is_some() {
            let rank = if low == high { rank - 1 } else { rank };
            diagonal = with_rank(&diagonal, rank, "the diagonals")?.into();
        } else {
            at_least_rank(&diagonal, rank - 1, "the diagonals")?;
            at_most_rank(&diagonal, rank, "the diagonals")?;
        }
        within(low, high, input.dim(-2), input.dim(-1))?;
    }
    let inner = if low == high { 1 } else { 2 };
    if !input.is_static() {
        at_least_rank(&diagonal, inner, "the diagonals")?;
    }
    with_batch(input, &diagonal.without_last(inner))
}
