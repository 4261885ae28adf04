//! A file that is on its way to the disk while it is written.

use std::fs::File;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// The bytes that a file is written by before a thread hears of them; a smaller file has none.
const PIECE: u64 = 1 << 20;
/// The part of what was written that is brought to the disk together, so that the number of times grows slowly.
const PART: u64 = 16;

/// A file open for writing, which a thread syncs again and again while it is written: so there is little left to wait for
/// in the end, and the disk has no pause.
#[derive(Debug)]
pub(crate) struct OsFile {
    file: Arc<File>,
    written: u64,
    /// The bytes of which the thread has heard.
    told: u64,
    syncer: Mutex<Option<Syncer>>,
}

impl OsFile {
    pub(super) fn new(file: File) -> Self {
        OsFile {
            file: Arc::new(file),
            written: 0,
            told: 0,
            syncer: Mutex::default(),
        }
    }

    /// Returns once all is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        let syncer = lock(&self.syncer).take();
        syncer.map_or(Ok(()), Syncer::finish)?;
        self.file.sync_all()
    }

    fn tell(&mut self, is_all: bool) {
        self.told = self.written;
        let mut syncer = lock(&self.syncer);
        if syncer.is_none() && !is_all {
            // Without it, all is synced in the end.
            *syncer = Syncer::start(Arc::clone(&self.file)).ok();
        }
        if let Some(syncer) = &*syncer {
            syncer.progress.change(|state| {
                state.written = self.written;
                state.is_all = is_all;
            });
        }
    }
}

impl Write for OsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = (&*self.file).write(bytes)?;
        self.written += written as u64;
        if self.written - self.told >= PIECE {
            self.tell(false);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tell(true);
        Ok(())
    }
}

impl Drop for OsFile {
    fn drop(&mut self) {
        // A file that is open cannot be removed everywhere.
        if let Some(syncer) = lock(&self.syncer).take() {
            let _ = syncer.finish();
        }
    }
}

/// The thread that syncs a file.
#[derive(Debug)]
struct Syncer {
    progress: Arc<Progress>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncer {
    fn start(file: Arc<File>) -> io::Result<Self> {
        let progress = Arc::new(Progress::default());
        let seen = Arc::clone(&progress);
        Ok(Syncer {
            progress,
            thread: thread::Builder::new().spawn(move || sync_behind(&file, &seen))?,
        })
    }

    /// Ends the thread; an error of the disk is told to those who sync first, and to nobody else.
    fn finish(self) -> io::Result<()> {
        self.progress.change(|state| state.is_over = true);
        // A panic of the thread is one of ours.
        let joined = self.thread.join();
        joined.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// The part of a file of which the thread that syncs it knows.
#[derive(Debug, Default)]
struct Progress {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    written: u64,
    /// Whether no more will be written, as it seems.
    is_all: bool,
    is_over: bool,
}

impl State {
    /// Whether enough was written after the first `synced` bytes.
    fn is_due(&self, synced: u64) -> bool {
        let least = match self.is_all {
            true => 1,
            false => PIECE.max(synced / PART),
        };
        self.written >= synced + least
    }
}

impl Progress {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_one();
    }

    /// Waits until there is something to sync after the first `synced` bytes; `None` in the end.
    fn next(&self, synced: u64) -> Option<u64> {
        let mut state = lock(&self.state);
        while !state.is_over {
            if state.is_due(synced) {
                return Some(state.written);
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

fn sync_behind(file: &File, progress: &Progress) -> io::Result<()> {
    let mut synced = 0;
    while let Some(written) = progress.next(synced) {
        file.sync_data()?;
        synced = written;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_written_is_synced_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut file = OsFile::new(File::create(&path).unwrap());
        let mut expected = Vec::new();
        for len in [0, 1, PIECE - 2, PIECE, 9 * PIECE + 7, 3] {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            file.write_all(&bytes).unwrap();
            expected.extend(bytes);
            let has_thread = lock(&file.syncer).is_some();
            assert_eq!(has_thread, expected.len() as u64 >= PIECE);
        }
        file.flush().unwrap();
        file.sync().unwrap();
        assert!(lock(&file.syncer).is_none());
        assert!(fs::read(&path).unwrap() == expected);
        // It can go on.
        file.write_all(&expected).unwrap();
        file.sync().unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().len(),
            2 * expected.len() as u64
        );
    }

    #[test]
    fn parts_that_are_synced_grow_and_the_last_may_be_small() {
        let is_due = |written, is_all, synced| {
            let is_over = false;
            let state = State {
                written,
                is_all,
                is_over,
            };
            state.is_due(synced)
        };
        assert!(is_due(PIECE, false, 0) && !is_due(PIECE - 1, false, 0));
        let (synced, part) = (99 * PART * PIECE, 99 * PIECE);
        assert!(is_due(synced + part, false, synced));
        assert!(!is_due(synced + part - 1, false, synced));
        assert!(is_due(synced + 1, true, synced) && !is_due(synced, true, synced));
    }

    #[test]
    fn the_thread_ends_whatever_is_left() {
        let progress = Progress::default();
        progress.change(|state| state.written = PIECE);
        assert_eq!(progress.next(0), Some(PIECE));
        progress.change(|state| state.is_over = true);
        assert_eq!(progress.next(0), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_error_of_the_thread_is_that_of_the_sync() {
        // It takes all bytes and cannot be synced.
        let null = File::options().write(true).open("/dev/null");
        let mut file = OsFile::new(null.unwrap());
        file.write_all(&vec![0; 2 * PIECE as usize]).unwrap();
        let syncer = lock(&file.syncer).take().unwrap();
        while !syncer.thread.is_finished() {
            thread::yield_now();
        }
        assert!(syncer.finish().is_err());
    }
}
