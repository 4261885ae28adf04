//! Descriptions of the tensors of a checkpoint.

use super::entry::Entry;
use super::error::{ReadError, unsupported};
use crate::dtype::DType;
use crate::value::TensorSlice;

/// A tensor of a checkpoint as its index describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorInfo {
    /// The name; bytes that are not UTF-8 are written as in `\xff`.
    pub name: String,
    /// The type of the elements.
    pub dtype: DType,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The number of bytes in the data files, or what it would be there in the first version of the format; 0 for a
    /// tensor in parts, whose parts have their own.
    pub bytes: u64,
    /// The number of the data file.
    pub shard: usize,
    /// The parts in which a partitioned tensor was saved; empty if in one.
    pub slices: Vec<TensorSlice>,
}

/// The place and size of a stored part of a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartInfo {
    /// Which part of the tensor it is.
    pub slice: TensorSlice,
    /// The number of bytes in the data file, or what it would be there in the first version of the format.
    pub bytes: u64,
    /// The number of the data file.
    pub shard: usize,
}

impl TensorInfo {
    /// The description of an entry, whose dtype must be one of this crate.
    pub(super) fn new(key: &[u8], entry: &Entry) -> Result<Self, ReadError> {
        let slices = entry.slices.iter();
        let dtype = entry.dtype.known();
        Ok(TensorInfo {
            name: text(key),
            dtype: dtype.ok_or_else(|| unsupported(key, entry.dtype))?,
            shape: entry.shape.clone(),
            bytes: entry.size,
            shard: entry.shard as usize,
            slices: slices
                .filter_map(|slice| TensorSlice::from_proto(slice, &entry.shape))
                .collect(),
        })
    }
}

/// A key as text.
pub(super) fn text(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(name) => name.to_owned(),
        Err(_) => key.escape_ascii().to_string(),
    }
}
