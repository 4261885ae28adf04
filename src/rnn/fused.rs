//! `LSTMBlockFusedCell` of `tf.contrib.rnn`: an LSTM over a whole sequence in one node.

use std::fmt;

use super::LstmStateTuple;
use super::block::{LstmWeights, block_options, lstm_weights, peepholes, with_weights};
use super::step::{forget_bias, name};
use crate::dtype::DType;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::layers::base::{Base, Fixed, Kind, Name, Sizes, State, WeightScope};
use crate::ops::array::{gather_nd, sequence_mask, stack};
use crate::ops::math::Axes;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::ops::{Size, Sizes as OpSizes};
use crate::shape::Shape;
use crate::value::TensorValue;
use crate::variable::Reuse;

/// An LSTM over a whole sequence in one node, of float32 or half precision (`tf.contrib.rnn.LSTMBlockFusedCell`).
///
/// ```
/// use tfhub::rnn::{self, FusedOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, None, 3));
/// let lengths = g.placeholder::<i32>((None,));
/// let cell = rnn::lstm_block_fused_cell(4);
/// let (outputs, state) = cell.call(x, FusedOptions::default().sequence_length(lengths));
/// assert_eq!(outputs.shape().to_string(), "[?, ?, 4]");
/// assert_eq!(state.h.name(), "lstm_fused_cell/GatherNd_1:0");
/// ```
pub fn lstm_block_fused_cell<'g, T: Float>(units: usize) -> LstmBlockFusedCell<'g, T> {
    LstmBlockFusedCell {
        base: Base::default(),
        units,
        forget_bias: 1.0,
        cell_clip: None,
        use_peephole: false,
        built: State::new(),
    }
}

/// An LSTM that [`lstm_block_fused_cell`] makes; it is no [`Cell`](super::Cell), but takes all steps at once.
pub struct LstmBlockFusedCell<'g, T: Float = f32> {
    base: Base,
    units: usize,
    forget_bias: f64,
    cell_clip: Option<f64>,
    use_peephole: bool,
    built: State<'g, LstmWeights<'g, T>>,
}

/// The state before the first step and the lengths of the sequences of [`LstmBlockFusedCell::call`].
#[derive(Debug)]
pub struct FusedOptions<'g, T: Float> {
    initial_state: Option<LstmStateTuple<'g, T>>,
    sequence_length: Option<Arg<'g>>,
}

impl<T: Float> Default for FusedOptions<'_, T> {
    fn default() -> Self {
        FusedOptions {
            initial_state: None,
            sequence_length: None,
        }
    }
}

