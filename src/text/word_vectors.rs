//! Files of word vectors: tokens, and a vector for each.
//!
//! A file is read twice. The first pass finds the rows and their tokens, and is as fast as lines are found; the second
//! parses the numbers on several threads while the variable is written. What is kept of a file are the tokens that are
//! taken, a hash of each while those are looked for that come twice, and a few megabytes of pieces that are being worked
//! on.

mod faults;
mod format;
mod input;
mod matrix;
mod pipeline;
mod row;
mod scan;
#[cfg(test)]
mod tests;
mod values;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::graph::HashSet;
use crate::progress::{Meter, OnProgress, Progress};
use crate::shape::Shape;
use format::Head;
use input::Input;
use matrix::Matrix;
use row::{Form, Layout};
use scan::{PIECE, Rows, Scan, TokenHash};

pub use faults::BadRows;
pub use format::WordVectorFormat;
pub use values::EmbeddingValues;

errors! {
    /// Faults of files of word vectors.
    #[derive(Debug)]
    enum WordVectorsError {
        #[error("the file is empty")]
        Empty,
        #[error("expected a token and numbers in each line")]
        Unrecognised,
        #[error("line 1: expected the numbers of tokens and of dimensions")]
        Header,
        #[error("line 1: expected a dimension from 1 to {}, found {found}", format::MAX_DIMENSION)]
        Dimension { found: usize },
        #[error("{rows}")]
        Bad { rows: BadRows },
        #[error("there are no vectors")]
        NoRows,
        #[error("byte {offset}: expected a row of at most {most} bytes")]
        TooLong { offset: u64, most: usize },
        #[error("byte {offset}: expected the end of the file after {rows} vectors, as the header says")]
        Trailing { offset: u64, rows: u64 },
        #[error("byte {offset}: the file has changed since it was opened")]
        Changed { offset: u64 },
        #[error("cannot decompress: {source}")]
        Compressed { source: io::Error },
        #[error("arrays that are compressed are not read: decompress the file first")]
        CompressedMatrix,
        #[error("the crate is built without the feature \"{feature}\"")]
        Feature { feature: &'static str },
        #[error("expected one array, found {found}")]
        Arrays { found: usize },
        #[error("expected a matrix of floating-point numbers, found {dtype} {}", Shape::from(shape))]
        NoMatrix { dtype: DType, shape: Vec<usize> },
        #[error("row {row}, column {column}: expected a number, found {value}")]
        Element { row: u64, column: usize, value: &'static str },
        #[error("the rows of a matrix need tokens: name their file with `tokens_from`")]
        NoTokens,
        #[error("the tokens are in the file itself, found a file of tokens besides")]
        OtherTokens,
        #[error("expected {rows} tokens, one for each row of the matrix, found {tokens}")]
        TokenCount { rows: u64, tokens: u64 },
        #[error("expected float32, float16 or bfloat16 for word vectors, found {found}")]
        DType { found: DType },
        #[error("there are more vectors than can be addressed")]
        TooMany,
    }
}

/// An error of what is in a file, or of what is asked of it.
fn fault(error: WordVectorsError) -> Error {
    let kind = match error {
        WordVectorsError::CompressedMatrix | WordVectorsError::Feature { .. } => {
            ErrorKind::Unsupported
        }
        WordVectorsError::NoTokens
        | WordVectorsError::OtherTokens
        | WordVectorsError::DType { .. }
        | WordVectorsError::TooMany => ErrorKind::InvalidValue,
        _ => ErrorKind::Corrupt,
    };
    Error::new(kind, error)
}

/// The rows of embeddings for tokens that are not in the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OutOfVocabulary {
    /// Zeros.
    #[default]
    Zeros,
    /// The mean of all vectors.
    Mean,
    /// Normally distributed numbers around zero, with the standard deviation of all numbers of the vectors.
    Random {
        /// The seed: one seed gives one row.
        seed: u64,
    },
}

/// An open file of word vectors.
///
/// ```
/// use tfhub::text::{OutOfVocabulary, WordVectors};
/// use tfhub::VariableSource;
///
/// let vectors = WordVectors::builder().from_bytes("the 0.5 1\nof -1 0.25\n")?;
/// assert_eq!((vectors.len(), vectors.dimension()), (2, 2));
/// assert_eq!(vectors.tokens().collect::<Vec<_>>(), ["the", "of"]);
/// let embeddings = vectors.embeddings("embeddings").out_of_vocabulary(1, OutOfVocabulary::Mean);
/// let values = embeddings.read_all()?;
/// assert_eq!(values["embeddings"].as_slice::<f32>()?, [0.5, 1.0, -1.0, 0.25, -0.25, 0.625]);
/// # Ok::<(), tfhub::Error>(())
/// ```
pub struct WordVectors {
    input: Input,
    format: WordVectorFormat,
    storage: Storage,
    form: Form,
    rows: Rows,
    normalize: bool,
    wanted: u64,
}

/// Where the numbers are.
#[derive(Debug)]
enum Storage {
    /// Behind the tokens.
    Rows,
    Matrix(Matrix),
}

impl WordVectors {
    /// Opens a file with default options: all of its rows, none of which may be bad.
    ///
    /// # Errors
    /// As [`WordVectorsBuilder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        WordVectors::builder().open(path)
    }

    /// Options for opening a file.
    pub fn builder<'c>() -> WordVectorsBuilder<'c> {
        WordVectorsBuilder {
            format: None,
            limit: None,
            normalize: false,
            lower_case: false,
            only: None,
            tokens: None,
            skip_bad_rows: false,
            tokens_with_spaces: false,
            on_progress: OnProgress::default(),
        }
    }

    /// The format, as it was told or recognised.
    pub fn format(&self) -> WordVectorFormat {
        self.format
    }

    /// How many vectors are taken.
    pub fn len(&self) -> usize {
        self.rows.taken as usize
    }

    /// Whether there are none, which no file is taken with.
    pub fn is_empty(&self) -> bool {
        self.rows.taken == 0
    }

    /// How many numbers a vector has.
    pub fn dimension(&self) -> usize {
        match &self.storage {
            Storage::Rows => self.form.dimension,
            Storage::Matrix(matrix) => matrix.dimension,
        }
    }

    /// The tokens of the vectors that are taken, in the order of the file.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let pieces = self.rows.tokens.iter();
        let lines = pieces.flat_map(|piece| piece.split(|byte| *byte == b'\n'));
        let tokens = lines.filter(|token| !token.is_empty());
        tokens.map(|token| std::str::from_utf8(token).unwrap_or_default())
    }

    /// The rows that were skipped, where [that is wanted](WordVectorsBuilder::skip_bad_rows).
    pub fn skipped(&self) -> &BadRows {
        &self.rows.bad
    }

    /// How many rows were merged with one before, since their tokens are the same in lower case.
    pub fn merged(&self) -> u64 {
        self.rows.merged
    }

    /// How many rows were left out, since their tokens are not among those that are wanted.
    pub fn unwanted(&self) -> u64 {
        self.rows.unwanted
    }

    /// How many of the tokens that are wanted have no vector.
    pub fn missing(&self) -> u64 {
        self.wanted.saturating_sub(self.rows.taken)
    }

    /// Writes the tokens to a file, a line for each, as tables take their vocabulary. As in the file that Python's exporter
    /// writes, there are line breaks between them alone.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be written.
    pub fn write_vocabulary(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let write = || {
            let mut file = BufWriter::new(File::create(path)?);
            let mut end: &[u8] = b"";
            for piece in self.rows.tokens.iter().filter(|piece| !piece.is_empty()) {
                file.write_all(end)?;
                file.write_all(&piece[..piece.len() - 1])?;
                end = b"\n";
            }
            file.flush()
        };
        write().map_err(|error| Error::io("cannot write", path, error))
    }

    /// The vectors as the value of the variable `name`.
    pub fn embeddings(&self, name: impl Into<String>) -> EmbeddingValues<'_> {
        EmbeddingValues::new(self, name.into())
    }
}

