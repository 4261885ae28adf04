//! Random tensors (`tf.random`).
//!
//! The seeds of a node follow from the graph's seed and its own, as in TensorFlow; see
//! [`GraphBuilder::set_random_seed`]. The functions whose names start with `stateless_` take a vector of two seeds and
//! give the same values for the same seeds each time they run.

use std::panic::Location;

use super::TensorLike;
use super::array::{shape_value, uniform_value};
use super::math::Axes;
use super::nodes::{Arg, Nodes};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, AttrValue, GraphBuilder, OpBuilder, Operand, Tensor};
use crate::ops::types::{
    Float, Float32Float64Float16, Float32Float64Int32Int64Float16, FloatInt32Int64, Int32Int64,
    Real,
};
use crate::random::op_seeds;
use crate::value::IntoTensorValue;

/// The shape of a random tensor: a list of sizes, or a tensor of int32 or int64 that lists them.
pub trait Dims<'g> {
    /// The tensor; a constant that is made for it is called `shape`.
    #[doc(hidden)]
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g>;
}

impl<'g, V: IntoTensorValue<Element: Int32Int64>> Dims<'g> for V {
    fn into_dims(self, g: &'g GraphBuilder) -> AnyTensor<'g> {
        g.constant_named("shape", self.into_tensor_value())
    }
}

impl<'g, T: Int32Int64> Dims<'g> for Tensor<'g, T> {
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
        with: impl FnOnce(OpBuilder<'g>) -> OpBuilder<'g>,
    ) -> AnyTensor<'g> {
        match self {
            Source::Generator(seed) => {
                let seeds = seeds(g, seed);
                let op = g.op(ops.0).name(name.unwrap_or(ops.0)).input(shape);
                seeds(with(op)).output()
            }
            Source::Seeds(seeds) => Nodes(g).scope(name.unwrap_or(ops.1), |scope| {
                let seeds = seeds.convert(g, "seed", DType::Int64);
                let op = g.op(ops.1).name(scope).input(shape).input(seeds);
                with(op).output()
            }),
        }
    }
}

/// The seeds of the node that is made next, to be set on it.
fn seeds<'g>(
    g: &'g GraphBuilder,
    seed: Option<i64>,
) -> impl FnOnce(OpBuilder<'g>) -> OpBuilder<'g> + use<'g> {
    let seeds = op_seeds(g.random_seed(), seed, g.len() as i64);
    move |op| match seeds {
        Some(seeds) => op.attr("seed", seeds.seed).attr("seed2", seeds.seed2),
        None => op,
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
        let with = |op: OpBuilder<'g>| op.input(min).input(max);
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

/// What [`uniform_with`] draws.
#[derive(Debug)]
pub struct UniformOptions<'g, T: Element> {
    min: Option<Arg<'g>>,
    max: Option<Arg<'g>>,
    seed: Option<i64>,
    element: std::marker::PhantomData<fn() -> T>,
}

impl<T: Element> Default for UniformOptions<'_, T> {
    fn default() -> Self {
        UniformOptions {
            min: None,
            max: None,
            seed: None,
            element: std::marker::PhantomData,
        }
    }
}

impl<'g, T: FloatInt32Int64> UniformOptions<'g, T> {
    /// The least value; 0 by default.
    pub fn min(self, min: impl Operand<'g, T> + 'g) -> Self {
        UniformOptions {
            min: Some(Arg::of(min)),
            ..self
        }
    }

    /// The value that all values are below; 1 by default for floating-point numbers, and needed for integers.
    pub fn max(self, max: impl Operand<'g, T> + 'g) -> Self {
        UniformOptions {
            max: Some(Arg::of(max)),
            ..self
        }
    }

    /// The seed of the node, besides the graph's own.
    pub fn seed(self, seed: i64) -> Self {
        UniformOptions {
            seed: Some(seed),
            ..self
        }
    }

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
pub fn uniform_with<'g, T: FloatInt32Int64>(
    g: &'g GraphBuilder,
    shape: impl Dims<'g>,
    options: UniformOptions<'g, T>,
) -> Tensor<'g, T> {
    let source = Source::Generator(options.seed);
    options.make(g, "random_uniform", shape, source)
}

