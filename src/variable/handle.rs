//! Reads and changes of a variable by its handle, whatever the element type.

use std::panic::Location;
use std::sync::Arc;

use super::AssignOptions;
use crate::dtype::DType;
use crate::graph::{AnyTensor, Here, NodeId, Operation};
use crate::ops::nodes::Arg;

/// A change of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Assign,
    /// With options for a variable of the old kind; a resource variable has one way.
    AssignWith(AssignOptions),
    AssignAdd,
    AssignSub,
}

/// The device of a handle; empty where it has none.
pub(super) fn device(handle: AnyTensor<'_>) -> Arc<str> {
    match handle.tensor_ref().node {
        NodeId::POISON => Arc::default(),
        _ => handle.operation().node().device.clone(),
    }
}

/// Runs `f` where the handle is, colocated with nothing else.
pub(super) fn on_device<'g>(
    handle: AnyTensor<'g>,
    f: &mut dyn FnMut() -> Operation<'g>,
) -> Operation<'g> {
    let (g, device) = (handle.graph(), device(handle));
    g.without_colocation(|| g.without_device(|| g.device(&device, f)))
}

/// A node that reads the variable, after an operation if one is given. The author's name is not for it.
pub(super) fn read<'g>(
    handle: AnyTensor<'g>,
    dtype: DType,
    after: Option<Operation<'g>>,
) -> Operation<'g> {
    let op = "ReadVariableOp";
    let read = handle.graph().op(op).name(op);
    let read = read.attr("dtype", dtype).input(handle);
    match after {
        Some(operation) => read.control_input(operation).finish(),
        None => read.finish(),
    }
}

/// The value, for the author's line.
pub(super) fn value(handle: AnyTensor<'_>, dtype: DType, here: Here) -> AnyTensor<'_> {
    let read = || on_device(handle, &mut || read(handle, dtype, None));
    handle.graph().called_from(here, read).output(0)
}

/// The value, read in a scope of its own and taken over by an `Identity`, for the author's line.
pub(super) fn value_now(handle: AnyTensor<'_>, dtype: DType, here: Here) -> AnyTensor<'_> {
    let g = handle.graph();
    g.called_from(here, || {
        let read = g.inner_scope("Read", here, |_| {
            g.device(&device(handle), || read(handle, dtype, None))
        });
        g.op("Identity").input(read.output(0)).output()
    })
}

/// A node that changes the variable, after the value that was kept of it if there is one.
#[track_caller]
pub(super) fn change<'g>(
    handle: AnyTensor<'g>,
    dtype: DType,
    change: Change,
    value: Arg<'g>,
    kept: Option<AnyTensor<'g>>,
) -> Operation<'g> {
    let g = handle.graph();
    let op = match change {
        Change::Assign | Change::AssignWith(_) => "AssignVariableOp",
        Change::AssignAdd => "AssignAddVariableOp",
        Change::AssignSub => "AssignSubVariableOp",
    };
    let name = g.requested_name(op).into_owned();
    g.called_from(Location::caller(), || {
        // The value that was kept is that from before, but an initial value has none before it.
        let before = kept.filter(|_| matches!(change, Change::AssignAdd | Change::AssignSub));
        g.control_dependencies(before, || {
            let value = value.convert(g, "Const", dtype);
            g.op(op).name(name).input(handle).input(value).finish()
        })
    })
}
