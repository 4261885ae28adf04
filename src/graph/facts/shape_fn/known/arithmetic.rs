//! Arithmetic, comparisons and conversions of small values.

use super::small::{Elements, Small, each};
use super::{MAX_ELEMENTS, join, real};
use crate::dtype::DType;
use crate::graph::facts::kernel::{Binary, Comparison, Unary};
use crate::shape::Shape;

pub(super) fn cast(from: &Small, to: DType) -> Option<Small> {
    let real = matches!(to, DType::Float32 | DType::Float64);
    let limit = 2f64.powi(if to == DType::Int64 { 63 } else { 31 });
    let elements = match &from.elements {
        Elements::Whole(v) if to == DType::Bool => Elements::Whole(each(v, |x| (x != 0).into())),
        Elements::Whole(v) if real => Elements::Real(each(v, |x| x as f64)),
        Elements::Whole(v) => Elements::Whole(v.clone()),
        Elements::Real(v) if real => Elements::Real(v.clone()),
        Elements::Real(v) if to == DType::Bool => Elements::Whole(each(v, |x| (x != 0.0).into())),
        // What C leaves undefined is not guessed.
        Elements::Real(v) if v.iter().any(|x| x.is_nan() || x.abs() >= limit) => {
            return None;
        }
        Elements::Real(v) => Elements::Whole(each(v, |x| x as i64)),
    };
    let shape = from.shape.clone();
    Some(Small { shape, elements })
}

/// The value of an op with one input; `is_single` of real numbers that are `float32`.
pub(super) fn unary(unary: Unary, x: &Small, is_single: bool) -> Option<Small> {
    let shape = x.shape.clone();
    let elements = match &x.elements {
        Elements::Whole(v) => Elements::Whole(each(v, whole_function(unary)?)),
        Elements::Real(v) => {
            let elements = real::unary(unary, v, is_single);
            elements.map(Elements::Real).or_else(|| exact(unary, v))?
        }
    };
    Some(Small { shape, elements })
}

fn whole_function(unary: Unary) -> Option<fn(i64) -> i64> {
    Some(match unary {
        Unary::Neg => i64::wrapping_neg,
        Unary::Abs => i64::wrapping_abs,
        Unary::Sign => i64::signum,
        Unary::Square => |x| x.wrapping_mul(x),
        Unary::Round => |x| x,
        Unary::Relu => |x| x.max(0),
        Unary::Relu6 => |x| x.clamp(0, 6),
        Unary::Not => |x| 1 - x,
        Unary::Invert => |x| !x,
        _ => return None,
    })
}

/// The values of a function of real numbers whose results are certain to the last bit.
fn exact(unary: Unary, values: &[f64]) -> Option<Elements> {
    let of: fn(f64) -> f64 = match unary {
        Unary::IsFinite => return Some(Elements::Whole(each(values, |x| x.is_finite().into()))),
        Unary::IsInf => return Some(Elements::Whole(each(values, |x| x.is_infinite().into()))),
        Unary::IsNan => return Some(Elements::Whole(each(values, |x| x.is_nan().into()))),
        Unary::Neg => |x| -x,
        Unary::Abs => f64::abs,
        Unary::Square => |x| x * x,
        Unary::Sign => |x| match x == 0.0 || x.is_nan() {
            true => x,
            false => x.signum(),
        },
        Unary::Reciprocal => f64::recip,
        Unary::Relu => |x| if x < 0.0 { 0.0 } else { x },
        Unary::Relu6 => |x| x.clamp(0.0, 6.0),
        Unary::Floor => f64::floor,
        Unary::Ceil => f64::ceil,
        Unary::Round | Unary::Rint => f64::round_ties_even,
        _ => return None,
    };
    Some(Elements::Real(each(values, of)))
}

/// The elements of two values that each element of their result is made of.
struct Pairs {
    at: [Vec<usize>; 2],
}

impl Pairs {
    /// The shape that two values broadcast to, and the elements that meet there.
    fn of(a: &Small, b: &Small) -> Option<(Vec<usize>, Pairs)> {
        let shape = Shape::from(&a.shape).broadcast(&Shape::from(&b.shape))?;
        let shape = shape.to_static()?;
        if shape.iter().product::<usize>() > MAX_ELEMENTS {
            return None;
        }
        let at = [
            join::broadcast_positions(&a.shape, &shape),
            join::broadcast_positions(&b.shape, &shape),
        ];
        Some((shape, Pairs { at }))
    }

