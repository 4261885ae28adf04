//! Checkpoints and SavedModels exchanged with TensorFlow, which `tests/conformance/exchange.py` writes and judges.

use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use tfhub::checkpoint::{CheckpointReader, CheckpointState, CheckpointWriter, latest_checkpoint};
use tfhub::module::{
    LatestModuleExporter, ModuleVariables, SavedModelOptions, exports, keep_last_exports,
};
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Result, Session, VariableSource};

use crate::modules::{self, Module};

/// What the names of variables begin with in the checkpoints of training runs.
const PREFIX: &str = "encoder/";

/// Reads what TensorFlow wrote to the directories in `$TFHUB_CHECKPOINTS_DIR`, and writes what it is to read to `ours`
/// in each of them. Without the variable there is one directory, with what the crate itself writes.
#[test]
fn exchange_conformance_checkpoints() {
    let scratch = tempfile::tempdir().unwrap();
    let root = match std::env::var_os("TFHUB_CHECKPOINTS_DIR") {
        Some(root) => PathBuf::from(root),
        None => {
            train(&scratch.path().join("tfhub"));
            scratch.path().to_owned()
        }
    };
    assert!(root.is_absolute(), "{} is not absolute", root.display());
    let roots = entries(&root);
    assert!(!roots.is_empty(), "nothing in {}", root.display());
    let mut all = String::new();
    for root in roots {
        let ours = root.join("ours");
        fs::create_dir(&ours).unwrap();
        let mut failures = String::new();
        for kind in ["checkpoints", "distributed"] {
            for train_dir in entries(&root.join(kind)) {
                let out = ours.join(kind).join(train_dir.file_name().unwrap());
                fs::create_dir_all(&out).unwrap();
                note(&mut failures, &train_dir, restore(&train_dir, &out));
            }
        }
        for saved_model in entries(&root.join("saved_models")) {
            let out = ours
                .join("saved_models")
                .join(saved_model.file_name().unwrap());
            fs::create_dir_all(&out).unwrap();
            note(&mut failures, &saved_model, convert(&saved_model, &out));
        }
        note(&mut failures, &root, read_states(&root, &ours));
        note(
            &mut failures,
            &root,
            write_states(&ours.join("written_states")),
        );
        note(
            &mut failures,
            &root,
            export_latest(&root.join("latest"), &ours),
        );
        fs::write(ours.join("failures"), &failures).unwrap();
        all += &failures;
    }
    assert_eq!(all, "");
}

/// Keeps an error as a line that begins with the path of what could not be done.
fn note(failures: &mut String, path: &Path, result: Result<()>) {
    if let Err(error) = result {
        let text = error.to_string().replace('\n', "; ");
        writeln!(failures, "{}\t{text}", path.display()).unwrap();
    }
}

/// The directories in a directory, or nothing if there is none.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    paths
}

/// Writes a checkpoint for every module of the table that has variables.
fn train(root: &Path) {
    let modules = modules::all().into_iter();
    for module in modules.filter(|module| !module.is_row()).step_by(5) {
        let session = module.session(&module.spec().unwrap()).unwrap();
        if session.variables().len() == 0 {
            continue;
        }
        let directory = root.join("checkpoints").join(module.name);
        fs::create_dir_all(&directory).unwrap();
        let mut writer = CheckpointWriter::create(directory.join("model.ckpt-1")).unwrap();
        for variable in session.variables() {
            let value = session.value(&variable.name).unwrap();
            writer
                .add(&format!("{PREFIX}{}", variable.name), value)
                .unwrap();
        }
        writer.finish().unwrap();
        let state = CheckpointState::new("model.ckpt-1", [""; 0]);
        state.write(&directory).unwrap();
    }
}

fn module(name: &str) -> Module {
    let mut modules = modules::all().into_iter();
    let module = modules.find(|module| module.name == name);
    module.unwrap_or_else(|| panic!("no module {name}"))
}

/// Exports the module that a directory of checkpoints is named after from the latest of them, saves sessions that were
/// restored from it, and exports one.
fn restore(train_dir: &Path, out: &Path) -> Result<()> {
    let name = train_dir.file_name().unwrap().to_str().unwrap();
    let module = module(name);
    let spec = module.spec()?;
    let prefix = latest_checkpoint(train_dir)?.expect("there is a checkpoint");
    let rename = |name: &str| format!("{PREFIX}{name}");
    Exporter::new(&spec).export_from_checkpoint(out.join("export"), &prefix, rename)?;
    let reader = CheckpointReader::open(&prefix)?;
    let values = reader.with_prefix(PREFIX);

    let mut restored = Session::new(&spec)?;
    let report = restored.restore(&values)?;
    assert!(report.is_complete());
    save(&restored, &out.join("restored"))?;
    spec.export(out.join("session"), &restored)?;

    let mut assigned = Session::new(&spec)?;
    let names: Vec<_> = assigned.variables().map(|variable| variable.name).collect();
    for name in &names {
        let value = values
            .variable(name)?
            .expect("it was restored")
            .into_value()?;
        assigned.assign_value(name, value.into_owned())?;
    }
    save(&assigned, &out.join("assigned"))?;

    // Every second variable is not found, and keeps its initial value.
    let absent = |name: &str| match names.iter().position(|known| known == name) {
        Some(index) if index % 2 == 0 => format!("absent/{name}"),
        _ => name.to_owned(),
    };
    let mut partial = module.session(&spec)?;
    let report = partial.restore_partial(&values.renamed(absent))?;
    assert_eq!(report.missing.len(), names.len().div_ceil(2));
    save(&partial, &out.join("partial"))
}

