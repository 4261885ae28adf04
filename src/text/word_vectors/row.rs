//! One row of a file: a token and the numbers of its vector.

use memchr::memchr;

use crate::quoted::Quoted;

/// The most bytes of a token that a message shows.
const SHOWN: usize = 64;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A line for each: the token and the numbers, with spaces between them.
    Text,
    /// A line for each, with the token alone.
    Tokens,
    /// The token, a space, and the numbers as little-endian float32; the next may come in another line.
    Binary,
}

/// The form of all rows of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) layout: Layout,
    pub(super) dimension: usize,
    /// Whether spaces belong to tokens, as far as numbers are left for the vector.
    pub(super) tokens_with_spaces: bool,
    /// The lines before the first row.
    pub(super) lines: u64,
}

impl Form {
    /// The text that says where a row is.
    pub(super) fn place(&self, row: u64, offset: u64) -> String {
        match self.layout {
            Layout::Text | Layout::Tokens => format!("line {}", self.lines + row + 1),
            Layout::Binary => format!("byte {offset}"),
        }
    }
}

fn is_space(byte: &u8) -> bool {
    // Nearly all are blanks.
    *byte == b' ' || matches!(byte, b'\t' | b'\r' | 0x0b | 0x0c)
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_space(first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_space(last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// The columns of a line.
pub(super) fn columns(line: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    line.split(is_space).filter(|column| !column.is_empty())
}

/// Splits bytes into rows; each comes with its offset. The bytes are those of whole rows.
pub(super) fn rows(form: Form, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let (len, next) = match form.layout {
            Layout::Text | Layout::Tokens => match memchr(b'\n', rest) {
                Some(end) => (end, end + 1),
                None => (rest.len(), rest.len()),
            },
            Layout::Binary => {
                let len = binary_len(form.dimension, rest).unwrap_or(rest.len());
                (len, len)
            }
        };
        let row = (at, &rest[..len]);
        at += next;
        Some(row)
    })
}

/// The length of a first row that is all there.
pub(super) fn binary_len(dimension: usize, bytes: &[u8]) -> Option<usize> {
    let breaks = bytes.iter().take_while(|byte| is_break(byte)).count();
    let token = memchr(b' ', &bytes[breaks..])?;
    let len = breaks + token + 1 + 4 * dimension;
    (len <= bytes.len()).then_some(len)
}

fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The token of a row and the bytes of its numbers.
pub(super) fn split(form: Form, row: &[u8]) -> (&[u8], &[u8]) {
    match form.layout {
        Layout::Tokens => (row.strip_suffix(b"\r").unwrap_or(row), &[]),
        Layout::Text if form.tokens_with_spaces => {
            let row = trimmed(row);
            let numbers = columns(row).rev().take(form.dimension).last();
            // Where the columns are too few, the first is the token none the less.
            let start = numbers.map_or(row.len(), |first| offset_in(row, first));
            match start {
                0 => split_text(row),
                start => (trimmed(&row[..start]), &row[start..]),
            }
        }
        Layout::Text => split_text(trimmed(row)),
        Layout::Binary => {
            let breaks = row.iter().take_while(|byte| is_break(byte)).count();
            let row = &row[breaks..];
            let token = memchr(b' ', row).unwrap_or(row.len());
            (&row[..token], row.get(token + 1..).unwrap_or_default())
        }
    }
}

fn split_text(row: &[u8]) -> (&[u8], &[u8]) {
    let end = row.iter().position(is_space).unwrap_or(row.len());
    row.split_at(end)
}

/// Where a part of bytes begins in them.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Checks what a token may be.
pub(super) fn check_token(token: &[u8]) -> Result<&str, String> {
    let text = match std::str::from_utf8(token) {
        Ok(text) => text,
        Err(_) => return Err(format!("the token {} is not UTF-8", shown(token))),
    };
    // Lines of vocabularies cannot be told of otherwise.
    match text {
        "" => Err("there is no token".to_owned()),
        text if text.contains(['\n', '\r']) => {
            Err(format!("the token {} has a line break", shown(token)))
        }
        text => Ok(text),
    }
}

/// Appends the numbers of a row to `values`.
pub(super) fn numbers(form: Form, row: &[u8], values: &mut Vec<f32>) -> Result<(), String> {
    let (token, bytes) = split(form, row);
    let start = values.len();
    match form.layout {
        Layout::Tokens => return Ok(()),
        Layout::Text => {
            let parsed = parse(bytes, values);
            if !parsed || values.len() - start != form.dimension {
                return Err(text_fault(form, token, bytes));
            }
        }
        Layout::Binary => {
            let (expected, found) = (4 * form.dimension, bytes.len());
            if expected != found {
                let token = shown(token);
                return Err(format!(
                    "expected {expected} bytes after the token {token}, found {found}"
                ));
            }
            let elements = bytes.chunks_exact(4);
            values.extend(elements.map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])));
        }
    }
    let values = &values[start..];
    // Without a way out, which several numbers at a time would not have.
    if !values
        .iter()
        .fold(false, |any, value| any | !value.is_finite())
    {
        return Ok(());
    }
    let position = values.iter().position(|value| !value.is_finite());
    let position = position.unwrap_or_default();
    Err(format!(
        "number {} of the token {} is {}",
        position + 1,
        shown(token),
        name(values[position])
    ))
}

