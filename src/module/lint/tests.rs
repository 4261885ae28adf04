//! For each code a module that breaks its demand, and one that does not.

mod bodies;
mod files;
mod modules;
mod signatures;
mod structure;
mod variables;

use std::fs;
use std::path::Path;

use super::{Finding, LintCode, LintStage, Severity};
use crate::dtype::ByteString;
use crate::error::Rule;
use crate::file_system::OsFileSystem;
use crate::file_system::faults::FailingFs;
use crate::graph::keys;
use crate::module::Tags;
use crate::ops::lookup::index_table_from_file;
use crate::ops::{math, nn};
use crate::progress::Meter;
use crate::{Exporter, ModuleSpec, Result, Session, TensorValue};
use modules::*;

/// A limit for messages that tests reach.
const MAX_MESSAGE: usize = 5 << 20;

/// The codes that a module breaks: of rules that refuse it, or of findings, with the items.
fn broken(module: &Module, code: LintCode, scratch: &Path) -> Vec<(LintCode, String)> {
    let spec = match module.spec(scratch) {
        Ok(spec) => spec,
        Err(error) => {
            let rules = error.diagnostics().iter().map(|fault| fault.rule());
            let is_refused = rules.into_iter().any(|rule| code.rules().contains(&rule));
            let item = match is_refused {
                true => String::new(),
                false => error.to_string(),
            };
            return vec![(code, item)];
        }
    };
    let mut findings = spec.lint_within(MAX_MESSAGE);
    if code.stage() == Some(LintStage::Export) {
        let mut session = Session::new(&spec).unwrap();
        (module.values)(&mut session).unwrap();
        let target = tempfile::tempdir().unwrap();
        let summary = spec.export(target.path().join("module"), &session).unwrap();
        findings.extend(summary.warnings);
    }
    findings
        .iter()
        .map(|it| (it.code(), it.item().to_owned()))
        .collect()
}

#[test]
fn every_code_has_a_module_that_breaks_it_and_one_that_does_not() {
    let rows = [
        structure::rows(),
        variables::rows(),
        signatures::rows(),
        files::rows(),
        bodies::rows(),
    ];
    let rows: Vec<_> = rows.into_iter().flatten().collect();
    let mut faults = Vec::new();
    for row in &rows {
        let scratch = tempfile::tempdir().unwrap();
        let bad = broken(&row.bad, row.code, scratch.path());
        let expected = (row.code, row.item.unwrap_or_default().to_owned());
        if !bad.contains(&expected) {
            faults.push(format!(
                "{}: expected {expected:?}, found {bad:?}",
                row.location
            ));
        }
        let scratch = tempfile::tempdir().unwrap();
        let good = broken(&row.good, row.code, scratch.path());
        if good.iter().any(|(code, _)| *code == row.code) {
            faults.push(format!(
                "{}: {} is found in {good:?}",
                row.location, row.code
            ));
        }
    }
    for &code in LintCode::ALL {
        let of_code = || rows.iter().filter(|row| row.code == code);
        // An operation of the file system has to fail for it.
        let is_tested = code == LintCode::X02 || of_code().any(|row| row.item.is_some());
        if code.stage().is_some() != is_tested && code != LintCode::V01 {
            faults.push(format!("{code} has no row with a finding, or one too many"));
        }
        if code.rules().is_empty() == of_code().any(|row| row.item.is_none()) {
            faults.push(format!("{code} has no row with a refusal, or one too many"));
        }
    }
    for rule in Rule::ALL {
        if !LintCode::ALL.iter().any(|code| code.rules().contains(rule)) {
            faults.push(format!("no code names the rule {rule}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_an_export_leaves_over_is_found() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("module");
    let spec = one(layer).spec(dir.path())?;
    let session = Session::new(&spec)?;
    let exporter = Exporter::new(&spec).replace(true);
    let export = |fs: &FailingFs| exporter.export_on(&fs, &target, &session, &Meter::new(None));
    exporter.export_on(&OsFileSystem, &target, &session, &Meter::new(None))?;
    let summary = export(&FailingFs::locked())?;
    let codes: Vec<_> = summary.warnings.iter().map(Finding::code).collect();
    assert_eq!(codes, [LintCode::X01, LintCode::X02]);
    Ok(())
}

#[test]
fn values_that_are_missing_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let spec = one(layer).spec(dir.path()).unwrap();
    let values = std::collections::BTreeMap::<String, TensorValue>::new();
    let error = spec.export(dir.path().join("module"), &values).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::NotFound);
}

#[test]
fn errors_refuse_an_export_and_leave_nothing_on_disk() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let line = line!() + 4;
    let spec = ModuleSpec::new(|g| {
        let x = x(g);
        let loss = g.named("loss", || math::reduce_sum(x, math::Axes::ALL));
        g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
        g.default_signature(x, -x);
    })?;
    let target = dir.path().join("module");
    let error = spec.export(&target, &Session::new(&spec)?).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::InvalidModule);
    let expected = format!(
        "{}:{line}: error V07: Sum \"loss\": the loss depends on the input \"x\"\n  why: {}\n  fix: {}",
        file!(),
        LintCode::V07.reason(),
        LintCode::V07.fix()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let spec = spec.allow(LintCode::V07, "loss");
    let summary = spec.export(&target, &Session::new(&spec)?)?;
    assert_eq!(summary.warnings, []);
    Ok(())
}

#[test]
fn warnings_go_with_the_summary_unless_they_are_allowed() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let spec = one(unregularized).spec(dir.path())?;
    let mut session = Session::new(&spec)?;
    session.assign("dense/kernel", [[1f32, 2.0, 3.0]; 4])?;
    let summary = spec.export(dir.path().join("module"), &session)?;
    let [found] = &summary.warnings[..] else {
        panic!("{summary}")
    };
    assert_eq!(
        (found.code(), found.severity()),
        (LintCode::V06, Severity::Warning)
    );
    assert_eq!(found.variant(), Some(&Tags::none()));
    let end = format!("\n{found}\n");
    assert!(summary.to_string().ends_with(&end), "{summary}");
    // For that item alone.
    assert_eq!(
        spec.clone().allow(LintCode::V06, "dense/bias").lint().len(),
        1
    );
    assert_eq!(spec.allow(LintCode::V06, "dense/kernel").lint(), []);

    let zeros = one(layer)
        .spec(dir.path())?
        .allow(LintCode::V15, "dense/kernel");
    session.assign("dense/kernel", [[0f32; 3]; 4])?;
    assert_eq!(
        zeros.export(dir.path().join("zeros"), &session)?.warnings,
        []
    );
    Ok(())
}

