//! Any bytes are read as the files of a checkpoint or refused; what was read, copied and written again is the same.
//!
//! `TMPDIR` should be in memory.

#![no_main]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use tfhub::checkpoint::{
    CheckpointReader, CheckpointWriter, CopyOptions, TensorInfo, TensorSlice, copy, merge, verify,
};
use tfhub::dtype::{ByteString, QInt8, QInt16, QInt32, QUInt8, QUInt16};
use tfhub::half::{bf16, f16};
use tfhub::num_complex::Complex;
use tfhub::{DType, Error, ErrorKind, TensorValue};

/// Larger ones are not cut up.
const MAX_ELEMENTS: usize = 1 << 16;

/// Writes the files that the bytes hold, and returns the prefix of the checkpoint that they are;
/// `tests/scripts/make_fuzz_corpus.py` makes such bytes.
///
/// The first byte is the number of data files, 1 to 3; or it stands for a checkpoint of version 1: 0 for one file, 4 to 6
/// for one to three shards. Each file is its length, four little-endian bytes, and its content; the last has all that is
/// left. The index comes first.
fn split(bytes: &[u8], prefix: &Path) -> std::io::Result<PathBuf> {
    let (&kind, mut rest) = bytes.split_first().unwrap_or((&1, &[]));
    let kind = kind % 7;
    let with = |suffix: &str| {
        let mut path = prefix.as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    };
    let names: Vec<_> = match kind {
        0 => vec![String::new()],
        4..=6 => {
            let shards = kind - 3;
            (0..shards)
                .map(|i| format!("-{i:05}-of-{shards:05}"))
                .collect()
        }
        data_files => {
            let data = (0..data_files).map(|i| format!(".data-{i:05}-of-{data_files:05}"));
            [".index".to_owned()].into_iter().chain(data).collect()
        }
    };
    for (index, name) in names.iter().enumerate() {
        let (len, after) = rest.split_first_chunk().unwrap_or((&[0; 4], &[]));
        let len = match index + 1 == names.len() {
            true => after.len(),
            false => after.len().min(u32::from_le_bytes(*len) as usize),
        };
        let (content, after) = after.split_at(len);
        std::fs::write(with(name), content)?;
        rest = after;
    }
    Ok(match kind {
        4..=6 => with(&format!("-?????-of-{:05}", kind - 3)),
        _ => prefix.to_owned(),
    })
}

/// What can be read of a checkpoint; that it is is checked in various ways.
fn read(reader: &CheckpointReader) -> Option<BTreeMap<String, (TensorInfo, Option<TensorValue>)>> {
    // Those of dtypes of later versions are copied, no more.
    let is_later = |error: &Error| error.kind() == ErrorKind::Unsupported;
    let tensors = reader.tensors();
    let infos = tensors.filter(|info| !info.as_ref().is_err_and(is_later));
    let infos: Result<Vec<_>, _> = infos.collect();
    let mut tensors = BTreeMap::new();
    for info in infos.ok()? {
        let _ = reader.parts(&info.name);
        let value = reader.read(&info.name).ok();
        if let Some(value) = &value {
            // A name that is not text may be written as another that is.
            let found = reader
                .get(&info.name)
                .expect("it was read")
                .expect("it was read");
            assert_eq!(
                (value.dtype(), value.shape()),
                (found.dtype, &found.shape[..])
            );
            check_slices(reader, &info.name, value);
        }
        tensors.insert(info.name.clone(), (info, value));
    }
    Some(tensors)
}

