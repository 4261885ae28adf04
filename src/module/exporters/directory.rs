//! A directory of exports: their names, how one is put in place, and how old ones are removed.

use std::io;
use std::path::{Path, PathBuf};

use super::ExportersError;
use crate::error::{Error, Result};
use crate::file_system::{FileSystem, OsFileSystem, parent, sibling_name};

/// The length of the name of an export.
pub(super) const DIGITS: usize = 10;
/// The last time that has so few digits.
const MAX_TIMESTAMP: u64 = 9_999_999_999;
/// What the name of an export begins with until it is complete.
const TEMPORARY: &str = "temp-";

/// An export that is being written. Dropped before it is finished, it is removed.
pub(super) struct NewExport<'f, F: FileSystem> {
    fs: &'f F,
    out_dir: PathBuf,
    /// The directories that were missing down to `out_dir`, and then the one that is written.
    created: Vec<PathBuf>,
    name: String,
    pub(super) temporary: PathBuf,
    finished: bool,
}

impl<'f, F: FileSystem> NewExport<'f, F> {
    /// Takes the first free name from `now` on that is greater than those of all exports.
    pub(super) fn new(fs: &'f F, out_dir: &Path, now: u64) -> Result<Self> {
        let mut export = NewExport {
            fs,
            out_dir: out_dir.to_owned(),
            created: Vec::new(),
            name: String::new(),
            temporary: PathBuf::new(),
            finished: false,
        };
        fs.create_dirs(out_dir, &mut export.created)?;
        let taken = names(fs, out_dir)?;
        let taken = taken.iter().filter_map(|name| {
            let name = name.strip_prefix(TEMPORARY).unwrap_or(name);
            time(name)
        });
        let mut next = taken.max().map_or(now, |last| now.max(last + 1));
        loop {
            if next > MAX_TIMESTAMP {
                return Err(Error::from(ExportersError::Time(next)).with_path(out_dir));
            }
            export.name = format!("{next:0DIGITS$}");
            export.temporary = out_dir.join(format!("{TEMPORARY}{}", export.name));
            match fs.create_dir(&export.temporary) {
                Ok(()) => {
                    export.created.push(export.temporary.clone());
                    return Ok(export);
                }
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => next += 1,
                Err(error) => return Err(Error::io("cannot create", &export.temporary, error)),
            }
        }
    }

    /// Puts the export in place.
    pub(super) fn finish(mut self) -> Result<PathBuf> {
        let path = self.out_dir.join(&self.name);
        let sync = |path: &Path| self.fs.sync_directory(path);
        sync(&self.temporary)?;
        let (_, above) = self.created.split_last().unwrap_or((&path, &[]));
        above.iter().try_for_each(|path| sync(parent(path)))?;
        let renamed = self.fs.rename_new(&self.temporary, &path);
        renamed.map_err(|error| Error::io("cannot create", &path, error))?;
        sync(&self.out_dir).inspect_err(|_| {
            let _ = self.fs.rename_new(&path, &self.temporary);
        })?;
        self.finished = true;
        Ok(path)
    }
}

impl<F: FileSystem> Drop for NewExport<'_, F> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        for path in self.created.iter().rev() {
            let _ = match *path == self.temporary {
                true => self.fs.remove_dir_all(path),
                // It stays if somebody else has put something there.
                false => self.fs.remove_dir(path),
            };
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

/// The exports in a directory, the latest last: what is named with ten digits.
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
    Ok(names.iter().map(|name| directory.join(name)).collect())
}

/// Removes all [`exports`] in a directory but the latest `keep`, and gives those that were removed.
///
/// Each gets another, hidden name first, so that nobody finds half of it. An export that another process removes
/// meanwhile is no error.
///
/// # Errors
/// If the directory cannot be read, or an export not be removed.
pub fn keep_last_exports(directory: impl AsRef<Path>, keep: usize) -> Result<Vec<PathBuf>> {
    keep_last_exports_on(&OsFileSystem, directory.as_ref(), keep)
}

pub(super) fn keep_last_exports_on(
    fs: &impl FileSystem,
    directory: &Path,
    keep: usize,
) -> Result<Vec<PathBuf>> {
    let mut exports = exports_on(fs, directory)?;
    exports.truncate(exports.len().saturating_sub(keep));
    for path in &exports {
        let name = path.file_name().unwrap_or_default();
        let hidden = directory.join(sibling_name(path, name)?);
        let moved = fs.rename_new(path, &hidden);
        // A second attempt, since the first may have met a file that was about to be closed.
        let removed = moved.and_then(|()| {
            fs.remove_dir_all(&hidden)
                .or_else(|_| fs.remove_dir_all(&hidden))
        });
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("cannot remove", path, error));
            }
            _ => {}
        }
    }
    Ok(exports)
}
