//! Elements and slices that indices, conditions and classes choose.

use half::{bf16, f16};

use super::arithmetic::Arithmetic;
use super::positions::{broadcast, chain, flat, map, pick};
use super::{Binary, Call, Computed, KernelError, wide, with_type};
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
    let (outer, inner) = (
        outer.iter().product::<usize>(),
        inner.iter().product::<usize>(),
    );
    let rows = (0..outer).flat_map(|block| rows.iter().map(move |row| block * from[axis] + row));
    let at = rows.flat_map(|row| row * inner..(row + 1) * inner);
    Ok(vec![pick(x, shape, at)])
}

/// Where the slices begin that the rows of an input of indices stand for in a tensor, and the shape of each.
fn slices(call: &Call<'_>, index: usize, from: &[usize]) -> Computed<(Vec<usize>, Vec<usize>)> {
    let indices = call.input(index)?;
    let values = call.integers(index)?;
    let (&depth, rows) = indices
        .shape()
        .split_last()
        .ok_or_else(|| call.malformed())?;
    let inner = from.get(depth..).ok_or_else(|| call.malformed())?;
    let len: usize = inner.iter().product();
    let begin = |row: usize| {
        let places = values[row * depth..(row + 1) * depth].iter().zip(from);
        let places = places.map(|(&at, &dim)| usize::try_from(at).ok().filter(|&at| at < dim));
        let places: Option<Vec<usize>> = places.collect();
        places.map(|places| flat(from, &places) * len)
    };
    let begins: Option<Vec<usize>> = (0..rows.iter().product()).map(begin).collect();
    Ok((begins.ok_or_else(|| call.malformed())?, inner.to_vec()))
}

pub(crate) fn gather_nd(call: &mut Call<'_>) -> Computed {
    let (x, indices) = (call.input(0)?, call.input(1)?);
    let (begins, inner) = slices(call, 1, x.shape())?;
    let len: usize = inner.iter().product();
    let rows = &indices.shape()[..indices.shape().len() - 1];
    let shape = [rows, &inner].concat();
    call.checked_len(&shape)?;
    let at = begins.into_iter().flat_map(|begin| begin..begin + len);
    Ok(vec![pick(x, shape, at)])
}

pub(crate) fn scatter_nd(call: &mut Call<'_>) -> Computed {
    fn typed<T: Arithmetic + Default>(call: &Call<'_>) -> Computed {
        let add = T::function(Binary::Add).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        let shape = call.dims(2)?;
        let (begins, inner) = slices(call, 0, &shape)?;
        let updates = call.input(1)?;
        let elements = updates.as_slice::<T>().map_err(|_| call.malformed())?;
        let len: usize = inner.iter().product();
        if elements.len() != begins.len() * len {
            return Err(call.malformed());
        }
        let mut out = vec![T::default(); call.checked_len(&shape)?];
        // Slices that are named twice are added up.
        for (&begin, elements) in begins.iter().zip(elements.chunks(len.max(1))) {
            let sums = out[begin..begin + len].iter_mut().zip(elements);
            sums.for_each(|(sum, x)| *sum = add(*sum, *x));
        }
        Ok(vec![TensorValue::from_parts(shape, out)])
    }
    let dtype = call.input(1)?.dtype();
    if wide::is_narrow(dtype) {
        return wide::in_i64(call, 1..2, &|call| typed::<i64>(call));
    }
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int64 i64, UInt64 u64],
        T => typed::<T>(call),
        |dtype| Err(call.no_kernel_for(dtype))
    )
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
    let both = chain(on.dtype(), [off, on]);
    let both = both.ok_or_else(|| call.malformed())?;
    let at = map(&shape, |index| {
        let (outer, inner) = (&index[..axis], &index[axis + 1..]);
        let place = flat(indices.shape(), &[outer, inner].concat());
        usize::from(classes[place] == index[axis] as i64)
    });
    Ok(vec![pick(&both, shape.clone(), at)])
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
    KernelError::Broadcast(a.shape().to_vec(), b.shape().to_vec())
}

/// Elements or rows that conditions choose of two values.
fn chosen(call: &Call<'_>, shape: Vec<usize>, by_row: bool) -> Computed {
    let (condition, yes, no) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let flags = condition.as_slice::<bool>().map_err(|_| call.malformed())?;
    let both = chain(yes.dtype(), [yes, no]).ok_or_else(|| call.malformed())?;
    let whole = |value: &TensorValue| broadcast(value.shape(), &shape);
    let which = match by_row {
        true => {
            let len: usize = shape[1..].iter().product();
            Some((0..shape[0] * len).map(|at| at / len).collect())
        }
        false => whole(condition),
    };
    let (Some(which), Some(yes_at), Some(no_at)) = (which, whole(yes), whole(no)) else {
        return Err(differ(condition, yes));
    };
    let at = which.into_iter().zip(yes_at.into_iter().zip(no_at));
    let at = at.map(|(flag, (yes_at, no_at))| match flags[flag] {
        true => yes_at,
        false => yes.len() + no_at,
    });
    Ok(vec![pick(&both, shape.clone(), at)])
}

/// `Where`: the indices of the elements that are not zero.
pub(crate) fn positions_of_true(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let held = x.converted(crate::dtype::DType::Bool);
    let held = held.ok_or_else(|| call.no_kernel_for(x.dtype()))?;
    let held = held.as_slice::<bool>().map_err(|_| call.malformed())?;
    let mut found = Vec::new();
    let places = map(x.shape(), |index| {
        let at = flat(x.shape(), index);
        if held[at] {
            found.extend(index.iter().map(|&at| at as i64));
        }
        at
    });
    places.for_each(drop);
    let rows = held.iter().filter(|&&held| held).count();
    Ok(vec![TensorValue::from_parts(
        vec![rows, x.shape().len()],
        found,
    )])
}
