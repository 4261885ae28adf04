//! Modules as the message that is exported.

use std::path::PathBuf;

use super::export::to_meta_graph;
use super::spec::ModuleSpec;
use crate::error::Result;
use crate::message_file;
use crate::proto::tensorflow::SavedModel;
use crate::saved_model::EncodedMetaGraph;
use crate::saved_model::assets::AssetFiles;
use crate::sorted_map::SortedMap;

/// The message of a module, and the files of its assets by the names that they have in it.
pub(super) fn message_of(spec: &ModuleSpec) -> Result<(SavedModel, SortedMap<String, PathBuf>)> {
    let variants = spec.graphs_by_tags();
    let mut assets = AssetFiles::default();
    let assets_of = variants.iter().map(|variant| assets.add(&variant.graph));
    let assets_of: Vec<_> = assets_of.collect();
    let encoded = variants.iter().zip(&assets_of);
    let encoded = encoded.map(|(variant, assets)| to_meta_graph(variant, assets));
    let pieces = EncodedMetaGraph::saved_model(encoded.collect());
    let model = message_file::SAVED_MODEL.decode(&pieces.concat())?;
    let files = assets.files.into_iter();
    let files = files.map(|(path, name)| (name, PathBuf::from(path)));
    Ok((model, files.collect()))
}
