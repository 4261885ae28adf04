//! Tensors put together and taken apart.

use super::{Call, Computed};
use crate::value::{TensorSlice, TensorValue};

pub(crate) fn concat(call: &mut Call<'_>) -> Computed {
    concat_with(call, 0)
}

pub(crate) fn concat_v2(call: &mut Call<'_>) -> Computed {
    concat_with(call, call.inputs.len().saturating_sub(1))
}

/// All inputs but one, which is the axis.
fn concat_with(call: &Call<'_>, at: usize) -> Computed {
    let axis = call.integer(at)?;
    let axis = call.axis(axis, call.input(usize::from(at == 0))?.shape().len())?;
    let parts = call.inputs.iter().enumerate();
    let parts = parts.filter(|(index, _)| *index != at);
    let parts: Vec<&TensorValue> = parts.map(|(_, part)| &**part).collect();
    Ok(vec![joined(call, &parts, axis)?])
}

/// Parts that differ at most in their size along an axis, one after the other.
fn joined(call: &Call<'_>, parts: &[&TensorValue], axis: usize) -> Computed<TensorValue> {
    let first = parts.first().ok_or_else(|| call.malformed())?;
    let mut shape = first.shape().to_vec();
    let without_axis = |shape: &[usize]| {
        let mut shape = shape.to_vec();
        (axis < shape.len())
            .then(|| shape.remove(axis))
            .map(|_| shape)
    };
    let same = |part: &&TensorValue| {
        part.dtype() == first.dtype() && without_axis(part.shape()) == without_axis(first.shape())
    };
    if !parts.iter().all(same) {
        return Err(call.malformed());
    }
    let mut sizes = parts.iter().map(|part| part.shape()[axis]);
    let size = sizes.try_fold(0usize, |sum, size| sum.checked_add(size));
    shape[axis] = size.ok_or_else(|| call.malformed())?;
    call.checked_len(&shape)?;
    Ok(TensorValue::joined(parts, axis))
}

pub(crate) fn pack(call: &mut Call<'_>) -> Computed {
    let first = call.input(0)?;
    let axis = call.axis(call.int("axis")?, first.shape().len() + 1)?;
    let widened = |part: &TensorValue| {
        let mut shape = part.shape().to_vec();
        (axis <= shape.len()).then(|| shape.insert(axis, 1))?;
        Some(part.clone().reshaped(&shape))
    };
    let parts: Option<Vec<TensorValue>> = call.inputs.iter().map(|part| widened(part)).collect();
    let parts = parts.ok_or_else(|| call.malformed())?;
    let parts: Vec<_> = parts.iter().collect();
    Ok(vec![joined(call, &parts, axis)?])
}

/// Parts of these sizes along an axis.
fn parted(call: &Call<'_>, x: &TensorValue, axis: usize, sizes: &[usize]) -> Computed {
    let sum = sizes.iter().try_fold(0usize, |sum, &n| sum.checked_add(n));
    if sum != Some(x.shape()[axis]) {
        return Err(call.malformed());
    }
    let mut ranges = TensorSlice::whole(x.shape()).ranges().to_vec();
    let mut begin = 0;
    let part = |&size: &usize| {
        ranges[axis] = begin..begin + size;
        begin += size;
        x.part(&TensorSlice::new(ranges.clone()))
    };
    Ok(sizes.iter().map(part).collect())
}

pub(crate) fn split(call: &mut Call<'_>) -> Computed {
    let x = call.input(1)?;
    let axis = call.axis(call.integer(0)?, x.shape().len())?;
    let number = usize::try_from(call.int("num_split")?).unwrap_or_default();
    let size = x.shape()[axis].checked_div(number);
    let size = size.ok_or_else(|| call.malformed())?;
    parted(call, x, axis, &vec![size; number])
}

pub(crate) fn split_sizes(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let axis = call.axis(call.integer(2)?, x.shape().len())?;
    let sizes = call.integers(1)?;
    // One size may be what is left by the others.
    let known = sizes.iter().filter(|&&size| size != -1);
    let left = known.fold(x.shape()[axis] as i64, |left, size| {
        left.saturating_sub(*size)
    });
    let size = |&size: &i64| usize::try_from(if size == -1 { left } else { size }).ok();
    let sizes: Option<Vec<usize>> = sizes.iter().map(size).collect();
    parted(call, x, axis, &sizes.ok_or_else(|| call.malformed())?)
}

pub(crate) fn unpack(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let axis = call.axis(call.int("axis")?, x.shape().len())?;
    let parts = parted(call, x, axis, &vec![1; x.shape()[axis]])?;
    let mut shape = x.shape().to_vec();
    shape.remove(axis);
    Ok(parts
        .into_iter()
        .map(|part| part.reshaped(&shape))
        .collect())
}
