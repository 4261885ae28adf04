//! What the compiler says about programs that use the crate wrongly.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The errors in a source by line, of each all that the compiler says.
type Errors = BTreeMap<u64, Vec<String>>;

/// Compiles a source with the library that this test is linked with.
fn errors(source: &Path) -> Errors {
    let program = std::env::current_exe().unwrap();
    let deps = program.parent().unwrap();
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("libtfhub-") && name.ends_with(".rlib"))
    };
    let paths = fs::read_dir(deps)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut libraries: Vec<_> = paths.filter(is_library).collect();
    // Older ones may lie there that were built of other sources.
    libraries.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    let compile = |library: &PathBuf| compile(source, library, deps);
    let compiled = libraries.iter().rev().find_map(compile);
    compiled.expect("a library that this compiler can read")
}

/// `None` if another compiler made the library.
fn compile(source: &Path, library: &Path, deps: &Path) -> Option<Errors> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(compiler);
    command.args(["--edition=2021", "--crate-type=lib", "--emit=metadata"]);
    command.args(["--error-format=json", "--cap-lints=allow"]);
    command.arg("--out-dir").arg(out.path()).arg(source);
    let [mut tfhub, mut dependencies] = ["tfhub=", "dependency="].map(std::ffi::OsString::from);
    tfhub.push(library);
    dependencies.push(deps);
    command
        .arg("--extern")
        .arg(tfhub)
        .arg("-L")
        .arg(dependencies);
    let output = command.output().unwrap();
    let output = String::from_utf8(output.stderr).unwrap();
    let mut errors = Errors::new();
    for line in output.lines() {
        let error: Value = serde_json::from_str(line).unwrap();
        if error["code"]["code"] == "E0514" {
            return None;
        }
        let spans = error["spans"].as_array().unwrap();
        let Some(primary) = spans.iter().find(|span| span["is_primary"] == true) else {
            // The count of errors at the end.
            continue;
        };
        let children = error["children"].as_array().unwrap().iter();
        let texts = children.map(|child| &child["message"]);
        let texts = texts.chain([&error["message"], &primary["label"], &error["rendered"]]);
        let texts = texts.filter_map(Value::as_str);
        // Whether a path is shown whole depends on the other types of that name.
        let texts = texts.map(|text| {
            text.replace("tfhub::", "")
                .replace("dtype::", "")
                .replace("std::string::", "")
        });
        let line = primary["line_start"].as_u64().unwrap();
        errors.entry(line).or_default().extend(texts);
    }
    Some(errors)
}

#[test]
fn the_compiler_says_what_to_do() {
    let source = Path::new(".").join("tests/fixtures/compile_errors.rs");
    let text = fs::read_to_string(&source).unwrap();
    let errors = errors(&source);
    let (mut faulty, mut expected) = (0, BTreeSet::new());
    for (number, line) in (1..).zip(text.lines()) {
        let Some(part) = line.trim().strip_prefix("//~ ") else {
            faulty = number;
            continue;
        };
        expected.insert(faulty);
        let found = errors.get(&faulty).map(Vec::as_slice).unwrap_or_default();
        let is_said = found.iter().any(|text| text.contains(part));
        assert!(
            is_said,
            "line {faulty}: expected {part:?}, found {found:#?}"
        );
        let has_macro = found
            .iter()
            .any(|text| text.contains("in this macro invocation"));
        assert!(!has_macro, "line {faulty}: {found:#?}");
    }
    assert_eq!(errors.into_keys().collect::<BTreeSet<_>>(), expected);
}
