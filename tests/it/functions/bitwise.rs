//! `tfhub::ops::bitwise`.

use tfhub::ops::bitwise;
use tfhub::{GraphBuilder, Variable, init};

use super::{Table, calls};

/// The variable `v`.
fn counts(g: &GraphBuilder) -> Variable<'_, i32> {
    g.get_variable("v")
        .shape([2])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.bitwise.bitwise_and(x, y)" =
            |g, x: T, y: T| bitwise::bitwise_and(x, y), [i32, u8, u64], ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
        "tf.bitwise.bitwise_and(x, 3)" =
            |g, x: T| bitwise::bitwise_and(x, 3), [i32, i8], ["[2,3]", "?"];
        "tf.bitwise.bitwise_and(variable('v', [2], tf.int32), 3)" = |g| bitwise::bitwise_and(counts(g), 3);
        "tf.bitwise.bitwise_or(x, y)" =
            |g, x: T, y: T| bitwise::bitwise_or(x, y), [i32, u8, u64], ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
        "tf.bitwise.bitwise_or(x, 3)" =
            |g, x: T| bitwise::bitwise_or(x, 3), [i32, i8], ["[2,3]", "?"];
        "tf.bitwise.bitwise_or(variable('v', [2], tf.int32), 3)" = |g| bitwise::bitwise_or(counts(g), 3);
        "tf.bitwise.bitwise_xor(x, y)" =
            |g, x: T, y: T| bitwise::bitwise_xor(x, y), [i32, u8, u64], ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
        "tf.bitwise.bitwise_xor(x, 3)" =
            |g, x: T| bitwise::bitwise_xor(x, 3), [i32, i8], ["[2,3]", "?"];
        "tf.bitwise.bitwise_xor(variable('v', [2], tf.int32), 3)" = |g| bitwise::bitwise_xor(counts(g), 3);
        "tf.bitwise.left_shift(x, y)" =
            |g, x: T, y: T| bitwise::left_shift(x, y), [i32, u8, u64], ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
        "tf.bitwise.left_shift(x, 3)" =
            |g, x: T| bitwise::left_shift(x, 3), [i32, i8], ["[2,3]", "?"];
        "tf.bitwise.left_shift(variable('v', [2], tf.int32), 3)" = |g| bitwise::left_shift(counts(g), 3);
        "tf.bitwise.right_shift(x, y)" =
            |g, x: T, y: T| bitwise::right_shift(x, y), [i32, u8, u64], ["[2,3] [3]", "[?,1] [2,3]", "? [2]", "[2] [3]"];
        "tf.bitwise.right_shift(x, 3)" =
            |g, x: T| bitwise::right_shift(x, 3), [i32, i8], ["[2,3]", "?"];
        "tf.bitwise.right_shift(variable('v', [2], tf.int32), 3)" = |g| bitwise::right_shift(counts(g), 3);
        "tf.bitwise.invert(x)" =
            |g, x: T| bitwise::invert(x), [i32, u16], ["[2,3]", "[?,3]", "?"];
    });
    table
}
