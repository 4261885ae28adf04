//! Sorted tables, in the layout of LevelDB's table files.
//!
//! A table maps byte strings to byte strings, in ascending order of the keys. The file is:
//!
//! - data [blocks](block) with the entries in order;
//! - the meta-index block, which is empty here;
//! - the index block: one entry per data block, whose key is not below the block's last key and below the
//!   next block's first, and whose value is the block's handle;
//! - the footer, 48 bytes: the handles of the meta-index and the index, zeros up to byte 40, and a magic
//!   number.
//!
//! A handle is a block's offset and size as two varints. A block is followed by five bytes that its size
//! does not count: a compression type (0, none) and the masked checksum of the block and that type.

use self::block::BlockBuilder;
use super::crc;
use crate::varint;

#[cfg(fuzzing)]
pub(crate) use self::reader::fuzz;
pub(crate) use self::reader::{TableError, TableReader};

pub(super) mod block;
mod reader;

/// The last eight bytes of a table, as a little-endian number.
pub(super) const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
/// The length of the footer.
pub(super) const FOOTER_LEN: usize = 48;
/// The compression type of blocks stored as they are.
pub(super) const UNCOMPRESSED: u8 = 0;
/// The compression type of blocks in the raw format of Snappy.
const SNAPPY: u8 = 1;
/// What follows a block: its compression type and checksum.
const TRAILER_LEN: usize = 5;

/// A data block is complete when it has reached this size.
const BLOCK_SIZE: usize = 262_144;
/// An entry of at least this size starts a block of its own.
const OVERLY_LARGE_ENTRY: usize = 2 * BLOCK_SIZE;
/// Entries of a data block that share a restart point.
const RESTART_INTERVAL: usize = 16;

/// Writes a table from entries in ascending order of their keys.
#[derive(Debug)]
pub(super) struct TableBuilder {
    out: Vec<u8>,
    data: BlockBuilder,
    index: BlockBuilder,
    /// The data block that the index lacks until the next key is known.
    pending: Option<Handle>,
    last_key: Vec<u8>,
}

impl TableBuilder {
    /// An empty table.
    pub(super) fn new() -> Self {
        TableBuilder {
            out: Vec::new(),
            data: BlockBuilder::new(RESTART_INTERVAL),
            index: BlockBuilder::new(1),
            pending: None,
            last_key: Vec::new(),
        }
    }

    /// Appends an entry, whose key is above all before it.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        if key.len() + value.len() >= OVERLY_LARGE_ENTRY {
            self.finish_block();
        }
        if let Some(handle) = self.pending.take() {
            let separator = separator(&self.last_key, key);
            self.index.add(&separator, &handle.encode());
        }
        self.data.add(key, value);
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
        if self.data.size() >= BLOCK_SIZE {
            self.finish_block();
        }
    }

    /// The table's bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.finish_block();
        if let Some(handle) = self.pending.take() {
            let successor = successor(&self.last_key);
            self.index.add(&successor, &handle.encode());
        }
        let meta_index = write_block(&mut self.out, &mut BlockBuilder::new(1));
        let index = write_block(&mut self.out, &mut self.index);

        let mut footer = meta_index.encode();
        footer.extend(index.encode());
        footer.resize(FOOTER_LEN - size_of_val(&MAGIC), 0);
        footer.extend(MAGIC.to_le_bytes());
        self.out.extend(footer);
        self.out
    }

    fn finish_block(&mut self) {
        if !self.data.is_empty() {
            self.pending = Some(write_block(&mut self.out, &mut self.data));
        }
    }
}

/// Where a block lies.
#[derive(Debug)]
struct Handle {
    offset: u64,
    size: u64,
}

impl Handle {
    /// Takes a handle off the front of `bytes`.
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let offset = varint::take(bytes)?;
        let size = varint::take(bytes)?;
        Some(Handle { offset, size })
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        varint::put(&mut bytes, self.offset);
        varint::put(&mut bytes, self.size);
        bytes
    }
}

/// Appends the block and what follows it, and empties the builder.
fn write_block(out: &mut Vec<u8>, block: &mut BlockBuilder) -> Handle {
    let start = out.len();
    block.finish(out);
    let size = out.len() - start;
    out.push(UNCOMPRESSED);
    let checksum = crc::mask(crc32c::crc32c(&out[start..]));
    out.extend(checksum.to_le_bytes());
    Handle {
        offset: start as u64,
        size: size as u64,
    }
}

/// A short key that is not below `last` and is below `next`.
fn separator(last: &[u8], next: &[u8]) -> Vec<u8> {
    let shared = block::shared_prefix(last, next);
    match (last.get(shared), next.get(shared)) {
        (Some(&low), Some(&high)) if low < 0xff && low + 1 < high => {
            let mut key = last[..=shared].to_vec();
            key[shared] = low + 1;
            key
        }
        _ => last.to_vec(),
    }
}

/// A short key that is not below `last`.
fn successor(last: &[u8]) -> Vec<u8> {
    match last.iter().position(|&byte| byte != 0xff) {
        Some(place) => {
            let mut key = last[..=place].to_vec();
            key[place] += 1;
            key
        }
        None => last.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_between_blocks() {
        assert_eq!(separator(b"abcd", b"abzz"), b"abd");
        assert_eq!(separator(b"abcd", b"abdd"), b"abcd");
        assert_eq!(separator(b"ab", b"abc"), b"ab");
        assert_eq!(separator(b"a\xff", b"b"), b"a\xff");
        assert_eq!(separator(b"a\xfe", b"a\xff"), b"a\xfe");
        assert_eq!(separator(b"", b"a"), b"");
    }

    #[test]
    fn keys_that_share_a_long_prefix_are_not_multiplied() {
        let mut table = TableBuilder::new();
        table.data = BlockBuilder::new(usize::MAX);
        let mut key = vec![b'k'; 10_000];
        for number in 0..200_u8 {
            key.push(number);
            table.add(&key, b"");
            key.pop();
        }
        let table = TableReader::open(table.finish()).unwrap();
        assert_eq!(table.get(&[&key[..], &[9]].concat()).unwrap().unwrap(), b"");
        let error = table.get(&[&key[..], b"a"].concat()).unwrap_err();
        let read = table.entries().map_while(Result::ok).count();
        assert!((60..80).contains(&read), "{read}");
        let text = "block at offset 0: expected keys of at most 704512 bytes together, found more";
        assert!(error.to_string().starts_with(text), "{error}");
        let again = table.entries().find_map(Result::err).unwrap();
        assert_eq!(again.to_string(), error.to_string());
    }

    #[test]
    fn keys_after_the_last_block() {
        assert_eq!(successor(b"abc"), b"b");
        assert_eq!(successor(b"\xff\xffa"), b"\xff\xffb");
        assert_eq!(successor(b"\xff\xff"), b"\xff\xff");
        assert_eq!(successor(b""), b"");
    }
}
