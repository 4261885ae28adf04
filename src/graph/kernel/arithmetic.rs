//! Arithmetic and comparisons of the elements of two tensors.

use half::{bf16, f16};
use num_complex::Complex;

use super::elementwise::{broadcasting, same_type};
use super::{Call, Computed, Kernel, KernelError, with_type};
use crate::dtype::{ByteString, Element};

pub(super) const TABLE: &[(&str, Kernel)] = &[
    ("Add", binary),
    ("AddN", add_n),
    ("AddV2", binary),
    ("Atan2", binary),
    ("Div", binary),
    ("DivNoNan", binary),
    ("Equal", compare),
    ("FloorDiv", binary),
    ("FloorMod", binary),
    ("Greater", compare),
    ("GreaterEqual", compare),
    ("Less", compare),
    ("LessEqual", compare),
    ("LogicalAnd", logical),
    ("LogicalOr", logical),
    ("Maximum", binary),
    ("Minimum", binary),
    ("Mod", binary),
    ("Mul", binary),
    ("NotEqual", compare),
    ("Pow", binary),
    ("RealDiv", binary),
    ("SquaredDifference", binary),
    ("Sub", binary),
    ("TruncateDiv", binary),
    ("TruncateMod", binary),
];

/// The functions of the ops for a type: wrapping for integers, as TensorFlow's CPU kernels are.
trait Arithmetic: Element + Copy {
    /// The function of an op; `None` where TensorFlow has none for the type.
    fn function(op: &str) -> Option<fn(Self, Self) -> Self>;

    /// Whether an op divides by the right operand, which must not be zero then.
    fn divides(_op: &str) -> bool {
        false
    }

    fn is_zero(&self) -> bool {
        false
    }
}

macro_rules! real {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: &str) -> Option<fn(Self, Self) -> Self> {
                Some(match op {
                    "Add" | "AddV2" => |a, b| a + b,
                    "Sub" => |a, b| a - b,
                    "Mul" => |a, b| a * b,
                    "RealDiv" | "Div" => |a, b| a / b,
                    "DivNoNan" => |a, b| if b == 0.0 { 0.0 } else { a / b },
                    "FloorDiv" => |a, b| (a / b).floor(),
                    "FloorMod" => |a, b| match a % b {
                        rest if rest == 0.0 || (rest < 0.0) == (b < 0.0) => rest,
                        rest => rest + b,
                    },
                    "Mod" | "TruncateMod" => |a, b| a % b,
                    // As they are written there, which tells what becomes of NaN.
                    "Maximum" => |a, b| if a < b { b } else { a },
                    "Minimum" => |a, b| if b < a { b } else { a },
                    "SquaredDifference" => |a, b| (a - b) * (a - b),
                    "Pow" => <$rust>::powf,
                    "Atan2" => <$rust>::atan2,
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
            fn function(op: &str) -> Option<fn(Self, Self) -> Self> {
                macro_rules! through_f32 {
                    ($op:literal) => {{
                        fn call(a: $rust, b: $rust) -> $rust {
                            let function = f32::function($op);
                            function.map_or($rust::NAN, |f| $rust::from_f32(f(a.into(), b.into())))
                        }
                        call
                    }};
                }
                Some(match op {
                    "Add" | "AddV2" => |a, b| a + b,
                    "Sub" => |a, b| a - b,
                    "Mul" => |a, b| a * b,
                    "RealDiv" | "Div" => |a, b| a / b,
                    "FloorDiv" => |a, b| $rust::from_f32(f32::from(a / b).floor()),
                    "FloorMod" => through_f32!("FloorMod"),
                    "Mod" | "TruncateMod" => through_f32!("Mod"),
                    "Maximum" => |a, b| if a < b { b } else { a },
                    "Minimum" => |a, b| if b < a { b } else { a },
                    "SquaredDifference" => |a, b| (a - b) * (a - b),
                    "Pow" => through_f32!("Pow"),
                    _ => return None,
                })
            }
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn function(op: &str) -> Option<fn(Self, Self) -> Self> {
                fn signs_differ(a: $rust, b: $rust) -> bool {
                    (i128::from(a) < 0) != (i128::from(b) < 0)
                }
                let function: fn($rust, $rust) -> $rust = match op {
                    "Add" | "AddV2" => <$rust>::wrapping_add,
                    "Sub" => <$rust>::wrapping_sub,
                    "Mul" => <$rust>::wrapping_mul,
                    "Div" | "TruncateDiv" => <$rust>::wrapping_div,
                    "FloorDiv" => |a, b| {
                        let inexact = a.wrapping_rem(b) != 0;
                        a.wrapping_div(b).wrapping_sub((inexact && signs_differ(a, b)).into())
                    },
                    "FloorMod" => |a, b| match a.wrapping_rem(b) {
                        0 => 0,
                        rest if signs_differ(a, b) => rest.wrapping_add(b),
                        rest => rest,
                    },
                    "Mod" | "TruncateMod" => <$rust>::wrapping_rem,
                    "Maximum" => <$rust>::max,
                    "Minimum" => <$rust>::min,
                    "SquaredDifference" => |a, b| a.wrapping_sub(b).wrapping_mul(a.wrapping_sub(b)),
                    "Pow" => |a, b| u32::try_from(b).map_or(0, |b| a.wrapping_pow(b)),
                    _ => return None,
                };
                Some(function)
            }

            fn divides(op: &str) -> bool {
                matches!(op, "Div" | "TruncateDiv" | "FloorDiv" | "FloorMod" | "Mod" | "TruncateMod")
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
            fn function(op: &str) -> Option<fn(Self, Self) -> Self> {
                Some(match op {
                    "Add" | "AddV2" => |a, b| a + b,
                    "Sub" => |a, b| a - b,
                    "Mul" => |a, b| a * b,
                    "RealDiv" | "Div" => |a, b| a / b,
                    _ => return None,
                })
            }
        }
    )*};
}

