//! Functions of each element.

use std::panic::Location;

use half::{bf16, f16};
use num_complex::Complex;

use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{GraphBuilder, Operand, Tensor};
use crate::ops::nodes::Nodes;
use crate::ops::types::{
    ComplexFloat32Float64Float16, Float, Float32Float64, FloatComplex, FloatComplexInt32Int64,
    FloatInt32Int64, FloatSignedIntComplexUInt8String,
    FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32, FloatSignedIntComplexUInt8UInt16,
    Number, Real,
};
use crate::ops::{TensorLike, binary, unary};
use crate::shape::Shape;
use crate::value::TensorValue;

macro_rules! elementwise {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
            unary(x, $op, |op| op).typed()
        }
    )*};
}

elementwise! {
    /// The inverse cosine of each element (`tf.acos`).
    acos FloatComplexInt32Int64 "Acos";
    /// The inverse hyperbolic cosine of each element (`tf.acosh`).
    acosh FloatComplex "Acosh";
    /// The inverse sine of each element (`tf.asin`).
    asin FloatComplexInt32Int64 "Asin";
    /// The inverse hyperbolic sine of each element (`tf.asinh`).
    asinh FloatComplex "Asinh";
    /// The inverse tangent of each element (`tf.atan`).
    atan FloatComplexInt32Int64 "Atan";
    /// The inverse hyperbolic tangent of each element (`tf.atanh`).
    atanh FloatComplex "Atanh";
    /// exp(-|x|) I0(x) with the modified Bessel function of order 0 (`tf.math.bessel_i0e`).
    bessel_i0e Float "BesselI0e";
    /// exp(-|x|) I1(x) with the modified Bessel function of order 1 (`tf.math.bessel_i1e`).
    bessel_i1e Float "BesselI1e";
    /// The least integer that is not less than the element (`tf.math.ceil`).
    ceil Float "Ceil";
    /// The cosine of each element (`tf.cos`).
    cos FloatComplex "Cos";
    /// The hyperbolic cosine of each element (`tf.cosh`).
    cosh FloatComplex "Cosh";
    /// The derivative of the logarithm of the gamma function (`tf.math.digamma`).
    digamma Float "Digamma";
    /// The error function (`tf.math.erf`).
    erf Float "Erf";
    /// The complementary error function (`tf.math.erfc`).
    erfc Float "Erfc";
    /// e to the power of each element (`tf.exp`).
    exp FloatComplex "Exp";
    /// exp(x) - 1 of each element (`tf.math.expm1`).
    expm1 FloatComplex "Expm1";
    /// The greatest integer that is not greater than the element (`tf.floor`).
    floor Float "Floor";
    /// The logarithm of the absolute value of the gamma function (`tf.math.lgamma`).
    lgamma Float "Lgamma";
    /// The natural logarithm of each element (`tf.math.log`).
    log FloatComplex "Log";
    /// log(1 + x) of each element (`tf.math.log1p`).
    log1p FloatComplex "Log1p";
    /// The negative of each element (`tf.negative`).
    negative FloatComplexInt32Int64 "Neg";
    /// 1 / x of each element (`tf.math.reciprocal`).
    reciprocal FloatComplexInt32Int64 "Reciprocal";
    /// The nearest integer, of two the even one (`tf.math.rint`).
    rint Float "Rint";
    /// 1 / sqrt(x) of each element (`tf.math.rsqrt`).
    rsqrt FloatComplex "Rsqrt";
    /// 1 / (1 + exp(-x)) of each element (`tf.sigmoid`).
    sigmoid FloatComplex "Sigmoid";
    /// -1, 0 or 1 by the sign of each element (`tf.sign`); x / |x| of complex ones.
    sign FloatComplexInt32Int64 "Sign";
    /// The sine of each element (`tf.sin`).
    sin FloatComplex "Sin";
    /// The hyperbolic sine of each element (`tf.sinh`).
    sinh FloatComplex "Sinh";
    /// log(exp(x) + 1) of each element (`tf.math.softplus`).
    softplus Float "Softplus";
    /// x / (|x| + 1) of each element (`tf.math.softsign`).
    softsign Float "Softsign";
    /// The square root of each element (`tf.sqrt`).
    sqrt FloatComplex "Sqrt";
    /// The square of each element (`tf.square`).
    square FloatComplexInt32Int64 "Square";
    /// The tangent of each element (`tf.tan`).
    tan FloatComplexInt32Int64 "Tan";
    /// The hyperbolic tangent of each element (`tf.tanh`).
    tanh FloatComplex "Tanh";
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: impl TensorLike<'g, T>) -> Tensor<'g, bool> {
            unary(x, $op, |op| op).typed()
        }
    )*};
}

