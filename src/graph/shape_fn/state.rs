//! Shapes of variables and what reads and changes them.

use super::{Inference, Inferred, ShapeFn, merged, scalar, shape_attr};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Assign", assign),
    ("AssignAdd", assign_change),
    ("AssignAddVariableOp", assign_variable),
    ("AssignSub", assign_change),
    ("AssignSubVariableOp", assign_variable),
    ("AssignVariableOp", assign_variable),
    ("IsVariableInitialized", scalar),
    ("ReadVariableOp", read_variable),
    ("VarHandleOp", scalar),
    ("VariableV2", variable),
    ("VarIsInitializedOp", scalar),
];

/// The shape of the variable behind a handle.
fn variable_shape(i: &Inference<'_>) -> Shape {
    let variable = i.handle(0).first();
    variable.map_or(Shape::unknown(), |(shape, _)| shape.clone())
}

/// A variable of the old kind.
fn variable(i: &Inference<'_>) -> Inferred {
    Ok(vec![shape_attr(i, "shape")])
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
