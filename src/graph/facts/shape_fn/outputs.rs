//! Outputs whose shapes are told in a few words, and the ranks of the inputs that they are told for.

use super::{Dim, Inference, Inferred, dims, expect_dim, shape_attr};
use crate::shape::Shape;

/// One output of this shape.
pub(super) fn one(shape: Shape) -> Inferred {
    Ok(vec![shape])
}

/// Two outputs of these shapes.
pub(super) fn two(first: Shape, second: Shape) -> Inferred {
    Ok(vec![first, second])
}

/// Outputs of these dimensions.
pub(super) fn tensors(outputs: &[&[Dim]]) -> Inferred {
    batches(&Shape::scalar(), outputs)
}

/// Outputs that have these dimensions for each place in a batch.
pub(super) fn batches(batch: &Shape, outputs: &[&[Dim]]) -> Inferred {
    let mut shapes = Vec::new();
    for dims in outputs {
        shapes.push(batch.with_suffix(dims));
    }
    Ok(shapes)
}

/// One output of unknown shape.
pub(super) fn one_unknown() -> Inferred {
    one(Shape::unknown())
}

/// One output of which no more than the rank is known, if that.
pub(super) fn one_of_rank(rank: Option<usize>) -> Inferred {
    one(rank.map_or(Shape::unknown(), Shape::unknown_of_rank))
}

/// One output, which is like an input.
pub(super) fn like(i: &Inference<'_>, index: usize) -> Inferred {
    one(i.input(index).clone())
}

pub(super) fn unchanged(i: &Inference<'_>) -> Inferred {
    like(i, 0)
}

/// Each output is like the input in its place.
pub(super) fn all_unchanged(i: &Inference<'_>) -> Inferred {
    Ok(i.inputs_at(0..i.node.inputs.len()))
}

pub(super) fn scalar(_: &Inference<'_>) -> Inferred {
    one(Shape::scalar())
}

/// The shape that attribute `shape` declares.
pub(super) fn declared(i: &Inference<'_>) -> Inferred {
    one(shape_attr(i, "shape"))
}

/// The shape that the first input lists.
pub(super) fn shape_from_input(i: &Inference<'_>) -> Inferred {
    i.at_most_rank(0, 1, "the shape")?;
    one(i.dims_from_input(0)?)
}

/// Outputs of unknown shapes, where TensorFlow knows none either.
pub(in crate::graph::facts) fn unknown(i: &Inference<'_>) -> Inferred {
    i.all_outputs(Shape::unknown())
}

pub(super) fn no_outputs(_: &Inference<'_>) -> Inferred {
    Ok(Vec::new())
}

/// Every output is a scalar.
pub(super) fn scalars(i: &Inference<'_>) -> Inferred {
    i.all_outputs(Shape::scalar())
}

/// Any rank, where [`fixed`] expects one.
pub(super) const ANY: i8 = -1;

/// A handle of the old kind, a vector of two strings, where [`fixed`] expects a rank.
pub(super) const HANDLE: i8 = -2;

/// A scalar or a vector, where [`fixed`] expects a rank.
pub(super) const LIST: i8 = -3;

/// Outputs of fixed shapes, -1 for an unknown dimension. The tensors of the first args have the given ranks.
pub(super) fn fixed(i: &Inference<'_>, ranks: &[i8], outputs: &[&[i64]]) -> Inferred {
    ranks_are(i, ranks)?;
    let mut shapes = Vec::new();
    for sizes in outputs {
        shapes.push(dims(sizes)?);
    }
    Ok(shapes)
}

pub(super) fn ranks_are(i: &Inference<'_>, ranks: &[i8]) -> Inferred<()> {
    for ((name, inputs), &rank) in i.args().zip(ranks) {
        for index in inputs {
            if let Ok(rank) = usize::try_from(rank) {
                i.ranked(index, rank)?;
            } else if rank == HANDLE {
                let len = i.vector_len(index)?;
                expect_dim(len, 2, &format!("the length of input \"{name}\""))?;
            } else if rank == LIST {
                i.at_most_rank(index, 1, &format!("input \"{name}\""))?;
            }
        }
    }
    Ok(())
}
