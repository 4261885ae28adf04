//! Random values whose scale follows from the shape of the weights.

use super::{Distribution, FanMode};
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::random::{normal_of, uniform_of};

/// The standard deviation of a normal distribution with standard deviation 1 that is cut off at 2.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

/// A rule for the spread of random values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scaling {
    /// `tf.variance_scaling_initializer`
    Variance(f64, FanMode, Distribution),
    /// `tf.contrib.layers.variance_scaling_initializer`, uniform or normal.
    Contrib(f64, FanMode, bool),
    /// `tf.uniform_unit_scaling_initializer`
    UniformUnit(f64),
}

/// Random values around zero, before they have a shape.
enum Spread {
    /// Between a limit and its negative.
    Uniform(f64),
    /// With a standard deviation, by an op under a name.
    Normal((&'static str, &'static str), f64),
}

const NORMAL: (&str, &str) = ("RandomStandardNormal", "random_normal");
const TRUNCATED: (&str, &str) = ("TruncatedNormal", "truncated_normal");

impl Scaling {
    /// The values of a part of weights, or of all if the shapes are the same; `None` if weights of the shape have no
    /// scale.
    pub(super) fn build<'g>(
        self,
        g: &'g GraphBuilder,
        shape: &[usize],
        whole: &[usize],
        dtype: DType,
        seed: Option<i64>,
    ) -> Option<AnyTensor<'g>> {
        Some(match self.spread(shape, whole)? {
            Spread::Uniform(limit) => {
                uniform_of(g, "random_uniform", dtype, shape, (-limit, limit), seed)
            }
            Spread::Normal(op, stddev) => normal_of(g, op, dtype, shape, (0.0, stddev), seed),
        })
    }

    fn spread(self, shape: &[usize], whole: &[usize]) -> Option<Spread> {
        Some(match self {
            Scaling::Variance(scale, mode, distribution) => {
                let variance = scale / fan(whole, mode).max(1.0);
                match distribution {
                    Distribution::Uniform => Spread::Uniform((3.0 * variance).sqrt()),
                    Distribution::UntruncatedNormal => Spread::Normal(NORMAL, variance.sqrt()),
                    Distribution::TruncatedNormal => {
                        Spread::Normal(TRUNCATED, variance.sqrt() / TRUNCATED_STDDEV)
                    }
                }
            }
            // Python's function looks at each part by itself.
            Scaling::Contrib(factor, mode, is_uniform) => {
                let fan = Some(fan(shape, mode)).filter(|&fan| fan > 0.0)?;
                match is_uniform {
                    true => Spread::Uniform((3.0 * factor / fan).sqrt()),
                    false => Spread::Normal(TRUNCATED, (1.3 * factor / fan).sqrt()),
                }
            }
            Scaling::UniformUnit(factor) => {
                let outer = whole.split_last().map_or(&[][..], |(_, outer)| outer);
                let inputs = product(outer).max(1.0);
                Spread::Uniform((3.0 / inputs).sqrt() * factor)
            }
        })
    }
}

fn fan(shape: &[usize], mode: FanMode) -> f64 {
    let (inputs, outputs) = fans(shape);
    match mode {
        FanMode::FanIn => inputs,
        FanMode::FanOut => outputs,
        FanMode::FanAvg => (inputs + outputs) / 2.0,
    }
}

/// The numbers of inputs and outputs of a unit whose weights have this shape.
fn fans(shape: &[usize]) -> (f64, f64) {
    match *shape {
        [] => (1.0, 1.0),
        [n] => (n as f64, n as f64),
        [ref field @ .., inputs, outputs] => {
            let field = product(field);
            (inputs as f64 * field, outputs as f64 * field)
        }
    }
}

fn product(sizes: &[usize]) -> f64 {
    sizes.iter().map(|&size| size as f64).product()
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
