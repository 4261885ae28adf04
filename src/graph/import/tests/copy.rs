//! Copies of graphs against imports of what the graphs are written as.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{ErrorKind, Result};
use crate::graph::node::Attr;
use crate::graph::{
    AnyTensor, Graph, GraphBuilder, GraphDef, ImportOptions, Imported, Origin, Tensor,
};
use crate::proto::Message as _;
use crate::proto::tensorflow as pb;

/// Of the graphs in the fixtures, many of which are alike, each sixth.
const STEP: usize = 6;

/// Graphs in the fixtures, each with the name of its file.
fn fixtures() -> Vec<(String, GraphDef)> {
    let mut graphs = Vec::new();
    let mut open = vec![Path::new(".").join("tests/fixtures")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            graphs.extend(
                read(&path)
                    .into_iter()
                    .map(|graph| (path.display().to_string(), graph)),
            );
        }
    }
    graphs.sort_by(|(a, _), (b, _)| a.cmp(b));
    graphs.into_iter().step_by(STEP).collect()
}

fn read(path: &PathBuf) -> Vec<GraphDef> {
    if path.ends_with("saved_model.pb") {
        let model = pb::SavedModel::decode(&fs::read(path).unwrap()[..]).unwrap_or_default();
        let graphs = model.meta_graphs.into_iter().filter_map(|it| it.graph_def);
        return graphs.map(GraphDef::from_message).collect();
    }
    let graph = match path.extension().and_then(|extension| extension.to_str()) {
        Some("pb" | "pbtxt") => GraphDef::read(path),
        Some("meta") => GraphDef::from_meta_graph(path),
        _ => return Vec::new(),
    };
    graph.into_iter().collect()
}

/// Everything that is known of a graph's nodes but where they were made, and its functions and versions.
fn described(graph: &Graph) -> (Vec<String>, pb::GraphDef) {
    let nodes = graph.nodes().iter();
    let nodes = nodes.map(|node| {
        let attrs: Vec<_> = node.non_default_attrs().collect();
        format!(
            "{} {} {:?} {:?} {:?} {attrs:?} {:?}",
            node.name,
            node.op.name(),
            node.inputs,
            node.control_inputs,
            node.device,
            node.outputs,
        )
    });
    let rest = pb::GraphDef {
        library: graph.library().to_proto(),
        versions: Some(graph.versions()),
        ..Default::default()
    };
    (nodes.collect(), rest)
}

/// Adds a graph to another in some way.
type Add = for<'g> fn(&'g GraphBuilder, &Graph, ImportOptions<'g>) -> Result<Imported<'g>>;

const WAYS: [Add; 2] = [
    |g, graph, options| g.import_graph_def(graph.to_graph_def(), options),
    |g, graph, options| g.copy_graph(graph, options),
];

/// The names of the added nodes in both graphs, or the name of the node that does not fit.
fn outcome(graph: &Graph, added: Result<Imported<'_>>) -> std::result::Result<String, String> {
    match added {
        Ok(added) => {
            let names = graph.node_names().map(|name| {
                let operation = added.operation(name).map(|it| it.name());
                let tensor = added.tensor(name).map(|it| it.name());
                format!("{name} {:?} {:?}", operation.ok(), tensor.ok())
            });
            let order: Vec<_> = added.operations().map(|it| it.name()).collect();
            Ok(format!(
                "{} {:?} {order:?}",
                added.prefix(),
                names.collect::<Vec<_>>()
            ))
        }
        Err(error) => Err(error.diagnostics().first().map_or_else(
            || error.to_string(),
            |diagnostic| diagnostic.node().to_owned(),
        )),
    }
}

/// Adds a graph in a graph that has nodes, inside of blocks, and twice: a part, with inputs mapped.
fn surrounded(add: Add, graph: &Graph) -> (Vec<std::result::Result<String, String>>, Graph) {
    let g = GraphBuilder::new();
    let first = graph.nodes().first();
    let taken = first.map_or("x", |node| &node.name);
    let before = g.op("NoOp").name(format!("{taken}/")).finish();
    let middle = graph.nodes().get(graph.len() / 2);
    let mut outcomes = vec![
        outcome(graph, add(&g, graph, ImportOptions::new().prefix(""))),
        outcome(
            graph,
            add(&g, graph, ImportOptions::new().clear_devices(true)),
        ),
    ];
    let part = |index: usize, prefix: &str| {
        let options = ImportOptions::new().prefix(prefix).ignore_shapes(true);
        let wanted = graph.nodes().iter().rev().step_by(graph.len() / 4 + 1);
        let options = options.outputs(wanted.map(|node| node.name.to_string()));
        let mapped = middle.and_then(|node| Some((node, node.outputs.get(index)?)));
        let Some((node, output)) = mapped else {
            return options.map_control_input(taken, before);
        };
        let given = g.op("Placeholder").attr("dtype", output.dtype).output();
        options
            .map_input(format!("{}:{index}", node.name), given)
            .map_control_input(&*node.name, before)
    };
    g.name_scope("outer", || {
        g.device("/job:ps/cpu:0", || {
            g.control_dependencies([before], || {
                outcomes.push(outcome(graph, add(&g, graph, ImportOptions::new())));
                g.colocate_with(before, || {
                    outcomes.push(outcome(graph, add(&g, graph, part(0, "part"))));
                    outcomes.push(outcome(graph, add(&g, graph, part(1, ""))));
                });
            });
        });
    });
    (outcomes, g.finish().unwrap())
}

