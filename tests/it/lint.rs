//! What the examples print of the lint.

use crate::cli::example;

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