/// Saves a session as the only checkpoint of a new directory.
fn save(session: &Session, directory: &Path) -> Result<()> {
    fs::create_dir(directory).unwrap();
    session.save(directory.join("model.ckpt-1"))?;
    CheckpointState::new("model.ckpt-1", [""; 0]).write(directory)
}

/// Makes a module of a SavedModel, with its variables at once and by way of a session and its checkpoint. A file beside
/// the directory names further collections to drop.
fn convert(saved_model: &Path, out: &Path) -> Result<()> {
    let drop = fs::read_to_string(saved_model.with_extension("drop")).unwrap_or_default();
    let options = SavedModelOptions::new().drop_collections(drop.lines());
    let spec = ModuleSpec::from_saved_model(saved_model, options)?;
    let variables = ModuleVariables::open(saved_model)?;
    spec.export(out.join("export"), &variables)?;
    let mut session = Session::new(&spec)?;
    session.restore(&variables)?;
    session.save(out.join("model.ckpt"))?;
    spec.export_from_checkpoint(out.join("checkpoint"), out.join("model.ckpt"))
        .map(|_| ())
}

/// Writes a line for each directory with a file `checkpoint`: its name, the latest checkpoint, and all of them.
fn read_states(root: &Path, ours: &Path) -> Result<()> {
    let mut lines = String::new();
    for directory in entries(&root.join("states")) {
        let name = directory.file_name().unwrap().to_str().unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let latest = match latest_checkpoint(&directory) {
            Ok(latest) => latest.map_or("none".to_owned(), |path| text(&path)),
            Err(_) => "refused".to_owned(),
        };
        let all = match CheckpointState::read(&directory) {
            Ok(Some(state)) => state.all.iter().map(|path| text(path)).collect(),
            _ => Vec::new(),
        };
        writeln!(lines, "{name}\t{latest}\t{}", all.join("\t")).unwrap();
    }
    fs::write(ours.join("states.tsv"), lines).unwrap();
    Ok(())
}

/// Writes three checkpoints to each of several directories, with a file `checkpoint` that has their paths in another
/// form each.
fn write_states(out: &Path) -> Result<()> {
    let up: PathBuf = std::env::current_dir()
        .unwrap()
        .components()
        .skip(1)
        .map(|_| "..")
        .collect();
    for form in ["names", "absolute", "relative"] {
        let directory = out.join(form);
        fs::create_dir_all(&directory).unwrap();
        // The same directory seen from here.
        let normal = directory
            .components()
            .filter(|part| matches!(part, Component::Normal(_)));
        let relative = up.join(normal.collect::<PathBuf>());
        let (at, target) = match form {
            "names" => (PathBuf::new(), &directory),
            "absolute" => (directory.clone(), &directory),
            _ => (relative.clone(), &relative),
        };
        let path = |step: u8| at.join(format!("model.ckpt-{step}"));
        for step in 1..=3 {
            let g = GraphBuilder::new();
            g.get_variable("v")
                .initial_value([f32::from(step); 3])
                .finish();
            g.get_variable("step")
                .initial_value(i64::from(step))
                .finish();
            let session = Session::new(&g.finish()?)?;
            session.save(directory.join(format!("model.ckpt-{step}")))?;
            CheckpointState::new(path(step), (1..step).map(path)).write(target)?;
        }
    }
    Ok(())
}

/// Exports the modules listed in a file, each with its name, that in the table, and the prefix of its variables, from
/// the latest checkpoint: three times, of which two are kept.
fn export_latest(directory: &Path, ours: &Path) -> Result<()> {
    let Ok(list) = fs::read_to_string(directory.join("modules.tsv")) else {
        return Ok(());
    };
    let lines: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let specs: Vec<_> = lines
        .iter()
        .map(|fields| module(fields[1]).spec())
        .collect::<Result<_>>()?;
    let mut exporter = LatestModuleExporter::new().exports_to_keep(2);
    for (fields, spec) in lines.iter().zip(&specs) {
        exporter = exporter.register(fields[0], spec, fields[2])?;
    }
    let out = ours.join("latest");
    let mut made = Vec::new();
    for _ in 0..3 {
        let export = exporter.export(directory.join("train"), &out)?;
        made.extend(export.map(|export| export.path));
    }
    assert_eq!(exports(&out)?, made[1..]);
    assert!(keep_last_exports(&out, 2)?.is_empty());
    Ok(())
}
