//! Checkpoints compared with those that TensorFlow 1.15.5 wrote (`tests/scripts/make_bundles.py`), and what is left when
//! an operation fails.

#![allow(
    clippy::single_range_in_vec_init,
    reason = "the range of a tensor of one dimension"
)]

use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use ndarray::Array;

use super::copy::{copy_on, merge_on};
use super::writer::Writing;
use super::*;
use crate::dtype::ByteString;
use crate::error::ErrorKind;
use crate::file_system::faults::{FailingFs, Fault, Tree, names, tree};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::{GraphBuilder, Session};

const FIXTURES: [&str; 10] = [
    "all_dtypes",
    "shapes",
    "strings",
    "partitioned",
    "sharded",
    "merge_a",
    "merge_b",
    "merge_c",
    "merged",
    "merged_again",
];

pub(super) fn fixture(name: &str) -> PathBuf {
    let directory = "tests/fixtures/bundles/";
    Path::new(directory).join(name)
}

/// The files of a checkpoint: what follows the prefix, and the content.
fn files(prefix: &Path) -> Vec<(String, Vec<u8>)> {
    let name = prefix.file_name().unwrap().to_str().unwrap();
    let directory = prefix.parent().unwrap();
    let suffix = |file: &String| {
        file.strip_prefix(name)?
            .starts_with('.')
            .then(|| file.clone())
    };
    let files = names(directory)
        .into_iter()
        .filter_map(|file| suffix(&file));
    files
        .map(|file| {
            (
                file[name.len()..].to_owned(),
                fs::read(directory.join(&file)).unwrap(),
            )
        })
        .collect()
}

#[track_caller]
fn assert_same(prefix: &Path, fixture_name: &str) {
    assert_eq!(
        files(prefix),
        files(&fixture(fixture_name)),
        "{fixture_name}"
    );
}

fn matrix() -> Array<f32, ndarray::Ix2> {
    Array::from_shape_fn((5, 10), |(i, j)| (10 * i + j) as f32)
}

fn strings(shape: &[usize], values: &[&[u8]]) -> TensorValue {
    let values = values
        .iter()
        .map(|&value| ByteString::from(value))
        .collect();
    TensorValue::new(shape, values).unwrap()
}

#[test]
fn parts_are_saved_as_tensorflow_saves_them() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("partitioned");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    let matrix = TensorValue::from(matrix());
    let part = |value: &TensorValue, slice: &TensorSlice| {
        // Cut out by the reader, from a checkpoint that has the whole.
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("whole");
        let mut writer = CheckpointWriter::create(&prefix).unwrap();
        writer.add("v", value).unwrap();
        writer.finish().unwrap();
        let reader = CheckpointReader::open(&prefix).unwrap();
        reader.read_slice("v", slice).unwrap()
    };
    let mut add = |name: &str, value: &TensorValue, slice: TensorSlice| {
        let part = part(value, &slice);
        writer.add_slice(name, value.shape(), &slice, part).unwrap();
    };
    add("columns", &matrix, TensorSlice::new([0..5, 0..1]));
    add("columns", &matrix, TensorSlice::new([0..5, 1..10]));
    let long = (0..70).map(|i| f16::from_f32(i as f32)).collect();
    let long = TensorValue::new([70], long).unwrap();
    add("half", &long, TensorSlice::new([0..64]));
    add("half", &long, TensorSlice::new([64..70]));
    let d = [b'd'; 200];
    let words = strings(&[3, 2], &[b"a", b"bc", b"", &d, b"e", b"\xff\x00"]);
    add("words", &words, TensorSlice::new([0..2, 0..2]));
    add("words", &words, TensorSlice::new([2..3, 0..2]));
    add("whole/explicit", &matrix, TensorSlice::whole(&[5, 10]));
    writer.finish().unwrap();

    // Names that are not text, and full extents that are not spelled out, come from TensorFlow only.
    let theirs = CheckpointReader::open(fixture("partitioned")).unwrap();
    let ours = CheckpointReader::open(&prefix).unwrap();
    for name in ["columns", "half", "words", "whole/explicit"] {
        assert_eq!(ours.get(name).unwrap(), theirs.get(name).unwrap());
        assert_eq!(ours.read(name).unwrap(), theirs.read(name).unwrap());
    }
    let our_data = fs::read(dir.path().join("partitioned.data-00000-of-00001")).unwrap();
    let their_data = fs::read(fixture("partitioned.data-00000-of-00001")).unwrap();
    assert!(their_data.starts_with(&our_data));
    assert_eq!(verify(&prefix, |_| {}).unwrap().partitioned, 3);
}

