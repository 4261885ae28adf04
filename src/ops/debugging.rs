//! Checks that the consumer's session makes (`tf.debugging`), and those that TensorFlow makes while it builds a graph.
//!
//! A check is an operation: what is made in a block of
//! [`control_dependencies`](crate::GraphBuilder::control_dependencies) on it runs only where the check holds.
//!
//! ```
//! use tfhub::ops::{array, debugging, math};
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((None, 3));
//! let is_positive = debugging::assert_positive(x, ());
//! let root = g.control_dependencies([is_positive], || math::sqrt(x));
//! assert_eq!(is_positive.name(), "assert_positive/assert_less/Assert/AssertGuard/Merge");
//! # g.finish().unwrap();
//! ```
//!
//! A condition on what is known while the graph is built and does not hold is a fault at the author's line:
//!
//! ```
//! use tfhub::ops::debugging;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((None, 3));
//! debugging::assert_rank(x, 1, ());
//! let error = g.finish().unwrap_err().to_string();
//! assert!(error.contains("\"Placeholder:0\" must have rank 1, found rank 2, shape [?, 3]"), "{error}");
//! ```

mod shapes;
mod values;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::nodes::{Arg, Axes, Comparison, Nodes, RankIs, Sign};
use crate::ops::types::{Comparable, Real, StandardFloat};
use crate::ops::{OrDefault, TensorLike};
use crate::shape::Shape;

pub use crate::ops::array::check_numerics;
pub use crate::ops::nodes::{AssertData, AssertOptions, Datum};
pub use shapes::assert_shapes;
pub use values::{assert_all_finite, is_non_decreasing, is_strictly_increasing};

/// Checks that a condition is true (`tf.Assert`); if it is not, the message is made of `data`, of each tensor the first
/// `summarize` elements, 3 by default.
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, is_valid) = (g.placeholder::<f32>((None,)), g.placeholder::<bool>(()));
/// debugging::assert(is_valid, ("not valid: ", x), 10);
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert<'g>(
    condition: impl TensorLike<'g, bool>,
    data: impl AssertData<'g>,
    summarize: impl Into<OrDefault<i64>>,
) -> Operation<'g> {
    let g = condition.graph();
    let name = g.requested_name("Assert");
    let data = data.into_data().into_iter().map(Arg::from).collect();
    Nodes(g).assert_as(&name, Arg::of(condition), data, summarize.into().0)
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $comparison:ident $T:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $T>(
            x: impl TensorLike<'g, T>,
            y: impl Operand<'g, T>,
            options: impl Into<AssertOptions<'g>>,
        ) -> Operation<'g> {
            let g = x.graph();
            compared(g, Comparison::$comparison, (Arg::of(x), Arg::of(y)), options.into())
        }
    )*};
}

#[track_caller]
fn compared<'g>(
    g: &'g GraphBuilder,
    comparison: Comparison,
    sides: (Arg<'g>, Arg<'g>),
    options: AssertOptions<'g>,
) -> Operation<'g> {
    let name = g.requested_name(comparison.name);
    Nodes(g).assert_compared(&name, comparison, sides, options)
}

comparisons! {
    /// Checks that elements are equal (`tf.debugging.assert_equal`); a tensor is equal to itself without a check.
    ///
    /// ```
    /// use tfhub::ops::{array, debugging};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (x, y) = (g.placeholder::<i32>((None,)), g.placeholder::<i32>((None,)));
    /// let check = debugging::assert_equal(array::shape::<i32, _>(x), array::shape::<i32, _>(y), ());
    /// assert_eq!(check.name(), "assert_equal_1/Assert/Assert");
    /// # g.finish().unwrap();
    /// ```
    assert_equal EQUAL Comparable;
    /// Checks that no elements are equal (`tf.debugging.assert_none_equal`).
    assert_none_equal NONE_EQUAL Comparable;
    /// Checks that each element of `x` is less than that of `y` (`tf.debugging.assert_less`).
    assert_less LESS Real;
    /// Checks that no element of `x` is greater than that of `y` (`tf.debugging.assert_less_equal`).
    assert_less_equal LESS_EQUAL Real;
    /// Checks that each element of `x` is greater than that of `y` (`tf.debugging.assert_greater`).
    assert_greater GREATER Real;
    /// Checks that no element of `x` is less than that of `y` (`tf.debugging.assert_greater_equal`).
    assert_greater_equal GREATER_EQUAL Real;
}

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident $sign:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Real>(
            x: impl TensorLike<'g, T>,
            options: impl Into<AssertOptions<'g>>,
        ) -> Operation<'g> {
            let g = x.graph();
            signed(g, Sign::$sign, Arg::of(x), options.into())
        }
    )*};
}

