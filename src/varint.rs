//! Unsigned integers in groups of seven bits, the lowest first; all but the last byte have the top bit.

/// The longest encoding of a `u64`.
pub(crate) const MAX_LEN: usize = 10;

/// Appends `value`.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes [`put`] appends.
pub(crate) fn len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// The number at the beginning of `bytes`, and how many bytes it takes; `None` if it does not end or is too large.
pub(crate) fn get(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(MAX_LEN).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if index == MAX_LEN - 1 && byte > 1 {
            return None;
        }
        value |= bits << (7 * index);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Takes a number off the front of `bytes`.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    // Most are small.
    if let [byte @ 0..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Some(u64::from(*byte));
    }
    let (value, len) = get(bytes)?;
    *bytes = &bytes[len..];
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let encoded = |value| {
            let mut out = Vec::new();
            put(&mut out, value);
            assert_eq!(get(&out), Some((value, out.len())));
            assert_eq!(len(value), out.len());
            assert_eq!(get(&out[..out.len() - 1]), None);
            out
        };
        assert_eq!(encoded(0), [0]);
        assert_eq!(encoded(0x7f), [0x7f]);
        assert_eq!(encoded(0x80), [0x80, 1]);
        assert_eq!(encoded(300), [0xac, 2]);
        assert_eq!(
            encoded(u64::MAX),
            [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
        );
    }

    #[test]
    fn numbers_above_64_bits_are_none() {
        assert_eq!(get(&[255, 255, 255, 255, 255, 255, 255, 255, 255, 2]), None);
        assert_eq!(get(&[0x80; 11]), None);
    }
}
