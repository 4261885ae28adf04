//! Importing graphs: what comes out is what TensorFlow exports after it imported the same file; and what is refused.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tfhub::error::Rule;
use tfhub::graph::{GraphDef, ImportOptions};
use tfhub::{ErrorKind, GraphBuilder, Shape};

mod examples;
mod internal;
mod malformed;

pub(crate) fn fixture(file: &str) -> PathBuf {
    Path::new("tests/fixtures/graphs").join(file)
}

/// The names of the graphs.
fn names() -> Vec<String> {
    let files = fs::read_dir(fixture("")).unwrap();
    let files = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = files
        .filter_map(|file| file.strip_suffix(".ops").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 5);
    names
}

fn read(file: &str) -> GraphDef {
    GraphDef::read(fixture(file)).unwrap()
}

fn without_shapes(graph_def: GraphDef) -> Vec<u8> {
    graph_def.without_shapes().encode()
}

#[test]
fn import_and_export_is_what_tensorflow_makes_of_a_file() {
    for name in names() {
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("");
        g.import_graph_def(read(&format!("{name}.pb")), options)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let ours = g.finish().unwrap().to_graph_def();
        let theirs = read(&format!("{name}.tf.pb"));
        let lines: Vec<_> = ours.nodes().collect();
        assert_eq!(lines, theirs.nodes().collect::<Vec<_>>(), "{name}");
        assert!(
            without_shapes(ours.clone()) == theirs.encode(),
            "{name}: {:#?}",
            first_difference(&ours.without_shapes(), &theirs)
        );
        // What was exported, shapes included, is imported and exported as it is.
        let again = GraphBuilder::new();
        again
            .import_graph_def(ours.clone(), ImportOptions::new().prefix(""))
            .unwrap();
        assert!(
            again.finish().unwrap().to_graph_def().encode() == ours.encode(),
            "{name}"
        );
    }
}

#[test]
fn imports_under_the_default_prefix_are_those_of_tensorflow() {
    let names = names().into_iter();
    let twice: Vec<_> = names
        .filter(|name| fixture(&format!("{name}.import.pb")).exists())
        .collect();
    assert!(!twice.is_empty());
    for name in twice {
        let g = GraphBuilder::new();
        for prefix in ["import", "import_1"] {
            let graph_def = read(&format!("{name}.pb"));
            let imported = g.import_graph_def(graph_def, ImportOptions::new()).unwrap();
            assert_eq!(imported.prefix(), prefix);
        }
        let ours = g.finish().unwrap().to_graph_def().without_shapes();
        let theirs = read(&format!("{name}.import.pb"));
        assert!(
            ours.encode() == theirs.encode(),
            "{name}: {:#?}",
            first_difference(&ours, &theirs)
        );
    }
}

/// A line for the versions, and one for each node and function.
fn lines(graph_def: &GraphDef) -> Vec<String> {
    let text = format!("{graph_def:#?}");
    text.lines().map(str::to_owned).collect()
}

fn first_difference(ours: &GraphDef, theirs: &GraphDef) -> Option<(String, String)> {
    let (ours, theirs) = (lines(ours), lines(theirs));
    let pairs = ours.into_iter().zip(theirs);
    pairs.into_iter().find(|(ours, theirs)| ours != theirs)
}

#[test]
fn shapes_are_those_of_tensorflow() {
    for name in names() {
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("").ignore_shapes(true);
        let imported = g
            .import_graph_def(read(&format!("{name}.pb")), options)
            .unwrap();
        let text = fs::read_to_string(fixture(&format!("{name}.shapes"))).unwrap();
        let theirs: HashMap<_, _> = text
            .lines()
            .map(|line| line.split_once('\t').unwrap())
            .collect();
        let mut count = 0;
        for output in imported
            .operations()
            .flat_map(|operation| operation.outputs())
        {
            count += 1;
            let theirs = theirs[output.name().as_str()];
            let ours = output.shape().to_string().replace(' ', "");
            assert_eq!(ours, theirs, "{name}: {}", output.name());
        }
        assert_eq!(count, theirs.len(), "{name}");
    }
}

