//! Lookup tables (`tf.lookup` and `tf.contrib.lookup`).
//!
//! Tables that are filled from tensors carry their contents in the graph. Tables that are filled from text files have
//! the files among the module's assets.

mod text_file;

use std::fmt;
use std::panic::Location;

use prost::Message as _;

use super::generated::generated_as;
use super::sparse::SparseTensor;
use super::{TensorLike, constant_value, pieces};
use crate::dtype::{ByteString, DType, Resource, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor, keys};
use crate::ops::types::SignedIntUInt8StringUInt16;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, encode_tensor_proto};

pub use text_file::{
    TextFile, TextFileIndex, TextFileInitializer, index_table_from_file,
    index_to_string_table_from_file,
};

/// What a table can be filled with: a [`KeyValueTensorInitializer`] or a [`TextFileInitializer`].
pub trait TableInitializer<'g> {
    /// The type of the keys.
    type Key: TensorType;
    /// The type of the values.
    type Value: TensorType;

    /// The `shared_name` of the table, which has the name `name`.
    #[doc(hidden)]
    fn shared_name(&self, g: &'g GraphBuilder, name: &str) -> String;

    /// Makes the node that fills the table.
    #[doc(hidden)]
    fn fill(&self, table: Tensor<'g, Resource>) -> Operation<'g>;
}

/// What a table is filled with (`tf.lookup.KeyValueTensorInitializer`).
///
/// ```
/// use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
/// # let g = tfhub::GraphBuilder::new();
/// let animals = KeyValueTensorInitializer::new(&g, ["cat", "dog"], [0i64, 1]);
/// let table = StaticHashTable::new(&g, animals, -1i64);
/// let words = g.placeholder::<tfhub::ByteString>((None,));
/// assert_eq!(table.lookup(words).name(), "hash_table_Lookup/LookupTableFindV2:0");
/// ```
#[derive(Debug, Clone)]
pub struct KeyValueTensorInitializer<'g, K: TensorType, V: TensorType> {
    keys: Tensor<'g, K>,
    values: Tensor<'g, V>,
    name: String,
}

impl<'g, K: TensorType, V: TensorType> KeyValueTensorInitializer<'g, K, V> {
    /// Keys with the values that belong to them.
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        keys: impl Operand<'g, K>,
        values: impl Operand<'g, V>,
    ) -> Self {
        KeyValueTensorInitializer {
            keys: keys.into_tensor(g, "keys"),
            values: values.into_tensor(g, "values"),
            name: "key_value_init".to_owned(),
        }
    }

    /// The scope of the node that fills the table.
    pub fn name(self, name: impl Into<String>) -> Self {
        KeyValueTensorInitializer {
            name: name.into(),
            ..self
        }
    }
}

impl<'g, K: TensorType, V: TensorType> TableInitializer<'g>
    for KeyValueTensorInitializer<'g, K, V>
{
    type Key = K;
    type Value = V;

    fn shared_name(&self, g: &'g GraphBuilder, name: &str) -> String {
        let contents = [self.keys.any(), self.values.any()];
        shared_name_of(&g.wanted_name(name), g.len(), contents)
    }

    fn fill(&self, table: Tensor<'g, Resource>) -> Operation<'g> {
        let g = table.graph();
        g.inner_scope(&self.name, Location::caller(), |_| {
            let node = g.op("LookupTableImportV2").input(table);
            node.input(self.keys).input(self.values).finish()
        })
    }
}

/// The last part of a node's name, which the scopes of a table's nodes begin with.
fn short_name(operation: Operation<'_>) -> String {
    let name = operation.name();
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Runs `f` in the scope that the author named, or in one called after the table.
#[track_caller]
fn table_scope<'g, R>(handle: Tensor<'g, Resource>, suffix: &str, f: impl FnOnce(&str) -> R) -> R {
    let g = handle.graph();
    let name = match g.is_named() {
        true => g.requested_name("").into_owned(),
        false => format!("{}_{suffix}", short_name(handle.operation())),
    };
    if handle.any().is_poison() {
        return f("");
    }
    g.inner_scope(&name, Location::caller(), f)
}

/// The number of entries of a table, in a scope of its own.
#[track_caller]
fn size_of<'g>(handle: Tensor<'g, Resource>) -> Tensor<'g, i64> {
    let g = handle.graph();
    table_scope(handle, "Size", |_| {
        g.op("LookupTableSizeV2").input(handle).output().typed()
    })
}

