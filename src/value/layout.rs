//! Values whose elements lie in another order, or that are joined.

use std::ops::Range;

use super::TensorValue;
use super::{TensorSlice, copy_common};
use crate::dtype::{ByteString, DType};

impl TensorValue {
    /// The value whose dimension `i` is this one's dimension `permutation[i]`, as `tf.transpose` gives it.
    ///
    /// The caller has made sure that it is a permutation of the dimensions.
    pub(crate) fn transposed(&self, permutation: &[usize]) -> TensorValue {
        let shape: Vec<usize> = permutation.iter().map(|&dim| self.shape[dim]).collect();
        if self.is_empty() {
            return self.clone().reshaped(&shape);
        }
        let rows = Rows::new(&self.shape, permutation);
        if let Some(strings) = self.strings() {
            let mut target = vec![ByteString::default(); strings.len()];
            rows.each(&mut |from, to| copy_row(strings, from, &mut target[to]));
            return TensorValue::from_parts(shape, target);
        }
        let source = self.native_bytes().unwrap_or_default();
        self.refilled(&shape, |target| {
            macro_rules! elements {
                ($($size:literal)*) => {
                    match self.dtype().size() {
                        $(Some($size) => {
                            let source: &[[u8; $size]] = bytemuck::cast_slice(source);
                            let target: &mut [[u8; $size]] = bytemuck::cast_slice_mut(target);
                            rows.each(&mut |from, to| copy_row(source, from, &mut target[to]));
                        })*
                        other => unreachable!("elements of {other:?} bytes"),
                    }
                };
            }
            elements! { 1 2 4 8 16 }
        })
    }

    /// Values of one dtype one after the other along a dimension, as `tf.concat` gives them.
    ///
    /// The caller has made sure that there is one, and that they agree in the other dimensions.
    pub(crate) fn joined(values: &[&TensorValue], axis: usize) -> TensorValue {
        let first = values[0];
        let mut shape = first.shape.clone();
        shape[axis] = values.iter().map(|value| value.shape[axis]).sum();
        let whole = TensorSlice::whole(&shape);
        let mut start = 0;
        let places: Vec<TensorSlice> = values
            .iter()
            .map(|value| {
                let mut ranges: Vec<_> = value.shape.iter().map(|&dim| 0..dim).collect();
                ranges[axis] = start..start + value.shape[axis];
                start += value.shape[axis];
                TensorSlice::new(ranges)
            })
            .collect();
        if first.dtype() == DType::String {
            let mut target = vec![ByteString::default(); shape.iter().product()];
            for (value, place) in values.iter().zip(&places) {
                let strings = value.strings().unwrap_or_default();
                copy_common((place, strings, 0), (&whole, &mut target), 1);
            }
            return TensorValue::from_parts(shape, target);
        }
        let per_element = first.dtype().size().unwrap_or(1);
        first.refilled(&shape, |target| {
            for (value, place) in values.iter().zip(&places) {
                let bytes = value.native_bytes().unwrap_or_default();
                copy_common((place, bytes, 0), (&whole, &mut *target), per_element);
            }
        })
    }

    /// A value of the same dtype, whose size is fixed, and another shape.
    fn refilled(&self, shape: &[usize], fill: impl FnOnce(&mut [u8])) -> TensorValue {
        let filled = TensorValue::filled(self.dtype(), shape, |target| {
            fill(target);
            Ok::<(), std::convert::Infallible>(())
        });
        match filled {
            Some(Ok(value)) => value,
            Some(Err(never)) => match never {},
            None => unreachable!("a value of dtype {}", self.dtype()),
        }
    }
}

/// The elements of a permuted value, row by row: of each dimension its size, and how far apart in the source two
/// elements are that are neighbours in it.
struct Rows {
    outer: Vec<(usize, usize)>,
    row: (usize, usize),
}

impl Rows {
    fn new(shape: &[usize], permutation: &[usize]) -> Self {
        let mut strides = vec![1; shape.len()];
        for dim in (1..shape.len()).rev() {
            strides[dim - 1] = strides[dim] * shape[dim];
        }
        let dims = permutation.iter().map(|&dim| (shape[dim], strides[dim]));
        let mut outer: Vec<_> = dims.collect();
        let row = outer.pop().unwrap_or((1, 1));
        Rows { outer, row }
    }

    /// Calls `copy` with the first element of each row in the source and the distance to the next, and with the row's
    /// place in the target.
    fn each(&self, copy: &mut dyn FnMut((usize, usize), Range<usize>)) {
        let (len, stride) = self.row;
        let count = self.outer.iter().map(|(size, _)| size).product();
        let mut position = vec![0; self.outer.len()];
        let mut from = 0;
        for row in 0..count {
            copy((from, stride), row * len..(row + 1) * len);
            for (at, &(size, stride)) in position.iter_mut().zip(&self.outer).rev() {
                *at += 1;
                from += stride;
                if *at < size {
                    break;
                }
                *at = 0;
                from -= size * stride;
            }
        }
    }
}

fn copy_row<T: Clone>(source: &[T], (from, stride): (usize, usize), row: &mut [T]) {
    if stride == 1 {
        return row.clone_from_slice(&source[from..from + row.len()]);
    }
    let elements = source[from..].iter().step_by(stride);
    row.iter_mut()
        .zip(elements)
        .for_each(|(to, from)| to.clone_from(from));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of `numpy.transpose`.
    #[test]
    fn dimensions_are_permuted() {
        let numbers = TensorValue::new([2, 3, 2], (0..12i16).collect()).unwrap();
        let transposed = numbers.transposed(&[2, 0, 1]);
        assert_eq!(transposed.shape(), [2, 2, 3]);
        assert_eq!(
            transposed.as_slice::<i16>().unwrap(),
            [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]
        );
        let text = TensorValue::new([1, 2], ["a", "b"].map(ByteString::from).to_vec()).unwrap();
        assert_eq!(text.transposed(&[1, 0]), text.clone().reshaped(&[2, 1]));
        let empty = TensorValue::new([0, 1 << 62], Vec::<bool>::new()).unwrap();
        assert_eq!(empty.transposed(&[1, 0]).shape(), [1 << 62, 0]);
        let bools = TensorValue::new([2, 2], vec![true, true, false, false]).unwrap();
        let expected = [true, false, true, false];
        assert_eq!(
            bools.transposed(&[1, 0]).as_slice::<bool>().unwrap(),
            expected
        );
    }

    /// The values are those of `numpy.concatenate`.
    #[test]
    fn values_are_joined_along_a_dimension() {
        let a = TensorValue::new([2, 1], vec![1f32, 2.0]).unwrap();
        let b = TensorValue::new([2, 2], vec![3f32, 4.0, 5.0, 6.0]).unwrap();
        let joined = TensorValue::joined(&[&a, &b], 1);
        assert_eq!(joined.shape(), [2, 3]);
        assert_eq!(
            joined.as_slice::<f32>().unwrap(),
            [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]
        );
        let text = TensorValue::new([1], vec![ByteString::from("a")]).unwrap();
        assert_eq!(TensorValue::joined(&[&text, &text], 0).shape(), [2]);
    }
}
