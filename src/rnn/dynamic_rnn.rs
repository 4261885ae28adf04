//! `dynamic_rnn` and `bidirectional_dynamic_rnn`: networks that are loops over the steps.

use std::panic::Location;

use super::Cell;
use super::sequence::{
    Lengths, check_inputs, check_lengths, copy_some, dimension, flat, in_network_scope,
    is_same_structure, settled, zero_output,
};
use crate::control_flow::{TensorArray, TensorArrayOptions, WhileOptions};
use crate::dtype::{DType, TensorType};
use crate::graph::structure;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::math::less;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::IndexType;
use crate::ops::{Axes, Size};
use crate::shape::Shape;
use crate::variable::EnterScope;

/// How a network runs in a loop.
#[derive(Debug, Clone)]
struct Run<'g> {
    sequence_length: Option<Arg<'g>>,
    parallel_iterations: i64,
    swap_memory: bool,
    time_major: bool,
}

impl Default for Run<'_> {
    fn default() -> Self {
        Run {
            sequence_length: None,
            parallel_iterations: 32,
            swap_memory: false,
            time_major: false,
        }
    }
}

/// The options of a network in a loop, whose fields are `run` and `scope`.
macro_rules! run_options {
    ($scope:literal) => {
        /// The number of steps of each sequence of the batch; by default all have as many as the inputs.
        ///
        /// Past the end of a sequence, its outputs are zeros and its state stays.
        pub fn sequence_length<I: IndexType>(mut self, lengths: impl Operand<'g, I>) -> Self {
            self.run.sequence_length = Some(Arg::of(lengths));
            self
        }

        /// How many steps may run at once, as far as they do not need each other; 32 by default.
        pub fn parallel_iterations(mut self, parallel_iterations: i64) -> Self {
            self.run.parallel_iterations = parallel_iterations;
            self
        }

        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        pub fn swap_memory(mut self, swap_memory: bool) -> Self {
            self.run.swap_memory = swap_memory;
            self
        }

        /// Whether inputs and outputs have the steps as their first dimension, and the batch as the second; by default it
        /// is the other way round.
        pub fn time_major(mut self, time_major: bool) -> Self {
            self.run.time_major = time_major;
            self
        }

        #[doc = concat!("The variable scope; `", $scope, "` by default.")]
        pub fn scope(mut self, scope: impl Into<EnterScope>) -> Self {
            self.scope = scope.into();
            self
        }
    };
}

/// The state before the first step, the lengths of the sequences and further options of [`dynamic_rnn`].
#[derive(Debug)]
pub struct DynamicRnnOptions<'g, S> {
    initial_state: Option<S>,
    run: Run<'g>,
    scope: EnterScope,
}

impl<S> Default for DynamicRnnOptions<'_, S> {
    fn default() -> Self {
        DynamicRnnOptions {
            initial_state: None,
            run: Run::default(),
            scope: EnterScope::new("rnn"),
        }
    }
}

/// The defaults of all.
impl<S> From<()> for DynamicRnnOptions<'_, S> {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<'g, S> DynamicRnnOptions<'g, S> {
    /// The state before the first step; zeros by default.
    pub fn initial_state(mut self, state: S) -> Self {
        self.initial_state = Some(state);
        self
    }

    run_options!("rnn");
}

/// A network that is a loop over the steps of its inputs: the outputs of all steps and the state after the last
/// (`tf.nn.dynamic_rnn`).
///
/// The inputs have the shape `[batch size, steps, size, ..]`, of which the sizes after the second are known.
///
/// ```
/// use tfhub::rnn::{self, DynamicRnnOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, None, 3));
/// let lengths = g.placeholder::<i32>((None,));
/// let options = DynamicRnnOptions::default().sequence_length(lengths);
/// let (outputs, state) = rnn::dynamic_rnn(rnn::basic_lstm_cell(4), x, options);
/// assert_eq!((outputs.shape().to_string(), state.h.shape().to_string()), ("[?, ?, 4]".into(), "[?, 4]".into()));
/// assert_eq!(g.operation("rnn/while/basic_lstm_cell/MatMul")?.op(), "MatMul");
/// # Ok::<(), tfhub::Error>(())
/// ```
///
/// Reported are inputs of unknown size, lengths that are no vector, and steps that change the structure of the state.
#[track_caller]
pub fn dynamic_rnn<'g, C: Cell<'g>>(
    cell: C,
    inputs: Tensor<'g, C::Element>,
    options: impl Into<DynamicRnnOptions<'g, C::State>>,
) -> (Tensor<'g, C::Element>, C::State) {
    let DynamicRnnOptions {
        initial_state,
        run,
        scope,
    } = options.into();
    let g = inputs.graph();
    g.called_from(Location::caller(), || {
        network(&cell, inputs, initial_state, run, scope)
    })
}