#[test]
fn inputs_are_mapped() {
    let g = GraphBuilder::new();
    let a = g.named("mine", || g.placeholder::<f32>((2, 2)));
    let after = g.op("NoOp").name("after").finish();
    let options = ImportOptions::new()
        .prefix("net")
        .map_input("a", a)
        .map_control_input("a", after);
    let imported = g.import_graph_def(read("shuffled.pb"), options).unwrap();
    assert_eq!(imported.tensor("a:0").unwrap().name(), "mine:0");
    assert_eq!(imported.operation("a").unwrap().name(), "net/a");
    assert_eq!(imported.tensor("parts:1").unwrap().name(), "net/parts:1");
    for missing in ["parts:2", "nothing", "parts:x", ":0", ""] {
        let error = imported.tensor(missing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{missing}");
    }
    let lines = lines(&g.finish().unwrap().to_graph_def());
    let node = |name: &str| {
        let start = format!("name: {name:?}");
        lines.iter().find(|line| line.contains(&start)).unwrap()
    };
    assert!(node("net/parts").contains("\"net/parts/split_dim\", \"mine\""));
    assert!(node("net/c").contains("\"^after\", \"^net/parts\""));
}

#[test]
fn a_mapped_input_that_is_not_there_is_an_error() {
    let g = GraphBuilder::new();
    let a = g.placeholder::<f32>((2, 2));
    let options = ImportOptions::new().map_input("b:0", a);
    let error = g
        .import_graph_def(read("shuffled.pb"), options)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "input \"b:0\" is mapped, but the imported graph does not have it"
    );
    assert_eq!(g.len(), 1);
}

#[test]
fn names_that_are_taken_get_a_number() {
    let g = GraphBuilder::new();
    for _ in 0..2 {
        g.import_graph_def(read("shuffled.pb"), ImportOptions::new().prefix(""))
            .unwrap();
    }
    let d = g.operation("d_1").unwrap();
    assert_eq!(d.op(), "Add");
    let x = g.named("c", || g.placeholder::<f32>(Shape::unknown()));
    assert_eq!(x.name(), "c_2:0");
    let graph_def = g.finish().unwrap().to_graph_def();
    let lines = lines(&graph_def);
    let d = lines.iter().find(|line| line.contains("\"d_1\"")).unwrap();
    assert!(d.contains("\"c_1\", \"c_1\""), "{d}");
    let groups = graph_def.encode();
    assert!(groups.windows(8).any(|bytes| bytes == b"loc:@a_1"));
}

#[test]
fn what_surrounds_an_import_applies() {
    let g = GraphBuilder::new();
    let first = g.op("NoOp").name("first").finish();
    g.device("/job:ps", || {
        g.name_scope("outer", || {
            g.control_dependencies([first], || {
                g.import_graph_def(read("shuffled.pb"), ImportOptions::new())
                    .unwrap()
            })
        })
    });
    let lines = lines(&g.finish().unwrap().to_graph_def());
    let node = |name: &str| {
        let start = format!("name: \"outer/import/{name}\"");
        lines.iter().find(|line| line.contains(&start)).unwrap()
    };
    assert!(node("a").contains("\"^first\"") && node("a").contains("/job:ps/device:CPU:0"));
    // TensorFlow lets all nodes wait, also those that others of the import come before.
    assert!(node("c").contains("\"^first\""));
    assert!(node("c").contains("/job:worker/replica:0/task:1/device:GPU:1"));
}

#[test]
fn a_failed_import_leaves_the_graph_as_it_was() {
    let g = GraphBuilder::new();
    let bytes = read("defun.pb").encode();
    let broken = malformed::replaced(&bytes, b"\x12\x08Identity", b"\x12\x08Identitx");
    let error = g
        .import_graph_def(GraphDef::decode(&broken).unwrap(), ImportOptions::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.diagnostics()[0].rule(), Rule::UnknownOp);
    assert!(g.is_empty());
    let graph_def = g.finish().unwrap().to_graph_def();
    assert!(lines(&graph_def).len() == 1);
}

fn import(bytes: &[u8]) {
    let Ok(graph_def) = GraphDef::decode(bytes) else {
        return;
    };
    let g = GraphBuilder::new();
    if g.import_graph_def(graph_def, ImportOptions::new().prefix(""))
        .is_ok()
    {
        g.finish().unwrap().to_graph_def().encode();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_files_never_panic(
        pick in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let names = names();
        let mut bytes = fs::read(fixture(&format!("{}.pb", pick.get(&names)))).unwrap();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        import(&bytes);
    }
}
