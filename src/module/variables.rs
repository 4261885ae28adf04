//! The values of a module on disk.

use std::path::Path;
use std::sync::Arc;

use super::files::ModuleFiles;
use crate::checkpoint::CheckpointReader;
use crate::error::{Error, Result};
use crate::saved_model;
use crate::source::{VariableSource, VariableValue};

/// The variables of a module's directory, or of a SavedModel's of TensorFlow 1: a checkpoint, or nothing if it has no
/// variables.
///
/// ```
/// # use tfhub::{ModuleSpec, Session, layers};
/// use tfhub::module::ModuleVariables;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("module");
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// # spec.export(&path, &Session::new(&spec)?)?;
/// let mut session = Session::new(&spec)?;
/// let report = session.restore(&ModuleVariables::open(&path)?)?;
/// assert_eq!(report.matched.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ModuleVariables {
    reader: Option<CheckpointReader>,
    /// Keeps the directory if it is a temporary one.
    _files: Arc<ModuleFiles>,
}

impl ModuleVariables {
    /// Opens the variables of the module in a directory.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no `saved_model.pb`, and as
    /// [`CheckpointReader::open`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::of(ModuleFiles::new(directory.as_ref()).into())
    }

    /// Opens the variables of a module that was read.
    pub(super) fn of(files: Arc<ModuleFiles>) -> Result<Self> {
        let directory = files.directory();
        let model = directory.join(saved_model::SAVED_MODEL);
        let text = directory.join(saved_model::SAVED_MODEL_TEXT);
        if !text.is_file() {
            std::fs::metadata(&model).map_err(|source| Error::io("cannot open", &model, source))?;
        }
        let index = directory.join(saved_model::VARIABLES_INDEX);
        let reader = match std::fs::metadata(&index) {
            Ok(_) => Some(CheckpointReader::open(index.with_extension(""))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("cannot open", &index, error)),
        };
        Ok(ModuleVariables {
            reader,
            _files: files,
        })
    }

    /// The checkpoint; `None` if there are no variables.
    pub fn reader(&self) -> Option<&CheckpointReader> {
        self.reader.as_ref()
    }
}

impl VariableSource for ModuleVariables {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        self.reader()
            .map_or(Ok(None), |reader| reader.variable(name))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.reader()
            .map_or(Ok(Vec::new()), CheckpointReader::names)
    }

    fn path(&self) -> Option<&Path> {
        self.reader().and_then(CheckpointReader::path)
    }
}
