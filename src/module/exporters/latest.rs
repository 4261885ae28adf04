//! Exports of the latest checkpoint.

use std::path::{Component, Path};
use std::time::{SystemTime, UNIX_EPOCH};

use super::directory::{NewExport, keep_last_exports_on};
use super::{ExportersError, ModulesSummary};
use crate::checkpoint::{self, CheckpointReader};
use crate::error::{Error, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::module::export::{Exporter, left_over};
use crate::module::spec::ModuleSpec;
use crate::progress::{OnProgress, Progress};
use crate::source::VariableSource;

/// How many exports are kept unless another number is set.
const EXPORTS_TO_KEEP: usize = 5;

/// Exports modules from the latest checkpoint into a directory named after the time, what `hub.LatestModuleExporter`
/// does for those given to `hub.register_module_for_export`; no Estimator is needed.
///
/// Several modules of one training graph are told apart by the prefix that their variables have in its checkpoints.
///
/// ```
/// use tfhub::checkpoint::{CheckpointState, CheckpointWriter};
/// use tfhub::{ModuleSpec, TensorValue};
/// use tfhub::module::LatestModuleExporter;
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None,));
///     let scale = g.get_variable::<f32>("scale").shape(()).finish();
///     g.default_signature(x, x * scale);
/// })?;
///
/// // What a training run leaves behind.
/// let train = tempfile::tempdir()?;
/// let mut checkpoint = CheckpointWriter::create(train.path().join("model.ckpt-9"))?;
/// checkpoint.add("encoder/scale", TensorValue::scalar(3.0f32))?;
/// checkpoint.add("global_step", TensorValue::scalar(9i64))?;
/// checkpoint.finish()?;
/// CheckpointState::new("model.ckpt-9", [""; 0]).write(train.path())?;
///
/// let out = tempfile::tempdir()?;
/// let exporter = LatestModuleExporter::new().register("encoder", &spec, "encoder/")?;
/// let export = exporter.export(train.path(), out.path())?.expect("a module is registered");
/// assert!(export.path.join("encoder/tfhub_module.pb").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LatestModuleExporter<'s> {
    modules: Vec<Registered<'s>>,
    exports_to_keep: Option<usize>,
    timestamp: Option<u64>,
    on_progress: OnProgress<'s>,
}

#[derive(Debug, Clone)]
struct Registered<'s> {
    name: String,
    spec: &'s ModuleSpec,
    prefix: String,
}

impl Default for LatestModuleExporter<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'s> LatestModuleExporter<'s> {
    /// An exporter of no modules, which keeps the last five exports.
    pub fn new() -> Self {
        LatestModuleExporter {
            modules: Vec::new(),
            exports_to_keep: Some(EXPORTS_TO_KEEP),
            timestamp: None,
            on_progress: OnProgress::default(),
        }
    }

    /// Has a module exported to the directory `name` of each export, from the variables whose names have `prefix`, such
    /// as `encoder/`, in front.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is a module of this name,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if the name is not one of a directory.
    pub fn register(
        mut self,
        name: impl Into<String>,
        spec: &'s ModuleSpec,
        prefix: impl Into<String>,
    ) -> Result<Self> {
        let (name, prefix) = (name.into(), prefix.into());
        let mut parts = Path::new(&name).components();
        let one = matches!(parts.next(), Some(Component::Normal(part)) if part == name.as_str());
        if !one || parts.next().is_some() {
            return Err(ExportersError::Name(name).into());
        }
        if self.modules.iter().any(|known| known.name == name) {
            return Err(ExportersError::Registered(name).into());
        }
        self.modules.push(Registered { name, spec, prefix });
        Ok(self)
    }

    /// How many exports are kept, the latest, of which the new one is always one; `None` keeps all.
    pub fn exports_to_keep(self, exports_to_keep: impl Into<Option<usize>>) -> Self {
        LatestModuleExporter {
            exports_to_keep: exports_to_keep.into(),
            ..self
        }
    }

    /// Names the next export after this time, in seconds since 1970, instead of the system's.
    pub fn timestamp(self, seconds: u64) -> Self {
        LatestModuleExporter {
            timestamp: Some(seconds),
            ..self
        }
    }

    /// Has `callback` told during each export how many of the variables of all modules, and of their bytes, are written.
    pub fn on_progress(self, callback: impl FnMut(&Progress) + Send + 's) -> Self {
        LatestModuleExporter {
            on_progress: OnProgress::new(callback),
            ..self
        }
    }

