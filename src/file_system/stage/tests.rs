//! Files that a stage writes, targets that it refuses, and the state it leaves when an operation fails.

use std::fs;
use std::io::Write as _;

use super::faults::{Export, check_every_operation, names, tree};
use super::*;
use crate::file_system::OsFileSystem;
use crate::file_system::faults::FailingFs;

const MODULE_FILE: &str = "tfhub_module.pb";

const MODULE: Replaceable = Replaceable {
    name: "a module's directory",
    marker: MODULE_FILE,
    parts: &[
        MODULE_FILE,
        "saved_model.pb",
        "saved_model.pbtxt",
        "variables",
        "assets",
    ],
};

/// Writes something like a module, made of `fill`.
struct LikeAModule;

impl Export for LikeAModule {
    fn export<F: FileSystem>(&self, fs: &F, target: &Path, replace: bool, fill: u8) -> Result<()> {
        export(fs, target, replace, fill)
    }
}

fn exported(fill: u8) -> Option<super::faults::Tree> {
    super::faults::exported(&LikeAModule, fill)
}

fn export<F: FileSystem>(fs: &F, target: &Path, replace: bool, fill: u8) -> Result<()> {
    let mut stage = Stage::new(*fs, target, replace.then_some(MODULE))?;
    stage.create_dir("assets")?;
    stage.write_file("assets/words.txt", &[b""])?;
    stage.create_dir("variables")?;
    let mut data = stage.create_file("variables/variables.data-00000-of-00001")?;
    for len in [100, 100_000, 70_000, 7] {
        let written = data.write_all(&vec![fill; len]);
        written.map_err(|source| Error::io("cannot write", data.path(), source))?;
    }
    stage.close(data)?;
    stage.write_file("variables/variables.index", &[[fill; 3000]])?;
    stage.write_file("saved_model.pb", &[[fill; 500]])?;
    stage.write_file(MODULE_FILE, &[[8, 3]])?;
    stage.commit().map(|_| ())
}

#[test]
fn a_full_disk_and_a_crash() {
    assert_eq!(exported(1).unwrap().len(), 7);
    check_every_operation(&LikeAModule);
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
fn what_is_no_part_of_a_module_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    export(&OsFileSystem, &target, false, 1).unwrap();
    fs::write(target.join("README.md"), "mine").unwrap();
    fs::create_dir_all(target.join("notes/empty")).unwrap();
    fs::write(target.join("notes/saved_model.pb"), "mine, too").unwrap();
    // What only some modules have does not stay beside the new one.
    fs::write(target.join("saved_model.pbtxt"), "old").unwrap();
    fs::write(target.join("variables/old"), "old").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("README.md", target.join("link")).unwrap();
    for fill in [2, 3] {
        export(&OsFileSystem, &target, true, fill).unwrap();
        let mut expected = exported(fill).unwrap();
        expected.insert("README.md".into(), Some(b"mine".into()));
        expected.insert("notes".into(), None);
        expected.insert("notes/empty".into(), None);
        expected.insert("notes/saved_model.pb".into(), Some(b"mine, too".into()));
        #[cfg(unix)]
        expected.insert("link".into(), Some(b"mine".into()));
        assert_eq!(tree(&target), Some(expected));
        assert_eq!(names(directory.path()), ["module"]);
    }
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(target.join("link")).unwrap(),
        Path::new("README.md")
    );
}

#[test]
fn old_content_that_cannot_be_removed_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    export(&OsFileSystem, &target, false, 1).unwrap();
    let fs = &FailingFs::locked();
    let stage = Stage::new(fs, &target, Some(MODULE)).unwrap();
    stage.write_file(MODULE_FILE, &[[8, 3]]).unwrap();
    let remains = stage.commit().unwrap().unwrap();
    assert_eq!(remains.error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(names(&target), [MODULE_FILE]);
    assert_eq!(tree(&remains.path), exported(1));
}

#[test]
fn a_target_that_appears_meanwhile_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    for replace in [false, true] {
        let stage = Stage::new(OsFileSystem, &target, replace.then_some(MODULE)).unwrap();
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
    let mut stage = Stage::new(OsFileSystem, &directory.path().join("module"), None).unwrap();
    for path in ["", ".", "..", "/etc", "a/../../b"] {
        assert!(stage.create_dir(path).is_err(), "{path}");
        assert!(stage.create_file(path).is_err(), "{path}");
    }
    let error = Stage::new(OsFileSystem, Path::new("/"), Some(MODULE)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/: expected a path that ends in a name, found none"
    );
}

#[test]
fn files_must_be_closed() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("module");
    let stage = Stage::new(OsFileSystem, &target, None).unwrap();
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
