//! Random tensors (`tf.random`).
//!
//! The seeds of a node follow from the graph's seed and its own, as in TensorFlow; see
//! [`GraphBuilder::set_random_seed`]. The functions whose names start with `stateless_` take a vector of two seeds and
//! give the same values for the same seeds each time they run.

mod candidates;
mod classes;

pub use candidates::*;
pub use classes::*;

use std::panic::Location;

use super::TensorLike;
use super::math::Axes;
use super::nodes::{Arg, Call, Nodes, function, shape_value, uniform_value};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::types::{Float, IndexType, Ordered, StandardFloat, StandardNumber};
use crate::value::IntoTensorValue;

/// The shape of a random tensor: a list of sizes, or a tensor of int32 or int64 that lists them.
pub trait Dims<'g> {
    /// The tensor; a constant that is made for it is called `shape`.
    #[doc(hidden)]
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g>;
}

impl<'g, V: IntoTensorValue<Element: IndexType>> Dims<'g> for V {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        g.constant_named("shape", self.into_tensor_value())
    }
}

impl<'g, T: IndexType> Dims<'g> for Tensor<'g, T> {
    fn into_dims(self, _g: &'g GraphBuilder) -> AnyTensor<'g> {
        self.any()
    }
}

impl<'g> Dims<'g> for &[usize] {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        g.constant_named("shape", shape_value(self))
    }
}

impl<'g, const N: usize> Dims<'g> for [usize; N] {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        self.as_slice().into_dims(g)
    }
}

/// A scalar.
impl<'g> Dims<'g> for () {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        [0usize; 0].into_dims(g)
    }
}

impl<'g> Dims<'g> for Arg<'g> {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        self.convert(g, "shape", DType::Int32)
    }
}

/// What a node draws from: a generator of its own, or two seeds.
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
    shape: impl Dims<'g>,
    (min, max): (Arg<'g>, Arg<'g>),
    source: Source<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let shape = shape.into_dims(g);
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
    shape: impl Dims<'g>,
    (mean, stddev): (Arg<'g>, Arg<'g>),
    source: Source<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let shape = shape.into_dims(g);
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
    shape: impl Dims<'g>,
    (min, max): (f64, f64),
    seed: Option<i64>,
) -> AnyTensor<'g> {
    g.inner_scope(name, Location::caller(), |scope| {
        let range = (Arg::Number(min), Arg::Number(max));
        between(g, scope, dtype, shape, range, Source::Generator(seed))
    })
}

#[track_caller]
pub(crate) fn normal_of<'g>(
    g: &'g GraphBuilder,
    (op, name): (&'static str, &str),
    dtype: DType,
    shape: &[usize],
    (mean, stddev): (f64, f64),
    seed: Option<i64>,
) -> AnyTensor<'g> {
    g.inner_scope(name, Location::caller(), |scope| {
        let of = (Arg::Number(mean), Arg::Number(stddev));
        around(
            g,
            ((op, ""), scope),
            dtype,
            shape,
            of,
            Source::Generator(seed),
        )
    })
}

macro_rules! options {
    ($($(#[$doc:meta])* $options:ident $bound:ident { $($(#[$about:meta])* $parameter:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $options<'g, T: Element> {
            $($parameter: Option<Arg<'g>>,)*
            seed: Option<i64>,
            element: std::marker::PhantomData<fn() -> T>,
        }

        impl<T: Element> Default for $options<'_, T> {
            fn default() -> Self {
                $options {
                    $($parameter: None,)*
                    seed: None,
                    element: std::marker::PhantomData,
                }
            }
        }

        impl<'g, T: $bound> $options<'g, T> {
            $(
                $(#[$about])*
                pub fn $parameter(self, $parameter: impl Operand<'g, T> + 'g) -> Self {
                    $options { $parameter: Some(Arg::of($parameter)), ..self }
                }
            )*

            /// The seed of the node, besides the graph's own.
            pub fn seed(self, seed: i64) -> Self {
                $options { seed: Some(seed), ..self }
            }
        }
    )*};
}

options! {
    /// What [`uniform_with`] draws.
    UniformOptions Ordered {
        /// The least value; 0 by default.
        min,
        /// The value that all values are below; 1 by default for floating-point numbers, and needed for integers.
        max,
    }

    /// What functions of normal distributions draw.
    NormalOptions Float {
        /// The mean; 0 by default.
        mean,
        /// The standard deviation; 1 by default.
        stddev,
    }

    /// What [`gamma_with`] draws.
    GammaOptions StandardFloat {
        /// The inverse scale, which broadcasts with alpha; 1 by default.
        beta,
    }
}

impl<T: Element> UniformOptions<'_, T> {
    pub(crate) fn seed_if(self, seed: Option<i64>) -> Self {
        UniformOptions { seed, ..self }
    }
}

