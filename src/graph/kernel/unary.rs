//! Functions of each element of a tensor.

use half::{bf16, f16};

use super::elementwise::in_place;
use super::{Call, Computed, Kernel, with_type};
use crate::dtype::Element;

pub(super) const TABLE: &[(&str, Kernel)] = &[
    ("Abs", unary),
    ("Acos", unary),
    ("Acosh", unary),
    ("Asin", unary),
    ("Asinh", unary),
    ("Atan", unary),
    ("Atanh", unary),
    ("Ceil", unary),
    ("Cos", unary),
    ("Cosh", unary),
    ("Elu", unary),
    ("Exp", unary),
    ("Expm1", unary),
    ("Floor", unary),
    ("Inv", unary),
    ("Log", unary),
    ("Log1p", unary),
    ("LogicalNot", not),
    ("Neg", unary),
    ("Reciprocal", unary),
    ("Relu", unary),
    ("Relu6", unary),
    ("Rint", unary),
    ("Round", unary),
    ("Rsqrt", unary),
    ("Sigmoid", unary),
    ("Sign", unary),
    ("Sin", unary),
    ("Sinh", unary),
    ("Softplus", unary),
    ("Softsign", unary),
    ("Sqrt", unary),
    ("Square", unary),
    ("Tan", unary),
    ("Tanh", unary),
];

/// The functions of the ops for a type.
trait Function: Element + Copy {
    /// The function of an op; `None` where TensorFlow has none for the type.
    fn function(op: &str) -> Option<impl Fn(Self) -> Self>;
}

/// The functions of floating-point numbers. With the result rounded, that of a reciprocal or a square of an `f32` is the
/// one that computing in `f32` gives.
fn of_real(op: &str) -> Option<fn(f64) -> f64> {
    Some(match op {
        "Abs" => f64::abs,
        "Acos" => f64::acos,
        "Acosh" => f64::acosh,
        "Asin" => f64::asin,
        "Asinh" => f64::asinh,
        "Atan" => f64::atan,
        "Atanh" => f64::atanh,
        "Ceil" => f64::ceil,
        "Cos" => f64::cos,
        "Cosh" => f64::cosh,
        "Elu" => |x| if x < 0.0 { x.exp_m1() } else { x },
        "Exp" => f64::exp,
        "Expm1" => f64::exp_m1,
        "Floor" => f64::floor,
        "Inv" | "Reciprocal" => f64::recip,
        "Log" => f64::ln,
        "Log1p" => f64::ln_1p,
        // The negative of zero is zero.
        "Neg" => |x| 0.0 - x,
        "Relu" => |x| if x < 0.0 { 0.0 } else { x },
        "Relu6" => |x| x.clamp(0.0, 6.0),
        "Rint" => f64::round_ties_even,
        "Round" => |x| match x.floor() {
            below if x - below == 0.5 => below + (below % 2.0).abs(),
            below if x - below > 0.5 => below + 1.0,
            below => below,
        },
        "Rsqrt" => |x| x.sqrt().recip(),
        "Sigmoid" => |x| (1.0 + (-x).exp()).recip(),
        "Sign" => |x| f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
        "Sin" => f64::sin,
        "Sinh" => f64::sinh,
        "Softplus" => |x| x.max(0.0) + (-x.abs()).exp().ln_1p(),
        "Softsign" => |x| x / (1.0 + x.abs()),
        "Sqrt" => f64::sqrt,
        "Square" => |x| x * x,
        "Tan" => f64::tan,
        "Tanh" => f64::tanh,
        _ => return None,
    })
}

impl Function for f64 {
    fn function(op: &str) -> Option<impl Fn(f64) -> f64> {
        of_real(op)
    }
}

impl Function for f32 {
    fn function(op: &str) -> Option<impl Fn(f32) -> f32> {
        let function = of_real(op)?;
        Some(move |x| function(f64::from(x)) as f32)
    }
}

/// Half precision, in which every op is one of `f32`, rounded.
macro_rules! half {
    ($($rust:ident)*) => {$(
        impl Function for $rust {
            fn function(op: &str) -> Option<impl Fn($rust) -> $rust> {
                let (function, negative) = (f32::function(op)?, op == "Neg");
                Some(move |x: $rust| match negative {
                    true => -x,
                    false => $rust::from_f32(function(x.into())),
                })
            }
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Function for $rust {
            fn function(op: &str) -> Option<impl Fn($rust) -> $rust> {
                let function: fn($rust) -> $rust = match op {
                    "Abs" => <$rust>::wrapping_abs,
                    "Neg" => <$rust>::wrapping_neg,
                    "Relu" => |x| x.max(0),
                    "Relu6" => |x| x.clamp(0, 6),
                    "Round" => |x| x,
                    "Sign" => <$rust>::signum,
                    "Square" => |x| x.wrapping_mul(x),
                    _ => return None,
                };
                Some(function)
            }
        }
    )*};
}

half! { f16 bf16 }
integer! { i8 i16 i32 i64 }

fn unary(call: &mut Call<'_>) -> Computed {
    fn typed<T: Function>(call: &mut Call<'_>) -> Computed {
        let function = T::function(call.op).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        let x = std::mem::take(&mut call.inputs).into_iter().next();
        let changed = x.and_then(|x| {
            in_place(x, |elements: &mut [T]| {
                elements.iter_mut().for_each(|x| *x = function(*x));
            })
        });
        Ok(vec![changed.ok_or_else(|| call.malformed())?])
    }
    let dtype = call.input(0)?.dtype();
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int8 i8, Int16 i16, Int32 i32, Int64 i64],
        T => typed::<T>(call),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

fn not(call: &mut Call<'_>) -> Computed {
    let x = std::mem::take(&mut call.inputs).into_iter().next();
    let negated = x.and_then(|x| {
        in_place(x, |flags: &mut [bool]| {
            flags.iter_mut().for_each(|flag| *flag = !*flag);
        })
    });
    Ok(vec![negated.ok_or_else(|| call.malformed())?])
}
