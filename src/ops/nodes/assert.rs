//! Checks that the consumer's session makes: `tf.Assert` and the functions of Python's `check_ops`.

use super::{Arg, Axes, Nodes};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Operation, Tensor};
use crate::ops::constant_value;
use crate::value::IntoTensorValue;

/// A piece of the message of a failed check: a text, a number, or a tensor whose first elements are shown.
///
/// ```
/// use tfhub::ops::debugging::{self, Datum};
/// # let g = tfhub::GraphBuilder::new();
/// let sizes = g.placeholder::<i32>((None,));
/// let is_one = g.placeholder::<bool>(());
/// let data: Vec<Datum<'_>> = vec!["expected one size, found ".into(), sizes.into()];
/// let check = debugging::assert(is_one, data, ());
/// assert_eq!(check.name(), "Assert/Assert");
/// ```
#[derive(Debug, Clone)]
pub struct Datum<'g>(Arg<'g>);

impl<'g> Datum<'g> {
    /// Any operand: a tensor, a variable or a value.
    pub fn of<T: TensorType>(operand: impl Operand<'g, T>) -> Self {
        Datum(Arg::of(operand))
    }
}

impl<'g> From<AnyTensor<'g>> for Datum<'g> {
    fn from(tensor: AnyTensor<'g>) -> Self {
        Datum(tensor.into())
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Datum<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        Datum(tensor.into())
    }
}

impl<'g> From<Datum<'g>> for Arg<'g> {
    fn from(datum: Datum<'g>) -> Self {
        datum.0
    }
}

macro_rules! values {
    ($($value:ty)*) => {$(
        impl From<$value> for Datum<'_> {
            fn from(value: $value) -> Self {
                Datum(Arg::Value(value.into_tensor_value()))
            }
        }
    )*};
}

values! { &str bool i32 i64 f32 f64 }

impl From<String> for Datum<'_> {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// The pieces of the message of a failed check: a tuple, an array or a vector of [`Datum`]s and what becomes one.
pub trait AssertData<'g>: sealed::AssertData {
    /// The pieces in their order.
    fn into_data(self) -> Vec<Datum<'g>>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait AssertData {}

    impl<X> AssertData for Vec<X> {}
    impl<X, const N: usize> AssertData for [X; N] {}
}

impl<'g, X: Into<Datum<'g>>> AssertData<'g> for Vec<X> {
    fn into_data(self) -> Vec<Datum<'g>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<'g, X: Into<Datum<'g>>, const N: usize> AssertData<'g> for [X; N] {
    fn into_data(self) -> Vec<Datum<'g>> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T),*> sealed::AssertData for ($($T,)*) {}

        impl<'g, $($T: Into<Datum<'g>>),*> AssertData<'g> for ($($T,)*) {
            fn into_data(self) -> Vec<Datum<'g>> {
                #[allow(non_snake_case, reason = "a type's name stands for its value")]
                let ($($T,)*) = self;
                vec![$($T.into()),*]
            }
        }
    )*};
}

each_tuple!(tuples);

options! {
    /// The message of a check: the arguments that the functions of `tf.debugging` give defaults.
    ///
    /// ```
    /// use tfhub::ops::debugging::{self, AssertOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (x, limit) = (g.placeholder::<i32>((None,)), g.placeholder::<i32>(()));
    /// let options = AssertOptions::default().message("too large").summarize(8);
    /// debugging::assert_less(x, limit, options);
    /// let options = AssertOptions::default().data(("x is ", x, " and may be no more than ", limit));
    /// debugging::assert_less_equal(x, limit, options);
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone)]
    AssertOptions<'g> {
        /// The number of elements that are shown of each tensor; 3 by default.
        summarize: Option<i64> = None, i64 => Some(summarize);
        /// A text that stands before the message.
        message: Option<String> = None, impl Into<String> => Some(message.into());
        /// The message itself, in place of the tensors and the condition that does not hold.
        data: Option<Vec<Datum<'g>>> = None, impl AssertData<'g> => Some(data.into_data());
    }
}

impl<'g> AssertOptions<'g> {
    /// The number of elements that are asked for.
    pub(crate) fn summarized(&self) -> Option<i64> {
        self.summarize
    }

    /// The data of the author, or the default, which begins with the author's message.
    pub(crate) fn into_data(self, default: impl FnOnce(&str) -> Vec<Arg<'g>>) -> Vec<Arg<'g>> {
        match self.data {
            Some(data) => args(data),
            None => default(&self.message.unwrap_or_default()),
        }
    }
}

/// A comparison that `check_ops` asserts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    op: &'static str,
    symbol: &'static str,
    /// The rule that constants break for which it does not hold.
    rule: Rule,
}

