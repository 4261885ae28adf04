//! The strings of rows, joined.

use tfhub::dtype::ByteString;
use tfhub::ops::ragged::RaggedTensor;
use tfhub::ops::string::{self, NgramsOptions, ReduceJoinOptions};

use super::r;
use crate::functions::{Table, calls};

pub(super) fn rows(table: &mut Table) {
    let along = |axis: i32| ReduceJoinOptions::default().axis(axis).separator("-");
    let padded = || NgramsOptions::default().pad_values(("<", ">"));
    calls!(table, {
        "[tf.strings.reduce_join(ragged(tf.string, 1), a, separator='-') for a in (0, 1, -1)]" = |g| [0, 1, -1].map(|a| string::reduce_join_ragged(&r::<ByteString>(g, 1), along(a)));
        "[tf.strings.reduce_join(ragged(tf.string, 2), a, separator='-') for a in (0, 1, 2)]" = |g| [0, 1, 2].map(|a| string::reduce_join_ragged(&r::<ByteString>(g, 2), along(a)));
        "[tf.strings.reduce_join(ragged(tf.string, 2), a) for a in ([], [1], [1, 2], [2, 0], [0, 1, 2])]" = |g| [string::reduce_join_ragged(&r::<ByteString>(g, 2), ReduceJoinOptions::default().axis([])), string::reduce_join_ragged(&r::<ByteString>(g, 2), ReduceJoinOptions::default().axis([1])), string::reduce_join_ragged(&r::<ByteString>(g, 2), ReduceJoinOptions::default().axis([1, 2])), string::reduce_join_ragged(&r::<ByteString>(g, 2), ReduceJoinOptions::default().axis([2, 0])), string::reduce_join_ragged(&r::<ByteString>(g, 2), ReduceJoinOptions::default().axis([0, 1, 2]))];
        "tf.strings.reduce_join(ragged(tf.string, 1), separator='-')" = |g| string::reduce_join_ragged(&r::<ByteString>(g, 1), ReduceJoinOptions::default().separator("-"));
        "tf.strings.reduce_join(ragged(tf.string, 2), name='text')" = |g| { let x = r::<ByteString>(g, 2); g.named("text", || string::reduce_join_ragged(&x, ())) };
        "tf.strings.reduce_join(tf.ragged.placeholder(tf.string, 1, [3]), [1, 2], separator='-', name='lines')" = |g| { let x = g.ragged_placeholder::<ByteString>(1, [3]); g.named("lines", || string::reduce_join_ragged(&x, ReduceJoinOptions::default().axis([1, 2]).separator("-"))) };
        "(tf.strings.reduce_join(ragged(tf.string, 1), 1, separator='-'), tf.strings.reduce_join(x, 1, separator='-'))" = |g, x: T| (string::reduce_join_ragged(&r::<ByteString>(g, 1), along(1)), string::reduce_join(x, along(1))), [ByteString], ["[?,?]"];
        "tf.strings.reduce_join(tf.RaggedTensor.from_row_splits(v, s, validate=False), 1, separator='-')" = |g, v: ByteString, s: T| string::reduce_join_ragged(&RaggedTensor::from_row_splits(v, s, false), along(1)), [i64, i32], ["[?] [?]", "[5,2] [3]"];
        "tf.strings.reduce_join(ragged(tf.string, 1), 2)" = |g| string::reduce_join_ragged(&r::<ByteString>(g, 1), along(2));
        "tf.strings.reduce_join(ragged(tf.string, 1), 1, keepdims=True)" = |g| string::reduce_join_ragged(&r::<ByteString>(g, 1), ReduceJoinOptions::default().axis(tfhub::ops::Axes::from(1).keep_dims()));
        "[tf.strings.ngrams(ragged(tf.string, 1), 2), tf.strings.ngrams(ragged(tf.string, 2), (1, 3)), tf.strings.ngrams(ragged(tf.string, 3), 2)]" = |g| [string::ngrams(&r::<ByteString>(g, 1), [2], ()), string::ngrams(&r::<ByteString>(g, 2), [1, 3], ()), string::ngrams(&r::<ByteString>(g, 3), [2], ())];
        "tf.strings.ngrams(ragged(tf.string, 1), 2, '_', ('<', '>'), 1, True, name='pairs')" = |g| { let x = r::<ByteString>(g, 1); g.named("pairs", || string::ngrams(&x, [2], padded().separator("_").padding_width(1).preserve_short_sequences(true))) };
        "tf.strings.ngrams(ragged(tf.string, 2), 2, pad_values=('<', '>'), name='pairs')" = |g| { let x = r::<ByteString>(g, 2); g.named("pairs", || string::ngrams(&x, [2], padded())) };
        "tf.strings.ngrams(x, 2)" = |g, x: T| string::ngrams(x, [2], ()), [ByteString], ["[?]", "[?,?]", "[2,3]", "[?,?,?]", "[2,3,4,5]", "[]", "?"];
        "tf.strings.ngrams(x, [2, 3], name='grams')" = |g, x: T| g.named("grams", || string::ngrams(x, [2, 3], ())), [ByteString], ["[4]", "[?,?,?]"];
        "tf.strings.ngrams(['a', 'b', 'c'], 2)" = |g| string::ngrams(g.value(["a", "b", "c"]), [2], ());
        "tf.strings.ngrams(tf.RaggedTensor.from_row_splits(v, s, validate=False), 2)" = |g, v: ByteString, s: T| string::ngrams(&RaggedTensor::from_row_splits(v, s, false), [2], ()), [i64, i32], ["[?] [?]"];
        "tf.strings.ngrams(ragged(tf.string, 1), 0)" = |g| string::ngrams(&r::<ByteString>(g, 1), [0], ());
        "tf.strings.ngrams(ragged(tf.string, 1), 2, padding_width=1)" = |g| string::ngrams(&r::<ByteString>(g, 1), [2], NgramsOptions::default().padding_width(1));
        "tf.strings.ngrams(ragged(tf.string, 1), 2, pad_values=('<', '>'), padding_width=0)" = |g| string::ngrams(&r::<ByteString>(g, 1), [2], padded().padding_width(0));
    });
}
