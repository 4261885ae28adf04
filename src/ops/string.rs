//! Operations on tensors of strings (`tf.strings`).

use std::panic::Location;

use super::TensorLike;
use super::math::Axes;
use super::nodes::{Arg, Nodes, function};
use super::sparse::SparseTensor;
use crate::dtype::{ByteString, DType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Tensor};
use crate::ops::types::{BasicNumber, IndexType, Printable};
use crate::value::IntoTensorValue;

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

/// What lengths and positions count.
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
    lower "StringLower" (x: ByteString; encoding: Encoding) -> ByteString { "encoding" = encoding.name() };
    /// The strings in capital letters (`tf.strings.upper`).
    upper "StringUpper" (x: ByteString; encoding: Encoding) -> ByteString { "encoding" = encoding.name() };
    /// The lengths of the strings (`tf.strings.length`).
    length "StringLength" (x: ByteString; unit: Unit) -> i32 { "unit" = unit.name() };
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
    /// Each number or bool as a string of a certain form (`tf.as_string` with its options).
    as_string_with "AsString"
        <T: Printable>(x: T; options: AsStringOptions) -> ByteString
        { "precision" = options.precision.unwrap_or(-1), "scientific" = options.scientific, "shortest" = options.shortest, "width" = options.width.unwrap_or(-1), "fill" = options.fill.as_str() };
    /// The parts of the strings that begin at `pos`, negative from the end, and have up to `len` characters
    /// (`tf.strings.substr`).
    substr "Substr" <T: IndexType>(x: ByteString, pos: T, len: T; unit: Unit) -> ByteString { "unit" = unit.name() };
    /// The strings of each segment joined, the segments being in any order (`tf.strings.unsorted_segment_join`).
    unsorted_segment_join "UnsortedSegmentJoin"
        <I: IndexType, N: IndexType>(x: ByteString, segment_ids: I, num_segments: N; separator: &str) -> ByteString
        { "separator" = separator };
    /// The code of the Unicode script of each code point, or -1 (`tf.strings.unicode_script`).
    unicode_script "UnicodeScript" (x: i32) -> i32;
}

/// How [`as_string_with`] spells numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AsStringOptions {
    precision: Option<i64>,
    scientific: bool,
    shortest: bool,
    width: Option<i64>,
    fill: String,
}

impl AsStringOptions {
    /// The digits after the point, for floats.
    pub fn precision(self, precision: i64) -> Self {
        AsStringOptions {
            precision: Some(precision),
            ..self
        }
    }

    /// Whether floats are spelled with an exponent.
    pub fn scientific(self, scientific: bool) -> Self {
        AsStringOptions { scientific, ..self }
    }

    /// Whether floats are spelled with or without an exponent, whichever is shorter.
    pub fn shortest(self, shortest: bool) -> Self {
        AsStringOptions { shortest, ..self }
    }

    /// The least number of characters, and what fills them: nothing for blanks on the left, `-` for blanks on the
    /// right, `0` for zeros.
    pub fn width(self, width: i64, fill: &str) -> Self {
        AsStringOptions {
            width: Some(width),
            fill: fill.to_owned(),
            ..self
        }
    }
}

/// Each number or bool as a string (`tf.as_string`).
#[track_caller]
pub fn as_string<'g, T: Printable>(x: impl TensorLike<'g, T>) -> Tensor<'g, ByteString> {
    as_string_with(x, AsStringOptions::default())
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
        .list(inputs)
        .attr("separator", separator)
        .output()
        .typed()
}

/// Whether each string as a whole matches a regular expression of RE2 (`tf.strings.regex_full_match`).
#[track_caller]
pub fn regex_full_match<'g>(
    x: impl TensorLike<'g, ByteString>,
    pattern: impl Into<Text<'g>>,
) -> Tensor<'g, bool> {
    let g = x.graph();
    match pattern.into() {
        Text::Static(pattern) => function(g, "StaticRegexFullMatch")
            .arg(x)
            .attr("pattern", pattern.into_bytes())
            .output()
            .typed(),
        Text::Tensor(pattern) => function(g, "RegexFullMatch")
            .arg(x)
            .arg(pattern)
            .output()
            .typed(),
    }
}

