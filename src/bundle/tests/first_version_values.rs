//! Values of the first version of the format in all forms that their messages may have, small and large.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::super::slice;
use super::super::table::TableBuilder;
use crate::checkpoint::{
    CheckpointReader, CheckpointWriter, CopyOptions, TensorSlice, copy, verify,
};
use crate::dtype::DType;
use crate::error::ErrorKind;
use crate::proto::Message as _;
use crate::proto::tensorflow::tensor_shape_proto::Dim;
use crate::proto::tensorflow::{
    SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices, TensorProto, TensorShapeProto,
    VersionDef,
};
use crate::value::{TensorValue, decode_tensor_proto};
use crate::varint;

/// A tensor `t` in these parts, which are all of it if there are none, and the values of the parts.
fn write(
    path: &Path,
    compressed: bool,
    (dtype, shape): (DType, &[usize]),
    parts: &[TensorSlice],
    values: &[Vec<u8>],
) {
    let whole = [TensorSlice::whole(shape)];
    let parts = if parts.is_empty() { &whole } else { parts };
    let protos: Vec<_> = parts.iter().map(TensorSlice::to_proto).collect();
    let dim = |&size: &usize| Dim {
        size: size as i64,
        ..Dim::default()
    };
    let tensor = SavedSliceMeta {
        name: "t".to_owned(),
        shape: Some(TensorShapeProto {
            dim: shape.iter().map(dim).collect(),
            ..TensorShapeProto::default()
        }),
        r#type: dtype.number(),
        slice: protos.clone(),
    };
    let list = SavedTensorSlices {
        meta: Some(SavedTensorSliceMeta {
            tensor: vec![tensor],
            versions: Some(VersionDef::default()),
        }),
        data: None,
    };
    let mut table = match compressed {
        true => TableBuilder::compressed(),
        false => TableBuilder::new(),
    };
    table.add(b"", &list.encode_to_vec());
    let keys = protos.iter().map(|proto| slice::key(b"t", proto));
    let mut entries: Vec<_> = keys.zip(values).collect();
    entries.sort();
    entries
        .iter()
        .for_each(|(key, value)| table.add(key, value));
    fs::write(path, table.finish()).unwrap();
}

fn put_field(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    varint::put(out, number << 3 | 2);
    varint::put(out, content.len() as u64);
    out.extend(content);
}

/// The message of a value whose `TensorProto` is given.
fn record(tensor: &[u8]) -> Vec<u8> {
    let (mut saved, mut record) = (Vec::new(), Vec::new());
    put_field(&mut saved, 3, tensor);
    put_field(&mut record, 2, &saved);
    record
}

/// The field of a dtype and the wire type of its items.
fn field(dtype: DType) -> (u64, u64) {
    match dtype {
        DType::Float32 => (5, 5),
        DType::Float64 => (6, 1),
        DType::String => (8, 2),
        DType::Complex64 => (9, 5),
        DType::Int64 => (10, 0),
        DType::Bool => (11, 0),
        DType::Complex128 => (12, 1),
        DType::Float16 | DType::BFloat16 => (13, 0),
        DType::UInt32 => (16, 0),
        DType::UInt64 => (17, 0),
        _ => (7, 0),
    }
}

/// The value that reading, streaming, copying and verifying give, if any; they must agree.
fn agreed(dir: &Path, prefix: &Path) -> Option<TensorValue> {
    let reader = CheckpointReader::open(prefix).unwrap();
    let read = reader.read("t");
    let (copied, written) = (dir.join("copied"), dir.join("written"));
    let verified = verify(prefix, |_| {});
    let copy = copy(prefix, &copied, &CopyOptions::new(), |_| {});
    let mut writer = CheckpointWriter::create(&written).unwrap();
    let added = writer.add_from(&reader);
    for error in [
        read.as_ref().err(),
        verified.as_ref().err(),
        copy.as_ref().err(),
        added.as_ref().err(),
    ]
    .into_iter()
    .flatten()
    {
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        let read = read.as_ref().unwrap_err();
        assert_eq!(error.to_string(), read.to_string());
    }
    let read = read.ok()?;
    verified.unwrap();
    copy.unwrap();
    added.unwrap();
    writer.finish().unwrap();
    for copied in [copied, written] {
        let again = CheckpointReader::open(copied).unwrap().read("t").unwrap();
        assert_eq!(bytes(&again), bytes(&read));
    }
    Some(read)
}

/// The elements, of which NaN is one as any.
fn bytes(value: &TensorValue) -> Vec<Vec<u8>> {
    match value.strings() {
        Some(strings) => strings.iter().map(|it| it.as_bytes().to_vec()).collect(),
        None => vec![value.le_bytes().unwrap().into_owned()],
    }
}

