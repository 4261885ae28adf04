//! How functions take what Python gives a default.
//!
//! Arguments that Python demands come first, in Python's order. Those that it gives a default are set in one last
//! argument, `options: impl Into<Options>`, where `Options` has a setter for each, called as Python calls it; `()` stands
//! for the defaults of all. A function with a single argument of this kind takes it itself.

use crate::graph::AttrValue;

/// Whether a function does something that it does, or does not, by default: a `bool`, or `()` for the default.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 5));
/// assert_eq!(nn::top_k(x, 2, ()).values.shape().to_string(), "[?, 2]");
/// assert_eq!(nn::top_k(x, 2, false).values.name(), "TopKV2_1:0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag<const DEFAULT: bool>(bool);

impl<const DEFAULT: bool> Flag<DEFAULT> {
    pub(crate) fn is_set(self) -> bool {
        self.0
    }
}

/// The default.
impl<const DEFAULT: bool> From<()> for Flag<DEFAULT> {
    fn from((): ()) -> Self {
        Flag(DEFAULT)
    }
}

impl<const DEFAULT: bool> From<bool> for Flag<DEFAULT> {
    fn from(flag: bool) -> Self {
        Flag(flag)
    }
}

impl<const DEFAULT: bool> From<Flag<DEFAULT>> for AttrValue {
    fn from(Flag(flag): Flag<DEFAULT>) -> Self {
        flag.into()
    }
}

/// Lets `()` stand for the defaults of options types; fields in braces are the defaults themselves.
macro_rules! defaults {
    ($($options:ident $(<$life:lifetime>)? { $($field:ident: $value:expr),+ $(,)? })+) => {
        $(
            impl $(<$life>)? Default for $options $(<$life>)? {
                fn default() -> Self {
                    $options { $($field: $value),+ }
                }
            }
        )+

        defaults!($($options $(<$life>)?),+);
    };
    ($($options:ident $(<$life:lifetime>)?),+ $(,)?) => {$(
        /// The defaults of all.
        impl $(<$life>)? From<()> for $options $(<$life>)? {
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
