//! Initializers: the initial values of variables, as nodes of the graph (`tf.initializers`).
//!
//! [`Session`](crate::Session) computes the nodes with TensorFlow's own random numbers, so that equal seeds give equal
//! weights.

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::nodes::uniform_value;
use crate::ops::random::{normal_of, uniform_of};
use crate::value::{IntoTensorValue, TensorValue};

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// The nodes of a variable's initial value.
///
/// The functions of this module make one, and [`Initializer::from_fn`] makes one of any function. Random ones take a
/// seed of their own with [`seed`](Initializer::seed).
///
/// ```
/// use tfhub::{DType, init};
/// # let g = tfhub::GraphBuilder::new();
/// let initializer = init::truncated_normal(0.0, 0.02).seed(7);
/// let initial_value = initializer.build(&g, &[3, 2], DType::Float32);
/// assert_eq!(initial_value.shape().to_string(), "[3, 2]");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
    /// The function of this module that the author called.
    name: &'static str,
    kind: Kind,
    seed: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Zeros,
    Ones,
    Constant(TensorValue),
    RandomUniform {
        min: f64,
        max: f64,
    },
    RandomNormal {
        mean: f64,
        stddev: f64,
    },
    TruncatedNormal {
        mean: f64,
        stddev: f64,
    },
    VarianceScaling {
        scale: f64,
        mode: FanMode,
        distribution: Distribution,
    },
    Function(Function),
}

type Build = dyn for<'g> Fn(&'g GraphBuilder, &[usize], DType) -> AnyTensor<'g> + Send + Sync;

/// A function of the author's that makes the nodes; equal to itself alone.
#[derive(Clone)]
struct Function(Arc<Build>);

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// The divisor of the scale of [`variance_scaling`].
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let by_outputs = init::variance_scaling(2.0, FanMode::FanOut, Distribution::UntruncatedNormal);
/// g.get_variable::<f32>("filter").shape([3, 3, 1, 8]).initializer(by_outputs).finish();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FanMode {
    /// The number of inputs of a unit.
    FanIn,
    /// The number of outputs of a unit.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// The distribution that [`variance_scaling`] draws from.
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let uniform = init::variance_scaling(1.0, FanMode::FanAvg, Distribution::Uniform);
/// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).initializer(uniform).finish();
/// assert_eq!(kernel.name(), "kernel");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// A normal distribution cut off at two standard deviations ("normal" in TensorFlow 1).
    TruncatedNormal,
    /// A normal distribution.
    UntruncatedNormal,
    /// A uniform distribution.
    Uniform,
}

fn new(name: &'static str, kind: Kind) -> Initializer {
    Initializer {
        name,
        kind,
        seed: None,
    }
}

fn scaled(
    name: &'static str,
    scale: f64,
    mode: FanMode,
    distribution: Distribution,
) -> Initializer {
    new(
        name,
        Kind::VarianceScaling {
            scale,
            mode,
            distribution,
        },
    )
}

/// Zeros, empty strings or false (`tf.zeros_initializer`).
pub fn zeros() -> Initializer {
    new("zeros", Kind::Zeros)
}

/// Ones (`tf.ones_initializer`).
pub fn ones() -> Initializer {
    new("ones", Kind::Ones)
}

/// The given elements, the last one repeated until the variable is full (`tf.constant_initializer`).
///
/// Numbers are converted to the variable's dtype.
///
/// ```
/// use tfhub::init;
/// # let g = tfhub::GraphBuilder::new();
/// let bias = g.get_variable::<f32>("bias").shape([3]).initializer(init::constant(0.1)).finish();
/// assert_eq!(g.operation("bias/Initializer/Const")?.op(), "Const");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn constant(value: impl IntoTensorValue) -> Initializer {
    new("constant", Kind::Constant(value.into_tensor_value()))
}

/// Values between `min` and `max`, each as likely as any other (`tf.random_uniform_initializer`).
pub fn random_uniform(min: f64, max: f64) -> Initializer {
    new("random_uniform", Kind::RandomUniform { min, max })
}

/// Values of a normal distribution (`tf.random_normal_initializer`).
pub fn random_normal(mean: f64, stddev: f64) -> Initializer {
    new("random_normal", Kind::RandomNormal { mean, stddev })
}

/// Values of a normal distribution within two standard deviations (`tf.truncated_normal_initializer`).
pub fn truncated_normal(mean: f64, stddev: f64) -> Initializer {
    new("truncated_normal", Kind::TruncatedNormal { mean, stddev })
}

/// Values whose variance is `scale` divided by the number of inputs, outputs or their mean
/// (`tf.variance_scaling_initializer`).
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let narrow = init::variance_scaling(0.5, FanMode::FanIn, Distribution::Uniform);
/// g.get_variable::<f32>("kernel").shape([3, 2]).initializer(narrow.seed(7)).finish();
/// ```
pub fn variance_scaling(scale: f64, mode: FanMode, distribution: Distribution) -> Initializer {
    scaled("variance_scaling", scale, mode, distribution)
}

