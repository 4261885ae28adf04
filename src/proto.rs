//! The protocol buffer messages of TensorFlow and TensorFlow Hub, generated from `proto/` at build time.
//!
//! The modules are named after the protocol buffer packages. Every message holds all fields that TensorFlow 1.15 and
//! 2.15 write, since decoding drops those it does not know. Maps are ordered by key, so equal messages encode to equal
//! bytes. Enum fields are `i32`, so values from later releases survive.
//!
//! Fields whose messages nobody looks into ([`Kept`]) have no types of their own; `build/messages.rs` lists them.
//!
//! Where bytes matter:
//! - A `oneof` is written at the place of its lowest number. Where TensorFlow has other fields in between, the member
//!   on the far side stands outside of the `oneof` (`TensorInfo::name`, `SavedObject::captured_tensor`): set only one.
//! - A map entry whose key is zero or empty is written without it. It reads back the same, but TensorFlow writes it.
//!   Only `FunctionDef::arg_attr` has such entries, which are an [`ArgAttr`] each.

mod wire;

pub(crate) use wire::{DecodeError, Lengths, Message, WireType, delimited_len, key_len};

use self::wire::{Form, Sink, Slot};
use crate::varint;

/// Writes what goes before the bytes of a field that is bytes, text or a message.
pub(crate) fn length_delimited(field: u32, len: usize, out: &mut Vec<u8>) {
    put_key(field, WireType::LengthDelimited, out);
    varint::put(out, len as u64);
}

/// Writes a field that is a number or a bool.
pub(crate) fn number(field: u32, value: u64, out: &mut Vec<u8>) {
    put_key(field, WireType::Varint, out);
    varint::put(out, value);
}

fn put_key(field: u32, kind: WireType, out: &mut Vec<u8>) {
    varint::put(out, u64::from(field) << 3 | kind as u64);
}

/// A message of any type, as its encoded fields. One that is merged into it comes after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kept(Vec<u8>);

/// An entry of `FunctionDef::arg_attr`: the attributes of the argument at a position.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ArgAttr {
    pub(crate) index: u32,
    pub(crate) attrs: tensorflow::function_def::ArgAttrs,
}

impl Message for ArgAttr {
    fn name(&self) -> &'static str {
        "ArgAttr"
    }

    fn write(&self, out: &mut Sink<'_>) {
        out.put_number(1, Form::Varint, self.index);
        out.message(2, &self.attrs);
    }

    fn field(&mut self, number: u32) -> Option<(&'static str, Slot<'_>)> {
        Some(match number {
            1 => ("index", Slot::Number(Form::Varint, &mut self.index)),
            2 => ("attrs", Slot::Message(&mut self.attrs)),
            _ => return None,
        })
    }
}

/// Package `google.protobuf`.
#[allow(missing_docs, unreachable_pub, unused_imports, reason = "generated")]
pub(crate) mod google {
    use super::wire::{Form, Message, Oneof, Sink, Slot, member};

    include!(concat!(env!("OUT_DIR"), "/google.rs"));
}

/// Package `tensorflow`.
#[allow(
    clippy::all,
    dead_code,
    missing_docs,
    private_interfaces,
    unreachable_pub,
    unused_imports,
    reason = "generated, and whole messages on purpose"
)]
pub(crate) mod tensorflow {
    use super::wire::{Form, Message, Oneof, Sink, Slot, member};

    include!(concat!(env!("OUT_DIR"), "/tensorflow.rs"));
}

/// Package `tensorflow_hub`.
#[allow(
    clippy::all,
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports,
    reason = "generated, and whole messages on purpose"
)]
pub(crate) mod tensorflow_hub {
    use super::wire::{Form, Message, Oneof, Sink, Slot, member};

    include!(concat!(env!("OUT_DIR"), "/tensorflow_hub.rs"));
}

#[cfg(test)]
mod tests;
