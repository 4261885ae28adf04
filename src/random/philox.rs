//! Philox 4x32-10: a block cipher over a counter, so that block n is had without the blocks before it.

use super::Seed;

const MULTIPLIER_0: u32 = 0xD251_1F53;
const MULTIPLIER_2: u32 = 0xCD9E_8D57;
const KEY_STEP: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: u32 = 10;
/// The key with which the seeds of stateless ops are scrambled.
const SCRAMBLING: [u32; 2] = [0x3ec8_f720, 0x0246_1e29];

/// The generator of one kernel: its key, and the upper half of its counter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Philox {
    key: [u32; 2],
    high: [u32; 2],
}

impl Philox {
    /// TensorFlow's `seed` is the key, `seed2` the upper half of the counter.
    pub(super) fn new(seed: i64, seed2: i64) -> Self {
        Philox {
            key: split(seed as u64),
            high: split(seed2 as u64),
        }
    }

    /// The generator of a stateless op with this seed.
    pub(crate) fn stateless([first, second]: [i64; 2]) -> Self {
        let scrambler = Philox {
            key: SCRAMBLING,
            high: split(second as u64),
        };
        let [a, b, c, d] = scrambler.block(first as u64);
        Philox {
            key: [a, b],
            high: [c, d],
        }
    }

    /// The words of all blocks, one after the other.
    pub(crate) fn words(self) -> impl Iterator<Item = u32> {
        (0..).flat_map(move |number| self.block(number))
    }

    /// The four words of the block with this number, the lower half of the counter.
    #[inline]
    pub(super) fn block(&self, number: u64) -> [u32; 4] {
        let ([mut a, mut b], [mut c, mut d]) = (split(number), self.high);
        let [mut key_0, mut key_1] = self.key;
        for _ in 0..ROUNDS {
            let [low_0, high_0] = split(u64::from(MULTIPLIER_0) * u64::from(a));
            let [low_2, high_2] = split(u64::from(MULTIPLIER_2) * u64::from(c));
            (a, b) = (high_2 ^ b ^ key_0, low_2);
            (c, d) = (high_0 ^ d ^ key_1, low_0);
            key_0 = key_0.wrapping_add(KEY_STEP[0]);
            key_1 = key_1.wrapping_add(KEY_STEP[1]);
        }
        [a, b, c, d]
    }
}

impl From<Seed> for Philox {
    fn from(Seed { seed, seed2 }: Seed) -> Self {
        Philox::new(seed, seed2)
    }
}

/// The low and the high half.
#[inline]
fn split(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}
