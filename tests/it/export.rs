//! The exports that `tests/conformance/run` compares with Python's and loads in TensorFlow.

use std::path::PathBuf;

use crate::modules;

/// Exports every module of the table to `$TFHUB_EXPORT_DIR/<name>`.
#[test]
#[ignore = "writes files for the conformance suite"]
fn export_conformance_modules() {
    let root = PathBuf::from(std::env::var_os("TFHUB_EXPORT_DIR").expect("a directory"));
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
