//! All steps of a layer, in a loop or one after the other (`tf.keras.backend.rnn`).

use super::cells::Cell;
use super::{Outputs, Settings, Weights};
use crate::control_flow::{TensorArray, TensorArrayOptions, WhileOptions};
use crate::error::Rule;
use crate::graph::structure::{TypedStructure, tensors};
use crate::graph::{IntoStructure, Tensor};
use crate::ops::array::{stack, unstack, zeros};
use crate::ops::math::less;
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;

/// Makes the nodes of all steps; `None` if the inputs were reported, as they cannot be taken.
pub(super) fn steps<'g, T: Float, C: Cell<'g, T>>(
    settings: &Settings<'g, T>,
    cell: &C,
    weights: &Weights<'g, T>,
    inputs: Tensor<'g, T>,
    initial_state: Option<C::State>,
) -> Option<Outputs<'g, T, C::State>> {
    let n = Nodes(inputs.graph());
    let state = initial_state.unwrap_or_else(|| {
        let batch_axis = i32::from(settings.time_major);
        let batch_size = n.at(n.shape(inputs), batch_axis).typed::<i32>();
        let mut dtypes = Vec::new();
        C::State::dtypes(&mut dtypes);
        let zeros = dtypes
            .iter()
            .map(|_| zeros::<T>(n.0, (batch_size, settings.units)).any());
        C::State::from_tensors(&mut zeros.collect::<Vec<_>>().iter())
    });
    let inputs = in_other_order(settings, inputs);
    let step = |inputs, state| cell.step(settings, weights, inputs, state);
    let known = inputs.shape();
    let known = known.dims().map(|dims| (dims[0], dims[1]));
    let (steps, batch_size) = known.unwrap_or_default();
    let all_steps = n.at(n.shape(inputs), 0).typed::<i32>();
    let (last, sequence, state) = match settings.unroll {
        true => {
            if steps.is_none_or(|steps| steps == 0) {
                let message = format!(
                    "a layer that is unrolled needs inputs of a known number of steps, their shape is {}",
                    inputs.shape()
                );
                inputs.any().report(Rule::Shape, &message);
                return None;
            }
            unrolled(settings, inputs, state, step)
        }
        false => looped(settings, inputs, all_steps, state, step),
    };
    sequence.set_shape((steps, batch_size, settings.units));
    let sequence = in_other_order(settings, sequence);
    Some(Outputs {
        last,
        sequence,
        state,
    })
}

/// Steps first for a batch first and the reverse, unless inputs and outputs have the steps first anyway.
fn in_other_order<'g, T: Float>(settings: &Settings<'g, T>, x: Tensor<'g, T>) -> Tensor<'g, T> {
    match settings.time_major {
        true => x,
        false => Nodes(x.graph()).transpose(x.any(), [1, 0, 2]).typed(),
    }
}

type Made<'g, T, S> = (Tensor<'g, T>, Tensor<'g, T>, S);

fn unrolled<'g, T: Float, S>(
    settings: &Settings<'g, T>,
    inputs: Tensor<'g, T>,
    mut state: S,
    step: impl Fn(Tensor<'g, T>, S) -> (Tensor<'g, T>, S),
) -> Made<'g, T, S> {
    let mut rows: Vec<Tensor<'g, T>> = unstack(inputs, ());
    if settings.go_backwards {
        rows.reverse();
    }
    let mut outputs = Vec::new();
    let mut last = inputs;
    for row in rows {
        (last, state) = step(row, state);
        outputs.push(last);
    }
    (last, stack(inputs.graph(), outputs, 0), state)
}

fn looped<'g, T: Float, S>(
    settings: &Settings<'g, T>,
    inputs: Tensor<'g, T>,
    all_steps: Tensor<'g, i32>,
    initial_state: S,
    step: impl Fn(Tensor<'g, T>, S) -> (Tensor<'g, T>, S),
) -> Made<'g, T, S>
where
    S: TypedStructure<'g> + IntoStructure<'g, Structure = S> + Clone,
{
    let (g, n) = (inputs.graph(), Nodes(inputs.graph()));
    let array = |options: TensorArrayOptions| TensorArray::<T>::new(g, all_steps, options);
    let rows = array(TensorArrayOptions::default().tensor_array_name("input_ta_0"));
    let rows = rows.unstack(match settings.go_backwards {
        true => n.binary("ReverseV2", inputs, [0]).typed(),
        false => inputs,
    });
    // Python makes a step outside of the loop to see what outputs are.
    let (output, _) = step(n.at(inputs.any(), 0).typed(), initial_state.clone());
    let options = TensorArrayOptions::default().element_shape(output.shape());
    let outputs = array(options.tensor_array_name("output_ta_0"));
    let time = n.constant("time", 0i32).typed::<i32>();
    let options = WhileOptions::default().parallel_iterations(32);
    let turn = |(time, outputs, state): (Tensor<'g, i32>, TensorArray<'g, T>, S)| {
        let before = tensors(g, &state, "a state");
        let (output, state) = step(rows.read(time), state);
        for (before, after) in before.iter().zip(tensors(g, &state, "a state")) {
            after.set_shape(before.shape());
        }
        let outputs = outputs.write(time, output);
        (n.add(time, 1).typed(), outputs, state)
    };
    let (_, outputs, state) = g.while_loop(
        (time, outputs, initial_state),
        |(time, ..)| less(time, all_steps),
        turn,
        options.swap_memory(true),
    );
    let outputs = outputs.stack();
    (n.at(outputs.any(), -1).typed(), outputs, state)
}
