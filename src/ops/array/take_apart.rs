//! Taking tensors apart.

use std::panic::Location;

use super::parts::{Parts, outputs};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function_as};

/// The axis along which [`unstack`] takes a tensor apart, and its size.
///
/// ```
/// use tfhub::ops::array::{self, UnstackOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>(tfhub::Shape::unknown());
/// let parts: Vec<_> = array::unstack(x, UnstackOptions::default().num(3).axis(1));
/// assert_eq!(parts.len(), 3);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnstackOptions {
    num: Option<usize>,
    axis: i64,
}

setters! {
    impl UnstackOptions {
        /// The size of the axis; by default the static size, or the length of the array that is asked for.
        num: usize => Some(num);
        /// The axis; the first by default.
        axis: i64;
    }
}

defaults!(UnstackOptions);

/// The axis alone.
impl From<i64> for UnstackOptions {
    fn from(axis: i64) -> Self {
        UnstackOptions::default().axis(axis)
    }
}

/// The tensors that a tensor is made of along an axis (`tf.unstack`), in an array or a vector.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let [red, green, blue] = array::unstack(x, 1);
/// assert_eq!(blue.shape().to_string(), "[?]");
/// let columns: Vec<_> = array::unstack(x, 1);
/// assert_eq!(columns.len(), 3);
/// # let _: [tfhub::Tensor<f32>; 2] = [red, green];
/// ```
#[track_caller]
pub fn unstack<'g, P: Parts<'g, T>, T: TensorType>(
    x: impl TensorLike<'g, T>,
    options: impl Into<UnstackOptions>,
) -> P {
    let g = x.graph();
    let UnstackOptions { num, axis } = options.into();
    let parts = unstacked(Nodes(g), Arg::of(x), (num, P::LEN), axis);
    parts.map_or_else(|| P::of(g, Vec::new()), outputs)
}

/// The node, whose number of outputs is one that is given, known or expected.
#[track_caller]
fn unstacked<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    (given, expected): (Option<usize>, Option<usize>),
    axis: i64,
) -> Option<Operation<'g>> {
    let unpack = |x: Arg<'g>, num: usize| {
        let call = function_as(n.0, "Unpack", "unstack").input(x);
        Some(call.attr("num", num as i64).attr("axis", axis).finish())
    };
    if let Some(num) = given {
        return unpack(x, num);
    }
    // Python makes a tensor of it before it looks at its shape.
    let x =
        n.0.called_from(Location::caller(), || x.convert(n.0, "Const", DType::Int32));
    let shape = x.shape();
    let place =
        |rank: usize| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok();
    let size = shape.dims().and_then(|dims| *dims.get(place(dims.len())?)?);
    match size.or(expected) {
        Some(num) => unpack(x.into(), num),
        None => {
            let message = format!("the size of axis {axis} must be known, the shape is {shape}");
            x.report(Rule::Shape, &message);
            n.0.requested_name("unstack");
            None
        }
    }
}

/// The parts that [`split`] makes: a number of equal ones, or a list of their sizes.
///
/// Sizes are a list of numbers or a vector of the graph; one may be -1. How many there are must be known: it is the
/// length of the list, of the array that is asked for, or [`num`](Splits::num).
///
/// ```
/// use tfhub::ops::array::{self, Splits};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, sizes) = (g.placeholder::<f32>((None, 6)), g.placeholder::<i32>((None,)));
/// let [left, right] = array::split(x, sizes, 1);
/// let parts: Vec<_> = array::split(x, Splits::from(sizes).num(3), 1);
/// assert_eq!(parts.len(), 3);
/// # let _: [tfhub::Tensor<f32>; 2] = [left, right];
/// ```
#[derive(Debug, Clone)]
pub struct Splits<'g> {
    kind: SplitsKind<'g>,
    num: Option<usize>,
}

#[derive(Debug, Clone)]
enum SplitsKind<'g> {
    Equal(usize),
    Sizes(Arg<'g>),
}

impl<'g> Splits<'g> {
    fn sizes(sizes: Arg<'g>) -> Self {
        let (kind, num) = (SplitsKind::Sizes(sizes), None);
        Splits { kind, num }
    }

