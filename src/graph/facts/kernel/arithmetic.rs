//! Arithmetic and comparisons of the elements of two tensors.

use std::sync::Arc;

use half::{bf16, f16};
use num_complex::Complex;

use super::elementwise::{compared, same_type};
use super::{Call, Computed, KernelError, wide, with_type};
use crate::dtype::{ByteString, DType, Element};

/// The ops of two numbers. Those that are not arithmetic of initial values are worked out only while a graph is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Atan2,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    /// `RealDiv` of real numbers, and `TruncateDiv` of integers.
    Div,
    DivNoNan,
    FloorDiv,
    FloorMod,
    LeftShift,
    Maximum,
    Minimum,
    Mod,
    Mul,
    MulNoNan,
    Pow,
    RealDiv,
    RightShift,
    SquaredDifference,
    Sub,
    TruncateDiv,
    Xdivy,
}

/// The comparisons of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    NotEqual,
}

impl Comparison {
    /// Compares elements of a type.
    pub(crate) fn of<T: PartialOrd>(self) -> fn(&T, &T) -> bool {
        match self {
            Comparison::Equal => T::eq,
            Comparison::Greater => T::gt,
            Comparison::GreaterEqual => T::ge,
            Comparison::Less => T::lt,
            Comparison::LessEqual => T::le,
            Comparison::NotEqual => T::ne,
        }
    }
}

/// The functions of the ops for a type: wrapping for integers, as TensorFlow's CPU kernels are; those of up to 32 bits
/// are computed in 64.
pub(super) trait Arithmetic: Element + Copy {
    /// The function of an op; `None` where TensorFlow has none for the type.
    fn function(op: Binary) -> Option<fn(Self, Self) -> Self>;

    /// Whether an op divides by the right operand, which must not be zero then.
    fn divides(_op: Binary) -> bool {
        false
    }

    fn is_zero(&self) -> bool {
        false
    }
}

macro_rules! real {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: Binary) -> Option<fn(Self, Self) -> Self> {
                Some(match op {
                    Binary::Add => |a, b| a + b,
                    Binary::Sub => |a, b| a - b,
                    Binary::Mul => |a, b| a * b,
                    Binary::RealDiv | Binary::Div => |a, b| a / b,
                    Binary::DivNoNan => |a, b| if b == 0.0 { 0.0 } else { a / b },
                    Binary::FloorDiv => |a, b| (a / b).floor(),
                    Binary::FloorMod => |a, b| match a % b {
                        rest if rest == 0.0 || (rest < 0.0) == (b < 0.0) => rest,
                        rest => rest + b,
                    },
                    Binary::Mod => |a, b| a % b,
                    // As they are written there, which tells what becomes of NaN.
                    Binary::Maximum => |a, b| if a < b { b } else { a },
                    Binary::Minimum => |a, b| if b < a { b } else { a },
                    Binary::SquaredDifference => |a, b| (a - b) * (a - b),
                    Binary::Pow => <$rust>::powf,
                    Binary::Atan2 => <$rust>::atan2,
                    _ => return None,
                })
            }
        }
    )*};
}

/// Half precision, in which every op is one of `f32`, rounded.
macro_rules! half {
    ($($rust:ident)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: Binary) -> Option<fn(Self, Self) -> Self> {
                macro_rules! through_f32 {
                    ($op:expr) => {{
                        fn call(a: $rust, b: $rust) -> $rust {
                            let function = f32::function($op);
                            function.map_or($rust::NAN, |f| $rust::from_f32(f(a.into(), b.into())))
                        }
                        call
                    }};
                }
                Some(match op {
                    Binary::Add => |a, b| a + b,
                    Binary::Sub => |a, b| a - b,
                    Binary::Mul => |a, b| a * b,
                    Binary::RealDiv | Binary::Div => |a, b| a / b,
                    Binary::FloorDiv => |a, b| $rust::from_f32(f32::from(a / b).floor()),
                    Binary::FloorMod => through_f32!(Binary::FloorMod),
                    Binary::Mod => through_f32!(Binary::Mod),
                    Binary::Maximum => |a, b| if a < b { b } else { a },
                    Binary::Minimum => |a, b| if b < a { b } else { a },
                    Binary::SquaredDifference => |a, b| (a - b) * (a - b),
                    Binary::Pow => through_f32!(Binary::Pow),
                    _ => return None,
                })
            }
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: Binary) -> Option<fn(Self, Self) -> Self> {
                fn signs_differ(a: $rust, b: $rust) -> bool {
                    (i128::from(a) < 0) != (i128::from(b) < 0)
                }
                let function: fn($rust, $rust) -> $rust = match op {
                    Binary::Add => <$rust>::wrapping_add,
                    Binary::Sub => <$rust>::wrapping_sub,
                    Binary::Mul => <$rust>::wrapping_mul,
                    Binary::Div | Binary::TruncateDiv => <$rust>::wrapping_div,
                    Binary::FloorDiv => |a, b| {
                        let inexact = a.wrapping_rem(b) != 0;
                        a.wrapping_div(b).wrapping_sub((inexact && signs_differ(a, b)).into())
                    },
                    Binary::FloorMod => |a, b| match a.wrapping_rem(b) {
                        0 => 0,
                        rest if signs_differ(a, b) => rest.wrapping_add(b),
                        rest => rest,
                    },
                    Binary::Mod => <$rust>::wrapping_rem,
                    Binary::Maximum => <$rust>::max,
                    Binary::Minimum => <$rust>::min,
                    Binary::SquaredDifference => |a, b| a.wrapping_sub(b).wrapping_mul(a.wrapping_sub(b)),
                    Binary::Pow => |a, b| u32::try_from(b).map_or(0, |b| a.wrapping_pow(b)),
                    _ => return None,
                };
                Some(function)
            }

            fn divides(op: Binary) -> bool {
                matches!(
                    op,
                    Binary::Div | Binary::TruncateDiv | Binary::FloorDiv | Binary::FloorMod | Binary::Mod
                )
            }

            fn is_zero(&self) -> bool {
                *self == 0
            }
        }
    )*};
}