predicates! {
    /// Whether each element is neither infinite nor NaN (`tf.math.is_finite`).
    is_finite Float "IsFinite";
    /// Whether each element is infinite (`tf.math.is_inf`).
    is_inf Float "IsInf";
    /// Whether each element is NaN (`tf.math.is_nan`).
    is_nan Float "IsNan";
}

/// Each truth value inverted (`tf.logical_not`).
#[track_caller]
pub fn logical_not<'g>(x: impl TensorLike<'g, bool>) -> Tensor<'g, bool> {
    unary(x, "LogicalNot", |op| op).typed()
}

macro_rules! broadcasting {
    ($(
        $(#[$doc:meta])*
        $name:ident $bound:ident $op:literal $default:literal ($x:ident $y:ident);
    )*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>($x: impl TensorLike<'g, T>, $y: impl Operand<'g, T>) -> Tensor<'g, T> {
            binary($x.graph(), ($op, $default), (stringify!($x), stringify!($y)), ($x, $y), |op| op).typed()
        }
    )*};
}

broadcasting! {
    /// The sum of two tensors with broadcasting (`tf.add`).
    ///
    /// It makes an `Add` node, where the operator `+` makes an `AddV2` node as in Python.
    add FloatSignedIntComplexUInt8String "Add" "Add" (x y);
    /// The angle of the point (`x`, `y`) with broadcasting (`tf.atan2`).
    atan2 Float "Atan2" "Atan2" (y x);
    /// The quotient, 0 where the divisor is 0 (`tf.math.divide_no_nan`).
    div_no_nan ComplexFloat32Float64Float16 "DivNoNan" "div_no_nan" (x y);
    /// The quotient of two integers rounded down, or of two floats floored, with broadcasting (Python's `//`).
    floordiv FloatSignedIntComplexUInt8UInt16 "FloorDiv" "floordiv" (x y);
    /// The remainder with the sign of the divisor (`tf.math.floormod`), as Python's `%` gives it.
    floormod FloatInt32Int64 "FloorMod" "FloorMod" (x y);
    /// The lower regularized incomplete gamma function P(a, x) (`tf.math.igamma`).
    igamma Float32Float64 "Igamma" "Igamma" (a x);
    /// The upper regularized incomplete gamma function Q(a, x) (`tf.math.igammac`).
    igammac Float32Float64 "Igammac" "Igammac" (a x);
    /// The greater of two elements (`tf.maximum`).
    maximum FloatInt32Int64 "Maximum" "Maximum" (x y);
    /// The less of two elements (`tf.minimum`).
    minimum FloatInt32Int64 "Minimum" "Minimum" (x y);
    /// The product of two tensors, element by element, with broadcasting (`tf.multiply`).
    multiply FloatSignedIntComplexUInt8UInt16 "Mul" "Mul" (x y);
    /// The product, 0 where `y` is 0 even if `x` is infinite or NaN (`tf.math.multiply_no_nan`).
    multiply_no_nan ComplexFloat32Float64Float16 "MulNoNan" "multiply_no_nan" (x y);
    /// The next float after `x1` towards `x2` (`tf.math.nextafter`).
    nextafter Float32Float64 "NextAfter" "NextAfter" (x1 x2);
    /// The polygamma function of order `a` (`tf.math.polygamma`).
    polygamma Float32Float64 "Polygamma" "Polygamma" (a x);
    /// `x` to the power of `y` (`tf.pow`).
    pow FloatComplexInt32Int64 "Pow" "Pow" (x y);
    /// The quotient of two floats, or of two integers rounded towards 0 (`tf.realdiv`).
    realdiv FloatSignedIntComplexUInt8UInt16 "RealDiv" "RealDiv" (x y);
    /// (x - y)² (`tf.math.squared_difference`).
    squared_difference FloatComplexInt32Int64 "SquaredDifference" "SquaredDifference" (x y);
    /// The difference of two tensors with broadcasting (`tf.subtract`).
    subtract FloatSignedIntComplexUInt8UInt16 "Sub" "Sub" (x y);
    /// The quotient rounded towards 0 (`tf.truncatediv`).
    truncatediv FloatSignedIntComplexUInt8UInt16 "TruncateDiv" "TruncateDiv" (x y);
    /// The remainder with the sign of the dividend (`tf.truncatemod`).
    truncatemod FloatInt32Int64 "TruncateMod" "TruncateMod" (x y);
    /// x / y, 0 where `x` is 0 (`tf.math.xdivy`).
    xdivy ComplexFloat32Float64Float16 "Xdivy" "Xdivy" (x y);
    /// x log(y), 0 where `x` is 0 (`tf.math.xlogy`).
    xlogy ComplexFloat32Float64Float16 "Xlogy" "Xlogy" (x y);
    /// The Hurwitz zeta function (`tf.math.zeta`).
    zeta Float32Float64 "Zeta" "Zeta" (x q);
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: impl TensorLike<'g, T>, y: impl Operand<'g, T>) -> Tensor<'g, bool> {
            binary(x.graph(), ($op, $op), ("x", "y"), (x, y), |op| op).typed()
        }
    )*};
}

