//! Few bytes that promise many, and other files that nobody has written by accident: checksums are right.

use std::fs;
use std::path::Path;

use super::entry::{Entry, EntryType, Header};
use super::table::{FOOTER_LEN, MAGIC, TableBuilder, TableError, TableReader};
use super::*;
use crate::checkpoint::{CheckpointReader, CheckpointWriter, CopyOptions, copy, merge, verify};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::source::VariableSource as _;
use crate::value::TensorSlice;
use crate::varint;

/// An entry for bytes from `offset` on.
fn entry(dtype: DType, shape: &[usize], offset: u64, size: u64) -> Entry {
    Entry {
        dtype: dtype.into(),
        shape: shape.to_vec(),
        shard: 0,
        offset,
        size,
        crc: Some(masked_crc32c(b"")),
        slices: Vec::new(),
    }
}

/// Writes an index of these entries, which are sorted, and a data file.
fn write(prefix: &Path, shards: i32, entries: &[(Vec<u8>, Entry)], data: &[u8]) {
    let mut table = TableBuilder::new();
    let big_endian = false;
    table.add(b"", &Header { shards, big_endian }.encode());
    for (key, entry) in entries {
        table.add(key, &entry.encode());
    }
    fs::write(index_path(prefix), table.finish()).unwrap();
    fs::write(data_path(prefix, 0, shards as usize), data).unwrap();
}

/// The errors of all that reads the tensor "t".
fn errors(prefix: &Path) -> Vec<Error> {
    let reader = CheckpointReader::open(prefix).unwrap();
    let (copied, written) = (
        prefix.with_extension("copied"),
        prefix.with_extension("written"),
    );
    let mut writer = CheckpointWriter::create(written).unwrap();
    let value = reader.variable("t").unwrap().unwrap();
    let errors = vec![
        reader.read("t").unwrap_err(),
        writer.add("t", value).unwrap_err(),
        verify(prefix, |_| {}).unwrap_err(),
        copy(prefix, copied, &CopyOptions::new(), |_| {}).unwrap_err(),
    ];
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ErrorKind::Corrupt)
    );
    errors
}

/// A tensor of which each part along the first dimension is `part`, its bytes `step` after those of the one before.
fn in_parts(count: usize, part: &Entry, step: u64) -> Vec<(Vec<u8>, Entry)> {
    let rows = part.shape[0];
    let mut whole = part.clone();
    whole.shape[0] *= count;
    let mut entries = Vec::new();
    for start in (0..count).map(|index| index * rows) {
        let mut ranges = TensorSlice::whole(&part.shape).ranges().to_vec();
        ranges[0] = start..start + rows;
        let slice = TensorSlice::new(ranges).to_proto();
        let offset = whole.slices.len() as u64 * step;
        let part = Entry {
            offset,
            ..part.clone()
        };
        entries.push((slice::key(b"t", &slice), part));
        whole.slices.push(slice);
    }
    entries.push((b"t".to_vec(), whole));
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

#[test]
fn there_is_no_memory_for_bytes_that_the_file_has_not() {
    let dir = tempfile::tempdir().unwrap();
    for (dtype, size) in [
        (DType::Float32, 1_u64 << 42),
        (DType::String, 1 << 40),
        (DType::Bool, 1 << 40),
    ] {
        let huge = entry(dtype, &[1 << 20, 1 << 20], 0, size);
        for entries in [
            vec![(b"t".to_vec(), huge.clone())],
            in_parts(3, &huge, size),
        ] {
            let prefix = dir.path().join("huge");
            write(&prefix, 1, &entries, b"abcd");
            for error in errors(&prefix) {
                let text = format!("expected {size} bytes at offset 0, the file has 4 bytes");
                assert!(error.to_string().contains(&text), "{error}");
            }
        }
    }
}

#[test]
fn bytes_do_not_become_many_by_being_in_many_parts() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("shared");
    for columns in [1, 2] {
        let part = entry(DType::UInt8, &[1000 / columns, columns], 0, 1000);
        write(&prefix, 1, &in_parts(2000, &part, 0), &[0; 1000]);
        for error in errors(&prefix) {
            let text = error.to_string();
            assert!(
                text.ends_with(
                    "expected no more than the 1000 bytes of the file with those before, found 2000"
                ),
                "{text}"
            );
        }
    }
}

