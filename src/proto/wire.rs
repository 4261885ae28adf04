//! How messages are encoded: one writer and one reader for all of them.
//!
//! A message hands its fields to a [`Sink`], and tells where the value of a field goes, its [`Slot`].
//! `build/messages.rs` writes both functions for each.

use std::{fmt, slice};

use smallvec::SmallVec;

use super::{length_delimited, put_key};
use crate::sorted_map::SortedMap;
use crate::varint;

/// How deep messages may lie in each other.
const MAX_DEPTH: u32 = 100;

/// Why bytes are not a message, and in which fields of which messages, the innermost first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecodeError {
    fault: Fault,
    fields: Vec<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("invalid varint")]
    Varint,
    #[error("invalid key value: {0}")]
    Key(u64),
    #[error("invalid tag value: 0")]
    Tag,
    #[error("invalid wire type value: {0}")]
    UnknownWireType(u64),
    #[error("invalid wire type: {found:?} (expected {expected:?})")]
    WireType { found: WireType, expected: WireType },
    #[error("buffer underflow")]
    Underflow,
    #[error("unexpected end group tag")]
    EndGroup,
    #[error("invalid string value: data is not UTF-8 encoded")]
    Text,
    #[error("recursion limit reached")]
    Depth,
}

impl From<Fault> for Box<DecodeError> {
    fn from(fault: Fault) -> Self {
        Box::new(DecodeError {
            fault,
            fields: Vec::new(),
        })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed to decode Protobuf message: ")?;
        for (message, field) in &self.fields {
            write!(f, "{message}.{field}: ")?;
        }
        self.fault.fmt(f)
    }
}

impl std::error::Error for DecodeError {}

/// The error is behind a pointer, for all that reads messages hands it on.
type Decoded<T> = Result<T, Box<DecodeError>>;

/// A piece of bytes that are read.
type Taken<T> = Result<T, Fault>;

/// The form that the bytes after a key have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireType {
    Varint = 0,
    SixtyFourBit = 1,
    LengthDelimited = 2,
    StartGroup = 3,
    EndGroup = 4,
    ThirtyTwoBit = 5,
}

/// How a number is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Varint,
    /// A varint whose lowest bit is the sign.
    ZigZag,
    Fixed32,
    Fixed64,
}

/// A number or a bool.
pub(crate) trait Number: Copy + Default + PartialEq {
    fn to_bits(self) -> u64;
    fn from_bits(bits: u64) -> Self;
}

macro_rules! numbers {
    ($($of:ty: $value:ident => $to:expr, $bits:ident => $from:expr;)*) => {$(
        impl Number for $of {
            fn to_bits(self) -> u64 {
                let $value = self;
                $to
            }

            fn from_bits($bits: u64) -> Self {
                $from
            }
        }
    )*};
}

numbers! {
    bool: value => value.into(), bits => bits != 0;
    i32: value => i64::from(value) as u64, bits => bits as i32;
    i64: value => value as u64, bits => bits as i64;
    u32: value => value.into(), bits => bits as u32;
    u64: value => value, bits => bits;
    f32: value => value.to_bits().into(), bits => f32::from_bits(bits as u32);
    f64: value => value.to_bits(), bits => f64::from_bits(bits);
}

/// A message of protocol buffers.
pub(crate) trait Message {
    /// The name of its type, without those of the messages around.
    fn name(&self) -> &'static str;

    /// Hands over the fields that are set, by number.
    fn write(&self, out: &mut Sink<'_>);

    /// The name of a field and where its value goes, for the numbers that the message has.
    fn field(&mut self, number: u32) -> Option<(&'static str, Slot<'_>)>;

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>
    where
        Self: Sized + Default,
    {
        let mut message = Self::default();
        merge(&mut message, bytes, MAX_DEPTH).map_err(|error| *error)?;
        Ok(message)
    }

    fn encoded_len(&self) -> usize
    where
        Self: Sized,
    {
        lengths(self).total
    }

    /// The lengths that [`encode_raw`](Self::encode_raw) needs.
    fn lengths(&self) -> Lengths
    where
        Self: Sized,
    {
        lengths(self)
    }

    fn encode_to_vec(&self) -> Vec<u8>
    where
        Self: Sized,
    {
        let lengths = lengths(self);
        let mut out = Vec::with_capacity(lengths.total);
        self.encode_raw(&lengths, &mut out);
        out
    }

    /// Appends the encoded message, whose lengths these are.
    fn encode_raw(&self, lengths: &Lengths, out: &mut Vec<u8>)
    where
        Self: Sized,
    {
        self.write(&mut Sink::Bytes(out, lengths.nested.iter()));
    }
}

fn lengths(message: &dyn Message) -> Lengths {
    let mut lengths = Lengths::default();
    lengths.count(message);
    lengths
}

/// The number of bytes that a message takes, and those of the messages inside of it in the order in which they begin,
/// so that none is counted again when it is written.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    pub(crate) total: usize,
    nested: SmallVec<[usize; 16]>,
}

