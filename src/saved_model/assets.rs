//! Assets: the files that a graph reads, such as vocabularies.
//!
//! In a graph an asset is a constant that holds the path of the file and is in the collection `asset_filepaths`. In a
//! directory the file is in `assets/`, the constant holds [`PLACEHOLDER`], so that no path of the machine that wrote it
//! gets out, and the collection `saved_model_assets` says which file each constant stands for.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::ASSETS;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Item, Node, keys};
use crate::proto::google::Any;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::{AnyList, Kind};
use crate::proto::tensorflow::{
    AssetFileDef, AttrValue, CollectionDef, GraphDef, NodeDef, TensorInfo, TensorProto,
};
use crate::proto::{DecodeError, Message as _};
use crate::sorted_map::SortedMap;

/// The collection that says which file each asset is; no graph has it, only directories do.
pub(crate) const COLLECTION: &str = "saved_model_assets";

/// The content of a constant that stands for the path of an asset in a directory's graph.
const PLACEHOLDER: &[u8] = b"SAVEDMODEL-ASSET";

/// The message type in [`COLLECTION`].
const ASSET_FILE_DEF: &str = "tensorflow.AssetFileDef";

errors! {
    #[derive(Debug)]
    enum AssetError {
        #[error("collection \"{COLLECTION}\" holds other messages than {ASSET_FILE_DEF}")]
        Collection,
        #[error("an asset's {ASSET_FILE_DEF} is malformed: {0}")]
        Decode(DecodeError),
        #[error("an asset's tensor is \"{0}\", expected the output 0 of a node")]
        Tensor(String),
        #[error("asset {file:?} belongs to the node \"{node}\", which the graph does not have")]
        NoNode { node: String, file: String },
        #[error("asset {file:?} of \"{node}\": {fault}")]
        Constant {
            node: String,
            file: String,
            fault: String,
        },
        #[error("expected the name of a file in \"{ASSETS}\" for the asset \"{node}\", found {file:?}")]
        Outside { node: String, file: String },
        #[error(
            "\"{tensor}\" is in the collection \"{key}\", but \"{COLLECTION}\" has no file for it; drop the collection if \
             the path may stay in the graph",
            key = keys::ASSET_FILEPATHS
        )]
        NoFile { tensor: String },
        #[error("the directory's path is not UTF-8, which the paths of assets have to be")]
        NotUtf8,
        #[error("is an asset, but leads out of the directory, to {0:?}")]
        LeadsOut(PathBuf),
        #[error("is an asset, but not a file")]
        NotAFile,
    }
}

impl From<AssetError> for Error {
    fn from(error: AssetError) -> Self {
        let kind = match error {
            AssetError::NoFile { .. } | AssetError::NotUtf8 | AssetError::LeadsOut(_) => {
                ErrorKind::Unsupported
            }
            _ => ErrorKind::Corrupt,
        };
        Error::new(kind, error)
    }
}

/// The path in a constant that is an asset, or why it cannot be one.
pub(crate) fn path_of(node: &Node) -> std::result::Result<&str, String> {
    let value = match node.attr("value") {
        Some(Value::Tensor(value)) if node.op.name() == "Const" => value,
        _ => return Err("expected a constant as the path of an asset".to_owned()),
    };
    let path = std::str::from_utf8(one_string(value)?)
        .map_err(|_| "expected the path of an asset in UTF-8".to_owned())?;
    match base_name(path) {
        "" | "." | ".." => Err(format!(
            "expected the path of a file as an asset, found {path:?}"
        )),
        _ => Ok(path),
    }
}

fn one_string(value: &TensorProto) -> std::result::Result<&[u8], String> {
    match &value.string_val[..] {
        [path] => Ok(path),
        _ => Err("expected a scalar string as the path of an asset".to_owned()),
    }
}

/// The part of a path after the last separator.
fn base_name(path: &str) -> &str {
    path.rsplit(std::path::is_separator)
        .next()
        .unwrap_or_default()
}

/// Checks that there is a file which can be read.
pub(crate) fn readable(path: &str) -> io::Result<()> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path).map(|_| ()),
        false => Err(io::Error::other("expected a file")),
    }
}

/// The constants that are assets.
pub(crate) fn nodes(graph: &Graph) -> impl Iterator<Item = &Node> {
    let items = graph.collections().get(keys::ASSET_FILEPATHS).iter();
    items.filter_map(|item| match item {
        Item::Tensor(tensor) => Some(graph.node(tensor.node)),
        _ => None,
    })
}

