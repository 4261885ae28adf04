//! `tfhub::ops::ragged`, and the functions of `tfhub::ops::string` that give ragged tensors.

#![allow(
    clippy::needless_borrows_for_generic_args,
    reason = "functions that take ragged tensors alone are called with references too"
)]

mod broadcast;
mod joined;
mod map;
mod parts;

use tfhub::dtype::{ByteString, TensorType};
use tfhub::ops::ragged::{
    self, BoundingShapeOptions, ConstantOptions, FromTensorOptions, RaggedTensor, RangeOptions,
    ValueRowidsOptions,
};
use tfhub::ops::string::{self, SplitOptions, StringSplitOptions, UnicodeErrors, UnicodeOptions};
use tfhub::ops::{array, math, nn};
use tfhub::{DType, GraphBuilder};

use super::{Table, calls};

/// A placeholder of ragged dimensions, `ragged(T, rank)` in Python.
fn r<T: TensorType>(g: &GraphBuilder, ragged_rank: usize) -> RaggedTensor<'_, T> {
    g.ragged_placeholder(ragged_rank, ())
}

/// One with row splits of int32.
fn r32<'g, T: TensorType>(
    values: tfhub::Tensor<'g, T>,
    splits: tfhub::Tensor<'g, i32>,
) -> RaggedTensor<'g, T> {
    RaggedTensor::from_row_splits(values, splits, false)
}

fn unchecked<'g>() -> ValueRowidsOptions<'g> {
    ValueRowidsOptions::default().validate(false)
}

/// Values and what tells their rows apart.
const ROWS: [&str; 4] = ["[?] [?]", "[5] [4]", "[?,3] [?]", "? ?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    placeholders_and_rows(&mut table);
    accessors(&mut table);
    conversions(&mut table);
    reductions(&mut table);
    joins(&mut table);
    choices(&mut table);
    constants(&mut table);
    strings(&mut table);
    parts::rows(&mut table);
    joined::rows(&mut table);
    broadcast::rows(&mut table);
    map::rows(&mut table);
    table
}

