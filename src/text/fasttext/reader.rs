//! The reader of fastText's binary files.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::model::{CHUNK, FastTextError, Input, Model};
use super::subwords::Subwords;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::file_format::FileFormat;
use crate::file_system::ReadAt;
use crate::sort;
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::{TensorSlice, TensorValue};

/// The bytes of an element of the matrix.
const ELEMENT: usize = size_of::<f32>();

/// An open model in the binary form of fastText, `.bin`: its vocabulary, and a source of the matrix of its words and
/// n-grams.
///
/// Models of the versions 11 and 12 are read, as `fasttext skipgram`, `cbow` and `supervised` write them. Those that
/// `fasttext quantize` made smaller are refused. The matrix is the value `embeddings`, unless another name is
/// [given](Self::named) to it, of the shape [`shape`](Self::shape): first the rows of words, in the order of
/// [`words`](Self::words), and then those of n-grams. It is read when it is asked for, piece after piece where it is
/// exported, and its elements have to be finite.
///
/// See [`subword_embedding_lookup`](crate::text::subword_embedding_lookup) for a module that is made of one.
pub struct FastTextReader {
    path: Option<PathBuf>,
    name: String,
    file: Box<dyn ReadAt + Send>,
    size: u64,
    model: Model,
}

impl FastTextReader {
    /// Opens a file and reads its header and its dictionary.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Corrupt`] if it is no model
    /// or its parts are not what the header says, [`ErrorKind::Unsupported`] if it is of another version or quantized,
    /// or if it is recognised as another kind of file.
    ///
    /// [`ErrorKind::NotFound`]: crate::ErrorKind::NotFound
    /// [`ErrorKind::Io`]: crate::ErrorKind::Io
    /// [`ErrorKind::Corrupt`]: crate::ErrorKind::Corrupt
    /// [`ErrorKind::Unsupported`]: crate::ErrorKind::Unsupported
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| Error::io("cannot open", path, source))?;
        FastTextReader::new(Box::new(file), Some(path))
            .map_err(|error| FileFormat::FastText.explain(path, error))
    }

    /// Reads the content of a file that is in memory.
    ///
    /// ```
    /// use tfhub::ErrorKind;
    /// use tfhub::text::FastTextReader;
    ///
    /// let error = FastTextReader::from_bytes("cat 1.0 2.0\n").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Corrupt);
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        FastTextReader::new(Box::new(bytes.into()), None)
    }

    fn new(file: Box<dyn ReadAt + Send>, path: Option<&Path>) -> Result<Self> {
        let size = file.size();
        let unreadable = |source| Error::io("cannot read", path.unwrap_or(Path::new("")), source);
        let size = size.map_err(unreadable)?;
        let model = Model::read(&*file, size, path)?;
        Ok(FastTextReader {
            path: path.map(Path::to_owned),
            name: "embeddings".to_owned(),
            file,
            size,
            model,
        })
    }

    /// Gives the matrix another name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The version of the format: 11 or 12.
    pub fn version(&self) -> i32 {
        self.model.version
    }

    /// The number of words and of buckets for n-grams, and the lengths of n-grams.
    pub fn subwords(&self) -> Subwords {
        self.model.subwords
    }

    /// The numbers of rows and columns of the matrix.
    pub fn shape(&self) -> [usize; 2] {
        [self.model.subwords.num_rows(), self.model.dim]
    }

    /// Reads the words of the vocabulary in the order of their rows; labels of classifiers are none of them.
    pub fn words(&self) -> FastTextWords<'_> {
        let range = (self.model.dictionary, self.size);
        FastTextWords {
            input: Input::new(&*self.file, range, self.path.as_deref()),
            index: 0,
            count: self.model.subwords.num_words,
        }
    }

    /// Writes the words to a file, a line for each: the vocabulary for
    /// [`index_table_from_file`](crate::ops::lookup::index_table_from_file).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if a word has a line break,
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if a word is there twice, which the table would refuse; no file
    /// is written then. [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be written.
    pub fn write_vocabulary(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        self.check_words()?;
        let file = File::create(path).map_err(|source| Error::io("cannot create", path, source))?;
        let mut file = BufWriter::with_capacity(CHUNK, file);
        let unwritable = |source| Error::io("cannot write", path, source);
        for word in self.words() {
            file.write_all(&word?.word).map_err(unwritable)?;
            file.write_all(b"\n").map_err(unwritable)?;
        }
        file.flush().map_err(unwritable)
    }

    /// Makes sure that the words are different lines. Of each word only the hash is kept.
    fn check_words(&self) -> Result<()> {
        let hasher = foldhash::fast::RandomState::default();
        let mut hashes = Vec::with_capacity(self.model.subwords.num_words);
        let mut words = self.words();
        let mut word = FastTextWord::default();
        while let Some((index, offset)) = words.read(&mut word)? {
            if word.word.iter().any(|byte| b"\n\r".contains(byte)) {
                return Err(self.at(FastTextError::LineBreak { index, offset }));
            }
            hashes.push(hasher.hash_one(&word.word));
        }
        let equal = sort::repeated(hashes);
        if equal.is_empty() {
            return Ok(());
        }
        // Different words may have one hash.
        let mut seen = HashMap::new();
        let mut words = self.words();
        while let Some((index, offset)) = words.read(&mut word)? {
            if equal.binary_search(&hasher.hash_one(&word.word)).is_err() {
                continue;
            }
            if let Some(first) = seen.insert(word.word.clone(), index) {
                let word = String::from_utf8_lossy(&word.word).into_owned();
                let error = FastTextError::Duplicate {
                    index,
                    offset,
                    word,
                    first,
                };
                return Err(self.at(error));
            }
        }
        Ok(())
    }

    fn at(&self, error: FastTextError) -> Error {
        error.at(self.path.as_deref())
    }
}

