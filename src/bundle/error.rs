//! What can be wrong with a checkpoint that is read.

use std::io;
use std::path::Path;

use super::crc;
use super::entry::{Entry, EntryError};
use super::slice::{self, TensorSlice};
use super::table::TableError;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::value::TensorProtoError;

/// What can be wrong with a checkpoint that is read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("the header: {0}")]
    Header(EntryError),
    #[error("tensor \"{key}\": {source}")]
    Entry { key: String, source: EntryError },
    #[error("there is no tensor \"{0}\"")]
    NoTensor(String),
    #[error(
        "tensor \"{key}\": expected {size} bytes at offset {offset}, the file has {file} bytes"
    )]
    Outside {
        key: String,
        offset: u64,
        size: u64,
        file: u64,
    },
    #[error("tensor \"{key}\": cannot read {size} bytes at offset {offset}: {source}")]
    Read {
        key: String,
        offset: u64,
        size: usize,
        source: io::Error,
    },
    #[error(
        "tensor \"{key}\" of {size} bytes at offset {offset}: expected checksum {stored:#010x}, found {found:#010x}"
    )]
    Checksum {
        key: String,
        offset: u64,
        size: u64,
        stored: u32,
        found: u32,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected the lengths of {count} strings, found damaged ones"
    )]
    Lengths {
        key: String,
        offset: u64,
        count: usize,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected checksum {stored:#010x} of the lengths, found {found:#010x}"
    )]
    LengthsChecksum {
        key: String,
        offset: u64,
        stored: u32,
        found: u32,
    },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected strings of {expected} bytes together, found {found}"
    )]
    StringBytes {
        key: String,
        offset: u64,
        expected: u64,
        found: u64,
    },
    #[error("tensor \"{key}\": its value cannot be read: {source}")]
    Value {
        key: String,
        source: TensorProtoError,
    },
    #[error("tensor \"{key}\": values of dtype {dtype} cannot be read, only copied")]
    Unsupported { key: String, dtype: DType },
    #[error("tensor \"{key}\": values of dtype {dtype} cannot be converted from this byte order")]
    Opaque { key: String, dtype: DType },
    #[error(
        "tensor \"{key}\" at offset {offset}: expected the byte {expected:#04x} in the checksum of a length or an element, found {found:#04x}"
    )]
    PartChecksum {
        key: String,
        offset: u64,
        expected: u8,
        found: u8,
    },
    #[error("tensor \"{key}\": expected a part of shape {shape:?}, found {found:?}")]
    Part {
        key: String,
        shape: Vec<usize>,
        found: TensorSlice,
    },
    #[error("tensor \"{key}\": its part {part:?} is listed, but not there")]
    NoPart { key: String, part: TensorSlice },
    #[error("tensor \"{key}\": expected {expected} in its part {part:?}, found {found}")]
    PartType {
        key: String,
        part: TensorSlice,
        expected: String,
        found: String,
    },
    #[error("tensor \"{0}\" would be there twice")]
    Twice(String),
    #[error(
        "tensor \"{key}\": expected parts of {expected} as in other checkpoints, found {found}"
    )]
    OtherWhole {
        key: String,
        expected: String,
        found: String,
    },
    #[error(
        "tensor \"{key}\": expected parts whose keys have at most {limit} bytes together, found {found} parts"
    )]
    TooManyParts {
        key: String,
        limit: u64,
        found: usize,
    },
    #[error(
        "tensor \"{key}\": expected no more than the {file} bytes of the file with those before, found {found}"
    )]
    SharedBytes { key: String, file: u64, found: u64 },
    #[error("tensor \"{key}\": its parts overlap in {common:?}")]
    Overlap { key: String, common: TensorSlice },
    #[error("tensor \"{key}\": its parts do not cover {wanted:?}")]
    Uncovered { key: String, wanted: TensorSlice },
}

impl ReadError {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            ReadError::NoTensor(_) => ErrorKind::NotFound,
            ReadError::Part { .. } | ReadError::Twice(_) | ReadError::OtherWhole { .. } => {
                ErrorKind::InvalidValue
            }
            ReadError::Unsupported { .. } | ReadError::Opaque { .. } => ErrorKind::Unsupported,
            ReadError::Read { source, .. } | ReadError::Table(TableError::Read { source, .. })
                if source.kind() != io::ErrorKind::UnexpectedEof =>
            {
                ErrorKind::Io
            }
            _ => ErrorKind::Corrupt,
        }
    }

    pub(crate) fn at(self, path: &Path) -> Error {
        Error::new(self.kind(), self).with_path(path)
    }
}

/// A key for people.
pub(super) fn name(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(name) if !slice::is_slice_key(key) => name.to_owned(),
        _ => key.escape_ascii().to_string(),
    }
}

/// Whether the bytes of an entry have the checksum that it says, if it says one; `found` is masked.
pub(super) fn check_crc((key, entry): (&[u8], &Entry), found: u32) -> Result<(), ReadError> {
    match entry.crc {
        Some(stored) if !crc::is_stored(found, stored) => Err(ReadError::Checksum {
            key: name(key),
            offset: entry.offset,
            size: entry.size,
            stored,
            found,
        }),
        _ => Ok(()),
    }
}
