//! Refusals of instances and of their applications.

use crate::error::{Error, Rule};
use crate::graph::GraphBuilder;

/// Why an instance or an application cannot be made; nothing if that is reported already.
#[derive(Debug, Default)]
pub(super) struct Refusal(Option<String>);

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Refusal(Some(reason))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        error.to_string().into()
    }
}

impl Refusal {
    /// Reports it at the author's line.
    #[track_caller]
    pub(super) fn report(self, g: &GraphBuilder, rule: Rule) {
        if let Some(reason) = self.0 {
            g.report(rule, reason);
        }
    }
}
