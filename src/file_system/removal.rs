//! Removing directories without waiting for their space.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;

/// The bytes of a file from which on freeing them takes longer than opening it.
const LARGE: u64 = 1 << 20;
/// The most files whose space is freed behind.
const MAX_OPEN: usize = 16;

/// Removes a directory and all that is in it. The space of large files is freed by a thread, or when the process ends.
pub(super) fn remove_dir_all(path: &Path) -> io::Result<()> {
    let mut large = Vec::new();
    if cfg!(unix) {
        // What cannot be opened or listed may still be removed, or it is the error of the removal.
        let _ = open_large_files(path, &mut large);
    }
    let removed = fs::remove_dir_all(path);
    if !large.is_empty() {
        // A file that is open is there, without a name, until it is closed. Without a thread it is closed here.
        let _ = thread::Builder::new().spawn(move || drop(large));
    }
    removed
}

fn open_large_files(directory: &Path, open: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            open_large_files(&entry.path(), open)?;
        } else if metadata.is_file() && metadata.len() >= LARGE && open.len() < MAX_OPEN {
            open.extend(File::open(entry.path()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &Path, len: u64) {
        File::create(path).unwrap().set_len(len).unwrap();
    }

    #[test]
    fn large_files_are_found_in_all_directories() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        fs::create_dir(&inner).unwrap();
        file(&dir.path().join("large"), LARGE);
        file(&dir.path().join("small"), LARGE - 1);
        file(&inner.join("large"), LARGE);
        let mut open = Vec::new();
        open_large_files(dir.path(), &mut open).unwrap();
        assert_eq!(open.len(), 2);
        for number in 0..MAX_OPEN {
            file(&inner.join(number.to_string()), LARGE);
        }
        let mut open = Vec::new();
        open_large_files(dir.path(), &mut open).unwrap();
        assert_eq!(open.len(), MAX_OPEN);
    }

    #[test]
    fn a_directory_with_large_files_is_gone_when_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let removed = dir.path().join("removed");
        fs::create_dir_all(removed.join("inner")).unwrap();
        file(&removed.join("inner/large"), 2 * LARGE);
        file(&removed.join("small"), 1);
        remove_dir_all(&removed).unwrap();
        assert!(!removed.exists());
        assert_eq!(
            remove_dir_all(&removed).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_links_point_to_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (kept, removed) = (dir.path().join("kept"), dir.path().join("removed"));
        fs::create_dir(&kept).unwrap();
        fs::create_dir(&removed).unwrap();
        file(&kept.join("large"), LARGE);
        std::os::unix::fs::symlink(&kept, removed.join("directory")).unwrap();
        std::os::unix::fs::symlink(kept.join("large"), removed.join("file")).unwrap();
        let mut open = Vec::new();
        open_large_files(&removed, &mut open).unwrap();
        assert!(open.is_empty());
        remove_dir_all(&removed).unwrap();
        assert!(kept.join("large").exists());
    }
}
