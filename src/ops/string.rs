//! Operations on tensors of strings (`tf.strings`).

mod ngrams;
mod rows;

use super::math::Axes;
use super::nodes::{Arg, Nodes, function};
use super::sparse::{AnySparseTensor, SparseTensor};
use super::{OrDefault, TensorLike};
use crate::dtype::{ByteString, DType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Tensor};
use crate::ops::types::{BasicNumber, IndexType, Printable};
use crate::value::IntoTensorValue;

pub use ngrams::*;
pub use rows::*;

/// A string where Python takes one as a `str` or as a tensor.
#[derive(Debug, Clone)]
pub enum Text<'g> {
    /// A string that is known.
    Static(ByteString),
    /// A tensor of strings.
    Tensor(Tensor<'g, ByteString>),
}

impl From<&str> for Text<'_> {
    fn from(text: &str) -> Self {
        Text::Static(text.into())
    }
}

impl<'g> From<Tensor<'g, ByteString>> for Text<'g> {
    fn from(text: Tensor<'g, ByteString>) -> Self {
        Text::Tensor(text)
    }
}

impl<'g> From<Text<'g>> for Arg<'g> {
    fn from(text: Text<'g>) -> Self {
        match text {
            Text::Static(text) => Arg::Value(text.into_tensor_value()),
            Text::Tensor(text) => text.into(),
        }
    }
}

/// The unit of lengths and positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Bytes.
    #[default]
    Byte,
    /// Characters of UTF-8.
    Utf8Char,
}

impl Unit {
    /// TensorFlow's spelling.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Byte => "BYTE",
            Unit::Utf8Char => "UTF8_CHAR",
        }
    }
}

/// Whether letters beyond ASCII change case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Only the letters of ASCII.
    #[default]
    Ascii,
    /// All letters of UTF-8.
    Utf8,
}

defaults!(Encoding, Unit);
impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Encoding::Ascii => "",
            Encoding::Utf8 => "utf-8",
        }
    }
}

functions! {
    /// The strings without white space at both ends (`tf.strings.strip`).
    strip "StringStrip" (x: ByteString) -> ByteString;
    /// The strings in small letters (`tf.strings.lower`).
    lower "StringLower" (x: ByteString | encoding: Encoding) -> ByteString { "encoding" = encoding.name() };
    /// The strings in capital letters (`tf.strings.upper`).
    upper "StringUpper" (x: ByteString | encoding: Encoding) -> ByteString { "encoding" = encoding.name() };
    /// The lengths of the strings (`tf.strings.length`).
    length "StringLength" (x: ByteString | unit: Unit) -> i32 { "unit" = unit.name() };
    /// The hashes of the strings modulo `num_buckets` (`tf.strings.to_hash_bucket`).
    ///
    /// The hash may differ between platforms; [`to_hash_bucket_fast`] does not.
    to_hash_bucket "StringToHashBucket" (x: ByteString; num_buckets: i64) -> i64 { "num_buckets" = num_buckets };
    /// The hashes of the strings modulo `num_buckets` (`tf.strings.to_hash_bucket_fast`).
    to_hash_bucket_fast "StringToHashBucketFast" (x: ByteString; num_buckets: i64) -> i64 { "num_buckets" = num_buckets };
    /// Keyed hashes of the strings modulo `num_buckets` (`tf.strings.to_hash_bucket_strong`).
    to_hash_bucket_strong "StringToHashBucketStrong" (x: ByteString; num_buckets: i64, key: [i64; 2]) -> i64 { "num_buckets" = num_buckets, "key" = key };
    /// The numbers that the strings spell (`tf.strings.to_number`).
    ///
    /// ```
    /// use tfhub::ops::string;
    /// # let g = tfhub::GraphBuilder::new();
    /// let texts = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let numbers = string::to_number::<f32>(texts);
    /// assert_eq!(numbers.name(), "StringToNumber:0");
    /// ```
    to_number "StringToNumber" <T: BasicNumber>(x: ByteString) -> T { "out_type" = T::DTYPE };
    /// Each number or bool as a string (`tf.as_string`).
    as_string "AsString"
        <T: Printable>(x: T | options: AsStringOptions) -> ByteString
        {
            "precision" = options.precision,
            "scientific" = options.scientific,
            "shortest" = options.shortest,
            "width" = options.width,
            "fill" = options.fill.as_str()
        };
    /// The parts of the strings that begin at `pos`, negative from the end, and have up to `len` characters
    /// (`tf.strings.substr`).
    substr "Substr"
        <T: IndexType>(x: ByteString, pos: T, len: T | unit: Unit) -> ByteString
        { "unit" = unit.name() };
    /// The strings of each segment joined, the segments being in any order (`tf.strings.unsorted_segment_join`).
    unsorted_segment_join "UnsortedSegmentJoin"
        <I: IndexType, N: IndexType>(x: ByteString, segment_ids: I, num_segments: N; separator: &str) -> ByteString
        { "separator" = separator };
    /// The code of the Unicode script of each code point, or -1 (`tf.strings.unicode_script`).
    unicode_script "UnicodeScript" (x: i32) -> i32;
    /// The strings in another encoding: `UTF-8`, `UTF-16-BE` or `UTF-32-BE` (`tf.strings.unicode_transcode`).
    ///
    /// `input_encoding` may be any that ICU knows.
    unicode_transcode "UnicodeTranscode"
        (x: ByteString; input_encoding: &str, output_encoding: &str | options: UnicodeOptions) -> ByteString
        {
            "input_encoding" = input_encoding,
            "output_encoding" = output_encoding,
            "errors" = options.errors.name(),
            "replacement_char" = i64::from(u32::from(options.replacement_char)),
            "replace_control_characters" = options.replace_control_characters
        };
}

