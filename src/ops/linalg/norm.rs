//! Norms.

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::math::{Axes, AxesKind, RealPart};
use crate::ops::nodes::Nodes;
use crate::ops::types::Inexact;

/// The length of vectors and the size of matrices, what `ord` of `tf.norm` is.
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

options! {
    /// The order and the axes of [`norm`]; either is made into it: `norm(x, Norm::Infinity)`, `norm(x, -1)`.
    ///
    /// ```
    /// use tfhub::ops::linalg::{self, Norm, NormOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let largest = linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis(1));
    /// assert_eq!(largest.shape().to_string(), "[?]");
    /// ```
    #[derive(Debug, Clone, PartialEq)]
    NormOptions {
        /// The norm; [`Norm::Euclidean`] by default.
        ord: Norm = Norm::Euclidean;
        /// One axis of vectors, or the two of matrices; all elements are one vector by default.
        axis: Axes = Axes::ALL, impl Into<Axes> => axis.into();
    }
}

macro_rules! from {
    ($([$($generics:tt)*] $from:ty: $setter:ident;)*) => {$(
        impl<$($generics)*> From<$from> for NormOptions {
            fn from(value: $from) -> Self {
                NormOptions::default().$setter(value)
            }
        }
    )*};
}

from! {
    [] Norm: ord;
    [] i32: axis;
    [const N: usize] [i32; N]: axis;
    [] Axes: axis;
}

/// A norm, by default the Euclidean one of all elements (`tf.norm`).
///
/// More than two axes, two that are equal, and norms that do not fit the number of axes are faults; so is the 2-norm
/// of matrices, for which TensorFlow makes loops, and another norm than the Euclidean one of complex numbers: it is real,
/// that of their absolute values.
#[track_caller]
pub fn norm<'g, T: Inexact + RealPart>(
    tensor: impl TensorLike<'g, T>,
    options: impl Into<NormOptions>,
) -> Tensor<'g, T> {
    let NormOptions { ord, axis: axes } = options.into();
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
    let is_complex = matches!(T::DTYPE, DType::Complex64 | DType::Complex128);
    let is_real = is_complex && !matches!(ord, Norm::Euclidean | Norm::Frobenius);
    let (n, _scope) = Nodes::in_scope(tensor.graph(), "norm");
    if is_real {
        let message =
            format!("the norm {ord:?} of complex numbers is one of their absolute values");
        n.0.report(Rule::Value, message);
        return AnyTensor::poison(n.0).typed();
    }
    if !fits {
        let message = format!("the norm {ord:?} is not defined for these axes");
        n.0.report(Rule::Value, message);
        return AnyTensor::poison(n.0).typed();
    }
    let tensor = n.tensor(tensor, "Const");
    n.norm(tensor, ord, &axes).typed()
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
            _ => self.squeeze(result, &axes.numbers()),
        }
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex;

    use super::*;
    use crate::graph::GraphBuilder;

    #[test]
    fn of_complex_numbers_there_is_the_euclidean_norm() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<Complex<f32>>((None, 3));
        norm(x, -1);
        norm(x, Norm::Infinity);
        let error = g.finish().unwrap_err().to_string();
        let expected = "the norm Infinity of complex numbers is one of their absolute values";
        assert!(error.ends_with(expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
