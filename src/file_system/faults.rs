//! A file system in which one operation fails, or is the last one before a crash.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{FileKind, FileSystem, OsFile, OsFileSystem};

/// A cause for the chosen operation to fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// It reports a full disk; all others work.
    Full,
    /// The process dies in it: it does half its work, and nothing after it happens.
    Killed,
}

/// The real file system, of which operation number `at` fails.
#[derive(Debug)]
pub(crate) struct FailingFs {
    fault: Fault,
    at: usize,
    done: Cell<usize>,
    can_exchange: bool,
    /// Whether no directory can be removed that holds something.
    locked: bool,
}

enum Step {
    Work,
    Half(io::Error),
    Nothing(io::Error),
}

impl FailingFs {
    pub(crate) fn new(fault: Fault, at: usize, can_exchange: bool) -> Self {
        FailingFs {
            fault,
            at,
            done: Cell::new(0),
            can_exchange,
            locked: false,
        }
    }

    /// One of which no operation fails but the removal of directories that hold something.
    pub(crate) fn locked() -> Self {
        FailingFs {
            locked: true,
            ..FailingFs::new(Fault::Full, usize::MAX, true)
        }
    }

    fn step(&self) -> Step {
        let number = self.done.get();
        self.done.set(number + 1);
        match self.fault {
            Fault::Full if number == self.at => Step::Nothing(io::ErrorKind::StorageFull.into()),
            Fault::Killed if number == self.at => Step::Half(io::Error::other("killed")),
            Fault::Killed if number > self.at => Step::Nothing(io::Error::other("killed")),
            _ => Step::Work,
        }
    }

    /// For operations that happen whole or not at all.
    fn whole<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.step() {
            Step::Work => work(),
            Step::Half(error) | Step::Nothing(error) => Err(error),
        }
    }

    /// Whether the operation that fails has been asked for.
    pub(crate) fn reached(&self) -> bool {
        self.done.get() > self.at
    }
}

#[derive(Debug)]
pub(crate) struct FailingFile<'a>(&'a FailingFs, OsFile);

impl Write for FailingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.step() {
            Step::Work => self.1.write(bytes),
            Step::Nothing(error) => Err(error),
            Step::Half(error) => {
                self.1.write_all(&bytes[..bytes.len() / 2])?;
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.whole(|| self.1.flush())
    }
}

impl<'a> FileSystem for &'a FailingFs {
    type File = FailingFile<'a>;

    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>> {
        self.whole(|| OsFileSystem.kind(path))
    }

    fn is_directory(&self, path: &Path) -> bool {
        OsFileSystem.is_directory(path)
    }

    fn is_empty(&self, path: &Path) -> io::Result<bool> {
        self.whole(|| OsFileSystem.is_empty(path))
    }

    fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        self.whole(|| OsFileSystem.names(path))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.create_dir(path))
    }

    fn create_file(&self, path: &Path) -> io::Result<FailingFile<'a>> {
        let file = self.whole(|| OsFileSystem.create_file(path))?;
        Ok(FailingFile(self, file))
    }

    fn sync_file(&self, _: &FailingFile<'a>) -> io::Result<()> {
        // What is on the disk looks as what is not.
        self.whole(|| Ok(()))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| fs::metadata(path).map(|_| ()))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.rename_new(from, to))
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.rename_over(from, to))
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        self.whole(|| match self.can_exchange {
            true => OsFileSystem.exchange(a, b),
            false => Err(io::ErrorKind::Unsupported.into()),
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.link(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.remove_file(path))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.remove_dir(path))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        match self.step() {
            Step::Work if self.locked => Err(io::ErrorKind::PermissionDenied.into()),
            Step::Work => OsFileSystem.remove_dir_all(path),
            Step::Nothing(error) => Err(error),
            Step::Half(error) => {
                let _ = fs::remove_file(path.join("saved_model.pb"));
                Err(error)
            }
        }
    }
}

/// Entries below a directory: files with their content, and directories.
pub(crate) type Tree = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// `None` if there is no directory.
pub(crate) fn tree(path: &Path) -> Option<Tree> {
    let mut found = Tree::new();
    for entry in fs::read_dir(path).ok()? {
        let entry = entry.unwrap();
        let name = PathBuf::from(entry.file_name());
        for (below, content) in tree(&entry.path()).into_iter().flatten() {
            found.insert(name.join(below), content);
        }
        found.insert(name, fs::read(entry.path()).ok());
    }
    Some(found)
}

pub(crate) fn names(path: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}
