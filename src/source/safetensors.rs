//! Weights from `.safetensors` files.
//!
//! Such a file is the length of a header as eight little-endian bytes, the header in JSON, and the elements of all
//! tensors, little-endian and row-major, one tensor after the other.

mod header;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use self::header::{Header, HeaderError, TensorInfo, dtype};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::file_system::ReadAt;
use crate::nearest;
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::TensorValue;

/// The bytes that hold the length of the header.
const LENGTH: usize = 8;
/// The longest header that is read, which is what the format allows.
const MAX_HEADER: u64 = 100_000_000;
/// How many bytes are read at a time.
const CHUNK: usize = 1 << 18;

errors! {
    #[derive(Debug)]
    enum SafetensorsError {
        #[error("cannot be read as a .safetensors file: it has {0} bytes, expected at least {LENGTH}")]
        Short(u64),
        #[error(
            "cannot be read as a .safetensors file: its header has {header} bytes, the file {file}"
        )]
        Header { header: u64, file: u64 },
        #[error("cannot be read as a .safetensors file: {0}")]
        Content(HeaderError),
        #[error("the tensors end at byte {expected}, the file has {found}")]
        Size { expected: u64, found: u64 },
        #[error("there is no tensor \"{name}\"{nearest}")]
        Missing { name: String, nearest: String },
        #[error("tensor \"{name}\": TensorFlow has no dtype {dtype}")]
        DType { name: String, dtype: String },
        #[error("tensor \"{name}\": cannot read {len} bytes at {offset}: {source}")]
        Read {
            name: String,
            offset: u64,
            len: usize,
            source: std::io::Error,
        },
    }
}

impl SafetensorsError {
    fn at(self, path: Option<&Path>) -> Error {
        let kind = match self {
            SafetensorsError::DType { .. } => ErrorKind::Unsupported,
            SafetensorsError::Missing { .. } => ErrorKind::NotFound,
            SafetensorsError::Read { .. } => ErrorKind::Io,
            _ => ErrorKind::Corrupt,
        };
        located(Error::new(kind, self), path)
    }
}

fn located(error: Error, path: Option<&Path>) -> Error {
    match path {
        Some(path) => error.with_path(path),
        None => error,
    }
}

/// The content of a file in memory.
struct Bytes<B>(B);

impl<B> fmt::Debug for Bytes<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bytes")
    }
}

impl<B: AsRef<[u8]> + Sync> ReadAt for Bytes<B> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.as_ref().len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.0.as_ref().get(start..)?.get(..buffer.len()));
        let bytes = bytes.ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

/// An open `.safetensors` file; its tensors are read when they are asked for.
///
/// Boolean, integer, floating-point and complex tensors are read, `bfloat16` among them. Those of smaller
/// floating-point numbers, which TensorFlow 1.15 does not have, are refused when they are asked for.
///
/// ```
/// use tfhub::source::SafetensorsReader;
/// use tfhub::{GraphBuilder, Session, VariableSource};
///
/// # let header = r#"{"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
/// # let mut file = (header.len() as u64).to_le_bytes().to_vec();
/// # file.extend(header.bytes().chain([1.5f32, -1.0].into_iter().flat_map(f32::to_le_bytes)));
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("model.safetensors");
/// # std::fs::write(&path, file)?;
/// let g = GraphBuilder::new();
/// g.get_variable::<f32>("fc/bias").shape([2]).finish();
/// let mut session = Session::new(&g.finish()?)?;
/// let weights = SafetensorsReader::open(&path)?;
/// session.restore(&weights.renamed(|name| name.replace('/', ".")))?;
/// assert_eq!(session.value("fc/bias")?.as_slice::<f32>()?, [1.5, -1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SafetensorsReader {
    path: Option<PathBuf>,
    file: Box<dyn ReadAt + Send>,
    header: Header,
    /// Where the elements begin.
    start: u64,
}