defaults!(FusedOptions<'g, T: Float>);

impl<'g, T: Float> FusedOptions<'g, T> {
    /// The state before the first step; zeros by default.
    pub fn initial_state(mut self, state: LstmStateTuple<'g, T>) -> Self {
        self.initial_state = Some(state);
        self
    }

    /// The number of steps of each sequence of the batch; by default all have as many as there are.
    pub fn sequence_length(mut self, lengths: impl Operand<'g, i32>) -> Self {
        self.sequence_length = Some(Arg::of(lengths));
        self
    }
}

impl<'g, T: Float> LstmBlockFusedCell<'g, T> {
    name!("lstm_fused_cell");
    block_options!();

    /// Whether the variables are made or found. With anything but [`Reuse::No`] the name of the variable scope is taken as
    /// it is.
    pub fn reuse(mut self, reuse: Reuse) -> Self {
        self.base.reuse = reuse;
        self
    }

    /// Makes all steps: the outputs, of shape `[steps, batch size, units]`, and the state after the last.
    ///
    /// The inputs have the shape `[steps, batch size, size]`, of which the last is known.
    #[track_caller]
    pub fn call(
        &self,
        inputs: Tensor<'g, T>,
        options: impl Into<FusedOptions<'g, T>>,
    ) -> (Tensor<'g, T>, LstmStateTuple<'g, T>) {
        let options = options.into();
        let g = inputs.graph();
        let made = self
            .built
            .enter(self, inputs, |weights| self.steps(inputs, options, weights));
        made.unwrap_or_else(|| {
            let poison = AnyTensor::poison(g).typed();
            (
                poison,
                LstmStateTuple {
                    c: poison,
                    h: poison,
                },
            )
        })
    }

    fn steps(
        &self,
        inputs: Tensor<'g, T>,
        options: FusedOptions<'g, T>,
        weights: LstmWeights<'g, T>,
    ) -> (Tensor<'g, T>, LstmStateTuple<'g, T>) {
        let n = Nodes(inputs.graph());
        let batch_size = size(n, inputs, 1);
        let steps = size(n, inputs, 0);
        let initial = options.initial_state.unwrap_or_else(|| {
            let shape = n.stack(vec![batch_size.into(), (self.units as i32).into()]);
            let zeros = n
                .filled("zeros", 0.0, T::DTYPE, OpSizes::from(shape))
                .typed();
            LstmStateTuple { c: zeros, h: zeros }
        });
        let lengths = options.sequence_length;
        let lengths = lengths.map(|lengths| lengths.convert(n.0, "Const", DType::Int32));
        let (cells, outputs) = self.block(n, inputs, initial, lengths, weights);
        let Some(lengths) = lengths else {
            let [c, h] = [cells, outputs].map(|all| n.at(all, -1).typed());
            return (outputs.typed(), LstmStateTuple { c, h });
        };
        let mask = sequence_mask::<T, i32>(lengths.typed::<i32>(), Some(steps)).any();
        let mask = n.transpose(mask, [1, 0]);
        let expand = |x: AnyTensor<'g>, axis: i32| {
            n.call(("ExpandDims", "ExpandDims"), [x.into(), [axis].into()])
        };
        let mask = expand(mask, -1);
        let mask = n.binary("Tile", mask, [1, 1, self.units as i32]);
        let outputs = n.mul(outputs, mask);
        let join = |first: Tensor<'g, T>, all: AnyTensor<'g>| {
            n.concat(vec![expand(first.any(), 0).into(), all.into()], 0)
        };
        let (all_cells, all_outputs) = (join(initial.c, cells), join(initial.h, outputs));
        let last = |all: AnyTensor<'g>| {
            let rows = n.range(0, batch_size).typed::<i32>();
            let at = stack(n.0, [lengths.typed::<i32>(), rows], 1);
            gather_nd(all.typed::<T>(), at, ())
        };
        let (c, h) = (last(all_cells), last(all_outputs));
        (outputs.typed(), LstmStateTuple { c, h })
    }

    /// The node: the cell states and the outputs of all steps.
    fn block(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        initial: LstmStateTuple<'g, T>,
        lengths: Option<AnyTensor<'g>>,
        (weights, diagonals): LstmWeights<'g, T>,
    ) -> (AnyTensor<'g>, AnyTensor<'g>) {
        let steps = size(n, inputs, 0);
        let diagonals = peepholes(n, self.units, diagonals);
        let most = match (lengths, steps) {
            (Some(lengths), _) => n.reduce("Max", lengths, Axes::ALL).into(),
            (None, Size::Tensor(steps)) => steps.into(),
            (None, Size::Known(steps)) => Arg::Value(TensorValue::scalar(steps as i32)),
        };
        let call = n
            .op("BlockLSTM")
            .input(n.cast(most, DType::Int64))
            .input(inputs);
        let call = call.input(initial.c).input(initial.h);
        let options = (self.forget_bias, self.cell_clip, self.use_peephole);
        let made = with_weights(call, weights, diagonals, options).finish();
        (made.output(1), made.output(6))
    }
}

/// A size of the inputs, as a number if it is known.
fn size<'g, T: Float>(n: Nodes<'g>, inputs: Tensor<'g, T>, axis: usize) -> Size<'g> {
    match inputs.shape().dims().and_then(|dims| dims[axis]) {
        Some(size) => Size::from(size),
        None => Size::Tensor(n.at(n.shape(inputs), axis as i32)),
    }
}

impl<'g, T: Float> Kind<'g> for LstmBlockFusedCell<'g, T> {
    type Element = T;
    type Weights = LstmWeights<'g, T>;

    const NAME: &'static str = "lstm_fused_cell";
    const INPUTS: &'static str = "inputs of rank 3 whose last dimension is known";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        match inputs.dims()? {
            [_, _, depth] => Some(Sizes::from_iter([(0, *depth)])),
            _ => None,
        }
    }

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        lstm_weights(scope, fixed, self.units, self.use_peephole)
    }
}

impl<T: Float> fmt::Debug for LstmBlockFusedCell<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LstmBlockFusedCell")
            .field("units", &self.units)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
