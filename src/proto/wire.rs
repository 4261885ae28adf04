//! How messages are encoded: one writer and one reader for all of them.
//!
//! A message hands its fields to a [`Sink`], and tells where the value of a field goes, its [`Slot`].
//! `build/messages.rs` writes both functions for each.

mod read;
mod write;

use crate::varint;

pub(crate) use read::{DecodeError, Oneof, Slot, member};
pub(crate) use write::{Lengths, Sink, delimited_len, key_len};

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
        read::decode(&mut message, bytes)?;
        Ok(message)
    }

    fn encoded_len(&self) -> usize
    where
        Self: Sized,
    {
        Lengths::of(self).total
    }

    /// The lengths that [`encode_raw`](Self::encode_raw) needs.
    fn lengths(&self) -> Lengths
    where
        Self: Sized,
    {
        Lengths::of(self)
    }

    fn encode_to_vec(&self) -> Vec<u8>
    where
        Self: Sized,
    {
        let lengths = Lengths::of(self);
        let mut out = Vec::with_capacity(lengths.total);
        self.encode_raw(&lengths, &mut out);
        out
    }

    /// Appends the encoded message, whose lengths these are.
    fn encode_raw(&self, lengths: &Lengths, out: &mut Vec<u8>)
    where
        Self: Sized,
    {
        self.write(&mut lengths.sink(out));
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
