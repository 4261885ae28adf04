//! Exporting again and again while a model is trained: the latest, the best, and not too many.
//!
//! Each export is a directory of its own whose name is the time in seconds, ten digits, as those of Estimators are. It
//! is written as `temp-<time>`, which TensorFlow Serving passes over, and renamed when it is complete.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::export::Exporter;
use super::spec::ModuleSpec;
use crate::checkpoint::{CheckpointReader, latest_checkpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{FileSystem, OsFileSystem, parent, sibling_name};
use crate::progress::{Meter, Progress};
use crate::variable_source::VariableSource;

/// How many exports are kept unless another number is set.
const EXPORTS_TO_KEEP: usize = 5;
/// The length of the name of an export.
const DIGITS: usize = 10;
/// The last time that has so few digits.
const MAX_TIMESTAMP: u64 = 9_999_999_999;
/// What the name of an export begins with until it is complete.
const TEMPORARY: &str = "temp-";

#[derive(Debug, thiserror::Error)]
enum ExportersError {
    #[error("there is already a module registered to be exported as {0:?}")]
    Registered(String),
    #[error("expected the name of a directory for the module, found {0:?}")]
    Name(String),
    #[error("there is no latest checkpoint")]
    NoCheckpoint,
    #[error("the time {0} has more than {DIGITS} digits")]
    Time(u64),
    #[error("the value of the metric is not a number")]
    NotANumber,
    #[error("expected the best value of a metric, found {0:?}")]
    State(String),
}

impl From<ExportersError> for Error {
    fn from(error: ExportersError) -> Self {
        let kind = match error {
            ExportersError::Registered(_) => ErrorKind::AlreadyExists,
            ExportersError::NoCheckpoint => ErrorKind::NotFound,
            ExportersError::Time(_) => ErrorKind::Unsupported,
            ExportersError::State(_) => ErrorKind::Corrupt,
            ExportersError::Name(_) | ExportersError::NotANumber => ErrorKind::InvalidValue,
        };
        Error::new(kind, error)
    }
}

/// Exports modules from the latest checkpoint into a directory named after the time, what `hub.LatestModuleExporter`
/// does for those given to `hub.register_module_for_export`; no Estimator is needed.
///
/// Several modules of one training graph are told apart by the prefix that their variables have in its checkpoints.
///
/// ```
/// use tfhub::checkpoint::{CheckpointState, CheckpointWriter};
/// use tfhub::{LatestModuleExporter, ModuleSpec, TensorValue};
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None,));
///     let scale = g.get_variable::<f32>("scale").shape([]).create();
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
/// assert!(export.join("encoder/tfhub_module.pb").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LatestModuleExporter<'s> {
    modules: Vec<Registered<'s>>,
    exports_to_keep: Option<usize>,
    timestamp: Option<u64>,
    callback: Option<Callback<'s>>,
}

/// Who is told of progress.
#[derive(Clone)]
struct Callback<'s>(Arc<Mutex<dyn Told + 's>>);

trait Told: FnMut(&Progress) + Send {}

