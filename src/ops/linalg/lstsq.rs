//! Least squares.

use std::panic::Location;

use super::{EyeOptions, cholesky_solve};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::math::{Adjoint, matmul};
use crate::ops::nodes::{Arg, Nodes, Size, Slice};
use crate::ops::types::StandardInexact;
use crate::value::IntoTensorValue;

options! {
    /// The regularizer and the way of [`lstsq`].
    ///
    /// ```
    /// use tfhub::ops::linalg::{self, LstsqOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (a, b) = (g.placeholder::<f32>((5, 3)), g.placeholder::<f32>((5, 2)));
    /// let x = linalg::lstsq(a, b, LstsqOptions::default().l2_regularizer(0.1));
    /// assert_eq!(x.shape().to_string(), "[3, 2]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    LstsqOptions {
        /// The weight of the solution's own squares; it is 0 by default.
        l2_regularizer: f64 = 0.0;
        /// Whether a Cholesky decomposition is good enough, as by default.
        fast: bool = true;
    }
}

/// The solutions X of A X = B in the sense of least squares (`tf.linalg.lstsq`).
///
/// Unless it is slow, the numbers of rows and columns must be known; else it is a fault.
#[track_caller]
pub fn lstsq<'g, T: StandardInexact>(
    matrix: impl TensorLike<'g, T>,
    rhs: impl TensorLike<'g, T>,
    options: impl Into<LstsqOptions>,
) -> Tensor<'g, T> {
    let g = matrix.graph();
    let options = options.into();
    let here = Location::caller();
    let named = g.is_named();
    let slow = g.requested_name("MatrixSolveLs").into_owned();
    let composite = if named { &slow } else { "matrix_solve_ls" };
    let _call = g.open_call(here);
    let n = Nodes(g);
    let matrix = matrix.into_tensor(g, "matrix").any();
    if T::DTYPE == DType::Complex128 && options.l2_regularizer != 0.0 {
        g.report(
            Rule::Value,
            "a regularizer with elements of complex128 is not supported",
        );
    }
    if !(options.fast && composite_solution(matrix)) {
        let regularizer: Arg<'_> = options.l2_regularizer.into_tensor_value().into();
        return g.inner_scope(&slow, here, |scope| {
            let rhs = rhs.into_tensor(g, "rhs");
            let regularizer = regularizer.convert(g, "l2_regularizer", DType::Float64);
            let node = g.op("MatrixSolveLs").name(scope).input(matrix).input(rhs);
            let node = node.input(regularizer).attr("fast", options.fast);
            node.typed()
        });
    }
    let shape = matrix.shape();
    let Some([.., Some(rows), Some(columns)]) = shape.dims() else {
        let message =
            format!("the numbers of rows and columns must be known, the shape is {shape}");
        g.report(Rule::Shape, message);
        return AnyTensor::poison(g).typed();
    };
    let tall = rows >= columns;
    let _scope = g.open_inner_scope(composite, here);
    let chol: Tensor<'g, T> = n.gramian_cholesky(matrix, options, tall).typed();
    let matrix: Tensor<'g, T> = matrix.typed();
    match tall {
        true => cholesky_solve(chol, matmul(Adjoint(matrix), rhs)),
        false => matmul(Adjoint(matrix), cholesky_solve(chol, rhs)),
    }
}

/// Whether TensorFlow makes several nodes of a least squares solution: unless there are many small matrices.
fn composite_solution(matrix: AnyTensor<'_>) -> bool {
    let Some(sizes) = matrix.shape().to_static() else {
        return true;
    };
    let (batch, last) = sizes.split_at(sizes.len().saturating_sub(2));
    let count: usize = batch.iter().product();
    let bytes = sizes.iter().product::<usize>() * matrix.dtype().size().unwrap_or(0);
    let many = last.iter().min().is_some_and(|&least| count > least);
    !(bytes > 256_000 && many)
}

impl<'g> Nodes<'g> {
    /// The Cholesky factor of the matrix times its adjoint, or of its adjoint times the matrix.
    fn gramian_cholesky(
        self,
        matrix: AnyTensor<'g>,
        options: LstsqOptions,
        tall: bool,
    ) -> AnyTensor<'g> {
        let mut gramian = match tall {
            true => self.matmul(Adjoint(matrix), matrix),
            false => self.matmul(matrix, Adjoint(matrix)),
        };
        if options.l2_regularizer != 0.0 {
            let shape = self.shape(matrix);
            let batch = self.index(shape, [Slice::to(-2)]);
            let last = if tall { -1 } else { -2 };
            let size = self.at(shape, last);
            let identity = EyeOptions::default().batch_shape(batch);
            let size = Size::Tensor(size);
            let identity = self.eye("eye", size, identity, matrix.dtype());
            if let Some(dims) = matrix.shape().dims() {
                let size = dims[dims.len() - if tall { 1 } else { 2 }];
                identity.set_shape([&dims[..dims.len() - 2], &[size, size]].concat());
            }
            let regularizer = self.mul(options.l2_regularizer, identity);
            gramian = self.add(gramian, regularizer);
        }
        self.unary("Cholesky", gramian)
    }
}
