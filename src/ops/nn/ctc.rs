//! Losses and decoders of sequences without known alignment.

use std::panic::Location;

use crate::dtype::TensorType;
use crate::graph::{GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Call, Nodes};
use crate::ops::sparse::SparseTensor;
use crate::ops::types::BasicFloat;
use crate::ops::{OrDefault, TensorLike};

options! {
    /// The treatment of repeated labels and of long ones by [`ctc_loss`].
    ///
    /// ```
    /// use tfhub::ops::{nn::{self, CtcLossOptions}, sparse::SparseTensor};
    /// # let g = tfhub::GraphBuilder::new();
    /// let labels = SparseTensor::new(&g, [[0i64, 0], [1, 0]], [3i32, 1], [2i64, 1]);
    /// let inputs = g.placeholder::<f32>((2, 7, 5));
    /// let options = CtcLossOptions::default().time_major(false);
    /// assert_eq!(nn::ctc_loss(labels, inputs, [7, 4], options).shape().to_string(), "[2]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    CtcLossOptions {
        /// Whether repeated labels are made one first; they are not by default.
        preprocess_collapse_repeated: bool = false;
        /// Whether repeated labels that are not told apart by blanks count as one; they do by default.
        ctc_merge_repeated: bool = true;
        /// Whether sequences with more labels than steps are left out; they are an error by default.
        ignore_longer_outputs_than_inputs: bool = false;
        /// Whether the inputs are `[steps, batch, classes]`, as they are by default, and not `[batch, steps, classes]`.
        time_major: bool = true;
    }
}

/// The CTC loss of each sequence (`tf.nn.ctc_loss`), where `inputs` is `[steps, batch, classes]`.
#[track_caller]
pub fn ctc_loss<'g, T: BasicFloat>(
    labels: SparseTensor<'g, i32>,
    inputs: impl TensorLike<'g, T>,
    sequence_length: impl Operand<'g, i32>,
    options: impl Into<CtcLossOptions>,
) -> Tensor<'g, T> {
    let g = inputs.graph();
    let n = Nodes(g);
    let (inputs, lengths, options) = (Arg::of(inputs), Arg::of(sequence_length), options.into());
    let _call = g.open_call(Location::caller());
    let inputs = match options.time_major {
        true => inputs,
        false => {
            let scope = n.open_scope("transpose");
            let inputs = inputs.convert(g, "x", T::DTYPE);
            let args = [inputs.into(), [1, 0, 2].into()];
            n.call(("Transpose", &scope), args).into()
        }
    };
    let collapse = options.preprocess_collapse_repeated;
    let ignore = options.ignore_longer_outputs_than_inputs;
    let loss = n.op("CTCLoss").input(inputs).input(labels.indices);
    loss.input(labels.values)
        .input(lengths)
        .attr("preprocess_collapse_repeated", collapse)
        .attr("ctc_merge_repeated", options.ctc_merge_repeated)
        .attr("ignore_longer_outputs_than_inputs", ignore)
        .typed()
}

/// The labels that decoders of [`ctc_loss`]'s inputs find.
#[derive(Debug, Clone)]
pub struct CtcDecoded<'g, T: TensorType> {
    /// The labels of each sequence, the best first where there are several.
    pub decoded: Vec<SparseTensor<'g, i64>>,
    /// `[batch, paths]`: of the greedy decoder the negated sum of the largest logits, of the other the logarithms of
    /// probabilities.
    pub log_probability: Tensor<'g, T>,
}

/// The most likely label at each step (`tf.nn.ctc_greedy_decoder`); repeated labels count as one, unless
/// `merge_repeated` is false.
#[track_caller]
pub fn ctc_greedy_decoder<'g, T: BasicFloat>(
    inputs: impl TensorLike<'g, T>,
    sequence_length: impl Operand<'g, i32>,
    merge_repeated: impl Into<OrDefault<bool>>,
) -> CtcDecoded<'g, T> {
    let g = inputs.graph();
    let args = [Arg::of(inputs), Arg::of(sequence_length)];
    let merge_repeated = merge_repeated.into().0.unwrap_or(true);
    let _call = g.open_call(Location::caller());
    decode(g, "CTCGreedyDecoder", args, 1, |decoder| {
        decoder.attr("merge_repeated", merge_repeated)
    })
}

options! {
    /// The search of [`ctc_beam_search_decoder`].
    ///
    /// ```
    /// use tfhub::ops::nn::{self, CtcBeamSearchOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let inputs = g.placeholder::<f32>((7, 2, 5));
    /// let options = CtcBeamSearchOptions::default().beam_width(10).top_paths(3);
    /// assert_eq!(nn::ctc_beam_search_decoder(inputs, [7, 4], options).decoded.len(), 3);
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    CtcBeamSearchOptions {
        /// The number of sequences that are followed; 100 by default.
        beam_width: i64 = 100;
        /// The number of sequences that are found; one by default.
        top_paths: i64 = 1;
        /// Whether repeated labels count as one; they do by default.
        merge_repeated: bool = true;
    }
}

/// The most likely sequences of labels (`tf.nn.ctc_beam_search_decoder`).
#[track_caller]
pub fn ctc_beam_search_decoder<'g, T: BasicFloat>(
    inputs: impl TensorLike<'g, T>,
    sequence_length: impl Operand<'g, i32>,
    options: impl Into<CtcBeamSearchOptions>,
) -> CtcDecoded<'g, T> {
    let g = inputs.graph();
    let args = [Arg::of(inputs), Arg::of(sequence_length)];
    let options = options.into();
    let paths = usize::try_from(options.top_paths).unwrap_or(0);
    let _call = g.open_call(Location::caller());
    decode(g, "CTCBeamSearchDecoder", args, paths, |decoder| {
        decoder
            .attr("beam_width", options.beam_width)
            .attr("top_paths", options.top_paths)
            .attr("merge_repeated", options.merge_repeated)
    })
}

/// A decoder: its outputs are the indices, the values and the shapes of all paths, and their probabilities.
fn decode<'g, T: TensorType>(
    g: &'g GraphBuilder,
    op: &'static str,
    [inputs, lengths]: [Arg<'g>; 2],
    paths: usize,
    with: impl FnOnce(Call<'g>) -> Call<'g>,
) -> CtcDecoded<'g, T> {
    let decoder = with(Nodes(g).op(op).input(inputs).input(lengths)).finish();
    let part = |at: usize| decoder.output(at).typed::<i64>();
    let decoded = (0..paths).map(|path| {
        let values = part(paths + path);
        SparseTensor::new(g, part(path), values, part(2 * paths + path))
    });
    CtcDecoded {
        decoded: decoded.collect(),
        log_probability: decoder.output(3 * paths).typed(),
    }
}