impl<F: FnMut(&Progress) + Send> Told for F {}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
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
            callback: None,
        }
    }

    /// Has a module exported to the directory `name` of each export, from the variables whose names have `prefix`, such
    /// as `encoder/`, in front.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if there is a module of this name, [`ErrorKind::InvalidValue`] if the name is not
    /// one of a directory.
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
            callback: Some(Callback(Arc::new(Mutex::new(callback)))),
            ..self
        }
    }

    /// Exports all modules from the [latest checkpoint](latest_checkpoint) of `checkpoint_dir` to
    /// `out_dir/<time>/<name>`, and then removes older exports; gives the directory `out_dir/<time>`.
    ///
    /// The name is the time, or the number after that of the last export if that is greater, so names always grow.
    /// Without a registered module nothing is written, and the result is `None`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no checkpoint, and as [`Exporter::export`]; then there is no new export. If
    /// older ones cannot be removed, there is one.
    pub fn export(
        &self,
        checkpoint_dir: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<PathBuf>> {
        let checkpoint_dir = checkpoint_dir.as_ref();
        if self.modules.is_empty() {
            return Ok(None);
        }
        let prefix = latest_checkpoint(checkpoint_dir)?;
        let missing = || Error::from(ExportersError::NoCheckpoint).with_path(checkpoint_dir);
        self.export_checkpoint(prefix.ok_or_else(missing)?, out_dir)
    }

    /// As [`export`](Self::export), from a certain checkpoint.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_checkpoint(
        &self,
        prefix: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<PathBuf>> {
        if self.modules.is_empty() {
            return Ok(None);
        }
        let reader = CheckpointReader::open(prefix)?;
        let at = |error: Error| match error.path() {
            Some(_) => error,
            None => error.with_path(reader.prefix()),
        };
        self.export_values(&reader, out_dir).map_err(at)
    }

    /// As [`export`](Self::export), from any source, such as a [`Session`](crate::Session) of the training graph.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_values(
        &self,
        values: &(impl VariableSource + ?Sized),
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<PathBuf>> {
        self.export_values_on(&OsFileSystem, values, out_dir.as_ref())
    }

    fn export_values_on(
        &self,
        fs: &impl FileSystem,
        values: &(impl VariableSource + ?Sized),
        out_dir: &Path,
    ) -> Result<Option<PathBuf>> {
        if self.modules.is_empty() {
            return Ok(None);
        }
        let now = match self.timestamp {
            Some(seconds) => seconds,
            None => seconds_now(),
        };
        let meter = self.meter();
        for Registered { spec, .. } in &self.modules {
            Exporter::new(spec).expect(&meter);
        }
        let export = NewExport::new(fs, out_dir, now)?;
        for Registered { name, spec, prefix } in &self.modules {
            let values = values.with_prefix(prefix.as_str());
            let target = export.temporary.join(name);
            Exporter::new(spec).export_on(fs, &target, &values, &meter)?;
        }
        let path = export.finish()?;
        if let Some(keep) = self.exports_to_keep {
            keep_last_exports_on(fs, out_dir, keep.max(1))?;
        }
        Ok(Some(path))
    }

    fn meter(&self) -> Meter<'_> {
        let meter = Meter::new(None);
        if let Some(Callback(callback)) = &self.callback {
            meter.tell(|progress| {
                let mut callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
                callback(progress);
            });
        }
        meter
    }
}

fn seconds_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// An export that is being written. Dropped before it is finished, it is removed.
struct NewExport<'f, F: FileSystem> {
    fs: &'f F,
    out_dir: PathBuf,
    /// The directories that were missing down to `out_dir`, and then the one that is written.
    created: Vec<PathBuf>,
    name: String,
    temporary: PathBuf,
    finished: bool,
}

impl<'f, F: FileSystem> NewExport<'f, F> {
    /// Takes the first free name from `now` on that is greater than those of all exports.
    fn new(fs: &'f F, out_dir: &Path, now: u64) -> Result<Self> {
        let mut export = NewExport {
            fs,
            out_dir: out_dir.to_owned(),
            created: Vec::new(),
            name: String::new(),
            temporary: PathBuf::new(),
            finished: false,
        };
        fs.create_dirs(out_dir, &mut export.created)?;
        let taken = names(fs, out_dir)?;
        let taken = taken.iter().filter_map(|name| {
            let name = name.strip_prefix(TEMPORARY).unwrap_or(name);
            time(name)
        });
        let mut next = taken.max().map_or(now, |last| now.max(last + 1));
        loop {
            if next > MAX_TIMESTAMP {
                return Err(Error::from(ExportersError::Time(next)).with_path(out_dir));
            }
            export.name = format!("{next:0DIGITS$}");
            export.temporary = out_dir.join(format!("{TEMPORARY}{}", export.name));
            match fs.create_dir(&export.temporary) {
                Ok(()) => {
                    export.created.push(export.temporary.clone());
                    return Ok(export);
                }
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => next += 1,
                Err(error) => return Err(Error::io("cannot create", &export.temporary, error)),
            }
        }
    }

