//! Where a checkpoint has its entries and their bytes, which is what the versions of the format differ in.
//!
//! Above this, all that is known of a checkpoint is entries under keys, and that each has bytes as a data file of the
//! second version has them.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::v1::Tables;
use self::v2::Bundle;
use super::entry::{Entry, Header, Keyed};
use super::error::{ReadError, check_crc, name};
use super::index_path;
use crate::error::{Error, Result};
use crate::file_system::{ReadAt, SharedFile};

mod v1;
mod v2;

/// The entries of a checkpoint and their bytes.
pub(super) trait Storage: fmt::Debug {
    /// The file that says which tensors there are.
    fn index(&self) -> &Path;

    /// How many data files there are, and their byte order.
    fn header(&self) -> Header;

    /// The most bytes that the keys of the parts of a tensor may have together.
    fn max_key_bytes(&self) -> u64;

    /// All entries in the order of their keys, those of parts first.
    fn entries(&self) -> Box<dyn Iterator<Item = Result<Keyed>> + '_>;

    /// The entry under a key.
    fn entry(&self, key: &[u8]) -> Result<Option<Entry>>;

    /// Where the data file of this number is.
    fn path_of_data(&self, shard: i32) -> PathBuf;

    /// Checks that the data files have the bytes of all these entries side by side.
    fn check_stored(&self, entries: &mut dyn Iterator<Item = &Keyed>) -> Result<()>;

    /// The bytes of an entry, which are all there.
    fn data<'k>(&self, keyed: &'k Keyed) -> Result<Data<'k>>;

    /// Closes the data files that were opened to read from them.
    fn close_data(&self);

    /// The index as it was opened, and whether blocks of it are compressed, of those that were read; `None` if it is no
    /// index of the second version.
    fn index_file(&self) -> Option<(SharedFile, bool)>;
}

/// Opens a checkpoint: one of the second version if it has an index, or else the tables of the first.
pub(super) fn open(prefix: &Path) -> Result<Box<dyn Storage>> {
    let index = index_path(prefix);
    let missing = match File::open(&index) {
        Ok(file) => return Ok(Box::new(Bundle::open(prefix, index, file)?)),
        Err(source) => source,
    };
    if missing.kind() == io::ErrorKind::NotFound {
        let tables = v1::files(prefix)?;
        if !tables.is_empty() {
            return Ok(Box::new(Tables::open(prefix, tables)?));
        }
    }
    Err(Error::io("cannot open", &index, missing))
}

/// Whether there is a checkpoint, whatever is in it.
pub(crate) fn exists(prefix: &Path) -> bool {
    index_path(prefix).is_file() || v1::files(prefix).is_ok_and(|tables| !tables.is_empty())
}

/// Bytes of entries, and where they come from.
#[derive(Debug)]
pub(super) struct DataFile {
    pub(super) path: PathBuf,
    bytes: Box<dyn ReadAt>,
    pub(super) size: u64,
}

/// The bytes of an entry.
#[derive(Debug)]
pub(super) struct Data<'k> {
    keyed: &'k Keyed,
    file: Rc<DataFile>,
    /// Where in the file they begin.
    start: u64,
}

impl<'k> Data<'k> {
    pub(super) fn key(&self) -> &'k [u8] {
        &self.keyed.0
    }

    pub(super) fn entry(&self) -> &'k Entry {
        &self.keyed.1
    }

    /// Fills `buffer` with the bytes from `position` on.
    pub(super) fn read(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        let (size, offset) = (buffer.len(), self.start + position);
        let read = self.file.bytes.read_exact_at(buffer, offset);
        read.map_err(|source| self.unread(offset, size, source))
    }

    /// Where the bytes are: in what, and from which offset on.
    pub(super) fn place(&self) -> (&dyn ReadAt, u64) {
        (&*self.file.bytes, self.start)
    }

    /// The error that `size` bytes cannot be read from `offset` on.
    pub(super) fn unread(&self, offset: u64, size: usize, source: io::Error) -> Error {
        // What makes the bytes knows more of its errors.
        let error = source.downcast::<ReadError>();
        self.error(error.unwrap_or_else(|source| ReadError::Read {
            key: name(self.key()),
            offset,
            size,
            source,
        }))
    }

    /// All of the bytes.
    pub(super) fn read_all(&self) -> Result<Vec<u8>> {
        const PIECE: usize = 1 << 30;
        let mut bytes = vec![0; usize::try_from(self.entry().size).unwrap_or(usize::MAX)];
        let pieces = bytes.chunks_mut(PIECE).enumerate();
        for (index, piece) in pieces {
            self.read(piece, (index * PIECE) as u64)?;
        }
        Ok(bytes)
    }

    /// Whether this is the masked checksum that the entry says.
    pub(super) fn check(&self, found: u32) -> Result<(), ReadError> {
        check_crc((self.key(), self.entry()), found)
    }

    /// An error in the bytes.
    pub(super) fn error(&self, error: ReadError) -> Error {
        error.at(&self.file.path)
    }
}
