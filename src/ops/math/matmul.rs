//! Products of matrices.

use std::panic::Location;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::FloatComplexInt32Int64;

/// How [`matmul_with`] and [`matvec_with`](crate::ops::linalg::matvec_with) take their inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MatMulOptions {
    transpose_a: bool,
    transpose_b: bool,
    adjoint_a: bool,
    adjoint_b: bool,
    a_is_sparse: bool,
    b_is_sparse: bool,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl MatMulOptions {
            $(
                $(#[$doc])*
                pub fn $name(self, $name: bool) -> Self {
                    MatMulOptions { $name, ..self }
                }
            )*
        }
    };
}

flags! {
    /// Whether the left matrix is transposed first; it is not by default.
    transpose_a
    /// Whether the right matrix is transposed first; it is not by default.
    transpose_b
    /// Whether the left matrix is transposed and conjugated first; it is not by default.
    adjoint_a
    /// Whether the right matrix is transposed and conjugated first; it is not by default.
    adjoint_b
    /// Whether the left matrix is mostly zeros; it is taken not to be by default.
    a_is_sparse
    /// Whether the right matrix is mostly zeros; it is taken not to be by default.
    b_is_sparse
}

/// The product of two matrices, or of batches of them with broadcasting (`tf.matmul`).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let w = g.constant([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// assert_eq!(math::matmul(x, w).shape().to_string(), "[?, 2]");
/// ```
#[track_caller]
pub fn matmul<'g, T: FloatComplexInt32Int64>(
    a: impl TensorLike<'g, T>,
    b: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    matmul_with(a, b, MatMulOptions::default())
}

/// The product of two matrices of which either may be transposed first (`tf.matmul` with `transpose_a`,
/// `adjoint_b`, ...).
///
/// Transposing and adjoining the same matrix is a fault.
#[track_caller]
pub fn matmul_with<'g, T: FloatComplexInt32Int64>(
    a: impl TensorLike<'g, T>,
    b: impl Operand<'g, T>,
    options: MatMulOptions,
) -> Tensor<'g, T> {
    let g = a.graph();
    g.function_scope("MatMul", Location::caller(), |scope| {
        let a = a.into_tensor(g, "a").any();
        let b = b.into_tensor(g, "b").any();
        product(g, scope, (a, b), options).typed()
    })
}

/// The product inside the scope of its name.
fn product<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    (mut a, mut b): (AnyTensor<'g>, AnyTensor<'g>),
    mut options: MatMulOptions,
) -> AnyTensor<'g> {
    for (name, transpose, adjoint) in [
        ("a", options.transpose_a, options.adjoint_a),
        ("b", options.transpose_b, options.adjoint_b),
    ] {
        if transpose && adjoint {
            let message = format!("expected transpose_{name} or adjoint_{name}, found both");
            g.report(Rule::Attribute, message);
            return AnyTensor::poison(g);
        }
    }
    let conj = |x: AnyTensor<'g>| match x.dtype() {
        DType::Complex64 | DType::Complex128 => Nodes(g).conj(x),
        _ => x,
    };
    let sparse = options.a_is_sparse || options.b_is_sparse;
    let may_be_batch = |x: AnyTensor<'_>| x.shape().rank().is_none_or(|rank| rank > 2);
    if !sparse && (may_be_batch(a) || may_be_batch(b)) {
        if options.transpose_a {
            a = conj(a);
            options.adjoint_a = true;
        }
        if options.transpose_b {
            b = conj(b);
            options.adjoint_b = true;
        }
        let product = g.op("BatchMatMulV2").name(scope).input(a).input(b);
        let product = product.attr("adj_x", options.adjoint_a);
        return product.attr("adj_y", options.adjoint_b).output();
    }
    if options.adjoint_a {
        a = conj(a);
        options.transpose_a = true;
    }
    if options.adjoint_b {
        b = conj(b);
        options.transpose_b = true;
    }
    let sparse = sparse && matches!(a.dtype(), DType::Float32 | DType::BFloat16);
    let product = g.op(if sparse { "SparseMatMul" } else { "MatMul" });
    let product = product.name(scope).input(a).input(b);
    let product = product.attr("transpose_a", options.transpose_a);
    let product = product.attr("transpose_b", options.transpose_b);
    if !sparse {
        return product.output();
    }
    let product = product.attr("a_is_sparse", options.a_is_sparse);
    let product = product.attr("b_is_sparse", options.b_is_sparse).output();
    Nodes(g).cast(product, a.dtype())
}

impl<'g> Nodes<'g> {
    pub(crate) fn conj(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.unary("Conj", x)
    }

    /// `tf.matmul` under its default name.
    #[track_caller]
    pub(crate) fn matmul(
        self,
        a: impl Into<Arg<'g>>,
        b: impl Into<Arg<'g>>,
        options: MatMulOptions,
    ) -> AnyTensor<'g> {
        self.scope("MatMul", |scope| {
            let a = a.into().convert(self.0, "a", DType::Float32);
            let b = b.into().convert(self.0, "b", a.dtype());
            product(self.0, scope, (a, b), options)
        })
    }
}
