//! Dense values held in memory, of which constants, initial values and assigned weights are made.

mod cast;
mod convert;
mod finite;
mod layout;
mod proto;
mod slice;
mod text;

use std::borrow::Cow;

use crate::dtype::sealed::Storage as _;
use crate::dtype::{ByteString, DType, Data, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::element_count;

pub(crate) use finite::NotFinite;
pub(crate) use layout::{strides, walk};
pub(crate) use slice::copy_common;

pub use crate::shape::Dimension;
pub use convert::IntoTensorValue;
pub(crate) use proto::{
    TensorProtoError, decode as decode_tensor_proto, encode as encode_tensor_proto,
};
pub use slice::TensorSlice;
pub(crate) use text::proto_text;

/// A dense tensor in memory: a dtype, a shape, and the elements in row-major order.
///
/// ```
/// use tfhub::{DType, TensorValue};
/// use ndarray::array;
///
/// let value = TensorValue::from(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!((value.dtype(), value.shape()), (DType::Float32, &[2, 2][..]));
/// assert_eq!(value.as_slice::<f32>()?, [1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TensorValue {
    shape: Vec<usize>,
    data: Data,
}

errors! {
    #[derive(Debug)]
    enum ValueError {
        #[error("a value of shape {shape:?} has {expected} elements, found {found}")]
        Count {
            shape: Vec<usize>,
            expected: usize,
            found: usize,
        },
        #[error("a value of shape {shape:?} has more elements than can be counted")]
        TooLarge { shape: Vec<usize> },
        #[error("expected a value of dtype {expected}, found {found}")]
        DType { expected: DType, found: DType },
    }
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Error::new(ErrorKind::InvalidValue, error)
    }
}

impl TensorValue {
    /// A value from its elements in row-major order; the vector is kept, not copied.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if the number of elements is not that of the shape.
    pub fn new<T: Element>(shape: impl Into<Vec<usize>>, elements: Vec<T>) -> Result<Self> {
        let shape = shape.into();
        let Some(expected) = element_count(&shape) else {
            return Err(ValueError::TooLarge { shape }.into());
        };
        if expected != elements.len() {
            return Err(ValueError::Count {
                shape,
                expected,
                found: elements.len(),
            }
            .into());
        }
        Ok(TensorValue {
            shape,
            data: T::into_data(elements),
        })
    }

    /// A scalar.
    pub fn scalar<T: Element>(value: T) -> Self {
        TensorValue {
            shape: Vec::new(),
            data: T::into_data(vec![value]),
        }
    }

