//! Linear algebra (`tf.linalg`).

mod lstsq;
mod norm;

pub use lstsq::*;
pub use norm::*;

use std::panic::Location;

use super::TensorLike;
use super::math::{Factor, Matrix, RealPart};
use super::nodes::{Arg, Nodes, Size, function};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::types::{Algebraic, Complex, IndexType, Number, Real, StandardInexact};
use crate::value::IntoTensorValue;

functions! {
    /// The lower triangular factor of each symmetric positive definite matrix (`tf.linalg.cholesky`).
    cholesky "Cholesky" <T: StandardInexact>(input: T) -> T;
    /// The determinant of each matrix (`tf.linalg.det`).
    det "MatrixDeterminant" <T: StandardInexact>(input: T) -> T;
    /// Matrices with the last dimension on their diagonals (`tf.linalg.diag`).
    diag "MatrixDiag" as "diag" <T: TensorType>(input: T) -> T;
    /// The diagonal of each matrix (`tf.linalg.diag_part`).
    diag_part "MatrixDiagPart" as "diag_part" <T: TensorType>(input: T) -> T;
    /// The logarithm of each matrix (`tf.linalg.logm`).
    logm "MatrixLogarithm" <T: Complex>(input: T) -> T;
    /// The square root of each matrix (`tf.linalg.sqrtm`).
    sqrtm "MatrixSquareRoot" <T: StandardInexact>(input: T) -> T;
    /// A tensor of twice the rank with the elements on its diagonal (`tf.linalg.tensor_diag`).
    tensor_diag "Diag" <T: Algebraic>(input: T) -> T;
    /// The diagonal of a tensor of even rank, with half of it (`tf.linalg.tensor_diag_part`).
    tensor_diag_part "DiagPart" <T: Algebraic>(input: T) -> T;
    /// The cross product of vectors of three elements in the last dimension (`tf.linalg.cross`).
    cross "Cross" <T: Real>(a: T, b: T) -> T;
    /// The matrices with other diagonals (`tf.linalg.set_diag`).
    set_diag "MatrixSetDiag" as "set_diag" <T: TensorType>(input: T, diagonal: T) -> T;
    /// Zeroes all but a central band of each matrix: `num_lower` diagonals below the main one and `num_upper` above, -1
    /// standing for all (`tf.linalg.band_part`).
    band_part "MatrixBandPart" <T: TensorType>(input: T, num_lower: i64, num_upper: i64) -> T;
    /// The solutions X of A X = B, for the adjoint of A if asked for (`tf.linalg.solve` with `adjoint`).
    solve_with "MatrixSolve" <T: StandardInexact>(matrix: T, rhs: T; adjoint: bool) -> T
        { "adjoint" = adjoint };
    /// The solutions X of A X = B for triangular matrices A (`tf.linalg.triangular_solve` with `lower` and `adjoint`).
    triangular_solve_with "MatrixTriangularSolve"
        <T: StandardInexact>(matrix: T, rhs: T; options: TriangularSolveOptions) -> T
        { "lower" = options.lower, "adjoint" = options.adjoint };
    /// The inverse of each matrix, or of its adjoint if asked for (`tf.linalg.inv` with `adjoint`).
    inv_with "MatrixInverse" <T: StandardInexact>(input: T; adjoint: bool) -> T { "adjoint" = adjoint };
    /// The eigenvalues of each Hermitian matrix (`tf.linalg.eigvalsh`).
    eigvalsh "SelfAdjointEigV2" <T: StandardInexact>(tensor: T) -> T { "compute_v" = false };
}

/// The sum of the diagonal of each matrix (`tf.linalg.trace`).
#[track_caller]
pub fn trace<'g, T: Number>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("Trace");
    Nodes(g).trace_as(&name, Arg::of(x)).typed()
}

/// Matrices with ones on the diagonal and zeros elsewhere (`tf.eye`).
///
/// ```
/// use tfhub::ops::linalg;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(linalg::eye::<f32>(&g, 3).shape().to_string(), "[3, 3]");
/// ```
#[track_caller]
pub fn eye<'g, T: Number>(g: &'g GraphBuilder, num_rows: impl Into<Size<'g>>) -> Tensor<'g, T> {
    eye_with(g, num_rows, EyeOptions::default())
}

/// How many columns and matrices [`eye_with`] makes.
#[derive(Debug, Clone, Default)]
pub struct EyeOptions<'g> {
    num_columns: Option<Size<'g>>,
    batch_shape: Vec<i32>,
    batch_shape_tensor: Option<Tensor<'g, i32>>,
}

