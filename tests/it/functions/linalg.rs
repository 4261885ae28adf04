//! `tfhub::ops::linalg`.

use tfhub::num_complex::Complex;
use tfhub::ops::linalg::{
    self, EyeOptions, LstsqOptions, Norm, NormOptions, TriangularSolveOptions,
};
use tfhub::ops::math::{Adjoint, Axes, Transposed};
use tfhub::{GraphBuilder, Variable, init};

use super::{Table, calls};

const SQUARE: [&str; 6] = ["[3,3]", "[?,3,3]", "[?,?]", "?", "[2,3]", "[2]"];

/// The variable `v`.
fn matrix(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable("v")
        .shape([2, 2])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.linalg.cholesky(x)" =
            |g, x: T| linalg::cholesky(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.det(x)" =
            |g, x: T| linalg::det(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.diag(x)" =
            |g, x: T| linalg::diag(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.diag_part(x)" =
            |g, x: T| linalg::diag_part(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.sqrtm(x)" =
            |g, x: T| linalg::sqrtm(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.tensor_diag(x)" =
            |g, x: T| linalg::tensor_diag(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.tensor_diag_part(x)" =
            |g, x: T| linalg::tensor_diag_part(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.inv(x)" =
            |g, x: T| linalg::inv(x, ()), [f32, Complex<f64>], SQUARE;
        "tf.linalg.logdet(x)" =
            |g, x: T| linalg::logdet(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.trace(x)" =
            |g, x: T| linalg::trace(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.adjoint(x)" =
            |g, x: T| linalg::adjoint(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.matrix_transpose(x)" =
            |g, x: T| linalg::matrix_transpose(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.eigvalsh(x)" =
            |g, x: T| linalg::eigvalsh(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.slogdet(x)" =
            |g, x: T| linalg::slogdet(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.qr(x)" =
            |g, x: T| linalg::qr(x, ()), [f32, Complex<f64>], SQUARE;
        "tf.linalg.eigh(x)" =
            |g, x: T| linalg::eigh(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.logm(x)" =
            |g, x: T| linalg::logm(x), [Complex<f32>], SQUARE;
        "tf.linalg.diag(x)" =
            |g, x: T| linalg::diag(x), [i32, bool], ["[2]", "[?]"];
        "tf.linalg.inv(x, adjoint=True)" =
            |g, x: T| linalg::inv(x, true), [f32, Complex<f64>], SQUARE;
        "tf.linalg.qr(x, full_matrices=True)" =
            |g, x: T| linalg::qr(x, true), [f32, Complex<f64>], SQUARE;
        "tf.linalg.svd(x)" =
            |g, x: T| {
                let d = linalg::svd(x, ());
                (d.s.any(), d.u.any(), d.v.any())
            }, [f32, Complex<f64>], SQUARE;
        "tf.linalg.svd(x, full_matrices=True)" =
            |g, x: T| {
                let d = linalg::svd(x, true);
                (d.s.any(), d.u.any(), d.v.any())
            }, [f32, Complex<f64>], SQUARE;
        "tf.linalg.svd(x, compute_uv=False)" =
            |g, x: T| linalg::singular_values(x), [f32, Complex<f64>], SQUARE;
        "tf.linalg.lu(x)" =
            |g, x: T| {
                let (lu, p) = linalg::lu::<i32, T>(x);
                (lu, p)
            }, [f32, Complex<f64>], SQUARE;
        "tf.linalg.cross(x, y)" =
            |g, x: T, y: T| linalg::cross(x, y), [f32, i32], ["[3] [3]", "[?,3] [?,3]", "? ?", "[2] [2]"];
        "tf.linalg.set_diag(x, y)" =
            |g, x: T, y: T| linalg::set_diag(x, y), [f32, bool], ["[3,4] [3]", "[?,?,2] [?,2]", "? ?", "[2] [2]"];
        "tf.linalg.band_part(x, 1, -1)" =
            |g, x: T| linalg::band_part(x, 1, -1), [f32, i32], SQUARE;
        "tf.linalg.band_part(x, i, 0)" =
            |g, x: T, i: i64| linalg::band_part(x, i, 0), [f32], ["[3,3] []", "? ?"];
        "tf.linalg.matvec(a, b)" =
            |g, a: T, b: T| linalg::matvec(a, b), [f32, Complex<f64>], ["[2,3] [3]", "[?,3] [?]", "[5,2,3] [3]", "[5,2,3] [5,3]", "? ?", "[2,3] [2]"];
        "tf.linalg.matvec(a, b, transpose_a=True)" =
            |g, a: T, b: T| linalg::matvec(Transposed(a), b), [f32, Complex<f64>], ["[3,2] [3]", "? ?"];
        "tf.linalg.matvec(a, b, adjoint_a=True)" =
            |g, a: T, b: T| linalg::matvec(Adjoint(a), b), [f32, Complex<f64>], ["[3,2] [3]", "? ?"];
        "tf.linalg.matvec(a, [1.0, 2.0])" =
            |g, a: T| linalg::matvec(a, [1.0, 2.0]), [f32], ["[3,2]"];
        "tf.linalg.cholesky_solve(a, b)" =
            |g, a: T, b: T| linalg::cholesky_solve(a, b), [f32, Complex<f64>], ["[3,3] [3,2]", "[?,?] [?,2]", "[5,3,3] [5,3,1]", "? ?", "[3,3] [2,2]"];
        "tf.linalg.solve(a, b)" =
            |g, a: T, b: T| linalg::solve(a, b, ()), [f32, Complex<f64>], ["[3,3] [3,2]", "[?,?] [?,2]", "[5,3,3] [5,3,1]", "? ?", "[3,3] [2,2]"];
        "tf.linalg.triangular_solve(a, b)" =
            |g, a: T, b: T| linalg::triangular_solve(a, b, ()), [f32, Complex<f64>], ["[3,3] [3,2]", "[?,?] [?,2]", "[5,3,3] [5,3,1]", "? ?", "[3,3] [2,2]"];
        "tf.linalg.cholesky_solve(variable('v', [2, 2]), b)" =
            |g, b: T| linalg::cholesky_solve(matrix(g), b), [f32], ["[2,2]"];
        "tf.linalg.logdet(variable('v', [2, 2]))" = |g| linalg::logdet(matrix(g));
        "tf.linalg.matrix_transpose(variable('v', [2, 2]))" = |g| linalg::matrix_transpose(matrix(g));
        "tf.linalg.solve(a, b, adjoint=True)" =
            |g, a: T, b: T| linalg::solve(a, b, true), [f32, Complex<f64>], ["[3,3] [3,2]", "[?,?] [?,2]", "[5,3,3] [5,3,1]", "? ?", "[3,3] [2,2]"];
        "tf.linalg.triangular_solve(a, b, lower=False, adjoint=True)" =
            |g, a: T, b: T| linalg::triangular_solve(a, b, TriangularSolveOptions::default().lower(false).adjoint(true)), [f32, Complex<f64>], ["[3,3] [3,2]", "[?,?] [?,2]", "[5,3,3] [5,3,1]", "? ?", "[3,3] [2,2]"];
        "tf.linalg.lstsq(a, b)" =
            |g, a: T, b: T| linalg::lstsq(a, b, ()), [f32, Complex<f64>], ["[4,3] [4,2]", "[3,4] [3,2]", "[?,3,4] [?,3,1]", "[5,4,3] [5,4,1]"];
        "tf.linalg.lstsq(a, b)" =
            |g, a: T, b: T| linalg::lstsq(a, b, ()), [f32], ["[1000,10,10] [1000,10,1]"];
        "tf.linalg.lstsq(a, b, l2_regularizer=0.5)" =
            |g, a: T, b: T| linalg::lstsq(a, b, LstsqOptions::default().l2_regularizer(0.5)), [f32, Complex<f64>], ["[4,3] [4,2]", "[3,4] [3,2]", "[?,3,4] [?,3,1]", "[5,4,3] [5,4,1]"];
        "tf.linalg.lstsq(a, b, l2_regularizer=0.5, fast=False)" =
            |g, a: T, b: T| linalg::lstsq(a, b, LstsqOptions::default().l2_regularizer(0.5).fast(false)), [f32], ["[4,3] [4,2]", "[3,4] [3,2]", "[?,3,4] [?,3,1]", "[5,4,3] [5,4,1]", "? ?"];
        "tf.linalg.lstsq(a, b, name='q')" =
            |g, a: T, b: T| g.named("q", || linalg::lstsq(a, b, ())), [f32], ["[4,3] [4,2]", "[3,4] [3,2]", "[?,3,4] [?,3,1]", "[5,4,3] [5,4,1]"];
        "tf.eye(3, dtype=tf.float32)" = |g| linalg::eye::<f32>(g, 3, ());
        "tf.eye(3, dtype=tf.int32)" = |g| linalg::eye::<i32>(g, 3, ());
        "tf.eye(3, dtype=tf.complex64)" = |g| linalg::eye::<Complex<f32>>(g, 3, ());
        "tf.eye(3, name='q')" = |g| g.named("q", || linalg::eye::<f32>(g, 3, ()));
        "tf.eye(3, 4)" = |g| linalg::eye::<f32>(g, 3, EyeOptions::default().num_columns(4));
        "tf.eye(40, 40, batch_shape=[2, 3])" = |g| linalg::eye::<f32>(g, 40, EyeOptions::default().num_columns(40).batch_shape([2, 3]));
        "tf.eye(2, 3, batch_shape=[5])" = |g| linalg::eye::<f32>(g, 2, EyeOptions::default().num_columns(3).batch_shape([5]));
        "tf.eye(-1)" = |g| linalg::eye::<f32>(g, -1, ());
        "tf.eye(n)" =
            |g, n: i32| linalg::eye::<f32>(g, n, ()), [f32], ["[]"];
        "tf.eye(n, 3)" =
            |g, n: i32| linalg::eye::<f32>(g, n, EyeOptions::default().num_columns(3)), [f32], ["[]"];
        "tf.eye(3, n, batch_shape=[2])" =
            |g, n: i32| linalg::eye::<f32>(g, 3, EyeOptions::default().num_columns(n).batch_shape([2])), [f32], ["[]"];
        "tf.eye(n, batch_shape=b)" =
            |g, n: i32, b: i32| linalg::eye::<f32>(g, n, EyeOptions::default().batch_shape(b)), [f32], ["[] [2]", "[] [?]"];
        "tf.eye(3, batch_shape=b)" =
            |g, b: i32| linalg::eye::<f32>(g, 3, EyeOptions::default().batch_shape(b)), [f32], ["[2]"];
        "tf.norm(x)" =
            |g, x: T| linalg::norm(x, Axes::ALL), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1)" =
            |g, x: T| linalg::norm(x, Norm::P(1.0)), [f32], ["[2,3,4]", "[?,3]", "?"];
    });
    calls!(table, {
        "tf.norm(x, ord=np.inf)" =
            |g, x: T| linalg::norm(x, Norm::Infinity), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3)" =
            |g, x: T| linalg::norm(x, Norm::P(3.0)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5)" =
            |g, x: T| linalg::norm(x, Norm::P(2.5)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro')" =
            |g, x: T| linalg::norm(x, Norm::Frobenius), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean')" =
            |g, x: T| linalg::norm(x, Norm::Euclidean), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1)" =
            |g, x: T| linalg::norm(x, Norm::P(-1.0)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=1)" =
            |g, x: T| linalg::norm(x, 1), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=1)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis(1)), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, Axes::from(-1).keep_dims()), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis(Axes::from(-1).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, [0, 1]), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=[0, 1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis([0, 1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, Axes::from([-2, -1]).keep_dims()), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=[-2, -1], keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis(Axes::from([-2, -1]).keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, keepdims=True)" =
            |g, x: T| linalg::norm(x, Axes::ALL.keep_dims()), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, keepdims=True)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis(Axes::ALL.keep_dims())), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, [0, 0]), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='euclidean', axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=[0, 0])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis([0, 0])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, axis=[1])" =
            |g, x: T| linalg::norm(x, [1]), [f32, Complex<f32>], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=1, axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(1.0)).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=np.inf, axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Infinity).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=3, axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(3.0)).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2.5, axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.5)).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord='fro', axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Frobenius).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
    });
    calls!(table, {
        "tf.norm(x, ord='euclidean', axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::Euclidean).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=-1, axis=[1])" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(-1.0)).axis([1])), [f32], ["[2,3,4]", "[?,3]", "?"];
        "tf.norm(x, ord=2, axis=0)" =
            |g, x: T| linalg::norm(x, NormOptions::default().ord(Norm::P(2.0)).axis(0)), [f64], ["[2,3,4]", "[?,3]", "?"];
    });
    table
}
