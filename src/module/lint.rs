//! The lint for publishers: guidance of TensorFlow Hub that a machine can check.
//!
//! The [rules](crate::error::Rule) refuse what cannot be a module while it is built. The lint looks at what can be one, but
//! fails some of those who use it: each demand has a [code](LintCode), and what breaks it is a [`Finding`]. One pass over
//! the nodes and edges of a variant is made for [facts](facts) that several lints need; no lint does work for a node that
//! grows with the graph.

pub(super) mod allowed;
mod bodies;
pub(super) mod code;
mod constants;
mod facts;
mod files;
mod finding;
mod signatures;
mod structure;
mod training;
mod variables;
mod vocabulary;
mod weights;

#[cfg(test)]
mod tests;

use std::panic::Location;

use super::spec::ModuleSpec;
use super::variant::Variant;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{HashSet, NodeId, Origin};
use crate::message_file::MAX_MESSAGE;
use crate::proto::tensorflow::NodeDef;
use allowed::Allowed;
use bodies::Body;
use facts::Facts;

pub use code::{LintCode, LintStage, Severity};
pub use finding::Finding;

pub(super) use finding::Listed;
pub(super) use weights::Weights;

errors! {
    /// Findings with which a module is not exported.
    #[derive(Debug)]
    #[error("{text}")]
    struct Refused { text: String }
}

impl ModuleSpec {
    /// The findings of the lint for publishers, in the order of the variants and of the codes.
    ///
    /// The graphs are looked at, and the files of assets are read; values of variables are looked at while they are
    /// exported. [Exports](ModuleSpec::export) refuse a module with a finding that is an [error](Severity::Error), and list the
    /// others in their summary. [`cookbook::lint`](crate::cookbook::lint) has all codes, and
    /// [`allow`](Self::allow) silences one for one item.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers, module::LintCode};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// })?;
    /// let findings = spec.lint();
    /// let codes: Vec<_> = findings.iter().map(|finding| (finding.code(), finding.item())).collect();
    /// assert_eq!(codes, [(LintCode::V06, "dense/kernel")]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn lint(&self) -> Vec<Finding> {
        self.lint_within(MAX_MESSAGE)
    }

    /// The findings, where a message may have this many bytes.
    fn lint_within(&self, max_message: usize) -> Vec<Finding> {
        let mut lint = Lint {
            spec: self,
            findings: Vec::new(),
            constant_bytes: 0,
        };
        let variants = self.graphs_by_tags();
        lint.module_structure();
        let all: Vec<_> = variants.iter().map(Facts::of).collect();
        for facts in &all {
            let first = lint.findings.len();
            lint.structure(facts);
            lint.variables(facts);
            lint.training(facts);
            lint.constants(facts);
            lint.signatures(facts);
            if facts.origin() == Origin::Imported {
                // Users live with it as it is.
                let found = lint.findings[first..].iter_mut();
                found.for_each(|found| found.severity = found.severity.min(Severity::Warning));
            }
        }
        lint.variants(&all);
        lint.sizes(&all, max_message);
        lint.files(&all);
        let mut seen = HashSet::default();
        lint.findings.retain(|found| {
            !self.allows(found)
                && seen.insert((found.code, found.item.clone(), found.message.clone()))
        });
        lint.findings
    }

    /// Whether the author allows what was found.
    pub(super) fn allows(&self, finding: &Finding) -> bool {
        let variants = self.graphs_by_tags().iter();
        let of_variant = |variant: &Variant| {
            let allowed = variant.graph.extension::<Allowed>();
            let is_of = finding
                .variant
                .as_ref()
                .is_none_or(|tags| *tags == variant.tags);
            is_of && allowed.is_some_and(|allowed| allowed.allows(finding))
        };
        self.allowed.allows(finding) || variants.into_iter().any(of_variant)
    }

    /// The findings that are no reason to refuse an export.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidModule`] with all findings that are one.
    pub(super) fn lint_for_export(&self) -> Result<Vec<Finding>> {
        let (errors, others): (Vec<_>, Vec<_>) = self
            .lint()
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        if errors.is_empty() {
            return Ok(others);
        }
        let text = Listed(&errors).to_string();
        Err(Error::new(ErrorKind::InvalidModule, Refused { text }))
    }
}

/// A lint of a module under way.
struct Lint<'s> {
    spec: &'s ModuleSpec,
    findings: Vec<Finding>,
    /// The bytes of the constants of all variants that were looked at.
    constant_bytes: usize,
}

impl Lint<'_> {
    /// Adds a finding of the module as a whole.
    fn module_finding(&mut self, code: LintCode, item: &str, message: String) -> &mut Finding {
        self.findings.push(Finding {
            location: Some(self.spec.location),
            ..Finding::of_item(code, item, message)
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Adds a finding of a variant.
    fn finding(
        &mut self,
        facts: &Facts<'_>,
        code: LintCode,
        item: &str,
        message: String,
    ) -> &mut Finding {
        let found = self.module_finding(code, item, message);
        found.variant = Some(facts.variant.tags.clone());
        found
    }

    /// Adds a finding of a node.
    fn node_finding(
        &mut self,
        facts: &Facts<'_>,
        code: LintCode,
        node: NodeId,
        message: String,
    ) -> &mut Finding {
        let node = facts.graph.node(node);
        let found = self.finding(facts, code, &node.name, message);
        found.op = node.op.name().to_owned();
        found.location = Some(node.location);
        if node.origin == Origin::Imported {
            found.severity = found.severity.min(Severity::Warning);
        }
        found
    }

    /// Adds a finding of a node of a body.
    pub(super) fn body_finding(
        &mut self,
        facts: &Facts<'_>,
        code: LintCode,
        body: &Body<'_>,
        node: &NodeDef,
        message: String,
    ) -> &mut Finding {
        let call = facts.graph.node(body.call);
        let found = self.finding(facts, code, &body.item(node), message);
        found.op = node.op.clone();
        found.location = Some(call.location);
        if call.origin == Origin::Imported {
            found.severity = found.severity.min(Severity::Warning);
        }
        found
    }
}

/// Where a variant's author made something, or else the module.
type Here = &'static Location<'static>;
