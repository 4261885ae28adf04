//! Shapes of random numbers and of candidate sampling.

use super::Outputs::{Fixed, Of};
use super::{
    ANY, Inference, Inferred, LIST, matrix, merge_dims, one, shape_from_input, tensors, unchanged,
    vector,
};
use crate::graph::facts::{OpFacts, kernel, op, ranked};

pub(super) const TABLE: &[OpFacts] = &[
    op("AllCandidateSampler", candidates),
    op("ComputeAccidentalHits", accidental_hits),
    op("FixedUnigramCandidateSampler", candidates),
    op("LearnedUnigramCandidateSampler", candidates),
    op("LogUniformCandidateSampler", candidates),
    op("Multinomial", multinomial),
    op("NonDeterministicInts", shape_from_input),
    ranked(
        "ParameterizedTruncatedNormal",
        &[1, LIST, LIST, LIST, LIST],
        Of(shape_from_input),
    ),
    op("RandomGamma", for_each_parameter),
    op("RandomPoissonV2", for_each_parameter),
    op("RandomShuffle", unchanged).kernel(kernel::random::shuffle),
    op("RandomStandardNormal", shape_from_input).kernel(kernel::random::normal),
    op("RandomUniform", shape_from_input).kernel(kernel::random::uniform),
    op("RandomUniformInt", |i| {
        i.check_scalars(1..3)?;
        shape_from_input(i)
    })
    .kernel(kernel::random::integers),
    ranked("RngSkip", &[ANY, 0, 0], Fixed(&[])),
    ranked(
        "StatefulRandomBinomial",
        &[ANY, ANY, 1, LIST, LIST],
        Of(|i| one(i.listed_shape(2)?)),
    ),
    op("StatefulStandardNormalV2", stateful),
    op("StatefulTruncatedNormal", stateful),
    op("StatefulUniform", stateful),
    op("StatefulUniformFullInt", stateful),
    op("StatefulUniformInt", stateful),
    op("StatelessMultinomial", |i| {
        check_seed(i, 2)?;
        multinomial(i)
    }),
    op("StatelessRandomNormal", stateless).kernel(kernel::random::normal),
    op("StatelessRandomUniform", stateless).kernel(kernel::random::uniform),
    op("StatelessRandomUniformInt", |i| {
        i.check_scalars(2..4)?;
        stateless(i)
    })
    .kernel(kernel::random::integers),
    op("StatelessTruncatedNormal", stateless).kernel(kernel::random::truncated_normal),
    op("ThreadUnsafeUnigramCandidateSampler", candidates),
    op("TruncatedNormal", shape_from_input).kernel(kernel::random::truncated_normal),
    op("UniformCandidateSampler", candidates),
];

/// The listed shape for each element of the parameter.
fn for_each_parameter(i: &Inference<'_>) -> Inferred {
    one(i.listed_shape(0)?.joined(i.input(1)))
}

fn multinomial(i: &Inference<'_>) -> Inferred {
    let logits = i.dims(0, 2, "\"logits\"")?;
    one(matrix(logits[0], i.count(1)?))
}

fn check_seed(i: &Inference<'_>, index: usize) -> Inferred<()> {
    let len = i.dims(index, 1, "\"seed\"")?[0];
    merge_dims(len, Some(2), "the length of \"seed\" and 2")?;
    Ok(())
}

fn stateless(i: &Inference<'_>) -> Inferred {
    check_seed(i, 1)?;
    shape_from_input(i)
}

fn stateful(i: &Inference<'_>) -> Inferred {
    i.check_scalars(1..2)?;
    one(i.listed_shape(2)?)
}

fn candidates(i: &Inference<'_>) -> Inferred {
    let size = |name| super::dims::positive(i.int(name), &format!("attribute \"{name}\""));
    let (sampled, labels) = (Some(size("num_sampled")?), Some(size("num_true")?));
    let classes = i.dims(0, 2, "\"true_classes\"")?;
    tensors(&[&[sampled], &[classes[0], labels], &[sampled]])
}

fn accidental_hits(i: &Inference<'_>) -> Inferred {
    i.dims(0, 2, "\"true_classes\"")?;
    i.dims(1, 1, "\"sampled_candidates\"")?;
    let labels = i.node.int_attr("num_true");
    let labels = labels.and_then(|labels| usize::try_from(labels).ok());
    let what = "the columns of \"true_classes\" and \"num_true\"";
    merge_dims(i.input(0).dim(1), labels, what)?;
    i.all_outputs(vector(None))
}
