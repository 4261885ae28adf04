//! The example `checkpoint`: what it prints and writes, and what it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

#[cfg(target_os = "linux")]
use tfhub::TensorValue;
#[cfg(target_os = "linux")]
use tfhub::checkpoint::{CheckpointReader, latest_checkpoint};
use tfhub::checkpoint::{CheckpointState, CheckpointWriter};
use tfhub::source::NpyReader;

use crate::cli::example;

pub(crate) fn fixture(name: &str) -> PathBuf {
    let directory = "tests/fixtures/bundles/";
    Path::new(directory).join(name)
}

pub(crate) fn run(arguments: &[&dyn AsRef<Path>]) -> Output {
    let arguments = arguments.iter().map(|argument| (*argument).as_ref());
    example("checkpoint").args(arguments).output().unwrap()
}

#[track_caller]
pub(crate) fn printed(arguments: &[&dyn AsRef<Path>]) -> String {
    let output = run(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    // Progress is for terminals.
    assert_eq!(stderr, "");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(arguments: &[&dyn AsRef<Path>], text: &str) {
    let output = run(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(text),
        "expected {text:?}, found {stderr:?}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn tensors_are_listed() {
    assert_eq!(
        printed(&[&"list", &fixture("sharded")]),
        "\
one float32 [2], shard 1, 8 bytes
table float32 [7, 2], 3 parts
  [5..7, 0..2], shard 0, 16 bytes
  [3..5, 0..2], shard 1, 16 bytes
  [0..3, 0..2], shard 2, 24 bytes
two float32 [1], shard 0, 4 bytes
zero float32 [3], shard 2, 12 bytes
"
    );
    assert_eq!(
        printed(&[&"list", &fixture("strings")]).lines().next(),
        Some("after float32 [], shard 0, 4 bytes")
    );
    // One of the names is not text.
    assert!(
        printed(&[&"list", &fixture("partitioned")]).contains("a\\x00\\xff uint16 [3], 2 parts\n")
    );
}

#[test]
fn tensors_become_arrays() {
    let dir = tempfile::tempdir().unwrap();
    let get = |name: &str, tensor: &str| {
        let out = dir.path().join(format!("{tensor}.npy").replace('/', "_"));
        assert_eq!(printed(&[&"get", &fixture(name), &tensor, &out]), "");
        let bytes = fs::read(out).unwrap();
        let header = String::from_utf8_lossy(&bytes[10..128]);
        let (_, dtype) = header.split_once("'descr': ").unwrap();
        let dtype = dtype.split(',').next().unwrap().to_owned();
        let array = NpyReader::from_bytes(bytes, "a").unwrap().read().unwrap();
        (dtype, array.shape().to_vec(), array)
    };
    let (dtype, shape, array) = get("partitioned", "columns");
    assert_eq!((&*dtype, &shape[..]), ("'<f4'", &[5, 10][..]));
    let floats = array.as_slice::<f32>().unwrap();
    assert_eq!(floats, (0..50).map(|i| i as f32).collect::<Vec<_>>());
    for (tensor, expected) in [
        ("float16", "'<f2'"),
        ("bfloat16", "'<f4'"),
        ("bool", "'|b1'"),
        ("complex128", "'<c16'"),
        ("int8", "'|i1'"),
        ("uint64", "'<u8'"),
        ("qint16", "'<i2'"),
        ("quint8", "'|u1'"),
        ("qint32", "'<i4'"),
    ] {
        let (dtype, shape, _) = get("all_dtypes", tensor);
        assert_eq!((&*dtype, &shape[..]), (expected, &[3][..]), "{tensor}");
    }
    assert_eq!(get("shapes", "empty/b").1, [3, 0, 1618]);
    assert_eq!(get("shapes", "w").1, [0; 0]);

    let text = dir.path().join("words.txt");
    printed(&[&"get", &fixture("strings"), &"vocabulary", &text]);
    let lines = format!("hello\n\n\\xff\\xfe\\x00\n{}\n", "x".repeat(300));
    assert_eq!(fs::read_to_string(&text).unwrap(), lines);
}

#[test]
fn what_cannot_be_an_array_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.npy");
    let strings = fixture("strings");
    refused(
        &[&"get", &strings, &"scalar", &out],
        "tensor \"scalar\" has strings; expected a file named *.txt",
    );
    refused(
        &[&"get", &strings, &"nothing", &out],
        "there is no tensor \"nothing\"",
    );
    refused(
        &[&"get", &fixture("variants"), &"one", &out],
        "values of dtype variant cannot be read, only copied",
    );
    refused(
        &[&"get", &strings, &"after", &dir.path().join("out.txt")],
        "is no tensor of strings",
    );
    assert_eq!(names(dir.path()), [""; 0]);
    fs::write(&out, "mine").unwrap();
    refused(&[&"get", &strings, &"after", &out], "cannot write");
    assert_eq!(fs::read(&out).unwrap(), b"mine");
}

#[test]
fn checkpoints_are_copied_and_merged() {
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name);
    let copied = printed(&[&"copy", &fixture("sharded"), &out("copy")]);
    assert!(copied.ends_with("6 tensors, 80 bytes\n"), "{copied}");
    for suffix in [
        "index",
        "data-00000-of-00003",
        "data-00001-of-00003",
        "data-00002-of-00003",
    ] {
        let bytes = |prefix: &Path| fs::read(prefix.with_extension(suffix)).unwrap();
        assert_eq!(bytes(&out("copy")), bytes(&fixture("sharded")));
    }
    let again = [
        &out("copy") as &dyn AsRef<Path>,
        &out("one"),
        &"--shards",
        &"1",
    ];
    let renames: [&dyn AsRef<Path>; 4] =
        [&"--rename", &"table=tables/first", &"--rename", &"one=1"];
    printed(&[&[&"copy" as &dyn AsRef<Path>], &again[..], &renames].concat());
    let list = printed(&[&"list", &out("one")]);
    assert!(
        list.starts_with("1 float32 [2], shard 0, 8 bytes\ntables/first float32 [7, 2], 3 parts\n"),
        "{list}"
    );

    printed(&[
        &"merge",
        &out("merged"),
        &fixture("merge_a"),
        &fixture("merge_b"),
        &fixture("merge_c"),
    ]);
    for suffix in ["index", "data-00002-of-00003"] {
        let bytes = |prefix: &Path| fs::read(prefix.with_extension(suffix)).unwrap();
        assert_eq!(bytes(&out("merged")), bytes(&fixture("merged")));
    }
    let found = "6 tensors (1 in parts), 8 checksums of ";
    let verified = printed(&[&"verify", &out("merged")]);
    assert!(verified.starts_with(found), "{verified}");
}

#[test]
fn malformed_checkpoints_are_refused_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, out) = (dir.path().join("bad"), dir.path().join("out"));
    fs::create_dir(&out).unwrap();
    let out = out.join("copy");
    let data = dir.path().join("bad.data-00000-of-00001");
    let index = dir.path().join("bad.index");
    let good = |suffix: &str| fs::read(fixture("strings").with_extension(suffix)).unwrap();
    let (good_data, good_index) = (good("data-00000-of-00001"), good("index"));
    let mut flipped = good_data.clone();
    flipped[200] ^= 1;
    let mut flipped_index = good_index.clone();
    flipped_index[20] ^= 1;
    let cases: [(&[u8], &[u8], &str); 5] = [
        (&flipped, &good_index, "expected checksum"),
        (&good_data[..300], &good_index, "the file has 300 bytes"),
        (
            &good_data,
            &flipped_index,
            "block at offset 0: expected checksum",
        ),
        (&good_data, &good_index[..100], "magic number"),
        (
            &good_data,
            b"",
            "expected a table of at least 48 bytes, found 0",
        ),
    ];
    for (data_bytes, index_bytes, text) in cases {
        fs::write(&data, data_bytes).unwrap();
        fs::write(&index, index_bytes).unwrap();
        refused(&[&"verify", &bad], text);
        refused(&[&"copy", &bad, &out], text);
        refused(&[&"merge", &out, &fixture("merge_c"), &bad], text);
        assert_eq!(names(out.parent().unwrap()), [""; 0]);
    }
    fs::remove_file(&data).unwrap();
    fs::write(&index, &good_index).unwrap();
    refused(&[&"verify", &bad], "bad.data-00000-of-00001");
    refused(&[&"list", &dir.path().join("nothing")], "nothing");
    for arguments in [
        &[&"verify" as &dyn AsRef<Path>, &fixture("merge_a")][..],
        &[&"copy", &fixture("merge_a"), &out],
        &[&"copy", &fixture("merge_a"), &out, &"--shards", &"2"],
        &[&"copy", &fixture("merge_a"), &out, &"--rename", &"=a/"],
        &[&"merge", &out, &fixture("merge_a")],
        &[&"merge", &out, &fixture("merge_b"), &fixture("merge_c")],
    ] {
        refused(
            arguments,
            "tensor \"columns\": its parts do not cover [0..5, 0..10]: expected 50 elements, found ",
        );
    }
    refused(
        &[&"copy", &fixture("strings"), &fixture("shapes")],
        "already exists",
    );
    refused(
        &[&"copy", &fixture("strings"), &out, &"--rename", &"nobody=x"],
        "no tensor to rename",
    );
    refused(
        &[
            &"copy",
            &fixture("strings"),
            &out,
            &"--rename",
            &"after=none",
        ],
        "would be there twice",
    );
    assert_eq!(
        run(&[&"copy", &fixture("strings"), &out, &"--rename", &"x"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(names(out.parent().unwrap()), [""; 0]);
}

#[test]
fn names_are_printed_on_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("odd");
    let mut writer = CheckpointWriter::create(&prefix).unwrap();
    for name in ["a\nb", "c\x1b[31m", "it's \"größe\"", "\u{202e}d"] {
        writer.add(name, TensorValue::scalar(1f32)).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(
        printed(&[&"list", &prefix]),
        "a\\nb float32 [], shard 0, 4 bytes\n\
         c\\u{1b}[31m float32 [], shard 0, 4 bytes\n\
         it's \"größe\" float32 [], shard 0, 4 bytes\n\
         \\u{202e}d float32 [], shard 0, 4 bytes\n"
    );
    let found = run(&[&"get", &prefix, &"a\nc", &dir.path().join("out.npy")]);
    let stderr = String::from_utf8(found.stderr).unwrap();
    assert!(
        stderr.ends_with(": there is no tensor \"a\\nc\"; did you mean \"a\\nb\"?\n"),
        "{stderr}"
    );
    // One of a directory, and a file of one.
    refused(
        &[&"list", &dir.path().join("odd.index")],
        "the prefix is \"",
    );
    refused(&[&"verify", &dir.path()], "those in");
    CheckpointState::new("odd", [""; 0])
        .write(dir.path())
        .unwrap();
    let listed = printed(&[&"list", &dir.path()]);
    assert_eq!(listed, printed(&[&"list", &prefix]));
}

/// `checkpoint copy` in a shell that limits the size of files: it is killed when it writes more than that.
#[cfg(target_os = "linux")]
fn copy_until_killed(prefix: &Path, out: &Path) -> Output {
    let program = example("checkpoint").get_program().to_owned();
    let mut command = std::process::Command::new("bash");
    let script = "ulimit -f 64; exec \"$0\" copy \"$1\" \"$2\" --shards 3";
    let command = command.arg("-c").arg(script).arg(program);
    command.arg(prefix).arg(out).output().unwrap()
}

/// A checkpoint whose last tensor does not fit into what a process may write.
#[cfg(target_os = "linux")]
fn large(prefix: &Path) {
    let mut writer = CheckpointWriter::create(prefix).unwrap();
    for (name, count) in [("a", 100), ("b", 5_000), ("c", 50_000)] {
        let value = TensorValue::new([count], vec![1f32; count]).unwrap();
        writer.add(name, &value).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_killed_leaves_the_checkpoints_that_there_were() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    large(&source);
    let train = dir.path().join("train");
    fs::create_dir(&train).unwrap();
    let prefix = |step: usize| train.join(format!("model-{step}"));
    printed(&[&"copy", &fixture("sharded"), &prefix(1)]);
    CheckpointState::new("model-1", [""; 0])
        .write(&train)
        .unwrap();
    let before = names(&train);
    for _ in 0..2 {
        assert_eq!(copy_until_killed(&source, &prefix(2)).status.code(), None);
        assert!(!names(&train).contains(&"model-2.index".to_owned()));
        let seen = |name: &String| !name.starts_with('.');
        assert!(names(&train).into_iter().filter(seen).eq(before.clone()));
        assert_eq!(latest_checkpoint(&train).unwrap(), Some(prefix(1)));
        printed(&[&"verify", &prefix(1)]);
        refused(&[&"verify", &prefix(2)], "model-2.index");
    }
    assert!(
        names(&train).len() > before.len(),
        "it was killed too early"
    );
    // What the dead processes left behind is in nobody's way.
    printed(&[&"copy", &source, &prefix(2), &"--shards", &"3"]);
    CheckpointState::new("model-2", ["model-1"])
        .write(&train)
        .unwrap();
    let latest = latest_checkpoint(&train).unwrap().unwrap();
    let value = CheckpointReader::open(latest).unwrap().read("c").unwrap();
    assert_eq!(value.as_slice::<f32>().unwrap(), [1.0; 50_000]);
}
