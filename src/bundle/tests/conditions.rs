//! The faults of bundles: each condition, what TensorFlow 1.15.5 does, and what this crate does.
//!
//! A condition is a change of one good bundle and a question that is asked then. That a variable is restored from a
//! tensor of another dtype or shape is a matter of sessions, in `tests/it/checkpoint_sources.rs`.

use std::fs;
use std::path::Path;

use bytemuck::cast_slice;

use super::super::slice;
use super::super::table::TableBuilder;
use super::*;
use crate::checkpoint::{CheckpointReader, TensorSlice, verify};
use crate::error::{ErrorKind, Result};
use crate::proto::Message as _;
use crate::proto::tensorflow::tensor_shape_proto::Dim;
use crate::proto::tensorflow::tensor_slice_proto::Extent;
use crate::proto::tensorflow::tensor_slice_proto::extent::HasLength;
use crate::proto::tensorflow::{BundleEntryProto, BundleHeaderProto, TensorSliceProto, VersionDef};

/// A bundle to be changed.
struct Bundle {
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Instead of a table of the entries.
    index: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
}

/// `a`, float32 of shape `[3]`, at 0; `b`, an int32, at 12; `p`, float32 of shape `[2, 4]`, in parts at 16 and 24; `s`,
/// three strings, at 48.
fn good() -> Bundle {
    let mut writer = Writer::new(Vec::new());
    let floats = |range: std::ops::Range<i32>| range.map(|x| x as f32).collect::<Vec<_>>();
    let (a, first, second) = (floats(1..4), floats(0..2), floats(2..8));
    let a = cast_slice(&a);
    writer.add(b"a", DType::Float32, &[3], a).unwrap();
    writer.add(b"b", DType::Int32, &[], &[7, 0, 0, 0]).unwrap();
    for (columns, values) in [(0..1, first), (1..4, second)] {
        let part = TensorSlice::new([0..2, columns]);
        let shape = part.shape();
        let add = |writer: &mut Writer, key: &[u8]| {
            writer.add(key, DType::Float32, &shape, cast_slice(&values))
        };
        let added = writer.add_slice(b"p", DType::Float32, (&[2, 4], &part), add);
        added.unwrap();
    }
    let strings = ["hello", "", "x01"];
    writer.add_strings(b"s", &[3], &strings).unwrap();
    let (data, index) = writer.finish().unwrap();
    let (entries, index, data) = (parse_table(&index), None, Some(data));
    Bundle {
        entries,
        index,
        data,
    }
}

impl Bundle {
    fn index(&self) -> Vec<u8> {
        let mut table = TableBuilder::new();
        let entries = self.entries.iter();
        entries.for_each(|(key, value)| table.add(key, value));
        self.index.clone().unwrap_or_else(|| table.finish())
    }

    fn change_index(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut index = self.index();
        change(&mut index);
        self.index = Some(index);
    }

    fn value(&mut self, key: &[u8]) -> &mut Vec<u8> {
        let entry = self.entries.iter_mut().find(|(found, _)| found == key);
        &mut entry.unwrap().1
    }

    fn header(&mut self, change: impl FnOnce(&mut BundleHeaderProto)) {
        let value = self.value(b"");
        let mut header = BundleHeaderProto::decode(&value[..]).unwrap();
        change(&mut header);
        *value = header.encode_to_vec();
    }

    fn version(&mut self, change: impl FnOnce(&mut VersionDef)) {
        self.header(|header| change(header.version.get_or_insert_default()));
    }

    fn entry(&mut self, key: &[u8], change: impl FnOnce(&mut BundleEntryProto)) {
        let value = self.value(key);
        let mut entry = BundleEntryProto::decode(&value[..]).unwrap();
        change(&mut entry);
        *value = entry.encode_to_vec();
    }

    fn data(&mut self) -> &mut Vec<u8> {
        self.data.as_mut().unwrap()
    }

    fn write(&self, prefix: &Path) {
        fs::write(index_path(prefix), self.index()).unwrap();
        if let Some(data) = &self.data {
            fs::write(data_path(prefix, 0, 1), data).unwrap();
        }
    }
}

fn columns(start: i64, len: i64) -> TensorSliceProto {
    let extent = |start, len| Extent {
        start,
        has_length: Some(HasLength::Length(len)),
    };
    TensorSliceProto {
        extent: vec![extent(0, 2), extent(start, len)],
    }
}

