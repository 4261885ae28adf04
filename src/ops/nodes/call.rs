//! Calls of ops' functions.

use std::borrow::Cow;
use std::panic::Location;

use super::{Arg, Nodes};
use crate::dtype::{DType, TensorType};
use crate::graph::op_def::{self, ArgKind, ArgType, OpDef};
use crate::graph::{AnyTensor, AttrValue, GraphBuilder, Operand, Operation, Tensor};
use crate::proto::tensorflow::attr_value::Value;
use crate::random::op_seeds;
use crate::value::IntoTensorValue;

/// One call of an op's function in Python: a scope of its name, in which what is no tensor becomes one.
///
/// Constants have the names that the op's definition gives its inputs. A number gets the dtype of other inputs of the
/// same type, or else the dtype that the op prefers.
#[must_use]
pub(crate) struct Call<'g> {
    g: &'g GraphBuilder,
    op: &'static str,
    name: Cow<'static, str>,
    inputs: Vec<Input<'g>>,
    attrs: Vec<(&'static str, AttrValue)>,
}

enum Input<'g> {
    One(Arg<'g>),
    List(Vec<Arg<'g>>),
    /// One that has been made a tensor.
    Tensor(AnyTensor<'g>),
    Tensors(Vec<AnyTensor<'g>>),
}

impl Input<'_> {
    fn dtype(&self) -> Option<DType> {
        match self {
            Input::One(arg) => arg.dtype(),
            Input::List(args) => args.iter().find_map(Arg::dtype),
            Input::Tensor(tensor) => Some(tensor.dtype()),
            Input::Tensors(tensors) => tensors.first().map(AnyTensor::dtype),
        }
    }
}

/// Starts the author's call of an op: its node gets the name that was asked for, or that of the op.
pub(crate) fn function<'g>(g: &'g GraphBuilder, op: &'static str) -> Call<'g> {
    function_as(g, op, op)
}

/// Starts the author's call of an op whose default name in Python is not that of the op.
pub(crate) fn function_as<'g>(
    g: &'g GraphBuilder,
    op: &'static str,
    default: &'static str,
) -> Call<'g> {
    Call::new(g, op, g.requested_name(default))
}

