//! Functions of each element.

use std::panic::Location;

use super::complex::{Divide, is_complex};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function_as};
use crate::ops::types::{
    Addable, Algebraic, Arithmetic, BasicFloat, Comparable, Float, Inexact, Number, Ordered, Real,
    StandardInexact,
};
use crate::shape::Shape;

functions! {
    /// The inverse cosine of each element (`tf.acos`).
    acos "Acos" <T: Algebraic>(x: T) -> T;
    /// The inverse hyperbolic cosine of each element (`tf.acosh`).
    acosh "Acosh" <T: Inexact>(x: T) -> T;
    /// The inverse sine of each element (`tf.asin`).
    asin "Asin" <T: Algebraic>(x: T) -> T;
    /// The inverse hyperbolic sine of each element (`tf.asinh`).
    asinh "Asinh" <T: Inexact>(x: T) -> T;
    /// The inverse tangent of each element (`tf.atan`).
    atan "Atan" <T: Algebraic>(x: T) -> T;
    /// The inverse hyperbolic tangent of each element (`tf.atanh`).
    atanh "Atanh" <T: Inexact>(x: T) -> T;
    /// exp(-|x|) I0(x) with the modified Bessel function of order 0 (`tf.math.bessel_i0e`).
    bessel_i0e "BesselI0e" <T: Float>(x: T) -> T;
    /// exp(-|x|) I1(x) with the modified Bessel function of order 1 (`tf.math.bessel_i1e`).
    bessel_i1e "BesselI1e" <T: Float>(x: T) -> T;
    /// The least integer that is not less than the element (`tf.math.ceil`).
    ceil "Ceil" <T: Float>(x: T) -> T;
    /// The cosine of each element (`tf.cos`).
    cos "Cos" <T: Inexact>(x: T) -> T;
    /// The hyperbolic cosine of each element (`tf.cosh`).
    cosh "Cosh" <T: Inexact>(x: T) -> T;
    /// The derivative of the logarithm of the gamma function (`tf.math.digamma`).
    digamma "Digamma" <T: Float>(x: T) -> T;
    /// The error function (`tf.math.erf`).
    erf "Erf" <T: Float>(x: T) -> T;
    /// The complementary error function (`tf.math.erfc`).
    erfc "Erfc" <T: Float>(x: T) -> T;
    /// e to the power of each element (`tf.exp`).
    exp "Exp" <T: Inexact>(x: T) -> T;
    /// exp(x) - 1 of each element (`tf.math.expm1`).
    expm1 "Expm1" <T: Inexact>(x: T) -> T;
    /// The greatest integer that is not greater than the element (`tf.floor`).
    floor "Floor" <T: Float>(x: T) -> T;
    /// The logarithm of the absolute value of the gamma function (`tf.math.lgamma`).
    lgamma "Lgamma" <T: Float>(x: T) -> T;
    /// The natural logarithm of each element (`tf.math.log`).
    log "Log" <T: Inexact>(x: T) -> T;
    /// log(1 + x) of each element (`tf.math.log1p`).
    log1p "Log1p" <T: Inexact>(x: T) -> T;
    /// The negative of each element (`tf.negative`).
    negative "Neg" <T: Algebraic>(x: T) -> T;
    /// 1 / x of each element (`tf.math.reciprocal`).
    reciprocal "Reciprocal" <T: Algebraic>(x: T) -> T;
    /// The nearest integer, of two the even one (`tf.math.rint`).
    rint "Rint" <T: Float>(x: T) -> T;
    /// 1 / sqrt(x) of each element (`tf.math.rsqrt`).
    rsqrt "Rsqrt" <T: Inexact>(x: T) -> T;
    /// 1 / (1 + exp(-x)) of each element (`tf.sigmoid`).
    sigmoid "Sigmoid" <T: Inexact>(x: T) -> T;
    /// -1, 0 or 1 by the sign of each element (`tf.sign`); x / |x| of complex ones.
    sign "Sign" <T: Algebraic>(x: T) -> T;
    /// The sine of each element (`tf.sin`).
    sin "Sin" <T: Inexact>(x: T) -> T;
    /// The hyperbolic sine of each element (`tf.sinh`).
    sinh "Sinh" <T: Inexact>(x: T) -> T;
    /// log(exp(x) + 1) of each element (`tf.math.softplus`).
    softplus "Softplus" <T: Float>(x: T) -> T;
    /// x / (|x| + 1) of each element (`tf.math.softsign`).
    softsign "Softsign" <T: Float>(x: T) -> T;
    /// The square root of each element (`tf.sqrt`).
    sqrt "Sqrt" <T: Inexact>(x: T) -> T;
    /// The square of each element (`tf.square`).
    square "Square" <T: Algebraic>(x: T) -> T;
    /// The tangent of each element (`tf.tan`).
    tan "Tan" <T: Algebraic>(x: T) -> T;
    /// The hyperbolic tangent of each element (`tf.tanh`).
    tanh "Tanh" <T: Inexact>(x: T) -> T;
    /// Whether each element is neither infinite nor NaN (`tf.math.is_finite`).
    is_finite "IsFinite" <T: Float>(x: T) -> bool;
    /// Whether each element is infinite (`tf.math.is_inf`).
    is_inf "IsInf" <T: Float>(x: T) -> bool;
    /// Whether each element is NaN (`tf.math.is_nan`).
    is_nan "IsNan" <T: Float>(x: T) -> bool;
    /// Each truth value inverted (`tf.logical_not`).
    logical_not "LogicalNot" (x: bool) -> bool;
    /// The sum of two tensors with broadcasting (`tf.add`).
    ///
    /// It makes an `Add` node, where the operator `+` makes an `AddV2` node as in Python.
    add "Add" <T: Addable>(x: T, y: T) -> T;
    /// The angle of the point (`x`, `y`) with broadcasting (`tf.atan2`).
    atan2 "Atan2" <T: Float>(y: T, x: T) -> T;
    /// The quotient, 0 where the divisor is 0 (`tf.math.divide_no_nan`).
    div_no_nan "DivNoNan" as "div_no_nan" <T: StandardInexact>(x: T, y: T) -> T;
    /// The quotient of two integers rounded down, or of two floats floored, with broadcasting (`tf.floordiv`, Python's `//`).
    floordiv "FloorDiv" as "floordiv" <T: Arithmetic>(x: T, y: T) -> T;
    /// The remainder with the sign of the divisor (`tf.math.floormod`), as Python's `%` gives it.
    floormod "FloorMod" <T: Ordered>(x: T, y: T) -> T;
    /// The lower regularized incomplete gamma function P(a, x) (`tf.math.igamma`).
    igamma "Igamma" <T: BasicFloat>(a: T, x: T) -> T;
    /// The upper regularized incomplete gamma function Q(a, x) (`tf.math.igammac`).
    igammac "Igammac" <T: BasicFloat>(a: T, x: T) -> T;
    /// The greater of two elements (`tf.maximum`).
    maximum "Maximum" <T: Ordered>(x: T, y: T) -> T;
    /// The less of two elements (`tf.minimum`).
    minimum "Minimum" <T: Ordered>(x: T, y: T) -> T;
    /// The product of two tensors, element by element, with broadcasting (`tf.multiply`).
    multiply "Mul" <T: Arithmetic>(x: T, y: T) -> T;
    /// The product, 0 where `y` is 0 even if `x` is infinite or NaN (`tf.math.multiply_no_nan`).
    multiply_no_nan "MulNoNan" as "multiply_no_nan" <T: StandardInexact>(x: T, y: T) -> T;
    /// The next float after `x1` towards `x2` (`tf.math.nextafter`).
    nextafter "NextAfter" <T: BasicFloat>(x1: T, x2: T) -> T;
    /// The polygamma function of order `a` (`tf.math.polygamma`).
    polygamma "Polygamma" <T: BasicFloat>(a: T, x: T) -> T;
    /// `x` to the power of `y` (`tf.pow`).
    pow "Pow" <T: Algebraic>(x: T, y: T) -> T;
    /// The quotient of two floats, or of two integers rounded towards 0 (`tf.realdiv`).
    realdiv "RealDiv" <T: Arithmetic>(x: T, y: T) -> T;
    /// (x - y)² (`tf.math.squared_difference`).
    squared_difference "SquaredDifference" <T: Algebraic>(x: T, y: T) -> T;
    /// The difference of two tensors with broadcasting (`tf.subtract`).
    subtract "Sub" <T: Arithmetic>(x: T, y: T) -> T;
    /// The quotient rounded towards 0 (`tf.truncatediv`).
    truncatediv "TruncateDiv" <T: Arithmetic>(x: T, y: T) -> T;
    /// The remainder with the sign of the dividend (`tf.truncatemod`).
    truncatemod "TruncateMod" <T: Ordered>(x: T, y: T) -> T;
    /// x / y, 0 where `x` is 0 (`tf.math.xdivy`).
    xdivy "Xdivy" <T: StandardInexact>(x: T, y: T) -> T;
    /// x log(y), 0 where `x` is 0 (`tf.math.xlogy`).
    xlogy "Xlogy" <T: StandardInexact>(x: T, y: T) -> T;
    /// The Hurwitz zeta function (`tf.math.zeta`).
    zeta "Zeta" <T: BasicFloat>(x: T, q: T) -> T;
    /// Whether elements are equal (`tf.equal`).
    equal "Equal" <T: Comparable>(x: T, y: T) -> bool;
    /// Whether elements of `x` are greater than those of `y` (`tf.greater`).
    greater "Greater" <T: Real>(x: T, y: T) -> bool;
    /// Whether elements of `x` are greater than those of `y` or equal (`tf.greater_equal`).
    greater_equal "GreaterEqual" <T: Real>(x: T, y: T) -> bool;
    /// Whether elements of `x` are less than those of `y` (`tf.less`).
    less "Less" <T: Real>(x: T, y: T) -> bool;
    /// Whether elements of `x` are less than those of `y` or equal (`tf.less_equal`).
    less_equal "LessEqual" <T: Real>(x: T, y: T) -> bool;
    /// Whether elements differ (`tf.not_equal`).
    not_equal "NotEqual" <T: Comparable>(x: T, y: T) -> bool;
    /// Whether both are true (`tf.logical_and`).
    logical_and "LogicalAnd" (x: bool, y: bool) -> bool;
    /// Whether one or both are true (`tf.logical_or`).
    logical_or "LogicalOr" (x: bool, y: bool) -> bool;
    /// The regularized incomplete beta integral I(a, b, x) (`tf.math.betainc`).
    betainc "Betainc" <T: BasicFloat>(a: T, b: T, x: T) -> T;
}

