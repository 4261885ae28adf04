//! Arithmetic and reductions of sparse tensors.

use std::panic::Location;

use super::{SparseTensor, of_outputs, rank, with_static_shape};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Operation, Tensor};
use crate::ops::math::Axes;
use crate::ops::nodes::{Nodes, function};
use crate::ops::types::{Algebraic, BasicFloat, Float, Inexact, Number, Real, Signed};
use crate::value::{IntoTensorValue, TensorValue};

/// The sum of two sparse tensors of one shape (`tf.sparse.add`).
#[track_caller]
pub fn add<'g, T: Number>(a: SparseTensor<'g, T>, b: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    add_with(a, b, 0.0)
}

/// The sum of two sparse tensors without elements whose magnitude is below `threshold`
/// (`tf.sparse.add` with `threshold`).
#[track_caller]
pub fn add_with<'g, T: Number>(
    a: SparseTensor<'g, T>,
    b: SparseTensor<'g, T>,
    threshold: f64,
) -> SparseTensor<'g, T> {
    let g = a.graph();
    let real = match T::DTYPE {
        DType::Complex64 => DType::Float32,
        DType::Complex128 => DType::Float64,
        other => other,
    };
    let fits = real.is_floating() || threshold.fract() == 0.0;
    let value = TensorValue::scalar_from_f64(real, threshold).filter(|_| fits);
    g.function_name("SparseAdd", Location::caller(), |name| {
        let Some(value) = value else {
            let message = format!("expected a threshold of dtype {real}, found {threshold}");
            g.report(Rule::Value, message);
            return a;
        };
        let threshold = g.constant_named("threshold", value);
        let node = Nodes(g)
            .named("SparseAdd", name)
            .parts(a)
            .parts(b)
            .any(threshold)
            .finish();
        let (left, right) = (a.shape(), b.shape());
        if !left.is_compatible_with(&right) {
            let message = format!("expected sparse tensors of one shape, found {left} and {right}");
            g.report(Rule::Shape, message);
        }
        let sizes = left.broadcast(&right).and_then(|shape| shape.to_static());
        let parts = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
        with_static_shape(parts, sizes, || node.output(2))
    })
}

/// The sum of a sparse and a dense tensor, which is dense (`tf.sparse.add`).
#[track_caller]
pub fn add_dense<'g, T: Number>(a: SparseTensor<'g, T>, b: impl Operand<'g, T>) -> Tensor<'g, T> {
    function(a.graph(), "SparseTensorDenseAdd")
        .parts(a)
        .arg(b)
        .output()
        .typed()
}

/// What [`reduce_sum`] and its like take away: the axes as an input.
fn reduction_axes<'g, T: TensorType>(
    x: &SparseTensor<'g, T>,
    axes: &Axes,
) -> Option<AnyTensor<'g>> {
    if axes.listed().is_some() {
        return None;
    }
    let g = x.graph();
    let n = Nodes(g);
    if let Some(rank) = x.shape().rank() {
        let axes: Vec<i32> = (0..rank as i32).collect();
        return Some(g.constant_named("Const", axes.into_tensor_value()));
    }
    Some(n.range(0, rank(x)))
}

/// Makes the node of a reduction.
#[track_caller]
fn reduce<'g, T: TensorType>(
    op: &'static str,
    x: SparseTensor<'g, T>,
    axes: &Axes,
) -> Operation<'g> {
    let g = x.graph();
    g.function_name(op, Location::caller(), |name| {
        let all = reduction_axes(&x, axes);
        let op = Nodes(g).named(op, name);
        let op = op.parts(x);
        let op = match (all, axes.listed()) {
            (None, Some(axes)) => op.input(axes),
            (all, _) => op.any(all.unwrap_or(AnyTensor::poison(g))),
        };
        op.attr("keep_dims", axes.keep_dims).finish()
    })
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal $(#[$sparse_doc:meta])* $sparse:ident $sparse_op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: SparseTensor<'g, T>, axes: impl Into<Axes>) -> Tensor<'g, T> {
            reduce($op, x, &axes.into()).output(0).typed()
        }

        $(#[$sparse_doc])*
        #[track_caller]
        pub fn $sparse<'g, T: $bound>(x: SparseTensor<'g, T>, axes: impl Into<Axes>) -> SparseTensor<'g, T> {
            let node = reduce($sparse_op, x, &axes.into());
            of_outputs(x.graph(), node)
        }
    )*};
}

