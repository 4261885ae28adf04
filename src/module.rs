//! Modules: a graph per tag set, with signatures and attachments, and their export.

mod asset;
mod attachment;
pub mod bert;
mod check;
mod contexts;
mod description;
mod diff;
mod edit;
mod export;
mod exporters;
mod files;
mod hyperparameters;
pub mod image;
mod instance;
mod interface;
mod lint;
mod load;
mod message;
mod meta_graph;
mod mode;
mod saved_model;
mod signature;
mod spec;
mod tags;
pub mod text;
mod variables;
mod variant;

pub use description::VariantDescription;
pub use diff::{Change, ChangedDetail, DiffOptions, Difference, ModuleDiff, ModulePart};
pub use edit::{EditedModule, EditedValues, ModuleEditor, Unfreeze};
pub use export::{ExportSummary, Exporter, FileSummary};
pub use exporters::{
    BestExporter, LatestModuleExporter, ModulesSummary, exports, keep_last_exports,
};
pub use instance::{Module, ModuleCall, ModuleInstance, ModuleOptions, ModuleOutputs};
pub use interface::Incompatibility;
pub use lint::{Finding, LintCode, LintStage, Severity};
pub use mode::Mode;
pub use saved_model::SavedModelOptions;
pub use signature::{
    DEFAULT, IntoSignatureTensor, SignatureBuilder, SignatureDescription, SignatureTensor,
    TensorDescription, TensorKind,
};
pub use spec::{IntoModuleFnResult, ModuleSpec, ModuleSpecBuilder};
pub use tags::Tags;
pub use variables::ModuleVariables;
