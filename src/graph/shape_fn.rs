//! Shape inference: the static shapes of a new node's outputs, as TensorFlow's own shape functions give them.
//!
//! An op that has no function here gets outputs of unknown rank: a wrong shape is worse than an unknown one.

mod array;
mod control;
mod data_flow;
mod known;
mod math;
mod slice;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::attr::shape_from_proto;
use super::node::Known;
use super::{Node, TensorRef};
use crate::dtype::DType;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::value::TensorValue;

pub(super) use known::know;

type Inferred<T = Vec<Shape>> = Result<T, String>;
type ShapeFn = fn(&Inference<'_>) -> Inferred;

/// The shapes of the node's outputs, or why its inputs do not fit.
pub(super) fn infer(nodes: &[Node], node: &Node) -> Inferred {
    let inference = Inference { nodes, node };
    match FUNCTIONS.get(node.op.name) {
        Some(function) => function(&inference),
        None => Ok(vec![Shape::unknown(); node.outputs.len()]),
    }
}

/// The functions by op.
static FUNCTIONS: LazyLock<HashMap<&str, ShapeFn>> = LazyLock::new(|| {
    let tables = [
        array::TABLE,
        control::TABLE,
        data_flow::TABLE,
        math::TABLE,
        state::TABLE,
    ];
    tables.into_iter().flatten().copied().collect()
});

/// What a shape function knows.
struct Inference<'a> {
    nodes: &'a [Node],
    node: &'a Node,
}

impl<'a> Inference<'a> {
    fn shape_of(&self, tensor: TensorRef) -> &'a Shape {
        &self.nodes[tensor.node.index()].outputs[tensor.index as usize].shape
    }

    fn input(&self, index: usize) -> &'a Shape {
        self.shape_of(self.node.inputs[index])
    }

    fn inputs(&self) -> impl DoubleEndedIterator<Item = &'a Shape> + '_ {
        self.node.inputs.iter().map(|&input| self.shape_of(input))
    }

    fn known(&self, tensor: TensorRef) -> &'a Known {
        &self.nodes[tensor.node.index()].outputs[tensor.index as usize].known
    }

    /// The input's integers where they do not depend on what is fed or on variables.
    fn integers(&self, index: usize) -> Option<Vec<i64>> {
        self.folded(self.node.inputs[index])
    }

    /// The input's integer, if it is one that does not depend on what is fed or on variables.
    fn integer(&self, index: usize) -> Option<i64> {
        match self.integers(index)?[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    fn folded(&self, tensor: TensorRef) -> Option<Vec<i64>> {
        value_of(self.known(tensor))?.to_i64s()
    }

    /// What is behind the handle that an input is; empty where that is not known.
    fn handle(&self, index: usize) -> &'a [(Shape, DType)] {
        &self.known(self.node.inputs[index]).handle
    }

    /// The dimensions that a vector lists, as far as known; -1 stands for an unknown one.
    fn dims_from_input(&self, index: usize) -> Inferred<Shape> {
        let vector = with_rank(self.input(index), 1, "the shape")?;
        let listed = known::listed(self, self.node.inputs[index])?;
        Ok(match (listed.rank(), vector[0]) {
            (None, Some(rank)) => Shape::unknown_of_rank(rank),
            _ => listed,
        })
    }

    /// As `dims_from_input`, where a scalar that is unknown or -1 stands for an unknown shape.
    fn dims_from_scalar_or_input(&self, index: usize) -> Inferred<Shape> {
        match (self.input(index).rank(), self.integer(index)) {
            (Some(0), None | Some(-1)) => Ok(Shape::unknown()),
            _ => self.dims_from_input(index),
        }
    }
}

fn value_of(known: &Known) -> Option<&TensorValue> {
    known.value.as_deref().filter(|_| known.direct)
}

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

fn unknown(i: &Inference<'_>) -> Inferred {
    Ok(vec![Shape::unknown(); i.node.outputs.len()])
}

fn no_outputs(_: &Inference<'_>) -> Inferred {
    Ok(Vec::new())
}

/// Every output is a scalar.
fn scalars(i: &Inference<'_>) -> Inferred {
    Ok(vec![Shape::scalar(); i.node.outputs.len()])
}

fn merged(a: &Shape, b: &Shape) -> Inferred<Shape> {
    a.merge(b)
        .ok_or_else(|| format!("shapes must be equal: found {a} and {b}"))
}

/// The dimensions of one shape, then those of another.
fn joined(a: &Shape, b: &Shape) -> Shape {
    match (a.dims(), b.dims()) {
        (Some(a), Some(b)) => [a, b].concat().into(),
        _ => Shape::unknown(),
    }
}

/// The dimensions from an axis on.
fn from_axis(shape: &Shape, axis: usize) -> Shape {
    shape
        .dims()
        .and_then(|dims| dims.get(axis..))
        .map_or(Shape::unknown(), |dims| dims.to_vec().into())
}

/// The first dimensions of the shape must be those of another.
fn starts_with(shape: &Shape, prefix: &Shape) -> Inferred<()> {
    let (Some(dims), Some(first)) = (shape.dims(), prefix.dims()) else {
        return Ok(());
    };
    let fits = dims.len() >= first.len()
        && dims
            .iter()
            .zip(first)
            .all(|(a, b)| a.is_none() || b.is_none() || a == b);
    if fits {
        Ok(())
    } else {
        Err(format!(
            "a shape that starts with {prefix} is expected, found {shape}"
        ))
    }
}

/// The shape in an attribute.
fn shape_attr(i: &Inference<'_>, name: &str) -> Shape {
    match i.node.attr_or_default(name) {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }
}
