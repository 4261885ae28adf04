//! `+`, `-`, `*`, `/`, `%`, `&`, `|`, `^` and unary `-` and `!` on tensors, as Python overloads them.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use half::{bf16, f16};
use num_complex::Complex;

use super::math::{Divide, quotient};
use crate::dtype::DType;
use crate::graph::{GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes, function, function_as};
use crate::ops::types::{Algebraic, Arithmetic, Numeric, Ordered};

macro_rules! operator {
    ($trait:ident $method:ident $bound:ident $op:literal $name:literal) => {
        impl<'g, T: $bound, R: Operand<'g, T>> $trait<R> for Tensor<'g, T> {
            type Output = Tensor<'g, T>;

            #[track_caller]
            fn $method(self, other: R) -> Tensor<'g, T> {
                function_as(self.graph(), $op, $name)
                    .arg(self)
                    .arg(other)
                    .typed()
            }
        }
    };
}

operator! { Add add Numeric "AddV2" "add" }
operator! { Sub sub Arithmetic "Sub" "sub" }
operator! { Mul mul Arithmetic "Mul" "mul" }
operator! { Rem rem Ordered "FloorMod" "mod" }

impl<'g, T: Divide, R: Operand<'g, T>> Div<R> for Tensor<'g, T> {
    type Output = Tensor<'g, T::Quotient>;

    #[track_caller]
    fn div(self, other: R) -> Tensor<'g, T::Quotient> {
        quotient(self.graph(), Arg::of(self), Arg::of(other)).typed()
    }
}

macro_rules! logical {
    ($($trait:ident $method:ident $op:literal $name:literal;)*) => {$(
        impl<'g, R: Operand<'g, bool>> $trait<R> for Tensor<'g, bool> {
            type Output = Tensor<'g, bool>;

            #[track_caller]
            fn $method(self, other: R) -> Tensor<'g, bool> {
                function_as(self.graph(), $op, $name).arg(self).arg(other).typed()
            }
        }

        impl<'g> $trait<Tensor<'g, bool>> for bool {
            type Output = Tensor<'g, bool>;

            #[track_caller]
            fn $method(self, other: Tensor<'g, bool>) -> Tensor<'g, bool> {
                function_as(other.graph(), $op, $name).arg(self).arg(other).typed()
            }
        }
    )*};
}

logical! {
    BitAnd bitand "LogicalAnd" "and";
    BitOr bitor "LogicalOr" "or";
}

impl<'g, R: Operand<'g, bool>> BitXor<R> for Tensor<'g, bool> {
    type Output = Tensor<'g, bool>;

    #[track_caller]
    fn bitxor(self, other: R) -> Tensor<'g, bool> {
        xor(self.graph(), Arg::of(self), Arg::of(other))
    }
}

impl<'g> BitXor<Tensor<'g, bool>> for bool {
    type Output = Tensor<'g, bool>;

    #[track_caller]
    fn bitxor(self, other: Tensor<'g, bool>) -> Tensor<'g, bool> {
        xor(other.graph(), Arg::of(self), Arg::of(other))
    }
}

#[track_caller]
fn xor<'g>(g: &'g GraphBuilder, x: Arg<'g>, y: Arg<'g>) -> Tensor<'g, bool> {
    let scope = g.open_function_scope("xor");
    let x = x.convert(g, "x", DType::Bool).into();
    let y = y.convert(g, "y", DType::Bool).into();
    Nodes(g).logical_xor(&scope, x, y).typed()
}

macro_rules! scalar_on_the_left {
    ($($rust:ty: $($trait:ident $method:ident $op:literal $name:literal)*;)*) => {$($(
        impl<'g> $trait<Tensor<'g, $rust>> for $rust {
            type Output = Tensor<'g, $rust>;

            #[track_caller]
            fn $method(self, other: Tensor<'g, $rust>) -> Tensor<'g, $rust> {
                function_as(other.graph(), $op, $name).arg(self).arg(other).typed()
            }
        }
    )*)*};
}

macro_rules! scalars_on_the_left {
    (sums: $($sum:ty)*; products: $($product:ty)*; remainders: $($remainder:ty)*; quotients: $($quotient:ty)*) => {
        scalar_on_the_left! {
            $($sum: Add add "AddV2" "add";)*
            $($product: Sub sub "Sub" "sub" Mul mul "Mul" "mul";)*
            $($remainder: Rem rem "FloorMod" "mod";)*
        }

        $(
            impl<'g> Div<Tensor<'g, $quotient>> for $quotient {
                type Output = Tensor<'g, <$quotient as Divide>::Quotient>;

                #[track_caller]
                fn div(self, other: Tensor<'g, $quotient>) -> Self::Output {
                    quotient(other.graph(), Arg::of(self), Arg::of(other)).typed()
                }
            }
        )*
    };
}

scalars_on_the_left! {
    sums: f16 bf16 f32 f64 i8 i16 i32 i64 u8 Complex<f32> Complex<f64>;
    products: f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>;
    remainders: f16 bf16 f32 f64 i32 i64;
    quotients: f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>
}

impl<'g, T: Algebraic> Neg for Tensor<'g, T> {
    type Output = Tensor<'g, T>;

    #[track_caller]
    fn neg(self) -> Tensor<'g, T> {
        function(self.graph(), "Neg").arg(self).typed()
    }
}

impl<'g> Not for Tensor<'g, bool> {
    type Output = Tensor<'g, bool>;

    #[track_caller]
    fn not(self) -> Tensor<'g, bool> {
        function(self.graph(), "LogicalNot").arg(self).typed()
    }
}
