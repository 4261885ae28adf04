//! Numbers computed in a wider type: integers of up to 32 bits in 64 bits, of which the lowest bits are the results in
//! their own width, and numbers that are only compared in `f64`, which has them all but the largest integers.

use std::sync::Arc;

use super::{Call, Computed, KernelError};
use crate::dtype::{DType, Data};
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
    fn wide<T: Copy + Into<i64>>(v: &[T]) -> Vec<i64> {
        v.iter().map(|&x| x.into()).collect()
    }
    let wide = match value.data() {
        Data::Int8(v) => wide(v),
        Data::Int16(v) => wide(v),
        Data::Int32(v) => wide(v),
        Data::UInt8(v) => wide(v),
        Data::UInt16(v) => wide(v),
        Data::UInt32(v) => wide(v),
        _ => return None,
    };
    Some(TensorValue::from_parts(value.shape().to_vec(), wide))
}

fn narrowed(value: TensorValue, dtype: DType) -> TensorValue {
    let Ok(wide) = value.as_slice::<i64>() else {
        return value;
    };
    macro_rules! narrow {
        ($($variant:ident $rust:ty),*) => {
            match dtype {
                $(DType::$variant => {
                    let narrow = wide.iter().map(|&x| x as $rust).collect();
                    TensorValue::from_parts(value.shape().to_vec(), narrow)
                })*
                _ => value,
            }
        };
    }
    narrow! { Int8 i8, Int16 i16, Int32 i32, UInt8 u8, UInt16 u16, UInt32 u32 }
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
