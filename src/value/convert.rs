//! Conversions to [`TensorValue`]: from scalars, nested arrays, vectors and ndarray's arrays.

use ndarray::{ArrayBase, Dimension, OwnedRepr, RawData, ViewRepr};

use super::TensorValue;
use crate::dtype::{ByteString, Element};

/// A Rust value that stands for a dense tensor of a known element type: a scalar, an array or a nested array of
/// them, a vector, a string, or an ndarray array or view.
///
/// ```
/// use tfhub::value::IntoTensorValue;
///
/// assert!(1.5f32.into_tensor_value().shape().is_empty());
/// assert_eq!([[1, 2, 3], [4, 5, 6]].into_tensor_value().shape(), [2, 3]);
/// assert_eq!("text".into_tensor_value().dtype(), tfhub::DType::String);
/// ```
pub trait IntoTensorValue {
    /// The element type.
    type Element: Element;

    /// The dense tensor.
    fn into_tensor_value(self) -> TensorValue;
}

impl<T: Element> IntoTensorValue for T {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        TensorValue::scalar(self)
    }
}

impl IntoTensorValue for &str {
    type Element = ByteString;

    fn into_tensor_value(self) -> TensorValue {
        TensorValue::scalar(ByteString::from(self))
    }
}

impl<T: Element> IntoTensorValue for Vec<T> {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        TensorValue::from_parts(vec![self.len()], self)
    }
}

impl<T: Element> IntoTensorValue for &[T] {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        self.to_vec().into_tensor_value()
    }
}

impl<T: Element, const N: usize> IntoTensorValue for [T; N] {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        Vec::from(self).into_tensor_value()
    }
}

impl<const N: usize> IntoTensorValue for [&str; N] {
    type Element = ByteString;

    fn into_tensor_value(self) -> TensorValue {
        self.map(ByteString::from).into_tensor_value()
    }
}

impl<T: Element, const N: usize, const M: usize> IntoTensorValue for [[T; M]; N] {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        TensorValue::from_parts(vec![N, M], self.into_iter().flatten().collect())
    }
}

impl<T: Element, const N: usize, const M: usize, const L: usize> IntoTensorValue
    for [[[T; L]; M]; N]
{
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        TensorValue::from_parts(
            vec![N, M, L],
            self.into_iter().flatten().flatten().collect(),
        )
    }
}

/// An owned array's memory is kept if it is in row-major order, and put into that order if not.
impl<T: Element, D: Dimension> IntoTensorValue for ArrayBase<OwnedRepr<T>, D> {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        let shape = self.shape().to_vec();
        if !self.is_standard_layout() {
            return self.view().into_tensor_value();
        }
        let len = self.len();
        let (mut elements, offset) = self.into_raw_vec_and_offset();
        let start = offset.unwrap_or(0);
        elements.truncate(start + len);
        elements.drain(..start);
        TensorValue::from_parts(shape, elements)
    }
}

/// A view is copied once.
impl<T: Element, D: Dimension> IntoTensorValue for ArrayBase<ViewRepr<&T>, D> {
    type Element = T;

    fn into_tensor_value(self) -> TensorValue {
        let elements = match self.as_slice() {
            Some(elements) => elements.to_vec(),
            None => self.iter().cloned().collect(),
        };
        TensorValue::from_parts(self.shape().to_vec(), elements)
    }
}

impl<T: Element, S: RawData<Elem = T>, D> From<ArrayBase<S, D>> for TensorValue
where
    ArrayBase<S, D>: IntoTensorValue,
{
    fn from(array: ArrayBase<S, D>) -> Self {
        array.into_tensor_value()
    }
}
