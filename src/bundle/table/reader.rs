//! Reads tables: looks keys up, and goes through all entries in order.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::block::{Block, Cursor, MAX_KEY_SHARING};
use super::error::{TableError, check_inflation};
use super::large::{self, LargeBlock, Walk};
use super::value::Value;
use super::{FOOTER_LEN, Handle, MAGIC, SNAPPY, TRAILER_LEN, UNCOMPRESSED};
use crate::bundle::crc;
use crate::file_system::{ReadAt, SharedFile};
use crate::quoted::Quoted;

fn hex(bytes: &[u8]) -> String {
    let bytes = bytes.iter().map(|byte| format!("{byte:02x}"));
    bytes.collect::<Vec<_>>().join(" ")
}

/// The largest content of a block that is held in memory to find a value in it; tests have small files.
const IN_MEMORY: u64 = if cfg!(any(test, fuzzing)) {
    64
} else {
    1 << 20
};

/// A table of which blocks are read when they are needed.
#[derive(Debug)]
pub(crate) struct TableReader {
    file: SharedFile,
    size: u64,
    index: Block,
    index_offset: u64,
    /// The data block read last.
    last: RefCell<Option<(u64, Arc<Block>)>>,
    /// The blocks that were found too large to be held in memory, by their offsets.
    large: RefCell<HashMap<u64, LargeBlock>>,
    /// Whether a block was compressed, of those that were read.
    compressed: Cell<bool>,
    /// The place in such a block where a value was found last.
    walk: RefCell<Option<Walk>>,
}

/// Where an entry was found.
type Found<T> = Result<T, TableError>;

impl TableReader {
    /// Reads the footer and the index block.
    pub(crate) fn open(file: impl ReadAt + Send + 'static) -> Found<Self> {
        TableReader::of_file(Arc::new(file))
    }

