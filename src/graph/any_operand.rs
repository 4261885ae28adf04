//! Operands of any kind, and lists of them, which become one tensor as Python packs them.

mod untyped;

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use ndarray::{ArrayBase, Dimension, OwnedRepr, ViewRepr};

pub(crate) use untyped::UntypedOperand;

use super::{AnyTensor, GraphBuilder, Operand, Tensor, sealed};
use crate::dtype::{ByteString, Element, TensorType};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// An [`Operand`] of any kind: a value, a tensor, a variable, or a list of them, which becomes one tensor where an op
/// takes it.
///
/// A vector of them is a list whose length is known at run time and whose items are of several kinds.
///
/// ```
/// use tfhub::graph::AnyOperand;
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let n = g.placeholder::<i32>(());
/// let mut shape: Vec<AnyOperand<'_, i32>> = vec![n.into(), 2.into()];
/// shape.push(AnyOperand::of(-1));
/// let x = g.placeholder::<f32>((None, 12));
/// assert_eq!(array::reshape(x, shape).shape().to_string(), "[?, 2, ?]");
/// ```
pub struct AnyOperand<'g, T: TensorType> {
    untyped: UntypedOperand<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for AnyOperand<'_, T> {
    fn clone(&self) -> Self {
        AnyOperand::of_untyped(self.untyped.clone())
    }
}

impl<T: TensorType> fmt::Debug for AnyOperand<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.untyped.fmt(f)
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for AnyOperand<'g, T> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        AnyOperand::tensor(tensor)
    }
}

impl<V: IntoTensorValue> From<V> for AnyOperand<'_, V::Element> {
    fn from(value: V) -> Self {
        AnyOperand::value(value.into_tensor_value())
    }
}

impl<'g, T: TensorType> AnyOperand<'g, T> {
    /// Any operand: a value, a tensor, a variable or a list of them.
    pub fn of(operand: impl Operand<'g, T>) -> Self {
        operand.into_any()
    }

    pub(crate) fn of_untyped(untyped: UntypedOperand<'g>) -> Self {
        let element = PhantomData;
        AnyOperand { untyped, element }
    }

    pub(crate) fn value(value: TensorValue) -> Self {
        AnyOperand::of_untyped(UntypedOperand::Value(value))
    }

    pub(crate) fn tensor(tensor: Tensor<'g, T>) -> Self {
        AnyOperand::of_untyped(UntypedOperand::Tensor(tensor.any()))
    }

    /// A variable of a shape; `read` gives its value as a tensor.
    pub(crate) fn read(shape: Shape, read: impl Fn() -> AnyTensor<'g> + 'g) -> Self {
        AnyOperand::of_untyped(UntypedOperand::Read(shape, Rc::new(read)))
    }

    /// A partitioned variable of a shape; `join` gives its value as a tensor.
    pub(crate) fn parts(shape: Shape, join: impl Fn() -> AnyTensor<'g> + 'g) -> Self {
        AnyOperand::of_untyped(UntypedOperand::Parts(shape, Rc::new(join)))
    }

    pub(crate) fn list(items: Vec<AnyOperand<'g, T>>) -> Self {
        let items = items.into_iter().map(AnyOperand::untyped);
        AnyOperand::of_untyped(UntypedOperand::List(items.collect()))
    }

    fn tensors(tensors: &[Tensor<'g, T>]) -> Self {
        let items = tensors
            .iter()
            .map(|tensor| UntypedOperand::Tensor(tensor.any()));
        AnyOperand::of_untyped(UntypedOperand::List(items.collect()))
    }

    /// The operand, whose element type is known at run time.
    pub(crate) fn untyped(self) -> UntypedOperand<'g> {
        self.untyped
    }

    /// The value, if it is a single one.
    pub(crate) fn as_value(&self) -> Option<&TensorValue> {
        match &self.untyped {
            UntypedOperand::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: TensorType> sealed::Operand for AnyOperand<'_, T> {}

impl<'g, T: TensorType> Operand<'g, T> for AnyOperand<'g, T> {
    #[track_caller]
    fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        let tensor = self.untyped.into_tensor(graph, name, T::DTYPE);
        tensor.typed()
    }

    fn into_any(self) -> AnyOperand<'g, T> {
        self
    }
}

/// The function of an operand that is a list of tensors.
macro_rules! list {
    () => {
        fn into_any(self) -> AnyOperand<'g, T> {
            AnyOperand::tensors(self.as_ref())
        }
    };
}

impl<T: TensorType> sealed::Operand for Vec<Tensor<'_, T>> {}

impl<'g, T: TensorType> Operand<'g, T> for Vec<Tensor<'g, T>> {
    list!();
}

