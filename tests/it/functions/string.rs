//! `tfhub::ops::string`.

use tfhub::dtype::ByteString;
use tfhub::ops::math::Axes;
use tfhub::ops::string::{
    self, AsStringOptions, Encoding, ReduceJoinOptions, SplitOptions, StringSplitOptions,
    UnicodeErrors, UnicodeOptions, Unit,
};

use super::{Table, calls};

/// A tensor of strings.
const ONE: [&str; 4] = ["[2,3]", "[?]", "[]", "?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.strings.strip(x)" = |g, x: ByteString| string::strip(x), [f32], ONE;
        "tf.strings.lower(x)" = |g, x: ByteString| string::lower(x, ()), [f32], ONE;
        "tf.strings.lower(x, encoding='utf-8')" = |g, x: ByteString| string::lower(x, Encoding::Utf8), [f32], ONE;
        "tf.strings.upper(x)" = |g, x: ByteString| string::upper(x, ()), [f32], ONE;
        "tf.strings.upper(x, encoding='utf-8')" = |g, x: ByteString| string::upper(x, Encoding::Utf8), [f32], ONE;
        "tf.strings.length(x)" = |g, x: ByteString| string::length(x, ()), [f32], ONE;
        "tf.strings.length(x, unit='UTF8_CHAR')" = |g, x: ByteString| string::length(x, Unit::Utf8Char), [f32], ONE;
        "tf.strings.to_hash_bucket(x, 10)" = |g, x: ByteString| string::to_hash_bucket(x, 10), [f32], ONE;
        "tf.strings.to_hash_bucket(x, 0)" = |g, x: ByteString| string::to_hash_bucket(x, 0), [f32], ONE;
        "tf.strings.to_hash_bucket_fast(x, 10)" = |g, x: ByteString| string::to_hash_bucket_fast(x, 10), [f32], ONE;
        "tf.strings.to_hash_bucket_strong(x, 10, [1, 2])" = |g, x: ByteString| string::to_hash_bucket_strong(x, 10, [1, 2]), [f32], ONE;
        "tf.strings.to_number(x, T)" = |g, x: ByteString| string::to_number::<T>(x), [f32, f64, i32, i64], ONE;
        "tf.strings.to_number(x, tf.float32, name='n')" = |g, x: ByteString| g.named("n", || string::to_number::<f32>(x)), [f32], ONE;
        "tf.as_string(x)" = |g, x: T| string::as_string(x, ()), [f32, bool, i64], ONE;
        "tf.as_string(x, precision=3, scientific=True)" = |g, x: T| string::as_string(x, AsStringOptions::default().precision(3).scientific(true)), [f32], ONE;
        "tf.as_string(x, shortest=True, width=8, fill='0')" = |g, x: T| string::as_string(x, AsStringOptions::default().shortest(true).width(8).fill("0")), [f64], ONE;
        "tf.strings.substr(x, 1, 2)" = |g, x: ByteString| string::substr(x, 1, 2, Unit::Byte), [f32], ONE;
        "tf.strings.substr(x, p, n, unit='UTF8_CHAR')" = |g, x: ByteString, p: T, n: T| string::substr(x, p, n, Unit::Utf8Char), [i32, i64], ["[2] [2] [2]", "[] [2] [2]", "? ? ?", "[2] [3] [3]", "[2] [2] []"];
        "tf.strings.join([x, y])" = |g, x: ByteString, y: ByteString| string::join(g, [x.into(), y.into()], ""), [f32], ["[2] [2]", "[?] []", "? ?", "[2] [3]"];
        "tf.strings.join([x, '-', y], separator=' ')" = |g, x: ByteString, y: ByteString| string::join(g, [x.into(), "-".into(), y.into()], " "), [f32], ["[2] [2]", "[] []", "? [2]"];
        "tf.strings.join([], name='j')" = |g| g.named("j", || string::join(g, [], ""));
        "tf.strings.regex_full_match(x, 'a+')" = |g, x: ByteString| string::regex_full_match(x, "a+"), [f32], ONE;
        "tf.strings.regex_full_match(x, p)" = |g, x: ByteString, p: ByteString| string::regex_full_match(x, p), [f32], ["[2] []", "? ?", "[2] [1]"];
    });
    calls!(table, {
        "tf.strings.regex_replace(x, 'a+', 'b')" = |g, x: ByteString| string::regex_replace(x, "a+", "b", ()), [f32], ONE;
        "tf.strings.regex_replace(x, 'a+', 'b', replace_global=False)" = |g, x: ByteString| string::regex_replace(x, "a+", "b", false), [f32], ONE;
        "tf.strings.regex_replace(x, p, 'b')" = |g, x: ByteString, p: ByteString| string::regex_replace(x, p, "b", ()), [f32], ["[2] []", "? ?", "[2] [1]"];
        "tf.strings.regex_replace(x, 'b', p, replace_global=False)" = |g, x: ByteString, p: ByteString| string::regex_replace(x, "b", p, false), [f32], ["[2] []", "? ?", "[2] [1]"];
        "tf.strings.format('a {} b {}', [x, y])" = |g, x: ByteString, y: T| string::format(g, "a {} b {}", [x.any(), y.any()], ()), [f32, i32], ["[2] [2]", "? ?"];
        "tf.strings.format('a {}', [x, y])" = |g, x: ByteString, y: T| string::format(g, "a {}", [x.any(), y.any()], ()), [f32], ["[2] [2]"];
        "tf.strings.format('{}', x, summarize=-1)" = |g, x: T| string::format(g, "{}", [x.any()], -1), [f32], ONE;
        "tf.strings.reduce_join(x)" = |g, x: ByteString| string::reduce_join(x, ()), [f32], ONE;
        "tf.strings.reduce_join(x, 0, separator=' ')" = |g, x: ByteString| string::reduce_join(x, ReduceJoinOptions::default().axis(0).separator(" ")), [f32], ONE;
        "tf.strings.reduce_join(x, [-1, 0], keepdims=True, name='r')" = |g, x: ByteString| g.named("r", || string::reduce_join(x, ReduceJoinOptions::default().axis(Axes::from([-1, 0]).keep_dims()))), [f32], ["[2,3]", "[?,3]", "?"];
        "tf.strings.unsorted_segment_join(x, s, 4, ',')" = |g, x: ByteString, s: T| string::unsorted_segment_join(x, s, 4, ","), [i32, i64], ["[5] [5]", "[5,2] [5]", "? ?"];
        "tf.strings.unsorted_segment_join(x, s, n)" = |g, x: ByteString, s: i32, n: T| string::unsorted_segment_join(x, s, n, ""), [i32, i64], ["[5] [5] []", "? ? ?"];
        "tf.string_split(x)" = |g, x: ByteString| string::string_split(x, ()), [f32], ["[2]", "[?]", "?", "[2,3]"];
        "tf.string_split(x, '', skip_empty=False)" = |g, x: ByteString| string::string_split(x, StringSplitOptions::default().delimiter("").skip_empty(false)), [f32], ["[2]", "?"];
        "tf.string_split(x, d)" = |g, x: ByteString, d: ByteString| string::string_split(x, StringSplitOptions::default().delimiter(d)), [f32], ["[2] []", "? ?"];
        "tf.string_split(x, name='words')" = |g, x: ByteString| g.named("words", || string::string_split(x, ())), [f32], ["[2]"];
        "tf.strings.split(x)" = |g, x: ByteString| string::split(x, ()), [f32], ["[2]", "[?]"];
        "tf.strings.split(x, ', ', maxsplit=2)" = |g, x: ByteString| string::split(x, SplitOptions::default().sep(", ").maxsplit(2)), [f32], ["[2]", "[?]"];
        "tf.strings.split(x, d)" = |g, x: ByteString, d: ByteString| string::split(x, d), [f32], ["[2] []", "[?] ?"];
        "tf.strings.unicode_script(x)" = |g, x: i32| string::unicode_script(x), [f32], ONE;
        "tf.strings.unicode_transcode(x, 'UTF-8', 'UTF-16-BE')" = |g, x: ByteString| string::unicode_transcode(x, "UTF-8", "UTF-16-BE", ()), [f32], ONE;
        "tf.strings.unicode_transcode(x, 'UTF-8', 'latin')" = |g, x: ByteString| string::unicode_transcode(x, "UTF-8", "latin", ()), [f32], ONE;
        "tf.strings.unicode_transcode(x, 'UTF-16', 'UTF-8', errors='ignore', replacement_char=63, replace_control_characters=True)" = |g, x: ByteString| string::unicode_transcode(x, "UTF-16", "UTF-8", UnicodeOptions::default().errors(UnicodeErrors::Ignore).replacement_char('?').replace_control_characters(true)), [f32], ONE;
    });
    table
}
