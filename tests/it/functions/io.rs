//! `tfhub::ops::io`.

use tfhub::DType;
use tfhub::dtype::{ByteString, Variant};
use tfhub::ops::io::{
    self, CsvOptions, DefaultValue, Feature, ParsedFeature, ParsedFeatures, ParsedSequences,
};
use tfhub::ops::sparse::SparseTensor;

use super::{Returned, Table, calls};

impl Returned for ParsedFeatures<'_> {
    fn names(&self) -> Vec<String> {
        let names = |feature| match feature {
            ParsedFeature::Dense(tensor) => tensor.names(),
            ParsedFeature::Sparse(sparse) => {
                (sparse.indices, sparse.values, sparse.dense_shape).names()
            }
        };
        self.iter()
            .flat_map(|(_, feature)| names(feature))
            .collect()
    }
}

impl Returned for ParsedSequences<'_> {
    fn names(&self) -> Vec<String> {
        let lengths = self.lengths.values().map(tfhub::Tensor::name).collect();
        [self.context.names(), self.sequences.names(), lengths].concat()
    }
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.io.encode_base64(x)" = |g, x: ByteString| io::encode_base64(x, ()), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.encode_base64(x, pad=True)" = |g, x: ByteString| io::encode_base64(x, true), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_base64(x)" = |g, x: ByteString| io::decode_base64(x), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.read_file(x)" = |g, x: ByteString| io::read_file(x), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.matching_files(x)" = |g, x: ByteString| io::matching_files(x), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_json_example(x)" = |g, x: ByteString| io::decode_json_example(x), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_compressed(x)" = |g, x: ByteString| io::decode_compressed(x, ""), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_compressed(x, 'GZIP')" = |g, x: ByteString| io::decode_compressed(x, "GZIP"), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.write_file('f', x)" = |g, x: ByteString| io::write_file(g.value("f"), x), [f32], ["[]", "?", "[2]"];
        "tf.io.write_file(f, x)" = |g, f: ByteString, x: ByteString| io::write_file(f, x), [f32], ["[] []", "? ?", "[1] []"];
        "tf.io.decode_raw(x, T)" = |g, x: ByteString| io::decode_raw::<T>(x, ()), [f32, i32, u8, bool], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_raw(x, T, little_endian=False, name='raw')" = |g, x: ByteString| g.named("raw", || io::decode_raw::<T>(x, false)), [f64, i64], ["[2,3]", "?"];
        "tf2.io.decode_raw(x, T, fixed_length=n)" = |g, x: ByteString, n: i32| io::decode_padded_raw::<T>(x, n, ()), [f32, i16], ["[2,3] []", "? ?", "[2] [1]"];
        "tf2.io.decode_raw(x, T, fixed_length=6)" = |g, x: ByteString| io::decode_padded_raw::<T>(x, 6, ()), [f32, i16], ["[2,3]", "?"];
        "tf2.io.decode_raw(x, T, fixed_length=[8])" = |g, x: ByteString| io::decode_padded_raw::<T>(x, [8], ()), [f32], ["[2,3]"];
        "tf2.io.decode_raw(x, T, little_endian=False, fixed_length=8)" = |g, x: ByteString| io::decode_padded_raw::<T>(x, 8, false), [f32, u8], ["[2,3]", "?"];
        "tf.io.parse_tensor(x, T)" = |g, x: ByteString| io::parse_tensor::<T>(x), [f32, ByteString], ["[]", "?", "[2]"];
        "tf.io.serialize_tensor(x)" = |g, x: T| io::serialize_tensor(x), [f32, ByteString, bool], ["[]", "?", "[2]"];
        "tf.io.serialize_sparse(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| io::serialize_sparse::<ByteString, _>(SparseTensor::new(g, i, v, s)), [f32, ByteString], ["[?,2] [?] [2]", "? ? ?", "[4,3] [4] [3]"];
        "tf.io.serialize_sparse(tf.SparseTensor(i, v, s), out_type=tf.variant)" = |g, i: i64, v: T, s: i64| io::serialize_sparse::<Variant, _>(SparseTensor::new(g, i, v, s)), [f32, ByteString], ["[?,2] [?] [2]", "? ? ?", "[4,3] [4] [3]"];
        "tf.io.serialize_many_sparse(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| io::serialize_many_sparse::<ByteString, _>(SparseTensor::new(g, i, v, s)), [f32, ByteString], ["[?,2] [?] [2]", "? ? ?", "[4,3] [4] [3]"];
        "tf.io.serialize_many_sparse(tf.SparseTensor(i, v, s), out_type=tf.variant)" = |g, i: i64, v: T, s: i64| io::serialize_many_sparse::<Variant, _>(SparseTensor::new(g, i, v, s)), [f32, ByteString], ["[?,2] [?] [2]", "? ? ?", "[4,3] [4] [3]"];
        "tf.io.deserialize_many_sparse(x, T)" = |g, x: ByteString| io::deserialize_many_sparse::<T>(x, ()), [f32, ByteString], ["[?,3]", "[2,3]", "?", "[2,4]", "[3]"];
        "tf.io.deserialize_many_sparse(x, T, rank=3)" = |g, x: ByteString| io::deserialize_many_sparse::<T>(x, 3), [f32, i64], ["[?,3]", "?"];
        "tf.io.decode_csv(x, [[1.0], [''], tf.constant([], tf.int64, name='none')])" = |g, x: ByteString| { let none = g.named("none", || g.constant([0i64; 0])); io::decode_csv(x, [DefaultValue::of([1.0f32]), DefaultValue::of([""]), none.into()], ()) }, [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.decode_csv(x, [1, d], field_delim=';', use_quote_delim=False, na_value='NA', select_cols=[1, 3])" = |g, x: ByteString, d: T| io::decode_csv(x, [DefaultValue::of(1i32), d.into()], CsvOptions::default().field_delim(";").use_quote_delim(false).na_value("NA").select_cols([1, 3])), [f32, i64], ["[?] []", "? [1]", "? ?", "[3] [2]"];
        "tf.io.decode_csv(x, [[1.0], [2.0]], select_cols=[3, 1])" = |g, x: ByteString| io::decode_csv(x, [DefaultValue::of([1.0f32]), DefaultValue::of([2.0f32])], CsvOptions::default().select_cols([3, 1])), [f32], ["[?]"];
    });
    calls!(table, {
        "tf.io.decode_csv(x, [[1.0]], select_cols=[1, 3])" = |g, x: ByteString| io::decode_csv(x, [DefaultValue::of([1.0f32])], CsvOptions::default().select_cols([1, 3])), [f32], ["[?]"];
        "tf.io.decode_csv(x, [])" = |g, x: ByteString| io::decode_csv(x, [], ()), [f32], ["[?]"];
        "tf.io.decode_proto(x, 'tensorflow.Event', ['step', 'file_version'], [tf.int64, tf.string])" = |g, x: ByteString| io::decode_proto(x, "tensorflow.Event", &[("step", DType::Int64), ("file_version", DType::String)]), [f32], ["[2,3]", "[?]", "[]", "?"];
        "tf.io.encode_proto(s, [v, w], ['a', 'b'], 'm.M')" = |g, s: i32, v: T, w: i64| io::encode_proto(s, [("a", v.any()), ("b", w.any())], "m.M"), [f32], ["[2,2] [2,1] [2,1]", "? ? ?"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2, 3], tf.float32), 'a': tf.io.FixedLenFeature([], tf.string)}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((2, 3))), ("a", Feature::fixed_len::<ByteString>(()))], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, [1.0, 2.0]), 'a c': tf.io.FixedLenFeature([], tf.string, 'x')}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(DefaultValue::of([1.0f32, 2.0]))), ("a c", Feature::fixed_len::<ByteString>(()).default_value(DefaultValue::of("x")))], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'v': tf.io.VarLenFeature(tf.int64), 'a': tf.io.VarLenFeature(tf.string), 'f': tf.io.FixedLenFeature([2], tf.int64)}))" = |g, x: ByteString| io::parse_example(x, [("v", Feature::var_len::<i64>()), ("a", Feature::var_len::<ByteString>()), ("f", Feature::fixed_len::<i64>((2,)))], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'s': tf.io.FixedLenSequenceFeature([2], tf.float32, allow_missing=True), 't': tf.io.FixedLenSequenceFeature([], tf.string, True, 'pad')}))" = |g, x: ByteString| io::parse_example(x, [("s", Feature::fixed_len_sequence::<f32>((2,)).allow_missing()), ("t", Feature::fixed_len_sequence::<ByteString>(()).allow_missing().default_value(DefaultValue::of("pad")))], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'s': tf.io.SparseFeature('i', 'v', tf.float32, 10), 'v': tf.io.VarLenFeature(tf.float32)}))" = |g, x: ByteString| io::parse_example(x, [("s", Feature::sparse::<f32>([("i", 10)], "v")), ("v", Feature::var_len::<f32>())], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'s': tf.io.SparseFeature(['j', 'i'], 'v', tf.string, [10, 20], already_sorted=True)}))" = |g, x: ByteString| io::parse_example(x, [("s", Feature::sparse::<ByteString>([("j", 10), ("i", 20)], "v").already_sorted())], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'s': tf.io.SparseFeature('i', 'v', tf.int64, 10)}))" = |g, x: ByteString| io::parse_example(x, [("s", Feature::sparse::<i64>([("i", 10)], "v"))], ()), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'b': tf.io.FixedLenFeature([2, 3], tf.float32), 'a': tf.io.FixedLenFeature([], tf.string)}))" = |g, x: ByteString| io::parse_single_example(x, [("b", Feature::fixed_len::<f32>((2, 3))), ("a", Feature::fixed_len::<ByteString>(()))]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, [1.0, 2.0]), 'a c': tf.io.FixedLenFeature([], tf.string, 'x')}))" = |g, x: ByteString| io::parse_single_example(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(DefaultValue::of([1.0f32, 2.0]))), ("a c", Feature::fixed_len::<ByteString>(()).default_value(DefaultValue::of("x")))]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'v': tf.io.VarLenFeature(tf.int64), 'a': tf.io.VarLenFeature(tf.string), 'f': tf.io.FixedLenFeature([2], tf.int64)}))" = |g, x: ByteString| io::parse_single_example(x, [("v", Feature::var_len::<i64>()), ("a", Feature::var_len::<ByteString>()), ("f", Feature::fixed_len::<i64>((2,)))]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'s': tf.io.FixedLenSequenceFeature([2], tf.float32, allow_missing=True), 't': tf.io.FixedLenSequenceFeature([], tf.string, True, 'pad')}))" = |g, x: ByteString| io::parse_single_example(x, [("s", Feature::fixed_len_sequence::<f32>((2,)).allow_missing()), ("t", Feature::fixed_len_sequence::<ByteString>(()).allow_missing().default_value(DefaultValue::of("pad")))]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'s': tf.io.SparseFeature('i', 'v', tf.float32, 10), 'v': tf.io.VarLenFeature(tf.float32)}))" = |g, x: ByteString| io::parse_single_example(x, [("s", Feature::sparse::<f32>([("i", 10)], "v")), ("v", Feature::var_len::<f32>())]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'s': tf.io.SparseFeature(['j', 'i'], 'v', tf.string, [10, 20], already_sorted=True)}))" = |g, x: ByteString| io::parse_single_example(x, [("s", Feature::sparse::<ByteString>([("j", 10), ("i", 20)], "v").already_sorted())]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'s': tf.io.SparseFeature('i', 'v', tf.int64, 10)}))" = |g, x: ByteString| io::parse_single_example(x, [("s", Feature::sparse::<i64>([("i", 10)], "v"))]), [f32], ["[]", "?", "[2]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([None], tf.float32)}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((None,)))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.int32)}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<i32>((2,)))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'s': tf.io.FixedLenSequenceFeature([2], tf.float32)}))" = |g, x: ByteString| io::parse_example(x, [("s", Feature::fixed_len_sequence::<f32>((2,)))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'v': tf.io.VarLenFeature(tf.float32), 's': tf.io.SparseFeature('i', 'v', tf.int64, 10)}))" = |g, x: ByteString| io::parse_example(x, [("v", Feature::var_len::<f32>()), ("s", Feature::sparse::<i64>([("i", 10)], "v"))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'v': tf.io.FixedLenFeature([], tf.float32), 's': tf.io.SparseFeature('i', 'v', tf.float32, 10)}))" = |g, x: ByteString| io::parse_example(x, [("v", Feature::fixed_len::<f32>(())), ("s", Feature::sparse::<f32>([("i", 10)], "v"))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, [1.0])}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(DefaultValue::of([1.0f32])))], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, tf.constant([1.0, 2.0]))}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(g.constant([1.0f32, 2.0]).into()))], ()), [f32], ["[?]"];
    });
    calls!(table, {
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenSequenceFeature([2], tf.float32, True, tf.constant([1.0]))}))" = |g, x: ByteString| io::parse_example(x, [("b", Feature::fixed_len_sequence::<f32>((2,)).allow_missing().default_value(g.constant([1.0f32]).into()))], ()), [f32], ["[?]"];
        "tf.io.parse_example(x, {})" = |g, x: ByteString| io::parse_example::<&str>(x, [], ()), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32)}, name='e'))" = |g, x: ByteString| g.named("e", || io::parse_example(x, [("b", Feature::fixed_len::<f32>((2,)))], ())), [f32], ["[?]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_single_example(x, {'b': tf.io.VarLenFeature(tf.float32)}, name='e'))" = |g, x: ByteString| g.named("e", || io::parse_single_example(x, [("b", Feature::var_len::<f32>())])), [f32], ["[]"];
        "(lambda d: [d[k] for k in sorted(d)])(tf.io.parse_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32)}, example_names=n))" = |g, x: ByteString, n: ByteString| io::parse_example(x, [("b", Feature::fixed_len::<f32>((2,)))], n), [f32], ["[?] [?]", "? ?", "[3] [2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32), 'a': tf.io.VarLenFeature(tf.string)}, {'t': tf.io.VarLenFeature(tf.int64), 's': tf.io.FixedLenSequenceFeature([3], tf.float32)}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,))), ("a", Feature::var_len::<ByteString>())], [("t", Feature::var_len::<i64>()), ("s", Feature::fixed_len_sequence::<f32>((3,)))]), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, [1.0, 2.0])}, {'s': tf.io.FixedLenSequenceFeature([], tf.string, True), 'r': tf.io.FixedLenSequenceFeature([2, 2], tf.int64)}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(DefaultValue::of([1.0f32, 2.0])))], [("s", Feature::fixed_len_sequence::<ByteString>(()).allow_missing()), ("r", Feature::fixed_len_sequence::<i64>((2, 2)))]), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {}, {'s': tf.io.FixedLenSequenceFeature([], tf.string)}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [], [("s", Feature::fixed_len_sequence::<ByteString>(()))]), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32)}, {}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,)))], []), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {}, {'s': tf.io.FixedLenSequenceFeature([], tf.float32, True, 1.0)}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [], [("s", Feature::fixed_len_sequence::<f32>(()).allow_missing().default_value(DefaultValue::of(1.0f32)))]), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_sequence_example(x, {'s': tf.io.FixedLenSequenceFeature([], tf.float32, True)}, {}))" = |g, x: ByteString| io::parse_sequence_example::<&str>(x, [("s", Feature::fixed_len_sequence::<f32>(()).allow_missing())], []), [f32], ["[?]", "[3]", "?", "[]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32), 'a': tf.io.VarLenFeature(tf.string)}, {'t': tf.io.VarLenFeature(tf.int64), 's': tf.io.FixedLenSequenceFeature([3], tf.float32)}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,))), ("a", Feature::var_len::<ByteString>())], [("t", Feature::var_len::<i64>()), ("s", Feature::fixed_len_sequence::<f32>((3,)))]), [f32], ["[]", "?", "[2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32, [1.0, 2.0])}, {'s': tf.io.FixedLenSequenceFeature([], tf.string, True), 'r': tf.io.FixedLenSequenceFeature([2, 2], tf.int64)}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,)).default_value(DefaultValue::of([1.0f32, 2.0])))], [("s", Feature::fixed_len_sequence::<ByteString>(()).allow_missing()), ("r", Feature::fixed_len_sequence::<i64>((2, 2)))]), [f32], ["[]", "?", "[2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {}, {'s': tf.io.FixedLenSequenceFeature([], tf.string)}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [], [("s", Feature::fixed_len_sequence::<ByteString>(()))]), [f32], ["[]", "?", "[2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {'b': tf.io.FixedLenFeature([2], tf.float32)}, {}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [("b", Feature::fixed_len::<f32>((2,)))], []), [f32], ["[]", "?", "[2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {}, {'s': tf.io.FixedLenSequenceFeature([], tf.float32, True, 1.0)}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [], [("s", Feature::fixed_len_sequence::<f32>(()).allow_missing().default_value(DefaultValue::of(1.0f32)))]), [f32], ["[]", "?", "[2]"];
        "(lambda r: [d[k] for d in r for k in sorted(d)])(tf.io.parse_single_sequence_example(x, {'s': tf.io.FixedLenSequenceFeature([], tf.float32, True)}, {}))" = |g, x: ByteString| io::parse_single_sequence_example::<&str>(x, [("s", Feature::fixed_len_sequence::<f32>(()).allow_missing())], []), [f32], ["[]", "?", "[2]"];
    });
    table
}