options! {
    /// How [`as_string`] spells numbers.
    ///
    /// ```
    /// use tfhub::ops::string::{self, AsStringOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let prices = g.placeholder::<f32>((None,));
    /// let texts = string::as_string(prices, AsStringOptions::default().precision(2).width(8));
    /// assert_eq!(texts.shape().to_string(), "[?]");
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    AsStringOptions {
        /// The digits after the point, for floats; -1, the default, for those that a float has.
        precision: i64 = -1;
        /// Whether floats are spelled with an exponent; they are not by default.
        scientific: bool = false;
        /// Whether floats are spelled with or without an exponent, whichever is shorter; they are not by default.
        shortest: bool = false;
        /// The least number of characters; -1, the default, for none.
        width: i64 = -1;
        /// The characters that fill up to the width: nothing, the default, for blanks on the left, `-` for blanks on
        /// the right, `0` for zeros.
        fill: String = String::new(), &str => fill.to_owned();
    }
}

/// The strings at each place joined into one (`tf.strings.join`); scalars are joined with every element.
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let (first, last) = (g.placeholder::<tfhub::dtype::ByteString>((None,)), g.placeholder::<tfhub::dtype::ByteString>((None,)));
/// let names = string::join(&g, [first.into(), " ".into(), last.into()], "");
/// assert_eq!(names.shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn join<'g>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = Text<'g>>,
    separator: &str,
) -> Tensor<'g, ByteString> {
    function(g, "StringJoin")
        .list(inputs.into_iter().map(Arg::from).collect())
        .attr("separator", separator)
        .typed()
}

/// Whether each string as a whole matches a regular expression of RE2 (`tf.strings.regex_full_match`).
#[track_caller]
pub fn regex_full_match<'g>(
    x: impl TensorLike<'g, ByteString>,
    pattern: impl Into<Text<'g>>,
) -> Tensor<'g, bool> {
    let g = x.graph();
    let matched = match pattern.into() {
        Text::Static(pattern) => {
            let op = function(g, "StaticRegexFullMatch").arg(x);
            op.attr("pattern", pattern.into_bytes())
        }
        Text::Tensor(pattern) => function(g, "RegexFullMatch").arg(x).arg(pattern),
    };
    matched.typed()
}

