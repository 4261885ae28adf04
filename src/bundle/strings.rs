//! Tensors of strings as data files have them: the lengths, a checksum of the lengths, and the strings.

use super::crc;
use super::error::{ReadError, name};
use super::storage::Data;
use crate::dtype::ByteString;
use crate::error::Result;
use crate::varint;

/// The bytes before the strings: their lengths and the checksum of these.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    /// The checksum of what it says, which goes on with the strings.
    pub(super) checksum: u32,
    /// How many strings there are.
    pub(super) count: usize,
    /// How many bytes the strings have.
    pub(super) strings: u64,
}

impl Head {
    /// That of strings of these lengths, little-endian.
    pub(super) fn new(lengths: impl Iterator<Item = u64>) -> Self {
        let mut head = Head {
            bytes: Vec::new(),
            checksum: 0,
            count: 0,
            strings: 0,
        };
        for len in lengths {
            varint::put(&mut head.bytes, len);
            head.checksum = count_length(head.checksum, len, false);
            head.count += 1;
            head.strings = head.strings.saturating_add(len);
        }
        let stored = crc::mask(head.checksum).to_le_bytes();
        head.checksum = crc32c::crc32c_append(head.checksum, &stored);
        head.bytes.extend(stored);
        head
    }
}

/// The strings of an entry, of which the checksums are verified.
pub(super) fn read(data: &Data<'_>, big_endian: bool) -> Result<Vec<ByteString>> {
    let bytes = data.read_all()?;
    decode(data, &bytes, big_endian).map_err(|error| data.error(error))
}

fn decode(data: &Data<'_>, bytes: &[u8], big_endian: bool) -> Result<Vec<ByteString>, ReadError> {
    let (key, offset) = (data.key(), data.entry().offset);
    let count = data.entry().shape.iter().product();
    let lengths = || ReadError::Lengths {
        key: name(key),
        offset,
        count,
    };
    let mut rest = bytes;
    let mut checksum = 0;
    let mut lens = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        let len = varint::take(&mut rest).ok_or_else(lengths)?;
        checksum = count_length(checksum, len, big_endian);
        lens.push(len);
    }
    let (stored_bytes, mut rest) = rest.split_first_chunk::<4>().ok_or_else(lengths)?;
    let stored = match big_endian {
        true => u32::from_be_bytes(*stored_bytes),
        false => u32::from_le_bytes(*stored_bytes),
    };
    let found = crc::mask(checksum);
    if !crc::is_stored(found, stored) {
        return Err(ReadError::LengthsChecksum {
            key: name(key),
            offset,
            stored,
            found,
        });
    }
    let expected = lens
        .iter()
        .try_fold(0_u64, |sum, &len| sum.checked_add(len));
    if expected != Some(rest.len() as u64) {
        return Err(ReadError::StringBytes {
            key: name(key),
            offset,
            expected: expected.unwrap_or(u64::MAX),
            found: rest.len() as u64,
        });
    }
    checksum = crc32c::crc32c_append(checksum, stored_bytes);
    data.check(crc::mask(crc32c::crc32c_append(checksum, rest)))?;
    let take = |len: u64| {
        let (string, after) = rest.split_at(len as usize);
        rest = after;
        ByteString::from(string)
    };
    Ok(lens.into_iter().map(take).collect())
}

/// The checksum with a string's length in the form and byte order in which it counts.
pub(super) fn count_length(checksum: u32, len: u64, big_endian: bool) -> u32 {
    match (u32::try_from(len), big_endian) {
        (Ok(len), false) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
        (Ok(len), true) => crc32c::crc32c_append(checksum, &len.to_be_bytes()),
        (Err(_), false) => crc32c::crc32c_append(checksum, &len.to_le_bytes()),
        (Err(_), true) => crc32c::crc32c_append(checksum, &len.to_be_bytes()),
    }
}
