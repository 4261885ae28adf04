//! Reads tables: looks keys up, and goes through all entries in order.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use super::block::{Block, BlockError, Cursor, MAX_KEY_SHARING};
use super::{FOOTER_LEN, Handle, MAGIC, SNAPPY, TRAILER_LEN, UNCOMPRESSED};
use crate::bundle::crc;
use crate::bundle::read_at::ReadAt;
use crate::quoted::Quoted;

/// What can be wrong with a table; `offset` is where in the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    #[error("expected a table of at least {FOOTER_LEN} bytes, found {found}")]
    TooShort { found: u64 },
    #[error(
        "expected the table's magic number {MAGIC:#018x} at offset {offset}, found {found:#018x}"
    )]
    Magic { offset: u64, found: u64 },
    #[error("expected two block handles in the footer at offset {offset}, found {found}")]
    Footer { offset: u64, found: String },
    #[error("the handle of a data block cannot be read: block at offset {offset}, key {key}")]
    Handle { offset: u64, key: Quoted },
    #[error(
        "expected a block of {size} bytes at offset {offset} within the {file} bytes of the file"
    )]
    Outside { offset: u64, size: u64, file: u64 },
    #[error("block at offset {offset}: expected checksum {stored:#010x}, found {found:#010x}")]
    Checksum {
        offset: u64,
        stored: u32,
        found: u32,
    },
    #[error("block at offset {offset}: expected compression type 0 or 1, found {found}")]
    Compression { offset: u64, found: u8 },
    #[error("block at offset {offset}: its compressed content cannot be read: {source}")]
    Snappy { offset: u64, source: snap::Error },
    #[error(
        "block at offset {offset}: expected at most {limit} bytes of compressed content, found {found}"
    )]
    Inflated {
        offset: u64,
        limit: usize,
        found: usize,
    },
    #[error("block at offset {offset}: {source}")]
    Block { offset: u64, source: BlockError },
    #[error("block at offset {offset}: key {key} is not above the key before")]
    Order { offset: u64, key: Quoted },
    #[error("block at offset {offset}: key {key} is not in the range that the index says")]
    Range { offset: u64, key: Quoted },
    #[error("cannot read {size} bytes at offset {offset}: {source}")]
    Read {
        offset: u64,
        size: usize,
        source: io::Error,
    },
}

fn hex(bytes: &[u8]) -> String {
    let bytes = bytes.iter().map(|byte| format!("{byte:02x}"));
    bytes.collect::<Vec<_>>().join(" ")
}

/// No byte of compressed input makes more than this many bytes of output.
const MAX_INFLATION: usize = 32;

/// A table of which blocks are read when they are needed.
#[derive(Debug)]
pub(crate) struct TableReader<R> {
    file: R,
    size: u64,
    index: Block,
    index_offset: u64,
    /// The data block read last.
    last: RefCell<Option<(u64, Arc<Block>)>>,
}

/// Where an entry was found.
type Found<T> = Result<T, TableError>;

impl<R: ReadAt> TableReader<R> {
    /// Reads the footer and the index block.
    pub(crate) fn open(file: R) -> Found<Self> {
        let read = |offset, size, source| TableError::Read {
            offset,
            size,
            source,
        };
        let size = file.size().map_err(|source| read(0, 0, source))?;
        let Some(offset) = size.checked_sub(FOOTER_LEN as u64) else {
            return Err(TableError::TooShort { found: size });
        };
        let mut footer = [0; FOOTER_LEN];
        file.read_exact_at(&mut footer, offset)
            .map_err(|source| read(offset, FOOTER_LEN, source))?;
        let (handles, magic) = footer.split_at(FOOTER_LEN - size_of_val(&MAGIC));
        let magic = magic
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u64::from(byte));
        if magic != MAGIC {
            return Err(TableError::Magic {
                offset: offset + handles.len() as u64,
                found: magic,
            });
        }
        let mut rest = handles;
        // The first handle is that of the meta-index, which holds nothing.
        let index = Handle::take(&mut rest).and_then(|_| Handle::take(&mut rest));
        let index = index.ok_or_else(|| TableError::Footer {
            offset,
            found: hex(handles),
        })?;
        let mut table = TableReader {
            file,
            size,
            index: Block::default(),
            index_offset: index.offset,
            last: RefCell::default(),
        };
        table.index = table.block(&index)?;
        Ok(table)
    }

    /// The most bytes that keys of the table may have together.
    pub(crate) fn max_key_bytes(&self) -> u64 {
        self.size.saturating_mul(MAX_KEY_SHARING as u64)
    }

    /// Drops the block that was read last.
    pub(crate) fn forget(&self) {
        self.last.take();
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Found<Option<Vec<u8>>> {
        let in_index = |source| TableError::Block {
            offset: self.index_offset,
            source,
        };
        let mut cursor = self.index.cursor();
        if !self.index.seek(&mut cursor, key).map_err(in_index)? {
            return Ok(None);
        }
        let (handle, block) = self.data_block(&self.index, &cursor)?;
        let in_block = |source| TableError::Block {
            offset: handle.offset,
            source,
        };
        let mut cursor = block.cursor();
        let found = block.seek(&mut cursor, key).map_err(in_block)? && cursor.key() == key;
        Ok(found.then(|| cursor.value(&block).to_vec()))
    }

    /// All entries in order.
    pub(crate) fn entries(&self) -> Entries<'_, R> {
        Entries {
            table: self,
            index: self.index.cursor(),
            data: None,
            last_key: None,
            before: None,
            failed: false,
        }
    }

    /// The data block that the index has at the cursor.
    fn data_block(&self, index: &Block, cursor: &Cursor) -> Found<(Handle, Arc<Block>)> {
        let mut value = cursor.value(index);
        let handle = Handle::take(&mut value).ok_or_else(|| TableError::Handle {
            offset: self.index_offset,
            key: Quoted::new(cursor.key()),
        })?;
        if let Some((offset, block)) = &*self.last.borrow() {
            if *offset == handle.offset {
                return Ok((handle, block.clone()));
            }
        }
        let block = Arc::new(self.block(&handle)?);
        *self.last.borrow_mut() = Some((handle.offset, block.clone()));
        Ok((handle, block))
    }

    fn block(&self, handle: &Handle) -> Found<Block> {
        let &Handle { offset, size } = handle;
        let whole = size.checked_add(TRAILER_LEN as u64);
        let end = whole.and_then(|whole| offset.checked_add(whole));
        let within = end.is_some_and(|end| end <= self.size);
        let Some(whole) = whole
            .and_then(|whole| usize::try_from(whole).ok())
            .filter(|_| within)
        else {
            return Err(TableError::Outside {
                offset,
                size,
                file: self.size,
            });
        };
        let mut bytes = vec![0; whole];
        self.file
            .read_exact_at(&mut bytes, offset)
            .map_err(|source| TableError::Read {
                offset,
                size: whole,
                source,
            })?;
        let (content, checksum) = bytes.split_at(whole - size_of::<u32>());
        let stored = checksum
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u32::from(byte));
        let found = crc::masked_crc32c(content);
        if !crc::is_stored(found, stored) {
            return Err(TableError::Checksum {
                offset,
                stored,
                found,
            });
        }
        let kind = bytes[whole - TRAILER_LEN];
        bytes.truncate(whole - TRAILER_LEN);
        let content = match kind {
            UNCOMPRESSED => bytes,
            SNAPPY => inflate(offset, &bytes)?,
            found => return Err(TableError::Compression { offset, found }),
        };
        Block::new(content).map_err(|source| TableError::Block { offset, source })
    }
}

