//! Weights from NumPy's `.npz` archives.

mod archive;

use std::cell::OnceCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use rawzip::FileReader;

use self::archive::{Archive, Entry, Source, ZipError};
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::nearest;
use crate::sorted_map::SortedMap;
use crate::source::npy::{self, Header, MAGIC, NpyError};
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::TensorValue;

errors! {
    #[derive(Debug)]
    enum NpzError {
        #[error("cannot be read as a .npz archive: {0}")]
        Archive(#[source] ZipError),
        #[error("array \"{name}\": cannot be read: {source}")]
        Member { name: String, source: ZipError },
        #[error("array \"{name}\": {source}")]
        Array { name: String, source: NpyError },
        #[error("there is no array \"{name}\"{nearest}")]
        Missing { name: String, nearest: String },
        #[error("array \"{0}\" is in the archive twice")]
        Duplicate(String),
        #[error("the archive has no arrays")]
        NoArrays,
    }
}

impl NpzError {
    fn kind(&self) -> ErrorKind {
        match self {
            NpzError::Missing { .. } => ErrorKind::NotFound,
            NpzError::Member {
                source: ZipError::Unsupported(_),
                ..
            } => ErrorKind::Unsupported,
            NpzError::Array { source, .. } if source.is_unsupported() => ErrorKind::Unsupported,
            _ => ErrorKind::Corrupt,
        }
    }
}

/// An open `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` write them; its arrays are read when they are
/// asked for.
///
/// Both byte orders and both memory orders are read, for boolean, integer, floating-point and complex arrays. Arrays of
/// two opaque bytes (`|V2`) are those of `bfloat16`, as the package ml_dtypes writes them. Members that are no arrays, such
/// as a text file or a folder, are ignored. An array that cannot be read, since it is of another dtype or damaged, is an
/// error only when it is asked for. The checksum of an array is verified whenever the archive is asked for the array or its
/// shape.
///
/// ```no_run
/// # use tfhub::Session;
/// # use tfhub::source::NpzReader;
/// # fn example(session: &mut Session) -> tfhub::Result<()> {
/// session.restore(&NpzReader::open("weights.npz")?)?;
/// # Ok(())
/// # }
/// ```
pub struct NpzReader {
    path: Option<PathBuf>,
    archive: Archive,
    /// The members by the names of their arrays.
    members: SortedMap<String, Member>,
}

struct Member {
    entry: Entry,
    /// Whether it is an array, or cannot be looked into but is called like one.
    is_array: bool,
    /// Whether there is another array of its name.
    is_double: bool,
    /// The header, once the checksum of the member is known to be right.
    header: OnceCell<Header>,
}

impl NpzReader {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be opened, [`ErrorKind::Unsupported`] if it is
    /// recognised as another kind of file, [`ErrorKind::Corrupt`] if it is not an archive.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let explained = |error| FileFormat::Npz.explain(path, error);
        let unopened = |source| Error::io("cannot open", path, source);
        let file = File::open(path).map_err(unopened)?;
        let len = file.metadata().map_err(unopened)?.len();
        let source = Box::new(FileReader::from(file));
        let reader = NpzReader::new(source, len, Some(path)).map_err(explained)?;
        // Archives of other things have no arrays.
        if reader.members.is_empty() {
            let others = [FileFormat::PyTorch, FileFormat::ZippedModule];
            if FileFormat::of_path(path).is_ok_and(|found| others.contains(&found)) {
                return Err(explained(at(NpzError::NoArrays, Some(path))));
            }
        }
        Ok(reader)
    }

    /// Opens an archive that is in memory.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if it is not one.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self> {
        let len = bytes.as_ref().len() as u64;
        NpzReader::new(Box::new(Cursor::new(bytes)), len, None)
    }

    fn new(source: Source, len: u64, path: Option<&Path>) -> Result<Self> {
        let unreadable = |error| at(NpzError::Archive(error), path);
        let (archive, listed) = Archive::open(source, len).map_err(unreadable)?;
        let mut members: SortedMap<String, Member> = SortedMap::new();
        for (name, entry) in listed {
            let stem = name.strip_suffix(".npy");
            let is_array = match archive.read(&entry) {
                Ok(mut member) => begins_like_an_array(&mut member),
                Err(_) => stem.is_some(),
            };
            if !is_array && stem.is_none() {
                continue;
            }
            let name = stem.unwrap_or(&name).to_owned();
            let known = members.get(&name).is_some_and(|known| known.is_array);
            if known && !is_array {
                continue;
            }
            let member = Member {
                entry,
                is_array,
                is_double: known && is_array,
                header: OnceCell::new(),
            };
            members.insert(name, member);
        }
        Ok(NpzReader {
            path: path.map(Path::to_owned),
            archive,
            members,
        })
    }

    /// The names of the arrays, sorted.
    pub fn tensor_names(&self) -> impl Iterator<Item = &str> {
        let arrays = self.members.iter().filter(|(_, member)| member.is_array);
        arrays.map(|(name, _)| name.as_str())
    }

    /// Reads an array.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none of this name, [`ErrorKind::Corrupt`] if it is not one or damaged,
    /// [`ErrorKind::Unsupported`] if it has another dtype. The text names file and array.
    pub fn read(&self, name: &str) -> Result<TensorValue> {
        let Some(member) = self.members.get(name) else {
            let nearest = nearest::among(name, "array", self.tensor_names());
            let name = name.to_owned();
            return Err(self.at(NpzError::Missing { name, nearest }));
        };
        let header = self.header(name, member)?;
        let fault = |source| self.array_error(name, source);
        self.with_elements(name, member, header, |reader| {
            npy::read_elements(header, reader).map_err(fault)
        })
    }

    /// The header of an array whose checksum is right.
    fn header<'m>(&self, name: &str, member: &'m Member) -> Result<&'m Header> {
        if let Some(header) = member.header.get() {
            return Ok(header);
        }
        if member.is_double {
            return Err(self.at(NpzError::Duplicate(name.to_owned())));
        }
        let header = self.with_member(name, member, |reader| {
            scan(reader).map_err(|source| self.array_error(name, source))
        })?;
        Ok(member.header.get_or_init(|| header))
    }

    /// Reads on from where the elements begin, then to the end, where the checksum is compared.
    fn with_elements<R>(
        &self,
        name: &str,
        member: &Member,
        header: &Header,
        read: impl FnOnce(&mut dyn Read) -> Result<R>,
    ) -> Result<R> {
        self.with_member(name, member, |reader| {
            let fault = |source| self.array_error(name, NpyError::Read(source));
            io::copy(&mut reader.take(header.len), &mut io::sink()).map_err(fault)?;
            let value = read(reader)?;
            io::copy(reader, &mut io::sink()).map_err(fault)?;
            Ok(value)
        })
    }

    fn with_member<R>(
        &self,
        name: &str,
        member: &Member,
        read: impl FnOnce(&mut dyn Read) -> Result<R>,
    ) -> Result<R> {
        let mut reader = self.archive.read(&member.entry).map_err(|source| {
            let name = name.to_owned();
            self.at(NpzError::Member { name, source })
        })?;
        read(&mut reader)
    }

    fn array_error(&self, name: &str, source: NpyError) -> Error {
        let name = name.to_owned();
        self.at(NpzError::Array { name, source })
    }

    fn at(&self, error: NpzError) -> Error {
        at(error, self.path.as_deref())
    }
}

