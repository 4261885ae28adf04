//! The cells of the layers: one step of each.

use super::{Implementation, Settings, Weights};
use crate::dtype::DType;
use crate::graph::structure::TypedStructure;
use crate::graph::{GraphBuilder, IntoStructure, Tensor};
use crate::init::{self, Initializer};
use crate::ops::array::{Slice, index, split, unstack};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::ops::{math, nn};
use crate::variable::Variable;

/// The cell of a recurrent layer.
#[allow(private_interfaces, reason = "only this crate has cells")]
pub trait Cell<'g, T: Float>: sealed::Cell {
    /// The state between steps.
    type State: TypedStructure<'g> + IntoStructure<'g, Structure = Self::State> + Clone;

    /// The name of a layer that is given none.
    #[doc(hidden)]
    const NAME: &'static str;
    /// The number of parts that the weights have.
    #[doc(hidden)]
    const GATES: usize;

    #[doc(hidden)]
    fn bias_shape(&self, units: usize) -> Vec<usize> {
        vec![Self::GATES * units]
    }

    #[doc(hidden)]
    fn bias_initializer(&self, _units: usize, initializer: &Initializer) -> Initializer {
        initializer.clone()
    }

    /// Makes a step: its output and the state after it.
    #[doc(hidden)]
    fn step(
        &self,
        settings: &Settings<'g, T>,
        weights: &Weights<'g, T>,
        inputs: Tensor<'g, T>,
        state: Self::State,
    ) -> (Tensor<'g, T>, Self::State);
}

mod sealed {
    /// Marks the cells.
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Cell {}

    impl Cell for super::LstmCell {}
    impl Cell for super::GruCell {}
    impl Cell for super::SimpleRnnCell {}
}

/// Marks the cells that have gates.
#[allow(unreachable_pub, reason = "public functions name it")]
pub trait Gated: sealed::Cell {}

impl Gated for LstmCell {}
impl Gated for GruCell {}

/// The positions of the gates from `begin` to before `end`, or to the last.
fn gates<'g>(units: usize, begin: usize, end: Option<usize>) -> Slice<'g> {
    match (begin * units, end.map(|end| end * units)) {
        (0, Some(end)) => Slice::from(..end),
        (begin, Some(end)) => Slice::from(begin..end),
        (begin, None) => Slice::from(begin..),
    }
}

/// The cell of [`lstm`](super::lstm).
#[derive(Debug, Clone)]
pub struct LstmCell {
    pub(super) unit_forget_bias: bool,
}

impl Default for LstmCell {
    fn default() -> Self {
        LstmCell {
            unit_forget_bias: true,
        }
    }
}