#[test]
fn bundles_with_parts_and_several_files_are_those_of_tensorflow() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("model");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    let table = |writer: &mut CheckpointWriter, rows: std::ops::Range<usize>| {
        let part = TensorValue::from(Array::from_elem((rows.len(), 2), rows.start as f32));
        let slice = TensorSlice::new([rows, 0..2]);
        writer.add_slice("table", &[7, 2], &slice, part).unwrap();
    };
    // The parts are on the devices 2, 1 and 0.
    for (device, name, rows) in [(0, "two", 5..7), (1, "one", 3..5), (2, "zero", 0..3)] {
        if device > 0 {
            writer.next_shard().unwrap();
        }
        let value = TensorValue::new([device + 1], vec![device as f32; device + 1]).unwrap();
        if name < "table" {
            writer.add(name, &value).unwrap();
            table(&mut writer, rows);
        } else {
            table(&mut writer, rows);
            writer.add(name, &value).unwrap();
        }
    }
    let summary = writer.finish().unwrap();
    assert_same(&prefix, "sharded");
    assert_eq!((summary.tensors, summary.bytes), (6, 4 * (14 + 6)));
    let sizes = summary
        .files
        .iter()
        .map(|file| (fs::metadata(&file.path).unwrap().len(), file.bytes));
    assert!(sizes.len() == 4 && sizes.into_iter().all(|(found, told)| found == told));
}

#[test]
fn copies_have_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    for name in FIXTURES.into_iter().chain(["variants"]) {
        let out = dir.path().join(name);
        let copied = copy(fixture(name), &out, &CopyOptions::new(), |_| {});
        if is_part(name) {
            let (copied, verified) = (copied.unwrap_err(), verify(fixture(name), |_| {}));
            assert_eq!(copied.to_string(), verified.unwrap_err().to_string());
            let text = copied.to_string();
            assert!(
                text.contains("\"columns\": its parts do not cover"),
                "{text}"
            );
            assert_eq!(files(&out), []);
        } else {
            copied.unwrap();
            assert_same(&out, name);
            verify(&out, |_| {}).unwrap();
        }
    }
}

/// Whether only other checkpoints make the tensors whole.
fn is_part(name: &str) -> bool {
    name == "merge_a" || name == "merge_b"
}

#[test]
fn merged_bundles_are_those_of_tensorflow() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("merged");
    merge(["merge_a", "merge_b", "merge_c"].map(fixture), &out, |_| {}).unwrap();
    assert_same(&out, "merged");
    let reader = CheckpointReader::open(&out).unwrap();
    let columns = reader.read("columns").unwrap();
    assert_eq!(columns, TensorValue::from(matrix()));

    let out = dir.path().join("merged_again");
    merge(["merge_c", "sharded"].map(fixture), &out, |_| {}).unwrap();
    assert_same(&out, "merged_again");

    let out = dir.path().join("alone");
    merge([fixture("partitioned")], &out, |_| {}).unwrap();
    assert_same(&out, "partitioned");

    let error = merge(
        ["merge_a", "shapes"].map(fixture),
        dir.path().join("w"),
        |_| {},
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let shapes = fixture("shapes.index");
    let text = "tensor \"w\" would be there twice";
    assert_eq!(error.to_string(), format!("{}: {text}", shapes.display()));
    let error = merge(
        ["merge_a", "merge_a"].map(fixture),
        dir.path().join("w"),
        |_| {},
    );
    let text = error.unwrap_err().to_string();
    let part = r#"tensor "\x00columns\x00\x01\x01\x02\x80\x85\x80\x84" would be there twice"#;
    assert!(text.ends_with(part), "{text}");
    let other = dir.path().join("other");
    let mut writer = CheckpointWriter::create(&other).unwrap();
    let slice = TensorSlice::new([0..1]);
    writer
        .add_slice(
            "columns",
            &[2],
            &slice,
            TensorValue::from(ndarray::array![1f32]),
        )
        .unwrap();
    writer.finish().unwrap();
    let error = merge([&fixture("merge_a"), &other], dir.path().join("w"), |_| {}).unwrap_err();
    let text = "expected parts of float32 [5, 10] as in other checkpoints, found float32 [2]";
    assert!(error.to_string().ends_with(text), "{error}");
}

