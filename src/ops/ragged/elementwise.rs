//! Functions of each value of ragged tensors.

use std::marker::PhantomData;
use std::panic::Location;

use super::argument::Given;
use super::{AnyMaybeRagged, AnyRaggedTensor, Argument, RaggedLike, RaggedTensor};
use crate::dtype::TensorType;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor, sealed};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::shape::Shape;

/// An argument of a function of [`binary_elementwise`] or [`unary_elementwise`]: flat values, or a value or tensor that is
/// not ragged, for any function of `ops`.
#[derive(Debug)]
pub struct FlatOperand<'a, 'g, T: TensorType> {
    graph: &'g GraphBuilder,
    operand: &'a Arg<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for FlatOperand<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for FlatOperand<'_, '_, T> {}

impl<T: TensorType> sealed::Operand for FlatOperand<'_, '_, T> {}

impl<'g, T: TensorType> Operand<'g, T> for FlatOperand<'_, 'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        let operand = self.operand.to_operand();
        operand.unwrap_or_else(|| AnyTensor::poison(self.graph).typed().into())
    }
}

impl<'g, T: TensorType> TensorLike<'g, T> for FlatOperand<'_, 'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    fn static_shape(&self) -> Shape {
        self.operand.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        match self.operand {
            Arg::Tensor(tensor) => Some(tensor.typed()),
            _ => None,
        }
    }
}

/// A function of two values for all values of two tensors of which one or both are ragged, which are broadcast
/// (`tf.add`, `tf.equal`, `tf.maximum` and the other binary elementwise functions with a ragged tensor among their
/// arguments).
///
/// Two ragged tensors, and a tensor of at least as many dimensions as the flat values, are broadcast as
/// `tf.broadcast_dynamic_shape` says, with checks in the graph: dimensions of size 1 are repeated, also for rows of
/// different lengths, and one that lacks first dimensions gets them. Any other tensor is broadcast to each flat value by
/// the function. Ranks have to be known, and all row splits have to be of one dtype.
///
/// The function is one of `ops`, and is called twice: Python's, too, first fails for ragged tensors, and so uses a name
/// up. A Rust value stands for a number of its own type, and becomes a constant named `x` or `y`. The operators `+`, `-`,
/// `*`, `/`, `%`, `&`, `|` and `^` do the same.
///
/// ```
/// use tfhub::ops::{math, ragged};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.ragged_placeholder::<f32>(1, ()), g.ragged_placeholder::<f32>(1, ()));
/// let greater = ragged::binary_elementwise(&x, &y, |x, y| math::maximum(x, y));
/// assert_eq!(greater.shape().to_string(), "[?, ?]");
/// let is_large = ragged::binary_elementwise(&greater, g.value(0.5), |x, y| math::greater(x, y));
/// let of_columns = &x * g.placeholder::<f32>((None, 1));
/// # let _ = (is_large, of_columns);
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn binary_elementwise<'g, X: TensorType, Y: TensorType, Z: TensorType>(
    x: impl RaggedLike<'g, X>,
    y: impl RaggedLike<'g, Y>,
    f: impl for<'a> Fn(FlatOperand<'a, 'g, X>, FlatOperand<'a, 'g, Y>) -> Tensor<'g, Z>,
) -> RaggedTensor<'g, Z> {
    let n = Nodes(x.graph());
    let arguments = [x.into_argument(), y.into_argument()];
    n.elementwise(arguments, &|[x, y]| f(flat(n, x), flat(n, y)).any())
        .typed()
}

/// A function of each value of a ragged tensor (`tf.abs`, `tf.strings.length` and the other unary elementwise functions
/// of a ragged tensor).
///
/// Nodes are named as Python names them, for which the function is called twice; else it is
/// [`RaggedTensor::with_flat_values`] of its result.
///
/// ```
/// use tfhub::ops::{math, ragged};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(2, ());
/// let y = ragged::unary_elementwise(&x, |x| math::exp(x));
/// assert_eq!(y.flat_values().name(), "Exp_1:0");
/// ```
#[track_caller]
pub fn unary_elementwise<'g, X: TensorType, Z: TensorType>(
    x: &RaggedTensor<'g, X>,
    f: impl for<'a> Fn(FlatOperand<'a, 'g, X>) -> Tensor<'g, Z>,
) -> RaggedTensor<'g, Z> {
    let n = Nodes(x.graph());
    n.unary_elementwise(&x.any, &|x| f(flat(n, x)).any())
        .typed()
}

fn flat<'a, 'g, T: TensorType>(n: Nodes<'g>, operand: &'a Arg<'g>) -> FlatOperand<'a, 'g, T> {
    FlatOperand {
        graph: n.0,
        operand,
        element: PhantomData,
    }
}

/// A function that Python calls twice, first in vain, under the author's name if there is one.
struct Twice(Option<String>);

impl Twice {
    #[track_caller]
    fn in_vain<R>(&self, n: Nodes<'_>, f: impl FnOnce() -> R) {
        n.0.in_vain(|| {
            self.call(n, f);
        });
    }

    #[track_caller]
    fn call<R>(&self, n: Nodes<'_>, f: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(name) => n.0.named(name, f),
            None => f(),
        }
    }
}

impl<'g> Nodes<'g> {
    fn twice(self) -> Twice {
        let name = self.0.is_named();
        Twice(name.then(|| self.0.requested_name("").into_owned()))
    }

    /// A function of each value of a ragged tensor.
    #[track_caller]
    pub(super) fn unary_elementwise(
        self,
        x: &AnyRaggedTensor<'g>,
        f: &dyn Fn(&Arg<'g>) -> AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        let (twice, unfit) = (self.twice(), Arg::unfit(self.0));
        twice.in_vain(self, || f(&unfit));
        let values = twice.call(self, || f(&x.flat_values.into()));
        x.with_flat_values(values)
    }

    /// A function of two tensors, of which at least one is ragged, value by value.
    #[track_caller]
    pub(super) fn elementwise(
        self,
        arguments: [Argument<'g>; 2],
        f: &dyn Fn([&Arg<'g>; 2]) -> AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        if !self.any_is_ragged(&arguments) {
            return AnyRaggedTensor::poison(self.0);
        }
        let (twice, unfit) = (self.twice(), Arg::unfit(self.0));
        let first = match &arguments[0].0 {
            Given::Dense(x) => x,
            Given::Ragged(_) => &unfit,
        };
        twice.in_vain(self, || f([first, &unfit]));
        let call = self.0.open_unnamed_call(Location::caller());
        let [x, y] = arguments;
        let x = x.convert(self, "x");
        let y = y.convert(self, "y");
        let Some((x, y)) = self.with_same_rows(x, y) else {
            return AnyRaggedTensor::poison(self.0);
        };
        drop(call);
        let values = [&x, &y].map(|side| Arg::from(side.flat_values()));
        let values = twice.call(self, || f(values.each_ref()));
        match (x, y) {
            (AnyMaybeRagged::Ragged(rows), _) | (_, AnyMaybeRagged::Ragged(rows)) => {
                rows.with_flat_values(values)
            }
            _ => AnyRaggedTensor::poison(self.0),
        }
    }
}
