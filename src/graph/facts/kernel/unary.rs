//! Functions of each element of a tensor.

use half::{bf16, f16};

use super::{Call, Computed, wide, with_type};
use crate::dtype::{DType, Element};

/// The ops of one number. Those that are no functions of initial values are worked out only while a graph is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    Cos,
    Cosh,
    Elu,
    Exp,
    Expm1,
    Floor,
    Invert,
    IsFinite,
    IsInf,
    IsNan,
    Log,
    Log1p,
    Neg,
    Not,
    Reciprocal,
    Relu,
    Relu6,
    Rint,
    Round,
    Rsqrt,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Square,
    Tan,
    Tanh,
}

/// The functions of the ops for a type.
trait Function: Element + Copy {
    /// The function of an op; `None` where TensorFlow has none for the type.
    fn function(op: Unary) -> Option<impl Fn(Self) -> Self>;
}

/// The functions of floating-point numbers. With the result rounded, that of a reciprocal or a square of an `f32` is the
/// one that computing in `f32` gives.
fn of_real(op: Unary) -> Option<fn(f64) -> f64> {
    Some(match op {
        Unary::Abs => f64::abs,
        Unary::Acos => f64::acos,
        Unary::Acosh => f64::acosh,
        Unary::Asin => f64::asin,
        Unary::Asinh => f64::asinh,
        Unary::Atan => f64::atan,
        Unary::Atanh => f64::atanh,
        Unary::Ceil => f64::ceil,
        Unary::Cos => f64::cos,
        Unary::Cosh => f64::cosh,
        Unary::Elu => |x| if x < 0.0 { x.exp_m1() } else { x },
        Unary::Exp => f64::exp,
        Unary::Expm1 => f64::exp_m1,
        Unary::Floor => f64::floor,
        Unary::Reciprocal => f64::recip,
        Unary::Log => f64::ln,
        Unary::Log1p => f64::ln_1p,
        // The negative of zero is zero.
        Unary::Neg => |x| 0.0 - x,
        Unary::Relu => |x| if x < 0.0 { 0.0 } else { x },
        Unary::Relu6 => |x| x.clamp(0.0, 6.0),
        Unary::Rint => f64::round_ties_even,
        Unary::Round => |x| match x.floor() {
            below if x - below == 0.5 => below + (below % 2.0).abs(),
            below if x - below > 0.5 => below + 1.0,
            below => below,
        },
        Unary::Rsqrt => |x| x.sqrt().recip(),
        Unary::Sigmoid => |x| (1.0 + (-x).exp()).recip(),
        Unary::Sign => |x| f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
        Unary::Sin => f64::sin,
        Unary::Sinh => f64::sinh,
        Unary::Softplus => |x| x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Unary::Softsign => |x| x / (1.0 + x.abs()),
        Unary::Sqrt => f64::sqrt,
        Unary::Square => |x| x * x,
        Unary::Tan => f64::tan,
        Unary::Tanh => f64::tanh,
        _ => return None,
    })
}

impl Function for f64 {
    fn function(op: Unary) -> Option<impl Fn(f64) -> f64> {
        of_real(op)
    }
}

impl Function for f32 {
    fn function(op: Unary) -> Option<impl Fn(f32) -> f32> {
        let function = of_real(op)?;
        Some(move |x| function(f64::from(x)) as f32)
    }
}

/// Half precision, in which every op is one of `f32`, rounded.
macro_rules! half {
    ($($rust:ident)*) => {$(
        impl Function for $rust {
            fn function(op: Unary) -> Option<impl Fn($rust) -> $rust> {
                let (function, negative) = (f32::function(op)?, op == Unary::Neg);
                Some(move |x: $rust| match negative {
                    true => -x,
                    false => $rust::from_f32(function(x.into())),
                })
            }
        }
    )*};
}

/// The integers of all widths.
impl Function for i64 {
    fn function(op: Unary) -> Option<impl Fn(i64) -> i64> {
        let function: fn(i64) -> i64 = match op {
            Unary::Abs => i64::wrapping_abs,
            Unary::Neg => i64::wrapping_neg,
            Unary::Relu => |x| x.max(0),
            Unary::Relu6 => |x| x.clamp(0, 6),
            Unary::Round => |x| x,
            Unary::Sign => i64::signum,
            Unary::Square => |x| x.wrapping_mul(x),
            _ => return None,
        };
        Some(function)
    }
}

half! { f16 bf16 }

pub(super) fn unary(call: &mut Call<'_>, op: Unary) -> Computed {
    fn typed<T: Function>(call: &mut Call<'_>, op: Unary) -> Computed {
        let function = T::function(op).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        let mut x = call.take(0)?;
        let elements = x.as_mut_slice::<T>().ok_or_else(|| call.malformed())?;
        elements.iter_mut().for_each(|x| *x = function(*x));
        Ok(vec![x])
    }
    let dtype = call.input(0)?.dtype();
    if matches!(dtype, DType::Int8 | DType::Int16 | DType::Int32) {
        return wide::in_i64(call, 0..1, &|call| typed::<i64>(call, op));
    }
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Float16 f16, BFloat16 bf16, Int64 i64],
        T => typed::<T>(call, op),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

pub(crate) fn not(call: &mut Call<'_>) -> Computed {
    let mut x = call.take(0)?;
    let flags = x.as_mut_slice::<bool>().ok_or_else(|| call.malformed())?;
    flags.iter_mut().for_each(|flag| *flag = !*flag);
    Ok(vec![x])
}
