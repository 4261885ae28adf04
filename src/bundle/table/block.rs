//! Blocks: sorted entries that leave out what their keys share with the key before.
//!
//! An entry is three varints (the bytes shared with the key before, the bytes not shared, the length of
//! the value), the bytes of the key that are not shared, and the value. Every few entries there is a
//! restart point, whose key shares nothing, so that a reader can search. After the entries come the
//! offsets of the restart points, then their number, as little-endian `u32`.

use crate::varint;

/// All keys of a block have at most this many times its bytes, so that a few bytes do not stand for very long keys.
/// TensorFlow lets at most 16 keys share what they begin with.
pub(in crate::bundle) const MAX_KEY_SHARING: usize = 64;
/// The most entries from one restart point to the next, lest looking for one key take the time of going through all.
const MAX_INTERVAL: usize = 1024;

/// Collects the entries of one block.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    entries: Vec<u8>,
    restarts: Vec<u32>,
    interval: usize,
    since_restart: usize,
    last_key: Vec<u8>,
}

impl BlockBuilder {
    /// An empty block with a restart point every `interval` entries.
    pub(super) fn new(interval: usize) -> Self {
        BlockBuilder {
            entries: Vec::new(),
            restarts: vec![0],
            interval,
            since_restart: 0,
            last_key: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The size of the finished block.
    pub(super) fn size(&self) -> usize {
        self.entries.len() + size_of::<u32>() * (self.restarts.len() + 1)
    }

    /// Appends an entry, whose key is above all before it.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        if self.since_restart == self.interval {
            self.restarts.push(self.entries.len() as u32);
            self.since_restart = 0;
            self.last_key.clear();
        }
        let shared = shared_prefix(&self.last_key, key);
        let suffix = &key[shared..];
        for number in [shared, suffix.len(), value.len()] {
            varint::put(&mut self.entries, number as u64);
        }
        self.entries.extend_from_slice(suffix);
        self.entries.extend_from_slice(value);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(suffix);
        self.since_restart += 1;
    }

    /// Appends the block to `out` and starts the next one.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.entries);
        for restart in &self.restarts {
            out.extend(restart.to_le_bytes());
        }
        out.extend((self.restarts.len() as u32).to_le_bytes());
        self.restarts.truncate(1);
        self.since_restart = 0;
        self.last_key.clear();
    }
}

errors! {
    /// A fault of a block; positions count from its beginning.
    #[derive(Debug)]
    pub(crate) enum BlockError {
        #[error("expected {expected} bytes of restart points at its end, found {found} bytes")]
        Restarts { expected: usize, found: usize },
        #[error("expected an entry at position {position}, found one that does not end or is damaged")]
        Entry { position: usize },
        #[error("expected keys of at most {limit} bytes together, found more at position {position}")]
        Keys { position: usize, limit: usize },
        #[error(
            "expected a restart point within {MAX_INTERVAL} entries, found none at position {position}"
        )]
        Interval { position: usize },
        #[error("expected an entry with a whole key at the restart point {restart}, found none")]
        Restart { restart: usize },
    }
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where the entries end and the restart points begin.
    end: usize,
}

/// An empty block.
impl Default for Block {
    fn default() -> Self {
        Block {
            bytes: vec![0; 4],
            end: 0,
        }
    }
}

/// A place in a block: before its first entry, or at one.
#[derive(Debug)]
pub(super) struct Cursor {
    key: Vec<u8>,
    value: std::ops::Range<usize>,
    /// Where the next entry begins.
    next: usize,
    /// The number of the restart point that comes next.
    restart: usize,
    since_restart: usize,
    /// How many bytes all keys so far have.
    keys: usize,
}

