//! Exporting again and again while a model is trained: the latest, the best, and not too many.
//!
//! Each export is a directory of its own whose name is the time in seconds, ten digits, as those of Estimators are. It
//! is written as `temp-<time>`, which TensorFlow Serving passes over, and renamed when it is complete.

mod best;
mod directory;
mod latest;
mod summary;
#[cfg(test)]
mod testing;

use crate::error::{Error, ErrorKind};

pub use best::BestExporter;
pub use directory::{exports, keep_last_exports};
pub use latest::LatestModuleExporter;
pub use summary::ModulesSummary;

use directory::DIGITS;

errors! {
    #[derive(Debug)]
    enum ExportersError {
        #[error("there is already a module registered to be exported as {0:?}")]
        Registered(String),
        #[error("expected the name of a directory for the module, found {0:?}")]
        Name(String),
        #[error("the time {0} has more than {DIGITS} digits")]
        Time(u64),
        #[error("the value of the metric is not a number")]
        NotANumber,
        #[error("expected the best value of a metric, found {0:?}")]
        State(String),
    }
}

impl From<ExportersError> for Error {
    fn from(error: ExportersError) -> Self {
        let kind = match error {
            ExportersError::Registered(_) => ErrorKind::AlreadyExists,
            ExportersError::Time(_) => ErrorKind::Unsupported,
            ExportersError::State(_) => ErrorKind::Corrupt,
            ExportersError::Name(_) | ExportersError::NotANumber => ErrorKind::InvalidValue,
        };
        Error::new(kind, error)
    }
}
