//! Shapes of linear algebra and Fourier transforms.

use super::dims::smaller;
use super::{
    Dim, Inference, Inferred, agree, at_least_rank, batches, merge_dims, merged, one, two,
    unchanged, vector,
};
use crate::graph::facts::{OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Cholesky", square),
    op("CholeskyGrad", square),
    op("FFT", |i| fourier(i, 1)),
    op("FFT2D", |i| fourier(i, 2)),
    op("FFT3D", |i| fourier(i, 3)),
    op("IFFT", |i| fourier(i, 1)),
    op("IFFT2D", |i| fourier(i, 2)),
    op("IFFT3D", |i| fourier(i, 3)),
    op("IRFFT", |i| real_fourier(i, false, 1)),
    op("IRFFT2D", |i| real_fourier(i, false, 2)),
    op("IRFFT3D", |i| real_fourier(i, false, 3)),
    op("LogMatrixDeterminant", determinant),
    op("Lu", lu),
    op("MatrixDeterminant", determinant),
    op("MatrixInverse", square),
    op("MatrixLogarithm", square),
    op("MatrixSolve", |i| solve(i, true)),
    op("MatrixSolveLs", |i| {
        i.check_scalars(2..3)?;
        solve(i, false)
    }),
    op("MatrixSquareRoot", square),
    op("MatrixTriangularSolve", |i| solve(i, true)),
    op("Qr", qr).kernel(kernel::matrix::qr),
    op("RFFT", |i| real_fourier(i, true, 1)),
    op("RFFT2D", |i| real_fourier(i, true, 2)),
    op("RFFT3D", |i| real_fourier(i, true, 3)),
    op("SelfAdjointEigV2", eigenvectors),
    op("Svd", svd),
    op("TridiagonalMatMul", tridiagonal_mat_mul),
    op("TridiagonalSolve", tridiagonal_solve),
];

/// The batch and the side of square matrices.
pub(super) fn squares(i: &Inference<'_>) -> Inferred<(Shape, Dim)> {
    let input = i.input(0);
    at_least_rank(input, 2, "the input")?;
    let side = merge_dims(input.dim(-2), input.dim(-1), "the sides of the matrices")?;
    Ok((input.without_last(2), side))
}

pub(super) fn square(i: &Inference<'_>) -> Inferred {
    let (batch, side) = squares(i)?;
    one(batch.with_suffix(&[side, side]))
}

fn determinant(i: &Inference<'_>) -> Inferred {
    i.all_outputs(squares(i)?.0)
}

fn solve(i: &Inference<'_>, square: bool) -> Inferred {
    let (left, right) = (i.input(0), i.input(1));
    at_least_rank(left, 2, "\"matrix\"")?;
    at_least_rank(right, 2, "\"rhs\"")?;
    let batch = merged(&left.without_last(2), &right.without_last(2))?;
    let rows = merge_dims(left.dim(-2), right.dim(-2), "the rows")?;
    let mut unknowns = left.dim(-1);
    if square {
        unknowns = merge_dims(rows, unknowns, "the sides of the matrices")?;
    }
    one(batch.with_suffix(&[unknowns, right.dim(-1)]))
}

fn eigenvectors(i: &Inference<'_>) -> Inferred {
    let (batch, side) = squares(i)?;
    let vectors = match i.node.bool_attr("compute_v") {
        Some(false) => vector(Some(0)),
        _ => batch.with_suffix(&[side, side]),
    };
    two(batch.with_suffix(&[side]), vectors)
}

fn lu(i: &Inference<'_>) -> Inferred {
    let (batch, side) = squares(i)?;
    batches(&batch, &[&[side, side], &[side]])
}

/// The batch, the rows and the columns.
fn matrices(i: &Inference<'_>) -> Inferred<(Shape, Dim, Dim)> {
    let input = i.input(0);
    at_least_rank(input, 2, "the input")?;
    Ok((input.without_last(2), input.dim(-2), input.dim(-1)))
}

fn qr(i: &Inference<'_>) -> Inferred {
    let (batch, rows, columns) = matrices(i)?;
    let inner = match i.node.bool_attr("full_matrices") {
        Some(true) => rows,
        _ => smaller(rows, columns),
    };
    batches(&batch, &[&[rows, inner], &[inner, columns]])
}

fn svd(i: &Inference<'_>) -> Inferred {
    let (batch, rows, columns) = matrices(i)?;
    let rank = smaller(rows, columns);
    if i.node.bool_attr("compute_uv") == Some(false) {
        let none = vector(Some(0));
        return Ok(vec![batch.with_suffix(&[rank]), none.clone(), none]);
    }
    let (left, right) = match i.node.bool_attr("full_matrices") {
        Some(true) => (rows, columns),
        _ => (rank, rank),
    };
    batches(&batch, &[&[rank], &[rows, left], &[columns, right]])
}

/// The result is like the right side; the three diagonals only have to fit it.
fn tridiagonal_mat_mul(i: &Inference<'_>) -> Inferred {
    let right = i.input(3);
    at_least_rank(right, 2, "\"rhs\"")?;
    for index in 0..3 {
        let (diagonal, name) = (i.input(index), i.input_name(index));
        at_least_rank(diagonal, 2, &name)?;
        agree(&diagonal.without_last(2), &right.without_last(2))?;
        merge_dims(
            diagonal.dim(-2),
            Some(1),
            &format!("the rows of {name} and 1"),
        )?;
        merge_dims(diagonal.dim(-1), right.dim(-2), "the rows")?;
    }
    one(right.clone())
}

/// The result is like the right side; the diagonals only have to fit it.
fn tridiagonal_solve(i: &Inference<'_>) -> Inferred {
    let (diagonals, right) = (i.input(0), i.input(1));
    at_least_rank(diagonals, 2, "\"diagonals\"")?;
    at_least_rank(right, 2, "\"rhs\"")?;
    agree(&diagonals.without_last(2), &right.without_last(2))?;
    merge_dims(diagonals.dim(-2), Some(3), "the number of diagonals and 3")?;
    merge_dims(diagonals.dim(-1), right.dim(-2), "the rows")?;
    one(right.clone())
}

fn fourier(i: &Inference<'_>, rank: usize) -> Inferred {
    i.at_least_rank(0, rank, "\"input\"")?;
    unchanged(i)
}

/// Transforms between real numbers and half of their spectrum.
fn real_fourier(i: &Inference<'_>, forward: bool, rank: usize) -> Inferred {
    i.at_least_rank(0, rank, "\"input\"")?;
    let listed = i.dims(1, 1, "\"fft_length\"")?[0];
    merge_dims(
        listed,
        Some(rank),
        "the length of \"fft_length\" and the rank",
    )?;
    let lens = i.integers(1);
    let mut shape = i.input(0).clone();
    for at in 0..rank {
        let len = lens.as_ref().and_then(|lens| lens.get(at));
        let len = len.and_then(|&len| usize::try_from(len).ok());
        let len = match len {
            Some(len) if forward && at + 1 == rank && len != 0 => Some(len / 2 + 1),
            len => len,
        };
        shape = shape.with_dim(at as isize - rank as isize, len);
    }
    one(shape)
}
