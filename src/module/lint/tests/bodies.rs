//! The rows of codes that hold in the bodies of functions too.

use ndarray::Array1;

use super::super::LintCode;
use super::modules::*;
use crate::ops::nn::FusedBatchNormOptions;
use crate::ops::{io, math, nn};
use crate::{GraphBuilder, Tensor};

/// A graph that calls a function `f` of its input.
fn calls(
    g: &GraphBuilder,
    body: impl for<'g> Fn(&'g GraphBuilder, Tensor<'g, f32>) -> Tensor<'g, f32>,
) {
    let x = x(g);
    let f = g.function("f", ["x"], |x: Tensor<'_, f32>| body(g, x));
    g.default_signature(x, f.call(x));
}

fn plus_ones(g: &GraphBuilder, name: &str, count: usize) {
    calls(g, |g, x| {
        let value = Array1::<f32>::ones(count);
        let ones = g.named(name, || g.constant(value));
        x + math::reduce_sum(ones, math::Axes::ALL)
    });
}

fn reads(g: &GraphBuilder, path: &str) {
    let x = x(g);
    let f = g.function("f", ["x"], |x: Tensor<'_, f32>| {
        let path = g.named("path", || g.constant(path));
        (x, io::read_file(path))
    });
    let (y, text) = f.call(x);
    let signature = g.signature("default").input("default", x);
    signature.output("default", y).output("text", text);
}

fn pools(g: &GraphBuilder, format: &str) {
    let x = g.placeholder::<f32>((None, 4, 4, 4));
    let f = g.function("f", ["x"], |x: Tensor<'_, f32>| {
        let pool = g.op("MaxPool").name("pool").input(x);
        let pool = pool.attr("ksize", vec![1i64; 4]).attr("padding", "VALID");
        let pool = pool.attr("strides", vec![1i64; 4]);
        let pool = pool.attr("data_format", format).finish();
        -pool.output(0).typed::<f32>()
    });
    g.default_signature(x, f.call(x));
}

fn drops(g: &GraphBuilder) {
    calls(g, |_, x| -nn::dropout(x, 0.5, ()));
}

/// Dropout at a rate that is an input, and one that has none of it with `is_training` false.
fn drops_at_rate(g: &GraphBuilder, is_training: bool) {
    let x = x(g);
    let half = g.constant(0.5f32);
    let rate = g.named("rate", || g.placeholder_with_default(half, ()));
    let f = g.function(
        "f",
        ["x", "rate"],
        |(x, rate): (Tensor<'_, f32>, Tensor<'_, f32>)| match is_training {
            true => -nn::dropout(x, rate, ()),
            false => -x + rate * 0.0,
        },
    );
    let signature = g.signature("default").input("default", x);
    let signature = signature.input("rate", rate);
    signature.output("default", f.call((x, rate)));
}

/// Dropout in the branch of a conditional that a consumer chooses.
fn drops_if_asked(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = x(g);
    let no = g.constant(false);
    let is_training = g.named("is_training", || g.placeholder_with_default(no, ()));
    let y = g.cond(is_training, || -nn::dropout(x, 0.5, ()), || -x);
    let signature = g.signature("default").input("default", x);
    signature
        .input("is_training", is_training)
        .output("default", y);
}

fn normalizes(g: &GraphBuilder) {
    let x = g.placeholder::<f32>((None, 2, 2, 3));
    let f = g.function("f", ["x"], |x: Tensor<'_, f32>| {
        let [one, zero] = [1f32, 0.0].map(|value| g.constant([value; 3]));
        let options = FusedBatchNormOptions::default().inference(zero, one);
        nn::fused_batch_norm(x, one, zero, options).y
    });
    g.default_signature(x, f.call(x));
}

pub(super) fn rows() -> Vec<Row> {
    use LintCode::*;

    vec![
        found(
            S14,
            "f/forgotten",
            one(|g, _| {
                calls(g, |g, x| {
                    g.named("forgotten", || x * 3.0);
                    -x
                });
            }),
            one(|g, _| {
                calls(g, |g, x| {
                    let kept = g.named("kept", || x * 3.0);
                    g.control_dependencies([kept], || -x)
                });
            }),
        ),
        found(
            V10,
            "f/dropout/mul_1",
            one(|g, _| drops(g)).with(["train"], plain),
            one(|g, _| drops_if_asked(g)).with(["train"], plain),
        ),
        found(
            V10,
            "f/dropout/mul_1",
            one(plain).with(["train"], |g, _| drops(g)),
            one(|g, _| drops_at_rate(g, false)).with(["train"], |g, _| drops_at_rate(g, true)),
        ),
        found(
            V11,
            "{}",
            one(|g, _| drops(g)),
            one(|g, _| drops_if_asked(g)),
        ),
        found(
            V11,
            "{}",
            one(|g, _| normalizes(g)),
            one(|g, _| normalizes(g)).with(["train"], plain),
        ),
        found(
            V11,
            "{train}",
            one(|g, _| calls(g, |_, x| x * 2.0)).with(["train"], |g, _| calls(g, |_, x| x * 2.0)),
            one(|g, _| calls(g, |_, x| x * 2.0)).with(["train"], |g, _| calls(g, |_, x| x * 3.0)),
        ),
        found(
            V12,
            "f/large",
            one(|g, _| plus_ones(g, "large", 1 << 20)),
            one(|g, _| plus_ones(g, "small", 1 << 10)),
        ),
        found(
            V13,
            "f/large",
            one(|g, _| plus_ones(g, "large", 1 << 21)),
            one(|g, _| plus_ones(g, "small", 1 << 20)),
        ),
        found(
            G09,
            "f/pool",
            one(|g, _| pools(g, "NCHW")),
            one(|g, _| pools(g, "NHWC")),
        ),
        found(
            A02,
            "f/path",
            one(|g, _| reads(g, "words.txt")),
            one(|g, _| reads(g, "")),
        ),
        found(
            A03,
            "f/path",
            one(|g, _| reads(g, "/home/jo/words.txt")),
            one(|g, _| reads(g, "words.txt")),
        ),
    ]
}
