//! Numbers computed in a wider type: integers of up to 32 bits in 64 bits, of which the lowest bits are the results in
//! their own width, and numbers that are only compared in `f64`, which has them all but the largest integers.

use std::sync::Arc;

use super::{Call, Computed, KernelError};
use crate::dtype::DType;
use crate::value::TensorValue;

/// Whether a dtype is one of integers of up to 32 bits.
pub(super) fn is_narrow(dtype: DType) -> bool {
    use DType::{Int8, Int16, Int32, UInt8, UInt16, UInt32};
    matches!(dtype, Int8 | Int16 | Int32 | UInt8 | UInt16 | UInt32)
}

/// Runs a kernel with inputs of one type of narrow integers in 64 bits, and cuts its results off.
pub(super) fn in_i64(
    call: &mut Call<'_>,
    inputs: std::ops::Range<usize>,
    kernel: &dyn Fn(&mut Call<'_>) -> Computed,
) -> Computed {
    let dtype = call.input(inputs.start)?.dtype();
    let op = call.op;
    for input in call.inputs.iter_mut().take(inputs.end).skip(inputs.start) {
        let wide = widened(input).filter(|_| input.dtype() == dtype);
        *input = Arc::new(wide.ok_or(KernelError::Malformed(op))?);
    }
    let results = kernel(call).map_err(|error| match error {
        KernelError::DType { op, .. } => KernelError::DType { op, dtype },
        error => error,
    });
    let results = results?.into_iter();
    Ok(results.map(|value| narrowed(value, dtype)).collect())
}

fn widened(value: &TensorValue) -> Option<TensorValue> {
    is_narrow(value.dtype()).then(|| value.converted(DType::Int64))?
}

/// A result of the wider type in the dtype of the inputs: the lowest bits of an integer, and a real number rounded.
pub(super) fn narrowed(value: TensorValue, dtype: DType) -> TensorValue {
    match value.dtype() {
        DType::Int64 if is_narrow(dtype) => value.truncated(dtype),
        DType::Float64 if dtype.is_floating() => value.converted(dtype).unwrap_or(value),
        _ => value,
    }
}

/// The least and the greatest of narrow integers.
pub(super) fn limits(dtype: DType) -> (i64, i64) {
    match dtype {
        DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DType::UInt8 => (0, u8::MAX.into()),
        DType::UInt16 => (0, u16::MAX.into()),
        DType::UInt32 => (0, u32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// Puts real numbers, narrow integers and bools among the first inputs into `f64`; those of other dtypes stay.
pub(super) fn as_f64(call: &mut Call<'_>, inputs: usize) {
    for input in call.inputs.iter_mut().take(inputs) {
        if !matches!(input.dtype(), DType::Int64 | DType::UInt64) {
            if let Some(wide) = input.converted(DType::Float64) {
                *input = Arc::new(wide);
            }
        }
    }
}
