//! Meta graphs that were read from a file. A variant that was taken over whole is written as it was read, field for field:
//! with the nodes in their order, the shapes and the default attributes that the file has.

use std::borrow::Cow;

use super::{EncodedMetaGraph, assets};
use crate::graph::{Graph, HashSet, OUTPUT_SHAPES, keys};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{AttrValue, GraphDef, MetaGraphDef, NodeDef};
use crate::proto::{Message as _, length_delimited};
use crate::sorted_map::SortedMap;

/// The size in bytes from which tensors in nodes are not kept twice.
const LARGE_TENSOR: usize = 256;

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
    graph: ReadGraph,
}

/// The message of a graph as a file has it, but for large tensors, which the graph that was made of it has.
#[derive(Debug, Default)]
struct ReadGraph {
    /// The encoded message without the nodes of `open`.
    encoded: Vec<u8>,
    /// The nodes that lack tensors or hold paths of assets, each with its position in `encoded`.
    open: Vec<(usize, OpenNode)>,
    /// Whether nodes say which shapes their outputs have.
    has_shapes: bool,
}

/// A node that is completed when it is written.
#[derive(Debug)]
struct OpenNode {
    def: NodeDef,
    is_asset: bool,
}

impl ReadGraph {
    /// Keeps a graph; `assets` names the constants that hold paths.
    fn new(graph: &mut GraphDef, assets: &HashSet<&str>) -> Self {
        let mut read = ReadGraph::default();
        let mut nodes = std::mem::take(&mut graph.node);
        let has_shapes = |node: &NodeDef| node.attr.contains_key(OUTPUT_SHAPES);
        read.has_shapes = nodes.iter().any(has_shapes);
        for node in &mut nodes {
            let is_asset = assets.contains(&*node.name);
            let taken = match is_asset {
                true => Vec::new(),
                false => take_large_tensors(node),
            };
            match is_asset || !taken.is_empty() {
                true => {
                    let def = node.clone();
                    let open = OpenNode { def, is_asset };
                    read.open.push((read.encoded.len(), open));
                }
                false => put(node, &mut read.encoded),
            }
            node.attr.extend(taken);
        }
        graph.encode_raw(&graph.lengths(), &mut read.encoded);
        graph.node = nodes;
        read
    }

    /// The message, where `files` has the names of the files of assets by tensor, and `graph` the large tensors and the
    /// paths of those that are no assets any more.
    fn encode(&self, graph: &Graph, files: &SortedMap<String, String>) -> Cow<'_, [u8]> {
        if self.open.is_empty() {
            return Cow::Borrowed(&self.encoded);
        }
        let mut out = Vec::with_capacity(self.encoded.len());
        let mut from = 0;
        for (at, OpenNode { def, is_asset }) in &self.open {
            out.extend_from_slice(&self.encoded[from..*at]);
            from = *at;
            let mut def = def.clone();
            if *is_asset {
                assets::put_written_path(&mut def, graph, files);
            } else if let Some(id) = graph.find(&def.name) {
                let attrs = graph.node(id).attrs.iter();
                for (name, value) in attrs.filter(|(_, value)| is_large_tensor(value)) {
                    def.attr.insert(name.to_string(), AttrValue::clone(value));
                }
            }
            put(&def, &mut out);
        }
        out.extend_from_slice(&self.encoded[from..]);
        Cow::Owned(out)
    }
}

/// Appends a node of an encoded `GraphDef`, in which they have number 1 and come first.
fn put(node: &NodeDef, out: &mut Vec<u8>) {
    let lengths = node.lengths();
    length_delimited(1, lengths.total, out);
    node.encode_raw(&lengths, out);
}

fn is_large_tensor(value: &AttrValue) -> bool {
    match &value.value {
        Some(Value::Tensor(tensor)) => tensor.encoded_len() >= LARGE_TENSOR,
        _ => false,
    }
}

fn take_large_tensors(node: &mut NodeDef) -> Vec<(String, AttrValue)> {
    let attrs = node.attr.iter();
    let large = attrs.filter(|(_, value)| is_large_tensor(value));
    let names: Vec<_> = large.map(|(name, _)| name.clone()).collect();
    let taken = names.into_iter().filter_map(|name| {
        let value = node.attr.remove(&name)?;
        Some((name, value))
    });
    taken.collect()
}

impl ReadMetaGraph {
    /// Keeps what a meta graph says; `assets` names the constants that hold paths.
    pub(crate) fn new(
        schema_version: i64,
        mut fields: MetaGraphDef,
        graph: &mut GraphDef,
        assets: &HashSet<&str>,
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
            graph: ReadGraph::new(graph, assets),
        }
    }

    /// Whether nodes of the file say which shapes their outputs have.
    pub(crate) fn has_shapes(&self) -> bool {
        self.graph.has_shapes
    }

    /// Whether the file has a saver.
    pub(crate) fn has_saver(&self) -> bool {
        self.fields.saver_def.is_some()
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
            graph: self.graph.encode(graph, files),
            after: after.encode_to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::GraphBuilder;

    #[test]
    fn a_graph_is_written_as_it_was_read_and_large_tensors_are_kept_once() {
        let g = GraphBuilder::new();
        let large = g.constant(vec![1.5f32; 10_000]);
        let _ = g.named("asset", || g.constant("words.txt"));
        let _ = large * 2.0 + g.constant(vec![0.5f32; 10_000]);
        let graph = g.finish().unwrap();
        let mut message = graph.to_message();
        let as_read = message.encode_to_vec();
        for assets in [vec![], vec!["asset"]] {
            let assets = assets.into_iter().collect();
            let read = ReadGraph::new(&mut message, &assets);
            assert_eq!(message.encode_to_vec(), as_read);
            assert!(read.encoded.len() < 1_000, "{}", read.encoded.len());
            assert_eq!(read.open.len(), 2 + assets.len());
            let files = SortedMap::new();
            assert_eq!(*read.encode(&graph, &files), *as_read);
        }
    }
}
