//! The shape of a padded tensor, as far as Python knows the paddings while it builds a graph.

use crate::graph::{AnyTensor, NodeId, TensorRef};
use crate::ops::constant_value;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

/// The op that makes a tensor, and what it is made of.
fn inputs(tensor: AnyTensor<'_>) -> (String, Vec<AnyTensor<'_>>) {
    let operation = tensor.operation();
    let node = operation.node();
    let op = node.op.name().to_owned();
    let inputs = node.inputs.clone();
    drop(node);
    let inputs = inputs.into_iter().map(|TensorRef { node, index }| {
        debug_assert_ne!(node, NodeId::POISON);
        operation.sibling(node).output(index as usize)
    });
    (op, inputs.collect())
}

/// The shape of a padded tensor where its paddings are known at least in part.
pub(super) fn padded_shape(padded: AnyTensor<'_>) -> Option<Shape> {
    if padded.is_poison() || padded.shape().is_static() {
        return None;
    }
    let (_, inputs) = inputs(padded);
    let (x, paddings) = (inputs.first()?.shape(), *inputs.get(1)?);
    let added = match constant_value::of(paddings) {
        Some(value) => {
            let value = value.to_i64s()?;
            value.chunks(2).map(|row| Some(row.iter().sum())).collect()
        }
        None => packed_rows(paddings)?,
    };
    let dims = x.dims()?.iter().zip(added);
    let dims = dims.map(|(dim, added)| {
        dim.as_ref()?
            .checked_add_signed(isize::try_from(added?).ok()?)
    });
    Some(dims.collect::<Vec<_>>().into())
}

/// The sums of the rows of a packed matrix, where they are known.
fn packed_rows(matrix: AnyTensor<'_>) -> Option<Vec<Option<i64>>> {
    let (op, rows) = inputs(matrix);
    if op != "Pack" || axis(matrix) != 0 {
        return None;
    }
    let sum = |row: AnyTensor<'_>| Some(constant_value::of(row)?.to_i64s()?.iter().sum());
    Some(rows.into_iter().map(sum).collect())
}

fn axis(tensor: AnyTensor<'_>) -> i64 {
    let operation = tensor.operation();
    let node = operation.node();
    match node.attr_or_default("axis") {
        Some(Value::I(axis)) => *axis,
        _ => 0,
    }
}
