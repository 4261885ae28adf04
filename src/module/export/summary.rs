//! Summaries of exports: the files that were written, and warnings.

use std::fmt;
use std::path::PathBuf;

use crate::module::lint::{Finding, Listed};
use crate::module::tags::Tags;
use crate::saved_model::FileSummary;

/// The files that an export wrote, and warnings.
///
/// Its text, by [`Display`](fmt::Display), has a line for each file, and the [text](Finding) of each warning.
///
/// ```
/// use tfhub::{ModuleSpec, Session};
/// use tfhub::module::LintCode;
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 2));
///     let scale = g.get_variable::<f32>("scale").shape([2]).finish();
///     g.default_signature(x, x * scale);
/// })?;
/// let mut session = Session::new(&spec)?;
/// session.assign("scale", [1.0f32, f32::NAN])?;
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("scaled");
/// let summary = spec.export(&path, &session)?;
/// assert_eq!(summary.warnings[0].code(), LintCode::V15);
/// let expected = format!(
///     "module {}\n\
///      \x20 variants {{}}\n\
///      \x20 1 variable of 8 bytes\n\
///      \x20 variables/variables.data-00000-of-00001 8 bytes\n\
///      \x20 variables/variables.index ",
///     path.display()
/// );
/// let text = summary.to_string();
/// assert!(text.starts_with(&expected));
/// assert!(text.contains("warning V15: \"scale\": 1 of 2 elements is NaN\n  why: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportSummary {
    /// The directory of the module.
    pub path: PathBuf,
    /// The tags of the variants in the order of their definition.
    pub variants: Vec<Tags>,
    /// The number of variables that were written; each part of a partitioned one counts.
    pub variables: usize,
    /// The number of bytes of their elements.
    pub variable_bytes: u64,
    /// The files, in the order in which they were written.
    pub files: Vec<FileSummary>,
    /// Findings of the [lint](crate::ModuleSpec::lint), of the values that were written, and of what is left over: the export is
    /// complete, but may not be as its author meant it.
    pub warnings: Vec<Finding>,
}

impl fmt::Display for ExportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "module {}", self.path.display())?;
        let variants: Vec<_> = self.variants.iter().map(Tags::to_string).collect();
        writeln!(f, "  variants {}", variants.join(" "))?;
        let plural = if self.variables == 1 { "" } else { "s" };
        let (variables, bytes) = (self.variables, self.variable_bytes);
        writeln!(f, "  {variables} variable{plural} of {bytes} bytes")?;
        for FileSummary { path, bytes } in &self.files {
            writeln!(f, "  {} {bytes} bytes", path.display())?;
        }
        match self.warnings.is_empty() {
            true => Ok(()),
            false => writeln!(f, "{}", Listed(&self.warnings)),
        }
    }
}
