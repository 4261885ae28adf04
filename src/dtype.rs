//! Element types: [`DType`] at run time, [`TensorType`] and [`Element`] at compile time.
//!
//! One table relates TensorFlow's name and number, the size, and the Rust type of each.

mod data;

use std::fmt;

use half::{bf16, f16};
use num_complex::Complex;

pub(crate) use data::Data;
pub use quantized::{QInt8, QInt16, QInt32, QUInt8, QUInt16};

/// The bytes of one element of a TensorFlow string tensor; they need not be UTF-8.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteString(Vec<u8>);

impl ByteString {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl<B: Into<Vec<u8>>> From<B> for ByteString {
    fn from(bytes: B) -> Self {
        ByteString(bytes.into())
    }
}

impl AsRef<[u8]> for ByteString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// The Rust type that stands for TensorFlow's `resource`: a handle to a variable or table.
///
/// It has no values of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {}

/// The Rust type that stands for TensorFlow's `variant`: an opaque value such as a tensor list.
///
/// It has no values of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {}

#[allow(
    missing_debug_implementations,
    reason = "types that derives make for themselves"
)]
mod quantized {
    macro_rules! quantized {
        ($($name:ident($repr:ty) $tf:literal)*) => {$(
            #[doc = concat!("One element of TensorFlow's `", $tf, "`.")]
            #[derive(
                Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord,
                zerocopy::FromBytes, zerocopy::Immutable, zerocopy::IntoBytes,
            )]
            #[repr(transparent)]
            pub struct $name(
                /// The quantized value.
                pub $repr,
            );
        )*};
    }

    quantized! {
        QInt8(i8) "qint8"
        QUInt8(u8) "quint8"
        QInt16(i16) "qint16"
        QUInt16(u16) "quint16"
        QInt32(i32) "qint32"
    }
}

/// A Rust type that stands for a TensorFlow dtype.
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for no TensorFlow dtype",
    label = "expected an element type",
    note = "give an element type such as `placeholder::<f32>`; strings are `ByteString`, sizes are `i64` or `i32`"
)]
pub trait TensorType: sealed::Sealed + Sized + 'static {
    /// The dtype it stands for.
    const DTYPE: DType;
}

/// A Rust type whose values are the elements of tensors: every dtype but `resource` and `variant`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of the elements of tensors",
    label = "expected an element type",
    note = "give an element type such as `get_variable::<f32>`; strings are `ByteString`, sizes are `i64` or `i32`"
)]
pub trait Element:
    TensorType + sealed::Storage + Clone + fmt::Debug + PartialEq + Send + Sync
{
}

macro_rules! dtypes {
    ($($variant:ident $number:literal $name:literal $size:tt $rust:ty;)*) => {
        /// The type of a tensor's elements, as TensorFlow numbers and names them.
        ///
        /// ```
        /// use tfhub::DType;
        ///
        /// assert_eq!(DType::Float32.to_string(), "float32");
        /// assert_eq!(DType::Float32.size(), Some(4));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum DType {
            $(#[doc = concat!("TensorFlow's `", $name, "`.")] $variant = $number,)*
        }

        impl DType {
            /// Every dtype.
            pub const ALL: &'static [DType] = &[$(DType::$variant),*];

            /// TensorFlow's name, for example `float32`.
            pub fn name(self) -> &'static str {
                match self { $(DType::$variant => $name,)* }
            }

            /// The size of one element in bytes; `None` for strings, resources and variants.
            pub fn size(self) -> Option<usize> {
                match self { $(DType::$variant => dtypes!(@size $size),)* }
            }

            /// The dtype with this `DataType` number, if it is one of a value (not a reference).
            pub(crate) fn from_number(number: i32) -> Option<DType> {
                match number { $($number => Some(DType::$variant),)* _ => None }
            }
        }

        $(
            impl sealed::Sealed for $rust {}
            impl TensorType for $rust {
                const DTYPE: DType = DType::$variant;
            }
        )*
    };
    (@size _) => { None };
    (@size $size:literal) => { Some($size) };
}

dtypes! {
    Float32 1 "float32" 4 f32;
    Float64 2 "float64" 8 f64;
    Int32 3 "int32" 4 i32;
    UInt8 4 "uint8" 1 u8;
    Int16 5 "int16" 2 i16;
    Int8 6 "int8" 1 i8;
    String 7 "string" _ ByteString;
    Complex64 8 "complex64" 8 Complex<f32>;
    Int64 9 "int64" 8 i64;
    Bool 10 "bool" 1 bool;
    QInt8 11 "qint8" 1 QInt8;
    QUInt8 12 "quint8" 1 QUInt8;
    QInt32 13 "qint32" 4 QInt32;
    BFloat16 14 "bfloat16" 2 bf16;
    QInt16 15 "qint16" 2 QInt16;
    QUInt16 16 "quint16" 2 QUInt16;
    UInt16 17 "uint16" 2 u16;
    Complex128 18 "complex128" 16 Complex<f64>;
    Float16 19 "float16" 2 f16;
    Resource 20 "resource" _ Resource;
    Variant 21 "variant" _ Variant;
    UInt32 22 "uint32" 4 u32;
    UInt64 23 "uint64" 8 u64;
}

impl DType {
    /// TensorFlow's `DataType` number.
    pub(crate) fn number(self) -> i32 {
        self as i32
    }

    /// Whether this is one of `float16`, `bfloat16`, `float32` and `float64`.
    pub fn is_floating(self) -> bool {
        matches!(
            self,
            DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Float64
        )
    }

    /// Whether this is a signed or unsigned integer that is not quantized.
    pub fn is_integer(self) -> bool {
        use DType::{Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
        matches!(
            self,
            Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64
        )
    }
}

impl DType {
    /// Turns the bytes of elements into another byte order; each of the two parts of a complex element has one.
    pub(crate) fn swap_bytes(self, bytes: &mut [u8]) {
        let size = self.size().unwrap_or(1);
        let scalar = match self {
            DType::Complex64 | DType::Complex128 => size / 2,
            _ => size,
        };
        if scalar > 1 {
            bytes.chunks_exact_mut(scalar).for_each(<[u8]>::reverse);
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(crate) mod sealed {
    use super::Data;

    pub trait Sealed {}

    /// The storage of an element type in a tensor's data.
    pub trait Storage: Sized {
        #[doc(hidden)]
        fn into_data(values: Vec<Self>) -> Data;
        #[doc(hidden)]
        fn from_data(data: &Data) -> Option<&[Self]>;
        #[doc(hidden)]
        fn from_data_mut(data: &mut Data) -> Option<&mut [Self]>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, a) in DType::ALL.iter().enumerate() {
            assert_eq!(DType::from_number(a.number()), Some(*a));
            for b in &DType::ALL[..i] {
                assert_ne!(a.name(), b.name());
            }
        }
        assert_eq!(DType::from_number(101), None);
    }

    #[test]
    fn sizes_are_those_of_the_rust_types() {
        assert_eq!(DType::Complex128.size(), Some(size_of::<Complex<f64>>()));
        assert_eq!(DType::BFloat16.size(), Some(size_of::<bf16>()));
        assert_eq!(DType::String.size(), None);
    }
}
