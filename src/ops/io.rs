//! Reading and writing examples, numbers and files (`tf.io`).

mod features;

use super::nodes::{Arg, Nodes, function};
use super::sparse::{AnySparseTensor, SparseTensor};
use super::{OrDefault, TensorLike};
use crate::dtype::{ByteString, DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operation, Tensor};
use crate::ops::types::{Decodable, Serialized, StandardPixel};
use crate::value::{IntoTensorValue, TensorValue};

pub use features::{
    Feature, ParsedFeature, ParsedFeatures, ParsedSequences, parse_example, parse_sequence_example,
    parse_single_example, parse_single_sequence_example,
};

/// A value where Python takes one as a number, string or list, or as a tensor.
#[derive(Debug, Clone)]
pub enum DefaultValue<'g> {
    /// A value that becomes a constant.
    Static(TensorValue),
    /// A tensor.
    Tensor(AnyTensor<'g>),
}

impl DefaultValue<'_> {
    /// A Rust value.
    pub fn of(value: impl IntoTensorValue) -> Self {
        DefaultValue::Static(value.into_tensor_value())
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for DefaultValue<'g> {
    fn from(value: Tensor<'g, T>) -> Self {
        DefaultValue::Tensor(value.any())
    }
}

functions! {
    /// The strings in the alphabet of base64 for URLs (`tf.io.encode_base64`), which `pad` fills up with `=`.
    encode_base64 "EncodeBase64"
        (x: ByteString | pad: OrDefault<bool>) -> ByteString { "pad" = pad.0.unwrap_or(false) };
    /// The strings that are spelled in the alphabet of base64 for URLs (`tf.io.decode_base64`).
    decode_base64 "DecodeBase64" (x: ByteString) -> ByteString;
    /// The contents of the file that each string names (`tf.io.read_file`).
    read_file "ReadFile" (x: ByteString) -> ByteString;
    /// The names of the files that match patterns, a vector (`tf.io.matching_files`).
    matching_files "MatchingFiles" (x: ByteString) -> ByteString;
    /// `tf.train.Example` messages in binary form from their JSON (`tf.io.decode_json_example`).
    decode_json_example "DecodeJSONExample" (x: ByteString) -> ByteString;
    /// The strings without their compression: `ZLIB`, `GZIP`, or nothing (`tf.io.decode_compressed`).
    decode_compressed "DecodeCompressed" (x: ByteString; compression_type: &str) -> ByteString { "compression_type" = compression_type };
    /// The bytes of each string as numbers, along a new last dimension (`tf.io.decode_raw`).
    ///
    /// ```
    /// use tfhub::ops::io;
    /// # let g = tfhub::GraphBuilder::new();
    /// let bytes = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// assert_eq!(io::decode_raw::<u8>(bytes, ()).shape().to_string(), "[?, ?]");
    /// ```
    decode_raw "DecodeRaw"
        <T: Decodable>(x: ByteString | little_endian: OrDefault<bool>) -> T
        { "out_type" = T::DTYPE, "little_endian" = little_endian.0.unwrap_or(true) };
    /// The bytes of each string as numbers, strings being cut or filled up to `fixed_length` bytes
    /// (`tf.io.decode_raw` of TensorFlow 2 with `fixed_length`).
    decode_padded_raw "DecodePaddedRaw"
        <T: StandardPixel>(x: ByteString, fixed_length: i32 | little_endian: OrDefault<bool>) -> T
        { "out_type" = T::DTYPE, "little_endian" = little_endian.0.unwrap_or(true) };
    /// The tensor in a serialized `TensorProto`, whose shape is not known (`tf.io.parse_tensor`).
    parse_tensor "ParseTensor" <T: TensorType>(x: ByteString) -> T { "out_type" = T::DTYPE };
    /// A tensor as a serialized `TensorProto` (`tf.io.serialize_tensor`).
    serialize_tensor "SerializeTensor" <T: TensorType>(x: T) -> ByteString;
    /// Writes a file (`tf.io.write_file`).
    write_file "WriteFile" (filename: ByteString, contents: ByteString) => Operation<'g>;
}

/// A sparse tensor as a vector of three serialized tensors (`tf.io.serialize_sparse`).
#[track_caller]
pub fn serialize_sparse<'g, S: Serialized, T: TensorType>(x: SparseTensor<'g, T>) -> Tensor<'g, S> {
    serialized("SerializeSparse", x)
}

/// The rows of a sparse tensor as serialized sparse tensors (`tf.io.serialize_many_sparse`).
#[track_caller]
pub fn serialize_many_sparse<'g, S: Serialized, T: TensorType>(
    x: SparseTensor<'g, T>,
) -> Tensor<'g, S> {
    serialized("SerializeManySparse", x)
}

#[track_caller]
fn serialized<'g, T: TensorType, S: Serialized>(
    op: &'static str,
    x: SparseTensor<'g, T>,
) -> Tensor<'g, S> {
    let op = function(x.graph(), op).parts(x);
    op.attr("out_type", S::DTYPE).typed()
}

