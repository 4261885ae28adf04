//! The common signatures of TensorFlow Hub: images, texts, and encoders of the BERT family.

use tfhub::dtype::ByteString;
use tfhub::layers::{batch_normalization, dense};
use tfhub::module::{bert, image, text};
use tfhub::ops::lookup::{IndexTableOptions, index_table_from_file};
use tfhub::ops::math::{self, Transposed};
use tfhub::ops::nn::embedding_lookup;
use tfhub::ops::{array, string};
use tfhub::regularizer::contrib;
use tfhub::{GraphBuilder, Mode, Tensor, Variable};

use super::Module;
use super::assets::WORDS;
use super::variants::{Keep, modes, normalize};

pub(super) fn modules() -> Vec<Module> {
    vec![
        modes("image_vector_of_fixed_size", 231, vector_of_fixed_size),
        modes("image_vector_of_any_size", 232, vector_of_any_size),
        modes("image_classes", 233, classes),
        modes("image_classes_and_vector", 234, classes_and_vector),
        modes("image_vector_of_normalized_images", 240, normalized_images),
        modes("text_vector_of_hashed_words", 235, hashed_words),
        modes("text_vector_of_vocabulary", 236, vocabulary),
        modes("bert_tokens", 237, |g, mode| {
            encoder(g, mode);
        }),
        modes("bert_tokens_with_vocabulary", 238, |g, mode| {
            encoder(g, mode);
            bert::tokenization_info(g, WORDS, true);
        }),
        modes(
            "bert_with_masked_language_model",
            239,
            masked_language_model,
        )
        .reversed(),
    ]
}

fn vector_of_fixed_size(g: &GraphBuilder, mode: Mode) {
    let images = image::images(g, [4, 6]);
    let pooled = math::reduce_mean(images, [1, 2]);
    let features = dense(5).kernel_regularizer(contrib::l2(0.5)).apply(pooled);
    let features = normalize(features, mode, || Keep::Number(0.9), "norm");
    image::feature_vector(images, features);
}

fn vector_of_any_size(g: &GraphBuilder, mode: Mode) {
    let images = image::images_of_any_size(g, [8, 10]);
    let momentum = image::batch_norm_momentum(g, 0.99);
    let pooled = math::reduce_mean(images, [1, 2]);
    let hidden = normalize(pooled, mode, || Keep::Tensor(momentum), "norm");
    image::feature_vector(images, dense(4).apply(hidden))
        .outputs("MyNet", [("pooled", pooled), ("hidden", hidden)])
        .with_bn_hparams(momentum);
}

fn classes(g: &GraphBuilder, mode: Mode) {
    let images = image::images(g, [2, 2]);
    let flat = array::reshape(images, [-1, 12]);
    let flat = normalize(flat, mode, || Keep::Number(0.9), "norm");
    image::classification(images, dense(3).apply(flat));
}

fn classes_and_vector(g: &GraphBuilder, mode: Mode) {
    let images = image::images(g, [4, 4]);
    let momentum = image::batch_norm_momentum(g, 0.75);
    let pooled = math::reduce_max(images, [1, 2]);
    let features = normalize(pooled, mode, || Keep::Tensor(momentum), "norm");
    let logits = dense(2).apply(features);
    image::classification(images, logits)
        .and_feature_vector(features)
        .outputs("MyNet", [("logits", logits), ("features", features)])
        .with_bn_hparams(momentum);
}

fn normalized_images(g: &GraphBuilder, mode: Mode) {
    let images = image::images(g, [4, 4]);
    let momentum = image::batch_norm_momentum(g, 0.99);
    let normalized = || batch_normalization().momentum(momentum).training(mode);
    let highest = math::reduce_max(normalized().apply(images), [1, 2]);
    let features = normalized().apply(dense(4).apply(highest));
    image::feature_vector(images, features).with_bn_hparams(momentum);
}

fn tokens(g: &GraphBuilder) -> Tensor<'_, ByteString> {
    g.named("tokens", || g.placeholder((None,)))
}

fn hashed_words(g: &GraphBuilder, mode: Mode) {
    let tokens = tokens(g);
    let table = g.get_variable::<f32>("embeddings").shape([5, 3]).finish();
    let ids = string::to_hash_bucket_fast(tokens, 5);
    let vectors = embedding_lookup(table, ids, ());
    let half = mode.is_training();
    text::embedding(tokens, if half { vectors * 0.5 } else { vectors });
}

fn vocabulary(g: &GraphBuilder, mode: Mode) {
    let tokens = tokens(g);
    let options = IndexTableOptions::default().num_oov_buckets(1);
    let words = index_table_from_file(g, WORDS, options);
    let table = g.get_variable::<f32>("embeddings").shape([6, 4]).finish();
    let vectors = embedding_lookup(table, words.lookup(tokens), ());
    let vectors = normalize(vectors, mode, || Keep::Number(0.9), "norm");
    text::embedding(tokens, vectors);
}

/// The outputs of a small encoder.
struct Encoder<'g> {
    signatures: bert::BertSignatures<'g>,
    sequence_output: Tensor<'g, f32>,
    words: Variable<'g, f32>,
}

fn encoder(g: &GraphBuilder, mode: Mode) -> Encoder<'_> {
    let inputs = bert::Inputs::placeholders(g);
    g.variable_scope("bert", |_| {
        let table = |name| g.get_variable::<f32>(name).shape([8, 4]).finish();
        let words = table("word_embeddings");
        let segments = table("token_type_embeddings");
        let y = embedding_lookup(words, inputs.input_ids, ());
        let y = y + embedding_lookup(segments, inputs.segment_ids, ());
        let mask = math::cast::<f32, _>(inputs.input_mask);
        let sequence_output = y * array::expand_dims(mask, 2);
        let pooler = dense(4).activation(math::tanh).name("pooler");
        let mut pooled_output = pooler.apply(array::index(sequence_output, (.., 0)));
        if mode.is_training() {
            pooled_output = pooled_output * 0.5;
        }
        Encoder {
            signatures: bert::tokens(inputs, pooled_output, sequence_output),
            sequence_output,
            words,
        }
    })
}

fn masked_language_model(g: &GraphBuilder, mode: Mode) {
    let encoder = encoder(g, mode);
    let positions = bert::mlm_positions(g);
    let rows = array::batch_gather(encoder.sequence_output, positions);
    let rows = array::reshape(rows, [-1, 4]);
    let logits = math::matmul(rows, Transposed(encoder.words));
    encoder.signatures.mlm(positions, logits);
}