#[test]
fn tensors_are_renamed_and_distributed() {
    let dir = tempfile::tempdir().unwrap();
    for shards in [1, 2, 3, 7, 40] {
        for name in FIXTURES.into_iter().filter(|name| !is_part(name)) {
            let out = dir.path().join(format!("{name}-{shards}"));
            let options = CopyOptions::new().shards(shards).rename("", "a/b/");
            let mut last = Progress::default();
            let summary = copy(fixture(name), &out, &options, |progress| last = *progress).unwrap();
            assert_eq!(summary.files.len(), shards + 1);
            let verified = verify(&out, |_| {}).unwrap();
            assert_eq!(
                (verified.stored, verified.bytes),
                (last.tensors, last.bytes)
            );
            assert_eq!(
                (last.tensors, last.bytes),
                (last.tensors_done, last.bytes_done)
            );
            let (theirs, ours) = (
                CheckpointReader::open(fixture(name)),
                CheckpointReader::open(&out),
            );
            let (theirs, ours) = (theirs.unwrap(), ours.unwrap());
            for tensor in theirs.tensors() {
                // Those whose names are not text cannot be asked for.
                let TensorInfo { name, slices, .. } = tensor.unwrap();
                if let Some(info) = ours.get(&format!("a/b/{name}")).unwrap() {
                    assert_eq!(info.slices, slices);
                    assert_eq!(ours.read(&info.name).unwrap(), theirs.read(&name).unwrap());
                }
            }
            // And back to the same bytes.
            if !name.starts_with('s') && !name.starts_with("merged") {
                let back = dir.path().join(format!("{name}-{shards}-back"));
                let options = CopyOptions::new().shards(1).rename("a/b/", "");
                copy(&out, &back, &options, |_| {}).unwrap();
                assert_same(&back, name);
            }
        }
    }
}

#[test]
fn renames_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let refused = |options: CopyOptions| {
        let error = copy(fixture("strings"), &out, &options, |_| {}).unwrap_err();
        assert_eq!(names(dir.path()), [""; 0]);
        (error.kind(), error.to_string())
    };
    let (kind, text) = refused(CopyOptions::new().rename("scalar", "none"));
    assert_eq!(kind, ErrorKind::InvalidValue);
    assert!(
        text.ends_with("strings.index: tensor \"none\" would be there twice"),
        "{text}"
    );
    let (kind, text) = refused(CopyOptions::new().rename("scal", "b"));
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(
        text.contains("strings: there is no tensor to rename \"scal\" (all below"),
        "{text}"
    );
    let (kind, text) = refused(CopyOptions::new().rename("scalar", ""));
    assert_eq!(kind, ErrorKind::InvalidValue);
    assert!(text.contains("needs a name"), "{text}");
    let (_, text) = refused(CopyOptions::new().shards(0));
    assert!(
        text.contains("expected 1 to 99999 data files, found 0"),
        "{text}"
    );
}

