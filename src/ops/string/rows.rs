//! Strings split into rows of different lengths.

use super::{SplitOptions, StringSplitOptions, UnicodeOptions};
use crate::dtype::{ByteString, DType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operation};
use crate::ops::TensorLike;
use crate::ops::array::Item;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::ragged::{
    AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedLike, RaggedTensor, Rows,
};
use crate::ops::sparse::SparseTensor;
use crate::value::IntoTensorValue;

/// The parts of each string between separators, as the innermost rows of a ragged tensor, or as a vector for a scalar
/// (`tf.compat.v2.strings.split`).
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let words = string::split_v2(lines, ()).ragged();
/// assert_eq!(words.shape().to_string(), "[?, ?]");
/// let cells = string::split_v2(&words, ",").ragged();
/// assert_eq!(cells.ragged_rank(), 2);
/// ```
#[track_caller]
pub fn split_v2<'g>(
    x: impl RaggedLike<'g, ByteString>,
    options: impl Into<SplitOptions<'g>>,
) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let (x, options) = (x.into_argument(), options.into());
    let _scope = n.0.open_function_scope("StringSplit");
    n.split_rows(x.convert(n, "input"), &options).typed()
}

/// The parts of each string between separators, as the innermost rows of a ragged tensor, or as a vector for a scalar
/// (`tf.strings.split` with the `result_type` `RaggedTensor`).
#[track_caller]
pub fn split_ragged<'g>(
    x: impl RaggedLike<'g, ByteString>,
    options: impl Into<SplitOptions<'g>>,
) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let (x, options) = (x.into_argument(), options.into());
    let _scope = n.0.open_function_scope("StringSplit");
    n.split_again(x.convert(n, "input"), &options).typed()
}

/// The parts of each string of a vector, as the rows of a ragged tensor (`tf.string_split` with the `result_type`
/// `RaggedTensor`).
#[track_caller]
pub fn string_split_ragged<'g>(
    x: impl TensorLike<'g, ByteString>,
    options: impl Into<StringSplitOptions<'g>>,
) -> RaggedTensor<'g, ByteString> {
    let (n, options) = (Nodes(x.graph()), options.into());
    let _scope = n.0.open_function_scope("StringSplit");
    let parts = super::split_at_delimiters(n, Arg::of(x), options);
    n.rows_of(parts).typed()
}

/// The bytes of each string, as the innermost rows of a ragged tensor, or as a vector for a scalar
/// (`tf.strings.bytes_split`).
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// assert_eq!(string::bytes_split(words).ragged().shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn bytes_split<'g>(x: impl RaggedLike<'g, ByteString>) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let x = x.into_argument();
    let _scope = n.0.open_function_scope("StringsByteSplit");
    n.split_bytes(x.convert(n, "input")).typed()
}

/// The code points of each string in an encoding that ICU knows, as the innermost rows of a ragged tensor, or as a vector
/// for a scalar (`tf.strings.unicode_decode`).
///
/// ```
/// use tfhub::ops::string;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let points = string::unicode_decode(words, "UTF-8", ()).ragged();
/// let same = string::unicode_encode(&points, "UTF-8", ()).tensor();
/// assert_eq!(same.shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn unicode_decode<'g>(
    x: impl RaggedLike<'g, ByteString>,
    input_encoding: &str,
    options: impl Into<UnicodeOptions>,
) -> MaybeRagged<'g, i32> {
    let n = Nodes(x.graph());
    let (x, options) = (x.into_argument(), options.into());
    let _scope = n.0.open_function_scope("UnicodeDecode");
    let x = x.convert(n, "input");
    n.decoded(x, input_encoding, options, false).0.typed()
}

/// The code points of each string, and the positions of the bytes at which they begin
/// (`tf.strings.unicode_decode_with_offsets`).
#[track_caller]
pub fn unicode_decode_with_offsets<'g>(
    x: impl RaggedLike<'g, ByteString>,
    input_encoding: &str,
    options: impl Into<UnicodeOptions>,
) -> (MaybeRagged<'g, i32>, MaybeRagged<'g, i64>) {
    let n = Nodes(x.graph());
    let (x, options) = (x.into_argument(), options.into());
    let _scope = n.0.open_function_scope("UnicodeDecodeWithOffsets");
    let x = x.convert(n, "input");
    let (points, offsets) = n.decoded(x, input_encoding, options, true);
    (points.typed(), offsets.typed())
}

/// The strings that the code points of each innermost row spell in UTF-8, UTF-16-BE or UTF-32-BE
/// (`tf.strings.unicode_encode`). Control characters cannot be replaced.
#[track_caller]
pub fn unicode_encode<'g>(
    x: impl RaggedLike<'g, i32>,
    output_encoding: &str,
    options: impl Into<UnicodeOptions>,
) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let (x, options) = (
        x.into_argument(),
        n.without_control_characters(options.into()),
    );
    let _scope = n.0.open_function_scope("UnicodeEncode");
    let x = x.convert(n, "Const");
    n.encoded(x, output_encoding, options).typed()
}