/// The network in its scope.
fn network<'g, C: Cell<'g>>(
    cell: &C,
    inputs: Tensor<'g, C::Element>,
    initial_state: Option<C::State>,
    run: Run<'g>,
    scope: impl Into<EnterScope>,
) -> (Tensor<'g, C::Element>, C::State) {
    let g = inputs.graph();
    in_network_scope(g, scope, || {
        let time_major = run.time_major;
        let (outputs, state) = checked(cell, inputs, initial_state, run);
        let outputs = match time_major {
            true => outputs,
            false => transpose_batch_time(outputs),
        };
        (outputs, state)
    })
}

/// Steps and batch in the other order.
fn transpose_batch_time<'g, T: TensorType>(x: Tensor<'g, T>) -> Tensor<'g, T> {
    let (n, shape) = (Nodes(x.graph()), x.shape());
    if x.any().is_poison() || shape.rank().is_some_and(|rank| rank < 2) {
        return x;
    }
    let rank = n.rank(x);
    let rest = n.range(2, rank);
    let order = n.concat(vec![[1, 0].into(), rest.into()], 0);
    let transposed = n.transpose(x.any(), order);
    if let Some([first, second, rest @ ..]) = shape.dims() {
        transposed.set_shape([&[*second, *first], rest].concat().as_slice());
    }
    transposed.typed()
}

/// The number of sequences in inputs of which the steps are the first dimension.
fn batch_size<'g>(n: Nodes<'g>, inputs: AnyTensor<'g>) -> Size<'g> {
    match dimension(&inputs.shape(), 1) {
        Some(size) => size.into(),
        None => Size::Tensor(n.at(n.shape(inputs), 1)),
    }
}

/// The loop over inputs and lengths that have been looked at; the outputs have the steps as their first dimension.
fn checked<'g, C: Cell<'g>>(
    cell: &C,
    inputs: Tensor<'g, C::Element>,
    initial_state: Option<C::State>,
    run: Run<'g>,
) -> (Tensor<'g, C::Element>, C::State) {
    let n = Nodes(inputs.graph());
    if !check_inputs(inputs.any(), "the inputs", (3, 2)) {
        let state = initial_state.unwrap_or_else(|| cell.zeros(n.0, 1.into()));
        return (
            AnyTensor::poison(n.0).typed(),
            structure::poisoned(n.0, &state),
        );
    }
    let inputs = match run.time_major {
        true => inputs,
        false => transpose_batch_time(inputs),
    };
    let lengths = run.sequence_length.clone().map(|lengths| {
        let lengths = n.cast(lengths, DType::Int32);
        check_lengths(lengths);
        n.identity("sequence_length", lengths)
    });
    let batch = batch_size(n, inputs.any());
    let state = initial_state.unwrap_or_else(|| cell.zeros(n.0, batch));
    let lengths = lengths.map(|lengths| {
        let shape = n.shape(lengths);
        let expected = n.stack(vec![batch.into()]);
        let equal = n.binary("Equal", shape, expected);
        let all = n.reduce("All", equal, Axes::ALL);
        let text = format!("Expected shape for Tensor {} is ", lengths.name());
        let data = vec![
            Arg::from(text.as_str()),
            expected.into(),
            " but saw shape: ".into(),
            shape.into(),
        ];
        let assert = n.assert(all, data, None);
        n.0.control_dependencies([assert], || n.identity("CheckSeqLen", lengths))
    });
    steps(n, cell, inputs, state, lengths, &run)
}

/// The loop.
fn steps<'g, C: Cell<'g>>(
    n: Nodes<'g>,
    cell: &C,
    inputs: Tensor<'g, C::Element>,
    state: C::State,
    lengths: Option<AnyTensor<'g>>,
    run: &Run<'g>,
) -> (Tensor<'g, C::Element>, C::State) {
    let (g, shape, size) = (n.0, inputs.shape(), cell.output_size());
    let dims = shape.dims().unwrap_or_default();
    let (known_steps, known_batch) = (dims[0], dims[1]);
    let step_shape = Shape::from(&dims[1..]);
    let all_steps = n.at(n.shape(inputs), 0);
    let batch = batch_size(n, inputs.any());
    let zeros = zero_output(n, batch, size, C::Element::DTYPE);
    let lengths = lengths.map(|lengths| Lengths::of(n, lengths));
    let most = lengths.map_or(all_steps, |lengths| lengths.max);
    let time = n.constant("time", 0i32).typed::<i32>();
    let base = n.open_scope("dynamic_rnn").to_string();
    let array = |name: &str, element_shape: Shape| {
        let options = TensorArrayOptions::default().element_shape(element_shape);
        let options = options.tensor_array_name(format!("{base}{name}"));
        TensorArray::<C::Element>::new(g, all_steps.typed::<i32>(), options)
    };
    let outputs = array("output_0", (known_batch, size).into());
    let rows = array("input_0", step_shape.clone()).unstack(inputs);
    let least = n.maximum(1, most);
    let bound = n.minimum(all_steps, least).typed::<i32>();
    let options = WhileOptions::default()
        .parallel_iterations(run.parallel_iterations)
        .swap_memory(run.swap_memory)
        .maximum_iterations(all_steps.typed::<i32>());
    let turn =
        |(time, outputs, state): (Tensor<'g, i32>, TensorArray<'g, C::Element>, C::State)| {
            let input = rows.read(time);
            input.set_shape(step_shape.clone());
            let (output, state) = match lengths {
                None => cell.call(input, state),
                Some(lengths) => {
                    let before = flat::<C>(g, &(zeros.typed(), state.clone()));
                    let ended = n.binary("GreaterEqual", time, lengths.all);
                    let after = flat::<C>(g, &cell.call(input, state.clone()));
                    if !is_same_structure(g, &before, &after) {
                        return (time, outputs, state);
                    }
                    let copied = copy_some(n, ended, &before, &after);
                    settled::<C>(&before, &copied, &state)
                }
            };
            let outputs = outputs.write(time, output);
            (n.add(time, 1).typed(), outputs, state)
        };
    let (_, outputs, state) = g.while_loop(
        (time, outputs, state),
        |(time, ..)| less(time, bound),
        turn,
        options,
    );
    let outputs = outputs.stack();
    // Python looks at the sizes once more, of which it makes tensors again.
    if let (Some(steps), Some(batch)) = (known_steps, known_batch) {
        n.constant("Const", [steps as i32, batch as i32]);
    }
    n.constant("Const", [size as i32]);
    outputs.set_shape((known_steps, known_batch, size));
    (outputs, state)
}

