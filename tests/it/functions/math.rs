//! `tfhub::ops::math` and the operators.

use tfhub::dtype::ByteString;
use tfhub::half::{bf16, f16};
use tfhub::num_complex::Complex;
use tfhub::ops::math::{
    self, Adjoint, Axes, BincountOptions, CumulativeOptions, L2NormalizeOptions, MostlyZero,
    RangeOptions, Transposed,
};
use tfhub::{GraphBuilder, Variable, init};

use super::{Table, calls};

const UNARY: [&str; 4] = ["[2,3]", "[?,3]", "?", "[]"];
const BINARY: [&str; 4] = ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
const REDUCED: [&str; 4] = ["[2,3,4]", "[?,3]", "?", "[2]"];
const MATRICES: [&str; 8] = [
    "[2,3] [3,4]",
    "[3,3] [3,3]",
    "[?,3] [?,?]",
    "[2,3] [2,3]",
    "[5,2,3] [3,4]",
    "[?,3,3] [5,3,3]",
    "? ?",
    "[2,3] ?",
];
const DOTS: [&str; 9] = [
    "[2,3] [3,2]",
    "[2,3] [3,4]",
    "[4,3,2] [2,4,3]",
    "[?,3] [3,?]",
    "[?,3] [3,4]",
    "[2,3] [3,?]",
    "? [3,2]",
    "[2,3] ?",
    "? ?",
];

/// The variable `v`.
fn vector(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable("v")
        .shape([2, 3])
        .initializer(init::zeros())
        .finish()
}