impl Comparison {
    const fn new(name: &'static str, op: &'static str, symbol: &'static str) -> Self {
        Comparison {
            name,
            op,
            symbol,
            rule: Rule::Value,
        }
    }

    /// The comparison of what is known of a shape.
    pub(crate) const fn of_shape(self) -> Self {
        Comparison {
            rule: Rule::Shape,
            ..self
        }
    }

    pub(crate) const EQUAL: Self = Self::new("assert_equal", "Equal", "==");
    pub(crate) const NONE_EQUAL: Self = Self::new("assert_none_equal", "NotEqual", "!=");
    pub(crate) const LESS: Self = Self::new("assert_less", "Less", "<");
    pub(crate) const LESS_EQUAL: Self = Self::new("assert_less_equal", "LessEqual", "<=");
    pub(crate) const GREATER: Self = Self::new("assert_greater", "Greater", ">");
    pub(crate) const GREATER_EQUAL: Self = Self::new("assert_greater_equal", "GreaterEqual", ">=");
}

/// A comparison with zero that `check_ops` asserts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    Positive,
    Negative,
    NonPositive,
    NonNegative,
}

impl Sign {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Sign::Positive => "assert_positive",
            Sign::Negative => "assert_negative",
            Sign::NonPositive => "assert_non_positive",
            Sign::NonNegative => "assert_non_negative",
        }
    }

    /// The condition in words, the comparison that is made for it, and whether zero is on its left.
    fn condition(self) -> (&'static str, Comparison, bool) {
        match self {
            Sign::Positive => ("x > 0", Comparison::LESS, true),
            Sign::Negative => ("x < 0", Comparison::LESS, false),
            Sign::NonPositive => ("x <= 0", Comparison::LESS_EQUAL, false),
            Sign::NonNegative => ("x >= 0", Comparison::LESS_EQUAL, true),
        }
    }
}

/// A condition on a rank that `check_ops` asserts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RankIs {
    Exactly,
    AtLeast,
    OneOf,
}

impl RankIs {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RankIs::Exactly => "assert_rank",
            RankIs::AtLeast => "assert_rank_at_least",
            RankIs::OneOf => "assert_rank_in",
        }
    }

    fn text(self) -> &'static str {
        match self {
            RankIs::Exactly => "rank",
            RankIs::AtLeast => "rank at least",
            RankIs::OneOf => "rank in",
        }
    }

    fn holds(self, found: i64, expected: &[i64]) -> bool {
        match self {
            RankIs::Exactly | RankIs::OneOf => expected.contains(&found),
            RankIs::AtLeast => expected.iter().all(|&least| found >= least),
        }
    }
}

