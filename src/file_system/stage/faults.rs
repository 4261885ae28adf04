//! Exports in which one file operation fails, or is the last one before a crash: each in turn.

use std::fs;
use std::path::Path;

use crate::error::Result;
use crate::file_system::faults::{FailingFs, Fault};
use crate::file_system::{FileSystem, OsFileSystem};

pub(crate) use crate::file_system::faults::{Tree, names, tree};

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

/// The directory that an export writes where nothing fails.
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
    let (mut old, mut new) = (exported(export, 1), exported(export, 2));
    assert_ne!(old, new);
    // Files that are no part of the module, which stay where they are.
    let foreign: [(&Path, &[u8]); 2] = [
        (Path::new("README.md"), b"mine"),
        (Path::new("notes/a"), b"mine, too"),
    ];
    if replace {
        for tree in [&mut old, &mut new].into_iter().flatten() {
            tree.insert("notes".into(), None);
            tree.extend(foreign.map(|(path, text)| (path.to_owned(), Some(text.to_owned()))));
        }
    }
    for at in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path();
        let target = base.join("out/deep/module");
        if replace {
            export.export(&OsFileSystem, &target, false, 1).unwrap();
            fs::create_dir(target.join("notes")).unwrap();
            for (path, text) in foreign {
                fs::write(target.join(path), text).unwrap();
            }
        }
        let fs = FailingFs::new(fault, at, can_exchange);
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
            match &now {
                Some(_) => assert_eq!(names(&base.join("out/deep")), ["module"], "operation {at}"),
                None => assert_eq!(names(base), [""; 0], "operation {at}"),
            }
        }
        // Whatever is left over is in nobody's way.
        export.export(&OsFileSystem, &target, true, 2).unwrap();
        match now {
            None if replace => assert_eq!(tree(&target), exported(export, 2)),
            _ => assert_eq!(tree(&target), new),
        }
        if !fs.reached() {
            return at;
        }
    }
    unreachable!("every export has a last operation")
}
