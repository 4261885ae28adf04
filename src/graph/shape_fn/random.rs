//! Shapes of random numbers and of candidate sampling.

use super::dims::dim;
use super::{
    ANY, Inference, Inferred, LIST, ShapeFn, fixed, joined, matrix, merge_dims, ranks_are,
    shape_from_input, unchanged, vector, with_rank,
};

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("RandomStandardNormal", shape_from_input),
    ("RandomUniform", shape_from_input),
    ("TruncatedNormal", shape_from_input),
    ("ParameterizedTruncatedNormal", |i| {
        ranks_are(i, &[1, LIST, LIST, LIST, LIST])?;
        shape_from_input(i)
    }),
    ("NonDeterministicInts", shape_from_input),
    ("RandomUniformInt", |i| {
        i.check_scalars([1, 2])?;
        shape_from_input(i)
    }),
    ("RandomGamma", for_each_parameter),
    ("RandomPoissonV2", for_each_parameter),
    ("RandomShuffle", unchanged),
    ("Multinomial", multinomial),
    ("StatelessMultinomial", |i| {
        check_seed(i, 2)?;
        multinomial(i)
    }),
    ("StatelessRandomNormal", stateless),
    ("StatelessRandomUniform", stateless),
    ("StatelessRandomUniformInt", |i| {
        i.check_scalars([2, 3])?;
        stateless(i)
    }),
    ("StatelessTruncatedNormal", stateless),
    ("StatefulRandomBinomial", |i| {
        ranks_are(i, &[ANY, ANY, 1, LIST, LIST])?;
        Ok(vec![i.listed_shape(2)?])
    }),
    ("StatefulStandardNormalV2", stateful),
    ("StatefulTruncatedNormal", stateful),
    ("StatefulUniform", stateful),
    ("StatefulUniformFullInt", stateful),
    ("StatefulUniformInt", stateful),
    ("RngSkip", |i| fixed(i, &[ANY, 0, 0], &[])),
    ("AllCandidateSampler", candidates),
    ("FixedUnigramCandidateSampler", candidates),
    ("LearnedUnigramCandidateSampler", candidates),
    ("LogUniformCandidateSampler", candidates),
    ("ThreadUnsafeUnigramCandidateSampler", candidates),
    ("UniformCandidateSampler", candidates),
    ("ComputeAccidentalHits", accidental_hits),
];

/// The listed shape for each element of the parameter.
fn for_each_parameter(i: &Inference<'_>) -> Inferred {
    Ok(vec![joined(&i.listed_shape(0)?, i.input(1))])
}

fn multinomial(i: &Inference<'_>) -> Inferred {
    let logits = with_rank(i.input(0), 2, "\"logits\"")?;
    Ok(vec![matrix(logits[0], i.count(1)?)])
}

fn check_seed(i: &Inference<'_>, index: usize) -> Inferred<()> {
    let len = with_rank(i.input(index), 1, "\"seed\"")?[0];
    merge_dims(len, Some(2), "the length of \"seed\" and 2")?;
    Ok(())
}

fn stateless(i: &Inference<'_>) -> Inferred {
    check_seed(i, 1)?;
    shape_from_input(i)
}

fn stateful(i: &Inference<'_>) -> Inferred {
    i.check_scalars([1])?;
    Ok(vec![i.listed_shape(2)?])
}

fn candidates(i: &Inference<'_>) -> Inferred {
    let size = |name| {
        let value = i.node.int_attr(name).unwrap_or(0);
        super::dims::positive(value, &format!("attribute \"{name}\"")).map(Some)
    };
    let (sampled, labels) = (size("num_sampled")?, size("num_true")?);
    let classes = with_rank(i.input(0), 2, "\"true_classes\"")?;
    Ok(vec![
        vector(sampled),
        matrix(classes[0], labels),
        vector(sampled),
    ])
}

fn accidental_hits(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 2, "\"true_classes\"")?;
    with_rank(i.input(1), 1, "\"sampled_candidates\"")?;
    let labels = i
        .node
        .int_attr("num_true")
        .and_then(|n| usize::try_from(n).ok());
    let what = "the columns of \"true_classes\" and \"num_true\"";
    merge_dims(dim(i.input(0), 1), labels, what)?;
    i.all_outputs(vector(None))
}