/// The files of a directory's assets, each under the last part of its path; where that is taken, a number follows.
#[derive(Debug, Default)]
pub(crate) struct AssetFiles {
    names: SortedMap<String, String>,
    taken: SortedMap<String, ()>,
    /// The path and the name of each file.
    pub(crate) files: Vec<(String, String)>,
}

impl AssetFiles {
    /// The names of the files of a graph's assets by tensor, after those of the graphs before.
    pub(crate) fn add(&mut self, graph: &Graph) -> SortedMap<String, String> {
        let paths =
            nodes(graph).filter_map(|node| Some((format!("{}:0", node.name), path_of(node).ok()?)));
        let paths: SortedMap<_, _> = paths.collect();
        let named = paths.into_iter().map(|(tensor, path)| {
            let name = self.name(path);
            (tensor, name)
        });
        named.collect()
    }

    fn name(&mut self, path: &str) -> String {
        if let Some(name) = self.names.get(path) {
            return name.clone();
        }
        let base = base_name(path);
        let numbered = (0u64..).map(|number| format!("{base}{number}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        let free = names.find(|name| !self.taken.contains_key(name));
        let name = free.unwrap_or_default();
        self.taken.insert(name.clone(), ());
        self.names.insert(path.to_owned(), name.clone());
        self.files.push((path.to_owned(), name.clone()));
        name
    }
}

/// The collection of a graph with these assets.
pub(super) fn collection(files: &SortedMap<String, String>) -> CollectionDef {
    let any = |(tensor, file): (&String, &String)| {
        let tensor_info = TensorInfo {
            name: Some(tensor.clone()),
            ..TensorInfo::default()
        };
        let def = AssetFileDef {
            tensor_info: Some(tensor_info),
            filename: file.clone(),
        };
        Any {
            type_url: format!("type.googleapis.com/{ASSET_FILE_DEF}"),
            value: def.encode_to_vec(),
        }
    };
    let value = files.iter().map(any).collect();
    CollectionDef {
        kind: Some(Kind::AnyList(AnyList { value })),
    }
}

/// The attribute of a node that is one of these assets without the path in it.
pub(super) fn blanked(
    node: &Node,
    attr: &str,
    files: &SortedMap<String, String>,
) -> Option<AttrValue> {
    if attr != "value" || files.is_empty() || !files.contains_key(&format!("{}:0", node.name)) {
        return None;
    }
    let Value::Tensor(value) = node.attr(attr)? else {
        return None;
    };
    let mut value = value.clone();
    value.string_val = vec![PLACEHOLDER.to_vec()];
    Some(AttrValue {
        value: Some(Value::Tensor(value)),
    })
}

/// Puts into a constant of a file what is written for it: no path if it is one of these assets, or else the path that
/// the graph has.
pub(super) fn put_written_path(
    node: &mut NodeDef,
    graph: &Graph,
    files: &SortedMap<String, String>,
) {
    let found = graph.find(&node.name).map(|id| graph.node(id));
    let path = match files.contains_key(&format!("{}:0", node.name)) {
        true => Some(PLACEHOLDER),
        false => found
            .and_then(|found| path_of(found).ok())
            .map(str::as_bytes),
    };
    let value = node.attr.get_mut("value").and_then(|v| v.value.as_mut());
    if let (Some(path), Some(Value::Tensor(value))) = (path, value) {
        value.string_val = vec![path.to_vec()];
    }
}

/// The assets of a graph that was read from a directory.
#[derive(Debug)]
pub(crate) struct ReadAssets {
    /// The name of the file in `assets/` by the name of the constant.
    files: SortedMap<String, String>,
}

impl ReadAssets {
    /// Takes the assets out of what a meta graph says of them.
    pub(crate) fn take(
        collections: &mut SortedMap<String, CollectionDef>,
        mut defs: Vec<AssetFileDef>,
    ) -> Result<Self> {
        match collections.remove(COLLECTION).map(|def| def.kind) {
            None | Some(None) => {}
            Some(Some(Kind::AnyList(list))) => {
                for any in list.value {
                    if any.type_url.rsplit('/').next() != Some(ASSET_FILE_DEF) {
                        return Err(AssetError::Collection.into());
                    }
                    defs.push(AssetFileDef::decode(&any.value[..]).map_err(AssetError::Decode)?);
                }
            }
            Some(Some(_)) => return Err(AssetError::Collection.into()),
        }
        let named = defs.into_iter().map(|def| {
            let tensor = def.tensor_info.and_then(|info| info.name);
            let tensor = tensor.unwrap_or_default();
            match tensor.strip_suffix(":0") {
                Some(node) => Ok((node.to_owned(), def.filename)),
                None => Err(AssetError::Tensor(tensor).into()),
            }
        });
        let files = named.collect::<Result<_>>()?;
        Ok(ReadAssets { files })
    }

    /// The names of the constants.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Puts the paths of the files in `directory` into the constants, once each is known to be a file there, and those
    /// that are `elsewhere` by the names of the files.
    pub(crate) fn put_paths(
        &self,
        graph: &mut GraphDef,
        directory: &Path,
        elsewhere: &SortedMap<String, PathBuf>,
    ) -> Result<()> {
        let mut in_directory = self.files.values();
        let root = match in_directory.any(|file| !elsewhere.contains_key(file)) {
            true => fs::canonicalize(directory)
                .map_err(|source| Error::io("cannot open", directory, source))?,
            false => PathBuf::new(),
        };
        let nodes = graph.node.iter_mut();
        let nodes = nodes.filter(|node| self.files.contains_key(&node.name));
        let mut nodes: SortedMap<_, _> = nodes.map(|node| (node.name.clone(), node)).collect();
        for (node, file) in &self.files {
            let path = match elsewhere.get(file) {
                Some(path) => path.clone(),
                None => path_in(directory, &root, node, file)?,
            };
            let path = path.to_str().ok_or(AssetError::NotUtf8)?;
            let (name, file) = (node.clone(), file.clone());
            let Some(node) = nodes.get_mut(node.as_str()) else {
                return Err(AssetError::NoNode { node: name, file }.into());
            };
            put_path(node, path).map_err(|fault| AssetError::Constant {
                node: name,
                file,
                fault,
            })?;
        }
        Ok(())
    }

    /// Refuses a constant in the collection of assets that has no file, whose path could be any on this machine.
    pub(crate) fn expect_file(&self, tensor: &str) -> Result<()> {
        let node = tensor.strip_suffix(":0").unwrap_or(tensor);
        match self.files.contains_key(node) {
            true => Ok(()),
            false => Err(AssetError::NoFile {
                tensor: tensor.to_owned(),
            }
            .into()),
        }
    }
}

fn put_path(node: &mut NodeDef, path: &str) -> std::result::Result<(), String> {
    match node.attr.get_mut("value").and_then(|v| v.value.as_mut()) {
        Some(Value::Tensor(value)) if node.op == "Const" => {
            one_string(value)?;
            value.string_val = vec![path.into()];
            Ok(())
        }
        _ => Err(format!("expected a constant, found {}", node.op)),
    }
}

/// The path of a file among the assets of `directory`, which really is at `root`.
fn path_in(directory: &Path, root: &Path, node: &str, file: &str) -> Result<PathBuf> {
    let inside = Path::new(file)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if file.is_empty() || !inside {
        let (node, file) = (node.to_owned(), file.to_owned());
        return Err(AssetError::Outside { node, file }.into());
    }
    let path = directory.join(ASSETS).join(file);
    let cannot_read = |source| Error::io("cannot read the asset", &path, source);
    let real = fs::canonicalize(&path).map_err(cannot_read)?;
    let fault = match real.starts_with(root) {
        true if fs::metadata(&real).map_err(cannot_read)?.is_file() => return Ok(path),
        true => AssetError::NotAFile,
        false => AssetError::LeadsOut(real),
    };
    Err(Error::from(fault).with_path(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_are_numbered_and_one_file_is_taken_once() {
        let mut assets = AssetFiles::default();
        let paths = [
            "a/vocab.txt",
            "b/vocab.txt",
            "c/vocab.txt0",
            "a/vocab.txt",
            "d/vocab.txt",
        ];
        let names = paths.map(|path| assets.name(path));
        assert_eq!(
            names,
            [
                "vocab.txt",
                "vocab.txt0",
                "vocab.txt00",
                "vocab.txt",
                "vocab.txt1"
            ]
        );
        assert_eq!(assets.files.len(), 4);
    }
}
