//! Checkpoints whose parts do not make up their tensors, and names that are no plain words: what reading, verifying,
//! copying and merging say, beside what TensorFlow 1.15.5 does.

#![allow(
    clippy::single_range_in_vec_init,
    reason = "the range of a tensor of one dimension"
)]

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::*;
use crate::error::{Error, ErrorKind};
use crate::file_system::faults::names;

/// Writes the tensor `p`, the numbers from 0 on, of `len` elements, in parts.
fn write(prefix: &Path, len: usize, parts: &[Range<usize>]) {
    let mut writer = CheckpointWriter::create(prefix).unwrap();
    for part in parts {
        let values: Vec<_> = part.clone().map(|x| x as f32).collect();
        let value = TensorValue::new([part.len()], values).unwrap();
        let slice = TensorSlice::new([part.clone()]);
        writer.add_slice("p", &[len], &slice, &value).unwrap();
    }
    writer.finish().unwrap();
}

#[track_caller]
fn assert_refused(error: Error, prefix: &Path, text: &str) {
    let index = prefix.with_extension("index");
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert_eq!(error.to_string(), format!("{}: {text}", index.display()));
}

/// A name, the parts of `p`, and the error, in whose place TensorFlow has: `InvalidArgument: Does not have sufficient
/// slices for partitioned tensor p`, or `Internal: Overlapping slices`, when the whole is restored. `MergeV2Checkpoints`
/// looks at neither.
type Case<'c> = (&'c str, &'c [Range<usize>], &'c str);

const CASES: &[Case<'static>] = &[
    (
        "start",
        &[0..2],
        "do not cover [0..4]: expected 4 elements, found 2",
    ),
    (
        "end",
        &[2..4],
        "do not cover [0..4]: expected 4 elements, found 2",
    ),
    (
        "gap",
        &[0..1, 3..4],
        "do not cover [0..4]: expected 4 elements, found 2",
    ),
    ("overlap", &[0..3, 2..4], "overlap in [2..3]"),
    ("nested", &[0..3, 1..2], "overlap in [1..2]"),
    ("overlap_and_gap", &[0..2, 1..3], "overlap in [1..2]"),
];

#[test]
fn parts_that_do_not_make_up_a_tensor_are_neither_copied_nor_verified() {
    for (name, parts, text) in CASES {
        let dir = tempfile::tempdir().unwrap();
        let (prefix, out) = (dir.path().join(name), dir.path().join("out"));
        write(&prefix, 4, parts);
        let before = names(dir.path());
        let text = format!("tensor \"p\": its parts {text}");
        let refused = |error| assert_refused(error, &prefix, &text);
        let reader = CheckpointReader::open(&prefix).unwrap();
        refused(reader.read("p").unwrap_err());
        refused(verify(&prefix, |_| {}).unwrap_err());
        for options in [
            CopyOptions::new(),
            CopyOptions::new().rename("p", "q"),
            CopyOptions::new().shards(2),
        ] {
            refused(copy(&prefix, &out, &options, |_| {}).unwrap_err());
        }
        refused(merge([&prefix], &out, |_| {}).unwrap_err());
        assert_eq!(names(dir.path()), before);
    }
}

#[test]
fn merged_parts_make_up_a_tensor() {
    for (name, parts, text) in CASES {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let prefixes: Vec<PathBuf> = (0..parts.len())
            .map(|index| dir.path().join(format!("{name}{index}")))
            .collect();
        for (prefix, part) in prefixes.iter().zip(*parts) {
            write(prefix, 4, std::slice::from_ref(part));
        }
        let before = names(dir.path());
        let error = merge(&prefixes, &out, |_| {}).unwrap_err();
        let text = format!("tensor \"p\": its parts {text}");
        assert_refused(error, &prefixes[parts.len() - 1], &text);
        assert_eq!(names(dir.path()), before);
    }
    let dir = tempfile::tempdir().unwrap();
    let [a, b, out] = ["a", "b", "out"].map(|name| dir.path().join(name));
    write(&a, 4, &[0..1, 3..4]);
    write(&b, 4, &[1..3]);
    merge([&a, &b], &out, |_| {}).unwrap();
    let value = CheckpointReader::open(&out).unwrap().read("p").unwrap();
    assert_eq!(value.as_slice::<f32>().unwrap(), [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn names_are_shown_on_one_line() {
    for (name, shown) in [
        ("a\nb", r#""a\nb""#),
        ("a\r\n", r#""a\r\n""#),
        ("c\x1b[31m", r#""c\x1b[31m""#),
        ("q\"uo\\te", r#""q\"uo\\te""#),
        ("\u{202e}x", r#""\u{202e}x""#),
        ("größe", "\"größe\""),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (prefix, out) = (dir.path().join("m"), dir.path().join("out"));
        let mut writer = CheckpointWriter::create(&prefix).unwrap();
        let scalar = TensorValue::scalar(1f32);
        writer.add(name, &scalar).unwrap();
        let twice = writer.add(name, &scalar).unwrap_err().to_string();
        let part = TensorSlice::new([0..1]);
        let value = TensorValue::new([1], vec![1f32]).unwrap();
        let other = format!("{name}p");
        writer.add_slice(&other, &[2], &part, &value).unwrap();
        writer.finish().unwrap();
        let reader = CheckpointReader::open(&prefix).unwrap();
        let listed: Vec<_> = reader.tensors().map(|info| info.unwrap().name).collect();
        assert_eq!(listed, [name, &other]);
        let missing = CopyOptions::new().rename(format!("{name}?"), "x");
        let uncovered = copy(&prefix, &out, &CopyOptions::new(), |_| {});
        let shown = &shown[..shown.len() - 1];
        for (message, expected) in [
            (twice, format!("tensor {shown}\": saved twice")),
            (
                reader.read(&format!("{name}!")).unwrap_err().to_string(),
                format!("there is no tensor {shown}!\""),
            ),
            (
                uncovered.unwrap_err().to_string(),
                format!("tensor {shown}p\": its parts do not cover [0..2]"),
            ),
            (
                merge([&prefix], &out, |_| {}).unwrap_err().to_string(),
                format!("tensor {shown}p\": its parts do not cover [0..2]"),
            ),
            (
                CheckpointReader::open(&prefix)
                    .unwrap()
                    .read_slice(name, &TensorSlice::new([0..7]))
                    .unwrap_err()
                    .to_string(),
                format!("tensor {shown}\": expected a part of shape [], found [0..7]"),
            ),
            (
                copy(&prefix, &out, &missing, |_| {})
                    .unwrap_err()
                    .to_string(),
                format!("{shown}p\": its parts do not cover"),
            ),
        ] {
            assert!(message.contains(&expected), "{message}\n{expected}");
            assert!(!message.chars().any(char::is_control), "{message:?}");
        }
    }
}
