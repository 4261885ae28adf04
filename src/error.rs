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
    /// let error = ModuleSpec::from_saved_model("no/such/directory").unwrap_err();
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
    ($($(#[$example:meta])* $variant:ident $code:literal $doc:literal)*) => {
        /// The rules that a graph and a module are checked against, each with a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($code, ": ", $doc, "\n")] $(#[$example])* $variant,)*
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
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.op("Frobnicate").finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::UnknownOp);
    /// ```
    UnknownOp "G01" "every node's op is one that TensorFlow 1.15 has"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.op("MatMul").input(x).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Inputs);
    /// ```
    Inputs "G02" "a node has the inputs its op declares, in number and dtype"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.op("Placeholder").finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Attribute);
    /// ```
    Attribute "G03" "a node has the attributes its op demands, of the declared type and among the allowed values"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.named("two words", || x + 1.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Name);
    /// ```
    Name "G04" "node and scope names are ones that TensorFlow accepts"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let _ = x + [1.0, 2.0];
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Shape);
    /// ```
    Shape "G05" "the shapes of a node's inputs fit its op"
    /// ```
    /// # use tfhub::{GraphBuilder, ops::math, error::Rule};
    /// let g = GraphBuilder::new();
    /// let other = GraphBuilder::new();
    /// math::add(g.constant(1.0), other.constant(2.0));
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::OtherGraph);
    /// ```
    OtherGraph "G06" "a node uses only tensors and operations of its own graph"
    /// ```
    /// # use tfhub::{GraphBuilder, init, error::Rule};
    /// let g = GraphBuilder::new();
    /// let ramp = init::constant([1, 2, 3]);
    /// g.get_variable::<f32>("v").shape([2]).initializer(ramp).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Value);
    /// ```
    Value "G07" "a constant's values fit its dtype and shape"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.device("/tusk:3", || g.constant(1.0f32));
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Device);
    /// ```
    Device "G08" "a device string is one that TensorFlow can parse"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.get_variable::<f32>("v").shape([2]).finish();
    /// g.get_variable::<f32>("v").shape([2]).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Variable);
    /// ```
    Variable "G09" "a variable is created once, and reused only with the same dtype and shape"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.named("y", || (x + 1.0) * 2.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Named);
    /// ```
    Named "G10" "`named` covers exactly one op"
    /// ```
    /// # use tfhub::{GraphBuilder, Tensor, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.function("Relu", ["x"], |x: Tensor<f32>| x * 2.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Function);
    /// ```
    Function "G11" "a function has a name that no op and no other function has"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.default_signature(x, x * 2.0);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Signature);
    /// ```
    Signature "M01" "signatures have names that hub.Module can apply, and each name of theirs and of an input or output is used once"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     g.placeholder::<f32>((None, 3));
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::NoSignature);
    /// ```
    NoSignature "M02" "every variant has a signature"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let training = g.placeholder::<f32>(());
    ///     g.default_signature(x, x * training);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::UndeclaredPlaceholder);
    /// ```
    UndeclaredPlaceholder "M03" "every placeholder that an output depends on is an input of the same signature"
    /// ```
    /// # use tfhub::{ModuleSpec, ops::array, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let fed = g.colocate_with(x, || array::identity(x));
    ///     g.default_signature(fed, fed * 2.0);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::InputColocation);
    /// ```
    InputColocation "M04" "a signature's input carries no colocation"
    /// ```
    /// # use tfhub::{DType, ModuleSpec, Shape, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.colocate_with(x, || {
    ///         let handle = g.op("VarHandleOp").attr("dtype", DType::Float32);
    ///         handle.attr("shape", Shape::scalar()).attr("shared_name", "v").finish()
    ///     });
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::StateColocation);
    /// ```
    StateColocation "M05" "a state op is colocated only with state ops"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.add_to_collection("losses", x);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Collection);
    /// ```
    Collection "M06" "only collections that a module can carry are filled"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.attach_bytes("1a", []);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Attachment);
    /// ```
    Attachment "M07" "an attachment's key is a letter followed by letters, digits and underscores"
    /// ```
    /// # use tfhub::{DType, ModuleSpec, Shape, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     let handle = g.op("VarHandleOp").attr("dtype", DType::Float32);
    ///     handle.attr("shape", Shape::scalar()).finish();
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::SharedName);
    /// ```
    SharedName "M08" "every variable and table has a shared name of its own"
    /// ```
    /// # use tfhub::{GraphBuilder, ModuleSpec, Tags, error::Rule};
    /// let scaled = |g: &GraphBuilder, size: usize| {
    ///     let x = g.placeholder::<f32>((None, size));
    ///     let v = g.get_variable::<f32>("v").shape([size]).finish();
    ///     g.default_signature(x, x * v);
    /// };
    /// let builder = ModuleSpec::builder().variant(Tags::none(), |g| scaled(g, 2));
    /// let spec = builder.variant(["train"], |g| scaled(g, 3)).finish();
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Variants);
    /// ```
    Variants "M09" "tag sets are unique, and variables of one name have one dtype and shape in all variants"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.asset("words/");
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Asset);
    /// ```
    Asset "M10" "an asset is a scalar string constant that holds the path of a file that can be read"
    /// ```
    /// # use tfhub::{ModuleSpec, graph::keys, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let v = g.get_variable::<f32>("v").shape([3]).finish();
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x * v);
    ///     g.add_to_collection(keys::VARIABLES, v);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::CollectionItem);
    /// ```
    CollectionItem "M11" "a collection's items are of its kind and name what the graph has, and no variable is listed twice"
    /// ```
    /// # use tfhub::{ModuleSpec, Tags, error::Rule, graph::keys};
    /// let builder = ModuleSpec::builder().drop_collections([keys::VARIABLES]);
    /// let spec = builder.variant(Tags::none(), |g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let v = g.get_variable::<f32>("v").shape([3]).finish();
    ///     g.default_signature(x, x * v);
    /// });
    /// assert_eq!(spec.finish().unwrap_err().diagnostics()[0].rule(), Rule::State);
    /// ```
    State "M12" "no output or regularization loss depends on a variable or table whose collection is dropped"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.op("CopyHost").input(x).finish();
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::UnregisteredOp);
    /// ```
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
