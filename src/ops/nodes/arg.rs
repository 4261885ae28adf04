//! Arguments that Python's functions convert to tensors.

use std::fmt;
use std::rc::Rc;

use super::Nodes;
use crate::dtype::{DType, TensorType};
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// An argument, until the moment at which Python converts it to a tensor.
#[derive(Debug, Clone)]
pub(crate) enum Arg<'g> {
    Tensor(AnyTensor<'g>),
    /// A number that becomes a constant of the dtype that is wanted.
    Number(f64),
    /// It becomes a constant.
    Value(TensorValue),
    /// A list, which becomes one tensor: a constant unless there is a tensor in it.
    List(Vec<Arg<'g>>),
    /// A variable or value that each use converts anew.
    Later(Later<'g>),
}

/// A variable, which each use reads, or what becomes a tensor only where it is used.
#[derive(Clone)]
pub(crate) struct Later<'g> {
    dtype: DType,
    variable: Option<Shape>,
    convert: Rc<Convert<'g>>,
}

type Convert<'g> = dyn Fn(&'g GraphBuilder, &str) -> AnyTensor<'g> + 'g;

impl fmt::Debug for Later<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variable {
            Some(shape) => write!(f, "<variable {} {shape}>", self.dtype),
            None => write!(f, "<value of {}>", self.dtype),
        }
    }
}

impl<'g> Arg<'g> {
    /// An operand.
    pub(crate) fn of<T: TensorType>(operand: impl Operand<'g, T>) -> Self {
        Arg::of_any(operand.into_any())
    }

    /// The items of a list of operands; any other operand is its own only item.
    pub(crate) fn items<T: TensorType>(list: impl Operand<'g, T>) -> Vec<Self> {
        let items = list.into_any().into_list().into_iter();
        items.map(Arg::of_any).collect()
    }

    fn of_any<T: TensorType>(entry: AnyOperand<'g, T>) -> Self {
        if let Some(tensor) = entry.as_tensor() {
            return tensor.into();
        }
        if let Some(value) = entry.as_value() {
            return Arg::Value(value.clone());
        }
        Arg::Later(Later {
            dtype: T::DTYPE,
            variable: entry.variable_shape().cloned(),
            convert: Rc::new(move |g, name| entry.clone().into_tensor(g, name).any()),
        })
    }

    /// An operand whose value becomes `dtype`, which the op prefers.
    pub(crate) fn preferring<T: TensorType>(dtype: DType, operand: impl Operand<'g, T>) -> Self {
        match Arg::of(operand) {
            Arg::Value(value) => Arg::Later(Later {
                dtype,
                variable: None,
                convert: Rc::new(move |g, name| Nodes(g).converted(name, dtype, &value)),
            }),
            arg => arg,
        }
    }

    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Arg::Later(later) if later.variable.is_some())
    }

    /// The dtype, if it is settled.
    pub(crate) fn dtype(&self) -> Option<DType> {
        match self {
            Arg::Tensor(tensor) => Some(tensor.dtype()),
            Arg::Number(_) => None,
            Arg::Value(value) => Some(value.dtype()),
            Arg::List(items) => items.iter().find_map(Arg::dtype),
            Arg::Later(later) => Some(later.dtype),
        }
    }

    /// The static shape, for which no variable is read.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Arg::Tensor(tensor) => tensor.shape(),
            Arg::Number(_) => ().into(),
            Arg::Value(value) => value.shape().into(),
            Arg::List(_) => Shape::unknown(),
            Arg::Later(later) => later.variable.clone().unwrap_or_else(Shape::unknown),
        }
    }

    /// `tf.convert_to_tensor`; `dtype` is for numbers.
    #[track_caller]
    pub(crate) fn convert(self, g: &'g GraphBuilder, name: &str, dtype: DType) -> AnyTensor<'g> {
        match self {
            Arg::Tensor(tensor) => tensor,
            Arg::Number(number) => Nodes(g).number(name, dtype, number),
            Arg::Value(value) => g.constant_named(name, value),
            Arg::List(items) => pack(Nodes(g), name, items, dtype),
            Arg::Later(later) => (later.convert)(g, name),
        }
    }

    /// Itself on the left of an operator, where Python reads a variable before it opens the operator's scope.
    #[track_caller]
    pub(crate) fn read_first(self, g: &'g GraphBuilder) -> Self {
        match self.is_variable() {
            true => self.convert(g, "", DType::Float32).into(),
            false => self,
        }
    }
}

/// A list as one tensor; a number in it becomes the dtype of the rest of it.
#[track_caller]
fn pack<'g>(n: Nodes<'g>, name: &str, items: Vec<Arg<'g>>, dtype: DType) -> AnyTensor<'g> {
    let dtype = items.iter().find_map(Arg::dtype).unwrap_or(dtype);
    let mut numbers = Vec::new();
    if let Some(shape) = listed(&items, &mut numbers) {
        return n.converted(name, dtype, &TensorValue::from_parts(shape, numbers));
    }
    n.scope(name, |scope| {
        let items = items.into_iter().enumerate();
        let items: Vec<_> = items
            .map(|(at, item)| item.convert(n.0, &at.to_string(), dtype))
            .collect();
        n.0.op("Pack").name(scope).inputs(items).output()
    })
}

/// Collects the numbers of a list of numbers, or of lists of them, and gives its shape.
fn listed(items: &[Arg<'_>], numbers: &mut Vec<f64>) -> Option<Vec<usize>> {
    let mut shape = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let of_item = match item {
            Arg::Number(number) => {
                numbers.push(*number);
                Vec::new()
            }
            Arg::Value(value) => {
                let wide = value.converted(DType::Float64)?;
                numbers.extend_from_slice(wide.as_slice::<f64>().ok()?);
                value.shape().to_vec()
            }
            Arg::List(items) => listed(items, numbers)?,
            Arg::Tensor(_) | Arg::Later(_) => return None,
        };
        if at > 0 && of_item != shape {
            return None;
        }
        shape = of_item;
    }
    shape.insert(0, items.len());
    Some(shape)
}

impl<'g> From<AnyTensor<'g>> for Arg<'g> {
    fn from(tensor: AnyTensor<'g>) -> Self {
        Arg::Tensor(tensor)
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Arg<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        Arg::Tensor(tensor.any())
    }
}

impl<'g> From<&Arg<'g>> for Arg<'g> {
    fn from(arg: &Arg<'g>) -> Self {
        arg.clone()
    }
}

impl From<i32> for Arg<'_> {
    fn from(number: i32) -> Self {
        Arg::Number(number.into())
    }
}

impl From<f64> for Arg<'_> {
    fn from(number: f64) -> Self {
        Arg::Number(number)
    }
}

impl From<TensorValue> for Arg<'_> {
    fn from(value: TensorValue) -> Self {
        Arg::Value(value)
    }
}

macro_rules! values {
    ($([$($generics:tt)*] $value:ty;)*) => {$(
        impl<$($generics)*> From<$value> for Arg<'_> {
            fn from(value: $value) -> Self {
                Arg::Value(value.into_tensor_value())
            }
        }
    )*};
}

values! {
    [] &str;
    [] &[i32];
    [] Vec<i32>;
    [const N: usize] [i32; N];
}