    fn of_file(file: SharedFile) -> Found<Self> {
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
            large: RefCell::default(),
            compressed: Cell::default(),
            walk: RefCell::default(),
        };
        table.index = table.block(&index)?;
        Ok(table)
    }

    /// The most bytes that keys of the table may have together.
    pub(crate) fn max_key_bytes(&self) -> u64 {
        self.size.saturating_mul(MAX_KEY_SHARING as u64)
    }

    /// The file of the table.
    pub(crate) fn file(&self) -> &SharedFile {
        &self.file
    }

    /// Whether any block was compressed, of those that were read.
    pub(crate) fn is_compressed(&self) -> bool {
        self.compressed.get()
    }

    /// Drops what was read last.
    pub(crate) fn forget(&self) {
        self.last.take();
        self.walk.take();
    }

    /// The value of a key, which need not be in memory as a whole.
    pub(crate) fn find(&self, key: &[u8]) -> Found<Option<Value>> {
        let Some(cursor) = self.seek(key)? else {
            return Ok(None);
        };
        let handle = self.handle(&self.index, &cursor)?;
        if self.is_small(&handle)? {
            let (block, cursor) = self.seek_in(&handle, key)?;
            let value = cursor.map(|cursor| Value::in_memory(block, cursor.place()));
            return Ok(value);
        }
        let goes_on = |walk: &Walk| {
            walk.block() == handle.offset && walk.key().is_some_and(|before| before <= key)
        };
        let mut walk = match self.walk.take().filter(goes_on) {
            Some(walk) => walk,
            None => self.large(&handle)?.walk(&self.file)?,
        };
        while walk.key().is_none_or(|before| before < key) {
            if !walk.next()? {
                return Ok(None);
            }
        }
        let found = walk.value().filter(|_| walk.key() == Some(key));
        *self.walk.borrow_mut() = Some(walk);
        Ok(found.map(|(content, len)| Value::in_file(content, len)))
    }

    /// Whether the content of a block is small enough to be held in memory.
    fn is_small(&self, handle: &Handle) -> Found<bool> {
        self.check_within(handle)?;
        if handle.size > IN_MEMORY {
            return Ok(false);
        }
        let mut kind = [0];
        let offset = handle.offset + handle.size;
        let read = self.file.read_exact_at(&mut kind, offset);
        read.map_err(|source| TableError::Read {
            offset,
            size: 1,
            source,
        })?;
        Ok(kind != [SNAPPY] || large::inflated_len(&*self.file, handle)? <= IN_MEMORY)
    }

    fn large(&self, handle: &Handle) -> Found<LargeBlock> {
        if let Some(block) = self.large.borrow().get(&handle.offset) {
            return Ok(*block);
        }
        let block = LargeBlock::open(&self.file, handle)?;
        self.large.borrow_mut().insert(handle.offset, block);
        Ok(block)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Found<Option<Vec<u8>>> {
        let Some(cursor) = self.seek(key)? else {
            return Ok(None);
        };
        let handle = self.handle(&self.index, &cursor)?;
        let (block, cursor) = self.seek_in(&handle, key)?;
        Ok(cursor.map(|cursor| cursor.value(&block).to_vec()))
    }

    /// The entry of the index with the block that has a key, if any has it.
    fn seek(&self, key: &[u8]) -> Found<Option<Cursor>> {
        let mut cursor = self.index.cursor();
        let found = self.index.seek(&mut cursor, key);
        let found = found.map_err(|source| TableError::Block {
            offset: self.index_offset,
            source,
        })?;
        Ok(found.then_some(cursor))
    }

    /// The block at a handle, and the entry of a key in it.
    fn seek_in(&self, handle: &Handle, key: &[u8]) -> Found<(Arc<Block>, Option<Cursor>)> {
        let block = self.data_block(handle)?;
        let mut cursor = block.cursor();
        let found = block.seek(&mut cursor, key);
        let found = found.map_err(|source| TableError::Block {
            offset: handle.offset,
            source,
        })? && cursor.key() == key;
        Ok((block, found.then_some(cursor)))
    }

    /// All entries in order.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries {
            table: self,
            index: self.index.cursor(),
            data: None,
            last_key: None,
            before: None,
            failed: false,
        }
    }

    /// Where the data block is that the index has at the cursor.
    fn handle(&self, index: &Block, cursor: &Cursor) -> Found<Handle> {
        let mut value = cursor.value(index);
        Handle::take(&mut value).ok_or_else(|| TableError::Handle {
            offset: self.index_offset,
            key: Quoted::new(cursor.key()),
        })
    }

    fn data_block(&self, handle: &Handle) -> Found<Arc<Block>> {
        if let Some((offset, block)) = &*self.last.borrow() {
            if *offset == handle.offset {
                return Ok(block.clone());
            }
        }
        let block = Arc::new(self.block(handle)?);
        *self.last.borrow_mut() = Some((handle.offset, block.clone()));
        Ok(block)
    }

    /// The size of a block with what follows it, if all of that lies in the file.
    fn check_within(&self, handle: &Handle) -> Found<usize> {
        let &Handle { offset, size } = handle;
        let whole = size.checked_add(TRAILER_LEN as u64);
        let end = whole.and_then(|whole| offset.checked_add(whole));
        let within = end.is_some_and(|end| end <= self.size);
        let whole = whole.and_then(|whole| usize::try_from(whole).ok());
        whole.filter(|_| within).ok_or(TableError::Outside {
            offset,
            size,
            file: self.size,
        })
    }

    fn block(&self, handle: &Handle) -> Found<Block> {
        let offset = handle.offset;
        let whole = self.check_within(handle)?;
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
            SNAPPY => {
                self.compressed.set(true);
                inflate(offset, &bytes)?
            }
            found => return Err(TableError::Compression { offset, found }),
        };
        Block::new(content).map_err(|source| TableError::Block { offset, source })
    }
}

fn inflate(offset: u64, bytes: &[u8]) -> Found<Vec<u8>> {
    let snappy = |source| TableError::Snappy { offset, source };
    let found = snap::raw::decompress_len(bytes).map_err(snappy)?;
    check_inflation(offset, bytes.len() as u64, found as u64)?;
    snap::raw::Decoder::new()
        .decompress_vec(bytes)
        .map_err(snappy)
}

/// The entries of a table in order.
#[derive(Debug)]
pub(crate) struct Entries<'t> {
    table: &'t TableReader,
    index: Cursor,
    data: Option<(u64, Arc<Block>, Cursor)>,
    last_key: Option<Vec<u8>>,
    /// The key in the index of the block before, whose keys are not above it.
    before: Option<Vec<u8>>,
    failed: bool,
}

impl Entries<'_> {
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
            let handle = self.table.handle(&self.table.index, &self.index)?;
            let block = self.table.data_block(&handle)?;
            let cursor = block.cursor();
            self.data = Some((handle.offset, block, cursor));
        }
    }
}

impl Iterator for Entries<'_> {
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