#[track_caller]
fn signed<'g>(
    g: &'g GraphBuilder,
    sign: Sign,
    x: Arg<'g>,
    options: AssertOptions<'g>,
) -> Operation<'g> {
    let name = g.requested_name(sign.name());
    Nodes(g).assert_sign(&name, sign, x, options)
}

signs! {
    /// Checks that elements are greater than 0 (`tf.debugging.assert_positive`).
    assert_positive Positive;
    /// Checks that elements are less than 0 (`tf.debugging.assert_negative`).
    assert_negative Negative;
    /// Checks that elements are 0 or less (`tf.debugging.assert_non_positive`).
    assert_non_positive NonPositive;
    /// Checks that elements are 0 or more (`tf.debugging.assert_non_negative`).
    assert_non_negative NonNegative;
}

/// Checks that a tensor has a rank (`tf.debugging.assert_rank`): at once if both are known, and otherwise when the graph
/// runs.
///
/// ```
/// use tfhub::{Shape, ops::debugging};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>(Shape::unknown());
/// assert_eq!(debugging::assert_rank(x, 2, ()).name(), "assert_rank/Assert/Assert");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert_rank<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    rank: impl Operand<'g, i32>,
    options: impl Into<AssertOptions<'g>>,
) -> Operation<'g> {
    let (g, ranks) = (x.graph(), vec![Arg::of(rank)]);
    ranked(g, RankIs::Exactly, (Arg::of(x), ranks), options.into())
}

/// Checks that a tensor has a rank or a higher one (`tf.debugging.assert_rank_at_least`).
#[track_caller]
pub fn assert_rank_at_least<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    rank: impl Operand<'g, i32>,
    options: impl Into<AssertOptions<'g>>,
) -> Operation<'g> {
    let (g, ranks) = (x.graph(), vec![Arg::of(rank)]);
    ranked(g, RankIs::AtLeast, (Arg::of(x), ranks), options.into())
}

/// Checks that a tensor has one of some ranks (`tf.debugging.assert_rank_in`).
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let check = debugging::assert_rank_in(x, [2, 3], ());
/// assert_eq!(check.name(), "assert_rank_in/static_checks_determined_all_ok");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert_rank_in<'g, T: TensorType, R: Operand<'g, i32>>(
    x: impl TensorLike<'g, T>,
    ranks: impl IntoIterator<Item = R>,
    options: impl Into<AssertOptions<'g>>,
) -> Operation<'g> {
    let (g, ranks) = (x.graph(), ranks.into_iter().map(Arg::of).collect());
    ranked(g, RankIs::OneOf, (Arg::of(x), ranks), options.into())
}

#[track_caller]
fn ranked<'g>(
    g: &'g GraphBuilder,
    condition: RankIs,
    args: (Arg<'g>, Vec<Arg<'g>>),
    options: AssertOptions<'g>,
) -> Operation<'g> {
    let name = g.requested_name(condition.name());
    Nodes(g).assert_rank(&name, condition, args, options)
}

options! {
    /// The tolerance and the message of [`assert_near`].
    #[derive(Debug, Clone)]
    AssertNearOptions<'g> {
        /// The tolerance as a part of the elements of `y`; 10 times the distance from 1 to the next number by default.
        rtol: Option<f64> = None, f64 => Some(rtol);
        /// The tolerance that does not depend on `y`; as large as the other by default.
        atol: Option<f64> = None, f64 => Some(atol);
        /// The message, and the number of elements that it shows.
        message: AssertOptions<'g> = AssertOptions::default();
    }
}

