//! Sequences of numbers, running sums, and counts.

use std::panic::Location;

use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::{
    Float32Float64BFloat16, Float32Float64Float16, Float32Float64Int32Int64,
    Float32Float64Int32Int64BFloat16, Number,
};
use crate::value::TensorValue;

/// The numbers 0, 1, ... before `limit` (`tf.range` with one argument).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(math::range(&g, 5).shape().to_string(), "[5]");
/// ```
#[track_caller]
pub fn range<'g, T: Float32Float64Int32Int64>(
    g: &'g GraphBuilder,
    limit: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    g.function_scope("range", Location::caller(), |scope| {
        let start = int32(g, "start", 0);
        let limit = limit.into_tensor(g, "limit").any();
        counted(g, scope, (start, limit, int32(g, "delta", 1))).typed()
    })
}

/// The numbers `start`, `start + 1`, ... before `limit` (`tf.range` with two arguments).
#[track_caller]
pub fn range_between<'g, T: Float32Float64Int32Int64>(
    g: &'g GraphBuilder,
    start: impl Operand<'g, T>,
    limit: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    g.function_scope("range", Location::caller(), |scope| {
        let start = start.into_tensor(g, "start").any();
        let limit = limit.into_tensor(g, "limit").any();
        counted(g, scope, (start, limit, int32(g, "delta", 1))).typed()
    })
}

/// The numbers `start`, `start + delta`, ... before `limit` (`tf.range` with three arguments).
#[track_caller]
pub fn range_by<'g, T: Float32Float64Int32Int64BFloat16>(
    g: &'g GraphBuilder,
    start: impl Operand<'g, T>,
    limit: impl Operand<'g, T>,
    delta: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    g.function_scope("range", Location::caller(), |scope| {
        let start = start.into_tensor(g, "start").any();
        let limit = limit.into_tensor(g, "limit").any();
        let delta = delta.into_tensor(g, "delta").any();
        counted(g, scope, (start, limit, delta)).typed()
    })
}

/// An int32, as which Python has the arguments that are left out.
fn int32<'g>(g: &'g GraphBuilder, name: &str, value: i32) -> AnyTensor<'g> {
    g.constant_named(name, TensorValue::scalar(value))
}

/// The node of a range, with everything cast to the type of the limit.
fn counted<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    (start, limit, delta): (AnyTensor<'g>, AnyTensor<'g>, AnyTensor<'g>),
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let start = n.cast(start, limit.dtype());
    let delta = n.cast(delta, limit.dtype());
    let range = g.op("Range").name(scope);
    range.input(start).input(limit).input(delta).output()
}

/// `num` numbers at equal distances from `start` to `stop`, with both (`tf.linspace`).
#[track_caller]
pub fn linspace<'g, T: Float32Float64BFloat16>(
    g: &'g GraphBuilder,
    start: impl Operand<'g, T>,
    stop: impl Operand<'g, T>,
    num: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    let call = function(g, "LinSpace").arg(start).arg(stop).arg(num);
    call.output().typed()
}

/// How [`cumsum_with`] and its like accumulate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CumulativeOptions {
    exclusive: bool,
    reverse: bool,
}

setters! {
    impl CumulativeOptions {
        /// Whether an element is left out of its own result; it is not by default.
        exclusive: bool;
        /// Whether to start from the last element; it is from the first by default.
        reverse: bool;
    }
}

functions! {
    /// The products of the elements up to each along an axis, or from the end, or without each itself
    /// (`tf.math.cumprod` with `exclusive` and `reverse`).
    cumprod_with "Cumprod" <T: Number>(x: T, axis: i32; options: CumulativeOptions) -> T
        { "exclusive" = options.exclusive, "reverse" = options.reverse };
    /// The sums of the elements up to each along an axis, or from the end, or without each itself
    /// (`tf.cumsum` with `exclusive` and `reverse`).
    cumsum_with "Cumsum" <T: Number>(x: T, axis: i32; options: CumulativeOptions) -> T
        { "exclusive" = options.exclusive, "reverse" = options.reverse };
    /// log(sum(exp(x))) of the elements up to each along an axis, or from the end, or without each itself
    /// (`tf.math.cumulative_logsumexp` with `exclusive` and `reverse`).
    cumulative_logsumexp_with "CumulativeLogsumexp" <T: Float32Float64Float16>(x: T, axis: i32; options: CumulativeOptions) -> T
        { "exclusive" = options.exclusive, "reverse" = options.reverse };
}

