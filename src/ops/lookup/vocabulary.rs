//! Tables of ids, which unknown keys can have by their hash, and tables of the words behind ids.

use std::panic::Location;

use super::fixed::{KeyValueTensorInitializer, StaticHashTable, TableInitializer};
use super::{find, short_name, size_of};
use crate::dtype::{ByteString, DType, Resource, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::Nodes;
use crate::ops::sparse::SparseTensor;
use crate::ops::types::SetElement;
use crate::value::IntoTensorValue;

/// How a [`VocabularyTable`] hashes words that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hasher {
    /// `tf.strings.to_hash_bucket_fast`.
    #[default]
    Fast,
    /// `tf.strings.to_hash_bucket_strong` with a key.
    Strong([i64; 2]),
}

/// A table that holds ids, whatever its keys are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids<'g> {
    handle: Tensor<'g, Resource>,
    default_value: Tensor<'g, i64>,
    key: DType,
}

impl<'g, K: TensorType> From<StaticHashTable<'g, K, i64>> for Ids<'g> {
    fn from(table: StaticHashTable<'g, K, i64>) -> Self {
        Ids {
            handle: table.handle,
            default_value: table.default_value,
            key: K::DTYPE,
        }
    }
}

/// A table of ids in which absent keys get ids after all others, by their hash (`tf.lookup.StaticVocabularyTable`
/// and `tf.contrib.lookup.IdTableWithHashBuckets`).
#[derive(Debug, Clone)]
pub struct VocabularyTable<'g> {
    g: &'g GraphBuilder,
    table: Option<Ids<'g>>,
    /// How many ids there are for absent keys; nothing where the table's default value stands for them.
    oov: Option<i64>,
    hasher: Hasher,
}

impl<'g> VocabularyTable<'g> {
    /// A table of ids with `num_oov_buckets` more (`tf.lookup.StaticVocabularyTable`).
    #[track_caller]
    pub fn new<K: SetElement>(
        g: &'g GraphBuilder,
        initializer: impl TableInitializer<'g, Key = K, Value = i64>,
        num_oov_buckets: i64,
    ) -> Self {
        expect_buckets(g, num_oov_buckets);
        let table = StaticHashTable::new(g, initializer, -1i64);
        Self::with_hasher(g, table, num_oov_buckets, Hasher::Fast)
    }

    /// The same with a `shared_name` of the table, see [`StaticHashTable::new`].
    #[track_caller]
    pub fn with_shared_name<K: SetElement>(
        g: &'g GraphBuilder,
        initializer: impl TableInitializer<'g, Key = K, Value = i64>,
        num_oov_buckets: i64,
        shared_name: &str,
    ) -> Self {
        expect_buckets(g, num_oov_buckets);
        let table = StaticHashTable::with_shared_name(g, initializer, -1i64, shared_name);
        Self::with_hasher(g, table, num_oov_buckets, Hasher::Fast)
    }

    /// A table with ids for keys that it does not hold (`tf.contrib.lookup.IdTableWithHashBuckets`).
    #[track_caller]
    pub fn with_hasher<K: SetElement>(
        g: &'g GraphBuilder,
        table: StaticHashTable<'g, K, i64>,
        num_oov_buckets: i64,
        hasher: Hasher,
    ) -> Self {
        if !matches!(K::DTYPE, DType::Int64 | DType::String) {
            let message = format!("expected keys of int64 or string, found {}", K::DTYPE);
            g.report(Rule::Inputs, message);
        }
        VocabularyTable {
            g,
            table: Some(table.into()),
            oov: Some(num_oov_buckets),
            hasher,
        }
    }

    /// Ids by hash alone (`tf.contrib.lookup.IdTableWithHashBuckets` without a table).
    #[track_caller]
    pub fn of_hashes(g: &'g GraphBuilder, num_oov_buckets: i64, hasher: Hasher) -> Self {
        expect_buckets(g, num_oov_buckets);
        VocabularyTable {
            g,
            table: None,
            oov: Some(num_oov_buckets),
            hasher,
        }
    }

    /// The scope that the author named, or one called after the table.
    #[track_caller]
    fn scope<R>(&self, suffix: &str, f: impl FnOnce() -> R) -> R {
        let g = self.g;
        let table = self.table.map(|table| short_name(table.handle.operation()));
        let name = match g.is_named() {
            true => g.requested_name("").into_owned(),
            false => format!("{}_{suffix}", table.as_deref().unwrap_or("hash_bucket")),
        };
        match self
            .table
            .is_some_and(|table| table.handle.any().is_poison())
        {
            true => f(),
            false => g.inner_scope(&name, Location::caller(), |_| f()),
        }
    }

