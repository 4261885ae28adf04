//! Elementwise functions and operators of ragged tensors.

use tfhub::dtype::ByteString;
use tfhub::ops::ragged::{self, RaggedTensor};
use tfhub::ops::{bitwise, math, string};

use super::{r, r32};
use crate::functions::{Table, calls};

pub(super) fn rows(table: &mut Table) {
    operators(table);
    functions(table);
    shapes(table);
}

fn operators(table: &mut Table) {
    calls!(table, {
        "[ragged(tf.float32, 1) + 1.0, ragged(tf.float32, 1) - 1.0, ragged(tf.float32, 1) * 2.0, ragged(tf.float32, 1) / 2.0, ragged(tf.float32, 1) % 2.0]" = |g| [r::<f32>(g, 1) + 1.0, r::<f32>(g, 1) - 1.0, r::<f32>(g, 1) * 2.0, r::<f32>(g, 1) / 2.0, r::<f32>(g, 1) % 2.0];
        "[1.0 + ragged(tf.float32, 1), 1.0 - ragged(tf.float32, 1), 2.0 * ragged(tf.float32, 1), 2.0 / ragged(tf.float32, 1), 2.0 % ragged(tf.float32, 1)]" = |g| [1.0 + r::<f32>(g, 1), 1.0 - r::<f32>(g, 1), 2.0 * &r::<f32>(g, 1), 2.0 / r::<f32>(g, 1), 2.0 % r::<f32>(g, 1)];
        "[ragged(tf.float32, 1) + y, ragged(tf.float32, 2) - y, ragged(tf.float32, 1) * y, ragged(tf.float32, 1) / y, ragged(tf.float32, 1) % y]" = |g, y: T| [r::<f32>(g, 1) + y, &r::<f32>(g, 2) - y, r::<f32>(g, 1) * y, r::<f32>(g, 1) / y, r::<f32>(g, 1) % y], [f32], ["[]"];
        "[y + ragged(tf.float32, 1), y - ragged(tf.float32, 2), y * ragged(tf.float32, 1), y / ragged(tf.float32, 1), y % ragged(tf.float32, 1)]" = |g, y: T| [y + r::<f32>(g, 1), y - &r::<f32>(g, 2), y * r::<f32>(g, 1), y / r::<f32>(g, 1), y % r::<f32>(g, 1)], [f32], ["[]"];
        "[ragged(tf.int32, 1) / 2, 2 / ragged(tf.int32, 2)]" = |g| [r::<i32>(g, 1) / 2, 2 / r::<i32>(g, 2)];
        "[ragged(tf.bool, 1) & True, ragged(tf.bool, 1) | y, True & ragged(tf.bool, 1), y | ragged(tf.bool, 1), ~ragged(tf.bool, 2)]" = |g, y: T| [r::<bool>(g, 1) & true, r::<bool>(g, 1) | y, true & r::<bool>(g, 1), y | r::<bool>(g, 1), !r::<bool>(g, 2)], [bool], ["[]"];
        "ragged(tf.bool, 1) ^ True" = |g| r::<bool>(g, 1) ^ true;
        "y ^ ragged(tf.bool, 1)" = |g, y: T| y ^ r::<bool>(g, 1), [bool], ["[]"];
        "tf.math.logical_xor(True, ragged(tf.bool, 1), name='differ')" = |g| { let x = r::<bool>(g, 1); g.named("differ", || true ^ &x) };
        "[-ragged(tf.float32, 1), -ragged(tf.int32, 2)][1:]" = |g| { let negative = -r::<f32>(g, 1); let _ = negative; -&r::<i32>(g, 2) };
        "ragged(tf.float32, 1) + ragged(tf.float32, 1)" = |g| r::<f32>(g, 1) + r::<f32>(g, 1);
        "(lambda x: x * x)(ragged(tf.float32, 2))" = |g| { let x = r::<f32>(g, 2); &x * &x };
        "ragged(tf.float32, 1) * variable('v', [])" = |g| { let x = r::<f32>(g, 1); x * g.get_variable::<f32>("v").shape(&[] as &[usize]).initializer(tfhub::init::zeros()).finish() };
    });
}