/// Whether one of them is true and the other is not (`tf.math.logical_xor`); it makes four nodes.
#[track_caller]
pub fn logical_xor<'g>(
    x: impl TensorLike<'g, bool>,
    y: impl Operand<'g, bool>,
) -> Tensor<'g, bool> {
    let g = x.graph();
    let name = g.requested_name("LogicalXor");
    let _call = g.open_call(Location::caller());
    let xor = Nodes(g).logical_xor(&name, Arg::of(x), Arg::of(y));
    xor.typed()
}

/// Each element rounded to the nearest integer, of two the even one (`tf.round`); integers are given back.
#[track_caller]
pub fn round<'g, T: Algebraic>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    let _call = g.open_call(Location::caller());
    let name = g.requested_name("Round").into_owned();
    let x = x.into_tensor(g, "x");
    if T::DTYPE.is_integer() {
        return x;
    }
    Nodes(g).call(("Round", &name), [x.into()]).typed()
}

/// log(1 / (1 + exp(-x))) of each element (`tf.math.log_sigmoid`).
#[track_caller]
pub fn log_sigmoid<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(x.graph(), "LogSigmoid");
    let x = n.tensor(x, "x");
    let softplus = n.unary("Softplus", n.unary("Neg", x));
    n.0.op("Neg").name(&scope).input(softplus).typed()
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
    quotient(x.graph(), Arg::of(x), Arg::of(y)).typed()
}