    /// The id of each key: a string, or an integer of any type where the table's keys are integers.
    #[track_caller]
    pub fn lookup<K: SetElement>(&self, keys: Tensor<'g, K>) -> Tensor<'g, i64> {
        let g = self.g;
        g.called_from(Location::caller(), || {
            let of_table = self.table.map(|table| table.key);
            if of_table.is_some_and(|key| (key == DType::String) != (K::DTYPE == DType::String)) {
                let message = format!("expected keys like those of the table, found {}", K::DTYPE);
                g.report(Rule::Inputs, message);
                return AnyTensor::poison(g).typed();
            }
            let mut keys = keys.any();
            if of_table == Some(DType::Int64) {
                keys = Nodes(keys.graph()).cast(keys, DType::Int64);
            }
            match (self.table, self.oov) {
                (Some(table), None | Some(0)) => {
                    find(table.handle, |_| keys, table.default_value.any()).typed()
                }
                (_, oov) => self.scope("Lookup", || self.id_or_hash(keys, oov.unwrap_or(0))),
            }
        })
    }

    fn id_or_hash(&self, keys: AnyTensor<'g>, buckets: i64) -> Tensor<'g, i64> {
        let g = self.g;
        let text = match keys.dtype() {
            DType::String => keys,
            _ => g.op("AsString").input(keys).output(),
        };
        let (op, key) = match self.hasher {
            Hasher::Fast => ("StringToHashBucketFast", None),
            Hasher::Strong(key) => ("StringToHashBucketStrong", Some(key)),
        };
        let hash = g
            .op(op)
            .name("hash_bucket")
            .input(text)
            .attr("num_buckets", buckets);
        let hash = match key {
            Some(key) => hash.attr("key", key).output(),
            None => hash.output(),
        };
        let Some(table) = self.table else {
            return hash.typed();
        };
        let ids = find(table.handle, |_| keys, table.default_value.any());
        let hash = g
            .op("Add")
            .input(hash)
            .input(size_of(table.handle))
            .output();
        let known = g
            .op("NotEqual")
            .input(ids)
            .input(table.default_value)
            .output();
        g.op("SelectV2")
            .input(known)
            .input(ids)
            .input(hash)
            .output()
            .typed()
    }

    /// A sparse tensor with the id of each key of a sparse tensor.
    #[track_caller]
    pub fn lookup_sparse<K: SetElement>(&self, keys: SparseTensor<'g, K>) -> SparseTensor<'g, i64> {
        let ids = self.lookup(keys.values);
        SparseTensor::new(self.g, keys.indices, ids, keys.dense_shape)
    }

    /// The number of ids.
    #[track_caller]
    pub fn size(&self) -> Tensor<'g, i64> {
        let g = self.g;
        let (table, oov) = match (self.table, self.oov) {
            (Some(table), None) => return size_of(table.handle),
            (table, oov) => (table, oov.unwrap_or(0)),
        };
        self.scope("Size", || {
            let known = match table {
                Some(table) => size_of(table.handle).any(),
                None => g.constant_named("Const", 0i64.into_tensor_value()),
            };
            Nodes(g)
                .named("AddV2", "add")
                .any(known)
                .value(oov)
                .output()
                .typed()
        })
    }
}

fn expect_buckets(g: &GraphBuilder, num_oov_buckets: i64) {
    if num_oov_buckets <= 0 {
        let message = format!("expected at least one bucket, found {num_oov_buckets}");
        g.report(Rule::Value, message);
    }
}

/// How [`index_table_from_tensor`] and [`index_table_from_file`](super::index_table_from_file) treat keys that are not
/// in the vocabulary.
#[derive(Debug, Clone)]
pub struct IndexTableOptions {
    num_oov_buckets: i64,
    default_value: i64,
    hasher: Hasher,
    shared_name: Option<String>,
}

impl Default for IndexTableOptions {
    fn default() -> Self {
        IndexTableOptions {
            num_oov_buckets: 0,
            default_value: -1,
            hasher: Hasher::default(),
            shared_name: None,
        }
    }
}

impl IndexTableOptions {
    /// How many ids there are for absent keys; none by default.
    pub fn num_oov_buckets(self, num_oov_buckets: i64) -> Self {
        IndexTableOptions {
            num_oov_buckets,
            ..self
        }
    }

    /// The id of absent keys where there are no buckets for them; -1 by default.
    pub fn default_value(self, default_value: i64) -> Self {
        IndexTableOptions {
            default_value,
            ..self
        }
    }

    /// How absent keys are hashed.
    pub fn hasher(self, hasher: Hasher) -> Self {
        IndexTableOptions { hasher, ..self }
    }

    /// The `shared_name` of the table, see [`StaticHashTable::new`].
    pub fn shared_name(self, shared_name: impl Into<String>) -> Self {
        IndexTableOptions {
            shared_name: Some(shared_name.into()),
            ..self
        }
    }
}

/// A table from the words of a vocabulary to their positions (`tf.contrib.lookup.index_table_from_tensor`).
#[track_caller]
pub fn index_table_from_tensor<'g, K: SetElement>(
    g: &'g GraphBuilder,
    vocabulary: impl Operand<'g, K>,
    options: IndexTableOptions,
) -> VocabularyTable<'g> {
    let here = Location::caller();
    index_table(g, &options, || {
        let words = vocabulary.into_tensor(g, "Const").any();
        let ids = positions(words);
        g.inner_scope("hash_table", here, |_| match words.dtype() {
            DType::String => from_tensor::<ByteString>(g, words, ids, &options),
            _ => {
                let words = Nodes(words.graph()).cast(words, DType::Int64);
                from_tensor::<i64>(g, words, ids, &options)
            }
        })
    })
}

