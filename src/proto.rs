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
//! - A map entry whose key or value is zero or empty is written without it. It reads back the same, but TensorFlow
//!   writes both. Only `FunctionDef::arg_attr` has such entries, which are an [`ArgAttr`] each.

use prost::bytes::{Buf, BufMut};
use prost::encoding::{self, DecodeContext, WireType};

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

impl prost::Message for Kept {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.0);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), prost::DecodeError> {
        match wire_type {
            WireType::Varint => {
                let mut value = 0;
                encoding::uint64::merge(wire_type, &mut value, buf, ctx)?;
                encoding::uint64::encode(tag, &value, &mut self.0);
            }
            WireType::SixtyFourBit => {
                let mut value = 0;
                encoding::fixed64::merge(wire_type, &mut value, buf, ctx)?;
                encoding::fixed64::encode(tag, &value, &mut self.0);
            }
            WireType::ThirtyTwoBit => {
                let mut value = 0;
                encoding::fixed32::merge(wire_type, &mut value, buf, ctx)?;
                encoding::fixed32::encode(tag, &value, &mut self.0);
            }
            WireType::LengthDelimited => {
                let mut value = Vec::new();
                encoding::bytes::merge(wire_type, &mut value, buf, ctx)?;
                encoding::bytes::encode(tag, &value, &mut self.0);
            }
            // TensorFlow's messages have no groups.
            WireType::StartGroup | WireType::EndGroup => {
                encoding::skip_field(wire_type, tag, buf, ctx)?;
            }
        }
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// An entry of `FunctionDef::arg_attr`: the attributes of the argument at a position.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ArgAttr {
    pub(crate) index: u32,
    pub(crate) attrs: tensorflow::function_def::ArgAttrs,
}

impl prost::Message for ArgAttr {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        encoding::uint32::encode(1, &self.index, buf);
        encoding::message::encode(2, &self.attrs, buf);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), prost::DecodeError> {
        match tag {
            1 => encoding::uint32::merge(wire_type, &mut self.index, buf, ctx),
            2 => encoding::message::merge(wire_type, &mut self.attrs, buf, ctx),
            _ => encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }

    fn encoded_len(&self) -> usize {
        encoding::uint32::encoded_len(1, &self.index)
            + encoding::message::encoded_len(2, &self.attrs)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Package `google.protobuf`.
#[allow(missing_docs, unreachable_pub, reason = "generated")]
pub(crate) mod google {
    include!(concat!(env!("OUT_DIR"), "/google.rs"));
}

/// Package `tensorflow`.
#[allow(
    clippy::all,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "generated, and whole messages on purpose"
)]
pub(crate) mod tensorflow {
    include!(concat!(env!("OUT_DIR"), "/tensorflow.rs"));
}

/// Package `tensorflow_hub`.
#[allow(
    clippy::all,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "generated, and whole messages on purpose"
)]
pub(crate) mod tensorflow_hub {
    include!(concat!(env!("OUT_DIR"), "/tensorflow_hub.rs"));
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::tensorflow::{AttrValue, FunctionDef, GraphDef, NodeDef};
    use super::{ArgAttr, Kept};

    /// A message with fields of all wire types.
    fn any_message() -> Vec<u8> {
        let float = AttrValue::decode(&[0x25, 0, 0, 0x80, 0x3f][..]).unwrap();
        let mut node = NodeDef {
            name: "x".into(),
            ..NodeDef::default()
        };
        node.attr.insert("f".into(), float);
        [
            &node.encode_to_vec()[..],
            &[0x48, 0x85, 0x01],
            &[0x51; 9],
            &[0x5d, 1, 2, 3, 4],
        ]
        .concat()
    }

    #[test]
    fn a_kept_message_is_encoded_as_it_was() {
        let bytes = any_message();
        let mut kept = Kept::decode(&bytes[..]).unwrap();
        assert_eq!(kept.encoded_len(), bytes.len());
        assert_eq!(kept.encode_to_vec(), bytes);
        // Messages are merged by reading one after the other.
        kept.merge(&[0x0a, 0x01, b'y'][..]).unwrap();
        let node = NodeDef::decode(&kept.encode_to_vec()[..]).unwrap();
        assert_eq!((node.name.as_str(), node.attr.len()), ("y", 1));
    }

    #[test]
    fn a_kept_message_that_is_cut_short_is_refused() {
        let bytes = any_message();
        let end = bytes.len() - 4;
        assert!(Kept::decode(&bytes[..end]).is_err());
        // In the graph's field of its debug info.
        let graph = [&[0x2a, end as u8], &bytes[..end]].concat();
        assert!(GraphDef::decode(&graph[..]).is_err());
    }

    #[test]
    fn the_first_argument_without_attributes_is_written() {
        let function = FunctionDef {
            arg_attr: vec![ArgAttr::default()],
            ..FunctionDef::default()
        };
        let bytes = function.encode_to_vec();
        assert_eq!(bytes, [0x3a, 4, 0x08, 0, 0x12, 0]);
        assert_eq!(FunctionDef::decode(&bytes[..]).unwrap(), function);
        // In text form, zeros may be left out.
        assert_eq!(
            FunctionDef::decode(&[0x3a, 2, 0x12, 0][..]).unwrap(),
            function
        );
    }
}
