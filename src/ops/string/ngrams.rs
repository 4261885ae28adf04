//! The strings of rows, joined.

use super::ReduceJoinOptions;
use crate::dtype::{ByteString, DType};
use crate::error::Rule;
use crate::graph::{AnyTensor, AttrValue};
use crate::ops::array::Item;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::ragged::{
    AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, RaggedTensor, Rows,
};

/// The strings of a ragged tensor along axes joined in the order of the axes (`tf.strings.reduce_join` of a ragged
/// tensor).
///
/// As in Python, strings joined along all axes at once have nothing between them, whatever the separator.
///
/// ```
/// use tfhub::ops::string::{self, ReduceJoinOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.ragged_placeholder::<tfhub::dtype::ByteString>(1, ());
/// let options = ReduceJoinOptions::default().axis(1).separator(" ");
/// let lines = string::reduce_join_ragged(&words, options).tensor();
/// assert_eq!(lines.shape().to_string(), "[?]");
/// # g.finish().unwrap();
/// ```
///
/// Axes that the tensor does not have are a fault, and so is [`Axes::keep_dims`](crate::ops::Axes::keep_dims).
#[track_caller]
pub fn reduce_join_ragged<'g>(
    x: &RaggedTensor<'g, ByteString>,
    options: impl Into<ReduceJoinOptions>,
) -> MaybeRagged<'g, ByteString> {
    let ReduceJoinOptions { axis, separator } = options.into();
    let n = Nodes(x.graph());
    n.ragged_reduce_join(x.any(), &axis, &separator).typed()
}

options! {
    /// How [`ngrams`] joins and pads.
    ///
    /// ```
    /// use tfhub::ops::string::{self, NgramsOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.ragged_placeholder::<tfhub::dtype::ByteString>(1, ());
    /// let options = NgramsOptions::default().pad_values(("<s>", "</s>")).padding_width(1);
    /// let pairs = string::ngrams(&words, [2], options.separator("_")).ragged();
    /// assert_eq!(pairs.shape().to_string(), "[?, ?]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    NgramsOptions {
        /// The text between strings; a blank by default.
        separator: String = " ".to_owned(), &str => separator.to_owned();
        /// The strings that each row is padded with, on the left and on the right; none by default.
        pad_values: Option<(ByteString, ByteString)> = None, (&str, &str) => {
            Some((pad_values.0.into(), pad_values.1.into()))
        };
        /// The number of pads on each side, at least 1; as many as the ngrams have strings before or after the first by
        /// default. Without pad values, it is a fault.
        padding_width: Option<i64> = None, i64 => Some(padding_width);
        /// Whether a row that is too short for any ngram is one itself; it has none by default.
        preserve_short_sequences: bool = false;
    }
}

/// The sequences of strings that stand next to each other within each innermost row, joined (`tf.strings.ngrams`).
///
/// The widths are the numbers of strings of a sequence, at least 1 each; the ngrams of all widths of a row follow each
/// other. A tensor gives a tensor, of which no row may have more ngrams than others.
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<tfhub::dtype::ByteString>((None, 4));
/// let pairs = string::ngrams(words, [2, 3], ()).tensor();
/// assert_eq!(pairs.shape().to_string(), "[?, ?]");
/// # g.finish().unwrap();
/// ```
///
/// Scalars, and tensors whose rank is not known, are a fault.
#[track_caller]
pub fn ngrams<'g>(
    x: impl RaggedLike<'g, ByteString>,
    widths: impl IntoIterator<Item = i64>,
    options: impl Into<NgramsOptions>,
) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let x = x.into_argument();
    let name = n.0.requested_name("StringNGrams").into_owned();
    let _scope = n.open_scope(&name);
    let widths = widths.into_iter().collect();
    let grams = Grams::new(n, &name, widths, options.into());
    let made = grams.map(|grams| grams.of(x.convert(n, "data")));
    made.unwrap_or_else(|| AnyTensor::poison(n.0).into())
        .typed()
}

/// The attributes of the nodes of one call.
struct Grams<'a, 'g> {
    n: Nodes<'g>,
    name: &'a str,
    attrs: Vec<(&'static str, AttrValue)>,
}

impl<'a, 'g> Grams<'a, 'g> {
    /// The attributes, or nothing if they are refused, which is reported.
    #[track_caller]
    fn new(n: Nodes<'g>, name: &'a str, widths: Vec<i64>, options: NgramsOptions) -> Option<Self> {
        let refused = |message: String| n.refused(Rule::Value, message);
        let pad_width = match (options.padding_width, &options.pad_values) {
            (Some(..1), _) => {
                let found = options.padding_width.unwrap_or_default();
                return refused(format!("padding_width: expected at least 1, found {found}"));
            }
            (Some(_), None) => {
                return refused("padding_width: expected pad values, found none".to_owned());
            }
            (Some(width), Some(_)) => width,
            (None, Some(_)) => -1,
            (None, None) => 0,
        };
        if let Some(width) = widths.iter().find(|&&width| width < 1) {
            return refused(format!(
                "expected ngrams of at least 1 string, found {width}"
            ));
        }
        let (left_pad, right_pad) = options.pad_values.unwrap_or_default();
        let attrs = vec![
            ("separator", options.separator.as_str().into()),
            ("ngram_widths", widths.into()),
            ("left_pad", left_pad.as_bytes().into()),
            ("right_pad", right_pad.as_bytes().into()),
            ("pad_width", pad_width.into()),
            (
                "preserve_short_sequences",
                options.preserve_short_sequences.into(),
            ),
        ];
        Some(Grams { n, name, attrs })
    }

    #[track_caller]
    fn of(&self, x: AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g> {
        let n = self.n;
        let x = match x {
            AnyMaybeRagged::Dense(x) => x,
            AnyMaybeRagged::Ragged(x) => return self.of_rows(&x).into(),
        };
        let outer = n.index(n.shape(x), [Slice::to(-1)]);
        let any = Arg::List(vec![(-1).into()]);
        let sizes = n.concat(vec![outer.into(), any], 0);
        match x.shape().rank() {
            None => n
                .fault(Rule::Shape, "the rank of the strings must be known")
                .into(),
            Some(0) => {
                let message = "expected strings in rows, found a scalar";
                n.fault(Rule::Shape, message).into()
            }
            Some(1) => {
                let starts = Arg::List(vec![0.into()]);
                let row = n.ragged(Rows::Starts, x, starts);
                let grams = self.again(row.into());
                n.ragged_part(&grams, &[Item::At(0.into())])
            }
            Some(rank) => {
                let rows = n.ragged_from_tensor(x, rank - 1, DType::Int64);
                n.reshape(self.of_rows(&rows).flat_values(), sizes).into()
            }
        }
    }

    /// Python calls the function again, in a scope of its own.
    #[track_caller]
    fn again(&self, x: AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g> {
        let _scope = self.n.open_scope(self.name);
        self.of(x)
    }

    #[track_caller]
    fn of_rows(&self, x: &AnyRaggedTensor<'g>) -> AnyRaggedTensor<'g> {
        match x.values() {
            AnyMaybeRagged::Ragged(values) => x.with_values(self.again(values.into())),
            AnyMaybeRagged::Dense(values) => {
                let node = self
                    .n
                    .op("StringNGrams")
                    .input(values)
                    .input(x.row_splits());
                let attrs = self.attrs.iter().cloned();
                let node = attrs.fold(node, |node, (name, value)| node.attr(name, value));
                let node = node.finish();
                self.n.ragged(Rows::Splits, node.output(0), node.output(1))
            }
        }
    }
}
