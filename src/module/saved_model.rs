//! Modules made of SavedModels of TensorFlow 1.

use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

use super::attachment::{ATTACHMENTS, Attachments};
use super::files::ModuleFiles;
use super::signature::{End, Side, component_names};
use super::spec::ModuleSpec;
use super::tags::Tags;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{
    AnyTensor, GraphBuilder, GraphDef, HashSet, ImportOptions, Imported, Origin, keys,
    remove_remarks, shape_from_proto, shape_proto,
};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::proto::tensorflow::{
    DataType, MetaGraphDef, SaveSliceInfoDef, SavedModel, SignatureDef, TensorInfo, VariableDef,
};
use crate::proto::{DecodeError, Message as _};
use crate::saved_model::assets::ReadAssets;
use crate::saved_model::{self, ImportedMetaGraph, ReadMetaGraph};
use crate::shape::Shape;
use crate::value::TensorSlice;
use crate::variable::{VariableInfo, VariablePart, Variables};

/// Collections of a SavedModel that a module cannot use: operations that prepare a session, and the training step.
const DROPPED: [&str; 3] = ["global_step", "legacy_init_op", "saved_model_main_op"];
/// Signatures that stand for an operation.
const DROPPED_SIGNATURES: [&str; 2] = ["__saved_model_init_op", "__saved_model_train_op"];

errors! {
    #[derive(Debug)]
    enum SavedModelError {
        #[error("collection \"{ATTACHMENTS}\" is malformed: {0}")]
        Attachments(DecodeError),
        #[error("not a SavedModel: it has no graph")]
        NoGraph,
        #[error("the SavedModel has no variant {tags}, expected one of {known}")]
        NoVariant { tags: Tags, known: String },
        #[error("the SavedModel is one of TensorFlow 2, whose variables belong to objects")]
        Objects,
        #[error("collection \"{0}\" holds neither nodes nor messages")]
        Collection(String),
        #[error("signature \"{signature}\": \"{key}\" is neither a tensor nor a composite of tensors")]
        NoTensor { signature: String, key: String },
        #[error("a variable's VariableDef is malformed: {0}")]
        VariableDef(DecodeError),
        #[error("variable \"{name}\": {fault}")]
        Variable { name: String, fault: &'static str },
    }
}

impl From<SavedModelError> for Error {
    fn from(error: SavedModelError) -> Self {
        let kind = match error {
            SavedModelError::Objects | SavedModelError::Collection(_) => ErrorKind::Unsupported,
            SavedModelError::NoVariant { .. } => ErrorKind::NotFound,
            _ => ErrorKind::Corrupt,
        };
        Error::new(kind, error)
    }
}

/// The variants and collections of a SavedModel that become a module.
///
/// ```
/// use tfhub::module::SavedModelOptions;
/// use tfhub::{GraphBuilder, ModuleSpec, Session, Tags};
///
/// # let dir = tempfile::tempdir()?;
/// # let saved_model = dir.path().join("1");
/// # fn identity(g: &GraphBuilder) {
/// #     let x = g.placeholder::<f32>((None, 3));
/// #     g.default_signature(x, x);
/// # }
/// # let spec = ModuleSpec::builder().variant(Tags::none(), identity).variant(["train"], identity);
/// # let spec = spec.finish()?;
/// # spec.export(&saved_model, &Session::new(&spec)?)?;
/// let options = SavedModelOptions::new().without_variant(["train"]).drop_collections(["summaries"]);
/// let spec = ModuleSpec::from_saved_model(&saved_model, options)?;
/// assert!(spec.tags().eq([&Tags::none()]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SavedModelOptions {
    only: Vec<Tags>,
    without: Vec<Tags>,
    drop_collections: Vec<String>,
}

/// All variants, and the collections that a module can carry.
impl From<()> for SavedModelOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl SavedModelOptions {
    /// All variants, and the collections that a module can carry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out the variant with these tags, which is not read then.
    pub fn without_variant(mut self, tags: impl Into<Tags>) -> Self {
        self.without.push(tags.into());
        self
    }

    /// Takes the variant with these tags, and only those that are named so.
    pub fn only_variant(mut self, tags: impl Into<Tags>) -> Self {
        self.only.push(tags.into());
        self
    }

