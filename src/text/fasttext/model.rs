//! The parts of the binary file of a fastText model: a header, the dictionary, and two matrices.
//!
//! All numbers are little-endian. The header is the magic number, the version and the arguments of the training:
//! twelve int32 and a float64. The dictionary has the numbers of entries, words and labels as int32, those of tokens and
//! of pruned n-grams as int64, and for each entry the word, ended by a byte 0, its count as int64, and 1 for a label as a
//! byte; words come before labels. A matrix is a byte that is 1 if it is quantized, the numbers of its rows and columns
//! as int64, and its elements as float32. The first matrix has the rows of words and n-grams, the second one those that
//! the training predicts.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use super::subwords::Subwords;
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::ReadAt;

/// The number that files begin with.
const MAGIC: i32 = 793_712_314;
const VERSIONS: [i32; 2] = [11, 12];
/// The number that stands for supervised training.
const SUPERVISED: i32 = 3;
/// The fewest bytes of an entry: the end of an empty word, a count and a kind.
const ENTRY: u64 = 10;
/// The longest word that is read.
const MAX_WORD: usize = 1 << 20;
/// How many bytes are read at a time.
pub(super) const CHUNK: usize = 1 << 18;

errors! {
    #[derive(Debug)]
    pub(super) enum FastTextError {
        #[error("cannot be read as a fastText model: expected the magic number {MAGIC}, found {0}")]
        Magic(i32),
        #[error("a fastText model of version {0}, expected 11 or 12")]
        Version(i32),
        #[error("{part} at byte {offset}: the file ends at byte {size}")]
        Short { part: &'static str, offset: u64, size: u64 },
        #[error("{part} at byte {offset}: expected {expected}, found {found}")]
        Number { part: &'static str, offset: u64, expected: String, found: i64 },
        #[error("entry {index} at byte {offset}: expected a {expected}, found a {found}")]
        Kind { index: usize, offset: u64, expected: &'static str, found: &'static str },
        #[error("word {index} at byte {offset}: expected up to {MAX_WORD} bytes, found more")]
        Word { index: usize, offset: u64 },
        #[error("{part} at byte {offset} is quantized: only models as they were trained are read")]
        Quantized { part: &'static str, offset: u64 },
        #[error("the dictionary at byte {0} is pruned: only models as they were trained are read")]
        Pruned(u64),
        #[error("the model ends at byte {expected}, the file has {found}")]
        Trailing { expected: u64, found: u64 },
        #[error("row {row}, column {column} at byte {offset}: expected a finite number, found {found}")]
        NotFinite { row: u64, column: u64, offset: u64, found: f32 },
        #[error("word {index} at byte {offset} has a line break, which the lines of a vocabulary cannot have")]
        LineBreak { index: usize, offset: u64 },
        #[error("word {index} at byte {offset} is {word:?}, as is word {first}")]
        Duplicate { index: usize, offset: u64, word: String, first: usize },
    }
}

impl FastTextError {
    pub(super) fn at(self, path: Option<&Path>) -> Error {
        let kind = match self {
            FastTextError::Version(_)
            | FastTextError::Quantized { .. }
            | FastTextError::Pruned(_)
            | FastTextError::LineBreak { .. } => ErrorKind::Unsupported,
            _ => ErrorKind::Corrupt,
        };
        let error = Error::new(kind, self);
        match path {
            Some(path) => error.with_path(path),
            None => error,
        }
    }
}

/// The bytes of a file from an offset on.
struct Bytes<'f> {
    file: &'f dyn ReadAt,
    offset: u64,
    end: u64,
}

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = (self.end - self.offset).min(buffer.len() as u64) as usize;
        self.file.read_exact_at(&mut buffer[..len], self.offset)?;
        self.offset += len as u64;
        Ok(len)
    }
}

/// Reads a file from an offset on, and knows where it is.
pub(super) struct Input<'f> {
    reader: BufReader<Bytes<'f>>,
    path: Option<&'f Path>,
    offset: u64,
    size: u64,
}

