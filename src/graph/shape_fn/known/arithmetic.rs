//! Arithmetic, comparisons and conversions of small values.

use super::small::{Elements, Small};
use super::{MAX_ELEMENTS, join, real};
use crate::dtype::DType;
use crate::shape::Shape;

pub(super) fn cast(from: &Small, to: DType) -> Option<Small> {
    let real = matches!(to, DType::Float32 | DType::Float64);
    let limit = 2f64.powi(if to == DType::Int64 { 63 } else { 31 });
    let elements = match &from.elements {
        Elements::Whole(v) if to == DType::Bool => {
            Elements::Whole(v.iter().map(|&x| i64::from(x != 0)).collect())
        }
        Elements::Whole(v) if real => Elements::Real(v.iter().map(|&x| x as f64).collect()),
        Elements::Whole(v) => Elements::Whole(v.clone()),
        Elements::Real(v) if real => Elements::Real(v.clone()),
        Elements::Real(v) if to == DType::Bool => {
            Elements::Whole(v.iter().map(|&x| i64::from(x != 0.0)).collect())
        }
        // What C leaves undefined is not guessed.
        Elements::Real(v) if v.iter().any(|x| x.is_nan() || x.abs() >= limit) => {
            return None;
        }
        Elements::Real(v) => Elements::Whole(v.iter().map(|&x| x as i64).collect()),
    };
    let shape = from.shape.clone();
    Some(Small { shape, elements })
}

/// The value of an op with one input; `is_single` of real numbers that are `float32`.
pub(super) fn unary(op: &str, x: &Small, is_single: bool) -> Option<Small> {
    let shape = x.shape.clone();
    if let Elements::Real(values) = &x.elements {
        if let Some(elements) = real::unary(op, values, is_single) {
            let elements = Elements::Real(elements);
            return Some(Small { shape, elements });
        }
        let is: Option<fn(f64) -> bool> = match op {
            "IsFinite" => Some(f64::is_finite),
            "IsInf" => Some(f64::is_infinite),
            "IsNan" => Some(f64::is_nan),
            _ => None,
        };
        if let Some(is) = is {
            let flags = values.iter().map(|&x| is(x).into());
            return Some(Small::whole(shape, flags.collect()));
        }
    }
    let whole: Option<fn(i64) -> i64> = match op {
        "Neg" => Some(i64::wrapping_neg),
        "Abs" => Some(i64::wrapping_abs),
        "Sign" => Some(i64::signum),
        "Square" => Some(|x| x.wrapping_mul(x)),
        "Round" => Some(|x| x),
        "Relu" => Some(|x| x.max(0)),
        "Relu6" => Some(|x| x.clamp(0, 6)),
        "LogicalNot" => Some(|x| 1 - x),
        "Invert" => Some(|x| !x),
        _ => None,
    };
    let real: Option<fn(f64) -> f64> = match op {
        "Neg" => Some(|x| -x),
        "Abs" => Some(f64::abs),
        "Square" => Some(|x| x * x),
        "Sign" => Some(|x| {
            if x == 0.0 || x.is_nan() {
                x
            } else {
                x.signum()
            }
        }),
        "Inv" | "Reciprocal" => Some(f64::recip),
        "Relu" => Some(|x| if x < 0.0 { 0.0 } else { x }),
        "Relu6" => Some(|x| x.clamp(0.0, 6.0)),
        "Floor" => Some(f64::floor),
        "Ceil" => Some(f64::ceil),
        "Round" | "Rint" => Some(f64::round_ties_even),
        _ => None,
    };
    let elements = match &x.elements {
        Elements::Whole(v) => Elements::Whole(v.iter().copied().map(whole?).collect()),
        Elements::Real(v) => Elements::Real(v.iter().copied().map(real?).collect()),
    };
    Some(Small { shape, elements })
}

