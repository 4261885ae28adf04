//! The editor: a module's message and the edits of its values.

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::EditError;
use super::removal::removal_of_saver;
use super::values::EditedValues;
use super::variables::{EditedVariable, variables};
use crate::error::{Error, Result};
use crate::graph::HashSet;
use crate::module::export::{ExportSummary, Exporter};
use crate::module::files::ModuleFiles;
use crate::module::load;
use crate::module::message::message_of;
use crate::module::saved_model::{SavedModelOptions, expect_graphs, module_of_message, tags};
use crate::module::spec::ModuleSpec;
use crate::module::tags::Tags;
use crate::module::variables::ModuleVariables;
use crate::nearest;
use crate::proto::tensorflow::{GraphDef, MetaGraphDef, SavedModel};
use crate::saved_model;
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::source::VariableSource;
use crate::value::{IntoTensorValue, TensorValue};

/// Changes a module without running it: its variables, signatures, variants, assets and attachments.
///
/// All that an edit does not concern stays as it was: names, the order of nodes, ops and fields of later releases. An edit
/// that is refused changes nothing. Values stay where they are until the module is exported, and stream from file to
/// file then.
///
/// ```
/// use tfhub::module::ModuleEditor;
/// use tfhub::{DType, ModuleSpec, Session, Tags, VariableSource, layers};
///
/// # let dir = tempfile::tempdir()?;
/// # let (published, target) = (dir.path().join("published"), dir.path().join("edited"));
/// # let spec = ModuleSpec::new(|g| {
/// #     let x = g.placeholder::<f32>((None, 3));
/// #     g.default_signature(x, layers::dense(2).apply(x));
/// # })?;
/// # spec.export(&published, &Session::new(&spec)?)?;
/// let mut editor = ModuleEditor::open(&published)?;
/// editor
///     .rename_variable("dense/kernel", "head/weights")?
///     .cast_floats(DType::BFloat16)?
///     .set_attachment(&Tags::none(), "origin", b"published")?;
/// editor.finish()?.export(&target)?;
///
/// let edited = ModuleSpec::load(&target)?;
/// let weights = edited.values()?.describe("head/weights")?;
/// assert_eq!(weights, Some((DType::BFloat16, vec![3, 2])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ModuleEditor<'v> {
    pub(super) model: SavedModel,
    /// The file that the message was read from.
    path: Option<PathBuf>,
    /// The directories of the modules that this one is made of.
    files: Vec<Arc<ModuleFiles>>,
    /// The files of assets that are not those in the directory, by their names there.
    pub(super) assets: SortedMap<String, PathBuf>,
    pub(super) values: EditedValues<'v>,
    /// The variants that the edit that is going on has begun to change, by place, as they were.
    before: Vec<(usize, MetaGraphDef)>,
    location: &'static Location<'static>,
}

impl ModuleEditor<'static> {
    /// Opens a module to be edited: its directory, a `.tar.gz` of it, or a SavedModel of TensorFlow 1.
    ///
    /// # Errors
    /// As [`ModuleSpec::load`].
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let location = Location::caller();
        let files = load::open(path.as_ref())?;
        let (path, model) = saved_model::read(files.directory())?;
        expect_graphs(&model).map_err(|error| error.with_path(&path))?;
        let values = ModuleVariables::of(files.clone())?;
        Ok(ModuleEditor {
            model,
            path: Some(path),
            files: vec![files],
            assets: SortedMap::new(),
            values: EditedValues::new(Box::new(values)),
            before: Vec::new(),
            location,
        })
    }
}

impl<'v> ModuleEditor<'v> {
    /// Starts to edit a module that was built or loaded, whose variables have these values.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, layers};
    /// use tfhub::module::ModuleEditor;
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// })?;
    /// let session = Session::new(&spec)?;
    /// let mut editor = ModuleEditor::new(&spec, &session)?;
    /// editor.freeze()?;
    /// let frozen = editor.finish()?;
    /// assert!(frozen.spec().variants().all(|variant| variant.variables.is_empty()));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the graphs have more than 2 GiB.
    #[track_caller]
    pub fn new(spec: &ModuleSpec, values: &'v (impl VariableSource + ?Sized)) -> Result<Self> {
        let location = Location::caller();
        let (mut model, assets) = message_of(spec)?;
        for meta in &mut model.meta_graphs {
            // A graph without nodes is written as none.
            meta.graph_def.get_or_insert_with(GraphDef::default);
        }
        Ok(ModuleEditor {
            model,
            path: None,
            files: spec.files().cloned().into_iter().collect(),
            assets,
            values: EditedValues::new(Box::new(values)),
            before: Vec::new(),
            location,
        })
    }

