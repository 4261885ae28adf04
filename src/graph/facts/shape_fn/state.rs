//! Shapes of variables and what reads and changes them.

use super::Outputs::Fixed;
use super::gather::{check_scatter, gathered};
use super::{
    Inference, Inferred, agree, at_least_rank, both_alike, declared, known, no_outputs, one,
    one_merged, refuse, scalar, shape_attr, tensor, unchanged, unknown, vector, with_rank,
};
use crate::dtype::DType;
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Assign", assign),
    op("AssignAdd", both_alike),
    op("AssignAddVariableOp", assign_variable),
    op("AssignSub", both_alike),
    op("AssignSubVariableOp", assign_variable),
    op("AssignVariableOp", assign_variable),
    ranked("CountUpTo", &[0], Fixed(&[&[]])),
    op("DebugGradientRefIdentity", unchanged),
    op("DestroyResourceOp", no_outputs),
    op("DestroyTemporaryVariable", unchanged),
    op("IsVariableInitialized", scalar).asks_for_value(),
    op("ReadVariableOp", |i| one(i.shape_behind(0))).reads_variable(),
    op("RefIdentity", unchanged)
        .handle(known::handle::first)
        .had_another_shape(),
    op("ResourceCountUpTo", resource_count_up_to),
    op("ResourceGather", resource_gather),
    op("ResourceGatherNd", resource_gather_nd),
    op("ResourceScatterAdd", scatter),
    op("ResourceScatterDiv", scatter),
    op("ResourceScatterMax", scatter),
    op("ResourceScatterMin", scatter),
    op("ResourceScatterMul", scatter),
    op("ResourceScatterNdAdd", scatter_nd),
    op("ResourceScatterNdSub", scatter_nd),
    op("ResourceScatterNdUpdate", scatter_nd),
    op("ResourceScatterSub", scatter),
    op("ResourceScatterUpdate", scatter),
    op("ResourceStridedSliceAssign", no_outputs),
    op("ScatterAdd", scatter),
    op("ScatterDiv", scatter),
    op("ScatterMax", scatter),
    op("ScatterMin", scatter),
    op("ScatterMul", scatter),
    op("ScatterNdAdd", scatter_nd),
    op("ScatterNdSub", scatter_nd),
    op("ScatterNdUpdate", scatter_nd),
    op("ScatterSub", scatter),
    op("ScatterUpdate", scatter),
    op("StridedSliceAssign", unchanged),
    op("TemporaryVariable", declared),
    op("VarHandleOp", scalar).handle(known::handle::variable),
    op("VarIsInitializedOp", scalar).asks_for_value(),
    op("Variable", variable).reads_variable(),
    op("VariableShape", |i| one(vector(i.shape_behind(0).rank()))),
    op("VariableV2", declared).reads_variable(),
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

/// The oldest variables say of an unknown shape that it is a scalar's.
fn variable(i: &Inference<'_>) -> Inferred {
    let shape = shape_attr(i, "shape");
    one(match shape.rank() {
        Some(0) => Shape::unknown(),
        _ => shape,
    })
}

/// A value that replaces a variable's: the shape is both of them, or the value's where it is not checked.
fn assign(i: &Inference<'_>) -> Inferred {
    let (variable, value) = (i.input(0), i.input(1));
    if i.flag("validate_shape") {
        return one_merged(variable, value);
    }
    one(value.clone())
}

fn assign_variable(i: &Inference<'_>) -> Inferred {
    agree(&i.shape_behind(0), i.input(1))?;
    Ok(Vec::new())
}

fn resource_count_up_to(i: &Inference<'_>) -> Inferred {
    if i.handle(0).is_empty() {
        return Err("nothing is known of the variable behind the handle".into());
    }
    with_rank(&i.shape_behind(0), 0, "the variable")?;
    scalar(i)
}

/// Of each batch, the elements at the indices.
fn resource_gather(i: &Inference<'_>) -> Inferred {
    let (variable, indices) = (i.shape_behind(0), i.input(1));
    let Some(batch) = i.size("batch_dims") else {
        return refuse(format_args!(
            "batch_dims is {}, below 0",
            i.int("batch_dims")
        ));
    };
    at_least_rank(&variable, batch + 1, "the variable")?;
    at_least_rank(indices, batch, "the indices")?;
    let Some(dims) = variable.dims() else {
        return unknown(i);
    };
    let rows = tensor(&dims[..batch]).joined(&indices.without_first(batch));
    one(rows.with_suffix(&dims[batch + 1..]))
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
    let elements = i.input(1).joined(&variable.without_first(1));
    if updates.rank() != Some(0) {
        agree(&elements, updates)?;
    }
    i.all_outputs(variable)
}

/// The last dimension of the indices is how many of the variable's each of them counts.
fn scatter_nd(i: &Inference<'_>) -> Inferred {
    let variable = variable_or_handle(i);
    check_scatter(i.input(1), i.input(2), variable)?;
    i.all_outputs(variable.clone())
}
