//! `LSTMBlockCell` and `GRUBlockCellV2` of `tf.contrib.rnn`: cells whose step is one node.

use std::fmt;

use super::step::{Step, call, cell, depth, forget_bias, name, takes_a_matrix, weight, zeros};
use super::{Cell, LstmStateTuple};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::init;
use crate::layers::base::{Base, Fixed, Kind, Name, State, WeightScope};
use crate::ops::Size;
use crate::ops::nodes::{Arg, Call, Nodes};
use crate::ops::types::Float;
use crate::variable::{Reuse, Variable};

/// The variables of an LSTM in one node: kernel and bias, the peepholes of the input, forget and output gates.
pub(super) type LstmWeights<'g, T> = (
    (Variable<'g, T>, Variable<'g, T>),
    Option<[Variable<'g, T>; 3]>,
);

/// Makes the variables of an LSTM in one node.
pub(super) fn lstm_weights<'g, T: Float>(
    scope: &WeightScope<'g>,
    fixed: &Fixed,
    units: usize,
    use_peephole: bool,
) -> LstmWeights<'g, T> {
    let kernel = weight(scope, "kernel", &[depth(fixed) + units, 4 * units], None);
    let bias = weight(scope, "bias", &[4 * units], Some(&init::constant(0.0)));
    let diagonal = |name| weight(scope, name, &[units], None);
    let diagonals = || ["w_i_diag", "w_f_diag", "w_o_diag"].map(diagonal);
    ((kernel, bias), use_peephole.then(diagonals))
}

/// The peepholes of a node, which are zeros where it has none.
pub(super) fn peepholes<'g, T: Float>(
    n: Nodes<'g>,
    units: usize,
    weights: Option<[Variable<'g, T>; 3]>,
) -> [Arg<'g>; 3] {
    match weights {
        Some(weights) => weights.map(Arg::of),
        None => {
            let zeros = n.filled("zeros", 0.0, T::DTYPE, [units].into());
            [zeros; 3].map(Arg::from)
        }
    }
}

/// The inputs and attributes that the ops of a step and of a sequence share.
pub(super) fn with_weights<'g, T: Float>(
    call: Call<'g>,
    (kernel, bias): (Variable<'g, T>, Variable<'g, T>),
    [input, forget, output]: [Arg<'g>; 3],
    (forget_bias, cell_clip, use_peephole): (f64, Option<f64>, bool),
) -> Call<'g> {
    let call = call
        .arg(kernel)
        .input(input)
        .input(forget)
        .input(output)
        .arg(bias);
    call.attr("forget_bias", forget_bias as f32)
        .attr("cell_clip", cell_clip.unwrap_or(-1.0) as f32)
        .attr("use_peephole", use_peephole)
}

/// The options of an LSTM in one node.
macro_rules! block_options {
    () => {
        forget_bias!();

        /// The greatest absolute value of the cell state.
        pub fn cell_clip(mut self, cell_clip: impl Into<Option<f64>>) -> Self {
            self.cell_clip = cell_clip.into();
            self
        }

        /// Whether the gates see the cell state; they do not by default.
        pub fn use_peephole(mut self, use_peephole: bool) -> Self {
            self.use_peephole = use_peephole;
            self
        }
    };
}

pub(super) use block_options;

/// A basic LSTM cell whose step is one node, of float32 or half precision (`tf.contrib.rnn.LSTMBlockCell`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::lstm_block_cell(4).use_peephole(true);
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.name(), state.c.name()), ("lstm_cell/LSTMBlockCell:6".into(), "lstm_cell/LSTMBlockCell:1".into()));
/// ```
pub fn lstm_block_cell<'g, T: Float>(units: usize) -> LstmBlockCell<'g, T> {
    LstmBlockCell {
        base: Base::default(),
        units,
        forget_bias: 1.0,
        cell_clip: None,
        use_peephole: false,
        built: State::new(),
    }
}

/// A cell that [`lstm_block_cell`] makes.
pub struct LstmBlockCell<'g, T: Float = f32> {
    base: Base,
    units: usize,
    forget_bias: f64,
    cell_clip: Option<f64>,
    use_peephole: bool,
    built: State<'g, LstmWeights<'g, T>>,
}