/// The strings with every match of a regular expression replaced (`tf.strings.regex_replace`), or only the first
/// if `replace_global` is false.
#[track_caller]
pub fn regex_replace<'g>(
    x: impl TensorLike<'g, ByteString>,
    pattern: impl Into<Text<'g>>,
    rewrite: impl Into<Text<'g>>,
    replace_global: impl Into<OrDefault<bool>>,
) -> Tensor<'g, ByteString> {
    let g = x.graph();
    let replaced = match (pattern.into(), rewrite.into()) {
        (Text::Static(pattern), Text::Static(rewrite)) => function(g, "StaticRegexReplace")
            .arg(x)
            .attr("pattern", pattern.into_bytes())
            .attr("rewrite", rewrite.into_bytes()),
        (pattern, rewrite) => {
            let op = function(g, "RegexReplace").arg(x);
            op.input(pattern).input(rewrite)
        }
    };
    let replaced = replaced.attr("replace_global", replace_global.into().0.unwrap_or(true));
    replaced.typed()
}

/// A template with the placeholders `{}` replaced by tensors as text (`tf.strings.format`).
///
/// Of each dimension, the first and last `summarize` elements are shown, or all if it is -1; 3 by
/// default.
#[track_caller]
pub fn format<'g>(
    g: &'g GraphBuilder,
    template: &str,
    inputs: impl IntoIterator<Item = AnyTensor<'g>>,
    summarize: impl Into<OrDefault<i64>>,
) -> Tensor<'g, ByteString> {
    const PLACEHOLDER: &str = "{}";
    let inputs: Vec<_> = inputs.into_iter().collect();
    let places = template.matches(PLACEHOLDER).count();
    if places != inputs.len() {
        let message = format!(
            "a template with {places} placeholders got {} tensors",
            inputs.len()
        );
        g.report(Rule::Inputs, message);
    }
    function(g, "StringFormat")
        .tensors(inputs)
        .attr("template", template)
        .attr("placeholder", PLACEHOLDER)
        .attr("summarize", summarize.into().0.unwrap_or(3))
        .typed()
}

options! {
    /// The axes of [`reduce_join`], and the separator.
    ///
    /// ```
    /// use tfhub::ops::string::{self, ReduceJoinOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.placeholder::<tfhub::dtype::ByteString>((None, 4));
    /// let lines = string::reduce_join(words, ReduceJoinOptions::default().axis(1).separator(" "));
    /// assert_eq!(lines.shape().to_string(), "[?]");
    /// assert_eq!(string::reduce_join(words, ()).shape().to_string(), "[]");
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    ReduceJoinOptions {
        /// The axes, in whose order strings are joined; all, the last one first, by default.
        axis: Axes = Axes::ALL, impl Into<Axes> => axis.into();
        /// The text between strings; none by default.
        separator: String = String::new(), &str => separator.to_owned();
    }
}

/// The strings along axes joined in the order of the axes (`tf.strings.reduce_join`).
#[track_caller]
pub fn reduce_join<'g>(
    x: impl TensorLike<'g, ByteString>,
    options: impl Into<ReduceJoinOptions>,
) -> Tensor<'g, ByteString> {
    let g = x.graph();
    let ReduceJoinOptions { axis, separator } = options.into();
    let name = g.open_function_name("ReduceJoin");
    let joined = Nodes(g).reduce_join_as(&name, Arg::of(x), &axis, &separator);
    joined.typed()
}

options! {
    /// How [`string_split`] splits.
    ///
    /// ```
    /// use tfhub::ops::string::{self, StringSplitOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let cells = StringSplitOptions::default().delimiter(",;").skip_empty(false);
    /// assert_eq!(string::string_split(lines, cells).indices.shape().to_string(), "[?, 2]");
    /// ```
    #[derive(Debug, Clone)]
    StringSplitOptions<'g> {
        /// Characters of which each separates; a blank by default. Nothing splits into bytes.
        delimiter: Text<'g> = " ".into(), impl Into<Text<'g>> => delimiter.into();
        /// Whether empty parts are left out, as they are by default.
        skip_empty: bool = true;
    }
}

/// The parts of each string of a vector, as the rows of a sparse matrix (`tf.string_split`).
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let words = string::string_split(lines, ());
/// assert_eq!(words.values.name(), "StringSplit/StringSplit:1");
/// ```
#[track_caller]
pub fn string_split<'g>(
    x: impl TensorLike<'g, ByteString>,
    options: impl Into<StringSplitOptions<'g>>,
) -> SparseTensor<'g, ByteString> {
    let options = options.into();
    let n = Nodes(x.graph());
    let _scope = n.0.open_function_scope("StringSplit");
    split_at_delimiters(n, Arg::of(x), options)
}

