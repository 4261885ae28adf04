//! Recognition of a file by its first bytes.

use super::WordVectorsError;
use super::row::{Form, Layout, columns, numbers};
use crate::file_format::FileFormat;

/// The lines that are looked at for the number of columns.
const LINES: usize = 1000;
/// The largest dimension that is taken; a vector has 4 bytes for each.
pub(super) const MAX_DIMENSION: usize = 1 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A format of files of word vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WordVectorFormat {
    /// Text as GloVe writes it: a line for each token, with the token and the numbers.
    Glove,
    /// Text as word2vec and fastText (`.vec`) write it: as that of GloVe, after a line with the numbers of tokens and of
    /// dimensions.
    Word2vecText,
    /// As word2vec writes it with `-binary 1`: the same first line, and for each token the token, a space and float32
    /// numbers.
    Word2vecBinary,
    /// A matrix in a `.npy` file, with a row for each token of a [vocabulary](super::WordVectorsBuilder::tokens_from).
    Npy,
    /// The one matrix of a `.safetensors` file, with a row for each token of a
    /// [vocabulary](super::WordVectorsBuilder::tokens_from).
    Safetensors,
}

/// The beginning of a file: its format, and where rows begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) format: WordVectorFormat,
    /// The bytes before the first row.
    pub(super) len: u64,
    /// The lines before the first row.
    pub(super) lines: u64,
    /// The number of rows, if the header says it.
    pub(super) rows: Option<u64>,
    pub(super) dimension: usize,
}

impl Head {
    /// Recognises a file by its first bytes, which are all of them if `whole`.
    pub(super) fn of(
        bytes: &[u8],
        whole: bool,
        told: Option<WordVectorFormat>,
        tokens_with_spaces: bool,
    ) -> Result<Head, WordVectorsError> {
        if bytes.is_empty() {
            return Err(WordVectorsError::Empty);
        }
        let found = match FileFormat::of_bytes(bytes) {
            FileFormat::Npy => Some(WordVectorFormat::Npy),
            FileFormat::Safetensors => Some(WordVectorFormat::Safetensors),
            FileFormat::FastText
            | FileFormat::GitLfsPointer
            | FileFormat::Html
            | FileFormat::Hdf5
            | FileFormat::Npz
            | FileFormat::Pickle
            | FileFormat::PyTorch
            | FileFormat::Zip
                if told.is_none() =>
            {
                return Err(WordVectorsError::Unrecognised);
            }
            _ => None,
        };
        if let Some(format) = told.or(found).filter(|format| format.is_matrix()) {
            return Ok(Head {
                format,
                len: 0,
                lines: 0,
                rows: None,
                dimension: 0,
            });
        }
        let bom = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let text = &bytes[bom..];
        let header = header(text);
        let form = |layout, dimension| Form {
            layout,
            dimension,
            tokens_with_spaces,
            lines: 0,
        };
        let is_row = |line: &[u8], dimension| {
            numbers(form(Layout::Text, dimension), line, &mut Vec::new()).is_ok()
        };
        let format = match (told, header) {
            (Some(format), _) => format,
            (None, Some((len, rows, dimension))) => {
                let rest = &text[len..];
                if is_binary(rest, dimension) {
                    WordVectorFormat::Word2vecBinary
                } else if rows == 0 || lines(rest, whole).any(|line| is_row(line, dimension)) {
                    WordVectorFormat::Word2vecText
                } else {
                    WordVectorFormat::Glove
                }
            }
            (None, None) => WordVectorFormat::Glove,
        };
        let (len, rows, dimension) = match (format, header) {
            (WordVectorFormat::Glove, _) => (0, None, dimension(lines(text, whole))),
            (_, Some((len, rows, dimension))) => (len, Some(rows), dimension),
            (_, None) => return Err(WordVectorsError::Header),
        };
        if dimension == 0 || dimension > MAX_DIMENSION {
            return Err(match rows {
                Some(_) => WordVectorsError::Dimension { found: dimension },
                None => WordVectorsError::Unrecognised,
            });
        }
        Ok(Head {
            format,
            len: (bom + len) as u64,
            lines: u64::from(rows.is_some()),
            rows,
            dimension,
        })
    }
}

impl WordVectorFormat {
    /// Whether the tokens are in a file of their own.
    pub(super) fn is_matrix(self) -> bool {
        matches!(self, WordVectorFormat::Npy | WordVectorFormat::Safetensors)
    }
}

