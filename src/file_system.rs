//! The file operations that writing in steps needs, so that tests can make each of them fail, and the
//! [protocol](staging) by which all is written.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::Error;

#[cfg(test)]
pub(crate) mod faults;
mod os_file;
mod read_at;
mod removal;
pub(crate) mod stage;
mod staging;

pub(crate) use os_file::OsFile;
pub(crate) use read_at::{ReadAt, SharedFile};
pub(crate) use stage::{Remains, Replaceable, Stage};
pub(crate) use staging::{StagedFile, Staging, hidden_beside, with_suffix};

/// Kind of thing that a path names; a symbolic link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A directory.
    Directory,
    /// A symbolic link, whatever it points to.
    Symlink,
    /// A file, or one of the rarer things.
    Other,
}

/// A file whose content has been handed to the system.
#[derive(Debug)]
pub(crate) struct Written<F> {
    pub(crate) path: PathBuf,
    pub(crate) file: F,
}

/// Writes below this are collected; larger ones go straight to the file.
const BUFFER: usize = 1 << 16;
/// The most complete files that wait to be synced together.
const MAX_WAITING: usize = 32;

/// The directory that a path is in.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A file system.
pub(crate) trait FileSystem: Copy {
    /// A file open for writing.
    type File: Write + fmt::Debug;

    /// The kind of thing at `path`, if there is one.
    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>>;

    /// Whether `path` is a directory or a link to one.
    fn is_directory(&self, path: &Path) -> bool;

    /// Whether a directory has no entries.
    fn is_empty(&self, path: &Path) -> io::Result<bool>;

    /// The names in a directory.
    fn names(&self, path: &Path) -> io::Result<Vec<OsString>>;

    /// Creates one directory, open to the same people as what a shell creates, not writable to others.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Creates a file that does not exist yet.
    fn create_file(&self, path: &Path) -> io::Result<Self::File>;

    /// Returns once the file's content, which was flushed, is on the disk.
    fn sync_file(&self, file: &Self::File) -> io::Result<()>;

    /// Returns once the directory's entries are on the disk, where the system can tell.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// As [`sync_file`](Self::sync_file), with an error that says which file.
    fn sync_written(&self, Written { path, file }: &Written<Self::File>) -> Result<(), Error> {
        let synced = self.sync_file(file);
        synced.map_err(|source| Error::io("cannot write", path, source))
    }

    /// As [`sync_dir`](Self::sync_dir), with an error that says which directory.
    fn sync_directory(&self, path: &Path) -> Result<(), Error> {
        let synced = self.sync_dir(path);
        synced.map_err(|source| Error::io("cannot sync", path, source))
    }

    /// Syncs files and directories, in whatever order.
    fn sync_all(
        &self,
        files: &[Written<Self::File>],
        directories: &[PathBuf],
    ) -> Result<(), Error> {
        files.iter().try_for_each(|file| self.sync_written(file))?;
        let mut directories = directories.iter();
        directories.try_for_each(|path| self.sync_directory(path))
    }

    /// Renames a file or directory in one step, and fails with `AlreadyExists` rather than replace anything.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames a file in one step, in the place of another if there is one.
    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Lets two directories trade places in one step, or fails with `Unsupported`.
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()>;

    /// Gives a file or a symbolic link a second place, or makes a copy of it where the file system cannot.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Creates a directory and those above it, where they are missing; what it creates is put into `created`.
    fn create_dirs(&self, path: &Path, created: &mut Vec<PathBuf>) -> Result<(), Error> {
        let missing: Vec<&Path> = path
            .ancestors()
            .take_while(|path| *path != Path::new("") && !self.is_directory(path))
            .collect();
        for path in missing.into_iter().rev() {
            match self.create_dir(path) {
                Ok(()) => created.push(path.to_owned()),
                // Another process was faster.
                Err(_) if self.is_directory(path) => {}
                Err(source) => return Err(Error::io("cannot create", path, source)),
            }
        }
        Ok(())
    }

    /// Writes a small file in one step, in the place of another if there is one; on an error that one stays as it was.
    fn write_over(&self, path: &Path, content: &[u8]) -> Result<(), Error> {
        Staging::new(*self, parent(path)).write_over(path, content)
    }

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory and all that is in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
}

/// The operating system's.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OsFileSystem;

impl FileSystem for OsFileSystem {
    type File = OsFile;

    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>> {
        match fs::symlink_metadata(path) {
            Ok(data) if data.is_dir() => Ok(Some(FileKind::Directory)),
            Ok(data) if data.is_symlink() => Ok(Some(FileKind::Symlink)),
            Ok(_) => Ok(Some(FileKind::Other)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_empty(&self, path: &Path) -> io::Result<bool> {
        Ok(fs::read_dir(path)?.next().transpose()?.is_none())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let entries = fs::read_dir(path)?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix sets the mode"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
        builder.create(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<OsFile> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        options.open(path).map(OsFile::new)
    }

    fn sync_file(&self, file: &OsFile) -> io::Result<()> {
        file.sync()
    }

    #[cfg(unix)]
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // Some network and user-space file systems cannot sync a directory.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
            result => result,
        }
    }

    #[cfg(not(unix))]
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    /// All at once: the file system then needs few steps of its own for them together, where one after the other
    /// each waits for a step.
    fn sync_all(&self, files: &[Written<OsFile>], directories: &[PathBuf]) -> Result<(), Error> {
        thread::scope(|scope| {
            let sync = |at: usize| match files.get(at) {
                Some(file) => self.sync_written(file),
                None => self.sync_directory(&directories[at - files.len()]),
            };
            let all = 0..files.len() + directories.len();
            let running: Vec<_> = all.map(|at| scope.spawn(move || sync(at))).collect();
            let mut results = running.into_iter().map(|thread| thread.join());
            // A panic of a thread is one of ours.
            results.try_for_each(|result| {
                result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match os::rename_new(from, to) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            result => return result,
        }
        if self.kind(from)? == Some(FileKind::Other) {
            fs::hard_link(from, to)?;
            return fs::remove_file(from);
        }
        // A directory does not replace a file, nor a directory that holds something: what can slip in
        // between the two calls and be lost is an empty directory.
        if self.kind(to)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(from, to)
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        os::exchange(a, b)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        if fs::hard_link(from, to).is_ok() {
            return Ok(());
        }
        #[cfg(unix)]
        if self.kind(from)? == Some(FileKind::Symlink) {
            return std::os::unix::fs::symlink(fs::read_link(from)?, to);
        }
        fs::copy(from, to)?;
        File::open(to)?.sync_all()
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        removal::remove_dir_all(path)
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod os {
    use std::io;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
        rename(from, to, RenameFlags::NOREPLACE)
    }

    pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
        rename(a, b, RenameFlags::EXCHANGE)
    }

    fn rename(from: &Path, to: &Path, flags: RenameFlags) -> io::Result<()> {
        let [from, to] = [from, to].map(|path| path.as_os_str().as_bytes());
        renameat_with(CWD, from, CWD, to, flags).map_err(|errno| {
            // What kernels and file systems without the flag say.
            if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&errno) {
                io::ErrorKind::Unsupported.into()
            } else {
                io::Error::from_raw_os_error(errno.raw_os_error())
            }
        })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod os {
    use std::io;
    use std::path::Path;

    pub(super) fn rename_new(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
