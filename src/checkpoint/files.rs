//! The files of a checkpoint that is being written, so that nobody ever sees half of it.
//!
//! The directory is created where it is missing. All files are written under hidden names beside their places and synced
//! to the disk. Then the data files are renamed into place and, after these renames are on the disk, the index, which
//! makes the checkpoint exist. Nothing that belongs to a checkpoint is ever replaced.
//!
//! An error leaves everything as it was. A process that is killed may leave hidden files behind, and data files without
//! an index, which do not make a checkpoint; who writes to the same place later replaces them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::bundle::{BundleWriter, data_path, index_path};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{
    FileKind, FileSystem, StagedFile, Staging, hidden_beside, parent, with_suffix,
};
use crate::progress::{Counted, Meter};

#[derive(Debug)]
struct Exists;

impl fmt::Display for Exists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already exists, and a checkpoint is never replaced")
    }
}

impl std::error::Error for Exists {}

impl Exists {
    fn at(self, path: &Path) -> Error {
        Error::new(ErrorKind::AlreadyExists, self).with_path(path)
    }
}

/// A file of a checkpoint that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckpointFile {
    /// Where the file is.
    pub path: PathBuf,
    /// The size in bytes.
    pub bytes: u64,
}

/// A data file that is being written.
pub(crate) type DataFile<'c, W> = Counted<StagedFile<W>, Rc<Meter<'c>>>;

/// The files of a checkpoint that is being written.
///
/// Dropped without [`commit`](Files::commit), it removes what was written.
#[derive(Debug)]
pub(crate) struct Files<F: FileSystem> {
    staging: Staging<F>,
    prefix: PathBuf,
    /// The beginning of the hidden paths.
    hidden: PathBuf,
    /// The hidden files that there may be.
    created: Vec<PathBuf>,
    /// The data files, in order, with their sizes.
    data: Vec<(PathBuf, u64)>,
    /// The files that were renamed, from where to where.
    renamed: Vec<(PathBuf, PathBuf)>,
}

impl<F: FileSystem> Files<F> {
    pub(crate) fn new(fs: F, prefix: &Path) -> Result<Self> {
        let mut files = Files {
            staging: Staging::new(fs, parent(prefix)),
            prefix: prefix.to_owned(),
            hidden: hidden_beside(prefix)?,
            created: Vec::new(),
            data: Vec::new(),
            renamed: Vec::new(),
        };
        files.staging.create_parents()?;
        files.check_absent()?;
        Ok(files)
    }

    /// The path that the names of all files begin with.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Creates the next data file.
    pub(crate) fn next_data<'c>(&mut self, meter: &Rc<Meter<'c>>) -> Result<DataFile<'c, F::File>> {
        let path = self.hidden(&format!(".data-{:05}", self.data.len()));
        let file = self.staging.create_file(path)?;
        self.data.push((file.path().to_owned(), 0));
        Ok(Counted::new(file, meter.clone()))
    }

    /// Takes over a data file that is complete.
    pub(crate) fn keep(&mut self, file: DataFile<'_, F::File>) -> Result<()> {
        let Counted { inner, bytes, .. } = file;
        if let Some(data) = self.data.iter_mut().find(|data| data.0 == inner.path()) {
            data.1 = bytes;
        }
        self.staging.keep(inner)
    }

    /// Writes the index, and puts all files in place.
    pub(crate) fn commit(
        mut self,
        bundle: BundleWriter<DataFile<'_, F::File>>,
    ) -> Result<Vec<CheckpointFile>> {
        let data_file = self.data.last().map(|data| data.0.clone());
        let (data, index) = bundle.finish().map_err(|error| {
            let error = Error::from(error);
            match data_file {
                Some(path) => error.with_path(path),
                None => error,
            }
        })?;
        self.keep(data)?;
        let path = self.hidden(".index");
        self.staging.write_file(path.clone(), &[&index])?;
        self.staging.sync(&[])?;
        self.put(&path, index.len() as u64)
            .inspect_err(|_| self.take_back())
    }

    fn put(&mut self, index: &Path, index_bytes: u64) -> Result<Vec<CheckpointFile>> {
        self.check_absent()?;
        let data = std::mem::take(&mut self.data);
        let mut files = Vec::new();
        let mut aside = Vec::new();
        for (shard, (path, bytes)) in data.iter().enumerate() {
            let target = data_path(&self.prefix, shard, data.len());
            // What a crash has left without an index.
            if self.kind(&target)? == Some(FileKind::Other) {
                let old = with_suffix(&self.hidden, &format!(".old-{shard:05}"));
                self.rename(&target, &old)?;
                aside.push(old);
            }
            self.rename(path, &target)?;
            files.push(CheckpointFile {
                path: target,
                bytes: *bytes,
            });
        }
        self.staging.sync_parent()?;
        let target = index_path(&self.prefix);
        self.rename(index, &target)?;
        self.staging.sync_parent()?;
        self.renamed.clear();
        self.created.clear();
        self.staging.settle();
        for old in aside {
            // What cannot be removed is in nobody's way.
            let _ = self
                .staging
                .fs
                .remove_file(&old)
                .or_else(|_| self.staging.fs.remove_file(&old));
        }
        files.push(CheckpointFile {
            path: target,
            bytes: index_bytes,
        });
        Ok(files)
    }

    fn take_back(&mut self) {
        for (from, to) in self.renamed.drain(..).rev() {
            let _ = self.staging.fs.rename_new(&to, &from);
        }
    }

    fn check_absent(&self) -> Result<()> {
        match self.kind(&index_path(&self.prefix))? {
            Some(_) => Err(Exists.at(&self.prefix)),
            None => Ok(()),
        }
    }

    fn kind(&self, path: &Path) -> Result<Option<FileKind>> {
        let kind = self.staging.fs.kind(path);
        kind.map_err(|source| Error::io("cannot inspect", path, source))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        let renamed = self.staging.fs.rename_new(from, to);
        renamed.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Exists.at(to),
            _ => Error::io("cannot create", to, source),
        })?;
        self.renamed.push((from.to_owned(), to.to_owned()));
        Ok(())
    }

    /// The hidden path of a file that is about to be created.
    fn hidden(&mut self, suffix: &str) -> PathBuf {
        let path = with_suffix(&self.hidden, suffix);
        self.created.push(path.clone());
        path
    }
}

impl<F: FileSystem> Drop for Files<F> {
    fn drop(&mut self) {
        self.staging.close_files();
        for path in &self.created {
            let _ = self.staging.fs.remove_file(path);
        }
    }
}
