//! Graphs as text, for Graphviz and for TensorBoard.

use std::fs;

use tfhub::{ModuleSpec, Tags, layers};

fn spec() -> ModuleSpec {
    ModuleSpec::new(|g| {
        let x = g.named("x", || g.placeholder::<f32>((None, 3)));
        let y = layers::dense(2).apply(x);
        let done = g.no_op();
        let y = g.control_dependencies([done], || y * 2.0);
        g.default_signature(x, y);
    })
    .unwrap()
}

#[test]
fn text_has_a_line_for_each_node() {
    let spec = spec();
    let graph = spec.graph(&Tags::none()).unwrap();
    let text = graph.to_text();
    assert_eq!(text.lines().count(), graph.len());
    for line in [
        "dense/MatMul = MatMul(x, dense/MatMul/ReadVariableOp) {T=float32} -> float32 [?, 2]",
        "dense/kernel = VarHandleOp() {_class=[\"loc:@dense/kernel\"], dtype=float32, shape=[3, 2], \
         shared_name=\"dense/kernel\"} -> resource []",
        "mul/y = Const(^NoOp) {dtype=float32, value=float32 []: 2.0} -> float32 []",
    ] {
        let line = text.lines().find(|found| *found == line);
        assert!(line.is_some(), "{text}");
    }
    assert!(spec.graph(&Tags::from(["train"])).is_none());
}

#[test]
fn dot_nests_scopes_and_is_balanced() {
    let spec = spec();
    let dot = spec.graph(&Tags::none()).unwrap().to_dot();
    assert!(
        dot.contains("subgraph \"cluster_dense/kernel/Initializer/\" {"),
        "{dot}"
    );
    assert!(
        dot.contains("\"NoOp\" -> \"mul/y\" [style=dashed];"),
        "{dot}"
    );
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    let deep = ["a"; 5000].join("/");
    let spec = ModuleSpec::new(|g| {
        let x = g.named(&deep, || g.placeholder::<f32>(()));
        g.default_signature(x, -x);
    });
    let dot = spec.unwrap().graph(&Tags::none()).unwrap().to_dot();
    assert_eq!(dot.matches("subgraph").count(), 64);
}

#[test]
fn event_files_depend_on_the_graph_alone() {
    let dir = tempfile::tempdir().unwrap();
    let spec = spec();
    let graph = spec.graph(&Tags::none()).unwrap();
    let path = graph.write_tensorboard(dir.path()).unwrap();
    let first = fs::read(&path).unwrap();
    graph.write_tensorboard(dir.path()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
    assert!(path.to_str().unwrap().contains("tfevents"));
    let deep = dir.path().join("logs/of/today");
    let path = graph.write_tensorboard(&deep).unwrap();
    assert_eq!(path.parent(), Some(deep.as_path()));
    assert_eq!(fs::read(&path).unwrap(), first);
    // A file in the place of the directory.
    let error = graph.write_tensorboard(&path).unwrap_err();
    assert!(error.to_string().starts_with("cannot "), "{error}");
}
