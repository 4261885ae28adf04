//! Elements in another order or under another shape, and parts of them.

use super::positions::{NONE, pick_along, steps, stretched};
use super::{Call, Computed, KernelError, reshaped, sizes};
use crate::graph::facts::shape_fn;
use crate::proto::tensorflow::attr_value::Value;
use crate::sort::sort;
use crate::value::{TensorSlice, TensorValue};

pub(crate) fn reshape(call: &mut Call<'_>) -> Computed {
    let wanted = call.integers(1)?;
    let value = call.take(0)?;
    let shape = reshaped(value.len(), &wanted).ok_or(KernelError::Shape(wanted))?;
    Ok(vec![value.reshaped(&shape)])
}

pub(crate) fn expand_dims(call: &mut Call<'_>) -> Computed {
    let mut shape = call.input(0)?.shape().to_vec();
    let axis = call.axis(call.integer(1)?, shape.len() + 1)?;
    shape.insert(axis, 1);
    Ok(vec![call.take(0)?.reshaped(&shape)])
}

pub(crate) fn squeeze(call: &mut Call<'_>) -> Computed {
    let shape = call.input(0)?.shape().to_vec();
    let axes = match call.node.attr_or_default("squeeze_dims") {
        Some(Value::List(list)) => &list.i[..],
        _ => &[],
    };
    let axes = axes.iter().map(|&axis| call.axis(axis, shape.len()));
    let axes: Vec<usize> = axes.collect::<Computed<_>>()?;
    if axes.iter().any(|&axis| shape[axis] != 1) {
        return Err(call.malformed());
    }
    let gone = |axis: usize| match axes.is_empty() {
        true => shape[axis] == 1,
        false => axes.contains(&axis),
    };
    let left = (0..shape.len()).filter(|&axis| !gone(axis));
    let left: Vec<usize> = left.map(|axis| shape[axis]).collect();
    Ok(vec![call.take(0)?.reshaped(&left)])
}

pub(crate) fn transpose(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let order = call.integers(1)?;
    let order = order.iter().map(|&axis| call.axis(axis, x.shape().len()));
    let order: Vec<usize> = order.collect::<Computed<_>>()?;
    let mut sorted = order.clone();
    sort(&mut sorted);
    if !sorted.into_iter().eq(0..x.shape().len()) {
        return Err(call.malformed());
    }
    Ok(vec![x.transposed(&order)])
}

pub(crate) fn reverse(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let mut steps = steps(x.shape());
    let mut first = 0;
    for axis in call.integers(1)? {
        let axis = call.axis(axis, steps.len())?;
        if steps[axis] < 0 {
            // It is named twice.
            return Err(call.malformed());
        }
        first += steps[axis].unsigned_abs() * x.shape()[axis].saturating_sub(1);
        steps[axis] = -steps[axis];
    }
    Ok(vec![x.strided(x.shape(), &steps, first)])
}

pub(crate) fn slice(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let begin = sizes(&call.integers(1)?).ok_or_else(|| call.malformed())?;
    let size = call.integers(2)?;
    let from = x.shape();
    if begin.len() != from.len() || size.len() != from.len() {
        return Err(call.malformed());
    }
    let mut ranges = Vec::with_capacity(from.len());
    for ((&size, &begin), &dim) in size.iter().zip(&begin).zip(from) {
        let left = dim.checked_sub(begin);
        let size = match size {
            -1 => left,
            size => usize::try_from(size).ok(),
        };
        let size = size.filter(|&size| Some(size) <= left);
        ranges.push(begin..begin + size.ok_or_else(|| call.malformed())?);
    }
    Ok(vec![x.part(&TensorSlice::new(ranges))])
}

pub(crate) fn strided_slice(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    // The bounds are the constants that shapes are inferred from.
    let positions = shape_fn::slice_positions(call.nodes, call.node, x.shape());
    let (shape, at) = positions.ok_or_else(|| call.malformed())?;
    Ok(vec![x.picked(&shape, 1, &mut |place| at[place])])
}

pub(crate) fn broadcast_to(call: &mut Call<'_>) -> Computed {
    let shape = call.dims(1)?;
    let x = call.input(0)?;
    let stretched = stretched(x, &shape);
    Ok(vec![stretched.ok_or_else(|| KernelError::Broadcast {
        left: x.shape().to_vec(),
        right: shape,
    })?])
}

pub(crate) fn tile(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let from = x.shape();
    let multiples = sizes(&call.integers(1)?).filter(|multiples| multiples.len() == from.len());
    let multiples = multiples.ok_or_else(|| call.malformed())?;
    let shape = from.iter().zip(multiples);
    let shape: Vec<usize> = shape.map(|(&dim, n)| dim.saturating_mul(n)).collect();
    call.checked_len(&shape)?;
    let repeated = |axis: usize, index: usize| index % from[axis];
    Ok(vec![pick_along(x, from, &shape, NONE, &repeated)])
}

/// The paddings before and after a dimension.
type Padding = (usize, usize);

/// The paddings along each dimension, and the shape that they make.
fn paddings(call: &Call<'_>) -> Computed<(Vec<Padding>, Vec<usize>)> {
    let rank = call.input(0)?.shape().len();
    let paddings = sizes(&call.integers(1)?).filter(|paddings| paddings.len() == 2 * rank);
    let paddings = paddings.ok_or_else(|| call.malformed())?;
    let pairs = paddings.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let pairs: Vec<_> = pairs.collect();
    let dims = pairs.iter().zip(call.input(0)?.shape());
    let dims =
        dims.map(|(&(before, after), dim)| before.saturating_add(after).saturating_add(*dim));
    let shape: Vec<usize> = dims.collect();
    call.checked_len(&shape)?;
    Ok((pairs, shape))
}

pub(crate) fn pad(call: &mut Call<'_>) -> Computed {
    let (pairs, shape) = paddings(call)?;
    let x = call.input(0)?;
    let from = x.shape();
    let inside = |axis: usize, index: usize| {
        let (before, _) = pairs[axis];
        let index = index.checked_sub(before);
        index.filter(|&index| index < from[axis]).unwrap_or(NONE)
    };
    // The filler comes after all elements; without one, there is nothing there, which is zero.
    let (source, outside) = match call.inputs.get(2) {
        Some(filler) if !filler.shape().is_empty() => return Err(call.malformed()),
        Some(filler) => (TensorValue::chained(&[x, filler]), x.len()),
        None => return Ok(vec![pick_along(x, from, &shape, NONE, &inside)]),
    };
    let source = source.ok_or_else(|| call.malformed())?;
    Ok(vec![pick_along(&source, from, &shape, outside, &inside)])
}

pub(crate) fn mirror_pad(call: &mut Call<'_>) -> Computed {
    let (pairs, shape) = paddings(call)?;
    let x = call.input(0)?;
    let from = x.shape();
    // `REFLECT` leaves out the border, which `SYMMETRIC` repeats.
    let border = usize::from(call.node.string_attr("mode") == Some(b"REFLECT"));
    let fits =
        |(&(before, after), &dim): (&(usize, usize), &usize)| before.max(after) + border <= dim;
    if !pairs.iter().zip(from).all(fits) {
        return Err(call.malformed());
    }
    let mirrored = |axis: usize, index: usize| {
        let ((before, _), dim) = (pairs[axis], from[axis]);
        match index.checked_sub(before) {
            None => before - index - 1 + border,
            Some(index) if index < dim => index,
            Some(index) => 2 * dim - 1 - border - index,
        }
    };
    Ok(vec![pick_along(x, from, &shape, NONE, &mirrored)])
}
