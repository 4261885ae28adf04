//! Recurrent networks, as `tf.nn.rnn_cell`, `tf.contrib.rnn` and the functions of `tf.nn` build them.

mod basic;
mod block;
mod cell;
mod dropout;
mod dynamic_rnn;
mod fused;
mod gru;
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
pub use state::LstmStateTuple;
pub use static_rnn::{
    StaticBidirectionalRnnOptions, StaticRnnOptions, static_bidirectional_rnn, static_rnn,
};
pub use wrappers::{DeviceWrapper, ResidualWrapper, device_wrapper, residual_wrapper};
