#![doc = include_str!("../README.md")]
//!
//! # Layers
//!
//! The crate's modules, from the bottom up: each uses only those that stand before it.
//!
//! | layer | modules |
//! | --- | --- |
//! | containers | `sorted_map`, `sort` |
//! | errors | `tuples`, `quoted`, `nearest`, `error` |
//! | messages | `varint`, `proto`, `text_format`, `json` |
//! | values | `dtype`, `shape`, `value`, `random` |
//! | files | `file_system`, `file_format`, `message_file`, `progress` |
//! | sources of values | `source` |
//! | checkpoints | `bundle`, `checkpoint` |
//! | graphs | `graph` |
//! | operations | `ops` |
//! | control flow | `control_flow` |
//! | variables and layers | `init`, `regularizer`, `variable`, `layers`, `rnn` |
//! | text | `text` |
//! | saving | `saver` |
//! | sessions | `session` |
//! | SavedModels | `saved_model` |
//! | modules of TensorFlow Hub | `module` |
//! | documentation | `cookbook` |

#[macro_use]
pub mod error;
#[macro_use]
mod tuples;
#[macro_use]
pub mod graph;
#[macro_use]
pub mod ops;

mod bundle;
pub mod checkpoint;
pub mod control_flow;
pub mod cookbook;
pub mod dtype;
mod file_format;
mod file_system;
pub mod init;
mod json;
pub mod layers;
mod message_file;
pub mod module;
mod nearest;
mod progress;
mod proto;
mod quoted;
mod random;
pub mod regularizer;
pub mod rnn;
mod saved_model;
mod saver;
pub mod session;
mod shape;
mod sort;
mod sorted_map;
pub mod source;
pub mod text;
mod text_format;
pub mod value;
pub mod variable;
mod varint;

pub use half;
pub use ndarray;
pub use num_complex;
pub use prost;

pub use crate::dtype::{DType, Element};
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::graph::{Graph, GraphBuilder, Tensor};
pub use crate::module::{Exporter, Mode, ModuleSpec, Tags};
pub use crate::session::Session;
pub use crate::shape::Shape;
pub use crate::source::VariableSource;
pub use crate::value::TensorValue;
pub use crate::variable::Variable;

/// Entry points for fuzz targets besides the public functions.
#[cfg(fuzzing)]
pub mod fuzzing {
    /// Reads any bytes as the table that the index of a checkpoint is.
    pub fn table(bytes: &[u8]) {
        crate::bundle::fuzz_table(bytes);
    }
}
