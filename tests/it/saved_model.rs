//! Modules made of SavedModels that TensorFlow wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tfhub::checkpoint::CheckpointReader;
use tfhub::module::ModuleVariables;
use tfhub::module::{SavedModelOptions, TensorDescription, TensorKind};
use tfhub::{DType, ErrorKind, Exporter, ModuleSpec, Session, Shape, Tags, VariableSource};

use crate::golden::{files, place};

fn fixture(name: &str) -> PathBuf {
    let fixtures = Path::new(".").join("tests/fixtures/saved_models");
    fixtures.join(name)
}

/// Exports the module of a SavedModel and compares it with hub's export.
fn exported(name: &str) -> (ModuleSpec, tempfile::TempDir) {
    let hubs = files(&fixture(name)).unwrap().into_iter();
    let expected = hubs.filter_map(|(file, content)| {
        let file = file.strip_prefix("hub.")?;
        Some((place(file), content))
    });
    let expected: BTreeMap<_, _> = expected.collect();
    let dir = tempfile::tempdir().unwrap();
    let spec = ModuleSpec::from_saved_model(fixture(name), ()).unwrap();
    let variables = ModuleVariables::open(fixture(name)).unwrap();
    let module = dir.path().join("module");
    spec.export(&module, &variables).unwrap();
    // By way of a session, and of a checkpoint that it saves, it is the same module.
    let mut session = Session::new(&spec).unwrap();
    session.restore(&variables).unwrap();
    spec.export(dir.path().join("session"), &session).unwrap();
    session.save(dir.path().join("ckpt")).unwrap();
    let again = dir.path().join("checkpoint");
    spec.export_from_checkpoint(&again, dir.path().join("ckpt"))
        .unwrap();
    for module in ["module", "session", "checkpoint"] {
        let mut found = files(&dir.path().join(module)).unwrap();
        found.retain(|path, _| !path.ends_with('/') && path != "tfhub_module.pb");
        assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
        for (path, content) in found {
            assert!(content == expected[&path], "{name}: {module}/{path}");
        }
    }
    (spec, dir)
}

#[test]
fn a_saved_model_with_reference_variables_is_a_module() {
    let (spec, _dir) = exported("plain");
    let variant = spec.variants().next().unwrap();
    assert_eq!(variant.tags, Tags::from(["serve"]));
    // The signature that stands for the initializer is gone.
    let [signature] = &variant.signatures[..] else {
        panic!("{variant:?}")
    };
    assert_eq!(signature.name, "serving_default");
    assert_eq!(signature.inputs["x"].shape.to_string(), "[?, 2]");
    assert_eq!(signature.outputs["y"].tensor, "y:0");
    let session = Session::new(&spec).unwrap();
    let variables = session.variables();
    let variables: Vec<_> = variables
        .map(|v| (v.name, v.dtype, v.shape, v.trainable))
        .collect();
    assert_eq!(
        variables,
        [
            ("b".to_owned(), DType::Float32, Shape::from(2), false),
            (
                "global_step".to_owned(),
                DType::Int64,
                Shape::scalar(),
                false
            ),
            ("w".to_owned(), DType::Float32, Shape::from([2, 2]), true),
        ]
    );
    assert_eq!(
        session.value("w").unwrap().as_slice::<f32>().unwrap(),
        [1.0, 2.0, 3.0, 4.0]
    );
}

