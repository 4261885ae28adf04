//! Functions of each element.

use std::panic::Location;

use super::complex::{Divide, is_complex};

use crate::error::Rule;
use crate::graph::{Entry, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::Nodes;
use crate::ops::types::{
    ComplexFloat32Float64Float16, Float, Float32Float64, FloatComplex, FloatComplexInt32Int64,
    FloatInt32Int64, FloatSignedIntComplexUInt8String,
    FloatSignedIntComplexUInt8StringBoolQInt8QUInt8QInt32, FloatSignedIntComplexUInt8UInt16,
    Number, Real,
};
use crate::ops::{TensorLike, binary, unary};
use crate::shape::Shape;

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

/// The sum of tensors of one shape (`tf.add_n`); one tensor alone is given back.
///
/// `inputs` is a list of tensors or variables, or a tuple of both.
#[track_caller]
pub fn add_n<'g, T: Number>(g: &'g GraphBuilder, inputs: impl Operand<'g, T>) -> Tensor<'g, T> {
    sum_of_all(g, inputs.into_entry(), "AddN", |_| Ok(None))
}

/// The sum of tensors of one shape (`tf.math.accumulate_n`), which need not all be in memory at once; one tensor alone
/// is given back.
///
/// `inputs` is a list of tensors or variables, or a tuple of both. No tensors, or tensors of shapes that differ, are a
/// fault.
#[track_caller]
pub fn accumulate_n<'g, T: Number>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    sum_of_all(g, inputs.into_entry(), "AccumulateNV2", |inputs| {
        let mut shapes = inputs.iter().map(Tensor::shape);
        let shape = shapes.try_fold(Shape::unknown(), |merged, shape| merged.merge(&shape));
        let shape = shape.filter(|_| !inputs.is_empty());
        shape
            .map(Some)
            .ok_or("expected at least one tensor, all of one shape")
    })
}

/// The node of a sum; `shape` gives the value of its attribute of that name, if it has one.
#[track_caller]
fn sum_of_all<'g, T: Number>(
    g: &'g GraphBuilder,
    inputs: Entry<'g, T>,
    op: &'static str,
    shape: impl FnOnce(&[Tensor<'g, T>]) -> Result<Option<Shape>, &'static str>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let is_named = g.is_named();
    let name = g.requested_name(op).into_owned();
    let n = Nodes(g);
    g.called_from(here, || {
        let inputs = inputs.into_list().into_iter();
        let inputs: Vec<_> = inputs.map(|input| input.into_tensor(g, "Const")).collect();
        match inputs[..] {
            [only] if is_named => return n.identity(&name, only.any()).typed(),
            [only] => return only,
            _ => {}
        }
        let shape = match shape(&inputs) {
            Ok(shape) => shape,
            Err(message) => {
                g.report(Rule::Shape, message);
                return crate::graph::AnyTensor::poison(g).typed();
            }
        };
        let sum = n.named(op, &name).list(inputs);
        match shape {
            Some(shape) => sum.attr("shape", shape).output().typed(),
            None => sum.output().typed(),
        }
    })
}
