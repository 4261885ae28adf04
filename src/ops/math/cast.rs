//! Casts.

use std::panic::Location;

use half::{bf16, f16};
use num_complex::Complex;

use crate::dtype::{DType, Element, TensorType};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Real;
use crate::value::TensorValue;

/// The elements as another type (`tf.cast`); a tensor that has the type already is given back.
#[track_caller]
pub fn cast<'g, U: Element, T: Element>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    converted(x.graph(), "Cast", Arg::of(x), U::DTYPE).typed()
}

/// A cast by the author.
#[track_caller]
fn converted<'g>(
    g: &'g GraphBuilder,
    default: &'static str,
    x: Arg<'g>,
    dtype: DType,
) -> AnyTensor<'g> {
    let name = g.requested_name(default);
    let _call = g.open_call(Location::caller());
    let x = Nodes(g).cast_arg_as(&name, x, dtype);
    x.convert(g, "x", dtype)
}

macro_rules! casts {
    ($($name:ident $to:ty, $default:literal;)*) => {$(
        #[doc = concat!("The elements as another type (`tf.", stringify!($name), "`).")]
        #[track_caller]
        pub fn $name<'g, T: Element>(x: impl TensorLike<'g, T>) -> Tensor<'g, $to> {
            converted(x.graph(), $default, Arg::of(x), <$to as TensorType>::DTYPE).typed()
        }
    )*};
}

casts! {
    to_bfloat16 bf16, "ToBFloat16";
    to_complex64 Complex<f32>, "ToComplex64";
    to_complex128 Complex<f64>, "ToComplex128";
    to_double f64, "ToDouble";
    to_float f32, "ToFloat";
    to_int32 i32, "ToInt32";
    to_int64 i64, "ToInt64";
}

/// The elements as another type, those out of its range as its least or greatest value (`tf.saturate_cast`).
#[track_caller]
pub fn saturate_cast<'g, U: Real, T: Real>(value: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let (n, scope) = Nodes::in_scope(value.graph(), "saturate_cast");
    let mut value = n.tensor(value, "value");
    let (from, to) = (limits(T::DTYPE), limits(U::DTYPE));
    let mut clamp = |op: &'static str, name: &str, limit: f64| {
        let limit = match TensorValue::scalar_from_f64(T::DTYPE, limit) {
            Some(limit) => n.0.constant_named(name, limit),
            None => return,
        };
        value = n.binary(op, value, limit);
    };
    if from.0 < to.0 {
        clamp("Maximum", "min", to.0);
    }
    if from.1 > to.1 {
        clamp("Minimum", "max", to.1);
    }
    if T::DTYPE == U::DTYPE {
        return value.typed();
    }
    let cast = n.0.op("Cast").name(&scope).input(value);
    cast.attr("DstT", U::DTYPE).typed()
}

/// The least and the greatest value of a real dtype.
fn limits(dtype: DType) -> (f64, f64) {
    let symmetric = |max: f64| (-max, max);
    match dtype {
        DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DType::Int64 => (i64::MIN as f64, i64::MAX as f64),
        DType::UInt8 => (0.0, u8::MAX.into()),
        DType::UInt16 => (0.0, u16::MAX.into()),
        DType::UInt32 => (0.0, u32::MAX.into()),
        DType::UInt64 => (0.0, u64::MAX as f64),
        DType::Float16 => symmetric(f16::MAX.into()),
        DType::BFloat16 => symmetric(bf16::MAX.into()),
        DType::Float32 => symmetric(f32::MAX.into()),
        _ => symmetric(f64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_types() {
        assert_eq!(limits(DType::UInt8), (0.0, 255.0));
        assert_eq!(limits(DType::Float16), (-65504.0, 65504.0));
        assert_eq!(limits(DType::Float64).1, f64::MAX);
    }
}
