//! Distributions made of the generator's words: one group of outputs at a time.
//!
//! An element type says how many outputs a group has and how they follow from words; `mod.rs` says
//! which group lies where in the output.

use half::{bf16, f16};

use super::philox::Philox;

/// Blocks that a truncated normal keeps for each output: a group starts at its first output's.
const RESERVED: u64 = 256;

/// The element types of the floating-point kernels.
pub(crate) trait RandomFloat: Copy + Default + Send + Sync {
    /// The outputs that one block of four words gives: four, for `f64` two.
    type Group: AsRef<[Self]>;

    /// Uniform in `[0, 1)`.
    fn uniform(words: [u32; 4]) -> Self::Group;

    /// Normal with mean 0 and standard deviation 1.
    fn normal(words: [u32; 4]) -> Self::Group;

    /// Normal, redrawn until all lie within two standard deviations.
    fn truncated(philox: &Philox, group: u64) -> Self::Group;
}

macro_rules! single {
    ($($float:ty, $uniform:expr, $narrow:expr;)*) => {$(
        impl RandomFloat for $float {
            type Group = [Self; 4];

            #[inline]
            fn uniform(words: [u32; 4]) -> Self::Group {
                words.map($uniform)
            }

            #[inline]
            fn normal(words: [u32; 4]) -> Self::Group {
                normal_f32(words).map($narrow)
            }

            #[inline]
            fn truncated(philox: &Philox, group: u64) -> Self::Group {
                // A block reserved for each output, and a block is what four outputs take.
                truncated(philox, group.wrapping_mul(RESERVED), normal_f32, |z: f32| z.abs() < 2.0)
                    .map($narrow)
            }
        }
    )*};
}

// The mantissa's bits over a power of two are exact in each of these types.
single! {
    f32, uniform_f32, |z| z;
    f16, |word| f16::from_f32((word & 0x3ff) as f32 / 1024.0), f16::from_f32;
    bf16, |word| bf16::from_f32((word & 0x7f) as f32 / 128.0), bf16::from_f32;
}

impl RandomFloat for f64 {
    type Group = [f64; 2];

    #[inline]
    fn uniform([a, b, c, d]: [u32; 4]) -> Self::Group {
        [uniform_f64(a, b), uniform_f64(c, d)]
    }

    #[inline]
    fn normal(words: [u32; 4]) -> Self::Group {
        normal_f64(words)
    }

    #[inline]
    fn truncated(philox: &Philox, group: u64) -> Self::Group {
        truncated(
            philox,
            group.wrapping_mul(RESERVED / 2),
            normal_f64,
            |z: f64| z.abs() < 2.0,
        )
    }
}

/// The element types of `RandomUniformInt`.
pub(crate) trait RandomInt: Copy + Default + Send + Sync + Ord + Into<i64> {
    /// The outputs of one block.
    type Group: AsRef<[Self]>;

    /// Uniform in `[min, max)`, which is not empty.
    fn between(min: Self, max: Self, words: [u32; 4]) -> Self::Group;
}

impl RandomInt for i32 {
    type Group = [i32; 4];

    #[inline]
    fn between(min: i32, max: i32, words: [u32; 4]) -> Self::Group {
        let range = max.wrapping_sub(min) as u32;
        words.map(|word| min.wrapping_add((word % range) as i32))
    }
}

impl RandomInt for i64 {
    type Group = [i64; 2];

    #[inline]
    fn between(min: i64, max: i64, [a, b, c, d]: [u32; 4]) -> Self::Group {
        let range = max.wrapping_sub(min) as u64;
        [(a, b), (c, d)].map(|(low, high)| {
            let value = u64::from(low) | u64::from(high) << 32;
            min.wrapping_add((value % range) as i64)
        })
    }
}

/// The low 23 bits as the mantissa of a number in `[1, 2)`, less 1.
#[inline]
fn uniform_f32(word: u32) -> f32 {
    f32::from_bits(word & 0x007f_ffff | 0x3f80_0000) - 1.0
}

/// 20 bits of the first word above 32 of the second as the mantissa of a number in `[1, 2)`, less 1.
#[inline]
fn uniform_f64(high: u32, low: u32) -> f64 {
    let mantissa = u64::from(high & 0x000f_ffff) << 32 | u64::from(low);
    f64::from_bits(mantissa | 0x3ff0_0000_0000_0000) - 1.0
}

/// Box and Muller's transform of two pairs.
#[inline]
fn normal_f32([a, b, c, d]: [u32; 4]) -> [f32; 4] {
    let pair = |x: u32, y: u32| {
        let radius = (-2.0 * uniform_f32(x).max(1.0e-7).ln()).sqrt();
        // TensorFlow multiplies by 2 pi in double precision and rounds once.
        let angle = (std::f64::consts::TAU * f64::from(uniform_f32(y))) as f32;
        [angle.sin() * radius, angle.cos() * radius]
    };
    let ([p, q], [r, s]) = (pair(a, b), pair(c, d));
    [p, q, r, s]
}

/// Box and Muller's transform of one pair, each of two words.
#[inline]
fn normal_f64([a, b, c, d]: [u32; 4]) -> [f64; 2] {
    let radius = (-2.0 * uniform_f64(a, b).max(1.0e-7).ln()).sqrt();
    let angle = std::f64::consts::TAU * uniform_f64(c, d);
    [angle.sin() * radius, angle.cos() * radius]
}

/// The first `N` normals from block `block` onward that `keep` accepts.
#[inline]
fn truncated<T: Copy + Default, const N: usize>(
    philox: &Philox,
    mut block: u64,
    normal: impl Fn([u32; 4]) -> [T; N],
    keep: impl Fn(T) -> bool,
) -> [T; N] {
    let mut group = [T::default(); N];
    let mut kept = 0;
    loop {
        for z in normal(philox.block(block)) {
            if keep(z) {
                group[kept] = z;
                kept += 1;
                if kept == N {
                    return group;
                }
            }
        }
        block = block.wrapping_add(1);
    }
}
