//! Tables that ops change.

use std::fmt;

use super::{export_of, table_scope};
use crate::dtype::{Resource, TensorType};
use crate::graph::{GraphBuilder, Operand, Operation, Tensor};
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
    /// Unless `checkpoint` is false, it has the nodes that a checkpoint reads its contents from.
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
            table.export();
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
