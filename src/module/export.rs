//! Writing a module's directory.

mod summary;

use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::attachment::{ATTACHMENTS, Attachments};
use super::lint::{Finding, LintCode, Weights};
use super::signature::Signatures;
use super::spec::ModuleSpec;
use super::variant::{Variant, owners};
use crate::checkpoint::{CheckpointReader, add_value};
use crate::error::{Diagnostic, Error, ErrorKind, Result, Rule};
use crate::file_system::{FileSystem, OsFileSystem, Remains, Replaceable, Stage};
use crate::graph::{HashSet, diagnostics_error};
use crate::progress::{Meter, OnProgress, Progress};
use crate::proto::Message as _;
use crate::proto::tensorflow_hub::ModuleDef;
use crate::saved_model::assets::{self, AssetFiles};
use crate::saved_model::{
    self, DirectoryWriter, EncodedMetaGraph, Marker, MetaGraph, VariableFiles,
};
use crate::saver::{ShardedWriter, check_values, describe, shards, write_variables};
use crate::sorted_map::SortedMap;
use crate::source::{VariableSource, VariableValue};
use crate::variable::VariableInfo;

pub use crate::saved_model::FileSummary;
pub use summary::ExportSummary;

/// The format of modules that TensorFlow Hub reads (`ModuleDef.FORMAT_V3`).
pub(super) const FORMAT: i32 = 3;
/// The file that marks a SavedModel as a module.
pub(super) const MODULE: &str = "tfhub_module.pb";
/// All that a module's directory consists of.
const MODULE_DIRECTORY: Replaceable = Replaceable {
    name: "a module's directory",
    marker: MODULE,
    parts: &[
        MODULE,
        saved_model::SAVED_MODEL,
        saved_model::SAVED_MODEL_TEXT,
        saved_model::VARIABLES,
        saved_model::ASSETS,
    ],
};

/// Exports a module with options.
///
/// ```
/// use tfhub::{Exporter, ModuleSpec, Session, layers};
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// let session = Session::new(&spec)?;
/// let dir = tempfile::tempdir()?;
/// let target = dir.path().join("module");
/// spec.export(&target, &session)?;
/// assert!(spec.export(&target, &session).is_err());
/// Exporter::new(&spec).replace(true).export(&target, &session)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Exporter<'s, 'c> {
    spec: &'s ModuleSpec,
    replace: bool,
    on_progress: OnProgress<'c>,
}