/// Uniform with a variance of 2 / (inputs + outputs) (`tf.glorot_uniform_initializer`).
pub fn glorot_uniform() -> Initializer {
    scaled(
        "glorot_uniform",
        1.0,
        FanMode::FanAvg,
        Distribution::Uniform,
    )
}

/// Truncated normal with a variance of 2 / (inputs + outputs) (`tf.glorot_normal_initializer`).
pub fn glorot_normal() -> Initializer {
    scaled(
        "glorot_normal",
        1.0,
        FanMode::FanAvg,
        Distribution::TruncatedNormal,
    )
}

/// Uniform with a variance of 2 / inputs (`tf.initializers.he_uniform`).
pub fn he_uniform() -> Initializer {
    scaled("he_uniform", 2.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 2 / inputs (`tf.initializers.he_normal`).
pub fn he_normal() -> Initializer {
    scaled(
        "he_normal",
        2.0,
        FanMode::FanIn,
        Distribution::TruncatedNormal,
    )
}

/// Uniform with a variance of 1 / inputs (`tf.initializers.lecun_uniform`).
pub fn lecun_uniform() -> Initializer {
    scaled("lecun_uniform", 1.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 1 / inputs (`tf.initializers.lecun_normal`).
pub fn lecun_normal() -> Initializer {
    scaled(
        "lecun_normal",
        1.0,
        FanMode::FanIn,
        Distribution::TruncatedNormal,
    )
}

/// The initializer of `tf.get_variable` where none is given.
pub(crate) fn default_for(dtype: DType) -> Initializer {
    if dtype.is_floating() {
        glorot_uniform()
    } else {
        zeros()
    }
}

/// The standard deviation of a normal distribution with standard deviation 1 that is cut off at 2.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// The tensor that `function` makes of the graph, the variable's shape and its dtype, as a function that Python
    /// takes for an initializer.
    ///
    /// ```
    /// use tfhub::init::Initializer;
    /// use tfhub::ops::random;
    /// # let g = tfhub::GraphBuilder::new();
    /// let positive = Initializer::from_fn(|g, shape, _| {
    ///     let values = random::uniform::<f32>(g, shape.iter().map(|&size| size as i64).collect::<Vec<_>>(), ());
    ///     (values * 2.0).any()
    /// });
    /// g.get_variable::<f32>("scale").shape([3]).initializer(positive).finish();
    /// assert_eq!(g.operation("scale/Initializer/mul")?.op(), "Mul");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn from_fn(
        function: impl for<'g> Fn(&'g GraphBuilder, &[usize], DType) -> AnyTensor<'g>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        new("from_fn", Kind::Function(Function(Arc::new(function))))
    }

    /// The seed of the random node, besides the graph's own seed; without effect on initializers that are not
    /// random.
    pub fn seed(self, seed: i64) -> Self {
        Initializer {
            seed: Some(seed),
            ..self
        }
    }

    /// Makes the nodes of a value with this shape and dtype in the current name scope.
    ///
    /// A dtype that the initializer cannot make is reported.
    #[track_caller]
    pub fn build<'g>(&self, g: &'g GraphBuilder, shape: &[usize], dtype: DType) -> AnyTensor<'g> {
        let here = Location::caller();
        let is_float = dtype.is_floating();
        match &self.kind {
            Kind::Zeros => uniform_value(g, "zeros", dtype, shape, 0.0, here),
            Kind::Ones => uniform_value(g, "ones", dtype, shape, 1.0, here),
            Kind::Constant(value) => match value.converted(dtype) {
                Some(value) => g.constant_filled("Const", &value, shape),
                None => self.wrong_dtype(g, dtype),
            },
            &Kind::RandomUniform { min, max }
                if is_float || matches!(dtype, DType::Int32 | DType::Int64) =>
            {
                uniform_of(g, "random_uniform", dtype, shape, (min, max), self.seed)
            }
            &Kind::RandomNormal { mean, stddev } if is_float => {
                let op = ("RandomStandardNormal", "random_normal");
                normal_of(g, op, dtype, shape, (mean, stddev), self.seed)
            }
            &Kind::TruncatedNormal { mean, stddev } if is_float => {
                let op = ("TruncatedNormal", "truncated_normal");
                normal_of(g, op, dtype, shape, (mean, stddev), self.seed)
            }
            &Kind::VarianceScaling {
                scale,
                mode,
                distribution,
            } if is_float => {
                let (inputs, outputs) = fans(shape);
                let fan = match mode {
                    FanMode::FanIn => inputs,
                    FanMode::FanOut => outputs,
                    FanMode::FanAvg => (inputs + outputs) / 2.0,
                };
                let variance = scale / fan.max(1.0);
                let (op, stddev) = match distribution {
                    Distribution::Uniform => {
                        let limit = (3.0 * variance).sqrt();
                        return uniform_of(
                            g,
                            "random_uniform",
                            dtype,
                            shape,
                            (-limit, limit),
                            self.seed,
                        );
                    }
                    Distribution::TruncatedNormal => (
                        ("TruncatedNormal", "truncated_normal"),
                        variance.sqrt() / TRUNCATED_STDDEV,
                    ),
                    Distribution::UntruncatedNormal => {
                        (("RandomStandardNormal", "random_normal"), variance.sqrt())
                    }
                };
                normal_of(g, op, dtype, shape, (0.0, stddev), self.seed)
            }
            Kind::Function(Function(build)) => {
                let value = build(g, shape, dtype);
                if value.is_poison() || value.dtype() == dtype {
                    return value;
                }
                let found = value.dtype();
                value.report(
                    Rule::Value,
                    &format!("expected an initial value of dtype {dtype}, found {found}"),
                );
                AnyTensor::poison(g)
            }
            _ => self.wrong_dtype(g, dtype),
        }
    }

    fn wrong_dtype<'g>(&self, g: &'g GraphBuilder, dtype: DType) -> AnyTensor<'g> {
        g.report(
            Rule::Value,
            format_args!(
                "the initializer {} cannot make values of dtype {dtype}",
                self.name
            ),
        );
        AnyTensor::poison(g)
    }
}

