//! The lint over the modules of all tables, and what the examples print of it.

use tfhub::module::{LintCode, Severity};

use crate::cli::example;
use crate::modules;

#[test]
fn the_modules_of_the_tables_are_exported_but_for_losses_that_depend_on_inputs() {
    let mut faults = Vec::new();
    for module in modules::all() {
        for found in module.definition().unwrap().lint() {
            // The crate leaves nothing in the bodies of functions that no call runs.
            let is_left = found.message().starts_with("no result of the function");
            let is_error = found.severity() == Severity::Error && found.code() != LintCode::V07;
            if is_error || is_left {
                faults.push(format!("{}: {found}", module.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn examples_print_warnings() {
    let dir = tempfile::tempdir().unwrap();
    let printed = |arguments: &[&str]| {
        let out = dir.path().join(arguments.len().to_string());
        let output = example("export_dense")
            .arg(out)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let text =
        "warning V06: VarHandleOp \"dense/kernel\": no regularization loss depends on this kernel";
    let with_losses = printed(&["--l2", "0.1"]);
    assert!(!with_losses.contains(text), "{with_losses}");
    let without = printed(&[]);
    assert!(without.contains(text), "{without}");
}
