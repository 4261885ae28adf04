//! The exports that `tests/conformance/run` compares with Python's and loads in TensorFlow.

use std::path::PathBuf;

use crate::modules;

/// Exports every module of the table to `$TFHUB_EXPORT_DIR/<name>`, or to a temporary directory.
#[test]
fn export_conformance_modules() {
    let scratch = tempfile::tempdir().unwrap();
    let root = match std::env::var_os("TFHUB_EXPORT_DIR") {
        Some(root) => PathBuf::from(root),
        None => scratch.path().to_owned(),
    };
    assert!(root.is_absolute(), "{} is not absolute", root.display());
    std::fs::create_dir_all(&root).unwrap();
    for module in modules::all() {
        let target = root.join(module.name);
        if let Err(error) = module.clone().with_own_function_names().export(&target) {
            panic!("{}: {error}", module.name);
        }
        assert!(target.join("tfhub_module.pb").is_file());
    }
}
