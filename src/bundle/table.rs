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
//! does not count: a compression type (0, none, or 1, Snappy) and the masked checksum of the block and that type.

use self::block::BlockBuilder;
use super::crc;
use crate::varint;

pub(super) use self::block::MAX_KEY_SHARING;
pub(crate) use self::error::TableError;
pub(crate) use self::reader::TableReader;
#[cfg(fuzzing)]
pub(crate) use self::reader::fuzz;
pub(crate) use self::value::Value;

pub(super) mod block;
mod content;
mod error;
mod large;
mod reader;
mod value;

/// The last eight bytes of a table, as a little-endian number.
pub(super) const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
/// The length of the footer.
pub(super) const FOOTER_LEN: usize = 48;
/// The compression type of blocks stored as they are.
pub(super) const UNCOMPRESSED: u8 = 0;
/// The compression type of blocks in the raw format of Snappy.
const SNAPPY: u8 = 1;
/// The bytes that follow a block: its compression type and checksum.
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
    /// Whether blocks are compressed that become smaller by it.
    compressed: bool,
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
            compressed: false,
        }
    }

    /// An empty table whose blocks are compressed where that saves an eighth, as LevelDB does it.
    pub(super) fn compressed() -> Self {
        TableBuilder {
            compressed: true,
            ..TableBuilder::new()
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
        let compressed = self.compressed;
        let meta_index = write_block(&mut self.out, &mut BlockBuilder::new(1), compressed);
        let index = write_block(&mut self.out, &mut self.index, compressed);

        let mut footer = meta_index.encode();
        footer.extend(index.encode());
        footer.resize(FOOTER_LEN - size_of_val(&MAGIC), 0);
        footer.extend(MAGIC.to_le_bytes());
        self.out.extend(footer);
        self.out
    }

    fn finish_block(&mut self) {
        if !self.data.is_empty() {
            self.pending = Some(write_block(&mut self.out, &mut self.data, self.compressed));
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
fn write_block(out: &mut Vec<u8>, block: &mut BlockBuilder, compressed: bool) -> Handle {
    let start = out.len();
    block.finish(out);
    let len = out.len() - start;
    let mut kind = UNCOMPRESSED;
    if compressed {
        // A block that is too large to be compressed stays as it is.
        if let Ok(smaller) = snap::raw::Encoder::new().compress_vec(&out[start..]) {
            if smaller.len() < len - len / 8 {
                out.truncate(start);
                out.extend(smaller);
                kind = SNAPPY;
            }
        }
    }
    let size = out.len() - start;
    out.push(kind);
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
    use std::collections::BTreeMap;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::super::CHUNK;
    use super::*;
    use crate::file_system::ReadAt;

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

    fn entries() -> impl Strategy<Value = BTreeMap<Vec<u8>, Vec<u8>>> {
        let run = |byte| (1_usize..300_000).prop_map(move |len| vec![byte; len]);
        let value = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(0_u8..2, 0..5_000),
            run(7),
            (any::<[u8; 32]>(), 1_usize..5_000).prop_map(|(bytes, times)| bytes.repeat(times)),
        ];
        prop::collection::btree_map(prop::collection::vec(any::<u8>(), 0..6), value, 1..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn values_are_found_in_blocks_of_any_form(
            entries in entries(),
            compressed: bool,
            interval in 1_usize..20,
            order in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        ) {
            let mut table = TableBuilder { compressed, ..TableBuilder::new() };
            table.data = BlockBuilder::new(interval);
            entries.iter().for_each(|(key, value)| table.add(key, value));
            let table = TableReader::open(table.finish()).unwrap();
            let find = |key: &[u8]| {
                let value = table.find(key).unwrap();
                value.map(|value| value.read_all().unwrap())
            };
            // In order, then in any.
            for (key, value) in &entries {
                prop_assert_eq!(&table.get(key).unwrap().unwrap(), value);
                prop_assert_eq!(&find(key).unwrap(), value);
            }
            let keys: Vec<_> = entries.keys().collect();
            for index in order {
                let key = index.get(&keys);
                prop_assert_eq!(&find(key).unwrap(), &entries[*key]);
                let missing = [&key[..], &[0]].concat();
                prop_assert_eq!(find(&missing), entries.get(&missing).cloned());
            }
        }
    }

    /// A file that knows the largest number of bytes that was read at once.
    #[derive(Debug)]
    struct Watched(Vec<u8>, Arc<AtomicUsize>);

    impl ReadAt for Watched {
        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }

        fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            self.1.fetch_max(buffer.len(), Ordering::Relaxed);
            self.0.read_exact_at(buffer, offset)
        }
    }

    #[test]
    fn large_values_are_never_in_memory_as_a_whole() {
        let noise = |len: u32| (0..len).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8);
        let large: Vec<u8> = noise(4 << 20).collect();
        let even = vec![3; 4 << 20];
        for compressed in [false, true] {
            let mut table = TableBuilder {
                compressed,
                ..TableBuilder::new()
            };
            for (key, value) in [(b"a", &b"small"[..]), (b"b", &large), (b"c", &even)] {
                table.add(key, value);
            }
            let most = Arc::default();
            let table = Watched(table.finish(), Arc::clone(&most));
            let table = TableReader::open(table).unwrap();
            for (key, expected) in [(b"a", &b"small"[..]), (b"c", &even), (b"b", &large)] {
                let mut value = table.find(key).unwrap().unwrap();
                let mut rest = expected;
                loop {
                    let bytes = value.fill().unwrap();
                    let len = bytes.len();
                    assert!(len <= CHUNK && rest.starts_with(bytes));
                    if len == 0 {
                        break;
                    }
                    rest = &rest[len..];
                    value.consume(len);
                }
                assert!(rest.is_empty());
            }
            assert!(most.load(Ordering::Relaxed) <= CHUNK);
        }
    }

    /// A table of one block, whose content is compressed to these bytes.
    fn table_of_block(compressed: &[u8]) -> Vec<u8> {
        let mut out = compressed.to_vec();
        out.push(SNAPPY);
        let checksum = crc::mask(crc32c::crc32c(&out));
        out.extend(checksum.to_le_bytes());
        let handle = Handle {
            offset: 0,
            size: compressed.len() as u64,
        };
        let mut index = BlockBuilder::new(1);
        index.add(b"z", &handle.encode());
        let meta_index = write_block(&mut out, &mut BlockBuilder::new(1), false);
        let index = write_block(&mut out, &mut index, false);
        let mut footer = [meta_index.encode(), index.encode()].concat();
        footer.resize(FOOTER_LEN - size_of_val(&MAGIC), 0);
        out.extend(footer);
        out.extend(MAGIC.to_le_bytes());
        out
    }

    #[test]
    fn copies_reach_back_as_far_as_they_say() {
        // Other compressors than the usual ones may reach back further than 65,536 bytes.
        let far: Vec<_> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut block = BlockBuilder::new(16);
        block.add(b"a", &far);
        block.add(b"b", &far);
        block.add(b"c", &[9; 1000]);
        let mut content = Vec::new();
        block.finish(&mut content);
        let mut compressed = Vec::new();
        varint::put(&mut compressed, content.len() as u64);
        let literal = |out: &mut Vec<u8>, bytes: &[u8]| {
            out.push(62 << 2);
            out.extend(&(bytes.len() as u32 - 1).to_le_bytes()[..3]);
            out.extend(bytes);
        };
        let second = content.len()
            - content
                .windows(far.len())
                .rev()
                .position(|it| it == far)
                .unwrap()
            - far.len();
        literal(&mut compressed, &content[..second]);
        let first = content.windows(far.len()).position(|it| it == far).unwrap();
        let back = (second - first) as u32;
        assert!(back > 1 << 16);
        for piece in far.chunks(64) {
            compressed.push((piece.len() as u8 - 1) << 2 | 3);
            compressed.extend(back.to_le_bytes());
        }
        // A copy that reaches into itself, and elements of the other sizes.
        let rest = &content[second + far.len()..];
        let nines = rest.iter().position(|&byte| byte == 9).unwrap();
        literal(&mut compressed, &rest[..=nines]);
        let mut left = 999;
        for tag in [(7 << 2 | 1, 11, &[1][..]), (59 << 2 | 2, 60, &[1, 0])] {
            compressed.push(tag.0);
            compressed.extend(tag.2);
            left -= tag.1;
        }
        while left > 0 {
            let len = left.min(64);
            compressed.push((len as u8 - 1) << 2 | 2);
            compressed.extend([1, 0]);
            left -= len;
        }
        literal(&mut compressed, &rest[nines + 1000..]);
        assert_eq!(
            snap::raw::Decoder::new()
                .decompress_vec(&compressed)
                .unwrap(),
            content
        );
        let table = TableReader::open(table_of_block(&compressed)).unwrap();
        for (key, value) in [(b"a", &far), (b"b", &far), (b"c", &vec![9; 1000])] {
            assert_eq!(&table.get(key).unwrap().unwrap(), value);
            assert_eq!(
                &table.find(key).unwrap().unwrap().read_all().unwrap(),
                value
            );
        }
    }

    #[test]
    fn damaged_compressed_content_is_refused() {
        let mut block = BlockBuilder::new(16);
        block.add(b"a", &[5; 400]);
        let mut content = Vec::new();
        block.finish(&mut content);
        let good = snap::raw::Encoder::new().compress_vec(&content).unwrap();
        let mut accepted = 0;
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let table = TableReader::open(table_of_block(&bad)).unwrap();
                let (whole, found) = (table.get(b"a"), table.find(b"a"));
                let found = found.and_then(|value| value.map(|value| value.read_all()).transpose());
                // Restart points are looked at in memory only.
                match (whole, found) {
                    (Ok(whole), Ok(found)) => {
                        assert_eq!(whole, found);
                        accepted += 1;
                    }
                    (Ok(whole), Err(error)) => panic!("{whole:?}, but {error}"),
                    (Err(_), _) => {}
                }
            }
        }
        assert!(accepted > 0 && accepted < 8 * good.len());
        for cut in 0..good.len() {
            let table = TableReader::open(table_of_block(&good[..cut])).unwrap();
            assert!(
                table.get(b"a").is_err() && table.find(b"a").is_err(),
                "{cut}"
            );
        }
    }

    #[test]
    fn keys_after_the_last_block() {
        assert_eq!(successor(b"abc"), b"b");
        assert_eq!(successor(b"\xff\xffa"), b"\xff\xffb");
        assert_eq!(successor(b"\xff\xff"), b"\xff\xff");
        assert_eq!(successor(b""), b"");
    }
}