fn inflate(offset: u64, bytes: &[u8]) -> Found<Vec<u8>> {
    let snappy = |source| TableError::Snappy { offset, source };
    let found = snap::raw::decompress_len(bytes).map_err(snappy)?;
    let limit = bytes.len().saturating_mul(MAX_INFLATION);
    if found > limit {
        return Err(TableError::Inflated {
            offset,
            limit,
            found,
        });
    }
    snap::raw::Decoder::new()
        .decompress_vec(bytes)
        .map_err(snappy)
}

/// The entries of a table in order.
#[derive(Debug)]
pub(crate) struct Entries<'t, R> {
    table: &'t TableReader<R>,
    index: Cursor,
    data: Option<(u64, Arc<Block>, Cursor)>,
    last_key: Option<Vec<u8>>,
    /// What the index has of the block before, whose keys are not above it.
    before: Option<Vec<u8>>,
    failed: bool,
}

impl<R: ReadAt> Entries<'_, R> {
    fn advance(&mut self) -> Found<Option<(Vec<u8>, Vec<u8>)>> {
        loop {
            if let Some((offset, block, cursor)) = &mut self.data {
                let offset = *offset;
                let next = cursor.next(block);
                if next.map_err(|source| TableError::Block { offset, source })? {
                    let key = cursor.key();
                    if self.last_key.as_deref().is_some_and(|last| last >= key) {
                        return Err(TableError::Order {
                            offset,
                            key: Quoted::new(key),
                        });
                    }
                    let above = self.before.as_deref().is_none_or(|before| before < key);
                    if !above || key > self.index.key() {
                        return Err(TableError::Range {
                            offset,
                            key: Quoted::new(key),
                        });
                    }
                    let last = self.last_key.get_or_insert_default();
                    last.clear();
                    last.extend_from_slice(key);
                    return Ok(Some((key.to_vec(), cursor.value(block).to_vec())));
                }
            }
            let offset = self.table.index_offset;
            self.before = self.data.is_some().then(|| self.index.key().to_vec());
            let next = self.index.next(&self.table.index);
            if !next.map_err(|source| TableError::Block { offset, source })? {
                return Ok(None);
            }
            let key = self.index.key();
            if self.before.as_deref().is_some_and(|before| before >= key) {
                let key = Quoted::new(key);
                return Err(TableError::Range { offset, key });
            }
            let (handle, block) = self.table.data_block(&self.table.index, &self.index)?;
            let cursor = block.cursor();
            self.data = Some((handle.offset, block, cursor));
        }
    }
}

impl<R: ReadAt> Iterator for Entries<'_, R> {
    type Item = Found<(Vec<u8>, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let entry = self.advance().transpose();
        self.failed = !matches!(entry, Some(Ok(_)));
        entry
    }
}

/// Reads any bytes as a table; the entries of one make a table that has them.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) {
    let Ok(table) = TableReader::open(bytes.to_vec()) else {
        return;
    };
    let entries: Found<Vec<_>> = table.entries().collect();
    let _ = table.get(b"");
    let Ok(entries) = entries else {
        return;
    };
    for (key, value) in &entries {
        assert_eq!(table.get(key).expect("it was read").as_ref(), Some(value));
    }
    let mut builder = super::TableBuilder::new();
    entries
        .iter()
        .for_each(|(key, value)| builder.add(key, value));
    let again = TableReader::open(builder.finish()).expect("a table was built");
    for (key, value) in &entries {
        assert_eq!(again.get(key).expect("a good table").as_ref(), Some(value));
    }
    let found: Found<Vec<_>> = again.entries().collect();
    assert_eq!(found.expect("a good table"), entries);
}
