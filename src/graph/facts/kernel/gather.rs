//! Elements and slices that indices, conditions and classes choose.

use half::{bf16, f16};

use super::arithmetic::Arithmetic;
use super::positions::{advance, broadcast};
use super::{Binary, Call, Computed, KernelError, wide, with_type};
use crate::dtype::Data;
use crate::value::TensorValue;

pub(crate) fn gather(call: &mut Call<'_>) -> Computed {
    let (x, indices) = (call.input(0)?, call.input(1)?);
    let from = x.shape();
    let axis = match call.inputs.len() {
        2 => 0,
        _ => call.integer(2)?,
    };
    let axis = call.axis(axis, from.len())?;
    if call.node.int_attr("batch_dims").unwrap_or(0) != 0 {
        return Err(KernelError::Op(call.op.to_owned()));
    }
    let (outer, inner) = (&from[..axis], &from[axis + 1..]);
    let rows = call.integers(1)?;
    let rows = rows.iter().map(|&row| usize::try_from(row).ok());
    let rows: Option<Vec<usize>> = rows
        .map(|row| row.filter(|&row| row < from[axis]))
        .collect();
    let rows = rows.ok_or_else(|| call.malformed())?;
    let shape = [outer, indices.shape(), inner].concat();
    call.checked_len(&shape)?;
    let inner = inner.iter().product();
    Ok(vec![x.picked(&shape, inner, &mut |run| {
        run / rows.len() * from[axis] + rows[run % rows.len()]
    })])
}

/// The slices that the rows of an input of indices stand for in a tensor, counted in slices, and the shape of each.
fn slices(call: &Call<'_>, index: usize, from: &[usize]) -> Computed<(Vec<usize>, Vec<usize>)> {
    let indices = call.input(index)?;
    let values = call.integers(index)?;
    let (&depth, rows) = indices
        .shape()
        .split_last()
        .ok_or_else(|| call.malformed())?;
    let inner = from.get(depth..).ok_or_else(|| call.malformed())?;
    let place = |row: usize| {
        let indices = values[row * depth..(row + 1) * depth].iter().zip(from);
        let mut place = 0;
        for (&at, &dim) in indices {
            let at = usize::try_from(at).ok().filter(|&at| at < dim)?;
            place = place * dim + at;
        }
        Some(place)
    };
    let places: Option<Vec<usize>> = (0..rows.iter().product()).map(place).collect();
    Ok((places.ok_or_else(|| call.malformed())?, inner.to_vec()))
}

pub(crate) fn gather_nd(call: &mut Call<'_>) -> Computed {
    let (x, indices) = (call.input(0)?, call.input(1)?);
    let (places, inner) = slices(call, 1, x.shape())?;
    let rows = &indices.shape()[..indices.shape().len() - 1];
    let shape = [rows, &inner].concat();
    call.checked_len(&shape)?;
    let run = inner.iter().product();
    Ok(vec![x.picked(&shape, run, &mut |run| places[run])])
}

pub(crate) fn scatter_nd(call: &mut Call<'_>) -> Computed {
    fn scattered(call: &Call<'_>, add: AddRuns) -> Computed {
        let shape = call.dims(2)?;
        let (places, inner) = slices(call, 0, &shape)?;
        let updates = call.input(1)?;
        let run: usize = inner.iter().product();
        if updates.len() != places.len() * run {
            return Err(call.malformed());
        }
        let zeros = Data::zeros(updates.dtype(), call.checked_len(&shape)?);
        let zeros = zeros.ok_or_else(|| call.malformed())?;
        let mut out = TensorValue::from_data(shape, zeros);
        // Slices that are named twice are added up.
        add(&mut out, &places, run, updates).ok_or_else(|| call.malformed())?;
        Ok(vec![out])
    }
    let dtype = call.input(1)?.dtype();
    if wide::is_narrow(dtype) {
        return wide::in_i64(call, 1..2, &|call| scattered(call, add_runs::<i64>));
    }
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int64 i64, UInt64 u64],
        T => scattered(call, add_runs::<T>),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

/// Adds each run of the elements of the last value to the one at its place, counted in runs, of the first.
type AddRuns = fn(&mut TensorValue, &[usize], usize, &TensorValue) -> Option<()>;

