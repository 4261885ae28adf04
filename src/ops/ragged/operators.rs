//! `+`, `-`, `*`, `/`, `%`, `&`, `|`, `^` and unary `-` and `!` on ragged tensors, as Python overloads them.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};
use std::panic::Location;

use half::{bf16, f16};
use num_complex::Complex;

use super::argument::Given;
use super::{AnyMaybeRagged, AnyRaggedTensor, Argument, MaybeRagged, RaggedTensor};
use crate::dtype::TensorType;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::math::{Divide, quotient};
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::{Algebraic, Arithmetic, Numeric, Ordered};

/// The right side of an operator whose left side is a ragged tensor: a ragged tensor, or any operand that a tensor takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operand with elements `{T}` for a ragged tensor",
    label = "expected a ragged tensor, a tensor, a variable or a constant with elements `{T}`"
)]
pub trait RaggedOperand<'g, T: TensorType>: sealed::RaggedOperand<T> {
    #[doc(hidden)]
    fn into_side(self) -> Argument<'g>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait RaggedOperand<T> {}
}

impl<'g, T: TensorType, O: Operand<'g, T>> sealed::RaggedOperand<T> for O {}

impl<'g, T: TensorType, O: Operand<'g, T>> RaggedOperand<'g, T> for O {
    fn into_side(self) -> Argument<'g> {
        Argument(Given::Dense(Arg::of(self)))
    }
}

macro_rules! sides {
    ($($side:ty, $x:ident => $any:expr;)*) => {$(
        impl<'g, T: TensorType> sealed::RaggedOperand<T> for $side {}

        impl<'g, T: TensorType> RaggedOperand<'g, T> for $side {
            fn into_side(self) -> Argument<'g> {
                let $x = self;
                AnyMaybeRagged::from($any).into()
            }
        }
    )*};
}

sides! {
    RaggedTensor<'g, T>, x => x.any;
    &RaggedTensor<'g, T>, x => x.any();
    MaybeRagged<'g, T>, x => x.any();
    &MaybeRagged<'g, T>, x => x.clone().any();
}

/// The node that an operator makes of two sides that have been converted.
type Operator = for<'g> fn(Nodes<'g>, [&Arg<'g>; 2]) -> AnyTensor<'g>;

impl<'g> Nodes<'g> {
    /// An operator whose left side is ragged, or is a value.
    #[track_caller]
    fn operator(self, x: Argument<'g>, y: Argument<'g>, operator: Operator) -> AnyRaggedTensor<'g> {
        self.elementwise([x, y], &|sides| operator(self, sides))
    }

    /// The operator of a tensor, which Python asks first: it enters a scope and then finds that the other side is ragged.
    #[track_caller]
    fn after_operator(self, name: &str) {
        drop(self.open_scope(name));
    }

    /// `tf.math.logical_xor`, which is made of functions that broadcast each for itself.
    #[track_caller]
    fn ragged_xor(self, x: Argument<'g>, y: Argument<'g>) -> AnyRaggedTensor<'g> {
        let name = self.0.requested_name("LogicalXor").into_owned();
        let _call = self.0.open_unnamed_call(Location::caller());
        let sides = [x, y];
        let either = self.elementwise(sides.clone(), &|[x, y]| self.binary("LogicalOr", x, y));
        let both = self.elementwise(sides, &|[x, y]| self.binary("LogicalAnd", x, y));
        let not_both = self.unary_elementwise(&both, &|x| self.unary("LogicalNot", x));
        let sides = [either, not_both].map(|side| AnyMaybeRagged::from(side).into());
        self.elementwise(sides, &|[x, y]| {
            self.call(("LogicalAnd", &name), [x.into(), y.into()])
        })
    }
}

