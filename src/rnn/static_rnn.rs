//! `static_rnn` and `static_bidirectional_rnn`: networks unrolled step by step.

use std::panic::Location;

use super::Cell;
use super::sequence::{
    Lengths, check_inputs, check_lengths, dimension, in_network_scope, step_of_some, zero_output,
};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::Size;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::IndexType;
use crate::variable::EnterScope;

/// The state before the first step, the lengths of the sequences and the variable scope of [`static_rnn`].
#[derive(Debug)]
pub struct StaticRnnOptions<'g, S> {
    initial_state: Option<S>,
    sequence_length: Option<Arg<'g>>,
    scope: EnterScope,
}

impl<S> Default for StaticRnnOptions<'_, S> {
    fn default() -> Self {
        StaticRnnOptions {
            initial_state: None,
            sequence_length: None,
            scope: EnterScope::new("rnn"),
        }
    }
}

/// The defaults of all.
impl<S> From<()> for StaticRnnOptions<'_, S> {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<'g, S> StaticRnnOptions<'g, S> {
    /// The state before the first step; zeros by default.
    pub fn initial_state(mut self, state: S) -> Self {
        self.initial_state = Some(state);
        self
    }

    /// The number of steps of each sequence of the batch; by default all have as many as there are inputs.
    ///
    /// Past the end of a sequence, its outputs are zeros and its state stays.
    pub fn sequence_length<I: IndexType>(mut self, lengths: impl Operand<'g, I>) -> Self {
        self.sequence_length = Some(Arg::of(lengths));
        self
    }

    /// The variable scope; `rnn` by default.
    pub fn scope(mut self, scope: impl Into<EnterScope>) -> Self {
        self.scope = scope.into();
        self
    }
}

/// A network unrolled over its inputs, one for each step: the outputs of all steps and the state after the last
/// (`tf.nn.static_rnn`).
///
/// ```
/// use tfhub::rnn::{self, StaticRnnOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let lengths = g.placeholder::<i32>((2,));
/// let options = StaticRnnOptions::default().sequence_length(lengths);
/// let (outputs, state) = rnn::static_rnn(&g, rnn::basic_lstm_cell(4), &[x, x, x], options);
/// assert_eq!((outputs.len(), state.h.shape().to_string()), (3, "[2, 4]".into()));
/// assert_eq!(g.operation("rnn/basic_lstm_cell/kernel")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
///
/// Reported are no inputs at all, inputs of unknown size, and lengths that are no vector.
#[track_caller]
pub fn static_rnn<'g, C: Cell<'g>>(
    g: &'g GraphBuilder,
    cell: C,
    inputs: &[Tensor<'g, C::Element>],
    options: impl Into<StaticRnnOptions<'g, C::State>>,
) -> (Vec<Tensor<'g, C::Element>>, C::State) {
    let StaticRnnOptions {
        initial_state,
        sequence_length,
        scope,
    } = options.into();
    g.called_from(Location::caller(), || {
        in_network_scope(g, scope, || {
            unroll(g, &cell, inputs, initial_state, sequence_length)
        })
    })
}

fn unroll<'g, C: Cell<'g>>(
    g: &'g GraphBuilder,
    cell: &C,
    inputs: &[Tensor<'g, C::Element>],
    initial_state: Option<C::State>,
    sequence_length: Option<Arg<'g>>,
) -> (Vec<Tensor<'g, C::Element>>, C::State) {
    let n = Nodes(g);
    let unusable = |state: Option<C::State>| {
        let state = state.unwrap_or_else(|| cell.zeros(g, 1.into()));
        let outputs = vec![AnyTensor::poison(g).typed(); inputs.len()];
        (outputs, structure::poisoned(g, &state))
    };
    let Some(first) = inputs.first() else {
        g.report(
            Rule::Inputs,
            "a network has no inputs, expected one for each step",
        );
        return unusable(initial_state);
    };
    let are_known = inputs.iter().enumerate().fold(true, |known, (at, inputs)| {
        known & check_inputs(inputs.any(), format_args!("input {at}"), (2, 1))
    });
    if !are_known {
        return unusable(initial_state);
    }
    let batch = dimension(&first.shape(), 0).filter(|&batch| batch > 0);
    for (at, input) in inputs.iter().enumerate() {
        let size = dimension(&input.shape(), 0);
        if let (Some(expected), Some(found)) = (batch, size.filter(|_| size != batch)) {
            let message = format!("input {at} has the batch size {found}, input 0 has {expected}");
            input.any().report(Rule::Shape, &message);
        }
    }
    let batch_size = match batch {
        Some(batch) => Size::from(batch),
        None => Size::Tensor(n.at(n.shape(*first), 0)),
    };
    let mut state = initial_state.unwrap_or_else(|| cell.zeros(g, batch_size));
    let lengths = sequence_length.map(|lengths| {
        let lengths = lengths.convert(g, "sequence_length", DType::Int32);
        check_lengths(lengths);
        let size = cell.output_size();
        let zeros = zero_output(n, batch_size, size, C::Element::DTYPE);
        // Python looks at the sizes once more, of which it makes tensors again.
        if let Some(batch) = batch {
            n.constant("Const", [batch as i32]);
            zeros.set_shape((batch, size));
        }
        n.constant("Const", [size as i32]);
        (Lengths::of(n, n.cast(lengths, DType::Int32)), zeros)
    });
    let mut outputs = Vec::with_capacity(inputs.len());
    for (time, &input) in inputs.iter().enumerate() {
        if time > 0 {
            g.reuse_variables();
        }
        let (output, after) = match lengths {
            Some((lengths, zeros)) => {
                step_of_some(cell, (input, state), time as i32, lengths, zeros)
            }
            None => cell.call(input, state),
        };
        outputs.push(output);
        state = after;
    }
    (outputs, state)
}

/// The states before the first steps, the lengths of the sequences and the variable scope of [`static_bidirectional_rnn`].
#[derive(Debug)]
pub struct StaticBidirectionalRnnOptions<'g, F, B> {
    initial_state_fw: Option<F>,
    initial_state_bw: Option<B>,
    sequence_length: Option<Arg<'g>>,
    scope: EnterScope,
}

impl<F, B> Default for StaticBidirectionalRnnOptions<'_, F, B> {
    fn default() -> Self {
        StaticBidirectionalRnnOptions {
            initial_state_fw: None,
            initial_state_bw: None,
            sequence_length: None,
            scope: EnterScope::new("bidirectional_rnn"),
        }
    }
}

