//! Arrays in NumPy's `.npy` format: files of their own, and the members of `.npz` archives.

mod header;
mod literal;
#[cfg(test)]
mod tests;
mod write;

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

pub(crate) use self::header::{Header, MAGIC, NpyError};
pub use self::write::write_npy;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::TensorValue;

/// How many bytes are read at a time.
const CHUNK: usize = 1 << 18;

/// A file, or bytes in memory.
trait ReadSeek: Read + Seek + Send {}

impl<R: Read + Seek + Send> ReadSeek for R {}

/// Opens a file to read from it here and there.
fn open(path: &Path) -> Result<Box<dyn ReadSeek>> {
    let file = File::open(path).map_err(|source| Error::io("cannot open", path, source))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Reads the elements, after the header; the caller has made sure that there are as many bytes.
pub(crate) fn read_elements(
    header: &Header,
    reader: &mut dyn Read,
) -> Result<TensorValue, NpyError> {
    let mut shape = header.shape.clone();
    if header.fortran_order {
        shape.reverse();
    }
    let filled = TensorValue::filled(header.dtype, &shape, |bytes| {
        read_native(header, reader, bytes)
    });
    let value = filled.ok_or_else(|| NpyError::DType(header.dtype.to_string()))??;
    if !header.fortran_order {
        return Ok(value);
    }
    let reversed: Vec<usize> = (0..shape.len()).rev().collect();
    Ok(value.transposed(&reversed))
}

/// Hands the elements to `sink` as they lie in memory in row-major order, piece after piece.
pub(crate) fn stream_elements(
    header: &Header,
    reader: &mut dyn Read,
    at: &dyn Fn(NpyError) -> Error,
    sink: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    if header.fortran_order {
        let value = read_elements(header, reader).map_err(at)?;
        return value.native_bytes().map_or(Ok(()), sink);
    }
    let mut buffer = vec![0; CHUNK.min(header.data_len)];
    for position in (0..header.data_len).step_by(CHUNK) {
        let bytes = &mut buffer[..CHUNK.min(header.data_len - position)];
        read_native(header, reader, bytes).map_err(at)?;
        if header.dtype == DType::Bool {
            for byte in bytes.iter_mut() {
                *byte = u8::from(*byte != 0);
            }
        }
        sink(bytes)?;
    }
    Ok(())
}

/// Fills `bytes` with whole elements in the machine's byte order.
fn read_native(header: &Header, reader: &mut dyn Read, bytes: &mut [u8]) -> Result<(), NpyError> {
    let found = header::fill(reader, bytes).map_err(NpyError::Read)?;
    if found < bytes.len() {
        let (expected, found) = (bytes.len() as u64, found as u64);
        return Err(NpyError::Short { expected, found });
    }
    if header.big_endian != cfg!(target_endian = "big") {
        header.dtype.swap_bytes(bytes);
    }
    Ok(())
}

/// An open `.npy` file, as `numpy.save` writes them: a source of one value.
///
/// The value has the name of the file without `.npy`, or another that is [given](Self::named) to it. Both byte orders
/// and both memory orders are read, for boolean, integer, floating-point and complex arrays.
///
/// ```
/// use tfhub::{ModuleSpec, Session, layers};
/// use tfhub::source::NpyReader;
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 1));
///     g.default_signature(x, layers::dense(1).apply(x));
/// })?;
/// let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}";
/// let mut file = b"\x93NUMPY\x01\x00".to_vec();
/// file.extend((header.len() as u16).to_le_bytes());
/// file.extend(header.bytes().chain(1.5f32.to_le_bytes()));
/// let mut session = Session::new(&spec)?;
/// session.restore_partial(&NpyReader::from_bytes(file, "dense/bias")?)?;
/// assert_eq!(session.value("dense/bias")?.as_slice::<f32>()?, [1.5]);
/// # Ok::<(), tfhub::Error>(())
/// ```
pub struct NpyReader {
    path: Option<PathBuf>,
    name: String,
    header: Header,
    input: RefCell<Box<dyn ReadSeek>>,
}

impl NpyReader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Corrupt`] if it is no array
    /// or ends before its last element, [`ErrorKind::Unsupported`] if its dtype is one that variables do not have, or if
    /// it is recognised as another kind of file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        NpyReader::new(open(path)?, Some(path.to_owned()), name.into_owned())
            .map_err(|error| FileFormat::Npy.explain(path, error))
    }

    /// Reads the content of a file that is in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(
        bytes: impl AsRef<[u8]> + Send + 'static,
        name: impl Into<String>,
    ) -> Result<Self> {
        NpyReader::new(Box::new(Cursor::new(bytes)), None, name.into())
    }

    fn new(mut input: Box<dyn ReadSeek>, path: Option<PathBuf>, name: String) -> Result<Self> {
        let header = check(&mut *input).map_err(|error| at(error, path.as_deref()))?;
        Ok(NpyReader {
            path,
            name,
            header,
            input: RefCell::new(input),
        })
    }

    /// Gives the file's value another name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Reads the array.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] or [`ErrorKind::Corrupt`] if it cannot be read. The text names the file.
    pub fn read(&self) -> Result<TensorValue> {
        let input = &mut *self.input.borrow_mut();
        let value = seek(input, self.header.len).and_then(|()| read_elements(&self.header, input));
        value.map_err(|error| self.at(error))
    }

    fn at(&self, error: NpyError) -> Error {
        at(error, self.path.as_deref())
    }
}

/// The header of a file that has all elements.
fn check(input: &mut dyn ReadSeek) -> Result<Header, NpyError> {
    let header = Header::read(&mut &mut *input)?;
    let size = input.seek(SeekFrom::End(0)).map_err(NpyError::Read)?;
    let (expected, found) = (header.data_len as u64, size.saturating_sub(header.len));
    match found < expected {
        true => Err(NpyError::Short { expected, found }),
        false => Ok(header),
    }
}

fn seek(input: &mut Box<dyn ReadSeek>, position: u64) -> Result<(), NpyError> {
    let sought = input.seek(SeekFrom::Start(position));
    sought.map(drop).map_err(NpyError::Read)
}

fn at(error: NpyError, path: Option<&Path>) -> Error {
    let kind = match &error {
        NpyError::Read(_) => ErrorKind::Io,
        error if error.is_unsupported() => ErrorKind::Unsupported,
        _ => ErrorKind::Corrupt,
    };
    let error = Error::new(kind, error);
    match path {
        Some(path) => error.with_path(path),
        None => error,
    }
}

impl fmt::Debug for NpyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpyReader")
            .field("path", &self.path)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The array that is still in the file.
struct Stored<'r>(&'r NpyReader);

impl StoredValue for Stored<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.0.read()
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let reader = self.0;
        let at = |error| reader.at(error);
        let input = &mut *reader.input.borrow_mut();
        seek(input, reader.header.len).map_err(at)?;
        stream_elements(&reader.header, input, &at, sink)
    }
}

impl VariableSource for NpyReader {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Header { dtype, shape, .. } = &self.header;
        let value = || VariableValue::stored(*dtype, shape.clone(), Stored(self));
        Ok((name == self.name).then(value))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(vec![self.name.clone()])
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