/// The values of keys, in a scope of its own; a node that is made for the keys is called as it is told.
#[track_caller]
fn find<'g>(
    handle: Tensor<'g, Resource>,
    keys: impl FnOnce(&'static str) -> AnyTensor<'g>,
    default_value: AnyTensor<'g>,
) -> AnyTensor<'g> {
    let g = handle.graph();
    table_scope(handle, "Lookup", |_| {
        let mut shape = Shape::unknown();
        let values = generated_as(g, "LookupTableFindV2", "LookupTableFindV2", |op| {
            let keys = keys("keys");
            shape = keys.shape();
            op.arg(handle).any(keys).any(default_value).output()
        });
        values.set_shape(shape);
        values
    })
}

/// A table that does not change after it was filled (`tf.lookup.StaticHashTable`).
pub struct StaticHashTable<'g, K: TensorType, V: TensorType> {
    handle: Tensor<'g, Resource>,
    default_value: Tensor<'g, V>,
    initializer: Operation<'g>,
    key: std::marker::PhantomData<fn() -> K>,
}

impl<K: TensorType, V: TensorType> Clone for StaticHashTable<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: TensorType, V: TensorType> Copy for StaticHashTable<'_, K, V> {}

impl<K: TensorType, V: TensorType> fmt::Debug for StaticHashTable<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticHashTable")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

impl<'g, K: TensorType, V: TensorType> StaticHashTable<'g, K, V> {
    /// A table in which absent keys have a default value, a scalar.
    ///
    /// The node that fills it joins the collection [`keys::TABLE_INITIALIZERS`]. Where Python gives the table a random
    /// `shared_name`, it follows from the table's place and contents here, so that the same program makes the same
    /// graph.
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        initializer: impl TableInitializer<'g, Key = K, Value = V>,
        default_value: impl Operand<'g, V>,
    ) -> Self {
        Self::made(g, initializer, default_value, None)
    }

    /// A table whose contents are shared with those of this `shared_name` in one session.
    #[track_caller]
    pub fn with_shared_name(
        g: &'g GraphBuilder,
        initializer: impl TableInitializer<'g, Key = K, Value = V>,
        default_value: impl Operand<'g, V>,
        shared_name: &str,
    ) -> Self {
        Self::made(g, initializer, default_value, Some(shared_name))
    }

    #[track_caller]
    fn made(
        g: &'g GraphBuilder,
        initializer: impl TableInitializer<'g, Key = K, Value = V>,
        default_value: impl Operand<'g, V>,
        shared_name: Option<&str>,
    ) -> Self {
        g.function_name("hash_table", Location::caller(), |name| {
            let default_value = default_value.into_tensor(g, "Const");
            expect_scalar(g, default_value);
            let shared_name = match shared_name {
                Some(shared_name) => shared_name.to_owned(),
                None => initializer.shared_name(g, name),
            };
            let handle = g.without_control_dependencies(|| {
                let node = g
                    .op("HashTableV2")
                    .name(name)
                    .attr("shared_name", shared_name.as_str());
                node.attr("key_dtype", K::DTYPE)
                    .attr("value_dtype", V::DTYPE)
                    .output()
            });
            let handle = handle.typed::<Resource>();
            let filled = initializer.fill(handle);
            g.add_to_collection(keys::TABLE_INITIALIZERS, filled);
            StaticHashTable {
                handle,
                default_value,
                initializer: filled,
                key: std::marker::PhantomData,
            }
        })
    }

    /// The table itself.
    pub fn handle(&self) -> Tensor<'g, Resource> {
        self.handle
    }

    /// The node that fills the table.
    pub fn initializer(&self) -> Operation<'g> {
        self.initializer
    }

    /// The value of each key.
    #[track_caller]
    pub fn lookup(&self, keys: impl TensorLike<'g, K>) -> Tensor<'g, V> {
        let g = self.handle.graph();
        let keys = |name: &'static str| keys.into_tensor(g, name).any();
        find(self.handle, keys, self.default_value.any()).typed()
    }

    /// A sparse tensor with the value of each key of a sparse tensor.
    #[track_caller]
    pub fn lookup_sparse(&self, keys: SparseTensor<'g, K>) -> SparseTensor<'g, V> {
        let values = self.lookup(keys.values);
        SparseTensor::new(self.handle.graph(), keys.indices, values, keys.dense_shape)
    }

    /// The number of entries.
    #[track_caller]
    pub fn size(&self) -> Tensor<'g, i64> {
        size_of(self.handle)
    }

    /// All keys with their values.
    #[track_caller]
    pub fn export(&self) -> (Tensor<'g, K>, Tensor<'g, V>) {
        let node = table_scope(self.handle, "Export", |_| export_of::<K, V>(self.handle));
        let (keys, values) = (node.output(0).typed::<K>(), node.output(1).typed::<V>());
        if let Some(dims) = keys.shape().dims() {
            values.set_shape(dims.to_vec());
        }
        (keys, values)
    }
}

