//! Shapes of ops on ragged tensors: row splits and the values that they divide.

use super::{
    Dim, Inference, Inferred, at_least_rank, at_most_rank, merge_dims, one, refuse, tensors, vector,
};
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("RaggedGather", ragged_gather),
    op("RaggedRange", ragged_range),
    op("RaggedTensorFromVariant", from_variant),
    op("RaggedTensorToSparse", to_sparse),
    op("RaggedTensorToTensor", to_tensor),
    op("RaggedTensorToVariant", to_variant),
];

fn ragged_gather(i: &Inference<'_>) -> Inferred {
    i.all_ranked("params_nested_splits", 1)?;
    let splits = i.arg("params_nested_splits").len();
    let values = i.input(splits);
    at_least_rank(values, 1, "the values")?;
    let outputs = i.node.outputs.len() - 1;
    if let Some(rank) = (outputs + 1).checked_sub(splits) {
        i.ranked(splits + 1, rank)?;
    }
    let gathered = match values.dims() {
        Some([_, rest @ ..]) => vector(None).with_suffix(rest),
        _ => Shape::unknown(),
    };
    let mut shapes = vec![vector(None); outputs];
    shapes.push(gathered);
    Ok(shapes)
}

fn ragged_range(i: &Inference<'_>) -> Inferred {
    let (mut rows, mut scalars) = (None, true);
    for input in i.inputs() {
        at_most_rank(input, 1, "the bounds")?;
        if let Some([len]) = input.dims() {
            rows = merge_dims(rows, *len, "the numbers of bounds")?;
        }
        scalars &= input.rank() == Some(0);
    }
    let rows = if scalars { Some(1) } else { rows };
    tensors(&[&[rows.map(|rows| rows + 1)], &[None]])
}

/// The input's rank is the difference of the ragged ranks, where both are given.
fn from_variant(i: &Inference<'_>) -> Inferred {
    let (from, to) = (i.int("input_ragged_rank"), i.int("output_ragged_rank"));
    if from >= 0 {
        if let Ok(rank) = usize::try_from(to - from) {
            i.ranked(0, rank)?;
        }
    }
    let mut shapes = vec![vector(None); i.node.outputs.len() - 1];
    shapes.push(Shape::unknown());
    Ok(shapes)
}

fn to_variant(i: &Inference<'_>) -> Inferred {
    i.all_ranked("rt_nested_splits", 1)?;
    i.at_least_rank(i.node.inputs.len() - 1, 1, "the values")?;
    if !i.flag("batched_input") {
        return super::scalar(i);
    }
    let rows = match i.vector_len(0)? {
        Some(0) => return Err("expected at least 1 row split, found 0".into()),
        splits => splits.map(|splits| splits - 1),
    };
    one(vector(rows))
}

fn to_sparse(i: &Inference<'_>) -> Inferred {
    i.all_ranked("rt_nested_splits", 1)?;
    let splits = i.arg("rt_nested_splits").len();
    let values = i.input(splits);
    at_least_rank(values, 1, "the values")?;
    let (len, rank) = (
        values.num_elements(),
        values.rank().map(|rank| rank + splits),
    );
    tensors(&[&[len, rank], &[len], &[rank]])
}

/// How rows can be partitioned.
const PARTITIONS: [&[u8]; 6] = [
    b"FIRST_DIM_SIZE",
    b"VALUE_ROWIDS",
    b"ROW_LENGTHS",
    b"ROW_SPLITS",
    b"ROW_LIMITS",
    b"ROW_STARTS",
];

/// The dense shape: what the shape input lists, and behind the ragged dimensions those of a value.
fn to_tensor(i: &Inference<'_>) -> Inferred {
    let partitions = match i.list("row_partition_types") {
        Some(list) => &list.s[..],
        None => &[],
    };
    for name in partitions {
        if !PARTITIONS.contains(&name.as_slice()) {
            let name = String::from_utf8_lossy(name);
            return refuse(format_args!("\"{name}\" is not how rows are partitioned"));
        }
    }
    let first = partitions.first().map(Vec::as_slice);
    let ragged = partitions.len() - usize::from(first == Some(b"FIRST_DIM_SIZE"));
    // A scalar -1 stands for any shape.
    let listed = match i.input(0).rank() {
        Some(0) => Shape::unknown(),
        _ => i.dims_from_input(0)?,
    };
    let Some(values) = i.input(1).dims() else {
        return one(listed);
    };
    let mut dims: Vec<Dim> = match listed.dims() {
        Some(dims) if dims.len() == ragged + values.len() => dims.to_vec(),
        Some(_) => {
            return refuse(format_args!(
                "the shape {listed} must have rank {}, as the values' is {}",
                ragged + values.len(),
                i.input(1)
            ));
        }
        None => vec![None; ragged + values.len()],
    };
    for (at, &value) in values.iter().enumerate().skip(1) {
        let dim = &mut dims[ragged + at];
        *dim = merge_dims(*dim, value, "dimensions of shape and values")?;
    }
    one(dims.into())
}
