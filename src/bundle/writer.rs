//! Writes bundles: the data files as tensors are added, and the index at the end.

use std::io::{self, Write};

use super::entry::{Entry, EntryType, Header};
use super::error::name;
use super::slice;
use super::table::{MAX_KEY_SHARING, TableBuilder, TableReader};
use super::{CHUNK, crc, strings};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::file_system::SharedFile;
use crate::quoted::Quoted;
use crate::shape::element_count;
use crate::sorted_map::SortedMap;
use crate::value::TensorSlice;

errors! {
    /// Faults of a tensor that is to be saved.
    #[derive(Debug)]
    pub(crate) enum BundleError {
        #[error("a tensor of a checkpoint needs a name, found an empty one")]
        EmptyKey,
        #[error("tensor {key}: saved twice")]
        DuplicateKey { key: Quoted },
        #[error("tensor {key}: values of dtype {dtype} cannot be saved")]
        UnsupportedDType { key: Quoted, dtype: DType },
        #[error("tensor {key}: strings and other values are saved differently, found {dtype}")]
        StringsAsBytes { key: Quoted, dtype: DType },
        #[error("tensor {key}: {dtype} of shape {shape:?} is larger than can be addressed")]
        TooLarge {
            key: Quoted,
            dtype: EntryType,
            shape: Vec<usize>,
        },
        #[error("tensor {key}: {dtype} of shape {shape:?} takes {expected} bytes, found {found}")]
        ByteCount {
            key: Quoted,
            dtype: DType,
            shape: Vec<usize>,
            expected: usize,
            found: usize,
        },
        #[error("tensor {key}: shape {shape:?} takes {expected} strings, found {found}")]
        StringCount {
            key: Quoted,
            shape: Vec<usize>,
            expected: usize,
            found: usize,
        },
        #[error("tensor {key}: strings of shape {shape:?} take {expected} bytes, found {found}")]
        StringBytes {
            key: Quoted,
            shape: Vec<usize>,
            expected: u64,
            found: u64,
        },
        #[error("tensor {key}: expected a part of shape {shape:?} that has elements, found {found}")]
        Part {
            key: Quoted,
            shape: Vec<usize>,
            found: TensorSlice,
        },
        #[error(
            "tensor {key}: expected another part of {expected_dtype} {expected:?}, found one of {dtype} {shape:?}"
        )]
        OtherWhole {
            key: Quoted,
            expected_dtype: EntryType,
            expected: Vec<usize>,
            dtype: DType,
            shape: Vec<usize>,
        },
        #[error("tensor {key}: expected a part of shape {expected:?}, found {found:?}")]
        PartShape {
            key: Quoted,
            expected: Vec<usize>,
            found: Vec<usize>,
        },
        #[error("tensor {key}: is listed by its source, but has no value")]
        NoValue { key: Quoted },
        #[error("cannot write tensor {key}: {source}")]
        Write { key: Quoted, source: io::Error },
        #[error("cannot write the end of the tensors: {source}")]
        Flush { source: io::Error },
        #[error(
            "the checkpoint cannot be finished, since an earlier tensor could not be written whole"
        )]
        Incomplete,
    }
}

impl From<BundleError> for Error {
    fn from(error: BundleError) -> Self {
        Error::new(error.kind(), error)
    }
}

impl BundleError {
    /// The kind of the crate's error.
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
    /// The entries of whole tensors and of parts, as the index will have them: there may be millions.
    entries: SortedMap<Box<[u8]>, Box<[u8]>>,
    /// The entries of the tensors that have parts.
    partitioned: SortedMap<Vec<u8>, Entry>,
    incomplete: bool,
    /// Whether the blocks of the index are compressed.
    compressed: bool,
    /// An index that stands for the one that is made if it has the same entries.
    original: Option<SharedFile>,
}

impl<W: Write> BundleWriter<W> {
    /// A bundle without tensors; `data` is the empty data file of its first shard.
    pub(crate) fn new(data: W) -> Self {
        BundleWriter {
            data,
            shard: 0,
            position: 0,
            entries: SortedMap::new(),
            partitioned: SortedMap::new(),
            incomplete: false,
            compressed: false,
            original: None,
        }
    }

    /// Has the index compressed.
    pub(crate) fn compress_index(&mut self) {
        self.compressed = true;
    }