/// Checks that elements differ by no more than a tolerance, |x - y| < atol + rtol |y| (`tf.debugging.assert_near`).
///
/// ```
/// use tfhub::ops::debugging::{self, AssertNearOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None,));
/// let check = debugging::assert_near(x, 1.0, AssertNearOptions::default().rtol(0.01));
/// assert_eq!(check.name(), "assert_near/Assert/AssertGuard/Merge");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert_near<'g, T: StandardFloat>(
    x: impl TensorLike<'g, T>,
    y: impl Operand<'g, T>,
    options: impl Into<AssertNearOptions<'g>>,
) -> Operation<'g> {
    let g = x.graph();
    near(g, (Arg::of(x), Arg::of(y)), options.into())
}

#[track_caller]
fn near<'g>(
    g: &'g GraphBuilder,
    (x, y): (Arg<'g>, Arg<'g>),
    options: AssertNearOptions<'g>,
) -> Operation<'g> {
    let (n, _scope) = Nodes::in_scope(g, "assert_near");
    let x = x.convert(g, "x", DType::Float32);
    let y = y.convert(g, "y", DType::Float32);
    let epsilon = match x.dtype() {
        DType::Float16 => f64::from(half::f16::EPSILON),
        DType::Float64 => f64::EPSILON,
        _ => f64::from(f32::EPSILON),
    };
    let tolerance =
        |name: &str, given: Option<f64>| n.number(name, x.dtype(), given.unwrap_or(10.0 * epsilon));
    let rtol = tolerance("rtol", options.rtol);
    let atol = tolerance("atol", options.atol);
    let summarize = options.message.summarized();
    let data = options.message.into_data(|message| {
        let (rtol, atol) = (as_python_has(rtol), as_python_has(atol));
        let condition = format!("x and y not equal to tolerance rtol = {rtol}, atol = {atol}");
        let [of_x, of_y] = [("x", x), ("y", y)].map(|(of, x)| format!("{of} ({}) = ", x.name()));
        vec![
            message.into(),
            condition.as_str().into(),
            of_x.as_str().into(),
            x.into(),
            of_y.as_str().into(),
            y.into(),
        ]
    });
    let relative = n.unary("Abs", y);
    let relative = n.mul(rtol, relative);
    let tolerance = n.add(atol, relative);
    let difference = n.sub(x, y);
    let difference = n.unary("Abs", difference);
    let is_near = n.binary("Less", difference, tolerance);
    let all = n.reduce("All", is_near, Axes::ALL);
    n.assert(all, data, summarize)
}

/// A constant scalar as Python prints a tensor.
fn as_python_has(scalar: AnyTensor<'_>) -> String {
    let device = scalar.operation().device();
    let device = match device.as_str() {
        "" => String::new(),
        device => format!(", device={device}"),
    };
    let (name, dtype) = (scalar.name(), scalar.dtype());
    format!("Tensor(\"{name}\", shape=(), dtype={dtype}{device})")
}

/// Checks the element type of a tensor (`tf.debugging.assert_type`), which is known at once: another one is a fault, and
/// the operation does nothing.
///
/// ```
/// use tfhub::{DType, ops::debugging};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// debugging::assert_type(x, DType::Float32, ());
/// debugging::assert_type(x, DType::Int32, "counts");
/// let error = g.finish().unwrap_err().to_string();
/// assert!(error.contains("counts: \"Placeholder:0\" must be of type int32, found float32"), "{error}");
/// ```
#[track_caller]
pub fn assert_type<'g>(
    tensor: impl Into<AnyTensor<'g>>,
    dtype: DType,
    message: impl Into<Message>,
) -> Operation<'g> {
    let tensor = tensor.into();
    let check = TypeCheck {
        default: "assert_type",
        no_op: "statically_determined_correct_type",
        holds: tensor.dtype() == dtype,
        wanted: &format!("of type {dtype}"),
    };
    check.of(tensor, message.into())
}

