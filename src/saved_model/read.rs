//! Reading the message of a SavedModel.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{SAVED_MODEL, SAVED_MODEL_TEXT};
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::message_file;
use crate::proto::tensorflow::SavedModel;
use crate::sort::sort_by_key;

errors! {
    #[derive(Debug)]
    enum ReadError {
        #[error("expected the directory of a SavedModel, found {0}")]
        File(FileFormat),
        #[error("{SAVED_MODEL} and {SAVED_MODEL_TEXT} are missing; there is a SavedModel in {}", path.display())]
        Elsewhere { path: PathBuf },
        #[error("{SAVED_MODEL} and {SAVED_MODEL_TEXT} are missing; found {0}")]
        Other(FileFormat),
        #[error("not a SavedModel: it has no graph")]
        NoGraph,
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        let kind = match &error {
            ReadError::File(_) => ErrorKind::Unsupported,
            ReadError::Elsewhere { .. } | ReadError::Other(_) => ErrorKind::NotFound,
            ReadError::NoGraph => ErrorKind::Corrupt,
        };
        Error::new(kind, error)
    }
}

/// The message in a directory, and the file that it is in: in binary form, or else in text form.
///
/// # Errors
/// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if there is none that can be read, [`ErrorKind::Corrupt`] if it is
/// malformed or has no graph, [`ErrorKind::Unsupported`] if it is too large or a file was given.
pub(crate) fn read(directory: &Path) -> Result<(PathBuf, SavedModel)> {
    let binary = directory.join(SAVED_MODEL);
    let text = directory.join(SAVED_MODEL_TEXT);
    let path = if binary.is_file() || !text.is_file() {
        binary
    } else {
        text
    };
    if !path.is_file() {
        if let Some(error) = instead(directory) {
            return Err(Error::from(error).with_path(directory));
        }
    }
    let (model, _) = message_file::SAVED_MODEL.read::<SavedModel>(&path)?;
    match model.meta_graphs.is_empty() {
        true => Err(Error::from(ReadError::NoGraph).with_path(path)),
        false => Ok((path, model)),
    }
}

/// Why a path has no SavedModel, if that can be told.
fn instead(path: &Path) -> Option<ReadError> {
    if path.is_file() {
        return FileFormat::of_path(path).ok().map(ReadError::File);
    }
    let is_model =
        |path: &PathBuf| FileFormat::of_path(path).ok() == Some(FileFormat::SavedModelDirectory);
    let above = path.parent().map(Path::to_owned).filter(is_model);
    if let Some(elsewhere) = above.or_else(|| below(path).ok()?.into_iter().rev().find(is_model)) {
        return Some(ReadError::Elsewhere { path: elsewhere });
    }
    match FileFormat::of_path(path).ok()? {
        found @ FileFormat::CheckpointDirectory => Some(ReadError::Other(found)),
        _ => None,
    }
}

/// The directories in a directory, sorted by number where they have one, as versions have.
fn below(path: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_dir());
    sort_by_key(&mut paths, |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.parse::<u64>().ok(), name.into_owned())
    });
    Ok(paths)
}
