//! Arithmetic and reductions of sparse tensors.

use std::panic::Location;

use super::{AnySparseTensor, SparseTensor, known_or};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{Operand, Operation, Tensor};
use crate::ops::OrDefault;
use crate::ops::math::{Adjoint, Axes, Factor};
use crate::ops::nodes::{Arg, Nodes, function, function_as};
use crate::ops::types::{Algebraic, BasicFloat, Float, Inexact, Number, Real, Signed};
use crate::shape::Shape;
use crate::value::TensorValue;

or_default! {
    [] f64;
}

/// The sum of two sparse tensors of one shape, without elements whose magnitude is below `threshold`
/// (`tf.sparse.add`); it is 0 by default.
#[track_caller]
pub fn add<'g, T: Number>(
    a: SparseTensor<'g, T>,
    b: SparseTensor<'g, T>,
    threshold: impl Into<OrDefault<f64>>,
) -> SparseTensor<'g, T> {
    let threshold = threshold.into().0.unwrap_or(0.0);
    let g = a.graph();
    let real = match T::DTYPE {
        DType::Complex64 => DType::Float32,
        DType::Complex128 => DType::Float64,
        other => other,
    };
    let fits = real.is_floating() || threshold.fract() == 0.0;
    let value = TensorValue::scalar_from_f64(real, threshold).filter(|_| fits);
    let name = g.open_function_name("SparseAdd");
    let Some(value) = value else {
        let message = format!("expected a threshold of dtype {real}, found {threshold}");
        g.report(Rule::Value, message);
        return a;
    };
    let threshold = g.constant_named("threshold", value);
    let node = Nodes(g).named("SparseAdd", &name).parts(a).parts(b);
    let node = node.any(threshold).finish();
    let (left, right) = (a.shape(), b.shape());
    if !left.is_compatible_with(&right) {
        let message = format!("expected sparse tensors of one shape, found {left} and {right}");
        g.report(Rule::Shape, message);
    }
    let shape = left.broadcast(&right).unwrap_or_else(Shape::unknown);
    let shape = known_or(&shape, || node.output(2));
    AnySparseTensor::new(node.output(0), node.output(1), shape).typed()
}

/// The sum of a sparse and a dense tensor, which is dense (`tf.sparse.add`).
#[track_caller]
pub fn add_dense<'g, T: Number>(a: SparseTensor<'g, T>, b: impl Operand<'g, T>) -> Tensor<'g, T> {
    function(a.graph(), "SparseTensorDenseAdd")
        .parts(a)
        .arg(b)
        .typed()
}

/// Makes the node of a reduction.
#[track_caller]
fn reduce<'g>(op: &'static str, x: AnySparseTensor<'g>, axes: &Axes) -> Operation<'g> {
    let n = Nodes(x.graph());
    let name = n.0.open_function_name(op);
    let all = || match x.shape().rank() {
        Some(rank) => n.constant("Const", (0..rank as i32).collect::<Vec<_>>()),
        None => n.range(0, x.rank()),
    };
    let listed = axes.listed().map(Arg::from);
    let listed = listed.unwrap_or_else(|| all().into());
    let op = n.named(op, &name).parts(x).input(listed);
    op.attr("keep_dims", axes.keep_dims).finish()
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $bound:ident $op:literal $(#[$sparse_doc:meta])* $sparse:ident $sparse_op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(x: SparseTensor<'g, T>, axes: impl Into<Axes>) -> Tensor<'g, T> {
            reduce($op, x.any(), &axes.into()).output(0).typed()
        }

        $(#[$sparse_doc])*
        #[track_caller]
        pub fn $sparse<'g, T: $bound>(x: SparseTensor<'g, T>, axes: impl Into<Axes>) -> SparseTensor<'g, T> {
            let node = reduce($sparse_op, x.any(), &axes.into());
            AnySparseTensor::of_outputs(node).typed()
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

/// A sparse matrix as the left factor of [`sparse_dense_matmul`], as it is or [`Adjoint`].
#[derive(Debug, Clone, Copy)]
pub struct SparseFactor<'g, T: TensorType> {
    x: SparseTensor<'g, T>,
    adjoint: bool,
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for SparseFactor<'g, T> {
    fn from(x: SparseTensor<'g, T>) -> Self {
        let adjoint = false;
        SparseFactor { x, adjoint }
    }
}