comparisons! {
    /// Whether elements are equal (`tf.equal`).
    equal FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32 "Equal";
    /// Whether elements of `x` are greater than those of `y` (`tf.greater`).
    greater Real "Greater";
    /// Whether elements of `x` are greater than those of `y` or equal (`tf.greater_equal`).
    greater_equal Real "GreaterEqual";
    /// Whether elements of `x` are less than those of `y` (`tf.less`).
    less Real "Less";
    /// Whether elements of `x` are less than those of `y` or equal (`tf.less_equal`).
    less_equal Real "LessEqual";
    /// Whether elements differ (`tf.not_equal`).
    not_equal FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32 "NotEqual";
}

/// Whether both are true (`tf.logical_and`).
#[track_caller]
pub fn logical_and<'g>(
    x: impl TensorLike<'g, bool>,
    y: impl Operand<'g, bool>,
) -> Tensor<'g, bool> {
    let op = ("LogicalAnd", "LogicalAnd");
    binary(x.graph(), op, ("x", "y"), (x, y), |op| op).typed()
}

/// Whether one or both are true (`tf.logical_or`).
#[track_caller]
pub fn logical_or<'g>(x: impl TensorLike<'g, bool>, y: impl Operand<'g, bool>) -> Tensor<'g, bool> {
    let op = ("LogicalOr", "LogicalOr");
    binary(x.graph(), op, ("x", "y"), (x, y), |op| op).typed()
}

/// Whether one of them is true and the other is not (`tf.math.logical_xor`); it makes four nodes.
#[track_caller]
pub fn logical_xor<'g>(
    x: impl TensorLike<'g, bool>,
    y: impl Operand<'g, bool> + Clone,
) -> Tensor<'g, bool> {
    let g = x.graph();
    let name = g.requested_name("LogicalXor").into_owned();
    g.called_from(Location::caller(), || exclusive_or(g, &name, x, y))
}

/// `logical_xor` under a name.
pub(crate) fn exclusive_or<'g>(
    g: &'g GraphBuilder,
    name: &str,
    x: impl Operand<'g, bool> + Clone,
    y: impl Operand<'g, bool> + Clone,
) -> Tensor<'g, bool> {
    let node = |op: &'static str| {
        let (x, y) = (x.clone(), y.clone());
        g.inner_scope(op, Location::caller(), |scope| {
            let x = x.into_tensor(g, "x");
            let y = y.into_tensor(g, "y");
            g.op(op).name(scope).input(x).input(y).output()
        })
    };
    let either = node("LogicalOr");
    let both = node("LogicalAnd");
    let n = Nodes(g);
    let not_both = n.unary("LogicalNot", both);
    n.call(("LogicalAnd", name), [either.into(), not_both.into()])
        .typed()
}

/// A number type with the type of its real part: itself, or the float that a complex number consists of.
pub trait RealPart: Element {
    /// The type of the real part.
    type Real: Element;
}

/// A number type that has absolute values: what `tf.abs` takes.
pub trait Magnitude: RealPart {}

/// A number type that `/` divides: integers become floats.
pub trait Divide: Element {
    /// The type of the quotient.
    type Quotient: Element;
}

macro_rules! number_types {
    ($($number:ty: $real:ty;)*) => {$(
        impl RealPart for $number {
            type Real = $real;
        }
    )*};
}

number_types! {
    f16: f16;
    bf16: bf16;
    f32: f32;
    f64: f64;
    i8: i8;
    i16: i16;
    i32: i32;
    i64: i64;
    u8: u8;
    u16: u16;
    u32: u32;
    u64: u64;
    Complex<f32>: f32;
    Complex<f64>: f64;
}

