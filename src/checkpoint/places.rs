//! Paths that are no prefix of a checkpoint, and files that are another kind of file: what is said of them, beside what
//! `tf.train.load_checkpoint` of TensorFlow 1.15.5 does.

use std::fs;
use std::path::{Path, PathBuf};

use super::tests::fixture;
use super::*;
use crate::bundle::{data_path, index_path};
use crate::error::ErrorKind;

/// A directory with the checkpoints `m.ckpt-9` and `m.ckpt-10`, the latter with a graph, and a state file.
fn train() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for step in [9, 10] {
        let prefix = dir.path().join(format!("m.ckpt-{step}"));
        copy(fixture("strings"), prefix, &CopyOptions::new(), |_| {}).unwrap();
    }
    fs::write(dir.path().join("m.ckpt-10.meta"), b"\x0a\x08\x2a\x061.15.5").unwrap();
    let state = CheckpointState::new("m.ckpt-10", ["m.ckpt-9"]);
    state.write(dir.path()).unwrap();
    dir
}

/// The error of all that opens a checkpoint, with the directory called `DIR`.
#[track_caller]
fn refused(dir: &Path, path: &Path, kind: ErrorKind) -> String {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out");
    let errors = [
        CheckpointReader::open(path).unwrap_err(),
        verify(path, |_| {}).unwrap_err(),
        copy(path, &out, &CopyOptions::new(), |_| {}).unwrap_err(),
        merge([path], &out, |_| {}).unwrap_err(),
    ];
    let text = errors[0].to_string();
    for error in &errors {
        assert_eq!((error.kind(), error.to_string()), (kind, text.clone()));
    }
    text.replace(dir.to_str().unwrap(), "DIR")
}

#[test]
fn a_directory_stands_for_its_latest_checkpoint() {
    // As for `load_checkpoint`.
    let dir = train();
    let reader = CheckpointReader::open(dir.path()).unwrap();
    assert_eq!(reader.prefix(), dir.path().join("m.ckpt-10"));
    verify(dir.path(), |_| {}).unwrap();
    // A prefix of the same name comes first.
    let prefix = dir.path().join("m");
    fs::create_dir(&prefix).unwrap();
    copy(fixture("shapes"), &prefix, &CopyOptions::new(), |_| {}).unwrap();
    assert_eq!(CheckpointReader::open(&prefix).unwrap().prefix(), prefix);
}

#[test]
fn paths_that_are_no_prefix_are_explained() {
    let dir = train();
    let saved = dir.path().join("saved");
    fs::create_dir_all(saved.join("variables")).unwrap();
    fs::write(saved.join("saved_model.pb"), b"\x08\x01").unwrap();
    let variables = saved.join("variables/variables");
    copy(fixture("strings"), &variables, &CopyOptions::new(), |_| {}).unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::write(dir.path().join("lost.data-00000-of-00001"), b"abc").unwrap();
    fs::copy(fixture("v1_strings"), dir.path().join("old")).unwrap();
    fs::write(dir.path().join("old.meta"), b"\x0a\x08\x2a\x061.15.5").unwrap();
    let file = |name: &str, what: &str, prefix: &str| {
        format!(
            "DIR/{name}: expected the prefix of a checkpoint, found {what}: the prefix is \"DIR/{prefix}\""
        )
    };
    let rows: [(&str, String); 10] = [
        // Opened as a checkpoint of the first version, without any tensor.
        ("m.ckpt-9.index", file("m.ckpt-9.index", "the index of one", "m.ckpt-9")),
        // DataLoss: not an sstable.
        (
            "m.ckpt-10.meta",
            file("m.ckpt-10.meta", "the graph that was saved with one", "m.ckpt-10"),
        ),
        ("old.meta", file("old.meta", "the graph that was saved with one", "old")),
        // DataLoss: file is too short to be an sstable.
        (
            "m.ckpt-9.data-00000-of-00001",
            file("m.ckpt-9.data-00000-of-00001", "a data file of one", "m.ckpt-9"),
        ),
        (
            "lost.data-00000-of-00001",
            "DIR/lost.data-00000-of-00001: expected the prefix of a checkpoint, found a data file of one whose index \"DIR/lost.index\" is missing".to_owned(),
        ),
        // ValueError: Couldn't find 'checkpoint' file or checkpoints in given directory.
        (
            "saved",
            "DIR/saved: expected the prefix of a checkpoint, found the directory of a SavedModel or module: that of its variables is \"DIR/saved/variables/variables\"".to_owned(),
        ),
        (
            "saved/variables",
            "DIR/saved/variables: expected the prefix of a checkpoint, found a directory without the file \"checkpoint\"; those in \"DIR/saved/variables\" are \"variables\"".to_owned(),
        ),
        (
            "empty",
            "DIR/empty: expected the prefix of a checkpoint, found a directory without the file \"checkpoint\"; there is none in \"DIR/empty\"".to_owned(),
        ),
        // NotFound: Failed to find any matching files.
        (
            "m.ckpt-11",
            "DIR/m.ckpt-11.index: there is no such checkpoint; those in \"DIR\" are \"old\", \"m.ckpt-10\", \"m.ckpt-9\"".to_owned(),
        ),
        (
            "saved/variables/m",
            "DIR/saved/variables/m.index: there is no such checkpoint; those in \"DIR/saved/variables\" are \"variables\"".to_owned(),
        ),
    ];
    for (name, text) in rows {
        let path = dir.path().join(name);
        assert_eq!(refused(dir.path(), &path, ErrorKind::NotFound), text);
    }
    // Where there are none, the system's word is all that there is.
    let nothing = refused(dir.path(), &dir.path().join("empty/m"), ErrorKind::NotFound);
    assert!(
        nothing.starts_with("cannot open DIR/empty/m.index: "),
        "{nothing}"
    );
}