/// The name of what is not finite.
pub(super) fn name(value: f32) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "infinity, or too large for float32",
        _ => "minus infinity, or too small for float32",
    }
}

/// Appends numbers; whether all are some.
///
/// They are rounded twice, as Python does with what it feeds to TensorFlow.
fn parse(bytes: &[u8], values: &mut Vec<f32>) -> bool {
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(is_space) {
            at += 1;
        }
        let rest = &bytes[at..];
        if rest.is_empty() {
            return true;
        }
        let number = decimal(rest).or_else(|| fast_float2::parse_partial(rest).ok());
        let Some((value, len)) = number else {
            return false;
        };
        if rest.get(len).is_some_and(|next| !is_space(next)) {
            return false;
        }
        at += len;
        values.push(value as f32);
    }
}

/// The most digits of integers that are all float64 numbers.
const EXACT_DIGITS: usize = 15;
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A number of few digits without an exponent, as nearly all are, with its length; it is rounded once, by the division.
#[inline]
fn decimal(bytes: &[u8]) -> Option<(f64, usize)> {
    let start = usize::from(bytes.first() == Some(&b'-'));
    let (integer, decimals, end) = match bytes[start..].first_chunk::<10>() {
        Some(&[first @ b'0'..=b'9', b'.', ref after @ ..]) => {
            let word = u64::from_le_bytes(*after) ^ 0x3030_3030_3030_3030;
            let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
            let first = u64::from(first - b'0');
            // Lengths are guessed by the processor where they are not computed with.
            match others.trailing_zeros() / 8 {
                1 => (first * 10 + few::<1>(word), 1, start + 3),
                2 => (first * 100 + few::<2>(word), 2, start + 4),
                3 => (first * 1000 + few::<3>(word), 3, start + 5),
                4 => (first * 10_000 + few::<4>(word), 4, start + 6),
                5 => (first * 100_000 + few::<5>(word), 5, start + 7),
                6 => (first * 1_000_000 + few::<6>(word), 6, start + 8),
                7 => (first * 10_000_000 + few::<7>(word), 7, start + 9),
                _ => digits(bytes, start)?,
            }
        }
        _ => digits(bytes, start)?,
    };
    let is_over = bytes.get(end).is_none_or(is_space);
    // Below 2^63; and half of all numbers are negative, which no processor guesses.
    let value = integer as i64 as f64 / POWERS[decimals];
    let value = f64::from_bits(value.to_bits() ^ (start as u64) << 63);
    is_over.then_some((value, end))
}

/// The integer that the first `N` bytes of a word are the digits of, the most significant first.
fn few<const N: u32>(word: u64) -> u64 {
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    // Zeros come before them, in the place of what follows.
    let word = word << (64 - 8 * N);
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8);
    let left = (pairs & MASK).wrapping_mul(1_000_000 << 32 | 100);
    let right = (pairs >> 16 & MASK).wrapping_mul(10_000 << 32 | 1);
    left.wrapping_add(right) >> 32
}

