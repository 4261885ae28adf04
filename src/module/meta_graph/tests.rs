//! Copies of graphs with their collections against imports of the meta graphs that they are written as.

use std::fs;
use std::path::Path;

use super::*;
use crate::proto::tensorflow as pb;
use crate::variable::Variables;

/// Of the meta graphs in the fixtures, many of which are alike, each third.
const STEP: usize = 3;

/// Meta graphs in the fixtures, each with the name of its file.
fn fixtures() -> Vec<(String, MetaGraphDef)> {
    let mut meta_graphs = Vec::new();
    let mut open = vec![Path::new(".").join("tests/fixtures")];
    while let Some(path) = open.pop() {
        let name = path.display().to_string();
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if name.ends_with("saved_model.pb") {
            let model = pb::SavedModel::decode(&fs::read(&path).unwrap()[..]).unwrap_or_default();
            let found = model.meta_graphs.into_iter();
            meta_graphs.extend(found.map(|message| (name.clone(), MetaGraphDef { message })));
        } else if name.ends_with(".meta") {
            meta_graphs.push((name, MetaGraphDef::read(&path).unwrap()));
        }
    }
    meta_graphs.sort_by(|(a, _), (b, _)| a.cmp(b));
    meta_graphs.into_iter().step_by(STEP).collect()
}

/// The meta graph that a graph is written as.
fn written(graph: &Graph) -> MetaGraphDef {
    MetaGraphDef {
        message: pb::MetaGraphDef {
            graph_def: Some(graph.to_message()),
            collection_def: graph.to_collection_defs(),
            ..Default::default()
        },
    }
}

type Add = for<'g> fn(&'g GraphBuilder, &Graph, ImportOptions<'g>) -> Result<Imported<'g>>;

const WAYS: [Add; 2] = [
    |g, graph, options| g.import_meta_graph(written(graph), options),
    |g, graph, options| g.copy_meta_graph(graph, options),
];

/// The graph after it was added to another, which has a node already, in this way.
fn added(add: Add, graph: &Graph, prefix: &str, output: Option<&str>) -> Graph {
    let g = GraphBuilder::new();
    g.op("NoOp").name("before").finish();
    let mut options = ImportOptions::new().prefix(prefix);
    if let Some(output) = output {
        options = options.outputs([output]);
    }
    add(&g, graph, options).unwrap();
    g.finish().unwrap()
}

#[test]
fn a_copy_with_collections_is_what_an_import_of_the_written_meta_graph_is() {
    let mut count = 0;
    let mut keys = HashSet::default();
    // Those with longer names by one are copied without their collections, in another test.
    let taken = fixtures()
        .into_iter()
        .filter(|(file, _)| file.len() % 2 == 1);
    for (file, meta_graph) in taken {
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("");
        if g.import_meta_graph(meta_graph, options).is_err() {
            continue;
        }
        let graph = g.finish().unwrap();
        let names: Vec<_> = graph.node_names().collect();
        let output = (names.len() > 1).then(|| names[names.len() * 2 / 3]);
        for (prefix, output) in [("", None), ("net", None), ("net", output)] {
            let [imported, copied] = WAYS.map(|add| added(add, &graph, prefix, output));
            let collections = copied.to_collection_defs();
            assert_eq!(
                collections,
                imported.to_collection_defs(),
                "{file} {output:?}"
            );
            assert!(
                copied.to_graph_def() == imported.to_graph_def(),
                "{file} {output:?}"
            );
            let variables = |graph: &Graph| {
                let variables = graph.extension::<Variables>();
                format!("{:?}", variables.map(|variables| &variables.list))
            };
            assert_eq!(
                variables(&copied),
                variables(&imported),
                "{file} {output:?}"
            );
            keys.extend(collections.keys().cloned());
        }
        count += 1;
    }
    assert!(count > 60, "{count}");
    for key in VARIABLE_COLLECTIONS
        .iter()
        .chain(&NODE_COLLECTIONS)
        .chain(&contexts::COLLECTIONS)
    {
        assert!(keys.contains(*key), "{key}");
    }
}

#[test]
fn items_keep_the_lines_that_added_them() {
    let g = GraphBuilder::new();
    let variable = g.get_variable("v").initial_value([1.0f32]).finish();
    let loss = variable.value() * 2.0;
    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    let graph = g.finish().unwrap();
    let g = GraphBuilder::new();
    g.copy_meta_graph(&graph, ()).unwrap();
    let copy = g.finish().unwrap();
    let lines = |graph: &Graph| {
        let keys = [
            keys::VARIABLES,
            keys::TRAINABLE_VARIABLES,
            keys::REGULARIZATION_LOSSES,
        ];
        let lines = keys.map(|key| {
            let lines = graph.collections().located(key);
            lines.map(|(_, line)| line.to_string()).collect::<Vec<_>>()
        });
        lines.concat()
    };
    assert_eq!(lines(&graph).len(), 3);
    assert_eq!(lines(&copy), lines(&graph));
    // A copy of what the author built is bound by the same rules.
    assert!(copy.extension::<ImportedMetaGraph>().is_none());
}
