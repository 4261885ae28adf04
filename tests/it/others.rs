//! SavedModels that others have published: what `tests/conformance/others.py` judges.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::module::SavedModelOptions;
use tfhub::{Exporter, ModuleSpec, Result};

use crate::{consumers, modules};

/// Loads each model in `$TFHUB_MODELS_DIR` that `list.txt` in `$TFHUB_OTHERS_DIR` names, with the collections that are
/// dropped; writes it again, and inside of another module. What is refused has a file with the reason instead. Without the
/// variables, the model is a module of the table that has lost its marker.
#[test]
fn export_conformance_others() {
    let Some(target) = std::env::var_os("TFHUB_OTHERS_DIR").map(PathBuf::from) else {
        return convert_one();
    };
    let models = PathBuf::from(std::env::var_os("TFHUB_MODELS_DIR").expect("the models"));
    assert!(target.is_absolute() && models.is_absolute());
    let list = fs::read_to_string(target.join("list.txt")).unwrap();
    for line in list.lines() {
        let mut words = line.split('\t');
        let name = words.next().expect("a name");
        let dropped: Vec<_> = words.collect();
        let out = target.join("ours").join(name);
        let reason = out.with_file_name(format!("{name}.error"));
        note(
            convert(&models.join(name), &dropped, &out.join("copy")),
            &reason,
        );
        if !reason.exists() {
            let consumer = out.join("consumer");
            note(
                consumers::export(&out.join("copy"), "fixed", &consumer),
                &out.join("consumer.error"),
            );
        }
    }
}

/// Keeps the reason for which something could not be made.
fn note(result: Result<()>, reason: &Path) {
    if let Err(error) = result {
        fs::write(reason, error.to_string()).unwrap();
    }
}

fn convert_one() {
    let scratch = tempfile::tempdir().unwrap();
    let modules = modules::all();
    let dense = modules.iter().find(|module| module.name == "dense");
    let [model, copy, outer] = ["model", "copy", "outer"].map(|name| scratch.path().join(name));
    dense.expect("a module").export(&model).unwrap();
    fs::remove_file(model.join("tfhub_module.pb")).unwrap();
    convert(&model, &[], &copy).unwrap();
    for file in [
        "saved_model.pb",
        "variables/variables.data-00000-of-00001",
        "variables/variables.index",
    ] {
        let same = fs::read(copy.join(file)).unwrap() == fs::read(model.join(file)).unwrap();
        assert!(same, "{file}");
    }
    consumers::export(&copy, "fixed", &outer).unwrap();
    let consumer = ModuleSpec::load(&outer).unwrap();
    assert!(consumer.variants().next().unwrap().variables.len() > 1);
}

/// Loads a model and exports it with its values.
fn convert(model: &Path, dropped: &[&str], out: &Path) -> Result<()> {
    let spec = match dropped {
        [] => ModuleSpec::load(model)?,
        _ => {
            let options = SavedModelOptions::new().drop_collections(dropped.iter().copied());
            ModuleSpec::from_saved_model(model, options)?
        }
    };
    fs::create_dir_all(out.parent().expect("a directory")).unwrap();
    Exporter::new(&spec).export(out, &spec.values()?)?;
    Ok(())
}
