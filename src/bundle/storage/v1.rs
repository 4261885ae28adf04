//! The first version of the format: tables with everything in them.
//!
//! A checkpoint is a table of the name that was given to the saver, or one for each shard, whose names the saver gives as
//! a pattern: `model-?????-of-00002` for `model-00000-of-00002` and `model-00001-of-00002`.
//!
//! The empty key holds a `SavedTensorSlices` message with a list of the tensors in that table and the parts that it has of
//! each: a tensor in one piece has one part, which is all of it. Every part is a message of the same kind, with a
//! `TensorProto` whose dtype and shape are not said, under the key that parts have in the second version. Only the
//! table's blocks have checksums.
//!
//! Nothing large is in memory as a whole: not the block with a value, whose checksum is verified before anything is taken
//! out of it, nor the message, nor its elements.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::elements::{Elements, Streamed};
use super::{Data, DataFile, Storage};
use crate::bundle::entry::{
    Entry, EntryError, EntryType, Header, Keyed, check_version, tensor_type,
};
use crate::bundle::error::{ReadError, name, unsupported};
use crate::bundle::slice;
use crate::bundle::table::{TableReader, Value};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::file_system::parent;
use crate::file_system::{ReadAt, SharedFile};
use crate::proto::Message as _;
use crate::proto::tensorflow::{SavedSliceMeta, SavedTensorSlices, TensorSliceProto};
use crate::sort::{sort, sort_by};
use crate::sorted_map::SortedMap;
use crate::value::TensorSlice;

mod elements;

/// The largest value that is held in memory while it is read; tests have small ones.
const IN_MEMORY: u64 = if cfg!(any(test, fuzzing)) {
    64
} else {
    1 << 20
};

/// The tables that a prefix stands for: the file of that name, or those that it is a pattern of, sorted.
///
/// In the name of a file, `?` stands for any byte and `*` for any number of them.
pub(super) fn files(prefix: &Path) -> Result<Vec<PathBuf>> {
    if prefix.is_file() {
        return Ok(vec![prefix.to_owned()]);
    }
    let pattern = prefix.file_name().map_or(&b""[..], OsStr::as_encoded_bytes);
    let directory = parent(prefix);
    if !pattern.iter().any(|byte| b"?*".contains(byte)) || !directory.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| Error::io("cannot read", directory, source);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map_or(&b""[..], OsStr::as_encoded_bytes);
        if matches(pattern, name) && path.is_file() {
            files.push(path);
        }
    }
    sort(&mut files);
    Ok(files)
}

fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Where to go on if the last star stands for a byte more.
    let mut star = None;
    let (mut at, mut next) = (0, 0);
    while at < name.len() {
        match pattern.get(next) {
            Some(b'*') => {
                star = Some((at, next));
                next += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[at] => {
                at += 1;
                next += 1;
            }
            _ => match &mut star {
                Some((from, place)) => {
                    *from += 1;
                    (at, next) = (*from, *place + 1);
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|&byte| byte == b'*')
}

/// A checkpoint of the first version.
#[derive(Debug)]
pub(super) struct Tables {
    prefix: PathBuf,
    tables: Vec<Table>,
    entries: SortedMap<Vec<u8>, Stored>,
    /// The table that was read last, the only one that keeps a block.
    last: Cell<usize>,
}

#[derive(Debug)]
struct Table {
    path: PathBuf,
    reader: TableReader,
}

#[derive(Debug)]
struct Stored {
    entry: Entry,
    /// The key in the table; empty for a tensor of which only parts are there.
    key: Vec<u8>,
    /// How many bytes strings have, once that was asked for.
    bytes: Cell<Option<u64>>,
}

impl Tables {
    pub(super) fn open(prefix: &Path, paths: Vec<PathBuf>) -> Result<Self> {
        let mut tables = Tables {
            prefix: prefix.to_owned(),
            tables: Vec::new(),
            entries: SortedMap::new(),
            last: Cell::new(0),
        };
        for path in paths {
            let file =
                File::open(&path).map_err(|source| Error::io("cannot open", &path, source))?;
            let added = tables.add(&path, file);
            added.map_err(|error| error.at(&path))?;
        }
        Ok(tables)
    }

    /// Adds what a table has.
    fn add(&mut self, path: &Path, file: File) -> Result<(), ReadError> {
        let reader = TableReader::open(file)?;
        let list = reader.find(b"")?.map(Value::read_all).transpose()?;
        reader.forget();
        let list = list.ok_or(EntryError::NoHeader).and_then(|bytes| {
            let list = SavedTensorSlices::decode(&bytes[..])?.meta;
            let list = list.ok_or(EntryError::NoHeader)?;
            check_version(&list.versions.clone().unwrap_or_default())?;
            Ok(list)
        });
        let list = list.map_err(ReadError::Header)?;
        let limit = reader.max_key_bytes();
        let shard = self.tables.len() as i32;
        let (mut number, mut key_bytes) = (0, 0_u64);
        for tensor in list.tensor {
            let found = tensor.slice.len();
            key_bytes =
                key_bytes.saturating_add((tensor.name.len() as u64).saturating_mul(found as u64));
            if key_bytes > limit {
                let key = name(tensor.name.as_bytes());
                return Err(ReadError::TooManyParts { key, limit, found });
            }
            self.add_tensor(tensor, shard, &mut number)?;
        }
        let path = path.to_owned();
        self.tables.push(Table { path, reader });
        Ok(())
    }

    /// Adds a tensor of a table; `number` is how many parts the table has of those before.
    fn add_tensor(
        &mut self,
        tensor: SavedSliceMeta,
        shard: i32,
        number: &mut u64,
    ) -> Result<(), ReadError> {
        let SavedSliceMeta {
            name: key,
            shape,
            r#type,
            slice: parts,
        } = tensor;
        let entry_error = |source| ReadError::Entry {
            key: name(key.as_bytes()),
            source,
        };
        let (dtype, shape, _) = tensor_type(r#type, shape).map_err(entry_error)?;
        if matches!(dtype.known(), Some(DType::Resource | DType::Variant)) {
            return Err(entry_error(EntryError::DType(r#type)));
        }
        let keyed = parts
            .into_iter()
            .map(|part| (slice::key(key.as_bytes(), &part), part));
        let mut parts: Vec<_> = keyed.collect();
        // The list has them in no order, the table in the one in which the saver had them.
        sort_by(&mut parts, |(a, _), (b, _)| a.cmp(b));
        for (key_of_part, proto) in parts {
            let Some(part) = TensorSlice::from_proto(&proto, &shape) else {
                let shape = shape.clone();
                let found = proto;
                return Err(entry_error(EntryError::Slice { shape, found }));
            };
            let stored = |shape: Vec<usize>| Stored {
                entry: Entry {
                    dtype,
                    // Strings must be read to know.
                    size: (part.num_elements() * dtype.size().unwrap_or(0)) as u64,
                    shape,
                    shard,
                    offset: *number,
                    crc: None,
                    slices: Vec::new(),
                },
                key: key_of_part.clone(),
                bytes: Cell::new(None),
            };
            if part.is_whole(&shape) {
                self.insert(key.as_bytes(), stored(shape.clone()))?;
            } else {
                self.insert(&key_of_part, stored(part.shape()))?;
                self.add_part((key.as_bytes(), dtype, &shape), proto, shard)?;
            }
            *number += 1;
        }
        Ok(())
    }

    fn insert(&mut self, key: &[u8], stored: Stored) -> Result<(), ReadError> {
        match self.entries.insert(key.to_vec(), stored) {
            Some(_) => Err(ReadError::Twice(name(key))),
            None => Ok(()),
        }
    }

    /// Enters a part of a tensor, of which other parts may be there.
    fn add_part(
        &mut self,
        (key, dtype, shape): (&[u8], EntryType, &[usize]),
        part: TensorSliceProto,
        shard: i32,
    ) -> Result<(), ReadError> {
        if slice::is_slice_key(key) {
            let (key, source) = (name(key), EntryError::PartInParts);
            return Err(ReadError::Entry { key, source });
        }
        let whole = self.entries.get_or_insert_with(key.to_vec(), || Stored {
            entry: Entry {
                dtype,
                shape: shape.to_vec(),
                shard,
                offset: 0,
                size: 0,
                crc: None,
                slices: Vec::new(),
            },
            key: Vec::new(),
            bytes: Cell::new(None),
        });
        if !whole.key.is_empty() {
            return Err(ReadError::Twice(name(key)));
        }
        let whole = &mut whole.entry;
        if (whole.dtype, &whole.shape[..]) != (dtype, shape) {
            return Err(ReadError::OtherWhole {
                key: name(key),
                expected: format!("{} {:?}", whole.dtype, whole.shape),
                found: format!("{dtype} {shape:?}"),
            });
        }
        whole.slices.push(part);
        Ok(())
    }

    /// The elements of a tensor or a part, as a data file would have them.
    fn elements(&self, key: &[u8], stored: &Stored) -> Result<Elements> {
        let shard = stored.entry.shard as usize;
        let last = self.last.replace(shard);
        if last != shard {
            self.tables[last].reader.forget();
        }
        let table = &self.tables[shard];
        let elements = table.elements(key, stored);
        elements.map_err(|error| error.at(&table.path))
    }

    fn stored(&self, key: &[u8]) -> Result<&Stored> {
        let stored = self.entries.get(key);
        let missing = || ReadError::NoTensor {
            name: name(key),
            nearest: String::new(),
        };
        stored.ok_or_else(|| missing().at(&self.prefix))
    }
}

impl Table {
    fn elements(&self, key: &[u8], stored: &Stored) -> Result<Elements, ReadError> {
        let entry = &stored.entry;
        let value = self.reader.find(&stored.key)?;
        let value = value.ok_or_else(|| ReadError::NoPart {
            key: name(key),
            part: TensorSlice::whole(&entry.shape),
        })?;
        Elements::new(key, entry, value).ok_or_else(|| unsupported(key, entry.dtype))
    }
}

impl Storage for Tables {
    fn index(&self) -> &Path {
        &self.prefix
    }

    fn header(&self) -> Header {
        Header {
            shards: self.tables.len() as i32,
            big_endian: false,
        }
    }

    fn max_key_bytes(&self) -> u64 {
        // Those of all tensors were counted.
        u64::MAX
    }

    fn entries(&self) -> Box<dyn Iterator<Item = Result<Keyed>> + '_> {
        let entry = |key: &Vec<u8>| Ok(self.entry(key)?.map(|entry| (key.clone(), entry)));
        Box::new(
            self.entries
                .keys()
                .filter_map(move |key| entry(key).transpose()),
        )
    }

    fn entry(&self, key: &[u8]) -> Result<Option<Entry>> {
        let Some(stored) = self.entries.get(key) else {
            return Ok(None);
        };
        let mut entry = stored.entry.clone();
        if entry.dtype == DType::String && !entry.is_partitioned() {
            entry.size = match stored.bytes.get() {
                Some(bytes) => bytes,
                None => {
                    let elements = self.elements(key, stored)?;
                    let bytes = elements.bytes_of_strings();
                    bytes.map_err(|error| error.at(&self.path_of_data(entry.shard)))?
                }
            };
            stored.bytes.set(Some(entry.size));
        }
        Ok(Some(entry))
    }

    fn path_of_data(&self, shard: i32) -> PathBuf {
        self.tables[shard as usize].path.clone()
    }

    fn check_stored(&self, entries: &mut dyn Iterator<Item = &Keyed>) -> Result<()> {
        // Each has a value of its own, of which only the size must be checked.
        for (key, entry) in entries {
            let elements = self.elements(key, self.stored(key)?)?;
            let checked = elements.check_size();
            checked.map_err(|error| error.at(&self.path_of_data(entry.shard)))?;
        }
        Ok(())
    }

    fn data<'k>(&self, keyed: &'k Keyed) -> Result<Data<'k>> {
        let (key, entry) = keyed;
        let path = self.path_of_data(entry.shard);
        let mut elements = self.elements(key, self.stored(key)?)?;
        let size = entry.size;
        let bytes: Box<dyn ReadAt> = if size <= IN_MEMORY {
            let checked = elements.check_size();
            let mut bytes = vec![0; size as usize];
            let read = checked.and_then(|()| match size {
                // Without elements, too, there is a value, with nothing in it.
                0 => elements.restarted().read_none(),
                _ => elements.read(&mut bytes),
            });
            read.map_err(|error| error.at(&path))?;
            Box::new(bytes)
        } else {
            Box::new(Streamed::new(size, elements))
        };
        let file = Rc::new(DataFile { path, bytes, size });
        Ok(Data {
            keyed,
            file,
            start: 0,
        })
    }

    fn close_data(&self) {
        let tables = self.tables.iter();
        tables.for_each(|table| table.reader.forget());
    }

    fn index_file(&self) -> Option<(SharedFile, bool)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns() {
        for (pattern, name, expected) in [
            ("m-?????-of-00002", "m-00001-of-00002", true),
            ("m-?????-of-00002", "m-00001-of-00003", false),
            ("m-?????-of-00002", "m-0001-of-00002", false),
            ("m*", "m", true),
            ("*.ckpt-*", "a.ckpt-b.ckpt-3", true),
            ("a*b*c", "abcbcb", false),
            ("a*b?c", "a--bb-bxc", true),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