    /// Exports all modules from the [latest checkpoint](checkpoint::latest_checkpoint) of `checkpoint_dir` to
    /// `out_dir/<time>/<name>`, and then removes older [exports](super::exports).
    ///
    /// The name is the time, or the number after that of the last export if that is greater, so names always grow.
    /// Without a registered module nothing is written, and the result is `None`. An older export that cannot be removed
    /// is no error: the summary warns of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no checkpoint, and as [`Exporter::export`]; then
    /// there is no new export.
    pub fn export(
        &self,
        checkpoint_dir: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<ModulesSummary>> {
        let checkpoint_dir = checkpoint_dir.as_ref();
        if self.modules.is_empty() {
            return Ok(None);
        }
        self.export_checkpoint(checkpoint::latest(checkpoint_dir)?, out_dir)
    }

    /// As [`export`](Self::export), from a certain checkpoint.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_checkpoint(
        &self,
        prefix: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<ModulesSummary>> {
        self.export_checkpoint_on(&OsFileSystem, prefix.as_ref(), out_dir.as_ref(), &[])
    }

    pub(super) fn export_checkpoint_on(
        &self,
        fs: &impl FileSystem,
        prefix: &Path,
        out_dir: &Path,
        files: &[(&str, &str)],
    ) -> Result<Option<ModulesSummary>> {
        if self.modules.is_empty() {
            return Ok(None);
        }
        let reader = CheckpointReader::open(prefix)?;
        let at = |error: Error| match error.path() {
            Some(_) => error,
            None => error.with_path(reader.prefix()),
        };
        self.export_values_on(fs, &reader, out_dir, files)
            .map_err(at)
    }

    /// As [`export`](Self::export), from any source, such as a [`Session`](crate::Session) of the training graph.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_values(
        &self,
        values: &(impl VariableSource + ?Sized),
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<ModulesSummary>> {
        self.export_values_on(&OsFileSystem, &values, out_dir.as_ref(), &[])
    }

    /// Beside the modules, the export has small `files` of these names and contents.
    pub(super) fn export_values_on(
        &self,
        fs: &impl FileSystem,
        values: &dyn VariableSource,
        out_dir: &Path,
        files: &[(&str, &str)],
    ) -> Result<Option<ModulesSummary>> {
        if self.modules.is_empty() {
            return Ok(None);
        }
        let now = match self.timestamp {
            Some(seconds) => seconds,
            None => seconds_now(),
        };
        let meter = self.on_progress.meter();
        for Registered { spec, prefix, .. } in &self.modules {
            let values = values.with_prefix(prefix.as_str());
            Exporter::new(spec).expect(&meter, &values);
        }
        let export = NewExport::new(*fs, out_dir, now)?;
        let mut modules = Vec::new();
        for Registered { name, spec, prefix } in &self.modules {
            let values = values.with_prefix(prefix.as_str());
            let target = export.temporary.join(name);
            modules.push(Exporter::new(spec).export_on(fs, &target, &values, &meter)?);
        }
        for (name, content) in files {
            export.write_file(name, content)?;
        }
        let path = export.finish()?;
        for (module, Registered { name, .. }) in modules.iter_mut().zip(&self.modules) {
            module.path = path.join(name);
        }
        let mut summary = ModulesSummary {
            path,
            modules,
            removed: Vec::new(),
            warnings: Vec::new(),
        };
        if let Some(keep) = self.exports_to_keep {
            match keep_last_exports_on(fs, out_dir, keep.max(1)) {
                Ok((removed, failed)) => {
                    summary.removed = removed;
                    let failed = failed.iter();
                    let warnings = failed.map(|(path, error)| left_over(path, error));
                    summary.warnings.extend(warnings);
                }
                Err(error) => {
                    let reason = format!("older exports were not looked for: {error}");
                    summary.warnings.push(left_over(out_dir, &reason));
                }
            }
        }
        Ok(Some(summary))
    }
}

fn seconds_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::super::exports;
    use super::super::testing::{NEW, exporter, spec, try_every_operation, values};
    use super::*;
    use crate::file_system::faults::{FailingFs, names, tree};
    use crate::module::lint::LintCode;
    use crate::value::TensorValue;

    #[test]
    fn a_full_disk_and_a_crash_leave_whole_exports() {
        let spec = spec();
        let export = |fs: &FailingFs, dir: &Path| {
            exporter(&spec, NEW).export_values_on(&fs, &values(2.0), dir, &[])
        };
        try_every_operation(export, &spec, |_, _| ());
    }

    #[test]
    fn an_export_that_fails_leaves_no_directory() {
        let spec = spec();
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out/deep");
        let nothing = BTreeMap::<String, TensorValue>::new();
        exporter(&spec, NEW)
            .export_values(&nothing, &out)
            .unwrap_err();
        assert_eq!(names(dir.path()), [""; 0]);
        exporter(&spec, NEW)
            .export_values(&values(1.0), &out)
            .unwrap();
        assert_eq!(names(&out), [NEW.to_string()]);
    }

