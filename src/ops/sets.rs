//! Sets of values along the last dimension (`tf.sets`).

use super::nodes::function;
use super::sparse::SparseTensor;
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::types::SetElement;

/// Sets: a tensor whose last dimension lists the elements of each, a sparse one where they differ in size.
#[derive(Debug, Clone, Copy)]
pub enum Sets<'g, T: SetElement> {
    /// Sets of one size.
    Dense(Tensor<'g, T>),
    /// Sets of different sizes.
    Sparse(SparseTensor<'g, T>),
}

impl<'g, T: SetElement> From<Tensor<'g, T>> for Sets<'g, T> {
    fn from(sets: Tensor<'g, T>) -> Self {
        Sets::Dense(sets)
    }
}

impl<'g, T: SetElement> From<SparseTensor<'g, T>> for Sets<'g, T> {
    fn from(sets: SparseTensor<'g, T>) -> Self {
        Sets::Sparse(sets)
    }
}

impl<'g, T: SetElement> Sets<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        match self {
            Sets::Dense(sets) => sets.graph(),
            Sets::Sparse(sets) => sets.graph(),
        }
    }
}

/// The number of different elements in each set (`tf.sets.size`).
#[track_caller]
pub fn size<'g, T: SetElement>(a: SparseTensor<'g, T>, validate_indices: bool) -> Tensor<'g, i32> {
    let op = function(a.graph(), "SetSize");
    let op = op.arg(a.indices).arg(a.values).arg(a.dense_shape);
    op.attr("validate_indices", validate_indices)
        .output()
        .typed()
}

#[track_caller]
fn operation<'g, T: SetElement>(
    (a, b): (Sets<'g, T>, Sets<'g, T>),
    (operation, flipped): (&'static str, &'static str),
    validate_indices: bool,
) -> SparseTensor<'g, T> {
    let g = a.graph();
    let with = |op: crate::graph::OpBuilder<'g>, operation: &str| {
        op.attr("set_operation", operation)
            .attr("validate_indices", validate_indices)
            .finish()
    };
    let node = match (a, b) {
        (Sets::Dense(a), Sets::Dense(b)) => with(
            g.op("DenseToDenseSetOperation").input(a).input(b),
            operation,
        ),
        (Sets::Dense(a), Sets::Sparse(b)) => with(
            g.op("DenseToSparseSetOperation")
                .input(a)
                .input(b.indices)
                .input(b.values)
                .input(b.dense_shape),
            operation,
        ),
        (Sets::Sparse(a), Sets::Dense(b)) => with(
            g.op("DenseToSparseSetOperation")
                .input(b)
                .input(a.indices)
                .input(a.values)
                .input(a.dense_shape),
            flipped,
        ),
        (Sets::Sparse(a), Sets::Sparse(b)) => {
            let op = g.op("SparseToSparseSetOperation");
            let op = op.input(a.indices).input(a.values).input(a.dense_shape);
            with(
                op.input(b.indices).input(b.values).input(b.dense_shape),
                operation,
            )
        }
    };
    let (indices, values) = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
    SparseTensor::new(g, indices, values, node.output(2).typed::<i64>())
}

/// The elements that are in both sets (`tf.sets.intersection`).
#[track_caller]
pub fn intersection<'g, T: SetElement>(
    a: impl Into<Sets<'g, T>>,
    b: impl Into<Sets<'g, T>>,
    validate_indices: bool,
) -> SparseTensor<'g, T> {
    operation(
        (a.into(), b.into()),
        ("intersection", "intersection"),
        validate_indices,
    )
}

/// The elements that are in `a` and not in `b` (`tf.sets.difference`).
#[track_caller]
pub fn difference<'g, T: SetElement>(
    a: impl Into<Sets<'g, T>>,
    b: impl Into<Sets<'g, T>>,
    validate_indices: bool,
) -> SparseTensor<'g, T> {
    operation((a.into(), b.into()), ("a-b", "b-a"), validate_indices)
}

/// The elements that are in `b` and not in `a` (`tf.sets.difference` with `aminusb=False`).
#[track_caller]
pub fn difference_reversed<'g, T: SetElement>(
    a: impl Into<Sets<'g, T>>,
    b: impl Into<Sets<'g, T>>,
    validate_indices: bool,
) -> SparseTensor<'g, T> {
    operation((a.into(), b.into()), ("b-a", "a-b"), validate_indices)
}

/// The elements that are in one set or the other (`tf.sets.union`).
#[track_caller]
pub fn union<'g, T: SetElement>(
    a: impl Into<Sets<'g, T>>,
    b: impl Into<Sets<'g, T>>,
    validate_indices: bool,
) -> SparseTensor<'g, T> {
    operation((a.into(), b.into()), ("union", "union"), validate_indices)
}
