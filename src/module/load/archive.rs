//! Modules in `.tar` and `.tar.gz` archives.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::module::files::ModuleFiles;
use crate::saved_model::{SAVED_MODEL, SAVED_MODEL_TEXT};

/// The most entries that are unpacked: a module has a handful of files and its assets.
const MAX_ENTRIES: usize = 100_000;

errors! {
    #[derive(Debug)]
    enum ArchiveError {
        #[error("expected a module's directory or a .tar.gz of it, found {0}")]
        Other(FileFormat),
        #[error("the archive is damaged: {0}")]
        Damaged(io::Error),
        #[error("the entry {0:?} leads out of the archive")]
        LeadsOut(PathBuf),
        #[error("the entry {path:?} is neither a file nor a directory")]
        Kind { path: PathBuf },
        #[error("the archive has more than {MAX_ENTRIES} entries")]
        Entries,
        #[error("{SAVED_MODEL} and {SAVED_MODEL_TEXT} are missing in the archive")]
        NoModule,
    }
}

impl From<ArchiveError> for Error {
    fn from(error: ArchiveError) -> Self {
        let kind = match &error {
            ArchiveError::Other(_) => ErrorKind::Unsupported,
            ArchiveError::NoModule => ErrorKind::NotFound,
            _ => ErrorKind::Corrupt,
        };
        Error::new(kind, error)
    }
}

/// Unpacks an archive into a temporary directory.
pub(super) fn unpack(path: &Path) -> Result<ModuleFiles> {
    let at = |error: ArchiveError| Error::from(error).with_path(path);
    let cannot_read = |error| Error::io("cannot read", path, error);
    let format = FileFormat::of_path(path).map_err(cannot_read)?;
    let mut file = File::open(path).map_err(cannot_read)?;
    file.seek(SeekFrom::Start(0)).map_err(cannot_read)?;
    let file = BufReader::new(file);
    let target = tempfile::Builder::new().prefix("tfhub-").tempdir();
    let target = target
        .map_err(|error| Error::io("cannot create a directory in", std::env::temp_dir(), error))?;
    match format {
        FileFormat::Gzip => unpack_all(MultiGzDecoder::new(file), target.path()),
        FileFormat::Tar => unpack_all(file, target.path()),
        other => return Err(at(ArchiveError::Other(other))),
    }
    .map_err(|error| match error.path() {
        Some(_) => error,
        None => error.with_path(path),
    })?;
    let directory = module_in(target.path()).ok_or_else(|| at(ArchiveError::NoModule))?;
    Ok(ModuleFiles::unpacked(directory, target))
}

/// Writes the files of an archive under `target`, and nothing anywhere else.
fn unpack_all(archive: impl Read, target: &Path) -> Result<()> {
    let mut archive = Archive::new(archive);
    let entries = archive.entries().map_err(ArchiveError::Damaged)?;
    for (number, entry) in entries.enumerate() {
        if number >= MAX_ENTRIES {
            return Err(ArchiveError::Entries.into());
        }
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let name = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let inside = inside(&name).ok_or_else(|| ArchiveError::LeadsOut(name.clone()))?;
        let path = target.join(inside);
        let cannot_write = |error| Error::io("cannot write", &path, error);
        match entry.header().entry_type() {
            EntryType::Directory => fs::create_dir_all(&path).map_err(cannot_write)?,
            EntryType::Regular | EntryType::Continuous => {
                let parent = path.parent().unwrap_or(target);
                fs::create_dir_all(parent).map_err(cannot_write)?;
                let mut file = File::create(&path).map_err(cannot_write)?;
                copy(&mut entry, &mut file, &path)?;
            }
            EntryType::XGlobalHeader => {}
            _ => return Err(ArchiveError::Kind { path: name }.into()),
        }
    }
    Ok(())
}

/// Copies an entry, so that what fails tells on which side.
fn copy(entry: &mut impl Read, file: &mut File, path: &Path) -> Result<()> {
    use std::io::Write as _;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = entry.read(&mut piece).map_err(ArchiveError::Damaged)?;
        if read == 0 {
            return Ok(());
        }
        let written = file.write_all(&piece[..read]);
        written.map_err(|error| Error::io("cannot write", path, error))?;
    }
}

/// An entry's path below the directory that it is unpacked into; `None` if it leads out of that.
fn inside(name: &Path) -> Option<PathBuf> {
    let parts = name.components().filter_map(|part| match part {
        Component::CurDir => None,
        Component::Normal(part) => Some(Some(part)),
        _ => Some(None),
    });
    parts.collect()
}

/// The directory of the module: the one that was unpacked, or the only one in it.
fn module_in(directory: &Path) -> Option<PathBuf> {
    let has_model = |path: &Path| {
        let names = [SAVED_MODEL, SAVED_MODEL_TEXT];
        names.iter().any(|name| path.join(name).is_file())
    };
    if has_model(directory) {
        return Some(directory.to_owned());
    }
    let mut entries = fs::read_dir(directory).ok()?;
    let only = entries.next()?.ok()?.path();
    (entries.next().is_none() && has_model(&only)).then_some(only)
}