#[test]
fn partitioned_variables_keep_their_parts() {
    let (spec, dir) = exported("partitioned");
    let reader = CheckpointReader::open(dir.path().join("ckpt")).unwrap();
    assert_eq!(reader.names().unwrap(), ["m/table", "n/bias"]);
    let table = reader.get("m/table").unwrap().unwrap();
    assert_eq!((table.shape, table.slices.len()), (vec![5, 2], 3));
    let mut session = Session::new(&spec).unwrap();
    let report = session.restore(&reader).unwrap();
    assert!(report.unused.is_empty(), "{report}");
    let part = session.value("m/table/part_1").unwrap();
    assert_eq!(
        (part.shape(), part.as_slice::<f32>().unwrap()),
        (&[2, 2][..], &[2.0; 4][..])
    );
    // A whole value, as other programs have it, is cut.
    let whole = reader.read("m/table").unwrap();
    let values = [
        ("m/table", whole),
        ("n/bias", reader.read("n/bias").unwrap()),
    ];
    let values: BTreeMap<_, _> = values.map(|(name, value)| (name.to_owned(), value)).into();
    let report = session.restore(&values).unwrap();
    assert_eq!(report.matched[2].value.name, "m/table");
    let exporter = Exporter::new(&spec);
    exporter.export(dir.path().join("cut"), &values).unwrap();
    for file in ["index", "data-00000-of-00002", "data-00001-of-00002"] {
        let read = |module: &str| {
            fs::read(
                dir.path()
                    .join(format!("{module}/variables/variables.{file}")),
            )
            .unwrap()
        };
        assert_eq!(read("cut"), read("module"));
    }
}