impl<'s> Exporter<'s, '_> {
    /// An exporter with default options.
    pub fn new(spec: &'s ModuleSpec) -> Self {
        Exporter {
            spec,
            replace: false,
            on_progress: OnProgress::default(),
        }
    }

    /// Whether a module that exists at the target is replaced; it is not by default.
    ///
    /// The new module takes its place in one step; on any failure the old one stays as it was. Nothing but a module
    /// or an empty directory is ever replaced, and files beside the module's own, such as a README, stay in the
    /// directory: all but `saved_model.pb`, `saved_model.pbtxt`, `tfhub_module.pb`, `variables/` and `assets/`.
    pub fn replace(self, replace: bool) -> Self {
        Exporter { replace, ..self }
    }

    /// Has `callback` told how many of the variables are written, and how many of the bytes of variables and assets.
    ///
    /// ```
    /// # use tfhub::{Exporter, ModuleSpec, Session};
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let v = g.get_variable::<f32>("v").shape([4]).finish();
    /// #     g.signature("default").output("default", v.value());
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let dir = tempfile::tempdir()?;
    /// # let target = dir.path().join("module");
    /// let mut written = 0;
    /// Exporter::new(&spec)
    ///     .on_progress(|progress| written = progress.bytes_done)
    ///     .export(&target, &session)?;
    /// assert_eq!(written, 16);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_progress<'c>(self, callback: impl FnMut(&Progress) + Send + 'c) -> Exporter<'s, 'c> {
        Exporter {
            spec: self.spec,
            replace: self.replace,
            on_progress: OnProgress::new(callback),
        }
    }

    /// Writes the module with these values of its variables to `path`.
    ///
    /// Everything is written beside the target, synced to disk and renamed into place. If that fails, nothing is left
    /// behind; if the process is killed, the target is absent or whole. What does not stop the export, such as a NaN
    /// among the values, is in [`ExportSummary::warnings`].
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if there is something at `path`, [`ErrorKind::NotFound`] if variables have no
    /// value, [`ErrorKind::InvalidValue`] if values have another dtype or shape (all of them are listed),
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] with [`Error::diagnostics`] if assets are not there or cannot be
    /// read, and [`ErrorKind::Io`] with the path concerned if the system refuses an operation.
    pub fn export(
        &self,
        path: impl AsRef<Path>,
        values: &(impl VariableSource + ?Sized),
    ) -> Result<ExportSummary> {
        self.export_all(path.as_ref(), &values)
    }

    fn export_all(&self, path: &Path, values: &dyn VariableSource) -> Result<ExportSummary> {
        let meter = self.on_progress.meter();
        self.expect(&meter, values);
        self.export_on(&OsFileSystem, path, values, &meter)
    }

    /// Has the meter expect what an export of these values writes.
    pub(super) fn expect(&self, meter: &Meter<'_>, values: &dyn VariableSource) {
        let variants = self.spec.graphs_by_tags();
        let shards = shards(variants.iter().map(|variant| &variant.graph));
        for info in shards.iter().flatten() {
            let sizes = match info.shape.to_static() {
                Some(sizes) => Some(sizes),
                // A value that cannot be read is an error of the export.
                None => {
                    let described = describe(info, values).ok().flatten();
                    described.map(|(_, sizes)| sizes)
                }
            };
            let elements: usize = sizes.map_or(0, |sizes| sizes.iter().product());
            let bytes = elements * info.dtype.size().unwrap_or(0);
            meter.expect(1, bytes as u64);
        }
    }

    /// Writes the module with the variables of a checkpoint, in which each has the name that `rename` gives: what
    /// `hub.ModuleSpec.export` with a `checkpoint_path` and a `name_transform_fn` does.
    ///
    /// The values go from file to file; those of any size take no more memory than small ones. What the checkpoint has
    /// besides, such as the slots of an optimizer, is left out.
    ///
    /// # Errors
    /// As [`export`](Self::export) and [`CheckpointReader::open`].
    ///
    /// ```no_run
    /// # use tfhub::{Exporter, ModuleSpec};
    /// # fn example(spec: &ModuleSpec) -> tfhub::Result<()> {
    /// let in_training = |name: &str| format!("encoder/{name}");
    /// Exporter::new(spec).export_from_checkpoint("out/encoder", "train/model.ckpt-1000", in_training)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn export_from_checkpoint(
        &self,
        path: impl AsRef<Path>,
        prefix: impl AsRef<Path>,
        rename: impl Fn(&str) -> String,
    ) -> Result<ExportSummary> {
        let checkpoint = CheckpointReader::open(prefix)?;
        let at = |error: Error| match error.path() {
            Some(_) => error,
            None => error.with_path(checkpoint.prefix()),
        };
        self.export(path, &(&checkpoint).renamed(rename))
            .map_err(at)
    }

    /// Writes what the meter expects.
    pub(super) fn export_on(
        &self,
        fs: &impl FileSystem,
        target: &Path,
        values: &dyn VariableSource,
        meter: &Meter<'_>,
    ) -> Result<ExportSummary> {
        let variants = self.spec.graphs_by_tags();
        expect_assets(variants)?;
        let mut assets = AssetFiles::default();
        let assets_of = variants.iter().map(|variant| assets.add(&variant.graph));
        let assets_of: Vec<_> = assets_of.collect();
        let refusal = Refusal::default();
        thread::scope(|scope| {
            // Meanwhile, the values of variables are computed and written.
            let graphs = scope.spawn(|| {
                let warnings = self.spec.lint_for_export();
                let warnings = warnings.map_err(|error| refusal.set(error)).ok()?;
                let variants = variants.iter().zip(&assets_of);
                let encoded = variants.map(|(variant, assets)| to_meta_graph(variant, assets));
                Some((warnings, EncodedMetaGraph::saved_model(encoded.collect())))
            });
            let written = self.write_values(fs, target, values, meter, (&assets, &refusal));
            let graphs = graphs.join().unwrap_or_else(|panic| resume_unwind(panic));
            // It is the error, whatever else there is.
            refusal.check()?;
            let (mut directory, mut summary) = written?;
            let (warnings, saved_model) = graphs.expect("graphs of a module that is not refused");
            directory.add_meta_graphs(&saved_model)?;
            directory.add_marker(module_marker())?;
            let (files, remains) = directory.commit()?;
            summary.files = files;
            summary.warnings.splice(..0, warnings);
            let left_over = remains.map(|Remains { path, error }| left_over(&path, &error));
            let left_over = left_over.filter(|found| !self.spec.allows(found));
            summary.warnings.extend(left_over);
            Ok(summary)
        })
    }

    /// Writes the assets and the variables, unless the module is refused meanwhile.
    fn write_values<'m, 'c, F: FileSystem>(
        &self,
        fs: &F,
        target: &Path,
        values: &dyn VariableSource,
        meter: &'m Meter<'c>,
        (assets, refusal): (&AssetFiles, &Refusal),
    ) -> Result<(DirectoryWriter<'m, 'c, F>, ExportSummary)> {
        let variants = self.spec.graphs_by_tags();
        let shards = shards(variants.iter().map(|variant| &variant.graph));
        let replace = self.replace.then_some(MODULE_DIRECTORY);
        let stage = Stage::new(*fs, target, replace)?;
        check_values(&shards, values, &|name| owners(variants, name))?;
        let mut summary = ExportSummary {
            path: target.to_owned(),
            variants: self.spec.tags().cloned().collect(),
            variables: 0,
            variable_bytes: 0,
            files: Vec::new(),
            warnings: Vec::new(),
        };
        let mut directory = DirectoryWriter::new(stage, meter)?;
        directory.create_assets()?;
        for (source, name) in &assets.files {
            refusal.check()?;
            directory.add_asset(Path::new(source), name)?;
        }
        if !shards.is_empty() {
            let mut variables = SummarizedVariables {
                spec: self.spec,
                files: directory.variables(shards.len())?,
                summary: &mut summary,
                refusal,
            };
            write_variables(&mut variables, &shards, values)?;
            variables.files.finish()?;
        }
        Ok((directory, summary))
    }
}

