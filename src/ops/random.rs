//! Random tensors (`tf.random`).
//!
//! The seeds of a node follow from the graph's seed and its own, as in TensorFlow; see
//! [`GraphBuilder::set_random_seed`]. The functions whose names start with `stateless_` take a vector of two seeds and
//! give the same values for the same seeds each time they run.

mod candidates;
mod classes;

pub use candidates::*;
pub use classes::*;

use std::marker::PhantomData;
use std::panic::Location;

use super::math::Axes;
use super::nodes::{Arg, Call, Nodes, function, uniform_value};
use super::{OrDefault, Sizes, TensorLike};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::types::{Float, IndexType, Ordered, StandardFloat, StandardNumber};

/// The source that a node draws from: a generator of its own, or two seeds.
enum Source<'g> {
    Generator(Option<i64>),
    Seeds(Arg<'g>),
}

impl<'g> Source<'g> {
    /// The node that draws: `ops` are the one with a generator and the one without.
    fn draw(
        self,
        g: &'g GraphBuilder,
        ops: (&'static str, &'static str),
        name: Option<&str>,
        shape: AnyTensor<'g>,
        with: impl FnOnce(Call<'g>) -> Call<'g>,
    ) -> AnyTensor<'g> {
        let n = Nodes(g);
        let call = match self {
            Source::Generator(seed) => {
                let call = n.named(ops.0, name.unwrap_or(ops.0)).seeds(seed);
                call.input(shape)
            }
            Source::Seeds(seeds) => {
                let call = n.named(ops.1, name.unwrap_or(ops.1));
                call.input(shape).input(seeds)
            }
        };
        with(call).output()
    }
}

fn between<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    dtype: DType,
    shape: Sizes<'g>,
    (min, max): (Arg<'g>, Arg<'g>),
    source: Source<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let shape = shape.into_arg(n).convert(g, "shape", DType::Int32);
    let min = min.convert(g, "min", dtype);
    let max = max.convert(g, "max", dtype);
    if dtype.is_integer() {
        let ops = ("RandomUniformInt", "StatelessRandomUniformInt");
        let with = |op: Call<'g>| op.input(min).input(max);
        return source.draw(g, ops, Some(scope), shape, with);
    }
    let ops = ("RandomUniform", "StatelessRandomUniform");
    let random = source.draw(g, ops, None, shape, |op| op.attr("dtype", dtype));
    let range = n.sub(max, min);
    let scaled = n.mul(random, range);
    n.call(("Add", scope), [scaled.into(), min.into()])
}

fn around<'g>(
    g: &'g GraphBuilder,
    (ops, scope): ((&'static str, &'static str), &str),
    dtype: DType,
    shape: Sizes<'g>,
    (mean, stddev): (Arg<'g>, Arg<'g>),
    source: Source<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let shape = shape.into_arg(n).convert(g, "shape", DType::Int32);
    let mean = mean.convert(g, "mean", dtype);
    let stddev = stddev.convert(g, "stddev", dtype);
    let random = source.draw(g, ops, None, shape, |op| op.attr("dtype", dtype));
    let scaled = n.mul(random, stddev);
    n.call(("Add", scope), [scaled.into(), mean.into()])
}

#[track_caller]
pub(crate) fn uniform_of<'g>(
    g: &'g GraphBuilder,
    name: &str,
    dtype: DType,
    shape: impl Into<Sizes<'g>>,
    (min, max): (f64, f64),
    seed: Option<i64>,
) -> AnyTensor<'g> {
    let scope = g.open_inner_scope(name, Location::caller());
    let range = (Arg::Number(min), Arg::Number(max));
    between(
        g,
        &scope,
        dtype,
        shape.into(),
        range,
        Source::Generator(seed),
    )
}

#[track_caller]
pub(crate) fn normal_of<'g>(
    g: &'g GraphBuilder,
    (op, name): (&'static str, &str),
    dtype: DType,
    shape: impl Into<Sizes<'g>>,
    (mean, stddev): (f64, f64),
    seed: Option<i64>,
) -> AnyTensor<'g> {
    let scope = g.open_inner_scope(name, Location::caller());
    let of = (Arg::Number(mean), Arg::Number(stddev));
    let op = ((op, ""), &*scope);
    around(g, op, dtype, shape.into(), of, Source::Generator(seed))
}

