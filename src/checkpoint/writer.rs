//! Writing checkpoints tensor by tensor.

use std::path::Path;
use std::rc::Rc;

use super::files::{CheckpointFile, DataFile, Files};
use crate::bundle::{BundleError, BundleWriter, CHUNK};
use crate::error::{Error, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::progress::{Meter, Progress};
use crate::quoted::Quoted;
use crate::source::{VariableSource, VariableValue};
use crate::value::TensorSlice;

/// Files and sizes of a checkpoint that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckpointSummary {
    /// The files: those with data in order, then the index.
    pub files: Vec<CheckpointFile>,
    /// How many tensors there are; each part of a partitioned one counts.
    pub tensors: usize,
    /// How many bytes they have.
    pub bytes: u64,
}

/// Writes a checkpoint, which `tf.train.Saver` restores.
///
/// The bytes are those that TensorFlow writes for the same tensors in the same order; `Saver` adds variables in the
/// order of their names. Nothing is seen of the checkpoint until [`finish`](Self::finish), and then all of it: if that
/// fails or is never called, nothing is left, and if the process is killed there is no index, so no checkpoint.
///
/// ```
/// use tfhub::TensorValue;
/// use tfhub::checkpoint::{CheckpointReader, CheckpointWriter, TensorSlice};
///
/// let dir = tempfile::tempdir()?;
/// let prefix = dir.path().join("model.ckpt-7");
/// let mut writer = CheckpointWriter::create(&prefix)?;
/// writer.add("global_step", TensorValue::scalar(7i64))?;
/// // The first two of three rows, and the last one in another data file.
/// let rows = TensorValue::from(ndarray::array![[1f32, 2.0], [3.0, 4.0]]);
/// writer.add_slice("table", &[3, 2], &TensorSlice::new([0..2, 0..2]), &rows)?;
/// writer.next_shard()?;
/// let row = TensorValue::from(ndarray::array![[5f32, 6.0]]);
/// writer.add_slice("table", &[3, 2], &TensorSlice::new([2..3, 0..2]), &row)?;
/// writer.finish()?;
///
/// let reader = CheckpointReader::open(&prefix)?;
/// assert_eq!(reader.read("table")?.as_slice::<f32>()?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CheckpointWriter<'c>(Writing<'c, OsFileSystem>);

impl<'c> CheckpointWriter<'c> {
    /// Begins a checkpoint of which `prefix` is what its files are to have in common, such as `model.ckpt-100`.
    ///
    /// Its directory is created if it is missing, with those above it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is a checkpoint there: its files cannot
    /// all be replaced in one step. [`ErrorKind::Io`](crate::ErrorKind::Io) if the system refuses an operation.
    pub fn create(prefix: impl AsRef<Path>) -> Result<Self> {
        Writing::new(OsFileSystem, prefix.as_ref()).map(CheckpointWriter)
    }

    /// Has `callback` told of the progress.
    pub fn on_progress(self, callback: impl FnMut(&Progress) + 'c) -> Self {
        self.0.meter.tell(callback);
        self
    }

    /// Adds a tensor: a [`TensorValue`](crate::TensorValue), a reference to one, or a value of a [`VariableSource`],
    /// which is streamed if it is in a file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if the name is empty or there is one already,
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be written, after which nothing more can be, and whatever
    /// reading the value may report.
    pub fn add<'v>(&mut self, name: &str, value: impl Into<VariableValue<'v>>) -> Result<()> {
        self.0.add(name, value.into())
    }

    /// Adds a part of a tensor whose whole shape is `shape`; the other parts are added by further calls.
    ///
    /// A part that is the whole tensor makes an ordinary one. Parts may lie in different data files, and in different
    /// checkpoints that are [merged](super::merge) later; that they cover the tensor is not checked here.
    ///
    /// # Errors
    /// As [`add`](Self::add), and [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if there is no such
    /// part, it has no elements, the value has another shape, or other parts are of another dtype or shape.
    pub fn add_slice<'v>(
        &mut self,
        name: &str,
        shape: &[usize],
        slice: &TensorSlice,
        value: impl Into<VariableValue<'v>>,
    ) -> Result<()> {
        self.0.add_slice(name, (shape, slice), value.into())
    }

    /// Adds all variables of a source in the order of their names, as `tf.train.Saver` does.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_from(&mut self, source: &impl VariableSource) -> Result<()> {
        self.0.add_from(source)
    }

    /// Goes on in another data file.
    ///
    /// `Saver` with `sharded=True` writes one for each device that variables are on.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if a file cannot be written.
    pub fn next_shard(&mut self) -> Result<()> {
        self.0.next_shard()
    }

    /// Writes the index, and puts all files in place.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is a checkpoint now,
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the system refuses an operation or a tensor could not be written.
    pub fn finish(self) -> Result<CheckpointSummary> {
        self.0.finish()
    }
}