    /// Puts the export in place.
    fn finish(mut self) -> Result<PathBuf> {
        let path = self.out_dir.join(&self.name);
        let sync = |path: &Path| {
            let synced = self.fs.sync_dir(path);
            synced.map_err(|error| Error::io("cannot sync", path, error))
        };
        sync(&self.temporary)?;
        let (_, above) = self.created.split_last().unwrap_or((&path, &[]));
        above.iter().try_for_each(|path| sync(parent(path)))?;
        let renamed = self.fs.rename_new(&self.temporary, &path);
        renamed.map_err(|error| Error::io("cannot create", &path, error))?;
        sync(&self.out_dir).inspect_err(|_| {
            let _ = self.fs.rename_new(&path, &self.temporary);
        })?;
        self.finished = true;
        Ok(path)
    }
}

impl<F: FileSystem> Drop for NewExport<'_, F> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        for path in self.created.iter().rev() {
            let _ = match *path == self.temporary {
                true => self.fs.remove_dir_all(path),
                // It stays if somebody else has put something there.
                false => self.fs.remove_dir(path),
            };
        }
    }
}

/// The names in a directory that are UTF-8.
fn names(fs: &impl FileSystem, directory: &Path) -> Result<Vec<String>> {
    let names = fs.names(directory);
    let names = names.map_err(|error| Error::io("cannot read", directory, error))?;
    let names = names.into_iter().map(|name| name.into_string().ok());
    Ok(names.flatten().collect())
}

/// The time that an export is named after.
fn time(name: &str) -> Option<u64> {
    let is_time = name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
    name.parse().ok().filter(|_| is_time)
}

/// The exports in a directory, the latest last: what is named with ten digits.
///
/// # Errors
/// If the directory cannot be read.
pub fn exports(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    exports_on(&OsFileSystem, directory.as_ref())
}

fn exports_on(fs: &impl FileSystem, directory: &Path) -> Result<Vec<PathBuf>> {
    let mut names = names(fs, directory)?;
    names.retain(|name| time(name).is_some());
    names.sort_unstable();
    Ok(names.iter().map(|name| directory.join(name)).collect())
}

/// Removes all [`exports`] in a directory but the latest `keep`, and gives those that were removed.
///
/// Each gets another, hidden name first, so that nobody finds half of it. An export that another process removes
/// meanwhile is no error.
///
/// # Errors
/// If the directory cannot be read, or an export not be removed.
pub fn keep_last_exports(directory: impl AsRef<Path>, keep: usize) -> Result<Vec<PathBuf>> {
    keep_last_exports_on(&OsFileSystem, directory.as_ref(), keep)
}

fn keep_last_exports_on(
    fs: &impl FileSystem,
    directory: &Path,
    keep: usize,
) -> Result<Vec<PathBuf>> {
    let mut exports = exports_on(fs, directory)?;
    exports.truncate(exports.len().saturating_sub(keep));
    for path in &exports {
        let name = path.file_name().unwrap_or_default();
        let hidden = directory.join(sibling_name(path, name)?);
        let moved = fs.rename_new(path, &hidden);
        // A second attempt, since the first may have met a file that was about to be closed.
        let removed = moved.and_then(|()| {
            fs.remove_dir_all(&hidden)
                .or_else(|_| fs.remove_dir_all(&hidden))
        });
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("cannot remove", path, error));
            }
            _ => {}
        }
    }
    Ok(exports)
}

/// The file of a directory of exports that holds the best value.
const BEST: &str = "best_metric.txt";

/// Exports modules when a metric is better than ever before, what `tf.estimator.BestExporter` does for SavedModels.
///
/// The best value is kept in the file `best_metric.txt` beside the exports, so that another run goes on with it.
///
/// ```
/// use tfhub::{BestExporter, LatestModuleExporter, ModuleSpec, Session, layers};
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// let session = Session::new(&spec)?;
/// let out = tempfile::tempdir()?;
/// let exporter = LatestModuleExporter::new().register("dense", &spec, "")?;
/// let best = BestExporter::new(exporter, |loss, best| loss < best);
/// assert!(best.export_values(0.5, &session, out.path())?.is_some());
/// assert!(best.export_values(0.7, &session, out.path())?.is_none());
/// assert_eq!(best.best(out.path())?, Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BestExporter<'s, C> {
    exporter: LatestModuleExporter<'s>,
    is_better: C,
}

