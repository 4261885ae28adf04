//! `tfhub::ops::sparse`.

use tfhub::dtype::ByteString;
use tfhub::init;
use tfhub::ops::math::{self, Adjoint, Axes};
use tfhub::ops::sparse::{self, CrossHashedOptions, SparseTensor, ToDenseOptions};

use super::{Table, calls};

/// The parts of a sparse tensor: indices, values and shape.
const PARTS: [&str; 4] = ["[?,2] [?] [2]", "[4,3] [4] [3]", "[?,?] [?] [?]", "? ? ?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.SparseTensor(i, v, s)" = |g, i: i64, v: T, s: i64| SparseTensor::new(g, i, v, s), [f32, ByteString], PARTS;
        "tf.SparseTensor(i, v, s)" = |g, i: i64, v: T, s: i64| SparseTensor::new(g, i, v, s), [f32], ["[2] [2] [1]", "[3,2] [2] [2]", "[3,2] [3] [3]", "[3,2] [3] []"];
        "tf.SparseTensor([[0, 0], [1, 2]], [1.0, 2.0], [3, 4])" = |g| SparseTensor::new(g, [[0i64, 0], [1, 2]], [1.0f32, 2.0], [3i64, 4]);
        "tf.SparseTensor([[0, 0], [1, 2]], ['a', 'b'], [3, 4])" = |g| SparseTensor::new(g, [[0i64, 0], [1, 2]], ["a", "b"], [3i64, 4]);
        "tf.SparseTensor([[0, 0], [1, 2]], v, [3, 4])" = |g, v: T| SparseTensor::new(g, [[0i64, 0], [1, 2]], v, [3i64, 4]), [f32, bool], ["[2]", "?", "[3]"];
        "tf.sparse_placeholder(tf.float32)" = |g| g.sparse_placeholder::<f32>(tfhub::Shape::unknown());
        "tf.sparse_placeholder(tf.string, [None, 3], name='words')" = |g| g.named("words", || g.sparse_placeholder::<ByteString>((None, 3)));
        "tf.sparse_placeholder(tf.int64, [2, 3])" = |g| g.sparse_placeholder::<i64>((2, 3));
        "tf.sparse_placeholder(tf.int64, [2, 3], name='ids')" = |g| g.named("ids", || g.sparse_placeholder::<i64>((2, 3)));
        "[tf.sparse_placeholder(tf.int64), tf.sparse_placeholder(tf.int64, [])]" = |g| [g.sparse_placeholder::<i64>(tfhub::Shape::unknown()), g.sparse_placeholder::<i64>(())];
        "tf.sparse.reorder(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::reorder(SparseTensor::new(g, i, v, s)), [f32, ByteString], PARTS;
        "tf.sparse.reorder(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::reorder(g.sparse_placeholder::<f32>((2, 3)));
        "tf.sparse.reorder(tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::reorder(g.sparse_placeholder::<f32>((None, 3)));
        "tf.sparse.reorder(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::reorder(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()));
        "tf.sparse.transpose(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::transpose(SparseTensor::new(g, i, v, s), ()), [f32, ByteString], PARTS;
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::transpose(g.sparse_placeholder::<f32>((2, 3)), ());
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::transpose(g.sparse_placeholder::<f32>((None, 3)), ());
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::transpose(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), ());
        "tf.sparse.transpose(tf.SparseTensor(i, v, s), [1, 0])" = |g, i: i64, v: T, s: i64| sparse::transpose(SparseTensor::new(g, i, v, s), [1, 0]), [f32, ByteString], PARTS;
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [2, 3]), [1, 0])" = |g| sparse::transpose(g.sparse_placeholder::<f32>((2, 3)), [1, 0]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [None, 3]), [1, 0])" = |g| sparse::transpose(g.sparse_placeholder::<f32>((None, 3)), [1, 0]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, None), [1, 0])" = |g| sparse::transpose(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), [1, 0]);
        "tf.sparse.expand_dims(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::expand_dims(SparseTensor::new(g, i, v, s), -1), [f32, ByteString], PARTS;
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>((2, 3)), -1);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>((None, 3)), -1);
    });
    calls!(table, {
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), -1);
        "tf.sparse.expand_dims(tf.SparseTensor(i, v, s), 1)" = |g, i: i64, v: T, s: i64| sparse::expand_dims(SparseTensor::new(g, i, v, s), 1), [f32, ByteString], PARTS;
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [2, 3]), 1)" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>((2, 3)), 1);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [None, 3]), 1)" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>((None, 3)), 1);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, None), 1)" = |g| sparse::expand_dims(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), 1);
        "tf.sparse.reset_shape(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::reset_shape(SparseTensor::new(g, i, v, s)), [f32, ByteString], PARTS;
        "tf.sparse.reset_shape(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::reset_shape(g.sparse_placeholder::<f32>((2, 3)));
        "tf.sparse.reset_shape(tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::reset_shape(g.sparse_placeholder::<f32>((None, 3)));
        "tf.sparse.reset_shape(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::reset_shape(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()));
        "tf.sparse.to_dense(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::to_dense(SparseTensor::new(g, i, v, s), ()), [f32, ByteString], PARTS;
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::to_dense(g.sparse_placeholder::<f32>((2, 3)), ());
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::to_dense(g.sparse_placeholder::<f32>((None, 3)), ());
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::to_dense(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), ());
        "tf.sparse.split(sp_input=tf.SparseTensor(i, v, s), num_split=2, axis=1)" = |g, i: i64, v: T, s: i64| sparse::split(SparseTensor::new(g, i, v, s), 2, 1i64), [f32, ByteString], PARTS;
        "tf.sparse.split(sp_input=tf.sparse_placeholder(tf.float32, [2, 3]), num_split=2, axis=1)" = |g| sparse::split(g.sparse_placeholder::<f32>((2, 3)), 2, 1i64);
        "tf.sparse.split(sp_input=tf.sparse_placeholder(tf.float32, [None, 3]), num_split=2, axis=1)" = |g| sparse::split(g.sparse_placeholder::<f32>((None, 3)), 2, 1i64);
        "tf.sparse.split(sp_input=tf.sparse_placeholder(tf.float32, None), num_split=2, axis=1)" = |g| sparse::split(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), 2, 1i64);
        "tf.sparse.slice(tf.SparseTensor(i, v, s), [0, 1], [2, 2])" = |g, i: i64, v: T, s: i64| sparse::slice(SparseTensor::new(g, i, v, s), [0i64, 1], [2i64, 2]), [f32, ByteString], PARTS;
        "tf.sparse.slice(tf.sparse_placeholder(tf.float32, [2, 3]), [0, 1], [2, 2])" = |g| sparse::slice(g.sparse_placeholder::<f32>((2, 3)), [0i64, 1], [2i64, 2]);
        "tf.sparse.slice(tf.sparse_placeholder(tf.float32, [None, 3]), [0, 1], [2, 2])" = |g| sparse::slice(g.sparse_placeholder::<f32>((None, 3)), [0i64, 1], [2i64, 2]);
        "tf.sparse.slice(tf.sparse_placeholder(tf.float32, None), [0, 1], [2, 2])" = |g| sparse::slice(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), [0i64, 1], [2i64, 2]);
        "tf.sparse.reshape(tf.SparseTensor(i, v, s), [-1, 2])" = |g, i: i64, v: T, s: i64| sparse::reshape(SparseTensor::new(g, i, v, s), [-1, 2]), [f32, ByteString], PARTS;
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [2, 3]), [-1, 2])" = |g| sparse::reshape(g.sparse_placeholder::<f32>((2, 3)), [-1, 2]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [None, 3]), [-1, 2])" = |g| sparse::reshape(g.sparse_placeholder::<f32>((None, 3)), [-1, 2]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, None), [-1, 2])" = |g| sparse::reshape(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), [-1, 2]);
    });
    calls!(table, {
        "tf.sparse.concat(1, [tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s)])" = |g, i: i64, v: T, s: i64| sparse::concat(g, 1, [SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)], ()), [f32, ByteString], PARTS;
        "tf.sparse.concat(1, [tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3])])" = |g| sparse::concat(g, 1, [g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3))], ());
        "tf.sparse.concat(1, [tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3])])" = |g| sparse::concat(g, 1, [g.sparse_placeholder::<f32>((None, 3)), g.sparse_placeholder::<f32>((None, 3))], ());
        "tf.sparse.concat(1, [tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None)])" = |g| sparse::concat(g, 1, [g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown())], ());
        "tf.sparse.concat(0, [tf.SparseTensor(i, v, s)])" = |g, i: i64, v: T, s: i64| sparse::concat(g, 0, [SparseTensor::new(g, i, v, s)], ()), [f32, ByteString], PARTS;
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, [2, 3])])" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>((2, 3))], ());
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, [None, 3])])" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>((None, 3))], ());
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, None)])" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>(tfhub::Shape::unknown())], ());
        "tf.sparse.concat(-1, [tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s)], expand_nonconcat_dim=True)" = |g, i: i64, v: T, s: i64| sparse::concat(g, -1, [SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)], true), [f32, ByteString], PARTS;
        "tf.sparse.concat(-1, [tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3])], expand_nonconcat_dim=True)" = |g| sparse::concat(g, -1, [g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3))], true);
        "tf.sparse.concat(-1, [tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3])], expand_nonconcat_dim=True)" = |g| sparse::concat(g, -1, [g.sparse_placeholder::<f32>((None, 3)), g.sparse_placeholder::<f32>((None, 3))], true);
        "tf.sparse.concat(-1, [tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None)], expand_nonconcat_dim=True)" = |g| sparse::concat(g, -1, [g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown())], true);
        "tf.sparse.concat(0, [tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s)], expand_nonconcat_dim=True)" = |g, i: i64, v: T, s: i64| sparse::concat(g, 0, [SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)], true), [f32, ByteString], PARTS;
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3])], expand_nonconcat_dim=True)" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3))], true);
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3])], expand_nonconcat_dim=True)" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>((None, 3)), g.sparse_placeholder::<f32>((None, 3))], true);
        "tf.sparse.concat(0, [tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None)], expand_nonconcat_dim=True)" = |g| sparse::concat(g, 0, [g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown())], true);
        "tf.edit_distance(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::edit_distance(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s), ()), [f32, ByteString], PARTS;
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)), ());
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3]))" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>((None, 3)), g.sparse_placeholder::<f32>((None, 3)), ());
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None))" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), ());
        "tf.edit_distance(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s), normalize=False)" = |g, i: i64, v: T, s: i64| sparse::edit_distance(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s), false), [f32, ByteString], PARTS;
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]), normalize=False)" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)), false);
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3]), normalize=False)" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>((None, 3)), g.sparse_placeholder::<f32>((None, 3)), false);
        "tf.edit_distance(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None), normalize=False)" = |g| sparse::edit_distance(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), false);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [2, 3]), [3, -1])" = |g| sparse::reshape(g.sparse_placeholder::<f32>((2, 3)), [3, -1]);
    });
    calls!(table, {
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [None, 3]), [3, -1])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((None, 3)), [3, -1]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [4]), [3, -1])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((4,)), [3, -1]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [2, 3]), [7])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((2, 3)), [7]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [None, 3]), [7])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((None, 3)), [7]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [4]), [7])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((4,)), [7]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [2, 3]), [-1, -1])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((2, 3)), [-1, -1]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [None, 3]), [-1, -1])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((None, 3)), [-1, -1]);
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [4]), [-1, -1])" =
            |g| sparse::reshape(g.sparse_placeholder::<f32>((4,)), [-1, -1]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [2, 3]), [1, 0, 2])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((2, 3)), [1, 0, 2]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [None, 3]), [1, 0, 2])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((None, 3)), [1, 0, 2]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [4]), [1, 0, 2])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((4,)), [1, 0, 2]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [2, 3]), [0])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((2, 3)), [0]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [None, 3]), [0])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((None, 3)), [0]);
        "tf.sparse.transpose(tf.sparse_placeholder(tf.float32, [4]), [0])" =
            |g| sparse::transpose(g.sparse_placeholder::<f32>((4,)), [0]);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [2, 3]), 5)" =
            |g| sparse::expand_dims(g.sparse_placeholder::<f32>((2, 3)), 5);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [None, 3]), 5)" =
            |g| sparse::expand_dims(g.sparse_placeholder::<f32>((None, 3)), 5);
        "tf.sparse.expand_dims(tf.sparse_placeholder(tf.float32, [4]), 5)" =
            |g| sparse::expand_dims(g.sparse_placeholder::<f32>((4,)), 5);
        "tf.sparse.concat(2, [tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3])])" =
            |g| {
                sparse::concat(
                    g,
                    2,
                    [
                        g.sparse_placeholder::<f32>((2, 3)),
                        g.sparse_placeholder::<f32>((2, 3)),
                    ],
                    (),
                )
            };
        "tf.sparse.concat(2, [tf.sparse_placeholder(tf.float32, [None, 3]), tf.sparse_placeholder(tf.float32, [None, 3])])" =
            |g| {
                sparse::concat(
                    g,
                    2,
                    [
                        g.sparse_placeholder::<f32>((None, 3)),
                        g.sparse_placeholder::<f32>((None, 3)),
                    ],
                    (),
                )
            };
        "tf.sparse.concat(2, [tf.sparse_placeholder(tf.float32, [4]), tf.sparse_placeholder(tf.float32, [4])])" =
            |g| {
                sparse::concat(
                    g,
                    2,
                    [
                        g.sparse_placeholder::<f32>((4,)),
                        g.sparse_placeholder::<f32>((4,)),
                    ],
                    (),
                )
            };
        "tf.sparse.retain(tf.sparse_placeholder(tf.float32, [2, 3]), [True, False])" =
            |g| sparse::retain(g.sparse_placeholder::<f32>((2, 3)), [true, false]);
        "tf.sparse.retain(tf.sparse_placeholder(tf.float32, [None, 3]), [True, False])" =
            |g| sparse::retain(g.sparse_placeholder::<f32>((None, 3)), [true, false]);
        "tf.sparse.retain(tf.sparse_placeholder(tf.float32, [4]), [True, False])" =
            |g| sparse::retain(g.sparse_placeholder::<f32>((4,)), [true, false]);
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, [2, 3]), validate_indices=False, default_value=7.5)" =
            |g| {
                sparse::to_dense(
                    g.sparse_placeholder::<f32>((2, 3)),
                    ToDenseOptions::default()
                        .default_value(7.5f32)
                        .validate_indices(false),
                )
            };
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, [None, 3]), validate_indices=False, default_value=7.5)" =
            |g| {
                sparse::to_dense(
                    g.sparse_placeholder::<f32>((None, 3)),
                    ToDenseOptions::default()
                        .default_value(7.5f32)
                        .validate_indices(false),
                )
            };
    });
    calls!(table, {
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.float32, [4]), validate_indices=False, default_value=7.5)" = |g| sparse::to_dense(g.sparse_placeholder::<f32>((4,)), ToDenseOptions::default().default_value(7.5f32).validate_indices(false));
        "tf.sparse.concat(1, [])" = |g| sparse::concat::<f32>(g, 1, [], ());
        "tf.sparse.reduce_sum(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::reduce_sum(SparseTensor::new(g, i, v, s), Axes::ALL), [f32, i32], PARTS;
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>((2, 3)), Axes::ALL);
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), Axes::ALL);
        "tf.sparse.reduce_sum(tf.SparseTensor(i, v, s), 1)" = |g, i: i64, v: T, s: i64| sparse::reduce_sum(SparseTensor::new(g, i, v, s), 1), [f32, i32], PARTS;
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, [2, 3]), 1)" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>((2, 3)), 1);
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, None), 1)" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), 1);
        "tf.sparse.reduce_sum(tf.SparseTensor(i, v, s), [0, -1], keepdims=True)" = |g, i: i64, v: T, s: i64| sparse::reduce_sum(SparseTensor::new(g, i, v, s), Axes::from([0, -1]).keep_dims()), [f32, i32], PARTS;
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, [2, 3]), [0, -1], keepdims=True)" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>((2, 3)), Axes::from([0, -1]).keep_dims());
        "tf.sparse.reduce_sum(tf.sparse_placeholder(tf.float32, None), [0, -1], keepdims=True)" = |g| sparse::reduce_sum(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), Axes::from([0, -1]).keep_dims());
        "tf.sparse.reduce_sum_sparse(tf.SparseTensor(i, v, s), 0)" = |g, i: i64, v: T, s: i64| sparse::reduce_sum_sparse(SparseTensor::new(g, i, v, s), 0), [f32, i32], PARTS;
        "tf.sparse.reduce_sum_sparse(tf.sparse_placeholder(tf.float32, [2, 3]), 0)" = |g| sparse::reduce_sum_sparse(g.sparse_placeholder::<f32>((2, 3)), 0);
        "tf.sparse.reduce_sum_sparse(tf.sparse_placeholder(tf.float32, None), 0)" = |g| sparse::reduce_sum_sparse(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), 0);
        "tf.sparse.reduce_sum_sparse(tf.SparseTensor(i, v, s), keepdims=True)" = |g, i: i64, v: T, s: i64| sparse::reduce_sum_sparse(SparseTensor::new(g, i, v, s), Axes::ALL.keep_dims()), [f32, i32], PARTS;
        "tf.sparse.reduce_sum_sparse(tf.sparse_placeholder(tf.float32, [2, 3]), keepdims=True)" = |g| sparse::reduce_sum_sparse(g.sparse_placeholder::<f32>((2, 3)), Axes::ALL.keep_dims());
        "tf.sparse.reduce_sum_sparse(tf.sparse_placeholder(tf.float32, None), keepdims=True)" = |g| sparse::reduce_sum_sparse(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), Axes::ALL.keep_dims());
        "tf.sparse.reduce_max(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::reduce_max(SparseTensor::new(g, i, v, s), Axes::ALL), [f32, i32], PARTS;
        "tf.sparse.reduce_max(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::reduce_max(g.sparse_placeholder::<f32>((2, 3)), Axes::ALL);
        "tf.sparse.reduce_max(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::reduce_max(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), Axes::ALL);
        "tf.sparse.reduce_max(tf.SparseTensor(i, v, s), [1])" = |g, i: i64, v: T, s: i64| sparse::reduce_max(SparseTensor::new(g, i, v, s), [1]), [f32, i32], PARTS;
        "tf.sparse.reduce_max(tf.sparse_placeholder(tf.float32, [2, 3]), [1])" = |g| sparse::reduce_max(g.sparse_placeholder::<f32>((2, 3)), [1]);
        "tf.sparse.reduce_max(tf.sparse_placeholder(tf.float32, None), [1])" = |g| sparse::reduce_max(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), [1]);
        "tf.sparse.reduce_max_sparse(tf.SparseTensor(i, v, s), -1)" = |g, i: i64, v: T, s: i64| sparse::reduce_max_sparse(SparseTensor::new(g, i, v, s), -1), [f32, i32], PARTS;
        "tf.sparse.reduce_max_sparse(tf.sparse_placeholder(tf.float32, [2, 3]), -1)" = |g| sparse::reduce_max_sparse(g.sparse_placeholder::<f32>((2, 3)), -1);
    });
    calls!(table, {
        "tf.sparse.reduce_max_sparse(tf.sparse_placeholder(tf.float32, None), -1)" = |g| sparse::reduce_max_sparse(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), -1);
        "tf.sparse.maximum(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::maximum(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)), [f32, i32], PARTS;
        "tf.sparse.maximum(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::maximum(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)));
        "tf.sparse.maximum(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None))" = |g| sparse::maximum(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()));
        "tf.sparse.minimum(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::minimum(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)), [f32, i32], PARTS;
        "tf.sparse.minimum(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::minimum(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)));
        "tf.sparse.minimum(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None))" = |g| sparse::minimum(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()));
        "tf.sparse.add(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::add(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s), ()), [f32, i32], PARTS;
        "tf.sparse.add(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::add(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)), ());
        "tf.sparse.add(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None))" = |g| sparse::add(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), ());
        "tf.sparse.add(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s), 2)" = |g, i: i64, v: T, s: i64| sparse::add(SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s), 2.0), [f32, i32], PARTS;
        "tf.sparse.add(tf.sparse_placeholder(tf.float32, [2, 3]), tf.sparse_placeholder(tf.float32, [2, 3]), 2)" = |g| sparse::add(g.sparse_placeholder::<f32>((2, 3)), g.sparse_placeholder::<f32>((2, 3)), 2.0);
        "tf.sparse.add(tf.sparse_placeholder(tf.float32, None), tf.sparse_placeholder(tf.float32, None), 2)" = |g| sparse::add(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), 2.0);
        "tf.abs(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::abs(SparseTensor::new(g, i, v, s)), [f32, i32], PARTS;
        "tf.abs(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::abs(g.sparse_placeholder::<f32>((2, 3)));
        "tf.abs(tf.sparse_placeholder(tf.float32, None))" = |g| sparse::abs(g.sparse_placeholder::<f32>(tfhub::Shape::unknown()));
        "tf.sparse.softmax(tf.sparse_placeholder(tf.float32, [2, 3]))" = |g| sparse::softmax(g.sparse_placeholder::<f32>((2, 3)));
        "tf.sparse.softmax(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::softmax(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.sparse.add(tf.SparseTensor(i, v, s), d)" = |g, i: i64, v: T, s: i64, d: T| sparse::add_dense(SparseTensor::new(g, i, v, s), d), [f32, i64], ["[?,2] [?] [2] [2,3]", "? ? ? ?", "[4,2] [4] [2] [?,3]"];
        "tf.SparseTensor(i, v, s) * d" = |g, i: i64, v: T, s: i64, d: T| SparseTensor::new(g, i, v, s) * d, [f32, i64], ["[?,2] [?] [2] [2,3]", "? ? ? ?", "[4,2] [4] [2] [?,3]"];
        "d * tf.SparseTensor(i, v, s)" = |g, i: i64, v: T, s: i64, d: T| SparseTensor::new(g, i, v, s) * d, [f32], ["[?,2] [?] [2] [2,3]", "? ? ? ?"];
        "tf.SparseTensor(i, v, s) / d" = |g, i: i64, v: T, s: i64, d: T| SparseTensor::new(g, i, v, s) / d, [f32, f64], ["[?,2] [?] [2] [2,3]", "? ? ? ?"];
        "tf.SparseTensor(i, v, s) * 2" = |g, i: i64, v: T, s: i64| SparseTensor::new(g, i, v, s) * T::from(2u8), [f32, i64], ["[?,2] [?] [2]"];
        "tf.sparse.sparse_dense_matmul(tf.SparseTensor(i, v, s), d)" = |g, i: i64, v: T, s: i64, d: T| sparse::sparse_dense_matmul(SparseTensor::new(g, i, v, s), d), [f32, i32], ["[?,2] [?] [2] [2,3]", "? ? ? ?", "[?,2] [?] [2] [3]"];
        "tf.sparse.sparse_dense_matmul(tf.SparseTensor(i, v, s), d, adjoint_a=True, adjoint_b=True)" = |g, i: i64, v: T, s: i64, d: T| sparse::sparse_dense_matmul(Adjoint(SparseTensor::new(g, i, v, s)), Adjoint(d)), [f32], ["[?,2] [?] [2] [2,3]"];
    });
    calls!(table, {
        "tf.sparse.sparse_dense_matmul(tf.sparse_placeholder(tf.float32, [2, 3]), [[1.0], [2.0], [3.0]])" = |g| sparse::sparse_dense_matmul(g.sparse_placeholder::<f32>((2, 3)), [[1.0f32], [2.0], [3.0]]);
        "tf.sparse.sparse_dense_matmul(tf.sparse_placeholder(tf.float32, [2, 3]), variable('w', [3, 4]))" = |g| sparse::sparse_dense_matmul(g.sparse_placeholder::<f32>((2, 3)), g.get_variable::<f32>("w").shape([3, 4]).initializer(init::zeros()).finish());
        "tf.sparse.retain(tf.SparseTensor(i, v, s), b)" = |g, i: i64, v: T, s: i64, b: bool| sparse::retain(SparseTensor::new(g, i, v, s), b), [f32, ByteString], ["[?,2] [?] [2] [?]", "[4,2] [4] [2] [3]", "[4,2] [4] [2] [4]", "? ? ? ?"];
        "tf.sparse.fill_empty_rows(tf.SparseTensor(i, v, s), d)" = |g, i: i64, v: T, s: i64, d: T| sparse::fill_empty_rows(SparseTensor::new(g, i, v, s), d), [f32, ByteString], ["[?,2] [?] [2] []", "? ? ? ?", "[?,2] [?] [2] [1]"];
        "tf.sparse.fill_empty_rows(tf.sparse_placeholder(tf.string, [2, 3]), 'x')" = |g| sparse::fill_empty_rows(g.sparse_placeholder::<ByteString>((2, 3)), "x");
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.string, [2, 3]), default_value='')" = |g| sparse::to_dense(g.sparse_placeholder::<ByteString>((2, 3)), ToDenseOptions::default().default_value(""));
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.bool, [2, 3]))" = |g| sparse::to_dense(g.sparse_placeholder::<bool>((2, 3)), ());
        "tf.sparse.to_indicator(tf.SparseTensor(i, v, s), 9)" = |g, i: i64, v: T, s: i64| sparse::to_indicator(SparseTensor::new(g, i, v, s), 9), [i32, i64], PARTS;
        "tf.sparse.to_indicator(tf.SparseTensor(i, v, s), n)" = |g, i: i64, v: T, s: i64, n: T| sparse::to_indicator(SparseTensor::new(g, i, v, s), n), [i32, i64], ["[?,2] [?] [2] []", "? ? ? ?"];
        "tf.sparse.merge(tf.SparseTensor(i, v, s), tf.sparse_placeholder(tf.float32), 9)" = |g, i: i64, v: T, s: i64| sparse::merge(&[SparseTensor::new(g, i, v, s)], g.sparse_placeholder::<f32>(tfhub::Shape::unknown()), [9], ()), [i32, i64], PARTS;
        "tf.sparse.merge([tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s)], tf.SparseTensor(i, v, s), [9, n], already_sorted=True)" = |g, i: i64, v: T, s: i64, n: T| { let (a, b) = (SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, v, s)); sparse::merge(&[a, b], SparseTensor::new(g, i, v, s), [tfhub::ops::Size::from(9), n.into()], true) }, [i32, i64], ["[?,2] [?] [2] []", "? ? ? ?"];
        "tf.sparse.from_dense(x)" = |g, x: T| sparse::from_dense(x), [f32, i32], ["[2,3]", "[?,3]", "?"];
        "tf.sparse.from_dense(variable('v', [2, 3]))" = |g| sparse::from_dense(g.get_variable::<f32>("v").shape([2, 3]).initializer(init::zeros()).finish());
        "tf.sparse.eye(3)" = |g| sparse::eye::<f32>(g, 3, ());
        "tf.sparse.eye(3, 4, tf.int32)" = |g| sparse::eye::<i32>(g, 3, 4);
        "tf.sparse.eye(n, 4, dtype=T)" = |g, n: i32, x: T| { let _ = x; sparse::eye::<T>(g, n, 4) }, [f32, i32], ["[] []"];
        "tf.sparse.eye(n)" = |g, n: T| sparse::eye::<f32>(g, n, ()), [i64, i32], ["[]", "?"];
        "tf.sparse.cross([tf.sparse_placeholder(tf.int64, [2, 3]), tf.sparse_placeholder(tf.string), d])" = |g, d: i32| sparse::cross(g, [g.sparse_placeholder::<i64>((2, 3)).into(), g.sparse_placeholder::<ByteString>(tfhub::Shape::unknown()).into(), d.into()]), [f32], ["[2,3]", "?"];
        "tf.sparse.cross([tf.sparse_placeholder(tf.string), d])" = |g, d: ByteString| sparse::cross(g, [g.sparse_placeholder::<ByteString>(tfhub::Shape::unknown()).into(), d.into()]), [f32], ["[2,3]", "?"];
        "tf.sparse.cross_hashed([tf.sparse_placeholder(tf.int64, [2, 3]), d])" = |g, d: i64| sparse::cross_hashed(g, [g.sparse_placeholder::<i64>((2, 3)).into(), d.into()], ()), [f32], ["[2,3]", "?"];
        "tf.sparse.cross_hashed([tf.sparse_placeholder(tf.int64, [2, 3])], 100, 7)" = |g| sparse::cross_hashed(g, [g.sparse_placeholder::<i64>((2, 3)).into()], CrossHashedOptions::default().num_buckets(100).hash_key(7));
        "tf.sparse.reshape(tf.sparse_placeholder(tf.int64, [2, 3]), t)" = |g, t: T| sparse::reshape(g.sparse_placeholder::<i64>((2, 3)), t), [i32, i64], ["[2]", "?"];
        "tf.sparse.reshape(tf.sparse_placeholder(tf.int64, [2, 3]), [6], name='flat')" = |g| { let x = g.sparse_placeholder::<i64>((2, 3)); g.named("flat", || sparse::reshape(x, [6])) };
        "tf.sparse.reorder(tf.sparse_placeholder(tf.int64, [2, 3]), name='sorted')" = |g| { let x = g.sparse_placeholder::<i64>((2, 3)); g.named("sorted", || sparse::reorder(x)) };
        "tf.sparse.to_dense(tf.sparse_placeholder(tf.int64, [2, 3]), name='dense')" = |g| { let x = g.sparse_placeholder::<i64>((2, 3)); g.named("dense", || sparse::to_dense(x, ())) };
    });
    calls!(table, {
        "tf.negative(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::negative(SparseTensor::new(g, i, v, s)), [f32, i32], PARTS;
        "tf.sign(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::sign(SparseTensor::new(g, i, v, s)), [f32, i64], PARTS;
        "tf.square(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::square(SparseTensor::new(g, i, v, s)), [f32, i32], PARTS;
        "tf.sqrt(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::sqrt(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.math.erf(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::erf(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.tanh(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::tanh(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.math.bessel_i0e(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::bessel_i0e(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.math.bessel_i1e(tf.SparseTensor(i, v, s))" = |g, i: i64, v: T, s: i64| sparse::bessel_i1e(SparseTensor::new(g, i, v, s)), [f32, f64], PARTS;
        "tf.SparseTensor(i, tf.tanh(v), s)" = |g, i: i64, v: T, s: i64| SparseTensor::new(g, i, v, s).map_values(|x| math::tanh(x)), [f32], PARTS;
        "tf.cast(tf.SparseTensor(i, v, s), tf.float32)" = |g, i: i64, v: T, s: i64| sparse::cast::<f32, T>(SparseTensor::new(g, i, v, s)), [f32, i32, bool], PARTS;
        "tf.sparse.merge(tf.SparseTensor(i, v, s), tf.SparseTensor(i, v, s), 2**40)" = |g, i: i64, v: T, s: i64| { let x = SparseTensor::new(g, i, v, s); sparse::merge(&[x], SparseTensor::new(g, i, v, s), [1i64 << 40], false) }, [i64], PARTS;
        "tf.sparse.reshape(tf.sparse_placeholder(tf.float32, [0, 3]), [0, -1])" = |g| sparse::reshape(g.sparse_placeholder::<f32>((0, 3)), [0, -1]);
    });
    table
}
