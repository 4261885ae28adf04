//! The keys that parts of partitioned tensors are saved under.

use crate::proto::tensorflow::TensorSliceProto;
use crate::proto::tensorflow::tensor_slice_proto::Extent;
use crate::proto::tensorflow::tensor_slice_proto::extent::HasLength;

/// A part in TensorFlow's notation: start and length in each dimension, or `-` for all of it.
pub(super) fn extents(slice: &TensorSliceProto) -> String {
    let extent = |extent: &Extent| match extent.has_length {
        Some(HasLength::Length(len)) => format!("{},{len}", extent.start),
        None => "-".to_owned(),
    };
    let extents: Vec<_> = slice.extent.iter().map(extent).collect();
    format!("\"{}\"", extents.join(":"))
}

/// The key that a part of a tensor is saved under.
///
/// It is a zero, the name, the number of dimensions, and the start and length in each, all in an encoding that sorts
/// like the values. A dimension that is taken whole has the length -1.
pub(super) fn key(name: &[u8], slice: &TensorSliceProto) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 8 + 4 * slice.extent.len());
    put_number(&mut key, 0);
    put_string(&mut key, name);
    put_number(&mut key, slice.extent.len() as u64);
    for extent in &slice.extent {
        let (start, len) = match extent.has_length {
            Some(HasLength::Length(len)) => (extent.start, len),
            None => (0, -1),
        };
        put_signed(&mut key, start);
        put_signed(&mut key, len);
    }
    key
}

/// Whether the key is one of a part of a tensor.
pub(super) fn is_slice_key(key: &[u8]) -> bool {
    key.first() == Some(&0)
}

/// The length in bytes, then the bytes, the highest first.
fn put_number(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    let zeros = value.leading_zeros() as usize / 8;
    out.push((bytes.len() - zeros) as u8);
    out.extend(&bytes[zeros..]);
}

/// The bytes with zeros and 255 followed by a byte that says so, then an end that sorts below all else.
fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        out.push(byte);
        match byte {
            0 => out.push(0xff),
            0xff => out.push(0),
            _ => {}
        }
    }
    out.extend([0, 1]);
}

/// As many leading ones as there are bytes, then the two's complement; the leading bits are inverted for negative
/// values.
fn put_signed(out: &mut Vec<u8>, value: i64) {
    let magnitude = if value < 0 { !value } else { value } as u64;
    let bits = (u64::BITS - magnitude.leading_zeros()) as usize;
    let len = bits / 7 + 1;
    let extended = i128::from(value).to_be_bytes();
    let start = out.len();
    out.extend(&extended[extended.len() - len..]);
    // The header has `len` ones, of which the first is the bit that tells the sign.
    let header = (0xffff_u32 << (16 - len)) as u16;
    let header = header.to_be_bytes();
    out[start] ^= header[0];
    if len > 1 {
        out[start + 1] ^= header[1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extents(extents: &[Option<(i64, i64)>]) -> TensorSliceProto {
        let extent = |extent: &Option<(i64, i64)>| Extent {
            start: extent.map_or(0, |(start, _)| start),
            has_length: extent.map(|(_, len)| HasLength::Length(len)),
        };
        TensorSliceProto {
            extent: extents.iter().map(extent).collect(),
        }
    }

    #[test]
    fn keys_are_those_of_tensorflow() {
        assert_eq!(
            key(b"v/w", &extents(&[Some((1, 1)), None])),
            b"\x00v/w\x00\x01\x01\x02\x81\x81\x80\x7f"
        );
        assert_eq!(
            key(b"zz", &extents(&[Some((3, 300_000))])),
            b"\x00zz\x00\x01\x01\x01\x83\xe4\x93\xe0"
        );
        assert_eq!(
            key(b"a\x00\xff", &extents(&[])),
            b"\x00a\x00\xff\xff\x00\x00\x01\x00"
        );
    }

    #[test]
    fn numbers_sort_like_their_keys() {
        let encoded = |value| {
            let mut out = Vec::new();
            put_signed(&mut out, value);
            out
        };
        let mut values = vec![i64::MIN, -1, 0, 1, i64::MAX];
        for shift in 6..63 {
            for near in -1..2 {
                values.push((1 << shift) + near);
                values.push(-(1 << shift) + near);
            }
        }
        values.sort();
        values.dedup();
        assert_eq!(encoded(63), [0xbf]);
        assert_eq!(encoded(64), [0xc0, 0x40]);
        assert_eq!(encoded(-64), [0x40]);
        assert_eq!(encoded(i64::MAX)[..4], [0xff, 0xc0, 0x7f, 0xff]);
        for pair in values.windows(2) {
            assert!(encoded(pair[0]) < encoded(pair[1]), "{pair:?}");
        }
    }
}