macro_rules! typed_options {
    ($($(#[$doc:meta])* $options:ident $bound:ident { $($(#[$about:meta])* $parameter:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $options<'g, T: Element> {
            $($parameter: Option<Arg<'g>>,)*
            seed: Option<i64>,
            element: PhantomData<fn() -> T>,
        }

        impl<T: Element> Default for $options<'_, T> {
            fn default() -> Self {
                $options { $($parameter: None,)* seed: None, element: PhantomData }
            }
        }

        /// The defaults of all.
        impl<T: Element> From<()> for $options<'_, T> {
            fn from((): ()) -> Self {
                Self::default()
            }
        }

        setters! {
            impl['g, T: $bound] $options<'g, T> {
                $(
                    $(#[$about])*
                    $parameter: impl Operand<'g, T> => Some(Arg::of($parameter));
                )*
                /// The seed of the node, besides the graph's own.
                seed: impl Into<OrDefault<i64>> => seed.into().0;
            }
        }
    )*};
}

typed_options! {
    /// The range and the seed of [`uniform`] and [`stateless_uniform`].
    ///
    /// ```
    /// use tfhub::ops::random::{self, UniformOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let dice = random::uniform(&g, [10], UniformOptions::default().minval(1).maxval(7i32).seed(4));
    /// assert_eq!(dice.operation().op(), "RandomUniformInt");
    /// # g.finish().unwrap();
    /// ```
    UniformOptions Ordered {
        /// The least value; 0 by default.
        minval,
        /// The value that all values are below; 1 by default for floating-point numbers, and needed for integers.
        maxval,
    }

    /// The parameters and the seed of functions of normal distributions.
    ///
    /// ```
    /// use tfhub::ops::random::{self, NormalOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let noise = random::normal(&g, [2, 3], NormalOptions::default().stddev(0.5f32).seed(4));
    /// assert_eq!(noise.name(), "random_normal:0");
    /// ```
    NormalOptions Float {
        /// The mean; 0 by default.
        mean,
        /// The standard deviation; 1 by default.
        stddev,
    }

    /// The scale and the seed of [`gamma`].
    ///
    /// ```
    /// use tfhub::ops::random::{self, GammaOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let times = random::gamma([3], g.value([0.5f32, 1.5]), GammaOptions::default().beta(2.0));
    /// assert_eq!(times.shape().to_string(), "[3, 2]");
    /// ```
    GammaOptions StandardFloat {
        /// The inverse scale, which broadcasts with alpha; 1 by default.
        beta,
    }
}

impl<'g> Source<'g> {
    /// Two seeds; the options must not have one.
    #[track_caller]
    fn seeds<S: IndexType>(
        g: &'g GraphBuilder,
        seeds: impl Operand<'g, S>,
        seed: Option<i64>,
    ) -> Self {
        if seed.is_some() {
            let message =
                "the seeds of a stateless function are its argument, found a seed in the options";
            g.report(Rule::Value, message);
        }
        Source::Seeds(Arg::preferring(DType::Int64, seeds))
    }
}

impl<'g, T: Ordered> UniformOptions<'g, T> {
    #[track_caller]
    fn make(
        self,
        g: &'g GraphBuilder,
        name: &'static str,
        shape: Sizes<'g>,
        source: Source<'g>,
    ) -> Tensor<'g, T> {
        if T::DTYPE.is_integer() && self.maxval.is_none() {
            let message = format!("random integers need a maximum: dtype {}", T::DTYPE);
            g.requested_name(name);
            return Nodes(g).fault(Rule::Value, message).typed();
        }
        let min = self.minval.unwrap_or(Arg::Number(0.0));
        let max = self.maxval.unwrap_or(Arg::Number(1.0));
        let scope = g.open_function_scope(name);
        between(g, &scope, T::DTYPE, shape, (min, max), source).typed()
    }
}

