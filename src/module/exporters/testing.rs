//! Helpers of the tests of all exporters.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::best::BEST;
use super::{LatestModuleExporter, ModulesSummary, exports};
use crate::error::Result;
use crate::file_system::faults::{FailingFs, Fault, Tree, tree};
use crate::{ModuleSpec, TensorValue};

const OLD: [u64; 3] = [1_000_000_010, 1_000_000_011, 1_000_000_012];
pub(super) const NEW: u64 = 1_000_000_020;

pub(super) fn spec() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None,));
        let scale = g.get_variable::<f32>("scale").shape(()).finish();
        g.default_signature(x, x * scale);
    });
    spec.unwrap()
}

pub(super) fn values(scale: f32) -> BTreeMap<String, TensorValue> {
    BTreeMap::from([("scale".to_owned(), TensorValue::scalar(scale))])
}

/// An exporter of two modules that keeps two exports.
pub(super) fn exporter(spec: &ModuleSpec, timestamp: u64) -> LatestModuleExporter<'_> {
    let exporter = LatestModuleExporter::new()
        .exports_to_keep(2)
        .timestamp(timestamp);
    let exporter = exporter.register("one", spec, "").unwrap();
    exporter.register("two", spec, "").unwrap()
}

/// A directory with three exports, of which the best had the value 0.5.
fn exported(spec: &ModuleSpec) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for time in OLD {
        let exporter = exporter(spec, time).exports_to_keep(None);
        exporter.export_values(&values(1.0), dir.path()).unwrap();
    }
    fs::write(dir.path().join(BEST), "0.5\n").unwrap();
    dir
}

/// A directory with this content.
fn copied(tree: &Tree) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in tree {
        let path = dir.path().join(path);
        match content {
            Some(content) => fs::write(path, content).unwrap(),
            None => fs::create_dir(path).unwrap(),
        }
    }
    dir
}

/// The exports that a reader finds: the time and the content of each, without the value of a metric.
pub(super) fn found(dir: &Path) -> BTreeMap<String, Tree> {
    let exports = exports(dir).unwrap();
    let names = exports.iter().map(|path| path.file_name().unwrap());
    let names = names.map(|name| name.to_str().unwrap().to_owned());
    let content = |path: &PathBuf| {
        let mut content = tree(path)?;
        content.remove(Path::new(BEST));
        Some(content)
    };
    names.zip(exports.iter().filter_map(content)).collect()
}

/// Lets each operation of an export fail in turn, after which `check` looks at the directory, too.
pub(super) fn try_every_operation(
    export: impl Fn(&FailingFs, &Path) -> Result<Option<ModulesSummary>>,
    spec: &ModuleSpec,
    check: impl Fn(&Path, &str),
) {
    let before = exported(spec);
    let old: Tree = found(before.path()).into_values().next().unwrap();
    let before = tree(before.path()).unwrap();
    let new = tempfile::tempdir().unwrap();
    export(&FailingFs::new(Fault::Full, usize::MAX, true), new.path()).unwrap();
    let new: Tree = found(new.path()).into_values().next().unwrap();
    assert!(old != new && old.len() == new.len());
    let [.., last] = OLD.map(|time| time.to_string());
    let newest = NEW.to_string();
    for fault in [Fault::Full, Fault::Killed] {
        for at in 0.. {
            let dir = copied(&before);
            let fs = FailingFs::new(fault, at, true);
            let result = export(&fs, dir.path());
            let context = format!("{fault:?} at operation {at}: {result:?}");
            let now = found(dir.path());
            // Whole exports, the last two at least, and no others.
            for (name, content) in &now {
                let whole = if *name == newest { &new } else { &old };
                assert!(content == whole, "{name}, {context}");
            }
            assert!(now.len() >= 2 && now.contains_key(&last), "{context}");
            if fault == Fault::Full && result.is_err() && !now.contains_key(&newest) {
                assert!(tree(dir.path()).unwrap() == before, "{context}");
            }
            // What fails once the export is in place is told, but is no failure.
            let done = result.is_ok() || !now.contains_key(&newest);
            assert!(fault != Fault::Full || done, "{context}");
            let warned = |summary: &Option<ModulesSummary>| {
                summary.iter().any(|summary| !summary.warnings.is_empty())
            };
            if result.is_ok_and(|summary| !warned(&summary)) {
                assert!(now.keys().eq([&last, &newest]), "{context}");
                assert!(!dir.path().join(&newest).join(BEST).exists(), "{context}");
            }
            check(dir.path(), &context);
            // Whatever is left over is in nobody's way.
            let again = FailingFs::new(fault, usize::MAX, true);
            export(&again, dir.path()).expect(&context);
            let now = found(dir.path());
            assert!(now.values().next_back() == Some(&new), "{context}");
            if !fs.reached() {
                assert!(at > 50);
                break;
            }
        }
    }
}
