//! The parts that functions of whole sequences share: the variable scope, the lengths, and steps past the end of some
//! sequences.

use super::Cell;
use super::state::with_batch;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::structure::{pack, tensors};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::{Axes, Size, Sizes};
use crate::shape::Shape;
use crate::variable::EnterScope;

/// Runs `f` in the variable scope of a network, whose variables are read once for all steps unless a loop is around.
#[track_caller]
pub(super) fn in_network_scope<R>(
    g: &GraphBuilder,
    scope: impl Into<EnterScope>,
    f: impl FnOnce() -> R,
) -> R {
    g.variable_scope(scope, |_| match g.is_in_loop() {
        true => f(),
        false => g.with_cached_variables(f),
    })
}

/// The lengths of sequences, of which the network has one for each of the batch.
#[derive(Clone, Copy)]
pub(super) struct Lengths<'g> {
    pub(super) all: AnyTensor<'g>,
    min: AnyTensor<'g>,
    pub(super) max: AnyTensor<'g>,
}

impl<'g> Lengths<'g> {
    pub(super) fn of(n: Nodes<'g>, lengths: AnyTensor<'g>) -> Self {
        Lengths {
            all: lengths,
            min: n.reduce("Min", lengths, Axes::ALL),
            max: n.reduce("Max", lengths, Axes::ALL),
        }
    }
}

/// Reports lengths that are no vector.
pub(super) fn check_lengths(lengths: AnyTensor<'_>) {
    let shape = lengths.shape();
    if shape.rank().is_some_and(|rank| rank != 1) {
        let message = format!(
            "sequence_length needs one length for each sequence of the batch, a vector; its shape is {shape}"
        );
        lengths.report(Rule::Shape, &message);
    }
}

/// The output of a step that is past the end of all sequences.
pub(super) fn zero_output<'g>(
    n: Nodes<'g>,
    batch_size: Size<'g>,
    size: usize,
    dtype: DType,
) -> AnyTensor<'g> {
    let shape = with_batch(n, batch_size, size);
    let shape = n.concat(shape.map(Arg::from).to_vec(), 0);
    n.filled("zeros", 0.0, dtype, Sizes::from(shape))
}

/// Of each tensor, the rows of `old` where a sequence has ended, and those of `new` elsewhere.
pub(super) fn copy_some<'g>(
    n: Nodes<'g>,
    ended: AnyTensor<'g>,
    old: &[AnyTensor<'g>],
    new: &[AnyTensor<'g>],
) -> Vec<AnyTensor<'g>> {
    let pairs = old.iter().zip(new);
    let copied = pairs.map(|(&old, &new)| match old.shape().rank() {
        Some(0) => new,
        _ => n.0.colocate_with(new, || n.select(ended, old, new)),
    });
    copied.collect()
}

/// The output and the state of a step as tensors.
pub(super) fn flat<'g, C: Cell<'g>>(
    g: &'g GraphBuilder,
    (output, state): &(Tensor<'g, C::Element>, C::State),
) -> Vec<AnyTensor<'g>> {
    let mut flat = vec![output.any()];
    flat.extend(tensors(g, state, "a part of the state"));
    flat
}

/// The output and the state of a step of tensors, which have the shapes of those before.
pub(super) fn settled<'g, C: Cell<'g>>(
    before: &[AnyTensor<'g>],
    after: &[AnyTensor<'g>],
    state: &C::State,
) -> (Tensor<'g, C::Element>, C::State) {
    for (after, before) in after.iter().zip(before) {
        after.set_shape(before.shape());
    }
    (after[0].typed(), pack(state, &after[1..]))
}

/// Whether a step gives as many tensors as there were before it; if not, it is reported.
pub(super) fn is_same_structure<'g>(
    g: &'g GraphBuilder,
    before: &[AnyTensor<'g>],
    after: &[AnyTensor<'g>],
) -> bool {
    let (expected, found) = (before.len(), after.len());
    if found != expected {
        let message = format!(
            "a step gives {found} tensors where there were {expected} before it; expected the same structure"
        );
        g.report(Rule::Structure, message);
    }
    found == expected
}

/// A step at a time that is known, of sequences of which some have ended.
pub(super) fn step_of_some<'g, C: Cell<'g>>(
    cell: &C,
    (input, state): (Tensor<'g, C::Element>, C::State),
    time: i32,
    lengths: Lengths<'g>,
    zero_output: AnyTensor<'g>,
) -> (Tensor<'g, C::Element>, C::State) {
    let g = input.graph();
    let n = Nodes(g);
    let before = flat::<C>(g, &(zero_output.typed(), state.clone()));
    let ended = n.binary("LessEqual", lengths.all, time);
    let all_ended = n.binary("LessEqual", lengths.max, time).typed();
    let step = || {
        let after = flat::<C>(g, &cell.call(input, state.clone()));
        if !is_same_structure(g, &before, &after) {
            return before.clone();
        }
        let none_ended = n.binary("Greater", lengths.min, time).typed();
        g.cond(
            none_ended,
            || after.clone(),
            || copy_some(n, ended, &before, &after),
        )
    };
    let after = g.cond(all_ended, || before.clone(), step);
    settled::<C>(&before, &after, &state)
}

/// Whether inputs have a rank of at least `rank` and known sizes from the dimension `from` on; if not, it is reported.
pub(super) fn check_inputs(
    inputs: AnyTensor<'_>,
    name: impl std::fmt::Display,
    (rank, from): (usize, usize),
) -> bool {
    let shape = inputs.shape();
    let known =
        |dims: &[Option<usize>]| dims.len() >= rank && dims[from..].iter().all(Option::is_some);
    let is_known = shape.dims().is_some_and(known);
    if !is_known && !inputs.is_poison() {
        let message = format!(
            "{name} has shape {shape}, expected rank {rank} or more and known sizes from dimension {from} on"
        );
        inputs.report(Rule::Shape, &message);
    }
    is_known
}

/// A dimension, if it is known.
pub(super) fn dimension(shape: &Shape, axis: usize) -> Option<usize> {
    shape.dims().and_then(|dims| *dims.get(axis)?)
}