/// Checks that a copy of a graph is what an import of it is once it is written.
fn assert_alike(file: &str, graph: &Graph) {
    let [imported, copied] = WAYS.map(|add| {
        let g = GraphBuilder::new();
        let outcome = outcome(graph, add(&g, graph, ImportOptions::new().prefix("")));
        (outcome, g.finish().unwrap())
    });
    assert!(imported.0.is_ok(), "{file}");
    assert_eq!(imported.0, copied.0, "{file}");
    assert_eq!(described(&imported.1), described(&copied.1), "{file}");
    let [imported, copied] = WAYS.map(|add| surrounded(add, graph));
    assert_eq!(imported.0, copied.0, "{file}");
    assert_eq!(described(&imported.1), described(&copied.1), "{file}");
}

/// In a graph that is built, what takes a tensor into a branch is made after the node that needs it there.
#[test]
fn branches_and_functions_are_copied_as_imports_make_them() {
    let g = GraphBuilder::new();
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let twice = g.function("twice", ["y"], |y: Tensor<f32>| y + y * x);
    g.cond(
        flag,
        || g.cond(flag, || x + 1.0, || twice.call(x)),
        || g.without_control_dependencies(|| x * 2.0),
    );
    assert_alike("a conditional", &g.finish().unwrap());
}

#[test]
fn a_copy_is_what_an_import_of_the_written_graph_is() {
    let mut count = 0;
    let mut loops = 0;
    // Those with longer names by one are copied with their collections, in another test.
    let taken = fixtures()
        .into_iter()
        .filter(|(file, _)| file.len() % 2 == 0);
    for (file, graph_def) in taken {
        let g = GraphBuilder::new();
        if g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
            .is_err()
        {
            continue;
        }
        let graph = g.finish().unwrap();
        assert_alike(&file, &graph);
        count += 1;
        loops += usize::from(
            graph
                .nodes()
                .iter()
                .any(|node| node.op.name() == "NextIteration"),
        );
    }
    assert!(
        count > 50 && loops > 2,
        "{count} graphs, {loops} with loops"
    );
}

/// A constant of some size, and what is made of it.
fn with_constant(g: &GraphBuilder) -> AnyTensor<'_> {
    let weights = g.named("weights", || g.constant(vec![0.5f32; 1000]));
    (weights * 2.0).any()
}