impl fmt::Debug for WordVectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordVectors")
            .field("path", &self.input.path())
            .field("format", &self.format)
            .field("len", &self.len())
            .field("dimension", &self.dimension())
            .finish_non_exhaustive()
    }
}

/// Options for opening a file of word vectors; [`WordVectors::builder`] makes one.
#[derive(Debug, Clone)]
pub struct WordVectorsBuilder<'c> {
    format: Option<WordVectorFormat>,
    limit: Option<u64>,
    normalize: bool,
    lower_case: bool,
    only: Option<PathBuf>,
    tokens: Option<PathBuf>,
    skip_bad_rows: bool,
    tokens_with_spaces: bool,
    on_progress: OnProgress<'c>,
}

impl<'c> WordVectorsBuilder<'c> {
    /// Says what the format is, instead of having it recognised.
    pub fn format(self, format: impl Into<Option<WordVectorFormat>>) -> Self {
        let format = format.into();
        WordVectorsBuilder { format, ..self }
    }

    /// Takes only the first rows of the file.
    pub fn limit(self, rows: impl Into<Option<u64>>) -> Self {
        let limit = rows.into();
        WordVectorsBuilder { limit, ..self }
    }

    /// Whether vectors are scaled to the length one; those of zeros stay as they are.
    pub fn normalize(self, normalize: bool) -> Self {
        WordVectorsBuilder { normalize, ..self }
    }

