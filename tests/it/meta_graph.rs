//! Graphs, meta graphs and SavedModels in all of their forms, and modules made of parts of them.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::checkpoint::CheckpointReader;
use tfhub::graph::{GraphDef, ImportOptions, MetaGraphDef};
use tfhub::module::ModuleVariables;
use tfhub::{ErrorKind, GraphBuilder, ModuleSpec, Session, Tags, VariableSource};

use crate::golden::files;

fn fixture(name: &str) -> PathBuf {
    let fixtures = Path::new(".").join("tests/fixtures");
    fixtures.join("meta_graphs").join(name)
}

/// The names of nodes that `tf.graph_util.extract_sub_graph` keeps for outputs, in its order.
fn kept(outputs: &str) -> Vec<String> {
    let expected: serde_json::Value =
        serde_json::from_slice(&fs::read(fixture("expected.json")).unwrap()).unwrap();
    let names = expected["kept"][outputs].as_array().unwrap();
    names
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn names(graph_def: &GraphDef) -> Vec<String> {
    graph_def.nodes().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn all_forms_of_a_graph_are_the_same_graph() {
    let binary = GraphDef::read(fixture("graph.pb")).unwrap();
    assert!(binary.len() > 200);
    let text = fs::read_to_string(fixture("graph.pbtxt")).unwrap();
    assert!(GraphDef::decode_text(&text).unwrap() == binary);
    assert!(GraphDef::read(fixture("graph.pbtxt")).unwrap() == binary);
    let meta = MetaGraphDef::read(fixture("model.ckpt.meta")).unwrap();
    assert!(MetaGraphDef::read(fixture("model.pbtxt")).unwrap() == meta);
    assert_eq!(meta.tensorflow_version(), "1.15.5");
    let graph = GraphDef::from_meta_graph(fixture("model.pbtxt")).unwrap();
    assert!(graph == GraphDef::from_meta_graph(fixture("model.ckpt.meta")).unwrap());
    assert_eq!(graph.encode(), meta.into_graph_def().encode());
    // Except for shapes and nodes made in between, it is the graph.
    let same = graph
        .nodes()
        .zip(binary.nodes())
        .take_while(|(a, b)| a == b);
    assert_eq!(same.count(), graph.len().min(binary.len()));
}

#[test]
fn graphs_in_text_form_are_those_in_binary_form() {
    let fixtures = Path::new(".").join("tests/fixtures");
    let mut graphs = 0;
    for entry in fs::read_dir(fixtures.join("texts")).unwrap() {
        let text = entry.unwrap().path();
        if text
            .extension()
            .is_none_or(|extension| extension != "pbtxt")
        {
            continue;
        }
        let name = text.file_stem().unwrap();
        let binary = fixtures.join("graphs").join(name).with_extension("pb");
        let (text, binary) = (GraphDef::read(&text), GraphDef::read(binary));
        assert_eq!(text.unwrap().encode(), binary.unwrap().encode(), "{name:?}");
        graphs += 1;
    }
    assert_eq!(graphs, 10);
}

#[test]
fn a_meta_graph_tells_its_variables() {
    let meta = MetaGraphDef::read(fixture("model.ckpt.meta")).unwrap();
    let variables = meta.variables().unwrap();
    let of = |name: &str| variables.iter().find(|it| it.name == name).unwrap();
    assert_eq!(
        of("dense/kernel").initial_value.as_deref(),
        Some("dense/Const:0")
    );
    assert_eq!(of("dense/kernel").initializer, "dense/kernel/Assign");
    assert!(of("dense/bias").trainable && !of("dense/twice").trainable);
    assert!(!of("global_step").trainable && !of("dense/kernel/Adam").trainable);
    assert!(meta.collections().any(|key| key == "train_op"));
}

#[test]
fn the_part_that_outputs_need_is_that_of_tensorflow() {
    let graph = GraphDef::read(fixture("graph.pb")).unwrap();
    for outputs in ["y", "ids", "x,words,y,ids", "dense/kernel"] {
        let part = graph.clone().extract_sub_graph(outputs.split(',')).unwrap();
        assert_eq!(names(&part), kept(outputs), "{outputs}");
        let tensors = outputs.split(',').map(|name| format!("{name}:0"));
        assert!(graph.clone().extract_sub_graph(tensors).unwrap() == part);
    }
    let error = graph.extract_sub_graph(["y", "z:0"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "the graph has no tensor \"z:0\"");
}

const OUTPUTS: [&str; 4] = ["x:0", "words:0", "y:0", "ids:0"];

/// The module of the outputs of a training graph.
fn module(meta: MetaGraphDef, prefix: &str) -> tfhub::Result<ModuleSpec> {
    ModuleSpec::new(|g| {
        let options = ImportOptions::new().prefix(prefix).outputs(OUTPUTS);
        let imported = g.import_meta_graph(meta, options.clear_devices(true))?;
        let [x, words, y, ids] = OUTPUTS.map(|name| imported.tensor(name));
        let signature = g.signature("default").input("x", x?).input("words", words?);
        signature.output("y", y?).output("ids", ids?);
        Ok::<(), tfhub::Error>(())
    })
}

#[test]
fn a_checkpoint_and_its_meta_graph_are_a_module() {
    let dir = tempfile::tempdir().unwrap();
    let mut modules = Vec::new();
    for form in ["model.ckpt.meta", "model.pbtxt"] {
        let spec = module(MetaGraphDef::read(fixture(form)).unwrap(), "").unwrap();
        let path = dir.path().join(form);
        let prefix = fixture("model.ckpt");
        spec.export_from_checkpoint(&path, &prefix).unwrap();
        let values = CheckpointReader::open(path.join("variables/variables")).unwrap();
        let kernel = values.read("dense/kernel").unwrap();
        // As trained, not as initialized.
        assert_eq!(
            kernel.as_slice::<f32>().unwrap(),
            [1.25, 2.5, 3.75, 5.0, 6.25, 7.5]
        );
        let stored = VariableSource::names(&values).unwrap();
        let expected = ["dense/bias", "dense/kernel", "dense/twice", "part/scale"];
        assert_eq!(stored, expected);
        modules.push((spec, files(&path).unwrap()));
        // What was exported is a module in its own right.
        let again = ModuleSpec::from_saved_model(&path, ()).unwrap();
        let variables = ModuleVariables::open(&path).unwrap();
        let out = dir.path().join("again");
        again.export(&out, &variables).unwrap();
        assert!(files(&out).unwrap().keys().eq(modules[0].1.keys()));
        fs::remove_dir_all(out).unwrap();
    }
    assert!(modules[0].1 == modules[1].1);

    let graph = modules[0].0.graph(&Tags::none()).unwrap();
    let graph_def = graph.to_graph_def();
    let mut found = names(&graph_def);
    let mut expected = kept("module");
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(!format!("{graph_def:#?}").contains("GPU"));
}

#[test]
fn variables_are_known_by_their_ops_where_no_collection_lists_them() {
    let graph = GraphDef::read(fixture("graph.pb")).unwrap();
    let spec = ModuleSpec::new(|g| {
        let options =
            ImportOptions::new()
                .prefix("")
                .outputs(["dense/add:0", "ids", "x:0", "words:0"]);
        let imported = g.import_meta_graph(graph.clone().into(), options)?;
        let [x, words, dense, ids] =
            ["x", "words", "dense/add:0", "ids"].map(|name| imported.tensor(name));
        let signature = g.signature("default").input("x", x?).input("words", words?);
        signature.output("dense", dense?).output("ids", ids?);
        Ok::<(), tfhub::Error>(())
    });
    let spec = spec.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("module");
    spec.export_from_checkpoint(&path, fixture("model.ckpt"))
        .unwrap();
    let values = CheckpointReader::open(path.join("variables/variables")).unwrap();
    let stored = VariableSource::names(&values).unwrap();
    assert_eq!(stored, ["dense/bias", "dense/kernel"]);
    let bytes = fs::read(path.join("saved_model.pb")).unwrap();
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(has("table_initializer") && has("dense/kernel/Assign") && !has("trainable_variables"));

    // One that nothing initializes cannot be loaded again.
    let graph = GraphDef::decode_text(
        "node { name: 'v' op: 'VariableV2' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'shape' value { shape {} } } }",
    );
    let g = GraphBuilder::new();
    let options = ImportOptions::new().prefix("");
    let error = g
        .import_meta_graph(graph.unwrap().into(), options)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error
            .to_string()
            .starts_with("variable \"v\" has no initializer"),
        "{error}"
    );
}

#[test]
fn the_names_of_variables_are_put_under_the_prefix() {
    let spec = module(
        MetaGraphDef::read(fixture("model.ckpt.meta")).unwrap(),
        "m/n",
    )
    .unwrap();
    let session = Session::new(&spec).unwrap();
    let names: Vec<_> = session.variables().map(|it| it.name.clone()).collect();
    assert_eq!(
        names,
        [
            "m/n/dense/bias",
            "m/n/dense/kernel",
            "m/n/dense/twice",
            "m/n/part/scale/part_0",
            "m/n/part/scale/part_1"
        ]
    );
    let values = CheckpointReader::open(fixture("model.ckpt")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let renamed = values.renamed(|name| name.trim_start_matches("m/n/").to_owned());
    spec.export(dir.path().join("module"), &renamed).unwrap();
    let bytes = fs::read(dir.path().join("module/saved_model.pb")).unwrap();
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(has("m/n/dense/kernel:0"));
    assert!(has("m/n/dense/kernel/Assign") && has("m/n/part/scale"));
}

#[test]
fn variables_without_their_nodes_are_refused() {
    let text = fs::read_to_string(fixture("model.pbtxt")).unwrap();
    let import = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let meta = MetaGraphDef::decode_text(&text.replace(from, to)).unwrap();
        module(meta, "").unwrap_err()
    };
    let error = import("dense/kernel/Assign\\032", "dense/kernel/assign\\032");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(
        error.to_string(),
        "variable \"dense/kernel\" has \"dense/kernel/assign\", which is not in the graph"
    );
    let error = import(
        "value: \"\\n\\016dense/kernel:0",
        "value: \"\\n\\377dense/kernel:0",
    );
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(
        error.to_string().contains("a VariableDef is malformed"),
        "{error}"
    );
}

#[test]
fn damaged_meta_graphs_are_imported_or_refused() {
    let bytes = fs::read(fixture("model.ckpt.meta")).unwrap();
    let mut refused = 0;
    for place in (0..bytes.len()).step_by(1499) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 7);
        for damaged in [&bytes[..place], &flipped] {
            let meta = MetaGraphDef::decode(damaged);
            refused += usize::from(meta.and_then(|meta| module(meta, "m")).is_err());
        }
    }
    assert!(refused > 50, "{refused}");
}

