//! Products of matrices.

use super::complex::is_complex;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor, sealed};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Algebraic;

/// A matrix that a product takes transposed (`transpose_a`, `transpose_b`).
///
/// ```
/// use tfhub::ops::math::{self, Transposed};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((5, 3)));
/// assert_eq!(math::matmul(x, Transposed(y)).shape().to_string(), "[?, 5]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transposed<X>(pub X);

/// A matrix that a product takes transposed and conjugated (`adjoint_a`, `adjoint_b`).
///
/// ```
/// use tfhub::{num_complex::Complex, ops::math::{self, Adjoint}};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<Complex<f32>>((None, 3));
/// assert_eq!(math::matmul(Adjoint(x), x).shape().to_string(), "[3, 3]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjoint<X>(pub X);

/// A matrix that a product may take for mostly zeros (`a_is_sparse`, `b_is_sparse`).
///
/// ```
/// use tfhub::ops::math::{self, MostlyZero, Transposed};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((5, 3)));
/// let product = math::matmul(x, MostlyZero(Transposed(y)));
/// assert_eq!(product.operation().op(), "SparseMatMul");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostlyZero<X>(pub X);

/// A factor of a product of matrices: an operand, as it is or [`Transposed`], [`Adjoint`] or [`MostlyZero`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a factor with elements `{T}`",
    label = "expected a tensor, a variable or a constant with elements `{T}`",
    note = "if the element types differ, convert a tensor with `math::cast`, and write a constant as one of `{T}`"
)]
pub trait Factor<'g, T: TensorType>: factor::Sealed {
    /// The operand inside.
    type Operand: Operand<'g, T>;

    /// The operand, and how it is taken.
    #[doc(hidden)]
    fn into_parts(self) -> (Self::Operand, Form);
}

mod factor {
    use super::{Adjoint, MostlyZero, Transposed, sealed};

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Sealed {}

    impl<X: sealed::Operand> Sealed for X {}
    impl<X: Sealed> Sealed for Transposed<X> {}
    impl<X: Sealed> Sealed for Adjoint<X> {}
    impl<X: Sealed> Sealed for MostlyZero<X> {}
}

/// The form in which a product takes a factor.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Form {
    pub(in crate::ops) transpose: bool,
    pub(in crate::ops) adjoint: bool,
    pub(in crate::ops) sparse: bool,
}

impl<'g, T: TensorType, X: Operand<'g, T> + sealed::Operand> Factor<'g, T> for X {
    type Operand = X;

    fn into_parts(self) -> (X, Form) {
        (self, Form::default())
    }
}

/// A factor that is converted to a tensor where the product is made.
pub(crate) struct Matrix<'g> {
    arg: Arg<'g>,
    form: Form,
}

impl<'g> Matrix<'g> {
    pub(crate) fn of<T: TensorType>(factor: impl Factor<'g, T>) -> Self {
        let (operand, form) = factor.into_parts();
        let arg = Arg::of(operand);
        Matrix { arg, form }
    }

    /// A factor that knows its graph.
    pub(crate) fn with_graph<T: TensorType>(
        factor: impl Factor<'g, T, Operand: TensorLike<'g, T>>,
    ) -> (&'g GraphBuilder, Self) {
        let (operand, form) = factor.into_parts();
        let (g, arg) = (operand.graph(), Arg::of(operand));
        (g, Matrix { arg, form })
    }
}

impl<'g, A: Into<Arg<'g>>> From<A> for Matrix<'g> {
    fn from(arg: A) -> Self {
        let (arg, form) = (arg.into(), Form::default());
        Matrix { arg, form }
    }
}

macro_rules! forms {
    ($($wrapper:ident $flag:ident;)*) => {$(
        impl<'g, T: TensorType, X: Factor<'g, T>> Factor<'g, T> for $wrapper<X> {
            type Operand = X::Operand;

            fn into_parts(self) -> (X::Operand, Form) {
                let (operand, form) = self.0.into_parts();
                (operand, Form { $flag: true, ..form })
            }
        }

        impl<'g, X: Into<Matrix<'g>>> From<$wrapper<X>> for Matrix<'g> {
            fn from($wrapper(x): $wrapper<X>) -> Self {
                let Matrix { arg, form } = x.into();
                Matrix { arg, form: Form { $flag: true, ..form } }
            }
        }
    )*};
}

