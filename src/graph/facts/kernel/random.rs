//! Random numbers.

use half::{bf16, f16};

use super::{Call, Computed, with_type};
use crate::dtype::Data;
use crate::random::{self, Philox};
use crate::value::TensorValue;

/// The generator of a node: seeded by its attributes, or by its second input.
fn generator(call: &Call<'_>) -> Computed<Philox> {
    if call.node.op.is_stateful {
        return Ok(call.seed.into());
    }
    match call.integers(1)?[..] {
        [first, second] => Ok(Philox::stateless([first, second])),
        _ => Err(call.malformed()),
    }
}

/// The distributions of floating-point numbers.
enum Distribution {
    Normal,
    TruncatedNormal,
    Uniform,
}

pub(crate) fn normal(call: &mut Call<'_>) -> Computed {
    floats(call, Distribution::Normal)
}

pub(crate) fn truncated_normal(call: &mut Call<'_>) -> Computed {
    floats(call, Distribution::TruncatedNormal)
}

pub(crate) fn uniform(call: &mut Call<'_>) -> Computed {
    floats(call, Distribution::Uniform)
}

fn floats(call: &Call<'_>, distribution: Distribution) -> Computed {
    let generator = generator(call)?;
    let shape = call.dims(0)?;
    let len = shape.iter().product();
    let dtype = call.dtype("dtype")?;
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16],
        T => {
            let values: Vec<T> = match distribution {
                Distribution::Normal => random::random_standard_normal(generator, len),
                Distribution::TruncatedNormal => random::truncated_normal(generator, len),
                Distribution::Uniform => random::random_uniform(generator, len),
            };
            Ok(vec![TensorValue::from_parts(shape, values)])
        },
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

pub(crate) fn integers(call: &mut Call<'_>) -> Computed {
    let shape = call.dims(0)?;
    let len = shape.iter().product();
    let generator = generator(call)?;
    // After the shape, and a seed if there is one.
    let bounds = call.inputs.len().saturating_sub(2).max(1);
    let (min, max) = (call.input(bounds)?, call.input(bounds + 1)?);
    let value = match (min.data(), max.data()) {
        (Data::Int32(min), Data::Int32(max)) if min.len() == 1 && max.len() == 1 => {
            let values = random::random_uniform_int(generator, min[0], max[0], len)?;
            TensorValue::from_parts(shape, values)
        }
        (Data::Int64(min), Data::Int64(max)) if min.len() == 1 && max.len() == 1 => {
            let values = random::random_uniform_int(generator, min[0], max[0], len)?;
            TensorValue::from_parts(shape, values)
        }
        _ => return Err(call.malformed()),
    };
    Ok(vec![value])
}

/// Exchanges each row but the last with itself or one after it.
pub(crate) fn shuffle(call: &mut Call<'_>) -> Computed {
    let x = call.input(0)?;
    let Some((&rows, inner)) = x.shape().split_first() else {
        return Ok(vec![x.clone()]);
    };
    let mut order: Vec<usize> = (0..rows).collect();
    let words = Philox::from(call.seed).words();
    for (row, word) in (0..rows.saturating_sub(1)).zip(words) {
        // TensorFlow counts the rows in 32 bits.
        let left = u32::try_from(rows - row).map_err(|_| call.malformed())?;
        order.swap(row, row + (word % left) as usize);
    }
    let len = inner.iter().product();
    Ok(vec![x.picked(x.shape(), len, &mut |row| order[row])])
}
