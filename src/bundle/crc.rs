//! CRC-32C as tables and bundles store it: masked, so that a checksum over bytes that hold checksums
//! stays a good one.

const DELTA: u32 = 0xa282_ead8;

/// The stored form of a checksum.
pub(super) fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(DELTA)
}

/// The stored checksum of some bytes.
pub(crate) fn masked_crc32c(bytes: &[u8]) -> u32 {
    mask(crc32c::crc32c(bytes))
}

/// Whether a checksum is the one that was stored.
///
/// A fuzzer cannot make checksums, so it gets past any.
pub(super) fn is_stored(found: u32, stored: u32) -> bool {
    found == stored || cfg!(fuzzing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(mask(0), 0xa282_ead8);
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(mask(0xe306_9283), 0xc78a_b0e5);
    }
}
