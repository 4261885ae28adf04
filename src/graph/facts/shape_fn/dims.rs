//! Arithmetic on shapes and dimensions that may be unknown, and readers of a node's parameters.

use super::{Dim, Inference, Inferred, at_most_rank, with_rank};
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
        Err(format!(
            "attribute \"{name}\" must have {len} entries, found {}",
            values.len()
        ))
    }

    /// Checks that these inputs are scalars.
    pub(super) fn check_scalars(&self, inputs: impl IntoIterator<Item = usize>) -> Inferred<()> {
        for index in inputs {
            with_rank(self.input(index), 0, &self.input_name(index))?;
        }
        Ok(())
    }

    /// A dimension given as a scalar input.
    pub(super) fn count(&self, index: usize) -> Inferred<Dim> {
        let name = self.input_name(index);
        with_rank(self.input(index), 0, &name)?;
        match self.integers(index).as_deref() {
            Some(&[value]) => match usize::try_from(value) {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(format!("{name} must not be negative, found {value}")),
            },
            _ => Ok(None),
        }
    }

    /// The shape that an input lists, with a known number of dimensions.
    pub(super) fn listed(&self, index: usize, rank: usize) -> Inferred {
        let shape = self.listed_shape(index)?;
        Ok(vec![with_rank(&shape, rank, "the listed shape")?.into()])
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

/// A dimension by its index, which counts from the end if it is negative.
pub(super) fn dim(shape: &Shape, index: isize) -> Dim {
    let dims = shape.dims()?;
    let from_start = if index < 0 {
        dims.len().checked_sub(index.unsigned_abs())?
    } else {
        index.unsigned_abs()
    };
    *dims.get(from_start)?
}

pub(super) fn broadcast_shapes(a: &Shape, b: &Shape) -> Inferred<Shape> {
    a.broadcast(b)
        .ok_or_else(|| format!("shapes do not broadcast: left {a}, right {b}"))
}

/// All but the last `count` dimensions.
pub(super) fn without_last(shape: &Shape, count: usize) -> Shape {
    match shape.dims() {
        Some(dims) => dims[..dims.len().saturating_sub(count)].to_vec().into(),
        None => Shape::unknown(),
    }
}

/// All but the first `count` dimensions.
pub(super) fn without_first(shape: &Shape, count: usize) -> Shape {
    match shape.dims() {
        Some(dims) => dims[count.min(dims.len())..].to_vec().into(),
        None => Shape::unknown(),
    }
}

/// The shape with one dimension replaced; a negative index counts from the end.
pub(super) fn replace(shape: &Shape, index: isize, dim: Dim) -> Shape {
    let Some(dims) = shape.dims() else {
        return Shape::unknown();
    };
    let mut dims = dims.to_vec();
    let at = if index < 0 {
        dims.len().wrapping_sub(index.unsigned_abs())
    } else {
        index.unsigned_abs()
    };
    if let Some(place) = dims.get_mut(at) {
        *place = dim;
    }
    dims.into()
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
    usize::try_from(value)
        .ok()
        .filter(|&value| value > 0)
        .ok_or_else(|| format!("{what} must be positive, found {value}"))
}

/// How many elements there are: none also where a dimension is 0 and others are unknown.
pub(super) fn elements(shape: &Shape) -> Dim {
    let dims = shape.dims()?;
    let one = Some(1);
    dims.iter().fold(one, |count, &dim| product(count, dim))
}