#[test]
fn a_state_file_that_points_elsewhere_is_named_with_what_is_there() {
    // NotFound of the directory; none if only the checkpoint is gone.
    let dir = train();
    for (latest, gone) in [
        ("/old/place/m.ckpt-10".to_owned(), true),
        ("elsewhere/m.ckpt-10".to_owned(), true),
        ("m.ckpt-11".to_owned(), false),
    ] {
        let text = format!("model_checkpoint_path: \"{latest}\"\n");
        fs::write(dir.path().join("checkpoint"), text).unwrap();
        let named = match latest.starts_with('/') {
            true => latest,
            false => format!("DIR/{latest}"),
        };
        let text = format!(
            "DIR/checkpoint: names \"{named}\", where there is no checkpoint; those in \"DIR\" are \"m.ckpt-10\", \"m.ckpt-9\""
        );
        assert_eq!(refused(dir.path(), dir.path(), ErrorKind::NotFound), text);
        match latest_checkpoint(dir.path()) {
            Ok(found) => assert!(found.is_none() && !gone),
            Err(error) => {
                let found = error.to_string();
                assert_eq!(found.replace(dir.path().to_str().unwrap(), "DIR"), text);
                assert!(gone);
            }
        }
    }
    // Many are not all named, shards of the first version are one.
    for step in 11..30 {
        let name = format!("m.ckpt-{step}.index");
        fs::copy(index_path(&fixture("strings")), dir.path().join(name)).unwrap();
    }
    for shard in 0..3 {
        let name = |prefix: &str| format!("{prefix}-0000{shard}-of-00003");
        fs::copy(fixture(&name("v1_sharded")), dir.path().join(name("s"))).unwrap();
    }
    fs::write(
        dir.path().join("checkpoint"),
        "model_checkpoint_path: \"a\\nb\"\n",
    )
    .unwrap();
    let text = refused(dir.path(), dir.path(), ErrorKind::NotFound);
    assert_eq!(
        text,
        "DIR/checkpoint: names \"DIR/a\\nb\", where there is no checkpoint; those in \"DIR\" are \"s-?????-of-00003\", \
         \"m.ckpt-29\", \"m.ckpt-28\", \"m.ckpt-27\", \"m.ckpt-26\", \"m.ckpt-25\", \"m.ckpt-24\", \"m.ckpt-23\" and 14 more"
    );
}

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
const PAGE: &[u8] = b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n";