macro_rules! complex {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: Binary) -> Option<fn(Self, Self) -> Self> {
                Some(match op {
                    Binary::Add => |a, b| a + b,
                    Binary::Sub => |a, b| a - b,
                    Binary::Mul => |a, b| a * b,
                    Binary::RealDiv | Binary::Div => |a, b| a / b,
                    _ => return None,
                })
            }
        }
    )*};
}

real! { f32 f64 }
half! { f16 bf16 }
integer! { i64 u64 }
complex! { Complex<f32> Complex<f64> }

pub(super) fn binary(call: &mut Call<'_>, op: Binary) -> Computed {
    fn typed<T: Arithmetic>(call: &mut Call<'_>, op: Binary) -> Computed {
        let function = T::function(op).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        if T::divides(op) {
            let divisors = call.input(1)?.as_slice::<T>();
            let divisors = divisors.map_err(|_| call.malformed())?;
            if divisors.iter().any(T::is_zero) {
                return Err(KernelError::DivisionByZero);
            }
        }
        same_type(call, function)
    }
    let dtype = call.input(0)?.dtype();
    if wide::is_narrow(dtype) {
        return wide::in_i64(call, 0..2, &|call| typed::<i64>(call, op));
    }
    with_type!(
        dtype,
        [
            Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int64 i64, UInt64 u64, Complex64 Complex<f32>,
            Complex128 Complex<f64>,
        ],
        T => typed::<T>(call, op),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

pub(crate) fn add_n(call: &mut Call<'_>) -> Computed {
    let mut parts = std::mem::take(&mut call.inputs).into_iter();
    let mut sum = parts.next().ok_or_else(|| call.malformed())?;
    for part in parts {
        if part.shape() != sum.shape() {
            return Err(call.malformed());
        }
        call.inputs = vec![sum, part];
        let added = binary(call, Binary::Add)?.pop();
        sum = added.ok_or_else(|| call.malformed())?.into();
    }
    Ok(vec![Arc::unwrap_or_clone(sum)])
}

pub(super) fn compare(call: &mut Call<'_>, comparison: Comparison) -> Computed {
    fn equal<T: Element>(call: &Call<'_>, comparison: Comparison) -> Computed {
        match comparison {
            Comparison::Equal => compared(call, T::eq),
            Comparison::NotEqual => compared(call, T::ne),
            _ => Err(call.no_kernel_for(T::DTYPE)),
        }
    }
    let dtype = call.input(0)?.dtype();
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    if call.input(1)?.dtype() != dtype {
        return Err(call.malformed());
    }
    if dtype == DType::Bool && !is_equality {
        return Err(call.no_kernel_for(dtype));
    }
    wide::as_f64(call, 2);
    with_type!(
        call.input(0)?.dtype(),
        [Float64 f64, Int64 i64, UInt64 u64],
        T => compared(call, comparison.of::<T>()),
        |dtype| with_type!(
            dtype,
            [String ByteString, Complex64 Complex<f32>, Complex128 Complex<f64>],
            T => equal::<T>(call, comparison),
            |dtype| Err(call.no_kernel_for(dtype))
        )
    )
}

pub(crate) fn logical_and(call: &mut Call<'_>) -> Computed {
    same_type::<bool>(call, |a, b| a && b)
}

pub(crate) fn logical_or(call: &mut Call<'_>) -> Computed {
    same_type::<bool>(call, |a, b| a || b)
}