impl<'g, T: Ordered> UniformOptions<'g, T> {
    #[track_caller]
    fn make(
        self,
        g: &'g GraphBuilder,
        name: &'static str,
        shape: impl Dims<'g>,
        source: Source<'g>,
    ) -> Tensor<'g, T> {
        if T::DTYPE.is_integer() && self.max.is_none() {
            let message = format!("random integers need a maximum: dtype {}", T::DTYPE);
            g.requested_name(name);
            return Nodes(g).fault(Rule::Value, message).typed();
        }
        let min = self.min.unwrap_or(Arg::Number(0.0));
        let max = self.max.unwrap_or(Arg::Number(1.0));
        g.function_scope(name, Location::caller(), |scope| {
            between(g, scope, T::DTYPE, shape, (min, max), source).typed()
        })
    }
}

/// Floating-point values from 0 to 1, each as likely as any other (`tf.random.uniform`).
///
/// ```
/// use tfhub::ops::random::{self, UniformOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let noise = random::uniform::<f32>(&g, [2, 3]);
/// assert_eq!(noise.shape().to_string(), "[2, 3]");
/// let dice = random::uniform_with(&g, [10], UniformOptions::default().min(1).max(7i32).seed(4));
/// assert_eq!(dice.operation().op(), "RandomUniformInt");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn uniform<'g, T: Float>(g: &'g GraphBuilder, shape: impl Dims<'g>) -> Tensor<'g, T> {
    uniform_with(g, shape, UniformOptions::default())
}

/// Values in a range, each as likely as any other (`tf.random.uniform` with `minval` and `maxval`).
#[track_caller]
pub fn uniform_with<'g, T: Ordered>(
    g: &'g GraphBuilder,
    shape: impl Dims<'g>,
    options: UniformOptions<'g, T>,
) -> Tensor<'g, T> {
    let source = Source::Generator(options.seed);
    options.make(g, "random_uniform", shape, source)
}

/// Floating-point values from 0 to 1 that follow from two seeds (`tf.random.stateless_uniform`).
#[track_caller]
pub fn stateless_uniform<'g, T: Float, S: IndexType>(
    g: &'g GraphBuilder,
    shape: impl Dims<'g>,
    seed: impl Operand<'g, S> + 'g,
) -> Tensor<'g, T> {
    stateless_uniform_with(g, shape, seed, UniformOptions::default())
}

/// Values in a range that follow from two seeds (`tf.random.stateless_uniform` with `minval` and `maxval`).
///
/// The seed of the options is not used.
#[track_caller]
pub fn stateless_uniform_with<'g, T: Ordered, S: IndexType>(
    g: &'g GraphBuilder,
    shape: impl Dims<'g>,
    seed: impl Operand<'g, S> + 'g,
    options: UniformOptions<'g, T>,
) -> Tensor<'g, T> {
    let source = Source::Seeds(Arg::preferring(DType::Int64, seed));
    options.make(g, "stateless_random_uniform", shape, source)
}

impl<'g, T: Float> NormalOptions<'g, T> {
    #[track_caller]
    fn make(
        self,
        g: &'g GraphBuilder,
        (ops, name): ((&'static str, &'static str), &'static str),
        shape: impl Dims<'g>,
        source: Source<'g>,
    ) -> Tensor<'g, T> {
        let mean = self.mean.unwrap_or(Arg::Number(0.0));
        let stddev = self.stddev.unwrap_or(Arg::Number(1.0));
        g.function_scope(name, Location::caller(), |scope| {
            let op = (ops, scope);
            around(g, op, T::DTYPE, shape, (mean, stddev), source).typed()
        })
    }
}

macro_rules! normal {
    ($(
        $values:literal $python:literal $op:literal $scope:literal $stateless_op:literal $stateless_scope:literal
        $name:ident $with:ident $stateless:ident $stateless_with:ident
    )*) => {$(
        #[doc = concat!($values, " (`tf.random.", $python, "`).")]
        #[track_caller]
        pub fn $name<'g, T: Float>(g: &'g GraphBuilder, shape: impl Dims<'g>) -> Tensor<'g, T> {
            $with(g, shape, NormalOptions::default())
        }

        #[doc = concat!($values, ", with another mean or standard deviation or a seed (`tf.random.", $python, "`).")]
        #[track_caller]
        pub fn $with<'g, T: Float>(
            g: &'g GraphBuilder,
            shape: impl Dims<'g>,
            options: NormalOptions<'g, T>,
        ) -> Tensor<'g, T> {
            let source = Source::Generator(options.seed);
            options.make(g, (($op, ""), $scope), shape, source)
        }

        #[doc = concat!($values, ", which follow from two seeds (`tf.random.stateless_", $python, "`).")]
        #[track_caller]
        pub fn $stateless<'g, T: Float, S: IndexType>(
            g: &'g GraphBuilder,
            shape: impl Dims<'g>,
            seed: impl Operand<'g, S> + 'g,
        ) -> Tensor<'g, T> {
            $stateless_with(g, shape, seed, NormalOptions::default())
        }

        #[doc = concat!(
            $values, ", which follow from two seeds, with another mean or standard deviation (`tf.random.stateless_",
            $python, "`)."
        )]
        ///
        /// The seed of the options is not used.
        #[track_caller]
        pub fn $stateless_with<'g, T: Float, S: IndexType>(
            g: &'g GraphBuilder,
            shape: impl Dims<'g>,
            seed: impl Operand<'g, S> + 'g,
            options: NormalOptions<'g, T>,
        ) -> Tensor<'g, T> {
            let source = Source::Seeds(Arg::preferring(DType::Int64, seed));
            options.make(g, (("", $stateless_op), $stateless_scope), shape, source)
        }
    )*};
}