/// The numbers of inputs and outputs of a unit whose weights have this shape.
fn fans(shape: &[usize]) -> (f64, f64) {
    match *shape {
        [] => (1.0, 1.0),
        [n] => (n as f64, n as f64),
        [ref field @ .., inputs, outputs] => {
            let field: f64 = field.iter().map(|&size| size as f64).product();
            (inputs as f64 * field, outputs as f64 * field)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nodes of `lambda shape, dtype, partition_info=None: tf.random_uniform(shape, dtype=dtype) * 2.0` as an
    /// initializer in TensorFlow 1.15.5.
    #[test]
    fn functions_make_initial_values() {
        let doubled = Initializer::from_fn(|g, shape, dtype| {
            let values = uniform_of(g, "random_uniform", dtype, shape, (0.0, 1.0), Some(7));
            (values.typed::<f32>() * 2.0).any()
        });
        let g = GraphBuilder::new();
        let v = g.get_variable::<f32>("v").shape([2]).initializer(doubled);
        v.finish();
        let graph = g.finish().unwrap();
        let initializer = graph
            .nodes()
            .iter()
            .filter(|node| node.name.contains("/Initializer/"));
        let names: Vec<_> = initializer
            .map(|node| (&*node.name, node.groups().len()))
            .collect();
        let expected = [
            "random_uniform/shape",
            "random_uniform/min",
            "random_uniform/max",
            "random_uniform/RandomUniform",
            "random_uniform/sub",
            "random_uniform/mul",
            "random_uniform",
            "mul/y",
            "mul",
        ];
        let expected = expected.map(|name| (format!("v/Initializer/{name}"), 1));
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, groups)| (name.as_str(), *groups))
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn initial_values_have_the_dtype_and_shape_of_the_variable() {
        let doubles = Initializer::from_fn(|g, _, _| g.constant([1.0f64, 2.0]).any());
        let three = Initializer::from_fn(|g, _, _| g.constant([1.0f32; 3]).any());
        for (initializer, expected) in [
            (
                doubles,
                "expected an initial value of dtype float32, found float64",
            ),
            (three, "expected an initial value of shape [2], found [3]"),
        ] {
            let g = GraphBuilder::new();
            g.get_variable::<f32>("v")
                .shape([2])
                .initializer(initializer)
                .finish();
            let error = g.finish().unwrap_err();
            assert_eq!(error.diagnostics()[0].message(), expected, "{error}");
            assert_eq!(error.diagnostics().len(), 1, "{error}");
        }
    }

    #[test]
    fn an_initializer_is_named_as_its_author_wrote_it() {
        for (initializer, name) in [
            (glorot_uniform(), "glorot_uniform"),
            (he_normal().seed(1), "he_normal"),
            (random_normal(0.0, 1.0), "random_normal"),
            (constant(1.0), "constant"),
        ] {
            let g = GraphBuilder::new();
            let v = g.get_variable::<crate::dtype::ByteString>("v").shape([2]);
            v.initializer(initializer).finish();
            let error = g.finish().unwrap_err().to_string();
            let expected = format!("the initializer {name} cannot make values of dtype string");
            assert!(error.ends_with(&expected), "{error}");
        }
    }

    #[test]
    fn fans_of_each_rank() {
        assert_eq!(fans(&[]), (1.0, 1.0));
        assert_eq!(fans(&[5]), (5.0, 5.0));
        assert_eq!(fans(&[3, 4]), (3.0, 4.0));
        assert_eq!(fans(&[2, 2, 3, 4]), (12.0, 16.0));
    }
}
