//! Reads bundles: which tensors there are, and their values, whole or in parts.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::entry::{Entry, EntryError, Header};
use super::read_at::ReadAt;
use super::slice::{self, TensorSlice, copy_common};
use super::table::{TableError, TableReader};
use super::{CHUNK, crc, data_path, index_path, scalar_size, swap_bytes, varint};
use crate::dtype::{ByteString, DType};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::tensorflow::TensorSliceProto;
use crate::value::TensorValue;

/// How many bytes of rows are put together at a time.
const BAND: usize = 1 << 22;

/// What can be wrong with a checkpoint that is read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("the header: {0}")]
    Header(EntryError),
    #[error("tensor \"{key}\": {source}")]
    Entry { key: String, source: EntryError },
    #[error("there is no tensor \"{0}\"")]
    NoTensor(String),
    #[error(
        "tensor \"{key}\": expected {size} bytes at offset {offset}, the file has {file} bytes"
    )]
    Outside {
        key: String,
        offset: u64,
        size: u64,
        file: u64,
    },
    #[error("tensor \"{key}\": cannot read {size} bytes at offset {offset}: {source}")]
    Read {
        key: String,
        offset: u64,
        size: usize,
        source: io::Error,
    },
    #[error(
        "tensor \"{key}\" of {size} bytes at offset {offset}: expected checksum {stored:#010x}, found {found:#010x}"
    )]
    Checksum {
        key: String,
        offset: u64,
        size: u64,
        stored: u32,
        found: u32,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected the lengths of {count} strings, found damaged ones"
    )]
    Lengths {
        key: String,
        offset: u64,
        count: usize,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected checksum {stored:#010x} of the lengths, found {found:#010x}"
    )]
    LengthsChecksum {
        key: String,
        offset: u64,
        stored: u32,
        found: u32,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected strings of {expected} bytes together, found {found}"
    )]
    StringBytes {
        key: String,
        offset: u64,
        expected: u64,
        found: u64,
    },
    #[error("tensor \"{key}\": values of dtype {dtype} cannot be read, only copied")]
    Unsupported { key: String, dtype: DType },
    #[error("tensor \"{key}\": values of dtype {dtype} cannot be converted from this byte order")]
    Opaque { key: String, dtype: DType },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected the byte {expected:#04x} in the checksum of a length or an element, found {found:#04x}"
    )]
    PartChecksum {
        key: String,
        offset: u64,
        expected: u8,
        found: u8,
    },
    #[error("tensor \"{key}\": expected a part of shape {shape:?}, found {found:?}")]
    Part {
        key: String,
        shape: Vec<usize>,
        found: TensorSlice,
    },
    #[error("tensor \"{key}\": its part {part:?} is listed, but not there")]
    NoPart { key: String, part: TensorSlice },
    #[error("tensor \"{key}\": expected {expected} in its part {part:?}, found {found}")]
    PartType {
        key: String,
        part: TensorSlice,
        expected: String,
        found: String,
    },
    #[error("tensor \"{0}\" would be there twice")]
    Twice(String),
    #[error(
        "tensor \"{key}\": expected parts of {expected} as in other checkpoints, found {found}"
    )]
    OtherWhole {
        key: String,
        expected: String,
        found: String,
    },
    #[error("tensor \"{0}\": its bytes are those of another tensor or part, too")]
    Shared(String),
    #[error("tensor \"{key}\": its parts overlap in {common:?}")]
    Overlap { key: String, common: TensorSlice },
    #[error("tensor \"{key}\": its parts do not cover {wanted:?}")]
    Uncovered { key: String, wanted: TensorSlice },
}

impl ReadError {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            ReadError::NoTensor(_) => ErrorKind::NotFound,
            ReadError::Part { .. } | ReadError::Twice(_) | ReadError::OtherWhole { .. } => {
                ErrorKind::InvalidValue
            }
            ReadError::Unsupported { .. } | ReadError::Opaque { .. } => ErrorKind::Unsupported,
            ReadError::Read { source, .. } | ReadError::Table(TableError::Read { source, .. })
                if source.kind() != io::ErrorKind::UnexpectedEof =>
            {
                ErrorKind::Io
            }
            _ => ErrorKind::Corrupt,
        }
    }

    pub(crate) fn at(self, path: &Path) -> Error {
        Error::new(self.kind(), self).with_path(path)
    }
}

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
    /// The number of bytes in the data files; 0 for a tensor in parts, whose parts have their own.
    pub bytes: u64,
    /// The number of the data file.
    pub shard: usize,
    /// The parts in which a partitioned tensor was saved; empty if in one.
    pub slices: Vec<TensorSlice>,
}

