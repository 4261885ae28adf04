//! Initializers: what variables start from, as nodes of the graph (`tf.initializers`).
//!
//! [`Session`](crate::Session) computes the nodes with TensorFlow's own random numbers, so that equal seeds give equal
//! weights.

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::nodes::uniform_value;
use crate::ops::random::{normal_of, uniform_of};
use crate::value::{IntoTensorValue, TensorValue};

use std::panic::Location;

/// What a variable starts from.
///
/// The functions of this module make one. Random ones take a seed of their own with [`seed`](Initializer::seed).
#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
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
}

/// What the scale of [`variance_scaling`] is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FanMode {
    /// The number of inputs of a unit.
    FanIn,
    /// The number of outputs of a unit.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// What [`variance_scaling`] draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// A normal distribution cut off at two standard deviations ("normal" in TensorFlow 1).
    TruncatedNormal,
    /// A normal distribution.
    UntruncatedNormal,
    /// A uniform distribution.
    Uniform,
}

fn new(kind: Kind) -> Initializer {
    Initializer { kind, seed: None }
}

/// Zeros, empty strings or false (`tf.zeros_initializer`).
pub fn zeros() -> Initializer {
    new(Kind::Zeros)
}

/// Ones (`tf.ones_initializer`).
pub fn ones() -> Initializer {
    new(Kind::Ones)
}

/// The given elements, the last one repeated until the variable is full (`tf.constant_initializer`).
///
/// Numbers are converted to the variable's dtype.
///
/// ```
/// use tfhub::init;
/// # let g = tfhub::GraphBuilder::new();
/// let bias = g.get_variable::<f32>("bias").shape([3]).initializer(init::constant(0.1)).create();
/// assert_eq!(g.operation("bias/Initializer/Const")?.op(), "Const");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn constant(value: impl IntoTensorValue) -> Initializer {
    new(Kind::Constant(value.into_tensor_value()))
}

/// Values between `min` and `max`, each as likely as any other (`tf.random_uniform_initializer`).
pub fn random_uniform(min: f64, max: f64) -> Initializer {
    new(Kind::RandomUniform { min, max })
}

/// Values of a normal distribution (`tf.random_normal_initializer`).
pub fn random_normal(mean: f64, stddev: f64) -> Initializer {
    new(Kind::RandomNormal { mean, stddev })
}

/// Values of a normal distribution within two standard deviations (`tf.truncated_normal_initializer`).
pub fn truncated_normal(mean: f64, stddev: f64) -> Initializer {
    new(Kind::TruncatedNormal { mean, stddev })
}

/// Values whose variance is `scale` divided by the number of inputs, outputs or their mean
/// (`tf.variance_scaling_initializer`).
pub fn variance_scaling(scale: f64, mode: FanMode, distribution: Distribution) -> Initializer {
    new(Kind::VarianceScaling {
        scale,
        mode,
        distribution,
    })
}

/// Uniform with a variance of 2 / (inputs + outputs) (`tf.glorot_uniform_initializer`).
pub fn glorot_uniform() -> Initializer {
    variance_scaling(1.0, FanMode::FanAvg, Distribution::Uniform)
}

/// Truncated normal with a variance of 2 / (inputs + outputs) (`tf.glorot_normal_initializer`).
pub fn glorot_normal() -> Initializer {
    variance_scaling(1.0, FanMode::FanAvg, Distribution::TruncatedNormal)
}

/// Uniform with a variance of 2 / inputs (`tf.initializers.he_uniform`).
pub fn he_uniform() -> Initializer {
    variance_scaling(2.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 2 / inputs (`tf.initializers.he_normal`).
pub fn he_normal() -> Initializer {
    variance_scaling(2.0, FanMode::FanIn, Distribution::TruncatedNormal)
}

/// Uniform with a variance of 1 / inputs (`tf.initializers.lecun_uniform`).
pub fn lecun_uniform() -> Initializer {
    variance_scaling(1.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 1 / inputs (`tf.initializers.lecun_normal`).
pub fn lecun_normal() -> Initializer {
    variance_scaling(1.0, FanMode::FanIn, Distribution::TruncatedNormal)
}

/// What `tf.get_variable` takes where no initializer is given.
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
            _ => self.wrong_dtype(g, dtype),
        }
    }

    fn wrong_dtype<'g>(&self, g: &'g GraphBuilder, dtype: DType) -> AnyTensor<'g> {
        g.report(
            Rule::Value,
            format_args!(
                "the initializer {:?} cannot make values of dtype {dtype}",
                self.kind
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

    #[test]
    fn fans_of_each_rank() {
        assert_eq!(fans(&[]), (1.0, 1.0));
        assert_eq!(fans(&[5]), (5.0, 5.0));
        assert_eq!(fans(&[3, 4]), (3.0, 4.0));
        assert_eq!(fans(&[2, 2, 3, 4]), (12.0, 16.0));
    }
}