/// The products of the elements up to each along an axis (`tf.math.cumprod`).
#[track_caller]
pub fn cumprod<'g, T: Number>(
    x: impl TensorLike<'g, T>,
    axis: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    cumprod_with(x, axis, CumulativeOptions::default())
}

/// The sums of the elements up to each along an axis (`tf.cumsum`).
#[track_caller]
pub fn cumsum<'g, T: Number>(
    x: impl TensorLike<'g, T>,
    axis: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    cumsum_with(x, axis, CumulativeOptions::default())
}

/// log(sum(exp(x))) of the elements up to each along an axis (`tf.math.cumulative_logsumexp`).
#[track_caller]
pub fn cumulative_logsumexp<'g, T: Float32Float64Float16>(
    x: impl TensorLike<'g, T>,
    axis: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    cumulative_logsumexp_with(x, axis, CumulativeOptions::default())
}

/// How many classes [`bincount_with`] counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BincountOptions {
    min_length: Option<i32>,
    max_length: Option<i32>,
}

setters! {
    impl BincountOptions {
        /// The result has this many elements at least.
        min_length: i32 => Some(min_length);
        /// The result has this many elements at most.
        max_length: i32 => Some(max_length);
    }
}

/// How often each number occurs in `arr`, a vector (`tf.math.bincount`).
#[track_caller]
pub fn bincount<'g>(arr: impl TensorLike<'g, i32>) -> Tensor<'g, i32> {
    bincount_with(arr, BincountOptions::default())
}

/// The same with a least or greatest length, and counts of another type (`tf.math.bincount` with `minlength`,
/// `maxlength` and `dtype`).
#[track_caller]
pub fn bincount_with<'g, U: Float32Float64Int32Int64>(
    arr: impl TensorLike<'g, i32>,
    options: BincountOptions,
) -> Tensor<'g, U> {
    let g = arr.graph();
    g.function_scope("bincount", Location::caller(), |_| {
        let n = Nodes(g);
        let arr = arr.into_tensor(g, "arr").any();
        let size = output_size(n, arr, options);
        let empty = TensorValue::from_parts(vec![0], Vec::<U>::new());
        let weights = g.constant_named("Const", empty);
        let count = n.op("Bincount").input(arr).input(size);
        count.input(weights).output().typed()
    })
}

/// The sums of the weights of the elements of `arr` by their numbers (`tf.math.bincount` with `weights`).
#[track_caller]
pub fn weighted_bincount<'g, T: Number>(
    arr: impl TensorLike<'g, i32>,
    weights: impl Operand<'g, T>,
    options: BincountOptions,
) -> Tensor<'g, T> {
    let g = arr.graph();
    g.function_scope("bincount", Location::caller(), |_| {
        let n = Nodes(g);
        let arr = arr.into_tensor(g, "arr").any();
        let size = output_size(n, arr, options);
        let weights = weights.into_tensor(g, "weights");
        let sum = n.op("UnsortedSegmentSum").input(weights).input(arr);
        sum.input(size).output().typed()
    })
}

/// One more than the greatest number, within the limits.
fn output_size<'g>(n: Nodes<'g>, arr: AnyTensor<'g>, options: BincountOptions) -> AnyTensor<'g> {
    let count = n.reduce("Prod", n.shape(arr), super::Axes::ALL);
    let nonempty = n.binary("Greater", count, 0);
    let nonempty = n.cast(nonempty, crate::dtype::DType::Int32);
    let greatest = n.reduce("Max", arr, super::Axes::ALL);
    let mut size = n.mul(nonempty, n.add(greatest, 1));
    let limits = [
        ("Maximum", "minlength", options.min_length),
        ("Minimum", "maxlength", options.max_length),
    ];
    for (op, name, limit) in limits {
        if let Some(limit) = limit {
            let limit: Arg<'_> = int32(n.0, name, limit).into();
            size = n.binary(op, limit, size);
        }
    }
    size
}