/// What is stored of a tensor, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartInfo {
    /// Which part of the tensor it is.
    pub slice: TensorSlice,
    /// The number of bytes in the data file.
    pub bytes: u64,
    /// The number of the data file.
    pub shard: usize,
}

/// Key and entry of a tensor or of a part.
pub(crate) type Keyed = (Vec<u8>, Entry);

/// A tensor bundle on disk: `PREFIX.index` and its data files.
///
/// Nothing but the end of the index is read when it is opened, and of the data only what is asked for.
#[derive(Debug)]
pub(crate) struct BundleReader {
    prefix: PathBuf,
    index: PathBuf,
    table: TableReader<File>,
    header: Header,
    data: RefCell<HashMap<i32, Rc<DataFile>>>,
}

#[derive(Debug)]
struct DataFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl BundleReader {
    pub(crate) fn open(prefix: &Path) -> Result<Self> {
        let index = index_path(prefix);
        let file = File::open(&index).map_err(|source| Error::io("cannot open", &index, source))?;
        let table = TableReader::open(file);
        let table = table.map_err(|error| ReadError::from(error).at(&index))?;
        let header = table
            .get(b"")
            .map_err(|error| ReadError::from(error).at(&index))?;
        let header = header
            .ok_or(EntryError::NoHeader)
            .and_then(|bytes| Header::decode(&bytes));
        let header = header.map_err(|error| ReadError::Header(error).at(&index))?;
        Ok(BundleReader {
            prefix: prefix.to_owned(),
            index,
            table,
            header,
            data: RefCell::default(),
        })
    }