    /// A function of each pair of elements.
    fn each<T: Copy, U>(
        &self,
        a: &[T],
        b: &[T],
        function: &dyn Fn(T, T) -> Option<U>,
    ) -> Option<Vec<U>> {
        let [at_a, at_b] = &self.at;
        let mut results = Vec::new();
        for (&at_a, &at_b) in at_a.iter().zip(at_b) {
            results.push(function(a[at_a], b[at_b])?);
        }
        Some(results)
    }
}

/// The value of an op with two inputs; `is_single` of real numbers that are `float32`.
pub(super) fn binary(binary: Binary, a: &Small, b: &Small, is_single: bool) -> Option<Small> {
    let (shape, pairs) = Pairs::of(a, b)?;
    let elements = match (&a.elements, &b.elements) {
        (Elements::Whole(a), Elements::Whole(b)) => {
            Elements::Whole(pairs.each(a, b, &|a, b| whole(binary, a, b))?)
        }
        (Elements::Real(a), Elements::Real(b)) => {
            Elements::Real(pairs.each(a, b, &|a, b| real(binary, a, b, is_single))?)
        }
        _ => return None,
    };
    Some(Small { shape, elements })
}

/// The value of a comparison.
pub(super) fn compare(comparison: Comparison, a: &Small, b: &Small) -> Option<Small> {
    let (shape, pairs) = Pairs::of(a, b)?;
    let holds = match (&a.elements, &b.elements) {
        (Elements::Whole(a), Elements::Whole(b)) => {
            let holds = comparison.of::<i64>();
            pairs.each(a, b, &|a, b| Some(holds(&a, &b).into()))?
        }
        (Elements::Real(a), Elements::Real(b)) => {
            let holds = comparison.of::<f64>();
            pairs.each(a, b, &|a, b| Some(holds(&a, &b).into()))?
        }
        _ => return None,
    };
    Some(Small::whole(shape, holds))
}

fn whole(binary: Binary, a: i64, b: i64) -> Option<i64> {
    let opposite = |x: i64| (x < 0) != (b < 0);
    Some(match binary {
        Binary::Add => a.wrapping_add(b),
        Binary::Sub => a.wrapping_sub(b),
        Binary::Mul => a.wrapping_mul(b),
        Binary::Div | Binary::TruncateDiv => a.checked_div(b)?,
        Binary::FloorDiv => {
            let quotient = a.checked_div(b)?;
            quotient - i64::from(a % b != 0 && opposite(a))
        }
        Binary::Mod => a.checked_rem(b)?,
        Binary::FloorMod => match a.checked_rem(b)? {
            rest if rest != 0 && opposite(rest) => rest + b,
            rest => rest,
        },
        Binary::Maximum => a.max(b),
        Binary::Minimum => a.min(b),
        Binary::SquaredDifference => a.wrapping_sub(b).wrapping_pow(2),
        Binary::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
        Binary::BitwiseAnd => a & b,
        Binary::BitwiseOr => a | b,
        Binary::BitwiseXor => a ^ b,
        // Shifts by as many bits as there are, or more, differ between machines.
        Binary::LeftShift => a.checked_mul(1 << u32::try_from(b).ok().filter(|&b| b < 31)?)?,
        Binary::RightShift => a >> u32::try_from(b).ok().filter(|&b| b < 31)?,
        _ => return None,
    })
}

fn real(binary: Binary, a: f64, b: f64, is_single: bool) -> Option<f64> {
    // What is not the last step of a function is rounded too.
    let rounded = |x: f64| if is_single { f64::from(x as f32) } else { x };
    Some(match binary {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div | Binary::RealDiv => a / b,
        Binary::DivNoNan if b == 0.0 => 0.0,
        Binary::DivNoNan => a / b,
        Binary::MulNoNan if b == 0.0 => 0.0,
        Binary::MulNoNan => a * b,
        Binary::FloorDiv => rounded(a / b).floor(),
        Binary::Mod => a % b,
        Binary::FloorMod => match a % b {
            rest if (a < 0.0) == (b < 0.0) => rest,
            rest => rounded(rest + b) % b,
        },
        Binary::Atan2 if is_single => f64::from((a as f32).atan2(b as f32)),
        Binary::Atan2 => a.atan2(b),
        Binary::Xdivy if a == 0.0 => 0.0,
        Binary::Xdivy => a / b,
        Binary::Pow if is_single => f64::from((a as f32).powf(b as f32)),
        Binary::Pow => a.powf(b),
        Binary::SquaredDifference => rounded(a - b) * rounded(a - b),
        Binary::Maximum => a.max(b),
        Binary::Minimum => a.min(b),
        _ => return None,
    })
}

/// Whether this is an integer that single precision has too, as all smaller ones.
pub(super) fn is_exact(x: f64) -> bool {
    x.fract() == 0.0 && x.abs() <= 2f64.powi(24)
}
