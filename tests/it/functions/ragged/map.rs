//! Functions of each row of ragged tensors.

use tfhub::Tensor;
use tfhub::control_flow::{MapOptions, RaggedRow};
use tfhub::dtype::ByteString;
use tfhub::ops::{array, math, ragged, string};

use super::{r, r32};
use crate::functions::{Table, calls};

fn reversed<'g>(row: Tensor<'g, f32>) -> Tensor<'g, f32> {
    array::reverse(row, [0])
}

pub(super) fn rows(table: &mut Table) {
    calls!(table, {
        "ragged_map_ops.map_fn(tf.reduce_sum, ragged(tf.float32, 1))" = |g| g.ragged_map_fn(r::<f32>(g, 1), |row| math::reduce_sum(row.tensor(), ()), ());
        "ragged_map_ops.map_fn(lambda x: tf.reverse(x, [0]), ragged(tf.float32, 1), RaggedTensorType(tf.float32, 1))" = |g| g.ragged_map_fn(r::<f32>(g, 1), |row| RaggedRow::<_, 1>::from(reversed(row.tensor())), ());
        "ragged_map_ops.map_fn(lambda x: tf.ragged.map_flat_values(tf.abs, x), ragged(tf.float32, 2), RaggedTensorType(tf.float32, 2), name='rows')" = |g| { let x = r::<f32>(g, 2); g.named("rows", || g.ragged_map_fn(x, |row| RaggedRow::<_, 2>::from(row.ragged().map_flat_values(|x| math::abs(x))), ())) };
        "ragged_map_ops.map_fn(lambda x: x, ragged(tf.float32, 3), RaggedTensorType(tf.float32, 3))" = |g| g.ragged_map_fn(r::<f32>(g, 3), RaggedRow::<_, 3>::from, ());
        "ragged_map_ops.map_fn(lambda x: tf.reduce_mean(x, 1), ragged(tf.float32, 2), RaggedTensorType(tf.float32, 1))" = |g| g.ragged_map_fn(r::<f32>(g, 2), |row| RaggedRow::<_, 1>::from(ragged::reduce_mean(&row.ragged(), 1)), ());
        "ragged_map_ops.map_fn(lambda x: (tf.size(x[0]), x[1] + 1.0), (ragged(tf.string, 1), y), (tf.int32, tf.float32))" = |g, y: T| g.ragged_map_fn((r::<ByteString>(g, 1), y), |(words, y)| (array::size::<i32, _>(words.tensor()), y + 1.0), ()), [f32], ["[?]", "[3,2]"];
        "ragged_map_ops.map_fn(lambda x: x[0] * x[1], (y, ragged(tf.float32, 1)), RaggedTensorType(tf.float32, 1))" = |g, y: T| g.ragged_map_fn((y, r::<f32>(g, 1)), |(y, row)| RaggedRow::<_, 1>::from(y * row.tensor()), ()), [f32], ["[?]", "[3]", "?", "[0]", "[]"];
        "ragged_map_ops.map_fn(lambda n: tf.range(n), y, RaggedTensorType(tf.int32, 1, tf.int32), parallel_iterations=1, back_prop=False, swap_memory=True, infer_shape=False)" = |g, y: T| g.ragged_map_fn(y, |n| RaggedRow::<_, 1, i32>::from(math::range(g, n, ())), MapOptions::default().parallel_iterations(1).back_prop(false).swap_memory(true).infer_shape(false)), [i32], ["[?]", "[3]"];
        "ragged_map_ops.map_fn(lambda x: tf.strings.bytes_split(x), y, RaggedTensorType(tf.string, 2))" = |g, y: T| g.ragged_map_fn(y, |row| RaggedRow::<_, 2>::from(string::bytes_split(row)), ()), [ByteString], ["[?,?]"];
        "ragged_map_ops.map_fn(lambda x: x, tf.RaggedTensor.from_row_splits(v, s, validate=False), RaggedTensorType(tf.float32, 1, tf.int32))" = |g, v: f32, s: T| g.ragged_map_fn(r32(v, s), RaggedRow::<_, 1, i32>::from, ()), [i32], ["[?] [?]", "[5,2] [3]"];
        "ragged_map_ops.map_fn(lambda x: x, tf.RaggedTensor.from_value_rowids(v, s, 4, validate=False), RaggedTensorType(tf.float32, 1))" = |g, v: f32, s: T| g.ragged_map_fn(ragged::RaggedTensor::from_value_rowids(v, s, super::unchecked().nrows(4)), RaggedRow::<_, 1>::from, ()), [i64], ["[?] [?]"];
        "ragged_map_ops.map_fn(lambda x: x, ragged(tf.float32, 2), RaggedTensorType(tf.float32, 1))" = |g| g.ragged_map_fn(r::<f32>(g, 2), RaggedRow::<_, 1>::from, ());
        "ragged_map_ops.map_fn(lambda x: x, ragged(tf.float32, 2), RaggedTensorType(tf.float32, 2, tf.int32))" = |g| g.ragged_map_fn(r::<f32>(g, 2), RaggedRow::<_, 2, i32>::from, ());
    });
}
