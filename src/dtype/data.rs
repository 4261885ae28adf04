//! The elements of dense tensors, as vectors of their Rust types.

use half::slice::HalfFloatSliceExt as _;
use half::{bf16, f16};
use num_complex::Complex;
use zerocopy::IntoBytes as _;

use super::{ByteString, DType, Element, QInt8, QInt16, QInt32, QUInt8, QUInt16, sealed};

macro_rules! storage {
    ($($variant:ident $rust:ty, $kind:ident;)*) => {
        /// The elements of a dense tensor in row-major order, one vector type per dtype.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(unreachable_pub, reason = "the sealed trait names it, and a public trait names that")]
        pub enum Data {
            $($variant(Vec<$rust>),)*
        }

        impl Data {
            pub(crate) fn dtype(&self) -> DType {
                match self { $(Data::$variant(_) => DType::$variant,)* }
            }

            pub(crate) fn len(&self) -> usize {
                match self { $(Data::$variant(values) => values.len(),)* }
            }

            pub(crate) fn emptied(&self) -> Data {
                match self { $(Data::$variant(_) => Data::$variant(Vec::new()),)* }
            }

            /// No elements of this dtype; `None` for the dtypes without values.
            pub(crate) fn empty(dtype: DType) -> Option<Data> {
                match dtype {
                    $(DType::$variant => Some(Data::$variant(Vec::new())),)*
                    _ => None,
                }
            }

            /// A number of zeros, empty strings or `false`; `None` for dtypes without values.
            pub(crate) fn zeros(dtype: DType, len: usize) -> Option<Data> {
                match dtype {
                    $(DType::$variant => Some(Data::$variant(vec![<$rust>::default(); len])),)*
                    _ => None,
                }
            }

            /// The elements as they lie in memory, to be changed; `None` for strings, and for `bool`, which not
            /// every byte is.
            pub(crate) fn native_bytes_mut(&mut self) -> Option<&mut [u8]> {
                match self { $(Data::$variant(values) => storage!(@bytes_mut $kind values),)* }
            }

            /// The elements as they lie in memory; `None` for strings.
            pub(crate) fn native_bytes(&self) -> Option<&[u8]> {
                match self { $(Data::$variant(values) => storage!(@bytes $kind values),)* }
            }
        }

        $(
            impl sealed::Storage for $rust {
                fn into_data(values: Vec<Self>) -> Data {
                    Data::$variant(values)
                }

                fn from_data(data: &Data) -> Option<&[Self]> {
                    match data {
                        Data::$variant(values) => Some(values),
                        _ => None,
                    }
                }

                fn from_data_mut(data: &mut Data) -> Option<&mut [Self]> {
                    match data {
                        Data::$variant(values) => Some(values),
                        _ => None,
                    }
                }
            }

            impl Element for $rust {}
        )*
    };
    (@bytes pod $values:ident) => { Some(bytemuck::cast_slice($values)) };
    (@bytes half $values:ident) => { Some(bytemuck::cast_slice($values.reinterpret_cast())) };
    (@bytes quantized $values:ident) => { Some($values.as_slice().as_bytes()) };
    (@bytes bool $values:ident) => { Some(bytemuck::cast_slice($values)) };
    (@bytes_mut pod $values:ident) => { Some(bytemuck::cast_slice_mut($values)) };
    (@bytes_mut half $values:ident) => { Some(bytemuck::cast_slice_mut($values.reinterpret_cast_mut())) };
    (@bytes_mut quantized $values:ident) => { Some($values.as_mut_slice().as_mut_bytes()) };
    (@bytes_mut bool $values:ident) => {{ let _ = $values; None }};
    (@bytes_mut string $values:ident) => {{ let _ = $values; None }};
    (@bytes string $values:ident) => {{ let _ = $values; None }};
}

storage! {
    Float32 f32, pod;
    Float64 f64, pod;
    Int32 i32, pod;
    UInt8 u8, pod;
    Int16 i16, pod;
    Int8 i8, pod;
    String ByteString, string;
    Complex64 Complex<f32>, pod;
    Int64 i64, pod;
    Bool bool, bool;
    QInt8 QInt8, quantized;
    QUInt8 QUInt8, quantized;
    QInt32 QInt32, quantized;
    BFloat16 bf16, half;
    QInt16 QInt16, quantized;
    QUInt16 QUInt16, quantized;
    UInt16 u16, pod;
    Complex128 Complex<f64>, pod;
    Float16 f16, half;
    UInt32 u32, pod;
    UInt64 u64, pod;
}
