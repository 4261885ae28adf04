//! The directory of a module: the names of its files, and the messages in them.
//!
//! | file | content |
//! | --- | --- |
//! | `saved_model.pb` | a `SavedModel` message with one `MetaGraphDef` per tag set |
//! | `tfhub_module.pb` | a `ModuleDef` message, which marks the directory as a module |
//! | `variables/variables.index`, `variables/variables.data-?????-of-?????` | a tensor bundle with a shard for each device that variables are placed on; none without variables |
//! | `assets/` | the files that tables and the like read |

pub(crate) mod assets;
pub(crate) mod stage;

use std::collections::BTreeMap;

use prost::Message as _;

use crate::graph::{Graph, Node, ReadGraph, keys};
use crate::proto::tensorflow::collection_def::{BytesList, Kind};
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::proto::tensorflow::{CollectionDef, MetaGraphDef, SaverDef, SignatureDef};
use crate::proto::{length_delimited, number};

pub(crate) const SAVED_MODEL: &str = "saved_model.pb";
pub(crate) const MODULE: &str = "tfhub_module.pb";
pub(crate) const ASSETS: &str = "assets";
pub(crate) const VARIABLES: &str = "variables";
pub(crate) const VARIABLES_INDEX: &str = "variables/variables.index";

/// The collection that holds a variant's attachments.
pub(crate) const ATTACHMENTS: &str = "hub_module_attachments";

/// The largest message that readers of protocol buffers take.
pub(crate) const MAX_MESSAGE: usize = i32::MAX as usize;

/// What is kept of the meta graph that a graph was imported from.
#[derive(Debug, Default)]
pub(crate) struct ImportedMetaGraph {
    /// The nodes by which TensorFlow saves and restores the variables.
    pub(crate) saver_def: Option<SaverDef>,
    /// The message, for the variant to be written as it was read.
    pub(crate) as_read: Option<ReadMetaGraph>,
}

/// A meta graph as a file has it; what the graph keeps of it is in the graph alone.
#[derive(Debug)]
pub(crate) struct ReadMetaGraph {
    pub(crate) schema_version: i64,
    pub(crate) graph: ReadGraph,
    /// The other fields, without the collections that are dropped and the one that assets have in a directory.
    pub(crate) fields: MetaGraphDef,
}

/// The release whose ops and conventions are written.
const TENSORFLOW_VERSION: &str = "1.15.5";
const TENSORFLOW_GIT_VERSION: &str = "v1.15.4-39-g3db52be";

/// The file that holds the values of a shard of the variables.
pub(crate) fn variables_data(shard: usize, num_shards: usize) -> String {
    format!("variables/variables.data-{shard:05}-of-{num_shards:05}")
}

/// A message of a variant, with the fields before its graph, the graph and the fields after it each encoded.
pub(crate) struct EncodedMetaGraph {
    schema_version: i64,
    before: Vec<u8>,
    graph: Vec<u8>,
    after: Vec<u8>,
}

impl EncodedMetaGraph {
    /// The pieces that a `SavedModel` consists of, one after another.
    pub(crate) fn saved_model(meta_graphs: Vec<Self>) -> Vec<Vec<u8>> {
        let version = meta_graphs.iter().map(|meta| meta.schema_version).max();
        let mut start = Vec::new();
        if let Some(version) = version.filter(|&version| version != 0) {
            // `SavedModel.saved_model_schema_version` has number 1.
            number(1, version as u64, &mut start);
        }
        let pieces = meta_graphs.into_iter().flat_map(|meta| {
            // `SavedModel.meta_graphs` and `MetaGraphDef.graph_def` both have number 2.
            let mut graph = Vec::new();
            length_delimited(2, meta.graph.len(), &mut graph);
            let len = meta.before.len() + graph.len() + meta.graph.len() + meta.after.len();
            let mut head = Vec::new();
            length_delimited(2, len, &mut head);
            head.extend(meta.before);
            head.extend(graph);
            [head, meta.graph, meta.after]
        });
        let start = (!start.is_empty()).then_some(start);
        start.into_iter().chain(pieces).collect()
    }
}

/// A variant that was read from a file as the file has it.
fn meta_graph_as_read(
    graph: &Graph,
    read: &ReadMetaGraph,
    assets: &BTreeMap<String, String>,
) -> EncodedMetaGraph {
    let before = MetaGraphDef {
        meta_info_def: read.fields.meta_info_def.clone(),
        ..MetaGraphDef::default()
    };
    let mut after = MetaGraphDef {
        meta_info_def: None,
        ..read.fields.clone()
    };
    let collections = &mut after.collection_def;
    // Assets that the file lists elsewhere are in the graph's collection, too.
    if let Some(paths) = graph.to_collection_defs().remove(keys::ASSET_FILEPATHS) {
        collections.insert(keys::ASSET_FILEPATHS.to_owned(), paths);
    }
    if !assets.is_empty() {
        collections.insert(assets::COLLECTION.to_owned(), assets::collection(assets));
    }
    let replaced = |node: &Node, attr: &str| assets::blanked(node, attr, assets);
    EncodedMetaGraph {
        schema_version: read.schema_version,
        before: before.encode_to_vec(),
        graph: graph.to_encoded_as_read(&read.graph, replaced),
        after: after.encode_to_vec(),
    }
}

/// One variant as its message, as it was read or, if it was built, maps sorted by key and default attributes left out; `assets` are the names of files by
/// tensor.
pub(crate) fn meta_graph(
    graph: &Graph,
    tags: impl IntoIterator<Item = String>,
    signatures: BTreeMap<String, SignatureDef>,
    attachments: Vec<Vec<u8>>,
    assets: &BTreeMap<String, String>,
) -> EncodedMetaGraph {
    let imported = graph.extension::<ImportedMetaGraph>();
    if let Some(read) = imported.and_then(|imported| imported.as_read.as_ref()) {
        return meta_graph_as_read(graph, read, assets);
    }
    let mut collection_def = graph.to_collection_defs();
    if !assets.is_empty() {
        collection_def.insert(assets::COLLECTION.to_owned(), assets::collection(assets));
    }
    if !attachments.is_empty() {
        let kind = Kind::BytesList(BytesList { value: attachments });
        collection_def.insert(ATTACHMENTS.to_owned(), CollectionDef { kind: Some(kind) });
    }
    let before = MetaGraphDef {
        meta_info_def: Some(MetaInfoDef {
            stripped_op_list: Some(graph.to_op_list()),
            tags: tags.into_iter().collect(),
            tensorflow_version: TENSORFLOW_VERSION.to_owned(),
            tensorflow_git_version: TENSORFLOW_GIT_VERSION.to_owned(),
            stripped_default_attrs: true,
            ..MetaInfoDef::default()
        }),
        ..MetaGraphDef::default()
    };
    let after = MetaGraphDef {
        saver_def: imported.and_then(|imported| imported.saver_def.clone()),
        collection_def,
        signature_def: signatures,
        ..MetaGraphDef::default()
    };
    EncodedMetaGraph {
        schema_version: 0,
        before: before.encode_to_vec(),
        graph: graph.to_encoded_message(|node, attr| assets::blanked(node, attr, assets)),
        after: after.encode_to_vec(),
    }
}
