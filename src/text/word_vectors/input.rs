//! The bytes of a file of word vectors, decompressed, from any place on.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{WordVectorsError, fault};
use crate::error::{Error, Result};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Bytes as they are stored.
#[derive(Clone)]
enum Stored {
    File(PathBuf),
    Bytes(Arc<dyn AsRef<[u8]> + Send + Sync>),
}

impl Stored {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Stored::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(at))?;
                Box::new(file)
            }
            Stored::Bytes(bytes) => {
                let mut cursor = Cursor::new(Shared(bytes.clone()));
                cursor.set_position(at);
                Box::new(cursor)
            }
        })
    }
}

struct Shared(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// The bytes that vectors are read from, again and again.
#[derive(Clone)]
pub(super) struct Input {
    stored: Stored,
    compression: Compression,
}

impl Input {
    pub(super) fn file(path: &Path) -> Result<Self> {
        Input::new(Stored::File(path.to_owned()))
    }

    pub(super) fn bytes(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        Input::new(Stored::Bytes(Arc::new(bytes)))
    }

    fn new(stored: Stored) -> Result<Self> {
        let mut input = Input {
            stored,
            compression: Compression::None,
        };
        let head = input.head(ZSTD.len())?;
        if head.starts_with(GZIP) {
            input.compression = Compression::Gzip;
        } else if head.starts_with(ZSTD) {
            input.compression = Compression::Zstd;
        }
        Ok(input)
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match &self.stored {
            Stored::File(path) => Some(path),
            Stored::Bytes(_) => None,
        }
    }

    /// The bytes, where there is no file and nothing is compressed.
    pub(super) fn in_memory(&self) -> Option<impl AsRef<[u8]> + Send + Sync + 'static> {
        match (&self.stored, self.compression) {
            (Stored::Bytes(bytes), Compression::None) => Some(Shared(bytes.clone())),
            _ => None,
        }
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.compression != Compression::None
    }

    /// The size of what is stored.
    pub(super) fn stored_len(&self) -> Result<u64> {
        match &self.stored {
            Stored::File(path) => {
                let metadata = std::fs::metadata(path);
                Ok(metadata
                    .map_err(|error| Error::io("cannot read", path, error))?
                    .len())
            }
            Stored::Bytes(bytes) => Ok((**bytes).as_ref().len() as u64),
        }
    }

    /// The first bytes, as many as there are of those that are wanted.
    pub(super) fn head(&self, len: usize) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let mut reader = self.open(0)?;
        reader.fill(&mut head, len)?;
        Ok(head)
    }

    /// A reader of the decompressed bytes from a place on. Those before it are read as well where they are compressed.
    pub(super) fn open(&self, at: u64) -> Result<Reader<'_>> {
        let skipped = if self.is_compressed() { at } else { 0 };
        let stored = self.stored.open(at - skipped);
        let stored = stored.map_err(|error| self.cannot_read(error))?;
        let inner = self.decompressed(stored)?;
        let mut reader = Reader { input: self, inner };
        let passed = io::copy(&mut (&mut reader.inner).take(skipped), &mut io::sink());
        match passed.map_err(|error| self.cannot_read(error))? == skipped {
            true => Ok(reader),
            false => Err(self.error(WordVectorsError::Changed { offset: at })),
        }
    }

    fn decompressed(&self, stored: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>> {
        match self.compression {
            Compression::None => Ok(stored),
            #[cfg(feature = "gzip")]
            Compression::Gzip => Ok(Box::new(flate2::read::MultiGzDecoder::new(
                io::BufReader::with_capacity(1 << 16, stored),
            ))),
            #[cfg(feature = "zstd")]
            Compression::Zstd => Ok(Box::new(super::zstd::Frames::new(stored))),
            #[cfg(not(feature = "gzip"))]
            Compression::Gzip => Err(self.error(WordVectorsError::Feature { feature: "gzip" })),
            #[cfg(not(feature = "zstd"))]
            Compression::Zstd => Err(self.error(WordVectorsError::Feature { feature: "zstd" })),
        }
    }

    /// The error with the path of the file.
    pub(super) fn at(&self, error: Error) -> Error {
        match self.path() {
            Some(path) => error.with_path(path),
            None => error,
        }
    }

    /// An error of what is in the file.
    pub(super) fn error(&self, error: WordVectorsError) -> Error {
        self.at(fault(error))
    }

    fn cannot_read(&self, error: io::Error) -> Error {
        // Decoders say so if the bytes are none of theirs.
        let decoder = matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
        );
        match (self.path(), self.is_compressed() && decoder) {
            (Some(path), false) => Error::io("cannot read", path, error),
            _ => self.error(WordVectorsError::Compressed { source: error }),
        }
    }
}

/// Reads the decompressed bytes.
pub(super) struct Reader<'i> {
    input: &'i Input,
    inner: Box<dyn Read + Send>,
}

impl Reader<'_> {
    /// Reads on until there are `len` bytes; fewer at the end.
    pub(super) fn fill(&mut self, bytes: &mut Vec<u8>, len: usize) -> Result<()> {
        let missing = len.saturating_sub(bytes.len());
        bytes.reserve(missing);
        let read = (&mut self.inner).take(missing as u64).read_to_end(bytes);
        read.map_err(|error| self.input.cannot_read(error))?;
        Ok(())
    }
}