/// The strings with every match of a regular expression replaced (`tf.strings.regex_replace`).
#[track_caller]
pub fn regex_replace<'g>(
    x: impl TensorLike<'g, ByteString>,
    pattern: impl Into<Text<'g>>,
    rewrite: impl Into<Text<'g>>,
) -> Tensor<'g, ByteString> {
    regex_replace_with(x, pattern, rewrite, true)
}

/// The strings with every match or, without `replace_global`, the first match of a regular expression replaced.
#[track_caller]
pub fn regex_replace_with<'g>(
    x: impl TensorLike<'g, ByteString>,
    pattern: impl Into<Text<'g>>,
    rewrite: impl Into<Text<'g>>,
    replace_global: bool,
) -> Tensor<'g, ByteString> {
    let g = x.graph();
    match (pattern.into(), rewrite.into()) {
        (Text::Static(pattern), Text::Static(rewrite)) => function(g, "StaticRegexReplace")
            .arg(x)
            .attr("pattern", pattern.into_bytes())
            .attr("rewrite", rewrite.into_bytes())
            .attr("replace_global", replace_global)
            .output()
            .typed(),
        (pattern, rewrite) => {
            let op = function(g, "RegexReplace").arg(x);
            let op = op.input(pattern).input(rewrite);
            op.attr("replace_global", replace_global).output().typed()
        }
    }
}

/// A template with the placeholders `{}` replaced by tensors as text (`tf.strings.format`).
///
/// Of each dimension, the first and last `summarize` elements are shown, or all if it is -1; TensorFlow's default
/// is 3.
#[track_caller]
pub fn format<'g>(
    g: &'g GraphBuilder,
    template: &str,
    inputs: impl IntoIterator<Item = AnyTensor<'g>>,
    summarize: i64,
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
        .list(inputs)
        .attr("template", template)
        .attr("placeholder", PLACEHOLDER)
        .attr("summarize", summarize)
        .output()
        .typed()
}

/// The strings along `axes` joined in the order of the axes (`tf.strings.reduce_join`).
#[track_caller]
pub fn reduce_join<'g>(
    x: impl TensorLike<'g, ByteString>,
    axes: impl Into<Axes>,
    separator: &str,
) -> Tensor<'g, ByteString> {
    let g = x.graph();
    let axes = axes.into();
    let here = Location::caller();
    g.function_name("ReduceJoin", here, |name| {
        g.inner_scope("ReduceJoin", here, |_| {
            let x = x.into_tensor(g, "Const");
            let all = axes.listed().is_none().then(|| reversed_axes(x.any()));
            let op = Nodes(g).named("ReduceJoin", name);
            let op = op.arg(x);
            let op = match (axes.listed(), all) {
                (Some(axes), _) => op.input(axes),
                (None, all) => op.any(all.unwrap_or(AnyTensor::poison(g))),
            };
            op.attr("keep_dims", axes.keep_dims)
                .attr("separator", separator)
                .output()
                .typed()
        })
    })
}

/// All axes, the last one first.
fn reversed_axes(x: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = x.graph();
    if let Some(rank) = x.shape().rank() {
        let axes: Vec<i32> = (0..rank as i32).rev().collect();
        return g.constant_named("Const", axes.into_tensor_value());
    }
    let rank = g.op("Rank").input(x).output();
    let last = Nodes(g).named("Sub", "sub").any(rank).value(1i32).output();
    g.inner_scope("range", Location::caller(), |scope| {
        let limit = g.constant_named("limit", (-1i32).into_tensor_value());
        let delta = g.constant_named("delta", (-1i32).into_tensor_value());
        g.op("Range")
            .name(scope)
            .input(last)
            .input(limit)
            .input(delta)
            .output()
    })
}

/// How [`string_split`] splits.
#[derive(Debug, Clone)]
pub struct StringSplitOptions<'g> {
    delimiter: Text<'g>,
    skip_empty: bool,
}

impl Default for StringSplitOptions<'_> {
    fn default() -> Self {
        StringSplitOptions {
            delimiter: " ".into(),
            skip_empty: true,
        }
    }
}

impl<'g> StringSplitOptions<'g> {
    /// Characters of which each separates; a blank by default. Nothing splits into bytes.
    pub fn delimiter(self, delimiter: impl Into<Text<'g>>) -> Self {
        StringSplitOptions {
            delimiter: delimiter.into(),
            ..self
        }
    }

    /// Whether empty parts are left out, as they are by default.
    pub fn skip_empty(self, skip_empty: bool) -> Self {
        StringSplitOptions { skip_empty, ..self }
    }
}