macro_rules! magnitudes {
    ($($number:ty)*) => {$(
        impl Magnitude for $number {}
    )*};
}

magnitudes! { f16 bf16 f32 f64 i8 i16 i32 i64 Complex<f32> Complex<f64> }

macro_rules! quotients {
    ($($number:ty: $quotient:ty;)*) => {$(
        impl Divide for $number {
            type Quotient = $quotient;
        }
    )*};
}

quotients! {
    f16: f16;
    bf16: bf16;
    f32: f32;
    f64: f64;
    i8: f32;
    i16: f32;
    u8: f32;
    u16: f32;
    i32: f64;
    i64: f64;
    Complex<f32>: Complex<f32>;
    Complex<f64>: Complex<f64>;
}

fn is_complex(dtype: DType) -> bool {
    matches!(dtype, DType::Complex64 | DType::Complex128)
}

/// The absolute value of each element (`tf.abs`), a float of complex ones.
///
/// ```
/// use tfhub::{num_complex::Complex, ops::math};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<Complex<f32>>((2,));
/// let lengths: tfhub::Tensor<f32> = math::abs(x);
/// # let _ = lengths;
/// ```
///
/// Types that are never negative have none:
///
/// ```compile_fail,E0277
/// # let g = tfhub::GraphBuilder::new();
/// tfhub::ops::math::abs(g.placeholder::<u8>((2,)));
/// ```
#[track_caller]
pub fn abs<'g, T: Magnitude>(x: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
    let g = x.graph();
    g.function_scope("Abs", Location::caller(), |scope| {
        let x = x.into_tensor(g, "x");
        match is_complex(T::DTYPE) {
            true => g
                .op("ComplexAbs")
                .name(scope)
                .input(x)
                .attr("Tout", T::Real::DTYPE)
                .output()
                .typed(),
            false => g.op("Abs").name(scope).input(x).output().typed(),
        }
    })
}

/// The real part of each element (`tf.math.real`); a tensor that is not complex is given back.
#[track_caller]
pub fn real<'g, T: RealPart>(input: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
    let g = input.graph();
    g.function_scope("Real", Location::caller(), |scope| {
        let input = input.into_tensor(g, "input");
        if !is_complex(T::DTYPE) {
            return input.any().typed();
        }
        let real = g.op("Real").name(scope).input(input);
        real.attr("Tout", T::Real::DTYPE).output().typed()
    })
}

macro_rules! zero_if_real {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: RealPart>(input: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
            let g = input.graph();
            g.function_scope($op, Location::caller(), |scope| {
                let input = input.into_tensor(g, "input");
                if !is_complex(T::DTYPE) {
                    return Nodes(g).zeros_like(input.any()).typed();
                }
                let part = g.op($op).name(scope).input(input);
                part.attr("Tout", T::Real::DTYPE).output().typed()
            })
        }
    )*};
}

zero_if_real! {
    /// The imaginary part of each element (`tf.math.imag`), zeros for a tensor that is not complex.
    imag "Imag";
    /// The angle of each element in the complex plane (`tf.math.angle`), zeros for a tensor that is not complex.
    angle "Angle";
}

/// The complex conjugate of each element (`tf.math.conj`); a tensor that is not complex is given back.
#[track_caller]
pub fn conj<'g, T: RealPart>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    if let (false, Some(x)) = (is_complex(T::DTYPE), x.as_tensor()) {
        g.requested_name("Conj");
        return x;
    }
    g.function_scope("Conj", Location::caller(), |scope| {
        let x = x.into_tensor(g, "x");
        match is_complex(T::DTYPE) {
            true => g.op("Conj").name(scope).input(x).output().typed(),
            false => x,
        }
    })
}

/// A float type that complex numbers consist of.
pub trait ComplexPart: Float32Float64 {
    /// The complex type.
    type Complex: Element;
}

impl ComplexPart for f32 {
    type Complex = Complex<f32>;
}

impl ComplexPart for f64 {
    type Complex = Complex<f64>;
}

/// Complex numbers from their real and imaginary parts (`tf.complex`).
#[track_caller]
pub fn complex<'g, T: ComplexPart>(
    real: impl TensorLike<'g, T>,
    imag: impl Operand<'g, T>,
) -> Tensor<'g, T::Complex> {
    let g = real.graph();
    let name = g.requested_name("Complex");
    g.called_from(Location::caller(), || {
        // Constants are made outside of the scope.
        let real = real.into_tensor(g, "real");
        let imag = imag.into_tensor(g, "imag");
        let complex = Nodes(g).named("Complex", &name).input(real).input(imag);
        complex.attr("Tout", T::Complex::DTYPE).output().typed()
    })
}