/// Floating-point values from 0 to 1 that follow from two seeds (`tf.random.stateless_uniform`).
#[track_caller]
pub fn stateless_uniform<'g, T: Float, S: Int32Int64>(
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
pub fn stateless_uniform_with<'g, T: FloatInt32Int64, S: Int32Int64>(
    g: &'g GraphBuilder,
    shape: impl Dims<'g>,
    seed: impl Operand<'g, S> + 'g,
    options: UniformOptions<'g, T>,
) -> Tensor<'g, T> {
    let source = Source::Seeds(Arg::preferring(DType::Int64, seed));
    options.make(g, "stateless_random_uniform", shape, source)
}

/// What functions of normal distributions draw.
#[derive(Debug)]
pub struct NormalOptions<'g, T: Element> {
    mean: Option<Arg<'g>>,
    stddev: Option<Arg<'g>>,
    seed: Option<i64>,
    element: std::marker::PhantomData<fn() -> T>,
}

impl<T: Element> Default for NormalOptions<'_, T> {
    fn default() -> Self {
        NormalOptions {
            mean: None,
            stddev: None,
            seed: None,
            element: std::marker::PhantomData,
        }
    }
}

impl<'g, T: Float> NormalOptions<'g, T> {
    /// The mean; 0 by default.
    pub fn mean(self, mean: impl Operand<'g, T> + 'g) -> Self {
        NormalOptions {
            mean: Some(Arg::of(mean)),
            ..self
        }
    }

    /// The standard deviation; 1 by default.
    pub fn stddev(self, stddev: impl Operand<'g, T> + 'g) -> Self {
        NormalOptions {
            stddev: Some(Arg::of(stddev)),
            ..self
        }
    }

    /// The seed of the node, besides the graph's own.
    pub fn seed(self, seed: i64) -> Self {
        NormalOptions {
            seed: Some(seed),
            ..self
        }
    }

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
        pub fn $stateless<'g, T: Float, S: Int32Int64>(
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
        pub fn $stateless_with<'g, T: Float, S: Int32Int64>(
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

/// What [`gamma_with`] draws.
#[derive(Debug)]
pub struct GammaOptions<'g, T: Element> {
    beta: Option<Arg<'g>>,
    seed: Option<i64>,
    element: std::marker::PhantomData<fn() -> T>,
}

impl<T: Element> Default for GammaOptions<'_, T> {
    fn default() -> Self {
        GammaOptions {
            beta: None,
            seed: None,
            element: std::marker::PhantomData,
        }
    }
}

impl<'g, T: Float32Float64Float16> GammaOptions<'g, T> {
    /// The inverse scale, which broadcasts with alpha; 1 by default.
    pub fn beta(self, beta: impl Operand<'g, T> + 'g) -> Self {
        GammaOptions {
            beta: Some(Arg::of(beta)),
            ..self
        }
    }

    /// The seed of the node, besides the graph's own.
    pub fn seed(self, seed: i64) -> Self {
        GammaOptions {
            seed: Some(seed),
            ..self
        }
    }
}

/// Values of the gamma distributions with the given parameters, as many of each as `shape` holds
/// (`tf.random.gamma`).
///
/// The result's shape is `shape` followed by that of `alpha`.
#[track_caller]
pub fn gamma<'g, T: Float32Float64Float16>(
    g: &'g GraphBuilder,
    shape: impl Operand<'g, i32>,
    alpha: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    gamma_with(g, shape, alpha, GammaOptions::default())
}

/// Values of gamma distributions with an inverse scale (`tf.random.gamma` with `beta`).
#[track_caller]
pub fn gamma_with<'g, T: Float32Float64Float16>(
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
        let seeds = seeds(g, options.seed);
        let random = seeds(g.op("RandomGamma").input(shape).input(alpha)).output();
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
pub fn poisson<'g, T: Float32Float64Int32Int64Float16, R: Float32Float64Int32Int64Float16>(
    g: &'g GraphBuilder,
    rate: impl Operand<'g, R> + 'g,
    shape: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let n = Nodes(g);
    g.function_scope("random_poisson", Location::caller(), |_| {
        let shape = shape.into_tensor(g, "shape");
        let seeds = seeds(g, seed);
        n.scope("RandomPoissonV2", |scope| {
            let rate = Arg::preferring(DType::Float64, rate).convert(g, "rate", DType::Float64);
            let op = g.op("RandomPoissonV2").name(scope).input(shape).input(rate);
            seeds(op.attr("dtype", T::DTYPE)).output().typed()
        })
    })
}

/// Classes drawn for each row of unnormalized log-probabilities, `[rows, num_samples]` (`tf.random.categorical`).
#[track_caller]
pub fn categorical<'g, T: Real, U: Int32Int64>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, U> {
    classes("categorical", logits, num_samples, seed)
}

