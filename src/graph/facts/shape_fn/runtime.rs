//! Shapes of ops that hand work to something outside the graph: batching, other languages, other devices, solvers.

use super::{Inference, Inferred, at_least_rank, matrix, scalars, unknown};
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
    op("SdcaFprint", |i| {
        Ok(vec![matrix(i.ranked(0, 1)?[0], Some(2))])
    }),
    op("SdcaOptimizer", sdca_optimizer),
    op("SdcaOptimizerV2", sdca_optimizer),
    op("SdcaShrinkL1", scalars),
    op("Unbatch", |i| Ok(vec![of_any_len(i.input(0))?])),
    op("UnbatchGrad", |i| {
        let rank = i.input(2).rank();
        Ok(vec![rank.map_or(Shape::unknown(), Shape::unknown_of_rank)])
    }),
];

/// The shape with another first dimension.
fn of_any_len(shape: &Shape) -> Inferred<Shape> {
    at_least_rank(shape, 1, "a batched tensor")?;
    let mut dims = match shape.dims() {
        Some(dims) => dims.to_vec(),
        None => return Ok(Shape::unknown()),
    };
    dims[0] = None;
    Ok(dims.into())
}

fn batch(i: &Inference<'_>) -> Inferred {
    let mut shapes: Vec<_> = i.inputs().map(of_any_len).collect::<Inferred<_>>()?;
    shapes.extend([matrix(None, Some(3)), Shape::scalar()]);
    Ok(shapes)
}

/// The examples' state, then changes of the shapes that the weights have.
fn sdca_optimizer(i: &Inference<'_>) -> Inferred {
    let mut shapes = vec![matrix(None, Some(4))];
    for weights in ["sparse_weights", "dense_weights"] {
        shapes.extend(i.arg(weights).map(|index| i.input(index).clone()));
    }
    Ok(shapes)
}
