//! Operations on the bits of integers (`tf.bitwise`).

use crate::ops::types::Int;

functions! {
    /// The bits that both have (`tf.bitwise.bitwise_and`).
    bitwise_and "BitwiseAnd" <T: Int>(x: T, y: T) -> T;
    /// The bits that one of them has, or both (`tf.bitwise.bitwise_or`).
    bitwise_or "BitwiseOr" <T: Int>(x: T, y: T) -> T;
    /// The bits that only one of them has (`tf.bitwise.bitwise_xor`).
    bitwise_xor "BitwiseXor" <T: Int>(x: T, y: T) -> T;
    /// The bits of `x` moved to the left (`tf.bitwise.left_shift`).
    left_shift "LeftShift" <T: Int>(x: T, y: T) -> T;
    /// The bits of `x` moved to the right; the sign stays (`tf.bitwise.right_shift`).
    right_shift "RightShift" <T: Int>(x: T, y: T) -> T;
    /// Each bit inverted (`tf.bitwise.invert`).
    invert "Invert" <T: Int>(x: T) -> T;
}
