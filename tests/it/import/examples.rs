//! The examples that read graphs, as programs.

use std::fs;
use std::path::Path;
use std::process::Output;

use tfhub::graph::GraphDef;

use super::fixture;
use crate::cli::example;

fn infer_shapes(path: &Path) -> Output {
    example("infer_shapes").arg(path).output().unwrap()
}

fn wrap(graph: &Path, out: &Path, arguments: &[&str]) -> Output {
    let mut command = example("wrap_graph_def");
    command
        .arg(graph)
        .arg(out)
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn stdout(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output, status: i32, text: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(text),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

const ENDS: [&str; 4] = [
    "--input",
    "image=image",
    "--output",
    "scores=probabilities:0",
];

#[test]
fn help_is_printed() {
    for (name, text) in [
        ("infer_shapes", "GRAPH.pb"),
        ("wrap_graph_def", "--unfreeze"),
    ] {
        let help = stdout(&example(name).arg("--help").output().unwrap());
        assert!(help.contains(text), "{help}");
    }
}

#[test]
fn a_line_is_printed_for_each_output_in_the_order_of_the_file() {
    for name in ["keras_cnn", "while_v1", "defun", "shuffled"] {
        let ours = stdout(&infer_shapes(&fixture(&format!("{name}.pb"))));
        let theirs = fs::read_to_string(fixture(&format!("{name}.shapes"))).unwrap();
        let names = |text: &str| -> Vec<String> {
            let lines = text.lines().map(|line| line.split_once('\t').unwrap().0);
            lines.map(str::to_owned).collect()
        };
        assert_eq!(names(&ours), names(&theirs), "{name}");
    }
    let lines = stdout(&infer_shapes(&fixture("keras_cnn.pb")));
    assert!(lines.contains("image:0\t[?,16,16,3]\n"), "{lines}");
}

#[test]
fn the_graph_is_written_as_tensorflow_exports_it() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out.pb");
    let mut command = example("infer_shapes");
    command.arg(fixture("shuffled.pb")).arg("--output");
    let lines = stdout(&command.arg(&out).output().unwrap());
    assert_eq!(lines, stdout(&infer_shapes(&fixture("shuffled.pb"))));
    let written = GraphDef::read(&out).unwrap();
    assert_ne!(written.encode(), super::read("shuffled.tf.pb").encode());
    let without = super::without_shapes(written);
    assert!(without == super::read("shuffled.tf.pb").encode());
    let missing = scratch.path().join("missing").join("out.pb");
    let mut command = example("infer_shapes");
    command.arg(fixture("shuffled.pb")).arg("--output");
    refused(&command.arg(&missing).output().unwrap(), 2, "cannot write");
}

#[test]
fn files_that_are_no_graphs_are_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("graph.pb");
    refused(&infer_shapes(&path), 2, "graph.pb");
    let bytes = fs::read(fixture("keras_cnn.pb")).unwrap();
    for (content, text) in [
        (&b""[..], "the file is empty"),
        (
            b"node {",
            "not a GraphDef in text form: line 1:7: expected '}'",
        ),
        (
            b"not a graph",
            "not a GraphDef in text form: line 1:5: expected ':'",
        ),
        (&bytes[..bytes.len() / 2], "not a GraphDef"),
    ] {
        fs::write(&path, content).unwrap();
        refused(&infer_shapes(&path), 2, text);
        refused(&wrap(&path, &scratch.path().join("out"), &ENDS), 1, text);
    }
    assert!(!scratch.path().join("out").exists());
}

#[test]
fn a_frozen_graph_becomes_a_module() {
    let scratch = tempfile::tempdir().unwrap();
    let graph = fixture("keras_cnn.pb");
    let frozen = scratch.path().join("frozen");
    let text = stdout(&wrap(&graph, &frozen, &ENDS));
    assert!(
        text.contains("\"image\": float32 [?, 16, 16, 3] (image:0)"),
        "{text}"
    );
    assert!(!frozen.join("variables/variables.index").exists());
    let trainable = scratch.path().join("trainable");
    let arguments = [&ENDS[..], &["--unfreeze"]].concat();
    let text = stdout(&wrap(&graph, &trainable, &arguments));
    assert!(
        text.contains("conv/kernel float32 [3, 3, 3, 4], 432 bytes\n"),
        "{text}"
    );
    // The checkpoint holds the bytes of the constants.
    let data = fs::read(trainable.join("variables/variables.data-00000-of-00001")).unwrap();
    let bytes = fs::read(&graph).unwrap();
    let kernel = &data[..432];
    assert!(bytes.windows(432).any(|window| window == kernel));
    let saved = fs::read(trainable.join("saved_model.pb")).unwrap();
    assert!(!saved.windows(432).any(|window| window == kernel));
}

#[test]
fn what_cannot_be_a_module_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let cnn = fixture("keras_cnn.pb");
    let missing = ["--input", "x=image", "--output", "y=nothing:0"];
    refused(&wrap(&cnn, &out, &missing), 1, "no tensor \"nothing:0\"");
    let training = ["--input", "x=x", "--output", "y=BiasAdd"];
    refused(
        &wrap(&fixture("training.pb"), &out, &training),
        1,
        "the graph is not frozen",
    );
    assert!(!out.exists());
}

#[test]
fn a_graph_of_any_form_becomes_a_module_with_its_checkpoint() {
    let scratch = tempfile::tempdir().unwrap();
    let fixtures = fixture("").with_file_name("meta_graphs");
    let prefix = fixtures.join("model.ckpt");
    let ends = ["--input", "x=x:0", "--output", "dense=dense/add:0"];
    let values = ["--checkpoint", prefix.to_str().unwrap(), "--clear-devices"];
    let mut lines = Vec::new();
    for form in ["model.ckpt.meta", "model.pbtxt", "graph.pb", "graph.pbtxt"] {
        let path = fixtures.join(form);
        let text = stdout(&wrap(
            &path,
            &scratch.path().join(form),
            &[&ends[..], &values].concat(),
        ));
        assert!(
            text.contains("dense/kernel float32 [3, 2], 24 bytes"),
            "{text}"
        );
        assert!(!text.contains("Adam") && !text.contains("part/"), "{text}");
        let out = scratch.path().join("out");
        refused(&wrap(&path, &out, &ends), 1, "--checkpoint gives its value");
        lines.push(stdout(&infer_shapes(&path)));
    }
    assert!(lines[0].starts_with("x:0\t[?,3]\n"), "{}", lines[0]);
    assert!(lines.iter().all(|other| *other == lines[0]));
}