impl<'s, C: Fn(f64, f64) -> bool> BestExporter<'s, C> {
    /// An exporter for which `is_better(value, best)` says whether a value is better than the best so far.
    pub fn new(exporter: LatestModuleExporter<'s>, is_better: C) -> Self {
        BestExporter {
            exporter,
            is_better,
        }
    }

    /// The value of the best export in a directory.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the file that holds it is malformed, [`ErrorKind::Io`] if it cannot be read.
    pub fn best(&self, out_dir: impl AsRef<Path>) -> Result<Option<f64>> {
        let path = out_dir.as_ref().join(BEST);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| Error::io("cannot read", &path, error))?,
        };
        let value = text.trim().parse::<f64>().ok();
        match value.filter(|value| !value.is_nan()) {
            Some(value) => Ok(Some(value)),
            None => {
                let start = text.chars().take(32).collect();
                Err(Error::from(ExportersError::State(start)).with_path(path))
            }
        }
    }

    /// As [`LatestModuleExporter::export_checkpoint`] if `value` is better than the best so far or the first; `None` if
    /// it is not.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if the value is not a number, and as [`best`](Self::best) and
    /// [`LatestModuleExporter::export`].
    pub fn export_checkpoint(
        &self,
        value: f64,
        prefix: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<PathBuf>> {
        let (fs, out_dir) = (&OsFileSystem, out_dir.as_ref());
        self.export_with(fs, value, out_dir, || {
            self.exporter.export_checkpoint(prefix, out_dir)
        })
    }

    /// As [`LatestModuleExporter::export_values`] if `value` is better than the best so far or the first; `None` if it
    /// is not.
    ///
    /// # Errors
    /// As [`export_checkpoint`](Self::export_checkpoint).
    pub fn export_values(
        &self,
        value: f64,
        values: &(impl VariableSource + ?Sized),
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<PathBuf>> {
        let (fs, out_dir) = (&OsFileSystem, out_dir.as_ref());
        self.export_with(fs, value, out_dir, || {
            self.exporter.export_values(values, out_dir)
        })
    }

    fn export_with(
        &self,
        fs: &impl FileSystem,
        value: f64,
        out_dir: &Path,
        export: impl FnOnce() -> Result<Option<PathBuf>>,
    ) -> Result<Option<PathBuf>> {
        if value.is_nan() {
            return Err(ExportersError::NotANumber.into());
        }
        let best = self.best(out_dir)?;
        if best.is_some_and(|best| !(self.is_better)(value, best)) {
            return Ok(None);
        }
        let exported = export()?;
        if exported.is_some() {
            fs.write_over(&out_dir.join(BEST), format!("{value:?}\n").as_bytes())?;
        }
        Ok(exported)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::TensorValue;
    use crate::file_system::faults::{FailingFs, Fault, Tree, names, tree};

    const OLD: [u64; 3] = [1_000_000_010, 1_000_000_011, 1_000_000_012];
    const NEW: u64 = 1_000_000_020;

    fn spec() -> ModuleSpec {
        let spec = ModuleSpec::new(|g| {
            let x = g.placeholder::<f32>((None,));
            let scale = g.get_variable::<f32>("scale").shape([]).create();
            g.default_signature(x, x * scale);
        });
        spec.unwrap()
    }

    fn values(scale: f32) -> BTreeMap<String, TensorValue> {
        BTreeMap::from([("scale".to_owned(), TensorValue::scalar(scale))])
    }

    /// An exporter of two modules that keeps two exports.
    fn exporter(spec: &ModuleSpec, timestamp: u64) -> LatestModuleExporter<'_> {
        let exporter = LatestModuleExporter::new()
            .exports_to_keep(2)
            .timestamp(timestamp);
        let exporter = exporter.register("one", spec, "").unwrap();
        exporter.register("two", spec, "").unwrap()
    }

    /// A directory with three exports, of which the best had the value 0.5.
    fn exported(spec: &ModuleSpec) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for time in OLD {
            let exporter = exporter(spec, time).exports_to_keep(None);
            exporter.export_values(&values(1.0), dir.path()).unwrap();
        }
        fs::write(dir.path().join(BEST), "0.5\n").unwrap();
        dir
    }

    /// A directory with this content.
    fn copied(tree: &Tree) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in tree {
            let path = dir.path().join(path);
            match content {
                Some(content) => fs::write(path, content).unwrap(),
                None => fs::create_dir(path).unwrap(),
            }
        }
        dir
    }

    /// The exports that a reader finds: the time and the content of each.
    fn found(dir: &Path) -> BTreeMap<String, Tree> {
        let exports = exports(dir).unwrap();
        let names = exports.iter().map(|path| path.file_name().unwrap());
        let names = names.map(|name| name.to_str().unwrap().to_owned());
        names
            .zip(exports.iter().filter_map(|path| tree(path)))
            .collect()
    }

    /// Lets each operation of an export fail in turn, after which `check` looks at the directory, too.
    fn try_every_operation(
        export: impl Fn(&FailingFs, &Path) -> Result<Option<PathBuf>>,
        spec: &ModuleSpec,
        check: impl Fn(&Path, &str),
    ) {
        let before = exported(spec);
        let old: Tree = found(before.path()).into_values().next().unwrap();
        let before = tree(before.path()).unwrap();
        let new = tempfile::tempdir().unwrap();
        export(&FailingFs::new(Fault::Full, usize::MAX, true), new.path()).unwrap();
        let new: Tree = found(new.path()).into_values().next().unwrap();
        assert!(old != new && old.len() == new.len());
        let [.., last] = OLD.map(|time| time.to_string());
        let newest = NEW.to_string();
        for fault in [Fault::Full, Fault::Killed] {
            for at in 0.. {
                let dir = copied(&before);
                let fs = FailingFs::new(fault, at, true);
                let result = export(&fs, dir.path());
                let context = format!("{fault:?} at operation {at}: {result:?}");
                let now = found(dir.path());
                // Whole exports, the last two at least, and no others.
                for (name, content) in &now {
                    let whole = if *name == newest { &new } else { &old };
                    assert!(content == whole, "{name}, {context}");
                }
                assert!(now.len() >= 2 && now.contains_key(&last), "{context}");
                if fault == Fault::Full && result.is_err() && !now.contains_key(&newest) {
                    assert!(tree(dir.path()).unwrap() == before, "{context}");
                }
                if result.is_ok() {
                    assert!(now.keys().eq([&last, &newest]), "{context}");
                }
                check(dir.path(), &context);
                // Whatever is left over is in nobody's way.
                let again = FailingFs::new(fault, usize::MAX, true);
                export(&again, dir.path()).expect(&context);
                let now = found(dir.path());
                assert!(now.values().next_back() == Some(&new), "{context}");
                if !fs.reached() {
                    assert!(at > 50);
                    break;
                }
            }
        }
    }

    #[test]
    fn a_full_disk_and_a_crash_leave_whole_exports() {
        let spec = spec();
        let export = |fs: &FailingFs, dir: &Path| {
            exporter(&spec, NEW).export_values_on(&fs, &values(2.0), dir)
        };
        try_every_operation(export, &spec, |_, _| ());
    }

    #[test]
    fn a_full_disk_and_a_crash_leave_the_best_value_of_an_export_that_is_there() {
        let spec = spec();
        let best = BestExporter::new(exporter(&spec, NEW), |value, best| value > best);
        let export = |fs: &FailingFs, dir: &Path| {
            best.export_with(&fs, 0.75, dir, || {
                best.exporter.export_values_on(&fs, &values(2.0), dir)
            })
        };
        try_every_operation(export, &spec, |dir, context| {
            let value = best.best(dir).unwrap();
            let there = found(dir).contains_key(&NEW.to_string());
            assert!(
                value == Some(0.5) || (there && value == Some(0.75)),
                "{context}"
            );
        });
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
