//! Values whose elements lie in another order, or that are joined: elements are copied by their size, whatever they are.

use super::{TensorSlice, TensorValue, copy_common};
use crate::dtype::{ByteString, DType};

/// Copies elements, whose size in bytes it has, from the bytes of a value to those of another.
type Arrange<'f> = dyn FnMut(&[u8], &mut [u8], usize) + 'f;

impl TensorValue {
    /// The value whose dimension `i` is this one's dimension `permutation[i]`, as `tf.transpose` gives it.
    ///
    /// The caller has made sure that it is a permutation of the dimensions.
    pub(crate) fn transposed(&self, permutation: &[usize]) -> TensorValue {
        let strides = strides(&self.shape);
        let shape: Vec<usize> = permutation.iter().map(|&dim| self.shape[dim]).collect();
        let steps: Vec<isize> = (permutation.iter().map(|&dim| strides[dim] as isize)).collect();
        self.strided(&shape, &steps, 0)
    }

    /// The elements from the position `first` on that are `steps` apart along each dimension of a shape.
    pub(crate) fn strided(&self, shape: &[usize], steps: &[isize], first: usize) -> TensorValue {
        self.rearranged(shape, &mut |source, target, size| {
            copy_strided((source, first), target, size, (shape, steps));
        })
    }

    /// Runs of `run` elements: the run at the place, counted in runs, that `place` gives for each run's number.
    ///
    /// Beyond the last element are zeros, empty strings and `false`.
    pub(crate) fn picked(
        &self,
        shape: &[usize],
        run: usize,
        place: &mut dyn FnMut(usize) -> usize,
    ) -> TensorValue {
        self.rearranged(shape, &mut |source, target, size| match size * run {
            0 => {}
            1 => copy_picked(source, target, 1, place),
            2 => copy_picked(source, target, 2, place),
            4 => copy_picked(source, target, 4, place),
            8 => copy_picked(source, target, 8, place),
            16 => copy_picked(source, target, 16, place),
            unit => copy_picked(source, target, unit, place),
        })
    }

    /// A part of the value, which has it.
    pub(crate) fn part(&self, slice: &TensorSlice) -> TensorValue {
        let whole = TensorSlice::whole(&self.shape);
        self.rearranged(&slice.shape(), &mut |source, target, size| {
            copy_common((&whole, source, 0), (slice, target), size);
        })
    }

    /// Values of one dtype one after the other along a dimension, as `tf.concat` gives them.
    ///
    /// The caller has made sure that there is one, and that they agree in the other dimensions.
    pub(crate) fn joined(values: &[&TensorValue], axis: usize) -> TensorValue {
        let mut shape = values[0].shape.clone();
        shape[axis] = values.iter().map(|value| value.shape[axis]).sum();
        let whole = TensorSlice::whole(&shape);
        // Each with the part that it becomes.
        let mut start = 0;
        let mut places = Vec::with_capacity(values.len());
        for &value in values {
            let mut ranges = TensorSlice::whole(&value.shape).ranges().to_vec();
            ranges[axis] = start..start + value.shape[axis];
            start += value.shape[axis];
            places.push((value, TensorSlice::new(ranges)));
        }
        let dtype = values[0].dtype();
        if dtype == DType::String {
            let mut target = vec![ByteString::default(); shape.iter().product()];
            for (value, place) in &places {
                let strings = value.strings().unwrap_or_default();
                copy_common((place, strings, 0), (&whole, &mut target), 1);
            }
            return TensorValue::from_parts(shape, target);
        }
        let size = dtype.size().unwrap_or(1);
        TensorValue::of_bytes(dtype, &shape, &mut |target| {
            for (value, place) in &places {
                let bytes = value.native_bytes().unwrap_or_default();
                copy_common((place, bytes, 0), (&whole, &mut *target), size);
            }
        })
    }

    /// The elements of values one after the other; `None` if they differ in dtype, or if there are no values.
    pub(crate) fn chained(values: &[&TensorValue]) -> Option<TensorValue> {
        let dtype = values.first()?.dtype();
        if values.iter().any(|value| value.dtype() != dtype) {
            return None;
        }
        let len = values.iter().map(|value| value.len()).sum();
        if dtype == DType::String {
            let mut all = Vec::with_capacity(len);
            for value in values {
                all.extend_from_slice(value.strings().unwrap_or_default());
            }
            return Some(TensorValue::from_parts(vec![len], all));
        }
        Some(TensorValue::of_bytes(dtype, &[len], &mut |mut target| {
            for value in values {
                let bytes = value.native_bytes().unwrap_or_default();
                let (begin, rest) = target.split_at_mut(bytes.len());
                begin.copy_from_slice(bytes);
                target = rest;
            }
        }))
    }