fn value<'a>(graph: &'a Graph, name: &str) -> &'a Arc<pb::AttrValue> {
    let node = graph.node(graph.find(name).unwrap());
    let value = node.attrs.iter().find(|(name, _)| name == "value");
    match value.map(|(_, value)| value) {
        Some(Attr::Shared(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn constants_are_shared() {
    let g = GraphBuilder::new();
    with_constant(&g);
    let graph = g.finish().unwrap();
    assert_eq!(Arc::strong_count(value(&graph, "weights")), 1);
    let g = GraphBuilder::new();
    for _ in 0..2 {
        g.copy_graph(&graph, ()).unwrap();
    }
    let copy = g.finish().unwrap();
    assert_eq!(Arc::strong_count(value(&graph, "weights")), 3);
    for name in ["import/weights", "import_1/weights"] {
        assert!(Arc::ptr_eq(value(&graph, "weights"), value(&copy, name)));
    }
    // Those of a file as well.
    let g = GraphBuilder::new();
    let options = || ImportOptions::new().prefix("");
    g.import_graph_def(graph.to_graph_def(), options()).unwrap();
    let read = g.finish().unwrap();
    let g = GraphBuilder::new();
    g.copy_graph(&read, options()).unwrap();
    let copy = g.finish().unwrap();
    assert!(Arc::ptr_eq(
        value(&read, "weights"),
        value(&copy, "weights")
    ));
}

#[test]
fn nodes_keep_who_made_them_and_where() {
    let g = GraphBuilder::new();
    let options = || ImportOptions::new().prefix("");
    let graph_def = GraphDef::decode_text("node { name: 'x' op: 'NoOp' }").unwrap();
    g.import_graph_def(graph_def, options()).unwrap();
    with_constant(&g);
    let graph = g.finish().unwrap();
    let g = GraphBuilder::new();
    g.copy_graph(&graph, options()).unwrap();
    let copy = g.finish().unwrap();
    let made = |graph: &Graph| {
        let nodes = graph.nodes().iter();
        let made = nodes.map(|node| (node.origin, node.location.to_string()));
        made.collect::<Vec<_>>()
    };
    assert_eq!(made(&copy), made(&graph));
    let origins: Vec<_> = copy.nodes().iter().map(|node| node.origin).collect();
    let expected = [
        Origin::Imported,
        Origin::Built,
        Origin::Built,
        Origin::Built,
    ];
    assert_eq!(origins, expected);
}

/// A function of one argument, which it gives back under the name of its result.
fn function(result: &str) -> GraphDef {
    GraphDef::decode_text(&format!(
        "node {{ name: 'x' op: 'Placeholder' attr {{ key: 'dtype' value {{ type: DT_FLOAT }} }} }}
         node {{ name: 'call' op: 'F' input: 'x' }}
         library {{ function {{
             signature {{
                 name: 'F' input_arg {{ name: 'x' type: DT_FLOAT }} output_arg {{ name: '{result}' type: DT_FLOAT }}
             }}
             ret {{ key: '{result}' value: 'x' }}
         }} }} versions {{ producer: 134 }}"
    ))
    .unwrap()
}

#[test]
fn a_copy_that_fails_changes_nothing() {
    let finished = |graph_def: GraphDef| {
        let g = GraphBuilder::new();
        g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
            .unwrap();
        g.finish().unwrap()
    };
    let network = {
        let g = GraphBuilder::new();
        let x = g.named("x", || g.placeholder::<f32>((None, 2)));
        let _ = g.named("y", || x * [1.0f32, 2.0]);
        g.finish().unwrap()
    };
    let old = GraphDef::decode_text(
        "versions { producer: 20 min_consumer: 3 }
         node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }
         node { name: 'y' op: 'Neg' input: 'x' attr { key: 'T' value { type: DT_FLOAT } } }",
    );
    let old = finished(old.unwrap());
    let g = GraphBuilder::new();
    g.import_graph_def(function("y"), ImportOptions::new())
        .unwrap();
    let image = g.named("image", || g.placeholder::<f32>((8, 3)));
    let ids = g.named("ids", || g.placeholder::<i32>((8, 2)));
    let options = || ImportOptions::new().prefix("");
    let function = finished(function("z"));
    let cases = [
        (
            &network,
            options().map_input("x", image),
            ErrorKind::InvalidGraph,
            "Mul \"y\": ",
        ),
        (
            &network,
            options().map_input("x", ids),
            ErrorKind::InvalidGraph,
            "Mul \"y\": ",
        ),
        (
            &network,
            options().map_input("z", ids),
            ErrorKind::NotFound,
            "input \"z:0\"",
        ),
        (
            &network,
            options().map_control_input("z", ids),
            ErrorKind::NotFound,
            "input \"^z\"",
        ),
        (
            &network,
            options().outputs(["z"]),
            ErrorKind::NotFound,
            "no tensor \"z\"",
        ),
        (
            &function,
            options(),
            ErrorKind::InvalidGraph,
            "two different functions \"F\"",
        ),
        (
            &network,
            ImportOptions::new().prefix("-"),
            ErrorKind::InvalidGraph,
            "the prefix",
        ),
        (
            &old,
            options().map_input("x", ids),
            ErrorKind::InvalidGraph,
            "Neg \"y\": ",
        ),
    ];
    let state = |g: &GraphBuilder| {
        let state = g.state.borrow();
        let library = state.library.to_proto();
        (state.nodes.len(), library, state.versions.clone())
    };
    let before = state(&g);
    for (at, (graph, options, kind, text)) in cases.into_iter().enumerate() {
        let error = g.copy_graph(graph, options).unwrap_err();
        assert_eq!(error.kind(), kind, "case {at}: {error}");
        assert!(error.to_string().contains(text), "case {at}: {error}");
        assert!(state(&g) == before, "case {at}");
        assert_eq!(g.operation("y").unwrap_err().kind(), ErrorKind::NotFound);
    }
    // Names that did not become those of nodes are free.
    let y = g
        .copy_graph(&network, options())
        .unwrap()
        .tensor("y")
        .unwrap();
    assert_eq!(y.name(), "y:0");
}
