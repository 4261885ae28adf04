//! Lists of tensors and values that become one tensor, as Python packs them.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;

use super::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::shape::Shape;
use crate::value::TensorValue;

/// What becomes a tensor where an op takes one: a value, a tensor, or a list of them, of which some are tensors.
///
/// It is made of any [`Operand`] with `From`.
pub struct Entry<'g, T: TensorType>(Item<'g>, PhantomData<fn() -> T>);

/// An entry of whatever element type: what is done with entries is compiled once, not for each type.
#[derive(Clone)]
enum Item<'g> {
    Value(TensorValue),
    Tensor(AnyTensor<'g>),
    /// A variable of this shape, which is read where its value is needed.
    Read(Shape, Rc<dyn Fn() -> AnyTensor<'g> + 'g>),
    List(Vec<Item<'g>>),
}

impl<T: TensorType> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        Entry(self.0.clone(), PhantomData)
    }
}

impl<'g, T: TensorType> Entry<'g, T> {
    pub(crate) fn value(value: TensorValue) -> Self {
        Entry(Item::Value(value), PhantomData)
    }

    pub(crate) fn tensor(tensor: Tensor<'g, T>) -> Self {
        Entry(Item::Tensor(tensor.any()), PhantomData)
    }

    pub(crate) fn read(shape: Shape, read: impl Fn() -> Tensor<'g, T> + 'g) -> Self {
        let read = Rc::new(move || read().any());
        Entry(Item::Read(shape, read), PhantomData)
    }

    pub(crate) fn list(entries: Vec<Entry<'g, T>>) -> Self {
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            items.push(entry.0);
        }
        Entry(Item::List(items), PhantomData)
    }

    /// The entries of a list; anything else is its own only entry.
    pub(crate) fn into_list(self) -> Vec<Self> {
        let items = match self.0 {
            Item::List(items) => items,
            item => vec![item],
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            entries.push(Entry(item, PhantomData));
        }
        entries
    }

    /// The value, if it is a single one.
    pub(crate) fn as_value(&self) -> Option<&TensorValue> {
        match &self.0 {
            Item::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The tensor, if it is a single one.
    pub(crate) fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        match &self.0 {
            Item::Tensor(tensor) => Some(tensor.typed()),
            _ => None,
        }
    }

    /// The shape of a variable.
    pub(crate) fn variable_shape(&self) -> Option<&Shape> {
        match &self.0 {
            Item::Read(shape, _) => Some(shape),
            _ => None,
        }
    }

    pub(crate) fn has_tensor(&self) -> bool {
        self.0.has_tensor()
    }

    /// The tensor; a node that is made for it is called `name`.
    #[track_caller]
    pub(crate) fn into_tensor(self, g: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        self.0.into_tensor(g, T::DTYPE, name).typed()
    }
}

impl<'g> Item<'g> {
    /// The value, if no tensor is in it and its parts have one shape.
    fn into_value(self, dtype: DType) -> Option<TensorValue> {
        match self {
            Item::Value(value) => Some(value),
            Item::List(items) => {
                let parts = items.into_iter().map(|item| item.into_value(dtype));
                let parts: Option<Vec<_>> = parts.collect();
                TensorValue::stacked(dtype, &parts?)
            }
            Item::Tensor(_) | Item::Read(..) => None,
        }
    }

    fn has_tensor(&self) -> bool {
        match self {
            Item::Value(_) => false,
            Item::Tensor(_) | Item::Read(..) => true,
            Item::List(items) => items.iter().any(Item::has_tensor),
        }
    }

    #[track_caller]
    fn into_tensor(self, g: &'g GraphBuilder, dtype: DType, name: &str) -> AnyTensor<'g> {
        let has_tensor = self.has_tensor();
        match self {
            Item::Tensor(tensor) => tensor,
            Item::Read(_, read) => g.called_from(Location::caller(), || read()),
            Item::List(items) if has_tensor => pack(g, items, dtype, name),
            Item::Value(_) | Item::List(_) => self.into_constant(g, dtype, name),
        }
    }

    #[track_caller]
    fn into_constant(self, g: &'g GraphBuilder, dtype: DType, name: &str) -> AnyTensor<'g> {
        match self.into_value(dtype) {
            Some(value) => g.constant_named(name, value),
            None => {
                let here = g.here(Location::caller());
                let message = "the parts of a list must have one shape";
                g.report_node(Rule::Value, "Const", &g.wanted_name(name), here, message);
                AnyTensor::poison(g)
            }
        }
    }
}

/// A list with tensors in it: lists inside are packed first, and what remains becomes constants.
#[track_caller]
fn pack<'g>(g: &'g GraphBuilder, items: Vec<Item<'g>>, dtype: DType, name: &str) -> AnyTensor<'g> {
    g.inner_scope(name, Location::caller(), |scope| {
        let named = |(at, item): (usize, Item<'g>)| {
            let name = at.to_string();
            let has_tensor = item.has_tensor();
            match item {
                Item::List(items) if has_tensor => Item::Tensor(pack(g, items, dtype, &name)),
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
                Item::Tensor(item.into_constant(g, dtype, &at.to_string()))
            }
        });
        let constants: Vec<_> = constants.collect();
        let values = constants
            .into_iter()
            .map(|item| item.into_tensor(g, dtype, ""));
        let values: Vec<_> = values.collect();
        g.op("Pack").name(scope).inputs(values).output()
    })
}

/// Python opens a scope for each list that it looks through, also where nothing is made in it.
fn reserve_scopes(g: &GraphBuilder, item: &Item<'_>, name: &str) {
    let is_list = match item {
        Item::Value(value) => !value.shape().is_empty(),
        Item::Tensor(_) | Item::Read(..) => false,
        Item::List(_) => true,
    };
    if is_list {
        g.inner_scope(name, Location::caller(), |_| ());
    }
}

impl<T: TensorType> fmt::Debug for Entry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Value(value) => value.fmt(f),
            Item::Tensor(tensor) => tensor.fmt(f),
            Item::Read(..) => f.write_str("<a variable>"),
            Item::List(items) => items.fmt(f),
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
