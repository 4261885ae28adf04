//! The faults of checkpoints that are read.

use std::io;
use std::path::Path;

use super::crc;
use super::entry::{Entry, EntryError, EntryType};
use super::slice;
use super::table::TableError;
use crate::error::{Error, ErrorKind};
use crate::file_format::FileFormat;
use crate::quoted::Quoted;
use crate::value::{TensorProtoError, TensorSlice};

errors! {
    /// A fault of a checkpoint that is read.
    #[derive(Debug)]
    pub(crate) enum ReadError {
        #[error(transparent)]
        Table(#[from] TableError),
        #[error("expected a checkpoint, found {0}")]
        OtherFile(FileFormat),
        #[error("{source}: it is {found}")]
        OtherData {
            found: FileFormat,
            source: Box<ReadError>,
        },
        #[error("the header: {0}")]
        Header(EntryError),
        #[error("tensor {key}: {source}")]
        Entry { key: Quoted, source: EntryError },
        #[error("there is no tensor {name}{nearest}")]
        NoTensor { name: Quoted, nearest: String },
        #[error("tensor {key}: expected {size} bytes at offset {offset}, the file has {file} bytes")]
        Outside {
            key: Quoted,
            offset: u64,
            size: u64,
            file: u64,
        },
        #[error("tensor {key}: cannot read {size} bytes at offset {offset}: {source}")]
        Read {
            key: Quoted,
            offset: u64,
            size: usize,
            source: io::Error,
        },
        #[error(
            "tensor {key} of {size} bytes at offset {offset}: expected checksum {stored:#010x}, found {found:#010x}"
        )]
        Checksum {
            key: Quoted,
            offset: u64,
            size: u64,
            stored: u32,
            found: u32,
        },
        #[error(
            "tensor {key} at offset {offset}: expected the lengths of {count} strings, found damaged ones"
        )]
        Lengths {
            key: Quoted,
            offset: u64,
            count: usize,
        },
        #[error(
            "tensor {key} at offset {offset}: expected checksum {stored:#010x} of the lengths, found {found:#010x}"
        )]
        LengthsChecksum {
            key: Quoted,
            offset: u64,
            stored: u32,
            found: u32,
        },
        #[error(
            "tensor {key} at offset {offset}: expected strings of {expected} bytes together, found {found}"
        )]
        StringBytes {
            key: Quoted,
            offset: u64,
            expected: u64,
            found: u64,
        },
        #[error("tensor {key}: its value cannot be read: {source}")]
        Value {
            key: Quoted,
            source: TensorProtoError,
        },
        #[error(
            "tensor {key}: its value cannot be decoded: expected {expected} at position {position}"
        )]
        Message {
            key: Quoted,
            expected: &'static str,
            position: u64,
        },
        #[error("tensor {key}: values of dtype {dtype} cannot be read, only copied")]
        Unsupported { key: Quoted, dtype: EntryType },
        #[error(
            "tensor {key}: its dtype has the number {number}, of a later version of TensorFlow: its value cannot be read, only copied"
        )]
        LaterType { key: Quoted, number: i32 },
        #[error(
            "tensor {key}: values of dtype {dtype} cannot be converted from the byte order of the checkpoint"
        )]
        Opaque { key: Quoted, dtype: EntryType },
        #[error(
            "tensor {key} at offset {offset}: expected the byte {expected:#04x} in the checksum of a length or an element, found {found:#04x}"
        )]
        PartChecksum {
            key: Quoted,
            offset: u64,
            expected: u8,
            found: u8,
        },
        #[error("tensor {key}: expected a part of shape {shape:?}, found {found}")]
        Part {
            key: Quoted,
            shape: Vec<usize>,
            found: TensorSlice,
        },
        #[error("tensor {key}: its part {part} is listed, but not there")]
        NoPart { key: Quoted, part: TensorSlice },
        #[error("tensor {key}: expected {expected} in its part {part}, found {found}")]
        PartType {
            key: Quoted,
            part: TensorSlice,
            expected: String,
            found: String,
        },
        #[error("tensor {0} would be there twice")]
        Twice(Quoted),
        #[error("tensor {key}: expected parts of {expected} as in other checkpoints, found {found}")]
        OtherWhole {
            key: Quoted,
            expected: String,
            found: String,
        },
        #[error(
            "tensor {key}: expected parts whose keys have at most {limit} bytes together, found {found} parts"
        )]
        TooManyParts {
            key: Quoted,
            limit: u64,
            found: usize,
        },
        #[error(
            "tensor {key}: expected no more than the {file} bytes of the file with those before, found {found}"
        )]
        SharedBytes { key: Quoted, file: u64, found: u64 },
        #[error("tensor {key}: its parts overlap in {common}")]
        Overlap { key: Quoted, common: TensorSlice },
        #[error(
            "tensor {key}: its parts do not cover {wanted}: expected {expected} elements, found {found}"
        )]
        Uncovered {
            key: Quoted,
            wanted: TensorSlice,
            expected: usize,
            found: usize,
        },
    }
}

impl ReadError {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            ReadError::NoTensor { .. } => ErrorKind::NotFound,
            ReadError::Part { .. } | ReadError::Twice(_) | ReadError::OtherWhole { .. } => {
                ErrorKind::InvalidValue
            }
            ReadError::Unsupported { .. }
            | ReadError::LaterType { .. }
            | ReadError::Opaque { .. } => ErrorKind::Unsupported,
            ReadError::Read { source, .. } | ReadError::Table(TableError::Read { source, .. })
                if source.kind() != io::ErrorKind::UnexpectedEof =>
            {
                ErrorKind::Io
            }
            _ => ErrorKind::Corrupt,
        }
    }

    pub(crate) fn at(self, path: &Path) -> Error {
        let kind = self.kind();
        Error::new(kind, self.of_file(path)).with_path(path)
    }

    /// Replaces the error by the reason for it if the file is of another kind.
    fn of_file(self, path: &Path) -> Self {
        use FileFormat as F;
        match self {
            ReadError::Table(TableError::TooShort { .. } | TableError::Magic { .. }) => {
                match FileFormat::instead(path, &[F::Empty, F::Table]) {
                    Some(found) => ReadError::OtherFile(found),
                    None => self,
                }
            }
            ReadError::Outside { .. }
            | ReadError::Checksum { .. }
            | ReadError::Lengths { .. }
            | ReadError::LengthsChecksum { .. }
            | ReadError::StringBytes { .. }
            | ReadError::PartChecksum { .. } => {
                // Of formats that values do not begin like by accident.
                let formats = [
                    F::GitLfsPointer,
                    F::Html,
                    F::ZippedModule,
                    F::Zip,
                    F::Npz,
                    F::Hdf5,
                ];
                match FileFormat::of_path(path) {
                    Ok(found) if formats.contains(&found) => {
                        let source = Box::new(self);
                        ReadError::OtherData { found, source }
                    }
                    _ => self,
                }
            }
            _ => self,
        }
    }
}

/// A key for people.
pub(super) fn name(key: &[u8]) -> Quoted {
    match slice::is_slice_key(key) {
        true => Quoted::bytes(key),
        false => Quoted::new(key),
    }
}

/// Why the value of a tensor cannot be read, whose dtype has no elements that this crate knows.
pub(super) fn unsupported(key: &[u8], dtype: EntryType) -> ReadError {
    let key = name(key);
    match dtype {
        EntryType::Known(_) => ReadError::Unsupported { key, dtype },
        EntryType::Later(number) => ReadError::LaterType { key, number },
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
