//! `tfhub::ops::debugging`.

use tfhub::DType;
use tfhub::ops::array::identity;
use tfhub::ops::debugging::{self, AssertOptions};

use super::{Table, calls};

const PAIRS: [&str; 4] = ["[2] [2]", "[?] [?]", "[] [3]", "? ?"];
const SINGLE: [&str; 3] = ["[2,3]", "[?]", "?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.debugging.Assert(c, [x, 'text'])" = |g, c: bool, x: T| debugging::assert(c, (x, "text"), ()), [f32, i32], ["[] [2]"];
        "tf.debugging.Assert(c, [x], summarize=5)" = |g, c: bool, x: T| debugging::assert(c, [x], 5), [f32], ["[] [2]", "? ?"];
        "tf.debugging.assert_equal(x, y)" = |g, x: T, y: T| debugging::assert_equal(x, y, ()), [f32, i64], PAIRS;
        "tf.debugging.assert_none_equal(x, y)" = |g, x: T, y: T| debugging::assert_none_equal(x, y, ()), [f32, i32], PAIRS;
        "tf.debugging.assert_less(x, y)" = |g, x: T, y: T| debugging::assert_less(x, y, ()), [f32, i32], PAIRS;
        "tf.debugging.assert_less_equal(x, y)" = |g, x: T, y: T| debugging::assert_less_equal(x, y, ()), [f32], PAIRS;
        "tf.debugging.assert_greater(x, y)" = |g, x: T, y: T| debugging::assert_greater(x, y, ()), [f32], PAIRS;
        "tf.debugging.assert_greater_equal(x, y, summarize=4, message='order')" = |g, x: T, y: T| debugging::assert_greater_equal(x, y, AssertOptions::default().summarize(4).message("order")), [f32], PAIRS;
        "tf.debugging.assert_positive(x)" = |g, x: T| debugging::assert_positive(x, ()), [f32, i64], SINGLE;
        "tf.debugging.assert_negative(x)" = |g, x: T| debugging::assert_negative(x, ()), [f32], SINGLE;
        "tf.debugging.assert_non_positive(x)" = |g, x: T| debugging::assert_non_positive(x, ()), [f32], SINGLE;
        "tf.debugging.assert_non_negative(x)" = |g, x: T| debugging::assert_non_negative(x, ()), [f32, i32], SINGLE;
        "tf.debugging.assert_rank(x, 2)" = |g, x: T| debugging::assert_rank(x, 2, ()), [f32], ["[2,3]", "[?,?]", "?", "[2]"];
        "tf.debugging.assert_rank_at_least(x, 2)" = |g, x: T| debugging::assert_rank_at_least(x, 2, ()), [f32], ["[2,3]", "[?,?,2]", "?", "[2]"];
        "tf.debugging.assert_rank_in(x, [1, 2])" = |g, x: T| debugging::assert_rank_in(x, [1, 2], ()), [f32], ["[2,3]", "?", "[2,2,2]"];
        "tf.debugging.assert_near(x, y)" = |g, x: T, y: T| debugging::assert_near(x, y, ()), [f32, f64], PAIRS;
        "tf.debugging.assert_type(x, tf.float32)" = |g, x: T| debugging::assert_type(x, DType::Float32, ()), [f32, i32], ["[2]"];
        "tf.debugging.assert_integer(x)" = |g, x: T| debugging::assert_integer(x, ()), [f32, i32], ["[2]"];
        "tf.debugging.assert_scalar(x)" = |g, x: T| debugging::assert_scalar(x, ()), [f32], ["[]", "[2]"];
        "tf.identity(x) if tf.debugging.is_numeric_tensor(x) else x" = |g, x: T| if debugging::is_numeric_tensor(x) { identity(x) } else { x }, [f32, bool], ["[2]"];
    });
    table
}
