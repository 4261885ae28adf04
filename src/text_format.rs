//! The text form of protocol buffers.
//!
//! Text is turned into the bytes of the message, which are decoded. The fields of every message are in a table that
//! the build makes of `proto/`. Text is read as by Python's `text_format.Merge`, with which TensorFlow reads its files:
//! the last value of a field counts, and two messages in one field are merged. Escapes and numbers may also be those
//! that only C++'s `TextFormat` takes, which refuses the second value of a field. A field that the message has not is
//! refused by both.

mod scanner;
#[cfg(test)]
mod tests;

use crate::proto;
use crate::proto::WireType;
use crate::varint;
pub(crate) use scanner::TextError;
use scanner::{FaultAt, Scanner, TextFault};

/// How deep messages may lie in each other; none are decoded that do.
const MAX_DEPTH: usize = 100;
/// The message that holds any other.
const ANY: &str = "google.protobuf.Any";
/// The numbers of its fields.
const ANY_TYPE_URL: u32 = 1;
const ANY_VALUE: u32 = 2;

/// A type of message.
struct Message {
    name: &'static str,
    /// Sorted by name.
    fields: &'static [Field],
}

struct Field {
    name: &'static str,
    number: u32,
    kind: Kind,
    is_repeated: bool,
}

/// The type of a field; messages and enums are places in the tables.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint64,
    Fixed64,
    Float,
    Double,
    String,
    Bytes,
    Enum(usize),
    Message(usize),
}

struct Enum {
    name: &'static str,
    values: &'static [(&'static str, i32)],
}

include!(concat!(env!("OUT_DIR"), "/text_fields.rs"));

/// The message of this full name in text form.
///
/// # Errors
/// If the text is not that of such a message; the error has the line and column.
pub(crate) fn decode<M: crate::proto::Message + Default>(
    name: &str,
    text: &[u8],
) -> Result<M, TextError> {
    let bytes = encode(name, text)?;
    // The end of the text is as good a place as any: this is left to what the table does not say.
    M::decode(&bytes[..])
        .map_err(|error| FaultAt(text.len(), TextFault::Decode(error)).locate(text))
}

/// The bytes of a message in text form.
fn encode(name: &str, text: &[u8]) -> Result<Vec<u8>, TextError> {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        out: Vec::new(),
        depth: 0,
    };
    let message = match message_type(name) {
        Some(message) => parser.fields(message, None),
        None => Err(FaultAt(0, TextFault::Type(name.to_owned()))),
    };
    message.map_err(|fault| fault.locate(text))?;
    Ok(parser.out)
}

fn message_type(name: &str) -> Option<&'static Message> {
    let place = MESSAGES.binary_search_by(|message| message.name.cmp(name));
    Some(&MESSAGES[place.ok()?])
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    out: Vec<u8>,
    /// The number of messages around.
    depth: usize,
}