#[test]
fn sizes_beside_a_zero_count() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("zero");
    let t = |shape: &[usize]| vec![(b"t".to_vec(), entry(DType::Float64, shape, 0, 0))];
    write(&prefix, 1, &t(&[3, 0, 1 << 59]), b"");
    let value = CheckpointReader::open(&prefix).unwrap().read("t").unwrap();
    assert_eq!(value.view::<f64>().unwrap().shape(), [3, 0, 1 << 59]);
    for shape in [[0, 1 << 40, 1 << 40], [1 << 40, 1 << 40, 0]] {
        write(&prefix, 1, &t(&shape), b"");
        let error = CheckpointReader::open(&prefix)
            .unwrap()
            .read("t")
            .unwrap_err();
        let text = format!("float64 of shape {shape:?} has more bytes than can be addressed");
        assert!(error.to_string().ends_with(&text), "{error}");
    }
    // Parts without elements, of which rows have more bytes than there can be.
    let mut parts = in_parts(1, &entry(DType::UInt8, &[0, 1 << 31, 1 << 31], 0, 0), 0);
    let (key, first) = &mut parts[0];
    first.shape[1] = 1;
    let slice = TensorSlice::new([0..0, 0..1, 0..1 << 31]).to_proto();
    *key = slice::key(b"t", &slice);
    parts[1].1.slices = vec![slice];
    write(&prefix, 1, &parts, b"");
    let reader = CheckpointReader::open(&prefix).unwrap();
    let mut writer = CheckpointWriter::create(dir.path().join("written")).unwrap();
    writer.add_from(&reader).unwrap();
}

#[test]
fn there_are_no_more_data_files_than_before() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("many");
    write(&prefix, i32::MAX, &[], b"");
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    // Nothing is wrong with the tensors, of which there are none.
    assert_eq!(verify(&prefix, |_| {}).unwrap().tensors, 0);
    let error = copy(&prefix, out.join("copied"), &CopyOptions::new(), |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.contains("many.data-00001-of-2147483647"), "{text}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    // One file is enough for all that there is.
    copy(
        &prefix,
        out.join("copied"),
        &CopyOptions::new().shards(1),
        |_| {},
    )
    .unwrap();
}

#[test]
fn parts_are_not_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("nested");
    let mut entries = in_parts(2, &entry(DType::UInt8, &[1], 0, 1), 1);
    entries[0].1.slices = vec![TensorSlice::whole(&[1]).to_proto()];
    write(&prefix, 1, &entries, b"a");
    for error in errors(&prefix) {
        assert!(
            error
                .to_string()
                .ends_with("expected a part, found one that is in parts itself")
        );
    }
}

/// A block of entries, each with what it shares with the key before and the rest, and these restart points.
fn block(entries: &[(usize, &[u8], &[u8])], restarts: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (shared, suffix, value) in entries {
        for number in [*shared, suffix.len(), value.len()] {
            varint::put(&mut bytes, number as u64);
        }
        bytes.extend([*suffix, *value].concat());
    }
    let count = restarts.len() as u32;
    let numbers = restarts.iter().chain([&count]);
    bytes.extend(numbers.flat_map(|number| number.to_le_bytes()));
    bytes
}

/// A table with one data block, which the index has under `separator`.
fn table(separator: &[u8], data: &[u8]) -> TableReader {
    let mut out = Vec::new();
    let mut add = |block: &[u8]| {
        let mut handle = Vec::new();
        varint::put(&mut handle, out.len() as u64);
        varint::put(&mut handle, block.len() as u64);
        let start = out.len();
        out.extend([block, &[0]].concat());
        let checksum = masked_crc32c(&out[start..]);
        out.extend(checksum.to_le_bytes());
        handle
    };
    let handle = add(data);
    let index = add(&block(&[(0, separator, &handle)], &[0]));
    let mut footer = [&handle[..], &index].concat();
    footer.resize(FOOTER_LEN - 8, 0);
    out.extend(footer);
    out.extend(MAGIC.to_le_bytes());
    TableReader::open(out).unwrap()
}

fn refused(separator: &[u8], data: &[u8]) -> String {
    let table = table(separator, data);
    let entries: Result<Vec<_>, TableError> = table.entries().collect();
    entries.unwrap_err().to_string()
}