fn at(error: NpzError, path: Option<&Path>) -> Error {
    let error = Error::new(error.kind(), error);
    match path {
        Some(path) => error.with_path(path),
        None => error,
    }
}

fn begins_like_an_array(member: &mut impl Read) -> bool {
    let mut start = [0; MAGIC.len()];
    member.read_exact(&mut start).is_ok() && start == *MAGIC
}

/// Reads a member to its end, for its checksum to be compared, and gives the header if all elements are there.
fn scan(reader: &mut dyn Read) -> Result<Header, NpyError> {
    let header = Header::read(reader);
    if let Err(NpyError::Read(_)) = header {
        return header;
    }
    let found = io::copy(reader, &mut io::sink()).map_err(NpyError::Read)?;
    let header = header?;
    let expected = header.data_len as u64;
    match found < expected {
        true => Err(NpyError::Short { expected, found }),
        false => Ok(header),
    }
}

impl fmt::Debug for NpzReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpzReader")
            .field("path", &self.path)
            .field("arrays", &self.tensor_names().count())
            .finish_non_exhaustive()
    }
}

/// An array that is still in the archive.
struct Stored<'r> {
    reader: &'r NpzReader,
    name: String,
    member: &'r Member,
    header: &'r Header,
}

impl StoredValue for Stored<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.reader.read(&self.name)
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Stored { reader, name, .. } = self;
        let fault = |source| reader.array_error(name, source);
        reader.with_elements(name, self.member, self.header, |input| {
            npy::stream_elements(self.header, input, &fault, sink)
        })
    }
}

impl VariableSource for NpzReader {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Some(member) = self.members.get(name) else {
            return Ok(None);
        };
        let header = self.header(name, member)?;
        let stored = Stored {
            reader: self,
            name: name.to_owned(),
            member,
            header,
        };
        let value = VariableValue::stored(header.dtype, header.shape.clone(), stored);
        Ok(Some(value))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.tensor_names().map(str::to_owned).collect())
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