/// The integer that digits at `start` are without their point, how many come after that, and where they end.
fn digits(bytes: &[u8], start: usize) -> Option<(u64, usize, usize)> {
    let mut integer = 0u64;
    let mut digits = |mut at: usize| {
        while let Some(byte) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            integer = integer
                .wrapping_mul(10)
                .wrapping_add(u64::from(byte - b'0'));
            at += 1;
        }
        at
    };
    let point = digits(start);
    let (end, decimals) = match bytes.get(point) {
        Some(b'.') => {
            let end = digits(point + 1);
            (end, end - point - 1)
        }
        _ => (point, 0),
    };
    let count = point - start + decimals;
    (1..=EXACT_DIGITS)
        .contains(&count)
        .then_some((integer, decimals, end))
}

/// The fault of the numbers of a line.
#[cold]
fn text_fault(form: Form, token: &[u8], bytes: &[u8]) -> String {
    let expected = form.dimension;
    let is_number = |column: &[u8]| fast_float2::parse::<f64, _>(column).is_ok();
    let columns: Vec<_> = columns(bytes).collect();
    let wrong = columns.iter().position(|column| !is_number(column));
    let found = columns.len();
    let too_many = found.saturating_sub(expected);
    match wrong {
        Some(_) if too_many > 0 && columns[too_many..].iter().all(|column| is_number(column)) => {
            let end = offset_in(bytes, columns[too_many - 1]) + columns[too_many - 1].len();
            let whole = [token, &bytes[..end]].concat();
            format!("the token {} has spaces", shown(&whole))
        }
        Some(position) => format!(
            "expected number {} of the token {}, found {}",
            position + 1,
            shown(token),
            shown(columns[position])
        ),
        None => format!(
            "expected {expected} numbers after the token {}, found {found}",
            shown(token)
        ),
    }
}

