//! Values from attributes, numbers and shapes, and values handed on.

use std::sync::Arc;

use super::{Call, Computed, KernelError, with_type};
use crate::dtype::{DType, Data, Element};
use crate::proto::tensorflow::attr_value::Value;
use crate::value::{TensorValue, decode_tensor_proto};

pub(crate) fn constant(call: &mut Call<'_>) -> Computed {
    match call.node.attr("value") {
        Some(Value::Tensor(tensor)) => Ok(vec![decode_tensor_proto(tensor)?]),
        _ => Err(call.malformed()),
    }
}

pub(crate) fn hand_on(call: &mut Call<'_>) -> Computed {
    Ok(vec![call.take(0)?])
}

pub(crate) fn hand_on_all(call: &mut Call<'_>) -> Computed {
    let inputs = std::mem::take(&mut call.inputs);
    Ok(inputs.into_iter().map(Arc::unwrap_or_clone).collect())
}

pub(crate) fn cast(call: &mut Call<'_>) -> Computed {
    let to = call.dtype("DstT")?;
    let value = call.input(0)?;
    let converted = value.converted(to);
    Ok(vec![
        converted.ok_or_else(|| call.no_kernel_for(value.dtype()))?,
    ])
}

pub(crate) fn fill(call: &mut Call<'_>) -> Computed {
    let shape = call.dims(0)?;
    let value = call.take(1)?;
    Ok(vec![
        repeated(value, shape).ok_or_else(|| call.malformed())?,
    ])
}

/// A scalar, as often as a shape has elements.
fn repeated(value: TensorValue, shape: Vec<usize>) -> Option<TensorValue> {
    let len = shape.iter().product();
    macro_rules! repeat {
        ($($variant:ident)*) => {
            match value.into_data() {
                $(Data::$variant(values) => {
                    let [value] = &values[..] else { return None };
                    Some(TensorValue::from_parts(shape, vec![value.clone(); len]))
                })*
            }
        };
    }
    repeat! {
        Float32 Float64 Int32 UInt8 Int16 Int8 String Complex64 Int64 Bool QInt8 QUInt8 QInt32 BFloat16 QInt16
        QUInt16 UInt16 Complex128 Float16 UInt32 UInt64
    }
}

pub(crate) fn zeros_like(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let zeros = Data::zeros(x.dtype(), x.len());
    let zeros = zeros.ok_or_else(|| call.no_kernel_for(x.dtype()))?;
    Ok(vec![TensorValue::from_data(x.shape().to_vec(), zeros)])
}

pub(crate) fn ones_like(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let one = TensorValue::scalar(1u8).converted(x.dtype());
    let ones = one.and_then(|one| repeated(one, x.shape().to_vec()));
    Ok(vec![ones.ok_or_else(|| call.no_kernel_for(x.dtype()))?])
}

/// Integers of the type that an op's output has.
fn counts(call: &Call<'_>, shape: Vec<usize>, counts: &[usize]) -> Computed<TensorValue> {
    let out = call.dtype("out_type")?;
    let value = match out {
        DType::Int32 => {
            let counts = counts.iter().map(|&count| i32::try_from(count).ok());
            let counts: Option<Vec<_>> = counts.collect();
            counts.map(|counts| TensorValue::from_parts(shape, counts))
        }
        DType::Int64 => {
            let counts = counts.iter().map(|&count| count as i64).collect();
            Some(TensorValue::from_parts(shape, counts))
        }
        _ => None,
    };
    value.ok_or_else(|| call.no_kernel_for(out))
}

pub(crate) fn shape(call: &mut Call<'_>) -> Computed {
    let inputs = call.inputs.iter().map(|input| input.shape());
    inputs
        .map(|shape| counts(call, vec![shape.len()], shape))
        .collect()
}

pub(crate) fn size(call: &mut Call<'_>) -> Computed {
    Ok(vec![counts(call, Vec::new(), &[call.input(0)?.len()])?])
}

pub(crate) fn rank(call: &mut Call<'_>) -> Computed {
    let rank = call.input(0)?.shape().len();
    Ok(vec![TensorValue::scalar(rank as i32)])
}

/// The types that ranges are made of.
trait Steps: Element + Copy {
    /// The number of steps from `start` to `limit`, which is not among them.
    fn steps(start: Self, limit: Self, delta: Self) -> Option<usize>;
    fn plus(self, delta: Self) -> Self;
}

macro_rules! whole_steps {
    ($($rust:ty)*) => {$(
        impl Steps for $rust {
            fn steps(start: Self, limit: Self, delta: Self) -> Option<usize> {
                let (distance, delta) = (i128::from(limit) - i128::from(start), i128::from(delta));
                if delta == 0 || (distance != 0 && (distance < 0) != (delta < 0)) {
                    return None;
                }
                let steps = distance.unsigned_abs().div_ceil(delta.unsigned_abs());
                usize::try_from(steps).ok()
            }

            fn plus(self, delta: Self) -> Self {
                self.wrapping_add(delta)
            }
        }
    )*};
}

macro_rules! real_steps {
    ($($rust:ty)*) => {$(
        impl Steps for $rust {
            fn steps(start: Self, limit: Self, delta: Self) -> Option<usize> {
                let steps = ((limit - start) / delta).ceil();
                (0.0..=isize::MAX as $rust).contains(&steps).then_some(steps as usize)
            }

            fn plus(self, delta: Self) -> Self {
                self + delta
            }
        }
    )*};
}

whole_steps! { i32 i64 }
real_steps! { f32 f64 }

pub(crate) fn range(call: &mut Call<'_>) -> Computed {
    fn typed<T: Steps>(call: &Call<'_>) -> Computed {
        let scalar = |index: usize| match call.input(index)?.as_slice::<T>() {
            Ok(&[value]) => Ok(value),
            _ => Err(call.malformed()),
        };
        let (start, limit, delta) = (scalar(0)?, scalar(1)?, scalar(2)?);
        let steps = T::steps(start, limit, delta).ok_or_else(|| call.malformed())?;
        call.checked_len(&[steps])?;
        // TensorFlow adds step by step, also where that rounds.
        let values = std::iter::successors(Some(start), |value| Some(value.plus(delta)));
        let values: Vec<T> = values.take(steps).collect();
        Ok(vec![TensorValue::from_parts(vec![steps], values)])
    }
    let dtype = call.input(0)?.dtype();
    with_type!(
        dtype,
        [Int32 i32, Int64 i64, Float32 f32, Float64 f64],
        T => typed::<T>(call),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

pub(crate) fn lin_space(call: &mut Call<'_>) -> Computed {
    let len = usize::try_from(call.integer(2)?).ok().filter(|&n| n > 0);
    let len = len.ok_or_else(|| call.malformed())?;
    macro_rules! spaced {
        ($rust:ty) => {{
            let ends = (
                call.input(0)?.as_slice::<$rust>(),
                call.input(1)?.as_slice::<$rust>(),
            );
            let (Ok(&[start]), Ok(&[stop])) = ends else {
                return Err(call.malformed());
            };
            call.checked_len(&[len])?;
            let step = (stop - start) / (len as $rust - 1.0);
            let mut values: Vec<_> = (0..len).map(|n| start + step * n as $rust).collect();
            values[0] = start;
            if len > 1 {
                values[len - 1] = stop;
            }
            Ok(vec![TensorValue::from_parts(vec![len], values)])
        }};
    }
    match call.input(0)?.dtype() {
        DType::Float32 => spaced!(f32),
        DType::Float64 => spaced!(f64),
        dtype => Err(KernelError::DType { op: call.op, dtype }),
    }
}