const UNKNOWN: &str = "
    node { name: 'x' op: 'MyReader' }
    node { name: 'c' op: 'MyCheck' input: 'x' }
    node { name: 'y' op: 'Neg' input: 'x' input: '^c' attr { key: 'T' value { type: DT_FLOAT } }
           attr { key: '_class' value { list { s: 'loc:@near' } } } }
    node { name: 'near' op: 'NoOp' device: '/device:GPU:0' }
    node { name: 'f' op: 'used' input: 'y' }
    node { name: 'train' op: 'MyOptimizer' input: 'y' input: 'missing' }
    library {
      function { signature { name: 'used' input_arg { name: 'a' type: DT_FLOAT } output_arg { name: 'b' type: DT_FLOAT } }
                 node_def { name: 'n' op: 'inner' input: 'a' } ret { key: 'b' value: 'n:b:0' } }
      function { signature { name: 'inner' input_arg { name: 'a' type: DT_FLOAT } output_arg { name: 'b' type: DT_FLOAT } }
                 ret { key: 'b' value: 'a' } }
      function { signature { name: 'grad' } }
      function { signature { name: 'other' } node_def { name: 'n' op: 'MyOp' } }
      gradient { function_name: 'inner' gradient_func: 'grad' }
      gradient { function_name: 'other' gradient_func: 'grad' }
    }";