/// The key of the part with the second to the fourth column.
fn second_part() -> Vec<u8> {
    slice::key(b"p", &columns(1, 3))
}

/// A question to the bundle.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Open,
    /// All entries.
    List,
    /// A value, which is that of the good bundle.
    Read(&'static str),
    /// A few columns of `p`.
    Columns(usize, usize),
}

use Ask::{Columns, List, Open, Read};

fn ask(prefix: &Path, ask: Ask) -> Result<()> {
    let good_prefix = prefix.with_extension("good");
    good().write(&good_prefix);
    let reader = CheckpointReader::open(prefix)?;
    let good = CheckpointReader::open(good_prefix).unwrap();
    match ask {
        Open => {}
        List => {
            for tensor in reader.tensors() {
                tensor?;
            }
        }
        Read(name) => assert_eq!(reader.read(name)?, good.read(name).unwrap()),
        Columns(start, end) => {
            let wanted = TensorSlice::new([0..2, start..end]);
            let value = reader.read_slice("p", &wanted)?;
            assert_eq!(value, good.read_slice("p", &wanted).unwrap());
        }
    }
    Ok(())
}

/// A condition, what TensorFlow does, the change, what is asked then, and the file and the text of the error, in which
/// `*` stands for anything.
type Row = (
    &'static str,
    &'static str,
    fn(&mut Bundle),
    Ask,
    Option<(&'static str, ErrorKind, &'static str)>,
);

/// A name that sorts behind `p`.
const LONG: &str = match std::str::from_utf8(&[b'p'; 5000]) {
    Ok(name) => name,
    Err(_) => "",
};
const INDEX: &str = ".index";
const DATA: &str = ".data-00000-of-00001";

const fn corrupt(
    file: &'static str,
    text: &'static str,
) -> Option<(&'static str, ErrorKind, &'static str)> {
    Some((file, ErrorKind::Corrupt, text))
}

const fn unsupported(
    file: &'static str,
    text: &'static str,
) -> Option<(&'static str, ErrorKind, &'static str)> {
    Some((file, ErrorKind::Unsupported, text))
}

