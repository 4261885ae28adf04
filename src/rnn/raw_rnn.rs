//! `raw_rnn`: a network whose inputs, end and outputs a function decides step by step.

use std::cell::RefCell;
use std::panic::Location;

use super::Cell;
use super::sequence::{copy_some, dimension, in_network_scope, is_same_structure, zero_output};
use crate::control_flow::{TensorArray, TensorArrayOptions, WhileOptions};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::structure::{pack, tensors};
use crate::graph::{AnyTensor, GraphBuilder, IntoStructure, Structure, Tensor};
use crate::ops::Size;
use crate::ops::math::{self, Axes};
use crate::ops::nodes::Nodes;
use crate::variable::EnterScope;

/// The outcome of a step of [`raw_rnn`], of which its function makes the next.
#[derive(Debug, Clone)]
pub struct RawStep<'g, T: TensorType, S, L> {
    /// The output of the cell.
    pub output: Tensor<'g, T>,
    /// The state of the cell.
    pub state: S,
    /// A structure that the function keeps from step to step.
    pub loop_state: L,
}

/// The next step of [`raw_rnn`], as its function decides.
#[derive(Debug, Clone)]
pub struct RawNext<'g, T: TensorType, S, L> {
    /// Whether each sequence of the batch has ended.
    pub finished: Tensor<'g, bool>,
    /// The inputs of the next step.
    pub input: Tensor<'g, T>,
    /// The state of the next step.
    pub state: S,
    /// The output of the step before; before the first, a tensor of the shape that outputs have but for the batch, or
    /// `None` for that of the cell's outputs.
    pub emit: Option<Tensor<'g, T>>,
    /// A structure that the function keeps from step to step, `()` for nothing.
    pub loop_state: L,
}

options! {
    /// Options of [`raw_rnn`].
    ///
    /// ```
    /// use tfhub::rnn::RawRnnOptions;
    /// let options = RawRnnOptions::default().parallel_iterations(1).scope("decoder");
    /// ```
    #[derive(Debug, Clone)]
    RawRnnOptions {
        /// How many steps may run at once, as far as they do not need each other; 32 by default.
        parallel_iterations: i64 = 32;
        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        swap_memory: bool = false;
        /// The variable scope; `rnn` by default.
        scope: EnterScope = EnterScope::new("rnn"), impl Into<EnterScope> => scope.into();
    }
}

/// A network in a loop that a function steers: the array of its outputs, the state after the last step, and what the
/// function has kept (`tf.nn.raw_rnn`).
///
/// The function gets the number of steps made and the last of them, or `None` before the first, and decides whether each
/// sequence has ended and what the next step takes. Past the end of a sequence, its outputs are zeros and its state stays.
///
/// ```
/// use tfhub::ops::math;
/// use tfhub::rnn::{self, Cell, RawNext};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let lengths = g.placeholder::<i32>((2,));
/// let cell = rnn::gru_cell(4);
/// let (outputs, state, ()) = rnn::raw_rnn(
///     &g,
///     &cell,
///     |time, step| RawNext {
///         finished: math::greater_equal(time, lengths),
///         input: x,
///         state: step.as_ref().map_or_else(|| cell.zero_state(&g, 2), |step| step.state),
///         emit: step.map(|step| step.output),
///         loop_state: (),
///     },
///     (),
/// );
/// assert_eq!(outputs.stack().shape().to_string(), "[?, 2, 4]");
/// assert_eq!(state.shape().to_string(), "[2, 4]");
/// ```
///
/// Outputs are single tensors; the structures of Python's `emit_structure` are not there.
#[track_caller]
pub fn raw_rnn<'g, C: Cell<'g>, L>(
    g: &'g GraphBuilder,
    cell: C,
    loop_fn: impl FnMut(
        Tensor<'g, i32>,
        Option<RawStep<'g, C::Element, C::State, L>>,
    ) -> RawNext<'g, C::Element, C::State, L>,
    options: impl Into<RawRnnOptions>,
) -> (TensorArray<'g, C::Element>, C::State, L)
where
    L: IntoStructure<'g, Structure = L> + Structure<'g> + Clone,
{
    let options = options.into();
    let author = Location::caller();
    let scope = options.scope.clone();
    g.called_from(author, || {
        in_network_scope(g, scope, || steered(g, &cell, loop_fn, &options))
    })
}

/// The variables of the loop: the number of steps, the sequences that have ended, the inputs, the outputs so far, the
/// state, what the function keeps, and a number where that is nothing.
type Variables<'g, C, L> = (
    Tensor<'g, i32>,
    Tensor<'g, bool>,
    Tensor<'g, <C as Cell<'g>>::Element>,
    TensorArray<'g, <C as Cell<'g>>::Element>,
    <C as Cell<'g>>::State,
    L,
    Vec<AnyTensor<'g>>,
);

