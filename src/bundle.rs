//! Tensor bundles: the checkpoint format, version 2, that SavedModels and modules keep variables in.
//!
//! [Version 1](storage) is read as if it were a bundle, and not written.
//!
//! A bundle is one or more data files and one index, named after a common prefix: `P.index` and
//! `P.data-00000-of-00001`.
//!
//! # Data
//!
//! A data file is the bytes of its tensors one after another in the order in which they were saved,
//! without padding or framing. Elements are little-endian and row-major; a complex element is its real
//! part, then its imaginary part. Tensors of strings hold, in this order,
//!
//! - the length of each string as a varint,
//! - a masked checksum of the lengths, four bytes: each length counts as a little-endian `u32`, or as a
//!   `u64` from 2³² on,
//! - the strings' bytes.
//!
//! # Index
//!
//! The index is a [sorted table](table) from byte strings to messages. The empty key, which sorts first,
//! holds a `BundleHeaderProto`: the number of data files, their byte order, and the version of the
//! format. Every other key is a tensor's name with a `BundleEntryProto`: dtype, shape, number of the data
//! file, offset and size in it, and the checksum of its bytes. An entry always has a shape; a scalar's is
//! an empty message. For strings the checksum runs over the lengths (as they count above), the stored
//! checksum, and the strings.
//!
//! # Checksums
//!
//! All checksums are [masked](crc) CRC-32C.

use std::path::{Path, PathBuf};

pub(crate) use self::crc::masked_crc32c;
pub use self::info::{PartInfo, TensorInfo};
pub(crate) use self::merge::{Item, Plan};
pub(crate) use self::reader::BundleReader;
pub(crate) use self::storage::exists;
pub(crate) use self::stored::stream_verified;
#[cfg(fuzzing)]
pub(crate) use self::table::fuzz as fuzz_table;
pub(crate) use self::writer::{BundleError, BundleWriter};

mod crc;
mod entry;
mod error;
#[cfg(test)]
mod hostile;
mod info;
mod load;
mod merge;
mod parts;
mod reader;
mod slice;
mod storage;
mod stored;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod writer;

/// How many bytes are read or written, and checksummed, at a time: few enough to stay in the processor's cache.
pub(crate) const CHUNK: usize = 1 << 18;

/// The file with the index of a bundle.
pub(crate) fn index_path(prefix: &Path) -> PathBuf {
    with_suffix(prefix, ".index")
}

/// The file with the data of a shard.
pub(crate) fn data_path(prefix: &Path, shard: usize, shards: usize) -> PathBuf {
    with_suffix(prefix, &format!(".data-{shard:05}-of-{shards:05}"))
}

fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
