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
        "tf.debugging.assert_all_finite(x, 'not finite')" = |g, x: T| debugging::assert_all_finite(x, "not finite"), [f32, f64], ["[2]", "?"];
        "tf.verify_tensor_all_finite(x, 'not finite', name='n')" = |g, x: T| g.named("n", || debugging::assert_all_finite(x, "not finite")), [f32], ["[2]"];
        "tf.debugging.is_non_decreasing(x)" = |g, x: T| debugging::is_non_decreasing(x), [f32, i64, u8, u16], ["[?]", "[2,3]", "?"];
        "tf.debugging.is_strictly_increasing(x, name='n')" = |g, x: T| g.named("n", || debugging::is_strictly_increasing(x)), [f32, i32], ["[?]", "[0]", "[1]", "[]", "[2]", "[5]"];
        "tf.debugging.assert_shapes([(x, ('N', 'Q')), (y, ('N', '.'))])" = |g, x: T, y: T| debugging::assert_shapes(g, [(x.any(), "N Q"), (y.any(), "N .")], ()), [f32], ["[2,3] [2,3]", "[?,?] [2,?]", "? ?", "[2] [2,3]", "[2,3] [3,3]"];
        "tf.debugging.assert_shapes([(x, ('N',)), (y, (..., 'N', 2)), (x, ())], summarize=4, message='sizes', name='n')" = |g, x: T, y: T| g.named("n", || debugging::assert_shapes(g, [(x.any(), "N"), (y.any(), "..., N, 2"), (x.any(), "")], AssertOptions::default().summarize(4).message("sizes"))), [f32], ["[1] [4,1,2]", "[?] [?,2]", "[] [1,2]", "? ?", "[1] [2]", "[?] [?,3]"];
        "tf.debugging.assert_shapes([(x, ('*', 'N')), (y, ('N', 'N'))], data=['sizes'])" = |g, x: T, y: T| debugging::assert_shapes(g, [(x.any(), "* N"), (y.any(), "N N")], AssertOptions::default().data(["sizes"])), [f32], ["[2,?] [?,?]", "[2,3] [3,3]", "? ?"];
        "tf.debugging.assert_shapes([(x, ('N', '*'))])" = |g, x: T| debugging::assert_shapes(g, [(x.any(), "N *")], ()), [f32], ["[2,?]"];
        "tf.debugging.assert_shapes([])" = |g| debugging::assert_shapes(g, [] as [(tfhub::graph::AnyTensor, &str); 0], ());
        "tf.identity(x) if tf.debugging.is_numeric_tensor(x) else x" = |g, x: T| if debugging::is_numeric_tensor(x) { identity(x) } else { x }, [f32, bool], ["[2]"];
    });
    table
}