    /// The lowest bits of elements of 64 bits, as those of a dtype that has fewer.
    pub(crate) fn truncated(&self, dtype: DType) -> TensorValue {
        let source = self.native_bytes().unwrap_or_default();
        let size = dtype.size().unwrap_or(1);
        let parts = size_of::<u64>() / size;
        let lowest = match cfg!(target_endian = "little") {
            true => 0,
            false => parts - 1,
        };
        TensorValue::of_bytes(dtype, &self.shape, &mut |target| {
            let places = (&[self.len()][..], &[parts as isize][..]);
            copy_strided((source, lowest), target, size, places);
        })
    }

    /// A value of the same dtype and another shape, of zeros before `arrange` copies elements to it.
    fn rearranged(&self, shape: &[usize], arrange: &mut Arrange<'_>) -> TensorValue {
        let Some(strings) = self.strings() else {
            let source = self.native_bytes().unwrap_or_default();
            let size = self.dtype().size().unwrap_or(1);
            return TensorValue::of_bytes(self.dtype(), shape, &mut |target| {
                arrange(source, target, size);
            });
        };
        // Strings are arranged as their numbers are, of which 0 is none.
        let numbers: Vec<u64> = (1..=strings.len() as u64).collect();
        let mut arranged = vec![0u64; shape.iter().product()];
        let (source, target) = (
            bytemuck::cast_slice(&numbers),
            bytemuck::cast_slice_mut(&mut arranged),
        );
        arrange(source, target, size_of::<u64>());
        let string = |&number: &u64| match number as usize {
            0 => ByteString::default(),
            number => strings[number - 1].clone(),
        };
        TensorValue::from_parts(shape.to_vec(), arranged.iter().map(string).collect())
    }
}

/// How far apart elements are along each dimension.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// Calls a function with the positions of elements that are `steps` apart along each dimension of a shape.
pub(crate) fn walk(shape: &[usize], steps: &[isize], first: usize, each: &mut dyn FnMut(usize)) {
    let mut index = vec![0usize; shape.len()];
    let mut at = first as isize;
    for _ in 0..shape.iter().product::<usize>() {
        each(at as usize);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= steps[axis] * shape[axis] as isize;
            index[axis] = 0;
        }
    }
}

/// Copies elements of `size` bytes that are `steps` apart along each dimension of a shape, beginning with the one at
/// `first`.
pub(super) fn copy_strided(
    (source, first): (&[u8], usize),
    target: &mut [u8],
    size: usize,
    (shape, steps): (&[usize], &[isize]),
) {
    if target.is_empty() {
        return;
    }
    // Dimensions whose elements are as far apart as those of one dimension would be are one.
    let (mut lens, mut steps_of): (Vec<usize>, Vec<isize>) = Default::default();
    for (&len, &step) in shape.iter().zip(steps) {
        match (lens.last_mut(), steps_of.last_mut()) {
            _ if len == 1 => {}
            (Some(outer), Some(far)) if *far == step * len as isize => {
                *outer *= len;
                *far = step;
            }
            _ => {
                lens.push(len);
                steps_of.push(step);
            }
        }
    }
    // Elements that lie together in the source are copied together.
    let mut unit = size;
    if steps_of.last() == Some(&1) {
        steps_of.pop();
        unit *= lens.pop().unwrap_or(1);
    }
    let len = lens.pop().unwrap_or(1);
    let step = steps_of.pop().unwrap_or(0) * size as isize;
    let mut rows = target.chunks_exact_mut(unit * len);
    walk(&lens, &steps_of, first, &mut |at| {
        let (row, at) = (rows.next().unwrap_or_default(), at * size);
        match unit {
            1 => copy_row((source, at), row, 1, step),
            2 => copy_row((source, at), row, 2, step),
            4 => copy_row((source, at), row, 4, step),
            8 => copy_row((source, at), row, 8, step),
            16 => copy_row((source, at), row, 16, step),
            unit => copy_row((source, at), row, unit, step),
        }
    });
}

/// Copies units that begin `step` bytes apart. The compiler makes a loop of its own for each constant `unit`.
#[inline(always)]
fn copy_row((source, mut at): (&[u8], usize), row: &mut [u8], unit: usize, step: isize) {
    for element in row.chunks_exact_mut(unit) {
        element.copy_from_slice(&source[at..at + unit]);
        at = at.wrapping_add_signed(step);
    }
}

/// Copies the units at the places of all numbers. The compiler makes a loop of its own for each constant `unit`.
#[inline(always)]
fn copy_picked(
    source: &[u8],
    target: &mut [u8],
    unit: usize,
    place: &mut dyn FnMut(usize) -> usize,
) {
    for (number, element) in target.chunks_exact_mut(unit).enumerate() {
        let begin = place(number).saturating_mul(unit);
        let found = source.get(begin..).and_then(|rest| rest.get(..unit));
        if let Some(found) = found {
            element.copy_from_slice(found);
        }
    }
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