fn functions(table: &mut Table) {
    calls!(table, {
        "tf.add(ragged(tf.float32, 1), 2.0, name='sum')" = |g| { let x = r::<f32>(g, 1); g.named("sum", || ragged::binary_elementwise(&x, g.value(2.0), |x, y| math::add(x, y))) };
        "tf.add(2.0, ragged(tf.float32, 1), name='sum')" = |g| { let y = r::<f32>(g, 1); g.named("sum", || ragged::binary_elementwise(g.value(2.0), &y, |x, y| math::add(x, y))) };
        "[tf.equal(ragged(tf.float32, 1), 2.0), tf.not_equal(ragged(tf.float32, 1), 2.0), tf.less(1.0, ragged(tf.float32, 1)), tf.greater_equal(y, ragged(tf.float32, 1))]" = |g, y: T| [ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0f32), |x, y| math::equal(x, y)), ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0f32), |x, y| math::not_equal(x, y)), ragged::binary_elementwise(g.value(1.0f32), &r::<f32>(g, 1), |x, y| math::less(x, y)), ragged::binary_elementwise(y, &r::<f32>(g, 1), |x, y| math::greater_equal(x, y))], [f32], ["[]"];
        "[tf.maximum(ragged(tf.float32, 1), 2.0), tf.pow(ragged(tf.float32, 1), 2.0), tf.floordiv(ragged(tf.float32, 1), 2.0), tf.math.divide_no_nan(ragged(tf.float32, 1), 2.0), tf.squared_difference(2.0, ragged(tf.float32, 1)), tf.truediv(2.0, ragged(tf.float32, 1))]" = |g| [ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0), |x, y| math::maximum(x, y)), ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0), |x, y| math::pow(x, y)), ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0), |x, y| math::floordiv(x, y)), ragged::binary_elementwise(&r::<f32>(g, 1), g.value(2.0), |x, y| math::div_no_nan(x, y)), ragged::binary_elementwise(g.value(2.0), &r::<f32>(g, 1), |x, y| math::squared_difference(x, y)), ragged::binary_elementwise(g.value(2.0), &r::<f32>(g, 1), |x, y| math::truediv(x, y))];
        "[tf.bitwise.bitwise_and(ragged(tf.int32, 1), 3), tf.bitwise.left_shift(3, ragged(tf.int32, 1))]" = |g| [ragged::binary_elementwise(&r::<i32>(g, 1), g.value(3), |x, y| bitwise::bitwise_and(x, y)), ragged::binary_elementwise(g.value(3), &r::<i32>(g, 1), |x, y| bitwise::left_shift(x, y))];
        "tf.complex(ragged(tf.float32, 1), y, name='c')" = |g, y: T| { let x = r::<f32>(g, 1); g.named("c", || ragged::binary_elementwise(&x, y, |x, y| math::complex(x, y))) }, [f32], ["[]"];
        "tf.math.atan2(y, ragged(tf.float32, 1))" = |g, y: T| ragged::binary_elementwise(y, &r::<f32>(g, 1), |y, x| math::atan2(y, x)), [f32], ["[]"];
        "tf.maximum(ragged(tf.float32, 1), ragged(tf.float32, 2), name='most')" = |g| { let (x, y) = (r::<f32>(g, 1), r::<f32>(g, 2)); g.named("most", || ragged::binary_elementwise(&x, &y, |x, y| math::maximum(x, y))) };
        "[tf.abs(ragged(tf.float32, 1)), tf.exp(ragged(tf.float32, 2)), tf.round(ragged(tf.float32, 1))]" = |g| [ragged::unary_elementwise(&r::<f32>(g, 1), |x| math::abs(x)), ragged::unary_elementwise(&r::<f32>(g, 2), |x| math::exp(x)), ragged::unary_elementwise(&r::<f32>(g, 1), |x| math::round(x))];
        "tf.strings.length(ragged(tf.string, 1), name='lengths')" = |g| { let x = r::<ByteString>(g, 1); g.named("lengths", || ragged::unary_elementwise(&x, |x| string::length(x, ()))) };
        "tf.cast(ragged(tf.int32, 1), tf.float32)" = |g| ragged::unary_elementwise(&r::<i32>(g, 1), |x| math::cast::<f32, _>(x));
    });
}

fn shapes(table: &mut Table) {
    calls!(table, {
        "ragged(tf.float32, 1) * y" = |g, y: T| r::<f32>(g, 1) * y, [f32], ["[?]", "[?,1]", "[2,1]", "[?,?]", "[1,1]", "[?,?,1]", "?"];
        "ragged(tf.float32, 2) * y" = |g, y: T| r::<f32>(g, 2) * y, [f32], ["[?]", "[?,1]", "[4,1,1]"];
        "y * ragged(tf.float32, 1)" = |g, y: T| y * r::<f32>(g, 1), [f32], ["[?,1]"];
        "tf.ragged.placeholder(tf.float32, 1, [3]) * y" = |g, y: T| g.ragged_placeholder::<f32>(1, [3]) * y, [f32], ["[3]", "[?,1,1]", "[?,3]"];
        "tf.ragged.placeholder(tf.float32, 1) * y" = |g, y: T| g.ragged_placeholder::<f32>(1, None) * y, [f32], ["[]"];
        "ragged(tf.float32, 1) - tf.ragged.placeholder(tf.float32, 1, [3])" = |g| r::<f32>(g, 1) - g.ragged_placeholder::<f32>(1, [3]);
        "ragged(tf.float32, 1) - ragged(tf.float32, 2)" = |g| r::<f32>(g, 1) - r::<f32>(g, 2);
        "tf.RaggedTensor.from_row_splits(v, s, validate=False) - y" = |g, v: f32, s: i32, y: T| r32(v, s) - y, [f32], ["[?] [?] [?,1]"];
        "tf.RaggedTensor.from_row_splits(v, s, validate=False) - tf.RaggedTensor.from_row_lengths(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false) - RaggedTensor::from_row_lengths(v, s, false), [i64, i32], ["[?] [?]"];
        "tf.RaggedTensor.from_row_splits(v, s, validate=False) - ragged(tf.float32, 1)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false) - r::<f32>(g, 1), [i32], ["[?] [?]"];
    });
}
