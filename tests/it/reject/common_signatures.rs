//! Common signatures whose inputs or outputs are others than their consumers expect.

use tfhub::dtype::ByteString;
use tfhub::error::Rule;
use tfhub::module::{bert, image, text};
use tfhub::ops::math::{self, Axes};
use tfhub::ops::nn::embedding_lookup;
use tfhub::ops::string;
use tfhub::{GraphBuilder, ModuleSpec};

use super::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            Rule::CommonSignature,
            "Placeholder \"images\": output \"default\" of signature \"image_feature_vector\": expected the shape [?, n] \
             of a known n, found [?, 8, 8, 3]",
            |g| {
                let images = image::images(g, [8, 8]);
                image::feature_vector(images, images);
            },
        ),
        case(
            Rule::CommonSignature,
            "output \"default\" of signature \"image_classification\": expected the shape [?, n] of a known n, found [?, ?]",
            |g| {
                let images = image::images_of_any_size(g, [8, 8]);
                image::classification(images, math::reduce_mean(images, [2, 3]));
            },
        ),
        case(
            Rule::CommonSignature,
            "input \"images\" of signature \"image_feature_vector\": expected the shape [?, height, width, 3], found [?, 8, 8, 1]",
            |g| {
                let images = g.placeholder::<f32>((None, 8, 8, 1));
                let features = math::reduce_mean(images, [1, 2]);
                image::feature_vector(images, features);
            },
        ),
        case(
            Rule::CommonSignature,
            "output \"default\" of signature \"image_feature_vector\": expected the shape [?, n] of a known n, found [?]",
            |g| {
                let images = image::images(g, [8, 8]);
                let logits = math::reduce_mean(images, [1, 2]);
                let signatures = image::classification(images, logits);
                signatures.and_feature_vector(math::reduce_mean(images, [1, 2, 3]));
            },
        ),
        case(
            Rule::CommonSignature,
            "Mean \"Mean\": expected a scalar with a default that `hyperparameter` made",
            |g| {
                let images = image::images(g, [8, 8]);
                let momentum = math::reduce_mean(images, Axes::ALL);
                let features = math::reduce_mean(images, [1, 2]);
                image::feature_vector(images, features).with_bn_hparams(momentum);
            },
        ),
        case(
            Rule::Signature,
            "input \"rate\" of the signature is defined twice, first at tests/it/reject/common_signatures.rs:",
            |g| {
                let x = g.placeholder::<f32>((None,));
                let rates = ["a", "b"]
                    .map(|scope| g.name_scope(scope, || g.hyperparameter("rate", 0.5f32)));
                let signature = g.signature("default").input("x", x).output("default", x);
                signature.with_hyperparameters("default_with_hparams", rates);
            },
        ),
        case(
            Rule::CommonSignature,
            "input \"default\" of signature \"default\": expected the shape [?], found [?, ?]",
            |g| {
                let words = g.placeholder::<ByteString>((None, None));
                let table = g.get_variable::<f32>("table").shape([5, 4]).finish();
                let ids = string::to_hash_bucket_fast(words, 5);
                let vectors = embedding_lookup(table, ids, ());
                text::embedding(words, math::reduce_mean(vectors, 1));
            },
        ),
        case(
            Rule::CommonSignature,
            "output \"default\" of signature \"default\": expected as many vectors as texts, found the shape [1, 1]",
            |g| {
                let words = g.placeholder::<ByteString>((None,));
                text::embedding(words, g.constant([[0f32]]));
            },
        ),
        case(
            Rule::CommonSignature,
            "output \"pooled_output\" of signature \"tokens\": expected the shape [?, n] of a known n, found [?, ?]",
            |g| {
                let inputs = bert::Inputs::placeholders(g);
                let pooled = math::cast::<f32, _>(inputs.input_ids);
                bert::tokens(inputs, pooled, g.constant([[[0f32]]]));
            },
        ),
        case(
            Rule::CommonSignature,
            "output \"sequence_output\" of signature \"tokens\": expected the shape [?, ?, n] of a known n, found [?, ?]",
            |g| {
                let inputs = bert::Inputs::placeholders(g);
                let ids = math::cast::<f32, _>(inputs.input_ids);
                bert::tokens(inputs, g.constant([[0f32]]), ids);
            },
        ),
    ]
}

#[test]
fn a_signature_of_a_common_kind_may_stand_beside_others_but_once() {
    let error = ModuleSpec::new(|g| {
        let images = image::images(g, [8, 8]);
        let features = math::reduce_mean(images, [1, 2]);
        image::feature_vector(images, features).and_feature_vector(features);
    });
    let error = error.unwrap_err();
    assert_eq!(error.diagnostics()[0].rule(), Rule::Signature);
    assert!(
        error
            .to_string()
            .contains("signature \"image_feature_vector\" is defined twice"),
        "{error}"
    );
}

#[test]
fn hyperparameters_of_other_graphs_are_refused() {
    let other = GraphBuilder::new();
    let rate = other.hyperparameter("rate", 0.5f32);
    let error = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None,));
        let signature = g.signature("default").input("x", x);
        let signature = signature.output("default", x);
        signature.with_hyperparameters("default_with_hparams", [rate]);
    });
    assert_eq!(error.unwrap_err().diagnostics()[0].rule(), Rule::OtherGraph);
}
