//! The second version of the format: an index, and data files.

use std::cell::RefCell;
use std::collections::{HashMap, hash_map};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Data, DataFile, Storage};
use crate::bundle::data_path;
use crate::bundle::entry::{Entry, EntryError, Header, Keyed};
use crate::bundle::error::{ReadError, name};
use crate::bundle::slice;
use crate::bundle::table::TableReader;
use crate::error::{Error, Result};
use crate::file_system::{ReadAt as _, SharedFile};

/// `PREFIX.index` and its data files.
///
/// Nothing but the end of the index is read when it is opened, and of the data only what is asked for.
#[derive(Debug)]
pub(super) struct Bundle {
    prefix: PathBuf,
    index: PathBuf,
    table: TableReader,
    header: Header,
    data: RefCell<HashMap<i32, Rc<DataFile>>>,
}

impl Bundle {
    pub(super) fn open(prefix: &Path, index: PathBuf, file: File) -> Result<Self> {
        let at = |error: ReadError| error.at(&index);
        let table = TableReader::open(file).map_err(|error| at(error.into()))?;
        let header = table.get(b"").map_err(|error| at(error.into()))?;
        let header = header
            .ok_or(EntryError::NoHeader)
            .and_then(|bytes| Header::decode(&bytes));
        let header = header.map_err(|error| at(ReadError::Header(error)))?;
        Ok(Bundle {
            prefix: prefix.to_owned(),
            index,
            table,
            header,
            data: RefCell::default(),
        })
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

    fn data_file(&self, entry: &Entry) -> Result<Rc<DataFile>> {
        if let Some(file) = self.data.borrow().get(&entry.shard) {
            return Ok(file.clone());
        }
        let path = self.path_of_data(entry.shard);
        let file = File::open(&path).map_err(|source| Error::io("cannot open", &path, source))?;
        let size = file.size();
        let size = size.map_err(|source| Error::io("cannot read", &path, source))?;
        let bytes = Box::new(file);
        let file = Rc::new(DataFile { path, bytes, size });
        self.data.borrow_mut().insert(entry.shard, file.clone());
        Ok(file)
    }
}

impl Storage for Bundle {
    fn index(&self) -> &Path {
        &self.index
    }

    fn header(&self) -> Header {
        self.header
    }

    fn max_key_bytes(&self) -> u64 {
        self.table.max_key_bytes()
    }

    fn entries(&self) -> Box<dyn Iterator<Item = Result<Keyed>> + '_> {
        let entries = self.table.entries();
        Box::new(entries.filter_map(|entry| match entry {
            Ok((key, _)) if key.is_empty() => None,
            Ok((key, value)) => Some(self.decode(&key, &value).map(|entry| (key, entry))),
            Err(error) => Some(Err(ReadError::from(error).at(&self.index))),
        }))
    }

    fn entry(&self, key: &[u8]) -> Result<Option<Entry>> {
        if key.is_empty() {
            return Ok(None);
        }
        let value = self.table.get(key);
        let value = value.map_err(|error| ReadError::from(error).at(&self.index))?;
        value.map(|value| self.decode(key, &value)).transpose()
    }

    fn path_of_data(&self, shard: i32) -> PathBuf {
        data_path(&self.prefix, shard as usize, self.header.shards as usize)
    }

    fn check_stored(&self, entries: &mut dyn Iterator<Item = &Keyed>) -> Result<()> {
        let mut files = HashMap::new();
        for keyed in entries {
            let (key, entry) = keyed;
            let (path, file, found) = match files.entry(entry.shard) {
                hash_map::Entry::Occupied(known) => known.into_mut(),
                hash_map::Entry::Vacant(new) => {
                    let path = self.path_of_data(entry.shard);
                    let data = fs::metadata(&path);
                    let data = data.map_err(|source| Error::io("cannot open", &path, source))?;
                    new.insert((path, data.len(), 0_u64))
                }
            };
            let file = *file;
            check_within(keyed, file).map_err(|error| error.at(path))?;
            // Few bytes may not become many by being those of many entries.
            *found = found.saturating_add(entry.size);
            if *found > file {
                let (key, found) = (name(key), *found);
                return Err(ReadError::SharedBytes { key, file, found }.at(path));
            }
        }
        Ok(())
    }

    fn data<'k>(&self, keyed: &'k Keyed) -> Result<Data<'k>> {
        let file = self.data_file(&keyed.1)?;
        check_within(keyed, file.size).map_err(|error| error.at(&file.path))?;
        Ok(Data {
            keyed,
            file,
            start: keyed.1.offset,
        })
    }

    fn close_data(&self) {
        self.data.borrow_mut().clear();
    }

    fn index_file(&self) -> Option<(SharedFile, bool)> {
        Some((self.table.file().clone(), self.table.is_compressed()))
    }
}

/// Whether a data file of this size has the bytes of an entry.
fn check_within((key, entry): &Keyed, file: u64) -> Result<(), ReadError> {
    let &Entry { offset, size, .. } = entry;
    if offset.checked_add(size).is_some_and(|end| end <= file) {
        return Ok(());
    }
    Err(ReadError::Outside {
        key: name(key),
        offset,
        size,
        file,
    })
}
