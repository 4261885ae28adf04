//! Exports in which one file operation fails, or is the last one before a crash: each in turn.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{FileKind, FileSystem, OsFileSystem};
use crate::error::Result;

/// What makes the chosen operation fail.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// It reports a full disk; all others work.
    Full,
    /// The process dies in it: it does half its work, and nothing after it happens.
    Killed,
}

/// The real file system, of which operation number `at` fails.
#[derive(Debug)]
struct FailingFs {
    fault: Fault,
    at: usize,
    done: Cell<usize>,
    can_exchange: bool,
}

enum Step {
    Work,
    Half(io::Error),
    Nothing(io::Error),
}

impl FailingFs {
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

    fn reached(&self) -> bool {
        self.done.get() > self.at
    }
}

struct FailingFile<'a>(&'a FailingFs, fs::File);

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

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.create_dir(path))
    }

    fn create_file(&self, path: &Path) -> io::Result<FailingFile<'a>> {
        let file = self.whole(|| OsFileSystem.create_file(path))?;
        Ok(FailingFile(self, file))
    }

    fn sync_file(&self, file: &FailingFile<'a>) -> io::Result<()> {
        self.whole(|| OsFileSystem.sync_file(&file.1))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.sync_dir(path))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.rename_new(from, to))
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        self.whole(|| match self.can_exchange {
            true => OsFileSystem.exchange(a, b),
            false => Err(io::ErrorKind::Unsupported.into()),
        })
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.whole(|| OsFileSystem.remove_dir(path))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        match self.step() {
            Step::Work => OsFileSystem.remove_dir_all(path),
            Step::Nothing(error) => Err(error),
            Step::Half(error) => {
                let _ = fs::remove_file(path.join("saved_model.pb"));
                Err(error)
            }
        }
    }
}

/// What is below a directory: files with their content, and directories.
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

/// Something that writes a module's directory, whose content follows from `fill`.
pub(crate) trait Export {
    fn export<F: FileSystem>(&self, fs: &F, target: &Path, replace: bool, fill: u8) -> Result<()>;
}

/// Checks that a full disk, and a crash, at each operation of an export leaves what it must.
pub(crate) fn check_every_operation(export: &impl Export) {
    for fault in [Fault::Full, Fault::Killed] {
        for (replace, can_exchange) in [(false, true), (true, true), (true, false)] {
            assert!(try_every_operation(export, fault, replace, can_exchange) > 20);
        }
    }
}

/// What an export writes where nothing fails.
pub(crate) fn exported(export: &impl Export, fill: u8) -> Option<Tree> {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    export.export(&OsFileSystem, &target, false, fill).unwrap();
    tree(&target)
}

/// Lets each operation fail in turn; returns how many there are.
fn try_every_operation(
    export: &impl Export,
    fault: Fault,
    replace: bool,
    can_exchange: bool,
) -> usize {
    let (old, new) = (exported(export, 1), exported(export, 2));
    assert_ne!(old, new);
    for at in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path();
        let target = base.join("out/deep/module");
        if replace {
            export.export(&OsFileSystem, &target, false, 1).unwrap();
        }
        let done = Cell::new(0);
        let fs = FailingFs {
            fault,
            at,
            done,
            can_exchange,
        };
        let result = export.export(&&fs, &target, replace, 2);
        let now = tree(&target);
        match fault {
            Fault::Full => match result {
                Ok(()) => assert_eq!(now, new, "operation {at}"),
                Err(error) => {
                    assert!(error.to_string().contains("no storage space"), "{error}");
                    assert_eq!(
                        now,
                        if replace { old.clone() } else { None },
                        "operation {at}"
                    );
                }
            },
            Fault::Killed if now.is_none() && replace => {
                assert!(!can_exchange, "operation {at}");
                let parent = base.join("out/deep");
                let kept = |name: &String| tree(&parent.join(name)) == old;
                assert!(names(&parent).iter().any(kept), "operation {at}");
            }
            Fault::Killed if now.is_none() => {}
            Fault::Killed => assert!(now == new || (replace && now == old), "operation {at}"),
        }
        if fault == Fault::Full || !fs.reached() {
            match now {
                Some(_) => assert_eq!(names(&base.join("out/deep")), ["module"], "operation {at}"),
                None => assert_eq!(names(base), [""; 0], "operation {at}"),
            }
        }
        // Whatever is left over is in nobody's way.
        export.export(&OsFileSystem, &target, true, 2).unwrap();
        assert_eq!(tree(&target), new);
        if !fs.reached() {
            return at;
        }
    }
    unreachable!("every export has a last operation")
}