#[track_caller]
fn split_at_delimiters<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    options: StringSplitOptions<'g>,
) -> SparseTensor<'g, ByteString> {
    let delimiter = Arg::from(options.delimiter).convert(n.0, "Const", DType::String);
    let x = x.convert(n.0, "Const", DType::String);
    let node = n.0.op("StringSplit").input(x).input(delimiter);
    split_parts(node.attr("skip_empty", options.skip_empty).finish())
}

options! {
    /// How [`split`] splits.
    ///
    /// ```
    /// use tfhub::ops::string::{self, SplitOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let key_and_value = SplitOptions::default().sep("=").maxsplit(1);
    /// assert_eq!(string::split(lines, key_and_value).values.shape().to_string(), "[?]");
    /// ```
    #[derive(Debug, Clone)]
    SplitOptions<'g> {
        /// The separator; nothing, the default, for any white space.
        sep: Text<'g> = "".into(), impl Into<Text<'g>> => sep.into();
        /// The largest number of splits; -1, the default, for any number.
        maxsplit: i64 = -1;
    }
}

/// The separator alone.
impl<'g, S: Into<Text<'g>>> From<S> for SplitOptions<'g> {
    fn from(sep: S) -> Self {
        Self::default().sep(sep)
    }
}

/// The parts of each string between separators, as the innermost rows of a sparse tensor (`tf.strings.split`).
///
/// A scalar is a fault. [`split_ragged`] and [`split_v2`] give ragged tensors.
#[track_caller]
pub fn split<'g>(
    x: impl TensorLike<'g, ByteString>,
    options: impl Into<SplitOptions<'g>>,
) -> SparseTensor<'g, ByteString> {
    let options = options.into();
    let n = Nodes(x.graph());
    let _scope = n.0.open_function_scope("StringSplit");
    let x = n.tensor(x, "input");
    match x.shape().rank() {
        Some(1) => split_at_separators(n, x, &options),
        Some(0) => {
            let message = "expected strings in rows, found a scalar";
            n.0.report(Rule::Shape, message);
            split_at_separators(n, x, &options)
        }
        _ => {
            let parts = n.split_again(x.into(), &options).ragged();
            parts.to_sparse_as(None).typed()
        }
    }
}

#[track_caller]
fn split_at_separators<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    options: &SplitOptions<'g>,
) -> SparseTensor<'g, ByteString> {
    let sep = Arg::from(options.sep.clone()).convert(n.0, "Const", DType::String);
    let node = n.0.op("StringSplitV2").input(x).input(sep);
    split_parts(node.attr("maxsplit", options.maxsplit).finish())
}

#[track_caller]
fn split_parts(node: Operation<'_>) -> SparseTensor<'_, ByteString> {
    node.output(0).set_shape((None, 2));
    node.output(1).set_shape((None,));
    AnySparseTensor::of_outputs(node).typed()
}

/// The treatment of text that is not well formed by [`unicode_transcode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnicodeErrors {
    /// Replaces it.
    #[default]
    Replace,
    /// Leaves it out.
    Ignore,
    /// Fails.
    Strict,
}

impl UnicodeErrors {
    /// TensorFlow's spelling.
    pub fn name(self) -> &'static str {
        match self {
            UnicodeErrors::Replace => "replace",
            UnicodeErrors::Ignore => "ignore",
            UnicodeErrors::Strict => "strict",
        }
    }
}

options! {
    /// The treatment of characters that [`unicode_transcode`] cannot keep.
    ///
    /// ```
    /// use tfhub::ops::string::{self, UnicodeErrors, UnicodeOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let texts = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let options = UnicodeOptions::default().errors(UnicodeErrors::Replace).replacement_char('?');
    /// let utf8 = string::unicode_transcode(texts, "ISO-8859-1", "UTF-8", options);
    /// assert_eq!(utf8.shape().to_string(), "[?]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    UnicodeOptions {
        /// The treatment of text that is not well formed; it is replaced by default.
        errors: UnicodeErrors = UnicodeErrors::default();
        /// The character that replaces others; U+FFFD by default.
        replacement_char: char = char::REPLACEMENT_CHARACTER;
        /// Whether control characters are replaced; they are not by default.
        replace_control_characters: bool = false;
    }
}
