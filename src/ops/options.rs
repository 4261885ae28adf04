//! How functions take what Python gives a default.
//!
//! Arguments that Python demands come first, in Python's order. Those that it gives a default are set in one last
//! argument, `options: impl Into<Options>`, where `Options` has a setter for each, called as Python calls it; `()` stands
//! for the defaults of all. A function with a single argument of this kind takes it itself.

/// Lets `()` stand for the defaults of options types.
macro_rules! defaults {
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
