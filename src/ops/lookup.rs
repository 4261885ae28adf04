//! Lookup tables (`tf.lookup` and `tf.contrib.lookup`).
//!
//! Tables that are filled from tensors carry their contents in the graph. Tables that are filled from text files have
//! the files among the module's assets.

mod fixed;
mod mutable;
mod text_file;
mod vocabulary;

use std::panic::Location;

use super::nodes::Nodes;
use crate::dtype::{Resource, TensorType};
use crate::graph::{AnyTensor, Operation, Tensor};

pub use fixed::*;
pub use mutable::MutableHashTable;
pub(crate) use mutable::SavedTables;
pub use text_file::*;
pub use vocabulary::*;

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
        g.op("LookupTableSizeV2").input(handle).typed()
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
        let n = Nodes(g);
        let scope = n.open_scope("LookupTableFindV2");
        let keys = keys("keys");
        let call = n.named("LookupTableFindV2", &scope).input(handle);
        let values = call.input(keys).input(default_value).output();
        values.set_shape(keys.shape());
        values
    })
}

fn export_of<'g, K: TensorType, V: TensorType>(handle: Tensor<'g, Resource>) -> Operation<'g> {
    let node = handle.graph().op("LookupTableExportV2").input(handle);
    node.attr("Tkeys", K::DTYPE)
        .attr("Tvalues", V::DTYPE)
        .finish()
}
