//! Shapes of boosted trees and of clusters of points.

use super::Outputs::{Fixed, Of};
use super::dims::both;
use super::{
    ANY, Dim, Inference, Inferred, agree, expect_dim, fixed, matrix, merge_dims, merged, one,
    ranks_are, scalar, scalars, tensor, unknown, vector,
};

use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("BoostedTreesAggregateStats", aggregate_stats),
    op("BoostedTreesBucketize", bucketize),
    op("BoostedTreesCalculateBestFeatureSplit", best_feature_split),
    op(
        "BoostedTreesCalculateBestGainsPerFeature",
        best_gains_per_feature,
    ),
    ranked("BoostedTreesCenterBias", &[ANY, 2, 2, 0, 0], Fixed(&[&[]])),
    ranked("BoostedTreesCreateEnsemble", &[0, 0, 0], Fixed(&[])),
    ranked(
        "BoostedTreesCreateQuantileStreamResource",
        &[0, 0, 0],
        Fixed(&[]),
    ),
    ranked("BoostedTreesDeserializeEnsemble", &[0, 0, 0], Fixed(&[])),
    op("BoostedTreesEnsembleResourceHandleOp", scalar),
    op("BoostedTreesExampleDebugOutputs", |i| {
        one(vector(same_examples(i)?))
    }),
    op("BoostedTreesFlushQuantileSummaries", |i| {
        i.all_outputs(matrix(None, Some(4)))
    }),
    ranked(
        "BoostedTreesGetEnsembleStates",
        &[0],
        Fixed(&[&[], &[], &[], &[], &[2]]),
    ),
    ranked(
        "BoostedTreesMakeQuantileSummaries",
        &[1, 1, 0],
        Of(make_quantile_summaries),
    ),
    op("BoostedTreesMakeStatsSummary", |i| {
        let (features, splits) = (i.int("num_features"), i.int("max_splits"));
        let buckets = i.int("num_buckets");
        fixed(i, &[1, 2, 2, 1], &[&[features, splits, buckets, 2]])
    }),
    op("BoostedTreesPredict", |i| {
        one(matrix(same_examples(i)?, logits(i)))
    }),
    ranked(
        "BoostedTreesQuantileStreamResourceAddSummaries",
        &[0, 2],
        Fixed(&[]),
    ),
    op("BoostedTreesQuantileStreamResourceDeserialize", |i| {
        // TensorFlow expects a scalar, of the first one alone.
        i.ranked(1, 0)?;
        fixed(i, &[0], &[])
    }),
    ranked(
        "BoostedTreesQuantileStreamResourceFlush",
        &[0, 0],
        Fixed(&[]),
    ),
    ranked(
        "BoostedTreesQuantileStreamResourceGetBucketBoundaries",
        &[0],
        Of(|i| i.all_outputs(vector(None))),
    ),
    op("BoostedTreesQuantileStreamResourceHandleOp", scalar),
    ranked("BoostedTreesSerializeEnsemble", &[0], Fixed(&[&[], &[]])),
    ranked(
        "BoostedTreesSparseAggregateStats",
        &[1, 2, 2, 2, 1, 1],
        Fixed(&[&[-1, 4], &[-1], &[4]]),
    ),
    op(
        "BoostedTreesSparseCalculateBestFeatureSplit",
        sparse_best_feature_split,
    ),
    op("BoostedTreesTrainingPredict", training_predict),
    op("BoostedTreesUpdateEnsemble", update_ensemble),
    op("BoostedTreesUpdateEnsembleV2", update_ensemble),
    ranked("IsBoostedTreesEnsembleInitialized", &[0], Fixed(&[&[]])),
    ranked(
        "IsBoostedTreesQuantileStreamResourceInitialized",
        &[0],
        Fixed(&[&[]]),
    ),
    op("KMC2ChainInitialization", scalars),
    op("KmeansPlusPlusInitialization", unknown),
    op("NearestNeighbors", unknown),
];

fn logits(i: &Inference<'_>) -> Dim {
    i.size("logits_dimension")
}

