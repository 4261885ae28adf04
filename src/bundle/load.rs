//! Reads the bytes of an entry into memory, by several threads where there are many: checksums and new memory take as
//! long as reading.

use std::io;
use std::panic::resume_unwind;
use std::thread;

use super::CHUNK;
use super::crc;
use super::storage::Data;
use crate::error::Result;
use crate::file_system::ReadAt;

/// The least number of bytes that a thread reads.
const SHARE: usize = 1 << 23;

/// How many threads read at most.
const THREADS: usize = 8;

/// Why bytes could not be read, and where: their offset and number.
type Failed = (u64, usize, io::Error);

/// Fills `target`, which is as long, with the bytes of an entry of fixed-size elements, and checks them; `convert` gets
/// them piece after piece, in any order.
pub(super) fn load(
    data: &Data<'_>,
    target: &mut [u8],
    convert: &(dyn Fn(&mut [u8]) + Sync),
) -> Result<()> {
    let (file, start) = data.place();
    let (len, share) = (target.len(), share(target.len(), file.is_sequential()));
    let mut shares = target.chunks_mut(share).zip((start..).step_by(share));
    let first = shares.next();
    let read = |(target, offset)| read(file, target, offset, convert);
    let shares = thread::scope(|scope| {
        let others: Vec<_> = shares.map(|it| scope.spawn(move || read(it))).collect();
        let others = others.into_iter().map(|thread| thread.join());
        let others = others.map(|joined| joined.unwrap_or_else(|panic| resume_unwind(panic)));
        first
            .map(read)
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
    });
    let mut left = len;
    let mut checksum = 0;
    for found in shares {
        let found = found.map_err(|(offset, size, source)| data.unread(offset, size, source))?;
        let size = left.min(share);
        checksum = crc32c::crc32c_combine(checksum, found, size);
        left -= size;
    }
    data.check(crc::mask(checksum))
        .map_err(|error| data.error(error))
}

/// How much each thread reads.
fn share(len: usize, sequential: bool) -> usize {
    // Elsewhere a file has one position for all that read from it.
    let threads = if cfg!(unix) && !sequential && len >= 2 * SHARE {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        threads.min(len / SHARE).min(THREADS)
    } else {
        1
    };
    len.div_ceil(threads).max(1).next_multiple_of(CHUNK)
}

/// Reads one share and gives its checksum.
fn read(
    file: &dyn ReadAt,
    target: &mut [u8],
    offset: u64,
    convert: &(dyn Fn(&mut [u8]) + Sync),
) -> std::result::Result<u32, Failed> {
    let mut checksum = 0;
    let mut offset = offset;
    for chunk in target.chunks_mut(CHUNK) {
        file.read_exact_at(chunk, offset)
            .map_err(|source| (offset, chunk.len(), source))?;
        checksum = crc32c::crc32c_append(checksum, chunk);
        convert(chunk);
        offset += chunk.len() as u64;
    }
    Ok(checksum)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::data_path;
    use super::*;
    use crate::checkpoint::{CheckpointReader, CheckpointWriter};
    use crate::value::TensorValue;

    #[test]
    fn what_several_threads_read_is_checked_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("model");
        let elements: Vec<_> = (0..SHARE as u32 / 2 + 12_345).collect();
        let value = TensorValue::new([elements.len()], elements).unwrap();
        let mut writer = CheckpointWriter::create(&prefix).unwrap();
        writer.add("before", TensorValue::scalar(1u8)).unwrap();
        writer.add("large", &value).unwrap();
        writer.finish().unwrap();
        let reader = CheckpointReader::open(&prefix).unwrap();
        assert!(reader.read("large").unwrap() == value);

        let path = data_path(&prefix, 0, 1);
        let mut bytes = fs::read(&path).unwrap();
        // One in each share, and the last.
        for at in [1, SHARE + 77, 2 * SHARE + 4, bytes.len() - 1] {
            bytes[at] ^= 4;
            fs::write(&path, &bytes).unwrap();
            let error = reader.read("large").unwrap_err().to_string();
            assert!(error.contains("checksum"), "{error}");
            bytes[at] ^= 4;
        }
        // A file that loses its end while it is open.
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let error = reader.read("large").unwrap_err().to_string();
        assert!(error.contains("\"large\""), "{error}");
    }
}
