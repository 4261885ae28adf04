//! Sequences of numbers, running sums, and counts.

use crate::dtype::{DType, TensorType};
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Axes, Nodes, Size, function};
use crate::ops::types::{BasicNumber, LinearFloat, Number, RangeNumber, StandardFloat};
use crate::value::TensorValue;

/// The first number of a [`range`] and the distance of its numbers.
///
/// ```
/// use tfhub::ops::math::{self, RangeOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let odd = math::range(&g, 9, RangeOptions::default().start(1).delta(2));
/// assert_eq!(odd.shape().to_string(), "[4]");
/// ```
#[derive(Debug, Clone)]
pub struct RangeOptions<'g, T: TensorType> {
    start: Option<AnyOperand<'g, T>>,
    delta: Option<AnyOperand<'g, T>>,
}

impl<T: TensorType> Default for RangeOptions<'_, T> {
    fn default() -> Self {
        let (start, delta) = (None, None);
        RangeOptions { start, delta }
    }
}

setters! {
    impl['g, T: TensorType] RangeOptions<'g, T> {
        /// The first number; 0 by default.
        start: impl Operand<'g, T> => Some(start.into_any());
        /// The distance from one number to the next; 1 by default.
        delta: impl Operand<'g, T> => Some(delta.into_any());
    }
}

defaults!(RangeOptions<'g, T: TensorType>);

/// The numbers from 0, or another start, to before `limit` (`tf.range`).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(math::range(&g, 5, ()).shape().to_string(), "[5]");
/// ```
#[track_caller]
pub fn range<'g, T: RangeNumber>(
    g: &'g GraphBuilder,
    limit: impl Operand<'g, T>,
    options: impl Into<RangeOptions<'g, T>>,
) -> Tensor<'g, T> {
    let options = options.into();
    // Python has the arguments that are left out as int32.
    let given = |value: Option<AnyOperand<'g, T>>, default: i32| match value {
        Some(value) => Arg::of(value),
        None => Arg::Value(TensorValue::scalar(default)),
    };
    let (start, delta) = (given(options.start, 0), given(options.delta, 1));
    let name = g.requested_name("range");
    Nodes(g)
        .counted(&name, start, Arg::of(limit), delta)
        .typed()
}

impl<'g> Nodes<'g> {
    /// `tf.range` under a name, with everything cast to the type of the limit.
    #[track_caller]
    pub(in crate::ops) fn counted(
        self,
        name: &str,
        start: Arg<'g>,
        limit: Arg<'g>,
        delta: Arg<'g>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let start = start.convert(self.0, "start", DType::Int32);
        let limit = limit.convert(self.0, "limit", DType::Int32);
        let delta = delta.convert(self.0, "delta", DType::Int32);
        let start = self.cast(start, limit.dtype());
        let delta = self.cast(delta, limit.dtype());
        let range = self.0.op("Range").name(&scope);
        range.input(start).input(limit).input(delta).output()
    }
}

/// `num` numbers at equal distances from `start` to `stop`, with both (`tf.linspace`).
#[track_caller]
pub fn linspace<'g, T: LinearFloat>(
    g: &'g GraphBuilder,
    start: impl Operand<'g, T>,
    stop: impl Operand<'g, T>,
    num: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    let call = function(g, "LinSpace").arg(start).arg(stop).arg(num);
    call.typed()
}

/// The axis along which [`cumsum`], [`cumprod`] and [`cumulative_logsumexp`] accumulate, and how.
///
/// ```
/// use tfhub::ops::math::{self, CumulativeOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let options = CumulativeOptions::default().axis(1).exclusive(true);
/// assert_eq!(math::cumsum(x, options).shape().to_string(), "[?, 3]");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CumulativeOptions<'g> {
    axis: Option<Size<'g>>,
    exclusive: bool,
    reverse: bool,
}

setters! {
    impl['g] CumulativeOptions<'g> {
        /// The axis; the first by default.
        axis: impl Into<Size<'g>> => Some(axis.into());
        /// Whether an element is left out of its own result; it is not by default.
        exclusive: bool;
        /// Whether to start from the last element; it is from the first by default.
        reverse: bool;
    }
}

defaults!(CumulativeOptions<'g>);

/// The axis alone.
impl From<i32> for CumulativeOptions<'_> {
    fn from(axis: i32) -> Self {
        CumulativeOptions::default().axis(axis)
    }
}

macro_rules! cumulative {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(
            x: impl TensorLike<'g, T>,
            options: impl Into<CumulativeOptions<'g>>,
        ) -> Tensor<'g, T> {
            Nodes(x.graph()).accumulated($op, Arg::of(x), options.into()).typed()
        }
    )*};
}

