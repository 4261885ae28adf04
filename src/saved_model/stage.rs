//! Writing a directory so that nobody ever sees half of it.
//!
//! All is written into a staging directory beside the target, named `.<target>.tfhub-<random>`, synced to
//! the disk, and put in place in one step: a new target by a rename that replaces nothing, an existing one
//! by trading places with it, after which the old content is removed.
//!
//! What lies in an existing target and is no part of a module, such as a README, is not ours to remove. It is linked
//! into the staging directory before the two trade places, so that it is in the target at any time.
//!
//! An error leaves the target as it was, and nothing beside it. Old content that cannot be removed in the end is no
//! error, since the new content is in place; the caller is told where it is.
//!
//! A process that is killed leaves the target absent, or old, or new, never mixed; it may leave its
//! staging directory behind. Where the file system cannot let two directories trade places, the old
//! content is renamed to a sibling of such a name first, so for a moment it is found only there.
//! Left-over directories are in nobody's way, since each run draws its own name. They are never removed
//! automatically: one may be another process's that is still writing, or hold the only old content.

use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{BUFFER, FileKind, MAX_WAITING, Written, parent, sibling_name};

pub(crate) use crate::file_system::{FileSystem, OsFileSystem};

#[cfg(test)]
pub(crate) mod faults;
#[cfg(test)]
mod tests;

/// The file that marks a module's directory.
const MODULE_FILE: &str = "tfhub_module.pb";
/// All that a module's directory consists of.
const PARTS: [&str; 5] = [
    MODULE_FILE,
    "saved_model.pb",
    "saved_model.pbtxt",
    "variables",
    "assets",
];

/// Old content that could not be removed after new one was put in its place.
#[derive(Debug)]
pub(crate) struct Remains {
    pub(crate) path: PathBuf,
    pub(crate) error: io::Error,
}

#[derive(Debug, thiserror::Error)]
enum StageError {
    #[error("already exists; ask for replacement to overwrite it")]
    Exists,
    #[error("already exists; expected a module's directory to replace, found {found}")]
    NotAModule { found: &'static str },
    #[error("expected a path that ends in a name, found none")]
    NoName,
    #[error("expected a relative path inside of the directory, found {path:?}")]
    Outside { path: PathBuf },
    #[error("{count} files were not closed")]
    Unclosed { count: usize },
    #[error("cannot be replaced: {source}; its old content is now in {old:?}")]
    Displaced { old: PathBuf, source: io::Error },
}

impl StageError {
    fn at(self, path: &Path) -> Error {
        let kind = match &self {
            StageError::Exists | StageError::NotAModule { .. } => ErrorKind::AlreadyExists,
            _ => ErrorKind::Io,
        };
        Error::new(kind, self).with_path(path)
    }
}

/// A directory that is being written.
///
/// Dropped without [`commit`](Stage::commit), it removes what was written.
#[derive(Debug)]
pub(crate) struct Stage<'f, F: FileSystem> {
    fs: &'f F,
    target: PathBuf,
    /// The directory that holds the target and the staging directory.
    parent: PathBuf,
    replace: bool,
    /// The staging directory.
    root: PathBuf,
    /// The directories above the target that had to be created, the outermost first.
    created_parents: Vec<PathBuf>,
    /// The staging directory, once it exists, and those below it, each after the one that holds it.
    directories: Vec<PathBuf>,
    open_files: Cell<usize>,
    /// Files that are complete but may not be on the disk yet.
    written: RefCell<Vec<Written<F::File>>>,
    /// Whether nothing is left to clean up.
    settled: bool,
}

impl<'f, F: FileSystem> Stage<'f, F> {
    /// Begins to write what will be at `target`, creating the directories above it if they are missing.
    ///
    /// # Errors
    ///
    /// If `target` exists, unless `replace` is set and it is an empty directory or a module's.
    pub(crate) fn new(fs: &'f F, target: &Path, replace: bool) -> Result<Self> {
        let name = target
            .file_name()
            .ok_or_else(|| StageError::NoName.at(target))?;
        let parent = parent(target).to_path_buf();
        let root = parent.join(sibling_name(target, name)?);
        let mut stage = Stage {
            fs,
            target: target.to_path_buf(),
            parent,
            replace,
            root,
            created_parents: Vec::new(),
            directories: Vec::new(),
            open_files: Cell::new(0),
            written: RefCell::default(),
            settled: false,
        };
        stage.target_exists()?;
        stage.create_parents()?;
        stage.create(stage.root.clone())?;
        Ok(stage)
    }

