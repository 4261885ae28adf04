//! Every file operation of an export fails once, and is the last one before a crash once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use super::*;

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

/// Writes something like a module, made of `fill`.
fn export<F: FileSystem>(fs: &F, target: &Path, replace: bool, fill: u8) -> Result<()> {
    let mut stage = Stage::new(fs, target, replace)?;
    stage.create_dir("assets")?;
    stage.write_file("assets/words.txt", b"")?;
    stage.create_dir("variables")?;
    let mut data = stage.create_file("variables/variables.data-00000-of-00001")?;
    for len in [100, 100_000, 70_000, 7] {
        let written = data.write_all(&vec![fill; len]);
        written.map_err(|source| Error::io("cannot write", data.path(), source))?;
    }
    data.close()?;
    stage.write_file("variables/variables.index", &[fill; 3000])?;
    stage.write_file("saved_model.pb", &[fill; 500])?;
    stage.write_file(MODULE_FILE, &[8, 3])?;
    stage.commit()
}

/// What is below a directory: files with their content, and directories.
type Tree = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// `None` if there is no directory.
fn tree(path: &Path) -> Option<Tree> {
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

fn exported(fill: u8) -> Option<Tree> {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    export(&OsFileSystem, &target, false, fill).unwrap();
    tree(&target)
}

fn names(path: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}

/// Lets each operation fail in turn; returns how many there are.
fn try_every_operation(fault: Fault, replace: bool, can_exchange: bool) -> usize {
    let (old, new) = (exported(1), exported(2));
    assert_eq!(new.as_ref().unwrap().len(), 7);
    for at in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path();
        let target = base.join("out/deep/module");
        if replace {
            export(&OsFileSystem, &target, false, 1).unwrap();
        }
        let done = Cell::new(0);
        let fs = FailingFs {
            fault,
            at,
            done,
            can_exchange,
        };
        let result = export(&&fs, &target, replace, 2);
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
        export(&OsFileSystem, &target, true, 2).unwrap();
        assert_eq!(tree(&target), new);
        if !fs.reached() {
            return at;
        }
    }
    unreachable!("every export has a last operation")
}

#[test]
fn a_full_disk() {
    assert!(try_every_operation(Fault::Full, false, true) > 20);
    assert!(try_every_operation(Fault::Full, true, true) > 20);
    assert!(try_every_operation(Fault::Full, true, false) > 20);
}

#[test]
fn a_crash() {
    assert!(try_every_operation(Fault::Killed, false, true) > 20);
    assert!(try_every_operation(Fault::Killed, true, true) > 20);
    assert!(try_every_operation(Fault::Killed, true, false) > 20);
}

#[track_caller]
fn assert_refused(target: &Path, replace: bool, text: &str) {
    let before = tree(target.parent().unwrap());
    let error = export(&OsFileSystem, target, replace, 2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.to_string(), format!("{}: {text}", target.display()));
    assert_eq!(tree(target.parent().unwrap()), before);
}

#[test]
fn existing_targets() {
    let directory = tempfile::tempdir().unwrap();
    let exists = "already exists; ask for replacement to overwrite it";
    let expected = "already exists; expected a module's directory to replace, found ";

    let file = directory.path().join("file");
    fs::write(&file, "text").unwrap();
    assert_refused(&file, false, exists);
    assert_refused(&file, true, &format!("{expected}a file"));

    let folder = directory.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.txt"), "text").unwrap();
    assert_refused(&folder, false, exists);
    assert_refused(
        &folder,
        true,
        &format!("{expected}a directory without tfhub_module.pb"),
    );

    let module = directory.path().join("module");
    export(&OsFileSystem, &module, true, 1).unwrap();
    assert_refused(&module, false, exists);
    #[cfg(unix)]
    {
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&module, &link).unwrap();
        assert_refused(&link, false, exists);
        assert_refused(&link, true, &format!("{expected}a symbolic link"));
        fs::remove_file(link).unwrap();
    }
    export(&OsFileSystem, &module, true, 2).unwrap();
    assert_eq!(tree(&module), exported(2));

    let empty = directory.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert_refused(&empty, false, exists);
    export(&OsFileSystem, &empty, true, 2).unwrap();
    assert_eq!(
        names(directory.path()),
        ["empty", "file", "folder", "module"]
    );
}

#[test]
fn a_target_that_appears_meanwhile_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    for replace in [false, true] {
        let stage = Stage::new(&OsFileSystem, &target, replace).unwrap();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("thesis.txt"), "text").unwrap();
        assert_eq!(stage.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(names(directory.path()), ["module"]);
        assert_eq!(names(&target), ["thesis.txt"]);
        fs::remove_dir_all(&target).unwrap();
    }
}

#[test]
fn paths_stay_inside() {
    let directory = tempfile::tempdir().unwrap();
    let mut stage = Stage::new(&OsFileSystem, &directory.path().join("module"), false).unwrap();
    for path in ["", ".", "..", "/etc", "a/../../b"] {
        assert!(stage.create_dir(path).is_err(), "{path}");
        assert!(stage.create_file(path).is_err(), "{path}");
    }
    let error = Stage::new(&OsFileSystem, Path::new("/"), true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/: expected a path that ends in a name, found none"
    );
}

#[test]
fn files_must_be_closed() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    let stage = Stage::new(&OsFileSystem, &target, false).unwrap();
    drop(stage.create_file("a").unwrap());
    let error = stage.commit().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: 1 files were not closed", target.display())
    );
    assert_eq!(names(directory.path()), [""; 0]);
}

#[test]
fn long_names() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("n".repeat(255));
    export(&OsFileSystem, &target, false, 1).unwrap();
    export(&OsFileSystem, &target, true, 2).unwrap();
    assert_eq!(tree(&target), exported(2));
}

#[cfg(unix)]
#[test]
fn others_may_read_what_the_umask_lets_them() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let usual = directory.path().join("usual");
    fs::create_dir(&usual).unwrap();
    fs::write(usual.join("file"), "").unwrap();
    let target = directory.path().join("out/module");
    export(&OsFileSystem, &target, false, 1).unwrap();
    for path in [target.parent().unwrap(), &target, &target.join("variables")] {
        assert_eq!(mode(path), mode(&usual) & 0o755);
    }
    assert_eq!(
        mode(&target.join(MODULE_FILE)),
        mode(&usual.join("file")) & 0o644
    );
}
