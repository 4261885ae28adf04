//! `tfhub::ops::lookup`.

use tfhub::GraphBuilder;
use tfhub::dtype::ByteString;
use tfhub::ops::lookup::{
    self, Hasher, IndexTableOptions, IndexToStringOptions, KeyValueTensorInitializer,
    MutableHashTable, StaticHashTable, TextFile, TextFileIndex, TextFileInitializer,
    VocabularyTable,
};

use super::{Table, calls};

/// `WORDS` of the Python side.
fn words(g: &GraphBuilder) -> StaticHashTable<'_, ByteString, i64> {
    let contents = KeyValueTensorInitializer::new(g, ["a", "b", "c"], [1i64, 2, 3]);
    StaticHashTable::new(contents.shared_name("hash_table_0"), -1i64)
}

fn numbers(g: &GraphBuilder) -> StaticHashTable<'_, i64, i64> {
    let contents = KeyValueTensorInitializer::new(g, [7i64, 8], [1i64, 2]);
    StaticHashTable::new(contents.shared_name("hash_table_0"), -1i64)
}

fn options() -> IndexTableOptions {
    IndexTableOptions::default().shared_name("hash_table_0")
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).lookup(x)" = |g, x: ByteString| words(g).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([7, 8], [1, 2], key_dtype=tf.int64, value_dtype=tf.int64), -1).lookup(x)" = |g, x: i64| numbers(g).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).lookup(x, name='ids')" = |g, x: ByteString| { let table = words(g); g.named("ids", || table.lookup(x)) }, [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).lookup(tf.SparseTensor(i, x, s))" = |g, i: i64, x: ByteString, s: i64| { let x = tfhub::ops::sparse::SparseTensor::new(g, i, x, s); words(g).lookup_sparse(x) }, [f32], ["[?,2] [?] [2]"];
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).size()" = |g| words(g).size();
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).export()" = |g| words(g).export();
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).initializer" = |g| words(g).initializer();
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).resource_handle" = |g| words(g).handle();
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(k, v, name='fill'), d, name='words').lookup(k)" = |g, k: ByteString, v: T, d: T| { let fill = KeyValueTensorInitializer::new(g, k, v).name("fill"); g.named("words", || StaticHashTable::new(fill.shared_name("hash_table_0"), d)).lookup(k) }, [f32, ByteString, i64], ["[3] [3] []", "? ? ?", "[3] [3] [1]", "[2] [3] []"];
        "[tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1).lookup(x), tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['d'], [4], value_dtype=tf.int64), 0).lookup(x)]" = |g, x: ByteString| { let first = words(g).lookup(x); let more = KeyValueTensorInitializer::new(g, ["d"], [4i64]); [first, StaticHashTable::new(more.shared_name("hash_table_1"), 0i64).lookup(x)] }, [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a', 'b'], [0, 1], value_dtype=tf.int64), 5).lookup(x)" = |g, x: ByteString| { let fill = KeyValueTensorInitializer::new(g, ["a", "b"], [0i64, 1]); VocabularyTable::new(fill.shared_name("hash_table_0"), 5).lookup(x) }, [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a', 'b'], [0, 1], value_dtype=tf.int64), 5).size()" = |g| { let fill = KeyValueTensorInitializer::new(g, ["a", "b"], [0i64, 1]); VocabularyTable::new(fill.shared_name("hash_table_0"), 5).size() };
        "tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a', 'b'], [0, 1], value_dtype=tf.int64), 5).lookup(tf.SparseTensor(i, x, s))" = |g, i: i64, x: ByteString, s: i64| { let fill = KeyValueTensorInitializer::new(g, ["a", "b"], [0i64, 1]); VocabularyTable::new(fill.shared_name("hash_table_0"), 5).lookup_sparse(tfhub::ops::sparse::SparseTensor::new(g, i, x, s)) }, [f32], ["[?,2] [?] [2]"];
        "tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer([7, 8], [0, 1], key_dtype=tf.int64, value_dtype=tf.int64), 5, lookup_key_dtype=T).lookup(x)" = |g, x: T| { let fill = KeyValueTensorInitializer::new(g, [7i64, 8], [0i64, 1]); VocabularyTable::new(fill.shared_name("hash_table_0"), 5).lookup(x) }, [i32, i64], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1), 3).lookup(x)" = |g, x: ByteString| VocabularyTable::with_hash_buckets(words(g), 3, ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1), 0).lookup(x)" = |g, x: ByteString| VocabularyTable::with_hash_buckets(words(g), 0, ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a', 'b', 'c'], [1, 2, 3], value_dtype=tf.int64), -1), 3, lookup_ops.StrongHashSpec([1, 2])).lookup(x)" = |g, x: ByteString| VocabularyTable::with_hash_buckets(words(g), 3, Hasher::Strong([1, 2])).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(None, 3).lookup(x)" = |g, x: ByteString| VocabularyTable::hash_buckets(g, 3, ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(None, 0).lookup(x)" = |g, x: ByteString| VocabularyTable::hash_buckets(g, 0, ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.IdTableWithHashBuckets(None, 3).size()" = |g| VocabularyTable::hash_buckets(g, 3, ()).size();
        "lookup_ops.index_table_from_tensor(['a', 'b']).lookup(x)" = |g, x: ByteString| lookup::index_table_from_tensor(g, ["a", "b"], options()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_table_from_tensor(v).lookup(x)" = |g, v: ByteString, x: ByteString| lookup::index_table_from_tensor(g, v, options()).lookup(x), [f32], ["[3] [?]", "? ?"];
        "lookup_ops.index_table_from_tensor(['a', 'b'], num_oov_buckets=2, default_value=0, hasher_spec=lookup_ops.StrongHashSpec([1, 2])).lookup(x)" = |g, x: ByteString| lookup::index_table_from_tensor(g, ["a", "b"], options().num_oov_buckets(2).default_value(0).hasher(Hasher::Strong([1, 2]))).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_table_from_tensor([5, 6], num_oov_buckets=2, dtype=tf.int64).lookup(x)" = |g, x: i64| lookup::index_table_from_tensor(g, [5i32, 6], options().num_oov_buckets(2)).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_table_from_tensor(['a'], name='vocabulary').size()" = |g| g.named("vocabulary", || lookup::index_table_from_tensor(g, ["a"], options())).size();
    });
    calls!(table, {
        "lookup_ops.index_table_from_file('words.txt').lookup(x)" = |g, x: ByteString| lookup::index_table_from_file(g, "words.txt", ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_table_from_file('words.txt', num_oov_buckets=2, vocab_size=3, default_value=0, hasher_spec=lookup_ops.StrongHashSpec([1, 2])).lookup(x)" = |g, x: ByteString| lookup::index_table_from_file(g, TextFile::from("words.txt").vocab_size(3), IndexTableOptions::default().num_oov_buckets(2).default_value(0).hasher(Hasher::Strong([1, 2]))).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_table_from_file('some/words.csv', num_oov_buckets=1, key_dtype=T, key_column_index=1, value_column_index=0, delimiter=',').lookup(x)" = |g, x: T| lookup::index_table_from_file(g, TextFile::from("some/words.csv").keys(TextFileIndex::Column(1)).values(TextFileIndex::Column(0)).delimiter(","), IndexTableOptions::default().num_oov_buckets(1).key_dtype::<T>()).lookup(x), [i32, i64, ByteString], ["[2,3]", "?"];
        "lookup_ops.index_table_from_file(f).lookup(x)" = |g, f: ByteString, x: ByteString| lookup::index_table_from_file(g, f, ()).lookup(x), [f32], ["[] [3]", "? [3]", "[1] [3]"];
        "lookup_ops.index_table_from_file(tf.constant('words.txt'), name='vocabulary').size()" = |g| { let path = g.constant("words.txt"); g.named("vocabulary", || lookup::index_table_from_file(g, path, ())).size() };
        "[lookup_ops.index_table_from_file('words.txt').lookup(x), lookup_ops.index_table_from_file('words.txt').lookup(x)]" = |g, x: ByteString| [(); 2].map(|()| lookup::index_table_from_file(g, "words.txt", ()).lookup(x)), [f32], ["[?]"];
        "lookup_ops.index_table_from_file('')" = |g| { lookup::index_table_from_file(g, "", ()); };
        "lookup_ops.index_table_from_file('words.txt', num_oov_buckets=-1)" = |g| { lookup::index_table_from_file(g, "words.txt", IndexTableOptions::default().num_oov_buckets(-1)); };
        "lookup_ops.index_table_from_file('words.txt', vocab_size=0)" = |g| { lookup::index_table_from_file(g, TextFile::from("words.txt").vocab_size(0), ()); };
        "lookup_ops.index_to_string_table_from_file('words.txt').lookup(x)" = |g, x: i64| lookup::index_to_string_table_from_file(g, "words.txt", ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.index_to_string_table_from_file('words.csv', vocab_size=2, default_value='', name='names', key_column_index=0, value_column_index=1, delimiter=';').lookup(x)" = |g, x: i64| { let file = TextFile::from("words.csv").vocab_size(2).keys(TextFileIndex::Column(0)).values(TextFileIndex::Column(1)).delimiter(";"); g.named("names", || lookup::index_to_string_table_from_file(g, file, "")).lookup(x) }, [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.csv', T, 0, tf.int64, 1, delimiter=',', name='fill'), -1, name='words').lookup(x)" = |g, x: T| { let file = TextFile::from("words.csv").keys(TextFileIndex::Column(0)).values(TextFileIndex::Column(1)).delimiter(","); let fill = TextFileInitializer::<T, i64>::new(g, file).name("fill"); g.named("words", || StaticHashTable::new(fill, -1i64)).lookup(x) }, [i64, ByteString], ["[2,3]", "?"];
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.txt', tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.float32, 1), 0.5).lookup(x)" = |g, x: ByteString| { let fill = TextFileInitializer::<ByteString, f32>::new(g, TextFile::from("words.txt").keys(TextFileIndex::WholeLine).values(TextFileIndex::Column(1))); StaticHashTable::new(fill, 0.5f32).lookup(x) }, [f32], ["[2,3]"];
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.txt', tf.string, tf.lookup.TextFileIndex.LINE_NUMBER, tf.string, 1), '')" = |g| { let file = TextFile::from("words.txt").keys(TextFileIndex::LineNumber).values(TextFileIndex::Column(1)); StaticHashTable::new(TextFileInitializer::<ByteString, ByteString>::new(g, file), ""); };
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.txt', tf.float32, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, 1), 0)" = |g| { let file = TextFile::from("words.txt").keys(TextFileIndex::WholeLine).values(TextFileIndex::Column(1)); StaticHashTable::new(TextFileInitializer::<f32, i64>::new(g, file), 0i64); };
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.txt', tf.int64, 0, tf.int64, tf.lookup.TextFileIndex.WHOLE_LINE), 0)" = |g| { let file = TextFile::from("words.txt").keys(TextFileIndex::Column(0)).values(TextFileIndex::WholeLine); StaticHashTable::new(TextFileInitializer::<i64, i64>::new(g, file), 0i64); };
        "tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer('words.txt', tf.int64, 0, tf.float32, tf.lookup.TextFileIndex.LINE_NUMBER), 0)" = |g| { let file = TextFile::from("words.txt").keys(TextFileIndex::Column(0)).values(TextFileIndex::LineNumber); StaticHashTable::new(TextFileInitializer::<i64, f32>::new(g, file), 0f32); };
        "tf.lookup.StaticVocabularyTable(lookup_ops.TextFileIdTableInitializer('words.txt'), 5).lookup(x)" = |g, x: ByteString| { let fill = TextFileInitializer::<ByteString, i64>::new(g, "words.txt").name("text_file_id_table_init"); VocabularyTable::new(fill, 5).lookup(x) }, [f32], ["[2,3]", "[?]", "?"];
        "tf.lookup.StaticHashTable(lookup_ops.TextFileStringTableInitializer(tf.constant('words.txt'), vocab_size=4), '').size()" = |g| { let path = g.constant("words.txt"); let fill = TextFileInitializer::<i64, ByteString>::new(g, TextFile::from(path).vocab_size(4)).name("text_file_string_table_init"); StaticHashTable::new(fill, "").size() };
    });
    calls!(table, {
        "lookup_ops.index_to_string_table_from_tensor(['a', 'b']).lookup(x)" = |g, x: i64| lookup::index_to_string_table_from_tensor(g, ["a", "b"], IndexToStringOptions::default().shared_name("hash_table_0")).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).lookup(x)" = |g, x: ByteString| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).size()" = |g| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).size();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).export()" = |g| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).export();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).resource_handle" = |g| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).handle();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).remove(x)" = |g, x: ByteString| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).remove(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, 0.5).insert(x, v)" = |g, x: ByteString, v: f32| MutableHashTable::<ByteString, f32>::new(g, 0.5f32, ()).insert(x, v), [f32], ["[3] [3]", "[3] [3,2]", "? ?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).lookup(x)" = |g, x: ByteString| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).lookup(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).size()" = |g| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).size();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).export()" = |g| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).export();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).resource_handle" = |g| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).handle();
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).remove(x)" = |g, x: ByteString| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).remove(x), [f32], ["[2,3]", "[?]", "?"];
        "lookup_ops.MutableHashTable(tf.string, tf.float32, [0.5, 0.5]).insert(x, v)" = |g, x: ByteString, v: f32| MutableHashTable::<ByteString, f32>::new(g, [0.5f32, 0.5], ()).insert(x, v), [f32], ["[3] [3]", "[3] [3,2]", "? ?"];
        "lookup_ops.MutableHashTable(tf.int64, tf.string, '', name='names', checkpoint=False).lookup([1, 2])" = |g| g.named("names", || MutableHashTable::<i64, ByteString>::new(g, "", false)).lookup([1i64, 2]);
    });
    table
}
