//! Checkpoints of the first version of the format, as TensorFlow 1.15.5 wrote them and as nobody should.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::slice;
use super::super::table::{MAGIC, TableBuilder};
use super::super::{BundleReader, crc, exists};
use super::fixture_path;
use crate::checkpoint::{CheckpointReader, CopyOptions, TensorSlice, copy, merge, verify};
use crate::dtype::DType;
use crate::error::ErrorKind;
use crate::proto::Message as _;
use crate::proto::tensorflow::tensor_shape_proto::Dim;
use crate::proto::tensorflow::tensor_slice_proto::Extent;
use crate::proto::tensorflow::tensor_slice_proto::extent::HasLength;
use crate::proto::tensorflow::{
    SavedSlice, SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices, TensorProto,
    TensorShapeProto, TensorSliceProto, VersionDef,
};
use crate::value::TensorValue;

const SHARDED: &str = "v1_sharded-?????-of-00003";

#[test]
fn values_are_those_of_the_second_version() {
    for (old, new, dtypes) in [
        ("v1_all_dtypes", "all_dtypes", 16),
        ("v1_shapes", "shapes", 4),
        ("v1_strings", "strings", 2),
        ("v1_partitioned", "partitioned", 5),
        (SHARDED, "sharded", 1),
    ] {
        let old = CheckpointReader::open(fixture_path(old)).unwrap();
        let new = CheckpointReader::open(fixture_path(new)).unwrap();
        let mut found = std::collections::BTreeSet::new();
        for tensor in old.tensors() {
            let tensor = tensor.unwrap();
            let expected = new.get(&tensor.name).unwrap().unwrap();
            assert_eq!(
                (tensor.dtype, &tensor.shape),
                (expected.dtype, &expected.shape)
            );
            assert_eq!(tensor.bytes, expected.bytes, "{}", tensor.name);
            let sorted = |mut slices: Vec<TensorSlice>| {
                slices.sort_by_key(|slice| {
                    slice.ranges().iter().map(|r| r.start).collect::<Vec<_>>()
                });
                slices
            };
            assert_eq!(
                sorted(tensor.slices),
                sorted(expected.slices),
                "{}",
                tensor.name
            );
            let value = old.read(&tensor.name).unwrap();
            assert_eq!(value, new.read(&tensor.name).unwrap(), "{}", tensor.name);
            found.insert(tensor.dtype);
        }
        assert_eq!(found.len(), dtypes);
        verify(old.prefix(), |_| {}).unwrap();
    }
}

#[test]
fn any_slice_can_be_read_and_streamed() {
    let reader = BundleReader::open(&fixture_path("v1_partitioned")).unwrap();
    let cut = |name: &[u8], ranges: &[std::ops::Range<usize>]| {
        let value = reader.read(name, Some(&TensorSlice::new(ranges)));
        value.unwrap()
    };
    let row = (10..20).map(|x| x as f32).collect::<Vec<_>>();
    let columns = cut(b"columns", &[1..2, 0..10]);
    assert_eq!(columns, TensorValue::new([1, 10], row).unwrap());
    let words = cut(b"words", &[1..3, 0..1]);
    let strings: Vec<_> = words
        .strings()
        .unwrap()
        .iter()
        .map(|s| s.as_bytes())
        .collect();
    assert_eq!(strings, [&b""[..], b"e"]);
    for name in ["columns", "half", "blocks", "all_of_some", "whole/all"] {
        let mut bytes = Vec::new();
        let mut sink = |chunk: &[u8]| {
            bytes.extend_from_slice(chunk);
            Ok(())
        };
        reader.stream_tensor(name.as_bytes(), &mut sink).unwrap();
        let value = reader.read(name.as_bytes(), None).unwrap();
        assert_eq!(bytes, value.native_bytes().unwrap());
    }
}

