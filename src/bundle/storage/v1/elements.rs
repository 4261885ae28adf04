//! The elements of a value of the first version of the format, taken out of its message piece after piece.
//!
//! A value is a `SavedTensorSlices` message with a `SavedSlice` in it, in which is a `TensorProto`, of which one field
//! has the elements: which one depends on the dtype. As everywhere, what is there several times counts as if it were
//! there once, with all elements; fields that are of no interest are skipped.

use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::bundle::crc;
use crate::bundle::entry::Entry;
use crate::bundle::error::{ReadError, name};
use crate::bundle::strings;
use crate::bundle::table::Value;
use crate::dtype::DType;
use crate::file_system::ReadAt;
use crate::value::TensorProtoError;
use crate::varint;

/// About how many bytes of elements are made at a time.
const PIECE: usize = 1 << 16;

/// How the field of a dtype has its elements.
#[derive(Debug, Clone, Copy)]
struct Field {
    number: u64,
    form: Form,
}

/// The form of an item of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// A fixed number of bytes; an element may have two such items.
    Fixed(u64),
    /// A number that becomes as many bytes as an element has.
    Varint(Number),
    /// A length, and as many bytes.
    String,
}

/// The numbers that an element may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    /// Any, cut to the size of the element.
    Any,
    /// Those of an `i32` within these limits.
    Within(i32, i32),
    /// 0 or not.
    Bool,
}

impl Field {
    fn of(dtype: DType) -> Option<Self> {
        use Form::{Fixed, String, Varint};
        use Number::{Any, Bool, Within};
        const I8: Number = Within(i8::MIN as i32, i8::MAX as i32);
        const U8: Number = Within(0, u8::MAX as i32);
        const I16: Number = Within(i16::MIN as i32, i16::MAX as i32);
        const U16: Number = Within(0, u16::MAX as i32);
        let (number, form) = match dtype {
            DType::Float32 => (5, Fixed(4)),
            DType::Float64 => (6, Fixed(8)),
            DType::Int32 | DType::QInt32 => (7, Varint(Any)),
            DType::Int8 | DType::QInt8 => (7, Varint(I8)),
            DType::UInt8 | DType::QUInt8 => (7, Varint(U8)),
            DType::Int16 | DType::QInt16 => (7, Varint(I16)),
            DType::UInt16 | DType::QUInt16 => (7, Varint(U16)),
            DType::String => (8, String),
            DType::Complex64 => (9, Fixed(4)),
            DType::Int64 => (10, Varint(Any)),
            DType::Bool => (11, Varint(Bool)),
            DType::Complex128 => (12, Fixed(8)),
            DType::Float16 | DType::BFloat16 => (13, Varint(U16)),
            DType::UInt32 => (16, Varint(Any)),
            DType::UInt64 => (17, Varint(Any)),
            DType::Resource | DType::Variant => return None,
        };
        Some(Field { number, form })
    }
}

/// The numbers of the fields that lead to the `TensorProto`.
const PATH: [u64; 2] = [2, 3];

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const DELIMITED: u64 = 2;
const FIXED32: u64 = 5;

/// A message that is gone through.
#[derive(Debug, Clone)]
struct Message {
    value: Value,
    /// The bytes left of the value where the open messages end; the outermost first.
    ends: Vec<u64>,
}

/// Items of a field.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// The bytes left of the value behind them; for one that is not packed, those left before it.
    end: u64,
    packed: bool,
}

impl Message {
    fn new(value: Value) -> Self {
        Message {
            value,
            ends: vec![0],
        }
    }