reductions! {
    /// The sum of the elements along `axes`, a dense tensor (`tf.sparse.reduce_sum`).
    reduce_sum Number "SparseReduceSum"
    /// The sum of the elements along `axes`, a sparse tensor (`tf.sparse.reduce_sum_sparse`).
    reduce_sum_sparse "SparseReduceSumSparse";
    /// The largest of the elements along `axes`, a dense tensor (`tf.sparse.reduce_max`).
    reduce_max Real "SparseReduceMax"
    /// The largest of the elements along `axes`, a sparse tensor (`tf.sparse.reduce_max_sparse`).
    reduce_max_sparse "SparseReduceMaxSparse";
}

/// How [`sparse_dense_matmul_with`] takes its inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SparseMatMulOptions {
    adjoint_a: bool,
    adjoint_b: bool,
}

impl SparseMatMulOptions {
    /// Whether the conjugate transpose of the sparse matrix is multiplied; it is not by default.
    pub fn adjoint_a(self, adjoint_a: bool) -> Self {
        SparseMatMulOptions { adjoint_a, ..self }
    }

    /// Whether the conjugate transpose of the dense matrix is multiplied; it is not by default.
    pub fn adjoint_b(self, adjoint_b: bool) -> Self {
        SparseMatMulOptions { adjoint_b, ..self }
    }
}

/// The product of a sparse and a dense matrix (`tf.sparse.sparse_dense_matmul`).
#[track_caller]
pub fn sparse_dense_matmul<'g, T: TensorType>(
    a: SparseTensor<'g, T>,
    b: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    sparse_dense_matmul_with(a, b, SparseMatMulOptions::default())
}

/// The product of a sparse and a dense matrix, of which either may be transposed first.
#[track_caller]
pub fn sparse_dense_matmul_with<'g, T: TensorType>(
    a: SparseTensor<'g, T>,
    b: impl Operand<'g, T>,
    options: SparseMatMulOptions,
) -> Tensor<'g, T> {
    let g = a.graph();
    g.function_scope("SparseTensorDenseMatMul", Location::caller(), |_| {
        let b = b.into_tensor(g, "b");
        let node = g
            .op("SparseTensorDenseMatMul")
            .input(a.indices)
            .input(a.values);
        node.input(a.dense_shape)
            .input(b)
            .attr("adjoint_a", options.adjoint_a)
            .attr("adjoint_b", options.adjoint_b)
            .output()
            .typed()
    })
}

/// exp(x) / sum(exp(x)) over the elements of each row of the last dimension (`tf.sparse.softmax`).
#[track_caller]
pub fn softmax<'g, T: BasicFloat>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let g = x.graph();
    g.function_scope("SparseSoftmax", Location::caller(), |_| {
        let node = g.op("SparseSoftmax").input(x.indices).input(x.values);
        let values = node.input(x.dense_shape).output();
        x.with_values(values.typed::<T>())
    })
}

macro_rules! of_two {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Real>(a: SparseTensor<'g, T>, b: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
            let g = a.graph();
            g.called_from(Location::caller(), || {
                let node = function(g, $op).parts(a).parts(b).finish();
                let (indices, values) = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
                SparseTensor::new(g, indices, values, a.dense_shape)
            })
        }
    )*};
}

of_two! {
    /// The larger of each two elements, a missing one being 0 (`tf.sparse.maximum`).
    maximum "SparseSparseMaximum";
    /// The smaller of each two elements, a missing one being 0 (`tf.sparse.minimum`).
    minimum "SparseSparseMinimum";
}

