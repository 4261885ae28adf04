//! `DropoutWrapper`.

mod md5;

use std::fmt;
use std::panic::Location;

use super::Cell;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure::{pack, tensors};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::nn::{self, DropoutOptions, Scalar};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::uniform_of;
use crate::ops::types::Float;
use crate::ops::{Size, Sizes, constant_value};
use crate::value::TensorValue;

/// The part of some values that dropout keeps.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeepProb<'g> {
    Number(f64),
    Tensor(AnyTensor<'g>),
}

impl<'g> KeepProb<'g> {
    pub(super) fn of<T: TensorType>(scalar: Scalar<'g, T>) -> Self {
        match scalar.into_arg() {
            Arg::Tensor(tensor) => KeepProb::Tensor(tensor),
            Arg::Number(number) => KeepProb::Number(number),
            _ => unreachable!("a scalar is a number or a tensor"),
        }
    }

    /// Whether anything may be dropped.
    pub(super) fn drops(self) -> bool {
        !matches!(self, KeepProb::Number(number) if number >= 1.0)
    }

    fn arg(self) -> Arg<'g> {
        match self {
            KeepProb::Number(number) => number.into(),
            KeepProb::Tensor(tensor) => tensor.into(),
        }
    }

    /// The number that Python makes of an argument of the wrapper, for which it makes a constant of float32; a tensor
    /// whose value is known counts as a number.
    fn settled(self, n: Nodes<'g>, name: &str) -> Self {
        let value = match self {
            KeepProb::Tensor(tensor) => constant_value::of(tensor),
            KeepProb::Number(number) => {
                n.constant("Const", number as f32);
                Some(TensorValue::scalar(number as f32))
            }
        };
        let value = value.and_then(|value| value.converted(DType::Float64));
        let number = value.and_then(|value| value.as_slice::<f64>().ok()?.first().copied());
        match number {
            Some(number) if !(0.0..=1.0).contains(&number) => {
                let message = format!("expected {name} between 0 and 1, found {number}");
                n.0.report(Rule::Value, message);
                KeepProb::Number(1.0)
            }
            Some(number) => KeepProb::Number(number),
            None => self,
        }
    }
}

/// Dropout that keeps a part of the values.
pub(super) fn drop_some<'g, T: Float>(
    n: Nodes<'g>,
    values: Tensor<'g, T>,
    keep: KeepProb<'g>,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let rate = match keep {
        KeepProb::Number(number) => Scalar::from(1.0 - number),
        KeepProb::Tensor(tensor) => Scalar::from(n.sub(1.0, tensor).typed::<T>()),
    };
    let options = DropoutOptions::default();
    let options = match seed {
        Some(seed) => options.seed(seed),
        None => options,
    };
    nn::dropout(values, rate, options)
}

/// The parts that a [`DropoutWrapper`] keeps, and how it chooses.
///
/// ```
/// use tfhub::rnn::{self, Cell, DropoutWrapperOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let keep = g.placeholder::<f32>(());
/// let options = DropoutWrapperOptions::default().input_keep_prob(0.9).output_keep_prob(keep).seed(7);
/// let cell = rnn::dropout_wrapper(&g, rnn::gru_cell(4), options);
/// let (output, _) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!(output.name(), "dropout_1/mul_1:0");
/// ```
#[derive(Debug)]
pub struct DropoutWrapperOptions<'g, T: TensorType> {
    input_keep_prob: Scalar<'g, T>,
    output_keep_prob: Scalar<'g, T>,
    state_keep_prob: Scalar<'g, T>,
    variational_recurrent: bool,
    input_size: Option<usize>,
    seed: Option<i64>,
}

impl<T: TensorType> Default for DropoutWrapperOptions<'_, T> {
    fn default() -> Self {
        DropoutWrapperOptions {
            input_keep_prob: 1.0.into(),
            output_keep_prob: 1.0.into(),
            state_keep_prob: 1.0.into(),
            variational_recurrent: false,
            input_size: None,
            seed: None,
        }
    }
}

defaults!(DropoutWrapperOptions<'g, T: TensorType>);

setters! {
    impl['g, T: TensorType] DropoutWrapperOptions<'g, T> {
        /// The part of the inputs that is kept, a number or a scalar tensor; 1 by default.
        input_keep_prob: impl Into<Scalar<'g, T>> => input_keep_prob.into();
        /// The part of the outputs that is kept, a number or a scalar tensor; 1 by default.
        output_keep_prob: impl Into<Scalar<'g, T>> => output_keep_prob.into();
        /// The part of the new states that is kept, a number or a scalar tensor; 1 by default. The `c` of an LSTM cell is
        /// kept whole.
        state_keep_prob: impl Into<Scalar<'g, T>> => state_keep_prob.into();
        /// Whether all steps drop the same; by default each chooses anew.
        variational_recurrent: bool;
        /// The size of the inputs, which variational dropout of them needs.
        input_size: usize => Some(input_size);
        /// The seed of the random choices.
        seed: i64 => Some(seed);
    }
}

/// The random numbers that all steps of variational dropout share.
#[derive(Debug)]
struct Noise<'g> {
    input: Option<AnyTensor<'g>>,
    state: Vec<AnyTensor<'g>>,
    output: AnyTensor<'g>,
}

/// A cell with dropout of its inputs, states and outputs (`tf.nn.rnn_cell.DropoutWrapper`); [`dropout_wrapper`] makes it.
pub struct DropoutWrapper<'g, C> {
    cell: C,
    input: KeepProb<'g>,
    state: KeepProb<'g>,
    output: KeepProb<'g>,
    noise: Option<Noise<'g>>,
    seed: Option<i64>,
}

