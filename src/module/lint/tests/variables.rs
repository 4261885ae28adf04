//! The rows of codes of variables and training.

use ndarray::Array1;

use super::super::LintCode;
use super::modules::*;
use crate::graph::keys;
use crate::layers::dense;
use crate::ops::math;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::variable::{VariableInfo, Variables};
use crate::{DType, Shape};

pub(super) fn rows() -> Vec<Row> {
    use LintCode::*;

    vec![
        refused(
            V01,
            one(layer).with(["train"], |g, _| {
                let x = x(g);
                g.default_signature(x, dense(5).apply(x));
            }),
            one(layer).with(["train"], layer),
        ),
        found(
            V02,
            "more",
            one(plain).with(["train"], |g, dir| {
                plain(g, dir);
                let y = x(g);
                g.signature("more").input("x", y).output("y", -y);
            }),
            one(plain).with(["train"], plain),
        ),
        found(
            V02,
            "info",
            one(plain).with(["train"], |g, dir| {
                plain(g, dir);
                g.attach_bytes("info", [8, 1]);
            }),
            one(plain).with(["train"], plain),
        ),
        found(
            V03,
            "dense/kernel/Adam_1",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<f32>("dense/kernel/Adam_1")
                    .shape([4, 3])
                    .trainable(false)
                    .finish();
            }),
            one(layer),
        ),
        found(
            V03,
            "global_step",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<i64>("global_step")
                    .shape(())
                    .trainable(false)
                    .finish();
            }),
            one(layer),
        ),
        found(
            V03,
            "unused",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<f32>("unused").shape([2]).finish();
            }),
            one(layer),
        ),
        found(
            V04,
            "v",
            one(|g, _| {
                let x = x(g);
                let v = g
                    .get_variable::<f32>("v")
                    .shape([4])
                    .use_resource(false)
                    .finish();
                g.default_signature(x, x + v);
            }),
            one(layer),
        ),
        found(
            V05,
            "dense/kernel",
            one(|g, dir| {
                layer(g, dir);
                g.drop_collections([keys::TRAINABLE_VARIABLES]);
            }),
            one(layer),
        ),
        found(V06, "dense/kernel", one(unregularized), one(layer)),
        found(
            V06,
            "dense/kernel",
            one(layer).with(["train"], unregularized),
            one(unregularized).with(["train"], layer),
        ),
        found(
            V07,
            "loss",
            one(|g, _| {
                let x = x(g);
                let loss = g.named("loss", || math::reduce_sum(x, math::Axes::ALL));
                g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
                g.default_signature(x, -x);
            }),
            one(layer),
        ),
        found(
            V07,
            "loss",
            one(|g, dir| {
                plain(g, dir);
                let one = g.constant([1f32, 2.0]);
                let loss = g.named("loss", || one * 2.0);
                g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
            }),
            one(layer),
        ),
        refused(
            V08,
            one(|g, dir| {
                plain(g, dir);
                g.add_to_collection(keys::UPDATE_OPS, vec![1]);
            }),
            one(plain),
        ),
        found(
            V08,
            "update_ops",
            one(|g, _| normalized(g, Some(0.9))).with(["train"], |g, _| normalized(g, Some(0.9))),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.9))),
        ),
        found(
            V09,
            "bn",
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.999))),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.99))),
        ),
        found(
            V10,
            "dropout/mul_1",
            one(dropped_out).with(["train"], plain),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V10,
            "dropout/mul_1",
            one(plain).with(["train"], dropped_out),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V11,
            "{}",
            one(|g, _| normalized(g, None)),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.9))),
        ),
        found(
            V11,
            "{}",
            one(dropped_out),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V11,
            "{train}",
            one(layer).with(["train"], layer),
            one(plain).with(["train"], layer),
        ),
        found(
            V12,
            "large",
            one(|g, _| {
                let x = x(g);
                let value = Array1::<f32>::ones(1 << 20);
                let large = g.named("large", || g.constant(value));
                g.default_signature(x, x + math::reduce_sum(large, math::Axes::ALL));
            }),
            one(|g, _| {
                let x = x(g);
                let value = Array1::<f32>::ones(1 << 10);
                let small = g.named("small", || g.constant(value));
                g.default_signature(x, x + math::reduce_sum(small, math::Axes::ALL));
            }),
        ),
        found(
            V13,
            "large",
            one(|g, dir| {
                plain(g, dir);
                let value = Array1::<f32>::ones(1 << 21);
                g.named("large", || g.constant(value));
            }),
            one(plain),
        ),
        found(
            V14,
            "v",
            one(|g, dir| {
                plain(g, dir);
                let v = g.op("VarHandleOp").name("v").attr("dtype", DType::Float32);
                let v = v
                    .attr("shape", Shape::scalar())
                    .attr("shared_name", "v")
                    .finish();
                let assign = g.op("AssignVariableOp").name("assign").input(v.output(0));
                assign.input(g.constant(1f32)).finish();
                let def = VariableDef {
                    variable_name: "v:0".to_owned(),
                    initializer_name: "assign".to_owned(),
                    is_resource: true,
                    snapshot_name: String::new(),
                    ..VariableDef::default()
                };
                let info = VariableInfo {
                    name: "v".to_owned(),
                    dtype: DType::Float32,
                    shape: ().into(),
                    handle: v.output(0).tensor_ref().node,
                    initial_value: None,
                    trainable: false,
                    part: None,
                };
                g.extension::<Variables>().import(info, def.encode_to_vec());
                g.add_to_collection(keys::VARIABLES, def.encode_to_vec());
            }),
            one(layer),
        ),
        found(
            V15,
            "dense/kernel",
            one(layer).values(|session| {
                session.assign("dense/bias", [1f32; 3])?;
                session.assign("dense/kernel", [[f32::NAN; 3]; 4])
            }),
            one(layer),
        ),
        found(
            V15,
            "dense/kernel",
            one(layer).values(|session| session.assign("dense/kernel", [[0.5f32; 3]; 4])),
            one(layer),
        ),
        found(
            V16,
            "{}",
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, dense(3).trainable(false).apply(x));
            }),
            one(layer),
        ),
    ]
}