#[test]
fn every_changed_byte_of_data_is_found_and_nothing_is_left() {
    for name in ["strings", "variants", "partitioned"] {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("in/model");
        fs::create_dir(dir.path().join("in")).unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        copy(fixture(name), &prefix, &CopyOptions::new(), |_| {}).unwrap();
        let data = dir.path().join("in/model.data-00000-of-00001");
        let good = fs::read(&data).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&data, bad).unwrap();
            let error = verify(&prefix, |_| {}).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Corrupt,
                "{name}, byte {at}: {error}"
            );
            assert_eq!(error.path(), Some(&*data));
            let out = dir.path().join("out/model");
            copy(&prefix, &out, &CopyOptions::new(), |_| {}).unwrap_err();
            assert_eq!(names(&dir.path().join("out")), [""; 0]);
        }
    }
}

#[test]
fn what_is_refused_is_not_there_and_what_exists_stays() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("model");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    let scalar = TensorValue::scalar(1f32);
    writer.add("a", &scalar).unwrap();
    let row = TensorValue::new([1, 2], vec![1f32, 2.0]).unwrap();
    let first = TensorSlice::new([0..1, 0..2]);
    writer.add_slice("p", &[3, 2], &first, &row).unwrap();
    let mut refused = |name: &str, shape: &[usize], slice: TensorSlice, value: &TensorValue| {
        let error = writer.add_slice(name, shape, &slice, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        let text = error.to_string();
        text.split_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(
        refused("a", &[], TensorSlice::new([]), &scalar),
        "tensor \"a\": saved twice"
    );
    assert_eq!(
        refused("a", &[3, 2], first.clone(), &row),
        "tensor \"a\": saved twice"
    );
    assert_eq!(
        refused("p", &[], TensorSlice::new([]), &scalar),
        "tensor \"p\": saved twice"
    );
    assert!(refused("p", &[3, 2], first.clone(), &row).ends_with("saved twice"));
    assert_eq!(
        refused("p", &[4, 2], first.clone(), &row),
        "tensor \"p\": expected another part of float32 [3, 2], found one of float32 [4, 2]"
    );
    assert_eq!(
        refused("p", &[3, 2], TensorSlice::new([3..4, 0..2]), &row),
        "tensor \"p\": expected a part of shape [3, 2] that has elements, found [3..4, 0..2]"
    );
    let error = writer.add_slice("q", &[3, 2], &first, &scalar).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor \"q\": expected a part of shape [1, 2], found []"
    );
    let summary = writer.finish().unwrap();
    assert_eq!(summary.tensors, 2);
    let reader = CheckpointReader::open(&prefix).unwrap();
    let found: Vec<_> = reader
        .tensors()
        .map(|tensor| tensor.unwrap().name)
        .collect();
    assert_eq!(found, ["a", "p"]);
    let error = verify(&prefix, |_| {}).unwrap_err();
    assert!(
        error.to_string().contains("its parts do not cover"),
        "{error}"
    );

    let before = tree(dir.path());
    let error = CheckpointWriter::create(&prefix).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let text = "already exists, and a checkpoint is never replaced";
    assert_eq!(error.to_string(), format!("{}: {text}", prefix.display()));
    let file = dir.path().join("model.index");
    let error = CheckpointWriter::create(file.join("model")).unwrap_err();
    assert!(error.to_string().starts_with("cannot create "), "{error}");
    // One that comes into being meanwhile stays as well.
    let late = dir.path().join("late");
    let mut writer = CheckpointWriter::create(&late).unwrap();
    writer.add("b", &scalar).unwrap();
    copy(fixture("strings"), &late, &CopyOptions::new(), |_| {}).unwrap();
    assert_eq!(
        writer.finish().unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    assert_same(&late, "strings");
    // Nothing is left of one that is not finished.
    drop(CheckpointWriter::create(dir.path().join("unfinished")).unwrap());
    drop(CheckpointWriter::create(dir.path().join("new/deep/unfinished")).unwrap());
    let mut after = tree(dir.path()).unwrap();
    after.retain(|path, _| !path.to_str().unwrap().starts_with("late"));
    assert_eq!(Some(after), before);
}

#[test]
fn without_tensors_there_is_an_empty_file() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("empty");
    CheckpointWriter::create(&prefix).unwrap().finish().unwrap();
    assert_eq!(
        fs::read(dir.path().join("empty.data-00000-of-00001")).unwrap(),
        b""
    );
    let verified = verify(&prefix, |_| {}).unwrap();
    assert_eq!((verified.tensors, verified.bytes), (0, 0));
    let out = dir.path().join("merged");
    merge([&prefix, &fixture("merge_c"), &prefix], &out, |_| {}).unwrap();
    assert_same(&out, "merge_c");
    let nothing: [&Path; 0] = [];
    merge(nothing, dir.path().join("nothing"), |_| {}).unwrap();
    assert_same(&dir.path().join("nothing"), prefix.to_str().unwrap());
}