    /// Drops these collections of every variant, as the `drop_collections` of Python's function does.
    pub fn drop_collections<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        let keys = keys.into_iter().map(Into::into);
        self.drop_collections.extend(keys);
        self
    }

    fn takes(&self, tags: &Tags) -> bool {
        !self.without.contains(tags) && (self.only.is_empty() || self.only.contains(tags))
    }

    /// Checks that the variants that are named are among these.
    fn expect_variants(&self, known: Vec<Tags>) -> Result<()> {
        let named = self.only.iter().chain(&self.without);
        match named.into_iter().find(|tags| !known.contains(tags)) {
            None => Ok(()),
            Some(tags) => {
                let known: Vec<_> = known.iter().map(ToString::to_string).collect();
                Err(SavedModelError::NoVariant {
                    tags: tags.clone(),
                    known: known.join(", "),
                }
                .into())
            }
        }
    }
}

impl ModuleSpec {
    /// The module of a SavedModel directory of TensorFlow 1, as `hub.create_module_spec_from_saved_model` makes it.
    ///
    /// The message is read from `saved_model.pb` or, where there is none, in text form from `saved_model.pbtxt`, as
    /// TensorFlow's loader does. Each graph becomes a variant with the tags and signatures that it has, if any;
    /// collections of operations that initialize a session and of the training step are dropped. The rules are those of
    /// TensorFlow Hub, as the graph is not the author's, and all that the file says is written again as it was read. Only
    /// names for people that later releases give to variables are left out, for which TensorFlow 1.15 refuses a graph.
    /// [`ModuleVariables`](crate::module::ModuleVariables) has the values of the variables. Assets stay in the directory until
    /// the module is exported, which copies them; also those that the SavedModel does not list in
    /// [`keys::ASSET_FILEPATHS`], as Python's function leaves them behind.
    ///
    /// The options choose variants and drop collections; `()` stands for all variants and for what a module can carry.
    ///
    /// ```no_run
    /// use tfhub::ModuleSpec;
    /// use tfhub::module::ModuleVariables;
    ///
    /// # fn main() -> tfhub::Result<()> {
    /// let spec = ModuleSpec::from_saved_model("serving/1", ())?;
    /// spec.export("module", &ModuleVariables::open("serving/1")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if neither `saved_model.pb` nor `saved_model.pbtxt` can be read,
    /// [`ErrorKind::Corrupt`] if it is malformed, [`ErrorKind::Unsupported`] for SavedModels of TensorFlow 2, and
    /// [`ErrorKind::InvalidModule`] for what a module cannot have, such as other collections. For assets,
    /// [`ErrorKind::NotFound`] if a file is missing, [`ErrorKind::Corrupt`] if its name leads out of `assets/`, and
    /// [`ErrorKind::Unsupported`] if it is a link out of the directory, or if a constant is said to be an asset but
    /// holds a path of the machine that wrote the SavedModel. [`ErrorKind::NotFound`] also if a variant that the options
    /// name is not there.
    #[track_caller]
    pub fn from_saved_model(
        directory: impl AsRef<Path>,
        options: impl Into<SavedModelOptions>,
    ) -> Result<Self> {
        let files = ModuleFiles::new(directory.as_ref());
        module_of(files.into(), &options.into(), Location::caller())
    }
}

/// Builds the module in a directory for the caller at `location`.
pub(super) fn module_of(
    files: Arc<ModuleFiles>,
    options: &SavedModelOptions,
    location: &'static Location<'static>,
) -> Result<ModuleSpec> {
    let (path, model) = saved_model::read(files.directory())?;
    module_of_message(model, Some(&path), files, options, location)
}

/// Refuses what has no graphs of TensorFlow 1.
pub(super) fn expect_graphs(model: &SavedModel) -> Result<()> {
    for meta_graph in &model.meta_graphs {
        if meta_graph.object_graph_def.is_some() {
            return Err(SavedModelError::Objects.into());
        }
        if meta_graph.graph_def.is_none() {
            return Err(SavedModelError::NoGraph.into());
        }
    }
    Ok(())
}

/// Builds the module of a message, which may have been read from a file.
pub(super) fn module_of_message(
    model: SavedModel,
    path: Option<&Path>,
    files: Arc<ModuleFiles>,
    options: &SavedModelOptions,
    location: &'static Location<'static>,
) -> Result<ModuleSpec> {
    let at = |error: Error| match (error.path(), path) {
        (None, Some(path)) => error.with_path(path),
        _ => error,
    };
    let known = model.meta_graphs.iter().map(tags).collect();
    options.expect_variants(known).map_err(at)?;
    let dropped = options.drop_collections.iter().cloned();
    let dropped: HashSet<String> = dropped.chain(DROPPED.map(str::to_owned)).collect();
    let builder = ModuleSpec::builder().of_file(path, location);
    // Again in the end, since assets are put into a collection that may be one of them.
    let mut builder = builder.drop_collections(dropped.iter().cloned());
    for mut meta_graph in model.meta_graphs {
        let tags = tags(&meta_graph);
        if !options.takes(&tags) {
            continue;
        }
        let collections = &mut meta_graph.collection_def;
        collections.retain(|key, _| !dropped.contains(key));
        let schema_version = model.saved_model_schema_version;
        builder = builder.variant(tags, |g| {
            let import = || import(g, meta_graph, schema_version, &files, location);
            g.called_from(location, import)
        });
    }
    let spec = builder.finish().map_err(at)?;
    Ok(spec.with_files(files))
}

