//! Variables as the nodes of a saver read and restore them.

use std::panic::Location;

use super::handle::{self, Change};
use super::{on_cpu, reference};
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Operation};
use crate::ops::nodes::{Arg, Nodes};

/// The device of a variable's node; empty where it has none.
pub(crate) fn device_of(handle: AnyTensor<'_>) -> String {
    handle::device(handle).to_string()
}

/// The value of a resource variable, read anew and copied to the CPU beside it.
pub(crate) fn read_on_cpu<'g>(
    g: &'g GraphBuilder,
    handle: AnyTensor<'g>,
    dtype: DType,
) -> AnyTensor<'g> {
    let device = device_of(handle);
    g.device(&device, || {
        let value = handle::value_now(handle, dtype, Location::caller());
        g.device(&on_cpu(""), || Nodes(g).identity("Identity", value))
    })
}

/// Gives a variable a value that was read from a checkpoint.
pub(crate) fn restore<'g>(
    g: &'g GraphBuilder,
    handle: AnyTensor<'g>,
    dtype: DType,
    value: AnyTensor<'g>,
) -> Operation<'g> {
    if handle.is_ref() {
        return reference::restore(handle, value);
    }
    g.device(&device_of(handle), || {
        let value = Nodes(g).identity("Identity", value);
        handle::change(handle, dtype, Change::Assign, Arg::from(value), None)
    })
}
