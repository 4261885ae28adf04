//! Shapes of the steps of optimizers.

use super::dims::{dim, replace};
use super::state::{variable_or_handle, variable_shape};
use super::{Inference, Inferred, ShapeFn, merge_dims, merged, with_rank};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("ApplyAdaMax", apply),
    ("ApplyAdadelta", apply),
    ("ApplyAdagrad", apply),
    ("ApplyAdagradDA", apply),
    ("ApplyAdagradV2", apply),
    ("ApplyAdam", apply),
    ("ApplyAddSign", apply),
    ("ApplyCenteredRMSProp", apply),
    ("ApplyFtrl", apply),
    ("ApplyFtrlV2", apply),
    ("ApplyGradientDescent", apply),
    ("ApplyMomentum", apply),
    ("ApplyPowerSign", apply),
    ("ApplyProximalAdagrad", apply),
    ("ApplyProximalGradientDescent", apply),
    ("ApplyRMSProp", apply),
    ("ResourceApplyAdaMax", apply),
    ("ResourceApplyAdadelta", apply),
    ("ResourceApplyAdagrad", apply),
    ("ResourceApplyAdagradDA", apply),
    ("ResourceApplyAdagradV2", apply),
    ("ResourceApplyAdam", apply),
    ("ResourceApplyAdamWithAmsgrad", apply),
    ("ResourceApplyAddSign", apply),
    ("ResourceApplyCenteredRMSProp", apply),
    ("ResourceApplyFtrl", apply),
    ("ResourceApplyFtrlV2", apply),
    ("ResourceApplyGradientDescent", apply),
    ("ResourceApplyKerasMomentum", apply),
    ("ResourceApplyMomentum", apply),
    ("ResourceApplyPowerSign", apply),
    ("ResourceApplyProximalAdagrad", apply),
    ("ResourceApplyProximalGradientDescent", apply),
    ("ResourceApplyRMSProp", apply),
    ("ResourceSparseApplyAdadelta", apply),
    ("ResourceSparseApplyAdagrad", apply),
    ("ResourceSparseApplyAdagradDA", apply),
    ("ResourceSparseApplyAdagradV2", apply),
    ("ResourceSparseApplyCenteredRMSProp", apply),
    ("ResourceSparseApplyFtrl", apply),
    ("ResourceSparseApplyFtrlV2", apply),
    ("ResourceSparseApplyKerasMomentum", apply),
    ("ResourceSparseApplyMomentum", apply),
    ("ResourceSparseApplyProximalAdagrad", apply),
    ("ResourceSparseApplyProximalGradientDescent", apply),
    ("ResourceSparseApplyRMSProp", apply),
    ("SparseApplyAdadelta", apply),
    ("SparseApplyAdagrad", apply),
    ("SparseApplyAdagradDA", apply),
    ("SparseApplyAdagradV2", apply),
    ("SparseApplyCenteredRMSProp", apply),
    ("SparseApplyFtrl", apply),
    ("SparseApplyFtrlV2", apply),
    ("SparseApplyMomentum", apply),
    ("SparseApplyProximalAdagrad", apply),
    ("SparseApplyProximalGradientDescent", apply),
    ("SparseApplyRMSProp", apply),
];

/// The variable, its slots and the gradient have one shape; hyperparameters are scalars. Of a sparse gradient, the first
/// dimension is that of the indices.
fn apply(i: &Inference<'_>) -> Inferred {
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
            | "gradient_squared_accumulator" => {
                let variable = match &*i.op.name {
                    "ResourceApplyGradientDescent" | "ResourceApplyProximalGradientDescent" => {
                        variable_or_handle(i).clone()
                    }
                    _ => variable_shape(i, index),
                };
                shape = merged(&shape, &variable)?;
            }
            "grad" | "delta" if is_sparse => {
                // Rows are replaced by what is not known to be the variable's.
                let rows = replace(i.input(index), 0, None);
                shape = merged(&shape, &rows)?;
            }
            "grad" | "delta" => shape = merged(&shape, i.input(index))?,
            "indices" => {
                let len = with_rank(i.input(index), 1, "\"indices\"")?[0];
                let gradient = inputs.iter().position(|input| input.name == "grad");
                let rows = gradient.and_then(|gradient| dim(i.input(gradient), 0));
                merge_dims(len, rows, "the rows of the gradient and of the indices")?;
            }
            // It is not looked at here.
            "lr_power" if ["ApplyFtrlV2", "ResourceApplyFtrlV2"].contains(&i.node.op.name()) => {}
            _ => i.check_scalars([index])?,
        }
    }
    i.all_outputs(shape)
}
