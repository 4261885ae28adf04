//! Matrices by their diagonals, in a batch: the last two dimensions are a matrix's.

use super::positions::{NONE, chain, flat, map, pick};
use super::{Call, Computed};

pub(crate) fn matrix_diag(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let from = x.shape();
    let &len = from.last().ok_or_else(|| call.malformed())?;
    let shape = [from, &[len]].concat();
    call.checked_len(&shape)?;
    let at = map(&shape, |index| match index {
        [rest @ .., row, column] if row == column => flat(from, rest) * len + row,
        _ => NONE,
    });
    Ok(vec![pick(x, shape.clone(), at)])
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
    let shape = [batch, &[rows.min(columns)]].concat();
    let at = map(&shape, |index| match index {
        [rest @ .., place] => (flat(batch, rest) * rows + place) * columns + place,
        [] => NONE,
    });
    Ok(vec![pick(x, shape.clone(), at)])
}

pub(crate) fn matrix_set_diag(call: &mut Call<'_>) -> Computed {
    let (x, diagonal) = (call.input(0)?, call.input(1)?);
    let (batch, rows, columns) = matrices(x.shape()).ok_or_else(|| call.malformed())?;
    let len = rows.min(columns);
    if diagonal.shape() != [batch, &[len]].concat() {
        return Err(call.malformed());
    }
    let both = chain(x.dtype(), [x, diagonal]).ok_or_else(|| call.malformed())?;
    let at = map(x.shape(), |index| match index {
        [rest @ .., row, column] if row == column => x.len() + flat(batch, rest) * len + row,
        _ => flat(x.shape(), index),
    });
    Ok(vec![pick(&both, x.shape().to_vec(), at)])
}

pub(crate) fn band_part(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let (lower, upper) = (call.integer(1)?, call.integer(2)?);
    matrices(x.shape()).ok_or_else(|| call.malformed())?;
    // A negative width keeps the whole triangle.
    let within = |distance: usize, width: i64| match usize::try_from(width) {
        Ok(width) => distance <= width,
        Err(_) => true,
    };
    let at = map(x.shape(), |index| {
        let kept = match index {
            [.., row, column] if row >= column => within(row - column, lower),
            [.., row, column] => within(column - row, upper),
            _ => false,
        };
        if kept { flat(x.shape(), index) } else { NONE }
    });
    Ok(vec![pick(x, x.shape().to_vec(), at)])
}

pub(crate) fn diag(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let from = x.shape();
    let shape = [from, from].concat();
    call.checked_len(&shape)?;
    let at = map(&shape, |index| match index.split_at(from.len()) {
        (row, column) if row == column => flat(from, row),
        _ => NONE,
    });
    Ok(vec![pick(x, shape.clone(), at)])
}

pub(crate) fn diag_part(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let (row, column) = x.shape().split_at(x.shape().len() / 2);
    if row != column {
        return Err(call.malformed());
    }
    let len: usize = row.iter().product();
    let at = (0..len).map(|place| place * len + place);
    Ok(vec![pick(x, row.to_vec(), at)])
}
