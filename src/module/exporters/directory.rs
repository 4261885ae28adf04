//! A directory of exports: their names, how one is put in place, and how old ones are removed.

use std::io;
use std::path::{Path, PathBuf};

use super::ExportersError;
use crate::error::{Error, Result};
use crate::file_system::{FileKind, FileSystem, OsFileSystem, Staging, hidden_beside};

/// The length of the name of an export.
pub(super) const DIGITS: usize = 10;
/// The last time that has so few digits.
const MAX_TIMESTAMP: u64 = 9_999_999_999;
/// The files of which a directory with a module or SavedModel has one.
const MODEL_FILES: [&str; 3] = ["tfhub_module.pb", "saved_model.pb", "saved_model.pbtxt"];
/// The beginning of an export's name until it is complete.
const TEMPORARY: &str = "temp-";

/// An export that is being written. Dropped before it is finished, it is removed.
pub(super) struct NewExport<F: FileSystem> {
    staging: Staging<F>,
    /// The place of the export.
    path: PathBuf,
    /// The directory that is written.
    pub(super) temporary: PathBuf,
    finished: bool,
}

impl<F: FileSystem> NewExport<F> {
    /// Takes the first free name from `now` on that is greater than those of all exports, and of those being written.
    pub(super) fn new(fs: F, out_dir: &Path, now: u64) -> Result<Self> {
        let mut staging = Staging::new(fs, out_dir);
        staging.create_parents()?;
        let names = names(&fs, out_dir)?;
        let mut taken = Vec::new();
        for name in &names {
            let unfinished = name.strip_prefix(TEMPORARY).and_then(time);
            let is_directory = unfinished.is_some() && fs.is_directory(&out_dir.join(name));
            taken.extend(unfinished.filter(|_| is_directory));
            if time(name).is_some() && is_export(&fs, &out_dir.join(name))? {
                taken.extend(time(name));
            }
        }
        let mut next = taken
            .into_iter()
            .max()
            .map_or(now, |last| now.max(last + 1));
        loop {
            // What has the name of an export, but is none, keeps it.
            while names.iter().any(|name| time(name) == Some(next)) {
                next += 1;
            }
            if next > MAX_TIMESTAMP {
                return Err(Error::from(ExportersError::Time(next)).with_path(out_dir));
            }
            let name = format!("{next:0DIGITS$}");
            let temporary = out_dir.join(format!("{TEMPORARY}{name}"));
            match fs.create_dir(&temporary) {
                Ok(()) => {
                    return Ok(NewExport {
                        staging,
                        path: out_dir.join(name),
                        temporary,
                        finished: false,
                    });
                }
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => next += 1,
                Err(error) => return Err(Error::io("cannot create", temporary, error)),
            }
        }
    }

    /// Writes a small file into the export.
    pub(super) fn write_file(&self, name: &str, content: &str) -> Result<()> {
        let path = self.temporary.join(name);
        self.staging.write_file(path, &[content])
    }

    /// Puts the export in place.
    pub(super) fn finish(mut self) -> Result<PathBuf> {
        self.staging.sync(std::slice::from_ref(&self.temporary))?;
        self.staging.put_new(&self.temporary, &self.path)?;
        self.staging.settle();
        self.finished = true;
        Ok(std::mem::take(&mut self.path))
    }
}

impl<F: FileSystem> Drop for NewExport<F> {
    fn drop(&mut self) {
        if !self.finished {
            self.staging.close_files();
            let _ = self.staging.fs.remove_dir_all(&self.temporary);
        }
    }
}

/// The names in a directory that are UTF-8.
fn names(fs: &impl FileSystem, directory: &Path) -> Result<Vec<String>> {
    let names = fs.names(directory);
    let names = names.map_err(|error| Error::io("cannot read", directory, error))?;
    let names = names.into_iter().map(|name| name.into_string().ok());
    Ok(names.flatten().collect())
}

/// The time that an export is named after.
fn time(name: &str) -> Option<u64> {
    let is_time = name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
    name.parse().ok().filter(|_| is_time)
}

/// Whether there is an export at `path`: a directory with a module or SavedModel, or with directories of such.
///
/// A path that may not be looked into, or is gone by now, is none.
fn is_export(fs: &impl FileSystem, path: &Path) -> Result<bool> {
    match holds_model(fs, path, true) {
        Err(error) => match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound => Ok(false),
            _ => Err(Error::io("cannot inspect", path, error)),
        },
        Ok(found) => Ok(found),
    }
}

/// Whether a directory at `path` has a module or SavedModel, or, if wanted, a directory in it does.
fn holds_model(fs: &impl FileSystem, path: &Path, or_inside: bool) -> io::Result<bool> {
    if fs.kind(path)? != Some(FileKind::Directory) {
        return Ok(false);
    }
    for file in MODEL_FILES {
        if fs.kind(&path.join(file))?.is_some() {
            return Ok(true);
        }
    }
    if or_inside {
        for name in fs.names(path)? {
            if holds_model(fs, &path.join(name), false)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The exports in a directory, the latest last: the directories named with ten digits that hold a module or SavedModel,
/// or directories of such, as those of [`LatestModuleExporter`](super::LatestModuleExporter) do.
///
/// Files, links and other directories of such names are no exports.
///
/// # Errors
/// If the directory cannot be read.
pub fn exports(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    exports_on(&OsFileSystem, directory.as_ref())
}

fn exports_on(fs: &impl FileSystem, directory: &Path) -> Result<Vec<PathBuf>> {
    let mut names = names(fs, directory)?;
    names.retain(|name| time(name).is_some());
    names.sort_unstable();
    let mut exports = Vec::new();
    for path in names.iter().map(|name| directory.join(name)) {
        if is_export(fs, &path)? {
            exports.push(path);
        }
    }
    Ok(exports)
}

/// Removes all [`exports`] in a directory but the latest `keep`, with all that is in them, and gives those that were
/// removed.
///
/// Each gets another, hidden name first, so that nobody finds half of it. An export that another process removes
/// meanwhile is no error. Nothing that is no export is touched.
///
/// # Errors
/// If the directory cannot be read, or an export not be removed; the others are removed nevertheless.
pub fn keep_last_exports(directory: impl AsRef<Path>, keep: usize) -> Result<Vec<PathBuf>> {
    let (removed, failed) = keep_last_exports_on(&OsFileSystem, directory.as_ref(), keep)?;
    match failed.into_iter().next() {
        Some((path, error)) => Err(Error::io("cannot remove", path, error)),
        None => Ok(removed),
    }
}

/// The exports that were removed, and what could not be, with the reason.
pub(super) type Removed = (Vec<PathBuf>, Vec<(PathBuf, io::Error)>);

pub(super) fn keep_last_exports_on(
    fs: &impl FileSystem,
    directory: &Path,
    keep: usize,
) -> Result<Removed> {
    let mut exports = exports_on(fs, directory)?;
    exports.truncate(exports.len().saturating_sub(keep));
    let (mut removed, mut failed) = (Vec::new(), Vec::new());
    for path in exports {
        let hidden = hidden_beside(&path)?;
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match fs.rename_new(&path, &hidden) {
            Err(error) if !gone(&error) => {
                failed.push((path, error));
                continue;
            }
            _ => removed.push(path),
        }
        // A second attempt, since the first may have met a file that was about to be closed.
        let deleted = fs.remove_dir_all(&hidden);
        match deleted.or_else(|_| fs.remove_dir_all(&hidden)) {
            Err(error) if !gone(&error) => failed.push((hidden, error)),
            _ => {}
        }
    }
    Ok((removed, failed))
}