/// The characters of each string, as strings (`tf.strings.unicode_split`). Control characters cannot be replaced.
#[track_caller]
pub fn unicode_split<'g>(
    x: impl RaggedLike<'g, ByteString>,
    input_encoding: &str,
    options: impl Into<UnicodeOptions>,
) -> MaybeRagged<'g, ByteString> {
    let n = Nodes(x.graph());
    let (x, options) = (
        x.into_argument(),
        n.without_control_characters(options.into()),
    );
    let _scope = n.0.open_function_scope("UnicodeSplit");
    let x = x.convert(n, "input");
    let (points, _) = n.decoded(x, input_encoding, options, false);
    n.characters(points, input_encoding, options).typed()
}

/// The characters of each string, as strings, and the positions of the bytes at which they begin
/// (`tf.strings.unicode_split_with_offsets`). Control characters cannot be replaced.
#[track_caller]
pub fn unicode_split_with_offsets<'g>(
    x: impl RaggedLike<'g, ByteString>,
    input_encoding: &str,
    options: impl Into<UnicodeOptions>,
) -> (MaybeRagged<'g, ByteString>, MaybeRagged<'g, i64>) {
    let n = Nodes(x.graph());
    let (x, options) = (
        x.into_argument(),
        n.without_control_characters(options.into()),
    );
    let _scope = n.0.open_function_scope("UnicodeSplitWithOffsets");
    let x = x.convert(n, "input");
    let (points, offsets) = n.decoded(x, input_encoding, options, true);
    let characters = n.characters(points, input_encoding, options);
    (characters.typed(), offsets.typed())
}

/// Splits.
impl<'g> Nodes<'g> {
    /// The rows of a sparse matrix whose values stand at the beginnings of its rows.
    #[track_caller]
    fn rows_of(self, x: SparseTensor<'g, ByteString>) -> AnyRaggedTensor<'g> {
        let ids = self.index(x.indices.any(), [Slice::ALL, Slice::at(0)]);
        let count = self.at(x.dense_shape.any(), 0);
        self.ragged_of_rowids(x.values.any(), ids, count)
    }

    #[track_caller]
    pub(super) fn split_again(
        self,
        x: AnyMaybeRagged<'g>,
        options: &SplitOptions<'g>,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("StringSplit");
        self.split_rows(x, options)
    }

    #[track_caller]
    fn split_rows(self, x: AnyMaybeRagged<'g>, options: &SplitOptions<'g>) -> AnyMaybeRagged<'g> {
        self.of_vectors("StringSplit", x, &|x| {
            let parts = super::split_at_separators(self, x, options);
            self.rows_of(parts).into()
        })
    }

    #[track_caller]
    fn split_bytes(self, x: AnyMaybeRagged<'g>) -> AnyMaybeRagged<'g> {
        self.of_vectors("StringsByteSplit", x, &|x| {
            if x.shape().rank().is_none() {
                return self.unknown_rank().into();
            }
            let delimiter = Arg::Value("".into_tensor_value());
            let node = self.op("StringSplit").input(x).input(delimiter);
            let node = node.attr("skip_empty", false).finish();
            let parts = SparseTensor {
                indices: node.output(0).typed(),
                values: node.output(1).typed(),
                dense_shape: node.output(2).typed(),
            };
            self.rows_of(parts).into()
        })
    }

    /// The rows that a function makes of the strings of a vector, for strings of any shape. Python calls the function again,
    /// in a scope of its own, for the vectors that other shapes are made of.
    #[track_caller]
    fn of_vectors(
        self,
        scope: &str,
        x: AnyMaybeRagged<'g>,
        of_vector: &dyn Fn(AnyTensor<'g>) -> AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let again = |x: AnyMaybeRagged<'g>| {
            let _scope = self.open_scope(scope);
            self.of_vectors(scope, x, of_vector)
        };
        let x = match x {
            AnyMaybeRagged::Dense(x) => x,
            AnyMaybeRagged::Ragged(x) => {
                let rows = again(x.flat_values().into());
                return x.with_flat_values(rows).into();
            }
        };
        match x.shape().rank() {
            Some(0) => {
                let vector = self.stack(vec![x.into()]);
                self.ragged_part(&again(vector.into()), &[Item::At(0.into())])
            }
            None | Some(1) => of_vector(x),
            Some(_) => again(self.ragged_from_tensor(x, 1, DType::Int64).into()),
        }
    }

    #[track_caller]
    fn unknown_rank(self) -> AnyTensor<'g> {
        self.fault(Rule::Shape, "the rank of the input must be known")
    }
}

/// Characters.
impl<'g> Nodes<'g> {
    /// The code points of strings, and where they begin; without offsets, the second is the first again.
    #[track_caller]
    fn decoded(
        self,
        x: AnyMaybeRagged<'g>,
        encoding: &str,
        options: UnicodeOptions,
        with_offsets: bool,
    ) -> (AnyMaybeRagged<'g>, AnyMaybeRagged<'g>) {
        let Some(rank) = x.shape().rank() else {
            let unknown = AnyMaybeRagged::from(self.unknown_rank());
            return (unknown.clone(), unknown);
        };
        let x = match x {
            AnyMaybeRagged::Dense(x) if rank > 1 => {
                self.ragged_from_tensor(x, rank - 1, DType::Int64).into()
            }
            AnyMaybeRagged::Ragged(x) if x.ragged_rank() < rank - 1 => {
                let ragged_rank = rank - x.ragged_rank() + 1;
                let values = self.ragged_from_tensor(x.flat_values(), ragged_rank, DType::Int64);
                x.with_flat_values(values).into()
            }
            x => x,
        };
        let flat = self.reshape(x.flat_values(), [-1]);
        let op = match with_offsets {
            true => "UnicodeDecodeWithOffsets",
            false => "UnicodeDecode",
        };
        let node = self.op(op).input(flat).attr("input_encoding", encoding);
        let node = node
            .attr("errors", options.errors.name())
            .attr("replacement_char", replacement(options))
            .attr(
                "replace_control_characters",
                options.replace_control_characters,
            )
            .finish();
        let rows = |values: AnyTensor<'g>| -> AnyMaybeRagged<'g> {
            if rank == 0 {
                return values.into();
            }
            let rows = self.ragged(Rows::Splits, values, node.output(0));
            match &x {
                AnyMaybeRagged::Ragged(x) => x.with_flat_values(rows).into(),
                AnyMaybeRagged::Dense(_) => rows.into(),
            }
        };
        let points = rows(node.output(1));
        let offsets = match with_offsets {
            true => rows(node.output(2)),
            false => points.clone(),
        };
        (points, offsets)
    }

