//! The faults of tables.

use std::io;

use super::block::BlockError;
use super::{FOOTER_LEN, MAGIC};
use crate::quoted::Quoted;

/// No byte of compressed input makes more than this many bytes of output.
const MAX_INFLATION: u64 = 32;

errors! {
    /// A fault of a table; `offset` is where in the file.
    #[derive(Debug)]
    pub(crate) enum TableError {
        #[error("expected a table of at least {FOOTER_LEN} bytes, found {found}")]
        TooShort { found: u64 },
        #[error(
            "expected the table's magic number {MAGIC:#018x} at offset {offset}, found {found:#018x}"
        )]
        Magic { offset: u64, found: u64 },
        #[error("expected two block handles in the footer at offset {offset}, found {found}")]
        Footer { offset: u64, found: String },
        #[error("the handle of a data block cannot be read: block at offset {offset}, key {key}")]
        Handle { offset: u64, key: Quoted },
        #[error(
            "expected a block of {size} bytes at offset {offset} within the {file} bytes of the file"
        )]
        Outside { offset: u64, size: u64, file: u64 },
        #[error("block at offset {offset}: expected checksum {stored:#010x}, found {found:#010x}")]
        Checksum {
            offset: u64,
            stored: u32,
            found: u32,
        },
        #[error("block at offset {offset}: expected compression type 0 or 1, found {found}")]
        Compression { offset: u64, found: u8 },
        #[error("block at offset {offset}: its compressed content cannot be read: {source}")]
        Snappy { offset: u64, source: snap::Error },
        #[error("block at offset {offset}: its compressed content is damaged")]
        Damaged { offset: u64 },
        #[error(
            "block at offset {offset}: expected at most {limit} bytes of compressed content, found {found}"
        )]
        Inflated { offset: u64, limit: u64, found: u64 },
        #[error("block at offset {offset}: {source}")]
        Block { offset: u64, source: BlockError },
        #[error("block at offset {offset}: key {key} is not above the key before")]
        Order { offset: u64, key: Quoted },
        #[error("block at offset {offset}: key {key} is not in the range that the index says")]
        Range { offset: u64, key: Quoted },
        #[error("cannot read {size} bytes at offset {offset}: {source}")]
        Read {
            offset: u64,
            size: usize,
            source: io::Error,
        },
    }
}

/// Checks that `size` bytes of compressed content may become the `found` bytes that they announce.
pub(super) fn check_inflation(offset: u64, size: u64, found: u64) -> Result<(), TableError> {
    let limit = size.saturating_mul(MAX_INFLATION);
    match found > limit {
        true => Err(TableError::Inflated {
            offset,
            limit,
            found,
        }),
        false => Ok(()),
    }
}