/// Items of the field of a dtype, and whether they are packed.
type Run = (bool, Vec<u64>);

/// A `TensorProto` with these items and, between them, fields of no interest.
fn message(dtype: DType, runs: &[Run], noise: &[u8]) -> Vec<u8> {
    let (number, wire_type) = field(dtype);
    let mut out = Vec::new();
    let item = |out: &mut Vec<u8>, item: u64| match wire_type {
        0 => varint::put(out, item),
        1 => out.extend(item.to_le_bytes()),
        5 => out.extend((item as u32).to_le_bytes()),
        _ => {
            let bytes = vec![item as u8; (item % 300) as usize];
            varint::put(out, bytes.len() as u64);
            out.extend(bytes);
        }
    };
    for (index, (packed, items)) in runs.iter().enumerate() {
        match noise.get(index).map_or(9, |kind| kind % 5) {
            0 => put_field(&mut out, 100, b"unknown"),
            1 => out.extend(
                [1, 2]
                    .map(|_| 23 << 3)
                    .iter()
                    .flat_map(|tag| [tag | 0x80, 1, 5]),
            ),
            2 => out.extend([101 << 3 & 0x7f | 0x85, 6, 1, 2, 3, 4]),
            3 => put_field(&mut out, 4, b"content that counts for nothing"),
            4 => out.extend([0xa9, 6, 1, 2, 3, 4, 5, 6, 7, 8]),
            _ => {}
        }
        if *packed && wire_type != 2 {
            let mut content = Vec::new();
            items.iter().for_each(|&it| item(&mut content, it));
            put_field(&mut out, number, &content);
        } else {
            for &it in items {
                varint::put(&mut out, number << 3 | wire_type);
                item(&mut out, it);
            }
        }
    }
    out
}

/// The value that is in a message by its definition, if all elements are there.
fn expected(record: &[u8], dtype: DType, shape: &[usize]) -> Option<TensorValue> {
    let slices = SavedTensorSlices::decode(record).ok()?;
    let data = slices.data.and_then(|data| data.data).unwrap_or_default();
    let count: usize = shape.iter().product();
    let found = match field(dtype).0 {
        5 => data.float_val.len(),
        6 => data.double_val.len(),
        8 => data.string_val.len(),
        9 => data.scomplex_val.len() / 2,
        10 => data.int64_val.len(),
        11 => data.bool_val.len(),
        12 => data.dcomplex_val.len() / 2,
        13 => data.half_val.len(),
        16 => data.uint32_val.len(),
        17 => data.uint64_val.len(),
        _ => data.int_val.len(),
    };
    let dim = |&size: &usize| Dim {
        size: size as i64,
        ..Dim::default()
    };
    let proto = TensorProto {
        dtype: dtype.number(),
        tensor_shape: Some(TensorShapeProto {
            dim: shape.iter().map(dim).collect(),
            ..TensorShapeProto::default()
        }),
        tensor_content: Vec::new(),
        ..data
    };
    decode_tensor_proto(&proto).ok().filter(|_| found == count)
}

fn dtype() -> impl Strategy<Value = DType> {
    let dense = |dtype: &DType| !matches!(dtype, DType::Resource | DType::Variant);
    let all: Vec<_> = DType::ALL.iter().copied().filter(dense).collect();
    prop::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn messages_in_any_form_have_the_elements_that_they_say(
        dtype in dtype(),
        mut runs in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(0_u64..100, 0..20)),
            0..5,
        ),
        // Few of them, lest nothing be right.
        special in prop::option::of((any::<prop::sample::Index>(), prop_oneof![
            any::<u64>(), Just(u64::MAX - 3), Just(u64::MAX << 15), Just(40_000), Just(200),
        ])),
        noise in prop::collection::vec(any::<u8>(), 0..5),
        off in prop_oneof![8 => Just(0_i32), 1 => Just(1), 1 => Just(-1)],
        cut in any::<prop::sample::Index>(),
        compressed: bool,
    ) {
        let items: usize = runs.iter().map(|(_, items)| items.len()).sum();
        if let Some((at, item)) = special {
            let all = runs.iter_mut().flat_map(|(_, items)| items);
            all.skip(at.index(items.max(1))).take(1).for_each(|it| *it = item);
        }
        let complex = matches!(dtype, DType::Complex64 | DType::Complex128);
        let count = if complex { items / 2 } else { items };
        let shape = [count.saturating_add_signed(off as isize)];
        let (first, second) = runs.split_at(cut.index(runs.len() + 1));
        // Two messages are one.
        let mut value = record(&message(dtype, first, &noise));
        value.extend(record(&message(dtype, second, &noise)));
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("m");
        write(&prefix, compressed, (dtype, &shape), &[], std::slice::from_ref(&value));
        let expected = expected(&value, dtype, &shape);
        let found = agreed(dir.path(), &prefix);
        prop_assert_eq!(found.as_ref().map(bytes), expected.as_ref().map(bytes));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        dtype in dtype(),
        count in 0_usize..40,
        value in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| record(&bytes)),
        ],
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 0..3),
        good: bool,
    ) {
        let runs = [(true, vec![3; count]), (false, vec![1])];
        let mut value = if good { record(&message(dtype, &runs, &[])) } else { value };
        for (at, bit) in flips {
            if !value.is_empty() {
                let at = at.index(value.len());
                value[at] ^= 1 << bit;
            }
        }
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("m");
        write(&prefix, false, (dtype, &[count + 1]), &[], std::slice::from_ref(&value));
        let found = agreed(dir.path(), &prefix);
        // Names that are not UTF-8 are of no interest here, groups are nothing that TensorFlow writes.
        if let Some(expected) = expected(&value, dtype, &[count + 1]) {
            if let Some(found) = &found {
                prop_assert_eq!(bytes(found), bytes(&expected));
            }
        }
    }
}

