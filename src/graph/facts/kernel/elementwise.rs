//! Functions of the elements of two tensors, with broadcasting.

use std::sync::Arc;

use super::positions::broadcast;
use super::{Call, Computed, KernelError};
use crate::dtype::Element;
use crate::shape::Shape;
use crate::value::TensorValue;

/// The shape that two shapes broadcast to.
pub(super) fn common(a: &[usize], b: &[usize]) -> Computed<Vec<usize>> {
    let shape = Shape::from(a).broadcast(&Shape::from(b));
    let shape = shape.and_then(|shape| shape.to_static());
    let shape = shape.ok_or_else(|| KernelError::Broadcast(a.to_vec(), b.to_vec()))?;
    super::checked_len(&shape)?;
    Ok(shape)
}

/// A function of two elements that keeps their type.
pub(super) fn same_type<T: Element + Copy>(
    call: &mut Call<'_>,
    function: fn(T, T) -> T,
) -> Computed {
    let mut inputs = std::mem::take(&mut call.inputs).into_iter();
    let (Some(a), Some(b)) = (inputs.next(), inputs.next()) else {
        return Err(call.malformed());
    };
    let mismatch = |_| KernelError::DType {
        op: call.op,
        dtype: T::DTYPE,
    };
    // A scalar and equal shapes are the cases of initializers; they run in place where they can.
    if b.shape().is_empty() || a.shape() == b.shape() {
        let right = b.clone();
        let right = right.as_slice::<T>().map_err(mismatch)?;
        let changed = in_place(a, |left| match right {
            [value] => left.iter_mut().for_each(|x| *x = function(*x, *value)),
            _ => left
                .iter_mut()
                .zip(right)
                .for_each(|(x, y)| *x = function(*x, *y)),
        });
        return Ok(vec![changed.ok_or_else(|| call.malformed())?]);
    }
    if a.shape().is_empty() {
        let value = a.as_slice::<T>().map_err(mismatch)?[0];
        let changed = in_place(b, |right| {
            right.iter_mut().for_each(|y| *y = function(value, *y));
        });
        return Ok(vec![changed.ok_or_else(|| call.malformed())?]);
    }
    broadcasting(call, &a, &b, &|x: &T, y: &T| function(*x, *y))
}

/// A function of two elements of one type.
pub(super) fn broadcasting<T: Element, R: Element>(
    call: &Call<'_>,
    a: &TensorValue,
    b: &TensorValue,
    function: &dyn Fn(&T, &T) -> R,
) -> Computed {
    let (shape, pairs) = pairs(call, a.shape(), b.shape())?;
    let (Ok(left), Ok(right)) = (a.as_slice::<T>(), b.as_slice::<T>()) else {
        return Err(call.malformed());
    };
    let mut elements = Vec::with_capacity(pairs.len());
    for (x, y) in pairs {
        elements.push(function(&left[x], &right[y]));
    }
    Ok(vec![TensorValue::from_parts(shape, elements)])
}

/// Places of elements in the left and in the right operand.
type Pairs = Vec<(usize, usize)>;

/// The shape that two shapes broadcast to, and for each element of it those that it is made of.
fn pairs(call: &Call<'_>, a: &[usize], b: &[usize]) -> Computed<(Vec<usize>, Pairs)> {
    let shape = common(a, b)?;
    let (Some(left), Some(right)) = (broadcast(a, &shape), broadcast(b, &shape)) else {
        return Err(call.malformed());
    };
    Ok((shape, left.into_iter().zip(right).collect()))
}

/// Changes a value's elements, copying them first only where somebody else holds the value.
pub(super) fn in_place<T: Element>(
    value: Arc<TensorValue>,
    change: impl FnOnce(&mut [T]),
) -> Option<TensorValue> {
    let mut value = Arc::unwrap_or_clone(value);
    change(value.as_mut_slice()?);
    Some(value)
}