/// Checks that a tensor is one of integers (`tf.debugging.assert_integer`), which is known at once: another one is a
/// fault, and the operation does nothing.
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let ids = g.placeholder::<i64>((None,));
/// let check = debugging::assert_integer(ids, ());
/// assert_eq!(check.name(), "assert_integer/statically_determined_was_integer");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert_integer<'g>(
    x: impl Into<AnyTensor<'g>>,
    message: impl Into<Message>,
) -> Operation<'g> {
    let x = x.into();
    let check = TypeCheck {
        default: "assert_integer",
        no_op: "statically_determined_was_integer",
        holds: x.dtype().is_integer(),
        wanted: "of an integer type",
    };
    check.of(x, message.into())
}

/// The text that stands before what a check finds while the graph is built; `()` for none.
#[derive(Debug, Clone)]
pub struct Message(Option<String>);

impl From<()> for Message {
    fn from((): ()) -> Self {
        Message(None)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message(Some(text.to_owned()))
    }
}

impl Message {
    fn before(self, found: &str) -> String {
        match self.0 {
            Some(message) => format!("{message}: {found}"),
            None => found.to_owned(),
        }
    }
}

/// A check of an element type.
struct TypeCheck<'a> {
    default: &'static str,
    no_op: &'static str,
    holds: bool,
    wanted: &'a str,
}

impl TypeCheck<'_> {
    #[track_caller]
    fn of<'g>(self, tensor: AnyTensor<'g>, message: Message) -> Operation<'g> {
        let g = tensor.graph();
        let _scope = g.open_function_scope(self.default);
        if !self.holds && !tensor.is_poison() {
            let (name, dtype, wanted) = (tensor.name(), tensor.dtype(), self.wanted);
            let found = format!("\"{name}\" must be {wanted}, found {dtype}");
            g.report(Rule::Inputs, message.before(&found));
            return Nodes(g).poison();
        }
        g.op("NoOp").name(self.no_op).finish()
    }
}

/// Checks that a tensor is a scalar (`tf.debugging.assert_scalar`), which its shape has to tell, and gives it back.
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let rate = debugging::assert_scalar(g.placeholder::<f32>(()), ());
/// debugging::assert_scalar(g.placeholder::<f32>((None,)), "the rate");
/// let error = g.finish().unwrap_err().to_string();
/// assert!(error.contains("the rate: \"Placeholder_1:0\" must be a scalar, found shape [?]"), "{error}");
/// ```
#[track_caller]
pub fn assert_scalar<'g, T: TensorType>(
    tensor: impl TensorLike<'g, T>,
    message: impl Into<Message>,
) -> Tensor<'g, T> {
    let g = tensor.graph();
    let scope = g.open_function_scope("assert_scalar");
    let tensor = tensor.into_tensor(g, &scope);
    let shape = tensor.shape();
    if shape != Shape::scalar() && !tensor.any().is_poison() {
        let found = format!(
            "\"{}\" must be a scalar, found shape {shape}",
            tensor.name()
        );
        g.report(Rule::Shape, message.into().before(&found));
    }
    tensor
}

/// Whether a tensor has numbers of a type that TensorFlow counts among those (`tf.debugging.is_numeric_tensor`): integers
/// of up to 64 bits, save those without sign of more than 8, `float32`, `float64`, `complex64` and some quantized ones.
///
/// ```
/// use tfhub::ops::debugging::is_numeric_tensor;
/// # let g = tfhub::GraphBuilder::new();
/// assert!(is_numeric_tensor(g.placeholder::<f32>((None, 3))));
/// assert!(!is_numeric_tensor(g.placeholder::<bool>((None, 3))));
/// ```
pub fn is_numeric_tensor<'g>(tensor: impl Into<AnyTensor<'g>>) -> bool {
    use DType::{
        Complex64, Float32, Float64, Int8, Int16, Int32, Int64, QInt8, QInt32, QUInt8, UInt8,
    };
    let (floats, quantized) = ([Float32, Float64], [QInt8, QInt32, QUInt8]);
    let integers = [Int8, Int16, Int32, Int64, UInt8];
    let dtype = tensor.into().dtype();
    dtype == Complex64
        || floats.contains(&dtype)
        || integers.contains(&dtype)
        || quantized.contains(&dtype)
}
