//! Shapes of diagonals, of matrices made of them, and of parts of matrices.

use super::dims::{dim, smaller, without_last};
use super::{
    Dim, Inference, Inferred, at_least_rank, at_most_rank, joined, merge_dims, merged, unchanged,
    with_rank,
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
    Ok(vec![joined(input, input)])
}

fn diag_part(i: &Inference<'_>) -> Inferred {
    let Some(dims) = i.input(0).dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    if dims.is_empty() || dims.len() % 2 != 0 {
        return Err(format!(
            "the rank must be even and not 0, the input's shape is {}",
            i.input(0)
        ));
    }
    let (rows, columns) = dims.split_at(dims.len() / 2);
    let pairs = rows.iter().zip(columns);
    let both = pairs.map(|(&row, &column)| merge_dims(row, column, "rows and columns"));
    Ok(vec![both.collect::<Inferred<Vec<_>>>()?.into()])
}

fn matrix_diag(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the diagonal")?;
    Ok(vec![joined(input, &[dim(input, -1)].into())])
}

fn matrix_diag_part(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 2, "the matrices")?;
    let len = smaller(dim(input, -2), dim(input, -1));
    Ok(vec![joined(&without_last(input, 2), &[len].into())])
}

fn matrix_set_diag(i: &Inference<'_>) -> Inferred {
    let (input, diagonal) = (i.input(0), i.input(1));
    at_least_rank(input, 2, "the matrices")?;
    at_least_rank(diagonal, 1, "the diagonals")?;
    let diagonal: Shape = match input.rank() {
        Some(rank) => with_rank(diagonal, rank - 1, "the diagonals")?.into(),
        None => diagonal.clone(),
    };
    let len = smaller(dim(input, -2), dim(input, -1));
    merge_dims(len, dim(&diagonal, -1), "lengths of diagonals")?;
    with_batch(input, &without_last(&diagonal, 1))
}

/// Matrices whose batch dimensions, where they are not all known, follow from those of the diagonals.
fn with_batch(matrices: &Shape, batch: &Shape) -> Inferred {
    if matrices.is_static() {
        return Ok(vec![matrices.clone()]);
    }
    let like = joined(batch, &[None, None].into());
    Ok(vec![merged(matrices, &like)?])
}

/// The numbers of the lowest and the highest diagonal that an input gives, where it is constant.
fn diagonals(i: &Inference<'_>, index: usize) -> Inferred<Option<(i64, i64)>> {
    let known = i.integers(index).filter(|_| i.input(index).is_static());
    match known.as_deref() {
        None => Ok(None),
        Some(&[only]) => Ok(Some((only, only))),
        Some(&[low, high]) if low <= high => Ok(Some((low, high))),
        Some(other) => Err(format!(
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
    match [low, high].into_iter().find(|&k| outside(k)) {
        Some(k) => Err(format!(
            "a matrix of [{rows}, {columns}] has no diagonal {k}"
        )),
        None => Ok(()),
    }
}

fn matrix_diag_part_v2(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 2, "the matrices")?;
    i.check_scalars([2])?;
    at_most_rank(i.input(1), 1, "\"k\"")?;
    let Some(dims) = input.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let Some((low, high)) = diagonals(i, 1)? else {
        return Ok(vec![Shape::unknown()]);
    };
    let (batch, matrix) = dims.split_at(dims.len() - 2);
    within(low, high, matrix[0], matrix[1])?;
    let longest = |rows: usize, columns: usize| {
        let len = (rows as i64 + high.min(0)).min(columns as i64 - low.max(0));
        usize::try_from(len).ok()
    };
    let mut out = batch.to_vec();
    if low < high {
        out.push(usize::try_from(high - low + 1).ok());
    }
    out.push(
        matrix[0]
            .zip(matrix[1])
            .and_then(|(rows, columns)| longest(rows, columns)),
    );
    Ok(vec![out.into()])
}

/// TensorFlow takes an unknown number for -1 here, also in the sums.
fn matrix_diag_v2(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the diagonals")?;
    at_most_rank(i.input(1), 1, "\"k\"")?;
    i.check_scalars([2, 3, 4])?;
    let Some(dims) = input.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let Some((low, high)) = diagonals(i, 1)? else {
        return Ok(vec![Shape::unknown()]);
    };
    let number = |dim: Dim| dim.map_or(-1, |dim| dim as i64);
    let (&len, outer) = dims.split_last().ok_or("the diagonals have no length")?;
    let mut batch = outer.to_vec();
    if low < high && number(batch.pop().flatten()) != high - low + 1 {
        return Err(format!(
            "diagonals {low} to {high} are given by as many rows, the diagonals' shape is {input}"
        ));
    }
    let least = [number(len) - high.min(0), number(len) + low.max(0)];
    let mut size = [2, 3].map(|index| i.integer(index).unwrap_or(-1));
    if size == [-1, -1] {
        size = [least[0].max(least[1]); 2];
    }
    for (size, least) in size.iter_mut().zip(least) {
        match *size {
            -1 => *size = least,
            found if found < least => {
                return Err(format!(
                    "a size of at least {least} is expected, found {found}"
                ));
            }
            _ => {}
        }
    }
    if size[0] != least[0] && size[1] != least[1] {
        return Err(format!(
            "rows or columns must be as few as the diagonals need, {least:?}, found {size:?}"
        ));
    }
    batch.extend(size.map(|size| usize::try_from(size).ok()));
    Ok(vec![batch.into()])
}

fn matrix_set_diag_v2(i: &Inference<'_>) -> Inferred {
    at_least_rank(i.input(0), 2, "the matrices")?;
    at_least_rank(i.input(1), 1, "the diagonals")?;
    at_most_rank(i.input(2), 1, "\"k\"")?;
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
        within(low, high, dim(input, -2), dim(input, -1))?;
    }
    let inner = if low == high { 1 } else { 2 };
    if !input.is_static() {
        at_least_rank(&diagonal, inner, "the diagonals")?;
    }
    with_batch(input, &without_last(&diagonal, inner))
}
