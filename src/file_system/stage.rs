//! Writing a directory so that nobody ever sees half of it.
//!
//! All is written into a staging directory beside the target, named `.<target>.tfhub-<random>`, synced to
//! the disk, and put in place in one step: a new target by a rename that replaces nothing, an existing one
//! by trading places with it, after which the old content is removed.
//!
//! Files in an existing target that are no [part](Replaceable) of it, such as a README, are not ours to remove. They are linked
//! into the staging directory before the two trade places, so that they are in the target at any time.
//!
//! An error leaves the target as it was, and nothing beside it. Old content that cannot be removed in the end is no
//! error, since the new content is in place; the caller is told where it is.
//!
//! A process that is killed leaves the target absent, or old, or new, never mixed; it may leave its
//! staging directory behind. Where the file system cannot let two directories trade places, the old
//! content is renamed to a sibling of such a name first, so for a moment it is found only there.
//! Left-over directories are in nobody's way, since each run draws its own name. They are never removed
//! automatically: one may be another process's that is still writing, or hold the only old content.

use std::cell::Cell;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{FileKind, FileSystem, StagedFile, Staging, hidden_beside, parent, with_suffix};
use crate::error::{Error, ErrorKind, Result};

#[cfg(test)]
pub(crate) mod faults;
#[cfg(test)]
mod tests;

/// The directories that may be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaceable {
    /// A noun with its article, for error texts.
    pub(crate) name: &'static str,
    /// The file that marks such a directory.
    pub(crate) marker: &'static str,
    /// The entries that are replaced; others stay.
    pub(crate) parts: &'static [&'static str],
}

/// Old content that could not be removed after new one was put in its place.
#[derive(Debug)]
pub(crate) struct Remains {
    pub(crate) path: PathBuf,
    pub(crate) error: io::Error,
}

errors! {
    #[derive(Debug)]
    enum StageError {
        #[error("already exists; ask for replacement to overwrite it")]
        Exists,
        #[error("already exists; expected {expected} to replace, found {found}")]
        NotReplaceable {
            expected: &'static str,
            found: String,
        },
        #[error("expected a relative path inside of the directory, found {path:?}")]
        Outside { path: PathBuf },
        #[error("{count} files were not closed")]
        Unclosed { count: usize },
        #[error("cannot be replaced: {source}; its old content is now in {old:?}")]
        Displaced { old: PathBuf, source: io::Error },
    }
}

impl StageError {
    fn at(self, path: &Path) -> Error {
        let kind = match &self {
            StageError::Exists | StageError::NotReplaceable { .. } => ErrorKind::AlreadyExists,
            _ => ErrorKind::Io,
        };
        Error::new(kind, self).with_path(path)
    }
}

/// A directory that is being written.
///
/// Dropped without [`commit`](Stage::commit), it removes what was written.
#[derive(Debug)]
pub(crate) struct Stage<F: FileSystem> {
    staging: Staging<F>,
    target: PathBuf,
    replace: Option<Replaceable>,
    /// The staging directory.
    root: PathBuf,
    /// The staging directory, once it exists, and those below it, each after the one that holds it.
    directories: Vec<PathBuf>,
    open_files: Cell<usize>,
    /// Whether nothing is left to clean up.
    settled: bool,
}