impl SafetensorsReader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Corrupt`] if its header is
    /// not one, or tensors do not fill the file one after the other, [`ErrorKind::Unsupported`] if it is recognised as
    /// another kind of file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| Error::io("cannot open", path, source))?;
        SafetensorsReader::new(Box::new(file), Some(path))
            .map_err(|error| FileFormat::Safetensors.explain(path, error))
    }

    /// Reads the header of a file that is in memory.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] as [`open`](Self::open).
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        SafetensorsReader::new(Box::new(Bytes(bytes)), None)
    }

    fn new(file: Box<dyn ReadAt + Send>, path: Option<&Path>) -> Result<Self> {
        let unreadable = |source| Error::io("cannot read", path.unwrap_or(Path::new("")), source);
        let size = file.size().map_err(unreadable)?;
        let Some(rest) = size.checked_sub(LENGTH as u64) else {
            return Err(SafetensorsError::Short(size).at(path));
        };
        let mut length = [0; LENGTH];
        file.read_exact_at(&mut length, 0).map_err(unreadable)?;
        let length = u64::from_le_bytes(length);
        if length > rest.min(MAX_HEADER) {
            let (header, file) = (length, size);
            return Err(SafetensorsError::Header { header, file }.at(path));
        }
        let mut json = vec![0; length as usize];
        file.read_exact_at(&mut json, LENGTH as u64)
            .map_err(unreadable)?;
        let header =
            Header::parse(&json).map_err(|error| SafetensorsError::Content(error).at(path))?;
        let (start, found) = (LENGTH as u64 + length, rest - length);
        let expected = header.data_len as u64;
        if expected != found {
            let (expected, found) = (start.saturating_add(expected), size);
            return Err(SafetensorsError::Size { expected, found }.at(path));
        }
        Ok(SafetensorsReader {
            path: path.map(Path::to_owned),
            file,
            header,
            start,
        })
    }

    fn at(&self, error: SafetensorsError) -> Error {
        error.at(self.path.as_deref())
    }

    /// The names of the tensors, sorted.
    pub fn tensor_names(&self) -> impl Iterator<Item = &str> {
        self.header.tensors.keys().map(String::as_str)
    }

    /// Reads a tensor.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none of this name, [`ErrorKind::Unsupported`] if TensorFlow has not its dtype,
    /// [`ErrorKind::Io`] if it cannot be read. The text names file and tensor.
    pub fn read(&self, name: &str) -> Result<TensorValue> {
        let value = self.variable(name)?;
        let value = value.ok_or_else(|| {
            let nearest = nearest::among(name, "tensor", self.tensor_names());
            let name = name.to_owned();
            self.at(SafetensorsError::Missing { name, nearest })
        })?;
        value.into_value().map(std::borrow::Cow::into_owned)
    }
}

impl fmt::Debug for SafetensorsReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafetensorsReader")
            .field("path", &self.path)
            .field("tensors", &self.header.tensors.len())
            .finish_non_exhaustive()
    }
}

/// A tensor that is still in the file.
struct Stored<'r> {
    reader: &'r SafetensorsReader,
    name: String,
    info: &'r TensorInfo,
    dtype: DType,
}

impl Stored<'_> {
    /// Fills `buffer` with the bytes from `position` of the tensor on, as they lie in memory.
    fn read_at(&self, buffer: &mut [u8], position: usize) -> Result<()> {
        let offset = self.reader.start + (self.info.data_offsets.0 + position) as u64;
        let len = buffer.len();
        let read = self.reader.file.read_exact_at(buffer, offset);
        read.map_err(|source| {
            let name = self.name.clone();
            let error = SafetensorsError::Read {
                name,
                offset,
                len,
                source,
            };
            self.reader.at(error)
        })?;
        if cfg!(target_endian = "big") {
            self.dtype.swap_bytes(buffer);
        }
        Ok(())
    }
}

impl StoredValue for Stored<'_> {
    fn read(&self) -> Result<TensorValue> {
        let filled =
            TensorValue::filled(self.dtype, &self.info.shape, |bytes| self.read_at(bytes, 0));
        filled.unwrap_or_else(|| {
            let error = SafetensorsError::DType {
                name: self.name.clone(),
                dtype: self.info.dtype.clone(),
            };
            Err(self.reader.at(error))
        })
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (start, end) = self.info.data_offsets;
        let mut buffer = vec![0; CHUNK.min(end - start)];
        for position in (0..end - start).step_by(CHUNK) {
            let len = CHUNK.min(end - start - position);
            self.read_at(&mut buffer[..len], position)?;
            sink(&buffer[..len])?;
        }
        Ok(())
    }
}

impl VariableSource for SafetensorsReader {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Some(info) = self.header.tensors.get(name) else {
            return Ok(None);
        };
        let Some(dtype) = dtype(&info.dtype) else {
            let (name, dtype) = (name.to_owned(), info.dtype.clone());
            return Err(self.at(SafetensorsError::DType { name, dtype }));
        };
        let stored = Stored {
            reader: self,
            name: name.to_owned(),
            info,
            dtype,
        };
        Ok(Some(VariableValue::stored(
            dtype,
            info.shape.clone(),
            stored,
        )))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.tensor_names().map(str::to_owned).collect())
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
