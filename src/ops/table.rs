//! Tables of ops: functions that make exactly one node, a row for each.
//!
//! A row is the function's doc, with Python's name for it in the first sentence, and then
//!
//! ```text
//! name "Op" as "default_name" <T: Bound>(x: T, y: T; attribute: i64 | options: Options) -> T { "attr" = attribute };
//! ```
//!
//! - `as "default_name"` stands only where Python's default name for the node is not the op's.
//! - The first input is a tensor or a variable, the others any operand. They come in the order of the op's inputs; a
//!   constant that is made for one gets the name that the op's definition gives it.
//! - After a semicolon come arguments that are no tensors, and in braces the attributes that are set.
//! - After a bar comes the argument with the options, for which `()` may stand.
//! - `=> Parts<'g, T>` instead of `-> T` stands for several outputs, of a type that has [`Outputs`]: a pair, or a struct
//!   with `outputs!`.
//!
//! Everything that depends on element types is the conversion of the arguments: the node is made by
//! [`Call`](super::nodes::Call), which knows of types only at run time.

use crate::dtype::TensorType;
use crate::graph::{Operation, Tensor};

/// A table of functions; under test also `ROWS`, which the test of all tables reads.
macro_rules! functions {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $op:literal $(as $default:literal)? $(<$($T:ident: $bound:ident),+>)?
            ($x:ident: $X:ty $(, $y:ident: $Y:ty)* $(; $($arg:ident: $Arg:ty),+)? $(| $options:ident: $Options:ty)?)
            $(-> $Out:ty)? $(=> $Parts:ty)?
            $({ $($attr:literal = $value:expr),+ })?;
    )*) => {
        $(
            $(#[doc = $doc])*
            #[track_caller]
            pub fn $name<'g $(, $($T: $bound),+)?>(
                $x: impl $crate::ops::TensorLike<'g, $X>
                $(, $y: impl $crate::graph::Operand<'g, $Y>)*
                $($(, $arg: $Arg)+)?
                $(, $options: impl Into<$Options>)?
            ) -> $($crate::graph::Tensor<'g, $Out>)? $($Parts)? {
                $(let $options: $Options = $options.into();)?
                let call = $crate::ops::nodes::function_as($x.graph(), $op, functions!(@default $op $($default)?));
                let call = call.arg($x)$(.arg($y))*;
                $($(let call = call.attr($attr, $value);)+)?
                $(call.typed::<$Out>())?
                $(<$Parts as $crate::ops::table::Outputs<'g>>::of(call.finish()))?
            }
        )*

        #[cfg(test)]
        pub(in crate::ops) const ROWS: &[$crate::ops::table::Row] = &[$(
            $crate::ops::table::Row {
                name: stringify!($name),
                op: $op,
                doc: &[$($doc),*],
                bounds: &[$($((stringify!($T), || functions!(@admitted $bound
                    bool f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 half::bf16 half::f16 num_complex::Complex<f32>
                    num_complex::Complex<f64> $crate::dtype::ByteString $crate::dtype::QInt8 $crate::dtype::QInt16
                    $crate::dtype::QInt32 $crate::dtype::QUInt8 $crate::dtype::QUInt16 $crate::dtype::Resource
                    $crate::dtype::Variant))),+)?],
                inputs: &[stringify!($X) $(, stringify!($Y))*],
                output: concat!($(stringify!($Out))?),
                attrs: &[$($($attr),+)?],
            }
        ),*];
    };
    // The dtypes that a bound admits: an inherent method, if its bound holds, comes before that of a trait.
    (@admitted $bound:ident $($element:ty)*) => {{
        struct Admitted<T>(std::marker::PhantomData<T>);

        impl<T: $bound> Admitted<T> {
            fn is_admitted(&self) -> bool {
                true
            }
        }

        impl<T> $crate::ops::table::Refused for Admitted<T> {}

        #[allow(unused_imports, reason = "a bound may admit every type")]
        use $crate::ops::table::Refused as _;
        let all = [$((
            <$element as $crate::dtype::TensorType>::DTYPE,
            Admitted::<$element>(std::marker::PhantomData).is_admitted(),
        )),*];
        all.into_iter().filter(|(_, is_admitted)| *is_admitted).map(|(dtype, _)| dtype).collect()
    }};
    (@default $op:literal) => { $op };
    (@default $op:literal $default:literal) => { $default };
}

/// The result of a function with several outputs.
pub(super) trait Outputs<'g> {
    /// The outputs of a node, in their order.
    fn of(node: Operation<'g>) -> Self;
}

impl<'g> Outputs<'g> for Operation<'g> {
    fn of(node: Operation<'g>) -> Self {
        node
    }
}

impl<'g, A: TensorType> Outputs<'g> for Tensor<'g, A> {
    fn of(node: Operation<'g>) -> Self {
        node.output(0).typed()
    }
}

impl<'g, A: TensorType, B: TensorType> Outputs<'g> for (Tensor<'g, A>, Tensor<'g, B>) {
    fn of(node: Operation<'g>) -> Self {
        (node.output(0).typed(), node.output(1).typed())
    }
}

/// Names the outputs of ops that structs have as fields: `TopK<T> { values, indices }`.
macro_rules! outputs {
    ($($parts:ident $(<$($T:ident),+>)? { $($field:ident),+ })+) => {$(
        impl<'g $(, $($T: $crate::dtype::TensorType),+)?> $crate::ops::table::Outputs<'g> for $parts<'g $(, $($T),+)?> {
            fn of(node: $crate::graph::Operation<'g>) -> Self {
                let mut at = 0;
                let mut next = || {
                    at += 1;
                    node.output(at - 1)
                };
                Self { $($field: next().typed()),+ }
            }
        }
    )+};
}

/// A bound of a row: the name of its trait, and the dtypes that it admits.
#[cfg(test)]
pub(super) type Bound = (&'static str, fn() -> Vec<crate::dtype::DType>);

/// A row of a table, as the test reads it.
#[cfg(test)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) op: &'static str,
    pub(super) doc: &'static [&'static str],
    /// The type parameters with the dtypes that their bounds admit.
    pub(super) bounds: &'static [Bound],
    /// The element types of the inputs: type parameters or Rust types.
    pub(super) inputs: &'static [&'static str],
    pub(super) output: &'static str,
    pub(super) attrs: &'static [&'static str],
}

/// Says of an element type that a bound does not admit it.
#[cfg(test)]
pub(super) trait Refused {
    fn is_admitted(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
