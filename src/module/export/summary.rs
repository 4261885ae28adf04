//! Summaries of exports: the files that were written, and warnings.

use std::fmt;
use std::path::PathBuf;

use crate::module::tags::Tags;
use crate::saved_model::FileSummary;

/// The files that an export wrote, and warnings.
///
/// Its text, by [`Display`](fmt::Display), has a line for each file and for each warning.
///
/// ```
/// use tfhub::{ModuleSpec, Session};
/// use tfhub::module::ExportWarning;
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
/// assert!(matches!(&summary.warnings[..], [ExportWarning::NotFinite { nans: 1, .. }]));
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
/// assert!(text.ends_with("warning: variable \"scale\": 1 of 2 elements is NaN\n"));
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
    /// Warnings: the export is complete, but may not be as its author meant it.
    pub warnings: Vec<ExportWarning>,
}

/// Something about a finished export that its author may not have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportWarning {
    /// A variable has elements that are not finite numbers.
    NotFinite {
        /// The name of the variable.
        variable: String,
        /// The number of its elements.
        elements: u64,
        /// The number of those that are NaN; of a complex number one part is enough.
        nans: u64,
        /// The number of those that are infinite.
        infinities: u64,
    },
    /// A variable has the random value that its initializer gave it, since none was assigned or restored.
    RandomInitialValue {
        /// The name of the variable.
        variable: String,
    },
    /// A file or directory is left over that was to be removed, or moved away, when the export was complete.
    LeftOver {
        /// Where it is.
        path: PathBuf,
        /// The error of the operating system.
        reason: String,
    },
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
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ExportWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportWarning::NotFinite {
                variable,
                elements,
                nans,
                infinities,
            } => {
                let is = |count: u64| if count == 1 { "is" } else { "are" };
                write!(f, "variable \"{variable}\": ")?;
                match (nans, infinities) {
                    (0, _) => {
                        let is = is(*infinities);
                        write!(f, "{infinities} of {elements} elements {is} infinite")
                    }
                    (_, 0) => write!(f, "{nans} of {elements} elements {} NaN", is(*nans)),
                    _ => {
                        let (nan, infinite) = (is(*nans), is(*infinities));
                        write!(f, "{nans} of {elements} elements {nan} NaN and ")?;
                        write!(f, "{infinities} {infinite} infinite")
                    }
                }
            }
            ExportWarning::RandomInitialValue { variable } => write!(
                f,
                "variable \"{variable}\" has its random initial value: none was assigned or restored"
            ),
            ExportWarning::LeftOver { path, reason } => {
                write!(f, "{} is left over: {reason}", path.display())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_say_how_many() {
        let warning = |nans, infinities| {
            let (variable, elements) = ("v".to_owned(), 9);
            let warning = ExportWarning::NotFinite {
                variable,
                elements,
                nans,
                infinities,
            };
            warning.to_string()
        };
        let cases = [
            (1, 0, "1 of 9 elements is NaN"),
            (2, 0, "2 of 9 elements are NaN"),
            (0, 1, "1 of 9 elements is infinite"),
            (0, 3, "3 of 9 elements are infinite"),
            (2, 1, "2 of 9 elements are NaN and 1 is infinite"),
        ];
        for (nans, infinities, text) in cases {
            assert_eq!(warning(nans, infinities), format!("variable \"v\": {text}"));
        }
    }
}