/// The value of an op with two inputs; `is_single` of real numbers that are `float32`.
pub(super) fn binary(op: &str, a: &Small, b: &Small, is_single: bool) -> Option<Small> {
    let shape = Shape::from(&a.shape).broadcast(&Shape::from(&b.shape))?;
    let shape = shape.to_static()?;
    if shape.iter().product::<usize>() > MAX_ELEMENTS {
        return None;
    }
    let at_a = join::broadcast_positions(&a.shape, &shape);
    let at_b = join::broadcast_positions(&b.shape, &shape);
    let mut pairs = at_a.into_iter().zip(at_b);
    let elements = match (&a.elements, &b.elements) {
        (Elements::Whole(a), Elements::Whole(b)) => Elements::Whole(
            pairs
                .map(|(i, j)| whole(op, a[i], b[j]))
                .collect::<Option<_>>()?,
        ),
        (Elements::Real(a), Elements::Real(b)) => {
            let real = |a: f64, b: f64| real(op, a, b, is_single);
            let is_real = real(1.0, 1.0).is_some();
            if is_real {
                Elements::Real(
                    pairs
                        .map(|(i, j)| real(a[i], b[j]))
                        .collect::<Option<_>>()?,
                )
            } else {
                let all: Option<_> = pairs.by_ref().map(|(i, j)| holds(op, a[i], b[j])).collect();
                Elements::Whole(all?)
            }
        }
        _ => return None,
    };
    Some(Small { shape, elements })
}

fn whole(op: &str, a: i64, b: i64) -> Option<i64> {
    let opposite = |x: i64| (x < 0) != (b < 0);
    Some(match op {
        "Add" | "AddV2" => a.wrapping_add(b),
        "Sub" => a.wrapping_sub(b),
        "Mul" => a.wrapping_mul(b),
        "Div" | "TruncateDiv" => a.checked_div(b)?,
        "FloorDiv" => {
            let quotient = a.checked_div(b)?;
            quotient - i64::from(a % b != 0 && opposite(a))
        }
        "Mod" | "TruncateMod" => a.checked_rem(b)?,
        "FloorMod" => match a.checked_rem(b)? {
            rest if rest != 0 && opposite(rest) => rest + b,
            rest => rest,
        },
        "Maximum" => a.max(b),
        "Minimum" => a.min(b),
        "SquaredDifference" => a.wrapping_sub(b).wrapping_pow(2),
        "Pow" => a.checked_pow(u32::try_from(b).ok()?)?,
        "LogicalAnd" | "BitwiseAnd" => a & b,
        "LogicalOr" | "BitwiseOr" => a | b,
        "BitwiseXor" => a ^ b,
        // Shifts by as many bits as there are, or more, differ between machines.
        "LeftShift" => a.checked_mul(1 << u32::try_from(b).ok().filter(|&b| b < 31)?)?,
        "RightShift" => a >> u32::try_from(b).ok().filter(|&b| b < 31)?,
        "Less" => (a < b).into(),
        "LessEqual" => (a <= b).into(),
        "Greater" => (a > b).into(),
        "GreaterEqual" => (a >= b).into(),
        "Equal" => (a == b).into(),
        "NotEqual" => (a != b).into(),
        _ => return None,
    })
}

fn real(op: &str, a: f64, b: f64, is_single: bool) -> Option<f64> {
    // What is not the last step of a function is rounded too.
    let rounded = |x: f64| if is_single { f64::from(x as f32) } else { x };
    Some(match op {
        "Add" | "AddV2" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" | "RealDiv" => a / b,
        "DivNoNan" if b == 0.0 => 0.0,
        "DivNoNan" => a / b,
        "MulNoNan" if b == 0.0 => 0.0,
        "MulNoNan" => a * b,
        "FloorDiv" => rounded(a / b).floor(),
        "Mod" | "TruncateMod" => a % b,
        "FloorMod" => match a % b {
            rest if (a < 0.0) == (b < 0.0) => rest,
            rest => rounded(rest + b) % b,
        },
        "Atan2" if is_single => f64::from((a as f32).atan2(b as f32)),
        "Atan2" => a.atan2(b),
        "Xdivy" if a == 0.0 => 0.0,
        "Xdivy" => a / b,
        "Pow" if is_single => f64::from((a as f32).powf(b as f32)),
        "Pow" => a.powf(b),
        "SquaredDifference" => rounded(a - b) * rounded(a - b),
        "Maximum" => a.max(b),
        "Minimum" => a.min(b),
        _ => return None,
    })
}

/// Whether this is an integer that single precision has too, as all smaller ones.
pub(super) fn exact(x: f64) -> bool {
    x.fract() == 0.0 && x.abs() <= 2f64.powi(24)
}

fn holds(op: &str, a: f64, b: f64) -> Option<i64> {
    let holds = match op {
        "Less" => a < b,
        "LessEqual" => a <= b,
        "Greater" => a > b,
        "GreaterEqual" => a >= b,
        "Equal" => a == b,
        "NotEqual" => a != b,
        _ => return None,
    };
    Some(holds.into())
}
