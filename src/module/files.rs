//! The directory that a module was read from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The directories of the modules that are inside of a graph.
#[derive(Debug, Default)]
pub(super) struct KeptFiles(pub(super) Vec<Arc<ModuleFiles>>);

/// A module's directory on disk. One that was unpacked from an archive is removed with the last module that was read
/// from it, and the last graph that has such a module in it.
#[derive(Debug)]
pub(super) struct ModuleFiles {
    directory: PathBuf,
    #[cfg(feature = "tar")]
    _unpacked: Option<tempfile::TempDir>,
}

impl ModuleFiles {
    pub(super) fn new(directory: &Path) -> Self {
        ModuleFiles {
            directory: directory.to_owned(),
            #[cfg(feature = "tar")]
            _unpacked: None,
        }
    }

    /// A directory inside of one that was made for it.
    #[cfg(feature = "tar")]
    pub(super) fn unpacked(directory: PathBuf, unpacked: tempfile::TempDir) -> Self {
        ModuleFiles {
            directory,
            _unpacked: Some(unpacked),
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}
