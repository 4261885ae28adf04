//! The subjects of TensorFlow's own tests of bundles (`tensor_bundle_test.cc`), but for the faults of bundles, which
//! is in `conditions` and `damage`.

use std::fs;
use std::path::Path;

use super::super::entry::{Entry, Header};
use super::super::slice;
use super::super::table::TableBuilder;
use super::*;
use crate::checkpoint::{
    CheckpointReader, CheckpointWriter, CopyOptions, TensorSlice, copy, merge, verify,
};
use crate::dtype::ByteString;
use crate::proto::tensorflow::TensorSliceProto;
use crate::proto::tensorflow::tensor_slice_proto::Extent;
use crate::proto::tensorflow::tensor_slice_proto::extent::HasLength;
use crate::value::TensorValue;

/// The dtypes with elements of a fixed size.
fn fixed() -> impl Iterator<Item = DType> {
    let types = DType::ALL.iter().copied();
    types.filter(|dtype| dtype.size().is_some())
}

/// Bytes of so many elements, no two of which are the same; those of truth values are 0 and 1.
fn bytes(dtype: DType, start: usize, len: usize) -> Vec<u8> {
    let size = dtype.size().unwrap();
    let mut bytes = vec![0; size * len];
    for (index, element) in bytes.chunks_mut(size).enumerate() {
        element[0] = (start + index) as u8;
        if dtype == DType::Bool {
            element[0] &= 1;
        }
    }
    bytes
}

/// A tensor: key, dtype, shape, bytes.
type Tensor = (&'static str, DType, Vec<usize>, Vec<u8>);

fn write(prefix: &Path, tensors: &[Tensor]) {
    let mut writer = Writer::new(Vec::new());
    for (key, dtype, shape, bytes) in tensors {
        writer.add(key.as_bytes(), *dtype, shape, bytes).unwrap();
    }
    let (data, index) = writer.finish().unwrap();
    fs::write(index_path(prefix), index).unwrap();
    fs::write(data_path(prefix, 0, 1), data).unwrap();
}

#[track_caller]
fn assert_holds(prefix: &Path, tensors: &[Tensor]) {
    let reader = CheckpointReader::open(prefix).unwrap();
    let mut keys: Vec<_> = tensors.iter().map(|(key, ..)| *key).collect();
    keys.sort_unstable();
    let found: Vec<_> = reader
        .tensors()
        .map(|tensor| tensor.unwrap().name)
        .collect();
    assert_eq!(found, keys);
    for (key, dtype, shape, bytes) in tensors {
        let value = reader.read(key).unwrap();
        assert_eq!((value.dtype(), value.shape()), (*dtype, &shape[..]));
        assert_eq!(value.native_bytes().unwrap(), bytes, "{key} {dtype}");
    }
    verify(prefix, |_| {}).unwrap();
}

#[test]
fn basic_and_directory_structure() {
    for dtype in fixed() {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name);
        let tensor = |key, start| (key, dtype, vec![2, 3], bytes(dtype, start, 6));
        let first = ["foo_003", "foo_000", "foo_002", "foo_001"];
        let first: Vec<_> = first
            .iter()
            .enumerate()
            .map(|(i, key)| tensor(*key, 10 * i))
            .collect();
        let second = ["bar_003", "bar_000", "bar_002", "bar_001"];
        let second: Vec<_> = second
            .iter()
            .enumerate()
            .map(|(i, key)| tensor(*key, 7 * i))
            .collect();
        write(&place("foo"), &first);
        assert_holds(&place("foo"), &first);
        write(&place("bar"), &second);
        assert_holds(&place("bar"), &second);

        // Merging one is copying it; merging two numbers their files.
        merge([place("foo")], place("one"), |_| {}).unwrap();
        assert_holds(&place("one"), &first);
        merge([place("foo"), place("bar")], place("two"), |_| {}).unwrap();
        assert_holds(&place("two"), &[first, second].concat());
        let mut names: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        let expected = [
            "bar.data-00000-of-00001",
            "bar.index",
            "foo.data-00000-of-00001",
            "foo.index",
            "one.data-00000-of-00001",
            "one.index",
            "two.data-00000-of-00002",
            "two.data-00001-of-00002",
            "two.index",
        ];
        assert_eq!(names, expected);
    }
}

#[test]
fn endianness() {
    let dir = tempfile::tempdir().unwrap();
    let (little, big) = (dir.path().join("little"), dir.path().join("big"));
    let mut table = TableBuilder::new();
    let (shards, big_endian) = (1, true);
    table.add(b"", &Header { shards, big_endian }.encode());
    let (mut tensors, mut data) = (Vec::new(), Vec::new());
    let mut types: Vec<_> = fixed().collect();
    types.sort_by_key(|dtype| dtype.name());
    for dtype in types {
        let bytes = bytes(dtype, 1, 4);
        let mut swapped = bytes.clone();
        dtype.swap_bytes(&mut swapped);
        let entry = Entry {
            dtype: dtype.into(),
            shape: vec![4],
            shard: 0,
            offset: data.len() as u64,
            size: swapped.len() as u64,
            crc: Some(crc::masked_crc32c(&swapped)),
            slices: Vec::new(),
        };
        table.add(dtype.name().as_bytes(), &entry.encode());
        data.extend(swapped);
        tensors.push((dtype.name(), dtype, vec![4], bytes));
    }
    fs::write(index_path(&big), table.finish()).unwrap();
    fs::write(data_path(&big, 0, 1), data).unwrap();
    write(&little, &tensors);
    assert_holds(&little, &tensors);
    assert_holds(&big, &tensors);
}

