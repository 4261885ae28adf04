//! Meta graphs as a file has them.

use std::borrow::Cow;

use super::{ImportedMetaGraph, assets};
use crate::graph::{Graph, NodeId};
use crate::proto::Message as _;
use crate::proto::tensorflow::collection_def::{Kind, NodeList};
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::proto::tensorflow::{CollectionDef, MetaGraphDef, SaverDef, SignatureDef};
use crate::proto::{length_delimited, number};
use crate::sorted_map::SortedMap;

/// The release whose ops and conventions are written.
const TENSORFLOW_VERSION: &str = "1.15.5";
const TENSORFLOW_GIT_VERSION: &str = "v1.15.4-39-g3db52be";

/// The collection of the operation that loading a SavedModel runs.
const MAIN_OP: &str = "saved_model_main_op";

/// A meta graph: a graph under tags, with what a consumer has to know of it.
pub(crate) struct MetaGraph<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) tags: Vec<String>,
    pub(crate) signatures: SortedMap<String, SignatureDef>,
    /// Collections besides those of the graph.
    pub(crate) collections: SortedMap<String, CollectionDef>,
    /// The operations in the graph that save and restore variables, if there are any.
    pub(crate) saver: Option<SaverDef>,
    /// The operation in the graph that loading runs after the variables are restored, to fill tables and the like.
    pub(crate) init_op: Option<NodeId>,
    /// The names of the files of assets by tensor.
    pub(crate) assets: &'g SortedMap<String, String>,
}

impl<'g> MetaGraph<'g> {
    /// Encodes the message, maps sorted by key. Default attributes are left out, unless the graph was taken over from a
    /// file that has them.
    pub(crate) fn encode(self) -> EncodedMetaGraph<'g> {
        let MetaGraph { graph, assets, .. } = self;
        let imported = graph.extension::<ImportedMetaGraph>();
        if let Some(as_read) = imported.and_then(|imported| imported.as_read.as_ref()) {
            return as_read.encode(graph, assets);
        }
        let mut collection_def = graph.to_collection_defs();
        if !assets.is_empty() {
            collection_def.insert(assets::COLLECTION.to_owned(), assets::collection(assets));
        }
        if let Some(id) = self.init_op {
            let value = vec![graph.node(id).name.to_string()];
            let kind = Some(Kind::NodeList(NodeList { value }));
            collection_def.insert(MAIN_OP.to_owned(), CollectionDef { kind });
        }
        collection_def.extend(self.collections);
        let before = MetaGraphDef {
            meta_info_def: Some(MetaInfoDef {
                stripped_op_list: Some(graph.to_op_list()),
                tags: self.tags,
                tensorflow_version: TENSORFLOW_VERSION.to_owned(),
                tensorflow_git_version: TENSORFLOW_GIT_VERSION.to_owned(),
                stripped_default_attrs: true,
                ..MetaInfoDef::default()
            }),
            ..MetaGraphDef::default()
        };
        let after = MetaGraphDef {
            saver_def: self.saver,
            collection_def,
            signature_def: self.signatures,
            ..MetaGraphDef::default()
        };
        EncodedMetaGraph {
            schema_version: 0,
            before: before.encode_to_vec(),
            graph: Cow::Owned(
                graph.to_encoded_message(&|node, attr| assets::blanked(node, attr, assets)),
            ),
            after: after.encode_to_vec(),
        }
    }
}

/// An encoded `MetaGraphDef`: the fields before its graph, the graph, which may be kept from a file, and the fields after
/// it.
pub(crate) struct EncodedMetaGraph<'g> {
    /// The version of the `SavedModel` message that it is in.
    pub(super) schema_version: i64,
    pub(super) before: Vec<u8>,
    pub(super) graph: Cow<'g, [u8]>,
    pub(super) after: Vec<u8>,
}

impl<'g> EncodedMetaGraph<'g> {
    /// The pieces that a `SavedModel` consists of, one after another.
    pub(crate) fn saved_model(meta_graphs: Vec<Self>) -> Vec<Cow<'g, [u8]>> {
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
            [head.into(), meta.graph, meta.after.into()]
        });
        std::iter::once(version.into()).chain(pieces).collect()
    }
}
