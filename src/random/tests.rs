//! The numbers here are TensorFlow 1.15.5's: `tf.raw_ops.RandomUniform` and so on with these seeds.

use half::{bf16, f16};

use super::*;

const SEED: Seed = Seed {
    seed: 87_654_321,
    seed2: 7,
};

trait Bits: Copy {
    fn bits(self) -> u64;
    fn bytes(self) -> Vec<u8>;
}

macro_rules! bits {
    ($($ty:ty, $to_bits:expr;)*) => {$(
        impl Bits for $ty {
            fn bits(self) -> u64 {
                u64::from($to_bits(self))
            }

            fn bytes(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
        }
    )*};
}

bits! {
    f16, f16::to_bits;
    bf16, bf16::to_bits;
    f32, f32::to_bits;
    f64, f64::to_bits;
    i32, |v: i32| v as u32;
    i64, |v: i64| v as u64;
}

/// Compares lengths 1, 2, 3 and 5 value by value, and length 1003 by its crc32c.
#[track_caller]
fn assert_kernel<T: Bits>(kernel: impl Fn(usize) -> Vec<T>, first: [u64; 5], crc: u32) {
    assert_eq!(kernel(0).len(), 0);
    for len in [1, 2, 3, 5] {
        let bits: Vec<u64> = kernel(len).into_iter().map(T::bits).collect();
        assert_eq!(bits, first[..len], "length {len}");
    }
    let bytes: Vec<u8> = kernel(1003).into_iter().flat_map(T::bytes).collect();
    assert_eq!(crc32c::crc32c(&bytes), crc, "length 1003");
}

#[test]
fn generator() {
    let philox = Philox::new(SEED.seed, SEED.seed2);
    let words = [0x76bd_f1c7, 0xbec0_cb43, 0x0e20_a88d, 0x9b0f_f78e];
    assert_eq!(philox.block(0), words);
}

#[test]
#[rustfmt::skip]
fn uniform() {
    assert_kernel(|n| random_uniform::<f16>(SEED, n),
        [0x371c, 0x3a86, 0x3068, 0x3b1c, 0x3300], 0x5689_10fe);
    assert_kernel(|n| random_uniform::<bf16>(SEED, n),
        [0x3f0e, 0x3f06, 0x3dd0, 0x3de0, 0x3f40], 0xe70f_76da);
    assert_kernel(|n| random_uniform::<f32>(SEED, n),
        [0x3ef7_c71c, 0x3f01_9686, 0x3e82_a234, 0x3dff_78e0, 0x3f6e_d9c0], 0xafb9_af1c);
    assert_kernel(|n| random_uniform::<f64>(SEED, n),
        [0x3feb_e38f_7d81_9686, 0x3fa5_11b3_61fe_f1c0, 0x3fdd_b382_3f54_47ac,
         0x3fea_ae75_1ed8_1f46, 0x3fc3_8fe5_2e34_5998], 0x674a_3920);
}

#[test]
#[rustfmt::skip]
fn uniform_int() {
    assert_kernel(|n| random_uniform_int::<i32>(SEED, -5, 1_000_003, n).unwrap(),
        [0x23182, 0x4473e, 0x4be0, 0x78a01, 0x6cb33], 0x8d61_77b2);
    assert_kernel(|n| random_uniform_int::<i64>(SEED, -7, 1 << 40, n).unwrap(),
        [0x43_7186_ac33, 0x8e_09e3_38c5, 0xeb_4188_9962, 0xa3_54b1_62ca, 0x33_9bda_0428],
        0xfd7d_6da4);
}

#[test]
fn uniform_int_covers_the_whole_type() {
    let words = Philox::new(SEED.seed, SEED.seed2).block(0);
    let values = random_uniform_int(SEED, i32::MIN, i32::MAX, 4).unwrap();
    let expected = words.map(|word| i32::MIN.wrapping_add((word % u32::MAX) as i32));
    assert_eq!(values, expected);
}

#[test]
fn uniform_int_refuses_an_empty_range() {
    let error = random_uniform_int::<i32>(SEED, 3, 3, 1).unwrap_err();
    let text = "uniform integers need a minimum below the maximum: minimum 3, maximum 3";
    assert_eq!(error.to_string(), text);
    assert!(random_uniform_int::<i64>(SEED, 0, -1, 0).is_err());
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
#[rustfmt::skip]
fn standard_normal() {
    assert_kernel(|n| random_standard_normal::<f16>(SEED, n),
        [0xaa02, 0xbcd1, 0x3cab, 0x3caf, 0xb51f], 0x41cb_4395);
    assert_kernel(|n| random_standard_normal::<bf16>(SEED, n),
        [0xbd40, 0xbf9a, 0x3f95, 0x3f96, 0xbea4], 0x0280_6f63);
    assert_kernel(|n| random_standard_normal::<f32>(SEED, n),
        [0xbd40_4a1e, 0xbf9a_1979, 0x3f95_5adb, 0x3f95_d6e4, 0xbea3_e03f], 0x69b8_9cfc);
    assert_kernel(|n| random_standard_normal::<f64>(SEED, n),
        [0x3fc1_29bc_eb66_03ee, 0x3fe0_393a_3a70_b5c4, 0xbff1_2405_0b06_f2a2,
         0x3fe3_eced_9e11_ad4d, 0x3fb9_f325_99e2_7838], 0x0d8c_e972);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
#[rustfmt::skip]
fn truncated() {
    assert_kernel(|n| truncated_normal::<f16>(SEED, n),
        [0xaa02, 0xbcd1, 0x3cab, 0x3caf, 0x39bc], 0x2eeb_742c);
    assert_kernel(|n| truncated_normal::<bf16>(SEED, n),
        [0xbd40, 0xbf9a, 0x3f95, 0x3f96, 0x3f37], 0x8e62_3d9f);
    assert_kernel(|n| truncated_normal::<f32>(SEED, n),
        [0xbd40_4a1e, 0xbf9a_1979, 0x3f95_5adb, 0x3f95_d6e4, 0x3f37_74cf], 0x75f8_3f65);
    assert_kernel(|n| truncated_normal::<f64>(SEED, n),
        [0x3fc1_29bc_eb66_03ee, 0x3fe0_393a_3a70_b5c4, 0xbfd5_75d0_6513_37a5,
         0x3ff0_6892_1a9c_c0f7, 0x3ff7_d663_1e16_4a1f], 0xb223_8ed3);
}

#[test]
fn threads_change_nothing() {
    for len in [2 * PER_THREAD, 2 * PER_THREAD + 3, 5 * PER_THREAD + 1] {
        let philox = Philox::new(SEED.seed, SEED.seed2);
        let parallel = random_uniform::<f32>(SEED, len);
        let serial = (0u64..).flat_map(|block| <f32 as RandomFloat>::uniform(philox.block(block)));
        assert!(serial.take(len).eq(parallel));

        let parallel = truncated_normal::<f64>(SEED, len);
        let serial = (0u64..).flat_map(|group| <f64 as RandomFloat>::truncated(&philox, group));
        assert!(serial.take(len).eq(parallel));
    }
}

/// Every argument that the kernels can pass to the three functions, folded into one number each.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn platform_functions_are_those_of_tensorflow() {
    fn fold(function: impl Fn(f32) -> f32) -> u64 {
        (0u32..1 << 23).fold(1_469_598_103_934_665_603, |hash, bits| {
            let result = function(f32::from_bits(bits | 0x3f80_0000) - 1.0);
            (hash ^ u64::from(result.to_bits())).wrapping_mul(1_099_511_628_211)
        })
    }
    let angle = |u: f32| (std::f64::consts::TAU * f64::from(u)) as f32;
    assert_eq!(fold(|u| u.max(1e-7).ln()), 0x1a5b_4744_9ecf_5a53);
    assert_eq!(fold(|u| angle(u).sin()), 0x4d9e_c677_ee98_eedc);
    assert_eq!(fold(|u| angle(u).cos()), 0x8a08_c7c6_2f1b_de9f);
}

#[test]
fn seeds_of_an_op() {
    let seeds = |graph, op| op_seeds(graph, op, 5).map(|s| (s.seed, s.seed2));
    assert_eq!(seeds(None, None), None);
    assert_eq!(seeds(None, Some(3)), Some((87_654_321, 3)));
    assert_eq!(seeds(None, Some(-5)), Some((87_654_321, 2_147_483_642)));
    assert_eq!(seeds(Some(42), None), Some((42, 5)));
    assert_eq!(seeds(Some(42), Some(1 << 40)), Some((42, 512)));
    assert_eq!(seeds(Some(2_147_483_647), Some(2)), Some((0, 2)));
    assert_eq!(seeds(Some(0), Some(0)), Some((0, 2_147_483_647)));
    assert_eq!(
        seeds(Some(-1), Some(2_147_483_648)),
        Some((2_147_483_646, 1))
    );
}
