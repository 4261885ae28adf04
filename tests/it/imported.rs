//! What binds modules that are made of files: TensorFlow Hub's verdicts, from tests/scripts/make_imported.py and
//! signature_names.py.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::error::Rule;
use tfhub::graph::{GraphDef, ImportOptions};
use tfhub::module::SavedModelOptions;
use tfhub::{ErrorKind, ModuleSpec, Result, Tags};

fn fixtures() -> PathBuf {
    Path::new(".").join("tests/fixtures")
}

/// A module whose function imports a graph, as the script has hub define it.
fn wrapped(path: &Path) -> Result<ModuleSpec> {
    ModuleSpec::new(|g| -> Result<()> {
        let graph_def = GraphDef::read(path)?;
        let imported = g.import_graph_def(graph_def, ImportOptions::new().prefix(""))?;
        g.default_signature(imported.tensor("x:0")?, imported.tensor("y:0")?);
        Ok(())
    })
}

/// Files that name nodes which they do not have; hub finds that when the module is applied.
const DANGLING: [&str; 2] = ["loss_that_is_not_there", "output_that_is_not_there"];

#[test]
fn what_is_imported_is_refused_where_hub_refuses_it() {
    let directory = fixtures().join("imported");
    let verdicts = fs::read_to_string(directory.join("verdicts.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in verdicts.lines() {
        let (name, verdict) = line.split_once(' ').unwrap();
        let path = directory.join(name);
        let spec = match path.is_dir() {
            true => ModuleSpec::from_saved_model(&path, ()),
            false => wrapped(&path),
        };
        let expected = match DANGLING.contains(&name) {
            true => "refused",
            false => verdict,
        };
        match spec {
            Ok(_) if expected == "taken" => {}
            Err(_) if expected == "refused" => {}
            Ok(_) => wrong.push(format!("{name}: taken")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(verdicts.lines().count() > 35);
}

#[test]
fn faults_are_those_of_the_file_that_has_them() {
    let directory = fixtures().join("imported");
    let path = directory.join("foreign_collection");
    let file = path.join("saved_model.pb");
    let line = line!() + 1;
    let error = ModuleSpec::from_saved_model(&path, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    assert_eq!(error.path(), Some(file.as_path()));
    let message = "a module cannot carry collection \"losses\"; drop it or do not fill it";
    assert_eq!(
        error.to_string(),
        format!("{}: M06: {message}", file.display())
    );
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(fault.file(), Some(file.as_path()));
    assert_eq!(
        (fault.location().file(), fault.location().line()),
        (file!(), line)
    );

    // A node is named, too.
    let path = directory.join("asset_of_no_constant");
    let error = ModuleSpec::from_saved_model(&path, ()).unwrap_err();
    let text = format!("{}: ", path.join("saved_model.pb").display());
    assert!(error.to_string().starts_with(&text), "{error}");
    assert!(error.to_string().contains("\"y:0\""), "{error}");

    // And where the graph itself is not one.
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(directory.join("model/saved_model.pb")).unwrap();
    let at = bytes
        .windows(5)
        .position(|part| part == b"\x12\x03Mul")
        .unwrap();
    bytes[at..at + 5].copy_from_slice(b"\x12\x03Mup");
    let file = dir.path().join("saved_model.pb");
    fs::write(&file, bytes).unwrap();
    let error = ModuleSpec::from_saved_model(dir.path(), ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Unsupported, Some(file.as_path()))
    );
    let text = format!("{}: B01: Mup \"mul\": ", file.display());
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!(error.diagnostics()[0].location().file(), file!());

    // A graph that the author imports is at the author's line.
    let error = wrapped(&directory.join("colocated_state.pb")).unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}")
    };
    assert_eq!(
        (fault.rule(), fault.node(), fault.file()),
        (Rule::StateColocation, "v", None)
    );
    assert_eq!(fault.location().file(), file!());
}

#[test]
fn variants_can_be_left_out() {
    let path = fixtures().join("imported/unsigned_variant");
    let tags = |options: &SavedModelOptions| -> Result<Vec<String>> {
        let spec = ModuleSpec::from_saved_model(&path, options.clone())?;
        Ok(spec.tags().map(ToString::to_string).collect())
    };
    let options = SavedModelOptions::new();
    assert_eq!(tags(&options).unwrap(), ["{serve}", "{train}"]);
    assert_eq!(
        tags(&options.clone().without_variant(["train"])).unwrap(),
        ["{serve}"]
    );
    assert_eq!(
        tags(&options.clone().only_variant(["train"])).unwrap(),
        ["{train}"]
    );
    let error = tags(&options.clone().only_variant(Tags::none())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = "saved_model.pb: the SavedModel has no variant {}, expected one of {serve}, {train}";
    assert!(error.to_string().ends_with(text), "{error}");
    let both = options
        .without_variant(["train"])
        .without_variant(["serve"]);
    let error = tags(&both).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    assert!(
        error
            .to_string()
            .ends_with("M02: the module has no variant"),
        "{error}"
    );
}

/// The text of a JSON string.
fn unescaped(json: &str) -> String {
    let inner = json
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let mut chars = inner.unwrap().chars();
    let mut text = String::new();
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => match chars.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'u' => {
                    let code: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap()
                }
                other => other,
            },
            other => other,
        });
    }
    match text.as_str() {
        "x*1000" => "x".repeat(1000),
        _ => text,
    }
}

