//! A file that a thread of its own brings to the disk while the bytes that follow are made.

use std::fs::File;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// The bytes that are handed to the thread together; a file with fewer has none.
const PIECE: usize = 1 << 20;
/// How many pieces wait for the thread at most.
const WAITING: usize = 4;
/// The bytes after which the system is told to begin with writing them to the disk.
const WRITE_BEHIND: u64 = 8 << 20;

/// A file open for writing, of which the system does not wait for the end to write it to the disk: so there is little left
/// to wait for when it is synced.
///
/// Whoever writes to it goes on while a thread hands the bytes to the system, which takes as long as making them. An error
/// is that of a later write, or of the flush that has to come before the file is synced.
#[derive(Debug)]
pub(crate) struct OsFile {
    file: Arc<File>,
    /// Bytes that are not handed over yet.
    piece: Vec<u8>,
    /// None in a small file, and after a flush.
    writer: Option<Writer>,
}

impl OsFile {
    pub(super) fn new(file: File) -> Self {
        OsFile {
            file: Arc::new(file),
            piece: Vec::new(),
            writer: None,
        }
    }

    /// Returns once what was flushed is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Hands the bytes that there are to the thread.
    fn hand_over(&mut self) -> io::Result<()> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => Writer::start(Arc::clone(&self.file))?,
        };
        match writer.full.send(std::mem::take(&mut self.piece)) {
            Ok(()) => {
                self.piece = writer.empty.take();
                self.writer = Some(writer);
                Ok(())
            }
            // It ended, so it has failed.
            Err(_) => writer.finish(),
        }
    }
}

impl Write for OsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.hand_over()?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.writer.is_none() {
            (&*self.file).write_all(&self.piece)?;
            self.piece.clear();
        } else if !self.piece.is_empty() {
            self.hand_over()?;
        }
        match self.writer.take() {
            Some(writer) => writer.finish(),
            None => Ok(()),
        }
    }
}

impl Drop for OsFile {
    fn drop(&mut self) {
        // A file that somebody writes to cannot be removed everywhere.
        if let Some(writer) = self.writer.take() {
            let _ = writer.finish();
        }
    }
}

/// The thread that writes to a file.
#[derive(Debug)]
struct Writer {
    full: SyncSender<Vec<u8>>,
    empty: Arc<Empty>,
    thread: JoinHandle<io::Result<()>>,
}

impl Writer {
    fn start(file: Arc<File>) -> io::Result<Self> {
        let (full, pieces) = sync_channel(WAITING);
        let empty = Arc::new(Empty::default());
        let written = Arc::clone(&empty);
        let run = move || write_pieces(&file, &pieces, &written);
        Ok(Writer {
            full,
            empty,
            thread: thread::Builder::new().spawn(run)?,
        })
    }

    /// Waits until all pieces are written, or one could not be.
    fn finish(self) -> io::Result<()> {
        drop(self.full);
        // A panic of the thread is one of ours.
        let joined = self.thread.join();
        joined.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Memory of pieces that were written, for others.
#[derive(Debug, Default)]
struct Empty(Mutex<Vec<Vec<u8>>>);

impl Empty {
    fn put(&self, mut piece: Vec<u8>) {
        piece.clear();
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.push(piece);
    }

    fn take(&self) -> Vec<u8> {
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let piece = pieces.pop();
        piece.unwrap_or_else(|| Vec::with_capacity(PIECE))
    }
}

fn write_pieces(mut file: &File, pieces: &Receiver<Vec<u8>>, empty: &Empty) -> io::Result<()> {
    let (mut written, mut begun) = (0, 0);
    for piece in pieces {
        file.write_all(&piece)?;
        written += piece.len() as u64;
        empty.put(piece);
        if written - begun >= WRITE_BEHIND {
            begin(file, begun, written - begun);
            begun = written;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn all_bytes_are_there_after_each_flush() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut file = OsFile::new(File::create(&path).unwrap());
        let mut expected = Vec::new();
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 12 * PIECE + 7, 3] {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            file.write_all(&bytes).unwrap();
            expected.extend(bytes);
            file.flush().unwrap();
            assert!(fs::read(&path).unwrap() == expected, "{len}");
        }
    }

    #[test]
    fn an_error_of_the_thread_is_that_of_a_later_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        File::create(&path).unwrap();
        // It is not open for writing.
        let mut file = OsFile::new(File::open(&path).unwrap());
        let bytes = vec![0; 16 * PIECE];
        file.write_all(&bytes[..PIECE]).unwrap();
        assert!(file.write_all(&bytes).is_err());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);

        let mut file = OsFile::new(File::open(&path).unwrap());
        file.write_all(&bytes[..PIECE + 1]).unwrap();
        assert!(file.flush().is_err());
    }
}
