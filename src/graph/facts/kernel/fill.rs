//! Values from attributes, numbers and shapes, and values handed on.

use std::sync::Arc;

use super::{Call, Computed, wide};
use crate::dtype::{DType, Data};
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
    let filled = repeated(call.input(1)?, &shape);
    Ok(vec![filled.ok_or_else(|| call.malformed())?])
}

/// A scalar, as often as a shape has elements.
fn repeated(value: &TensorValue, shape: &[usize]) -> Option<TensorValue> {
    (value.len() == 1).then(|| value.strided(shape, &vec![0; shape.len()], 0))
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
    let ones = one.and_then(|one| repeated(&one, x.shape()));
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

/// The number of steps from `start` to `limit`, which is not among them.
fn whole_steps(start: i64, limit: i64, delta: i64) -> Option<usize> {
    let (distance, delta) = (i128::from(limit) - i128::from(start), i128::from(delta));
    if delta == 0 || (distance != 0 && (distance < 0) != (delta < 0)) {
        return None;
    }
    let steps = distance.unsigned_abs().div_ceil(delta.unsigned_abs());
    usize::try_from(steps).ok()
}

/// Rounds to the numbers of a dtype. With the result rounded, arithmetic in `f64` is that in `f32`.
fn rounding(dtype: DType) -> fn(f64) -> f64 {
    match dtype {
        DType::Float32 => |x| f64::from(x as f32),
        _ => |x| x,
    }
}

/// The scalars that the first inputs are, of one floating-point dtype.
fn real_scalars<const N: usize>(call: &Call<'_>) -> Computed<[f64; N]> {
    let dtype = call.input(0)?.dtype();
    let mut scalars = [0.0; N];
    for (index, scalar) in scalars.iter_mut().enumerate() {
        let input = call.input(index)?;
        let wide = input.converted(DType::Float64);
        let wide = wide.filter(|_| input.dtype() == dtype && input.len() == 1);
        let wide = wide.ok_or_else(|| call.malformed())?;
        *scalar = wide.as_slice().map_err(|_| call.malformed())?[0];
    }
    Ok(scalars)
}

pub(crate) fn range(call: &mut Call<'_>) -> Computed {
    let dtype = call.input(0)?.dtype();
    match dtype {
        DType::Int32 => wide::in_i64(call, 0..3, &|call| whole_range(call)),
        DType::Int64 => whole_range(call),
        DType::Float32 | DType::Float64 => real_range(call, dtype),
        _ => Err(call.no_kernel_for(dtype)),
    }
}

fn whole_range(call: &Call<'_>) -> Computed {
    let scalar = |index: usize| match call.input(index)?.as_slice::<i64>() {
        Ok(&[value]) => Ok(value),
        _ => Err(call.malformed()),
    };
    let (start, limit, delta) = (scalar(0)?, scalar(1)?, scalar(2)?);
    let steps = whole_steps(start, limit, delta).ok_or_else(|| call.malformed())?;
    call.checked_len(&[steps])?;
    let step = |n: usize| start.wrapping_add(delta.wrapping_mul(n as i64));
    let values = (0..steps).map(step).collect::<Vec<_>>();
    Ok(vec![TensorValue::from_parts(vec![steps], values)])
}

fn real_range(call: &Call<'_>, dtype: DType) -> Computed {
    let [start, limit, delta] = real_scalars(call)?;
    let round = rounding(dtype);
    let steps = round(round(limit - start) / delta).ceil();
    if !(0.0..=isize::MAX as f64).contains(&steps) {
        return Err(call.malformed());
    }
    let steps = call.checked_len(&[steps as usize])?;
    // TensorFlow adds step by step, also where that rounds.
    let mut value = start;
    let mut values = Vec::with_capacity(steps);
    for _ in 0..steps {
        values.push(value);
        value = round(value + delta);
    }
    let values = TensorValue::from_parts(vec![steps], values);
    Ok(vec![wide::narrowed(values, dtype)])
}

pub(crate) fn lin_space(call: &mut Call<'_>) -> Computed {
    let len = usize::try_from(call.integer(2)?).ok().filter(|&n| n > 0);
    let len = len.ok_or_else(|| call.malformed())?;
    let dtype = call.input(0)?.dtype();
    if !matches!(dtype, DType::Float32 | DType::Float64) {
        return Err(call.no_kernel_for(dtype));
    }
    let [start, stop] = real_scalars(call)?;
    call.checked_len(&[len])?;
    let round = rounding(dtype);
    let step = round(round(stop - start) / round(round(len as f64) - 1.0));
    let value = |n: usize| round(start + round(step * round(n as f64)));
    let mut values: Vec<f64> = (0..len).map(value).collect();
    values[0] = start;
    if len > 1 {
        values[len - 1] = stop;
    }
    let values = TensorValue::from_parts(vec![len], values);
    Ok(vec![wide::narrowed(values, dtype)])
}
