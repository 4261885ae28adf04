//! Numbers of one dtype as those of another.

use half::{bf16, f16};
use num_complex::Complex;

use super::TensorValue;
use crate::dtype::{DType, Data};

/// The numbers that are converted at a time.
const BLOCK: usize = 1024;

impl TensorValue {
    /// The elements as another dtype, as a cast in C converts them; `None` where that is not defined or where a
    /// 64-bit integer would lose digits.
    pub(crate) fn converted(&self, to: DType) -> Option<Self> {
        if self.dtype() == to {
            return Some(self.clone());
        }
        // Whether there are such numbers is known before there is a place for them.
        if !read(&self.data, 0, &mut []) || !write(&mut Data::empty(to)?, 0, &[]) {
            return None;
        }
        let mut converted = Data::zeros(to, self.len())?;
        let mut block = vec![0.0; BLOCK.min(self.len())];
        for start in (0..self.len()).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(self.len() - start)];
            if !read(&self.data, start, block) || !write(&mut converted, start, block) {
                return None;
            }
        }
        Some(Self::from_data(self.shape.clone(), converted))
    }
}

/// Reads elements from `start` on. Whether `f64` has them all.
fn read(data: &Data, start: usize, into: &mut [f64]) -> bool {
    fn each<T: Copy>(
        elements: &[T],
        start: usize,
        into: &mut [f64],
        wide: impl Fn(T) -> f64,
    ) -> bool {
        let elements = &elements[start..start + into.len()];
        for (at, number) in into.iter_mut().enumerate() {
            *number = wide(elements[at]);
        }
        true
    }
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let end = start + into.len();
    match data {
        Data::Float32(v) => each(v, start, into, f64::from),
        Data::Float64(v) => each(v, start, into, f64::from),
        Data::Float16(v) => each(v, start, into, f64::from),
        Data::BFloat16(v) => each(v, start, into, f64::from),
        Data::Int8(v) => each(v, start, into, f64::from),
        Data::Int16(v) => each(v, start, into, f64::from),
        Data::Int32(v) => each(v, start, into, f64::from),
        Data::UInt8(v) => each(v, start, into, f64::from),
        Data::UInt16(v) => each(v, start, into, f64::from),
        Data::UInt32(v) => each(v, start, into, f64::from),
        Data::Bool(v) => each(v, start, into, |x| u8::from(x).into()),
        Data::Int64(v) => {
            v[start..end].iter().all(|x| x.unsigned_abs() <= EXACT)
                && each(v, start, into, |x| x as f64)
        }
        Data::UInt64(v) => {
            v[start..end].iter().all(|&x| x <= EXACT) && each(v, start, into, |x| x as f64)
        }
        _ => false,
    }
}

/// Writes elements from `start` on. Whether the dtype is one that numbers are converted to.
fn write(data: &mut Data, start: usize, numbers: &[f64]) -> bool {
    fn each<T>(
        elements: &mut [T],
        start: usize,
        numbers: &[f64],
        narrow: impl Fn(f64) -> T,
    ) -> bool {
        let elements = &mut elements[start..start + numbers.len()];
        for (at, &number) in numbers.iter().enumerate() {
            elements[at] = narrow(number);
        }
        true
    }
    match data {
        Data::Float32(v) => each(v, start, numbers, |x| x as f32),
        Data::Float64(v) => each(v, start, numbers, |x| x),
        Data::Float16(v) => each(v, start, numbers, f16::from_f64),
        Data::BFloat16(v) => each(v, start, numbers, bf16::from_f64),
        Data::Int8(v) => each(v, start, numbers, |x| x as i8),
        Data::Int16(v) => each(v, start, numbers, |x| x as i16),
        Data::Int32(v) => each(v, start, numbers, |x| x as i32),
        Data::Int64(v) => each(v, start, numbers, |x| x as i64),
        Data::UInt8(v) => each(v, start, numbers, |x| x as u8),
        Data::UInt16(v) => each(v, start, numbers, |x| x as u16),
        Data::UInt32(v) => each(v, start, numbers, |x| x as u32),
        Data::UInt64(v) => each(v, start, numbers, |x| x as u64),
        Data::Bool(v) => each(v, start, numbers, |x| x != 0.0),
        Data::Complex64(v) => each(v, start, numbers, |x| Complex::new(x as f32, 0.0)),
        Data::Complex128(v) => each(v, start, numbers, |x| Complex::new(x, 0.0)),
        _ => false,
    }
}