    /// Has the index written as another is, if it will have the same entries.
    pub(crate) fn keep_index(&mut self, original: SharedFile) {
        self.original = Some(original);
    }

    /// Adds a tensor of any dtype but strings, from its elements as they lie in memory.
    ///
    /// The bytes are written through from where they are.
    #[cfg(test)]
    pub(crate) fn add(
        &mut self,
        key: &[u8],
        dtype: DType,
        shape: &[usize],
        bytes: &[u8],
    ) -> Result<(), BundleError> {
        let expected = self.check_fixed(key, dtype, shape)?;
        if expected != bytes.len() {
            return Err(BundleError::ByteCount {
                key: name(key),
                dtype,
                shape: shape.to_vec(),
                expected,
                found: bytes.len(),
            });
        }
        self.add_streamed(key, dtype, shape, |sink| sink(bytes))
    }

    /// Adds a tensor of any dtype but strings, whose elements `stream` hands over as they lie in memory, piece after
    /// piece.
    pub(crate) fn add_streamed<E: From<BundleError>>(
        &mut self,
        key: &[u8],
        dtype: DType,
        shape: &[usize],
        stream: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E>,
    ) -> Result<(), E> {
        let expected = self.check_fixed(key, dtype, shape)?;
        let start = self.position;
        let mut checksum = 0;
        // Until all of it is there, what follows would be in the wrong place.
        self.incomplete = true;
        stream(&mut |bytes| {
            for chunk in bytes.chunks(CHUNK) {
                if cfg!(target_endian = "big") {
                    let mut chunk = chunk.to_vec();
                    dtype.swap_bytes(&mut chunk);
                    checksum = crc32c::crc32c_append(checksum, &chunk);
                    self.write(key, &chunk)?;
                } else {
                    checksum = crc32c::crc32c_append(checksum, chunk);
                    self.write(key, chunk)?;
                }
            }
            Ok(())
        })?;
        let found = (self.position - start) as usize;
        if found != expected {
            return Err(E::from(BundleError::ByteCount {
                key: name(key),
                dtype,
                shape: shape.to_vec(),
                expected,
                found,
            }));
        }
        self.incomplete = false;
        self.insert(key, dtype.into(), shape, start, crc::mask(checksum));
        Ok(())
    }

    /// Adds a tensor of strings.
    pub(crate) fn add_strings<S: AsRef<[u8]>>(
        &mut self,
        key: &[u8],
        shape: &[usize],
        values: &[S],
    ) -> Result<(), BundleError> {
        let lengths = values.iter().map(|value| value.as_ref().len() as u64);
        self.add_streamed_strings(key, shape, lengths, |sink| {
            values.iter().try_for_each(|value| sink(value.as_ref()))
        })
    }

    /// Adds a tensor of strings of these lengths, whose bytes `stream` hands over piece after piece.
    pub(crate) fn add_streamed_strings<E: From<BundleError>>(
        &mut self,
        key: &[u8],
        shape: &[usize],
        lengths: impl Iterator<Item = u64>,
        stream: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E>,
    ) -> Result<(), E> {
        let expected = self.check(key, DType::String.into(), shape)?;
        let head = strings::Head::new(lengths);
        let shape_of = || shape.to_vec();
        if head.count != expected {
            let (key, shape, found) = (name(key), shape_of(), head.count);
            return Err(E::from(BundleError::StringCount {
                key,
                shape,
                expected,
                found,
            }));
        }
        let mut checksum = head.checksum;
        let start = self.position;
        self.incomplete = true;
        self.write(key, &head.bytes)?;
        let body = self.position;
        stream(&mut |bytes| {
            for chunk in bytes.chunks(CHUNK) {
                checksum = crc32c::crc32c_append(checksum, chunk);
                self.write(key, chunk)?;
            }
            Ok(())
        })?;
        let found = self.position - body;
        if found != head.strings {
            let (key, shape, expected) = (name(key), shape_of(), head.strings);
            return Err(E::from(BundleError::StringBytes {
                key,
                shape,
                expected,
                found,
            }));
        }
        self.incomplete = false;
        self.insert(key, DType::String.into(), shape, start, crc::mask(checksum));
        Ok(())
    }