#[test]
fn json_escapes_what_texts_hold() {
    let message = "a \"quote\", a \\ and\na line\u{1}".to_owned();
    let mut found = Finding::of_item(LintCode::A05, "words.txt", message);
    (found.file, found.line) = (Some("a/words.txt".into()), Some(7));
    let json: serde_json::Value = serde_json::from_str(&found.to_json()).unwrap();
    assert_eq!(json["message"], found.message());
    assert_eq!(json["code"], "A05");
    assert_eq!(json["severity"], "error");
    assert_eq!(
        (&json["file"], &json["file_line"]),
        (&"a/words.txt".into(), &7.into())
    );
    assert_eq!(
        (&json["reason"], &json["fix"]),
        (&found.reason().into(), &found.fix().into())
    );
    assert_eq!(json.get("variant"), None);
}

/// The table of `docs/lint.md` says of each code what the code says.
#[test]
fn the_table_in_the_docs_is_that_of_the_code() {
    let rows = LintCode::ALL.iter().map(|code| {
        let rules = code.rules().iter().map(|rule| rule.code());
        let rules = rules.collect::<Vec<_>>().join(", ");
        let stage = code.stage().map(|stage| stage.to_string());
        let found = match stage {
            None => rules,
            Some(stage) if rules.is_empty() => stage,
            Some(stage) => format!("{rules}, {stage}"),
        };
        format!(
            "| {code} | {} | {found} | {} | {} | {} |\n",
            code.severity(),
            code.description().replace('[', "\\["),
            code.reason(),
            code.fix()
        )
    });
    let rows: String = rows.collect();
    let page = include_str!("../../../docs/lint.md");
    assert!(page.contains(&rows), "expected the rows\n{rows}");
}

#[test]
fn a_table_of_words_with_buckets_wants_a_row_for_each() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "words.txt", "a\nb\n");
    for (rows, expected) in [
        (2, Some(Severity::Error)),
        (5, None),
        (7, Some(Severity::Warning)),
    ] {
        let spec = ModuleSpec::new(|g| {
            let words = g.placeholder::<ByteString>((None,));
            let options = crate::ops::lookup::IndexTableOptions::default().num_oov_buckets(3);
            let ids = index_table_from_file(g, &path, options).lookup(words);
            let embedding = g.get_variable::<f32>("embedding").shape([rows, 2]).finish();
            g.default_signature(words, nn::embedding_lookup(embedding, ids, ()));
        })?;
        let findings = spec.lint();
        let mut found = findings
            .iter()
            .filter(|found| found.code() == LintCode::A05);
        assert_eq!(
            found.next().map(Finding::severity),
            expected,
            "{findings:?}"
        );
    }
    Ok(())
}
