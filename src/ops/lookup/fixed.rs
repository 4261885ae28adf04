//! Tables that do not change, and what fills them from tensors.

use std::fmt;
use std::panic::Location;

use super::{export_of, find, size_of, table_scope};
use crate::dtype::{Resource, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor, keys};
use crate::ops::sparse::SparseTensor;
use crate::ops::{TensorLike, constant_value};
use crate::proto::Message as _;
use crate::value::encode_tensor_proto;

/// The contents of a table: a [`KeyValueTensorInitializer`] or a [`TextFileInitializer`](super::TextFileInitializer).
pub trait TableInitializer<'g>: sealed::TableInitializer {
    /// The type of the keys.
    type Key: TensorType;
    /// The type of the values.
    type Value: TensorType;

    /// The graph that it belongs to.
    #[doc(hidden)]
    fn graph(&self) -> &'g GraphBuilder;

    /// The `shared_name` of the table, which has the name `name`.
    #[doc(hidden)]
    fn table_name(&self, name: &str) -> String;

    /// Makes the node that fills the table.
    #[doc(hidden)]
    fn fill(&self, table: Tensor<'g, Resource>) -> Operation<'g>;
}

mod sealed {
    use crate::dtype::TensorType;
    use crate::ops::lookup::{KeyValueTensorInitializer, TextFileInitializer};

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait TableInitializer {}

    impl<K: TensorType, V: TensorType> TableInitializer for KeyValueTensorInitializer<'_, K, V> {}
    impl<K: TensorType, V: TensorType> TableInitializer for TextFileInitializer<'_, K, V> {}
}

/// Keys and values that fill a table (`tf.lookup.KeyValueTensorInitializer`).
///
/// ```
/// use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
/// # let g = tfhub::GraphBuilder::new();
/// let animals = KeyValueTensorInitializer::new(&g, ["cat", "dog"], [0i64, 1]);
/// let table = StaticHashTable::new(animals, -1i64);
/// let words = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// assert_eq!(table.lookup(words).name(), "hash_table_Lookup/LookupTableFindV2:0");
/// ```
#[derive(Debug, Clone)]
pub struct KeyValueTensorInitializer<'g, K: TensorType, V: TensorType> {
    keys: Tensor<'g, K>,
    values: Tensor<'g, V>,
    name: String,
    pub(super) shared_name: Option<String>,
}

impl<'g, K: TensorType, V: TensorType> KeyValueTensorInitializer<'g, K, V> {
    /// Keys with the values that belong to them.
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        keys: impl Operand<'g, K>,
        values: impl Operand<'g, V>,
    ) -> Self {
        let contents = || (keys.into_tensor(g, "keys"), values.into_tensor(g, "values"));
        let (keys, values) = outside_of_branches(g, contents);
        KeyValueTensorInitializer {
            keys,
            values,
            name: "key_value_init".to_owned(),
            shared_name: None,
        }
    }
}