/// The numbers of rows and columns in a first line of two numbers, with its length.
fn header(text: &[u8]) -> Option<(usize, u64, usize)> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let mut columns = columns(&text[..end]).map(|column| {
        let digits = std::str::from_utf8(column).ok()?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|_| is_number)
    });
    let (rows, dimension) = (columns.next()??, columns.next()??);
    let dimension = usize::try_from(dimension).ok()?;
    columns
        .next()
        .is_none()
        .then_some((end + 1, rows, dimension))
}

/// Whether there are bytes that no text has among the first numbers.
fn is_binary(rest: &[u8], dimension: usize) -> bool {
    let Some(space) = rest.iter().position(|byte| *byte == b' ') else {
        return false;
    };
    let numbers = rest[space + 1..].iter();
    let numbers = numbers.take(dimension.saturating_mul(4));
    let mut other = numbers.filter(|byte| !matches!(byte, b'\t'..=b'\r' | b' '..=b'~'));
    // Letters beyond ASCII may be in the tokens of lines that are shorter.
    other.any(|byte| *byte < 0x80) || {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        line[(space + 1).min(line.len())..]
            .iter()
            .any(|byte| *byte >= 0x80)
    }
}

/// The first lines that are whole.
fn lines(text: &[u8], whole: bool) -> impl Iterator<Item = &[u8]> {
    let end = match whole {
        true => text.len(),
        false => text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0),
    };
    let lines = text[..end].split(|byte| *byte == b'\n');
    lines.take(LINES)
}

/// The dimension that most lines have.
fn dimension<'t>(lines: impl Iterator<Item = &'t [u8]>) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for (number, line) in lines.enumerate() {
        let found = columns(line).count().saturating_sub(1);
        // Of several, the first.
        counts
            .entry(found)
            .or_insert((0, std::cmp::Reverse(number)))
            .0 += 1;
    }
    counts.remove(&0);
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(0, |(dimension, _)| dimension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Result<(WordVectorFormat, u64, Option<u64>, usize), String> {
        let head = Head::of(bytes, true, None, false);
        head.map(|it| (it.format, it.len, it.rows, it.dimension))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        use WordVectorFormat::*;
        assert_eq!(head(b"the 1 2\nof 3 4\n"), Ok((Glove, 0, None, 2)));
        assert_eq!(head(b"\xef\xbb\xbfthe 1 2\n"), Ok((Glove, 3, None, 2)));
        assert_eq!(
            head(b"2 3\nthe 1 2 3\nof 1 2 3\n"),
            Ok((Word2vecText, 4, Some(2), 3))
        );
        // A first line that is bad does not say how long the others are to be.
        assert_eq!(head(b"a b 1 2\nthe 1 2\nof 3 4\n"), Ok((Glove, 0, None, 2)));
        assert_eq!(
            head(b"2 3\nthe 1 2\nof 1 2 3\n"),
            Ok((Word2vecText, 4, Some(2), 3))
        );
        // Vectors of one number, of which the first is the token 20's.
        assert_eq!(head(b"20 3\nthe 1\nof 2\n"), Ok((Glove, 0, None, 1)));
        assert_eq!(
            head("1 2\nn\u{e4}h 1 2\n".as_bytes()),
            Ok((Word2vecText, 4, Some(1), 2))
        );
        let numbers = [1f32, -2.5].map(f32::to_le_bytes).concat();
        let binary = [&b"1 2\nthe "[..], &numbers].concat();
        assert_eq!(head(&binary), Ok((Word2vecBinary, 4, Some(1), 2)));
        assert_eq!(head(b"\x93NUMPY\x01\x00").map(|it| it.0), Ok(Npy));
        assert_eq!(head(b""), Err("the file is empty".to_owned()));
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        assert_eq!(
            head(pointer),
            Err(WordVectorsError::Unrecognised.to_string())
        );
        assert_eq!(
            head(b"\n\n\n"),
            Err(WordVectorsError::Unrecognised.to_string())
        );
        let told = Head::of(b"the 1 2\n", true, Some(Word2vecText), false);
        assert_eq!(
            told.unwrap_err().to_string(),
            WordVectorsError::Header.to_string()
        );
        let zero = WordVectorsError::Dimension { found: 0 };
        assert_eq!(head(b"1 0\nthe\n"), Err(zero.to_string()));
    }
}
