//! Shapes of ops for XLA's compiler, which says less before it compiles.

use super::dims::each_dim;
use super::{
    Dim, Inference, Inferred, agree, all_unchanged, declared, no_outputs, one, one_of_rank, refuse,
    scalar, unchanged, unknown,
};
use crate::graph::facts::{OpFacts, op};
use crate::proto::Message as _;
use crate::proto::tensorflow::DotDimensionNumbers;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("XlaBroadcastHelper", unknown),
    op("XlaClusterOutput", unchanged),
    op("XlaConv", of_same_rank),
    op("XlaDequantize", unknown),
    op("XlaDot", dot),
    op("XlaDynamicSlice", unknown),
    op("XlaDynamicUpdateSlice", unchanged),
    op("XlaEinsum", einsum),
    op("XlaIf", unknown),
    op("XlaKeyValueSort", all_unchanged),
    op("XlaLaunch", unknown),
    op("XlaPad", of_same_rank),
    op("XlaRecv", declared),
    op("XlaReduce", reduce),
    op("XlaReduceWindow", of_same_rank),
    op("XlaReplicaId", scalar),
    op("XlaSelectAndScatter", of_same_rank),
    op("XlaSelfAdjointEig", unknown),
    op("XlaSend", no_outputs),
    op("XlaSort", unchanged),
    op("XlaSvd", unknown),
    op("XlaWhile", unknown),
];

/// The dimensions left of both factors. Like TensorFlow, this leaves out the batch, and says nothing of unknown
/// dimensions.
fn dot(i: &Inference<'_>) -> Inferred {
    let (left, right) = (i.input(0), i.input(1));
    let is_static = left.is_static() && right.is_static();
    let (true, Some(left), Some(right)) = (is_static, left.dims(), right.dims()) else {
        return unknown(i);
    };
    let numbers = i.node.string_attr("dimension_numbers").unwrap_or_default();
    // What cannot be read is left out, as TensorFlow does.
    let numbers = DotDimensionNumbers::decode(numbers).unwrap_or_default();
    let (summed_left, summed_right) = (
        &numbers.lhs_contracting_dimensions,
        &numbers.rhs_contracting_dimensions,
    );
    let (batch_left, batch_right) = (&numbers.lhs_batch_dimensions, &numbers.rhs_batch_dimensions);
    agree(&chosen(left, summed_left)?, &chosen(right, summed_right)?)?;
    agree(&chosen(left, batch_left)?, &chosen(right, batch_right)?)?;
    let left = others(left, summed_left, batch_left);
    let right = others(right, summed_right, batch_right);
    one(left.joined(&right))
}

/// A product of two tensors whose ranks are known, such as `ab,bc->ac`, each letter a dimension.
fn einsum(i: &Inference<'_>) -> Inferred {
    let (Some(left), Some(right)) = (i.input(0).dims(), i.input(1).dims()) else {
        return unknown(i);
    };
    let equation = i.node.string_attr("equation").unwrap_or_default();
    let equation = String::from_utf8_lossy(equation);
    let pair = |text, separator| pair(&equation, text, separator);
    let (inputs, output) = pair(&equation, "->")?;
    let (first, second) = pair(inputs, ",")?;
    let factors = [(first, left), (second, right)];
    for (labels, dims) in factors {
        if labels.len() != dims.len() {
            return refuse(format_args!(
                "\"{labels}\" of equation \"{equation}\" names the dimensions of an input of rank {}",
                dims.len()
            ));
        }
    }
    let output = output.as_bytes();
    each_dim(output.len(), &|at| {
        for (labels, dims) in factors {
            if let Some(at) = labels
                .as_bytes()
                .iter()
                .position(|&label| label == output[at])
            {
                return Ok(dims[at]);
            }
        }
        let label = char::from(output[at]);
        refuse(format_args!(
            "\"{label}\" of the result is in no input of equation \"{equation}\""
        ))
    })
}

/// The two parts that a separator divides a part of an equation into.
fn pair<'t>(equation: &str, text: &'t str, separator: &str) -> Inferred<(&'t str, &'t str)> {
    match text.split_once(separator) {
        Some((first, second)) if !second.contains(separator) => Ok((first, second)),
        _ => refuse(format_args!(
            "equation \"{equation}\" must have one \"{separator}\""
        )),
    }
}

fn chosen(dims: &[Dim], axes: &[i64]) -> Inferred<Shape> {
    let mut chosen = Shape::scalar();
    for &axis in axes {
        chosen.push(dims[from_start(axis, dims.len())?]);
    }
    Ok(chosen)
}

fn others(dims: &[Dim], summed: &[i64], batch: &[i64]) -> Shape {
    let mut left = Shape::scalar();
    for (axis, &dim) in dims.iter().enumerate() {
        let axis = axis as i64;
        if !summed.contains(&axis) && !batch.contains(&axis) {
            left.push(dim);
        }
    }
    left
}

/// An axis that may not be counted from the end.
fn from_start(axis: i64, rank: usize) -> Inferred<usize> {
    match usize::try_from(axis) {
        Ok(index) if index < rank => Ok(index),
        _ => refuse(format_args!("axis {axis} is out of range for rank {rank}")),
    }
}

fn of_same_rank(i: &Inference<'_>) -> Inferred {
    one_of_rank(i.input(0).rank())
}

/// The rank alone is known of what is left.
fn reduce(i: &Inference<'_>) -> Inferred {
    let Some(rank) = i.input(0).rank() else {
        return unknown(i);
    };
    let reduced = i.int_list("dimensions_to_reduce");
    for &axis in reduced {
        from_start(axis, rank)?;
    }
    match rank.checked_sub(reduced.len()) {
        Some(left) => one(Shape::unknown_of_rank(left)),
        None => refuse(format_args!(
            "{} dimensions of {rank} are reduced",
            reduced.len()
        )),
    }
}