fn add_runs<T: Arithmetic>(
    out: &mut TensorValue,
    places: &[usize],
    run: usize,
    updates: &TensorValue,
) -> Option<()> {
    let add = T::function(Binary::Add)?;
    let (sums, updates) = (out.as_mut_slice::<T>()?, updates.as_slice::<T>().ok()?);
    for (at, &x) in updates.iter().enumerate() {
        let sum = &mut sums[places[at / run] * run + at % run];
        *sum = add(*sum, x);
    }
    Some(())
}

pub(crate) fn one_hot(call: &mut Call<'_>) -> Computed {
    let (indices, on, off) = (call.input(0)?, call.input(2)?, call.input(3)?);
    let mut scalars = [call.input(1)?, on, off].into_iter();
    if scalars.any(|value| !value.shape().is_empty()) {
        return Err(call.malformed());
    }
    let classes = match indices.as_slice::<u8>() {
        Ok(bytes) => bytes.iter().map(|&class| class.into()).collect(),
        Err(_) => call.integers(0)?,
    };
    let depth = usize::try_from(call.integer(1)?).map_err(|_| call.malformed())?;
    let axis = call.axis(call.int("axis")?, indices.shape().len() + 1)?;
    let mut shape = indices.shape().to_vec();
    shape.insert(axis, depth);
    call.checked_len(&shape)?;
    let both = TensorValue::chained(&[off, on]).ok_or_else(|| call.malformed())?;
    let inner: usize = shape[axis + 1..].iter().product();
    Ok(vec![both.picked(&shape, 1, &mut |place| {
        let (row, index) = (place / (depth * inner), place / inner % depth);
        usize::from(classes[row * inner + place % inner] == index as i64)
    })])
}

/// `Select`: values of one shape; a vector of conditions chooses rows.
pub(crate) fn select(call: &mut Call<'_>) -> Computed {
    let (condition, yes, no) = (call.input(0)?, call.input(1)?, call.input(2)?);
    if yes.shape() != no.shape() {
        return Err(differ(yes, no));
    }
    let shape = yes.shape().to_vec();
    let by_row = matches!(condition.shape(), [rows] if shape.first() == Some(rows));
    chosen(call, shape, by_row)
}

pub(crate) fn select_v2(call: &mut Call<'_>) -> Computed {
    let (condition, yes, no) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let shape = super::elementwise::common(yes.shape(), no.shape())?;
    let shape = super::elementwise::common(condition.shape(), &shape)?;
    chosen(call, shape, false)
}

fn differ(a: &TensorValue, b: &TensorValue) -> KernelError {
    KernelError::Broadcast {
        left: a.shape().to_vec(),
        right: b.shape().to_vec(),
    }
}

/// Elements or rows that conditions choose of two values.
fn chosen(call: &Call<'_>, shape: Vec<usize>, by_row: bool) -> Computed {
    let (condition, yes, no) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let flags = condition.as_slice::<bool>().map_err(|_| call.malformed())?;
    let both = TensorValue::chained(&[yes, no]).ok_or_else(|| call.malformed())?;
    let whole = |value: &TensorValue| broadcast(value.shape(), &shape);
    let which = match by_row {
        true => {
            let len: usize = shape[1..].iter().product();
            Some((0..shape[0] * len).map(|at| at / len).collect::<Vec<_>>())
        }
        false => whole(condition),
    };
    let (Some(which), Some(yes_at), Some(no_at)) = (which, whole(yes), whole(no)) else {
        return Err(differ(condition, yes));
    };
    Ok(vec![both.picked(
        &shape,
        1,
        &mut |place| match flags[which[place]] {
            true => yes_at[place],
            false => yes.len() + no_at[place],
        },
    )])
}

/// `Where`: the indices of the elements that are not zero.
pub(crate) fn positions_of_true(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let held = x.converted(crate::dtype::DType::Bool);
    let held = held.ok_or_else(|| call.no_kernel_for(x.dtype()))?;
    let held = held.as_slice::<bool>().map_err(|_| call.malformed())?;
    let mut rows = 0;
    let mut found = Vec::new();
    let mut index = vec![0; x.shape().len()];
    for &held in held {
        if held {
            rows += 1;
            found.extend(index.iter().map(|&at| at as i64));
        }
        advance(&mut index, x.shape());
    }
    let shape = vec![rows, x.shape().len()];
    Ok(vec![TensorValue::from_parts(shape, found)])
}
