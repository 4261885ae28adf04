//! The value of an entry, read from its beginning to its end.

use std::sync::Arc;

use super::block::Block;
use super::content::Content;
use super::error::TableError;

/// The rest of the value of an entry.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    place: Place,
    left: u64,
}

#[derive(Debug, Clone)]
enum Place {
    /// In a block, from this position on.
    Memory(Arc<Block>, usize),
    /// In the content of a block that is not in memory.
    File(Content),
}

impl Value {
    pub(super) fn in_memory(block: Arc<Block>, range: std::ops::Range<usize>) -> Self {
        Value {
            left: range.len() as u64,
            place: Place::Memory(block, range.start),
        }
    }

    pub(super) fn in_file(content: Content, left: u64) -> Self {
        Value {
            place: Place::File(content),
            left,
        }
    }

    /// The number of bytes.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes; none at the end.
    pub(crate) fn fill(&mut self) -> Result<&[u8], TableError> {
        let bytes = match &mut self.place {
            Place::Memory(block, at) => block.bytes_from(*at),
            Place::File(content) => content.fill()?,
        };
        let len = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        Ok(&bytes[..len])
    }

    /// Moves past `count` of the bytes that [`fill`](Self::fill) has given.
    pub(crate) fn consume(&mut self, count: usize) {
        match &mut self.place {
            Place::Memory(_, at) => *at += count,
            Place::File(content) => content.consume(count),
        }
        self.left -= count as u64;
    }

    /// Moves past `count` bytes, which must be there.
    pub(crate) fn skip(&mut self, count: u64) -> Result<(), TableError> {
        match &mut self.place {
            Place::Memory(_, at) => *at += count as usize,
            Place::File(content) => content.skip(count)?,
        }
        self.left -= count;
        Ok(())
    }

    /// All bytes that are left.
    pub(crate) fn read_all(mut self) -> Result<Vec<u8>, TableError> {
        let mut bytes = Vec::new();
        loop {
            let piece = self.fill()?;
            let len = piece.len();
            if len == 0 {
                return Ok(bytes);
            }
            bytes.extend_from_slice(piece);
            self.consume(len);
        }
    }
}
