//! The directory of a SavedModel by parts: the names of its files, and the messages in them.
//!
//! Each part is a type: [meta graphs](MetaGraph), of which there may be any number, each with its tags, graph, signatures,
//! saver, init op and assets; [variables](VariableFiles); the files of [assets](assets); [marker files](Marker). A
//! [writer](DirectoryWriter) puts them into a directory; one without a marker is a plain SavedModel.
//!
//! | file | content |
//! | --- | --- |
//! | `saved_model.pb` | a `SavedModel` message with one `MetaGraphDef` per tag set |
//! | `saved_model.pbtxt` | the same message in text form, read where there is no `saved_model.pb` |
//! | `variables/variables.index`, `variables/variables.data-?????-of-?????` | a tensor bundle with a shard for each device that variables are placed on; none without variables |
//! | `assets/` | the files that tables and the like read |

pub(crate) mod assets;
mod imported;
mod meta_graph;
mod read;
mod write;

pub use write::FileSummary;

pub(crate) use imported::{ImportedMetaGraph, ReadMetaGraph};
pub(crate) use meta_graph::{EncodedMetaGraph, MetaGraph};
pub(crate) use read::read;
pub(crate) use write::{DirectoryWriter, Marker, VariableFiles};

pub(crate) const SAVED_MODEL: &str = "saved_model.pb";
pub(crate) const SAVED_MODEL_TEXT: &str = "saved_model.pbtxt";
pub(crate) const ASSETS: &str = "assets";
pub(crate) const VARIABLES: &str = "variables";
/// The checkpoint of the variables, without the endings of its files.
pub(crate) const VARIABLES_PREFIX: &str = "variables/variables";
pub(crate) const VARIABLES_INDEX: &str = "variables/variables.index";

/// The file that holds the values of a shard of the variables.
pub(crate) fn variables_data(shard: usize, num_shards: usize) -> String {
    format!("variables/variables.data-{shard:05}-of-{num_shards:05}")
}
