//! The texts of error types.

use std::fmt;

/// Error types, each variant with its text, in which fields stand by name, and the only field of a tuple as `{0}`.
///
/// A field called `source`, or marked with `#[source]`, is the error's source; `#[from]` marks one that converts as
/// well. A `transparent` variant has the text and the source of its field.
macro_rules! errors {
    (
        $(#[$attr:meta])*
        $vis:vis enum $error:ident {
            $(
                $(#[doc = $doc:literal])*
                #[error($($text:tt)+)]
                $variant:ident
                $(($(#[$mark:ident])? $type:ty))?
                $({ $($(#[doc = $field_doc:literal])* $field:ident: $field_type:ty),+ $(,)? })?
            ),+ $(,)?
        }
    ) => {
        $(#[$attr])*
        $vis enum $error {
            $(
                $(#[doc = $doc])*
                $variant $(($type))? $({ $($(#[doc = $field_doc])* $field: $field_type),+ })?,
            )+
        }

        impl std::fmt::Display for $error {
            #[allow(unused_variables, reason = "not all fields are in the text")]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {$(
                    errors!(@pattern $variant $((it: $type))? $({ $($field),+ })?) => {
                        errors!(@write f [$($text)+] $((it: $type))?)
                    }
                )+}
            }
        }

        impl std::error::Error for $error {
            #[allow(unused_variables, reason = "not all fields are sources")]
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                match self {$(
                    errors!(@pattern $variant $((it: $type))? $({ $($field),+ })?) => {
                        errors!(@source [$($text)+] $((it $($mark)?))? $($(($field: $field))+)?)
                    }
                )+}
            }
        }

        $($(errors!(@from $error $variant $type; $($mark)?);)?)+
    };

    (
        $(#[doc = $doc:literal])*
        #[derive($($derive:ident),+)]
        #[error($($text:tt)+)]
        $vis:vis struct $error:ident { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty),+ $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive($($derive),+)]
        $vis struct $error {
            $($(#[doc = $field_doc])* $field: $type),+
        }

        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $error { $($field),+ } = self;
                $crate::error::write_text(f, format_args!($($text)+))
            }
        }

        impl std::error::Error for $error {
            #[allow(unused_variables, reason = "not all fields are sources")]
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                let $error { $($field),+ } = self;
                errors!(@source [$($text)+] $(($field: $field))+)
            }
        }
    };

    (@pattern $variant:ident) => { Self::$variant };
    (@pattern $variant:ident ($it:ident: $type:ty)) => { Self::$variant($it) };
    (@pattern $variant:ident { $($field:ident),+ }) => { Self::$variant { $($field),+ } };

    (@write $f:ident [transparent] ($it:ident: $type:ty)) => { std::fmt::Display::fmt($it, $f) };
    (@write $f:ident [$($text:tt)+] ($it:ident: $type:ty)) => {
        $crate::error::write_text($f, format_args!($($text)+, $it))
    };
    (@write $f:ident [$($text:tt)+]) => { $crate::error::write_text($f, format_args!($($text)+)) };

    (@source [transparent] ($it:ident $($mark:ident)?)) => { std::error::Error::source($it) };
    (@source [$($text:tt)+] ($it:ident $mark:ident)) => { Some($it) };
    (@source [$($text:tt)+] ($field:ident: source) $($rest:tt)*) => { Some($field) };
    (@source [$($text:tt)+] ($field:ident: $name:ident) $($rest:tt)*) => { errors!(@source [$($text)+] $($rest)*) };
    (@source [$($text:tt)+] $(($it:ident))?) => { None };

    (@from $error:ident $variant:ident $type:ty; from) => {
        impl From<$type> for $error {
            fn from(source: $type) -> Self {
                $error::$variant(source)
            }
        }
    };
    (@from $error:ident $variant:ident $type:ty; $($mark:ident)?) => {};
}

/// Writes a text as `write!` does, but without a copy of the formatter's code for each text.
#[inline(never)]
pub(crate) fn write_text(f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>) -> fmt::Result {
    f.write_fmt(text)
}