    /// Moves to the next items of a field.
    fn next_run(&mut self, field: Field) -> Result<Option<Run>, Damage> {
        loop {
            let left = self.value.left();
            let Some(&end) = self.ends.last() else {
                return Ok(None);
            };
            if left == end {
                self.ends.pop();
                continue;
            }
            let depth = self.ends.len() - 1;
            let tag = self.number(end)?;
            let (number, wire_type) = (tag >> 3, tag & 7);
            if number == 0 {
                return Err(Damage::Expected("the number of a field"));
            }
            if PATH.get(depth) == Some(&number) {
                if wire_type != DELIMITED {
                    return Err(Damage::Expected("a message"));
                }
                let inner = self.delimited(end)?;
                self.ends.push(inner);
                continue;
            }
            if depth == PATH.len() && number == field.number {
                let single = match field.form {
                    Form::Fixed(4) => FIXED32,
                    Form::Fixed(_) => FIXED64,
                    Form::Varint(_) => VARINT,
                    Form::String => DELIMITED,
                };
                return match wire_type {
                    DELIMITED => {
                        let end = self.delimited(end)?;
                        Ok(Some(Run { end, packed: true }))
                    }
                    _ if wire_type == single => Ok(Some(Run { end, packed: false })),
                    _ => Err(Damage::Expected("elements")),
                };
            }
            match wire_type {
                VARINT => drop(self.number(end)?),
                FIXED64 => self.skip(8, end)?,
                FIXED32 => self.skip(4, end)?,
                DELIMITED => {
                    let inner = self.delimited(end)?;
                    self.skip(self.value.left() - inner, end)?;
                }
                _ => return Err(Damage::Expected("a field")),
            }
        }
    }

    /// A number before `end`.
    fn number(&mut self, end: u64) -> Result<u64, Damage> {
        let damaged = Damage::Expected("a number");
        let within = usize::try_from(self.value.left() - end).unwrap_or(usize::MAX);
        let bytes = self.value.fill()?;
        let near = &bytes[..bytes.len().min(within)];
        // The usual case: all of it is in the buffer.
        if let Some((value, len)) = varint::get(near) {
            self.value.consume(len);
            return Ok(value);
        }
        let mut bytes = [0; varint::MAX_LEN];
        for index in 0..bytes.len().min(within) {
            let Some(&byte) = self.value.fill()?.first() else {
                return Err(damaged);
            };
            self.value.consume(1);
            bytes[index] = byte;
            if byte < 0x80 {
                let number = varint::get(&bytes[..=index]);
                return number.map(|(value, _)| value).ok_or(damaged);
            }
        }
        Err(damaged)
    }

    /// Where that ends whose length comes next, all before `end`.
    fn delimited(&mut self, end: u64) -> Result<u64, Damage> {
        let len = self.number(end)?;
        let inner = self.value.left().checked_sub(len);
        let inner = inner.filter(|&inner| inner >= end);
        inner.ok_or(Damage::Expected("a length within the message"))
    }

    fn skip(&mut self, count: u64, end: u64) -> Result<(), Damage> {
        if self.value.left() - end < count {
            return Err(Damage::Expected("a field that ends"));
        }
        Ok(self.value.skip(count)?)
    }
}

/// Why elements cannot be taken out of a message.
#[derive(Debug)]
enum Damage {
    Read(ReadError),
    /// Something else than this, which should have come next.
    Expected(&'static str),
    Elements(TensorProtoError),
}

impl<E: Into<ReadError>> From<E> for Damage {
    fn from(error: E) -> Self {
        Damage::Read(error.into())
    }
}

/// How strings become bytes: first their lengths and a checksum of these, then what they are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pass {
    Lengths { checksum: u32 },
    Strings,
}

/// The elements of a value, as a data file would have them, from some position on.
#[derive(Debug, Clone)]
pub(super) struct Elements {
    key: Vec<u8>,
    field: Field,
    /// How many bytes an element has; 0 for strings.
    size: usize,
    /// How many elements there must be.
    count: usize,
    /// All of the value.
    whole: Value,
    message: Message,
    run: Option<Run>,
    pass: Pass,
    /// How many elements were found, and how many bytes of the next one.
    found: usize,
    partial: usize,
    ended: bool,
    /// The bytes that are made.
    ready: Vec<u8>,
    /// How many of them were taken.
    taken: usize,
    /// How many bytes were taken altogether.
    position: u64,
}

impl Elements {
    /// Those of the value of a tensor or part; `None` if it is of a dtype that values cannot be of.
    pub(super) fn new(key: &[u8], entry: &Entry, value: Value) -> Option<Self> {
        let dtype = entry.dtype.known()?;
        let field = Field::of(dtype)?;
        let size = dtype.size().unwrap_or(0);
        let count = entry.shape.iter().product();
        Some(Self::at_first(key.to_vec(), field, size, count, value))
    }

    /// These elements again, from the first one on.
    pub(super) fn restarted(&self) -> Self {
        let (key, whole) = (self.key.clone(), self.whole.clone());
        Self::at_first(key, self.field, self.size, self.count, whole)
    }