/// The same as [`categorical`] under an older name (`tf.random.multinomial`).
#[track_caller]
pub fn multinomial<'g, T: Real, U: Int32Int64>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, U> {
    classes("multinomial", logits, num_samples, seed)
}

#[track_caller]
fn classes<'g, T: Real, U: Int32Int64>(
    name: &'static str,
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: Option<i64>,
) -> Tensor<'g, U> {
    let g = logits.graph();
    g.function_scope(name, Location::caller(), |_| {
        let logits = logits.into_tensor(g, "logits");
        let seeds = seeds(g, seed);
        Nodes(g).scope("Multinomial", |scope| {
            let num_samples = num_samples.into_tensor(g, "num_samples");
            let op = g.op("Multinomial").name(scope).input(logits);
            let op = op.input(num_samples).attr("output_dtype", U::DTYPE);
            seeds(op).output().typed()
        })
    })
}

/// Classes drawn for each row of unnormalized log-probabilities, which follow from two seeds
/// (`tf.random.stateless_categorical`).
#[track_caller]
pub fn stateless_categorical<'g, T: Real, S: Int32Int64, U: Int32Int64>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S> + 'g,
) -> Tensor<'g, U> {
    stateless_classes("stateless_categorical", logits, num_samples, seed)
}

/// The same as [`stateless_categorical`] under an older name (`tf.random.stateless_multinomial`).
#[track_caller]
pub fn stateless_multinomial<'g, T: Real, S: Int32Int64, U: Int32Int64>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S> + 'g,
) -> Tensor<'g, U> {
    stateless_classes("stateless_multinomial", logits, num_samples, seed)
}

#[track_caller]
fn stateless_classes<'g, T: Real, S: Int32Int64, U: Int32Int64>(
    name: &'static str,
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S> + 'g,
) -> Tensor<'g, U> {
    let g = logits.graph();
    g.function_scope(name, Location::caller(), |_| {
        let logits = logits.into_tensor(g, "logits");
        Nodes(g).scope("StatelessMultinomial", |scope| {
            let num_samples = num_samples.into_tensor(g, "num_samples");
            let seed = Arg::preferring(DType::Int64, seed).convert(g, "seed", DType::Int64);
            let op = g.op("StatelessMultinomial").name(scope).input(logits);
            let op = op.input(num_samples).input(seed);
            op.attr("output_dtype", U::DTYPE).output().typed()
        })
    })
}

/// The slices along the first dimension in random order (`tf.random.shuffle`).
#[track_caller]
pub fn shuffle<'g, T: TensorType>(
    value: impl TensorLike<'g, T>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let g = value.graph();
    let seeds = seeds(g, seed);
    super::unary(value, "RandomShuffle", seeds).typed()
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

impl<T: Element> UniformOptions<'_, T> {
    pub(crate) fn seed_if(self, seed: Option<i64>) -> Self {
        UniformOptions { seed, ..self }
    }
}

/// How many classes a candidate sampler draws, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidates {
    num_true: i64,
    num_sampled: i64,
    unique: bool,
    seed: Option<i64>,
}

impl Candidates {
    /// Draws `num_sampled` classes, all different, for examples with one true class.
    pub fn new(num_sampled: i64) -> Self {
        Candidates {
            num_true: 1,
            num_sampled,
            unique: true,
            seed: None,
        }
    }

    /// How many true classes each example has; one by default.
    pub fn num_true(self, num_true: i64) -> Self {
        Candidates { num_true, ..self }
    }

    /// Whether no class is drawn twice in a batch; so it is by default.
    pub fn unique(self, unique: bool) -> Self {
        Candidates { unique, ..self }
    }

    /// The seed of the node, besides the graph's own.
    pub fn seed(self, seed: i64) -> Self {
        Candidates {
            seed: Some(seed),
            ..self
        }
    }
}

/// What a candidate sampler gives.
#[derive(Debug, Clone, Copy)]
pub struct Sampled<'g> {
    /// The classes, `[num_sampled]`.
    pub sampled_candidates: Tensor<'g, i64>,
    /// How often each true class is expected among them, `[batch, num_true]`.
    pub true_expected_count: Tensor<'g, f32>,
    /// How often each drawn class is expected among them, `[num_sampled]`.
    pub sampled_expected_count: Tensor<'g, f32>,
}