impl<'g> EyeOptions<'g> {
    /// The number of columns; it is that of the rows by default.
    pub fn num_columns(self, num_columns: impl Into<Size<'g>>) -> Self {
        EyeOptions {
            num_columns: Some(num_columns.into()),
            ..self
        }
    }

    /// The dimensions before those of the matrix; there are none by default.
    pub fn batch_shape(self, batch_shape: &[i32]) -> Self {
        EyeOptions {
            batch_shape: batch_shape.to_vec(),
            ..self
        }
    }

    /// The dimensions before those of the matrix as a vector of the graph.
    pub fn batch_shape_tensor(self, batch_shape: Tensor<'g, i32>) -> Self {
        EyeOptions {
            batch_shape_tensor: Some(batch_shape),
            ..self
        }
    }
}

/// Matrices that need not be square, or a batch of them (`tf.eye` with `num_columns` and `batch_shape`).
///
/// A negative size is a fault.
#[track_caller]
pub fn eye_with<'g, T: Number>(
    g: &'g GraphBuilder,
    num_rows: impl Into<Size<'g>>,
    options: EyeOptions<'g>,
) -> Tensor<'g, T> {
    let name = g.requested_name("eye").into_owned();
    g.called_from(Location::caller(), || {
        Nodes(g)
            .eye(&name, num_rows.into(), options, T::DTYPE)
            .typed()
    })
}

/// The transposed matrices (`tf.linalg.matrix_transpose`).
///
/// A rank below 2 is a fault.
#[track_caller]
pub fn matrix_transpose<'g, T: TensorType>(a: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = a.graph();
    g.function_scope("matrix_transpose", Location::caller(), |_| {
        let a = a.into_tensor(g, "a").any();
        Nodes(g).swap_last(a, "Transpose").typed()
    })
}

/// The transposed and conjugated matrices (`tf.linalg.adjoint`).
///
/// A rank below 2 is a fault.
#[track_caller]
pub fn adjoint<'g, T: TensorType>(matrix: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = matrix.graph();
    g.function_scope("adjoint", Location::caller(), |_| {
        let matrix = matrix.into_tensor(g, "matrix").any();
        let complex = matches!(T::DTYPE, DType::Complex64 | DType::Complex128);
        let op = if complex {
            "ConjugateTranspose"
        } else {
            "Transpose"
        };
        g.inner_scope("matrix_transpose", Location::caller(), |_| {
            Nodes(g).swap_last(matrix, op).typed()
        })
    })
}

/// The product of matrices, which may be transposed or adjoint as those of [`matmul`](super::math::matmul), and
/// vectors (`tf.linalg.matvec`).
#[track_caller]
pub fn matvec<'g, T: Algebraic>(
    a: impl Factor<'g, T, Operand: TensorLike<'g, T>>,
    b: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let (g, a) = Matrix::with_graph(a);
    g.function_scope("MatVec", Location::caller(), |_| {
        let n = Nodes(g);
        let column = n.expand_dims(Arg::of(b), -1);
        let product = n.matmul(a, column);
        n.squeeze(product, [-1]).typed()
    })
}

/// The solutions X of A X = B for the Cholesky factors of A (`tf.linalg.cholesky_solve`).
#[track_caller]
pub fn cholesky_solve<'g, T: StandardInexact>(
    chol: impl TensorLike<'g, T>,
    rhs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let g = chol.graph();
    g.function_scope("cholesky_solve", Location::caller(), |_| {
        let half = triangular_solve(chol, rhs);
        let options = TriangularSolveOptions::default().adjoint(true);
        triangular_solve_with(chol, half, options)
    })
}

/// The solutions X of A X = B (`tf.linalg.solve`).
#[track_caller]
pub fn solve<'g, T: StandardInexact>(
    matrix: impl TensorLike<'g, T>,
    rhs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    solve_with(matrix, rhs, false)
}

/// How [`triangular_solve_with`] takes its matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriangularSolveOptions {
    lower: bool,
    adjoint: bool,
}

impl Default for TriangularSolveOptions {
    fn default() -> Self {
        TriangularSolveOptions {
            lower: true,
            adjoint: false,
        }
    }
}

impl TriangularSolveOptions {
    /// Whether the lower triangle is taken, as by default, or the upper one.
    pub fn lower(self, lower: bool) -> Self {
        TriangularSolveOptions { lower, ..self }
    }

    /// Whether the adjoint matrix is taken; it is not by default.
    pub fn adjoint(self, adjoint: bool) -> Self {
        TriangularSolveOptions { adjoint, ..self }
    }
}

/// The solutions X of A X = B for lower triangular matrices A (`tf.linalg.triangular_solve`).
#[track_caller]
pub fn triangular_solve<'g, T: StandardInexact>(
    matrix: impl TensorLike<'g, T>,
    rhs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    triangular_solve_with(matrix, rhs, TriangularSolveOptions::default())
}