/// A cell with dropout of its inputs, states and outputs (`tf.nn.rnn_cell.DropoutWrapper`).
///
/// It makes nodes for what is the same in all steps; see [`DropoutWrapperOptions`].
#[track_caller]
pub fn dropout_wrapper<'g, C: Cell<'g>>(
    g: &'g GraphBuilder,
    cell: C,
    options: impl Into<DropoutWrapperOptions<'g, C::Element>>,
) -> DropoutWrapper<'g, C> {
    let options = options.into();
    g.called_from(Location::caller(), || {
        let n = Nodes(g);
        let scope = n.open_scope("DropoutWrapperInit");
        let input = KeepProb::of(options.input_keep_prob).settled(n, "input_keep_prob");
        let state = KeepProb::of(options.state_keep_prob).settled(n, "state_keep_prob");
        let output = KeepProb::of(options.output_keep_prob).settled(n, "output_keep_prob");
        drop(scope);
        let mut wrapper = DropoutWrapper {
            cell,
            input,
            state,
            output,
            noise: None,
            seed: options.seed,
        };
        if options.variational_recurrent {
            wrapper.noise = Some(wrapper.make_noise(n, options.input_size));
        }
        wrapper
    })
}

impl<'g, C: Cell<'g>> DropoutWrapper<'g, C> {
    /// The cell inside.
    pub fn wrapped_cell(&self) -> &C {
        &self.cell
    }

    /// The seed of one of the choices.
    fn seed_of(&self, of: &str, index: usize) -> Option<i64> {
        let text = format!("{}{of}_{index}", self.seed?);
        let [a, b, c, d, ..] = md5::digest(text.as_bytes());
        Some(i64::from(u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff))
    }

    fn make_noise(&self, n: Nodes<'g>, input_size: Option<usize>) -> Noise<'g> {
        let noise = |size: usize, seed| {
            let parts = vec![Arg::from([1]), Arg::from([size as i32])];
            let shape = Sizes::from(n.concat(parts, 0));
            uniform_of(
                n.0,
                "random_uniform",
                C::Element::DTYPE,
                shape,
                (0.0, 1.0),
                seed,
            )
        };
        let input = match (self.input.drops(), input_size) {
            (true, Some(size)) => Some(noise(size, self.seed_of("input", 0))),
            (true, None) => {
                let message = "variational dropout of inputs needs their `input_size`";
                n.0.report(Rule::Value, message);
                None
            }
            (false, _) => None,
        };
        let states = self.cell.state_size().into_iter().enumerate();
        let state = states.map(|(at, size)| noise(size, self.seed_of("state", at)));
        Noise {
            input,
            state: state.collect(),
            output: noise(self.cell.output_size(), self.seed_of("output", 0)),
        }
    }

    fn dropout(
        &self,
        values: AnyTensor<'g>,
        keep: KeepProb<'g>,
        noise: Option<AnyTensor<'g>>,
        (of, index): (&str, usize),
    ) -> AnyTensor<'g> {
        let n = Nodes(values.graph());
        let Some(noise) = noise else {
            let seed = self.seed_of(of, index);
            return drop_some(n, values.typed::<C::Element>(), keep, seed).any();
        };
        let sum = n.add(keep.arg(), noise);
        let mask = n.unary("Floor", sum);
        let scaled = n.call(("RealDiv", "div"), [values.into(), keep.arg()]);
        let dropped = n.mul(scaled, mask);
        dropped.set_shape(values.shape());
        dropped
    }
}

impl<'g, C: Cell<'g>> Cell<'g> for DropoutWrapper<'g, C> {
    type Element = C::Element;
    type State = C::State;

    fn output_size(&self) -> usize {
        self.cell.output_size()
    }

    fn state_size(&self) -> Vec<usize> {
        self.cell.state_size()
    }

    fn state_filter(&self) -> Vec<bool> {
        self.cell.state_filter()
    }

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> C::State {
        let _scope = Nodes(g).open_scope("DropoutWrapperZeroState");
        self.cell.zeros(g, batch_size)
    }

    #[track_caller]
    fn call(
        &self,
        inputs: Tensor<'g, C::Element>,
        state: C::State,
    ) -> (Tensor<'g, C::Element>, C::State) {
        let g = inputs.graph();
        g.called_from(Location::caller(), || {
            let noise = self.noise.as_ref();
            let mut inputs = inputs.any();
            if self.input.drops() {
                let noise = noise.and_then(|noise| noise.input);
                inputs = self.dropout(inputs, self.input, noise, ("input", 0));
            }
            let (output, mut state) = self.cell.call(inputs.typed(), state);
            if self.state.drops() {
                let parts = tensors(g, &state, "a part of the state").into_iter();
                let parts = parts.zip(self.cell.state_filter()).enumerate();
                let parts = parts.map(|(at, (part, drops))| match drops {
                    true => {
                        let noise = noise.and_then(|noise| noise.state.get(at).copied());
                        self.dropout(part, self.state, noise, ("state", at))
                    }
                    false => part,
                });
                state = pack(&state, &parts.collect::<Vec<_>>());
            }
            let mut output = output.any();
            if self.output.drops() {
                let noise = noise.map(|noise| noise.output);
                output = self.dropout(output, self.output, noise, ("output", 0));
            }
            (output.typed(), state)
        })
    }
}

impl<C: fmt::Debug> fmt::Debug for DropoutWrapper<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DropoutWrapper").field(&self.cell).finish()
    }
}
