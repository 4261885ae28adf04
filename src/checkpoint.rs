//! Checkpoints: files with the values of variables, as `tf.train.Saver` writes and reads them.
//!
//! ```
//! # use tfhub::{checkpoint::CheckpointReader, ModuleSpec, Session, layers};
//! # let dir = tempfile::tempdir()?;
//! # let spec = ModuleSpec::new(|g| {
//! #     let x = g.placeholder::<f32>((None, 3));
//! #     g.default_signature(x, layers::dense(2).apply(x));
//! # })?;
//! # spec.export(dir.path().join("module"), &Session::new(&spec)?)?;
//! let reader = CheckpointReader::open(dir.path().join("module/variables/variables"))?;
//! for tensor in reader.tensors() {
//!     let tensor = tensor?;
//!     println!("{}: {} {:?}", tensor.name, tensor.dtype, tensor.shape);
//! }
//! let kernel = reader.read("dense/kernel")?;
//! assert_eq!(kernel.shape(), [3, 2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::path::Path;

use crate::bundle::BundleReader;
use crate::error::Result;
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::TensorValue;

pub use self::copy::{CopyOptions, VerifySummary, copy, merge, verify};
pub use self::files::CheckpointFile;
pub(crate) use self::locate::latest;
pub use self::locate::latest_checkpoint;
pub use self::state::CheckpointState;
pub use self::writer::{CheckpointSummary, CheckpointWriter};
pub(crate) use self::writer::{Writing, add_value};
pub use crate::bundle::{PartInfo, TensorInfo};
pub use crate::progress::Progress;
pub use crate::value::TensorSlice;

mod copy;
#[cfg(test)]
mod coverage;
mod files;
mod locate;
#[cfg(test)]
mod places;
#[cfg(test)]
mod properties;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod writer;

/// A checkpoint on disk, what `tf.train.load_checkpoint` opens.
///
/// Opening reads the end of the index, or the lists in the shards of the first version of the format; values are read,
/// and their checksums verified, when they are asked for.
#[derive(Debug)]
pub struct CheckpointReader(BundleReader);

impl CheckpointReader {
    /// Opens the checkpoint of which `prefix` is what its files have in common: `model.ckpt-100`, or
    /// `variables/variables` in a module.
    ///
    /// A directory stands for the checkpoint that the state file in it names, the one that [`latest_checkpoint`] finds.
    ///
    /// Where there is no index, `prefix` is taken as that of a checkpoint of the first version of the format, which
    /// `Saver(write_version=SaverDef.V1)` writes: the name of its one file, or a pattern of those of its shards, as in
    /// `model.ckpt-100-?????-of-00002`. In the last part of the path `?` stands for any byte and `*` for any number of
    /// them. Its shards are what is called data files elsewhere. Their values are decoded piece after piece, so that
    /// a part of one takes the time of all that is before it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such checkpoint, with the names of those that
    /// there are, or if a file of a checkpoint, a directory without a state file or with one that names what is not
    /// there, or a SavedModel was given, [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if its index is damaged or
    /// another kind of file, which is named, [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if shards of the first version have the same part of
    /// a tensor, or parts of different ones.
    pub fn open(prefix: impl AsRef<Path>) -> Result<Self> {
        locate::open(prefix.as_ref()).map(CheckpointReader)
    }

    /// The prefix of the paths of all files.
    pub fn prefix(&self) -> &Path {
        self.0.prefix()
    }

    /// The tensors, sorted by name.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) in the place of a tensor of a dtype that only later
    /// versions of TensorFlow have, others follow; any other error if the index is damaged or cannot be read.
    pub fn tensors(&self) -> impl Iterator<Item = Result<TensorInfo>> + '_ {
        self.0.tensors()
    }

    /// The dtype, shape and place of the tensor with this name, or `None` if there is none.
    ///
    /// # Errors
    /// If the index is damaged or cannot be read, [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if only
    /// later versions of TensorFlow have the dtype.
    pub fn get(&self, name: &str) -> Result<Option<TensorInfo>> {
        self.0.info(name.as_bytes())
    }

    /// How a tensor is stored: in the parts that it was saved in, or in one that is all of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such tensor,
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if a part is missing or is of another dtype or shape.
    pub fn parts(&self, name: &str) -> Result<Vec<PartInfo>> {
        self.0.part_infos(name.as_bytes())
    }

    /// The value of a tensor; one that was saved in parts is put together.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such tensor,
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if what is there does not agree with the index,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it is of dtype `variant`, or of one
    /// that only later versions of TensorFlow have.
    pub fn read(&self, name: &str) -> Result<TensorValue> {
        self.0.read(name.as_bytes(), None)
    }

    /// The value of a part of a tensor, which need not be one in which it was saved.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if the tensor has no
    /// such part.
    pub fn read_slice(&self, name: &str, slice: &TensorSlice) -> Result<TensorValue> {
        self.0.read(name.as_bytes(), Some(slice))
    }
}

/// A tensor that is still in the files.
struct Stored<'r> {
    reader: &'r BundleReader,
    key: Vec<u8>,
}

impl StoredValue for Stored<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.reader.read(&self.key, None)
    }

    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        self.reader.read(&self.key, Some(slice))
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.reader.stream_tensor(&self.key, sink)
    }
}

impl VariableSource for CheckpointReader {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let info = self.get(name)?;
        Ok(info.map(|info| {
            let (reader, key) = (&self.0, name.as_bytes().to_vec());
            VariableValue::stored(info.dtype, info.shape, Stored { reader, key })
        }))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.0.names()
    }

    fn path(&self) -> Option<&Path> {
        Some(self.0.prefix())
    }
}
