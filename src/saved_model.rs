//! The directory of a module: the names of its files, and the messages in them.
//!
//! | file | content |
//! | --- | --- |
//! | `saved_model.pb` | a `SavedModel` message with one `MetaGraphDef` per tag set |
//! | `saved_model.pbtxt` | the same message in text form, read where there is no `saved_model.pb` |
//! | `tfhub_module.pb` | a `ModuleDef` message, which marks the directory as a module |
//! | `variables/variables.index`, `variables/variables.data-?????-of-?????` | a tensor bundle with a shard for each device that variables are placed on; none without variables |
//! | `assets/` | the files that tables and the like read |

pub(crate) mod assets;
mod imported;
mod read;
pub(crate) mod stage;

pub(crate) use imported::{ImportedMetaGraph, ReadMetaGraph};
pub(crate) use read::read;

use std::collections::BTreeMap;

use prost::Message as _;

use crate::graph::Graph;
use crate::proto::tensorflow::collection_def::{BytesList, Kind};
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::proto::tensorflow::{CollectionDef, MetaGraphDef, SignatureDef};
use crate::proto::{length_delimited, number};

pub(crate) const SAVED_MODEL: &str = "saved_model.pb";
pub(crate) const SAVED_MODEL_TEXT: &str = "saved_model.pbtxt";
pub(crate) const MODULE: &str = "tfhub_module.pb";
pub(crate) const ASSETS: &str = "assets";
pub(crate) const VARIABLES: &str = "variables";
pub(crate) const VARIABLES_INDEX: &str = "variables/variables.index";

/// The collection that holds a variant's attachments.
pub(crate) const ATTACHMENTS: &str = "hub_module_attachments";

/// The release whose ops and conventions are written.
const TENSORFLOW_VERSION: &str = "1.15.5";
const TENSORFLOW_GIT_VERSION: &str = "v1.15.4-39-g3db52be";

/// The file that holds the values of a shard of the variables.
pub(crate) fn variables_data(shard: usize, num_shards: usize) -> String {
    format!("variables/variables.data-{shard:05}-of-{num_shards:05}")
}

/// A message of a variant, with the fields before its graph, the graph and the fields after it each encoded.
pub(crate) struct EncodedMetaGraph {
    /// The version of the `SavedModel` message that it is in.
    schema_version: i64,
    before: Vec<u8>,
    graph: Vec<u8>,
    after: Vec<u8>,
}

impl EncodedMetaGraph {
    /// The pieces that a `SavedModel` consists of, one after another.
    pub(crate) fn saved_model(meta_graphs: Vec<Self>) -> Vec<Vec<u8>> {
        let mut version = Vec::new();
        let versions = meta_graphs.iter().map(|meta| meta.schema_version);
        if let Some(newest) = versions.max().filter(|&newest| newest != 0) {
            number(1, newest as u64, &mut version);
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
        std::iter::once(version).chain(pieces).collect()
    }
}

/// One variant as its message, maps sorted by key; `assets` are the names of files by tensor. Default attributes are
/// left out, unless the variant was taken over from a file that has them.
pub(crate) fn meta_graph(
    graph: &Graph,
    tags: impl IntoIterator<Item = String>,
    signatures: BTreeMap<String, SignatureDef>,
    attachments: Vec<Vec<u8>>,
    assets: &BTreeMap<String, String>,
) -> EncodedMetaGraph {
    let imported = graph.extension::<ImportedMetaGraph>();
    if let Some(as_read) = imported.and_then(|imported| imported.as_read.as_ref()) {
        return as_read.encode(graph, assets);
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
