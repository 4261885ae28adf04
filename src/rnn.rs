//! Recurrent networks, as `tf.nn.rnn_cell`, `tf.contrib.rnn` and the functions of `tf.nn` build them.
//!
//! A [`Cell`] makes one step; a function makes the nodes of all steps of a cell.
//!
//! | cells | of Python |
//! | --- | --- |
//! | [`basic_rnn_cell`], [`basic_lstm_cell`], [`lstm_cell`], [`gru_cell`] | `tf.nn.rnn_cell` |
//! | [`layer_norm_basic_lstm_cell`], [`lstm_block_cell`], [`gru_block_cell_v2`], [`lstm_block_fused_cell`] | `tf.contrib.rnn` |
//! | [`multi_rnn_cell`], [`dropout_wrapper`], [`residual_wrapper`], [`device_wrapper`] | `tf.nn.rnn_cell` |
//!
//! | networks | steps |
//! | --- | --- |
//! | [`static_rnn`], [`static_bidirectional_rnn`] | unrolled, one after the other |
//! | [`dynamic_rnn`], [`bidirectional_dynamic_rnn`], [`raw_rnn`] | turns of a loop |
//!
//! The layers of Keras are in [`keras`].
//!
//! ```
//! use tfhub::rnn::{self, DynamicRnnOptions};
//! # let g = tfhub::GraphBuilder::new();
//! let inputs = g.placeholder::<f32>((None, None, 3));
//! let lengths = g.placeholder::<i32>((None,));
//! let cells = [8, 4].map(|units| rnn::lstm_cell(units));
//! let options = DynamicRnnOptions::default().sequence_length(lengths);
//! let (outputs, states) = rnn::dynamic_rnn(rnn::multi_rnn_cell(cells), inputs, options);
//! assert_eq!(outputs.shape().to_string(), "[?, ?, 4]");
//! assert_eq!(states[0].h.shape().to_string(), "[?, 8]");
//! ```
//!
//! States are structures: a tensor, an [`LstmStateTuple`], or a tuple, vector or array of states. Those of LSTM cells are
//! one tensor (`state_is_tuple=False`) after [`LstmCell::concatenated_state`]; a [`multi_rnn_cell`] has a state for each
//! cell always. Cells whose inputs or outputs are several tensors are not there.

mod basic;
mod block;
mod cell;
mod dropout;
mod dynamic_rnn;
mod fused;
mod gru;
pub mod keras;
mod layer_norm;
mod lstm;
mod multi;
mod raw_rnn;
mod sequence;
mod state;
mod static_rnn;
mod step;
mod wrappers;

#[cfg(test)]
mod tests;

pub use basic::{BasicLstmCell, BasicRnnCell, basic_lstm_cell, basic_rnn_cell};
pub use block::{GruBlockCellV2, LstmBlockCell, gru_block_cell_v2, lstm_block_cell};
pub use cell::Cell;
pub use dropout::{DropoutWrapper, DropoutWrapperOptions, dropout_wrapper};
pub use dynamic_rnn::{
    BidirectionalDynamicRnnOptions, DynamicRnnOptions, bidirectional_dynamic_rnn, dynamic_rnn,
};
pub use fused::{FusedOptions, LstmBlockFusedCell, lstm_block_fused_cell};
pub use gru::{GruCell, gru_cell};
pub use layer_norm::{LayerNormBasicLstmCell, layer_norm_basic_lstm_cell};
pub use lstm::{LstmCell, lstm_cell};
pub use multi::{Cells, MultiRnnCell, multi_rnn_cell};
pub use raw_rnn::{RawNext, RawRnnOptions, RawStep, raw_rnn};
pub use state::{LstmState, LstmStateTuple};
pub use static_rnn::{
    StaticBidirectionalRnnOptions, StaticRnnOptions, static_bidirectional_rnn, static_rnn,
};
pub use wrappers::{DeviceWrapper, ResidualWrapper, device_wrapper, residual_wrapper};
