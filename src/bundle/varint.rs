//! Unsigned integers in groups of seven bits, the lowest first; all but the last byte have the top bit.

/// Appends `value`.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let encoded = |value| {
            let mut out = Vec::new();
            put(&mut out, value);
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
}