/// The states before the first steps, the lengths of the sequences and further options of [`bidirectional_dynamic_rnn`].
#[derive(Debug)]
pub struct BidirectionalDynamicRnnOptions<'g, F, B> {
    initial_state_fw: Option<F>,
    initial_state_bw: Option<B>,
    run: Run<'g>,
    scope: EnterScope,
}

impl<F, B> Default for BidirectionalDynamicRnnOptions<'_, F, B> {
    fn default() -> Self {
        BidirectionalDynamicRnnOptions {
            initial_state_fw: None,
            initial_state_bw: None,
            run: Run::default(),
            scope: EnterScope::new("bidirectional_rnn"),
        }
    }
}

/// The defaults of all.
impl<F, B> From<()> for BidirectionalDynamicRnnOptions<'_, F, B> {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<'g, F, B> BidirectionalDynamicRnnOptions<'g, F, B> {
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

    run_options!("bidirectional_rnn");
}

/// Two networks that are loops over the same inputs, the second from the last step to the first: the outputs of both and
/// the states after the last steps of both (`tf.nn.bidirectional_dynamic_rnn`).
///
/// ```
/// use tfhub::{ops::array, rnn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 5, 3));
/// let (outputs, _) = rnn::bidirectional_dynamic_rnn(rnn::gru_cell(4), rnn::gru_cell(4), x, ());
/// let both = array::concat(&g, [outputs.0, outputs.1], 2);
/// assert_eq!(both.shape().to_string(), "[?, 5, 8]");
/// ```
#[track_caller]
#[expect(clippy::type_complexity, reason = "two outputs and two states")]
pub fn bidirectional_dynamic_rnn<'g, F: Cell<'g>, B: Cell<'g, Element = F::Element>>(
    cell_fw: F,
    cell_bw: B,
    inputs: Tensor<'g, F::Element>,
    options: impl Into<BidirectionalDynamicRnnOptions<'g, F::State, B::State>>,
) -> (
    (Tensor<'g, F::Element>, Tensor<'g, F::Element>),
    (F::State, B::State),
) {
    let BidirectionalDynamicRnnOptions {
        initial_state_fw,
        initial_state_bw,
        run,
        scope,
    } = options.into();
    let g = inputs.graph();
    let reversed = |x: Tensor<'g, F::Element>| {
        let (time, batch) = match run.time_major {
            true => (0, 1),
            false => (1, 0),
        };
        reversed(x, &run.sequence_length, time, batch)
    };
    g.called_from(Location::caller(), || {
        let (forward, backward) = g.variable_scope(scope, |_| {
            let forward = g.variable_scope("fw", |scope| {
                network(&cell_fw, inputs, initial_state_fw, run.clone(), scope)
            });
            let backward = g.variable_scope("bw", |scope| {
                network(
                    &cell_bw,
                    reversed(inputs),
                    initial_state_bw,
                    run.clone(),
                    scope,
                )
            });
            (forward, backward)
        });
        ((forward.0, reversed(backward.0)), (forward.1, backward.1))
    })
}

/// The steps from the last to the first, for each sequence as far as it is long.
fn reversed<'g, T: TensorType>(
    x: Tensor<'g, T>,
    lengths: &Option<Arg<'g>>,
    time: i64,
    batch: i64,
) -> Tensor<'g, T> {
    let n = Nodes(x.graph());
    match lengths {
        Some(lengths) => {
            let reversed = n.op("ReverseSequence").input(x).input(lengths);
            let reversed = reversed.attr("seq_dim", time).attr("batch_dim", batch);
            reversed.typed()
        }
        None => n.binary("ReverseV2", x, [time as i32]).typed(),
    }
}
