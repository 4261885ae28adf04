//! Tensor bundles: the checkpoint format, version 2, that SavedModels and modules keep variables in.
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

pub(crate) use self::crc::masked_crc32c;
pub(crate) use self::writer::{BundleError, BundleWriter};

mod crc;
mod entry;
mod table;
#[cfg(test)]
mod tests;
mod varint;
mod writer;