/// A field of a message that is bytes, text or a message.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut len = bytes.len();
    while len > 127 {
        field.push(len as u8 | 128);
        len >>= 7;
    }
    field.push(len as u8);
    field.extend(bytes);
    field
}

/// The SavedModel of one constant, which a signature of these names gives back.
fn saved_model(signature: &str, input: &str, output: &str) -> Vec<u8> {
    let node = [field(1, b"x"), field(2, b"Placeholder"), {
        let float = [field(1, b"dtype"), field(2, &[0x30, 1])].concat();
        field(5, &float)
    }];
    let end = |side, key: &str| {
        let info = [field(1, b"x:0"), vec![0x10, 1]].concat();
        let tensor = [field(1, key.as_bytes()), field(2, &info)].concat();
        field(side, &tensor)
    };
    let ends = [end(1, input), end(2, output)].concat();
    let signature = [field(1, signature.as_bytes()), field(2, &ends)].concat();
    let meta_graph = [field(2, &field(1, &node.concat())), field(5, &signature)].concat();
    field(2, &meta_graph)
}

#[test]
fn names_of_signatures_and_keys_are_those_that_hub_can_apply() {
    let table = fs::read_to_string(fixtures().join("signature_names.txt")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (kind, rest) = line.split_once(' ').unwrap();
        let mut words = rest.rsplitn(3, ' ');
        let (taken_over, built) = (words.next().unwrap(), words.next().unwrap());
        let name = unescaped(words.next().unwrap());
        let (signature, inputs, outputs) = match kind {
            "signature" => (name.as_str(), vec!["default"], vec!["default"]),
            "input" => ("default", vec![name.as_str()], vec!["default"]),
            "output" => ("default", vec!["default"], vec![name.as_str()]),
            _ => match name.as_str() {
                "none" => ("default", vec![], vec![]),
                "no_outputs" => ("default", vec!["x"], vec![]),
                _ => ("default", vec!["x"], vec!["y", "z"]),
            },
        };
        let spec = ModuleSpec::new(|g| {
            let x = g.placeholder::<f32>(());
            let builder = g.signature(signature);
            let builder = inputs
                .iter()
                .fold(builder, |builder, key| builder.input(*key, x));
            outputs
                .iter()
                .fold(builder, |builder, key| builder.output(*key, x));
        });
        if spec.is_ok() != (built == "ok") {
            wrong.push(format!("{line}: {spec:?}"));
        }
        if let Ok(spec) = spec {
            let variant = spec.variants().next().unwrap();
            let found = &variant.signatures[0];
            let expected = if signature.is_empty() {
                "default"
            } else {
                signature
            };
            assert!(found.name == expected && found.can_be_applied(), "{line}");
            assert!(found.inputs.keys().eq(&inputs), "{line}");
        }
        let ([input], [output]) = (&inputs[..], &outputs[..]) else {
            continue;
        };
        let file = dir.path().join("saved_model.pb");
        fs::write(&file, saved_model(signature, input, output)).unwrap();
        let spec = ModuleSpec::from_saved_model(dir.path(), ()).unwrap();
        let variant = spec.variants().next().unwrap();
        let found = &variant.signatures[0];
        assert!(
            found.name == signature && found.outputs.contains_key(*output),
            "{line}"
        );
        if found.can_be_applied() != (taken_over == "ok") {
            wrong.push(format!("{line}: taken over"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.lines().count() > 120);
}