    /// What the names of the files have in common.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// All entries in the order of their keys, those of parts first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<Keyed>> + '_ {
        let entries = self.table.entries();
        entries.filter_map(|entry| match entry {
            Ok((key, _)) if key.is_empty() => None,
            Ok((key, value)) => Some(self.decode(&key, &value).map(|entry| (key, entry))),
            Err(error) => Some(Err(ReadError::from(error).at(&self.index))),
        })
    }

    /// The tensors in the order of their names.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = Result<TensorInfo>> + '_ {
        self.entries().filter_map(|entry| match entry {
            Ok((key, _)) if slice::is_slice_key(&key) => None,
            Ok((key, entry)) => Some(Ok(describe(&key, &entry))),
            Err(error) => Some(Err(error)),
        })
    }

    /// What the index says of a tensor.
    pub(crate) fn info(&self, key: &[u8]) -> Result<Option<TensorInfo>> {
        Ok(self.entry(key)?.map(|entry| describe(key, &entry)))
    }

    /// The entry of a tensor.
    pub(crate) fn entry(&self, key: &[u8]) -> Result<Option<Entry>> {
        if key.is_empty() {
            return Ok(None);
        }
        let value = self
            .table
            .get(key)
            .map_err(|error| ReadError::from(error).at(&self.index))?;
        value.map(|value| self.decode(key, &value)).transpose()
    }

    /// An error in the index.
    pub(crate) fn error(&self, error: ReadError) -> Error {
        error.at(&self.index)
    }

    /// Closes the data files that were opened to read from them.
    pub(crate) fn close_data(&self) {
        self.data.borrow_mut().clear();
    }

    /// Checks that the parts of a tensor cover it, each element once; `get` has the entries of parts.
    pub(crate) fn check_parts(
        &self,
        (key, entry): &Keyed,
        get: impl Fn(&[u8]) -> Result<Option<Entry>>,
    ) -> Result<()> {
        let parts = self.parts_from(key, entry, get)?;
        self.check_cover(key, &parts, &TensorSlice::whole(&entry.shape))
    }

    /// The parts of a tensor, with what each is saved as; one part if it is whole.
    pub(crate) fn parts(&self, key: &[u8], entry: &Entry) -> Result<Vec<(TensorSlice, Keyed)>> {
        self.parts_from(key, entry, |key| self.entry(key))
    }

    /// What is stored of a tensor.
    pub(crate) fn part_infos(&self, key: &[u8]) -> Result<Vec<PartInfo>> {
        let entry = self.entry(key)?;
        let entry = entry.ok_or_else(|| self.error(ReadError::NoTensor(name(key))))?;
        let parts = self.parts(key, &entry)?.into_iter();
        let info = |(slice, (_, entry)): (TensorSlice, Keyed)| PartInfo {
            slice,
            bytes: entry.size,
            shard: entry.shard as usize,
        };
        Ok(parts.map(info).collect())
    }

    fn parts_from(
        &self,
        key: &[u8],
        entry: &Entry,
        get: impl Fn(&[u8]) -> Result<Option<Entry>>,
    ) -> Result<Vec<(TensorSlice, Keyed)>> {
        if entry.slices.is_empty() {
            let whole = TensorSlice::whole(&entry.shape);
            return Ok(vec![(whole, (key.to_vec(), entry.clone()))]);
        }
        let part = |proto: &TensorSliceProto| {
            let part = TensorSlice::from_proto(proto, &entry.shape);
            let part = part.ok_or_else(|| ReadError::Entry {
                key: name(key),
                source: EntryError::Slice {
                    shape: entry.shape.clone(),
                    found: proto.clone(),
                },
            });
            let part = part.map_err(|error| error.at(&self.index))?;
            let key_of_part = slice::key(key, proto);
            let found = get(&key_of_part)?;
            let found = found.ok_or_else(|| {
                let part = part.clone();
                ReadError::NoPart {
                    key: name(key),
                    part,
                }
                .at(&self.index)
            })?;
            let shape = part.shape();
            if (found.dtype, &found.shape) != (entry.dtype, &shape) || !found.slices.is_empty() {
                let error = ReadError::PartType {
                    key: name(key),
                    part,
                    expected: format!("{} {shape:?}", entry.dtype),
                    found: format!("{} {:?}", found.dtype, found.shape),
                };
                return Err(error.at(&self.index));
            }
            Ok((part, (key_of_part, found)))
        };
        entry.slices.iter().map(part).collect()
    }

    /// The value of a part of a tensor, or of all of it.
    pub(crate) fn read(&self, key: &[u8], wanted: Option<&TensorSlice>) -> Result<TensorValue> {
        let entry = self.entry(key)?;
        let entry = entry.ok_or_else(|| ReadError::NoTensor(name(key)).at(&self.index))?;
        let wanted = match wanted {
            Some(part) if part.is_within(&entry.shape) => part.clone(),
            Some(part) => {
                let (shape, found) = (entry.shape, part.clone());
                return Err(ReadError::Part {
                    key: name(key),
                    shape,
                    found,
                }
                .at(&self.index));
            }
            None => TensorSlice::whole(&entry.shape),
        };
        let parts = self.parts(key, &entry)?;
        self.check_cover(key, &parts, &wanted)?;
        self.check_stored(relevant(&parts, &wanted))?;
        let shape = wanted.shape();
        if entry.dtype == DType::String {
            let mut strings = vec![ByteString::default(); wanted.num_elements()];
            for (part, keyed) in relevant(&parts, &wanted) {
                let found = self.strings(keyed)?;
                copy_common((part, &found, 0), (&wanted, &mut strings), 1);
            }
            return Ok(TensorValue::from_parts(shape, strings));
        }
        let value = TensorValue::filled(entry.dtype, &shape, |target| match &parts[..] {
            [(part, keyed)] if *part == wanted => self.read_into(keyed, target),
            _ => {
                let per_element = entry.dtype.size().unwrap_or(1);
                relevant(&parts, &wanted).try_for_each(|(part, keyed)| {
                    let mut position = 0;
                    self.stream(keyed, |chunk| {
                        copy_common((part, chunk, position), (&wanted, target), per_element);
                        position += chunk.len();
                        Ok(())
                    })
                })
            }
        });
        value.unwrap_or_else(|| {
            let (key, dtype) = (name(key), entry.dtype);
            Err(ReadError::Unsupported { key, dtype }.at(&self.index))
        })
    }

    /// Hands the bytes of a tensor of fixed-size elements to `sink`, as they lie in memory, piece after piece.
    ///
    /// No more is held in memory than some rows of a tensor whose parts are not just rows.
    pub(crate) fn stream_tensor(
        &self,
        key: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let entry = self.entry(key)?;
        let entry = entry.ok_or_else(|| ReadError::NoTensor(name(key)).at(&self.index))?;
        let whole = TensorSlice::whole(&entry.shape);
        let mut parts = self.parts(key, &entry)?;
        self.check_cover(key, &parts, &whole)?;
        if whole.num_elements() == 0 {
            return Ok(());
        }
        self.check_stored(&parts)?;
        let rows = |part: &TensorSlice| part.ranges().first().map_or(0..1, Range::clone);
        parts.sort_by_key(|(part, _)| rows(part).start);
        let whole_rows =
            |(part, _): &(TensorSlice, Keyed)| part.ranges().get(1..) == whole.ranges().get(1..);
        if parts.iter().all(whole_rows) {
            return parts
                .iter()
                .try_for_each(|(_, keyed)| self.stream(keyed, &mut *sink));
        }
        // Rows are put together from ranges of the parts' bytes, whose checksums are of whole parts.
        parts
            .iter()
            .try_for_each(|(_, keyed)| self.stream(keyed, |_| Ok(())))?;
        let per_element = entry.dtype.size().unwrap_or(1);
        let row_bytes = per_element * entry.shape[1..].iter().product::<usize>();
        let step = (BAND / row_bytes.max(1)).max(1);
        let mut band = Vec::new();
        let mut bytes = Vec::new();
        for start in (0..entry.shape[0]).step_by(step) {
            let end = (start + step).min(entry.shape[0]);
            let mut ranges = whole.ranges().to_vec();
            ranges[0] = start..end;
            let wanted = TensorSlice::new(ranges);
            band.resize((end - start) * row_bytes, 0);
            for (part, keyed) in relevant(&parts, &wanted) {
                let of_part = rows(part);
                let common = of_part.start.max(start)..of_part.end.min(end);
                let row = per_element * part.num_elements() / of_part.len();
                let position = (common.start - of_part.start) * row;
                bytes.resize(common.len() * row, 0);
                let (key, entry) = keyed;
                let offset = entry.offset + position as u64;
                self.data_file(key, entry)?.read(key, &mut bytes, offset)?;
                self.to_native(entry.dtype, &mut bytes);
                copy_common((part, &bytes, position), (&wanted, &mut band), per_element);
            }
            sink(&band)?;
        }
        Ok(())
    }

    /// Whether the parts cover what is wanted, each element once.
    fn check_cover(
        &self,
        key: &[u8],
        parts: &[(TensorSlice, Keyed)],
        wanted: &TensorSlice,
    ) -> Result<()> {
        if let [(part, _)] = parts {
            if part == wanted {
                return Ok(());
            }
        }
        let mut parts: Vec<_> = parts.iter().map(|(part, _)| part).collect();
        // Sorted along the dimension that is cut most often, few parts begin before another ends.
        let cuts = |&dim: &usize| {
            let starts: HashSet<_> = parts.iter().map(|part| part.ranges()[dim].start).collect();
            starts.len()
        };
        let along = (0..wanted.ranges().len()).max_by_key(cuts);
        let range = |part: &TensorSlice| along.map_or(0..1, |dim| part.ranges()[dim].clone());
        parts.sort_by_key(|part| range(part).start);
        let mut covered = 0;
        for (index, part) in parts.iter().enumerate() {
            let end = range(part).end;
            let mut near = parts[index + 1..]
                .iter()
                .take_while(|other| range(other).start < end);
            let other = near.find(|other| part.overlaps(other));
            if let Some(common) = other.and_then(|other| part.intersection(other)) {
                return Err(ReadError::Overlap {
                    key: name(key),
                    common,
                }
                .at(&self.index));
            }
            covered += part
                .intersection(wanted)
                .map_or(0, |common| common.num_elements());
        }
        if covered != wanted.num_elements() {
            let wanted = wanted.clone();
            return Err(ReadError::Uncovered {
                key: name(key),
                wanted,
            }
            .at(&self.index));
        }
        Ok(())
    }

    /// Checks that the data files hold all these parts side by side, before there is memory for them.
    fn check_stored<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p (TensorSlice, Keyed)>,
    ) -> Result<()> {
        let mut sizes = HashMap::new();
        for (_, (key, entry)) in parts {
            let file = self.data_file(key, entry)?;
            let size = sizes.entry(entry.shard).or_insert(0_u64);
            *size = size.saturating_add(entry.size);
            if *size > file.size {
                return Err(ReadError::Shared(name(key)).at(&self.index));
            }
        }
        Ok(())
    }

    /// The bytes of an entry of fixed-size elements, as they lie in memory; `target` is as long.
    fn read_into(&self, (key, entry): &Keyed, target: &mut [u8]) -> Result<()> {
        let file = self.data_file(key, entry)?;
        let mut offset = entry.offset;
        let mut checksum = 0;
        for chunk in target.chunks_mut(CHUNK) {
            file.read(key, chunk, offset)?;
            checksum = crc32c::crc32c_append(checksum, chunk);
            self.to_native(entry.dtype, chunk);
            offset += chunk.len() as u64;
        }
        file.check((key, entry), checksum)
    }

    /// Hands the bytes of an entry of fixed-size elements to `sink`, as they lie in memory, piece after piece.
    pub(crate) fn stream(
        &self,
        (key, entry): &Keyed,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.stream_stored((key, entry), |chunk| {
            self.to_native(entry.dtype, chunk);
            sink(chunk)
        })
    }

    /// Hands the bytes of an entry to `sink` as they are in the file; the last before the checksum is known to be
    /// right.
    pub(crate) fn stream_stored(
        &self,
        (key, entry): (&Vec<u8>, &Entry),
        mut sink: impl FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let file = self.data_file(key, entry)?;
        let mut buffer = vec![0; usize::try_from(entry.size).map_or(CHUNK, |size| size.min(CHUNK))];
        let (mut offset, mut left) = (entry.offset, entry.size);
        let mut checksum = 0;
        while left > 0 {
            let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            let chunk = &mut buffer[..len];
            file.read(key, chunk, offset)?;
            checksum = crc32c::crc32c_append(checksum, chunk);
            sink(chunk)?;
            offset += len as u64;
            left -= len as u64;
        }
        // The checksum of strings runs over their lengths in another form, which those who read them look after.
        match entry.dtype {
            DType::String | DType::Variant => Ok(()),
            _ => file.check((key, entry), checksum),
        }
    }

    /// The elements of an entry of strings.
    pub(crate) fn strings(&self, (key, entry): &Keyed) -> Result<Vec<ByteString>> {
        let file = self.data_file(key, entry)?;
        let mut bytes = vec![0; usize::try_from(entry.size).unwrap_or(usize::MAX)];
        for (index, chunk) in bytes.chunks_mut(1 << 30).enumerate() {
            file.read(key, chunk, entry.offset + ((index as u64) << 30))?;
        }
        let offset = entry.offset;
        let error = |error: ReadError| error.at(&file.path);
        let count = entry.shape.iter().product();
        let lengths = || {
            error(ReadError::Lengths {
                key: name(key),
                offset,
                count,
            })
        };
        let mut rest = &bytes[..];
        let mut checksum = 0;
        let mut lens = Vec::with_capacity(count);
        for _ in 0..count {
            let len = varint::take(&mut rest).ok_or_else(lengths)?;
            checksum = self.checksum_of_length(checksum, len);
            lens.push(len);
        }
        let (stored, mut rest) = rest.split_first_chunk::<4>().ok_or_else(lengths)?;
        let stored_bytes = stored;
        let stored = match self.header.big_endian {
            true => u32::from_be_bytes(*stored),
            false => u32::from_le_bytes(*stored),
        };
        let found = crc::mask(checksum);
        if !crc::is_stored(found, stored) {
            return Err(error(ReadError::LengthsChecksum {
                key: name(key),
                offset,
                stored,
                found,
            }));
        }
        let expected = lens
            .iter()
            .try_fold(0_u64, |sum, &len| sum.checked_add(len));
        if expected != Some(rest.len() as u64) {
            let (expected, found) = (expected.unwrap_or(u64::MAX), rest.len() as u64);
            return Err(error(ReadError::StringBytes {
                key: name(key),
                offset,
                expected,
                found,
            }));
        }
        checksum = crc32c::crc32c_append(checksum, stored_bytes);
        file.check((key, entry), crc32c::crc32c_append(checksum, rest))?;
        let take = |len: u64| {
            let (string, after) = rest.split_at(len as usize);
            rest = after;
            ByteString::from(string)
        };
        Ok(lens.into_iter().map(take).collect())
    }

    /// The checksum with a string's length in the form and byte order in which it counts.
    fn checksum_of_length(&self, checksum: u32, len: u64) -> u32 {
        match (u32::try_from(len), self.header.big_endian) {
            (Ok(len), false) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
            (Ok(len), true) => crc32c::crc32c_append(checksum, &len.to_be_bytes()),
            (Err(_), false) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
            (Err(_), true) => crc32c::crc32c_append(checksum, &len.to_be_bytes()),
        }
    }

    fn to_native(&self, dtype: DType, bytes: &mut [u8]) {
        if self.header.big_endian != cfg!(target_endian = "big") {
            swap_bytes(bytes, scalar_size(dtype));
        }
    }

    fn decode(&self, key: &[u8], value: &[u8]) -> Result<Entry> {
        let entry = Entry::decode(value, self.header.shards);
        let entry = entry.and_then(|entry| match slice::is_slice_key(key) {
            true if entry.is_partitioned() => Err(EntryError::PartInParts),
            _ => Ok(entry),
        });
        entry.map_err(|source| {
            let key = name(key);
            ReadError::Entry { key, source }.at(&self.index)
        })
    }

    /// Checks that there are as many data files as the header says.
    pub(crate) fn check_files(&self) -> Result<()> {
        (0..self.header.shards).try_for_each(|shard| {
            let path = self.path_of_shard(shard);
            let data = fs::metadata(&path);
            data.map(|_| ())
                .map_err(|source| Error::io("cannot open", path, source))
        })
    }

    /// Where the data file of an entry is.
    pub(super) fn path_of_data(&self, entry: &Entry) -> PathBuf {
        self.path_of_shard(entry.shard)
    }

    fn path_of_shard(&self, shard: i32) -> PathBuf {
        data_path(&self.prefix, shard as usize, self.header.shards as usize)
    }

    /// The data file of an entry, which lies within it.
    fn data_file(&self, key: &[u8], entry: &Entry) -> Result<Rc<DataFile>> {
        let known = self.data.borrow().get(&entry.shard).cloned();
        let file = match known {
            Some(file) => file,
            None => {
                let path = self.path_of_data(entry);
                let file =
                    File::open(&path).map_err(|source| Error::io("cannot open", &path, source))?;
                let size = file
                    .size()
                    .map_err(|source| Error::io("cannot read", &path, source))?;
                let file = Rc::new(DataFile { path, file, size });
                self.data.borrow_mut().insert(entry.shard, file.clone());
                file
            }
        };
        let &Entry { offset, size, .. } = entry;
        if offset.checked_add(size).is_none_or(|end| end > file.size) {
            let (key, file_size) = (name(key), file.size);
            let error = ReadError::Outside {
                key,
                offset,
                size,
                file: file_size,
            };
            return Err(error.at(&file.path));
        }
        Ok(file)
    }
}

