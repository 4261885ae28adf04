//! Functions of the elements of two tensors, with broadcasting.

use std::borrow::Cow;
use std::sync::Arc;

use super::positions::stretched;
use super::{Call, Computed, KernelError};
use crate::dtype::{DType, Element};
use crate::shape::Shape;
use crate::value::TensorValue;

/// The shape that two shapes broadcast to.
pub(super) fn common(a: &[usize], b: &[usize]) -> Computed<Vec<usize>> {
    let shape = Shape::from(a).broadcast(&Shape::from(b));
    let shape = shape.and_then(|shape| shape.to_static());
    let shape = shape.ok_or_else(|| KernelError::Broadcast {
        left: a.to_vec(),
        right: b.to_vec(),
    })?;
    super::checked_len(&shape)?;
    Ok(shape)
}

/// A function of two elements that keeps their type.
pub(super) fn same_type<T: Element + Copy>(
    call: &mut Call<'_>,
    function: fn(T, T) -> T,
) -> Computed {
    combined(call, T::DTYPE, &|target, other, swapped| {
        let (target, other) = (target.as_mut_slice::<T>()?, other.as_slice::<T>().ok()?);
        // A single element stands for as many as there are.
        let step = usize::from(other.len() != 1);
        for (at, x) in target.iter_mut().enumerate() {
            let y = other[at * step];
            *x = match swapped {
                true => function(y, *x),
                false => function(*x, y),
            };
        }
        Some(())
    })
}

/// A function of the elements of two inputs of a dtype that changes those of one; it is told whether that is the right
/// one, and is given a scalar or as many elements as the other.
fn combined(
    call: &mut Call<'_>,
    dtype: DType,
    change: &dyn Fn(&mut TensorValue, &TensorValue, bool) -> Option<()>,
) -> Computed {
    let mut inputs = std::mem::take(&mut call.inputs).into_iter();
    let (Some(a), Some(b)) = (inputs.next(), inputs.next()) else {
        return Err(call.malformed());
    };
    // A scalar and equal shapes are the cases of initializers; they run in place where they can.
    let (target, other, swapped) = if b.shape().is_empty() || a.shape() == b.shape() {
        (a, b, false)
    } else if a.shape().is_empty() {
        (b, a, true)
    } else {
        let (a, b) = both_stretched(call, &a, &b)?;
        let mut target = a.into_owned();
        change(&mut target, &b, false).ok_or_else(|| call.malformed())?;
        return Ok(vec![target]);
    };
    if other.dtype() != dtype {
        return Err(call.no_kernel_for(dtype));
    }
    let mut target = Arc::unwrap_or_clone(target);
    change(&mut target, &other, swapped).ok_or_else(|| call.malformed())?;
    Ok(vec![target])
}

/// A comparison of the elements of the two inputs, which are of one type.
pub(super) fn compared<T: Element>(call: &Call<'_>, function: fn(&T, &T) -> bool) -> Computed {
    let (a, b) = both_stretched(call, call.input(0)?, call.input(1)?)?;
    let (Ok(left), Ok(right)) = (a.as_slice::<T>(), b.as_slice::<T>()) else {
        return Err(call.malformed());
    };
    let mut results = vec![false; left.len()];
    for (at, result) in results.iter_mut().enumerate() {
        *result = function(&left[at], &right[at]);
    }
    Ok(vec![TensorValue::from_parts(a.shape().to_vec(), results)])
}

/// Two values in the shape that both broadcast to.
fn both_stretched<'v>(
    call: &Call<'_>,
    a: &'v TensorValue,
    b: &'v TensorValue,
) -> Computed<(Cow<'v, TensorValue>, Cow<'v, TensorValue>)> {
    let shape = common(a.shape(), b.shape())?;
    let in_shape = |value: &'v TensorValue| match value.shape() == shape {
        true => Ok(Cow::Borrowed(value)),
        false => stretched(value, &shape)
            .map(Cow::Owned)
            .ok_or_else(|| call.malformed()),
    };
    Ok((in_shape(a)?, in_shape(b)?))
}