impl Lengths {
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
        self.add_field(field, varint::len(len as u64) + len);
    }
}

fn key_len(field: u32) -> usize {
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
        self.delimited(field, true, &|out| message.write(out));
    }

    /// A message, if anything is in it.
    pub(crate) fn set_message(&mut self, field: u32, message: &dyn Message) {
        self.delimited(field, false, &|out| message.write(out));
    }

    /// A message with the fields that `write` hands over.
    pub(crate) fn nested(&mut self, field: u32, write: &dyn Fn(&mut Sink<'_>)) {
        self.delimited(field, true, write);
    }

    /// A message with the fields that `write` hands over, if there are any or if one without is written as well.
    fn delimited(&mut self, field: u32, also_empty: bool, write: &dyn Fn(&mut Sink<'_>)) {
        match self {
            Sink::Length(lengths) => {
                let outer = std::mem::take(&mut lengths.total);
                let at = lengths.nested.len();
                lengths.nested.push(0);
                write(&mut Sink::Length(lengths));
                let len = std::mem::replace(&mut lengths.total, outer);
                lengths.nested[at] = len;
                match len > 0 || also_empty {
                    true => lengths.add_delimited(field, len),
                    false => lengths.nested.truncate(at + 1),
                }
            }
            Sink::Bytes(out, nested) => {
                let len = *nested.next().expect("the lengths are of this message");
                if len > 0 || also_empty {
                    length_delimited(field, len, out);
                    write(self);
                }
            }
        }
    }
}

impl Form {
    fn wire_type(self) -> WireType {
        match self {
            Form::Varint | Form::ZigZag => WireType::Varint,
            Form::Fixed32 => WireType::ThirtyTwoBit,
            Form::Fixed64 => WireType::SixtyFourBit,
        }
    }

    /// How many bytes a number takes.
    fn len(self, bits: u64) -> usize {
        match self {
            Form::Varint => varint::len(bits),
            Form::ZigZag => varint::len(zig_zag(bits)),
            Form::Fixed32 => 4,
            Form::Fixed64 => 8,
        }
    }

    fn put(self, out: &mut Vec<u8>, bits: u64) {
        match self {
            Form::Varint => varint::put(out, bits),
            Form::ZigZag => varint::put(out, zig_zag(bits)),
            Form::Fixed32 => out.extend_from_slice(&(bits as u32).to_le_bytes()),
            Form::Fixed64 => out.extend_from_slice(&bits.to_le_bytes()),
        }
    }
}

fn zig_zag(bits: u64) -> u64 {
    bits << 1 ^ (bits as i64 >> 63) as u64
}

/// Where the value of a field goes.
pub(crate) enum Slot<'m> {
    Number(Form, &'m mut dyn SetNumber),
    /// A list of numbers, packed or each with a key.
    Numbers(Form, &'m mut dyn SetNumber),
    Text(&'m mut String),
    Texts(&'m mut Vec<String>),
    Bytes(&'m mut Vec<u8>),
    BytesList(&'m mut Vec<Vec<u8>>),
    Message(&'m mut dyn Message),
    Messages(&'m mut dyn PushMessage),
    Map(&'m mut dyn InsertEntry),
    /// The fields of a message, as they are.
    Kept(&'m mut Vec<u8>),
}

/// The members of a `oneof`.
pub(crate) trait Oneof: Sized {
    /// The default of the member with a number.
    fn of(number: u32) -> Option<Self>;

    /// The number and the name of the member that is set, and where its value goes.
    fn slot(&mut self) -> (u32, &'static str, Slot<'_>);
}

/// The name of a member of a `oneof` and where its value goes, which takes the place of another member.
pub(crate) fn member<O: Oneof>(
    oneof: &mut Option<O>,
    number: u32,
) -> Option<(&'static str, Slot<'_>)> {
    if oneof.as_mut().is_none_or(|it| it.slot().0 != number) {
        *oneof = O::of(number);
    }
    let (_, name, slot) = oneof.as_mut()?.slot();
    Some((name, slot))
}

/// Takes a number, or one more of a list.
pub(crate) trait SetNumber {
    fn set(&mut self, bits: u64);
}

impl<T: Number> SetNumber for T {
    fn set(&mut self, bits: u64) {
        *self = T::from_bits(bits);
    }
}

impl<T: Number> SetNumber for Vec<T> {
    fn set(&mut self, bits: u64) {
        self.push(T::from_bits(bits));
    }
}

/// A list of messages.
pub(crate) trait PushMessage {
    fn push_message(&mut self) -> &mut dyn Message;
}

impl<M: Message + Default> PushMessage for Vec<M> {
    fn push_message(&mut self) -> &mut dyn Message {
        let at = self.len();
        self.push(M::default());
        &mut self[at]
    }
}

/// A map.
pub(crate) trait InsertEntry {
    fn insert_entry(&mut self, bytes: &[u8], depth: u32) -> Decoded<()>;
}

/// A key or a value of a map.
pub(crate) trait EntryPart {
    fn slot(&mut self) -> Slot<'_>;
}

impl EntryPart for String {
    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(self)
    }
}

impl EntryPart for u32 {
    fn slot(&mut self) -> Slot<'_> {
        Slot::Number(Form::Varint, self)
    }
}

impl<M: Message> EntryPart for M {
    fn slot(&mut self) -> Slot<'_> {
        Slot::Message(self)
    }
}

impl<K, V> InsertEntry for SortedMap<K, V>
where
    K: EntryPart + Default + Ord,
    V: EntryPart + Default,
{
    fn insert_entry(&mut self, bytes: &[u8], depth: u32) -> Decoded<()> {
        let (mut key, mut value) = (K::default(), V::default());
        merge_entry(&mut key, &mut value, bytes, depth)?;
        self.insert(key, value);
        Ok(())
    }
}

fn merge_entry(
    key: &mut dyn EntryPart,
    value: &mut dyn EntryPart,
    mut bytes: &[u8],
    depth: u32,
) -> Decoded<()> {
    while !bytes.is_empty() {
        let (number, wire_type) = take_key(&mut bytes)?;
        match number {
            1 => read(key.slot(), wire_type, &mut bytes, depth)?,
            2 => read(value.slot(), wire_type, &mut bytes, depth)?,
            _ => skip(number, wire_type, &mut bytes, depth)?,
        }
    }
    Ok(())
}

/// Reads fields into a message that may have some already.
fn merge(message: &mut dyn Message, mut bytes: &[u8], depth: u32) -> Decoded<()> {
    while !bytes.is_empty() {
        let (number, wire_type) = take_key(&mut bytes)?;
        let Some((name, slot)) = message.field(number) else {
            skip(number, wire_type, &mut bytes, depth)?;
            continue;
        };
        if let Err(mut error) = read(slot, wire_type, &mut bytes, depth) {
            error.fields.push((message.name(), name));
            return Err(error);
        }
    }
    Ok(())
}

/// Reads one value of a field.
fn read(slot: Slot<'_>, wire_type: WireType, bytes: &mut &[u8], depth: u32) -> Decoded<()> {
    let is_delimited = wire_type == WireType::LengthDelimited;
    match slot {
        Slot::Numbers(form, list) if is_delimited => {
            let mut packed = take_delimited(bytes)?;
            while !packed.is_empty() {
                list.set(take_number(form, &mut packed)?);
            }
            return Ok(());
        }
        Slot::Number(form, number) | Slot::Numbers(form, number) => {
            check(wire_type, form.wire_type())?;
            number.set(take_number(form, bytes)?);
            return Ok(());
        }
        _ => check(wire_type, WireType::LengthDelimited)?,
    }
    let value = take_delimited(bytes)?;
    match slot {
        Slot::Text(text) => *text = to_text(value)?,
        Slot::Texts(list) => list.push(to_text(value)?),
        Slot::Bytes(bytes) => *bytes = value.to_vec(),
        Slot::BytesList(list) => list.push(value.to_vec()),
        Slot::Message(message) => merge(message, value, deeper(depth)?)?,
        Slot::Messages(list) => merge(list.push_message(), value, deeper(depth)?)?,
        Slot::Map(map) => map.insert_entry(value, deeper(depth)?)?,
        Slot::Kept(kept) => {
            check_fields(value, deeper(depth)?)?;
            kept.extend_from_slice(value);
        }
        Slot::Number(..) | Slot::Numbers(..) => {}
    }
    Ok(())
}

fn deeper(depth: u32) -> Taken<u32> {
    depth.checked_sub(1).ok_or(Fault::Depth)
}

fn check(found: WireType, expected: WireType) -> Taken<()> {
    match found == expected {
        true => Ok(()),
        false => Err(Fault::WireType { found, expected }),
    }
}

fn to_text(bytes: &[u8]) -> Taken<String> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Text)?;
    Ok(text.to_owned())
}

fn take_varint(bytes: &mut &[u8]) -> Taken<u64> {
    varint::take(bytes).ok_or(Fault::Varint)
}

fn take<'b>(bytes: &mut &'b [u8], len: u64) -> Taken<&'b [u8]> {
    let len = usize::try_from(len).ok();
    let (taken, rest) = len
        .and_then(|len| bytes.split_at_checked(len))
        .ok_or(Fault::Underflow)?;
    *bytes = rest;
    Ok(taken)
}

fn take_delimited<'b>(bytes: &mut &'b [u8]) -> Taken<&'b [u8]> {
    let len = take_varint(bytes)?;
    take(bytes, len)
}

fn take_number(form: Form, bytes: &mut &[u8]) -> Taken<u64> {
    let mut fixed = [0; 8];
    Ok(match form {
        Form::Varint => take_varint(bytes)?,
        Form::ZigZag => {
            let value = take_varint(bytes)?;
            value >> 1 ^ (value & 1).wrapping_neg()
        }
        Form::Fixed32 => {
            fixed[..4].copy_from_slice(take(bytes, 4)?);
            u64::from_le_bytes(fixed)
        }
        Form::Fixed64 => {
            fixed.copy_from_slice(take(bytes, 8)?);
            u64::from_le_bytes(fixed)
        }
    })
}

/// The number of the next field, and the form of its value.
fn take_key(bytes: &mut &[u8]) -> Taken<(u32, WireType)> {
    let key = take_varint(bytes)?;
    let number = u32::try_from(key).map_err(|_| Fault::Key(key))? >> 3;
    let wire_type = match key & 7 {
        0 => WireType::Varint,
        1 => WireType::SixtyFourBit,
        2 => WireType::LengthDelimited,
        3 => WireType::StartGroup,
        4 => WireType::EndGroup,
        5 => WireType::ThirtyTwoBit,
        other => return Err(Fault::UnknownWireType(other)),
    };
    match number {
        0 => Err(Fault::Tag),
        _ => Ok((number, wire_type)),
    }
}

/// Passes over the value of a field that the message does not have.
fn skip(number: u32, wire_type: WireType, bytes: &mut &[u8], depth: u32) -> Taken<()> {
    let depth = deeper(depth)?;
    match wire_type {
        WireType::Varint => take_varint(bytes).map(drop),
        WireType::SixtyFourBit => take(bytes, 8).map(drop),
        WireType::ThirtyTwoBit => take(bytes, 4).map(drop),
        WireType::LengthDelimited => take_delimited(bytes).map(drop),
        WireType::EndGroup => Err(Fault::EndGroup),
        WireType::StartGroup => loop {
            let (inner, wire_type) = take_key(bytes)?;
            match wire_type {
                WireType::EndGroup if inner == number => return Ok(()),
                WireType::EndGroup => return Err(Fault::EndGroup),
                _ => skip(inner, wire_type, bytes, depth)?,
            }
        },
    }
}

/// Whether the bytes are fields.
fn check_fields(mut bytes: &[u8], depth: u32) -> Taken<()> {
    while !bytes.is_empty() {
        let (number, wire_type) = take_key(&mut bytes)?;
        skip(number, wire_type, &mut bytes, depth)?;
    }
    Ok(())
}
