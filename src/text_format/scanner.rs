//! The words, numbers and strings of the text form.

use std::fmt;

errors! {
    /// A fault of a text and its place.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[error("line {line}:{column}: {fault}")]
    pub(crate) struct TextError {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        fault: TextFault,
    }
}

impl TextError {
    /// Whether the text is well formed, but has fields, values or a depth that are not known here.
    pub(crate) fn is_unsupported(&self) -> bool {
        matches!(
            self.fault,
            TextFault::Field { .. }
                | TextFault::EnumValue { .. }
                | TextFault::Type(_)
                | TextFault::Depth(_)
        )
    }
}

errors! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) enum TextFault {
        #[error("expected the name of a field")]
        Name,
        #[error("expected {expected:?}, found {found}")]
        Expected { expected: char, found: Found },
        #[error("expected {expected}, found {found}")]
        Value {
            expected: &'static str,
            found: Found,
        },
        #[error("{number} does not fit {field}")]
        Range { number: String, field: &'static str },
        #[error("a string does not end")]
        Open,
        #[error("unknown escape in a string")]
        Escape,
        #[error("a string is not UTF-8")]
        NotUtf8,
        #[error("{message} has no field {field:?}")]
        Field {
            message: &'static str,
            field: String,
        },
        #[error("{name} has no value {value:?}")]
        EnumValue { name: &'static str, value: String },
        #[error("no message type {0:?} is known")]
        Type(String),
        #[error("messages are nested more than {0} deep")]
        Depth(usize),
        #[error("{0}")]
        Decode(crate::proto::DecodeError),
    }
}

/// The begin of what was found instead of what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found(String);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            "" => f.write_str("the end"),
            text => write!(f, "{text:?}"),
        }
    }
}

/// A fault at an offset in the text.
#[derive(Debug)]
pub(super) struct FaultAt(pub(super) usize, pub(super) TextFault);

impl FaultAt {
    pub(super) fn locate(self, text: &[u8]) -> TextError {
        let before = &text[..self.0.min(text.len())];
        let newline = before.iter().rposition(|&byte| byte == b'\n');
        TextError {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + before.len() - newline.map_or(0, |at| at + 1),
            fault: self.1,
        }
    }
}

