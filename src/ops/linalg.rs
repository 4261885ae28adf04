//! Linear algebra (`tf.linalg`).

mod lstsq;
mod norm;

pub use lstsq::*;
pub use norm::*;

use std::panic::Location;

use super::math::{Factor, Matrix, RealPart};
use super::nodes::{Arg, Nodes, Size, Sizes, function};
use super::{OrDefault, TensorLike};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::types::{Algebraic, Complex, IndexType, Number, Real, StandardInexact};

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
    /// The solutions X of A X = B, or with `adjoint` of Aᴴ X = B (`tf.linalg.solve`).
    solve "MatrixSolve" <T: StandardInexact>(matrix: T, rhs: T | adjoint: OrDefault<bool>) -> T
        { "adjoint" = adjoint.0.unwrap_or(false) };
    /// The solutions X of A X = B for triangular matrices A, by default lower ones (`tf.linalg.triangular_solve`).
    triangular_solve "MatrixTriangularSolve"
        <T: StandardInexact>(matrix: T, rhs: T | options: TriangularSolveOptions) -> T
        { "lower" = options.lower, "adjoint" = options.adjoint };
    /// The inverse of each matrix, or with `adjoint` of its adjoint (`tf.linalg.inv`).
    inv "MatrixInverse" <T: StandardInexact>(input: T | adjoint: OrDefault<bool>) -> T { "adjoint" = adjoint.0.unwrap_or(false) };
    /// The eigenvalues of each Hermitian matrix (`tf.linalg.eigvalsh`).
    eigvalsh "SelfAdjointEigV2" <T: StandardInexact>(tensor: T) -> T { "compute_v" = false };
    /// The eigenvalues and eigenvectors of each Hermitian matrix (`tf.linalg.eigh`).
    eigh "SelfAdjointEigV2" <T: StandardInexact>(tensor: T) => (Tensor<'g, T>, Tensor<'g, T>)
        { "compute_v" = true };
    /// The sign and the logarithm of the absolute value of the determinant of each matrix (`tf.linalg.slogdet`).
    slogdet "LogMatrixDeterminant" <T: StandardInexact>(input: T) => (Tensor<'g, T>, Tensor<'g, T>);
    /// The orthogonal and the upper triangular factor of each matrix, with `full_matrices` square orthogonal ones
    /// (`tf.linalg.qr`).
    qr "Qr" <T: StandardInexact>(input: T | full_matrices: OrDefault<bool>)
        => (Tensor<'g, T>, Tensor<'g, T>) { "full_matrices" = full_matrices.0.unwrap_or(false) };
    /// The triangular factors of each matrix in one, and the permutation of its rows (`tf.linalg.lu`), of int32 in Python
    /// by default.
    lu "Lu" <U: IndexType, T: StandardInexact>(input: T) => (Tensor<'g, T>, Tensor<'g, U>)
        { "output_idx_type" = U::DTYPE };
}

/// The sum of the diagonal of each matrix (`tf.linalg.trace`).
#[track_caller]
pub fn trace<'g, T: Number>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("Trace");
    Nodes(g).trace_as(&name, Arg::of(x)).typed()
}

options! {
    /// The columns and the batch of [`eye`].
    ///
    /// ```
    /// use tfhub::ops::linalg::{self, EyeOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let options = EyeOptions::default().num_columns(4).batch_shape([5]);
    /// assert_eq!(linalg::eye::<f32>(&g, 3, options).shape().to_string(), "[5, 3, 4]");
    /// ```
    #[derive(Debug, Clone)]
    EyeOptions<'g> {
        /// The number of columns; that of the rows by default.
        num_columns: Option<Size<'g>> = None, impl Into<Size<'g>> => Some(num_columns.into());
        /// The dimensions before those of the matrix; there are none by default.
        batch_shape: Sizes<'g> = ().into(), impl Into<Sizes<'g>> => batch_shape.into();
    }
}

