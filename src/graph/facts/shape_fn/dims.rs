//! Arithmetic on shapes and dimensions that may be unknown, and readers of a node's parameters.

use std::ops::Range;

use super::{Dim, Inference, Inferred, at_most_rank, one, refuse, with_rank};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

impl Inference<'_> {
    /// An attribute that is a list of integers.
    pub(super) fn int_list(&self, name: &str) -> &[i64] {
        match self.node.attr_or_default(name) {
            Some(Value::List(list)) => &list.i,
            _ => &[],
        }
    }

    /// An attribute that must list this many integers.
    pub(super) fn int_list_of(&self, name: &str, len: usize) -> Inferred<&[i64]> {
        let values = self.int_list(name);
        if values.len() == len {
            return Ok(values);
        }
        refuse(format_args!(
            "attribute \"{name}\" must have {len} entries, found {}",
            values.len()
        ))
    }

    /// Checks that these inputs are scalars.
    pub(super) fn check_scalars(&self, inputs: Range<usize>) -> Inferred<()> {
        for index in inputs {
            self.with_rank(index, 0)?;
        }
        Ok(())
    }

    /// A dimension given as a scalar input.
    pub(super) fn count(&self, index: usize) -> Inferred<Dim> {
        self.with_rank(index, 0)?;
        let Some(value) = self.integer(index) else {
            return Ok(None);
        };
        match usize::try_from(value) {
            Ok(value) => Ok(Some(value)),
            Err(_) => refuse(format_args!(
                "{} must not be negative, found {value}",
                self.input_name(index)
            )),
        }
    }

    /// The shape that an input lists, with a known number of dimensions.
    pub(super) fn listed(&self, index: usize, rank: usize) -> Inferred {
        let shape = self.listed_shape(index)?;
        one(with_rank(&shape, rank, "the listed shape")?.into())
    }

    /// The shape that an input lists.
    pub(super) fn listed_shape(&self, index: usize) -> Inferred<Shape> {
        at_most_rank(self.input(index), 1, "the shape")?;
        self.dims_from_input(index)
    }

    /// The name of an input, where each arg stands for one tensor.
    pub(super) fn input_name(&self, index: usize) -> String {
        match self.op.inputs.get(index) {
            Some(arg) => format!("\"{}\"", arg.name),
            None => format!("input {index}"),
        }
    }

    /// All outputs after the given ones are scalars.
    pub(super) fn then_scalars(&self, mut shapes: Vec<Shape>) -> Inferred {
        shapes.resize(self.node.outputs.len(), Shape::scalar());
        Ok(shapes)
    }

    /// All outputs have this shape.
    pub(super) fn all_outputs(&self, shape: Shape) -> Inferred {
        Ok(vec![shape; self.node.outputs.len()])
    }
}

pub(super) fn broadcast_shapes(a: &Shape, b: &Shape) -> Inferred<Shape> {
    match a.broadcast(b) {
        Some(shape) => Ok(shape),
        None => refuse(format_args!("shapes do not broadcast: left {a}, right {b}")),
    }
}

/// One output of this rank, of which a function gives each dimension.
pub(super) fn each_dim(rank: usize, dim: &dyn Fn(usize) -> Inferred<Dim>) -> Inferred {
    let mut shape = Shape::scalar();
    for at in 0..rank {
        shape.push(dim(at)?);
    }
    one(shape)
}

/// The dimensions but for those that are marked, which are 1 where they are to be kept.
pub(super) fn unmarked(dims: &[Dim], marked: &[bool], keep: bool) -> Shape {
    let mut left = Shape::scalar();
    for (&dim, &marked) in dims.iter().zip(marked) {
        if !marked {
            left.push(dim);
        } else if keep {
            left.push(Some(1));
        }
    }
    left
}

/// The first negative of some integers.
pub(super) fn negative(values: Option<&[i64]>) -> Option<i64> {
    values?.iter().copied().find(|&value| value < 0)
}

/// A function of two dimensions that are known.
pub(super) fn both(a: Dim, b: Dim, of: fn(usize, usize) -> Option<usize>) -> Dim {
    of(a?, b?)
}

pub(super) fn product(a: Dim, b: Dim) -> Dim {
    match (a, b) {
        (Some(0), _) | (_, Some(0)) => Some(0),
        _ => a?.checked_mul(b?),
    }
}

pub(super) fn smaller(a: Dim, b: Dim) -> Dim {
    match (a, b) {
        (Some(0), _) | (_, Some(0)) => Some(0),
        _ => Some(a?.min(b?)),
    }
}

/// An attribute's or constant's integer that must be above zero.
pub(super) fn positive(value: i64, what: &str) -> Inferred<usize> {
    match usize::try_from(value) {
        Ok(value @ 1..) => Ok(value),
        _ => refuse(format_args!("{what} must be positive, found {value}")),
    }
}

/// How many elements there are: none also where a dimension is 0 and others are unknown.
pub(super) fn elements(shape: &Shape) -> Dim {
    let mut count = Some(1);
    for &dim in shape.dims()? {
        count = product(count, dim);
    }
    count
}
