//! Files that travel with modules.

use std::fs;
use std::path::Path;

use tfhub::error::Rule;
use tfhub::graph::keys;
use tfhub::module::ModuleVariables;
use tfhub::ops::lookup::index_table_from_file;
use tfhub::ops::{array, io};
use tfhub::{ErrorKind, Exporter, GraphBuilder, ModuleSpec, Result, Session, Tags};

use crate::golden::files;

fn contents(g: &GraphBuilder, name: &str, path: &Path) {
    let path = g.asset(path);
    g.signature(name).output("content", io::read_file(path));
}

fn export(spec: &ModuleSpec, target: &Path) -> Result<Vec<String>> {
    let summary = Exporter::new(spec)
        .replace(true)
        .export(target, &Session::new(spec)?)?;
    let paths = summary.files.iter();
    Ok(paths.map(|file| file.path.display().to_string()).collect())
}

#[test]
fn what_is_not_there_is_found_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("out/module");
    let words = dir.path().join("words.txt");
    fs::write(&words, "one").unwrap();
    let good = ModuleSpec::new(|g| contents(g, "default", &words)).unwrap();
    let written = ["assets/words.txt", "saved_model.pb", "tfhub_module.pb"];
    assert_eq!(export(&good, &target).unwrap(), written);
    let before = files(&target).unwrap();

    let missing = dir.path().join("missing.txt");
    let mut lines = Vec::new();
    let spec = ModuleSpec::builder()
        .variant(Tags::none(), |g| {
            contents(g, "words", &words);
            lines.push(line!() + 1);
            let path = g.asset(&missing);
            g.signature("missing").output("path", path);
        })
        .variant(["train"], |g| {
            // The same file is named once.
            contents(g, "missing", &missing);
            lines.push(line!() + 1);
            index_table_from_file(g, dir.path(), ());
        })
        .finish()
        .unwrap();
    let error = export(&spec, &target).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let found: Vec<_> = error
        .diagnostics()
        .iter()
        .map(|fault| (fault.rule(), fault.node(), fault.location().line()))
        .collect();
    let table = "string_to_index/hash_table/asset_path";
    assert_eq!(
        found,
        [
            (Rule::Asset, "Const_1", lines[0]),
            (Rule::Asset, table, lines[1])
        ]
    );
    let text = error.to_string();
    let first = format!("M10: Const \"Const_1\": cannot read the asset {missing:?}: No such file");
    assert!(text.contains(&first), "{text}");
    let second = format!("M10: variant {{train}}: Const \"{table}\": cannot read the asset ");
    assert!(text.contains(&second), "{text}");
    assert!(text.ends_with(": expected a file"), "{text}");
    assert_eq!(files(&target).unwrap(), before);
    assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 1);
    // What an asset holds is read when the module is exported.
    fs::write(&words, "two").unwrap();
    export(&good, &target).unwrap();
    assert_eq!(fs::read(target.join("assets/words.txt")).unwrap(), b"two");
}

#[cfg(unix)]
#[test]
fn links_of_the_author_are_followed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("v7"), "words").unwrap();
    let link = dir.path().join("words.txt");
    std::os::unix::fs::symlink("v7", &link).unwrap();
    let spec = ModuleSpec::new(|g| contents(g, "default", &link)).unwrap();
    let target = dir.path().join("module");
    export(&spec, &target).unwrap();
    let asset = target.join("assets/words.txt");
    assert!(fs::symlink_metadata(&asset).unwrap().is_file());
    assert_eq!(fs::read(asset).unwrap(), b"words");
}

#[test]
fn progress_counts_the_bytes_of_assets() {
    let dir = tempfile::tempdir().unwrap();
    let large = dir.path().join("large");
    let size = (5 << 20) + 3;
    fs::write(&large, vec![7; size]).unwrap();
    let spec = ModuleSpec::new(|g| {
        contents(g, "default", &large);
        g.get_variable::<f32>("v").shape([4]).finish();
    })
    .unwrap();
    let mut steps = Vec::new();
    let session = Session::new(&spec).unwrap();
    Exporter::new(&spec)
        .on_progress(|progress| steps.push((progress.bytes_done, progress.bytes)))
        .export(dir.path().join("module"), &session)
        .unwrap();
    // An asset is never in memory as a whole.
    assert!(steps.len() > 5);
    let size = size as u64;
    assert!(steps.iter().all(|&(_, bytes)| bytes == size + 16));
    assert_eq!(steps.last().unwrap().0, size + 16);
    let copied = fs::read(dir.path().join("module/assets/large")).unwrap();
    assert!(copied == vec![7; size as usize]);
}

#[test]
fn a_collection_of_assets_holds_constants_alone() {
    let error = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>(());
        g.default_signature(x, x);
        g.add_to_collection(keys::ASSET_FILEPATHS, g.no_op());
    })
    .unwrap_err();
    let text = error.to_string();
    let expected = "M10: expected the constants that hold the paths of assets in collection \
                    \"asset_filepaths\", found NoOp";
    assert!(text.ends_with(expected), "{text}");
}

/// A module that was read may be exported to where it was read from, with its assets.
#[test]
fn a_module_is_replaced_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let words = dir.path().join("words.txt");
    fs::write(&words, "one").unwrap();
    let spec = ModuleSpec::new(|g| {
        contents(g, "default", &words);
        let file = index_table_from_file(g, &words, ());
        let found = file.lookup(array::reshape(g.constant("one"), [1]));
        g.signature("ids").output("ids", found);
    })
    .unwrap();
    let target = dir.path().join("module");
    export(&spec, &target).unwrap();
    let before = files(&target).unwrap();
    fs::remove_file(&words).unwrap();
    let again = ModuleSpec::from_saved_model(&target, ()).unwrap();
    let values = ModuleVariables::open(&target).unwrap();
    Exporter::new(&again)
        .replace(true)
        .export(&target, &values)
        .unwrap();
    assert_eq!(files(&target).unwrap(), before);
}
