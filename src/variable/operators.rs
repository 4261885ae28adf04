//! The operators on variables: the variable is read first, outside of the operation's own scope.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use half::{bf16, f16};
use num_complex::Complex;

use super::Variable;
use crate::graph::{Operand, Tensor};
use crate::ops::math::Divide;
use crate::ops::types::{Algebraic, Arithmetic, Numeric, Ordered};

macro_rules! operator {
    ($($trait:ident $method:ident $bound:ident: $($scalar:ty)*;)*) => {$(
        impl<'g, T: $bound, R: Operand<'g, T>> $trait<R> for Variable<'g, T> {
            type Output = <Tensor<'g, T> as $trait<R>>::Output;

            #[track_caller]
            fn $method(self, other: R) -> Self::Output {
                $trait::$method(self.value(), other)
            }
        }

        operator! { @scalars $trait $method: $($scalar)* }
    )*};
    (@scalars $trait:ident $method:ident: $($scalar:ty)*) => {$(
        impl<'g> $trait<Variable<'g, $scalar>> for $scalar {
            type Output = <$scalar as $trait<Tensor<'g, $scalar>>>::Output;

            #[track_caller]
            fn $method(self, other: Variable<'g, $scalar>) -> Self::Output {
                $trait::$method(self, other.value())
            }
        }
    )*};
}

operator! {
    Add add Numeric: f16 bf16 f32 f64 i8 i16 i32 i64 u8 Complex<f32> Complex<f64>;
    Sub sub Arithmetic:
        f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>;
    Mul mul Arithmetic:
        f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>;
    Rem rem Ordered: f16 bf16 f32 f64 i32 i64;
    Div div Divide: f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>;
}

macro_rules! logical {
    ($($trait:ident $method:ident;)*) => {$(
        impl<'g, R: Operand<'g, bool>> $trait<R> for Variable<'g, bool> {
            type Output = Tensor<'g, bool>;

            #[track_caller]
            fn $method(self, other: R) -> Tensor<'g, bool> {
                $trait::$method(self.value(), other)
            }
        }

        operator! { @scalars $trait $method: bool }
    )*};
}

logical! {
    BitAnd bitand;
    BitOr bitor;
    BitXor bitxor;
}

impl<'g, T: Algebraic> Neg for Variable<'g, T> {
    type Output = Tensor<'g, T>;

    #[track_caller]
    fn neg(self) -> Tensor<'g, T> {
        -self.value()
    }
}

impl<'g> Not for Variable<'g, bool> {
    type Output = Tensor<'g, bool>;

    #[track_caller]
    fn not(self) -> Tensor<'g, bool> {
        !self.value()
    }
}