#[test]
fn variables_of_unknown_shapes_have_those_of_their_values() {
    let (spec, dir) = exported("unknown");
    let initial = Session::new(&spec).unwrap();
    let shapes = |session: &Session| {
        let shapes = session.variables().map(|it| it.shape.to_string());
        shapes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shapes(&initial), "[2] [] [1, 2]");
    let values = ModuleVariables::open(dir.path().join("module")).unwrap();
    let mut session = Session::new(&spec).unwrap();
    let report = session.restore(&values).unwrap();
    assert_eq!(
        report.to_string(),
        "matched \"old\": float32 <unknown>\n\
         matched \"v\": float32 <unknown>\n\
         matched \"w\": float32 [?, 2]\n"
    );
    assert_eq!(shapes(&session), "[1, 3] [3, 1] [3, 2]");
    session.assign("v", 5f32).unwrap();
    session.assign("w", [[1f32, 2.0]]).unwrap();
    assert_eq!(shapes(&session), "[1, 3] [] [1, 2]");
    let error = session.assign("w", [[1f32, 2.0, 3.0]]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let expected = "variable \"w\": expected float32 [?, 2], found float32 [1, 3]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn sparse_and_ragged_tensors_stay_what_they_are() {
    let (spec, _dir) = exported("composite");
    let variant = spec.variants().next().unwrap();
    let signature = &variant.signatures[0];
    let kinds = ["rows", "x"].map(|key| signature.inputs[key].kind);
    let ragged = TensorKind::Ragged {
        ragged_rank: 1,
        row_splits_dtype: DType::Int64,
    };
    assert_eq!(kinds, [ragged, TensorKind::Sparse]);
    assert_eq!(signature.outputs["lengths"].kind, TensorKind::Dense);
    let described = |ends: &BTreeMap<String, TensorDescription>| -> Vec<String> {
        let ends = ends.iter().map(|(key, end)| {
            let parts = end.components.join(" ");
            format!(
                "{key}: {} {} {} = {parts}",
                end.tensor, end.dtype, end.shape
            )
        });
        ends.collect()
    };
    assert_eq!(
        described(&signature.inputs),
        [
            "rows: rows/flat_values:0 int64 [?, ?] = rows/flat_values:0 rows/row_splits_0:0",
            "x: x/values:0 float32 [3, 2] = x/values:0 x/indices:0 x/shape:0",
        ]
    );
    assert_eq!(
        described(&signature.outputs),
        [
            "lengths: RaggedRowLengths/sub:0 int64 [?] = ",
            "negated: negated:0 float32 [3, 2] = negated:0 x/indices:0 x/shape:0",
            "rows: rows/flat_values:0 int64 [?, ?] = rows/flat_values:0 rows/row_splits_0:0",
        ]
    );
}

#[test]
fn a_module_that_was_not_changed_is_written_as_it_was_read() {
    for name in ["control_flow", "wider"] {
        let (spec, dir) = exported(name);
        // A second time from what was written.
        let module = dir.path().join("module");
        let again = ModuleSpec::from_saved_model(&module, ()).unwrap();
        let values = ModuleVariables::open(&module).unwrap();
        again.export(dir.path().join("again"), &values).unwrap();
        let written = |name: &str| fs::read(dir.path().join(name).join("saved_model.pb")).unwrap();
        assert!(written("module") == written("again"), "{name}");
        assert_eq!(spec.tags().len(), 1);
    }
    // What is known of shapes is as narrow as ever, and signatures say what the file says.
    let (spec, dir) = exported("wider");
    let graph = spec.graph(&Tags::from(["serve"])).unwrap().to_text();
    let relu = graph.lines().find(|line| line.starts_with("Relu"));
    assert!(relu.unwrap().contains("[2, 3]"), "{graph}");
    let bytes = fs::read(dir.path().join("module/saved_model.pb")).unwrap();
    for kept in [
        "_mine",
        "before",
        "features",
        "/cpu:0",
        "split:0",
        "regularization_losses",
    ] {
        assert!(
            bytes
                .windows(kept.len())
                .any(|part| part == kept.as_bytes()),
            "{kept}"
        );
    }
}

#[test]
fn tensors_that_make_up_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved_model.pb");
    let refused = |info: &[u8], kind, text: &str| {
        // A graph without nodes, and a signature "s" with an output "y".
        let len = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let output = [&[0x0a, 1, b'y', 0x12, len(info)], info].concat();
        let def = [&[0x12, len(&output)], &output[..]].concat();
        let entry = [&[0x0a, 1, b's', 0x12, len(&def)], &def[..]].concat();
        let meta_graph = [&[0x12, 0, 0x2a, len(&entry)], &entry[..]].concat();
        fs::write(&path, [&[0x12, len(&meta_graph)], &meta_graph[..]].concat()).unwrap();
        let error = ModuleSpec::from_saved_model(dir.path(), ()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
    };
    let none = "signature \"s\": \"y\" is neither a tensor nor a composite of tensors";
    refused(&[], ErrorKind::Corrupt, none);
    // Of no components, of one without a name, and of both kinds.
    refused(&[0x2a, 0], ErrorKind::Corrupt, none);
    refused(&[0x2a, 2, 0x12, 0], ErrorKind::Corrupt, none);
    refused(&[0x0a, 1, b'a', 0x22, 0], ErrorKind::Corrupt, none);
    // Tensors that the graph does not have.
    refused(&[0x22, 3, 0x0a, 1, b'a'], ErrorKind::NotFound, "\"a\"");
    refused(
        &[0x2a, 5, 0x12, 3, 0x0a, 1, b'b'],
        ErrorKind::NotFound,
        "\"b\"",
    );
}

#[test]
fn what_is_no_saved_model_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |kind, text: &str| {
        let error = ModuleSpec::from_saved_model(dir.path(), ()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let text_found = error.to_string();
        assert!(
            text_found.contains(text) && text_found.contains("saved_model.pb"),
            "{error}"
        );
    };
    refused(ErrorKind::NotFound, "cannot read");
    let path = dir.path().join("saved_model.pb");
    fs::write(&path, "").unwrap();
    refused(ErrorKind::Corrupt, "the file is empty");
    fs::write(&path, "what else").unwrap();
    refused(ErrorKind::Corrupt, "not a SavedModel");
    let bytes = fs::read(fixture("plain/saved_model.pb")).unwrap();
    for len in (0..bytes.len()).step_by(997) {
        fs::write(&path, &bytes[..len]).unwrap();
        refused(ErrorKind::Corrupt, "");
    }
    // A message with an object graph, field 7.
    let graph = [&[0x12, 0x04, 0x12, 0x00, 0x3a, 0x00][..]].concat();
    fs::write(&path, graph).unwrap();
    refused(ErrorKind::Unsupported, "one of TensorFlow 2");
    // An asset of no node, field 6.
    fs::write(&path, [0x12, 0x04, 0x12, 0x00, 0x32, 0x00]).unwrap();
    refused(ErrorKind::Corrupt, "an asset's tensor is \"\", expected");
    // Nothing but a graph without nodes is a module, as hub has it.
    fs::write(&path, [0x12, 0x02, 0x12, 0x00]).unwrap();
    ModuleSpec::from_saved_model(dir.path(), ()).unwrap();
}

/// Puts the files of a golden directory where a module has them; gives their names.
fn copy_golden(golden: &Path, to: &Path) -> Vec<String> {
    for folder in ["variables", "assets"] {
        fs::create_dir(to.join(folder)).unwrap();
    }
    let copy = |file: std::io::Result<fs::DirEntry>| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        fs::copy(file.path(), to.join(place(&name))).unwrap();
        name
    };
    fs::read_dir(golden).unwrap().map(copy).collect()
}