#[test]
fn partitioned_variables() {
    let dir = tempfile::tempdir().unwrap();
    for dtype in fixed().chain([DType::String]) {
        let whole = match dtype {
            DType::String => {
                let strings = (0..50).map(|i| ByteString::from(vec![b's'; i])).collect();
                TensorValue::new([5, 10], strings).unwrap()
            }
            _ => {
                let bytes = bytes(dtype, 0, 50);
                let filled = TensorValue::filled(dtype, &[5, 10], |target| {
                    target.copy_from_slice(&bytes);
                    Ok::<(), crate::Error>(())
                });
                filled.unwrap().unwrap()
            }
        };
        let prefix = dir.path().join(dtype.name());
        let mut writer = CheckpointWriter::create(&prefix).unwrap();
        let parts = [
            TensorSlice::new([0..5, 0..1]),
            TensorSlice::new([0..5, 1..10]),
        ];
        for part in &parts {
            writer
                .add_slice("foo", &[5, 10], part, whole.part(part))
                .unwrap();
        }
        writer.finish().unwrap();

        let reader = CheckpointReader::open(&prefix).unwrap();
        assert_eq!(reader.get("foo").unwrap().unwrap().slices, parts);
        assert_eq!(reader.read("foo").unwrap(), whole);
        // One part, a cut through both, a cut through one.
        for wanted in [
            [0..5, 0..1],
            [0..5, 1..10],
            [0..5, 0..5],
            [0..5, 5..10],
            [2..4, 0..3],
            [1..2, 4..5],
        ] {
            let wanted = TensorSlice::new(wanted);
            assert_eq!(
                reader.read_slice("foo", &wanted).unwrap(),
                whole.part(&wanted)
            );
        }
        let nothing = TensorSlice::new([2..2, 0..10]);
        assert!(reader.read_slice("foo", &nothing).unwrap().is_empty());
    }
}

#[test]
fn equivalent_slices() {
    let dir = tempfile::tempdir().unwrap();
    let extents = |explicit: bool| TensorSliceProto {
        extent: [5, 10]
            .map(|len| Extent {
                start: 0,
                has_length: explicit.then_some(HasLength::Length(len)),
            })
            .to_vec(),
    };
    let value = bytes(DType::Float32, 0, 50);
    for explicit in [false, true] {
        // As if all of it were one of several parts.
        let prefix = dir.path().join(format!("{explicit}"));
        let part = extents(explicit);
        let mut writer = Writer::new(Vec::new());
        let key = slice::key(b"foo", &part);
        writer.add(&key, DType::Float32, &[5, 10], &value).unwrap();
        let whole = Entry {
            dtype: DType::Float32.into(),
            shape: vec![5, 10],
            shard: 0,
            offset: 0,
            size: 0,
            crc: None,
            slices: vec![part],
        };
        writer.add_partitioned(b"foo", whole).unwrap();
        let (data, index) = writer.finish().unwrap();
        fs::write(index_path(&prefix), index).unwrap();
        fs::write(data_path(&prefix, 0, 1), data).unwrap();
        let reader = CheckpointReader::open(&prefix).unwrap();
        let all = reader
            .read_slice("foo", &TensorSlice::whole(&[5, 10]))
            .unwrap();
        assert_eq!(all.native_bytes().unwrap(), value);
        assert_eq!(reader.read("foo").unwrap(), all);
    }
}

#[test]
fn non_standard_shapes() {
    let dir = tempfile::tempdir().unwrap();
    for dtype in fixed() {
        let prefix = dir.path().join(dtype.name());
        let tensors = [
            ("scalar", dtype, vec![], bytes(dtype, 1, 1)),
            ("non_standard0", dtype, vec![0, 1618], vec![]),
            ("non_standard1", dtype, vec![16, 0, 18], vec![]),
        ];
        write(&prefix, &tensors);
        assert_holds(&prefix, &tensors);
    }
}