fn export_of<'g, K: TensorType, V: TensorType>(handle: Tensor<'g, Resource>) -> Operation<'g> {
    let node = handle.graph().op("LookupTableExportV2").input(handle);
    node.attr("Tkeys", K::DTYPE)
        .attr("Tvalues", V::DTYPE)
        .finish()
}

fn expect_scalar<'g, V: TensorType>(g: &'g GraphBuilder, default_value: Tensor<'g, V>) {
    let shape = default_value.shape();
    if shape.rank().is_some_and(|rank| rank != 0) {
        g.report(
            Rule::Shape,
            format_args!("expected a scalar as default value, found shape {shape}"),
        );
    }
}

/// A name like those that Python draws, from the table's place in the graph and what it is known to hold.
fn shared_name_of(name: &str, nodes: usize, contents: [AnyTensor<'_>; 2]) -> String {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&(nodes as u64).to_le_bytes());
    for part in contents {
        if let Some(value) = constant_value::of(part) {
            bytes.extend(encode_tensor_proto(&value, value.shape()).encode_to_vec());
        }
    }
    let hash = format!("{:032x}", fnv(&bytes));
    format!(
        "hash_table_{}-{}-{}-{}-{}",
        &hash[..8],
        &hash[8..12],
        &hash[12..16],
        &hash[16..20],
        &hash[20..]
    )
}

/// The 128-bit hash of Fowler, Noll and Vo (FNV-1a).
fn fnv(bytes: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let step = |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
    bytes.iter().fold(BASIS, step)
}

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
struct Ids<'g> {
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
    pub fn new<K: SignedIntUInt8StringUInt16>(
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
    pub fn with_shared_name<K: SignedIntUInt8StringUInt16>(
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
    pub fn with_hasher<K: SignedIntUInt8StringUInt16>(
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
    pub fn lookup<K: SignedIntUInt8StringUInt16>(&self, keys: Tensor<'g, K>) -> Tensor<'g, i64> {
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
                keys = pieces::cast(keys, DType::Int64);
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
    pub fn lookup_sparse<K: SignedIntUInt8StringUInt16>(
        &self,
        keys: SparseTensor<'g, K>,
    ) -> SparseTensor<'g, i64> {
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
            generated_as(g, "AddV2", "add", |op| {
                op.any(known).value(oov).output().typed()
            })
        })
    }
}

fn expect_buckets(g: &GraphBuilder, num_oov_buckets: i64) {
    if num_oov_buckets <= 0 {
        let message = format!("expected at least one bucket, found {num_oov_buckets}");
        g.report(Rule::Value, message);
    }
}

/// How [`index_table_from_tensor`] and [`index_table_from_file`] treat keys that are not in the vocabulary.
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
pub fn index_table_from_tensor<'g, K: SignedIntUInt8StringUInt16>(
    g: &'g GraphBuilder,
    vocabulary: impl Operand<'g, K>,
    options: IndexTableOptions,
) -> VocabularyTable<'g> {
    let here = Location::caller();
    index_table(g, &options, || {
        let words = vocabulary.into_tensor(g, "Const").any();
        let ids = positions(words);
        g.inner_scope("hash_table", here, |_| match words.dtype() {
            DType::String => filled(g, words.typed::<ByteString>(), ids, &options),
            _ => filled(
                g,
                pieces::cast(words, DType::Int64).typed::<i64>(),
                ids,
                &options,
            ),
        })
    })
}

/// The table that `make` makes, with ids for absent keys.
#[track_caller]
fn index_table<'g>(
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

fn filled<'g, K: TensorType>(
    g: &'g GraphBuilder,
    keys: Tensor<'g, K>,
    ids: Tensor<'g, i64>,
    options: &IndexTableOptions,
) -> Ids<'g> {
    let initializer = KeyValueTensorInitializer {
        keys,
        values: ids,
        name: "table_init".to_owned(),
    };
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
    pieces::cast(pieces::range(count, (0, 1)), DType::Int64).typed()
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
        let initializer = KeyValueTensorInitializer {
            keys,
            values,
            name: "table_init".to_owned(),
        };
        StaticHashTable::made(g, initializer, default_value, shared_name)
    })
}

/// A table that ops change (`tf.contrib.lookup.MutableHashTable`).
pub struct MutableHashTable<'g, K: TensorType, V: TensorType> {
    handle: Tensor<'g, Resource>,
    default_value: Tensor<'g, V>,
    key: std::marker::PhantomData<fn() -> K>,
}