/// Values in a range, for floating-point numbers by default from 0 to 1, each as likely as any other
/// (`tf.random.uniform`).
///
/// ```
/// use tfhub::ops::random;
/// # let g = tfhub::GraphBuilder::new();
/// let noise = random::uniform::<f32>(&g, [2, 3], ());
/// assert_eq!(noise.shape().to_string(), "[2, 3]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn uniform<'g, T: Ordered>(
    g: &'g GraphBuilder,
    shape: impl Into<Sizes<'g>>,
    options: impl Into<UniformOptions<'g, T>>,
) -> Tensor<'g, T> {
    let options = options.into();
    let source = Source::Generator(options.seed);
    options.make(g, "random_uniform", shape.into(), source)
}

/// Values in a range, as of [`uniform`], that follow from two seeds (`tf.random.stateless_uniform`).
#[track_caller]
pub fn stateless_uniform<'g, T: Ordered, S: IndexType>(
    g: &'g GraphBuilder,
    shape: impl Into<Sizes<'g>>,
    seed: impl Operand<'g, S>,
    options: impl Into<UniformOptions<'g, T>>,
) -> Tensor<'g, T> {
    let options = options.into();
    let source = Source::seeds(g, seed, options.seed);
    options.make(g, "stateless_random_uniform", shape.into(), source)
}

impl<'g, T: Float> NormalOptions<'g, T> {
    #[track_caller]
    fn make(
        self,
        g: &'g GraphBuilder,
        (ops, name): ((&'static str, &'static str), &'static str),
        shape: Sizes<'g>,
        source: Source<'g>,
    ) -> Tensor<'g, T> {
        let mean = self.mean.unwrap_or(Arg::Number(0.0));
        let stddev = self.stddev.unwrap_or(Arg::Number(1.0));
        let scope = g.open_function_scope(name);
        let op = (ops, &*scope);
        around(g, op, T::DTYPE, shape, (mean, stddev), source).typed()
    }
}

macro_rules! normal {
    ($(
        $values:literal $python:literal $op:literal $scope:literal $stateless_op:literal $stateless_scope:literal
        $name:ident $stateless:ident
    )*) => {$(
        #[doc = concat!($values, " (`tf.random.", $python, "`).")]
        #[track_caller]
        pub fn $name<'g, T: Float>(
            g: &'g GraphBuilder,
            shape: impl Into<Sizes<'g>>,
            options: impl Into<NormalOptions<'g, T>>,
        ) -> Tensor<'g, T> {
            let options = options.into();
            let source = Source::Generator(options.seed);
            options.make(g, (($op, ""), $scope), shape.into(), source)
        }

        #[doc = concat!($values, ", which follow from two seeds (`tf.random.stateless_", $python, "`).")]
        #[track_caller]
        pub fn $stateless<'g, T: Float, S: IndexType>(
            g: &'g GraphBuilder,
            shape: impl Into<Sizes<'g>>,
            seed: impl Operand<'g, S>,
            options: impl Into<NormalOptions<'g, T>>,
        ) -> Tensor<'g, T> {
            let options = options.into();
            let source = Source::seeds(g, seed, options.seed);
            options.make(g, (("", $stateless_op), $stateless_scope), shape.into(), source)
        }
    )*};
}

normal! {
    "Values of a normal distribution" "normal"
    "RandomStandardNormal" "random_normal" "StatelessRandomNormal" "stateless_random_normal"
    normal stateless_normal

    "Values of a normal distribution, those further than two standard deviations from the mean drawn again"
    "truncated_normal"
    "TruncatedNormal" "truncated_normal" "StatelessTruncatedNormal" "stateless_truncated_normal"
    truncated_normal stateless_truncated_normal
}