    #[test]
    fn an_export_is_made_whatever_cannot_be_removed() {
        let spec = spec();
        let dir = tempfile::tempdir().unwrap();
        for time in [NEW - 3, NEW - 2, NEW - 1] {
            let all = exporter(&spec, time).exports_to_keep(None);
            all.export_values(&values(1.0), dir.path()).unwrap();
        }
        let fs = FailingFs::locked();
        let fs = &fs;
        let export = exporter(&spec, NEW).export_values_on(&fs, &values(2.0), dir.path(), &[]);
        let export = export.unwrap().unwrap();
        let path = |time: u64| dir.path().join(time.to_string());
        assert_eq!(export.path, path(NEW));
        assert_eq!(export.modules[1].path, path(NEW).join("two"));
        assert_eq!(export.removed, [path(NEW - 3), path(NEW - 2)]);
        assert_eq!(exports(dir.path()).unwrap(), [path(NEW - 1), path(NEW)]);
        let [found, _] = &export.warnings[..] else {
            panic!("{export}");
        };
        assert_eq!(found.code(), LintCode::X02);
        assert!(Path::new(found.item()).join("one/tfhub_module.pb").exists());
        assert!(
            export.to_string().contains(&format!("\n{found}\n")),
            "{export}"
        );
    }

    #[test]
    fn what_is_no_export_is_neither_counted_nor_touched() {
        // LatestExporter of TensorFlow 1.15.5 counts what is named with ten digits, whatever it is, and fails with "Not a
        // directory" where that is old and a file or a link.
        let spec = spec();
        let dir = tempfile::tempdir().unwrap();
        let path = |time: u64| dir.path().join(time.to_string());
        fs::write(path(NEW), "mine").unwrap();
        fs::write(path(9_999_999_999), "mine").unwrap();
        fs::create_dir(path(NEW + 1)).unwrap();
        fs::create_dir_all(path(NEW + 2).join("notes")).unwrap();
        fs::write(path(NEW + 2).join("notes/README"), "mine").unwrap();
        // The names of others, longer and shorter ones among them.
        for name in ["1", "15000000000", "temp-x", "150000000x"] {
            fs::create_dir_all(dir.path().join(name).join("variables")).unwrap();
            fs::write(dir.path().join(name).join("saved_model.pb"), "mine").unwrap();
        }
        fs::write(dir.path().join("temp-9999999999"), "mine").unwrap();
        // A SavedModel as Estimators export it.
        let estimators = path(NEW - 9);
        fs::create_dir(&estimators).unwrap();
        fs::write(estimators.join("saved_model.pb"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("1", path(NEW - 1)).unwrap();
        let before = tree(dir.path()).unwrap();
        let mut made = Vec::new();
        for _ in 0..3 {
            let export = exporter(&spec, NEW).export_values(&values(1.0), dir.path());
            let export = export.unwrap().unwrap();
            assert_eq!(export.warnings, []);
            made.push((export.path, export.removed));
        }
        let expected = [
            (path(NEW + 3), vec![]),
            (path(NEW + 4), vec![estimators.clone()]),
            (path(NEW + 5), vec![path(NEW + 3)]),
        ];
        assert_eq!(made, expected);
        assert_eq!(exports(dir.path()).unwrap(), [path(NEW + 4), path(NEW + 5)]);
        let mut after = tree(dir.path()).unwrap();
        for path in [path(NEW + 4), path(NEW + 5)] {
            let path = path.strip_prefix(dir.path()).unwrap();
            after.retain(|known, _| !known.starts_with(path));
        }
        let estimators = estimators.strip_prefix(dir.path()).unwrap();
        let kept = before
            .into_iter()
            .filter(|(path, _)| !path.starts_with(estimators));
        assert!(kept.eq(after));
    }

    #[test]
    fn progress_is_told_of_all_modules() {
        let spec = spec();
        let dir = tempfile::tempdir().unwrap();
        let mut told = Vec::new();
        let exporter = exporter(&spec, NEW).on_progress(|progress| told.push(*progress));
        exporter.export_values(&values(1.0), dir.path()).unwrap();
        drop(exporter);
        let told = told.iter();
        let told: Vec<_> = told
            .map(|it| {
                [
                    it.tensors_done,
                    it.tensors,
                    it.bytes_done as usize,
                    it.bytes as usize,
                ]
            })
            .collect();
        assert_eq!(told.first(), Some(&[0, 2, 4, 8]));
        assert_eq!(told.last(), Some(&[2, 2, 8, 8]));
    }
}
