//! Shapes of fused recurrent cells and CTC.

use super::Outputs::{Fixed, Of};
use super::dims::product;
use super::{ANY, Dim, Inference, Inferred, matrix, merge_dims, one, refuse, tensors, two, vector};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("BlockLSTM", block_lstm),
    op("BlockLSTMGrad", block_lstm_grad),
    op("BlockLSTMGradV2", block_lstm_grad),
    op("BlockLSTMV2", block_lstm),
    op("CTCBeamSearchDecoder", ctc_decoder),
    op("CTCGreedyDecoder", ctc_decoder),
    op("CTCLoss", ctc_loss),
    op("CudnnRNN", |i| cudnn(i, 1)),
    op("CudnnRNNBackprop", cudnn_backprop),
    op("CudnnRNNBackpropV2", cudnn_backprop),
    op("CudnnRNNBackpropV3", cudnn_backprop),
    op("CudnnRNNCanonicalToParams", |_| one(vector(None))),
    op("CudnnRNNCanonicalToParamsV2", |_| one(vector(None))),
    ranked("CudnnRNNParamsSize", &[0, 0, 0], Fixed(&[&[1]])),
    ranked(
        "CudnnRNNParamsToCanonical",
        &[ANY, ANY, ANY, 1],
        Of(cudnn_canonical),
    ),
    ranked(
        "CudnnRNNParamsToCanonicalV2",
        &[ANY, ANY, ANY, 1],
        Of(cudnn_canonical),
    ),
    op("CudnnRNNV2", |i| cudnn(i, 1)),
    op("CudnnRNNV3", |i| cudnn(i, 2)),
    op("GRUBlockCell", cell),
    op("GRUBlockCellGrad", gru_grad),
    op("LSTMBlockCell", cell),
    op("LSTMBlockCellGrad", lstm_grad),
];

/// The rows of the first input and the columns of the second, both matrices.
fn batch_and_cell(i: &Inference<'_>) -> Inferred<(Dim, Dim)> {
    let x = i.with_rank(0, 2)?;
    let state = i.with_rank(1, 2)?;
    Ok((x[0], state[1]))
}

fn cell(i: &Inference<'_>) -> Inferred {
    let (batch, cell) = batch_and_cell(i)?;
    i.all_outputs(matrix(batch, cell))
}

fn gru_grad(i: &Inference<'_>) -> Inferred {
    let (batch, cell) = batch_and_cell(i)?;
    let x = i.dims(0, 2, "\"x\"")?;
    let weights = i.dims(2, 2, "\"w_ru\"")?;
    tensors(&[x, &[batch, cell], &[batch, cell], &[batch, weights[1]]])
}

fn lstm_grad(i: &Inference<'_>) -> Inferred {
    let (batch, cell) = batch_and_cell(i)?;
    let mut shapes = vec![matrix(batch, cell), matrix(batch, product(cell, Some(4)))];
    shapes.resize(i.node.outputs.len(), vector(cell));
    Ok(shapes)
}

fn block_lstm(i: &Inference<'_>) -> Inferred {
    let x = i.dims(1, 3, "\"x\"")?;
    let bias = i.dims(i.node.inputs.len() - 1, 1, "\"b\"")?[0];
    if let Some(bias) = bias.filter(|bias| bias % 4 != 0) {
        return refuse(format_args!(
            "the length of \"b\" must be a multiple of 4, found {bias}"
        ));
    }
    i.all_outputs([x[0], x[1], bias.map(|bias| bias / 4)].into())
}

fn block_lstm_grad(i: &Inference<'_>) -> Inferred {
    let mut shapes = Vec::new();
    for (at, rank) in [3, 2, 2, 2, 1, 1, 1, 1].into_iter().enumerate() {
        shapes.push(i.with_rank(at + 1, rank)?.into());
    }
    Ok(shapes)
}

/// A recurrent network; the cells of an LSTM are like an input, as its state is like the second one.
fn cudnn(i: &Inference<'_>, cells: usize) -> Inferred {
    let input = i.dims(0, 3, "\"input\"")?;
    let state = i.dims(1, 3, "\"input_h\"")?;
    i.dims(3, 1, "\"params\"")?;
    let directions = match i.node.string_attr("direction") {
        Some(b"bidirectional") => 2,
        _ => 1,
    };
    let size = product(state[2], Some(directions));
    let is_lstm = i.node.string_attr("rnn_mode") == Some(b"lstm");
    let cells = match is_lstm {
        true if cells == 1 => state.into(),
        true => i.dims(cells, 3, "\"input_c\"")?.into(),
        false => Shape::scalar(),
    };
    let mut shapes = vec![[input[0], input[1], size].into(), state.into(), cells];
    // What the backward pass is given is for the kernel's own use.
    shapes.resize(i.node.outputs.len(), Shape::unknown());
    Ok(shapes)
}

fn cudnn_backprop(i: &Inference<'_>) -> Inferred {
    Ok(i.inputs_at(0..4))
}

fn cudnn_canonical(i: &Inference<'_>) -> Inferred {
    let count = i.node.int_attr("num_params");
    let count = count.unwrap_or_else(|| i.int("num_params_weights"));
    let mut shapes = vec![matrix(None, None); usize::try_from(count).unwrap_or(0)];
    shapes.resize(i.node.outputs.len(), vector(None));
    Ok(shapes)
}

fn ctc_loss(i: &Inference<'_>) -> Inferred {
    let inputs: Shape = i.dims(0, 3, "\"inputs\"")?.into();
    let indices = i.dims(1, 2, "\"labels_indices\"")?;
    let values = i.dims(2, 1, "\"labels_values\"")?;
    let lens = i.dims(3, 1, "\"sequence_length\"")?;
    merge_dims(indices[0], values[0], "numbers of labels")?;
    let batch = merge_dims(inputs.dim(1), lens[0], "batch sizes")?;
    two(vector(batch), inputs.with_dim(1, batch))
}

fn ctc_decoder(i: &Inference<'_>) -> Inferred {
    let inputs = i.dims(0, 3, "\"inputs\"")?;
    let lens = i.dims(1, 1, "\"sequence_length\"")?;
    let batch = merge_dims(inputs[1], lens[0], "batch sizes")?;
    let paths = match i.node.int_attr("top_paths") {
        Some(paths) => super::dims::positive(paths, "attribute \"top_paths\"")?,
        None => 1,
    };
    let mut shapes = vec![matrix(None, Some(2)); paths];
    shapes.resize(2 * paths, vector(None));
    shapes.resize(3 * paths, vector(Some(2)));
    shapes.push(matrix(batch, Some(paths)));
    Ok(shapes)
}
