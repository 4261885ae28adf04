//! Shapes of the steps of optimizers.

use super::state::{variable_or_handle, variable_shape};
use super::{Inference, Inferred, merge_dims, merged};
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("ApplyAdaMax", apply),
    op("ApplyAdadelta", apply),
    op("ApplyAdagrad", apply),
    op("ApplyAdagradDA", apply),
    op("ApplyAdagradV2", apply),
    op("ApplyAdam", apply),
    op("ApplyAddSign", apply),
    op("ApplyCenteredRMSProp", apply),
    op("ApplyFtrl", apply),
    op("ApplyFtrlV2", apply_ftrl_v2),
    op("ApplyGradientDescent", apply),
    op("ApplyMomentum", apply),
    op("ApplyPowerSign", apply),
    op("ApplyProximalAdagrad", apply),
    op("ApplyProximalGradientDescent", apply),
    op("ApplyRMSProp", apply),
    op("ResourceApplyAdaMax", apply),
    op("ResourceApplyAdadelta", apply),
    op("ResourceApplyAdagrad", apply),
    op("ResourceApplyAdagradDA", apply),
    op("ResourceApplyAdagradV2", apply),
    op("ResourceApplyAdam", apply),
    op("ResourceApplyAdamWithAmsgrad", apply),
    op("ResourceApplyAddSign", apply),
    op("ResourceApplyCenteredRMSProp", apply),
    op("ResourceApplyFtrl", apply),
    op("ResourceApplyFtrlV2", apply_ftrl_v2),
    op("ResourceApplyGradientDescent", apply_to_handle),
    op("ResourceApplyKerasMomentum", apply),
    op("ResourceApplyMomentum", apply),
    op("ResourceApplyPowerSign", apply),
    op("ResourceApplyProximalAdagrad", apply),
    op("ResourceApplyProximalGradientDescent", apply_to_handle),
    op("ResourceApplyRMSProp", apply),
    op("ResourceSparseApplyAdadelta", apply),
    op("ResourceSparseApplyAdagrad", apply),
    op("ResourceSparseApplyAdagradDA", apply),
    op("ResourceSparseApplyAdagradV2", apply),
    op("ResourceSparseApplyCenteredRMSProp", apply),
    op("ResourceSparseApplyFtrl", apply),
    op("ResourceSparseApplyFtrlV2", apply),
    op("ResourceSparseApplyKerasMomentum", apply),
    op("ResourceSparseApplyMomentum", apply),
    op("ResourceSparseApplyProximalAdagrad", apply),
    op("ResourceSparseApplyProximalGradientDescent", apply),
    op("ResourceSparseApplyRMSProp", apply),
    op("SparseApplyAdadelta", apply),
    op("SparseApplyAdagrad", apply),
    op("SparseApplyAdagradDA", apply),
    op("SparseApplyAdagradV2", apply),
    op("SparseApplyCenteredRMSProp", apply),
    op("SparseApplyFtrl", apply),
    op("SparseApplyFtrlV2", apply),
    op("SparseApplyMomentum", apply),
    op("SparseApplyProximalAdagrad", apply),
    op("SparseApplyProximalGradientDescent", apply),
    op("SparseApplyRMSProp", apply),
];

/// The variable, its slots and the gradient have one shape; hyperparameters are scalars. Of a sparse gradient, the first
/// dimension is that of the indices.
fn apply(i: &Inference<'_>) -> Inferred {
    apply_to(i, variable_shape, "")
}

/// [`apply`] where the shape of a handle of unknown element is the variable's.
fn apply_to_handle(i: &Inference<'_>) -> Inferred {
    apply_to(i, |i, _| variable_or_handle(i).clone(), "")
}

/// [`apply`] where one hyperparameter is not looked at.
fn apply_ftrl_v2(i: &Inference<'_>) -> Inferred {
    apply_to(i, variable_shape, "lr_power")
}

fn apply_to(
    i: &Inference<'_>,
    variable: fn(&Inference<'_>, usize) -> Shape,
    unchecked: &str,
) -> Inferred {
    let inputs = &i.op.inputs;
    let is_sparse = inputs.iter().any(|input| input.name == "indices");
    let mut shape = Shape::unknown();
    for (index, input) in inputs.iter().enumerate() {
        match &*input.name {
            "var"
            | "accum"
            | "accum_update"
            | "m"
            | "v"
            | "vhat"
            | "mg"
            | "ms"
            | "mom"
            | "linear"
            | "gradient_accumulator"
            | "gradient_squared_accumulator" => shape = merged(&shape, &variable(i, index))?,
            "grad" | "delta" if is_sparse => {
                // Rows are replaced by what is not known to be the variable's.
                let rows = i.input(index).with_dim(0, None);
                shape = merged(&shape, &rows)?;
            }
            "grad" | "delta" => shape = merged(&shape, i.input(index))?,
            "indices" => {
                let len = i.dims(index, 1, "\"indices\"")?[0];
                let gradient = inputs.iter().position(|input| input.name == "grad");
                let rows = gradient.and_then(|gradient| i.input(gradient).dim(0));
                merge_dims(len, rows, "the rows of the gradient and of the indices")?;
            }
            name if name == unchecked => {}
            _ => i.check_scalars(index..index + 1)?,
        }
    }
    i.all_outputs(shape)
}