/// How many examples there are: the length of the last feature.
fn examples(i: &Inference<'_>) -> Inferred<Dim> {
    let mut len = None;
    for index in i.arg("bucketized_features") {
        len = i.vector_len(index)?;
    }
    Ok(len)
}

/// As `examples`, where the first feature has to be as long as the others.
fn same_examples(i: &Inference<'_>) -> Inferred<Dim> {
    let features = i.arg("bucketized_features");
    let len = examples(i)?;
    for index in features.clone() {
        agree(i.input(features.start), i.input(index))?;
    }
    Ok(len)
}

/// By split, bucket and feature, the sums of gradients and hessians.
fn aggregate_stats(i: &Inference<'_>) -> Inferred {
    let (splits, buckets) = (i.size("max_splits"), i.size("num_buckets"));
    let mut examples = i.vector_len(0)?;
    let mut columns = [None; 3];
    for (index, columns) in columns.iter_mut().enumerate() {
        let dims = i.ranked(index + 1, 2)?;
        examples = merge_dims(examples, dims[0], "the numbers of examples")?;
        *columns = dims[1];
    }
    let [gradients, hessians, features] = columns;
    let sums = both(gradients, hessians, |a, b| Some(a + b));
    one(tensor(&[splits, buckets, features, sums]))
}

/// Buckets for each list of values; there are as many lists of boundaries.
fn bucketize(i: &Inference<'_>) -> Inferred {
    let mut shapes = Vec::new();
    for index in i.arg("float_values") {
        shapes.push(i.ranked(index, 1)?.into());
    }
    Ok(shapes)
}

fn best_feature_split(i: &Inference<'_>) -> Inferred {
    expect_dim(i.vector_len(0)?, 2, "the length of the range")?;
    ranks_are(i, &[1, 4, 0, 0, 0, 0])?;
    i.all_outputs(vector(None))
}

fn sparse_best_feature_split(i: &Inference<'_>) -> Inferred {
    expect_dim(i.vector_len(0)?, 2, "the length of the range")?;
    ranks_are(i, &[1, 2, 1, 1, 0, 0, 0, 0])?;
    i.all_outputs(vector(None))
}

/// Nodes, gains and thresholds for each feature, then what the left and the right nodes contribute.
fn best_gains_per_feature(i: &Inference<'_>) -> Inferred {
    expect_dim(i.vector_len(0)?, 2, "the length of the range")?;
    // The least weight of a node is not looked at.
    ranks_are(i, &[1, 3, 0, 0, 0])?;
    let splits = i.size("max_splits");
    let mut summary = Shape::from([splits, None, Some(2)]);
    for index in i.arg("stats_summary_list") {
        summary = merged(&summary, i.input(index))?;
    }
    let features = i.arg("stats_summary_list").len();
    let mut shapes = vec![vector(None); 3 * features];
    shapes.resize(5 * features, matrix(None, Some(1)));
    Ok(shapes)
}

fn make_quantile_summaries(i: &Inference<'_>) -> Inferred {
    i.all_outputs(matrix(None, Some(4)))
}

fn training_predict(i: &Inference<'_>) -> Inferred {
    let examples = examples(i)?;
    for index in 1..3 {
        agree(i.input(index), &vector(examples))?;
    }
    let ids = vector(examples);
    Ok(vec![matrix(examples, logits(i)), ids.clone(), ids])
}

/// There is one list of each kind for each feature; what nodes contribute has one column.
fn update_ensemble(i: &Inference<'_>) -> Inferred {
    let features = i.arg("node_ids").len();
    expect_dim(i.vector_len(1)?, features, "the number of features")?;
    for (name, inputs) in i.args().skip(1) {
        for index in inputs {
            match name {
                "left_node_contribs" | "right_node_contribs" => {
                    let columns = i.ranked(index, 2)?[1];
                    expect_dim(columns, 1, "the number of columns")?;
                }
                "max_depth" | "learning_rate" | "pruning_mode" => {}
                _ => drop(i.ranked(index, 1)?),
            }
        }
    }
    Ok(Vec::new())
}
