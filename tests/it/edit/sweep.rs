//! Edits of all modules of the table, which `tests/conformance/edits.py` loads in TensorFlow.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tfhub::module::{ModuleEditor, Unfreeze};
use tfhub::{DType, ErrorKind, ModuleSpec, Result, Session};

use crate::modules;

/// An edit of a module, which may make files in a directory.
type Edit = fn(&mut ModuleEditor<'_>, &ModuleSpec, &Path) -> Result<()>;

/// The edits by the names of their directories.
const EDITS: [(&str, Edit); 12] = [
    ("renamed", |editor, _, _| {
        editor
            .rename_variables(|name| Some(format!("edited/{name}")))
            .map(drop)
    }),
    ("bfloat16", |editor, _, _| {
        editor.cast_floats(DType::BFloat16).map(drop)
    }),
    ("half", |editor, _, _| {
        editor.cast_floats(DType::Float16).map(drop)
    }),
    ("float64", |editor, _, _| {
        editor.cast_floats(DType::Float64).map(drop)
    }),
    ("resource", |editor, _, _| {
        editor.use_resource_variables().map(drop)
    }),
    ("frozen", |editor, _, _| editor.freeze().map(drop)),
    ("unfrozen", |editor, _, _| {
        editor.freeze()?.unfreeze(&Unfreeze::of_bytes(1)).map(drop)
    }),
    ("stripped", |editor, _, _| {
        editor.strip_variables().map(drop)
    }),
    ("devices", |editor, _, _| {
        editor.drop_devices();
        Ok(())
    }),
    ("signatures", signatures),
    ("dropped", dropped),
    ("assets", assets),
];

/// Adds a copy of the first signature of each variant that has only dense tensors, under another name.
fn signatures(editor: &mut ModuleEditor<'_>, spec: &ModuleSpec, _: &Path) -> Result<()> {
    for variant in spec.variants() {
        let dense = |ends: &BTreeMap<String, tfhub::module::TensorDescription>| {
            let is_dense = ends.values().all(|end| end.components.is_empty());
            is_dense.then(|| {
                let ends = ends.iter();
                ends.map(|(key, end)| (key.clone(), end.tensor.clone()))
                    .collect::<Vec<_>>()
            })
        };
        let first = variant
            .signatures
            .iter()
            .find_map(|signature| Some((dense(&signature.inputs)?, dense(&signature.outputs)?)));
        if let Some((inputs, outputs)) = first {
            editor.add_signature(&variant.tags, "added", inputs, outputs)?;
        }
    }
    Ok(())
}

/// Drops all signatures but `default`, and the variables that are for nothing then.
fn dropped(editor: &mut ModuleEditor<'_>, spec: &ModuleSpec, _: &Path) -> Result<()> {
    let variants: Vec<_> = spec.variants().collect();
    let mut names: Vec<_> = variants
        .iter()
        .flat_map(|variant| &variant.signatures)
        .map(|signature| signature.name.as_str())
        .filter(|name| *name != "default")
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        editor.drop_signature(name)?;
    }
    editor.strip_variables().map(drop)
}

/// Replaces the files of assets by copies under other names.
fn assets(editor: &mut ModuleEditor<'_>, spec: &ModuleSpec, scratch: &Path) -> Result<()> {
    let assets = spec.variants().flat_map(|variant| variant.assets);
    for path in assets.collect::<Vec<_>>() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let copy = scratch.join(format!("other_{name}"));
        std::fs::copy(&path, &copy).unwrap();
        editor.replace_asset(name, &copy)?;
    }
    Ok(())
}

/// What an edit of a module may be refused for.
fn is_reason(error: &tfhub::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::InvalidModule | ErrorKind::AlreadyExists
    )
}

/// Edits the modules of `$TFHUB_EXPORT_DIR` that `$TFHUB_EDITED_DIR/list.txt` names, or all of them without that file, into
/// `$TFHUB_EDITED_DIR/<edit>/<module>`. Writes what was refused to `refused.txt`, and what modules lack as feature columns to
/// `columns.txt`. Without the variables, some of the modules of the table are edited.
#[test]
fn edit_conformance_modules() {
    let scratch = tempfile::tempdir().unwrap();
    let root = std::env::var_os("TFHUB_EDITED_DIR").map(PathBuf::from);
    let given = std::env::var_os("TFHUB_EXPORT_DIR").map(PathBuf::from);
    let step = if root.is_some() { 1 } else { 97 };
    let root = root.unwrap_or_else(|| scratch.path().join("edited"));
    let exported = given.unwrap_or_else(|| scratch.path().join("exported"));
    let list = std::fs::read_to_string(root.join("list.txt")).ok();
    let is_listed = |name: &str| match &list {
        Some(list) => list.lines().any(|line| line == name),
        None => true,
    };
    let mut refused = String::new();
    let mut columns = String::new();
    let mut made = 0;
    for module in modules::all().into_iter().step_by(step) {
        if !is_listed(module.name) {
            continue;
        }
        let source = exported.join(module.name);
        if !source.is_dir() {
            module
                .clone()
                .with_own_function_names()
                .export(&source)
                .unwrap();
        }
        let spec = ModuleSpec::load(&source).unwrap();
        for (kind, faults) in [
            ("text", spec.text_column_faults()),
            ("image", spec.image_column_faults()),
        ] {
            writeln!(columns, "{}\t{kind}\t{}", module.name, faults.join("; ")).unwrap();
        }
        for (name, edit) in EDITS {
            let target = root.join(name).join(module.name);
            match edited(&source, &target, name, edit, scratch.path()) {
                Ok(()) => made += 1,
                Err(error) if is_reason(&error) => {
                    assert!(!target.exists(), "{name}/{}: {error}", module.name);
                    let text = error.to_string().replace('\n', " ");
                    writeln!(refused, "{name}/{}: {text}", module.name).unwrap();
                }
                Err(error) => panic!("{name}/{}: {error}", module.name),
            }
        }
    }
    assert!(made > 100);
    std::fs::write(root.join("refused.txt"), refused).unwrap();
    std::fs::write(root.join("columns.txt"), columns).unwrap();
}

/// Edits a module, and loads what is written.
fn edited(source: &Path, target: &Path, name: &str, edit: Edit, scratch: &Path) -> Result<()> {
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    let mut editor = ModuleEditor::open(source)?;
    let old = ModuleSpec::load(source)?;
    edit(&mut editor, &old, scratch)?;
    editor.finish()?.export(target)?;
    let new = ModuleSpec::load(target)?;
    let found = new.incompatibilities_with(&old);
    let is_asked = name != "dropped";
    assert!(
        !is_asked || found.is_empty(),
        "{}: {found:?}",
        target.display()
    );
    let mut session = Session::new(&new)?;
    session.restore(&new.values()?)?;
    Ok(())
}
