//! Modules that were trained in a program around them: the checkpoints are those of `tests/conformance/fine_tuning.py`.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::checkpoint::{CheckpointReader, CheckpointWriter};
use tfhub::module::{Module, ModuleOptions};
use tfhub::{GraphBuilder, ModuleSpec, Result, Tags, TensorValue, VariableSource as _};

use crate::{consumers, modules};

/// The scope of the module in the program.
const SCOPE: [&str; 2] = ["model", "encoder"];

/// Exports each module that `list.txt` in a directory of `$TFHUB_FINE_TUNING_DIR` names, from the checkpoint of the program
/// that trained it. What is refused has a file with the reason instead. Without the variable, the program is one of this
/// test.
#[test]
fn export_conformance_fine_tuning() {
    let Some(root) = std::env::var_os("TFHUB_FINE_TUNING_DIR").map(PathBuf::from) else {
        return train_some();
    };
    assert!(root.is_absolute(), "{} is not absolute", root.display());
    for work in fs::read_dir(root).unwrap() {
        let work = work.unwrap().path();
        let list = fs::read_to_string(work.join("list.txt")).unwrap();
        for line in list.lines() {
            let mut words = line.split(' ');
            let (name, path) = (words.next().expect("a name"), words.next().expect("a path"));
            let tags: Vec<_> = words.collect();
            let trained = work.join("trained").join(name).join("model.ckpt-10");
            let out = work.join("ours").join(name);
            if let Err(error) = export(Path::new(path), &tags, &trained, &out) {
                let reason = out.with_file_name(format!("{name}.error"));
                fs::write(reason, error.to_string()).unwrap();
            }
        }
    }
}

/// Puts a module into a program, and exports it with the values of the program's checkpoint.
fn export(path: &Path, tags: &[&str], trained: &Path, out: &Path) -> Result<()> {
    let spec = ModuleSpec::load(path)?;
    let tags: Tags = tags.iter().copied().collect();
    let variant = spec.variants().find(|it| it.tags == tags);
    let variant = variant.expect("the variant that was trained");
    let [outer, name] = SCOPE;
    let g = GraphBuilder::new();
    let module = g.variable_scope(outer, |_| {
        g.get_variable::<f32>("before").shape([2]).finish();
        let options = ModuleOptions::new().name(name).trainable(true);
        Module::new(&g, &spec, options.tags(variant.tags.clone()))
    });
    for signature in variant.signatures.iter().filter(|it| it.can_be_applied()) {
        let inputs = consumers::placeholders(&g, signature);
        consumers::apply(module, signature, &inputs);
    }
    let graph = g.finish()?;
    let values = CheckpointReader::open(trained)?;
    graph.module(&SCOPE.join("/"))?.export(out, &values)?;
    Ok(())
}

/// A program that adds 1 to all variables of some modules of the table.
fn train_some() {
    let scratch = tempfile::tempdir().unwrap();
    for name in ["dense", "bn_images_mode", "bn_in_parts", "cl_embed"] {
        let all = modules::all();
        let module = all.iter().find(|module| module.name == name);
        let [published, trained, out] =
            ["published", "trained", "out"].map(|it| scratch.path().join(it).join(name));
        module
            .expect("a module of the table")
            .export(&published)
            .unwrap();
        let spec = ModuleSpec::load(&published).unwrap();
        let values = spec.values().unwrap();
        fs::create_dir_all(&trained).unwrap();
        let trained = trained.join("model.ckpt-10");
        let mut writer = CheckpointWriter::create(&trained).unwrap();
        let prefix = SCOPE.join("/");
        writer
            .add("model/before", TensorValue::scalar(1f32))
            .unwrap();
        for name in values.names().unwrap() {
            let value = values.variable(&name).unwrap().expect("a variable");
            let value = value.into_value().unwrap().into_owned();
            let more: Vec<f32> = value
                .as_slice::<f32>()
                .unwrap()
                .iter()
                .map(|it| it + 1.0)
                .collect();
            let slot = format!("{prefix}/{name}/Momentum");
            writer.add(&slot, TensorValue::scalar(0f32)).unwrap();
            let value = TensorValue::new(value.shape(), more).unwrap();
            writer.add(&format!("{prefix}/{name}"), &value).unwrap();
        }
        writer.finish().unwrap();
        let tags: Vec<&str> = match spec.variants().count() {
            1 => Vec::new(),
            _ => vec!["train"],
        };
        export(&published, &tags, &trained, &out).unwrap();
        let tuned = ModuleSpec::load(&out).unwrap().values().unwrap();
        for name in values.names().unwrap() {
            let [before, after] = [&values, &tuned].map(|values| {
                let value = values.variable(&name).unwrap().expect("a variable");
                value.into_value().unwrap().into_owned()
            });
            let before = before.as_slice::<f32>().unwrap().iter();
            assert!(
                before
                    .map(|it| it + 1.0)
                    .eq(after.as_slice::<f32>().unwrap().iter().copied())
            );
        }
        let graph = |path: &Path| fs::read(path.join("saved_model.pb")).unwrap();
        assert!(graph(&published) == graph(&out));
    }
}
