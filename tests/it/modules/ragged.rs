//! Signatures whose inputs and outputs are ragged tensors.

use tfhub::dtype::ByteString;
use tfhub::ops::nn;
use tfhub::ops::ragged::{self, FromTensorOptions, RaggedTensor};
use tfhub::ops::{math, string};
use tfhub::{DType, GraphBuilder};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("ragged_ids", ragged_ids).seed(211),
        Module::new("ragged_rows", ragged_rows),
        Module::new("ragged_text", ragged_text),
    ]
}

fn ragged_ids(g: &GraphBuilder) {
    let ids = g.named("ids", || g.ragged_placeholder::<i64>(2, ()));
    let embeddings = g.get_variable::<f32>("embeddings").shape([7, 4]).finish();
    let vectors = ids.map_flat_values(|ids| nn::embedding_lookup(embeddings, ids, ()));
    g.signature("default")
        .input("ids", &ids)
        .output("default", ragged::reduce_sum(&vectors, [1, 2]))
        .output("vectors", &vectors)
        .output("sums", ragged::reduce_sum(&vectors, 2))
        .output("lengths", ids.row_lengths_along(2).ragged().typed::<i64>());
}

fn ragged_text(g: &GraphBuilder) {
    let lines = g.named("lines", || g.placeholder::<ByteString>((None,)));
    let words = string::split_v2(lines, ()).ragged();
    let dense = ragged::to_tensor(&words, "-");
    g.signature("default")
        .input("lines", lines)
        .output("default", dense)
        .output("words", &words)
        .output("characters", string::unicode_split(&words, "UTF-8", ()));
    let sentences = g.named("sentences", || g.ragged_placeholder::<ByteString>(1, ()));
    g.signature("sentences")
        .input("sentences", &sentences)
        .output("bytes", string::bytes_split(&sentences))
        .output("sparse", ragged::to_sparse(&sentences))
        .output("joined", ragged::concat(g, [&sentences, &sentences], 1));
}

fn ragged_rows(g: &GraphBuilder) {
    let values = g.named("values", || g.placeholder::<f32>((None, 2)));
    let splits = g.named("splits", || g.placeholder::<i32>((None,)));
    let rows = RaggedTensor::from_row_splits(values, splits, false);
    g.signature("default")
        .input("rows", &rows)
        .output("default", ragged::reduce_max(&rows, 1))
        .output("rows", rows.map_flat_values(|values| math::square(values)))
        .output("dense", ragged::to_tensor(&rows, 5.0));
    let numbers = g.named("numbers", || g.placeholder::<f32>((None, 3)));
    let is_positive = math::greater(numbers, 0.0);
    let int32 = FromTensorOptions::default().row_splits_dtype(DType::Int32);
    let constant = [vec![vec![1.5f32], vec![]], vec![], vec![vec![2.5, 3.5]]];
    g.signature("numbers")
        .input("numbers", numbers)
        .output("positive", ragged::boolean_mask(numbers, is_positive))
        .output("whole", ragged::from_tensor(numbers, int32))
        .output("counted", ragged::range(g, [1, 3, 0, 2], ()))
        .output("constant", ragged::constant(g, constant, ()));
}