/// Serialized sparse tensors stacked to one of a rank more (`tf.io.deserialize_many_sparse`).
///
/// `rank` is that of the result, if it is known.
#[track_caller]
pub fn deserialize_many_sparse<'g, T: TensorType>(
    x: impl TensorLike<'g, ByteString>,
    rank: impl Into<OrDefault<usize>>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    let name = g.open_function_name("DeserializeManySparse");
    let node = Nodes(g).named("DeserializeManySparse", &name).arg(x);
    let node = node.attr("dtype", T::DTYPE).finish();
    let rank = rank.into().0;
    node.output(0).set_shape(vec![None, rank]);
    node.output(2).set_shape(vec![rank]);
    AnySparseTensor::of_outputs(node).typed()
}

options! {
    /// How [`decode_csv`] reads records.
    ///
    /// ```
    /// use tfhub::ops::io::{self, CsvOptions, DefaultValue};
    /// # let g = tfhub::GraphBuilder::new();
    /// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let prices = CsvOptions::default().field_delim(";").select_cols([3]);
    /// let columns = io::decode_csv(lines, [DefaultValue::of([0.0f32])], prices);
    /// assert_eq!(columns.len(), 1);
    /// ```
    #[derive(Debug, Clone)]
    CsvOptions {
        /// The character between fields; a comma by default.
        field_delim: String = ",".to_owned(), &str => field_delim.to_owned();
        /// Whether quotation marks enclose fields, as they do by default.
        use_quote_delim: bool = true;
        /// The spelling of a missing value; nothing by default.
        na_value: String = String::new(), &str => na_value.to_owned();
        /// The columns to read, in ascending order; all by default.
        select_cols: Vec<i64> = Vec::new(), impl Into<Vec<i64>> => select_cols.into();
    }
}

/// The columns of records with comma-separated values (`tf.io.decode_csv`).
///
/// Each default gives the element type of its column, and the value where a field is empty if it has one.
///
/// ```
/// use tfhub::ops::io::{self, DefaultValue};
/// # let g = tfhub::GraphBuilder::new();
/// let lines = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let columns = io::decode_csv(lines, [DefaultValue::of([0.0f32]), DefaultValue::of([""])], ());
/// assert_eq!(columns[1].name(), "DecodeCSV:1");
/// ```
#[track_caller]
pub fn decode_csv<'g>(
    records: impl TensorLike<'g, ByteString>,
    record_defaults: impl IntoIterator<Item = DefaultValue<'g>>,
    options: impl Into<CsvOptions>,
) -> Vec<AnyTensor<'g>> {
    let g = records.graph();
    let options = options.into();
    let defaults: Vec<_> = record_defaults.into_iter().collect();
    let columns = &options.select_cols;
    let ascending = columns.windows(2).all(|pair| pair[0] < pair[1]);
    let negative = columns.first().is_some_and(|&first| first < 0);
    let fits = columns.is_empty() || columns.len() == defaults.len();
    if !ascending || negative || !fits {
        let message = format!(
            "expected {} ascending columns of a record, found {columns:?}",
            defaults.len()
        );
        g.report(Rule::Value, message);
    }
    let defaults = defaults.into_iter().map(|default| match default {
        DefaultValue::Static(value) => Arg::Value(value),
        DefaultValue::Tensor(tensor) => Arg::Tensor(tensor),
    });
    function(g, "DecodeCSV")
        .arg(records)
        .list(defaults.collect())
        .attr("field_delim", options.field_delim.as_str())
        .attr("use_quote_delim", options.use_quote_delim)
        .attr("na_value", options.na_value.as_str())
        .attr("select_cols", options.select_cols)
        .finish()
        .outputs()
}

/// The fields of serialized messages of a type that TensorFlow's binary knows (`tf.io.decode_proto`).
///
/// The first tensor has the number of values of each field, the others the values, along a new last dimension.
#[track_caller]
pub fn decode_proto<'g>(
    x: impl TensorLike<'g, ByteString>,
    message_type: &str,
    fields: &[(&str, DType)],
) -> (Tensor<'g, i32>, Vec<AnyTensor<'g>>) {
    let (names, types): (Vec<_>, Vec<_>) = fields.iter().copied().unzip();
    let node = function(x.graph(), "DecodeProtoV2")
        .arg(x)
        .attr("message_type", message_type)
        .attr("field_names", names)
        .attr("output_types", types)
        .finish();
    let values = (1..=fields.len()).map(|field| node.output(field)).collect();
    (node.output(0).typed(), values)
}

/// Serialized messages from the numbers of values of each field and the values (`tf.io.encode_proto`).
#[track_caller]
pub fn encode_proto<'g>(
    sizes: Tensor<'g, i32>,
    fields: impl IntoIterator<Item = (&'static str, AnyTensor<'g>)>,
    message_type: &str,
) -> Tensor<'g, ByteString> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    function(sizes.graph(), "EncodeProto")
        .arg(sizes)
        .tensors(values)
        .attr("field_names", names)
        .attr("message_type", message_type)
        .typed()
}