impl<F: FileSystem> Stage<F> {
    /// Begins to write what will be at `target`, creating the directories above it if they are missing.
    ///
    /// # Errors
    ///
    /// If `target` exists, unless it is an empty directory or one that may be replaced.
    pub(crate) fn new(fs: F, target: &Path, replace: Option<Replaceable>) -> Result<Self> {
        let mut stage = Stage {
            staging: Staging::new(fs, parent(target)),
            target: target.to_path_buf(),
            replace,
            root: hidden_beside(target)?,
            directories: Vec::new(),
            open_files: Cell::new(0),
            settled: false,
        };
        stage.target_exists()?;
        stage.staging.create_parents()?;
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
    /// It must be [closed](Self::close) before the stage is committed.
    pub(crate) fn create_file(&self, path: impl AsRef<Path>) -> Result<StagedFile<F::File>> {
        let file = self.staging.create_file(self.inside(path.as_ref())?)?;
        self.open_files.set(self.open_files.get() + 1);
        Ok(file)
    }

    /// Writes what is still held back of a file; it is on the disk once the stage has been committed.
    pub(crate) fn close(&self, file: StagedFile<F::File>) -> Result<()> {
        self.staging.keep(file)?;
        self.open_files.set(self.open_files.get() - 1);
        Ok(())
    }

    /// The path of a file relative to the target.
    pub(crate) fn relative<'p>(&self, file: &'p Path) -> &'p Path {
        file.strip_prefix(&self.root).unwrap_or(file)
    }

    /// Writes a whole file, piece after piece, at a path relative to the target.
    pub(crate) fn write_file(
        &self,
        path: impl AsRef<Path>,
        pieces: &[impl AsRef<[u8]>],
    ) -> Result<()> {
        let path = self.inside(path.as_ref())?;
        self.staging.write_file(path, pieces)
    }

    /// Puts what was written in place, and says if old content is left over somewhere.
    pub(crate) fn commit(mut self) -> Result<Option<Remains>> {
        let count = self.open_files.get();
        if count > 0 {
            return Err(StageError::Unclosed { count }.at(&self.target));
        }
        if let Some(replaceable) = self.target_exists()? {
            self.keep_what_is_not_ours(replaceable)?;
        }
        self.staging.sync(&self.directories)?;
        if self.target_exists()?.is_none() {
            self.put_new()?;
            self.settle();
            return Ok(None);
        }
        let old = self.put_in_exchange()?;
        self.settle();
        // A second attempt, since the first may have met a file that was about to be closed.
        let fs = self.staging.fs;
        let removed = fs.remove_dir_all(&old).or_else(|_| fs.remove_dir_all(&old));
        Ok(removed.err().map(|error| Remains { path: old, error }))
    }

    fn settle(&mut self) {
        self.settled = true;
        self.staging.settle();
    }

    /// Links what is in the target, but is no part of it, into the staging directory.
    fn keep_what_is_not_ours(&mut self, Replaceable { parts, .. }: Replaceable) -> Result<()> {
        let (target, root) = (self.target.clone(), self.root.clone());
        let mut open = vec![(target, root)];
        while let Some((from, to)) = open.pop() {
            let names = self.staging.fs.names(&from);
            for name in names.map_err(|source| Error::io("cannot read", &from, source))? {
                let at_top = from == self.target;
                if at_top && parts.iter().any(|part| name == *part) {
                    continue;
                }
                let (from, to) = (from.join(&name), to.join(&name));
                let kept = |source| Error::io("cannot keep", &from, source);
                match self.staging.fs.kind(&from).map_err(kept)? {
                    Some(FileKind::Directory) => {
                        self.create(to.clone())?;
                        open.push((from, to));
                    }
                    Some(_) => self.staging.fs.link(&from, &to).map_err(kept)?,
                    // It is gone by now.
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn put_new(&self) -> Result<()> {
        let put = self.staging.put_new(&self.root, &self.target);
        put.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => StageError::Exists.at(&self.target),
            _ => error,
        })
    }

    /// Puts the new content where the old is, and returns where the old is then.
    fn put_in_exchange(&self) -> Result<PathBuf> {
        match self.staging.fs.exchange(&self.root, &self.target) {
            Ok(()) => {
                self.staging.sync_parent().inspect_err(|_| {
                    let _ = self.staging.fs.exchange(&self.root, &self.target);
                })?;
                Ok(self.root.clone())
            }
            Err(source) if source.kind() == io::ErrorKind::Unsupported => self.put_after_moving(),
            Err(source) => Err(Error::io("cannot replace", &self.target, source)),
        }
    }

    fn put_after_moving(&self) -> Result<PathBuf> {
        let fs = self.staging.fs;
        let old = with_suffix(&self.root, ".old");
        let moved = fs.rename_new(&self.target, &old);
        moved.map_err(|source| Error::io("cannot replace", &self.target, source))?;
        if let Err(source) = fs.rename_new(&self.root, &self.target) {
            return Err(match fs.rename_new(&old, &self.target) {
                Ok(()) => Error::io("cannot replace", &self.target, source),
                Err(_) => StageError::Displaced { old, source }.at(&self.target),
            });
        }
        self.staging.sync_parent().inspect_err(|_| {
            let away = fs.rename_new(&self.target, &self.root);
            let _ = away.and_then(|()| fs.rename_new(&old, &self.target));
        })?;
        Ok(old)
    }

    /// The rule by which what is at the target, if anything, may be replaced.
    fn target_exists(&self) -> Result<Option<Replaceable>> {
        let inspected = |source| Error::io("cannot inspect", &self.target, source);
        let fs = self.staging.fs;
        let Some(kind) = fs.kind(&self.target).map_err(inspected)? else {
            return Ok(None);
        };
        let Some(replaceable) = self.replace else {
            return Err(StageError::Exists.at(&self.target));
        };
        let found = match kind {
            FileKind::Directory => {
                let marker = self.target.join(replaceable.marker);
                let is_marked = fs.kind(&marker).map_err(inspected)?.is_some();
                if is_marked || fs.is_empty(&self.target).map_err(inspected)? {
                    return Ok(Some(replaceable));
                }
                format!("a directory without {}", replaceable.marker)
            }
            FileKind::Symlink => "a symbolic link".to_owned(),
            FileKind::Other => "a file".to_owned(),
        };
        let expected = replaceable.name;
        Err(StageError::NotReplaceable { expected, found }.at(&self.target))
    }

    fn create(&mut self, path: PathBuf) -> Result<()> {
        let created = self.staging.fs.create_dir(&path);
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

impl<F: FileSystem> Drop for Stage<F> {
    fn drop(&mut self) {
        if !self.settled && !self.directories.is_empty() {
            self.staging.close_files();
            let _ = self.staging.fs.remove_dir_all(&self.root);
        }
    }
}