#[test]
fn progress_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    let mut writer = CheckpointWriter::create(dir.path().join("model"))
        .unwrap()
        .on_progress(|progress| told.push(*progress));
    let values = [("a", 200_000), ("b", 10)].map(|(name, len)| {
        let value = TensorValue::new([len], vec![1f32; len]).unwrap();
        (name.to_owned(), value)
    });
    writer
        .add_from(&std::collections::BTreeMap::from(values))
        .unwrap();
    writer.finish().unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|told| (told.tensors_done, told.tensors, told.bytes_done, told.bytes))
        .collect();
    let (chunk, total) = (1 << 18, 800_040);
    assert_eq!(
        told,
        [
            (0, 2, chunk, total),
            (0, 2, 2 * chunk, total),
            (0, 2, 3 * chunk, total),
            (0, 2, 800_000, total),
            (1, 2, 800_000, total),
            (1, 2, total, total),
            (2, 2, total, total),
        ]
    );
}

/// Writes a checkpoint of two data files that is made of `fill`.
fn save<F: FileSystem>(fs: F, prefix: &Path, fill: u8) -> Result<()> {
    let mut writing = Writing::new(fs, prefix)?;
    let large = TensorValue::new([100_000], vec![fill; 100_000])?;
    writing.add("large", (&large).into())?;
    writing.add("small", TensorValue::scalar(fill).into())?;
    writing.next_shard()?;
    writing.add("text", strings(&[2], &[b"one", &[fill]]).into())?;
    writing.finish().map(|_| ())
}

/// The entries of a directory, but for hidden files.
fn seen(path: &Path) -> Tree {
    let mut tree = tree(path).unwrap();
    tree.retain(|path, _| !path.to_str().unwrap().starts_with('.'));
    tree
}

/// Lets each operation of `save` fail in turn, beside a checkpoint and after a crash; returns how many there are.
fn try_every_operation(fault: Fault, save: impl Fn(&FailingFs, &Path) -> Result<()>) -> usize {
    let good = tempfile::tempdir().unwrap();
    save(
        &FailingFs::new(fault, usize::MAX, true),
        &good.path().join("model"),
    )
    .unwrap();
    let good = tree(good.path()).unwrap();
    for at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path();
        self::save(OsFileSystem, &base.join("earlier"), 1).unwrap();
        // What a process that was killed has left.
        let stale = base.join("model.data-00000-of-00002");
        fs::write(&stale, "stale").unwrap();
        let before = tree(base).unwrap();
        let mut after = before.clone();
        after.extend(good.clone());

        let prefix = base.join("model");
        let fs = FailingFs::new(fault, at, true);
        let result = save(&fs, &prefix);
        match fault {
            Fault::Full => match result {
                Ok(()) => assert_eq!(tree(base).unwrap(), after, "operation {at}"),
                Err(error) => {
                    assert!(error.to_string().contains("no storage space"), "{error}");
                    assert_eq!(tree(base).unwrap(), before, "operation {at}");
                }
            },
            Fault::Killed => {
                let seen = seen(base);
                assert!(before.iter().all(|(path, content)| {
                    path.ends_with("model.data-00000-of-00002") || seen.get(path) == Some(content)
                }));
                if base.join("model.index").exists() {
                    assert_eq!(seen, after, "operation {at}");
                }
            }
        }
        if !base.join("model.index").exists() {
            // Whatever is left over is in nobody's way.
            save(&FailingFs::new(fault, usize::MAX, true), &prefix).unwrap();
        }
        assert_eq!(seen(base), after, "operation {at}");
        if !fs.reached() {
            return at;
        }
    }
    unreachable!("every checkpoint has a last operation")
}

