//! Signatures whose inputs and outputs are sparse tensors.

use tfhub::dtype::ByteString;
use tfhub::ops::nn::{Combiner, SparseEmbeddingOptions, embedding_lookup_sparse};
use tfhub::ops::sparse::{self, SparseTensor, ToDenseOptions};
use tfhub::{GraphBuilder, Shape};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("sparse_features", sparse_features).seed(101),
        Module::new("sparse_words", sparse_words),
    ]
}

fn sparse_features(g: &GraphBuilder) {
    let features = g.named("features", || g.sparse_placeholder::<f32>(Shape::unknown()));
    let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).finish();
    g.signature("default")
        .input("features", features)
        .output("default", sparse::sparse_dense_matmul(features, kernel));
    let ids = g.named("ids", || g.sparse_placeholder::<i64>(Shape::unknown()));
    let embeddings = g.get_variable::<f32>("embeddings").shape([7, 4]).finish();
    let options = SparseEmbeddingOptions::default().combiner(Combiner::Sum);
    let sums = embedding_lookup_sparse(embeddings, ids, options);
    g.signature("ids")
        .input("ids", ids)
        .output("sums", sums)
        .output("ids", ids);
}

fn sparse_words(g: &GraphBuilder) {
    let words = g.named("words", || g.sparse_placeholder::<ByteString>((None, 4)));
    let numbers = g.named("numbers", || g.placeholder::<i64>((2,)));
    let placed = SparseTensor::new(g, [[0i64, 1], [2, 0]], numbers, [3i64, 4]);
    let dense = sparse::to_dense(words, ToDenseOptions::default().default_value("-"));
    g.signature("default")
        .input("words", words)
        .input("numbers", numbers)
        .output("default", dense)
        .output("swapped", sparse::transpose(words, ()))
        .output("placed", placed);
}
