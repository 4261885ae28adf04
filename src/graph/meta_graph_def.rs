//! Meta graphs as files: the `MetaGraphDef` message, which checkpoints have beside them as `.meta`.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use super::graph_def::GraphDef;
use super::keys;
use crate::error::{Error, ErrorKind, Result};
use crate::message_file::META_GRAPH_DEF;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::{self as pb, VariableDef};
use crate::proto::{DecodeError, Message as _};

/// A graph with its collections as TensorFlow stores it (`tf.MetaGraphDef`), read but not yet checked:
/// what `tf.train.Saver` writes beside a checkpoint, and `tf.train.export_meta_graph`.
///
/// [`GraphBuilder::import_meta_graph`](crate::GraphBuilder::import_meta_graph) adds the graph and its variables to
/// another. A [`GraphDef`] is turned into a meta graph without collections.
#[derive(Clone, PartialEq)]
pub struct MetaGraphDef {
    pub(crate) message: pb::MetaGraphDef,
}

/// A variable of a [`MetaGraphDef`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariableDefinition {
    /// The name, under which a checkpoint has the value.
    pub name: String,
    /// The tensor that the variable is initialized with; `None` if the file does not say it.
    pub initial_value: Option<String>,
    /// The operation that does it.
    pub initializer: String,
    /// Whether training changes the variable.
    pub trainable: bool,
}

errors! {
    #[derive(Debug)]
    enum MetaGraphError {
        #[error("the meta graph has no graph")]
        NoGraph,
        #[error("collection \"{key}\": a VariableDef is malformed: {error}")]
        VariableDef { key: String, error: DecodeError },
    }
}

impl From<MetaGraphError> for Error {
    fn from(error: MetaGraphError) -> Self {
        Error::new(ErrorKind::Corrupt, error)
    }
}

impl MetaGraphDef {
    /// The meta graph in the bytes of a message.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if they are none, or have no graph; [`ErrorKind::Unsupported`] if they are more than
    /// 2 GiB.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::new(META_GRAPH_DEF.decode(bytes)?)
    }

    /// The meta graph in text form.
    ///
    /// # Errors
    /// As [`GraphDef::decode_text`], and [`ErrorKind::Corrupt`] if it has no graph.
    pub fn decode_text(text: &str) -> Result<Self> {
        Self::new(META_GRAPH_DEF.decode_text(text.as_bytes())?)
    }

    /// The meta graph in a file in binary or in text form, such as `model.ckpt-1000.meta`.
    ///
    /// # Errors
    /// As [`GraphDef::read`], and [`ErrorKind::Corrupt`] if it has no graph.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::new(META_GRAPH_DEF.read(path)?.0).map_err(|error| error.with_path(path))
    }

    fn new(message: pb::MetaGraphDef) -> Result<Self> {
        match message.graph_def {
            Some(_) => Ok(MetaGraphDef { message }),
            None => Err(MetaGraphError::NoGraph.into()),
        }
    }

    /// The graph alone. Attributes of later releases that are at their defaults are left out, as
    /// `tf.train.import_meta_graph` does.
    pub fn into_graph_def(self) -> GraphDef {
        let info = self.message.meta_info_def.unwrap_or_default();
        let graph_def = GraphDef::from_message(self.message.graph_def.unwrap_or_default());
        graph_def.without_later_defaults(&info.stripped_op_list.unwrap_or_default())
    }

    /// The release of TensorFlow that wrote the file; empty if it does not say it.
    pub fn tensorflow_version(&self) -> &str {
        let info = self.message.meta_info_def.as_ref();
        info.map_or("", |info| &info.tensorflow_version)
    }

    /// The keys of the collections, sorted.
    pub fn collections(&self) -> impl ExactSizeIterator<Item = &str> {
        self.message.collection_def.keys().map(String::as_str)
    }

    /// The names of the signatures, sorted; only SavedModels have some.
    pub fn signatures(&self) -> impl ExactSizeIterator<Item = &str> {
        self.message.signature_def.keys().map(String::as_str)
    }

    /// The variables of the collection [`keys::VARIABLES`], in its order.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if one is malformed.
    pub fn variables(&self) -> Result<Vec<VariableDefinition>> {
        let trainable = self.variable_defs(keys::TRAINABLE_VARIABLES)?;
        let trainable: HashSet<&str> = trainable
            .iter()
            .map(|def| def.variable_name.as_str())
            .collect();
        let variables = self.variable_defs(keys::VARIABLES)?.into_iter();
        Ok(variables
            .map(|def| VariableDefinition {
                trainable: trainable.contains(def.variable_name.as_str()),
                name: variable_name(&def).to_owned(),
                initial_value: Some(def.initial_value_name).filter(|name| !name.is_empty()),
                initializer: def.initializer_name,
            })
            .collect())
    }

    /// The definitions in a collection.
    fn variable_defs(&self, key: &str) -> Result<Vec<VariableDef>> {
        let collection = self.message.collection_def.get(key);
        let Some(Some(Kind::BytesList(list))) = collection.map(|it| &it.kind) else {
            return Ok(Vec::new());
        };
        let defs = list.value.iter();
        defs.map(|bytes| variable_def(key, bytes)).collect()
    }
}

/// The definition of a variable that a collection has.
pub(crate) fn variable_def(key: &str, bytes: &[u8]) -> Result<VariableDef> {
    VariableDef::decode(bytes).map_err(|error| {
        let key = key.to_owned();
        MetaGraphError::VariableDef { key, error }.into()
    })
}

/// The name of the variable's node.
pub(crate) fn variable_name(def: &VariableDef) -> &str {
    let name = &def.variable_name;
    name.split_once(':').map_or(name, |(node, _)| node)
}

impl From<GraphDef> for MetaGraphDef {
    fn from(graph_def: GraphDef) -> Self {
        MetaGraphDef {
            message: pb::MetaGraphDef {
                graph_def: Some(graph_def.message),
                ..Default::default()
            },
        }
    }
}

impl fmt::Debug for MetaGraphDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let graph_def = self.message.graph_def.as_ref();
        f.debug_struct("MetaGraphDef")
            .field("nodes", &graph_def.map_or(0, |graph| graph.node.len()))
            .field("collections", &self.collections().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