/// The defaults of all.
impl<F, B> From<()> for StaticBidirectionalRnnOptions<'_, F, B> {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<'g, F, B> StaticBidirectionalRnnOptions<'g, F, B> {
    /// The state before the first step of the cell that goes forward; zeros by default.
    pub fn initial_state_fw(mut self, state: F) -> Self {
        self.initial_state_fw = Some(state);
        self
    }

    /// The state before the first step of the cell that goes backward; zeros by default.
    pub fn initial_state_bw(mut self, state: B) -> Self {
        self.initial_state_bw = Some(state);
        self
    }

    /// The number of steps of each sequence of the batch; by default all have as many as there are inputs.
    pub fn sequence_length<I: IndexType>(mut self, lengths: impl Operand<'g, I>) -> Self {
        self.sequence_length = Some(Arg::of(lengths));
        self
    }

    /// The variable scope; `bidirectional_rnn` by default.
    pub fn scope(mut self, scope: impl Into<EnterScope>) -> Self {
        self.scope = scope.into();
        self
    }
}

/// Two networks unrolled over the same inputs, the second from the last to the first: for each step the outputs of both,
/// joined along their last dimension, and the states after the last steps (`tf.nn.static_bidirectional_rnn`).
///
/// ```
/// use tfhub::rnn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let (forward, backward) = (rnn::gru_cell(4), rnn::gru_cell(2));
/// let (outputs, _, _) = rnn::static_bidirectional_rnn(&g, forward, backward, &[x, x], ());
/// assert_eq!(outputs[0].shape().to_string(), "[2, 6]");
/// assert_eq!(g.operation("bidirectional_rnn/bw/gru_cell/gates/kernel")?.op(), "VarHandleOp");
/// # Ok::<(), tfhub::Error>(())
/// ```
#[track_caller]
pub fn static_bidirectional_rnn<'g, F: Cell<'g>, B: Cell<'g, Element = F::Element>>(
    g: &'g GraphBuilder,
    cell_fw: F,
    cell_bw: B,
    inputs: &[Tensor<'g, F::Element>],
    options: impl Into<StaticBidirectionalRnnOptions<'g, F::State, B::State>>,
) -> (Vec<Tensor<'g, F::Element>>, F::State, B::State) {
    let options = options.into();
    let lengths = options.sequence_length;
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let (forward, backward) = g.variable_scope(options.scope, |_| {
            let forward = g.variable_scope("fw", |scope| {
                let (state, lengths) = (options.initial_state_fw, lengths.clone());
                let unroll = || unroll(g, &cell_fw, inputs, state, lengths);
                in_network_scope(g, scope, unroll)
            });
            let backward = g.variable_scope("bw", |scope| {
                let (state, inputs) = (options.initial_state_bw, reversed(n, inputs, &lengths));
                let unroll = || unroll(g, &cell_bw, &inputs, state, lengths.clone());
                in_network_scope(g, scope, unroll)
            });
            (forward, backward)
        });
        let ((forward, state_fw), (backward, state_bw)) = (forward, backward);
        let backward = reversed(n, &backward, &lengths);
        let pairs = forward.into_iter().zip(backward);
        let outputs = pairs.map(|(fw, bw)| n.concat(vec![fw.into(), bw.into()], 1).typed());
        (outputs.collect(), state_fw, state_bw)
    })
}

/// The steps from the last to the first, for each sequence as far as it is long.
fn reversed<'g, T: TensorType>(
    n: Nodes<'g>,
    steps: &[Tensor<'g, T>],
    lengths: &Option<Arg<'g>>,
) -> Vec<Tensor<'g, T>> {
    let Some(lengths) = lengths.clone().filter(|_| !steps.is_empty()) else {
        return steps.iter().rev().copied().collect();
    };
    let joined = n.stack(steps.iter().map(|&step| step.into()).collect());
    let reversed = n.op("ReverseSequence").input(joined).input(lengths);
    let reversed = reversed
        .attr("seq_dim", 0i64)
        .attr("batch_dim", 1i64)
        .output();
    let steps = n.unstack(reversed, steps.len()).into_iter();
    steps.map(|step| step.typed()).collect()
}