#[test]
fn what_outputs_do_not_need_does_not_matter() {
    let graph = GraphDef::decode_text(UNKNOWN).unwrap();
    let import = |options: fn(&GraphBuilder) -> ImportOptions<'_>| {
        let g = GraphBuilder::new();
        let result = g.import_graph_def(graph.clone(), options(&g)).map(|_| ());
        result.map(|()| g.finish().unwrap().to_graph_def())
    };
    let fails = |options, text: &str| {
        let error = import(options).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    fails(|_| ImportOptions::new(), "missing");
    fails(|_| ImportOptions::new().outputs(["f"]), "MyReader \"x\"");
    fails(
        |_| ImportOptions::new().outputs(["g:0"]),
        "no tensor \"g:0\"",
    );
    fails(
        |g| {
            let x = g.placeholder::<f32>(());
            ImportOptions::new().map_input("x", x).outputs(["f"])
        },
        "MyCheck \"c\"",
    );
    fn options(g: &GraphBuilder) -> ImportOptions<'_> {
        let x = g.placeholder::<f32>(());
        let options = ImportOptions::new().prefix("").map_input("x:0", x);
        options.map_control_input("c", x.any().operation())
    }
    let part = import(|g| options(g).outputs(["f"])).unwrap();
    assert_eq!(names(&part), ["Placeholder", "y", "near", "f"]);
    let text = format!("{part:#?}");
    assert!(text.contains("GPU"), "{text}");
    assert!(
        text.contains("\"grad\"") && text.contains("\"inner\""),
        "{text}"
    );
    assert!(!text.contains("\"other\""), "{text}");
    let part = import(|g| options(g).outputs(["y:0"]).clear_devices(true)).unwrap();
    assert_eq!(names(&part), ["Placeholder", "y", "near"]);
    let text = format!("{part:#?}");
    assert!(
        !text.contains("GPU") && !text.contains("\"used\""),
        "{text}"
    );
}