#[test]
fn a_full_disk_and_a_crash_leave_no_half_of_a_checkpoint() {
    for fault in [Fault::Full, Fault::Killed] {
        assert!(try_every_operation(fault, |fs, prefix| save(fs, prefix, 2)) > 20);
        let options = CopyOptions::new().shards(2);
        let copied = |fs: &FailingFs, prefix: &Path| {
            copy_on(fs, &fixture("partitioned"), prefix, &options, |_| {}).map(|_| ())
        };
        assert!(try_every_operation(fault, copied) > 15);
        let merged = |fs: &FailingFs, prefix: &Path| {
            let prefixes = ["merge_a", "merge_b", "merge_c"].map(fixture);
            merge_on(fs, prefixes, prefix, |_| {}).map(|_| ())
        };
        assert!(try_every_operation(fault, merged) > 15);
    }
}

#[test]
fn directories_are_created_and_do_not_outlive_a_failure() {
    for at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("new/deep/model");
        let fs = FailingFs::new(Fault::Full, at, true);
        match save(&fs, &prefix, 2) {
            Ok(()) => assert!(CheckpointReader::open(&prefix).is_ok()),
            Err(_) => assert_eq!(
                fs::read_dir(dir.path()).unwrap().count(),
                0,
                "operation {at}"
            ),
        }
        if !fs.reached() {
            assert!(at > 20, "{at} operations");
            return;
        }
    }
}

/// Saves a training step and tells of it in the state file.
fn save_step(fs: &FailingFs, dir: &Path, session: &Session, step: usize) -> Result<()> {
    let prefix = dir.join(format!("model-{step}"));
    match session.save_on(fs, &prefix) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        saved => drop(saved?),
    }
    let older = (1..step).map(|step| format!("model-{step}"));
    CheckpointState::new(format!("model-{step}"), older).write_on(&fs, dir)
}

#[test]
fn the_latest_checkpoint_is_whole_whatever_operation_fails() {
    let g = GraphBuilder::new();
    g.get_variable("v").initial_value([0f32, 0.0]).finish();
    g.get_variable("step").initial_value(0i64).finish();
    let graph = g.finish().unwrap();
    let at_step = |step: i64| {
        let mut session = Session::new(&graph).unwrap();
        session.assign("step", step).unwrap();
        let v = TensorValue::new([2], vec![step as f32, 1.0]).unwrap();
        session.assign_value("v", v).unwrap();
        session
    };
    let sessions = [1, 2].map(at_step);
    for fault in [Fault::Full, Fault::Killed] {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let good = FailingFs::new(fault, usize::MAX, true);
            save_step(&good, dir.path(), &sessions[0], 1).unwrap();
            let fs = FailingFs::new(fault, at, true);
            let result = save_step(&fs, dir.path(), &sessions[1], 2);
            let context = format!("{fault:?} at operation {at}: {result:?}");
            let latest = || {
                let prefix = latest_checkpoint(dir.path()).unwrap().expect(&context);
                verify(&prefix, |_| {}).expect(&context);
                let mut restored = Session::new(&graph).unwrap();
                let reader = CheckpointReader::open(&prefix).expect(&context);
                restored.restore(&reader).expect(&context);
                let step = restored.read::<i64>("step").unwrap()[[]];
                let session = &sessions[step as usize - 1];
                assert_eq!(restored.value("v").unwrap(), session.value("v").unwrap());
                assert!(prefix.ends_with(format!("model-{step}")), "{context}");
                step
            };
            assert!(latest() == 2 || result.is_err(), "{context}");
            save_step(&good, dir.path(), &sessions[1], 2).expect(&context);
            assert_eq!(latest(), 2, "{context}");
            if !fs.reached() {
                assert!(at > 15);
                break;
            }
        }
    }
}
