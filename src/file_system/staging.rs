//! One protocol for all that is written: hidden files beside the place, a sync, a rename.
//!
//! | written | put in place by |
//! | --- | --- |
//! | a [directory](super::Stage) | a rename of the directory, or an exchange with the one that is there |
//! | the files of a checkpoint | renames of the files, of which the last makes the checkpoint exist |
//! | a [small file](FileSystem::write_over) | a rename in the place of the one that is there |
//!
//! `tempfile` does not serve here: its files and directories are created and removed past the [`FileSystem`] in whose
//! place tests put one that fails, are not synced, and a directory of it can neither be renamed into place without
//! replacing anything nor trade places with another.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{BUFFER, FileSystem, MAX_WAITING, Written, parent, sibling_name};
use crate::error::{Error, ErrorKind, Result};

#[derive(Debug, thiserror::Error)]
#[error("expected a path that ends in a name, found none")]
struct NoName;

/// Something that is being written beside its target, and not yet put in place.
///
/// Dropped before it is [settled](Self::settle), it removes the directories that it created above the target.
#[derive(Debug)]
pub(crate) struct Staging<F: FileSystem> {
    pub(crate) fs: F,
    /// The directory that holds the target.
    pub(crate) parent: PathBuf,
    hidden: PathBuf,
    /// The directories above the target that had to be created, the outermost first.
    created_parents: Vec<PathBuf>,
    /// Files that are complete but may not be on the disk yet.
    written: RefCell<Vec<Written<F::File>>>,
}

impl<F: FileSystem> Staging<F> {
    /// A staging beside `target`; nothing is created yet.
    pub(crate) fn new(fs: F, target: &Path) -> Result<Self> {
        let name = target
            .file_name()
            .ok_or_else(|| Error::new(ErrorKind::Io, NoName).with_path(target))?;
        let parent = parent(target).to_owned();
        let hidden = parent.join(sibling_name(target, name)?);
        Ok(Staging {
            fs,
            parent,
            hidden,
            created_parents: Vec::new(),
            written: RefCell::default(),
        })
    }

    /// Creates the directories above the target, where they are missing.
    pub(crate) fn create_parents(&mut self) -> Result<()> {
        self.fs.create_dirs(&self.parent, &mut self.created_parents)
    }

    /// A hidden path beside the target; each suffix gives another one.
    pub(crate) fn hidden(&self, suffix: &str) -> PathBuf {
        let mut path = self.hidden.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// Creates a file.
    pub(crate) fn create_file(&self, path: PathBuf) -> Result<StagedFile<F::File>> {
        match self.fs.create_file(&path) {
            Ok(file) => Ok(StagedFile {
                path,
                file: BufWriter::with_capacity(BUFFER, file),
            }),
            Err(source) => Err(Error::io("cannot create", path, source)),
        }
    }

    /// Takes over a complete file; syncs those that wait when there are many.
    pub(crate) fn keep(&self, file: StagedFile<F::File>) -> Result<()> {
        let mut written = self.written.borrow_mut();
        written.push(file.close()?);
        if written.len() < MAX_WAITING {
            return Ok(());
        }
        self.fs.sync_all(&written, &[])?;
        written.clear();
        Ok(())
    }

    /// Brings all files to the disk, these directories and the ones above the target that were created.
    pub(crate) fn sync(&self, directories: &[PathBuf]) -> Result<()> {
        let written = self.written.take();
        self.fs.sync_all(&written, directories)?;
        drop(written);
        let mut created = self.created_parents.iter();
        created.try_for_each(|path| self.fs.sync_directory(parent(path)))
    }

    /// Brings what was renamed beside the target to the disk.
    pub(crate) fn sync_parent(&self) -> Result<()> {
        self.fs.sync_directory(&self.parent)
    }

    /// Closes the files that wait, for them to be removed.
    pub(crate) fn close_files(&self) {
        self.written.take();
    }

    /// Keeps the directories above the target from here on.
    pub(crate) fn settle(&mut self) {
        self.created_parents.clear();
    }

    /// Writes a small file in the place of another, if there is one.
    pub(super) fn write_over(self, target: &Path, content: &[u8]) -> Result<()> {
        let hidden = self.hidden("");
        let failed = |source| Error::io("cannot write", target, source);
        let put = || {
            let mut file = self.fs.create_file(&hidden).map_err(failed)?;
            file.write_all(content).map_err(failed)?;
            let path = target.to_owned();
            self.written.borrow_mut().push(Written { path, file });
            self.sync(&[])?;
            self.fs.rename_over(&hidden, target).map_err(failed)
        };
        put().inspect_err(|_| {
            let _ = self.fs.remove_file(&hidden);
        })?;
        self.sync_parent()
    }
}

impl<F: FileSystem> Drop for Staging<F> {
    fn drop(&mut self) {
        for path in self.created_parents.iter().rev() {
            // It stays if somebody else has put something there.
            let _ = self.fs.remove_dir(path);
        }
    }
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct StagedFile<W: Write> {
    path: PathBuf,
    file: BufWriter<W>,
}

impl<W: Write> StagedFile<W> {
    /// Where the file is now.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is held back.
    fn close(self) -> Result<Written<W>> {
        let StagedFile { path, file } = self;
        match file.into_inner() {
            Ok(file) => Ok(Written { path, file }),
            Err(error) => Err(Error::io("cannot write", path, error.into_error())),
        }
    }
}

impl<W: Write> Write for StagedFile<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