/// A true division by the author.
#[track_caller]
pub(crate) fn quotient<'g>(g: &'g GraphBuilder, x: Arg<'g>, y: Arg<'g>) -> AnyTensor<'g> {
    let name = g.requested_name("truediv");
    Nodes(g).truediv_as(&name, x, y)
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
    quotient(g, x.into(), Arg::of(y)).typed()
}

/// The quotient of floats, or of integers rounded down (`tf.div`).
#[track_caller]
pub fn div<'g, T: Arithmetic>(x: impl TensorLike<'g, T>, y: impl Operand<'g, T>) -> Tensor<'g, T> {
    let floats = T::DTYPE.is_floating() || is_complex(T::DTYPE);
    let op = if floats { "RealDiv" } else { "FloorDiv" };
    function_as(x.graph(), op, "div").arg(x).arg(y).typed()
}

/// A scalar times a tensor (`tf.scalar_mul`).
///
/// A scalar whose rank is not 0, or not known, is a fault.
#[track_caller]
pub fn scalar_mul<'g, T: Arithmetic>(
    scalar: impl Operand<'g, T>,
    x: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let (g, scalar) = (x.graph(), Arg::of(scalar));
    let name = g.requested_name("Mul");
    let _call = g.open_call(Location::caller());
    let scalar = scalar.convert(g, "scalar", T::DTYPE);
    if scalar.shape().rank() != Some(0) {
        let message = format!("expected a scalar, found the shape {}", scalar.shape());
        g.report(Rule::Shape, message);
    }
    Nodes(g)
        .call(("Mul", &name), [scalar.into(), Arg::of(x)])
        .typed()
}

