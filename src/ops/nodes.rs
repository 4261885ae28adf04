//! The untyped core of `ops`: nodes as Python's functions make them, of tensors whose element types are known at run time.
//!
//! An [`Arg`] is an argument that Python's functions convert to a tensor, and a [`Call`] is one call of an op's function: it opens a
//! scope of its name and makes constants in it, named as the op's definition names its inputs. A method of [`Nodes`]
//! makes what Python's function or operator of that name makes, under its default name unless it says otherwise.

mod arg;
mod array;
mod assert;
mod axes;
mod call;
mod join;
mod math;
mod shapes;
mod sizes;

pub use assert::{AssertData, AssertOptions, Datum};
pub use axes::Axes;
pub use sizes::{Size, Sizes};

pub(crate) use arg::Arg;
pub(crate) use array::Slice;
pub(crate) use assert::{Comparison, RankIs, Sign};
pub(crate) use axes::AxesKind;
pub(crate) use call::{Call, function, function_as};
pub(crate) use shapes::*;
pub(crate) use sizes::{sizes_value, uniform_value};

use std::fmt;
use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Scope};
use crate::value::{IntoTensorValue, TensorValue};

/// Makes nodes in a graph.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'g>(pub(crate) &'g GraphBuilder);

impl<'g> Nodes<'g> {
    /// The nodes of one function of ours that makes several, in a scope that has the name that the author asks for.
    #[track_caller]
    pub(crate) fn in_scope(g: &'g GraphBuilder, default: &'static str) -> (Self, Scope<'g>) {
        (Nodes(g), g.open_function_scope(default))
    }

    /// An operand as a tensor; a constant that is made for it is called `name`.
    #[track_caller]
    pub(crate) fn tensor<T: TensorType>(self, x: impl Operand<'g, T>, name: &str) -> AnyTensor<'g> {
        x.into_tensor(self.0, name).any()
    }

    /// Reports a fault of the call, whose result is not usable.
    #[track_caller]
    pub(crate) fn fault(self, rule: Rule, message: impl fmt::Display) -> AnyTensor<'g> {
        self.0.report(rule, message);
        AnyTensor::poison(self.0)
    }

    /// Reports a fault of the call, which gives nothing.
    #[track_caller]
    pub(crate) fn refused<T>(self, rule: Rule, message: impl fmt::Display) -> Option<T> {
        self.0.report(rule, message);
        None
    }

    /// Opens a scope, which as a name makes a node bear the scope's.
    #[track_caller]
    pub(crate) fn open_scope(self, name: &str) -> Scope<'g> {
        self.0.open_inner_scope(name, Location::caller())
    }

    #[track_caller]
    pub(crate) fn constant(self, name: &str, value: impl IntoTensorValue) -> AnyTensor<'g> {
        self.0.constant_named(name, value.into_tensor_value())
    }

    /// A constant of a value as another dtype.
    #[track_caller]
    pub(crate) fn converted(self, name: &str, dtype: DType, value: &TensorValue) -> AnyTensor<'g> {
        match value.converted(dtype) {
            Some(value) => self.0.constant_named(name, value),
            None => {
                let found = value.dtype();
                let message = format!("a value of dtype {found} is none of {dtype}");
                self.fault(Rule::Value, message)
            }
        }
    }

    /// A scalar constant of a dtype.
    #[track_caller]
    pub(crate) fn number(self, name: &str, dtype: DType, value: f64) -> AnyTensor<'g> {
        self.converted(name, dtype, &TensorValue::scalar(value))
    }
}