    /// Whether tokens are put in lower case. Of those that are the same then, the first is taken, and the others are
    /// [counted](WordVectors::merged).
    pub fn lower_case(self, lower_case: bool) -> Self {
        WordVectorsBuilder { lower_case, ..self }
    }

    /// Takes only vectors whose tokens are lines of a file, in the order of the vectors.
    pub fn only(self, vocabulary: impl Into<PathBuf>) -> Self {
        let only = Some(vocabulary.into());
        WordVectorsBuilder { only, ..self }
    }

    /// Names the file with the tokens of a matrix, a line for each row.
    pub fn tokens_from(self, vocabulary: impl Into<PathBuf>) -> Self {
        let tokens = Some(vocabulary.into());
        WordVectorsBuilder { tokens, ..self }
    }

    /// Whether rows that are bad are skipped and [counted](WordVectors::skipped), instead of being an error. The first pass
    /// looks at all numbers then.
    pub fn skip_bad_rows(self, skip_bad_rows: bool) -> Self {
        WordVectorsBuilder {
            skip_bad_rows,
            ..self
        }
    }

    /// Whether a token of a text may have spaces, as some of GloVe's for 840 billion words have: all columns before the
    /// numbers are the token. Else a row with one is bad.
    pub fn tokens_with_spaces(self, tokens_with_spaces: bool) -> Self {
        WordVectorsBuilder {
            tokens_with_spaces,
            ..self
        }
    }

    /// Has `callback` told how many bytes of the file are looked at.
    pub fn on_progress(self, callback: impl FnMut(&Progress) + Send + 'c) -> Self {
        let on_progress = OnProgress::new(callback);
        WordVectorsBuilder {
            on_progress,
            ..self
        }
    }

