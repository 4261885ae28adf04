//! Shapes of ops for XLA's compiler, which says less before it compiles.

use super::{
    Dim, Inference, Inferred, joined, merged, no_outputs, scalar, shape_attr, unchanged, unknown,
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
    op("XlaKeyValueSort", |i| Ok(i.inputs().cloned().collect())),
    op("XlaLaunch", unknown),
    op("XlaPad", of_same_rank),
    op("XlaRecv", |i| Ok(vec![shape_attr(i, "shape")])),
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
    let is_static = i.inputs().all(Shape::is_static);
    let (true, Some(left), Some(right)) = (is_static, i.input(0).dims(), i.input(1).dims()) else {
        return unknown(i);
    };
    let numbers = i.node.string_attr("dimension_numbers").unwrap_or_default();
    // What cannot be read is left out, as TensorFlow does.
    let numbers = DotDimensionNumbers::decode(numbers).unwrap_or_default();
    merged(
        &chosen(left, &numbers.lhs_contracting_dimensions)?,
        &chosen(right, &numbers.rhs_contracting_dimensions)?,
    )?;
    merged(
        &chosen(left, &numbers.lhs_batch_dimensions)?,
        &chosen(right, &numbers.rhs_batch_dimensions)?,
    )?;
    let left = others(
        left,
        &numbers.lhs_contracting_dimensions,
        &numbers.lhs_batch_dimensions,
    );
    let right = others(
        right,
        &numbers.rhs_contracting_dimensions,
        &numbers.rhs_batch_dimensions,
    );
    Ok(vec![joined(&left, &right)])
}

/// A product of two tensors whose ranks are known, such as `ab,bc->ac`, each letter a dimension.
fn einsum(i: &Inference<'_>) -> Inferred {
    let (Some(left), Some(right)) = (i.input(0).dims(), i.input(1).dims()) else {
        return unknown(i);
    };
    let equation = i.node.string_attr("equation").unwrap_or_default();
    let equation = String::from_utf8_lossy(equation);
    let pair = |text: &str, separator: &str| -> Inferred<(String, String)> {
        let parts: Vec<_> = text.split(separator).collect();
        match parts[..] {
            [first, second] => Ok((first.to_owned(), second.to_owned())),
            _ => Err(format!(
                "equation \"{equation}\" must have one \"{separator}\""
            )),
        }
    };
    let (inputs, output) = pair(&equation, "->")?;
    let (first, second) = pair(&inputs, ",")?;
    for (labels, dims) in [(&first, left), (&second, right)] {
        if labels.len() != dims.len() {
            return Err(format!(
                "\"{labels}\" of equation \"{equation}\" names the dimensions of an input of rank {}",
                dims.len()
            ));
        }
    }
    let named = |labels: &str, dims: &[Dim], label: u8| {
        let at = labels.bytes().position(|other| other == label)?;
        Some(dims[at])
    };
    let dim = |label: u8| {
        let found = named(&first, left, label).or_else(|| named(&second, right, label));
        found.ok_or_else(|| {
            let label = char::from(label);
            format!("\"{label}\" of the result is in no input of equation \"{equation}\"")
        })
    };
    let dims = output.bytes().map(dim).collect::<Inferred<Vec<_>>>()?;
    Ok(vec![dims.into()])
}

fn chosen(dims: &[Dim], axes: &[i64]) -> Inferred<Shape> {
    let one = |&axis: &i64| Ok(dims[from_start(axis, dims.len())?]);
    Ok(axes.iter().map(one).collect::<Inferred<Vec<_>>>()?.into())
}

fn others(dims: &[Dim], summed: &[i64], batch: &[i64]) -> Shape {
    let is_other = |axis: usize| {
        let axis = axis as i64;
        !summed.contains(&axis) && !batch.contains(&axis)
    };
    let left = dims.iter().enumerate().filter(|&(axis, _)| is_other(axis));
    left.map(|(_, &dim)| dim).collect::<Vec<_>>().into()
}

/// An axis that may not be counted from the end.
fn from_start(axis: i64, rank: usize) -> Inferred<usize> {
    let found = usize::try_from(axis).ok().filter(|&axis| axis < rank);
    found.ok_or_else(|| format!("axis {axis} is out of range for rank {rank}"))
}

fn of_same_rank(i: &Inference<'_>) -> Inferred {
    let rank = i.input(0).rank();
    Ok(vec![rank.map_or(Shape::unknown(), Shape::unknown_of_rank)])
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
    let left = rank.checked_sub(reduced.len());
    let left = left.ok_or_else(|| format!("{} dimensions of {rank} are reduced", reduced.len()))?;
    Ok(vec![Shape::unknown_of_rank(left)])
}
