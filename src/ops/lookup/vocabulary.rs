//! Tables of ids, which unknown keys can have by their hash, and tables of the words behind ids.

use std::panic::Location;

use super::fixed::{KeyValueTensorInitializer, StaticHashTable, TableInitializer};
use super::{find, size_of, table_scope};
use crate::dtype::{ByteString, DType, Resource, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes};
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

defaults!(Hasher, IndexTableOptions, IndexToStringOptions<'g>);

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
        initializer: impl TableInitializer<'g, Key = K, Value = i64>,
        num_oov_buckets: i64,
    ) -> Self {
        expect_buckets(initializer.graph(), num_oov_buckets);
        let table = StaticHashTable::new(initializer, -1i64);
        Self::with_hash_buckets(table, num_oov_buckets, ())
    }

    /// A table with ids for keys that it does not hold (`tf.contrib.lookup.IdTableWithHashBuckets`).
    #[track_caller]
    pub fn with_hash_buckets<K: SetElement>(
        table: StaticHashTable<'g, K, i64>,
        num_oov_buckets: i64,
        hasher: impl Into<Hasher>,
    ) -> Self {
        let g = table.handle.graph();
        if !matches!(K::DTYPE, DType::Int64 | DType::String) {
            let message = format!("expected keys of int64 or string, found {}", K::DTYPE);
            g.report(Rule::Inputs, message);
        }
        VocabularyTable {
            g,
            table: Some(table.into()),
            oov: Some(num_oov_buckets),
            hasher: hasher.into(),
        }
    }

    /// Ids by hash alone (`tf.contrib.lookup.IdTableWithHashBuckets` without a table).
    #[track_caller]
    pub fn hash_buckets(
        g: &'g GraphBuilder,
        num_oov_buckets: i64,
        hasher: impl Into<Hasher>,
    ) -> Self {
        expect_buckets(g, num_oov_buckets);
        VocabularyTable {
            g,
            table: None,
            oov: Some(num_oov_buckets),
            hasher: hasher.into(),
        }
    }

    /// The scope that the author named, or one called after the table.
    #[track_caller]
    fn scope<R>(&self, suffix: &str, f: impl FnOnce() -> R) -> R {
        let g = self.g;
        if let Some(table) = self.table {
            return table_scope(table.handle, suffix, |_| f());
        }
        let name = match g.is_named() {
            true => g.requested_name(""),
            false => format!("hash_bucket_{suffix}").into(),
        };
        g.inner_scope(&name, Location::caller(), |_| f())
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
        let n = Nodes(self.g);
        let text = match keys.dtype() {
            DType::String => keys,
            _ => n.unary("AsString", keys),
        };
        let hash = match self.hasher {
            Hasher::Fast => n.named("StringToHashBucketFast", "hash_bucket"),
            Hasher::Strong(key) => {
                let hash = n.named("StringToHashBucketStrong", "hash_bucket");
                hash.attr("key", key)
            }
        };
        let hash = hash.any(text).attr("num_buckets", buckets).output();
        let Some(table) = self.table else {
            return hash.typed();
        };
        let ids = find(table.handle, |_| keys, table.default_value.any());
        let hash = n.binary("Add", hash, size_of(table.handle));
        let known = n.binary("NotEqual", ids, table.default_value);
        let args = [known, ids, hash].map(Arg::from);
        n.call(("SelectV2", "SelectV2"), args).typed()
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
            let n = Nodes(g);
            let known = match table {
                Some(table) => size_of(table.handle).any(),
                None => n.constant("Const", 0i64),
            };
            n.add(known, oov.into_tensor_value()).typed()
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
///
/// ```
/// use tfhub::dtype::ByteString;
/// use tfhub::ops::lookup::{IndexTableOptions, index_table_from_tensor};
/// # let g = tfhub::GraphBuilder::new();
/// let options = IndexTableOptions::default().num_oov_buckets(2);
/// let table = index_table_from_tensor(&g, ["cat", "dog"], options);
/// let words = g.placeholder::<ByteString>((None,));
/// assert_eq!(table.lookup(words).shape().to_string(), "[?]");
/// ```
#[derive(Debug, Clone)]
pub struct IndexTableOptions {
    num_oov_buckets: i64,
    pub(super) default_value: i64,
    hasher: Hasher,
    pub(super) key_dtype: DType,
    pub(super) shared_name: Option<String>,
}

impl Default for IndexTableOptions {
    fn default() -> Self {
        IndexTableOptions {
            num_oov_buckets: 0,
            default_value: -1,
            hasher: Hasher::default(),
            key_dtype: DType::String,
            shared_name: None,
        }
    }
}

setters! {
    impl IndexTableOptions {
        /// How many ids there are for absent keys; none by default.
        num_oov_buckets: i64;
        /// The id of absent keys where there are no buckets for them; -1 by default.
        default_value: i64;
        /// How absent keys are hashed.
        hasher: Hasher;
        /// The `shared_name` of the table, see [`KeyValueTensorInitializer::shared_name`].
        shared_name: impl Into<String> => Some(shared_name.into());
    }
}

impl IndexTableOptions {
    /// The type of the keys in a file, strings or integers; strings by default.
    ///
    /// ```
    /// use tfhub::ops::lookup::{IndexTableOptions, index_table_from_file};
    /// # let g = tfhub::GraphBuilder::new();
    /// let options = IndexTableOptions::default().key_dtype::<i64>();
    /// let table = index_table_from_file(&g, "numbers.txt", options);
    /// let numbers = g.placeholder::<i32>((None,));
    /// assert_eq!(table.lookup(numbers).shape().to_string(), "[?]");
    /// ```
    pub fn key_dtype<K: SetElement>(mut self) -> Self {
        self.key_dtype = K::DTYPE;
        self
    }
}

/// A table from the words of a vocabulary to their positions (`tf.contrib.lookup.index_table_from_tensor`).
#[track_caller]
pub fn index_table_from_tensor<'g, K: SetElement>(
    g: &'g GraphBuilder,
    vocabulary: impl Operand<'g, K>,
    options: impl Into<IndexTableOptions>,
) -> VocabularyTable<'g> {
    let here = Location::caller();
    let options = options.into();
    index_table(g, &options, || {
        let words = vocabulary.into_tensor(g, "Const").any();
        let ids = positions(words);
        g.inner_scope("hash_table", here, |_| match words.dtype() {
            DType::String => from_tensor::<ByteString>(g, words, ids, &options),
            _ => from_tensor::<i64>(g, Nodes(g).cast(words, DType::Int64), ids, &options),
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
    let _scope = g.open_function_scope("string_to_index");
    VocabularyTable {
        g,
        table: Some(make()),
        oov: (buckets > 0).then_some(buckets),
        hasher: options.hasher,
    }
}

fn from_tensor<'g, K: TensorType>(
    g: &'g GraphBuilder,
    words: AnyTensor<'g>,
    ids: Tensor<'g, i64>,
    options: &IndexTableOptions,
) -> Ids<'g> {
    let initializer = KeyValueTensorInitializer::new(g, words.typed::<K>(), ids);
    let mut initializer = initializer.name("table_init");
    initializer.shared_name = options.shared_name.clone();
    StaticHashTable::new(initializer, options.default_value).into()
}

/// 0, 1, ... as far as there are words.
fn positions(words: AnyTensor<'_>) -> Tensor<'_, i64> {
    let n = Nodes(words.graph());
    let range = n.range(0, n.size(words));
    n.cast(range, DType::Int64).typed()
}

/// The value that stands for absent positions in [`index_to_string_table_from_tensor`] and
/// [`index_to_string_table_from_file`](super::index_to_string_table_from_file).
///
/// ```
/// use tfhub::ops::lookup::{IndexToStringOptions, index_to_string_table_from_tensor};
/// # let g = tfhub::GraphBuilder::new();
/// let options = IndexToStringOptions::default().default_value("nobody").shared_name("names");
/// let table = index_to_string_table_from_tensor(&g, ["Ann", "Bob"], options);
/// let ids = g.placeholder::<i64>((None,));
/// assert_eq!(table.lookup(ids).shape().to_string(), "[?]");
/// ```
#[derive(Debug, Clone)]
pub struct IndexToStringOptions<'g> {
    pub(super) default_value: AnyOperand<'g, ByteString>,
    pub(super) shared_name: Option<String>,
}

impl Default for IndexToStringOptions<'_> {
    fn default() -> Self {
        IndexToStringOptions {
            default_value: "UNK".into_any(),
            shared_name: None,
        }
    }
}