/// An operator of all sides: its trait, its method, the name of a tensor's operator, what its elements and those of the
/// result are, and what it does.
macro_rules! operator {
    ($trait:ident $method:ident $dense:literal [$($generics:tt)*] $t:ty => $output:ty, $n:ident, $x:ident, $y:ident => $made:expr) => {
        operator!(@ragged $trait $method [$($generics)*] $t => $output, RaggedTensor<'g, $t>, $n, $x, $y => $made);
        operator!(@ragged $trait $method [$($generics)*] $t => $output, &RaggedTensor<'g, $t>, $n, $x, $y => $made);
        operator!(@tensor $trait $method $dense [$($generics)*] $t => $output, RaggedTensor<'g, $t>, $n, $x, $y => $made);
        operator!(@tensor $trait $method $dense [$($generics)*] $t => $output, &RaggedTensor<'g, $t>, $n, $x, $y => $made);
    };
    (@ragged $trait:ident $method:ident [$($generics:tt)*] $t:ty => $output:ty, $left:ty, $n:ident, $x:ident, $y:ident => $made:expr) => {
        impl<'g, $($generics)* R: RaggedOperand<'g, $t>> $trait<R> for $left {
            type Output = RaggedTensor<'g, $output>;

            #[track_caller]
            fn $method(self, other: R) -> Self::Output {
                let $n = Nodes(self.graph());
                let ($x, $y) = (self.into_side(), other.into_side());
                $made.typed()
            }
        }
    };
    (@tensor $trait:ident $method:ident $dense:literal [$($generics:tt)*] $t:ty => $output:ty, $right:ty, $n:ident, $x:ident, $y:ident => $made:expr) => {
        impl<'g, $($generics)*> $trait<$right> for Tensor<'g, $t> {
            type Output = RaggedTensor<'g, $output>;

            #[track_caller]
            fn $method(self, other: $right) -> Self::Output {
                let $n = Nodes(self.graph());
                $n.after_operator($dense);
                let ($x, $y) = (RaggedOperand::<$t>::into_side(self), other.into_side());
                $made.typed()
            }
        }
    };
}

fn quotient_of<'g>(n: Nodes<'g>, [x, y]: [&Arg<'g>; 2]) -> AnyTensor<'g> {
    quotient(n.0, x.clone(), y.clone())
}

macro_rules! ops {
    ($($name:ident $op:literal;)*) => {$(
        #[track_caller]
        fn $name<'g>(n: Nodes<'g>, [x, y]: [&Arg<'g>; 2]) -> AnyTensor<'g> {
            function(n.0, $op).input(x).input(y).output()
        }
    )*};
}

ops! {
    sum_of "Add";
    difference_of "Sub";
    product_of "Mul";
    remainder_of "FloorMod";
    both_of "LogicalAnd";
    either_of "LogicalOr";
}

operator! { Add add "add" [T: Numeric,] T => T, n, x, y => n.operator(x, y, sum_of) }
operator! { Sub sub "sub" [T: Arithmetic,] T => T, n, x, y => n.operator(x, y, difference_of) }
operator! { Mul mul "mul" [T: Arithmetic,] T => T, n, x, y => n.operator(x, y, product_of) }
operator! { Rem rem "mod" [T: Ordered,] T => T, n, x, y => n.operator(x, y, remainder_of) }
operator! { Div div "truediv" [T: Divide,] T => T::Quotient, n, x, y => n.operator(x, y, quotient_of) }
operator! { BitAnd bitand "and" [] bool => bool, n, x, y => n.operator(x, y, both_of) }
operator! { BitOr bitor "or" [] bool => bool, n, x, y => n.operator(x, y, either_of) }
operator! { BitXor bitxor "xor" [] bool => bool, n, x, y => n.ragged_xor(x, y) }

macro_rules! scalars_on_the_left {
    ($($trait:ident $method:ident [$($scalar:ty)*] $n:ident, $x:ident, $y:ident => $made:expr;)*) => {$($(
        scalars_on_the_left!(@one $trait $method $scalar, RaggedTensor<'g, $scalar>, $n, $x, $y => $made);
        scalars_on_the_left!(@one $trait $method $scalar, &RaggedTensor<'g, $scalar>, $n, $x, $y => $made);
    )*)*};
    (@one $trait:ident $method:ident $scalar:ty, $right:ty, $n:ident, $x:ident, $y:ident => $made:expr) => {
        impl<'g> $trait<$right> for $scalar {
            type Output = <RaggedTensor<'g, $scalar> as $trait<RaggedTensor<'g, $scalar>>>::Output;

            #[track_caller]
            fn $method(self, other: $right) -> Self::Output {
                let $n = Nodes(other.graph());
                let ($x, $y) = (RaggedOperand::<$scalar>::into_side(self), other.into_side());
                $made.typed()
            }
        }
    };
}

scalars_on_the_left! {
    Add add [f16 bf16 f32 f64 i8 i16 i32 i64 u8 Complex<f32> Complex<f64>] n, x, y => n.operator(x, y, sum_of);
    Sub sub [f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>] n, x, y => n.operator(x, y, difference_of);
    Mul mul [f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>] n, x, y => n.operator(x, y, product_of);
    Rem rem [f16 bf16 f32 f64 i32 i64] n, x, y => n.operator(x, y, remainder_of);
    Div div [f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 Complex<f32> Complex<f64>] n, x, y => n.operator(x, y, quotient_of);
    BitAnd bitand [bool] n, x, y => n.operator(x, y, both_of);
    BitOr bitor [bool] n, x, y => n.operator(x, y, either_of);
    BitXor bitxor [bool] n, x, y => n.ragged_xor(x, y);
}

macro_rules! unary_operator {
    ($trait:ident $method:ident [$($generics:tt)*] $t:ty, $op:literal) => {
        impl<'g, $($generics)*> $trait for &RaggedTensor<'g, $t> {
            type Output = RaggedTensor<'g, $t>;

            #[track_caller]
            fn $method(self) -> Self::Output {
                let n = Nodes(self.graph());
                let node = |x: &Arg<'g>| function(n.0, $op).input(x).output();
                n.unary_elementwise(&self.any, &node).typed()
            }
        }

        impl<'g, $($generics)*> $trait for RaggedTensor<'g, $t> {
            type Output = RaggedTensor<'g, $t>;

            #[track_caller]
            fn $method(self) -> Self::Output {
                (&self).$method()
            }
        }
    };
}

unary_operator! { Neg neg [T: Algebraic] T, "Neg" }
unary_operator! { Not not [] bool, "LogicalNot" }