impl<'f> Input<'f> {
    pub(super) fn new(
        file: &'f dyn ReadAt,
        (offset, size): (u64, u64),
        path: Option<&'f Path>,
    ) -> Self {
        let end = size;
        let capacity = (size - offset).min(CHUNK as u64) as usize;
        Input {
            reader: BufReader::with_capacity(capacity, Bytes { file, offset, end }),
            path,
            offset,
            size,
        }
    }

    pub(super) fn at(&self, error: FastTextError) -> Error {
        error.at(self.path)
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::io("cannot read", self.path.unwrap_or(Path::new("")), source)
    }

    /// The next bytes, which belong to a part of the file.
    fn bytes<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N]> {
        self.expect(part, N as u64)?;
        let mut bytes = [0; N];
        let read = self.reader.read_exact(&mut bytes);
        read.map_err(|source| self.unreadable(source))?;
        self.offset += N as u64;
        Ok(bytes)
    }

    /// Makes sure that there are more bytes.
    fn expect(&self, part: &'static str, len: u64) -> Result<()> {
        let (offset, size) = (self.offset, self.size);
        match len > size - offset {
            true => Err(self.at(FastTextError::Short { part, offset, size })),
            false => Ok(()),
        }
    }

    fn byte(&mut self, part: &'static str) -> Result<u8> {
        self.bytes(part).map(|[byte]| byte)
    }

    fn i32(&mut self, part: &'static str) -> Result<i32> {
        self.bytes(part).map(i32::from_le_bytes)
    }

    fn i64(&mut self, part: &'static str) -> Result<i64> {
        self.bytes(part).map(i64::from_le_bytes)
    }

    /// A number that counts something.
    fn count(&mut self, part: &'static str, least: i32) -> Result<usize> {
        let offset = self.offset;
        let found = self.i32(part)?;
        match usize::try_from(found) {
            Ok(count) if found >= least => Ok(count),
            _ => {
                let expected = format!("at least {least}");
                Err(self.number(part, offset, expected, found.into()))
            }
        }
    }

    fn number(&self, part: &'static str, offset: u64, expected: String, found: i64) -> Error {
        self.at(FastTextError::Number {
            part,
            offset,
            expected,
            found,
        })
    }

    /// Reads an entry of the dictionary, the word into `word`, and gives its count and whether it is a label.
    pub(super) fn entry(&mut self, index: usize, word: &mut Vec<u8>) -> Result<(i64, bool)> {
        const PART: &str = "an entry of the dictionary";
        let start = self.offset;
        word.clear();
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(source) => return Err(self.unreadable(source)),
            };
            if buffer.is_empty() {
                let (offset, size) = (start, self.size);
                return Err(self.at(FastTextError::Short {
                    part: PART,
                    offset,
                    size,
                }));
            }
            let end = buffer.iter().position(|&byte| byte == 0);
            let len = end.unwrap_or(buffer.len());
            word.extend_from_slice(&buffer[..len]);
            let read = len + usize::from(end.is_some());
            self.reader.consume(read);
            self.offset += read as u64;
            if word.len() > MAX_WORD {
                let offset = start;
                return Err(self.at(FastTextError::Word { index, offset }));
            }
            if end.is_some() {
                break;
            }
        }
        let count = self.i64(PART)?;
        let offset = self.offset;
        match self.byte(PART)? {
            0 => Ok((count, false)),
            1 => Ok((count, true)),
            kind => {
                let expected = "0 or 1 for its kind".to_owned();
                Err(self.number(PART, offset, expected, kind.into()))
            }
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads over a matrix of float32, of which the numbers of rows and columns are known, and gives the place of its
    /// elements.
    fn matrix(&mut self, part: &'static str, rows: usize, columns: usize) -> Result<u64> {
        let offset = self.offset;
        if self.byte(part)? != 0 {
            return Err(self.at(FastTextError::Quantized { part, offset }));
        }
        for (what, expected) in [("rows", rows), ("columns", columns)] {
            let offset = self.offset;
            let found = self.i64(part)?;
            if u64::try_from(found) != Ok(expected as u64) {
                let expected = format!("{expected} {what}");
                return Err(self.number(part, offset, expected, found));
            }
        }
        let start = self.offset;
        let len = (rows as u64).checked_mul(columns as u64);
        let len = len.and_then(|len| len.checked_mul(size_of::<f32>() as u64));
        self.expect(part, len.unwrap_or(u64::MAX))?;
        Ok(start)
    }

    /// Goes on at a later offset.
    fn skip_to(&mut self, file: &'f dyn ReadAt, offset: u64) {
        *self = Input::new(file, (offset, self.size), self.path);
    }
}

