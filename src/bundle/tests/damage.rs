//! Every bit flip and every truncation of small checkpoints: what is read is what was there, or there is an error.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{fixture, fixture_path};
use crate::bundle::BundleReader;
use crate::bundle::entry::Keyed;
use crate::checkpoint::verify;
use crate::error::{ErrorKind, Result};
use crate::value::TensorValue;

/// All that a checkpoint has.
fn read(prefix: &Path) -> Result<Vec<(Keyed, TensorValue)>> {
    let reader = BundleReader::open(prefix)?;
    let entries: Vec<_> = reader.entries().collect::<Result<_>>()?;
    let values = entries.into_iter().map(|keyed| {
        let value = reader.read(&keyed.0, None)?;
        Ok((keyed, value))
    });
    values.collect()
}

/// Flips every bit of every file, then cuts every file at every length; returns how many flips did not matter.
#[track_caller]
fn damage(name: &str, files: &[&str]) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let place = |file: &str| -> PathBuf { dir.path().join(file) };
    for file in files {
        fs::copy(fixture_path(file), place(file)).unwrap();
    }
    let prefix = place(name);
    let good = read(&prefix).unwrap();
    assert!(good.len() > 3);
    verify(&prefix, |_| {}).unwrap();
    let mut harmless = 0;
    for file in files {
        let content = fixture(file);
        let mut open = fs::OpenOptions::new()
            .write(true)
            .open(place(file))
            .unwrap();
        let mut put = |at: usize, byte: u8| {
            open.seek(SeekFrom::Start(at as u64)).unwrap();
            open.write_all(&[byte]).unwrap();
        };
        for (at, byte) in content.iter().enumerate() {
            for bit in 0..8 {
                put(at, byte ^ 1 << bit);
                match read(&prefix) {
                    Ok(found) => {
                        assert_eq!(found, good, "{file}, byte {at}, bit {bit}");
                        harmless += 1;
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}"),
                }
            }
            put(at, *byte);
        }
        for len in (0..content.len()).rev() {
            open.set_len(len as u64).unwrap();
            let error = read(&prefix).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        }
        open.rewind().unwrap();
        open.write_all(&content).unwrap();
    }
    harmless
}

/// The bits of each table that do not matter: 13 bytes of the meta-index block, 34 zeros behind the handles, three bytes
/// of the handle of the meta-index but for what says where its numbers end, and what says where the last number ends,
/// which a zero follows.
const HARMLESS_BITS: usize = 8 * (13 + 34) + 22;

#[test]
fn damage_of_a_bundle_is_caught_or_harmless() {
    assert_eq!(
        damage("strings", &["strings.index", "strings.data-00000-of-00001"]),
        HARMLESS_BITS
    );
}

#[test]
fn damage_of_partitioned_tensors_is_caught_or_harmless() {
    let files = ["partitioned.index", "partitioned.data-00000-of-00001"];
    assert_eq!(damage("partitioned", &files), HARMLESS_BITS);
    let file = "v1_partitioned";
    assert_eq!(damage(file, &[file]), HARMLESS_BITS);
}

#[test]
fn damage_of_a_sharded_bundle_is_caught_or_harmless() {
    let files = [
        "sharded.index",
        "sharded.data-00000-of-00003",
        "sharded.data-00001-of-00003",
        "sharded.data-00002-of-00003",
    ];
    assert_eq!(damage("sharded", &files), HARMLESS_BITS);
}

#[test]
fn damage_of_the_first_version_is_caught_or_harmless() {
    assert_eq!(damage("v1_strings", &["v1_strings"]), HARMLESS_BITS);
}

#[test]
fn damage_of_shards_of_the_first_version_is_caught_or_harmless() {
    let files = [
        "v1_sharded-00000-of-00003",
        "v1_sharded-00001-of-00003",
        "v1_sharded-00002-of-00003",
    ];
    assert_eq!(
        damage("v1_sharded-?????-of-00003", &files),
        3 * HARMLESS_BITS
    );
}