macro_rules! of_values {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
            let g = x.graph();
            g.function_name($op, Location::caller(), |name| {
                // Python enters the scope once more for the attempt to take the sparse tensor for a dense one.
                g.inner_scope(name, Location::caller(), |_| ());
                let values = Nodes(g).named($op, name).arg(x.values).output();
                x.with_values(values.typed::<T>())
            })
        }
    )*};
}

of_values! {
    /// The absolute value of each element (`tf.abs` of a sparse tensor).
    abs Signed "Abs";
    /// The negative of each element (`tf.negative` of a sparse tensor).
    negative Algebraic "Neg";
    /// The sign of each element (`tf.sign` of a sparse tensor).
    sign Algebraic "Sign";
    /// The square of each element (`tf.square` of a sparse tensor).
    square Algebraic "Square";
    /// The square root of each element (`tf.sqrt` of a sparse tensor).
    sqrt Inexact "Sqrt";
    /// The error function of each element (`tf.math.erf` of a sparse tensor).
    erf Float "Erf";
    /// The hyperbolic tangent of each element (`tf.tanh` of a sparse tensor).
    tanh Inexact "Tanh";
    /// `exp(-abs(x))` times the modified Bessel function of order 0 (`tf.math.bessel_i0e` of a sparse tensor).
    bessel_i0e Float "BesselI0e";
    /// `exp(-abs(x))` times the modified Bessel function of order 1 (`tf.math.bessel_i1e` of a sparse tensor).
    bessel_i1e Float "BesselI1e";
}

/// The elements as another type (`tf.cast` of a sparse tensor).
#[track_caller]
pub fn cast<'g, U: Element, T: Element>(x: SparseTensor<'g, T>) -> SparseTensor<'g, U> {
    let g = x.graph();
    g.function_scope("Cast", Location::caller(), |scope| {
        let values = match T::DTYPE == U::DTYPE {
            true => x.values.any(),
            false => g
                .op("Cast")
                .name(scope)
                .input(x.values)
                .attr("DstT", U::DTYPE)
                .output(),
        };
        x.with_values(values.typed::<U>())
    })
}

/// The Levenshtein distance between the sequences in the last dimension of two sparse tensors
/// (`tf.edit_distance`); `normalize` divides it by the length of `truth`.
#[track_caller]
pub fn edit_distance<'g, T: TensorType>(
    hypothesis: SparseTensor<'g, T>,
    truth: SparseTensor<'g, T>,
    normalize: bool,
) -> Tensor<'g, f32> {
    let g = hypothesis.graph();
    let name = g.requested_name("edit_distance");
    Nodes(g)
        .named("EditDistance", &name)
        .parts(hypothesis)
        .parts(truth)
        .attr("normalize", normalize)
        .output()
        .typed()
}

/// Sparse times dense, broadcasting the dense tensor; Python's dense times sparse makes the same nodes.
impl<'g, T: Number, R: Operand<'g, T>> std::ops::Mul<R> for SparseTensor<'g, T> {
    type Output = SparseTensor<'g, T>;

    #[track_caller]
    fn mul(self, other: R) -> Self::Output {
        with_dense(self, ("SparseDenseCwiseMul", "mul"), other)
    }
}

/// Sparse divided by dense, broadcasting the dense tensor.
impl<'g, T: Float, R: Operand<'g, T>> std::ops::Div<R> for SparseTensor<'g, T>
where
    T: Number,
{
    type Output = SparseTensor<'g, T>;

    #[track_caller]
    fn div(self, other: R) -> Self::Output {
        with_dense(self, ("SparseDenseCwiseDiv", "truediv"), other)
    }
}

/// What an op makes of the elements and of a dense tensor, in a scope of its own.
#[track_caller]
fn with_dense<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    (op, scope): (&'static str, &str),
    other: impl Operand<'g, T>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    g.inner_scope(scope, Location::caller(), |scope| {
        let y = other.into_tensor(g, "y");
        let node = g.op(op).name(scope).input(x.indices);
        let node = node.input(x.values).input(x.dense_shape).input(y);
        x.with_values(node.output().typed::<T>())
    })
}