/// Each element rounded to the nearest integer, of two the even one (`tf.round`); integers are given back.
#[track_caller]
pub fn round<'g, T: FloatComplexInt32Int64>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    g.called_from(Location::caller(), || {
        let name = g.requested_name("Round").into_owned();
        let x = x.into_tensor(g, "x");
        if T::DTYPE.is_integer() {
            return x;
        }
        Nodes(g).call(("Round", &name), [x.into()]).typed()
    })
}

/// log(1 / (1 + exp(-x))) of each element (`tf.math.log_sigmoid`).
#[track_caller]
pub fn log_sigmoid<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    g.function_scope("LogSigmoid", Location::caller(), |scope| {
        let n = Nodes(g);
        let x = x.into_tensor(g, "x").any();
        let softplus = n.unary("Softplus", n.unary("Neg", x));
        g.op("Neg").name(scope).input(softplus).output().typed()
    })
}

/// The quotient (`tf.truediv`, Python's `/`); integers are cast to floats first, those of 32 and 64 bits to float64.
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let half: tfhub::Tensor<f64> = math::truediv(g.placeholder::<i32>(()), 2);
/// # let _ = half;
/// ```
#[track_caller]
pub fn truediv<'g, T: Divide>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
) -> Tensor<'g, T::Quotient> {
    true_quotient(x.graph(), x, y, Location::caller())
}

pub(crate) fn true_quotient<'g, T: Divide>(
    g: &'g GraphBuilder,
    x: impl Operand<'g, T>,
    y: impl Operand<'g, T>,
    location: &'static Location<'static>,
) -> Tensor<'g, T::Quotient> {
    g.function_scope("truediv", location, |scope| {
        let x = x.into_tensor(g, "x").any();
        let y = y.into_tensor(g, "y").any();
        Nodes(g).true_quotient(scope, x, y).typed()
    })
}

/// The quotient as the operator `/` gives it (`tf.divide`): a variable is read outside of the node's scope.
#[track_caller]
pub fn divide<'g, T: Divide>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
) -> Tensor<'g, T::Quotient> {
    let g = x.graph();
    if g.is_named() {
        return truediv(x, y);
    }
    let x = x.into_tensor(g, "x");
    true_quotient(g, x, y, Location::caller())
}

/// The quotient of floats, or of integers rounded down (`tf.div`).
#[track_caller]
pub fn div<'g, T: FloatSignedIntComplexUInt8UInt16>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let floats = T::DTYPE.is_floating() || is_complex(T::DTYPE);
    let op = if floats { "RealDiv" } else { "FloorDiv" };
    binary(x.graph(), (op, "div"), ("x", "y"), (x, y), |op| op).typed()
}

/// A scalar times a tensor (`tf.scalar_mul`).
///
/// A scalar whose rank is not 0, or not known, is a fault.
#[track_caller]
pub fn scalar_mul<'g, T: FloatSignedIntComplexUInt8UInt16>(
    scalar: impl Operand<'g, T>,
    x: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("Mul").into_owned();
    g.called_from(Location::caller(), || {
        let scalar = scalar.into_tensor(g, "scalar");
        if scalar.shape().rank() != Some(0) {
            let message = format!("expected a scalar, found the shape {}", scalar.shape());
            g.report(Rule::Shape, message);
        }
        g.inner_scope(&name, Location::caller(), |scope| {
            let x = x.into_tensor(g, "y");
            g.op("Mul")
                .name(scope)
                .input(scalar)
                .input(x)
                .output()
                .typed()
        })
    })
}

/// The regularized incomplete beta integral I(a, b, x) (`tf.math.betainc`).
#[track_caller]
pub fn betainc<'g, T: Float32Float64>(
    a: impl TensorLike<'g, T>,
    b: impl Operand<'g, T>,
    x: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let g = a.graph();
    g.function_scope("Betainc", Location::caller(), |scope| {
        let a = a.into_tensor(g, "a");
        let b = b.into_tensor(g, "b");
        let x = x.into_tensor(g, "x");
        let node = g.op("Betainc").name(scope).input(a).input(b).input(x);
        node.output().typed()
    })
}

