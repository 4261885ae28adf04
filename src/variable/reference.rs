//! Reads and changes of variables of the old kind, which ops take as references.

use super::handle::Change;
use crate::graph::{AnyTensor, Here, Operation};
use crate::ops::nodes::{Arg, function};

/// The value, read for the author's line.
pub(super) fn value_now(reference: AnyTensor<'_>, here: Here) -> AnyTensor<'_> {
    let g = reference.graph();
    g.called_from(here, || {
        g.op("Identity").name("read").input(reference).output()
    })
}

/// A node that changes the variable, whose output is the reference after it.
#[track_caller]
pub(super) fn change<'g>(
    reference: AnyTensor<'g>,
    change: Change,
    value: Arg<'g>,
) -> Operation<'g> {
    let op = match change {
        Change::Assign | Change::AssignWith(_) => "Assign",
        Change::AssignAdd => "AssignAdd",
        Change::AssignSub => "AssignSub",
    };
    let call = function(reference.graph(), op)
        .input(reference)
        .input(value);
    match change {
        Change::AssignWith(options) => options.add_to(call).finish(),
        _ => call.attr("use_locking", false).finish(),
    }
}

/// A node that gives the variable a value which was saved, of any shape if that of the variable is not known.
#[track_caller]
pub(super) fn restore<'g>(reference: AnyTensor<'g>, value: AnyTensor<'g>) -> Operation<'g> {
    let call = function(reference.graph(), "Assign");
    let call = call.input(reference).input(value);
    let call = match reference.shape().to_static() {
        Some(_) => call,
        None => call.attr("validate_shape", false),
    };
    call.finish()
}
