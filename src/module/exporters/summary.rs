//! Summaries of exports of several modules.

use std::fmt;
use std::path::PathBuf;

use crate::module::export::ExportSummary;
use crate::module::lint::Finding;

/// The exports that [`LatestModuleExporter`](super::LatestModuleExporter) or [`BestExporter`](super::BestExporter) wrote and removed.
///
/// Its text, by [`Display`](fmt::Display), has those of all modules, and a line for each export that was removed and for
/// each warning.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModulesSummary {
    /// The directory of the export, named after the time.
    pub path: PathBuf,
    /// The summary of each module, in the order of registration.
    pub modules: Vec<ExportSummary>,
    /// The older exports that were removed.
    pub removed: Vec<PathBuf>,
    /// Warnings of files that could not be removed or moved; each module has warnings of its own.
    pub warnings: Vec<Finding>,
}

impl fmt::Display for ModulesSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.modules {
            write!(f, "{module}")?;
        }
        for path in &self.removed {
            writeln!(f, "removed {}", path.display())?;
        }
        for warning in &self.warnings {
            writeln!(f, "{warning}")?;
        }
        Ok(())
    }
}
