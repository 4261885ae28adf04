//! Operands of any kind, and lists of them, which become one tensor as Python packs them.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use ndarray::{ArrayBase, Dimension, OwnedRepr, ViewRepr};

use super::{GraphBuilder, Operand, Tensor, sealed};
use crate::dtype::{ByteString, DType, Element, TensorType};
use crate::error::Rule;
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
pub struct AnyOperand<'g, T: TensorType>(Kind<'g, T>);

enum Kind<'g, T: TensorType> {
    Value(TensorValue),
    Tensor(Tensor<'g, T>),
    /// A variable of this shape, which is read where its value is needed.
    Read(Shape, Rc<dyn Fn() -> Tensor<'g, T> + 'g>),
    List(Vec<AnyOperand<'g, T>>),
}

impl<T: TensorType> Clone for AnyOperand<'_, T> {
    fn clone(&self) -> Self {
        AnyOperand(match &self.0 {
            Kind::Value(value) => Kind::Value(value.clone()),
            Kind::Tensor(tensor) => Kind::Tensor(*tensor),
            Kind::Read(shape, read) => Kind::Read(shape.clone(), Rc::clone(read)),
            Kind::List(items) => Kind::List(items.clone()),
        })
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

    pub(crate) fn value(value: TensorValue) -> Self {
        AnyOperand(Kind::Value(value))
    }

    pub(crate) fn tensor(tensor: Tensor<'g, T>) -> Self {
        AnyOperand(Kind::Tensor(tensor))
    }

    pub(crate) fn read(shape: Shape, read: impl Fn() -> Tensor<'g, T> + 'g) -> Self {
        AnyOperand(Kind::Read(shape, Rc::new(read)))
    }

    pub(crate) fn list(items: Vec<AnyOperand<'g, T>>) -> Self {
        AnyOperand(Kind::List(items))
    }

    /// The items of a list; anything else is its own only item.
    pub(crate) fn into_list(self) -> Vec<Self> {
        match self.0 {
            Kind::List(items) => items,
            _ => vec![self],
        }
    }

    /// The value, if it is a single one.
    pub(crate) fn as_value(&self) -> Option<&TensorValue> {
        match &self.0 {
            Kind::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The tensor, if it is a single one.
    pub(crate) fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        match &self.0 {
            Kind::Tensor(tensor) => Some(*tensor),
            _ => None,
        }
    }

    /// The shape of a variable.
    pub(crate) fn variable_shape(&self) -> Option<&Shape> {
        match &self.0 {
            Kind::Read(shape, _) => Some(shape),
            _ => None,
        }
    }

    /// The value, if no tensor is in it and its parts have one shape.
    pub(crate) fn into_value(self) -> Option<TensorValue> {
        match self.0 {
            Kind::Value(value) => Some(value),
            Kind::List(items) => {
                let parts: Option<Vec<_>> = items.into_iter().map(AnyOperand::into_value).collect();
                TensorValue::stacked(T::DTYPE, &parts?)
            }
            Kind::Tensor(_) | Kind::Read(..) => None,
        }
    }

    pub(crate) fn has_tensor(&self) -> bool {
        match &self.0 {
            Kind::Value(_) => false,
            Kind::Tensor(_) | Kind::Read(..) => true,
            Kind::List(items) => items.iter().any(AnyOperand::has_tensor),
        }
    }

    /// The tensor; a node that is made for it is called `name`.
    #[track_caller]
    pub(crate) fn into_tensor(self, g: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        let has_tensor = self.has_tensor();
        match self.0 {
            Kind::Tensor(tensor) => tensor,
            Kind::Read(_, read) => g.called_from(Location::caller(), || read()),
            Kind::List(items) if has_tensor => pack(g, items, name),
            Kind::Value(_) | Kind::List(_) => constant(g, self, name),
        }
    }
}

#[track_caller]
fn constant<'g, T: TensorType>(
    g: &'g GraphBuilder,
    item: AnyOperand<'g, T>,
    name: &str,
) -> Tensor<'g, T> {
    match item.into_value() {
        Some(value) => g.constant_named(name, value).typed(),
        None => {
            let here = g.here(Location::caller());
            let message = "the parts of a list must have one shape";
            g.report_node(Rule::Value, "Const", &g.wanted_name(name), here, message);
            super::AnyTensor::poison(g).typed()
        }
    }
}

/// A list with tensors in it: lists inside are packed first, and the rest becomes constants.
#[track_caller]
fn pack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    items: Vec<AnyOperand<'g, T>>,
    name: &str,
) -> Tensor<'g, T> {
    g.inner_scope(name, Location::caller(), |scope| {
        let named = |(at, item): (usize, AnyOperand<'g, T>)| {
            let name = at.to_string();
            let has_tensor = item.has_tensor();
            match item.0 {
                Kind::List(items) if has_tensor => AnyOperand::tensor(pack(g, items, &name)),
                _ => {
                    reserve_scopes(g, &item, &name);
                    item
                }
            }
        };
        let lists: Vec<_> = items.into_iter().enumerate().map(named).collect();
        let constants = lists.into_iter().enumerate().map(|(at, item)| {
            if item.has_tensor() {
                item
            } else {
                AnyOperand::tensor(constant(g, item, &at.to_string()))
            }
        });
        let constants: Vec<_> = constants.collect();
        let values = constants.into_iter().map(|item| item.into_tensor(g, ""));
        let values: Vec<_> = values.collect();
        g.op("Pack").name(scope).inputs(values).output().typed()
    })
}

/// Python opens a scope for each list that it looks through, also where nothing is made in it.
fn reserve_scopes<T: TensorType>(g: &GraphBuilder, item: &AnyOperand<'_, T>, name: &str) {
    let is_list = match &item.0 {
        Kind::Value(value) => !value.shape().is_empty(),
        Kind::Tensor(_) | Kind::Read(..) => false,
        Kind::List(_) => true,
    };
    if is_list {
        g.inner_scope(name, Location::caller(), |_| ());
    }
}

impl<T: TensorType> fmt::Debug for AnyOperand<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Value(value) => value.fmt(f),
            Kind::Tensor(tensor) => tensor.fmt(f),
            Kind::Read(..) => f.write_str("<a variable>"),
            Kind::List(items) => items.fmt(f),
        }
    }
}

impl TensorValue {
    /// One value of parts that have the same shape; without parts, an empty vector.
    fn stacked(dtype: DType, parts: &[TensorValue]) -> Option<TensorValue> {
        let Some((first, rest)) = parts.split_first() else {
            return TensorValue::empty(dtype);
        };
        let shape = [&[parts.len()], first.shape()].concat();
        if rest.iter().any(|part| part.shape() != first.shape()) {
            return None;
        }
        let parts: Vec<&TensorValue> = parts.iter().collect();
        Some(TensorValue::chained(&parts)?.reshaped(&shape))
    }
}

impl<T: TensorType> sealed::Operand for AnyOperand<'_, T> {}

impl<'g, T: TensorType> Operand<'g, T> for AnyOperand<'g, T> {
    #[track_caller]
    fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        AnyOperand::into_tensor(self, graph, name)
    }

    fn into_any(self) -> AnyOperand<'g, T> {
        self
    }
}

/// The function of an operand that is a list of tensors.
macro_rules! list {
    () => {
        fn into_any(self) -> AnyOperand<'g, T> {
            AnyOperand::list(
                self.iter()
                    .map(|&tensor| AnyOperand::tensor(tensor))
                    .collect(),
            )
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
                AnyOperand::list(vec![$($name.into_any()),*])
            }
        }
    )*};
}

each_tuple!(tuples);
