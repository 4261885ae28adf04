//! Bundles compared with those that TensorFlow 1.15.5 wrote (`tests/scripts/make_bundles.py`), and tables
//! read back.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytemuck::cast_slice;
use half::slice::HalfFloatSliceExt as _;
use half::{bf16, f16};
use num_complex::Complex;
use proptest::prelude::*;

use super::table::{FOOTER_LEN, MAGIC, TableBuilder, UNCOMPRESSED};
use super::*;
use crate::dtype::DType;

mod conditions;
mod damage;
mod first_version;
mod first_version_values;
mod forms;
mod suite;

type Writer = BundleWriter<Vec<u8>>;

fn fixture_path(name: &str) -> PathBuf {
    let directory = "tests/fixtures/bundles/";
    Path::new(directory).join(name)
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap()
}

#[track_caller]
fn assert_fixture(name: &str, writer: Writer) {
    let (data, index) = writer.finish().unwrap();
    assert_eq!(data, fixture(&format!("{name}.data-00000-of-00001")));
    assert_eq!(index, fixture(&format!("{name}.index")));
}

#[track_caller]
fn assert_checksums(name: &str, writer: Writer) {
    let (data, index) = writer.finish().unwrap();
    let lines = String::from_utf8(fixture("checksums.txt")).unwrap();
    for (kind, bytes) in [("data", data), ("index", index)] {
        let (len, crc) = (bytes.len(), crc32c::crc32c(&bytes));
        let line = format!("{name} {kind} {len} {crc:08x}");
        assert!(
            lines.lines().any(|l| l == line),
            "{line}\nis not in\n{lines}"
        );
    }
}

#[test]
fn all_dtypes() {
    let mut writer = Writer::new(Vec::new());
    let halves = [1.0, 2.0, 3.0].map(f16::from_f32);
    let brains = [1.0, 2.0, 3.0].map(bf16::from_f32);
    let c64 = [1.0, 2.0, 3.0].map(|x| Complex::new(x, -x));
    let c128 = [1.0, 2.0, 3.0].map(|x| Complex::new(x, -x));
    let mut types = DType::ALL.to_vec();
    types.sort_by_key(|dtype| std::cmp::Reverse(dtype.name()));
    for dtype in types {
        let bytes: &[u8] = match dtype {
            DType::String => {
                let values = ["one", "two", "three"];
                writer.add_strings(b"string", &[3], &values).unwrap();
                continue;
            }
            DType::Float32 => cast_slice(&[1f32, 2.0, 3.0]),
            DType::Float64 => cast_slice(&[1f64, 2.0, 3.0]),
            DType::Float16 => cast_slice(halves.reinterpret_cast()),
            DType::BFloat16 => cast_slice(brains.reinterpret_cast()),
            DType::Complex64 => cast_slice::<Complex<f32>, u8>(&c64),
            DType::Complex128 => cast_slice::<Complex<f64>, u8>(&c128),
            DType::Int8 | DType::UInt8 | DType::QInt8 | DType::QUInt8 => &[1, 2, 3],
            DType::Int16 | DType::UInt16 | DType::QInt16 | DType::QUInt16 => {
                cast_slice(&[1u16, 2, 3])
            }
            DType::Int32 | DType::UInt32 | DType::QInt32 => cast_slice(&[1u32, 2, 3]),
            DType::Int64 | DType::UInt64 => cast_slice(&[1u64, 2, 3]),
            DType::Bool => &[1, 0, 1],
            DType::Resource | DType::Variant => continue,
        };
        writer
            .add(dtype.name().as_bytes(), dtype, &[3], bytes)
            .unwrap();
    }
    assert_fixture("all_dtypes", writer);
}

#[test]
fn shapes() {
    let mut writer = Writer::new(Vec::new());
    let kernel = [0f32, 1.0, 2.0, 3.0, 4.0, 5.0];
    let zeros = [0f32; 6];
    let mut add = |key: &[u8], dtype, shape: &[usize], bytes: &[u8]| {
        writer.add(key, dtype, shape, bytes).unwrap();
    };
    add(b"w/kernel", DType::Float32, &[2, 3], cast_slice(&kernel));
    add(
        b"w/kernel/Adam",
        DType::Float32,
        &[2, 1, 3],
        cast_slice(&zeros),
    );
    add(b"w", DType::Float32, &[], cast_slice(&[1.5f32]));
    add(b"empty/a", DType::Float32, &[0], &[]);
    add(b"empty/b", DType::Int64, &[3, 0, 1618], &[]);
    add(b"global_step", DType::Int64, &[], cast_slice(&[300i64]));
    add(b"\xff\xfe", DType::Int32, &[], cast_slice(&[-1i32]));
    add(b"a\x00b", DType::Int32, &[], cast_slice(&[1i32]));
    for i in 0..40usize {
        let bias = vec![i as i16; i];
        let key = format!("dense_{i}/bias");
        add(key.as_bytes(), DType::Int16, &[i], cast_slice(&bias));
    }
    assert_fixture("shapes", writer);
}

