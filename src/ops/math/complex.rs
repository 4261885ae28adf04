//! Numbers with their real parts, and complex numbers.

use std::panic::Location;

use half::{bf16, f16};
use num_complex::Complex;

use crate::dtype::{DType, Element, TensorType};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function, function_as};
use crate::ops::types::BasicFloat;

/// A number type with the type of its real part: itself, or the float that a complex number consists of.
pub trait RealPart: Element {
    /// The type of the real part.
    type Real: Element;
}

/// A number type that has absolute values, as `tf.abs` takes it.
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

pub(super) fn is_complex(dtype: DType) -> bool {
    real_part(dtype).is_some()
}

/// The dtype of the parts of a complex one.
fn real_part(dtype: DType) -> Option<DType> {
    match dtype {
        DType::Complex64 => Some(DType::Float32),
        DType::Complex128 => Some(DType::Float64),
        _ => None,
    }
}

impl<'g> Nodes<'g> {
    /// `tf.math.real`, which opens its scope also where it makes no node.
    #[track_caller]
    pub(crate) fn real(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.real_as("Real", x.into())
    }

    /// `tf.math.real` under a name.
    #[track_caller]
    fn real_as(self, name: &str, x: Arg<'g>) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let x = x.convert(self.0, "input", DType::Float32);
        match real_part(x.dtype()) {
            Some(real) => self
                .named("Real", &scope)
                .input(x)
                .attr("Tout", real)
                .output(),
            None => x,
        }
    }
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
    let call = match is_complex(T::DTYPE) {
        true => function_as(g, "ComplexAbs", "Abs")
            .arg(x)
            .attr("Tout", T::Real::DTYPE),
        false => function(g, "Abs").arg(x),
    };
    call.typed()
}

/// The real part of each element (`tf.math.real`); a tensor that is not complex is given back.
#[track_caller]
pub fn real<'g, T: RealPart>(input: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
    let g = input.graph();
    let name = g.requested_name("Real");
    Nodes(g).real_as(&name, Arg::of(input)).typed()
}

/// The imaginary part of each element (`tf.math.imag`), zeros for a tensor that is not complex.
#[track_caller]
pub fn imag<'g, T: RealPart>(input: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
    zero_if_real(input.graph(), "Imag", Arg::of(input)).typed()
}

/// The angle of each element in the complex plane (`tf.math.angle`), zeros for a tensor that is not complex.
#[track_caller]
pub fn angle<'g, T: RealPart>(input: impl TensorLike<'g, T>) -> Tensor<'g, T::Real> {
    zero_if_real(input.graph(), "Angle", Arg::of(input)).typed()
}

/// An op of complex numbers that gives 0 for real ones.
#[track_caller]
fn zero_if_real<'g>(g: &'g GraphBuilder, op: &'static str, input: Arg<'g>) -> AnyTensor<'g> {
    let scope = g.open_function_scope(op);
    let input = input.convert(g, "input", DType::Float32);
    match real_part(input.dtype()) {
        Some(real) => Nodes(g)
            .named(op, &scope)
            .input(input)
            .attr("Tout", real)
            .output(),
        None => Nodes(g).zeros_like(input),
    }
}

/// The complex conjugate of each element (`tf.math.conj`); a tensor that is not complex is given back.
#[track_caller]
pub fn conj<'g, T: RealPart>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    if let (false, Some(x)) = (is_complex(T::DTYPE), x.as_tensor()) {
        g.requested_name("Conj");
        return x;
    }
    let scope = g.open_function_scope("Conj");
    let x = x.into_tensor(g, "x");
    match is_complex(T::DTYPE) {
        true => Nodes(g).named("Conj", &scope).input(x).typed(),
        false => x,
    }
}

/// A float type that complex numbers consist of.
pub trait ComplexPart: BasicFloat {
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
    let _call = g.open_call(Location::caller());
    // Constants are made outside of the scope.
    let real = real.into_tensor(g, "real");
    let imag = imag.into_tensor(g, "imag");
    let complex = Nodes(g).named("Complex", &name).input(real).input(imag);
    complex.attr("Tout", T::Complex::DTYPE).typed()
}
