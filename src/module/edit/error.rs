//! Why a module is not edited as it was asked.

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::message_file::MAX_MESSAGE;
use crate::module::tags::Tags;
use crate::proto::DecodeError;

errors! {
    #[derive(Debug)]
    pub(super) enum EditError {
        #[error("the module has no variant {tags}; it has {known}")]
        NoVariant { tags: Tags, known: String },
        #[error("the module has the variant {0} already")]
        VariantExists(Tags),
        #[error("the variant {0} is the last one, and a module without any cannot be loaded")]
        LastVariant(Tags),
        #[error("there is no variable \"{name}\"{meant}")]
        NoVariable { name: String, meant: String },
        #[error("variable \"{name}\" cannot be renamed to \"{to}\": {fault}")]
        Name { name: String, to: String, fault: &'static str },
        #[error("variable \"{name}\" cannot be renamed to \"{to}\": there is a variable of that name")]
        VariableExists { name: String, to: String },
        #[error("variant {tags}: node \"{node}\" cannot be renamed to \"{to}\": there is a node of that name")]
        NodeExists { tags: Tags, node: String, to: String },
        #[error("variant {tags}: the collection \"{key}\" has a malformed VariableDef: {error}")]
        VariableDef { tags: Tags, key: String, error: DecodeError },
        #[error("variant {tags}: variable \"{name}\": {fault}")]
        Variable { tags: Tags, name: String, fault: &'static str },
        #[error("variable \"{name}\": a {from} cannot be cast to {to}, only floating-point numbers to others")]
        Cast { name: String, from: DType, to: DType },
        #[error("variant {tags}: {op} \"{node}\" uses variable \"{variable}\" in a way that is not known here")]
        Use { tags: Tags, op: String, node: String, variable: String },
        #[error("variable \"{name}\": expected {expected}, found {found}")]
        Value { name: String, expected: String, found: String },
        #[error("variable \"{0}\" has no value")]
        NoValue(String),
        #[error("variant {tags}: {what} needs \"{node}\", which {why}")]
        Needed { tags: Tags, what: String, node: String, why: &'static str },
        #[error("the constants would have {0} bytes, and a graph may have {MAX_MESSAGE}")]
        TooLarge(usize),
        #[error("variant {tags}: {op} \"{node}\" cannot become a variable: {fault}")]
        Constant { tags: Tags, op: String, node: String, fault: String },
        #[error("no variant has the constant \"{name}\"{meant}")]
        NoConstant { name: String, meant: String },
        #[error("constant \"{name}\" differs between variant {first} and variant {second}, so that one variable cannot stand for both")]
        ConstantsDiffer { name: String, first: Tags, second: Tags },
        #[error("variant {tags} has no signature \"{name}\"{meant}")]
        NoSignature { tags: Tags, name: String, meant: String },
        #[error("variant {tags} has the signature \"{name}\" already")]
        SignatureExists { tags: Tags, name: String },
        #[error("variant {0} would have no signature, and could not be applied")]
        LastSignature(Tags),
        #[error("signature {0:?}: expected letters, digits and \".\", \"-\", \"_\", \":\" in the name")]
        SignatureName(String),
        #[error("there is no asset \"{name}\"{meant}")]
        NoAsset { name: String, meant: String },
        #[error("expected the path of a file in UTF-8 as an asset, found {0:?}")]
        AssetPath(PathBuf),
        #[error("variant {tags}: the collection \"{key}\" is malformed: {error}")]
        Collection { tags: Tags, key: String, error: DecodeError },
        #[error("expected a key of a letter followed by letters, digits and underscores, found {0:?}")]
        AttachmentKey(String),
        #[error("{0}")]
        Failed(Error),
        #[error("variant {tags} has no attachment \"{key}\"{meant}")]
        NoAttachment { tags: Tags, key: String, meant: String },
    }
}

impl EditError {
    fn kind(&self) -> ErrorKind {
        match self {
            EditError::NoVariant { .. }
            | EditError::NoVariable { .. }
            | EditError::NoValue(_)
            | EditError::NoConstant { .. }
            | EditError::NoSignature { .. }
            | EditError::NoAsset { .. }
            | EditError::NoAttachment { .. } => ErrorKind::NotFound,
            EditError::VariantExists(_)
            | EditError::VariableExists { .. }
            | EditError::NodeExists { .. }
            | EditError::SignatureExists { .. } => ErrorKind::AlreadyExists,
            EditError::VariableDef { .. }
            | EditError::Variable { .. }
            | EditError::Collection { .. } => ErrorKind::Corrupt,
            EditError::Cast { .. }
            | EditError::Value { .. }
            | EditError::ConstantsDiffer { .. } => ErrorKind::InvalidValue,
            EditError::Use { .. } | EditError::TooLarge(_) | EditError::Constant { .. } => {
                ErrorKind::Unsupported
            }
            EditError::Name { .. }
            | EditError::LastVariant(_)
            | EditError::Needed { .. }
            | EditError::LastSignature(_)
            | EditError::SignatureName(_)
            | EditError::AssetPath(_)
            | EditError::AttachmentKey(_) => ErrorKind::InvalidModule,
            EditError::Failed(error) => error.kind(),
        }
    }

    /// The error, with the file of the module, or else the author's line that edits it.
    pub(super) fn at(self, path: Option<&Path>, line: &'static Location<'static>) -> Error {
        let kind = self.kind();
        match (path, self) {
            (Some(path), EditError::Failed(error)) if error.path().is_none() => {
                error.with_path(path)
            }
            (_, EditError::Failed(error)) => error,
            (Some(path), error) => Error::new(kind, error).with_path(path),
            (None, error) => Error::new(kind, AtLine { line, error }),
        }
    }
}

/// An error with the author's line.
#[derive(Debug)]
struct AtLine {
    line: &'static Location<'static>,
    error: EditError,
}

impl fmt::Display for AtLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.line.file(), self.line.line());
        write!(f, "{file}:{line}: {}", self.error)
    }
}

impl std::error::Error for AtLine {}