    fn at_first(key: Vec<u8>, field: Field, size: usize, count: usize, whole: Value) -> Self {
        Elements {
            key,
            field,
            size,
            count,
            message: Message::new(whole.clone()),
            whole,
            run: None,
            pass: Pass::Lengths { checksum: 0 },
            found: 0,
            partial: 0,
            ended: false,
            ready: Vec::new(),
            taken: 0,
            position: 0,
        }
    }

    /// Checks that the value is not too small for the elements that it must have, so that there may be a place for
    /// them.
    pub(super) fn check_size(&self) -> Result<(), ReadError> {
        let smallest = match self.field.form {
            Form::Fixed(_) => self.size as u64,
            Form::Varint(_) => 1,
            // A tag and a length.
            Form::String => 2,
        };
        if (self.count as u64).saturating_mul(smallest) <= self.whole.left() {
            return Ok(());
        }
        let mut elements = self.restarted();
        while elements.refill()? {
            elements.taken = elements.ready.len();
        }
        Ok(())
    }

    /// The number of bytes that a data file would have of the strings.
    pub(super) fn bytes_of_strings(&self) -> Result<u64, ReadError> {
        let mut elements = self.restarted();
        let bytes = elements.measure();
        bytes.map_err(|damage| elements.error(damage))
    }

    fn measure(&mut self) -> Result<u64, Damage> {
        let mut bytes = size_of::<u32>() as u64;
        let mut buffer = Vec::new();
        while let Some(run) = self.message.next_run(self.field)? {
            let len = self.message.value.left() - run.end;
            buffer.clear();
            varint::put(&mut buffer, len);
            bytes = bytes.saturating_add(len + buffer.len() as u64);
            self.found += 1;
            self.message.value.skip(len)?;
        }
        self.check_count()?;
        Ok(bytes)
    }

    /// Fills `out` with the next bytes; the last ones only if nothing is wrong with the value.
    pub(super) fn read(&mut self, mut out: &mut [u8]) -> Result<(), ReadError> {
        while !out.is_empty() {
            if self.taken == self.ready.len() && !self.refill()? {
                // There are as many elements as there must be, but somebody asks for more bytes.
                let source = io::ErrorKind::UnexpectedEof.into();
                return Err(ReadError::Read {
                    key: name(&self.key),
                    offset: self.position,
                    size: out.len(),
                    source,
                });
            }
            let bytes = &self.ready[self.taken..];
            let len = bytes.len().min(out.len());
            out[..len].copy_from_slice(&bytes[..len]);
            out = &mut out[len..];
            self.taken += len;
            self.position += len as u64;
        }
        Ok(())
    }

    /// Checks a value that must have no elements.
    pub(super) fn read_none(mut self) -> Result<(), ReadError> {
        self.refill().map(|_| ())
    }

    /// Makes more bytes; false if there are none.
    fn refill(&mut self) -> Result<bool, ReadError> {
        self.ready.clear();
        self.taken = 0;
        let made = match self.field.form {
            Form::String => self.make_strings(),
            _ => self.make_elements(),
        };
        made.map_err(|damage| self.error(damage))?;
        Ok(!self.ready.is_empty())
    }

    /// The next items: those that were begun, or the next in the message.
    fn next_run(&mut self) -> Result<Option<Run>, Damage> {
        if self.run.is_none() && !self.ended {
            self.run = self.message.next_run(self.field)?;
            self.ended = self.run.is_none();
        }
        Ok(self.run)
    }

    fn check_count(&self) -> Result<(), Damage> {
        let (expected, found) = (self.count, self.found);
        match found == expected {
            true => Ok(()),
            false => Err(Damage::Elements(TensorProtoError::Count {
                expected,
                found,
            })),
        }
    }