impl ModuleSpec {
    /// Writes the module with these values to a directory that must not exist yet.
    ///
    /// [`Exporter`] has options.
    ///
    /// # Errors
    /// As [`Exporter::export`].
    pub fn export(
        &self,
        path: impl AsRef<Path>,
        values: &(impl VariableSource + ?Sized),
    ) -> Result<ExportSummary> {
        Exporter::new(self).export(path, values)
    }

    /// Writes the module with the values that a checkpoint has under the names of its variables, to a directory that
    /// must not exist yet.
    ///
    /// # Errors
    /// As [`Exporter::export_from_checkpoint`].
    pub fn export_from_checkpoint(
        &self,
        path: impl AsRef<Path>,
        prefix: impl AsRef<Path>,
    ) -> Result<ExportSummary> {
        Exporter::new(self).export_from_checkpoint(path, prefix, str::to_owned)
    }
}

/// The error of a lint that goes on while values are written.
#[derive(Debug, Default)]
struct Refusal(Mutex<Option<Error>>);

impl Refusal {
    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Fails, once, if the module is refused by now.
    fn check(&self) -> Result<()> {
        let error = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.map_or(Ok(()), Err)
    }
}

fn module_marker() -> Marker {
    let module = ModuleDef {
        format: FORMAT,
        ..ModuleDef::default()
    };
    Marker {
        name: MODULE,
        content: module.encode_to_vec(),
    }
}