const fn missing(
    file: &'static str,
    text: &'static str,
) -> Option<(&'static str, ErrorKind, &'static str)> {
    Some((file, ErrorKind::NotFound, text))
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("nothing is wrong", "",
        |_| {}, Read("p"), None),
    ("index missing, and no table of version 1", "NotFound",
        |b| b.index = Some(b"removed".to_vec()), Open, missing(INDEX, "there is no such checkpoint; those in \"*\" are \"m.good\"")),
    ("index shorter than 48 bytes", "DataLoss",
        |b| b.change_index(|i| i.truncate(47)), Open, corrupt(INDEX, "expected a table of at least 48 bytes, found 47")),
    ("index empty", "DataLoss",
        |b| b.change_index(Vec::clear), Open, corrupt(INDEX, "expected a table of at least 48 bytes, found 0")),
    ("wrong magic", "DataLoss",
        |b| b.change_index(|i| *i.last_mut().unwrap() = 0), Open,
        corrupt(INDEX, "expected the table's magic number 0xdb4775248b80fb57 at offset *, found 0x004775248b80fb57")),
    ("index truncated", "DataLoss",
        |b| b.change_index(|i| i.truncate(100)), Open,
        corrupt(INDEX, "expected the table's magic number 0xdb4775248b80fb57 at offset 92, found 0x*")),
    ("handles in the footer do not end", "DataLoss",
        |b| b.change_index(|i| footer(i).fill(0xff)), Open,
        corrupt(INDEX, "expected two block handles in the footer at offset *, found ff ff *")),
    ("index block is said to be outside", "DataLoss",
        |b| b.change_index(|i| footer(i)[..8].copy_from_slice(&[0, 8, 0xff, 0xff, 0x7f, 0xff, 0xff, 1])), Open,
        corrupt(INDEX, "expected a block of 32767 bytes at offset 2097151 within the * bytes of the file")),
    ("checksum of the index block is wrong", "DataLoss",
        |b| b.change_index(|i| { let at = i.len() - 50; i[at] ^= 1 }), Open,
        corrupt(INDEX, "block at offset *: expected checksum 0x*, found 0x*")),
    ("checksum of a data block is wrong", "DataLoss",
        |b| b.change_index(|i| i[10] ^= 1), Open,
        corrupt(INDEX, "block at offset 0: expected checksum 0x*, found 0x*")),
    ("block type is unknown", "DataLoss",
        |b| b.change_index(|i| block_type(i, 2)), Open,
        corrupt(INDEX, "block at offset 0: expected compression type 0 or 1, found 2")),
    ("block is not compressed as its type says", "DataLoss",
        |b| b.change_index(|i| block_type(i, 1)), Open,
        corrupt(INDEX, "block at offset 0: its compressed content cannot be read: *")),
    ("meta-index block is corrupt", "ignored",
        |b| b.change_index(|i| { let at = meta_index(i); i[at] ^= 1 }), Read("a"), None),
    ("table is empty", "Internal",
        |b| b.entries.clear(), Open,
        corrupt(INDEX, "the header: expected a header under the first, empty key, found none")),
    ("header cannot be parsed", "DataLoss",
        |b| *b.value(b"") = vec![0xff], Open,
        corrupt(INDEX, "the header: cannot be decoded: *")),
    ("header is absent", "first entry is misread",
        |b| drop(b.entries.remove(0)), Open,
        corrupt(INDEX, "the header: expected a header under the first, empty key, found none")),
    ("min_consumer is above 1", "InvalidArgument",
        |b| b.version(|v| v.min_consumer = 2), Open,
        corrupt(INDEX, "the header: is for readers of version 2 or later, this one has version 1")),
    ("producer is negative", "InvalidArgument",
        |b| b.version(|v| v.producer = -1), Open,
        corrupt(INDEX, "the header: was written by version -1, expected at least 0")),
    ("bad_consumers has 1", "InvalidArgument",
        |b| b.version(|v| v.bad_consumers = vec![7, 1]), Open,
        corrupt(INDEX, "the header: is not for readers of version 1")),
    ("producer is above 1, min_consumer is not", "accepted",
        |b| b.version(|v| (v.producer, v.min_consumer) = (9, 1)), Read("a"), None),
    ("byte order is unknown", "",
        |b| b.header(|h| h.endianness = 2), Open,
        corrupt(INDEX, "the header: expected the number of a byte order, 0 or 1, found 2")),
    ("num_shards is too large", "NotFound at reading",
        |b| b.header(|h| h.num_shards = 2), Read("a"),
        missing(".data-00000-of-00002", "No such file or directory (os error 2)")),
    ("num_shards is not positive", "",
        |b| b.header(|h| h.num_shards = 0), Open,
        corrupt(INDEX, "the header: expected at least one data file, found 0")),
    ("shard_id is not below num_shards", "NotFound at reading",
        |b| b.entry(b"a", |e| e.shard_id = 1), Read("a"),
        corrupt(INDEX, "tensor \"a\": expected the number of one of 1 data files, found 1")),
    ("data file is missing", "opens, NotFound at reading",
        |b| b.data = None, List, None),
    ("data file is missing, and read", "NotFound",
        |b| b.data = None, Read("a"), missing(DATA, "No such file or directory (os error 2)")),
    ("data are truncated", "OutOfRange",
        |b| b.data().truncate(62), Read("s"),
        corrupt(DATA, "tensor \"s\": expected 15 bytes at offset 48, the file has 62 bytes")),
    ("data of another tensor are truncated", "read",
        |b| b.data().truncate(16), Read("a"), None),
    ("offset is past the end", "OutOfRange",
        |b| b.entry(b"a", |e| e.offset = 52), Read("a"),
        corrupt(DATA, "tensor \"a\": expected 12 bytes at offset 52, the file has 63 bytes")),
    ("offset is far past the end", "OutOfRange",
        |b| b.entry(b"a", |e| e.offset = i64::MAX), Read("a"),
        corrupt(DATA, "tensor \"a\": expected 12 bytes at offset 9223372036854775807, the file has 63 bytes")),
    ("offset is negative", "InvalidArgument",
        |b| b.entry(b"a", |e| e.offset = -1), Read("a"),
        corrupt(INDEX, "tensor \"a\": expected an offset of at least 0, found -1")),
    ("data have more at their end", "ignored",
        |b| b.data().extend([1, 2, 3]), Read("s"), None),
    ("size is not that of the shape", "DataLoss",
        |b| b.entry(b"a", |e| e.size = 8), Read("a"),
        corrupt(INDEX, "tensor \"a\": expected 12 bytes for float32 of shape [3], found 8")),
    ("size is negative", "DataLoss",
        |b| b.entry(b"a", |e| e.size = -12), Read("a"),
        corrupt(INDEX, "tensor \"a\": expected 12 bytes for float32 of shape [3], found -12")),
    ("size of strings is below their number", "DataLoss",
        |b| b.entry(b"s", |e| e.size = 2), Read("s"),
        corrupt(INDEX, "tensor \"s\": expected at least a byte for each string of shape [3], found 2 bytes")),
    ("size of strings is too small", "DataLoss",
        |b| b.entry(b"s", |e| e.size = 14), Read("s"),
        corrupt(DATA, "tensor \"s\" at offset 48: expected strings of 8 bytes together, found 7")),
    ("size of strings ends in the checksum of their lengths", "DataLoss",
        |b| b.entry(b"s", |e| e.size = 5), Read("s"),
        corrupt(DATA, "tensor \"s\" at offset 48: expected the lengths of 3 strings, found damaged ones")),
    ("checksum of the data is wrong", "DataLoss",
        |b| b.data()[5] ^= 1, Read("a"),
        corrupt(DATA, "tensor \"a\" of 12 bytes at offset 0: expected checksum 0x*, found 0x*")),
    ("checksum of a part is wrong", "DataLoss",
        |b| b.data()[30] ^= 1, Read("p"),
        corrupt(DATA, "tensor \"*p*\" of 24 bytes at offset 24: expected checksum 0x*, found 0x*")),
    ("checksum in the entry is wrong", "DataLoss",
        |b| b.entry(b"b", |e| e.crc32c = 0), Read("b"),
        corrupt(DATA, "tensor \"b\" of 4 bytes at offset 12: expected checksum 0x00000000, found 0x*")),
    ("length of a string is wrong", "DataLoss",
        |b| b.data()[48] = 4, Read("s"),
        corrupt(DATA, "tensor \"s\" at offset 48: expected checksum 0x* of the lengths, found 0x*")),
    ("length of a string is huge", "DataLoss",
        |b| b.data()[48..58].fill(0xff), Read("s"),
        corrupt(DATA, "tensor \"s\" at offset 48: expected the lengths of 3 strings, found damaged ones")),
    ("checksum of the lengths is wrong", "DataLoss",
        |b| b.data()[51] ^= 1, Read("s"),
        corrupt(DATA, "tensor \"s\" at offset 48: expected checksum 0x* of the lengths, found 0x*")),
    ("body of a string is wrong", "DataLoss",
        |b| b.data()[60] ^= 1, Read("s"),
        corrupt(DATA, "tensor \"s\" of 15 bytes at offset 48: expected checksum 0x*, found 0x*")),
    ("key is absent", "NotFound",
        |b| b.entries.retain(|(key, _)| key != b"a"), Read("a"),
        missing(INDEX, "there is no tensor \"a\"")),
    ("key is empty", "aborts",
        |_| {}, Read(""), missing(INDEX, "there is no tensor \"\"")),
    ("entry cannot be parsed", "DataLoss",
        |b| *b.value(b"a") = vec![0xff], List,
        corrupt(INDEX, "tensor \"a\": cannot be decoded: *")),
    ("dtype is none", "listed, reading it aborts",
        |b| b.entry(b"a", |e| e.dtype = 0), List,
        corrupt(INDEX, "tensor \"a\": expected the number of a dtype, found 0")),
    ("dtype is that of a reference", "listed",
        |b| b.entry(b"a", |e| e.dtype = 101), List,
        corrupt(INDEX, "tensor \"a\": expected the number of a dtype, found 101")),
    ("dtype is of a later version", "listed, reading it aborts",
        |b| b.entry(b"a", |e| e.dtype = 24), List,
        unsupported(INDEX, "tensor \"a\": its dtype has the number 24, of a later version of TensorFlow: \
            its value cannot be read, only copied")),
    ("dtype of another is of a later version", "read",
        |b| b.entry(b"a", |e| e.dtype = 24), Read("b"), None),
    ("unknown_rank is set in a shape", "ignored",
        |b| b.entry(b"a", |e| e.shape.as_mut().unwrap().unknown_rank = true), Read("a"), None),
    ("dimension is negative", "aborts",
        |b| b.entry(b"a", |e| e.shape.as_mut().unwrap().dim[0].size = -3), List,
        corrupt(INDEX, "tensor \"a\": expected sizes of at least 0, found [-3]")),
    ("shape is too large", "aborts",
        |b| b.entry(b"a", |e| e.shape.as_mut().unwrap().dim[0].size = i64::MAX / 2), List,
        corrupt(INDEX, "tensor \"a\": float32 of shape [4611686018427387903] has more bytes than can be addressed")),
    ("shape without elements is too large", "aborts",
        |b| b.entry(b"a", |e| {
            let dim = |size| Dim { size, ..Dim::default() };
            e.shape.as_mut().unwrap().dim = vec![dim(1 << 40), dim(1 << 40), dim(0)];
            e.size = 0;
        }), Read("a"),
        corrupt(INDEX, "tensor \"a\": float32 of shape [1099511627776, 1099511627776, 0] has more bytes than can be addressed")),
    ("shape and size agree, but are larger than the data", "OutOfRange",
        |b| b.entry(b"a", |e| {
            e.shape.as_mut().unwrap().dim[0].size = 1 << 50;
            e.size = 1 << 52;
        }), Read("a"),
        corrupt(DATA, "tensor \"a\": expected 4503599627370496 bytes at offset 0, the file has 63 bytes")),
    ("so are those of strings", "OutOfRange",
        |b| b.entry(b"s", |e| {
            e.shape.as_mut().unwrap().dim[0].size = 1 << 50;
            e.size = 1 << 52;
        }), Read("s"),
        corrupt(DATA, "tensor \"s\": expected 4503599627370496 bytes at offset 48, the file has 63 bytes")),
    ("keys are not sorted", "may be missed",
        |b| b.entries.swap(1, 4), List,
        corrupt(INDEX, "block at offset 0: key \"*\" is not above the key before")),
    ("key is there twice", "the first is found",
        |b| b.entries.insert(4, b.entries[3].clone()), List,
        corrupt(INDEX, "block at offset 0: key \"a\" is not above the key before")),
    ("slices do not cover the tensor", "InvalidArgument",
        |b| b.entry(b"p", |e| drop(e.slices.pop())), Read("p"),
        corrupt(INDEX, "tensor \"p\": its parts do not cover [0..2, 0..4]: expected 8 elements, found 2")),
    ("slices do not cover what is asked for", "InvalidArgument",
        |b| b.entry(b"p", |e| drop(e.slices.pop())), Columns(0, 2),
        corrupt(INDEX, "tensor \"p\": its parts do not cover [0..2, 0..2]: expected 4 elements, found 2")),
    ("slices cover what is asked for, if not the tensor", "read",
        |b| b.entry(b"p", |e| drop(e.slices.pop())), Columns(0, 1), None),
    ("slices overlap", "Internal",
        |b| b.entry(b"p", |e| e.slices.push(e.slices[0].clone())), Read("p"),
        corrupt(INDEX, "tensor \"p\": its parts overlap in [0..2, 0..1]")),
    ("slice is out of bounds", "Internal",
        |b| b.entry(b"p", |e| e.slices[1] = columns(2, 3)), Read("p"),
        corrupt(INDEX, "tensor \"p\": expected a part of shape [2, 4], found \"0,2:2,3\"")),
    ("slice is negative", "Internal",
        |b| b.entry(b"p", |e| e.slices[1] = columns(-1, 3)), List,
        corrupt(INDEX, "tensor \"p\": expected a part of shape [2, 4], found \"0,2:-1,3\"")),
    ("slice has another rank", "Internal",
        |b| b.entry(b"p", |e| e.slices[1].extent.truncate(1)), List,
        corrupt(INDEX, "tensor \"p\": expected a part of shape [2, 4], found \"0,2\"")),
    ("entry of a slice is absent", "NotFound",
        |b| b.entries.retain(|(key, _)| *key != second_part()), Read("p"),
        corrupt(INDEX, "tensor \"p\": its part [0..2, 1..4] is listed, but not there")),
    ("entry of a slice is of another dtype", "",
        |b| b.entry(&second_part(), |e| e.dtype = DType::Int32.number()), Read("p"),
        corrupt(INDEX, "tensor \"p\": expected float32 [2, 3] in its part [0..2, 1..4], found int32 [2, 3]")),
    ("entry of a slice is of another shape", "",
        |b| b.entry(&second_part(), |e| e.shape.as_mut().unwrap().dim.swap(0, 1)), Read("p"),
        corrupt(INDEX, "tensor \"p\": expected float32 [2, 3] in its part [0..2, 1..4], found float32 [3, 2]")),
    ("entry of a slice has slices", "",
        |b| { let slices = vec![columns(0, 3)]; b.entry(&second_part(), |e| e.slices = slices) }, Read("p"),
        corrupt(INDEX, "tensor \"\\x00p*\": expected a part, found one that is in parts itself")),
    ("slices share more bytes than there are", "read",
        many_parts, Read("p"),
        corrupt(DATA, "tensor \"*p*\": expected no more than the 63 bytes of the file with those before, found 64")),
    ("a slice is there very often", "Internal",
        |b| b.entry(b"p", |e| e.slices = vec![columns(0, 1); 100_000]), Read("p"),
        corrupt(INDEX, "tensor \"p\": its parts overlap in [0..2, 0..1]")),
    ("keys of slices are much longer than the index", "",
        |b| {
            b.entry(b"p", |e| e.slices = vec![columns(0, 1); 100_000]);
            let value = b.value(b"p").clone();
            b.entries.insert(5, (LONG.into(), value));
        }, Read(LONG),
        corrupt(INDEX, "tensor \"pp*pp\": expected parts whose keys have at most * bytes together, found 100000 parts")),
];