    /// Creates a directory at a path relative to the target.
    pub(crate) fn create_dir(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = self.inside(path.as_ref())?;
        self.create(path)
    }

    /// Creates a file at a path relative to the target.
    ///
    /// It must be [closed](StageFile::close) before the stage is committed.
    pub(crate) fn create_file(&self, path: impl AsRef<Path>) -> Result<StageFile<'_, 'f, F>> {
        let path = self.inside(path.as_ref())?;
        let file = self.fs.create_file(&path);
        let file = file.map_err(|source| Error::io("cannot create", &path, source))?;
        self.open_files.set(self.open_files.get() + 1);
        Ok(StageFile {
            stage: self,
            path,
            file: BufWriter::with_capacity(BUFFER, file),
        })
    }

    /// Writes a whole file, piece after piece, at a path relative to the target.
    pub(crate) fn write_file(
        &self,
        path: impl AsRef<Path>,
        pieces: &[impl AsRef<[u8]>],
    ) -> Result<()> {
        let mut file = self.create_file(path)?;
        let mut pieces = pieces.iter();
        let written = pieces.try_for_each(|piece| file.write_all(piece.as_ref()));
        written.map_err(|source| Error::io("cannot write", file.path(), source))?;
        file.close()
    }

    /// Puts what was written in place, and says if old content is left over somewhere.
    pub(crate) fn commit(mut self) -> Result<Option<Remains>> {
        let count = self.open_files.get();
        if count > 0 {
            return Err(StageError::Unclosed { count }.at(&self.target));
        }
        if self.target_exists()? {
            self.keep_what_is_not_ours()?;
        }
        let written = self.written.take();
        self.fs.sync_all(&written, &self.directories)?;
        drop(written);
        for path in &self.created_parents {
            self.fs.sync_directory(parent(path))?;
        }
        if self.target_exists()? {
            let old = self.put_in_exchange()?;
            self.settled = true;
            // A second attempt, since the first may have met a file that was about to be closed.
            let removed = self
                .fs
                .remove_dir_all(&old)
                .or_else(|_| self.fs.remove_dir_all(&old));
            Ok(removed.err().map(|error| Remains { path: old, error }))
        } else {
            self.put_new()?;
            self.settled = true;
            Ok(None)
        }
    }

