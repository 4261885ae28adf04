//! Norms.

use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::math::{Axes, AxesKind, RealPart};
use crate::ops::nodes::Nodes;
use crate::ops::types::{Float, Inexact};

/// How long vectors and how large matrices are, what `ord` of `tf.norm` is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Norm {
    /// The square root of the sum of the squares: of a vector its length, of a matrix the Frobenius norm.
    #[default]
    Euclidean,
    /// The Frobenius norm, of matrices only.
    Frobenius,
    /// The greatest absolute value of a vector; of a matrix, the greatest of the sums of its rows.
    Infinity,
    /// The p-norm of a vector; of a matrix only that for 1, the greatest of the sums of its columns.
    P(f64),
}

/// The Euclidean norm along `axes`: one for vectors, a pair for matrices (`tf.norm`).
#[track_caller]
pub fn norm<'g, T: Inexact + RealPart>(
    tensor: impl TensorLike<'g, T>,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    norm_of(tensor, Norm::Euclidean, axes.into(), Location::caller())
}

/// A norm along `axes` (`tf.norm` with `ord`).
///
/// More than two axes, two that are equal, and norms that do not fit the number of axes are faults; so is the 2-norm
/// of matrices, for which TensorFlow makes loops.
#[track_caller]
pub fn norm_with<'g, T: Float>(
    tensor: impl TensorLike<'g, T>,
    ord: Norm,
    axes: impl Into<Axes>,
) -> Tensor<'g, T> {
    norm_of(tensor, ord, axes.into(), Location::caller())
}

fn norm_of<'g, T: TensorType>(
    tensor: impl TensorLike<'g, T>,
    ord: Norm,
    axes: Axes,
    location: &'static Location<'static>,
) -> Tensor<'g, T> {
    let g = tensor.graph();
    let ord = match ord {
        Norm::P(2.0) if axes.kind.pair().is_none() => Norm::Euclidean,
        Norm::P(p) if p == f64::INFINITY => Norm::Infinity,
        other => other,
    };
    let fits = match (&axes.kind, axes.kind.pair()) {
        (_, Some([a, b])) => a != b && (!matches!(ord, Norm::P(_)) || ord == Norm::P(1.0)),
        (AxesKind::Several(_), None) => false,
        _ => match ord {
            Norm::Frobenius => false,
            Norm::P(p) => p > 0.0,
            _ => true,
        },
    };
    g.function_scope("norm", location, |_| {
        if !fits {
            let message = format!("the norm {ord:?} is not defined for these axes");
            g.report(Rule::Value, message);
            return AnyTensor::poison(g).typed();
        }
        let tensor = tensor.into_tensor(g, "Const").any();
        Nodes(g).norm(tensor, ord, &axes).typed()
    })
}

impl AxesKind {
    /// The two axes of a matrix.
    fn pair(&self) -> Option<[i32; 2]> {
        match self {
            AxesKind::Several(axes) => axes[..].try_into().ok(),
            _ => None,
        }
    }
}

impl<'g> Nodes<'g> {
    fn norm(self, tensor: AnyTensor<'g>, ord: Norm, axes: &Axes) -> AnyTensor<'g> {
        let listed = match &axes.kind {
            AxesKind::All => Axes::ALL,
            AxesKind::One(axis) => Axes::from([*axis]),
            AxesKind::Several(axes) => Axes::from(&axes[..]),
        };
        // The first and the last of the axes, each alone.
        let [first, last] = match &axes.kind {
            AxesKind::Several(axes) => [axes.first(), axes.last()].map(|axis| match axis {
                Some(&axis) => Axes::from(axis),
                None => Axes::ALL,
            }),
            _ => [axes.clone(), axes.clone()],
        };
        let matrix = axes.kind.pair().is_some();
        let reduce = |op: &'static str, x: AnyTensor<'g>, axes: &Axes| {
            self.reduce(op, x, axes.clone().keep_dims())
        };
        let magnitude = || self.unary("Abs", tensor);
        let result = match ord {
            Norm::Euclidean | Norm::Frobenius => {
                let complex = matches!(tensor.dtype(), DType::Complex64 | DType::Complex128);
                let conjugate = if complex { self.conj(tensor) } else { tensor };
                let sum = reduce("Sum", self.mul(tensor, conjugate), &listed);
                self.unary("Sqrt", sum)
            }
            Norm::P(1.0) => {
                let sum = reduce("Sum", magnitude(), &first);
                match matrix {
                    true => reduce("Max", sum, &last),
                    false => sum,
                }
            }
            Norm::Infinity => {
                let mut result = magnitude();
                if matrix {
                    result = reduce("Sum", result, &last);
                }
                reduce("Max", result, &first)
            }
            Norm::P(p) => {
                let power = self.binary("Pow", magnitude(), p);
                let sum = reduce("Sum", power, &listed);
                self.binary("Pow", sum, 1.0 / p)
            }
        };
        if axes.keep_dims {
            return result;
        }
        match &axes.kind {
            AxesKind::All => self.unary("Squeeze", result),
            AxesKind::One(axis) => self.squeeze(result, [*axis]),
            AxesKind::Several(axes) => self.squeeze(result, axes.clone()),
        }
    }
}