/// A token as messages show it.
pub(super) fn shown(token: &[u8]) -> String {
    match token.len() > SHOWN {
        true => format!("{}...", Quoted::new(&token[..SHOWN])),
        false => Quoted::new(token).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Form = Form {
        layout: Layout::Text,
        dimension: 2,
        tokens_with_spaces: false,
        lines: 0,
    };
    const SPACES: Form = Form {
        tokens_with_spaces: true,
        ..TEXT
    };
    const BINARY: Form = Form {
        layout: Layout::Binary,
        ..TEXT
    };

    fn read(form: Form, row: &[u8]) -> Result<(String, Vec<f32>), String> {
        let mut values = Vec::new();
        let token = check_token(split(form, row).0)?.to_owned();
        numbers(form, row, &mut values)?;
        Ok((token, values))
    }

    fn row(token: &str, values: &[f32]) -> Result<(String, Vec<f32>), String> {
        Ok((token.to_owned(), values.to_vec()))
    }

    fn fault(message: &str) -> Result<(String, Vec<f32>), String> {
        Err(message.to_owned())
    }

    #[test]
    fn lines_have_a_token_and_numbers() {
        for line in ["cat 1 -2.5", "cat 1.0e0 -2.5 ", " cat\t+1\x0b-.25e1\r"] {
            assert_eq!(read(TEXT, line.as_bytes()), row("cat", &[1.0, -2.5]));
            assert_eq!(read(SPACES, line.as_bytes()), row("cat", &[1.0, -2.5]));
        }
        // A space that is none of ASCII belongs to the token.
        assert_eq!(
            read(TEXT, "a\u{a0}b 1 2".as_bytes()),
            row("a\u{a0}b", &[1.0, 2.0])
        );
        assert_eq!(read(SPACES, b". . . 1 2"), row(". . .", &[1.0, 2.0]));
        assert_eq!(
            read(SPACES, b"at name@domain.com 1 2"),
            row("at name@domain.com", &[1.0, 2.0])
        );
        // A number may be a token.
        assert_eq!(read(TEXT, b"7 1 2"), row("7", &[1.0, 2.0]));
        // Rounded to float64 first, as Python does.
        let twice = 1.000_000_059_604_644_8f64;
        assert_eq!(
            read(TEXT, format!("t {twice:?}1 0").as_bytes()),
            row("t", &[twice as f32, 0.0])
        );
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(
            text in "-?[0-9]{0,17}(\\.[0-9]{0,17})?(e-?[0-9]{1,2})?",
        ) {
            let mut values = Vec::new();
            match text.parse::<f64>() {
                Ok(value) => {
                    proptest::prop_assert!(parse(text.as_bytes(), &mut values));
                    proptest::prop_assert_eq!(values[0].to_bits(), (value as f32).to_bits());
                    if let Some((found, len)) = decimal(text.as_bytes()) {
                        proptest::prop_assert_eq!((found.to_bits(), len), (value.to_bits(), text.len()));
                    }
                }
                Err(_) => proptest::prop_assert!(text.is_empty() || !parse(text.as_bytes(), &mut values)),
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "there is no token"),
            (b" \t", "there is no token"),
            (
                b"cat",
                "expected 2 numbers after the token \"cat\", found 0",
            ),
            (
                b"cat 1",
                "expected 2 numbers after the token \"cat\", found 1",
            ),
            (
                b"cat 1 2 3",
                "expected 2 numbers after the token \"cat\", found 3",
            ),
            (
                b"cat 1 x",
                "expected number 2 of the token \"cat\", found \"x\"",
            ),
            (
                b"cat 1 2x",
                "expected number 2 of the token \"cat\", found \"2x\"",
            ),
            (b"cat dog 1 2", "the token \"cat dog\" has spaces"),
            (b". . . 1 2", "the token \". . .\" has spaces"),
            (
                b"cat dog 1 x",
                "expected number 1 of the token \"cat\", found \"dog\"",
            ),
            (b"cat nan 1", "number 1 of the token \"cat\" is NaN"),
            (
                b"cat 1 inf",
                "number 2 of the token \"cat\" is infinity, or too large for float32",
            ),
            (
                b"cat -1e39 1",
                "number 1 of the token \"cat\" is minus infinity, or too small for float32",
            ),
            (b"c\xfft 1 2", "the token \"c\\xfft\" is not UTF-8"),
        ];
        for (line, message) in cases {
            assert_eq!(read(TEXT, line), fault(message), "{}", line.escape_ascii());
        }
        assert_eq!(
            read(SPACES, b"1"),
            fault("expected 2 numbers after the token \"1\", found 0")
        );
        assert_eq!(
            read(SPACES, b"1 2"),
            fault("expected 2 numbers after the token \"1\", found 1")
        );
    }

    #[test]
    fn rows_of_bytes_follow_each_other_with_and_without_line_breaks() {
        let one = |token: &str, values: [f32; 2]| {
            let numbers = values.map(f32::to_le_bytes).concat();
            [token.as_bytes(), b" ", &numbers].concat()
        };
        let (cat, dog) = (one("cat", [1.0, 2.0]), one("dog", [f32::NAN, 0.0]));
        let bytes = [&cat[..], b"\n", &dog, &dog[..9]].concat();
        let found: Vec<_> = rows(BINARY, &bytes).collect();
        let starts: Vec<_> = found.iter().map(|(at, _)| *at).collect();
        assert_eq!(starts, [0, 12, 25]);
        assert_eq!(read(BINARY, found[0].1), row("cat", &[1.0, 2.0]));
        assert_eq!(
            read(BINARY, found[1].1),
            fault("number 1 of the token \"dog\" is NaN")
        );
        let short = fault("expected 8 bytes after the token \"dog\", found 5");
        assert_eq!(read(BINARY, found[2].1), short);
        assert_eq!(read(BINARY, &one("", [0.0; 2])), fault("there is no token"));
        assert_eq!(
            read(BINARY, &one("a\nb", [0.0; 2])),
            fault("the token \"a\\nb\" has a line break")
        );
    }
}