impl<'g> Nodes<'g> {
    /// Starts a call of an op under its own name.
    pub(crate) fn op(self, op: &'static str) -> Call<'g> {
        self.named(op, op)
    }

    /// Starts a call of an op under a name, or under that of a scope if it ends in a slash.
    pub(crate) fn named(self, op: &'static str, name: &str) -> Call<'g> {
        Call::new(self.0, op, Cow::Owned(name.to_owned()))
    }

    /// The first output of an op under a name.
    #[track_caller]
    pub(crate) fn call<const N: usize>(
        self,
        (op, name): (&'static str, &str),
        args: [Arg<'g>; N],
    ) -> AnyTensor<'g> {
        let call = self.named(op, name);
        args.into_iter().fold(call, Call::input).output()
    }

    /// An op with one input under its own name.
    #[track_caller]
    pub(crate) fn unary(self, op: &'static str, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.call((op, op), [x.into()])
    }

    /// An op with two inputs under its own name.
    #[track_caller]
    pub(crate) fn binary(
        self,
        op: &'static str,
        x: impl Into<Arg<'g>>,
        y: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        self.call((op, op), [x.into(), y.into()])
    }
}

impl<'g> Call<'g> {
    fn new(g: &'g GraphBuilder, op: &'static str, name: Cow<'static, str>) -> Self {
        Call {
            g,
            op,
            name,
            inputs: Vec::new(),
            attrs: Vec::new(),
        }
    }

    /// The next input.
    pub(crate) fn input(self, arg: impl Into<Arg<'g>>) -> Self {
        self.push(Input::One(arg.into()))
    }

    fn push(mut self, input: Input<'g>) -> Self {
        self.inputs.push(input);
        self
    }

    /// Makes tensors of an input.
    #[track_caller]
    fn convert(&mut self, at: usize) {
        let def = op_def::lookup(self.op);
        let name = def.and_then(|def| Some(&*def.inputs.get(at)?.name));
        let name = name.unwrap_or_default();
        let dtype = number_dtype(def, &self.inputs, at);
        let input = std::mem::replace(&mut self.inputs[at], Input::Tensors(Vec::new()));
        self.inputs[at] = match input {
            Input::One(arg) => Input::Tensor(arg.convert(self.g, name, dtype)),
            Input::List(args) => {
                let args = args.into_iter().enumerate();
                let args = args.map(|(i, arg)| arg.convert(self.g, &format!("{name}_{i}"), dtype));
                Input::Tensors(args.collect())
            }
            converted => converted,
        };
    }

    /// The next input, an operand.
    pub(crate) fn arg<T: TensorType>(self, operand: impl Operand<'g, T>) -> Self {
        self.input(Arg::of(operand))
    }

    /// The next input, whose element type is known at run time.
    pub(crate) fn any(self, x: AnyTensor<'g>) -> Self {
        self.input(x)
    }

    /// The next input, a constant.
    pub(crate) fn value<V: IntoTensorValue>(self, value: V) -> Self {
        self.input(value.into_tensor_value())
    }

    /// The next input, where the op takes a list; constants are called `values_0` and so on.
    pub(crate) fn list(self, args: Vec<Arg<'g>>) -> Self {
        self.push(Input::List(args))
    }

    /// The next input, where the op takes a list.
    pub(crate) fn tensors(self, tensors: Vec<AnyTensor<'g>>) -> Self {
        self.push(Input::Tensors(tensors))
    }

    /// An attribute.
    pub(crate) fn attr(mut self, name: &'static str, value: impl Into<AttrValue>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    /// The seeds of the node that is about to be made.
    pub(crate) fn seeds(self, seed: Option<i64>) -> Self {
        match op_seeds(self.g.random_seed(), seed, self.g.len() as i64) {
            Some(seeds) => self.attr("seed", seeds.seed).attr("seed2", seeds.seed2),
            None => self,
        }
    }

    /// Converts the inputs one after the other and makes the node.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Operation<'g> {
        let g = self.g;
        let name = std::mem::take(&mut self.name);
        let scope = g.open_inner_scope(&name, Location::caller());
        (0..self.inputs.len()).for_each(|at| self.convert(at));
        let mut node = g.op(self.op).name(&scope);
        for input in self.inputs {
            node = match input {
                Input::Tensor(tensor) => node.input(tensor),
                Input::Tensors(tensors) => node.inputs(tensors),
                Input::One(_) | Input::List(_) => node,
            };
        }
        let set = |node: crate::graph::OpBuilder<'g>, (name, value)| node.attr(name, value);
        self.attrs.into_iter().fold(node, set).finish()
    }

    /// Makes the node and gives its first output, whose element type follows from the call.
    #[track_caller]
    pub(crate) fn typed<T: TensorType>(self) -> Tensor<'g, T> {
        self.output().typed()
    }

    /// Makes the node and gives its first output.
    #[track_caller]
    pub(crate) fn output(self) -> AnyTensor<'g> {
        self.finish().output(0)
    }
}

/// The dtype that a number gets as one of the inputs.
fn number_dtype(def: Option<&OpDef>, inputs: &[Input<'_>], at: usize) -> DType {
    let of = |at: usize| match def?.inputs.get(at)?.kind {
        ArgKind::One(of) | ArgKind::Repeated { of, .. } => Some(of),
        ArgKind::List(_) => None,
    };
    let of_input = of(at);
    let dtype = match of_input {
        Some(ArgType::Fixed(number)) => DType::from_number(number),
        Some(ArgType::Attr(attr)) => {
            let same = (0..inputs.len()).filter(|&other| of(other) == of_input);
            same.map(|other| &inputs[other])
                .find_map(Input::dtype)
                .or_else(|| match def?.attrs.get(attr)?.default.as_ref()?.value {
                    Some(Value::Type(number)) => DType::from_number(number),
                    _ => None,
                })
        }
        None => None,
    };
    dtype.unwrap_or(DType::Int32)
}