#[test]
fn keys_share_no_more_than_a_writer_makes_them_share() {
    // 20 bytes for each entry, and a key of 100,000.
    let long = vec![b'k'; 100_000];
    let numbers: Vec<_> = (0..1100).map(|i| format!("{i:012}")).collect();
    let mut entries = vec![(0, &long[..], &b""[..])];
    entries.extend(
        numbers
            .iter()
            .map(|number| (100_000, number.as_bytes(), &b"v"[..])),
    );
    let text = refused(b"l", &block(&entries, &[0]));
    assert!(text.contains("expected keys of at most "), "{text}");
    // Keys of usual length, but without a place to search from.
    let mut entries = vec![(0, &b"key"[..], &b""[..])];
    entries.extend(
        numbers
            .iter()
            .map(|number| (3, number.as_bytes(), &b""[..])),
    );
    let some = block(&entries[..1024], &[0]);
    assert_eq!(table(b"l", &some).entries().count(), 1024);
    let text = refused(b"l", &block(&entries, &[0]));
    assert!(
        text.contains("expected a restart point within 1024 entries"),
        "{text}"
    );
}

#[test]
fn what_a_search_would_miss_is_refused() {
    let entries: [(usize, &[u8], &[u8]); 3] = [(0, b"ka", b"1"), (1, b"b", b"2"), (0, b"kc", b"3")];
    // The entries have 6, 5 and 6 bytes.
    let good = table(b"kd", &block(&entries, &[0, 11]));
    assert_eq!(
        good.entries()
            .map(|entry| entry.unwrap().1)
            .collect::<Vec<_>>(),
        [b"1", b"2", b"3"]
    );
    for key in ["ka", "kb", "kc"] {
        assert!(good.get(key.as_bytes()).unwrap().is_some());
    }
    for (restarts, at) in [
        (&[6][..], 6),
        (&[0, 6], 6),
        (&[0, 7], 7),
        (&[0, 0], 0),
        (&[0, 17], 17),
    ] {
        let text = refused(b"kd", &block(&entries, restarts));
        let expected =
            format!("expected an entry with a whole key at the restart point {at}, found none");
        assert!(text.ends_with(&expected), "{restarts:?}: {text}");
    }
    let text = refused(b"kb", &block(&entries, &[0]));
    assert!(
        text.ends_with("key \"kc\" is not in the range that the index says"),
        "{text}"
    );
}

#[test]
fn a_dtype_of_later_versions_concerns_its_tensor_alone() {
    // TensorFlow 1.15.5 lists all, reads "a" and merges both; it aborts when "t" is read.
    for number in [24, 25, 29, 30, 99] {
        let dir = tempfile::tempdir().unwrap();
        let [prefix, copied, merged, written] =
            ["model", "copied", "merged", "written"].map(|name| dir.path().join(name));
        let mut later = entry(DType::UInt8, &[3], 1, 2);
        later.dtype = EntryType::Later(number);
        later.crc = Some(masked_crc32c(b"bc"));
        let mut known = entry(DType::UInt8, &[1], 0, 1);
        known.crc = Some(masked_crc32c(b"a"));
        let entries = [(b"a".to_vec(), known), (b"t".to_vec(), later)];
        write(&prefix, 1, &entries, b"abc");
        let text = format!(
            "tensor \"t\": its dtype has the number {number}, of a later version of TensorFlow: its value cannot be read, only copied"
        );
        let unsupported = |error: Error| {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let index = index_path(&prefix);
            assert_eq!(error.to_string(), format!("{}: {text}", index.display()));
        };
        let reader = CheckpointReader::open(&prefix).unwrap();
        assert_eq!(reader.names().unwrap(), ["a", "t"]);
        let [a, t] = reader.tensors().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(a.unwrap().dtype, DType::UInt8);
        unsupported(t.unwrap_err());
        unsupported(reader.get("t").unwrap_err());
        unsupported(reader.variable("t").unwrap_err());
        unsupported(reader.read("t").unwrap_err());
        assert_eq!(reader.read("a").unwrap().as_slice::<u8>().unwrap(), [b'a']);
        let mut writer = CheckpointWriter::create(&written).unwrap();
        unsupported(writer.add_from(&reader).unwrap_err());
        // Its bytes have a checksum like all others.
        let verified = verify(&prefix, |_| {}).unwrap();
        assert_eq!((verified.tensors, verified.bytes), (2, 3));
        assert_eq!(verified.unsupported, ["t"]);
        copy(&prefix, &copied, &CopyOptions::new(), |_| {}).unwrap();
        merge([&prefix], &merged, |_| {}).unwrap();
        for out in [&copied, &merged] {
            for file in [index_path, |prefix: &Path| data_path(prefix, 0, 1)] {
                assert_eq!(
                    fs::read(file(out)).unwrap(),
                    fs::read(file(&prefix)).unwrap()
                );
            }
        }
        fs::write(data_path(&prefix, 0, 1), b"abd").unwrap();
        let error = verify(&prefix, |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    }
}
