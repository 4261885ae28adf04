//! Shapes of ops that hand work to something outside the graph: batching, other languages, other devices, solvers.

use super::{Inference, Inferred, ShapeFn, at_least_rank, matrix, scalars, unknown};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Batch", batch),
    ("BatchFunction", unknown),
    ("Unbatch", |i| Ok(vec![of_any_len(i.input(0))?])),
    ("UnbatchGrad", |i| {
        let rank = i.input(2).rank();
        Ok(vec![rank.map_or(Shape::unknown(), Shape::unknown_of_rank)])
    }),
    ("EagerPyFunc", unknown),
    ("PyFunc", unknown),
    ("PyFuncStateless", unknown),
    ("RemoteCall", unknown),
    ("Fact", unknown),
    ("SdcaFprint", |i| {
        Ok(vec![matrix(i.ranked(0, 1)?[0], Some(2))])
    }),
    ("SdcaOptimizer", sdca_optimizer),
    ("SdcaOptimizerV2", sdca_optimizer),
    ("SdcaShrinkL1", scalars),
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