/// The handles of a table.
fn footer(index: &mut [u8]) -> &mut [u8] {
    let start = index.len() - FOOTER_LEN;
    &mut index[start..start + FOOTER_LEN - 8]
}

/// Where the meta-index block begins, after the one data block.
fn meta_index(index: &[u8]) -> usize {
    take_varint(&mut &index[index.len() - FOOTER_LEN..])
}

/// Sets the type of the data block.
fn block_type(index: &mut [u8], kind: u8) {
    let end = meta_index(index);
    index[end - 5] = kind;
    let checksum = crc::masked_crc32c(&index[..end - 4]);
    index[end - 4..end].copy_from_slice(&checksum.to_le_bytes());
}

/// Cuts `p` into eight parts of one column each, all of which are the same eight bytes.
fn many_parts(bundle: &mut Bundle) {
    let first = bundle.value(&slice::key(b"p", &columns(0, 1))).clone();
    bundle.entries.retain(|(key, _)| !slice::is_slice_key(key));
    for column in 0..8 {
        let entry = (slice::key(b"p", &columns(column, 1)), first.clone());
        bundle.entries.insert(1 + column as usize, entry);
    }
    bundle.entry(b"p", |entry| {
        entry.slices = (0..8).map(|column| columns(column, 1)).collect();
        let dim = |size| Dim {
            size,
            ..Dim::default()
        };
        entry.shape.as_mut().unwrap().dim = vec![dim(2), dim(8)];
    });
}

