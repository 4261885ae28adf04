//! Shape inference: the static shapes of a new node's outputs, as TensorFlow's own shape functions give them.
//!
//! An op that has no function here gets outputs of unknown rank: a wrong shape is worse than an unknown one.

mod array;
mod math;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Node, TensorRef};
use crate::shape::Shape;

type Inferred<T = Vec<Shape>> = Result<T, String>;
type ShapeFn = fn(&Inference<'_>) -> Inferred;

/// The shapes of the node's outputs, or why its inputs do not fit.
pub(super) fn infer(nodes: &[Node], node: &Node) -> Inferred {
    let inference = Inference { nodes, node };
    match FUNCTIONS.get(node.op.name()) {
        Some(function) => function(&inference),
        None => Ok(vec![Shape::unknown(); node.outputs.len()]),
    }
}

/// The functions by op.
static FUNCTIONS: LazyLock<HashMap<&str, ShapeFn>> = LazyLock::new(|| {
    let tables = [array::TABLE, math::TABLE, state::TABLE];
    tables.into_iter().flatten().copied().collect()
});

static UNKNOWN: LazyLock<Shape> = LazyLock::new(Shape::unknown);

/// What a shape function knows.
struct Inference<'a> {
    nodes: &'a [Node],
    node: &'a Node,
}

impl<'a> Inference<'a> {
    fn shape_of(&self, tensor: TensorRef) -> &'a Shape {
        // The back edge of a loop comes from a node that is yet to be made.
        let node = self.nodes.get(tensor.node.index());
        node.map_or(&UNKNOWN, |node| &node.outputs[tensor.index as usize].shape)
    }

    fn input(&self, index: usize) -> &'a Shape {
        self.shape_of(self.node.inputs[index])
    }

    fn inputs(&self) -> impl DoubleEndedIterator<Item = &'a Shape> + '_ {
        self.node.inputs.iter().map(|&input| self.shape_of(input))
    }

    /// The input's integers where they do not depend on what is fed or on variables.
    fn integers(&self, index: usize) -> Option<Vec<i64>> {
        self.folded(self.node.inputs[index])
    }

    fn folded(&self, tensor: TensorRef) -> Option<Vec<i64>> {
        let node = self.nodes.get(tensor.node.index())?;
        node.folded.as_ref()?.to_i64s()
    }

    /// The dimensions that an input lists, as far as known; -1 stands for an unknown one.
    fn dims_from_input(&self, index: usize) -> Inferred<Shape> {
        if let Some(values) = self.integers(index) {
            return dims(&values);
        }
        Ok(self.partial(self.node.inputs[index], PARTIAL_DEPTH))
    }

    /// The partly known dimensions that a tensor lists.
    fn partial(&self, tensor: TensorRef, depth: u32) -> Shape {
        let listed = match self.shape_of(tensor).dims() {
            Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
            _ => Shape::unknown(),
        };
        let node = self.nodes.get(tensor.node.index());
        let (Some(node), Some(depth)) = (node, depth.checked_sub(1)) else {
            return listed;
        };
        match node.op.name() {
            "Shape" => self.shape_of(node.inputs[0]).clone(),
            "Pack" => {
                let one = |&input: &TensorRef| {
                    let value = self.folded(input)?;
                    value.first().and_then(|&dim| usize::try_from(dim).ok())
                };
                node.inputs.iter().map(one).collect::<Vec<_>>().into()
            }
            "ConcatV2" => {
                let parts = node.inputs.len() - 1;
                let mut all = Vec::new();
                for &input in &node.inputs[..parts] {
                    let part = match self.folded(input) {
                        Some(values) => dims(&values).unwrap_or_default(),
                        None => self.partial(input, depth),
                    };
                    let Some(part) = part.dims() else {
                        return listed;
                    };
                    all.extend_from_slice(part);
                }
                all.into()
            }
            _ => listed,
        }
    }
}

/// How many nodes are followed upwards for a partly known shape.
const PARTIAL_DEPTH: u32 = 16;

fn dims(values: &[i64]) -> Inferred<Shape> {
    let dim = |&value: &i64| match value {
        -1 => Ok(None),
        _ => usize::try_from(value)
            .map(Some)
            .map_err(|_| format!("dimension {value} is negative")),
    };
    Ok(values.iter().map(dim).collect::<Inferred<Vec<_>>>()?.into())
}

fn with_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<Vec<Option<usize>>> {
    match shape.dims() {
        None => Ok(vec![None; rank]),
        Some(dims) if dims.len() == rank => Ok(dims.to_vec()),
        Some(_) => Err(format!(
            "{what} must have rank {rank}, its shape is {shape}"
        )),
    }
}

fn at_least_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found < rank => Err(format!(
            "{what} must have at least rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

fn at_most_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found > rank => Err(format!(
            "{what} must have at most rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

/// A possibly negative axis as an index.
fn normal_axis(axis: i64, rank: usize) -> Inferred<usize> {
    let from_start = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(from_start)
        .ok()
        .filter(|&axis| axis < rank)
        .ok_or_else(|| format!("axis {axis} is out of range for rank {rank}"))
}

fn unchanged(i: &Inference<'_>) -> Inferred {
    Ok(vec![i.input(0).clone()])
}

fn scalar(_: &Inference<'_>) -> Inferred {
    Ok(vec![Shape::scalar()])
}

/// The shape that the first input lists.
fn shape_from_input(i: &Inference<'_>) -> Inferred {
    at_most_rank(i.input(0), 1, "the shape")?;
    Ok(vec![i.dims_from_input(0)?])
}
