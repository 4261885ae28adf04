//! Writes a bundle of one data file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::entry::{self, Entry};
use super::table::TableBuilder;
use super::{crc, varint};
use crate::dtype::DType;
use crate::error::ErrorKind;

/// How many bytes are checksummed, then written, at a time: few enough to stay in the processor's cache.
const CHUNK: usize = 1 << 18;

/// What can be wrong with a tensor that is to be saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    #[error("a tensor of a checkpoint needs a name, found an empty one")]
    EmptyKey,
    #[error("tensor \"{key}\": saved twice")]
    DuplicateKey { key: String },
    #[error("tensor \"{key}\": values of dtype {dtype} cannot be saved")]
    UnsupportedDType { key: String, dtype: DType },
    #[error("tensor \"{key}\": strings and other values are saved differently, found {dtype}")]
    StringsAsBytes { key: String, dtype: DType },
    #[error("tensor \"{key}\": {dtype} of shape {shape:?} is larger than can be addressed")]
    TooLarge {
        key: String,
        dtype: DType,
        shape: Vec<usize>,
    },
    #[error("tensor \"{key}\": {dtype} of shape {shape:?} takes {expected} bytes, found {found}")]
    ByteCount {
        key: String,
        dtype: DType,
        shape: Vec<usize>,
        expected: usize,
        found: usize,
    },
    #[error("tensor \"{key}\": shape {shape:?} takes {expected} strings, found {found}")]
    StringCount {
        key: String,
        shape: Vec<usize>,
        expected: usize,
        found: usize,
    },
    #[error("cannot write tensor \"{key}\": {source}")]
    Write { key: String, source: io::Error },
    #[error("cannot write the end of the tensors: {source}")]
    Flush { source: io::Error },
    #[error("an earlier tensor could not be written whole")]
    Incomplete,
}

impl BundleError {
    /// What kind of error of the crate it is.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            BundleError::Write { .. } | BundleError::Flush { .. } | BundleError::Incomplete => {
                ErrorKind::Io
            }
            BundleError::UnsupportedDType { .. } | BundleError::TooLarge { .. } => {
                ErrorKind::Unsupported
            }
            _ => ErrorKind::InvalidValue,
        }
    }
}

/// Writes the data files of a bundle as tensors are added, and makes the index at the end.
///
/// The data of a shard lie in the order of the calls; the index is sorted.
#[derive(Debug)]
pub(crate) struct BundleWriter<W> {
    data: W,
    shard: i32,
    position: u64,
    entries: BTreeMap<Vec<u8>, Entry>,
    incomplete: bool,
}

impl<W: Write> BundleWriter<W> {
    /// A bundle without tensors; `data` is the empty data file of its first shard.
    pub(crate) fn new(data: W) -> Self {
        BundleWriter {
            data,
            shard: 0,
            position: 0,
            entries: BTreeMap::new(),
            incomplete: false,
        }
    }

    /// Adds a tensor of any dtype but strings, from its elements as they lie in memory.
    ///
    /// The bytes are written through from where they are.
    pub(crate) fn add(
        &mut self,
        key: &[u8],
        dtype: DType,
        shape: &[usize],
        bytes: &[u8],
    ) -> Result<(), BundleError> {
        let name = || key.escape_ascii().to_string();
        let Some(size) = dtype.size() else {
            return Err(match dtype {
                DType::String => BundleError::StringsAsBytes { key: name(), dtype },
                _ => BundleError::UnsupportedDType { key: name(), dtype },
            });
        };
        let (dims, count) = self.check(key, dtype, shape)?;
        let expected = count
            .checked_mul(size)
            .filter(|&size| i64::try_from(size).is_ok());
        match expected {
            Some(expected) if expected == bytes.len() => {}
            Some(expected) => {
                let (shape, found) = (shape.to_vec(), bytes.len());
                return Err(BundleError::ByteCount {
                    key: name(),
                    dtype,
                    shape,
                    expected,
                    found,
                });
            }
            None => {
                return Err(BundleError::TooLarge {
                    key: name(),
                    dtype,
                    shape: shape.to_vec(),
                });
            }
        }
        let mut checksum = 0;
        let start = self.position;
        for chunk in bytes.chunks(CHUNK) {
            if cfg!(target_endian = "big") {
                let mut chunk = chunk.to_vec();
                swap_bytes(&mut chunk, scalar_size(dtype, size));
                checksum = crc32c::crc32c_append(checksum, &chunk);
                self.write(key, &chunk)?;
            } else {
                checksum = crc32c::crc32c_append(checksum, chunk);
                self.write(key, chunk)?;
            }
        }
        self.insert(key, dtype, dims, start, checksum)
    }

