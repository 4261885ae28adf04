//! `tfhub::ops::sets`.

use tfhub::dtype::ByteString;
use tfhub::ops::sets;
use tfhub::ops::sparse::SparseTensor;

use super::{Table, calls};

/// Two dense tensors.
const DENSE: [&str; 5] = [
    "[2,3] [2,4]",
    "[?,3] [?,3]",
    "? ?",
    "[2,3] ?",
    "[2,3] [3,3]",
];
/// The parts of a sparse tensor and a dense one.
const MIXED: [&str; 4] = [
    "[?,2] [?] [2] [2,3]",
    "[?,2] [?] [2] ?",
    "? ? ? ?",
    "[?,3] [?] [3] [2,3]",
];
/// The parts of two sparse tensors.
const SPARSE: [&str; 4] = [
    "[?,2] [?] [2] [?,2] [?] [2]",
    "? ? ? ? ? ?",
    "[?,2] [?] [2] ? ? ?",
    "[?,2] [?] [2] [?,3] [?] [3]",
];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.sets.size(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sets::size(SparseTensor::new(g, i, v, s), true), [i32, ByteString], ["[?,2] [?] [2]", "? ? ?", "[4,3] [4] [3]"];
        "tf.sets.size(tf.SparseTensor(i, v, s), validate_indices=False)" = |g, i: i64, v: T, s: i64| sets::size(SparseTensor::new(g, i, v, s), false), [i64], ["[?,2] [?] [2]"];
        "tf.sets.intersection(a, b)" = |g, a: T, b: T| sets::intersection(a, b, true), [i32, ByteString], DENSE;
        "tf.sets.union(a, b)" = |g, a: T, b: T| sets::union(a, b, true), [i64, ByteString], DENSE;
        "tf.sets.difference(a, b)" = |g, a: T, b: T| sets::difference(a, b, true), [i32, u8], DENSE;
        "tf.sets.difference(a, b, aminusb=False, validate_indices=False)" = |g, a: T, b: T| sets::difference_reversed(a, b, false), [i32], DENSE;
        "tf.sets.union(a, b, validate_indices=False)" = |g, a: T, b: T| sets::union(a, b, false), [i16], DENSE;
        "tf.sets.intersection(tf.SparseTensor(i, v, s), b)" = |g, i: i64, v: T, s: i64, b: T| sets::intersection(SparseTensor::new(g, i, v, s), b, true), [i32], MIXED;
        "tf.sets.difference(tf.SparseTensor(i, v, s), b)" = |g, i: i64, v: T, s: i64, b: T| sets::difference(SparseTensor::new(g, i, v, s), b, true), [i32], MIXED;
        "tf.sets.difference(b, tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64, b: T| sets::difference(b, SparseTensor::new(g, i, v, s), true), [i32, ByteString], MIXED;
        "tf.sets.union(b, tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64, b: T| sets::union(b, SparseTensor::new(g, i, v, s), true), [i32], MIXED;
        "tf.sets.intersection(tf.SparseTensor(i, v, s), tf.SparseTensor(j, w, t))" = |g, i: i64, v: T, s: i64, j: i64, w: T, t: i64| sets::intersection(SparseTensor::new(g, i, v, s), SparseTensor::new(g, j, w, t), true), [i32, ByteString], SPARSE;
        "tf.sets.difference(tf.SparseTensor(i, v, s), tf.SparseTensor(j, w, t), aminusb=False)" = |g, i: i64, v: T, s: i64, j: i64, w: T, t: i64| sets::difference_reversed(SparseTensor::new(g, i, v, s), SparseTensor::new(g, j, w, t), true), [i32], SPARSE;
        "tf.sets.union(tf.SparseTensor(i, v, s), tf.SparseTensor(j, w, t))" = |g, i: i64, v: T, s: i64, j: i64, w: T, t: i64| sets::union(SparseTensor::new(g, i, v, s), SparseTensor::new(g, j, w, t), true), [i64], SPARSE;
    });
    table
}
