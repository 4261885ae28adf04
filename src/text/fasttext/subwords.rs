//! Vectors of words from the rows of their character n-grams, as fastText computes them.

use crate::control_flow::WhileOptions;
use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::lookup::VocabularyTable;
use crate::ops::nn::{EmbeddingOptions, PartitionStrategy, Partitions};
use crate::ops::ragged::{self, RaggedTensor};
use crate::ops::{TensorLike, array, bitwise, math, nn, raw, string};

/// The word that ends sentences, which has no n-grams.
const END_OF_SENTENCE: &str = "</s>";
/// The constants of the hash function FNV-1a of 32 bits.
const OFFSET_BASIS: i64 = 0x811C_9DC5;
const PRIME: i64 = 0x0100_0193;
const LOW_32_BITS: i64 = 0xFFFF_FFFF;
/// The bits that say of a byte of UTF-8 whether it goes on with a character, and their value if so.
const LEADING_BITS: i32 = 0b1100_0000;
const CONTINUATION: i32 = 0b1000_0000;
/// The most characters of an n-gram.
const MAX_WIDTH: usize = 1000;

/// The rows of a fastText matrix: one for each word of the vocabulary, and then one for each bucket, which n-grams of
/// characters share by their hash.
///
/// ```
/// use tfhub::text::Subwords;
///
/// let subwords = Subwords { num_words: 2_000_000, bucket: 2_000_000, minn: 5, maxn: 5 };
/// assert_eq!(subwords.num_rows(), 4_000_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subwords {
    /// The number of words.
    pub num_words: usize,
    /// The number of buckets.
    pub bucket: usize,
    /// The number of characters of the shortest n-grams, `<` and `>` included, which stand around each word.
    pub minn: usize,
    /// The number of characters of the longest n-grams; 0 for none at all.
    pub maxn: usize,
}

impl Subwords {
    /// The number of rows of the matrix.
    pub fn num_rows(&self) -> usize {
        self.num_words.saturating_add(self.bucket)
    }

    /// The numbers of characters that n-grams have, in order.
    fn widths(&self) -> std::ops::RangeInclusive<usize> {
        self.minn.max(1)..=self.maxn
    }
}

/// The vector of each word of `words`, a vector of strings, as fastText computes it from its matrix.
///
/// A word that `table` holds has the mean of its own row and those of its n-grams, any other word the mean of those of its
/// n-grams. The n-grams are those of `minn` to `maxn` characters of the word between `<` and `>`, without `<` and `>`
/// themselves; the row of one is the number of words plus its hash modulo `bucket`. Words without any row get zeros, and
/// `</s>` has its own row alone. Characters are told apart by the leading bits of bytes, as fastText does, so that words
/// that are no UTF-8 have its vectors too.
///
/// `table` gives each word the number of its row. A [`FastTextReader`](crate::text::FastTextReader) writes the file for
/// it, and is the source of the matrix, as the variable `embeddings`:
///
/// ```
/// use tfhub::dtype::ByteString;
/// use tfhub::ops::{lookup, math};
/// use tfhub::text::{self, FastTextReader};
/// use tfhub::{ModuleSpec, init, module};
///
/// # let dir = tempfile::tempdir()?;
/// # let (path, words) = (dir.path().join("model.bin"), dir.path().join("words.txt"));
/// # let mut file: Vec<u8> = [793712314, 12, 2, 5, 5, 1, 5, 1, 2, 2, 3, 3, 6, 100].iter().flat_map(|x: &i32| x.to_le_bytes()).collect();
/// # file.extend(1e-4f64.to_le_bytes());
/// # file.extend([1i32, 1, 0].iter().flat_map(|x| x.to_le_bytes()));
/// # file.extend([7i64, -1].iter().flat_map(|x| x.to_le_bytes()));
/// # file.extend(b"cat\0\x07\0\0\0\0\0\0\0\0\0");
/// # file.extend([4i64, 2].iter().flat_map(|x| x.to_le_bytes()).chain([0.5f32; 8].iter().flat_map(|x| x.to_le_bytes())));
/// # file.push(0);
/// # file.extend([1i64, 2].iter().flat_map(|x| x.to_le_bytes()).chain([0; 8]));
/// # std::fs::write(&path, file)?;
/// let model = FastTextReader::open(&path)?;
/// model.write_vocabulary(&words)?;
/// let spec = ModuleSpec::new(|g| {
///     let table = lookup::index_table_from_file(g, &words, ());
///     let matrix = g.get_variable::<f32>("embeddings").shape(model.shape()).initializer(init::zeros()).finish();
///     let lookup = |words| text::subword_embedding_lookup(words, &table, matrix, model.subwords());
///     let tokens = g.placeholder::<ByteString>((None,));
///     module::text::embedding(tokens, lookup(tokens));
///
///     let sentences = g.placeholder::<ByteString>((None,));
///     let tokens = text::basic_tokenize(sentences, ());
///     let (rows, count) = (tokens.indices.slice((.., 0)), tokens.dense_shape.slice(0));
///     let means = math::unsorted_segment_mean(lookup(tokens.values), rows, count);
///     g.signature("sentences").input("default", sentences).output("default", means);
/// })?;
/// spec.export(dir.path().join("module"), &model)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The faults are words that are no vector, n-grams without buckets, and widths above 1000.
#[track_caller]
pub fn subword_embedding_lookup<'g>(
    words: impl TensorLike<'g, ByteString>,
    table: &VocabularyTable<'g>,
    params: impl Into<Partitions<'g, f32>>,
    subwords: Subwords,
) -> Tensor<'g, f32> {
    let (g, params) = (words.graph(), params.into());
    let _scope = g.open_function_scope("subword_embedding_lookup");
    let words = words.into_tensor(g, "words");
    check(g, words, subwords);
    let ids = table.lookup(words);
    let num_words = g.constant(i64::try_from(subwords.num_words).unwrap_or(i64::MAX));
    let is_known = math::greater_equal(ids, 0i64) & math::less(ids, num_words);
    let mut rows = positions(is_known);
    let mut ids = array::gather(ids, rows, ());
    if !subwords.widths().is_empty() {
        let ngrams = Ngrams::of(words, subwords);
        rows = array::concat(g, [rows, ngrams.words], 0);
        let buckets = ngrams.hashes % (subwords.bucket as i64);
        ids = array::concat(g, [ids, buckets + num_words], 0);
    }
    // The rows of a part follow one another.
    let options = EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div);
    let vectors = nn::embedding_lookup(params, ids, options);
    math::unsorted_segment_mean(vectors, rows, array::size::<i32, _>(words))
}

