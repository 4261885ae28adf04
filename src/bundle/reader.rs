//! Reads bundles: which tensors there are, and their values, whole or in parts.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::CHUNK;
use super::entry::{Entry, EntryType, Header, Keyed, Part};
use super::error::{ReadError, name, unsupported};
use super::info::{PartInfo, TensorInfo, text};
use super::load::load;
use super::slice;
use super::storage::{self, Data, Storage};
use super::{crc, strings};
use crate::dtype::{ByteString, DType};
use crate::error::{Error, Result};
use crate::file_system::SharedFile;
use crate::nearest;
use crate::sort::sort_by_key;
use crate::value::{TensorSlice, TensorValue, copy_common};

/// How many bytes of rows are put together at a time.
const BAND: usize = 1 << 22;

/// A checkpoint on disk, of any version of the format.
#[derive(Debug)]
pub(crate) struct BundleReader {
    prefix: PathBuf,
    storage: Box<dyn Storage>,
}

impl BundleReader {
    pub(crate) fn open(prefix: &Path) -> Result<Self> {
        Ok(BundleReader {
            prefix: prefix.to_owned(),
            storage: storage::open(prefix)?,
        })
    }

    /// The prefix of the names of the files.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    pub(crate) fn header(&self) -> Header {
        self.storage.header()
    }

    /// All entries in the order of their keys, those of parts first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<Keyed>> + '_ {
        self.storage.entries()
    }

    /// The entries of tensors in the order of their names.
    fn wholes(&self) -> impl Iterator<Item = Result<Keyed>> + '_ {
        let is_part = |keyed: &Keyed| slice::is_slice_key(&keyed.0);
        let entries = self.entries();
        entries.filter(move |keyed| !keyed.as_ref().is_ok_and(is_part))
    }

    /// The tensors in the order of their names.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = Result<TensorInfo>> + '_ {
        self.wholes().map(|keyed| {
            let (key, entry) = keyed?;
            TensorInfo::new(&key, &entry).map_err(|error| self.error(error))
        })
    }

    /// The names of all tensors, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        self.wholes().map(|keyed| Ok(text(&keyed?.0))).collect()
    }

    /// Describes a tensor as the index does.
    pub(crate) fn info(&self, key: &[u8]) -> Result<Option<TensorInfo>> {
        let info = self.entry(key)?.map(|entry| TensorInfo::new(key, &entry));
        info.transpose().map_err(|error| self.error(error))
    }

    /// The stored parts of a tensor.
    pub(crate) fn part_infos(&self, key: &[u8]) -> Result<Vec<PartInfo>> {
        let entry = self.existing(key)?;
        let parts = self.parts(key, &entry)?.into_iter();
        let info = |(slice, (_, entry)): Part| PartInfo {
            slice,
            bytes: entry.size,
            shard: entry.shard as usize,
        };
        Ok(parts.map(info).collect())
    }

    /// The entry of a tensor or a part.
    pub(crate) fn entry(&self, key: &[u8]) -> Result<Option<Entry>> {
        self.storage.entry(key)
    }

    /// The entry of a tensor that is asked for.
    fn existing(&self, key: &[u8]) -> Result<Entry> {
        let entry = self.entry(key)?;
        entry.ok_or_else(|| {
            let names = self.names().unwrap_or_default();
            let wanted = String::from_utf8_lossy(key);
            self.error(ReadError::NoTensor {
                name: name(key),
                nearest: nearest::suggestion(&wanted, names.iter().map(String::as_str)),
            })
        })
    }

    /// An error in the index.
    pub(crate) fn error(&self, error: ReadError) -> Error {
        error.at(self.storage.index())
    }

    /// Where the data file of an entry is.
    pub(super) fn path_of_data(&self, entry: &Entry) -> PathBuf {
        self.storage.path_of_data(entry.shard)
    }

    /// Checks that there are as many data files as the header says, whether anything is in them or not.
    pub(crate) fn check_files(&self) -> Result<()> {
        (0..self.header().shards).try_for_each(|shard| {
            let path = self.storage.path_of_data(shard);
            match fs::metadata(&path) {
                Ok(_) => Ok(()),
                Err(source) => Err(Error::io("cannot open", path, source)),
            }
        })
    }

    /// Checks that the data files have the bytes of all these entries side by side.
    pub(super) fn check_stored<'k>(
        &self,
        mut entries: impl Iterator<Item = &'k Keyed>,
    ) -> Result<()> {
        self.storage.check_stored(&mut entries)
    }

    /// The most bytes that the keys of the parts of a tensor may have together.
    pub(super) fn max_key_bytes(&self) -> u64 {
        self.storage.max_key_bytes()
    }

    /// The index as it was opened, and whether blocks of it are compressed, of those that were read; `None` if it is no
    /// index of the second version.
    pub(crate) fn index_file(&self) -> Option<(SharedFile, bool)> {
        self.storage.index_file()
    }

    /// Closes the data files that were opened to read from them.
    pub(crate) fn close_data(&self) {
        self.storage.close_data();
    }

    /// The value of a part of a tensor, or of all of it.
    pub(crate) fn read(&self, key: &[u8], wanted: Option<&TensorSlice>) -> Result<TensorValue> {
        let entry = self.existing(key)?;
        let wanted = match wanted {
            Some(part) if part.is_within(&entry.shape) => part.clone(),
            Some(part) => {
                let (key, shape, found) = (name(key), entry.shape, part.clone());
                return Err(self.error(ReadError::Part { key, shape, found }));
            }
            None => TensorSlice::whole(&entry.shape),
        };
        let unsupported = || self.error(unsupported(key, entry.dtype));
        let dtype = entry.dtype.known().ok_or_else(unsupported)?;
        if dtype.size().is_none() && dtype != DType::String {
            return Err(unsupported());
        }
        let parts = self.parts_of(key, &entry, &wanted)?;
        // That there is as much as the value will have is known before there is a place for it.
        self.check_stored(parts.iter().map(|(_, keyed)| keyed))?;
        let shape = wanted.shape();
        if dtype == DType::String {
            let mut strings = vec![ByteString::default(); wanted.num_elements()];
            for (part, keyed) in &parts {
                let data = self.storage.data(keyed)?;
                let found = strings::read(&data, self.header().big_endian)?;
                copy_common((part, &found, 0), (&wanted, &mut strings), 1);
            }
            return Ok(TensorValue::from_parts(shape, strings));
        }
        let value = TensorValue::filled(dtype, &shape, |target| match &parts[..] {
            [(part, keyed)] if *part == wanted => {
                self.read_into(&self.storage.data(keyed)?, target)
            }
            _ => {
                let per_element = entry.dtype.size().unwrap_or(1);
                parts.iter().try_for_each(|(part, keyed)| {
                    let mut position = 0;
                    self.stream_native(&self.storage.data(keyed)?, &mut |chunk| {
                        copy_common((part, chunk, position), (&wanted, target), per_element);
                        position += chunk.len();
                        Ok(())
                    })
                })
            }
        });
        value.unwrap_or_else(|| Err(unsupported()))
    }

    /// Hands the bytes of a tensor of fixed-size elements to `sink`, as they lie in memory, piece after piece.
    ///
    /// No more is held in memory than some rows of a tensor whose parts are not just rows.
    pub(crate) fn stream_tensor(
        &self,
        key: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let entry = self.existing(key)?;
        let whole = TensorSlice::whole(&entry.shape);
        let mut parts = self.parts_of(key, &entry, &whole)?;
        self.check_stored(parts.iter().map(|(_, keyed)| keyed))?;
        let rows = |part: &TensorSlice| part.ranges().first().map_or(0..1, Range::clone);
        sort_by_key(&mut parts, |(part, _)| rows(part).start);
        let whole_rows = |(part, _): &Part| part.ranges().get(1..) == whole.ranges().get(1..);
        if parts.iter().all(whole_rows) {
            return parts
                .iter()
                .try_for_each(|(_, keyed)| self.stream_native(&self.storage.data(keyed)?, sink));
        }
        if whole.num_elements() == 0 {
            return Ok(());
        }
        // Rows are put together from ranges of the parts' bytes, whose checksums are of whole parts.
        parts.iter().try_for_each(|(_, keyed)| {
            self.stream_native(&self.storage.data(keyed)?, &mut |_| Ok(()))
        })?;
        // The bytes of parts of which rows were read and rows are still to come.
        let mut open: Vec<_> = parts.iter().map(|_| None).collect();
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
            let pairs = parts.iter().zip(&mut open);
            let relevant = pairs.filter(|((part, _), _)| part.overlaps(&wanted));
            for ((part, keyed), place) in relevant {
                let data = match place {
                    Some(data) => data,
                    None => place.insert(self.storage.data(keyed)?),
                };
                let of_part = rows(part);
                let common = of_part.start.max(start)..of_part.end.min(end);
                let row = per_element * part.num_elements() / of_part.len();
                let position = (common.start - of_part.start) * row;
                bytes.resize(common.len() * row, 0);
                data.read(&mut bytes, position as u64)?;
                to_native(self.header().big_endian, entry.dtype, &mut bytes);
                copy_common((part, &bytes, position), (&wanted, &mut band), per_element);
                if of_part.end <= end {
                    *place = None;
                }
            }
            sink(&band)?;
        }
        Ok(())
    }

    /// The bytes of an entry of fixed-size elements, as they lie in memory; `target` is as long.
    fn read_into(&self, data: &Data<'_>, target: &mut [u8]) -> Result<()> {
        let dtype = data.entry().dtype;
        let big_endian = self.header().big_endian;
        load(data, target, &|chunk| to_native(big_endian, dtype, chunk))
    }

    /// Hands the bytes of an entry of fixed-size elements to `sink`, as they lie in memory, piece after piece.
    fn stream_native(
        &self,
        data: &Data<'_>,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let big_endian = self.header().big_endian;
        let streamed = stream(data, &mut |chunk| {
            to_native(big_endian, data.entry().dtype, chunk);
            sink(chunk)
        });
        streamed.map(|_| ())
    }

    /// Hands the bytes of an entry to `sink` as they are in the file, and returns their masked checksum; the last before
    /// the checksum is known to be right.
    pub(crate) fn stream_stored(
        &self,
        keyed: &Keyed,
        sink: &mut dyn FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<u32> {
        stream(&self.storage.data(keyed)?, sink)
    }
}

fn to_native(big_endian: bool, dtype: EntryType, bytes: &mut [u8]) {
    let dtype = dtype.known();
    if let Some(dtype) = dtype.filter(|_| big_endian != cfg!(target_endian = "big")) {
        dtype.swap_bytes(bytes);
    }
}

fn stream(data: &Data<'_>, sink: &mut dyn FnMut(&mut [u8]) -> Result<()>) -> Result<u32> {
    let entry = data.entry();
    let mut buffer = vec![0; usize::try_from(entry.size).map_or(CHUNK, |size| size.min(CHUNK))];
    let mut position = 0;
    let mut checksum = 0;
    while position < entry.size {
        let left = entry.size - position;
        let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let chunk = &mut buffer[..len];
        data.read(chunk, position)?;
        checksum = crc32c::crc32c_append(checksum, chunk);
        sink(chunk)?;
        position += len as u64;
    }
    let found = crc::mask(checksum);
    // The checksum of strings runs over their lengths in another form, which those who read them look after.
    match entry.dtype.known() {
        Some(DType::String | DType::Variant) => {}
        _ => data.check(found).map_err(|error| data.error(error))?,
    }
    Ok(found)
}
