//! Reading messages: a field's value goes to the slot that the message has for its number.

use std::fmt;

use super::{Form, Message, Number, WireType};
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

errors! {
    #[derive(Debug, Clone, PartialEq, Eq)]
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

/// Reads fields into a message.
pub(super) fn decode(message: &mut dyn Message, bytes: &[u8]) -> Result<(), DecodeError> {
    merge(message, bytes, MAX_DEPTH).map_err(|error| *error)
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
