//! The rows of codes of the structure of modules.

use super::super::LintCode;
use super::modules::*;
use crate::dtype::ByteString;
use crate::module::Tags;
use crate::ops::array;
use crate::ops::lookup::{StaticHashTable, TextFileInitializer};
use crate::{DType, Shape, Tensor};

pub(super) fn rows() -> Vec<Row> {
    use LintCode::*;

    let empty: Build = |g, _| {
        x(g);
    };
    vec![
        refused(S01, one(empty), one(plain)),
        refused(S02, one(plain).with(Tags::none(), plain), one(plain)),
        found(S03, "{}", tagged(["train"], plain), one(plain)),
        found(
            S04,
            "default",
            one(|g, _| {
                let x = x(g);
                g.signature("other").input("x", x).output("default", -x);
            }),
            one(plain),
        ),
        found(
            S04,
            "default",
            one(|g, _| {
                let x = x(g);
                g.signature("default").input("x", x).output("y", -x);
            }),
            one(plain),
        ),
        refused(
            S05,
            one(|g, dir| {
                plain(g, dir);
                g.add_to_collection("mine", vec![1]);
            }),
            one(plain),
        ),
        refused(
            S06,
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x + g.placeholder::<f32>(()));
            }),
            one(plain),
        ),
        found(
            S06,
            "p",
            one(|g, _| {
                let x = x(g);
                let text = r#"node { name: "p" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }"#;
                imported(g, text);
                let p = g.operation("p").unwrap().output(0).typed::<f32>();
                g.default_signature(x, x + p);
            }),
            one(plain),
        ),
        refused(
            S07,
            one(|g, dir| {
                plain(g, dir);
                let v = g.op("VarHandleOp").attr("dtype", DType::Float32);
                v.attr("shape", Shape::scalar()).finish();
            }),
            one(layer),
        ),
        found(
            S07,
            "v",
            one(|g, dir| {
                plain(g, dir);
                let text = r#"node { name: "v" op: "VarHandleOp" attr { key: "dtype" value { type: DT_FLOAT } }
                    attr { key: "shape" value { shape { } } } }"#;
                imported(g, text);
            }),
            one(layer),
        ),
        refused(
            S08,
            one(|g, dir| {
                plain(g, dir);
                let x = g.constant(1f32);
                g.colocate_with(x, || {
                    let v = g.op("VarHandleOp").attr("dtype", DType::Float32);
                    v.attr("shape", Shape::scalar())
                        .attr("shared_name", "v")
                        .finish()
                });
            }),
            one(layer),
        ),
        found(
            S08,
            "ShutdownDistributedTPU",
            one(|g, dir| {
                plain(g, dir);
                g.op("ShutdownDistributedTPU").finish();
            }),
            one(layer),
        ),
        refused(
            S09,
            one(|g, _| {
                let x = x(g);
                let fed = g.colocate_with(x, || array::identity(x));
                g.default_signature(fed, -fed);
            }),
            one(plain),
        ),
        found(
            S09,
            "default",
            one(|g, _| {
                let x = g.constant([1f32, 2.0]);
                let halves: Vec<Tensor<'_, f32>> = array::split(x, 2, 0);
                g.default_signature(halves[0], -halves[0]);
            }),
            one(plain),
        ),
        refused(
            S10,
            one(|g, _| {
                let x = x(g);
                g.signature("a b").input("x", x).output("y", -x);
            }),
            one(plain),
        ),
        found(
            S10,
            "a:b",
            one(|g, dir| {
                plain(g, dir);
                let y = x(g);
                g.signature("a:b").input("x", y).output("y", -y);
            }),
            one(plain),
        ),
        found(
            S10,
            "1 key",
            one(|g, _| {
                let x = x(g);
                g.signature("default")
                    .input("1 key", x)
                    .output("default", -x);
            }),
            one(plain),
        ),
        refused(
            S11,
            one(|g, dir| {
                plain(g, dir);
                let y = x(g);
                g.default_signature(y, -y);
            }),
            one(plain),
        ),
        found(
            S11,
            "unused",
            one(|g, _| {
                let (x, unused) = (x(g), g.placeholder::<f32>((None,)));
                let signature = g.signature("default").input("x", x).input("unused", unused);
                signature.output("default", -x);
            }),
            one(plain),
        ),
        found(
            S11,
            "default",
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x);
            }),
            one(plain),
        ),
        refused(
            S12,
            one(|g, dir| {
                plain(g, dir);
                g.op("Frobnicate").finish();
            }),
            one(plain),
        ),
        refused(
            S13,
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x + [1f32, 2.0]);
            }),
            one(plain),
        ),
        found(
            S14,
            "forgotten",
            one(|g, dir| {
                plain(g, dir);
                let two = g.constant(2f32);
                g.named("forgotten", || two * 3.0);
            }),
            one(plain),
        ),
        found(
            S14,
            "hash_table",
            one(|g, dir| {
                plain(g, dir);
                let table =
                    TextFileInitializer::<ByteString, i64>::new(g, file(dir, "words.txt", "a\n"));
                StaticHashTable::new(table.shared_name("words"), 0i64);
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
    ]
}