impl Parser<'_> {
    /// The fields of a message up to the byte that ends it, or up to the end of the text.
    fn fields(&mut self, message: &'static Message, end: Option<u8>) -> Result<(), FaultAt> {
        loop {
            match (self.scanner.peek(), end) {
                (None, None) => return Ok(()),
                (Some(byte), Some(end)) if byte == end => {
                    self.scanner.take(end);
                    return Ok(());
                }
                (None, Some(end)) => self.scanner.expect(end)?,
                (Some(b'['), _) if message.name == ANY => self.any()?,
                _ => self.field(message)?,
            }
            if !self.scanner.take(b',') {
                self.scanner.take(b';');
            }
        }
    }

    fn field(&mut self, message: &'static Message) -> Result<(), FaultAt> {
        let name = self.scanner.name();
        if name.is_empty() {
            return Err(self.scanner.fault(TextFault::Name));
        }
        let at = self.scanner.position() - name.len();
        let place = message
            .fields
            .binary_search_by(|field| field.name.cmp(name));
        let Ok(place) = place else {
            // Prose is no message with fields of later releases.
            if !matches!(self.scanner.peek(), Some(b':' | b'{' | b'<')) {
                self.scanner.expect(b':')?;
            }
            let (message, field) = (message.name, name.to_owned());
            return Err(FaultAt(at, TextFault::Field { message, field }));
        };
        let field = &message.fields[place];
        match field.kind {
            Kind::Message(_) => {
                self.scanner.take(b':');
            }
            _ => self.scanner.expect(b':')?,
        }
        if !field.is_repeated || !self.scanner.take(b'[') {
            return self.value(field);
        }
        if self.scanner.take(b']') {
            return Ok(());
        }
        loop {
            self.value(field)?;
            if self.scanner.take(b']') {
                return Ok(());
            }
            self.scanner.expect(b',')?;
        }
    }

    /// One value of a field.
    fn value(&mut self, field: &Field) -> Result<(), FaultAt> {
        let number = match field.kind {
            Kind::Message(place) => {
                let start = self.begin(field.number);
                self.message(&MESSAGES[place])?;
                self.end(start);
                return Ok(());
            }
            Kind::String | Kind::Bytes => {
                let start = self.begin(field.number);
                self.scanner.peek();
                let at = self.scanner.position();
                self.scanner.string(&mut self.out)?;
                let bytes = &self.out[start..];
                if matches!(field.kind, Kind::String) && std::str::from_utf8(bytes).is_err() {
                    return Err(FaultAt(at, TextFault::NotUtf8));
                }
                self.end(start);
                return Ok(());
            }
            Kind::Float => {
                let value = self.float()? as f32;
                self.key(field.number, WireType::ThirtyTwoBit);
                self.out.extend(value.to_le_bytes());
                return Ok(());
            }
            Kind::Double => {
                let value = self.float()?;
                self.key(field.number, WireType::SixtyFourBit);
                self.out.extend(value.to_le_bytes());
                return Ok(());
            }
            Kind::Fixed64 => {
                let value = self.integer(0, u64::MAX.into(), "a uint64")? as u64;
                self.key(field.number, WireType::SixtyFourBit);
                self.out.extend(value.to_le_bytes());
                return Ok(());
            }
            Kind::Bool => self.bool()?,
            Kind::Int32 => self.integer(i32::MIN.into(), i32::MAX.into(), "an int32")? as u64,
            Kind::Int64 => self.integer(i64::MIN.into(), i64::MAX.into(), "an int64")? as u64,
            Kind::Sint64 => {
                let value = self.integer(i64::MIN.into(), i64::MAX.into(), "an int64")? as i64;
                (value << 1 ^ value >> 63) as u64
            }
            Kind::Uint32 => self.integer(0, u32::MAX.into(), "a uint32")? as u64,
            Kind::Uint64 => self.integer(0, u64::MAX.into(), "a uint64")? as u64,
            Kind::Enum(place) => i64::from(self.enumerator(&ENUMS[place])?) as u64,
        };
        proto::number(field.number, number, &mut self.out);
        Ok(())
    }

    /// A message in braces or angle brackets.
    fn message(&mut self, message: &'static Message) -> Result<(), FaultAt> {
        let end = match self.scanner.take(b'<') {
            true => b'>',
            false => {
                self.scanner.expect(b'{')?;
                b'}'
            }
        };
        if self.depth == MAX_DEPTH {
            return Err(self.scanner.fault(TextFault::Depth(MAX_DEPTH)));
        }
        self.depth += 1;
        self.fields(message, Some(end))?;
        self.depth -= 1;
        Ok(())
    }

    /// A message of any type, after the address of its type.
    fn any(&mut self) -> Result<(), FaultAt> {
        self.scanner.take(b'[');
        let url = self.scanner.type_url();
        let at = self.scanner.position() - url.len();
        self.scanner.expect(b']')?;
        let name = url.rsplit_once('/').map(|(_, name)| name);
        let message = name.and_then(message_type);
        let message = message.ok_or_else(|| FaultAt(at, TextFault::Type(url.to_owned())))?;
        proto::length_delimited(ANY_TYPE_URL, url.len(), &mut self.out);
        self.out.extend_from_slice(url.as_bytes());
        self.scanner.take(b':');
        let start = self.begin(ANY_VALUE);
        self.message(message)?;
        self.end(start);
        Ok(())
    }

    fn key(&mut self, number: u32, kind: WireType) {
        varint::put(&mut self.out, u64::from(number) << 3 | kind as u64);
    }

    /// Begins a field whose length comes first, and gives the place where its content starts.
    fn begin(&mut self, number: u32) -> usize {
        self.key(number, WireType::LengthDelimited);
        self.out.push(0);
        self.out.len()
    }

    /// Writes the length of what started there, which is moved if the length takes more than one byte.
    fn end(&mut self, start: usize) {
        let length = self.out.len() - start;
        if let Ok(short @ ..0x80) = u8::try_from(length) {
            self.out[start - 1] = short;
            return;
        }
        let mut encoded = Vec::with_capacity(varint::MAX_LEN);
        varint::put(&mut encoded, length as u64);
        self.out.splice(start - 1..start, encoded);
    }

    fn integer(&mut self, min: i128, max: i128, name: &'static str) -> Result<i128, FaultAt> {
        self.scanner.peek();
        let at = self.scanner.position();
        let (negative, word) = self.scanner.word();
        let Some(number) = integer(word) else {
            return Err(self.scanner.expected_at(at, "an integer"));
        };
        let number = if negative { -number } else { number };
        match (min..=max).contains(&number) {
            true => Ok(number),
            false => Err(FaultAt(
                at,
                TextFault::Range {
                    number: number.to_string(),
                    field: name,
                },
            )),
        }
    }

    fn float(&mut self) -> Result<f64, FaultAt> {
        self.scanner.peek();
        let at = self.scanner.position();
        let (negative, word) = self.scanner.word();
        let number = float(word).ok_or_else(|| self.scanner.expected_at(at, "a number"))?;
        Ok(if negative { -number } else { number })
    }

    fn bool(&mut self) -> Result<u64, FaultAt> {
        self.scanner.peek();
        let at = self.scanner.position();
        let (negative, word) = self.scanner.word();
        match (word, integer(word)) {
            _ if negative => {}
            ("true" | "True" | "t", _) | (_, Some(1)) => return Ok(1),
            ("false" | "False" | "f", _) | (_, Some(0)) => return Ok(0),
            _ => {}
        }
        Err(self.scanner.expected_at(at, "true or false"))
    }

    /// A value by its name or number; any number will do.
    fn enumerator(&mut self, kind: &'static Enum) -> Result<i32, FaultAt> {
        self.scanner.peek();
        let at = self.scanner.position();
        let (negative, word) = self.scanner.word();
        if let Some(number) = integer(word) {
            let number = if negative { -number } else { number };
            let range = || {
                FaultAt(
                    at,
                    TextFault::Range {
                        number: number.to_string(),
                        field: "an enum",
                    },
                )
            };
            return i32::try_from(number).map_err(|_| range());
        }
        if negative || word.is_empty() {
            return Err(self.scanner.expected_at(at, "the name of a value"));
        }
        let found = kind.values.iter().find(|(name, _)| *name == word);
        found.map(|&(_, number)| number).ok_or_else(|| {
            let (name, value) = (kind.name, word.to_owned());
            FaultAt(at, TextFault::EnumValue { name, value })
        })
    }
}

/// An integer without sign: decimal, octal after a zero, or hexadecimal. One too large for its type comes back as some
/// number that is.
fn integer(word: &str) -> Option<i128> {
    let (digits, base) = match word.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&word[2..], 16),
        [b'0', b'o' | b'O', ..] => (&word[2..], 8),
        [b'0', _, ..] => (&word[1..], 8),
        _ => (word, 10),
    };
    let is_digit = |digit: char| digit.is_digit(base);
    (!digits.is_empty() && digits.chars().all(is_digit))
        .then(|| i128::from_str_radix(digits, base).unwrap_or(i128::MAX))
}

/// A number without sign: also `inf`, `nan`, and with an `f` after it.
fn float(word: &str) -> Option<f64> {
    let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !is_number {
        return match word.to_ascii_lowercase().as_str() {
            "inf" | "inff" | "infinity" | "infinityf" => Some(f64::INFINITY),
            "nan" | "nanf" => Some(f64::NAN),
            _ => None,
        };
    }
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16)
            .ok()
            .map(|number| number as f64);
    }
    word.strip_suffix(['f', 'F']).unwrap_or(word).parse().ok()
}
