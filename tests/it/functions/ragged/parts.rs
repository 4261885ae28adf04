//! Parts of ragged tensors: indices, places, dimensions, conditions and partitions.

use tfhub::dtype::ByteString;
use tfhub::ops::array::{self, Ellipsis, NewAxis, OneHotOptions, Slice};
use tfhub::ops::ragged::{self, RaggedTensor};

use super::{r, r32};
use crate::functions::{Table, calls};

pub(super) fn rows(table: &mut Table) {
    indices(table);
    ranges_of_tensors(table);
    places(table);
    dimensions(table);
    conditions(table);
    partitions(table);
}

fn indices(table: &mut Table) {
    calls!(table, {
        "[ragged(tf.float32, 1)[0], ragged(tf.float32, 1)[-1], ragged(tf.float32, 2)[3], ragged(tf.float32, 3)[1]]" = |g| [r::<f32>(g, 1).slice(0), r::<f32>(g, 1).slice(-1), r::<f32>(g, 2).slice(3), r::<f32>(g, 3).slice(1)];
        "[ragged(tf.float32, 1)[2, 1], ragged(tf.float32, 2)[2, 1], ragged(tf.float32, 2)[2, -1, 0], ragged(tf.float32, 3)[1, 2, 3, 4]]" = |g| [r::<f32>(g, 1).slice((2, 1)), r::<f32>(g, 2).slice((2, 1)), r::<f32>(g, 2).slice((2, -1, 0)), r::<f32>(g, 3).slice((1, 2, 3, 4))];
        "[ragged(tf.float32, 1)[:], ragged(tf.float32, 1)[:, :], ragged(tf.float32, 2)[:, :, :], ragged(tf.float32, 2)[...]]" = |g| [r::<f32>(g, 1).slice(..), r::<f32>(g, 1).slice((.., ..)), r::<f32>(g, 2).slice((.., .., ..)), r::<f32>(g, 2).slice(Ellipsis)];
        "[ragged(tf.float32, 1)[2:], ragged(tf.float32, 1)[:2], ragged(tf.float32, 1)[1:-1], ragged(tf.float32, 2)[1:3]]" = |g| [r::<f32>(g, 1).slice(2..), r::<f32>(g, 1).slice(..2), r::<f32>(g, 1).slice(Slice::new(1, -1)), r::<f32>(g, 2).slice(1..3)];
        "[ragged(tf.float32, 1)[::2], ragged(tf.float32, 1)[::-1], ragged(tf.float32, 2)[5:1:-2], ragged(tf.float32, 1)[::1]]" = |g| [r::<f32>(g, 1).slice(Slice::from(..).step(2)), r::<f32>(g, 1).slice(Slice::from(..).step(-1)), r::<f32>(g, 2).slice(Slice::new(5, 1).step(-2)), r::<f32>(g, 1).slice(Slice::from(..).step(1))];
        "[ragged(tf.float32, 1)[:, 1:], ragged(tf.float32, 1)[:, :2], ragged(tf.float32, 1)[:, 1:-1], ragged(tf.float32, 1)[:, -2:], ragged(tf.float32, 1)[:, 0:0]]" = |g| [r::<f32>(g, 1).slice((.., 1..)), r::<f32>(g, 1).slice((.., ..2)), r::<f32>(g, 1).slice((.., Slice::new(1, -1))), r::<f32>(g, 1).slice((.., -2..)), r::<f32>(g, 1).slice((.., 0..0))];
        "[ragged(tf.float32, 2)[:, 1:], ragged(tf.float32, 2)[:, :, 1:3], ragged(tf.float32, 2)[1:, :2, -1:], ragged(tf.float32, 2)[1, 2:]]" = |g| [r::<f32>(g, 2).slice((.., 1..)), r::<f32>(g, 2).slice((.., .., 1..3)), r::<f32>(g, 2).slice((1.., ..2, -1..)), r::<f32>(g, 2).slice((1, 2..))];
        "[ragged(tf.float32, 1)[:, ::2], ragged(tf.float32, 1)[:, ::-1], ragged(tf.float32, 2)[:, 1::2, ::3]]" = |g| [r::<f32>(g, 1).slice((.., Slice::from(..).step(2))), r::<f32>(g, 1).slice((.., Slice::from(..).step(-1))), r::<f32>(g, 2).slice((.., Slice::from(1..).step(2), Slice::from(..).step(3)))];
        "[ragged(tf.float32, 1)[..., 1:], ragged(tf.float32, 2)[..., 1:], ragged(tf.float32, 2)[1, ...], ragged(tf.float32, 2)[1:, ..., :2], ragged(tf.float32, 1)[:, :, ...]]" = |g| [r::<f32>(g, 1).slice((Ellipsis, 1..)), r::<f32>(g, 2).slice((Ellipsis, 1..)), r::<f32>(g, 2).slice((1, Ellipsis)), r::<f32>(g, 2).slice((1.., Ellipsis, ..2)), r::<f32>(g, 1).slice((.., .., Ellipsis))];
        "[ragged(tf.float32, 1)[tf.newaxis], ragged(tf.float32, 1)[:, tf.newaxis], ragged(tf.float32, 1)[tf.newaxis, 1:, tf.newaxis, :2], ragged(tf.float32, 2)[1, tf.newaxis], ragged(tf.float32, 1)[1, tf.newaxis]]" = |g| [r::<f32>(g, 1).slice(NewAxis), r::<f32>(g, 1).slice((.., NewAxis)), r::<f32>(g, 1).slice((NewAxis, 1.., NewAxis, ..2)), r::<f32>(g, 2).slice((1, NewAxis)), r::<f32>(g, 1).slice((1, NewAxis))];
        "[ragged(tf.float32, 1)[:, :, tf.newaxis], ragged(tf.float32, 2)[..., tf.newaxis], ragged(tf.float32, 2)[tf.newaxis, ..., 1:]]" = |g| [r::<f32>(g, 1).slice((.., .., NewAxis)), r::<f32>(g, 2).slice((Ellipsis, NewAxis)), r::<f32>(g, 2).slice((NewAxis, Ellipsis, 1..))];
        "[tf.ragged.placeholder(tf.float32, 1, [3])[:, :, 0], tf.ragged.placeholder(tf.float32, 1, [3])[0, :, 1], tf.ragged.placeholder(tf.float32, 1, [3, 4])[..., 0], tf.ragged.placeholder(tf.float32, 1, [3])[:, 1:, 2]]" = |g| [g.ragged_placeholder::<f32>(1, [3]).slice((.., .., 0)), g.ragged_placeholder::<f32>(1, [3]).slice((0, .., 1)), g.ragged_placeholder::<f32>(1, [3, 4]).slice((Ellipsis, 0)), g.ragged_placeholder::<f32>(1, [3]).slice((.., 1.., 2))];
        "[tf.RaggedTensor.from_row_splits(v, s, validate=False)[1:], tf.RaggedTensor.from_row_splits(v, s, validate=False)[:, 1:], tf.RaggedTensor.from_row_splits(v, s, validate=False)[1], tf.RaggedTensor.from_row_splits(v, s, validate=False)[::2]]" = |g, v: f32, s: T| { let x = || RaggedTensor::from_row_splits(v, s, false); [x().slice(1..), x().slice((.., 1..)), x().slice(1), x().slice(Slice::from(..).step(2))] }, [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "ragged(tf.float32, 1)[:, 0]" = |g| r::<f32>(g, 1).slice((.., 0));
        "ragged(tf.float32, 2)[:, :, 0]" = |g| r::<f32>(g, 2).slice((.., .., 0));
        "ragged(tf.float32, 2)[1:, 0]" = |g| r::<f32>(g, 2).slice((1.., 0));
        "ragged(tf.float32, 1)[:, :, 0]" = |g| r::<f32>(g, 1).slice((.., .., 0));
        "ragged(tf.float32, 1)[..., :, :, :]" = |g| r::<f32>(g, 1).slice((Ellipsis, .., .., ..));
        "tf.ragged.placeholder(tf.float32, 1)[..., 0]" = |g| g.ragged_placeholder::<f32>(1, None).slice((Ellipsis, 0));
        "tf.ragged.placeholder(tf.float32, 1)[1:, :2]" = |g| g.ragged_placeholder::<f32>(1, None).slice((1.., ..2));
        "[ragged(tf.string, 1)[()]]" = |g| [r::<ByteString>(g, 1).slice(())];
    });
}

fn ranges_of_tensors(table: &mut Table) {
    calls!(table, {
        "[ragged(tf.float32, 1)[i], ragged(tf.float32, 2)[1, i], ragged(tf.float32, 1)[i, 0]]" = |g, i: T| [r::<f32>(g, 1).slice(i), r::<f32>(g, 2).slice((1, i)), r::<f32>(g, 1).slice((i, 0))], [i32, i64], ["[]"];
        "[ragged(tf.float32, 1)[i:], ragged(tf.float32, 1)[:i], ragged(tf.float32, 1)[1:i], ragged(tf.float32, 2)[i:]]" = |g, i: T| [r::<f32>(g, 1).slice(i..), r::<f32>(g, 1).slice(..i), r::<f32>(g, 1).slice(Slice::new(1, i)), r::<f32>(g, 2).slice(i..)], [i32, i64], ["[]"];
        "[ragged(tf.float32, 1)[:, i:], ragged(tf.float32, 1)[:, :i], ragged(tf.float32, 2)[:, i:, 1:i]]" = |g, i: T| [r::<f32>(g, 1).slice((.., i..)), r::<f32>(g, 1).slice((.., ..i)), r::<f32>(g, 2).slice((.., i.., Slice::new(1, i)))], [i32, i64], ["[]"];
        "[ragged(tf.float32, 1)[::i], ragged(tf.float32, 1)[:, ::i]]" = |g, i: T| [r::<f32>(g, 1).slice(Slice::from(..).step(i)), r::<f32>(g, 1).slice((.., Slice::from(..).step(i)))], [i32, i64], ["[]"];
        "tf.RaggedTensor.from_row_splits(v, s, validate=False)[:, i:]" = |g, v: f32, s: i32, i: T| r32(v, s).slice((.., i..)), [i32, i64], ["[?] [?] []"];
    });
}

fn places(table: &mut Table) {
    calls!(table, {
        "tf.gather_nd(ragged(tf.float32, 2), i)" = |g, i: T| ragged::gather_nd(&r::<f32>(g, 2), i), [i64, i32], ["[?,2]", "[?,3]", "[?,1]", "[4,2]", "[2]", "[3]"];
        "tf.gather_nd(ragged(tf.float32, 1), i)" = |g, i: T| ragged::gather_nd(&r::<f32>(g, 1), i), [i64, i32], ["[?,?,1]", "[2,3,2]", "[?,?,?,2]", "[0]", "[?,0]", "[?,?,0]", "[?,2]"];
        "tf.gather_nd(ragged(tf.float32, 1), i)" = |g, i: T| ragged::gather_nd(&r::<f32>(g, 1), i), [i64], ["[]", "?", "[?]", "[?,?]", "[?,3]"];
        "tf.gather_nd(ragged(tf.float32, 1), i, name='picked')" = |g, i: T| { let x = r::<f32>(g, 1); g.named("picked", || ragged::gather_nd(&x, i)) }, [i64], ["[?,2]", "[?,?,1]"];
        "tf.gather_nd(ragged(tf.float32, 2), [[1, 2], [0, 0]])" = |g| ragged::gather_nd(&r::<f32>(g, 2), g.value([[1, 2], [0, 0]]));
        "tf.gather_nd(tf.ragged.placeholder(tf.float32, 1, [3, 4]), i)" = |g, i: T| ragged::gather_nd(&g.ragged_placeholder::<f32>(1, [3, 4]), i), [i64], ["[?,2]", "[?,3]", "[?,4]"];
        "tf.gather_nd(x, tf.ragged.placeholder(tf.int32, 1, [2]))" = |g, x: T| ragged::gather_nd(x, &g.ragged_placeholder::<i32>(1, [2])), [f32], ["[?,?]", "[2,3,4]"];
        "tf.gather_nd([[3, 1], [4, 1]], tf.ragged.placeholder(tf.int32, 1, [2]))" = |g| ragged::gather_nd(g.value([[3, 1], [4, 1]]), &g.ragged_placeholder::<i32>(1, [2]));
        "tf.gather_nd(ragged(tf.float32, 2), tf.ragged.placeholder(tf.int64, 1, [2]))" = |g| ragged::gather_nd(&r::<f32>(g, 2), &g.ragged_placeholder::<i64>(1, [2]));
        "tf.gather_nd(ragged(tf.float32, 2), tf.ragged.placeholder(tf.int64, 2, [3]))" = |g| ragged::gather_nd(&r::<f32>(g, 2), &g.ragged_placeholder::<i64>(2, [3]));
        "tf.gather_nd(ragged(tf.float32, 2), ragged(tf.int32, 1))" = |g| ragged::gather_nd(&r::<f32>(g, 2), &r::<i32>(g, 1));
        "(tf.gather_nd(ragged(tf.float32, 1), i), tf.gather_nd(x, i))" = |g, x: f32, i: T| (ragged::gather_nd(&r::<f32>(g, 1), i), array::gather_nd(x, i, ())), [i32], ["[?,?] [?,2]"];
        "tf.gather_nd(tf.RaggedTensor.from_row_splits(v, s, validate=False), i)" = |g, v: f32, s: i32, i: T| ragged::gather_nd(&r32(v, s), i), [i64, i32], ["[?,3] [?] [?,2]", "[?,3] [?] [?,3]"];
    });
}

fn dimensions(table: &mut Table) {
    calls!(table, {
        "[tf.squeeze(ragged(tf.float32, 2), a) for a in (0, 1, 2, -1, [0, 1], [1, 2], [0, 2], [0, 1, 2])]" = |g| { let x = || r::<f32>(g, 2); [ragged::squeeze(&x(), 0), ragged::squeeze(&x(), 1), ragged::squeeze(&x(), 2), ragged::squeeze(&x(), -1), ragged::squeeze(&x(), [0, 1]), ragged::squeeze(&x(), [1, 2]), ragged::squeeze(&x(), [0, 2]), ragged::squeeze(&x(), [0, 1, 2])] };
        "[tf.squeeze(ragged(tf.float32, 1), a) for a in (0, 1, [1, 0])]" = |g| { let x = || r::<f32>(g, 1); [ragged::squeeze(&x(), 0), ragged::squeeze(&x(), 1), ragged::squeeze(&x(), [1, 0])] };
        "[tf.squeeze(tf.ragged.placeholder(tf.float32, 1, [1, 3]), 2), tf.squeeze(tf.ragged.placeholder(tf.float32, 1, [1, 3]), [1, 2]), tf.squeeze(tf.ragged.placeholder(tf.float32, 1, [1, 1]), [0, 1, -1, 2])]" = |g| [ragged::squeeze(&g.ragged_placeholder::<f32>(1, [1, 3]), 2), ragged::squeeze(&g.ragged_placeholder::<f32>(1, [1, 3]), [1, 2]), ragged::squeeze(&g.ragged_placeholder::<f32>(1, [1, 1]), [0, 1, -1, 2])];
        "[tf.squeeze(tf.RaggedTensor.from_row_splits(v, s, validate=False), 0), tf.squeeze(tf.RaggedTensor.from_row_lengths(v, s, validate=False), 1)]" = |g, v: f32, s: T| [ragged::squeeze(&RaggedTensor::from_row_splits(v, s, false), 0), ragged::squeeze(&RaggedTensor::from_row_lengths(v, s, false), 1)], [i64, i32], ["[?] [?]"];
        "[tf.squeeze(ragged(tf.float32, 2), [0, 1], name='flat'), tf.squeeze(ragged(tf.float32, 2), [0, 1, 2], name='flat')]" = |g| { let x = || r::<f32>(g, 2); let y = x(); let first = g.named("flat", || ragged::squeeze(&y, [0, 1])); let y = x(); [first, g.named("flat", || ragged::squeeze(&y, [0, 1, 2]))] };
        "(tf.squeeze(ragged(tf.float32, 1), 1), tf.squeeze(x))" = |g, x: f32| (ragged::squeeze(&r::<f32>(g, 1), 1), array::squeeze(x, ())), [f32], ["[1,?]"];
        "tf.squeeze(ragged(tf.float32, 1), [])" = |g| ragged::squeeze(&r::<f32>(g, 1), []);
        "tf.squeeze(ragged(tf.float32, 1))" = |g| ragged::squeeze(&r::<f32>(g, 1), ());
        "tf.squeeze(ragged(tf.float32, 1), 2)" = |g| ragged::squeeze(&r::<f32>(g, 1), 2);
        "tf.squeeze(tf.ragged.placeholder(tf.float32, 1, [3]), 2)" = |g| ragged::squeeze(&g.ragged_placeholder::<f32>(1, [3]), 2);
        "[tf.one_hot(ragged(tf.int32, 1), 5), tf.one_hot(ragged(tf.int64, 2), 5)]" = |g| [ragged::one_hot::<f32, _>(&r::<i32>(g, 1), 5, ()), ragged::one_hot(&r::<i64>(g, 2), 5, ())];
        "tf.one_hot(ragged(tf.int32, 1), d, 2.0, 1.0, 1, name='classes')" = |g, d: T| { let x = r::<i32>(g, 1); g.named("classes", || ragged::one_hot(&x, d, OneHotOptions::default().on_value(2.0f32).off_value(1.0).axis(1))) }, [i32], ["[]"];
        "tf.one_hot(ragged(tf.int32, 1), 5, on_value=v, dtype=tf.float32)" = |g, v: T| ragged::one_hot(&r::<i32>(g, 1), 5, OneHotOptions::default().on_value(v)), [f32], ["[]"];
        "tf.one_hot(ragged(tf.uint8, 1), 5, dtype=tf.int64)" = |g| ragged::one_hot::<i64, _>(&r::<u8>(g, 1), 5, ());
        "tf.one_hot(tf.ragged.placeholder(tf.int32, 1, [3, 4]), 5, axis=2)" = |g| ragged::one_hot::<f32, _>(&g.ragged_placeholder::<i32>(1, [3, 4]), 5, OneHotOptions::default().axis(2));
        "tf.one_hot(tf.ragged.placeholder(tf.int32, 1, [3]), 5, axis=-2)" = |g| ragged::one_hot::<f32, _>(&g.ragged_placeholder::<i32>(1, [3]), 5, OneHotOptions::default().axis(-2));
        "tf.one_hot(ragged(tf.int32, 1), 5, axis=0)" = |g| ragged::one_hot::<f32, _>(&r::<i32>(g, 1), 5, OneHotOptions::default().axis(0));
        "tf.one_hot(ragged(tf.int32, 1), 5, axis=2)" = |g| ragged::one_hot::<f32, _>(&r::<i32>(g, 1), 5, OneHotOptions::default().axis(2));
        "tf.one_hot(ragged(tf.int32, 2), 5, axis=2)" = |g| ragged::one_hot::<f32, _>(&r::<i32>(g, 2), 5, OneHotOptions::default().axis(2));
    });
}

fn conditions(table: &mut Table) {
    calls!(table, {
        "[tf.where(ragged(tf.bool, 1)), tf.where(ragged(tf.bool, 2)), tf.where(tf.ragged.placeholder(tf.bool, 1, [3]))]" = |g| [ragged::where_(&r::<bool>(g, 1)), ragged::where_(&r::<bool>(g, 2)), ragged::where_(&g.ragged_placeholder::<bool>(1, [3]))];
        "(tf.where(ragged(tf.bool, 1), name='found'), tf.where(c))" = |g, c: T| { let x = r::<bool>(g, 1); (g.named("found", || ragged::where_(&x)), array::where_(c)) }, [bool], ["[?,?]"];
        "tf.where(tf.RaggedTensor.from_row_splits(v, s, validate=False))" = |g, v: bool, s: T| ragged::where_(&RaggedTensor::from_row_splits(v, s, false)), [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "tf.where(tf.RaggedTensor.from_value_rowids(v, s, validate=False))" = |g, v: bool, s: T| ragged::where_(&RaggedTensor::from_value_rowids(v, s, super::unchecked())), [i64, i32], ["[?] [?]"];
        "tf.where(ragged(tf.bool, 1), ragged(tf.float32, 1), ragged(tf.float32, 1))" = |g| ragged::select(&r::<bool>(g, 1), &r::<f32>(g, 1), &r::<f32>(g, 1));
        "tf.where(ragged(tf.bool, 2), ragged(tf.string, 2), ragged(tf.string, 2), name='chosen')" = |g| { let (c, x, y) = (r::<bool>(g, 2), r::<ByteString>(g, 2), r::<ByteString>(g, 2)); g.named("chosen", || ragged::select(&c, &x, &y)) };
        "tf.where(c, ragged(tf.float32, 1), ragged(tf.float32, 1))" = |g, c: T| ragged::select(c, &r::<f32>(g, 1), &r::<f32>(g, 1)), [bool], ["[?]", "?", "[3]", "[]", "[?,?]"];
        "tf.where(c, ragged(tf.float32, 2), ragged(tf.float32, 1))" = |g, c: T| ragged::select(c, &r::<f32>(g, 2), &r::<f32>(g, 1)), [bool], ["[?]"];
        "tf.where(c, x, ragged(tf.float32, 1))" = |g, c: bool, x: T| ragged::select(c, x, &r::<f32>(g, 1)), [f32], ["[?] [?,?]", "[?] [2,3]"];
        "tf.where([True, False], ragged(tf.float32, 1), x)" = |g, x: T| ragged::select(g.value([true, false]), &r::<f32>(g, 1), x), [f32], ["[2,?]"];
        "(tf.where(c, ragged(tf.float32, 1), ragged(tf.float32, 1)), tf.where(c, x, x))" = |g, c: bool, x: T| (ragged::select(c, &r::<f32>(g, 1), &r::<f32>(g, 1)), array::select(c, x, x)), [f32], ["[?] [?]"];
        "tf.where(ragged(tf.bool, 1), ragged(tf.float32, 1), x)" = |g, x: T| ragged::select(&r::<bool>(g, 1), &r::<f32>(g, 1), x), [f32], ["[]", "[?,?]"];
        "tf.where(ragged(tf.bool, 1), ragged(tf.float32, 2), ragged(tf.float32, 1))" = |g| ragged::select(&r::<bool>(g, 1), &r::<f32>(g, 2), &r::<f32>(g, 1));
        "tf.where(True, ragged(tf.float32, 1), ragged(tf.float32, 1))" = |g| ragged::select(g.value(true), &r::<f32>(g, 1), &r::<f32>(g, 1));
    });
}

fn partitions(table: &mut Table) {
    calls!(table, {
        "tf.ragged.stack_dynamic_partitions(x, p, 3)" = |g, x: f32, p: T| ragged::stack_dynamic_partitions(x, p, 3), [i32, i64], ["[?] [?]", "[4,2] [4]", "[?,?] [?,?]", "[2,3] [2,3]", "[2,3,4] [2,3]", "[?,?,?] [?,?,?]", "[2] []", "? [?]", "[] []"];
        "tf.ragged.stack_dynamic_partitions(x, p, n, name='rows')" = |g, x: f32, p: T, n: T| g.named("rows", || ragged::stack_dynamic_partitions(x, p, n)), [i32, i64], ["[?] [?] []", "[?] [?] ?"];
        "tf.ragged.stack_dynamic_partitions(ragged(tf.float32, 1), p, 3)" = |g, p: T| ragged::stack_dynamic_partitions(&r::<f32>(g, 1), p, 3), [i32, i64], ["[?]", "[]", "[?,?]"];
        "tf.ragged.stack_dynamic_partitions(ragged(tf.float32, 1), ragged(tf.int64, 1), 3)" = |g| ragged::stack_dynamic_partitions(&r::<f32>(g, 1), &r::<i64>(g, 1), 3);
        "tf.ragged.stack_dynamic_partitions(ragged(tf.float32, 2), ragged(tf.int32, 2), 3)" = |g| ragged::stack_dynamic_partitions(&r::<f32>(g, 2), &r::<i32>(g, 2), 3);
        "tf.ragged.stack_dynamic_partitions(ragged(tf.float32, 2), ragged(tf.int32, 1), 3, name='rows')" = |g| { let (x, p) = (r::<f32>(g, 2), r::<i32>(g, 1)); g.named("rows", || ragged::stack_dynamic_partitions(&x, &p, 3)) };
        "tf.ragged.stack_dynamic_partitions(x, ragged(tf.int64, 1), 3)" = |g, x: f32| ragged::stack_dynamic_partitions(x, &r::<i64>(g, 1), 3), [f32], ["[?,?]"];
        "tf.ragged.stack_dynamic_partitions(['a', 'b', 'c'], [0, 2, 0], 3)" = |g| ragged::stack_dynamic_partitions(g.value(["a", "b", "c"]), g.value([0, 2, 0]), 3);
        "tf.ragged.stack_dynamic_partitions(ragged(tf.float32, 1), [0, 2, 0], 3)" = |g| ragged::stack_dynamic_partitions(&r::<f32>(g, 1), g.value([0, 2, 0]), 3);
        "tf.ragged.stack_dynamic_partitions(x, p, 3)" = |g, x: f32, p: T| ragged::stack_dynamic_partitions(x, p, 3), [i32], ["[2,3] ?", "[2] [3]", "[?] [?,?]"];
        "tf.ragged.stack_dynamic_partitions(x, p, n)" = |g, x: f32, p: T, n: T| ragged::stack_dynamic_partitions(x, p, n), [i32], ["[?] [?] [2]"];
        "tf.dynamic_partition(ragged(tf.float32, 1), p, 2)" = |g, p: T| ragged::dynamic_partition(&r::<f32>(g, 1), p, 2), [i32], ["[?]"];
        "tf.dynamic_partition(ragged(tf.float32, 1), ragged(tf.int32, 1), 3, name='parts')" = |g| { let (x, p) = (r::<f32>(g, 1), r::<i32>(g, 1)); g.named("parts", || ragged::dynamic_partition(&x, &p, 3)) };
        "(tf.dynamic_partition(ragged(tf.float32, 1), [0, 1], 2), tf.dynamic_partition(x, p, 2))" = |g, x: f32, p: T| (ragged::dynamic_partition(&r::<f32>(g, 1), g.value([0, 1]), 2), array::dynamic_partition::<Vec<_>, _>(x, p, 2)), [i32], ["[?] [?]"];
    });
}
