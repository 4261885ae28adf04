//! Shapes of quantizations and of what else works on quantized tensors.

use super::array::reshaped;
use super::join::concat;
use super::{
    Inference, Inferred, at_least_rank, at_most_rank, merge_dims, merged, unchanged, vector,
};
use crate::graph::facts::{OpFacts, op};

pub(super) const TABLE: &[OpFacts] = &[
    op("Dequantize", |i| ranged(i, 1..3)),
    op("FakeQuantWithMinMaxArgs", unchanged),
    op("FakeQuantWithMinMaxArgsGradient", unchanged),
    op("FakeQuantWithMinMaxVars", |i| ranged(i, 1..3)),
    op("FakeQuantWithMinMaxVarsGradient", fake_gradient),
    op("FakeQuantWithMinMaxVarsPerChannel", fake_by_channel),
    op(
        "FakeQuantWithMinMaxVarsPerChannelGradient",
        fake_gradient_by_channel,
    ),
    op("QuantizeAndDequantizeV2", |i| ranged(i, 1..3)),
    op("QuantizeAndDequantizeV3", |i| ranged(i, 1..4)),
    op("QuantizeV2", |i| ranged(i, 1..3)),
    op("QuantizedConcat", quantized_concat),
    op("QuantizedInstanceNorm", |i| {
        i.dims(0, 4, "the images")?;
        ranged(i, 1..3)
    }),
    op("QuantizedReshape", |i| {
        i.check_scalars(2..4)?;
        i.then_scalars(vec![reshaped(i)?])
    }),
];

/// The first output is like the first input; these inputs and all other outputs are scalars.
fn ranged(i: &Inference<'_>, scalars: std::ops::Range<usize>) -> Inferred {
    i.check_scalars(scalars)?;
    i.then_scalars(unchanged(i)?)
}

fn fake_gradient(i: &Inference<'_>) -> Inferred {
    i.check_scalars(2..4)?;
    i.then_scalars(vec![merged(i.input(0), i.input(1))?])
}

fn fake_by_channel(i: &Inference<'_>) -> Inferred {
    let channels = i.input(0).dim(-1);
    i.at_least_rank(0, 1, "the inputs")?;
    let low = i.dims(1, 1, "\"min\"")?[0];
    let high = i.dims(2, 1, "\"max\"")?[0];
    for (a, b) in [(channels, low), (channels, high), (low, high)] {
        merge_dims(a, b, "channels of the inputs and of their range")?;
    }
    unchanged(i)
}

fn fake_gradient_by_channel(i: &Inference<'_>) -> Inferred {
    let inputs = merged(i.input(0), i.input(1))?;
    at_least_rank(&inputs, 1, "the inputs")?;
    at_most_rank(&inputs, 4, "the inputs")?;
    let mut range = vector(inputs.dim(-1));
    for index in [2, 3] {
        range = merged(&range, i.input(index))?;
    }
    Ok(vec![inputs, range.clone(), range])
}

fn quantized_concat(i: &Inference<'_>) -> Inferred {
    let values = i.arg("values");
    i.check_scalars(values.end..i.node.inputs.len())?;
    i.then_scalars(vec![concat(i, 0, values)?])
}
