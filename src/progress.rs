//! Progress of long work.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Write};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Progress of long work with tensors, of which functions that take a callback tell it now and then.
///
/// ```
/// # use tfhub::{TensorValue, checkpoint::CheckpointWriter};
/// # let dir = tempfile::tempdir()?;
/// let mut writer = CheckpointWriter::create(dir.path().join("model"))?
///     .on_progress(|progress| println!("{} bytes written", progress.bytes_done));
/// writer.add("v", TensorValue::scalar(1f32))?;
/// writer.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The tensors that are done; each part of a partitioned one counts.
    pub tensors_done: usize,
    /// How many tensors there will be, as far as is known by now.
    pub tensors: usize,
    /// The bytes that are done.
    pub bytes_done: u64,
    /// How many bytes there will be, as far as is known by now.
    pub bytes: u64,
}

type Callback<'c> = Box<dyn FnMut(&Progress) + 'c>;

/// The callback of an exporter, if there is one; its clones share it.
#[derive(Clone, Default)]
pub(crate) struct OnProgress<'c>(Option<Arc<Mutex<dyn Told + 'c>>>);

trait Told: FnMut(&Progress) + Send {}

impl<F: FnMut(&Progress) + Send> Told for F {}

impl<'c> OnProgress<'c> {
    pub(crate) fn new(callback: impl FnMut(&Progress) + Send + 'c) -> Self {
        OnProgress(Some(Arc::new(Mutex::new(callback))))
    }

    /// A meter of new work that tells the callback.
    pub(crate) fn meter(&self) -> Meter<'_> {
        let meter = Meter::new(None);
        if let Some(callback) = &self.0 {
            meter.tell(|progress| {
                let mut callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
                callback(progress);
            });
        }
        meter
    }
}

impl fmt::Debug for OnProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnProgress")
            .field(&self.0.is_some())
            .finish()
    }
}

/// Counts the work, and tells a callback if there is one.
pub(crate) struct Meter<'c>(RefCell<(Progress, Option<Callback<'c>>)>);

impl<'c> Meter<'c> {
    pub(crate) fn new(callback: Option<Callback<'c>>) -> Self {
        Meter(RefCell::new((Progress::default(), callback)))
    }

    /// Sets who is told.
    pub(crate) fn tell(&self, callback: impl FnMut(&Progress) + 'c) {
        self.0.borrow_mut().1 = Some(Box::new(callback));
    }

    /// There is more to do.
    pub(crate) fn expect(&self, tensors: usize, bytes: u64) {
        let progress = &mut self.0.borrow_mut().0;
        progress.tensors += tensors;
        progress.bytes = progress.bytes.saturating_add(bytes);
    }

    /// Adds to the bytes that are done.
    pub(crate) fn add_bytes(&self, bytes: usize) {
        self.update(|progress| {
            progress.bytes_done += bytes as u64;
            progress.bytes = progress.bytes.max(progress.bytes_done);
        });
    }

    /// Another tensor is done.
    pub(crate) fn add_tensor(&self) {
        self.update(|progress| {
            progress.tensors_done += 1;
            progress.tensors = progress.tensors.max(progress.tensors_done);
        });
    }

    pub(crate) fn progress(&self) -> Progress {
        self.0.borrow().0
    }

    fn update(&self, change: impl FnOnce(&mut Progress)) {
        let (progress, callback) = &mut *self.0.borrow_mut();
        change(progress);
        if let Some(callback) = callback {
            callback(progress);
        }
    }
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meter").field(&self.progress()).finish()
    }
}

/// Counts the bytes that pass through, for itself and for a meter.
#[derive(Debug)]
pub(crate) struct Counted<W, M> {
    pub(crate) inner: W,
    meter: M,
    pub(crate) bytes: u64,
}

impl<W, M> Counted<W, M> {
    pub(crate) fn new(inner: W, meter: M) -> Self {
        let bytes = 0;
        Counted {
            inner,
            meter,
            bytes,
        }
    }
}

impl<'c, W: Write, M: Deref<Target = Meter<'c>>> Write for Counted<W, M> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.bytes += written as u64;
        self.meter.add_bytes(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