/// The tags of a variant.
pub(super) fn tags(meta_graph: &MetaGraphDef) -> Tags {
    let info = meta_graph.meta_info_def.iter();
    info.flat_map(|info| info.tags.iter().cloned()).collect()
}

/// Builds the graph of one tag set.
fn import(
    g: &GraphBuilder,
    mut meta_graph: MetaGraphDef,
    schema_version: i64,
    files: &ModuleFiles,
    location: &'static Location<'static>,
) -> Result<()> {
    if meta_graph.object_graph_def.is_some() {
        return Err(SavedModelError::Objects.into());
    }
    let graph_def = meta_graph.graph_def.take();
    let mut graph_def = graph_def.ok_or(SavedModelError::NoGraph)?;
    remove_remarks(&mut graph_def);
    let fields = meta_graph.clone();
    let MetaGraphDef {
        meta_info_def,
        mut collection_def,
        signature_def,
        asset_file_def,
        ..
    } = meta_graph;
    let assets = ReadAssets::take(&mut collection_def, asset_file_def)?;
    let names = assets.nodes().collect();
    let as_read = ReadMetaGraph::new(schema_version, fields, &mut graph_def, &names);
    assets.put_paths(&mut graph_def, files.directory(), files.assets())?;
    let imported = import_graph(g, graph_def, meta_info_def.unwrap_or_default())?;
    g.extension::<ImportedMetaGraph>().as_read = Some(as_read);
    for (key, collection) in collection_def {
        match collection.kind {
            Some(Kind::BytesList(list)) if key == ATTACHMENTS => {
                let attachments = Attachments::parse(&list.value);
                *g.extension() = attachments.map_err(SavedModelError::Attachments)?;
            }
            Some(Kind::BytesList(list)) => {
                for bytes in list.value {
                    if key == keys::VARIABLES {
                        add_variable(g, &imported, &bytes)?;
                    }
                    g.add_to_collection(&key, bytes);
                }
            }
            Some(Kind::NodeList(list)) => {
                for name in list.value {
                    if key == keys::ASSET_FILEPATHS {
                        assets.expect_file(&name)?;
                    }
                    match name.contains(':') {
                        true => g.add_to_collection(&key, imported.tensor(&name)?),
                        false => g.add_to_collection(&key, imported.operation(&name)?),
                    }
                }
            }
            None => {}
            Some(_) => return Err(SavedModelError::Collection(key).into()),
        }
    }
    let listed = g.collected_tensors(keys::ASSET_FILEPATHS);
    let listed: HashSet<String> = listed.iter().map(AnyTensor::name).collect();
    for node in assets.nodes() {
        let tensor = imported.tensor(&format!("{node}:0"))?;
        if !listed.contains(&tensor.name()) {
            g.add_to_collection(keys::ASSET_FILEPATHS, tensor);
        }
    }
    for (name, signature) in signature_def {
        let mut ends = signature.inputs.values().chain(signature.outputs.values());
        let of_operation = ends.all(|end| end.dtype == DataType::DtInvalid as i32);
        if !(of_operation && DROPPED_SIGNATURES.contains(&name.as_str())) {
            add_signature(g, &imported, &name, signature, location)?;
        }
    }
    Ok(())
}

/// Adds the nodes of a meta graph, whose writer has left this information.
fn import_graph<'g>(
    g: &'g GraphBuilder,
    graph_def: crate::proto::tensorflow::GraphDef,
    writer: MetaInfoDef,
) -> Result<Imported<'g>> {
    let graph_def = GraphDef::from_message(graph_def);
    let ops = writer.stripped_op_list.unwrap_or_default();
    let graph_def = graph_def.without_later_defaults(&ops);
    let options = ImportOptions::new().prefix("").keep_devices();
    let options = options.written_by(writer.tensorflow_version);
    g.import_graph_def(graph_def, options)
}