/// Values of the gamma distributions with the given parameters, as many of each as `shape` holds
/// (`tf.random.gamma`).
///
/// The result's shape is `shape` followed by that of `alpha`.
#[track_caller]
pub fn gamma<'g, T: StandardFloat>(
    shape: impl Into<Sizes<'g>>,
    alpha: impl TensorLike<'g, T>,
    options: impl Into<GammaOptions<'g, T>>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let options = options.into();
    let (n, _scope) = Nodes::in_scope(alpha.graph(), "random_gamma");
    let shape = shape.into().into_arg(n).convert(n.0, "shape", DType::Int32);
    let alpha = alpha.into_tensor(n.0, "alpha");
    let beta = options.beta.unwrap_or(Arg::Number(1.0));
    let beta = beta.convert(n.0, "beta", T::DTYPE);
    let zeros = match beta.shape().to_static() {
        Some(shape) => uniform_value(n.0, "zeros_like", T::DTYPE, &shape, 0.0, here),
        None => n.call(("ZerosLike", "zeros_like"), [beta.into()]),
    };
    let alpha = n.add(alpha, zeros);
    let random = n.op("RandomGamma").seeds(options.seed).input(shape);
    let random = random.input(alpha).output();
    let scaled = n.truediv(random, beta);
    let tiny = match T::DTYPE {
        DType::Float16 => f64::from(half::f16::MIN_POSITIVE),
        DType::Float32 => f64::from(f32::MIN_POSITIVE),
        _ => f64::MIN_POSITIVE,
    };
    n.binary("Maximum", Arg::Number(tiny), scaled).typed()
}

/// Values of the Poisson distributions with the given rates, as many of each as `shape` holds (`tf.random.poisson`).
///
/// The result's shape is `shape` followed by that of `rate`.
#[track_caller]
pub fn poisson<'g, T: StandardNumber, R: StandardNumber>(
    rate: impl TensorLike<'g, R>,
    shape: impl Into<Sizes<'g>>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let seed = seed.into().0;
    let (n, _scope) = Nodes::in_scope(rate.graph(), "random_poisson");
    let shape = shape.into().into_arg(n).convert(n.0, "shape", DType::Int32);
    let call = n.op("RandomPoissonV2").seeds(seed).input(shape);
    let call = call.input(Arg::preferring(DType::Float64, rate));
    call.attr("dtype", T::DTYPE).typed()
}

/// The slices along the first dimension in random order (`tf.random.shuffle`).
#[track_caller]
pub fn shuffle<'g, T: TensorType>(
    value: impl TensorLike<'g, T>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let call = function(value.graph(), "RandomShuffle").seeds(seed.into().0);
    call.arg(value).typed()
}

/// A part of a tensor of the given size at a random place (`tf.image.random_crop`).
///
/// The part has as many dimensions as the tensor and may not be larger; the consumer's session checks that.
#[track_caller]
pub fn random_crop<'g, T: TensorType>(
    value: impl TensorLike<'g, T>,
    size: impl Into<Sizes<'g>>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(value.graph(), "random_crop");
    let value = value.into_tensor(n.0, "value");
    let size = size.into().into_arg(n).convert(n.0, "size", DType::Int32);
    let shape = n.shape(value.any());
    let fits = n.binary("GreaterEqual", shape, size);
    let fits = n.reduce("All", fits, Axes::ALL);
    let data = vec![
        "Need value.shape >= size, got ".into(),
        shape.into(),
        size.into(),
    ];
    let check = n.assert(fits, data, Some(1000));
    let shape = n.0.with_dependencies(&[check], shape);
    let room = n.sub(shape, size);
    let limit = n.add(room, 1i32);
    let dims = n.shape(shape).typed::<i32>();
    let any = uniform(
        n.0,
        dims,
        UniformOptions::default().maxval(i32::MAX).seed(seed),
    );
    let offset = n.modulo(any, limit);
    let args = [value.into(), offset.into(), size.into()];
    n.call(("Slice", &scope), args).typed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stateless_function_takes_no_seed_in_its_options() {
        let g = GraphBuilder::new();
        stateless_uniform::<f32, _>(&g, [2], [1, 2], ());
        stateless_normal::<f32, _>(&g, [2], [1, 2], NormalOptions::default().seed(7));
        let error = g.finish().unwrap_err().to_string();
        assert!(error.ends_with("found a seed in the options"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