    fn make_elements(&mut self) -> Result<(), Damage> {
        // Once all are there, what follows must not have any.
        while self.ready.len() < PIECE || self.found >= self.count {
            let Some(run) = self.next_run()? else {
                return self.check_count();
            };
            let value = &mut self.message.value;
            if run.packed && value.left() == run.end {
                self.run = None;
                continue;
            }
            match self.field.form {
                Form::Fixed(size) => {
                    let mut left = if run.packed {
                        value.left() - run.end
                    } else {
                        size
                    };
                    if left % size != 0 || value.left() - run.end < left {
                        return Err(Damage::Expected("whole elements"));
                    }
                    // As much of it as fits in, all items whole.
                    left = left.min(PIECE as u64);
                    while left > 0 {
                        let bytes = self.message.value.fill()?;
                        let len =
                            usize::try_from(left).map_or(bytes.len(), |it| it.min(bytes.len()));
                        if len == 0 {
                            return Err(Damage::Expected("elements"));
                        }
                        if self.found < self.count {
                            self.ready.extend_from_slice(&bytes[..len]);
                        }
                        self.message.value.consume(len);
                        left -= len as u64;
                        self.partial += len;
                        self.found += self.partial / self.size;
                        self.partial %= self.size;
                    }
                }
                Form::Varint(number) => loop {
                    let item = self.message.number(run.end)?;
                    let element = element(item, number).map_err(Damage::Elements)?;
                    if self.found < self.count {
                        let bytes = element.to_le_bytes();
                        self.ready.extend_from_slice(&bytes[..self.size]);
                    }
                    self.found += 1;
                    let enough = self.ready.len() >= PIECE;
                    if !run.packed || enough || self.message.value.left() == run.end {
                        break;
                    }
                },
                Form::String => return Err(Damage::Expected("elements")),
            }
            if !run.packed {
                self.run = None;
            }
        }
        Ok(())
    }

    fn make_strings(&mut self) -> Result<(), Damage> {
        while self.ready.len() < PIECE {
            let Some(run) = self.next_run()? else {
                self.check_count()?;
                if let Pass::Lengths { checksum } = self.pass {
                    self.ready.extend(crc::mask(checksum).to_le_bytes());
                    self.pass = Pass::Strings;
                    self.message = Message::new(self.whole.clone());
                    self.found = 0;
                    self.ended = false;
                }
                // The strings come with the next piece, or there are none.
                return Ok(());
            };
            let value = &mut self.message.value;
            let left = value.left() - run.end;
            if let Pass::Lengths { checksum } = &mut self.pass {
                varint::put(&mut self.ready, left);
                *checksum = strings::count_length(*checksum, left, false);
                value.skip(left)?;
            } else if left > 0 {
                let bytes = value.fill()?;
                let len = usize::try_from(left).map_or(bytes.len(), |it| it.min(bytes.len()));
                if len == 0 {
                    return Err(Damage::Expected("strings"));
                }
                self.ready.extend_from_slice(&bytes[..len]);
                value.consume(len);
            }
            if value.left() == run.end {
                self.run = None;
                self.found += 1;
            }
        }
        Ok(())
    }

    fn error(&self, damage: Damage) -> ReadError {
        let key = name(&self.key);
        match damage {
            Damage::Read(error) => error,
            Damage::Expected(expected) => ReadError::Message {
                key,
                expected,
                position: self.whole.left() - self.message.value.left(),
            },
            Damage::Elements(source) => ReadError::Value { key, source },
        }
    }
}

/// The element that an item is, of which as many bytes count as it has.
fn element(item: u64, number: Number) -> Result<u64, TensorProtoError> {
    match number {
        Number::Any => Ok(item),
        Number::Bool => Ok(u64::from(item != 0)),
        Number::Within(low, high) => {
            // As all that reads fields of 32 bits does.
            let value = item as i32;
            match (low..=high).contains(&value) {
                true => Ok(item),
                false => Err(TensorProtoError::Range(value.into())),
            }
        }
    }
}

/// The bytes of elements, made when they are asked for, best in order.
pub(super) struct Streamed {
    size: u64,
    elements: Mutex<Elements>,
}

impl Streamed {
    pub(super) fn new(size: u64, elements: Elements) -> Self {
        Streamed {
            size,
            elements: Mutex::new(elements),
        }
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("size", &self.size)
            .finish()
    }
}

impl ReadAt for Streamed {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let elements = self.elements.lock();
        let mut elements = elements.unwrap_or_else(PoisonError::into_inner);
        if elements.position > offset {
            *elements = elements.restarted();
        }
        while elements.position < offset {
            let len = (offset - elements.position).min(buffer.len().max(1) as u64) as usize;
            let skipped = match buffer.get_mut(..len) {
                Some(skipped) => elements.read(skipped),
                None => elements.read(&mut [0]),
            };
            skipped.map_err(io::Error::other)?;
        }
        elements.read(buffer).map_err(io::Error::other)
    }

    fn is_sequential(&self) -> bool {
        true
    }
}