    /// The number of sizes, where the graph does not know it.
    pub fn num(self, num: usize) -> Self {
        let num = Some(num);
        Splits { num, ..self }
    }
}

/// Equal parts.
impl From<usize> for Splits<'_> {
    fn from(num: usize) -> Self {
        let (kind, num) = (SplitsKind::Equal(num), None);
        Splits { kind, num }
    }
}

macro_rules! splits {
    ($([$($generics:tt)*] $of:ty, $sizes:ty;)*) => {$(
        impl<'g, $($generics)*> From<$sizes> for Splits<'g> {
            fn from(sizes: $sizes) -> Self {
                Splits::sizes(Arg::of::<$of>(sizes))
            }
        }
    )*};
}

splits! {
    [] i32, Tensor<'g, i32>;
    [] i64, Tensor<'g, i64>;
    [] i32, AnyOperand<'g, i32>;
    [] i64, AnyOperand<'g, i64>;
    [] i32, Vec<i32>;
    [] i64, Vec<i64>;
    [] i32, &[i32];
    [const N: usize] i32, [i32; N];
    [const N: usize] i64, [i64; N];
    [A: Operand<'g, i32>] i32, (A,);
    [A: Operand<'g, i32>, B: Operand<'g, i32>] i32, (A, B);
    [A: Operand<'g, i32>, B: Operand<'g, i32>, C: Operand<'g, i32>] i32, (A, B, C);
    [A: Operand<'g, i32>, B: Operand<'g, i32>, C: Operand<'g, i32>, D: Operand<'g, i32>] i32, (A, B, C, D);
}

/// A tensor in parts along an axis (`tf.split`): equal ones, or some of given sizes; in an array or a vector.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 6));
/// let [left, right] = array::split(x, 2, 1);
/// assert_eq!(left.shape().to_string(), "[?, 3]");
/// let [head, rest] = array::split(x, [1, -1], 1);
/// assert_eq!(head.shape().to_string(), "[?, 1]");
/// let count = 3;
/// let parts: Vec<_> = array::split(x, count, 1);
/// assert_eq!(parts.len(), count);
/// # let _: [tfhub::Tensor<f32>; 2] = [right, rest];
/// ```
#[track_caller]
pub fn split<'g, P: Parts<'g, T>, T: TensorType>(
    x: impl TensorLike<'g, T>,
    num_or_sizes: impl Into<Splits<'g>>,
    axis: impl Operand<'g, i32>,
) -> P {
    let g = x.graph();
    let parts = split_into(
        Nodes(g),
        Arg::of(x),
        num_or_sizes.into(),
        P::LEN,
        Arg::of(axis),
    );
    parts.map_or_else(|| P::of(g, Vec::new()), outputs)
}

#[track_caller]
fn split_into<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    splits: Splits<'g>,
    expected: Option<usize>,
    axis: Arg<'g>,
) -> Option<Operation<'g>> {
    let here = Location::caller();
    let sizes = match splits.kind {
        SplitsKind::Sizes(sizes) => sizes,
        SplitsKind::Equal(num) => {
            // Python makes a tensor of the number before it looks at it.
            n.0.called_from(here, || n.constant("Const", num as i32));
            let call = function_as(n.0, "Split", "split").input(axis).input(x);
            return Some(call.attr("num_split", num as i64).finish());
        }
    };
    let sizes =
        n.0.called_from(here, || sizes.convert(n.0, "Const", DType::Int32));
    let shape = sizes.shape();
    let known = shape.dims().and_then(|dims| *dims.first()?);
    // A scalar has no sizes, whatever number is expected.
    let expected = expected.filter(|_| shape.rank() != Some(0));
    let Some(num) = splits.num.or(known).or(expected) else {
        let message = format!(
            "the sizes of a split must be a vector of known length, their shape is {shape}"
        );
        sizes.report(Rule::Shape, &message);
        n.0.requested_name("split");
        return None;
    };
    if shape.rank() == Some(0) {
        sizes.report(Rule::Shape, "the sizes of a split must not be a scalar");
    }
    let call = function_as(n.0, "SplitV", "split")
        .input(x)
        .input(sizes)
        .input(axis);
    Some(call.attr("num_split", num as i64).finish())
}