/// The value for absent positions alone.
impl From<&'static str> for IndexToStringOptions<'_> {
    fn from(default_value: &'static str) -> Self {
        Self::default().default_value(default_value)
    }
}

setters! {
    impl['g] IndexToStringOptions<'g> {
        /// The value for absent positions; `UNK` by default.
        default_value: impl Operand<'g, ByteString> => default_value.into_any();
        /// The `shared_name` of the table, see [`KeyValueTensorInitializer::shared_name`].
        shared_name: impl Into<String> => Some(shared_name.into());
    }
}

/// A table from positions to the words of a vocabulary (`tf.contrib.lookup.index_to_string_table_from_tensor`).
#[track_caller]
pub fn index_to_string_table_from_tensor<'g>(
    g: &'g GraphBuilder,
    vocabulary: impl Operand<'g, ByteString>,
    options: impl Into<IndexToStringOptions<'g>>,
) -> StaticHashTable<'g, i64, ByteString> {
    let options = options.into();
    let _scope = g.open_function_scope("index_to_string");
    let values = vocabulary.into_tensor(g, "Const");
    let keys = positions(values.any());
    let initializer = KeyValueTensorInitializer::new(g, keys, values);
    let mut initializer = initializer.name("table_init");
    initializer.shared_name = options.shared_name;
    StaticHashTable::new(initializer, options.default_value)
}
