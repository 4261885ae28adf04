//! The checkpoint that a path stands for, and what lies there instead of one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use super::state::{CheckpointState, STATE};
use crate::bundle::{self, BundleReader, index_path};
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::file_system::parent;
use crate::quoted::Quoted;
use crate::sort::sort_by_key;

/// The prefix of the variables in the directory of a SavedModel or module.
const VARIABLES: &str = "variables/variables";
/// How many checkpoints of a directory are named.
const NAMED: usize = 8;
/// How many files of a directory are looked at.
const LOOKED_AT: usize = 10_000;

errors! {
    /// Why there is no checkpoint.
    #[derive(Debug)]
    enum LocateError {
        #[error("names {latest}, where there is no checkpoint{others}")]
        Moved { latest: Quoted, others: Others },
        #[error(
            "expected the prefix of a checkpoint, found the directory of a SavedModel or module: that of its variables is {0}"
        )]
        SavedModel(Quoted),
        #[error(
            "expected the prefix of a checkpoint, found a directory without the file \"checkpoint\"{0}"
        )]
        Directory(Others),
        #[error("expected the prefix of a checkpoint, found {file}: the prefix is {prefix}")]
        OneFile { file: &'static str, prefix: Quoted },
        #[error(
            "expected the prefix of a checkpoint, found a data file of one whose index {0} is missing"
        )]
        NoIndex(Quoted),
        #[error("there is no such checkpoint{0}")]
        Missing(Others),
    }
}

impl LocateError {
    fn at(self, path: impl Into<PathBuf>) -> Error {
        Error::new(ErrorKind::NotFound, self).with_path(path)
    }
}

/// The checkpoints that a directory has, as a clause after others.
#[derive(Debug)]
struct Others {
    directory: PathBuf,
    names: Vec<String>,
}

impl Others {
    fn of(directory: &Path) -> Self {
        Others {
            directory: directory.to_owned(),
            names: checkpoints(directory),
        }
    }
}

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = quoted(&self.directory);
        if self.names.is_empty() {
            return write!(f, "; there is none in {directory}");
        }
        let named = self.names.iter().rev().take(NAMED).map(Quoted::new);
        let named: Vec<_> = named.map(|name| name.to_string()).collect();
        write!(f, "; those in {directory} are {}", named.join(", "))?;
        match self.names.len() - named.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

fn quoted(path: &Path) -> Quoted {
    Quoted::new(path.as_os_str().as_encoded_bytes())
}

/// The names of the checkpoints in a directory, those of the same name but for a number at the end by that number.
fn checkpoints(directory: &Path) -> Vec<String> {
    let directory = if directory == Path::new("") {
        Path::new(".")
    } else {
        directory
    };
    let Ok(entries) = fs::read_dir(directory) else {
        // This is about another error.
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .take(LOOKED_AT)
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            match name.strip_suffix(".index") {
                Some(prefix) => path.is_file().then(|| prefix.to_owned()),
                None => first_version(&path, name),
            }
        })
        .collect();
    let number = |name: &str| {
        let start = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = name[start..].parse().unwrap_or(0);
        (name[..start].to_owned(), number)
    };
    sort_by_key(&mut names, |name| number(name));
    names.dedup();
    names
}

/// The prefix of a checkpoint of the first version that a file is, or a shard of one.
fn first_version(path: &Path, name: &str) -> Option<String> {
    if FileFormat::of_path(path).ok()? != FileFormat::Table {
        return None;
    }
    // `name-00001-of-00002`
    let shard = name.rsplit_once("-of-").and_then(|(start, count)| {
        let (start, shard) = start.rsplit_once('-')?;
        let is_number = |text: &str| text.len() == 5 && text.bytes().all(|it| it.is_ascii_digit());
        (is_number(shard) && is_number(count)).then(|| format!("{start}-?????-of-{count}"))
    });
    Some(shard.unwrap_or_else(|| name.to_owned()))
}

/// Opens the checkpoint of a prefix, or the latest of a directory that has a state file.
pub(super) fn open(path: &Path) -> Result<BundleReader> {
    match BundleReader::open(path) {
        Err(_) if path.is_dir() && !index_path(path).exists() => BundleReader::open(&latest(path)?),
        Err(error) => Err(instead(path, error)),
        opened => opened,
    }
}

/// The prefix of the latest checkpoint of a directory, which exists.
pub(crate) fn latest(directory: &Path) -> Result<PathBuf> {
    match CheckpointState::read(directory)? {
        Some(state) if bundle::exists(&state.latest) => Ok(state.latest),
        Some(state) => Err(moved(directory, &state)),
        None => {
            let variables = directory.join(VARIABLES);
            let is_module = FileFormat::of_path(directory)
                .is_ok_and(|format| format == FileFormat::SavedModelDirectory);
            let error = match is_module && bundle::exists(&variables) {
                true => LocateError::SavedModel(quoted(&variables)),
                false => LocateError::Directory(Others::of(directory)),
            };
            Err(error.at(directory))
        }
    }
}

/// The prefix of the latest checkpoint of a directory, as `tf.train.latest_checkpoint` finds it: the one that the file
/// `checkpoint` names, if it exists. `None` if there is no such file, or the checkpoint is gone.
///
/// # Errors
/// As [`CheckpointState::read`], and [`ErrorKind::NotFound`] if even the directory of the checkpoint is gone, as when
/// all files were moved, with the names of those that there are.
pub fn latest_checkpoint(directory: impl AsRef<Path>) -> Result<Option<PathBuf>> {
    let directory = directory.as_ref();
    let Some(state) = CheckpointState::read(directory)? else {
        return Ok(None);
    };
    if bundle::exists(&state.latest) {
        return Ok(Some(state.latest));
    }
    match parent(&state.latest).is_dir() {
        true => Ok(None),
        false => Err(moved(directory, &state)),
    }
}

/// The error that the state file of a directory names a checkpoint that is not there.
fn moved(directory: &Path, state: &CheckpointState) -> Error {
    let latest = quoted(&state.latest);
    let others = Others::of(directory);
    LocateError::Moved { latest, others }.at(directory.join(STATE))
}

/// The error of a path that is no prefix of a checkpoint, if more can be said than `error` does.
fn instead(path: &Path, error: Error) -> Error {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or("");
    if path.is_file() {
        if let Some((prefix, file)) = prefix_of_file(name) {
            let prefix = path.with_file_name(prefix);
            let found = if bundle::exists(&prefix) {
                let prefix = quoted(&prefix);
                Some(LocateError::OneFile { file, prefix })
            } else if name.contains(".data-") {
                Some(LocateError::NoIndex(quoted(&index_path(&prefix))))
            } else {
                None
            };
            if let Some(found) = found {
                return found.at(path);
            }
        }
        return error;
    }
    let index = index_path(path);
    if error.kind() == ErrorKind::NotFound && error.path() == Some(&*index) {
        let others = Others::of(parent(path));
        if !others.names.is_empty() {
            return LocateError::Missing(others).at(index);
        }
    }
    error
}

/// The name of the checkpoint that a file of this name belongs to, and what it is there.
fn prefix_of_file(name: &str) -> Option<(&str, &'static str)> {
    if let Some(prefix) = name.strip_suffix(".index") {
        return Some((prefix, "the index of one"));
    }
    if let Some(prefix) = name.strip_suffix(".meta") {
        return Some((prefix, "the graph that was saved with one"));
    }
    let (prefix, numbers) = name.rsplit_once(".data-")?;
    let (shard, shards) = numbers.split_once("-of-")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    (is_number(shard) && is_number(shards)).then_some((prefix, "a data file of one"))
}