/// The variable `v` of truth values.
fn flags(g: &GraphBuilder) -> Variable<'_, bool> {
    g.get_variable("v")
        .shape([2])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.acos(x)" =
            |g, x: T| math::acos(x), [f32, Complex<f64>], UNARY;
        "tf.acosh(x)" =
            |g, x: T| math::acosh(x), [f32, f64], UNARY;
        "tf.asin(x)" =
            |g, x: T| math::asin(x), [f32, i32], UNARY;
        "tf.asinh(x)" =
            |g, x: T| math::asinh(x), [f32, f64], UNARY;
        "tf.atan(x)" =
            |g, x: T| math::atan(x), [f32, f64], UNARY;
        "tf.atanh(x)" =
            |g, x: T| math::atanh(x), [f32, f64], UNARY;
        "tf.math.bessel_i0e(x)" =
            |g, x: T| math::bessel_i0e(x), [f32, f64], UNARY;
        "tf.math.bessel_i1e(x)" =
            |g, x: T| math::bessel_i1e(x), [f32, f64], UNARY;
        "tf.math.ceil(x)" =
            |g, x: T| math::ceil(x), [f32, f64], UNARY;
        "tf.cos(x)" =
            |g, x: T| math::cos(x), [f32, Complex<f32>], UNARY;
        "tf.cosh(x)" =
            |g, x: T| math::cosh(x), [f32, f64], UNARY;
        "tf.math.digamma(x)" =
            |g, x: T| math::digamma(x), [f32, f64], UNARY;
        "tf.math.erf(x)" =
            |g, x: T| math::erf(x), [f32, f64], UNARY;
        "tf.math.erfc(x)" =
            |g, x: T| math::erfc(x), [f32, f64], UNARY;
        "tf.exp(x)" =
            |g, x: T| math::exp(x), [f32, Complex<f32>], UNARY;
        "tf.math.expm1(x)" =
            |g, x: T| math::expm1(x), [f32, f64], UNARY;
        "tf.floor(x)" =
            |g, x: T| math::floor(x), [f32, f64], UNARY;
        "tf.math.lgamma(x)" =
            |g, x: T| math::lgamma(x), [f32, f64], UNARY;
        "tf.math.log(x)" =
            |g, x: T| math::log(x), [f32, bf16], UNARY;
        "tf.math.log1p(x)" =
            |g, x: T| math::log1p(x), [f32, f64], UNARY;
        "tf.negative(x)" =
            |g, x: T| math::negative(x), [f32, i64], UNARY;
        "tf.math.reciprocal(x)" =
            |g, x: T| math::reciprocal(x), [f32, f64], UNARY;
        "tf.math.rint(x)" =
            |g, x: T| math::rint(x), [f32, f64], UNARY;
        "tf.math.rsqrt(x)" =
            |g, x: T| math::rsqrt(x), [f32, f64], UNARY;
        "tf.sigmoid(x)" =
            |g, x: T| math::sigmoid(x), [f32, f64], UNARY;
        "tf.sign(x)" =
            |g, x: T| math::sign(x), [f32, i64], UNARY;
        "tf.sin(x)" =
            |g, x: T| math::sin(x), [f32, f64], UNARY;
        "tf.sinh(x)" =
            |g, x: T| math::sinh(x), [f32, f64], UNARY;
        "tf.math.softplus(x)" =
            |g, x: T| math::softplus(x), [f32, f64], UNARY;
        "tf.math.softsign(x)" =
            |g, x: T| math::softsign(x), [f32, f64], UNARY;
        "tf.sqrt(x)" =
            |g, x: T| math::sqrt(x), [f32, f64], UNARY;
        "tf.square(x)" =
            |g, x: T| math::square(x), [f32, i64, Complex<f64>], UNARY;
        "tf.tan(x)" =
            |g, x: T| math::tan(x), [f32, f64], UNARY;
        "tf.tanh(x)" =
            |g, x: T| math::tanh(x), [f32, f64], UNARY;
        "tf.math.is_finite(x)" =
            |g, x: T| math::is_finite(x), [f32, f16], UNARY;
        "tf.math.is_inf(x)" =
            |g, x: T| math::is_inf(x), [f32, f64], UNARY;
        "tf.math.is_nan(x)" =
            |g, x: T| math::is_nan(x), [f32, f64], UNARY;
        "tf.abs(x)" =
            |g, x: T| math::abs(x), [f32, i8, i64, Complex<f32>, Complex<f64>], UNARY;
        "tf.math.real(x)" =
            |g, x: T| math::real(x), [f32, i32, Complex<f32>, Complex<f64>], UNARY;
        "tf.math.imag(x)" =
            |g, x: T| math::imag(x), [f32, f64, Complex<f32>, Complex<f64>], UNARY;
        "tf.math.angle(x)" =
            |g, x: T| math::angle(x), [f32, f64, Complex<f32>], UNARY;
        "tf.math.conj(x)" =
            |g, x: T| math::conj(x), [f32, i32, Complex<f32>], UNARY;
        "tf.round(x)" =
            |g, x: T| math::round(x), [f32, i32, f16], UNARY;
        "tf.math.log_sigmoid(x)" =
            |g, x: T| math::log_sigmoid(x), [f32, f64], UNARY;
        "tf.math.bessel_i0(x)" =
            |g, x: T| math::bessel_i0(x), [f32, f64], UNARY;
        "tf.math.bessel_i1(x)" =
            |g, x: T| math::bessel_i1(x), [f32, f64], UNARY;
        "tf.math.lbeta(x)" =
            |g, x: T| math::lbeta(x), [f32, f64], UNARY;
        "tf.to_float(x)" =
            |g, x: T| math::to_float(x), [f32, i64, bool], UNARY;
        "tf.to_double(x)" =
            |g, x: T| math::to_double(x), [f32, f64], UNARY;
        "tf.to_int32(x)" =
            |g, x: T| math::to_int32(x), [f32, i32, u8], UNARY;
        "tf.to_int64(x)" =
            |g, x: T| math::to_int64(x), [f32, f64], UNARY;
        "tf.to_bfloat16(x)" =
            |g, x: T| math::to_bfloat16(x), [f32, f64], UNARY;
        "tf.to_complex64(x)" =
            |g, x: T| math::to_complex64(x), [f32, f64], UNARY;
        "tf.to_complex128(x)" =
            |g, x: T| math::to_complex128(x), [f32, f64], UNARY;
        "tf.logical_not(x)" =
            |g, x: T| math::logical_not(x), [bool], UNARY;
        "tf.add(x, y)" =
            |g, x: T, y: T| math::add(x, y), [f32, i64, u8], BINARY;
        "tf.atan2(x, y)" =
            |g, x: T, y: T| math::atan2(x, y), [f32, f64], BINARY;
        "tf.math.divide_no_nan(x, y)" =
            |g, x: T, y: T| math::div_no_nan(x, y), [f32, f64], BINARY;
        "tf.math.floordiv(x, y)" =
            |g, x: T, y: T| math::floordiv(x, y), [f32, i64], BINARY;
        "tf.math.floormod(x, y)" =
            |g, x: T, y: T| math::floormod(x, y), [f32, i32], BINARY;
    });
    calls!(table, {
        "tf.math.igamma(x, y)" =
            |g, x: T, y: T| math::igamma(x, y), [f32, f64], BINARY;
        "tf.math.igammac(x, y)" =
            |g, x: T, y: T| math::igammac(x, y), [f32, f64], BINARY;
        "tf.maximum(x, y)" =
            |g, x: T, y: T| math::maximum(x, y), [f32, i64], BINARY;
        "tf.minimum(x, y)" =
            |g, x: T, y: T| math::minimum(x, y), [f32, i64], BINARY;
        "tf.multiply(x, y)" =
            |g, x: T, y: T| math::multiply(x, y), [f32, u16], BINARY;
        "tf.math.multiply_no_nan(x, y)" =
            |g, x: T, y: T| math::multiply_no_nan(x, y), [f32, f64], BINARY;
        "tf.math.nextafter(x, y)" =
            |g, x: T, y: T| math::nextafter(x, y), [f32, f64], BINARY;
        "tf.math.polygamma(x, y)" =
            |g, x: T, y: T| math::polygamma(x, y), [f32, f64], BINARY;
        "tf.pow(x, y)" =
            |g, x: T, y: T| math::pow(x, y), [f32, i64], BINARY;
        "tf.realdiv(x, y)" =
            |g, x: T, y: T| math::realdiv(x, y), [f32, i64], BINARY;
        "tf.math.squared_difference(x, y)" =
            |g, x: T, y: T| math::squared_difference(x, y), [f32, i64], BINARY;
        "tf.subtract(x, y)" =
            |g, x: T, y: T| math::subtract(x, y), [f32, i64], BINARY;
        "tf.truncatediv(x, y)" =
            |g, x: T, y: T| math::truncatediv(x, y), [i32, i64], BINARY;
        "tf.truncatemod(x, y)" =
            |g, x: T, y: T| math::truncatemod(x, y), [f32, i64], BINARY;
        "tf.math.xdivy(x, y)" =
            |g, x: T, y: T| math::xdivy(x, y), [f32, f64], BINARY;
        "tf.math.xlogy(x, y)" =
            |g, x: T, y: T| math::xlogy(x, y), [f32, f64], BINARY;
        "tf.math.zeta(x, y)" =
            |g, x: T, y: T| math::zeta(x, y), [f32, f64], BINARY;
        "tf.equal(x, y)" =
            |g, x: T, y: T| math::equal(x, y), [f32, i64, ByteString, bool], BINARY;
        "tf.greater(x, y)" =
            |g, x: T, y: T| math::greater(x, y), [f32, i64], BINARY;
        "tf.greater_equal(x, y)" =
            |g, x: T, y: T| math::greater_equal(x, y), [f32, i64], BINARY;
        "tf.less(x, y)" =
            |g, x: T, y: T| math::less(x, y), [f32, u8], BINARY;
        "tf.less_equal(x, y)" =
            |g, x: T, y: T| math::less_equal(x, y), [f32, i64], BINARY;
        "tf.not_equal(x, y)" =
            |g, x: T, y: T| math::not_equal(x, y), [f32, ByteString], BINARY;
        "tf.truediv(x, y)" =
            |g, x: T, y: T| math::truediv(x, y), [f32, i8, u16, i32, i64, Complex<f32>], BINARY;
        "tf.divide(x, y)" =
            |g, x: T, y: T| math::divide(x, y), [f32, i32], BINARY;
        "tf.div(x, y)" =
            |g, x: T, y: T| math::div(x, y), [f32, i32, Complex<f32>], BINARY;
        "tf.logical_and(x, y)" =
            |g, x: T, y: T| math::logical_and(x, y), [bool], BINARY;
        "tf.logical_and(x, True)" =
            |g, x: T| math::logical_and(x, true), [bool], UNARY;
        "tf.logical_or(x, y)" =
            |g, x: T, y: T| math::logical_or(x, y), [bool], BINARY;
        "tf.logical_or(x, True)" =
            |g, x: T| math::logical_or(x, true), [bool], UNARY;
        "tf.math.logical_xor(x, y)" =
            |g, x: T, y: T| math::logical_xor(x, y), [bool], BINARY;
        "tf.math.logical_xor(x, True)" =
            |g, x: T| math::logical_xor(x, true), [bool], UNARY;
        "x + y" =
            |g, x: T, y: T| x + y, [f32, i32], BINARY;
        "x + 2" =
            |g, x: T| x + (2 as T), [f32, i32], UNARY;
        "2 + x" =
            |g, x: T| (2 as T) + x, [f32, i32], UNARY;
        "variable('v', [2, 3]) + x" =
            |g, x: T| vector(g) + x, [f32], UNARY;
        "2 + variable('v', [2, 3])" = |g| 2.0 + vector(g);
        "x - y" =
            |g, x: T, y: T| x - y, [f32, i32], BINARY;
        "x - 2" =
            |g, x: T| x - (2 as T), [f32, i32], UNARY;
        "2 - x" =
            |g, x: T| (2 as T) - x, [f32, i32], UNARY;
        "variable('v', [2, 3]) - x" =
            |g, x: T| vector(g) - x, [f32], UNARY;
        "2 - variable('v', [2, 3])" = |g| 2.0 - vector(g);
        "x * y" =
            |g, x: T, y: T| x * y, [f32, i32], BINARY;
        "x * 2" =
            |g, x: T| x * (2 as T), [f32, i32], UNARY;
        "2 * x" =
            |g, x: T| (2 as T) * x, [f32, i32], UNARY;
        "variable('v', [2, 3]) * x" =
            |g, x: T| vector(g) * x, [f32], UNARY;
        "2 * variable('v', [2, 3])" = |g| 2.0 * vector(g);
        "x / y" =
            |g, x: T, y: T| x / y, [f32, i32], BINARY;
        "x / 2" =
            |g, x: T| x / (2 as T), [f32, i32], UNARY;
        "2 / x" =
            |g, x: T| (2 as T) / x, [f32, i32], UNARY;
        "variable('v', [2, 3]) / x" =
            |g, x: T| vector(g) / x, [f32], UNARY;
        "2 / variable('v', [2, 3])" = |g| 2.0 / vector(g);
        "x % y" =
            |g, x: T, y: T| x % y, [f32, i32], BINARY;
        "x % 2" =
            |g, x: T| x % (2 as T), [f32, i32], UNARY;
        "2 % x" =
            |g, x: T| (2 as T) % x, [f32, i32], UNARY;
        "variable('v', [2, 3]) % x" =
            |g, x: T| vector(g) % x, [f32], UNARY;
        "2 % variable('v', [2, 3])" = |g| 2.0 % vector(g);
        "x & y" =
            |g, x: T, y: T| x & y, [bool], BINARY;
        "x & True" =
            |g, x: T| x & true, [bool], UNARY;
        "True & x" =
            |g, x: T| true & x, [bool], UNARY;
    });
    calls!(table, {
        "variable('v', [2], tf.bool) & x" =
            |g, x: T| flags(g) & x, [bool], ["[2]"];
        "True & variable('v', [2], tf.bool)" = |g| true & flags(g);
        "x | y" =
            |g, x: T, y: T| x | y, [bool], BINARY;
        "x | True" =
            |g, x: T| x | true, [bool], UNARY;
        "True | x" =
            |g, x: T| true | x, [bool], UNARY;
        "variable('v', [2], tf.bool) | x" =
            |g, x: T| flags(g) | x, [bool], ["[2]"];
        "True | variable('v', [2], tf.bool)" = |g| true | flags(g);
        "x ^ y" =
            |g, x: T, y: T| x ^ y, [bool], BINARY;
        "x ^ True" =
            |g, x: T| x ^ true, [bool], UNARY;
        "True ^ x" =
            |g, x: T| true ^ x, [bool], UNARY;
        "variable('v', [2], tf.bool) ^ x" =
            |g, x: T| flags(g) ^ x, [bool], ["[2]"];
        "True ^ variable('v', [2], tf.bool)" = |g| true ^ flags(g);
        "~x" =
            |g, x: T| !x, [bool], UNARY;
        "~variable('v', [2], tf.bool)" = |g| !flags(g);
        "-x" =
            |g, x: T| -x, [f32, i64], UNARY;
        "-variable('v', [2, 3])" = |g| -vector(g);
        "tf.exp(variable('v', [2, 3]))" = |g| math::exp(vector(g));
        "tf.abs(variable('v', [2, 3]))" = |g| math::abs(vector(g));
        "tf.round(variable('v', [2, 3]))" = |g| math::round(vector(g));
        "tf.math.real(variable('v', [2, 3]))" = |g| math::real(vector(g));
        "tf.math.imag(variable('v', [2, 3]))" = |g| math::imag(vector(g));
        "tf.math.conj(variable('v', [2, 3]))" = |g| math::conj(vector(g));
        "tf.math.log_sigmoid(variable('v', [2, 3]))" = |g| math::log_sigmoid(vector(g));
        "tf.to_int32(variable('v', [2, 3]))" = |g| math::to_int32(vector(g));
        "tf.math.bessel_i0(variable('v', [2, 3]))" = |g| math::bessel_i0(vector(g));
        "tf.math.lbeta(variable('v', [2, 3]))" = |g| math::lbeta(vector(g));
        "tf.reduce_sum(variable('v', [2, 3]))" = |g| math::reduce_sum(vector(g), Axes::ALL);
        "tf.reduce_logsumexp(variable('v', [2, 3]))" = |g| math::reduce_logsumexp(vector(g), Axes::ALL);
        "tf.math.reduce_variance(variable('v', [2, 3]))" = |g| math::reduce_variance(vector(g), Axes::ALL);
        "tf.math.reduce_std(variable('v', [2, 3]))" = |g| math::reduce_std(vector(g), Axes::ALL);
        "tf.math.count_nonzero(variable('v', [2, 3]))" = |g| math::count_nonzero::<i64, _>(vector(g), Axes::ALL);
        "tf.math.l2_normalize(variable('v', [2, 3]))" = |g| math::l2_normalize(vector(g), Axes::ALL);
        "tf.argmax(variable('v', [2, 3]))" = |g| math::argmax::<i64, _>(vector(g), 0);
        "tf.cumsum(variable('v', [2, 3]))" = |g| math::cumsum(vector(g), 0);
        "tf.truediv(variable('v', [2, 3]), 2.0)" = |g| math::truediv(vector(g), 2.0);
        "tf.truediv(x, T.as_numpy_dtype(2))" =
            |g, x: T| math::truediv(x, 2 as T), [f32, i32], UNARY;
        "tf.divide(variable('v', [2, 3]), 2.0)" = |g| math::divide(vector(g), 2.0);
        "tf.divide(x, 2)" =
            |g, x: T| math::divide(x, 2 as T), [f32, i32], UNARY;
        "tf.math.logical_xor(variable('v', [2], tf.bool), True)" = |g| math::logical_xor(flags(g), true);
        "tf.pow(variable('v', [2, 3]), 2.0)" = |g| math::pow(vector(g), 2.0);
        "tf.pow(x, 2)" =
            |g, x: T| math::pow(x, 2 as T), [f32, i32], UNARY;
        "tf.div(variable('v', [2, 3]), 2.0)" = |g| math::div(vector(g), 2.0);
        "tf.div(x, 2)" =
            |g, x: T| math::div(x, 2 as T), [f32, i32], UNARY;
        "tf.divide(x, y, name='q')" =
            |g, x: T, y: T| g.named("q", || math::divide(x, y)), [f32, i32], BINARY;
        "tf.math.logical_xor(x, y, name='q')" =
            |g, x: T, y: T| g.named("q", || math::logical_xor(x, y)), [bool], BINARY;
        "tf.truediv(x, y, name='q')" =
            |g, x: T, y: T| g.named("q", || math::truediv(x, y)), [f32, i32], BINARY;
        "tf.round(x, name='q')" =
            |g, x: T| g.named("q", || math::round(x)), [f32, i32], UNARY;
        "tf.complex(x, y)" =
            |g, x: T, y: T| math::complex(x, y), [f32, f64], BINARY;
        "tf.complex(x, T.as_numpy_dtype(1))" =
            |g, x: T| math::complex(x, 1 as T), [f32, f64], UNARY;
        "tf.scalar_mul(2, x)" =
            |g, x: T| math::scalar_mul(2 as T, x), [f32, i64], UNARY;
        "tf.scalar_mul(y, x)" =
            |g, x: T, y: T| math::scalar_mul(y, x), [f32, f64], ["[2,3] []", "? []", "[2] [1]", "[2] ?"];
        "tf.math.betainc(a, b, x)" =
            |g, a: T, b: T, x: T| math::betainc(a, b, x), [f32, f64], ["[2] [2] [2]", "[?] [] [3]", "? [2] ?"];
        "tf.math.betainc(a, T.as_numpy_dtype(1), T.as_numpy_dtype(2))" =
            |g, a: T| math::betainc(a, 1 as T, 2 as T), [f32, f64], UNARY;
        "tf.add_n([x, y])" =
            |g, x: T, y: T| math::add_n(g, [x, y]), [f32, i64], ["[2] [2]", "[?,2] [3,?]", "? ?", "[2] [3]"];
        "tf.add_n([x])" =
            |g, x: T| math::add_n(g, [x]), [f32, f64], UNARY;
        "tf.add_n([x], name='q')" =
            |g, x: T| g.named("q", || math::add_n(g, [x])), [f32, f64], UNARY;
        "tf.add_n([x, variable('v', [2, 3])])" =
            |g, x: T| math::add_n(g, (x, vector(g))), [f32], ["[2,3]", "?"];
        "tf.add_n([variable('v', [2, 3])])" = |g| math::add_n(g, [vector(g)]);
        "tf.add_n([variable('v', [2, 3])], name='q')" = |g| { let v = vector(g); g.named("q", || math::add_n(g, [v])) };
        "tf.add_n([variable('v', [2, 3]), x, x], name='q')" =
            |g, x: T| { let v = vector(g); g.named("q", || math::add_n(g, (v, x, x))) }, [f32], ["[2,3]"];
        "tf.add_n([x, [1.0, 2.0]])" = |g, x: T| math::add_n(g, (x, [1.0f32, 2.0])), [f32], ["[2]"];
        "tf.math.accumulate_n([x, variable('v', [2, 3])])" =
            |g, x: T| math::accumulate_n(g, (x, vector(g))), [f32], ["[2,3]", "?"];
        "tf.math.accumulate_n([x, y])" =
            |g, x: T, y: T| math::accumulate_n(g, [x, y]), [f32, i64], ["[2] [2]", "[?,2] [3,?]", "? ?", "[2] [3]"];
        "tf.math.accumulate_n([x])" =
            |g, x: T| math::accumulate_n(g, [x]), [f32, f64], UNARY;
        "tf.math.accumulate_n([x], name='q')" =
            |g, x: T| g.named("q", || math::accumulate_n(g, [x])), [f32, f64], UNARY;
        "tf.cast(x, tf.int32)" =
            |g, x: T| math::cast::<i32, T>(x), [f32, i32, bool], UNARY;
    });
    calls!(table, {
        "tf.saturate_cast(x, tf.uint8)" =
            |g, x: T| math::saturate_cast::<u8, T>(x), [f32, f64, i32, u8], ["[2]", "?"];
        "tf.saturate_cast(x, tf.int32)" =
            |g, x: T| math::saturate_cast::<i32, T>(x), [f32, f64, i32, u8], ["[2]", "?"];
        "tf.saturate_cast(x, tf.float32)" =
            |g, x: T| math::saturate_cast::<f32, T>(x), [f32, f64, i32, u8], ["[2]", "?"];
        "tf.saturate_cast(x, tf.int64)" =
            |g, x: T| math::saturate_cast::<i64, T>(x), [f32, f64, i32, u8], ["[2]", "?"];
        "tf.reduce_sum(x)" =
            |g, x: T| math::reduce_sum(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.reduce_sum(x, axis=-1)" =
            |g, x: T| math::reduce_sum(x, -1), [f32, i64], REDUCED;
        "tf.reduce_sum(x, axis=[0, 1])" =
            |g, x: T| math::reduce_sum(x, [0, 1]), [f32, i64], REDUCED;
        "tf.reduce_sum(x, keepdims=True)" =
            |g, x: T| math::reduce_sum(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_sum(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_sum(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_mean(x)" =
            |g, x: T| math::reduce_mean(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.reduce_mean(x, axis=-1)" =
            |g, x: T| math::reduce_mean(x, -1), [f32, i64], REDUCED;
        "tf.reduce_mean(x, axis=[0, 1])" =
            |g, x: T| math::reduce_mean(x, [0, 1]), [f32, i64], REDUCED;
        "tf.reduce_mean(x, keepdims=True)" =
            |g, x: T| math::reduce_mean(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_mean(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_mean(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_max(x)" =
            |g, x: T| math::reduce_max(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.reduce_max(x, axis=-1)" =
            |g, x: T| math::reduce_max(x, -1), [f32, i64], REDUCED;
        "tf.reduce_max(x, axis=[0, 1])" =
            |g, x: T| math::reduce_max(x, [0, 1]), [f32, i64], REDUCED;
        "tf.reduce_max(x, keepdims=True)" =
            |g, x: T| math::reduce_max(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_max(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_max(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_min(x)" =
            |g, x: T| math::reduce_min(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.reduce_min(x, axis=-1)" =
            |g, x: T| math::reduce_min(x, -1), [f32, i64], REDUCED;
        "tf.reduce_min(x, axis=[0, 1])" =
            |g, x: T| math::reduce_min(x, [0, 1]), [f32, i64], REDUCED;
        "tf.reduce_min(x, keepdims=True)" =
            |g, x: T| math::reduce_min(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_min(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_min(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_prod(x)" =
            |g, x: T| math::reduce_prod(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.reduce_prod(x, axis=-1)" =
            |g, x: T| math::reduce_prod(x, -1), [f32, i64], REDUCED;
        "tf.reduce_prod(x, axis=[0, 1])" =
            |g, x: T| math::reduce_prod(x, [0, 1]), [f32, i64], REDUCED;
        "tf.reduce_prod(x, keepdims=True)" =
            |g, x: T| math::reduce_prod(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_prod(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_prod(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.math.reduce_euclidean_norm(x)" =
            |g, x: T| math::reduce_euclidean_norm(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.math.reduce_euclidean_norm(x, axis=-1)" =
            |g, x: T| math::reduce_euclidean_norm(x, -1), [f32, i64], REDUCED;
        "tf.math.reduce_euclidean_norm(x, axis=[0, 1])" =
            |g, x: T| math::reduce_euclidean_norm(x, [0, 1]), [f32, i64], REDUCED;
        "tf.math.reduce_euclidean_norm(x, keepdims=True)" =
            |g, x: T| math::reduce_euclidean_norm(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.math.reduce_euclidean_norm(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_euclidean_norm(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.reduce_logsumexp(x)" =
            |g, x: T| math::reduce_logsumexp(x, Axes::ALL), [f32, f64], REDUCED;
        "tf.reduce_logsumexp(x, axis=-1)" =
            |g, x: T| math::reduce_logsumexp(x, -1), [f32, f64], REDUCED;
        "tf.reduce_logsumexp(x, axis=[0, 1])" =
            |g, x: T| math::reduce_logsumexp(x, [0, 1]), [f32, f64], REDUCED;
        "tf.reduce_logsumexp(x, keepdims=True)" =
            |g, x: T| math::reduce_logsumexp(x, Axes::ALL.keep_dims()), [f32, f64], REDUCED;
        "tf.reduce_logsumexp(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_logsumexp(x, Axes::from(1).keep_dims()), [f32, f64], REDUCED;
        "tf.math.reduce_variance(x)" =
            |g, x: T| math::reduce_variance(x, Axes::ALL), [f32, f64], REDUCED;
        "tf.math.reduce_variance(x, axis=-1)" =
            |g, x: T| math::reduce_variance(x, -1), [f32, f64], REDUCED;
        "tf.math.reduce_variance(x, axis=[0, 1])" =
            |g, x: T| math::reduce_variance(x, [0, 1]), [f32, f64], REDUCED;
        "tf.math.reduce_variance(x, keepdims=True)" =
            |g, x: T| math::reduce_variance(x, Axes::ALL.keep_dims()), [f32, f64], REDUCED;
        "tf.math.reduce_variance(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_variance(x, Axes::from(1).keep_dims()), [f32, f64], REDUCED;
        "tf.math.reduce_std(x)" =
            |g, x: T| math::reduce_std(x, Axes::ALL), [f32, f64], REDUCED;
        "tf.math.reduce_std(x, axis=-1)" =
            |g, x: T| math::reduce_std(x, -1), [f32, f64], REDUCED;
        "tf.math.reduce_std(x, axis=[0, 1])" =
            |g, x: T| math::reduce_std(x, [0, 1]), [f32, f64], REDUCED;
        "tf.math.reduce_std(x, keepdims=True)" =
            |g, x: T| math::reduce_std(x, Axes::ALL.keep_dims()), [f32, f64], REDUCED;
        "tf.math.reduce_std(x, axis=1, keepdims=True)" =
            |g, x: T| math::reduce_std(x, Axes::from(1).keep_dims()), [f32, f64], REDUCED;
        "tf.math.count_nonzero(x)" =
            |g, x: T| math::count_nonzero::<i64, _>(x, Axes::ALL), [f32, i64], REDUCED;
        "tf.math.count_nonzero(x, axis=-1)" =
            |g, x: T| math::count_nonzero::<i64, _>(x, -1), [f32, i64], REDUCED;
        "tf.math.count_nonzero(x, axis=[0, 1])" =
            |g, x: T| math::count_nonzero::<i64, _>(x, [0, 1]), [f32, i64], REDUCED;
        "tf.math.count_nonzero(x, keepdims=True)" =
            |g, x: T| math::count_nonzero::<i64, _>(x, Axes::ALL.keep_dims()), [f32, i64], REDUCED;
        "tf.math.count_nonzero(x, axis=1, keepdims=True)" =
            |g, x: T| math::count_nonzero::<i64, _>(x, Axes::from(1).keep_dims()), [f32, i64], REDUCED;
        "tf.math.l2_normalize(x)" =
            |g, x: T| math::l2_normalize(x, Axes::ALL), [f32, f64], REDUCED;
        "tf.math.l2_normalize(x, axis=-1)" =
            |g, x: T| math::l2_normalize(x, -1), [f32, f64], REDUCED;
        "tf.math.l2_normalize(x, axis=[0, 1])" =
            |g, x: T| math::l2_normalize(x, [0, 1]), [f32, f64], REDUCED;
        "tf.math.l2_normalize(x, axis=1, epsilon=1e-3)" =
            |g, x: T| math::l2_normalize(x, L2NormalizeOptions::default().axis(1).epsilon(1e-3)), [f32, f64], REDUCED;
        "tf.math.count_nonzero(x, axis=[0], dtype=tf.int32)" =
            |g, x: T| math::count_nonzero::<i32, T>(x, [0]), [f32, bool, ByteString], REDUCED;
        "tf.reduce_all(x)" =
            |g, x: T| math::reduce_all(x, Axes::ALL), [bool], REDUCED;
    });
    calls!(table, {
        "tf.reduce_all(x, axis=0)" =
            |g, x: T| math::reduce_all(x, 0), [bool], REDUCED;
        "tf.reduce_all(x, axis=[-1], keepdims=True)" =
            |g, x: T| math::reduce_all(x, Axes::from([-1]).keep_dims()), [bool], REDUCED;
        "tf.reduce_any(x)" =
            |g, x: T| math::reduce_any(x, Axes::ALL), [bool], REDUCED;
        "tf.reduce_any(x, axis=0)" =
            |g, x: T| math::reduce_any(x, 0), [bool], REDUCED;
        "tf.reduce_any(x, axis=[-1], keepdims=True)" =
            |g, x: T| math::reduce_any(x, Axes::from([-1]).keep_dims()), [bool], REDUCED;
        "tf.reduce_sum(x, axis=[])" =
            |g, x: T| math::reduce_sum(x, []), [f32, f64], REDUCED;
        "tf.reduce_sum(x, axis=[0, -2])" =
            |g, x: T| math::reduce_sum(x, &[0, -2][..]), [f32, f64], REDUCED;
        "tf.reduce_logsumexp(x, name='q')" =
            |g, x: T| g.named("q", || math::reduce_logsumexp(x, Axes::ALL)), [f32, f64], REDUCED;
        "tf.argmax(x, 0)" =
            |g, x: T| math::argmax::<i64, _>(x, 0), [f32, i64], REDUCED;
        "tf.argmax(x, axis=-1, output_type=tf.int32)" =
            |g, x: T| math::argmax::<i32, T>(x, -1), [f32, f64], REDUCED;
        "tf.argmin(x, 0)" =
            |g, x: T| math::argmin::<i64, _>(x, 0), [f32, i64], REDUCED;
        "tf.argmin(x, axis=-1, output_type=tf.int32)" =
            |g, x: T| math::argmin::<i32, T>(x, -1), [f32, f64], REDUCED;
        "tf.matmul(a, b)" =
            |g, a: T, b: T| math::matmul(a, b), [f32, i64, Complex<f32>], MATRICES;
        "tf.matmul(a, b, transpose_a=True)" =
            |g, a: T, b: T| math::matmul(Transposed(a), b), [f32, Complex<f32>], MATRICES;
        "tf.matmul(a, b, transpose_b=True)" =
            |g, a: T, b: T| math::matmul(a, Transposed(b)), [f32, Complex<f32>], MATRICES;
        "tf.matmul(a, b, adjoint_a=True)" =
            |g, a: T, b: T| math::matmul(Adjoint(a), b), [f32, Complex<f32>], MATRICES;
        "tf.matmul(a, b, adjoint_b=True)" =
            |g, a: T, b: T| math::matmul(a, Adjoint(b)), [f32, Complex<f32>], MATRICES;
        "tf.matmul(a, b, a_is_sparse=True)" =
            |g, a: T, b: T| math::matmul(MostlyZero(a), b), [f32, bf16, f64], MATRICES;
        "tf.matmul(a, b, b_is_sparse=True)" =
            |g, a: T, b: T| math::matmul(a, MostlyZero(b)), [f32, bf16, f64], MATRICES;
        "tf.matmul(a, b, transpose_a=True, adjoint_a=True)" =
            |g, a: T, b: T| math::matmul(Adjoint(Transposed(a)), b), [f32], MATRICES;
        "tf.matmul(variable('v', [2, 3]), a)" =
            |g, a: T| math::matmul(vector(g), a), [f32], ["[3,4]", "?"];
        "tf.range(5)" = |g| math::range(g, 5, ());
        "tf.range(x)" =
            |g, x: T| math::range(g, x, ()), [i32, i64, f32, f64], ["[]", "?"];
        "tf.range(1, x)" =
            |g, x: T| math::range(g, x, RangeOptions::default().start(1)), [i32], ["[]"];
        "tf.range(x, y)" =
            |g, x: T, y: T| math::range(g, y, RangeOptions::default().start(x)), [i32, i64, f32, f64], ["[] []", "? ?"];
        "tf.range(x, y, z)" =
            |g, x: T, y: T, z: T| math::range(g, y, RangeOptions::default().start(x).delta(z)), [i32, i64, f32, f64], ["[] [] []", "? ? ?", "[1] [] []"];
        "tf.range(3, 18, 3)" = |g| math::range(g, 18, RangeOptions::default().start(3).delta(3));
        "tf.range(3, 18, 3, dtype=tf.int64)" = |g| math::range(g, 18, RangeOptions::default().start(3i64).delta(3));
        "tf.range(x, name='q')" =
            |g, x: T| g.named("q", || math::range(g, x, ())), [i64], ["[]"];
        "tf.linspace(1.0, 2.0, 5)" = |g| math::linspace(g, 1.0f32, 2.0, 5);
        "tf.linspace(x, y, n)" =
            |g, x: T, y: T, n: i32| math::linspace(g, x, y, n), [f32, f64], ["[] [] []", "? ? ?", "[1] [] []"];
        "tf.cumsum(x)" =
            |g, x: T| math::cumsum(x, 0), [f32, i64], UNARY;
        "tf.cumsum(x, axis=-1, exclusive=True, reverse=True)" =
            |g, x: T| math::cumsum(x, CumulativeOptions::default().axis(-1).exclusive(true).reverse(true)), [f32, i64], UNARY;
        "tf.math.cumprod(x)" =
            |g, x: T| math::cumprod(x, 0), [f32, i64], UNARY;
        "tf.math.cumprod(x, axis=-1, exclusive=True, reverse=True)" =
            |g, x: T| math::cumprod(x, CumulativeOptions::default().axis(-1).exclusive(true).reverse(true)), [f32, i64], UNARY;
        "tf.math.cumulative_logsumexp(x)" =
            |g, x: T| math::cumulative_logsumexp(x, 0), [f32, f64], UNARY;
        "tf.math.cumulative_logsumexp(x, axis=-1, exclusive=True, reverse=True)" =
            |g, x: T| math::cumulative_logsumexp(x, CumulativeOptions::default().axis(-1).exclusive(true).reverse(true)), [f32, f64], UNARY;
        "tf.math.bincount(x)" =
            |g, x: T| math::bincount::<i32>(x, ()), [i32], ["[3]", "[?]", "?"];
        "tf.math.bincount(x, minlength=3, dtype=T)" =
            |g, x: i32| math::bincount::<T>(x, BincountOptions::default().minlength(3)), [f32, i64], ["[3]", "[?]", "?"];
        "tf.math.bincount(x, w, minlength=3, maxlength=5)" =
            |g, x: i32, w: T| math::weighted_bincount(x, w, BincountOptions::default().minlength(3).maxlength(5)), [f32, i64], ["[3] [3]", "[?] [?]", "? ?"];
        "tf.math.segment_max(x, i)" =
            |g, x: T, i: i32| math::segment_max(x, i), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?"];
        "tf.math.unsorted_segment_max(x, i, 3)" =
            |g, x: T, i: i64| math::unsorted_segment_max(x, i, 3), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[2,3,4] [2,3]"];
        "tf.math.segment_mean(x, i)" =
            |g, x: T, i: i32| math::segment_mean(x, i), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?"];
        "tf.math.segment_min(x, i)" =
            |g, x: T, i: i32| math::segment_min(x, i), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?"];
        "tf.math.unsorted_segment_min(x, i, 3)" =
            |g, x: T, i: i64| math::unsorted_segment_min(x, i, 3), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[2,3,4] [2,3]"];
        "tf.math.segment_prod(x, i)" =
            |g, x: T, i: i32| math::segment_prod(x, i), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?"];
        "tf.math.unsorted_segment_prod(x, i, 3)" =
            |g, x: T, i: i64| math::unsorted_segment_prod(x, i, 3), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[2,3,4] [2,3]"];
        "tf.math.segment_sum(x, i)" =
            |g, x: T, i: i32| math::segment_sum(x, i), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?"];
        "tf.math.unsorted_segment_sum(x, i, 3)" =
            |g, x: T, i: i64| math::unsorted_segment_sum(x, i, 3), [f32, i64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[2,3,4] [2,3]"];
        "tf.math.segment_sum(x, [0, 0, 1])" =
            |g, x: T| math::segment_sum(x, [0, 0, 1]), [f32], ["[3,2]", "?"];
        "tf.math.unsorted_segment_sum(x, i, n)" =
            |g, x: T, i: i32, n: i32| math::unsorted_segment_sum(x, i, n), [f32, f64], ["[4,2] [4] []", "? ? ?"];
        "tf.math.unsorted_segment_mean(x, i, 3)" =
            |g, x: T, i: i32| math::unsorted_segment_mean(x, i, 3), [f32, f64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[4] [4]", "[2,3,4] [2,3]", "[2] []"];
        "tf.math.unsorted_segment_mean(x, i, n)" =
            |g, x: T, i: i32, n: i32| math::unsorted_segment_mean(x, i, n), [f32, f64], ["[4,2] [4] []", "[?,?] [?] []", "? ? ?"];
        "tf.math.unsorted_segment_sqrt_n(x, i, 3)" =
            |g, x: T, i: i32| math::unsorted_segment_sqrt_n(x, i, 3), [f32, f64], ["[4,2] [4]", "[?,?] [?]", "? ?", "[4] [4]", "[2,3,4] [2,3]", "[2] []"];
        "tf.math.unsorted_segment_sqrt_n(x, i, n)" =
            |g, x: T, i: i32, n: i32| math::unsorted_segment_sqrt_n(x, i, n), [f32, f64], ["[4,2] [4] []", "[?,?] [?] []", "? ? ?"];
        "tf.sparse.segment_mean(x, j, i)" =
            |g, x: T, j: i32, i: i32| math::sparse_segment_mean(x, j, i, ()), [f32, f64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
        "tf.sparse.segment_mean(x, j, i, num_segments=4)" =
            |g, x: T, j: i64, i: i32| math::sparse_segment_mean(x, j, i, 4), [f32, f64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
        "tf.sparse.segment_sqrt_n(x, j, i)" =
            |g, x: T, j: i32, i: i32| math::sparse_segment_sqrt_n(x, j, i, ()), [f32, f64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
        "tf.sparse.segment_sqrt_n(x, j, i, num_segments=4)" =
            |g, x: T, j: i64, i: i32| math::sparse_segment_sqrt_n(x, j, i, 4), [f32, f64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
        "tf.sparse.segment_sum(x, j, i)" =
            |g, x: T, j: i32, i: i32| math::sparse_segment_sum(x, j, i, ()), [f32, i64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
    });
    calls!(table, {
        "tf.sparse.segment_sum(x, j, i, num_segments=4)" =
            |g, x: T, j: i64, i: i32| math::sparse_segment_sum(x, j, i, 4), [f32, i64], ["[4,2] [3] [3]", "[?,?] [?] [?]", "? ? ?"];
        "tf.clip_by_value(x, 0, 1)" =
            |g, x: T| math::clip_by_value(x, 0 as T, 1 as T), [f32, i64], UNARY;
        "tf.clip_by_value(x, y, z)" =
            |g, x: T, y: T, z: T| math::clip_by_value(x, y, z), [f32, f64], ["[2,3] [] []", "[2,3] [3] [2,3]", "? ? ?", "[3] [2,3] []", "[?] [1] [2]"];
        "tf.clip_by_norm(x, 2.0)" =
            |g, x: T| math::clip_by_norm(x, 2 as T, Axes::ALL), [f32, f64], UNARY;
        "tf.clip_by_norm(x, 2.0, axes=[1])" =
            |g, x: T| math::clip_by_norm(x, 2 as T, [1]), [f32, f64], ["[2,3]", "[?,3]", "?"];
        "tf.clip_by_norm(x, y)" =
            |g, x: T, y: T| math::clip_by_norm(x, y, Axes::ALL), [f32, f64], ["[2] []", "[2] [2,2]", "? ?"];
        "tf.global_norm([x, y])" =
            |g, x: T, y: T| math::global_norm(g, [x, y]), [f32, f64], BINARY;
        "tf.global_norm([x, y], name='q')" =
            |g, x: T, y: T| g.named("q", || math::global_norm(g, [x, y])), [f32], BINARY;
        "tf.global_norm([x, variable('v', [2, 3])])" =
            |g, x: T| math::global_norm(g, (x, vector(g))), [f32], ["[2,3]", "?"];
        "tf.global_norm([x, [1.0, 2.0]])" =
            |g, x: T| math::global_norm(g, (x, [1.0f32, 2.0])), [f32], ["[2,3]"];
        "tf.clip_by_global_norm([variable('v', [2, 3]), x], 2.0)" =
            |g, x: T| math::clip_by_global_norm(g, (vector(g), x), 2f32, ()), [f32], ["[2,3]", "?"];
        "tf.clip_by_global_norm([variable('v', [2, 3])], 2.0, use_norm=y)" =
            |g, y: T| { let v = vector(g); math::clip_by_global_norm(g, [v], 2f32, y) }, [f32], ["[]"];
        "tf.clip_by_global_norm([x, y], 2.0)" =
            |g, x: T, y: T| math::clip_by_global_norm(g, [x, y], 2 as T, ()), [f32, f64], BINARY;
        "tf.clip_by_global_norm([x, y], z)" =
            |g, x: T, y: T, z: T| math::clip_by_global_norm(g, [x, y], z, ()), [f32, f64], ["[2] [3] []"];
        "tf.clip_by_global_norm([x, y], 2.0, name='q')" =
            |g, x: T, y: T| g.named("q", || math::clip_by_global_norm(g, [x, y], 2 as T, ())), [f32], BINARY;
        "tf.clip_by_global_norm([x], 2.0, use_norm=y)" =
            |g, x: T, y: T| math::clip_by_global_norm(g, [x], 2 as T, y), [f32, f64], ["[2] []", "? ?"];
        "tf.clip_by_average_norm(x, 2.0)" =
            |g, x: T| math::clip_by_average_norm(x, 2.0), [f32], UNARY;
        "tf.tensordot(a, b, 1)" =
            |g, a: T, b: T| math::tensordot(a, b, 1), [f32], DOTS;
        "tf.tensordot(a, b, 2)" =
            |g, a: T, b: T| math::tensordot(a, b, 2), [f32], DOTS;
        "tf.tensordot(a, b, 0)" =
            |g, a: T, b: T| math::tensordot(a, b, 0), [f32], DOTS;
        "tf.tensordot(a, b, [1, 0])" =
            |g, a: T, b: T| math::tensordot(a, b, (1, 0)), [f32], DOTS;
        "tf.tensordot(a, b, [[-1], [0]])" =
            |g, a: T, b: T| math::tensordot(a, b, ([-1], [0])), [f32], DOTS;
        "tf.tensordot(a, b, [[0, 1], [1, 0]])" =
            |g, a: T, b: T| math::tensordot(a, b, ([0, 1], [1, 0])), [f32], DOTS;
        "tf.tensordot(a, b, -1)" =
            |g, a: T, b: T| math::tensordot(a, b, -1), [f32], DOTS;
        "tf.tensordot(a, b, [[0], [0, 1]])" =
            |g, a: T, b: T| math::tensordot(a, b, ([0], [0, 1])), [f32], DOTS;
        "tf.tensordot(a, b, [[1], [0]])" =
            |g, a: T, b: T| math::tensordot(a, b, (vec![1], vec![0])), [i32, Complex<f32>], ["[2,3] [3,2]", "? [3,2]"];
        "tf.einsum('ij,jk->ik', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,jk->ik", [x, y]), [f32], ["[3,3] [3,3]", "[?,?] [?,?]", "[?,3] [?,3]", "? ?"];
        "tf.einsum('ij,jk', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,jk", [x, y]), [f32], ["[3,3] [3,3]", "[?,?] [?,?]", "[?,3] [?,3]", "? ?"];
        "tf.einsum('bij,bjk->bik', x, y)" =
            |g, x: T, y: T| math::einsum(g, "bij,bjk->bik", [x, y]), [f32], ["[3,3,3] [3,3,3]", "[?,?,?] [?,?,?]", "[?,3,3] [?,3,3]", "? ?"];
        "tf.einsum('ij,kj->ik', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,kj->ik", [x, y]), [f32], ["[3,3] [3,3]", "[?,?] [?,?]", "[?,3] [?,3]", "? ?"];
        "tf.einsum('i,i->', x, y)" =
            |g, x: T, y: T| math::einsum(g, "i,i->", [x, y]), [f32], ["[3] [3]", "[?] [?]", "[?] [?]", "? ?"];
        "tf.einsum('i,j->ij', x, y)" =
            |g, x: T, y: T| math::einsum(g, "i,j->ij", [x, y]), [f32], ["[3] [3]", "[?] [?]", "[?] [?]", "? ?"];
        "tf.einsum('ij,ij->ij', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,ij->ij", [x, y]), [f32], ["[3,3] [3,3]", "[?,?] [?,?]", "[?,3] [?,3]", "? ?"];
        "tf.einsum('ij,j->i', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,j->i", [x, y]), [f32], ["[3,3] [3]", "[?,?] [?]", "[?,3] [?]", "? ?"];
        "tf.einsum('ijk,k->ij', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ijk,k->ij", [x, y]), [f32], ["[3,3,3] [3]", "[?,?,?] [?]", "[?,3,3] [?]", "? ?"];
        "tf.einsum('ijk,jkl->li', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ijk,jkl->li", [x, y]), [f32], ["[3,3,3] [3,3,3]", "[?,?,?] [?,?,?]", "[?,3,3] [?,3,3]", "? ?"];
        "tf.einsum('ab,ba->ab', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ab,ba->ab", [x, y]), [f32], ["[3,3] [3,3]", "[?,?] [?,?]", "[?,3] [?,3]", "? ?"];
        "tf.einsum('...ij,jk->...ik', x, y)" =
            |g, x: T, y: T| math::einsum(g, "...ij,jk->...ik", [x, y]), [f32], ["[2,3,3] [3,3]", "[2,?,?] [?,?]", "[?,?,3] [?,3]", "? ?"];
        "tf.einsum('ij,...jk->...ik', x, y)" =
            |g, x: T, y: T| math::einsum(g, "ij,...jk->...ik", [x, y]), [f32], ["[3,3] [2,3,3]", "[?,?] [2,?,?]", "[?,3] [?,?,3]", "? ?"];
        "tf.einsum('...i,...i->...', x, y)" =
            |g, x: T, y: T| math::einsum(g, "...i,...i->...", [x, y]), [f32], ["[2,3] [2,3]", "[2,?] [2,?]", "[?,?] [?,?]", "? ?"];
        "tf.einsum('ij->ji', x)" =
            |g, x: T| math::einsum(g, "ij->ji", [x]), [f32], ["[2,3]"];
        "tf.einsum('ij->i', x)" =
            |g, x: T| math::einsum(g, "ij->i", [x]), [f32], ["[2,?]"];
        "tf.einsum('ij->', x)" =
            |g, x: T| math::einsum(g, "ij->", [x]), [f32], ["?"];
        "tf.einsum('ii', x)" =
            |g, x: T| math::einsum(g, "ii", [x]), [f32], ["[3,3]"];
        "tf.einsum('ii', x)" =
            |g, x: T| math::einsum(g, "ii", [x]), [f32], ["?"];
        "tf.einsum('ii->i', x)" =
            |g, x: T| math::einsum(g, "ii->i", [x]), [f32], ["[3,3]"];
        "tf.einsum('ij', x)" =
            |g, x: T| math::einsum(g, "ij", [x]), [f32], ["[?,?]"];
        "tf.einsum('ji', x)" =
            |g, x: T| math::einsum(g, "ji", [x]), [f32], ["[2,3]"];
        "tf.einsum('ijk->jk', x)" =
            |g, x: T| math::einsum(g, "ijk->jk", [x]), [f32], ["[2,3,4]"];
        "tf.einsum('i.j', x)" =
            |g, x: T| math::einsum(g, "i.j", [x]), [f32], ["[2,3]"];
        "tf.einsum('i1', x)" =
            |g, x: T| math::einsum(g, "i1", [x]), [f32], ["[2,3]"];
        "tf.einsum('i->j', x)" =
            |g, x: T| math::einsum(g, "i->j", [x]), [f32], ["[2]"];
        "tf.einsum('...ij->...ji', x)" =
            |g, x: T| math::einsum(g, "...ij->...ji", [x]), [f32], ["[2,3,4,5]"];
        "tf.einsum('i...->...', x)" =
            |g, x: T| math::einsum(g, "i...->...", [x]), [f32], ["[2,3]"];
        "tf.einsum('ij->ij', x)" =
            |g, x: T| math::einsum(g, "ij->ij", [x]), [f32], ["[2,3]"];
        "tf.einsum('ij,jk,kl->il', x, y, z)" =
            |g, x: T, y: T, z: T| math::einsum(g, "ij,jk,kl->il", [x, y, z]), [f32], ["[2,3] [3,4] [4,5]", "[?,3] [3,?] [?,5]"];
        "tf.einsum('i,i,i->', x, y, z)" =
            |g, x: T, y: T, z: T| math::einsum(g, "i,i,i->", [x, y, z]), [f32], ["[3] [3] [3]", "[?] [?] [3]", "[2] [3] [3]"];
        "tf.einsum('ij,ij,ik->jk', x, y, z)" =
            |g, x: T, y: T, z: T| math::einsum(g, "ij,ij,ik->jk", [x, y, z]), [f32], ["[2,3] [2,3] [2,4]", "[?,3] [2,?] [?,4]", "? ? ?"];
        "tf.einsum('ij,jk->ik', x, variable('v', [2, 3]))" =
            |g, x: T| math::einsum(g, "ij,jk->ik", (x, vector(g))), [f32], ["[5,2]", "[?,2]"];
        "tf.einsum('ij,kj->ik', variable('v', [2, 3]), x)" =
            |g, x: T| math::einsum(g, "ij,kj->ik", (vector(g), x)), [f32], ["[5,3]", "[?,3]"];
        "tf.einsum('bij,jk->bik', x, variable('v', [2, 3]))" =
            |g, x: T| math::einsum(g, "bij,jk->bik", (x, vector(g))), [f32], ["[4,5,2]", "[?,?,2]"];
        "tf.einsum('ij,ij->ij', variable('v', [2, 3]), x)" =
            |g, x: T| math::einsum(g, "ij,ij->ij", (vector(g), x)), [f32], ["[2,3]"];
        "tf.einsum('ij,i->i', variable('v', [2, 3]), x)" =
            |g, x: T| math::einsum(g, "ij,i->i", (vector(g), x)), [f32], ["[2]", "[?]"];
        "tf.einsum('ij->i', variable('v', [2, 3]))" = |g| math::einsum(g, "ij->i", [vector(g)]);
        "tf.einsum('ij->ji', variable('v', [2, 3]))" = |g| math::einsum(g, "ij->ji", [vector(g)]);
        "tf.einsum('i,ij,j->', x, variable('v', [2, 3]), y)" =
            |g, x: T, y: T| math::einsum(g, "i,ij,j->", (x, vector(g), y)), [f32], ["[2] [3]"];
        "tf.einsum('ij,ij,ik->jk', x, variable('v', [2, 3]), y)" =
            |g, x: T, y: T| math::einsum(g, "ij,ij,ik->jk", (x, vector(g), y)), [f32], ["[2,3] [2,4]"];
        "tf.einsum('ij,jk->ik', x, y, z)" =
            |g, x: T, y: T, z: T| math::einsum(g, "ij,jk->ik", [x, y, z]), [f32], ["[2,3] [3,4] [4]"];
    });
    table
}