    /// Adds a part of a tensor of this dtype and shape, or all of it.
    ///
    /// `add` adds it, under the key that it is given.
    pub(crate) fn add_slice<E: From<BundleError>>(
        &mut self,
        key: &[u8],
        dtype: DType,
        (shape, slice): (&[usize], &TensorSlice),
        add: impl FnOnce(&mut Self, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if slice.is_whole(shape) {
            return add(self, key);
        }
        self.check_part(key, dtype, shape, slice)?;
        let proto = slice.to_proto();
        add(self, &slice::key(key, &proto))?;
        let whole = self.partitioned.get_or_insert_with(key.to_vec(), || Entry {
            dtype: dtype.into(),
            shape: shape.to_vec(),
            // TensorFlow has the data file of the first part here; nobody reads it.
            shard: self.shard,
            offset: 0,
            size: 0,
            crc: None,
            slices: Vec::new(),
        });
        whole.slices.push(proto);
        Ok(())
    }

    /// Adds a tensor or a part as another bundle has it stored.
    ///
    /// `stream` hands over the bytes, little-endian, and returns their masked checksum.
    pub(crate) fn add_stored<E: From<BundleError>>(
        &mut self,
        key: &[u8],
        entry: &Entry,
        stream: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<u32, E>,
    ) -> Result<(), E> {
        self.check(key, entry.dtype, &entry.shape)?;
        let start = self.position;
        self.incomplete = true;
        let checksum = stream(&mut |bytes| Ok(self.write(key, bytes)?))?;
        self.incomplete = self.position - start != entry.size;
        if self.incomplete {
            return Err(E::from(BundleError::Incomplete));
        }
        self.insert(key, entry.dtype, &entry.shape, start, checksum);
        Ok(())
    }

    /// Enters a tensor of which only the parts are stored, each under a key of its own.
    pub(crate) fn add_partitioned(&mut self, key: &[u8], whole: Entry) -> Result<(), BundleError> {
        self.check(key, whole.dtype, &whole.shape)?;
        self.partitioned.insert(key.to_vec(), whole);
        Ok(())
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
        let header = Header {
            shards: self.shard + 1,
            big_endian: false,
        };
        // The empty key sorts first.
        self.entries.insert(Box::default(), header.encode().into());
        for (key, entry) in self.partitioned {
            self.entries.insert(key.into(), entry.encode().into());
        }
        let mut table = match self.compressed {
            true => TableBuilder::compressed(),
            false => TableBuilder::new(),
        };
        for (key, entry) in &self.entries {
            table.add(key, entry);
        }
        let table = table.finish();
        let original = self.original.and_then(|file| {
            let original = read_index(&file, table.len())?;
            (original != table && has_entries(&original, &self.entries)).then_some(original)
        });
        Ok((self.data, original.unwrap_or(table)))
    }

    /// Hands what is held back to the system, so that an error is known to be this shard's.
    pub(crate) fn flush(&mut self) -> Result<(), BundleError> {
        if self.incomplete {
            return Err(BundleError::Incomplete);
        }
        let flushed = self.data.flush();
        flushed.map_err(|source| BundleError::Flush { source })
    }

    /// The number of bytes, if a tensor of fixed-size elements like this may be added.
    fn check_fixed(&self, key: &[u8], dtype: DType, shape: &[usize]) -> Result<usize, BundleError> {
        let Some(size) = dtype.size() else {
            return Err(match dtype {
                DType::String => BundleError::StringsAsBytes {
                    key: name(key),
                    dtype,
                },
                _ => BundleError::UnsupportedDType {
                    key: name(key),
                    dtype,
                },
            });
        };
        let bytes = self.check(key, dtype.into(), shape)?.checked_mul(size);
        bytes
            .filter(|&bytes| i64::try_from(bytes).is_ok())
            .ok_or_else(|| BundleError::TooLarge {
                key: name(key),
                dtype: dtype.into(),
                shape: shape.to_vec(),
            })
    }

    /// The number of elements, if a tensor like this may be added.
    fn check(&self, key: &[u8], dtype: EntryType, shape: &[usize]) -> Result<usize, BundleError> {
        if self.incomplete {
            return Err(BundleError::Incomplete);
        }
        if key.is_empty() {
            return Err(BundleError::EmptyKey);
        }
        if self.entries.contains_key(key) || self.partitioned.contains_key(key) {
            return Err(BundleError::DuplicateKey { key: name(key) });
        }
        let countable = shape.iter().all(|&dim| i64::try_from(dim).is_ok());
        match element_count(shape).filter(|_| countable) {
            Some(count) => Ok(count),
            None => Err(BundleError::TooLarge {
                key: name(key),
                dtype,
                shape: shape.to_vec(),
            }),
        }
    }

    /// Whether a part like this may be added.
    fn check_part(
        &self,
        key: &[u8],
        dtype: DType,
        shape: &[usize],
        slice: &TensorSlice,
    ) -> Result<(), BundleError> {
        match self.partitioned.get(key) {
            None => self.check(key, dtype.into(), shape).map(|_| ())?,
            Some(whole) if whole.dtype == dtype && whole.shape == shape => {}
            Some(whole) => {
                return Err(BundleError::OtherWhole {
                    key: name(key),
                    expected_dtype: whole.dtype,
                    expected: whole.shape.clone(),
                    dtype,
                    shape: shape.to_vec(),
                });
            }
        }
        // TensorFlow has no way to ask for a part without elements.
        if !slice.is_within(shape) || slice.num_elements() == 0 {
            return Err(BundleError::Part {
                key: name(key),
                shape: shape.to_vec(),
                found: slice.clone(),
            });
        }
        Ok(())
    }

    fn write(&mut self, key: &[u8], bytes: &[u8]) -> Result<(), BundleError> {
        if let Err(source) = self.data.write_all(bytes) {
            self.incomplete = true;
            let key = name(key);
            return Err(BundleError::Write { key, source });
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Enters the tensor whose bytes begin at `start` and end here.
    fn insert(&mut self, key: &[u8], dtype: EntryType, shape: &[usize], start: u64, crc: u32) {
        let entry = Entry {
            dtype,
            shape: shape.to_vec(),
            shard: self.shard,
            offset: start,
            size: self.position - start,
            crc: Some(crc),
            slices: Vec::new(),
        };
        self.entries.insert(key.into(), entry.encode().into());
    }
}

/// An index that is not much larger than another with the same entries; `None` if it cannot be read any more.
fn read_index(file: &SharedFile, other: usize) -> Option<Vec<u8>> {
    let size = usize::try_from(file.size().ok()?).ok()?;
    if size > other.saturating_mul(MAX_KEY_SHARING) {
        return None;
    }
    let mut bytes = vec![0; size];
    file.read_exact_at(&mut bytes, 0).ok()?;
    Some(bytes)
}

/// Whether a table has just these entries.
fn has_entries(table: &[u8], entries: &SortedMap<Box<[u8]>, Box<[u8]>>) -> bool {
    let Ok(table) = TableReader::open(table.to_vec()) else {
        return false;
    };
    let mut entries = entries.iter();
    let mut found = table.entries();
    found.all(|found| {
        let expected = entries.next();
        found.is_ok_and(|(key, value)| {
            expected.is_some_and(|(k, v)| (&key[..], &value[..]) == (&**k, &**v))
        })
    }) && entries.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_swapped() {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        DType::Complex64.swap_bytes(&mut bytes);
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
        DType::UInt8.swap_bytes(&mut bytes);
        assert_eq!(bytes, [4, 3, 2, 1, 8, 7, 6, 5]);
    }

    #[test]
    fn streamed_strings_are_those_of_memory() {
        let words: [&[u8]; 3] = [b"one", b"", b"three"];
        let mut whole = BundleWriter::new(Vec::new());
        whole.add_strings(b"s", &[3], &words).unwrap();
        let mut streamed = BundleWriter::new(Vec::new());
        let mut add = |key: &[u8], pieces: &[&[u8]]| {
            streamed.add_streamed_strings(key, &[3], [3, 0, 5].into_iter(), |sink| {
                pieces.iter().try_for_each(|piece| sink(piece))
            })
        };
        add(b"s", &[b"onet", b"hre", b"", b"e"]).unwrap();
        let error: BundleError = add(b"t", &[b"onethre"]).unwrap_err();
        let text = "tensor \"t\": strings of shape [3] take 8 bytes, found 7";
        assert_eq!(error.to_string(), text);
        // What was written of it is in the way of all else.
        assert!(matches!(
            add(b"u", &[b"onethree"]),
            Err(BundleError::Incomplete)
        ));
        let (data, _) = whole.finish().unwrap();
        assert!(streamed.data.starts_with(&data));
        assert!(streamed.entries.keys().all(|key| **key == *b"s"));
    }
}