#[track_caller]
fn candidates<'g>(
    op: &'static str,
    true_classes: impl TensorLike<'g, i64>,
    candidates: Candidates,
    attrs: Vec<(&'static str, AttrValue)>,
) -> Sampled<'g> {
    let g = true_classes.graph();
    let seeds = seeds(g, candidates.seed);
    let sampled = g.function_scope(op, Location::caller(), |scope| {
        let true_classes = true_classes.into_tensor(g, "true_classes");
        let node = g.op(op).name(scope).input(true_classes);
        let node = node
            .attr("num_true", candidates.num_true)
            .attr("num_sampled", candidates.num_sampled)
            .attr("unique", candidates.unique);
        let set = |node: OpBuilder<'g>, (name, value)| node.attr(name, value);
        seeds(attrs.into_iter().fold(node, set)).finish()
    });
    Sampled {
        sampled_candidates: sampled.output(0).typed(),
        true_expected_count: sampled.output(1).typed(),
        sampled_expected_count: sampled.output(2).typed(),
    }
}

macro_rules! samplers {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g>(
            true_classes: impl TensorLike<'g, i64>,
            drawn: Candidates,
            range_max: i64,
        ) -> Sampled<'g> {
            candidates($op, true_classes, drawn, vec![("range_max", range_max.into())])
        }
    )*};
}

samplers! {
    /// Classes below `range_max`, each as likely as any other (`tf.random.uniform_candidate_sampler`).
    uniform_candidate_sampler "UniformCandidateSampler";
    /// Classes below `range_max`, small ones more likely (`tf.random.log_uniform_candidate_sampler`).
    log_uniform_candidate_sampler "LogUniformCandidateSampler";
    /// Classes below `range_max` as often as they were seen while training
    /// (`tf.random.learned_unigram_candidate_sampler`).
    learned_unigram_candidate_sampler "LearnedUnigramCandidateSampler";
}

/// Every class (`tf.random.all_candidate_sampler`).
#[track_caller]
pub fn all_candidate_sampler<'g>(
    true_classes: impl TensorLike<'g, i64>,
    drawn: Candidates,
) -> Sampled<'g> {
    candidates("AllCandidateSampler", true_classes, drawn, Vec::new())
}

/// The distribution that [`fixed_unigram_candidate_sampler`] draws from.
#[derive(Debug, Clone, PartialEq)]
pub struct Unigrams {
    weights: Vec<f32>,
    vocab_file: String,
    distortion: f32,
    num_reserved_ids: i64,
    num_shards: i64,
    shard: i64,
}

impl Unigrams {
    /// The weights of the classes that follow the reserved ones.
    pub fn of_weights(weights: impl Into<Vec<f32>>) -> Self {
        Unigrams {
            weights: weights.into(),
            ..Unigrams::of_file("")
        }
    }

    /// The weights are in the last column of a file that the consumer has.
    pub fn of_file(path: impl Into<String>) -> Self {
        Unigrams {
            weights: Vec::new(),
            vocab_file: path.into(),
            distortion: 1.0,
            num_reserved_ids: 0,
            num_shards: 1,
            shard: 0,
        }
    }

    /// The exponent of the weights; 1 by default.
    pub fn distortion(self, distortion: f32) -> Self {
        Unigrams { distortion, ..self }
    }

    /// How many classes come first that are never drawn; 0 by default.
    pub fn num_reserved_ids(self, num_reserved_ids: i64) -> Self {
        Unigrams {
            num_reserved_ids,
            ..self
        }
    }

    /// Draws only every `num_shards`th class, from `shard` on; all by default.
    pub fn shard(self, shard: i64, num_shards: i64) -> Self {
        Unigrams {
            shard,
            num_shards,
            ..self
        }
    }
}

/// Classes as often as their weights say (`tf.random.fixed_unigram_candidate_sampler`).
#[track_caller]
pub fn fixed_unigram_candidate_sampler<'g>(
    true_classes: impl TensorLike<'g, i64>,
    drawn: Candidates,
    range_max: i64,
    unigrams: Unigrams,
) -> Sampled<'g> {
    let attrs = vec![
        ("range_max", range_max.into()),
        ("vocab_file", unigrams.vocab_file.as_str().into()),
        ("distortion", unigrams.distortion.into()),
        ("num_reserved_ids", unigrams.num_reserved_ids.into()),
        ("num_shards", unigrams.num_shards.into()),
        ("shard", unigrams.shard.into()),
        ("unigrams", unigrams.weights.into()),
    ];
    candidates("FixedUnigramCandidateSampler", true_classes, drawn, attrs)
}