cumulative! {
    /// The products of the elements up to each along an axis (`tf.math.cumprod`).
    cumprod Number "Cumprod";
    /// The sums of the elements up to each along an axis (`tf.cumsum`).
    cumsum Number "Cumsum";
    /// log(sum(exp(x))) of the elements up to each along an axis (`tf.math.cumulative_logsumexp`).
    cumulative_logsumexp StandardFloat "CumulativeLogsumexp";
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn accumulated(
        self,
        op: &'static str,
        x: Arg<'g>,
        options: CumulativeOptions<'g>,
    ) -> AnyTensor<'g> {
        let axis = options.axis.unwrap_or(Size::Known(0));
        let call = function(self.0, op).input(x).input(axis);
        let call = call.attr("exclusive", options.exclusive);
        call.attr("reverse", options.reverse).output()
    }
}

/// The least and greatest number of classes that [`bincount`] counts.
///
/// ```
/// use tfhub::ops::math::{self, BincountOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let classes = g.placeholder::<i32>((None,));
/// let counts = math::bincount::<i64>(classes, BincountOptions::default().minlength(10));
/// assert_eq!(counts.shape().to_string(), "[?]");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BincountOptions {
    minlength: Option<i32>,
    maxlength: Option<i32>,
}

setters! {
    impl BincountOptions {
        /// The result has this many elements at least.
        minlength: i32 => Some(minlength);
        /// The result has this many elements at most.
        maxlength: i32 => Some(maxlength);
    }
}

defaults!(BincountOptions);

/// The number of times that each number occurs in `arr`, a vector, as a `U` (`tf.math.bincount`).
#[track_caller]
pub fn bincount<'g, U: BasicNumber>(
    arr: impl TensorLike<'g, i32>,
    options: impl Into<BincountOptions>,
) -> Tensor<'g, U> {
    let g = arr.graph();
    let name = g.requested_name("bincount");
    let limits = options.into().limits();
    Nodes(g)
        .bincount_as(&name, Arg::of(arr), limits, U::DTYPE)
        .typed()
}

/// The sums of the weights of the elements of `arr` by their numbers (`tf.math.bincount` with `weights`).
#[track_caller]
pub fn weighted_bincount<'g, T: Number>(
    arr: impl TensorLike<'g, i32>,
    weights: impl Operand<'g, T>,
    options: impl Into<BincountOptions>,
) -> Tensor<'g, T> {
    let (g, options) = (arr.graph(), options.into());
    let _scope = g.open_function_scope("bincount");
    let n = Nodes(g);
    let arr = arr.into_tensor(g, "arr").any();
    let size = n.output_size(arr, options.limits());
    let weights = weights.into_tensor(g, "weights");
    let sum = n.op("UnsortedSegmentSum").input(weights).input(arr);
    sum.input(size).typed()
}

impl BincountOptions {
    fn limits<'g>(self) -> [Option<Arg<'g>>; 2] {
        [self.minlength, self.maxlength].map(|limit| limit.map(Arg::from))
    }
}

impl<'g> Nodes<'g> {
    /// `tf.math.bincount` without weights under a name.
    #[track_caller]
    pub(in crate::ops) fn bincount_as(
        self,
        name: &str,
        arr: Arg<'g>,
        limits: [Option<Arg<'g>>; 2],
        dtype: DType,
    ) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let arr = arr.convert(self.0, "arr", DType::Int32);
        let size = self.output_size(arr, limits);
        let empty = TensorValue::from_parts(vec![0], Vec::<f64>::new());
        let weights = self.converted("Const", dtype, &empty);
        let count = self.op("Bincount").input(arr).input(size);
        count.input(weights).output()
    }

    /// One more than the greatest number, at least the first limit and at most the second.
    #[track_caller]
    fn output_size(self, arr: AnyTensor<'g>, limits: [Option<Arg<'g>>; 2]) -> AnyTensor<'g> {
        let count = self.reduce("Prod", self.shape(arr), Axes::ALL);
        let nonempty = self.binary("Greater", count, 0);
        let nonempty = self.cast(nonempty, DType::Int32);
        let greatest = self.reduce("Max", arr, Axes::ALL);
        let mut size = self.mul(nonempty, self.add(greatest, 1));
        let ops = [("Maximum", "minlength"), ("Minimum", "maxlength")];
        for ((op, name), limit) in ops.into_iter().zip(limits) {
            if let Some(limit) = limit {
                let limit = limit.convert(self.0, name, DType::Int32);
                size = self.binary(op, limit, size);
            }
        }
        size
    }
}