normal! {
    "Values of a normal distribution" "normal"
    "RandomStandardNormal" "random_normal" "StatelessRandomNormal" "stateless_random_normal"
    normal normal_with stateless_normal stateless_normal_with

    "Values of a normal distribution, those further than two standard deviations from the mean drawn again"
    "truncated_normal"
    "TruncatedNormal" "truncated_normal" "StatelessTruncatedNormal" "stateless_truncated_normal"
    truncated_normal truncated_normal_with stateless_truncated_normal stateless_truncated_normal_with
}

/// Values of the gamma distributions with the given parameters, as many of each as `shape` holds
/// (`tf.random.gamma`).
///
/// The result's shape is `shape` followed by that of `alpha`.
#[track_caller]
pub fn gamma<'g, T: StandardFloat>(
    g: &'g GraphBuilder,
    shape: impl Operand<'g, i32>,
    alpha: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    gamma_with(g, shape, alpha, GammaOptions::default())
}

/// Values of gamma distributions with an inverse scale (`tf.random.gamma` with `beta`).
#[track_caller]
pub fn gamma_with<'g, T: StandardFloat>(
    g: &'g GraphBuilder,
    shape: impl Operand<'g, i32>,
    alpha: impl Operand<'g, T>,
    options: GammaOptions<'g, T>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let n = Nodes(g);
    g.function_scope("random_gamma", here, |_| {
        let shape = shape.into_tensor(g, "shape");
        let alpha = alpha.into_tensor(g, "alpha");
        let beta = options.beta;
        let beta = beta.unwrap_or(Arg::Number(1.0));
        let beta = beta.convert(g, "beta", T::DTYPE);
        let zeros = match beta.shape().to_static() {
            Some(shape) => uniform_value(g, "zeros_like", T::DTYPE, &shape, 0.0, here),
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
    })
}

/// Values of the Poisson distributions with the given rates, as many of each as `shape` holds (`tf.random.poisson`).
///
/// The result's shape is `shape` followed by that of `rate`.
#[track_caller]
pub fn poisson<'g, T: StandardNumber, R: StandardNumber>(
    g: &'g GraphBuilder,
    rate: impl Operand<'g, R> + 'g,
    shape: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let n = Nodes(g);
    g.function_scope("random_poisson", Location::caller(), |_| {
        let shape = shape.into_tensor(g, "shape");
        let call = n.op("RandomPoissonV2").seeds(seed).input(shape);
        let call = call.input(Arg::preferring(DType::Float64, rate));
        call.attr("dtype", T::DTYPE).output().typed()
    })
}

/// The slices along the first dimension in random order (`tf.random.shuffle`).
#[track_caller]
pub fn shuffle<'g, T: TensorType>(
    value: impl TensorLike<'g, T>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let call = function(value.graph(), "RandomShuffle").seeds(seed);
    call.arg(value).output().typed()
}

/// A part of a tensor of the given size at a random place (`tf.image.random_crop`).
///
/// The part has as many dimensions as the tensor and may not be larger; the consumer's session checks that.
#[track_caller]
pub fn random_crop<'g, T: TensorType>(
    value: impl TensorLike<'g, T>,
    size: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let g = value.graph();
    let n = Nodes(g);
    g.function_scope("random_crop", Location::caller(), |scope| {
        let value = value.into_tensor(g, "value");
        let size = size.into_tensor(g, "size");
        let shape = n.shape(value.any());
        let fits = n.binary("GreaterEqual", shape, size);
        let fits = n.reduce("All", fits, Axes::ALL);
        let data = [
            "Need value.shape >= size, got ".into(),
            shape.into(),
            size.into(),
        ];
        let check = n.assert(fits, &data, Some(1000));
        let shape = n.with_dependencies(&[check], shape);
        let room = n.sub(shape, size);
        let limit = n.add(room, 1i32);
        let dims = n.shape(shape).typed::<i32>();
        let options = UniformOptions::default().max(i32::MAX).seed_if(seed);
        let any = uniform_with(g, dims, options);
        let offset = n.modulo(any, limit);
        let args = [value.into(), offset.into(), size.into()];
        n.call(("Slice", scope), args).typed()
    })
}
