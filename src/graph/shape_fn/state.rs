//! Shapes of variables and what reads and changes them.

use super::{Inference, Inferred, ShapeFn, scalar};
use crate::graph::attr::shape_from_proto;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("AssignAddVariableOp", assign_variable),
    ("AssignSubVariableOp", assign_variable),
    ("AssignVariableOp", assign_variable),
    ("ReadVariableOp", read_variable),
    ("VarHandleOp", scalar),
    ("VarIsInitializedOp", scalar),
];

/// The shape of the variable behind a handle.
fn variable_shape(i: &Inference<'_>) -> Shape {
    let handle = &i.nodes[i.node.inputs[0].node.index()];
    match (handle.op.name(), handle.attr_or_default("shape")) {
        ("VarHandleOp", Some(Value::Shape(shape))) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }
}

fn read_variable(i: &Inference<'_>) -> Inferred {
    Ok(vec![variable_shape(i)])
}

fn assign_variable(i: &Inference<'_>) -> Inferred {
    let (variable, value) = (variable_shape(i), i.input(1));
    if !variable.is_compatible_with(value) {
        return Err(format!(
            "a value of shape {value} does not fit the variable's {variable}"
        ));
    }
    Ok(Vec::new())
}
