//! Every bit flip and every truncation of small checkpoints: what is read is what was there, or there is an error.

use std::fs;
use std::path::{Path, PathBuf};

use super::{fixture, fixture_path};
use crate::checkpoint::{CheckpointReader, TensorInfo, verify};
use crate::error::{ErrorKind, Result};
use crate::value::TensorValue;

/// All that a checkpoint has.
fn read(prefix: &Path) -> Result<Vec<(TensorInfo, TensorValue)>> {
    let reader = CheckpointReader::open(prefix)?;
    let tensors: Vec<_> = reader.tensors().collect::<Result<_>>()?;
    let values = tensors.into_iter().map(|tensor| {
        let value = reader.read(&tensor.name)?;
        Ok((tensor, value))
    });
    values.collect()
}

/// Damages the files, one after another, in all ways that `damage` has; counts what was an error and what did not
/// matter.
fn try_all(
    name: &str,
    files: &[&str],
    damage: impl Fn(&[u8]) -> Box<dyn Iterator<Item = Vec<u8>> + '_>,
) -> (usize, usize) {
    let dir = tempfile::tempdir().unwrap();
    let place = |file: &str| -> PathBuf { dir.path().join(file) };
    for file in files {
        fs::copy(fixture_path(file), place(file)).unwrap();
    }
    let prefix = place(name);
    let good = read(&prefix).unwrap();
    assert!(good.len() > 3);
    verify(&prefix, |_| {}).unwrap();
    let (mut caught, mut harmless) = (0, 0);
    for file in files {
        let content = fs::read(place(file)).unwrap();
        for bad in damage(&content) {
            fs::write(place(file), bad).unwrap();
            match read(&prefix) {
                Ok(found) => {
                    assert_eq!(found, good, "{name}");
                    harmless += 1;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
                    caught += 1;
                }
            }
        }
        fs::write(place(file), content).unwrap();
    }
    (caught, harmless)
}

fn flips(content: &[u8]) -> Box<dyn Iterator<Item = Vec<u8>> + '_> {
    Box::new((0..8 * content.len()).map(|bit| {
        let mut bad = content.to_vec();
        bad[bit / 8] ^= 1 << (bit % 8);
        bad
    }))
}

fn truncations(content: &[u8]) -> Box<dyn Iterator<Item = Vec<u8>> + '_> {
    Box::new((0..content.len()).map(|len| content[..len].to_vec()))
}

#[track_caller]
fn check(name: &str, files: &[&str], tables: usize) {
    let (_, harmless) = try_all(name, files, flips);
    assert_eq!(harmless, tables * HARMLESS_BITS);
    let (caught, harmless) = try_all(name, files, truncations);
    let sizes = files.iter().map(|file| fixture(file).len());
    assert_eq!((caught, harmless), (sizes.sum(), 0));
}

/// The bits of each table that do not matter: 13 bytes of the meta-index block, 34 zeros behind the handles, and the
/// handle of the meta-index block but for what says where it ends.
const HARMLESS_BITS: usize = 8 * (13 + 34) + 22;

#[test]
fn damage_of_a_bundle_is_caught_or_harmless() {
    check(
        "strings",
        &["strings.index", "strings.data-00000-of-00001"],
        1,
    );
}

#[test]
fn damage_of_a_sharded_bundle_is_caught_or_harmless() {
    let files = [
        "sharded.index",
        "sharded.data-00000-of-00003",
        "sharded.data-00001-of-00003",
        "sharded.data-00002-of-00003",
    ];
    check("sharded", &files, 1);
}

#[test]
fn damage_of_the_first_version_is_caught_or_harmless() {
    check("v1_strings", &["v1_strings"], 1);
}

#[test]
fn damage_of_shards_of_the_first_version_is_caught_or_harmless() {
    let files = [
        "v1_sharded-00000-of-00003",
        "v1_sharded-00001-of-00003",
        "v1_sharded-00002-of-00003",
    ];
    check("v1_sharded-?????-of-00003", &files, 3);
}