/// Cuts a tensor in two along each dimension.
fn check_slices(reader: &CheckpointReader, name: &str, value: &TensorValue) {
    let shape = value.shape();
    let count = shape
        .iter()
        .try_fold(1_usize, |count, &dim| count.checked_mul(dim));
    if count.is_none_or(|count| count > MAX_ELEMENTS) {
        return;
    }
    for dim in 0..shape.len().min(4) {
        let middle = shape[dim] / 3;
        let part = |range| {
            let mut ranges: Vec<_> = shape.iter().map(|&dim| 0..dim).collect();
            ranges[dim] = range;
            let part = reader.read_slice(name, &TensorSlice::new(ranges));
            part.expect("a part of what was read")
        };
        let (first, second) = (part(0..middle), part(middle..shape[dim]));
        // What the one has, then the other, for all indices of the dimensions before.
        let inner: usize = shape[dim + 1..].iter().product();
        let (of_first, of_second) = (middle * inner, (shape[dim] - middle) * inner);
        let (first, second, whole) = (elements(&first), elements(&second), elements(value));
        let mut joined = Vec::new();
        for row in 0..whole.len() / (of_first + of_second).max(1) {
            for (part, len) in [(&first, of_first), (&second, of_second)] {
                joined.extend_from_slice(&part[row * len..(row + 1) * len]);
            }
        }
        assert!(joined == whole, "{name} cut along dimension {dim}");
    }
}

macro_rules! elements {
    ($value:ident: $($element:ty)*) => {
        $(if let Ok(elements) = $value.as_slice::<$element>() {
            return elements.iter().map(|element| format!("{element:?}")).collect();
        })*
    };
}

/// The elements as text, since NaN is equal to nothing.
fn elements(value: &TensorValue) -> Vec<String> {
    elements!(value: f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool Complex<f32> Complex<f64>
        QInt8 QInt16 QInt32 QUInt8 QUInt16 ByteString);
    panic!("a value of dtype {}", value.dtype());
}

fn same(a: &TensorValue, b: &TensorValue) -> bool {
    a.dtype() == b.dtype() && a.shape() == b.shape() && elements(a) == elements(b)
}

fn reread(prefix: &Path) -> BTreeMap<String, (TensorInfo, Option<TensorValue>)> {
    verify(prefix, |_| {}).expect("it was written whole");
    let reader = CheckpointReader::open(prefix).expect("it was written");
    read(&reader).expect("it was written")
}

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = dir.path().join("model");
    let prefix = split(bytes, &prefix).expect("files");
    let Ok(reader) = CheckpointReader::open(&prefix) else {
        assert!(verify(&prefix, |_| {}).is_err());
        return;
    };
    let tensors = read(&reader);
    let verified = verify(&prefix, |_| {});
    let copied = dir.path().join("copied");
    let copy_summary = copy(&prefix, &copied, &CopyOptions::new(), |_| {});
    let merged = dir.path().join("merged");
    let _ = merge([&prefix], &merged, |_| {});
    let _ = copy(
        &prefix,
        dir.path().join("spread"),
        &CopyOptions::new().shards(3),
        |_| {},
    );
    let Some(tensors) = tensors else {
        assert!(verified.is_err() && copy_summary.is_err());
        return;
    };
    if let Ok(verified) = verified {
        assert_eq!(verified.tensors, reader.tensors().count());
        copy_summary.expect("it was verified");
        for (name, (info, value)) in reread(&copied) {
            let (old_info, old_value) = &tensors[&name];
            assert_eq!((info.dtype, &info.shape), (old_info.dtype, &old_info.shape));
            assert_eq!(info.bytes, old_info.bytes);
            assert_eq!(value.is_some(), old_value.is_some());
            if let (Some(value), Some(old_value)) = (value, old_value) {
                assert!(same(&value, old_value), "{name}");
            }
        }
    }
    // Whole tensors, streamed from the parts.
    let whole = dir.path().join("whole");
    let mut writer = CheckpointWriter::create(&whole).expect("a directory");
    if writer.add_from(&reader).is_ok() {
        writer.finish().expect("a checkpoint");
        for (name, (_, value)) in reread(&whole) {
            let (_, old_value) = &tensors[&name];
            let (value, old_value) = (value.expect("written"), old_value.as_ref().expect("read"));
            assert!(same(&value, old_value), "{name}");
            assert_ne!(value.dtype(), DType::Variant);
        }
    }
});