    /// Makes the module that the edits have led to.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a variable has no value, otherwise as
    /// [`ModuleSpec::from_saved_model`]: faults that the edits have made, such as a tensor of another dtype than its user
    /// takes, are found here.
    pub fn finish(mut self) -> Result<EditedModule<'v>> {
        let mut names = HashSet::default();
        for meta in &self.model.meta_graphs {
            for variable in variables(meta).map_err(|error| self.at(error))? {
                names.insert(variable.key);
            }
        }
        self.values.list(&names);
        let here = self.path.as_deref().and_then(Path::parent);
        let files = Arc::new(ModuleFiles::edited(here, self.files, self.assets));
        let options = SavedModelOptions::new();
        let path = self.path.as_deref();
        let spec = module_of_message(self.model, path, files, &options, self.location)?;
        Ok(EditedModule {
            spec,
            values: self.values,
        })
    }

    /// The tags of the variants, in the order of the file.
    pub fn tags(&self) -> Vec<Tags> {
        self.model.meta_graphs.iter().map(tags).collect()
    }

    /// The names of the variables of all variants, sorted; of partitioned ones, those of the wholes.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if the definition of one is malformed.
    #[track_caller]
    pub fn variable_names(&self) -> Result<Vec<String>> {
        let all = self.all_variables().map_err(|error| self.at(error))?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    /// Replaces the value of a variable by one of its dtype and shape.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, layers};
    /// # use tfhub::module::ModuleEditor;
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let mut editor = ModuleEditor::new(&spec, &session)?;
    /// editor.set_value("dense/bias", [1.0f32, 2.0])?;
    /// assert!(editor.set_value("dense/bias", [1.0f32]).is_err());
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variable,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if the value has another dtype or shape.
    #[track_caller]
    pub fn set_value(&mut self, name: &str, value: impl IntoTensorValue) -> Result<&mut Self> {
        self.set_tensor(name, value.into_tensor_value())
    }

    /// Replaces the value of a variable by one whose dtype is known at run time; otherwise as
    /// [`set_value`](Self::set_value).
    ///
    /// # Errors
    /// As [`set_value`](Self::set_value).
    #[track_caller]
    pub fn set_tensor(&mut self, name: &str, value: TensorValue) -> Result<&mut Self> {
        let replace = |editor: &mut Self| {
            let all = editor.all_variables()?;
            let variable = editor.find(&all, name)?;
            let found = (value.dtype(), Some(value.shape()));
            let expected = (variable.dtype, variable.whole_shape());
            if found.0 != expected.0 || (expected.1.is_some() && found.1 != expected.1) {
                return Err(EditError::Value {
                    name: name.to_owned(),
                    expected: variable.type_text(),
                    found: format!("{} {}", value.dtype(), Shape::from(value.shape())),
                });
            }
            let parts = editor.names_in_graphs(name)?;
            let parts = parts.iter().map(String::as_str);
            editor
                .values
                .replace(name, parts.filter(|part| *part != name), value);
            Ok(())
        };
        self.edit(Location::caller(), replace)
    }

    /// Keeps the files of a module that becomes a part of this one.
    pub(super) fn keep_files(&mut self, other: &ModuleSpec) {
        self.files.extend(other.files().cloned());
    }

    /// Carries out an edit, whose refusal is located.
    pub(super) fn edit(
        &mut self,
        line: &'static Location<'static>,
        edit: impl FnOnce(&mut Self) -> Result<(), EditError>,
    ) -> Result<&mut Self> {
        let edited = edit(self);
        let before = std::mem::take(&mut self.before);
        match edited {
            Ok(()) => Ok(self),
            Err(error) => {
                for (place, meta) in before {
                    self.model.meta_graphs[place] = meta;
                }
                Err(error.at(self.path.as_deref(), line))
            }
        }
    }

    /// Takes out the operations that save and restore variables of the variants in which an edit concerns some, before what
    /// else there is to change is found. They are there again if the edit is refused.
    pub(super) fn remove_savers(
        &mut self,
        is_concerned: impl Fn(&EditedVariable) -> bool,
    ) -> Result<(), EditError> {
        for (place, meta) in self.model.meta_graphs.iter_mut().enumerate() {
            if !variables(meta)?.iter().any(&is_concerned) {
                continue;
            }
            if let Some(removal) = removal_of_saver(meta) {
                self.before.push((place, meta.clone()));
                removal.apply(meta);
                meta.saver_def = None;
            }
        }
        Ok(())
    }

    #[track_caller]
    pub(super) fn at(&self, error: EditError) -> Error {
        error.at(self.path.as_deref(), Location::caller())
    }

    /// The variables of all variants by name, each as the first variant has it.
    pub(super) fn all_variables(&self) -> Result<SortedMap<String, EditedVariable>, EditError> {
        let mut all = SortedMap::new();
        for meta in &self.model.meta_graphs {
            for variable in variables(meta)? {
                all.get_or_insert_with(variable.key.clone(), || variable);
            }
        }
        Ok(all)
    }

    /// The names that a variable or its parts have in the graphs.
    pub(super) fn names_in_graphs(&self, key: &str) -> Result<Vec<String>, EditError> {
        let mut names = Vec::new();
        for meta in &self.model.meta_graphs {
            for variable in variables(meta)? {
                if variable.key == key && !names.contains(&variable.name) {
                    names.push(variable.name);
                }
            }
        }
        Ok(names)
    }

    /// The variable of this name.
    pub(super) fn find<'a>(
        &self,
        all: &'a SortedMap<String, EditedVariable>,
        name: &str,
    ) -> Result<&'a EditedVariable, EditError> {
        all.get(name).ok_or_else(|| EditError::NoVariable {
            name: name.to_owned(),
            meant: nearest::among(name, "variable", all.keys().map(String::as_str)),
        })
    }

    /// The variant with these tags.
    pub(super) fn variant(&self, wanted: &Tags) -> Result<usize, EditError> {
        let mut metas = self.model.meta_graphs.iter();
        metas.position(|meta| tags(meta) == *wanted).ok_or_else(|| {
            let known: Vec<_> = self.tags().iter().map(ToString::to_string).collect();
            EditError::NoVariant {
                tags: wanted.clone(),
                known: known.join(", "),
            }
        })
    }
}