#[test]
fn strings() {
    let mut writer = Writer::new(Vec::new());
    let long = [b'x'; 300];
    let words: [&[u8]; 4] = [b"hello", b"", b"\xff\xfe\x00", &long];
    writer.add_strings(b"vocabulary", &[2, 2], &words).unwrap();
    writer.add_strings(b"scalar", &[], &["one"]).unwrap();
    writer.add_strings(b"empty_string", &[1], &[""]).unwrap();
    writer.add_strings::<&str>(b"none", &[0], &[]).unwrap();
    writer
        .add(b"after", DType::Float32, &[], cast_slice(&[2f32]))
        .unwrap();
    assert_fixture("strings", writer);
}

#[test]
fn many_keys() {
    let mut writer = Writer::new(Vec::new());
    for i in 0..9000 {
        let key = format!("layer_{:02}/block_{:05}/kernel", i % 90, i * 7919 % 9000);
        let values = [i as f32, 0.5 * i as f32];
        writer
            .add(key.as_bytes(), DType::Float32, &[2], cast_slice(&values))
            .unwrap();
    }
    assert_checksums("many_keys", writer);
}

#[test]
fn large_keys() {
    let mut writer = Writer::new(Vec::new());
    let run = |byte, len| vec![byte; len];
    let keys = [
        run(b'a', 1),
        run(b'm', 600_000),
        [run(b'm', 600_000), run(b'x', 1)].concat(),
        run(b'n', 1),
        run(b'n', 200_000),
        run(b'o', 200_000),
        run(b'q', 270_000),
        run(b'z', 1),
        run(0xff, 262_144),
        run(0xff, 262_145),
        [run(0xff, 530_000), run(0xfe, 1)].concat(),
    ];
    for (i, key) in keys.iter().enumerate() {
        writer.add(key, DType::UInt8, &[], &[i as u8]).unwrap();
    }
    assert_checksums("large_keys", writer);
}

#[test]
fn refusals() {
    let mut writer = Writer::new(Vec::new());
    writer.add(b"a", DType::UInt8, &[2], &[1, 2]).unwrap();
    let mut refused = |key: &[u8], dtype, shape: &[usize], bytes: &[u8]| {
        let error = writer.add(key, dtype, shape, bytes).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refused(b"", DType::UInt8, &[], &[1]),
        "a tensor of a checkpoint needs a name, found an empty one"
    );
    assert_eq!(
        refused(b"a", DType::Int8, &[], &[1]),
        "tensor \"a\": saved twice"
    );
    assert_eq!(
        refused(b"r", DType::Resource, &[], &[]),
        "tensor \"r\": values of dtype resource cannot be saved"
    );
    assert_eq!(
        refused(b"v", DType::Variant, &[], &[]),
        "tensor \"v\": values of dtype variant cannot be saved"
    );
    assert_eq!(
        refused(b"s\xff", DType::String, &[], &[]),
        "tensor \"s\\xff\": strings and other values are saved differently, found string"
    );
    assert_eq!(
        refused(b"b", DType::Float32, &[2, 3], &[0; 20]),
        "tensor \"b\": float32 of shape [2, 3] takes 24 bytes, found 20"
    );
    let huge = [usize::MAX / 2, 3];
    assert_eq!(
        refused(b"c", DType::UInt8, &huge, &[]),
        format!("tensor \"c\": uint8 of shape {huge:?} is larger than can be addressed")
    );
    let error = writer.add_strings(b"d", &[2], &["one"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor \"d\": shape [2] takes 2 strings, found 1"
    );

    // What was refused left nothing behind.
    let mut alone = Writer::new(Vec::new());
    alone.add(b"a", DType::UInt8, &[2], &[1, 2]).unwrap();
    assert_eq!(writer.finish().unwrap(), alone.finish().unwrap());
}

#[derive(Debug)]
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_is_final() {
    let mut writer = BundleWriter::new(Full);
    let error = writer.add(b"a", DType::UInt8, &[], &[1]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write tensor \"a\": no storage space"
    );
    let after =
        "the checkpoint cannot be finished, since an earlier tensor could not be written whole";
    let error = writer.add(b"b", DType::UInt8, &[0], &[]).unwrap_err();
    assert_eq!(error.to_string(), after);
    assert_eq!(writer.finish().unwrap_err().to_string(), after);
}

/// Takes a varint off the front.
fn take_varint(bytes: &mut &[u8]) -> usize {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (front, rest) = bytes.split_at(len);
    *bytes = rest;
    front
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().unwrap())
}