/// The inverse of each matrix (`tf.linalg.inv`).
#[track_caller]
pub fn inv<'g, T: StandardInexact>(input: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    inv_with(input, false)
}

/// The sign and the logarithm of the absolute value of the determinant of each matrix (`tf.linalg.slogdet`).
#[track_caller]
pub fn slogdet<'g, T: StandardInexact>(
    input: impl TensorLike<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, T>) {
    let node = function(input.graph(), "LogMatrixDeterminant")
        .arg(input)
        .finish();
    (node.output(0).typed(), node.output(1).typed())
}

/// The orthogonal and the upper triangular factor of each matrix (`tf.linalg.qr`).
#[track_caller]
pub fn qr<'g, T: StandardInexact>(input: impl TensorLike<'g, T>) -> (Tensor<'g, T>, Tensor<'g, T>) {
    qr_with(input, false)
}

/// The orthogonal and the upper triangular factor of each matrix, with square orthogonal matrices if asked for (`tf.linalg.qr` with `full_matrices`).
#[track_caller]
pub fn qr_with<'g, T: StandardInexact>(
    input: impl TensorLike<'g, T>,
    full_matrices: bool,
) -> (Tensor<'g, T>, Tensor<'g, T>) {
    let node = function(input.graph(), "Qr")
        .arg(input)
        .attr("full_matrices", full_matrices)
        .finish();
    (node.output(0).typed(), node.output(1).typed())
}

/// The triangular factors of each matrix in one, and the permutation of its rows (`tf.linalg.lu` with
/// `output_idx_type`).
#[track_caller]
pub fn lu<'g, U: IndexType, T: StandardInexact>(
    input: impl TensorLike<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, U>) {
    let node = function(input.graph(), "Lu")
        .arg(input)
        .attr("output_idx_type", U::DTYPE)
        .finish();
    (node.output(0).typed(), node.output(1).typed())
}

/// The eigenvalues and eigenvectors of each Hermitian matrix (`tf.linalg.eigh`).
#[track_caller]
pub fn eigh<'g, T: StandardInexact>(
    tensor: impl TensorLike<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, T>) {
    let node = function(tensor.graph(), "SelfAdjointEigV2")
        .arg(tensor)
        .attr("compute_v", true)
        .finish();
    (node.output(0).typed(), node.output(1).typed())
}

/// What [`svd`] gives: each matrix is U diag(s) Vᴴ.
#[derive(Debug, Clone, Copy)]
pub struct Svd<'g, T: RealPart> {
    /// The singular values, in descending order.
    pub s: Tensor<'g, T::Real>,
    /// The left singular vectors.
    pub u: Tensor<'g, T>,
    /// The right singular vectors.
    pub v: Tensor<'g, T>,
}

/// The singular value decomposition of each matrix (`tf.linalg.svd`).
#[track_caller]
pub fn svd<'g, T: StandardInexact + RealPart>(tensor: impl TensorLike<'g, T>) -> Svd<'g, T> {
    svd_with(tensor, false)
}

/// The singular value decomposition of each matrix, with square matrices of vectors if asked for (`tf.linalg.svd` with `full_matrices`).
#[track_caller]
pub fn svd_with<'g, T: StandardInexact + RealPart>(
    tensor: impl TensorLike<'g, T>,
    full_matrices: bool,
) -> Svd<'g, T> {
    let g = tensor.graph();
    let node = function(tensor.graph(), "Svd")
        .arg(tensor)
        .attr("full_matrices", full_matrices)
        .finish();
    g.called_from(Location::caller(), || Svd {
        s: Nodes(g).real(node.output(0)).typed(),
        u: node.output(1).typed(),
        v: node.output(2).typed(),
    })
}

/// The singular values of each matrix alone (`tf.linalg.svd` without `compute_uv`).
#[track_caller]
pub fn singular_values<'g, T: StandardInexact + RealPart>(
    tensor: impl TensorLike<'g, T>,
) -> Tensor<'g, T::Real> {
    let g = tensor.graph();
    let values = function(tensor.graph(), "Svd")
        .arg(tensor)
        .attr("compute_uv", false)
        .output();
    g.called_from(Location::caller(), || Nodes(g).real(values).typed())
}

/// The logarithm of the determinant of each Hermitian positive definite matrix (`tf.linalg.logdet`).
#[track_caller]
pub fn logdet<'g, T: StandardInexact + RealPart>(
    matrix: impl TensorLike<'g, T>,
) -> Tensor<'g, T::Real> {
    let g = matrix.graph();
    g.function_scope("logdet", Location::caller(), |_| {
        let n = Nodes(g);
        let chol = cholesky(matrix).any();
        let diagonal = n.real(n.diag_part(chol));
        let sum = n.reduce("Sum", n.unary("Log", diagonal), [-1]);
        n.mul(2, sum).typed()
    })
}