setters! {
    impl['g, K: TensorType, V: TensorType] KeyValueTensorInitializer<'g, K, V> {
        /// The scope of the node that fills the table; `key_value_init` by default.
        name: impl Into<String> => name.into();
        /// The `shared_name` of the table, whose contents are shared with those of this name in one session.
        ///
        /// Where Python draws a random one, it follows from the table's place and contents by default, so that the
        /// same program makes the same graph.
        shared_name: impl Into<String> => Some(shared_name.into());
    }
}

impl<'g, K: TensorType, V: TensorType> TableInitializer<'g>
    for KeyValueTensorInitializer<'g, K, V>
{
    type Key = K;
    type Value = V;

    fn graph(&self) -> &'g GraphBuilder {
        self.keys.graph()
    }

    fn table_name(&self, name: &str) -> String {
        let drawn = || {
            let g = self.graph();
            let contents = [self.keys.any(), self.values.any()];
            shared_name_of(&g.wanted_name(name), g.len(), contents)
        };
        self.shared_name.clone().unwrap_or_else(drawn)
    }

    fn fill(&self, table: Tensor<'g, Resource>) -> Operation<'g> {
        let g = table.graph();
        let _scope = g.open_inner_scope(&self.name, Location::caller());
        let node = g.op("LookupTableImportV2").input(table);
        node.input(self.keys).input(self.values).finish()
    }
}

/// A table that does not change after it was filled (`tf.lookup.StaticHashTable`).
pub struct StaticHashTable<'g, K: TensorType, V: TensorType> {
    pub(super) handle: Tensor<'g, Resource>,
    pub(super) default_value: Tensor<'g, V>,
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
    /// The node that fills it joins the collection [`keys::TABLE_INITIALIZERS`]. In a branch of
    /// [`cond`](GraphBuilder::cond) both are made as if outside of it. The body of a function makes no tables: its calls
    /// would read them before they are filled, and so it is in Python.
    #[track_caller]
    pub fn new(
        initializer: impl TableInitializer<'g, Key = K, Value = V>,
        default_value: impl Operand<'g, V>,
    ) -> Self {
        let g = initializer.graph();
        let here = Location::caller();
        let name = g.open_function_name("hash_table");
        let default_value = default_value.into_tensor(g, "Const");
        let shape = default_value.shape();
        if shape.rank().is_some_and(|rank| rank != 0) {
            let message = format!("expected a scalar as default value, found shape {shape}");
            g.report(Rule::Shape, message);
        }
        let shared_name = initializer.table_name(&name);
        let handle = g.init_scope(|| {
            let node = g.op("HashTableV2").name(&name);
            node.attr("shared_name", shared_name.as_str())
                .attr("key_dtype", K::DTYPE)
                .attr("value_dtype", V::DTYPE)
                .output()
        });
        let handle = handle.typed::<Resource>();
        let filled = outside_of_branches(g, || {
            if !g.is_in_main_graph() && !handle.any().is_poison() {
                let message = "a table that the body of a function makes is not filled when its calls read it; make it \
                               outside of the function";
                let node = handle.operation().name();
                g.report_node(Rule::Function, "HashTableV2", &node, g.here(here), message);
                return initializer.fill(AnyTensor::poison(g).typed());
            }
            let filled = initializer.fill(handle);
            g.add_to_collection(keys::TABLE_INITIALIZERS, filled);
            filled
        });
        StaticHashTable {
            handle,
            default_value,
            initializer: filled,
            key: std::marker::PhantomData,
        }
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

/// Runs `f`, outside of the branches of conditionals that are open.
fn outside_of_branches<R>(g: &GraphBuilder, f: impl FnOnce() -> R) -> R {
    match g.is_in_control_flow() {
        true => g.init_scope(f),
        false => f(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_name(words: [&str; 2]) -> String {
        let g = GraphBuilder::new();
        let contents = KeyValueTensorInitializer::new(&g, words, [0i64, 1]);
        let table = StaticHashTable::new(contents, -1i64);
        let operation = table.handle().operation();
        let node = operation.node();
        String::from_utf8(node.string_attr("shared_name").unwrap().to_vec()).unwrap()
    }

    /// In TensorFlow the calls of the function fail: "Table not initialized".
    #[test]
    fn a_function_makes_no_table_but_in_a_branch() {
        let table = |g: &'_ GraphBuilder, in_branch: bool| {
            g.function("f", ["x"], |x: Tensor<i64>| {
                let make = || {
                    let contents = KeyValueTensorInitializer::new(g, [1i64, 2], [3i64, 4]);
                    StaticHashTable::new(contents, -1i64).lookup(x)
                };
                match in_branch {
                    true => g.cond(g.constant(true), make, || x),
                    false => make(),
                }
            });
        };
        let g = GraphBuilder::new();
        table(&g, true);
        let graph = g.finish().unwrap();
        let filled = graph.collections().get(keys::TABLE_INITIALIZERS).len();
        assert_eq!(filled, 1);
        let g = GraphBuilder::new();
        table(&g, false);
        let error = g.finish().unwrap_err();
        let [fault] = error.diagnostics() else {
            panic!("{error}");
        };
        assert_eq!((fault.rule(), fault.node()), (Rule::Function, "hash_table"));
        let expected = "a table that the body of a function makes is not filled when its calls read it; make it outside \
                        of the function";
        assert_eq!(fault.message(), expected);
    }

    #[test]
    fn the_shared_name_follows_from_the_contents() {
        assert_eq!(shared_name(["cat", "dog"]), shared_name(["cat", "dog"]));
        assert_ne!(shared_name(["cat", "dog"]), shared_name(["cat", "cow"]));
        assert_eq!(shared_name(["cat", "dog"]).len(), "hash_table_".len() + 36);
    }
}