    /// Adds a tensor of strings.
    pub(crate) fn add_strings<S: AsRef<[u8]>>(
        &mut self,
        key: &[u8],
        shape: &[usize],
        values: &[S],
    ) -> Result<(), BundleError> {
        let (dims, expected) = self.check(key, DType::String, shape)?;
        if expected != values.len() {
            return Err(BundleError::StringCount {
                key: key.escape_ascii().to_string(),
                shape: shape.to_vec(),
                expected,
                found: values.len(),
            });
        }
        let mut lengths = Vec::with_capacity(values.len() + size_of::<u32>());
        let mut checksum = 0;
        for value in values {
            let len = value.as_ref().len() as u64;
            varint::put(&mut lengths, len);
            checksum = match u32::try_from(len) {
                Ok(len) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
                Err(_) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
            };
        }
        let of_lengths = crc::mask(checksum).to_le_bytes();
        checksum = crc32c::crc32c_append(checksum, &of_lengths);
        lengths.extend(of_lengths);

        let start = self.position;
        self.write(key, &lengths)?;
        for value in values {
            for chunk in value.as_ref().chunks(CHUNK) {
                checksum = crc32c::crc32c_append(checksum, chunk);
                self.write(key, chunk)?;
            }
        }
        self.insert(key, DType::String, dims, start, checksum)
    }

    /// Goes on in the next shard, whose data file `data` is; flushes that of the last one and returns it.
    pub(crate) fn next_shard(&mut self, data: W) -> Result<W, BundleError> {
        self.flush()?;
        self.shard += 1;
        self.position = 0;
        Ok(std::mem::replace(&mut self.data, data))
    }

    /// Flushes the data file, and returns it and the bytes of the index.
    pub(crate) fn finish(mut self) -> Result<(W, Vec<u8>), BundleError> {
        self.flush()?;
        let mut table = TableBuilder::new();
        table.add(b"", &entry::header(self.shard + 1));
        for (key, entry) in self.entries {
            table.add(&key, &entry.encode());
        }
        Ok((self.data, table.finish()))
    }

    /// Hands what is held back to the system, so that an error is known to be this shard's.
    pub(crate) fn flush(&mut self) -> Result<(), BundleError> {
        if self.incomplete {
            return Err(BundleError::Incomplete);
        }
        let flushed = self.data.flush();
        flushed.map_err(|source| BundleError::Flush { source })
    }

    /// The dimensions and the number of elements, if a tensor like this may be added.
    fn check(
        &self,
        key: &[u8],
        dtype: DType,
        shape: &[usize],
    ) -> Result<(Vec<i64>, usize), BundleError> {
        let name = || key.escape_ascii().to_string();
        if self.incomplete {
            return Err(BundleError::Incomplete);
        }
        if key.is_empty() {
            return Err(BundleError::EmptyKey);
        }
        if self.entries.contains_key(key) {
            return Err(BundleError::DuplicateKey { key: name() });
        }
        let dims = shape.iter().map(|&dim| i64::try_from(dim).ok()).collect();
        match (dims, element_count(shape)) {
            (Some(dims), Some(count)) => Ok((dims, count)),
            _ => Err(BundleError::TooLarge {
                key: name(),
                dtype,
                shape: shape.to_vec(),
            }),
        }
    }

    fn write(&mut self, key: &[u8], bytes: &[u8]) -> Result<(), BundleError> {
        if let Err(source) = self.data.write_all(bytes) {
            self.incomplete = true;
            let key = key.escape_ascii().to_string();
            return Err(BundleError::Write { key, source });
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Enters the tensor whose bytes begin at `start` and end here.
    fn insert(
        &mut self,
        key: &[u8],
        dtype: DType,
        shape: Vec<i64>,
        start: u64,
        checksum: u32,
    ) -> Result<(), BundleError> {
        let offset = i64::try_from(start);
        let size = i64::try_from(self.position - start);
        let (Ok(offset), Ok(size)) = (offset, size) else {
            self.incomplete = true;
            return Err(BundleError::Incomplete);
        };
        let crc = crc::mask(checksum);
        let slices = Vec::new();
        let entry = Entry {
            dtype,
            shape,
            shard: self.shard,
            offset,
            size,
            crc,
            slices,
        };
        self.entries.insert(key.to_vec(), entry);
        Ok(())
    }
}

/// The product of the dimensions, if it can be addressed.
fn element_count(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1_usize, |count, &dim| count.checked_mul(dim))
}

/// The size of what has a byte order: an element, or each of a complex element's two parts.
fn scalar_size(dtype: DType, size: usize) -> usize {
    match dtype {
        DType::Complex64 | DType::Complex128 => size / 2,
        _ => size,
    }
}

/// Reverses the bytes of each scalar.
fn swap_bytes(bytes: &mut [u8], scalar_size: usize) {
    for scalar in bytes.chunks_exact_mut(scalar_size) {
        scalar.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_swapped() {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        swap_bytes(&mut bytes, scalar_size(DType::Complex64, 8));
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
        swap_bytes(&mut bytes, scalar_size(DType::UInt8, 1));
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
    }

    #[test]
    fn no_dimension_is_one_element() {
        assert_eq!(element_count(&[]), Some(1));
        assert_eq!(element_count(&[usize::MAX, 2]), None);
        assert_eq!(element_count(&[usize::MAX, 2, 0]), Some(0));
    }
}
