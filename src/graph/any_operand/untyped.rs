//! Operands whose element type is known at run time, and how lists of them are packed.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::shape::Shape;
use crate::value::TensorValue;

/// An operand, whose element type is known at run time.
#[derive(Clone)]
pub(crate) enum UntypedOperand<'g> {
    Value(TensorValue),
    Tensor(AnyTensor<'g>),
    /// A variable of this shape, which is read where its value is needed.
    Read(Shape, Rc<dyn Fn() -> AnyTensor<'g> + 'g>),
    /// A partitioned variable of this shape, which is joined where its value is needed.
    Parts(Shape, Rc<dyn Fn() -> AnyTensor<'g> + 'g>),
    List(Vec<UntypedOperand<'g>>),
}

impl<'g> UntypedOperand<'g> {
    /// The value, if no tensor is in it and its parts have one shape; an empty list has elements of `dtype`.
    fn into_value(self, dtype: DType) -> Option<TensorValue> {
        match self {
            UntypedOperand::Value(value) => Some(value),
            UntypedOperand::List(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in items {
                    parts.push(item.into_value(dtype)?);
                }
                TensorValue::stacked(dtype, &parts)
            }
            UntypedOperand::Tensor(_) | UntypedOperand::Read(..) | UntypedOperand::Parts(..) => {
                None
            }
        }
    }

    fn has_tensor(&self) -> bool {
        match self {
            UntypedOperand::Value(_) => false,
            UntypedOperand::Tensor(_) | UntypedOperand::Read(..) | UntypedOperand::Parts(..) => {
                true
            }
            UntypedOperand::List(items) => items.iter().any(UntypedOperand::has_tensor),
        }
    }

    /// The tensor, of elements of `dtype`; a node that is made for it is called `name`.
    #[track_caller]
    pub(crate) fn into_tensor(
        self,
        g: &'g GraphBuilder,
        name: &str,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let has_tensor = self.has_tensor();
        match self {
            UntypedOperand::Tensor(tensor) => tensor,
            UntypedOperand::Read(_, read) | UntypedOperand::Parts(_, read) => {
                g.called_from(Location::caller(), || read())
            }
            UntypedOperand::List(items) if has_tensor => pack(g, items, name, dtype),
            UntypedOperand::Value(_) | UntypedOperand::List(_) => constant(g, self, name, dtype),
        }
    }
}

impl fmt::Debug for UntypedOperand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UntypedOperand::Value(value) => value.fmt(f),
            UntypedOperand::Tensor(tensor) => tensor.fmt(f),
            UntypedOperand::Read(..) | UntypedOperand::Parts(..) => f.write_str("<a variable>"),
            UntypedOperand::List(items) => items.fmt(f),
        }
    }
}

#[track_caller]
fn constant<'g>(
    g: &'g GraphBuilder,
    item: UntypedOperand<'g>,
    name: &str,
    dtype: DType,
) -> AnyTensor<'g> {
    match item.into_value(dtype) {
        Some(value) => g.constant_named(name, value),
        None => {
            let here = g.here(Location::caller());
            let message = "the parts of a list must have one shape";
            g.report_node(Rule::Value, "Const", &g.wanted_name(name), here, message);
            AnyTensor::poison(g)
        }
    }
}

/// A list with tensors in it: lists inside are packed first, and then the rest becomes constants, before any variable is
/// read.
#[track_caller]
fn pack<'g>(
    g: &'g GraphBuilder,
    mut items: Vec<UntypedOperand<'g>>,
    name: &str,
    dtype: DType,
) -> AnyTensor<'g> {
    let scope = g.open_inner_scope(name, Location::caller());
    for (at, item) in items.iter_mut().enumerate() {
        let (name, has_tensor) = (at.to_string(), item.has_tensor());
        match item {
            UntypedOperand::List(parts) if has_tensor => {
                let parts = std::mem::take(parts);
                *item = UntypedOperand::Tensor(pack(g, parts, &name, dtype));
            }
            _ => reserve_scopes(g, item, &name),
        }
    }
    for (at, item) in items.iter_mut().enumerate() {
        if !item.has_tensor() {
            let value = std::mem::replace(item, UntypedOperand::List(Vec::new()));
            *item = UntypedOperand::Tensor(constant(g, value, &at.to_string(), dtype));
        }
    }
    let values = items.into_iter();
    let values = values.map(|item| item.into_tensor(g, "", dtype));
    let values: Vec<_> = values.collect();
    g.op("Pack").name(&*scope).inputs(values).output()
}

/// Python opens a scope for each list that it looks through, also where nothing is made in it.
fn reserve_scopes(g: &GraphBuilder, item: &UntypedOperand<'_>, name: &str) {
    let is_list = match item {
        UntypedOperand::Value(value) => !value.shape().is_empty(),
        UntypedOperand::Tensor(_) | UntypedOperand::Read(..) | UntypedOperand::Parts(..) => false,
        UntypedOperand::List(_) => true,
    };
    if is_list {
        drop(g.open_inner_scope(name, Location::caller()));
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
