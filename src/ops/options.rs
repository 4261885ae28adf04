//! Arguments that Python gives a default.
//!
//! Arguments that Python demands come first, in Python's order. Those that it gives a default are set in one last
//! argument, `options: impl Into<Options>`, where `Options` has a setter for each, called as Python calls it; `()` stands
//! for the defaults of all. A function with a single argument of this kind takes it itself, or `()`; see [`OrDefault`].

use super::nodes::Size;
use crate::dtype::{DType, TensorType};
use crate::graph::{AnyOperand, Operand, Tensor};

/// Lets `()` stand for the defaults of options types.
macro_rules! defaults {
    ($($options:ident $(<$life:lifetime $(, $T:ident: $bound:ident)?>)?),+ $(,)?) => {$(
        /// The defaults of all.
        impl $(<$life $(, $T: $bound)?>)? From<()> for $options $(<$life $(, $T)?>)? {
            #[inline]
            fn from((): ()) -> Self {
                Self::default()
            }
        }
    )+};
}

/// Setters of an options type, each of the field of its name: `axis: i64;`, or `axis: i64 => Some(axis);` where the
/// field is not the argument itself. Generics stand in brackets: `impl[T: TensorType] Options<T> { .. }`.
macro_rules! setters {
    (
        impl $([$($generics:tt)*])? $options:ident $(<$($arg:tt),+>)? {
            $($(#[$doc:meta])* $name:ident: $type:ty $(=> $value:expr)?;)*
        }
    ) => {
        impl $(<$($generics)*>)? $options $(<$($arg),+>)? {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = setters!(@value $name $($value)?);
                    self
                }
            )*
        }
    };
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
}

/// Options types: their fields with the defaults, which `()` stands for, and a setter for each.
///
/// A field is `axis: i64 = -1;`, or `axis: Option<i64> = None, i64 => Some(axis);` where the setter takes another type.
macro_rules! options {
    ($(
        $(#[$attr:meta])*
        $options:ident $(<$life:lifetime>)? {
            $($(#[$doc:meta])* $name:ident: $type:ty = $default:expr $(, $arg:ty => $value:expr)?;)*
        }
    )*) => {$(
        $(#[$attr])*
        pub struct $options $(<$life>)? {
            $($name: $type,)*
        }

        #[allow(clippy::derivable_impls, reason = "the defaults of some options are those of their types")]
        impl $(<$life>)? Default for $options $(<$life>)? {
            fn default() -> Self {
                $options { $($name: $default,)* }
            }
        }

        defaults!($options $(<$life>)?);

        impl $(<$life>)? $options $(<$life>)? {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $name: options!(@argument $type $(, $arg)?)) -> Self {
                    self.$name = setters!(@value $name $($value)?);
                    self
                }
            )*
        }
    )*};
    (@argument $type:ty) => { $type };
    (@argument $type:ty, $arg:ty) => { $arg };
}

/// The only argument of a function that Python gives a default: the argument itself, or `()` for the default.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let ids = g.placeholder::<i32>((None, 1));
/// assert_eq!(array::gather_nd(x, ids, ()).shape().to_string(), "[?, 3]");
/// assert_eq!(array::gather_nd(x, ids, 1).shape().to_string(), "[?]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrDefault<T>(pub(crate) Option<T>);

impl<T> From<()> for OrDefault<T> {
    fn from((): ()) -> Self {
        OrDefault(None)
    }
}

/// The default for `None`.
impl<T> From<Option<T>> for OrDefault<T> {
    fn from(argument: Option<T>) -> Self {
        OrDefault(argument)
    }
}

/// An operand where the default is none.
impl<'g, T: TensorType, X: Operand<'g, T>> From<X> for OrDefault<AnyOperand<'g, T>> {
    fn from(operand: X) -> Self {
        OrDefault(Some(operand.into_any()))
    }
}

/// Lets arguments of some types be given as they are.
macro_rules! or_default {
    ($([$($generics:tt)*] $from:ty $(=> $to:ty)?;)+) => {$(
        impl<$($generics)*> From<$from> for or_default!(@to $from $(=> $to)?) {
            fn from(argument: $from) -> Self {
                Self(Some(argument.into()))
            }
        }
    )+};
    (@to $from:ty) => { $crate::ops::OrDefault<$from> };
    (@to $from:ty => $to:ty) => { $crate::ops::OrDefault<$to> };
}

or_default! {
    [] DType;
    [] bool;
    [] f32;
    [] i32;
    [] i64;
    [] usize;
    [] i32 => Size<'_>;
    ['g] Tensor<'g, i32> => Size<'g>;
    ['g] Tensor<'g, i64> => Size<'g>;
    ['g] Vec<Size<'g>>;
}