impl<K: TensorType, V: TensorType> Clone for MutableHashTable<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: TensorType, V: TensorType> Copy for MutableHashTable<'_, K, V> {}

impl<K: TensorType, V: TensorType> fmt::Debug for MutableHashTable<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutableHashTable")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

impl<'g, K: TensorType, V: TensorType> MutableHashTable<'g, K, V> {
    /// An empty table in which absent keys have a default value; if that is not a scalar, all values have its shape.
    ///
    /// With `checkpoint`, it has the nodes that a checkpoint reads its contents from.
    #[track_caller]
    pub fn new(g: &'g GraphBuilder, default_value: impl Operand<'g, V>, checkpoint: bool) -> Self {
        g.function_name("MutableHashTable", Location::caller(), |name| {
            let default_value = default_value.into_tensor(g, "Const");
            let shape = default_value.shape();
            let node = match shape.rank() {
                Some(0) => g.op("MutableHashTableV2"),
                _ => g
                    .op("MutableHashTableOfTensorsV2")
                    .attr("value_shape", shape),
            };
            let node = node.name(name).attr("use_node_name_sharing", checkpoint);
            let handle = node
                .attr("key_dtype", K::DTYPE)
                .attr("value_dtype", V::DTYPE)
                .output();
            let table = MutableHashTable {
                handle: handle.typed(),
                default_value,
                key: std::marker::PhantomData,
            };
            if checkpoint {
                table.export();
            }
            table
        })
    }

    /// The table itself.
    pub fn handle(&self) -> Tensor<'g, Resource> {
        self.handle
    }

    /// Nodes in a scope of their own next to the table.
    #[track_caller]
    fn next_to<R>(&self, f: impl FnOnce(&'g GraphBuilder) -> R) -> R {
        let g = self.handle.graph();
        g.colocate_with(self.handle, || f(g))
    }

    /// The value of each key.
    #[track_caller]
    pub fn lookup(&self, keys: impl Operand<'g, K>) -> Tensor<'g, V> {
        table_scope(self.handle, "lookup_table_find", |_| {
            let keys = keys.into_tensor(self.handle.graph(), "keys");
            self.next_to(|g| {
                let node = g.op("LookupTableFindV2").input(self.handle).input(keys);
                node.input(self.default_value).output().typed()
            })
        })
    }

    /// Gives keys new values.
    #[track_caller]
    pub fn insert(&self, keys: impl Operand<'g, K>, values: impl Operand<'g, V>) -> Operation<'g> {
        table_scope(self.handle, "lookup_table_insert", |_| {
            let keys = keys.into_tensor(self.handle.graph(), "keys");
            let values = values.into_tensor(self.handle.graph(), "values");
            self.next_to(|g| {
                let node = g.op("LookupTableInsertV2").input(self.handle);
                node.input(keys).input(values).finish()
            })
        })
    }

    /// Takes keys out.
    #[track_caller]
    pub fn remove(&self, keys: Tensor<'g, K>) -> Operation<'g> {
        table_scope(self.handle, "lookup_table_remove", |_| {
            let g = self.handle.graph();
            g.op("LookupTableRemoveV2")
                .input(self.handle)
                .input(keys)
                .finish()
        })
    }

    /// The number of entries.
    #[track_caller]
    pub fn size(&self) -> Tensor<'g, i64> {
        table_scope(self.handle, "Size", |_| {
            self.next_to(|g| {
                g.op("LookupTableSizeV2")
                    .input(self.handle)
                    .output()
                    .typed()
            })
        })
    }

    /// All keys with their values.
    #[track_caller]
    pub fn export(&self) -> (Tensor<'g, K>, Tensor<'g, V>) {
        let node = table_scope(self.handle, "lookup_table_export_values", |_| {
            self.next_to(|_| export_of::<K, V>(self.handle))
        });
        (node.output(0).typed(), node.output(1).typed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_name(words: [&str; 2]) -> String {
        let g = GraphBuilder::new();
        let contents = KeyValueTensorInitializer::new(&g, words, [0i64, 1]);
        let table = StaticHashTable::new(&g, contents, -1i64);
        let id = table.handle().operation().id;
        let node = g.node(id);
        String::from_utf8(node.string_attr("shared_name").unwrap().to_vec()).unwrap()
    }

    #[test]
    fn the_shared_name_follows_from_the_contents() {
        assert_eq!(shared_name(["cat", "dog"]), shared_name(["cat", "dog"]));
        assert_ne!(shared_name(["cat", "dog"]), shared_name(["cat", "cow"]));
        assert_eq!(shared_name(["cat", "dog"]).len(), "hash_table_".len() + 36);
    }
}