pub(super) struct Scanner<'t> {
    text: &'t [u8],
    position: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let has_mark = text.starts_with("\u{feff}".as_bytes());
        let position = if has_mark { '\u{feff}'.len_utf8() } else { 0 };
        Scanner { text, position }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The fault at the next byte.
    pub(super) fn fault(&self, fault: TextFault) -> FaultAt {
        FaultAt(self.position, fault)
    }

    /// The next byte after white space and comments.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.position)? {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.position += 1,
                b'#' => {
                    let rest = &self.text[self.position..];
                    let end = rest.iter().position(|&byte| byte == b'\n');
                    self.position += end.unwrap_or(rest.len());
                }
                &other => return Some(other),
            }
        }
    }

    /// Skips this byte if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), FaultAt> {
        match self.take(byte) {
            true => Ok(()),
            false => {
                let (expected, found) = (char::from(byte), self.found());
                Err(self.fault(TextFault::Expected { expected, found }))
            }
        }
    }

    /// The next characters, for errors.
    fn found(&self) -> Found {
        self.found_at(self.position)
    }

    fn found_at(&self, at: usize) -> Found {
        let rest = &self.text[at..];
        let is_word = |&byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
        let end = rest.iter().take(40).position(|byte| !is_word(byte));
        let end = end.unwrap_or(rest.len().min(40)).max(1).min(rest.len());
        Found(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    /// The fault that something else stands at this place.
    pub(super) fn expected_at(&self, at: usize, expected: &'static str) -> FaultAt {
        let found = self.found_at(at);
        FaultAt(at, TextFault::Value { expected, found })
    }

    fn run(&mut self, is_part: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.text[self.position..];
        let end = rest.iter().position(|&byte| !is_part(byte));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.position += word.len();
        // Callers take ASCII alone.
        std::str::from_utf8(word).unwrap_or_default()
    }

    /// A name, if one comes next; otherwise nothing.
    pub(super) fn name(&mut self) -> &'t str {
        match self.peek() {
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            }
            _ => "",
        }
    }

    /// The address of a message type between brackets, without white space.
    pub(super) fn type_url(&mut self) -> &'t str {
        self.peek();
        self.run(|byte| byte.is_ascii_alphanumeric() || b"_./-%".contains(&byte))
    }

    /// A word that stands for a value: whether there is a minus before it, and the rest.
    pub(super) fn word(&mut self) -> (bool, &'t str) {
        let negative = self.take(b'-');
        if !negative {
            self.take(b'+');
        }
        self.peek();
        let start = self.position;
        // A sign belongs to a number after the letter of an exponent, which hexadecimal numbers have not.
        let rest = &self.text[start..];
        let is_hex = matches!(rest, [b'0', b'x' | b'X', ..]);
        let mut previous = 0;
        let end = rest.iter().position(|&byte| {
            let is_sign = matches!(byte, b'+' | b'-');
            let in_exponent = matches!(previous, b'e' | b'E') && !is_hex;
            let is_part = byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'.')
                || (is_sign && in_exponent && rest[0] != previous);
            previous = byte;
            !is_part
        });
        self.position += end.unwrap_or(rest.len());
        let word = &self.text[start..self.position];
        (negative, std::str::from_utf8(word).unwrap_or_default())
    }

    /// Appends the bytes of a string; strings beside each other are one.
    pub(super) fn string(&mut self, bytes: &mut Vec<u8>) -> Result<(), FaultAt> {
        let Some(b'"' | b'\'') = self.peek() else {
            return Err(self.expected_at(self.position, "a string"));
        };
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            let open = self.fault(TextFault::Open);
            self.position += 1;
            loop {
                let rest = &self.text[self.position..];
                let is_special = |&byte: &u8| byte == quote || matches!(byte, b'\\' | b'\n');
                let Some(end) = rest.iter().position(is_special) else {
                    return Err(open);
                };
                bytes.extend_from_slice(&rest[..end]);
                self.position += end + 1;
                match rest[end] {
                    b'\\' => self.escape(bytes)?,
                    b'\n' => return Err(open),
                    _ => break,
                }
            }
        }
        Ok(())
    }

    /// Reads what a backslash before this place stands for.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), FaultAt> {
        let unknown = FaultAt(self.position - 1, TextFault::Escape);
        let Some(&letter) = self.text.get(self.position) else {
            return Err(unknown);
        };
        self.position += 1;
        let byte = match letter {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'v' => 0x0b,
            b'"' | b'\'' | b'\\' | b'?' => letter,
            b'x' | b'X' => self.digits(16, 1, 2).ok_or(unknown)? as u8,
            b'0'..=b'7' => {
                self.position -= 1;
                self.digits(8, 1, 3).ok_or(unknown)? as u8
            }
            b'u' | b'U' => {
                let length = if letter == b'u' { 4 } else { 8 };
                let mut code = self.digits(16, length, length);
                // Above 16 bits there are pairs.
                if let (Some(high @ 0xd800..0xdc00), [b'\\', b'u', ..]) =
                    (code, &self.text[self.position..])
                {
                    self.position += 2;
                    let low = self.digits(16, 4, 4);
                    let low = low.filter(|low| (0xdc00..0xe000).contains(low));
                    code = low.map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                }
                let character = code.and_then(char::from_u32).ok_or(unknown)?;
                let mut buffer = [0; 4];
                bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                return Ok(());
            }
            _ => return Err(unknown),
        };
        bytes.push(byte);
        Ok(())
    }

    /// A number of some digits.
    fn digits(&mut self, base: u32, least: usize, most: usize) -> Option<u32> {
        let rest = &self.text[self.position..];
        let digits = rest.iter().take(most);
        let digits = digits.map_while(|&byte| char::from(byte).to_digit(base));
        let (mut value, mut count) = (0u32, 0);
        for digit in digits {
            value = value.wrapping_mul(base).wrapping_add(digit);
            count += 1;
        }
        self.position += count;
        (count >= least).then_some(value)
    }
}