impl<'g, T: TensorType> From<Adjoint<SparseTensor<'g, T>>> for SparseFactor<'g, T> {
    fn from(Adjoint(x): Adjoint<SparseTensor<'g, T>>) -> Self {
        let adjoint = true;
        SparseFactor { x, adjoint }
    }
}

/// The product of a sparse and a dense matrix, of which either may be [`Adjoint`] (`tf.sparse.sparse_dense_matmul`).
///
/// ```
/// use tfhub::ops::{math::Adjoint, sparse};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3));
/// let w = g.placeholder::<f32>((4, 3));
/// assert_eq!(sparse::sparse_dense_matmul(x, Adjoint(w)).shape().to_string(), "[2, 4]");
/// ```
#[track_caller]
pub fn sparse_dense_matmul<'g, T: TensorType>(
    a: impl Into<SparseFactor<'g, T>>,
    b: impl Factor<'g, T>,
) -> Tensor<'g, T> {
    let SparseFactor { x, adjoint } = a.into();
    let (b, form) = b.into_parts();
    let (n, _scope) = Nodes::in_scope(x.graph(), "SparseTensorDenseMatMul");
    if form.transpose || form.sparse {
        let message = "expected a dense matrix as it is or adjoint, found another form";
        return n.fault(Rule::Attribute, message).typed();
    }
    let b = b.into_tensor(n.0, "b");
    let product = n.op("SparseTensorDenseMatMul").parts(x).arg(b);
    let product = product.attr("adjoint_a", adjoint);
    product.attr("adjoint_b", form.adjoint).typed()
}

/// exp(x) / sum(exp(x)) over the elements of each row of the last dimension (`tf.sparse.softmax`).
#[track_caller]
pub fn softmax<'g, T: BasicFloat>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(x.graph(), "SparseSoftmax");
    let values = n.op("SparseSoftmax").parts(x).output();
    x.any().with_values(values).typed()
}

macro_rules! of_two {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Real>(a: SparseTensor<'g, T>, b: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
            let n = Nodes(a.graph());
            let name = n.0.open_function_name($op);
            let node = n.named($op, &name).parts(a).parts(b).finish();
            AnySparseTensor::new(node.output(0), node.output(1), a.dense_shape).typed()
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
            let name = g.open_function_name($op);
            // Python enters the scope once more for the attempt to take the sparse tensor for a dense one.
            g.inner_scope(&name, Location::caller(), |_| ());
            let values = Nodes(g).named($op, &name).arg(x.values).output();
            x.any().with_values(values).typed()
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
    let (n, scope) = Nodes::in_scope(x.graph(), "Cast");
    let values = n.cast_as(&scope, x.values.into(), U::DTYPE);
    x.any().with_values(values).typed()
}

/// The Levenshtein distance between the sequences in the last dimension of two sparse tensors
/// (`tf.edit_distance`), divided by the length of `truth` unless `normalize` is false.
#[track_caller]
pub fn edit_distance<'g, T: TensorType>(
    hypothesis: SparseTensor<'g, T>,
    truth: SparseTensor<'g, T>,
    normalize: impl Into<OrDefault<bool>>,
) -> Tensor<'g, f32> {
    let g = hypothesis.graph();
    function_as(g, "EditDistance", "edit_distance")
        .parts(hypothesis)
        .parts(truth)
        .attr("normalize", normalize.into().0.unwrap_or(true))
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

/// The sparse tensor of the values that an op makes of its elements and of a dense tensor, in a scope.
#[track_caller]
fn with_dense<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    (op, scope): (&'static str, &str),
    other: impl Operand<'g, T>,
) -> SparseTensor<'g, T> {
    let n = Nodes(x.graph());
    let scope = n.open_scope(scope);
    let y = other.into_tensor(n.0, "y");
    let values = n.named(op, &scope).parts(x).arg(y).output();
    x.any().with_values(values).typed()
}
