//! Other files for assets.

use std::panic::Location;
use std::path::Path;

use super::editor::ModuleEditor;
use super::error::EditError;
use crate::error::{Error, Result};
use crate::module::saved_model::tags;
use crate::nearest;
use crate::proto::Message as _;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::{AssetFileDef, MetaGraphDef};
use crate::saved_model::assets::{COLLECTION, readable};

impl ModuleEditor<'_> {
    /// Replaces the file of an asset, in all variants, by the one at `path`. `name` is that of the file in the module; an
    /// export copies the new one under the last part of its path.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such asset or file, or
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read.
    #[track_caller]
    pub fn replace_asset(&mut self, name: &str, path: impl AsRef<Path>) -> Result<&mut Self> {
        let path = path.as_ref();
        let replaced = self.edit(Location::caller(), |editor| {
            let names = editor.asset_names_in_graphs()?;
            if !names.iter().any(|known| known == name) {
                return Err(EditError::NoAsset {
                    name: name.to_owned(),
                    meant: nearest::among(name, "asset", names.iter().map(String::as_str)),
                });
            }
            match path.to_str() {
                Some(_) => Ok(()),
                None => Err(EditError::AssetPath(path.to_owned())),
            }
        });
        let editor = replaced?;
        readable(&path.to_string_lossy())
            .map_err(|error| Error::io("cannot read the asset", path, error))?;
        editor.assets.insert(name.to_owned(), path.to_owned());
        Ok(editor)
    }

    /// The names of the files of assets, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if the collection of assets is malformed.
    #[track_caller]
    pub fn asset_names(&self) -> Result<Vec<String>> {
        self.asset_names_in_graphs().map_err(|error| self.at(error))
    }

    /// The names of the files of assets, sorted.
    pub(super) fn asset_names_in_graphs(&self) -> Result<Vec<String>, EditError> {
        let mut names = Vec::new();
        for meta in &self.model.meta_graphs {
            names.extend(defs(meta)?.into_iter().map(|def| def.filename));
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

fn defs(meta: &MetaGraphDef) -> Result<Vec<AssetFileDef>, EditError> {
    let mut defs = meta.asset_file_def.clone();
    if let Some(Some(Kind::AnyList(list))) = meta.collection_def.get(COLLECTION).map(|it| &it.kind)
    {
        for any in &list.value {
            let def = AssetFileDef::decode(&any.value[..]);
            defs.push(def.map_err(|error| EditError::Collection {
                tags: tags(meta),
                key: COLLECTION.to_owned(),
                error,
            })?);
        }
    }
    Ok(defs)
}

/// The tensors of a variant that hold paths of assets.
pub(super) fn asset_tensors(meta: &MetaGraphDef) -> Vec<String> {
    let defs = defs(meta).unwrap_or_default().into_iter();
    defs.filter_map(|def| def.tensor_info?.name).collect()
}

/// Gives the files of assets other names, where `new` has one.
pub(super) fn rename_files(meta: &mut MetaGraphDef, new: &dyn Fn(&str) -> Option<String>) {
    let put = |def: &mut AssetFileDef| {
        if let Some(name) = new(&def.filename) {
            def.filename = name;
        }
    };
    meta.asset_file_def.iter_mut().for_each(put);
    let collection = meta.collection_def.get_mut(COLLECTION);
    if let Some(Kind::AnyList(list)) = collection.and_then(|it| it.kind.as_mut()) {
        for any in &mut list.value {
            if let Ok(mut def) = AssetFileDef::decode(&any.value[..]) {
                put(&mut def);
                any.value = def.encode_to_vec();
            }
        }
    }
}
