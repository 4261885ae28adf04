//! The directory that a module was read from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sorted_map::SortedMap;

/// The directories of the modules that are inside of a graph.
#[derive(Debug, Default)]
pub(super) struct KeptFiles(pub(super) Vec<Arc<ModuleFiles>>);

/// A module's directory on disk. One that was unpacked from an archive is removed with the last module that was read
/// from it, and the last graph that has such a module in it.
#[derive(Debug)]
pub(super) struct ModuleFiles {
    directory: PathBuf,
    /// The files that assets have instead of those in the directory, by their names there.
    assets: SortedMap<String, PathBuf>,
    /// Those of the modules that this one was made of; kept for the files that it still has.
    _before: Vec<Arc<ModuleFiles>>,
    is_edited: bool,
    #[cfg(feature = "tar")]
    _unpacked: Option<tempfile::TempDir>,
}

impl ModuleFiles {
    pub(super) fn new(directory: &Path) -> Self {
        ModuleFiles {
            directory: directory.to_owned(),
            assets: SortedMap::new(),
            _before: Vec::new(),
            is_edited: false,
            #[cfg(feature = "tar")]
            _unpacked: None,
        }
    }

    /// A directory inside of one that was made for it.
    #[cfg(feature = "tar")]
    pub(super) fn unpacked(directory: PathBuf, unpacked: tempfile::TempDir) -> Self {
        ModuleFiles {
            _unpacked: Some(unpacked),
            ..ModuleFiles::new(&directory)
        }
    }

    /// The files of a module that was made of others, the first of which was read from a directory if it is `here`, and
    /// that has these files as assets.
    pub(super) fn edited(
        here: Option<&Path>,
        before: Vec<Arc<ModuleFiles>>,
        assets: SortedMap<String, PathBuf>,
    ) -> Self {
        ModuleFiles {
            assets,
            _before: before,
            is_edited: true,
            ..ModuleFiles::new(here.unwrap_or(Path::new("")))
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The files that assets have instead of those in the directory.
    pub(super) fn assets(&self) -> &SortedMap<String, PathBuf> {
        &self.assets
    }

    /// Whether the variables in the directory are no longer those of the module.
    pub(super) fn is_edited(&self) -> bool {
        self.is_edited
    }
}