/// Modules that hub wrote are SavedModels, too, and come out as they went in.
#[test]
fn modules_written_by_hub_are_read_and_written_again() {
    let golden = Path::new(".").join("tests/fixtures/golden");
    let mut same = 0;
    for entry in fs::read_dir(golden).unwrap() {
        let golden = entry.unwrap().path();
        let dir = tempfile::tempdir().unwrap();
        let names = copy_golden(&golden, dir.path());
        // The data of some is left out for its size.
        let has = |start: &str| names.iter().any(|name| name.starts_with(start));
        if has("variables.index") != has("variables.data") {
            continue;
        }
        let spec = ModuleSpec::from_saved_model(dir.path(), ()).unwrap();
        let values = ModuleVariables::open(dir.path()).unwrap();
        let out = dir.path().join("out");
        spec.export(&out, &values).unwrap();
        for name in names {
            let after = out.join(place(&name));
            let before = fs::read(golden.join(&name)).unwrap();
            assert!(
                before == fs::read(&after).unwrap(),
                "{} {name}",
                golden.display()
            );
        }
        same += 1;
    }
    assert!(same > 60, "{same}");
}

#[test]
fn assets_of_a_saved_model_are_those_of_the_module() {
    let (_, dir) = exported("assets");
    let module = dir.path().join("module");
    let assets = files(&module.join("assets")).unwrap();
    assert!(
        assets
            .keys()
            .eq(["animals.csv", "words.txt", "words.txt_1"])
    );
    // No path of the machine that wrote them is in a constant, but tables bear those of their files in their names.
    let model = fs::read(module.join("saved_model.pb")).unwrap();
    let count = |text: &str| {
        let parts = model.windows(text.len());
        parts.filter(|part| *part == text.as_bytes()).count()
    };
    assert_eq!(count("SAVEDMODEL-ASSET"), 4);
    assert_eq!(count("tests/conformance/assets"), 3);
    assert_eq!(count("hash_table_tests/conformance/assets"), 3);
}

/// A module with one asset, whose file and graph `change` changes; what the module is read as.
fn changed(
    change: impl FnOnce(&Path, &mut Vec<u8>),
) -> (tempfile::TempDir, tfhub::Result<ModuleSpec>) {
    let golden = Path::new(".").join("tests/fixtures/golden");
    let dir = tempfile::tempdir().unwrap();
    let module = dir.path().join("module");
    fs::create_dir(&module).unwrap();
    copy_golden(&golden.join("asset_path"), &module);
    let model = module.join("saved_model.pb");
    let mut bytes = fs::read(&model).unwrap();
    change(&module, &mut bytes);
    fs::write(&model, bytes).unwrap();
    let spec = ModuleSpec::from_saved_model(&module, ());
    (dir, spec)
}

/// Puts `to` for the first `from`, which has as many bytes.
fn put(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).position(|part| part == from);
    let at = at.unwrap();
    bytes[at..at + from.len()].copy_from_slice(to);
}