/// Where the parts of a model are in its file.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) version: i32,
    pub(super) dim: usize,
    pub(super) subwords: Subwords,
    /// The offset of the first entry of the dictionary.
    pub(super) dictionary: u64,
    /// The offset of the first element of the matrix.
    pub(super) matrix: u64,
}

impl Model {
    /// Reads everything but the elements of the matrices.
    pub(super) fn read(file: &dyn ReadAt, size: u64, path: Option<&Path>) -> Result<Self> {
        let mut input = Input::new(file, (0, size), path);
        let magic = input.i32("the magic number")?;
        if magic != MAGIC {
            return Err(input.at(FastTextError::Magic(magic)));
        }
        let version = input.i32("the version")?;
        if !VERSIONS.contains(&version) {
            return Err(input.at(FastTextError::Version(version)));
        }
        let dim = input.count("the dimension", 1)?;
        for part in ["ws", "epoch", "minCount", "neg", "wordNgrams", "loss"] {
            input.i32(part)?;
        }
        let model = input.i32("model")?;
        let bucket = input.count("bucket", 0)?;
        let minn = input.count("minn", 0)?;
        let maxn = input.count("maxn", 0)?;
        // Classifiers had no n-grams of characters then, whatever their arguments say.
        let maxn = if version == 11 && model == SUPERVISED {
            0
        } else {
            maxn
        };
        input.i32("lrUpdateRate")?;
        input.bytes::<8>("t")?;

        let offset = input.offset;
        let num_entries = input.count("the number of entries", 0)?;
        let num_words = input.count("the number of words", 0)?;
        let num_labels = input.count("the number of labels", 0)?;
        if num_words.checked_add(num_labels) != Some(num_entries) {
            let expected = format!("that of {num_words} words and {num_labels} labels");
            return Err(input.number(
                "the number of entries",
                offset,
                expected,
                num_entries as i64,
            ));
        }
        input.i64("the number of tokens")?;
        let offset = input.offset;
        if input.i64("the number of pruned n-grams")? >= 0 {
            return Err(input.at(FastTextError::Pruned(offset)));
        }
        let dictionary = input.offset;
        input.expect("the dictionary", (num_entries as u64).saturating_mul(ENTRY))?;
        let mut word = Vec::new();
        for index in 0..num_entries {
            let offset = input.offset;
            let (_, is_label) = input.entry(index, &mut word)?;
            let expected = index >= num_words;
            if is_label != expected {
                let kind = |is_label| if is_label { "label" } else { "word" };
                let (expected, found) = (kind(expected), kind(is_label));
                return Err(input.at(FastTextError::Kind {
                    index,
                    offset,
                    expected,
                    found,
                }));
            }
        }

        let subwords = Subwords {
            num_words,
            bucket,
            minn,
            maxn,
        };
        let matrix = input.matrix("the matrix of inputs", subwords.num_rows(), dim)?;
        let bytes = |rows: usize| rows as u64 * dim as u64 * size_of::<f32>() as u64;
        input.skip_to(file, matrix + bytes(subwords.num_rows()));
        let rows = if model == SUPERVISED {
            num_labels
        } else {
            num_words
        };
        let output = input.matrix("the matrix of outputs", rows, dim)?;
        let (expected, found) = (output + bytes(rows), size);
        if expected != found {
            return Err(input.at(FastTextError::Trailing { expected, found }));
        }
        Ok(Model {
            version,
            dim,
            subwords,
            dictionary,
            matrix,
        })
    }
}