#[test]
fn loops_are_kept_whole() {
    let fixtures = Path::new(".").join("tests/fixtures/graphs");
    for (name, outputs) in [("while_v1", "Exit"), ("cond_v1", "Merge")] {
        let graph = GraphDef::read(fixtures.join(format!("{name}.pb"))).unwrap();
        let output = graph
            .nodes()
            .find(|(_, op)| *op == outputs)
            .unwrap()
            .0
            .to_owned();
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("").outputs([&output]);
        let imported = g.import_graph_def(graph.clone(), options).unwrap();
        let count = imported
            .operations()
            .filter(|it| it.op() == "NextIteration")
            .count();
        assert_eq!(count > 0, name == "while_v1", "{name}");
        g.finish().unwrap();
    }
}

#[test]
fn saved_models_in_text_form_are_read_where_there_is_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let plain = Path::new(".").join("tests/fixtures/saved_models/plain");
    let text = dir.path().join("text");
    fs::create_dir(&text).unwrap();
    fs::copy(fixture("plain.pbtxt"), text.join("saved_model.pbtxt")).unwrap();
    let variables = ModuleVariables::open(&plain).unwrap();
    let mut modules = Vec::new();
    for directory in [&plain, &text] {
        let spec = ModuleSpec::from_saved_model(directory, ()).unwrap();
        let out = dir.path().join(format!("module{}", modules.len()));
        spec.export(&out, &variables).unwrap();
        modules.push(files(&out).unwrap());
    }
    assert!(modules[0] == modules[1]);
    // As TensorFlow's loader, which does not look at the text then.
    fs::write(text.join("saved_model.pb"), "").unwrap();
    let error = ModuleSpec::from_saved_model(&text, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(
        error
            .to_string()
            .ends_with("saved_model.pb: the file is empty"),
        "{error}"
    );
}