impl fmt::Debug for FastTextReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FastTextReader")
            .field("path", &self.path)
            .field("name", &self.name)
            .field("shape", &self.shape())
            .finish_non_exhaustive()
    }
}

/// A word of the vocabulary of a fastText model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FastTextWord {
    /// The bytes of the word, UTF-8 if the text of the training was.
    pub word: Vec<u8>,
    /// The number of times that it was in the text of the training.
    pub count: i64,
}

/// The words of the vocabulary of a fastText model; [`FastTextReader::words`] gives them.
///
/// An item is an error if the file cannot be read any more; there are no others after it.
pub struct FastTextWords<'r> {
    input: Input<'r>,
    index: usize,
    count: usize,
}

impl FastTextWords<'_> {
    /// Reads the next word, and gives its position in the vocabulary and its offset in the file.
    fn read(&mut self, word: &mut FastTextWord) -> Result<Option<(usize, u64)>> {
        if self.index >= self.count {
            return Ok(None);
        }
        let place = (self.index, self.input.offset());
        let read = self.input.entry(self.index, &mut word.word);
        self.index = if read.is_ok() {
            self.index + 1
        } else {
            self.count
        };
        (word.count, _) = read?;
        Ok(Some(place))
    }
}

impl Iterator for FastTextWords<'_> {
    type Item = Result<FastTextWord>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut word = FastTextWord::default();
        match self.read(&mut word) {
            Ok(place) => place.map(|_| Ok(word)),
            Err(error) => Some(Err(error)),
        }
    }
}

impl fmt::Debug for FastTextWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FastTextWords")
            .field("index", &self.index)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// The matrix that is still in the file.
pub(super) struct Stored<'r>(pub(super) &'r FastTextReader);

/// An element as it lies in memory.
fn element(bytes: &[u8]) -> f32 {
    let mut element = [0; ELEMENT];
    element.copy_from_slice(bytes);
    f32::from_ne_bytes(element)
}

impl Stored<'_> {
    /// Fills `buffer` with the elements from a position of the matrix on, which is counted in bytes.
    fn fill(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        let reader = self.0;
        let start = reader.model.matrix + position;
        let read = reader.file.read_exact_at(buffer, start);
        read.map_err(|source| {
            let path = reader.path.as_deref().unwrap_or(Path::new(""));
            Error::io("cannot read", path, source)
        })?;
        if cfg!(target_endian = "big") {
            DType::Float32.swap_bytes(buffer);
        }
        let mut elements = buffer.chunks_exact(ELEMENT);
        match elements.position(|bytes| !element(bytes).is_finite()) {
            Some(index) => Err(self.not_finite(buffer, index, position)),
            None => Ok(()),
        }
    }

    fn not_finite(&self, buffer: &[u8], index: usize, position: u64) -> Error {
        let at = index * ELEMENT;
        let found = element(&buffer[at..at + ELEMENT]);
        let position = position + at as u64;
        let (index, columns) = (position / ELEMENT as u64, self.0.model.dim as u64);
        self.0.at(FastTextError::NotFinite {
            row: index / columns,
            column: index % columns,
            offset: self.0.model.matrix + position,
            found,
        })
    }

    /// Reads rows that follow one another.
    fn rows(&self, start: usize, len: usize) -> Result<TensorValue> {
        let columns = self.0.model.dim;
        let position = start as u64 * columns as u64 * ELEMENT as u64;
        let fill = |bytes: &mut [u8]| self.fill(bytes, position);
        let filled = TensorValue::filled(DType::Float32, &[len, columns], fill);
        filled.expect("the elements of float32 have a size")
    }

    /// Hands rows that follow one another to `sink`, piece after piece.
    fn stream_rows(
        &self,
        rows: Range<usize>,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let row = self.0.model.dim as u64 * ELEMENT as u64;
        let (start, end) = (rows.start as u64 * row, rows.end as u64 * row);
        let mut buffer = vec![0; (end - start).min(CHUNK as u64) as usize];
        for position in (start..end).step_by(CHUNK) {
            let bytes = &mut buffer[..(end - position).min(CHUNK as u64) as usize];
            self.fill(bytes, position)?;
            sink(bytes)?;
        }
        Ok(())
    }
}

impl StoredValue for Stored<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.rows(0, self.0.shape()[0])
    }

    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        let [rows, columns] = slice.ranges() else {
            return Ok(self.read()?.part(slice));
        };
        let part = self.rows(rows.start, rows.len())?;
        let slice = TensorSlice::new([0..rows.len(), columns.clone()]);
        Ok(part.part(&slice))
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.stream_rows(0..self.0.shape()[0], sink)
    }

    fn stream_part(
        &self,
        slice: &TensorSlice,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        match slice.whole_rows(self.0.model.dim) {
            Some(rows) => self.stream_rows(rows, sink),
            None => self.read_part(slice)?.native_bytes().map_or(Ok(()), sink),
        }
    }
}

impl VariableSource for FastTextReader {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let value = || VariableValue::stored(DType::Float32, self.shape().to_vec(), Stored(self));
        Ok((name == self.name).then(value))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(vec![self.name.clone()])
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
