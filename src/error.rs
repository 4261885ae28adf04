//! The crate's one error type.
//!
//! Each module describes what went wrong in an enum of its own; [`Error`] carries it behind a coarse
//! [`ErrorKind`], the path concerned and, for graphs, one [`Diagnostic`] per fault.

mod rule;
#[macro_use]
mod texts;

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

pub use rule::Rule;
pub(crate) use texts::write_text;

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`], coarse enough to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The graph that was built has faults; [`Error::diagnostics`] lists them.
    ///
    /// ```
    /// use tfhub::{ErrorKind, GraphBuilder, ops::math};
    ///
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// math::matmul(x, [[1.0f32, 2.0]]);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidGraph);
    /// assert_eq!(error.diagnostics()[0].message(), "inner dimensions differ: left [?, 3], right [1, 2]");
    /// ```
    InvalidGraph,
    /// The parts of a module do not fit together: signatures, tag sets, collections.
    ///
    /// ```
    /// use tfhub::{ErrorKind, ModuleSpec};
    ///
    /// let error = ModuleSpec::new(|g| {
    ///     g.placeholder::<f32>((None, 3));
    /// });
    /// assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidModule);
    /// ```
    InvalidModule,
    /// A value has another dtype or shape than the place it is meant for.
    ///
    /// ```
    /// use tfhub::{ErrorKind, GraphBuilder, Session};
    ///
    /// let g = GraphBuilder::new();
    /// g.get_variable::<f32>("bias").shape([2]).finish();
    /// let mut session = Session::new(&g.finish()?)?;
    /// let error = session.assign("bias", [1.0f32]).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidValue);
    /// assert_eq!(error.to_string(), "variable \"bias\": expected float32 [2], found float32 [1]");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    InvalidValue,
    /// The function that builds a module's graph returned an error of its own.
    ///
    /// ```
    /// use tfhub::{ErrorKind, ModuleSpec};
    ///
    /// let error = ModuleSpec::new(|_| "many".parse::<u32>().map(drop)).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::ModuleFn);
    /// ```
    ModuleFn,
    /// A name that was asked for does not exist.
    ///
    /// ```
    /// use tfhub::{ErrorKind, GraphBuilder, Session};
    ///
    /// let g = GraphBuilder::new();
    /// g.get_variable::<f32>("bias").shape([2]).finish();
    /// let error = Session::new(&g.finish()?)?.value("bais").map(drop).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// assert!(error.to_string().contains("did you mean \"bias\"?"), "{error}");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    NotFound,
    /// The target exists and replacing it was not asked for.
    ///
    /// ```
    /// use tfhub::{ErrorKind, ModuleSpec, Session};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x * 2.0);
    /// })?;
    /// let target = tempfile::tempdir()?;
    /// let error = spec.export(target.path(), &Session::new(&spec)?).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    /// assert_eq!(error.path(), Some(target.path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    AlreadyExists,
    /// A file's content is not what its format demands.
    ///
    /// ```
    /// use tfhub::{ErrorKind, source::NpyReader};
    ///
    /// let error = NpyReader::from_bytes("a text", "kernel").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Corrupt);
    /// ```
    Corrupt,
    /// Valid input that this crate does not handle.
    ///
    /// ```
    /// use tfhub::source::write_npy;
    /// use tfhub::{ErrorKind, value::IntoTensorValue};
    ///
    /// let words = ["cat", "dog"].into_tensor_value();
    /// let error = write_npy(&words, Vec::new()).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unsupported);
    /// ```
    Unsupported,
    /// The operating system refused a file operation.
    ///
    /// ```
    /// use tfhub::{ErrorKind, ModuleSpec, Session};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x * 2.0);
    /// })?;
    /// let file = tempfile::NamedTempFile::new()?;
    /// let error = spec.export(file.path().join("module"), &Session::new(&spec)?).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Io);
    /// assert!(error.io_error().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Io,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::InvalidGraph => "invalid graph",
            ErrorKind::InvalidModule => "invalid module",
            ErrorKind::InvalidValue => "invalid value",
            ErrorKind::ModuleFn => "failed module function",
            ErrorKind::NotFound => "not found",
            ErrorKind::AlreadyExists => "already exists",
            ErrorKind::Corrupt => "corrupt",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Io => "failed file operation",
        })
    }
}

/// An error of this crate.
///
/// The text is lower case and says what was expected and what was found, with the text of the error of the operating
/// system or of another format's reader that is behind it; [`Debug`](fmt::Debug) prints the same text, so that it is also
/// what a `main` prints which returns the error. Since the text has it all, [`source`](std::error::Error::source) is `None`,
/// but for an error that a [module function](ErrorKind::ModuleFn) returned, whose source it is; a report that prints a
/// chain of errors says everything once. [`io_error`](Self::io_error) is the error of the operating system.
///
/// ```
/// use tfhub::{ErrorKind, ModuleSpec};
///
/// let error = ModuleSpec::new(|_g| {}).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidModule);
/// assert!(error.to_string().contains("has no signature"), "{error}");
/// ```
pub struct Error(Box<Inner>);

