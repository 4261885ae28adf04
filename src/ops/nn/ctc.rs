//! Losses and decoders of sequences without known alignment.

use std::panic::Location;

use crate::dtype::TensorType;
use crate::graph::{Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::sparse::SparseTensor;
use crate::ops::types::BasicFloat;

/// What [`ctc_loss_with`] does with repeated labels and with long ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CtcLossOptions {
    preprocess_collapse_repeated: bool,
    ctc_merge_repeated: bool,
    ignore_longer_outputs_than_inputs: bool,
    time_major: bool,
}

impl Default for CtcLossOptions {
    fn default() -> Self {
        CtcLossOptions {
            preprocess_collapse_repeated: false,
            ctc_merge_repeated: true,
            ignore_longer_outputs_than_inputs: false,
            time_major: true,
        }
    }
}

impl CtcLossOptions {
    /// Whether repeated labels are made one first; they are not by default.
    pub fn preprocess_collapse_repeated(self, preprocess_collapse_repeated: bool) -> Self {
        CtcLossOptions {
            preprocess_collapse_repeated,
            ..self
        }
    }

    /// Whether repeated labels that are not told apart by blanks count as one; they do by default.
    pub fn ctc_merge_repeated(self, ctc_merge_repeated: bool) -> Self {
        CtcLossOptions {
            ctc_merge_repeated,
            ..self
        }
    }

    /// Whether sequences with more labels than steps are left out; they are an error by default.
    pub fn ignore_longer_outputs_than_inputs(self, ignore: bool) -> Self {
        CtcLossOptions {
            ignore_longer_outputs_than_inputs: ignore,
            ..self
        }
    }

    /// Whether the inputs are `[steps, batch, classes]`, as they are by default, and not `[batch, steps, classes]`.
    pub fn time_major(self, time_major: bool) -> Self {
        CtcLossOptions { time_major, ..self }
    }
}

/// The CTC loss of each sequence (`tf.nn.ctc_loss`), where `inputs` is `[steps, batch, classes]`.
#[track_caller]
pub fn ctc_loss<'g, T: BasicFloat>(
    labels: SparseTensor<'g, i32>,
    inputs: impl TensorLike<'g, T> + 'g,
    sequence_length: impl Operand<'g, i32> + 'g,
) -> Tensor<'g, T> {
    ctc_loss_with(labels, inputs, sequence_length, CtcLossOptions::default())
}

/// [`ctc_loss`] with options.
#[track_caller]
pub fn ctc_loss_with<'g, T: BasicFloat>(
    labels: SparseTensor<'g, i32>,
    inputs: impl TensorLike<'g, T> + 'g,
    sequence_length: impl Operand<'g, i32> + 'g,
    options: CtcLossOptions,
) -> Tensor<'g, T> {
    let g = inputs.graph();
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let inputs = Arg::of(inputs);
        let inputs = match options.time_major {
            true => inputs,
            false => g
                .inner_scope("transpose", Location::caller(), |scope| {
                    let inputs = inputs.convert(g, "x", T::DTYPE);
                    n.call(("Transpose", scope), [inputs.into(), [1, 0, 2].into()])
                })
                .into(),
        };
        let loss = n.op("CTCLoss").input(inputs);
        let loss = loss.input(labels.indices);
        let loss = loss.input(labels.values);
        let loss = loss.input(Arg::of(sequence_length));
        let collapse = options.preprocess_collapse_repeated;
        let ignore = options.ignore_longer_outputs_than_inputs;
        loss.attr("preprocess_collapse_repeated", collapse)
            .attr("ctc_merge_repeated", options.ctc_merge_repeated)
            .attr("ignore_longer_outputs_than_inputs", ignore)
            .output()
            .typed()
    })
}

/// What decoders of [`ctc_loss`]'s inputs give.
#[derive(Debug, Clone)]
pub struct CtcDecoded<'g, T: TensorType> {
    /// The labels of each sequence, the best first where there are several.
    pub decoded: Vec<SparseTensor<'g, i64>>,
    /// `[batch, paths]`: of the greedy decoder the negated sum of the largest logits, of the other the logarithms of
    /// probabilities.
    pub log_probability: Tensor<'g, T>,
}

/// The most likely label at each step (`tf.nn.ctc_greedy_decoder`).
#[track_caller]
pub fn ctc_greedy_decoder<'g, T: BasicFloat>(
    inputs: impl TensorLike<'g, T> + 'g,
    sequence_length: impl Operand<'g, i32> + 'g,
    merge_repeated: bool,
) -> CtcDecoded<'g, T> {
    let g = inputs.graph();
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let decoder = n.op("CTCGreedyDecoder").input(Arg::of(inputs));
        let decoder = decoder.input(Arg::of(sequence_length));
        let decoder = decoder.attr("merge_repeated", merge_repeated).finish();
        let decoded = SparseTensor::new(
            g,
            decoder.output(0).typed::<i64>(),
            decoder.output(1).typed::<i64>(),
            decoder.output(2).typed::<i64>(),
        );
        CtcDecoded {
            decoded: vec![decoded],
            log_probability: decoder.output(3).typed(),
        }
    })
}

/// The `top_paths` most likely sequences of labels (`tf.nn.ctc_beam_search_decoder`).
#[track_caller]
pub fn ctc_beam_search_decoder<'g, T: BasicFloat>(
    inputs: impl TensorLike<'g, T> + 'g,
    sequence_length: impl Operand<'g, i32> + 'g,
    beam_width: i64,
    top_paths: i64,
    merge_repeated: bool,
) -> CtcDecoded<'g, T> {
    let g = inputs.graph();
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let decoder = n.op("CTCBeamSearchDecoder").input(Arg::of(inputs));
        let decoder = decoder.input(Arg::of(sequence_length));
        let decoder = decoder
            .attr("beam_width", beam_width)
            .attr("top_paths", top_paths)
            .attr("merge_repeated", merge_repeated)
            .finish();
        let paths = usize::try_from(top_paths).unwrap_or(0);
        let decoded = (0..paths).map(|path| {
            SparseTensor::new(
                g,
                decoder.output(path).typed::<i64>(),
                decoder.output(paths + path).typed::<i64>(),
                decoder.output(2 * paths + path).typed::<i64>(),
            )
        });
        CtcDecoded {
            decoded: decoded.collect(),
            log_probability: decoder.output(3 * paths).typed(),
        }
    })
}
