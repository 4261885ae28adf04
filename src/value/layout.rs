//! Values whose elements lie in another order, or that are joined.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::TensorValue;
use super::{TensorSlice, copy_common};
use crate::dtype::{ByteString, DType};

impl TensorValue {
    /// The value whose dimension `i` is this one's dimension `permutation[i]`, as `tf.transpose` gives it.
    ///
    /// The caller has made sure that it is a permutation of the dimensions.
    pub(crate) fn transposed(&self, permutation: &[usize]) -> TensorValue {
        let shape: Vec<usize> = permutation.iter().map(|&dim| self.shape[dim]).collect();
        if let Some(strings) = self.strings() {
            let mut target = vec![ByteString::default(); strings.len()];
            permute(&self.shape, strings, permutation, &shape, &mut target);
            return TensorValue::from_parts(shape, target);
        }
        let source = self.native_bytes().unwrap_or_default();
        self.refilled(&shape, |target| {
            macro_rules! elements {
                ($($size:literal)*) => {
                    match self.dtype().size() {
                        $(Some($size) => permute::<[u8; $size]>(
                            &self.shape,
                            bytemuck::cast_slice(source),
                            permutation,
                            &shape,
                            bytemuck::cast_slice_mut(target),
                        ),)*
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

fn permute<T: Clone>(
    from: &[usize],
    source: &[T],
    permutation: &[usize],
    to: &[usize],
    target: &mut [T],
) {
    let source = ArrayViewD::from_shape(from, source).expect("the elements fit the shape");
    let target = ArrayViewMutD::from_shape(to, target);
    let mut target = target.expect("there are as many elements");
    target.assign(&source.permuted_axes(permutation));
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