#[test]
fn another_file_is_named_with_what_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(".").join("tests/fixtures");
    let model = root.join("saved_models/plain/saved_model.pb");
    let pointer = dir.path().join("pointer");
    fs::write(
        &pointer,
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    )
    .unwrap();
    let page = dir.path().join("page");
    fs::write(&page, "<!DOCTYPE html><html></html>").unwrap();
    let versions = dir.path().join("versions");
    fs::create_dir_all(versions.join("9")).unwrap();
    fs::create_dir_all(versions.join("10/variables")).unwrap();
    fs::copy(&model, versions.join("10/saved_model.pb")).unwrap();
    type Read = fn(&Path) -> tfhub::Result<()>;
    let graph: Read = |path| GraphDef::read(path).map(drop);
    let meta: Read = |path| GraphDef::from_meta_graph(path).map(drop);
    let saved: Read = |path| ModuleSpec::from_saved_model(path, ()).map(drop);
    let index = fixture("model.ckpt.index");
    let data = fixture("model.ckpt.data-00000-of-00001");
    for (read, path, kind, text) in [
        (
            graph,
            &pointer,
            ErrorKind::Unsupported,
            "expected a GraphDef, found a Git LFS pointer (`git lfs pull`",
        ),
        (
            graph,
            &page,
            ErrorKind::Unsupported,
            "expected a GraphDef, found an HTML page",
        ),
        (
            graph,
            &model,
            ErrorKind::Unsupported,
            "expected a GraphDef, found a SavedModel (`ModuleSpec::from_saved_model`",
        ),
        (
            graph,
            &fixture("plain.pbtxt"),
            ErrorKind::Unsupported,
            "found a SavedModel in text form (`ModuleSpec::from_saved_model`",
        ),
        (
            graph,
            &fixture("model.ckpt.meta"),
            ErrorKind::Unsupported,
            "found a MetaGraphDef (`GraphDef::from_meta_graph`",
        ),
        (
            graph,
            &fixture("model.pbtxt"),
            ErrorKind::Unsupported,
            "found a MetaGraphDef in text form",
        ),
        (
            graph,
            &fixture("model.ckpt"),
            ErrorKind::NotFound,
            "there is ",
        ),
        (
            graph,
            &index,
            ErrorKind::Unsupported,
            "found the index of a checkpoint (`checkpoint::CheckpointReader`",
        ),
        (graph, &data, ErrorKind::Corrupt, "not a GraphDef"),
        (
            graph,
            &fixture("graph.ptxt"),
            ErrorKind::NotFound,
            "No such file",
        ),
        (
            graph,
            &root.join("states/first"),
            ErrorKind::Unsupported,
            "found the state file of a directory of checkpoints",
        ),
        (
            graph,
            &root.join("saved_models/plain"),
            ErrorKind::Unsupported,
            "found the directory of a SavedModel or module",
        ),
        (
            graph,
            &root,
            ErrorKind::Unsupported,
            "expected a GraphDef, found a directory",
        ),
        (
            meta,
            &fixture("graph.pb"),
            ErrorKind::Unsupported,
            "expected a MetaGraphDef, found a GraphDef (`GraphDef::read`",
        ),
        (
            meta,
            &fixture("graph.pbtxt"),
            ErrorKind::Unsupported,
            "expected a MetaGraphDef, found a GraphDef in text form",
        ),
        (
            meta,
            &fixture("model.ckpt"),
            ErrorKind::NotFound,
            "model.ckpt.meta",
        ),
        (
            meta,
            &model,
            ErrorKind::Unsupported,
            "expected a MetaGraphDef, found a SavedModel",
        ),
        (meta, &page, ErrorKind::Unsupported, "found an HTML page"),
        (
            saved,
            &model,
            ErrorKind::Unsupported,
            "expected the directory of a SavedModel, found a SavedModel",
        ),
        (
            saved,
            &fixture("graph.pb"),
            ErrorKind::Unsupported,
            "expected the directory of a SavedModel, found a GraphDef",
        ),
        (
            saved,
            &versions,
            ErrorKind::NotFound,
            "there is a SavedModel in ",
        ),
        (
            saved,
            &versions.join("10/variables"),
            ErrorKind::NotFound,
            "there is a SavedModel in ",
        ),
        (
            saved,
            &dir.path().join("nothing"),
            ErrorKind::NotFound,
            "saved_model.pb: No such file",
        ),
    ] {
        let error = read(path).unwrap_err();
        let shown = error.to_string();
        assert!(shown.contains(text), "{}: {shown}", path.display());
        assert_eq!(error.kind(), kind, "{shown}");
        let path = error.path().unwrap().display().to_string();
        assert!(shown.contains(&path) && !shown.contains('\n'), "{shown}");
    }
}