/// The graph of a variant, which is known to be there.
pub(super) fn graph_of(meta: &mut MetaGraphDef) -> &mut GraphDef {
    meta.graph_def.get_or_insert_with(GraphDef::default)
}

impl fmt::Debug for ModuleEditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleEditor")
            .field("path", &self.path)
            .field("tags", &self.tags())
            .finish_non_exhaustive()
    }
}

/// A module after its edits, and the values of its variables; [`ModuleEditor::finish`] makes one.
///
/// ```
/// # use tfhub::{ModuleSpec, Session, layers};
/// # use tfhub::module::ModuleEditor;
/// # let spec = ModuleSpec::new(|g| {
/// #     let x = g.placeholder::<f32>((None, 3));
/// #     g.default_signature(x, layers::dense(2).apply(x));
/// # })?;
/// # let session = Session::new(&spec)?;
/// # let mut editor = ModuleEditor::new(&spec, &session)?;
/// editor.rename_variables(|name| Some(format!("encoder/{name}")))?;
/// let edited = editor.finish()?;
/// let mut again = Session::new(edited.spec())?;
/// again.restore(edited.values())?;
/// assert!(again.value("encoder/dense/bias").is_ok());
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug)]
pub struct EditedModule<'v> {
    spec: ModuleSpec,
    values: EditedValues<'v>,
}

impl<'v> EditedModule<'v> {
    /// The module.
    pub fn spec(&self) -> &ModuleSpec {
        &self.spec
    }

    /// The values of its variables.
    pub fn values(&self) -> &EditedValues<'v> {
        &self.values
    }

    /// Writes the module with its values to a directory that must not exist yet; an [`Exporter`] of
    /// [`spec`](Self::spec) and [`values`](Self::values) has options.
    ///
    /// # Errors
    /// As [`Exporter::export`].
    pub fn export(&self, path: impl AsRef<Path>) -> Result<ExportSummary> {
        Exporter::new(&self.spec).export(path, &self.values)
    }
}