impl<'g> Nodes<'g> {
    /// `tf.Assert`.
    #[track_caller]
    pub(crate) fn assert(
        self,
        condition: impl Into<Arg<'g>>,
        data: Vec<Arg<'g>>,
        summarize: Option<i64>,
    ) -> Operation<'g> {
        self.assert_as("Assert", condition.into(), data, summarize)
    }

    /// `tf.Assert` under a name.
    #[track_caller]
    pub(crate) fn assert_as(
        self,
        name: &str,
        condition: Arg<'g>,
        data: Vec<Arg<'g>>,
        summarize: Option<i64>,
    ) -> Operation<'g> {
        let g = self.0;
        let _scope = self.open_scope(name);
        // Python looks at the data's dtypes first, and that makes constants.
        let tensors = data.iter().cloned();
        let dtypes = tensors.map(|item| item.convert(g, "Const", DType::Int32).dtype());
        let dtypes: Vec<_> = dtypes.collect();
        let assert = |condition: Arg<'g>| {
            let node = self.op("Assert").input(condition).list(data);
            match summarize {
                Some(summarize) => node.attr("summarize", summarize),
                None => node,
            }
            .finish()
        };
        // The others may be on another device, from where they are copied only if the condition does not hold.
        let is_on_host = |dtype: &DType| matches!(dtype, DType::String | DType::Int32);
        if dtypes.iter().all(is_on_host) {
            return assert(condition);
        }
        let condition = condition.convert(g, "Condition", DType::Bool);
        let holds = || g.no_op();
        let guarded = || g.cond(condition.typed(), holds, || assert(condition.into()));
        g.named("AssertGuard", guarded)
    }

    /// `tf.debugging.assert_less` and its like under a name.
    #[track_caller]
    pub(crate) fn assert_compared(
        self,
        name: &str,
        comparison: Comparison,
        (x, y): (Arg<'g>, Arg<'g>),
        options: AssertOptions<'g>,
    ) -> Operation<'g> {
        if comparison.op == Comparison::EQUAL.op {
            let _scope = self.open_scope(name);
            if matches!((&x, &y), (Arg::Tensor(x), Arg::Tensor(y)) if !x.is_poison() && x.key() == y.key())
            {
                return self.0.op("NoOp").finish();
            }
        }
        let symbol = comparison.symbol;
        let message = options.message.as_deref();
        let data = |x: AnyTensor<'g>, y: AnyTensor<'g>| {
            let condition = format!("Condition x {symbol} y did not hold element-wise:");
            let (of_x, of_y) = (named("x", x), named("y", y));
            let default = || vec![condition.as_str().into(), of_x, x.into(), of_y, y.into()];
            let mut data = options.data.map_or_else(default, args);
            if let Some(message) = message {
                data.insert(0, message.into());
            }
            data
        };
        let failed = |[x, y]: [String; 2]| {
            let message = described(message);
            format!("{message}x {symbol} y does not hold: x {x}, y {y}")
        };
        let data = (data, options.summarize);
        self.compare(name, comparison, (x, y), data, failed)
    }

    /// Checks a comparison of all elements; `failed` tells what does not hold of two constants.
    #[track_caller]
    fn compare(
        self,
        name: &str,
        comparison: Comparison,
        (x, y): (Arg<'g>, Arg<'g>),
        (data, summarize): (
            impl FnOnce(AnyTensor<'g>, AnyTensor<'g>) -> Vec<Arg<'g>>,
            Option<i64>,
        ),
        failed: impl FnOnce([String; 2]) -> String,
    ) -> Operation<'g> {
        let _scope = self.open_scope(name);
        let x = x.convert(self.0, "x", DType::Int32);
        let y = y.convert(self.0, "y", DType::Int32);
        let data = data(x, y);
        let test = self.binary(comparison.op, x, y);
        let condition = self.reduce("All", test, Axes::ALL);
        if let (Some(of_x), Some(of_y)) = (constant_value::of(x), constant_value::of(y)) {
            let texts = [(x, &of_x), (y, &of_y)];
            let texts = texts.map(|(x, value)| format!("\"{}\" is {value}", x.name()));
            let holds = constant_value::computed(test, vec![of_x, of_y]);
            let holds = holds.as_ref().map(|holds| holds.as_slice::<bool>());
            if let Some(Ok(holds)) = holds {
                if holds.contains(&false) {
                    self.0.report(comparison.rule, failed(texts));
                }
            }
        }
        self.assert(condition, data, summarize)
    }

    /// `tf.debugging.assert_positive` and its like under a name.
    #[track_caller]
    pub(crate) fn assert_sign(
        self,
        name: &str,
        sign: Sign,
        x: Arg<'g>,
        options: AssertOptions<'g>,
    ) -> Operation<'g> {
        let _scope = self.open_scope(name);
        let x = x.convert(self.0, "x", DType::Int32);
        let (condition, comparison, zero_is_left) = sign.condition();
        let (message, summarize) = (options.message.clone(), options.summarize);
        let data = options.into_data(|message| {
            let condition = format!("Condition {condition} did not hold element-wise:");
            let mut data: Vec<Arg<'g>> = vec![message.into()];
            match sign {
                // Python has no comma between the two.
                Sign::NonPositive => {
                    let both = format!("{condition}x ({}) = ", x.name());
                    data.push(both.as_str().into());
                }
                _ => data.extend([condition.as_str().into(), named("x", x)]),
            }
            data.push(x.into());
            data
        });
        let zero = self.number("Const", x.dtype(), 0.0);
        let sides = match zero_is_left {
            true => (zero.into(), x.into()),
            false => (x.into(), zero.into()),
        };
        let failed = |[left, right]: [String; 2]| {
            let message = described(message.as_deref());
            let x = if zero_is_left { right } else { left };
            format!("{message}{condition} does not hold: x {x}")
        };
        let data = (|_, _| data, summarize);
        self.compare(comparison.name, comparison, sides, data, failed)
    }

    /// `tf.debugging.assert_rank` and its like under a name.
    #[track_caller]
    pub(crate) fn assert_rank(
        self,
        name: &str,
        condition: RankIs,
        (x, ranks): (Arg<'g>, Vec<Arg<'g>>),
        options: AssertOptions<'g>,
    ) -> Operation<'g> {
        let _scope = self.open_scope(name);
        let x = x.convert(self.0, "x", DType::Int32);
        let ranks = ranks.into_iter();
        let ranks = ranks.map(|rank| rank.convert(self.0, "rank", DType::Int32));
        let ranks: Vec<_> = ranks.collect();
        let (message, summarize) = (options.message.clone(), options.summarize);
        let data = options.into_data(|message| {
            let must = format!("Tensor {} must have {}", x.name(), condition.text());
            let mut data: Vec<Arg<'g>> = vec![message.into(), must.as_str().into()];
            data.extend(Arg::tensors(&ranks));
            data.push("Received shape: ".into());
            data.push(self.shape(x).into());
            data
        });
        for _ in &ranks {
            self.assert_type("assert_type");
        }
        let values = ranks.iter().map(|&rank| constant_value::of(rank));
        let values: Vec<_> = values.collect();
        let known: Option<Vec<_>> = values.iter().cloned().collect();
        if let Some(known) = known {
            let scalars = known.iter().map(|rank| match rank.shape() {
                [] => rank.to_i64s()?.first().copied(),
                _ => None,
            });
            let Some(expected) = scalars.collect::<Option<Vec<_>>>() else {
                self.0.report(Rule::Shape, "a rank must be a scalar");
                return self.poison();
            };
            if let Some(found) = x.shape().rank() {
                if !condition.holds(found as i64, &expected) {
                    self.report_rank(x, condition, &expected, message.as_deref());
                }
                return self
                    .0
                    .op("NoOp")
                    .name("static_checks_determined_all_ok")
                    .finish();
            }
        }
        let mut holds = self.rank_condition(x, condition, &ranks);
        for (&rank, value) in ranks.iter().zip(&values) {
            if value.is_none() {
                let text = "Rank must be a scalar. Received rank: ";
                let data = Some(vec![text.into(), rank.into()]);
                let options = AssertOptions {
                    data,
                    ..AssertOptions::default()
                };
                let scalar = (rank.into(), vec![0.into()]);
                let check = self.assert_rank("assert_rank", RankIs::Exactly, scalar, options);
                holds = self.0.with_dependencies(&[check], holds);
            }
        }
        self.assert(holds, data, summarize)
    }

    /// The tensor that tells whether the rank is one of those wanted.
    #[track_caller]
    fn rank_condition(
        self,
        x: AnyTensor<'g>,
        condition: RankIs,
        ranks: &[AnyTensor<'g>],
    ) -> AnyTensor<'g> {
        let found = self.rank(x);
        let equal = |rank: &AnyTensor<'g>| self.binary("Equal", *rank, found);
        match (condition, ranks) {
            (_, []) => self.constant("Const", false),
            (RankIs::Exactly, [rank, ..]) => self.binary("Equal", found, *rank),
            (RankIs::AtLeast, [rank, ..]) => self.binary("GreaterEqual", found, *rank),
            (RankIs::OneOf, [first, others @ ..]) => {
                let first = equal(first);
                others.iter().fold(first, |either, rank| {
                    self.binary("LogicalOr", either, equal(rank))
                })
            }
        }
    }

    #[track_caller]
    fn report_rank(
        self,
        x: AnyTensor<'g>,
        condition: RankIs,
        expected: &[i64],
        message: Option<&str>,
    ) {
        let condition = condition.text();
        let expected: Vec<_> = expected.iter().map(i64::to_string).collect();
        let expected = expected.join(", ");
        let message = described(message);
        let (name, shape) = (x.name(), x.shape());
        let found = shape.rank().unwrap_or_default();
        let text = format!(
            "{message}\"{name}\" must have {condition} {expected}, found rank {found}, shape {shape}"
        );
        self.0.report(Rule::Shape, text);
    }

    /// `tf.debugging.assert_type` of a tensor that has the type.
    #[track_caller]
    pub(crate) fn assert_type(self, name: &str) -> Operation<'g> {
        let _scope = self.open_scope(name);
        self.0
            .op("NoOp")
            .name("statically_determined_correct_type")
            .finish()
    }

    /// An operation that could not be made.
    pub(crate) fn poison(self) -> Operation<'g> {
        AnyTensor::poison(self.0).operation()
    }
}

/// The text before the elements of a tensor.
fn named<'g>(what: &str, x: AnyTensor<'g>) -> Arg<'g> {
    format!("{what} ({}) = ", x.name()).as_str().into()
}

fn args<'g>(data: Vec<Datum<'g>>) -> Vec<Arg<'g>> {
    data.into_iter().map(Arg::from).collect()
}

/// The message of the author before what is found.
fn described(message: Option<&str>) -> String {
    let before = |message: &str| format!("{}: ", message.trim_end_matches('.'));
    message.map_or_else(String::new, before)
}
