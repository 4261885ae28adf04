//! Tokens of sentences as BERT's basic tokenizer finds them, and n-grams of them.
//!
//! Each step of the tokenizer is a function from strings to strings of any shape, by regular expressions of RE2, whose
//! Unicode is that of the TensorFlow release that runs the module. Strings of bytes that are no UTF-8 have to be
//! [cleaned](clean) before other steps see them.

mod ngrams;

use std::panic::Location;

use crate::dtype::ByteString;
use crate::graph::Tensor;
use crate::ops::sparse::SparseTensor;
use crate::ops::string::{self, Encoding, UnicodeErrors, UnicodeOptions};
use crate::ops::{OrDefault, TensorLike};

pub use ngrams::*;

/// White space, which becomes a blank.
const SPACE: &str = r"[\t\n\r\p{Zs}]";
/// Control and format characters, and the one that stands for others.
const CONTROL: &str = r"[\p{Cc}\p{Cf}\x{FFFD}]";
/// The ideographs that Chinese, Japanese and Korean share.
const CJK: &str = r"[\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2CEAF}\x{2F800}-\x{2FA1F}]";
/// The punctuation of Unicode, and all of ASCII that is no letter, digit, blank or control character.
const PUNCTUATION: &str = r"[!-/:-@\[-`{-~\p{P}]";
/// The match of a regular expression, between blanks.
const SPACED: &str = r" \0 ";

/// Strings of valid UTF-8 without control characters, in which all white space is blanks.
///
/// Bytes that are no UTF-8, the characters U+0000 and U+FFFD, and control and format characters are left out; tabs, line
/// feeds, carriage returns and the blanks of Unicode become blanks. That is what BERT's tokenizer does with text first.
/// TensorFlow 1.15 has no op for the normalization forms of Unicode, so that letters with accents stay as they are
/// written, as one character or as several.
///
/// ```
/// use tfhub::text;
/// # let g = tfhub::GraphBuilder::new();
/// let sentences = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// assert_eq!(text::clean(sentences).shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn clean<'g>(x: impl TensorLike<'g, ByteString>) -> Tensor<'g, ByteString> {
    let g = x.graph();
    let _scope = g.open_function_scope("clean");
    let x = x.into_tensor(g, "x");
    let ignore = UnicodeOptions::default().errors(UnicodeErrors::Ignore);
    let x = string::unicode_transcode(x, "UTF-8", "UTF-8", ignore);
    let x = string::regex_replace(x, SPACE, " ", ());
    string::regex_replace(x, CONTROL, "", ())
}

/// The strings with blanks around each ideograph that Chinese, Japanese and Korean share, so that each is a token.
#[track_caller]
pub fn space_cjk<'g>(x: impl TensorLike<'g, ByteString>) -> Tensor<'g, ByteString> {
    spaced(x, "space_cjk", CJK)
}

/// The strings with blanks around each punctuation character, so that each is a token.
///
/// Punctuation is what Unicode calls so, and in ASCII everything that is no letter, digit, blank or control character.
#[track_caller]
pub fn space_punctuation<'g>(x: impl TensorLike<'g, ByteString>) -> Tensor<'g, ByteString> {
    spaced(x, "space_punctuation", PUNCTUATION)
}

#[track_caller]
fn spaced<'g>(
    x: impl TensorLike<'g, ByteString>,
    scope: &'static str,
    pattern: &str,
) -> Tensor<'g, ByteString> {
    let g = x.graph();
    let _scope = g.open_function_scope(scope);
    let x = x.into_tensor(g, "x");
    string::regex_replace(x, pattern, SPACED, ())
}

/// The tokens of each string of a vector as BERT's basic tokenizer splits it, as the rows of a sparse matrix.
///
/// The strings are [cleaned](clean); [ideographs](space_cjk) and [punctuation](space_punctuation) become tokens of their
/// own, and everything else is split at white space. Letters of all scripts become small letters unless `lower_case` is
/// false; `()` stands for true. Accents stay, which BERT's tokenizer for small letters takes away: no op of TensorFlow
/// 1.15 parts them from their letters. An empty string has no tokens.
///
/// ```
/// use tfhub::dtype::ByteString;
/// use tfhub::ops::math;
/// use tfhub::{ModuleSpec, module, ops::nn, ops::string, text};
///
/// let spec = ModuleSpec::new(|g| {
///     let sentences = g.placeholder::<ByteString>((None,));
///     let tokens = text::basic_tokenize(sentences, ());
///     let table = g.get_variable::<f32>("embeddings").shape([1000, 16]).finish();
///     let ids = string::to_hash_bucket_fast(tokens.values, 1000);
///     let vectors = nn::embedding_lookup(table, ids, ());
///     let (rows, count) = (tokens.indices.slice((.., 0)), tokens.dense_shape.slice(0));
///     module::text::embedding(sentences, math::unsorted_segment_mean(vectors, rows, count));
/// })?;
/// # Ok::<(), tfhub::Error>(())
/// ```
#[track_caller]
pub fn basic_tokenize<'g>(
    x: impl TensorLike<'g, ByteString>,
    lower_case: impl Into<OrDefault<bool>>,
) -> SparseTensor<'g, ByteString> {
    let (g, lower_case) = (x.graph(), lower_case.into().0.unwrap_or(true));
    let _scope = g.open_function_scope("basic_tokenize");
    let x = space_cjk(clean(x));
    let x = match lower_case {
        true => string::lower(x, Encoding::Utf8),
        false => x,
    };
    g.called_from(Location::caller(), || {
        string::split(space_punctuation(x), ())
    })
}
