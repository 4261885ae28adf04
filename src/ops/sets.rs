//! Sets of values along the last dimension (`tf.sets`).

use super::OrDefault;
use super::nodes::function;
use super::sparse::SparseTensor;
use crate::graph::{GraphBuilder, OpBuilder, Tensor};
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

/// The number of different elements in each set (`tf.sets.size`); the order of indices is checked unless
/// `validate_indices` is false.
#[track_caller]
pub fn size<'g, T: SetElement>(
    a: SparseTensor<'g, T>,
    validate_indices: impl Into<OrDefault<bool>>,
) -> Tensor<'g, i32> {
    let op = function(a.graph(), "SetSize").arg(a.indices).arg(a.values);
    let op = op.arg(a.dense_shape);
    let op = op.attr(
        "validate_indices",
        validate_indices.into().0.unwrap_or(true),
    );
    op.typed()
}

#[track_caller]
fn operation<'g, T: SetElement>(
    (a, b): (Sets<'g, T>, Sets<'g, T>),
    (operation, flipped): (&'static str, &'static str),
    validate_indices: OrDefault<bool>,
) -> SparseTensor<'g, T> {
    let g = a.graph();
    let parts = |x: SparseTensor<'g, T>| vec![x.indices.any(), x.values.any(), x.dense_shape.any()];
    let (op, first, second, operation) = match (a, b) {
        (Sets::Dense(a), Sets::Dense(b)) => (
            "DenseToDenseSetOperation",
            vec![a.any()],
            vec![b.any()],
            operation,
        ),
        (Sets::Dense(a), Sets::Sparse(b)) => (
            "DenseToSparseSetOperation",
            vec![a.any()],
            parts(b),
            operation,
        ),
        (Sets::Sparse(a), Sets::Dense(b)) => (
            "DenseToSparseSetOperation",
            vec![b.any()],
            parts(a),
            flipped,
        ),
        (Sets::Sparse(a), Sets::Sparse(b)) => {
            ("SparseToSparseSetOperation", parts(a), parts(b), operation)
        }
    };
    let inputs = first.into_iter().chain(second);
    let node = inputs.fold(g.op(op), OpBuilder::input);
    let node = node.attr("set_operation", operation);
    let node = node
        .attr("validate_indices", validate_indices.0.unwrap_or(true))
        .finish();
    let (indices, values) = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
    SparseTensor::new(g, indices, values, node.output(2).typed::<i64>())
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident $operation:literal $flipped:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: SetElement>(
            a: impl Into<Sets<'g, T>>,
            b: impl Into<Sets<'g, T>>,
            validate_indices: impl Into<OrDefault<bool>>,
        ) -> SparseTensor<'g, T> {
            operation((a.into(), b.into()), ($operation, $flipped), validate_indices.into())
        }
    )*};
}

operations! {
    /// The elements that are in both sets (`tf.sets.intersection`).
    ///
    /// ```
    /// use tfhub::ops::sets;
    /// # let g = tfhub::GraphBuilder::new();
    /// let (a, b) = (g.placeholder::<i32>((None, 3)), g.placeholder::<i32>((None, 4)));
    /// let both = sets::intersection(a, b, ());
    /// assert_eq!(both.values.shape().to_string(), "[?]");
    /// ```
    intersection "intersection" "intersection";
    /// The elements that are in `a` and not in `b` (`tf.sets.difference`).
    difference "a-b" "b-a";
    /// The elements that are in `b` and not in `a` (`tf.sets.difference` with `aminusb=False`).
    difference_reversed "b-a" "a-b";
    /// The elements that are in one set or the other (`tf.sets.union`).
    union "union" "union";
}