#[test]
fn other_files_are_recognised() {
    let dir = train();
    let prefix = dir.path().join("m.ckpt-9");
    let files: [(&[u8], &str); 7] = [
        (POINTER, "a Git LFS pointer (`git lfs pull` fetches"),
        (PAGE, "an HTML page (the download gave"),
        (b"PK\x03\x04", "a zip archive (unpack it"),
        (b"\x1f\x8b\x08\0", "a gzip file (decompress it first)"),
        (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file (save the arrays"),
        (
            b"\x0a\x14\x0a\x01x\x12\x0bPlaceholder*\x00",
            "a GraphDef (`GraphDef::read`",
        ),
        (b"node {\n  name: \"x\"\n}\n", "a GraphDef in text form"),
    ];
    for (bytes, text) in files {
        // In the place of an index, and of a checkpoint of the first version.
        let alone = dir.path().join("alone");
        for (path, file) in [(&prefix, index_path(&prefix)), (&alone, alone.clone())] {
            for bytes in [bytes.to_vec(), [bytes, &[b' '; 100]].concat()] {
                fs::write(&file, bytes).unwrap();
                let found = refused(dir.path(), path, ErrorKind::Corrupt);
                let name = file.file_name().unwrap().to_str().unwrap();
                let text = format!("DIR/{name}: expected a checkpoint, found {text}");
                assert!(found.starts_with(&text), "{found}");
            }
        }
        fs::remove_file(alone).unwrap();
    }
    let found = refused(
        dir.path(),
        &dir.path().join("checkpoint"),
        ErrorKind::Corrupt,
    );
    let text = "DIR/checkpoint: expected a checkpoint, found the state file of a directory of checkpoints (";
    assert!(found.starts_with(text), "{found}");
    // What is no kind of file is what it was.
    fs::write(index_path(&prefix), [7; 100]).unwrap();
    let found = refused(dir.path(), &prefix, ErrorKind::Corrupt);
    assert!(found.contains("magic number"), "{found}");
}

#[test]
fn other_files_in_the_place_of_a_state_file_are_recognised() {
    // Without it, with a warning, as if there were none.
    let dir = train();
    let state = dir.path().join("checkpoint");
    let table = fs::read(fixture("v1_strings")).unwrap();
    for (bytes, text) in [
        (POINTER, "a Git LFS pointer (`git lfs pull` fetches"),
        (PAGE, "an HTML page (the download gave"),
        (b"{\"error\": 404}", "a JSON file"),
        (&table[..], "the index of a checkpoint ("),
    ] {
        fs::write(&state, bytes).unwrap();
        let text = format!("DIR/checkpoint: expected a checkpoint state file, found {text}");
        let found = refused(dir.path(), dir.path(), ErrorKind::Corrupt);
        assert!(found.starts_with(&text), "{found}");
        let latest = latest_checkpoint(dir.path()).unwrap_err();
        assert_eq!(latest.kind(), ErrorKind::Corrupt);
    }
}

#[test]
fn other_files_in_the_place_of_data_are_recognised() {
    let dir = train();
    let prefix: PathBuf = dir.path().join("m.ckpt-9");
    let data = data_path(&prefix, 0, 1);
    let size = fs::metadata(&data).unwrap().len() as usize;
    for (bytes, text) in [
        (POINTER, ": it is a Git LFS pointer (`git lfs pull` fetches"),
        (PAGE, ": it is an HTML page (the download gave"),
        (b"PK\x03\x04", ": it is a zip archive (unpack it"),
    ] {
        // Shorter than the data, and longer, where only checksums tell.
        for len in [bytes.len(), 2 * size] {
            let mut content = bytes.to_vec();
            content.resize(len, b' ');
            fs::write(&data, content).unwrap();
            let reader = CheckpointReader::open(&prefix).unwrap();
            let errors = [
                reader.read("vocabulary").unwrap_err(),
                verify(&prefix, |_| {}).unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.path(), Some(&*data));
                assert_eq!(error.kind(), ErrorKind::Corrupt);
                let message = error.to_string();
                assert!(
                    message.contains(text) && message.contains("expected"),
                    "{message}"
                );
            }
        }
    }
}
