//! Meta graphs that were read from a file. A variant that was taken over whole is written as it was read, field for field:
//! with the nodes in their order, the shapes and the default attributes that the file has.

use std::borrow::Cow;

use super::{EncodedMetaGraph, assets};
use crate::graph::{Graph, keys};
use crate::proto::Message as _;
use crate::proto::tensorflow::{GraphDef, MetaGraphDef};
use crate::sorted_map::SortedMap;

/// A note that a graph, or a part of it, comes from a meta graph.
#[derive(Debug, Default)]
pub(crate) struct ImportedMetaGraph {
    /// The meta graph, if the graph is that of a SavedModel and nothing else.
    pub(crate) as_read: Option<ReadMetaGraph>,
}

/// A meta graph of a SavedModel, kept to be written again.
#[derive(Debug)]
pub(crate) struct ReadMetaGraph {
    schema_version: i64,
    /// All but the graph and the files of assets, without the collections that were dropped.
    fields: MetaGraphDef,
    /// The encoded message, as the file has it.
    graph: Vec<u8>,
    /// The names of the constants that hold the paths of assets.
    assets: Vec<String>,
}

impl ReadMetaGraph {
    /// Keeps what a meta graph says; `assets` names the constants that hold paths.
    pub(crate) fn new(
        schema_version: i64,
        mut fields: MetaGraphDef,
        graph: Vec<u8>,
        assets: impl IntoIterator<Item = String>,
    ) -> Self {
        // Tags are a set.
        if let Some(info) = &mut fields.meta_info_def {
            info.tags.sort_unstable();
        }
        // It is made anew from the assets in the graph.
        fields.collection_def.remove(assets::COLLECTION);
        ReadMetaGraph {
            schema_version,
            fields,
            graph,
            assets: assets.into_iter().collect(),
        }
    }

    /// The keys of the collections, empty ones included.
    pub(crate) fn collections(&self) -> impl Iterator<Item = &str> {
        self.fields.collection_def.keys().map(String::as_str)
    }

    /// The message as it was read, but for the files of assets: `files` has their names by tensor, and `graph` the paths
    /// of those that are no assets any more.
    pub(super) fn encode(
        &self,
        graph: &Graph,
        files: &SortedMap<String, String>,
    ) -> EncodedMetaGraph<'_> {
        let mut after = self.fields.clone();
        let before = MetaGraphDef {
            meta_info_def: after.meta_info_def.take(),
            ..MetaGraphDef::default()
        };
        for def in &mut after.asset_file_def {
            let tensor = def.tensor_info.as_ref().and_then(|info| info.name.as_ref());
            if let Some(file) = tensor.and_then(|tensor| files.get(tensor)) {
                def.filename.clone_from(file);
            }
        }
        if !files.is_empty() {
            let listed = graph.to_collection_defs().remove(keys::ASSET_FILEPATHS);
            let listed = listed.map(|listed| (keys::ASSET_FILEPATHS.to_owned(), listed));
            let named = (assets::COLLECTION.to_owned(), assets::collection(files));
            after
                .collection_def
                .extend(listed.into_iter().chain([named]));
        }
        EncodedMetaGraph {
            schema_version: self.schema_version,
            before: before.encode_to_vec(),
            graph: self.encoded_graph(graph, files),
            after: after.encode_to_vec(),
        }
    }

    fn encoded_graph(&self, graph: &Graph, files: &SortedMap<String, String>) -> Cow<'_, [u8]> {
        if self.assets.is_empty() {
            return Cow::Borrowed(&self.graph);
        }
        let message = GraphDef::decode(&self.graph[..]);
        let mut message = message.expect("the message was encoded when the file was read");
        for node in &mut message.node {
            if self.assets.contains(&node.name) {
                assets::put_written_path(node, graph, files);
            }
        }
        message.encode_to_vec().into()
    }
}