/// The parts of each string of a vector, as the rows of a sparse matrix (`tf.string_split`).
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let words = string::string_split(lines, Default::default());
/// assert_eq!(words.values.name(), "StringSplit/StringSplit:1");
/// ```
#[track_caller]
pub fn string_split<'g>(
    x: impl TensorLike<'g, ByteString>,
    options: StringSplitOptions<'g>,
) -> SparseTensor<'g, ByteString> {
    let g = x.graph();
    g.function_scope("StringSplit", Location::caller(), |_| {
        let delimiter = Arg::from(options.delimiter).convert(g, "Const", DType::String);
        let x = x.into_tensor(g, "Const");
        let node = g.op("StringSplit").input(x).input(delimiter);
        split_parts(g, node.attr("skip_empty", options.skip_empty).finish())
    })
}

/// The parts of each string of a vector between separators, as the rows of a sparse matrix (`tf.strings.split`).
///
/// An empty separator stands for any white space. At most `maxsplit` splits are made, or any number if it is -1.
/// For other ranks Python goes by ragged tensors, which are not built: a vector of strings is expected.
#[track_caller]
pub fn split<'g>(
    x: impl TensorLike<'g, ByteString>,
    sep: impl Into<Text<'g>>,
    maxsplit: i64,
) -> SparseTensor<'g, ByteString> {
    let g = x.graph();
    g.function_scope("StringSplit", Location::caller(), |_| {
        let x = x.into_tensor(g, "input");
        if x.shape().rank() != Some(1) {
            let message = format!("expected a vector of strings, found shape {}", x.shape());
            g.report(Rule::Shape, message);
        }
        let sep = Arg::from(sep.into()).convert(g, "Const", DType::String);
        let node = g.op("StringSplitV2").input(x).input(sep);
        split_parts(g, node.attr("maxsplit", maxsplit).finish())
    })
}

#[track_caller]
fn split_parts<'g>(g: &'g GraphBuilder, node: Operation<'g>) -> SparseTensor<'g, ByteString> {
    let (indices, values) = (
        node.output(0).typed::<i64>(),
        node.output(1).typed::<ByteString>(),
    );
    indices.set_shape((None, 2));
    values.set_shape((None,));
    SparseTensor::new(g, indices, values, node.output(2).typed::<i64>())
}

/// What [`unicode_transcode`] does with text that is not well formed.
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

/// How [`unicode_transcode`] treats characters that it cannot keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnicodeOptions {
    errors: UnicodeErrors,
    replacement_char: char,
    replace_control_characters: bool,
}

impl Default for UnicodeOptions {
    fn default() -> Self {
        UnicodeOptions {
            errors: UnicodeErrors::default(),
            replacement_char: char::REPLACEMENT_CHARACTER,
            replace_control_characters: false,
        }
    }
}

impl UnicodeOptions {
    /// What is done with text that is not well formed; it is replaced by default.
    pub fn errors(self, errors: UnicodeErrors) -> Self {
        UnicodeOptions { errors, ..self }
    }

    /// What replaces; U+FFFD by default.
    pub fn replacement_char(self, replacement_char: char) -> Self {
        UnicodeOptions {
            replacement_char,
            ..self
        }
    }

    /// Whether control characters are replaced; they are not by default.
    pub fn replace_control_characters(self, replace_control_characters: bool) -> Self {
        UnicodeOptions {
            replace_control_characters,
            ..self
        }
    }
}

/// The strings in another encoding: `UTF-8`, `UTF-16-BE` or `UTF-32-BE` (`tf.strings.unicode_transcode`).
///
/// `input_encoding` may be any that ICU knows.
#[track_caller]
pub fn unicode_transcode<'g>(
    x: impl TensorLike<'g, ByteString>,
    (input_encoding, output_encoding): (&str, &str),
    options: UnicodeOptions,
) -> Tensor<'g, ByteString> {
    function(x.graph(), "UnicodeTranscode")
        .arg(x)
        .attr("input_encoding", input_encoding)
        .attr("output_encoding", output_encoding)
        .attr("errors", options.errors.name())
        .attr(
            "replacement_char",
            i64::from(u32::from(options.replacement_char)),
        )
        .attr(
            "replace_control_characters",
            options.replace_control_characters,
        )
        .output()
        .typed()
}