/// The entries of the block at the handle that `handle` starts with.
fn parse_block(table: &[u8], handle: &mut &[u8], interval: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let start = take_varint(handle);
    let end = start + take_varint(handle);
    assert_eq!(table[end], UNCOMPRESSED);
    assert_eq!(
        number(&table[end + 1..end + 5]),
        crc::mask(crc32c::crc32c(&table[start..=end]))
    );

    let block = &table[start..end];
    let (block, restarts) = block.split_at(block.len() - 4);
    let restarts = number(restarts) as usize;
    let (mut rest, restarts) = block.split_at(block.len() - 4 * restarts);
    let restarts: Vec<_> = restarts.chunks(4).map(number).collect();

    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let len = rest.len();
    while !rest.is_empty() {
        let position = len - rest.len();
        let [shared, unshared, value] = std::array::from_fn(|_| take_varint(&mut rest));
        if entries.len() % interval == 0 {
            assert_eq!(
                (restarts[entries.len() / interval] as usize, shared),
                (position, 0)
            );
        }
        let mut key = entries
            .last()
            .map_or(Vec::new(), |(key, _)| key[..shared].to_vec());
        key.extend(take(&mut rest, unshared));
        entries.push((key, take(&mut rest, value).to_vec()));
    }
    assert_eq!(restarts.len(), entries.len().div_ceil(interval).max(1));
    entries
}

/// The entries of a table, of which it has at least one.
fn parse_table(table: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (footer, magic) = table[table.len() - FOOTER_LEN..].split_at(FOOTER_LEN - 8);
    assert_eq!(magic, MAGIC.to_le_bytes());
    let mut handles = footer;
    assert_eq!(parse_block(table, &mut handles, 1), []);
    let index = parse_block(table, &mut handles, 1);
    assert!(handles.iter().all(|&byte| byte == 0));

    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut before: Option<Vec<u8>> = None;
    for (separator, handle) in index {
        let block = parse_block(table, &mut handle.as_slice(), 16);
        assert!(
            before < Some(block[0].0.clone()),
            "the separator is below the block after it"
        );
        assert!(
            block[block.len() - 1].0 <= separator,
            "and not below the block before it"
        );
        before = Some(separator);
        entries.extend(block);
    }
    entries
}

proptest! {
    #[test]
    fn tables_read_back(
        small in prop::collection::btree_map(
            prop::collection::vec(prop_oneof![Just(0u8), Just(0xfe), Just(0xff), any::<u8>()], 0..6),
            prop::collection::vec(any::<u8>(), 0..40),
            1..200,
        ),
        large in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 1..4),
            prop_oneof![Just(100_000_usize), Just(262_100), Just(524_288)],
            0..5,
        ),
    ) {
        let mut expected: BTreeMap<Vec<u8>, Vec<u8>> = small;
        expected.extend(large.into_iter().map(|(key, len)| (key, vec![7; len])));
        let mut table = TableBuilder::new();
        for (key, value) in &expected {
            table.add(key, value);
        }
        prop_assert_eq!(parse_table(&table.finish()), expected.into_iter().collect::<Vec<_>>());
    }
}

/// Writes what a bundle holds again, in the order of its data.
fn rewritten(prefix: &Path) -> (Vec<u8>, Vec<u8>) {
    let reader = BundleReader::open(prefix).unwrap();
    let entries: crate::Result<Vec<_>> = reader.entries().collect();
    let mut entries = entries.unwrap();
    entries.sort_by_key(|(_, entry)| entry.offset);
    let mut writer = Writer::new(Vec::new());
    for (key, entry) in entries {
        let value = reader.read(&key, None).unwrap();
        match value.strings() {
            Some(strings) => writer.add_strings(&key, value.shape(), strings).unwrap(),
            None => {
                let bytes = value.native_bytes().unwrap();
                writer
                    .add(&key, value.dtype(), &entry.shape, bytes)
                    .unwrap();
            }
        }
    }
    writer.finish().unwrap()
}

#[test]
fn what_is_read_from_a_bundle_makes_the_same_bundle() {
    for name in ["all_dtypes", "shapes", "strings"] {
        let (data, index) = rewritten(&fixture_path(name));
        assert_eq!(data, fixture(&format!("{name}.data-00000-of-00001")));
        assert_eq!(index, fixture(&format!("{name}.index")));
    }
}