/// A checkpoint that is being written to some file system.
#[derive(Debug)]
pub(crate) struct Writing<'c, F: FileSystem> {
    bundle: BundleWriter<DataFile<'c, F::File>>,
    // Removes the files of the bundle, so it is dropped after it.
    files: Files<F>,
    pub(super) meter: Rc<Meter<'c>>,
}

impl<'c, F: FileSystem> Writing<'c, F> {
    pub(crate) fn new(fs: F, prefix: &Path) -> Result<Self> {
        let meter = Rc::new(Meter::new(None));
        let mut files = Files::new(fs, prefix)?;
        let bundle = BundleWriter::new(files.next_data(&meter)?);
        Ok(Writing {
            bundle,
            files,
            meter,
        })
    }

    pub(crate) fn add(&mut self, name: &str, value: VariableValue<'_>) -> Result<()> {
        self.meter.expect(1, bytes(&value));
        self.put(name, value)
    }

    fn put(&mut self, name: &str, value: VariableValue<'_>) -> Result<()> {
        let added = add_value(&mut self.bundle, name.as_bytes(), &value, |_| ());
        self.added(added)
    }

    pub(crate) fn add_slice(
        &mut self,
        name: &str,
        (shape, slice): (&[usize], &TensorSlice),
        value: VariableValue<'_>,
    ) -> Result<()> {
        let expected = slice.shape();
        if value.shape() != expected {
            let (key, found) = (Quoted::new(name), value.shape().to_owned());
            return Err(BundleError::PartShape {
                key,
                expected,
                found,
            }
            .into());
        }
        self.meter.expect(1, bytes(&value));
        let place = (shape, slice);
        let dtype = value.dtype();
        let added = self
            .bundle
            .add_slice(name.as_bytes(), dtype, place, |bundle, key| {
                add_value(bundle, key, &value, |_| ())
            });
        self.added(added)
    }

    fn add_from(&mut self, source: &impl VariableSource) -> Result<()> {
        let mut names = source.names()?;
        names.sort_unstable();
        let value = |name: &String| {
            let value = source.variable(name)?;
            value.ok_or_else(|| {
                Error::from(BundleError::NoValue {
                    key: Quoted::new(name),
                })
            })
        };
        for name in &names {
            self.meter.expect(1, bytes(&value(name)?));
        }
        for name in &names {
            self.put(name, value(name)?)?;
        }
        Ok(())
    }

    pub(crate) fn next_shard(&mut self) -> Result<()> {
        let data = self.files.next_data(&self.meter)?;
        let last = self.bundle.next_shard(data);
        self.files.keep(last?)
    }

    /// The bundle, to add to what others have stored.
    pub(super) fn bundle(&mut self) -> &mut BundleWriter<DataFile<'c, F::File>> {
        &mut self.bundle
    }

    pub(crate) fn finish(self) -> Result<CheckpointSummary> {
        let files = self.files.commit(self.bundle)?;
        let Progress {
            tensors_done,
            bytes_done,
            ..
        } = self.meter.progress();
        Ok(CheckpointSummary {
            files,
            tensors: tensors_done,
            bytes: bytes_done,
        })
    }

    /// Counts a tensor, or says where it could not be written; an error of a source has a path of its own.
    pub(super) fn added(&self, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => {
                self.meter.add_tensor();
                Ok(())
            }
            Err(error) if error.path().is_some() => Err(error),
            Err(error) => Err(error.with_path(self.files.prefix())),
        }
    }
}

/// The number of bytes, if it is known beforehand.
fn bytes(value: &VariableValue<'_>) -> u64 {
    let elements: usize = value.shape().iter().product();
    (elements * value.dtype().size().unwrap_or(0)) as u64
}

/// Adds a value from where it is, in memory or in a file; shows its elements to `see` while they are at hand, piece after
/// piece.
pub(crate) fn add_value<W: std::io::Write>(
    bundle: &mut BundleWriter<W>,
    key: &[u8],
    value: &VariableValue<'_>,
    mut see: impl FnMut(&[u8]),
) -> Result<()> {
    let (dtype, shape) = (value.dtype(), value.shape().to_vec());
    let mut show = |bytes: &[u8], sink: &mut dyn FnMut(&[u8]) -> Result<()>| {
        bytes.chunks(CHUNK).try_for_each(|piece| {
            see(piece);
            sink(piece)
        })
    };
    if dtype.size().is_some() {
        return bundle.add_streamed(key, dtype, &shape, |sink| {
            value.stream(&mut |bytes| show(bytes, sink))
        });
    }
    let value = value.read()?;
    let strings = value.strings().unwrap_or_default();
    strings.iter().for_each(|string| see(string.as_ref()));
    Ok(bundle.add_strings(key, &shape, strings)?)
}