#[allow(private_interfaces, reason = "only this crate has cells")]
impl<'g, T: Float> Cell<'g, T> for LstmCell {
    type State = [Tensor<'g, T>; 2];

    const NAME: &'static str = "lstm";
    const GATES: usize = 4;

    fn bias_initializer(&self, units: usize, initializer: &Initializer) -> Initializer {
        let initializer = initializer.clone();
        if !self.unit_forget_bias {
            return initializer;
        }
        Initializer::from_fn(move |g: &GraphBuilder, _, dtype: DType| {
            let parts = [
                initializer.build(g, &[units], dtype),
                init::ones().build(g, &[units], dtype),
                initializer.build(g, &[2 * units], dtype),
            ];
            Nodes(g).concat(Arg::tensors(&parts), 0)
        })
    }

    fn step(
        &self,
        settings: &Settings<'g, T>,
        weights: &Weights<'g, T>,
        inputs: Tensor<'g, T>,
        [h, c]: Self::State,
    ) -> (Tensor<'g, T>, Self::State) {
        let parts: [Tensor<'_, T>; 4] = match settings.implementation {
            Implementation::Separate => {
                let kernels: [Tensor<'_, T>; 4] = split(weights.kernel, 4, 1);
                let products = kernels.map(|kernel| math::matmul(inputs, kernel));
                match weights.bias {
                    None => products,
                    Some(bias) => {
                        let biases: [Tensor<'_, T>; 4] = split(bias, 4, 0);
                        let mut biases = biases.into_iter();
                        products.map(|product| match biases.next() {
                            Some(bias) => nn::bias_add(product, bias, ()),
                            None => product,
                        })
                    }
                }
            }
            Implementation::Joined => {
                let product = math::matmul(inputs, weights.kernel);
                let sum = product + math::matmul(h, weights.recurrent_kernel);
                let sum = match weights.bias {
                    Some(bias) => nn::bias_add(sum, bias, ()),
                    None => sum,
                };
                split(sum, 4, 1)
            }
        };
        let sum = |gate: usize| match settings.implementation {
            Implementation::Joined => parts[gate],
            Implementation::Separate => {
                let end = (gate < 3).then_some(gate + 1);
                let columns = (.., gates(settings.units, gate, end));
                parts[gate] + math::matmul(h, index(weights.recurrent_kernel, columns))
            }
        };
        let gate = |at: usize| (settings.recurrent_activation)(sum(at));
        let (input, forget) = (gate(0), gate(1));
        let kept = forget * c;
        let c = kept + input * (settings.activation)(sum(2));
        let output = gate(3);
        let h = output * (settings.activation)(c);
        (h, [h, c])
    }
}

/// The cell of [`gru`](super::gru).
#[derive(Debug, Clone, Default)]
pub struct GruCell {
    pub(super) reset_after: bool,
}

/// The bias of a GRU: the variable, or a row of it.
enum Bias<'g, T: Float> {
    Variable(Variable<'g, T>),
    Row(Tensor<'g, T>),
}

impl<'g, T: Float> Bias<'g, T> {
    fn add_to(&self, x: Tensor<'g, T>) -> Tensor<'g, T> {
        match self {
            Bias::Variable(bias) => nn::bias_add(x, *bias, ()),
            Bias::Row(bias) => nn::bias_add(x, *bias, ()),
        }
    }

    fn add_part_to(&self, x: Tensor<'g, T>, part: Slice<'g>) -> Tensor<'g, T> {
        let part = match self {
            Bias::Variable(bias) => index(*bias, part),
            Bias::Row(bias) => index(*bias, part),
        };
        nn::bias_add(x, part, ())
    }
}

#[allow(private_interfaces, reason = "only this crate has cells")]
impl<'g, T: Float> Cell<'g, T> for GruCell {
    type State = Tensor<'g, T>;

    const NAME: &'static str = "gru";
    const GATES: usize = 3;

    fn bias_shape(&self, units: usize) -> Vec<usize> {
        match self.reset_after {
            true => vec![2, 3 * units],
            false => vec![3 * units],
        }
    }

    fn step(
        &self,
        settings: &Settings<'g, T>,
        weights: &Weights<'g, T>,
        inputs: Tensor<'g, T>,
        h: Self::State,
    ) -> (Tensor<'g, T>, Self::State) {
        let gates = |begin, end| gates(settings.units, begin, end);
        let parts = || [gates(0, Some(1)), gates(1, Some(2)), gates(2, None)];
        let (input_bias, recurrent_bias) = match weights.bias {
            Some(bias) if self.reset_after => {
                let rows: [Tensor<'_, T>; 2] = unstack(bias, ());
                let [input, recurrent] = rows.map(Bias::Row);
                (Some(input), Some(recurrent))
            }
            Some(bias) => (Some(Bias::Variable(bias)), None),
            None => (None, None),
        };
        // What the inputs and the state add to the update gate and to the reset gate, and the inputs to new values.
        let recurrent_kernel = weights.recurrent_kernel;
        let with_part = |bias: &Option<Bias<'g, T>>, x, part| match bias {
            Some(bias) => bias.add_part_to(x, part),
            None => x,
        };
        let with = |bias: &Option<Bias<'g, T>>, x| match bias {
            Some(bias) => bias.add_to(x),
            None => x,
        };
        let (x, of_state, joined) = match settings.implementation {
            Implementation::Separate => {
                let kernel = weights.kernel;
                let x = parts().map(|part| math::matmul(inputs, index(kernel, (.., part))));
                let mut rest = parts().into_iter();
                let x = x.map(|x| match rest.next() {
                    Some(part) => with_part(&input_bias, x, part),
                    None => x,
                });
                let [update, reset, _] = parts();
                let of_state = [update, reset];
                let of_state =
                    of_state.map(|part| math::matmul(h, index(recurrent_kernel, (.., part))));
                let [update, reset, _] = parts();
                let [of_update, of_reset] = of_state;
                let of_update = with_part(&recurrent_bias, of_update, update);
                let of_reset = with_part(&recurrent_bias, of_reset, reset);
                (x, [of_update, of_reset], None)
            }
            Implementation::Joined => {
                let product = with(&input_bias, math::matmul(inputs, weights.kernel));
                let x = parts().map(|part| index(product, (.., part)));
                let inner = match self.reset_after {
                    true => with(&recurrent_bias, math::matmul(h, recurrent_kernel)),
                    false => {
                        let columns = (.., gates(0, Some(2)));
                        math::matmul(h, index(recurrent_kernel, columns))
                    }
                };
                let [update, reset, _] = parts();
                let of_state = [update, reset].map(|part| index(inner, (.., part)));
                (x, of_state, Some(inner))
            }
        };
        let [of_update, of_reset] = of_state;
        let update = (settings.recurrent_activation)(x[0] + of_update);
        let reset = (settings.recurrent_activation)(x[1] + of_reset);
        let last = (.., gates(2, None));
        let remembered = match (self.reset_after, joined) {
            (true, Some(inner)) => reset * index(inner, last),
            (true, None) => {
                let product = math::matmul(h, index(recurrent_kernel, last));
                reset * with_part(&recurrent_bias, product, gates(2, None))
            }
            (false, _) => {
                let kept = reset * h;
                math::matmul(kept, index(recurrent_kernel, last))
            }
        };
        let new = (settings.activation)(x[2] + remembered);
        let n = Nodes(inputs.graph());
        let kept = update * h;
        let rest = n.sub(1.0, update).typed::<T>();
        let h = kept + rest * new;
        (h, h)
    }
}

/// The cell of [`simple_rnn`](super::simple_rnn).
#[derive(Debug, Clone)]
pub struct SimpleRnnCell;

#[allow(private_interfaces, reason = "only this crate has cells")]
impl<'g, T: Float> Cell<'g, T> for SimpleRnnCell {
    type State = Tensor<'g, T>;

    const NAME: &'static str = "simple_rnn";
    const GATES: usize = 1;

    fn step(
        &self,
        settings: &Settings<'g, T>,
        weights: &Weights<'g, T>,
        inputs: Tensor<'g, T>,
        before: Self::State,
    ) -> (Tensor<'g, T>, Self::State) {
        let product = math::matmul(inputs, weights.kernel);
        let product = match weights.bias {
            Some(bias) => nn::bias_add(product, bias, ()),
            None => product,
        };
        let sum = product + math::matmul(before, weights.recurrent_kernel);
        let output = (settings.activation)(sum);
        (output, output)
    }
}