/// Whether a text is a pattern in which `*` stands for anything.
fn matches(text: &str, pattern: &str) -> bool {
    let pieces: Vec<_> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return false;
    };
    let mut rest = match text.strip_prefix(first) {
        Some(rest) if pieces.len() > 1 => rest,
        rest => return rest == Some(""),
    };
    for piece in &pieces[1..pieces.len() - 1] {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn every_condition_has_its_error() {
    let mut wrong = Vec::new();
    for (condition, _, change, question, expected) in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("m");
        let mut bundle = good();
        change(&mut bundle);
        bundle.write(&prefix);
        if bundle.index.as_deref() == Some(b"removed") {
            fs::remove_file(index_path(&prefix)).unwrap();
        }
        let found = ask(&prefix, *question);
        let right = match (&found, expected) {
            (Ok(()), None) => true,
            (Err(error), Some((file, kind, text))) => {
                let path = with_suffix(&prefix, file);
                let message = error.to_string();
                let start = match message.strip_prefix("cannot open ") {
                    Some(message) => message.strip_prefix(path.to_str().unwrap()),
                    None => message.strip_prefix(path.to_str().unwrap()),
                };
                let found = start.and_then(|message| message.strip_prefix(": "));
                (error.kind(), error.path()) == (*kind, Some(&*path))
                    && found.is_some_and(|found| matches(found, text))
            }
            _ => false,
        };
        // Whoever goes through everything finds it as well, unless it is about what is asked for.
        let asked = [
            "key is absent",
            "key is empty",
            "dtype is of a later version",
            "slices share more bytes than there are",
        ];
        if let Some((file, kind, _)) = expected.filter(|_| !asked.contains(condition)) {
            let error = verify(&prefix, |_| {}).unwrap_err();
            let path = with_suffix(&prefix, file);
            assert_eq!(
                (error.kind(), error.path()),
                (kind, Some(&*path)),
                "{condition}: {error}"
            );
        }
        if !right {
            wrong.push(format!("{condition}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