/// Reports what has no vectors.
#[track_caller]
fn check<'g>(g: &'g GraphBuilder, words: Tensor<'g, ByteString>, subwords: Subwords) {
    let Subwords { bucket, maxn, .. } = subwords;
    if words.shape().rank().is_some_and(|rank| rank != 1) {
        let message = format!("expected a vector of words, found shape {}", words.shape());
        g.report(Rule::Shape, message);
    }
    if bucket == 0 && !subwords.widths().is_empty() {
        let message =
            format!("expected buckets for n-grams of up to {maxn} characters, found none");
        g.report(Rule::Value, message);
    }
    if maxn > MAX_WIDTH {
        let message = format!("expected n-grams of up to {MAX_WIDTH} characters, found {maxn}");
        g.report(Rule::Value, message);
    }
}

/// The positions at which a vector is true.
#[track_caller]
fn positions<'g>(x: Tensor<'g, bool>) -> Tensor<'g, i64> {
    array::squeeze(array::where_(x), 1)
}

/// The n-grams of all words.
struct Ngrams<'g> {
    /// The position of the word that each is of.
    words: Tensor<'g, i64>,
    hashes: Tensor<'g, i64>,
}

impl<'g> Ngrams<'g> {
    /// The hashes at all characters at once, a byte after the other: of an n-gram that has begun at a character, the hash
    /// is the one after the last byte of its last character.
    #[track_caller]
    fn of(words: Tensor<'g, ByteString>, subwords: Subwords) -> Self {
        let g = words.graph();
        let bounded = string::join(g, ["<".into(), words.into(), ">".into()], "");
        let is_end = math::equal(words, END_OF_SENTENCE);
        let bounded = array::select_v2(is_end, "", bounded);
        // Each byte is a character of this encoding.
        let decoded = raw::unicode_decode::<i64>(bounded, "ISO-8859-1", ());
        let (splits, bytes) = (decoded.row_splits, decoded.char_values);
        // The column is the position of a byte in its word.
        let rows = RaggedTensor::from_row_splits(bytes, splits, false);
        let places = ragged::to_sparse(&rows).indices;
        let is_start = math::not_equal(bitwise::bitwise_and(bytes, LEADING_BITS), CONTINUATION);
        let starts = positions(is_start);
        let places = array::gather(places, starts, ());
        let words = places.slice((.., 0));
        let ends = array::gather(splits, words + 1, ());

        let is_start = math::cast::<i64, _>(is_start);
        // fastText hashes bytes with their sign.
        let signed = math::cast::<i64, i8>(math::cast(bytes));
        let signed = bitwise::bitwise_and(signed, LOW_32_BITS);
        let widths: Vec<i64> = subwords.widths().map(|width| width as i64).collect();
        let maxn = subwords.maxn as i64;
        let absent = array::expand_dims(array::zeros_like::<i64, _>(starts) - 1, 1);
        let absent = array::tile(absent, [1, widths.len() as i32]);
        let widths = g.constant(widths);
        let is_inside =
            |at: Tensor<'g, i64>, chars| math::less(at, ends) & math::less_equal(chars, maxn);
        let begin = (
            g.constant(0i64),
            array::zeros_like::<i64, _>(starts),
            array::zeros_like::<i64, _>(starts) + OFFSET_BASIS,
            absent,
        );
        let (_, _, _, hashes) = g.while_loop(
            begin,
            |(step, chars, _, _)| math::reduce_any(is_inside(starts + step, chars), ()),
            |(step, chars, hash, hashes)| {
                let at = starts + step;
                // What has come to the end of its word stays there, and is written no more.
                let byte = math::minimum(at, ends - 1);
                let chars = chars + array::gather(is_start, byte, ());
                let mixed = bitwise::bitwise_xor(hash, array::gather(signed, byte, ()));
                let hash = bitwise::bitwise_and(mixed * PRIME, LOW_32_BITS);
                let is_width = math::equal(array::expand_dims(chars, 1), widths);
                let is_written = is_width & array::expand_dims(is_inside(at, chars), 1);
                let hashes = array::select_v2(is_written, array::expand_dims(hash, 1), hashes);
                (step + 1, chars, hash, hashes)
            },
            WhileOptions::default().back_prop(false),
        );
        let mut is_present = math::greater_equal(hashes, 0i64);
        if subwords.minn <= 1 {
            // The characters that stand around a word are no n-grams by themselves.
            let is_of_word =
                math::greater(places.slice((.., 1)), 0i64) & math::less(starts, ends - 1);
            let is_longer = math::greater(widths, 1i64);
            is_present = is_present & (array::expand_dims(is_of_word, 1) | is_longer);
        }
        let found = array::where_(is_present);
        Ngrams {
            words: array::gather(words, found.slice((.., 0)), ()),
            hashes: array::gather_nd(hashes, found, ()),
        }
    }
}
