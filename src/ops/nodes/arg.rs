//! Arguments that Python's functions convert to tensors.

use super::{Nodes, Size};
use crate::dtype::{DType, TensorType};
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor, UntypedOperand};
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
    /// A value that becomes a constant of the dtype, which the op prefers.
    Preferring(DType, TensorValue),
    /// A variable, which each use reads, or a list that becomes a tensor where it is used; its elements are of the dtype.
    Later(DType, UntypedOperand<'g>),
}

impl<'g> Arg<'g> {
    /// An operand.
    pub(crate) fn of<T: TensorType>(operand: impl Operand<'g, T>) -> Self {
        Arg::of_untyped(T::DTYPE, operand.into_any().untyped())
    }

    /// The items of a list of operands; any other operand is its own only item.
    pub(crate) fn items<T: TensorType>(list: impl Operand<'g, T>) -> Vec<Self> {
        Arg::items_of_untyped(T::DTYPE, list.into_any().untyped())
    }

    fn of_untyped(dtype: DType, operand: UntypedOperand<'g>) -> Self {
        match operand {
            UntypedOperand::Tensor(tensor) => Arg::Tensor(tensor),
            UntypedOperand::Value(value) => Arg::Value(value),
            operand => Arg::Later(dtype, operand),
        }
    }

    fn items_of_untyped(dtype: DType, list: UntypedOperand<'g>) -> Vec<Self> {
        let of_item = |item| Arg::of_untyped(dtype, item);
        match list {
            UntypedOperand::List(items) => items.into_iter().map(of_item).collect(),
            item => vec![of_item(item)],
        }
    }

    /// The argument for which a call in vain fails.
    pub(crate) fn unfit(g: &'g GraphBuilder) -> Self {
        Arg::of(g.unfit::<f32>())
    }

    /// The operand that it was made of, of which a number or a list is none.
    pub(crate) fn to_operand<T: TensorType>(&self) -> Option<AnyOperand<'g, T>> {
        match self {
            Arg::Tensor(tensor) => Some(AnyOperand::tensor(tensor.typed())),
            Arg::Value(value) => Some(AnyOperand::value(value.clone())),
            Arg::Later(_, operand) => Some(AnyOperand::of_untyped(operand.clone())),
            Arg::Number(_) | Arg::List(_) | Arg::Preferring(..) => None,
        }
    }

    /// Tensors one after the other.
    pub(crate) fn tensors(tensors: &[AnyTensor<'g>]) -> Vec<Self> {
        tensors.iter().copied().map(Arg::Tensor).collect()
    }

    /// Sizes one after the other.
    pub(crate) fn sizes(sizes: &[Size<'g>]) -> Vec<Self> {
        sizes.iter().copied().map(Arg::from).collect()
    }

    /// An operand whose value becomes `dtype`, which the op prefers.
    pub(crate) fn preferring<T: TensorType>(dtype: DType, operand: impl Operand<'g, T>) -> Self {
        match Arg::of(operand) {
            Arg::Value(value) => Arg::Preferring(dtype, value),
            arg => arg,
        }
    }

    /// Whether it is a variable in one piece.
    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Arg::Later(_, UntypedOperand::Read(..)))
    }

    /// The dtype, if it is settled.
    pub(crate) fn dtype(&self) -> Option<DType> {
        match self {
            Arg::Tensor(tensor) => Some(tensor.dtype()),
            Arg::Number(_) => None,
            Arg::Value(value) => Some(value.dtype()),
            Arg::List(items) => items.iter().find_map(Arg::dtype),
            Arg::Preferring(dtype, _) | Arg::Later(dtype, _) => Some(*dtype),
        }
    }

    /// The static shape, for which no variable is read.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Arg::Tensor(tensor) => tensor.shape(),
            Arg::Number(_) => ().into(),
            Arg::Value(value) => value.shape().into(),
            Arg::Later(_, UntypedOperand::Read(shape, _) | UntypedOperand::Parts(shape, _)) => {
                shape.clone()
            }
            Arg::List(_) | Arg::Preferring(..) | Arg::Later(..) => Shape::unknown(),
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
            Arg::Preferring(dtype, value) => Nodes(g).converted(name, dtype, &value),
            Arg::Later(dtype, operand) => operand.into_tensor(g, name, dtype),
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
    let scope = n.open_scope(name);
    let items = items.into_iter().enumerate();
    let items: Vec<_> = items
        .map(|(at, item)| item.convert(n.0, &at.to_string(), dtype))
        .collect();
    n.0.op("Pack").name(&scope).inputs(items).output()
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
            Arg::Tensor(_) | Arg::Preferring(..) | Arg::Later(..) => return None,
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
