#![doc = include_str!("../README.md")]
//!
//! # Layers
//!
//! The crate's modules, from the bottom up: each uses only those that stand before it.
//!
//! | layer | modules |
//! | --- | --- |
//! | errors | `quoted`, `nearest`, `error` |
//! | messages | `varint`, `proto`, `text_format` |
//! | values | `dtype`, `shape`, `value`, `random` |
//! | files | `file_system`, `file_format`, `message_file`, `progress` |
//! | sources of values | `variable_source`, `npy`, `npz`, `safetensors` |
//! | checkpoints | `bundle`, `checkpoint` |
//! | graphs | `graph` |
//! | operations | `ops` |
//! | variables and layers | `init`, `regularizer`, `variable`, `layers` |
//! | saving | `saver` |
//! | sessions | `session` |
//! | SavedModels | `saved_model` |
//! | modules of TensorFlow Hub | `module` |

mod bundle;
pub mod checkpoint;
mod dtype;
mod error;
mod file_format;
mod file_system;
mod graph;
pub mod init;
pub mod layers;
mod message_file;
mod module;
mod nearest;
mod npy;
mod npz;
pub mod ops;
mod progress;
mod proto;
mod quoted;
mod random;
pub mod regularizer;
mod safetensors;
mod saved_model;
mod saver;
mod session;
mod shape;
mod text_format;
mod value;
mod variable;
mod variable_source;
mod varint;

pub use half;
pub use ndarray;
pub use num_complex;
pub use prost;

pub use crate::dtype::{
    ByteString, DType, Element, QInt8, QInt16, QInt32, QUInt8, QUInt16, Resource, TensorType,
    Variant,
};
pub use crate::error::{Diagnostic, Error, ErrorKind, Result, Rule};
pub use crate::graph::{
    AnyTensor, AttrValue, CollectionItem, ConstantDescription, Entry, FunctionRef, Graph,
    GraphBuilder, GraphDef, ImportOptions, Imported, MetaGraphDef, OpBuilder, Operand, Operation,
    RefTensor, Tensor, VariableDefinition, keys,
};
pub use crate::module::{
    BestExporter, DEFAULT, ExportSummary, ExportWarning, Exporter, FileSummary, IntoModuleFnResult,
    LatestModuleExporter, ModuleSpec, ModuleSpecBuilder, ModuleVariables, ModulesSummary,
    SavedModelOptions, SignatureBuilder, SignatureDescription, SignatureTensor, Tags,
    TensorDescription, VariantDescription, exports, keep_last_exports,
};
pub use crate::npy::{NpyReader, read_npy, write_npy};
pub use crate::npz::{NpzReader, read_npz};
pub use crate::ops::types::{Float, Numeric};
pub use crate::safetensors::SafetensorsReader;
pub use crate::session::{
    Missing, Pairing, Session, SourceReport, ValueDescription, VariableDescription, VariableGraphs,
};
pub use crate::shape::Shape;
pub use crate::value::{IntoTensorValue, TensorValue};
pub use crate::variable::{
    Assigned, EnterScope, Reuse, Variable, VariableAggregation, VariableBuilder, VariableScope,
};
pub use crate::variable_source::{
    CastFloats, Mapped, Mapping, Prefixed, Renamed, VariableSource, VariableValue,
};

/// What fuzz targets reach besides the public functions.
#[cfg(fuzzing)]
pub mod fuzzing {
    /// Reads any bytes as the table that the index of a checkpoint is.
    pub fn table(bytes: &[u8]) {
        crate::bundle::fuzz_table(bytes);
    }
}
