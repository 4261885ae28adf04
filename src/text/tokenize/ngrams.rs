//! Pieces of several tokens or characters that follow one another.

use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::ragged::{self, RaggedTensor, ValueRowidsOptions};
use crate::ops::sparse::SparseTensor;
use crate::ops::{TensorLike, array, math, raw};

/// The n-grams of the tokens of each row, joined by a separator, as the rows of a sparse matrix: bigrams for `[2]`, and
/// for `1..=2` the tokens themselves before the bigrams of their row.
///
/// The values of `tokens` are in the order of rows and columns, as the functions that split strings give them. A row with
/// fewer tokens than an n-gram has none of that width. No width, or one below 1, is a fault.
///
/// ```
/// use tfhub::ops::string;
/// use tfhub::text;
/// # let g = tfhub::GraphBuilder::new();
/// let sentences = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let bigrams = text::ngrams(text::basic_tokenize(sentences, ()), [2], " ");
/// let ids = string::to_hash_bucket_fast(bigrams.values, 10_000);
/// assert_eq!(ids.shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn ngrams<'g>(
    tokens: SparseTensor<'g, ByteString>,
    widths: impl IntoIterator<Item = i64>,
    separator: &str,
) -> SparseTensor<'g, ByteString> {
    let g = tokens.graph();
    let _scope = g.open_function_scope("ngrams");
    let widths = checked(g, widths);
    let (ids, count) = (tokens.indices.slice((.., 0)), tokens.dense_shape.slice(0));
    let options = ValueRowidsOptions::default().nrows(count).validate(false);
    let rows = RaggedTensor::from_value_rowids(tokens.values, ids, options);
    let splits = rows.row_splits().typed();
    of_rows(tokens.values, splits, &widths, separator)
}

/// The n-grams of the characters of each string of a vector, as the rows of a sparse matrix.
///
/// All of the first width come before those of the next. Bytes that are no UTF-8 are read as U+FFFD. fastText's n-grams
/// are those of words between `<` and `>`; [`subword_embedding_lookup`](crate::text::subword_embedding_lookup) finds the
/// rows of its matrix. No width, or one below 1, is a fault.
///
/// ```
/// use tfhub::ops::string;
/// use tfhub::text;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let bounded = string::join(&g, ["<".into(), words.into(), ">".into()], "");
/// let trigrams = text::char_ngrams(bounded, [3]);
/// assert_eq!(trigrams.indices.shape().to_string(), "[?, 2]");
/// ```
#[track_caller]
pub fn char_ngrams<'g>(
    x: impl TensorLike<'g, ByteString>,
    widths: impl IntoIterator<Item = i64>,
) -> SparseTensor<'g, ByteString> {
    let g = x.graph();
    let _scope = g.open_function_scope("char_ngrams");
    let widths = checked(g, widths);
    let x = x.into_tensor(g, "x");
    let decoded = raw::unicode_decode::<i64>(x, "UTF-8", ());
    let count = array::size::<i64, _>(decoded.char_values);
    let each = math::range(g, count + 1, ());
    let chars = raw::unicode_encode(decoded.char_values, each, "UTF-8", ());
    of_rows(chars, decoded.row_splits, &widths, "")
}

/// The widths, of which faults are reported.
#[track_caller]
fn checked(g: &GraphBuilder, widths: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let widths: Vec<_> = widths.into_iter().collect();
    if widths.is_empty() || widths.iter().any(|&width| width < 1) {
        let message = format!("expected widths of n-grams of at least 1, found {widths:?}");
        g.report(Rule::Value, message);
    }
    widths
}

#[track_caller]
fn of_rows<'g>(
    values: Tensor<'g, ByteString>,
    splits: Tensor<'g, i64>,
    widths: &[i64],
    separator: &str,
) -> SparseTensor<'g, ByteString> {
    let found = raw::string_n_grams(values, splits, separator, widths, "", "", 0, false);
    // Without values, the op of TensorFlow 1.15 leaves its splits as the memory was.
    let any_values = math::minimum(array::size::<i64, _>(values), 1i64);
    let splits = found.ngrams_splits * any_values;
    ragged::to_sparse(&RaggedTensor::from_row_splits(found.ngrams, splits, false))
}
