//! Functions of real numbers, with the last bits that TensorFlow's CPU kernels give.
//!
//! Eigen computes what fills a register with polynomials of its own, eight `float32` or four `float64` at a time, and the
//! rest of a tensor with the C library. Numbers too small to be normal are zero to TensorFlow's own arithmetic.

use super::small::{all, each};
use crate::graph::facts::kernel::Unary;

/// How the elements that fill registers are computed.
enum Packets<T> {
    /// As all others.
    Alike,
    /// By this function.
    Own(fn(T) -> T),
    /// In a way that differs between machines, or is not followed here.
    Unknown,
}

use Packets::{Alike, Own, Unknown};

/// A function of one dtype.
struct Function<T> {
    each: fn(T) -> T,
    packets: Packets<T>,
}

/// Whether numbers too small to be normal are zero to an op; for others it depends on the machine.
fn is_flushing(unary: Unary) -> bool {
    use Unary::{Exp, Log, Rsqrt, Sqrt, Tanh};
    matches!(unary, Log | Exp | Sqrt | Rsqrt | Tanh)
}

/// The values of a function; `None` for an op that is none, and where the result is not certain.
pub(super) fn unary(unary: Unary, values: &[f64], is_single: bool) -> Option<Vec<f64>> {
    let normal = |x: f64| {
        let is_subnormal = match is_single {
            true => (x as f32).is_subnormal(),
            false => x.is_subnormal(),
        };
        match is_subnormal {
            true => is_flushing(unary).then_some(0.0),
            false => Some(x),
        }
    };
    let values = all(values, &normal)?;
    let results = if is_single {
        let values = each(&values, |x| x as f32);
        each(&applied(&single(unary)?, &values, 8)?, f64::from)
    } else {
        applied(&double(unary)?, &values, 4)?
    };
    all(&results, &normal)
}

/// The function of each value, where this many fill a register.
fn applied<T: Copy>(function: &Function<T>, values: &[T], lanes: usize) -> Option<Vec<T>> {
    let (full, rest) = values.split_at(values.len() / lanes * lanes);
    let packet = match function.packets {
        Alike => function.each,
        Own(packet) => packet,
        Unknown if full.is_empty() => function.each,
        Unknown => return None,
    };
    let mut results = each(full, packet);
    results.append(&mut each(rest, function.each));
    Some(results)
}

fn single(unary: Unary) -> Option<Function<f32>> {
    let (each, packets): (fn(f32) -> f32, _) = match unary {
        Unary::Log => (f32::ln, Own(packet_log)),
        Unary::Exp => (f32::exp, Own(packet_exp)),
        Unary::Log1p => (f32::ln_1p, Unknown),
        Unary::Expm1 => (f32::exp_m1, Unknown),
        Unary::Sqrt => (f32::sqrt, Unknown),
        Unary::Rsqrt => (|x| 1.0 / x.sqrt(), Unknown),
        Unary::Tanh => (packet_tanh, Alike),
        Unary::Sin => (f32::sin, Unknown),
        Unary::Cos => (f32::cos, Unknown),
        Unary::Tan => (f32::tan, Alike),
        Unary::Asin => (f32::asin, Alike),
        Unary::Acos => (f32::acos, Alike),
        Unary::Atan => (f32::atan, Alike),
        Unary::Sinh => (f32::sinh, Alike),
        Unary::Cosh => (f32::cosh, Alike),
        _ => return None,
    };
    Some(Function { each, packets })
}

fn double(unary: Unary) -> Option<Function<f64>> {
    let (each, packets): (fn(f64) -> f64, _) = match unary {
        Unary::Log => (f64::ln, Alike),
        Unary::Exp => (f64::exp, Own(packet_exp_double)),
        Unary::Log1p => (f64::ln_1p, Alike),
        Unary::Expm1 => (f64::exp_m1, Alike),
        Unary::Sqrt => (f64::sqrt, Alike),
        Unary::Rsqrt => (|x| 1.0 / x.sqrt(), Alike),
        Unary::Sigmoid => (|x| 1.0 / (1.0 + (-x).exp()), Unknown),
        Unary::Tanh => (f64::tanh, Alike),
        Unary::Sin => (f64::sin, Alike),
        Unary::Cos => (f64::cos, Alike),
        Unary::Tan => (f64::tan, Alike),
        Unary::Asin => (f64::asin, Alike),
        Unary::Acos => (f64::acos, Alike),
        Unary::Atan => (f64::atan, Alike),
        Unary::Sinh => (f64::sinh, Alike),
        Unary::Cosh => (f64::cosh, Alike),
        _ => return None,
    };
    Some(Function { each, packets })
}

/// A polynomial by its coefficients, the highest power's first.
fn polynomial<T: Copy + std::ops::Mul<Output = T> + std::ops::Add<Output = T>>(
    x: T,
    coefficients: &[T],
) -> Option<T> {
    let (&first, rest) = coefficients.split_first()?;
    let mut sum = first;
    for &next in rest {
        sum = sum * x + next;
    }
    Some(sum)
}