impl<T: TensorType> sealed::Operand for &Vec<Tensor<'_, T>> {}

impl<'g, T: TensorType> Operand<'g, T> for &Vec<Tensor<'g, T>> {
    list!();
}

impl<T: TensorType> sealed::Operand for &[Tensor<'_, T>] {}

impl<'g, T: TensorType> Operand<'g, T> for &[Tensor<'g, T>] {
    list!();
}

impl<T: TensorType, const N: usize> sealed::Operand for [Tensor<'_, T>; N] {}

impl<'g, T: TensorType, const N: usize> Operand<'g, T> for [Tensor<'g, T>; N] {
    list!();
}

impl<T: TensorType, const N: usize> sealed::Operand for &[Tensor<'_, T>; N] {}

impl<'g, T: TensorType, const N: usize> Operand<'g, T> for &[Tensor<'g, T>; N] {
    list!();
}

impl<V: IntoTensorValue> sealed::Operand for V {}

/// The function of an operand that is a value.
///
/// Each kind of value has an implementation, written out: with one for all of them, the compiler would blame the conversion
/// of values for whatever is no operand, and it shows the heads of implementations to users.
macro_rules! value {
    ($element:ty) => {
        fn into_any(self) -> AnyOperand<'g, $element> {
            AnyOperand::value(self.into_tensor_value())
        }
    };
}

impl<'g, T: Element> Operand<'g, T> for T {
    value!(T);
}

impl<'g, T: Element> Operand<'g, T> for Vec<T> {
    value!(T);
}

impl<'g, T: Element> Operand<'g, T> for &[T] {
    value!(T);
}

impl<'g, T: Element, const N: usize> Operand<'g, T> for [T; N] {
    value!(T);
}

impl<'g, T: Element, const N: usize> Operand<'g, T> for Vec<[T; N]> {
    value!(T);
}

impl<'g, T: Element, const N: usize> Operand<'g, T> for &[[T; N]] {
    value!(T);
}

impl<'g, T: Element, const N: usize, const M: usize> Operand<'g, T> for [[T; M]; N] {
    value!(T);
}

impl<'g, T: Element, const N: usize, const M: usize, const L: usize> Operand<'g, T>
    for [[[T; L]; M]; N]
{
    value!(T);
}

impl<'g, T: Element, const N: usize, const M: usize, const L: usize, const K: usize> Operand<'g, T>
    for [[[[T; K]; L]; M]; N]
{
    value!(T);
}

impl<'g> Operand<'g, ByteString> for &str {
    value!(ByteString);
}

impl<'g> Operand<'g, ByteString> for String {
    value!(ByteString);
}

impl<'g> Operand<'g, ByteString> for Vec<&str> {
    value!(ByteString);
}

impl<'g> Operand<'g, ByteString> for Vec<String> {
    value!(ByteString);
}

impl<'g> Operand<'g, ByteString> for &[&str] {
    value!(ByteString);
}

impl<'g> Operand<'g, ByteString> for &[String] {
    value!(ByteString);
}

impl<'g, const N: usize> Operand<'g, ByteString> for [&str; N] {
    value!(ByteString);
}

impl<'g, const N: usize, const M: usize> Operand<'g, ByteString> for [[&str; M]; N] {
    value!(ByteString);
}

impl<'g, const N: usize, const M: usize, const L: usize> Operand<'g, ByteString>
    for [[[&str; L]; M]; N]
{
    value!(ByteString);
}

impl<'g, const N: usize> Operand<'g, ByteString> for Vec<[&str; N]> {
    value!(ByteString);
}

impl<'g, T: Element, D: Dimension> Operand<'g, T> for ArrayBase<OwnedRepr<T>, D> {
    value!(T);
}

impl<'g, T: Element, D: Dimension> Operand<'g, T> for ArrayBase<ViewRepr<&T>, D> {
    value!(T);
}

impl<T: TensorType> sealed::Operand for Vec<AnyOperand<'_, T>> {}

impl<'g, T: TensorType> Operand<'g, T> for Vec<AnyOperand<'g, T>> {
    fn into_any(self) -> AnyOperand<'g, T> {
        AnyOperand::list(self)
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: sealed::Operand),*> sealed::Operand for ($($name,)*) {}

        impl<'g, T: TensorType, $($name: Operand<'g, T>),*> Operand<'g, T> for ($($name,)*) {
            #[expect(non_snake_case, reason = "each item is named after its type parameter")]
            fn into_any(self) -> AnyOperand<'g, T> {
                let ($($name,)*) = self;
                let items = vec![$($name.into_any().untyped),*];
                AnyOperand::of_untyped(UntypedOperand::List(items))
            }
        }
    )*};
}

each_tuple!(tuples);
