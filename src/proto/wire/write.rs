//! Writing messages: their lengths are counted first, then the bytes are appended.

use std::slice;

use smallvec::SmallVec;

use super::{Form, Message, Number};
use crate::proto::{length_delimited, put_key};
use crate::varint;

/// The number of bytes that a message takes, and those of the messages inside of it in the order in which they begin,
/// so that none is counted again when it is written.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    pub(crate) total: usize,
    nested: SmallVec<[usize; 16]>,
}

impl Lengths {
    pub(super) fn of(message: &dyn Message) -> Self {
        let mut lengths = Lengths::default();
        lengths.count(message);
        lengths
    }

    /// The sink that appends the message whose lengths these are.
    pub(super) fn sink<'o>(&'o self, out: &'o mut Vec<u8>) -> Sink<'o> {
        Sink::Bytes(out, self.nested.iter())
    }

    /// Counts those of a message in the place of another.
    pub(crate) fn count(&mut self, message: &dyn Message) {
        self.total = 0;
        self.nested.clear();
        message.write(&mut Sink::Length(self));
    }

    fn add_field(&mut self, field: u32, len: usize) {
        self.total += key_len(field) + len;
    }

    fn add_delimited(&mut self, field: u32, len: usize) {
        self.total += delimited_len(field, len);
    }
}

/// The bytes that a field takes which is text or a message of `len` bytes.
pub(crate) fn delimited_len(field: u32, len: usize) -> usize {
    key_len(field) + varint::len(len as u64) + len
}

/// The bytes that a field's number and form take.
pub(crate) fn key_len(field: u32) -> usize {
    match field {
        ..16 => 1,
        _ => varint::len(u64::from(field) << 3),
    }
}

/// A sink of the fields of a message.
pub(crate) enum Sink<'o> {
    /// Counts the bytes that they take.
    Length(&'o mut Lengths),
    /// Appends them; the lengths of the messages inside have been counted.
    Bytes(&'o mut Vec<u8>, slice::Iter<'o, usize>),
}

impl Sink<'_> {
    /// A number, also if it is zero.
    pub(crate) fn put_number<T: Number>(&mut self, field: u32, form: Form, value: T) {
        self.put_bits(field, form, value.to_bits());
    }

    /// A number that is not zero.
    pub(crate) fn number<T: Number>(&mut self, field: u32, form: Form, value: T) {
        if value != T::default() {
            self.put_bits(field, form, value.to_bits());
        }
    }

    fn put_bits(&mut self, field: u32, form: Form, bits: u64) {
        match self {
            Sink::Length(lengths) => lengths.add_field(field, form.len(bits)),
            Sink::Bytes(out, _) => {
                put_key(field, form.wire_type(), out);
                form.put(out, bits);
            }
        }
    }

    /// A list of numbers, packed.
    pub(crate) fn numbers<T: Number>(&mut self, field: u32, form: Form, values: &[T]) {
        if values.is_empty() {
            return;
        }
        let len = values.iter().map(|value| form.len(value.to_bits())).sum();
        match self {
            Sink::Length(lengths) => lengths.add_delimited(field, len),
            Sink::Bytes(out, _) => {
                length_delimited(field, len, out);
                for value in values {
                    form.put(out, value.to_bits());
                }
            }
        }
    }

    /// Bytes or text, also if there are none.
    pub(crate) fn put_bytes(&mut self, field: u32, bytes: impl AsRef<[u8]>) {
        self.put_slice(field, bytes.as_ref());
    }

    fn put_slice(&mut self, field: u32, bytes: &[u8]) {
        match self {
            Sink::Length(lengths) => lengths.add_delimited(field, bytes.len()),
            Sink::Bytes(out, _) => {
                length_delimited(field, bytes.len(), out);
                out.extend_from_slice(bytes);
            }
        }
    }

    /// Bytes or text, if there are any.
    pub(crate) fn bytes(&mut self, field: u32, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if !bytes.is_empty() {
            self.put_slice(field, bytes);
        }
    }

    /// Bytes or text for each of a list.
    pub(crate) fn bytes_list<T: AsRef<[u8]>>(&mut self, field: u32, list: &[T]) {
        for bytes in list {
            self.put_slice(field, bytes.as_ref());
        }
    }

    /// A message, also if nothing is in it.
    pub(crate) fn message(&mut self, field: u32, message: &dyn Message) {
        self.nested(field, &|out| message.write(out));
    }

    /// A message with the fields that `write` hands over, also if there are none.
    pub(crate) fn nested(&mut self, field: u32, write: &dyn Fn(&mut Sink<'_>)) {
        match self {
            Sink::Length(lengths) => {
                let outer = std::mem::take(&mut lengths.total);
                let at = lengths.nested.len();
                lengths.nested.push(0);
                write(&mut Sink::Length(lengths));
                let len = std::mem::replace(&mut lengths.total, outer);
                lengths.nested[at] = len;
                lengths.add_delimited(field, len);
            }
            Sink::Bytes(out, nested) => {
                let len = *nested.next().expect("the lengths are of this message");
                length_delimited(field, len, out);
                write(self);
            }
        }
    }
}