/// Elements that fill several buffers, in pieces that do not fit them.
fn large(dtype: DType, count: usize) -> Vec<u64> {
    let number = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (i % 60);
    (0..count)
        .map(|i| match dtype {
            DType::String => number(i) % 1000,
            DType::Int8 | DType::QInt8 => (number(i) % 100) as i64 as u64,
            DType::Int16 => ((number(i) % 60_000) as i64 - 30_000) as u64,
            DType::UInt8 | DType::Bool => number(i) % 256,
            DType::Float16 | DType::UInt16 | DType::BFloat16 => number(i) % 65_536,
            _ => number(i),
        })
        .collect()
}

#[test]
fn large_values_are_streamed() {
    let dtypes = [
        DType::Float32,
        DType::Float64,
        DType::Int8,
        DType::Int16,
        DType::Int64,
        DType::Float16,
        DType::Bool,
        DType::Complex64,
        DType::UInt64,
        DType::String,
    ];
    for (index, dtype) in dtypes.into_iter().enumerate() {
        // Compression is below the elements.
        for compressed in [false, true].into_iter().skip(index % 2).step_by(2) {
            let dir = tempfile::tempdir().unwrap();
            let prefix = dir.path().join("m");
            let (rows, columns) = (501, 83);
            let per_element = if dtype == DType::Complex64 { 2 } else { 1 };
            let items = large(dtype, per_element * rows * columns);
            let value = record(&message(dtype, &[(true, items.clone())], &[]));
            let shape = [rows, columns];
            write(
                &prefix,
                compressed,
                (dtype, &shape),
                &[],
                std::slice::from_ref(&value),
            );
            let expected = expected(&value, dtype, &shape).unwrap();
            let found = agreed(dir.path(), &prefix).unwrap();
            assert_eq!(bytes(&found), bytes(&expected), "{dtype}");
            let reader = CheckpointReader::open(&prefix).unwrap();
            let part = TensorSlice::new([400..500, 7..20]);
            let cut = reader.read_slice("t", &part).unwrap();
            assert_eq!(bytes(&cut), bytes(&expected.part(&part)), "{dtype}");

            // The same in blocks of rows and columns, whose rows are put together.
            let mut parts = Vec::new();
            for rows in [0..200, 200..501] {
                for columns in [0..1, 1..40, 40..83] {
                    parts.push(TensorSlice::new([rows.clone(), columns]));
                }
            }
            let value_of = |part: &TensorSlice| {
                let ranges = part.ranges();
                let place = |row: usize| {
                    let at = |column: usize| per_element * (row * columns + column);
                    at(ranges[1].start)..at(ranges[1].end)
                };
                let items = ranges[0].clone().flat_map(|row| items[place(row)].to_vec());
                record(&message(dtype, &[(true, items.collect())], &[]))
            };
            let values: Vec<_> = parts.iter().map(value_of).collect();
            let dir = tempfile::tempdir().unwrap();
            let prefix = dir.path().join("m");
            write(&prefix, compressed, (dtype, &shape), &parts, &values);
            let reader = CheckpointReader::open(&prefix).unwrap();
            assert_eq!(reader.parts("t").unwrap().len(), 6);
            let found = agreed(dir.path(), &prefix).unwrap();
            assert_eq!(bytes(&found), bytes(&expected), "{dtype}");
        }
    }
}
