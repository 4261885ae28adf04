//! Items that authors allow to break a demand of the lint.

use super::code::LintCode;
use super::finding::Finding;
use crate::graph::GraphBuilder;

/// The items that an author has said to be as they are meant, with the codes that they are allowed to break.
#[derive(Debug, Clone, Default)]
pub(in crate::module) struct Allowed(Vec<(LintCode, String)>);

impl Allowed {
    pub(in crate::module) fn add(&mut self, code: LintCode, item: impl Into<String>) {
        self.0.push((code, item.into()));
    }

    pub(super) fn allows(&self, finding: &Finding) -> bool {
        let mut allowed = self.0.iter();
        allowed.any(|(code, item)| *code == finding.code && *item == finding.item)
    }
}

impl GraphBuilder {
    /// Allows one item of the module, whose function builds the graph, to break one demand of the lint: a
    /// [finding](Finding) of this code and this [item](Finding::item) is neither listed nor a reason to refuse an export.
    ///
    /// [`ModuleSpecBuilder::allow`](crate::module::ModuleSpecBuilder::allow) and
    /// [`ModuleSpec::allow`](crate::ModuleSpec::allow) do so from outside.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers, module::LintCode};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.allow(LintCode::V06, "dense/kernel");
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// })?;
    /// assert_eq!(spec.lint(), []);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn allow(&self, code: LintCode, item: impl Into<String>) {
        self.extension::<Allowed>().add(code, item);
    }
}