/// The files of a checkpoint but for the prefix.
fn files(prefix: &Path) -> Vec<(String, Vec<u8>)> {
    let (directory, name) = (prefix.parent().unwrap(), prefix.file_name().unwrap());
    let start = format!("{}.", name.to_str().unwrap());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if let Some(rest) = name.strip_prefix(&start) {
            files.push((rest.to_owned(), fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn copies_are_what_tensorflow_saves_in_the_second_version() {
    let dir = tempfile::tempdir().unwrap();
    let converted = |name: &str, out: &str| {
        let out = dir.path().join(out);
        copy(fixture_path(name), &out, &CopyOptions::new(), |_| {}).unwrap();
        out
    };
    assert_eq!(
        files(&converted(SHARDED, "sharded")),
        files(&fixture_path("sharded"))
    );
    let out = converted("v1_partitioned", "partitioned");
    verify(&out, |_| {}).unwrap();
    let (old, new) = (
        CheckpointReader::open(fixture_path("v1_partitioned")).unwrap(),
        CheckpointReader::open(&out).unwrap(),
    );
    for tensor in old.tensors() {
        let tensor = tensor.unwrap();
        assert_eq!(
            new.get(&tensor.name).unwrap().unwrap().slices,
            tensor.slices
        );
        assert_eq!(
            new.read(&tensor.name).unwrap(),
            old.read(&tensor.name).unwrap()
        );
    }
    // Both versions in one.
    let out = dir.path().join("merged");
    merge(
        [fixture_path("merge_c"), fixture_path(SHARDED)],
        &out,
        |_| {},
    )
    .unwrap();
    let expected = files(&fixture_path("merged_again"));
    assert_eq!(files(&out), expected);
}

#[test]
fn a_prefix_is_an_index_or_else_a_table_or_else_a_pattern() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("model");
    fs::copy(fixture_path("v1_strings"), &prefix).unwrap();
    let has = |prefix: &Path, name: &str| {
        let reader = CheckpointReader::open(prefix).unwrap();
        reader.get(name).unwrap().is_some()
    };
    assert!(exists(&prefix) && has(&prefix, "vocabulary"));
    copy(
        fixture_path("shapes"),
        dir.path().join("other"),
        &CopyOptions::new(),
        |_| {},
    )
    .unwrap();
    for suffix in ["index", "data-00000-of-00001"] {
        let other = dir.path().join("other").with_extension(suffix);
        fs::rename(other, prefix.with_extension(suffix)).unwrap();
    }
    assert!(has(&prefix, "w/kernel"));
    for shard in 0..3 {
        let name = |prefix: &str| format!("{prefix}-0000{shard}-of-00003");
        fs::copy(
            fixture_path(&name("v1_sharded")),
            dir.path().join(name("s")),
        )
        .unwrap();
    }
    for pattern in ["s-?????-of-00003", "s-*", "s-?????-of-?????"] {
        assert!(exists(&dir.path().join(pattern)) && has(&dir.path().join(pattern), "table"));
    }
    for missing in ["s", "s-?????-of-00004", "s-?", "no/s-*"] {
        let missing = dir.path().join(missing);
        assert!(!exists(&missing));
        let error = CheckpointReader::open(&missing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let mut index = missing.into_os_string();
        index.push(".index");
        assert_eq!(error.path(), Some(Path::new(&index)));
    }
    // A shard that is missing is one whose parts are.
    fs::remove_file(dir.path().join("s-00001-of-00003")).unwrap();
    let pattern = dir.path().join("s-*");
    let error = CheckpointReader::open(&pattern)
        .unwrap()
        .read("table")
        .unwrap_err();
    let text =
        "tensor \"table\": its parts do not cover [0..7, 0..2]: expected 14 elements, found 10";
    assert_eq!(error.to_string(), format!("{}: {text}", pattern.display()));
}

/// A part: start and length in each dimension.
fn part(extents: &[(i64, i64)]) -> TensorSliceProto {
    let extent = |&(start, len): &(i64, i64)| Extent {
        start,
        has_length: (len >= 0).then_some(HasLength::Length(len)),
    };
    TensorSliceProto {
        extent: extents.iter().map(extent).collect(),
    }
}

fn listed(name: &str, dtype: i32, shape: &[i64], slice: Vec<TensorSliceProto>) -> SavedSliceMeta {
    let dim = |&size: &i64| Dim {
        size,
        ..Dim::default()
    };
    SavedSliceMeta {
        name: name.to_owned(),
        shape: Some(TensorShapeProto {
            dim: shape.iter().map(dim).collect(),
            ..TensorShapeProto::default()
        }),
        r#type: dtype,
        slice,
    }
}

fn list(versions: VersionDef, tensor: Vec<SavedSliceMeta>) -> Vec<u8> {
    let meta = SavedTensorSliceMeta {
        tensor,
        versions: Some(versions),
    };
    SavedTensorSlices {
        meta: Some(meta),
        data: None,
    }
    .encode_to_vec()
}

fn floats(len: usize) -> Vec<u8> {
    record(TensorProto {
        float_val: vec![1.0; len],
        ..TensorProto::default()
    })
}

fn record(data: TensorProto) -> Vec<u8> {
    let data = SavedSlice {
        data: Some(data),
        ..SavedSlice::default()
    };
    SavedTensorSlices {
        meta: None,
        data: Some(data),
    }
    .encode_to_vec()
}

fn table(list: Vec<u8>, values: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut table = TableBuilder::new();
    table.add(b"", &list);
    values.iter().for_each(|(key, value)| table.add(key, value));
    table.finish()
}

/// One tensor `a`, float32 of shape `[4]`, in one part.
fn whole(dtype: i32, shape: &[i64], value: Vec<u8>) -> Vec<u8> {
    let all = part(&[(0, -1)]);
    let key = slice::key(b"a", &all);
    let tensors = vec![listed("a", dtype, shape, vec![all])];
    table(list(VersionDef::default(), tensors), &[(key, value)])
}

fn write(dir: &tempfile::TempDir, tables: &[Vec<u8>]) -> PathBuf {
    for (shard, table) in tables.iter().enumerate() {
        fs::write(dir.path().join(format!("m-{shard}")), table).unwrap();
    }
    dir.path().join("m-?")
}

#[track_caller]
fn refused(tables: &[Vec<u8>], file: &str, text: &str) {
    let dir = tempfile::tempdir().unwrap();
    let prefix = write(&dir, tables);
    let read = CheckpointReader::open(&prefix).and_then(|reader| reader.read("a"));
    let error = read.unwrap_err();
    let path = dir.path().join(file);
    assert_eq!(error.to_string(), format!("{}: {text}", path.display()));
    assert_ne!(error.kind(), ErrorKind::Io);
    if error.kind() != ErrorKind::NotFound {
        verify(&prefix, |_| {}).unwrap_err();
    }
}

const FLOAT: i32 = DType::Float32 as i32;

#[test]
fn malformed_lists_are_refused() {
    let tensors =
        |tensors: Vec<SavedSliceMeta>| vec![table(list(VersionDef::default(), tensors), &[])];
    let header = "the header: expected a header under the first, empty key, found none";
    refused(&[TableBuilder::new().finish()], "m-0", header);
    refused(&[table(floats(1), &[])], "m-0", header);
    let mut other = TableBuilder::new();
    other.add(b"\x00", b"");
    refused(&[other.finish()], "m-0", header);
    let text = "the header: cannot be decoded: failed to decode Protobuf message: \
        SavedTensorSlices.meta: invalid wire type: Varint (expected LengthDelimited)";
    refused(&[table(vec![8, 1], &[])], "m-0", text);
    let versions = |producer, min_consumer, bad: &[i32]| {
        let bad_consumers = bad.to_vec();
        let version = VersionDef {
            producer,
            min_consumer,
            bad_consumers,
        };
        vec![table(list(version, Vec::new()), &[])]
    };
    let text = "the header: is for readers of version 2 or later, this one has version 1";
    refused(&versions(1, 2, &[]), "m-0", text);
    let text = "the header: was written by version -1, expected at least 0";
    refused(&versions(-1, 0, &[]), "m-0", text);
    refused(
        &versions(1, 0, &[1]),
        "m-0",
        "the header: is not for readers of version 1",
    );
    refused(&versions(9, 1, &[2]), "m-?", "there is no tensor \"a\"");

    let all = || part(&[(0, -1)]);
    let text = "tensor \"a\": expected sizes of at least 0, found [-4]";
    refused(
        &tensors(vec![listed("a", FLOAT, &[-4], vec![all()])]),
        "m-0",
        text,
    );
    for dtype in [0, 20, 21, 101] {
        let text = format!("tensor \"a\": expected the number of a dtype, found {dtype}");
        refused(
            &tensors(vec![listed("a", dtype, &[4], vec![all()])]),
            "m-0",
            &text,
        );
    }
    // Later versions of TensorFlow may have more; others are read.
    let key = slice::key(b"b", &all());
    let later = vec![
        listed("a", 24, &[4], vec![all()]),
        listed("b", FLOAT, &[4], vec![all()]),
    ];
    let table_of_both = table(list(VersionDef::default(), later), &[(key, floats(4))]);
    let text = "tensor \"a\": its dtype has the number 24, of a later version of TensorFlow: \
        its value cannot be read, only copied";
    refused(std::slice::from_ref(&table_of_both), "m-?", text);
    let dir = tempfile::tempdir().unwrap();
    let reader = CheckpointReader::open(write(&dir, &[table_of_both])).unwrap();
    assert_eq!(reader.read("b").unwrap().len(), 4);
    let huge = i64::MAX / 2;
    let text =
        format!("tensor \"a\": float32 of shape [{huge}] has more bytes than can be addressed");
    refused(
        &tensors(vec![listed("a", FLOAT, &[huge], vec![all()])]),
        "m-0",
        &text,
    );
    for bad in [
        part(&[(3, 2)]),
        part(&[(-1, 2)]),
        part(&[]),
        part(&[(0, -1), (0, -1)]),
    ] {
        let text = format!(
            "tensor \"a\": expected a part of shape [4], found {}",
            slice::extents(&bad)
        );
        refused(
            &tensors(vec![listed("a", FLOAT, &[4], vec![bad])]),
            "m-0",
            &text,
        );
    }
    // A tensor without parts is not there.
    let text = "there is no tensor \"a\"";
    refused(
        &tensors(vec![listed("a", FLOAT, &[4], vec![])]),
        "m-?",
        text,
    );
}

#[test]
fn parts_must_be_there_once_in_all_tables() {
    let tables = |lists: &[&[&SavedSliceMeta]]| -> Vec<_> {
        let tensors = |list: &&[&SavedSliceMeta]| list.iter().copied().cloned().collect();
        let lists = lists.iter().map(tensors);
        let tables = lists.map(|tensors| table(list(VersionDef::default(), tensors), &[]));
        tables.collect()
    };
    let (all, half) = (part(&[(0, -1)]), part(&[(0, 2)]));
    let whole = listed("a", FLOAT, &[4], vec![all.clone()]);
    let parts = listed("a", FLOAT, &[4], vec![half.clone()]);
    let twice = "tensor \"a\" would be there twice";
    refused(&tables(&[&[&whole], &[&whole]]), "m-1", twice);
    refused(&tables(&[&[&whole], &[&parts]]), "m-1", twice);
    let nested = listed("\0a", FLOAT, &[4], vec![half.clone()]);
    let text = r#"tensor "\x00a": expected a part, found one that is in parts itself"#;
    refused(&tables(&[&[&nested]]), "m-0", text);
    refused(&tables(&[&[&parts, &whole]]), "m-0", twice);
    let text = r#"tensor "\x00a\x00\x01\x01\x01\x80\x82" would be there twice"#;
    refused(&tables(&[&[&parts], &[&parts]]), "m-1", text);
    let text =
        "tensor \"a\": expected parts of float32 [4] as in other checkpoints, found float32 [5]";
    let other = listed("a", FLOAT, &[5], vec![half.clone()]);
    let rest = listed("a", FLOAT, &[5], vec![part(&[(2, 2)])]);
    refused(&tables(&[&[&parts], &[&rest]]), "m-1", text);
    let text = r#"tensor "\x00a\x00\x01\x01\x01\x80\x82" would be there twice"#;
    refused(&tables(&[&[&parts], &[&other]]), "m-1", text);
    let text = "tensor \"a\": its parts overlap in [1..2]";
    let over = listed("a", FLOAT, &[4], vec![half, part(&[(1, 3)])]);
    refused(&tables(&[&[&over]]), "m-?", text);
    refused(
        &tables(&[&[&parts]]),
        "m-?",
        "tensor \"a\": its parts do not cover [0..4]: expected 4 elements, found 2",
    );
    let text = "tensor \"a\": its part [0..4] is listed, but not there";
    refused(&tables(&[&[&whole]]), "m-0", text);
}

#[test]
fn values_must_be_whole_and_of_their_dtype() {
    let number = |dtype: DType| dtype as i32;
    let dir = tempfile::tempdir().unwrap();
    let prefix = write(&dir, &[whole(FLOAT, &[4], floats(4))]);
    let value = CheckpointReader::open(prefix).unwrap().read("a").unwrap();
    assert_eq!(value, TensorValue::new([4], vec![1f32; 4]).unwrap());

    let count = |found: usize, expected: i64| {
        format!(
            "tensor \"a\": its value cannot be read: {found} values for a shape with {expected} elements"
        )
    };
    for found in [0, 1, 3, 5] {
        refused(
            &[whole(FLOAT, &[4], floats(found))],
            "m-0",
            &count(found, 4),
        );
    }
    // What is not there takes no memory.
    let huge = i64::MAX / 8;
    refused(&[whole(FLOAT, &[huge], floats(1))], "m-0", &count(1, huge));
    refused(
        &[whole(number(DType::Bool), &[huge], floats(1))],
        "m-0",
        &count(0, huge),
    );
    refused(
        &[whole(number(DType::Complex64), &[huge / 2], floats(1))],
        "m-0",
        &count(0, huge / 2),
    );
    refused(
        &[whole(number(DType::String), &[4], floats(4))],
        "m-0",
        &count(0, 4),
    );
    let parts = [part(&[(0, 1)]), part(&[(1, huge - 1)])];
    let keys = parts.each_ref().map(|part| slice::key(b"a", part));
    let tensors = vec![listed("a", FLOAT, &[huge], parts.to_vec())];
    let values = keys.map(|key| (key, floats(1)));
    let parts = table(list(VersionDef::default(), tensors), &values);
    let text = count(1, huge - 1).replace("\"a\"", &format!("\"{}\"", values[1].0.escape_ascii()));
    refused(&[parts], "m-0", &text);

    let ints = |values: &[i32]| {
        record(TensorProto {
            int_val: values.to_vec(),
            ..TensorProto::default()
        })
    };
    let text = "tensor \"a\": its value cannot be read: value 300 is out of the range of its dtype";
    refused(
        &[whole(number(DType::UInt8), &[1], ints(&[300]))],
        "m-0",
        text,
    );
    let text = "tensor \"a\": its value cannot be decoded: expected a number at position 2";
    refused(&[whole(FLOAT, &[1], vec![0xff, 0xff])], "m-0", text);
}

#[test]
fn keys_that_share_a_long_name_are_not_multiplied() {
    let name = "n".repeat(100_000);
    let parts = vec![part(&[(0, 1)]); 100_000];
    let tensors = vec![listed(&name, FLOAT, &[4], parts)];
    let dir = tempfile::tempdir().unwrap();
    let table = table(list(VersionDef::default(), tensors), &[]);
    let limit = 64 * table.len();
    let error = CheckpointReader::open(write(&dir, &[table])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let text = format!(
        "expected parts whose keys have at most {limit} bytes together, found 100000 parts"
    );
    assert!(
        error.to_string().ends_with(&text),
        "{}",
        &error.to_string()[100_000..]
    );
}

/// Compresses the blocks of a table.
pub(super) fn compressed(table: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| crate::varint::get(bytes).unwrap();
    let footer = &table[table.len() - 48..];
    let handle = |bytes: &[u8]| {
        let (offset, first) = number(bytes);
        let (size, second) = number(&bytes[first..]);
        ((offset as usize, size as usize), first + second)
    };
    let (_, after) = handle(footer);
    let ((index, size), _) = handle(&footer[after..]);
    // One data block: after the key comes its handle.
    let entry = &table[index..index + size];
    let ((offset, size), _) = handle(&entry[3 + usize::from(entry[1])..]);
    let mut out = Vec::new();
    let mut put = |content: &[u8]| {
        let start = out.len();
        out.extend(snap::raw::Encoder::new().compress_vec(content).unwrap());
        let mut handle = Vec::new();
        crate::varint::put(&mut handle, start as u64);
        crate::varint::put(&mut handle, (out.len() - start) as u64);
        out.push(1);
        let checksum = crc::masked_crc32c(&out[start..]);
        out.extend(checksum.to_le_bytes());
        handle
    };
    let data = put(&table[offset..offset + size]);
    let meta = put(&[0, 0, 0, 0, 1, 0, 0, 0]);
    let mut block = vec![0, 2, data.len() as u8, 0xff, 0xff];
    block.extend(data);
    block.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    let index = put(&block);
    let mut footer = [meta, index].concat();
    footer.resize(40, 0);
    out.extend(footer);
    out.extend(MAGIC.to_le_bytes());
    out
}

#[test]
fn compressed_blocks_are_read() {
    for name in ["v1_strings", "v1_partitioned", "v1_all_dtypes"] {
        let good = fixture_path(name);
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("m");
        fs::write(&prefix, compressed(&fs::read(&good).unwrap())).unwrap();
        let (good, ours) = (
            CheckpointReader::open(good).unwrap(),
            CheckpointReader::open(prefix).unwrap(),
        );
        let names: Vec<_> = good.tensors().map(|tensor| tensor.unwrap().name).collect();
        assert!(names.len() > 4);
        for name in names {
            assert_eq!(good.read(&name).unwrap(), ours.read(&name).unwrap());
        }
    }
}
