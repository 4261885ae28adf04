//! Matrices by their diagonals, in a batch: the last two dimensions are a matrix's.

use super::positions::NONE;
use super::{Call, Computed};
use crate::value::TensorValue;

pub(crate) fn matrix_diag(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let &len = x.shape().last().ok_or_else(|| call.malformed())?;
    let shape = [x.shape(), &[len]].concat();
    call.checked_len(&shape)?;
    Ok(vec![x.picked(&shape, 1, &mut |place| {
        let (row, column) = (place / len, place % len);
        if row % len == column { row } else { NONE }
    })])
}

/// The dimensions of a batch, and the rows and columns of its matrices.
fn matrices(shape: &[usize]) -> Option<(&[usize], usize, usize)> {
    match shape {
        [batch @ .., rows, columns] => Some((batch, *rows, *columns)),
        _ => None,
    }
}

pub(crate) fn matrix_diag_part(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let (batch, rows, columns) = matrices(x.shape()).ok_or_else(|| call.malformed())?;
    let len = rows.min(columns);
    let shape = [batch, &[len]].concat();
    Ok(vec![x.picked(&shape, 1, &mut |place| {
        (place / len * rows + place % len) * columns + place % len
    })])
}

pub(crate) fn matrix_set_diag(call: &mut Call<'_>) -> Computed {
    let (x, diagonal) = (call.input(0)?, call.input(1)?);
    let (batch, rows, columns) = matrices(x.shape()).ok_or_else(|| call.malformed())?;
    let len = rows.min(columns);
    if diagonal.shape() != [batch, &[len]].concat() {
        return Err(call.malformed());
    }
    let both = TensorValue::chained(&[x, diagonal]).ok_or_else(|| call.malformed())?;
    Ok(vec![both.picked(x.shape(), 1, &mut |place| {
        let (row, column) = (place / columns, place % columns);
        match row % rows == column {
            true => x.len() + row / rows * len + column,
            false => place,
        }
    })])
}

pub(crate) fn band_part(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let (lower, upper) = (call.integer(1)?, call.integer(2)?);
    let (_, rows, columns) = matrices(x.shape()).ok_or_else(|| call.malformed())?;
    // A negative width keeps the whole triangle.
    let within = |distance: usize, width: i64| match usize::try_from(width) {
        Ok(width) => distance <= width,
        Err(_) => true,
    };
    Ok(vec![x.picked(x.shape(), 1, &mut |place| {
        let (row, column) = (place / columns % rows, place % columns);
        let kept = match row >= column {
            true => within(row - column, lower),
            false => within(column - row, upper),
        };
        if kept { place } else { NONE }
    })])
}

pub(crate) fn diag(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let shape = [x.shape(), x.shape()].concat();
    call.checked_len(&shape)?;
    Ok(vec![x.picked(&shape, 1, &mut |place| {
        let (row, column) = (place / x.len(), place % x.len());
        if row == column { row } else { NONE }
    })])
}

pub(crate) fn diag_part(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let (row, column) = x.shape().split_at(x.shape().len() / 2);
    if row != column {
        return Err(call.malformed());
    }
    let len: usize = row.iter().product();
    Ok(vec![x.picked(row, 1, &mut |place| place * len + place)])
}
