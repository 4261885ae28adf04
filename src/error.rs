//! The crate's one error type.
//!
//! Each module describes what went wrong in an enum of its own; [`Error`] carries it behind a coarse
//! [`ErrorKind`], the path concerned and, for graphs, one [`Diagnostic`] per fault.

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`], coarse enough to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The graph that was built has faults; [`Error::diagnostics`] lists them.
    InvalidGraph,
    /// The parts of a module do not fit together: signatures, tag sets, collections.
    InvalidModule,
    /// A value has another dtype or shape than the place it is meant for.
    InvalidValue,
    /// The function that builds a module's graph returned an error of its own.
    ModuleFn,
    /// A name that was asked for does not exist.
    NotFound,
    /// The target exists and replacing it was not asked for.
    AlreadyExists,
    /// A file's content is not what its format demands.
    Corrupt,
    /// Valid input that this crate does not handle.
    Unsupported,
    /// The operating system refused a file operation.
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
/// The text is lower case and says what was expected and what was found; [`Debug`](fmt::Debug) prints the same text, so
/// that it is also what a `main` prints which returns the error.
///
/// ```
/// use tfhub::{ErrorKind, ModuleSpec};
///
/// let error = ModuleSpec::new(|_g| {}).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidModule);
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
        self.0.cause.source()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{action}: {source}")]
struct IoError {
    action: &'static str,
    source: std::io::Error,
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

macro_rules! rules {
    ($($variant:ident $code:literal $doc:literal)*) => {
        /// The rules that a graph and a module are checked against, each with a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($code, ": ", $doc)] $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            /// The stable code that error texts print, for example `G03`.
            pub fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code,)* }
            }

            /// The demand of the rule, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $(Rule::$variant => $doc,)* }
            }
        }
    };
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.description())
    }
}

rules! {
    UnknownOp "G01" "every node's op is one that TensorFlow 1.15 has"
    Inputs "G02" "a node has the inputs its op declares, in number and dtype"
    Attribute "G03" "a node has the attributes its op demands, of the declared type and among the allowed values"
    Name "G04" "node and scope names are ones that TensorFlow accepts"
    Shape "G05" "the shapes of a node's inputs fit its op"
    OtherGraph "G06" "a node uses only tensors and operations of its own graph"
    Value "G07" "a constant's values fit its dtype and shape"
    Device "G08" "a device string is one that TensorFlow can parse"
    Variable "G09" "a variable is created once, and reused only with the same dtype and shape"
    Named "G10" "`named` covers exactly one op"
    Function "G11" "a function has a name that no op and no other function has, and its arguments have names"
    Signature "M01" "signatures have names that hub.Module can apply, and each name of theirs and of an input or output is used once"
    NoSignature "M02" "every variant has a signature"
    UndeclaredPlaceholder "M03" "every placeholder that an output depends on is an input of the same signature"
    InputColocation "M04" "a signature's input carries no colocation"
    StateColocation "M05" "a state op is colocated only with state ops"
    Collection "M06" "only collections that a module can carry are filled"
    Attachment "M07" "an attachment's key is a letter followed by letters, digits and underscores"
    SharedName "M08" "every variable and table has a shared name of its own"
    Variants "M09" "tag sets are unique, and variables of one name have one dtype and shape in all variants"
    Asset "M10" "an asset is a scalar string constant that holds the path of a file that can be read"
    CollectionItem "M11" "a collection's items are of its kind and name what the graph has, and no variable is listed twice"
    State "M12" "no output or regularization loss depends on a variable or table whose collection is dropped"
    UnregisteredOp "M13" "every op is one that TensorFlow's front end registers, for it exports no others"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `main` prints `Debug` of the error it returns.
    #[test]
    fn debug_is_the_text_for_people() {
        let io = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let lines = "a.rs:1: G05: first\na.rs:2: G05: second";
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