fn placeholders_and_rows(table: &mut Table) {
    calls!(table, {
        "tf.ragged.placeholder(tf.float32, 1)" = |g| g.ragged_placeholder::<f32>(1, None);
        "tf.ragged.placeholder(tf.string, 2, name='rg')" = |g| g.named("rg", || g.ragged_placeholder::<ByteString>(2, None));
        "tf.ragged.placeholder(tf.string, 2, [], name='rg')" = |g| g.named("rg", || g.ragged_placeholder::<ByteString>(2, ()));
        "tf.ragged.placeholder(tf.int32, 3, [4, None])" = |g| g.ragged_placeholder::<i32>(3, (4, None));
        "[ragged(tf.bool, 1), ragged(tf.bool, 1)]" = |g| [r::<bool>(g, 1), r::<bool>(g, 1)];
        "tf.RaggedTensor.from_row_splits(v, s)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, ()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_splits(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_splits(v, s, name='rows')" = |g, v: f32, s: T| g.named("rows", || RaggedTensor::from_row_splits(v, s, ())), [i64], ["[?] [?]"];
        "tf.RaggedTensor.from_row_splits(v, [0, 2, 5])" = |g, v: T| RaggedTensor::from_row_splits(v, [0i64, 2, 5], ()), [f32, ByteString], ["[?]", "[5,2]", "?"];
        "tf.RaggedTensor.from_row_splits([3, 1, 4, 1, 5], [0, 2, 5])" = |g| RaggedTensor::from_row_splits(g.value([3, 1, 4, 1, 5]), [0i64, 2, 5], ());
        "tf.RaggedTensor.from_row_splits(v, s)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, ()), [i64], ["[] [?]", "[?] []", "[?] [2,3]"];
        "tf.RaggedTensor.from_row_splits(ragged(tf.float32, 1), s)" = |g, s: T| RaggedTensor::from_row_splits(&r::<f32>(g, 1), s, ()), [i64, i32], ["[?]"];
        "tf.RaggedTensor.from_row_splits(ragged(tf.float32, 1), [0, 2, 5], validate=False)" = |g| RaggedTensor::from_row_splits(&r::<f32>(g, 1), [0i64, 2, 5], false);
        "tf.RaggedTensor.from_row_splits(tf.RaggedTensor.from_row_splits(v, s, validate=False), [0, 2, 5])" = |g, v: f32, s: i32| RaggedTensor::from_row_splits(&r32(v, s), [0i64, 2, 5], ()), [f32], ["[?] [?]"];
        "tf.RaggedTensor.from_row_lengths(v, s)" = |g, v: f32, s: T| RaggedTensor::from_row_lengths(v, s, ()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_lengths(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_row_lengths(v, s, false), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_lengths(v, [2, 0, 3])" = |g, v: T| RaggedTensor::from_row_lengths(v, [2i64, 0, 3], ()), [f32], ["[?]", "[5,2]"];
        "tf.RaggedTensor.from_row_lengths(ragged(tf.float32, 1), s)" = |g, s: T| RaggedTensor::from_row_lengths(&r::<f32>(g, 1), s, ()), [i64], ["[?]"];
        "tf.RaggedTensor.from_row_starts(v, s)" = |g, v: f32, s: T| RaggedTensor::from_row_starts(v, s, ()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_starts(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_row_starts(v, s, false), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_starts(v, [0, 2])" = |g, v: T| RaggedTensor::from_row_starts(v, [0i64, 2], ()), [f32], ["[?]", "[5,2]"];
        "tf.RaggedTensor.from_row_starts(ragged(tf.float32, 1), s, validate=False)" = |g, s: T| RaggedTensor::from_row_starts(&r::<f32>(g, 1), s, false), [i64], ["[?]"];
        "tf.RaggedTensor.from_row_limits(v, s)" = |g, v: f32, s: T| RaggedTensor::from_row_limits(v, s, ()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_limits(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_row_limits(v, s, false), [i64, i32], ROWS;
        "tf.RaggedTensor.from_row_limits(v, [2, 5])" = |g, v: T| RaggedTensor::from_row_limits(v, [2i64, 5], ()), [f32], ["[?]", "[5,2]"];
    });
    calls!(table, {
        "tf.RaggedTensor.from_value_rowids(v, s)" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, ()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_value_rowids(v, s)" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, ()), [i64], ["[4] [4]"];
        "tf.RaggedTensor.from_value_rowids(v, s, validate=False)" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, unchecked()), [i64, i32], ROWS;
        "tf.RaggedTensor.from_value_rowids(v, s, nrows=7)" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, ValueRowidsOptions::default().nrows(7)), [i64, i32], ["[?] [?]", "[?,3] [?]"];
        "tf.RaggedTensor.from_value_rowids(v, s, n, validate=False)" = |g, v: f32, s: T, n: T| RaggedTensor::from_value_rowids(v, s, unchecked().nrows(n)), [i64, i32], ["[?] [?] []", "[?] [?] ?", "[?] [?] [1]"];
        "tf.RaggedTensor.from_value_rowids(v, s, n)" = |g, v: f32, s: T, n: i32| RaggedTensor::from_value_rowids(v, s, ValueRowidsOptions::default().nrows(n)), [i64, i32], ["[?] [?] []"];
        "tf.RaggedTensor.from_value_rowids(v, [0, 0, 2])" = |g, v: f32| RaggedTensor::from_value_rowids(v, [0i64, 0, 2], ()), [f32], ["[3]", "[?]", "[4]"];
        "tf.RaggedTensor.from_value_rowids(v, [0, 0, 2], nrows=5)" = |g, v: f32| RaggedTensor::from_value_rowids(v, [0i64, 0, 2], ValueRowidsOptions::default().nrows(5)), [f32], ["[3]"];
        "tf.RaggedTensor.from_value_rowids(v, [0, 0, 2], nrows=2)" = |g, v: f32| RaggedTensor::from_value_rowids(v, [0i64, 0, 2], ValueRowidsOptions::default().nrows(2)), [f32], ["[3]"];
        "tf.RaggedTensor.from_value_rowids(ragged(tf.float32, 1), s)" = |g, s: T| RaggedTensor::from_value_rowids(&r::<f32>(g, 1), s, ()), [i64], ["[?]"];
        "tf.RaggedTensor.from_nested_row_splits(v, [a, b])" = |g, v: f32, a: T, b: T| RaggedTensor::from_nested_row_splits(v, [a, b], ()), [i64, i32], ["[?] [?] [?]", "[?,3] [4] [?]"];
        "tf.RaggedTensor.from_nested_row_splits(v, [a, b], validate=False)" = |g, v: f32, a: T, b: T| RaggedTensor::from_nested_row_splits(v, [a, b], false), [i64, i32], ["[?] [?] [?]", "[?,3] [4] [?]"];
        "tf.RaggedTensor.from_nested_row_splits([1, 2, 3], [[0, 2, 2], [0, 1, 3]])" = |g| RaggedTensor::from_nested_row_splits(g.value([1, 2, 3]), [[0i64, 2, 2], [0, 1, 3]], ());
        "tf.RaggedTensor.from_nested_row_lengths(v, [a, b])" = |g, v: f32, a: T, b: T| RaggedTensor::from_nested_row_lengths(v, [a, b], ()), [i64, i32], ["[?] [?] [?]", "[?,3] [4] [?]"];
        "tf.RaggedTensor.from_nested_row_lengths(v, [a, b], name='x', validate=False)" = |g, v: f32, a: T, b: T| g.named("x", || RaggedTensor::from_nested_row_lengths(v, [a, b], false)), [i64], ["[?] [?] [?]"];
        "tf.RaggedTensor.from_nested_value_rowids(v, [a, b])" = |g, v: f32, a: T, b: T| RaggedTensor::from_nested_value_rowids(v, [a, b], (), ()), [i64, i32], ["[?] [?] [?]"];
        "tf.RaggedTensor.from_nested_value_rowids(v, [a, b], [4, n], validate=False)" = |g, v: f32, a: T, b: T, n: T| RaggedTensor::from_nested_value_rowids(v, [a, b], vec![4.into(), n.into()], false), [i64, i32], ["[?] [?] [?] []"];
        "tf.RaggedTensor.from_nested_value_rowids(v, [a, b], [4])" = |g, v: f32, a: T, b: T| RaggedTensor::from_nested_value_rowids(v, [a, b], vec![4.into()], ()), [i64], ["[?] [?] [?]"];
    });
}

fn accessors(table: &mut Table) {
    calls!(table, {
        "[ragged(tf.float32, 1).nrows(), ragged(tf.float32, 2).nrows(tf.int32)]" = |g| [r::<f32>(g, 1).nrows(()), r::<f32>(g, 2).nrows(DType::Int32)];
        "tf.RaggedTensor.from_value_rowids(v, s, 7, validate=False).nrows(tf.int32)" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, unchecked().nrows(7)).nrows(DType::Int32), [i64, i32], ["[?] [?]"];
        "ragged(tf.float32, 1).row_lengths()" = |g| r::<f32>(g, 1).row_lengths();
        "ragged(tf.float32, 1).row_lengths(name='lengths')" = |g| { let x = r::<f32>(g, 1); g.named("lengths", || x.row_lengths()) };
        "tf.RaggedTensor.from_row_lengths(v, s, validate=False).row_lengths()" = |g, v: f32, s: T| RaggedTensor::from_row_lengths(v, s, false).row_lengths(), [i64, i32], ["[?] [?]"];
        "[ragged(tf.float32, 2).row_lengths(0), ragged(tf.float32, 2).row_lengths(1), ragged(tf.float32, 2).row_lengths(2), ragged(tf.float32, 2).row_lengths(-1)]" = |g| [r::<f32>(g, 2).row_lengths_along(0), r::<f32>(g, 2).row_lengths_along(1), r::<f32>(g, 2).row_lengths_along(2), r::<f32>(g, 2).row_lengths_along(-1)];
        "tf.RaggedTensor.from_row_splits(v, s, validate=False).row_lengths(2)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false).row_lengths_along(2), [i64, i32], ["[?,3] [?]", "[?,?,2] [?]", "[?] [?]"];
        "ragged(tf.float32, 2).nested_row_lengths()" = |g| r::<f32>(g, 2).nested_row_lengths();
        "ragged(tf.float32, 1).value_rowids()" = |g| r::<f32>(g, 1).value_rowids();
        "tf.RaggedTensor.from_row_splits(v, s, validate=False).value_rowids()" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false).value_rowids(), [i64, i32], ["[?] [?]", "[5] [3]"];
        "tf.RaggedTensor.from_value_rowids(v, s, validate=False).value_rowids()" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, unchecked()).value_rowids(), [i64], ["[?] [?]"];
        "ragged(tf.float32, 2).nested_value_rowids()" = |g| r::<f32>(g, 2).nested_value_rowids();
        "[ragged(tf.float32, 1).row_starts(), ragged(tf.float32, 1).row_limits()]" = |g| [r::<f32>(g, 1).row_starts(), r::<f32>(g, 1).row_limits()];
        "ragged(tf.float32, 1).with_row_splits_dtype(tf.int32)" = |g| r::<f32>(g, 1).with_row_splits_dtype(DType::Int32);
        "ragged(tf.float32, 2).with_row_splits_dtype(tf.int32).with_row_splits_dtype(tf.int32)" = |g| r::<f32>(g, 2).with_row_splits_dtype(DType::Int32).with_row_splits_dtype(DType::Int32);
        "tf.RaggedTensor.from_value_rowids(v, s, validate=False).with_row_splits_dtype(tf.int32).row_lengths()" = |g, v: f32, s: T| RaggedTensor::from_value_rowids(v, s, unchecked()).with_row_splits_dtype(DType::Int32).row_lengths(), [i64, i32], ["[?] [?]"];
        "[ragged(tf.float32, 1).bounding_shape(), ragged(tf.float32, 2).bounding_shape()]" = |g| [r::<f32>(g, 1).bounding_shape(()), r::<f32>(g, 2).bounding_shape(())];
        "[ragged(tf.float32, 2).bounding_shape(0), ragged(tf.float32, 2).bounding_shape(1), ragged(tf.float32, 2).bounding_shape(2)]" = |g| [r::<f32>(g, 2).bounding_shape(0), r::<f32>(g, 2).bounding_shape(1), r::<f32>(g, 2).bounding_shape(2)];
        "tf.ragged.placeholder(tf.float32, 1, [3]).bounding_shape(name='box')" = |g| { let x = g.ragged_placeholder::<f32>(1, [3]); g.named("box", || x.bounding_shape(())) };
        "tf.RaggedTensor.from_row_splits(v, s, validate=False).bounding_shape(out_type=tf.int32)" = |g, v: f32, s: T| RaggedTensor::from_row_splits(v, s, false).bounding_shape(BoundingShapeOptions::default().out_type(DType::Int32)), [i32], ["[?,3] [?]"];
        "tf.ragged.row_splits_to_segment_ids(s)" = |g, s: T| ragged::row_splits_to_segment_ids(s), [i64, i32], ["[?]", "[4]", "?", "[0]", "[2,2]"];
        "tf.ragged.row_splits_to_segment_ids([0, 3, 3, 5])" = |g| ragged::row_splits_to_segment_ids(g.value([0i64, 3, 3, 5]));
        "tf.ragged.segment_ids_to_row_splits(s)" = |g, s: T| ragged::segment_ids_to_row_splits(s, ()), [i64, i32], ["[?]", "[4]", "?", "[2,2]"];
        "tf.ragged.segment_ids_to_row_splits(s, 6)" = |g, s: T| ragged::segment_ids_to_row_splits(s, 6), [i64, i32], ["[?]", "[4]"];
        "ragged(tf.float32, 1).with_flat_values(v)" = |g, v: T| r::<f32>(g, 1).with_flat_values(v), [f32, ByteString], ["[?]", "[?,2]", "[]"];
        "ragged(tf.float32, 2).with_flat_values(v)" = |g, v: T| r::<f32>(g, 2).with_flat_values(v), [f32], ["[?]"];
        "ragged(tf.float32, 1).with_values(ragged(tf.int32, 1))" = |g| r::<f32>(g, 1).with_values(r::<i32>(g, 1));
        "tf.ragged.map_flat_values(tf.abs, ragged(tf.float32, 2))" = |g| r::<f32>(g, 2).map_flat_values(|x| math::abs(x));
        "tf.ragged.map_flat_values(tf.add, ragged(tf.float32, 1), ragged(tf.float32, 1))" = |g| ragged::map_flat_values(g, (&r::<f32>(g, 1), &r::<f32>(g, 1)), |(x, y)| math::add(x, y));
        "tf.ragged.map_flat_values(tf.add_n, [ragged(tf.float32, 2), ragged(tf.float32, 2), ragged(tf.float32, 2)])" = |g| ragged::map_flat_values(g, [&r::<f32>(g, 2), &r::<f32>(g, 2), &r::<f32>(g, 2)], |all| math::add_n(g, all));
        "tf.ragged.map_flat_values(tf.add, ragged(tf.float32, 1), ragged(tf.float32, 2))" = |g| ragged::map_flat_values(g, (&r::<f32>(g, 1), &r::<f32>(g, 2)), |(x, y)| math::add(x, y));
        "(lambda x: tf.ragged.map_flat_values(tf.add, x, x))(ragged(tf.float32, 1))" = |g| { let x = r::<f32>(g, 1); ragged::map_flat_values(g, (&x, &x), |(x, y)| math::add(x, y)) };
        "tf.ragged.map_flat_values(tf.nn.embedding_lookup, t, ids=ragged(tf.int64, 2))" = |g, t: f32| r::<i64>(g, 2).map_flat_values(|ids| nn::embedding_lookup(t, ids, ())), [f32], ["[100,4]"];
        "tf.cond(p, lambda: ragged(tf.float32, 1), lambda: ragged(tf.float32, 1))" = |g, p: bool| g.cond(p, || r::<f32>(g, 1), || r::<f32>(g, 1)), [f32], ["[]"];
        "(lambda x: tf.while_loop(lambda n, x: n < 3, lambda n, x: (n + 1, x.with_flat_values(x.flat_values * 2.0)), (0, x)))(ragged(tf.float32, 2))" = |g| { let x = r::<f32>(g, 2); g.while_loop((0, x), |(n, _)| math::less(n, 3), |(n, x)| (n + 1, x.with_flat_values(x.flat_values() * 2.0)), ()) };
        "(lambda x: tf.while_loop(lambda n, x: n < 3, lambda n, x: (n + 1, x.with_flat_values(x.flat_values * 2.0)), (0, x)))(tf.RaggedTensor.from_row_splits(v, s, validate=False))" = |g, v: f32, s: T| { let x = RaggedTensor::from_row_splits(v, s, false); g.while_loop((0, x), |(n, _)| math::less(n, 3), |(n, x)| (n + 1, x.with_flat_values(x.flat_values() * 2.0)), ()) }, [i64, i32], ["[5,2] [3]", "[?] [?]"];
    });
}

fn conversions(table: &mut Table) {
    calls!(table, {
        "tf.RaggedTensor.from_tensor(x)" = |g, x: T| ragged::from_tensor(x, ()), [f32, ByteString], ["[?,?]", "[2,3]", "[?,3,4]", "[?]"];
        "tf.RaggedTensor.from_tensor(x, row_splits_dtype=tf.int32)" = |g, x: T| ragged::from_tensor(x, FromTensorOptions::default().row_splits_dtype(DType::Int32)), [f32], ["[?,?]", "[2,3]"];
        "tf.RaggedTensor.from_tensor(x, ragged_rank=2)" = |g, x: T| ragged::from_tensor(x, FromTensorOptions::default().ragged_rank(2)), [f32], ["[?,?,?]", "[2,3,4]", "[?,3,4,5]", "[2,3]", "?"];
        "tf.RaggedTensor.from_tensor(x, ragged_rank=3, row_splits_dtype=tf.int32)" = |g, x: T| ragged::from_tensor(x, FromTensorOptions::default().ragged_rank(3).row_splits_dtype(DType::Int32)), [f32], ["[?,?,?,?]"];
        "tf.RaggedTensor.from_tensor(x, lengths=n)" = |g, x: f32, n: T| ragged::from_tensor(x, FromTensorOptions::default().lengths(n)), [i64, i32], ["[?,?] [?]", "[2,3,4] [2]", "[?,?] []"];
        "tf.RaggedTensor.from_tensor(x, lengths=[1, 3])" = |g, x: f32| ragged::from_tensor(x, FromTensorOptions::default().lengths([1i64, 3])), [f32], ["[?,?]"];
        "tf.RaggedTensor.from_tensor(x, lengths=n, row_splits_dtype=tf.int32)" = |g, x: f32, n: T| ragged::from_tensor(x, FromTensorOptions::default().lengths(n).row_splits_dtype(DType::Int32)), [i64, i32], ["[?,?] [?]"];
        "tf.RaggedTensor.from_tensor(x, lengths=[a, b])" = |g, x: f32, a: T, b: T| ragged::from_tensor(x, FromTensorOptions::default().nested_lengths([a, b])), [i32], ["[?,?,?] [?] [?]", "[2,3,4,5] [2] [?]"];
        "tf.RaggedTensor.from_tensor(x, padding=0)" = |g, x: T| ragged::from_tensor(x, FromTensorOptions::default().padding(0 as T)), [f32, i64], ["[?,?]", "[2,3]"];
        "tf.RaggedTensor.from_tensor(x, padding='')" = |g, x: ByteString| ragged::from_tensor(x, FromTensorOptions::default().padding("")), [f32], ["[?,?]"];
        "tf.RaggedTensor.from_tensor(x, padding=p)" = |g, x: T, p: T| ragged::from_tensor(x, FromTensorOptions::default().padding(p)), [f32], ["[?,?,2] [2]", "[?,?,?] [?]"];
        "tf.RaggedTensor.from_tensor(x, padding=0, ragged_rank=2)" = |g, x: T| ragged::from_tensor(x, FromTensorOptions::default().padding(0.0f32).ragged_rank(2)), [f32], ["[?,?,?]"];
        "ragged(T, 1).to_tensor()" = |g, x: T| { let _ = x; ragged::to_tensor(&r::<T>(g, 1), ()) }, [f32, i64, bool, ByteString], ["[]"];
        "[ragged(tf.float32, 2).to_tensor(), ragged(tf.float32, 3).to_tensor(5.0)]" = |g| [ragged::to_tensor(&r::<f32>(g, 2), ()), ragged::to_tensor(&r::<f32>(g, 3), 5.0)];
        "ragged(tf.string, 2).to_tensor('none', name='dense')" = |g| { let x = r::<ByteString>(g, 2); g.named("dense", || ragged::to_tensor(&x, "none")) };
        "tf.ragged.placeholder(tf.float32, 1, [2]).to_tensor()" = |g| ragged::to_tensor(&g.ragged_placeholder::<f32>(1, [2]), ());
        "tf.ragged.placeholder(tf.float32, 1, [2]).to_tensor([1.0, 2.0])" = |g| ragged::to_tensor(&g.ragged_placeholder::<f32>(1, [2]), [1.0, 2.0]);
        "tf.ragged.placeholder(tf.float32, 1, [2]).to_tensor(1.0)" = |g| ragged::to_tensor(&g.ragged_placeholder::<f32>(1, [2]), 1.0);
        "tf.RaggedTensor.from_row_splits(v, s, validate=False).to_tensor()" = |g, v: f32, s: T| ragged::to_tensor(&RaggedTensor::from_row_splits(v, s, false), ()), [i64, i32], ["[5] [3]", "[?,2] [?]", "? ?"];
        "tf.RaggedTensor.from_value_rowids(v, s, validate=False).to_tensor()" = |g, v: f32, s: T| ragged::to_tensor(&RaggedTensor::from_value_rowids(v, s, unchecked()), ()), [i64, i32], ["[?] [?]"];
        "[ragged(tf.float32, 1).to_sparse(), ragged(tf.string, 2).to_sparse()]" = |g| (ragged::to_sparse(&r::<f32>(g, 1)), ragged::to_sparse(&r::<ByteString>(g, 2)));
        "ragged(tf.float32, 1).to_sparse(name='st')" = |g| { let x = r::<f32>(g, 1); g.named("st", || ragged::to_sparse(&x)) };
        "tf.RaggedTensor.from_row_splits(v, s, validate=False).to_sparse()" = |g, v: f32, s: T| ragged::to_sparse(&RaggedTensor::from_row_splits(v, s, false)), [i64, i32], ["[5] [3]", "[?,2] [?]"];
        "tf.RaggedTensor.from_sparse(tf.sparse_placeholder(tf.float32, [None, None]))" = |g| ragged::from_sparse(g.sparse_placeholder::<f32>((None, None)), ());
        "tf.RaggedTensor.from_sparse(tf.sparse_placeholder(tf.string, [3, 4]), name='rows', row_splits_dtype=tf.int32)" = |g| { let x = g.sparse_placeholder::<ByteString>((3, 4)); g.named("rows", || ragged::from_sparse(x, DType::Int32)) };
        "tf.RaggedTensor.from_sparse(tf.sparse_placeholder(tf.float32, [None, None, None]))" = |g| ragged::from_sparse(g.sparse_placeholder::<f32>((None, None, None)), ());
    });
}

fn reductions(table: &mut Table) {
    calls!(table, {
        "[tf.reduce_sum(ragged(tf.float32, 1)), tf.reduce_sum(ragged(tf.float32, 1), 0), tf.reduce_sum(ragged(tf.float32, 1), 1), tf.reduce_sum(ragged(tf.float32, 1), -1)]" = |g| [ragged::reduce_sum(&r::<f32>(g, 1), ()), ragged::reduce_sum(&r::<f32>(g, 1), 0), ragged::reduce_sum(&r::<f32>(g, 1), 1), ragged::reduce_sum(&r::<f32>(g, 1), -1)];
        "[tf.reduce_sum(ragged(tf.float32, 2), 0), tf.reduce_sum(ragged(tf.float32, 2), 1), tf.reduce_sum(ragged(tf.float32, 2), 2)]" = |g| [ragged::reduce_sum(&r::<f32>(g, 2), 0), ragged::reduce_sum(&r::<f32>(g, 2), 1), ragged::reduce_sum(&r::<f32>(g, 2), 2)];
        "[tf.reduce_sum(ragged(tf.float32, 2), []), tf.reduce_sum(ragged(tf.float32, 2), [1]), tf.reduce_sum(ragged(tf.float32, 2), [1, 2]), tf.reduce_sum(ragged(tf.float32, 2), [-1, 0]), tf.reduce_sum(ragged(tf.float32, 2), [0, 1, 2])]" = |g| [ragged::reduce_sum(&r::<f32>(g, 2), []), ragged::reduce_sum(&r::<f32>(g, 2), [1]), ragged::reduce_sum(&r::<f32>(g, 2), [1, 2]), ragged::reduce_sum(&r::<f32>(g, 2), [-1, 0]), ragged::reduce_sum(&r::<f32>(g, 2), [0, 1, 2])];
        "tf.reduce_sum(ragged(tf.float32, 1), 2)" = |g| ragged::reduce_sum(&r::<f32>(g, 1), 2);
        "tf.reduce_sum(tf.ragged.placeholder(tf.float32, 1, [3]), 2)" = |g| ragged::reduce_sum(&g.ragged_placeholder::<f32>(1, [3]), 2);
        "tf.reduce_sum(tf.ragged.placeholder(tf.float32, 1, [3]), [1, 2], name='sums')" = |g| { let x = g.ragged_placeholder::<f32>(1, [3]); g.named("sums", || ragged::reduce_sum(&x, [1, 2])) };
        "(tf.reduce_sum(ragged(tf.float32, 1), 1), tf.reduce_sum(x, 1), tf.reduce_max(ragged(tf.float32, 1)), tf.reduce_max(x))" = |g, x: f32| ((ragged::reduce_sum(&r::<f32>(g, 1), 1), math::reduce_sum(x, 1)), (ragged::reduce_max(&r::<f32>(g, 1), ()), math::reduce_max(x, ()))), [f32], ["[?,?]"];
        "(tf.reduce_mean(ragged(tf.float32, 1), 1), tf.reduce_mean(x, 1), tf.reduce_any(ragged(tf.bool, 1), 1), tf.reduce_all(ragged(tf.bool, 1), 1))" = |g, x: f32| ((ragged::reduce_mean(&r::<f32>(g, 1), 1), math::reduce_mean(x, 1)), (ragged::reduce_any(&r::<bool>(g, 1), 1), ragged::reduce_all(&r::<bool>(g, 1), 1))), [f32], ["[?,?]"];
        "tf.reduce_sum(ragged(tf.float32, 1), name='sum')" = |g| { let x = r::<f32>(g, 1); g.named("sum", || ragged::reduce_sum(&x, ())) };
        "tf.reduce_sum(tf.RaggedTensor.from_row_splits(v, s, validate=False), 1)" = |g, v: f32, s: T| ragged::reduce_sum(&RaggedTensor::from_row_splits(v, s, false), 1), [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "tf.reduce_sum(tf.RaggedTensor.from_row_splits(v, s, validate=False), 0)" = |g, v: f32, s: T| ragged::reduce_sum(&RaggedTensor::from_row_splits(v, s, false), 0), [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "tf.reduce_sum(tf.RaggedTensor.from_nested_row_splits(v, [s, s], validate=False), 0)" = |g, v: f32, s: T| ragged::reduce_sum(&RaggedTensor::from_nested_row_splits(v, [s, s], false), 0), [i64], ["[?] [?]"];
        "[tf.reduce_prod(ragged(tf.int32, 1), 1), tf.reduce_prod(ragged(tf.int32, 2), 0)]" = |g| [ragged::reduce_prod(&r::<i32>(g, 1), 1), ragged::reduce_prod(&r::<i32>(g, 2), 0)];
        "[tf.reduce_min(ragged(tf.float32, 1), 1), tf.reduce_min(ragged(tf.float32, 2), 0)]" = |g| [ragged::reduce_min(&r::<f32>(g, 1), 1), ragged::reduce_min(&r::<f32>(g, 2), 0)];
        "[tf.reduce_max(ragged(tf.float32, 1), 1), tf.reduce_max(ragged(tf.float32, 2), [0, 1])]" = |g| [ragged::reduce_max(&r::<f32>(g, 1), 1), ragged::reduce_max(&r::<f32>(g, 2), [0, 1])];
        "[tf.reduce_mean(ragged(tf.float32, 1)), tf.reduce_mean(ragged(tf.float32, 1), 0), tf.reduce_mean(ragged(tf.float32, 1), 1)]" = |g| [ragged::reduce_mean(&r::<f32>(g, 1), ()), ragged::reduce_mean(&r::<f32>(g, 1), 0), ragged::reduce_mean(&r::<f32>(g, 1), 1)];
        "[tf.reduce_mean(ragged(tf.float32, 2), 0), tf.reduce_mean(ragged(tf.float32, 2), 1), tf.reduce_mean(ragged(tf.float32, 2), 2), tf.reduce_mean(ragged(tf.float32, 2), [1, 2])]" = |g| [ragged::reduce_mean(&r::<f32>(g, 2), 0), ragged::reduce_mean(&r::<f32>(g, 2), 1), ragged::reduce_mean(&r::<f32>(g, 2), 2), ragged::reduce_mean(&r::<f32>(g, 2), [1, 2])];
        "[tf.reduce_mean(ragged(tf.int32, 1), 1), tf.reduce_mean(ragged(tf.int64, 2), 2)]" = |g| [ragged::reduce_mean(&r::<i32>(g, 1), 1), ragged::reduce_mean(&r::<i64>(g, 2), 2)];
        "tf.reduce_mean(tf.ragged.placeholder(tf.float32, 1, [3]), 1, name='means')" = |g| { let x = g.ragged_placeholder::<f32>(1, [3]); g.named("means", || ragged::reduce_mean(&x, 1)) };
        "[tf.reduce_all(ragged(tf.bool, 1)), tf.reduce_all(ragged(tf.bool, 1), 1), tf.reduce_all(ragged(tf.bool, 2), 0)]" = |g| [ragged::reduce_all(&r::<bool>(g, 1), ()), ragged::reduce_all(&r::<bool>(g, 1), 1), ragged::reduce_all(&r::<bool>(g, 2), 0)];
        "[tf.reduce_any(ragged(tf.bool, 1)), tf.reduce_any(ragged(tf.bool, 1), 1), tf.reduce_any(ragged(tf.bool, 2), 2)]" = |g| [ragged::reduce_any(&r::<bool>(g, 1), ()), ragged::reduce_any(&r::<bool>(g, 1), 1), ragged::reduce_any(&r::<bool>(g, 2), 2)];
        "tf.math.unsorted_segment_sum(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_sum(&r::<f32>(g, 1), i, 3), [i64, i32], ["[?]"];
        "tf.math.unsorted_segment_sum(ragged(tf.float32, 2), i, n)" = |g, i: T, n: T| ragged::segment_sum(&r::<f32>(g, 2), i, n), [i64, i32], ["[?] []"];
        "tf.math.unsorted_segment_sum(ragged(tf.float32, 1), ragged(tf.int32, 1), 3)" = |g| ragged::segment_sum(&r::<f32>(g, 1), &r::<i32>(g, 1), 3);
        "tf.math.unsorted_segment_sum(ragged(tf.float32, 2), ragged(tf.int32, 1), 3, name='sums')" = |g| { let (x, i) = (r::<f32>(g, 2), r::<i32>(g, 1)); g.named("sums", || ragged::segment_sum(&x, &i, 3)) };
        "tf.math.unsorted_segment_prod(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_prod(&r::<f32>(g, 1), i, 3), [i64], ["[?]"];
        "tf.math.unsorted_segment_min(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_min(&r::<f32>(g, 1), i, 3), [i64], ["[?]"];
        "tf.math.unsorted_segment_max(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_max(&r::<f32>(g, 1), i, 3), [i64], ["[?]"];
        "tf.math.unsorted_segment_mean(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_mean(&r::<f32>(g, 1), i, 3), [i64], ["[?]"];
        "tf.math.unsorted_segment_mean(ragged(tf.float32, 1), ragged(tf.int64, 1), 3)" = |g| ragged::segment_mean(&r::<f32>(g, 1), &r::<i64>(g, 1), 3);
        "(tf.math.unsorted_segment_sum(ragged(tf.float32, 1), [0, 2, 0], 3), tf.math.unsorted_segment_sum(x, i, 3), tf.math.unsorted_segment_mean(ragged(tf.float32, 1), i, 3), tf.math.unsorted_segment_mean(x, i, 3))" = |g, x: f32, i: T| ((ragged::segment_sum(&r::<f32>(g, 1), g.value([0, 2, 0]), 3), math::unsorted_segment_sum(x, i, 3)), (ragged::segment_mean(&r::<f32>(g, 1), i, 3), math::unsorted_segment_mean(x, i, 3))), [i32], ["[?] [?]"];
        "tf.math.unsorted_segment_sqrt_n(ragged(tf.float32, 1), i, 3)" = |g, i: T| ragged::segment_sqrt_n(&r::<f32>(g, 1), i, 3), [i64], ["[?]"];
        "tf.math.unsorted_segment_sqrt_n(ragged(tf.float32, 1), ragged(tf.int64, 1), 3)" = |g| ragged::segment_sqrt_n(&r::<f32>(g, 1), &r::<i64>(g, 1), 3);
    });
}

fn joins(table: &mut Table) {
    calls!(table, {
        "[tf.concat([ragged(tf.float32, 1), ragged(tf.float32, 1)], 0), tf.concat([ragged(tf.float32, 1), ragged(tf.float32, 1)], 1)]" = |g| [ragged::concat(g, [&r::<f32>(g, 1), &r::<f32>(g, 1)], 0), ragged::concat(g, [&r::<f32>(g, 1), &r::<f32>(g, 1)], 1)];
        "[tf.concat([ragged(tf.float32, 2), ragged(tf.float32, 2)], a) for a in (0, 1, 2, -1)]" = |g| [0, 1, 2, -1].map(|a| ragged::concat(g, [&r::<f32>(g, 2), &r::<f32>(g, 2)], a));
        "tf.concat([ragged(tf.float32, 1), ragged(tf.float32, 1), ragged(tf.float32, 1)], 1, name='joined')" = |g| { let all = [r::<f32>(g, 1), r::<f32>(g, 1), r::<f32>(g, 1)]; g.named("joined", || ragged::concat(g, &all, 1)) };
        "tf.concat([ragged(tf.float32, 1), x], 0)" = |g, x: f32| ragged::concat(g, [r::<f32>(g, 1).into(), ragged::MaybeRagged::from(x)], 0), [f32], ["[?,3]", "[2,3]", "[2]"];
        "tf.concat([ragged(tf.float32, 2), x], 1)" = |g, x: f32| ragged::concat(g, [r::<f32>(g, 2).into(), ragged::MaybeRagged::from(x)], 1), [f32], ["[?,3,4]"];
        "tf.concat([ragged(tf.float32, 1)], 1)" = |g| ragged::concat(g, [&r::<f32>(g, 1)], 1);
        "tf.concat([tf.RaggedTensor.from_row_splits(v, s, validate=False), tf.RaggedTensor.from_row_splits(v, s, validate=False)], 1)" = |g, v: f32, s: T| ragged::concat(g, [&RaggedTensor::from_row_splits(v, s, false), &RaggedTensor::from_row_splits(v, s, false)], 1), [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "tf.concat([tf.RaggedTensor.from_row_splits(v, s, validate=False), ragged(tf.float32, 1)], 1)" = |g, v: f32, s: T| ragged::concat(g, [&RaggedTensor::from_row_splits(v, s, false), &r::<f32>(g, 1)], 1), [i32], ["[?] [?]"];
        "[tf.stack([ragged(tf.float32, 1), ragged(tf.float32, 1)], a) for a in (0, 1, 2)]" = |g| [0, 1, 2].map(|a| ragged::stack(g, [&r::<f32>(g, 1), &r::<f32>(g, 1)], a));
        "[tf.ragged.stack([ragged(tf.float32, 2), ragged(tf.float32, 2)], a) for a in (0, 1, 2)]" = |g| [0, 1, 2].map(|a| ragged::stack(g, [&r::<f32>(g, 2), &r::<f32>(g, 2)], a));
        "tf.ragged.stack([x, y])" = |g, x: T, y: T| ragged::stack(g, [x, y], 0), [f32], ["[?] [?]", "[2,3] [2,?]", "[] []"];
        "tf.ragged.stack([x, y], 1)" = |g, x: T, y: T| ragged::stack(g, [x, y], 1), [f32], ["[?] [?]", "[2,3] [2,?]"];
        "[tf.ragged.stack([ragged(tf.float32, 1)], a) for a in (0, 1, 2)]" = |g| [0, 1, 2].map(|a| ragged::stack(g, [&r::<f32>(g, 1)], a));
        "[tf.expand_dims(ragged(tf.float32, 1), a) for a in (0, 1, 2, -1)]" = |g| [0, 1, 2, -1].map(|a| ragged::expand_dims(&r::<f32>(g, 1), a));
        "[tf.expand_dims(ragged(tf.float32, 2), a) for a in (0, 1, 2, 3)]" = |g| [0, 1, 2, 3].map(|a| ragged::expand_dims(&r::<f32>(g, 2), a));
        "(tf.expand_dims(ragged(tf.float32, 1), 0), tf.expand_dims(x, 0), tf.tile(ragged(tf.float32, 1), [2, 2]), tf.tile(x, [2]), tf.rank(ragged(tf.float32, 1)), tf.rank(x))" = |g, x: f32| ((ragged::expand_dims(&r::<f32>(g, 1), 0), array::expand_dims(x, 0)), (ragged::tile(&r::<f32>(g, 1), [2i64, 2]), array::tile(x, [2])), (ragged::rank(&r::<f32>(g, 1)), array::rank(x))), [f32], ["[?]"];
        "(tf.concat([ragged(tf.float32, 1), ragged(tf.float32, 1)], 0), tf.concat([x, x], 0), tf.stack([ragged(tf.float32, 1), ragged(tf.float32, 1)]), tf.stack([x, x]))" = |g, x: f32| ((ragged::concat(g, [&r::<f32>(g, 1), &r::<f32>(g, 1)], 0), array::concat(g, [x, x], 0)), (ragged::stack(g, [&r::<f32>(g, 1), &r::<f32>(g, 1)], 0), array::stack(g, [x, x], 0))), [f32], ["[?]"];
        "tf.concat([ragged(tf.float32, 2)], 1, name='one')" = |g| { let x = r::<f32>(g, 2); g.named("one", || ragged::concat(g, [&x], 1)) };
        "tf.expand_dims(tf.RaggedTensor.from_row_splits(v, s, validate=False), 1, name='more')" = |g, v: f32, s: T| { let x = RaggedTensor::from_row_splits(v, s, false); g.named("more", || ragged::expand_dims(&x, 1)) }, [i64, i32], ["[?] [?]"];
        "[tf.size(ragged(tf.float32, 1)), tf.size(ragged(tf.float32, 2), out_type=tf.int64)]" = |g| (ragged::size::<i32, _>(&r::<f32>(g, 1)), ragged::size::<i64, _>(&r::<f32>(g, 2)));
        "[tf.rank(ragged(tf.float32, 1)), tf.rank(tf.ragged.placeholder(tf.float32, 2, [3]))]" = |g| [ragged::rank(&r::<f32>(g, 1)), ragged::rank(&g.ragged_placeholder::<f32>(2, [3]))];
        "[tf.tile(ragged(tf.float32, 1), [2, 3]), tf.tile(ragged(tf.float32, 1), [1, 1])]" = |g| [ragged::tile(&r::<f32>(g, 1), [2i64, 3]), ragged::tile(&r::<f32>(g, 1), [1i64, 1])];
        "[tf.tile(ragged(tf.float32, 2), [2, 3, 4]), tf.tile(ragged(tf.float32, 2), [1, 1, 2])]" = |g| [ragged::tile(&r::<f32>(g, 2), [2i64, 3, 4]), ragged::tile(&r::<f32>(g, 2), [1i64, 1, 2])];
        "tf.tile(ragged(tf.float32, 3), m)" = |g, m: T| ragged::tile(&r::<f32>(g, 3), m), [i64, i32], ["[4]", "[?]"];
        "tf.tile(tf.RaggedTensor.from_row_splits(v, s, validate=False), m)" = |g, v: f32, s: i32, m: T| ragged::tile(&r32(v, s), m), [i64, i32], ["[?,2] [?] [3]"];
    });
}

fn choices(table: &mut Table) {
    calls!(table, {
        "tf.gather(ragged(tf.float32, 1), i)" = |g, i: T| ragged::gather(&r::<f32>(g, 1), i), [i64, i32], ["[?]", "[]", "[2,3]", "?"];
        "tf.gather(ragged(tf.float32, 2), i, name='rows')" = |g, i: T| { let x = r::<f32>(g, 2); g.named("rows", || ragged::gather(&x, i)) }, [i64], ["[?]", "[]", "[2,?]"];
        "tf.gather([2, 0, 4], ragged(tf.int32, 1))" = |g| ragged::gather(g.value([2, 0, 4]), &r::<i32>(g, 1));
        "(tf.gather(ragged(tf.float32, 1), i), tf.gather(x, i))" = |g, x: f32, i: T| (ragged::gather(&r::<f32>(g, 1), i), array::gather(x, i, ())), [i32], ["[?] [?]"];
        "tf.gather(ragged(tf.float32, 1), [2, 0])" = |g| ragged::gather(&r::<f32>(g, 1), g.value([2, 0]));
        "tf.gather(x, ragged(tf.int32, 1))" = |g, x: T| ragged::gather(x, &r::<i32>(g, 1)), [f32], ["[?]", "[5,3]"];
        "tf.gather(ragged(tf.float32, 1), ragged(tf.int64, 2))" = |g| ragged::gather(&r::<f32>(g, 1), &r::<i64>(g, 2));
        "tf.gather(tf.RaggedTensor.from_row_splits(v, s, validate=False), i)" = |g, v: f32, s: i32, i: T| ragged::gather(&r32(v, s), i), [i64], ["[?,3] [?] [?]"];
        "tf.batch_gather(ragged(tf.float32, 1), ragged(tf.int64, 1))" = |g| ragged::batch_gather(&r::<f32>(g, 1), &r::<i64>(g, 1));
        "(tf.batch_gather(ragged(tf.float32, 1), ragged(tf.int64, 1)), tf.batch_gather(x, i))" = |g, x: f32, i: T| (ragged::batch_gather(&r::<f32>(g, 1), &r::<i64>(g, 1)), array::batch_gather(x, i)), [i32], ["[2,3] [2,2]"];
        "tf.batch_gather(ragged(tf.float32, 2), ragged(tf.int32, 2))" = |g| ragged::batch_gather(&r::<f32>(g, 2), &r::<i32>(g, 2));
        "tf.batch_gather(x, ragged(tf.int32, 1))" = |g, x: T| ragged::batch_gather(x, &r::<i32>(g, 1)), [f32], ["[?,?]", "[2,3,4]"];
        "tf.batch_gather(ragged(tf.float32, 1), i)" = |g, i: T| ragged::batch_gather(&r::<f32>(g, 1), i), [i64, i32], ["[?]", "[?,2]", "[?,2,3]"];
        "tf.ragged.boolean_mask(ragged(tf.float32, 1), ragged(tf.bool, 1))" = |g| ragged::boolean_mask(&r::<f32>(g, 1), &r::<bool>(g, 1));
        "tf.ragged.boolean_mask(ragged(tf.float32, 2), ragged(tf.bool, 2))" = |g| ragged::boolean_mask(&r::<f32>(g, 2), &r::<bool>(g, 2));
        "tf.ragged.boolean_mask(ragged(tf.float32, 2), ragged(tf.bool, 1), name='kept')" = |g| { let (x, m) = (r::<f32>(g, 2), r::<bool>(g, 1)); g.named("kept", || ragged::boolean_mask(&x, &m)) };
        "tf.ragged.boolean_mask(ragged(tf.float32, 1), m)" = |g, m: T| ragged::boolean_mask(&r::<f32>(g, 1), m), [bool], ["[?]", "[?,?]", "[2,3]", "[]"];
        "tf.ragged.boolean_mask(ragged(tf.float32, 2), m)" = |g, m: T| ragged::boolean_mask(&r::<f32>(g, 2), m), [bool], ["[?]", "[?,?]", "[?,?,?]"];
        "tf.ragged.boolean_mask(x, m)" = |g, x: f32, m: T| ragged::boolean_mask(x, m), [bool], ["[?] [?]", "[?,?] [?,?]", "[2,3,4] [2,3]", "[?,?,?] [?,?,?]", "[?,?,?,?] [?,?,?,?]"];
        "tf.ragged.boolean_mask(x, ragged(tf.bool, 1))" = |g, x: T| ragged::boolean_mask(x, &r::<bool>(g, 1)), [f32], ["[?,?]"];
    });
}

fn constants(table: &mut Table) {
    calls!(table, {
        "tf.ragged.constant([[3, 1, 4], [], [1]])" = |g| ragged::constant(g, [vec![3, 1, 4], vec![], vec![1]], ());
        "tf.ragged.constant([[[1.0], [2.0, 3.0]], []])" = |g| ragged::constant(g, [vec![vec![1.0f32], vec![2.0, 3.0]], vec![]], ());
        "tf.ragged.constant([['a', 'b'], ['c']], name='words')" = |g| g.named("words", || ragged::constant(g, [vec!["a", "b"], vec!["c"]], ()));
        "tf.ragged.constant([[True], [False, True]], row_splits_dtype=tf.int32)" = |g| ragged::constant(g, [vec![true], vec![false, true]], ConstantOptions::default().row_splits_dtype(DType::Int32));
        "tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], ragged_rank=1)" = |g| ragged::constant(g, [vec![[1, 2]], vec![[3, 4], [5, 6]]], ConstantOptions::default().ragged_rank(1));
        "tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], inner_shape=(2,))" = |g| ragged::constant(g, [vec![[1, 2]], vec![[3, 4], [5, 6]]], ConstantOptions::default().inner_shape([2]));
        "tf.ragged.constant([[[1, 2]], [[3, 4], [5]]], ragged_rank=1)" = |g| ragged::constant(g, [vec![vec![1, 2]], vec![vec![3, 4], vec![5]]], ConstantOptions::default().ragged_rank(1));
        "tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], ragged_rank=1, inner_shape=(2,))" = |g| ragged::constant(g, [vec![[1, 2]], vec![[3, 4], [5, 6]]], ConstantOptions::default().ragged_rank(1).inner_shape([2]));
        "tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], ragged_rank=2, inner_shape=(2,))" = |g| ragged::constant(g, [vec![[1, 2]], vec![[3, 4], [5, 6]]], ConstantOptions::default().ragged_rank(2).inner_shape([2]));
        "tf.ragged.constant([1, 2, 3])" = |g| ragged::constant(g, [1, 2, 3], ());
        "tf.ragged.constant([[1, 2], [3, 4]], ragged_rank=0)" = |g| ragged::constant(g, [[1, 2], [3, 4]], ConstantOptions::default().ragged_rank(0));
        "tf.ragged.constant([[1, 2], [3]], ragged_rank=0)" = |g| ragged::constant(g, [vec![1, 2], vec![3]], ConstantOptions::default().ragged_rank(0));
        "tf.ragged.constant([1, 2, 3], ragged_rank=1)" = |g| ragged::constant(g, [1, 2, 3], ConstantOptions::default().ragged_rank(1));
        "tf.ragged.constant([[], []], dtype=tf.int32)" = |g| ragged::constant(g, [Vec::<i32>::new(), vec![]], ());
        "tf.ragged.constant([[[]], []], dtype=tf.float32)" = |g| ragged::constant(g, [vec![Vec::<f32>::new()], vec![]], ());
        "tf.ragged.constant([[], []], dtype=tf.int32, ragged_rank=2)" = |g| ragged::constant(g, [Vec::<i32>::new(), vec![]], ConstantOptions::default().ragged_rank(2));
        "tf.ragged.range(n)" = |g, n: T| ragged::range(g, n, ()), [i32, i64, f32], ["[?]", "[3]", "[]"];
        "tf.ragged.range([3, 5])" = |g| ragged::range(g, [3, 5], ());
        "tf.ragged.range(a, n)" = |g, a: T, n: T| ragged::range(g, n, RangeOptions::default().starts(a)), [i32, i64], ["[?] [?]", "[] [?]"];
        "tf.ragged.range(a, n, d)" = |g, a: T, n: T, d: T| ragged::range(g, n, RangeOptions::default().starts(a).deltas(d)), [i32, f64], ["[?] [?] [?]", "[] [?] []"];
        "tf.ragged.range(n, name='numbers', row_splits_dtype=tf.int32)" = |g, n: T| g.named("numbers", || ragged::range(g, n, RangeOptions::default().row_splits_dtype(DType::Int32))), [i64], ["[?]"];
    });
}

fn strings(table: &mut Table) {
    let ignore = UnicodeOptions::default().errors(UnicodeErrors::Ignore);
    let replace = UnicodeOptions::default().replacement_char('?');
    calls!(table, {
        "tf2.strings.split(x)" = |g, x: T| string::split_v2(x, ()), [ByteString], ["[?]", "[3]", "[]", "[?,?]", "[2,3,4]", "?"];
        "tf2.strings.split(x, ',', 2, name='cells')" = |g, x: T| g.named("cells", || string::split_v2(x, SplitOptions::default().sep(",").maxsplit(2))), [ByteString], ["[?]"];
        "tf2.strings.split(ragged(tf.string, 1))" = |g| string::split_v2(&r::<ByteString>(g, 1), ());
        "tf2.strings.split(ragged(tf.string, 2), s)" = |g, s: T| string::split_v2(&r::<ByteString>(g, 2), s), [ByteString], ["[]"];
        "tf.strings.split(x, result_type='RaggedTensor')" = |g, x: T| string::split_ragged(x, ()), [ByteString], ["[?]", "[]", "[?,?]"];
        "tf.strings.split(ragged(tf.string, 1), ',', result_type='RaggedTensor')" = |g| string::split_ragged(&r::<ByteString>(g, 1), ",");
        "tf.strings.split(x)" = |g, x: T| string::split(x, ()), [ByteString], ["[?,?]", "[2,3,4]", "?"];
        "tf.string_split(x, result_type='RaggedTensor')" = |g, x: T| string::string_split_ragged(x, ()), [ByteString], ["[?]", "[3]"];
        "tf.string_split(x, ',', skip_empty=False, result_type='RaggedTensor', name='cells')" = |g, x: T| g.named("cells", || string::string_split_ragged(x, StringSplitOptions::default().delimiter(",").skip_empty(false))), [ByteString], ["[?]"];
        "tf.strings.bytes_split(x)" = |g, x: T| string::bytes_split(x), [ByteString], ["[?]", "[]", "[?,?]", "[2,3,4]", "?"];
        "tf.strings.bytes_split(ragged(tf.string, 1), name='bytes')" = |g| { let x = r::<ByteString>(g, 1); g.named("bytes", || string::bytes_split(&x)) };
        "tf.strings.unicode_decode(x, 'UTF-8')" = |g, x: T| string::unicode_decode(x, "UTF-8", ()), [ByteString], ["[?]", "[]", "[?,?]", "[2,3,4]", "?"];
        "tf.strings.unicode_decode(x, 'UTF-16', errors='ignore', replacement_char=ord('?'), replace_control_characters=True, name='points')" = |g, x: T| g.named("points", || string::unicode_decode(x, "UTF-16", ignore.replacement_char('?').replace_control_characters(true))), [ByteString], ["[?]"];
        "tf.strings.unicode_decode(ragged(tf.string, 1), 'UTF-8')" = |g| string::unicode_decode(&r::<ByteString>(g, 1), "UTF-8", ());
        "tf.strings.unicode_decode(tf.ragged.placeholder(tf.string, 1, [None]), 'UTF-8')" = |g| string::unicode_decode(&g.ragged_placeholder::<ByteString>(1, [None]), "UTF-8", ());
        "tf.strings.unicode_decode_with_offsets(x, 'UTF-8')" = |g, x: T| string::unicode_decode_with_offsets(x, "UTF-8", ()), [ByteString], ["[?]", "[]", "[?,?]"];
        "tf.strings.unicode_decode_with_offsets(ragged(tf.string, 1), 'UTF-8', 'ignore')" = |g| string::unicode_decode_with_offsets(&r::<ByteString>(g, 1), "UTF-8", ignore);
        "tf.strings.unicode_encode(x, 'UTF-8')" = |g, x: T| string::unicode_encode(x, "UTF-8", ()), [i32], ["[?]", "[?,?]", "[2,3,4]", "[]", "?"];
        "tf.strings.unicode_encode(ragged(tf.int32, 1), 'UTF-16-BE', 'ignore')" = |g| string::unicode_encode(&r::<i32>(g, 1), "UTF-16-BE", ignore);
        "tf.strings.unicode_encode(ragged(tf.int32, 2), 'UTF-8', replacement_char=ord('?'))" = |g| string::unicode_encode(&r::<i32>(g, 2), "UTF-8", replace);
        "tf.strings.unicode_encode(tf.ragged.placeholder(tf.int32, 1, [3]), 'UTF-8')" = |g| string::unicode_encode(&g.ragged_placeholder::<i32>(1, [3]), "UTF-8", ());
        "tf.strings.unicode_split(x, 'UTF-8')" = |g, x: T| string::unicode_split(x, "UTF-8", ()), [ByteString], ["[?]", "[]", "[?,?]", "?"];
        "tf.strings.unicode_split(ragged(tf.string, 1), 'UTF-8', 'ignore', name='characters')" = |g| { let x = r::<ByteString>(g, 1); g.named("characters", || string::unicode_split(&x, "UTF-8", ignore)) };
        "tf.strings.unicode_split_with_offsets(x, 'UTF-8')" = |g, x: T| string::unicode_split_with_offsets(x, "UTF-8", ()), [ByteString], ["[?]", "[]", "[?,?]"];
    });
}
