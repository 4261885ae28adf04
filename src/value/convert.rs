//! Conversions to [`TensorValue`]: from scalars, nested arrays, vectors and ndarray's arrays.

use ndarray::{ArrayBase, Dimension, OwnedRepr, RawData, ViewRepr};

use super::TensorValue;
use crate::dtype::{ByteString, Element};

/// A Rust value that stands for a dense tensor of a known element type: a scalar or a string, an array, vector or slice
/// of them, nested arrays, or an ndarray array or view.
///
/// ```
/// use tfhub::value::IntoTensorValue;
///
/// assert!(1.5f32.into_tensor_value().shape().is_empty());
/// assert_eq!([[1, 2, 3], [4, 5, 6]].into_tensor_value().shape(), [2, 3]);
/// assert_eq!("text".into_tensor_value().dtype(), tfhub::DType::String);
/// assert_eq!([["a", "b"], ["c", "d"]].into_tensor_value().shape(), [2, 2]);
/// assert_eq!(vec![[1.0, 2.0]; 3].into_tensor_value().shape(), [3, 2]);
/// ```
///
/// Types of one's own may implement it, with a value whose elements are of the type that it names;
/// [`GraphBuilder::constant`](crate::GraphBuilder::constant) then takes them.
///
/// ```
/// use tfhub::TensorValue;
/// use tfhub::value::IntoTensorValue;
///
/// struct Celsius(f32);
///
/// impl IntoTensorValue for Celsius {
///     type Element = f32;
///
///     fn into_tensor_value(self) -> TensorValue {
///         TensorValue::scalar(self.0 + 273.15)
///     }
/// }
///
/// # let g = tfhub::GraphBuilder::new();
/// let kelvin = g.placeholder::<f32>((None,));
/// let above_freezing = kelvin - g.constant(Celsius(0.0));
/// # assert_eq!(above_freezing.shape().to_string(), "[?]");
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

macro_rules! lists {
    ($($(#[$doc:meta])* [$($generics:tt)*] $list:ty, $element:ty, $self:ident => ($shape:expr, $elements:expr);)*) => {$(
        $(#[$doc])*
        impl<$($generics)*> IntoTensorValue for $list {
            type Element = $element;

            fn into_tensor_value($self) -> TensorValue {
                TensorValue::from_parts($shape.to_vec(), $elements.into_iter().collect())
            }
        }
    )*};
}

lists! {
    [T: Element] Vec<T>, T, self => ([self.len()], self);
    [T: Element] &[T], T, self => ([self.len()], self.iter().cloned());
    [T: Element, const N: usize] [T; N], T, self => ([N], self);
    [T: Element, const N: usize] Vec<[T; N]>, T, self => ([self.len(), N], self.into_iter().flatten());
    [T: Element, const N: usize] &[[T; N]], T, self => ([self.len(), N], self.iter().flatten().cloned());
    [T: Element, const N: usize, const M: usize] [[T; M]; N], T, self => ([N, M], self.into_iter().flatten());
    [T: Element, const N: usize, const M: usize, const L: usize] [[[T; L]; M]; N], T, self =>
        ([N, M, L], self.into_iter().flatten().flatten());
    [T: Element, const N: usize, const M: usize, const L: usize, const K: usize] [[[[T; K]; L]; M]; N], T, self =>
        ([N, M, L, K], self.into_iter().flatten().flatten().flatten());
    [] &str, ByteString, self => ([], [ByteString::from(self)]);
    [] String, ByteString, self => ([], [ByteString::from(self)]);
    [] Vec<&str>, ByteString, self => ([self.len()], self.into_iter().map(ByteString::from));
    [] Vec<String>, ByteString, self => ([self.len()], self.into_iter().map(ByteString::from));
    [] &[&str], ByteString, self => ([self.len()], self.iter().copied().map(ByteString::from));
    [] &[String], ByteString, self => ([self.len()], self.iter().map(|text| ByteString::from(text.as_str())));
    [const N: usize] [&str; N], ByteString, self => ([N], self.map(ByteString::from));
    [const N: usize, const M: usize] [[&str; M]; N], ByteString, self =>
        ([N, M], self.into_iter().flatten().map(ByteString::from));
    [const N: usize, const M: usize, const L: usize] [[[&str; L]; M]; N], ByteString, self =>
        ([N, M, L], self.into_iter().flatten().flatten().map(ByteString::from));
    [const N: usize] Vec<[&str; N]>, ByteString, self =>
        ([self.len(), N], self.into_iter().flatten().map(ByteString::from));
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