/// Matrices with ones on the diagonal and zeros elsewhere (`tf.eye`).
///
/// A negative size is a fault.
///
/// ```
/// use tfhub::ops::linalg;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(linalg::eye::<f32>(&g, 3, ()).shape().to_string(), "[3, 3]");
/// ```
#[track_caller]
pub fn eye<'g, T: Number>(
    g: &'g GraphBuilder,
    num_rows: impl Into<Size<'g>>,
    options: impl Into<EyeOptions<'g>>,
) -> Tensor<'g, T> {
    let (rows, options) = (num_rows.into(), options.into());
    let name = g.requested_name("eye").into_owned();
    let _call = g.open_call(Location::caller());
    Nodes(g).eye(&name, rows, options, T::DTYPE).typed()
}

/// The transposed matrices (`tf.linalg.matrix_transpose`).
///
/// A rank below 2 is a fault.
#[track_caller]
pub fn matrix_transpose<'g, T: TensorType>(a: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(a.graph(), "matrix_transpose");
    let a = n.tensor(a, "a");
    n.swap_last(a, "Transpose").typed()
}

/// The transposed and conjugated matrices (`tf.linalg.adjoint`).
///
/// A rank below 2 is a fault.
#[track_caller]
pub fn adjoint<'g, T: TensorType>(matrix: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(matrix.graph(), "adjoint");
    let matrix = n.tensor(matrix, "matrix");
    let complex = matches!(T::DTYPE, DType::Complex64 | DType::Complex128);
    let op = if complex {
        "ConjugateTranspose"
    } else {
        "Transpose"
    };
    let _scope = n.0.open_inner_scope("matrix_transpose", Location::caller());
    n.swap_last(matrix, op).typed()
}

/// The product of matrices, which may be transposed or adjoint as those of [`matmul`](super::math::matmul), and
/// vectors (`tf.linalg.matvec`).
#[track_caller]
pub fn matvec<'g, T: Algebraic>(
    a: impl Factor<'g, T, Operand: TensorLike<'g, T>>,
    b: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let (g, a) = Matrix::with_graph(a);
    let _scope = g.open_function_scope("MatVec");
    let n = Nodes(g);
    let column = n.expand_dims(Arg::of(b), -1);
    let product = n.matmul(a, column);
    n.squeeze(product, &[-1]).typed()
}

/// The solutions X of A X = B for the Cholesky factors of A (`tf.linalg.cholesky_solve`).
#[track_caller]
pub fn cholesky_solve<'g, T: StandardInexact>(
    chol: impl TensorLike<'g, T>,
    rhs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let _scope = chol.graph().open_function_scope("cholesky_solve");
    let half = triangular_solve(chol, rhs, ());
    triangular_solve(chol, half, TriangularSolveOptions::default().adjoint(true))
}

options! {
    /// The triangle and the form in which [`triangular_solve`] takes its matrices.
    ///
    /// ```
    /// use tfhub::ops::linalg::{self, TriangularSolveOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (a, b) = (g.placeholder::<f32>((3, 3)), g.placeholder::<f32>((3, None)));
    /// let x = linalg::triangular_solve(a, b, TriangularSolveOptions::default().lower(false));
    /// assert_eq!(x.shape().to_string(), "[3, ?]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    TriangularSolveOptions {
        /// Whether the lower triangle is taken, as by default, or the upper one.
        lower: bool = true;
        /// Whether the adjoint matrix is taken; it is not by default.
        adjoint: bool = false;
    }
}

/// The parts that [`svd`] makes of each matrix, U diag(s) Vᴴ.
#[derive(Debug, Clone, Copy)]
pub struct Svd<'g, T: RealPart> {
    /// The singular values, in descending order.
    pub s: Tensor<'g, T::Real>,
    /// The left singular vectors.
    pub u: Tensor<'g, T>,
    /// The right singular vectors.
    pub v: Tensor<'g, T>,
}