#[test]
fn string_tensors() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("foo");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    let long = vec![b'd'; 1 << 21];
    let strings = [&b"hello"[..], b"", b"x01", &long, b""];
    let strings: Vec<_> = strings.into_iter().map(ByteString::from).collect();
    let strings = TensorValue::new([5], strings).unwrap();
    let none = TensorValue::new([0, 7], Vec::<ByteString>::new()).unwrap();
    let floats = TensorValue::new([2, 3], vec![16.18f32; 6]).unwrap();
    for (name, value) in [
        ("floats", &floats),
        ("none", &none),
        ("strings", &strings),
        ("z", &floats),
    ] {
        writer.add(name, value).unwrap();
    }
    writer.finish().unwrap();
    let reader = CheckpointReader::open(&prefix).unwrap();
    for (name, value) in [
        ("floats", &floats),
        ("none", &none),
        ("strings", &strings),
        ("z", &floats),
    ] {
        assert_eq!(reader.read(name).unwrap(), *value);
    }
    verify(&prefix, |_| {}).unwrap();
}

#[test]
fn strings_of_four_gib() {
    // Where reading what was never written takes no room in memory, as it does in the cache of files.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let dir = dir.unwrap();
    let prefix = dir.path().join("foo");
    let lengths = [3, (1 << 32) + 5, 0_u64];
    let head = strings::Head::new(lengths.into_iter());
    let size = head.bytes.len() as u64 + head.strings;
    let file = fs::File::create(data_path(&prefix, 0, 1)).unwrap();
    (&file).write_all(&head.bytes).unwrap();
    file.set_len(size).unwrap();
    let mebibyte = vec![0; 1 << 20];
    let mut checksum = head.checksum;
    let mut left = head.strings as usize;
    while left > 0 {
        let zeros = &mebibyte[..left.min(mebibyte.len())];
        checksum = crc32c::crc32c_append(checksum, zeros);
        left -= zeros.len();
    }
    let mut table = TableBuilder::new();
    let (shards, big_endian) = (1, false);
    table.add(b"", &Header { shards, big_endian }.encode());
    let mut entry = Entry {
        dtype: DType::String.into(),
        shape: vec![3],
        shard: 0,
        offset: 0,
        size,
        crc: Some(crc::mask(checksum)),
        slices: Vec::new(),
    };
    table.add(b"s", &entry.encode());
    entry.size -= 1;
    table.add(b"t", &entry.encode());
    fs::write(index_path(&prefix), table.finish()).unwrap();
    let reader = BundleReader::open(&prefix).unwrap();
    let stream = |key: &[u8]| {
        let entry = reader.entry(key).unwrap().unwrap();
        stream_verified(&reader, &(key.to_vec(), entry), |_| Ok(()))
    };
    assert_eq!(stream(b"s").unwrap(), crc::mask(checksum));
    let text =
        "tensor \"t\" at offset 0: expected strings of 4294967304 bytes together, found 4294967303";
    assert!(stream(b"t").unwrap_err().to_string().ends_with(text));
}

#[test]
fn headers() {
    let dir = tempfile::tempdir().unwrap();
    write(
        &dir.path().join("foo"),
        &[("a", DType::Bool, vec![], vec![1])],
    );
    let index = fs::read(dir.path().join("foo.index")).unwrap();
    let (key, header) = parse_table(&index).swap_remove(0);
    assert_eq!(
        (&key[..], &header[..]),
        (&b""[..], &b"\x08\x01\x1a\x02\x08\x01"[..])
    );
    let (shards, big_endian) = (1, false);
    assert_eq!(
        Header::decode(&header).unwrap(),
        Header { shards, big_endian }
    );
}

#[test]
fn alignment() {
    // With gaps between the tensors, as the option leaves them; copies have none.
    let dir = tempfile::tempdir().unwrap();
    let (aligned, copied) = (dir.path().join("aligned"), dir.path().join("copied"));
    let tensors = [
        ("a", DType::Float32, vec![3], bytes(DType::Float32, 1, 3)),
        ("b", DType::Int64, vec![], bytes(DType::Int64, 2, 1)),
        ("c", DType::UInt8, vec![43], bytes(DType::UInt8, 3, 43)),
        ("d", DType::Float64, vec![0], vec![]),
    ];
    let mut table = TableBuilder::new();
    let (shards, big_endian) = (1, false);
    table.add(b"", &Header { shards, big_endian }.encode());
    let mut data = Vec::new();
    for (key, dtype, shape, bytes) in &tensors {
        data.resize(data.len().next_multiple_of(42), 0);
        let entry = Entry {
            dtype: (*dtype).into(),
            shape: shape.clone(),
            shard: 0,
            offset: data.len() as u64,
            size: bytes.len() as u64,
            crc: Some(crc::masked_crc32c(bytes)),
            slices: Vec::new(),
        };
        table.add(key.as_bytes(), &entry.encode());
        data.extend(bytes);
    }
    fs::write(index_path(&aligned), table.finish()).unwrap();
    fs::write(data_path(&aligned, 0, 1), &data).unwrap();
    assert_holds(&aligned, &tensors);
    copy(&aligned, &copied, &CopyOptions::new(), |_| {}).unwrap();
    assert_holds(&copied, &tensors);
    write(&aligned, &tensors);
    for file in [index_path, |prefix: &Path| data_path(prefix, 0, 1)] {
        assert_eq!(
            fs::read(file(&aligned)).unwrap(),
            fs::read(file(&copied)).unwrap()
        );
    }
}
