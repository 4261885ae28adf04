//! Tables that ops change.

use std::fmt;

use super::{export_of, table_scope};
use crate::dtype::{Resource, TensorType};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor, TensorRef, keys};
use crate::ops::OrDefault;

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
    /// Unless `checkpoint` is false, it has the nodes that a checkpoint reads its contents from, and is in the collection
    /// [`SAVEABLE_OBJECTS`](keys::SAVEABLE_OBJECTS). A module [drops](crate::module::ModuleSpecBuilder::drop_collections)
    /// the collection, since modules are published without the contents of such tables.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, Tags};
    /// use tfhub::dtype::ByteString;
    /// use tfhub::graph::keys;
    /// use tfhub::ops::lookup::MutableHashTable;
    ///
    /// let builder = ModuleSpec::builder().drop_collections([keys::SAVEABLE_OBJECTS]);
    /// let builder = builder.variant(Tags::none(), |g| {
    ///     let words = g.placeholder::<ByteString>((None,));
    ///     let counts = MutableHashTable::<ByteString, i64>::new(g, 0, ());
    ///     g.default_signature(words, counts.lookup(words));
    /// });
    /// let spec = builder.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        default_value: impl Operand<'g, V>,
        checkpoint: impl Into<OrDefault<bool>>,
    ) -> Self {
        let checkpoint = checkpoint.into().0.unwrap_or(true);
        let name = g.open_function_name("MutableHashTable");
        let default_value = default_value.into_tensor(g, "Const");
        let shape = default_value.shape();
        let node = match shape.rank() {
            Some(0) => g.op("MutableHashTableV2"),
            _ => g
                .op("MutableHashTableOfTensorsV2")
                .attr("value_shape", shape),
        };
        let node = node.name(&name).attr("use_node_name_sharing", checkpoint);
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
            let (keys, values) = table.export();
            if !g.is_in_main_graph() {
                return table;
            }
            g.extension::<SavedTables>().0.push(SavedTable {
                name: name.to_string(),
                handle: table.handle.any().tensor_ref(),
                contents: [keys.any(), values.any()].map(|it| it.tensor_ref()),
            });
            g.add_to_collection(keys::SAVEABLE_OBJECTS, table.handle);
        }
        table
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
                node.input(self.default_value).typed()
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
            self.next_to(|g| g.op("LookupTableSizeV2").input(self.handle).typed())
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

/// The tables of a graph that are saved with the variables.
#[derive(Debug, Default)]
pub(crate) struct SavedTables(Vec<SavedTable>);

#[derive(Debug, Clone)]
struct SavedTable {
    /// The name that the author gave, which others may have too.
    name: String,
    handle: TensorRef,
    /// The keys and the values.
    contents: [TensorRef; 2],
}

/// A table that is saved: the name, the handle, the keys and the values.
pub(crate) type TableToSave<'g> = (String, AnyTensor<'g>, [AnyTensor<'g>; 2]);

impl SavedTables {
    /// The tables of the main graph.
    pub(crate) fn of(g: &GraphBuilder) -> Vec<TableToSave<'_>> {
        let tables = g.extension::<SavedTables>().0.clone();
        let tensor = |tensor: TensorRef| {
            let operation = g.main_operation(tensor.node);
            operation.output(tensor.index as usize)
        };
        let tables = tables.into_iter().map(|table| {
            let contents = table.contents.map(tensor);
            (table.name, tensor(table.handle), contents)
        });
        tables.collect()
    }
}