    /// Links what is in the target, but is no part of a module, into the staging directory.
    fn keep_what_is_not_ours(&mut self) -> Result<()> {
        let (target, root) = (self.target.clone(), self.root.clone());
        let mut open = vec![(target, root)];
        while let Some((from, to)) = open.pop() {
            let names = self.fs.names(&from);
            for name in names.map_err(|source| Error::io("cannot read", &from, source))? {
                let at_top = from == self.target;
                if at_top && PARTS.iter().any(|part| name == *part) {
                    continue;
                }
                let (from, to) = (from.join(&name), to.join(&name));
                let kept = |source| Error::io("cannot keep", &from, source);
                match self.fs.kind(&from).map_err(kept)? {
                    Some(FileKind::Directory) => {
                        self.create(to.clone())?;
                        open.push((from, to));
                    }
                    Some(_) => self.fs.link(&from, &to).map_err(kept)?,
                    // It is gone by now.
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Takes over a complete file; syncs those that wait when there are many.
    fn keep(&self, file: Written<F::File>) -> Result<()> {
        self.open_files.set(self.open_files.get() - 1);
        let mut written = self.written.borrow_mut();
        written.push(file);
        if written.len() < MAX_WAITING {
            return Ok(());
        }
        self.fs.sync_all(&written, &[])?;
        written.clear();
        Ok(())
    }

    fn put_new(&self) -> Result<()> {
        self.fs
            .rename_new(&self.root, &self.target)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => StageError::Exists.at(&self.target),
                _ => Error::io("cannot create", &self.target, source),
            })?;
        self.fs.sync_directory(&self.parent).inspect_err(|_| {
            let _ = self.fs.rename_new(&self.target, &self.root);
        })
    }

    /// Puts the new content where the old is, and returns where the old is then.
    fn put_in_exchange(&self) -> Result<PathBuf> {
        match self.fs.exchange(&self.root, &self.target) {
            Ok(()) => {
                self.fs.sync_directory(&self.parent).inspect_err(|_| {
                    let _ = self.fs.exchange(&self.root, &self.target);
                })?;
                Ok(self.root.clone())
            }
            Err(source) if source.kind() == io::ErrorKind::Unsupported => self.put_after_moving(),
            Err(source) => Err(Error::io("cannot replace", &self.target, source)),
        }
    }

    fn put_after_moving(&self) -> Result<PathBuf> {
        let fs = self.fs;
        let name = self.target.file_name().unwrap_or_default();
        let old = sibling_name(&self.target, name)?;
        let old = self.parent.join(old);
        let moved = fs.rename_new(&self.target, &old);
        moved.map_err(|source| Error::io("cannot replace", &self.target, source))?;
        if let Err(source) = fs.rename_new(&self.root, &self.target) {
            return Err(match fs.rename_new(&old, &self.target) {
                Ok(()) => Error::io("cannot replace", &self.target, source),
                Err(_) => StageError::Displaced { old, source }.at(&self.target),
            });
        }
        self.fs.sync_directory(&self.parent).inspect_err(|_| {
            let away = fs.rename_new(&self.target, &self.root);
            let _ = away.and_then(|()| fs.rename_new(&old, &self.target));
        })?;
        Ok(old)
    }

    /// Whether there is something at the target, which then may be replaced.
    fn target_exists(&self) -> Result<bool> {
        let inspected = |source| Error::io("cannot inspect", &self.target, source);
        let found = match self.fs.kind(&self.target).map_err(inspected)? {
            None => return Ok(false),
            Some(_) if !self.replace => return Err(StageError::Exists.at(&self.target)),
            Some(FileKind::Directory) => {
                let module = self
                    .fs
                    .kind(&self.target.join(MODULE_FILE))
                    .map_err(inspected)?;
                if module.is_some() || self.fs.is_empty(&self.target).map_err(inspected)? {
                    return Ok(true);
                }
                "a directory without tfhub_module.pb"
            }
            Some(FileKind::Symlink) => "a symbolic link",
            Some(FileKind::Other) => "a file",
        };
        Err(StageError::NotAModule { found }.at(&self.target))
    }

    fn create_parents(&mut self) -> Result<()> {
        let (fs, created) = (self.fs, &mut self.created_parents);
        fs.create_dirs(&self.parent, created)
    }

    fn create(&mut self, path: PathBuf) -> Result<()> {
        let created = self.fs.create_dir(&path);
        created.map_err(|source| Error::io("cannot create", &path, source))?;
        self.directories.push(path);
        Ok(())
    }

    fn inside(&self, path: &Path) -> Result<PathBuf> {
        let inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if inside && path.file_name().is_some() {
            return Ok(self.root.join(path));
        }
        let path = path.to_path_buf();
        Err(StageError::Outside { path }.at(&self.target))
    }
}

impl<F: FileSystem> Drop for Stage<'_, F> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        if !self.directories.is_empty() {
            let _ = self.fs.remove_dir_all(&self.root);
        }
        for path in self.created_parents.iter().rev() {
            // It stays if somebody else has put something there.
            let _ = self.fs.remove_dir(path);
        }
    }
}

/// A file that is being written.
pub(crate) struct StageFile<'s, 'f, F: FileSystem> {
    stage: &'s Stage<'f, F>,
    path: PathBuf,
    file: BufWriter<F::File>,
}

impl<F: FileSystem> StageFile<'_, '_, F> {
    /// Where the file is now, for error texts.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is still held back; the file is on the disk once the stage has been committed.
    pub(crate) fn close(self) -> Result<()> {
        let StageFile { stage, path, file } = self;
        match file.into_inner() {
            Ok(file) => stage.keep(Written { path, file }),
            Err(error) => Err(Error::io("cannot write", path, error.into_error())),
        }
    }
}

impl<F: FileSystem> Write for StageFile<'_, '_, F> {
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