    /// Each code point as a string.
    #[track_caller]
    fn characters(
        self,
        points: AnyMaybeRagged<'g>,
        encoding: &str,
        options: UnicodeOptions,
    ) -> AnyMaybeRagged<'g> {
        let each = self.ragged_expand_dims(points, -1);
        self.encoded_again(each, encoding, options)
    }

    #[track_caller]
    fn encoded_again(
        self,
        x: AnyMaybeRagged<'g>,
        encoding: &str,
        options: UnicodeOptions,
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope("UnicodeEncode");
        self.encoded(x, encoding, options)
    }

    #[track_caller]
    fn encoded(
        self,
        x: AnyMaybeRagged<'g>,
        encoding: &str,
        options: UnicodeOptions,
    ) -> AnyMaybeRagged<'g> {
        let again = |x: AnyMaybeRagged<'g>| self.encoded_again(x, encoding, options);
        let x = match x {
            AnyMaybeRagged::Ragged(x) => {
                return match (x.flat_values().shape().rank(), x.values()) {
                    (None, _) => self.unknown_rank().into(),
                    (Some(2..), _) => {
                        let values = again(x.flat_values().into());
                        x.with_flat_values(values).into()
                    }
                    (_, AnyMaybeRagged::Ragged(values)) => {
                        x.with_values(again(values.into())).into()
                    }
                    (_, AnyMaybeRagged::Dense(values)) => {
                        let node = self.encode_node(values, x.row_splits(), encoding, options);
                        node.output(0).into()
                    }
                };
            }
            AnyMaybeRagged::Dense(x) => x,
        };
        match x.shape().rank() {
            None => self.unknown_rank().into(),
            Some(0) => self
                .fault(Rule::Shape, "expected code points in rows, found a scalar")
                .into(),
            Some(1) => {
                let count = self.at(self.shape(x), 0);
                let splits = self.stack(vec![0.into(), count.into()]);
                let row = self.ragged(Rows::Splits, x, splits);
                let string = again(row.into()).flat_values();
                self.reshape(string, no_sizes()).into()
            }
            Some(2) => again(self.ragged_from_tensor(x, 1, DType::Int64).into()),
            Some(_) => {
                let last = self.at(self.shape(x), -1);
                let sizes = self.stack(vec![(-1).into(), last.into()]);
                let strings = again(self.reshape(x, sizes).into()).flat_values();
                let outer = x.shape().without_last(1);
                let sizes = crate::ops::Sizes::from(outer).into_arg(self);
                self.reshape(strings, sizes).into()
            }
        }
    }

    #[track_caller]
    fn encode_node(
        self,
        values: AnyTensor<'g>,
        splits: AnyTensor<'g>,
        encoding: &str,
        options: UnicodeOptions,
    ) -> Operation<'g> {
        let node = self.op("UnicodeEncode").input(values).input(splits);
        let node = node.attr("errors", options.errors.name());
        let node = node.attr("output_encoding", encoding);
        node.attr("replacement_char", replacement(options)).finish()
    }

    /// Options of functions that keep control characters.
    #[track_caller]
    fn without_control_characters(self, options: UnicodeOptions) -> UnicodeOptions {
        if options.replace_control_characters {
            let message = "control characters cannot be replaced where strings are encoded";
            self.0.report(Rule::Value, message);
        }
        options
    }
}

fn replacement(options: UnicodeOptions) -> i64 {
    i64::from(u32::from(options.replacement_char))
}

/// The shape of a scalar.
fn no_sizes<'g>() -> Arg<'g> {
    Vec::<i32>::new().into()
}