/// The modified Bessel function of order 0 (`tf.math.bessel_i0`).
#[track_caller]
pub fn bessel_i0<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    unscaled(x.graph(), ("BesselI0e", "bessel_i0"), Arg::of(x)).typed()
}

/// The modified Bessel function of order 1 (`tf.math.bessel_i1`).
#[track_caller]
pub fn bessel_i1<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    unscaled(x.graph(), ("BesselI1e", "bessel_i1"), Arg::of(x)).typed()
}

/// An exponentially scaled Bessel function without its scale.
#[track_caller]
fn unscaled<'g>(
    g: &'g GraphBuilder,
    (op, default): (&'static str, &'static str),
    x: Arg<'g>,
) -> AnyTensor<'g> {
    let _scope = g.open_function_scope(default);
    let n = Nodes(g);
    let growth = n.unary("Exp", n.unary("Abs", &x));
    n.mul(growth, n.unary(op, x))
}

/// The logarithm of the absolute value of the multivariate beta function of the last dimension (`tf.math.lbeta`).
#[track_caller]
pub fn lbeta<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(x.graph(), "lbeta");
    let x = n.tensor(x, "x");
    let gammas = n.reduce("Sum", n.unary("Lgamma", x), [-1]);
    let sum = n.reduce("Sum", x, [-1]);
    n.sub(gammas, n.unary("Lgamma", sum)).typed()
}

/// The sum of tensors of one shape (`tf.add_n`); one tensor alone is given back.
///
/// `inputs` is a list of tensors or variables, or a tuple of both.
#[track_caller]
pub fn add_n<'g, T: Number>(g: &'g GraphBuilder, inputs: impl Operand<'g, T>) -> Tensor<'g, T> {
    Nodes(g).sum_of_list("AddN", Arg::items(inputs)).typed()
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
    Nodes(g)
        .sum_of_list("AccumulateNV2", Arg::items(inputs))
        .typed()
}

impl<'g> Nodes<'g> {
    /// The node of a sum by the author; one that accumulates has the shape of its inputs.
    #[track_caller]
    fn sum_of_list(self, op: &'static str, inputs: Vec<Arg<'g>>) -> AnyTensor<'g> {
        let is_named = self.0.is_named();
        let name = self.0.requested_name(op);
        let _call = self.0.open_call(Location::caller());
        let inputs = inputs
            .into_iter()
            .map(|x| x.convert(self.0, "Const", DType::Float32));
        let inputs: Vec<_> = inputs.collect();
        match inputs[..] {
            [only] if is_named => return self.identity(&name, only),
            [only] => return only,
            _ => {}
        }
        let mut shapes = inputs.iter().map(AnyTensor::shape);
        let merged = shapes.try_fold(Shape::unknown(), |merged, shape| merged.merge(&shape));
        let is_empty = inputs.is_empty();
        let sum = self.named(op, &name).tensors(inputs);
        match merged {
            _ if op == "AddN" => sum.output(),
            Some(shape) if !is_empty => sum.attr("shape", shape).output(),
            _ => self.fault(
                Rule::Shape,
                "expected at least one tensor, all of one shape",
            ),
        }
    }
}