/// The table that `make` makes, with ids for absent keys.
#[track_caller]
pub(super) fn index_table<'g>(
    g: &'g GraphBuilder,
    options: &IndexTableOptions,
    make: impl FnOnce() -> Ids<'g>,
) -> VocabularyTable<'g> {
    let buckets = options.num_oov_buckets;
    if buckets < 0 {
        let message = format!("expected at least no bucket, found {buckets}");
        g.report(Rule::Value, message);
    }
    g.function_scope("string_to_index", Location::caller(), |_| VocabularyTable {
        g,
        table: Some(make()),
        oov: (buckets > 0).then_some(buckets),
        hasher: options.hasher,
    })
}

fn from_tensor<'g, K: TensorType>(
    g: &'g GraphBuilder,
    words: AnyTensor<'g>,
    ids: Tensor<'g, i64>,
    options: &IndexTableOptions,
) -> Ids<'g> {
    let initializer = KeyValueTensorInitializer::new(g, words.typed::<K>(), ids);
    filled(g, initializer.name("table_init"), options)
}

/// The table behind a [`VocabularyTable`].
pub(super) fn filled<'g, K: TensorType>(
    g: &'g GraphBuilder,
    initializer: impl TableInitializer<'g, Key = K, Value = i64>,
    options: &IndexTableOptions,
) -> Ids<'g> {
    let shared_name = options.shared_name.as_deref();
    StaticHashTable::made(g, initializer, options.default_value, shared_name).into()
}

/// 0, 1, ... as far as there are words.
fn positions(words: AnyTensor<'_>) -> Tensor<'_, i64> {
    let g = words.graph();
    let count = g.inner_scope("Size", Location::caller(), |scope| {
        match words.shape().num_elements() {
            Some(count) => g.constant_named(scope, (count as i32).into_tensor_value()),
            None => g.op("Size").name(scope).input(words).output(),
        }
    });
    let nodes = Nodes(count.graph());
    let range = nodes.call(("Range", "range"), [0.into(), count.into(), 1.into()]);
    nodes.cast(range, DType::Int64).typed()
}

/// A table from positions to the words of a vocabulary (`tf.contrib.lookup.index_to_string_table_from_tensor`).
///
/// TensorFlow's own default value is `UNK`.
#[track_caller]
pub fn index_to_string_table_from_tensor<'g>(
    g: &'g GraphBuilder,
    vocabulary: impl Operand<'g, ByteString>,
    default_value: impl Operand<'g, ByteString>,
    shared_name: Option<&str>,
) -> StaticHashTable<'g, i64, ByteString> {
    g.function_scope("index_to_string", Location::caller(), |_| {
        let values = vocabulary.into_tensor(g, "Const");
        let keys = positions(values.any());
        let initializer = KeyValueTensorInitializer::new(g, keys, values).name("table_init");
        StaticHashTable::made(g, initializer, default_value, shared_name)
    })
}