    /// Opens a file and looks at all its rows.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if a file cannot be read, [`ErrorKind::Corrupt`] if it is none of word
    /// vectors, or if rows are bad: the text has the first 20 with their lines or bytes, and how many there are. A row is
    /// bad if it has another number of columns than the header or most others, if something is no number or not finite,
    /// if its token is not UTF-8, empty, or that of an earlier row, and if a binary file ends in it. Rows of numbers are
    /// looked at when the values are read, with the same error, unless something is wrong here already.
    /// [`ErrorKind::Unsupported`] if the file is compressed in a way for which the crate is built without the feature.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<WordVectors> {
        self.read(Input::file(path.as_ref())?)
    }

    /// Reads the content of a file that is in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(
        &self,
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<WordVectors> {
        self.read(Input::bytes(bytes)?)
    }

    fn read(&self, input: Input) -> Result<WordVectors> {
        let bytes = input.head(PIECE)?;
        let whole = bytes.len() < PIECE;
        let head = Head::of(&bytes, whole, self.format, self.tokens_with_spaces);
        let head = head.map_err(|error| {
            let is_other = matches!(error, WordVectorsError::Unrecognised);
            let error = input.error(error);
            match input.path().filter(|_| is_other && !input.is_compressed()) {
                Some(path) => FileFormat::WordVectors.explain(path, error),
                None => error,
            }
        })?;
        let layout = match head.format {
            WordVectorFormat::Word2vecBinary => Layout::Binary,
            format if format.is_matrix() => Layout::Tokens,
            _ => Layout::Text,
        };
        let (storage, tokens) = match (head.format.is_matrix(), &self.tokens) {
            (false, None) => (Storage::Rows, None),
            (false, Some(_)) => return Err(input.error(WordVectorsError::OtherTokens)),
            (true, None) => return Err(input.error(WordVectorsError::NoTokens)),
            (true, Some(tokens)) => {
                let matrix = Matrix::open(head.format, &input)?;
                (Storage::Matrix(matrix), Some(Input::file(tokens)?))
            }
        };
        let only = self.only.as_deref().map(wanted).transpose()?;
        let form = Form {
            layout,
            dimension: head.dimension,
            tokens_with_spaces: self.tokens_with_spaces,
            lines: head.lines,
        };
        let scan = Scan {
            form,
            start: head.len,
            rows: head.rows,
            limit: self.limit,
            numbers: self.skip_bad_rows,
            lower_case: self.lower_case,
            only: only.as_ref(),
        };
        let rows_in = tokens.as_ref().unwrap_or(&input);
        let meter = self.on_progress.meter();
        let mut rows = read_rows(&scan, rows_in, &meter)?;
        if rows.bad.total() > 0 && !self.skip_bad_rows {
            let all = Scan {
                numbers: true,
                ..scan
            };
            rows = read_rows(&all, rows_in, &meter)?;
            return Err(rows_in.error(WordVectorsError::Bad { rows: rows.bad }));
        }
        if let (Storage::Matrix(matrix), Some(end)) = (&storage, rows.places.last()) {
            let (rows, tokens) = (matrix.rows, end.row);
            if rows != tokens && self.limit != Some(tokens) {
                return Err(rows_in.error(WordVectorsError::TokenCount { rows, tokens }));
            }
        }
        if rows.taken == 0 {
            return Err(input.error(WordVectorsError::NoRows));
        }
        Ok(WordVectors {
            input,
            format: head.format,
            storage,
            form,
            rows,
            normalize: self.normalize,
            wanted: only.map_or(0, |only| only.len() as u64),
        })
    }
}

/// Makes a first pass, of which the meter is told.
fn read_rows(scan: &Scan<'_>, input: &Input, meter: &Meter<'_>) -> Result<Rows> {
    // How much is in a compressed file is not known.
    if !input.is_compressed() {
        meter.expect(0, input.stored_len()?);
    }
    scan.run(input, |bytes| meter.add_bytes(bytes as usize))
}

/// The tokens that are wanted.
fn wanted(path: &Path) -> Result<HashSet<TokenHash>> {
    let text = std::fs::read(path).map_err(|error| Error::io("cannot read", path, error))?;
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    Ok(lines
        .filter(|line| !line.is_empty())
        .map(scan::hash)
        .collect())
}