/// The messages that signatures have of tensors of a meta graph.
pub(super) fn tensor_infos(
    meta: &MetaGraphDef,
    names: &[&str],
    location: &'static Location<'static>,
) -> Result<Vec<TensorInfo>> {
    let g = GraphBuilder::new();
    let mut graph_def = meta.graph_def.clone().ok_or(SavedModelError::NoGraph)?;
    remove_remarks(&mut graph_def);
    let writer = meta.meta_info_def.clone().unwrap_or_default();
    let imported = g.called_from(location, || import_graph(&g, graph_def, writer))?;
    let infos = names.iter().map(|name| {
        let tensor = imported.tensor(name)?;
        Ok(TensorInfo {
            name: Some(tensor.name()),
            dtype: tensor.dtype().number(),
            tensor_shape: Some(shape_proto(&tensor.shape())),
            ..TensorInfo::default()
        })
    });
    infos.collect()
}

fn add_signature<'g>(
    g: &'g GraphBuilder,
    imported: &Imported<'g>,
    name: &str,
    def: SignatureDef,
    location: &'static Location<'static>,
) -> Result<()> {
    let signature = g.add_signature(name.to_owned(), Origin::Imported, location);
    let mut signature = signature.method_name(def.method_name);
    let inputs = def.inputs.into_iter().map(|end| (Side::Input, end));
    let outputs = def.outputs.into_iter().map(|end| (Side::Output, end));
    for (side, (key, info)) in inputs.chain(outputs) {
        let names = component_names(&info).ok_or_else(|| SavedModelError::NoTensor {
            signature: name.to_owned(),
            key: key.clone(),
        })?;
        let tensors = names
            .into_iter()
            .map(|name| Ok(imported.tensor(name)?.tensor_ref()));
        let tensors = tensors.collect::<Result<Vec<_>>>()?;
        let end = match (&info.encoding, &tensors[..]) {
            (None, &[tensor]) => End::Tensor(tensor),
            _ => End::Composite {
                info: Box::new(info),
                tensors,
            },
        };
        signature = signature.end(side, key, end);
    }
    Ok(())
}

/// Lists a variable, of which the collection has the definition.
pub(super) fn add_variable(g: &GraphBuilder, imported: &Imported<'_>, bytes: &[u8]) -> Result<()> {
    let def = VariableDef::decode(bytes).map_err(SavedModelError::VariableDef)?;
    let name = def
        .variable_name
        .split(':')
        .next()
        .unwrap_or_default()
        .to_owned();
    let fault = |fault| SavedModelError::Variable {
        name: name.clone(),
        fault,
    };
    let handle = imported.operation(&name)?;
    let tensor = |name: &str| match name.is_empty() {
        true => Ok(None),
        false => imported.tensor(name).map(Some),
    };
    let initial_value = tensor(&def.initial_value_name)?;
    tensor(&def.snapshot_name)?;
    let id = handle.id;
    let (dtype, mut shape) = {
        let node = g.node(id);
        let reference = node.outputs.first();
        let reference = reference.filter(|output| output.dtype != DType::Resource);
        let shape = match (reference, node.attr("shape")) {
            (Some(reference), _) => reference.shape.clone(),
            (None, Some(Value::Shape(shape))) => shape_from_proto(shape),
            (None, _) => Shape::unknown(),
        };
        (node.type_attr("dtype"), shape)
    };
    let dtype = dtype.ok_or_else(|| fault("its node has no dtype"))?;
    let part = match &def.save_slice_info_def {
        Some(info) if !info.full_name.is_empty() => {
            let part = part(info).filter(|part| shape.admits(&part.slice.shape()));
            shape = part
                .as_ref()
                .map_or(shape, |part| part.slice.shape().into());
            Some(part.ok_or_else(|| fault("its place in the partitioned variable is malformed"))?)
        }
        _ => None,
    };
    let info = VariableInfo {
        name,
        dtype,
        shape,
        handle: id,
        initial_value: initial_value.map(|tensor| tensor.tensor_ref()),
        trainable: def.trainable,
        part,
    };
    g.extension::<Variables>().import(info, bytes.to_vec());
    Ok(())
}

/// The place of a part in a partitioned variable, if it is one.
pub(super) fn part(info: &SaveSliceInfoDef) -> Option<VariablePart> {
    let sizes = |sizes: &[i64]| -> Option<Vec<usize>> {
        let sizes = sizes.iter().map(|&size| usize::try_from(size).ok());
        sizes.collect()
    };
    let (shape, start) = (sizes(&info.full_shape)?, sizes(&info.var_offset)?);
    let len = sizes(&info.var_shape)?;
    if len.len() != start.len() {
        return None;
    }
    let ranges = start.iter().zip(&len);
    let ranges: Option<Vec<_>> = ranges
        .map(|(&start, &len)| Some(start..start.checked_add(len)?))
        .collect();
    let slice = TensorSlice::new(ranges?);
    slice.is_within(&shape).then(|| VariablePart {
        whole: info.full_name.clone(),
        shape,
        slice,
    })
}

#[cfg(test)]
mod tests;
