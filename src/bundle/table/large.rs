//! Blocks that are too large to be held in memory: their entries are gone through in the file.

use super::block::{BlockError, MAX_KEY_SHARING};
use super::content::{self, Content, Inflater, Stretch};
use super::error::{TableError, check_inflation};
use super::{Handle, SNAPPY, TRAILER_LEN, UNCOMPRESSED};
use crate::bundle::{CHUNK, crc};
use crate::file_system::{ReadAt, SharedFile};
use crate::varint;

/// A block whose checksum was verified.
#[derive(Debug, Clone, Copy)]
pub(super) struct LargeBlock {
    offset: u64,
    /// The size in the file.
    size: u64,
    /// The size of the content.
    len: u64,
    /// Where in the content the entries end.
    end: u64,
    /// How far back copies reach, if the content is compressed.
    window: Option<usize>,
}

impl LargeBlock {
    /// Verifies a block that lies within the file.
    pub(super) fn open(file: &SharedFile, handle: &Handle) -> Result<Self, TableError> {
        let &Handle { offset, size } = handle;
        let kind = check(&**file, handle)?;
        let mut block = LargeBlock {
            offset,
            size,
            len: size,
            end: 0,
            window: None,
        };
        match kind {
            UNCOMPRESSED => {}
            SNAPPY => {
                block.len = inflated_len(&**file, handle)?;
                let window = content::window(block.stretch(file), block.len)?;
                block.window = Some(window.ok_or(TableError::Damaged { offset })?);
            }
            found => return Err(TableError::Compression { offset, found }),
        }
        let count = block.last_word(file)?;
        let restarts = size_of::<u32>() as u64 * (u64::from(count) + 1);
        let end = block.len.checked_sub(restarts);
        block.end = end.ok_or_else(|| TableError::Block {
            offset,
            source: BlockError::Restarts {
                expected: usize::try_from(restarts).unwrap_or(usize::MAX),
                found: usize::try_from(block.len).unwrap_or(usize::MAX),
            },
        })?;
        Ok(block)
    }

    fn stretch(&self, file: &SharedFile) -> Stretch {
        Stretch::new(file.clone(), self.offset, self.offset + self.size)
    }

    fn content(&self, file: &SharedFile) -> Result<Content, TableError> {
        let stretch = self.stretch(file);
        Ok(match self.window {
            Some(window) => Content::Snappy(Inflater::new(stretch, window)?),
            None => Content::Plain(stretch),
        })
    }

    /// The last number of the content.
    fn last_word(&self, file: &SharedFile) -> Result<u32, TableError> {
        let mut content = self.content(file)?;
        content.skip(self.len.saturating_sub(size_of::<u32>() as u64))?;
        let mut word = 0;
        for index in 0..size_of::<u32>() {
            let byte = content.fill()?.first().copied();
            content.consume(usize::from(byte.is_some()));
            word |= u32::from(byte.unwrap_or(0)) << (8 * index);
        }
        Ok(word)
    }

    /// Before the first entry.
    pub(super) fn walk(&self, file: &SharedFile) -> Result<Walk, TableError> {
        Ok(Walk {
            block: *self,
            content: self.content(file)?,
            position: 0,
            key: Vec::new(),
            value: None,
            keys: 0,
        })
    }
}

/// The kind of a block whose checksum is right.
fn check(file: &dyn ReadAt, handle: &Handle) -> Result<u8, TableError> {
    let &Handle { offset, size } = handle;
    let read = |bytes: &mut [u8], offset| {
        let read = file.read_exact_at(bytes, offset);
        read.map_err(|source| TableError::Read {
            offset,
            size: bytes.len(),
            source,
        })
    };
    let mut buffer = vec![0; CHUNK];
    let mut checksum = 0;
    let mut at = 0;
    while at < size {
        let left = usize::try_from(size - at).map_or(CHUNK, |left| left.min(CHUNK));
        read(&mut buffer[..left], offset + at)?;
        checksum = crc32c::crc32c_append(checksum, &buffer[..left]);
        at += left as u64;
    }
    let mut trailer = [0; TRAILER_LEN];
    read(&mut trailer, offset + size)?;
    let [kind, stored @ ..] = trailer;
    let stored = u32::from_le_bytes(stored);
    let found = crc::mask(crc32c::crc32c_append(checksum, &[kind]));
    match crc::is_stored(found, stored) {
        true => Ok(kind),
        false => Err(TableError::Checksum {
            offset,
            stored,
            found,
        }),
    }
}

