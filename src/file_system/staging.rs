//! One protocol for all that is written: hidden files beside the place, a sync, a rename.
//!
//! | written | put in place by |
//! | --- | --- |
//! | a [directory](super::Stage) | a rename of the directory, or an exchange with the one that is there |
//! | an export of a [series](crate::module::exports), named `temp-<time>` until then | a rename of the directory |
//! | the files of a checkpoint | renames of the files, of which the last makes the checkpoint exist |
//! | a [small file](FileSystem::write_over) | a rename in the place of the one that is there |
//!
//! `tempfile` does not serve here: its files and directories are created and removed past the [`FileSystem`] in whose
//! place tests put one that fails, are not synced, and a directory of it can neither be renamed into place without
//! replacing anything nor trade places with another.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{BUFFER, FileSystem, MAX_WAITING, Written, parent};
use crate::error::{Error, ErrorKind, Result};
use crate::random;

/// Longer names are left out of a hidden name, which may have 255 bytes.
const LONGEST_NAME: usize = 200;

#[derive(Debug)]
struct NoName;

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a path that ends in a name, found none")
    }
}

impl std::error::Error for NoName {}

/// A fresh path beside `target`, hidden from listings.
pub(crate) fn hidden_beside(target: &Path) -> Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or_else(|| Error::new(ErrorKind::Io, NoName).with_path(target))?;
    let random = random::entropy();
    let mut hidden = OsString::from(".");
    if name.len() <= LONGEST_NAME {
        hidden.push(name);
    }
    hidden.push(format!(".tfhub-{random:016x}"));
    Ok(parent(target).join(hidden))
}

/// `path` with `suffix` at the end of its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(suffix);
    path.into()
}

/// Files and directories that are being written beside their places in a directory, and are not yet put there.
///
/// Dropped before it is [settled](Self::settle), it removes the directories that it created down to that directory.
#[derive(Debug)]
pub(crate) struct Staging<F: FileSystem> {
    pub(crate) fs: F,
    /// The directory that holds the places.
    pub(crate) parent: PathBuf,
    /// The directories down to `parent` that had to be created, the outermost first.
    created_parents: Vec<PathBuf>,
    /// Files that are complete but may not be on the disk yet.
    written: RefCell<Vec<Written<F::File>>>,
}

impl<F: FileSystem> Staging<F> {
    /// A staging in the directory `parent`; nothing is created yet.
    pub(crate) fn new(fs: F, parent: impl Into<PathBuf>) -> Self {
        Staging {
            fs,
            parent: parent.into(),
            created_parents: Vec::new(),
            written: RefCell::default(),
        }
    }

    /// Creates the directory and those above it, where they are missing.
    pub(crate) fn create_parents(&mut self) -> Result<()> {
        self.fs.create_dirs(&self.parent, &mut self.created_parents)
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

    /// Writes a whole file, piece after piece.
    pub(crate) fn write_file(&self, path: PathBuf, pieces: &[impl AsRef<[u8]>]) -> Result<()> {
        let mut file = self.create_file(path)?;
        let mut pieces = pieces.iter();
        let written = pieces.try_for_each(|piece| file.write_all(piece.as_ref()));
        written.map_err(|source| Error::io("cannot write", file.path(), source))?;
        self.keep(file)
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

    /// Brings all files to the disk, these directories and the ones down to `parent` that were created.
    pub(crate) fn sync(&self, directories: &[PathBuf]) -> Result<()> {
        let written = self.written.take();
        self.fs.sync_all(&written, directories)?;
        drop(written);
        let mut created = self.created_parents.iter();
        created.try_for_each(|path| self.fs.sync_directory(parent(path)))
    }

    /// Puts a directory in its place, where nothing may be.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if there is something. After an error the directory is where it was.
    pub(crate) fn put_new(&self, staged: &Path, target: &Path) -> Result<()> {
        let renamed = self.fs.rename_new(staged, target);
        renamed.map_err(|source| Error::io("cannot create", target, source))?;
        self.sync_parent().inspect_err(|_| {
            let _ = self.fs.rename_new(target, staged);
        })
    }

    /// Brings what was renamed in the directory to the disk.
    pub(crate) fn sync_parent(&self) -> Result<()> {
        self.fs.sync_directory(&self.parent)
    }

    /// Closes the files that wait, for them to be removed.
    pub(crate) fn close_files(&self) {
        self.written.take();
    }

    /// Keeps the directories that were created from here on.
    pub(crate) fn settle(&mut self) {
        self.created_parents.clear();
    }

    /// Writes a small file in the place of another, if there is one.
    pub(super) fn write_over(self, target: &Path, content: &[u8]) -> Result<()> {
        let hidden = hidden_beside(target)?;
        let failed = |source| Error::io("cannot write", target, source);
        let put = || {
            let mut file = self.fs.create_file(&hidden).map_err(failed)?;
            file.write_all(content)
                .and_then(|()| file.flush())
                .map_err(failed)?;
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
        let inner = file.into_inner().map_err(|error| error.into_error());
        match inner.and_then(|mut file| file.flush().map(|()| file)) {
            Ok(file) => Ok(Written { path, file }),
            Err(source) => Err(Error::io("cannot write", path, source)),
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