macro_rules! bessel {
    ($($(#[$doc:meta])* $name:ident $default:literal $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
            let g = x.graph();
            g.function_scope($default, Location::caller(), |_| {
                let n = Nodes(g);
                let read = |op: &'static str| {
                    g.inner_scope(op, Location::caller(), |scope| {
                        let x = x.into_tensor(g, "x");
                        g.op(op).name(scope).input(x).output()
                    })
                };
                let growth = n.unary("Exp", read("Abs"));
                n.mul(growth, read($op)).typed()
            })
        }
    )*};
}

bessel! {
    /// The modified Bessel function of order 0 (`tf.math.bessel_i0`).
    bessel_i0 "bessel_i0" "BesselI0e";
    /// The modified Bessel function of order 1 (`tf.math.bessel_i1`).
    bessel_i1 "bessel_i1" "BesselI1e";
}

/// The logarithm of the absolute value of the multivariate beta function of the last dimension (`tf.math.lbeta`).
#[track_caller]
pub fn lbeta<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    g.function_scope("lbeta", Location::caller(), |_| {
        let n = Nodes(g);
        let x = x.into_tensor(g, "x").any();
        let gammas = n.reduce("Sum", n.unary("Lgamma", x), [-1]);
        let sum = n.reduce("Sum", x, [-1]);
        n.sub(gammas, n.unary("Lgamma", sum)).typed()
    })
}

/// The elements as another type (`tf.cast`); a tensor that has the type already is given back.
#[track_caller]
pub fn cast<'g, T: Element, U: Element>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = x.graph();
    if T::DTYPE == U::DTYPE {
        g.requested_name("Cast");
        return x.into_tensor(g, "x").any().typed();
    }
    unary(x, "Cast", |op| op.attr("DstT", U::DTYPE)).typed()
}

macro_rules! casts {
    ($($name:ident $to:ty, $default:literal;)*) => {$(
        #[doc = concat!("The elements as another type (`tf.", stringify!($name), "`).")]
        #[track_caller]
        pub fn $name<'g, T: Element>(x: impl TensorLike<'g, T>) -> Tensor<'g, $to> {
            let g = x.graph();
            let name = g.requested_name($default).into_owned();
            g.called_from(Location::caller(), || {
                if T::DTYPE == <$to as TensorType>::DTYPE {
                    return x.into_tensor(g, "x").any().typed();
                }
                g.inner_scope(&name, Location::caller(), |scope| {
                    let x = x.into_tensor(g, "x");
                    let cast = g.op("Cast").name(scope).input(x);
                    cast.attr("DstT", <$to as TensorType>::DTYPE).output().typed()
                })
            })
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
pub fn saturate_cast<'g, T: Real, U: Real>(value: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = value.graph();
    g.function_scope("saturate_cast", Location::caller(), |scope| {
        let n = Nodes(g);
        let mut value = value.into_tensor(g, "value").any();
        let (from, to) = (limits(T::DTYPE), limits(U::DTYPE));
        let mut clamp = |op: &'static str, name: &str, limit: f64| {
            let limit = match TensorValue::scalar_from_f64(T::DTYPE, limit) {
                Some(limit) => g.constant_named(name, limit),
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
        let cast = g.op("Cast").name(scope).input(value);
        cast.attr("DstT", U::DTYPE).output().typed()
    })
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

/// The sum of tensors of one shape (`tf.add_n`); one tensor alone is given back.
#[track_caller]
pub fn add_n<'g, T: Number>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Tensor<'g, T>>,
) -> Tensor<'g, T> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    match inputs[..] {
        [only] if g.is_named() => crate::ops::array::identity(only),
        [only] => only,
        _ => g.op("AddN").inputs(inputs).output().typed(),
    }
}

/// The sum of tensors of one shape (`tf.math.accumulate_n`), which need not all be in memory at once; one tensor alone
/// is given back.
///
/// No tensors, or tensors of shapes that differ, are a fault.
#[track_caller]
pub fn accumulate_n<'g, T: Number>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Tensor<'g, T>>,
) -> Tensor<'g, T> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    match inputs[..] {
        [only] if g.is_named() => return crate::ops::array::identity(only),
        [only] => return only,
        _ => {}
    }
    let mut shapes = inputs.iter().map(Tensor::shape);
    let shape = shapes.try_fold(Shape::unknown(), |merged, shape| merged.merge(&shape));
    let Some(shape) = shape.filter(|_| !inputs.is_empty()) else {
        g.report(
            Rule::Shape,
            "expected at least one tensor, all of one shape",
        );
        return crate::graph::AnyTensor::poison(g).typed();
    };
    let sum = g.op("AccumulateNV2").inputs(inputs);
    sum.attr("shape", shape).output().typed()
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