impl DataFile {
    fn read(&self, key: &[u8], buffer: &mut [u8], offset: u64) -> Result<()> {
        let size = buffer.len();
        self.file.read_exact_at(buffer, offset).map_err(|source| {
            let key = name(key);
            ReadError::Read {
                key,
                offset,
                size,
                source,
            }
            .at(&self.path)
        })
    }

    fn check(&self, (key, entry): (&[u8], &Entry), checksum: u32) -> Result<()> {
        let found = crc::mask(checksum);
        if crc::is_stored(found, entry.crc) {
            return Ok(());
        }
        let error = ReadError::Checksum {
            key: name(key),
            offset: entry.offset,
            size: entry.size,
            stored: entry.crc,
            found,
        };
        Err(error.at(&self.path))
    }
}

/// The parts that have something of what is wanted.
fn relevant<'p>(
    parts: &'p [(TensorSlice, Keyed)],
    wanted: &TensorSlice,
) -> impl Iterator<Item = &'p (TensorSlice, Keyed)> {
    parts.iter().filter(|(part, _)| part.overlaps(wanted))
}

fn describe(key: &[u8], entry: &Entry) -> TensorInfo {
    let slices = entry.slices.iter();
    TensorInfo {
        name: name(key),
        dtype: entry.dtype,
        shape: entry.shape.clone(),
        bytes: entry.size,
        shard: entry.shard as usize,
        slices: slices
            .filter_map(|slice| TensorSlice::from_proto(slice, &entry.shape))
            .collect(),
    }
}

/// A key for people.
pub(super) fn name(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(name) if !slice::is_slice_key(key) => name.to_owned(),
        _ => key.escape_ascii().to_string(),
    }
}
