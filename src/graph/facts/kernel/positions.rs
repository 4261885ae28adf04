//! Where the elements of one tensor lie in another.

use crate::dtype::{DType, Data};
use crate::value::TensorValue;

/// Stands for no element.
pub(super) const NONE: usize = usize::MAX;

/// How far apart elements are along each dimension.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// The elements of a tensor as another one has them, `step` apart along each dimension.
pub(super) fn walk(
    shape: &[usize],
    steps: &[isize],
    first: usize,
) -> impl Iterator<Item = usize> + use<> {
    let (shape, steps) = (shape.to_vec(), steps.to_vec());
    let mut index = vec![0usize; shape.len()];
    let mut at = first as isize;
    (0..shape.iter().product::<usize>()).map(move |_| {
        let here = at as usize;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= steps[axis] * shape[axis] as isize;
            index[axis] = 0;
        }
        here
    })
}

/// The positions in a tensor of the shape `from` that a function gives for the index of each element of `shape`.
pub(super) fn map<'a>(
    shape: &'a [usize],
    mut position: impl FnMut(&[usize]) -> usize + 'a,
) -> impl Iterator<Item = usize> + 'a {
    let mut index = vec![0usize; shape.len()];
    (0..shape.iter().product::<usize>()).map(move |_| {
        let here = position(&index);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
        here
    })
}

/// The position of the element with this index.
pub(super) fn flat(shape: &[usize], index: &[usize]) -> usize {
    let dims = shape.iter().zip(index);
    dims.fold(0, |position, (dim, index)| position * dim + index)
}

/// For each element of `shape`, the position of the one that stretches to it in a tensor of the shape `from`.
pub(super) fn broadcast(from: &[usize], shape: &[usize]) -> Option<Vec<usize>> {
    let missing = shape.len().checked_sub(from.len())?;
    let fits = from.iter().zip(&shape[missing..]);
    if !fits.clone().all(|(&from, &to)| from == to || from == 1) {
        return None;
    }
    let steps = fits
        .zip(strides(from))
        .map(|((&from, _), stride)| match from {
            1 => 0,
            _ => stride as isize,
        });
    let steps: Vec<_> = std::iter::repeat_n(0, missing).chain(steps).collect();
    Some(walk(shape, &steps, 0).collect())
}

/// The elements at these positions; beyond the last element, zeros, empty strings and `false`.
pub(super) fn pick(
    value: &TensorValue,
    shape: Vec<usize>,
    at: impl Iterator<Item = usize>,
) -> TensorValue {
    pick_each(value, shape, &mut { at })
}

/// Picks for every caller in one body, since it is compiled for each dtype.
fn pick_each(
    value: &TensorValue,
    shape: Vec<usize>,
    at: &mut dyn Iterator<Item = usize>,
) -> TensorValue {
    macro_rules! picked {
        ($($variant:ident)*) => {
            match value.data() {
                $(Data::$variant(from) => {
                    let elements = at.map(|at| from.get(at).cloned().unwrap_or_default());
                    TensorValue::from_parts(shape, elements.collect())
                })*
            }
        };
    }
    picked! {
        Float32 Float64 Int32 UInt8 Int16 Int8 String Complex64 Int64 Bool QInt8 QUInt8 QInt32 BFloat16 QInt16
        QUInt16 UInt16 Complex128 Float16 UInt32 UInt64
    }
}

/// The elements of several values, one after the other; `None` if they differ in dtype.
pub(super) fn chain<'v>(
    dtype: DType,
    values: impl IntoIterator<Item = &'v TensorValue>,
) -> Option<TensorValue> {
    let mut all = Data::empty(dtype)?;
    for value in values {
        if !all.append(value.data()) {
            return None;
        }
    }
    Some(TensorValue::from_data(vec![all.len()], all))
}
