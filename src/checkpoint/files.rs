//! The files of a checkpoint that is being written, so that nobody ever sees half of it.
//!
//! The directory is created where it is missing. All files are written under hidden names beside their places and synced
//! to the disk. Then the data files are renamed into place and, after these renames are on the disk, the index, which
//! makes the checkpoint exist. Nothing that belongs to a checkpoint is ever replaced.
//!
//! An error leaves everything as it was. A process that is killed may leave hidden files behind, and data files without
//! an index, which do not make a checkpoint; who writes to the same place later replaces them.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::bundle::{BundleWriter, data_path, index_path};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{
    BUFFER, FileKind, FileSystem, MAX_WAITING, Written, parent, sibling_name,
};
use crate::progress::Meter;

#[derive(Debug, thiserror::Error)]
enum FilesError {
    #[error("expected a path that ends in a name, found none")]
    NoName,
    #[error("already exists, and a checkpoint is never replaced")]
    Exists,
}

impl FilesError {
    fn at(self, path: &Path) -> Error {
        let kind = match self {
            FilesError::NoName => ErrorKind::Io,
            FilesError::Exists => ErrorKind::AlreadyExists,
        };
        Error::new(kind, self).with_path(path)
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
#[derive(Debug)]
pub(crate) struct DataFile<'c, W: Write> {
    file: BufWriter<W>,
    path: PathBuf,
    bytes: u64,
    meter: Rc<Meter<'c>>,
}

impl<W: Write> Write for DataFile<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.meter.add_bytes(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The files of a checkpoint that is being written.
///
/// Dropped without [`commit`](Files::commit), it removes what was written.
#[derive(Debug)]
pub(crate) struct Files<F: FileSystem> {
    fs: F,
    prefix: PathBuf,
    parent: PathBuf,
    /// The directories that had to be created for them, the outermost first.
    created_parents: Vec<PathBuf>,
    /// What the hidden names have in common.
    hidden: OsString,
    /// The hidden files that there may be.
    created: Vec<PathBuf>,
    /// Files that are complete but may not be on the disk yet.
    written: Vec<Written<F::File>>,
    /// The data files, in order, with their sizes.
    data: Vec<(PathBuf, u64)>,
    /// What was renamed, from where to where.
    renamed: Vec<(PathBuf, PathBuf)>,
}

impl<F: FileSystem> Files<F> {
    pub(crate) fn new(fs: F, prefix: &Path) -> Result<Self> {
        let name = prefix.file_name();
        let name = name.ok_or_else(|| FilesError::NoName.at(prefix))?;
        let hidden = sibling_name(prefix, name)?;
        let mut files = Files {
            fs,
            prefix: prefix.to_owned(),
            parent: parent(prefix).to_owned(),
            created_parents: Vec::new(),
            hidden,
            created: Vec::new(),
            written: Vec::new(),
            data: Vec::new(),
            renamed: Vec::new(),
        };
        files
            .fs
            .create_dirs(&files.parent, &mut files.created_parents)?;
        files.check_absent()?;
        Ok(files)
    }

    /// What the files have in common.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Creates the next data file.
    pub(crate) fn next_data<'c>(&mut self, meter: &Rc<Meter<'c>>) -> Result<DataFile<'c, F::File>> {
        let (path, file) = self.create(&format!(".data-{:05}", self.data.len()))?;
        self.data.push((path.clone(), 0));
        Ok(DataFile {
            file: BufWriter::with_capacity(BUFFER, file),
            path,
            bytes: 0,
            meter: meter.clone(),
        })
    }

    /// Takes over a data file that is complete.
    pub(crate) fn keep(&mut self, file: DataFile<'_, F::File>) -> Result<()> {
        let DataFile {
            file, path, bytes, ..
        } = file;
        let failed = |source| Error::io("cannot write", &path, source);
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        if let Some(data) = self.data.iter_mut().find(|data| data.0 == path) {
            data.1 = bytes;
        }
        self.written.push(Written { path, file });
        if self.written.len() >= MAX_WAITING {
            self.sync()?;
        }
        Ok(())
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
        let (path, mut file) = self.create(".index")?;
        let written = file.write_all(&index);
        written.map_err(|source| Error::io("cannot write", &path, source))?;
        self.written.push(Written {
            path: path.clone(),
            file,
        });
        self.sync()?;
        for created in &self.created_parents {
            self.fs.sync_directory(parent(created))?;
        }
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
                let old = self.hidden(&format!(".old-{shard:05}"));
                self.rename(&target, &old)?;
                aside.push(old);
            }
            self.rename(path, &target)?;
            files.push(CheckpointFile {
                path: target,
                bytes: *bytes,
            });
        }
        self.fs.sync_directory(&self.parent)?;
        let target = index_path(&self.prefix);
        self.rename(index, &target)?;
        self.fs.sync_directory(&self.parent)?;
        self.renamed.clear();
        self.created.clear();
        self.created_parents.clear();
        for old in aside {
            // What cannot be removed is in nobody's way.
            let _ = self
                .fs
                .remove_file(&old)
                .or_else(|_| self.fs.remove_file(&old));
        }
        files.push(CheckpointFile {
            path: target,
            bytes: index_bytes,
        });
        Ok(files)
    }

    fn take_back(&mut self) {
        for (from, to) in self.renamed.drain(..).rev() {
            let _ = self.fs.rename_new(&to, &from);
        }
    }

    fn check_absent(&self) -> Result<()> {
        match self.kind(&index_path(&self.prefix))? {
            Some(_) => Err(FilesError::Exists.at(&self.prefix)),
            None => Ok(()),
        }
    }

    fn kind(&self, path: &Path) -> Result<Option<FileKind>> {
        let kind = self.fs.kind(path);
        kind.map_err(|source| Error::io("cannot inspect", path, source))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        let renamed = self.fs.rename_new(from, to);
        renamed.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => FilesError::Exists.at(to),
            _ => Error::io("cannot create", to, source),
        })?;
        self.renamed.push((from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn create(&mut self, suffix: &str) -> Result<(PathBuf, F::File)> {
        let path = self.hidden(suffix);
        self.created.push(path.clone());
        let file = self.fs.create_file(&path);
        let file = file.map_err(|source| Error::io("cannot create", &path, source))?;
        Ok((path, file))
    }

    fn hidden(&self, suffix: &str) -> PathBuf {
        let mut name = self.hidden.clone();
        name.push(suffix);
        self.parent.join(name)
    }

    fn sync(&mut self) -> Result<()> {
        let written = std::mem::take(&mut self.written);
        self.fs.sync_all(&written, &[])
    }
}

impl<F: FileSystem> Drop for Files<F> {
    fn drop(&mut self) {
        self.written.clear();
        for path in &self.created {
            let _ = self.fs.remove_file(path);
        }
        for path in self.created_parents.iter().rev() {
            let _ = self.fs.remove_dir(path);
        }
    }
}
