//! Saving the values of variables in the order in which `tf.train.Saver` with `sharded=True` does.

mod nodes;
mod report;

use std::borrow::Cow;

use crate::checkpoint::Writing;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::FileSystem;
use crate::graph::Graph;
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::source::{VariableSource, VariableValue};
use crate::variable::{VariableInfo, Variables};

pub(crate) use nodes::{Saveable, initialize_from, saver, sharded_saver};
pub use report::{MissingValue, SourceReport, ValueDescription, VariableAndValue};

errors! {
    /// A fault of the values that variables are to have.
    #[derive(Debug)]
    pub(crate) enum ValuesError {
        #[error("variable \"{0}\" has no value")]
        NoValue(String),
        #[error("variable \"{name}\": expected {expected}, found {found}")]
        Mismatch {
            name: String,
            expected: String,
            found: String,
        },
        #[error("{}", faults.join("\n"))]
        Several { faults: Vec<String> },
    }
}

impl From<ValuesError> for Error {
    fn from(error: ValuesError) -> Self {
        let kind = match error {
            ValuesError::NoValue(_) => ErrorKind::NotFound,
            ValuesError::Mismatch { .. } | ValuesError::Several { .. } => ErrorKind::InvalidValue,
        };
        Error::new(kind, error)
    }
}

/// A writer of values, shard after shard.
pub(crate) trait ShardedWriter {
    /// Goes on in another shard.
    fn next_shard(&mut self) -> Result<()>;

    /// Writes a value, or a part of one.
    fn add(&mut self, info: &VariableInfo, value: VariableValue<'_>) -> Result<()>;
}

/// The variables of all graphs by shard: one for each device, that of the first graph that has the variable.
///
/// Within a shard they are sorted by the names of their values, and the parts of one by their places. The shape of each is
/// what all graphs know of it.
pub(crate) fn shards<'g>(
    graphs: impl IntoIterator<Item = &'g Graph>,
) -> Vec<Vec<Cow<'g, VariableInfo>>> {
    let mut variables = SortedMap::new();
    for graph in graphs {
        for info in Variables::saved(graph) {
            let (whole, start) = match &info.part {
                Some(part) => (part.whole.as_str(), part.start()),
                None => (info.name.as_str(), Vec::new()),
            };
            let place = (whole, start, info.name.as_str());
            let new = || (graph, Cow::Borrowed(info));
            let (_, known) = variables.get_or_insert_with(place, new);
            if known.shape != info.shape {
                // Of shapes that disagree that of the first graph is the one that is checked.
                if let Some(merged) = known.shape.merge(&info.shape) {
                    known.to_mut().shape = merged;
                }
            }
        }
    }
    let mut shards: SortedMap<String, Vec<Cow<VariableInfo>>> = SortedMap::new();
    for (_, (graph, info)) in variables {
        let shard = shards.get_or_insert_with(info.device(graph), Vec::new);
        shard.push(info);
    }
    shards.into_iter().map(|(_, infos)| infos).collect()
}

/// Checks that every variable has a value of its dtype and shape, for all of them to be written; `owners` gives the end of
/// the message about a variable that has none.
///
/// # Errors
/// [`ErrorKind::NotFound`] if variables have no value, [`ErrorKind::InvalidValue`] if some have another dtype or shape;
/// the text lists all.
pub(crate) fn check_values(
    shards: &[Vec<Cow<'_, VariableInfo>>],
    values: &dyn VariableSource,
    owners: &dyn Fn(&str) -> String,
) -> Result<()> {
    let fits = |info: &Cow<'_, VariableInfo>| {
        let found = describe(info, values);
        matches!(found, Ok(Some((dtype, shape))) if check_type(info, dtype, &shape).is_ok())
    };
    // Nothing is noted of values that fit, as nearly all do.
    if shards.iter().flatten().all(fits) {
        return Ok(());
    }
    let mut infos = shards.iter().flatten().map(|info| &**info);
    let report = SourceReport::of_variables(&mut infos, values)?;
    let kind = match report.mismatched.is_empty() {
        true => ErrorKind::NotFound,
        false => ErrorKind::InvalidValue,
    };
    let error = Error::new(
        kind,
        ValuesError::Several {
            faults: report.faults(values, owners)?,
        },
    );
    Err(match values.path() {
        Some(path) => error.with_path(path),
        None => error,
    })
}

/// Writes the values of all variables, each as it is read.
pub(crate) fn write_variables(
    writer: &mut dyn ShardedWriter,
    shards: &[Vec<Cow<'_, VariableInfo>>],
    values: &dyn VariableSource,
) -> Result<()> {
    for (shard, infos) in shards.iter().enumerate() {
        if shard > 0 {
            writer.next_shard()?;
        }
        for info in infos {
            let value = find(info, values)?;
            let value = value.ok_or_else(|| ValuesError::NoValue(info.name.clone()))?;
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
pub(crate) fn find<'v>(
    info: &VariableInfo,
    values: &'v dyn VariableSource,
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

/// The dtype and shape of the value that [`find`] gives.
pub(crate) fn describe(
    info: &VariableInfo,
    values: &dyn VariableSource,
) -> Result<Option<(DType, Vec<usize>)>> {
    let own = values.describe(&info.name)?;
    let (None, Some(part)) = (&own, &info.part) else {
        return Ok(own);
    };
    let whole = values.describe(&part.whole)?;
    Ok(whole.map(|(dtype, shape)| match shape == part.shape {
        true => (dtype, part.slice.shape()),
        false => (dtype, shape),
    }))
}

/// Checks that a value is of the dtype of its variable and of a shape that this may have.
pub(crate) fn check_type(
    info: &VariableInfo,
    dtype: DType,
    shape: &[usize],
) -> std::result::Result<(), ValuesError> {
    if info.dtype == dtype && info.shape.admits(shape) {
        return Ok(());
    }
    Err(ValuesError::Mismatch {
        name: info.name.clone(),
        expected: type_text(info.dtype, &info.shape),
        found: type_text(dtype, shape),
    })
}

/// A dtype and a shape as messages have them.
pub(crate) fn type_text(dtype: DType, shape: impl Into<Shape>) -> String {
    format!("{dtype} {}", shape.into())
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
