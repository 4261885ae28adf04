//! Writing the values of variables in the order in which `tf.train.Saver` with `sharded=True` does.

use std::collections::BTreeMap;
use std::path::Path;

use super::report::SourceReport;
use super::{Session, SessionError, check_type};
use crate::checkpoint::{CheckpointSummary, Writing};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::graph::Graph;
use crate::variable::{VariableInfo, Variables};
use crate::variable_source::{VariableSource, VariableValue};

/// What values are written to, shard after shard.
pub(crate) trait ShardedWriter {
    /// Goes on in another shard.
    fn next_shard(&mut self) -> Result<()>;

    /// Writes a value, or a part of one.
    fn add(&mut self, info: &VariableInfo, value: VariableValue<'_>) -> Result<()>;
}

/// The variables of all graphs by shard: one for each device, that of the first graph that has the variable.
///
/// Within a shard they are sorted by the names of their values, and the parts of one by their places.
pub(crate) fn shards<'g>(
    graphs: impl IntoIterator<Item = &'g Graph>,
) -> Vec<Vec<&'g VariableInfo>> {
    let mut variables = BTreeMap::new();
    for graph in graphs {
        let list = graph.extension::<Variables>();
        for info in list.iter().flat_map(|variables| &variables.list) {
            let (whole, start) = match &info.part {
                Some(part) => (part.whole.as_str(), part.start()),
                None => (info.name.as_str(), Vec::new()),
            };
            variables
                .entry((whole, start, info.name.as_str()))
                .or_insert((graph, info));
        }
    }
    let mut shards: BTreeMap<String, Vec<&VariableInfo>> = BTreeMap::new();
    for (graph, info) in variables.into_values() {
        shards.entry(info.device(graph)).or_default().push(info);
    }
    shards.into_values().collect()
}

/// Checks that every variable has a value of its dtype and shape, for all of them to be written.
///
/// # Errors
/// [`ErrorKind::NotFound`] if variables have no value, [`ErrorKind::InvalidValue`] if some have another dtype or shape;
/// the text lists all.
pub(crate) fn check_values(
    shards: &[Vec<&VariableInfo>],
    values: &(impl VariableSource + ?Sized),
) -> Result<()> {
    let report = SourceReport::of_variables(shards.iter().flatten().copied(), values)?;
    if report.is_complete() {
        return Ok(());
    }
    let kind = match report.mismatched.is_empty() {
        true => ErrorKind::NotFound,
        false => ErrorKind::InvalidValue,
    };
    let error = Error::new(kind, SessionError::Several(report.faults(values)?));
    Err(match values.path() {
        Some(path) => error.with_path(path),
        None => error,
    })
}

/// Writes the values of all variables, each as it is read.
pub(crate) fn write_variables(
    writer: &mut impl ShardedWriter,
    shards: &[Vec<&VariableInfo>],
    values: &(impl VariableSource + ?Sized),
) -> Result<()> {
    for (shard, infos) in shards.iter().enumerate() {
        if shard > 0 {
            writer.next_shard()?;
        }
        for info in infos {
            let value = find(info, values)?;
            let value = value.ok_or_else(|| SessionError::NoValue(info.name.clone()))?;
            check_type(info, value.dtype(), value.shape())?;
            writer.add(info, value)?;
        }
    }
    Ok(())
}

/// The value that a source has for a variable.
///
/// A part of a partitioned variable has it under its own name, as in a session, or in that of the whole, as in
/// checkpoints.
pub(super) fn find<'v>(
    info: &VariableInfo,
    values: &'v (impl VariableSource + ?Sized),
) -> Result<Option<VariableValue<'v>>> {
    let own = values.variable(&info.name)?;
    let (None, Some(part)) = (&own, &info.part) else {
        return Ok(own);
    };
    let whole = values.variable(&part.whole)?;
    Ok(whole.map(|whole| match whole.shape() == part.shape {
        true => whole.part(&part.slice),
        false => whole,
    }))
}

impl<F: FileSystem> ShardedWriter for Writing<'_, F> {
    fn next_shard(&mut self) -> Result<()> {
        Writing::next_shard(self)
    }

    fn add(&mut self, info: &VariableInfo, value: VariableValue<'_>) -> Result<()> {
        match &info.part {
            Some(part) => self.add_slice(&part.whole, (&part.shape, &part.slice), value),
            None => Writing::add(self, &info.name, value),
        }
    }
}

impl Session {
    /// Saves all variables as a checkpoint that `tf.train.Saver` restores: `PREFIX.index` and a data file for each
    /// device that variables are placed on.
    ///
    /// The directory is created if it is missing, with those above it. If anything fails, or the process is killed, there is no checkpoint at `prefix`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if an initial value cannot be computed, and as
    /// [`CheckpointWriter::create`](crate::checkpoint::CheckpointWriter::create) and
    /// [`CheckpointWriter::finish`](crate::checkpoint::CheckpointWriter::finish).
    ///
    /// ```
    /// use tfhub::{GraphBuilder, Session, checkpoint::CheckpointReader};
    ///
    /// let g = GraphBuilder::new();
    /// g.get_variable("v").initial_value([1.0f32, 2.0]).create();
    /// let session = Session::new(&g.finish()?)?;
    /// let dir = tempfile::tempdir()?;
    /// let prefix = dir.path().join("model.ckpt");
    /// session.save(&prefix)?;
    /// assert_eq!(CheckpointReader::open(&prefix)?.read("v")?.as_slice::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, prefix: impl AsRef<Path>) -> Result<CheckpointSummary> {
        self.save_on(OsFileSystem, prefix.as_ref())
    }

    pub(crate) fn save_on(&self, fs: impl FileSystem, prefix: &Path) -> Result<CheckpointSummary> {
        let shards = shards(&self.graphs);
        check_values(&shards, self)?;
        let mut writer = Writing::new(fs, prefix)?;
        write_variables(&mut writer, &shards, self)?;
        writer.finish()
    }
}
