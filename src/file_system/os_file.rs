//! A file that is on its way to the disk while it is written.

use std::fs::File;
use std::io::{self, Write};

/// The bytes after which the system is told to begin with writing them to the disk.
const WRITE_BEHIND: u64 = 8 << 20;

/// A file open for writing, of which the system does not wait for the end to write it to the disk: so there is little left
/// to wait for when it is synced.
#[derive(Debug)]
pub(crate) struct OsFile {
    pub(super) file: File,
    written: u64,
    /// The bytes of which the system was told.
    begun: u64,
}

impl OsFile {
    pub(super) fn new(file: File) -> Self {
        OsFile {
            file,
            written: 0,
            begun: 0,
        }
    }
}

impl Write for OsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        if self.written - self.begun >= WRITE_BEHIND {
            begin(&self.file, self.begun, self.written - self.begun);
            self.begun = self.written;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Has Linux begin with writing dirty pages, which it does before it forgets those that are not needed.
#[cfg(target_os = "linux")]
fn begin(file: &File, offset: u64, len: u64) {
    use rustix::fs::{Advice, fadvise};

    // It is advice: whatever comes of it, the file is synced in the end.
    let _ = fadvise(file, offset, std::num::NonZero::new(len), Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn begin(_: &File, _: u64, _: u64) {}
