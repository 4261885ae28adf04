//! Shapes of ops that hand work to something outside the graph: batching, other languages, other devices, solvers.

use super::{Inference, Inferred, at_least_rank, matrix, one, one_of_rank, scalars, unknown};
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Batch", batch),
    op("BatchFunction", unknown),
    op("EagerPyFunc", unknown),
    op("Fact", unknown),
    op("PyFunc", unknown),
    op("PyFuncStateless", unknown),
    op("RemoteCall", unknown),
    op("SdcaFprint", |i| one(matrix(i.vector_len(0)?, Some(2)))),
    op("SdcaOptimizer", sdca_optimizer),
    op("SdcaOptimizerV2", sdca_optimizer),
    op("SdcaShrinkL1", scalars),
    op("Unbatch", |i| one(of_any_len(i.input(0))?)),
    op("UnbatchGrad", |i| one_of_rank(i.input(2).rank())),
];

/// The shape with another first dimension.
fn of_any_len(shape: &Shape) -> Inferred<Shape> {
    at_least_rank(shape, 1, "a batched tensor")?;
    Ok(shape.with_dim(0, None))
}

fn batch(i: &Inference<'_>) -> Inferred {
    let mut shapes = Vec::new();
    for input in i.inputs() {
        shapes.push(of_any_len(input)?);
    }
    shapes.push(matrix(None, Some(3)));
    shapes.push(Shape::scalar());
    Ok(shapes)
}

/// The examples' state, then changes of the shapes that the weights have.
fn sdca_optimizer(i: &Inference<'_>) -> Inferred {
    let mut shapes = vec![matrix(None, Some(4))];
    for weights in ["sparse_weights", "dense_weights"] {
        shapes.append(&mut i.inputs_at(i.arg(weights)));
    }
    Ok(shapes)
}