real! { f32 f64 }
half! { f16 bf16 }
integer! { i8 i16 i32 i64 u8 u16 u32 u64 }
complex! { Complex<f32> Complex<f64> }

macro_rules! with_arithmetic {
    ($dtype:expr, $name:ident => $call:expr, $otherwise:expr) => {
        with_type!(
            $dtype,
            [
                Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int8 i8, Int16 i16, Int32 i32, Int64 i64,
                UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Complex64 Complex<f32>, Complex128 Complex<f64>,
            ],
            $name => $call,
            $otherwise
        )
    };
}

fn binary(call: &mut Call<'_>) -> Computed {
    fn typed<T: Arithmetic>(call: &mut Call<'_>) -> Computed {
        let function = T::function(call.op).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        if T::divides(call.op) {
            let divisors = call.input(1)?.as_slice::<T>();
            let divisors = divisors.map_err(|_| call.malformed())?;
            if divisors.iter().any(T::is_zero) {
                return Err(KernelError::DivisionByZero);
            }
        }
        same_type(call, function)
    }
    let dtype = call.input(0)?.dtype();
    with_arithmetic!(dtype, T => typed::<T>(call), |dtype| Err(call.no_kernel_for(dtype)))
}

fn add_n(call: &mut Call<'_>) -> Computed {
    fn typed<T: Arithmetic>(call: &mut Call<'_>) -> Computed {
        let add = T::function("AddV2").ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        let mut parts = std::mem::take(&mut call.inputs).into_iter();
        let mut sum = parts.next().ok_or_else(|| call.malformed())?;
        for part in parts {
            if part.shape() != sum.shape() {
                return Err(call.malformed());
            }
            call.inputs = vec![sum, part];
            let added = same_type(call, add)?.pop();
            sum = added.ok_or_else(|| call.malformed())?.into();
        }
        Ok(vec![std::sync::Arc::unwrap_or_clone(sum)])
    }
    let dtype = call.input(0)?.dtype();
    with_arithmetic!(dtype, T => typed::<T>(call), |dtype| Err(call.no_kernel_for(dtype)))
}

fn compare(call: &mut Call<'_>) -> Computed {
    fn equal<T: Element>(call: &Call<'_>) -> Computed {
        let function: fn(&T, &T) -> bool = match call.op {
            "Equal" => T::eq,
            _ => T::ne,
        };
        broadcasting(call, call.input(0)?, call.input(1)?, &function)
    }
    fn ordered<T: Element + PartialOrd>(call: &Call<'_>) -> Computed {
        let function: fn(&T, &T) -> bool = match call.op {
            "Less" => T::lt,
            "LessEqual" => T::le,
            "Greater" => T::gt,
            "GreaterEqual" => T::ge,
            _ => return equal::<T>(call),
        };
        broadcasting(call, call.input(0)?, call.input(1)?, &function)
    }
    let dtype = call.input(0)?.dtype();
    let only_equal = |dtype| match call.op {
        "Equal" | "NotEqual" => with_type!(
            dtype,
            [Bool bool, String ByteString, Complex64 Complex<f32>, Complex128 Complex<f64>],
            T => equal::<T>(call),
            |dtype| Err(call.no_kernel_for(dtype))
        ),
        _ => Err(call.no_kernel_for(dtype)),
    };
    super::with_number!(dtype, T => ordered::<T>(call), only_equal)
}

fn logical(call: &mut Call<'_>) -> Computed {
    let function: fn(bool, bool) -> bool = match call.op {
        "LogicalAnd" => |a, b| a && b,
        _ => |a, b| a || b,
    };
    same_type(call, function)
}