/// The singular value decomposition of each matrix, with `full_matrices` with square matrices of vectors
/// (`tf.linalg.svd`).
#[track_caller]
pub fn svd<'g, T: StandardInexact + RealPart>(
    tensor: impl TensorLike<'g, T>,
    full_matrices: impl Into<OrDefault<bool>>,
) -> Svd<'g, T> {
    let g = tensor.graph();
    let node = function(g, "Svd").arg(tensor);
    let node = node
        .attr("full_matrices", full_matrices.into().0.unwrap_or(false))
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
    let values = function(g, "Svd").arg(tensor);
    let values = values.attr("compute_uv", false).output();
    g.called_from(Location::caller(), || Nodes(g).real(values).typed())
}

/// The logarithm of the determinant of each Hermitian positive definite matrix (`tf.linalg.logdet`).
#[track_caller]
pub fn logdet<'g, T: StandardInexact + RealPart>(
    matrix: impl TensorLike<'g, T>,
) -> Tensor<'g, T::Real> {
    let (n, _scope) = Nodes::in_scope(matrix.graph(), "logdet");
    let chol = cholesky(matrix).any();
    let diagonal = n.real(n.diag_part(chol));
    let sum = n.reduce("Sum", n.unary("Log", diagonal), [-1]);
    n.mul(2, sum).typed()
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
        let scope = self.open_scope(name);
        let x = x.convert(self.0, "x", DType::Float32);
        let diagonal = self.diag_part(x);
        self.reduce_as(("Sum", &scope), diagonal.into(), &[-1].into())
    }

    /// `tf.linalg.matrix_transpose`
    pub(crate) fn matrix_transpose(self, a: AnyTensor<'g>) -> AnyTensor<'g> {
        let _scope = self.open_scope("matrix_transpose");
        self.swap_last(a, "Transpose")
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
        let _scope = g.open_inner_scope(name, Location::caller());
        let batch = options.batch_shape;
        if let (Size::Known(rows), Size::Known(columns), Some(batch)) =
            (rows, columns, batch.numbers())
        {
            if rows < 0 || columns < 0 || batch.iter().any(|&size| size < 0) {
                g.report(Rule::Shape, "expected sizes of at least 0");
                return AnyTensor::poison(g);
            }
            let shape = |last: &[i64]| [&batch, last].concat().into();
            let ones = self.filled("ones", 1.0, dtype, shape(&[rows.min(columns)]));
            if rows == columns {
                return self.diag(ones);
            }
            let zeros = self.filled("zeros", 0.0, dtype, shape(&[rows, columns]));
            return self.set_diag(zeros, ones);
        }
        let square = options.num_columns.is_none();
        let diagonal: Arg<'g> = match (rows, columns) {
            (Size::Known(rows), Size::Known(columns)) => Size::Known(rows.min(columns)).into(),
            _ => self.minimum(rows, columns).into(),
        };
        let batch = batch.into_arg(self).convert(g, "shape", DType::Int32);
        let shape = self.concat(vec![batch.into(), Arg::List(vec![diagonal])], 0);
        let full = (!square).then(|| {
            let last = Arg::List(vec![rows.into(), columns.into()]);
            self.concat(vec![batch.into(), last], 0)
        });
        let ones = self.filled("ones", 1.0, dtype, shape.into());
        match full {
            None => self.diag(ones),
            Some(full) => {
                let zeros = self.filled("zeros", 0.0, dtype, full.into());
                self.set_diag(zeros, ones)
            }
        }
    }

    fn diag(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.call(("MatrixDiag", "diag"), [x.into()])
    }

    fn set_diag(self, x: AnyTensor<'g>, diagonal: AnyTensor<'g>) -> AnyTensor<'g> {
        self.call(("MatrixSetDiag", "set_diag"), [x.into(), diagonal.into()])
    }
}
