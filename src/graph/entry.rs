//! Lists of tensors and values that become one tensor, as Python packs them.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use super::{GraphBuilder, Operand, Tensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::shape::Shape;
use crate::value::TensorValue;

/// An operand that is yet to become a tensor: a value, a tensor, or a list of both.
///
/// It is made of any [`Operand`] with `From`.
pub struct Entry<'g, T: TensorType>(Kind<'g, T>);

enum Kind<'g, T: TensorType> {
    Value(TensorValue),
    Tensor(Tensor<'g, T>),
    /// A variable of this shape, which is read where its value is needed.
    Read(Shape, Rc<dyn Fn() -> Tensor<'g, T> + 'g>),
    List(Vec<Entry<'g, T>>),
}

impl<T: TensorType> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        Entry(match &self.0 {
            Kind::Value(value) => Kind::Value(value.clone()),
            Kind::Tensor(tensor) => Kind::Tensor(*tensor),
            Kind::Read(shape, read) => Kind::Read(shape.clone(), Rc::clone(read)),
            Kind::List(entries) => Kind::List(entries.clone()),
        })
    }
}

impl<'g, T: TensorType> Entry<'g, T> {
    pub(crate) fn value(value: TensorValue) -> Self {
        Entry(Kind::Value(value))
    }

    pub(crate) fn tensor(tensor: Tensor<'g, T>) -> Self {
        Entry(Kind::Tensor(tensor))
    }

    pub(crate) fn read(shape: Shape, read: impl Fn() -> Tensor<'g, T> + 'g) -> Self {
        Entry(Kind::Read(shape, Rc::new(read)))
    }

    pub(crate) fn list(entries: Vec<Entry<'g, T>>) -> Self {
        Entry(Kind::List(entries))
    }

    /// The entries of a list; anything else is its own only entry.
    pub(crate) fn into_list(self) -> Vec<Self> {
        match self.0 {
            Kind::List(entries) => entries,
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
            Kind::List(entries) => {
                let parts: Option<Vec<_>> = entries.into_iter().map(Entry::into_value).collect();
                TensorValue::stacked(T::DTYPE, &parts?)
            }
            Kind::Tensor(_) | Kind::Read(..) => None,
        }
    }

    pub(crate) fn has_tensor(&self) -> bool {
        match &self.0 {
            Kind::Value(_) => false,
            Kind::Tensor(_) | Kind::Read(..) => true,
            Kind::List(entries) => entries.iter().any(Entry::has_tensor),
        }
    }

    /// The tensor; a node that is made for it is called `name`.
    #[track_caller]
    pub(crate) fn into_tensor(self, g: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        let has_tensor = self.has_tensor();
        match self.0 {
            Kind::Tensor(tensor) => tensor,
            Kind::Read(_, read) => g.called_from(Location::caller(), || read()),
            Kind::List(entries) if has_tensor => pack(g, entries, name),
            Kind::Value(_) | Kind::List(_) => constant(g, self, name),
        }
    }
}

#[track_caller]
fn constant<'g, T: TensorType>(
    g: &'g GraphBuilder,
    entry: Entry<'g, T>,
    name: &str,
) -> Tensor<'g, T> {
    match entry.into_value() {
        Some(value) => g.constant_named(name, value).typed(),
        None => {
            let here = g.here(Location::caller());
            let message = "the parts of a list must have one shape";
            g.report_node(Rule::Value, "Const", &g.wanted_name(name), here, message);
            super::AnyTensor::poison(g).typed()
        }
    }
}

/// A list with tensors in it: lists inside are packed first, and what remains becomes constants.
#[track_caller]
fn pack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    entries: Vec<Entry<'g, T>>,
    name: &str,
) -> Tensor<'g, T> {
    g.inner_scope(name, Location::caller(), |scope| {
        let named = |(at, entry): (usize, Entry<'g, T>)| {
            let name = at.to_string();
            let has_tensor = entry.has_tensor();
            match entry.0 {
                Kind::List(entries) if has_tensor => Entry::tensor(pack(g, entries, &name)),
                _ => {
                    reserve_scopes(g, &entry, &name);
                    entry
                }
            }
        };
        let lists: Vec<_> = entries.into_iter().enumerate().map(named).collect();
        let constants = lists.into_iter().enumerate().map(|(at, entry)| {
            if entry.has_tensor() {
                entry
            } else {
                Entry::tensor(constant(g, entry, &at.to_string()))
            }
        });
        let constants: Vec<_> = constants.collect();
        let values = constants.into_iter().map(|entry| entry.into_tensor(g, ""));
        let values: Vec<_> = values.collect();
        g.op("Pack").name(scope).inputs(values).output().typed()
    })
}

/// Python opens a scope for each list that it looks through, also where nothing is made in it.
fn reserve_scopes<T: TensorType>(g: &GraphBuilder, entry: &Entry<'_, T>, name: &str) {
    let is_list = match &entry.0 {
        Kind::Value(value) => !value.shape().is_empty(),
        Kind::Tensor(_) | Kind::Read(..) => false,
        Kind::List(_) => true,
    };
    if is_list {
        g.inner_scope(name, Location::caller(), |_| ());
    }
}

impl<T: TensorType> fmt::Debug for Entry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Value(value) => value.fmt(f),
            Kind::Tensor(tensor) => tensor.fmt(f),
            Kind::Read(..) => f.write_str("<a variable>"),
            Kind::List(entries) => entries.fmt(f),
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
        let mut data = first.data().clone();
        for part in rest {
            if part.shape() != first.shape() || !data.append(part.data()) {
                return None;
            }
        }
        Some(TensorValue::from_data(shape, data))
    }
}

impl<'g, T: TensorType> Operand<'g, T> for Entry<'g, T> {
    #[track_caller]
    fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        Entry::into_tensor(self, graph, name)
    }

    fn into_entry(self) -> Entry<'g, T> {
        self
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty;)*) => {$(
        impl<'g, T: TensorType, $($generics)*> Operand<'g, T> for $list {
            #[track_caller]
            fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
                self.into_entry().into_tensor(graph, name)
            }

            fn into_entry(self) -> Entry<'g, T> {
                Entry::list(self.iter().map(|&tensor| Entry::tensor(tensor)).collect())
            }
        }
    )*};
}

lists! {
    [] Vec<Tensor<'g, T>>;
    [] &Vec<Tensor<'g, T>>;
    [] &[Tensor<'g, T>];
    [const N: usize] [Tensor<'g, T>; N];
    [const N: usize] &[Tensor<'g, T>; N];
}

impl<'g, T: TensorType> Operand<'g, T> for Vec<Entry<'g, T>> {
    #[track_caller]
    fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        Entry::list(self).into_tensor(graph, name)
    }

    fn into_entry(self) -> Entry<'g, T> {
        Entry::list(self)
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<'g, T: TensorType, $($name: Operand<'g, T>),*> Operand<'g, T> for ($($name,)*) {
            #[track_caller]
            fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
                self.into_entry().into_tensor(graph, name)
            }

            #[expect(non_snake_case, reason = "each entry is named after its type parameter")]
            fn into_entry(self) -> Entry<'g, T> {
                let ($($name,)*) = self;
                Entry::list(vec![$($name.into_entry()),*])
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