/// Finds assets that are not there, not files, or not to be read, before anything is written.
fn expect_assets(variants: &[Variant]) -> Result<()> {
    let mut seen = HashSet::default();
    let mut faults = Vec::new();
    let mut kind = ErrorKind::Io;
    for Variant { tags, graph } in variants {
        for node in assets::nodes(graph) {
            let Some(path) = assets::path_of(node).ok().filter(|path| seen.insert(*path)) else {
                continue;
            };
            let Err(error) = assets::readable(path) else {
                continue;
            };
            if error.kind() == io::ErrorKind::NotFound {
                kind = ErrorKind::NotFound;
            }
            faults.push(Diagnostic {
                rule: Rule::Asset,
                variant: Some(tags.to_string()),
                file: None,
                node: node.name.to_string(),
                op: node.op.name().to_owned(),
                location: node.location,
                message: format!("cannot read the asset {path:?}: {error}"),
            });
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(diagnostics_error(kind, faults)),
    }
}

/// The finding of what a finished export leaves behind.
pub(super) fn left_over(path: &Path, reason: &dyn fmt::Display) -> Finding {
    let message = format!("left over: {reason}");
    Finding::of_item(LintCode::X02, path.display().to_string(), message)
}

/// The message of a variant, whose assets have these names by tensor.
pub(super) fn to_meta_graph<'a>(
    variant: &'a Variant,
    assets: &'a SortedMap<String, String>,
) -> EncodedMetaGraph<'a> {
    let graph = &variant.graph;
    let signatures = graph
        .extension::<Signatures>()
        .map(|signatures| signatures.0.as_slice())
        .unwrap_or_default();
    let signatures = signatures
        .iter()
        .map(|signature| (signature.name.clone(), signature.to_proto(graph)));
    let attachments = graph.extension::<Attachments>();
    let attachments = attachments.filter(|attachments| !attachments.is_empty());
    let attachments = attachments.map(|it| (ATTACHMENTS.to_owned(), it.collection()));
    MetaGraph {
        graph,
        tags: variant.tags.iter().map(str::to_owned).collect(),
        signatures: signatures.collect(),
        collections: attachments.into_iter().collect(),
        saver: None,
        init_op: None,
        assets,
    }
    .encode()
}

/// The files of a module's variables, with a summary of what is in them.
struct SummarizedVariables<'w, 'c, F: FileSystem> {
    spec: &'w ModuleSpec,
    files: VariableFiles<'w, 'c, F>,
    summary: &'w mut ExportSummary,
    refusal: &'w Refusal,
}

impl<F: FileSystem> ShardedWriter for SummarizedVariables<'_, '_, F> {
    fn next_shard(&mut self) -> Result<()> {
        self.files.next_shard()
    }

    fn add(&mut self, info: &VariableInfo, value: VariableValue<'_>) -> Result<()> {
        self.refusal.check()?;
        let mut weights = Weights::new(info, value.shape());
        let see = |piece: &[u8]| weights.see(piece);
        self.files.add(|bundle| match &info.part {
            None => add_value(bundle, info.name.as_bytes(), &value, see),
            Some(part) => {
                let place = (&part.shape[..], &part.slice);
                bundle.add_slice(part.whole.as_bytes(), info.dtype, place, |bundle, key| {
                    add_value(bundle, key, &value, see)
                })
            }
        })?;
        self.summary.variables += 1;
        self.summary.variable_bytes += weights.bytes();
        let findings = weights.findings(&value).into_iter();
        let findings = findings.filter(|finding| !self.spec.allows(finding));
        self.summary.warnings.extend(findings);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_system::stage::faults::{Export, check_every_operation};
    use crate::{ModuleSpec, Session, TensorValue, layers};

    struct Dense(ModuleSpec);

    impl Export for Dense {
        fn export<F: FileSystem>(
            &self,
            fs: &F,
            target: &Path,
            replace: bool,
            fill: u8,
        ) -> Result<()> {
            let mut session = Session::new(&self.0)?;
            session.assign_value(
                "dense/bias",
                TensorValue::new([2], vec![f32::from(fill); 2])?,
            )?;
            let exporter = Exporter::new(&self.0).replace(replace);
            let meter = Meter::new(None);
            exporter.export_on(fs, target, &session, &meter).map(|_| ())
        }
    }

    #[test]
    fn a_module_is_there_whole_or_not_at_all_whatever_operation_fails() {
        let words = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(words.path(), "cat\ndog\n").unwrap();
        let spec = ModuleSpec::new(|g| {
            g.set_random_seed(1);
            let x = g.placeholder::<f32>((None, 3));
            g.default_signature(x, layers::dense(2).apply(x));
            g.asset(words.path());
        });
        check_every_operation(&Dense(spec.unwrap()));
    }
}
