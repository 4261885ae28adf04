//! Blocks: sorted entries that leave out what their keys share with the key before.
//!
//! An entry is three varints (the bytes shared with the key before, the bytes not shared, the length of
//! the value), the bytes of the key that are not shared, and the value. Every few entries there is a
//! restart point, whose key shares nothing, so that a reader can search. After the entries come the
//! offsets of the restart points, then their number, as little-endian `u32`.

use super::super::varint;

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

/// How many bytes the two begin with in common.
pub(super) fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