impl Cursor {
    /// The key of the entry.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The value of the entry.
    pub(super) fn value<'b>(&self, block: &'b Block) -> &'b [u8] {
        &block.bytes[self.value.clone()]
    }

    /// Where in the block the value of the entry is.
    pub(super) fn place(&self) -> std::ops::Range<usize> {
        self.value.clone()
    }

    /// Moves to the next entry; false if there is none.
    pub(super) fn next(&mut self, block: &Block) -> Result<bool, BlockError> {
        let position = self.next;
        let restart = block.restart_at(self.restart);
        if position >= block.end {
            // A block without entries has a restart point, too.
            return match restart {
                Some(restart) if restart > 0 || block.end > 0 => {
                    Err(BlockError::Restart { restart })
                }
                _ => Ok(false),
            };
        }
        let mut rest = &block.bytes[position..block.end];
        let mut number = || varint::take(&mut rest).and_then(|value| usize::try_from(value).ok());
        let entry = match (number(), number(), number()) {
            (Some(shared), Some(unshared), Some(value)) if shared <= self.key.len() => {
                let value_start = (block.end - rest.len()).checked_add(unshared);
                let end = value_start.and_then(|start| start.checked_add(value));
                value_start.zip(end).map(|range| (shared, unshared, range))
            }
            _ => None,
        };
        let Some((shared, unshared, (start, end))) =
            entry.filter(|(.., (_, end))| *end <= block.end)
        else {
            return Err(BlockError::Entry { position });
        };
        self.since_restart += 1;
        match restart {
            Some(restart) if restart == position && shared == 0 => {
                self.restart += 1;
                self.since_restart = 0;
            }
            // The first is at the beginning.
            Some(restart) if restart <= position || position == 0 => {
                return Err(BlockError::Restart { restart });
            }
            _ if self.since_restart == MAX_INTERVAL => {
                return Err(BlockError::Interval { position });
            }
            _ => {}
        }
        self.key.truncate(shared);
        self.key
            .extend_from_slice(&block.bytes[start - unshared..start]);
        self.value = start..end;
        self.next = end;
        self.keys = self.keys.saturating_add(self.key.len());
        let limit = block.bytes.len().saturating_mul(MAX_KEY_SHARING);
        if self.keys > limit {
            return Err(BlockError::Keys { position, limit });
        }
        Ok(true)
    }
}

impl Block {
    /// A block from its bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Self, BlockError> {
        let word = size_of::<u32>();
        let found = bytes.len();
        let count = found.checked_sub(word).map(|at| number_at(&bytes, at));
        let expected = count.map_or(word, |count| word.saturating_mul(count.saturating_add(1)));
        match found.checked_sub(expected) {
            Some(end) => Ok(Block { bytes, end }),
            None => Err(BlockError::Restarts { expected, found }),
        }
    }

    /// The bytes from a position on.
    pub(super) fn bytes_from(&self, position: usize) -> &[u8] {
        &self.bytes[position..]
    }

    /// Before the first entry.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor {
            key: Vec::new(),
            value: 0..0,
            next: 0,
            restart: 0,
            since_restart: 0,
            keys: 0,
        }
    }

    /// Moves to the first entry whose key is not below `key`; false if there is none.
    pub(super) fn seek(&self, cursor: &mut Cursor, key: &[u8]) -> Result<bool, BlockError> {
        // The last restart point whose key is below `key`, or else the first.
        let (mut low, mut high) = (0, self.restarts());
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            self.restart(cursor, middle);
            if cursor.next(self)? && cursor.key() < key {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.restart(cursor, low);
        while cursor.next(self)? {
            if cursor.key() >= key {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many restart points there are.
    fn restarts(&self) -> usize {
        (self.bytes.len() - self.end) / size_of::<u32>() - 1
    }

    /// Where the entry of a restart point begins, if there is such a point.
    fn restart_at(&self, index: usize) -> Option<usize> {
        let at = self.end + index * size_of::<u32>();
        (index < self.restarts()).then(|| number_at(&self.bytes, at))
    }

    /// Moves before the entry at a restart point, or before the first if there is no such point.
    fn restart(&self, cursor: &mut Cursor, index: usize) {
        cursor.key.clear();
        *cursor = Cursor {
            key: std::mem::take(&mut cursor.key),
            next: self.restart_at(index).unwrap_or(0),
            restart: index,
            ..self.cursor()
        };
    }
}

/// The little-endian number at a position, which four bytes follow.
fn number_at(bytes: &[u8], at: usize) -> usize {
    let bytes = bytes[at..].iter().take(size_of::<u32>()).rev();
    bytes.fold(0, |value, &byte| value << 8 | usize::from(byte))
}

/// How many bytes the two begin with in common.
pub(super) fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