type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

struct Inner {
    kind: ErrorKind,
    path: Option<PathBuf>,
    diagnostics: Vec<Diagnostic>,
    cause: Cause,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: impl Into<Cause>) -> Self {
        Error(Box::new(Inner {
            kind,
            path: None,
            diagnostics: Vec::new(),
            cause: cause.into(),
        }))
    }

    /// A failed file operation: `action` reads like "cannot create".
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
            _ => ErrorKind::Io,
        };
        Error::new(kind, IoError { action, source }).with_path(path)
    }

    /// Names the file or directory that the error concerns.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    pub(crate) fn with_diagnostics(mut self, diagnostics: Vec<Diagnostic>) -> Self {
        self.0.diagnostics = diagnostics;
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file or directory concerned, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The error of the operating system that is the cause, if there is one.
    ///
    /// ```
    /// use std::io;
    /// use tfhub::ModuleSpec;
    ///
    /// let error = ModuleSpec::from_saved_model("no/such/directory", ()).unwrap_err();
    /// assert_eq!(error.io_error().map(io::Error::kind), Some(io::ErrorKind::NotFound));
    /// ```
    pub fn io_error(&self) -> Option<&std::io::Error> {
        let cause: &(dyn std::error::Error + 'static) = &*self.0.cause;
        let mut causes = std::iter::successors(Some(cause), |error| error.source());
        causes.find_map(|error| error.downcast_ref())
    }

    /// The faults found in a graph, in the order in which they were made; empty for other errors.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Faults that were read from a file name it themselves.
        let named = self.0.diagnostics.iter().any(|fault| fault.file.is_some());
        let path = self.0.path.as_ref().filter(|_| !named);
        match (path, self.0.cause.downcast_ref::<IoError>()) {
            (Some(path), Some(io)) => write!(f, "{} {}: {}", io.action, path.display(), io.source),
            (Some(path), None) => write!(f, "{}: {}", path.display(), self.0.cause),
            (None, _) => write!(f, "{}", self.0.cause),
        }
    }
}

/// Prints as [`Display`](fmt::Display) does, since a `main` that returns an error has it printed so.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.0.kind {
            ErrorKind::ModuleFn => self.0.cause.source(),
            _ => None,
        }
    }
}

errors! {
    #[derive(Debug)]
    #[error("{action}: {source}")]
    struct IoError {
        action: &'static str,
        source: std::io::Error,
    }
}

/// One fault found in a graph: which rule, at which node, built at which line of the author's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub(crate) rule: Rule,
    pub(crate) variant: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) node: String,
    pub(crate) op: String,
    pub(crate) location: &'static Location<'static>,
    pub(crate) message: String,
}

/// The end of a message about something that exists already: the author's line that made it.
pub(crate) fn first_at(line: &Location<'_>) -> String {
    format!(", first at {}:{}", line.file(), line.line())
}

impl Diagnostic {
    /// The rule that was broken.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The tag set of the module's variant, such as `{train}`; `None` outside of modules.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The name of the node concerned; empty where the fault concerns no node.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The TensorFlow op of the node concerned; empty where the fault concerns no node.
    pub fn op(&self) -> &str {
        &self.op
    }

    /// The file that the fault was read from; `None` for what the author built.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line of the author's program that made the fault, or that read the file which has it.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The message: what was expected and what was found.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}: ", file.display())?,
            None => write!(f, "{}:{}: ", self.location.file(), self.location.line())?,
        }
        write!(f, "{}: ", self.rule.code())?;
        if let Some(variant) = self.variant.as_deref().filter(|variant| *variant != "{}") {
            write!(f, "variant {variant}: ")?;
        }
        match (self.op.is_empty(), self.node.is_empty()) {
            (true, true) => {}
            (true, false) => write!(f, "\"{}\": ", self.node)?,
            (false, _) => write!(f, "{} \"{}\": ", self.op, self.node)?,
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `main` prints `Debug` of the error it returns.
    #[test]
    fn debug_is_the_text_for_people() {
        let io = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let lines = "a.rs:1: B05: first\na.rs:2: B05: second";
        for error in [
            Error::io("cannot create", "out", io),
            Error::new(ErrorKind::InvalidGraph, lines),
            Error::new(ErrorKind::Corrupt, "is cut short").with_path("model.index"),
        ] {
            assert_eq!(format!("{error:?}"), error.to_string());
            assert_eq!(format!("{error:#?}"), error.to_string());
            let boxed: Box<dyn std::error::Error> = error.into();
            assert_eq!(format!("{boxed:?}"), boxed.to_string());
        }
    }
}
