//! Exports that are better than all before them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::directory::exports;
use super::latest::LatestModuleExporter;
use super::{ExportersError, ModulesSummary};
use crate::error::{Error, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::module::export::left_over;
use crate::source::VariableSource;

/// The file that holds the best value: of an export that has just been put in place, or of a directory of exports.
pub(super) const BEST: &str = "best_metric.txt";

/// Exports modules when a metric is better than ever before, what `tf.estimator.BestExporter` does for SavedModels.
///
/// The best value is kept in the file `best_metric.txt` beside the exports, so that another run goes on with it. It
/// appears together with its export, as a file of it, and is then moved beside it; if a crash comes between, it is
/// found where it is. So the best value is always that of the export which is there.
///
/// ```
/// use tfhub::{ModuleSpec, Session, layers};
/// use tfhub::module::{BestExporter, LatestModuleExporter};
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
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if the file that holds it is malformed,
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be read.
    pub fn best(&self, out_dir: impl AsRef<Path>) -> Result<Option<f64>> {
        let out_dir = out_dir.as_ref();
        let last = match out_dir.is_dir() {
            true => exports(out_dir)?.pop(),
            false => None,
        };
        let in_last = last.map(|export| read(export.join(BEST))).transpose()?;
        match in_last.flatten() {
            Some(value) => Ok(Some(value)),
            None => read(out_dir.join(BEST)),
        }
    }

    /// As [`LatestModuleExporter::export_checkpoint`] if `value` is better than the best so far or the first; `None` if
    /// it is not.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if the value is not a number, and as
    /// [`best`](Self::best) and [`LatestModuleExporter::export`].
    pub fn export_checkpoint(
        &self,
        value: f64,
        prefix: impl AsRef<Path>,
        out_dir: impl AsRef<Path>,
    ) -> Result<Option<ModulesSummary>> {
        let (fs, out_dir) = (&OsFileSystem, out_dir.as_ref());
        self.export_with(fs, value, out_dir, |files| {
            let prefix = prefix.as_ref();
            self.exporter
                .export_checkpoint_on(fs, prefix, out_dir, files)
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
    ) -> Result<Option<ModulesSummary>> {
        let (fs, out_dir) = (&OsFileSystem, out_dir.as_ref());
        self.export_with(fs, value, out_dir, |files| {
            self.exporter.export_values_on(fs, &values, out_dir, files)
        })
    }

    fn export_with(
        &self,
        fs: &impl FileSystem,
        value: f64,
        out_dir: &Path,
        export: impl FnOnce(&[(&str, &str)]) -> Result<Option<ModulesSummary>>,
    ) -> Result<Option<ModulesSummary>> {
        if value.is_nan() {
            return Err(ExportersError::NotANumber.into());
        }
        let best = self.best(out_dir)?;
        if best.is_some_and(|best| !(self.is_better)(value, best)) {
            return Ok(None);
        }
        let mut exported = export(&[(BEST, &format!("{value:?}\n"))])?;
        if let Some(export) = &mut exported {
            if let Err(error) = move_out(fs, &export.path, out_dir) {
                // It counts where it is, too.
                let found = left_over(&export.path.join(BEST), &error);
                export.warnings.push(found);
            }
        }
        Ok(exported)
    }
}

/// The value in a file, if there is one.
fn read(path: PathBuf) -> Result<Option<f64>> {
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

/// Moves the value out of the export that it is of.
fn move_out(fs: &impl FileSystem, export: &Path, out_dir: &Path) -> io::Result<()> {
    fs.rename_over(&export.join(BEST), &out_dir.join(BEST))?;
    // It does not matter in which of the two places a crash leaves it.
    let _ = fs.sync_dir(out_dir);
    let _ = fs.sync_dir(export);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NEW, exporter, found, spec, try_every_operation, values};
    use super::*;
    use crate::file_system::faults::FailingFs;

    #[test]
    fn a_full_disk_and_a_crash_leave_the_value_of_the_best_export_that_is_there() {
        let spec = spec();
        let best = BestExporter::new(exporter(&spec, NEW), |value, best| value > best);
        let export = |fs: &FailingFs, dir: &Path| {
            best.export_with(&fs, 0.75, dir, |files| {
                best.exporter
                    .export_values_on(&fs, &values(2.0), dir, files)
            })
        };
        try_every_operation(export, &spec, |dir, context| {
            let there = found(dir).contains_key(&NEW.to_string());
            let value = if there { 0.75 } else { 0.5 };
            assert_eq!(best.best(dir).unwrap(), Some(value), "{context}");
        });
    }
}
