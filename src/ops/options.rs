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
            #[inline]
            fn from((): ()) -> Self {
                Self::default()
            }
        }
    )+};
}