/// The number of bytes that a compressed block stands for by what it says.
pub(super) fn inflated_len(file: &dyn ReadAt, handle: &Handle) -> Result<u64, TableError> {
    let &Handle { offset, size } = handle;
    let mut head = [0; varint::MAX_LEN];
    let len = usize::try_from(size).map_or(head.len(), |size| size.min(head.len()));
    let head = &mut head[..len];
    let read = file.read_exact_at(head, offset);
    read.map_err(|source| TableError::Read {
        offset,
        size: len,
        source,
    })?;
    let found = content::inflated_len(head).ok_or(TableError::Damaged { offset })?;
    check_inflation(offset, size, found)?;
    Ok(found)
}

/// A place in a large block: before its first entry, or at one.
#[derive(Debug)]
pub(super) struct Walk {
    block: LargeBlock,
    /// From the value of the entry on, or from the first entry.
    content: Content,
    /// Where in the content that is.
    position: u64,
    key: Vec<u8>,
    /// The number of bytes of the value of the entry, if there is one.
    value: Option<u64>,
    keys: u64,
}

impl Walk {
    /// The offset of the block in the file.
    pub(super) fn block(&self) -> u64 {
        self.block.offset
    }

    /// The key of the entry; `None` before the first.
    pub(super) fn key(&self) -> Option<&[u8]> {
        self.value.is_some().then_some(&self.key)
    }

    /// The content from the value of the entry on, and the number of bytes of the value.
    pub(super) fn value(&self) -> Option<(Content, u64)> {
        self.value.map(|len| (self.content.clone(), len))
    }

    /// Moves to the next entry; false if there is none.
    pub(super) fn next(&mut self) -> Result<bool, TableError> {
        let value = self.value.unwrap_or(0);
        self.content.skip(value)?;
        self.position += value;
        let offset = self.block.offset;
        let at = |source| TableError::Block { offset, source };
        let position = usize::try_from(self.position).unwrap_or(usize::MAX);
        let damaged = || at(BlockError::Entry { position });
        if self.position >= self.block.end {
            self.value = None;
            return Ok(false);
        }
        let mut numbers = [0; 3];
        for number in &mut numbers {
            *number = self.number()?.ok_or_else(damaged)?;
        }
        let [shared, unshared, value] = numbers;
        let left = self.block.end.checked_sub(self.position);
        let fits = left
            .and_then(|left| left.checked_sub(unshared)?.checked_sub(value))
            .is_some();
        if !fits || shared > self.key.len() as u64 {
            return Err(damaged());
        }
        self.key.truncate(shared as usize);
        let mut missing = unshared;
        while missing > 0 {
            let bytes = self.content.fill()?;
            let len = usize::try_from(missing).map_or(bytes.len(), |it| it.min(bytes.len()));
            if len == 0 {
                return Err(damaged());
            }
            self.key.extend_from_slice(&bytes[..len]);
            self.content.consume(len);
            missing -= len as u64;
        }
        self.position += unshared;
        self.value = Some(value);
        self.keys = self.keys.saturating_add(self.key.len() as u64);
        let limit = self.block.len.saturating_mul(MAX_KEY_SHARING as u64);
        if self.keys > limit {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            return Err(at(BlockError::Keys { position, limit }));
        }
        Ok(true)
    }

    fn number(&mut self) -> Result<Option<u64>, TableError> {
        let mut bytes = [0; varint::MAX_LEN];
        for index in 0..bytes.len() {
            let Some(&byte) = self.content.fill()?.first() else {
                return Ok(None);
            };
            self.content.consume(1);
            self.position += 1;
            bytes[index] = byte;
            if byte < 0x80 {
                return Ok(varint::get(&bytes[..=index]).map(|(value, _)| value));
            }
        }
        Ok(None)
    }
}