cell! { LstmBlockCell, LstmStateTuple<'g, T> }

impl<'g, T: Float> LstmBlockCell<'g, T> {
    name!("lstm_cell");
    block_options!();
}

impl<'g, T: Float> Kind<'g> for LstmBlockCell<'g, T> {
    type Element = T;
    type Weights = LstmWeights<'g, T>;

    const NAME: &'static str = "lstm_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        lstm_weights(scope, fixed, self.units, self.use_peephole)
    }
}

impl<'g, T: Float> Step<'g> for LstmBlockCell<'g, T> {
    type State = LstmStateTuple<'g, T>;

    const CLASS: &'static str = "LSTMBlockCell";
    const FILTER: &'static [bool] = &[false, true];

    fn built(&self) -> &State<'g, Self::Weights> {
        &self.built
    }

    fn units(&self) -> usize {
        self.units
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        LstmStateTuple { c, h }: Self::State,
        (weights, diagonals): Self::Weights,
    ) -> (Tensor<'g, T>, Self::State) {
        let diagonals = peepholes(n, self.units, diagonals);
        let call = n.op("LSTMBlockCell").input(inputs).input(c).input(h);
        let options = (self.forget_bias, self.cell_clip, self.use_peephole);
        let made = with_weights(call, weights, diagonals, options).finish();
        let [c, h] = [1, 6].map(|index| made.output(index).typed());
        (h, LstmStateTuple { c, h })
    }
}

/// A cell of gated recurrent units whose step is one node, of float32 (`tf.contrib.rnn.GRUBlockCellV2`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::gru_block_cell_v2(4);
/// let (output, _) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!(output.name(), "gru_cell/GRUBlockCell:3");
/// ```
pub fn gru_block_cell_v2<'g, T: Float>(units: usize) -> GruBlockCellV2<'g, T> {
    GruBlockCellV2 {
        base: Base::default(),
        units,
        built: State::new(),
    }
}

/// A cell that [`gru_block_cell_v2`] makes.
pub struct GruBlockCellV2<'g, T: Float = f32> {
    base: Base,
    units: usize,
    built: State<'g, [Variable<'g, T>; 4]>,
}

cell! { GruBlockCellV2, Tensor<'g, T> }

impl<'g, T: Float> GruBlockCellV2<'g, T> {
    name!("gru_cell");
}

impl<'g, T: Float> Kind<'g> for GruBlockCellV2<'g, T> {
    type Element = T;
    /// Kernel and bias of the gates, and of the candidates.
    type Weights = [Variable<'g, T>; 4];

    const NAME: &'static str = "gru_cell";
    takes_a_matrix!();

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (units, rows) = (self.units, depth(fixed) + self.units);
        [
            weight(scope, "gates/kernel", &[rows, 2 * units], None),
            weight(
                scope,
                "gates/bias",
                &[2 * units],
                Some(&init::constant(1.0)),
            ),
            weight(scope, "candidate/kernel", &[rows, units], None),
            weight(
                scope,
                "candidate/bias",
                &[units],
                Some(&init::constant(0.0)),
            ),
        ]
    }
}

impl<'g, T: Float> Step<'g> for GruBlockCellV2<'g, T> {
    type State = Tensor<'g, T>;

    const CLASS: &'static str = "GRUBlockCellV2";
    const FILTER: &'static [bool] = &[true];

    fn built(&self) -> &State<'g, Self::Weights> {
        &self.built
    }

    fn units(&self) -> usize {
        self.units
    }

    fn step(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        state: Self::State,
        [gates, gates_bias, candidate, candidate_bias]: Self::Weights,
    ) -> (Tensor<'g, T>, Self::State) {
        let call = n.op("GRUBlockCell").input(inputs).input(state);
        let call = call
            .arg(gates)
            .arg(candidate)
            .arg(gates_bias)
            .arg(candidate_bias);
        let made: AnyTensor<'_> = call.finish().output(3);
        (made.typed(), made.typed())
    }
}