forms! {
    Transposed transpose;
    Adjoint adjoint;
    MostlyZero sparse;
}

/// The product of two matrices, or of batches of them with broadcasting (`tf.matmul`).
///
/// Either may be [`Transposed`], [`Adjoint`] or [`MostlyZero`]. Transposing and adjoining the same matrix is a fault.
///
/// ```
/// use tfhub::ops::math::{self, Transposed};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let w = g.constant([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// assert_eq!(math::matmul(x, w).shape().to_string(), "[?, 2]");
/// assert_eq!(math::matmul(x, Transposed(x)).shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn matmul<'g, T: Algebraic>(
    a: impl Factor<'g, T, Operand: TensorLike<'g, T>>,
    b: impl Factor<'g, T>,
) -> Tensor<'g, T> {
    let (g, a) = Matrix::with_graph(a);
    let b = Matrix::of(b);
    let name = g.requested_name("MatMul");
    Nodes(g).matmul_as(&name, a, b).typed()
}

impl<'g> Nodes<'g> {
    pub(crate) fn conj(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.unary("Conj", x)
    }

    /// `tf.matmul` under its default name.
    #[track_caller]
    pub(crate) fn matmul(
        self,
        a: impl Into<Matrix<'g>>,
        b: impl Into<Matrix<'g>>,
    ) -> AnyTensor<'g> {
        self.matmul_as("MatMul", a.into(), b.into())
    }

    #[track_caller]
    fn matmul_as(self, name: &str, a: Matrix<'g>, b: Matrix<'g>) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let tensor = a.arg.convert(self.0, "a", DType::Float32);
        let a = (tensor, a.form);
        let b = (b.arg.convert(self.0, "b", tensor.dtype()), b.form);
        self.product(&scope, a, b)
    }

    /// The product inside the scope of its name.
    fn product(
        self,
        scope: &str,
        (mut a, mut a_form): (AnyTensor<'g>, Form),
        (mut b, mut b_form): (AnyTensor<'g>, Form),
    ) -> AnyTensor<'g> {
        for (name, form) in [("a", a_form), ("b", b_form)] {
            if form.transpose && form.adjoint {
                let message = format!("expected transpose_{name} or adjoint_{name}, found both");
                return self.fault(Rule::Attribute, message);
            }
        }
        let sparse = a_form.sparse || b_form.sparse;
        let may_be_batch = |x: AnyTensor<'_>| x.shape().rank().is_none_or(|rank| rank > 2);
        let is_batch = !sparse && (may_be_batch(a) || may_be_batch(b));
        for (x, form) in [(&mut a, &mut a_form), (&mut b, &mut b_form)] {
            // The op adjoins batches and transposes matrices; conjugates make one of the other.
            let conjugated = if is_batch {
                form.transpose
            } else {
                form.adjoint
            };
            if conjugated && is_complex(x.dtype()) {
                *x = self.conj(*x);
            }
            form.transpose |= form.adjoint;
        }
        let sparse = sparse && matches!(a.dtype(), DType::Float32 | DType::BFloat16);
        let (op, flags) = match (is_batch, sparse) {
            (true, _) => ("BatchMatMulV2", ["adj_x", "adj_y"]),
            (_, true) => ("SparseMatMul", ["transpose_a", "transpose_b"]),
            _ => ("MatMul", ["transpose_a", "transpose_b"]),
        };
        let product = self.0.op(op).name(scope).input(a).input(b);
        let product = product.attr(flags[0], a_form.transpose);
        let product = product.attr(flags[1], b_form.transpose);
        if !sparse {
            return product.output();
        }
        let product = product.attr("a_is_sparse", a_form.sparse);
        let product = product.attr("b_is_sparse", b_form.sparse).output();
        self.cast(product, a.dtype())
    }
}
