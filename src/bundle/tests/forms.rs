//! Indexes with compressed blocks, which TensorFlow 1.15.5 reads and does not write: copies keep what they are.

use std::fs;
use std::path::Path;

use super::super::table::{TableBuilder, TableReader};
use super::super::{data_path, index_path};
use super::first_version::compressed;
use super::{fixture_path, parse_table};
use crate::checkpoint::{CheckpointReader, CopyOptions, copy, merge, verify};

/// Copies a fixture to `prefix`, whose index `form` makes of the one that there is.
fn write(name: &str, prefix: &Path, form: impl Fn(&[u8]) -> Vec<u8>) {
    let index = fs::read(index_path(&fixture_path(name))).unwrap();
    fs::write(index_path(prefix), form(&index)).unwrap();
    let shards = if name == "sharded" { 3 } else { 1 };
    for shard in 0..shards {
        let data = data_path(&fixture_path(name), shard, shards);
        fs::copy(data, data_path(prefix, shard, shards)).unwrap();
    }
}

/// An index as our own writer compresses it.
fn ours(index: &[u8]) -> Vec<u8> {
    let mut table = TableBuilder::compressed();
    for (key, value) in parse_table(index) {
        table.add(&key, &value);
    }
    table.finish()
}

fn is_compressed(prefix: &Path) -> bool {
    let index = fs::read(index_path(prefix)).unwrap();
    let table = TableReader::open(index).unwrap();
    table.entries().for_each(|entry| drop(entry.unwrap()));
    table.is_compressed()
}

#[test]
fn a_copy_has_the_index_that_there_was() {
    type Form = fn(&[u8]) -> Vec<u8>;
    let forms: [(&str, Form); 3] = [
        ("plain", |index| index.to_vec()),
        ("ours", ours),
        // All blocks, also those that become larger.
        ("theirs", |index| compressed(index)),
    ];
    let mut smaller = 0;
    for name in ["shapes", "strings", "partitioned", "sharded", "all_dtypes"] {
        for (form, make) in forms {
            let dir = tempfile::tempdir().unwrap();
            let place = |name: &str| dir.path().join(name);
            let prefix = place("model");
            write(name, &prefix, make);
            // Compression makes some larger, which only other writers do then.
            let expected = is_compressed(&prefix);
            assert!(expected == (form != "plain") || form == "ours");
            smaller += usize::from(expected && form == "ours");
            verify(&prefix, |_| {}).unwrap();
            let index = fs::read(index_path(&prefix)).unwrap();
            copy(&prefix, place("same"), &CopyOptions::new(), |_| {}).unwrap();
            merge([&prefix], place("alone"), |_| {}).unwrap();
            // Merging numbers the data files anew.
            let merged = (name != "sharded").then_some("alone");
            for out in merged.into_iter().chain(["same"]) {
                assert_eq!(fs::read(index_path(&place(out))).unwrap(), index, "{name}");
            }
            let renamed = CopyOptions::new().rename("", "scope/of/a/longer/name/");
            copy(&prefix, place("renamed"), &renamed, |_| {}).unwrap();
            copy(
                &prefix,
                place("spread"),
                &CopyOptions::new().shards(5),
                |_| {},
            )
            .unwrap();
            let good = CheckpointReader::open(fixture_path(name)).unwrap();
            for (out, scope) in [("renamed", "scope/of/a/longer/name/"), ("spread", "")] {
                verify(place(out), |_| {}).unwrap();
                if form != "theirs" {
                    assert_eq!(is_compressed(&place(out)), expected, "{name} {form} {out}");
                }
                let reader = CheckpointReader::open(place(out)).unwrap();
                for tensor in good.tensors() {
                    let name = tensor.unwrap().name;
                    // Names that are not text cannot be asked for.
                    if good.get(&name).unwrap().is_some() {
                        let copied = reader.read(&format!("{scope}{name}")).unwrap();
                        assert_eq!(copied, good.read(&name).unwrap());
                    }
                }
            }
        }
    }
    assert!(smaller >= 2, "{smaller}");
}

#[test]
fn what_is_merged_is_compressed_if_all_of_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    write("all_dtypes", &place("a"), compressed);
    write("strings", &place("b"), compressed);
    write("strings", &place("plain"), <[u8]>::to_vec);
    for (others, expected) in [
        (vec![place("b")], true),
        (vec![place("plain")], false),
        (vec![fixture_path("v1_shapes")], false),
    ] {
        let out = place("out").with_extension(others[0].file_name().unwrap());
        let all = [&[place("a")], &others[..]].concat();
        merge(&all, &out, |_| {}).unwrap();
        verify(&out, |_| {}).unwrap();
        assert_eq!(is_compressed(&out), expected, "{others:?}");
    }
    let out = place("converted");
    copy(fixture_path("v1_shapes"), &out, &CopyOptions::new(), |_| {}).unwrap();
    assert!(!is_compressed(&out));
}

#[test]
fn an_index_with_other_entries_is_not_kept() {
    // What our own entries do not have: a field of later versions, which nobody reads.
    let dir = tempfile::tempdir().unwrap();
    let (prefix, out) = (dir.path().join("model"), dir.path().join("out"));
    write("strings", &prefix, |index| {
        let mut table = TableBuilder::new();
        for (key, mut value) in parse_table(index) {
            value.extend([0xa2, 6, 1, b'x']);
            table.add(&key, &value);
        }
        table.finish()
    });
    copy(&prefix, &out, &CopyOptions::new(), |_| {}).unwrap();
    let expected = fs::read(index_path(&fixture_path("strings"))).unwrap();
    assert_eq!(fs::read(index_path(&out)).unwrap(), expected);
}