impl<'g> Nodes<'g> {
    /// `tf.linalg.diag_part`.
    pub(crate) fn diag_part(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.call(("MatrixDiagPart", "diag_part"), [x.into()])
    }

    /// `tf.linalg.trace`.
    #[track_caller]
    pub(crate) fn trace(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.trace_as("Trace", x.into())
    }

    #[track_caller]
    fn trace_as(self, name: &str, x: Arg<'g>) -> AnyTensor<'g> {
        self.scope(name, |scope| {
            let x = x.convert(self.0, "x", DType::Float32);
            let diagonal = self.diag_part(x);
            self.reduce_as(("Sum", scope), diagonal, &[-1].into())
        })
    }

    /// Swaps the last two dimensions with an op.
    fn swap_last(self, a: AnyTensor<'g>, op: &'static str) -> AnyTensor<'g> {
        let perm = match a.shape().rank() {
            Some(rank @ (0 | 1)) => {
                let message = format!("expected matrices of rank 2 or more, found rank {rank}");
                self.0.report(Rule::Shape, message);
                return AnyTensor::poison(self.0);
            }
            Some(rank) => {
                let mut perm: Vec<i32> = (0..rank as i32).collect();
                perm.swap(rank - 2, rank - 1);
                perm.into()
            }
            None => {
                let rank = self.rank(a);
                let args = [0.into(), self.sub(rank, 2).into(), 1.into()];
                let outer = self.call(("Range", "Range"), args);
                let last = [1, 2].map(|back| self.sub(rank, back).into());
                Arg::from(self.concat(vec![outer.into(), Arg::List(last.into())], 0))
            }
        };
        self.call((op, "transpose"), [a.into(), perm])
    }

    /// `tf.eye` under a name.
    pub(crate) fn eye(
        self,
        name: &str,
        rows: Size<'g>,
        options: EyeOptions<'g>,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let g = self.0;
        let columns = options.num_columns.unwrap_or(rows);
        let negative = |size: &i64| *size < 0;
        g.inner_scope(name, Location::caller(), |_| {
            let known = match (rows, columns, options.batch_shape_tensor) {
                (Size::Known(rows), Size::Known(columns), None) => Some((rows, columns)),
                _ => None,
            };
            if let Some((rows, columns)) = known {
                let batch: Vec<i64> = options
                    .batch_shape
                    .iter()
                    .map(|&size| size.into())
                    .collect();
                if batch.iter().chain([&rows, &columns]).any(negative) {
                    g.report(Rule::Shape, "expected sizes of at least 0");
                    return AnyTensor::poison(g);
                }
                let shape = |last: &[i64]| {
                    let sizes = batch.iter().chain(last);
                    Ok(sizes.map(|&size| size as usize).collect())
                };
                let ones = self.uniform("ones", 1, dtype, shape(&[rows.min(columns)]));
                if rows == columns {
                    return self.diag(ones);
                }
                let zeros = self.uniform("zeros", 0, dtype, shape(&[rows, columns]));
                return self.set_diag(zeros, ones);
            }
            let square = options.num_columns.is_none();
            let diagonal: Arg<'g> = match (rows, columns) {
                (Size::Known(rows), Size::Known(columns)) => Size::Known(rows.min(columns)).into(),
                _ => self.minimum(rows, columns).into(),
            };
            let batch = match options.batch_shape_tensor {
                Some(batch) => batch.any(),
                None => g.constant_named("shape", options.batch_shape.into_tensor_value()),
            };
            let shape = self.concat(vec![batch.into(), Arg::List(vec![diagonal])], 0);
            let full = (!square).then(|| {
                let last = Arg::List(vec![rows.into(), columns.into()]);
                self.concat(vec![batch.into(), last], 0)
            });
            let ones = self.uniform("ones", 1, dtype, Err(shape));
            match full {
                None => self.diag(ones),
                Some(full) => {
                    let zeros = self.uniform("zeros", 0, dtype, Err(full));
                    self.set_diag(zeros, ones)
                }
            }
        })
    }

    fn diag(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.call(("MatrixDiag", "diag"), [x.into()])
    }

    fn set_diag(self, x: AnyTensor<'g>, diagonal: AnyTensor<'g>) -> AnyTensor<'g> {
        self.call(("MatrixSetDiag", "set_diag"), [x.into(), diagonal.into()])
    }
}
