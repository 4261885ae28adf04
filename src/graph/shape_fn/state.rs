//! Shapes of variables and what reads and changes them.

use super::dims::without_first;
use super::gather::{check_scatter, gathered};
use super::{
    Inference, Inferred, ShapeFn, at_least_rank, fixed, from_axis, joined, merged, no_outputs,
    scalar, shape_attr, unchanged, unknown, vector, with_rank,
};
use crate::dtype::DType;
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Assign", assign),
    ("AssignAdd", assign_change),
    ("AssignAddVariableOp", assign_variable),
    ("AssignSub", assign_change),
    ("AssignSubVariableOp", assign_variable),
    ("AssignVariableOp", assign_variable),
    ("CountUpTo", |i| fixed(i, &[0], &[&[]])),
    ("DebugGradientRefIdentity", unchanged),
    ("DestroyResourceOp", no_outputs),
    ("DestroyTemporaryVariable", unchanged),
    ("IsVariableInitialized", scalar),
    ("ReadVariableOp", |i| Ok(vec![i.shape_behind(0)])),
    ("RefIdentity", unchanged),
    ("ResourceCountUpTo", resource_count_up_to),
    ("ResourceGather", resource_gather),
    ("ResourceGatherNd", resource_gather_nd),
    ("ResourceScatterAdd", scatter),
    ("ResourceScatterDiv", scatter),
    ("ResourceScatterMax", scatter),
    ("ResourceScatterMin", scatter),
    ("ResourceScatterMul", scatter),
    ("ResourceScatterNdAdd", scatter_nd),
    ("ResourceScatterNdSub", scatter_nd),
    ("ResourceScatterNdUpdate", scatter_nd),
    ("ResourceScatterSub", scatter),
    ("ResourceScatterUpdate", scatter),
    ("ResourceStridedSliceAssign", no_outputs),
    ("ScatterAdd", scatter),
    ("ScatterDiv", scatter),
    ("ScatterMax", scatter),
    ("ScatterMin", scatter),
    ("ScatterMul", scatter),
    ("ScatterNdAdd", scatter_nd),
    ("ScatterNdSub", scatter_nd),
    ("ScatterNdUpdate", scatter_nd),
    ("ScatterSub", scatter),
    ("ScatterUpdate", scatter),
    ("StridedSliceAssign", unchanged),
    ("TemporaryVariable", declared),
    ("VarHandleOp", scalar),
    ("Variable", variable),
    ("VariableShape", |i| {
        Ok(vec![vector(i.shape_behind(0).rank())])
    }),
    ("VariableV2", declared),
    ("VarIsInitializedOp", scalar),
];

/// The shape of a variable, either itself or behind a handle.
pub(super) fn variable_shape(i: &Inference<'_>, index: usize) -> Shape {
    let tensor = i.node.inputs[index];
    let output = i.nodes.get(tensor.node.index());
    match output.map(|node| node.outputs[tensor.index as usize].dtype) {
        Some(DType::Resource) => i.shape_behind(index),
        _ => i.input(index).clone(),
    }
}

fn declared(i: &Inference<'_>) -> Inferred {
    Ok(vec![shape_attr(i, "shape")])
}

/// The oldest variables say of an unknown shape that it is a scalar's.
fn variable(i: &Inference<'_>) -> Inferred {
    let shape = shape_attr(i, "shape");
    Ok(vec![match shape.rank() {
        Some(0) => Shape::unknown(),
        _ => shape,
    }])
}

/// A value that replaces a variable's: the shape is both of them, or the value's where it is not checked.
fn assign(i: &Inference<'_>) -> Inferred {
    let (variable, value) = (i.input(0), i.input(1));
    if i.flag("validate_shape") {
        return Ok(vec![merged(variable, value)?]);
    }
    Ok(vec![value.clone()])
}

/// A value that is added to a variable's or taken from it.
fn assign_change(i: &Inference<'_>) -> Inferred {
    Ok(vec![merged(i.input(0), i.input(1))?])
}

fn assign_variable(i: &Inference<'_>) -> Inferred {
    merged(&i.shape_behind(0), i.input(1))?;
    Ok(Vec::new())
}

fn resource_count_up_to(i: &Inference<'_>) -> Inferred {
    if i.handle(0).is_empty() {
        return Err("nothing is known of the variable behind the handle".to_owned());
    }
    with_rank(&i.shape_behind(0), 0, "the variable")?;
    scalar(i)
}

/// Of each batch, the elements at the indices.
fn resource_gather(i: &Inference<'_>) -> Inferred {
    let (variable, indices) = (i.shape_behind(0), i.input(1));
    let batch = usize::try_from(i.int("batch_dims"))
        .map_err(|_| format!("batch_dims is {}, below 0", i.int("batch_dims")))?;
    at_least_rank(&variable, batch + 1, "the variable")?;
    at_least_rank(indices, batch, "the indices")?;
    let Some(dims) = variable.dims() else {
        return unknown(i);
    };
    let rows = joined(&dims[..batch].to_vec().into(), &from_axis(indices, batch));
    Ok(vec![joined(&rows, &dims[batch + 1..].to_vec().into())])
}

fn resource_gather_nd(i: &Inference<'_>) -> Inferred {
    gathered(variable_or_handle(i), i.input(1))
}

/// The shape of the variable; where nothing is known of it, TensorFlow takes the handle's for it.
pub(super) fn variable_or_handle<'a>(i: &Inference<'a>) -> &'a Shape {
    match i.handle(0) {
        [] => i.input(0),
        [(variable, _), ..] => variable,
    }
}

/// Updates are scalars or have the shape of the elements at the indices.
fn scatter(i: &Inference<'_>) -> Inferred {
    let (variable, updates) = (variable_shape(i, 0), i.input(2));
    let elements = joined(i.input(1), &without_first(&variable, 1));
    if updates.rank() != Some(0) {
        merged(&elements, updates)?;
    }
    i.all_outputs(variable)
}

/// The last dimension of the indices is how many of the variable's each of them counts.
fn scatter_nd(i: &Inference<'_>) -> Inferred {
    let variable = variable_or_handle(i);
    check_scatter(i.input(1), i.input(2), variable)?;
    i.all_outputs(variable.clone())
}