    /// A value whose element count the caller has already matched with the shape.
    pub(crate) fn from_parts<T: Element>(shape: Vec<usize>, elements: Vec<T>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), elements.len());
        TensorValue {
            shape,
            data: T::into_data(elements),
        }
    }

    /// A value of elements whose count the caller has already matched with the shape.
    pub(crate) fn from_data(shape: Vec<usize>, data: Data) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), data.len());
        TensorValue { shape, data }
    }

    /// An empty vector; `None` for the dtypes without values.
    pub(crate) fn empty(dtype: DType) -> Option<Self> {
        let data = Data::empty(dtype)?;
        Some(Self::from_data(vec![0], data))
    }

    /// A scalar of a numeric dtype known at run time, rounded from `value` as a cast in C does.
    ///
    /// `None` for strings and the dtypes without values.
    pub(crate) fn scalar_from_f64(dtype: DType, value: f64) -> Option<Self> {
        Self::scalar(value).converted(dtype)
    }

    /// The dtype of the elements.
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// The size of each dimension; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no elements: some dimension is zero.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if the dtype is another.
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        T::from_data(&self.data).ok_or_else(|| {
            ValueError::DType {
                expected: T::DTYPE,
                found: self.dtype(),
            }
            .into()
        })
    }

    pub(crate) fn as_mut_slice<T: Element>(&mut self) -> Option<&mut [T]> {
        T::from_data_mut(&mut self.data)
    }

    /// The elements as a view of an array.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if the dtype is another.
    pub fn view<T: Element>(&self) -> Result<ndarray::ArrayViewD<'_, T>> {
        let view = ndarray::ArrayViewD::from_shape(self.shape.as_slice(), self.as_slice()?);
        Ok(view.expect("the element count is checked when a value is made"))
    }

    /// A value of the same dtype without elements.
    pub(crate) fn emptied(&self) -> Self {
        TensorValue {
            shape: vec![0],
            data: self.data.emptied(),
        }
    }

    /// Gives the elements another shape, which has as many.
    pub(crate) fn reshaped(mut self, shape: &[usize]) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), self.len());
        self.shape = shape.to_vec();
        self
    }

    /// The elements as little-endian bytes in row-major order, as checkpoints and constants hold them; `None`
    /// for strings. Nothing is copied where the machine is little-endian.
    pub(crate) fn le_bytes(&self) -> Option<Cow<'_, [u8]>> {
        Some(swap_to_le(self.dtype(), self.data.native_bytes()?))
    }

    /// A value of a dtype of fixed size that `fill` writes, as the elements lie in memory; `None` for other dtypes.
    ///
    /// The caller has made sure that the elements can be counted. Bytes other than 0 are `true`.
    pub(crate) fn filled<E>(
        dtype: DType,
        shape: &[usize],
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Option<Result<Self, E>> {
        let mut value = Self::zeroed_bytes(dtype, shape)?;
        let result = fill(value.data.native_bytes_mut()?);
        Some(result.map(|()| value.with_bools(dtype)))
    }

    /// [A value](Self::filled) of a dtype of fixed size, whose bytes are zeros before `fill` writes them.
    pub(crate) fn of_bytes(dtype: DType, shape: &[usize], fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let Some(mut value) = Self::zeroed_bytes(dtype, shape) else {
            unreachable!("elements of {dtype} of a fixed size");
        };
        fill(value.data.native_bytes_mut().unwrap_or_default());
        value.with_bools(dtype)
    }

    /// Zeros of a dtype of fixed size; bytes in place of `bool`, which not every byte is.
    fn zeroed_bytes(dtype: DType, shape: &[usize]) -> Option<Self> {
        dtype.size()?;
        let stored = match dtype {
            DType::Bool => DType::UInt8,
            dtype => dtype,
        };
        let data = Data::zeros(stored, shape.iter().product())?;
        Some(Self::from_data(shape.to_vec(), data))
    }

    /// Bytes as `bool`, if that is the dtype.
    fn with_bools(mut self, dtype: DType) -> Self {
        if let (DType::Bool, Data::UInt8(bytes)) = (dtype, &mut self.data) {
            let bytes = std::mem::take(bytes).into_iter();
            self.data = Data::Bool(bytes.map(|byte| byte != 0).collect());
        }
        self
    }

    /// The elements as they lie in memory; `None` for strings.
    pub(crate) fn native_bytes(&self) -> Option<&[u8]> {
        self.data.native_bytes()
    }

    /// The elements of a string tensor; `None` for other dtypes.
    pub(crate) fn strings(&self) -> Option<&[ByteString]> {
        ByteString::from_data(&self.data)
    }

    /// The elements as signed integers, if the dtype is `int32` or `int64`: axes, shapes, sizes.
    pub(crate) fn to_i64s(&self) -> Option<Vec<i64>> {
        match &self.data {
            Data::Int32(values) => Some(values.iter().map(|&v| v.into()).collect()),
            Data::Int64(values) => Some(values.clone()),
            _ => None,
        }
    }

    pub(crate) fn data(&self) -> &Data {
        &self.data
    }
}

/// Elements between the machine's byte order and little-endian, either way; copied only where they differ.
fn swap_to_le(dtype: DType, bytes: &[u8]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(bytes);
    }
    let mut swapped = bytes.to_vec();
    dtype.swap_bytes(&mut swapped);
    Cow::Owned(swapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_element_count_must_fit_the_shape() {
        let error = TensorValue::new([2, 3], vec![1.0f32]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert_eq!(
            error.to_string(),
            "a value of shape [2, 3] has 6 elements, found 1"
        );
        assert!(TensorValue::new([usize::MAX, 2], vec![1.0f32]).is_err());
    }

    #[test]
    fn reading_as_another_dtype_is_an_error() {
        let error = TensorValue::scalar(1i32).as_slice::<f32>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a value of dtype float32, found int32"
        );
    }

    #[test]
    fn bytes_are_little_endian() {
        assert_eq!(
            TensorValue::scalar(0x0102i16).le_bytes().as_deref(),
            Some(&[2, 1][..])
        );
        assert_eq!(TensorValue::scalar(ByteString::from("a")).le_bytes(), None);
    }
}