#[test]
fn assets_that_are_none_or_elsewhere_are_refused() {
    let refused = |kind, text: &str, change: &dyn Fn(&Path, &mut Vec<u8>)| {
        let (_dir, spec) = changed(change);
        let error = spec.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
    };
    for outside in ["../../x.y", "/etc/host", "sub/../..", "././././."] {
        let text = format!("in \"assets\" for the asset \"vocabulary\", found {outside:?}");
        refused(ErrorKind::Corrupt, &text, &|_, bytes| {
            put(bytes, b"words.txt", outside.as_bytes());
        });
    }
    refused(ErrorKind::NotFound, "assets/words.txt", &|module, _| {
        fs::remove_file(module.join("assets/words.txt")).unwrap();
    });
    refused(
        ErrorKind::Corrupt,
        "words.txt: is an asset, but not a file",
        &|module, _| {
            fs::remove_file(module.join("assets/words.txt")).unwrap();
            fs::create_dir(module.join("assets/words.txt")).unwrap();
        },
    );
    refused(
        ErrorKind::Corrupt,
        "tensor is \"vocabulary:1\"",
        &|_, bytes| {
            while bytes.windows(12).any(|part| part == b"vocabulary:0") {
                put(bytes, b"vocabulary:0", b"vocabulary:1");
            }
        },
    );
    refused(
        ErrorKind::Corrupt,
        "asset \"words.txt\" belongs to the node \"vocabulary\", which the graph does not have",
        &|_, bytes| put(bytes, b"\x0a\x0avocabulary", b"\x0a\x0avocabularz"),
    );
    refused(
        ErrorKind::Corrupt,
        "holds other messages than tensorflow.AssetFileDef",
        &|_, bytes| {
            put(
                bytes,
                b"tensorflow.AssetFileDef",
                b"tensorflow.AssetFileDex",
            )
        },
    );
    // A file below a directory of its own is one.
    let (_dir, spec) = changed(|module, bytes| {
        fs::create_dir(module.join("assets/sub")).unwrap();
        fs::write(module.join("assets/sub/w.txt"), "words").unwrap();
        put(bytes, b"words.txt", b"sub/w.txt");
    });
    spec.unwrap();
}

#[cfg(unix)]
#[test]
fn links_out_of_a_directory_are_not_followed() {
    use std::os::unix::fs::symlink;
    for link in ["assets/words.txt", "assets"] {
        let (dir, spec) = changed(|module, _| {
            let elsewhere = module.parent().unwrap().join("elsewhere");
            fs::rename(module.join(link), &elsewhere).unwrap();
            symlink(&elsewhere, module.join(link)).unwrap();
        });
        let error = spec.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        let text = error.to_string();
        assert!(
            text.contains("assets/words.txt: is an asset, but leads out of the directory"),
            "{text}"
        );
        drop(dir);
    }
    // One that stays inside is, and gives the file its name.
    let (dir, spec) = changed(|module, _| {
        fs::rename(module.join("assets/words.txt"), module.join("assets/v1")).unwrap();
        symlink("v1", module.join("assets/words.txt")).unwrap();
    });
    let (out, spec) = (dir.path().join("out"), spec.unwrap());
    spec.export(&out, &Session::new(&spec).unwrap()).unwrap();
    assert_eq!(files(&out.join("assets")).unwrap().len(), 1);
    assert!(out.join("assets/words.txt").is_file());
}

#[test]
fn a_constant_without_a_file_is_no_asset() {
    let (dir, _) = changed(|_, _| {});
    let module = dir.path().join("module");
    let without = |keys: &[&str]| {
        let options = SavedModelOptions::new().drop_collections(keys.iter().copied());
        ModuleSpec::from_saved_model(&module, options)
    };
    let error = without(&["saved_model_assets"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = error.to_string();
    assert!(
        text.ends_with(
            "\"vocabulary:0\" is in the collection \"asset_filepaths\", but \"saved_model_assets\" has no file for it; drop \
             the collection if the path may stay in the graph"
        ),
        "{text}"
    );
    // The constant holds what it held, or a path in the directory.
    let export = |spec: ModuleSpec, name: &str| {
        let out = dir.path().join(name);
        spec.export(&out, &Session::new(&spec).unwrap()).unwrap();
        assert!(files(&out.join("assets")).unwrap().is_empty());
        fs::read(out.join("saved_model.pb")).unwrap()
    };
    let has = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    let kept = export(
        without(&["asset_filepaths", "saved_model_assets"]).unwrap(),
        "kept",
    );
    assert!(has(&kept, "SAVEDMODEL-ASSET") && !has(&kept, "asset_filepaths"));
    let found = export(without(&["asset_filepaths"]).unwrap(), "found");
    assert!(has(
        &found,
        module.join("assets/words.txt").to_str().unwrap()
    ));
    assert!(!has(&found, "asset_filepaths") && !has(&found, "saved_model_assets"));
}