fn steered<'g, C: Cell<'g>, L>(
    g: &'g GraphBuilder,
    cell: &C,
    loop_fn: impl FnMut(
        Tensor<'g, i32>,
        Option<RawStep<'g, C::Element, C::State, L>>,
    ) -> RawNext<'g, C::Element, C::State, L>,
    options: &RawRnnOptions,
) -> (TensorArray<'g, C::Element>, C::State, L)
where
    L: IntoStructure<'g, Structure = L> + Structure<'g> + Clone,
{
    let n = Nodes(g);
    let loop_fn = RefCell::new(loop_fn);
    let next = |time, step| (loop_fn.borrow_mut())(time, step);
    let time = n.constant("Const", 0i32).typed::<i32>();
    let first = next(time, None);
    // Python carries a number through the loop where there is nothing to keep.
    let keeps = !tensors(g, &first.loop_state, "a loop state").is_empty();
    let filler = match keeps {
        true => Vec::new(),
        false => vec![n.constant("Const", 0i32)],
    };
    let input_shape = first.input.shape();
    let known_batch = dimension(&input_shape, 0);
    let batch_size = match known_batch {
        Some(batch) => Size::from(batch),
        None => Size::Tensor(n.at(n.shape(first.input), 0)),
    };
    let size = match first.emit {
        Some(emit) => match emit.shape().to_static().as_deref() {
            Some([size]) => *size,
            _ => {
                let shape = emit.shape();
                let message = format!(
                    "before the first step, `emit` is a vector of the size of the outputs; its shape is {shape}"
                );
                emit.any().report(Rule::Shape, &message);
                cell.output_size()
            }
        },
        None => cell.output_size(),
    };
    let array_options = TensorArrayOptions::default()
        .dynamic_size(true)
        .element_shape((known_batch, size));
    let emitted = g.named("rnn_output_0", || {
        TensorArray::<C::Element>::new(g, 0, array_options)
    });
    let zeros = zero_output(n, batch_size, size, C::Element::DTYPE);
    let condition = |(_, finished, ..): Variables<'g, C, L>| !math::reduce_all(finished, Axes::ALL);
    let body = |variables: Variables<'g, C, L>| {
        let (time, finished, input, emitted, state, loop_state, filler) = variables;
        let (output, after) = cell.call(input, state.clone());
        let next_time = n.add(time, 1).typed::<i32>();
        let step = RawStep {
            output,
            state: after,
            loop_state,
        };
        let next = next(next_time, Some(step));
        let emit = next.emit.unwrap_or_else(|| {
            g.report(
                Rule::Structure,
                "a step emits nothing, expected the output of the step",
            );
            zeros.typed()
        });
        let ended = finished.any();
        let emit = copy_some(n, ended, &[zeros], &[emit.any()]);
        let before = tensors(g, &state, "a part of the state");
        let after = tensors(g, &next.state, "a part of the state");
        let state = match is_same_structure(g, &before, &after) {
            true => pack(&state, &copy_some(n, ended, &before, &after)),
            false => state,
        };
        let emitted = emitted.write(time, emit[0].typed::<C::Element>());
        let finished = math::logical_or(finished, next.finished);
        (
            next_time,
            finished,
            next.input,
            emitted,
            state,
            next.loop_state,
            filler,
        )
    };
    let variables = (
        time,
        first.finished,
        first.input,
        emitted,
        first.state,
        first.loop_state,
        filler,
    );
    let options = WhileOptions::default()
        .parallel_iterations(options.parallel_iterations)
        .swap_memory(options.swap_memory);
    let (_, _, _, emitted, state, loop_state, _) =
        g.while_loop(variables, condition, body, options);
    (emitted, state, loop_state)
}