/// The logarithm of Cephes: that of the exponent, and a polynomial for the mantissa between the roots of 1/2 and of 2.
fn packet_log(x: f32) -> f32 {
    if x == 0.0 {
        return f32::NEG_INFINITY;
    }
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    let bits = x.to_bits();
    let mut exponent = (bits >> 23) as f32 - 126.0;
    let mut m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        exponent -= 1.0;
        m = (m - 1.0) + m;
    } else {
        m -= 1.0;
    }
    let (square, cube) = (m * m, m * m * m);
    let part = |a: f32, b: f32, c: f32| (a * m + b) * m + c;
    let high = part(7.037_683_6e-2, -1.151_461e-1, 1.167_699_84e-1);
    let middle = part(-1.242_014_1e-1, 1.424_932_3e-1, -1.666_805_8e-1);
    let low = part(2.000_071_4e-1, -2.499_999_4e-1, 3.333_333e-1);
    let tail = ((high * cube + middle) * cube + low) * cube;
    let tail = tail + exponent * -2.121_944_4e-4;
    (m - square * 0.5) + tail + exponent * 0.693_359_4
}

/// The exponential of Cephes: a power of two, and a polynomial for the rest.
fn packet_exp(x: f32) -> f32 {
    let bounded = x.clamp(-88.376_27, 88.376_27);
    let power = (bounded * std::f32::consts::LOG2_E + 0.5).floor();
    let rest = bounded - power * 0.693_359_4;
    let rest = rest - power * -2.121_944_4e-4;
    let coefficients = [
        1.987_569_1e-4,
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        5e-1,
    ];
    let tail = polynomial(rest, &coefficients).unwrap_or_default();
    let mantissa = (tail * (rest * rest) + rest) + 1.0;
    let scale = f32::from_bits(((power + 127.0) as u32) << 23);
    (mantissa * scale).max(x)
}

/// The exponential of Cephes for `float64`: a power of two, and a quotient of polynomials for the rest.
fn packet_exp_double(x: f64) -> f64 {
    let bounded = x.clamp(-709.436_139_303, 709.437);
    let power = (std::f64::consts::LOG2_E * bounded + 0.5).floor();
    let rest = bounded - power * 0.693_145_751_953_125;
    let rest = rest - power * 1.428_606_820_309_417_2e-6;
    let square = rest * rest;
    let above = [1.261_771_930_748_105_9e-4, 3.029_944_077_074_419_5e-2, 1.0];
    let below = [
        3.001_985_051_386_644_6e-6,
        2.524_483_403_496_841e-3,
        2.272_655_482_081_550_3e-1,
        2.0,
    ];
    let above = polynomial(square, &above).unwrap_or_default() * rest;
    let below = polynomial(square, &below).unwrap_or_default();
    let mantissa = 1.0 + 2.0 * (above / (below - above));
    (mantissa * 2f64.powi(power as i32)).max(x)
}

/// The hyperbolic tangent of Eigen, a quotient of polynomials.
fn packet_tanh(x: f32) -> f32 {
    let x = x.clamp(-9.0, 9.0);
    let above = [
        -2.760_768_4e-16,
        2.000_188e-13,
        -8.604_672e-11,
        5.122_297_3e-8,
        1.485_722_35e-5,
        6.372_619_5e-4,
        4.893_524_6e-3,
    ];
    let below = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3];
    let above = polynomial(x * x, &above).unwrap_or_default() * x;
    above / polynomial(x * x, &below).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Unary, unary};

    /// The values are those of TensorFlow 1.15.5, with the last bit; `tests/fixtures/shapes/real.pb` has more of them.
    #[test]
    fn registers_have_their_own_last_bits() {
        // What fills a register, and the rest, of one tensor of nine equal numbers.
        let cases: [(Unary, f32, u32, u32); 5] = [
            (Unary::Log, 7.0, 0x3ff91396, 0x3ff91395),
            (Unary::Log, 78.171_94, 0x408b7c32, 0x408b7c33),
            (Unary::Exp, 1.25, 0x405f61c8, 0x405f61c7),
            (Unary::Exp, -2.487_548_8, 0x3daa3762, 0x3daa3761),
            (Unary::Tanh, 0.7, 0x3f1ab7d9, 0x3f1ab7d9),
        ];
        for (op, x, full, rest) in cases {
            let values = unary(op, &[f64::from(x); 9], true).unwrap();
            let bits: Vec<u32> = values.iter().map(|&x| (x as f32).to_bits()).collect();
            assert_eq!(bits[..8], [full; 8], "{op:?} {x}");
            assert_eq!(bits[8], rest, "{op:?} {x}");
        }
        // Processors differ in these, and functions in what they do with the smallest numbers.
        assert_eq!(unary(Unary::Sqrt, &[2.0; 8], true), None);
        assert_eq!(unary(Unary::Sin, &[1e-40], true), None);
        assert_eq!(unary(Unary::Sqrt, &[16.0; 7], true), Some(vec![4.0; 7]));
        assert_eq!(
            unary(Unary::Log, &[1e-40], true),
            Some(vec![f64::NEG_INFINITY])
        );
        assert_eq!(unary(Unary::Exp, &[-90.0; 9], true), Some(vec![0.0; 9]));
        assert_eq!(unary(Unary::Exp, &[-740.0], false), Some(vec![0.0]));
        assert_eq!(unary(Unary::Acosh, &[2.0], true), None);
    }
}
